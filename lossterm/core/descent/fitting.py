"""Several losses fitting one problem side by side.

All racers share data, batches and start; each has its own loss, rate and weights, kept in one array of shape
(racers, dimensions) that every step moves at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lossterm.core.descent.defaults import OPTIMIZERS
from lossterm.core.descent.per_example import PerExample
from lossterm.core.descent.problems import FittingProblem
from lossterm.core.descent.recording import FitState, Recording
from lossterm.core.descent.targets import Aim
from lossterm.core.jets import Array
from lossterm.core.losses import decision
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import LOSSES, Loss, Params
from lossterm.core.losses.labels import brief
from lossterm.core.losses.objective import Objective
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import SMALLEST
from lossterm.core.properties.likelihood import is_location

Point = tuple[float, float]

_CHECK = 240  # steps between two looks for a cycle: one of any length that divides it is found
_SAME = 1e-15
_ROUNDING = 1e-13
"""Of the largest entry of a Hessian: an eigenvalue that small may have any sign."""

_LEFT = 1e-5
"""Of the way that a racer came down: one that has no more before it has converged."""


def refusal(loss: Loss, params: Params, problem: FittingProblem) -> str:
    """Why a loss cannot fit a problem, and which can; "" if it can."""
    if problem.is_classification:
        return loss.label_problem(0.0) or loss.label_problem(1.0) or ""
    if is_location(loss, params):
        return ""
    able = ", ".join(name for name, other in LOSSES.items() if is_location(other, other.defaults))
    return f"{loss.id} does not fit a {problem.kind}: it is not about v − y, as {able} are"


class Fit:
    """Several losses fitting one problem side by side.

    Args:
        problem: the data.
        losses: the racers: losses with all their parameters (`Loss.complete`).
        activation: the activation or its id; real targets are fitted by "identity" whatever it is.
        rates: one learning rate for all, or one each.
        optimizer: one of `OPTIMIZERS`.
        momentum: the weight of the past, for "momentum".
        batch: examples in a step; None is all of them.
        seed: of the order of the batches.
        start: the weights all start from; zero by default.
        aim: what is to be reached; a fit goes on when it is there.
        keep: how many steps `history` keeps; None for all of them.

    Attributes:
        weights: the present weights, shape (racers, dimensions).
        step: how many steps have been taken.
        status: for each racer "" or why it no longer moves.
        taken: for each racer how many steps it has taken.
        arrived: for each racer after how many steps it was there, None if it is not.
        decided: for each racer after how many steps its line first decided as well as the aim asks, None if it did not.
        now: the present state.

    Raises:
        ValueError: a loss that cannot take the problem's labels.
    """

    def __init__(
        self,
        problem: FittingProblem,
        losses: Sequence[tuple[Loss, Params]],
        activation: Activation | str = "sigmoid",
        *,
        rates: float | Sequence[float] = 0.5,
        optimizer: str = "gd",
        momentum: float = 0.9,
        batch: int | None = None,
        seed: int = 0,
        start: Sequence[float] | None = None,
        aim: Aim | None = None,
        keep: int | None = None,
    ) -> None:
        if optimizer not in OPTIMIZERS:
            raise ValueError(f"unknown optimizer {optimizer!r}: choose from {', '.join(OPTIMIZERS)}")
        named = activation if problem.is_classification else "identity"
        self.activation = ACTIVATIONS[named] if isinstance(named, str) else named
        self.problem, self.losses, self.optimizer = problem, list(losses), optimizer
        problems = [refusal(loss, params, problem) for loss, params in self.losses]
        if any(problems):
            raise ValueError(next(p for p in problems if p))
        count, dimensions = len(self.losses), problem.features.shape[1]
        self.rates = np.full(count, rates) if isinstance(rates, int | float) else np.array(rates, dtype=float)
        self.weights = np.tile(np.zeros(dimensions) if start is None else np.array(start, dtype=float), (count, 1))
        self.step, self.status, self.taken = 0, [""] * count, [0] * count
        self.arrived: list[int | None] = [None] * count
        self.decided: list[int | None] = [None] * count
        self._arrivals: list[FitState | None] = [None] * count
        self._aim, self._recording = aim, Recording(keep)
        self._momentum = momentum if optimizer == "momentum" else 0.0
        self._speed = np.zeros_like(self.weights)
        self._checked = np.full((2, *self.weights.shape), np.nan)
        self._batch = None if batch is None or batch >= problem.count else batch
        self._rng = np.random.default_rng(seed)
        self._queue: NDArray[np.intp] = np.zeros(0, dtype=int)
        self._each = PerExample(problem, self.losses, self.activation, 2 if optimizer == "newton" else 1)
        self._thresholds = np.array([[decision.threshold(loss, self.activation)] for loss, _ in self.losses])
        self._zeros = int((problem.labels == 0).sum())
        self._look()

    @property
    def history(self) -> FitState:
        """Every step that was kept, 0 is the start: shapes (steps, racers) and (steps, racers, dimensions)."""
        return self._recording.all

    @property
    def kept(self) -> int:
        """The last step that was kept."""
        return len(self._recording) - 1

    def at(self, step: int) -> FitState:
        """One step, or the last one that was kept."""
        return self._recording.at(step)

    def arrival(self, racer: int) -> FitState | None:
        """The state in which a racer was there; None if it is not."""
        return self._arrivals[racer]

    def settled(self, racer: int) -> bool:
        """Whether a racer is at a bottom: what Newton's step would still bring is next to nothing of what it came down.

        That is the case, too, where it is as low as its mean loss can be, which need not bend there.
        """
        top, loss = float(self._top[racer]), float(self.now.loss[racer])
        if not np.isfinite(loss):
            return False
        if self._aim is not None and self._aim.lows and loss - self._aim.lows[racer] <= _LEFT * (top - loss):
            return True
        bottom = self.bottom_ahead(racer)
        return bottom is not None and bottom[1] <= _LEFT * (top - loss)

    def endings(self, *, over: bool) -> list[str]:
        """How it ended for each, in the words of a reason; "" for one that is on its way.

        Args:
            over: whether no more steps are taken: then those that still move are at the limit.
        """
        found = []
        for racer, (steps, ended) in enumerate(zip(self.arrived, self.status, strict=True)):
            if steps is not None:
                found.append(f"reached, then {ended}" if ended.startswith("diverged") else "reached")
            elif not (ended or over):
                found.append("")
            elif not ended.startswith("diverged") and self.settled(racer):
                short = f", short of {self._aim.text}" if self._aim is not None else ""
                found.append(f"converged: at a bottom of its mean L{short}, after {self.taken[racer]:,} steps")
            else:
                found.append(ended or f"step limit: after {self.taken[racer]:,} steps")
        return found

    def bottom_ahead(self, racer: int) -> tuple[Array, float] | None:
        """The weights to which Newton's step would go, and by how much the mean loss would fall.

        The fall is that of the quadratic that has the loss's slope and curvature (Newton's decrement). None where the
        mean loss does not bend upwards in every direction.
        """
        each = PerExample(self.problem, [self.losses[racer]], self.activation, 2)
        weights = self.weights[racer]
        with np.errstate(all="ignore"):
            each.look(weights[None], [0])
            slope = each.slopes[0] @ each.features / self.problem.count
            matrix = np.einsum("i,ij,ik->jk", each.bends[0], each.features, each.features) / self.problem.count
        if not (np.isfinite(matrix).all() and np.isfinite(slope).all()):
            return None
        if float(np.linalg.eigvalsh(matrix)[0]) <= _ROUNDING * float(np.abs(matrix).max()):
            return None
        step = np.linalg.solve(matrix, slope)
        return weights - step, float(slope @ step) / 2

    def advance(self, steps: int) -> None:
        """Take some more steps, all racers together; those that have stopped stay where they are."""
        for _ in range(steps):
            with np.errstate(all="ignore"):  # one that diverges goes through ∞ to nan, and is stopped there
                if not all(self.status):
                    self._move()
            if all(self.status):
                return
            self.step += 1
            self._look()

    def boundary(self, racer: int, weights: Array, low: Point, high: Point) -> tuple[Point, Point] | None:
        """Where the line of a racer's decision (of its fit, for a line problem) crosses a box.

        Args:
            racer: whose decision.
            weights: one row of weights.
            low: the box's lower left corner.
            high: its upper right corner.

        Returns:
            Its two ends on the box, or None where it misses it.
        """
        if self.problem.is_classification:
            turn = decision.turning_logit(self.activation, float(self._thresholds[racer, 0]))
            if turn is None:
                return None
            a, b, c = float(weights[0]), float(weights[1]), float(weights[2]) - turn
        else:
            a, b, c = float(weights[0]), -1.0, float(weights[1])
        ends = [(x, (-c - a * x) / b) for x in (low[0], high[0]) if b]
        ends += [((-c - b * y) / a, y) for y in (low[1], high[1]) if a]
        inside = [p for p in ends if all(low[k] <= p[k] <= high[k] for k in (0, 1))]
        return (min(inside), max(inside)) if len(set(inside)) > 1 else None

    def always(self, racer: int) -> bool:
        """Whether a racer decides for one class whatever its weights are: its predictions never cross the threshold."""
        turn = decision.turning_logit(self.activation, float(self._thresholds[racer, 0]))
        return self.problem.is_classification and turn is None

    # ---- a step ---------------------------------------------------------------------------------------------------

    def _move(self) -> None:
        each, slope, bends, features = self._each, self._gradient, self._each.bends, self._each.features
        if self._batch is not None:
            chosen = each.place[self._next_batch(self._batch)]
            features, bends = features[chosen], bends[:, chosen]
            slope = each.slopes[:, chosen] @ features / len(chosen)
        if self.optimizer == "newton":
            slope = self._newton(slope, bends, features)
        self._speed = self._momentum * self._speed + slope
        moved = self.weights - self.rates[:, None] * self._speed
        self._stop_the_stalled(moved)
        moving = np.array([not status for status in self.status])
        self.weights = np.where(moving[:, None], moved, self.weights)

    def _next_batch(self, size: int) -> NDArray[np.intp]:
        if len(self._queue) < size:
            self._queue = self._rng.permutation(self.problem.count)
        chosen, self._queue = self._queue[:size], self._queue[size:]
        return chosen

    def _newton(self, slope: Array, bends: Array, features: Array) -> Array:
        curvature = np.einsum("ri,ij,ik->rjk", bends, features, features) / len(features)
        steps = np.zeros_like(slope)
        for racer, (matrix, gradient) in enumerate(zip(curvature, slope, strict=True)):
            if self.status[racer] or not np.isfinite(matrix).all():
                continue
            least, largest = float(np.linalg.eigvalsh(matrix)[0]), float(np.abs(matrix).max())
            if least < -_ROUNDING * largest:
                kind = "diverged" if self.step else "stalled"  # who never moved has not run away
                self._stop(racer, f"{kind}: the curvature is negative: Newton climbs")
            elif least <= _ROUNDING * largest:
                self._stop(racer, "stalled: no curvature in some direction: Newton has no step")
            else:
                steps[racer] = np.linalg.solve(matrix, gradient)
        return steps

    def _stop_the_stalled(self, moved: Array) -> None:
        # who stands still for good: no example pulls any more, or a step is lost beside the weights, or comes round
        rates, size = self.rates[:, None], np.abs(self.weights)
        if self._batch is not None:
            still = (self._each.slopes == 0).all(axis=1) & (moved == self.weights).all(axis=1)
        elif self.optimizer == "newton":
            still = (np.abs(moved - self.weights) <= _SAME * size).all(axis=1)
        else:
            ahead = rates * np.abs(self._gradient) / (1 - self._momentum)
            still = ((moved == self.weights) & (size + ahead == size)).all(axis=1)
        for racer in np.flatnonzero(still):
            length = float(self.now.gradient[racer])
            step = float(self.rates[racer]) * length / (1 - self._momentum)
            lost = f"a step of {_show(step)} is lost beside the weights"
            self._stop(int(racer), f"stalled: {self._flat(int(racer)) if length == 0 else lost}")
        if self._batch is None and self.step % _CHECK == 0:
            weights, speed = self._checked
            faster = rates * np.abs(self._speed - speed) / (1 - self._momentum)
            for racer in np.flatnonzero(((weights == self.weights) & (size + faster == size)).all(axis=1)):
                self._stop(int(racer), "stalled: it goes round and round, through the same weights again")
            self._checked = np.stack([self.weights, self._speed])

    def _flat(self, racer: int) -> str:
        # a slope of 0 in words: whether it is that of every example, or too small for a double somewhere
        logits = self._each.features @ self.weights[racer]
        parts = [(y, set(logits[part].tolist())) for y, part in self._each.parts]
        if not self.problem.is_classification:
            return "the slope is 0"
        for label, places in parts:
            loss, params = self.losses[racer]
            around = surroundings(Objective(loss, tuple(params.items()), label, self.activation))
            if any(around.beyond("d_logit", z, 0.0) for z in places):
                return f"the slope is too small for a double (< {SMALLEST})"
        return "the slope is 0"

    def _stop(self, racer: int, why: str) -> None:
        if not self.status[racer]:
            self.status[racer] = f"{why}, after {self.step:,} step{'' if self.step == 1 else 's'}"

    # ---- where they are -------------------------------------------------------------------------------------------

    def _look(self) -> None:
        # every example's loss and derivatives by its logit, at the present weights
        each, racers = self._each, [i for i, status in enumerate(self.status) if not status]
        with np.errstate(all="ignore"):
            each.look(self.weights, racers)
            self._gradient = each.slopes @ each.features / self.problem.count
            loss = each.values.mean(axis=1)
            largest = np.abs(self._gradient).max(axis=1)
            unit = np.where(np.isfinite(largest) & (largest > 0), largest, 1.0)
            length = unit * np.sqrt(((self._gradient / unit[:, None]) ** 2).sum(axis=1))  # squares may underflow
            accuracy, balanced = self._shares()
            self.now = FitState(self.weights, loss, accuracy, balanced, length)
        if self.step == 0:
            self._top = loss
        for racer in racers:
            self.taken[racer] = self.step
            if not np.isfinite(loss[racer]):
                kind = "diverged" if self.step else "stalled"
                self._stop(racer, f"{kind}: the mean loss is {_show(loss[racer])}")
            elif np.isnan(length[racer]):
                self._stop(racer, f"stalled: the mean loss jumps at these weights, {_show(loss[racer])} has no slope")
            elif np.isinf(length[racer]):
                self._stop(racer, f"{'diverged' if self.step else 'stalled'}: the slope of the mean loss is ∞")
        self._recording.add(self.now)
        if self._aim is not None:
            self._arrive(self._aim)

    def _shares(self) -> tuple[Array, Array]:
        # of right decisions, of all examples and as the mean of the classes' shares; the class 0 comes first
        if not self.problem.is_classification:
            none = np.full(len(self.losses), np.nan)
            return none, none
        ones = self._each.predictions > self._thresholds
        zeros, count = self._zeros, self.problem.count
        right0, right1 = zeros - ones[:, :zeros].sum(axis=1), ones[:, zeros:].sum(axis=1)
        accuracy: Array = (right0 + right1) / count
        balanced: Array = (right0 / zeros + right1 / (count - zeros)) / 2
        return accuracy, balanced

    def _arrive(self, aim: Aim) -> None:
        for racer, there in enumerate(aim.holds(self.now).tolist()):
            if there and self.arrived[racer] is None:
                self.arrived[racer], self._arrivals[racer] = self.step, self.now
            elif not there and aim.stays:
                self.arrived[racer] = self._arrivals[racer] = None
        if aim.decides is not None:
            for racer, well in enumerate(aim.decides(self.now).tolist()):
                if well and self.decided[racer] is None:
                    self.decided[racer] = self.step


def _show(x: float) -> str:
    return "not defined" if np.isnan(x) else brief(x)
