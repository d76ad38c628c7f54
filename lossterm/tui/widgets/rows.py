"""Rows under heads: they scroll both ways, one of them is current, and a click tells which of them was meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from rich.cells import set_cell_size
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.core.plain import visible
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, cells_in, heading, is_plain, spread, strip_of

T = TypeVar("T")

Cell = Part | list[Part]
"""What a row says in a column: a text, which is placed in it, or parts that are as long as they must be."""


FRAME, LEAST_TITLE = 7, 8
"""Cells of a rule about its title and marks, with one of the rule between them; and those that a title has at least."""


class Column(NamedTuple):
    """Where the texts of a column stand.

    Attributes:
        width: cells of a text: a longer one is cut; 0 for texts of any length, which end where they end.
        right: whether texts stand at the right.
        before: blanks before a text.
        after: blanks after it.
        heads: what is over it, one text a line.
        strong: whether these stand out.
        number: which column of the data it is, as a click tells it; −1 for marks and names.
    """

    width: int = 0
    right: bool = False
    before: int = 0
    after: int = 0
    heads: tuple[str, ...] = ()
    strong: bool = False
    number: int = -1

    @property
    def extent(self) -> int:
        """Cells of the column with its blanks."""
        return self.before + self.width + self.after


class RowParts(NamedTuple):
    """What a row says.

    Attributes:
        cells: in the order of the columns; there may be fewer.
        fill: what the rest of the line is drawn with.
        right: what stands at the right edge, if there is room for it.
    """

    cells: Sequence[Cell]
    fill: Style
    right: Sequence[Part] = ()


def cut(text: str, width: int) -> str:
    """A text of at most so many cells; of one that is cut, the last sign is an ellipsis."""
    if cells_in(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1)}…" if width > 0 else ""


def aligned(text: str, width: int, *, right: bool) -> str:
    """A text with blanks at one side, so that it takes so many cells."""
    blanks = " " * (width - cells_in(text))
    return blanks + text if right else text + blanks


def some_of(seen: range, count: int) -> str:
    """Which of so many are in view, counted from 1: ``4–9 of 17``; nothing where all of them are."""
    return f"{seen.start + 1}–{seen.stop} of {count}" if len(seen) < count else ""


def following(first: int, current: int, count: int, room: int, joined: Callable[[int], bool] = lambda _: False) -> int:
    """The first row in view, moved from ``first`` no further than it takes to see the current row.

    Args:
        first: the first row until now.
        current: the row that must be seen.
        count: how many rows there are.
        room: how many rows are seen, at least 1.
        joined: whether a row goes with the one above it: it is seen with a current one, and not without the one above.
    """
    last = current + joined(current + 1)
    first = min(max(min(first, current, max(count - room, 0)), last - room + 1, 0), current)
    return first + 1 if first < current and joined(first) else first


def window(first: int, extents: Sequence[int], room: int) -> range:
    """The columns in view: as many as there is room for from ``first`` on, but for what would stay empty at the end.

    Args:
        first: the column to begin with.
        extents: cells of each column.
        room: cells there are; one column is in view even if they are too few for it.
    """
    if not extents:
        return range(0)
    first = min(max(first, 0), len(extents) - 1)
    while first > 0 and sum(extents[first - 1 :]) <= room:
        first -= 1
    end, used = first + 1, extents[first]
    while end < len(extents) and used + extents[end] <= room:
        used += extents[end]
        end += 1
    return range(first, end)


def line_of(columns: Sequence[Column], cells: Sequence[Cell]) -> list[Part]:
    """The cells of a row in their columns, with neighbours of one style as one part."""
    parts: list[Part] = []
    said, now = "", None
    for (width, right, before, after, _, _, _), cell in zip(columns, cells, strict=False):
        if isinstance(cell, list):
            if now is not None:
                parts.append((said, now))
            parts += cell
            said, now = "", None
            continue
        text, style = cell
        if not text.isprintable():  # before it is measured: the stand-ins take cells
            text = visible(text)
        if width and (len(text) > width or not (text.isascii() or is_plain(text))):
            text = aligned(cut(text, width), width, right=right)
        elif right:
            text = text.rjust(width)
        else:
            text = text.ljust(width)
        if before or after:
            text = f"{' ' * before}{text}{' ' * after}"
        if style is now:
            said += text
        else:
            if now is not None:
                parts.append((said, now))
            said, now = text, style
    return parts if now is None else [*parts, (said, now)]


def column_at(columns: Sequence[Column], x: int) -> int:
    """The number of the column at a cell of a line; −1 where there is none. One of any length takes all the rest."""
    end = 0
    for column in columns:
        end += column.extent
        if x < end or not column.width:
            return column.number
    return -1


def on_rule(texts: Sequence[tuple[int, Part]], width: int, dash: str, rule: Style) -> list[Part]:
    """A rule with texts in it.

    Args:
        texts: each with the cell where it begins, from left to right; there is a blank at both ends of it.
        width: cells of the rule.
        dash: what the rule is drawn of.
        rule: how it is drawn.
    """
    parts: list[Part] = []
    at = 0
    for x, (text, style) in texts:
        if x > at:
            parts.append((f"{' ' if at else dash}{dash * (x - at - 2)} "[at - x :], rule))
        parts.append((text, style))
        at = x + len(text)
    return [*parts, (f" {dash * (width - at - 1)}" if at < width else "", rule)]


class Rows(LineWidget, Generic[T]):
    """Heads, the rows for which there is room, and lines below them.

    What it is a list of, its heirs say: `columns` and `row` always, `heads`, `marks` and `feet` where they differ. Only
    rows in view are asked for.
    """

    head_lines = 1
    """Lines above the rows: the title, and the heads of the columns."""

    foot_lines = 0
    """Lines below the rows that are always there."""

    foot_at_end = False
    """Whether the lines below are at the lower end, wherever the rows end."""

    class Clicked(Message):
        """A row was clicked, or a line that is none.

        Attributes:
            rows: the widget.
            row: the index of the row; −1 for another line.
            column: the number of the column; −1 for marks and names.
            line: the line of the widget.
            twice: whether it was clicked for the second time in a row.
        """

        def __init__(self, rows: Rows[Any], row: int, column: int, line: int, *, twice: bool = False) -> None:
            super().__init__()
            self.rows, self.row, self.column, self.line, self.twice = rows, row, column, line, twice

    class Scrolled(Message):
        """The wheel was turned over the rows.

        Attributes:
            rows: the widget.
            by: −1 towards the beginning, 1 towards the end.
        """

        def __init__(self, rows: Rows[Any], by: int) -> None:
            super().__init__()
            self.rows, self.by = rows, by

    def __init__(self, title: str = "", *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = title
        self._rows: Sequence[T] = ()
        self._current = self._first = 0
        self._followed = (0, 0, 0)
        self._seen = range(0)
        self._columns: Sequence[Column] = ()
        self._known: dict[int, tuple[T, bool, Strip]] = {}
        self._known_for: object = None

    # ---- what heirs say -------------------------------------------------------------------------------------------

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """The columns in view at a size. It is asked first: rows that depend on the size can be given here."""
        raise NotImplementedError

    def row(self, item: T, current: bool, width: int, styles: Styles) -> RowParts:
        """What a row says: the same for the same item, columns and focus, unless rows are forgotten (`forget`)."""
        raise NotImplementedError

    def heads(self, width: int, styles: Styles) -> list[Strip]:
        """A rule with the title and what is out of view, and the heads of the columns."""
        marks, title = self.marks(), self._title
        while " · " in marks and width - cells_in(marks) - FRAME < cells_in(title):  # the last clause is how to leave
            marks = marks.partition(" · ")[2]
        room = width - cells_in(marks) - FRAME
        if marks and room >= LEAST_TITLE:  # what is out of view is said in any case
            title = cut(title, room)
        titles = [(title, styles.accent if self.has_focus else styles.strong)]
        result = [heading(titles, marks, width, styles, focused=self.has_focus)]
        for line in range(self.head_lines - 1):
            cells = [
                ("".join(column.heads[line : line + 1]), styles.strong if column.strong else styles.muted)
                for column in self._columns
            ]
            result.append(strip_of(line_of(self._columns, cells), width, styles.text))
        return result

    def marks(self) -> str:
        """What the title says at its right: which rows are in view, where these are not all."""
        return some_of(self._seen, len(self._rows))

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        """The lines below the rows: no more than ``lines``."""
        return ()

    def joined(self, index: int) -> bool:
        """Whether a row goes with the one above it; an index after the last row is no row."""
        return False

    def tells(self, line: int) -> bool:
        """Whether a click on a line that is no row is told."""
        return False

    def turned(self, by: int) -> None:
        """The wheel was turned: by default who shows the rows is told, and moves the current one."""
        self.post_message(self.Scrolled(self, by))

    # ---- what all have in common ----------------------------------------------------------------------------------

    def put(self, rows: Sequence[T], current: int) -> None:
        """Keep other rows to be shown, and the index of the current one."""
        self._rows, self._current = rows, current

    def forget(self) -> None:
        """Draw every row anew: more has changed than items, columns, the current row, the focus and the theme."""
        self._known_for = None

    @property
    def room(self) -> int:
        """How many rows have room."""
        return self._room(self.size.height)

    def _room(self, height: int) -> int:
        return max(height - self.head_lines - self.foot_lines, 1)

    def on_bar(self, styles: Styles) -> Style:
        """What is added to the style of the current row."""
        return styles.focused if self.has_focus else styles.current

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """Heads, rows, the lines below; where there is no room for all, rows go first."""
        self._columns = self.columns(width, height)
        room, count = self._room(height), len(self._rows)
        if self._followed != (count, self._current, room):
            self._followed = (count, self._current, room)
            self._first = following(self._first, self._current, count, room, self.joined)
        self._seen = range(self._first, min(self._first + room, count))
        result = self.heads(width, styles)
        result += self._drawn(width, styles)
        lines = max(height - len(result), self.foot_lines)
        feet = [strip_of(parts, width, styles.text) for parts in self.feet(width, lines, styles)[:lines]]
        if self.foot_at_end:
            result += [Strip.blank(width, styles.text)] * (height - len(feet) - len(result))
        return [*result[: max(height - len(feet), 0)], *feet]

    def _drawn(self, width: int, styles: Styles) -> list[Strip]:
        """The rows in view; one that says what it said is not drawn again."""
        key = self._columns, width, styles, self.has_focus
        known = self._known if key == self._known_for else {}
        self._known, self._known_for = {}, key
        result = []
        for i in self._seen:
            item, current = self._rows[i], i == self._current
            was_item, was_current, strip = known.get(i, (None, False, None))
            if strip is None or was_current != current or was_item != item:
                said = self.row(item, current, width, styles)
                parts = line_of(self._columns, said.cells)
                if said.right:
                    parts = spread(parts, said.right, width, (" ", said.fill))
                strip = strip_of(parts, width, said.fill)
            self._known[i] = item, current, strip
            result.append(strip)
        return result

    def on_click(self, event: events.Click) -> None:
        """Tell which row and column were clicked."""
        row = self._seen.start + event.y - self.head_lines
        if not self.head_lines <= event.y < self.size.height - self.foot_lines or row not in self._seen:
            row = -1
        if row >= 0 or self.tells(event.y):
            column = column_at(self._columns, event.x)
            self.post_message(self.Clicked(self, row, column, event.y, twice=event.chain > 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        self.turned(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        event.stop()
        self.turned(1)
