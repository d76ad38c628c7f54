"""All rows of the files with all their columns, in order, for writing them again with columns beside them.

Like `frames` it is imported when the first file is to be written.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import polars as pl
import polars.selectors as cs
from polars.exceptions import PanicException, PolarsError
from polars.io.plugins import register_io_source

from lossterm.core.jets import Array
from lossterm.files.checks import BadData
from lossterm.files.chunk import Broken, Chunk, Column, Form, SourceTable, Texts, Unreadable, as_text
from lossterm.files.frames import blank_lines, needed_columns, texts_of
from lossterm.files.joining import ONE_ONLY, Joined
from lossterm.files.paths import Found
from lossterm.files.scanning import batches, literal, reason
from lossterm.files.source import Source
from lossterm.files.tables import Delimited, Typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHOLE = r"^-?(0|[1-9][0-9]{0,17})$"
_BOOLEANS = ("true", "false", "True", "False")

Numbered: TypeAlias = "tuple[NDArray[np.int64], Array]"
"""The numbers of some rows, ``(m,)``, and values beside them, ``(m, k)``."""

Kinds = dict[str, Any]
"""The types that columns of texts have when every field is read."""


def whole_frames(source: Source) -> Iterator[pl.DataFrame]:
    """The rows of every file, bad ones too, in order; columns by their `literal` names.

    Columns of Parquet and Arrow have their types, all others are the texts that are in the file, "" for nothing.

    Raises:
        BadData: a file is damaged, or has changed.
    """
    for file, table in source.tables:
        file.check()
        try:
            if isinstance(table, Typed):
                yield from batches(table.frame.select(cs.by_name(n).alias(literal(n)) for n in table.names))
            elif isinstance(table, Delimited) and not table.is_stray:
                yield from _delimited(source, file, table)
            else:
                yield from _chunked(source, file, table)
        except Unreadable as error:
            raise BadData(f"{file.title}: {error}") from None


def _delimited(source: Source, file: Found, table: Delimited) -> Iterator[pl.DataFrame]:
    done, names = 0, [literal(name) for name in table.names]
    try:
        for batch in batches(texts_of(table.path, table.dialect)):
            kept = batch.filter(~blank_lines(batch.select(needed_columns(table.dialect, source.forms))))
            yield kept.select(pl.col(name).fill_null("") for name in names)
            done += kept.height
    except Broken:
        yield from _chunked(source, file, table, done)


def _chunked(source: Source, file: Found, table: SourceTable, after: int = 0) -> Iterator[pl.DataFrame]:
    forms: dict[str, Form] = dict.fromkeys(table.names, "object")
    for start, chunk, fresh in source.chunks(file, table, forms):
        if fresh and start + chunk.count > after:
            frame = pl.DataFrame({literal(name): _texts(chunk, name, table) for name in table.names})
            yield frame.slice(max(after - start, 0))


def _texts(chunk: Chunk, name: str, table: SourceTable) -> pl.Series:
    texts = _column_texts(chunk.columns[name])
    if isinstance(table, Joined) and name in table.of_second:
        for fault in chunk.faults:
            if fault.reason == ONE_ONLY:  # what stands there is another row's
                texts = ["" if missing else text for text, missing in zip(texts, fault.rows.tolist(), strict=True)]
    return pl.Series(literal(name), texts, dtype=pl.String)


def _column_texts(column: Column) -> list[str]:
    if isinstance(column, Texts):
        return [column.names[code] for code in column.codes.tolist()]
    return [_field(value) for value in (column.tolist() if isinstance(column, np.ndarray) else column)]


def _field(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return as_text(value)


# ---- writing -------------------------------------------------------------------------------------------------------


def write_with(source: Source, path: Path, names: Sequence[str], values: Callable[[], Iterator[Numbered]]) -> None:
    """Write all rows with columns beside them, as the ending of the path says: .csv, .csv.gz or .parquet.

    Args:
        source: the rows.
        path: an empty file of our own.
        names: of the columns.
        values: their rows in order: the numbers of some rows, from 1, ``(m,)``, and their values ``(m, k)``; a row
            that is left out has empty fields.

    Raises:
        BadData: a file is damaged, or has changed.
        OSError: it cannot be written.
    """
    if path.suffix.lower() == ".parquet":
        _write_parquet(source, path, names, values)
        return
    with gzip.open(path, "wb") if path.suffix.lower() == ".gz" else path.open("wb") as file:
        write_csv_frames(beside(whole_frames(source), names, values()), cast("IO[bytes]", file))


def write_csv_frames(frames: Iterator[pl.DataFrame], file: IO[bytes]) -> None:
    """Frames as one CSV file."""
    first = True
    for frame in frames:
        plain = frame.with_columns(_plain(column) for column in frame)
        plain.columns = [name[1:] for name in plain.columns]
        plain.write_csv(file, include_header=first)
        first = False


def beside(frames: Iterator[pl.DataFrame], names: Sequence[str], values: Iterator[Numbered]) -> Iterator[pl.DataFrame]:
    """Frames with columns beside them, null in the rows that have no values.

    Raises:
        BadData: there are values of rows that are in no frame: the file has changed, or is read in two ways.
    """
    start = 0
    row, value = np.empty(0, dtype=np.int64), np.empty((0, len(names)))
    for frame in frames:
        end = start + frame.height
        while not row.size or row[-1] <= end:
            more = next(values, None)
            if more is None:
                break
            row, value = np.concatenate([row, more[0]]), np.concatenate([value, more[1]])
        cut = int(np.searchsorted(row, end, side="right"))
        whole = np.full((frame.height, len(names)), np.nan)
        whole[row[:cut] - start - 1] = value[:cut]
        row, value, start = row[cut:], value[cut:], end
        yield frame.with_columns(
            pl.Series(literal(name), whole[:, k], nan_to_null=True) for k, name in enumerate(names)
        )
    if row.size or next(values, None) is not None:
        raise BadData("the rows are not as they were read first: the file has changed")


def _plain(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        fields = ["" if value is None else _field(value) for value in column.to_list()]
        return pl.Series(column.name, fields, dtype=pl.String)
    # an empty text would be written in quotation marks, which nothing has
    return column.set(column == "", None) if kind == pl.String else column


def _write_parquet(source: Source, path: Path, names: Sequence[str], values: Callable[[], Iterator[Numbered]]) -> None:
    kinds = _kinds(whole_frames(source))
    schema = {name[1:]: kind for name, kind in kinds.items()} | dict.fromkeys(names, pl.Float64)
    problem: list[BaseException] = []

    def frames(columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None) -> Any:
        try:
            for frame in beside(whole_frames(source), names, values()):
                typed = frame.with_columns(_typed(frame[name], kind) for name, kind in kinds.items())
                typed.columns = [name[1:] for name in typed.columns]
                yield typed if columns is None else typed.select(columns)
        except BaseException as error:
            problem.append(error)
            raise

    try:
        register_io_source(frames, schema=schema).sink_parquet(path)
    except (PolarsError, PanicException, OSError) as error:
        if problem and isinstance(problem[0], ValueError):
            raise problem[0] from None
        raise BadData(f"{path}: {reason(error)}") from None


def _kinds(frames: Iterator[pl.DataFrame]) -> Kinds:
    """The type of every column: its own, or of texts the narrowest that every field can be read as."""
    kinds: Kinds = {}
    texts: dict[str, list[bool]] = {}
    for frame in frames:
        kinds = kinds or dict(frame.schema)
        for name, kind in kinds.items():
            if kind == pl.String and frame[name].dtype == pl.String:
                known = texts.setdefault(name, [True, True, True])
                known[:] = [a and b for a, b in zip(known, _readable(frame[name], known), strict=True)]
    for name, known in texts.items():
        choices = (pl.Boolean, pl.Int64, pl.Float64)
        kinds[name] = next((kind for kind, fits in zip(choices, known, strict=True) if fits), pl.String)
    return kinds


def _readable(column: pl.Series, still: Sequence[bool]) -> tuple[bool, bool, bool]:
    fields = column.filter((column != "") & column.is_not_null())
    if not len(fields):
        return True, True, True
    boolean = still[0] and bool(fields.is_in(_BOOLEANS).all())
    whole = still[1] and bool(fields.str.contains(_WHOLE).all())
    number = still[2] and (whole or not fields.cast(pl.Float64, strict=False).null_count())
    return boolean, whole, number


def _typed(column: pl.Series, kind: Any) -> pl.Series:
    if column.dtype == kind:
        return column
    if column.dtype == pl.String and kind == pl.Boolean:
        values: Mapping[str, bool | None] = {"true": True, "True": True, "false": False, "False": False}
        return column.replace_strict(values, default=None, return_dtype=pl.Boolean)
    return column.cast(kind, strict=column.dtype != pl.String)
