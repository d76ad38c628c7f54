"""Files of the formats that polars reads, each as a `Table`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

from lossterm.data import diagnose, frames, lines, scanning
from lossterm.data.checks import BadData
from lossterm.data.chunk import Form, Reader, Table, Unreadable
from lossterm.data.delimited import SAMPLE, dialect_of
from lossterm.data.formats import Compression, Format, open_plain

_HEAD = 1 << 18
"""Bytes from which columns are guessed."""
_LONGEST = 1 << 26
"""Bytes within which two lines must end."""


class Delimited:
    """Comma-separated text and its like."""

    exact = False
    aside = ""

    def __init__(self, path: Path, title: str, compression: Compression | None, delimiter: str | None) -> None:
        self.path = path
        self.lines = diagnose.lines_of(path, compression)
        head, rate = _head(path, title, compression)
        self.dialect, self._sample = dialect_of(title, head, delimiter)
        self.names = self.dialect.names
        self.rows = max(1, int(rate * max(1, head.count(self.dialect.ends))))

    @cached_property
    def _short(self) -> bool:
        return scanning.has_short_rows(self.path, self.dialect)

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column, as texts."""
        return self._sample

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """As numbers; as texts; line by line; row by row."""
        return (
            lambda: frames.delimited_fast(self.path, self.dialect, forms, lambda: self._short),
            lambda: frames.delimited_text(self.path, self.dialect, forms, lambda: self._short, strict),
            lambda: lines.delimited_lines(self.path, self.dialect, forms),
            lambda: diagnose.delimited_rows(self.lines, self.dialect, forms),
        )

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows, as the texts that are in the file."""
        try:
            return frames.delimited_pick(self.path, self.dialect, forms, rows)
        except Unreadable:
            return diagnose.delimited_pick(self.lines, self.dialect, forms, rows)


class JsonLines:
    """One JSON object a line."""

    exact = False
    aside = ""

    def __init__(self, path: Path, title: str, compression: Compression | None) -> None:
        self.path = path
        self.lines = diagnose.lines_of(path, compression)
        head, rate = _head(path, title, compression)
        self.rows = max(1, int(rate * max(1, head.count("\n"))))
        lines = [line + "\n" for line in head.removeprefix("\ufeff").split("\n") if line.strip()]
        first = list(islice(diagnose.records(lambda: iter(lines)), SAMPLE))
        if isinstance(first[0], tuple):
            raise BadData(f"{title}: row 1: {first[0][1]}")
        self._records = [record for record in first if isinstance(record, dict)]
        self.names = tuple(dict.fromkeys(name for record in self._records for name in record))

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        return {name: [record.get(name) for record in self._records] for name in self.names}

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """By polars; row by row."""
        return (
            lambda: frames.ndjson_fast(self.path, forms),
            lambda: diagnose.ndjson_rows(self.lines, forms),
        )

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All that is in the lines of some rows."""
        wanted, found = set(rows), dict[int, dict[str, object]]()
        for index, record in enumerate(diagnose.records(self.lines)):
            if index in wanted:
                found[index] = dict.fromkeys(self.names) | (record if isinstance(record, dict) else {})
                if len(found) == len(wanted):
                    break
        return found


class Typed:
    """Parquet and Arrow."""

    exact = True
    aside = ""

    def __init__(self, path: Path, title: str, layout: str) -> None:
        scans = {"parquet": scanning.scan_parquet, "arrow": scanning.scan_arrow, "arrow-stream": scanning.scan_stream}
        try:
            self.frame = scans[layout](path)
            head, self.rows = scanning.outline(self.frame, SAMPLE)
        except Unreadable as error:
            raise BadData(f"{title}: the {layout} file is cut off or damaged ({error})") from None
        self.names, self._sample = tuple(head), head
        if not self.rows:
            raise BadData(f"{title}: there are columns but no row of data")

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        return self._sample

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """By polars alone."""
        return (lambda: frames.typed(self.frame, forms),)

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        return frames.pick(self.frame, rows)


def open_table(path: Path, title: str, format_: Format, delimiter: str | None) -> Table:
    """The file as a table.

    Raises:
        BadData: it has no rows, or is damaged already at its beginning.
    """
    if format_.layout == "delimited":
        return Delimited(path, title, format_.compression, delimiter)
    if format_.layout == "ndjson":
        return JsonLines(path, title, format_.compression)
    return Typed(path, title, format_.layout)


def _head(path: Path, title: str, compression: Compression | None) -> tuple[str, float]:
    """Whole lines from the beginning of a text file, and how many times as long the file is."""
    size = path.stat().st_size
    if compression == "zstd":
        return _head_of_zstd(path, title, size)
    data = b""
    with open_plain(path, compression) as file:
        try:
            while len(data) < _HEAD or (_ends(data) < 3 and len(data) < _LONGEST):
                more = file.read(max(_HEAD, len(data)))
                data += more
                if not more:
                    break
        except (EOFError, OSError, zlib.error) as error:
            if not data:
                raise BadData(f"{title}: the gzip data are cut off or damaged ({error})") from None
            more = b"?"  # enough to begin with; the damage is told when the reading comes to it
        used = raw.tell() if (raw := getattr(file, "fileobj", None)) else len(data)
    if len(data) >= _LONGEST and not _ends(data):
        raise BadData(f"{title}: the first line is longer than {_LONGEST >> 20} MB: this is not a table")
    whole = not more
    if not whole:
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1] or data
    return data.decode("utf-8", "replace"), 1.0 if whole else size / max(used, 1)


def _ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r")


def _head_of_zstd(path: Path, title: str, size: int) -> tuple[str, float]:
    lines: list[str] = []
    length = 0
    source: Iterator[str] = scanning.raw_lines(path)
    try:
        for line in source:
            lines.append(line + "\n")
            length += len(line)
            if length > _HEAD:
                return "".join(lines), max(1.0, 3 * size / length)
    except Unreadable as error:
        if not lines:
            raise BadData(f"{title}: the zstd data are cut off or damaged ({error})") from None
    return "".join(lines), 1.0
