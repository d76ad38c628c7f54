"""The points of a summary: what its bins hold, and how far figures of their means may be off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.scaling import Weighted

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Points:
    """The bins that are not empty, once for each label they hold.

    Attributes:
        logit: mean of the bin's logits (to 2^−28 of its width), ascending, ``(m,)``.
        label: 0.0 or 1.0.
        count: how many, int64.
        lower: the lower end of the bin.
        upper: its upper end.
    """

    logit: Array
    label: Array
    count: NDArray[np.int64]
    lower: Array
    upper: Array

    @cached_property
    def width(self) -> Array:
        """Widths of the bins, 0 at ±∞."""
        finite = np.isfinite(self.logit)
        return np.where(finite, np.where(finite, self.upper, 0.0) - np.where(finite, self.lower, 0.0), 0.0)

    @cached_property
    def is_certainly_wrong(self) -> bool:
        """Whether an infinite logit is on the other side than its label."""
        certain = np.isinf(self.logit)
        return bool(np.any((self.logit[certain] > 0) != (self.label[certain] == 1)))

    def of_class(self, label: int) -> Weighted:
        """The finite logits of one class and their counts."""
        kept = (self.label == label) & np.isfinite(self.logit)
        return Weighted(self.logit[kept], self.count[kept].astype(np.float64))


def sigmoid(z: Array) -> Array:
    """σ(z), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def temperature_error(points: Points, temperature: float) -> float:
    """Bins hold the exact mean of their logits, so the error is of second order.

    Within a bin the variance is at most a quarter of the squared width (Popoviciu); it meets the curvature of uσ(−u).
    """
    finite = np.isfinite(points.logit)
    beta, count, width = 1.0 / temperature, points.count[finite], points.width[finite]
    s = points.logit[finite] * (2.0 * points.label[finite] - 1.0)
    u = beta * s
    q = sigmoid(-u)
    bend = q * (1.0 - q) * np.abs(u * (1.0 - 2.0 * q) - 2.0) + beta * width
    moved = float((count * beta * bend * width**2 / 8.0).sum())
    rise = float((count * s**2 * q * (1.0 - q)).sum())
    return 2.0 * temperature**2 * moved / rise if rise else math.inf


def platt_error(points: Points, a: float, b: float) -> tuple[float, float]:
    """As for the temperature: what curvature within bins moves the gradient, through the inverse of the Hessian."""
    finite = np.isfinite(points.logit)
    z, count, width = points.logit[finite], points.count[finite], points.width[finite]
    p = sigmoid(a * z + b)
    slope = p * (1.0 - p)
    bend = a**2 * slope * np.abs(1.0 - 2.0 * p) + abs(a) ** 3 * width
    mass = count * width**2 / 8.0
    moved = [float((mass * (2.0 * abs(a) * slope + np.abs(z) * bend)).sum()), float((mass * bend).sum())]
    aa, ab, bb = (float((count * slope * z**k).sum()) for k in (2, 1, 0))
    size = aa * bb - ab**2
    if not size > 0:
        return math.inf, math.inf
    return (
        2.0 * (bb * moved[0] + abs(ab) * moved[1]) / size,
        2.0 * (abs(ab) * moved[0] + aa * moved[1]) / size,
    )
