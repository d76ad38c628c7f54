"""From a softmax view and what was computed for it to what the widgets of the Softmax screen show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lossterm.core.presets import PRESETS
from lossterm.core.softmax import SoftmaxPoint
from lossterm.core.softmax_evaluation import SoftmaxEvaluation, evaluate_point
from lossterm.core.softmax_verdict import softmax_verdict
from lossterm.numbers import fitting, ratio, significant, trimmed
from lossterm.softmax_edit import preset_of
from lossterm.softmax_state import SoftmaxRow, SoftmaxView
from lossterm.softmax_table import as_written, norm
from lossterm.ui.style import Styles
from lossterm.ui.widgets.classes import Example, Slopes
from lossterm.ui.widgets.ledger import LedgerRow
from lossterm.ui.widgets.lines import Part
from lossterm.ui.widgets.settings import Setting
from lossterm.ui.widgets.split import Split

if TYPE_CHECKING:
    from lossterm.plot.sweep import SweepFigure

NUMBER = 8
"""Characters of a number in the ledger: less than its narrowest column."""

Evaluations = Mapping[int, SoftmaxEvaluation | None]
"""The shown rows by their index; None where the loss does not take the target."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def evaluated(view: SoftmaxView) -> Evaluations:
    """Every shown loss at the point."""
    point = view.problem.point
    rows = [(i, view.rows[i]) for i in view.shown]
    fit = [(i, r) for i, r in rows if r.entry.target_problem(point) is None]
    results = evaluate_point(point, [(r.entry, dict(r.params)) for _, r in fit])
    found = {i: result for (i, _), result in zip(fit, results, strict=True)}
    return {i: found.get(i) for i, _ in rows}


def logit_name(view: SoftmaxView) -> str:
    """The selected logit: ``z₁``."""
    return f"z{view.selected}".translate(_SUBSCRIPTS)


def axis_name(view: SoftmaxView) -> str:
    """What is swept."""
    return logit_name(view) if view.sweep == "logit" else "T"


# ---- the parts of the screen ---------------------------------------------------------------------------------------


def status(view: SoftmaxView, split: Split) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    z, whole = trimmed(view.logits[view.selected], 4), significant(split.whole)
    t = trimmed(view.temperature)
    return (
        f"K = {view.classes} · {logit_name(view)} = {z} · T = {t} · CE = {whole}",
        f"K={view.classes} {logit_name(view)}={z} CE={whole}",
    )


def settings(view: SoftmaxView) -> list[Setting]:
    """The target, its smoothing and teacher, the temperature, what is swept."""
    target = view.target
    if target.label is None:
        what = "teacher"
    elif isinstance(target.label, int):
        what = f"class {target.label}"
    else:
        what = "distribution"
    teacher = "none"
    if target.teacher is not None:
        text = ",".join(trimmed(z, 3) for z in target.teacher)
        teacher = text if len(text) <= 16 else f"{text[:15]}…"
    spread = trimmed(target.smoothing) + (f" over {target.over}" if target.smoothing else "")
    return [
        Setting("Target", what, "t", "target(1)", "target"),
        Setting("T", trimmed(view.temperature), "<>", "temperature(1)", "T"),
        Setting("Smoothing ε", spread, "w W" if target.smoothing else "w", "smoothing", "ε"),
        Setting("Teacher", teacher, "h H" if target.teacher else "h", "type_teacher", "teacher"),
        Setting("Sweep", axis_name(view), "x", "sweep", "sweep"),
    ]


def example(view: SoftmaxView, evaluations: Evaluations) -> Example:
    """The classes, with the gradients of the shown losses."""
    point = view.problem.point
    slopes = [
        Slopes(
            view.letters[i],
            ord(view.letters[i]) - 97,
            view.rows[i].entry.title,
            None if e is None else e.gradient,
            math.nan if e is None else norm(e.gradient),
        )
        for i, e in evaluations.items()
    ]
    label = view.target.label
    return Example(
        view.problem.logits,
        point.prediction.p,
        point.target.p,
        label if isinstance(label, int) else None,
        view.selected,
        slopes,
    )


def split(point: SoftmaxPoint) -> Split:
    """CE = H + KL."""
    floor, extra, whole = (float(x.ravel()[0]) for x in (point.entropy, point.kl, point.cross_entropy))
    return Split(floor, extra, whole, math.log(len(point.prediction.p)))


def heads(view: SoftmaxView) -> list[str]:
    """The column heads of the losses; the last stands over the words."""
    reference = view.letters.get(view.reference, "ref")
    part = f"L{view.selected}".translate(_SUBSCRIPTS)
    return ["L", part, f"∂L/∂{logit_name(view)}", "‖∂L/∂z‖", f"×{reference}", "in words"]


