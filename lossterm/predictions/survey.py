"""Asking a file: its batches through the sums, by several threads, with progress and a way to stop."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from lossterm.core.plain import echoed
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.question import Question
from lossterm.files.allocator import keep_freed_memory

if TYPE_CHECKING:
    from lossterm.core.statistics.carrying import Counted
    from lossterm.core.statistics.findings import LabelFinding
    from lossterm.files.source import Source

WORKERS = max(2, min(4, os.cpu_count() or 2))
"""Threads that compute: numpy lets go of the interpreter meanwhile."""

COUNTING = max(1, WORKERS - 1)
"""Threads that count while another reads, and the library that decodes has its own (measured on two cores: with one
thread ten million rows of Parquet take a sixth less processor time than with two, and no longer)."""

REMEMBERED = 4_000_000
"""Predictions that are kept in memory, so that another question does not read the file again."""


class Cancelled(Exception):  # noqa: N818  (what was asked for is no error)
    """Somebody no longer wants to know."""


def _check(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def _part_of(progress: Callable[[float], None], at: int, parts: int) -> Callable[[float], None]:
    """Progress in one of several parts of the work."""
    return lambda part: progress((at + part) / parts)


class RowReader(Protocol):
    """What gives the rows of a file, as the file itself does."""

    @property
    def expected_rows(self) -> int:
        """How many there are, as far as is known."""

    def batches(self, cancelled: Callable[[], bool], progress: Callable[[float], None]) -> Iterator[Examples]:
        """All rows; a new pass each time."""


def unheard(source: Source, counted: Counted) -> None:
    """What was counted of a file, which nobody wants to have."""


def nothing_passes(question: Question) -> str:
    """What is said where no example is left."""
    if question.only.is_open:
        return "no rows"
    if not question.only.conditions:
        return "no example passes the filter"
    held = " and ".join(echoed(condition.text) for condition in question.only.conditions)
    return f"no example passes the filter with {held}: --by COLUMN lists what a column holds"


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    # threads that are not waited for where something goes wrong
    with ThreadPoolExecutor(count) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


class Survey:
    """A file that is asked several questions.

    Args:
        source: the file.
        engine: makes of a source what counts it in the place of this process.
    """

    def __init__(self, source: Source, engine: Callable[[Source], Callable[..., Counted]] | None = None) -> None:
        keep_freed_memory()
        self.source = source
        self._engine = engine
        self._remembered: list[Examples] | None = None
        self._remembered_only: tuple[Holding, ...] = ()
        self._labels: dict[str, Survey] = {source.columns.label: self}
        self._told: list[tuple[Question, LabelFinding]] = []

    @property
    def is_remembered(self) -> bool:
        """Whether the next question is answered from memory."""
        others = [self._labels.get(label) for label, _ in self.source.columns.pairs]
        return all(each is not None and each._remembered is not None for each in (self, *others))

    def knows(self, label: str) -> bool:
        """Whether one of several labels has been read before."""
        return label in self._labels

    def at_label(self, label: str) -> Survey:
        """The file with another of its labels in the place of this one; what is known of one is known to all.

        Raises:
            ValueError: there is no such label, or its columns are not such.
        """
        if label not in self._labels:
            self._labels[label] = other = self._other(label)
            other._labels = self._labels
        return self._labels[label]

    def _other(self, label: str) -> Survey:
        return Survey(self.source.at_label(label), self._engine)

    def ask(
        self,
        question: Question,
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[float], None] = lambda part: None,
        rows: RowReader | None = None,
        counted: Callable[[Source, Counted], object] = unheard,
    ) -> Findings:
        """Every figure of the examples that pass the question's filter; of several labels those of each.

        Args:
            question: what is asked.
            cancelled: asked between batches; when it says so the reading stops.
            progress: told how much has been read, 0 to 1.
            rows: what reads the file, where it does something with the rows on the way.
            counted: is given each label as it is read, and what was counted of it.

        Raises:
            Cancelled: it was.
            ValueError: something in the file is wrong, or no example passes the filter.
        """
        of_own = _part_of(progress, 0, max(1, len(self.source.columns.pairs)))
        own = self._of_label(question, cancelled, of_own, rows, counted)
        return self._with_other_labels(own, question, cancelled, progress, counted)

    def _with_other_labels(
        self,
        own: Findings,
        question: Question,
        cancelled: Callable[[], bool],
        progress: Callable[[float], None],
        counted: Callable[[Source, Counted], object],
    ) -> Findings:
        """The figures of one of several labels with those of each of the others; as they are where there is one."""
        from lossterm.core.statistics.findings import LabelFinding

        pairs, label = self.source.columns.pairs, self.source.columns.label
        if not pairs:
            return own
        at = [name for name, _ in pairs].index(label)
        found = {label: self._tell(question, LabelFinding.of(*pairs[at], own))}
        notes = list(own.notes)
        for pair in pairs[:at] + pairs[at + 1 :]:
            other = self.at_label(pair[0])
            asked = self._asked_of(other.source, question)
            known = next((finding for then, finding in other._told if then == asked), None)
            if known is None:
                part = _part_of(progress, len(found), len(pairs))
                known = LabelFinding.of(*pair, other._of_label(asked, cancelled, part, None, counted))
            found[pair[0]] = other._tell(asked, known)
            notes += [f"{pair[0]}: {note}" for note in (*other.source.label_notes, *known.found.notes)]
        return replace(own, labels=tuple(found[name] for name, _ in pairs), looked_at=at, notes=tuple(notes))

    def _tell(self, question: Question, finding: LabelFinding) -> LabelFinding:
        """What is told of this label, which is remembered for the sake of the others, as is what it is told against."""
        self._told = [*[each for each in self._told if each[0] != question][-1:], (question, finding)]
        return finding

    def _asked_of(self, other: Source, question: Question) -> Question:
        """The same question of another label, whose groups are numbered as they come among its own rows."""
        only = question.only
        if only.group is not None:
            only = replace(only, group=other.group_index(self.source.groups[only.group]))
        return replace(question, kind=other.columns.kind, only=only)

    def _of_label(
        self,
        question: Question,
        cancelled: Callable[[], bool],
        progress: Callable[[float], None],
        rows: RowReader | None,
        counted: Callable[[Source, Counted], object],
    ) -> Findings:
        """The figures of this label alone."""
        summary = self.count(question, cancelled, progress, rows)
        findings = self.conclude(summary, cancelled)
        counted(self.source, summary)
        return findings

    def conclude(self, counted: Counted, cancelled: Callable[[], bool] = lambda: False) -> Findings:
        """Every figure of what has been counted.

        Raises:
            Cancelled: it was.
        """
        from lossterm.core.statistics.binary_figures import conclude

        with _threads(WORKERS) as executor:
            return conclude(counted, executor, partial(_check, cancelled))

    def count(
        self,
        question: Question,
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[float], None] = lambda part: None,
        rows: RowReader | None = None,
    ) -> Counted:
        """What figures of this label are made of; arguments and errors are those of `ask`."""
        if self._engine is not None and rows is None:
            return self._engine(self.source)(question, cancelled, progress)
        if question.only.conditions != self._remembered_only:  # what is remembered are the rows that fulfil others
            self._remembered, self._remembered_only = None, question.only.conditions
        with _threads(COUNTING) as executor:
            summary: Counted = self._count(question, executor, cancelled, progress, rows or self.source)
        if not summary.rows:
            raise ValueError(nothing_passes(question))
        return summary

    def _read(
        self, question: Question, cancelled: Callable[[], bool], progress: Callable[[float], None], rows: RowReader
    ) -> Iterable[Examples]:
        conditions = question.only.conditions
        if rows is not self.source:
            return rows.batches(cancelled, progress)
        return self.source.batches(cancelled, progress, *([conditions] if conditions else []))

    def _count(
        self,
        question: Question,
        executor: ThreadPoolExecutor,
        cancelled: Callable[[], bool],
        progress: Callable[[float], None],
        rows: RowReader,
    ) -> Any:
        from lossterm.core.statistics.binary_sums import new_summary

        expected = 0 if self._remembered is not None else rows.expected_rows
        total = new_summary(question, expected)
        waiting: deque[Future[Any]] = deque()
        columns = max(question.classes, 1)
        remembered: list[Examples] | None = None if expected * columns > 2 * REMEMBERED else []
        numbers = 0

        counting = total.kept is None
        idle: SimpleQueue[Any] = SimpleQueue()
        if counting:
            idle.put(total)

        def part() -> Any:
            # where nothing is kept the order of the batches does not matter, and a part takes one after another: the
            # first of them is the whole
            try:
                return idle.get_nowait() if counting else total.part()
            except Empty:
                return total.part()

        def count(examples: Examples) -> Any:
            mine = part()
            mine.add(examples)
            if counting:
                idle.put(mine)
            return mine

        batches: Iterable[Examples] = (
            self._remembered if self._remembered is not None else self._read(question, cancelled, progress, rows)
        )
        for batch in batches:
            if cancelled():
                raise Cancelled
            numbers += batch.prediction.size
            if remembered is not None and numbers <= REMEMBERED:
                remembered.append(batch)
            else:
                remembered = None
            waiting.append(executor.submit(count, batch))
            while len(waiting) > 2 * WORKERS or (waiting and waiting[0].done()):
                found = waiting.popleft().result()
                if not counting:
                    total.merge(found)
        for future in waiting:
            found = future.result()
            if not counting:
                total.merge(found)
        while not idle.empty():
            if (more := idle.get()) is not total:
                total.merge(more)
        if cancelled():
            raise Cancelled
        self._remembered = remembered
        progress(1.0)
        if total.could_have_been_kept:  # there were fewer rows than the first lines let one expect: now they are known
            return self._count(question, executor, cancelled, progress, rows)
        return total
