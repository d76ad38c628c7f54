"""The painted charts of a view: one panel over the other, on one x axis, with what is marked on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.landmarks import Kind
from lossterm.plot.columns import row_of
from lossterm.plot.picture import FRAME, Picture, Run
from lossterm.plot.scene import Curve, Scene, compose, undefined_stretches, y_window
from lossterm.plot.spec import Axis, Chart, Series
from lossterm.plot.ticks import MARGIN, linear_ticks, most_x, most_y, symlog, symlog_ticks
from lossterm.plot.titles import FIELD
from lossterm.state import View

MARKS = {Kind.MINIMUM: "◇", Kind.INFLECTION: "○", Kind.STEEPEST: "◆", Kind.CROSSING: "×"}
"""How each kind of landmark is drawn."""

CURSOR, DOT, ABOVE, BELOW = "│", "●", "▲", "▼"
"""The cursor's line, its mark on a curve, and that mark where the curve is beyond the window."""

BLANKS = " \u2800"
"""What is in a cell on which nothing is drawn."""

SHADE = "·"
"""What is sprinkled over the columns where a curve is not defined."""

Cells = Mapping[tuple[int, int], tuple[str, int]]
"""Characters and inks by (row, column) of a canvas."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One painted chart.

    Attributes:
        quantity: what it shows.
        chart: what was painted.
        picture: the cells.
        threshold: c of the symmetric log, None on a linear axis.
    """

    quantity: str
    chart: Chart
    picture: Picture
    threshold: float | None

    def place(self, value: float) -> tuple[int, str] | None:
        """The canvas row of a value and the cursor's mark there; None for what is undefined."""
        lines = self.picture.lines
        if math.isnan(value) or not lines:
            return None
        drawn = float(symlog(value, self.threshold)) if self.threshold else value
        axis = self.chart.y_axis
        if drawn > axis.hi:
            return 0, ABOVE
        if drawn < axis.lo:
            return lines - 1, BELOW
        return int(row_of(drawn, axis.lo, axis.hi, 4 * lines)) // 4, DOT

    def cursor(self, curves: Sequence[Curve], values: Sequence[float]) -> dict[int, tuple[str, int]]:
        """What the cursor puts over its column: its line on every row, and a mark on every curve.

        Args:
            curves: the curves of the scene.
            values: the shown quantity of each at the cursor.
        """
        cells = dict.fromkeys(range(self.picture.lines), (CURSOR, FRAME))
        for curve, value in zip(curves, values, strict=True):
            place = self.place(value)
            if place is not None:
                cells[place[0]] = (place[1], curve.ink)
        return cells


@dataclass(frozen=True, eq=False)
class Figure:
    """A scene and its panels, from top to bottom."""

    scene: Scene
    panels: tuple[Panel, ...]


def draw(view: View, quantities: Sequence[str], width: int, heights: Sequence[int]) -> Figure:
    """Compute and paint the panels of a view.

    Args:
        view: what to look at.
        quantities: what each panel shows, from the top.
        width: of the whole picture, in cells.
        heights: of each panel; the lowest has the x axis.
    """
    margin, columns = MARGIN, max(width - MARGIN, 1)
    for _ in range(6):  # wide tick labels leave fewer columns, and other columns other labels: the margin only grows
        scene = compose(view, columns)
        panels = [
            _panel(scene, quantity, width, height, margin, bottom=i == len(heights) - 1)
            for i, (quantity, height) in enumerate(zip(quantities, heights, strict=True))
        ]
        margin = max([margin, *(panel.picture.left for panel in panels)])
        if all(panel.picture.columns in (columns, 0) for panel in panels):
            break
        columns = max(1, min(panel.picture.columns for panel in panels if panel.picture.columns))
    return Figure(scene, tuple(_marked(_shaded(panel, scene), scene) for panel in panels))


@lru_cache(maxsize=24)
def _remembered(view: View, quantities: tuple[str, ...], width: int, heights: tuple[int, ...]) -> Figure:
    return draw(view, quantities, width, heights)


