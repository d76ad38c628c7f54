"""Figures side by side: as they are, by how much they changed, and what scaling would make of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import LineWidget, Part, heading, strip_of

UNBROKEN = "\u00a0"
"""A blank at which no line is broken."""

KEY = 3
"""Characters of a key and what is between it and what it does."""

GAP = 3
"""Columns between the two blocks."""


@dataclass(frozen=True)
class FigureLine:
    """One line of a block: its name, and a text a column."""

    name: str
    cells: tuple[str, ...]


class Figures(LineWidget):
    """Two blocks of figures beside each other, and a line of words."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = self._right = ""
        self._heads: Sequence[str] = ()
        self._left_lines: Sequence[FigureLine] = ()
        self._right_lines: Sequence[FigureLine] = ()
        self._words: Sequence[str] = ()

    def show(
        self, title: str, right: str, heads: Sequence[str], left_lines: Sequence[FigureLine],
        right_lines: Sequence[FigureLine], words: Sequence[str],
    ) -> None:  # fmt: skip
        """Show other figures.

        Args:
            title: in the rule.
            right: at its right.
            heads: over the columns of the left block; an empty one is a column of changes.
            left_lines: the left block.
            right_lines: the block beside it, where there is room.
            words: what stands below, as far as there is room.
        """
        self._title, self._right, self._heads = title, right, heads
        self._left_lines, self._right_lines, self._words = left_lines, right_lines, words
        self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The rule, the blocks, the words."""
        result = [heading([(self._title, styles.strong)], self._right, width, styles)]
        name = max([len(line.name) for line in self._left_lines] or [0])
        columns = list(range(len(self._heads)))
        widths = [max([len(self._heads[i]), *(len(line.cells[i]) for line in self._left_lines)]) for i in columns]
        second = max([len(line.name) for line in self._right_lines] or [0])
        beside = second + 1 + max([len("".join(line.cells)) for line in self._right_lines] or [0])
        while len(columns) > 2 and 2 + name + sum(widths[i] + 2 for i in columns) + GAP + beside > width:
            columns.pop()
        used = 1 + name + sum(widths[i] + 2 for i in columns)
        rows = max(len(self._left_lines) + 1, len(self._right_lines))
        for y in range(rows):
            parts = self._left_part(y, name, columns, widths, used, styles)
            if y < len(self._right_lines) and used + GAP + beside <= width:
                line = self._right_lines[y]
                parts.append((f"{'':<{GAP}}{line.name:<{second}} ", styles.muted))
                parts.append(("".join(line.cells), styles.text))
            result.append(strip_of(parts, width, styles.text))
        for text in self._words:
            hanging = " " * KEY if text[1:KEY].isspace() else ""
            wrapped = textwrap.wrap(text, max(width - 2, 10), subsequent_indent=hanging, break_on_hyphens=False) or [""]
            lines = [line.replace(UNBROKEN, " ") for line in wrapped]
            result += [strip_of([(f" {line}", styles.muted)], width, styles.text) for line in lines]
        return result[:height]

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
