"""The pictures of a race: a quantity against the step, and the plane of a problem with its moving lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossterm.chart.columns import centre, column_of, row_of
from lossterm.chart.painter import paint
from lossterm.chart.panel import Panel, overlaid
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, ChartSpec, Series, apart
from lossterm.chart.ticks import MARGIN, linear_ticks, most_x, symlog_ticks
from lossterm.chart.window import y_scale
from lossterm.chart.y_axis import canvas_lines, even_ticks, linear_axis
from lossterm.core.descent.problems import FittingProblem
from lossterm.core.jets import Array
from lossterm.model.subject import FARTHEST
from lossterm.race.contest import Contest, Standing
from lossterm.race.course import Course

FINISH = "◆"
"""Where a racer was there."""

ONE, ZERO, MARKED = "+", "∘", "*"
"""How examples are drawn: of class 1, of class 0 (or of a line), flipped or an outlier."""

_OVER = 3
"""In every third column an example stands over a line, so that neither hides the other."""


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

    @property
    def height(self) -> float:
        """The quantity at the finish; nan where there is none."""
        if self.finish is None or not self.values.size:
            return math.nan
        return float(np.interp(self.finish, self.steps, self.values))


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
    values = [track.values for track in tracks]
    seen = [np.append(v, np.inf) if _ran_away(v) else v for v in values]
    held = [[track.height] if track.finish is not None else [] for track in tracks]
    lines = canvas_lines(height, bottom=bottom)
    scale = y_scale(
        [np.array([0.0, 1.0])] if unit else seen, held, lines=lines, scale="symlog" if log_y and not unit else "auto"
    )
    series = [
        Series(steps.place(track.steps), scale.drawn(v), track.ink, track.letter)
        for track, v in zip(tracks, values, strict=True)
    ]
    chart = ChartSpec(steps.axis(width), scale.axis, tuple(series), margin, bottom)
    panel = Panel(quantity, chart, paint(chart, width, height), scale.threshold)
    return _finished(panel, tracks, steps)


_FAR = 1e6
"""So many times as far as where it started, and still going, a racer has diverged."""


def _ran_away(values: Array) -> bool:
    sizes = np.abs(values[np.isfinite(values)])
    return bool(sizes.size and sizes[-1] == sizes.max() and sizes[-1] > _FAR * (sizes[0] + 1))


def _finished(panel: Panel, tracks: Sequence[Track], steps: Steps) -> Panel:
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for track in tracks:
        if track.finish is not None and track.values.size:
            place = panel.place(track.height)
            column = steps.column(track.finish, panel.picture.columns) if panel.picture.columns else -1
            if place is not None and column >= 0:
                cells[place[0], column] = (FINISH, track.ink)
    return replace(panel, picture=overlaid(panel.picture, cells)) if cells else panel


def draw_panels(
    contest: Contest, course: Course, wanted: Mapping[str, str], sizes: Mapping[str, tuple[int, int]], *,
    probability: bool,
) -> dict[str, Panel]:  # fmt: skip
    """Paint charts one under the other, on one x axis.

    Args:
        contest: the race, as far as it has come.
        course: how its pictures are drawn.
        wanted: the quantity of each, by its name, from the top.
        sizes: width and height in cells, by name.
        probability: whether the prediction is a probability.
    """
    steps, finishes, margin = Steps(contest.step, course.step_axis == "log"), contest.finishes(), MARGIN
    lowest = list(wanted)[-1]
    tracks = {
        name: [
            Track(racer.letter, racer.ink, x, y, finish)
            for racer, (x, y), finish in zip(contest.running, contest.curves(quantity), finishes, strict=True)
        ]
        for name, quantity in wanted.items()
    }
    panels: dict[str, Panel] = {}
    for _ in range(4):  # wide tick labels leave fewer columns: the margin only grows
        for name, quantity in wanted.items():
            log_y = course.log_y and quantity != "accuracy"
            unit = quantity == "accuracy" or (quantity == "prediction" and probability and not log_y)
            panels[name] = race_panel(
                quantity, tracks[name], steps, sizes[name], unit=unit, log_y=log_y, margin=margin, bottom=name == lowest
            )
        lefts = {panel.picture.left for panel in panels.values()}
        if len(lefts) == 1:
            break
        margin = max(lefts)
    return panels


def value_of(quantity: str, standing: Standing) -> float:
    """A quantity of a racer at a step, as its curve has it."""
    if quantity == "weight":
        return standing.weights[0] if standing.weights else math.nan
    value = float(getattr(standing, {"loss": "value"}.get(quantity, quantity)))
    return abs(value) if quantity == "gradient" else value


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


def plane_of(problem: FittingProblem) -> Plane:
    """The examples of a problem."""
    if problem.is_classification and not problem.has_one_weight:
        kinds = [ONE if y else ZERO for y in problem.labels.tolist()]
        x, y = problem.features[:, 0], problem.features[:, 1]
    else:
        kinds = [ZERO] * len(problem.labels)
        x, y = problem.features[:, 0], problem.labels
    marks = [MARKED if marked else kind for kind, marked in zip(kinds, problem.marked.tolist(), strict=True)]
    return Plane(x, y, marks)


def problem_picture(contest: Contest, step: int, width: int, height: int) -> Picture:
    """A problem at a step: the examples with each racer's line, or of one weight the objectives with each one's place.

    Args:
        contest: of a problem.
        step: of the cursor.
        width: in cells.
        height: in cells.
    """
    problem, fit = contest.problem, contest.fit
    assert problem is not None
    if problem.has_one_weight:
        weights = weights_of(contest)
        values = contest.objective(weights)
        curves = [(racer.letter, racer.ink, y) for racer, y in zip(contest.running, values, strict=True)]
        at = [standing.weights[0] for standing in contest.standings(step)]
        return objective_picture(weights, curves, at, width, height)
    plane, lines = plane_of(problem), []
    if fit is not None:
        states, (low, high) = fit.at(step).weights, plane.window
        lines = [
            (racer.letter, racer.ink, fit.boundary(i, states[i], low, high)) for i, racer in enumerate(contest.running)
        ]
    return plane_picture(plane, lines, width, height)


def plane_picture(plane: Plane, lines: Sequence[Line], width: int, height: int) -> Picture:
    """The examples, with lines over them."""
    (left, low), (right, high) = plane.window
    (left, right), (low, high) = apart(left, right), apart(low, high)
    x_axis = Axis(left, right, tuple(linear_ticks(left, right, most_x(width))))
    y_axis = Axis(low, high, tuple(even_ticks(low, high, canvas_lines(height))))
    series = [
        Series(np.array([a[0], b[0]]), np.array([a[1], b[1]]), ink, letter)
        for letter, ink, ends in lines
        if ends is not None
        for a, b in (ends,)
    ]
    picture = paint(ChartSpec(x_axis, y_axis, tuple(series), MARGIN), width, height)
    return overlaid(picture, _examples(plane, picture))


def weights_of(contest: Contest) -> Array:
    """The weights at which the objective of one weight is drawn: about where they have been, and the least values."""
    been = [contest.course.first_weight, *contest.bottoms]
    for _, path in contest.curves("weight"):
        seen = path[np.isfinite(path) & (np.abs(path) < FARTHEST)]
        been += [float(seen.min()), float(seen.max())] if seen.size else []
    low, high = min(been), max(been)
    room = 0.15 * max(high - low, 1e-3 * max(abs(low), abs(high), 1.0))
    return np.linspace(low - room, high + room, 1201)


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
    chart = ChartSpec(x_axis, linear_axis(0.0, 1.0, canvas_lines(height)), tuple(series), MARGIN)
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
    if not high > low:
        return np.where(np.isfinite(values), 0.0, np.nan)
    with np.errstate(all="ignore"):  # what is infinite stays so
        return (values / 2 - low / 2) / (high / 2 - low / 2)  # by halves: the difference may overflow


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
