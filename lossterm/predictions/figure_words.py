"""The figures of a file as the Data screen shows them: the calibration, the decisions, and what is said below."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lossterm.core.numbers import MINUS, UNDEFINED, fitting, trimmed
from lossterm.core.plain import visible
from lossterm.predictions import figures, label_figures
from lossterm.predictions.conclusion import conclusion_forms
from lossterm.predictions.figures import Statistic, told
from lossterm.predictions.figures_widget import UNBROKEN, FigureLine
from lossterm.predictions.report import class_names, term
from lossterm.predictions.value_words import interval_blocks, value_lines, value_words
from lossterm.predictions.view import Look
from lossterm.predictions.words import cut

if TYPE_CHECKING:
    from lossterm.core.statistics.calibration import BrierDecomposition
    from lossterm.core.statistics.findings import Assessment, Calibration, Findings, WeightedFindings
    from lossterm.core.statistics.ranking import Confusion

ROUNDING = 1e-12
"""Figures that differ by no more, as a part of them, have not changed."""

COLUMN = 34
"""Columns of what is said beside the figures."""


def changed(now: float | None, before: float | None, digits: int = 3) -> str:
    """By how much a figure has changed; nothing where it has not."""
    if now is None or before is None or not (math.isfinite(now) and math.isfinite(before)):
        return ""
    gap = now - before
    if abs(gap) <= ROUNDING * max(abs(now), abs(before), 1e-300):
        return ""
    return f"{'+' if gap > 0 else MINUS}{fitting(abs(gap), 7, digits)}"


# ---- the calibration -----------------------------------------------------------------------------------------------


def figure_lines(findings: Findings, base: Findings | None, look: Look) -> tuple[list[str], list[FigureLine]]:
    """The heads and lines of the calibration, now, what has changed, and after scaling; none of several labels."""
    if findings.labels:
        return [], []
    now = findings.calibration
    if now is None:
        return value_lines(findings, base)
    heads = ["now", *([""] if base is not None else [])]
    first: Calibration = now
    columns: list[Calibration | None] = []
    if findings.weighted is not None and findings.weighted.calibration is not None:
        heads, first = ["weighted", *heads[1:], "unweighted"], findings.weighted.calibration
        columns.append(now)
    if findings.tempered is not None:
        heads.append(f"at T={told(findings.temperature.value, 3)}*")
        columns.append(findings.tempered)
    if findings.scaled is not None and findings.platt is not None:
        sign = MINUS if (findings.platt.b or 0) < 0 else "+"
        line = f"{told(findings.platt.a, 3)}z{sign}{told(abs(findings.platt.b or 0.0), 3)}"
        # where there are errors a sentence tells the line
        heads.append("Platt*" if findings.platt.a_error else f"{line}*")
        columns.append(findings.scaled)
    lines = []
    compared: Findings | WeightedFindings | None = base if base is None or first is now else base.weighted
    before = None if compared is None else compared.calibration
    for s in figures.calibration_of(look.mass):
        if s.aside:
            continue
        cells = [s.text(first), *(_change(s, first, before) if base is not None else [])]
        lines.append(FigureLine(s.title, (*cells, *(s.text(found) for found in columns))))
    auroc = figures.AUROC
    if auroc.value(findings) is not None or findings.matrix is None:
        of: Any = findings if first is now else findings.weighted
        cells = [auroc.text(of), *(_change(auroc, of, compared) if base is not None else [])]
        rising = findings.platt is None or findings.platt.a is None or findings.platt.a > 0
        same = auroc.text(findings) if rising else UNDEFINED  # scaling that rises keeps the order
        lines.append(FigureLine(auroc.title, (*cells, *(same for _ in columns))))
    return heads, lines


def _change(statistic: Statistic[Any], now: object, before: object) -> list[str]:
    return [changed(statistic.value(now), statistic.value(before))]


# ---- the decisions -------------------------------------------------------------------------------------------------


def decision_blocks(
    findings: Findings, base: Findings | None, confusion: tuple[Confusion, int] | None, look: Look
) -> list[list[FigureLine]]:
    """What stands beside the calibration, the widest form first; of K classes the heads of their table.

    Args:
        findings: of the file.
        base: those that changes are told against.
        confusion: the decisions at the threshold, and how many of them may be wrong.
        look: how the file is looked at.
    """
    if findings.labels:
        return []
    if findings.calibration is None:
        return interval_blocks(findings)
    weighted = _weighted_lines(findings, look)
    if findings.matrix is not None:
        right, before = int(findings.matrix.trace()), None if base is None else base.accuracy
        change = f" {changed(findings.accuracy, before)}".rstrip()
        text = f"{told(findings.accuracy)}{change} · {right:,} of {findings.rows:,} right"
        return [[*weighted, FigureLine("accuracy", (text,))]]
    if confusion is None:
        return [_why_undecided(findings)]
    now, uncertain = confusion
    more = [FigureLine("uncertain", (f"{uncertain:,} examples, till counted",))] if uncertain else []
    if base is None:
        forms = (_decisions(now, look, words=True), _decisions(now, look, words=False))
        skill = _skill_lines(findings)
        if weighted:  # so are the skill and the average precision: what is told of each row once comes after them
            return [[*weighted, *skill, FigureLine("unweighted", ("",)), *lines, *more] for lines in forms]
        return [[*lines, *more, *skill] for lines in forms]
    known = base.confusion(look.threshold)
    old = known[0] if known is not None and not known[1] and not uncertain else None
    blocks = (_changes_beside(now, old, look), _changes_below(now, old, look))
    return [[*weighted, *block, *_changed_ratios(now, old), *more] for block in blocks]


def _weighted_lines(findings: Findings, look: Look) -> list[FigureLine]:
    """The decisions with weights, which come first."""
    found = findings.weighted
    if found is None:
        return []
    if found.matrix is not None:
        return [FigureLine("weighted", (f"accuracy {told(found.accuracy)}",))]
    decided = found.confusion(look.threshold, findings.question.threshold)
    if decided is None:
        return []
    accuracy, precision, recall, f1, _ = figures.RATIOS
    pairs = ((accuracy, f1), (precision, recall))
    texts = [" ".join(f"{s.title} {s.text(decided)}" for s in pair) for pair in pairs]
    return [FigureLine(name, (text,)) for name, text in zip(("weighted", ""), texts, strict=True)]


def _why_undecided(findings: Findings) -> list[FigureLine]:
    # soft labels
    sentences = ["labels are not all 0 or 1: no AUROC, no Platt scaling, no decisions at a threshold"]
    if findings.temperature.value is None and findings.temperature.reason:
        sentences.append(f"no temperature: {findings.temperature.reason}")
    lines = [line for text in sentences for line in textwrap.wrap(text, COLUMN)]
    return [FigureLine("", (line,)) for line in lines]


def _cells(confusion: Confusion) -> tuple[tuple[float, float], tuple[float, float]]:
    # a row a label, from 1; a column a decision, from 1
    c = confusion
    return (c.true_positive, c.false_negative), (c.false_positive, c.true_negative)


def _decisions(c: Confusion, look: Look, *, words: bool) -> list[FigureLine]:
    (hit, missed), (false, rejected) = _cells(c)
    said = (" right", " missed", " false", " right ") if words else ("",) * 4
    one = _column("decided 1", f"{hit:,}{said[0]}", f"{false:,}{said[2]}")
    zero = _column("decided 0", f"{missed:,}{said[1]}", f"{rejected:,}{said[3]}")
    names = (f"p > {trimmed(look.threshold)}", "y = 1", "y = 0")
    return [
        *(FigureLine(name, (a, "  ", b)) for name, a, b in zip(names, one, zero, strict=True)),
        *(_side_by_side(c, names) for names in _RATIO_LINES),
    ]


_RATIO_LINES = (("accuracy", "f1"), ("precision", "recall"), ("specificity",))
"""Which ratios stand in one line."""


def _side_by_side(c: Confusion, names: Sequence[str]) -> FigureLine:
    first, *others = (figures.statistic(figures.RATIOS, name) for name in names)
    beside = [f"{other.title:<6} {other.text(c)}" for other in others]
    return FigureLine(first.title, (" ".join([f"{first.text(c):<8}", *beside]).rstrip(),))


def _gaps(now: Confusion, old: Confusion | None) -> list[list[str]]:
    # of the cells of the matrix, nothing where they are the same
    if old is None:
        return [["", ""], ["", ""]]
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(_cells(now), _cells(old), strict=True)]
    return [[f"{'+' if x > y else MINUS}{abs(x - y):,}" if x != y else "" for x, y in row] for row in pairs]


def _changes_beside(now: Confusion, old: Confusion | None, look: Look) -> list[FigureLine]:
    columns = []
    for k, head in enumerate(("decided 1", "decided 0")):
        counts = _column(*(f"{row[k]:,}" for row in _cells(now)))
        gaps = [row[k] for row in _gaps(now, old)]
        room = max(len(head) - len(counts[0]) - 1, *map(len, gaps))
        columns.append((f"{head:>{len(counts[0]) + 1 + room}}", counts, [f" {gap:>{room}}" for gap in gaps]))
    (one, counts, gaps), (zero, others, others_gaps) = columns
    lines = [FigureLine(f"p > {trimmed(look.threshold)}", (one, "  ", zero))]
    for i, name in enumerate(("y = 1", "y = 0")):
        lines.append(FigureLine(name, (counts[i], gaps[i], "  ", others[i], others_gaps[i]), (1, 4)))
    return lines


def _changes_below(now: Confusion, old: Confusion | None, look: Look) -> list[FigureLine]:
    gaps, cells = _gaps(now, old), _cells(now)
    texts = [(f"{cells[i][k]:,}", gaps[i][k]) for k in (0, 1) for i in (0, 1)]
    one = _column("decided 1", *texts[0], *texts[1])
    zero = _column("decided 0", *texts[2], *texts[3])
    names = (f"p > {trimmed(look.threshold)}", "y = 1", "", "y = 0", "")
    lines = list(zip(names, one, zero, strict=True))
    return [FigureLine(name, (a, "  ", b), () if name else (0, 2)) for name, a, b in lines]


def _changed_ratios(now: Confusion, old: Confusion | None) -> list[FigureLine]:
    lines = []
    for s in figures.RATIOS:
        gap = changed(s.value(now), s.value(old))
        lines.append(FigureLine(s.title, (f"{s.text(now):<7}", gap), (1,)))
    return lines


def _column(*texts: str) -> list[str]:
    width = max(map(len, texts))
    return [f"{text:>{width}}" for text in texts]


# ---- the classes ---------------------------------------------------------------------------------------------------


def class_rows(findings: Findings) -> tuple[FigureLine, ...]:
    """The table of K classes, or of several labels, its heads first; nothing where there are none."""
    if findings.labels:
        heads, *rows = label_figures.label_rows(findings, brief=True)
        columns = [_column(*texts) for texts in list(zip(heads, *rows, strict=True))[1:]]
        cells = ["  ".join(texts) for texts in zip(*columns, strict=True)]
        names = [heads[0], *(cut(row[0], 12) for row in rows)]
        at = 2 + label_place(findings)  # below the heads and the mean
        names[at] = f"▸ {names[at]}"
        return tuple(FigureLine(name, (text,)) for name, text in zip(names, cells, strict=True))
    if findings.matrix is None:
        return ()
    classes = findings.classes
    beside = [replace(s, digits=min(s.digits, 3)) for s in figures.CLASSES if s.name in figures.BESIDE]
    columns = [_column(s.title, *(s.text(c) for c in classes)) for s in beside]
    cells = ["  ".join(texts) for texts in zip(*columns, strict=True)]
    names = [f"{len(classes):,} classes", *(cut(name, 12) for name in class_names(findings))]
    return tuple(FigureLine(name, (text,)) for name, text in zip(names, cells, strict=True))


def label_place(findings: Findings) -> int:
    """Where in the table of several labels, below their mean, the one is that is looked at."""
    return label_figures.worst_first(findings.labels).index(findings.labels[findings.looked_at])


# ---- the words -----------------------------------------------------------------------------------------------------


def concluded(findings: Findings) -> list[tuple[str, ...]]:
    """What the figures come to, with the key that shows what would mend it: one sentence, or none."""
    forms = conclusion_forms(findings, "K")
    return [forms] if forms else []


def figure_words(findings: Findings, base: Findings | None, *, mass: bool = False) -> list[tuple[str, ...]]:
    """What is said below the figures: of each sentence the longest form first."""
    if findings.labels:
        own = (
            f"▸ {visible(findings.labels[findings.looked_at].label)} is looked at in chart, losses and B c M: L, or a "
        )
        own += "click, looks at another"
        return [(sentence,) for sentence in (own, *label_figures.lacking(findings.labels), *findings.notes)]
    words: list[tuple[str, ...]] = [*value_words(findings), *((note,) for note in findings.notes)]
    now, why = findings.calibration, findings.temperature.reason
    told_beside = not findings.hard and findings.matrix is None
    told_before = any("no temperature" in note for note in findings.notes)
    if now is not None and findings.temperature.value is None and why and not (told_beside or told_before):
        words.append((f"no temperature: {why}",))
    first = [*_floor_words(findings, mass=mass), *_fitted(findings), *_weighted_fit(findings)]
    words = [*first, *words]
    last = [*_skill_words(findings), *_term_words(findings)] if base is None else []  # what has changed goes before
    if now is None or findings.matrix is not None or now.width.decomposition is None:
        return [*words, *last]
    plain, old = now.width.decomposition, None if base is None else base.calibration
    before = None if old is None else old.width.decomposition
    forms = [_sum_of(plain, None)]
    if before is not None and before != plain:
        forms.insert(0, _sum_of(plain, before))
    if findings.weighted is not None:
        forms = [f"unweighted {form}" for form in forms]
    return [tuple(forms), *words, *last]


def _floor_words(findings: Findings, *, mass: bool) -> list[tuple[str, ...]]:
    # what the ECE is to be held against
    weighted = None if findings.weighted is None else findings.weighted.calibration
    found = findings.calibration if weighted is None else weighted
    bins = None if found is None else found.mass if mass else found.width
    floor = None if bins is None else bins.floor
    if floor is None:
        return []
    first, *others = (s for s in figures.CALIBRATION if s.name.startswith("ece_equal_mass_" if mass else "ece_")
                      and s.bins == ("mass" if mass else "width"))  # fmt: skip
    short = f"{first.title} of calibrated predictions {first.text(found)}"
    rest = (f"{s.title} {s.text(found)}".replace(" ", UNBROKEN) for s in others)
    return [(" · ".join([short, *rest]), short)]


def assessed(findings: Findings) -> Assessment | None:
    """What the figures are worth that stand first: those with weights where there are any."""
    weighted = None if findings.weighted is None else findings.weighted.assessment
    return findings.assessment if weighted is None else weighted


def _skill_words(findings: Findings) -> list[tuple[str, ...]]:
    # what has no place in the table
    found = assessed(findings)
    if found is None:
        return []
    parts = [f"{s.title} {s.text(found.skill)}" for s in figures.SKILL if s.value(found.skill) is not None]
    parts += [
        f"{s.title} {s.text(found)}"
        for s in (figures.SPIEGELHALTER, figures.AUROC_ERROR, figures.AVERAGE_PRECISION)
        if s.value(found) is not None
    ]
    return [(" · ".join(part.replace(" ", UNBROKEN) for part in parts),)] if parts else []


def _term_words(findings: Findings) -> list[tuple[str, ...]]:
    # what the mean of each proper loss is made of
    mean, terms = figures.terms_of_losses(findings)
    parts = []
    for loss in findings.losses if terms else ():
        if terms[0].value(loss) is not None:
            mcb, dsc, unc = (f"{s.title} {s.text(loss)}" for s in terms)
            parts.append(f"{loss.criterion.loss.id} {mean.text(loss)} = {mcb} {MINUS} {dsc} + {unc}")
    return [(" · ".join(part.replace(" ", UNBROKEN) for part in parts), parts[0])] if parts else []


def _skill_lines(findings: Findings) -> list[FigureLine]:
    # the two of most use of the skill, and of the ranking: what there is in place of them says a sentence
    found, (_, d2, _, ratio) = assessed(findings), figures.SKILL
    if found is None:
        return []
    lines = []
    if d2.value(found.skill) is not None:
        lines.append(FigureLine(d2.title, (f"{d2.text(found.skill):<8} {ratio.title:<6} {ratio.text(found.skill)}",)))
    error, average = figures.AUROC_ERROR, figures.AVERAGE_PRECISION
    if average.value(found) is not None:
        told_error = f"{error.text(found):<8} " if error.value(found) is not None else ""
        name = error.title if told_error else average.title
        beside = f"{average.brief:<6} " if told_error else ""
        lines.append(FigureLine(name, (f"{told_error}{beside}{average.text(found)}",)))
    return lines


def _weighted_fit(findings: Findings) -> list[tuple[str, ...]]:
    # what is fitted with weights
    found = findings.weighted
    if found is not None and found.temperature.value is not None:
        fits = [f"T = {told(found.temperature.value, 3)}"]
        if found.platt is not None and found.platt.a is not None:
            b = found.platt.b or 0.0
            fits.append(f"{told(found.platt.a, 3)}z {MINUS if b < 0 else '+'} {told(abs(b), 3)}")
        return [(f"weighted fit, in-sample: {' · '.join(fits)}",)]
    return []


def _fitted(findings: Findings) -> list[tuple[str, ...]]:
    # T, a and b where they have errors, for which the heads have no room
    hot, line = findings.temperature, findings.platt
    fitted = [f"{figures.TEMPERATURE.title} = {figures.TEMPERATURE.text(findings)}"] if hot.error else []
    if line is not None and line.a_error:
        fitted += [f"{s.title} = {s.text(line)}" for s in figures.PLATT]
    return [(" · ".join(text.replace(" ", UNBROKEN) for text in fitted),)] if fitted else []


def _sum_of(now: BrierDecomposition, before: BrierDecomposition | None) -> str:
    texts = []
    for s in figures.TERMS:
        value = float(s.value(now) or 0.0)
        gap = changed(value, s.value(before))
        signed = f"{s.sign} {term(value)}" if s.sign else term(value)
        texts.append(f"{signed}{f' Δ{gap}' if gap else ''} {s.brief or s.title}".replace(" ", UNBROKEN))
    return f"Brier = {' '.join(texts)}"
