"""A batch of rows as a file gives them: the needed columns, not yet checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.files.checks import Fault

Form: TypeAlias = Literal["number", "optional", "text", "object"]
"""How a column is read: as numbers, as numbers where there are any, as texts, or each cell as whatever it holds."""

NUMERIC: tuple[Form, ...] = ("number", "optional")
"""The forms that give numbers; where there is none a `number` is a fault, and an `optional` one is missing."""

ROWS = 131_072
"""Rows of a batch: small enough for the processor's cache, large enough that a batch's overhead does not count."""


class Unreadable(Exception):  # noqa: N818  (a signal between readers)
    """A fast way of reading met something that it cannot tell; a slower one can."""


class Faulty(Unreadable):
    """A row is wrong, which a slower way tells better."""


class Broken(Unreadable):
    """The reader itself failed; it may have left out rows before those that it gave last."""


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts.

    Attributes:
        codes: index into ``names``, ``(n,)``.
        names: the distinct texts.
    """

    codes: NDArray[np.int32]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)


Column: TypeAlias = "Array | Texts | list[Any]"
"""A column as numbers, NaN where there is none; as texts, empty where there is none; or as objects."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Consecutive rows of a file.

    Attributes:
        count: how many.
        columns: the needed columns by name.
        faults: what reading found already.
    """

    count: int
    columns: Mapping[str, Column]
    faults: list[Fault] = field(default_factory=list)

    def after(self, first: int) -> Chunk:
        """The rows from index ``first`` on."""
        if first == 0:
            return self
        columns: dict[str, Column] = {
            name: Texts(column.codes[first:], column.names) if isinstance(column, Texts) else column[first:]
            for name, column in self.columns.items()
        }

        def moved(fault: Fault) -> Fault:
            return replace(fault, rows=fault.rows[first:], describe=lambda i: fault.describe(i + first))

        return Chunk(self.count - first, columns, [moved(fault) for fault in self.faults])


class Reader(Protocol):
    """One way of reading a file."""

    def __call__(self, done: int) -> Iterator[tuple[int, Chunk]]:
        """The file in batches, in order, each with the index of its first row.

        Args:
            done: rows that are read already and may be left out, where that is faster.

        Raises:
            Unreadable: this way cannot go on.
        """


def from_first(chunks: Iterator[Chunk], start: int = 0) -> Iterator[tuple[int, Chunk]]:
    """Consecutive batches with the index of the first row of each."""
    for chunk in chunks:
        yield start, chunk
        start += chunk.count


class SourceTable(Protocol):
    """One file, of whatever format."""

    names: tuple[str, ...]
    """Its columns."""
    rows: int
    """How many rows, if `exact`; else an estimate."""
    exact: bool
    """Whether ``rows`` is exact."""
    aside: str
    """What else is in the file and is no column, in words; empty where there is nothing."""

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """Ways of reading these columns, the fastest first; the last one tells what is wrong where.

        Args:
            forms: the needed columns.
            strict: whether the first bad row ends it; else bad rows are only marked.
        """

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows, by index from 0; an index beyond the end is left out.

        Args:
            forms: the needed columns, as for `readers`: they tell which lines are blank.
            rows: ascending, distinct.
        """

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line of a text file, from 1, on which a row begins; None where there are no lines, or no such row.

        Args:
            forms: the needed columns, as for `readers`.
            row: its index, from 0.
        """


def as_texts(values: Sequence[str]) -> Texts:
    """A list of texts as codes, in order of appearance."""
    names: dict[str, int] = {}
    codes = np.fromiter((names.setdefault(value, len(names)) for value in values), np.int32, len(values))
    return Texts(codes, list(names))


def as_text(value: Any) -> str:
    """A value from a typed file as a CSV would have it; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).strip()
