"""What the figures of a file say against the way it was read: each a sentence with what it may mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lossterm.core.plain import visible
from lossterm.files.naming import is_truth

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings
    from lossterm.files.source import Source

FEW = 20
"""Examples below which figures say nothing against a reading."""

BELOW = 0.4
"""Area under the ROC curve below which the predictions may be of the other class."""

FAR = 2.0
"""How many times ln K a log loss is that no model would have: who guesses has ln K."""

RATIO = 2.0
"""How many times the labels the predictions add up to, or the other way round, from where it is told."""


def one_class(source: Source, findings: Findings) -> str | None:
    """What is wrong, in a line, where every label of a whole file is the same; None where it is not.

    Soft labels and plain numbers have no classes, of several labels one may be rare, and who asks for some examples
    only gets them.

    Args:
        source: the file.
        findings: the figures of it.
    """
    if not findings.question.only.is_open or source.columns.kind == "value" or findings.labels:
        return None
    if findings.classes:
        present = [at for at, each in enumerate(findings.classes) if each.count]
    else:
        present = [int(findings.label_mean)] if findings.hard and findings.label_mean in (0.0, 1.0) else []
    if len(present) != 1:
        return None
    rows = "row 1" if findings.rows == 1 else f"rows 1 to {findings.rows:,}"
    where = f"all {findings.rows:,} that are left" if source.skipped else rows
    what = f"every label is {source.label_names[present[0]]}: one class only"
    return visible(f"{source.title}: {where}: column {source.columns.label!r}: {what}")


def doubts(source: Source, findings: Findings) -> list[str]:
    """What the figures of a whole file make doubtful of the columns or of their kind; [] where nothing.

    Args:
        source: the file.
        findings: the figures of it, of all examples and as they are in the file.
    """
    question, now, columns = findings.question, findings.calibration, source.columns
    if now is None or not question.only.is_open or question.temperature != 1 or findings.rows < FEW:
        return []
    if findings.labels:  # a doubt of the first would be read as one of all
        return []
    found = []
    count = max(question.classes, 2)
    area = findings.auroc.value
    told = any("AUROC" in note for note in columns.notes)
    if area is not None and area < BELOW and not told:
        found.append(f"AUROC {area:.3f}, well below ½: is it the probability of the other class? --positive turns that")
    if math.isfinite(now.log_loss) and now.log_loss > FAR * math.log(count):
        found.append(
            f"log loss {now.log_loss:.4g} is far above the {math.log(count):.4g} of a guess: another order of "
            "the classes, "
            "another kind (--kind), or a model that is very sure and wrong"
        )
    certain = findings.accuracy == 1.0 and now.log_loss > 0.05 and not columns.being_right
    if certain and not is_truth(columns.label):
        found.append(f"every decision is right: is {columns.label!r} what was decided, and another column the truth?")
    if not question.classes and not columns.being_right and 0 < findings.label_mean < 1:
        bins = now.width
        total = float((bins.count * bins.confidence).sum())
        ratio = total / (findings.label_mean * findings.rows)
        if (ratio > RATIO or ratio < 1 / RATIO) and abs(total / findings.rows - findings.label_mean) > 0.15:
            found.append(
                f"the predictions add up to {ratio:.3g} times the labels: another class, another kind, or "
                "other data than "
                "they were made for"
            )
    return [visible(text) for text in found]
