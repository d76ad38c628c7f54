"""Mean and standard error of numbers, weighted or not, from sums that merge without error."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from lossterm.core.exact import (
    FINEST,
    ExactSum,
    cut,
    extreme,
    flat,
    in_rows,
    integer_of_rows,
    pieces,
    sum_of_finite,
    sum_of_moderate,
    to_float,
    to_integer,
)
from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LEADING = 20
"""Bits of the slice that is squared: `ROW` terms of 2·20 bits fit in 53."""

MODERATE = 400
"""Powers of two within which squares neither overflow nor lose digits."""


class Moments:
    """Count, sum and variance of numbers.

    The sum is exact. Squares are split as a² + (2ab + b²) with a of `LEADING` bits: Σa² is exact and the rest so small
    that its rounding does not reach the last digits of the variance.
    """

    __slots__ = ("_squares", "count", "total")

    def __init__(self, values: ArrayLike = ()) -> None:
        self.count = 0
        self.total = ExactSum()
        self._squares = 0  # Σx² in units of 2^−2·FINEST, off by no more than the variance allows
        self.add(values)

    def add(self, values: ArrayLike) -> None:
        """Adds numbers of any shape."""
        numbers = flat(values)
        self.count += numbers.size
        for piece in pieces(numbers.size):
            part = numbers[piece]
            low, high = float(part.min()), float(part.max())
            if math.isfinite(low) and math.isfinite(high):
                self._add_piece(part, low, high)
            else:  # there is no variance any more
                self.total.add(part)

    def _add_piece(self, values: Array, low: float, high: float) -> None:
        pivot = low if high <= 2 * low else high if low >= 2 * high else 0.0
        if pivot:  # all within a factor of two: the difference is exact (Sterbenz)
            values = values - pivot
        top = max(high - pivot, pivot - low)
        if not top:
            self._add_about(pivot, values.size, 0, 0)
        elif abs(math.frexp(top)[1]) <= MODERATE:
            self._add_about(pivot, values.size, *_first_two(values, top))
        else:
            power = math.frexp(top)[1]
            squares = _first_two(np.ldexp(values, -power), math.ldexp(top, -power))[1]
            self._add_about(pivot, values.size, sum_of_finite(values), _shifted(squares, 2 * power))

    def _add_about(self, pivot: float, count: int, total: int, squares: int) -> None:
        """Adds Σ(x − c) and Σ(x − c)² of some numbers, as integers."""
        c = to_integer(pivot)
        self.total.add_integer(total + count * c)
        self._squares += squares + c * (2 * total + count * c)

    def merge(self, other: Moments) -> None:
        """Adds the numbers of other moments."""
        self.count += other.count
        self.total.merge(other.total)
        self._squares += other._squares

    @property
    def mean(self) -> float:
        """The mean, correctly rounded; nan of nothing."""
        return self.total.divided_by(self.count) if self.count else math.nan

    @property
    def variance(self) -> float | None:
        """The sample variance (ddof 1); None of fewer than two numbers or where one is not finite."""
        return self._spread(self.count - 1)

    @property
    def standard_error(self) -> float | None:
        """Of the mean: the sample standard deviation over √n; None where the variance is."""
        squared = self._spread((self.count - 1) * self.count)
        return None if squared is None else math.sqrt(squared)

    def _spread(self, divisor: int) -> float | None:
        if self.count < 2 or not self.total.is_finite:
            return None
        above = max(self.count * self._squares - self.total.integer**2, 0)
        return to_float(above, self.count * divisor << 2 * FINEST)


def _shifted(value: int, power: int) -> int:
    return value << power if power >= 0 else value >> -power


def _first_two(values: Array, top: float) -> tuple[int, int]:
    """Σx of a piece in units of 2^−FINEST, and Σx² in units of the square of that."""
    leading, rest = cut(values, math.frexp(top)[1] - LEADING)
    a, b = in_rows(leading), in_rows(rest)
    squares = integer_of_rows(np.vecdot(a, a), 2 * FINEST)
    cross = math.fsum([*(2.0 * np.vecdot(a, b)).tolist(), *np.vecdot(b, b).tolist()])
    total = integer_of_rows(a.sum(axis=1))
    return total + sum_of_moderate(rest, extreme(rest)), squares + to_integer(cross, 2 * FINEST)


class WeightedMoments:
    """The mean of numbers with weights, in both conventions, and its standard error.

    Products are rounded once each, then summed exactly. Squares are taken about the mean of each piece and moved to
    zero in rational arithmetic, so that nothing cancels when pieces merge. A number of weight 0 does not count in any
    sum, even where it is infinite.

    Attributes:
        count: how many numbers.
        weights: Σw.
        total: Σwℓ.
    """

    __slots__ = ("_overflows", "_squared", "count", "total", "weights")

    def __init__(self) -> None:
        self.count, self._overflows = 0, False
        self.weights, self.total = ExactSum(), ExactSum()
        self._squared = (Fraction(0), Fraction(0), Fraction(0))  # Σw², Σw²ℓ, Σw²ℓ²

    def add(self, values: ArrayLike, weights: ArrayLike) -> None:
        """Adds numbers and their weights (≥ 0), of one shape.

        Raises:
            ValueError: the shapes differ.
        """
        numbers, given = flat(values), flat(weights)
        if numbers.size != given.size:
            raise ValueError(f"{numbers.size} values and {given.size} weights")
        self.count += numbers.size
        for piece in pieces(numbers.size):
            self._add_piece(numbers[piece], given[piece])

    def _add_piece(self, values: Array, weights: Array) -> None:
        with np.errstate(invalid="ignore", over="ignore"):
            products = np.multiply(values, weights)
        if not extreme(products) < math.inf:
            values = np.where(weights == 0, 0.0, values)
            with np.errstate(invalid="ignore", over="ignore"):
                products = np.multiply(values, weights)
        self.weights.add(weights)
        self.total.add(products)
        if not (self.total.is_finite and self.weights.is_finite):
            return  # there is no standard error any more
        weight = float(weights.sum())
        pivot = float(products.sum()) / weight if weight else 0.0
        if not math.isfinite(pivot):
            pivot = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.multiply(values - pivot, weights)
            parts = [float(np.sum(a * b)) for a, b in ((weights, weights), (weights, scaled), (scaled, scaled))]
        if not all(map(math.isfinite, parts)):
            parts, self._overflows = [0.0, 0.0, 0.0], True
        c, (squares, first, second) = Fraction(pivot), map(Fraction, parts)
        self._gain((squares, first + c * squares, second + c * (2 * first + c * squares)))

    def _gain(self, more: tuple[Fraction, Fraction, Fraction]) -> None:
        a, b, c = self._squared
        self._squared = (a + more[0], b + more[1], c + more[2])

    def merge(self, other: WeightedMoments) -> None:
        """Adds the numbers of other moments."""
        self.count += other.count
        self.weights.merge(other.weights)
        self.total.merge(other.total)
        self._overflows |= other._overflows
        self._gain(other._squared)

    @property
    def is_finite(self) -> bool:
        """Whether every weighted number was finite."""
        return self.weights.is_finite and self.total.is_finite

    @property
    def mean(self) -> float | None:
        """Σwℓ/Σw; None where no weight is positive; ∞ or nan where a number is."""
        if not self.is_finite:
            return self.total.value
        if not self.weights.integer:
            return None
        return to_float(self.total.integer, self.weights.integer)

    @property
    def mean_per_example(self) -> float | None:
        """Σwℓ/n; None of nothing."""
        return self.total.divided_by(self.count) if self.count else None

    @property
    def standard_error(self) -> float | None:
        """√(Σw²(ℓ − ℓ̄)²)/Σw; None of fewer than two, without weight, or where one is not finite."""
        if self.count < 2 or not self.is_finite or not self.weights.integer or self._overflows:
            return None
        squares, first, second = self._squared
        mean = Fraction(self.total.integer, self.weights.integer)
        about = max(second - mean * (2 * first - mean * squares), Fraction(0)) / self.weights.fraction**2
        return math.sqrt(to_float(about.numerator, about.denominator))

    @property
    def squares(self) -> float | None:
        """Σw²(ℓ − m)² about m = Σw²ℓ/Σw²; None as the standard error.

        Of numbers with √w for weights it is Σw of their squares about their weighted mean.
        """
        if not self.is_finite or not self._squared[0] or self._overflows:
            return None
        squares, first, second = self._squared
        about = max(second - first * first / squares, Fraction(0))
        return to_float(about.numerator, about.denominator)
