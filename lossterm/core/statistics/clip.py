"""What libraries clip before they take a logarithm: probabilities to a range, or the logarithm itself from below.

Sources: ``sklearn.metrics.log_loss`` (``np.clip(p, eps, 1 - eps)``, eps of the dtype), ``keras.losses`` (its
``backend.epsilon()`` is 1e-7), ``torch.nn.BCELoss`` (which clamps the logarithms at −100).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.core.numbers import MINUS, parse, trimmed

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Clip:
    """A clip: of the probability, or of its logarithm.

    Attributes:
        name: of the library that has it, or None.
        eps: p is clipped to [eps, 1 − eps]; None where it is not.
        log: ln p and ln(1 − p) of cross-entropy are no less than this; None where nothing is said of them.

    Raises:
        ValueError: eps is not between 0 and ½.
    """

    name: str | None = None
    eps: float | None = None
    log: float | None = None

    def __post_init__(self) -> None:
        if self.eps is not None and not 0 < self.eps < 0.5:
            raise ValueError(f"p is clipped to [EPS, 1 {MINUS} EPS]: EPS is between 0 and 0.5, not {number(self.eps)}")

    @property
    def word(self) -> str:
        """What a command line calls it: the name of the library, or eps."""
        return self.name if self.name is not None else number(self.eps or 0.0)

    @property
    def told(self) -> str:
        """What it does, in a few words."""
        if self.log is not None:
            return f"ln p of cross-entropy is at least {trimmed(self.log)}"
        eps = trimmed(self.eps or 0.0)
        return f"p is clipped to [{eps}, 1 {MINUS} {eps}]"

    @property
    def far(self) -> float:
        """The logit of 1 − eps; ∞ where p is not clipped."""
        return math.inf if self.eps is None else math.log1p(-self.eps) - math.log(self.eps)

    def probability(self, p: Array) -> Array:
        """Probabilities of any shape as they are clipped."""
        return p if self.eps is None else np.clip(p, self.eps, 1.0 - self.eps)

    def logit(self, z: Array) -> Array:
        """The logits of the probabilities as they are clipped."""
        return z if self.eps is None else np.clip(z, -self.far, self.far)

    def beyond(self, given: Array, *, is_probability: bool) -> int:
        """Of how many rows a probability is clipped: ``(n,)``, or ``(n, K)`` of which one is; logits only ``(n,)``."""
        if self.eps is None:
            return 0
        low, high = (self.eps, 1.0 - self.eps) if is_probability else (-self.far, self.far)
        outside = (given < low) | (given > high)
        return int(np.count_nonzero(outside if outside.ndim == 1 else outside.any(axis=-1)))


CLIPS: Mapping[str, Clip] = {
    clip.name: clip
    for clip in (
        Clip("sklearn", 2.0**-52),
        Clip("sklearn32", 2.0**-23),
        Clip("keras", 1e-7),
        Clip("torch", None, -100.0),
    )
    if clip.name is not None
}
"""By the name of the library: of scikit-learn the eps of doubles (2.2e-16) and of single precision (1.19e-7)."""


def clip_of(text: str) -> Clip | None:
    """A clip as a person types it: a number, the name of a library, or ``off``.

    Raises:
        ValueError: it is none.
    """
    word = text.strip().lower()
    if word in ("off", "none", "0"):
        return None
    if word in CLIPS:
        return CLIPS[word]
    try:
        eps = parse(word)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is no clip: a number, {', '.join(CLIPS)}, or off") from None
    return Clip(None, eps)


def clamped(
    value: Array, label: Array, logs: tuple[Array, Array], weight: float, smoothing: float, floor: float
) -> NDArray[np.bool_]:
    """Put what a clamp of the logarithms makes of cross-entropy into its values, where it makes a difference.

    ``−c·y max(ln p, floor) − (1−y) max(ln(1−p), floor)``

    Args:
        value: the loss, ``(n,)``: changed in place.
        label: before smoothing.
        logs: ln p and ln(1 − p).
        weight: c of the positives.
        smoothing: s of label smoothing.
        floor: of the logarithms.

    Returns:
        Where it was.
    """
    y = label + smoothing * (0.5 - label) if smoothing else label
    terms = [
        np.where(part > 0, part * np.maximum(log, floor), 0.0) for part, log in zip((y, 1.0 - y), logs, strict=True)
    ]
    lower = [(part > 0) & (log < floor) for part, log in zip((y, 1.0 - y), logs, strict=True)]
    changed: NDArray[np.bool_] = lower[0] | lower[1]
    value[changed] = -(weight * terms[0] + terms[1])[changed]
    return changed
