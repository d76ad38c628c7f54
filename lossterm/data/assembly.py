"""Batches of rows becoming examples: labels coded, groups numbered, everything checked."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from lossterm.core.examples import Examples
from lossterm.core.jets import Array
from lossterm.data.checks import BadData, Fault, prediction_faults, weight_faults
from lossterm.data.chunk import Chunk, Column, Form, Texts
from lossterm.data.columns import Columns
from lossterm.data.labels import Coding

NO_GROUP = "(none)"
"""The group of rows whose group is empty."""


class Assembly:
    """What makes examples of the needed columns.

    Attributes:
        columns: which columns they are.
        coding: how labels become numbers.
        groups: names of the groups so far.
        reasons: how many rows were left out, and why.
    """

    def __init__(self, columns: Columns, coding: Coding, skip_bad: bool) -> None:
        self.columns = columns
        self.coding = coding
        self.groups: list[str] = []
        self.reasons: Counter[str] = Counter()
        self._skip_bad = skip_bad

    @property
    def forms(self) -> dict[str, Form]:
        """The needed columns and how each is read."""
        forms: dict[str, Form] = {self.columns.label: self.coding.form}
        forms |= dict.fromkeys(self.columns.predictions, "number")
        if self.columns.weight is not None:
            forms[self.columns.weight] = "number"
        if self.columns.group is not None:
            forms.setdefault(self.columns.group, "text")
        return forms

    def restart(self) -> None:
        """A new pass begins; groups keep their numbers."""
        self.reasons = Counter()
        self.coding.restart()

    def examples(self, chunk: Chunk, title: str, done: int, offset: int) -> Examples:
        """The examples of a batch.

        Args:
            chunk: the rows.
            title: the file, for messages.
            done: rows of this file before them.
            offset: rows of the files before this one.

        Raises:
            BadData: the first bad row, unless bad rows are skipped.
        """
        label, prediction, weight, faults = self._checked(chunk)
        row = np.arange(offset + done + 1, offset + done + chunk.count + 1)
        group = None if self.columns.group is None else self._group(chunk.columns[self.columns.group])
        if not faults:
            return Examples(row, label, prediction, weight, group)
        bad = np.logical_or.reduce([fault.rows for fault in faults])
        if not self._skip_bad:
            raise _first(faults, int(bad.argmax()), title, done, offset)
        self._count(faults)
        good = ~bad
        return Examples(
            row[good], label[good], prediction[good], None if weight is None else weight[good],
            None if group is None else group[good],
        )  # fmt: skip

    def _checked(self, chunk: Chunk) -> tuple[Array, Array, Array | None, list[Fault]]:
        """The numbers of a batch with all that is wrong in them, in the order in which it is told."""
        wanted = self.columns
        label, faults = self.coding.encode(chunk.columns[wanted.label], wanted.label)
        columns = [numbers(chunk, name) for name in wanted.predictions]
        prediction = columns[0] if len(columns) == 1 else np.column_stack(columns)
        faults += prediction_faults(prediction, wanted.kind, wanted.predictions)
        weight = None if wanted.weight is None else numbers(chunk, wanted.weight)
        if weight is not None and wanted.weight is not None:
            faults += weight_faults(weight, wanted.weight)
        return label, prediction, weight, chunk.faults + faults

    def _group(self, column: Column) -> NDArray[np.int32]:
        texts = column if isinstance(column, Texts) else _distinct(column)
        known = {name: i for i, name in enumerate(self.groups)}
        table = [known.setdefault(name or NO_GROUP, len(known)) for name in texts.names]
        self.groups += list(known)[len(self.groups) :]
        numbered: NDArray[np.int32] = np.array(table or [0], dtype=np.int32)[texts.codes]
        return numbered

    def _count(self, faults: list[Fault]) -> None:
        """Count every bad row once, for its first fault."""
        counted = np.zeros_like(faults[0].rows)
        for fault in faults:
            if new := int(np.count_nonzero(fault.rows & ~counted)):
                self.reasons[fault.reason] += new
            counted |= fault.rows


def numbers(chunk: Chunk, name: str) -> Array:
    """A column that was read as numbers."""
    column = chunk.columns[name]
    assert not isinstance(column, Texts)
    return column


def _first(faults: list[Fault], at: int, title: str, done: int, offset: int) -> BadData:
    fault = next(fault for fault in faults if fault.rows[at])
    through = f" ({offset + done + at + 1:,} of all files)" if offset else ""
    return BadData(f"{title}: row {done + at + 1:,}{through}: {fault.describe(at)}")


def _distinct(column: Array) -> Texts:
    # the label itself is the group
    values, codes = np.unique(column, return_inverse=True)
    return Texts(codes.astype(np.int32), [f"{value:.15g}" for value in values])
