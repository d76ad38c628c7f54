"""One example with K classes: its logits, its target and the temperature, and what softmax makes of them.

Everything is exact in the tails: the logarithm of a far winner's probability is ``−log1p(Σ exp d)``, and ``1 − p`` of
it is that sum over one plus that sum. All arrays have the classes last; leading axes are a batch (a sweep).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from lossterm.core.jets import Array, Jet
from lossterm.core.lazy import np
from lossterm.core.softmax import information
from lossterm.core.softmax.information import Classes, Distribution
from lossterm.core.softmax.inputs import (
    Target,
    checked_logits,
    checked_probabilities,
    checked_temperature,
    checked_weights,
)

Temperature: TypeAlias = "float | Array"
"""One temperature, or one a row, ``(S, 1)``."""


def softmax(logits: Array, temperature: Temperature = 1.0) -> Distribution:
    """``p = exp(z/T) / Σ exp(z/T)`` with logarithms and complements; −inf masks a class.

    Args:
        logits: ``(..., K)``, at least one of each row finite.
        temperature: T > 0.
    """
    with np.errstate(all="ignore"):
        top = np.argmax(logits, axis=-1, keepdims=True)
        scores, rounding = _below(logits, np.take_along_axis(logits, top, axis=-1), temperature)
        others = np.exp(scores)
        others += others * rounding
        np.put_along_axis(others, top, 0.0, axis=-1)
        rest = others.sum(axis=-1, keepdims=True)
        p = others / (1 + rest)
        complement = 1 - p
        np.put_along_axis(p, top, 1 / (1 + rest), axis=-1)
        np.put_along_axis(complement, top, rest / (1 + rest), axis=-1)
        return Distribution(p, scores - np.log1p(rest), complement, scores)


def _below(logits: Array, highest: Array, temperature: Temperature) -> tuple[Array, Array]:
    # (z − max z)/T and what rounding took from it, so that its exponential keeps its last digits
    gap = logits - highest
    back = gap - logits
    lost = (logits - (gap - back)) - (highest + back)
    if np.any(temperature != 1):
        scores = gap / temperature
        lost = (_remainder(gap, scores, temperature) + lost) / temperature
    else:
        scores = gap
    return scores, np.where(np.isfinite(lost), lost, 0.0)


def _remainder(numerator: Array, quotient: Array, divisor: Temperature) -> Array:
    # numerator − quotient·divisor: the products of halves (Dekker 1971) have no rounding
    (a, b), (c, d) = _halves(quotient), _halves(divisor)
    remainder: Array = numerator - a * c
    remainder -= a * d
    remainder -= b * c
    remainder -= b * d
    return remainder


def _halves(x: Temperature) -> tuple[Temperature, Temperature]:
    wide = x * 134217729.0  # 2²⁷ + 1
    high = wide - (wide - x)
    return high, x - high


def from_probabilities(probabilities: Sequence[float] | Array, normalize: bool = False) -> Array:
    """The logits of which softmax makes these probabilities: their logarithms, −inf for 0.

    Raises:
        ValueError: they are not a distribution (`checked_probabilities`).
    """
    return Distribution.of(checked_probabilities(probabilities, normalize=normalize)).log


@dataclass(frozen=True, eq=False)
class SoftmaxPoint:
    """Softmax at one point, or at a batch of them, beside its target.

    Attributes:
        logits: z, ``(K,)`` or ``(S, K)``.
        temperature: T, or ``(S, 1)``.
        prediction: softmax(z/T).
        target: the target distribution, ``(K,)`` or ``(S, K)``.
        teacher: the teacher's at the same temperature; the target where there is no teacher.
        weight: of the target's class, by which every loss is multiplied; or one a row, ``(S, 1)``.
    """

    logits: Array
    temperature: Temperature
    prediction: Distribution
    target: Distribution
    teacher: Distribution
    weight: float | Array = 1.0

    @cached_property
    def residual(self) -> Array:
        """``p − t``, exact in the tails: the gradient of cross-entropy with respect to z/T."""
        return self.prediction.minus(self.target)

    @cached_property
    def entropy(self) -> Array:
        """H(t): the floor that no prediction gets below."""
        return information.entropy(self.target)

    @cached_property
    def kl(self) -> Array:
        """KL(t‖p): what the prediction costs beyond the floor."""
        return information.kl(self.target, self.prediction, self.residual)

    @cached_property
    def cross_entropy(self) -> Array:
        """``H(t, p) = H(t) + KL(t‖p)``."""
        return self.entropy + self.kl

    def probability(self, classes: Classes) -> Jet:
        """The probabilities of some classes, each differentiated by its own logarithm."""
        p, q = self.prediction.p[..., classes], self.prediction.complement[..., classes]
        log = self.prediction.log[..., classes]
        return Jet(p, p, log=Jet(log, np.ones_like(log)), difference=lambda c: Jet(q if c == 1 else c - p, -p))

    def total_by_p(self, terms: Jet) -> Jet:
        """The sum of terms over classes: ``(..., 1)`` with its derivative with respect to u = z/T, ``(..., K)``.

        With ``h = ∂/∂p`` the chain rule is ``∂/∂u_i = p_i (h_i − Σ h_k p_k)``. Taken from the larger or the smaller end
        of h, whichever is nearer to h_i, no difference is lost to a class, or to several alike, with all probability.

        Args:
            terms: functions of one class's probability each, differentiated by that probability.
        """
        assert terms.first is not None
        p, h = self.prediction.p, terms.first
        down, up = h.max(axis=-1, keepdims=True) - h, h - h.min(axis=-1, keepdims=True)
        nearer_top, product = down < up, down * p
        np.subtract(product.sum(axis=-1, keepdims=True), down, out=down)
        up -= np.multiply(up, p, out=product).sum(axis=-1, keepdims=True)
        np.copyto(up, down, where=nearer_top)
        up *= p
        return Jet(terms.value.sum(axis=-1, keepdims=True), up)

    def total_by_log(self, terms: Jet, classes: Classes) -> Jet:
        """The same of terms differentiated by the logarithm of the probability, which may be beyond its range.

        With ``g = ∂/∂ log p`` the chain rule is ``∂/∂u_i = g_i − p_i Σ g``. Where ``p_i > ½`` that cancels, and
        ``(1 − p_i) g_i − p_i Σ_{k≠i} g_k`` does not.

        Args:
            terms: functions of one class's probability each, differentiated by its logarithm.
            classes: the classes they are of; those of the others are 0.
        """
        assert terms.first is not None
        p, g = self.prediction.p, terms.first
        top = np.argmax(p, axis=-1, keepdims=True)
        is_top = np.arange(p.shape[-1])[classes] == top
        top_slope = g.sum(axis=-1, keepdims=True, where=is_top)
        others = g.sum(axis=-1, keepdims=True, where=~is_top)
        slope = p * -(others + top_slope)
        slope[..., classes] += g
        p_top = np.take_along_axis(p, top, axis=-1)
        q_top = np.take_along_axis(self.prediction.complement, top, axis=-1)
        np.put_along_axis(slope, top, q_top * top_slope - p_top * others, axis=-1)
        return Jet(terms.value.sum(axis=-1, keepdims=True), slope)


@lru_cache(maxsize=8)  # the target stays while logits and temperature change
def _smoothed(target: Target, classes: int) -> Distribution:
    return target.smoothed(classes)


@dataclass(frozen=True, eq=False)
class SoftmaxExample:
    """What is being looked at: logits, a target, a temperature; checked when it is made.

    Attributes:
        logits: z, ``(K,)``; −inf masks a class.
        target: what they are compared with.
        temperature: T > 0.
        class_weights: one a class, or None where all are 1.
    """

    logits: Array
    target: Target
    temperature: float = 1.0
    class_weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", checked_logits(self.logits))
        object.__setattr__(self, "temperature", checked_temperature(self.temperature))
        self.target.check(len(self.logits))
        if self.class_weights is not None:
            object.__setattr__(self, "class_weights", checked_weights(self.class_weights, len(self.logits)))

    @cached_property
    def point(self) -> SoftmaxPoint:
        """Softmax here."""
        return self.at(self.logits, self.temperature)

    def at(self, logits: Array, temperature: Temperature) -> SoftmaxPoint:
        """Softmax of other logits or at other temperatures, against the same target."""
        taught = self._taught(temperature)
        classes = len(self.logits)
        target = _smoothed(self.target, classes) if taught is None else self.target.smoothed(classes, taught)
        teacher = target if taught is None else taught
        weight = 1.0 if self.class_weights is None else self.target.weight(self.class_weights, taught)
        return SoftmaxPoint(logits, temperature, softmax(logits, temperature), target, teacher, weight)

    def _taught(self, temperature: Temperature) -> Distribution | None:
        if self.target.teacher is None:
            return None
        logits = np.array(self.target.teacher)
        return softmax(np.broadcast_to(logits, (*np.shape(temperature)[:-1], len(logits))), temperature)
