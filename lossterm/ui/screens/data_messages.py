"""What the threads of the Data screen tell it, what they are asked, and what changes are told against."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from lossterm.data_state import Look
from lossterm.state import Row
from lossterm.ui.present_data import ShownLoss

if TYPE_CHECKING:
    from lossterm.core.bulk import Criterion
    from lossterm.core.findings import Findings
    from lossterm.core.question import ClassCriterion
    from lossterm.data.survey import Survey
    from lossterm.data_state import FileChoice


@dataclass(frozen=True)
class Baseline:
    """What changes are told against.

    Attributes:
        rows: the losses of the view.
        smoothing: of their labels.
        temperature: T.
    """

    rows: tuple[Row, ...]
    smoothing: float
    temperature: float


@dataclass(frozen=True, eq=False)
class Former:
    """What was looked at before another file was opened: it comes back where that file cannot be read.

    Attributes:
        survey: the file.
        choice: how it was found.
        look: how it was looked at.
        baseline: what changes were told against.
        findings: the figures.
        base: those before the changes.
        shown: how the losses were told apart.
    """

    survey: Survey
    choice: FileChoice
    look: Look
    baseline: Baseline | None
    findings: Findings
    base: Findings | None
    shown: Sequence[ShownLoss]


@dataclass(frozen=True, eq=False)
class Asked:
    """What a file is asked.

    Attributes:
        number: how many questions there have been; an answer to an older one is not looked at.
        survey: the file.
        look: how it is looked at.
        criteria: the losses.
        base_look: how it is looked at to tell changes.
        base_criteria: the losses with the parameters that changes are told against.
        shown: how the losses are told apart.
    """

    number: int
    survey: Survey
    look: Look
    criteria: Sequence[Criterion | ClassCriterion]
    base_look: Look
    base_criteria: Sequence[Criterion | ClassCriterion]
    shown: Sequence[ShownLoss]


class Opened(Message):
    """A file is open."""

    def __init__(
        self, number: int, survey: Survey, choice: FileChoice, options: Namespace | None, label: float | None
    ) -> None:
        super().__init__()
        self.number = number
        self.survey = survey
        self.choice = choice
        self.options = options
        self.label = label


class NotOpened(Message):
    """It is not, for some reason."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__()
        self.number = number
        self.problem = problem


class Reading(Message):
    """So much of it has been read."""

    def __init__(self, asked: Asked, part: float) -> None:
        super().__init__()
        self.asked = asked
        self.part = part


class Answered(Message):
    """The figures are there, and those they are compared with."""

    def __init__(self, asked: Asked, now: Findings, base: Findings | None) -> None:
        super().__init__()
        self.asked = asked
        self.now = now
        self.base = base


class Failed(Message):
    """Something is wrong with the file, or with what is asked of it."""

    def __init__(self, asked: Asked, problem: str) -> None:
        super().__init__()
        self.asked = asked
        self.problem = problem


class Fetched(Message):
    """All columns of some rows; or why there are none."""

    def __init__(self, survey: Survey, columns: Mapping[int, Mapping[str, object]], problem: str = "") -> None:
        super().__init__()
        self.survey = survey
        self.columns = columns
        self.problem = problem


class Sorted(Message):
    """What the chart needs sorted is."""
