"""∂L/∂z tabulated from the jets, for loops that need it a million times.

The logits are cut into blocks (of width 1 up to |z| = 64, then in proportion), a block into 256 cells, or as many more
as it takes. In a cell the slope is the cubic that has the exact slope and curvature at both ends; a cell in which this
misses the exact slope at the middle by more than a part in 1e11 (a kink, a pole, an edge) holds nan, and one asks for
the exact slope there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.objective import Objective, Reading, evaluate_at

TOLERANCE = 1e-11
"""Largest error of a tabulated slope, relative to the slopes of its cell."""

_CELLS = (256, 1024, 4096)
_MOST = 0.95
_FINE = 64.0
_FARTHEST = 1e6


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """One stretch of logits.

    Attributes:
        low: its left end.
        high: its right end, excluded.
        cells: cells per unit of logit.
        c0: the slope at the left end of every cell (nan where the table does not hold).
        c1: the linear coefficient of the cell's cubic in its own coordinate from 0 to 1.
        c2: the quadratic one.
        c3: the cubic one.
        steepest: no slope in the block is steeper (inf where that is not known).
    """

    low: float
    high: float
    cells: float
    c0: list[float]
    c1: list[float]
    c2: list[float]
    c3: list[float]
    steepest: float


class SlopeTable:
    """The slopes of one loss behind one activation for one label, tabulated where they are asked for often."""

    def __init__(self, loss: Loss, params: Params, activation: Activation, label: float) -> None:
        self._objective = (loss, params, label, activation)
        self._blocks: dict[tuple[float, float], Block] = {}
        self._visits: dict[tuple[float, float], int] = {}

    @property
    def objective(self) -> Objective:
        """What it is a table of."""
        loss, params, label, activation = self._objective
        return Objective(loss, tuple(params.items()), label, activation)

    @property
    def letter(self) -> str:
        """What a prediction is called: p where it is a probability."""
        return "p" if self._objective[3].is_probability else "v"

    def limit(self, logit: float) -> float:
        """The prediction towards which an infinite logit goes."""
        activation = self._objective[3]
        return activation.upper if logit > 0 else activation.lower

    def read(self, logit: float) -> Reading:
        """Everything at one logit, exact."""
        return evaluate_at(*self._objective, np.array([logit])).at(0)

    def block(self, logit: float) -> Block | None:
        """The block around a logit, or None: too far out, or visited too seldom to be worth one."""
        if not abs(logit) < _FARTHEST:
            return None
        key = _bounds(logit)
        found = self._blocks.get(key)
        if found is None:
            visits = self._visits[key] = self._visits.get(key, 0) + 1
            if visits > 2:
                found = self._blocks[key] = self._tabulated(*key)
        return found

    def steepest(self, low: float, high: float) -> float:
        """A bound on |∂L/∂z| between two logits, inf where there is none to give."""
        bound, at = 0.0, low
        while at < high:
            if not abs(at) < _FARTHEST:
                return math.inf
            key = _bounds(at)
            block = self._blocks.get(key) or self._tabulated(*key)
            self._blocks[key] = block
            bound, at = max(bound, block.steepest), block.high
        return bound

    def _tabulated(self, low: float, high: float) -> Block:
        for count in _CELLS:
            block, share = self._cut(low, high, count)
            if share >= _MOST:
                break
        return block

    def _cut(self, low: float, high: float, count: int) -> tuple[Block, float]:
        # the block in so many cells, and the share of them that hold
        exact = evaluate_at(*self._objective, np.linspace(low, high, 2 * count + 1))
        width = (high - low) / count
        slope, middle, bend = exact.d_logit[::2], exact.d_logit[1::2], exact.d2_logit[::2]
        with np.errstate(all="ignore"):
            g0, g1, h0, h1 = slope[:-1], slope[1:], width * bend[:-1], width * bend[1:]
            rise = g1 - g0
            cubic = (g0, h0, 3 * rise - 2 * h0 - h1, h0 + h1 - 2 * rise)
            half = cubic[0] + cubic[1] / 2 + cubic[2] / 4 + cubic[3] / 8
            size = np.maximum(np.maximum(np.abs(g0), np.abs(g1)), np.abs(middle))
            holds = np.abs(half - middle) <= TOLERANCE * size
        # between its ends a cubic exceeds them by less than their curvatures allow
        top = float(np.max(size + np.abs(h0) + np.abs(h1))) if holds.all() else math.inf
        c0, c1, c2, c3 = (_list(np.where(holds, part, np.nan)) for part in cubic)
        return Block(low, high, count / (high - low), c0, c1, c2, c3, top), float(holds.mean())


def _bounds(logit: float) -> tuple[float, float]:
    width = 1.0 if abs(logit) < _FINE else 2.0 ** (math.frexp(logit)[1] - 7)
    low = math.floor(logit / width) * width
    return low, low + width


def _list(array: Array) -> list[float]:
    # one cell more: a logit just below the right end may round into it
    return [*array.tolist(), math.nan]
