"""How many labels the quantiles and intervals of a file hold: against what they should, and as a histogram (PIT)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossterm.chart.columns import centre, column_of, round_points, row_of
from lossterm.chart.panel import overlaid
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, Series
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks, linear_axis
from lossterm.core.jets import Array
from lossterm.core.numbers import percent, trimmed
from lossterm.core.statistics.ordered_values import WEIGHTLESS
from lossterm.core.statistics.value_findings import IntervalFinding, LevelFinding, PitBin, ValueFinding
from lossterm.predictions.figures import told
from lossterm.predictions.pictures.figure import (
    EIGHTHS,
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    counted,
    nothing,
    over_blanks,
    panel_of,
)
from lossterm.predictions.pictures.reliability import QUIET, WHISKER
from lossterm.predictions.value_conclusion import nominal_text, told_share, verdict

LEVEL_INK, INTERVAL_INK = 0, 1
LEVEL_MARK, INTERVAL_MARK = "●", "◆"

NO_FORECAST = "no column tells the distribution: quantiles, lower and upper, or a standard deviation"
NO_SQUARE = "the mean square of the errors is beyond every number: v ± z·RMSE has no width"


@dataclass(frozen=True, eq=False)
class CoverageReadout:
    """What is held at each level, and by each interval.

    Attributes:
        levels: ascending.
        intervals: the widest first.
        about_values: whether the intervals are v ± z·RMSE.
    """

    levels: Sequence[LevelFinding]
    intervals: Sequence[IntervalFinding]
    about_values: bool

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """What is held there, on the lines between the points."""
        found = []
        if len(self.intervals) > 1:
            x, y = _of_intervals(self.intervals)
            found.append((INTERVAL_INK, float(np.interp(at, x, y, left=math.nan, right=math.nan))))
        if len(self.levels) > 1:
            x, y = _of_levels(self.levels)
            found.append((LEVEL_INK, float(np.interp(at, x, y, left=math.nan, right=math.nan))))
        return found

    def words(self, at: float) -> str:
        """The nearest interval and the nearest level."""
        parts = []
        if self.intervals:
            near = min(self.intervals, key=lambda each: abs(each.nominal - at))
            low, high = (percent(end) for end in near.ends)
            name = "v ± z·RMSE" if self.about_values else "interval"
            fault = verdict(near)
            parts.append(f"the {nominal_text(near)} {name} holds {told_share(near)}{f': {fault}' if fault else ''}")
            parts.append(f"95% of that {low}–{high}")
            parts.append(f"width {told(near.width, 3)}")
            if near.score is not None:
                parts.append(f"score {told(near.score.value, 3)}")
        if self.levels:
            level = min(self.levels, key=lambda each: abs(each.level - at))
            parts.insert(1, f"y ≤ q{trimmed(level.level)} for {percent(level.below)}")
            parts.append(f"pinball {told(level.pinball.value, 3)}")
        return SEPARATOR.join(parts)


def draw_coverage(found: ValueFinding, size: tuple[int, int]) -> PredictionFigure:
    """Paint what is held against what should be; on the diagonal both are the same.

    Args:
        found: of the file, with weights where there are any.
        size: width and height in cells.
    """
    levels = () if found.forecast is None else found.forecast.levels
    if not levels and not found.held:
        return nothing(NO_SQUARE)
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    y = Axis(0.0, 1.0, tuple(even_ticks(0.0, 1.0, canvas_lines(size[1]))))
    series = []
    if found.held:
        series.append(Series(*_of_intervals(found.held), INTERVAL_INK, "", "dashed"))
    if levels:
        series.append(Series(*_of_levels(levels), LEVEL_INK))
    panel = panel_of("coverage", x, y, series, size)
    if panel is None:
        return nothing(TOO_SMALL)
    columns, lines = panel.picture.columns, panel.picture.lines
    marks: dict[tuple[int, int], tuple[str, int]] = {}
    whiskers: dict[tuple[int, int], tuple[str, int]] = {}
    points = [(each.nominal, each.coverage.value or 0.0, each.ends, INTERVAL_MARK, INTERVAL_INK) for each in found.held]
    points += [(each.level, each.below, each.ends, LEVEL_MARK, LEVEL_INK) for each in levels]
    for place, share, ends, mark, ink in points:
        column = int(column_of(place, 0.0, 1.0, columns))
        row, bottom, top = (int(row_of(height, 0.0, 1.0, 4 * lines)) // 4 for height in (share, *ends))
        marks[row, column] = (mark, ink)
        whiskers |= {(r, column): (WHISKER, FRAME) for r in range(top, bottom + 1)}
    picture = over_blanks(overlaid(panel.picture, marks), whiskers)
    across = centre(0.0, 1.0, columns)[::2]
    diagonal = zip((row_of(across, 0.0, 1.0, 4 * lines) // 4).tolist(), range(0, columns, 2), strict=True)
    picture = over_blanks(picture, dict.fromkeys(diagonal, (QUIET, FRAME)))
    stops = round_points(0.0, 1.0, columns)
    marks_of = [(f"{LEVEL_MARK} y ≤ quantile", LEVEL_INK)] if levels else []
    name = "v ± z·RMSE" if found.forecast is None else "interval"
    marks_of += [(f"{'  ' if marks_of else ''}{INTERVAL_MARK} {name}", INTERVAL_INK)] if found.held else []
    legend = (("held against what should be  ", FRAME), *marks_of)
    readout = CoverageReadout(levels, found.held, found.forecast is None)
    panel = replace(panel, picture=picture)
    return PredictionFigure(panel, "", legend, stops, readout, brief=(tuple(marks_of),))


def _of_intervals(intervals: Sequence[IntervalFinding]) -> tuple[Array, Array]:
    ascending = sorted(intervals, key=lambda each: each.nominal)
    return np.array([each.nominal for each in ascending]), np.array([each.coverage.value or 0.0 for each in ascending])


def _of_levels(levels: Sequence[LevelFinding]) -> tuple[Array, Array]:
    return np.array([each.level for each in levels]), np.array([each.below for each in levels])


# ---- the probability integral transform -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PitReadout:
    """The bins of the histogram."""

    bins: Sequence[PitBin]

    def _at(self, at: float) -> PitBin:
        return next((each for each in self.bins if at <= each.upper), self.bins[-1])

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The density there."""
        return [(LEVEL_INK, density(self._at(at)))]

    def words(self, at: float) -> str:
        """How many labels are in the bin there, and how many should be."""
        found = self._at(at)
        low, high = (percent(end) for end in found.ends)
        return SEPARATOR.join([
            f"PIT {trimmed(found.lower)} to {trimmed(found.upper)}",
            f"{percent(found.share)} of the labels, {trimmed(100 * (found.upper - found.lower))}% if right",
            f"95% {low}–{high}",
            counted(found.count, "label"),
        ])  # fmt: skip


