"""Whether what was found may be chance: sums of deviations that are 0 on average where predictions are calibrated."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """A sum of independent terms whose mean is 0 if the predictions are calibrated.

    Attributes:
        total: the sum.
        variance: of it, if they are.
        largest: no term is larger than this.
    """

    total: float
    variance: float
    largest: float = 1.0

    @property
    def z(self) -> float | None:
        """The sum in standard deviations; None where nothing varies."""
        return self.total / math.sqrt(self.variance) if self.variance > 0 else None

    @property
    def bound(self) -> float:
        """At most how often a calibrated model would show as large a sum, of either sign, however few the terms are.

        By Bernstein's inequality, 2·exp(−t²/2/(V + Mt/3)): a normal approximation would promise too much of few rows,
        and of rare events.
        """
        size = abs(self.total)
        if not size:
            return 1.0
        spread = self.variance + self.largest * size / 3.0
        return min(1.0, 2.0 * math.exp(-size * size / 2.0 / spread)) if spread > 0 else 0.0
