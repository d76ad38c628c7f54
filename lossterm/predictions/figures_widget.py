"""Figures side by side: as they are, by how much they changed, and what scaling would make of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, cells_in
from lossterm.tui.widgets.rows import Cell, Column, RowParts, Rows

UNBROKEN = "\u00a0"
"""A blank at which no line is broken."""

KEY = 3
"""Characters of a key and what is between it and what it does."""

GAP = 3
"""Columns between the two blocks."""

LEAST_ROWS = 7
"""Lines of the table that go before sentences: its heads and six."""

BLANK = (" ", "")
"""A blank line where there is room for one."""


@dataclass(frozen=True)
class FigureLine:
    """One line of a block: its name, a text a column, and which of these are changes."""

    name: str
    cells: tuple[str, ...]
    changes: tuple[int, ...] = ()


class Figures(Rows[int]):
    """Two blocks of figures beside each other, below the right one a table that scrolls, and sentences below all."""

    class Clicked(Rows.Clicked):
        """A line was clicked; `table_row` tells which row of the table it is."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._right = ""
        self._heads_at = self._before = 0
        self._heads: Sequence[str] = ()
        self._left_lines: Sequence[FigureLine] = ()
        self._blocks: Sequence[Sequence[FigureLine]] = ()
        self._table: Sequence[FigureLine] = ()
        self._at = 0
        self._leads = False
        self._words: Sequence[tuple[str, ...]] = ()
        self._named = 0
        self._widths: list[int] = []
        self._measured = (0, 0)
        self._shown = range(0)
        self._beside: Sequence[FigureLine] = ()

    def show(
        self, title: str, right: str, heads: Sequence[str] = (), left_lines: Sequence[FigureLine] = (),
        blocks: Sequence[Sequence[FigureLine]] = (), words: Sequence[tuple[str, ...]] = (),
        rows: Sequence[FigureLine] = (), at: int = 0, leads: bool = False,
    ) -> None:  # fmt: skip
        """Show other figures.

        Args:
            title: in the rule.
            right: at its right.
            heads: over the columns of the left block; an empty one is a column of changes.
            left_lines: the left block.
            blocks: the block beside it in several forms, the widest first: the first one that fits is shown.
            words: the sentences below, of each the longest form first; one without room is left out as a whole.
            rows: a table below the right block, its heads first: as much of it as has room.
            at: the row of the table, from 0 without its heads, that is always seen.
            leads: whether the first sentence is what all of it comes to.
        """
        if rows is not self._table:
            self._measured = _measured(rows)
        self._title, self._right, self._heads = title, right, heads
        self._left_lines, self._blocks, self._words = left_lines, blocks, words
        self._table, self._at, self._leads = rows, at, leads
        self._named = max([cells_in(line.name) for line in left_lines] or [0])
        self._widths = [max([len(head), *(len(line.cells[i]) for line in left_lines)]) for i, head in enumerate(heads)]
        self.redraw()

    def wanted(self, width: int) -> int:
        """Lines that all of it takes at this width."""
        _, block, _ = self._arranged(width)
        said = sum(len(_wrapped(forms[0], width)) for forms in self._words)
        return 1 + self._high(len(block) + len(self._table)) + said

    def said_lines(self, width: int) -> int:
        """Lines that the sentences take at this width, each in its shortest form."""
        return sum(min(len(_wrapped(form, width)) for form in forms) for forms in self._words)

    def _high(self, beside: int) -> int:
        return max(len(self._left_lines) + 1 if self._left_lines else 0, beside)

    def _arranged(self, width: int) -> tuple[int, Sequence[FigureLine], bool]:
        """How many columns the left block has, the form of the right one, and whether that has room beside it."""

        def used(count: int, block: Sequence[FigureLine]) -> int:
            beside = GAP + sum(self._measure(block)) if block else 0
            return 1 + self._named + sum(w + 2 for w in self._widths[:count]) + beside

        most = len(self._widths)
        for count in range(most, min(most, 2) - 1, -1):
            for block in self._blocks or ((),):
                if used(count, block) <= width:
                    return count, block, True
        return next((n for n in range(most, 1, -1) if used(n, ()) <= width), min(most, 1)), (), False

    def _measure(self, block: Sequence[FigureLine]) -> tuple[int, int]:
        name, cells = _measured(block)
        return max(name, self._measured[0]), max(cells, self._measured[1])

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """The left block's name and columns, and as two more the right block's; it gives the rows too."""
        count, block, fits = self._arranged(width)
        room = max(height - 1 - self.said_lines(width) - len(block), len(self._left_lines) + 1 - len(block), LEAST_ROWS)
        table = table_part(self._table, self._at, room) if fits else []
        self._heads_at = len(block)
        self._before = len(block) + 1 - first_of(self._table, self._at, room)
        self._beside = [*block, *table]
        self._shown = range(count)
        self.put(range(self._high(len(self._beside))), 0)
        self.forget()
        left = [Column(self._widths[i], right=True, before=2) for i in self._shown]
        return [Column(self._named, before=1), *left, Column(self._measure(block)[0], before=GAP), Column()]

    def table_row(self, line: int) -> int:
        """Which row of the table a line is, from 0 without the heads; −1 for none."""
        return max(line - self._before, -1) if self._heads_at < line < len(self._beside) else -1

    def marks(self) -> str:
        """What is said at the right of the rule."""
        return self._right

    def row(self, item: int, current: bool, width: int, styles: Styles) -> RowParts:
        """A line of the left block and one of the right block."""
        cells: list[Cell] = self._left_part(item, styles)
        if item < len(self._beside):
            line = self._beside[item]
            texts = [(text, styles.accent if i in line.changes else styles.text) for i, text in enumerate(line.cells)]
            cells += [(line.name, styles.muted), texts]
        return RowParts(cells, styles.text)

    def _left_part(self, y: int, styles: Styles) -> list[Cell]:
        if y == 0:
            return [("", styles.muted), *((self._heads[i], styles.muted) for i in self._shown)]
        if y > len(self._left_lines):
            return [("", styles.text)] * (1 + len(self._shown))
        line = self._left_lines[y - 1]
        cells: list[Cell] = [(line.name, styles.muted)]
        for i in self._shown:
            style = styles.accent if not self._heads[i] else styles.strong if i == 0 else styles.text
            cells.append((line.cells[i], style))
        return cells

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        """The sentences; the first one stands out where it is what they come to."""
        return [
            [(f" {line}", styles.strong if self._leads and n == 0 else styles.muted)]
            for n, line in numbered(self._words, width, lines, leads=self._leads)
        ]


