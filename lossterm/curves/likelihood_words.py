"""What the Curves screen shows of the densities over labels: the heading of their chart, and their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.numbers import fitting, fixed, significant, trimmed
from lossterm.curves.titles import prediction_letter
from lossterm.curves.view import View
from lossterm.curves.words import NUMBER
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import NumbersRow

if TYPE_CHECKING:
    from lossterm.curves.densities import DensityPanel
    from lossterm.curves.likelihood import LabelDensity
    from lossterm.curves.scene import Scene

HEADS = ("L", "+ ln Z", "= −ln f", "f(y)", "in words")
"""The columns of the numbers: f is the density of the label, e^−L/Z."""


def chart_title(drawn: DensityPanel, styles: Styles, width: int) -> tuple[list[Part], str]:
    """The heading of the chart: what is drawn, and each loss's family where there is room."""
    from lossterm.curves.densities import TITLE
    from lossterm.curves.likelihood import family_name

    parts: list[Part] = [(f"{TITLE} over y", styles.strong)]
    names = [(f"  {m.letter} ", family_name(m), m.ink) for m in drawn.members]
    room = width - 4 - sum(len(text) for text, _ in parts)
    short = sum(len(letter) + len(name) for letter, name, _ in names) > room
    for letter, name, ink in names:
        parts.append((letter.rstrip() if short else letter, styles.bold_inks[ink % len(styles.bold_inks)]))
        if not short:
            parts.append((name, styles.ink(ink)))
    return parts, ""


def readout(
    scene: Scene,
    view: View,
    point: Reading,
    readings: Sequence[Reading],
    drawn: DensityPanel,
    current: int,
    styles: Styles,
) -> tuple[str, Sequence[str], Sequence[NumbersRow], Sequence[Part]]:
    """The title, the column heads, a row a loss, and the words below: arguments of `Readout.show`."""
    title = f"at z = {fixed(view.logit, 5)}  {prediction_letter(view)} = {significant(point.prediction, 5)}"
    if drawn.column >= 0:
        title += f"  y = {trimmed(drawn.label, 6)}"
    found = {c.letter: (r, c.objective) for c, r in zip(scene.curves, readings, strict=True)}
    rows = list(scene.view.letters)  # of what is drawn: what is looked at may be ahead of it
    entries = [
        _entry(drawn, member, found.get(member.letter), row == current, two=view.both_labels)
        for member, row in zip(drawn.members, rows, strict=True)
    ]
    at = rows.index(current) if current in rows else 0
    return title, HEADS, entries, _words(view, drawn, at, styles)


def _entry(
    drawn: DensityPanel,
    member: LabelDensity,
    found: tuple[Reading, Objective] | None,
    current: bool,
    *,
    two: bool,
) -> NumbersRow:
    from lossterm.curves.likelihood import density_numbers, energy_text, family_name

    label = math.nan if two else drawn.label
    numbers = density_numbers(member, label, found, lambda x: fitting(x, NUMBER))
    said = family_name(member)
    if not member.problem and member.family.is_likelihood:
        said = f"{said}, −ln f = {energy_text(member)}".replace(", no constant", " exactly")
    name = member.loss.title
    return NumbersRow(member.letter, member.ink, name, numbers, said, current)


def _words(view: View, drawn: DensityPanel, current: int, styles: Styles) -> list[Part]:
    from lossterm.curves.likelihood import relation, sentence

    found = relation(view, drawn.members)
    if found:
        return [(found, styles.accent)]
    parts: list[Part] = []
    for member in (*drawn.members[current:], *drawn.members[:current]):
        lead: list[Part] = [(" · ", styles.muted)] if parts else []
        parts += [*lead, (f"{member.letter} ", styles.ink(member.ink)), (sentence(view, member), styles.text)]
    return parts
