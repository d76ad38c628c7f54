"""Files of the formats that polars reads, each as a `SourceTable`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from lossterm.files import diagnose, frames, quotes, scanning
from lossterm.files.cells import number_of, plain_number
from lossterm.files.checks import BadData, NoRows
from lossterm.files.chunk import NUMERIC, Chunk, Faulty, Form, Reader, SourceTable, Unreadable, from_first
from lossterm.files.content import look
from lossterm.files.delimited import SAMPLE, dialect_of
from lossterm.files.formats import Compression, Format, open_plain

_HEAD = 1 << 18
"""Bytes from which columns are guessed."""
_LONGEST = 1 << 26
"""Bytes within which two lines must end."""
_COUNTED = 1 << 26
"""Bytes of a compressed file up to which its quotation marks are counted."""


class Delimited:
    """Comma-separated text and its like."""

    exact = False
    aside = ""

    def __init__(
        self, path: Path, title: str, compression: Compression | None, delimiter: str | None, decimal: str | None = None
    ) -> None:
        self.path = path
        self.lines = diagnose.lines_of(path, compression)
        head, rate = _head(path, title, compression)
        self.dialect, self._sample = dialect_of(title, head, delimiter, decimal)
        self.names = self.dialect.names
        self.rows = max(1, int(rate * max(1, head.count(self.dialect.ends))))
        marks = quotes.Marks()
        if compression is None or (compression == "gzip" and path.stat().st_size < _COUNTED):
            with open_plain(path, compression) as file:
                marks = _marks(file)
            if marks.is_odd or marks.is_inside:
                numeric = {name for name, values in self._sample.items() if look(values).numeric}
                if problem := quotes.swallowed(self.lines, self.dialect, numeric):
                    raise BadData(f"{title}: {problem}")
        self._stray = marks.is_odd
        by_line = compression is None and self.dialect.ends == "\n" and not (marks.is_odd or marks.is_inside)
        self._ends = marks.ends if by_line else ()
        self._dense = False  # whether a pass has found that no line is blank

    @property
    def is_stray(self) -> bool:
        """Whether it is to be read row by row, for its quotation marks."""
        return self._stray

    @cached_property
    def _short(self) -> bool:
        return scanning.has_short_rows(self.path, self.dialect)

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column, as texts."""
        return self._sample

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """As numbers; as texts; row by row."""
        blank = faulty = False

        def fast(done: int) -> Iterator[tuple[int, Chunk]]:
            nonlocal faulty
            try:
                yield from from_first(frames.delimited_fast(self.path, self.dialect, forms, lambda: self._short))
                self._dense = True
            except Faulty:
                faulty = True
                raise

        def text(done: int) -> Iterator[tuple[int, Chunk]]:
            if strict and faulty:
                raise Unreadable("the fault is told row by row")

            def dropped() -> None:
                nonlocal blank
                blank = True

            read = frames.delimited_text(self.path, self.dialect, forms, lambda: self._short, dropped, strict)
            return from_first(read)

        def rows(done: int) -> Iterator[tuple[int, Chunk]]:
            return diagnose.delimited_rows(self.lines, self.dialect, forms, done, dense=not blank)

        if self._stray:
            return (rows,)
        return (text, rows) if self._is_odd(forms) else (fast, text, rows)

    def _is_odd(self, forms: Mapping[str, Form]) -> bool:
        """Whether some needed numbers are written so that only we can read them."""
        if self.dialect.decimal == ",":
            return True
        fields = (field for name, form in forms.items() if form in NUMERIC for field in self._sample[name])
        texts = (str(field).strip() for field in fields)
        return any(plain_number(text) is None and number_of(text) is not None for text in texts)

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows, as the texts that are in the file."""
        try:
            return frames.delimited_pick(self.path, self.dialect, forms, rows, self._ends if self._dense else ())
        except Unreadable:
            return diagnose.delimited_pick(self.lines, self.dialect, forms, rows)

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line on which a row begins."""
        return diagnose.delimited_line(self.lines, self.dialect, forms, row)


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
        if not first:
            raise BadData(f"{title}: the file has only blank lines")
        if isinstance(first[0], tuple):
            raise BadData(f"{title}: row 1 (line {diagnose.ndjson_line(self.lines, 0)}): {first[0][1]}")
        self._records = [record for record in first if isinstance(record, dict)]
        self.names = tuple(dict.fromkeys(name for record in self._records for name in record))

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        return {name: [record.get(name) for record in self._records] for name in self.names}

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """By polars; row by row."""
        return (
            *([] if "object" in forms.values() else [lambda done: from_first(frames.ndjson_fast(self.path, forms))]),
            lambda done: diagnose.ndjson_rows(self.lines, forms),
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

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line of a row."""
        return diagnose.ndjson_line(self.lines, row)


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
            raise NoRows(f"{title}: there are columns but no row of data", self.names)

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        return self._sample

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """By polars alone."""
        return (lambda done: from_first(frames.typed(self.frame, forms)),)

    def between(self, first: int, last: int) -> Typed:
        """The rows from one index to before another: as much of the file is read as they need."""
        part = copy(self)
        part.frame, part.rows = self.frame.slice(first, last - first), last - first
        return part

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        return frames.pick(self.frame, rows)

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """None: there are no lines."""
        return None


def open_table(
    path: Path, title: str, format_: Format, delimiter: str | None, decimal: str | None = None
) -> SourceTable:
    """The file as a table.

    Raises:
        BadData: it has no rows, or is damaged already at its beginning.
    """
    if format_.layout == "delimited":
        return Delimited(path, title, format_.compression, delimiter, decimal)
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


def _marks(file: BinaryIO) -> quotes.Marks:
    try:
        return quotes.look_through(file)
    except (EOFError, OSError, zlib.error):  # told when the reading comes to it
        return quotes.Marks()


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
