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
    from numpy.typing import ArrayLike

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


def to_integer(value: float, unit: int = FINEST) -> int:
    """A finite double in units of 2^−``unit``, exact unless it is finer than that."""
    numerator, denominator = value.as_integer_ratio()
    shift = unit - denominator.bit_length() + 1
    return numerator << shift if shift >= 0 else numerator >> -shift


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


def integer_of_rows(exact: Array, unit: int = FINEST) -> int:
    """The sum of a few finite doubles in units of 2^−``unit``."""
    return sum(to_integer(value, unit) for value in exact.tolist())


def sum_of_moderate(values: Array, top: float) -> int:
    """The exact sum of one piece of magnitudes ≤ ``top`` < `HUGE`, in units of 2^−`FINEST`."""
    total = 0
    while top:
        exponent = max(math.frexp(top)[1] - BITS, -FINEST)
        whole, values = cut(values, exponent)
        total += integer_of_rows(in_rows(whole).sum(axis=1))
        top = extreme(values) if exponent > -FINEST else 0.0
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


class PairSums:
    """Many running sums side by side, each as an unevaluated pair of doubles (106 bits).

    Attributes:
        high: the sums, rounded, of the shape given.
        low: what they lack.
    """

    __slots__ = ("high", "low")

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.high, self.low = np.zeros(shape), np.zeros(shape)

    def add(self, values: ArrayLike) -> None:
        """Adds a number to each sum (Knuth's two-sum)."""
        given = np.asarray(values, dtype=np.float64)
        total = self.high + given
        taken = total - self.high
        self.low += (self.high - (total - taken)) + (given - taken)
        self.high = total

    def merge(self, other: PairSums) -> None:
        """Adds all that another has added, sum by sum."""
        self.add(other.high)
        self.low += other.low

    def fractions(self) -> list[Fraction]:
        """The sums, exactly as they are held, in C order."""
        pairs = zip(self.high.ravel().tolist(), self.low.ravel().tolist(), strict=True)
        return [Fraction(high) + Fraction(low) for high, low in pairs]
