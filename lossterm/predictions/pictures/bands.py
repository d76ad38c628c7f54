"""Histograms one over the other on one x axis: told apart by where they stand, not by colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lossterm.chart.panel import overlaid
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, Tick
from lossterm.core.jets import Array
from lossterm.predictions.pictures.figure import EIGHTHS, eighths, over_blanks

BASE = "─"
"""Between two histograms."""


@dataclass(frozen=True)
class BandRows:
    """The canvas rows of one histogram.

    Attributes:
        bottom: the lowest row.
        room: how many rows.
        lines: of the canvas.
    """

    bottom: int
    room: int
    lines: int

    @property
    def top(self) -> int:
        """The highest row."""
        return self.bottom - self.room + 1

    def height(self, part: float) -> float:
        """The cell that a bar of this part of the highest fills last, in canvas rows from the foot of the canvas.

        That is the unit of the y axis; nan where there is no bar.
        """
        if not (part > 0 and self.room):
            return float("nan")
        filled = -(-eighths(part, 8 * self.room) // 8)
        return self.lines - 1 - self.bottom + filled - 0.5


@dataclass(frozen=True, eq=False)
class Band:
    """One histogram.

    Attributes:
        name: written where it hides no bar.
        ink: of its bars.
        parts: the height of the bar of each column as a part of the highest possible, ``(columns,)``.
    """

    name: str
    ink: int
    parts: Array


def places(count: int, lines: int) -> list[BandRows]:
    """Where so many histograms go, from the top: rows shared out, a line between two where they have two rows each."""
    lined = lines >= 3 * count - 1
    rows = lines - (count - 1) * lined
    result, row = [], 0
    for k in range(count):
        room = rows // count + (k < rows % count)
        result.append(BandRows(row + room - 1, room, lines))
        row += room + lined
    return result


def most_bands(lines: int) -> int:
    """How many histograms can be read on so many rows."""
    return max(1, (lines + 1) // 3)


def ticks_in(room: int) -> int:
    """How many ticks beside a histogram of so many rows."""
    return max(room // 3 + 1, min(4, (room + 2) // 2))


def even_ticks(place: BandRows, ticks: Callable[[int], Sequence[tuple[float, str]]]) -> Sequence[tuple[float, str]]:
    """The most ticks beside a histogram that are the same number of rows apart; two are always so.

    Args:
        place: of the histogram.
        ticks: (part of the highest bar, label) of at most so many.

    Returns:
        The ticks, in ascending order.
    """
    choices = [ticks(most) for most in range(ticks_in(place.room), 1, -1)]
    for chosen in choices:
        rows = [_beside(place, part) for part, _ in chosen]
        if len(rows) > 1 and len({after - before for before, after in pairwise(rows)}) == 1 and rows[1] > rows[0]:
            return chosen
    most = max(choices, key=len, default=())
    return [most[0], most[-1]] if len(most) > 1 else most


def _beside(place: BandRows, part: float) -> float:
    # beside the cell that such a bar fills last; 0 is beside the lowest
    return place.height(part if part > 0 else 1e-9)


def axis_of(where: Sequence[BandRows], ticks: Sequence[Sequence[tuple[float, str]]]) -> Axis:
    """The y axis, in canvas rows from the foot.

    Args:
        where: the histograms.
        ticks: (part of the highest bar, label) of each.
    """
    marks = []
    for place, wanted in zip(where, ticks, strict=True):
        for part, label in wanted:
            height = _beside(place, part)
            if place.room > 1 and not np.isnan(height):
                marks.append(Tick(height, label))
    return Axis(0.0, float(max([place.lines for place in where] + [1])), tuple(marks))


def with_bands(picture: Picture, bands: Sequence[Band], where: Sequence[BandRows]) -> Picture:
    """The picture with the histograms on its canvas."""
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for band, place in zip(bands, where, strict=True):
        for column, part in enumerate(band.parts.tolist()):
            full, rest = divmod(eighths(part, 8 * place.room), 8)
            cells.update({(place.bottom - row, column): ("█", band.ink) for row in range(full)})
            if rest:
                cells[place.bottom - full, column] = (EIGHTHS[rest], band.ink)
    for place, below in pairwise(where):
        if below.top - place.bottom > 1:
            cells.update({(place.bottom + 1, column): (BASE, FRAME) for column in range(picture.columns)})
    picture = overlaid(picture, cells)
    for band, place in zip(bands, where, strict=True):
        picture = _named(picture, band, place)
    return picture


def _named(picture: Picture, band: Band, place: BandRows) -> Picture:
    text = f" {band.name} "
    if not place.room or len(text) > picture.columns:
        return picture
    line = "".join(run.text for run in picture.rows[place.top])[picture.left :]
    start = line.find(" " * len(text))
    cells = {(place.top, start + i): (c, band.ink) for i, c in enumerate(text)}
    return over_blanks(picture, cells) if start >= 0 else picture
