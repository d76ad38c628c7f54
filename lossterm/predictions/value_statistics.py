"""Every statistic of plain values, declared once: of their errors, and of the distributions that they come with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.value_findings import (
    BAND_LEVELS,
    ERROR_LEVELS,
    ForecastFinding,
    IntervalFinding,
    LevelFinding,
    PitBin,
    ValueFinding,
)
from lossterm.predictions.figures import Record, Statistic, Statistics, record_of

if TYPE_CHECKING:
    from lossterm.core.statistics.value_findings import Bands, MeanFigure


def _attribute(name: str) -> Callable[[Any], Any]:
    return lambda of: getattr(of, name)


def _mean(name: str, title: str, about: str) -> tuple[Statistic[Any], ...]:
    """A mean and its standard error, under the name of the attribute that holds both."""

    def part(of: Any, which: str) -> float | None:
        found: MeanFigure | None = getattr(of, name)
        return None if found is None else getattr(found, which)

    return (
        Statistic(name, title, about, lambda of: part(of, "value")),
        Statistic(f"{name}_standard_error", "s.e.", "its standard error",
                  lambda of: part(of, "standard_error"), 2),
    )  # fmt: skip


def _end(place: int) -> Callable[[Any], float | None]:
    return lambda of: of.ends[place]


def _widest(found: ValueFinding) -> IntervalFinding | None:
    return found.held[0] if found.held else None


def _of_widest(get: Callable[[IntervalFinding], Any]) -> Callable[[ValueFinding], Any]:
    return lambda found: None if (widest := _widest(found)) is None else get(widest)


VALUES: Statistics[ValueFinding] = (
    *_mean("bias", "bias", "mean v − y: above 0 the predictions are too high"),
    Statistic("rmse", "RMSE", "√mean (v − y)²", _attribute("rmse")),
    *_mean("mae", "MAE", "mean |v − y|"),
    Statistic("r2", "R²", "1 − Σ(v − y)²/Σ(y − ȳ)²: below 0 the mean label is the better prediction; null where all "
              "labels are the same", _attribute("r2")),
    Statistic("coverage", "holds", "the part of the labels in the widest interval, its ends included",
              _of_widest(lambda interval: interval.coverage), error_name="coverage_error", is_part=True, apart=True),
    Statistic("coverage_nominal", "interval", "the part that it is to hold", _of_widest(lambda i: i.nominal),
              apart=True),
)  # fmt: skip
"""What becomes of the values themselves."""

FORECAST: Statistics[ForecastFinding] = (
    *_mean("crps", "CRPS", "the continuous ranked probability score: of quantiles the mean over the levels of "
           "2·pinball, of normal distributions exact"),
    *_mean("nll", "NLL", "of normal distributions the mean negative log likelihood; null of quantiles"),
    Statistic("pinball", "pinball", "the mean pinball loss over all levels", _attribute("pinball")),
    Statistic("stretch", "stretch", "by what the widest interval is to be stretched about its middle to hold what it "
              "should; of normal distributions √mean t², by what each standard deviation is to be multiplied "
              "(in-sample)", _attribute("stretch"), 3, error_name="stretch_error"),
    Statistic("crossing", "rows that cross", "rows whose quantiles do not ascend", _attribute("crossing"), 0),
)  # fmt: skip
"""What the distributions are worth."""

INTERVALS: Statistics[IntervalFinding] = (
    Statistic("nominal", "interval", "what it is to hold", lambda of: Estimate(of.nominal), is_part=True),
    Statistic("coverage", "holds", "what it holds", _attribute("coverage"), error_name="coverage_error",
              is_part=True),
    Statistic("coverage_lower", "95% from", "Wilson's interval of that", lambda of: Estimate(of.ends[0]),
              is_part=True),
    Statistic("coverage_upper", "to", "", lambda of: Estimate(of.ends[1]), is_part=True),
    Statistic("width", "width", "its mean width", _attribute("width")),
    *_mean("score", "score", "the mean of (u − l) + (2/α)((l − y)₊ + (y − u)₊); null of v ± z·RMSE"),
)  # fmt: skip
"""Of each central interval."""

LEVELS: Statistics[LevelFinding] = (
    Statistic("level", "level", "", _attribute("level")),
    Statistic("below", "y ≤ q", "the part of the labels at or below the quantile", lambda of: Estimate(of.below),
              is_part=True),
    Statistic("below_lower", "95% from", "Wilson's interval of that", lambda of: Estimate(of.ends[0]), is_part=True),
    Statistic("below_upper", "to", "", lambda of: Estimate(of.ends[1]), is_part=True),
    *_mean("pinball", "pinball", "its mean τ(y − q)₊ + (1 − τ)(q − y)₊"),
)  # fmt: skip
"""Of each level."""

PIT: Statistics[PitBin] = (
    Statistic("lower", "from", "", _attribute("lower")),
    Statistic("upper", "to", "", _attribute("upper")),
    Statistic("count", "count", "", _attribute("count"), 0),
    Statistic("share", "share", "the part of the labels in it", lambda of: Estimate(of.share), is_part=True),
    Statistic("share_lower", "95% from", "Wilson's interval of that", _end(0)),
    Statistic("share_upper", "to", "", _end(1)),
)
"""Of each bin of the probability integral transform."""

# ---- for programs ---------------------------------------------------------------------------------------------------


def quantile_records(found: ValueFinding | None) -> list[Record] | None:
    """The quantiles of the errors."""
    if found is None:
        return None
    value: Statistic[Estimate] = Statistic("value", "", "", lambda of: of, error_name="value_error")
    return [{"level": level, **value.record(of)} for level, of in zip(ERROR_LEVELS, found.quantiles, strict=True)]


def band_records(found: ValueFinding | None) -> list[Record] | None:
    """The errors over the predictions."""
    bands = None if found is None else found.bands
    if bands is None:
        return None
    names = ("lower", "upper", "count", "prediction", "error", *(band_name(level) for level in BAND_LEVELS))
    return [dict(zip(names, row, strict=True)) for row in band_rows(bands)]


def band_name(level: float) -> str:
    """The name of a quantile of the errors of a band: ``q05``."""
    return f"q{round(100 * level):02d}"


def band_rows(bands: Bands) -> list[list[float]]:
    """A row of numbers a band: from, to, how many, their mean prediction and error, the quantiles of their errors."""
    columns = (bands.lower, bands.upper, bands.count, bands.prediction, bands.error)
    return [
        [*row, *quantiles]
        for *row, quantiles in zip(*(column.tolist() for column in columns), bands.quantiles.tolist(), strict=True)
    ]


def interval_records(found: ValueFinding | None) -> list[Record] | None:
    """What the intervals hold."""
    return None if found is None else [record_of(INTERVALS, each) for each in found.held]


def level_records(found: ValueFinding | None) -> list[Record] | None:
    """What becomes of each level."""
    forecast = None if found is None else found.forecast
    return None if forecast is None else [record_of(LEVELS, each) for each in forecast.levels]


def pit_records(found: ValueFinding | None) -> list[Record] | None:
    """The probability integral transform."""
    forecast = None if found is None else found.forecast
    return None if forecast is None else [record_of(PIT, each) for each in forecast.pit]


def value_record(found: ValueFinding | None) -> Record:
    """All of it as JSON has it; every field is null of nothing."""
    forecast = None if found is None else found.forecast
    return {
        **record_of(VALUES, found),
        "error_quantiles": quantile_records(found),
        **record_of(FORECAST, forecast),
        "intervals": interval_records(found),
        "levels": level_records(found),
        "pit": pit_records(found),
        "residuals": band_records(found),
    }
