"""Plotext, driven: strokes in, rows of text out. For the painter alone.

Plotext keeps one figure for the whole process. Each function here sets all that matters to it and reads the result
before it returns, so that nothing is left over between calls; it must not be used from two threads.

Everything is given to plotext in cells of the canvas, its limits being 0 and the number of cells. Its y goes up, ours
down.
"""

import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from lossterm.chart.picture import FRAME, Run
from lossterm.chart.strokes import Strokes

Label = tuple[int, str]
"""The cell of a tick, counted from the left or from the top, and what is written there."""

_RESET = "\x1b[0m"
_SENTINEL = "\x1b[38;2;1;"
"""How the foreground colours begin that stand for inks; their green and blue are the ink."""

_NUDGE = 0.002
"""In cells. Plotext shrinks its canvas by nearly this much at both ends; a point on the border of two cells or dots is
pushed right and down by it, to where the column map has it."""


@cache
def _plotext() -> Any:
    """The library, imported when the first chart is painted, as that takes longer than painting it."""
    plotext = _without_documentation()

    # Else it takes no figure larger than the terminal, and there may be no terminal.
    plotext.terminal.limit(False, False)
    plotext.figure.canvas("default")
    plotext.figure.title(None)
    return plotext


def _without_documentation() -> Any:
    # Two thirds of the time to import plotext goes into building the text of its own documentation, which nothing here
    # reads. An empty module stands in for it meanwhile; if there is no such module any more, nothing is lost.
    name = "plotext._doc.doc"
    if "plotext" in sys.modules or name in sys.modules:
        import plotext

        return plotext
    empty = ModuleType(name)
    empty.docs = None  # type: ignore[attr-defined]
    sys.modules[name] = empty
    try:
        import plotext
    finally:
        del sys.modules[name]
    return plotext


@cache
def _pixel(ink: int) -> Any:
    """The colour that stands for an ink."""
    return _plotext().pixel((1, ink >> 8, ink & 255))


@cache
def _marker(symbol: str, ink: int) -> Any:
    return _plotext().marker(symbol, pixel=_pixel(ink))


def _window(width: int, height: int, columns: int, lines: int) -> Any:
    """The figure, empty, of a size in cells, with limits for a canvas of `columns` by `lines` cells."""
    figure = _plotext().figure
    figure.clear.data()
    figure.plot_size(width, height)
    for ruler, cells in ((figure.ruler("x", "lower"), columns), (figure.ruler("y", "left"), lines)):
        ruler.lim(0, cells)
        ruler.alignment(lim="edge")
    return figure


def draw_frame(width: int, height: int, left: bool, bottom: bool, x: Sequence[Label], y: Sequence[Label]) -> list[str]:
    """The axes with their ticks, around an empty canvas.

    Args:
        width: Of everything, in cells.
        height: Of everything, in cells.
        left: Whether there is an axis on the left.
        bottom: Whether there is an axis at the bottom.
        x: The ticks at the bottom.
        y: The ticks on the left.

    Returns:
        The rows, as plain text.
    """
    columns = width - left - max((len(label) for _, label in y), default=0)
    lines = height - bottom - bool(x)
    figure = _window(width, height, columns, lines)
    figure.axes(False)
    figure.axes(left, axis="y", side="left")
    figure.axes(bottom, axis="x", side="lower")
    figure.ruler("x", "lower").ticks([column + 0.5 for column, _ in x], [label for _, label in x])
    figure.ruler("y", "left").ticks([lines - row - 0.5 for row, _ in y], [label for _, label in y])
    return str(figure.build().string(colorless=True)).split("\n")[:-1]


def draw_canvas(columns: int, lines: int, curves: Sequence[tuple[int, Strokes]]) -> list[list[Run]]:
    """Curves on a canvas without a frame.

    Args:
        columns: Of the canvas.
        lines: Of the canvas.
        curves: For each curve its ink and its strokes, in dots.

    Returns:
        The rows, each exactly `columns` cells wide.
    """
    figure = _window(columns, lines, columns, lines)
    figure.axes(False)
    figure.ruler("x", "lower").ticks([])
    figure.ruler("y", "left").ticks([])
    for ink, strokes in curves:
        if strokes.x.size:
            figure.draw(_signal(figure, columns, lines, ink, strokes))
    rows = str(figure.build().string()).split("\n")[:-1]
    return [_runs(row) for row in rows]


def _signal(figure: Any, columns: int, lines: int, ink: int, strokes: Strokes) -> Any:
    lone = strokes.starts & np.append(strokes.starts[1:], True)
    # A dot is put in its middle; the points of a line are not, for the line to keep its slope.
    x = np.where(lone, np.floor(np.minimum(strokes.x, 2 * columns - 1)) + 0.5, strokes.x + 2 * _NUDGE) / 2
    y = np.where(lone, np.floor(np.minimum(strokes.y, 4 * lines - 1)) + 0.5, strokes.y + 4 * _NUDGE) / 4
    x, y = np.minimum(x, columns), lines - np.minimum(y, lines)
    signal = figure.signal(x.tolist(), y.tolist(), marker=_marker("braille", ink))
    if not strokes.starts.all():
        signal.lines()
        for index in np.flatnonzero(strokes.starts).tolist():
            signal.line(index, False)
    return signal


def _runs(row: str) -> list[Run]:
    """A row of plotext's output as runs. It ends each run with a reset."""
    runs = []
    for part in row.split(_RESET):
        code, _, text = part.partition("m") if part.startswith("\x1b") else ("", "", part)
        if text:
            runs.append(Run(text, _ink(code)))
    return runs


@cache
def _ink(code: str) -> int:
    """The ink that a colour stands for, the colour being an escape code without its last letter."""
    if not code.startswith(_SENTINEL):
        return FRAME
    high, low = code[len(_SENTINEL) :].split(";")
    return int(high) << 8 | int(low)
