"""Mean and standard error of numbers, weighted or not, from sums that merge without error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.core.exact import FINEST, ExactSum, extreme, flat, pieces, root, sum_of_products, sums_of_two, to_float
from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lossterm.core.packing import Packer


class Moments:
    """Count, sum and variance of numbers.

    The sum is exact, and so is the sum of squares: neither knows of the order of the numbers, nor of batches.
    """

    __slots__ = ("_squares", "count", "total")

    def __init__(self, values: ArrayLike = ()) -> None:
        self.count = 0
        self.total = ExactSum()
        self._squares = 0  # Σx² in units of 2^−2·FINEST
        self.add(values)

    def add(self, values: ArrayLike) -> None:
        """Adds numbers of any shape."""
        numbers = flat(values)
        self.count += numbers.size
        for piece in pieces(numbers.size):
            part = numbers[piece]
            if (top := extreme(part)) < math.inf:
                total, squares = sums_of_two(part, top)
                self.total.add_integer(total)
                self._squares += squares
            else:  # there is no variance
                self.total.add(part)

    def merge(self, other: Moments) -> None:
        """Adds the numbers of other moments."""
        self.count += other.count
        self.total.merge(other.total)
        self._squares += other._squares

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        self.count = packer.count(self.count)
        self.total.pack(packer)
        self._squares = packer.integer(self._squares if self.total.is_finite else 0)  # else there is no variance
        if self.total.is_finite and self.count * self._squares < self.total.integer**2:
            raise ValueError("a sum of squares is too small")

    @property
    def mean(self) -> float:
        """The mean, correctly rounded; nan of nothing."""
        return self.total.divided_by(self.count) if self.count else math.nan

    @property
    def standard_error(self) -> float | None:
        """Of the mean: the sample standard deviation over √n; None where the variance is."""
        return None if (above := self._above()) is None else root(above, self.count**2 * (self.count - 1) << 2 * FINEST)

    @property
    def variance(self) -> float | None:
        """The sample variance (ddof 1); None of fewer than two numbers or where one is not finite."""
        return (
            None if (above := self._above()) is None else to_float(above, self.count * (self.count - 1) << 2 * FINEST)
        )

    def _above(self) -> int | None:
        # nΣx² − (Σx)²
        if self.count < 2 or not self.total.is_finite:
            return None
        return self.count * self._squares - self.total.integer**2


class WeightedMoments:
    """The mean of numbers with weights, in both conventions, and its standard error.

    Products wℓ are rounded once each; their sum and their squares, those of the weights, and the products of the two
    are summed exactly. A number of weight 0 does not count in any sum, even where it is infinite.

    Attributes:
        count: how many numbers.
        weights: Σw.
        total: Σwℓ.
    """

    __slots__ = ("_squared", "count", "total", "weights")

    def __init__(self) -> None:
        self.count = 0
        self.weights, self.total = ExactSum(), ExactSum()
        self._squared = (0, 0, 0)  # Σw², Σw·wℓ, Σ(wℓ)² in units of 2^−2·FINEST

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
        self._gain(tuple(sum_of_products(*p) for p in ((weights, weights), (weights, products), (products, products))))

    def _gain(self, more: Sequence[int]) -> None:
        a, b, c = self._squared
        self._squared = (a + more[0], b + more[1], c + more[2])

    def merge(self, other: WeightedMoments) -> None:
        """Adds the numbers of other moments."""
        self.count += other.count
        self.weights.merge(other.weights)
        self.total.merge(other.total)
        self._gain(other._squared)

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        self.count = packer.count(self.count)
        self.weights.pack(packer)
        self.total.pack(packer)
        a, b, c = self._squared if self.is_finite else (0, 0, 0)
        self._squared = packer.integer(a), packer.integer(b), packer.integer(c)

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
        if self.count < 2 or not self.is_finite or not self.weights.integer:
            return None
        squares, first, second = self._squared
        w, t = self.weights.integer, self.total.integer
        # Σ(wℓ − ℓ̄w)²/(Σw)² with ℓ̄ = t/w
        above = max(second * w * w - 2 * t * w * first + t * t * squares, 0)
        return root(above, w**4)

    @property
    def squares(self) -> float | None:
        """Σw²(ℓ − m)² about m = Σw²ℓ/Σw²; None as the standard error.

        Of numbers with √w for weights it is Σw of their squares about their weighted mean.
        """
        squares, first, second = self._squared
        if not self.is_finite or not squares:
            return None
        return to_float(max(second * squares - first * first, 0), squares << 2 * FINEST)
