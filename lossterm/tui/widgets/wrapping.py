"""Pieces of text in several styles, broken into lines between words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lossterm.tui.widgets.lines import Part


def wrapped(parts: Sequence[Part], width: int, lines: int, more: str = "…") -> list[list[Part]]:
    """Parts in at most so many lines of a width.

    Args:
        parts: what is said; broken at spaces, which go at the ends of lines.
        width: cells of a line.
        lines: how many there are at most.
        more: what stands at the end of the last one where not all has found room.
    """
    result: list[list[Part]] = [[]]
    used = 0
    for word, style in _words(parts):
        if len(word.rstrip()) > width - used and used:
            if len(result) == lines:
                return [*result[:-1], _ended(result[-1], width, more)]
            result.append([])
            used = 0
        piece = word if used else word.lstrip()
        if len(piece) > width - used:
            piece = piece.rstrip()
        if len(piece) > width:  # longer than a line
            piece = piece[: width - 1] + "…"
        result[-1].append((piece, style))
        used += len(piece)
    return result


def _words(parts: Sequence[Part]) -> list[Part]:
    # each word with the space after it
    return [(word, style) for text, style in parts for word in re.findall(r" *[^ ]+ ?| +", text)]


def _ended(line: list[Part], width: int, more: str) -> list[Part]:
    while line and sum(len(text) for text, _ in line) + len(more) + 1 > width:
        line = line[:-1]
    style = line[-1][1] if line else None
    text = more if not line or line[-1][0].endswith(" ") else f" {more}"
    return [*line, (text, style)] if style is not None else line
