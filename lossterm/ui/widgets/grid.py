"""A table under two-line heads with a current cell; names stay while the columns scroll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import ListWidget, Part, WheelTurned, heading, strip_of

HEADS = 3
"""Lines above the rows: the rule and two of heads."""

WIDEST = 18
"""Characters of a cell: what is longer is cut."""

NAMES = 20
"""Characters of a name, at most."""


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
    """

    letter: str
    ink: int
    on: bool
    name: str
    cells: tuple[str, ...]
    dim: tuple[bool, ...]


class Grid(ListWidget, can_focus=True):
    """A table that scrolls both ways so that its current cell is visible."""

    class Clicked(Message):
        """A cell was clicked; the column is −1 on the name."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row = row
            self.column = column

    class Scrolled(WheelTurned):
        """The wheel was turned."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._status = ""
        self._heads: Sequence[tuple[str, str]] = ()
        self._rows: Sequence[GridRow] = ()
        self._row = self._column = 0
        self._first_row = self._first_column = 0
        self._widths: list[int] = []
        self._spans: list[tuple[int, int, int]] = []

    def show(
        self,
        title: str,
        status: str,
        heads: Sequence[tuple[str, str]],
        rows: Sequence[GridRow],
        at: tuple[int, int],
    ) -> None:
        """Show another table.

        Args:
            title: in the rule over it.
            status: at its right.
            heads: two lines a column.
            rows: the rows.
            at: row and column of the current cell.
        """
        self._title, self._status, self._heads, self._rows = title, status, heads, rows
        self._row, self._column = at
        self._widths = [
            min(max([len(line) for line in head] + [len(row.cells[i]) for row in rows]), WIDEST)
            for i, head in enumerate(heads)
        ]
        self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The rule, the heads, the visible rows."""
        room = max(height - HEADS, 1)
        last_first = max(len(self._rows) - room, 0)
        self._first_row = max(min(self._first_row, self._row, last_first), self._row - room + 1, 0)
        name_width = min(max([len(row.name) for row in self._rows] or [4]), NAMES, max(width - 24, 6))
        visible = self._visible(width - name_width - 4)
        widths = self._widths
        more = self._more(visible, room)
        first = [(self._title, styles.accent if self.has_focus else styles.strong)]
        result = [heading(first, more, width, styles, focused=self.has_focus)]
        for line in (0, 1):
            parts: list[Part] = [(" " * (name_width + 4), styles.muted)]
            for i in visible:
                style = styles.strong if i == self._column else styles.muted
                parts.append((f"{self._heads[i][line]:>{widths[i] + 2}}", style))
            result.append(strip_of(parts, width, styles.text))
        self._spans, x = [], name_width + 4
        for i in visible:
            self._spans.append((x, x + widths[i] + 2, i))
            x += widths[i] + 2
        shown = range(self._first_row, min(self._first_row + room, len(self._rows)))
        return [*result, *(self._line(number, name_width, visible, widths, width, styles) for number in shown)]

    def _visible(self, room: int) -> range:
        widths = [w + 2 for w in self._widths]
        if not widths:
            return range(0)
        first = min(self._first_column, self._column)
        while first < self._column and sum(widths[first : self._column + 1]) > room:
            first += 1
        while first > 0 and sum(widths[first - 1 :]) <= room:  # no empty space at the right end
            first -= 1
        self._first_column, end, used = first, first, 0
        while end < len(widths) and (end == first or used + widths[end] <= room):
            used += widths[end]
            end += 1
        return range(first, end)

    def _more(self, visible: range, room: int) -> str:
        marks = []
        if len(visible) < len(self._heads):
            left, right = "◂" if visible.start else "", "▸" if visible.stop < len(self._heads) else ""
            marks.append(f"{left}{visible.start + 1}–{visible.stop} of {len(self._heads)}{right}")
        if room < len(self._rows):
            last = min(self._first_row + room, len(self._rows))
            marks.append(f"{self._first_row + 1}–{last} of {len(self._rows)}{'▾' if last < len(self._rows) else '▴'}")
        return " · ".join([*([self._status] if self._status else []), *marks])

    def _line(
        self, number: int, name_width: int, visible: range, widths: Sequence[int], width: int, styles: Styles
    ) -> Strip:
        row, current = self._rows[number], number == self._row
        ink = styles.bold_inks[row.ink % len(styles.bold_inks)] if row.ink >= 0 else styles.muted
        name = row.name if len(row.name) <= name_width else row.name[: name_width - 1] + "…"
        parts: list[Part] = [
            ("▸" if current else " ", styles.accent),
            (row.letter, ink),
            ("■" if row.on else "□", ink),
            (f" {name:<{name_width}}", styles.strong if current else styles.text),
        ]
        for i in visible:
            text = row.cells[i] if len(row.cells[i]) <= WIDEST else row.cells[i][: WIDEST - 1] + "…"
            style = styles.muted if row.dim[i] else styles.text
            if current and i == self._column:
                style = styles.text + (styles.focused if self.has_focus else styles.current)
                blank = " " * (widths[i] + 1 - len(text))
                parts += [(blank, styles.text), ("▸", styles.accent), (text, style)]
            else:
                parts.append((f"{text:>{widths[i] + 2}}", style))
        return strip_of(parts, width, styles.text)

    def on_click(self, event: events.Click) -> None:
        """Clicking a cell makes it the current one."""
        row = self._first_row + event.y - HEADS
        if event.y >= HEADS and row < len(self._rows):
            column = next((i for start, end, i in self._spans if start <= event.x < end), -1)
            self.post_message(self.Clicked(row, column))

    def turned(self, by: int) -> None:
        """The wheel moves through the rows."""
        self.post_message(self.Scrolled(by))
