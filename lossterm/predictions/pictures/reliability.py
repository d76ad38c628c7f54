"""The reliability diagram: how often what is predicted happens, as predicted and after scaling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lossterm.chart.columns import centre, column_of, edges, round_points, row_of
from lossterm.chart.panel import Panel, overlaid
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, Dash, Series
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks
from lossterm.core.numbers import MINUS, significant, trimmed
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.isotonic import IsotonicSteps
from lossterm.predictions import figures
from lossterm.predictions.figures import estimated
from lossterm.predictions.pictures.figure import (
    EIGHTHS,
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    canvas_columns,
    counted,
    eighths,
    nothing,
    over_blanks,
    panel_of,
)
from lossterm.predictions.view import Beside

WHISKER = "╎"
"""What the interval of a frequency is made of."""

WIDE = 0.4
"""A frequency whose interval is wider than this is marked quietly: it rests on a handful of examples."""

FEW = "•"
"""The mark of such a one."""

if TYPE_CHECKING:
    from lossterm.predictions.comparing import Comparison

QUIET = "·"
"""What the diagonal is made of."""

STEPS_INK = 3
"""Of the isotonic regression."""

_COLUMNS_A_POINT = 2
"""Points closer than this are not joined: lines between them would hide them."""


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """One reliability in the diagram.

    Attributes:
        name: "" as predicted, "T = 3.24", "Platt".
        bins: its bins.
        mark: on its points.
        ink: of its curve.
        dash: of its curve.
        lined: whether its points are joined; a third line among two others could not be followed.
        closed: the lower edge of the first bin, which is in it.
        whiskers: whether the intervals of the frequencies are drawn.
    """

    name: str
    bins: Reliability
    mark: str
    ink: int
    dash: Dash | None = None
    lined: bool = True
    closed: float = 0.0
    whiskers: bool = False

    def height(self, at: float) -> float:
        """The frequency on the line between the points; nan beyond them."""
        x = self.bins.confidence
        return float(np.interp(at, x, self.bins.frequency, left=math.nan, right=math.nan)) if x.size else math.nan

    def bin(self, at: float) -> int:
        """The bin (lower, upper] that a prediction falls into, −1 for an empty one."""
        lower, upper = self.bins.lower, self.bins.upper
        found = int(upper.searchsorted(at, side="left"))
        if found == upper.size:
            return -1
        return found if at > lower[found] or at == lower[found] == self.closed else -1


@dataclass(frozen=True, eq=False)
class ReliabilityReadout:
    """The numbers of the diagram.

    Attributes:
        readings: as predicted first.
        steps: the isotonic regression, where it is drawn.
    """

    readings: Sequence[ReliabilityCurve]
    steps: IsotonicSteps | None = None

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The frequency of each on its line."""
        on_steps = [] if self.steps is None else [(STEPS_INK, self.steps.at(at))]
        lined = [(reading.ink, reading.height(at)) for reading in reversed(self.readings) if reading.lined]
        return [*on_steps, *lined]

    def words(self, at: float) -> str:
        """The bin, what is in it, and what is in the bin there after scaling."""
        first, *others = self.readings
        bins, found = first.bins, first.bin(at)
        if found < 0:
            parts = [f"p {trimmed(at, 3)}", "no example in this bin"]
        else:
            bracket = "[" if bins.lower[found] == first.closed else "("
            parts = [
                f"bin {bracket}{trimmed(bins.lower[found], 3)}, {trimmed(bins.upper[found], 3)}]",
                counted(int(bins.count[found]), "example"),
                f"confidence {figures.told(float(bins.confidence[found]), 3)}",
                f"frequency {figures.told(float(bins.frequency[found]), 3)}",
                f"gap {signed(bins.gap[found])}",
                _interval(bins, found),
            ]
        for other in others:
            there = other.bin(at)
            told = "none" if there < 0 else f"gap {signed(other.bins.gap[there])} of {other.bins.count[there]:,}"
            parts.append(f"{other.name}: {told}")
        if self.steps is not None:
            parts.insert(2, f"CORP {figures.told(self.steps.at(at), 3)}")
        return SEPARATOR.join(parts)


def _interval(bins: Reliability, index: int) -> str:
    low, high = (figures.told(float(end[index]), 2) for end in bins.interval)
    return f"95% of the frequency {low}–{high}"


def signed(x: float) -> str:
    """A difference with three decimals, and its sign: ``+0.161``."""
    return "0" if x == 0 else f"{'+' if x > 0 else MINUS}{abs(x):.3f}"


