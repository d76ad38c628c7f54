"""The race: gradient descent of several losses on one logit, from the same start.

The update is ``z ← z − rate·∂L/∂z`` (``gd``), the same with ``u ← m·u + ∂L/∂z`` in place of the slope (``momentum``;
Polyak 1964, in the form of Sutskever et al. 2013), or ``z ← z − rate·(∂L/∂z)/(∂²L/∂z²)`` (``newton``). A race goes in
chunks, so that a caller can show how far it is, and stop it; the chunks change nothing in the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.descent.defaults import OPTIMIZERS
from lossterm.core.descent.goal import goal
from lossterm.core.descent.racer import Racer
from lossterm.core.descent.slope_table import SlopeTable
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.labels import number
from lossterm.core.losses.objective import Evaluation, Reading, evaluate_at

_CHUNK = 100_000


@dataclass(frozen=True)
class Outcome:
    """How far one racer has come.

    Attributes:
        loss: the loss.
        params: all its parameters.
        rate: its learning rate.
        steps: how many steps it took to the goal; None if it is not there.
        taken: how many steps it has taken.
        at: everything at the logit where it stands.
        reason: why it stopped: "reached", "stalled: …", "diverged: …", "step limit: …"; "" while it runs.
    """

    loss: Loss
    params: Params
    rate: float
    steps: int | None
    taken: int
    at: Reading
    reason: str


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Where a racer was.

    Attributes:
        step: the steps, from 0.
        at: everything at the logits it had then.
    """

    step: NDArray[np.intp]
    at: Evaluation


class Race:
    """Several losses descending from one start.

    Args:
        losses: the racers: losses with all their parameters (`Loss.complete`).
        activation: the activation or its id.
        label: the label, the same for all.
        start: the logit they start from.
        rates: one learning rate for all, or one each.
        optimizer: one of `OPTIMIZERS`.
        until: how close to the label is there (see `goal`); None to go on for all steps.
        max_steps: after how many steps a racer gives up.
        momentum: the weight m of the past, for "momentum".
        keep: how many steps of each are kept for `trajectory`, None for all; the race itself goes on without memory.

    Raises:
        ValueError: a label outside a loss's domain, a rate that is not positive, an unknown optimizer.
    """

    def __init__(
        self,
        losses: Sequence[tuple[Loss, Params]],
        activation: Activation | str,
        label: float,
        *,
        start: float,
        rates: float | Sequence[float] = 1.0,
        optimizer: str = "gd",
        until: float | None = 0.9,
        max_steps: int = 1_000_000,
        momentum: float = 0.9,
        keep: int | None = None,
    ) -> None:
        self.activation = ACTIVATIONS[activation] if isinstance(activation, str) else activation
        self.label, self.start, self.max_steps, self.optimizer = label, float(start), max_steps, optimizer
        self.rates = [float(rates)] * len(losses) if isinstance(rates, int | float) else [float(r) for r in rates]
        self._check(losses, momentum)
        self.losses = list(losses)
        self.goals = [goal(loss, self.activation, self.label, until) for loss, _ in losses]
        self._racers = [
            Racer(
                SlopeTable(loss, params, self.activation, self.label),
                self.start,
                aim,
                rate=rate,
                optimizer=optimizer,
                momentum=momentum,
                max_steps=max_steps,
                keep=keep,
            )
            for (loss, params), rate, aim in zip(losses, self.rates, self.goals, strict=True)
        ]

    def _check(self, losses: Sequence[tuple[Loss, Params]], momentum: float) -> None:
        problems = [loss.label_problem(self.label) for loss, _ in losses]
        if any(problems):
            raise ValueError(next(p for p in problems if p))
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"unknown optimizer {self.optimizer!r}: choose from {', '.join(OPTIMIZERS)}")
        if len(self.rates) != len(losses):
            raise ValueError(f"{len(losses)} losses need {len(losses)} rates or one, not {len(self.rates)}")
        if not all(0 < rate < math.inf for rate in self.rates):
            raise ValueError("a rate must be a positive number")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be in [0, 1), not {number(momentum)}")
        if not math.isfinite(self.start):
            raise ValueError("the start must be a finite logit")
        if self.max_steps < 0:
            raise ValueError("the number of steps cannot be negative")

    def advance(self, steps: int) -> bool:
        """Let every racer that is not done take some more steps.

        Returns:
            Whether any racer can still go on.
        """
        for racer in self._racers:
            racer.advance(steps)
        return not self.done

    def run(self) -> list[Outcome]:
        """The race to its end."""
        while self.advance(_CHUNK):
            pass
        return self.outcomes()

    @property
    def done(self) -> bool:
        """Whether every racer has stopped."""
        return all(racer.reason for racer in self._racers)

    @property
    def step(self) -> int:
        """The most steps any racer has taken."""
        return max((racer.taken for racer in self._racers), default=0)

    def finishes(self) -> list[int | None]:
        """After how many steps each was at the goal; None where it is not."""
        return [racer.taken if racer.reason == "reached" else None for racer in self._racers]

    def reasons(self) -> list[str]:
        """Why each stopped; "" while it runs."""
        return [racer.reason for racer in self._racers]

    def outcomes(self) -> list[Outcome]:
        """How far each has come, in the order they were given."""
        found = []
        racers = zip(self.losses, self.rates, self._racers, self.finishes(), strict=True)
        for (loss, params), rate, racer, steps in racers:
            at = racer.table.read(racer.logit)
            found.append(Outcome(loss, params, rate, steps, racer.taken, at, racer.reason))
        return found

    @property
    def kept(self) -> int:
        """The most steps of any racer that are kept."""
        return max((len(racer.path) - 1 for racer in self._racers), default=0)

    def position(self, racer: int, step: int) -> tuple[int, float]:
        """Where a racer was after so many steps (or where it stopped before): the steps and the logit."""
        path = self._racers[racer].path
        at = min(max(step, 0), len(path) - 1)
        return at, path[at]

    def trajectory(self, racer: int, points: int | None = None) -> Trajectory:
        """Where a racer was: at every kept step, or at about so many, close together at first, the last included."""
        path = np.array(self._racers[racer].path)
        step = decimated(len(path), points)
        loss, params = self.losses[racer]
        return Trajectory(step, evaluate_at(loss, params, self.label, self.activation, path[step]))


def decimated(count: int, points: int | None) -> NDArray[np.intp]:
    """Indices of ``count`` things, about ``points`` of them: half spread evenly, half evenly in their logarithm."""
    if points is None or count <= points:
        return np.arange(count)
    half = max(points // 2, 2)
    even = np.linspace(0, count - 1, half)
    early = np.geomspace(1, count - 1, half)
    return np.unique(np.concatenate([even, early]).round().astype(int))
