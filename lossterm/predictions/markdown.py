"""A report of a file that one pastes: Markdown, its figures as tables, its charts as text, somebody's data escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lossterm.core.numbers import trimmed
from lossterm.core.plain import visible
from lossterm.core.statistics.findings import Findings
from lossterm.predictions import figures, label_figures, segment_words, value_text
from lossterm.predictions.compare_text import several, tables, title
from lossterm.predictions.compare_words import sentences
from lossterm.predictions.comparing import Comparison
from lossterm.predictions.conclusion import conclusion
from lossterm.predictions.figures import estimated, told
from lossterm.predictions.report import Report, class_names, reliability_of
from lossterm.predictions.segments import Segments
from lossterm.predictions.text import MOST_CLASSES, MOST_CONFUSED, field_text, loss_name, worth_lines

SIZE = (80, 22)
"""Columns and lines of a chart."""

MOST_COLUMNS = 12
"""Columns of the file that the table of the worst rows has."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")

Row = Sequence[str]


def escaped(text: str) -> str:
    """Somebody's text as Markdown shows it: no markup, no cell's end, no link, nobody called."""
    plain = _SPECIAL.sub(r"\\\1", visible(text))
    return plain.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")


def table(rows: Sequence[Row], left: int = 1) -> list[str]:
    """Rows of cells that are escaped already, heads first, as a table; the first columns stand left."""
    head, *others = rows
    ruler = ["---" if i < left else "---:" for i in range(len(head))]
    return [f"| {' | '.join(cell or ' ' for cell in row)} |" for row in (head, ruler, *others)]


