"""Summaries that were saved, in the place of a file: what they can answer they do, and what needs rows says so."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, NoReturn

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.own.registry import define
from lossterm.core.names import unknown
from lossterm.core.numbers import trimmed
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.part import Part, check_mergeable, merged
from lossterm.core.statistics.question import Filter, Question
from lossterm.files import paths as files
from lossterm.files.checks import BadData
from lossterm.files.columns import Columns
from lossterm.files.source import Source
from lossterm.model import rows
from lossterm.model.parser import of_option
from lossterm.model.subject import Row, Subject
from lossterm.predictions.losses import asked_criteria, class_parameters
from lossterm.predictions.options import (
    AGAINST_OPTIONS,
    BESIDE,
    BY,
    FILE,
    LABEL,
    LOOK,
    MASS,
    PAGE,
    PATHS,
    SCALE,
    WORST,
    asked_look,
    asked_subject,
)
from lossterm.predictions.survey import Survey
from lossterm.predictions.view import NEEDS_ROWS, FileChoice, Look

if TYPE_CHECKING:
    from lossterm.core.statistics.condition import Holding

ANSWERS = "a summary answers what it was asked"
"""How it begins what is said where a question is another one."""

OF_SHOWING = (MASS, PAGE, SCALE, BESIDE, WORST)
"""Options of how figures are shown, which a summary can be looked at with too."""

WHERE = ("file", "row of it")
"""What tells where one of the worst rows is."""

LARGEST = 1 << 31
"""Bytes of a file of a summary."""


def columns_record(columns: Columns) -> dict[str, Any]:
    """How the columns of a file are read, as JSON has it."""
    kept = replace(columns, notes=(), passed_over=(), why="", forecast=None)  # which the question has
    return {name: list(x) if isinstance(x, tuple) else x for name, x in asdict(kept).items()}


def _columns_of(part: Part) -> Columns:
    """The columns of a record, which is distrusted; those of a summary that was made elsewhere have usual names."""
    question, told = part.question, part.columns
    count = question.classes
    predictions = tuple(f"p{k}" for k in range(count)) if count else ("prediction",)
    usual = Columns("label", predictions, question.kind, weight="weight" if question.weighted else None)
    known: dict[str, Any] = {}
    for field in fields(Columns):
        if field.name not in told:
            continue
        value, now = told[field.name], getattr(usual, field.name)
        if isinstance(now, tuple) and isinstance(value, list) and all(isinstance(text, str) for text in value):
            known[field.name] = tuple(value)
        elif not isinstance(now, tuple) and (value is None or isinstance(value, type(now) if now is not None else str)):
            known[field.name] = value
    found = replace(usual, **known)
    same = replace(found, kind=question.kind, weight=usual.weight and (found.weight or usual.weight))
    same = replace(same, **_told_by(question, found.told), pairs=())
    usual = replace(usual, **_told_by(question, ()))
    if not isinstance(same.label, str) or (len(same.predictions) if len(same.predictions) > 1 else 0) != count:
        return usual
    return replace(same, classes=question.names if count else same.classes)


def _told_by(question: Question, columns: tuple[str, ...]) -> dict[str, Any]:
    # the distribution of values, and the columns that tell it: of other ones than there can be the usual names
    forecast = question.forecast
    if forecast is None:
        return {"forecast": None, "told": ()}
    names = ("sd",) if forecast.is_normal else tuple(f"q{level:g}" for level in forecast.levels)
    return {"forecast": forecast, "told": columns if len(columns) == len(names) else names}


class Stored(Source):
    """What is known of the files that summaries were made of.

    Args:
        part: the summaries, merged.
        title: of their files.
        count: how many there are.
        pairs: where there are several labels, each and its prediction.
    """

    def __init__(self, part: Part, title: str, count: int, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        names = [name for name, _ in part.files]
        of = (
            names[0]
            if len(set(names)) == 1
            else f"{names[0]} … {names[-1]} ({len(names):,} files)"
            if names
            else "rows"
        )
        why = f"{'a summary' if count == 1 else f'{count:,} summaries, merged,'} of {of}"
        self.part = part
        self.columns = replace(_columns_of(part), why=why, notes=part.notes, pairs=pairs)
        self.names = WHERE
        self.title = title
        self.size = 0
        self.label_names = part.label_names
        self._scratch = None
        self._skip_bad = bool(part.reasons)

    def _first_rows(self) -> Mapping[str, Sequence[object]]:
        # nothing is known of what columns hold
        return {}

    @property
    def families(self) -> list[tuple[str, ...]]:
        """No groups of columns are known."""
        return []

    @property
    def groups(self) -> list[str]:
        """No groups are told apart."""
        return []

    @property
    def expected_rows(self) -> int:
        """How many rows were counted."""
        return max(self.part.counted.rows, 1) if self.part is not None else 1

    @property
    def skip_reasons(self) -> Counter[str]:
        """How many bad rows were left out when the summaries were made."""
        return Counter(self.part.reasons if self.part is not None else ())

    def check_columns(self, names: Sequence[str], only: Sequence[Holding]) -> None:
        """Raise BadData unless nothing else is asked of columns than what was."""
        if names or self.part is None or tuple(only) != self.part.question.only.conditions:
            raise BadData(NEEDS_ROWS)

    def rows(self, numbers: Sequence[int]) -> list[dict[str, object]]:
        """Of some of the worst rows what is known of them: label and prediction, the file, and their number there."""
        known = self._known()
        return [known.get(number, {}) | self._place(number) for number in numbers]

    @property
    def first_told(self) -> tuple[str, ...]:
        """The same columns, as far as the worst rows have something of them."""
        known = {name for row in self._known().values() for name in row}
        return tuple(name for name in super().first_told if name in known)

    def _place(self, number: int) -> dict[str, object]:
        left = number
        for title, count in self.part.files if self.part is not None else ():
            if left <= count:
                return dict(zip(WHERE, (title, left), strict=True))
            left -= count
        return {WHERE[1]: number}

    def _known(self) -> dict[int, dict[str, object]]:
        # of the worst rows their label and prediction, where it is as it was in the file
        found: dict[int, dict[str, object]] = {}
        question = self.part.question if self.part is not None else None
        if question is None or self.part is None or question.classes:
            return found
        as_is = question.temperature == 1 and question.clip is None
        for tally in self.part.counted.tallies:
            worst = tally.worst
            if worst is None:
                continue
            given = worst.logit if question.kind == "logit" else worst.prediction
            for row, label, value in zip(worst.row.tolist(), worst.label.tolist(), given.tolist(), strict=True):
                whole = label in (0.0, 1.0) and len(self.label_names) == 2
                told: dict[str, object] = {self.columns.label: self.label_names[int(label)] if whole else label}
                found[row] = told | ({self.columns.predictions[0]: value} if as_is else {})
        return found

    def group_index(self, name: str) -> int:
        """Raise BadData: groups are not told apart."""
        raise BadData(NEEDS_ROWS)

    def _no_rows(self, *unused: object, **unused_too: object) -> NoReturn:
        raise BadData(NEEDS_ROWS)

    batches = with_columns = texts = together = chunks = _no_rows
    """Each would give rows."""


class StoredSurvey(Survey):
    """Summaries that are asked what they were asked before.

    Args:
        whole: the summaries, merged.
        title: of their files.
        count: how many there are.
        label: of several labels the one that is looked at; the first where nothing is said.

    Raises:
        ValueError: there is no such label.
    """

    def __init__(self, whole: Part, title: str, count: int, label: str | None = None) -> None:
        parts = whole.of_labels
        if label is not None and label not in parts:
            raise BadData(unknown(label, "label", list(parts)) if parts else "--label: the summary is of one label")
        self.part = parts[label] if label is not None else whole
        columns = [replace(_columns_of(part), label=name) for name, part in parts.items()]
        pairs = tuple((each.label, each.predictions[0]) for each in columns)
        self.source: Stored = Stored(self.part, title, count, pairs)
        if pairs:
            self.source.columns = replace(self.source.columns, label=label or whole.label)
        super().__init__(self.source)
        self.whole, self._title, self._count_of = whole, title, count
        self._findings: Findings | None = None

    def _other(self, label: str) -> Survey:
        return StoredSurvey(self.whole, self._title, self._count_of, label)

    @property
    def is_remembered(self) -> bool:
        """True: nothing is read."""
        return True

    def _of_label(self, question: Question, *unused: object) -> Findings:
        """Every figure that the question has an answer to, of those of its losses that were asked.

        Raises:
            ValueError: the question is another one; or what was saved contradicts itself.
        """
        asked = self.part.question
        _check_same(asked, question)
        if self._findings is None:
            self._findings = self.part.findings()
        found = self._findings
        if question.criteria == asked.criteria:
            return found
        which = [_place(criterion, asked) for criterion in question.criteria]
        losses = tuple(found.losses[i] for i in which)
        return replace(found, question=replace(found.question, criteria=question.criteria), losses=losses)


def _check_same(asked: Question, question: Question) -> None:
    for name in ("bins", "threshold", "temperature", "clip", "class_weights", "only"):
        then, now = getattr(asked, name), getattr(question, name)
        if then == now:
            continue
        if isinstance(then, Filter):
            raise ValueError(f"{ANSWERS}: of the rows that it was asked about, and no others")
        told = [trimmed(x) if isinstance(x, float) else str(getattr(x, "word", x or "none")) for x in (then, now)]
        raise ValueError(f"{ANSWERS}: {name.replace('_', ' ')} {told[0]}, not {told[1]}")


def _place(criterion: Any, asked: Question) -> int:
    for i, known in enumerate(asked.criteria):
        same = known.loss.id == criterion.loss.id and known.params == criterion.params
        definitions = [getattr(each.loss, "definition", "") for each in (known, criterion)]
        if same and known.smoothing == criterion.smoothing and definitions[0] == definitions[1]:
            return i
    names = dict.fromkeys(known.loss.id for known in asked.criteria)
    what = "with other parameters or smoothing" if criterion.loss.id in names else "not among its losses"
    raise ValueError(f"{ANSWERS}, {', '.join(names)}: {criterion.loss.id} {what}")


def open_stored(wanted: FileChoice) -> StoredSurvey:
    """Summaries read from files and merged.

    Raises:
        ValueError: one is no summary, or was asked something else; one line that names it.
    """
    scratch = files.Scratch()
    try:
        found = files.find(wanted.paths, scratch)
        parts = []
        for file in found:
            try:
                if file.size > LARGEST:
                    raise ValueError("it is larger than any summary")
                parts.append(Part.from_bytes(file.path.read_bytes()))
            except OSError as error:
                raise BadData(f"{file.title}: {files.problem(error)}") from None
            except ValueError as problem:
                raise BadData(f"{file.title}: {problem}") from None
        for file, other in zip(found[1:], parts[1:], strict=True):
            try:
                check_mergeable(parts[0], other)
            except ValueError as problem:
                raise BadData(f"{found[0].title} and {file.title}: {problem}") from None
        part = _noted(merged(parts), files.repeated(found) or _met_again(parts))
    finally:
        scratch.close()
    return StoredSurvey(part, files.title_of(found), len(found), wanted.label)


def _met_again(parts: Sequence[Part]) -> list[str]:
    # as where the pieces lie beside what was merged of them
    counts = Counter(file for part in parts for file in dict.fromkeys(part.files))
    twice = [file for file, count in counts.items() if count > 1]
    if not twice:
        return []
    (title, rows), more = twice[0], f", and {len(twice) - 1} more" if len(twice) > 1 else ""
    return [f"{title} with {rows:,} rows{more}: in {counts[twice[0]]} of the summaries; where that is one file, its "
            "rows count as often"]  # fmt: skip


def _noted(part: Part, notes: Sequence[str]) -> Part:
    labels = {name: _noted(each, notes) for name, each in part.labels.items()}
    return replace(part, notes=(*notes, *part.notes), labels=labels)


def look_of(part: Part, look: Look) -> Look:
    """A look that asks what the summary was asked, shown as before."""
    question = part.question
    label = question.only.label
    names = part.label_names
    known = label is not None and label == int(label) and 0 <= label < len(names)
    return replace(
        look,
        bins=question.bins,
        threshold=question.threshold,
        temperature=question.temperature,
        clip=question.clip,
        class_weights=question.class_weights,
        only_label=None if label is None else names[int(label)] if known else f"{label:g}",
        only_group=None,
        only_range=(question.only.low, question.only.high),
        only=question.only.conditions,
        by=None,
        **{option.name: option.value(Look()) for option in AGAINST_OPTIONS},
    )


def subject_of(part: Part, subject: Subject) -> Subject:
    """A subject that shows the losses of the summary; those that only K classes have are left out."""
    asked = []
    for criterion in part.question.criteria:
        name, params = criterion.loss.id, dict(criterion.params)
        if isinstance(criterion, Criterion) and criterion.loss.definition and name not in LOSSES:
            define(criterion.loss.definition)
        if name in LOSSES:
            known = class_parameters(name) if part.question.classes else None
            of_scalar = {
                k: v for k, v in params.items() if k in LOSSES[name].defaults and (known is None or k in known)
            }
            asked.append(Row.of(name, of_scalar, shown=True))
    return replace(rows.with_losses(subject, asked[: rows.MAX_SHOWN]), smoothing=smoothing_of(part))


def asked_of(given: argparse.Namespace, survey: StoredSurvey) -> Question:
    """What a command line asks of summaries: what they were asked, or some of its losses.

    Raises:
        ValueError: it asks something else; the message names the option.
    """
    source, part = survey.source, survey.part
    usual = look_of(part, Look())
    look = asked_look(given, usual)
    for option in (*FILE, *AGAINST_OPTIONS, BY):
        if option not in (PATHS, LABEL) and getattr(given, option.name, None) not in (None, [], False):
            raise ValueError(f"{option.option_string}: {NEEDS_ROWS}")
    for name in ("find_segments", "recalibrate", "engine"):
        if getattr(given, name, None):
            raise ValueError(f"--{name.replace('_', '-')}: {NEEDS_ROWS}")
    for asked in LOOK:
        if asked not in OF_SHOWING and asked.value(look) != asked.value(usual):
            raise ValueError(f"{asked.option_string}: {ANSWERS}, {asked.text(usual) or 'none'}")
    then = smoothing_of(part)
    asked_for = argparse.Namespace(loss=None, smoothing=given.smoothing)
    if asked_subject(Subject(smoothing=then), asked_for).smoothing != then:
        raise ValueError(f"--smoothing: {ANSWERS}, {trimmed(then)}")
    if not given.loss:
        return part.question
    with of_option("--loss"):
        criteria = asked_criteria(given.loss, source, then)
        for criterion in criteria:
            _place(criterion, part.question)
    return replace(part.question, criteria=criteria)


def smoothing_of(part: Part) -> float:
    """The smoothing of the labels that the losses of a summary had."""
    return part.question.criteria[0].smoothing if part.question.criteria else 0.0
