"""The standard error of the area under the ROC curve (DeLong, DeLong and Clarke-Pearson, 1988), by ranks.

A positive is placed at the share of negatives below it (ties ½), a negative at the share of positives above it. The
variance is that of the places of the P positives over P and of those of the N negatives over N, each with n − 1.
"""

from __future__ import annotations

import math

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import logistic
from lossterm.core.statistics.cells import Occupied
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.ranking import Ranked

FEW = "an error of the AUROC takes two examples of each class"


def places(ranked: Ranked) -> tuple[Array, Array]:
    """Where each positive is among the negatives, ``(P,)``, and each negative among the positives, ``(N,)``."""
    positives, negatives = ranked.positives, ranked.negatives
    below = negatives.searchsorted(positives) + negatives.searchsorted(positives, side="right")
    above = 2 * positives.size - positives.searchsorted(negatives) - positives.searchsorted(negatives, side="right")
    return below / (2.0 * max(negatives.size, 1)), above / (2.0 * max(positives.size, 1))


def standard_error(ranked: Ranked) -> Estimate:
    """DeLong's standard error of the AUROC of ranked predictions; none of fewer than two of a class."""
    if min(ranked.positives.size, ranked.negatives.size) < 2:
        return Estimate(None, reason=FEW)
    return Estimate(math.sqrt(sum(float(np.var(v, ddof=1)) / v.size for v in places(ranked))))


def standard_error_of_cells(cells: Occupied) -> Estimate:
    """The same of counts in cells, with a bound of its error.

    A place is known up to the pairs within a cell. A standard deviation is a norm: it differs from that of the middles
    by no more than the root mean square of what each place may be off.
    """
    ones, zeros = cells.of(cells.label == 1), cells.of(cells.label == 0)
    if min(ones.rows, zeros.rows) < 2:
        return Estimate(None, reason=FEW)
    variance = off = 0.0
    for these, others in ((ones, zeros), (zeros, ones)):
        low, high = (_shares_below(logistic(end), others) for end in (these.low, these.high))
        middle, half = (low[0] + high[1]) / 2.0, (high[1] - low[0]) / 2.0
        n, count = float(these.rows), these.count
        mean = float((count * middle).sum()) / n
        variance += float((count * (middle - mean) ** 2).sum()) / (n - 1.0) / n
        off += float((count * half**2).sum()) / (n - 1.0) / n
    return Estimate(math.sqrt(variance), math.sqrt(off))


def _shares_below(p: Array, others: Occupied) -> tuple[Array, Array]:
    # the least and the largest share of the others that is below predictions, ties ½
    total = 2.0 * others.rows
    found = []
    for end in (logistic(others.high), logistic(others.low)):
        below = np.concatenate([[0.0], np.cumsum(others.count)])
        found.append((below[end.searchsorted(p)] + below[end.searchsorted(p, side="right")]) / total)
    return found[0], found[1]
