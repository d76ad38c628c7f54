"""Opening files: each as the table that its format asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lossterm.files import formats
from lossterm.files import paths as files
from lossterm.files.arrays import open_array, open_arrays
from lossterm.files.checks import BadData, NoRows, listed, shown
from lossterm.files.chunk import SourceTable
from lossterm.files.onehot import put_together
from lossterm.files.paths import Found, Scratch
from lossterm.files.plainly import plainly
from lossterm.files.probe import Probe
from lossterm.files.vectors import unpacked

LONGEST_NAME = 1_000
"""Characters of a column's name; a longer one is none, but the file something else."""


@dataclass(frozen=True)
class Layout:
    """How a person says that a text is laid out; None is guessed.

    Attributes:
        delimiter: between the fields.
        decimal: before the decimals of a number, a dot or a comma.
        encoding: of the text.
    """

    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None


def open_file(file: Found, scratch: Scratch, layout: Layout) -> tuple[Found, SourceTable, list[str]]:
    """A file as a table, what is to be watched while it is read, and what must be said of it.

    Args:
        file: the file.
        scratch: for what must be unpacked or written in another way first.
        layout: of text, as far as a person named it.

    Raises:
        BadData: it cannot be read; one line.
        ValueError: polars is needed and not installed.
    """
    try:
        file, notes = plainly(file, scratch, layout.encoding, layout.delimiter)
        form = formats.recognise(file.path, file.title)
        if form.compression == "gzip" and form.layout not in ("delimited", "ndjson"):
            file = files.unpacked(file, scratch)
            form = formats.recognise(file.path, file.title)
        table = put_together(unpacked(_table(file, form, layout)))
    except OSError as error:
        raise BadData(f"{file.title}: {files.problem(error)}") from None
    for at, name in enumerate(table.names, 1):
        if len(name) > LONGEST_NAME:
            what = f"the name of column {at} has {len(name):,} characters: {shown(name)}"
            raise BadData(f"{file.title}: {what}; a name has {LONGEST_NAME:,} at most")
    return file, table, notes


def open_all(found: Sequence[Found], scratch: Scratch, layout: Layout) -> list[tuple[Found, SourceTable, list[str]]]:
    """Files as `open_file` opens each; of several those that have the same columns and no row are left out, and told.

    Raises:
        BadData: one cannot be read, or there is a row in none; one line.
        ValueError: polars is needed and not installed.
    """
    opened: list[tuple[Found, SourceTable, list[str]]] = []
    without: dict[str, NoRows] = {}
    for file in found:
        try:
            opened.append(open_file(file, scratch, layout))
        except NoRows as problem:
            without[file.title] = problem
    for none in without.values():
        if not opened or set(none.names) != set(opened[0][1].names):
            raise none
    if without:
        opened[0][2].append(
            f"with the same columns, but no row of data: {listed([Path(title).name for title in without], 3)}"
        )
    return opened


def agree(found: Sequence[Found], tables: Sequence[SourceTable]) -> None:
    """Raise BadData unless all tables have the same columns, in whatever order."""
    first = tables[0].names
    for file, table in zip(found[1:], tables[1:], strict=True):
        missing = [name for name in first if name not in table.names]
        extra = [name for name in table.names if name not in first]
        if missing or extra:
            what = f"has no column {shown(missing[0])}" if missing else f"has one more column, {shown(extra[0])}"
            raise BadData(f"{file.title}: it {what}; {found[0].title} has {listed(first)}")


def _table(file: Found, form: formats.Format, layout: Layout) -> SourceTable:
    if form.layout == "npy":
        return open_array(file.path, file.title)
    if form.layout == "npz":
        return open_arrays(file.path, file.title)
    probe = Probe(file.path, form.layout) if form.layout in ("parquet", "arrow", "arrow-stream") else None
    try:
        import polars  # noqa: F401
    except ImportError:
        raise ValueError("reading files needs polars: pip install 'lossterm[data]'") from None
    from lossterm.files.tables import open_table

    if probe is not None and (problem := probe.problem()):
        raise BadData(f"{file.title}: the {form.layout} file is cut off or damaged ({problem})")

    return open_table(file.path, file.title, form, layout.delimiter, layout.decimal)