def draw_reliability(
    findings: Findings,
    size: tuple[int, int],
    *,
    mass: bool = False,
    beside: Beside = "fits",
    comparison: Comparison | None = None,
) -> PredictionFigure:
    """Paint the diagram.

    Args:
        findings: of the file.
        size: width and height in cells.
        mass: whether the bins have equal counts and not equal width.
        beside: what is drawn beside the bins.
        comparison: with a second prediction: both curves, over bins of equal width.
    """
    calibration = findings.calibration
    if calibration is None:
        return nothing("plain values are no probabilities: there is nothing to calibrate")
    if mass and calibration.mass is None:
        return nothing("too many rows for bins of equal counts: x goes back, a filter helps")
    readings = _readings(findings, calibration.mass if mass and calibration.mass else calibration.width, mass=mass)
    both = None if comparison is None or mass else comparison.compared.reliability
    if both is not None:
        beside = "fits"  # of two curves nothing else is drawn
    steps = findings.assessment.steps if beside == "corp" and findings.assessment is not None else None
    if beside != "fits":
        readings = [replace(readings[0], lined=steps is None)]
    if both is not None:
        first, second = both
        readings = [ReliabilityCurve("A", first, "●", 0), ReliabilityCurve("B", second, "○", 1, "dashed")]
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    y = Axis(0.0, 1.0, tuple(even_ticks(0.0, 1.0, canvas_lines(size[1]))))
    readings[0] = replace(readings[0], whiskers=readings[0].bins.count.size * 2 <= canvas_columns(x, y, size))
    dense = max(r.bins.count.size for r in readings) * _COLUMNS_A_POINT > canvas_columns(x, y, size)
    lined = [] if dense else [r for r in reversed(readings) if r.lined]
    series = [Series(r.bins.confidence, r.bins.frequency, r.ink, "", r.dash) for r in lined]
    if steps is not None:
        ends = np.stack([steps.low, steps.high], axis=1).reshape(-1)
        series.append(Series(ends, np.repeat(steps.value, 2), STEPS_INK))
    panel = panel_of("frequency", x, y, series, size)
    if panel is None:
        return nothing(TOO_SMALL)
    stops = round_points(0.0, 1.0, panel.picture.columns)
    legend, *brief = _legends(readings) if beside == "fits" else _corp_legends(findings, readings[0], steps, beside)
    if findings.weighted is not None:  # the bins count each row once, whatever its weight
        told_so = ("unweighted ", FRAME)
        brief = [*((told_so, *form) for form in brief), *brief[-1:]]
        legend = (told_so, *legend)
    readout = ReliabilityReadout(readings, steps)
    return PredictionFigure(_finished(panel, readings), "", legend, stops, readout, brief=tuple(brief))


def _readings(findings: Findings, bins: Reliability, *, mass: bool) -> list[ReliabilityCurve]:
    readings = [ReliabilityCurve("", bins, "●", 0, closed=float(bins.lower[0]) if mass else 0.0)]
    temperature, tempered, scaled = findings.temperature.value, findings.tempered, findings.scaled
    if tempered is not None and temperature is not None and (found := tempered.mass if mass else tempered.width):
        closed = float(found.lower[0]) if mass else 0.0
        readings.append(
            ReliabilityCurve(f"fit T = {significant(temperature, 3)}", found, "○", 1, "dashed", closed=closed)
        )
    if scaled is not None and (found := scaled.mass if mass else scaled.width):
        closed = float(found.lower[0]) if mass else 0.0
        readings.append(ReliabilityCurve("fit Platt", found, "◇", 2, lined=False, closed=closed))
    return readings


Legend = tuple[tuple[str, int], ...]


def _corp_legends(
    findings: Findings, reading: ReliabilityCurve, steps: IsotonicSteps | None, beside: Beside
) -> tuple[Legend, ...]:
    error = (f"● ECE {estimated(Estimate(reading.bins.ece, reading.bins.ece_error), 2)}", reading.ink)
    if beside == "none":
        return ((error,),)
    if steps is None:
        return (error, (SEPARATOR, FRAME), ("no CORP curve of so many rows: a filter helps", FRAME)), (error,)
    terms = next((loss for loss in findings.losses if loss.terms is not None), None)
    name = ("━ CORP", STEPS_INK)
    if terms is None or terms.terms is None:
        return ((error, (SEPARATOR, FRAME), name),)
    text = f"━ CORP: MCB {figures.told(terms.terms.mcb, 3)} of {figures.told(terms.mean, 3)} {terms.criterion.loss.id}"
    return (error, (SEPARATOR, FRAME), (text, STEPS_INK)), (error, (SEPARATOR, FRAME), name)


