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
    POSITIVE = "positive"
    """A rate or mean v > 0, compared with y by their ratio; y ≥ 0."""
    PREFERENCE = "preference"
    """The margin s·v of v = βΔ, Δ the difference of two log-ratios; y = 1: the chosen answer is preferred."""
    RATIO = "ratio"
    """The ratio v = π/π_old of two policies' probabilities; the label is the advantage A, any real."""

    @property
    def reads_sign(self) -> bool:
        """Whether it reads the label as the sign s = ±1, and decides by that of v."""
        return self in (Family.MARGIN, Family.PREFERENCE)

    @property
    def label_name(self) -> str:
        """What the label is called: y, or A where it is an advantage."""
        return "A" if self is Family.RATIO else "y"

    @property
    def logit_name(self) -> str:
        """What the logit is, at the family's home: z where it has no other name."""
        return {Family.PREFERENCE: "βΔ", Family.RATIO: "ln(π/π_old)"}.get(self, "z")


def family_called(name: str) -> Family | None:
    """The family of losses of this name; None where there is none."""
    return next((family for family in Family if family.value == name.strip().lower()), None)


class Smoothed(float):
    """A label y in (0, 1) that knows 1 − y too: beside 1 a float keeps few digits of what is missing.

    It is a float like any other, but equal to one only if that says the same of 1 − y: y = 1 − 10⁻¹⁸ is no hard label.

    Attributes:
        rest: 1 − y.
    """

    __slots__ = ("rest",)

    rest: float

    def __new__(cls, label: float, rest: float) -> Smoothed:
        """The label with what is missing to 1."""
        new = super().__new__(cls, label)
        new.rest = rest
        return new

    def __getnewargs__(self) -> tuple[float, float]:  # type: ignore[override]
        return float(self), self.rest

    def __rsub__(self, other: float) -> float:
        """``1 − y`` without rounding."""
        return Smoothed(self.rest, float(self)) if other == 1 else super().__rsub__(other)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, float | int) or float(self) != float(other):
            return False
        return math.isclose(self.rest, rest_of(other), rel_tol=1e-12)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(float(self))


def rest_of(label: float) -> float:
    """1 − y, exact where the label knows it."""
    return label.rest if isinstance(label, Smoothed) else 1 - label


def smoothed(label: float, smoothing: float) -> float:
    """``y(1 − s) + s/2``: the label after smoothing, which knows 1 − y however small s is.

    Raises:
        ValueError: smoothing outside [0, 1], or a label that is not a probability.
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing must be between 0 and 1, not {number(smoothing)}")
    if smoothing == 0:
        return label
    if not 0 <= label <= 1:
        raise ValueError(f"smoothing needs a label between 0 and 1, not {number(label)}")
    rest = 1 - label
    # of 1 and 0 with less rounding than as written above
    return Smoothed(label + smoothing * (0.5 - label), rest + smoothing * (0.5 - rest))


def hard(label: float) -> float | None:
    """The label as 0.0 or 1.0 where it is one (−1 means 0), else None."""
    if label in (0, 1):
        return float(label)
    return 0.0 if label == -1 else None


def sign(label: Label) -> Label:
    """−1 or +1 of a hard label."""
    return np.where(label == 1, 1.0, -1.0) if isinstance(label, np.ndarray) else 1.0 if label == 1 else -1.0


_ZETA_EXCESS = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
    0.008349277381922827, 0.00407735619794434, 0.002008392826082214, 0.0009945751278180853, 0.0004941886041194646,
    0.0002460865533080483, 0.0001227133475784891, 6.124813505870483e-05, 3.0588236307020493e-05,
    1.5282259408651872e-05, 7.637197637899762e-06, 3.8172932649998398e-06, 1.9082127165539389e-06,
    9.539620338727961e-07, 4.76932986787806e-07, 2.384505027277329e-07, 1.1921992596531106e-07, 5.960818905125948e-08,
    2.9803503514652280e-08,
)  # fmt: skip
# ζ(k) − 1 for k from 2.

_EULER = 0.5772156649015329
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
_SMALL, _LARGE = 0.5, 15.0


def log_factorial_excess(count: Label) -> Label:
    """``ln Γ(y + 1) − (y ln y − y)``: the least −ln of a Poisson probability of y, exact for small and large y."""
    if isinstance(count, np.ndarray):
        counts, where = np.unique(count, return_inverse=True)
        return np.array([log_factorial_excess(c) for c in counts.tolist()])[where]
    y = float(count)
    if y <= 0 or math.isinf(y):
        return 0.0 if y == 0 else math.inf
    if y < _SMALL:
        # ln Γ(1 + y) = −ln(1 + y) + (1 − γ)y + Σ (−1)^k (ζ(k) − 1) y^k / k
        series = 0.0
        for k in range(len(_ZETA_EXCESS) + 1, 1, -1):
            series = _ZETA_EXCESS[k - 2] / k - y * series
        return y * y * series + (1 - _EULER) * y - math.log1p(y) - y * math.log(y) + y
    if y < _LARGE:
        return math.lgamma(y + 1) - y * math.log(y) + y
    correction = 0.0
    for coefficient in reversed(_STIRLING):
        correction = coefficient + correction / y / y
    return 0.5 * math.log(y) + 0.5 * math.log(2 * math.pi) + correction / y


def brief(x: float, digits: int = 4) -> str:
    """A number for a reason: four significant digits, as the tables beside it write them, − and ∞ as signs."""
    mantissa, e, power = f"{x:.{digits}g}".partition("e")
    return f"{mantissa}{e}{int(power) if e else ''}".replace("-", "−").replace("inf", "∞")


def number(x: float) -> str:
    """A float in its shortest round-trip digits, whole numbers without a point."""
    return str(int(x)) if math.isfinite(x) and x == int(x) and abs(x) < 1e16 else repr(float(x))
