"""What painting yields: rows of inked text, in which no colour is decided yet."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

FRAME = -1
"""The ink of axes, ticks, labels and blanks."""

Rgb = tuple[int, int, int]


class Run(NamedTuple):
    """A stretch of a row in one ink."""

    text: str
    """One cell a character; in the name of a class a wide one takes two."""

    ink: int = FRAME
    """The ink of the series it belongs to, or `FRAME`."""


def with_cells(runs: Sequence[Run], cells: Mapping[int, tuple[str, int]]) -> tuple[Run, ...]:
    """A row with some of its cells replaced.

    Args:
        runs: The row.
        cells: Character and ink by column.
    """
    line = [(character, run.ink) for run in runs for character in run.text]
    for column, cell in cells.items():
        line[column] = cell
    result: list[Run] = []
    for character, ink in line:
        if result and result[-1].ink == ink:
            result[-1] = Run(result[-1].text + character, ink)
        else:
            result.append(Run(character, ink))
    return tuple(result)


def _inked(runs: Sequence[Run], columns: Collection[int], ink: int) -> tuple[Run, ...]:
    """A row in which the dots in some columns have an ink."""
    line = "".join(run.text for run in runs)
    return with_cells(runs, {column: (line[column], ink) for column in columns if "\u2800" < line[column] <= "\u28ff"})


def _none(ink: int) -> Collection[tuple[int, int]]:
    return ()


@dataclass(frozen=True)
class Picture:
    """A painted chart. Positions are in cells, from the top left."""

    rows: tuple[tuple[Run, ...], ...]
    """As many as the picture is high, each exactly as wide as the picture."""

    left: int
    """The first column of the canvas."""

    columns: int
    """How many columns the canvas has; 0 if there is no room for one."""

    top: int
    """The first row of the canvas."""

    lines: int
    """How many rows the canvas has; 0 if there is no room for one."""

    passed: Callable[[int], Collection[tuple[int, int]]] = field(default=_none, compare=False, repr=False)
    """By ink: the rows and columns that its curves pass, also where another one was drawn over them."""

    def raised(self, ink: int) -> tuple[tuple[Run, ...], ...]:
        """The rows with the curves of an ink over all others; letters and marks stay what they are."""
        by_row: dict[int, set[int]] = {}
        for row, column in self.passed(ink):
            by_row.setdefault(row, set()).add(column)
        return tuple(_inked(runs, by_row[row], ink) if row in by_row else runs for row, runs in enumerate(self.rows))

    def text(self) -> str:
        """The picture without ink, blanks at the ends of lines left out."""
        return "\n".join("".join(run.text for run in row).rstrip() for row in self.rows)

    def ansi(self, palette: Mapping[int, Rgb | None]) -> str:
        """The picture with escape codes for a terminal of true colours.

        Args:
            palette: The colour of each ink; an ink without one, or with None, is left as the terminal has it.
        """
        lines = []
        for row in self.rows:
            parts = [_coloured(run.text, palette.get(run.ink)) for run in row[:-1]]
            parts += [_coloured(run.text.rstrip(), palette.get(run.ink)) for run in row[-1:]]
            lines.append("".join(parts))
        return "\n".join(lines)


def _coloured(text: str, rgb: Rgb | None) -> str:
    if rgb is None or not text or text.isspace():
        return text
    red, green, blue = rgb
    return f"\x1b[38;2;{red};{green};{blue}m{text}\x1b[0m"
