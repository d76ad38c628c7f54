"""What the pictures of a file of predictions have in common: the figure, its cursor, its words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from lossterm.chart.columns import column_of
from lossterm.chart.painter import paint
from lossterm.chart.panel import CURSOR, Panel, blank_cells, overlaid
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, ChartSpec, Series
from lossterm.chart.ticks import MARGIN
from lossterm.core.jets import Array
from lossterm.core.numbers import digits_apart, trimmed

EIGHTHS = " ▁▂▃▄▅▆▇█"
"""Bars of so many eighths of a cell."""

TOO_SMALL = "too little room for a picture"
"""Why there is none at tiny sizes."""

SEPARATOR = " · "
"""Between the parts of a line of words: where there is no room for all the last ones go first."""

LABEL_INKS = (0, 1)
"""The inks of label 0 and 1, or of wrong and right."""


@dataclass(frozen=True)
class Shown:
    """How a loss is told apart.

    Attributes:
        letter: on its curve, and before its numbers.
        ink: of its curve.
        name: in the legend.
    """

    letter: str
    ink: int
    name: str


class PictureReadout(Protocol):
    """What is read off a picture at a place on its x axis; nothing is computed anew."""

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The ink of each curve and its height there, as `Panel.place` takes it; nan where it has none."""

    def words(self, at: float) -> str:
        """The numbers there in one line, the most important first."""


@dataclass(frozen=True)
class NoReadout:
    """The readout of a picture that there is not."""

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """None."""
        return ()

    def words(self, at: float) -> str:
        """None."""
        return ""


@dataclass(frozen=True, eq=False)
class PredictionFigure:
    """A picture of a file of predictions.

    Attributes:
        panel: what is painted; None where there is nothing to draw.
        reason: why there is nothing, in a line.
        legend: (text, ink) pieces of the title line, one after the other as they are; `FRAME` is plain text.
        stops: x of each stop of the cursor in the page's unit, ascending, ``(columns,)``.
        readout: the numbers at a place.
        log_x: whether the x axis is the decimal logarithm of the page's unit.
        mark: what the cursor puts on a curve instead of a dot.
        seen: the classes that the cursor can be put at, of a picture that does not have room for all; None for all.
        brief: shorter legends, for titles without room for the whole one, the longest first.
        thresholds: of a picture whose cursor is the threshold, that of each stop; None of others.
    """

    panel: Panel | None
    reason: str = ""
    legend: tuple[tuple[str, int], ...] = ()
    stops: Array = field(default_factory=lambda: np.empty(0))
    readout: PictureReadout = field(default_factory=NoReadout)
    log_x: bool = False
    mark: str = ""
    seen: range | None = None
    brief: tuple[tuple[tuple[str, int], ...], ...] = ()
    thresholds: Array | None = None

    def threshold(self, at: float) -> float | None:
        """The threshold at the stop that is nearest a place; None where the cursor is none."""
        if self.thresholds is None or not len(self.stops):
            return None
        return min(max(float(self.thresholds[int(np.argmin(np.abs(self.stops - at)))]), 0.0), 1.0)

    def place_of(self, threshold: float) -> float:
        """Where a threshold is: the one that is drawn at its own place, any other at the nearest stop."""
        drawn: float | None = getattr(self.readout, "threshold", None)
        if self.thresholds is None or drawn == threshold or not len(self.stops):
            return float(getattr(self.readout, "place", math.nan))
        nearest = int(np.argmin(np.abs(np.clip(self.thresholds, 0.0, 1.0) - threshold)))
        return float(self.stops[nearest])

    def has_seen(self, at: float) -> bool:
        """Whether a place is on the picture; where it is not, it must be drawn anew with the cursor there."""
        return self.seen is None or round(at) in self.seen

    def column(self, at: float) -> int:
        """The canvas column of a place, −1 outside."""
        if self.panel is None:
            return -1
        if self.log_x:
            at = math.log10(at) if at > 0 else math.nan
        axis = self.panel.chart.x_axis
        return int(column_of(at, axis.lo, axis.hi, self.panel.picture.columns))

    def cursor(self, at: float) -> dict[int, tuple[str, int]]:
        """What the cursor puts over its column, by canvas row: its line, and a dot on each curve."""
        if self.panel is None or self.column(at) < 0:
            return {}
        cells = dict.fromkeys(range(self.panel.picture.lines), (CURSOR, FRAME))
        for ink, height in self.readout.heights(at):
            place = self.panel.place(height)
            if place is not None:
                cells[place[0]] = (self.mark or place[1], ink)
        return cells

    def words(self, at: float) -> str:
        """The numbers at a place, the most important first, the parts separated by `SEPARATOR`."""
        return self.readout.words(at)


def nothing(reason: str) -> PredictionFigure:
    """No picture, and why."""
    return PredictionFigure(None, reason)


def canvas_columns(x: Axis, y: Axis, size: tuple[int, int]) -> int:
    """How many columns the canvas of a chart with these axes has."""
    return paint(ChartSpec(x, y, (), MARGIN), *size).columns


def panel_of(
    quantity: str, x: Axis, y: Axis, series: Iterable[Series], size: tuple[int, int], threshold: float | None = None
) -> Panel | None:
    """A painted chart; None where it is too small to have a canvas.

    Args:
        quantity: what it shows.
        x: the x axis.
        y: the y axis.
        series: the curves.
        size: width and height in cells.
        threshold: c of the symmetric log that the y axis is drawn through, or None.
    """
    chart = ChartSpec(x, y, tuple(series), MARGIN)
    picture = paint(chart, *size)
    return Panel(quantity, chart, picture, threshold) if picture.columns and picture.lines else None


def over_blanks(picture: Picture, cells: dict[tuple[int, int], tuple[str, int]]) -> Picture:
    """The picture with cells put only where nothing is drawn."""
    blank = blank_cells(picture)
    return overlaid(picture, {place: cell for place, cell in cells.items() if place in blank})


def eighths(part: float, most: int) -> int:
    """How many of ``most`` eighths a bar of this part of the whole has; one at least where there is anything."""
    return max(1, min(round(part * most), most)) if part > 0 else 0


def percent(part: float) -> str:
    """A part of a whole with three digits: ``12.3%``."""
    if not math.isfinite(part):
        return "—"
    return trimmed(100 * part, digits_apart(part, 3)) + "%"


def counted(count: int, what: str) -> str:
    """How many there are of something: ``1 example``, ``1,597 examples``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
