"""The samples of one loss for one label, with what they show: kinks, jumps, ends and limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.losses.objective import Evaluation
from lossterm.core.properties.report import LOST

HUGE = 1e280
"""A finite value beyond it stands before an overflow, not before a pole."""

VANISHED = 1e-250
"""A derivative below it, beside exact zeros, has underflowed: the zeros are not a plateau."""

ABOUT = 8.0
"""How far about the origin a loss is looked at for how much it varies."""

SLOPE_ERROR = 1e-3
"""A relative change of the slope that its curvature must account for."""

_FAR = np.array([10.0 ** (k / 2) for k in range(13)] + [10.0**k for k in (7, 8, 10, 12, 15, 20, 30, 50, 75, 100, 150)])
_NEAR = 10.0 ** -np.arange(1.0, 14.0)


@dataclass(frozen=True)
class Break:
    """A place where the loss is not smooth: between two neighbouring logits something jumps.

    Attributes:
        logit: the place.
        left: the last sample before it.
        right: the first after it.
    """

    logit: float
    left: int
    right: int


@dataclass(frozen=True, eq=False)
class End:
    """One end of a stretch on which the loss is finite.

    Attributes:
        logit: the place; ±inf where the stretch has no end.
        side: −1 for a left end, +1 for a right end.
        index: the outermost sample of the stretch.
        infinite: whether the loss is ∞ beyond it (else it is not defined there, or there is nothing beyond).
        path: the loss at points that approach the end geometrically, and last, where the end is finite, at the end.
        exact: whether that last point is the end of the domain to the last bit, so that the values there are limits.
    """

    logit: float
    side: int
    index: int
    infinite: bool
    path: Evaluation
    exact: bool = False

    def limit(self, field: str) -> float:
        """The limit of one field: ±inf where it diverges, nan where it cannot be told."""
        along = getattr(self.path, field)
        if math.isinf(self.logit):
            return _limit(along, outward=True)
        at_end = float(along[-1])
        return at_end if self.exact and not math.isnan(at_end) else _limit(along[:-1], outward=False)


class Profile:
    """The samples for one label.

    Attributes:
        at: the evaluation at every sample.
        evaluate: the loss at other logits.
    """

    def __init__(
        self,
        at: Evaluation,
        evaluate: Callable[[Array], Evaluation],
        breaks: Sequence[Break],
        at_border: Callable[[float], bool],
    ) -> None:
        self.at = at
        self.evaluate = evaluate
        self._breaks = breaks
        self._at_border = at_border

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Where the loss is defined and finite."""
        return np.isfinite(self.at.value)

    @cached_property
    def smooth(self) -> NDArray[np.bool_]:
        """Where it is finite and has a slope."""
        return self.finite & np.isfinite(self.at.d_logit)

    @cached_property
    def spread(self) -> float:
        """By how much the finite values differ about the origin."""
        known = self.at.value[self.finite & (np.abs(self.at.logit) <= ABOUT)]
        return float(np.ptp(known)) if len(known) else 0.0

    @cached_property
    def lost(self) -> bool:
        """Whether the values differ by no more than rounding though there is a slope: a constant hides them."""
        near = self.smooth & (np.abs(self.at.logit) <= ABOUT)
        size = np.max(np.abs(self.at.value[near]), initial=0.0)
        return bool(self.spread <= LOST * size and self.at.d_logit[near].any())

    @cached_property
    def kinks(self) -> list[Break]:
        """Where the slope jumps and the value does not."""
        return [b for b in self._inner if self._turns(b) and not self._jumps(b)]

    @cached_property
    def jumps(self) -> list[Break]:
        """Where the value itself jumps."""
        return [b for b in self._inner if self._jumps(b)]

    @cached_property
    def ends(self) -> list[End]:
        """The ends of the stretches on which the loss is finite, from left to right."""
        return [end for first, last in runs(self.finite) for end in (self._end(first, -1), self._end(last, 1))]

    def limit_beside(self, b: Break, field: str) -> float:
        """The greater of the limits of the size of one field on the two sides of a break."""
        # nearer than the break is known, a point may be on its other side
        near = _NEAR[4 * (self.at.logit[b.right] - self.at.logit[b.left]) < _NEAR]
        paths = [np.abs(getattr(self.evaluate(b.logit + side * near), field)) for side in (-1, 1)]
        return max(_limit(path, outward=False) for path in paths)

    @cached_property
    def _inner(self) -> list[Break]:
        # close to a pole the rounding of the logit looks like breaks
        edges = [end.logit for end in self.ends if math.isfinite(end.logit)]
        return [
            b
            for b in self._breaks
            if self.smooth[b.left] and self.smooth[b.right] and all(abs(b.logit - e) > 1e-9 for e in edges)
        ]

    def _turns(self, b: Break) -> bool:
        # at a kink the slope changes as much over a thin interval as over a wider one; a bend changes it in proportion
        left, right = self.at.d_logit[b.left], self.at.d_logit[b.right]
        room = 1e-9 * max(1.0, abs(b.logit))
        before, after = self.evaluate(np.array([b.logit - room, b.logit + room])).d_logit
        change = abs(right - left)
        return bool(change > SLOPE_ERROR * max(abs(left), abs(right)) and change >= 0.5 * abs(after - before))

    def _jumps(self, b: Break) -> bool:
        z, value, slope = (array[[b.left, b.right]] for array in (self.at.logit, self.at.value, self.at.d_logit))
        return bool(leaps(value[0], value[1], 10 * (z[1] - z[0]) * np.abs(slope).max(), self._size))

    @cached_property
    def _size(self) -> float:
        return float(typical(self.at.logit, self.at.value[None])[0])

    def _end(self, index: int, side: int) -> End:
        z, value, beyond = self.at.logit, self.at.value, index + side
        place = math.inf * side
        infinite = False
        if 0 <= beyond < len(z) and abs(value[index]) < HUGE and not math.isinf(self.at.d_logit[index]):
            place = tidy(*sorted((float(z[index]), float(z[beyond]))))
            infinite = bool(np.isposinf(value[beyond]))
        if math.isinf(place):
            path = side * _FAR
        else:
            inward = place - side * _NEAR
            path = np.append(inward, place)
        at = self.evaluate(path)
        exact = math.isfinite(place) and self._at_border(place)
        return End(place, side, index, infinite, at, exact)


