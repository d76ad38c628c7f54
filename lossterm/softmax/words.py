"""From a softmax view and what was computed for it to what the widgets of the Softmax screen show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.numbers import UNDEFINED, beyond, equation, fitting, significant, trimmed
from lossterm.core.remembered import Remembered
from lossterm.core.softmax.evaluation import SoftmaxEvaluation, evaluate_point
from lossterm.core.softmax.example import SoftmaxPoint
from lossterm.core.softmax.presets import PRESETS
from lossterm.core.softmax.rounding import SMALL, is_exact
from lossterm.core.softmax.verdict import softmax_verdict
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.softmax.classes import ShownExample, Slopes
from lossterm.softmax.edit import preset_of
from lossterm.softmax.ledger import LedgerRow
from lossterm.softmax.report import Evaluations, as_written, norm, told
from lossterm.softmax.split import Split
from lossterm.softmax.titles import axis_name, logit_name, panel_name, share_name, slope_name
from lossterm.softmax.view import SoftmaxView
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.settings import Setting

if TYPE_CHECKING:
    from lossterm.softmax.pictures import SweepFigure

REMEMBERED = 100
"""Examples and losses of which is remembered what is simple about them."""

NUMBER = 8
"""Characters of a number in the ledger: less than its narrowest column."""


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
    weights = "none"
    if view.class_weights is not None:
        text = ",".join(trimmed(w, 3) for w in view.class_weights)
        weights = text if len(text) <= 16 else f"{text[:15]}…"
    return [
        Setting("Target", what, "t", _key("t"), "target"),
        Setting("Temperature", trimmed(view.temperature), "<>", _key(">"), "T ="),
        Setting("Smoothing", spread, "w W" if target.smoothing else "w", _key("w"), "ε ="),
        Setting("Teacher", teacher, "h H" if target.teacher else "h", _key("h"), "teacher"),
        Setting("Sweep", axis_name(view), "x", _key("x"), "sweep"),
        Setting("Weights", weights, "c", _key("c"), "w"),
    ]


def _key(key: str) -> str:
    # what a click does is what the key does
    return f"perform({key!r})"


def example(view: SoftmaxView, evaluations: Evaluations) -> ShownExample:
    """The classes, with the gradients of the shown losses."""
    point, slopes = view.example.point, []
    for i, e in evaluations.items():
        letter, numbers = view.letters[i], None if e is None else told(point, view.rows[i], e, _number)
        slopes.append(
            Slopes(
                letter,
                ord(letter) - 97,
                view.rows[i].entry.title,
                None if e is None else e.gradient,
                math.nan if numbers is None else numbers.size,
                None if numbers is None else numbers.signs,
            )
        )
    label = view.target.label
    return ShownExample(
        view.example.logits,
        point.prediction.p,
        point.target.p,
        label if isinstance(label, int) else None,
        view.selected,
        slopes,
    )


def split(point: SoftmaxPoint) -> Split:
    """CE = H + KL."""
    floor, extra, whole = (float(x.ravel()[0]) for x in (point.entropy, point.kl, point.cross_entropy))
    extra = 0.0 if is_exact(point) and extra <= SMALL else extra
    return Split(floor, extra, whole, math.log(len(point.prediction.p)))


def heads(view: SoftmaxView) -> list[str]:
    """The column heads of the losses; the last stands over the words."""
    reference = view.letters.get(view.reference, "ref")
    return ["L", share_name(view), slope_name(view), "‖∂L/∂z‖", f"×{reference}" if view.letters else "", "in words"]


def ledger(view: SoftmaxView, evaluations: Evaluations) -> list[LedgerRow]:
    """Every loss: those that are shown with their numbers."""
    reference = evaluations.get(view.reference)
    against = math.nan if reference is None else norm(reference.gradient)
    point, result = view.example.point, []
    for index, r in enumerate(view.rows):
        right = " ".join([*_parameters(r), *(["ref"] if index == view.reference and r.shown else [])])
        letter = view.letters.get(index, " ")
        if not r.shown:
            result.append(LedgerRow(r.entry.title, right, False, letter, 0, (), r.entry.formula))
            continue
        e = evaluations.get(index)
        share = math.nan if e is None or e.contributions is None else float(e.contributions[view.selected])
        cells = (UNDEFINED,) * 5
        if e is not None:
            numbers = told(point, r, e, _number)
            slope = numbers.slope(view.selected)
            cells = (numbers.value, fitting(share, NUMBER), slope, numbers.length, numbers.against(against))
        words = _verdict(r, point, e)
        result.append(LedgerRow(r.entry.title, right, True, letter, ord(letter) - 97, cells, words))
    return result


def _number(x: float) -> str:
    return fitting(x, NUMBER)


@lru_cache(maxsize=32)
def _verdict(row: SoftmaxRow, point: SoftmaxPoint, evaluation: SoftmaxEvaluation | None) -> str:
    return softmax_verdict(row.entry, dict(row.params), point, evaluation)


@lru_cache(maxsize=REMEMBERED)
def _parameters(r: SoftmaxRow) -> tuple[str, ...]:
    return tuple(
        f"{p.symbol} {trimmed(value, 3)}".strip() if isinstance(value, float | int) else str(value)
        for p, (_, value) in zip(r.entry.parameters, r.params, strict=True)
        if value is not None and value != "sum"
    )


def words(
    view: SoftmaxView, evaluations: Evaluations, verdict: str, styles: Styles, width: int, current: int, *, wide: bool
) -> list[Part]:
    """The line below the losses: what was rescaled, what a preset shows, or a loss as a probability.

    Args:
        view: what is looked at.
        evaluations: the shown losses.
        verdict: on the current loss, for which there is no room beside its numbers unless ``wide``.
        styles: of the theme.
        width: of the line; in one that is not wide a preset is told in place of the verdict on the reference.
        current: index of the current loss.
        wide: whether there is room for whole sentences.
    """
    if view.given is not None:
        return _rescaled(view, evaluations, styles, wide=wide)
    preset = preset_of(view)
    if preset is not None and wide:
        return [(f"{preset}: ", styles.accent), (PRESETS[preset].about, styles.text)]
    if preset is not None and current == view.reference and len(PRESETS[preset].about) < width:
        return [(PRESETS[preset].about, styles.accent)]
    pieces: list[Part] = [(verdict, styles.accent)] if verdict and not wide else []
    reference = evaluations.get(view.reference)
    if reference is None or math.isnan(reference.value):
        return pieces
    letter = view.letters.get(view.reference, "")
    weighted = view.example.point.weight
    if weighted != 1:
        times_ = f"L = {trimmed(float(np.ravel(weighted)[0]), 4)} × the loss, the weight of its target"
        return _joined([*pieces, (times_, styles.text)], styles, width - 2)
    if view.rows[view.reference].loss == "cross-entropy":
        hard = isinstance(view.target.label, int) and not view.target.smoothing
        if hard:
            what = ", the target's probability" if wide else ""
            probability = equation(f"e^−L({letter})", _exponential(-reference.value))
            pieces.append((f"{probability}{what}", styles.text))
        whole = _exponential(reference.value)
        pieces.append((equation("perplexity e^L" if wide else "perplexity", whole), styles.text))
        floor = float(view.example.point.entropy.ravel()[0])
        if floor > 0:
            pieces.append((f"no p brings it below the floor H(t) = {significant(floor)}", styles.muted))
    return _joined(pieces, styles, width - 2)


def _joined(pieces: Sequence[Part], styles: Styles, room: int) -> list[Part]:
    # the last ones go as a whole where there is no room for all
    parts: list[Part] = list(pieces[:1])
    for piece in pieces[1:]:
        if sum(len(text) for text, _ in (*parts, piece)) + 3 > room:
            break
        parts += [(" · ", styles.muted), piece]
    return parts


_tags: Remembered[str] = Remembered(REMEMBERED)


def tag(view: SoftmaxView, index: int) -> str:
    """What is simple about a loss: that its gradient is p − t, else its bound; remembered, for every key asks."""
    row = view.rows[index]
    masked = np.isfinite(view.example.logits).tobytes()  # where it is simple it is so whatever the logits are
    key = (row.loss, row.params, view.target, view.temperature, view.class_weights, masked)
    return _tags.of(key, lambda: slope(view, index) or bound(view, index))


def slope(view: SoftmaxView, index: int) -> str:
    """``∂L/∂z = p − t`` where it is so for a loss, found from its gradients; over T at another temperature."""
    row, example = view.rows[index], view.example
    if row.entry.target_problem(example.point):
        return ""
    for factor, turn in ((1.0, 0), (0.5, 1), (-0.7, 0)):
        logits = np.roll(np.where(np.isfinite(example.logits), example.logits, -9.0), turn) * factor
        point = example.at(logits + 0.25 * np.arange(logits.size), example.temperature)
        (found,) = evaluate_point(point, [(row.entry, dict(row.params))])
        if not np.allclose(found.gradient * example.temperature, point.residual, rtol=1e-9, atol=1e-12):
            return ""
    return "∂L/∂z = p − t" if view.temperature == 1 else "∂L/∂z = (p − t)/T"


def bound(view: SoftmaxView, index: int) -> str:
    """The most that a loss is for this target, whatever is predicted: convex in p, it is that at a certain class."""
    row, example = view.rows[index], view.example
    if row.entry.target_problem(example.point):
        return ""
    t = np.where(np.isfinite(example.logits), np.broadcast_to(example.point.target.p, example.logits.shape), np.nan)
    if row.entry.reads == "cosines":
        return ""  # of cosines softmax does not get to a class alone
    most, there = -math.inf, np.flatnonzero(np.isfinite(example.logits))
    # the worst is the class with the least of the target; of ordered classes one of the ends
    for sure in {int(np.nanargmin(t)), int(np.nanargmax(t)), int(there[0]), int(there[-1])}:
        certain = np.where(np.arange(t.size) == sure, 0.0, -np.inf)
        (found,) = evaluate_point(example.at(certain, example.temperature), [(row.entry, dict(row.params))])
        most = max(most, found.value)
    return f"L ≤ {trimmed(most, 4)}" if math.isfinite(most) else "L has no bound"


def _exponential(x: float) -> str:
    # e^x in words, also where no double holds it
    if math.isinf(x):
        return significant(0.0 if x < 0 else math.inf)
    value = math.exp(x) if x < 709.78 else math.inf
    return significant(value) if 0 < value < math.inf else beyond(1.0, over=x > 0)


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
    name = panel_name(view, panel, log=figure.panels[panel].threshold is not None)
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
