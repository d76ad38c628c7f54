"""The numbers at the cursor beside those at the mark: each quantity at both, and the ratio of the two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lossterm.core.losses.objective import Reading
from lossterm.core.losses.surroundings import denoised, surroundings
from lossterm.core.losses.verdict import verdict
from lossterm.core.numbers import UNDEFINED, equation, fitting, fixed, ratio, significant
from lossterm.curves.figure import MARK
from lossterm.curves.scene import Curve, Scene
from lossterm.curves.titles import FIELD, name, prediction_letter
from lossterm.curves.view import SLOPES, Quantity, View
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import CELL, CLOSE, DOT, NumbersRow

NUMBER = 8
"""Characters of a number: less than its column."""

SAID = 8
"""Columns that are left to words where there is room for them at all."""

NAME = 14
"""Characters of a name where the numbers need the room."""

ALMOST_NOTHING, ALMOST_ALL = "≈ 0", "≈ ∞"
"""A number that is too small for a double against another, and another against it."""


def quantities(view: View, names: Sequence[str], width: int) -> Sequence[Quantity]:
    """What is compared: the loss, the slope that the lower chart shows, and the others as far as they have room.

    Args:
        view: what is looked at.
        names: of the curves.
        width: cells of a line.
    """
    longest = min(max(map(len, names), default=4), NAME if width < 100 else 26)
    room = width - 4 - longest - (SAID if width >= CLOSE else 0)
    order: list[Quantity] = ["loss", view.slope, *(slope for slope in SLOPES if slope != view.slope)]
    return order[: max(room // (3 * CELL), 1)]


def heads(view: View, shown: Sequence[str]) -> list[str]:
    """The column heads: of each quantity at the cursor, at the mark, of their ratio; the last is of the verdicts."""
    return [*(head for quantity in shown for head in (name(view, quantity), MARK, f"÷{MARK}")), "in words"]


def title(view: View, head: str, marked: Reading) -> str:
    """The heading of the numbers, with the point of the mark."""
    letter = prediction_letter(view)
    prediction = surroundings(view.objective(view.reference)).text("prediction", marked, significant)
    return f"{head}  {MARK} z = {fixed(marked.logit)}  {equation(letter, prediction)}"


def entries(
    scene: Scene,
    readings: Sequence[Reading],
    marked: Sequence[Reading],
    shown: Sequence[str],
    current: int,
    width: int,
) -> list[NumbersRow]:
    """One row a curve; what is nothing but rounding is 0 in it.

    Args:
        scene: the curves.
        readings: each of them at the cursor.
        marked: each of them at the mark.
        shown: what is compared.
        current: the row whose curve is the current one.
        width: cells of a line.
    """
    rows = []
    for curve, here, there in zip(scene.curves, readings, marked, strict=True):
        cells = _cells(curve, denoised(curve.objective, here), denoised(curve.objective, there), shown)
        short = curve.name if len(curve.name) <= NAME or width >= 100 else f"{curve.name[: NAME - 1]}…"
        words = verdict(curve.objective, here)
        rows.append(NumbersRow(curve.letter, curve.ink, short, cells, words, curve.row == current, ""))
    return rows


def without_verdicts(
    heads: Sequence[str], rows: Sequence[NumbersRow], styles: Styles
) -> tuple[list[str], list[NumbersRow], list[Part]]:
    """The heads and rows where verdicts have no room beside the numbers, and that of the current loss as a line.

    Args:
        heads: the column heads.
        rows: the rows.
        styles: of the theme.
    """
    told: list[Part] = []
    for row in rows:
        if row.current and row.verdict:
            told += [(f"{row.letter} ", styles.ink(row.ink)), (row.verdict, styles.text), (DOT, styles.muted)]
    return [*heads[:-1], ""], [replace(row, verdict="") for row in rows], told


def _cells(curve: Curve, here: Reading, there: Reading, shown: Sequence[str]) -> tuple[str, ...]:
    elsewhere = surroundings(curve.objective)
    cells: list[str] = []
    for quantity in shown:
        field = FIELD[quantity]
        cells += [elsewhere.text(field, reading, _number) for reading in (here, there)]
        cells.append(times(getattr(here, field), getattr(there, field)))
        if cells[-1] == "0" and elsewhere.beyond(field, here.logit, 0.0):
            cells[-1] = ALMOST_NOTHING
        if cells[-1] == "∞" and elsewhere.beyond(field, there.logit, 0.0):
            cells[-1] = ALMOST_ALL
    return tuple(cells)


def _number(x: float) -> str:
    return fitting(x, NUMBER)


def times(x: float, other: float) -> str:
    """How many times another number one is, with its sign: ``6.46``, ``−1/28.3``; — where that has no meaning."""
    if math.isnan(x) or math.isnan(other) or (math.isinf(x) and math.isinf(other)):
        return UNDEFINED
    if math.isinf(other):
        return "0"
    size = "∞" if math.isinf(x) else ratio(x, other)
    opposed = x != 0 != other and (x < 0) != (other < 0)
    return f"−{size}" if opposed else size
