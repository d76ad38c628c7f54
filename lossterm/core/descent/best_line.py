"""The best balanced accuracy that any line in the plane reaches on two classes, whatever it was fitted by."""

from __future__ import annotations

import numpy as np

from lossterm.core.descent.problems import FittingProblem

_EXACT = 1000
"""Examples up to which every line is tried."""


def best_balanced_accuracy(problem: FittingProblem) -> float:
    """The largest balanced accuracy of any line through the plane of a problem of two classes.

    A line can be moved, without any example changing sides, until it passes through one. So a line is turned about
    each example: where it meets another one that changes sides, and the example turned about may be on either. Sorting
    the angles makes this O(n² log n). Of more than 1,000 examples it is turned about every few of them: the result is
    then that of a line which exists, and the best to about a part in a thousand.

    Args:
        problem: with two features and a bias.

    Returns:
        The mean of the two classes' shares of right decisions; nan for a problem of another kind.
    """
    if not problem.is_classification or problem.has_one_weight:
        return float("nan")
    points, ones = problem.features[:, :2], problem.labels == 1
    # an example on the positive side adds so much to (share of ones there − share of zeros there)
    worth = np.where(ones, 1 / max(int(ones.sum()), 1), -1 / max(int((~ones).sum()), 1))
    best = 0.0
    for i in range(0, len(points), -(-len(points) // _EXACT)):
        apart, others = np.delete(points - points[i], i, axis=0), np.delete(worth, i)
        upper = (apart[:, 1] > 0) | ((apart[:, 1] == 0) & (apart[:, 0] > 0))
        order = np.argsort(np.arctan2(apart[:, 1], apart[:, 0]) % np.pi)
        passed = np.cumsum(np.where(upper, -others, others)[order])
        side = float(others[upper].sum()) + np.concatenate([[0.0], passed])
        best = max(best, float(np.abs(side).max()), float(np.abs(side + worth[i]).max()))
    return 0.5 + 0.5 * best
