"""What the Curves screen shows of the densities over labels: the heading of their chart, and their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.objective import Reading
from lossterm.numbers import fitting, fixed, significant, trimmed
from lossterm.plot.titles import prediction_letter
from lossterm.state import View
from lossterm.ui.present import NUMBER
from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import Part
from lossterm.ui.widgets.readout import Entry

if TYPE_CHECKING:
    from lossterm.plot.densities import DensityPanel
    from lossterm.plot.likelihood import LabelDensity
    from lossterm.plot.scene import Scene

HEADS = ("L", "+ ln Z", "= −ln f", "f(y)", "in words")
"""The columns of the numbers: f is the density of the label, e^−L/Z."""


def chart_title(drawn: DensityPanel, styles: Styles, width: int) -> tuple[list[Part], str]:
    """The heading of the chart: what is drawn, and each loss's family where there is room."""
    from lossterm.plot.densities import TITLE
    from lossterm.plot.likelihood import family_name

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
) -> tuple[str, Sequence[str], Sequence[Entry], Sequence[Part]]:
    """The title, the column heads, a row a loss, and the words below: arguments of `Readout.show`."""
    title = f"at z = {fixed(view.logit, 5)}  {prediction_letter(view)} = {significant(point.prediction, 5)}"
    if drawn.column >= 0:
        title += f"  y = {trimmed(drawn.label, 6)}"
    values = {c.letter: r.value for c, r in zip(scene.curves, readings, strict=True)}
    rows = list(scene.view.letters)  # of what is drawn: what is looked at may be ahead of it
    entries = [
        _entry(drawn, member, values.get(member.letter, math.nan), row == current, two=view.both_labels)
        for member, row in zip(drawn.members, rows, strict=True)
    ]
    at = rows.index(current) if current in rows else 0
    return title, HEADS, entries, _words(view, drawn, at, styles)


def _entry(drawn: DensityPanel, member: LabelDensity, value: float, current: bool, *, two: bool) -> Entry:
    from lossterm.plot.likelihood import energy_text, family_name

    label = math.nan if two else drawn.label
    height = float(member.at(np.array(label)))
    numbers = (value, member.log_normaliser, value + member.log_normaliser if height == height else math.nan, height)
    said = family_name(member)
    if not member.problem and member.family.is_likelihood:
        said = f"{said}, −ln f = {energy_text(member)}".replace(", no constant", " exactly")
    name = member.loss.title
    return Entry(member.letter, member.ink, name, tuple(fitting(x, NUMBER) for x in numbers), said, current)


def _words(view: View, drawn: DensityPanel, current: int, styles: Styles) -> list[Part]:
    from lossterm.plot.likelihood import relation, sentence

    found = relation(view, drawn.members)
    if found:
        return [(found, styles.accent)]
    parts: list[Part] = []
    for member in (*drawn.members[current:], *drawn.members[:current]):
        lead: list[Part] = [(" · ", styles.muted)] if parts else []
        parts += [*lead, (f"{member.letter} ", styles.ink(member.ink)), (sentence(view, member), styles.text)]
    return parts
