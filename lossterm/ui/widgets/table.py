"""A table of a file's rows: it scrolls both ways, has a current row and a column it is sorted by."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import ListWidget, Part, WheelTurned, heading, strip_of

HEADS = 2
"""Lines above the rows: the rule and the names of the columns."""

GAP = 2
"""Blank columns between two columns."""

_NUMERIC = frozenset("0123456789+-−.∞—…")
"""What a number begins with, or stands in its place."""


def aligned(text: str, width: int, *, right: bool) -> str:
    """A text with blanks at one side, so that it takes so many cells."""
    blanks = " " * max(width - cell_len(text), 0)
    return blanks + text if right else text + blanks


class Table(ListWidget, can_focus=True):
    """Rows of texts under heads; the first columns stay where they are."""

    class Clicked(Message):
        """A row was clicked; −1 for the heads, with the column."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row = row
            self.column = column

    class Scrolled(WheelTurned):
        """The wheel was turned."""

    def __init__(self, *, id: str, fixed: int = 0) -> None:  # noqa: A002
        super().__init__(id=id)
        self._fixed = fixed
        self._title = ""
        self._heads: Sequence[str] = ()
        self._rows: Sequence[Sequence[str]] = ()
        self._current = self._first = self._left = 0
        self._sorted = (-1, False)
        self._wanted = -1
        self._widths: list[int] = []
        self._rights: list[bool] = []
        self._spans: list[tuple[int, int, int]] = []

    @property
    def room(self) -> int:
        """How many rows are seen."""
        return max(self.size.height - HEADS, 1)

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
        self._title, self._heads, self._rows = title, heads, rows
        self._current, self._sorted = current, sorted_by
        columns = range(len(heads))
        self._widths = [
            max([cell_len(heads[i]) + (i == sorted_by[0]), *(cell_len(row[i]) for row in rows)]) for i in columns
        ]
        self._rights = [all(not row[i] or row[i][0] in _NUMERIC for row in rows) for i in columns]
        self.redraw()

    def scroll_columns(self, by: int) -> None:
        """Bring other columns into view, where there is no room for all."""
        self._left = self._start(self.size.width) + by
        self.redraw()

    def _start(self, width: int) -> int:
        # how many columns are out of view on the left: no more than it takes to see the last one
        room = width - 1 - sum(w + GAP for w in self._widths[: self._fixed])
        widths = self._widths[self._fixed :]
        most = max(len(widths) - 1, 0)
        while most > 0 and sum(w + GAP for w in widths[most - 1 :]) <= room + GAP:
            most -= 1
        return max(min(self._left, most), 0)

    def _seen(self, width: int) -> list[int]:
        self._left = self._start(width)
        used, seen = 1, []
        for i in [*range(min(self._fixed, len(self._widths))), *range(self._fixed + self._left, len(self._widths))]:
            if used + self._widths[i] > width and i > self._fixed + self._left:
                break
            seen.append(i)
            used += self._widths[i] + GAP
        return seen

    def _visible(self, width: int) -> list[int]:
        seen = self._seen(width)
        if self._wanted >= self._fixed and self._wanted not in seen:
            self._left = self._wanted - self._fixed
            seen = self._seen(width)
        self._wanted = -1
        return seen

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The rule, the heads, the visible rows."""
        room = max(height - HEADS, 1)
        last_first = max(len(self._rows) - room, 0)
        self._first = max(min(self._first, self._current, last_first), self._current - room + 1, 0)
        seen = self._visible(width)
        title = [(self._title, styles.accent if self.has_focus else styles.strong)]
        marks = " · ".join(self._marks(seen, room))
        result = [heading(title, marks, width, styles, focused=self.has_focus), self._head(seen, width, styles)]
        visible = range(self._first, min(self._first + room, len(self._rows)))
        return [*result, *(self._row(number, seen, width, styles) for number in visible)]

    def _marks(self, seen: Sequence[int], room: int) -> list[str]:
        marks = []
        if len(seen) < len(self._heads):
            scrolled = [i for i in seen if i >= self._fixed]
            marks.append(f"←→ columns {scrolled[0] + 1}–{scrolled[-1] + 1} of {len(self._heads)}" if scrolled else "")
        if len(self._rows) > room:
            marks.append(f"{self._first + 1}–{min(self._first + room, len(self._rows))} of {len(self._rows)}")
        return [mark for mark in marks if mark]

    def _head(self, seen: Sequence[int], width: int, styles: Styles) -> Strip:
        self._spans, x = [], 1
        parts: list[Part] = [(" ", styles.muted)]
        for i in seen:
            mark = ("▾" if self._sorted[1] else "▴") if i == self._sorted[0] else ""
            text = aligned(self._heads[i] + mark, self._widths[i], right=self._rights[i]) + " " * GAP
            parts.append((text, styles.strong if mark else styles.muted))
            self._spans.append((x, x + self._widths[i] + GAP, i))
            x += self._widths[i] + GAP
        return strip_of(parts, width, styles.text)

    def _row(self, number: int, seen: Sequence[int], width: int, styles: Styles) -> Strip:
        current, row = number == self._current, self._rows[number]
        body = styles.text
        if current:
            body = styles.strong + (styles.focused if self.has_focus else styles.current)
        texts = (" " * GAP).join(aligned(row[i], self._widths[i], right=self._rights[i]) for i in seen)
        return strip_of([("▸" if current else " ", styles.accent), (texts, body)], width, body)

    def on_click(self, event: events.Click) -> None:
        """Clicking a row makes it the current one; clicking a head sorts by it."""
        column = next((i for start, end, i in self._spans if start <= event.x < end), -1)
        row = self._first + event.y - HEADS
        if event.y == 1:
            self.post_message(self.Clicked(-1, column))
        elif event.y >= HEADS and row < len(self._rows):
            self.post_message(self.Clicked(row, column))

    def turned(self, by: int) -> None:
        """The wheel moves through the rows."""
        self.post_message(self.Scrolled(by))
