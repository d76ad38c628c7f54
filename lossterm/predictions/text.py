"""The figures of a file of predictions as lines for people, no wider than a terminal where that can be."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence

from lossterm.core.numbers import MINUS, fitting, significant, trimmed
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.findings import ClassFinding, Findings, LossFinding
from lossterm.core.statistics.question import ClassCriterion
from lossterm.predictions import figures, label_figures, value_text
from lossterm.predictions.conclusion import conclusion
from lossterm.predictions.figures import Record, estimated, told
from lossterm.predictions.report import cell_text, class_names, reliability_of, term

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


def text(
    findings: Findings,
    head: Sequence[str],
    worst: Sequence[Record],
    first: Sequence[str] = (),
    *,
    mass: bool = False,
    notes: Sequence[str] = (),
) -> list[str]:
    """The figures as aligned lines.

    Args:
        findings: the figures.
        head: what is said first: the file, its columns; folded at ``·``.
        worst: `lossterm.predictions.report.worst_records`.
        first: columns of the file that are shown where not all fit.
        mass: whether the bins of the reliability have equal counts.
        notes: what the reader says of the file.
    """
    blocks = [
        [part for line in head for part in _folded(line)],
        [part for note in notes for part in wrapped(f"note: {note}")],
        wrapped(conclusion(findings) or ""),
        _labels_table(findings),
        _losses_table(findings),
        _terms_table(findings),
        *_values_tables(findings),
        _calibration_table(findings),
        _decomposition_lines(findings),
        _decisions(findings),
        _classes_table(findings),
        _confusion_table(findings),
        _reliability_table(findings, mass=mass),
        _worst_table(worst, first),
        [part for note in findings.notes for part in wrapped(f"note: {note}")],
    ]
    return [line for block in blocks if block for line in ("", *block)][1:]


def table(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows of cells in columns, so many of them flush left."""
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


def wrapped(sentence: str) -> list[str]:
    """A sentence in lines."""
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
    columns = figures.loss_columns(findings)
    rows = [["loss", *(column.title for column in columns)]]
    rows += [[loss_name(f.criterion), *(column.text(f) for column in columns)] for f in findings.losses]
    slope = "|∂L/∂z|" if findings.calibration is not None else "|∂L/∂v|"
    return [*table(rows), f"worst 1%: the part of Σ{slope} that the 1% with the largest slopes hold"]


def _labels_table(findings: Findings) -> list[str]:
    rows = label_figures.label_rows(findings)
    if not rows:
        return []
    rows = [[cell_text(name), *cells] for name, *cells in rows]
    below = [line for sentence in label_figures.lacking(findings.labels) for line in wrapped(sentence)]
    own = f"what follows is of {cell_text(findings.labels[findings.looked_at].label)} alone"
    return [*table(rows), *below, *wrapped(own)]


def _values_tables(findings: Findings) -> list[list[str]]:
    if findings.values is None:
        return []
    blocks = [table(rows) if rows else [] for rows in (
        value_text.error_rows(findings), value_text.quantile_rows(findings), value_text.interval_rows(findings),
        value_text.level_rows(findings), value_text.pit_rows(findings), value_text.band_rows(findings),
    )]  # fmt: skip
    blocks[0] += [line for sentence in value_text.said(findings) for line in wrapped(sentence)]
    blocks[-1] += wrapped(value_text.over(findings)) if blocks[-1] else []
    return blocks


def _terms_table(findings: Findings) -> list[str]:
    mean, terms = figures.terms_of_losses(findings)
    if not terms:
        many = findings.calibration is not None and findings.ranked is None and findings.cells is not None
        told_of = f"no MCB, DSC, UNC of more than {findings.question.keep:,} rows: a filter brings them"
        return wrapped(told_of) if many else []
    held = [f for f in findings.losses if terms[0].value(f) is not None]
    rows = [["", mean.title, "=", *(f"{sign} {s.title}".strip() for sign, s in _signed(terms))]]
    rows += [[f"CORP of {loss_name(f.criterion)}", mean.text(f), "=", *(s.text(f) for s in terms)] for f in held]
    return [
        *table(rows),
        *wrapped("miscalibration, what the order is worth, uncertainty: what a proper loss is made of"),
    ]


def _signed(terms: Sequence[figures.Statistic[LossFinding]]) -> list[tuple[str, figures.Statistic[LossFinding]]]:
    return list(zip(("", MINUS, "+"), terms, strict=True))


# ---- the calibration -----------------------------------------------------------------------------------------------


