"""The pictures of a race: a quantity against the step, and the plane of a problem with its moving lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossterm.core.jets import Array
from lossterm.plot.columns import centre, column_of, row_of
from lossterm.plot.figure import CURSOR, Panel, overlaid
from lossterm.plot.painter import paint
from lossterm.plot.picture import FRAME, Picture
from lossterm.plot.scene import y_window
from lossterm.plot.spec import Axis, Chart, Series
from lossterm.plot.ticks import MARGIN, linear_ticks, most_x, most_y, symlog, symlog_ticks

FINISH = "◆"
"""Where a racer was there."""

ONE, ZERO, MARKED = "+", "∘", "*"
"""How examples are drawn: of class 1, of class 0 (or of a line), flipped or an outlier."""

_OVER = 3
"""In every third column an example stands over a line, so that neither hides the other."""

_DECADES = 12
"""How far down a logarithmic axis goes."""


_RUNAWAY = 1e4
"""A curve so many times larger than the smallest has diverged."""


@dataclass(frozen=True, eq=False)
class Track:
    """A racer's curve.

    Attributes:
        letter: of its curve.
        ink: of its curve.
        steps: the steps.
        values: the quantity at them.
        finish: the step at which it was there, if it was.
    """

    letter: str
    ink: int
    steps: Array
    values: Array
    finish: int | None = None


@dataclass(frozen=True)
class Steps:
    """The x axis: steps from 0 to the last one.

    Attributes:
        last: the last step.
        log: whether it is logarithmic, in 1 + step.
    """

    last: int
    log: bool

    def place(self, steps: Array) -> Array:
        """Where steps are on the axis."""
        return np.log10(1.0 + steps) if self.log else np.asarray(steps, dtype=float)

    @property
    def end(self) -> float:
        """The right end of the axis."""
        return float(self.place(np.array([max(self.last, 1)]))[0])

    def axis(self, width: int) -> Axis:
        """As it is drawn at a width."""
        last, most = float(max(self.last, 1)), most_x(width)
        ticks = symlog_ticks(0.0, last, 1.0, most) if self.log else linear_ticks(0.0, last, most)
        if not self.log:
            ticks = [t for t in ticks if t.position == int(t.position)]
        return Axis(0.0, self.end, tuple(ticks))

    def stops(self, columns: int) -> Array:
        """The steps at which the cursor stops: one a column, each once, the first and the last among them."""
        x = centre(0.0, self.end, max(columns, 1))
        steps = np.rint(10.0**x - 1 if self.log else x)
        return np.unique(np.clip(np.concatenate(([0.0], steps, [float(self.last)])), 0, self.last))

    def column(self, step: float, columns: int) -> int:
        """The column of a step."""
        return int(column_of(self.place(np.array([min(step, self.last)])), 0.0, self.end, columns)[0])


def race_panel(
    quantity: str, tracks: Sequence[Track], steps: Steps, size: tuple[int, int], *, unit: bool, log_y: bool,
    margin: int = MARGIN, bottom: bool = True,
) -> Panel:  # fmt: skip
    """Paint a quantity against the step.

    Args:
        quantity: its name.
        tracks: the racers.
        steps: the x axis.
        size: width and height in cells.
        unit: whether it is between 0 and 1.
        log_y: whether the y axis is a symmetric logarithm.
        margin: columns left of the canvas, at least.
        bottom: whether the x axis is drawn.
    """
    width, height = size
    values, threshold = [track.values for track in tracks], None
    drawn = values
    if log_y and (threshold := _threshold(values)) is not None:
        finite = np.concatenate([v[np.isfinite(v)] for v in values])
        lo, hi = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
        lo, hi = max(lo, -1e300), min(hi, 1e300)
        ticks = symlog_ticks(lo, hi, threshold, most_y(height))
        y_axis = Axis(float(symlog(lo, threshold)), float(symlog(hi, threshold)), tuple(ticks))
        drawn = [symlog(v, threshold) for v in values]
    else:
        lo, hi = (0.0, 1.02) if unit else y_window(_without_runaways(values), loss=quantity != "logit")
        y_axis = Axis(lo, hi, tuple(linear_ticks(lo, hi, most_y(height))))
    series = [
        Series(steps.place(track.steps), v, track.ink, track.letter) for track, v in zip(tracks, drawn, strict=True)
    ]
    chart = Chart(steps.axis(width), y_axis, tuple(series), margin, bottom)
    panel = Panel(quantity, chart, paint(chart, width, height), threshold)
    return _finished(panel, tracks, steps)


def _without_runaways(values: Sequence[Array]) -> Sequence[Array]:
    # one that diverges does not decide the window of the others
    sizes = [float(np.max(np.abs(v), initial=0.0, where=np.isfinite(v))) for v in values]
    least = min((size for size in sizes if size > 0), default=0.0)
    kept = [v for v, size in zip(values, sizes, strict=True) if size <= _RUNAWAY * least]
    return kept or values


def _threshold(values: Sequence[Array]) -> float | None:
    sizes = np.abs(np.concatenate([v[np.isfinite(v)] for v in values] or [np.zeros(0)]))
    sizes = sizes[sizes > 0]
    if not sizes.size:
        return None
    top, low = math.log10(float(sizes.max())), math.log10(float(np.quantile(sizes, 0.02)))
    return float(10.0 ** max(math.floor(max(low, top - _DECADES)), -300))


def _finished(panel: Panel, tracks: Sequence[Track], steps: Steps) -> Panel:
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for track in tracks:
        if track.finish is not None and track.values.size:
            height = float(np.interp(track.finish, track.steps, track.values))
            place = panel.place(height)
            column = steps.column(track.finish, panel.picture.columns) if panel.picture.columns else -1
            if place is not None and column >= 0:
                cells[place[0], column] = (FINISH, track.ink)
    return replace(panel, picture=overlaid(panel.picture, cells)) if cells else panel


def cursor_cells(panel: Panel, inks: Sequence[int], values: Sequence[float]) -> dict[int, tuple[str, int]]:
    """What the cursor puts over its column: its line, and a mark for each racer."""
    cells = dict.fromkeys(range(panel.picture.lines), (CURSOR, FRAME))
    for ink, value in zip(inks, values, strict=True):
        place = panel.place(value)
        if place is not None:
            cells[place[0]] = (place[1], ink)
    return cells


# ---- the plane ------------------------------------------------------------------------------------------------------

Line = tuple[str, int, tuple[tuple[float, float], tuple[float, float]] | None]
"""A letter, an ink, and the two ends of a line."""


@dataclass(frozen=True, eq=False)
class Plane:
    """The examples of a problem, and the window around them.

    Attributes:
        x: horizontal.
        y: vertical.
        marks: how each example is drawn.
    """

    x: Array
    y: Array
    marks: Sequence[str]

    @property
    def window(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lower left and upper right corners."""
        corners = []
        for values in (self.x, self.y):
            pad = 0.06 * max(float(values.max() - values.min()), 1e-6)
            corners.append((float(values.min()) - pad, float(values.max()) + pad))
        (left, right), (low, high) = corners
        return (left, low), (right, high)


