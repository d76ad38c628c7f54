"""Columns of a file as segments: each text, each of few numbers, or ten intervals that hold equally many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.losses.labels import number
from lossterm.core.numbers import trimmed
from lossterm.core.plain import visible
from lossterm.core.statistics.condition import MISSING
from lossterm.files.chunk import Column, Texts

FEW = 20
"""Distinct numbers up to which each is a segment of its own."""

INTERVALS = 10
"""Of the other numbers, the intervals."""

MOST_TEXTS = 1000
"""Distinct texts up to which each is a segment."""

DIGITS = 6
"""Of the ends of an interval, as they are shown."""

_MIXER = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Value:
    """What the rows of a segment have in common in a column.

    Attributes:
        word: as ``--only COLUMN=`` takes it; empty where there is nothing.
        title: as it is shown.
    """

    word: str
    title: str


class Coder(Protocol):
    """From a column to the segments of its rows."""

    name: str
    """The column."""

    @property
    def cells(self) -> int:
        """How many segments there may be; the last one is of what is missing."""

    def encode(self, column: Column) -> NDArray[np.intp]:
        """The segment of each row."""

    def values(self) -> list[Value]:
        """What each is, once every row was encoded."""


class Watch(Protocol):
    """What is seen of a column in a first pass."""

    def add(self, column: Column, row: NDArray[np.int64]) -> None:
        """See a batch, of rows with these numbers."""

    def coder(self) -> Coder:
        """What tells its segments; asked once."""

    def unfit(self, rows: int, *, strict: bool) -> str:
        """Why it has no segments, in words; empty where it has.

        Args:
            rows: how many there were.
            strict: whether a column that tells every row apart has none, too.
        """


def watch(name: str, column: Column, room: int) -> Watch:
    """What sees a column.

    Args:
        name: of the column.
        column: the first of it.
        room: how many numbers of it may be kept.
    """
    return TextWatch(name) if isinstance(column, Texts) else NumberWatch(name, room)


# ---- texts ----------------------------------------------------------------------------------------------------------


class TextWatch:
    """The distinct texts of a column."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._found: dict[str, None] = {}
        self.too_many = False

    def add(self, column: Column, row: NDArray[np.int64]) -> None:
        """See a batch."""
        assert isinstance(column, Texts)
        if self.too_many:
            return
        held = np.bincount(column.codes, minlength=len(column.names)) > 0
        self._found |= dict.fromkeys(name for name, here in zip(column.names, held, strict=False) if here)
        self.too_many = len(self._found) > MOST_TEXTS + 1

    def coder(self) -> TextCoder:
        """Each text."""
        return TextCoder(self.name, sorted((text for text in self._found if text), key=natural))

    def unfit(self, rows: int, *, strict: bool) -> str:
        """Too many texts, or as many as rows."""
        found = len(self._found) - ("" in self._found)
        if found > MOST_TEXTS:
            return f"more than {MOST_TEXTS:,} texts"
        return "every row has another text" if strict and found == rows > 1 else ""


class TextCoder:
    """A segment a text."""

    def __init__(self, name: str, texts: Sequence[str]) -> None:
        self.name = name
        self.texts = texts
        self._places = {text: i for i, text in enumerate(texts)}

    @property
    def cells(self) -> int:
        """A text each, and none."""
        return len(self.texts) + 1

    def encode(self, column: Column) -> NDArray[np.intp]:
        """The place of each text."""
        assert isinstance(column, Texts)
        none = len(self.texts)
        table = np.array([self._places.get(name, none) for name in column.names] or [none], dtype=np.intp)
        found: NDArray[np.intp] = table[column.codes]
        return found

    def values(self) -> list[Value]:
        """The texts."""
        return [*(Value(text, visible(text)) for text in self.texts), NONE]


NONE = Value("", MISSING)
"""What rows have in common that have nothing in a column."""


def natural(text: str) -> tuple[int, float, str]:
    """A key by which numbers come in their order, before other texts."""
    try:
        value = float(text)
    except ValueError:
        return (1, 0.0, text)
    return (1, 0.0, text) if math.isnan(value) else (0, value, text)


# ---- numbers --------------------------------------------------------------------------------------------------------


