"""The curves of a view as an SVG picture: a chart for a slide, with the command that makes it again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lossterm.chart.spec import ChartSpec
from lossterm.chart.svg import LegendItem, SvgPanel, Theme, svg
from lossterm.chart.ticks import linear_ticks, symlog
from lossterm.curves.figure import Figure, draw
from lossterm.curves.legend import legend
from lossterm.curves.scene import undefined_stretches
from lossterm.curves.titles import CONCAVE, FIELD, axis_name, title
from lossterm.curves.view import View

COLUMNS, LINES = 400, 20
"""Cells of the picture that is drawn as lines: two samples a column, and ticks for so many lines."""

X_TICKS = 11
"""The most ticks of the x axis."""


def slide(
    view: View, quantities: Sequence[str], *, command: str, theme: Theme, cursor: bool, width: int, height: int
) -> str:
    """The picture.

    Args:
        view: what to look at.
        quantities: what each panel shows, from the top.
        command: what makes it again.
        theme: its colours.
        cursor: whether with the view's point.
        width: in pixels.
        height: in pixels.

    Returns:
        An SVG document.
    """
    figure = draw(view, quantities, COLUMNS, [LINES] * len(quantities), point=cursor)
    items, what = legend(view)[:-1], legend(view)[-1]
    curves = figure.scene.curves
    step = len(curves) // len(items) if items else 1
    named = [LegendItem(text, curves[i * step].ink) for i, text in enumerate(items)]
    panels = [_panel(view, figure, number, cursor=cursor) for number in range(len(figure.panels))]
    return svg(panels, [*named, LegendItem(what)], command=command, theme=theme, width=width, height=height)


def _panel(view: View, figure: Figure, number: int, *, cursor: bool) -> SvgPanel:
    panel, scene = figure.panels[number], figure.scene
    lo, hi = view.window
    x_axis = replace(panel.chart.x_axis, ticks=tuple(linear_ticks(lo, hi, X_TICKS)))
    chart = ChartSpec(x_axis, panel.chart.y_axis, panel.chart.series, marks=panel.chart.marks)
    cells = (hi - lo) / max(scene.columns, 1)
    undefined = tuple(
        (lo + first * cells, lo + (last + 1) * cells, why) for first, last, why in undefined_stretches(scene)
    )
    told = [f"against {axis_name(view)}", *([CONCAVE] if figure.concave[number] else [])]
    dots = []
    if cursor:
        for curve, reading in zip(scene.curves, scene.readings_at(view.logit), strict=True):
            value = float(getattr(reading, FIELD[panel.quantity]))
            drawn = float(symlog(value, panel.threshold)) if panel.threshold else value
            dots += [(drawn, curve.ink)] if math.isfinite(drawn) else []
    return SvgPanel(
        title(view, panel.quantity, log=panel.threshold is not None),
        " · ".join(told),
        chart,
        undefined,
        scene.position(view.logit) if cursor else math.nan,
        tuple(dots),
    )
