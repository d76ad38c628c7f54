"""From a view and what was computed for it to what the charts and the numbers of the Curves screen show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.losses.labels import Family
from lossterm.core.losses.meaning import probability_of, slope_is
from lossterm.core.losses.objective import Reading
from lossterm.core.losses.surroundings import denoised, slope_ratio, surroundings
from lossterm.core.losses.verdict import verdict
from lossterm.core.numbers import (
    ALMOST_ALL,
    ALMOST_NOTHING,
    UNDEFINED,
    beyond,
    equation,
    fitting,
    fixed,
    ratio,
    significant,
    trimmed,
)
from lossterm.curves.risk_words import risk_parts, risk_pieces
from lossterm.curves.titles import CONCAVE, FIELD, axis_name, eta_name, prediction_letter, title
from lossterm.curves.view import View
from lossterm.model.loss_line import residual_slope
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, length
from lossterm.tui.widgets.readout import NumbersRow

if TYPE_CHECKING:
    from lossterm.curves.figure import Figure
    from lossterm.curves.scene import Curve, Scene


NUMBER = 8
"""Characters of a number in the readout: less than its narrowest column."""

BRIEF = {
    "confidently wrong": "wrong, sure",
    "confidently right": "right, sure",
    "almost at the minimum": "near minimum",
    "no slope: stuck": "stuck",
    "at a minimum that is not the least": "worse minimum",
    "too large for a double": "beyond doubles",
}
"""Verdicts in fewer letters, the most telling word first."""

# ---- charts --------------------------------------------------------------------------------------------------------


def of_point(view: View, field: str, point: Reading, form: Callable[[float], str] = significant) -> str:
    """A number of the activation at a point: the same whatever the loss."""
    return surroundings(view.objective(view.reference)).text(field, point, form)


def chart_title(view: View, figure: Figure, panel: int, styles: Styles, width: int) -> tuple[list[Part], str]:
    """The heading of a chart: its quantity and, on the upper one, the legend."""
    shown = figure.panels[panel]
    parts: list[Part] = [(title(view, shown.quantity, log=shown.threshold is not None), styles.strong)]
    told = [CONCAVE] if figure.concave[panel] else []
    if panel:
        told.append(f"against {axis_name(view)}")
    if view.y_zoom != 1:
        told.append(f"y zoom {trimmed(view.y_zoom, 3)}")
    right = " · ".join(told)
    if panel:
        return parts, right
    curves = figure.scene.curves
    if view.both_labels and view.eta is None:
        names = [(f"  {c.letter}/{c.letter.upper()} ", f"{c.objective.loss.title}", c.ink) for c in curves[::2]]
        parts.append(("  y=1/y=0", styles.muted))
    else:
        names = [(f"  {c.letter} ", c.name, c.ink) for c in curves]
    names += [(f"  {dots.symbol} ", dots.name, dots.ink) for dots in figure.scene.dots]
    room = width - 4 - sum(len(text) for text, _ in parts)
    taken = sum(len(letter) + len(name) for letter, name, _ in names)
    if room - len(right) - 2 < taken <= room:  # the names go before what the marks mean, which the help tells too
        right = ""
    short = taken > room - (len(right) + 2 if right else 0)
    for letter, name, ink in names:
        parts.append((letter, styles.bold_inks[ink % len(styles.bold_inks)]))
        if not short:
            parts.append((name, styles.ink(ink)))
    return parts, right


# ---- the readout ---------------------------------------------------------------------------------------------------


def heads(view: View, *, wide: bool, narrow: bool = False) -> list[str]:
    """The column heads of the readout; the last stands over the verdicts."""
    letter = prediction_letter(view)
    reference = view.letters.get(view.reference, "ref")
    loss = "L" if view.eta is None else "R"
    slope = [f"∂{letter}/∂z"] if wide else []
    slopes = [f"∂{loss}/∂z", f"∂{loss}/∂{letter}"] if narrow else [f"∂{loss}/∂{letter}", *slope, f"∂{loss}/∂z"]
    return [loss, *slopes, f"∂²{loss}/∂z²", f"×{reference}" if view.letters else "", "in words"]


def readout_title(view: View, point: Reading, room: int, *, wide: bool) -> str:
    """The point, in more digits, and the activation's slope where it has no column and there is room."""
    letter = prediction_letter(view)
    prediction = of_point(view, "prediction", point, partial(significant, digits=5))
    text = f"at z = {fixed(view.logit, 5)}  {equation(letter, prediction)}"
    if wide or room < 50:
        return text
    return f"{text}  {equation(f'∂{letter}/∂z', of_point(view, 'd_activation', point))}"


def bare_point(view: View) -> Reading:
    """The activation alone at the point, for when no loss is shown."""
    return view.objective(view.reference).evaluate([view.logit]).at(0)


