"""Beta calibration: σ(a ln p − b ln(1 − p) + c) with a, b ≥ 0, by maximum likelihood.

Kull, Silva Filho and Flach, "Beta calibration" (AISTATS 2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.newton import Derivatives, minimum
from lossterm.core.statistics.platt import ONE_CLASS, SEPARATED
from lossterm.core.statistics.temperature import ENOUGH, NOT_FOUND, WRONG_CERTAINTY, in_chunks

NOT_INFORMATIVE = "a = b = 0: the predictions do not rise with the label"
CERTAIN_FLAT = "a or b is 0, and predictions of exactly 0 or 1 would no longer be right"

TOLERANCE = 1e-9
"""Of Σw: a slope at a bound that is no further below 0 is 0 but for rounding."""


@dataclass(frozen=True)
class Beta:
    """A fitted beta calibration.

    Attributes:
        a: of ln p, or None where the likelihood has no maximum.
        b: of −ln(1 − p).
        c: the intercept.
        reason: why there is none, else "".
    """

    a: float | None
    b: float = 0.0
    c: float = 0.0
    reason: str = ""


def fit_beta(log_p: Array, log_q: Array, label: Array, weight: Array | None = None) -> Beta:
    """The maximum-likelihood a, b and c, to 1e-10; where a bound holds the others are found exactly beside it.

    The minimum of a convex function over a, b ≥ 0 is where each slope is 0, or is not below 0 at its bound: of the
    four ways to be at the bounds the one of which that is true is it. A prediction of exactly 0 or 1 that is right
    loses nothing and is left out.

    Args:
        log_p: ln p, ``(n,)``.
        log_q: ln(1 − p).
        label: in [0, 1]; a soft one is two rows that share it.
        weight: ≥ 0, or None where each row counts once.
    """
    w = np.ones(label.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if np.any((w * label > 0) & (log_p == -np.inf)) or np.any((w * (1 - label) > 0) & (log_q == -np.inf)):
        return Beta(None, reason=WRONG_CERTAINTY)
    zero, one = (w > 0) & (log_p == -np.inf), (w > 0) & (log_q == -np.inf)
    held = (w > 0) & ~zero & ~one
    columns = np.column_stack([log_p[held], -log_q[held], np.ones(int(held.sum()))])
    y, w = label[held], w[held]
    z = columns[:, 0] + columns[:, 1]
    up, down = z[y > 0], z[y < 1]
    if not up.size or not down.size:
        return Beta(None, reason=ONE_CLASS)
    if up.min() >= down.max():
        return Beta(None, reason=SEPARATED)
    found = _within_bounds(columns, y, w)
    if found is None:
        return Beta(None, reason=NOT_FOUND)
    a, b, c = found
    if (zero.any() and not a) or (one.any() and not b):
        return Beta(None, reason=CERTAIN_FLAT)
    return Beta(a, b, c)


def _within_bounds(columns: Array, y: Array, w: Array) -> tuple[float, float, float] | None:
    scale = np.abs(columns).max(axis=0)
    scale[scale == 0] = 1.0
    unit = columns / scale
    total = math.fsum(w.tolist())
    rate = math.fsum((w * y).tolist()) / total
    flat = math.log(rate) - math.log1p(-rate)
    for free in ((2,), (1, 2), (0, 2), (0, 1, 2)):
        place = np.zeros(3)
        if free == (2,):
            place[2] = flat
        else:
            start = np.zeros(len(free))
            start[-1] = flat
            inner = _minimum(unit[:, free], y, w, start)
            if inner is None:
                continue
            place[list(free)] = inner
        if place[:2].min() < 0:
            continue
        gradient = logistic(unit, y, w)(place)[0]
        if all(gradient[k] >= -TOLERANCE * total for k in (0, 1) if k not in free):
            a, b, c = (place / scale).tolist()
            return a, b, c
    return None


def _minimum(columns: Array, y: Array, w: Array, start: Array) -> Array | None:
    step = max(len(y) // ENOUGH, 1)
    if step > 1:
        some = slice(None, None, step)
        found = minimum(logistic(columns[some], y[some], w[some]), start)
        start = start if found is None else found
    return minimum(logistic(columns, y, w), start)


def logistic(columns: Array, y: Array, w: Array) -> Derivatives:
    """Derivatives in θ of Σw of the log loss of σ(Xθ).

    Args:
        columns: X, ``(n, k)``.
        y: labels in [0, 1], ``(n,)``.
        w: weights, ``(n,)``.
    """
    k = columns.shape[1]

    def parts(place: Array) -> Iterator[tuple[Array, Array]]:
        for cut in in_chunks(len(y)):
            x = columns[cut]
            m = x @ place
            t = np.exp(-np.abs(m))
            large = 1 / (1 + t)
            p, q = np.where(m >= 0, large, t * large), np.where(m >= 0, t * large, large)
            rest = w[cut] * ((1 - y[cut]) * p - y[cut] * q)  # w(p − y), without cancellation in the tails
            yield rest @ x, (x * (w[cut] * p * q)[:, None]).T @ x

    return summed(parts, k)


def summed(parts: Callable[[Array], Iterator[tuple[Array, Array]]], k: int) -> Derivatives:
    """Gradient ``(k,)`` and Hessian ``(k, k)`` from those of the chunks."""

    def derivatives(place: Array) -> tuple[Array, Array]:
        gradients: list[Array] = []
        hessian = np.zeros((k, k))
        for gradient, bend in parts(place):
            gradients.append(gradient)
            hessian += bend
        return _fsum(gradients), hessian

    return derivatives


def _fsum(gradients: Sequence[Array]) -> Array:
    return np.array([math.fsum(column) for column in zip(*(g.tolist() for g in gradients), strict=True)])
