"""Figures side by side: as they are, by how much they changed, and what scaling would make of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import LineWidget, Part, heading, strip_of
from lossterm.ui.widgets.table import aligned

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


class Figures(LineWidget):
    """Two blocks of figures beside each other, below the right one a table that scrolls, and sentences below all."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = self._right = ""
        self._heads: Sequence[str] = ()
        self._left_lines: Sequence[FigureLine] = ()
        self._blocks: Sequence[Sequence[FigureLine]] = ()
        self._rows: Sequence[FigureLine] = ()
        self._at = 0
        self._words: Sequence[tuple[str, ...]] = ()

    def show(
        self, title: str, right: str, heads: Sequence[str] = (), left_lines: Sequence[FigureLine] = (),
        blocks: Sequence[Sequence[FigureLine]] = (), words: Sequence[tuple[str, ...]] = (),
        rows: Sequence[FigureLine] = (), at: int = 0,
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
        """
        self._title, self._right, self._heads = title, right, heads
        self._left_lines, self._blocks, self._words = left_lines, blocks, words
        self._rows, self._at = rows, at
        self.redraw()

    def wanted(self, width: int) -> int:
        """Lines that all of it takes at this width."""
        _, block, _ = self._arranged(width)
        said = sum(len(_wrapped(forms[0], width)) for forms in self._words)
        return 1 + self._high(len(block) + len(self._rows)) + said

    def _high(self, beside: int) -> int:
        return max(len(self._left_lines) + 1 if self._left_lines else 0, beside)

    def _arranged(self, width: int) -> tuple[list[int], Sequence[FigureLine], bool]:
        """The columns of the left block, the form of the right one, and whether that has room beside it."""
        name, widths = self._named, self._widths

        def used(count: int, block: Sequence[FigureLine] | None) -> int:
            beside = GAP + self._beside(block) if block else 0
            return 1 + name + sum(w + 2 for w in widths[:count]) + beside

        for count in range(len(widths), min(len(widths), 2) - 1, -1):
            for block in self._blocks or ((),):
                if used(count, block) <= width:
                    return list(range(count)), block, True
        count = next((n for n in range(len(widths), 1, -1) if used(n, None) <= width), min(len(widths), 1))
        return list(range(count)), (), False

    @property
    def _named(self) -> int:
        return max([cell_len(line.name) for line in self._left_lines] or [0])

    @property
    def _widths(self) -> list[int]:
        return [
            max([len(head), *(len(line.cells[i]) for line in self._left_lines)]) for i, head in enumerate(self._heads)
        ]

    def _beside(self, block: Sequence[FigureLine]) -> int:
        both = [*block, *self._rows]
        return self._second(block) + max([len("".join(line.cells)) for line in both] or [0])

    def _second(self, block: Sequence[FigureLine]) -> int:
        name = max([cell_len(line.name) for line in (*block, *self._rows)] or [0])
        return name + 1 if name else 0

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The rule, the blocks, the words."""
        result = [heading([(self._title, styles.strong)], self._right, width, styles)]
        columns, block, fits = self._arranged(width)
        name, widths, second = self._named, self._widths, self._second(block)
        used = 1 + name + sum(widths[i] + 2 for i in columns)
        least = sum(min(len(_wrapped(form, width)) for form in forms) for forms in self._words)
        room = max(height - 1 - least - len(block), len(self._left_lines) + 1 - len(block), LEAST_ROWS)
        right = [*block, *(self._table(room) if fits else ())]
        for y in range(self._high(len(right))):
            parts = self._left_part(y, name, columns, widths, used, styles)
            if y < len(right):
                line = right[y]
                parts.append((" " * GAP + (aligned(line.name, second, right=False) if second else ""), styles.muted))
                parts += [
                    (text, styles.accent if i in line.changes else styles.text) for i, text in enumerate(line.cells)
                ]
            result.append(strip_of(parts, width, styles.text))
        said = self._said(width, height - len(result))
        return [*result, *(strip_of([(f" {line}", styles.muted)], width, styles.text) for line in said)][:height]

    def _table(self, room: int) -> list[FigureLine]:
        """The heads and as many rows as there is room for; where these are not all the heads tell how many."""
        if not self._rows:
            return []
        count, most = len(self._rows) - 1, max(room - 1, 1)
        first = min(max(self._at - most // 2, 0), max(count - most, 0))
        seen = self._rows[1 + first : 1 + first + most]
        head = self._rows[0]
        if len(seen) < count:
            head = FigureLine(f"{len(seen)} of {count:,}", head.cells)
        return [head, *seen]

    def _said(self, width: int, room: int) -> list[str]:
        """The sentences, each in the longest form that leaves room for the others, or left out."""
        lines: list[str] = []
        for n, forms in enumerate(self._words):
            later = sum(min(len(_wrapped(form, width)) for form in others) for others in self._words[n + 1 :])
            wrapped = [_wrapped(form, width) for form in forms]
            left = room - len(lines)
            chosen = next((text for text in wrapped if len(text) + later <= left), wrapped[-1])
            lines += chosen if len(chosen) <= left else []
        return lines

    def _left_part(
        self, y: int, name: int, columns: Sequence[int], widths: Sequence[int], used: int, styles: Styles
    ) -> list[Part]:
        if y == 0:
            heads = "".join(f"  {self._heads[i]:>{widths[i]}}" for i in columns)
            return [(f" {'':<{name}}{heads}", styles.muted)]
        if y > len(self._left_lines):
            return [(" " * used, styles.text)]
        line = self._left_lines[y - 1]
        parts: list[Part] = [(f" {line.name:<{name}}", styles.muted)]
        for i in columns:
            style = styles.accent if not self._heads[i] else styles.strong if i == 0 else styles.text
            parts.append((f"  {line.cells[i]:>{widths[i]}}", style))
        return parts


def _wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines; none of an empty one, one of a blank."""
    if not text.strip():
        return [""] if text else []
    hanging = " " * KEY if text[1:KEY].isspace() else ""
    lines = textwrap.wrap(text, max(width - 2, 10), subsequent_indent=hanging, break_on_hyphens=False)
    return [line.replace(UNBROKEN, " ") for line in lines]
