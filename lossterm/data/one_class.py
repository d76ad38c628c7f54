"""Files with one class only: much of what is asked of predictions does not exist there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lossterm.core.findings import Findings
    from lossterm.data.source import Source


def one_class(source: Source, findings: Findings) -> str | None:
    """What is wrong, in a line, where every label of a whole file is the same; None where it is not.

    Soft labels and plain numbers have no classes, and who asks for some examples only gets them.

    Args:
        source: the file.
        findings: the figures of it.
    """
    if not findings.question.only.is_open or source.columns.kind == "value":
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
    return f"{source.title}: {where}: column {source.columns.label!r}: {what}"
