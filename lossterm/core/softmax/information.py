"""Distributions over K classes, and what they cost to encode: entropy, Kullback–Leibler divergence, cross-entropy.

A `Distribution` knows each probability, its logarithm and its complement, so that nothing cancels where a class is
nearly certain and nothing is lost where one is nearly impossible. Everything is in nats; times `BITS` it is in bits.

One convention holds everywhere: 0·log 0 = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from lossterm.core.jets import TINY, Array, times
from lossterm.core.lazy import np
from lossterm.core.losses.labels import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = 1 / math.log(2)
"""Bits in a nat."""

Over: TypeAlias = Literal["all", "others"]
"""Where label smoothing puts its mass: on all K classes (ε/K each) or on the K − 1 others (ε/(K−1) each)."""


Classes: TypeAlias = "NDArray[np.intp] | slice"
"""Some of the classes, or all of them."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Probabilities over the last axis, each with its logarithm and its complement; leading axes are a batch.

    Attributes:
        p: the probabilities, shape ``(..., K)``.
        log: their natural logarithms, finite where ``p`` has underflowed; −inf for an impossible class.
        complement: ``1 − p`` without cancellation.
        scores: z/T up to a constant, where the probabilities are a softmax.
    """

    p: Array
    log: Array
    complement: Array
    scores: Array | None = None

    @classmethod
    def of(cls, values: Sequence[float] | Array) -> Distribution:
        """The distribution with these probabilities, ``(K,)``, already checked."""
        p = np.array(values, dtype=float)
        complement = 1 - p
        top = int(np.argmax(p))
        if p[top] > 0.5:
            complement[top] = math.fsum(np.delete(p, top))
        return cls._nearly_certain(p, complement)

    @classmethod
    def _nearly_certain(cls, p: Array, complement: Array) -> Distribution:
        # the logarithm of what is beside 1 comes from what is missing
        with np.errstate(divide="ignore"):
            log = np.where(p > 0.5, np.log1p(-np.minimum(complement, 0.5)), np.log(p))
        return cls(p, log + 0.0, complement)

    @cached_property
    def support(self) -> Classes:
        """The classes that have any probability in any row; a slice when all have."""
        rows = self.p.reshape(-1, self.p.shape[-1])
        possible = rows.any(axis=0)
        return slice(None) if possible.all() else np.flatnonzero(possible)

    @cached_property
    def certain(self) -> int | None:
        """The class that has all the probability, or None."""
        support = self.support
        return None if isinstance(support, slice) or len(support) != 1 else int(support[0])

    def minus(self, other: Distribution) -> Array:
        """``self − other``, class by class, exact where the other is nearly certain or, of two softmaxes, nearly alike.

        A student and a teacher whose scores differ little, as at a high temperature, are compared by their scores: with
        d the difference of scores up to a constant, ``ln(p/t) = d − ln Σ t e^d`` and ``p − t = t·expm1(ln(p/t))``.
        """
        gap = np.where(other.p > 0.5, other.complement - self.complement, self.p - other.p)
        if self.scores is None:
            return gap
        if other.scores is None:  # of the very same numbers the softmax differs by its rounding alone
            top = other.log.max(axis=-1, keepdims=True)
            same = (self.scores == other.log - top).all(axis=-1, keepdims=True)
            return np.where(same, 0.0, gap)
        with np.errstate(all="ignore"):
            top = np.broadcast_to(np.argmax(other.p, axis=-1, keepdims=True), (*gap.shape[:-1], 1))
            d = self.scores - other.scores
            d -= np.take_along_axis(d, top, axis=-1)
            d[np.isnan(d)] = 0.0  # masked in both
            alike = np.abs(d).max(axis=-1) < 1
            if alike.any():
                d, t = d[alike], np.broadcast_to(other.p, gap.shape)[alike]
                log_ratio = d - np.log1p((t * np.expm1(d)).sum(axis=-1, keepdims=True))
                gap[alike] = t * np.expm1(log_ratio)
        return gap

    def smoothed(self, smoothing: float, over: Over = "all") -> Distribution:
        """Label smoothing: the share ε of each class's probability is spread over all classes or over the others.

        ``(1−ε)t + ε/K``, or ``(1−ε)t + ε(1−t)/(K−1)``.

        Raises:
            ValueError: ε outside [0, 1].
        """
        if not 0 <= smoothing <= 1:
            raise ValueError(f"smoothing must be between 0 and 1, not {number(smoothing)}")
        if smoothing == 0:
            return self
        p, rest, classes = self.p, self.complement, self.p.shape[-1]
        if over == "all":
            gained, kept_out = 1 / classes, (classes - 1) / classes
            return self._nearly_certain(
                (1 - smoothing) * p + smoothing * gained, (1 - smoothing) * rest + smoothing * kept_out
            )
        return self._nearly_certain(
            (1 - smoothing) * p + smoothing * rest / (classes - 1),
            (1 - smoothing) * rest + smoothing * (p + rest * ((classes - 2) / (classes - 1))),
        )


def entropy(t: Distribution) -> Array:
    """``H(t) = −Σ t ln t``, shape of the batch: the floor of any cross-entropy with this target."""
    with np.errstate(invalid="ignore"):
        return np.asarray(-times(t.p, t.log).sum(axis=-1)) + 0.0


def kl(t: Distribution, p: Distribution, residual: Array | None = None) -> Array:
    """``KL(t‖p) = Σ t ln(t/p)``, never negative and exact beside 0; inf where t puts anything on an impossible class.

    Summed as ``Σ [t ln(t/p) − t + p]``, in which no term is negative. With ``e = t − p`` and ``v = e/(t + p)``,
    ``ln(t/p) = 2 artanh v``, so that a term is ``e·v + 2t(artanh v − v)``, which does not cancel for small v.

    Args:
        t: the distribution that is the case.
        p: the one that is believed.
        residual: ``p − t``, where it is already known.
    """
    if t.certain is not None:
        return np.asarray(-p.log[..., t.certain]) + 0.0
    gap = -(p.minus(t) if residual is None else residual)
    with np.errstate(all="ignore"):
        v = gap / (t.p + p.p)
        near = gap * v + 2 * t.p * _artanh_excess(v)
        log_ratio = np.where((p.p >= TINY) & (t.p >= TINY), np.log(t.p / p.p), t.log - p.log)
        far = times(t.p, log_ratio) - gap
        return np.asarray(np.where(np.abs(v) < 0.25, near, far).sum(axis=-1))


def cross_entropy(t: Distribution, p: Distribution) -> Array:
    """``H(t, p) = −Σ t ln p = H(t) + KL(t‖p)``: both parts are non-negative, so their sum is as exact as they are."""
    return entropy(t) + kl(t, p)


def _artanh_excess(v: Array) -> Array:
    # artanh v − v = v³(1/3 + v²/5 + v⁴/7 + …) for |v| ≤ ¼
    square = v * v
    series = np.full_like(v, 1 / 27)
    for k in range(25, 2, -2):
        series *= square
        series += 1 / k
    return v * square * series
