"""The painted charts of a view: one panel over the other, on one x axis, with what is marked on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from lossterm.chart.panel import ABOVE, BELOW, BLANKS, CURSOR, DOT, Panel, blank_cells, overlaid
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, ChartSpec, Mark, Series
from lossterm.chart.ticks import MARGIN, linear_ticks, most_x
from lossterm.chart.window import YScale, extremes, y_scale
from lossterm.chart.y_axis import canvas_lines
from lossterm.core.jets import Array
from lossterm.core.losses.landmarks import Kind, Landmark
from lossterm.core.losses.objective import Evaluation
from lossterm.curves.dots import Dots
from lossterm.curves.scene import Scene, compose, undefined_stretches
from lossterm.curves.titles import FIELD
from lossterm.curves.view import View

MARKS = {Kind.MINIMUM: "◇", Kind.INFLECTION: "○", Kind.STEEPEST: "◆", Kind.CROSSING: "×"}
"""How each kind of landmark is drawn."""

MARK, MARK_LINE = "◎", "┊"
"""How the mark is drawn: on a curve, and its line where nothing else is."""

_AS_MARK = {CURSOR: MARK_LINE, DOT: MARK, ABOVE: "△", BELOW: "▽"}

SHADE = "·"
"""What stands in a row over the columns where a curve is not defined."""

Held = tuple[tuple[float, ...], ...]
"""Of each panel, a value of each curve that is inside it whatever else is; nan for none."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A scene and its panels, from top to bottom.

    Attributes:
        scene: what was computed.
        panels: what was painted.
        scales: of each panel, its y axis in the quantity's own units.
        concave: of each panel, whether a part of a curve is drawn as concave.
    """

    scene: Scene
    panels: tuple[Panel, ...]
    scales: tuple[YScale, ...]
    concave: tuple[bool, ...]


def draw(
    view: View,
    quantities: Sequence[str],
    width: int,
    heights: Sequence[int],
    *,
    point: bool = True,
    dots: tuple[Dots, ...] = (),
) -> Figure:
    """Compute and paint the panels of a view; the curves at its point are inside them.

    Args:
        view: what to look at.
        quantities: what each panel shows, from the top.
        width: of the whole picture, in cells.
        heights: of each panel; the lowest has the x axis.
        point: whether its point is shown; where it is not, nothing is drawn for its sake.
        dots: numbers of somebody else, drawn over the curves where the label is theirs.
    """
    if not point:
        return _drawn(view.still, tuple(quantities), width, tuple(heights), (), dots)
    return _with_point(_drawn, view, tuple(quantities), width, tuple(heights), dots)


def remembered(
    view: View, quantities: tuple[str, ...], width: int, heights: tuple[int, ...], dots: tuple[Dots, ...] = ()
) -> Figure:
    """`draw`, of which the last few results are kept: the point is in none of them, unless a curve is beyond there."""
    return _with_point(_remembered, view, quantities, width, heights, dots)


Drawing = Callable[[View, tuple[str, ...], int, tuple[int, ...], Held, tuple[Dots, ...]], Figure]


def _with_point(
    drawing: Drawing,
    view: View,
    quantities: tuple[str, ...],
    width: int,
    heights: tuple[int, ...],
    dots: tuple[Dots, ...],
) -> Figure:
    figure = drawing(view.still, quantities, width, heights, (), dots)
    beyond = _beyond(figure, view.logit) if view.y_zoom == 1 else ()
    return drawing(view.still, quantities, width, heights, beyond, dots) if beyond else figure


def _beyond(figure: Figure, logit: float) -> Held:
    # where the curves are at a point, if one of them is beyond its panel there: rounded away from 0, so that the
    # picture is not another one at every step towards a pole
    if figure.scene.column(logit) < 0:
        return ()
    readings, found = figure.scene.readings_at(logit), False
    held = []
    for panel, scale in zip(figure.panels, figure.scales, strict=True):
        values = [float(getattr(r, FIELD[panel.quantity])) for r in readings]
        outside = [math.isfinite(v) and not scale.window[0] <= v <= scale.window[1] for v in values]
        found = found or any(outside)
        held.append(tuple(_rounded(v) if out else math.nan for v, out in zip(values, outside, strict=True)))
    return tuple(held) if found else ()


def _rounded(value: float) -> float:
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    up = math.copysign(math.ceil(abs(value) / unit) * unit, value) if unit else value
    return up if math.isfinite(up) else value


def _drawn(
    view: View,
    quantities: tuple[str, ...],
    width: int,
    heights: tuple[int, ...],
    held: Held,
    dots: tuple[Dots, ...],
) -> Figure:
    margin, columns = MARGIN, max(width - MARGIN, 1)
    for _ in range(6):  # wide tick labels leave fewer columns, and other columns other labels: the margin only grows
        scene = compose(view, columns, dots)
        parts = [
            _panel(scene, quantity, width, height, margin, held[i] if held else (), bottom=i == len(heights) - 1)
            for i, (quantity, height) in enumerate(zip(quantities, heights, strict=True))
        ]
        panels = [panel for panel, _ in parts]
        margin = max([margin, *(panel.picture.left for panel in panels)])
        if all(panel.picture.columns in (columns, 0) for panel in panels):
            break
        columns = max(1, min(panel.picture.columns for panel in panels if panel.picture.columns))
    return Figure(
        scene,
        tuple(_shaded(panel, scene) for panel in panels),
        tuple(scale for _, scale in parts),
        tuple(any(series.dash for series in panel.chart.series) for panel in panels),
    )


_remembered: Drawing = lru_cache(maxsize=24)(_drawn)


def _panel(
    scene: Scene, quantity: str, width: int, height: int, margin: int, held: Sequence[float], *, bottom: bool
) -> tuple[Panel, YScale]:
    paint, view = _painter(), scene.view
    scale = scale_of(scene, quantity, canvas_lines(height, bottom=bottom), held)
    values, found = [getattr(e, FIELD[quantity]) for e in scene.samples], landmark_places(scene, quantity)
    x_lo, x_hi = view.window
    x_axis = Axis(x_lo, x_hi, tuple(linear_ticks(x_lo, x_hi, most_x(width))))
    series, exits = [], []
    for curve, y, e in zip(scene.curves, (scale.drawn(v) for v in values), scene.samples, strict=True):
        parts = _by_curvature(scene.x, y, _curvature(view, e)) if quantity == "loss" else [(scene.x, y, False)]
        for x, part, concave in parts:
            series.append(Series(x, part, curve.ink, curve.letter, "fine" if concave else None))
        exits += [Mark(x, edge, curve.letter, curve.ink) for x, edge in _exits(scene.x, y, scale.axis)]
    marks = [
        Mark(scene.position(mark.logit), float(scale.drawn(height)), MARKS[mark.kind], _ink(scene, mark))
        for mark, height in found
        if scale.window[0] <= height <= scale.window[1]
    ]
    dots = _dots(scene, quantity, scale)
    chart = ChartSpec(x_axis, scale.axis, tuple(series), margin, bottom, (*dots, *marks, *_apart(exits, x_axis, width)))
    return Panel(quantity, chart, paint(chart, width, height), scale.threshold), scale


def scale_of(scene: Scene, quantity: str, lines: int, held: Sequence[float] = ()) -> YScale:
    """The y axis of a panel: with its curves, what they do between samples, and the landmarks that it marks.

    Args:
        scene: what was computed.
        quantity: what the panel shows.
        lines: rows of its canvas.
        held: a value of each curve that is inside as well; nan for none.
    """
    values, found = [getattr(e, FIELD[quantity]) for e in scene.samples], landmark_places(scene, quantity)
    inside = [
        [*extremes(scene.x, y), *(height for mark, height in found if k in mark.curves), *held[k : k + 1]]
        for k, y in enumerate(values)
    ]
    if inside and scene.dots:
        inside[0] += _near_dots(scene, quantity, values)
    return y_scale(values, inside, lines=lines, scale=scene.view.scale, zoom=scene.view.y_zoom)


_DOTS_REACH = 4.0
"""How many times as far from 0 as the curves a dot may be for the window to be made longer for its sake."""


def _near_dots(scene: Scene, quantity: str, values: Sequence[Array]) -> list[float]:
    # one wild number must not flatten the curves: it is drawn at the edge
    farthest = max((float(np.abs(y[np.isfinite(y)]).max(initial=0.0)) for y in values), default=0.0)
    heights = [y for dots in scene.dots for z, y in _inside(scene, dots, quantity)]
    return [y for y in heights if abs(y) <= _DOTS_REACH * farthest]


def _inside(scene: Scene, dots: Dots, quantity: str) -> list[tuple[float, float]]:
    # the dots within the window of the x axis: where, and how high
    heights = zip(dots.logits, dots.of(quantity), strict=False)
    return [(z, y) for z, y in heights if not math.isnan(y) and scene.column(z) >= 0]


def _dots(scene: Scene, quantity: str, scale: YScale) -> list[Mark]:
    lo, hi = scale.window
    return [
        Mark(
            scene.position(z),
            float(scale.drawn(y)) if lo <= y <= hi else scale.axis.hi if y > hi else scale.axis.lo,
            dots.symbol if lo <= y <= hi else ABOVE if y > hi else BELOW,
            dots.ink,
        )
        for dots in scene.dots
        for z, y in _inside(scene, dots, quantity)
    ]


def _painter() -> Callable[[ChartSpec, int, int], Picture]:
    # plotext takes a fifth of a second to import: the panes are on screen before that
    from lossterm.chart.painter import paint

    return paint


def _curvature(view: View, e: Evaluation) -> Array:
    return e.d2_prediction if view.axis == "prediction" else e.d2_logit


def _by_curvature(x: Array, y: Array, curvature: Array) -> list[tuple[Array, Array, bool]]:
    # consecutive stretches share their end point, so that the curve is unbroken
    concave = curvature < 0
    edges = [0, *(np.flatnonzero(concave[1:] != concave[:-1]) + 1).tolist(), x.size]
    return [
        (x[first : last + 1], y[first : last + 1], bool(concave[first]))
        for first, last in pairwise(edges)
        if last > first
    ]


@lru_cache(maxsize=8)
def landmark_places(scene: Scene, quantity: str) -> tuple[tuple[Landmark, float], ...]:
    """The landmarks that a panel marks, each with its height on the panel's quantity."""
    field = FIELD[quantity]
    result = []
    for mark in scene.marks:
        if mark.kind is Kind.CROSSING and mark.quantity != field:
            continue
        if mark.kind is Kind.MINIMUM and quantity != "loss":
            continue
        sample = scene.samples[mark.curves[0]]
        height = float(np.interp(mark.logit, sample.logit, getattr(sample, field)))
        if math.isfinite(height) and scene.column(mark.logit) >= 0:
            result.append((mark, height))
    return tuple(result)