def _calibration_table(findings: Findings) -> list[str]:
    if findings.calibration is None:
        return []
    given = findings.question.temperature
    head = "as predicted" if given == 1 else f"at T = {trimmed(given)}"
    weighted = findings.weighted
    columns = [] if weighted is None or weighted.calibration is None else [("weighted", weighted.calibration)]
    over = ["" if given == 1 else head] * 2 if columns else [""]
    columns.append(("unweighted" if columns else head, findings.calibration))
    if findings.tempered is not None:
        columns.append((f"at T = {estimated(findings.temperature)}", findings.tempered))
    if findings.scaled is not None and findings.platt is not None:
        a, b = findings.platt.a, findings.platt.b or 0.0
        rough = bool(findings.platt.a_error)  # where there are errors a line below tells a and b
        head = "at az + b" if rough else f"at {told(a)}z {MINUS if b < 0 else '+'} {told(abs(b))}"
        columns.append((head, findings.scaled))
    over += ["in-sample"] * (len(columns) - len(over))
    rows = [["", *over]] if any(over) else []
    rows.append(["calibration", *(head for head, _ in columns)])
    shown = [s for s in figures.CALIBRATION if s.bins != "mass" or not s.aside]
    rows += [[figures.long_title(s), *(s.text(found) for _, found in columns)] for s in shown]
    lines = table(rows)
    if findings.tempered is not None or findings.scaled is not None:
        lines.append("in-sample: fitted on these very rows; on others it may do less well")
    if weighted is not None:
        lines += _weighted_fits(findings)
    if findings.platt is not None and findings.platt.a_error:
        lines.append("az + b: " + " · ".join(f"{s.title} = {s.text(findings.platt)}" for s in figures.PLATT))
    if findings.temperature.value is None and findings.temperature.reason:
        lines += wrapped(f"no temperature: {findings.temperature.reason}")
    if findings.platt is not None and findings.platt.a is None:
        lines += wrapped(f"no Platt scaling: {findings.platt.reason}")
    return lines


def _weighted_fits(findings: Findings) -> list[str]:
    """What is fitted with weights."""
    found = findings.weighted
    if found is None:
        return []
    fits = [f"T = {told(found.temperature.value)}"] if found.temperature.value is not None else []
    line = found.platt
    if line is not None and line.a is not None:
        b = line.b or 0.0
        fits.append(f"{told(line.a)}z {MINUS if b < 0 else '+'} {told(abs(b))}")
    if fits:
        return wrapped(f"weighted, in-sample: {' · '.join(fits)}")
    return wrapped(f"no weighted temperature: {found.temperature.reason}") if found.temperature.reason else []


def _decomposition_lines(findings: Findings) -> list[str]:
    found = findings.calibration
    if found is None or findings.matrix is not None:
        return []
    terms = found.width.decomposition
    rows = [[s.sign or "=", term(float(s.value(terms) or 0.0)), s.title] for s in figures.TERMS]
    of = "" if findings.weighted is None else "unweighted "
    return [f"{of}Brier {significant(found.brier)}", *(f"  {line}" for line in table(rows, left=3))]


