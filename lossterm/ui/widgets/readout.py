"""The numbers at the cursor: a heading, one row a curve, and a line of words; aligned, of fixed height, scrolling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import ListWidget, Part, heading, length, strip_of
from lossterm.ui.widgets.wrapping import wrapped

DOT = " · "
"""What stands between the things that are said in the last line; the last of them are left out where room is short."""

CELL = 9
"""Width of a number's column; two more where there is room."""

CLOSE = 60
"""Columns below which numbers come before verdicts."""


@dataclass(frozen=True)
class Entry:
    """One row of numbers.

    Attributes:
        letter: of its curve; a blank one is of a row that goes with the one above it.
        ink: of its curve.
        name: of its curve.
        cells: the numbers, as text, in the order of the columns.
        verdict: in words.
        current: whether it is the current loss.
        brief: the verdict in fewer letters, for where it does not fit.
    """

    letter: str
    ink: int
    name: str
    cells: tuple[str, ...]
    verdict: str
    current: bool = False
    brief: str = ""


def shortened(verdict: str, room: int, brief: str = "") -> str:
    """As much of a verdict as fits: whole clauses, else those of its brief form, else whole words and an ellipsis."""
    for said in (verdict, brief):
        clauses = said.split(", ")
        fitting = [text for n in range(len(clauses), 0, -1) if len(text := ", ".join(clauses[:n])) <= room]
        if said and fitting:
            return fitting[0]
    verdict = verdict.partition(", ")[0]
    while len(verdict) + 1 > room and verdict:
        verdict = verdict.rpartition(" ")[0]
    return f"{verdict}…" if verdict else ""


class Readout(ListWidget):
    """Rows of numbers under column heads, scrolled so that the current row is visible."""

    class Clicked(Message):
        """A row was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._heads: Sequence[str] = ()
        self._entries: Sequence[Entry] = ()
        self._words: Sequence[Part] = ()
        self._first = 0
        self._more: str | None = None

    def show(
        self, title: str, heads: Sequence[str], entries: Sequence[Entry], words: Sequence[Part], more: str | None = None
    ) -> None:
        """Show other numbers.

        Args:
            title: over all.
            heads: of the columns; the last stands over the verdicts.
            entries: the rows.
            words: the line below, `DOT` between its parts.
            more: None to leave out the last of the words where room is short; else they are broken into the lines that
                the rows leave, and this stands at the end if they do not fit.
        """
        if len(entries) != len(self._entries) or self._current(entries) != self._current(self._entries):
            self._first = self._scrolled(entries)
        self._title, self._heads, self._entries, self._words, self._more = title, heads, entries, words, more
        self.redraw()

    @staticmethod
    def _current(entries: Sequence[Entry]) -> int:
        return next((i for i, entry in enumerate(entries) if entry.current), 0)

    @property
    def _room(self) -> int:
        return max(self.size.height - 3, 1)

    def _scrolled(self, entries: Sequence[Entry]) -> int:
        at = self._current(entries)
        last = at + 1 if entries[at + 1 : at + 2] and not entries[at + 1].letter.strip() else at
        first = min(self._first, max(len(entries) - self._room, 0))
        first = max(min(first, at), last - self._room + 1)
        return first + 1 if first < at and not entries[first].letter.strip() else min(first, at)

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """Heading, column heads, rows, words."""
        hidden = len(self._entries) - self._room
        end = hidden + 1 if hidden > 0 and not self._entries[hidden].letter.strip() else max(hidden, 0)
        self._first = min(self._first, end)  # the room may be another since they were given
        until = min(self._first + self._room, len(self._entries))
        more = f"{self._first + 1}–{until} of {len(self._entries)}" if hidden > 0 else ""
        # names get what the numbers leave
        numbers = self._heads[:-1]
        wide = max((len(e.name) for e in self._entries), default=4)
        name_width = max(4, min(wide, 14 if width < CLOSE else 18 if width < 100 else 26))
        shown = numbers
        spare = width - name_width - 4
        cell = CELL + 2 if spare >= (CELL + 2) * len(shown) + 26 else CELL
        columns = [self._column(i, cell) for i in range(len(shown))]
        verdicts = self._verdicts if width >= CLOSE else 0
        while len(shown) > 1 and sum(columns) + verdicts > spare:
            shown, columns = shown[:-1], columns[:-1]
        # a longer name takes what neither the numbers nor the words beside them need
        said = max((len(entry.verdict) for entry in self._entries), default=0) + 2
        name_width = max(name_width, min(wide, 26, width - 4 - sum(columns) - said))
        heads = " " * (name_width + 3) + "".join(f"{head:>{w}}" for head, w in zip(shown, columns, strict=True))
        last = f"  {self._last_head()}"
        heads += last if len(heads) + len(last) <= width else ""
        title = heading([(self._title, styles.strong)], more, width, styles)
        visible = self._entries[self._first : self._first + self._room]
        rows = [self._row(entry, name_width, columns, width, styles) for entry in visible]
        result = [title, strip_of([(heads, styles.muted)], width, styles.text), *rows]
        below = self._below(width, max(height - len(result), 1), styles)
        result += [Strip.blank(width, styles.text)] * (height - len(below) - len(result))
        return [*result[: max(height - len(below), 0)], *below]

    def _column(self, index: int, least: int) -> int:
        # as wide as its longest number and a space
        return max([least, *(len(entry.cells[index]) + 1 for entry in self._entries if index < len(entry.cells))])

    @property
    def _verdicts(self) -> int:
        # what the verdicts need at least: their brief forms where they have them, beside numbers
        return max([8, *(min(len(entry.brief), 17) + 1 for entry in self._entries if entry.cells and self._more)])

    def _below(self, width: int, lines: int, styles: Styles) -> list[Strip]:
        words = list(self._words)
        if self._more is None:
            while length(words) + 1 > width and any(text == DOT for text, _ in words):
                del words[max(i for i, (text, _) in enumerate(words) if text == DOT) :]
            broken = [words]
        else:
            broken = wrapped(words, max(width - 2, 1), lines, self._more)
        return [strip_of([(" ", styles.text), *line], width, styles.text) for line in broken]

    def _last_head(self) -> str:
        return self._heads[-1] if self._heads else ""

    def _row(self, entry: Entry, name_width: int, columns: Sequence[int], width: int, styles: Styles) -> Strip:
        ink = styles.bold_inks[entry.ink % len(styles.bold_inks)]
        name = entry.name if len(entry.name) <= name_width else entry.name[: name_width - 1] + "…"
        numbers = "".join(f"{text:>{room}}" for text, room in zip(entry.cells, columns, strict=False))
        body = styles.strong if entry.current else styles.text
        parts: list[Part] = [
            ("▸" if entry.current else " ", styles.accent),
            (f"{entry.letter} ", ink),
            (f"{name:<{name_width}}", ink if entry.current else styles.ink(entry.ink)),
            (numbers, body),
        ]
        parts.append((f"  {shortened(entry.verdict, width - length(parts) - 2, entry.brief)}", styles.text))
        return strip_of(parts, width, styles.text)

    def turned(self, by: int) -> None:
        """The wheel scrolls."""
        self._first = min(max(self._first + by, 0), max(len(self._entries) - self._room, 0))
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Clicking a row makes its loss the current one."""
        index = self._first + event.y - 2
        if 2 <= event.y < self.size.height - 1 and index < len(self._entries):
            self.post_message(self.Clicked(index))
