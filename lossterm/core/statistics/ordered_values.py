"""Numbers whose order is needed: all of them up to a stated count, of more their counts in cells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.cell_weights import CellWeights
from lossterm.core.statistics.cells import Cells
from lossterm.core.statistics.estimate import Estimate

if TYPE_CHECKING:
    from lossterm.core.packing import Packer

WEIGHTLESS = "every weight is 0"

NEARLY = 1e-12
"""What a level times a count may be above a whole number by rounding alone."""


class OrderedValues:
    """Numbers with or without weights, added in parts.

    Args:
        counting: whether they are counted in cells from the start.
        weighted: whether each has a weight.
    """

    def __init__(self, *, counting: bool, weighted: bool) -> None:
        self._weighted = weighted
        self._kept: list[Array] | None = None if counting else []
        self._weights: list[Array] = []
        self._cells = Cells() if counting else None
        self._mass = CellWeights() if weighted else None  # of what is counted in cells

    def add(self, values: Array, weights: Array | None = None) -> None:
        """Add numbers, ±∞ too, ``(n,)``, and their weights."""
        if self._kept is not None:
            self._kept.append(values)
            if weights is not None:
                self._weights.append(weights)
        else:
            self._count(values, weights)

    def _count(self, values: Array, weights: Array | None) -> None:
        assert self._cells is not None
        self._cells.add(values)
        if self._mass is not None and weights is not None:
            self._mass.add(values, weights)

    def merge(self, other: OrderedValues) -> None:
        """Add the numbers of another; those of both are counted in cells where those of one are."""
        if self._kept is not None and other._kept is not None:
            self._kept += other._kept
            self._weights += other._weights
            return
        self.count_in_cells()
        assert self._cells is not None
        for values, weights in other._parts():  # which stays as it is
            self._count(values, weights)
        if other._cells is not None:
            self._cells.merge(other._cells)
        if self._mass is not None and other._mass is not None:
            self._mass.merge(other._mass)

    def count_in_cells(self) -> None:
        """Keep no number any more."""
        if self._kept is None:
            return
        parts, self._cells = list(self._parts()), Cells()
        self._kept, self._weights = None, []
        for values, weights in parts:
            self._count(values, weights)

    def _parts(self) -> Iterator[tuple[Array, Array | None]]:
        # what is kept, batch by batch
        kept = self._kept or []
        yield from zip(kept, self._weights if self._weighted else [None] * len(kept), strict=True)

    def pack(self, packer: Packer, rows: int) -> None:
        """Give or take the cells of so many numbers: those that are kept are counted anew from the rows."""
        assert self._cells is not None
        self._cells.pack(packer)
        if packer.reads and self._cells.occupied().rows != rows:
            raise ValueError("its errors are of other rows")
        if self._mass is not None:
            self._mass.pack(packer)

    def sorted(self, *, weighted: bool) -> Order:
        """What they are in ascending order; with their weights where they are asked for."""
        if self._kept is None:
            assert self._cells is not None
            cells = self._cells.occupied()
            of_cells = self._mass if weighted else None
            mass = np.cumsum(cells.count) if of_cells is None else of_cells.up_to(cells.low)
            return Order(cells.low, cells.high, mass)
        values = np.concatenate(self._kept) if self._kept else np.empty(0)
        if not weighted:
            values = np.sort(values)
            return Order(values, values, np.arange(1.0, len(values) + 1.0))
        order = np.argsort(values, kind="stable")
        weights = np.concatenate(self._weights)[order]
        held = weights > 0
        values, weights = values[order][held], weights[held]
        return Order(values, values, np.cumsum(weights / weights.max(initial=1e-300)))  # their sum may overflow


class Order:
    """Numbers in ascending order, each known to be between two bounds.

    Args:
        low: the lower bounds, ``(n,)``.
        high: the upper bounds: the same where the numbers are known.
        mass: how many, or Σw of those up to each.
    """

    def __init__(self, low: Array, high: Array, mass: Array) -> None:
        self.low, self.high, self.mass = low, high, mass

    @property
    def total(self) -> float:
        """How many there are, or Σw."""
        return float(self.mass[-1]) if len(self.mass) else 0.0

    def quantile(self, level: float) -> Estimate:
        """The least number with at least this part of all at or below it (the inverse of their distribution)."""
        if not self.total:
            return Estimate(None, reason=WEIGHTLESS)
        wanted = level * self.total * (1.0 - NEARLY)
        at = min(int(self.mass.searchsorted(wanted, side="left")), len(self.mass) - 1)
        low, high = float(self.low[at]), float(self.high[at])
        return Estimate(low) if low == high else Estimate(low / 2.0 + high / 2.0, (high - low) / 2.0)

    def within(self, size: float) -> Estimate:
        """The part of the numbers of at most this size, |x| ≤ size."""
        if not self.total:
            return Estimate(None, reason=WEIGHTLESS)
        mass = np.diff(self.mass, prepend=0.0)
        inner, outer = (
            math.fsum(mass[(near >= -size) & (far <= size)].tolist()) / self.total
            for near, far in ((self.low, self.high), (self.high, self.low))
        )
        return Estimate(inner) if inner == outer else Estimate((inner + outer) / 2.0, abs(outer - inner) / 2.0)