def entries(
    scene: Scene, view: View, readings: Sequence[Reading], current: int, *, wide: bool, narrow: bool = False
) -> list[NumbersRow]:
    """One row of numbers a curve; what is nothing but rounding is 0 in it."""
    clean = [denoised(curve.objective, r) for curve, r in zip(scene.curves, readings, strict=True)]
    references = {
        c.objective.label: (c, r) for c, r in zip(scene.curves, clean, strict=True) if c.row == view.reference
    }
    fields = ("d_prediction", *(("d_activation",) if wide else ()), "d_logit")
    if narrow:
        fields = ("d_logit", "d_prediction")
    result = []
    for curve, reading in zip(scene.curves, clean, strict=True):
        elsewhere = surroundings(curve.objective)
        cells = (
            *(elsewhere.text(f, reading, _number) for f in ("value", *fields, "d2_logit")),
            _against(curve, reading, references.get(curve.objective.label)),
        )
        words = verdict(curve.objective, reading, is_clean=True)
        first = words.partition(", ")[0]
        brief = BRIEF.get(first, first.partition(":")[0])
        if (parts := risk_parts(view, curve.row, reading)) and parts[1] != "0":
            words, brief = ", ".join([f"excess {parts[1]}", *([words] if words else [])]), f"+ {parts[1]}"
        result.append(NumbersRow(curve.letter, curve.ink, curve.name, cells, words, curve.row == current, brief))
    return result


def _number(x: float) -> str:
    return fitting(x, NUMBER)


def _against(curve: Curve, reading: Reading, reference: tuple[Curve, Reading] | None) -> str:
    # |∂L/∂z| against the reference's; of two that are 0, the limit
    if reference is None:
        return UNDEFINED
    other, against = reference
    if reading.d_logit == against.d_logit == 0:
        limit = slope_ratio(curve.objective, reading, other.objective, against)
        return "∞" if math.isinf(limit) else ratio(limit, 1.0)
    if reading.d_logit == 0 and surroundings(curve.objective).beyond("d_logit", reading.logit, 0.0):
        return ALMOST_NOTHING
    if against.d_logit == 0 and surroundings(other.objective).beyond("d_logit", against.logit, 0.0):
        return ALMOST_ALL
    return ratio(reading.d_logit, against.d_logit)


def words(
    scene: Scene,
    view: View,
    readings: Sequence[Reading],
    landmarks: Sequence[str],
    styles: Styles,
    room: int,
    current: int = -1,
) -> list[Part]:
    """The line below the numbers: the landmarks one stands on, a loss as a probability, and convexity.

    Where it has no room for all of them, what the probability is of is left to the help. The expected loss is split of
    the ``current`` row, or of the reference where that is not shown.
    """
    split_of = current if any(curve.row == current for curve in scene.curves) else view.reference
    parts = _words(scene, view, readings, landmarks, styles, split_of, room, short=False)
    if length(parts) <= room:
        pull = _pull(scene, readings, split_of)
        told = [*parts, *([(" · ", styles.muted)] if parts else []), (pull, styles.text)]
        return told if pull and length(told) <= room else parts
    return _words(scene, view, readings, landmarks, styles, split_of, room, short=True)


def _words(
    scene: Scene,
    view: View,
    readings: Sequence[Reading],
    landmarks: Sequence[str],
    styles: Styles,
    split_of: int,
    room: int,
    *,
    short: bool,
) -> list[Part]:
    pieces: list[list[Part]] = [[(landmark, styles.accent)] for landmark in landmarks]
    for curve, reading in zip(scene.curves, readings, strict=True):
        if curve.row == view.reference and not math.isnan(reading.value):
            if of := probability_of(curve.objective):
                value = math.exp(-reading.value)
                text = significant(value) if value or math.isinf(reading.value) else beyond(1.0, over=False)
                what = "" if short else f", {of}"
                pieces.append([(f"{equation(f'e^−L({curve.letter})', text)}{what}", styles.text)])
            break
    for curve, reading in zip(scene.curves, readings, strict=True):
        if curve.row == split_of:
            pieces += [[(text, styles.text)] for text in risk_pieces(view, curve, reading, short=short)]
            break
    for curve, sentence in zip(scene.curves, scene.convexity, strict=False):
        brief = sentence.replace(" on the window", "")
        pieces.append([(f"{curve.letter} ", styles.ink(curve.ink)), (brief, styles.muted)])
    parts: list[Part] = []
    for piece in pieces:
        parts += [(" · ", styles.muted), *piece] if parts else piece
    return parts


def _pull(scene: Scene, readings: Sequence[Reading], row: int) -> str:
    # how robust statistics reads a loss of the residual: its influence ψ = ∂L/∂r, and the weight of such a residual in
    # a least squares fit that is weighted again and again; empty for other losses
    for curve, reading in zip(scene.curves, readings, strict=True):
        objective = curve.objective
        if curve.row != row or objective.loss.family is not Family.VALUE or objective.risk is not None:
            continue
        with np.errstate(all="ignore"):
            gap = -objective.activation.jet(np.array([reading.logit])).difference(objective.label).value
        residual = float(gap[0])
        if not math.isfinite(reading.d_prediction) or residual == 0 or not math.isfinite(residual):
            return ""
        weight = significant(reading.d_prediction / residual)
        return f"{curve.letter} pulls ψ = {significant(reading.d_prediction)}, weight ψ/r = {weight}"
    return ""


def slope(view: View, index: int) -> str:
    """``∂L/∂z = p − y`` where it is so for a row; of its risk ``∂R/∂z = p − η``, both found from their numbers."""
    if view.share is None:
        return residual_slope(view, index)
    if not slope_is(view.objective(index), view.share):
        return ""
    return f"∂R/∂z = {prediction_letter(view)} − {eta_name(view)}"


def shown_values(readings: Sequence[Reading], quantity: str) -> list[float]:
    """The quantity of a panel for each curve at the cursor."""
    return [float(getattr(reading, FIELD[quantity])) for reading in readings]
