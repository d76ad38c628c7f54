"""Painting: a chart and a size in, a picture out. The only way to plotext.

A picture is a frame (axes, ticks, labels) around a canvas (curves, letters), painted apart, as the frame changes much
less often. Both are remembered, so painting what was painted a moment ago costs nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lossterm.plot._engine import Label, draw_canvas, draw_frame
from lossterm.plot.columns import column_of, row_of
from lossterm.plot.curves import dashed, dots, outline
from lossterm.plot.letters import place
from lossterm.plot.picture import FRAME, Picture, Run
from lossterm.plot.spec import Axis, Chart

__all__ = ["FRAME", "Picture", "Run", "paint"]

_REMEMBERED = 32
_ROOM = 8
"""The fewest canvas columns that are worth keeping tick labels beside."""

_Key = tuple[object, ...]
_pictures: OrderedDict[_Key, Picture] = OrderedDict()


@dataclass(frozen=True)
class _Frame:
    """A frame as painted, and the canvas it leaves free."""

    rows: tuple[str, ...]
    left: int
    columns: int
    lines: int


def paint(chart: Chart, width: int, height: int) -> Picture:
    """Paint a chart.

    Args:
        chart: What to paint.
        width: In cells, of the whole picture; less than zero counts as zero.
        height: In cells, of the whole picture; less than zero counts as zero.

    Returns:
        Exactly `height` rows of exactly `width` cells. Where room is short the tick labels go first, then the axes.
    """
    key = (chart.fingerprint, width, height)
    picture = _pictures.get(key)
    if picture is None:
        picture = _pictures[key] = _paint(chart, max(width, 0), max(height, 0))
        if len(_pictures) > _REMEMBERED:
            _pictures.popitem(last=False)
    else:
        _pictures.move_to_end(key)
    return picture


def _paint(chart: Chart, width: int, height: int) -> Picture:
    if not width or not height:
        return Picture(((),) * height, 0, 0, 0, 0)
    frame = _frame(chart.x_axis, chart.y_axis, chart.margin, chart.bottom, width, height)
    canvas = _canvas(chart, frame.columns, frame.lines)
    beside = [_joined(text[: frame.left], runs) for text, runs in zip(frame.rows, canvas, strict=False)]
    below = [(Run(text),) for text in frame.rows[frame.lines :]]
    return Picture((*beside, *below), frame.left, frame.columns, 0, frame.lines)


def _joined(frame: str, runs: list[Run]) -> tuple[Run, ...]:
    """The row of a picture: its part of the frame, and then the canvas."""
    if frame and runs and runs[0].ink == FRAME:
        return (Run(frame + runs[0].text), *runs[1:])
    return (Run(frame), *runs) if frame else tuple(runs)


def _canvas(chart: Chart, columns: int, lines: int) -> list[list[Run]]:
    """The rows of the canvas."""
    strokes = outline(chart, 2 * columns, 4 * lines)
    if not strokes.x.size:
        return [[Run(" " * columns)]] * lines
    bounds = np.searchsorted(strokes.owner, np.arange(len(chart.series) + 1)).tolist()
    curves = [
        (series.ink, dashed(strokes.take(slice(first, last)), series.dash))
        for series, first, last in zip(chart.series, bounds, bounds[1:], strict=False)
    ]
    column, row, owner = dots(strokes, 2 * columns, 4 * lines)
    wanted = [number for number, series in enumerate(chart.series) if series.letter]
    letters = [
        (placed.column, placed.row, chart.series[placed.series].letter, chart.series[placed.series].ink)
        for placed in place(column // 2, row // 4, owner, wanted, columns, lines)
    ]
    return draw_canvas(columns, lines, curves, letters)


@lru_cache(maxsize=_REMEMBERED)
def _frame(x_axis: Axis, y_axis: Axis, margin: int, bottom: bool, width: int, height: int) -> _Frame:
    """The frame of a chart at a size. Plotext drops what has no room without a word, so that is left out beforehand."""
    has_bottom = bottom and height >= 3
    has_x = has_bottom and height >= 5 and width >= 3 and bool(x_axis.ticks)
    lines = height - has_bottom - has_x
    y_labels = _y_labels(y_axis, lines)
    gutter = max((len(label) for _, label in y_labels), default=0)
    if width - gutter - 1 < _ROOM:
        y_labels, gutter = [], 0
    has_left = width >= 3
    blank = max(0, min(margin, width - _ROOM) - gutter - has_left)
    left = blank + gutter + has_left
    columns = width - left
    x_labels = _x_labels(x_axis, columns) if has_x else []
    if has_x and not x_labels:
        # Keep the promised number of lines: the row of labels is there, empty.
        rows = [*draw_frame(width - blank, height - 1, has_left, has_bottom, [], y_labels), " " * (width - blank)]
    else:
        rows = draw_frame(width - blank, height, has_left, has_bottom, x_labels, y_labels)
    return _Frame(tuple(" " * blank + row for row in rows), left, columns, lines)


def _y_labels(axis: Axis, lines: int) -> list[Label]:
    """The ticks of the left axis as rows counted from the top, one a row."""
    labels: dict[int, str] = {}
    for tick in axis.ticks:
        row = int(row_of(tick.position, axis.lo, axis.hi, 4 * lines)) if lines else -1
        if row >= 0 and tick.label.strip():
            labels.setdefault(row // 4, tick.label)
    return sorted(labels.items())


def _x_labels(axis: Axis, columns: int) -> list[Label]:
    """The ticks of the bottom axis as columns, one a column and no label wider than the canvas."""
    labels: dict[int, str] = {}
    for tick in axis.ticks:
        column = int(column_of(tick.position, axis.lo, axis.hi, columns))
        if column >= 0 and tick.label.strip() and len(tick.label) <= columns:
            labels.setdefault(column, tick.label)
    return sorted(labels.items())
