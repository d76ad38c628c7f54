"""Charts in other characters than braille, for fonts and terminals that have none: each character for itself."""

from __future__ import annotations

from lossterm.core.names import unknown
from lossterm.core.stand_ins import STAND_INS, in_ascii, writes

MARKERS = ("braille", "block", "ascii")
"""What curves can be drawn with: dots of 2 by 4 a cell, of 2 by 2, or one character a cell."""

_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of each braille dot, by row from the top and by column: its bit."""

_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By the sum of 1 for the upper left quarter, 2 for the upper right, 4 for the lower left, 8 for the lower right."""

_MARKS = {
    "●": "*",
    "▲": "^",
    "▼": "!",
    "◇": "%",
    "○": "@",
    "◆": "#",
    "×": "&",
    "…": "~",
    "◎": "$",
    "┊": ":",
    "△": "^",
    "▽": "!",
}
"""What stands for landmarks and cut words on a canvas, in ASCII: one character each, and each another."""


def _dots(bits: int) -> list[tuple[int, int]]:
    return [(row, column) for row in range(4) for column in range(2) if bits & _BITS[row][column]]


def _block(bits: int) -> str:
    quarters = {(row // 2, column) for row, column in _dots(bits)}
    return _QUADRANTS[sum(1 << (2 * row + column) for row, column in quarters)]


def _ascii(bits: int) -> str:
    dots = _dots(bits)
    if not dots:
        return " "
    rows = [row for row, _ in dots]
    left, right = ([row for row, column in dots if column == side] for side in (0, 1))
    if max(rows) - min(rows) >= 2 and left and right:
        slope = sum(right) / len(right) - sum(left) / len(left)
        return "\\" if slope >= 1 else "/" if slope <= -1 else "|"
    if max(rows) - min(rows) >= 2:
        return "|"
    middle = sum(rows) / len(rows)
    return "'" if middle < 1 else "-" if middle < 2.5 else "."


_TABLES = {
    "block": {_BRAILLE + bits: _block(bits) for bits in range(256)},
    "ascii": {_BRAILLE + bits: _ascii(bits) for bits in range(256)} | {ord(a): b for a, b in _MARKS.items()},
}


_SIGNS = {ord(a): b for a, b in STAND_INS.items() if len(b) == 1} | {ord("²"): "2"}
_CELLS = {"block": _TABLES["block"], "ascii": _SIGNS | _TABLES["ascii"]}


def cells_with(marker: str, text: str) -> str:
    """The cells of a chart in the characters of a marker: as many as before, and words in them as they are."""
    return text.translate(_CELLS[marker]) if marker in _CELLS else text


def drawn_with(marker: str, text: str) -> str:
    """A text with its charts in the characters of a marker; nothing but ASCII is left for that one.

    Args:
        marker: one of `MARKERS`.
        text: with charts of braille dots.
    """
    if marker not in _TABLES:
        return text
    changed = text.translate(_TABLES[marker])
    return in_ascii(changed) if marker == "ascii" else changed


def marker_of(asked: str | None, encoding: str) -> str:
    """The marker that is asked for, or else what an output can write.

    Raises:
        ValueError: it is none.
    """
    if asked is None:
        return "braille" if writes(encoding, "⠿∂─") else "ascii"
    if asked not in MARKERS:
        raise ValueError(unknown(asked, "marker", MARKERS))
    return asked
