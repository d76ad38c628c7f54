"""Spiegelhalter's test (1986): whether squared errors are what the predictions themselves say that they will be."""

from __future__ import annotations

from lossterm.core.exact import ExactSum, PairSums
from lossterm.core.jets import Array
from lossterm.core.statistics.calibration import two_parts
from lossterm.core.statistics.chance import Deviation


class SpiegelhalterSums:
    """Σw(y − p)(1 − 2p) and Σw²(1 − 2p)²p(1 − p), which merge."""

    def __init__(self) -> None:
        self._plain = PairSums((2,))
        self._weighted = ExactSum(), ExactSum()
        self._largest = 0.0

    def add(self, p: Array, y: Array, w: Array | None = None) -> None:
        """Add at most `lossterm.core.exact.PIECE` predictions of [0, 1], their labels and weights, ``(n,)`` each."""
        lean = 1.0 - 2.0 * p
        error = (y - p) * lean
        spread = lean * lean * (p * (1.0 - p))
        self._largest = max(self._largest, 1.0 if w is None else float(w.max(initial=0.0)))
        if w is None:
            for parts in zip(two_parts(error), two_parts(spread), strict=True):
                self._plain.add([float(part.sum()) for part in parts])
        else:
            self._weighted[0].add(w * error)
            self._weighted[1].add(w * w * spread)

    def merge(self, other: SpiegelhalterSums) -> None:
        """Add all that another has added."""
        self._plain.merge(other._plain)
        self._largest = max(self._largest, other._largest)
        for mine, its in zip(self._weighted, other._weighted, strict=True):
            mine.merge(its)

    @property
    def deviation(self) -> Deviation:
        """The sum against what it would vary by; its z is the statistic, None where every prediction is 0, ½ or 1."""
        plain, weighted = self._plain.fractions(), [part.fraction for part in self._weighted]
        total, variance = (float(a + b) for a, b in zip(plain, weighted, strict=True))
        return Deviation(total, variance, self._largest)
