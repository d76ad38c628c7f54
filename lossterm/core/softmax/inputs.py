"""What is given of K classes, checked: logits, probabilities, the temperature, the target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.core.softmax.information import Distribution, Over

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

TOLERANCE = 1e-6
"""How far from 1 the sum of typed probabilities may be: the rounding of a float32 softmax, not an error."""

_ROUNDING = 1e-15
# How far from 1 a sum may be before it is divided out.


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


def checked_probabilities(
    values: Sequence[float] | Array, *, what: str = "probabilities", normalize: bool = False
) -> Array:
    """Probabilities ``(K,)`` that sum to 1.

    Args:
        values: as they were given.
        what: what to call them in a message, in the plural.
        normalize: divide by any positive sum instead of asking that it be 1 within `TOLERANCE`.

    Raises:
        ValueError: fewer than two, negative, not finite, or with another sum.
    """
    p = np.array(values, dtype=float)
    if p.ndim != 1 or len(p) < 2:
        raise ValueError(f"{what}: at least 2 classes are needed, not {p.size}")
    for wrong, why in ((~np.isfinite(p), "not a finite number"), (p < 0, "negative")):
        if wrong.any():
            index = int(np.argmax(wrong))
            raise ValueError(f"{what}: the one of class {index} is {why}: {number(p[index])}")
    total = math.fsum(p)
    if total == 0:
        raise ValueError(f"{what} are all 0: at least one must be positive")
    if not normalize and abs(total - 1) > TOLERANCE:
        raise ValueError(f"{what} sum to {total:.9g}, not 1: use --normalize to rescale them")
    return p if abs(total - 1) <= _ROUNDING else p / total


def checked_weights(values: Sequence[float] | Array, classes: int | None = None) -> tuple[float, ...]:
    """Class weights, one a class.

    Args:
        values: as they were given.
        classes: K, where it is known.

    Raises:
        ValueError: negative, not finite, all 0, or not as many as there are classes.
    """
    weights = tuple(map(float, values))
    if classes is not None and len(weights) != classes:
        raise ValueError(f"class weights: one a class is needed, {classes} of them, not {len(weights)}")
    for index, weight in enumerate(weights):
        if not 0 <= weight < math.inf:
            raise ValueError(f"class weights: that of class {index} must be a number ≥ 0, not {number(weight)}")
    if not any(weights):
        raise ValueError("class weights: at least one must be above 0")
    return tuple(weight + 0.0 for weight in weights)


def rescaling(values: Sequence[float] | Array, *, what: str = "probabilities") -> str | None:
    """One line on what normalising them does, or None where their sum is 1 within `TOLERANCE`."""
    total = math.fsum(values)
    return None if abs(total - 1) <= TOLERANCE else f"{what} sum to {total:.9g}: each was divided by it"


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

    def weight(self, weights: Sequence[float], taught: Distribution | None = None) -> float | Array:
        """The class weight of this target before smoothing: of a distribution, or of ``taught``, ``Σ t_k w_k``.

        Keras weighs a class as target so too, whatever the smoothing; torch's cross-entropy weighs each class's share
        of a smoothed or soft target.
        """
        if isinstance(self.label, int):
            return weights[self.label]
        if self.label is not None:
            return math.fsum(t * w for t, w in zip(self.label, weights, strict=True))
        assert taught is not None
        return np.asarray((taught.p * np.array(weights)).sum(axis=-1, keepdims=True))

    def smoothed(self, classes: int, taught: Distribution | None = None) -> Distribution:
        """The target distribution after smoothing, ``(K,)``; where the teacher is the target, of ``taught``."""
        if isinstance(self.label, int):
            given = Distribution.of(np.eye(1, classes, self.label)[0])
        elif self.label is not None:
            given = Distribution.of(self.label)
        else:
            assert taught is not None
            given = taught
        return given.smoothed(self.smoothing, self.over)
