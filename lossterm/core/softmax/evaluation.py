"""Losses of K classes at a point, and along a sweep of one logit or of the temperature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.softmax.example import SoftmaxExample, SoftmaxPoint, Temperature
from lossterm.core.softmax.formulas import SoftmaxLoss, SoftmaxParams, Terms, find_softmax_loss
from lossterm.core.softmax.information import Distribution, Over
from lossterm.core.softmax.inputs import Target, checked_temperature

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Chosen: TypeAlias = Sequence[tuple[SoftmaxLoss, SoftmaxParams]]
"""Losses with all their parameters (`SoftmaxLoss.complete`)."""

_CHUNK = 1 << 15
# Numbers at a time in a sweep: what fits the processor's cache.


@dataclass(frozen=True, eq=False)
class SoftmaxEvaluation:
    """One loss at one point.

    Attributes:
        value: L.
        gradient: ∂L/∂z, ``(K,)``; 0 for a masked class, unless it has some of the target: then the limit z → −∞.
        contributions: what each class adds to the value, ``(K,)``, or None where the loss is not a sum over classes.
    """

    value: float
    gradient: Array
    contributions: Array | None


@dataclass(frozen=True, eq=False)
class SoftmaxSweep:
    """Losses along a sweep.

    Attributes:
        at: the swept logit or temperature, ``(S,)``.
        value: L, ``(losses, S)``.
        gradient: ∂L/∂z_k for one class k, ``(losses, S)``.
    """

    at: Array
    value: Array
    gradient: Array


def evaluate_softmax(
    loss: str | SoftmaxLoss,
    *,
    logits: ArrayLike,
    target: int | Sequence[float] | Array | None = None,
    temperature: float = 1.0,
    smoothing: float = 0.0,
    over: Over = "all",
    teacher: Sequence[float] | Array | None = None,
    class_weights: Sequence[float] | Array | None = None,
    **params: float | str | None,
) -> SoftmaxEvaluation:
    """A loss behind softmax(z/T), with its gradient with respect to the logits.

    Args:
        loss: any name of a loss of K classes.
        logits: z, ``(K,)``; −inf masks a class.
        target: a class from 0, or a distribution; None where the teacher is the target.
        temperature: T > 0, the teacher's too.
        smoothing: ε of label smoothing.
        over: whether "all" classes share ε, or the "others".
        teacher: a teacher's logits.
        class_weights: one a class; the loss is multiplied by that of the target (`Target.weight`).
        **params: the loss's parameters, such as ``gamma=2`` or ``reduction="mean"``.

    Raises:
        ValueError: an unknown name, a parameter out of range, or inputs that do not fit together.
    """
    found = find_softmax_loss(loss) if isinstance(loss, str) else loss
    complete = found.complete(params)
    goal = Target.of(target, teacher=teacher, smoothing=smoothing, over=over)
    weights = None if class_weights is None else tuple(class_weights)
    example = SoftmaxExample(np.asarray(logits, dtype=float), goal, temperature, weights)
    return evaluate_point(example.point, [(found, complete)])[0]


def evaluate_point(point: SoftmaxPoint, losses: Chosen) -> list[SoftmaxEvaluation]:
    """Several losses at one point, which is computed once.

    Raises:
        ValueError: a loss that this target means nothing to.
    """
    results = []
    with np.errstate(all="ignore"):
        for loss, params in losses:
            jet, shares = _compute(point, loss, params)
            assert jet.first is not None
            gradient = np.asarray(jet.first / point.temperature)
            value, contributions = float(jet.value[..., 0]), None if shares is None else shares() + 0.0
            results.append(SoftmaxEvaluation(value + 0.0, gradient + 0.0, contributions))
    return results


def _compute(point: SoftmaxPoint, loss: SoftmaxLoss, params: SoftmaxParams) -> Terms:
    problem = loss.target_problem(point)
    if problem:
        raise ValueError(problem)
    return loss.at(point, params)


def evaluate_as_written(losses: Chosen, probabilities: Sequence[float] | Array, label: int) -> list[float]:
    """Losses of a vector taken as it is, although it need not sum to 1: what normalising it changes.

    Args:
        losses: losses of the probabilities: none that reads the logits otherwise.
        probabilities: non-negative numbers, ``(K,)``.
        label: the class.
    """
    p = np.array(probabilities, dtype=float)
    Target(label).check(len(p))
    with np.errstate(divide="ignore"):
        log = np.log(p)
    target = Target(label).smoothed(len(p))
    point = SoftmaxPoint(log, 1.0, Distribution(p, log, 1 - p), target, target)
    return [evaluation.value for evaluation in evaluate_point(point, losses)]


def sweep_logit(example: SoftmaxExample, losses: Chosen, index: int, values: ArrayLike) -> SoftmaxSweep:
    """Losses and ∂L/∂z_k while the logit of class ``k = index`` takes these values and the others stay."""
    swept = np.array(values, dtype=float)

    def rows(part: slice) -> SoftmaxPoint:
        logits = np.tile(example.logits, (len(swept[part]), 1))
        logits[:, index] = swept[part]
        return example.at(logits, example.temperature)

    return _sweep(example, losses, index, swept, rows)


def sweep_temperature(example: SoftmaxExample, losses: Chosen, index: int, values: ArrayLike) -> SoftmaxSweep:
    """Losses and ∂L/∂z_k of class ``k = index`` while the temperature (the teacher's too) takes these values."""
    swept = np.array([checked_temperature(t) for t in np.array(values, dtype=float).tolist()])

    def rows(part: slice) -> SoftmaxPoint:
        temperature: Temperature = swept[part, None]
        return example.at(np.tile(example.logits, (len(swept[part]), 1)), temperature)

    return _sweep(example, losses, index, swept, rows)


def _sweep(
    example: SoftmaxExample, losses: Chosen, index: int, swept: Array, rows: Callable[[slice], SoftmaxPoint]
) -> SoftmaxSweep:
    value, gradient = np.empty((2, len(losses), len(swept)))
    step = max(1, _CHUNK // len(example.logits))
    for start in range(0, len(swept), step):
        part = slice(start, start + step)
        point = rows(part)
        with np.errstate(all="ignore"):
            for row, (loss, params) in enumerate(losses):
                jet, _ = _compute(point, loss, params)
                assert jet.first is not None
                value[row, part] = jet.value[..., 0]
                gradient[row, part] = (jet.first[..., [index]] / point.temperature)[..., 0]
    return SoftmaxSweep(swept, value + 0.0, gradient + 0.0)
