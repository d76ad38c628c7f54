"""Painting: a chart and a size in, a picture out. The only way to plotext.

A picture is a frame (axes, ticks, labels) around a canvas (curves, letters), painted apart, as the frame changes much
less often. Both are remembered, so painting what was painted a moment ago costs nothing.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lossterm.chart._engine import Label, draw_canvas, draw_frame
from lossterm.chart.columns import Ints, column_at, row_at
from lossterm.chart.letters import place
from lossterm.chart.picture import FRAME, Picture, Run, with_cells
from lossterm.chart.spec import Axis, ChartSpec
from lossterm.chart.strokes import dashed, dots, every_second, outline

__all__ = ["FRAME", "Picture", "Run", "paint"]

_REMEMBERED = 32
_ROOM = 8
"""The fewest canvas columns that are worth keeping tick labels beside."""

_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of each braille dot, by row from the top and by column: its bit."""

_Cell = tuple[int, int]
_Key = tuple[object, ...]
_pictures: OrderedDict[_Key, Picture] = OrderedDict()


@dataclass(frozen=True)
class _Frame:
    """A frame as painted, and the canvas it leaves free."""

    rows: tuple[str, ...]
    left: int
    columns: int
    lines: int


def paint(chart: ChartSpec, width: int, height: int) -> Picture:
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


def _paint(chart: ChartSpec, width: int, height: int) -> Picture:
    if not width or not height:
        return Picture(((),) * height, 0, 0, 0, 0)
    frame = _frame(chart.x_axis, chart.y_axis, chart.margin, chart.bottom, width, height)
    canvas, passed = _canvas(chart, frame.columns, frame.lines)
    beside = [_joined(text[: frame.left], runs) for text, runs in zip(frame.rows, canvas, strict=False)]
    below = [(Run(text),) for text in frame.rows[frame.lines :]]
    return Picture(
        (*beside, *below), frame.left, frame.columns, 0, frame.lines,
        lambda ink: {(row, frame.left + column) for row, column in passed(ink)},
    )  # fmt: skip


def _joined(frame: str, runs: Sequence[Run]) -> tuple[Run, ...]:
    """The row of a picture: its part of the frame, and then the canvas."""
    if frame and runs and runs[0].ink == FRAME:
        return (Run(frame + runs[0].text), *runs[1:])
    return (Run(frame), *runs) if frame else tuple(runs)


