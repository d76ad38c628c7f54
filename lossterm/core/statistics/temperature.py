"""The temperature that fits logits to labels, by maximum likelihood.

With s = z for label 1 and −z for label 0 the log loss is Σ ln(1 + e^{−βs}), so that the temperature asks for the root
of one increasing function of β = 1/T, g(β) = −Σ s σ(−βs). Newton starts on some of the rows, so that one to three
passes over all of them are left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from lossterm.core.exact import ExactSum, flat
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.newton import Slope, increasing_root

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CHUNK = 2**16
"""Rows in one step of a pass."""

FEW = 2**13
"""Rows of K classes that a start is found from."""

ENOUGH = 2**15
"""Rows of one logit each that a start is found from."""

MODERATE = 400
"""Powers of two within which squares neither overflow nor vanish."""


def in_chunks(count: int) -> Iterator[slice]:
    """Cuts ``count`` rows into chunks that stay in the cache."""
    for start in range(0, count, CHUNK):
        yield slice(start, start + CHUNK)


def chunked(rows: Weighted) -> Chunks:
    """Rows in memory, in chunks."""
    values, weights = rows
    return lambda: (Weighted(values[cut], None if weights is None else weights[cut]) for cut in in_chunks(values.size))


def sampled(rows: Callable[[], Iterator[Any]], count: int) -> Callable[[], Iterator[Any]]:
    """About `ENOUGH` of ``count`` rows, spread evenly over all: chunks of columns, of which some may be None."""
    step = max(count // ENOUGH, 1)
    kept = [tuple(None if column is None else column[::step].copy() for column in chunk) for chunk in rows()]
    return lambda: iter(kept)


@dataclass(frozen=True)
class Temperature:
    """A fitted temperature.

    Attributes:
        value: T, or None where there is none.
        reason: why there is none, else "".
    """

    value: float | None
    reason: str = ""


class Weighted(NamedTuple):
    """Numbers with how often each counts.

    Attributes:
        values: ``(n,)``.
        weights: ``(n,)``, or None where each counts once.
    """

    values: Array
    weights: Array | None


Chunks: TypeAlias = Callable[[], Iterator[Weighted]]
"""Rows, a chunk at a time, as often as asked; a chunk may be overwritten by the next."""

NO_ROWS = "no finite logit"
ALL_ZERO = "every logit is 0"
WRONG_CERTAINTY = "a prediction of exactly 0 or 1 is wrong"
NOT_INFORMATIVE = "the best 1/T is not positive: the logits do not point to the labels"
SEPARABLE = "every prediction is on the right side: the smaller the temperature the better"
NOT_FOUND = "Newton's method did not settle"


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> Temperature:
    """The temperature that minimises the log loss of σ(z/T), to about 1e-12 relative.

    An infinite logit on its label's side loses nothing at any temperature and is left out.

    Args:
        logits: z, ``(n,)``.
        labels: in [0, 1], ``(n,)``, soft ones too.

    Raises:
        ValueError: different lengths, a label outside [0, 1], or a logit that is nan.
    """
    z, y = checked_pair(logits, labels)
    if z.size and not (math.isfinite(z.max()) and math.isfinite(z.min())):
        finite = np.isfinite(z)
        certain = ~finite
        if np.any(y[certain] != (z[certain] > 0)):
            return Temperature(None, WRONG_CERTAINTY)
        z, y = z[finite], y[finite]
    return _temperature(_margins(z, y), z.size)


def temperature_of(margins: Weighted) -> Temperature:
    """The temperature from margins s alone (s = z for label 1, −z for label 0), finite and weighted.

    Args:
        margins: s and weights ≥ 0.
    """
    return _temperature(chunked(margins), margins.values.size)


def _temperature(margins: Chunks, count: int) -> Temperature:
    if not count:
        return Temperature(None, NO_ROWS)
    low, high, total = 0.0, 0.0, ExactSum()
    for s, w in margins():
        low, high = min(low, float(s.min() if w is None else (s * (w > 0)).min())), max(high, float(s.max()))
        total.add(s if w is None else s * w)
    top = max(high, -low)
    if not top:
        return Temperature(None, ALL_ZERO)
    if total.integer <= 0:
        return Temperature(None, NOT_INFORMATIVE)
    if not low < 0:
        return Temperature(None, SEPARABLE)
    unit = 1.0
    if abs(math.frexp(top)[1]) > MODERATE:  # so that squares neither overflow nor vanish
        unit = math.ldexp(1.0, min(math.frexp(top)[1], 1023))
    scaled = margins if unit == 1.0 else lambda: (Weighted(s / unit, w) for s, w in margins())
    guess = unit / top
    if count > 2 * ENOUGH:
        guess = increasing_root(_slope_of(sampled(scaled, count)), guess) or guess
    beta = increasing_root(_slope_of(scaled), guess)
    return Temperature(None, NOT_FOUND) if beta is None else Temperature(unit / beta)


def checked_pair(logits: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Logits and labels, ``(n,)`` each.

    Raises:
        ValueError: different lengths, a label outside [0, 1], or a logit that is nan.
    """
    z, y = flat(logits), flat(labels)
    if z.size != y.size:
        raise ValueError(f"{z.size} logits and {y.size} labels")
    if z.size and not (y.min() >= 0 and y.max() <= 1):
        raise ValueError("a label is not in [0, 1]")
    if z.size and math.isnan(z.max()):
        raise ValueError("a logit is not a number")
    return z, y


