"""Opening files in a thread of its own: a path that never answers is given up, and the program ends all the same."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lossterm.core.plain import one_line
from lossterm.model.permissions import Permissions
from lossterm.predictions.newest import in_thread
from lossterm.predictions.options import class_label, open_source, refuse_pipes
from lossterm.predictions.view import FileChoice, Look

if TYPE_CHECKING:
    from lossterm.files.source import Source
    from lossterm.predictions.survey import Survey


@dataclass(frozen=True)
class Wanted:
    """A file that is to be opened.

    Attributes:
        choice: which, and how it is read.
        given: the command line it was named on, which may also tell how it is looked at, and the losses.
        look: how it is looked at, where it is gone back to; else one that does not belong to another file is left.
    """

    choice: FileChoice
    given: Namespace | None = None
    look: Look | None = None


@dataclass(frozen=True, eq=False)
class OpenFile:
    """A file that is open.

    Attributes:
        survey: it answers questions.
        choice: which file it is, and how it is read.
    """

    survey: Survey
    choice: FileChoice

    @property
    def source(self) -> Source:
        """Its examples."""
        return self.survey.source

    def at_label(self, label: str) -> OpenFile | None:
        """The same with another of several labels looked at; None where that has not been read yet."""
        choice = replace(self.choice, label=label)
        return OpenFile(self.survey.at_label(label), choice) if self.survey.knows(label) else None

    @property
    def class_count(self) -> int:
        """K, or 0 where there is one prediction an example."""
        count = len(self.source.columns.predictions)
        return count if count > 1 else 0

    @property
    def is_of_values(self) -> bool:
        """Whether the predictions are plain values."""
        return self.source.columns.kind == "value"


@dataclass(frozen=True, eq=False)
class Opened:
    """A wanted file, which is open now."""

    wanted: Wanted
    file: OpenFile


@dataclass(frozen=True, eq=False)
class NotOpened:
    """A wanted file that cannot be opened, and why, in a line."""

    wanted: Wanted
    problem: str


def open_file(wanted: Wanted, permissions: Permissions | None = None) -> OpenFile:
    """Open a file and see whether the label that is asked for is in it.

    Args:
        wanted: which.
        permissions: what files may be opened there; any where nothing is said.

    Raises:
        ValueError: what is wrong; the message is one line.
    """
    from lossterm.predictions.survey import Survey

    if permissions is not None:
        permissions.check_opening(wanted.choice.paths)
    if wanted.choice.is_stored:
        from lossterm.predictions.stored import asked_of, open_stored

        survey = open_stored(wanted.choice)
        if wanted.given is not None:
            asked_of(wanted.given, survey)
        return OpenFile(survey, wanted.choice)
    refuse_pipes(wanted.choice)
    source = open_source(wanted.choice)
    if wanted.given is not None and wanted.given.only_label is not None:
        class_label(wanted.given.only_label, source)
    return OpenFile(Survey(source), wanted.choice)


@dataclass(eq=False)
class Opener:
    """Opens one file at a time; the one that was wanted last counts.

    Attributes:
        tell: is given an `Opened` or a `NotOpened`, in another thread, of what is still wanted then.
        open: opens a file; it may take for ever.
    """

    tell: Callable[[Opened | NotOpened], object]
    open: Callable[[Wanted], OpenFile] = open_file
    _newest: Wanted | None = field(default=None, init=False)

    @property
    def is_busy(self) -> bool:
        """Whether a file is being opened that is still wanted."""
        return self._newest is not None

    def start(self, wanted: Wanted) -> None:
        """Open a file; what is being opened is given up."""
        self._newest = wanted
        in_thread("opening", self._run, wanted)

    def stop(self) -> None:
        """Give up what is being opened: nothing more is heard of it."""
        self._newest = None

    def finish(self, news: Opened | NotOpened) -> bool:
        """Whether news is of the file that is still wanted, which then no longer is being opened."""
        if news.wanted is not self._newest:
            return False
        self._newest = None
        return True

    def _run(self, wanted: Wanted) -> None:
        news: Opened | NotOpened
        try:
            news = Opened(wanted, self.open(wanted))
        except Exception as problem:  # whatever a library raises is told, and ends nothing
            news = NotOpened(wanted, one_line(problem))
        if self._newest is wanted:
            self.tell(news)
        elif isinstance(news, Opened):
            news.file.source.close()
