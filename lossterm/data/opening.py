"""Opening files: each as the table that its format asks for."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.data import files, formats
from lossterm.data.arrays import open_array, open_arrays
from lossterm.data.checks import BadData, listed, shown
from lossterm.data.chunk import Table
from lossterm.data.files import Found, Scratch

LONGEST_NAME = 1_000
"""Characters of a column's name; a longer one is none, but the file something else."""


def open_file(file: Found, scratch: Scratch, delimiter: str | None) -> tuple[Found, Table]:
    """A file as a table, and what is to be watched while it is read.

    Args:
        file: the file.
        scratch: for what must be unpacked first.
        delimiter: of delimited text, where a person named it.

    Raises:
        BadData: it cannot be read; one line.
        ValueError: polars is needed and not installed.
    """
    try:
        form = formats.recognise(file.path, file.title)
        if form.compression == "gzip" and form.layout not in ("delimited", "ndjson"):
            file = files.unpacked(file, scratch)
            form = formats.recognise(file.path, file.title)
        table = _table(file, form, delimiter)
    except OSError as error:
        raise BadData(f"{file.title}: {files.problem(error)}") from None
    for at, name in enumerate(table.names, 1):
        if len(name) > LONGEST_NAME:
            what = f"the name of column {at} has {len(name):,} characters: {shown(name)}"
            raise BadData(f"{file.title}: {what}; a name has {LONGEST_NAME:,} at most")
    return file, table


def agree(found: Sequence[Found], tables: Sequence[Table]) -> None:
    """Raise BadData unless all tables have the same columns, in whatever order."""
    first = tables[0].names
    for file, table in zip(found[1:], tables[1:], strict=True):
        missing = [name for name in first if name not in table.names]
        extra = [name for name in table.names if name not in first]
        if missing or extra:
            what = f"has no column {shown(missing[0])}" if missing else f"has one more column, {shown(extra[0])}"
            raise BadData(f"{file.title}: it {what}; {found[0].title} has {listed(first)}")


def _table(file: Found, form: formats.Format, delimiter: str | None) -> Table:
    if form.layout == "npy":
        return open_array(file.path, file.title)
    if form.layout == "npz":
        return open_arrays(file.path, file.title)
    try:
        import polars  # noqa: F401
    except ImportError:
        raise ValueError("reading files needs polars: pip install 'lossterm[data]'") from None
    from lossterm.data.tables import open_table

    return open_table(file.path, file.title, form, delimiter)