def _legends(readings: Sequence[ReliabilityCurve]) -> tuple[Legend, ...]:
    """What each mark stands for, with its error, and in ever shorter forms: no mark is left without its name."""
    errors = [f"ECE {estimated(Estimate(r.bins.ece, r.bins.ece_error), 2)}" for r in readings]
    short = [reading.name.removeprefix("fit ").replace(" ", "") for reading in readings]
    forms = [
        [f"{r.name}: {error}" if r.name else error for r, error in zip(readings, errors, strict=True)],
        [f"{r.name}: {error[4:]}" if r.name else error for r, error in zip(readings, errors, strict=True)],
        [name or error for name, error in zip(short, errors, strict=True)],
        [name.partition("=")[0] for name in short],
    ]
    between = (SEPARATOR, SEPARATOR, "  ", " ")
    return tuple(_legend(readings, *form) for form in zip(forms, between, strict=True))


def _legend(readings: Sequence[ReliabilityCurve], texts: Sequence[str], between: str) -> Legend:
    pieces: list[tuple[str, int]] = []
    for reading, text in zip(readings, texts, strict=True):
        joint = "" if between == " " or not text else " "
        pieces += [(f"{reading.mark}{joint}{text}", reading.ink), (between, FRAME)]
    return tuple(pieces[:-1])


def _finished(panel: Panel, readings: Sequence[ReliabilityCurve]) -> Panel:
    picture = panel.picture
    columns, lines = picture.columns, picture.lines
    marks: dict[tuple[int, int], tuple[str, int]] = {}
    for reading in reversed(readings):
        column = column_of(reading.bins.confidence, 0.0, 1.0, columns).tolist()
        row = (row_of(reading.bins.frequency, 0.0, 1.0, 4 * lines) // 4).tolist()
        marks |= dict.fromkeys(zip(row, column, strict=True), (reading.mark, reading.ink))
        if reading.whiskers:
            low, high = reading.bins.interval
            quiet = zip(row, column, (high - low > WIDE).tolist(), strict=True)
            marks |= {(r, c): (FEW, reading.ink) for r, c, is_wide in quiet if is_wide}
    picture = overlaid(picture, marks)
    if readings[0].whiskers:
        picture = over_blanks(picture, _whiskers(readings[0], columns, lines))
    picture = over_blanks(picture, _counts(readings[0].bins, columns, lines))
    x = centre(0.0, 1.0, columns)[::2]
    diagonal = zip((row_of(x, 0.0, 1.0, 4 * lines) // 4).tolist(), range(0, columns, 2), strict=True)
    return replace(panel, picture=over_blanks(picture, dict.fromkeys(diagonal, (QUIET, FRAME))))


def _whiskers(reading: ReliabilityCurve, columns: int, lines: int) -> dict[tuple[int, int], tuple[str, int]]:
    # the intervals of the frequencies, where nothing else is drawn
    column = column_of(reading.bins.confidence, 0.0, 1.0, columns).tolist()
    bottom, top = ((row_of(end, 0.0, 1.0, 4 * lines) // 4).tolist() for end in reading.bins.interval)
    return {
        (row, c): (WHISKER, FRAME)
        for c, low, high in zip(column, bottom, top, strict=True)
        for row in range(high, low + 1)
    }


def _counts(bins: Reliability, columns: int, lines: int) -> dict[tuple[int, int], tuple[str, int]]:
    # heights go by the square root: most of the examples may be in one bin, and the others are to be seen
    largest = int(bins.count.max(initial=1))
    middle, end = centre(0.0, 1.0, columns), edges(0.0, 1.0, columns)
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for lower, upper, count in zip(bins.lower.tolist(), bins.upper.tolist(), bins.count.tolist(), strict=True):
        first, after = middle.searchsorted([lower, upper]).tolist()
        if first == after:  # narrower than a column
            first = min(int(end.searchsorted(upper)) - 1 if upper else 0, columns - 1)
            after = first + 1
        bar = EIGHTHS[eighths(math.sqrt(count / largest), 8)]
        cells |= {(lines - 1, c): (bar, FRAME) for c in range(max(first, 0), after)}
    return cells
