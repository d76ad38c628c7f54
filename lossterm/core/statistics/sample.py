"""Rows that are kept of a file: all of them, or those whose hash is smallest, whatever the batches."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.statistics.examples import Examples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.core.packing import Packer

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def splitmix64(number: NDArray[np.integer]) -> NDArray[np.uint64]:
    """The output of splitmix64 whose state is a number: a fixed hash (Steele, Lea, Flood, 2014; Vigna's constants)."""
    with np.errstate(over="ignore"):
        z = number.astype(np.uint64) + np.uint64(_GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
        return np.asarray(z ^ (z >> np.uint64(31)))


@dataclass(eq=False)
class Sample:
    """Rows that are kept: all of them, or of more than ``most`` those whose hash is smallest.

    Attributes:
        most: rows that are kept.
        seen: rows that were added.
    """

    most: int
    seen: int = 0
    _kept: list[Examples] = field(default_factory=list)
    _hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    _count: int = 0
    _below: int = 2**64

    def add(self, examples: Examples) -> None:
        """Add rows, in any order."""
        self.seen += len(examples)
        own = splitmix64(examples.row)
        if self._below < 2**64:
            held = own < np.uint64(self._below)
            examples, own = examples.take(held), own[held]
        if len(examples):
            self._kept.append(examples)
            self._hashes.append(own)
            self._count += len(examples)
        if self._count > 2 * self.most:
            self._prune()

    def merge(self, other: Sample) -> None:
        """Add the rows of another sample of as many; the same part of either is kept."""
        self.seen += other.seen
        differ = self._below != other._below
        self._below = min(self._below, other._below)
        self._kept, self._hashes = self._kept + other._kept, self._hashes + other._hashes
        self._count += other._count
        if differ:
            self._keep_below()
        if self._count > 2 * self.most:
            self._prune()

    def _prune(self) -> None:
        if self._count <= self.most:
            return
        self._below = min(self._below, int(np.partition(np.concatenate(self._hashes), self.most)[self.most]))
        self._keep_below()

    def _keep_below(self) -> None:
        bound = np.uint64(self._below)
        self._kept = [part.take(own < bound) for part, own in zip(self._kept, self._hashes, strict=True)]
        self._hashes = [own[own < bound] for own in self._hashes]
        self._count = sum(map(len, self._kept))

    def moved(self, by: int) -> Sample:
        """The same rows after so many others."""
        found = copy(self)
        found._kept = [replace(part, row=part.row + by) for part in self._kept]
        if self._below == 2**64:  # all are kept: as if they had been there from the beginning
            found._hashes = [splitmix64(part.row) for part in found._kept]
        return found

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        self.seen = packer.count(self.seen)
        self._prune()
        parts = self._kept
        row = packer.counts(np.concatenate([np.empty(0, np.int64), *(part.row for part in parts)]))
        own = packer.array(np.concatenate([np.empty(0, np.uint64), *self._hashes]), np.uint64, row.shape)
        label = packer.reals(np.concatenate([np.empty(0), *(part.label for part in parts)]), row.shape)
        prediction = packer.reals(np.concatenate([np.empty(0), *(part.prediction for part in parts)]), row.shape)
        weights = [part.weight for part in parts if part.weight is not None]
        weighted = packer.flag(bool(weights))
        weight = packer.reals(np.concatenate([np.empty(0), *weights]), row.shape) if weighted else None
        self._below = packer.integer(self._below)
        if not 0 <= self._below <= 2**64 or len(row) > self.most or np.any(row[1:] <= row[:-1]):
            raise ValueError("a sample of its rows is none")
        self._kept, self._hashes, self._count = [Examples(row, label, prediction, weight)], [own], len(row)

    def examples(self) -> Examples:
        """The rows that are kept, in the order of their numbers.

        Raises:
            ValueError: there are none.
        """
        self._prune()
        if not self._count:
            raise ValueError("no row is kept: none passes")
        parts = self._kept
        weights = [part.weight for part in parts if part.weight is not None]
        row = np.concatenate([part.row for part in parts])
        label = np.concatenate([part.label for part in parts])
        prediction = np.concatenate([part.prediction for part in parts])
        weight = np.concatenate(weights) if weights else None
        found, own = Examples(row, label, prediction, weight), np.concatenate(self._hashes)
        if not np.all(row[1:] > row[:-1]):
            order = np.argsort(row)
            found, own = found.take(order), own[order]
        self._kept, self._hashes = [found], [own]  # and the parts no longer
        return found
