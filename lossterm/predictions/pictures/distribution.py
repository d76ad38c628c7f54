"""The distribution of each loss over the examples, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from lossterm.chart.columns import column_of, round_points
from lossterm.chart.painter import paint
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, ChartSpec, Tick
from lossterm.chart.ticks import MARGIN, linear_ticks, most_x
from lossterm.core.jets import Array
from lossterm.core.numbers import significant, trimmed
from lossterm.core.statistics.findings import Findings, LossFinding
from lossterm.core.statistics.loss_sums import BINS, PER_OCTAVE, loss_edges
from lossterm.predictions.pictures.bands import Band, BandRows, axis_of, even_ticks, most_bands, places, with_bands
from lossterm.predictions.pictures.figure import (
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    Shown,
    canvas_columns,
    nothing,
    panel_of,
    percent,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST, _MOST = 7 * PER_OCTAVE, 30 * PER_OCTAVE
"""The narrowest and the widest window in bins: 2 and 9 decades. What is left of it is told in words."""

_EASY = 3
"""Powers of ten up to this are written out."""


@dataclass(frozen=True, eq=False)
class LossHistogram:
    """The histogram of one loss, gathered to the columns of a canvas.

    Attributes:
        shown: how the loss is told apart.
        here: the examples of each column, ``(columns,)``.
        above: those with larger losses.
        held: the part of Σℓ that those hold, as well as the bins tell it; nan where Σℓ is not finite or not positive.
        density: the part of the examples in a column over its width in decades.
        total: all examples that the loss is defined for.
        low: those left of the canvas, of 0 among them.
        least: the loss at its left end.
        infinite: those with an infinite loss.
    """

    shown: Shown
    here: NDArray[np.int64]
    above: NDArray[np.int64]
    held: Array
    density: Array
    total: int
    low: int
    least: float
    infinite: int

    @cached_property
    def top(self) -> float:
        """The highest density, 1 where there is none."""
        return float(self.density.max(initial=0.0)) or 1.0

    @cached_property
    def parts(self) -> Array:
        """The densities as parts of the highest, ``(columns,)``."""
        return self.density / self.top

    def told(self, column: int) -> str:
        """The numbers of a column, and those of what is outside."""
        n = self.total
        if not n:
            return f"{self.shown.letter}: undefined"
        text = f"{self.shown.letter}: {percent(int(self.here[column]) / n)} here"
        if self.above[column]:
            text += f", {percent(int(self.above[column]) / n)} above"
            if math.isfinite(self.held[column]):
                text += f" hold ≈{percent(float(self.held[column]))} of ΣL"
        if self.low:
            text += f", {percent(self.low / n)} below {significant(self.least, 1)}"
        return text + (f", {self.infinite:,} are ∞" if self.infinite else "")


@dataclass(frozen=True, eq=False)
class DistributionReadout:
    """The numbers of the picture.

    Attributes:
        distributions: of each loss.
        axis: of the columns, in decades.
        bounds: between which losses the examples of each column are, ``(columns, 2)``.
        current: the loss that is told first.
        surprise: whether that is cross-entropy, of which e^−L is the probability of the label.
        where: as many of them as can be are drawn.
    """

    distributions: Sequence[LossHistogram]
    axis: Axis
    bounds: Array
    current: int
    surprise: bool
    where: Sequence[BandRows]

    @cached_property
    def drawn(self) -> list[LossHistogram]:
        """Those that have a place: the current one among them, in their order."""
        order = sorted(range(len(self.distributions)), key=lambda i: i != self.current)[: len(self.where)]
        return [self.distributions[i] for i in sorted(order)]

    def _column(self, at: float) -> int:
        return int(column_of(min(max(at, self.axis.lo), self.axis.hi), self.axis.lo, self.axis.hi, len(self.bounds)))

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The end of each bar."""
        column, drawn = self._column(at), zip(self.drawn, self.where, strict=True)
        return [(d.shown.ink, place.height(float(d.parts[column]))) for d, place in drawn]

    def words(self, at: float) -> str:
        """The loss, and for each how many examples are there and above."""
        column = self._column(at)
        low, high = self.bounds[column].tolist()
        order = sorted(range(len(self.distributions)), key=lambda i: i != self.current)
        counts = [self.distributions[i].told(column) for i in order]
        likely = dict.fromkeys((surely(high), surely(low)))  # of these examples, as the losses are
        told_p = [f"p of the label {' to '.join(likely)}"] if self.surprise else []
        return SEPARATOR.join([f"L {trimmed(low, 3)} to {trimmed(high, 3)}", *counts[:1], *told_p, *counts[1:]])


