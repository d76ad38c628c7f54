"""The figures of a segment of a file, and how much worse it is than the rest, corrected for having looked at many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.intervals import wilson
from lossterm.core.statistics.segment_sums import SegmentSums

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z = 1.959964
"""Standard errors on either side of a figure that its interval of 95 % has."""

NOTHING = Fraction(1, 2**60)
"""A part of a sum of squares that is but the rounding of its terms."""


@dataclass(frozen=True)
class Measured:
    """A figure with its interval of 95 %: ± 1.96 standard errors.

    Attributes:
        value: the figure.
        low: the lower end.
        high: the upper end.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, standard_error: float) -> Measured:
        """A figure by its standard error."""
        return cls(value, value - Z * standard_error, value + Z * standard_error)


@dataclass(frozen=True)
class SegmentFigures:
    """The figures of a segment; with weights those with weights, but for the number of rows. None is undefined.

    Attributes:
        rows: how many.
        infinite: of how many the loss is ∞.
        base_rate: the mean label; of K classes None.
        bias: mean p − y, of K classes of the confidence and whether the class is right.
        ratio: Σp/Σy; of K classes None.
        loss: the mean log loss, ∞ where one is; of plain values that of the first loss.
        standard_error: of the mean of the finite losses.
        loss_z: the mean of the finite losses inside less that outside, over its standard error.
        ece: over bins of equal width.
        ece_floor: what the ECE of a calibrated model with these predictions would be.
        z: Spiegelhalter's.
        coverage: of a forecast the part of the labels that its widest interval holds, with Wilson's interval.
    """

    rows: int
    infinite: int
    base_rate: float | None
    bias: Measured | None
    ratio: Measured | None
    loss: float | None
    standard_error: float | None
    loss_z: float | None
    ece: float | None
    ece_floor: float | None
    z: float | None
    coverage: Measured | None = None


def figures_of(sums: SegmentSums, cell: int, whole: SegmentSums, *, weighted: bool, classes: bool) -> SegmentFigures:
    """The figures of a cell.

    Args:
        sums: the sums of every term.
        cell: which segment.
        whole: the same of all rows, in a single cell.
        weighted: whether there are weights.
        classes: whether the predictions are of K classes.
    """
    rows, infinite = int(sums.rows[cell]), int(sums.infinite[cell])
    weight = sums.sum("w", cell) if weighted else Fraction(rows)
    label, prediction = sums.sum("wy", cell), sums.sum("wp", cell)
    inside = LossMean.of(sums, cell, weighted=weighted)
    hard = sums.units.hard
    return SegmentFigures(
        rows,
        infinite,
        None if classes else _ratio(label, weight),
        _bias(sums, cell, weight, weighted=weighted),
        None if classes else _calibration_ratio(sums, cell),
        math.inf if infinite else None if inside is None else float(inside.mean),
        None if inside is None else inside.standard_error,
        _loss_z(inside, _outside(inside, LossMean.of(whole, 0, weighted=weighted))),
        _ece(sums, cell, weight),
        _floor(sums, cell, weight) if hard else None,
        None if classes or not hard else _spiegelhalter(sums, cell),
        _coverage(sums, cell, weight, weighted=weighted),
    ) if label is not None and prediction is not None else _nothing(rows, infinite)  # fmt: skip


def _nothing(rows: int, infinite: int) -> SegmentFigures:
    return SegmentFigures(rows, infinite, *[None] * 9)


def _ratio(part: Fraction | None, whole: Fraction | None) -> float | None:
    return None if part is None or not whole else float(part / whole)


def root(x: Fraction) -> float:
    """The square root of a sum of squares, which rounding may have made a little less than 0."""
    return math.sqrt(max(float(x), 0.0))


# ---- the loss -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LossMean:
    """The sums of finite losses, and what they tell.

    Attributes:
        rows: how many.
        w: Σw.
        w2: Σw².
        wl: Σwℓ.
        w2l: Σw²ℓ.
        w2l2: Σw²ℓ².
        weighted: whether there are weights.
    """

    rows: int
    w: Fraction
    w2: Fraction
    wl: Fraction
    w2l: Fraction
    w2l2: Fraction
    weighted: bool

    @classmethod
    def of(cls, sums: SegmentSums, cell: int, *, weighted: bool) -> LossMean | None:
        """Those of a cell; None where there are none."""
        rows = int(sums.finite[cell])
        names = ("wf", "w2f", "wl", "w2l", "w2l2") if weighted else ("wl", "w2l2")
        found = [sums.sum(name, cell) for name in names]
        if not rows or any(x is None for x in found):
            return None
        if weighted:
            w, w2, wl, w2l, w2l2 = (x for x in found if x is not None)
            return cls(rows, w, w2, wl, w2l, w2l2, True) if w else None
        wl, w2l2 = (x for x in found if x is not None)
        return cls(rows, Fraction(rows), Fraction(rows), wl, wl, w2l2, False)

    @property
    def mean(self) -> Fraction:
        """Σwℓ/Σw."""
        return self.wl / self.w

    @property
    def variance(self) -> Fraction | None:
        """The square of the standard error of the mean; None of a single row."""
        if self.rows < 2:
            return None
        mean = self.mean
        squares = self.w2l2 - 2 * mean * self.w2l + mean * mean * self.w2
        if squares < self.w2l2 * NOTHING:
            return Fraction(0)
        return squares / (self.rows * (self.rows - 1)) if not self.weighted else squares / (self.w * self.w)

    @property
    def standard_error(self) -> float | None:
        """Sample standard deviation over √n; with weights √Σw²(ℓ − ℓ̄)²/Σw."""
        variance = self.variance
        return None if variance is None else root(variance)


