"""The questions of the Data screen: asked in a thread, so that keys answer while a file is read; the newest counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.worker import Worker, get_current_worker

from lossterm.core.question import Question
from lossterm.data_arguments import question_of
from lossterm.data_state import Look, unfiltered
from lossterm.session import Saved
from lossterm.ui.screens.data_base import told
from lossterm.ui.screens.data_losses import DataLosses
from lossterm.ui.screens.data_messages import Answered, Asked, Baseline, Failed, Fetched, Reading

if TYPE_CHECKING:
    from lossterm.core.findings import Findings
    from lossterm.data.source import Source
    from lossterm.data.survey import Survey

REMEMBERED = 8
"""Answers that are kept of a file of few rows."""

PATIENCE = 0.4
"""Seconds after which it is told how far the reading is."""

FEW_ROWS = 200_000
"""Rows from which only the answers on screen are kept."""


class DataAsking(DataLosses):
    """From the losses and the look to the figures."""

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self.columns: dict[int, Mapping[str, object]] = {}
        self.reading: float | None = None
        self.is_waiting = False
        self._answers: list[tuple[Survey, Findings]] = []
        self._one_at_a_time = threading.Lock()
        self._due = False
        self._asked: Asked | None = None
        self._number = 0
        self._asked_at = 0.0
        self._answered: Look | None = None
        self._asker: Worker[Any] | None = None
        self._fetching: Sequence[int] = ()

    # ---- asking ---------------------------------------------------------------------------------------------------

    def ask_soon(self) -> None:
        """Ask the file; several changes in a row count once."""
        self.show_panes()
        if not self._due and self.survey is not None and self.program.is_ready:
            self._due = True
            self.call_later(self._ask)

    def _ask(self) -> None:
        self._due = False
        survey, view = self.survey, self.view
        if survey is None:
            return
        if self.baseline is None:
            self.baseline = Baseline(view.rows, view.smoothing, 1.0)
        shown, criteria, left_out = self.judged_rows(view)
        if left_out:
            self.tell(" · ".join(left_out))
        self.stop_asking()
        before = replace(self.look, temperature=self.baseline.temperature)
        asked = Asked(self._number, survey, self.look, criteria, before, self.base_criteria(shown, view), shown)
        self.is_waiting, self._asked = True, asked
        self._asked_at = time.monotonic()
        self._asker = self.run_worker(partial(self._answer, asked), thread=True, exclusive=True, group="asking")

    def stop_asking(self) -> None:
        """Whatever is being read no longer matters."""
        self._number += 1
        self.is_waiting, self.reading = False, None
        if self._asker is not None:
            self._asker.cancel()
            self._asker = None

    def look_as_answered(self) -> None:
        """Look at the file as the figures on screen do: what was asked since has no answer."""
        same = self._answered
        if same is not None and self.findings is not None:
            self.look = replace(
                self.look, bins=same.bins, temperature=same.temperature, label=same.label, group=same.group,
                low=same.low, high=same.high,
            )  # fmt: skip

    def _answer(self, asked: Asked) -> None:
        from lossterm.data.survey import Cancelled

        worker = get_current_worker()
        with self._one_at_a_time:
            if worker.is_cancelled:
                return
            try:
                source = asked.survey.source
                now = question_of(asked.look, source, asked.criteria)
                before = question_of(asked.base_look, source, asked.base_criteria)
                found = self._found(asked, now, worker)
                base = None if before == now else self._found(asked, before, worker)
            except Cancelled:
                return
            except Exception as problem:  # whatever a library raises is told, and ends nothing
                self.post_message(Failed(asked, told(problem)))
                return
        self.post_message(Answered(asked, found, base))

    def _found(self, asked: Asked, question: Question, worker: Worker[Any]) -> Findings:
        survey = asked.survey
        known = next((f for whose, f in self._answers if whose is survey and f.question == question), None)
        if known is not None:
            return known
        last = -1.0

        def progress(part: float) -> None:
            nonlocal last
            if part - last >= 0.01 or part >= 1:
                last = part
                self.post_message(Reading(asked, part))

        silent = survey.is_remembered
        findings = survey.ask(question, lambda: worker.is_cancelled, (lambda part: None) if silent else progress)
        most = REMEMBERED if findings.rows <= FEW_ROWS else 2
        same = [(whose, f) for whose, f in self._answers if whose is survey]
        self._answers = [*same[-most + 1 :], (survey, findings)]
        return findings

    def _is_newest(self, asked: Asked) -> bool:
        return asked.number == self._number and asked.survey is self.survey

    def on_reading(self, event: Reading) -> None:
        """Show how far it is."""
        if self._is_newest(event.asked):
            self.reading = event.part
            if time.monotonic() - self._asked_at > PATIENCE:
                self.show_reading()

    def on_answered(self, event: Answered) -> None:
        """Show the figures."""
        asked = event.asked
        if not self._is_newest(asked):
            return
        self.is_waiting, self.reading, self._fetching = False, None, ()
        self.hide_reading()
        is_first = self.findings is None
        self.findings, self.base, self.shown = event.now, event.base, asked.shown
        self._answered, self.former = asked.look, None
        self.refresh_arrangement()
        self.show_all()
        if is_first:
            self._say_one_class(asked.survey.source, event.now)

    def _say_one_class(self, source: Source, findings: Findings) -> None:
        from lossterm.data.one_class import one_class

        problem = one_class(source, findings)
        if problem:
            self.tell(problem, timeout=20)

    def on_failed(self, event: Failed) -> None:
        """Say what is wrong; what was there stays."""
        if not self._is_newest(event.asked):
            return
        self.is_waiting, self.reading = False, None
        self.hide_reading()
        is_open = self.findings is not None or self.look.is_filtered
        self.tell(event.problem, title="" if is_open else "not opened", timeout=20, wrong=True)
        if self.findings is None and self.look.is_filtered:
            self.look = unfiltered(self.look)
            self.ask_soon()
        elif not self.restore_former():
            self.look_as_answered()
        self.show_all()

    # ---- the rows of the worst ------------------------------------------------------------------------------------

    def fetch_soon(self, numbers: Sequence[int]) -> None:
        """Read all columns of some rows, in a thread; what could not be read is not tried again."""
        survey = self.survey
        missing = [number for number in numbers if number not in self.columns]
        if survey is not None and missing and missing != self._fetching:
            self._fetching = missing
            self.run_worker(partial(self._fetch, survey, missing), thread=True, exclusive=True, group="fetching")

    def _fetch(self, survey: Survey, numbers: Sequence[int]) -> None:
        worker = get_current_worker()
        with self._one_at_a_time:
            if worker.is_cancelled:
                return
            try:
                rows = survey.source.rows(numbers)
            except Exception as problem:  # whatever a library raises is told, and ends nothing
                self.post_message(Fetched(survey, {}, told(problem)))
                return
        self.post_message(Fetched(survey, dict(zip(numbers, rows, strict=True))))

    def on_fetched(self, event: Fetched) -> None:
        """Show them."""
        if event.survey is not self.survey:
            return
        if event.problem:
            self.tell(event.problem, timeout=20, wrong=True)
        self.columns.update(event.columns)
        self.show_worst()

    # ---- what is shown: `DataShow` --------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Everything."""
        raise NotImplementedError

    def show_panes(self) -> None:
        """The panes."""
        raise NotImplementedError

    def show_reading(self) -> None:
        """How far the reading is."""
        raise NotImplementedError

    def hide_reading(self) -> None:
        """It is read."""
        raise NotImplementedError

    def show_worst(self) -> None:
        """The table of the worst examples."""
        raise NotImplementedError
