"""A part: what was counted of some rows for one question, with where they are from; parts of one question merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from lossterm.core.numbers import trimmed
from lossterm.core.packing import Packer, opened
from lossterm.core.plain import echoed, one_line
from lossterm.core.statistics.carrying import (
    Counted,
    Record,
    moved,
    pack_counted,
    question_of_record,
    question_record,
    together,
)
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.question import Question

WORKERS = 2
"""Threads that the figures are computed in."""


@dataclass(frozen=True, eq=False)
class Part:
    """What was counted of some rows.

    Attributes:
        question: what was asked; the filter has no number of a group, which is of one file only.
        counted: what was counted.
        files: where the rows are from: a title, and how many rows were read, also those left out.
        columns: how the columns were read, as JSON has it.
        label_names: of label 0 and 1, or of the K classes; () for real labels.
        notes: what must be said of the reading.
        reasons: how many rows were left out for each reason.
        groups: the same of each group, by its name; empty where there are none.
        label: where an example may have several labels, the name of the one that all else is of.
        labels: the same of each of the others, by its name; empty where there is one label.
        is_trusted: whether it was counted here, and not read.
    """

    question: Question
    counted: Counted
    files: tuple[tuple[str, int], ...]
    columns: Record = field(default_factory=dict)
    label_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Part] = field(default_factory=dict)
    label: str = ""
    labels: Mapping[str, Part] = field(default_factory=dict)
    is_trusted: bool = True

    @property
    def rows_read(self) -> int:
        """How many rows were read, also those left out."""
        return sum(rows for _, rows in self.files)

    @property
    def of_labels(self) -> dict[str, Part]:
        """Of each of several labels its own part, by its name; empty where there is one label."""
        return {self.label: self, **self.labels} if self.labels else {}

    def findings(self) -> Findings:
        """Every figure of the rows.

        Raises:
            ValueError: there are none, or what was read cannot have been counted.
        """
        from lossterm.core.statistics.binary_figures import conclude

        if not self.counted.rows:
            raise ValueError("the summary has no rows")
        with ThreadPoolExecutor(WORKERS) as executor:
            try:
                return conclude(self.counted, executor)
            except (ArithmeticError, ValueError, LookupError, AssertionError) as problem:
                if self.is_trusted:
                    raise
                raise ValueError(f"the figures of the summary contradict each other ({one_line(problem)})") from None

    # ---- merging --------------------------------------------------------------------------------------------------

    def __add__(self, other: Part) -> Part:
        """Both as one, the rows of the other after these.

        Raises:
            ValueError: they do not answer the same question of the same columns.
        """
        return merged([self, other])

    # ---- bytes ----------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """All of it; equal parts give equal bytes."""
        packer = Packer()
        self._pack(packer)
        return packer.to_bytes()

    def _pack(self, packer: Packer) -> None:
        packer.document(
            {
                "question": question_record(self.question),
                "files": [list(file) for file in self.files],
                "columns": self.columns,
                "label_names": list(self.label_names),
                "notes": list(self.notes),
                "reasons": dict(self.reasons),
                "groups": list(self.groups),
                **({"labels": list(self.of_labels)} if self.labels else {}),
            }
        )
        pack_counted(packer, self.question, self.counted)
        for part in (*self.groups.values(), *self.labels.values()):
            part._pack(packer)

    @classmethod
    def from_bytes(cls, data: bytes) -> Part:
        """The part that `to_bytes` has told.

        Raises:
            ValueError: the bytes are no part, of another version, cut off or damaged; one line.
        """
        try:
            packer = opened(bytes(data))
            part = cls._unpacked(packer, deep=True)
            packer.end()
        except ValueError as problem:
            raise ValueError(one_line(problem)) from None
        except (ArithmeticError, LookupError, TypeError, AttributeError, RecursionError, MemoryError):
            raise ValueError("it holds what no summary does") from None
        return part

    @classmethod
    def _unpacked(cls, packer: Packer, *, deep: bool) -> Part:
        told: Any = packer.document(None)
        if not isinstance(told, dict):
            raise ValueError("it tells nothing")
        try:
            question = question_of_record(told["question"])
        except ValueError as problem:
            raise ValueError(f"it was asked what cannot be asked: {one_line(problem)}") from None
        files = tuple((_text(title), _count(rows)) for title, rows in told["files"])
        columns, reasons, names, labels = told["columns"], told["reasons"], told["groups"], told.get("labels", [])
        if not all(map(isinstance, (columns, reasons, names, labels), (dict, dict, list, list))):
            raise ValueError("it tells nothing")
        if (names or labels) and not deep:
            raise ValueError("a group or a label has its own ones")
        if len(set(map(_text, labels))) < len(labels) or len(labels) == 1:
            raise ValueError("its labels are none")
        counted = pack_counted(packer, question, None)
        groups = {_text(name): cls._unpacked(packer, deep=False) for name in names}
        others = {name: cls._unpacked(packer, deep=False) for name in labels[1:]}
        return cls(
            question,
            counted,
            files,
            columns,
            tuple(map(_text, told["label_names"])),
            tuple(map(_text, told["notes"])),
            {_text(why): _count(rows) for why, rows in reasons.items()},
            groups,
            labels[0] if labels else "",
            others,
            is_trusted=False,
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a name of it is no text")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 60:
        raise ValueError("a count of it is none")
    return value


def merged(parts: Sequence[Part]) -> Part:
    """Several parts as one, the rows of each after those before it.

    Raises:
        ValueError: one does not answer the same question of the same columns; the message says in what they differ.
    """
    first, offset, at = parts[0], 0, []
    for part in parts:
        if part is not first:
            check_mergeable(first, part)
        at.append(moved(part.counted, offset))
        offset += part.rows_read
    files: list[tuple[str, int]] = []
    reasons: dict[str, int] = {}
    for part in parts:
        for title, rows in part.files:
            if files and files[-1][0] == title:  # pieces of one file
                files[-1] = title, files[-1][1] + rows
            else:
                files.append((title, rows))
        for why, rows in part.reasons.items():
            reasons[why] = reasons.get(why, 0) + rows
    groups = dict.fromkeys(name for part in parts for name in part.groups)
    return replace(
        first,
        counted=together(at),
        files=tuple(files),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        reasons=reasons,
        groups={name: _merged_group(parts, name) for name in groups},
        labels={name: merged([part.labels[name] for part in parts]) for name in first.labels},
        is_trusted=all(part.is_trusted for part in parts),
    )


def check_mergeable(first: Part, other: Part) -> None:
    """See whether two parts answer the same question.

    Raises:
        ValueError: they do not; the message says in what they differ.
    """
    asked, told = question_record(first.question), question_record(other.question)
    for name, value in asked.items():
        if told[name] != value:
            what = f"{name.replace('_', ' ')} {_told(value)} and {_told(told[name])}"
            raise ValueError(f"summaries merge that were asked the same: {what}")
    names = [list(part.label_names) for part in (first, other)]
    if all(names) and names[0] != names[1]:
        raise ValueError(f"summaries merge of the same labels: {_told(names[0])} and {_told(names[1])}")
    labels = [list(part.of_labels) for part in (first, other)]
    if labels[0] != labels[1]:
        several = [", ".join(each) or "one alone" for each in labels]
        raise ValueError(f"summaries merge of the same labels: {_told(several[0])} and {_told(several[1])}")
    for name, part in first.labels.items():
        check_mergeable(part, other.labels[name])


def _merged_group(parts: Sequence[Part], name: str) -> Part:
    # the numbers of the rows of a group are those of all rows
    found, offset = [], 0
    for part in parts:
        if name in part.groups:
            group = part.groups[name]
            found.append(replace(group, counted=moved(group.counted, offset), files=()))
        offset += part.rows_read
    return replace(merged(found), files=())


def _told(value: Any) -> str:
    # a part of a question in a few words: of losses their names and what is not as usual, of quantiles their levels
    if isinstance(value, list) and value[:1] in (["normal"], ["quantiles"]):
        shape, levels = value
        value = shape if shape == "normal" else f"{shape} {' '.join(map(trimmed, levels))}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = ",".join(_loss_told(loss) for loss in value)
    return echoed("none" if value is None else str(value))[1:-1]


def _loss_told(loss: Record) -> str:
    params = "".join(f":{name}={value}" for name, value in loss["params"].items() if value is not None)
    smoothing = f" smoothed by {loss['smoothing']}" if loss["smoothing"] else ""
    return f"{loss['loss']}{params}{smoothing}"
