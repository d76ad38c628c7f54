"""The confusion matrix as a picture: a row for each label, a column for each decision."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lossterm.core.findings import Findings
from lossterm.numbers import UNDEFINED, significant, trimmed
from lossterm.plot.figure import Panel, overlaid
from lossterm.plot.picture import FRAME, Picture, Run
from lossterm.plot.predictions_figure import (
    LABEL_INKS,
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    counted,
    nothing,
    percent,
)
from lossterm.plot.spec import Axis, Chart

if TYPE_CHECKING:
    from numpy.typing import NDArray

CURSOR_MARK = "▸"
"""Before the right decisions of the class at the cursor."""

NONE, MORE = "·", "…"
"""No example; what there is no room for."""

SHADES = "·░▒▓█"
"""Where counts have no room: up to 1, 10, 33 and 67 % of the label's examples, and more."""

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
        drawn: how many classes have a row.
        lines: of the canvas.
    """

    matrix: NDArray[np.int64]
    names: Sequence[str]
    drawn: int
    lines: int

    def at(self, at: float) -> int:
        """The class at the cursor."""
        return min(max(round(at), 0), len(self.matrix) - 1)

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The row of the class."""
        k = self.at(at)
        return [(LABEL_INKS[1], self.lines - _HEADER - k - 0.5 if k < self.drawn else math.nan)]

    def words(self, at: float) -> str:
        """How well the class is found, and what it is mistaken for."""
        k = self.at(at)
        count, decided, right = (int(x) for x in (self.matrix[k].sum(), self.matrix[:, k].sum(), self.matrix[k, k]))
        ratios = [
            f"{name} {significant(part / whole, 3) if whole else UNDEFINED}"
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
    findings: Findings, size: tuple[int, int], names: Sequence[str] = (), threshold: float = 0.5
) -> PredictionFigure:
    """Paint the matrix; counts where they have room, else shades of the share of the label's examples.

    Args:
        findings: of the file.
        size: width and height in cells.
        names: of the classes; those of the question where there are none.
        threshold: above which a probability means class 1, where there are two classes.
    """
    known = _matrix(findings, threshold)
    if known is None:
        if findings.question.kind == "value":
            return nothing("plain values decide for no class")
        return nothing("labels are not all 0 or 1: there is no right decision")
    matrix, uncertain = known
    given = names or findings.question.names
    names = [plain(given[k]) if k < len(given) else str(k) for k in range(len(matrix))]
    grid = _grid(matrix, names, size)
    if grid is None:
        return nothing(TOO_SMALL)
    picture = _painted(matrix, names, grid)
    cut = 1e-6 if grid.columns < len(matrix) else 0.0  # the class after the last one drawn is outside
    chart = Chart(Axis(0.0, grid.columns - cut), Axis(0.0, float(picture.lines)))
    readout = ConfusionReadout(matrix, names, grid.rows, picture.lines)
    stops = np.arange(len(matrix), dtype=float)
    panel = Panel("count", chart, picture, None)
    return PredictionFigure(
        panel, "", _legend(matrix, uncertain, grid, threshold, findings), stops, readout, mark=CURSOR_MARK
    )


def _legend(
    matrix: NDArray[np.int64], uncertain: int, grid: Grid, threshold: float, findings: Findings
) -> tuple[tuple[str, int], ...]:
    right, n = int(matrix.trace()), int(matrix.sum())
    pieces = [("label ↓ decided →", FRAME), (f"  {right:,} right ({percent(right / n)})", LABEL_INKS[1])]
    if findings.matrix is None:
        pieces.append((f"  1 where p > {trimmed(threshold)}", FRAME))
    if uncertain:
        pieces.append((f"  ± {uncertain:,} till counted", FRAME))
    if not grid.counts:
        pieces.append((f"  {' '.join(SHADES)} of the label", FRAME))
    return tuple(pieces)


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
class Grid:
    """Where the matrix goes.

    Attributes:
        size: of the picture.
        left: columns of the names of the labels.
        cell: columns of a class, the first one blank.
        columns: how many classes have a column.
        rows: how many have a row.
        counts: whether cells are counts, not shades.
    """

    size: tuple[int, int]
    left: int
    cell: int
    columns: int
    rows: int
    counts: bool


def _grid(matrix: NDArray[np.int64], names: Sequence[str], size: tuple[int, int]) -> Grid | None:
    width, height = size
    k = len(matrix)
    left = min(max(map(len, names)), _LONGEST_NAME, max(width // 4, 1)) + 1
    least = len(str(int(matrix.max())))
    roomy = min(max(*map(len, names), _ROOMY), _LONGEST_NAME)
    cell = max(least, min(roomy, (width - left) // k - 1)) + 1
    if counts := left + k * cell <= width:
        columns = k
    else:
        cell = 2
        columns = min(k, (width - left) // cell)
        columns -= columns < k and left + columns * cell + 1 > width  # the … needs a column
    rows = min(k, height - _HEADER)
    rows -= rows < k and rows > 1
    return Grid(size, left, cell, columns, rows, counts) if columns > 0 and rows > 0 else None


def _painted(matrix: NDArray[np.int64], names: Sequence[str], grid: Grid) -> Picture:
    width, height = grid.size
    wide = grid.columns * grid.cell
    lines = []
    for row in range(height):
        k = row - _HEADER
        name = MORE if k == grid.rows < len(matrix) else names[k] if 0 <= k < grid.rows else ""
        text = cut(name, grid.left - 1).rjust(grid.left - 1)
        more = MORE if grid.columns < len(matrix) and 0 <= k < grid.rows else ""
        lines.append((Run(f"{text:<{grid.left}}{' ' * wide}{more}".ljust(width)[:width]),))
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for column in range(grid.columns):
        texts = [(0, cut(names[column], grid.cell - 1), FRAME)] if grid.counts else []
        for row in range(grid.rows):
            ink = LABEL_INKS[1] if row == column else FRAME
            texts.append((row + _HEADER, _cell(matrix, row, column, counts=grid.counts), ink))
        for line, text, ink in texts:
            start = (column + 1) * grid.cell - len(text)
            cells |= {(line, start + i): (c, ink) for i, c in enumerate(text)}
    if not grid.counts:
        cells |= _header(names, grid)
    drawn = _HEADER + grid.rows + (grid.rows < len(matrix) and _HEADER + grid.rows < height)
    return overlaid(Picture(tuple(lines), grid.left, wide, 0, drawn), cells)


def _header(names: Sequence[str], grid: Grid) -> dict[tuple[int, int], tuple[str, int]]:
    # names over narrow columns: each begins above its own, and those without room are left out
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    free = 0
    for column in range(grid.columns):
        start, text = (column + 1) * grid.cell - 1, cut(names[column], _ROOMY)
        if start >= free and start + len(text) <= grid.columns * grid.cell:
            cells |= {(0, start + i): (c, FRAME) for i, c in enumerate(text)}
            free = start + len(text) + 1
    return cells


def _cell(matrix: NDArray[np.int64], row: int, column: int, *, counts: bool) -> str:
    count = int(matrix[row, column])
    if counts:
        return str(count) if count else NONE
    part = count / max(int(matrix[row].sum()), 1)
    return SHADES[sum(part > step for step in _STEPS)] if count else " "


def plain(text: str) -> str:
    """A name in characters of one cell each, what is not replaced by ``?``."""
    odd = ("Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp")
    return "".join(
        "?" if unicodedata.category(c) in odd or unicodedata.east_asian_width(c) in "WF" else c for c in text
    )


def cut(text: str, width: int) -> str:
    """A text in so many cells, with … where its end is missing."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + MORE[: max(width, 0)]
