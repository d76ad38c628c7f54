"""The columns of a file that are read, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lossterm.core.statistics.examples import Kind
from lossterm.core.statistics.forecast import Forecast
from lossterm.files.checks import listed

Holds: TypeAlias = Literal[
    "probability", "logit", "score", "value", "confidence", "log-probability", "quantile", "normal"
]
"""What the columns of predictions hold, as a person calls it: ``--kind``."""


@dataclass(frozen=True)
class Columns:
    """The columns that are read.

    Attributes:
        label: the column of the labels.
        predictions: one column, or K ≥ 3 in the order of the classes: what the figures are of.
        kind: what the figures take them for, once they are converted.
        weight: the column of the weights, or None.
        group: the column of the groups, or None.
        classes: the names of the classes in the order of the columns; () for one column.
        why: one line on how they were found.
        sources: the columns that predictions are made of, where they are others: the two of a binary model.
        holds: what the columns hold, where it is not ``kind``.
        decision: the column of the decisions that a confidence is of.
        other: whether the one column is of label 0: its complement is read.
        out_of: what a certainty is in the file.
        exponent: whether the values are logarithms of what is read.
        being_right: whether the labels are whether the decision is right: all that a confidence in one of K tells.
        key: a column that tells the examples apart.
        passed_over: columns that go by a name of a label or a prediction, and are not read.
        notes: doubts, and what was assumed; each names the option that says otherwise.
        label_names: the classes in the order of the labels that are their numbers.
        decisions: columns that hold decisions, and are not read.
        forecast: of values the distribution that they come with, or None.
        told: the columns that tell it: quantiles in the order of their levels, or the standard deviations.
        pairs: where an example may have several labels, each of them and its prediction; the first is what is read.
        no_labels: columns that have a prediction as these have, and what they hold instead of labels.
    """

    label: str
    predictions: tuple[str, ...]
    kind: Kind
    weight: str | None = None
    group: str | None = None
    classes: tuple[str, ...] = ()
    why: str = ""
    sources: tuple[str, ...] = ()
    holds: Holds | None = None
    decision: str | None = None
    other: bool = False
    out_of: float = 1.0
    exponent: bool = False
    being_right: bool = False
    key: str | None = None
    passed_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    forecast: Forecast | None = None
    told: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    no_labels: tuple[str, ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that the predictions are made of."""
        return self.sources or self.predictions

    @property
    def first_told(self) -> tuple[str, ...]:
        """The columns that tell most of an example: the label, what was decided, the predictions."""
        decided = [self.decision] if self.decision else self.decisions
        return tuple(dict.fromkeys((self.label, *decided, *self.read, *self.told)))

    @property
    def given(self) -> Holds:
        """What they hold."""
        return self.holds or self.kind


def several_labels(pairs: Sequence[tuple[str, str]], no_labels: Sequence[str] = ()) -> str:
    """What is said where an example may have several labels."""
    label, prediction = pairs[0]
    named = f"({listed([name for name, _ in pairs], 3)})"
    others = f", but not {listed(no_labels, 3)}" if no_labels else ""
    return (
        f"{len(pairs)} labels with a prediction each {named}{others}: a table has each, other "
        f"figures are of one, the first or --label NAME; --label-column {label} --prediction-column {prediction} "
        "reads one alone"
    )
