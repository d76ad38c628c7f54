"""What the numbers of a K-class loss mean, in a few words computed from them."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.verdict import CLOSE, CONFIDENT, EXACT, OFF, SATURATED
from lossterm.core.softmax.evaluation import SoftmaxEvaluation
from lossterm.core.softmax.example import SoftmaxPoint, softmax
from lossterm.core.softmax.formulas import SoftmaxLoss, SoftmaxParams
from lossterm.core.softmax.information import Distribution

SURER = 1.05
"""By what logits are scaled to see whether a surer prediction has a smaller gradient."""

LOST = 60.0
"""How far below the others the logit of a class is that has no part in a contest of two."""

ROUNDING = 1e-6
"""A slope below this share of the largest does not count as a push."""


def softmax_verdict(
    loss: SoftmaxLoss, params: SoftmaxParams, point: SoftmaxPoint, evaluation: SoftmaxEvaluation | None
) -> str:
    """A few words on a loss at a point.

    Args:
        loss: the loss.
        params: all its parameters.
        point: where; one point, no batch.
        evaluation: the numbers there; None where the loss does not take the target.

    Returns:
        Words joined by commas, the most telling first; empty when there is nothing to say.
    """
    if evaluation is None:
        return "undefined: the target is no class" if loss.hard_only else "undefined"
    why = loss.logits_problem(point)
    if why:
        return f"undefined: {why.partition(': ')[2]}"
    if math.isinf(evaluation.value):
        return "infinite: p = 0 where t > 0"
    if math.isnan(evaluation.value) or np.isnan(evaluation.gradient).any():
        return "undefined"
    if np.all(np.equal(point.weight, 0)):
        return "no slope: its class has weight 0"
    if loss.reads == "cosines":
        return _of_cosines(loss, params, point, evaluation)
    target = point.teacher if loss.id == "distillation" else point.target
    gap = point.residual if target is point.target else point.prediction.minus(target)
    off, size = _length(gap), float(np.abs(evaluation.gradient).max())
    slope = _length(evaluation.gradient) * float(np.max(point.temperature))
    words: list[str] = []
    if size == 0:
        words.append("no slope" if off > OFF else "at the minimum" if off <= EXACT else "")
    elif off <= EXACT:
        drawn = loss.reads == "scores" and size > EXACT
        words.append("p is its target; all logits are drawn to LSE = 0" if drawn else "at the minimum")
    elif off < CLOSE:
        words.append("p almost the target")
    elif off > OFF and _is_saturated(loss, params, point, slope):
        words.append("saturated")
    else:
        words.append(_side(point.prediction, target))
    if loss.id != "rps":  # of ordered classes one that is nearer to the target is rightly raised
        words.append(_misled(gap, evaluation.gradient, size))
    return ", ".join(word for word in words if word)


def _of_cosines(loss: SoftmaxLoss, params: SoftmaxParams, point: SoftmaxPoint, evaluation: SoftmaxEvaluation) -> str:
    # who leads, and what the margin does to the target: its own softmax is another than that on screen
    target, margin = point.target.certain, params["margin"]
    assert target is not None and isinstance(margin, float | int)
    cosine = float(point.logits[target])
    rival = float(np.delete(point.logits, target).max())
    angular = loss.id == "arcface"
    moved = math.cos(math.acos(cosine) + margin) if angular else cosine - margin
    words = "right by the margin" if moved > rival else "right, not by the margin" if cosine > rival else "wrong"
    if np.isinf(evaluation.gradient).any():
        return f"{words}, infinite slope at cos θ = {cosine:.0f}".replace("-", "−")
    if angular and math.acos(cosine) + margin > math.pi:
        return f"{words}, θ + μ > π: pushes the target away"
    return words


def _length(vector: Array) -> float:
    return float(np.hypot.reduce(np.ravel(vector)))


def _is_saturated(loss: SoftmaxLoss, params: SoftmaxParams, point: SoftmaxPoint, slope: float) -> bool:
    """Whether a gradient is small against the largest the loss has, and only gets smaller as the loss rises.

    It rises as the prediction gets surer of what it says now; where that makes the loss less it is on the way down.

    The largest is looked for where the same logits are scaled, and where one rival alone contends with the target.
    """

    def numbers(logits: Array) -> tuple[Array, Array]:
        return _along(loss, params, _batch(point, logits))

    # what most predictions fail is asked first: with a thousand classes the rest takes longer than all else of a key
    logits, surer = point.logits, _surer()
    (here, next_), (size, falls, dies) = _first_two(*_along(loss, params, _ends(point)))
    if not (falls < size * (1 - ROUNDING) and dies < SATURATED * size and next_ >= here):
        return False
    if not _largest(numbers(surer[1:-1, None] * logits)[1]) < size:
        return False
    target = int(np.argmax(point.target.p))
    rival = int(np.argmax(np.where(np.arange(logits.size) == target, -np.inf, logits)))
    contest = np.full((49, logits.size), -LOST)
    contest[:, target], contest[:, rival] = 0.0, np.linspace(-12, 12, 49)
    contest *= np.max(point.temperature)
    some = np.arange(49) % 8 == 0
    least = slope / SATURATED
    return bool(
        least < size
        or any(
            least < _largest(numbers(rows)[1])
            for rows in (contest[some], contest[~some], np.geomspace(1e-3, 1.0, 61)[:, None] * logits)
        )
    )


def _first_two(values: Array, sizes: Array) -> tuple[list[float], list[float]]:
    return values[:2].tolist(), sizes.tolist()


def _largest(sizes: Array) -> float:
    # of those that are numbers
    return float(np.fmax.reduce(sizes))


@lru_cache(maxsize=1)
def _surer() -> Array:
    return SURER * np.geomspace(1.0, 1e3, 61)


@lru_cache(maxsize=4)  # the same for every loss at a point
def _ends(point: SoftmaxPoint) -> SoftmaxPoint:
    return _batch(point, np.array([1.0, _surer()[0], _surer()[-1]])[:, None] * point.logits)


def _batch(point: SoftmaxPoint, logits: Array) -> SoftmaxPoint:
    return replace(point, logits=logits, prediction=softmax(logits, point.temperature))


def _along(loss: SoftmaxLoss, params: SoftmaxParams, batch: SoftmaxPoint) -> tuple[Array, Array]:
    # the losses, and the lengths of their gradients, at other logits
    with np.errstate(all="ignore"):
        jet, _ = loss.at(batch, params)
    assert jet.first is not None
    sizes: Array = np.hypot.reduce(jet.first, axis=-1)  # squares would underflow where a slope is below 1e-162
    return np.ravel(jet.value), sizes


def _side(prediction: Distribution, target: Distribution) -> str:
    order, given = np.sort(target.p), np.sort(prediction.p)
    if order[-1] == order[-2]:
        return "p is off its target"
    if given[-1] == given[-2]:
        return "undecided"
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
