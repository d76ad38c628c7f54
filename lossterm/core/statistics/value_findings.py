"""What a summary of plain values says: their errors, and what the distributions that they come with are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.statistics.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lossterm.core.statistics.forecast import Forecast

SAMPLED = 1 << 16
"""Rows that what is drawn over the predictions comes from: all, or of more those whose hash is smallest."""

ERROR_LEVELS = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
"""The levels of the errors' quantiles that are told."""

BAND_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Those that are drawn over the predictions."""


@dataclass(frozen=True)
class MeanFigure:
    """A mean and its standard error; None where there is none."""

    value: float | None
    standard_error: float | None


@dataclass(frozen=True)
class LevelFinding:
    """What becomes of the quantiles at one level.

    Attributes:
        level: τ.
        below: the part of the labels at or below them.
        ends: Wilson's 95 % interval of that.
        pinball: their mean pinball loss.
    """

    level: float
    below: float
    ends: tuple[float, float]
    pinball: MeanFigure


@dataclass(frozen=True)
class IntervalFinding:
    """What becomes of one central interval.

    Attributes:
        nominal: the part of the labels that it is to hold.
        coverage: the part that it holds, its ends included.
        ends: Wilson's 95 % interval of that.
        width: its mean width.
        score: its mean interval score; None of v ± z·RMSE, which is no forecast.
    """

    nominal: float
    coverage: Estimate
    ends: tuple[float, float]
    width: float | None
    score: MeanFigure | None = None


@dataclass(frozen=True)
class PitBin:
    """One bin of the probability integral transform.

    Attributes:
        lower: of the bin, in [0, 1].
        upper: of the bin.
        count: labels in it.
        share: the part of the labels (of Σw) in it; its width if the distributions are right.
        ends: Wilson's 95 % interval of that.
    """

    lower: float
    upper: float
    count: int
    share: float
    ends: tuple[float, float]


@dataclass(frozen=True, eq=False)
class ForecastFinding:
    """What the distributions are worth.

    Attributes:
        forecast: what they are.
        crps: the continuous ranked probability score; of quantiles the mean over the levels of 2·pinball.
        nll: the negative log likelihood of normal distributions; None of quantiles.
        pinball: the mean pinball loss over all levels; of quantiles half the CRPS.
        crossing: rows whose quantiles do not ascend; None of normal distributions.
        levels: of each level.
        intervals: of each central interval, the widest first.
        pit: the probability integral transform.
        stretch: by what the widest interval is to be stretched about its middle to hold as much as it should; of normal
            distributions √mean t², by what every standard deviation is to be multiplied. In-sample.
    """

    forecast: Forecast
    crps: MeanFigure
    nll: MeanFigure | None
    pinball: float | None
    crossing: int | None
    levels: tuple[LevelFinding, ...]
    intervals: tuple[IntervalFinding, ...]
    pit: tuple[PitBin, ...]
    stretch: Estimate


@dataclass(frozen=True, eq=False)
class Bands:
    """The errors over the predictions, in bins of equal counts.

    Attributes:
        lower: the least prediction of each bin, ``(m,)``.
        upper: the largest.
        count: how many rows.
        prediction: their mean prediction.
        error: their mean error.
        quantiles: of their errors at `BAND_LEVELS`, ``(m, 5)``.
        points: the predictions and errors that these come from, ``(2, k)``.
        rows: of how many rows they are a sample.
    """

    lower: Array
    upper: Array
    count: NDArray[np.int64]
    prediction: Array
    error: Array
    quantiles: Array
    points: Array
    rows: int

    @property
    def sampled(self) -> int:
        """From how many rows they come."""
        return int(self.points.shape[1])


@dataclass(frozen=True, eq=False)
class QuantilePlot:
    """Quantiles of errors against those of the normal distribution.

    Attributes:
        normal: Φ⁻¹ of the levels, ascending, ``(k,)``.
        value: the quantiles of what is plotted.
        error: by how much each may be off where it comes from counts in cells.
        centre: the intercept of the line that normal errors are on: their mean; 0 of standardised ones.
        scale: its slope: their standard deviation; 1 of standardised ones.
        standardised: whether it is (v − y)/σ that is plotted, not v − y.
    """

    normal: Array
    value: Array
    error: Array
    centre: float
    scale: float
    standardised: bool


@dataclass(frozen=True, eq=False)
class ValueFinding:
    """What becomes of plain values, without weights or with them.

    Attributes:
        bias: mean v − y.
        mae: mean |v − y|.
        rmse: √mean (v − y)²; None where no weight is positive.
        r2: 1 − Σ(v − y)²/Σ(y − ȳ)²; None where every label is the same.
        deviation: the standard deviation of the labels about their mean, √(Σ(y − ȳ)²/n).
        quantiles: of the errors, at `ERROR_LEVELS`.
        intervals: v ± z·RMSE, as if errors were normal of one size (in-sample), the widest first.
        plot: the errors against the normal distribution; None where their order is not known.
        bands: the errors over the predictions.
        forecast: of the distributions that the values come with, or None.
    """

    bias: MeanFigure
    mae: MeanFigure
    rmse: float | None
    r2: float | None
    deviation: float | None
    quantiles: tuple[Estimate, ...]
    intervals: tuple[IntervalFinding, ...]
    plot: QuantilePlot | None
    bands: Bands | None
    forecast: ForecastFinding | None

    @property
    def held(self) -> tuple[IntervalFinding, ...]:
        """The intervals that are looked at: those of the forecast, else v ± z·RMSE."""
        own = () if self.forecast is None else self.forecast.intervals
        return own or (self.intervals if self.forecast is None else ())
