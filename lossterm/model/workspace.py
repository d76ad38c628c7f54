"""What the screens of one running program share: the subject, which any of them may look at first and change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar, cast

from lossterm.model.permissions import Permissions
from lossterm.model.rows import ListState
from lossterm.model.sections import Folds, Heading, Line, Lines, heading_at, lines, section_of
from lossterm.model.subject import Subject


@dataclass(frozen=True)
class SubjectState(ListState):
    """The state of a screen that looks at the subject.

    Attributes:
        subject: what is looked at; a screen may add to it.
        current: index of the row that keys act on.
        typed_label: the label that was typed last, which the key for the next label goes through too.
        folds: the families that one has folded and unfolded.
        heading: the family whose heading one has gone to; empty on a loss.
        filter_text: what the names of the listed losses contain.
    """

    subject: Subject = field(default_factory=Subject)
    typed_label: float | None = None
    folds: Folds = ()
    heading: str = ""
    filter_text: str = ""

    def at(self, index: int) -> Self:
        """The state with another current row, as near as there is one, and on no heading."""
        return replace(super().at(index), heading="")

    @property
    def lines(self) -> Lines:
        """The lines of the pane of losses."""
        return lines(self.subject, self.folds, self.filter_text)

    def place_in(self, listed: Sequence[Line]) -> int:
        """Where one is among the lines: at a heading, at the current row, or at the heading that it is folded under."""
        if not self.heading and self.current in listed:
            return listed.index(self.current)
        family = self.heading or section_of(self.subject.rows[self.current].entry)
        return heading_at(listed, family) or 0

    @property
    def at_heading(self) -> Heading | None:
        """The heading that one is at; None on a loss."""
        if not self.heading and not section_of(self.subject.rows[self.current].entry):
            return None
        listed = self.lines
        line = listed[self.place_in(listed)] if listed else None
        return line if isinstance(line, Heading) else None

    def to_line(self, line: Line) -> Self:
        """The state at another line: a heading leaves the current row."""
        return replace(self, heading=line.family) if isinstance(line, Heading) else self.at(line)

    def listed_as(self, other: SubjectState) -> Self:
        """The state with the folds and the filter of another."""
        return replace(self, folds=other.folds, filter_text=other.filter_text)


T = TypeVar("T")


class Workspace:
    """The subject that the screens look at together.

    Attributes:
        subject: losses, label, activation and point.
        typed_label: the label that was typed last, on any screen.
        folds: the families of the list that are folded and unfolded.
        permissions: what the screens may do where the program runs.
    """

    def __init__(
        self, subject: Subject | None = None, permissions: Permissions | None = None, folds: Folds = ()
    ) -> None:
        self.subject = subject or Subject()
        self.permissions = permissions or Permissions()
        self.typed_label: float | None = None
        self.folds = folds

    def share(self, state: object) -> None:
        """Let the other screens look at what a screen's state looks at."""
        if isinstance(state, SubjectState):
            self.subject, self.typed_label, self.folds = state.subject.subject, state.typed_label, state.folds

    def followed(self, state: T) -> T:
        """A screen's state, looking at what was last looked at on any screen."""
        if not isinstance(state, SubjectState):
            return state
        followed: SubjectState = state
        if followed.subject.subject != self.subject:
            followed = followed.with_subject(self.subject)
        if followed.typed_label != self.typed_label:
            followed = replace(followed, typed_label=self.typed_label)
        if followed.folds != self.folds:
            followed = replace(followed, folds=self.folds)
        return cast(T, followed)
