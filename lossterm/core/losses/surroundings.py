"""What a loss is elsewhere: its least value, its steepest slope, where it flattens, and where doubles end.

What a number at one point means is told against these: a slope is small against the steepest one there is, a value is
high above the least. An exact 0 or ∞ is told apart from what is only beyond the doubles by how it is reached: through
the smallest, or the largest, numbers that there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.objective import Evaluation, Objective, Reading
from lossterm.core.numbers import beyond, significant
from lossterm.core.remembered import Remembered

if TYPE_CHECKING:
    from numpy.typing import NDArray

TINY, HUGE = 1e-290, 1e290
"""A 0 beside a number below the first, an ∞ beside one above the second, are beyond the doubles and not exact."""

POLE = 1e280
"""A slope beyond it stands for one without bound."""

DIES = 1e-9
"""A slope below this share of the steepest on the way there has died out."""

SHORT = 1e-9
"""A step of the logit below it is not told from rounding, whatever rounding there may be."""

NOWHERE = 1e-100
"""A logit below it is beside 0 on any picture."""

CLIMBS = 0.25
"""A loss that gains this share of its height in the later half of the decades has no bound that can be seen."""

FLAT = 1e-9
"""A curvature below this share of the height of a loss is none."""

_MIDDLE, _FINE, _FAR = 8.0, 45.0, 1e150
_PARTS, _ROUNDS = 512, 9
_CACHED = 600


@dataclass(frozen=True)
class Beyond:
    """A stretch of logits on which a number is beyond the doubles.

    Attributes:
        low: its lower end.
        high: its upper end.
        sign: of the number.
        over: whether it is too large; else it is too small.
    """

    low: float
    high: float
    sign: float
    over: bool


class Surroundings:
    """One objective on the whole axis of logits.

    Attributes:
        objective: what was evaluated.
        at: the samples, from left to right.
    """

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.at: Evaluation = objective.evaluate(_grid(objective))
        self._beyond: dict[tuple[str, bool, int], list[Beyond]] = {}

    @cached_property
    def least(self) -> float:
        """The least finite value: the infimum as far as samples tell; ∞ where there is none."""
        value = np.where(np.isfinite(self.at.value), self.at.value, np.inf)
        index = int(np.argmin(value))
        low, high = self.at.logit[max(index - 1, 0)], self.at.logit[min(index + 1, value.size - 1)]
        best = float(value[index])
        for _ in range(4):
            points = np.linspace(low, high, _PARTS + 1)
            inside = self.objective.evaluate(points).value
            inside = np.where(np.isfinite(inside), inside, np.inf)
            k = int(np.argmin(inside))
            best = min(best, float(inside[k]))
            low, high = points[max(k - 1, 0)], points[min(k + 1, _PARTS)]
        return best

    @cached_property
    def span(self) -> float:
        """How far the values reach above the least; ∞ where there is no bound."""
        value = self.at.value[~np.isnan(self.at.value)]
        most = float(np.max(value, initial=-math.inf))
        return math.inf if most > POLE or self._climbs else most - self.least

    @property
    def _climbs(self) -> bool:
        # a logarithm gains as much over the later half of the decades as over the earlier
        at = self.objective.evaluate(np.array([[-_FAR, _FAR], [-math.sqrt(_FAR), math.sqrt(_FAR)]])).value
        known = np.isfinite(at).all(axis=0)
        return bool(np.any((at[0] - at[1])[known] > CLIMBS * np.abs(at[0] - self.least)[known]))

    @cached_property
    def steepest(self) -> float:
        """The supremum of |∂L/∂z|; ∞ where there is no bound."""
        slopes = np.abs(self.at.d_logit[~np.isnan(self.at.d_logit)])
        most = float(np.max(slopes, initial=0.0))
        return math.inf if most > POLE or self._has_pole else most

    @property
    def _has_pole(self) -> bool:
        # beside a pole at a logit that is not 0 doubles end long before the slope does
        infinite = np.isposinf(self.at.value) & (np.abs(self.at.logit) < _FINE)
        known = np.isfinite(self.at.value)
        left, right = np.append(False, known[:-1]), np.append(known[1:], False)
        edges = self.at.logit[infinite & (left | right)].tolist()
        return any(self.beyond("value", z, math.inf) is None for z in edges)

    @cached_property
    def plateaus(self) -> tuple[float, float]:
        """How far above the least a loss stays far to the left, and to the right, where its slope dies out there.

        It is 0 where the loss is least there, ∞ where the slope does not die out.
        """
        left, right = (self._plateau(side) if dies else math.inf for side, dies in zip((-1, 1), self.dies, strict=True))
        return left, right

    def _plateau(self, side: int) -> float:
        return max(float(self.objective.evaluate([side * _FAR]).value[0]) - self.least, 0.0)

    @cached_property
    def bend(self) -> float:
        """The largest |∂²L/∂z²| among the samples."""
        return float(np.max(np.abs(self.at.d2_logit[~np.isnan(self.at.d2_logit)]), initial=0.0))

    @cached_property
    def scale(self) -> float:
        """What a loss is large or small against: its span, else its steepest slope, else its curvature at the least.

        Where it is least only in the limit, and has no curvature there, it is its mean height about the middle.
        """
        for size in (self.span, self.steepest):
            if 0 < size < math.inf:
                return size
        bend = np.where(np.isfinite(self.at.value) & np.isfinite(self.at.d2_logit), self.at.value, np.inf)
        found = abs(float(self.at.d2_logit[int(np.argmin(bend))]))
        middle = np.isfinite(self.at.value) & (np.abs(self.at.logit) <= _MIDDLE)
        above = self.at.value[middle] - self.least if middle.any() else np.zeros(1)
        height = float(np.mean(above))
        if FLAT * float(np.median(above)) < found < math.inf:  # samples beside a pole count as no more than others
            return found
        return height if 0 < height < math.inf else 1.0

    @cached_property
    def dies(self) -> tuple[bool, bool]:
        """Whether ∂L/∂z dies out to the left, and to the right, without a limit to the logits."""
        return self._dies(-1), self._dies(1)

    def _dies(self, side: int) -> bool:
        path = side * 10.0 ** np.arange(0.0, 151.0, 2.0)
        at = self.objective.evaluate(path)
        slopes = np.abs(at.d_logit[np.isfinite(at.value)])
        known = slopes[~np.isnan(slopes)]
        if known.size < 4 or np.isinf(at.value[-1]) or np.isnan(at.value[-1]):
            return False
        return bool(known[-1] <= DIES * np.max(known, initial=0.0, where=np.isfinite(known)))

    def beyond(self, field: str, logit: float, value: float) -> Beyond | None:
        """Why a number is 0 or ∞: the stretch on which it is beyond the doubles; None where it is what it says.

        Args:
            field: of `Evaluation`.
            logit: where.
            value: the number there.
        """
        if (value != 0 and not math.isinf(value)) or logit == 0:
            return None
        if value == 0 and any(low <= logit <= high for low, high in self.objective.activation.flat):
            return None
        for stretch in self._stretches_at(field, logit, over=value != 0):
            if stretch.low <= logit <= stretch.high:
                return stretch
        return None

    def text(self, field: str, reading: Reading, form: Callable[[float], str] = significant) -> str:
        """One number of a reading in words: what is beyond the doubles is told so, and not as 0 or ∞.

        Args:
            field: of `Evaluation`.
            reading: the numbers at a point.
            form: how any other number is written.
        """
        return self.told(field, reading.logit, float(getattr(reading, field)), form)

    def told(self, field: str, logit: float, value: float, form: Callable[[float], str] = significant) -> str:
        """As `text`, of a number of a field at a logit."""
        lost = self.beyond(field, logit, value)
        return form(value) if lost is None else beyond(lost.sign, over=lost.over)

    def _stretches_at(self, field: str, logit: float, *, over: bool) -> list[Beyond]:
        # of the run of samples, all of them 0 or all ∞, that the logit is in or beside
        z, values = self.at.logit, getattr(self.at, field)
        gone = _gone(values, over=over)
        at = int(np.searchsorted(z, logit))
        found = []
        for index in {max(at - 1, 0), min(at, z.size - 1)}:
            if gone[index]:
                before, after = np.flatnonzero(~gone[:index]), np.flatnonzero(~gone[index:])
                first = int(before[-1]) + 1 if before.size else 0
                last = index + int(after[0]) - 1 if after.size else z.size - 1
                key = field, over, first
                if key not in self._beyond:
                    self._beyond[key] = self._found(field, first, last, over=over)
                found += self._beyond[key]
        return found

    def _found(self, field: str, first: int, last: int, *, over: bool) -> list[Beyond]:
        z, values = self.at.logit, getattr(self.at, field)
        result = []
        for inside, outside in ((first, first - 1), (last, last + 1)):
            if not 0 <= outside < z.size or not np.isfinite(values[outside]):
                continue
            place, beside = self._border(field, float(z[inside]), float(z[outside]), over=over)
            if place == 0 or not (abs(beside) > HUGE if over else abs(beside) < TINY):
                continue
            low, high = (place, float(z[last])) if outside < inside else (float(z[first]), place)
            if abs(place) < NOWHERE and low <= 0 <= high:  # at 0 itself nothing is lost
                low, high = sorted((place, math.nextafter(0.0, place)))
            result += self._unless_flat(Beyond(low, high, math.copysign(1.0, beside), over))
        return result

    def _unless_flat(self, stretch: Beyond) -> list[Beyond]:
        # where the activation does not move a number is what it is
        if stretch.over:
            return [stretch]
        low, high = stretch.low, stretch.high
        for left, right in self.objective.activation.flat:
            if left <= low <= right:
                low = math.nextafter(right, math.inf)
            if left <= high <= right:
                high = math.nextafter(left, -math.inf)
        return [replace(stretch, low=low, high=high)] if low <= high else []

    def _border(self, field: str, inside: float, outside: float, *, over: bool) -> tuple[float, float]:
        # the last logit at which the number is beyond the doubles, and the number right outside
        for _ in range(_ROUNDS):
            points = np.linspace(inside, outside, _PARTS + 1)
            k = int(np.argmin(_gone(getattr(self.objective.evaluate(points), field), over=over)))
            if k == 0 or points[k] == points[k - 1]:
                break
            inside, outside = float(points[k - 1]), float(points[k])
        return inside, float(getattr(self.objective.evaluate([outside]), field)[0])


def _gone(values: Array, *, over: bool) -> NDArray[np.bool_]:
    return np.isinf(values) if over else values == 0


_known: Remembered[Surroundings] = Remembered(_CACHED)


def surroundings(objective: Objective) -> Surroundings:
    """The surroundings of an objective, remembered."""
    return _known.of(objective.key, lambda: Surroundings(objective))


def _grid(objective: Objective) -> Array:
    fine = np.arange(-_FINE, _FINE, 1 / 8) + 0.0137
    far = np.concatenate((np.geomspace(45.1, 1e6, 40), 10.0 ** np.arange(7.0, 309.0)))
    near = np.concatenate((10.0 ** np.arange(-320.0, -8.0, 4.0), 10.0 ** np.arange(-8.0, 0.0, 0.5)))
    with np.errstate(all="ignore"):
        ends = [objective.label, *objective.loss.predictions]
        places = [float(z) for z in objective.activation.inverse(np.array(ends)) if math.isfinite(z)]
        if not math.isfinite(objective.activation.lower):
            places += [x for x in ends if math.isfinite(x)]
    beside = 10.0 ** np.arange(-12.0, 4.0)
    around = [p + sign * beside for p in {*places, *objective.activation.kinks} for sign in (-1, 1)]
    return np.unique(np.concatenate((-far, fine, far, -near, near, [0.0], places, *around)))


# ---- numbers that are rounding -------------------------------------------------------------------------------------


_FAR = 1000.0
"""How many times larger than its samples a curvature may be anywhere."""


def blur(objective: Objective, reading: Reading) -> float:
    """By how much the logit of a root may be off by rounding: of the logit itself, and of prediction less label."""
    eps, slope = 2.0**-52, abs(reading.d_activation)
    if not slope > 0 or math.isinf(slope):
        return 0.0
    return min(16 * eps * (abs(reading.logit) + abs(objective.label) / slope), SHORT * max(1.0, abs(reading.logit)))


def denoised(objective: Objective, reading: Reading) -> Reading:
    """A reading in which slopes and curvatures that are nothing but rounding are 0.

    The slope is rounding where the next root of it, by its curvature, is no further away than rounding of the logit;
    likewise the curvature, by its own slope. JSON and CSV keep the numbers as they were computed.
    """
    room = blur(objective, reading)
    if not room or math.isnan(reading.d_logit) or math.isinf(reading.d2_logit):
        return reading
    if 0 < abs(reading.d_logit) <= room * abs(reading.d2_logit):
        reading = replace(reading, d_logit=0.0)
        if 0 < abs(reading.d_prediction) <= room * abs(reading.d_activation * reading.d2_prediction):
            reading = replace(reading, d_prediction=0.0)
    step = 1e-4 * max(1.0, abs(reading.logit))
    # what is far above that cannot be rounding: two curvatures do not lie further apart than they are large
    if 0 < abs(reading.d2_logit) <= _FAR * room / step * surroundings(objective).bend:
        left, right = objective.evaluate([reading.logit - step, reading.logit + step]).d2_logit.tolist()
        if left * right < 0 and abs(reading.d2_logit) <= room * abs(right - left) / (2 * step):
            reading = replace(reading, d2_logit=0.0)
    return reading


def slope_ratio(one: Objective, reading: Reading, other: Objective, against: Reading) -> float:
    """|∂L/∂z| of one loss over that of another at a point; where both are 0 the limit of it, nan where there is none.

    Args:
        one: the loss.
        reading: its numbers, without rounding (`denoised`).
        other: the loss it is compared with.
        against: that one's numbers at the same logit.
    """
    a, b = abs(reading.d_logit), abs(against.d_logit)
    if math.isnan(a) or math.isnan(b) or (math.isinf(a) and math.isinf(b)):
        return math.nan
    if a == b == 0:
        return _limit(one, other, reading.logit)
    if b == 0:
        return math.inf
    return a / b if not math.isinf(a) else math.inf


def _limit(one: Objective, other: Objective, logit: float) -> float:
    steps = np.array([1e-4, 1e-5, 1e-6]) * max(1.0, abs(logit))
    found = []
    for side in (-1, 1):
        z = logit + side * steps
        with np.errstate(all="ignore"):
            ratios = np.abs(one.evaluate(z).d_logit / other.evaluate(z).d_logit)
        if np.isnan(ratios).any():
            return math.nan
        first, _, last = ratios.tolist()
        growing, shrinking = last > 5 * first, last < first / 5
        found.append(math.inf if growing or math.isinf(last) else 0.0 if shrinking else last)
    left, right = found
    if left == right:
        return left
    return (left + right) / 2 if abs(left - right) <= 1e-3 * max(left, right) < math.inf else math.nan
