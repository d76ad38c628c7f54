"""Opening and asking files in threads, without a screen: what is newest counts, the rest is given up."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pytest

from lossterm.files.source import Source
from lossterm.model.subject import Subject
from lossterm.predictions.asking import Answer, Asker, Failed, Fetched, News, Progress, Request
from lossterm.predictions.losses import judges
from lossterm.predictions.opening import NotOpened, Opened, Opener, OpenFile, Wanted, open_file
from lossterm.predictions.view import FileChoice, Look
from tests.predictions.program import Predictions, write_predictions

LONG = 60
"""Seconds after which what is waited for does not come any more."""


@pytest.fixture
def file(tmp_path: Path) -> Predictions:
    return write_predictions(tmp_path / "predictions.csv")


def wanted(path: object) -> Wanted:
    return Wanted(FileChoice((str(path),)))


# ---- opening --------------------------------------------------------------------------------------------------------


class Doors:
    """Files that open when they are let: by their names."""

    def __init__(self) -> None:
        self.lets: dict[str, threading.Event] = {}
        self.entered: Queue[str] = Queue()

    def open(self, wanted: Wanted) -> OpenFile:
        name = wanted.choice.paths[0]
        let = self.lets.setdefault(name, threading.Event())
        self.entered.put(name)
        if not let.wait(LONG):
            raise AssertionError(name)
        return open_file(wanted)


def test_a_file_is_opened(file: Predictions) -> None:
    heard: Queue[Opened | NotOpened] = Queue()
    opener = Opener(heard.put)
    opener.start(wanted(file.path))
    news = heard.get(timeout=LONG)
    assert isinstance(news, Opened)
    assert list(news.file.source.names) == ["id", "label", "probability", "group"]
    assert (news.file.class_count, news.file.is_of_values) == (0, False)
    seen = [opener.is_busy, opener.finish(news), opener.is_busy, opener.finish(news)]
    assert seen == [True, True, False, False]


def test_why_a_file_is_not_opened_is_one_line(tmp_path: Path) -> None:
    heard: Queue[Opened | NotOpened] = Queue()
    opener = Opener(heard.put)
    opener.start(wanted(tmp_path / "nope.csv"))
    news = heard.get(timeout=LONG)
    assert isinstance(news, NotOpened)
    assert "no such file" in news.problem
    assert "\n" not in news.problem


def test_whatever_is_raised_is_told() -> None:
    heard: Queue[Opened | NotOpened] = Queue()

    def broken(wanted: Wanted) -> OpenFile:
        raise KeyError("a\nb")

    Opener(heard.put, broken).start(wanted("x.csv"))
    news = heard.get(timeout=LONG)
    assert isinstance(news, NotOpened)
    assert news.problem.startswith("KeyError: ")


def test_the_file_that_was_wanted_last_counts(file: Predictions) -> None:
    heard: Queue[Opened | NotOpened] = Queue()
    doors = Doors()
    opener = Opener(heard.put, doors.open)
    slow, quick = wanted(file.path), Wanted(FileChoice((str(file.path),), label_column="label"))
    opener.start(slow)
    assert doors.entered.get(timeout=LONG)
    opener.start(quick)
    assert doors.entered.get(timeout=LONG)
    doors.lets[str(file.path)].set()
    news = heard.get(timeout=LONG)
    assert news.wanted is quick
    assert opener.finish(news)
    assert heard.empty()


def test_what_is_given_up_is_closed_and_not_heard_of(file: Predictions, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: Queue[Source] = Queue()
    monkeypatch.setattr(Source, "close", lambda source: closed.put(source))
    heard: Queue[Opened | NotOpened] = Queue()
    doors = Doors()
    opener = Opener(heard.put, doors.open)
    opener.start(wanted(file.path))
    doors.entered.get(timeout=LONG)
    opener.stop()
    assert not opener.is_busy
    doors.lets[str(file.path)].set()
    assert isinstance(closed.get(timeout=LONG), Source)
    assert heard.empty()


def test_a_path_that_never_answers_does_not_keep_the_program() -> None:
    code = (
        "import threading\n"
        "from lossterm.predictions.opening import Opener, Wanted\n"
        "from lossterm.predictions.view import FileChoice\n"
        "begun = threading.Event()\n"
        "def never(wanted):\n"
        "    begun.set()\n"
        "    threading.Event().wait()\n"
        "opener = Opener(print, never)\n"
        "opener.start(Wanted(FileChoice(('/net/gone.csv',))))\n"
        "begun.wait()\n"
        "assert opener.is_busy\n"
        "opener.stop()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ---- asking ---------------------------------------------------------------------------------------------------------


class Listener:
    """What an asker tells, in order."""

    def __init__(self) -> None:
        self.heard: Queue[News] = Queue()
        self.asker = Asker(self.heard.put)

    def next(self, kind: type[Any] = object) -> Any:
        """The next news of a kind."""
        while True:
            news = self.heard.get(timeout=LONG)
            if isinstance(news, kind):
                return news


class Gate:
    """Holds back batches until it is opened; counts the passes."""

    def __init__(self) -> None:
        self.opened, self.reached = threading.Event(), threading.Event()
        self.passes = 0


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    held, original = Gate(), Source.batches

    def batches(self: Source, cancelled: Any = lambda: False, progress: Any = lambda part: None) -> Iterator[Any]:
        held.passes += 1
        for batch in original(self, cancelled, progress):
            progress(0.5)
            held.reached.set()
            while not held.opened.wait(0.002):
                if cancelled():
                    return
            yield batch

    monkeypatch.setattr(Source, "batches", batches)
    yield held
    held.opened.set()


def request_of(file: OpenFile, look: Look | None = None, temperature: float = 1.0) -> Request:
    who = judges(Subject(), "probability", 0)
    return Request(file, look or Look(), who.criteria, who.criteria, temperature, who.shown)


def test_the_figures_come_whole(file: Predictions) -> None:
    listener = Listener()
    request = request_of(open_file(wanted(file.path)), Look(temperature=2.0, worst=5))
    listener.asker.ask(request)
    answer: Answer = listener.next(Answer)
    assert answer.request is request
    assert listener.asker.is_newest(request)
    assert answer.now.calibration is not None
    assert answer.now.calibration.log_loss == pytest.approx(file.at(2.0).log_loss, rel=1e-12)
    assert answer.base is not None
    assert answer.base.calibration is not None
    assert answer.base.calibration.log_loss == pytest.approx(file.log_loss, rel=1e-12)
    assert sorted(answer.groups) == ["a", "b", "c"]
    assert answer.skipped == {}


def test_where_nothing_has_changed_there_is_nothing_to_compare_with(file: Predictions) -> None:
    listener = Listener()
    listener.asker.ask(request_of(open_file(wanted(file.path))))
    assert listener.next(Answer).base is None


def test_the_newest_question_counts(file: Predictions, gate: Gate) -> None:
    listener = Listener()
    opened = open_file(wanted(file.path))
    requests = [request_of(opened, Look(bins=bins)) for bins in range(2, 30)]
    for request in requests:
        listener.asker.ask(request)
    gate.opened.set()
    answer = listener.next(Answer)
    assert answer.request is requests[-1]
    assert [listener.asker.is_newest(request) for request in requests] == [False] * (len(requests) - 1) + [True]
    wait_until(lambda: not listener.asker.is_busy)
    told = [news for news in list(listener.heard.queue) if isinstance(news, Answer | Failed)]
    assert all(news.request is requests[-1] for news in told)


def wait_until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(LONG * 1000):
        if holds():
            return
        pause.wait(0.001)
    raise AssertionError("it never came to that")


def test_what_is_given_up_has_no_answer(file: Predictions, gate: Gate) -> None:
    listener = Listener()
    opened = open_file(wanted(file.path))
    listener.asker.ask(request_of(opened))
    assert gate.reached.wait(LONG)
    listener.asker.stop()
    wait_until(lambda: not listener.asker.is_busy)
    assert all(isinstance(news, Progress) for news in list(listener.heard.queue))
    gate.opened.set()
    again = request_of(opened, Look(bins=3))
    listener.asker.ask(again)
    assert listener.next(Answer).request is again


def test_it_is_told_how_far_the_reading_is(file: Predictions, gate: Gate) -> None:
    listener = Listener()
    request = request_of(open_file(wanted(file.path)))
    listener.asker.ask(request)
    progress = listener.next(Progress)
    assert (progress.request, progress.part) == (request, 0.5)
    gate.opened.set()
    listener.next(Answer)


def test_what_was_answered_is_known(file: Predictions, gate: Gate) -> None:
    gate.opened.set()
    listener = Listener()
    opened = open_file(wanted(file.path))
    opened.survey._remembered = None
    first = request_of(opened)
    listener.asker.ask(first)
    found = listener.next(Answer).now
    passes = gate.passes
    opened.survey._remembered = None
    listener.asker.ask(replace(first))
    assert listener.next(Answer).now is found
    assert gate.passes == passes


def test_why_there_are_no_figures(file: Predictions) -> None:
    listener = Listener()
    opened = open_file(wanted(file.path))
    for look, why in (
        (Look(only_range=(2.0, None)), "no example passes"),
        (Look(only_group="x"), "unknown group"),
    ):
        request = request_of(opened, look)
        listener.asker.ask(request)
        failed = listener.next(Failed)
        assert failed.request is request
        assert why in failed.problem


def test_rows_are_fetched_once(file: Predictions) -> None:
    listener = Listener()
    opened = open_file(wanted(file.path))
    listener.asker.fetch(opened, [3, 1])
    fetched: Fetched = listener.next(Fetched)
    assert fetched.file is opened
    assert {number: row["id"] for number, row in fetched.columns.items()} == {3: "2", 1: "0"}
    assert float(str(fetched.columns[3]["probability"])) == pytest.approx(float(np.asarray(file.p)[2]), rel=1e-12)
    listener.asker.fetch(opened, [3, 1])  # they were read
    listener.asker.fetch(opened, [10**6])
    assert "no row" in listener.next(Fetched).problem
    listener.asker.fetch(opened, [10**6])  # they could not be
    wait_until(lambda: not listener.asker.is_busy)
    assert listener.heard.empty()
    listener.asker.forget_fetched()
    listener.asker.fetch(opened, [10**6])
    assert listener.next(Fetched).problem
