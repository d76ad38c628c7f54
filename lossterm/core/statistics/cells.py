"""Counts of numbers in fixed cells, for files with more rows than are kept.

A cell is what doubles of the same sign, exponent and leading `FINENESS` bits of the mantissa have in common: cells are
in order and each is at most 2^−`FINENESS` of its numbers wide. A cell holds, for each label, how many numbers it has,
their sum, the least and the largest. All four are integers that merge by adding and by the larger of two, so that the
result depends on nothing but the numbers: not on their order, on batches, or on threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lossterm.core.exact import flat
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import logistic
from lossterm.core.statistics.ranking import Confusion

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lossterm.core.packing import Packer

FINENESS = 11
"""Bits of the mantissa, after the sign and the exponent, that tell cells apart."""

FINER = 15
"""Bits of the mantissa that tell the cells apart in which numbers are only counted, for their order."""

OCTAVES = 1 << 12
"""Signs and exponents that a double can have."""

PLACE = 52 - FINENESS
"""Bits of a number that tell its place within a cell."""

COARSE = PLACE - 31
"""Bits of the place that sums leave off, so that the places of 2^32 numbers add up in 64 bits."""

SLACK = 2.0**-50
"""How far σ(z) may be, by rounding, from the probability that z is the logit of."""

PIECE = 1 << 15
"""Numbers counted at once: with what is made of them on the way they fit in the nearer cache, beside the table."""

ROOM = 64
"""Signs and exponents for which there is room at first: more than most numbers have."""

FINE_PLACE = 52 - FINER
"""Bits that tell the place within such a finer cell."""

MOST = 2**31 - 1
"""Numbers that counts of 32 bits hold; of more they take 64."""

MOST_OCTAVES = 512
"""Signs and exponents that are read from bytes: each takes a megabyte, and logits have a hundred or two."""

_LAST_PLACE = (1 << PLACE) - 1


@dataclass(frozen=True, eq=False)
class Occupied:
    """The cells that are not empty, once for each label they hold, in ascending order.

    Attributes:
        low: the least number of each, ``(m,)``.
        mean: the mean of its numbers, to 2^−43 of it.
        high: the largest number.
        label: 0.0 or 1.0.
        count: how many numbers, as doubles.
    """

    low: Array
    mean: Array
    high: Array
    label: Array
    count: Array

    @property
    def ends(self) -> Array:
        """The least, the mean and the largest number of each cell, ``(3, m)``."""
        return np.stack([self.low, self.mean, self.high])

    def of(self, which: NDArray[np.bool_]) -> Occupied:
        """Some of the cells."""
        return Occupied(self.low[which], self.mean[which], self.high[which], self.label[which], self.count[which])

    @cached_property
    def rows(self) -> int:
        """How many numbers there are in all cells."""
        return int(self.count.sum())

    def confusion(self, threshold: float) -> tuple[Confusion, int]:
        """The decisions where σ(z) > threshold counts as class 1, and how many of them may be wrong.

        Those are beside the threshold within a cell, and decided by the cell's mean.
        """
        low, mean, high = logistic(self.ends)
        above, ones = mean > threshold, self.label == 1
        beside = (low - SLACK <= threshold) & (threshold < high + SLACK) & np.isfinite(self.mean)
        counts = (int(self.count[part].sum()) for part in (above & ones, above & ~ones, ~(above | ones), ones & ~above))
        return Confusion(*counts), int(self.count[beside].sum())


def _places(octaves: NDArray[np.int64], counts: NDArray[Any], bits: int) -> tuple[NDArray[np.int64], ...]:
    # of the cells that are not empty a key each, in their order, and where they are in a table
    row, label, step = np.nonzero(counts)
    key = (octaves[row] * 2 + label << bits) + step
    order = np.argsort(key)
    return key[order], row[order], label[order], step[order]


def _taken_apart(key: NDArray[np.int64], bits: int) -> tuple[NDArray[np.int64], ...]:
    # octave, label and place within the octave of each key
    if np.any(np.diff(key) <= 0) or np.any(key >= 2 * OCTAVES << bits):
        raise ValueError("the cells are not in order")
    return key >> bits + 1, key >> bits & 1, key & (1 << bits) - 1


class Cells:
    """Numbers of two labels, counted in cells. Only exponents that occur have room in the table.

    Args:
        ordered: whether the numbers are counted in finer cells too, which tell more of their order.
    """

    def __init__(self, *, ordered: bool = False) -> None:
        # room for more rows than are used yet: what is not written to takes no memory
        self._fine = np.zeros((ROOM, 2, 1 << FINER), np.int32) if ordered else None
        self._numbers = self._used = 0
        self._row = np.full(OCTAVES, -1)  # of each sign and exponent in the table
        # of each label and cell side by side, as they are met together: count (where finer cells do not tell it), sum,
        # reach away from 0 and towards it
        self._table = np.zeros((ROOM, 2, 1 << FINENESS, 4), np.int64)

    def add(self, numbers: ArrayLike, labels: ArrayLike = 0.0) -> None:
        """Count numbers.

        Args:
            numbers: ``(n,)``, ±∞ too.
            labels: 0 or 1, ``(n,)`` or one for all.

        Raises:
            ValueError: different lengths, a label that is neither 0 nor 1, or a number that is nan.
        """
        x, y = flat(numbers), flat(labels)
        if x.size != y.size and np.ndim(labels):
            raise ValueError(f"{x.size} numbers and {y.size} labels")
        if not np.all(y * y == y):
            raise ValueError("labels must be 0 or 1")
        if x.size and np.isnan(x.max()):
            raise ValueError("a number is not a number: nan")
        side = np.broadcast_to(y.astype(np.int64), x.shape)
        for start in range(0, x.size, PIECE):
            self._add_piece(x[start : start + PIECE], side[start : start + PIECE])

    def _add_piece(self, x: Array, side: NDArray[np.int64]) -> None:
        bits = (x + 0.0).view(np.int64)  # −0 is 0
        fineness = FINENESS if self._fine is None else FINER
        at = bits >> (52 - fineness)
        octave = at >> fineness
        octave &= OCTAVES - 1
        row = self._row.take(octave)
        if row.min() < 0:
            self._make_room(octave)
            row = self._row.take(octave)
        row <<= 1
        row += side
        row <<= fineness
        at &= (1 << fineness) - 1
        at += row
        if self._fine is not None:
            self._numbers += x.size
            self._widen()
            # a 1 of another type takes ten times as long
            np.add.at(self._fine.reshape(-1), at, self._fine.dtype.type(1))
            at >>= FINER - FINENESS
        count, total, away, towards = self._table.reshape(-1, 4).T
        if self._fine is None:
            np.add.at(count, at, 1)
        bits &= _LAST_PLACE
        np.add.at(total, at, bits >> COARSE)
        np.maximum.at(away, at, bits)
        np.subtract(_LAST_PLACE, bits, out=bits)
        np.maximum.at(towards, at, bits)

    def _make_room(self, octave: NDArray[np.int64]) -> None:
        seen = np.zeros(OCTAVES, dtype=bool)
        seen[octave] = True
        new = np.flatnonzero(seen & (self._row < 0))
        self._row[new] = self._used + np.arange(new.size)
        self._used += new.size
        if self._used > len(self._table):
            rows = max(self._used, 2 * len(self._table))
            self._table = _with_room(self._table, rows)
            self._fine = None if self._fine is None else _with_room(self._fine, rows)

    def merge(self, other: Cells) -> None:
        """Add all that another has counted."""
        octave = np.flatnonzero(other._row >= 0)
        self._make_room(octave)
        self._numbers += other._numbers
        self._widen()
        for mine, its in zip(self._row[octave].tolist(), other._row[octave].tolist(), strict=True):
            if self._fine is not None and other._fine is not None:
                self._fine[mine] += other._fine[its]
            self._table[mine, ..., :2] += other._table[its, ..., :2]
            np.maximum(self._table[mine, ..., 2:], other._table[its, ..., 2:], out=self._table[mine, ..., 2:])

    def _widen(self) -> None:
        # of more numbers than counts of 32 bits hold they take 64
        if self._fine is not None and self._numbers > MOST and self._fine.dtype != np.int64:
            self._fine = self._fine.astype(np.int64)

    def pack(self, packer: Packer) -> None:
        """Give or take what the cells hold that are not empty, in their order."""
        counts = self._counts()
        key, row, label, step = _places(self._octaves(), counts, FINENESS)
        key, table = packer.counts(key), self._table[row, label, step]
        table[:, 0] = counts[row, label, step]
        table = packer.counts(table, (len(key), 4))
        fine_key = fine = np.zeros(0, np.int64)
        if self._fine is not None:
            fine_key, *at = _places(self._octaves(), self._fine[: self._used], FINER)
            fine_key = packer.counts(fine_key)
            fine = packer.counts(self._fine[tuple(at)].astype(np.int64), fine_key.shape)
        if packer.reads:
            self._take(key, table, fine_key, fine)

    def _take(
        self, key: NDArray[np.int64], table: NDArray[np.int64], fine_key: NDArray[np.int64], fine: NDArray[np.int64]
    ) -> None:
        octave, label, step = _taken_apart(key, FINENESS)
        places = table[:, 2:]
        if np.any(table[:, 0] < 1) or np.any(places > _LAST_PLACE) or np.any(places.sum(axis=1) < _LAST_PLACE):
            raise ValueError("a cell holds what none can")
        beyond = octave & (OCTAVES // 2 - 1) == OCTAVES // 2 - 1  # of ±∞ and nan
        if np.any(beyond & ((step != 0) | (places != (0, _LAST_PLACE)).any(axis=1))):
            raise ValueError("a cell holds what is no number")
        if len(np.unique(octave)) > MOST_OCTAVES:
            raise ValueError("the cells are spread too widely")
        self._make_room(octave)
        at = self._row[octave], label, step
        self._table[at], self._numbers = table, int(table[:, 0].sum())
        if self._fine is None:
            return
        self._table[(*at, 0)] = 0  # which the finer cells tell
        octave, label, step = _taken_apart(fine_key, FINER)
        if np.any(fine < 1) or np.any(self._row[octave] < 0):
            raise ValueError("a cell holds what none can")
        self._fine = self._fine.astype(np.int32 if self._numbers <= MOST else np.int64)
        self._fine[self._row[octave], label, step] = fine
        told = self._counts()
        if not np.array_equal(told[at], table[:, 0]) or int(told.sum()) != self._numbers:
            raise ValueError("the cells contradict each other")

    def _counts(self) -> NDArray[Any]:
        # how many numbers there are in each cell of the rows that are used
        counts: NDArray[Any] = self._table[: self._used, ..., 0]
        if self._fine is None:
            return counts
        told: NDArray[Any] = self._fine[: self._used].reshape(*counts.shape, 1 << FINER - FINENESS).sum(-1, np.int64)
        return told

    def _octaves(self) -> NDArray[np.int64]:
        # the sign and exponent of each row of the table
        octaves = np.zeros(self._used, np.int64)
        held = np.flatnonzero(self._row >= 0)
        octaves[self._row[held]] = held
        return octaves

    def sides(self) -> list[tuple[Array, Array, Array]]:
        """Of label 0 and of label 1 the cells that are not empty, in ascending order: the finer ones, if there are any.

        Returns:
            σ of the least and of the largest number of each, and how many numbers, as doubles, ``(m,)`` each. The ends
            of a finer cell are as narrow as what is known of the wider one around it tells.
        """
        if self._fine is None:
            cells = self.occupied()
            parts = [cells.of(cells.label == label) for label in (0, 1)]
            return [(logistic(part.low), logistic(part.high), part.count) for part in parts]
        octaves = self._octaves()
        ascending = np.argsort(np.where(octaves < OCTAVES // 2, octaves, -octaves))
        found = [[self._finer(row, int(octaves[row]), label) for row in ascending.tolist()] for label in (0, 1)]
        nothing = (np.empty(0),) * 3
        return [tuple(map(np.concatenate, zip(nothing, *parts, strict=True))) for parts in found]  # type: ignore[misc]

    def _finer(self, row: int, octave: int, label: int) -> tuple[Array, Array, Array]:
        # the finer cells of one sign and exponent: few enough for the cache
        assert self._fine is not None
        counts = self._fine[row, label]
        step = np.flatnonzero(counts != 0)  # of truths faster than of numbers
        within = FINER - FINENESS
        away, towards = self._table[row, label, step >> within, 2:].T
        start = (step & ((1 << within) - 1)) << FINE_PLACE  # within the wider cell
        first = (octave & (OCTAVES // 2 - 1)) << 52 | (step >> within) << PLACE
        near = (first | np.maximum(start, _LAST_PLACE - towards)).view(np.float64)
        far = (first | np.minimum(start + (1 << FINE_PLACE) - 1, away)).view(np.float64)
        count = counts[step].astype(np.float64)
        if octave < OCTAVES // 2:
            return logistic(near), logistic(far), count
        return logistic(-far[::-1]), logistic(-near[::-1]), count[::-1]

    def occupied(self) -> Occupied:
        """The cells that are not empty."""
        octaves = self._octaves()
        table, counts = self._table[: self._used], self._counts()
        row, label, step = np.nonzero(counts)
        count, (_, total, away, towards) = counts[row, label, step], table[row, label, step].T
        octave = octaves[row]
        first = (octave & (OCTAVES // 2 - 1)) << 52 | step << PLACE
        near, start, far = ((first + place).view(np.float64) for place in (_LAST_PLACE - towards, 0, away))
        with np.errstate(invalid="ignore"):
            mean = start + (total / count + 0.5) * (np.spacing(start) * (1 << COARSE))
        mean = np.where(np.isfinite(start), np.clip(mean, near, far), start)
        up = octave < OCTAVES // 2
        low, high = np.where(up, near, -far), np.where(up, far, -near)
        order = np.argsort(low, kind="stable")
        columns = (low, np.where(up, mean, -mean), high, label.astype(np.float64), count.astype(np.float64))
        return Occupied(*(column[order] for column in columns))


def _with_room(table: NDArray[Any], rows: int) -> NDArray[Any]:
    wider = np.zeros((rows, *table.shape[1:]), table.dtype)
    wider[: len(table)] = table
    return wider
