"""What of a K-class loss is nothing but rounding, where the prediction is its target."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from lossterm.core.lazy import np
from lossterm.core.softmax.evaluation import SoftmaxEvaluation
from lossterm.core.softmax.example import SoftmaxPoint

EPS = 2.0**-52

ROOM = 8 * EPS
"""How far a probability may be from its target by rounding, as a part of the two."""

SMALL = 1e3 * EPS**2
"""A loss below it, that is a square of such differences or of that order, is 0."""


@lru_cache(maxsize=8)  # of one point every loss asks, several times
def is_exact(point: SoftmaxPoint) -> bool:
    """Whether every probability is its target, but for rounding."""
    return bool(np.all(np.abs(np.ravel(point.residual)) <= ROOM * np.ravel(point.prediction.p + point.target.p)))


def denoised(point: SoftmaxPoint, evaluation: SoftmaxEvaluation) -> SoftmaxEvaluation:
    """An evaluation in which slopes, shares and values that are nothing but rounding are 0.

    JSON and CSV keep the numbers as they were computed.

    Args:
        point: where; one point, no batch.
        evaluation: the numbers there.
    """
    if not is_exact(point):
        return evaluation
    slopes = np.abs(np.ravel(evaluation.gradient)) * float(np.max(point.temperature))
    if np.all(slopes <= 8 * ROOM * np.ravel(point.prediction.p + point.target.p)):
        evaluation = replace(evaluation, gradient=np.zeros_like(evaluation.gradient))
    shares = evaluation.contributions
    if shares is not None:
        shares = np.where(np.abs(shares) <= SMALL, 0.0, shares)
    value = 0.0 if abs(evaluation.value) <= SMALL else evaluation.value
    return replace(evaluation, value=value, contributions=shares)
