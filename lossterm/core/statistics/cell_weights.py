"""The weights of numbers that are counted in cells: Σw of each cell, exactly, whatever the batches.

Beside the ends of the cells it tells the order of weighted numbers: a quantile lies in the cell up to which the weights
reach it, so that half the width of the cell bounds its error.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from lossterm.core.exact import PIECE, ManySums, to_float
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.cells import FINENESS, MOST_OCTAVES, OCTAVES, PLACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.core.packing import Packer


class CellWeights:
    """Sums of weights by the cell of a number. Only exponents that occur have room."""

    def __init__(self) -> None:
        self._sums: dict[int, ManySums] = {}

    def add(self, numbers: Array, weights: Array) -> None:
        """Add the weights of numbers, ±∞ too, ``(n,)`` each."""
        for start in range(0, len(numbers), PIECE):
            part = slice(start, start + PIECE)
            octave, step = _cell_of(numbers[part])
            for each in np.unique(octave).tolist():
                here = np.flatnonzero(octave == each)
                self._of(each).count(step[here], weights[part][here])

    def _of(self, octave: int) -> ManySums:
        if octave not in self._sums:
            self._sums[octave] = ManySums((1 << FINENESS,))
        return self._sums[octave]

    def merge(self, other: CellWeights) -> None:
        """Add all that another has added."""
        for octave, sums in other._sums.items():
            self._of(octave).merge(sums)

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        octaves = packer.document(sorted(self._sums))
        known = isinstance(octaves, list) and all(octave in range(OCTAVES) for octave in octaves)
        if not known or len(set(octaves)) < len(octaves) or len(octaves) > MOST_OCTAVES:
            raise ValueError("its weights are in no cells")
        for octave in octaves:
            self._of(octave).pack(packer)
            if packer.reads and min(self._sums[octave].integers()) < 0:
                raise ValueError("a weight of it is below 0")

    def up_to(self, low: Array) -> Array:
        """The part of Σw that is in each of some cells and those before it; zeros where there is no weight.

        Args:
            low: a number of each cell, ascending, ``(m,)``.
        """
        octave, step = _cell_of(low)
        sums = {each: self._of(each).integers() for each in np.unique(octave).tolist()}
        mass = list(accumulate(sums[o][s] for o, s in zip(octave.tolist(), step.tolist(), strict=True)))
        whole = mass[-1] if mass else 0
        return np.array([to_float(each, whole) for each in mass]) if whole else np.zeros(len(mass))


def _cell_of(numbers: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # sign and exponent, and the place of the cell among those of them
    at = (numbers + 0.0).view(np.int64) >> PLACE  # −0 is 0
    return (at >> FINENESS) & (OCTAVES - 1), at & ((1 << FINENESS) - 1)
