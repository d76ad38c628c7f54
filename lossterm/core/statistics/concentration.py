"""How concentrated a sum is: what share of Σ|∂L/∂z| the worst examples hold."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from lossterm.core.exact import ExactSum, flat
from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SAMPLE = 4096
"""Sizes looked at to guess how large the worst are."""


def worst_count(count: int, fraction: float) -> int:
    """⌈fraction·n⌉, the fraction taken as the decimal number it is written as: .01 of 100 is 1.

    Raises:
        ValueError: the fraction is not in [0, 1].
    """
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction is in [0, 1]")
    return math.ceil(Fraction(repr(float(fraction))) * count)


def share(sizes: ArrayLike, fraction: float = 0.01) -> float | None:
    """What share of the sum the largest hold.

    Args:
        sizes: ≥ 0, of any shape.
        fraction: how many of them, ⌈fraction·n⌉.

    Returns:
        The share, correctly rounded; None where the sum is 0 or a size is ∞ or nan.
    """
    values = flat(sizes)
    total = ExactSum(values)
    if not total.is_finite or not total.integer:
        return None
    return float(ExactSum(_largest(values, worst_count(values.size, fraction))).fraction / total.fraction)


def _largest(values: Array, count: int) -> Array:
    """The ``count`` largest, in no order."""
    if not count:
        return values[:0]
    if values.size > 16 * SAMPLE:  # most are smaller than a guessed bound: they need not be partitioned
        sample = np.sort(values[:: values.size // SAMPLE])
        bound = sample[max(sample.size - 1 - 2 * -(-count * sample.size // values.size) - 16, 0)]
        above = values[values > bound]
        if above.size >= count:
            values = above
    return np.partition(values, values.size - count)[values.size - count :]
