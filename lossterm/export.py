"""Files that a person asks for: numbers as CSV, the screen as SVG; never over an existing file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

_TRIES = 10_000


def write_new(folder: Path, stem: str, suffix: str, write: Callable[[IO[str]], object]) -> Path:
    """Write a file under a name that is not taken: ``stem.csv``, then ``stem-2.csv``.

    Args:
        folder: where.
        stem: the name before a number.
        suffix: with its dot.
        write: is given the open file.

    Returns:
        The path.

    Raises:
        OSError: it cannot be written there; nothing is left behind.
    """
    for number in range(1, _TRIES):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            file = path.open("x", encoding="utf-8", newline="")
        except FileExistsError:
            continue
        try:
            with file:
                write(file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path
    raise FileExistsError(f"every name from {stem}{suffix} to {stem}-{_TRIES - 1}{suffix} is taken")
