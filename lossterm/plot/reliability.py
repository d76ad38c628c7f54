"""The reliability diagram: how often what is predicted happens, as predicted and after scaling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossterm.core.calibration import Reliability
from lossterm.core.findings import Findings
from lossterm.numbers import MINUS, significant, trimmed
from lossterm.plot.columns import centre, column_of, edges, round_points, row_of
from lossterm.plot.figure import Panel, overlaid
from lossterm.plot.picture import FRAME
from lossterm.plot.predictions_figure import (
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
from lossterm.plot.spec import Axis, Dash, Series
from lossterm.plot.ticks import linear_ticks, most_x, most_y

QUIET = "·"
"""What the diagonal is made of."""

_COLUMNS_A_POINT = 2
"""Points closer than this are not joined: lines between them would hide them."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One reliability in the diagram.

    Attributes:
        name: "" as predicted, "T = 3.24", "Platt".
        bins: its bins.
        mark: on its points.
        ink: of its curve.
        dash: of its curve.
        lined: whether its points are joined; a third line among two others could not be followed.
        closed: the lower edge of the first bin, which is in it.
    """

    name: str
    bins: Reliability
    mark: str
    ink: int
    dash: Dash | None = None
    lined: bool = True
    closed: float = 0.0

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
    """

    readings: Sequence[Reading]

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The frequency of each on its line."""
        return [(reading.ink, reading.height(at)) for reading in reversed(self.readings)]

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
                f"confidence {significant(bins.confidence[found], 3)}",
                f"frequency {significant(bins.frequency[found], 3)}",
                f"gap {signed(bins.gap[found])}",
            ]
        for other in others:
            there = other.bin(at)
            told = "none" if there < 0 else f"gap {signed(other.bins.gap[there])} of {other.bins.count[there]:,}"
            parts.append(f"{other.name}: {told}")
        return SEPARATOR.join(parts)


def signed(x: float) -> str:
    """A difference with three decimals, and its sign: ``+0.161``."""
    return "0" if x == 0 else f"{'+' if x > 0 else MINUS}{abs(x):.3f}"


def draw_reliability(findings: Findings, size: tuple[int, int], *, mass: bool = False) -> PredictionFigure:
    """Paint the diagram.

    Args:
        findings: of the file.
        size: width and height in cells.
        mass: whether the bins have equal counts and not equal width.
    """
    calibration = findings.calibration
    if calibration is None:
        return nothing("plain values are no probabilities: there is nothing to calibrate")
    if mass and calibration.mass is None:
        return nothing("too many rows for bins of equal counts: x goes back, a filter helps")
    readings = _readings(findings, calibration.mass if mass and calibration.mass else calibration.width, mass=mass)
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    y = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_y(size[1]))))
    dense = max(r.bins.count.size for r in readings) * _COLUMNS_A_POINT > canvas_columns(x, y, size)
    lined = [] if dense else [r for r in reversed(readings) if r.lined]
    series = [Series(r.bins.confidence, r.bins.frequency, r.ink, "", r.dash) for r in lined]
    panel = panel_of("frequency", x, y, series, size)
    if panel is None:
        return nothing(TOO_SMALL)
    stops = round_points(0.0, 1.0, panel.picture.columns)
    legend, *brief = _legends(readings)
    readout = ReliabilityReadout(readings)
    return PredictionFigure(_finished(panel, readings), "", legend, stops, readout, brief=tuple(brief))


def _readings(findings: Findings, bins: Reliability, *, mass: bool) -> list[Reading]:
    readings = [Reading("", bins, "●", 0, closed=float(bins.lower[0]) if mass else 0.0)]
    temperature, tempered, scaled = findings.temperature.value, findings.tempered, findings.scaled
    if tempered is not None and temperature is not None and (found := tempered.mass if mass else tempered.width):
        closed = float(found.lower[0]) if mass else 0.0
        readings.append(Reading(f"at T = {significant(temperature, 3)}", found, "○", 1, "dashed", closed=closed))
    if scaled is not None and (found := scaled.mass if mass else scaled.width):
        closed = float(found.lower[0]) if mass else 0.0
        readings.append(Reading("Platt", found, "◇", 2, lined=False, closed=closed))
    return readings


Legend = tuple[tuple[str, int], ...]


def _legends(readings: Sequence[Reading]) -> tuple[Legend, ...]:
    """What each mark stands for, with its error, and in ever shorter forms: no mark is left without its name."""
    errors = [f"ECE {significant(reading.bins.ece, 2)}" for reading in readings]
    short = [reading.name.removeprefix("at ").replace(" ", "") for reading in readings]
    forms = [
        [f"{r.name}: {error}" if r.name else error for r, error in zip(readings, errors, strict=True)],
        [f"{r.name}: {error[4:]}" if r.name else error for r, error in zip(readings, errors, strict=True)],
        [name or error for name, error in zip(short, errors, strict=True)],
        [name.partition("=")[0] for name in short],
    ]
    between = (SEPARATOR, SEPARATOR, "  ", " ")
    return tuple(_legend(readings, *form) for form in zip(forms, between, strict=True))


def _legend(readings: Sequence[Reading], texts: Sequence[str], between: str) -> Legend:
    pieces: list[tuple[str, int]] = []
    for reading, text in zip(readings, texts, strict=True):
        joint = "" if between == " " or not text else " "
        pieces += [(f"{reading.mark}{joint}{text}", reading.ink), (between, FRAME)]
    return tuple(pieces[:-1])


def _finished(panel: Panel, readings: Sequence[Reading]) -> Panel:
    picture = panel.picture
    columns, lines = picture.columns, picture.lines
    marks: dict[tuple[int, int], tuple[str, int]] = {}
    for reading in reversed(readings):
        column = column_of(reading.bins.confidence, 0.0, 1.0, columns).tolist()
        row = (row_of(reading.bins.frequency, 0.0, 1.0, 4 * lines) // 4).tolist()
        marks |= dict.fromkeys(zip(row, column, strict=True), (reading.mark, reading.ink))
    picture = overlaid(picture, marks)
    picture = over_blanks(picture, _counts(readings[0].bins, columns, lines))
    x = centre(0.0, 1.0, columns)[::2]
    diagonal = zip((row_of(x, 0.0, 1.0, 4 * lines) // 4).tolist(), range(0, columns, 2), strict=True)
    return replace(panel, picture=over_blanks(picture, dict.fromkeys(diagonal, (QUIET, FRAME))))


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
