"""The numbers at the cursor: a heading, one row a curve, and a line of words; aligned, of fixed height, scrolling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, length
from lossterm.tui.widgets.rows import Cell, Column, RowParts, Rows
from lossterm.tui.widgets.wrapping import wrapped

DOT = " · "
"""What stands between the things that are said in the last line; the last of them are left out where room is short."""

CELL = 9
"""Width of a number's column; two more where there is room."""

SHORT_NAME = 12
"""Characters of a name that are left of it beside the longest numbers."""

LEAST_LETTERS = 3
"""Letters of a loss that are left beside its parameters."""

CLOSE = 60
"""Columns below which numbers come before verdicts."""


@dataclass(frozen=True)
class NumbersRow:
    """One row of numbers.

    Attributes:
        letter: of its curve; a blank one is of a row that goes with the one above it.
        ink: of its curve.
        name: of its curve.
        cells: the numbers, as text, in the order of the columns.
        verdict: in words.
        current: whether it is the current loss.
        brief: the verdict in fewer letters, for where it does not fit.
        stands_out: which of the cells are in the colour of what is to be seen first.
    """

    letter: str
    ink: int
    name: str
    cells: tuple[str, ...]
    verdict: str
    current: bool = False
    brief: str = ""
    stands_out: tuple[int, ...] = ()


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


def short_name(name: str, room: int) -> str:
    """A name in so many cells: what tells two rows of one loss apart, its parameters, is kept before its letters."""
    loss, blank, rest = name.partition(" ")
    left = room - len(rest) - 2
    return name if len(name) <= room or not blank or left < LEAST_LETTERS else f"{loss[:left]}… {rest}"


def number_columns(heads: Sequence[str], rows: Sequence[NumbersRow], width: int, *, brief: bool) -> list[Column]:
    """The columns of rows of numbers: the mark, the letter, the name, as many numbers as have room, the verdict.

    Args:
        heads: of the numbers, and last of the verdicts.
        rows: the rows.
        width: cells of a line.
        brief: whether room is kept for the brief forms of the verdicts.
    """
    # names get what the numbers leave
    wide = max((len(row.name) for row in rows), default=4)
    name = max(4, min(wide, 14 if width < CLOSE else 18 if width < 100 else 26))
    spare, count = width - name - 4, len(heads) - 1
    least = CELL + 2 if spare >= (CELL + 2) * count + 26 else CELL
    # a number's column is as wide as its longest number and a space
    cells = [max([least, *(len(row.cells[i]) + 1 for row in rows if i < len(row.cells))]) for i in range(count)]
    # what the verdicts need at least: their brief forms where they have them, beside numbers
    verdicts = max([8, *(min(len(row.brief), 17) + 1 for row in rows if row.cells and brief)]) if width >= CLOSE else 0
    said = max(verdicts, len(heads[-1]) + 3) if heads and verdicts else 0
    while name > SHORT_NAME and sum(cells) + said > spare and max(cells, default=0) > CELL:
        name, spare = name - 1, spare + 1  # numbers that take more room than others have that of the names
    while len(cells) > 1 and sum(cells) + verdicts > spare:
        cells.pop()
    # a longer name takes what neither the numbers nor the words beside them need
    said = max((len(row.verdict) for row in rows), default=0) + 2
    name = max(name, min(wide, 26, width - 4 - sum(cells) - said))
    numbers = [Column(cell, right=True, heads=(head,)) for head, cell in zip(heads, cells, strict=False)]
    last = heads[-1] if heads and name + 3 + sum(cells) + 2 + len(heads[-1]) <= width else ""
    return [Column(1), Column(1, after=1), Column(name), *numbers, Column(before=2, heads=(last,))]


def verdicts_fit(heads: Sequence[str], rows: Sequence[NumbersRow], width: int) -> bool:
    """Whether each row has room beside its numbers for a whole clause of its verdict.

    Args:
        heads: of the numbers, and last of the verdicts.
        rows: the rows.
        width: cells of a line.
    """
    columns = number_columns(heads, rows, width, brief=False)
    room = width - sum(column.extent for column in columns[:-1]) - 2
    return all(len((row.brief or row.verdict).partition(", ")[0]) <= room for row in rows if row.cells)


class Readout(Rows[NumbersRow]):
    """Rows of numbers under column heads, scrolled so that the current row is visible."""

    head_lines, foot_lines, foot_at_end = 2, 1, True

    class Clicked(Rows.Clicked):
        """A row was clicked."""

        @property
        def index(self) -> int:
            """The index of the row."""
            return self.row

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heads: Sequence[str] = ()
        self._words: Sequence[Part] = ()
        self._more: str | None = None
        self._ends: Sequence[int] = ()

    def show(
        self, title: str, heads: Sequence[str], entries: Sequence[NumbersRow], words: Sequence[Part],
        more: str | None = None,
    ) -> None:  # fmt: skip
        """Show other numbers.

        Args:
            title: over all.
            heads: of the columns; the last stands over the verdicts.
            entries: the rows.
            words: the line below, `DOT` between its parts.
            more: None to leave out the last of the words where room is short; else they are broken into the lines that
                the rows leave, and this stands at the end if they do not fit.
        """
        self._title, self._heads, self._words, self._more = title, heads, words, more
        self.put(entries, next((i for i, entry in enumerate(entries) if entry.current), 0))
        self.redraw()

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """As many numbers as have room."""
        columns = number_columns(self._heads, self._rows, width, brief=bool(self._more))
        self._ends = list(accumulate(column.extent for column in columns))
        return columns

    def joined(self, index: int) -> bool:
        """A row without a letter goes with the one above it."""
        return 0 <= index < len(self._rows) and not self._rows[index].letter.strip()

    def row(self, item: NumbersRow, current: bool, width: int, styles: Styles) -> RowParts:
        """The numbers of a row, and as much of what they mean as fits beside them."""
        ink = styles.bold_inks[item.ink % len(styles.bold_inks)]
        body = styles.strong if item.current else styles.text
        cells: list[Cell] = [
            ("▸" if item.current else " ", styles.accent),
            (item.letter, ink),
            (short_name(item.name, self._columns[2].width), ink if item.current else styles.ink(item.ink)),
            *(
                (text, styles.accent if i in item.stands_out else body)
                for i, text in enumerate(item.cells[: len(self._columns) - 4])
            ),
        ]
        said = shortened(item.verdict, width - self._ends[len(cells) - 1] - 2, item.brief)
        return RowParts([*cells, [(f"  {said}", styles.text)]], styles.text)  # after the name where it has no numbers

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        """The words: in one line, or in the lines that the rows leave."""
        words = list(self._words)
        if self._more is None:
            while length(words) + 1 > width and any(text == DOT for text, _ in words):
                del words[max(i for i, (text, _) in enumerate(words) if text == DOT) :]
            broken = [words]
        else:
            broken = wrapped(words, max(width - 2, 1), lines, self._more)
        return [[(" ", styles.text), *line] for line in broken]

    def turned(self, by: int) -> None:
        """The wheel scrolls, and the current row stays what it is."""
        self._first = min(max(self._first + by, 0), max(len(self._rows) - self.room, 0))
        self.redraw()
