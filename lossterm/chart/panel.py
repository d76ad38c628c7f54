"""A painted chart: where a value is on it, its cursor, and characters laid over the cells of a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lossterm.chart.columns import row_at
from lossterm.chart.picture import FRAME, Picture, with_cells
from lossterm.chart.spec import ChartSpec
from lossterm.chart.ticks import symlog

CURSOR, DOT, ABOVE, BELOW = "│", "●", "▲", "▼"
"""The cursor's line, its mark on a curve, and that mark where the curve is beyond the window."""

BLANKS = " \u2800"
"""What is in a cell on which nothing is drawn."""

Cells = Mapping[tuple[int, int], tuple[str, int]]
"""Characters and inks by (row, column) of a canvas."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One painted chart.

    Attributes:
        quantity: what it shows.
        chart: what was painted.
        picture: the cells.
        threshold: c of the symmetric log, None on a linear axis.
    """

    quantity: str
    chart: ChartSpec
    picture: Picture
    threshold: float | None

    def place(self, value: float) -> tuple[int, str] | None:
        """The canvas row of a value and the cursor's mark there; None for what is undefined."""
        lines = self.picture.lines
        if math.isnan(value) or not lines:
            return None
        drawn = float(symlog(value, self.threshold)) if self.threshold else value
        axis = self.chart.y_axis
        if drawn > axis.hi:
            return 0, ABOVE
        if drawn < axis.lo:
            return lines - 1, BELOW
        return row_at(drawn, axis.lo, axis.hi, 4 * lines) // 4, DOT

    def cursor(
        self, inks: Sequence[int], values: Sequence[float], strong: int | None = None
    ) -> dict[int, tuple[str, int]]:
        """What the cursor puts over its column: its line on every row, and a mark on every curve.

        Args:
            inks: the ink of each curve.
            values: the shown quantity of each at the cursor.
            strong: the ink of the curve whose mark is over those of others.
        """
        cells = dict.fromkeys(range(self.picture.lines), (CURSOR, FRAME))
        pairs = list(zip(inks, values, strict=True))
        for ink, value in pairs if strong is None else sorted(pairs, key=lambda pair: pair[0] == strong):
            place = self.place(value)
            if place is not None:
                cells[place[0]] = (place[1], ink)
        return cells


def overlaid(picture: Picture, cells: Cells) -> Picture:
    """The picture with cells of its canvas replaced."""
    by_row: dict[int, dict[int, tuple[str, int]]] = {}
    for (line, column), cell in cells.items():
        if 0 <= line < picture.lines and 0 <= column < picture.columns:
            by_row.setdefault(picture.top + line, {})[picture.left + column] = cell
    rows = [with_cells(runs, by_row[i]) if i in by_row else runs for i, runs in enumerate(picture.rows)]
    return replace(picture, rows=tuple(rows))


def blank_cells(picture: Picture) -> set[tuple[int, int]]:
    """Canvas cells (row, column) on which nothing is drawn."""
    blank: set[tuple[int, int]] = set()
    for line in range(picture.lines):
        text = "".join(run.text for run in picture.rows[picture.top + line])
        blank.update((line, c) for c in range(picture.columns) if text[picture.left + c] in BLANKS)
    return blank
