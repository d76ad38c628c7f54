"""What the numbers of a K-class loss mean, in a few words computed from them."""

from __future__ import annotations

import math

from lossterm.core.information import Distribution
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.softmax import SoftmaxPoint
from lossterm.core.softmax_evaluation import SoftmaxEvaluation
from lossterm.core.softmax_losses import SoftmaxLoss
from lossterm.core.verdict import CLOSE, CONFIDENT, EXACT, OFF, SATURATED

ROUNDING = 1e-6
"""A slope below this share of the largest does not count as a push."""


def softmax_verdict(loss: SoftmaxLoss, point: SoftmaxPoint, evaluation: SoftmaxEvaluation | None) -> str:
    """A few words on a loss at a point.

    Args:
        loss: the loss.
        point: where; one point, no batch.
        evaluation: the numbers there; None where the loss does not take the target.

    Returns:
        Words joined by commas, the most telling first; empty when there is nothing to say.
    """
    if evaluation is None:
        return "undefined: the target is no class" if loss.hard_only else "undefined"
    if math.isinf(evaluation.value):
        return "infinite: p = 0 where t > 0"
    if math.isnan(evaluation.value) or np.isnan(evaluation.gradient).any():
        return "undefined"
    target = point.teacher if loss.id == "distillation" else point.target
    gap = point.residual if target is point.target else point.prediction.minus(target)
    off, size = _length(gap), float(np.abs(evaluation.gradient).max())
    slope = _length(evaluation.gradient) * float(np.max(point.temperature))
    words: list[str] = []
    if size == 0:
        words.append("no slope" if off > OFF else "at the minimum" if off <= EXACT else "")
    elif off <= EXACT:
        words.append("at the minimum")
    elif off < CLOSE:
        words.append("p almost the target")
    elif off > OFF and slope < SATURATED * min(1.0, off):
        words.append("saturated")
    else:
        words.append(_side(point.prediction, target))
    words.append(_misled(gap, evaluation.gradient, size))
    return ", ".join(word for word in words if word)


def _length(vector: Array) -> float:
    return float(np.hypot.reduce(np.ravel(vector)))


def _side(prediction: Distribution, target: Distribution) -> str:
    order = np.sort(target.p)
    if order[-1] == order[-2]:
        return ""
    top = int(np.argmax(prediction.p))
    right = top == int(np.argmax(target.p))
    confident = "confidently " if prediction.p[top] > CONFIDENT else ""
    return confident + ("right" if right else "wrong")


def _misled(gap: Array, gradient: Array, size: float) -> str:
    # the class that descent moves furthest away from its target
    against = np.where(np.sign(gap) * np.sign(gradient) < 0, np.abs(gradient), 0.0)
    k = int(np.argmax(against))
    if not against[k] > ROUNDING * size or abs(gap[k]) <= EXACT:
        return ""
    return f"pushes class {k} {'up' if gradient[k] < 0 else 'down'}"
