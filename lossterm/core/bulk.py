"""A loss at many examples, each with a label of its own: what the figures of a file are sums of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.activations import ACTIVATIONS, Activation
from lossterm.core.examples import Kind
from lossterm.core.jets import Array, Jet
from lossterm.core.labels import Label, smoothed
from lossterm.core.lazy import np
from lossterm.core.losses import Loss
from lossterm.core.objective import composed

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 1 << 17
"""Examples at a time: so many that two threads seldom wait for the interpreter (measured: 2¹⁷ takes two thirds of the
wall time of 2¹⁵, whose arrays fit the nearer cache)."""

FEW = 8
"""Labels so few that each is taken as a constant, which spares the loss what the other label would need."""


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
    """

    loss: Loss
    params: tuple[tuple[str, float | None], ...]
    smoothing: float = 0.0

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
) -> list[tuple[Array, Array]]:
    """Several losses of the same examples.

    Args:
        criteria: the losses.
        link: what makes predictions of logits.
        logit: z, ``(n,)``; ±∞ for a probability of exactly 0 or 1.
        label: before smoothing, ``(n,)``.
        slope: whether the derivatives are wanted.
        probability: σ(z), where it is what is given and the logit was computed from it.

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
                jet = criterion.jet(link, prediction, y)
                value[part] = jet.value
                if jet.first is not None:
                    first[part] = jet.first
    return results


def _given(p: Array, *, slope: bool) -> Jet:
    return _two_sided(p, 1 - p, lambda: np.log(p), lambda: np.log1p(-p), slope=slope)


def _sigmoid(z: Array, *, slope: bool) -> Jet:
    # the jet of the registry's sigmoid, without the second derivative and with logarithms only where they are used
    t = np.exp(-np.abs(z))
    large = 1 / (1 + t)
    small = t * large
    up = z >= 0
    return _two_sided(
        np.where(up, large, small),
        np.where(up, small, large),
        lambda: np.minimum(z, 0) - np.log1p(t),
        lambda: np.minimum(-z, 0) - np.log1p(t),
        slope=slope,
    )


def _two_sided(p: Array, q: Array, log_p: Callable[[], Array], log_q: Callable[[], Array], *, slope: bool) -> Jet:
    """A probability with its complement, and the logarithm of either; differentiated by its logit, p′ = pq."""
    first = p * q if slope else None
    falling = None if first is None else -first

    def minus(constant: float) -> Jet:
        if constant != 1:
            return Jet(constant - p, falling)
        return Jet(
            q,
            falling,
            log=lambda: Jet(log_q(), -p if slope else None),
            difference=lambda c: rising if c == 1 else Jet(c - q, first),
        )

    rising = Jet(p, first, log=lambda: Jet(log_p(), q if slope else None), difference=minus)
    return rising


def pieces(label: Array) -> list[tuple[NDArray[np.intp] | slice, Label]]:
    """The examples by label: (which, the one label) where labels are few, else (all of them, their labels)."""
    first = label[0] if len(label) else 0.0
    same = label == first
    if same.all():
        return [(slice(None), float(first))]
    rest = np.flatnonzero(~same)
    others = label[rest]
    if (others == others[0]).all():
        return [(np.flatnonzero(same), float(first)), (rest, float(others[0]))]
    others = np.unique(others)
    if len(others) >= FEW:
        return [(slice(None), label)]
    return [(np.flatnonzero(label == y), float(y)) for y in (first, *others)]
