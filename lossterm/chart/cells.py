"""Text in the cells of a terminal: some characters take two, marks take none, and what is no character is replaced."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lossterm.chart.picture import FRAME, Run

MORE = "…"
"""What there is no room for."""

_ODD = frozenset(("Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
_MARKS = frozenset(("Mn", "Me"))


def width_of(text: str) -> int:
    """The cells that a text takes, of what `plain` leaves."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def plain(text: str) -> str:
    """A text of characters that take one or two cells each; what controls a terminal or is no character is a ``?``.

    Marks are joined to their letter where there is such a letter, and left out otherwise.
    """
    if text.isascii() and text.isprintable():
        return text
    kinds = ((c, unicodedata.category(c)) for c in unicodedata.normalize("NFC", text))
    return "".join("?" if kind in _ODD else c for c, kind in kinds if kind not in _MARKS)


def cut(text: str, width: int) -> str:
    """A text in so many cells, with … where its end is missing."""
    if width_of(text) <= width:
        return text
    kept, room = "", width - 1
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept += character
    return kept + MORE[: max(width, 0)]


class Sheet:
    """Cells to write texts on."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = [[(" ", FRAME)] * width for _ in range(height)]

    def put(self, row: int, column: int, text: str, ink: int = FRAME) -> None:
        """Write a text from a cell on; what would be beyond the edge is left out."""
        if not 0 <= row < self.height:
            return
        for character in text:
            wide = _width(character)
            if column < 0 or column + wide > self.width:
                return
            self._rows[row][column] = (character, ink)
            if wide == 2:
                self._rows[row][column + 1] = ("", ink)  # it is the other half of the character
            column += wide

    def rows(self) -> tuple[tuple[Run, ...], ...]:
        """What is written, as the rows of a picture."""
        return tuple(_runs(row) for row in self._rows)


def _runs(row: Sequence[tuple[str, int]]) -> tuple[Run, ...]:
    result: list[Run] = []
    for character, ink in row:
        if result and result[-1].ink == ink:
            result[-1] = Run(result[-1].text + character, ink)
        else:
            result.append(Run(character, ink))
    return tuple(result)
