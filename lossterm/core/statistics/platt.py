"""Platt scaling: the line az + b whose sigmoid fits the labels best, by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.newton import Derivatives, minimum
from lossterm.core.statistics.temperature import (
    CHUNK,
    ENOUGH,
    NOT_FOUND,
    WRONG_CERTAINTY,
    Weighted,
    checked_pair,
    chunked,
    in_chunks,
    sampled,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SEPARATED = "a threshold separates the classes: the steeper the line the better"
ONE_CLASS = "there is one class only"
CERTAIN_RISING = "predictions of exactly 0 or 1 are right, the others fall with the label"


Signed: TypeAlias = Callable[[], Iterator["tuple[Array, Array, Array | None]"]]
"""Logits, signs (1 for label 1, −1 for 0) and weights, a chunk at a time, as often as asked."""


@dataclass(frozen=True)
class Platt:
    """A fitted line: the calibrated probability is σ(az + b).

    Attributes:
        a: slope, or None where the likelihood has no maximum.
        b: intercept, or None.
        reason: why there is none, else "".
        a_error: by how much the slope may be off where it comes from cells; 0 where it is exact.
        b_error: the same of the intercept.
    """

    a: float | None
    b: float | None
    reason: str = ""
    a_error: float = 0.0
    b_error: float = 0.0


def fit_platt(logits: ArrayLike, labels: ArrayLike) -> Platt:
    """The maximum-likelihood line of σ(az + b), with the labels as they are (no smoothed targets), to 1e-10.

    Args:
        logits: z, ``(n,)``.
        labels: 0 or 1, ``(n,)``.

    Raises:
        ValueError: different lengths, a label that is neither 0 nor 1, or a logit that is nan.
    """
    z, y = checked_pair(logits, labels)
    for cut in in_chunks(y.size):
        if np.any(y[cut] * y[cut] != y[cut]):
            raise ValueError("labels must be 0 or 1")
    certain = bool(z.size) and not (math.isfinite(z.max()) and math.isfinite(z.min()))
    if certain:
        finite = np.isfinite(z)
        if np.any(y[~finite] != (z[~finite] > 0)):
            return Platt(None, None, WRONG_CERTAINTY)
        z, y = z[finite], y[finite]
    fitted = _line(_rows(z, y), z.size)
    if certain and fitted.a is not None and fitted.a <= 0:
        return Platt(None, None, CERTAIN_RISING)
    return fitted


def _rows(z: Array, y: Array) -> Signed:
    def chunks() -> Iterator[tuple[Array, Array, Array | None]]:
        buffer = np.empty(min(CHUNK, z.size))
        for cut in in_chunks(z.size):
            sign = np.add(y[cut], y[cut], out=buffer[: y[cut].size])
            sign -= 1.0
            yield z[cut], sign, None

    return chunks


def platt_of(positives: Weighted, negatives: Weighted) -> Platt:
    """The maximum-likelihood line from the finite logits of each class."""
    pair = ((1.0, positives), (-1.0, negatives))

    def chunks() -> Iterator[tuple[Array, Array, Array | None]]:
        for sign, rows in pair:
            for values, weights in chunked(rows)():
                yield values, np.full(values.size, sign), weights

    return _line(chunks, positives.values.size + negatives.values.size)


def _line(rows: Signed, count: int) -> Platt:
    ends = _ends(rows)
    if any(first > last for first, last in ends):
        return Platt(None, None, ONE_CLASS)
    if ends[0][0] >= ends[1][1] or ends[1][0] >= ends[0][1]:
        return Platt(None, None, SEPARATED)
    low, high = min(ends[0][0], ends[1][0]), max(ends[0][1], ends[1][1])
    middle, unit = low / 2 + high / 2, high / 2 - low / 2
    line: Array | None = None
    if count > 2 * ENOUGH:
        line = minimum(_likelihood(sampled(rows, count), middle, unit), np.zeros(2))
    line = minimum(_likelihood(rows, middle, unit), np.zeros(2) if line is None else line)
    if line is None:
        return Platt(None, None, NOT_FOUND)
    a = float(line[0]) / unit
    return Platt(a, float(line[1]) - a * middle)


def _ends(rows: Signed) -> list[tuple[float, float]]:
    """The smallest and the largest of label 1 and of label 0; ∞ and −∞ of nothing."""
    ends = [(math.inf, -math.inf), (math.inf, -math.inf)]
    for values, sign, _ in rows():
        for k, own in enumerate((sign > 0, sign < 0)):
            low, high = np.where(own, values, np.inf).min(), np.where(own, values, -np.inf).max()
            ends[k] = min(ends[k][0], float(low)), max(ends[k][1], float(high))
    return ends


def _likelihood(rows: Signed, middle: float, unit: float) -> Derivatives:
    """Derivatives in (a, b) of the log loss of σ(a(z − middle)/unit + b)."""

    def derivatives(line: Array) -> tuple[Array, Array]:
        sums = []
        for values, sign, weights in rows():
            z = values - middle
            z /= unit
            e = z * line[0]
            e += line[1]
            e *= sign
            with np.errstate(over="ignore"):
                np.exp(e, out=e)
            e += 1.0
            np.divide(1.0, e, out=e)  # σ(−m), m the margin
            curve = e * (1.0 - e)
            if weights is not None:
                e *= weights
                curve *= weights
            e *= sign
            bend = curve * z
            sums.append([float(term.sum()) for term in (e * z, e, bend * z, bend, curve)])
        first, second, aa, ab, bb = (math.fsum(column) for column in zip(*sums, strict=True))
        return -np.array([first, second]), np.array([[aa, ab], [ab, bb]])

    return derivatives
