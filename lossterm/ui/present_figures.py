"""The figures of a file as the Data screen shows them: the calibration, the decisions, and what is said below."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.data_state import Look
from lossterm.data_table import class_names, estimated, term, told
from lossterm.numbers import MINUS, UNDEFINED, fitting, trimmed
from lossterm.ui.present_data import cut
from lossterm.ui.widgets.figures import UNBROKEN, FigureLine

if TYPE_CHECKING:
    from lossterm.core.calibration import BrierDecomposition
    from lossterm.core.findings import Calibration, Findings
    from lossterm.core.ranking import Confusion

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

_FIGURES = (("log loss", "log_loss"), ("Brier", "brier"), ("ECE", "ece"), ("MCE", "mce"), ("RMSCE", "rmsce"))


def _figure(found: Calibration | None, name: str, *, mass: bool) -> float | None:
    if found is None:
        return None
    if name in {"log_loss", "brier"}:
        return float(getattr(found, name))
    bins = found.mass if mass else found.width
    return None if bins is None else float(getattr(bins, name))


def figure_lines(findings: Findings, base: Findings | None, look: Look) -> tuple[list[str], list[FigureLine]]:
    """The heads and lines of the calibration: now, by how much it has changed, and after scaling."""
    now = findings.calibration
    if now is None:
        return value_lines(findings, base)
    heads = ["now", *([""] if base is not None else [])]
    columns: list[Calibration | None] = []
    if findings.tempered is not None:
        heads.append(f"at T={told(findings.temperature.value, 3)}")
        columns.append(findings.tempered)
    if findings.scaled is not None and findings.platt is not None:
        sign = MINUS if (findings.platt.b or 0) < 0 else "+"
        heads.append(f"{told(findings.platt.a, 3)}z{sign}{told(abs(findings.platt.b or 0.0), 3)}")
        columns.append(findings.scaled)
    lines = []
    for name, key in _FIGURES:
        value = _figure(now, key, mass=look.mass)
        cells = [told(value)]
        if base is not None:
            cells.append(changed(value, _figure(base.calibration, key, mass=look.mass)))
        cells += [told(_figure(found, key, mass=look.mass)) for found in columns]
        lines.append(FigureLine(name, tuple(cells)))
    cells = [estimated(findings.auroc)]
    if findings.auroc.value is not None or findings.matrix is None:
        if base is not None:
            cells.append(changed(findings.auroc.value, base.auroc.value))
        same = told(findings.auroc.value) if findings.auroc.value is not None else UNDEFINED
        rising = findings.platt is None or findings.platt.a is None or findings.platt.a > 0
        cells += [same if rising else UNDEFINED for _ in columns]
        lines.append(FigureLine("AUROC", tuple(cells)))
    return heads, lines


def value_lines(findings: Findings, base: Findings | None) -> tuple[list[str], list[FigureLine]]:
    """What is told of plain values: the mean label."""
    heads = ["now", *([""] if base is not None else [])]
    lines = [FigureLine("mean label", (told(findings.label_mean), *([""] if base is not None else [])))]
    return heads, lines


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
    if findings.calibration is None:
        return []
    if findings.matrix is not None:
        right, before = int(findings.matrix.trace()), None if base is None else base.accuracy
        change = f" {changed(findings.accuracy, before)}".rstrip()
        text = f"{told(findings.accuracy)}{change} · {right:,} of {findings.rows:,} right"
        return [[FigureLine("accuracy", (text,))]]
    if confusion is None:
        return [_why_undecided(findings)]
    now, uncertain = confusion
    more = [FigureLine("uncertain", (f"{uncertain:,} examples, till counted",))] if uncertain else []
    if base is None:
        return [[*lines, *more] for lines in (_decisions(now, look, words=True), _decisions(now, look, words=False))]
    known = base.confusion(look.threshold)
    old = known[0] if known is not None and not known[1] and not uncertain else None
    blocks = (_changes_beside(now, old, look), _changes_below(now, old, look))
    return [[*block, *_changed_ratios(now, old), *more] for block in blocks]


def _why_undecided(findings: Findings) -> list[FigureLine]:
    # soft labels
    sentences = ["labels are not all 0 or 1: no AUROC, no Platt scaling, no decisions at a threshold"]
    if findings.temperature.value is None and findings.temperature.reason:
        sentences.append(f"no temperature: {findings.temperature.reason}")
    lines = [line for text in sentences for line in textwrap.wrap(text, COLUMN)]
    return [FigureLine("", (line,)) for line in lines]


def _cells(confusion: Confusion) -> tuple[tuple[int, int], tuple[int, int]]:
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
        FigureLine("accuracy", (f"{told(c.accuracy):<8} F1     {told(c.f1)}",)),
        FigureLine("precision", (f"{told(c.precision):<8} recall {told(c.recall)}",)),
        FigureLine("specificity", (told(c.specificity),)),
    ]


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
    for name in ("accuracy", "precision", "recall", "F1", "specificity"):
        value = getattr(now, name.lower())
        gap = changed(value, None if old is None else getattr(old, name.lower()))
        lines.append(FigureLine(name, (f"{told(value):<7}", gap), (1,)))
    return lines


def _column(*texts: str) -> list[str]:
    width = max(map(len, texts))
    return [f"{text:>{width}}" for text in texts]


# ---- the classes ---------------------------------------------------------------------------------------------------


def class_rows(findings: Findings) -> tuple[FigureLine, ...]:
    """The table of K classes, its heads first; nothing where there are none."""
    if findings.matrix is None:
        return ()
    classes = findings.classes
    rows = [(f"{c.count:,}", told(c.precision, 3), told(c.recall, 3), told(c.f1, 3)) for c in classes]
    columns = [_column(*texts) for texts in zip(("count", "precision", "recall", "F1"), *rows, strict=True)]
    cells = ["  ".join(texts) for texts in zip(*columns, strict=True)]
    names = [f"{len(classes):,} classes", *(cut(name, 12) for name in class_names(findings))]
    return tuple(FigureLine(name, (text,)) for name, text in zip(names, cells, strict=True))


# ---- the words -----------------------------------------------------------------------------------------------------


def figure_words(findings: Findings, base: Findings | None) -> list[tuple[str, ...]]:
    """What is said below the figures: of each sentence the longest form first."""
    words: list[tuple[str, ...]] = [(note,) for note in findings.notes]
    now, why = findings.calibration, findings.temperature.reason
    told_beside = not findings.hard and findings.matrix is None
    told_before = any("no temperature" in note for note in findings.notes)
    if now is not None and findings.temperature.value is None and why and not (told_beside or told_before):
        words.append((f"no temperature: {why}",))
    if now is None or findings.matrix is not None or now.width.decomposition is None:
        return words
    plain, old = now.width.decomposition, None if base is None else base.calibration
    before = None if old is None else old.width.decomposition
    forms = [_sum_of(plain, None)]
    if before is not None and before != plain:
        forms.insert(0, _sum_of(plain, before))
    return [tuple(forms), *words]


TERMS: Sequence[tuple[str, str, str]] = (
    ("", "reliability", "reliability"),
    (f"{MINUS} ", "resolution", "resolution"),
    ("+ ", "uncertainty", "uncertainty"),
    ("+ ", "within_bin_variance", "variance"),
    (f"{MINUS} ", "within_bin_covariance", "covariance within bins"),
)
"""Of the Brier score: the sign, the field, the name."""


def _sum_of(now: BrierDecomposition, before: BrierDecomposition | None) -> str:
    texts = []
    for sign, field, name in TERMS:
        gap = changed(getattr(now, field), None if before is None else getattr(before, field))
        texts.append(f"{sign}{term(getattr(now, field))}{f' Δ{gap}' if gap else ''} {name}".replace(" ", UNBROKEN))
    return f"Brier = {' '.join(texts)}"
