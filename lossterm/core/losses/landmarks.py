"""Minima, inflections, steepest points and crossings, found numerically between two logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.objective import Evaluation, Objective
from lossterm.core.losses.surroundings import surroundings

SAMPLES = 385
"""Points of the grid on which signs are compared; two landmarks of a kind closer than a step may be missed."""
CROWD = 6
"""With more curves than this only crossings with the first are sought: they multiply, and nobody can read them."""
SMALLEST = 5e-324
"""The smallest double above 0."""
_LEAP = 4
"""How many times more than beside it a difference changes where one curve may be jumping over another."""
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


def refine(function: Callable[[Array], Array], left: float, right: float, tolerance: float = 0.0) -> float:
    """The point in [left, right] where ``function`` changes sign, by repeated subdivision.

    Unless a tolerance is given it is exact to the last bits.

    A jump through zero (a kink of the loss) is found as well as a root.
    """
    first = 4 * float(np.spacing(max(abs(left), abs(right))))
    for _ in range(20):
        grid = np.linspace(left, right, _SECTIONS + 1)
        signs = np.sign(function(grid))
        zero = np.flatnonzero(signs == 0)
        if zero.size:
            exact = float(grid[zero[zero.size // 2]])
            return 0.0 if abs(exact) < 32 * first else exact
        change = np.flatnonzero(signs[1:] != signs[:-1])
        if not change.size:
            break
        left, right = float(grid[change[0]]), float(grid[change[0] + 1])
        if right - left <= max(tolerance, first):
            break
    # of doubles that close, the one a person would write: 1.0 rather than 0.9999999999999998
    near = [left, right, (left + right) / 2, *([0.0] if left - 32 * first <= 0 <= right + 32 * first else [])]
    return min(near, key=lambda z: len(repr(z)))


def _changes(values: Array) -> list[tuple[int, int]]:
    # pairs of indices around each change of sign; zeros between them are stepped over, but what is undefined ends a
    # curve
    known = np.flatnonzero((values != 0) & ~np.isnan(values))
    if known.size < 2:
        return []
    gaps = np.cumsum(np.isnan(values))[known]
    turned = (np.sign(values[known[1:]]) != np.sign(values[known[:-1]])) & (gaps[1:] == gaps[:-1])
    return [(int(known[k]), int(known[k + 1])) for k in np.flatnonzero(turned)]


@dataclass(frozen=True)
class _Candidate:
    # a landmark between two points of a grid: where `sign` changes, refined by `function`
    kind: Kind
    curves: tuple[int, ...]
    quantity: str
    left: float
    right: float
    values: tuple[float, float]
    function: Callable[[Array], Array]
    suspect: bool = False  # the values change much more here than beside: one curve may jump over the other


def _of_one(index: int, objective: Objective, e: Evaluation) -> list[_Candidate]:
    z, slopes = e.logit, e.d_logit
    found: list[_Candidate] = []
    if not z.size:  # defined nowhere in the window
        return found

    def add(kind: Kind, quantity: str, ends: tuple[int, int], of: Array, function: Callable[[Array], Array]) -> None:
        i, j = ends
        values = (float(of[i]), float(of[j]))
        found.append(_Candidate(kind, (index,), quantity, float(z[i]), float(z[j]), values, function))

    def slope(at: Array) -> Array:
        return objective.evaluate(at).d_logit

    for i, j in _changes(slopes):
        if slopes[i] < 0:
            add(Kind.MINIMUM, "value", (i, j), slopes, slope)
    for i in np.flatnonzero((slopes[:-1] < -_FLAT) & (slopes[1:] == 0)).tolist():
        if not (slopes[i + 1 :] > 0).any():  # a flat minimum: its first point
            add(Kind.MINIMUM, "value", (i, i + 1), slopes, lambda at: np.where(slope(at) < 0, -1.0, 1.0))
    for i in np.flatnonzero((slopes[:-1] == 0) & (slopes[1:] > _FLAT)).tolist():
        if not (slopes[: i + 1] < 0).any():
            add(Kind.MINIMUM, "value", (i, i + 1), slopes, lambda at: np.where(slope(at) > 0, 1.0, -1.0))
    curvature = np.where(np.isfinite(e.d2_logit), e.d2_logit, np.nan)
    peak = int(np.argmax(np.where(np.isfinite(slopes), np.abs(slopes), -1.0)))
    inside = 0 < peak < z.size - 1
    for i, j in _changes(curvature):
        steepest = inside and z[peak - 1] <= z[j] and z[i] <= z[peak + 1]
        kind = Kind.STEEPEST if steepest else Kind.INFLECTION
        add(kind, "d_logit", (i, j), curvature, lambda at: objective.evaluate(at).d2_logit)
    return found


def _of_two(
    objectives: Sequence[Objective], evaluations: Sequence[Evaluation], pair: tuple[int, int], quantity: str
) -> list[_Candidate]:
    a, b = pair
    z = evaluations[a].logit
    one, other = getattr(evaluations[a], quantity), getattr(evaluations[b], quantity)
    with np.errstate(invalid="ignore"):
        gap = one - other
    gap = np.where(np.abs(gap) > 1e-12 * (np.abs(one) + np.abs(other)), gap, 0.0)  # curves that coincide do not cross
    gap = np.where(np.isfinite(one) & np.isfinite(other), gap, np.nan)

    def difference(at: Array) -> Array:
        result: Array = getattr(objectives[a].evaluate(at), quantity) - getattr(objectives[b].evaluate(at), quantity)
        return result

    found = []
    for i, j in _changes(gap):
        values = (float(gap[i]), float(gap[j]))
        beside = min(abs(values[0] - gap[max(i - 1, 0)]), abs(gap[min(j + 1, gap.size - 1)] - values[1]))
        suspect = abs(values[1] - values[0]) > _LEAP * (j - i) * beside
        found.append(_Candidate(Kind.CROSSING, pair, quantity, float(z[i]), float(z[j]), values, difference, suspect))
    return found


def _candidates(
    objectives: Sequence[Objective], evaluations: Sequence[Evaluation], quantities: Sequence[str]
) -> list[_Candidate]:
    found: list[_Candidate] = []
    for index, (objective, e) in enumerate(zip(objectives, evaluations, strict=True)):
        found += _of_one(index, objective, e)
    pairs = list(combinations(range(len(objectives)), 2))
    if len(objectives) > CROWD:
        pairs = [pair for pair in pairs if pair[0] == 0]
    for quantity in quantities:
        for pair in pairs:
            found += _of_two(objectives, evaluations, pair, quantity)
    return found


def _leaps(c: _Candidate, z: float) -> bool:
    # whether one curve jumps over the other at z instead of crossing it
    beside = 1e-5 * (c.right - c.left)
    gap = np.abs(c.function(np.array([z - beside, z + beside])))
    return bool(np.max(gap) > 0.01 * max(map(abs, c.values)))


def sketch(
    objectives: Sequence[Objective], evaluations: Sequence[Evaluation], quantities: Sequence[str] = ("value", "d_logit")
) -> list[Landmark]:
    """Landmarks as exact as a picture needs them: interpolated in evaluations at hand; heights are left out."""
    result = []
    for c in _candidates(objectives, evaluations, quantities):
        if c.suspect and _leaps(c, refine(c.function, c.left, c.right, 1e-7 * (c.right - c.left))):
            continue
        left, right = abs(c.values[0]), abs(c.values[1])
        share = left / (left + right) if 0 < left + right < np.inf else 0.5
        result.append(Landmark(c.kind, c.left + share * (c.right - c.left), c.curves, c.quantity, float("nan")))
    return result


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
        |∂L/∂z| is called steepest) and crossings of two curves that do not merely touch, coincide or jump over each
        other.
    """
    grid = np.linspace(lo, hi, SAMPLES)
    grid[np.abs(grid) < (hi - lo) * 1e-12] = 0.0
    evaluations = [objective.evaluate(grid) for objective in objectives]
    found: list[Landmark] = []
    for c in _candidates(objectives, evaluations, quantities):
        z = refine(c.function, c.left, c.right)
        heights = [float(getattr(objectives[k].evaluate(z), c.quantity)) for k in c.curves]
        if len(heights) == 2 and _leaps(c, z):
            continue
        found.append(Landmark(c.kind, z, c.curves, c.quantity, heights[0]))
    return sorted(found, key=lambda landmark: (landmark.logit, landmark.kind.value, landmark.curves))


