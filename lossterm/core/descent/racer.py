"""One racer: one loss descending on one logit, a million steps in well under a second.

Where the slope table holds, a step is a few operations on Python floats; elsewhere (beside kinks, poles and edges, far
out, and for Newton, who needs the curvature) it is an exact evaluation.
"""

from __future__ import annotations

import math
from array import array

from lossterm.core.descent.goal import Goal
from lossterm.core.descent.slope_table import Block, SlopeTable
from lossterm.core.losses.labels import brief
from lossterm.core.losses.objective import Reading
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import SMALLEST, equation

_CHECK = 240  # cycles of any length that divides it are found
_WORTH_CERTIFYING = 100_000
_SAME = 1e-15


class Racer:
    """One loss on its way.

    Args:
        table: its slopes.
        start: the logit it starts from.
        goal: what it has to reach.
        rate: the learning rate.
        optimizer: "gd", "momentum" or "newton".
        momentum: the weight of the past, for "momentum".
        max_steps: after how many steps it gives up.
        keep: how many steps are kept; None for all of them.

    Attributes:
        logit: where it is.
        taken: how many steps it has taken.
        reason: why it stopped; "" while it runs.
        path: the logits it had, the start first, as far as they are kept.
    """

    def __init__(
        self,
        table: SlopeTable,
        start: float,
        goal: Goal,
        *,
        rate: float,
        optimizer: str,
        momentum: float,
        max_steps: int,
        keep: int | None,
    ) -> None:
        self.table, self.goal = table, goal
        self.rate, self.optimizer, self.max_steps, self.keep = rate, optimizer, max_steps, keep
        self.momentum = momentum if optimizer == "momentum" else 0.0
        self.logit, self.taken, self.reason = start, 0, ""
        self.path = array("d", [start])
        self._speed = 0.0
        self._climbing = False
        self._checked = (math.nan, 0.0)
        self._settle()
        if not self.reason:
            self._certify()

    def advance(self, steps: int) -> None:
        """Take up to ``steps`` more steps."""
        last = min(self.taken + steps, self.max_steps)
        while self.taken < last and not self.reason:
            # states are compared at fixed steps, so that chunks change nothing
            pause = min(last, (self.taken // _CHECK + 1) * _CHECK)
            self._some(pause - self.taken)
            if not self.reason and self.taken % _CHECK == 0:
                self._look_for_cycle()
        if self.taken >= self.max_steps and not self.reason:
            self._give_up()

    def _some(self, steps: int) -> None:
        block = None if self.optimizer == "newton" else self.table.block(self.logit)
        before = self.taken
        if block is not None:
            self._tabulated(block, steps)
        if self.taken == before and not self.reason:
            self._exact()

    def _tabulated(self, block: Block, steps: int) -> None:
        # the inner loop: local names only; it ends where the block does, at the goal, at nan, or where z stands still
        z, u, rate, m = self.logit, self._speed, self.rate, self.momentum
        low, cells, c0, c1, c2, c3 = block.low, block.cells, block.c0, block.c1, block.c2, block.c3
        left, right = low, block.high
        if z < self.goal.low:
            right = min(right, self.goal.low)
        if z > self.goal.high:
            left = max(left, math.nextafter(self.goal.high, math.inf))
        passed: list[float] = []
        append = passed.append
        for _ in range(steps):
            x = (z - low) * cells
            i = int(x)
            x -= i
            slope = ((c3[i] * x + c2[i]) * x + c1[i]) * x + c0[i]
            if slope != slope:
                break
            speed = m * u + slope
            new = z - rate * speed
            if new == z:
                break
            append(new)
            z, u = new, speed
            if not left <= new < right:
                break
        if passed:
            self.taken += len(passed)
            self.logit, self._speed = z, u
            self._keep(passed)
            self._settle()

    def _exact(self) -> None:
        at = self.table.read(self.logit)
        if not math.isfinite(at.d_logit):
            what = "is not defined" if math.isnan(at.value) else f"is {brief(at.value)} and has no slope"
            # who never moved has not run away
            kind = "diverged" if self.taken else "stalled"
            self._stop(f"{kind}: L {what} at {self._where(at)}")
            return
        if self.optimizer == "newton":
            if not self._newton(at):
                return
        else:
            self._speed = self.momentum * self._speed + at.d_logit
            new = self.logit - self.rate * self._speed
            still = self.rate * abs(at.d_logit) / (1 - self.momentum)
            if new == self.logit and self.logit + still == self.logit:
                self._stop(self._stalled(at))
                return
            self._to(new)

    def _newton(self, at: Reading) -> bool:
        climbed, self._climbing = self._climbing, at.d2_logit < 0
        if not (math.isfinite(at.d2_logit) and at.d2_logit != 0):
            if climbed:
                self._climbing = True
                self._stop(self._ran_away())
            elif at.d_logit == 0:
                self._stop(self._stalled(at))
            else:
                kind = "diverged" if self.taken else "stalled"
                self._stop(f"{kind}: no curvature at z = {brief(self.logit)}, Newton's step has no length")
            return False
        step = self.rate * at.d_logit / at.d2_logit
        if abs(step) <= _SAME * abs(self.logit) or step == 0:
            self._stop(self._stalled(at))
            return False
        self._to(self.logit - step)
        return True

    def _to(self, logit: float) -> None:
        self.logit = logit
        self.taken += 1
        self._keep([logit])
        if math.isfinite(logit):
            self._settle()
        else:
            self._stop("diverged: z is beyond all numbers")

    def _keep(self, passed: list[float]) -> None:
        room = len(passed) if self.keep is None else self.keep + 1 - len(self.path)
        if room > 0:
            self.path.extend(passed if room >= len(passed) else passed[:room])

    def _settle(self) -> None:
        if self.goal.holds(self.logit):
            self._stop("reached")

    def _certify(self) -> None:
        # no step is longer than the steepest slope around allows: then so many steps cannot get anywhere
        if self.optimizer != "gd" or self.max_steps < _WORTH_CERTIFYING or not self.goal.text:
            return
        low, high = self.logit - 1, self.logit + 1
        longest = self.rate * self.table.steepest(low, high)
        if longest * self.max_steps < min(1.0, self.goal.distance(self.logit)) and self.table.read(self.logit).d_logit:
            steps = f"{self.max_steps:,} steps of at most {brief(longest)}"
            self._stop(f"stalled: {steps} cannot cover the distance to {self.goal.text}")

    def _look_for_cycle(self) -> None:
        state = (self.logit, self._speed)
        if state != self._checked:
            self._checked = state
            return
        at = self.table.read(self.logit)
        cycle = f"stalled: it goes round and round through z = {brief(self.logit)}{self._short}"
        self._stop(self._stalled(at) if _is_flat(at) else cycle)

    def _give_up(self) -> None:
        if self._climbing:
            self._stop(self._ran_away())
        else:
            where = self._where(self.table.read(self.logit))
            self._stop(f"step limit: {where} after {self.taken:,} steps{self._short}")

    def _ran_away(self) -> str:
        return f"diverged: the curvature is negative, Newton climbs: z = {brief(self.logit)} after {self.taken:,} steps"

    def _stalled(self, at: Reading) -> str:
        if _is_flat(at):
            kind = "converged" if at.d2_logit > 0 else "stalled"  # without curvature it is a plateau, not a minimum
            gone = surroundings(self.table.objective).beyond("d_logit", at.logit, at.d_logit)
            size = "0" if gone is None else f"too small for a double (|∂L/∂z| < {SMALLEST})"
            return f"{kind}: the slope is {size} at {self._where(at)}{self._short}"
        step = self.rate * abs(at.d_logit) / (1 - self.momentum)
        return f"stalled: a step of {brief(step)} is lost beside z = {brief(self.logit)}{self._short}"

    @property
    def _short(self) -> str:
        return f", short of {self.goal.text}" if self.goal.text else ""

    def _where(self, at: Reading) -> str:
        around, beside = surroundings(self.table.objective), self._beside_the_goal(at)
        prediction = around.told("prediction", at.logit, at.prediction, lambda _: beside)
        return f"z = {brief(at.logit)}, {equation(self.table.letter, prediction)}"

    def _beside_the_goal(self, at: Reading) -> str:
        # the prediction, with as many digits as it takes to tell that it is not there
        if self.goal.holds(at.logit) or not math.isfinite(at.prediction):
            return brief(at.prediction)
        bound = self.goal.low if at.logit < self.goal.low else self.goal.high
        edge = self.table.limit(bound) if math.isinf(bound) else self.table.read(bound).prediction
        for digits in range(4, 18):
            shown = float(f"{at.prediction:.{digits}g}")
            if not (min(at.prediction, edge) < edge <= shown or max(at.prediction, edge) > edge >= shown):
                break
        return brief(at.prediction, digits)

    def _stop(self, reason: str) -> None:
        self.reason = reason


def _is_flat(at: Reading) -> bool:
    # the slope is 0, or as small as rounding allows beside a minimum
    return at.d_logit == 0 or (at.d2_logit > 0 and abs(at.d_logit) <= 1e-9 * at.d2_logit)


def ended(ending: str) -> str:
    """How a racer ended, in a word: reached, converged, stalled, diverged or limit."""
    kind = ending.partition(":")[0].partition(",")[0]
    return "limit" if kind in ("step limit", "") else kind
