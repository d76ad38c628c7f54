"""The order of predictions of which only counts in cells are known: what it tells of a ranking, and within what bounds.

All pairs within a cell are ranked wrong, or right, but where they are equal: so every figure here has two ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.areas import FEW
from lossterm.core.statistics.cells import Cells
from lossterm.core.statistics.deciding import NO_POSITIVE
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.ranking import twice_below


@dataclass(frozen=True, eq=False)
class Side:
    """The cells of one label in ascending order.

    Attributes:
        low: the least prediction of each, ``(m,)``.
        high: the largest.
        count: how many there are, as doubles.
    """

    low: Array
    high: Array
    count: Array

    @cached_property
    def rows(self) -> int:
        """How many predictions there are in all cells."""
        return int(self.count.sum())


@dataclass(frozen=True, eq=False)
class CellOrder:
    """The predictions of both labels, counted in cells.

    Attributes:
        ones: of label 1.
        zeros: of label 0.
    """

    ones: Side
    zeros: Side

    @cached_property
    def _places(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        # the least and the most of the other label that are below each cell, twice, ties once
        ones, zeros = self.ones, self.zeros
        least, most_of_zeros = twice_below(ones.low, zeros.high, ones.count, zeros.count)
        most, least_of_zeros = twice_below(ones.high, zeros.low, ones.count, zeros.count)
        return (least, most), (least_of_zeros, most_of_zeros)

    @cached_property
    def auroc(self) -> tuple[float, float] | None:
        """The area under the ROC curve, ties ½, and a bound of its error; None where there is one label only."""
        pairs = 2.0 * self.ones.rows * self.zeros.rows
        if not pairs:
            return None
        least, most = (float((self.ones.count * twice).sum()) / pairs for twice in self._places[0])
        return (least + most) / 2, (most - least) / 2

    @cached_property
    def auroc_standard_error(self) -> Estimate:
        """DeLong's standard error of it, with a bound of its error; none of fewer than two of a label.

        A place is known up to the pairs within a cell. A standard deviation is a norm: it differs from that of the
        middles by no more than the root mean square of what each place may be off.
        """
        if min(self.ones.rows, self.zeros.rows) < 2:
            return Estimate(None, reason=FEW)
        variance = off = 0.0
        sides = ((self.ones, self.zeros.rows), (self.zeros, self.ones.rows))
        for (side, others), (least, most) in zip(sides, self._places, strict=True):
            middle, half = (least + most) / (4.0 * others), (most - least) / (4.0 * others)
            n = float(side.rows)
            middle -= float((side.count * middle).sum()) / n
            variance += float((side.count * middle**2).sum()) / (n - 1.0) / n
            off += float((side.count * half**2).sum()) / (n - 1.0) / n
        return Estimate(math.sqrt(variance), math.sqrt(off))

    @cached_property
    def average_precision(self) -> Estimate:
        """Σ(R_k − R_{k−1})·P_k, with a bound of its error: within a cell the positives may be above all negatives."""
        if not self.ones.rows:
            return Estimate(None, reason=NO_POSITIVE)
        low, high = (
            np.concatenate(ends) for ends in ((self.ones.low, self.zeros.low), (self.ones.high, self.zeros.high))
        )
        # cells side by side that have a prediction in common, as σ rounds, are one
        order = np.argsort(low, kind="stable")
        low, high = low[order], high[order]
        starts = np.flatnonzero(np.concatenate([[True], low[1:] > np.maximum.accumulate(high)[:-1]]))
        count, is_one = np.concatenate([self.ones.count, self.zeros.count])[order], order < len(self.ones.count)
        tied = low[starts] == np.maximum.reduceat(high, starts)
        both, p = np.add.reduceat(count, starts), np.add.reduceat(count * is_one, starts)
        q = both - p
        above_p, above_q = (part.sum() - np.cumsum(part) for part in (p, q))
        held = p > 0
        p, q, above_p, above_q, tied = p[held], q[held], above_p[held], above_q[held], tied[held]
        total, together = p.sum(), (above_p + p) / (above_p + p + above_q + q)
        best = np.where(tied, together, (above_p + p) / (above_p + p + above_q))
        # the i-th of p positives has i − 1 of them above it and at most all q negatives: the mean is no less than this
        middle = above_p + (p + 1.0) / 2.0
        chord = ((above_p + 1.0) / (above_p + 1.0 + above_q + q) + together) / 2.0
        worst = np.where(tied, together, np.minimum(chord, middle / (middle + above_q + q)))
        least, most = float((p * worst).sum() / total), float((p * best).sum() / total)
        return Estimate((least + most) / 2.0, (most - least) / 2.0)


def order_of(cells: Cells) -> CellOrder:
    """The order of σ of the numbers that were counted."""
    zeros, ones = (Side(*side) for side in cells.sides())
    return CellOrder(ones, zeros)
