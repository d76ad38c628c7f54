"""Sums that are exact, so that batches, files and machines add up to the same number in any order.

A double is cut into slices: adding and taking off σ = 1.5·2⁵²·u rounds x to a multiple q of the unit u, and x − q is
again a double (Rump, Ogita and Oishi, "Accurate floating-point summation", 2008). The unit is chosen so that a whole
piece of such multiples adds up within 53 bits, without rounding; the sum of each slice goes into one Python integer.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lossterm.core.packing import Packer

ROW = 2**13
"""Numbers whose slices add up without rounding (and a dot product that BLAS does in one thread)."""

PIECE = 16 * ROW
"""Numbers worked on at once: few enough for the cache, enough that two threads seldom wait for the interpreter."""

FINEST = 1074
"""Every double is a multiple of 2 to minus this; the unit of the integers."""

HUGE = 2.0**960
"""From here on σ could overflow; such numbers are scaled first."""

BITS = 40
"""Bits of the slices that are summed: `ROW` of them fit in 53."""


def pieces(count: int) -> Iterator[slice]:
    """Cuts ``count`` numbers into pieces of at most `PIECE`, each a multiple of `ROW` long or shorter than it."""
    whole = count - count % ROW
    for start in range(0, whole, PIECE):
        yield slice(start, min(start + PIECE, whole))
    if whole < count:
        yield slice(whole, count)


def in_rows(values: Array) -> Array:
    """A piece as rows of `ROW` numbers, or as a single shorter row."""
    return values.reshape((-1, ROW) if values.size % ROW == 0 else (1, -1))


class _Workspace(threading.local):
    """Two buffers of `PIECE` doubles for each thread: memory that is written again is memory in the cache."""

    def __init__(self) -> None:
        self.first = np.empty(PIECE)
        self.second = np.empty(PIECE)


_buffers: list[_Workspace] = []


def workspace(size: int) -> tuple[Array, Array]:
    """Two buffers of this thread, ``size`` ≤ `PIECE` long, until the next call."""
    if not _buffers:
        _buffers.append(_Workspace())
    return _buffers[0].first[:size], _buffers[0].second[:size]


def to_float(numerator: int, denominator: int) -> float:
    """The nearest double to a ratio of integers, ±∞ beyond the largest."""
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def cut(values: Array, exponent: int) -> tuple[Array, Array]:
    """The values rounded to multiples of 2^exponent, and what is left of each; in the buffers of this thread."""
    whole, rest = workspace(values.size)
    sigma = math.ldexp(1.5, 52 + exponent)
    np.add(values, sigma, out=whole)
    np.subtract(whole, sigma, out=whole)
    np.subtract(values, whole, out=rest)
    return whole, rest


def extreme(values: Array) -> float:
    """The largest magnitude; ∞ if one value is not finite."""
    low, high = float(values.min()), float(values.max())
    return max(high, -low) if math.isfinite(low) and math.isfinite(high) else math.inf


def sum_of_moderate(values: Array, top: float) -> int:
    """The exact sum of one piece of magnitudes ≤ ``top`` < `HUGE`, in units of 2^−`FINEST`."""
    total = 0
    while top:
        exponent = max(math.frexp(top)[1] - BITS, -FINEST)
        whole, values = cut(values, exponent)
        total += _units(in_rows(whole).sum(axis=1), exponent) << (exponent + FINEST)
        top = math.ldexp(0.5, exponent) if exponent > -FINEST and values.any() else 0.0
    return total


def sum_of_finite(values: Array) -> int:
    """The exact sum of finite numbers, in units of 2^−`FINEST`."""
    total = 0
    for piece in pieces(values.size):
        part = values[piece]
        if (top := extreme(part)) < HUGE:
            total += sum_of_moderate(part, top)
        else:
            huge = np.abs(part) >= HUGE / 2
            scaled = sum_of_finite(part[huge] * 2.0**-200)
            total += (scaled << 200) + sum_of_finite(part[~huge])
    return total


def sum_of_products(x: Array, y: Array) -> int:
    """The exact Σxy of finite numbers, in units of 2^−2·`FINEST`.

    Each number is cut into two halves of 26 bits, whose products are doubles (Dekker, 1971).
    """
    total = 0
    for piece in pieces(x.size):
        part = x[piece]
        for a, b, power in _moderate(part, part if x is y else y[piece]):
            lead_a, rest_a = _halves(a)
            lead_b, rest_b = (lead_a, rest_a) if b is a else _halves(b)
            crossed = sum_of_finite(lead_a * rest_b)
            crossed += crossed if b is a else sum_of_finite(rest_a * lead_b)
            both = (sum_of_finite(lead_a * lead_b) + crossed + sum_of_finite(rest_a * rest_b)) << FINEST
            total += both << power if power >= 0 else both >> -power
    return total


NARROW = 2**11
"""Numbers whose slices are multiplied and added up without rounding: with so few 65 bits are three slices."""

SHORT = 21
"""Bits of the first of those slices: `NARROW` products add up within 53. The others have one more: it is their sign."""

FEW = 8
"""Slices into which numbers are cut at most; what is beyond takes the longer way."""

SQUARED = 300
"""Powers of two within which the squares of all those slices are multiples of the finest double."""


def sums_of_two(values: Array, top: float) -> tuple[int, int]:
    """The exact Σx of one piece of finite numbers in units of 2^−`FINEST`, and Σx² in units of the square of that.

    Numbers of like size are few slices of `SHORT` bits, of which every pair has an exact dot product; those that have
    bits left after some slices are taken out for the next.

    Args:
        values: at most `PIECE` of them.
        top: their largest magnitude.
    """
    if not (not top or 2.0**-SQUARED < top < 2.0**SQUARED):
        return sum_of_finite(values), sum_of_products(values, values)
    total = squares = 0
    cuts: list[tuple[Array, int]] = []
    rest, exponent = _filled(values), math.frexp(top)[1]
    left = len(rest) if top else 0
    while left:
        if len(cuts) == FEW:
            return sum_of_finite(values), sum_of_products(values, values)
        exponent -= SHORT + bool(cuts)
        sigma = math.ldexp(1.5, 52 + exponent)
        leading = rest + sigma
        leading -= sigma
        rest = rest - leading
        rows = leading.reshape(-1, NARROW)
        total += _units(rows.sum(axis=1), exponent) << (exponent + FINEST)
        squares += _units(np.vecdot(rows, rows), 2 * exponent) << 2 * (exponent + FINEST)
        for other, above in cuts:
            both = exponent + above
            squares += _units(np.vecdot(rows, other.reshape(-1, NARROW)), both) << (both + 2 * FINEST + 1)
        cuts.append((leading, exponent))
        held = rest != 0.0
        left = int(np.count_nonzero(held))
        if left < SPARSE * len(rest):
            at = np.flatnonzero(held)
            rest, cuts = _filled(rest[at]), [(_filled(each[at]), above) for each, above in cuts]
    return total, squares


def _units(sums: Array, exponent: int) -> int:
    # a few multiples of 2^exponent, added up
    return int(np.ldexp(sums, -exponent).astype(np.int64).sum())


def _filled(values: Array) -> Array:
    # with zeros to whole rows
    missing = -values.size % NARROW
    return np.concatenate([values, np.zeros(missing)]) if missing else values


MODERATE = 400
"""Powers of two within which a product neither overflows nor loses digits."""


def _moderate(x: Array, y: Array) -> Iterator[tuple[Array, Array, int]]:
    # pairs of numbers within moderate powers of two, after scaling; and the power of two their product lacks
    places = [_band(values) for values in (x, y)]
    if all(place is None for place in places):
        yield x, y, 0
        return
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            held = np.flatnonzero(np.broadcast_to(_is(places[0], a) & _is(places[1], b), x.shape))
            if held.size:
                power = int(1.5 * MODERATE)
                scaled = np.ldexp(x[held], -a * power)
                yield scaled, scaled if x is y else np.ldexp(y[held], -b * power), (a + b) * power


def _band(values: Array) -> NDArray[np.int8] | None:
    # of each number whether it is tiny (−1), moderate or 0 (0), huge (1); None where all are moderate
    size = np.abs(values)
    tiny, huge = size < 2.0**-MODERATE, size > 2.0**MODERATE
    if not (huge.any() or values[tiny].any()):
        return None
    return huge.astype(np.int8) - (tiny & (size > 0)).astype(np.int8)


def _is(place: NDArray[np.int8] | None, which: int) -> NDArray[np.bool_]:
    return np.equal(0 if place is None else place, which)


def _halves(values: Array) -> tuple[Array, Array]:
    # the leading 26 bits of each number, rounded to nearest, and the 26 with a sign that are left
    bits = values.view(np.int64) + (1 << 26)
    bits &= ~((1 << 27) - 1)
    leading = bits.view(np.float64)
    return leading, values - leading


def root(numerator: int, denominator: int) -> float:
    """The square root of a ratio of integers that are not negative, as a double; ∞ beyond the largest."""
    power = (numerator.bit_length() - denominator.bit_length()) // 2
    numerator, denominator = numerator << max(-2 * power, 0), denominator << max(2 * power, 0)
    try:
        return math.ldexp(math.sqrt(numerator / denominator), power)
    except OverflowError:
        return math.inf


def flat(values: ArrayLike) -> Array:
    """Numbers of any shape as one row of doubles."""
    return np.ascontiguousarray(values, dtype=np.float64).reshape(-1)


class ExactSum:
    """The exact sum of doubles, whatever their order and however they are split.

    Attributes:
        positive_infinities: how many were +∞.
        negative_infinities: how many were −∞.
        nans: how many were nan.
    """

    __slots__ = ("_total", "nans", "negative_infinities", "positive_infinities")

    def __init__(self, values: ArrayLike = ()) -> None:
        self._total = 0
        self.positive_infinities = self.negative_infinities = self.nans = 0
        self.add(values)

    def add(self, values: ArrayLike) -> None:
        """Adds numbers of any shape."""
        numbers = flat(values)
        for piece in pieces(numbers.size):
            part = numbers[piece]
            top = extreme(part)
            if top < HUGE:
                self._total += sum_of_moderate(part, top)
            else:
                self._total += sum_of_finite(self.set_apart(part))

    def set_apart(self, values: Array) -> Array:
        """Counts what is not finite; gives the finite values."""
        self.positive_infinities += int(np.count_nonzero(values == np.inf))
        self.negative_infinities += int(np.count_nonzero(values == -np.inf))
        self.nans += int(np.count_nonzero(np.isnan(values)))
        return values[np.isfinite(values)]

    def add_integer(self, total: int) -> None:
        """Adds an exact sum known in units of 2^−`FINEST`."""
        self._total += total

    def merge(self, other: ExactSum) -> None:
        """Adds all that another has added."""
        self._total += other._total
        self.positive_infinities += other.positive_infinities
        self.negative_infinities += other.negative_infinities
        self.nans += other.nans

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        self._total = packer.integer(self._total)
        self.positive_infinities = packer.count(self.positive_infinities)
        self.negative_infinities = packer.count(self.negative_infinities)
        self.nans = packer.count(self.nans)

    @property
    def integer(self) -> int:
        """The finite part in units of 2^−`FINEST`."""
        return self._total

    @property
    def fraction(self) -> Fraction:
        """The sum of the finite part, exactly."""
        return Fraction(self._total, 1 << FINEST)

    @property
    def is_finite(self) -> bool:
        """Whether every number was finite."""
        return not (self.positive_infinities or self.negative_infinities or self.nans)

    @property
    def value(self) -> float:
        """The sum, correctly rounded; ±∞ or nan where such numbers were added (+∞ and −∞ make nan)."""
        return self.divided_by(1)

    def divided_by(self, count: int) -> float:
        """The sum over a positive integer, rounded once."""
        if self.nans or (self.positive_infinities and self.negative_infinities):
            return math.nan
        if not self.is_finite:
            return math.inf if self.positive_infinities else -math.inf
        return to_float(self._total, count << FINEST)


STEP = 35
"""Bits between the units of `ManySums`: `PIECE` multiples of one, none above the next, add up within 53 bits."""

LOWEST_STEP, HIGHEST_STEP = -31, 30
"""Places of the finest unit, of which every double is a multiple, and of one that no sum reaches."""


def slices(values: Array) -> Iterator[Array]:
    """Numbers, at most `PIECE`, as a sum of slices each of which adds up without rounding, the leading bits first."""
    while values.any():
        leading = _slice_of(values)
        yield leading
        values = _without(values, leading)


def _slice_of(values: Array) -> Array:
    # the leading bits of numbers; where some are huge or not finite these alone, as they are
    top = extreme(values)
    if not top < HUGE:
        return np.where(np.abs(values) < HUGE, 0.0, values)
    exponent = math.frexp(top)[1] - STEP
    if exponent <= -FINEST:
        return values
    sigma = math.ldexp(1.5, 52 + exponent)
    leading: Array = values + sigma
    leading -= sigma
    return leading


def _without(values: Array, leading: Array) -> Array:
    # what a slice has left of numbers; of what is not finite nothing
    with np.errstate(invalid="ignore"):
        rest: Array = values - leading
    return np.nan_to_num(rest, nan=0.0, copy=False) if math.isnan(rest.sum()) else rest


def _step_of(top: float) -> int:
    # the place of a unit of which numbers up to this one have at most 2^STEP
    return -(-math.frexp(top)[1] // STEP) - 1


def _rounded(values: Array, step: int) -> Array:
    # numbers as multiples of the unit at this place
    sigma = math.ldexp(1.5, 52 + STEP * step) if step > LOWEST_STEP else 0.0
    leading: Array = values + sigma
    leading -= sigma
    return leading


SPARSE = 0.5
"""Where less than this part of the numbers has bits left, they are taken out for the next slice."""


class ManySums:
    """Many running sums side by side, each exact, as whole numbers of units 2^35 apart.

    Args:
        shape: of the sums.
    """

    __slots__ = ("_beyond", "_whole", "shape")

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self._whole: dict[int, NDArray[np.int64]] = {}
        self._beyond: Array | None = None  # what no unit is for: not finite, or too large

    def add(self, values: ArrayLike) -> None:
        """Adds a number to each sum."""
        rest = np.asarray(values, dtype=np.float64)
        if not (top := extreme(rest) if rest.size else 0.0) < HUGE:
            ordinary = np.abs(rest) < HUGE
            beyond = np.where(ordinary, 0.0, rest)
            self._beyond = beyond if self._beyond is None else self._beyond + beyond
            rest = np.where(ordinary, rest, 0.0)
            top = extreme(rest)
        step = _step_of(top)
        while top:
            leading = _rounded(rest, step)
            self._gain(step, np.ldexp(leading, -STEP * step).astype(np.int64))
            rest = rest - leading
            if not rest.any():
                return
            step -= 1

    def _gain(self, step: int, more: NDArray[np.int64]) -> None:
        if step in self._whole:
            self._whole[step] += more
        else:
            self._whole[step] = np.broadcast_to(more, self.shape).copy()

    def count(self, place: NDArray[np.intp], values: Array) -> None:
        """Adds numbers to the sums they belong to.

        Args:
            place: the sum of each, as an index in C order, ``(n,)``, n at most `PIECE`.
            values: ``(n,)``.
        """
        size = math.prod(self.shape)
        while values.size:
            if not (top := extreme(values)) < HUGE:
                leading = _slice_of(values)
                self.add(np.bincount(place, leading, minlength=size).reshape(self.shape))
                values = _without(values, leading)
            else:
                step = max(_step_of(top), LOWEST_STEP)
                leading = _rounded(values, step)
                sums = np.bincount(place, leading, minlength=size).reshape(self.shape)
                self._gain(step, np.ldexp(sums, -STEP * step).astype(np.int64))
                values = values - leading
            held = values != 0.0
            left = int(np.count_nonzero(held))
            if left < SPARSE * len(values):
                at = np.flatnonzero(held)
                place, values = place[at], values[at]

    def merge(self, other: ManySums) -> None:
        """Adds all that another has added, sum by sum."""
        for step, more in other._whole.items():
            self._gain(step, more)
        if other._beyond is not None:
            self._beyond = other._beyond if self._beyond is None else self._beyond + other._beyond

    def integers(self) -> list[int]:
        """The sums in units of 2^(`STEP` · `LOWEST_STEP`), in C order, without what is beyond."""
        totals = [0] * math.prod(self.shape)
        for step, whole in self._whole.items():
            shift = STEP * (step - LOWEST_STEP)
            for i in np.flatnonzero(whole).tolist():
                totals[i] += int(whole.flat[i]) << shift
        return totals

    def pack(self, packer: Packer) -> None:
        """Give or take all of it; equal sums give equal fields."""
        self._carry()
        steps = packer.document(sorted(self._whole))
        if not (isinstance(steps, list) and all(s in range(LOWEST_STEP, HIGHEST_STEP + 1) for s in steps)):
            raise ValueError("a sum has no such unit")
        found = {step: packer.array(self._whole.get(step), np.int64, self.shape) for step in steps}
        if any(whole.size and max(int(whole.max()), -int(whole.min())) >= 1 << 60 for whole in found.values()):
            raise ValueError("a sum is too large")
        self._whole = found
        if packer.flag(self._beyond is not None):
            self._beyond = packer.reals(self._beyond, self.shape)

    def _carry(self) -> None:
        # what is more than a unit can hold goes to the next, so that equal sums are held equally
        carried: NDArray[np.int64] | int = 0
        for step in range(min(self._whole, default=HIGHEST_STEP), HIGHEST_STEP):
            whole = self._whole.pop(step, 0) + np.asarray(carried)
            carried = whole >> STEP
            if (left := whole & ((1 << STEP) - 1)).any():
                self._whole[step] = left
        if np.any(carried):
            self._gain(HIGHEST_STEP, np.asarray(carried))

    def fractions(self) -> list[Fraction]:
        """The sums, exactly, in C order.

        Raises:
            OverflowError: one is beyond every double.
        """
        found = [Fraction(total, 1 << -STEP * LOWEST_STEP) for total in self.integers()]
        if self._beyond is None:
            return found
        return [total + Fraction(more) for total, more in zip(found, self._beyond.ravel().tolist(), strict=True)]
