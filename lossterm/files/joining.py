"""Labels in one file and predictions in another, as one table: by a column that tells rows apart, or by order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lossterm.files.arrays import Arrays
from lossterm.files.checks import BadData, Fault, listed, shown
from lossterm.files.chunk import NUMERIC, Chunk, Column, Form, Reader, SourceTable, Texts, Unreadable
from lossterm.files.content import look
from lossterm.files.naming import called, is_truth, of_identifier, role_of
from lossterm.files.paths import Found

ONE_ONLY = "in one of two files only"
"""Why a row is bad that the other file does not have."""


class Joined:
    """The columns of two tables side by side, the rows in the order of the first.

    Args:
        first: the table of the labels.
        second: the table of the predictions; its needed columns are kept in memory.
        file: what the second is read from.
        renamed: the columns of the second under the names that they have here.
        place: of each row of the first its row in the second, −1 where it has none; None where they are the same.
        rows: of the second, how many.
    """

    def __init__(
        self,
        first: SourceTable,
        second: SourceTable,
        file: Found,
        renamed: Mapping[str, str],
        place: NDArray[np.int64] | None,
        rows: int,
    ) -> None:
        self._first, self._second, self._file, self._renamed, self._place = first, second, file, renamed, place
        self._count = rows
        self.names = (*first.names, *renamed)
        self.rows: int = first.rows
        self.exact: bool = first.exact
        self.aside: str = first.aside or second.aside
        self._kept: tuple[dict[str, Form], Chunk] | None = None

    @property
    def of_second(self) -> Mapping[str, str]:
        """The columns of the second table, and what they are called there."""
        return self._renamed

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column, those of the second in the order of the first."""
        one, two = self._first.sample(), self._second.sample()
        count = len(next(iter(one.values())))
        place = np.arange(count) if self._place is None else self._place[:count]
        length = len(next(iter(two.values())))
        known = [int(at) if 0 <= at < length else None for at in place]
        own = {new: [None if at is None else two[old][at] for at in known] for new, old in self._renamed.items()}
        return {**one, **own}

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """Those of the first, the columns of the second beside them."""
        theirs = {name: form for name, form in forms.items() if name in self._renamed}
        ours = {name: form for name, form in forms.items() if name not in theirs}
        ours = ours or {self._first.names[0]: "text"}

        def beside(reader: Reader) -> Reader:
            def read(done: int) -> Iterator[tuple[int, Chunk]]:
                for start, chunk in reader(done):
                    yield start, self._with(chunk, start, theirs)

            return read

        return [beside(reader) for reader in self._first.readers(ours, strict)]

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        ours = {name: form for name, form in forms.items() if name not in self._renamed}
        found = self._first.pick(ours, rows)
        place = {row: row if self._place is None else int(self._place[row]) for row in found}
        theirs: dict[str, Form] = {self._renamed[name]: form for name, form in forms.items() if name in self._renamed}
        wanted = sorted({at for at in place.values() if at >= 0})
        others = self._second.pick(theirs, wanted) if wanted else {}
        for row, values in found.items():
            other = others.get(place[row], {})
            values |= {new: other.get(old) for new, old in self._renamed.items()}
        return found

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line of the first file on which a row begins."""
        ours = {name: form for name, form in forms.items() if name not in self._renamed}
        return self._first.line(ours or {self._first.names[0]: "text"}, row)

    def _with(self, chunk: Chunk, start: int, forms: Mapping[str, Form]) -> Chunk:
        if not forms:
            return chunk
        kept = self._loaded(forms)
        place = (
            np.arange(start, start + chunk.count) if self._place is None else self._place[start : start + chunk.count]
        )
        missing = (place < 0) | (place >= kept.count)
        safe = np.where(missing, 0, place)
        columns: dict[str, Column] = dict(chunk.columns)
        for name in forms:
            columns[name] = _taken(kept.columns[self._renamed[name]], safe)
        faults = [
            Fault(fault.reason, fault.rows[safe] & ~missing, lambda i, f=fault, s=safe: f.describe(int(s[i])))  # type: ignore[misc]
            for fault in kept.faults
        ]
        if missing.any():
            what = f"there is no such row in {self._file.title}"
            faults.append(Fault(ONE_ONLY, missing, lambda i: what))
        return Chunk(chunk.count, columns, chunk.faults + [fault for fault in faults if fault.rows.any()])

    def _loaded(self, forms: Mapping[str, Form]) -> Chunk:
        inner = {self._renamed[name]: form for name, form in forms.items()}
        if self._kept is None or self._kept[0] != inner:
            self._kept = inner, loaded(self._second, self._file, inner)
        return self._kept[1]


def loaded(table: SourceTable, file: Found, forms: Mapping[str, Form]) -> Chunk:
    """All rows of some columns, bad ones marked.

    Raises:
        BadData: the file is damaged, or has changed.
    """
    file.check()
    why = ""
    for reader in table.readers(forms, strict=False):
        try:
            return _whole([chunk for _, chunk in reader(0)], forms)
        except Unreadable as error:
            why = str(error)
    raise BadData(f"{file.title}: {why}")


def _whole(chunks: Sequence[Chunk], forms: Mapping[str, Form]) -> Chunk:
    count = sum(chunk.count for chunk in chunks)
    columns: dict[str, Column] = {}
    for name, form in forms.items():
        parts = [chunk.columns[name] for chunk in chunks]
        if form == "text":
            names: dict[str, int] = {}
            codes = [
                np.array([names.setdefault(text, len(names)) for text in part.names] or [0], np.int32)[part.codes]
                for part in parts
                if isinstance(part, Texts)
            ]
            columns[name] = Texts(np.concatenate(codes) if codes else np.zeros(0, np.int32), list(names))
        elif form in NUMERIC:
            columns[name] = np.concatenate([np.asarray(part) for part in parts]) if parts else np.zeros(0)
        else:
            columns[name] = [cell for part in parts if isinstance(part, list) for cell in part]
    faults, start = [], 0
    for chunk in chunks:
        for fault in chunk.faults:
            rows = np.zeros(count, dtype=bool)
            rows[start : start + chunk.count] = fault.rows
            faults.append(replace(fault, rows=rows, describe=lambda i, f=fault, s=start: f.describe(i - s)))  # type: ignore[misc]
        start += chunk.count
    return Chunk(count, columns, faults)


def _taken(column: Column, where: NDArray[np.int64]) -> Column:
    if isinstance(column, list):
        return [column[at] for at in where.tolist()]
    if isinstance(column, Texts):
        return Texts(column.codes[where], column.names)
    return column[where]


def joined(
    found: Sequence[Found], tables: Sequence[SourceTable], key: str | None, label: str | None
) -> tuple[Found, SourceTable, list[str]] | None:
    """Two files of which one has the labels and the other the predictions, as one; None where they are no such two.

    Args:
        found: the files.
        tables: of each.
        key: the column that tells the examples apart, where a person named it.
        label: likewise the column of the labels.

    Raises:
        BadData: they are such two, but have no column in common and not as many rows; or a key is there twice.
    """
    if len(tables) != 2:
        return None
    shared = [name for name in tables[0].names if name in tables[1].names]
    keys = [name for name in shared if name == key] if key else keys_of(tables, shared)
    sides = [[name for name in table.names if name not in keys] for table in tables]
    order = _order(tables, sides, label)
    if order is None:
        return None
    first, second = (tables[at] for at in order)
    files = [found[at] for at in order]
    own = sides[order[1]]
    renamed = _renamed(second, files[1], own, set(first.names))
    if keys:
        place, count, told = _by_key(first, second, files, keys[0])
        return files[0], Joined(first, second, files[1], renamed, place, count), told
    counts = [rows_of(table, file) for table, file in zip((first, second), files, strict=True)]
    if counts[0] != counts[1]:
        raise BadData(
            f"{files[0].title} has {counts[0]:,} rows and {files[1].title} {counts[1]:,}, and no column that tells the "
            "examples apart is in both: --key COLUMN names one"
        )
    note = f"labels of {short(files[0])} and predictions of {short(files[1])} are joined by the order of their rows"
    return files[0], Joined(first, second, files[1], renamed, None, counts[1]), [note]


def keys_of(tables: Sequence[SourceTable], shared: Sequence[str]) -> list[str]:
    """The only column in both that tells the examples apart."""
    samples = [table.sample() for table in tables]
    unique = [name for name in shared if all(len(set(map(str, s[name]))) == len(s[name]) for s in samples)]
    named = [name for name in unique if of_identifier(name)]
    alike = [name for name in unique if all(look(s[name]).whole or not look(s[name]).numeric for s in samples)]
    return named[:1] if named else alike if len(alike) == 1 else []


def _order(tables: Sequence[SourceTable], sides: Sequence[Sequence[str]], label: str | None) -> tuple[int, int] | None:
    """Which of two tables has the labels and which the predictions."""
    if label is not None:
        has = [label in side for side in sides]
        return (0, 1) if has == [True, False] else (1, 0) if has == [False, True] else None
    contents = [{name: look(table.sample()[name]) for name in side} for table, side in zip(tables, sides, strict=True)]
    real = [[n for n, c in each.items() if c.numeric and not c.like_classes] for each in contents]
    predicted = [[n for n in side if role_of(n) and not is_truth(n)] for side in sides]
    plain = [isinstance(table, Arrays) and table.plain for table in tables]
    truth = [
        [
            n
            for n, c in each.items()
            if n not in predicted[at] and (c.like_classes or called([n], "label") or is_truth(n))
        ]
        for at, each in enumerate(contents)
    ]
    for one, two in ((0, 1), (1, 0)):
        if not (truth[one] and not predicted[one]):
            continue
        if plain[one] and len(sides[one]) > 1:
            continue
        soft_truth = [n for n in real[one] if not (called([n], "label") or is_truth(n))]
        other_is_prediction = predicted[two] or (real[two] and (plain[two] or not real[one]))
        labelled = [n for n in truth[two] if n not in sides[one] and not plain[two]]
        if not soft_truth and other_is_prediction and not labelled:
            return one, two
    return None


def _renamed(table: SourceTable, file: Found, names: Sequence[str], taken: set[str]) -> dict[str, str]:
    """The columns of the second table under names that are not those of the first."""
    stem = Path(file.title).name.partition(".")[0]
    if isinstance(table, Arrays) and table.plain and len(names) > 1:  # the label of such an array is in the other file
        start = stem if role_of(stem) else "prediction"
        return {f"{start}_{k}": name for k, name in enumerate(names)}
    found = {}
    for name in names:
        new = name if name not in taken else f"prediction of {name}" if len(names) == 1 else f"{stem}: {name}"
        found[new] = name
    return found


def _by_key(
    first: SourceTable, second: SourceTable, files: Sequence[Found], key: str
) -> tuple[NDArray[np.int64], int, list[str]]:
    ours, theirs = (loaded(table, file, {key: "text"}) for table, file in zip((first, second), files, strict=True))
    one, two = ours.columns[key], theirs.columns[key]
    assert isinstance(one, Texts)
    assert isinstance(two, Texts)
    where: dict[str, int] = {}
    for at, code in enumerate(two.codes.tolist()):
        if where.setdefault(two.names[code], at) != at:
            line = second.line({key: "text"}, at) if files[1].has_lines else None
            row = f"row {at + 1:,}" if line is None else f"row {at + 1:,} (line {line:,})"
            raise BadData(f"{files[1].title}: {row}: column {shown(key)}: {shown(two.names[code])} is there twice")
    table = np.array([where.get(name, -1) for name in one.names] or [-1], dtype=np.int64)
    place = table[one.codes]
    left = theirs.count - len({name for name in one.names if name in where})
    notes = [f"labels of {short(files[0])} and predictions of {short(files[1])} are joined by {key!r}"]
    if left:
        notes.append(f"{left:,} rows of {short(files[1])} have no label and are not read")
    if (missing := int(np.count_nonzero(place < 0))) == len(place):
        raise BadData(f"no {shown(key)} of {files[0].title} is in {files[1].title}: {listed(one.names, 3)} … here")
    if missing:
        notes.append(f"{missing:,} rows of {short(files[0])} have no prediction: --skip-bad leaves them out")
    return place, theirs.count, notes


def rows_of(table: SourceTable, file: Found) -> int:
    """How many rows a table has, counted where that is not known."""
    return table.rows if table.exact else loaded(table, file, {table.names[0]: "text"}).count


def short(file: Found) -> str:
    """The name of a file without its folder."""
    return Path(file.title).name
