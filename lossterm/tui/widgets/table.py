"""A table of a file's rows: it scrolls both ways, has a current row and a column it is sorted by."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import cells_in
from lossterm.tui.widgets.rows import Column, RowParts, Rows, some_of, window

GAP = 2
"""Blank columns between two columns."""

WIDE = 72
"""Cells of a line that has room for the longer form of what is out of view."""

_NUMERIC = frozenset("0123456789+-−.∞—…")
"""What a number begins with, or stands in its place."""


def table_columns(heads: Sequence[str], rows: Sequence[Sequence[str]], sorted_by: tuple[int, bool]) -> list[Column]:
    """A column a head: wide enough for every text, with numbers at the right; the sorted one is marked."""
    columns = []
    for i, head in enumerate(heads):
        mark = ("▾" if sorted_by[1] else "▴") if i == sorted_by[0] else ""
        width = max([cells_in(head + mark), *(cells_in(row[i]) for row in rows)])
        right = all(not row[i] or row[i][0] in _NUMERIC for row in rows)
        columns.append(Column(width, right, after=GAP, heads=(head + mark,), strong=bool(mark), number=i))
    return columns


class Table(Rows[Sequence[str]], can_focus=True):
    """Rows of texts under heads; the first columns stay where they are."""

    head_lines = 2

    class Clicked(Rows.Clicked):
        """A row was clicked; −1 for the heads, with the column."""

    class Scrolled(Rows.Scrolled):
        """The wheel was turned."""

    def __init__(self, *, id: str, fixed: int = 0) -> None:  # noqa: A002
        super().__init__(id=id)
        self._fixed = fixed
        self._heads: Sequence[str] = ()
        self._sorted = (-1, False)
        self._left, self._wanted = 0, -1
        self._all: Sequence[Column] = ()
        self._in_view = range(0)

    def show(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], current: int,
        sorted_by: tuple[int, bool] = (-1, False),
    ) -> None:  # fmt: skip
        """Show another table.

        Args:
            title: in the rule over it.
            heads: of the columns.
            rows: the texts of each row.
            current: index of the current row.
            sorted_by: a column, and whether downwards.
        """
        if heads != self._heads:
            self._left = 0
        elif sorted_by[0] != self._sorted[0]:
            self._wanted = sorted_by[0]
        if (heads, sorted_by, rows) != (self._heads, self._sorted, self._rows):
            self._all = table_columns(heads, rows, sorted_by)
        self._title, self._heads, self._sorted = title, heads, sorted_by
        self.put(rows, current)
        self.redraw()

    def scroll_columns(self, by: int) -> None:
        """Bring other columns into view, where there is no room for all."""
        self._left = self._window(self._left, self.size.width).start + by
        self.redraw()

    def _window(self, left: int, width: int) -> range:
        # the blanks after the last column need no room
        held = sum(column.extent for column in self._all[: self._fixed])
        return window(left, [column.extent for column in self._all[self._fixed :]], width - 1 + GAP - held)

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """The fixed columns and those in view; a column that has just been sorted by comes into view."""
        seen = self._window(self._left, width)
        wanted, self._wanted = self._wanted - self._fixed, -1
        if wanted >= 0 and wanted not in seen:
            seen = self._window(wanted, width)
        self._left = seen.start
        self._in_view = range(self._fixed + seen.start, self._fixed + seen.stop)
        return [Column(1), *self._all[: self._fixed], *self._all[self._in_view.start : self._in_view.stop]]

    def marks(self) -> str:
        """Which columns and rows are in view."""
        hidden = len(self._columns) - 1 < len(self._all) and self._in_view
        before = "←→ columns" if self.size.width >= WIDE else "←→"
        columns = f"{before} {some_of(self._in_view, len(self._all))}" if hidden else ""
        return " · ".join(filter(None, (columns, super().marks())))

    def row(self, item: Sequence[str], current: bool, width: int, styles: Styles) -> RowParts:
        """The texts of a row."""
        body = styles.strong + self.on_bar(styles) if current else styles.text
        cells = [(item[column.number], body) for column in self._columns[1:]]
        return RowParts([("▸" if current else " ", styles.accent), *cells], body)

    def tells(self, line: int) -> bool:
        """The heads can be clicked."""
        return line == self.head_lines - 1
