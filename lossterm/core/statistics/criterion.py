"""A loss at many examples, each with a label of its own: what the figures of a file are sums of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array, Jet, Origin
from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.labels import Label, rest_of, smoothed
from lossterm.core.losses.objective import composed
from lossterm.core.statistics.clip import clamped
from lossterm.core.statistics.examples import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 1 << 17
"""Examples at a time: so many that two threads seldom wait for the interpreter (measured: 2¹⁷ takes two thirds of the
wall time of 2¹⁵, whose arrays fit the nearer cache)."""

SCORE = ACTIVATIONS["identity"]
"""What makes a score of a logit: nothing."""


def link_of(kind: Kind) -> Activation:
    """What makes a prediction of a logit: the sigmoid, or nothing where predictions are plain numbers."""
    return ACTIVATIONS["identity" if kind == "value" else "sigmoid"]


@dataclass(frozen=True)
class Criterion:
    """A loss as it is put to examples.

    Attributes:
        loss: the loss.
        params: all its parameters, as pairs (so that a criterion can be a key).
        smoothing: s of label smoothing: the label y(1−s) + s/2.
        of_score: whether it reads the logit itself, not the prediction: losses of margins, s·z, of what a model gives.
    """

    loss: Loss
    params: tuple[tuple[str, float | None], ...]
    smoothing: float = 0.0
    of_score: bool = False

    def smooth(self, label: float) -> float:
        """The label as the loss gets it."""
        return smoothed(label, self.smoothing)

    def jet(self, link: Activation, prediction: Jet, label: Label) -> Jet:
        """The loss on a prediction's jet, nan where it is undefined; the label is before smoothing."""
        if not isinstance(label, np.ndarray):
            return composed(self.loss, dict(self.params), self.smooth(label), link, prediction)
        s = self.smoothing
        y = label + s * (0.5 - label) if s else label
        low, high = self.loss.labels
        wrong = ~((y == 0) | (y == 1) | (y == -1)) if self.loss.hard_only else ~((y >= low) & (y <= high))
        if self.loss.excluded:
            wrong |= np.isin(y, self.loss.excluded)
        if wrong.any():
            y = np.where(wrong, 1.0, y)
        result = composed(self.loss, dict(self.params), y, link, prediction)
        for part in (result.value, result.first):
            if part is not None and wrong.any():
                part[wrong] = np.nan
        return result


def judge(
    criteria: Sequence[Criterion],
    link: Activation,
    logit: Array,
    label: Array,
    *,
    slope: bool = True,
    probability: Array | None = None,
    floor: float | None = None,
    score: Array | None = None,
) -> list[tuple[Array, Array]]:
    """Several losses of the same examples.

    Args:
        criteria: the losses.
        link: what makes predictions of logits.
        logit: z, ``(n,)``; ±∞ for a probability of exactly 0 or 1.
        label: before smoothing, ``(n,)``.
        slope: whether the derivatives are wanted.
        probability: σ(z), where it is what is given and the logit was computed from it.
        score: what losses of margins read, where it is not the logit: one that is clipped is none.
        floor: the least that the logarithms of cross-entropy are, where a library clamps them.

    Returns:
        For each loss its values, ``(n,)``, nan where it is undefined, and ∂L/∂z, ``(n,)`` or empty.
    """
    n = len(logit)
    results = [(np.empty(n), np.empty(n if slope else 0)) for _ in criteria]
    with np.errstate(all="ignore"):
        for part, y in pieces(label):
            if probability is not None:
                prediction = _given(probability[part], slope=slope)
            elif link.id == "sigmoid":
                prediction = _sigmoid(logit[part], slope=slope)
            else:
                prediction = link.jet(logit[part]).at_order(1 if slope else 0)
            for criterion, (value, first) in zip(criteria, results, strict=True):
                if criterion.of_score:
                    jet = criterion.jet(
                        SCORE, SCORE.jet((logit if score is None else score)[part]).at_order(1 if slope else 0), y
                    )
                else:
                    jet = criterion.jet(link, prediction, y)
                value[part] = jet.value
                if jet.first is not None:
                    first[part] = jet.first
        if floor is not None and link.id == "sigmoid":
            logs = logarithms(logit, probability)
            for criterion, (value, _) in zip(criteria, results, strict=True):
                if criterion.loss.id == "cross-entropy":
                    weight = dict(criterion.params).get("pos_weight") or 1.0
                    clamped(value, label, logs, weight, criterion.smoothing, floor)
    return results


def logarithms(logit: Array, probability: Array | None = None) -> tuple[Array, Array]:
    """Ln p and ln(1 − p), of p where it is given, else of σ(z)."""
    with np.errstate(divide="ignore", over="ignore"):
        if probability is not None:
            return np.log(probability), np.log1p(-probability)
        tail = np.log1p(np.exp(-np.abs(logit)))
        return np.minimum(logit, 0) - tail, np.minimum(-logit, 0) - tail


def _given(p: Array, *, slope: bool) -> Jet:
    return _two_sided(p, 1 - p, lambda: np.log(p), lambda: np.log1p(-p), slope=slope)


def _sigmoid(z: Array, *, slope: bool) -> Jet:
    # the jet of the registry's sigmoid, without the second derivative and with logarithms only where they are used
    t = np.exp(-np.abs(z))
    large = 1 / (1 + t)
    small = t * large
    up = z >= 0
    prediction = _two_sided(
        np.where(up, large, small),
        np.where(up, small, large),
        lambda: np.minimum(z, 0) - np.log1p(t),
        lambda: np.minimum(-z, 0) - np.log1p(t),
        slope=slope,
    )
    prediction.origin = Origin(z)
    return prediction


def _two_sided(p: Array, q: Array, log_p: Callable[[], Array], log_q: Callable[[], Array], *, slope: bool) -> Jet:
    """A probability with its complement, and the logarithm of either; differentiated by its logit, p′ = pq."""
    first = p * q if slope else None
    falling = None if first is None else -first

    def minus(constant: float) -> Jet:
        if constant != 1:
            return Jet(q - rest_of(constant) if constant > 0.5 else constant - p, falling)
        return Jet(
            q,
            falling,
            log=lambda: Jet(log_q(), -p if slope else None),
            difference=lambda c: rising if c == 1 else Jet(c - q, first),
        )

    rising = Jet(p, first, log=lambda: Jet(log_p(), q if slope else None), difference=minus)
    return rising


def pieces(label: Array) -> list[tuple[NDArray[np.intp] | slice, Label]]:
    """The examples by label: those of 0 and of 1 each as a constant, which spares a loss what it needs for the other.

    Which way an example is computed depends on its own label alone, so that no number depends on what is beside it.

    Returns:
        Which they are, and their one label or their labels.
    """
    found: list[tuple[NDArray[np.intp] | slice, Label]] = []
    left, each = len(label), []
    for y in (0.0, 1.0):
        which = label == y
        each.append(which)
        if not (count := int(np.count_nonzero(which))):
            continue
        if count == len(label):
            return [(slice(None), y)]
        found.append((np.flatnonzero(which), y))
        left -= count
    if left == len(label):
        return [(slice(None), label)]
    if left:
        others = ~(each[0] | each[1])
        found.append((np.flatnonzero(others), label[others]))
    return found
