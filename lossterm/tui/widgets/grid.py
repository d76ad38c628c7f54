"""A table under two-line heads with a current cell; names stay while the columns scroll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, cells_in, strip_of
from lossterm.tui.widgets.rows import Cell, Column, RowParts, Rows, aligned, cut, some_of, window

WIDEST = 18
"""Characters of a cell: what is longer is cut."""

NAMES, FEW_NAMES = 20, 16
"""Characters of a name, at most; and where there are fewer columns than `BROAD`."""

BROAD = 100
"""Columns from which names have more room."""


@dataclass(frozen=True)
class GridRow:
    """One row.

    Attributes:
        letter: of its curve, a blank for none.
        ink: of its curve; −1 for none.
        on: whether it is shown on Curves.
        name: of its loss.
        cells: one text a column.
        dim: for each cell whether it stands back.
        box: the two signs for shown and not shown.
    """

    letter: str
    ink: int
    on: bool
    name: str
    cells: tuple[str, ...]
    dim: tuple[bool, ...]
    box: str = "■□"


def reaching(first: int, wanted: int, extents: Sequence[int], room: int) -> range:
    """The columns in view, moved from ``first`` no further than it takes to see a wanted one; see `window`."""
    first = min(first, wanted)
    while first < wanted and sum(extents[first : wanted + 1]) > room:
        first += 1
    return window(first, extents, room)


class Grid(Rows[GridRow], can_focus=True):
    """A table that scrolls both ways so that its current cell is visible."""

    head_lines = 4

    class Clicked(Rows.Clicked):
        """A cell was clicked; the column is −1 on the name."""

    class Scrolled(Rows.Scrolled):
        """The wheel was turned."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._status = ""
        self._heads: Sequence[tuple[str, str]] = ()
        self._column = 0
        self._widths: list[int] = []
        self._names = 0
        self._in_view = range(0)
        self._groups: Sequence[str] = ()
        self._sorted = (-1, False)

    def show(
        self,
        title: str,
        status: str,
        heads: Sequence[tuple[str, str]],
        rows: Sequence[GridRow],
        at: tuple[int, int],
        groups: Sequence[str] = (),
        sorted_by: tuple[int, bool] = (-1, False),
    ) -> None:
        """Show another table.

        Args:
            title: in the rule over it.
            status: at its right.
            heads: two lines a column.
            rows: the rows.
            at: row and column of the current cell.
            groups: of each column; neighbours of one group stand under its name.
            sorted_by: the column that the rows are sorted by, and whether downwards; −1 for none.
        """
        if (heads, rows) != (self._heads, self._rows):
            self._widths = [
                min(max([cells_in(text) for text in head] + [cells_in(row.cells[i]) for row in rows]), WIDEST)
                for i, head in enumerate(heads)
            ]
            self._names = min(max([cells_in(row.name) for row in rows] or [4]), NAMES)
        self._title, self._status, self._heads, self._column = title, status, heads, at[1]
        self._groups, self._sorted = groups, sorted_by
        self.put(rows, at[0])
        self.redraw()

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """The mark, the letter, whether it is shown, the name, and the columns in view."""
        name = min(self._names, max(width - 24, 6), FEW_NAMES if width < BROAD else NAMES)
        seen = reaching(self._in_view.start, self._column, [w + 2 for w in self._widths], width - name - 4)
        self._in_view = seen
        cells = [
            Column(self._widths[i], True, before=2, heads=("", *self._marked(i)), strong=i == self._column, number=i)
            for i in seen
        ]
        return [Column(1), Column(1), Column(1), Column(name, before=1), *cells]

    def _marked(self, column: int) -> tuple[str, str]:
        # over the column that the rows are sorted by, beside the first line of its head
        one, two = self._heads[column]
        by, down = self._sorted
        return (f"{one}{'▾' if down else '▴'}" if column == by else one, two)

    def heads(self, width: int, styles: Styles) -> list[Strip]:
        """The rule, the names of the groups over their columns, and the heads."""
        rule, _, *heads = super().heads(width, styles)
        parts: list[Part] = [(" " * sum(column.extent for column in self._columns[:4]), styles.text)]
        if self._groups:
            left = width - sum(column.extent for column in self._columns[:4])
            for group, run in groupby(self._columns[4:], lambda column: self._groups[column.number]):
                columns = list(run)
                last = columns[-1] is self._columns[-1]
                room = left if last else sum(column.extent for column in columns)
                left -= room
                parts.append(("  " + aligned(cut(group, room - 2), room - 2, right=False), styles.accent))
        return [rule, strip_of(parts, width, styles.text), *heads]

    def tells(self, line: int) -> bool:
        """The heads can be clicked."""
        return 1 <= line < self.head_lines

    def marks(self) -> str:
        """The status, and which columns and rows are in view."""
        columns, rows = some_of(self._in_view, len(self._heads)), super().marks()
        if columns:
            right = "▸" if self._in_view.stop < len(self._heads) else ""
            columns = f"{'◂' if self._in_view.start else ''}{columns}{right}"
        if rows:
            rows += "▾" if self._seen.stop < len(self._rows) else "▴"
        return " · ".join(filter(None, (self._status, columns, rows)))

    def row(self, item: GridRow, current: bool, width: int, styles: Styles) -> RowParts:
        """The name of a loss and its cells, the current one with a mark before it."""
        ink = styles.bold_inks[item.ink % len(styles.bold_inks)] if item.ink >= 0 else styles.muted
        cells: list[Cell] = [
            ("▸" if current else " ", styles.accent),
            (item.letter, ink),
            (item.box[not item.on], ink),
            (item.name, styles.strong if current else styles.text),
        ]
        for i in self._in_view:
            text, style = item.cells[i], styles.muted if item.dim[i] else styles.text
            if current and i == self._column:
                text = cut(text, self._widths[i])
                blank = " " * (self._widths[i] + 1 - cells_in(text))
                on_it = styles.text + self.on_bar(styles)
                cells.append([(blank, styles.text), ("▸", styles.accent), (text, on_it)])
            else:
                cells.append((text, style))
        return RowParts(cells, styles.text)
