"""From a view and what was computed for it to what the widgets of the Curves screen show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.core.activations import ACTIVATIONS
from lossterm.core.labels import Family, hard
from lossterm.core.landmarks import Kind, Landmark
from lossterm.core.losses import matches
from lossterm.core.objective import Reading
from lossterm.core.verdict import verdict
from lossterm.numbers import fitting, fixed, ratio, significant, trimmed
from lossterm.plot.ticks import MARGIN, linear_ticks, most_x
from lossterm.plot.titles import FIELD, axis_letter, prediction_letter, title
from lossterm.state import LABELS, View
from lossterm.ui.style import Styles
from lossterm.ui.widgets.chooser import Item
from lossterm.ui.widgets.lines import Part, length
from lossterm.ui.widgets.readout import Entry

if TYPE_CHECKING:
    from lossterm.plot.figure import Figure
    from lossterm.plot.scene import Scene


NUMBER = 8
"""Characters of a number in the readout: less than its narrowest column."""

BRIEF = {
    "confidently wrong": "wrong, sure",
    "confidently right": "right, sure",
    "almost at the minimum": "near minimum",
    "no slope: stuck": "stuck",
}
"""Verdicts in fewer letters, the most telling word first."""

# ---- panes ---------------------------------------------------------------------------------------------------------


def visible_rows(view: View, text: str) -> list[int]:
    """The rows that a filter leaves."""
    return [i for i, r in enumerate(view.rows) if not text or matches(r.entry, text)]


def loss_items(view: View, rows: Sequence[int], width: int) -> list[Item]:
    """The losses, with their letters and parameters."""
    items = []
    for index in rows:
        r = view.rows[index]
        letter = view.letters.get(index, " ")
        on = [
            f"{p.symbol} {'off' if v is None else trimmed(v, 3)}"
            for p, (_, v) in zip(r.entry.parameters, r.params, strict=True)
            if v is not None and not (p.name == "pos_weight" and v == 1)
        ]
        reference = index == view.reference and r.shown
        right = " ".join([*on, *(["ref"] if reference else [])])
        room = width - 4 - len(r.entry.title) - 1
        if len(right) > room and len(on) > 1:
            right = " ".join([on[0] + "…", *(["ref"] if reference else [])])
        if len(right) > room and reference:
            right = " ".join([*on[:1], "r"])
        items.append(Item(r.entry.title, right, r.shown, letter, ord(letter) - 97 if r.shown else -1, "■□"))
    return items


def label_items(view: View, typed: float | None) -> list[Item]:
    """The usual labels, the typed one, and the smoothing."""
    margin = any(view.rows[i].entry.family is Family.MARGIN for i in view.shown)
    choices = [*LABELS, *([typed] if typed is not None and typed not in LABELS else [])]
    if view.label not in choices:
        choices.append(view.label)
    items = []
    for y in choices:
        soft = "soft" if 0 < y < 1 else ""
        side = f"s = {'+1' if hard(y) else '−1'}" if margin and hard(y) is not None else soft
        items.append(Item(f"y = {trimmed(y, 6)}", side, y == view.label and view.eta is None))
    smoothing = "off" if not view.smoothing else f"{trimmed(view.smoothing)} → {trimmed(view.target)}"
    risk = Item("risk η", "off" if view.eta is None else trimmed(view.eta, 6), view.eta is not None, box="■□")
    return [
        *items,
        Item("type a label …", "T", box="  "),
        risk,
        Item("smoothing", smoothing, view.smoothing > 0, box="■□"),
    ]


def label_choices(view: View, typed: float | None) -> list[float]:
    """The labels of `label_items`, in their order."""
    choices = [*LABELS, *([typed] if typed is not None and typed not in LABELS else [])]
    return choices if view.label in choices else [*choices, view.label]


def activation_items(view: View) -> list[Item]:
    """The activations."""
    return [Item(name, "", name == view.activation) for name in ACTIVATIONS]


def label_summary(view: View) -> list[str]:
    """The label pane in two lines."""
    label = f"y = {trimmed(view.label, 6)}" if view.eta is None else f"η = {trimmed(view.eta, 6)}"
    return [f"Label: {label}", f"Smoothing: {trimmed(view.smoothing)}"]


def activation_summary(view: View) -> list[str]:
    """The activation pane in one line."""
    return [f"Activation: {view.activation}"]


# ---- charts --------------------------------------------------------------------------------------------------------


def status(view: View, prediction: float | None) -> tuple[str, str]:
    """What is looked at, in a long and a short form; before anything is computed without the prediction."""
    letter = prediction_letter(view)
    name, y = "y", trimmed(view.target, 6) if not view.both_labels else "0, 1"
    if view.eta is not None:
        name, y = "η", trimmed(view.eta, 6)
    z = fixed(view.logit)
    long, short = f"{name} = {y} · {view.activation} · z = {z}", f"{name}={y}·{view.activation} z={z}"
    if prediction is None:
        return long, short
    p = significant(prediction)
    return f"{long} · {letter} = {p}", f"{short} {letter}={p}"


def x_ticks(view: View, width: int) -> list[tuple[int, str]]:
    """Columns and labels of the x axis, for a chart that is not yet drawn."""
    lo, hi = view.window
    columns = max(width - MARGIN, 1)
    ticks = linear_ticks(lo, hi, most_x(width))
    return [(min(int((t.position - lo) / (hi - lo) * columns), columns - 1), t.label) for t in ticks]


def chart_title(view: View, figure: Figure, panel: int, styles: Styles, width: int) -> tuple[list[Part], str]:
    """The heading of a chart: its quantity and, on the upper one, the legend."""
    quantity = figure.panels[panel].quantity
    parts: list[Part] = [(title(view, quantity), styles.strong)]
    right = f"against {axis_letter(view)}" if panel else ""
    if panel:
        return parts, right
    curves = figure.scene.curves
    if view.both_labels and view.eta is None:
        names = [(f"  {c.letter}/{c.letter.upper()} ", f"{c.objective.loss.title}", c.ink) for c in curves[::2]]
        parts.append(("  y=1/y=0", styles.muted))
    else:
        names = [(f"  {c.letter} ", c.name, c.ink) for c in curves]
    room = width - 4 - sum(len(text) for text, _ in parts)
    short = sum(len(letter) + len(name) for letter, name, _ in names) > room
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
    return [loss, *slopes, f"∂²{loss}/∂z²", f"×{reference}", "in words"]


def readout_title(view: View, point: Reading, room: int, *, wide: bool) -> str:
    """The point, in more digits, and the activation's slope where it has no column and there is room."""
    letter = prediction_letter(view)
    text = f"at z = {fixed(view.logit, 5)}  {letter} = {significant(point.prediction, 5)}"
    return text if wide or room < 50 else f"{text}  ∂{letter}/∂z = {significant(point.d_activation)}"


