"""The normal distribution function, exact in its tails, with numpy and `math.erfc` alone."""

from __future__ import annotations

import math
from collections.abc import Callable

from lossterm.core.jets import Array
from lossterm.core.lazy import np

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_FAR = 3.0
"""Beyond it the tail comes from a continued fraction, before it from erfc."""
_DEPTH = 60


def erf(x: Array) -> Array:
    """The error function, element-wise."""
    return _element_wise(math.erf, x)


def _element_wise(function: Callable[[float], float], x: Array) -> Array:
    return np.array([function(value) for value in np.ravel(x).tolist()]).reshape(np.shape(x))


def density(z: Array) -> Array:
    """φ(z), without the z²ε error of ``exp(−z·z/2)``: z is split into a part whose square is exact and a rest."""
    z = np.clip(z, -1e3, 1e3)  # beyond, the density is 0 and the rest of the split would overflow
    coarse = np.round(z * 16) / 16
    return np.exp(-0.5 * coarse * coarse) * np.exp(-0.5 * (z - coarse) * (z + coarse)) / math.sqrt(2 * math.pi)


def _laplace(x: Array) -> Array:
    # φ(x)/Φ(−x) − x for x ≥ 3, Laplace's continued fraction 1/(x + 2/(x + 3/…)), evaluated backward
    k = (np.sqrt(x * x + 4 * _DEPTH) - x) / 2
    for n in range(_DEPTH, 0, -1):
        k = n / (x + k)
    return k


def lower_tail(z: Array) -> tuple[Array, Array, Array, Array]:
    """Φ(z) and what its logarithm's derivatives need.

    Returns:
        Φ(z), log Φ(z), the inverse Mills ratio h = φ(z)/Φ(z) = (log Φ)′, and z + h, for (log Φ)″ = −h(z + h).
    """
    x = np.abs(z)
    negative, far = z < 0, x > _FAR
    excess = _laplace(np.maximum(x, _FAR))
    tail = np.where(far, density(z) / (x + excess), 0.5 * _element_wise(math.erfc, np.minimum(x, _FAR) / math.sqrt(2)))
    value = np.where(negative, tail, 1 - tail)
    log_far = -0.5 * x * x - _HALF_LOG_2PI - np.log(x + excess)
    log = np.where(negative, np.where(far, log_far, np.log(np.maximum(tail, 1e-300))), np.log1p(-tail))
    mills = np.where(negative & far, x + excess, density(z) / np.where(negative & far, 1.0, value))
    return value, log, mills, np.where(negative & far, excess, z + mills)


def quantile(p: Array) -> Array:
    """Φ⁻¹ of probabilities in (0, 1)."""
    from statistics import NormalDist  # which takes as long to load as all activations

    return _element_wise(NormalDist().inv_cdf, p)
