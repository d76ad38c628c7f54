"""The figures of examples with weights: counts are Σw, means Σwx/Σw, the area under the ROC curve over pairs w·w′."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lossterm.core.exact import PIECE, ExactSum, ManySums
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.calibration import Binning, Reliability
from lossterm.core.statistics.platt import CERTAIN_RISING, Platt, platt_of
from lossterm.core.statistics.ranking import Confusion
from lossterm.core.statistics.temperature import WRONG_CERTAINTY, Temperature, Weighted, temperature_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lossterm.core.packing import Packer

NOTHING = "every weight is 0"


class WeightedBins:
    """Sums of weights, predictions and labels by bin, which merge.

    Args:
        edges: of the bins, ascending.

    Attributes:
        largest: the largest weight.
        sums: Σw, Σwp, Σwy, Σw²p(1 − p), Σw(p − y)², Σw², of each bin.
    """

    def __init__(self, edges: ArrayLike) -> None:
        self.binning = Binning(edges)
        self.largest = 0.0
        self.sums = [ManySums((self.binning.bins,)) for _ in range(6)]

    def add(self, p: Array, y: Array, w: Array) -> None:
        """Add predictions of [0, 1], their labels and weights, ``(n,)`` each."""
        place = self.binning(p)
        self.largest = max(self.largest, float(w.max(initial=0.0)))
        columns = (w, w * p, w * y, w * w * p * (1.0 - p), w * (p - y) ** 2, w * w)
        for start in range(0, len(p), PIECE):
            part = slice(start, start + PIECE)
            for sums, column in zip(self.sums, columns, strict=True):
                sums.count(place[part], column[part])

    def merge(self, other: WeightedBins) -> None:
        """Add all that another has added, over the same edges."""
        for mine, its in zip(self.sums, other.sums, strict=True):
            mine.merge(its)
        self.largest = max(self.largest, other.largest)

    def pack(self, packer: Packer) -> None:
        """Give or take all but the edges."""
        self.largest = packer.real(self.largest)
        for part in self.sums:
            part.pack(packer)

    @property
    def reliability(self) -> Reliability:
        """The reliability, in which the count of a bin is Σw; bins without weight are left out."""
        bins, edges = self.binning.bins, self.binning.edges
        w, wp, wy, spread, error, squares = (part.fractions() for part in self.sums)
        held = [b for b in range(bins) if w[b] > 0]
        total = sum((w[b] for b in held), start=type(w[0])(0))

        def of(values: list[float]) -> Array:
            return np.array(values, dtype=np.float64)

        return Reliability(
            edges[held],
            edges[[b + 1 for b in held]],
            of([float(w[b]) for b in held]),
            of([float(wp[b] / w[b]) for b in held]),
            of([float(wy[b] / w[b]) for b in held]),
            of([float((wp[b] - wy[b]) / w[b]) for b in held]),
            float(sum((error[b] for b in held), start=type(total)(0)) / total) if held else math.nan,
            None,
            spread=of([max(float(spread[b]), 0.0) for b in held]),
            effective=of([float(w[b] ** 2 / squares[b]) if squares[b] > 0 else float(w[b]) for b in held]),
            largest=self.largest,
        )


class WeightedCounts:
    """Σw of examples by label and decision, ``(K, K)``, which merges.

    Attributes:
        sums: Σw.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.sums = ManySums((classes * classes,))

    def add(self, label: NDArray[np.intp], decided: NDArray[np.intp], w: Array) -> None:
        """Add examples by the index of their label and of what was decided."""
        place = label * self.classes + decided
        for start in range(0, len(w), PIECE):
            part = slice(start, start + PIECE)
            self.sums.count(place[part], w[part])

    def merge(self, other: WeightedCounts) -> None:
        """Add all that another has added."""
        self.sums.merge(other.sums)

    @property
    def matrix(self) -> Array:
        """A row a label, a column a decision."""
        found = np.array([float(x) for x in self.sums.fractions()], dtype=np.float64)
        return found.reshape(self.classes, self.classes)


