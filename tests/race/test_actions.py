"""What keys do on the Race screen, without a screen."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.cli import run
from lossterm.core.descent.defaults import MATCHES, OPTIMIZERS
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.model.actions import Ask, Copy, Tell
from lossterm.model.rows import with_losses
from lossterm.model.subject import Row, Subject
from lossterm.race import actions as act
from lossterm.race.actions import RaceState
from lossterm.race.contest import Contest
from lossterm.race.course import COURSES, Course
from lossterm.race.options import FLAGS, KEPT, LIMIT, PANE, PROBLEM, RATE, START, UNTIL, pane_of
from lossterm.race.report import csv_names, outcomes_of, write_csv

SUBJECT = with_losses(Subject(logit=-8.0), [Row.of("cross-entropy"), Row.of("squared-error")])
STATE = RaceState(SUBJECT)


def raced(state: RaceState) -> Contest:
    """The race of a state, run to its end."""
    lineup = state.lineup
    contest = Contest(lineup.course, lineup.contenders, lineup.start)
    while contest.advance(0.1):
        pass
    return contest


CONTEST = raced(STATE)

# ---- the cursor -----------------------------------------------------------------------------------------------------


def test_the_cursor_follows_the_race_until_it_is_moved() -> None:
    assert STATE.step_of(CONTEST) == 19
    problem = STATE.with_course(Course(problem="separable", fit_steps=30))
    assert problem.step_of(raced(problem)) == 30
    assert act.to_edge(STATE, CONTEST, 1).step_of(CONTEST) == 1542
    assert act.to_edge(STATE, CONTEST, -1).step_of(CONTEST) == 0


def test_another_race_takes_the_cursor_back_and_another_picture_does_not() -> None:
    moved = act.go_to_step(STATE, 100)
    assert moved.with_course(replace(moved.course, log_y=True, quantity="logit")).step == 100
    assert moved.with_course(replace(moved.course, rate=2.0)).step is None
    assert moved.with_subject(replace(SUBJECT, label=0.0)).step is None
    assert moved.with_subject(replace(SUBJECT, reference=3)).step == 100


def test_steps_and_columns() -> None:
    at = act.go_to_step(STATE, 10)
    assert act.move_by_steps(at, CONTEST, 1).step == 11
    assert act.move_by_steps(at, CONTEST, -20).step == 0
    assert act.move_by_steps(at, CONTEST, 9999).step == 1542
    stops = [0, 3, 10, 40, 1542]
    assert act.move(at, CONTEST, stops, 1).step == 40
    assert act.move(at, CONTEST, stops, 10).step == 1542
    assert act.move(at, CONTEST, stops, -1).step == 3
    assert act.move(act.go_to_step(STATE, 1542), CONTEST, stops, 1).step == 1542


def test_finishes_go_round() -> None:
    at = act.to_finish(act.go_to_step(STATE, 0), CONTEST, 1)
    assert at.step == 19
    assert act.to_finish(at, CONTEST, 1).step == 1542
    assert act.to_finish(act.to_finish(at, CONTEST, 1), CONTEST, 1).step == 19
    nobody = STATE.with_course(Course(most=3))
    assert act.to_finish(nobody, raced(nobody), 1) == Tell("nobody is there")


def test_a_step_is_asked_for() -> None:
    asked = act.ask_step(STATE, CONTEST)
    assert isinstance(asked, Ask)
    assert asked.value == "19"
    assert asked.take(STATE, "1,000").step == 1000
    with pytest.raises(ValueError, match=r"1\.5.* is not a whole number"):
        asked.take(STATE, "1.5")


# ---- playing --------------------------------------------------------------------------------------------------------


def test_playing_goes_on_to_the_end_and_begins_anew() -> None:
    playing = act.toggle_playing(STATE, CONTEST)
    assert (playing.playing, playing.step) == (True, 19)
    assert act.play_on(playing, CONTEST, 100).step == 119
    ended = act.play_on(playing, CONTEST, 99_999)
    assert (ended.playing, ended.step) == (False, 1542)
    assert act.toggle_playing(ended, CONTEST).step == 0
    assert not act.toggle_playing(playing, CONTEST).playing
    assert act.play_on(playing, CONTEST, 5).with_course(Course(rate=2.0)).step == 24  # it is played on


def test_speeds_end_and_the_pane_goes_round() -> None:
    fast = STATE.with_course(Course(speed=10))
    changed, told = act.change_speed(fast, 1)
    assert changed.course.speed == 10
    assert told.text == "100,000 steps a second"
    at = replace(fast, setting=[o.name for o in pane_of(fast.course)].index("speed"))
    assert act.change_setting(at).course.speed == 0


# ---- how the race is run --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [o for o in PANE if o.step is not None], ids=lambda o: o.name)
@pytest.mark.parametrize("problem", COURSES)
def test_an_option_is_stepped_or_says_why_not(option: Any, problem: str) -> None:
    state = STATE.with_course(Course(problem=problem))
    stepped = act.step_option(state, option, 1)
    if option.absent(state.course):
        assert stepped == Tell(option.absent(state.course))
        assert option not in pane_of(state.course)
    else:
        assert option.value(stepped.course) != option.value(state.course)


@pytest.mark.parametrize(
    ("option", "text", "name", "value"),
    [(RATE, "0.5", "step_rate", 0.5), (RATE, "rate=1/4", "step_rate", 0.25), (START, "z = -3", "start", -3.0),
     (UNTIL, "p=.99", "until", 0.99), (LIMIT, "20,000", "limit", 20_000), (LIMIT, "1e3", "limit", 1000)],
)  # fmt: skip
def test_what_is_typed(option: Any, text: str, name: str, value: float) -> None:
    asked = act.ask_option(STATE, option)
    assert isinstance(asked, Ask)
    assert getattr(asked.take(STATE, text).course, name) == value


@pytest.mark.parametrize(
    ("option", "text"), [(RATE, "0"), (RATE, "q=1"), (START, "x"), (UNTIL, "7"), (LIMIT, "0"), (LIMIT, "1.5")]
)
def test_what_is_typed_wrong(option: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"\bnot\b"):
        act.ask_option(STATE, option).take(STATE, text)


def test_a_problem_with_many_weights_has_no_start() -> None:
    assert act.ask_option(STATE.with_course(Course(problem="line")), START) == Tell(
        "a problem starts with all weights 0"
    )
    one = STATE.with_course(Course(problem="minima"))
    assert act.ask_option(one, START).take(one, "w=2").course.first_weight == 2
    typed = act.ask_option(one, START).take(one, "2")
    assert act.start_from_subject(typed).course.first_weight == -1
    started = STATE.with_course(Course(start=3.0))
    assert act.start_from_subject(started).lineup.start == -8


def test_a_limit_that_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.race.contest.MOST_KEPT", 3000)
    changed, told = act.ask_option(STATE, LIMIT).take(STATE, "10000000")
    assert changed.course.limit == 10_000_000
    assert told.text == "1,500 steps of each can be kept: there the race ends"
    assert isinstance(act.ask_option(STATE, LIMIT).take(STATE, "1500"), RaceState)


def test_the_panes() -> None:
    last = act.next_setting(STATE, 99)
    assert last.setting == len(pane_of(STATE.course)) - 1
    fewer = last.with_course(Course(problem="constant"))
    assert fewer.setting == len(pane_of(fewer.course)) - 1
    assert act.change_setting(STATE).course.problem == "separable"
    rows = {o.name: i for i, o in enumerate(pane_of(STATE.course))}
    assert act.change_setting(replace(STATE, setting=rows["label"])).subject.label == 0
    assert act.change_setting(replace(STATE, setting=rows["activation"])).subject.activation != "sigmoid"
    assert isinstance(act.change_setting(replace(STATE, setting=rows["step_rate"])), Ask)


def test_every_option_is_declared_in_full() -> None:
    for option in (*FLAGS, *KEPT):
        assert option.title
        assert option.about
        assert option.no_flag or option.option_string.startswith("--")
    names = [option.name for option in KEPT]
    assert sorted(names) == sorted(Course.__dataclass_fields__)
    assert PROBLEM is FLAGS[0]


# ---- the command ----------------------------------------------------------------------------------------------------

COURSE = st.builds(
    Course,
    problem=st.sampled_from(COURSES),
    start=st.none() | st.floats(-20, 20),
    rate=st.sampled_from([1.0, 0.3, 1e-3, 7.5]),
    fit_rate=st.sampled_from([None, 0.5, 1.0, 0.01]),
    match=st.sampled_from(MATCHES),
    optimizer=st.sampled_from(OPTIMIZERS),
    until=st.sampled_from([0.9, 0.5, 0.999]),
    most=st.sampled_from([1, 50, 300]),
    fit_steps=st.sampled_from([1, 20, 60]),
    examples=st.sampled_from([20, 200]),
    seed=st.integers(0, 5),
    batch=st.sampled_from([None, 1, 50]),
    weight=st.none() | st.floats(-3, 3),
    quantity=st.sampled_from(["loss", "weight"]),
)

LOOKED_AT = st.fixed_dictionaries(
    {
        "names": st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=3, unique=True),
        "label": st.sampled_from([1.0, 0.0, 0.9]),
        "smoothing": st.sampled_from([0.0, 0.1]),
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "logit": st.floats(-20, 20),
    }
)


@settings(max_examples=60)
@given(COURSE, LOOKED_AT)
@pytest.mark.exhaustive
def test_the_copied_command_prints_the_numbers_of_the_race(course: Course, looked_at: dict[str, Any]) -> None:
    names = looked_at.pop("names")
    state = RaceState(with_losses(Subject(**looked_at), [Row.of(name) for name in names]), course=course)
    copied = act.copy_command(state)
    if not act.running(state):
        assert isinstance(copied, Tell)
        return
    assert isinstance(copied, Copy)
    contest, own, printed = raced(state), io.StringIO(), io.StringIO()
    write_csv(contest, outcomes_of(contest), own, trajectory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", printed)
        assert run([*shlex.split(copied.command)[1:], "--trajectory", "--format", "csv"]) == 0
    assert printed.getvalue() == own.getvalue()
    assert own.getvalue().startswith(",".join(csv_names(contest, trajectory=True)))


def test_the_command_of_a_stopped_race_ends_where_it_was_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    state = STATE.with_course(Course(rate=0.1, until=0.999))
    contest = Contest(state.lineup.course, state.lineup.contenders, -8.0)
    contest.advance(0.0)
    contest.cancel()
    copied = act.copy_command(state, contest)
    assert isinstance(copied, Copy)
    assert run([*shlex.split(copied.command)[1:], "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["racers"]
    assert [row["at_end"]["logit"] for row in rows] == [standing.logit for standing in contest.last()]


def test_the_file_has_every_step() -> None:
    written = act.export(CONTEST)
    text = io.StringIO()
    written.write(text)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert len(rows) == 20 + 1543
    assert written.note == ""
