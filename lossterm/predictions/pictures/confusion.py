"""The confusion matrix as a picture: a row for each label, a column for each decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lossterm.chart.cells import MORE, Sheet, cut, plain, width_of
from lossterm.chart.panel import Panel
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, ChartSpec
from lossterm.core.numbers import UNDEFINED, trimmed
from lossterm.core.statistics.findings import Findings
from lossterm.predictions.figures import told
from lossterm.predictions.pictures.figure import (
    LABEL_INKS,
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    counted,
    nothing,
    percent,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

CURSOR_MARK = "▸"
"""Before the right decisions of the class at the cursor."""

NONE = "·"
"""No example."""

SHADES = "·░▒▓█"
"""Where counts have no room: up to 1, 10, 33 and 67% of the label's examples, and more."""

_STEPS = (0.01, 0.10, 0.33, 0.67)
_LONGEST_NAME = 12
_ROOMY = 5
"""Columns of a count where there is room."""
_HEADER = 1


@dataclass(frozen=True, eq=False)
class ConfusionReadout:
    """The numbers of the picture.

    Attributes:
        matrix: examples by label and decision, ``(K, K)``.
        names: of the classes.
        drawn: the classes that have a row.
        lines: of the canvas.
    """

    matrix: NDArray[np.int64]
    names: Sequence[str]
    drawn: range
    lines: int

    def at(self, at: float) -> int:
        """The class at the cursor."""
        return min(max(round(at), 0), len(self.matrix) - 1)

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The row of the class."""
        k = self.at(at)
        height = self.lines - _HEADER - (k - self.drawn.start) - 0.5
        return [(LABEL_INKS[1], height if k in self.drawn else math.nan)]

    def words(self, at: float) -> str:
        """How well the class is found, and what it is mistaken for."""
        k = self.at(at)
        count, decided, right = (int(x) for x in (self.matrix[k].sum(), self.matrix[:, k].sum(), self.matrix[k, k]))
        ratios = [
            f"{name} {told(part / whole, 3) if whole else UNDEFINED}"
            for name, part, whole in (
                ("precision", right, decided),
                ("recall", right, count),
                ("F1", 2 * right, count + decided),
            )
        ]
        parts = [f"class {self.names[k]}: {counted(count, 'example')}", *ratios]
        parts += self._mistaken(self.matrix[k], k, "mostly mistaken for {name} ({count:,})") if count else []
        parts += self._mistaken(self.matrix[:, k], k, "mistaken for it: mostly {name} ({count:,})") if decided else []
        return SEPARATOR.join(parts)

    def _mistaken(self, counts: NDArray[np.int64], own: int, how: str) -> list[str]:
        others = counts.copy()
        others[own] = 0
        most = int(others.argmax())
        return [how.format(name=self.names[most], count=others[most])] if others[most] else []


def draw_confusion(
    findings: Findings, size: tuple[int, int], names: Sequence[str] = (), threshold: float = 0.5, at: float = 0.0
) -> PredictionFigure:
    """Paint the matrix; counts where they have room, else shades of the share of the label's examples.

    Where there is no room for all classes those about the one at the cursor are seen; `PredictionFigure.seen` are the
    ones that the cursor can go to until it must be painted anew.

    Args:
        findings: of the file.
        size: width and height in cells.
        names: of the classes; those of the question where there are none.
        threshold: above which a probability means class 1, where there are two classes.
        at: the class at the cursor.
    """
    known = _matrix(findings, threshold)
    if known is None:
        if findings.question.kind == "value":
            return nothing("plain values decide for no class")
        return nothing("labels are not all 0 or 1: there is no right decision")
    matrix, uncertain = known
    given = names or findings.question.names
    names = [plain(given[k]) if k < len(given) else str(k) for k in range(len(matrix))]
    at = min(max(round(at), 0), len(matrix) - 1)
    grid = _grid(matrix, names, size, at)
    if grid is None:
        return nothing(TOO_SMALL)
    picture = _painted(matrix, names, grid)
    columns = grid.columns
    cut_off = 1e-6 if columns.stop < len(matrix) else 0.0  # the class after the last one drawn is outside
    chart = ChartSpec(Axis(float(columns.start), columns.stop - cut_off), Axis(0.0, float(picture.lines)))
    readout = ConfusionReadout(matrix, names, grid.rows, picture.lines)
    stops = np.arange(len(matrix), dtype=float)
    panel = Panel("count", chart, picture, None)
    legend = _legend(matrix, uncertain, grid, threshold, findings, names)
    return PredictionFigure(panel, "", legend, stops, readout, mark=CURSOR_MARK, seen=grid.seen)


def _legend(
    matrix: NDArray[np.int64],
    uncertain: int,
    grid: ConfusionGrid,
    threshold: float,
    findings: Findings,
    names: Sequence[str],
) -> tuple[tuple[str, int], ...]:
    right, n = int(matrix.trace()), int(matrix.sum())
    pieces = [(_parts_seen(grid, names), FRAME), (f"  {right:,} right ({percent(right / n)})", LABEL_INKS[1])]
    if findings.matrix is None:
        pieces.append((f"  1 where p > {trimmed(threshold)}", FRAME))
    if uncertain:
        pieces.append((f"  ± {uncertain:,} till counted", FRAME))
    if not grid.counts:
        pieces.append((f"  {' '.join(SHADES)} of the label", FRAME))
    return tuple(pieces)


def _parts_seen(grid: ConfusionGrid, names: Sequence[str]) -> str:
    """Which way the matrix is read, with the classes that are seen where not all are."""
    rows, columns = (
        "" if len(seen) == len(names) else f" {cut(names[seen.start], 8)}–{cut(names[seen.stop - 1], 8)}"
        for seen in (grid.rows, grid.columns)
    )
    return f"label{rows} ↓ decided{columns} →" + (f" of {len(names):,}" if rows or columns else "")


def _matrix(findings: Findings, threshold: float) -> tuple[NDArray[np.int64], int] | None:
    """Examples by label and decision, and how many may be decided otherwise; None where there are no decisions."""
    if findings.matrix is not None:
        return findings.matrix, 0
    known = findings.confusion(threshold)
    if known is None:
        return None
    found, uncertain = known
    cells = [[found.true_negative, found.false_positive], [found.false_negative, found.true_positive]]
    return np.array(cells), uncertain


@dataclass(frozen=True)
class ConfusionGrid:
    """Where the matrix goes, and what part of it is seen.

    Attributes:
        size: of the picture.
        left: columns of the names of the labels.
        cell: columns of a class, the first one blank.
        columns: the classes that have a column.
        rows: the classes that have a row.
        counts: whether cells are counts, not shades.
    """

    size: tuple[int, int]
    left: int
    cell: int
    columns: range
    rows: range
    counts: bool

    @property
    def seen(self) -> range:
        """The classes that have both a row and a column."""
        return range(max(self.rows.start, self.columns.start), min(self.rows.stop, self.columns.stop))


def _grid(matrix: NDArray[np.int64], names: Sequence[str], size: tuple[int, int], at: int) -> ConfusionGrid | None:
    width, height = size
    k = len(matrix)
    longest = max(map(width_of, names))
    left = min(longest, _LONGEST_NAME, max(width // 4, 1)) + 1
    least = len(str(int(matrix.max())))
    roomy = min(max(longest, _ROOMY), _LONGEST_NAME)
    cell = max(least, min(roomy, (width - left) // k - 1)) + 1
    if counts := left + k * cell <= width:
        columns = k
    else:
        cell = 2
        columns = min(k, (width - left) // cell)
        columns -= columns < k and left + columns * cell + 1 > width  # the … needs a column
    rows = min(k, height - _HEADER)
    rows -= rows < k and rows > 1
    if columns <= 0 or rows <= 0:
        return None
    return ConfusionGrid(size, left, cell, _window(k, columns, at), _window(k, rows, at), counts)


def _window(classes: int, room: int, at: int) -> range:
    """So many classes, the one at the cursor in their middle where that can be."""
    first = min(max(at - room // 2, 0), classes - room)
    return range(first, first + room)


def _painted(matrix: NDArray[np.int64], names: Sequence[str], grid: ConfusionGrid) -> Picture:
    width, height = grid.size
    sheet, k = Sheet(width, height), len(matrix)
    wide = len(grid.columns) * grid.cell
    for row, label in enumerate(grid.rows, _HEADER):
        name = cut(names[label], grid.left - 1)
        sheet.put(row, grid.left - 1 - width_of(name), name)
        if grid.columns.start:
            sheet.put(row, grid.left - 1, MORE)
        if grid.columns.stop < k:
            sheet.put(row, grid.left + wide, MORE)
    if grid.rows.start:
        sheet.put(0, grid.left - 2, MORE)
    if grid.rows.stop < k:
        sheet.put(_HEADER + len(grid.rows), grid.left - 2, MORE)
    for place, decision in enumerate(grid.columns):
        end = grid.left + (place + 1) * grid.cell
        for row, label in enumerate(grid.rows, _HEADER):
            text = _cell(matrix, label, decision, counts=grid.counts)
            sheet.put(row, end - len(text), text, LABEL_INKS[1] if label == decision else FRAME)
    _name_columns(sheet, names, grid)
    more = grid.rows.stop < k and _HEADER + len(grid.rows) < height
    return Picture(sheet.rows(), grid.left, wide, 0, _HEADER + len(grid.rows) + more)


def _name_columns(sheet: Sheet, names: Sequence[str], grid: ConfusionGrid) -> None:
    # over counts each name ends with its column; over narrow columns it begins there, and what has no room is left out
    free, end = 0, grid.left + len(grid.columns) * grid.cell
    for place, decision in enumerate(grid.columns):
        if grid.counts:
            name = cut(names[decision], grid.cell - 1)
            sheet.put(0, grid.left + (place + 1) * grid.cell - width_of(name), name)
            continue
        start, name = grid.left + (place + 1) * grid.cell - 1, cut(names[decision], _ROOMY)
        if start >= free and start + width_of(name) <= end:
            sheet.put(0, start, name)
            free = start + width_of(name) + 1


def _cell(matrix: NDArray[np.int64], row: int, column: int, *, counts: bool) -> str:
    count = int(matrix[row, column])
    if counts:
        return str(count) if count else NONE
    part = count / max(int(matrix[row].sum()), 1)
    return SHADES[sum(part > step for step in _STEPS)] if count else " "
