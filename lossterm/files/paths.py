"""Finding the files that a person named: one by one, by a pattern, or standard input."""

from __future__ import annotations

import errno
import glob
import gzip
import os
import shutil
import stat
import sys
import tempfile
import weakref
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from lossterm.files.checks import BadData

STANDARD_INPUT = "standard input"

MOST_FILES = 10_000
"""Files of one pattern: a hundred thousand take two minutes to open."""

UNPACKED = 2 << 30
"""Bytes up to which a compressed file is unpacked; what is larger is unpacked by who wants it read."""


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""


@dataclass(frozen=True)
class Found:
    """A file that is to be read.

    Attributes:
        path: where it is.
        title: as it is called in messages.
        size: bytes.
        stamp: what changes when the file does.
        has_lines: whether the lines at the path are those of the file that a person named.
    """

    path: Path
    title: str
    size: int
    stamp: tuple[int, int]
    has_lines: bool = True

    def check(self) -> None:
        """Raise BadData if the file is no longer as it was found."""
        try:
            now = _stamp(self.path)
        except OSError as error:
            raise BadData(f"{self.title}: the file has gone since it was opened ({problem(error)})") from None
        if now != self.stamp:
            raise BadData(f"{self.title}: the file has changed since it was opened: open it again")


def find(paths: Sequence[str], scratch: Scratch) -> list[Found]:
    """All files that are named, those of a pattern in the order of their names.

    Args:
        paths: paths, patterns such as ``preds-*.csv``, or ``-``.
        scratch: where standard input and what comes through pipes is kept, because it is read more than once.

    Raises:
        BadData: a path is no readable file, or nothing matches a pattern.
    """
    if not paths:
        raise BadData("no file is named")
    found: list[Found] = []
    for path in paths:
        if path == "-":
            found.append(regular(_kept_input(scratch), STANDARD_INPUT))
            continue
        found += [_found(Path(name), name, scratch) for name in _named(path)]
    if sum(file.title == STANDARD_INPUT for file in found) > 1:
        raise BadData("standard input can be read once only")
    return found


def title_of(found: Sequence[Found]) -> str:
    """The names of the files without their folders, short."""
    # by title, for a file may have been unpacked elsewhere; of a pipe the last part is a number
    names = [file.title if file.title.startswith("/dev/fd/") else Path(file.title).name for file in found]
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)} files)"


def repeated(found: Sequence[Found]) -> list[str]:
    """What is said of files that are named more than once."""
    counts = Counter(os.path.realpath(file.title) for file in found)
    return [f"{Path(path).name} is named {count} times: its rows count as often" for path, count in counts.items()
            if count > 1]  # fmt: skip


def unpacked(found: Found, scratch: Scratch) -> Found:
    """A gzip-compressed file, decompressed for readers that need to jump about in it.

    Raises:
        BadData: the data are cut off or damaged.
    """
    target = scratch.new()
    try:
        with gzip.open(found.path, "rb") as source, target.open("wb") as sink:
            copied(source, sink, found.title)
    except BadData:
        target.unlink(missing_ok=True)
        raise
    except (EOFError, zlib.error, OSError) as error:
        raise BadData(f"{found.title}: the gzip data are cut off or damaged ({error})") from None
    return Found(target, found.title, found.size, _stamp(target))


def copied(source: Readable, sink: BinaryIO, title: str) -> None:
    """Copy what a compressed file holds.

    Raises:
        BadData: it holds more than `UNPACKED` bytes.
    """
    left = UNPACKED
    while part := source.read(1 << 20):
        left -= len(part)
        if left < 0:
            raise BadData(f"{title}: unpacked it is larger than {UNPACKED >> 30} GB: unpack it first")
        sink.write(part)


def problem(error: OSError) -> str:
    """What the system says, in words."""
    if error.errno == errno.ENOENT:
        return "no such file"
    if error.errno == errno.ENOSPC:
        return f"no space left in {tempfile.gettempdir()}, where it is unpacked"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied"
    return (error.strerror or str(error)).lower()


class Scratch:
    """A folder for what must be kept on disk: made when first needed, removed with its owner or at the end."""

    def __init__(self) -> None:
        self._remove: Callable[[], object] | None = None
        self._count = 0

    def new(self) -> Path:
        """The path of a file that does not exist yet."""
        if self._remove is None:
            self._folder = Path(tempfile.mkdtemp(prefix="lossterm-"))
            self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        return self._folder / str(self._count)

    def close(self) -> None:
        """Remove it now."""
        if self._remove is not None:
            self._remove()


def is_pipe(path: str) -> bool:
    """Whether this path is a pipe, so that what comes from it can be read once only."""
    try:
        return any(stat.S_ISFIFO(Path(name).stat().st_mode) for name in _named(path))
    except (OSError, ValueError):  # what is wrong with it is told when it is opened
        return False


def _named(path: str) -> list[str]:
    """The files that a path means: that of this very name first, then those of a pattern; ``~`` is the home."""
    if _exists(path):
        return [path]
    wide = os.path.expanduser(path)  # noqa: PTH111  (it leaves be what is nobody's home; Path raises)
    if _exists(wide) or not glob.has_magic(path):
        return [wide]
    names = sorted(glob.glob(wide))  # noqa: PTH207
    if len(names) > MOST_FILES:
        raise BadData(f"{path}: {len(names):,} files match, and {MOST_FILES:,} are read: put them together first")
    if not names:
        raise BadData(f"{path}: no file matches")
    return names


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL in it
        return False


def _found(path: Path, title: str, scratch: Scratch) -> Found:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise BadData(f"{title}: this is a directory; name its files: {title.rstrip('/')}/*.csv")
        if stat.S_ISFIFO(mode):  # what is read from it is gone, and opening it again waits for ever
            with path.open("rb") as source:
                return regular(_kept(source, scratch), title)
        if not stat.S_ISREG(mode):
            raise BadData(f"{title}: this is a device, not a file")
        with path.open("rb"):
            pass
        return regular(path, title)
    except (OSError, ValueError) as error:
        if isinstance(error, BadData):
            raise
        why = problem(error) if isinstance(error, OSError) else str(error)
        raise BadData(f"{title}: {why}") from None


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def regular(path: Path, title: str) -> Found:
    """A file as it is now."""
    return Found(path, title, path.stat().st_size, _stamp(path))


def _kept_input(scratch: Scratch) -> Path:
    if sys.stdin is None:  # closed by who started this: lossterm data - <&-
        raise BadData(f"{STANDARD_INPUT}: it is closed: give a file, or write into a pipe")
    try:
        return _kept(sys.stdin.buffer, scratch)
    except (OSError, ValueError) as error:
        why = problem(error) if isinstance(error, OSError) else str(error)
        raise BadData(f"{STANDARD_INPUT}: {why}") from None


def _kept(source: BinaryIO, scratch: Scratch) -> Path:
    target = scratch.new()
    with target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
    return target
