"""The errors of plain values: over the predictions with their bands, and against the normal distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossterm.chart.columns import column_of, round_points, row_of
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, Dash, Series, apart
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, linear_axis
from lossterm.core.jets import Array
from lossterm.core.numbers import MINUS, significant, trimmed
from lossterm.core.probit import lower_tail
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.value_findings import Bands, QuantilePlot, ValueFinding
from lossterm.predictions.figures import estimated, told
from lossterm.predictions.pictures.coverage import NO_SQUARE
from lossterm.predictions.pictures.figure import (
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    counted,
    nothing,
    over_blanks,
    panel_of,
)
from lossterm.predictions.pictures.reliability import QUIET

BAND_DASHES: tuple[Dash | None, ...] = ("dotted", "dashed", None, "dashed", "dotted")
"""Of the quantiles 5, 25, 50, 75 and 95%."""

BAND_INKS = (2, 1, 0, 1, 2)
FEW_ROWS, MANY_ROWS = "·", "•"
"""Cells with rows in them, and those with many."""

FARTHEST = 4.0
"""The window of the errors reaches at most so many times as far as their bands: what is beyond is told."""


@dataclass(frozen=True, eq=False)
class BandReadout:
    """The errors of the bins, and how many rows the window leaves out."""

    bands: Bands
    beyond: int

    def _at(self, at: float) -> int:
        return min(int(self.bands.upper.searchsorted(at, side="left")), len(self.bands.upper) - 1)

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The bands there."""
        x = self.bands.prediction
        if len(x) < 2:
            row = self.bands.quantiles[0].tolist()
            return list(zip(BAND_INKS, row, strict=True))
        heights = [float(np.interp(at, x, column, left=math.nan, right=math.nan)) for column in self.bands.quantiles.T]
        return list(zip(BAND_INKS, heights, strict=True))

    def words(self, at: float) -> str:
        """The bin there."""
        bands, k = self.bands, self._at(at)
        low, lower, middle, upper, high = (told(each, 3) for each in bands.quantiles[k].tolist())
        parts = [
            f"v {told(float(bands.lower[k]), 3)} to {told(float(bands.upper[k]), 3)}",
            f"mean v {MINUS} y {told(float(bands.error[k]), 3)}",
            f"median {middle}",
            f"half {lower} to {upper}",
            f"90% {low} to {high}",
            counted(int(bands.count[k]), "row"),
        ]
        if self.beyond:
            parts.append(f"{counted(self.beyond, 'row')} beyond the chart")
        return SEPARATOR.join(parts)


def draw_residuals(found: ValueFinding, size: tuple[int, int]) -> PredictionFigure:
    """Paint the errors v − y over the predictions v: the rows as dots, quantiles in bins of equal counts as lines.

    Args:
        found: of the file, with weights where there are any.
        size: width and height in cells.
    """
    bands = found.bands
    if bands is None:
        return nothing("some errors are infinite: there is no window for them")
    v, error = bands.points
    reach = FARTHEST * (float(np.abs(bands.quantiles).max()) or math.inf)
    lo, hi = max(float(error.min()), -reach), min(float(error.max()), reach)
    beyond = int(np.count_nonzero((error < lo) | (error > hi)))
    left, right = float(v.min()), float(v.max())
    if left == right:  # a constant has a window of its own size
        left, right = left - max(abs(left), 1.0) / 2.0, right + max(abs(right), 1.0) / 2.0
    left, right = apart(left, right)
    x = Axis(left, right, tuple(linear_ticks(left, right, most_x(size[0]))))
    y = linear_axis(*apart(min(lo, 0.0), max(hi, 0.0)), canvas_lines(size[1]))
    series = [
        Series(bands.prediction, column, ink, "", dash)
        for column, ink, dash in zip(bands.quantiles.T, BAND_INKS, BAND_DASHES, strict=True)
    ]
    panel = panel_of("error", x, y, series, size)
    if panel is None:
        return nothing(TOO_SMALL)
    columns, lines = panel.picture.columns, panel.picture.lines
    zero = int(row_of(0.0, y.lo, y.hi, 4 * lines)) // 4
    picture = over_blanks(panel.picture, _dots(v, error, x, y, (columns, lines)))
    picture = over_blanks(picture, {(zero, column): (QUIET, FRAME) for column in range(0, columns, 2)})
    names = (("━ median", 0), ("  ╌ half", 1), ("  ┈ 90%", 2))
    rows = f"{bands.sampled:,} of {bands.rows:,} rows" if bands.sampled < bands.rows else f"{bands.rows:,} rows"
    legend = ((f"v {MINUS} y over v  ", FRAME), *names, (f"  {FEW_ROWS} {rows}", FRAME))
    readout = BandReadout(bands, beyond)
    panel, stops = replace(panel, picture=picture), round_points(left, right, columns)
    return PredictionFigure(panel, "", legend, stops, readout, brief=(names,))


