"""The Murphy diagram: the mean elementary score at every ratio of costs (Ehm, Gneiting, Jordan and Krüger, 2016).

Where acting costs θ and not acting on what happens 1 − θ, a decision by p > θ costs S_θ: 1 − θ for a label 1 with
p ≤ θ, θ for a label 0 with p > θ. Every proper score is a weighted mean of these: Brier 2∫S dθ, the log loss
∫S/(θ(1 − θ)) dθ. Who has the lower curve everywhere is better for every cost.
"""

from __future__ import annotations

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.deciding import Order, above, totals


def mean_scores(theta: Array, missed: Array, false: Array, rows: float) -> Array:
    """The mean of S_θ of decisions; nan of nothing.

    Args:
        theta: the thresholds in [0, 1], ``(k,)``.
        missed: how many of label 1 are not above each, ``(k,)``.
        false: how many of label 0 are above each, ``(k,)``.
        rows: how many examples there are.
    """
    with np.errstate(invalid="ignore"):
        scores: Array = ((1.0 - theta) * missed + theta * false) / np.float64(rows)
    return scores


def elementary_scores(order: Order, theta: Array) -> Array:
    """The mean of S_θ over the examples, ``(k,)``; nan of nothing.

    Args:
        order: the predictions.
        theta: the thresholds in [0, 1], ``(k,)``.
    """
    hits, false = above(order, theta)
    positives, negatives = totals(order)
    return mean_scores(theta, positives - hits, false, positives + negatives)


def constant_scores(rate: float, theta: Array) -> Array:
    """The same of always saying one probability that is the base rate: no order costs less at its own threshold."""
    return np.where(theta < rate, theta * (1.0 - rate), (1.0 - theta) * rate)


def step_scores(value: Array, weight: Array, ones: Array, theta: Array) -> Array:
    """The same of recalibrated predictions: ``weight`` examples, ``ones`` of them of label 1, at each rising value."""
    before = np.concatenate([[0.0], np.cumsum(ones)]), np.concatenate([[0.0], np.cumsum(weight - ones)])
    at = value.searchsorted(theta, side="right")
    missed, false = before[0][at], before[1][-1] - before[1][at]
    return mean_scores(theta, missed, false, float(weight.sum()))