def plane_picture(plane: Plane, lines: Sequence[Line], width: int, height: int) -> Picture:
    """The examples, with lines over them."""
    (left, low), (right, high) = plane.window
    x_axis = Axis(left, right, tuple(linear_ticks(left, right, most_x(width))))
    y_axis = Axis(low, high, tuple(linear_ticks(low, high, most_y(height))))
    series = [
        Series(np.array([a[0], b[0]]), np.array([a[1], b[1]]), ink, letter)
        for letter, ink, ends in lines
        if ends is not None
        for a, b in (ends,)
    ]
    picture = paint(Chart(x_axis, y_axis, tuple(series), MARGIN), width, height)
    return overlaid(picture, _examples(plane, picture))


def objective_picture(
    weights: Array, curves: Sequence[tuple[str, int, Array]], at: Sequence[float], width: int, height: int
) -> Picture:
    """The objectives of one weight as curves, each from its least to its largest, with each racer's place on its own.

    Args:
        weights: the x axis.
        curves: letter, ink and values at the weights of each racer.
        at: the weight of each.
        width: in cells.
        height: in cells.
    """
    low, high = float(weights[0]), float(weights[-1])
    x_axis = Axis(low, high, tuple(linear_ticks(low, high, most_x(width))))
    series = [Series(weights, _between(values), ink, letter) for letter, ink, values in curves]
    chart = Chart(x_axis, Axis(-0.04, 1.04, tuple(linear_ticks(0.0, 1.0, most_y(height)))), tuple(series), MARGIN)
    panel = Panel("objective", chart, paint(chart, width, height), None)
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for one, weight in zip(series, at, strict=True):
        if panel.picture.columns and low <= weight <= high:
            place = panel.place(float(np.interp(weight, weights, one.y)))
            column = int(column_of(np.array([weight]), low, high, panel.picture.columns)[0])
            if place is not None:
                cells[place[0], column] = (place[1], one.ink)
    return overlaid(panel.picture, cells)


def _between(values: Array) -> Array:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (values - low) / (high - low) if high > low else values * 0.0


def _examples(plane: Plane, picture: Picture) -> Mapping[tuple[int, int], tuple[str, int]]:
    if not (picture.columns and picture.lines):
        return {}
    (left, low), (right, high) = plane.window
    columns = column_of(plane.x, left, right, picture.columns).tolist()
    rows = (row_of(plane.y, low, high, 4 * picture.lines) // 4).tolist()
    texts = ["".join(run.text for run in row) for row in picture.rows]
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for column, row, mark in zip(columns, rows, plane.marks, strict=True):
        under = texts[picture.top + row][picture.left + column]
        free = under in " \u2800" or (under > "\u2800" and column % _OVER == 0)
        if free and cells.get((row, column), ("",))[0] != MARKED:
            cells[row, column] = (mark, FRAME)
    return cells