def fenced(lines: Sequence[str]) -> list[str]:
    """Lines as they are: no run of backticks in them ends the block."""
    plain = [visible(line) for line in lines]
    longest = max((len(run) for line in plain for run in re.findall("`+", line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return [f"{fence}text", *plain, fence]


def markdown(
    report: Report,
    head: Sequence[str],
    *,
    first: Sequence[str] = (),
    mended: Sequence[Row] = (),
    said: Sequence[str] = (),
    compared: Sequence[Comparison] = (),
    segments: Segments | None = None,
) -> list[str]:
    """The report, in lines.

    Args:
        report: what is told of the file.
        head: what is said first: the file, its columns.
        first: columns of the file that come first in the table of the worst rows.
        mended: the table of recalibrations, heads first.
        said: what is said below it.
        compared: the second predictions, where there are any.
        segments: the segments of a column, or the worst of all, where they are asked for.
    """
    found = report.findings
    of_file, *more = head
    blocks = [
        [f"# {escaped(of_file)}"],
        [escaped(line) for line in more if line],
        [f"- {escaped(note)}" for note in (*report.notes, *found.notes)],
        [f"**{escaped(sentence)}**"] if (sentence := conclusion(found)) else [],
        _labels(found),
        *_compared(compared),
        ["## Losses", "", *_losses(found)],
        *_values(found),
        _calibration(found),
        _charts(found, mass=report.mass),
        _reliability(report),
        ["## Skill and ranking", "", *fenced(worth)] if (worth := worth_lines(found)) else [],
        _decisions(found),
        _classes(found),
        _segments(segments),
        _mended(mended, said),
        _worst(report.worst, first),
    ]
    return [line for block in blocks if block for line in ("", *block)][1:]


def _compared(comparisons: Sequence[Comparison]) -> list[list[str]]:
    blocks = []
    if table_of_all := several(comparisons):
        blocks.append(["## Comparisons", "", *fenced(table_of_all)])
    for comparison in comparisons:
        told_of = [line for block in tables(comparison) if block for line in ("", *block)][1:]
        blocks.append([
            f"## {escaped(title(comparison))}", "", *(f"- {escaped(sentence)}" for sentence in sentences(comparison)),
            *(f"- note: {escaped(note)}" for note in comparison.notes), "", *fenced(told_of),
        ])  # fmt: skip
    return blocks


def _segments(found: Segments | None) -> list[str]:
    if found is None:
        return []
    by = "The worst segments" if found.by is None else f"Segments by {escaped(found.by)}"
    return [f"## {by}", "", *fenced(segment_words.text(found, []))]


def _mended(rows: Sequence[Row], said: Sequence[str]) -> list[str]:
    if not rows:
        return []
    cells = [[escaped(cell) for cell in row] for row in rows]
    return ["## Recalibration", "", *table(cells), "", *(f"- {escaped(sentence)}" for sentence in said)]


def _losses(found: Findings) -> list[str]:
    columns = figures.loss_columns(found)
    rows = [["loss", *(escaped(column.title) for column in columns)]]
    rows += [[escaped(loss_name(f.criterion)), *(column.text(f) for column in columns)] for f in found.losses]
    return table(rows)


def _labels(found: Findings) -> list[str]:
    rows = label_figures.label_rows(found)
    return ["## Labels", "", *table([[escaped(cell) for cell in row] for row in rows])] if rows else []


def _values(found: Findings) -> list[list[str]]:
    parts = {
        "Errors": value_text.error_rows(found), "Quantiles of the errors": value_text.quantile_rows(found),
        "Intervals": value_text.interval_rows(found), "Levels": value_text.level_rows(found),
        "Probability integral transform": value_text.pit_rows(found),
    }  # fmt: skip
    return [
        [f"## {title}", "", *table([[escaped(cell) for cell in row] for row in rows])]
        for title, rows in parts.items() if rows
    ]  # fmt: skip


def _calibration(found: Findings) -> list[str]:
    if found.calibration is None:
        return []
    columns = [("as predicted" if found.question.temperature == 1 else "at the T asked for", found.calibration)]
    if found.weighted is not None and found.weighted.calibration is not None:  # what has the weights comes first
        columns = [("weighted", found.weighted.calibration), ("unweighted", found.calibration)]
    if found.tempered is not None:
        columns.append((f"at T = {estimated(found.temperature)}, in-sample", found.tempered))
    if found.scaled is not None and found.platt is not None:
        columns.append(("at az + b (Platt), in-sample", found.scaled))
    rows = [["", *(escaped(head) for head, _ in columns)]]
    shown = [s for s in figures.CALIBRATION if s.bins != "mass" or not s.aside]
    rows += [[escaped(figures.long_title(s)), *(s.text(of) for _, of in columns)] for s in shown]
    return ["## Calibration", "", *table(rows)]


def _charts(found: Findings, *, mass: bool) -> list[str]:
    from lossterm.predictions.pictures import Shown, draw

    pages = {"reliability": "Reliability", "histogram": "Predictions"}
    if found.calibration is None:
        forecast = found.values is not None and found.values.forecast is not None
        pages = {"coverage": "Coverage"} if forecast else {}
        pages |= {"residuals": "Errors over predictions", "losses": "Distribution of the losses"}
    shown = [Shown("abcdefghijklmnopqrstuvwxyz"[i % 26], i, loss_name(f.criterion)) for i, f in enumerate(found.losses)]
    lines: list[str] = []
    for page, name in pages.items():
        figure = draw(page, found, SIZE, shown=shown, mass=mass, threshold=found.question.threshold)
        if figure.panel is not None:
            legend = "".join(text for text, _ in figure.legend).strip()
            picture = figure.panel.picture.text().split("\n")
            lines += ["", f"## {name}", "", *fenced([*([legend, ""] if legend else []), *picture])]
    return lines[1:]


def _reliability(report: Report) -> list[str]:
    bins = reliability_of(report.calibration, mass=report.mass)
    if bins is None or not bins.count.size:
        return []
    rows = [["bin", "count", "confidence", "frequency", "95% interval", "gap"]]
    for lower, upper, count, confidence, frequency, low, high in zip(
        bins.lower.tolist(), bins.upper.tolist(), bins.count.tolist(), bins.confidence.tolist(),
        bins.frequency.tolist(), *(end.tolist() for end in bins.interval), strict=True,
    ):  # fmt: skip
        rows.append([f"{trimmed(lower)} to {trimmed(upper)}", f"{count:,}", told(confidence), told(frequency),
                     f"{told(low, 3)}–{told(high, 3)}", told(confidence - frequency)])  # fmt: skip
    return table(rows)


def _decisions(found: Findings) -> list[str]:
    auroc, c = figures.AUROC, found.decided
    rows = [["", ""]]
    if auroc.value(found) is not None:
        rows.append([auroc.title, auroc.text(found)])
    if c is not None:
        rows += [[s.title, s.text(c)] for s in (*figures.RATIOS, *figures.COUNTS)]
    elif found.matrix is not None:
        rows.append(["accuracy", told(found.accuracy)])
    if len(rows) == 1:
        return []
    at = f", p > {trimmed(found.question.threshold)}" if c is not None else ""
    at += ", unweighted" if found.weighted is not None else ""
    return [f"## Decisions{escaped(at)}", "", *table(rows)]


def _classes(found: Findings) -> list[str]:
    if found.matrix is None:
        return []
    names = [escaped(name) for name in class_names(found)]
    both = list(zip(names, found.classes, strict=True))[:MOST_CLASSES]
    rows = [["class", *(escaped(s.title) for s in figures.CLASSES)]]
    rows += [[name, *(s.text(of) for s in figures.CLASSES)] for name, of in both]
    lines = ["## Classes", "", *table(rows)]
    if len(names) > len(both):
        lines += ["", f"The first {len(both)} of {len(names):,} classes."]
    if len(names) <= MOST_CONFUSED:
        grid = [["label, decided", *names]]
        grid += [[name, *(f"{n:,}" for n in counts)] for name, counts in zip(names, found.matrix.tolist(), strict=True)]
        lines += ["", *table(grid)]
    return lines


def _worst(worst: Sequence[Mapping[str, object]], first: Sequence[str]) -> list[str]:
    if not worst:
        return []
    fields: list[Mapping[str, object]] = [record["columns"] for record in worst]  # type: ignore[misc]
    every = list(dict.fromkeys([*(name for name in first if name in fields[0]), *fields[0]]))
    names = every[:MOST_COLUMNS]
    rows = [["row", "loss", *map(escaped, names)]]
    for record, row in zip(worst, fields, strict=True):
        value = record["value"]
        loss = "∞" if value == "inf" else told(float(value))  # type: ignore[arg-type]
        rows.append([str(record["row"]), loss, *(escaped(field_text(row.get(name))) for name in names)])
    left_out = f"{len(every) - len(names)} more columns of the file are left out." if len(every) > len(names) else ""
    return [
        f"## Worst rows by {escaped(str(worst[0]['loss']))}",
        "",
        *table(rows, left=0),
        *(["", left_out] if left_out else []),
    ]
