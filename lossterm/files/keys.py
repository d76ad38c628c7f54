"""Rows of two files found by a key, or by their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.files.checks import BadData, listed, shown
from lossterm.files.chunk import Column, Form, SourceTable, Texts
from lossterm.files.content import look
from lossterm.files.joining import keys_of, loaded, rows_of
from lossterm.files.paths import Found
from lossterm.files.source import Source

WHOLE = 2.0**53
"""Whole numbers below it are exact as doubles: then a key is compared as a number."""


def shared_key(first: Source, table: SourceTable, title: str, asked: str | None) -> str | None:
    """The column that tells the rows of both files apart; None where there is none."""
    if asked is not None:
        for names, whose in ((first.names, first.title), (table.names, title)):
            if asked not in names:
                raise BadData(f"{whose}: it has no column {shown(asked)} to join by; it has {listed(names)}")
        return asked
    taken = {first.columns.label, *first.columns.read, first.columns.weight, first.columns.group}
    shared = [name for name in first.names if name in table.names and name not in taken]
    if first.columns.key in shared:
        return first.columns.key
    found = keys_of([first.tables[0][1], table], shared)
    return found[0] if found else None


def places_of_rows(
    first: Source, others: Sequence[tuple[Found, SourceTable]], title: str, key: str | None
) -> tuple[NDArray[np.int64] | None, int, int]:
    """Of each row of the first file its row among the others, −1 for none; and how many are in one only."""
    if key is None:
        counts = [sum(rows_of(table, file) for file, table in files) for files in (first.tables, others)]
        if counts[0] != counts[1]:
            raise BadData(
                f"{first.title} has {counts[0]:,} rows and {title} {counts[1]:,}, and no column that tells the rows "
                "apart is in both: --key COLUMN names one"
            )
        return None, 0, 0
    ours, theirs = _keys_of_rows(first.tables, others, key)
    order = [np.argsort(values, kind="stable") for values in (ours, theirs)]
    for values, at, files in ((ours, order[0], first.tables), (theirs, order[1], others)):
        _refuse_twice(values, at, files, key)
    ordered = theirs[order[1]]
    if not len(ordered):
        raise BadData(f"{title}: there are no rows of data")
    near = np.minimum(ordered.searchsorted(ours), len(ordered) - 1)
    place = np.where(ordered[near] == ours, order[1][near], -1)
    matched = int(np.count_nonzero(place >= 0))
    if not matched:
        raise BadData(f"no {shown(key)} of {first.title} is in {title}")
    return place, len(ours) - matched, len(theirs) - matched


def _keys_of_rows(
    ours: Sequence[tuple[Found, SourceTable]], theirs: Sequence[tuple[Found, SourceTable]], key: str
) -> tuple[Array, Array]:
    """The keys of both as numbers: as they are where all are whole, else numbered by their texts."""
    both = (*ours, *theirs)
    if all(look(table.sample()[key]).whole for _, table in both):
        found = [_column(files, key, "number") for files in (ours, theirs)]
        numbers = [np.concatenate([part for part in parts if isinstance(part, np.ndarray)]) for parts in found]
        if all(np.isfinite(x).all() and (np.abs(x) < WHOLE).all() and (x == np.rint(x)).all() for x in numbers):
            return numbers[0], numbers[1]
    known: dict[str, int] = {}
    coded = []
    for files in (ours, theirs):
        parts = [part for part in _column(files, key, "text") if isinstance(part, Texts)]
        coded.append(np.concatenate([
            np.array([known.setdefault(name, len(known)) for name in part.names] or [0], dtype=float)[part.codes]
            for part in parts
        ]))  # fmt: skip
    return coded[0], coded[1]


def _column(files: Sequence[tuple[Found, SourceTable]], name: str, form: Form) -> list[Column]:
    return [loaded(table, file, {name: form}).columns[name] for file, table in files]


def _refuse_twice(values: Array, order: NDArray[np.intp], files: Sequence[tuple[Found, SourceTable]], key: str) -> None:
    """Raise BadData where a key is there twice, with its value and both rows."""
    again = np.flatnonzero(np.diff(values[order]) == 0)
    if not len(again):
        return
    at = again[int(np.argmin(order[again + 1]))]
    rows = sorted(int(order[i]) for i in (at, at + 1))
    start, row = 0, rows[1]
    for file, table in files:
        count = rows_of(table, file)
        if row < start + count:
            value = table.pick({key: "text"}, [row - start])[row - start].get(key)
            raise BadData(
                f"{file.title}: row {row - start + 1:,}: column {shown(key)}: {shown(value)} is there twice, first in "
                f"row {rows[0] + 1:,}: a key is there once"
            )
        start += count


def inverse(place: NDArray[np.int64] | None, rows: int) -> NDArray[np.int64] | None:
    """Of each row of the second file its row in the first, −1 for none."""
    if place is None:
        return None
    back = np.full(rows, -1, dtype=np.int64)
    known = np.flatnonzero(place >= 0)
    back[place[known]] = known
    return back
