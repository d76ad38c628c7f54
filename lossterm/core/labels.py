"""What a label is: a number, which each family of losses reads in its own way."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.lazy import np

if TYPE_CHECKING:
    from lossterm.core.jets import Array

Label: TypeAlias = "float | Array"
"""One label for all points, or one a point."""


class Family(Enum):
    """What a loss compares the prediction with."""

    VALUE = "value"
    """The residual v − y; y is any real."""
    PROBABILITY = "probability"
    """A probability p against y in [0, 1]."""
    MARGIN = "margin"
    """The margin s·v, s = 2y − 1 for y in {0, 1}; −1 means 0."""


def smoothed(label: float, smoothing: float) -> float:
    """``y(1 − s) + s/2``: the label after smoothing.

    Raises:
        ValueError: smoothing outside [0, 1], or a label that is not a probability.
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing must be between 0 and 1, not {number(smoothing)}")
    if smoothing == 0:
        return label
    if not 0 <= label <= 1:
        raise ValueError(f"smoothing needs a label between 0 and 1, not {number(label)}")
    return label + smoothing * (0.5 - label)  # of 1 and 0 with less rounding than as written above


def hard(label: float) -> float | None:
    """The label as 0.0 or 1.0 where it is one (−1 means 0), else None."""
    if label in (0, 1):
        return float(label)
    return 0.0 if label == -1 else None


def sign(label: Label) -> Label:
    """−1 or +1 of a hard label."""
    return np.where(label == 1, 1.0, -1.0) if isinstance(label, np.ndarray) else 1.0 if label == 1 else -1.0


def log_factorial(count: Label) -> Label:
    """``ln Γ(count + 1)``, ∞ where it is beyond the doubles."""
    if isinstance(count, np.ndarray):
        counts, where = np.unique(count, return_inverse=True)
        return np.array([log_factorial(c) for c in counts.tolist()])[where]
    try:
        return math.lgamma(count + 1)
    except (OverflowError, ValueError):  # too large; a negative whole number
        return math.inf


def brief(x: float) -> str:
    """A number for a reason: four significant digits, as the tables beside it write them, − and ∞ as signs."""
    mantissa, e, power = f"{x:.4g}".partition("e")
    return f"{mantissa}{e}{int(power) if e else ''}".replace("-", "−").replace("inf", "∞")


def number(x: float) -> str:
    """A float in its shortest round-trip digits, whole numbers without a point."""
    return str(int(x)) if math.isfinite(x) and x == int(x) and abs(x) < 1e16 else repr(float(x))