def remembered(view: View, quantities: tuple[str, ...], width: int, heights: tuple[int, ...]) -> Figure:
    """`draw`, of which the last few results are kept: the point is in none of them."""
    return _remembered(replace(view, logit=0.0), quantities, width, heights)


def _panel(scene: Scene, quantity: str, width: int, height: int, margin: int, *, bottom: bool) -> Panel:
    paint = _painter()
    values = [getattr(e, FIELD[quantity]) for e in scene.samples]
    y_axis, drawn, threshold = y_scale(values, scene.view.scale, height, loss=quantity == "loss")
    x_lo, x_hi = scene.view.window
    x_axis = Axis(x_lo, x_hi, tuple(linear_ticks(x_lo, x_hi, most_x(width))))
    series = []
    for curve, y, e in zip(scene.curves, drawn, scene.samples, strict=True):
        parts = _by_curvature(scene.x, y, e.d2_logit) if quantity == "loss" else [(scene.x, y, False)]
        longest = max((x.size for x, _, _ in parts), default=0)
        for x, part, concave in parts:
            letter = curve.letter if x.size == longest or x.size > 0.3 * scene.x.size else ""
            series.append(Series(x, part, curve.ink, letter, "dashed" if concave else None))
    chart = Chart(x_axis, y_axis, tuple(series), margin, bottom)
    return Panel(quantity, chart, paint(chart, width, height), threshold)


def y_scale(
    values: Sequence[Array], scale: str, height: int, *, loss: bool
) -> tuple[Axis, Sequence[Array], float | None]:
    """The y axis of a panel, the curves as they are drawn on it, and c of the symmetric log (None on a linear axis).

    Args:
        values: each curve.
        scale: "linear" or "symlog".
        height: of the panel, in cells.
        loss: whether this is the loss itself.
    """
    if scale == "symlog":
        threshold = _threshold(values)
        lo, hi = _whole(values)
        drawn = [symlog(v, threshold) for v in values]
        ticks = symlog_ticks(lo, hi, threshold, most_y(height))
        return Axis(float(symlog(lo, threshold)), float(symlog(hi, threshold)), tuple(ticks)), drawn, threshold
    lo, hi = y_window(values, loss=loss)
    return Axis(lo, hi, tuple(linear_ticks(lo, hi, most_y(height)))), values, None


def _painter() -> Callable[[Chart, int, int], Picture]:
    # plotext takes a fifth of a second to import: the panes are on screen before that
    from lossterm.plot.painter import paint

    return paint


def _threshold(values: Sequence[Array]) -> float:
    sizes = np.abs(np.concatenate([v[np.isfinite(v)] for v in values] or [np.zeros(0)]))
    sizes = sizes[sizes > 0]
    if not sizes.size:
        return 1.0
    return float(10.0 ** max(math.floor(math.log10(float(np.quantile(sizes, 0.25)))), -12))


def _whole(values: Sequence[Array]) -> tuple[float, float]:
    finite = np.concatenate([v[np.isfinite(v)] for v in values] or [np.zeros(0)])
    lo, hi = (min(0.0, float(finite.min())), max(0.0, float(finite.max()))) if finite.size else (0.0, 1.0)
    lo, hi = max(lo, -1e300), min(hi, 1e300)
    return (lo, hi) if lo < hi else (0.0, 1.0)


def _by_curvature(x: Array, y: Array, curvature: Array) -> list[tuple[Array, Array, bool]]:
    # consecutive stretches share their end point, so that the curve is unbroken
    concave = curvature < 0
    edges = [0, *(np.flatnonzero(concave[1:] != concave[:-1]) + 1).tolist(), x.size]
    return [
        (x[first : last + 1], y[first : last + 1], bool(concave[first]))
        for first, last in pairwise(edges)
        if last > first
    ]


# ---- overlays -------------------------------------------------------------------------------------------------------


def overlaid(picture: Picture, cells: Cells) -> Picture:
    """The picture with cells of its canvas replaced."""
    by_row: dict[int, dict[int, tuple[str, int]]] = {}
    for (line, column), cell in cells.items():
        if 0 <= line < picture.lines and 0 <= column < picture.columns:
            by_row.setdefault(picture.top + line, {})[picture.left + column] = cell
    rows = [_replaced(runs, by_row[i]) if i in by_row else runs for i, runs in enumerate(picture.rows)]
    return replace(picture, rows=tuple(rows))


