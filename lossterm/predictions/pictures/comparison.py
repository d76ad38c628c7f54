"""The pictures of two predictions of the same rows: the differences of their losses, and the Murphy diagram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossterm.chart.columns import column_of, round_points
from lossterm.chart.panel import overlaid
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, Series
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks
from lossterm.core.jets import Array
from lossterm.core.numbers import MINUS, trimmed
from lossterm.core.statistics.pair_figures import NORMAL, Costs, Difference
from lossterm.predictions.compare_words import best, cost_sentence, loss_title, sentences, signed
from lossterm.predictions.comparing import Comparison
from lossterm.predictions.figures import told
from lossterm.predictions.pictures.figure import SEPARATOR, TOO_SMALL, PredictionFigure, nothing, panel_of

FIRST_INK, SECOND_INK = 0, 1

LEAST_NAME = 3
"""Cells that a name has at least, or it is left to the table below."""

LEAST_REACH = 4.0
"""Standard errors that the forest shows to either side of 0 at least."""


@dataclass(frozen=True, eq=False)
class ForestReadout:
    """The readout of the forest: its sentences, the most important first."""

    text: str

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """None."""
        return ()

    def words(self, at: float) -> str:
        """All of them."""
        return self.text


@dataclass(frozen=True, eq=False)
class CostReadout:
    """The scores at a ratio of costs."""

    costs: Costs
    said: str

    def _at(self, scores: Array, at: float) -> float:
        return float(np.interp(at, self.costs.theta, scores, left=math.nan, right=math.nan))

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """Of both curves."""
        return (SECOND_INK, self._at(self.costs.second, at)), (FIRST_INK, self._at(self.costs.first, at))

    def words(self, at: float) -> str:
        """Both scores, and their difference."""
        first, second = self._at(self.costs.first, at), self._at(self.costs.second, at)
        parts = [f"cost θ {trimmed(at, 3)}"]
        if math.isfinite(first):
            parts += [f"A {told(first, 3)}", f"B {told(second, 3)}", f"B {MINUS} A {signed(second - first, 2)}"]
        return SEPARATOR.join([*parts, self.said])


def draw_forest(comparison: Comparison, size: tuple[int, int]) -> PredictionFigure:
    """Paint the difference of each loss, and of the AUROC, with its interval about 0, in its own standard errors."""
    entries = _entries(comparison)
    if not entries:
        return nothing("no loss has a difference of two predictions with an error: the figures below say why")
    places = [value / (error or 1.0) for _, value, error in entries]
    reach = max(LEAST_REACH, *(abs(place) + NORMAL for place in places)) * 1.05
    x = Axis(-reach, reach, tuple(linear_ticks(-reach, reach, most_x(size[0]))))
    panel = panel_of("difference", x, Axis(0.0, 1.0, ()), (), size)
    if panel is None:
        return nothing(TOO_SMALL)
    columns, lines = panel.picture.columns, panel.picture.lines
    room = 2 if lines >= 2 * len(entries) else 1
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    zero = int(column_of(0.0, -reach, reach, columns))
    cells |= {(line, zero): ("│", FRAME) for line in range(lines)}
    top = max((lines - room * len(entries)) // 2, 0)
    for n, ((title, _, error), place) in enumerate(zip(entries, places, strict=True)):
        line = top + room * n
        if line >= lines:
            break
        ink = FRAME if abs(place) <= NORMAL else SECOND_INK if place < 0 else FIRST_INK
        far = NORMAL if error else 0.0
        low, middle, high = column_of([place - far, place, place + far], -reach, reach, columns).tolist()
        cells |= {(line, at): ("─", ink) for at in range(low, high + 1)}
        if low < high:
            cells |= {(line, low): ("├", ink), (line, high): ("┤", ink)}
        cells[line, middle] = ("●", ink)
        ends = _place(low, middle, high, zero, columns, len(title[-1]), below=room > 1)
        shortest = title[-1] if len(title[-1]) <= ends[1] - ends[0] else f"{title[-1][: ends[1] - ends[0] - 1]}…"
        text = next((form for form in title if len(form) <= ends[1] - ends[0]), shortest)
        if ends[1] - ends[0] < LEAST_NAME:
            continue
        start = min(max(middle - len(text) // 2, ends[0]), ends[1] - len(text))
        cells |= {(line + room - 1, start + at): (character, FRAME) for at, character in enumerate(text)}
    picture = overlaid(panel.picture, cells)
    second, first = (f"◂ B {comparison.second} better", SECOND_INK), (f"A {comparison.first} better ▸", FIRST_INK)
    legend = (second, (SEPARATOR, FRAME), first)
    brief = ((("◂ B better", SECOND_INK), (SEPARATOR, FRAME), ("A better ▸", FIRST_INK)),)
    readout = ForestReadout(SEPARATOR.join(sentences(comparison)))
    return PredictionFigure(replace(panel, picture=picture), "", legend, np.zeros(1), readout, brief=brief)


def _place(low: int, middle: int, high: int, zero: int, columns: int, least: int, *, below: bool) -> tuple[int, int]:
    """Where a name may stand: on the dot's side of 0, below it or where its line is free; else on the other side."""
    left, right = (0, zero - 1), (zero + 2, columns)
    if below:
        return left if middle <= zero else right
    beside = (high + 2, zero - 1) if middle <= zero else (zero + 2, low - 1)
    across = (max(right[0], high + 2), columns) if middle <= zero else (0, min(left[1], low - 1))
    return beside if beside[1] - beside[0] >= least else max(across, beside, key=lambda ends: ends[1] - ends[0])


Entry = tuple[tuple[str, ...], float, float]


def _entries(comparison: Comparison) -> list[Entry]:
    """What is drawn: a title in forms, the difference turned so that below 0 B is better, and its standard error."""
    found = []
    for at, loss in enumerate(comparison.compared.losses):
        if loss.of_one_loss:
            found += _entry(loss_title(comparison, at), best(comparison, at), 1.0)
    return found + _entry("AUROC turned", comparison.compared.ranking, -1.0)


def _entry(title: str, difference: Difference, sign: float) -> list[Entry]:
    value, error = difference.value, difference.standard_error
    if value is None or error is None or not math.isfinite(value):
        return []
    forms = (f"{title} {signed(value)} ± {told(error, 2)}", f"{title} {signed(value, 2)}", title)
    return [(forms, sign * value, error)]


def draw_costs(comparison: Comparison, size: tuple[int, int]) -> PredictionFigure:
    """Paint the mean elementary score of both at each ratio of costs."""
    costs = comparison.compared.costs
    if costs is None:
        return nothing("scores for every cost are of one probability and labels of 0 and 1")
    highest = float(max(costs.first.max(), costs.second.max())) * 1.05 or 1.0
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    y = Axis(0.0, highest, tuple(even_ticks(0.0, highest, canvas_lines(size[1]))))
    series = [
        Series(costs.theta, costs.second, SECOND_INK, "B", "dashed"),
        Series(costs.theta, costs.first, FIRST_INK, "A"),
    ]
    panel = panel_of("score", x, y, series, size)
    if panel is None:
        return nothing(TOO_SMALL)
    readout = CostReadout(costs, cost_sentence(costs, "A", "B"))
    stops = round_points(0.0, 1.0, panel.picture.columns)
    legend = ((f"A {comparison.first}", FIRST_INK), (SEPARATOR, FRAME), (f"B {comparison.second}", SECOND_INK))
    return PredictionFigure(panel, "", legend, stops, readout, brief=((("A", FIRST_INK), ("  B", SECOND_INK)),))
