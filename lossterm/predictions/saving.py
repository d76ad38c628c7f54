"""Saving what was counted of a file, for summaries that merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.core.plain import visible
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.part import Part
from lossterm.core.statistics.question import Question
from lossterm.predictions.stored import columns_record
from lossterm.predictions.taking import written

if TYPE_CHECKING:
    from lossterm.core.statistics.carrying import Counted
    from lossterm.files.source import Source


def portable(question: Question, source: Source) -> Question:
    """A question whose group goes by its name: the number of a group is of one reading only."""
    only = question.only
    if only.group is None or source.columns.group is None:
        return question
    named = Holding.of(source.columns.group, source.groups[only.group])
    return replace(question, only=replace(only, group=None, conditions=(*only.conditions, named)))


def part_of(source: Source, counted: Counted) -> Part:
    """What was counted of a file, with what there is to say of it.

    Args:
        source: the file, which has been read.
        counted: what was counted.
    """
    counted.question = portable(counted.question, source)
    titles = [file.title for file, _ in source.tables]
    return Part(
        counted.question,
        counted,
        tuple(zip(map(visible, titles), source.row_counts, strict=True)),
        columns_record(source.columns),
        source.label_names,
        source.notes,
        dict(source.skip_reasons),
    )


def part_of_labels(parts: Mapping[str, Part]) -> Part:
    """The part of several labels of the same rows: that of the first, with those of the others.

    Args:
        parts: by the names of the labels; one alone is as it is.
    """
    first, *others = parts
    if not others:
        return parts[first]
    return replace(parts[first], label=first, labels={name: parts[name] for name in others})


def save(path: Path, part: Part) -> str:
    """Write a summary under a name that is not taken; returns what is said of it.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    data = part.to_bytes()
    written(path, lambda: path.write_bytes(data))
    of_labels = f" and {1 + len(part.labels)} labels" if part.labels else ""
    return f"written: {path}, the summary of {part.counted.rows:,} rows{of_labels} ({len(data):,} bytes)"
