"""Columns whose cells hold several numbers (lists, structs, mappings, arrays in a text), as one column a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lossterm.files.cells import parts_of
from lossterm.files.checks import EMPTY, Fault, shown
from lossterm.files.chunk import Chunk, Column, Form, Reader, SourceTable, as_text

MOST = 20_000
"""Numbers in a cell up to which each is a column."""


class Unpacked:
    """A table of which some columns hold several numbers a cell: each of these numbers is a column.

    Args:
        table: the table as it is in the file.
        parts: for each column of several numbers the names of the parts, by the column that each becomes.
    """

    def __init__(self, table: SourceTable, parts: Mapping[str, Mapping[str, str]]) -> None:
        self._table = table
        self._parts = parts
        self._of = {new: (old, part) for old, columns in parts.items() for new, part in columns.items()}
        self.rows: int = table.rows
        self.exact: bool = table.exact
        self.aside: str = table.aside
        self.names = tuple(new for old in table.names for new in parts.get(old, {old: old}))

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        found: dict[str, Sequence[object]] = {}
        for old, values in self._table.sample().items():
            columns = self._parts.get(old)
            if columns is None:
                found[old] = values
                continue
            cells = [parts_of(value) or {} for value in values]
            found |= {new: [cell.get(part) for cell in cells] for new, part in columns.items()}
        return found

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """Those of the table, the cells taken apart."""
        needed: dict[str, Form] = {}
        for name, form in forms.items():
            old = self._of.get(name)
            needed[name if old is None else old[0]] = form if old is None else "object"

        def taken_apart(reader: Reader) -> Reader:
            def read(done: int) -> Iterator[tuple[int, Chunk]]:
                return ((start, self._chunk(chunk, forms)) for start, chunk in reader(done))

            return read

        return [taken_apart(reader) for reader in self._table.readers(needed, strict)]

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        inner: dict[str, Form] = {self._of[name][0] if name in self._of else name: "text" for name in forms}
        return {row: self._picked(values) for row, values in self._table.pick(inner, rows).items()}

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line on which a row begins."""
        inner: dict[str, Form] = {self._of[name][0] if name in self._of else name: "text" for name in forms}
        return self._table.line(inner, row)

    def _picked(self, values: Mapping[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        for old, value in values.items():
            columns = self._parts.get(old)
            if columns is None:
                found[old] = value
            else:
                cell = parts_of(value) or {}
                found |= {new: cell.get(part) for new, part in columns.items()}
        return found

    def _chunk(self, chunk: Chunk, forms: Mapping[str, Form]) -> Chunk:
        columns: dict[str, Column] = {name: chunk.columns[name] for name in forms if name not in self._of}
        faults = list(chunk.faults)
        for old in dict.fromkeys(self._of[name][0] for name in forms if name in self._of):
            cells = chunk.columns[old]
            assert isinstance(cells, list)
            parts = [parts_of(cell) for cell in cells]
            wanted = {new: part for new, part in self._parts[old].items() if new in forms}
            for new, part in wanted.items():
                values = [None if cell is None else cell.get(part) for cell in parts]
                columns[new] = np.array([np.nan if value is None else value for value in values], dtype=float)
            known = set(self._parts[old].values())
            faults += _faults(old, cells, parts, set(wanted.values()), known)
        return Chunk(chunk.count, columns, faults)


def _faults(name: str, cells: Sequence[Any], parts: Sequence[Any], wanted: set[str], known: set[str]) -> list[Fault]:
    """Cells that are empty, that hold no vector, or one of another length."""
    empty = np.array([cell is None or cell == "" for cell in cells])
    none = np.array([part is None for part in parts]) & ~empty
    other = np.array([part is not None and (not wanted <= part.keys() or not part.keys() <= known) for part in parts])

    def length(i: int) -> str:
        return f"column {shown(name)}: {len(parts[i])} values where there are {len(known)} in others"

    found = [
        Fault(EMPTY, empty, lambda i: f"column {shown(name)} is empty"),
        Fault(
            "not a number", none, lambda i: f"column {shown(name)}: {shown(as_text(cells[i]))} is no list of numbers"
        ),
        Fault("another number of values", other, length),
    ]
    return [fault for fault in found if len(fault.rows) and fault.rows.any()]


def unpacked(table: SourceTable) -> SourceTable:
    """The table, columns of several numbers a cell taken apart where it has any."""
    parts: dict[str, dict[str, str]] = {}
    taken = set(table.names)
    for name, values in table.sample().items():
        keys = _keys(values)
        if keys is None:
            continue
        if len(keys) == 1 and keys == ["0"]:
            parts[name] = {name: "0"}
            continue
        new = {f"{name}_{key}": key for key in keys}
        if new.keys() & taken:
            new = {f"{name}[{key}]": key for key in keys}
        parts[name] = new
        taken |= new.keys()
    return Unpacked(table, parts) if parts else table


def _keys(values: Sequence[object]) -> list[str] | None:
    """The names of the numbers in the cells of a column; None where most cells hold no several numbers."""
    filled = [value for value in values if value is not None and value != ""]
    if not filled or isinstance(filled[0], int | float | np.ndarray):
        return None
    if isinstance(filled[0], str) and parts_of(filled[0]) is None and not any(mark in filled[0][:40] for mark in "[{("):
        return None
    cells = [cell for value in filled if (cell := parts_of(value)) is not None]
    if 2 * len(cells) <= len(filled):
        return None
    if all(key.isdecimal() for cell in cells for key in cell):
        length = Counter(map(len, cells)).most_common(1)[0][0]
        return [str(k) for k in range(length)] if length <= MOST else None
    keys = list(dict.fromkeys(key for cell in cells for key in cell))
    # a mapping that is another every time is something else than predictions
    common = [key for key in keys if 2 * sum(key in cell for cell in cells) > len(cells)]
    return keys if len(common) == len(keys) <= MOST else None
