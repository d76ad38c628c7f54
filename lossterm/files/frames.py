"""Columns out of polars' batches, as numbers or texts, with what is wrong in them.

This module is imported when the first file is opened that polars reads.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from polars.exceptions import PanicException, PolarsError

from lossterm.files.cells import number_of
from lossterm.files.checks import EMPTY, RAGGED, Fault, counted, shown
from lossterm.files.chunk import NUMERIC, Chunk, Column, Faulty, Form, Texts, Unreadable, as_text
from lossterm.files.delimited import Dialect
from lossterm.files.line_numbers import lines_at
from lossterm.files.scanning import BEYOND, batches, literal, reason, scan_delimited, scan_lines

_INDEX = "\0row"
"""Name of a column of row numbers, which no file has."""


def types_of(forms: Mapping[str, Form]) -> dict[str, Any]:
    """The types in which polars reads the needed columns."""
    return {name: pl.Float64 if form in NUMERIC else pl.String for name, form in forms.items()}  # objects are texts


def delimited_fast(
    path: Path, dialect: Dialect, forms: Mapping[str, Form], short: Callable[[], bool]
) -> Iterator[Chunk]:
    """A delimited file whose every row is as it should be.

    The last column is read as well, if only as text: where it is never empty, no row is too short.

    Args:
        path: the file.
        dialect: its layout.
        forms: the needed columns.
        short: asked once, when the last field is empty somewhere: whether some rows have too few fields.

    Raises:
        Faulty: some field is not a number, or missing, or a row has too many fields.
        Unreadable: there is a blank line.
    """
    last = literal(dialect.names[-1])
    needed = [*map(literal, forms), last, BEYOND]
    frame = scan_delimited(path, dialect, types_of(forms)).select(list(dict.fromkeys(needed)))
    checked = dialect.names[-1] in forms
    for batch in batches(frame):
        if batch[BEYOND].null_count() < batch.height:
            raise Faulty("a row with too many fields")
        missing = [
            literal(name) for name, form in forms.items() if form == "number" and batch[literal(name)].null_count()
        ]
        if missing:
            rows = batch.filter(pl.any_horizontal(batch[name].is_null() for name in missing))
            blank = pl.all_horizontal(pl.all().is_null())
            raise Unreadable("a blank line") if rows.select(blank.all()).item() else Faulty("a field that is no number")
        if "number" not in forms.values() and batch.select(pl.all_horizontal(pl.all().is_null()).any()).item():
            raise Unreadable("a blank line")  # of texts alone nothing else tells
        if not checked and batch[last].null_count():
            if short():
                raise Faulty("a row with too few fields")
            checked = True
        yield Chunk(batch.height, {name: column(batch[literal(name)], form) for name, form in forms.items()})


def delimited_text(
    path: Path,
    dialect: Dialect,
    forms: Mapping[str, Form],
    short: Callable[[], bool],
    dropped: Callable[[], None],
    strict: bool,
) -> Iterator[Chunk]:
    """A delimited file of which every field is read as text first: what is no number is marked, blank lines go.

    It stays for what is to be read to its end: files with blank lines, with numbers in brackets, and ``--skip-bad``.
    Row by row 20 million rows take a minute, so four seconds. A file that ends at its first bad row does without: the
    rows before it are known, and left out in three seconds.

    Args:
        path: the file.
        dialect: its layout.
        forms: the needed columns.
        short: asked once, when the last field is empty somewhere: whether some rows have too few fields.
        dropped: told when there was a blank line.
        strict: whether the first fault ends it.

    Raises:
        Faulty: a row has too few fields; with ``strict`` any fault: reading row by row tells more of it.
    """
    last = literal(dialect.names[-1])
    checked = dialect.names[-1] in forms
    for batch in batches(texts_of(path, dialect, forms)):
        rows = batch.filter(~blank_lines(batch))
        if rows.height < batch.height:
            dropped()
        if not checked and (rows[last] == "").any():
            if short():
                raise Faulty("a row with too few fields")
            checked = True
        chunk = marked(rows, forms, dialect.decimal)
        chunk.faults[:0] = _too_long(rows[BEYOND], dialect)
        if strict and chunk.faults:
            raise Faulty("a row with a fault")
        yield chunk


def delimited_pick(
    path: Path, dialect: Dialect, forms: Mapping[str, Form], rows: Sequence[int], ends: Sequence[int] = ()
) -> dict[int, dict[str, object]]:
    """All columns, as text, of the rows with these indices (ascending; blank lines not counted).

    Args:
        path: the file.
        dialect: its layout.
        forms: the needed columns.
        rows: the indices.
        ends: where every line is a row, how many end before each piece of the file: then no others are read.

    Raises:
        Unreadable: polars cannot read as far.
    """
    if ends:
        lines = b"".join(lines_at(path, [dialect.skip + row for row in rows], ends))
        picked = batches(texts_of(lines.removeprefix(BOM_UTF8), replace(dialect, skip=0))) if lines else ()
        return {
            row: _texts_at(batch, i, dialect)
            for batch in picked  # of so few lines one
            for i, row in enumerate(rows[: batch.height])
        }
    found: dict[int, dict[str, object]] = {}
    start, wanted = 0, np.array(rows)
    for batch in batches(texts_of(path, dialect)):
        needed = batch.select(needed_columns(dialect, forms))
        kept = batch.filter(~blank_lines(needed))
        low, high = np.searchsorted(wanted, [start, start + kept.height])
        for index in wanted[low:high].tolist():
            found[index] = _texts_at(kept, index - start, dialect)
        start += kept.height
        if start > wanted[-1]:
            break
    return found


def _texts_at(batch: pl.DataFrame, index: int, dialect: Dialect) -> dict[str, object]:
    return {name: batch[literal(name)][index] or "" for name in dialect.names}


def ndjson_fast(path: Path, forms: Mapping[str, Form]) -> Iterator[Chunk]:
    """A file of JSON lines whose every row is as it should be.

    Raises:
        Unreadable: some line is not.
    """
    schema = pl.Struct(types_of(forms))
    for batch in batches(scan_lines(path)):
        lines = batch["line"]
        lines = lines.filter(lines.str.strip_chars() != "")
        try:
            rows = lines.str.json_decode(schema).struct.unnest()
        except (PolarsError, PanicException) as error:
            raise Unreadable(reason(error)) from None
        rows.columns = [literal(name) for name in rows.columns]
        if any(form == "number" and rows[literal(name)].null_count() for name, form in forms.items()):
            raise Unreadable("an empty field")
        yield Chunk(rows.height, {name: column(rows[literal(name)], form) for name, form in forms.items()})


def typed(frame: pl.LazyFrame, forms: Mapping[str, Form]) -> Iterator[Chunk]:
    """Columns of a frame that has types, whatever they are.

    Raises:
        Unreadable: the file is damaged.
    """
    schema = frame.collect_schema()

    def wanted(name: str, form: Form) -> pl.Expr:
        kind = schema[name]
        if form == "object":
            return cs.by_name(name)
        if kind.is_nested():
            raise Unreadable(f"column {name!r} holds {kind}, where one column of numbers a class is read")
        if form in NUMERIC:
            # of categories what they stand for, not the place in the list of them; a date is no number, and told so
            fits = kind.is_numeric() or kind == pl.Boolean
            return cs.by_name(name).cast(pl.Float64 if fits else pl.String, strict=False)
        return cs.by_name(name).cast(pl.String, strict=False)

    for batch in batches(frame.select(wanted(name, form).alias(literal(name)) for name, form in forms.items())):
        yield marked(batch, forms)


def pick(frame: pl.LazyFrame, rows: Sequence[int]) -> dict[int, dict[str, object]]:
    """All columns of the rows with these indices, in one pass."""
    numbered = frame.with_row_index(_INDEX).filter(pl.col(_INDEX).is_in(list(rows)))
    found: dict[int, dict[str, object]] = {}
    for batch in batches(numbered):
        for row in batch.iter_rows(named=True):
            found[int(row.pop(_INDEX))] = row
    return found


def column(series: pl.Series, form: Form) -> Column:
    """A column without a copy where it is numbers."""
    if form == "object":
        return series.to_list()
    return numbers(series) if form in NUMERIC else texts(series)


def numbers(series: pl.Series) -> Any:
    """A column of numbers ``(n,)``, NaN where there is none."""
    return series.to_numpy()


def texts(series: pl.Series) -> Texts:
    """A column of texts, the empty one where there is none."""
    filled = series.fill_null("") if series.null_count() else series
    names = filled.unique(maintain_order=True)
    codes = filled.replace_strict(names, np.arange(len(names), dtype=np.int32), return_dtype=pl.Int32)
    return Texts(codes.to_numpy(), [name.strip() for name in names.to_list()])


def marked(batch: pl.DataFrame, forms: Mapping[str, Form], decimal: str = ".") -> Chunk:
    """A batch whose fields may be texts, every field marked that is empty or no number where one is needed.

    Its columns go by their `literal` names.
    """
    columns: dict[str, Column] = {}
    faults: list[Fault] = []
    for name, form in forms.items():
        series = batch[literal(name)]
        if form not in NUMERIC:
            columns[name] = series.to_list() if form == "object" else texts(series)
            continue
        values = series
        if series.dtype == pl.String:
            values = _numbers_in(series, decimal)
        columns[name] = numbers(values)
        if values.null_count() and form == "number":
            faults += _missing(name, series, values)
    return Chunk(batch.height, columns, faults)


def _numbers_in(fields: pl.Series, decimal: str) -> pl.Series:
    """Texts as numbers, null where there is none; what programs write around a number is looked through."""
    values = fields.str.strip_chars().cast(pl.Float64, strict=False)
    odd = (values.is_null() & fields.is_not_null()).arg_true()
    if not len(odd):
        return values
    found = [number_of(text, decimal) for text in fields.gather(odd).to_list()]
    return values.scatter(odd, found) if any(value is not None for value in found) else values


def texts_of(path: Path | bytes, dialect: Dialect, forms: Mapping[str, Form] | None = None) -> pl.LazyFrame:
    """A delimited file as texts: the columns that are needed, or all; blank lines are still in it."""
    needed = needed_columns(dialect, dict.fromkeys(dialect.names, "text") if forms is None else forms)
    return scan_delimited(path, dialect, {}, empty_string_is_null=False).select(needed)


def needed_columns(dialect: Dialect, forms: Mapping[str, Form]) -> list[str]:
    """The columns, by their `literal` names, that tell a row and whether it is a blank line."""
    names = dict.fromkeys([dialect.names[0], *forms, dialect.names[-1]])
    return [*map(literal, names), BEYOND]


def blank_lines(batch: pl.DataFrame) -> pl.Series:
    """Which rows are blank lines: their needed, first and last fields are all empty."""
    return batch.select(pl.all_horizontal(pl.all().str.strip_chars() == "").fill_null(True)).to_series()


def _too_long(beyond: pl.Series, dialect: Dialect) -> list[Fault]:
    """The fault of rows that go on after their last field."""
    rows = (beyond.fill_null("") != "").to_numpy()
    count = counted(len(dialect.names), "field")
    if not rows.any():
        return []
    return [Fault(RAGGED, rows, lambda i: f"more than {count}, the next one is {shown(beyond[i])}")]


def _missing(name: str, fields: pl.Series, values: pl.Series) -> list[Fault]:
    """The faults of fields that gave no number."""
    none = values.is_null()
    empty = none & (fields.is_null() if fields.dtype != pl.String else fields.fill_null("").str.strip_chars() == "")
    wrong = none & ~empty
    found = [
        Fault(EMPTY, empty.to_numpy(), lambda i: f"column {name!r} is empty", name),
        Fault(
            "not a number",
            wrong.to_numpy(),
            lambda i: f"column {name!r}: {shown(as_text(fields[i]))} is not a number",
            name,
        ),
    ]
    return [fault for fault in found if fault.rows.any()]
