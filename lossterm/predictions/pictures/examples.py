"""The examples on the loss curve: how many of each label stand where on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lossterm.chart.columns import column_of, round_points
from lossterm.chart.panel import Panel, overlaid
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import DASHES, Axis, Series, apart
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.window import y_scale
from lossterm.chart.y_axis import canvas_lines
from lossterm.core.jets import Array
from lossterm.core.losses.activations import logistic
from lossterm.core.numbers import fixed, significant, trimmed
from lossterm.core.statistics.criterion import CHUNK, Criterion, judge, link_of
from lossterm.core.statistics.findings import Findings
from lossterm.predictions import figures
from lossterm.predictions.pictures.figure import (
    LABEL_INKS,
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    Shown,
    canvas_columns,
    counted,
    nothing,
    panel_of,
    percent,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARKS = "·•●"
"""A few examples, some, many: thirds of the logarithm of the largest count."""

_FURTHEST = 20.0
"""The largest logit in the window."""

_NARROWEST = 3.0
"""The window reaches so far on both sides at least."""

_SAMPLES = 2
"""Samples of a curve in a column."""

_MANY = 100
"""Of so many examples in a column one is few, whatever the largest count is."""

LINK = link_of("probability")


@dataclass(frozen=True, eq=False)
class OfLabel:
    """The examples of one label and the curve they are on.

    Attributes:
        label: 0 or 1.
        value: L at the stop of each column, ``(columns,)``; nan where it is undefined.
        count: examples in each column.
        force: Σ|∂L/∂z| over them.
        total: Σ|∂L/∂z| over all of this label.
        below: examples left of the window.
        above: examples right of it.
        infinite: those of both at ±∞.
    """

    label: int
    value: Array
    count: NDArray[np.int64]
    force: Array
    total: float
    below: int
    above: int
    infinite: int


@dataclass(frozen=True, eq=False)
class ExamplesReadout:
    """The numbers of the picture.

    Attributes:
        criterion: the loss.
        axis: of the logits.
        labels: the curves of label 0 and 1.
    """

    criterion: Criterion
    axis: Axis
    labels: tuple[OfLabel, OfLabel]

    def _column(self, at: float) -> int:
        lo, hi = self.axis.lo, self.axis.hi
        return int(column_of(min(max(at, lo), hi), lo, hi, self.labels[0].count.size))

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """L of both labels."""
        column = self._column(at)
        return [(LABEL_INKS[one.label], float(one.value[column])) for one in self.labels]

    def _judged(self, label: int, at: float) -> tuple[float, float]:
        ((value, slope),) = judge((self.criterion,), LINK, np.array([at]), np.array([float(label)]))
        return float(value[0]), float(slope[0])

    def words(self, at: float) -> str:
        """The logit, the examples there with their loss and slope, and what they hold."""
        column, is_shown = self._column(at), self.axis.lo <= at <= self.axis.hi
        parts = [f"z {fixed(at, 3)}", f"p {figures.told(float(logistic(np.asarray(at))), 3)}"]
        infinite = sum(one.infinite for one in self.labels)
        if infinite:
            parts.append(f"{infinite:,} at ±∞")
        there = [(*self._judged(one.label, at), one) for one in self.labels]
        for loss, slope, one in sorted(there, key=lambda found: -float(np.nan_to_num(found[0]))):  # surprises first
            told = f"(L {significant(loss, 3)}, ∂L/∂z {significant(slope, 3)})"
            who = (
                f"{counted(int(one.count[column]), 'example')} of y={one.label} here" if is_shown else f"y={one.label}"
            )
            parts.append(f"{who} {told}")
        total = sum(one.total for one in self.labels)
        if is_shown and math.isfinite(total) and total > 0:
            parts.append(
                f"they hold {percent(sum(float(one.force[column]) for one in self.labels) / total)} of Σ|∂L/∂z|"
            )
        below, above = (sum(getattr(one, side) for one in self.labels) for side in ("below", "above"))
        if below:
            parts.append(f"{below:,} below {trimmed(self.axis.lo, 3)}")
        if above:
            parts.append(f"{above:,} above {trimmed(self.axis.hi, 3)}")
        return SEPARATOR.join(parts)


def draw_examples(
    findings: Findings, size: tuple[int, int], shown: Sequence[Shown], current: int, *, log_y: bool = False
) -> PredictionFigure:
    """Paint the loss over the logit for both labels, with the examples on it.

    Args:
        findings: of the file.
        size: width and height in cells.
        shown: how the losses are told apart, in their order.
        current: the loss whose curves these are.
        log_y: whether the loss is on a symmetric logarithm.
    """
    criterion = findings.losses[current].criterion
    if not isinstance(criterion, Criterion):
        return nothing("a loss of K classes has as many logits: there is no one curve to stand on")
    if findings.question.kind == "value":
        return nothing("plain values have labels of their own: each example is on another curve")
    if findings.ranked is None:
        why = "too many rows to keep them all" if findings.hard else "labels are not all 0 or 1"
        return nothing(f"{why}: the examples cannot be put on two curves")
    logits = [_logits(findings.ranked.negatives), _logits(findings.ranked.positives)]
    lo, hi = apart(*_window(logits))
    x = Axis(lo, hi, tuple(linear_ticks(lo, hi, most_x(size[0]))))
    columns = max(canvas_columns(x, Axis(0.0, 1.0), size), 1)
    samples = np.linspace(lo, hi, _SAMPLES * columns + 1)
    curves = [judge((criterion,), LINK, samples, np.full(samples.size, float(y)), slope=False)[0][0] for y in (0, 1)]
    y = y_scale(curves, lines=canvas_lines(size[1]), scale="symlog" if log_y else "auto")
    series = [Series(samples, y.drawn(curves[k]), LABEL_INKS[k], str(k), DASHES[1 - k]) for k in (0, 1)]
    panel = panel_of("loss", x, y.axis, series, size, y.threshold)
    if panel is None:
        return nothing(TOO_SMALL)
    stops = round_points(lo, hi, panel.picture.columns)
    labels = tuple(_placed(criterion, y, z, x, stops) for y, z in enumerate(logits))
    readout = ExamplesReadout(criterion, x, (labels[0], labels[1]))
    name = shown[current].name if current < len(shown) else criterion.loss.title
    curves_named = [(f"  {k} of y={k} n={logits[k].size:,}", LABEL_INKS[k]) for k in (1, 0)]
    largest = max(int(one.count.max()) for one in labels)
    marks = f"  {' '.join(MARKS)} up to {largest:,} examples"
    infinite = sum(one.infinite for one in labels)
    missing = [(f"  {infinite:,} at ±∞ not on it", FRAME)] if infinite else []
    legend = ((f"L {name}", FRAME), *curves_named, *missing, (marks, FRAME))
    return PredictionFigure(replace(panel, picture=_marked(panel, readout)), "", legend, stops, readout)


def _logits(p: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(p) - np.log1p(-p))


def _window(logits: Sequence[Array]) -> tuple[float, float]:
    """Around the examples, at whole numbers; the logits of each label ascend."""
    ends = [float(end) for z in logits if z.size for end in (z[0], z[-1])]
    lo, hi = min([*ends, -_NARROWEST]), max([*ends, _NARROWEST])
    return float(math.floor(max(lo, -_FURTHEST))), float(math.ceil(min(hi, _FURTHEST)))


def _placed(criterion: Criterion, label: int, logits: Array, x: Axis, stops: Array) -> OfLabel:
    ((value, _),) = judge((criterion,), LINK, stops, np.full(stops.size, float(label)), slope=False)
    below = int(logits.searchsorted(x.lo, side="left"))
    above = logits.size - int(logits.searchsorted(x.hi, side="right"))
    count, force, total = np.zeros(stops.size, np.int64), np.zeros(stops.size), 0.0
    for start in range(0, logits.size, CHUNK):
        z = logits[start : start + CHUNK]
        ((_, pull),) = judge((criterion,), LINK, z, np.full(z.size, float(label)))
        pull = np.abs(pull)
        total += float(pull.sum())
        column = column_of(z, x.lo, x.hi, stops.size)
        inside = column >= 0
        count += np.bincount(column[inside], minlength=stops.size)
        force += np.bincount(column[inside], pull[inside], minlength=stops.size)
    infinite = int(np.count_nonzero(np.isinf(logits)))
    return OfLabel(label, value, count, force, total, below, above, infinite)


def _marked(panel: Panel, readout: ExamplesReadout) -> Picture:
    largest = max(_MANY, *(int(one.count.max()) for one in readout.labels))
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for one in readout.labels:
        for column in np.flatnonzero(one.count).tolist():
            place = panel.place(float(one.value[column]))
            if place is not None:
                third = int(3 * math.log(one.count[column]) / math.log(largest))
                cells[place[0], column] = (MARKS[min(third, 2)], LABEL_INKS[one.label])
    return overlaid(panel.picture, cells)