def _reliability_table(findings: Findings, *, mass: bool) -> list[str]:
    if findings.calibration is None:
        return []
    bins = reliability_of(findings.calibration, mass=mass)
    if bins is None:
        return ["too many rows for bins of equal counts: a filter helps"]
    rows = [["bin of the top class" if findings.matrix is not None else "bin", "count", "confidence", "frequency",
             "95% interval", "gap"]]  # fmt: skip
    for lower, upper, count, confidence, frequency, low, high in zip(
        bins.lower.tolist(), bins.upper.tolist(), bins.count.tolist(), bins.confidence.tolist(),
        bins.frequency.tolist(), *(end.tolist() for end in bins.interval), strict=True,
    ):  # fmt: skip
        opens = "[" if lower == (bins.lower[0] if mass else 0) else "("
        rows.append([f"{opens}{trimmed(lower)}, {trimmed(upper)}]", f"{count:,}", told(confidence), told(frequency),
                     f"{told(low, 3)}–{told(high, 3)}", told(confidence - frequency)])  # fmt: skip
    cut = "counts in cells: a cell that an edge cuts is counted below it" if bins.ece_error else ""
    return [*table(rows), *wrapped(cut)]


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows of cells in columns, the first so many of them at the left."""
    return table(rows, left)


def mended_lines(rows: Sequence[Sequence[str]], said: Sequence[str]) -> list[str]:
    """The table of recalibrations, heads first, and what is said below it; nothing where there is none."""
    if not rows:
        return []
    told_below = (part for sentence in said for part in wrapped(sentence))
    return ["", "recalibration, on rows that were not fitted to", *table(rows), *told_below]


# ---- decisions -----------------------------------------------------------------------------------------------------


def worth_lines(findings: Findings) -> list[str]:
    """What the proper losses are made of, the skill, and the ranking: what has no table of its own."""
    return [*_terms_table(findings), *_skill(findings), *_weighted_decisions(findings), *_ranking(findings)]


def _decisions(findings: Findings) -> list[str]:
    c = findings.decided
    lines = [*_skill(findings), *_weighted_decisions(findings)]
    lines += _ranking(findings)
    if c is not None:
        lines += table([
            [f"p > {trimmed(findings.question.threshold)}", "decided 1", "decided 0"],
            ["label 1", f"{c.true_positive:,}", f"{c.false_negative:,}"],
            ["label 0", f"{c.false_positive:,}", f"{c.true_negative:,}"],
        ])  # fmt: skip
        lines += _folded(" · ".join(f"{s.title} {s.text(c)}" for s in figures.RATIOS))
    elif findings.matrix is not None:
        lines.append(f"accuracy {told(findings.accuracy)}")
    return lines


def _ranking(findings: Findings) -> list[str]:
    found, area = findings.assessment, figures.AUROC
    of = "" if findings.weighted is None else "unweighted "
    lines = [f"{of}{area.title} {area.text(findings)}"] if area.value(findings) is not None else []
    beside = (figures.AUROC_ERROR, figures.AVERAGE_PRECISION)
    parts = [f"{s.title} {s.text(found)}" for s in beside if s.value(found) is not None]
    return [*lines, *([" · ".join(parts)] if parts else [])]


def _skill(findings: Findings) -> list[str]:
    lines = []
    weighted = None if findings.weighted is None else findings.weighted.assessment
    for name, found in (("weighted ", weighted), ("unweighted " if weighted else "", findings.assessment)):
        if found is not None:
            parts = [f"{s.title} {s.text(found.skill)}" for s in figures.SKILL if s.value(found.skill) is not None]
            z = figures.SPIEGELHALTER
            parts += [f"{z.title} {z.text(found)}"] if z.value(found) is not None else []
            lines += _folded(f"{name}{' · '.join(parts)}") if parts else []
    return lines


def _weighted_decisions(findings: Findings) -> list[str]:
    found = findings.weighted
    if found is None or found.calibration is None:
        return []
    parts = [f"base rate {told(found.label_mean)}"] if findings.matrix is None else []
    parts += [f"{figures.AUROC.title} {told(found.auroc.value)}"] if found.auroc.value is not None else []
    if found.decided is not None:
        parts += [f"{s.title} {s.text(found.decided)}" for s in figures.RATIOS]
    elif found.accuracy is not None:
        parts.append(f"accuracy {told(found.accuracy)}")
    return _folded(f"weighted (Σw = {told(found.weight_sum)}): {' · '.join(parts)}")


def _classes_table(findings: Findings) -> list[str]:
    classes = list(zip(map(cell_text, class_names(findings)), findings.classes, strict=True))
    many = len(classes) > MOST_CLASSES
    if many:
        classes = sorted(classes, key=lambda named: -_mistaken(named[1]))[:MOST_CLASSES]
    if not classes:
        return []
    rows = [["class", *(s.title for s in figures.CLASSES)]]
    rows += [[name, *(s.text(found) for s in figures.CLASSES)] for name, found in classes]
    more = f"the {MOST_CLASSES} of {len(findings.classes):,} classes with the most mistakes; json and csv have all"
    return [*table(rows), *([more] if many else [])]


def _mistaken(found: ClassFinding) -> int:
    return found.count + found.decided - 2 * found.right


def _confusion_table(findings: Findings) -> list[str]:
    names = [cell_text(name) for name in class_names(findings)]
    if findings.matrix is None or len(names) > MOST_CONFUSED:
        return []
    rows = [["label \\ decided", *names]]
    rows += [[name, *(f"{n:,}" for n in counts)] for name, counts in zip(names, findings.matrix.tolist(), strict=True)]
    lines = table(rows)
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
    return [f"{title} by {worst[0]['loss']}", *table(rows, left=0), *([more] if left_out else [])]


def _value_text(record: Record) -> str:
    value = record["value"]
    return "∞" if value == "inf" else fitting(float(value), 9)  # type: ignore[arg-type]


def _fitting_columns(columns: Mapping[str, Sequence[str]], wanted: Sequence[str], width: int) -> list[str]:
    """The columns that fit into so many cells, in the order wanted."""
    taken: set[str] = set()
    for name in dict.fromkeys(wanted):
        needed = 2 + max(map(len, columns[name]))
        if needed <= width:
            width -= needed
            taken.add(name)
    return [name for name in dict.fromkeys(wanted) if name in taken]


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
