"""Rows that are kept of a file: all of them, or those whose hash is smallest, whatever the batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.statistics.examples import Examples

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    _count: int = 0
    _below: int = 2**64

    def add(self, examples: Examples) -> None:
        """Add rows, in any order."""
        self.seen += len(examples)
        if self._below < 2**64:
            examples = examples.take(splitmix64(examples.row) < np.uint64(self._below))
        if len(examples):
            self._kept.append(examples)
            self._count += len(examples)
        if self._count > 2 * self.most:
            self._prune()

    def merge(self, other: Sample) -> None:
        """Add the rows of another sample of as many."""
        self.seen += other.seen
        self._below = min(self._below, other._below)
        self._kept += other._kept
        self._count += other._count
        if self._count > 2 * self.most:
            self._prune()

    def _prune(self) -> None:
        if self._count <= self.most:
            return
        hashes = [splitmix64(part.row) for part in self._kept]
        self._below = min(self._below, int(np.partition(np.concatenate(hashes), self.most)[self.most]))
        bound = np.uint64(self._below)
        self._kept = [part.take(own < bound) for part, own in zip(self._kept, hashes, strict=True)]
        self._count = sum(map(len, self._kept))

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
        found = Examples(row, label, prediction, weight)
        if not np.all(row[1:] > row[:-1]):
            found = found.take(np.argsort(row))
        self._kept = [found]  # and the parts no longer
        return found
