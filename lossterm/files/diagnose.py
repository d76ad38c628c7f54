"""Reading text row by row, slowly, to tell exactly which row is bad and why."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lossterm.files.cells import number_of
from lossterm.files.checks import EMPTY, RAGGED, Fault, shown
from lossterm.files.chunk import Chunk, Column, Form, Unreadable, as_text, as_texts, from_first
from lossterm.files.delimited import DelimitedRows, Dialect, split
from lossterm.files.formats import Compression, open_plain

_ROWS = 8_192
"""Rows of a batch: they are objects here, and cost ten times as much memory."""

Lines: TypeAlias = Callable[[], Iterator[str]]
"""The lines of a file, from its first."""

_Problem: TypeAlias = tuple[str, str]
"""Reason and description of a bad row."""


def lines_of(path: Path, compression: Compression | None) -> Lines:
    """The lines of a text file with their ends, undecodable characters replaced."""

    def plain() -> Iterator[str]:
        with (
            open_plain(path, compression) as file,
            io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="") as text,
        ):
            yield from text

    def unpacked() -> Iterator[str]:
        from lossterm.files.scanning import raw_lines

        return (line + "\n" for line in raw_lines(path))

    return unpacked if compression == "zstd" else plain


def delimited_rows(
    lines: Lines, dialect: Dialect, forms: Mapping[str, Form], done: int = 0, *, dense: bool = False
) -> Iterator[tuple[int, Chunk]]:
    """A delimited file, every bad row marked.

    Args:
        lines: its lines.
        dialect: its layout.
        forms: the needed columns.
        done: rows that are left out.
        dense: whether there is no blank line among these: then 20 million of them are left out in three seconds.

    Raises:
        Unreadable: the file is cut off or damaged.
    """
    return from_first(
        _chunks(_fields(_rows(lines, dialect, forms, done, dense), dialect, forms), forms, dialect.decimal), done
    )


def delimited_pick(
    lines: Lines, dialect: Dialect, forms: Mapping[str, Form], rows: Sequence[int]
) -> dict[int, dict[str, object]]:
    """All columns, as text, of the rows with these indices, as far as they can be read."""
    wanted, found = set(rows), {}
    for index, fields in enumerate(_rows(lines, dialect, forms, 0, False)):
        if index in wanted:
            padded = fields + [""] * (len(dialect.names) - len(fields))
            found[index] = dict[str, object](zip(dialect.names, padded, strict=False))
            if len(found) == len(wanted):
                break
    return found


def delimited_line(lines: Lines, dialect: Dialect, forms: Mapping[str, Form], row: int) -> int | None:
    """The line, from 1, on which the row with this index begins: blank lines and line ends within quotes count."""
    keys = _told_by(dialect, forms)
    source = _guarded(lines)
    for _ in range(dialect.skip):
        next(source, None)
    reader, before, left = split(source, dialect.delimiter), dialect.skip, row
    try:
        while (fields := _next(reader)) is not None:
            if any(i < len(fields) and fields[i].strip() for i in keys):
                if not left:
                    return before + 1
                left -= 1
            before = dialect.skip + reader.line_num
    except Unreadable:
        pass
    return None


def ndjson_line(lines: Lines, row: int) -> int | None:
    """The line, from 1, of the row with this index: blank lines count."""
    left = row
    try:
        for number, line in enumerate(_guarded(lines), 1):
            if line.strip():
                if not left:
                    return number
                left -= 1
    except Unreadable:
        pass
    return None


def ndjson_rows(lines: Lines, forms: Mapping[str, Form]) -> Iterator[tuple[int, Chunk]]:
    """A file of JSON lines, every bad row marked.

    Raises:
        Unreadable: the file is cut off or damaged.
    """
    return from_first(_chunks((_picked(record, forms) for record in records(lines)), forms))


def records(lines: Lines) -> Iterator[dict[str, Any] | _Problem]:
    """The objects of a file of JSON lines; blank lines go."""
    for line in _guarded(lines):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield "not JSON", f"{shown(line.strip())} is not JSON ({error})"
            continue
        yield value if isinstance(value, dict) else ("not a JSON object", f"{shown(line.strip())} is not an object")


def _guarded(lines: Lines) -> Iterator[str]:
    try:
        yield from lines()
    except (EOFError, zlib.error, OSError) as error:
        raise Unreadable(f"the data end early or are damaged ({error})") from None


def _rows(lines: Lines, dialect: Dialect, forms: Mapping[str, Form], done: int, dense: bool) -> Iterator[list[str]]:
    """The rows of data as fields, without blank lines and without the first few."""
    keys = _told_by(dialect, forms)
    source = _guarded(lines)
    for _ in range(dialect.skip):
        next(source, None)
    reader = split(source, dialect.delimiter)
    if dense and done:
        next(islice(reader, done - 1, None), None)
        done = 0
    while (fields := _next(reader)) is not None:
        # the same rule as where polars reads, or the rows would not have the same numbers
        if any(i < len(fields) and fields[i].strip() for i in keys):
            if done:
                done -= 1
            else:
                yield fields


def _told_by(dialect: Dialect, forms: Mapping[str, Form]) -> list[int]:
    # the columns of which one at least has something in it where a line is not blank
    names = dialect.names
    return sorted({0, len(names) - 1, *(names.index(name) for name in forms)})


def _next(reader: DelimitedRows) -> list[str] | None:
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        raise Unreadable(str(error)) from None


def _fields(rows: Iterator[list[str]], dialect: Dialect, forms: Mapping[str, Form]) -> Iterator[list[Any] | _Problem]:
    names = dialect.names
    where = [names.index(name) for name in forms]
    for fields in rows:
        if len(fields) >= len(names) and not any(fields[len(names) :]):  # a delimiter at the end is let pass
            yield [fields[i].strip() for i in where]
        else:
            yield RAGGED, dialect.ragged(len(fields))


def _picked(record: dict[str, Any] | _Problem, forms: Mapping[str, Form]) -> list[Any] | _Problem:
    return record if isinstance(record, tuple) else [record.get(name) for name in forms]


def _chunks(rows: Iterator[list[Any] | _Problem], forms: Mapping[str, Form], decimal: str = ".") -> Iterator[Chunk]:
    batch: list[list[Any] | _Problem] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == _ROWS:
                yield _chunk(batch, forms, decimal)
                batch = []
    except Unreadable:
        if batch:
            yield _chunk(batch, forms, decimal)  # what came before the damage may be what is wrong first
        raise
    if batch:
        yield _chunk(batch, forms, decimal)


def _chunk(rows: list[list[Any] | _Problem], forms: Mapping[str, Form], decimal: str) -> Chunk:
    problems = {i: (*row, "") for i, row in enumerate(rows) if isinstance(row, tuple)}
    blank = [None] * len(forms)
    columns: dict[str, Column] = {}
    for at, (name, form) in enumerate(forms.items()):
        fields = [(blank if isinstance(row, tuple) else row)[at] for row in rows]
        if form == "object":
            columns[name] = fields
            continue
        if form == "text":
            columns[name] = as_texts([as_text(field) for field in fields])
            continue
        values = [_value(field, decimal) for field in fields]
        columns[name] = np.array([np.nan if value is None else value for value in values], dtype=float)
        for i, value in enumerate(values):
            if value is None and form == "number" and i not in problems:
                problems[i] = (*_problem(name, fields[i]), name)
    return Chunk(len(rows), columns, _faults(problems, len(rows)))


def _value(field: Any, decimal: str) -> float | None:
    if isinstance(field, str):
        return number_of(field, decimal)
    if isinstance(field, list) and len(field) == 1:
        return _value(field[0], decimal)
    if isinstance(field, int | float):  # true is 1
        try:
            return float(field)
        except OverflowError:
            return float("inf")
    return None


def _problem(name: str, field: Any) -> _Problem:
    if field is None or field == "":
        return EMPTY, f"column {name!r} is empty"
    return "not a number", f"column {name!r}: {shown(as_text(field))} is not a number"


def _faults(problems: Mapping[int, tuple[str, str, str]], count: int) -> list[Fault]:
    rows: dict[tuple[str, str], list[int]] = {}
    for i, (reason, _, column) in problems.items():
        rows.setdefault((reason, column), []).append(i)
    faults = []
    for (reason, column), bad in rows.items():
        mask = np.zeros(count, dtype=bool)
        mask[bad] = True
        faults.append(Fault(reason, mask, lambda i: problems[i][1], column))
    return faults
