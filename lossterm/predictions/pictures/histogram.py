"""The predictions by label: two histograms, one over the other, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from lossterm.chart.columns import centre, column_of, round_points
from lossterm.chart.painter import paint
from lossterm.chart.picture import FRAME, Picture
from lossterm.chart.spec import Axis, ChartSpec
from lossterm.chart.ticks import MARGIN, linear_ticks, most_x, symlog, symlog_ticks
from lossterm.core.jets import Array
from lossterm.core.numbers import trimmed
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.loss_sums import BARS
from lossterm.predictions.pictures.bands import Band, BandRows, axis_of, even_ticks, places, with_bands
from lossterm.predictions.pictures.figure import (
    LABEL_INKS,
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    canvas_columns,
    nothing,
    over_blanks,
    panel_of,
    percent,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLD = "┊"
"""Where class 1 begins."""


@dataclass(frozen=True, eq=False)
class Bars:
    """The counts as they are drawn.

    Attributes:
        counts: of label 0 and 1, or of wrong and right, ``(2, bars)``.
        classes: whether there are K classes: then it is wrong and right.
        where: label 1 (right) is, and label 0 (wrong).
        log_y: whether the heights are on a symmetric logarithm.
    """

    counts: NDArray[np.int64]
    classes: bool
    where: Sequence[BandRows]
    log_y: bool = False

    @cached_property
    def top(self) -> int:
        """The count of the highest bar, 1 at least."""
        return max(int(self.counts.max()), 1)

    @cached_property
    def parts(self) -> Array:
        """The heights of the bars as parts of the highest, ``(2, bars)``."""
        return symlog(self.counts, 1.0) / float(symlog(self.top, 1.0)) if self.log_y else self.counts / self.top

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return ("wrong", "right") if self.classes else ("y=0", "y=1")

    def bar(self, at: float) -> int:
        """The bar that a prediction is in: [lower, upper), the last one closed."""
        bars = int(self.counts.shape[1])
        return min(max(int(at * bars + 1e-9), 0), bars - 1)

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The end of each bar."""
        zero, one = self.parts[:, self.bar(at)].tolist()
        return [(LABEL_INKS[1], self.where[0].height(one)), (LABEL_INKS[0], self.where[1].height(zero))]

    def words(self, at: float) -> str:
        """The counts of the bar, and what part of it is label 1 (right)."""
        bars = self.counts.shape[1]
        k = self.bar(at)
        zero, one = self.counts[:, k].tolist()
        end = "]" if k == bars - 1 else ")"
        what = "confidence" if self.classes else "p"
        parts = [f"{what} in [{trimmed(k / bars, 3)}, {trimmed((k + 1) / bars, 3)}{end}"]
        if not zero + one:
            return SEPARATOR.join([*parts, "no example"])
        parts += [f"{self.names[1]}: {one:,}", f"{self.names[0]}: {zero:,}"]
        parts += [f"{percent(one / (zero + one))} is {self.names[1]}"]
        parts += [f"{percent((zero + one) / int(self.counts.sum()))} of all"]
        return SEPARATOR.join(parts)


def draw_histogram(
    findings: Findings, size: tuple[int, int], *, log_y: bool = False, threshold: float = 0.5
) -> PredictionFigure:
    """Paint the histograms: label 1 (right) above, label 0 (wrong) below.

    Args:
        findings: of the file.
        size: width and height in cells.
        log_y: whether the counts are on a symmetric logarithm.
        threshold: above which a probability means class 1.
    """
    if findings.bars is None:
        return nothing("plain values are no probabilities: see the losses instead")
    classes = findings.matrix is not None
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    where = places(2, paint(ChartSpec(x, Axis(0.0, 1.0), (), MARGIN), *size).lines)
    bars, y = Bars(findings.bars, classes, where), Axis(0.0, 1.0)
    for group in (g for g in range(1, BARS + 1) if BARS % g == 0):  # every bar has a column, neighbours are added else
        bars = replace(bars, counts=findings.bars.reshape(2, -1, group).sum(axis=2), log_y=log_y)
        y = axis_of(where, [even_ticks(where[1], partial(_ticks, bars.top, log_y=log_y))] * 2)
        if BARS // group <= canvas_columns(x, y, size):
            break
    panel = panel_of("count", x, y, (), size)
    if panel is None:
        return nothing(TOO_SMALL)
    which = [bars.bar(middle) for middle in centre(0.0, 1.0, panel.picture.columns).tolist()]
    bands = [Band(bars.names[label], LABEL_INKS[label], bars.parts[label, which]) for label in (1, 0)]
    picture = with_bands(panel.picture, bands, where)
    if not classes:
        picture = _with_threshold(picture, threshold)
    stops = round_points(0.0, 1.0, picture.columns)
    return PredictionFigure(replace(panel, picture=picture), "", _legend(bars), stops, bars)


def _legend(bars: Bars) -> tuple[tuple[str, int], ...]:
    total = bars.counts.sum(axis=1).tolist()
    pieces = [(f"{bars.names[y]} {total[y]:,}", LABEL_INKS[y]) for y in (1, 0)]
    return pieces[0], (SEPARATOR, FRAME), pieces[1]


def _ticks(top: int, most: int, *, log_y: bool) -> list[tuple[float, str]]:
    if log_y:
        found, highest = symlog_ticks(0.0, top, 1.0, most), float(symlog(top, 1.0))
    else:
        found, highest = linear_ticks(0.0, top, most), float(top)
    return [(tick.position / highest, tick.label) for tick in found if "." not in tick.label]


def _with_threshold(picture: Picture, threshold: float) -> Picture:
    column = int(column_of(threshold, 0.0, 1.0, picture.columns))
    return over_blanks(picture, {(line, column): (THRESHOLD, FRAME) for line in range(picture.lines)})