def _measured(lines: Sequence[FigureLine]) -> tuple[int, int]:
    """The cells of the names, with a blank after them, and of the texts."""
    name = max([cells_in(line.name) for line in lines] or [0])
    return name + 1 if name else 0, max([len("".join(line.cells)) for line in lines] or [0])


def table_part(table: Sequence[FigureLine], at: int, room: int) -> list[FigureLine]:
    """The heads of a table and as many rows as there is room for; where these are not all, the heads tell how many.

    Args:
        table: its heads, and its rows.
        at: the row, from 0 without the heads, that is in the middle if it can be.
        room: lines there are, one of which the heads take.
    """
    if not table:
        return []
    count, most, first = len(table) - 1, max(room - 1, 1), first_of(table, at, room)
    seen = table[1 + first : 1 + first + most]
    head = FigureLine(f"{len(seen)} of {count:,}", table[0].cells) if len(seen) < count else table[0]
    return [head, *seen]


def first_of(table: Sequence[FigureLine], at: int, room: int) -> int:
    """The first row of a table that is seen, as of `table_part`."""
    most = max(room - 1, 1)
    return min(max(at - most // 2, 0), max(len(table) - 1 - most, 0))


def said(words: Sequence[tuple[str, ...]], width: int, room: int) -> list[str]:
    """The sentences in lines, each in the longest form that leaves room for the others, or left out."""
    return [line for _, line in numbered(words, width, room)]


def numbered(words: Sequence[tuple[str, ...]], width: int, room: int, *, leads: bool = False) -> list[tuple[int, str]]:
    """The same, each line with the number of its sentence; one that leads goes before the room of others."""
    lines: list[tuple[int, str]] = []
    for n, forms in enumerate(words):
        later = sum(min(len(_wrapped(form, width)) for form in others) for others in words[n + 1 :])
        wrapped = [_wrapped(form, width) for form in forms]
        left = room - len(lines)
        spare = max(left - later, 1) if leads and n == 0 else left - later
        chosen = next((text for text in wrapped if len(text) <= spare), wrapped[-1])
        lines += [(n, line) for line in chosen] if len(chosen) <= left else []
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines; none of an empty one, one of a blank."""
    if not text.strip():
        return [""] if text else []
    hanging = " " * KEY if text[1:KEY].isspace() else ""
    lines = textwrap.wrap(text, max(width - 2, 10), subsequent_indent=hanging, break_on_hyphens=False)
    return [line.replace(UNBROKEN, " ") for line in lines]
