"""From series to strokes: the lines to draw, in braille dots, inside the window, in as few points as will do.

What draws the strokes is slow with many points, and dies of points outside its window or not finite: none gets past
here.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lossterm.chart.columns import Floats, Ints, position
from lossterm.chart.spec import ChartSpec, Dash

Bools = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)

TOLERANCE = 0.25
"""How far, in dots, a curve may be from where it belongs: less than what moves a dot."""

_FAR = 1e15
"""In dots. Stands for infinity: from here a segment to any point of the window is vertical to the last digit."""

_PATTERNS: dict[Dash, tuple[float, ...]] = {"dashed": (9.0, 7.0), "dashdot": (9.0, 5.0, 0.5, 5.0)}
"""Lengths drawn and left out in turn, in dots along the curve, so that steep stretches are broken up as well."""

_DOT_SPACING = 5.0
"""From dot to dot of a dotted curve, in dots along the curve."""


@dataclass(frozen=True, eq=False, slots=True)
class Strokes:
    """Broken lines: every point is joined to the one before, but where a stroke starts. All arrays have shape (n,)."""

    x: Floats
    """In dots from the left."""

    y: Floats
    """In dots from the top."""

    starts: Bools
    """Whether a stroke starts here; a stroke of one point is a dot."""

    owner: Ints
    """Which series of the chart it belongs to; never decreasing."""

    def take(self, which: Bools | slice) -> "Strokes":
        """The chosen points."""
        return Strokes(self.x[which], self.y[which], self.starts[which], self.owner[which])


def outline(chart: ChartSpec, width: int, height: int) -> Strokes:
    """The curves of a chart as solid strokes, clipped to the window and thinned.

    Args:
        chart: What to draw.
        width: Of the canvas, in dots.
        height: Of the canvas, in dots.

    Returns:
        Strokes with 0 <= x <= width and 0 <= y <= height.
    """
    series = [each for each in chart.series if each.x.size]
    if not series:
        nothing = np.empty(0)
        return Strokes(nothing, nothing, nothing.astype(bool), nothing.astype(np.intp))
    raw_x = np.concatenate([each.x for each in series])
    raw_y = np.concatenate([each.y for each in series])
    numbers = [number for number, each in enumerate(chart.series) if each.x.size]
    owner = np.repeat(np.array(numbers, dtype=np.intp), [each.x.size for each in series])
    x = position(np.where(np.isfinite(raw_x), raw_x, np.nan), chart.x_axis.lo, chart.x_axis.hi, width)
    y = position(-raw_y, -chart.y_axis.hi, -chart.y_axis.lo, height)
    x, y = np.clip(x, -_FAR, _FAR), np.clip(y, -_FAR, _FAR)
    return _thin(_clip(x, y, np.isinf(raw_y), owner, width, height))


def _clip(x: Floats, y: Floats, infinite: Bools, owner: Ints, width: int, height: int) -> Strokes:
    """The parts of polylines that are inside the window, by the method of Liang and Barsky on all segments at once."""
    known = ~(np.isnan(x) | np.isnan(y))
    valid = known[:-1] & known[1:] & (owner[:-1] == owner[1:]) & ~(infinite[:-1] & infinite[1:])
    x0, y0, x1, y1 = x[:-1], y[:-1], x[1:], y[1:]
    enter, leave = np.zeros(x0.size), np.ones(x0.size)
    for start, step, size in ((x0, x1 - x0, width), (y0, y1 - y0, height)):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            low, high = -start / step, (size - start) / step
        still = step == 0
        beside = still & ((start < 0) | (start > size))
        enter = np.maximum(enter, np.where(beside, np.inf, np.where(still, 0.0, np.minimum(low, high))))
        leave = np.minimum(leave, np.where(still, 1.0, np.maximum(low, high)))
    visible = valid & (enter <= leave)
    joined = visible & (enter <= 0)
    joined[1:] &= visible[:-1] & (leave[:-1] >= 1)
    joined[:1] = False
    enter, leave = np.where(visible, enter, 0.0), np.where(visible, leave, 0.0)
    ends = _interleave(x0 + enter * (x1 - x0), x0 + leave * (x1 - x0))
    heights = _interleave(y0 + enter * (y1 - y0), y0 + leave * (y1 - y0))
    wanted = _interleave(visible & ~joined, visible)
    starts = _interleave(visible, np.zeros_like(visible))
    strokes = Strokes(ends, heights, starts, np.repeat(owner[:-1], 2)).take(wanted)
    alone = known & ~infinite & (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
    alone[:-1] &= ~valid
    alone[1:] &= ~valid
    if alone.any():
        dots = Strokes(x[alone], y[alone], alone[alone], owner[alone])
        order = np.argsort(np.concatenate([strokes.owner, dots.owner]), kind="stable")
        both = (np.concatenate(pair) for pair in zip(_arrays(strokes), _arrays(dots), strict=True))
        strokes = Strokes(*(array[order] for array in both))
    return Strokes(np.clip(strokes.x, 0, width), np.clip(strokes.y, 0, height), strokes.starts, strokes.owner)


def _thin(strokes: Strokes) -> Strokes:
    """The fewest points that keep every stroke within the tolerance, by the method of Douglas and Peucker.

    All strokes are split at once, level by level: a few passes over arrays instead of a walk over points.
    """
    x, y = strokes.x, strokes.y
    keep = strokes.starts.copy()
    keep[:-1] |= strokes.starts[1:]
    keep[-1:] = True
    point = np.flatnonzero(~keep)
    kept = np.flatnonzero(keep)
    after = np.searchsorted(kept, point)
    a, b = kept[after - 1], kept[after]
    while point.size:
        dx, dy = x[b] - x[a], y[b] - y[a]
        px, py = x[point] - x[a], y[point] - y[a]
        square = dx * dx + dy * dy
        along = np.clip((px * dx + py * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        distance = (px - along * dx) ** 2 + (py - along * dy) ** 2
        first = np.concatenate(([True], a[1:] != a[:-1]))
        group = np.cumsum(first) - 1
        worst = np.maximum.reduceat(distance, np.flatnonzero(first))
        far = (worst > TOLERANCE**2)[group]
        corner = np.flatnonzero(far & (distance == worst[group]))
        corner = corner[np.concatenate(([True], group[corner][1:] != group[corner][:-1]))] if corner.size else corner
        keep[point[corner]] = True
        split = np.zeros(worst.size, dtype=np.intp)
        split[group[corner]] = point[corner]
        middle = split[group]
        rest = far & (point != middle)
        point, middle, a, b = point[rest], middle[rest], a[rest], b[rest]
        a, b = np.where(point < middle, a, middle), np.where(point < middle, middle, b)
    return strokes.take(keep)


def dashed(strokes: Strokes, dash: Dash | None) -> Strokes:
    """The strokes of one series, broken up in the way of a line style."""
    x, y, starts = strokes.x, strokes.y, strokes.starts
    if dash is None or dash == "fine" or x.size == 0:  # a fine one is thinned dot by dot
        return strokes
    length = np.hypot(np.diff(x), np.diff(y))
    length[starts[1:]] = 0.0
    arc = np.concatenate(([0.0], np.cumsum(length)))
    if dash == "dotted":
        lone = starts & np.append(starts[1:], True)
        place = np.arange(0.0, arc[-1], _DOT_SPACING)
        dots_x = np.concatenate((np.interp(place, arc, x), x[lone]))
        dots_y = np.concatenate((np.interp(place, arc, y), y[lone]))
        return Strokes(dots_x, dots_y, np.ones(dots_x.size, dtype=bool), np.full(dots_x.size, strokes.owner[0]))
    return _cut(strokes, arc, _PATTERNS[dash])


def _cut(strokes: Strokes, arc: Floats, pattern: tuple[float, ...]) -> Strokes:
    """Strokes of which only the even intervals of a pattern are left, `arc` being the length up to each point."""
    ends = np.cumsum(pattern)
    period = float(ends[-1])
    cuts = (np.arange(arc[-1] // period + 1)[:, None] * period + ends).ravel()
    cuts = cuts[cuts < arc[-1]]
    place = np.concatenate((arc, cuts))
    order = np.argsort(place, kind="stable")
    place = place[order]
    x = np.concatenate((strokes.x, np.interp(cuts, arc, strokes.x)))[order]
    y = np.concatenate((strokes.y, np.interp(cuts, arc, strokes.y)))[order]
    starts = np.concatenate((strokes.starts, np.zeros(cuts.size, dtype=bool)))[order]
    phase = np.searchsorted(ends, ((place[:-1] + place[1:]) / 2) % period, side="right")
    drawn = (phase % 2 == 0) & ~starts[1:]
    joined = drawn.copy()
    joined[1:] &= drawn[:-1]
    joined[:1] = False
    lone = starts & np.append(starts[1:], True)
    wanted = _interleave(np.append(drawn & ~joined, False) | lone, np.append(drawn, False))
    following = np.append(np.arange(1, x.size), x.size - 1)
    pieces = Strokes(
        _interleave(x, x[following]),
        _interleave(y, y[following]),
        _interleave(np.ones(x.size, dtype=bool), np.zeros(x.size, dtype=bool)),
        np.full(2 * x.size, strokes.owner[0]),
    )
    return pieces.take(wanted)


def dots(strokes: Strokes, width: int, height: int) -> tuple[Ints, Ints, Ints]:
    """Every dot that the strokes pass, along them, as columns, rows from the top, and owners; some more than once."""
    if strokes.x.size == 0:
        return strokes.owner, strokes.owner, strokes.owner
    before = np.arange(strokes.x.size) - 1
    before[strokes.starts] += 1
    dx, dy = strokes.x - strokes.x[before], strokes.y - strokes.y[before]
    steps = np.ceil(np.maximum(np.abs(dx), np.abs(dy))).astype(np.intp) + 1
    index = np.repeat(np.arange(steps.size), steps)
    back = (np.repeat(np.cumsum(steps), steps) - 1 - np.arange(index.size)) / steps[index]
    column = np.minimum(strokes.x[index] - back * dx[index], width - 1).astype(np.intp)
    row = np.minimum(strokes.y[index] - back * dy[index], height - 1).astype(np.intp)
    return column, row, strokes.owner[index]


def every_second(column: Ints, row: Ints) -> Bools:
    """Which of the dots along a curve, in their order and some more than once, a fine line keeps."""
    new = np.concatenate(([True], (column[1:] != column[:-1]) | (row[1:] != row[:-1])))[: column.size]
    return np.asarray(np.cumsum(new) % 2 == 1)


def _interleave(first: NDArray[T], second: NDArray[T]) -> NDArray[T]:
    """The elements of both in turn."""
    return np.stack((first, second), axis=1).ravel()


def _arrays(strokes: Strokes) -> tuple[Floats, Floats, Bools, Ints]:
    return strokes.x, strokes.y, strokes.starts, strokes.owner
