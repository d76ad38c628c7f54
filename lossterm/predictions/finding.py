"""Finding the segments of an open file in a thread of its own: the newest that is wanted counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.plain import one_line
from lossterm.predictions.newest import Newest, in_steps, in_thread
from lossterm.predictions.opening import OpenFile
from lossterm.predictions.options import question_of
from lossterm.predictions.view import Look

if TYPE_CHECKING:
    from lossterm.core.statistics.criterion import Criterion
    from lossterm.core.statistics.question import ClassCriterion
    from lossterm.predictions.segments import Segments


@dataclass(frozen=True)
class Seeking:
    """The segments that are wanted.

    Attributes:
        file: of which file.
        look: of which rows.
        criteria: the losses.
        column: of which column; None for the worst of all.
    """

    file: OpenFile
    look: Look
    criteria: tuple[Criterion | ClassCriterion, ...]
    column: str | None


@dataclass(frozen=True, eq=False)
class SegmentsFound:
    """The segments."""

    seeking: Seeking
    segments: Segments


@dataclass(frozen=True, eq=False)
class SegmentsProgress:
    """What part of the work is done, from 0 to 1."""

    seeking: Seeking
    part: float


@dataclass(frozen=True, eq=False)
class NoSegments:
    """Why there are none, in a line."""

    seeking: Seeking
    problem: str


SegmentNews: TypeAlias = SegmentsFound | SegmentsProgress | NoSegments


class Finder:
    """Finds segments, one kind at a time.

    Args:
        tell: is given news, in another thread.
        turn: whoever reads a file holds it.
    """

    def __init__(self, tell: Callable[[SegmentNews], object], turn: Lock) -> None:
        self._tell, self._turn = tell, turn
        self._wanted = Newest[Seeking]()
        self._thread: Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    def is_newest(self, seeking: Seeking) -> bool:
        """Whether these are wanted still."""
        return self._wanted.is_it(seeking)

    def start(self, seeking: Seeking) -> None:
        """Find segments; what was wanted before is given up."""
        self._thread = in_thread("finding", self._run, seeking, self._wanted.want(seeking))

    def stop(self) -> None:
        """Give up what is wanted."""
        self._wanted.give_up()

    def _run(self, seeking: Seeking, given_up: Event) -> None:
        from lossterm.predictions.segments import by_column, find_worst
        from lossterm.predictions.survey import Cancelled

        progress = in_steps(lambda part: self._tell(SegmentsProgress(seeking, part)))
        with self._turn:
            if given_up.is_set():
                return
            source = seeking.file.source
            news: SegmentNews
            try:
                question = question_of(seeking.look, source, seeking.criteria)
                if seeking.column is None:
                    found = find_worst(source, question, given_up.is_set, progress)
                else:
                    found = by_column(source, question, seeking.column, given_up.is_set, progress)
                news = SegmentsFound(seeking, found)
            except Cancelled:
                return
            except Exception as problem:  # whatever a library raises is told, and ends nothing
                news = NoSegments(seeking, one_line(problem))
        self._tell(news)
