"""Who holds the gradient: the Lorenz curve of |∂L/∂z| of each loss, the worst examples first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from lossterm.chart.columns import centre, column_of, row_of
from lossterm.chart.painter import FRAME
from lossterm.chart.spec import DASHES, Axis, Series, Tick
from lossterm.chart.ticks import most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks
from lossterm.core.jets import Array
from lossterm.core.statistics.concentration import worst_count
from lossterm.core.statistics.findings import WORST_SHARE, Findings, LossFinding
from lossterm.predictions.figures import no_less
from lossterm.predictions.pictures.figure import (
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    Shown,
    counted,
    nothing,
    over_blanks,
    panel_of,
    percent,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUIET = "·"
"""What the curve of equal shares is made of."""

_MOST_DECADES = 5
"""How small a part of the examples the axis goes down to."""

_DENSE = 20_000
"""Up to so many examples the share of every number of worst ones is kept; beyond it of round parts of them all."""


@dataclass(frozen=True, eq=False)
class Lorenz:
    """The shares of one loss.

    Attributes:
        worst: how many of the worst examples, ascending from 0 to all, ``(k,)``.
        share: what part of Σ|∂L/∂z| they hold, ``(k,)``.
    """

    worst: NDArray[np.int64]
    share: Array

    def at(self, count: int) -> float:
        """The share of so many of the worst."""
        return float(np.interp(count, self.worst, self.share))


@dataclass(frozen=True, eq=False)
class LorenzReadout:
    """The numbers of the picture.

    Attributes:
        rows: how many examples there are.
        curves: of each loss; None where its slopes are not kept or have no finite sum.
        shown: how the losses are told apart.
    """

    rows: int
    curves: Sequence[tuple[Lorenz | None, Shown]]

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The share of each."""
        count = self.count(at)
        return [(shown.ink, curve.at(count)) for curve, shown in self.curves if curve is not None]

    def count(self, at: float) -> int:
        """How many examples a part of them is, rounded up."""
        return worst_count(self.rows, min(max(at, 0.0), 1.0))

    def words(self, at: float) -> str:
        """What the worst hold, loss by loss."""
        count = self.count(at)
        held = [f"{shown.letter} {percent(curve.at(count)) if curve else '—'}" for curve, shown in self.curves]
        held[0] = f"the worst {percent(at)} ({counted(count, 'example')}) hold of Σ|∂L/∂z|: {held[0]}"
        return SEPARATOR.join(held)


def draw_concentration(
    findings: Findings, size: tuple[int, int], shown: Sequence[Shown], current: int
) -> PredictionFigure:
    """Paint the Lorenz curves over a logarithmic part of the examples.

    Args:
        findings: of the file.
        size: width and height in cells.
        shown: how the losses are told apart, in their order.
        current: the loss whose curve is over the others.
    """
    curves = [(lorenz_of(loss), one) for loss, one in zip(findings.losses, shown, strict=False)]
    if all(curve is None for curve, _ in curves):
        return nothing(findings.losses[current].share.reason or "the slopes of the examples have no finite sum")
    decades = -min(max(math.log10(findings.rows), 1.0), _MOST_DECADES)
    x = Axis(decades, 0.0, tuple(_x_ticks(decades, most_x(size[0]))))
    ticks = [Tick(t.position / 100, t.label + "%") for t in even_ticks(0.0, 100.0, canvas_lines(size[1]))]
    panel = panel_of("share", x, Axis(0.0, 1.0, tuple(ticks)), _series(findings.rows, curves, decades, current), size)
    if panel is None:
        return nothing(TOO_SMALL)
    columns, lines = panel.picture.columns, panel.picture.lines
    part = 10 ** centre(decades, 0.0, columns)[::2]
    equal = zip((row_of(part, 0.0, 1.0, 4 * lines) // 4).tolist(), range(0, columns, 2), strict=True)
    panel = replace(panel, picture=over_blanks(panel.picture, dict.fromkeys(equal, (QUIET, FRAME))))
    names = [(f"  {s.letter} {s.name} {_worst(loss)}", s.ink) for loss, s in zip(findings.losses, shown, strict=False)]
    legend = ((f"held by the worst {percent(WORST_SHARE)}", FRAME), *names)
    return PredictionFigure(panel, "", legend, _stops(decades, columns), LorenzReadout(findings.rows, curves), True)


def _worst(loss: LossFinding) -> str:
    if loss.share.value is None:
        return "—"
    return percent(loss.share.value) + (f" ±{no_less(100 * loss.share.error)}%" if loss.share.error else "")


_known: WeakKeyDictionary[LossFinding, Lorenz] = WeakKeyDictionary()


def lorenz_of(loss: LossFinding) -> Lorenz | None:
    """The shares of a loss, sorted once; None where its slopes are not kept, or their sum is 0 or not finite."""
    if loss.slopes is None or not loss.slopes.size:
        return None
    if loss not in _known:
        sizes = np.sort(loss.slopes)[::-1]
        if not (math.isfinite(sizes[0]) and sizes[0] > 0 and math.isfinite(sizes[-1])):
            return None
        held = np.concatenate(([0.0], np.cumsum(sizes / sizes[0])))
        worst = _counts(sizes.size)
        _known[loss] = Lorenz(worst, held[worst] / held[-1])
    return _known[loss]


@lru_cache(maxsize=4)
def _counts(n: int) -> NDArray[np.int64]:
    """Numbers of examples whose share is kept: all of them, or those that a part of three digits stands for."""
    if n <= _DENSE:
        return np.arange(n + 1, dtype=np.int64)
    digits = np.arange(100, 1000)
    round_parts = [worst_count(n, float(f"{d}e{power}")) for power in range(-3, -11, -1) for d in digits.tolist()]
    return np.unique(np.array([0, *round_parts, n], dtype=np.int64))


def _series(rows: int, curves: Sequence[tuple[Lorenz | None, Shown]], decades: float, current: int) -> list[Series]:
    order = sorted(range(len(curves)), key=lambda i: i == current)
    series = []
    for i in order:
        curve, shown = curves[i]
        if curve is None:
            continue
        part = np.maximum(curve.worst[1:] / rows, 10**decades / 10)
        x = np.linspace(decades, 0.0, 400)
        y = np.interp(x, np.log10(part), curve.share[1:])
        series.append(Series(x, y, shown.ink, shown.letter, DASHES[i % len(DASHES)]))
    return series


def _x_ticks(decades: float, most: int) -> list[Tick]:
    powers = range(math.ceil(decades), 1)
    step = max(1, -(-len(powers) // most))
    return [Tick(float(k), percent(10.0**k)) for k in powers if k % step == 0]


def _stops(decades: float, columns: int) -> Array:
    """A part of the examples for each column: a power of ten, else the one of fewest digits."""
    stops = np.empty(columns)
    for column, middle in enumerate(centre(decades, 0.0, columns).tolist()):
        candidates = [10.0 ** round(middle), *(float(f"{10**middle:.{digits}e}") for digits in range(4)), 10**middle]
        found = column_of(np.log10(candidates), decades, 0.0, columns)
        stops[column] = next((c for c, f in zip(candidates, found, strict=True) if f == column), candidates[-1])
    return stops
