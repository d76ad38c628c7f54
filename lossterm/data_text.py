"""The figures of a file of predictions as lines for people, no wider than a terminal where that can be."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from lossterm.core.bulk import Criterion
from lossterm.core.findings import Calibration, ClassFinding, Findings
from lossterm.core.question import ClassCriterion
from lossterm.data_table import Record, calibration_record, cell_text, class_names, decomposition, estimated, term, told
from lossterm.numbers import MINUS, UNDEFINED, fitting, significant, trimmed

WIDTH = 80
"""Columns that sentences are folded at."""

WIDEST = 100
"""Columns that the table of the worst examples takes at most; columns of the file that do not fit are left out."""

MOST_CLASSES = 20
"""Classes that are listed; of more than these, the ones that are mistaken most."""

MOST_CONFUSED = 12
"""Classes whose confusion is printed."""

DIGITS = 6
"""Digits of a number of the file."""


def text(findings: Findings, head: Sequence[str], worst: Sequence[Record], first: Sequence[str] = ()) -> list[str]:
    """The figures as aligned lines.

    Args:
        findings: the figures.
        head: what is said first: the file, its columns; folded at ``·``.
        worst: `lossterm.data_table.worst_records`.
        first: columns of the file that are shown where not all fit.
    """
    blocks = [
        [part for line in head for part in _folded(line)],
        _losses_table(findings),
        _calibration_table(findings),
        _decomposition_lines(findings),
        _decisions(findings),
        _classes_table(findings),
        _confusion_table(findings),
        _reliability_table(findings.calibration, classes=findings.matrix is not None),
        _worst_table(worst, first),
        [part for note in findings.notes for part in _wrapped(f"note: {note}")],
    ]
    return [line for block in blocks if block for line in ("", *block)][1:]


def _table(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{c:<{w}}" if i < left else f"{c:>{w}}" for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        .rstrip()
        for row in rows
    ]  # fmt: skip


def _folded(line: str) -> list[str]:
    """A line cut at its dots where it is too long."""
    lines = [""]
    for part in line.split(" · "):
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        if lines[-1] and len(longer) > WIDTH:
            lines.append(part)
        else:
            lines[-1] = longer
    return lines


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


# ---- the losses ----------------------------------------------------------------------------------------------------


def loss_name(criterion: Criterion | ClassCriterion) -> str:
    """A loss with those of its parameters that are not at their defaults, and its smoothing."""
    loss = criterion.loss
    defaults = {p.name: p.default for p in loss.parameters}
    changed = [f"{n}={'off' if v is None else v if isinstance(v, str) else trimmed(v)}" for n, v in criterion.params
               if v != defaults[n]]  # fmt: skip
    changed += [f"smoothing={trimmed(criterion.smoothing)}"] if criterion.smoothing else []
    return " ".join([loss.id, *changed])


def _losses_table(findings: Findings) -> list[str]:
    weighted = findings.weight_sum is not None
    extra = {"∞": [f.infinite for f in findings.losses], "undefined": [f.undefined for f in findings.losses]}
    extra = {head: counts for head, counts in extra.items() if any(counts)}
    rows = [["loss", "mean", "± s.e.", "sum", *(["Σwℓ/Σw", "± s.e.", "Σwℓ/n"] if weighted else []), "worst 1%", *extra]]
    for i, f in enumerate(findings.losses):
        means = [told(f.weighted_mean), told(f.weighted_standard_error, 2), told(f.weighted_per_example)]
        sums = [told(f.total), *(means if weighted else [])]
        share = UNDEFINED if f.share.value is None else f"{100 * f.share.value:.1f}%"
        error = f" ±{significant(100 * f.share.error, 1)}%" if f.share.value is not None and f.share.error else ""
        rows.append([loss_name(f.criterion), told(f.mean), told(f.standard_error, 2), *sums,
                     share + error, *(f"{counts[i]:,}" for counts in extra.values())])  # fmt: skip
    slope = "|∂L/∂z|" if findings.calibration is not None else "|∂L/∂v|"
    return [*_table(rows), f"worst 1%: the part of Σ{slope} that the 1% with the largest slopes hold"]


# ---- the calibration -----------------------------------------------------------------------------------------------


def _calibration_table(findings: Findings) -> list[str]:
    if findings.calibration is None:
        return []
    given = findings.question.temperature
    columns = [("as predicted" if given == 1 else f"at T = {trimmed(given)}", findings.calibration)]
    if findings.tempered is not None:
        columns.append((f"at T = {estimated(findings.temperature)}", findings.tempered))
    if findings.scaled is not None and findings.platt is not None:
        a, b = findings.platt.a, findings.platt.b or 0.0
        columns.append((f"at {told(a)}z {MINUS if b < 0 else '+'} {told(abs(b))}", findings.scaled))
    rows = [["calibration", *(head for head, _ in columns)]]
    names = {"log_loss": "log loss", "brier": "Brier", "ece": "ECE", "mce": "MCE", "rmsce": "RMSCE",
             "ece_equal_mass": "ECE, equal mass"}  # fmt: skip
    records = [calibration_record(found) for _, found in columns]
    for key, label in names.items():
        values = [record[key] for record in records]
        rows.append([label, *(told(float(v)) if v is not None else UNDEFINED for v in values)])  # type: ignore[arg-type]
    lines = _table(rows)
    if findings.temperature.value is None and findings.temperature.reason:
        lines += _wrapped(f"no temperature: {findings.temperature.reason}")
    if findings.platt is not None and findings.platt.a is None:
        lines += _wrapped(f"no Platt scaling: {findings.platt.reason}")
    return lines


def _decomposition_lines(findings: Findings) -> list[str]:
    terms = decomposition(findings)
    if terms is None or findings.calibration is None:
        return []
    names = ("reliability", "resolution", "uncertainty", "variance within bins", "covariance within bins")
    signs = ("=", MINUS, "+", "+", MINUS)
    rows = [
        [sign, term(float(value)), name]  # type: ignore[arg-type]
        for sign, value, name in zip(signs, terms.values(), names, strict=True)
    ]
    return [f"Brier {significant(findings.calibration.brier)}", *(f"  {line}" for line in _table(rows, left=3))]


def _reliability_table(found: Calibration | None, *, classes: bool) -> list[str]:
    if found is None:
        return []
    rows = [["bin of the top class" if classes else "bin", "count", "confidence", "frequency", "gap"]]
    bins = found.width
    for lower, upper, count, confidence, frequency in zip(
        bins.lower.tolist(), bins.upper.tolist(), bins.count.tolist(), bins.confidence.tolist(),
        bins.frequency.tolist(), strict=True,
    ):  # fmt: skip
        opens = "[" if lower == 0 else "("
        rows.append([f"{opens}{trimmed(lower)}, {trimmed(upper)}]", f"{count:,}", told(confidence), told(frequency),
                     told(confidence - frequency)])  # fmt: skip
    return _table(rows)


# ---- decisions -----------------------------------------------------------------------------------------------------


def _decisions(findings: Findings) -> list[str]:
    lines = [f"AUROC {estimated(findings.auroc)}"] if findings.auroc.value is not None else []
    c = findings.decided
    if c is not None:
        lines += _table([
            [f"p > {trimmed(findings.question.threshold)}", "decided 1", "decided 0"],
            ["label 1", f"{c.true_positive:,}", f"{c.false_negative:,}"],
            ["label 0", f"{c.false_positive:,}", f"{c.true_negative:,}"],
        ])  # fmt: skip
        lines += [
            f"accuracy {told(c.accuracy)} · precision {told(c.precision)} · recall {told(c.recall)}",
            f"specificity {told(c.specificity)} · F1 {told(c.f1)}",
        ]
    elif findings.matrix is not None:
        lines.append(f"accuracy {told(findings.accuracy)}")
    return lines


def _classes_table(findings: Findings) -> list[str]:
    classes = list(zip(map(cell_text, class_names(findings)), findings.classes, strict=True))
    many = len(classes) > MOST_CLASSES
    if many:
        classes = sorted(classes, key=lambda named: -_mistaken(named[1]))[:MOST_CLASSES]
    if not classes:
        return []
    rows = [["class", "count", "decided", "right", "precision", "recall", "F1", "mean p"]]
    for name, c in classes:
        rows.append([name, f"{c.count:,}", f"{c.decided:,}", f"{c.right:,}", told(c.precision), told(c.recall),
                     told(c.f1), told(c.mean_probability)])  # fmt: skip
    more = f"the {MOST_CLASSES} of {len(findings.classes):,} classes with the most mistakes; json and csv have all"
    return [*_table(rows), *([more] if many else [])]


def _mistaken(found: ClassFinding) -> int:
    return found.count + found.decided - 2 * found.right


def _confusion_table(findings: Findings) -> list[str]:
    names = [cell_text(name) for name in class_names(findings)]
    if findings.matrix is None or len(names) > MOST_CONFUSED:
        return []
    rows = [["label \\ decided", *names]]
    rows += [[name, *(f"{n:,}" for n in counts)] for name, counts in zip(names, findings.matrix.tolist(), strict=True)]
    lines = _table(rows)
    return lines if max(map(len, lines)) <= WIDEST else []


# ---- the worst examples --------------------------------------------------------------------------------------------


def _worst_table(worst: Sequence[Record], first: Sequence[str]) -> list[str]:
    if not worst:
        return []
    fields: list[Mapping[str, object]] = [record["columns"] for record in worst]  # type: ignore[misc]
    names = list(fields[0])
    columns = {name: [cell_text(name), *(field_text(row.get(name)) for row in fields)] for name in names}
    known = [["row", *(str(record["row"]) for record in worst)], ["loss", *map(_value_text, worst)]]
    width = WIDEST - sum(2 + max(map(len, column)) for column in known)
    shown = _fitting_columns(columns, [*first, *names], width)
    rows = list(zip(*known, *(columns[name] for name in shown), strict=True))
    title = f"the {len(worst)} worst examples" if len(worst) > 1 else "the worst example"
    left_out = len(names) - len(shown)
    more = f"{left_out} more column{'s' if left_out > 1 else ''} of the file; json has all"
    return [f"{title} by {worst[0]['loss']}", *_table(rows, left=0), *([more] if left_out else [])]


def _value_text(record: Record) -> str:
    value = record["value"]
    return "∞" if value == "inf" else fitting(float(value), 9)  # type: ignore[arg-type]


def _fitting_columns(columns: Mapping[str, Sequence[str]], wanted: Iterable[str], width: int) -> list[str]:
    """The columns that fit into so many cells, taken in the order wanted, shown in the order of the file."""
    taken: set[str] = set()
    for name in dict.fromkeys(wanted):
        needed = 2 + max(map(len, columns[name]))
        if needed <= width:
            width -= needed
            taken.add(name)
    return [name for name in columns if name in taken]


def field_text(x: object) -> str:
    """A field of the file; a number that is not whole with no more digits than are read."""
    try:
        value = float(x) if isinstance(x, float | str) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (isinstance(x, str) and set(x) <= set("0123456789+-")):
        return cell_text(x)
    plain, digits = cell_text(x), DIGITS
    while digits < 17 and float(f"{value:.{digits}g}").is_integer() and not value.is_integer():
        digits += 1  # 0.9999997 is not 1
    short = f"{value:.{digits}g}"
    return short if len(short) < len(plain) else plain
