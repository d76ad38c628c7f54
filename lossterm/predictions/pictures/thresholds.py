"""Decisions at every threshold: the ROC curve, precision against recall, the net benefit, and every cost (Murphy).

The cursor of all four is the threshold above which a probability means class 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np

from lossterm.chart.columns import centre, column_of, round_points, row_of
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, Dash, Series
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks
from lossterm.core.jets import Array
from lossterm.core.numbers import UNDEFINED, trimmed
from lossterm.core.statistics.deciding import Decisions, Order, above, decisions, net_benefit, totals
from lossterm.core.statistics.findings import Assessment, Findings
from lossterm.core.statistics.murphy import constant_scores, elementary_scores, step_scores
from lossterm.core.statistics.ranking import Confusion
from lossterm.predictions import figures
from lossterm.predictions.figures import told
from lossterm.predictions.pictures.figure import (
    SEPARATOR,
    TOO_SMALL,
    PredictionFigure,
    nothing,
    over_blanks,
    panel_of,
)

CHANCE = "·"
"""What a ranking by chance is made of."""

DEEPEST = 0.5
"""How far below 0 the net benefit is shown, as a part of the highest."""

_SAMPLES = 1001


@dataclass(frozen=True, eq=False)
class CurveOfThreshold:
    """One curve over the threshold.

    Attributes:
        name: in the legend.
        ink: of it.
        dash: of it.
        of: its heights at thresholds.
    """

    name: str
    ink: int
    dash: Dash | None
    of: Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class ThresholdReadout:
    """The decisions at the threshold, and where it is on the picture.

    Attributes:
        order: the predictions.
        threshold: of the cursor.
        place: x at it.
        curves: ink and height at it.
        said: what is told first, after the threshold.
        is_rough: whether the counts come from cells.
    """

    order: Order
    threshold: float
    place: float
    curves: Sequence[tuple[int, float]]
    said: Sequence[str]
    is_rough: bool = False

    def heights(self, at: float) -> Sequence[tuple[int, float]]:
        """The curves at the threshold, wherever between two columns it is."""
        return self.curves

    def words(self, at: float) -> str:
        """The decisions there."""
        c = confusion_at(self.order, self.threshold)
        counts = zip(("TP", "FP", "FN", "TN"), (c.true_positive, c.false_positive, c.false_negative, c.true_negative),
                     strict=True)  # fmt: skip
        about = "about " if self.is_rough else ""
        parts = [f"p > {trimmed(self.threshold)}", *self.said]
        parts += [" ".join(f"{name} {about}{_count(n)}" for name, n in counts)]
        parts += [f"{s.title} {s.text(c)}" for s in figures.RATIOS if s.name in ("accuracy", "f1")]
        return SEPARATOR.join(parts)


def _count(n: float) -> str:
    return f"{int(n):,}" if float(n).is_integer() else told(float(n), 4)


def order_of(findings: Findings) -> Order | None:
    """The order of the predictions that the pictures are of: with weights where they are kept; None for soft labels."""
    if findings.weighted is not None and findings.weighted.ranked is not None:
        return findings.weighted.ranked
    return findings.ranked if findings.ranked is not None else findings.cells if findings.hard else None


def confusion_at(order: Order, threshold: float) -> Confusion:
    """The decisions at a threshold."""
    hits, false = (float(part[0]) for part in above(order, np.array([threshold])))
    positives, negatives = totals(order)
    return Confusion(hits, false, negatives - false, positives - hits)


_known: WeakKeyDictionary[Findings, Decisions] = WeakKeyDictionary()


def decisions_of(findings: Findings, order: Order) -> Decisions:
    """The decisions at every threshold, found once."""
    if findings not in _known:
        _known[findings] = decisions(order)
    return _known[findings]


def _why_not(findings: Findings) -> str | None:
    order = order_of(findings)
    if order is None:
        return "labels are not all 0 or 1: there are no decisions to be right or wrong"
    if not all(totals(order)):
        return "every label is the same: there is nothing to tell apart"
    return None


def draw_threshold_page(page: str, findings: Findings, size: tuple[int, int], threshold: float) -> PredictionFigure:
    """Paint one of the four.

    Args:
        page: ``roc``, ``precision-recall``, ``net-benefit`` or ``costs``.
        findings: of the file.
        size: width and height in cells.
        threshold: where the cursor is.
    """
    why = _why_not(findings)
    if why is not None:
        return nothing(why)
    if page in ("roc", "precision-recall"):
        return _draw_path(page, findings, size, threshold)
    return _draw_over_threshold(page, findings, size, threshold)


# ---- ROC, and precision against recall ------------------------------------------------------------------------------


def _draw_path(page: str, findings: Findings, size: tuple[int, int], threshold: float) -> PredictionFigure:
    order = order_of(findings)
    assert order is not None
    found, is_roc = decisions_of(findings, order), page == "roc"
    x, y = (found.fall_out, found.recall) if is_roc else (found.recall, found.precision)
    axis = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    side = Axis(0.0, 1.0, tuple(even_ticks(0.0, 1.0, canvas_lines(size[1]))))
    known = ~np.isnan(y)
    # without a decision for 1 the curve of precision begins where the first one is
    path = Series(x[known][::-1], y[known][::-1], 0)
    panel = panel_of("true positive rate" if is_roc else "precision", axis, side, [path], size)
    if panel is None:
        return nothing(TOO_SMALL)
    columns, lines = panel.picture.columns, panel.picture.lines
    rate = totals(order)[0] / sum(totals(order))
    beside = centre(0.0, 1.0, columns)[::2]
    chance = beside if is_roc else np.full(beside.size, rate)
    dots = zip((row_of(chance, 0.0, 1.0, 4 * lines) // 4).tolist(), range(0, columns, 2), strict=True)
    panel = replace(panel, picture=over_blanks(panel.picture, dict.fromkeys(dots, (CHANCE, FRAME))))
    stops, thresholds = _stops(x[known], found.threshold[known], columns)
    c = confusion_at(order, threshold)
    recall, fall_out = c.recall or 0.0, 1.0 - (c.specificity or 0.0)
    place, height = (fall_out, recall) if is_roc else (recall, math.nan if c.precision is None else c.precision)
    said = (
        [f"recall {told(recall, 3)}", f"false positive rate {told(fall_out, 3)}"]
        if is_roc
        else [f"recall {told(recall, 3)}", f"precision {told(c.precision, 3)}"]
    )
    readout = ThresholdReadout(order, threshold, place, [(0, height)], said, order is findings.cells)
    legend = _path_legend(findings, rate, is_roc=is_roc)
    return PredictionFigure(panel, "", legend, stops, readout, thresholds=thresholds)


def _stops(x: Array, threshold: Array, columns: int) -> tuple[Array, Array]:
    """Of each column that the curve has a threshold in one of them, as x and as the threshold, by ascending x."""
    order = np.argsort(x, kind="stable")
    x, threshold = x[order], threshold[order]
    column = column_of(x, 0.0, 1.0, columns)
    first = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]]))
    last = np.append(first[1:], x.size) - 1
    middle = (first + last) // 2
    middle[0], middle[-1] = first[0], last[-1]
    held = np.concatenate([[True], np.diff(x[middle]) > 0])
    return x[middle][held], threshold[middle][held]


def _assessed(findings: Findings) -> Assessment | None:
    weighted = findings.weighted
    return weighted.assessment if weighted is not None and weighted.assessment is not None else findings.assessment


def _path_legend(findings: Findings, rate: float, *, is_roc: bool) -> tuple[tuple[str, int], ...]:
    if is_roc:
        weighted = findings.weighted is not None and findings.weighted.ranked is not None
        area = figures.AUROC.text(findings.weighted if weighted else findings)  # type: ignore[arg-type]
        error = figures.AUROC_ERROR.text(_assessed(findings))
        text = f"AUROC {area}" + (f", s.e. {error}" if error != UNDEFINED else "")
        return ((text, 0), (SEPARATOR, FRAME), (f"{CHANCE} by chance", FRAME))
    text = f"average precision {figures.AVERAGE_PRECISION.text(_assessed(findings))}"
    return ((text, 0), (SEPARATOR, FRAME), (f"{CHANCE} base rate {told(rate, 3)}", FRAME))


# ---- over the threshold ---------------------------------------------------------------------------------------------


def _lines(page: str, findings: Findings, order: Order) -> list[CurveOfThreshold]:
    positives, negatives = totals(order)
    rows = positives + negatives
    rate = positives / rows
    if page == "net-benefit":

        def benefit(theta: Array) -> Array:
            return net_benefit(*above(order, theta), rows, theta)

        def of_all(theta: Array) -> Array:
            return net_benefit(np.full(theta.size, positives), np.full(theta.size, negatives), rows, theta)

        return [
            CurveOfThreshold("model", 0, None, benefit),
            CurveOfThreshold("all as 1", 1, "dashed", of_all),
            CurveOfThreshold("none as 1", 2, "dotted", np.zeros_like),
        ]
    lines = [
        CurveOfThreshold("model", 0, None, partial(elementary_scores, order)),
        CurveOfThreshold("base rate", 1, "dashed", partial(constant_scores, rate)),
    ]
    assessed = _assessed(findings)
    steps = None if assessed is None else assessed.steps
    if steps is not None:
        lines.append(
            CurveOfThreshold("recalibrated*", 2, "dotted", partial(step_scores, steps.value, steps.weight, steps.ones))
        )
    return lines


def _draw_over_threshold(page: str, findings: Findings, size: tuple[int, int], threshold: float) -> PredictionFigure:
    order = order_of(findings)
    assert order is not None
    lines = _lines(page, findings, order)
    theta = np.linspace(0.0, 1.0, _SAMPLES)
    heights = [line.of(theta) for line in lines]
    top = max(float(np.nanmax(h[np.isfinite(h)], initial=0.0)) for h in heights) or 1.0
    low = 0.0
    if page == "net-benefit":
        least = min(float(np.nanmin(h[np.isfinite(h)], initial=0.0)) for h in heights)
        low = max(least, -DEEPEST * top)
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    most = max(canvas_lines(size[1]) // 2, 2)
    y = Axis(low, 1.05 * top, tuple(t for t in linear_ticks(low, 1.05 * top, most)))
    series = [Series(theta, h, line.ink, "", line.dash) for line, h in zip(lines, heights, strict=True)]
    panel = panel_of("net benefit" if page == "net-benefit" else "mean cost", x, y, series[::-1], size)
    if panel is None:
        return nothing(TOO_SMALL)
    here = [float(line.of(np.array([threshold]))[0]) for line in lines]
    said = [f"{line.name} {told(value, 3)}" for line, value in zip(lines, here, strict=True)]
    if page == "net-benefit":
        said[0] = f"net benefit {told(here[0], 3)}"
    curves = [(line.ink, value) for line, value in zip(lines, here, strict=True)][::-1]
    readout = ThresholdReadout(order, threshold, threshold, curves, said, order is findings.cells)
    stops = np.clip(round_points(0.0, 1.0, panel.picture.columns), 0.0, 1.0)
    legend: list[tuple[str, int]] = []
    brief: list[tuple[str, int]] = []
    for line, mark in zip(lines, "━╍┈", strict=False):
        legend += [(f"{mark} {line.name}", line.ink), ("  ", FRAME)]
        brief += [(f"{mark}{line.name.partition(' ')[0]}", line.ink), (" ", FRAME)]
    forms = (tuple(brief[:-1]),)
    return PredictionFigure(panel, "", tuple(legend[:-1]), stops, readout, brief=forms, thresholds=stops)
