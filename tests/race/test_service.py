"""The service that runs races: one at a time, and never taken for another one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from lossterm.model.actions import Tell, Write
from lossterm.model.rows import with_losses
from lossterm.model.subject import Row, Subject
from lossterm.race import actions as act
from lossterm.race import course as courses
from lossterm.race.actions import RaceState
from lossterm.race.course import Course
from lossterm.race.service import RaceService

SUBJECT = with_losses(Subject(logit=-8.0), [Row.of("cross-entropy"), Row.of("squared-error"), Row.of("huber")])
LONG = RaceState(SUBJECT, course=Course(optimizer="newton", rate=1e-6, until=0.999999))
"""A race of millions of exact steps."""


def test_a_race_is_begun_once_and_goes_on_where_it_was() -> None:
    service, state = RaceService(), RaceState(SUBJECT)
    assert service.of(state.lineup) is None
    assert service.begin(state.lineup)
    contest = service.of(state.lineup)
    assert contest is not None
    assert not service.begin(RaceState(SUBJECT).lineup)  # equal, not the same
    while service.advance(state.lineup, 0.0):
        assert service.of(state.lineup) is contest
    assert service.ended(state.lineup) is contest
    assert contest.finishes()[:2] == [19, 1542]


def test_there_is_no_race_of_what_is_not_run() -> None:
    """Between a change and the race that it begins there is none: neither the old one nor half of the new one."""
    service, old = RaceService(), RaceState(SUBJECT)
    service.begin(old.lineup)
    service.advance(old.lineup, 0.0)
    new = old.with_course(courses.next_problem(old.course))
    assert service.of(new.lineup) is None
    assert service.ended(new.lineup) is None
    before = service.of(old.lineup)
    assert before is not None
    step = before.step
    assert not service.advance(new.lineup, 1.0)
    assert not service.stop(new.lineup)
    assert before.step == step
    assert not before.cancelled
    service.begin(new.lineup)
    assert service.of(old.lineup) is None
    after = service.of(new.lineup)
    assert after is not None
    assert after.problem is not None


def test_what_is_only_shown_otherwise_is_the_same_race() -> None:
    service, state = RaceService(), RaceState(SUBJECT)
    service.begin(state.lineup)
    for change in (courses.next_quantity, courses.next_step_axis, courses.next_scale, courses.next_speed):
        state = state.with_course(change(state.course))
        assert not service.begin(state.lineup)
    assert not service.begin(RaceState(SUBJECT, course=Course(start=-8.0)).lineup)  # it is told, and is the point


def test_of_a_problem_the_label_and_the_point_decide_nothing() -> None:
    state = RaceState(SUBJECT, course=Course(problem="overlapping"))
    other = state.with_subject(replace(SUBJECT, logit=3.0, label=0.0))
    assert other.lineup == state.lineup
    assert other.with_subject(Subject(activation="tanh")).lineup != state.lineup


def test_a_race_under_way_is_not_exported() -> None:
    service = RaceService()
    service.begin(LONG.lineup)
    assert service.advance(LONG.lineup, 0.0)
    assert service.is_under_way(LONG.lineup)
    told = act.export(service.ended(LONG.lineup))
    assert isinstance(told, Tell)
    assert told.wrong
    assert "still being computed" in told.text
    assert service.stop(LONG.lineup)
    assert not service.stop(LONG.lineup)
    contest = service.ended(LONG.lineup)
    assert contest is not None
    written = act.export(contest)
    assert isinstance(written, Write)
    assert f"stopped after {contest.step:,} steps" in written.note


def test_a_limit_that_is_lowered_is_said_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.race.contest.MOST_KEPT", 3000)
    state, service = RaceState(SUBJECT, course=Course(until=0.99, start=-12.0)), RaceService()
    service.begin(state.lineup)
    while service.advance(state.lineup, 0.1):
        pass
    contest = service.ended(state.lineup)
    assert contest is not None
    assert contest.step == act.limit_of(state) == 1000
    written = act.export(contest)
    assert isinstance(written, Write)
    assert "1,000 steps of each can be kept" in written.note


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.exhaustive
def test_any_order_of_changes_and_slices(seed: int) -> None:
    """What is read is always of one race: every quantity that its course has, of every racer that runs."""
    chance, service, state = random.Random(seed), RaceService(), RaceState(SUBJECT)
    changes = [courses.next_problem, courses.next_quantity, courses.next_optimizer, courses.next_match]
    for _ in range(60):
        state = state.with_course(chance.choice(changes)(state.course))
        if chance.random() < 0.5:
            service.begin(state.lineup)
        service.advance(state.lineup, 0.0)
        contest = service.of(state.lineup)
        if contest is not None:
            assert contest.course == state.lineup.course
            assert len(contest.curves(state.course.shown)) == len(contest.running)
            assert len(contest.standings(state.step_of(contest))) == len(contest.running)
