"""The sums of a file whose predictions are plain values, in parts that add up whatever the batches.

Each figure is the mean of a number that every row has: its error, its score, whether an interval holds its label.
Beside them stand what needs an order (`OrderedValues`) and a sample of the rows for what is drawn over the predictions.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.forecast import (
    Forecast,
    crps_normal,
    interval_score,
    nll_normal,
    pinball,
    stretch,
)
from lossterm.core.statistics.moments import Moments, WeightedMoments
from lossterm.core.statistics.ordered_values import OrderedValues
from lossterm.core.statistics.sample import Sample
from lossterm.core.statistics.value_findings import SAMPLED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.core.packing import Packer

PIT_BINS = 10
"""Bins of the probability integral transform of normal distributions; those of quantiles lie between their levels."""


@dataclass
class MeanSums:
    """The sums of a number that every row has, without weights and with them."""

    plain: Moments = field(default_factory=Moments)
    weighted: WeightedMoments | None = None

    def add(self, values: Array, weights: Array | None) -> None:
        """Add the numbers of a batch."""
        self.plain.add(values)
        if self.weighted is not None and weights is not None:
            self.weighted.add(values, weights)

    def merge(self, other: MeanSums) -> None:
        """Add the sums of others."""
        self.plain.merge(other.plain)
        if self.weighted is not None and other.weighted is not None:
            self.weighted.merge(other.weighted)

    def pack(self, packer: Packer, rows: int) -> None:
        """Give or take the sums of so many rows."""
        self.plain.pack(packer)
        if self.weighted is not None:
            self.weighted.pack(packer)
        if self.plain.count != rows or (self.weighted is not None and self.weighted.count != rows):
            raise ValueError("its sums are of other rows")


class PartSums:
    """How many rows are in each of some parts, and Σw of these."""

    def __init__(self, parts: int) -> None:
        self.count: NDArray[np.int64] = np.zeros(parts, np.int64)
        self.mass = [ExactSum() for _ in range(parts)]

    def add(self, held: NDArray[np.bool_], weights: Array | None) -> None:
        """Add which rows are in which part, ``(n, parts)``."""
        self.count += held.sum(axis=0)
        if weights is not None:
            for own, column in zip(self.mass, held.T, strict=True):
                own.add(weights[column])

    def merge(self, other: PartSums) -> None:
        """Add the counts of others."""
        self.count += other.count
        for mine, its in zip(self.mass, other.mass, strict=True):
            mine.merge(its)

    def pack(self, packer: Packer, rows: int) -> None:
        """Give or take the counts of so many rows."""
        self.count = packer.counts(self.count, self.count.shape)
        for mass in self.mass:
            mass.pack(packer)
        if self.count.size and self.count.max() > rows:
            raise ValueError("its parts are of other rows")


class ForecastSums:
    """The sums of the distributions that predictions come with.

    Args:
        forecast: what they are.
        counting: whether what needs an order is counted in cells.
        weighted: whether rows have weights.

    Attributes:
        crossing: rows whose quantiles do not ascend.
        scores: of the CRPS, of normal distributions also of their negative log likelihood and of t².
        pinball: of each level.
        width: of each interval.
        score: of each interval.
        below: the labels at or below each quantile.
        inside: those within each interval, its ends included.
        between: those between two quantiles that are neighbours, or in each bin of the PIT.
        standings: t = (v − y)/σ of normal distributions; else by what the widest interval is to be stretched.
    """

    def __init__(self, forecast: Forecast, *, counting: bool, weighted: bool) -> None:
        def means(count: int) -> list[MeanSums]:
            return [MeanSums(weighted=WeightedMoments() if weighted else None) for _ in range(count)]

        levels, intervals = len(forecast.levels), len(forecast.intervals)
        self.forecast = forecast
        self.crossing = 0
        names = ("crps", "nll", "squared_standing") if forecast.is_normal else ("crps",)
        self.scores = dict(zip(names, means(len(names)), strict=True))
        self.pinball, self.width, self.score = means(levels), means(intervals), means(intervals)
        self.below, self.inside = PartSums(levels), PartSums(intervals)
        self.between = PartSums(PIT_BINS if forecast.is_normal else levels + 1)
        has_order = forecast.is_normal or bool(intervals)
        self.standings = OrderedValues(counting=counting, weighted=weighted) if has_order else None

    def add(self, examples: Examples) -> None:
        """Count a batch."""
        told, y, v, w = examples.told, examples.label, examples.prediction, examples.weight
        assert told is not None
        forecast = self.forecast
        levels = np.array(forecast.levels)
        with np.errstate(over="ignore", invalid="ignore"):
            q = forecast.quantiles(v, told)
            losses = pinball(q, y, levels)
            if forecast.is_normal:
                sd = told[:, 0]
                t = (v - y) / sd
                scores = {"crps": crps_normal(t, sd), "nll": nll_normal(t, sd), "squared_standing": t * t}
                place = normal_bins().searchsorted(-t, side="left")
                standing = t
            else:
                scores = {"crps": 2.0 * losses.mean(axis=1)}
                place = (q < y[:, None]).sum(axis=1)
                self.crossing += int(np.count_nonzero((np.diff(q, axis=1) < 0).any(axis=1)))
                standing = self._stretch(q, y)
            for name, values in scores.items():
                self.scores[name].add(values, w)
            for own, column in zip(self.pinball, losses.T, strict=True):
                own.add(column, w)
            self.below.add(y[:, None] <= q, w)
            self.between.add(place[:, None] == np.arange(len(self.between.count)), w)
            held = np.zeros((len(y), len(forecast.intervals)), dtype=bool)
            for k, interval in enumerate(forecast.intervals):
                low, high = q[:, interval.low], q[:, interval.high]
                held[:, k] = (low <= y) & (y <= high)
                self.width[k].add(high - low, w)
                self.score[k].add(interval_score(low, high, y, interval.nominal), w)
            self.inside.add(held, w)
            if self.standings is not None:
                self.standings.add(standing, w)

    def _stretch(self, q: Array, y: Array) -> Array:
        if not self.forecast.intervals:
            return np.empty(0)
        widest = self.forecast.intervals[0]
        low, high = q[:, widest.low], q[:, widest.high]
        at = next((i for i, level in enumerate(self.forecast.levels) if level == 0.5), None)
        middle = low / 2.0 + high / 2.0 if at is None else q[:, at]
        return stretch(low, middle, high, y)

    def merge(self, other: ForecastSums) -> None:
        """Add what another counted."""
        self.crossing += other.crossing
        for name, sums in self.scores.items():
            sums.merge(other.scores[name])
        for mine, its in ((self.pinball, other.pinball), (self.width, other.width), (self.score, other.score)):
            for own, more in zip(mine, its, strict=True):
                own.merge(more)
        self.below.merge(other.below)
        self.inside.merge(other.inside)
        self.between.merge(other.between)
        if self.standings is not None and other.standings is not None:
            self.standings.merge(other.standings)

    def pack(self, packer: Packer, rows: int) -> None:
        """Give or take the sums of so many rows, of which none is kept."""
        self.crossing = packer.count(self.crossing)
        for sums in (*self.scores.values(), *self.pinball, *self.width, *self.score):
            sums.pack(packer, rows)
        for parts in (self.below, self.inside, self.between):
            parts.pack(packer, rows)
        if self.crossing > rows or int(self.between.count.sum()) != rows:
            raise ValueError("its quantiles are of other rows")
        if self.standings is not None:
            self.standings.pack(packer, rows)


def normal_bins() -> Array:
    """Φ⁻¹ of the inner edges of the bins of the PIT, ``(PIT_BINS − 1,)``."""
    from lossterm.core.probit import quantile

    return quantile(np.arange(1, PIT_BINS) / PIT_BINS)


class ValueSums:
    """The sums of errors v − y, and of the distributions that values come with.

    Args:
        forecast: these distributions, or None.
        counting: whether what needs an order is counted in cells.
        weighted: whether rows have weights.

    Attributes:
        means: of ``error``, ``absolute``, ``squared`` and ``label``.
        spread: of the labels with √w for weights, or None.
        squared_weights: Σw².
        errors: v − y.
        sample: rows for what is drawn over the predictions.
        forecasts: of the distributions, or None.
    """

    def __init__(self, forecast: Forecast | None, *, counting: bool, weighted: bool) -> None:
        self.means = {
            name: MeanSums(weighted=WeightedMoments() if weighted else None)
            for name in ("error", "absolute", "squared", "label")
        }
        self.spread = WeightedMoments() if weighted else None
        self.squared_weights = ExactSum()
        self.errors = OrderedValues(counting=counting, weighted=weighted)
        self.sample = Sample(SAMPLED)
        self.forecasts = None if forecast is None else ForecastSums(forecast, counting=counting, weighted=weighted)

    def add(self, examples: Examples) -> None:
        """Count a batch."""
        y, w = examples.label, examples.weight
        with np.errstate(over="ignore"):
            error = examples.prediction - y
            numbers = {"error": error, "absolute": np.abs(error), "squared": error * error, "label": y}
        for name, values in numbers.items():
            self.means[name].add(values, w)
        if self.spread is not None and w is not None:
            self.spread.add(y, np.sqrt(w))
            with np.errstate(over="ignore"):
                self.squared_weights.add(w * w)
        self.errors.add(error, w)
        self.sample.add(Examples(examples.row, y, examples.prediction, w))
        if self.forecasts is not None:
            self.forecasts.add(examples)

    def merge(self, other: ValueSums) -> None:
        """Add what another counted."""
        for name, sums in self.means.items():
            sums.merge(other.means[name])
        if self.spread is not None and other.spread is not None:
            self.spread.merge(other.spread)
        self.squared_weights.merge(other.squared_weights)
        self.errors.merge(other.errors)
        self.sample.merge(other.sample)
        if self.forecasts is not None and other.forecasts is not None:
            self.forecasts.merge(other.forecasts)

    def pack(self, packer: Packer, rows: int) -> None:
        """Give or take the sums of so many rows, of which none is kept but those of the sample."""
        for sums in self.means.values():
            sums.pack(packer, rows)
        if self.spread is not None:
            self.spread.pack(packer)
            self.squared_weights.pack(packer)
        self.errors.pack(packer, rows)
        self.sample.pack(packer, weighted=self.spread is not None)
        if self.sample.seen != rows or (self.spread is not None and self.spread.count != rows):
            raise ValueError("its sample is of other rows")
        if self.forecasts is not None:
            self.forecasts.pack(packer, rows)

    def with_sample(self, sample: Sample) -> ValueSums:
        """The same sums with other rows, or other numbers of them, in the sample."""
        found = copy(self)
        found.sample = sample
        return found

    def count_in_cells(self) -> None:
        """Keep no row any more, but those of the sample."""
        self.errors.count_in_cells()
        if self.forecasts is not None and self.forecasts.standings is not None:
            self.forecasts.standings.count_in_cells()
