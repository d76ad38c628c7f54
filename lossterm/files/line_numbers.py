"""Lines of a text file by their number: the ends of lines are counted once, a piece of the file at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE = 1 << 20
"""Bytes that are looked at at once."""

END, MARK = 10, 34
"""A line feed, and a quotation mark."""


def lines_at(path: Path, numbers: Sequence[int], ends: Sequence[int]) -> list[bytes]:
    """Some lines with their ends, as far as there are any; no more of the file is read than the pieces they begin in.

    Args:
        path: the file; its lines end with a line feed.
        numbers: from 0, ascending.
        ends: how many lines end before each `PIECE` of the file, and in all of it.
    """
    before, lines = np.asarray(ends), []
    with path.open("rb") as file:
        for number in numbers:
            start = 0
            if number:
                at = int(np.searchsorted(before, number)) - 1  # the piece in which the line before it ends
                if at == len(before) - 1:
                    break
                file.seek(at * PIECE)
                here = _places(file.read(PIECE), END)
                if number - before[at] > len(here):  # the file is no longer what it was
                    break
                start = at * PIECE + int(here[number - before[at] - 1]) + 1
            file.seek(start)
            lines.append(file.readline())
    return [line for line in lines if line]


def _places(piece: bytes, byte: int) -> NDArray[np.intp]:
    return np.flatnonzero(np.frombuffer(piece, np.uint8) == byte)
