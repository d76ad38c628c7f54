"""Vector scaling of K classes: softmax(s_k z_k + b_k) by maximum likelihood (Guo, Pleiss, Sun, Weinberger, 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.newton import Derivatives, minimum
from lossterm.core.statistics.beta import summed
from lossterm.core.statistics.temperature import CHUNK, FEW, WRONG_CERTAINTY

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 64
"""Classes up to which it is fitted: Newton's matrix has (2K − 1)² entries."""

NO_MAXIMUM = "the likelihood has no maximum: the classes are separable, or a column is constant"
TOO_MANY = f"it is fitted to at most {MOST} classes"
NEGATIVE = "a scale is not positive, and a probability of exactly 0 has no place there"


@dataclass(frozen=True, eq=False)
class VectorScaling:
    """A fitted vector scaling.

    Attributes:
        scale: s, ``(K,)``, or None where the likelihood has no maximum.
        bias: b, ``(K,)``; their sum is 0, which is the gauge: a constant added to all of them changes nothing.
        reason: why there is none, else "".
    """

    scale: Array | None
    bias: Array | None
    reason: str = ""


def fit_vector(logits: Array, labels: Array, weights: Array | None = None) -> VectorScaling:
    """The maximum-likelihood scales and biases, to about 1e-10.

    Args:
        logits: z, or ln p, ``(n, K)``; −∞ for a class that is excluded.
        labels: indices of the classes, ``(n,)``.
        weights: ≥ 0, or None where each row counts once.
    """
    z, t = np.asarray(logits, dtype=np.float64), np.asarray(labels).astype(np.intp)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, dtype=np.float64)
    held = w > 0
    z, t, w = z[held], t[held], w[held]
    classes = z.shape[1]
    if classes > MOST:
        return VectorScaling(None, None, TOO_MANY)
    counts = np.bincount(t, minlength=classes)
    if not counts.all():
        return VectorScaling(None, None, f"there is no example of class {int(np.argmin(counts))}")
    if np.any(np.take_along_axis(z, t[:, None], axis=1) == -np.inf) or np.any(z == np.inf):
        return VectorScaling(None, None, WRONG_CERTAINTY)
    known = np.isfinite(z)
    values = np.where(known, z, 0.0)
    size = np.abs(values).max(axis=0)
    if not size.all():
        return VectorScaling(None, None, NO_MAXIMUM)
    start = np.concatenate([size, np.zeros(classes - 1)])  # scales are of z over its largest, so 1 is there
    step = max(len(t) // FEW, 1)
    if step > 4:
        some = slice(None, None, step)
        few = _minimum(values[some] / size, known[some], t[some], w[some], start)
        start = start if few is None else few
    found = _minimum(values / size, known, t, w, start)
    if found is None:
        return VectorScaling(None, None, NO_MAXIMUM)
    scale, bias = found[:classes] / size, np.append(found[classes:], 0.0)
    if not known.all() and np.any(scale[~known.all(axis=0)] <= 0):
        return VectorScaling(None, None, NEGATIVE)
    return VectorScaling(scale, bias - bias.mean())


class _Separated(Exception):  # noqa: N818  (a signal out of Newton's method)
    """Every row has a probability above ½ for its class: farther along the loss goes to 0."""


def _minimum(z: Array, known: Array, t: NDArray[np.intp], w: Array, start: Array) -> Array | None:
    try:
        return minimum(_derivatives(z, known, t, w), start)
    except _Separated:
        return None


def _derivatives(z: Array, known: Array, t: NDArray[np.intp], w: Array) -> Derivatives:
    """Of Σw of the cross-entropy in the K scales and the first K − 1 biases; the last bias is 0."""
    classes = z.shape[1]
    size = max(CHUNK // classes, 1)

    def parts(place: Array) -> Iterator[tuple[Array, Array]]:
        bias, surest = np.append(place[classes:], 0.0), 1.0
        for start in range(0, len(t), size):
            cut = slice(start, start + size)
            x, own = z[cut], np.arange(len(t[cut]))
            m = np.where(known[cut], x * place[:classes] + bias, -np.inf)
            p = np.exp(m - m.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            surest = min(surest, float(p[own, t[cut]].min()))
            rest = p.copy()
            rest[own, t[cut]] = 0.0
            rest[own, t[cut]] = -rest.sum(axis=1)  # p − 1 without cancellation
            rest *= w[cut, None]
            wide = np.concatenate([rest * x, rest[:, :-1]], axis=1)
            yield wide.sum(axis=0), _hessian(x, p, w[cut])
        if surest > 0.5:
            raise _Separated

    return summed(parts, 2 * classes - 1)


def _hessian(x: Array, p: Array, w: Array) -> Array:
    # Σw of the covariance under p of the derivatives of the logits: diag(p) − pp′, in scales and biases
    classes = x.shape[1]
    both = np.concatenate([p * x, p], axis=1)
    result = -(both * w[:, None]).T @ both
    heavy = p * w[:, None]
    k = np.arange(classes)
    result[k, k] += (heavy * x * x).sum(axis=0)
    result[k, k + classes] += (heavy * x).sum(axis=0)
    result[k + classes, k] += (heavy * x).sum(axis=0)
    result[k + classes, k + classes] += heavy.sum(axis=0)
    return np.asarray(result[:-1, :-1])
