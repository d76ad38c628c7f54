"""What stdout is: how wide, whether in colour, and which signs it can write."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from lossterm.core import stand_ins

PIPED_WIDTH = 80
"""Columns of a text in a pipe, where COLUMNS says nothing else."""

NARROWEST = 40
"""Columns that a text has at least."""

PIPED_SIZE = (100, 30)
"""Columns and lines in a pipe."""

SMALLEST, LARGEST = (20, 5), (1000, 500)


def in_colour() -> bool:
    """Whether stdout is a terminal on which colour is wanted."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of a text on stdout: what COLUMNS says, else the terminal's, else those of a pipe."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and int(asked) > 0:
        return max(int(asked), NARROWEST)
    if not sys.stdout.isatty():
        return PIPED_WIDTH
    return max(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, NARROWEST)


def encoding() -> str:
    """Of stdout; a stream without one takes everything."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def writable(text: str) -> str:
    """A text as stdout will write it: what is measured for a table."""
    return stand_ins.writable(text, encoding())


def cut(text: str, room: int) -> str:
    """A text in so many columns; an ellipsis stands for its end where it is longer."""
    if len(text) <= room:
        return text
    mark = writable("…")
    return text[: max(room - len(mark), 0)] + mark[:room]


def wrapped(text: str, indent: str = "", room: int | None = None) -> list[str]:
    """A text in lines that fit the width, the second and later ones indented.

    Args:
        text: a paragraph; blanks at its head are kept.
        indent: of the later lines.
        room: columns of a line; those of stdout where nothing is said.
    """
    return textwrap.wrap(
        writable(text), room or width(), subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True
    )  # fmt: skip


def say(text: str, indent: str = "  ") -> None:
    """Print a paragraph within the width."""
    print("\n".join(wrapped(text, indent)))


# ---- signs that the output does not have ----------------------------------------------------------------------------


class _Writable:
    """A text stream that writes stand-ins for signs that another stream does not have."""

    def __init__(self, stream: TextIO, *, json: bool) -> None:
        self._stream, self._spelled = stream, stand_ins.writable_json if json else stand_ins.writable

    def write(self, text: str) -> int:
        self._stream.write(self._spelled(text, self._stream.encoding))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_PROBE = "∂−·²∞≤é⠿"
"""An encoding that has these has all that is ever written."""


@contextmanager
def readable(*, json: bool = False) -> Iterator[None]:
    r"""While it lasts, stdout and stderr write stand-ins for signs that their encodings lack, instead of failing.

    Args:
        json: whether what is printed is JSON, in which each such sign is its escape (``\u2212``): the same text.
    """
    before = sys.stdout, sys.stderr
    try:
        sys.stdout, sys.stderr = _reading(sys.stdout, json=json), _reading(sys.stderr, json=False)
        yield
    finally:
        sys.stdout, sys.stderr = before


def _reading(stream: Any, *, json: bool) -> Any:
    if stream is None or not getattr(stream, "encoding", None) or stand_ins.writes(stream.encoding, _PROBE):
        return stream
    return _Writable(stream, json=json)


# ---- pictures -------------------------------------------------------------------------------------------------------


def size(text: str | None) -> tuple[int, int]:
    """``100x30``; the terminal's size, or 100×30 in a pipe, where nothing is said.

    Raises:
        ValueError: not a size, or one that is too small or too large.
    """
    if text is None:
        if not sys.stdout.isatty():
            return PIPED_SIZE
        columns, lines = shutil.get_terminal_size(PIPED_SIZE)
        return max(columns, SMALLEST[0]), max(lines - 1, 2 * SMALLEST[1])
    match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is not a size: write WIDTHxHEIGHT, such as 100x30")
    width, height = int(match[1]), int(match[2])
    if width < SMALLEST[0] or height < SMALLEST[1] or width > LARGEST[0] or height > LARGEST[1]:
        raise ValueError(
            f"{text!r} is not between {SMALLEST[0]}x{SMALLEST[1]} and {LARGEST[0]}x{LARGEST[1]} characters"
        )
    return width, height