def typical(z: Array, rows: Array) -> Array:
    """The size of each row about the origin: what is far below it may be rounding."""
    sizes = np.abs(rows[:, np.abs(z) <= 4])
    return np.asarray(np.max(sizes, axis=1, initial=0.0, where=np.isfinite(sizes)))


def leaps(a: Array, b: Array, run: Array, size: Array | float) -> NDArray[np.bool_]:
    """Whether the change from a to b is more than any slope in between accounts for, and more than rounding."""
    change = np.abs(b - a)
    return np.asarray((change > 2 * run) & (change > 1e-9 * np.maximum(np.maximum(np.abs(a), np.abs(b)), size)))


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and the last index of every unbroken stretch of True."""
    padded = np.concatenate([[False], mask, [False]])
    change = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(a), int(b) - 1) for a, b in zip(change[::2], change[1::2], strict=True)]


def tidy(low: float, high: float) -> float:
    """The number with the fewest digits in [low, high]: a break between neighbouring floats is at 1, not at 1 − ε."""
    if low <= 0 <= high:
        return 0.0
    for digits in range(1, 17):
        near = float(f"{high:.{digits}g}")
        if low <= near <= high:
            return near
    return float(high)


def _limit(along: Array, *, outward: bool) -> float:
    """The limit of numbers taken at points that approach it geometrically, or go out."""
    along = along[~np.isnan(along)]
    if len(along) < 4:
        return math.nan
    last = float(along[-1])
    if math.isinf(last):
        return last
    steps = np.abs(np.diff(along))
    size = float(np.max(np.abs(along), initial=0.0, where=np.isfinite(along)))
    if outward:
        # the last factors between the points are 1e25 and more: whatever still moves there does not converge
        return last if steps[-1] <= 1e-9 * size else math.copysign(math.inf, last)
    # decade by decade a power of the distance shrinks its steps, a logarithm keeps them
    shrinks = steps[-1] <= 0.9 * steps[-3] or steps[-1] <= 1e-9 * size
    return last if shrinks else math.copysign(math.inf, last)
