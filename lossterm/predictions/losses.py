"""Which losses of a list a file is judged by, how they are put to its examples, and which parameters they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lossterm.core.losses.labels import Family
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Kind
from lossterm.core.statistics.question import ClassCriterion
from lossterm.model import rows
from lossterm.model.notation import losses_asked, row_name
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.subject import Row, Subject
from lossterm.model.subject_options import losses as losses_of

if TYPE_CHECKING:
    from lossterm.files.source import Source

DEFAULT_LOSSES = "cross-entropy,squared-error"
"""Where nothing is said, of probabilities and logits."""

DEFAULT_OF_VALUES = "squared-error,absolute-error"
"""Where nothing is said, of plain numbers."""

TAUGHT = "distillation"
"""The loss of K classes that a file cannot be judged by: it has no teacher."""


@dataclass(frozen=True)
class ShownLoss:
    """A loss of the subject that the file is judged by.

    Attributes:
        row: its index among the rows of the subject.
        letter: of its curve.
        ink: of its curve.
        name: as it is shown.
    """

    row: int
    letter: str
    ink: int
    name: str


@dataclass(frozen=True)
class Judges:
    """The losses that the examples of a file are put to.

    Attributes:
        shown: how they are told apart, in order.
        criteria: the same as they are put to the examples.
        left_out: what of the shown losses is not among them, in words.
    """

    shown: tuple[ShownLoss, ...]
    criteria: tuple[Criterion | ClassCriterion, ...]
    left_out: tuple[str, ...]


def asked_criteria(
    texts: Sequence[str] | None, source: Source, smoothing: float
) -> tuple[Criterion | ClassCriterion, ...]:
    """The losses of ``--loss``, or those that are told where nothing is said.

    Raises:
        ValueError: an unknown name or parameter, or only losses that need more than a file has.
    """
    texts = texts or (DEFAULT_OF_VALUES if source.columns.kind == "value" else DEFAULT_LOSSES,)
    if len(source.columns.predictions) > 1:
        class_rows = [row for row in losses_asked(texts, SoftmaxRow) if row.loss != TAUGHT]
        if not class_rows:
            raise ValueError("distillation needs a teacher, which a file of predictions does not have")
        return tuple(ClassCriterion(row.entry, row.params, smoothing) for row in class_rows)
    return tuple(_criterion(row, smoothing, source.columns.kind) for row in losses_of(texts))


def _criterion(row: Row, smoothing: float, kind: Kind) -> Criterion:
    # of logits and scores a loss of margins reads these themselves
    return Criterion(row.entry, row.params, smoothing, kind == "logit" and row.entry.family.reads_sign)


def criteria_of(
    asked: Sequence[Row], classes: int, smoothing: float, kind: Kind = "probability"
) -> list[Criterion | ClassCriterion | None]:
    """The losses of rows as they are put to examples; None for one that means nothing for these predictions.

    Args:
        asked: the rows.
        classes: K, or 0: K classes do not have every loss.
        smoothing: of the labels.
        kind: of the predictions: plain values have no losses of probabilities.
    """
    if not classes:
        absent = {Family.PROBABILITY} if kind == "value" else set()
        return [None if row.entry.family in absent else _criterion(row, smoothing, kind) for row in asked]
    found = map(class_row, asked)
    return [None if row is None else ClassCriterion(row.entry, row.params, smoothing) for row in found]


def class_row(row: Row) -> SoftmaxRow | None:
    """The loss of K classes of the same name, with those of the parameters that it has; None where there is none."""
    known = class_parameters(row.loss)
    if known is None:
        return None
    return SoftmaxRow.of(row.loss, {name: value for name, value in row.params if name in known})


def class_parameters(name: str) -> set[str] | None:
    """The parameters of the loss of K classes of this name; None where there is none."""
    loss = SOFTMAX_LOSSES.get(name)
    return None if loss is None else {p.name for p in loss.parameters}


def reduced(row: Row) -> Row:
    """A loss with those of its parameters at their defaults that the loss of K classes does not have."""
    known = class_parameters(row.loss) or set()
    return replace(row, params=tuple((n, v if n in known else row.entry.defaults[n]) for n, v in row.params))


def judges(subject: Subject, kind: Kind, classes: int) -> Judges:
    """The shown losses of a subject that examples can be put to.

    Args:
        subject: the losses and the smoothing of the labels.
        kind: of the predictions.
        classes: K, or 0 where there is one prediction an example.
    """
    letters = subject.letters
    found = criteria_of([subject.rows[i] for i in letters], classes, smoothing_for(subject.smoothing, kind), kind)
    shown, criteria, absent, ignored = [], [], [], []
    for (index, letter), criterion in zip(letters.items(), found, strict=True):
        row = subject.rows[index]
        if criterion is None:
            absent.append(row.loss)
            continue
        if classes:
            row, full = reduced(row), row
            changed = [n for (n, value), (_, kept) in zip(full.params, row.params, strict=True) if value != kept]
            ignored += [f"{row.loss} of K classes has no {name}" for name in changed]
        shown.append(ShownLoss(index, letter, ord(letter) - 97, row_name(row)))
        criteria.append(criterion)
    what = "plain values" if kind == "value" else "K classes"
    missing = [f"not for {what}: {', '.join(absent)}"] if absent else []
    return Judges(tuple(shown), tuple(criteria), (*missing, *ignored))


def smoothing_for(smoothing: float, kind: Kind) -> float:
    """The smoothing of the labels of a file: plain values have none."""
    return 0.0 if kind == "value" else smoothing


def former_rows(now: Sequence[Row], shown: Sequence[ShownLoss], before: Sequence[Row]) -> list[Row]:
    """The shown losses with the parameters that they had before.

    Args:
        now: the rows of the subject.
        shown: those of them that are wanted.
        before: the rows that there were, where a variant may since have been put in between or taken away.
    """
    result = []
    for who in shown:
        row = now[who.row]
        same = before[who.row] if who.row < len(before) else None
        if same is None or same.loss != row.loss:
            same = next((old for old in before if old.loss == row.loss), None)
        result.append(row if same is None else replace(same, shown=True))
    return result


def with_losses_for(subject: Subject, kind: Kind, classes: int) -> Subject:
    """A subject that shows losses of plain values, where these are looked at and it shows none that they take."""
    if kind != "value" or judges(subject, kind, classes).criteria:
        return subject
    for name in DEFAULT_OF_VALUES.split(","):
        subject = rows.toggle(subject, next(i for i, row in enumerate(subject.rows) if row.loss == name))
    return subject


def lacking(row: Row, names: Sequence[str], classes: int) -> list[str]:
    """Those of the parameters that the loss has, but not the one of K classes of the same name."""
    known = class_parameters(row.loss) if classes else None
    return [] if known is None else [name for name in names if name not in known]
