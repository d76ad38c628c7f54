"""Tables of text that are no wider than the output: what is most spare goes first, and what went is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lossterm.model.printing import cut, width, wrapped, writable

GAP = 2
"""Blanks between two columns."""


@dataclass(frozen=True)
class TextColumn:
    """A column of a table.

    Attributes:
        head: its heading.
        cells: one a row.
        spare: where the table is too wide, columns that are more spare go first; 0 stays.
    """

    head: str
    cells: Sequence[str]
    spare: int = 0

    @property
    def width(self) -> int:
        """Of its widest cell."""
        return max(len(writable(text)) for text in (self.head, *self.cells))


def fitted(columns: Sequence[TextColumn], room: int) -> tuple[list[str], list[str]]:
    """The lines of a table, the first column to the left and the others to the right; and the heads that it leaves out.

    What is most spare goes; then the first column is cut.

    Args:
        columns: of as many cells each.
        room: columns of a line.
    """
    kept, gone = list(columns), []
    while sum(c.width + GAP for c in kept) - GAP > room and any(c.spare for c in kept):
        most = max(kept, key=lambda c: c.spare)
        kept.remove(most)
        gone.append(most.head)
    first, rest = kept[0], kept[1:]
    left = max(min(first.width, room - sum(c.width + GAP for c in rest)), 1)
    lines = []
    for row in zip(*((c.head, *c.cells) for c in kept), strict=True):
        texts = [writable(text) for text in row]
        line = f"{cut(texts[0], left):<{left}}"
        line += "".join(f"  {text:>{c.width}}" for text, c in zip(texts[1:], rest, strict=True))
        lines.append(cut(line.rstrip(), room))
    return lines, gone


def needed(columns: Sequence[TextColumn]) -> int:
    """Columns of a line in which a table has all of its columns."""
    return sum(c.width + GAP for c in columns) - GAP


def left_out(heads: Iterable[str], enough: int) -> list[str]:
    """The line that says which columns had no room, and how many would be enough; none where all had."""
    named = ", ".join(dict.fromkeys(heads))
    text = f"no room in {width()} columns for {named}: COLUMNS={enough} has all"
    return wrapped(text, "  ") if named else []
