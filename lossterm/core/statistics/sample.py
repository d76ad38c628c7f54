"""Rows that are kept of a file: all of them, or those whose hash is smallest, whatever the batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.statistics.examples import Examples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.core.packing import Packer

EVERY = 2**64
"""What every hash is below."""

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def splitmix64(number: NDArray[np.integer]) -> NDArray[np.uint64]:
    """The output of splitmix64 whose state is a number: a fixed hash (Steele, Lea, Flood, 2014; Vigna's constants)."""
    with np.errstate(over="ignore"):
        z = number.astype(np.uint64) + np.uint64(_GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
        return np.asarray(z ^ (z >> np.uint64(31)))


@dataclass(frozen=True, eq=False)
class _Numbered:
    """Rows, and the numbers that their hashes are of: those that they had when others were left out for them."""

    examples: Examples
    number: NDArray[np.int64]

    @property
    def hashes(self) -> NDArray[np.uint64]:
        return splitmix64(self.number)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> _Numbered:
        taken = self.examples.take(which)
        return _Numbered(taken, taken.row if self.number is self.examples.row else self.number[which])


@dataclass(eq=False)
class Sample:
    """Rows that are kept: all of them, or of more than ``most`` those whose hash is smallest.

    Attributes:
        most: rows that are kept.
        seen: rows that were added.
    """

    most: int
    seen: int = 0
    _kept: list[_Numbered] = field(default_factory=list)
    _count: int = 0
    _below: int = EVERY

    @property
    def has_all(self) -> bool:
        """Whether no row was left out yet."""
        return self._below == EVERY

    def add(self, examples: Examples) -> None:
        """Add rows, in any order."""
        self.seen += len(examples)
        self._gain([_Numbered(examples, examples.row)])

    def merge(self, other: Sample) -> None:
        """Add the rows of another sample of as many."""
        self.seen += other.seen
        if other._below < self._below:
            self._below = other._below
            kept, self._kept, self._count = self._kept, [], 0
            self._gain(kept)
        self._gain(other._kept)

    def _gain(self, more: Sequence[_Numbered]) -> None:
        for rows in more:
            own = rows if self.has_all else rows.take(rows.hashes < np.uint64(self._below))
            if len(own.examples):
                self._kept.append(own)
                self._count += len(own.examples)
        if self._count > 2 * self.most:
            self._prune()

    def _prune(self) -> None:
        if self._count <= self.most:
            return
        hashes = np.concatenate([part.hashes for part in self._kept])
        self._below = min(self._below, int(np.partition(hashes, self.most)[self.most]))
        kept, self._kept, self._count = self._kept, [], 0
        self._gain(kept)

    def moved(self, by: int) -> Sample:
        """The same rows, which come after so many others; once some were left out their hashes stay as they are."""
        kept = []
        for part in self._kept:
            after = replace(part.examples, row=part.examples.row + by)
            kept.append(_Numbered(after, after.row if self.has_all else part.number))
        return Sample(self.most, self.seen, kept, self._count, self._below)

    def examples(self) -> Examples:
        """The rows that are kept, in the order of their numbers.

        Raises:
            ValueError: there are none.
        """
        if not self._count:
            raise ValueError("no row is kept: none passes")
        return self._in_order().examples

    def _in_order(self) -> _Numbered:
        self._prune()
        parts = [part.examples for part in self._kept]
        weights = [part.weight for part in parts if part.weight is not None]
        row = np.concatenate([np.empty(0, np.int64), *(part.row for part in parts)])
        found = Examples(
            row,
            np.concatenate([np.empty(0), *(part.label for part in parts)]),
            np.concatenate([part.prediction for part in parts]) if parts else np.empty(0),
            np.concatenate(weights) if weights else None,
        )
        as_they_are = all(part.number is part.examples.row for part in self._kept)
        number = row if as_they_are else np.concatenate([part.number for part in self._kept])
        order = None if np.all(row[1:] > row[:-1]) else np.argsort(row)
        if order is not None:
            found, number = found.take(order), number if as_they_are else number[order]
        whole = _Numbered(found, found.row if as_they_are else number)
        self._kept = [whole]  # and the parts no longer
        return whole

    def pack(self, packer: Packer, *, weighted: bool) -> None:
        """Give or take all of it; the predictions are one a row.

        Args:
            packer: what writes, or reads.
            weighted: whether rows have weights.
        """
        rows = None if packer.reads else self._in_order()
        given = Examples(*(np.empty(0),) * 4) if rows is None else rows.examples  # type: ignore[arg-type]
        self.seen, self._below = packer.count(self.seen), packer.integer(self._below)
        steps = packer.counts(np.diff(given.row, prepend=0))
        shape = (len(steps),)
        own = packer.flag(rows is not None and not np.array_equal(rows.number, given.row))
        number = packer.counts(None if rows is None else rows.number, shape) if own else None
        label, prediction = packer.reals(given.label, shape), packer.reals(given.prediction, shape)
        weight = packer.reals(np.empty(0) if given.weight is None else given.weight, shape) if weighted else None
        if packer.reads:
            self._take(steps, number, Examples(np.cumsum(steps), label, prediction, weight))

    def _take(self, steps: NDArray[np.int64], number: NDArray[np.int64] | None, examples: Examples) -> None:
        if steps.sum(dtype=np.float64) > 2**60 or not (steps > 0).all() or len(steps) > self.most:
            raise ValueError("the rows of its sample are none")
        taken = _Numbered(examples, examples.row if number is None else number)
        whole = len(steps) == self.seen
        if not 0 < self._below <= EVERY or whole != self.has_all or (whole and number is not None):
            raise ValueError("its sample is none")
        if not self.has_all and not (taken.hashes < np.uint64(self._below)).all():
            raise ValueError("its sample has other rows than it says")
        columns = [column for column in (examples.label, examples.prediction, examples.weight) if column is not None]
        negative = examples.weight is not None and bool((examples.weight < 0).any())
        if negative or not all(np.isfinite(column).all() for column in columns):
            raise ValueError("a row of its sample holds what none can")
        self._kept, self._count = [taken], len(steps)