def _canvas(
    chart: ChartSpec, columns: int, lines: int
) -> tuple[list[tuple[Run, ...]], Callable[[int], Iterable[_Cell]]]:
    """The rows of the canvas: curves, dots of fine curves, then marks and letters; and what the curves of an ink pass.

    The latter is asked for when a curve is to stand out, and costs nothing before.
    """
    strokes = outline(chart, 2 * columns, 4 * lines)
    bounds = np.searchsorted(strokes.owner, np.arange(len(chart.series) + 1)).tolist()
    parts = [
        (series, strokes.take(slice(first, last)))
        for series, first, last in zip(chart.series, bounds, bounds[1:], strict=False)
    ]
    curves = [(series.ink, dashed(part, series.dash)) for series, part in parts if series.dash != "fine"]

    def passed(ink: int) -> Iterable[_Cell]:
        if parts[-1:] and parts[-1][0].ink == ink and len(curves) == len(parts):
            return  # it is over all others already
        alone = [curve for curve in curves if curve[0] == ink and curve[1].x.size]
        for row, runs in enumerate(draw_canvas(columns, lines, alone) if alone else ()):
            yield from ((row, at) for at, sign in enumerate("".join(run.text for run in runs)) if ord(sign) > _BRAILLE)
        for series, part in parts:
            if series.ink == ink and series.dash == "fine":
                across, down, _ = dots(part, 2 * columns, 4 * lines)
                kept = every_second(across, down)
                yield from zip((down[kept] // 4).tolist(), (across[kept] // 2).tolist(), strict=True)

    drawn = any(each.x.size for _, each in curves)
    blank: list[tuple[Run, ...]] = [(Run(" " * columns),)] * lines
    rows = [tuple(row) for row in draw_canvas(columns, lines, curves)] if drawn else blank
    column, row, owner = dots(strokes, 2 * columns, 4 * lines)
    rows = _over(rows, _fine(chart, rows, column, row, owner))
    marks = _marks(chart, columns, lines)
    return _over(rows, _letters(chart, column // 2, row // 4, owner, columns, lines, marks) | marks), passed


def _over(rows: list[tuple[Run, ...]], cells: Mapping[_Cell, tuple[str, int]]) -> list[tuple[Run, ...]]:
    by_row: dict[int, dict[int, tuple[str, int]]] = {}
    for (line, column), cell in cells.items():
        by_row.setdefault(line, {})[column] = cell
    return [with_cells(runs, by_row[i]) if i in by_row else runs for i, runs in enumerate(rows)]


def _fine(
    chart: ChartSpec, rows: Sequence[Sequence[Run]], column: Ints, row: Ints, owner: Ints
) -> dict[_Cell, tuple[str, int]]:
    """Every second dot of the fine curves, with what is in its cell already."""
    cells: dict[_Cell, tuple[str, int]] = {}
    texts = ["".join(run.text for run in runs) for runs in rows]
    for number, series in enumerate(chart.series):
        if series.dash != "fine":
            continue
        along = owner == number
        x, y = column[along], row[along]
        kept = every_second(x, y)
        for c, r in zip(x[kept].tolist(), y[kept].tolist(), strict=True):
            cell = (r // 4, c // 2)
            under, ink = cells.get(cell, (texts[cell[0]][cell[1]], series.ink))
            bits = max(ord(under) - _BRAILLE, 0) if under != " " else 0
            cells[cell] = (chr(_BRAILLE + (bits | _BITS[r % 4][c % 2])), ink)
    return cells


def _marks(chart: ChartSpec, columns: int, lines: int) -> dict[_Cell, tuple[str, int]]:
    cells: dict[_Cell, tuple[str, int]] = {}
    x, y = chart.x_axis, chart.y_axis
    for mark in chart.marks if lines else ():
        column = column_at(mark.x, x.lo, x.hi, columns)
        if column >= 0 and not math.isnan(mark.y):
            line = row_at(min(max(mark.y, y.lo), y.hi), y.lo, y.hi, 4 * lines) // 4
            cells.setdefault((line, column), (mark.symbol, mark.ink))
    return cells


def _letters(
    chart: ChartSpec,
    column: Ints,
    row: Ints,
    owner: Ints,
    columns: int,
    lines: int,
    marks: Mapping[_Cell, tuple[str, int]],
) -> dict[_Cell, tuple[str, int]]:
    """Letters in their cells; the parts of a curve, told by letter and ink, have them together."""
    first: dict[tuple[str, int], int] = {}
    group = [first.setdefault((s.letter, s.ink), number) for number, s in enumerate(chart.series)]
    wanted = [number for number, series in enumerate(chart.series) if series.letter and group[number] == number]
    taken = [line * columns + c for line, c in marks]
    lettered = {
        number: [c for (_, c), (s, _) in marks.items() if s == chart.series[number].letter] for number in wanted
    }
    owners = np.array(group, dtype=np.intp)[owner] if group else owner
    return {
        (placed.row, placed.column): (chart.series[placed.series].letter, chart.series[placed.series].ink)
        for placed in place(column, row, owners, wanted, columns, lines, taken, lettered)
    }


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
    beside = _beside(gutter + has_left, lines, has_left, tuple(y_labels)) if lines else []
    rows = [f"{' ' * blank}{row}{' ' * columns}" for row in beside]
    x_labels = tuple(_x_labels(x_axis, columns)) if has_x else ()
    rows += [" " * (left - has_left) + row for row in _below(has_left + columns, has_left, has_bottom, x_labels)]
    # Keep the promised number of lines: the row of labels is there, empty.
    rows += [" " * width] * (height - len(rows))
    return _Frame(tuple(rows), left, columns, lines)


@lru_cache(maxsize=_REMEMBERED)
def _beside(width: int, lines: int, has_left: bool, labels: tuple[Label, ...]) -> list[str]:
    """The left axis and its labels: the same for many axes with other ends."""
    return [row[:width] for row in draw_frame(width + 1, lines, has_left, False, [], labels)]


@lru_cache(maxsize=_REMEMBERED)
def _below(width: int, has_left: bool, has_bottom: bool, labels: tuple[Label, ...]) -> list[str]:
    """The bottom axis and its labels, from the corner on: the same for any y axis."""
    if not has_bottom:
        return []
    return draw_frame(width, 2 + bool(labels), has_left, True, labels, [])[1:]


def _y_labels(axis: Axis, lines: int) -> list[Label]:
    """The ticks of the left axis as rows counted from the top, one a row."""
    labels: dict[int, str] = {}
    for tick in axis.ticks:
        row = row_at(tick.position, axis.lo, axis.hi, 4 * lines) if lines else -1
        if row >= 0 and tick.label.strip():
            labels.setdefault(row // 4, tick.label)
    return sorted(labels.items())


def _x_labels(axis: Axis, columns: int) -> list[Label]:
    """The ticks of the bottom axis as columns, one a column and no label wider than the canvas."""
    labels: dict[int, str] = {}
    for tick in axis.ticks:
        column = column_at(tick.position, axis.lo, axis.hi, columns)
        if column >= 0 and tick.label.strip() and len(tick.label) <= columns:
            labels.setdefault(column, tick.label)
    return sorted(labels.items())