def ledger(view: SoftmaxView, evaluations: Evaluations) -> list[LedgerRow]:
    """Every loss: those that are shown with their numbers."""
    reference = evaluations.get(view.reference)
    against = math.nan if reference is None else norm(reference.gradient)
    point, result = view.problem.point, []
    for index, r in enumerate(view.rows):
        right = " ".join([*_parameters(r), *(["ref"] if index == view.reference and r.shown else [])])
        letter = view.letters.get(index, " ")
        if not r.shown:
            result.append(LedgerRow(r.entry.title, right, False, letter, 0, (), r.entry.formula))
            continue
        e = evaluations.get(index)
        share = math.nan if e is None or e.contributions is None else float(e.contributions[view.selected])
        numbers = (
            math.nan if e is None else e.value,
            share,
            math.nan if e is None else float(e.gradient[view.selected]),
            math.nan if e is None else norm(e.gradient),
        )
        cells = (*(fitting(x, NUMBER) for x in numbers), ratio(numbers[3], against))
        words = softmax_verdict(r.entry, point, e)
        result.append(LedgerRow(r.entry.title, right, True, letter, ord(letter) - 97, cells, words))
    return result


def _parameters(r: SoftmaxRow) -> list[str]:
    return [
        f"{p.symbol} {trimmed(value, 3)}".strip() if isinstance(value, float | int) else str(value)
        for p, (_, value) in zip(r.entry.parameters, r.params, strict=True)
        if value is not None and value != "sum"
    ]


def words(view: SoftmaxView, evaluations: Evaluations, verdict: str, styles: Styles, *, wide: bool) -> list[Part]:
    """The line below the losses: what was rescaled, what a preset shows, or a loss as a probability.

    Args:
        view: what is looked at.
        evaluations: the shown losses.
        verdict: on the current loss, for which there is no room beside its numbers unless ``wide``.
        styles: of the theme.
        wide: whether there is room for whole sentences.
    """
    if view.given is not None:
        return _rescaled(view, evaluations, styles, wide=wide)
    preset = preset_of(view)
    if preset is not None and wide:
        return [(f"{preset}: ", styles.accent), (PRESETS[preset].about, styles.text)]
    parts: list[Part] = [(f"{verdict} · ", styles.accent)] if verdict and not wide else []
    reference = evaluations.get(view.reference)
    if reference is None or math.isnan(reference.value):
        return parts
    letter = view.letters.get(view.reference, "")
    entropy = view.rows[view.reference].loss == "cross-entropy"
    hard = isinstance(view.target.label, int) and not view.target.smoothing
    what = ", the target's probability" if entropy and hard else ""
    value = significant(math.exp(-reference.value) if reference.value > -700 else math.inf)
    parts.append((f"e^−L({letter}) = {value}{what}", styles.text))
    floor = float(view.problem.point.entropy.ravel()[0])
    if entropy and floor > 0:
        parts.append((f" · no p brings it below the floor H(t) = {significant(floor)}", styles.muted))
    return parts


def _rescaled(view: SoftmaxView, evaluations: Evaluations, styles: Styles, *, wide: bool) -> list[Part]:
    assert view.given is not None
    total = significant(math.fsum(view.given), 4).rstrip("0")
    rows = [view.rows[i] for i in evaluations]
    letters = {view.rows[i].key: view.letters[i] for i in evaluations}
    written = as_written(view.given, view.target, rows)
    now = {view.rows[i].key: e.value for i, e in evaluations.items() if e is not None}
    changes = [f"{letters[r.key]} {significant(v)}→{significant(now[r.key])}" for r, v in written if r.key in now]
    parts: list[Part] = [(f"given p sum to {total}{', no distribution' if wide else ''}: each ÷{total}", styles.accent)]
    if changes and view.temperature == 1:
        parts.append((f" · {'  '.join(changes)}", styles.text))
    return parts


def chart_title(
    view: SoftmaxView, figure: SweepFigure, panel: int, styles: Styles, width: int
) -> tuple[list[Part], str]:
    """The heading of a chart: its quantity and the legend."""
    name = "L" if panel == 0 else f"∂L/∂{logit_name(view)}"
    if view.scale == "symlog":
        name += " (symlog)"
    parts: list[Part] = [(name, styles.strong)]
    right = f"against {axis_name(view)}"
    room = width - 8 - len(name) - len(right)
    names = [(f"  {c.letter} ", c.source.entry.title, c.ink) for c in figure.curves]
    short = panel > 0 or sum(len(letter) + len(title) for letter, title, _ in names) > room
    for letter, title, ink in names:
        parts.append((letter, styles.bold_inks[ink % len(styles.bold_inks)]))
        if not short:
            parts.append((title, styles.ink(ink)))
    return parts, right


def shown_values(view: SoftmaxView, figure: SweepFigure, evaluations: Evaluations, panel: int) -> Sequence[float]:
    """The quantity of a panel for each curve at the cursor."""
    found = [evaluations.get(curve.row) for curve in figure.curves]
    if panel == 0:
        return [math.nan if e is None else e.value for e in found]
    return [math.nan if e is None else float(e.gradient[view.selected]) for e in found]