def concave_stretches(grid: Array, e: Evaluation) -> list[tuple[int, int]]:
    """Index ranges [first, last] of the grid on which ∂²L/∂z² is negative."""
    concave = np.concatenate(([False], e.d2_logit < 0, [False]))
    edges = np.flatnonzero(concave[1:] != concave[:-1])
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def convexity(objective: Objective, lo: float, hi: float) -> str:
    """A sentence on the curvature between two logits: "convex on the window", "concave for z < −0.693"."""
    far = surroundings(objective).at.logit
    # what bends within a step of a wide window is between the samples of the whole axis
    grid = np.union1d(np.linspace(lo, hi, SAMPLES), far[(lo < far) & (far < hi)])
    e = objective.evaluate(grid)
    if np.isnan(e.d2_logit).all():
        return "undefined on the window"
    e = replace(e, d2_logit=_curvature(objective, grid))
    where = "" if np.isfinite(e.value).all() else " where it is finite"
    stretches = concave_stretches(grid, e)
    if not stretches:
        if not np.any(np.nan_to_num(e.d_logit)) and np.ptp(e.value[np.isfinite(e.value)]) > 0:
            return f"neither: it jumps{where}"
        if _slope_falls(e):
            return f"not convex on the window{where}"
        return f"convex on the window{where}" if (e.d2_logit > 0).any() else f"piecewise linear on the window{where}"

    def edge(i: int, j: int) -> float:
        tolerance = min(1e-6 * (hi - lo), 1e-4)  # a sentence has three decimals
        return refine(lambda z: np.where(_curvature(objective, z) < 0, -1.0, 1.0), grid[i], grid[j], tolerance)

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


def _curvature(objective: Objective, z: Array) -> Array:
    # ∂²L/∂z², where it is too small for a double the smallest one of its sign
    bend = objective.evaluate(z).d2_logit
    zero = np.flatnonzero(bend == 0)
    while zero.size:
        run = zero[: int(np.argmax(np.append(np.diff(zero), 2) > 1)) + 1]
        for index in {int(run[0]), int(run[run.size // 2]), int(run[-1])}:
            lost = surroundings(objective).beyond("d2_logit", float(z[index]), 0.0)
            if lost:
                within = run[(z[run] >= lost.low) & (z[run] <= lost.high)]
                bend[within] = lost.sign * SMALLEST
        zero = zero[run.size :]
    return bend


def _slope_falls(e: Evaluation) -> bool:
    # a kink downwards has no negative curvature to show, but the slope falls
    slopes = e.d_logit[np.isfinite(e.d_logit)]
    return bool((np.diff(slopes) < -1e-9 * max(1.0, float(np.abs(slopes).max(initial=0.0)))).any())


def _short(z: float | None) -> str:
    assert z is not None
    text = f"{z:.3f}" if abs(z) < 1e4 else f"{z:.3g}"
    return "0" if float(text) == 0 else text.replace("-", "−")
