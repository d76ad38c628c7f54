"""Decisions at every threshold: the ROC curve, precision against recall, and the net benefit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import logistic
from lossterm.core.statistics.cells import Occupied
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.ranking import Confusion, Ranked
from lossterm.core.statistics.weighted import WeightedRanked

MOST = 4096
"""Thresholds of a curve at most: of more predictions those of even ranks, whose decisions are exact all the same."""

NO_POSITIVE = "no label is 1"

Order: TypeAlias = Ranked | WeightedRanked | Occupied
"""What is known of the order of predictions: all of them, with weights or without, or counts of logits in cells."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """The decisions at ascending thresholds: a prediction above one counts as class 1.

    Attributes:
        threshold: −∞ first, where all are, ``(k,)``.
        true_positive: examples of label 1 above each, with weights Σw.
        false_positive: examples of label 0 above each.
        positives: how many have label 1.
        negatives: how many have label 0.
    """

    threshold: Array
    true_positive: Array
    false_positive: Array
    positives: float
    negatives: float

    @property
    def recall(self) -> Array:
        """TP/P, the sensitivity; nan without label 1."""
        return _over(self.true_positive, self.positives)

    @property
    def fall_out(self) -> Array:
        """FP/N, 1 − specificity; nan without label 0."""
        return _over(self.false_positive, self.negatives)

    @property
    def precision(self) -> Array:
        """TP/(TP + FP); nan where nothing is decided 1."""
        return _over(self.true_positive, self.true_positive + self.false_positive)

    def confusion(self, index: int) -> Confusion:
        """The decisions at one of the thresholds."""
        hits, false = float(self.true_positive[index]), float(self.false_positive[index])
        return Confusion(hits, false, self.negatives - false, self.positives - hits)


def _over(part: Array, whole: Array | float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(np.asarray(whole) > 0, part / whole, np.nan)
    return found


def above(order: Order, threshold: Array) -> tuple[Array, Array]:
    """How many of label 1 and of label 0 are above each threshold; of cells those whose mean is."""
    sides = []
    for values, below in _sides(order):
        sides.append(below[-1] - below[values.searchsorted(threshold, side="right")])
    return sides[0], sides[1]


def totals(order: Order) -> tuple[float, float]:
    """How many have label 1 and label 0, with weights Σw."""
    (_, ones), (_, zeros) = _sides(order)
    return float(ones[-1]), float(zeros[-1])


def _sides(order: Order) -> list[tuple[Array, Array]]:
    # of label 1 and 0: the values in ascending order, and how many are before each
    if isinstance(order, WeightedRanked):
        return order.sides
    if isinstance(order, Ranked):
        return [(values, np.arange(values.size + 1.0)) for values in (order.positives, order.negatives)]
    parts = [order.of(order.label == label) for label in (1, 0)]
    return [(logistic(part.mean), np.concatenate([[0.0], np.cumsum(part.count)])) for part in parts]


def decisions(order: Order) -> Decisions:
    """The decisions at every prediction that there is, or at `MOST` of them."""
    sides = _sides(order)
    chosen = []
    for values, _ in sides:
        if values.size:
            chosen.append(values[np.unique(np.linspace(0, values.size - 1, min(MOST // 2, values.size)).astype(int))])
    threshold = np.concatenate([[-np.inf], np.unique(np.concatenate(chosen))]) if chosen else np.array([-np.inf])
    hits, false = above(order, threshold)
    return Decisions(threshold, hits, false, *totals(order))


def net_benefit(hits: Array, false: Array, rows: float, threshold: Array) -> Array:
    """TP/n − FP/n·θ/(1 − θ) (Vickers and Elkin, 2006); at θ = 1 −∞ where anything is decided 1, else 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = np.where(false > 0, false / rows * (threshold / (1.0 - threshold)), 0.0)
    return hits / rows - cost


def average_precision(order: Ranked | WeightedRanked) -> Estimate:
    """Σ(R_k − R_{k−1})·P_k over the distinct predictions from the highest, as scikit-learn has it."""
    (values, ones), (others, zeros) = _sides(order)
    if not ones[-1]:
        return Estimate(None, reason=NO_POSITIVE)
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    hits = ones[-1] - ones[first]
    share = np.diff(np.append(ones[first], ones[-1])) / ones[-1]
    false = zeros[-1] - zeros[others.searchsorted(values[first])]
    held = share > 0
    return Estimate(float((share[held] * (hits[held] / (hits[held] + false[held]))).sum()))