def _replaced(runs: Sequence[Run], cells: Mapping[int, tuple[str, int]]) -> tuple[Run, ...]:
    line = [(character, run.ink) for run in runs for character in run.text]
    for column, cell in cells.items():
        line[column] = cell
    result: list[Run] = []
    for character, ink in line:
        if result and result[-1].ink == ink:
            result[-1] = Run(result[-1].text + character, ink)
        else:
            result.append(Run(character, ink))
    return tuple(result)


def blank_cells(picture: Picture) -> set[tuple[int, int]]:
    """Canvas cells (row, column) on which nothing is drawn."""
    blank: set[tuple[int, int]] = set()
    for line in range(picture.lines):
        text = "".join(run.text for run in picture.rows[picture.top + line])
        blank.update((line, c) for c in range(picture.columns) if text[picture.left + c] in BLANKS)
    return blank


def _shaded(panel: Panel, scene: Scene) -> Panel:
    stretches = undefined_stretches(scene) if panel.picture.columns == scene.columns else []
    if not stretches:
        return panel
    blank = blank_cells(panel.picture)
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    middle = panel.picture.lines // 2
    for n, (first, last, why) in enumerate(stretches):
        for line in range(panel.picture.lines):
            free = (c for c in range(first, last + 1) if (line, c) in blank and (line + c) % 2 == 0)
            cells.update({(line, c): (SHADE, FRAME) for c in free})
        if panel.quantity == "loss":
            room, text = last - first + 1, f" {why} "
            start = first + max(0, (room - len(text)) // 2)
            line = (middle + n) % max(panel.picture.lines, 1)
            text = text if len(text) <= room else f" {why[: max(room - 3, 0)]}… " if room > 6 else ""
            cells.update({(line, start + i): (c, FRAME) for i, c in enumerate(text)})
    return replace(panel, picture=overlaid(panel.picture, cells))


def _marked(panel: Panel, scene: Scene) -> Panel:
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    field = FIELD[panel.quantity]
    for mark in scene.marks:
        if mark.kind is Kind.CROSSING and mark.quantity != field:
            continue
        if mark.kind is Kind.MINIMUM and panel.quantity != "loss":
            continue
        curve = mark.curves[0]
        height = np.interp(mark.logit, scene.samples[curve].logit, getattr(scene.samples[curve], field))
        place = panel.place(float(height))
        column = scene.column(mark.logit)
        if place is not None and column >= 0 and place[1] == DOT:
            ink = FRAME if mark.kind is Kind.CROSSING else scene.curves[curve].ink
            cells[place[0], column] = (MARKS[mark.kind], ink)
    return replace(panel, picture=overlaid(panel.picture, _beside(panel.picture, cells) | cells)) if cells else panel


def _beside(picture: Picture, marks: Cells) -> dict[tuple[int, int], tuple[str, int]]:
    """The letters of curves that marks would cover, moved along their curve, or else beside it."""
    canvas = [
        [(c, run.ink) for run in row for c in run.text][picture.left : picture.left + picture.columns]
        for row in picture.rows[picture.top : picture.top + picture.lines]
    ]
    moved: dict[tuple[int, int], tuple[str, int]] = {}
    for line, column in marks:
        letter, ink = canvas[line][column]
        if not letter.isalpha() or ink == FRAME:
            continue
        near = [(line + dy, column + dx) for dx in (-1, 1, -2, 2, -3, 3) for dy in (0, -1, 1)]
        inside = [(y, x) for y, x in near if 0 <= y < picture.lines and 0 <= x < picture.columns]
        free = [at for at in inside if at not in marks and at not in moved and not canvas[at[0]][at[1]][0].isalpha()]
        own = [(y, x) for y, x in free if canvas[y][x][1] == ink]
        blank = [(y, x) for y, x in free if canvas[y][x][0] in BLANKS]
        if own or blank:
            moved[(own or blank)[0]] = (letter, ink)
    return moved