def density(found: PitBin) -> float:
    """The part of the labels in a bin over its width: 1 if the distributions are right."""
    return found.share / (found.upper - found.lower)


def draw_pit(found: ValueFinding, size: tuple[int, int]) -> PredictionFigure:
    """Paint the histogram of the probability integral transform: flat at 1 if the distributions are right.

    Args:
        found: of the file, with weights where there are any.
        size: width and height in cells.
    """
    if found.forecast is None:
        return nothing(NO_FORECAST)
    bins = found.forecast.pit
    top = max(*(density(each) for each in bins), 1.0)
    if not math.isfinite(top):
        return nothing(WEIGHTLESS)
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    y = linear_axis(0.0, top, canvas_lines(size[1]))
    y = Axis(0.0, y.hi, tuple(tick for tick in y.ticks if tick.position >= 0))
    panel = panel_of("density", x, y, (), size)
    if panel is None:
        return nothing(TOO_SMALL)
    columns, lines = panel.picture.columns, panel.picture.lines
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    readout = PitReadout(bins)
    for column, middle in enumerate(centre(0.0, 1.0, columns).tolist()):
        full, rest = divmod(round(8 * lines * density(readout._at(middle)) / y.hi), 8)
        cells |= {(lines - 1 - row, column): ("█", LEVEL_INK) for row in range(min(full, lines))}
        if rest and full < lines:
            cells[lines - 1 - full, column] = (EIGHTHS[rest], LEVEL_INK)
    right = int(row_of(1.0, 0.0, y.hi, 4 * lines)) // 4
    picture = overlaid(panel.picture, cells)
    picture = over_blanks(picture, {(right, column): (QUIET, FRAME) for column in range(columns)})
    legend = (("density of the labels; · 1 if right", FRAME),)
    return PredictionFigure(replace(panel, picture=picture), "", legend, round_points(0.0, 1.0, columns), readout)