def _dots(v: Array, error: Array, x: Axis, y: Axis, size: tuple[int, int]) -> dict[tuple[int, int], tuple[str, int]]:
    """The cells with rows in them: the more, the larger the dot."""
    columns, lines = size
    inside = (error >= y.lo) & (error <= y.hi)
    column = column_of(v[inside], x.lo, x.hi, columns)
    row = row_of(error[inside], y.lo, y.hi, 4 * lines) // 4
    place, count = np.unique(row * columns + column, return_counts=True)
    many = max(int(count.max(initial=1)) ** (2 / 3), 2.0)
    return {
        (at // columns, at % columns): (MANY_ROWS if n >= many else FEW_ROWS, FRAME)
        for at, n in zip(place.tolist(), count.tolist(), strict=True)
    }


# ---- against the normal distribution --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QuantileReadout:
    """The quantiles, and what they were if the errors were normal."""

    plot: QuantilePlot

    def _value(self, at: float) -> float:
        return float(np.interp(at, self.plot.normal, self.plot.value, left=math.nan, right=math.nan))

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The quantile there, and that of normal errors."""
        return [(1, self.plot.centre + self.plot.scale * at), (0, self._value(at))]

    def words(self, at: float) -> str:
        """Both, and the part of the rows that is below."""
        plot = self.plot
        below = float(lower_tail(np.array([at]))[0][0])
        name = f"(v {MINUS} y)/sd" if plot.standardised else f"v {MINUS} y"
        value = self._value(at)
        near = int(np.abs(plot.normal - at).argmin())
        text = "none" if math.isnan(value) else estimated(Estimate(value, float(plot.error[near])), 3)
        normal = told(plot.centre + plot.scale * at, 3)
        return SEPARATOR.join([
            f"{significant(100 * below, 3)}% of the rows below", f"{name} {text}", f"{normal} if normal",
            f"z {trimmed(at, 3)}",
        ])  # fmt: skip


def draw_quantiles(found: ValueFinding, size: tuple[int, int]) -> PredictionFigure:
    """Paint the quantiles of the errors against those of the normal distribution: normal errors are on the line.

    Args:
        found: of the file, with weights where there are any.
        size: width and height in cells.
    """
    plot = found.plot
    if plot is None:
        return nothing(NO_SQUARE)
    if not (np.isfinite(plot.value).all() and math.isfinite(plot.scale)):
        return nothing("some errors are infinite: there is no window for them")
    reach = max(float(np.abs(plot.normal).max()), 1.0)
    x = Axis(-reach, reach, tuple(linear_ticks(-reach, reach, most_x(size[0]))))
    ends = np.array([-reach, reach])
    line = plot.centre + plot.scale * ends
    heights = np.concatenate([plot.value, line])
    y = linear_axis(*apart(float(heights.min()), float(heights.max())), canvas_lines(size[1]))
    series = [Series(ends, line, 1, "", "dashed"), Series(plot.normal, plot.value, 0)]
    panel = panel_of("quantile", x, y, series, size)
    if panel is None:
        return nothing(TOO_SMALL)
    what = "(v − y)/sd" if plot.standardised else "v − y"
    own = "mean 0, sd 1" if plot.standardised else "of their mean and sd"
    names = ((f"━ {what}", 0), (f"  ╌ normal, {own}", 1))
    legend = (("quantiles against normal ones  ", FRAME), *names)
    stops = round_points(-reach, reach, panel.picture.columns)
    return PredictionFigure(
        panel, "", legend, stops, QuantileReadout(plot), brief=(names, (names[0], ("  ╌ normal", 1)))
    )
