"""How far a frequency that was counted may be from the one behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NORMAL_95 = 1.959963984540054
"""The quantile .975 of the standard normal distribution: 95 % of it are within so many deviations."""


def wilson(ones: ArrayLike, count: ArrayLike, z: float = NORMAL_95) -> tuple[Array, Array]:
    """The interval of a frequency (Wilson, 1927): (k + z²/2 ± z√(k(n − k)/n + z²/4))/(n + z²).

    Args:
        ones: k, how many of them are 1; need not be whole (weights, soft labels).
        count: n, above 0.
        z: its half width in standard deviations; 95 % where nothing is said.

    Returns:
        The lower and the upper end, within [0, 1] and of the shape of both; nan where n is 0.
    """
    k, n = np.asarray(ones, dtype=np.float64), np.asarray(count, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = k + z * z / 2.0
        half = z * np.sqrt(np.maximum(k * (n - k) / n, 0.0) + z * z / 4.0)
        low, high = (middle - half) / (n + z * z), (middle + half) / (n + z * z)
    # at k = 0 and k = n the ends are 0 and 1 exactly, which the difference of two roots need not be
    low, high = np.where(k <= 0, 0.0, np.maximum(low, 0.0)), np.where(k >= n, 1.0, np.minimum(high, 1.0))
    known = n > 0
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