class NumberWatch:
    """The numbers of a column: all of them, or of more than there is room for those of rows chosen by their number."""

    def __init__(self, name: str, room: int) -> None:
        self.name = name
        self._room = room
        self._few: Array | None = np.empty(0)
        self._kept: list[tuple[Array, NDArray[np.int64]]] = []
        self._count = 0
        self._halvings = 0
        self._numbers = 0
        self._ascends = self._whole = True
        self._last = -math.inf

    @property
    def is_sampled(self) -> bool:
        """Whether not all were kept."""
        return self._halvings > 0

    def add(self, column: Column, row: NDArray[np.int64]) -> None:
        """See a batch."""
        x = np.asarray(column, dtype=np.float64)
        good = ~np.isnan(x)
        if not good.all():
            x, row = x[good], row[good]
        if not len(x):
            return
        self._numbers += len(x)
        self._see_few(x)
        if self._whole and self._ascends:
            self._whole = bool((x == np.floor(x)).all())
            self._ascends = bool(x[0] > self._last and (x[1:] > x[:-1]).all())
            self._last = float(x[-1])
        self._keep(x, row)

    def _see_few(self, x: Array) -> None:
        if self._few is None:
            return
        for part in (x[:1000], x):
            self._few = np.union1d(self._few, part)
            if len(self._few) > FEW:
                self._few = None
                return

    def _keep(self, x: Array, row: NDArray[np.int64]) -> None:
        # which rows are kept depends on their numbers and on how many there are, on nothing else
        if self._few is not None and self._numbers > self._room:
            self._kept, self._count = [], 0  # unless there come more, none is needed
        self._kept.append(self._thinned(x, row))
        self._count += len(self._kept[-1][0])
        while self._count > self._room:
            self._halvings += 1
            self._kept = [self._thinned(*part) for part in self._kept]
            self._count = sum(len(part) for part, _ in self._kept)

    def _thinned(self, x: Array, row: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
        if not self._halvings:
            return x, row
        stays = row.astype(np.uint64) * np.uint64(_MIXER) >> np.uint64(64 - self._halvings) == 0
        return x[stays], row[stays]

    def coder(self) -> NumberCoder:
        """Each of few numbers, or intervals."""
        if self._few is not None:
            return NumberCoder(self.name, self._few, exact=True)
        values = np.concatenate([part for part, _ in self._kept])
        self._kept = []  # they are not needed any more
        n = len(values)
        places = np.array([math.ceil(n * k / INTERVALS) - 1 for k in range(1, INTERVALS)])
        return NumberCoder(self.name, np.unique(np.partition(values, places)[places]), exact=False)

    def unfit(self, rows: int, *, strict: bool) -> str:
        """A number of the row, as whole numbers in their order are."""
        if not self._numbers:
            return "there is nothing in it"
        numbered = strict and self._whole and self._ascends and self._few is None and self._numbers == rows
        return "it numbers the rows" if numbered else ""


class NumberCoder:
    """A segment a number, or an interval: what is above one edge and at most the next.

    Args:
        name: the column.
        edges: the numbers themselves, ascending, or what is between two intervals.
        exact: whether they are the numbers.
    """

    def __init__(self, name: str, edges: Array, *, exact: bool) -> None:
        self.name = name
        self._edges, self._exact = edges, exact
        self._low = np.full(self.cells, math.inf)
        self._high = np.full(self.cells, -math.inf)

    @property
    def cells(self) -> int:
        """A number or an interval each, and none."""
        return len(self._edges) + (1 if self._exact else 2)

    def encode(self, column: Column) -> NDArray[np.intp]:
        """The place of each number."""
        x = np.asarray(column, dtype=np.float64)
        code = np.searchsorted(self._edges, x, side="left")
        missing = np.isnan(x)
        if missing.any():
            code[missing] = self.cells - 1
        if not self._exact:
            for k in range(self.cells - 1):
                here = x[code == k]
                if len(here):
                    self._low[k] = min(self._low[k], here.min())
                    self._high[k] = max(self._high[k], here.max())
        return code

    def values(self) -> list[Value]:
        """The numbers, or the least and the largest of each interval."""
        if self._exact:
            return [*(Value(number(x), trimmed(x, 15)) for x in self._edges.tolist()), NONE]
        ends = zip(self._low.tolist(), self._high.tolist(), strict=True)
        return [*map(interval, list(ends)[:-1]), NONE]


def interval(ends: tuple[float, float]) -> Value:
    """The numbers from one end to the other, both of them included."""
    low, high = ends
    return Value(f"{number(low)}:{number(high)}", f"{trimmed(low, DIGITS)} … {trimmed(high, DIGITS)}")
