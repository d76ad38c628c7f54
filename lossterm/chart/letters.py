"""Where the letter of each curve is set, so that curves can be told apart without colour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lossterm.chart.columns import Ints

_NARROWEST = 8
_WIDE = 40
"""Canvas columns from which a curve has two letters; half as many again, and it has three."""

_SHARED = 1000.0
_CROWDED = 300.0
"""What makes a place worse, in columns off the wanted one: another curve, a letter beside it."""

_SPARSE = 5
"""Columns a letter, at least, from which curves have more than one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A letter in its cell."""

    series: int
    """Which series of the chart it belongs to."""

    column: int
    """Of the canvas, from the left."""

    row: int
    """Of the canvas, from the top."""


def place(
    column: Ints, row: Ints, owner: Ints, wanted: list[int], columns: int, lines: int,
    taken: Iterable[int] = (), lettered: Mapping[int, Sequence[int]] | None = None,
) -> list[Placed]:  # fmt: skip
    """Cells for letters: on their curves, where possible on no other curve, and no two letters in one cell.

    Args:
        column: Shape (n,), the columns of cells that curves pass.
        row: Shape (n,), the rows of these cells, from the top.
        owner: Shape (n,), the series whose curve it is.
        wanted: The series that have a letter.
        columns: Of the canvas.
        lines: Of the canvas.
        taken: Cells, counted row by row, in which something else stands.
        lettered: By series, columns in which its letter stands already.

    Returns:
        Letters by series, the same letter never twice near each other; none for a curve without a free cell, and none
        at all on a canvas too narrow.
    """
    copies = 0 if columns < _NARROWEST else 1 if columns < _WIDE else 2 if columns < 3 * _WIDE else 3
    if not copies or not column.size:
        return []
    copies = min(copies, max(1, columns // (_SPARSE * max(len(wanted), 1))))
    # One entry a curve and cell, and how many curves are in that cell.
    cell, curve = np.divmod(np.unique((row * columns + column) * (owner.max() + 1) + owner), owner.max() + 1)
    shared = _SHARED * (np.bincount(cell, minlength=columns * lines) > 1)
    grid = shared.reshape(lines, columns)
    placed: list[Placed] = []

    def crowd(y: int, x: int) -> None:
        grid[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] += _CROWDED
        grid[y, x] = np.inf

    for one in taken:
        crowd(*divmod(one, columns))
    for rank, series in enumerate(wanted):
        cells = cell[curve == series]
        across = cells % columns
        apart = np.zeros(cells.size)
        for one in (lettered or {}).get(series, ()):
            apart[np.abs(across - one) <= columns // 6] = np.inf
        for copy in range(copies if cells.size else 0):
            target = (copy + (rank + 1) / (len(wanted) + 1)) / copies * (columns - 1)
            cost = np.abs(across - target) + shared[cells] + apart
            best = int(np.argmin(cost))
            if not np.isfinite(cost[best]):
                break
            y, x = divmod(int(cells[best]), columns)
            placed.append(Placed(series, x, y))
            crowd(y, x)
            apart[np.abs(across - x) <= columns // 6] = np.inf
    return placed