def draw_distribution(
    findings: Findings, size: tuple[int, int], shown: Sequence[Shown], current: int
) -> PredictionFigure:
    """Paint the distributions.

    Args:
        findings: of the file.
        size: width and height in cells.
        shown: how the losses are told apart, in their order.
        current: the loss that is told first.
    """
    window = _window([loss.counts for loss in findings.losses])
    if window is None:
        return nothing("every loss is 0, ∞ or undefined: there is nothing between to show")
    first, after = window
    edge = np.log10(loss_edges())
    x = Axis(float(edge[first]), float(edge[after]), tuple(_x_ticks(edge[first], edge[after], most_x(size[0]))))
    lines = paint(ChartSpec(x, Axis(0.0, 1.0), (), MARGIN), *size).lines
    where = places(min(len(findings.losses), most_bands(lines)), lines)
    columns = max(canvas_columns(x, Axis(0.0, 1.0), size), 1)
    for _ in range(4):  # the wider the labels, the fewer columns, and with them other labels
        which = _bins_of_columns(edge, window, columns)
        gathered = [_gathered(*pair, window, which) for pair in zip(findings.losses, shown, strict=False)]
        readout = DistributionReadout(gathered, x, loss_edges()[which], current, _is_surprise(findings, current), where)
        y = axis_of(where, [even_ticks(where[-1], partial(_ticks, d.top)) for d in readout.drawn])
        if canvas_columns(x, y, size) in (columns, 0):
            break
        columns = canvas_columns(x, y, size)
    panel = panel_of("density", x, y, (), size)
    if panel is None:
        return nothing(TOO_SMALL)
    bands = [Band(d.shown.letter, d.shown.ink, d.parts) for d in readout.drawn]
    panel = replace(panel, picture=with_bands(panel.picture, bands, where))
    names = [(f"  {d.shown.letter} {d.shown.name}", d.shown.ink) for d in gathered]
    stops = round_points(x.lo, x.hi, panel.picture.columns)
    return PredictionFigure(panel, "", (("% of the examples a decade", FRAME), *names), stops, readout)


def surely(loss: float) -> str:
    """e^−L with three digits, of what it lacks to 1 where that is little: ``0.905``, ``0.999848``, ``1 − 3.20e−12``."""
    p, lack = math.exp(-loss), -math.expm1(-loss)
    if lack >= 0.01:
        return significant(p, 3)
    return f"1 − {significant(lack, 3)}" if lack < 1e-6 else f"{p:.{2 - math.floor(math.log10(lack))}f}"


def _is_surprise(findings: Findings, current: int) -> bool:
    # weights or smoothing make of cross-entropy something else than −ln p of the label
    criterion = findings.losses[current].criterion
    if findings.question.kind == "value":
        return False
    weight = dict(criterion.params).get("pos_weight") or 1.0
    return criterion.loss.id == "cross-entropy" and not criterion.smoothing and weight == 1.0


def _window(counts: Sequence[NDArray[np.int64]]) -> tuple[int, int] | None:
    """The bins [first, after) with anything in them, as far down as is shown; those at the ends hold what is beyond."""
    held = np.flatnonzero(sum(counts, np.zeros(BINS, np.int64))[1:-1]) + 1
    if not held.size:
        return None
    after = int(held[-1]) + 1
    first = max(int(held[0]), after - _MOST)
    lack = max(_LEAST - (after - first), 0)
    after = min(after + lack // 2, BINS - 1)
    return max(min(first, after - _LEAST), 1), after


def _bins_of_columns(edge: Array, window: tuple[int, int], columns: int) -> NDArray[np.intp]:
    """The bins [first, after) of each column, ``(columns, 2)``: those with their middle in it, else that of its own.

    Whole bins only, so that every count is a count.
    """
    first, after = window
    inside = edge[first : after + 1]
    bounds = np.linspace(inside[0], inside[-1], columns + 1)
    starts = ((inside[:-1] + inside[1:]) / 2).searchsorted(bounds)
    own = np.clip(inside.searchsorted((bounds[:-1] + bounds[1:]) / 2, side="right") - 1, 0, after - first - 1)
    narrow = starts[1:] <= starts[:-1]
    which = np.stack((np.where(narrow, own, starts[:-1]), np.where(narrow, own + 1, starts[1:])), axis=1)
    return np.asarray(first + which, dtype=np.intp)


def _gathered(loss: LossFinding, shown: Shown, window: tuple[int, int], which: NDArray[np.intp]) -> LossHistogram:
    edge, counts = loss_edges(), loss.counts
    until = np.concatenate(([0], np.cumsum(counts)))
    sums = np.concatenate(([0.0], np.cumsum(counts * (edge[:-1] + edge[1:]) / 2)))
    total, after = int(until[-1]), which[:, 1]
    here = until[after] - until[which[:, 0]]
    if loss.total > 0 and math.isfinite(loss.total):
        held = np.clip(1 - sums[after] / loss.total, 0.0, 1.0)
    else:
        held = np.full(len(which), math.nan)
    density = here / max(total, 1) / np.log10(edge[after] / edge[which[:, 0]])
    low = int(until[window[0]])
    return LossHistogram(shown, here, total - until[after], held, density, total, low, edge[window[0]], loss.infinite)


def _ticks(top: float, most: int) -> list[tuple[float, str]]:
    return [(t.position / 100 / top, t.label + "%") for t in linear_ticks(0.0, 100 * top, most)]


def _x_ticks(lo: float, hi: float, most: int) -> list[Tick]:
    """Ticks at powers of ten, and where these are few at twice and five times them."""
    powers = range(math.ceil(lo), math.floor(hi) + 1)
    step = max(1, -(-len(powers) // max(most, 1)))
    ticks = [Tick(float(k), _power(1, k)) for k in powers if k % step == 0]
    if len(powers) * 3 <= most:
        near = [(k + math.log10(m), m, k) for k in range(math.floor(lo), math.ceil(hi) + 1) for m in (2, 5)]
        ticks += [Tick(place, _power(m, k)) for place, m, k in near if lo <= place <= hi]
    return sorted(ticks, key=lambda tick: tick.position)


def _power(mantissa: int, exponent: int) -> str:
    return (
        trimmed(mantissa * 10.0**exponent, 1) if abs(exponent) <= _EASY else f"{mantissa}e{exponent}".replace("-", "−")
    )
