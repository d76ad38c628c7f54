"""Asking an open file in a thread: the newest question counts, and figures are handed over only when all are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeAlias

from lossterm.core.plain import one_line
from lossterm.core.statistics.question import Question
from lossterm.predictions.losses import ShownLoss
from lossterm.predictions.newest import Newest, in_steps, in_thread
from lossterm.predictions.opening import OpenFile
from lossterm.predictions.options import question_of
from lossterm.predictions.view import Look

if TYPE_CHECKING:
    from lossterm.core.statistics.clip import Clip
    from lossterm.core.statistics.criterion import Criterion
    from lossterm.core.statistics.findings import Findings
    from lossterm.core.statistics.question import ClassCriterion
    from lossterm.files.pairing import Pairing
    from lossterm.model.permissions import Permissions
    from lossterm.predictions.comparing import Comparison

REMEMBERED = 8
"""Answers that are kept of a file of few rows."""

FEW_ROWS = 200_000
"""Rows from which only the answers on screen are kept."""


@dataclass(frozen=True)
class Request:
    """What is asked of a file: its figures, and those that changes are told against.

    Attributes:
        file: the file.
        look: how it is looked at.
        criteria: the losses.
        base_criteria: the losses with the parameters that changes are told against.
        base_temperature: the temperature that changes are told against.
        base_clip: the clip that changes are told against.
        shown: how the losses are told apart.
    """

    file: OpenFile
    look: Look
    criteria: tuple[Criterion | ClassCriterion, ...]
    base_criteria: tuple[Criterion | ClassCriterion, ...]
    base_temperature: float
    shown: tuple[ShownLoss, ...]
    base_clip: Clip | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """The figures, whole.

    Attributes:
        request: what was asked.
        now: the figures.
        base: those that changes are told against; None where nothing has changed.
        groups: the names of the groups of the file.
        skipped: how many bad rows were left out, for each reason.
        comparisons: with each second prediction that the look asks for.
        not_compared: why there are none, where it asks for some.
    """

    request: Request
    now: Findings
    base: Findings | None
    groups: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    not_compared: str = ""


@dataclass(frozen=True, eq=False)
class Progress:
    """What part of the file has been read for a request, from 0 to 1."""

    request: Request
    part: float


@dataclass(frozen=True, eq=False)
class Failed:
    """Why a request has no answer, in a line."""

    request: Request
    problem: str


@dataclass(frozen=True, eq=False)
class Fetched:
    """All columns of some rows of a file, by their numbers; or why there are none."""

    file: OpenFile
    columns: Mapping[int, Mapping[str, object]]
    problem: str = ""


News: TypeAlias = Answer | Progress | Failed | Fetched


class Asker:
    """Asks one question at a time.

    Args:
        tell: is given news, in another thread; ``is_newest`` says whether they still matter.
        permissions: what files may be opened to be compared with; any where nothing is said.

    Attributes:
        turn: whoever reads the file holds it.
    """

    def __init__(self, tell: Callable[[Any], object], permissions: Permissions | None = None) -> None:
        self._tell = tell
        self.turn = Lock()  # a source is read from its beginning by whoever reads it
        self._asked = Newest[Request]()
        self._fetched: tuple[OpenFile, tuple[int, ...]] | None = None
        self._fetch = Newest[object]()
        self._permissions = permissions
        self._answers: list[tuple[OpenFile, Findings]] = []
        self._pairings: tuple[OpenFile, object, Sequence[Pairing]] | None = None
        self._threads: list[Thread] = []

    @property
    def is_busy(self) -> bool:
        """Whether a thread is at work, for something that matters or not."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return bool(self._threads)

    def is_newest(self, request: Request) -> bool:
        """Whether a request is the last one, and has not been given up."""
        return self._asked.is_it(request)

    def ask(self, request: Request) -> None:
        """Ask for figures; what was asked before is given up."""
        self._start(self._answer, request, self._asked.want(request))

    def stop(self) -> None:
        """Give up what was asked: nothing that is heard of it matters any more."""
        self._asked.give_up()

    def fetch(self, file: OpenFile, numbers: Sequence[int]) -> None:
        """Read all columns of some rows; rows that could not be read are not tried again."""
        wanted = file, tuple(numbers)
        if self._fetched != wanted:
            self._fetched = wanted
            self._start(self._read, *wanted, self._fetch.want(wanted))

    def lend(self, use: Callable[[], object]) -> None:
        """Let a file be used for something else when nobody reads it, in a thread; what comes of it is told."""

        def run() -> None:
            with self.turn:
                news = use()
            self._tell(news)

        self._start(run)

    def forget_fetched(self) -> None:
        """Let rows be read again that were read, or could not be."""
        self._fetched = None

    def close(self) -> None:
        """Give up everything."""
        self.stop()
        self._fetch.give_up()

    # ---- in the threads -------------------------------------------------------------------------------------------

    def _start(self, work: Callable[..., None], *args: object) -> None:
        self._threads = [*(t for t in self._threads if t.is_alive()), in_thread("asking", work, *args)]

    def _answer(self, request: Request, given_up: Event) -> None:
        from lossterm.predictions.survey import Cancelled

        with self.turn:
            if given_up.is_set():
                return
            source, look = request.file.source, request.look
            news: News
            try:
                now = question_of(look, source, request.criteria)
                look = replace(look, temperature=request.base_temperature, clip=request.base_clip)
                before = question_of(look, source, request.base_criteria)
                found = self._found(request, now, given_up)
                base = None if before == now else self._found(request, before, given_up)
                skipped = dict(source.skip_reasons)
                compared, why = self._compared(request, now, given_up)
                news = Answer(request, found, base, tuple(source.groups), skipped, compared, why)
            except Cancelled:
                return
            except Exception as problem:  # whatever a library raises is told, and ends nothing
                news = Failed(request, one_line(problem))
        self._tell(news)

    def _compared(self, request: Request, question: Question, given_up: Event) -> tuple[tuple[Comparison, ...], str]:
        """The comparisons, or why there are none: what is wrong with the second is no reason not to show the first."""
        file, look = request.file, request.look
        if not look.compares:
            return (), ""
        from lossterm.predictions.comparing import compare, pairings, questions
        from lossterm.predictions.survey import Cancelled

        try:
            which = (
                look.against, look.against_column, look.against_kind, look.against_out_of, look.against_positive,
            )  # fmt: skip
            if self._pairings is None or self._pairings[:2] != (file, which):
                self._forget_pairings()
                if look.against is not None and self._permissions is not None:
                    self._permissions.check_opening([look.against])
                self._pairings = file, which, pairings(file.source, file.choice, look)
            return tuple(
                compare(pairing, questions(pairing, question, look), given_up.is_set) for pairing in self._pairings[2]
            ), ""
        except Cancelled:
            raise
        except Exception as problem:  # whatever a library raises is told, and ends nothing
            return (), one_line(problem)

    def _forget_pairings(self) -> None:
        if self._pairings is not None:
            for pairing in self._pairings[2]:
                pairing.close()
            self._pairings = None

    def _found(self, request: Request, question: Question, given_up: Event) -> Findings:
        file, survey = request.file, request.file.survey
        known = next((f for whose, f in self._answers if whose is file and f.question == question), None)
        if known is not None:
            return known
        progress = in_steps(lambda part: self._tell(Progress(request, part)))
        silent = survey.is_remembered
        findings = survey.ask(question, given_up.is_set, (lambda part: None) if silent else progress)
        most = REMEMBERED if findings.rows <= FEW_ROWS else 2
        same = [(whose, f) for whose, f in self._answers if whose is file]
        self._answers = [*same[-most + 1 :], (file, findings)]
        return findings

    def _read(self, file: OpenFile, numbers: tuple[int, ...], given_up: Event) -> None:
        with self.turn:
            if given_up.is_set():
                return
            try:
                rows = file.source.rows(numbers)
            except Exception as problem:  # whatever a library raises is told, and ends nothing
                news = Fetched(file, {}, one_line(problem))
            else:
                news = Fetched(file, dict(zip(numbers, rows, strict=True)))
        self._tell(news)
