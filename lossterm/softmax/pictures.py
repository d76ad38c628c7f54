"""The painted charts of a softmax sweep: the loss, and the slope of one logit, along that logit or the temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lossterm.chart.columns import column_at, edges, round_points
from lossterm.chart.painter import paint
from lossterm.chart.panel import Panel
from lossterm.chart.spec import Axis, ChartSpec, Series, Tick
from lossterm.chart.ticks import MARGIN, linear_ticks, most_x
from lossterm.chart.window import PER_COLUMN, YScale, extremes, y_scale
from lossterm.chart.y_axis import canvas_lines
from lossterm.core.jets import Array
from lossterm.core.softmax.evaluation import Chosen, SoftmaxSweep, sweep_logit, sweep_temperature
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.softmax.report import Evaluations
from lossterm.softmax.view import SoftmaxView

QUANTITIES = ("loss", "d_logit")
"""What the two panels show, from the left."""

_ALL_SAMPLES = 100
"""Classes up to which a column has all its samples; with more of them one each."""


@dataclass(frozen=True)
class SweepCurve:
    """One curve: a row of the view.

    Attributes:
        row: index of the row in the view.
        letter: its letter.
        ink: its colour.
        source: the row itself.
        problem: why the target is none of this loss's, or nothing.
    """

    row: int
    letter: str
    ink: int
    source: SoftmaxRow
    problem: str


@dataclass(frozen=True, eq=False)
class SweepFigure:
    """The two panels of a sweep, side by side on axes of the same kind.

    Attributes:
        view: what was drawn; the point itself is in none of it.
        curves: what is drawn, in order.
        panels: the loss, and ∂L/∂z_k.
        stops: the position of each column at which the cursor stops: a logit, or log10 T.
    """

    view: SoftmaxView
    curves: tuple[SweepCurve, ...]
    panels: tuple[Panel, ...]
    stops: tuple[float, ...]

    def column(self, position: float) -> int:
        """The column of a position, −1 outside the window."""
        return column_at(position, *self.view.window, len(self.stops))

    def values(self, evaluations: Evaluations, panel: int) -> list[float]:
        """The quantity of a panel for each curve, where the losses are evaluated."""
        found = [evaluations.get(curve.row) for curve in self.curves]
        if panel == 0:
            return [math.nan if e is None else e.value for e in found]
        return [math.nan if e is None else float(e.gradient[self.view.selected]) for e in found]

    def cursor(self, panel: int, values: Sequence[float]) -> dict[int, tuple[str, int]]:
        """What the cursor puts over its column: its line on every row, and a mark on every curve.

        Args:
            panel: which one.
            values: its quantity for each curve at the cursor.
        """
        return self.panels[panel].cursor([curve.ink for curve in self.curves], values)


def curves_of(view: SoftmaxView) -> tuple[SweepCurve, ...]:
    """The curves of a view: its shown rows, those with nothing to draw too."""
    point = view.example.point
    return tuple(
        SweepCurve(i, letter, ord(letter) - 97, view.rows[i], view.rows[i].entry.target_problem(point) or "")
        for i, letter in view.letters.items()
    )


def remembered(view: SoftmaxView, width: int, height: int) -> SweepFigure:
    """`draw`, of which the last few results are kept: the swept number is in none of them."""
    return _remembered(view.still, width, height)


@lru_cache(maxsize=16)
def _remembered(view: SoftmaxView, width: int, height: int) -> SweepFigure:
    return draw(view, width, height)


def draw(view: SoftmaxView, width: int, height: int) -> SweepFigure:
    """Compute and paint the panels of a view.

    Args:
        view: what to look at.
        width: of each panel, in cells.
        height: of each panel.
    """
    curves = curves_of(view)
    lo, hi = view.window
    columns = max(width - MARGIN, 1)
    per_column = PER_COLUMN if view.classes <= _ALL_SAMPLES else 1
    x = np.linspace(lo, hi, per_column * columns + 1)
    x[np.abs(x) < (hi - lo) * 1e-12] = 0.0
    samples = _samples(view, curves, x)
    scales = [
        y_scale(values, [extremes(x, y) for y in values], lines=canvas_lines(height), scale=view.scale)
        for values in samples
    ]
    margin = max([MARGIN, *(len(tick.label) + 1 for scale in scales for tick in scale.axis.ticks)])
    x_axis = Axis(lo, hi, tuple(x_ticks(view, width)))
    panels = tuple(
        _panel(quantity, x_axis, scale, curves, x, values, margin, width, height)
        for quantity, scale, values in zip(QUANTITIES, scales, samples, strict=True)
    )
    columns = min(panel.picture.columns for panel in panels)
    return SweepFigure(view, curves, panels, tuple(stops(view, columns).tolist()) if columns else ())


def _samples(view: SoftmaxView, curves: Sequence[SweepCurve], x: Array) -> tuple[list[Array], list[Array]]:
    # each curve, nan where the target is none of its loss's
    drawn: Chosen = [(c.source.entry, dict(c.source.params)) for c in curves if not c.problem]
    sweep = swept(view, drawn, x)
    missing = np.full(x.size, np.nan)
    values, slopes = iter(sweep.value), iter(sweep.gradient)
    return (
        [missing if c.problem else next(values) for c in curves],
        [missing if c.problem else next(slopes) for c in curves],
    )


def swept(view: SoftmaxView, losses: Chosen, positions: Array) -> SoftmaxSweep:
    """Losses of a view, and the slope of its selected logit, at positions on its axis: logits, or log10 T."""
    if view.sweep == "logit":
        return sweep_logit(view.example, losses, view.selected, positions)
    return sweep_temperature(view.example, losses, view.selected, 10.0**positions)


def _panel(
    quantity: str,
    x_axis: Axis,
    scale: YScale,
    curves: Sequence[SweepCurve],
    x: Array,
    values: Sequence[Array],
    margin: int,
    width: int,
    height: int,
) -> Panel:
    drawn = [scale.drawn(v) for v in values]
    series = tuple(Series(x, y, curve.ink, curve.letter) for curve, y in zip(curves, drawn, strict=True))
    chart = ChartSpec(x_axis, scale.axis, series, margin)
    return Panel(quantity, chart, paint(chart, width, height), scale.threshold)


# ---- the x axis ----------------------------------------------------------------------------------------------------


def x_ticks(view: SoftmaxView, width: int) -> list[Tick]:
    """Ticks of the x axis, those of the temperature at round temperatures."""
    lo, hi = view.window
    most = most_x(width)
    if view.sweep == "logit":
        return linear_ticks(lo, hi, most)
    for mantissas in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        powers = range(math.floor(lo), math.ceil(hi) + 1)
        round_ones = [float(f"{m:g}e{p}") for p in powers for m in mantissas]
        inside = [t for t in round_ones if lo <= math.log10(t) <= hi]
        if 2 <= len(inside) <= most:
            return [Tick(math.log10(t), f"{t:g}".replace("e+0", "e").replace("e-0", "e−")) for t in inside]
    inner = linear_ticks(10.0**lo, 10.0**hi, max(2, most // 2))
    return [Tick(math.log10(t.position), t.label) for t in inner if t.position > 0]


def stops(view: SoftmaxView, columns: int) -> Array:
    """Where the cursor stops in each column: at round logits, or round temperatures."""
    lo, hi = view.window
    points = round_points(lo, hi, columns)
    return points if view.sweep == "logit" else _round_temperatures(lo, hi, columns)


@lru_cache(maxsize=16)
def _round_temperatures(lo: float, hi: float, columns: int) -> Array:
    ends = edges(lo, hi, columns)
    result = []
    for column in range(columns):
        middle = 10.0 ** (0.5 * (ends[column] + ends[column + 1]))
        for digits in range(1, 16):
            place = math.log10(float(f"{middle:.{digits - 1}e}"))
            if column_at(place, lo, hi, columns) == column:
                break
        result.append(place)
    return np.array(result)
