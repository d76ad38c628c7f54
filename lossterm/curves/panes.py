"""What the panes of the Curves screen and its first frame say of a view alone, before anything is computed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lossterm.chart.ticks import MARGIN, linear_ticks, most_x
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.labels import hard
from lossterm.core.numbers import equation, fixed, trimmed
from lossterm.curves.titles import eta_name, prediction_letter
from lossterm.curves.view import View
from lossterm.tui.widgets.chooser import Item

if TYPE_CHECKING:
    from lossterm.core.losses.objective import Reading


def label_items(view: View, choices: Sequence[float]) -> list[Item]:
    """The labels to choose from, and below them what can be typed, the risk and the smoothing."""
    margin = any(view.rows[i].entry.family.reads_sign for i in view.shown)
    items = []
    for y in choices:
        soft = "soft" if 0 < y < 1 else ""
        side = f"s = {'+1' if hard(y) else '−1'}" if margin and hard(y) is not None else soft
        items.append(Item(f"{view.label_letter} = {trimmed(y, 6)}", side, y == view.label and view.eta is None))
    smoothing = "off" if not view.smoothing else f"{trimmed(view.smoothing)} → {trimmed(view.target)}"
    weight = f" w {trimmed(view.weight, 4)}" if view.weight != 1 else ""
    risk = Item(
        "risk η", "off" if view.eta is None else f"{trimmed(view.eta, 6)}{weight}", view.eta is not None, box="■□"
    )
    return [
        *items,
        Item("type a label …", "T", box="  "),
        risk,
        Item("smoothing", smoothing, view.smoothing > 0, box="■□"),
    ]


def smoothing_items(view: View, choices: Sequence[float]) -> list[Item]:
    """The label smoothings to choose from, with the label that each makes."""
    smoothed = [replace(view, smoothing=s) for s in choices]
    return [
        Item(f"s = {trimmed(v.smoothing)}", f"y → {trimmed(v.target)}" if v.smoothing else "", v == view)
        for v in smoothed
    ]


def activation_items(view: View) -> list[Item]:
    """The activations."""
    return [Item(name, "", name == view.activation) for name in ACTIVATIONS]


def label_title(view: View) -> str:
    """What the pane of the labels is called."""
    return "Advantage" if view.label_letter == "A" else "Label"


def label_summary(view: View) -> list[str]:
    """The label pane in two lines."""
    label = f"{view.label_letter} = {trimmed(view.label, 6)}" if view.eta is None else f"η = {trimmed(view.eta, 6)}"
    return [f"{label_title(view)}: {label}", f"Smoothing: {trimmed(view.smoothing)}"]


def activation_summary(view: View) -> list[str]:
    """The activation pane in one line."""
    return [f"Activation: {view.activation}"]


def status(view: View, point: Reading | None) -> tuple[str, str]:
    """What is looked at, in a long and a short form; before anything is computed without the prediction."""
    letter = prediction_letter(view)
    name, y = view.label_letter, trimmed(view.target, 6) if not view.both_labels else "0, 1"
    if view.eta is not None:
        name, y = eta_name(view), trimmed(view.share or 0.0, 6)
    z = fixed(view.logit)
    long, short = f"{name} = {y} · {view.activation} · z = {z}", f"{name}={y}·{view.activation} z={z}"
    if point is None:
        return long, short
    from lossterm.curves.words import of_point

    p = equation(letter, of_point(view, "prediction", point))
    return f"{long} · {p}", f"{short} {p.replace(' = ', '=').replace(f'{letter} ', letter)}"


def x_ticks(view: View, width: int) -> list[tuple[int, str]]:
    """Columns and labels of the x axis, for a chart that is not yet drawn."""
    lo, hi = view.window
    columns = max(width - MARGIN, 1)
    ticks = linear_ticks(lo, hi, most_x(width))
    return [(min(int((t.position - lo) / (hi - lo) * columns), columns - 1), t.label) for t in ticks]
