"""Small files that are kept between runs: read without waiting, written whole or not at all, set aside where broken."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

LARGEST = 4_000_000
"""Bytes of a file from which it is none of ours."""


def state_folder() -> Path:
    """Where the platform keeps what a program remembers."""
    from platformdirs import user_state_path  # not by `lossterm --help`

    return user_state_path("lossterm", appauthor=False)


def config_folder() -> Path:
    """Where the platform keeps what a person has set."""
    from platformdirs import user_config_path

    return user_config_path("lossterm", appauthor=False)


class NoFileError(Exception):
    """Something that is no file, and stays where it is."""


def text_of(path: Path) -> str:
    """The text of a file; nothing is waited for, and no more is read than a kept file has.

    Raises:
        NoFileError: it is a device, a pipe or a folder; the message is the path.
        OSError: it cannot be read.
        ValueError: it is no text, or too long.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NoFileError(f"{path} is no file")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    return content.decode("utf-8")


def moved_aside(path: Path) -> Path | None:
    """Rename a broken file to ``….broken…``, never over another one; returns where it is now, None if it stayed."""
    path = path.resolve() if path.is_symlink() else path
    ending = path.suffix
    names = (path.with_suffix(f".broken{'' if n == 1 else f'-{n}'}{ending}") for n in range(1, 1000))
    aside = next((name for name in names if not name.exists()), path.with_suffix(f".broken{ending}"))
    try:
        path.replace(aside)
    except OSError:
        return None
    return aside


def write_whole(path: Path, write: Callable[[IO[str]], object]) -> None:
    """Write a file, atomically, through a symbolic link to where that leads.

    Raises:
        NoFileError: something that is no file is there.
        OSError: it cannot be written; the old one is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        raise NoFileError(f"{path} is no file")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            write(file)
        os.replace(name, path)  # noqa: PTH105 (the name is mkstemp's own)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