def _ink(scene: Scene, mark: Landmark) -> int:
    return FRAME if mark.kind is Kind.CROSSING else scene.curves[mark.curves[0]].ink


def _exits(x: Array, y: Array, axis: Axis) -> list[tuple[float, float]]:
    # where a curve leaves the window at its upper or lower edge, the first and the last time
    above, below = y > axis.hi, y < axis.lo
    inside = np.isfinite(y) & ~above & ~below
    outside = above | below
    leaves = np.flatnonzero((inside[:-1] & outside[1:]) | (outside[:-1] & inside[1:]))
    result = []
    for k in sorted({int(leaves[0]), int(leaves[-1])}) if leaves.size else []:
        at, beyond = (k, k + 1) if inside[k] else (k + 1, k)
        result.append((float(x[at]), axis.hi if above[beyond] else axis.lo))
    return result


def _apart(exits: Sequence[Mark], x_axis: Axis, width: int) -> list[Mark]:
    # letters that leave in one column stand side by side
    column = (x_axis.hi - x_axis.lo) / max(width - MARGIN, 1)
    placed: list[Mark] = []
    for one in exits:
        for shift in (0, -1, 1, -2, 2, -3, 3):
            x = min(max(one.x + shift * column, x_axis.lo), x_axis.hi)
            if all(other.y != one.y or abs(other.x - x) >= 0.99 * column for other in placed):
                placed.append(replace(one, x=x))
                break
    return placed