def _margins(z: Array, y: Array) -> Chunks:
    """Margins of rows, made anew in each pass: memory of their size costs more than that."""
    if not all(bool((part * part == part).all()) for part in (y[cut] for cut in in_chunks(y.size))):
        return lambda: (soft for cut in in_chunks(z.size) for soft in _shared(z[cut], y[cut]))

    def chunks() -> Iterator[Weighted]:
        buffer = np.empty(min(CHUNK, z.size))
        for cut in in_chunks(z.size):
            s = np.add(y[cut], y[cut], out=buffer[: y[cut].size])
            s -= 1.0
            s *= z[cut]
            yield Weighted(s, None)

    return chunks


def _shared(z: Array, y: Array) -> tuple[Weighted, Weighted]:
    """A soft label is two rows that share it."""
    return Weighted(z, y), Weighted(-z, 1.0 - y)


def _slope_of(margins: Chunks) -> Slope:
    """g(β) = −Σ s σ(−βs) and g′(β) = Σ s² σ(βs)σ(−βs)."""

    def slope(beta: float) -> tuple[float, float]:
        first, second = [], []
        for s, w in margins():
            e = np.multiply(s, beta)
            with np.errstate(over="ignore"):
                np.exp(e, out=e)
            np.add(e, 1.0, out=e)
            np.divide(s, e, out=e)  # s σ(−βs)
            rest = s - e
            if w is not None:
                rest *= w
            second.append(float((e * rest).sum()))
            if w is not None:
                e *= w
            first.append(float(e.sum()))
        return -math.fsum(first), math.fsum(second)

    return slope


def fit_temperature_classes(logits: ArrayLike, labels: ArrayLike, weights: Array | None = None) -> Temperature:
    """The temperature that minimises the mean cross-entropy of softmax(z/T).

    Args:
        logits: z, ``(n, K)``; −∞ for a class that is excluded.
        labels: indices of the classes, ``(n,)``.
        weights: above 0, ``(n,)``, or None where each row counts once.

    Raises:
        ValueError: a label that is no class, or a logit that is nan.
    """
    z, t = np.asarray(logits, dtype=np.float64), np.asarray(labels).astype(np.intp)
    if t.size and not (t.min() >= 0 and t.max() < z.shape[1]):
        raise ValueError("a label is not a class")
    if np.isnan(z).any():
        raise ValueError("a logit is not a number")
    own = np.take_along_axis(z, t[:, None], axis=1)
    if np.any(own == -np.inf) or np.any((z == np.inf) & (own != np.inf)) or np.any((z == np.inf).sum(axis=1) > 1):
        return Temperature(None, WRONG_CERTAINTY)
    usual = own[:, 0] < np.inf
    behind = z[usual] - own[usual]  # z_k − z_t; 0 for the label
    if not behind.size:
        return Temperature(None, NO_ROWS)
    competing = np.isfinite(behind)
    known = np.where(competing, behind, 0.0)
    top = float(np.abs(known).max())
    if not top:
        return Temperature(None, ALL_ZERO)
    w = np.ones(len(behind)) if weights is None else np.asarray(weights, dtype=np.float64)[usual]
    if ExactSum(known.sum(axis=1) / competing.sum(axis=1) * w).integer >= 0:
        return Temperature(None, NOT_INFORMATIVE)
    if not np.any(known > 0):
        return Temperature(None, SEPARABLE)
    guess = top / float(np.abs(known).mean())
    some = slice(None, None, max(behind.shape[0] // FEW, 1))
    guess = increasing_root(_softmax_slope(behind[some] / top, known[some] / top, w[some]), guess) or guess
    beta = increasing_root(_softmax_slope(behind / top, known / top, w), guess)
    return Temperature(None, NOT_FOUND) if beta is None else Temperature(top / beta)


def _softmax_slope(behind: Array, known: Array, weights: Array) -> Slope:
    """g(β) = Σ_rows w Σ_k p_k d_k with d = z − z_t, and its derivative, the variance of d under p."""

    def slope(beta: float) -> tuple[float, float]:
        first, second, size = [], [], max(CHUNK // behind.shape[1], 1)
        for start in range(0, behind.shape[0], size):
            part = slice(start, start + size)
            d, finite, w = behind[part], known[part], weights[part, None]
            p = np.exp((d - d.max(axis=1, keepdims=True)) * beta)
            p /= p.sum(axis=1, keepdims=True)
            mean = (p * finite).sum(axis=1, keepdims=True)
            first.append(float((w * mean).sum()))
            second.append(float((w * p * (finite - mean) ** 2).sum()))
        return math.fsum(first), math.fsum(second)

    return slope
