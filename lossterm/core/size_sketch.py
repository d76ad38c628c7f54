"""How concentrated a sum of sizes is, from a histogram that merges: for more rows than are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossterm.core.concentration import worst_count
from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINENESS = 7
"""Bits of the mantissa that a bin is told by: 128 bins to each doubling."""

_SHIFT = 52 - FINENESS


class SizeSketch:
    """Counts and sums of sizes in bins of their leading bits."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._sums: dict[int, float] = {}
        self.is_finite = True

    def add(self, sizes: Array) -> None:
        """Counts sizes ≥ 0, ``(n,)``; one that is ∞ or nan leaves no share at all."""
        if not sizes.size:
            return
        if not np.isfinite(sizes).all():
            self.is_finite = False
            return
        names, index = np.unique(sizes.view(np.int64) >> _SHIFT, return_inverse=True)
        counts, sums = np.bincount(index), np.bincount(index, sizes)
        for name, count, total in zip(names.tolist(), counts.tolist(), sums.tolist(), strict=True):
            self._counts[name] = self._counts.get(name, 0) + count
            self._sums[name] = self._sums.get(name, 0.0) + total

    def merge(self, other: SizeSketch) -> None:
        """Adds all that another has counted."""
        self.is_finite &= other.is_finite
        for name, count in other._counts.items():
            self._counts[name] = self._counts.get(name, 0) + count
            self._sums[name] = self._sums.get(name, 0.0) + other._sums[name]

    def share(self, fraction: float = 0.01) -> tuple[float, float] | None:
        """The share of the sum that the largest hold, and a bound of its error.

        Only the bin that the last of the largest falls into is not known row by row: of it the mean is taken.
        """
        total = sum(self._sums.values())
        if not self.is_finite or not total:
            return None
        left, held = worst_count(sum(self._counts.values()), fraction), 0.0
        for name in sorted(self._counts, reverse=True):
            count = self._counts[name]
            if count >= left:
                low, high = _ends(name)
                mean = self._sums[name] / count
                return (held + left * mean) / total, left * max(high - mean, mean - low) / total + 2.0**-45
            held += self._sums[name]
            left -= count
        return 1.0, 0.0


def _ends(name: int) -> tuple[float, float]:
    ends: NDArray[np.float64] = (np.array([name, name + 1], dtype=np.int64) << _SHIFT).view(np.float64)
    return float(ends[0]), float(ends[1])
