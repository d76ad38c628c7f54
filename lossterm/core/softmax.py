"""One example with K classes: its logits, its target and the temperature, and what softmax makes of them.

Everything is exact in the tails: the logarithm of a far winner's probability is ``−log1p(Σ exp d)``, and ``1 − p`` of
it is that sum over one plus that sum. All arrays have the classes last; leading axes are a batch (a sweep).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from lossterm.core import information
from lossterm.core.information import Distribution, Over, checked_probabilities
from lossterm.core.jets import Array
from lossterm.core.labels import number

Temperature: TypeAlias = float | Array
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
        return Distribution(p, scores - np.log1p(rest), complement)


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
    # numerator − quotient·divisor, by Dekker's exact product
    product = quotient * divisor
    (a, b), (c, d) = _halves(quotient), _halves(divisor)
    return (numerator - product) - (((a * c - product) + a * d + b * c) + b * d)


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


def checked_logits(logits: ArrayLike, what: str = "logits") -> Array:
    """Logits ``(K,)`` as floats.

    Raises:
        ValueError: fewer than two, nan or +inf, or all masked.
    """
    z = np.array(logits, dtype=float) + 0.0
    if z.ndim != 1 or len(z) < 2:
        raise ValueError(f"{what}: at least 2 classes are needed, not {z.size}")
    wrong = np.isnan(z) | np.isposinf(z)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ValueError(f"{what}: the one of class {index} is {z[index]}: numbers are needed, or -inf to mask a class")
    if np.isneginf(z).all():
        raise ValueError(f"{what}: every class is masked, at least one must be finite")
    return z


def checked_temperature(temperature: float) -> float:
    """The temperature.

    Raises:
        ValueError: not a positive finite number.
    """
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature must be a positive number, not {number(temperature)}")
    return float(temperature)


@dataclass(frozen=True)
class Target:
    """What the prediction is compared with: a class, a distribution, or a teacher's logits at the same temperature.

    A teacher beside a class or a distribution is what distillation compares with; alone it is the target of all.

    Attributes:
        label: a class from 0, or a probability for each class, or None where the teacher is the target.
        teacher: the teacher's logits.
        smoothing: ε of label smoothing.
        over: which classes share ε.
    """

    label: int | tuple[float, ...] | None
    teacher: tuple[float, ...] | None = None
    smoothing: float = 0.0
    over: Over = "all"

    @classmethod
    def of(
        cls,
        label: int | Sequence[float] | Array | None,
        *,
        teacher: Sequence[float] | Array | None = None,
        smoothing: float = 0.0,
        over: Over = "all",
        normalize: bool = False,
    ) -> Target:
        """A target from what was typed; ``normalize`` rescales a distribution that does not sum to 1.

        Raises:
            ValueError: neither a label nor a teacher, or any of them wrong in itself.
        """
        if label is None and teacher is None:
            raise ValueError("a target is needed: a class, a distribution or a teacher's logits")
        if over not in ("all", "others"):
            raise ValueError(f"smoothing is over all or others, not {over!r}")
        if not 0 <= smoothing <= 1:
            raise ValueError(f"smoothing must be between 0 and 1, not {number(smoothing)}")
        logits = None if teacher is None else tuple(checked_logits(teacher, "teacher logits").tolist())
        if label is None or isinstance(label, int | np.integer):
            return cls(None if label is None else int(label), logits, smoothing, over)
        if np.ndim(label) == 0:
            raise ValueError(f"the target class must be a whole number, not {label}")
        p = checked_probabilities(label, what="target probabilities", normalize=normalize)
        return cls(tuple(p.tolist()), logits, smoothing, over)

    def check(self, classes: int) -> None:
        """Raise ValueError unless it is a target for that many classes."""
        if isinstance(self.label, int):
            if not 0 <= self.label < classes:
                raise ValueError(f"class {self.label} is outside 0…{classes - 1}: there are {classes} classes")
        elif self.label is not None and len(self.label) != classes:
            raise ValueError(f"the target has {len(self.label)} classes, the logits have {classes}")
        if self.teacher is not None and len(self.teacher) != classes:
            raise ValueError(f"the teacher has {len(self.teacher)} classes, the logits have {classes}")

    def distribution(self, classes: int, temperature: Temperature = 1.0) -> Distribution:
        """The target distribution, smoothed; ``(K,)``, or ``(S, K)`` for a teacher at several temperatures."""
        if isinstance(self.label, int):
            return Distribution.of(np.eye(1, classes, self.label)[0]).smoothed(self.smoothing, self.over)
        given = self.taught(temperature) if self.label is None else Distribution.of(self.label)
        assert given is not None
        return given.smoothed(self.smoothing, self.over)

    def taught(self, temperature: Temperature = 1.0) -> Distribution | None:
        """The teacher's distribution as it is, or None without a teacher."""
        if self.teacher is None:
            return None
        logits = np.array(self.teacher)
        return softmax(np.broadcast_to(logits, (*np.shape(temperature)[:-1], len(logits))), temperature)


@dataclass(frozen=True, eq=False)
class SoftmaxPoint:
    """Softmax at one point, or at a batch of them, beside its target.

    Attributes:
        logits: z, ``(K,)`` or ``(S, K)``.
        temperature: T, or ``(S, 1)``.
        prediction: softmax(z/T).
        target: the target distribution, ``(K,)`` or ``(S, K)``.
        teacher: the teacher's at the same temperature; the target where there is no teacher.
    """

    logits: Array
    temperature: Temperature
    prediction: Distribution
    target: Distribution
    teacher: Distribution

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
        return information.kl(self.target, self.prediction)

    @cached_property
    def cross_entropy(self) -> Array:
        """``H(t, p) = H(t) + KL(t‖p)``."""
        return self.entropy + self.kl


@dataclass(frozen=True, eq=False)
class Problem:
    """What is being looked at: logits, a target, a temperature; checked when it is made.

    Attributes:
        logits: z, ``(K,)``; −inf masks a class.
        target: what they are compared with.
        temperature: T > 0.
    """

    logits: Array
    target: Target
    temperature: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", checked_logits(self.logits))
        object.__setattr__(self, "temperature", checked_temperature(self.temperature))
        self.target.check(len(self.logits))

    @cached_property
    def point(self) -> SoftmaxPoint:
        """Softmax here."""
        return self.at(self.logits, self.temperature)

    def at(self, logits: Array, temperature: Temperature) -> SoftmaxPoint:
        """Softmax of other logits or at other temperatures, against the same target."""
        target = self.target.distribution(len(self.logits), temperature)
        taught = self.target.taught(temperature)
        return SoftmaxPoint(
            logits, temperature, softmax(logits, temperature), target, target if taught is None else taught
        )