def _outside(inside: LossMean | None, whole: LossMean | None) -> LossMean | None:
    if inside is None or whole is None or whole.rows == inside.rows:
        return None
    rest = LossMean(
        whole.rows - inside.rows, whole.w - inside.w, whole.w2 - inside.w2, whole.wl - inside.wl,
        whole.w2l - inside.w2l, whole.w2l2 - inside.w2l2, whole.weighted,
    )  # fmt: skip
    return rest if rest.w > 0 else None


def _loss_z(inside: LossMean | None, outside: LossMean | None) -> float | None:
    if inside is None or outside is None or inside.variance is None or outside.variance is None:
        return None
    error = root(inside.variance + outside.variance)
    return float(inside.mean - outside.mean) / error if error else None


def _coverage(sums: SegmentSums, cell: int, weight: Fraction | None, *, weighted: bool) -> Measured | None:
    held = sums.sum("wc", cell)
    squared = sums.sum("w2", cell) if weighted else weight
    if held is None or not weight or not squared:
        return None
    share, effective = float(held / weight), float(weight * weight / squared)
    low, high = wilson(share * effective, effective)
    return Measured(share, float(low), float(high))


# ---- the calibration ------------------------------------------------------------------------------------------------


def _bias(sums: SegmentSums, cell: int, weight: Fraction | None, *, weighted: bool) -> Measured | None:
    wp, wy, w2d, w2d2 = (sums.sum(name, cell) for name in ("wp", "wy", "w2d", "w2d2"))
    w2 = sums.sum("w2", cell) if weighted else weight
    if not weight or wp is None or wy is None or w2d is None or w2d2 is None or w2 is None or sums.rows[cell] < 2:
        return None
    mean = (wp - wy) / weight
    squares = w2d2 - 2 * mean * w2d + mean * mean * w2
    over = weight * weight if weighted else weight * (weight - 1)
    return Measured.of(float(mean), root(squares / over))


def _calibration_ratio(sums: SegmentSums, cell: int) -> Measured | None:
    # the standard error of a ratio of sums: √Σw²(p − Ry)²/Σwy, where p − Ry = d + (1 − R)y
    wp, wy, w2d2, w2dy, w2y2 = (sums.sum(name, cell) for name in ("wp", "wy", "w2d2", "w2dy", "w2y2"))
    if wp is None or not wy or w2d2 is None or w2dy is None or w2y2 is None:
        return None
    ratio = wp / wy
    rest = 1 - ratio
    return Measured.of(float(ratio), root(w2d2 + 2 * rest * w2dy + rest * rest * w2y2) / abs(float(wy)))


def _ece(sums: SegmentSums, cell: int, weight: Fraction | None) -> float | None:
    if not sums.bins or not weight:
        return None
    return float(sum((abs(wp - wy) for wp, wy, _ in sums.in_bins(cell)), Fraction(0)) / weight)


def _floor(sums: SegmentSums, cell: int, weight: Fraction | None) -> float | None:
    if not sums.bins or not weight:
        return None
    return math.sqrt(2 / math.pi) * math.fsum(root(spread) for _, _, spread in sums.in_bins(cell)) / float(weight)


def _spiegelhalter(sums: SegmentSums, cell: int) -> float | None:
    above, below = sums.sum("zn", cell), sums.sum("zv", cell)
    return None if above is None or not below or below < 0 else float(above) / root(below)


# ---- the worst of many ----------------------------------------------------------------------------------------------


def loss_zs(sums: SegmentSums, whole: SegmentSums, *, weighted: bool) -> Array:
    """`SegmentFigures.loss_z` of every cell at once, to some 1e-12 of it; nan where it is undefined."""
    rows = sums.finite.astype(np.longdouble)
    names = ("wf", "w2f", "wl", "w2l", "w2l2") if weighted else ("", "", "wl", "wl", "w2l2")
    inside = [sums.about(name) if name else rows for name in names]
    all_rows = np.longdouble(whole.finite[0])
    outside = [
        (whole.about(name)[0] if name else all_rows) - part for name, part in zip(names, inside, strict=True)
    ]  # fmt: skip
    with np.errstate(all="ignore"):
        (mean, variance), (mean_out, variance_out) = (
            _mean_and_variance(n, *each, weighted=weighted) for n, each in ((rows, inside), (all_rows - rows, outside))
        )
        z = (mean - mean_out) / np.sqrt(variance + variance_out)
    z[~np.isfinite(z)] = np.nan
    found: Array = z.astype(np.float64)
    return found


def _mean_and_variance(
    rows: NDArray[np.longdouble], w: NDArray[np.longdouble], w2: NDArray[np.longdouble], wl: NDArray[np.longdouble],
    w2l: NDArray[np.longdouble], w2l2: NDArray[np.longdouble], *, weighted: bool,
) -> tuple[NDArray[np.longdouble], NDArray[np.longdouble]]:  # fmt: skip
    mean = wl / w
    squares = w2l2 - 2 * mean * w2l + mean * mean * w2
    squares = np.where(squares < w2l2 * float(NOTHING), 0, squares)
    over = w * w if weighted else rows * (rows - 1)
    return mean, np.where(rows >= 2, squares / over, np.nan)


def chances(z: Array) -> Array:
    """The probability of a normal number as far from 0, on either side."""
    return np.array([math.erfc(abs(x) / math.sqrt(2)) for x in z.tolist()], dtype=np.float64)


def benjamini_hochberg(p: Array) -> Array:
    """The least rate of false discoveries at which each would count as one (Benjamini and Hochberg 1995).

    Args:
        p: probabilities of all that were looked at, ``(m,)``.
    """
    m = len(p)
    order = np.argsort(-p, kind="stable")
    found = np.empty(m)
    found[order] = np.minimum.accumulate(p[order] * m / np.arange(m, 0, -1)).clip(max=1.0)
    return found
