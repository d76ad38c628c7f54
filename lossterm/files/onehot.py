"""Labels that are spread over a column a class, 1 in the one that it is and 0 in the others, as one column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lossterm.files.cells import number_of
from lossterm.files.checks import SUM_TOLERANCE, Fault, listed
from lossterm.files.chunk import Chunk, Form, Reader, SourceTable, Texts, as_text
from lossterm.files.content import look, sums_to_one
from lossterm.files.families import surroundings
from lossterm.files.naming import LABEL, plain, role_of, subject_of

_ROUNDED = 0.05
"""By what a sum of probabilities that were rounded is off 1 at most, mostly."""

_HEADS = {plain(name) for name in LABEL} | {"onehot", "labelonehot", "yonehot", "trueclass", "isclass"}


class OneHot:
    """A table whose columns of one label each are one column of labels.

    Args:
        table: the table as it is in the file.
        name: of the new column.
        classes: the class of each column.
    """

    def __init__(self, table: SourceTable, name: str, classes: Mapping[str, str]) -> None:
        self._table, self._name, self._classes = table, name, classes
        self.names = tuple(dict.fromkeys(name if each in classes else each for each in table.names))
        self.rows: int = table.rows
        self.exact: bool = table.exact
        self.aside: str = table.aside

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        sample = dict(self._table.sample())
        columns = [sample.pop(column) for column in self._classes]
        names = list(self._classes.values())
        ones = [[number_of(as_text(value)) == 1 for value in column] for column in columns]
        return {
            self._name: [names[row.index(True)] if True in row else "" for row in zip(*ones, strict=True)],
            **sample,
        }

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """Those of the table, the labels put together."""
        needed = self._needed(forms)

        def together(reader: Reader) -> Reader:
            def read(done: int) -> Iterator[tuple[int, Chunk]]:
                return ((start, self._chunk(chunk, forms)) for start, chunk in reader(done))

            return read

        return [together(reader) for reader in self._table.readers(needed, strict)]

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows, as they are in the file, and the label."""
        inner = {name: form for name, form in forms.items() if name != self._name}
        found = self._table.pick(inner or dict.fromkeys(self._classes, "number"), rows)
        for values in found.values():
            own = [text for column, text in self._classes.items() if number_of(as_text(values.get(column))) == 1]
            values[self._name] = own[0] if own else ""
        return found

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line on which a row begins."""
        return self._table.line(self._needed(forms), row)

    def _needed(self, forms: Mapping[str, Form]) -> dict[str, Form]:
        needed: dict[str, Form] = {name: form for name, form in forms.items() if name != self._name}
        if self._name in forms:
            needed |= dict.fromkeys(self._classes, "number")
        return needed

    def _chunk(self, chunk: Chunk, forms: Mapping[str, Form]) -> Chunk:
        if self._name not in forms:
            return chunk
        table = np.column_stack([np.asarray(chunk.columns[column], dtype=float) for column in self._classes])
        wrong = ~(np.isin(table, (0.0, 1.0)).all(axis=1) & (table.sum(axis=1) == 1))
        codes = np.where(wrong, 0, table.argmax(axis=1)).astype(np.int32)
        names = list(self._classes.values())
        columns = {name: column for name, column in chunk.columns.items() if name in forms}
        columns[self._name] = Texts(codes, names)
        if forms[self._name] == "number":
            values = np.array([np.nan if (v := number_of(text)) is None else v for text in names])
            columns[self._name] = values[codes]
        faults = [replace(fault, column=self._name) if fault.column in self._classes else fault
                  for fault in chunk.faults]  # fmt: skip
        if wrong.any():
            what = f"of {listed(list(self._classes), 4)} not exactly one is 1"
            faults.append(Fault("label that is not a class", wrong, lambda i: what))
        return Chunk(chunk.count, columns, faults)


def put_together(table: SourceTable) -> SourceTable:
    """The table, its columns of one label each as one where it has such."""
    sample = table.sample()
    groups: dict[str, list[str]] = {}
    for name in table.names:
        content = look(sample[name])
        if content.numeric and set(content.numbers) <= {0.0, 1.0} and role_of(name) is None and content.whole:
            head = name.rpartition("_")[0] or name.rpartition(".")[0] or name.rstrip("0123456789")
            if plain(head) in _HEADS:
                groups.setdefault(head, []).append(name)
    for head, columns in groups.items():
        if len(columns) < 2 or len(columns) >= len(table.names):
            continue
        rows = zip(*(sample[column] for column in columns), strict=True)
        if not all(sum(number_of(as_text(value)) or 0 for value in row) == 1 for row in rows):
            continue
        if _are_apart(sample, columns):
            continue
        before, after = surroundings(columns)
        classes = {name: name[len(before) : len(name) - len(after)] for name in columns}
        name = head if head not in table.names else f"{head} (one of {len(columns)})"
        return OneHot(table, name, classes)
    paired = _beside_predictions(sample)
    return OneHot(table, "label" if "label" not in table.names else "one of several", paired) if paired else table


def _are_apart(sample: Mapping[str, Sequence[object]], labels: Sequence[str]) -> bool:
    """Whether labels of which one is 1 have a probability each, and no distribution: few rows tell nothing else."""
    pairs = _pairs(sample)
    if set(pairs) != set(labels):
        return False
    columns = [[number_of(as_text(value)) for value in sample[name]] for name in pairs.values()]
    table = np.array([row for row in zip(*columns, strict=True) if None not in row], dtype=float)
    inside = bool(table.size) and table.min() >= 0 and table.max() <= 1
    return bool(inside and np.mean(np.abs(table.sum(axis=1) - 1) > _ROUNDED) > 0.5)


def _beside_predictions(sample: Mapping[str, Sequence[object]]) -> dict[str, str]:
    """Columns of 0 and 1, one of which is 1 in each row, whose predictions add up to 1; by each its class."""
    pairs = _pairs(sample)
    if len(pairs) < 2:
        return {}
    if not all(sums_to_one([sample[name] for name in names], SUM_TOLERANCE) for names in (pairs, pairs.values())):
        return {}
    return {name: " ".join(subject_of(name)) for name in pairs}


def _pairs(sample: Mapping[str, Sequence[object]]) -> dict[str, str]:
    """Columns of 0 and 1, each with the one column of other numbers that is of the same; none where two share one."""
    contents = {name: look(values) for name, values in sample.items()}
    numeric = [name for name, content in contents.items() if content.numeric and subject_of(name)]
    zero_one = [name for name in numeric if contents[name].whole and set(contents[name].numbers) <= {0.0, 1.0}]
    subjects = {name: subject_of(name) for name in numeric}
    pairs = {}
    for name in zero_one:
        own = [other for other in numeric if other not in zero_one and subjects[other] == subjects[name]]
        if role_of(name) is None and len(own) == 1:
            pairs[name] = own[0]
    return pairs if len(set(pairs.values())) == len(pairs) else {}
