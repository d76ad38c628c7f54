"""A table over the screen: pages of the same rows, sorted by any column; enter takes a row to where it leads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from lossterm.model.actions import Tabulate
from lossterm.tui.commands import Command, bindings
from lossterm.tui.program import program
from lossterm.tui.steady import Steady
from lossterm.tui.widgets.caption import Caption
from lossterm.tui.widgets.table import Table

_KEYS = (
    Command(("enter",), "choose", "open", "Go where the row leads", ""),
    Command(("escape", "q", "ctrl+c"), "leave", "back", "Leave the table", ""),
    Command(("down", "j"), "move(1)", "down", "Row below", ""),
    Command(("up", "k"), "move(-1)", "up", "Row above", ""),
    Command(("pagedown", "space"), "page(1)", "page", "A page down", ""),
    Command(("pageup",), "page(-1)", "page", "A page up", ""),
    Command(("home",), "move(-999999)", "first", "First row", ""),
    Command(("end",), "move(999999)", "last", "Last row", ""),
    Command(("left",), "columns(-1)", "left", "Columns further left", ""),
    Command(("right",), "columns(1)", "right", "Columns further right", ""),
    Command(("i",), "sort(1)", "sort", "Sort by the next column", ""),
    Command(("I",), "reverse", "reverse", "The other way round", ""),
    Command(("d",), "turn(1)", "page", "Next page of the same rows", ""),
    Command(("D",), "turn(-1)", "page", "Previous page", ""),
    Command(("y",), "end('copy')", "copy", "Copy the command that prints the table", ""),
    Command(("e",), "end('write')", "CSV", "Write the table as CSV", ""),
)

_EDGE = 2
"""Cells that the table leaves free."""


class Left(NamedTuple):
    """How a table was left: ``take`` a row, ``copy``, ``write``."""

    how: str
    row: int = 0


class TableScreen(Steady[Left | None], ModalScreen[Left | None]):
    """A table over the screen it is about; gives how it was left, or None where nothing is to be done."""

    DEFAULT_CSS = """
    TableScreen { align: center middle; }
    TableScreen > Table { width: 100%; height: 1fr; background: $surface; }
    TableScreen > Caption { width: 100%; height: 1; background: $surface; }
    """
    BINDINGS = bindings(_KEYS)

    def __init__(self, asked: Tabulate) -> None:
        super().__init__()
        self._asked = asked
        self._page = self._current = 0
        self._sorted_by: tuple[int, bool] | None = None
        self._order: Sequence[int] = range(asked.count)
        self._table = Table(id="table", fixed=1)
        self._said = Caption(id="said")
        self._keys = Caption(id="keys")

    def compose(self) -> ComposeResult:
        """The table, what its page means, and what keys do."""
        yield self._table
        yield self._said
        yield self._keys

    def on_resize(self, event: events.Resize) -> None:
        """Show what there is room for now."""
        self._show()

    def _show(self) -> None:
        pages = self._asked.pages(max(self.app.size.width - _EDGE, 1))
        page = pages[self._page]
        if self._sorted_by is not None:
            column, down = self._sorted_by
            self._order = sorted_rows([row[min(column, len(row) - 1)] for row in page.keys], down=down)
        rows = [page.rows[i] for i in self._order]
        turn = f" · d: {self._page + 1} of {len(pages)}" if len(pages) > 1 else ""
        title = f"{self._asked.title} · {page.name}{turn}"
        self._table.show(title, page.heads, rows, self._current, self._sorted_by or (-1, False))
        styles = program(self).line_styles
        self._said.show([(f" {page.note}", styles.muted)])
        first, *others, last = self._asked.keys.split(" · ")  # what opens and what leaves are told in any case
        while others and len(" · ".join([first, *others, last])) + 2 > self.app.size.width:
            others.pop()
        self._keys.show([(f" {' · '.join([first, *others, last])}", styles.text)])

    def action_move(self, by: int) -> None:
        """Another current row."""
        self._current = min(max(self._current + by, 0), max(self._asked.count - 1, 0))
        self._show()

    def action_page(self, direction: int) -> None:
        """A page of rows on."""
        self.action_move(direction * max(self._table.room, 1))

    def action_columns(self, by: int) -> None:
        """Other columns in view."""
        self._table.scroll_columns(by)

    def action_turn(self, direction: int) -> None:
        """Another page of the same rows, in the same order."""
        count = len(self._asked.pages(max(self.app.size.width - _EDGE, 1)))
        self._page = (self._page + direction) % count
        column = self._sorted_by
        self._sorted_by = None if column is not None and column[0] > 0 else column  # columns differ from page to page
        self._show()

    def action_sort(self, by: int) -> None:
        """Sort by the next column."""
        self._sort((-1 if self._sorted_by is None else self._sorted_by[0]) + by, down=True)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        column, down = self._sorted_by or (0, True)
        self._sort(column, down=not down)

    def _sort(self, column: int, *, down: bool) -> None:
        heads = self._asked.pages(max(self.app.size.width - _EDGE, 1))[self._page].heads
        self._sorted_by, self._current = (column % len(heads), down), 0
        self._show()

    def action_choose(self) -> None:
        """Go where the current row leads."""
        self._leave(Left("take", self._order[self._current]) if self._asked.count else None)

    def action_leave(self) -> None:
        """Leave it."""
        self._leave(None)

    def action_end(self, how: str) -> None:
        """Leave it, to copy its command or to write it."""
        self._leave(Left(how))

    def on_table_clicked(self, event: Table.Clicked) -> None:
        """Make a clicked row current, the current one is taken; a clicked head sorts."""
        if event.row < 0 <= event.column:
            same = self._sorted_by is not None and self._sorted_by[0] == event.column
            self._sort(event.column, down=not (same and self._sorted_by is not None and self._sorted_by[1]))
        elif event.row == self._current and event.row >= 0:
            self.action_choose()
        elif event.row >= 0:
            self._current = event.row
            self._show()

    def on_table_scrolled(self, event: Table.Scrolled) -> None:
        """The wheel moves."""
        self.action_move(event.by)

    def _leave(self, how: Left | None) -> None:
        if self.is_current:  # a second key may arrive while it is leaving
            self.dismiss(how)


def sorted_rows(keys: Sequence[float | str], *, down: bool) -> list[int]:
    """The rows in the order of a column's keys, those without a number last; equal ones stay in their order."""
    number = [i for i, key in enumerate(keys) if not (isinstance(key, float) and math.isnan(key))]
    nothing = [i for i in range(len(keys)) if i not in set(number)]
    return [*sorted(number, key=lambda i: keys[i], reverse=down), *nothing]