# ---- the mark -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def marked(figure: Figure, number: int, mark: float | None) -> Picture:
    """The picture of a panel with a mark over its column; without one where that is out of the window.

    Args:
        figure: what was painted.
        number: of the panel, from the top.
        mark: the logit of the mark; None is none.
    """
    panel, scene = figure.panels[number], figure.scene
    column = -1 if mark is None else scene.column(mark)
    if mark is None or column < 0:
        return panel.picture
    values = [float(getattr(r, FIELD[panel.quantity])) for r in scene.readings_at(mark)]
    blank = blank_cells(panel.picture)
    return overlaid(
        panel.picture,
        {
            (line, column): (_AS_MARK[character], ink)
            for line, (character, ink) in panel.cursor([curve.ink for curve in scene.curves], values).items()
            if character != CURSOR or (line, column) in blank
        },
    )


# ---- what is not defined --------------------------------------------------------------------------------------------


def _shaded(panel: Panel, scene: Scene) -> Panel:
    stretches = undefined_stretches(scene) if panel.picture.columns == scene.columns else []
    if not stretches or not panel.picture.lines:
        return panel
    rows = _canvas(panel.picture)
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for first, last, why in stretches:
        line = _emptiest(rows, first, last, {row for row, _ in cells})
        free = (c for c in range(first, last + 1) if (c - first) % 2 == 0 and rows[line][c] in BLANKS)
        cells.update({(line, c): (SHADE, FRAME) for c in free})
        if panel.quantity == "loss":
            room, text = last - first + 1, f" {why} "
            start = first + max(0, (room - len(text)) // 2)
            text = text if len(text) <= room else f" {why[: max(room - 3, 0)]}… " if room > 6 else ""
            cells.update({(line, start + i): (c, FRAME) for i, c in enumerate(text)})
    return replace(panel, picture=overlaid(panel.picture, cells))


def _canvas(picture: Picture) -> list[str]:
    rows = picture.rows[picture.top : picture.top + picture.lines]
    return ["".join(run.text for run in row)[picture.left : picture.left + picture.columns] for row in rows]


def _emptiest(rows: Sequence[str], first: int, last: int, used: set[int]) -> int:
    # the row with the most room over the columns, the nearest to the middle of these, and another one each time
    middle = (len(rows) - 1) / 2

    def cost(row: int) -> tuple[bool, int, float]:
        drawn = sum(character not in BLANKS for character in rows[row][first : last + 1])
        return row in used and len(used) < len(rows), drawn, abs(row - middle)

    return min(range(len(rows)), key=cost)