@dataclass
class WeightedSums:
    """What is counted of examples with weights, beside what is counted of each as one.

    Attributes:
        bins: over the reliability's bins of equal width; None for plain values.
        counts: by label and decision.
        labels: Σwy.
    """

    bins: WeightedBins | None
    counts: WeightedCounts
    labels: ExactSum

    @classmethod
    def of(cls, edges: Array | None, classes: int) -> WeightedSums:
        """Nothing yet."""
        return cls(None if edges is None else WeightedBins(edges), WeightedCounts(classes), ExactSum())

    def merge(self, other: WeightedSums) -> None:
        """Add what another part counted."""
        if self.bins is not None and other.bins is not None:
            self.bins.merge(other.bins)
        self.counts.merge(other.counts)
        self.labels.merge(other.labels)

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        if self.bins is not None:
            self.bins.pack(packer)
        self.counts.sums.pack(packer)
        self.labels.pack(packer)


def confusion_of(matrix: Array) -> Confusion:
    """The decisions of two classes, in which Σw takes the place of a count."""
    (true_negative, false_positive), (false_negative, true_positive) = matrix.tolist()
    return Confusion(true_positive, false_positive, true_negative, false_negative)


class WeightedRanked:
    """Predictions of two classes with weights, in order.

    Args:
        prediction: probabilities, ``(n,)``.
        label: 0 or 1.
        weight: at least 0.
    """

    def __init__(self, prediction: Array, label: Array, weight: Array) -> None:
        order = np.argsort(prediction, kind="stable")
        p, w = prediction[order], weight[order]
        ones = label[order] == 1
        self._values = p[ones], p[~ones]
        self._below = [np.concatenate([[0.0], np.cumsum(part)]) for part in (w[ones], w[~ones])]

    @property
    def sides(self) -> list[tuple[Array, Array]]:
        """Of label 1 and of label 0 the predictions in ascending order, and Σw of those before each."""
        return list(zip(self._values, self._below, strict=True))

    @cached_property
    def auroc(self) -> float | None:
        """Σ w·w′ of the pairs that are ranked right, ties ½, over all pairs; None where one class has no weight."""
        positives, negatives = self._values
        total = float(self._below[0][-1]) * float(self._below[1][-1])
        if not total:
            return None
        twice = sum(self._below[1][negatives.searchsorted(positives, side=side)] for side in ("left", "right"))
        return float((np.diff(self._below[0]) * twice).sum()) / (2.0 * total)

    def confusion(self, threshold: float) -> Confusion:
        """Σw of the decisions where a prediction above the threshold counts as class 1."""
        (missed, positives), (kept, negatives) = (
            (float(below[values.searchsorted(threshold, side="right")]), float(below[-1]))
            for values, below in zip(self._values, self._below, strict=True)
        )
        return Confusion(positives - missed, negatives - kept, kept, missed)


def weighted_temperature(logit: Array, label: Array, weight: Array) -> Temperature:
    """The T that minimises Σw of the log loss of σ(z/T); soft labels too."""
    z, y, w, wrong = _finite(logit, label, weight)
    if wrong:
        return Temperature(None, WRONG_CERTAINTY)
    soft = (y > 0) & (y < 1)
    if soft.any():  # a soft label is two rows that share it
        return temperature_of(Weighted(np.concatenate([z, -z]), np.concatenate([w * y, w * (1.0 - y)])))
    return temperature_of(Weighted((2.0 * y - 1.0) * z, w))


def weighted_platt(logit: Array, label: Array, weight: Array) -> Platt:
    """The a and b that minimise Σw of the log loss of σ(az + b); labels are 0 or 1."""
    z, y, w, wrong = _finite(logit, label, weight)
    if wrong:
        return Platt(None, None, WRONG_CERTAINTY)
    ones = y == 1
    found = platt_of(Weighted(z[ones], w[ones]), Weighted(z[~ones], w[~ones]))
    if found.a is not None and found.a <= 0 and len(z) < np.count_nonzero(weight):
        return Platt(None, None, CERTAIN_RISING)
    return found


def _finite(logit: Array, label: Array, weight: Array) -> tuple[Array, Array, Array, bool]:
    # the examples of finite logits that have weight, and whether an infinite one is on the other side than its label
    held = weight > 0
    finite = np.isfinite(logit)
    certain = held & ~finite
    kept = held & finite
    return logit[kept], label[kept], weight[kept], bool(np.any(label[certain] != (logit[certain] > 0)))
