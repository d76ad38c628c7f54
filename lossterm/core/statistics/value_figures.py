"""From the sums of plain values to their figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.probit import quantile
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.intervals import wilson
from lossterm.core.statistics.ordered_values import Order, OrderedValues
from lossterm.core.statistics.value_findings import (
    BAND_LEVELS,
    ERROR_LEVELS,
    SAMPLED,
    Bands,
    ForecastFinding,
    IntervalFinding,
    LevelFinding,
    MeanFigure,
    PitBin,
    QuantilePlot,
    ValueFinding,
)
from lossterm.core.statistics.value_sums import PIT_BINS, ForecastSums, MeanSums, PartSums, ValueSums

NOMINAL = (0.95, 0.9, 0.8, 0.5)
"""What intervals v ± z·RMSE are to hold."""

PLOTTED = 400
"""Quantiles of the errors that are plotted, at most."""

MOST_BANDS, ROWS_A_BAND = 20, 12
"""Bins of the errors over the predictions, and the least rows of each."""


class _Reading:
    """The figures of the sums without weights, or of those with them."""

    def __init__(self, sums: ValueSums, *, weighted: bool) -> None:
        self.sums, self.weighted = sums, weighted
        self.rows = sums.means["error"].plain.count
        weights = sums.means["error"].weighted
        self.total = float(self.rows)
        self.effective = self.total
        if weighted and weights is not None:
            self.total = weights.weights.value
            squared = sums.squared_weights.value
            self.effective = self.total * self.total / squared if squared else 0.0

    def mean(self, of: MeanSums) -> MeanFigure:
        if not self.weighted:
            return MeanFigure(of.plain.mean, of.plain.standard_error)
        return (
            MeanFigure(None, None) if of.weighted is None else MeanFigure(of.weighted.mean, of.weighted.standard_error)
        )

    def parts(self, of: PartSums) -> list[float]:
        found = [mass.value for mass in of.mass] if self.weighted else of.count.tolist()
        return [each / self.total if self.total else math.nan for each in found]

    def order(self, of: OrderedValues) -> Order:
        return of.sorted(weighted=self.weighted)

    def ends(self, share: float) -> tuple[float, float]:
        low, high = wilson(share * self.effective, self.effective)
        return float(low), float(high)

    @property
    def about_mean(self) -> float | None:
        """Σ(y − ȳ)², or with weights."""
        if self.weighted:
            return None if self.sums.spread is None else self.sums.spread.squares
        variance = self.sums.means["label"].plain.variance
        return None if variance is None else variance * (self.rows - 1)


def value_finding(sums: ValueSums, *, weighted: bool = False) -> ValueFinding:
    """The figures of plain values; of at least one row.

    Args:
        sums: of all batches.
        weighted: whether the weights count.
    """
    reading = _Reading(sums, weighted=weighted)
    squared = reading.mean(sums.means["squared"]).value
    about = reading.about_mean
    order = reading.order(sums.errors)
    rmse = None if squared is None else math.sqrt(squared)
    bias = reading.mean(sums.means["error"])
    forecast = None if sums.forecasts is None else _of_forecast(reading, sums.forecasts)
    return ValueFinding(
        bias=bias,
        mae=reading.mean(sums.means["absolute"]),
        rmse=rmse,
        r2=None if squared is None or not about or not math.isfinite(about) else 1.0 - squared * reading.total / about,
        deviation=None if about is None or not reading.total else math.sqrt(about / reading.total),
        quantiles=tuple(map(order.quantile, ERROR_LEVELS)),
        intervals=_about_values(reading, order, rmse),
        plot=_plot(reading, order, bias.value, squared),
        bands=_bands(sums, weighted=weighted),
        forecast=forecast,
    )


def _about_values(reading: _Reading, order: Order, rmse: float | None) -> tuple[IntervalFinding, ...]:
    if rmse is None or not order.total or not math.isfinite(rmse):
        return ()
    found = []
    for nominal in NOMINAL:
        reach = float(quantile(np.array([0.5 + nominal / 2.0]))[0]) * rmse
        share = order.within(reach)
        found.append(IntervalFinding(nominal, share, reading.ends(share.value or 0.0), 2.0 * reach))
    return tuple(found)


def _plot(reading: _Reading, order: Order, bias: float | None, squared: float | None) -> QuantilePlot | None:
    forecasts = reading.sums.forecasts
    standardised = forecasts is not None and forecasts.forecast.is_normal
    if forecasts is not None and standardised and forecasts.standings is not None:
        order = reading.order(forecasts.standings)
    if not order.total or bias is None or squared is None:
        return None
    many = min(PLOTTED, reading.rows)
    levels = (np.arange(many) + 0.5) / many
    found = [order.quantile(level) for level in levels.tolist()]
    value = np.array([each.value if each.value is not None else math.nan for each in found])
    scale = 1.0 if standardised else math.sqrt(max(squared - bias * bias, 0.0))
    error = np.array([each.error for each in found])
    return QuantilePlot(quantile(levels), value, error, 0.0 if standardised else bias, scale, standardised)


def _bands(sums: ValueSums, *, weighted: bool) -> Bands | None:
    examples = sums.sample.examples()
    v, weight = examples.prediction, examples.weight if weighted else None
    held = np.ones(len(v), dtype=bool) if weight is None else weight > 0
    with np.errstate(over="ignore"):
        error = (v - examples.label)[held]
    v, weight = v[held], None if weight is None else weight[held]
    if not len(v) or not np.isfinite(error).all():
        return None
    order = np.lexsort((error, v))
    v, error = v[order], error[order]
    weight = np.ones(len(v)) if weight is None else weight[order]
    # equal predictions are in one bin: a bin begins where another prediction does
    wanted = np.linspace(0, len(v), min(MOST_BANDS, max(len(v) // ROWS_A_BAND, 1)) + 1)[:-1].astype(int)
    starts = np.unique(v.searchsorted(v[wanted], side="left"))
    ends = np.append(starts[1:], len(v))
    parts = [slice(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    rows = [(part, weight[part] / weight[part].max()) for part in parts]  # their sum may overflow
    means = [(_weighted_mean(v[part], w), _weighted_mean(error[part], w)) for part, w in rows]
    return Bands(
        lower=v[starts],
        upper=v[ends - 1],
        count=ends - starts,
        prediction=np.array([mean for mean, _ in means]),
        error=np.array([mean for _, mean in means]),
        quantiles=np.array([_quantiles_of(error[part], w) for part, w in rows]),
        points=np.stack([v, error]),
        rows=sums.sample.seen,
    )


def _weighted_mean(values: Array, weights: Array) -> float:
    return float((values * (weights / weights.sum())).sum())  # shares first: the sum of large values overflows


def _quantiles_of(values: Array, weights: Array) -> Sequence[float]:
    order = np.argsort(values, kind="stable")
    sorted_ = Order(values[order], values[order], np.cumsum(weights[order]))
    return [float(sorted_.quantile(level).value or 0.0) for level in BAND_LEVELS]


# ---- the distributions ----------------------------------------------------------------------------------------------


def _of_forecast(reading: _Reading, sums: ForecastSums) -> ForecastFinding:
    forecast = sums.forecast
    pinball = [reading.mean(each) for each in sums.pinball]
    levels = [
        LevelFinding(level, below, reading.ends(below), lost)
        for level, below, lost in zip(forecast.levels, reading.parts(sums.below), pinball, strict=True)
    ]
    intervals = [
        IntervalFinding(interval.nominal, Estimate(share), reading.ends(share), reading.mean(width).value,
                        reading.mean(score))
        for interval, share, width, score in zip(
            forecast.intervals, reading.parts(sums.inside), sums.width, sums.score, strict=True)
    ]  # fmt: skip
    losses = [lost.value for lost in pinball if lost.value is not None]
    return ForecastFinding(
        forecast=forecast,
        crps=reading.mean(sums.scores["crps"]),
        nll=reading.mean(sums.scores["nll"]) if forecast.is_normal else None,
        pinball=ExactSum(losses).divided_by(len(losses)) if len(losses) == len(pinball) else None,
        crossing=None if forecast.is_normal else sums.crossing,
        levels=tuple(levels),
        intervals=tuple(intervals),
        pit=_pit(reading, sums),
        stretch=_stretch(reading, sums),
    )


def _pit(reading: _Reading, sums: ForecastSums) -> tuple[PitBin, ...]:
    inner = [k / PIT_BINS for k in range(1, PIT_BINS)] if sums.forecast.is_normal else sums.forecast.levels
    edges = [0.0, *inner, 1.0]
    counts, shares = sums.between.count.tolist(), reading.parts(sums.between)
    return tuple(
        PitBin(lower, upper, count, share, reading.ends(share))
        for lower, upper, count, share in zip(edges[:-1], edges[1:], counts, shares, strict=True)
    )


def _stretch(reading: _Reading, sums: ForecastSums) -> Estimate:
    if sums.forecast.is_normal:
        squared = reading.mean(sums.scores["squared_standing"]).value
        return Estimate(None if squared is None else math.sqrt(squared))
    if sums.standings is None:
        return Estimate(None, reason="there is no central interval")
    return reading.order(sums.standings).quantile(sums.forecast.intervals[0].nominal)


def value_notes(sums: ValueSums) -> list[str]:
    """Sentences on quantiles that cross, and on what comes from some of the rows."""
    notes = []
    crossing = 0 if sums.forecasts is None else sums.forecasts.crossing
    if crossing:
        rows = f"{crossing:,} row{'' if crossing == 1 else 's'}"
        notes.append(f"the quantiles of {rows} cross: they are taken as they stand, not sorted")
    if sums.sample.seen > SAMPLED:
        notes.append(f"the errors over the predictions come from {SAMPLED:,} of {sums.sample.seen:,} rows, those whose "
                     "number has the smallest hash; all other figures are of every row")  # fmt: skip
    return notes
