"""The chart of the densities: lines over the reals, bars at classes and counts, on one axis of labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossterm.chart.columns import column_of
from lossterm.chart.painter import paint
from lossterm.chart.panel import CURSOR, Panel, overlaid
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, ChartSpec, Series, Tick, apart
from lossterm.chart.ticks import MARGIN, linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks
from lossterm.core.properties.likelihood import Domain
from lossterm.curves.likelihood import LabelDensity, label_densities
from lossterm.curves.view import View

QUANTITY = "density"
"""What the panel shows, where others show a quantity of the loss."""

TITLE = "e^−L/Z"
"""The density, as its panel is headed."""

_UNITS = 2.5
"""How far a line is drawn on each side of the prediction, in the largest of the units."""
_FAR = 2.0
"""How much wider than that the window may get for the label to be in it."""
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDEST_BAR = 3
_SAMPLES = 2
"""Samples a column of a line."""


@dataclass(frozen=True, eq=False)
class DensityPanel:
    """The painted chart.

    Attributes:
        members: what is drawn, and what has nothing to draw.
        panel: the picture.
        column: of the label, −1 where it is outside the window or there are two of them.
    """

    members: tuple[LabelDensity, ...]
    panel: Panel
    column: int
    label: float

    def cursor(self) -> dict[int, tuple[str, int]]:
        """What the cursor puts over the label's column: its line, and a mark on every density over the reals."""
        if self.column < 0:
            return {}
        cells = dict.fromkeys(range(self.panel.picture.lines), (CURSOR, FRAME))
        for member in self.members:
            place = self.panel.place(float(member.at(np.array(self.label)))) if member.is_real else None
            if place is not None:
                cells[place[0]] = (place[1], member.ink)
        return cells


def draw_densities(view: View, prediction: float, width: int, height: int) -> DensityPanel:
    """Compute and paint the densities of the shown losses at a prediction.

    Args:
        view: what to look at: its losses, and its label for the cursor.
        prediction: v.
        width: of the picture, in cells.
        height: of the picture, in cells.
    """
    members = label_densities(view, prediction)
    one_label = not view.both_labels and view.eta is None
    lo, hi = _window(view, members, prediction, view.target if one_label else math.nan)
    lines = [member for member in members if member.is_real]
    bars = [member for member in members if not member.is_real and not member.problem]
    x = np.linspace(lo, hi, _SAMPLES * max(width - MARGIN, 1) + 1)
    if lines:  # a narrow one is at its highest there
        x = np.unique(np.append(x, np.clip(prediction, lo, hi)))
    heights = [member.at(x) for member in lines]
    top = _top([*(float(np.nanmax(y, initial=0.0)) for y in heights), *(float(m.masses.max()) for m in bars)], bars)
    y_axis = Axis(0.0, top, tuple(even_ticks(0.0, top, canvas_lines(height))))
    series = [Series(x, y, member.ink, member.letter) for member, y in zip(lines, heights, strict=True)]
    chart = ChartSpec(Axis(lo, hi, tuple(_x_ticks(lo, hi, width, bars, lines))), y_axis, tuple(series), MARGIN)
    picture = paint(chart, width, height)
    for rank, member in enumerate(bars):
        picture = _barred(picture, chart, member, rank - (len(bars) - 1) / 2, len(bars))
    column = int(column_of(view.target, lo, hi, picture.columns)) if one_label else -1
    return DensityPanel(members, Panel(QUANTITY, chart, picture, None), column, view.target)


def _window(view: View, members: Sequence[LabelDensity], prediction: float, label: float) -> tuple[float, float]:
    # it stays while the prediction moves a little, so that the density is seen to move, and not its axis
    ends = []
    units = [member.family.unit for member in members if member.is_real and math.isfinite(member.family.unit)]
    if units:
        reach = _UNITS * max(units)
        low, high = view.link.lower, view.link.upper
        if not (math.isfinite(low) and math.isfinite(high) and high - low <= 4 * reach):
            low = high = round(prediction / reach) * reach
            low, high = low - reach / 2, high + reach / 2
        lo, hi = low - reach, high + reach
        if lo - _FAR * (hi - lo) <= label <= hi + _FAR * (hi - lo):
            lo, hi = min(lo, label - reach / 4), max(hi, label + reach / 4)
        ends.append((lo, hi))
    counts = [m for m in members if not m.problem and m.family.where is Domain.COUNT]
    if counts:
        seen = np.concatenate([m.labels[m.masses >= 1e-3 * m.masses.max()] for m in counts])
        ends.append((float(seen.min()) - 0.5, max(float(seen.max()) + 0.5, 4.5)))
    if any(m.family.where is Domain.BINARY and not m.problem for m in members) or not ends:
        ends.append((-0.5, 1.5))
    return apart(min(lo for lo, _ in ends), max(hi for _, hi in ends))


def _top(highest: Sequence[float], bars: Sequence[LabelDensity]) -> float:
    top = max([1.0] if any(m.family.where is Domain.BINARY for m in bars) else highest, default=1.0)
    top = 1.08 * max([top, *highest])
    grain = 10.0 ** math.floor(math.log10(top)) / 10 if top > 0 else 1.0
    return math.ceil(top / grain) * grain


def _x_ticks(
    lo: float, hi: float, width: int, bars: Sequence[LabelDensity], lines: Sequence[LabelDensity]
) -> list[Tick]:
    if not lines and not any(m.family.where is Domain.COUNT for m in bars):
        return [Tick(0.0, "0"), Tick(1.0, "1")]
    return linear_ticks(lo, hi, most_x(width))


def _barred(picture: Picture, chart: ChartSpec, member: LabelDensity, shift: float, count: int) -> Picture:
    # bars of blocks over the canvas, those of several losses side by side, each with its letter on the highest
    columns, lines = picture.columns, picture.lines
    if not columns or not lines:
        return picture
    lo, hi = chart.x_axis.lo, chart.x_axis.hi
    apart = columns / (hi - lo)  # columns from label to label
    wide = max(1, min(_WIDEST_BAR, int(apart / (2 * count))))
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    tops: dict[float, tuple[int, int]] = {}
    for label, mass in zip(member.labels.tolist(), member.masses.tolist(), strict=True):
        if not lo <= label <= hi:
            continue
        middle = int(column_of(label, lo, hi, columns))
        first = middle + round(shift * (wide + 1) if apart > count else shift) - (wide - 1) // 2
        eighths = min(math.ceil(8 * lines * mass / chart.y_axis.hi), 8 * lines)
        full, rest = divmod(eighths, 8)
        for column in range(first, first + wide):
            cells.update({(lines - 1 - line, column): ("█", member.ink) for line in range(full)})
            if rest:
                cells[lines - 1 - full, column] = (_EIGHTHS[rest], member.ink)
        above = lines - 1 - full - bool(rest)
        tops[label] = (max(above, 0), first + (wide - 1) // 2)
    if member.family.where is Domain.COUNT:
        tops = {label: tops[label] for label in tops if label == member.labels[np.argmax(member.masses)]}
    cells.update(dict.fromkeys(tops.values(), (member.letter, member.ink)))
    return overlaid(picture, cells)
