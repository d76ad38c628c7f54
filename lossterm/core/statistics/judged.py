"""What recalibrations are worth, judged on rows that they were not fitted to, against the predictions as they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.calibration import BinCounts, Reliability, equal_width
from lossterm.core.statistics.class_sums import tops
from lossterm.core.statistics.clip import Clip
from lossterm.core.statistics.recalibration import Chances, ReadRows, Recalibration, chances_of, fit
from lossterm.core.statistics.sample import splitmix64
from lossterm.core.statistics.weighted import WeightedBins

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
"""Parts of the rows: each is judged by a fit to the other four."""

KEPT = 2_000_000
"""Numbers of predictions that are kept; of more rows those count whose hash is smallest, whatever the batches."""


def fold_of(row: NDArray[np.integer]) -> NDArray[np.int64]:
    """The fold of rows by their numbers, from 1: splitmix64 modulo `FOLDS`."""
    return (splitmix64(row) % np.uint64(FOLDS)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Worth:
    """The figures of predictions; with weights where there are any.

    Attributes:
        log_loss: the mean cross-entropy; ∞ where an exact 0 or 1 is wrong.
        brier: the mean (p − y)², or Σ over classes.
        infinite: how many rows lose ∞.
        bins: the reliability.
    """

    log_loss: float
    brier: float
    infinite: int
    bins: Reliability


@dataclass(frozen=True)
class Change:
    """A paired difference of the mean log loss: mended − as they are; below 0 the mended are better.

    Attributes:
        value: the mean of the differences of the rows; None where a row loses ∞.
        error: its standard error.
    """

    value: float | None
    error: float | None


@dataclass(frozen=True, eq=False)
class JudgedMap:
    """A recalibration and what it is worth.

    Attributes:
        fitted: the map, fitted to all rows that it may be fitted to.
        inside: in-sample, on the rows it was fitted to.
        outside: on rows that it was not fitted to; None where there are none or a fold has no fit.
        change: of the log loss there.
        reason: why there is no fit, or none outside; else "".
    """

    fitted: Recalibration
    inside: Worth | None
    outside: Worth | None
    change: Change
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Judgement:
    """Recalibrations of the same rows.

    Attributes:
        rows: how many are judged.
        fitted_rows: how many they are fitted to.
        seen: how many rows there are; more than are kept where these are a sample.
        folds: into how many parts the rows were cut; 0 where others were named to fit to.
        weighted: whether they have weights.
        plain: the predictions as they are.
        verdicts: one a method.
        sampled: whether only the rows with the smallest hash are in it.
    """

    rows: int
    fitted_rows: int
    seen: int
    folds: int
    weighted: bool
    plain: Worth
    verdicts: tuple[JudgedMap, ...]
    sampled: bool = False

    @property
    def best(self) -> JudgedMap | None:
        """That with the smallest log loss outside of those that are better than the predictions as they are."""
        known = [v for v in self.verdicts if v.outside is not None and v.outside.log_loss < self.plain.log_loss]
        return min(known, key=lambda v: v.outside.log_loss if v.outside else math.inf, default=None)


def worth(found: Chances, rows: ReadRows, bins: int, clip: Clip | None = None) -> tuple[Worth, Array]:
    """The figures of probabilities for these rows, and the log loss of each row, ``(n,)``."""
    found = found.clipped(clip)
    losses, squares = found.losses(rows.label), found.squares(rows.label)
    p, y = (found.p, rows.label) if not rows.classes else tops(found.p, rows.label)
    if rows.weight is None:
        counts = BinCounts(equal_width(bins))
        counts.add(p, y)
        reliability = Reliability.of(counts)
    else:
        weighted = WeightedBins(equal_width(bins))
        weighted.add(p, y, rows.weight)
        reliability = weighted.reliability
    held = losses if rows.weight is None else losses[rows.weight > 0]
    infinite = int(np.count_nonzero(held == np.inf))
    return Worth(_mean(losses, rows.weight), _mean(squares, rows.weight), infinite, reliability), losses


def _mean(values: Array, weight: Array | None) -> float:
    if weight is None:
        return float(values.mean())
    held = weight > 0
    total = float(weight[held].sum())
    return float((weight[held] * values[held]).sum() / total) if total else math.nan


def change_of(mended: Array, plain: Array, weight: Array | None) -> Change:
    """The paired difference of the finite log losses of the same rows, ``(n,)``, and its standard error."""
    d, n = mended - plain, len(mended)
    mean = _mean(d, weight)
    if weight is None:
        return Change(mean, float(d.std(ddof=1)) / math.sqrt(n) if n > 1 else None)
    return Change(mean, math.sqrt(float((weight**2 * (d - mean) ** 2).sum())) / float(weight.sum()))


def judged(
    methods: Sequence[str],
    rows: ReadRows,
    row: NDArray[np.int64],
    *,
    fit_to: ReadRows | None = None,
    bins: int = 15,
    clip: Clip | None = None,
    seen: int = 0,
    step: Callable[[], object] = lambda: None,
) -> Judgement:
    """Fit methods and judge each on rows that it was not fitted to.

    Args:
        methods: which.
        rows: what is judged; what is fitted to, too, where nothing else is named: out of `FOLDS` folds.
        row: their numbers, which tell the folds.
        fit_to: other rows to fit to.
        bins: of the calibration error, of equal width.
        clip: of every probability before it is judged; None is nothing.
        seen: how many rows there are; more where these are a sample of them.
        step: called before each fit; what it raises ends it.
    """
    if rows.weight is not None and not rows.weight.sum():
        raise ValueError("every weight is 0: there is nothing to recalibrate")
    plain, losses = worth(chances_of(rows.kind, rows.prediction), rows, bins, clip)
    verdicts = []
    for method in methods:
        step()
        train = rows if fit_to is None else fit_to
        fitted = fit(method, train)
        inside = worth(fitted(train.prediction), train, bins, clip)[0] if fitted.is_fitted else None
        reason = fitted.reason
        found: Chances | None = None
        if fitted.is_fitted and fit_to is not None:
            found = fitted(rows.prediction)
        elif fitted.is_fitted:
            found, reason = _out_of_fold(method, rows, fold_of(row), step)
        outside, change = None, Change(None, None)
        if found is not None:
            outside, mended = worth(found, rows, bins, clip)
            if not (outside.infinite or plain.infinite):
                change = change_of(mended, losses, rows.weight)
        verdicts.append(JudgedMap(fitted, inside, outside, change, reason))
    total = seen or len(rows)
    return Judgement(
        len(rows), len(rows) if fit_to is None else len(fit_to), total, FOLDS if fit_to is None else 0,
        rows.weight is not None, plain, tuple(verdicts), total > len(rows),
    )  # fmt: skip


def _out_of_fold(
    method: str, rows: ReadRows, fold: NDArray[np.int64], step: Callable[[], object]
) -> tuple[Chances | None, str]:
    """What the fits to the other folds make of each fold; nothing, and why, where one of them cannot be fitted."""
    p, log_p = np.empty(rows.prediction.shape), np.empty(rows.prediction.shape)
    log_q = None if rows.classes else np.empty(rows.prediction.shape)
    for k in range(FOLDS):
        own = fold == k
        if not own.any():
            continue
        step()
        fitted = fit(method, rows.take(~own))
        if not fitted.is_fitted:
            return None, f"fitted without fold {k + 1} of {FOLDS}: {fitted.reason}"
        found = fitted(rows.prediction[own])
        p[own], log_p[own] = found.p, found.log_p
        if log_q is not None and found.log_q is not None:
            log_q[own] = found.log_q
    return Chances(p, log_p, log_q), ""