def bare_point(view: View) -> Reading:
    """The activation alone at the point, for when no loss is shown."""
    return view.objective(view.reference).evaluate([view.logit]).at(0)


def entries(
    scene: Scene, view: View, readings: Sequence[Reading], current: int, *, wide: bool, narrow: bool = False
) -> list[Entry]:
    """One row of numbers a curve."""
    references = {
        c.objective.label: abs(r.d_logit)
        for c, r in zip(scene.curves, readings, strict=True)
        if c.row == view.reference
    }
    result = []
    for curve, reading, floor in zip(scene.curves, readings, scene.floors, strict=True):
        slope = [reading.d_activation] if wide else []
        slopes = [reading.d_prediction, *slope, reading.d_logit]
        if narrow:
            slopes = [reading.d_logit, reading.d_prediction]
        numbers = (reading.value, *slopes, reading.d2_logit)
        cells = (
            *(fitting(x, NUMBER) for x in numbers),
            ratio(reading.d_logit, references.get(curve.objective.label, math.nan)),
        )
        words = verdict(curve.objective, reading, min(floor, reading.value))
        first = words.partition(", ")[0]
        brief = BRIEF.get(first, first.partition(":")[0])
        if (parts := _risk_parts(view, curve.row, reading)) and parts[1] != "0":
            words, brief = ", ".join([f"excess {parts[1]}", *([words] if words else [])]), f"+ {parts[1]}"
        result.append(Entry(curve.letter, curve.ink, curve.name, cells, words, curve.row == current, brief))
    return result


