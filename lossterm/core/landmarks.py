"""Minima, inflections, steepest points and crossings, found numerically between two logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.objective import Evaluation, Objective

SAMPLES = 385
"""Points of the grid on which signs are compared; two landmarks of a kind closer than a step may be missed."""
_SECTIONS = 24
_FLAT = 1e-9
"""A slope below it that falls to an exact zero is underflow, not the start of a flat minimum."""


class Kind(Enum):
    """What a landmark is."""

    MINIMUM = "minimum"
    INFLECTION = "inflection"
    STEEPEST = "steepest"
    CROSSING = "crossing"


@dataclass(frozen=True)
class Landmark:
    """A point worth stopping at.

    Attributes:
        kind: what it is.
        logit: where.
        curves: indices of the objectives it belongs to: one, or two that cross.
        quantity: the field of `Evaluation` it is about.
        height: that quantity there.
    """

    kind: Kind
    logit: float
    curves: tuple[int, ...]
    quantity: str
    height: float


def refine(function: Callable[[Array], Array], left: float, right: float) -> float:
    """The point in [left, right] where ``function`` changes sign, to the last bits, by repeated subdivision.

    A jump through zero (a kink of the loss) is found as well as a root.
    """
    for _ in range(20):
        grid = np.linspace(left, right, _SECTIONS + 1)
        signs = np.sign(function(grid))
        zero = np.flatnonzero(signs == 0)
        if zero.size:
            return float(grid[zero[zero.size // 2]])
        change = np.flatnonzero(signs[1:] != signs[:-1])
        if not change.size:
            break
        left, right = float(grid[change[0]]), float(grid[change[0] + 1])
        if right - left <= 4 * np.spacing(max(abs(left), abs(right))):
            break
    # of doubles that close, the one a person would write: 1.0 rather than 0.9999999999999998
    return min((left, right, (left + right) / 2), key=lambda z: len(repr(z)))


def _changes(values: Array) -> list[tuple[int, int]]:
    # pairs of indices around each change of sign; zeros and what is not finite between them are stepped over, but a
    # gap that is undefined ends a curve
    pairs: list[tuple[int, int]] = []
    last = -1
    for i, value in enumerate(values):
        if np.isnan(value):
            last = -1
        elif value != 0:
            if last >= 0 and np.sign(values[last]) != np.sign(value):
                pairs.append((last, i))
            last = i
    return pairs


def _of_one(index: int, objective: Objective, grid: Array, e: Evaluation) -> list[Landmark]:
    found: list[Landmark] = []

    def add(kind: Kind, z: float, quantity: str) -> None:
        height = float(getattr(objective.evaluate(z), quantity))
        found.append(Landmark(kind, z, (index,), quantity, height))

    slopes = e.d_logit
    for i, j in _changes(slopes):
        if slopes[i] < 0:
            add(Kind.MINIMUM, refine(lambda z: objective.evaluate(z).d_logit, grid[i], grid[j]), "value")
    for i in np.flatnonzero((slopes[:-1] < -_FLAT) & (slopes[1:] == 0)).tolist():
        if not (slopes[i + 1 :] > 0).any():  # a flat minimum: its first point
            edge = refine(lambda z: np.where(objective.evaluate(z).d_logit < 0, -1.0, 1.0), grid[i], grid[i + 1])
            add(Kind.MINIMUM, edge, "value")
    for i in np.flatnonzero((slopes[:-1] == 0) & (slopes[1:] > _FLAT)).tolist():
        if not (slopes[: i + 1] < 0).any():
            edge = refine(lambda z: np.where(objective.evaluate(z).d_logit > 0, 1.0, -1.0), grid[i], grid[i + 1])
            add(Kind.MINIMUM, edge, "value")
    turns = [
        refine(lambda z: objective.evaluate(z).d2_logit, grid[i], grid[j])
        for i, j in _changes(np.where(np.isfinite(e.d2_logit), e.d2_logit, np.nan))
    ]
    steepness = np.where(np.isfinite(slopes), np.abs(slopes), -1.0)
    peak = int(np.argmax(steepness))
    for z in turns:
        at_peak = 0 < peak < grid.size - 1 and grid[peak - 1] <= z <= grid[peak + 1]
        add(Kind.STEEPEST if at_peak else Kind.INFLECTION, z, "d_logit")
    return found


def landmarks(
    objectives: Sequence[Objective], lo: float, hi: float, quantities: Sequence[str] = ("value", "d_logit")
) -> list[Landmark]:
    """Every landmark with lo ≤ z ≤ hi, from left to right.

    Args:
        objectives: the curves.
        lo: left end, a logit.
        hi: right end.
        quantities: the fields of `Evaluation` in which curves may cross.

    Returns:
        Minima (a flat minimum by its nearer end), inflections (where ∂L/∂z turns; the one with the largest
        |∂L/∂z| is called steepest) and crossings of two curves that do not merely touch or coincide.
    """
    grid = np.linspace(lo, hi, SAMPLES)
    grid[np.abs(grid) < (hi - lo) * 1e-12] = 0.0
    evaluations = [objective.evaluate(grid) for objective in objectives]
    found: list[Landmark] = []
    for index, (objective, e) in enumerate(zip(objectives, evaluations, strict=True)):
        found += _of_one(index, objective, grid, e)
    for quantity in quantities:
        for a, b in combinations(range(len(objectives)), 2):
            found += _crossings(objectives, evaluations, grid, (a, b), quantity)
    return sorted(found, key=lambda landmark: (landmark.logit, landmark.kind.value, landmark.curves))


def _crossings(
    objectives: Sequence[Objective],
    evaluations: Sequence[Evaluation],
    grid: Array,
    pair: tuple[int, int],
    quantity: str,
) -> list[Landmark]:
    a, b = pair
    one, other = getattr(evaluations[a], quantity), getattr(evaluations[b], quantity)
    with np.errstate(invalid="ignore"):
        gap = one - other
    gap = np.where(np.abs(gap) > 1e-12 * (np.abs(one) + np.abs(other)), gap, 0.0)  # curves that coincide do not cross
    gap = np.where(np.isfinite(one) & np.isfinite(other), gap, np.nan)

    def difference(z: Array) -> Array:
        result: Array = getattr(objectives[a].evaluate(z), quantity) - getattr(objectives[b].evaluate(z), quantity)
        return result

    crossings = []
    for i, j in _changes(gap):
        z = refine(difference, grid[i], grid[j])
        heights = [float(getattr(objectives[k].evaluate(z), quantity)) for k in pair]
        scale = max(abs(one[i]), abs(other[i]), abs(one[j]), abs(other[j]))
        if abs(heights[0] - heights[1]) <= 1e-6 * scale:  # not a jump of one over the other
            crossings.append(Landmark(Kind.CROSSING, z, pair, quantity, heights[0]))
    return crossings


def concave_stretches(grid: Array, e: Evaluation) -> list[tuple[int, int]]:
    """Index ranges [first, last] of the grid on which ∂²L/∂z² is negative."""
    concave = np.concatenate(([False], e.d2_logit < 0, [False]))
    edges = np.flatnonzero(concave[1:] != concave[:-1])
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def convexity(objective: Objective, lo: float, hi: float) -> str:
    """A sentence on the curvature between two logits: "convex on the window", "concave for z < −0.693"."""
    grid = np.linspace(lo, hi, SAMPLES)
    e = objective.evaluate(grid)
    if np.isnan(e.d2_logit).all():
        return "undefined on the window"
    where = "" if np.isfinite(e.d_logit).all() else " where it is finite"
    stretches = concave_stretches(grid, e)
    if not stretches:
        if not np.any(e.d_logit) and np.ptp(e.value[np.isfinite(e.value)]) > 0:
            return f"neither: it jumps{where}"
        if _slope_falls(e):
            return f"not convex on the window{where}"
        return f"convex on the window{where}" if (e.d2_logit > 0).any() else f"piecewise linear on the window{where}"

    def edge(i: int, j: int) -> float:
        return refine(lambda z: np.where(objective.evaluate(z).d2_logit < 0, -1.0, 1.0), grid[i], grid[j])

    parts = []
    for first, last in stretches:
        left = None if first == 0 else edge(first - 1, first)
        right = None if last == grid.size - 1 else edge(last, last + 1)
        if left is None and right is None:
            return f"concave on the window{where}"
        if left is None:
            parts.append(f"z < {_short(right)}")
        elif right is None:
            parts.append(f"z > {_short(left)}")
        else:
            parts.append(f"{_short(left)} < z < {_short(right)}")
    return "concave for " + " and ".join(parts)


def _slope_falls(e: Evaluation) -> bool:
    # a kink downwards has no negative curvature to show, but the slope falls
    slopes = e.d_logit[np.isfinite(e.d_logit)]
    return bool((np.diff(slopes) < -1e-9 * max(1.0, float(np.abs(slopes).max(initial=0.0)))).any())


def _short(z: float | None) -> str:
    assert z is not None
    text = f"{z:.3f}" if abs(z) < 1e4 else f"{z:.3g}"
    return "0" if float(text) == 0 else text.replace("-", "−")
