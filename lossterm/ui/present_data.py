"""From the figures of a file to what the widgets of the Data screen show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from lossterm.data_state import Look
from lossterm.data_table import class_names, estimated, told
from lossterm.numbers import MINUS, UNDEFINED, fitting, significant, trimmed
from lossterm.state import View
from lossterm.ui.style import Styles
from lossterm.ui.widgets.chooser import Item
from lossterm.ui.widgets.figures import UNBROKEN, FigureLine
from lossterm.ui.widgets.lines import Part
from lossterm.ui.widgets.readout import DOT, Entry

if TYPE_CHECKING:
    from lossterm.core.findings import Calibration, Findings, LossFinding
    from lossterm.core.ranking import Confusion
    from lossterm.data.source import Source

INDENT = 6
"""Characters of a row of a pane that are neither its name nor what it tells."""

RULE = 4
"""Characters of the rule about a title."""

NUMBER = 8
"""Characters of a number."""

PAGE_TITLES: Mapping[str, str] = {
    "reliability": "reliability",
    "histogram": "predictions",
    "losses": "distribution of the losses",
    "share": "share of Σ|∂L/∂z|",
    "curve": "the examples on the curve",
    "classes": "confusion",
}


@dataclass(frozen=True)
class ShownLoss:
    """A loss of the view that the file is judged by.

    Attributes:
        row: of the view.
        letter: of its curve.
        ink: of its curve.
        name: as it is shown.
    """

    row: int
    letter: str
    ink: int
    name: str


# ---- the pane ------------------------------------------------------------------------------------------------------


def settings(source: Source | None, look: Look, view: View, rows: int | None, width: int) -> list[tuple[str, Item]]:
    """The rows of the pane that tells how the file is looked at: what each changes, and how it is shown.

    Args:
        source: the file, or None.
        look: how it is looked at.
        view: the losses.
        rows: how many examples count; None while that is not known.
        width: of the pane.
    """
    if source is None:
        return [
            ("open", Item("Open a file", "o", True, box="  ")),
            ("demo", Item("Open the demo", "O", True, box="  ")),
        ]
    columns = source.columns
    kind = columns.kind if len(columns.predictions) == 1 else f"{len(columns.predictions)} classes"
    label = "all" if look.label is None else label_name(source, look.label)
    low, high = (("" if x is None else trimmed(x, 3)) for x in (look.low, look.high))
    entries = {
        "open": ("File", source.title),
        "rows": ("Rows", "…" if rows is None else f"{rows:,}"),
        "kind": ("Kind", kind),
        "threshold": ("Threshold", trimmed(look.threshold)),
        "bins": ("Bins", f"{look.bins} {'mass' if look.mass else 'width'}"),
        "temperature": ("T", trimmed(look.temperature)),
        "smoothing": ("Smoothing", trimmed(view.smoothing)),
        "label": ("Label", label),
        "group": ("Group", look.group or "all"),
        "range": ("Range", "all" if not low and not high else f"{low}:{high}"),
        "skipped": ("Skipped", f"{source.skipped:,}"),
    }
    hidden = set()
    if columns.group is None:
        hidden.add("group")
    if columns.kind == "value":
        hidden |= {"threshold", "bins", "temperature", "smoothing", "label"}
    if len(columns.predictions) > 1:
        hidden.add("threshold")
    if not source.skipped:
        hidden.add("skipped")
    return [
        (key, Item(name, cut(text, width - len(name) - INDENT), True, box="  "))
        for key, (name, text) in entries.items()
        if key not in hidden
    ]


def cut(text: str, room: int) -> str:
    """A text, or its ends where it has more cells than there is room for."""
    if cell_len(text) <= room:
        return text
    if room < 5:
        return ""
    text = "".join(c if cell_len(c) == 1 else "·" for c in text)
    end = (room - 1) * 3 // 5
    return f"{text[: room - 1 - end]}…{text[-end:]}"


def label_name(source: Source, label: float) -> str:
    """A label as the file has it."""
    names = source.columns.classes or source.label_names
    return names[int(label)] if names and 0 <= label < len(names) else trimmed(label)


def natural(text: str) -> tuple[int, float, str]:
    """A key by which numbers come in their order, before other texts."""
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)


# ---- the bars ------------------------------------------------------------------------------------------------------


def status(source: Source | None, findings: Findings | None, look: Look) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    if source is None:
        return "no file: o opens one", "no file: o"
    if findings is None:
        return source.title, source.title[:18]
    parts = [source.title, f"n = {findings.rows:,}"]
    short = f"n={findings.rows:,}"
    if findings.matrix is None and not math.isnan(findings.label_mean):
        name = "base rate" if findings.calibration is not None else "mean y"
        parts.append(f"{name} {trimmed(findings.label_mean)}")
    if look.temperature != 1:
        parts.append(f"T = {trimmed(look.temperature)}")
        short += f" T={trimmed(look.temperature)}"
    if look.is_filtered:
        parts.append("filtered")
        short += " filtered"
    return " · ".join(parts), short


def chart_title(
    page: str, findings: Findings | None, legend: Sequence[tuple[str, int]], styles: Styles, width: int
) -> list[Part]:
    """The heading of the chart with as much of its legend as fits; what does not is left out as a whole."""
    title = PAGE_TITLES[page]
    if findings is not None and findings.matrix is not None and page in {"reliability", "histogram"}:
        title = f"{title} of the top class"
    pieces = list(legend)
    while pieces and RULE + len(title) + 2 + sum(len(text) for text, _ in pieces) > width:
        pieces.pop()
    while pieces and not pieces[-1][0].strip(" ·"):
        pieces.pop()
    parts: list[Part] = [(title, styles.strong), *([("  ", styles.text)] if pieces else [])]
    return [*parts, *((text, styles.ink(ink)) for text, ink in pieces)]


# ---- the figures ---------------------------------------------------------------------------------------------------


def changed(now: float | None, before: float | None) -> str:
    """By how much a figure has changed; nothing where it has not."""
    if now is None or before is None or not (math.isfinite(now) and math.isfinite(before)):
        return ""
    gap = now - before
    if abs(gap) <= 1e-12 * max(abs(now), abs(before), 1e-300):
        return ""
    text = fitting(abs(gap), 7, 3)
    return f"{'+' if gap > 0 else MINUS}{text}"


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
    """What is told of plain values: the means of the losses."""
    heads = ["now", *([""] if base is not None else [])]
    lines = [FigureLine("mean label", (told(findings.label_mean), *([""] if base is not None else [])))]
    return heads, lines


def decision_lines(
    findings: Findings, confusion: tuple[Confusion, int] | None, look: Look, at: int
) -> list[FigureLine]:
    """The decisions at the threshold; or of K classes those about the one at the cursor."""
    if findings.matrix is not None:
        return class_lines(findings, at)
    if confusion is None:
        return []
    c, uncertain = confusion
    one = _column("decided 1", f"{c.true_positive:,} right", f"{c.false_positive:,} false")
    zero = _column("decided 0", f"{c.false_negative:,} missed", f"{c.true_negative:,} right ")
    names = (f"p > {trimmed(look.threshold)}", "y = 1", "y = 0")
    lines = [FigureLine(name, (a, "  ", b)) for name, a, b in zip(names, one, zero, strict=True)]
    return [
        *lines,
        FigureLine("accuracy", (f"{told(c.accuracy):<8} F1     {told(c.f1)}",)),
        FigureLine("precision", (f"{told(c.precision):<8} recall {told(c.recall)}",)),
        FigureLine("specificity", (told(c.specificity),)),
        *([FigureLine("uncertain", (f"{uncertain:,} examples, till counted",))] if uncertain else []),
    ]


def _column(*texts: str) -> list[str]:
    width = max(map(len, texts))
    return [f"{text:>{width}}" for text in texts]


CLASSES_SHOWN = 6
"""Classes in the figures: those about the one at the cursor."""


def class_lines(findings: Findings, at: int) -> list[FigureLine]:
    """The table of the classes, as much of it as there is room for."""
    assert findings.matrix is not None
    classes, right = findings.classes, int(findings.matrix.trace())
    first = min(max(at - CLASSES_SHOWN // 2, 0), max(len(classes) - CLASSES_SHOWN, 0))
    named = list(zip(class_names(findings), classes, strict=True))[first : first + CLASSES_SHOWN]
    rows = [(f"{c.count:,}", told(c.precision, 3), told(c.recall, 3), told(c.f1, 3)) for _, c in named]
    columns = [_column(*texts) for texts in zip(("count", "precision", "recall", "F1"), *rows, strict=True)]
    cells = ["  ".join(texts) for texts in zip(*columns, strict=True)]
    names = [f"{len(classes)} classes", *(cut(name, 12) for name, _ in named)]
    accuracy = FigureLine("accuracy", (f"{told(findings.accuracy)} · {right:,} of {findings.rows:,} right",))
    return [accuracy, *(FigureLine(name, (text,)) for name, text in zip(names, cells, strict=True))]


def figure_words(findings: Findings) -> list[str]:
    """What is said below the figures."""
    words = list(findings.notes)
    if findings.calibration is not None and findings.temperature.value is None and findings.temperature.reason:
        words.append(f"no temperature: {findings.temperature.reason}")
    now = findings.calibration
    if now is not None and findings.matrix is None and now.width.decomposition is not None:
        d = now.width.decomposition
        terms = (
            f"{significant(d.reliability)} reliability",
            f"{MINUS} {significant(d.resolution)} resolution",
            f"+ {significant(d.uncertainty)} uncertainty",
            f"+ {significant(d.within_bin_variance)} {MINUS} {significant(d.within_bin_covariance)} within bins",
        )
        words.insert(0, f"Brier = {' '.join(term.replace(' ', UNBROKEN) for term in terms)}")
    return words


# ---- the losses ----------------------------------------------------------------------------------------------------


def loss_heads(findings: Findings, *, changes: bool) -> list[str]:
    """The heads of the numbers of the losses."""
    weighted = findings.weight_sum is not None
    return ["mean", *(["change"] if changes else []), "± s.e.", *(["Σwℓ/Σw", "Σwℓ/n"] if weighted else ["sum"]),
            "worst 1%", ""]  # fmt: skip


def loss_entries(shown: Sequence[ShownLoss], findings: Findings, base: Findings | None, current: int) -> list[Entry]:
    """One row a loss."""
    result = []
    before = base.losses if base is not None else [None] * len(findings.losses)
    for who, now, old in zip(shown, findings.losses, before, strict=True):
        cells = [fitting(now.mean, NUMBER)]
        if base is not None:
            cells.append(changed(now.mean, None if old is None else old.mean) or "·")
        cells.append(told(now.standard_error, 2))
        if findings.weight_sum is not None:
            cells += [told(now.weighted_mean), told(now.weighted_per_example)]
        else:
            cells.append(fitting(now.total, NUMBER))
        cells.append(UNDEFINED if now.share.value is None else f"{100 * now.share.value:.1f}%")
        result.append(Entry(who.letter, who.ink, who.name, tuple(cells), _verdict(now), who.row == current))
    return result


def against(temperature: float, smoothing: float, styles: Styles) -> list[Part]:
    """What changes are told against, in parts that are left out where room is short."""
    smooth = f", smoothing {trimmed(smoothing)}" if smoothing else ""
    texts = (f"changes are against T = {trimmed(temperature)}{smooth}", DOT, "0 goes back", DOT, "c compares with now")
    return [(text, styles.muted) for text in texts]


def _verdict(finding: LossFinding) -> str:
    if finding.infinite:
        return f"∞ for {finding.infinite:,}: sure and wrong"
    if finding.undefined:
        return f"undefined for {finding.undefined:,}"
    if finding.share.error:
        return f"share ±{significant(100 * finding.share.error, 1)}%"
    if finding.criterion.loss.id == "cross-entropy" and finding.mean >= 0:
        return f"e^−mean={significant(math.exp(-finding.mean), 3)}"
    return ""