def words(
    scene: Scene,
    view: View,
    readings: Sequence[Reading],
    landmarks: Sequence[Landmark],
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
        return parts
    return _words(scene, view, readings, landmarks, styles, split_of, room, short=True)


def _words(
    scene: Scene,
    view: View,
    readings: Sequence[Reading],
    landmarks: Sequence[Landmark],
    styles: Styles,
    split_of: int,
    room: int,
    *,
    short: bool,
) -> list[Part]:
    pieces: list[list[Part]] = [[(landmark_text(scene, landmark), styles.accent)] for landmark in landmarks]
    for curve, reading in zip(scene.curves, readings, strict=True):
        if view.eta is None and curve.row == view.reference and not math.isnan(reading.value):
            plain = curve.objective.label in (0, 1) and curve.objective.params == (("pos_weight", 1.0),)
            what = ", the label's probability" if plain and not short else ""
            value = significant(math.exp(-reading.value) if reading.value > -700 else math.inf)
            pieces.append([(f"e^−L({curve.letter}) = {value}{what}", styles.text)])
            break
    for curve, reading in zip(scene.curves, readings, strict=True):
        if curve.row == split_of and (split := _risk_parts(view, curve.row, reading)):
            brief, full = (
                f"R({curve.letter}) = {split[0]}{what} + {split[1]} excess" for what in ("", " at its least")
            )
            pieces.append([(full if len(full) <= room else brief, styles.text)])
            break
    for curve, sentence in zip(scene.curves, scene.convexity, strict=False):
        brief = sentence.replace(" on the window", "")
        pieces.append([(f"{curve.letter} ", styles.ink(curve.ink)), (brief, styles.muted)])
    parts: list[Part] = []
    for piece in pieces:
        parts += [(" · ", styles.muted), *piece] if parts else piece
    return parts


def _risk_parts(view: View, index: int, reading: Reading) -> tuple[str, str] | None:
    """The risk of a row as what is left to the best prediction and what this one loses more; None where it has none."""
    if view.eta is None or not math.isfinite(reading.value):
        return None
    from lossterm.core.risk import least_risk

    row = view.rows[index]
    least = least_risk(row.loss, row.params, view.activation, view.eta, view.smoothing)
    if not math.isfinite(least):
        return None
    excess = reading.value - least
    if excess <= 1e-12 * max(abs(reading.value), abs(least)):  # no more than the rounding of the two
        excess = 0.0
    return significant(least), significant(excess)


def landmark_text(scene: Scene, landmark: Landmark) -> str:
    """A landmark in words."""
    names = " and ".join(scene.curves[i].letter for i in landmark.curves)
    quantity = {"value": "L", "d_logit": "∂L/∂z", "d_prediction": "∂L/∂p"}.get(landmark.quantity, landmark.quantity)
    if scene.view.eta is not None:
        quantity = quantity.replace("L", "R")
    height = significant(landmark.height)
    return {
        Kind.MINIMUM: f"minimum of {names}: {quantity} = {height}",
        Kind.INFLECTION: f"inflection of {names}: {quantity} = {height}",
        Kind.STEEPEST: f"inflection of {names}, its steepest point: {quantity} = {height}",
        Kind.CROSSING: f"{names} cross: {quantity} = {height}",
    }[landmark.kind]


def shown_values(readings: Sequence[Reading], quantity: str) -> list[float]:
    """The quantity of a panel for each curve at the cursor."""
    return [float(getattr(reading, FIELD[quantity])) for reading in readings]
