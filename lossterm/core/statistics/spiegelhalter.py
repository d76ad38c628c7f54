"""Spiegelhalter's test (1986): whether squared errors are what the predictions themselves say that they will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.statistics.chance import Deviation

if TYPE_CHECKING:
    from lossterm.core.packing import Packer


class SpiegelhalterSums:
    """Σw(y − p)(1 − 2p) and Σw²(1 − 2p)²p(1 − p), which merge.

    Attributes:
        sums: the two.
        largest: the largest weight.
    """

    def __init__(self) -> None:
        self.sums = ExactSum(), ExactSum()
        self.largest = 0.0

    def add(self, p: Array, y: Array, w: Array | None = None) -> None:
        """Add predictions of [0, 1], their labels and weights, ``(n,)`` each."""
        lean = 1.0 - 2.0 * p
        error = (y - p) * lean
        spread = lean * lean * (p * (1.0 - p))
        self.largest = max(self.largest, 1.0 if w is None else float(w.max(initial=0.0)))
        self.sums[0].add(error if w is None else w * error)
        self.sums[1].add(spread if w is None else w * w * spread)

    def merge(self, other: SpiegelhalterSums) -> None:
        """Add all that another has added."""
        self.largest = max(self.largest, other.largest)
        for mine, its in zip(self.sums, other.sums, strict=True):
            mine.merge(its)

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        self.largest = packer.real(self.largest)
        for part in self.sums:
            part.pack(packer)

    @property
    def deviation(self) -> Deviation:
        """The sum against what it would vary by; its z is the statistic, None where every prediction is 0, ½ or 1."""
        total, variance = (float(part.fraction) for part in self.sums)
        return Deviation(total, variance, self.largest)
