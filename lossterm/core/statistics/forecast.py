"""What a file may tell of the distribution of each label: quantiles, or the mean and standard deviation of a normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.probit import density, erf, quantile

Shape: TypeAlias = Literal["quantiles", "normal"]
"""How the distribution is told."""

LOOKED_AT = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""The levels at which a normal distribution is looked at."""

NEARLY = 1e-9
"""How far the levels of two quantiles may be from adding up to 1 that are the ends of a central interval."""


@dataclass(frozen=True)
class Interval:
    """A central interval between two of the levels.

    Attributes:
        low: the place of its lower level.
        high: that of its upper one.
        nominal: the part of the labels that it is to hold.
    """

    low: int
    high: int
    nominal: float


@dataclass(frozen=True)
class Forecast:
    """The distribution that predictions come with.

    Attributes:
        shape: how it is told.
        levels: of its quantiles, ascending; those that a normal distribution is looked at.
    """

    shape: Shape
    levels: tuple[float, ...] = LOOKED_AT

    @property
    def is_normal(self) -> bool:
        """Whether it is told by a mean and a standard deviation."""
        return self.shape == "normal"

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """The central intervals between levels that add up to 1, the widest first."""
        return tuple(
            Interval(i, j, round(high - low, 12))
            for i, low in enumerate(self.levels)
            for j, high in enumerate(self.levels)
            if i < j and abs(low + high - 1.0) <= NEARLY
        )

    @cached_property
    def normal_levels(self) -> Array:
        """Φ⁻¹ of the levels, ``(m,)``."""
        return quantile(np.array(self.levels))

    def quantiles(self, point: Array, told: Array) -> Array:
        """The quantiles at the levels, ``(n, m)``.

        Args:
            point: the predictions, ``(n,)``: the means of normal distributions.
            told: what is in the file, ``(n, m)``, or ``(n, 1)`` standard deviations.
        """
        return point[:, None] + told * self.normal_levels if self.is_normal else told


def pinball(quantiles: Array, label: Array, levels: Array) -> Array:
    """The pinball loss τ(y − q)₊ + (1 − τ)(q − y)₊ of each quantile, ``(n, m)``; its mean over labels is least at q."""
    gap = label[:, None] - quantiles
    return np.maximum(levels * gap, (levels - 1.0) * gap)


def interval_score(low: Array, high: Array, label: Array, nominal: float) -> Array:
    """(u − l) + (2/α)((l − y)₊ + (y − u)₊) with α = 1 − nominal, ``(n,)`` (Gneiting and Raftery, 2007)."""
    outside = np.maximum(low - label, 0.0) + np.maximum(label - high, 0.0)
    return (high - low) + 2.0 / (1.0 - nominal) * outside


def crps_normal(standing: Array, deviation: Array) -> Array:
    """The CRPS of normal distributions, σ(t(2Φ(t) − 1) + 2φ(t) − 1/√π), ``(n,)``.

    Args:
        standing: t, the label less the mean over the standard deviation (or less it: the CRPS is even).
        deviation: σ.
    """
    t = np.abs(standing)
    return deviation * (t * erf(t / math.sqrt(2.0)) + 2.0 * density(t) - 1.0 / math.sqrt(math.pi))


def nll_normal(standing: Array, deviation: Array) -> Array:
    """The negative logarithm of the density of normal distributions, ½t² + ln σ + ½ ln 2π, ``(n,)``."""
    return 0.5 * standing * standing + np.log(deviation) + 0.5 * math.log(2.0 * math.pi)


def stretch(low: Array, middle: Array, high: Array, label: Array) -> Array:
    """By what the interval [l, u] must be stretched about its middle for its end to reach the label, ``(n,)``.

    1 is at an end; ∞ where that side has no width and the label is beyond it.
    """
    above = label >= middle
    gap, room = np.abs(label - middle), np.where(above, high - middle, middle - low)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = gap / np.maximum(room, 0.0)
    return np.where(gap == 0, 0.0, found)
