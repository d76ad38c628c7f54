"""What is counted of one loss over many examples, in parts that add up: sums, a histogram, the worst examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.cells import Cells
from lossterm.core.statistics.moments import Moments, WeightedMoments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.core.packing import Packer

BARS = 60
"""Bins of the histogram of predictions."""

PER_OCTAVE = 8
"""Bins of the histogram of a loss in each doubling of it."""

LOWEST, HIGHEST = -40, 20
"""The powers of two that the histogram spans; what is beyond goes into the first and the last bin."""

_SHIFT = 52 - 3  # an exponent and three bits of the mantissa: eight bins in an octave
_FIRST = (1023 + LOWEST) << 3
BINS = (HIGHEST - LOWEST) * PER_OCTAVE


def loss_edges() -> Array:
    """Edges of the histogram of a loss, ``(BINS + 1,)``: eight to an octave, evenly within it."""
    octave, step = np.divmod(np.arange(BINS + 1), PER_OCTAVE)
    edges: Array = np.ldexp(1 + step / PER_OCTAVE, octave + LOWEST)
    return edges


@dataclass(frozen=True, eq=False)
class Worst:
    """Examples with the largest losses, largest first, at equal losses in the order of the file.

    Attributes:
        row: their numbers, ``(k,)``.
        value: L.
        label: y, before smoothing; the class where there are K.
        logit: z; of the label's class where there are K.
        prediction: p, or v; of the label's class where there are K.
    """

    row: NDArray[np.int64]
    value: Array
    label: Array
    logit: Array
    prediction: Array

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: NDArray[np.intp]) -> Worst:
        """The examples at some places."""
        return Worst(self.row[which], self.value[which], self.label[which], self.logit[which], self.prediction[which])

    def first(self, count: int) -> Worst:
        """The worst of them."""
        return self.take(np.arange(min(count, len(self))))

    def moved(self, by: int) -> Worst:
        """The same examples after so many other rows."""
        return replace(self, row=self.row + by)


def _joined(one: Worst, other: Worst, most: int) -> Worst:
    both = Worst(*(np.concatenate((getattr(one, n), getattr(other, n))) for n in Worst.__annotations__))
    return both.take(np.lexsort((both.row, -both.value))[:most])


@dataclass
class LossTally:
    """The sums of one loss.

    Attributes:
        most: how many of the worst examples are kept.
        weighted: whether examples have weights.
        moments: counts and exact sums of the values.
        by_weight: the same with weights, or None.
        infinite: how many losses are ∞.
        undefined: how many examples the loss means nothing for.
        counts: the histogram of the values over `loss_edges`.
        worst: the worst examples so far.
        floor: losses below it are not among the worst, as is known from elsewhere.
    """

    most: int
    weighted: bool
    moments: Moments = field(default_factory=Moments)
    by_weight: WeightedMoments | None = None
    infinite: int = 0
    undefined: int = 0
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, np.int64))
    worst: Worst | None = None
    floor: float = -math.inf

    def __post_init__(self) -> None:
        if self.weighted:
            self.by_weight = WeightedMoments()

    def add(self, value: Array, rows: Worst, weight: Array | None) -> None:
        """Count a batch.

        Args:
            value: L of each example, ``(n,)``.
            rows: who they are; its values are not looked at.
            weight: the weights, or None.
        """
        highest = value.max(initial=0.0)
        if not np.isfinite(highest):
            undefined = np.isnan(value)
            self.undefined += int(undefined.sum())
            self.infinite += int(np.isposinf(value).sum())
            if undefined.any():
                rows, value = rows.take(np.flatnonzero(~undefined)), value[~undefined]
                weight = None if weight is None else weight[~undefined]
        self.moments.add(value)
        if self.by_weight is not None and weight is not None:
            self.by_weight.add(value, weight)
        self._count(value)
        self._keep_worst(value, rows)

    def part(self) -> LossTally:
        """An empty tally, to be merged into this one."""
        return LossTally(self.most, self.weighted, floor=self.least_worst)

    @property
    def least_worst(self) -> float:
        """The least loss that can be among the worst."""
        full = self.worst is not None and len(self.worst) >= self.most
        return max(self.floor, float(self.worst.value[-1])) if full and self.worst is not None else self.floor

    def _count(self, value: Array) -> None:
        index = value.view(np.int64) >> _SHIFT  # a negative value has its sign there: below the first
        index -= _FIRST
        np.maximum(index, 0, out=index)
        np.minimum(index, BINS - 1, out=index)
        self.counts += np.bincount(index, minlength=BINS)

    def _keep_worst(self, value: Array, rows: Worst) -> None:
        have = self.worst
        floor = self.least_worst
        among = np.flatnonzero(value >= floor) if floor > -math.inf else np.arange(len(value))
        if not len(among):
            return
        if len(among) > 4 * self.most:  # more than can be among the worst
            floor = np.partition(value[among], -self.most)[-self.most]
            among = among[value[among] >= floor]
        found = rows.take(among)
        found = Worst(found.row, value[among], found.label, found.logit, found.prediction)
        empty = found.take(np.arange(0))
        self.worst = _joined(have if have is not None else empty, found, self.most)

    def merge(self, other: LossTally) -> None:
        """Add the sums of another tally."""
        self.moments.merge(other.moments)
        if self.by_weight is not None and other.by_weight is not None:
            self.by_weight.merge(other.by_weight)
        self.infinite += other.infinite
        self.undefined += other.undefined
        self.counts += other.counts
        if other.worst is not None:
            self.worst = other.worst if self.worst is None else _joined(self.worst, other.worst, self.most)

    def pack(self, packer: Packer) -> None:
        """Give or take all of it."""
        self.moments.pack(packer)
        if self.by_weight is not None:
            self.by_weight.pack(packer)
        self.infinite, self.undefined = packer.count(self.infinite), packer.count(self.undefined)
        self.counts = packer.counts(self.counts, self.counts.shape)
        if packer.flag(self.worst is not None):
            have = self.worst
            row = packer.counts(None if have is None else have.row)
            shape = row.shape
            value, label, logit, prediction = (
                packer.reals(None if have is None else getattr(have, name), shape)
                for name in ("value", "label", "logit", "prediction")
            )
            if len(row) > self.most or np.isnan(value).any() or np.any(value[1:] > value[:-1]):
                raise ValueError("the worst examples are none")
            self.worst = Worst(row, value, label, logit, prediction)


def count_sizes(cells: Sequence[Cells], sizes: Sequence[Array]) -> None:
    """Count |∂L/∂z| of each loss in cells of its own; what is undefined as ∞, which leaves no share either."""
    for own, size in zip(cells, sizes, strict=True):
        own.add(np.nan_to_num(np.abs(size), nan=np.inf, posinf=np.inf))
