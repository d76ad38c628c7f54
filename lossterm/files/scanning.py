"""What is asked of polars: scanning a file lazily and handing out its rows in batches.

Like `frames` it is imported when the first file is opened that polars reads.
"""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PanicException, PolarsError, PolarsWarning
from polars.io.plugins import register_io_source

from lossterm.files.chunk import ROWS, Broken, Unreadable
from lossterm.files.delimited import Dialect

# polars reads text ahead, whole pieces of it, which are up to 16 MB long: with shorter ones 10 million rows take 150 MB
# less, and no longer; read by it when it is first asked
os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", str(4 << 20))
# polars warns of an unclosed quotation mark; the row is told as any other bad row, and the screen is no place for more
warnings.filterwarnings("ignore", message="CSV malformed")
warnings.filterwarnings("ignore", category=PolarsWarning)

BEYOND = "\0beyond"
"""Name of a column that holds what a row has too much; no file has it."""


HELD = 1 << 29
"""Bytes of an Arrow file up to which it is held in memory."""


def literal(name: str) -> str:
    """What a column is called in polars' frames: ``^z$`` and ``*`` alone would stand for the columns that match.

    Even methods of a series go by its name: every series here has one of these.
    """
    return f".{name}"


def batches(frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows in order, `ROWS` at a time; dropping the iterator ends the reading.

    Raises:
        Broken: polars cannot read on; the first line of its message.
    """
    # polars reads ahead: where a piece fails, pieces after it may come before the error does
    # without a chunk size every row group or piece of text comes alone, which costs four times as much
    try:
        yield from frame.collect_batches(chunk_size=ROWS, maintain_order=True, engine="streaming")
    except (PolarsError, PanicException, OSError) as error:
        raise Broken(reason(error)) from None


def reason(error: BaseException) -> str:
    """The first line of a message of polars."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def scan_delimited(path: Path | bytes, dialect: Dialect, types: Mapping[str, Any], **options: Any) -> pl.LazyFrame:
    """A delimited file, or what is in one; columns, by their `literal` names, are texts but for those of ``types``.

    A field that is not of its type is null, and what a row has beyond its last column is in the column `BEYOND`:
    errors would not come in the order of the rows.
    """
    schema = {literal(name): types.get(name, pl.String) for name in dialect.names} | {BEYOND: pl.String}
    # a schema of its own saves polars a look through the file, and with lossy texts it minds no damaged characters
    return pl.scan_csv(
        path if isinstance(path, bytes) else _exact(path), has_header=False, skip_lines=dialect.skip,
        separator=dialect.delimiter, schema=schema,
        encoding="utf8-lossy", eol_char=dialect.ends, ignore_errors=True, missing_columns="insert",
        truncate_ragged_lines=True, **options,
    )  # fmt: skip


def scan_parquet(path: Path) -> pl.LazyFrame:
    """A Parquet file."""
    return pl.scan_parquet(_exact(path), hive_partitioning=False)


def scan_arrow(path: Path) -> pl.LazyFrame:
    """An Arrow file (Feather version 2).

    polars maps such a file, and one that is cut meanwhile would end the process: so it is held in memory where it is
    not too large.
    """
    source = path.read_bytes() if path.stat().st_size <= HELD else _exact(path)
    return pl.scan_ipc(source, hive_partitioning=False)


def scan_stream(path: Path) -> pl.LazyFrame:
    """An Arrow stream; polars holds the needed columns of it in memory, for it has no lazy way.

    Raises:
        Unreadable: it is cut off or damaged at its beginning.
    """

    def source(columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None) -> Any:
        frame = pl.read_ipc_stream(path, columns=columns, n_rows=rows)
        yield frame if predicate is None else frame.filter(predicate)

    try:
        schema = pl.read_ipc_stream(path, n_rows=1).schema
    except (PolarsError, PanicException, OSError) as error:
        raise Unreadable(reason(error)) from None
    return register_io_source(source, schema=schema)


def outline(frame: pl.LazyFrame, count: int) -> tuple[dict[str, list[object]], int]:
    """The first rows of every column, and the number of rows.

    Raises:
        Unreadable: the file is damaged.
    """
    try:
        head = frame.head(count).collect(engine="streaming")
        return head.to_dict(as_series=False), int(frame.select(pl.len()).collect(engine="streaming").item())
    except (PolarsError, PanicException, OSError) as error:
        raise Unreadable(reason(error)) from None


def has_short_rows(path: Path, dialect: Dialect) -> bool:
    """Whether a line without quotes has too few delimiters; blank lines do not count."""
    fewest = len(dialect.names) - 1
    line = pl.col("line")
    plain = (line.str.strip_chars() != "") & ~line.str.contains('"', literal=True)
    short = plain & (line.str.count_matches(dialect.delimiter, literal=True) < fewest)
    for batch in batches(scan_lines(path, dialect.skip, dialect.delimiter).select(short.any())):
        return bool(batch.item())
    return False


def raw_lines(path: Path) -> Iterator[str]:
    """The lines of a text file, compressed or not, without their ends.

    Raises:
        Unreadable: the compressed data are damaged.
    """
    for batch in batches(scan_lines(path)):
        yield from batch["line"].to_list()


def scan_lines(path: Path, skip: int = 0, delimiter: str = ",") -> pl.LazyFrame:
    """The lines of a text file with this delimiter as a column ``line``, without the first few."""
    # no field ever holds the separator: a line is a single text
    separator = "\x01" if delimiter != "\x01" else "\x02"
    return pl.scan_csv(
        _exact(path), has_header=False, skip_lines=skip, separator=separator, quote_char=None, encoding="utf8-lossy",
        schema={"line": pl.String}, empty_string_is_null=False,
    )  # fmt: skip


def _exact(path: Path) -> str:
    """The path as polars takes it for this file alone: absolute, so no address, with nothing left to expand."""
    return glob.escape(os.path.abspath(path))  # noqa: PTH100  (a link is not followed: its name may end in .gz)
