"""Delimited text taken line by line, many at once: slower than as columns, but a row may have any number of fields.

Like `frames` it is imported when the first file is opened that polars reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from lossterm.data.checks import RAGGED, Fault
from lossterm.data.chunk import Chunk, Form, Unreadable
from lossterm.data.delimited import Dialect
from lossterm.data.frames import marked
from lossterm.data.scanning import batches, literal, scan_lines


def delimited_lines(path: Path, dialect: Dialect, forms: Mapping[str, Form]) -> Iterator[Chunk]:
    """A delimited file without quotation marks, every bad row marked.

    Raises:
        Unreadable: there is a quotation mark, or a line ends in another way: then a line may not be a row.
    """
    if dialect.ends != "\n":
        raise Unreadable("lines that end in a carriage return")
    width = len(dialect.names)
    where = {name: dialect.names.index(name) for name in forms}
    for batch in batches(scan_lines(path, dialect.skip, dialect.delimiter)):
        line = batch["line"].fill_null("")
        if line.str.contains_any(['"', "\r"]).any():
            raise Unreadable("a quotation mark or a carriage return")
        parts = line.str.split(dialect.delimiter)
        # the same rule for blank lines as everywhere, or the rows would not have the same numbers
        needed = [parts.list.get(at, null_on_oob=True) for at in sorted({0, width - 1, *where.values()})]
        blank = pl.select(pl.all_horizontal((field.fill_null("").str.strip_chars() == "") for field in needed))
        parts = parts.filter(~blank.to_series())
        fields = pl.DataFrame({literal(name): parts.list.get(at, null_on_oob=True) for name, at in where.items()})
        chunk = marked(fields, forms)
        chunk.faults[:0] = _ragged(parts, dialect)
        yield chunk


def _ragged(parts: pl.Series, dialect: Dialect) -> list[Fault]:
    """The fault of rows that have too few fields, or too many; a delimiter at the end is let pass."""
    width = len(dialect.names)
    counts = parts.list.len()
    beyond = parts.list.slice(width).list.join("") != "" if (counts > width).any() else counts > width
    rows = ((counts < width) | beyond).to_numpy()
    return [Fault(RAGGED, rows, lambda i: dialect.ragged(int(counts[i])))] if rows.any() else []
