"""Batches of rows becoming examples: labels coded, groups numbered, everything checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.statistics.examples import Examples
from lossterm.files.cells import bare
from lossterm.files.checks import EMPTY, BadData, Fault, weight_faults
from lossterm.files.chunk import Chunk, Column, Form, Texts
from lossterm.files.columns import Columns
from lossterm.files.conversions import converted, distribution
from lossterm.files.labels import Coding

SKIP = "--skip-bad leaves such rows out"
"""Where a row ends the reading and no other option helps."""

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
        forms |= dict.fromkeys((*self.columns.read, *self.columns.told), "number")
        if self.columns.decision is not None:
            forms[self.columns.decision] = self.coding.form
        if self.columns.weight is not None:
            forms[self.columns.weight] = "number"
        if self.columns.group is not None:
            forms.setdefault(self.columns.group, "text")
        return forms

    def restart(self) -> None:
        """A new pass begins; groups keep their numbers."""
        self.reasons = Counter()
        self.coding.restart()

    def examples(
        self, chunk: Chunk, title: str, done: int, offset: int, line: Callable[[int], int | None] = lambda row: None
    ) -> Examples:
        """The examples of a batch.

        Args:
            chunk: the rows.
            title: the file, for messages.
            done: rows of this file before them.
            offset: rows of the files before this one.
            line: of a row of this file, from 0, the line on which it begins, where there are lines.

        Raises:
            BadData: the first bad row, unless bad rows are skipped.
        """
        label, prediction, told, weight, faults = self._checked(chunk)
        row = np.arange(offset + done + 1, offset + done + chunk.count + 1)
        group = None if self.columns.group is None else self._group(chunk.columns[self.columns.group])
        if not faults:
            return Examples(row, label, prediction, weight, group, told)
        bad = np.logical_or.reduce([fault.rows for fault in faults])
        if not self._skip_bad:
            raise _first(faults, int(bad.argmax()), title, done, offset, line)
        self._count(faults)
        good = ~bad
        return Examples(row, label, prediction, weight, group, told).take(good)

    def _checked(self, chunk: Chunk) -> tuple[Array, Array, Array | None, Array | None, list[Fault]]:
        """The numbers of a batch with all that is wrong in them, in the order in which it is told."""
        wanted = self.columns
        decided: Array | None = None
        if wanted.being_right and wanted.decision is not None:
            label, faults = _right(chunk, wanted.label, wanted.decision)
        else:
            label, faults = self.coding.encode(chunk.columns[wanted.label], wanted.label)
            if wanted.decision is not None:
                decided, wrong = self.coding.encode(chunk.columns[wanted.decision], wanted.decision)
                faults += wrong
        prediction, wrong = converted(wanted, [numbers(chunk, name) for name in wanted.read], decided)
        faults += wrong
        told, wrong = distribution(wanted, [numbers(chunk, name) for name in wanted.told])
        faults += wrong
        weight = None if wanted.weight is None else numbers(chunk, wanted.weight)
        if weight is not None and wanted.weight is not None:
            faults += weight_faults(weight, wanted.weight)
        # where more is read from the batch, a cell of another column is no fault of these examples
        own = [fault for fault in chunk.faults if not fault.column or fault.column in self.forms]
        return label, prediction, told, weight, own + faults

    def _group(self, column: Column) -> NDArray[np.int32]:
        texts = column if isinstance(column, Texts) else _distinct(np.asarray(column))
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
    assert isinstance(column, np.ndarray)
    return column


def _right(chunk: Chunk, label: str, decision: str) -> tuple[Array, list[Fault]]:
    """Whether the decision is the label, 0 or 1, and the rows where one of them is empty."""
    truth, decided = chunk.columns[label], chunk.columns[decision]
    assert isinstance(truth, Texts)
    assert isinstance(decided, Texts)
    names: dict[str, int] = {}
    codes = [
        np.array([names.setdefault(bare(name), len(names)) for name in column.names] or [0])[column.codes]
        for column in (truth, decided)
    ]
    faults = []
    for name, column in ((label, truth), (decision, decided)):
        empty = np.array([not text for text in column.names] or [False])[column.codes]
        if empty.any():
            faults.append(Fault(EMPTY, empty, lambda i, name=name: f"column {name!r} is empty"))  # type: ignore[misc]
    return (codes[0] == codes[1]).astype(float), faults


def _first(
    faults: list[Fault], at: int, title: str, done: int, offset: int, line: Callable[[int], int | None]
) -> BadData:
    fault = next(fault for fault in faults if fault.rows[at])
    number = line(done + at)
    where = [f"line {number:,}"] if number is not None else []
    where += [f"{offset + done + at + 1:,} of all files"] if offset else []
    through = f" ({'; '.join(where)})" if where else ""
    what = fault.describe(at)
    way = "" if "--" in what else f"; {SKIP}"
    return BadData(f"{title}: row {done + at + 1:,}{through}: {what}{way}")


def _distinct(column: Array) -> Texts:
    # the label itself is the group
    values, codes = np.unique(column, return_inverse=True)
    return Texts(codes.astype(np.int32), [f"{value:.15g}" for value in values])
