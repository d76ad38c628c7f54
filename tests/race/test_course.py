"""How a race is run: every change gives a valid course, and what is saved comes back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.descent.defaults import MATCHES, OPTIMIZERS
from lossterm.core.descent.problems import PROBLEMS
from lossterm.model.subject import Subject
from lossterm.race import course as race
from lossterm.race.course import (
    COURSES,
    QUANTITIES,
    SPEEDS,
    STEP_AXES,
    Course,
)
from lossterm.race.options import restored_course, saved_course

COURSE = st.builds(
    Course,
    problem=st.sampled_from(COURSES),
    start=st.none() | st.floats(-1e6, 1e6),
    rate=st.floats(1e-9, 1e9),
    fit_rate=st.none() | st.floats(1e-9, 1e9),
    match=st.sampled_from(MATCHES),
    optimizer=st.sampled_from(OPTIMIZERS),
    until=st.floats(1e-6, 1),
    most=st.integers(1, 1_000_000),
    fit_steps=st.integers(1, 100_000),
    examples=st.integers(20, 5000),
    seed=st.integers(0, 1000),
    batch=st.none() | st.integers(1, 5000),
    quantity=st.sampled_from(QUANTITIES),
    step_axis=st.sampled_from(STEP_AXES),
    log_y=st.booleans(),
    speed=st.integers(0, len(SPEEDS) - 1),
)

CHANGES: list[Callable[[Course], Course]] = [
    race.next_problem,
    lambda c: race.next_problem(c, -1),
    race.next_optimizer,
    race.next_match,
    race.next_batch,
    race.next_seed,
    race.next_speed,
    race.next_scale,
    lambda c: race.next_quantity(c, one_chart=True),
    race.next_quantity,
    race.next_step_axis,
    lambda c: race.scaled_rate(c, 1),
    lambda c: race.scaled_rate(c, -1),
    lambda c: race.faster(c, 1),
    lambda c: race.faster(c, -1),
]

JUNK: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(COURSE, st.lists(st.sampled_from(CHANGES), max_size=12))
def test_every_change_gives_a_valid_course(course: Course, changes: list[Callable[[Course], Course]]) -> None:
    for change in changes:
        course = change(course)  # its checks are made when it is made
        assert course.shown in course.choices
        assert course.limit >= 1


@given(COURSE)
def test_what_is_saved_comes_back(course: Course) -> None:
    assert restored_course(json.loads(json.dumps(saved_course(course), allow_nan=False))) == course


@given(st.dictionaries(st.sampled_from([*saved_course(Course()), "other"]), JUNK) | JUNK)
def test_what_is_saved_is_distrusted(saved: object) -> None:
    assert isinstance(restored_course(saved), Course)


def test_one_field_that_is_wrong_does_not_spoil_the_others() -> None:
    saved = {**saved_course(Course(problem="line", rate=3.0)), "optimizer": "adam", "until": math.nan, "seed": -1}
    assert restored_course(saved) == Course(problem="line", rate=3.0)


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0.0}, {"rate": -1.0}, {"rate": math.nan}, {"rate": math.inf}, {"until": 0.0}, {"until": 1.5},
     {"problem": "x"}, {"most": 0}, {"most": 1.5}, {"examples": 5}, {"start": math.inf}, {"start": True},
     {"speed": 99}, {"batch": 0}],
)  # fmt: skip
def test_a_course_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\bnot\b"):
        Course(**wrong)


def test_the_start_is_that_of_the_command_line_or_the_cursor() -> None:
    assert Course(start=None).start_from(Subject(logit=-3.25)) == -3.25
    assert Course().start_from(Subject(logit=-3.25)) == -8


def test_rates_go_1_2_5() -> None:
    course, seen = Course(rate=0.5), []
    for _ in range(4):
        course = race.scaled_rate(course, 1)
        seen.append(course.rate)
    assert seen == [1, 2, 5, 10]
    assert race.scaled_rate(Course(rate=3.0), -1).rate == 2
    assert Course(problem="line").step_rate == 0.2
    assert race.scaled_rate(Course(problem="line"), -1).step_rate == 0.1
    assert race.scaled_rate(Course(problem="separable"), -1).step_rate == 0.2


def test_only_what_is_shown_leaves_the_race_alone() -> None:
    course = Course()
    for other in (replace(course, quantity="logit", log_y=True), race.next_step_axis(course), race.faster(course, 1)):
        assert other.race_key == course.race_key
    assert race.next_optimizer(course).race_key != course.race_key


@pytest.mark.parametrize("problem", PROBLEMS)
def test_matched_rates_are_not_scaled_unless_asked(problem: str) -> None:
    course = replace(Course(), problem=problem, match="smoothness")
    assert course.step_rate == 1
    assert course.with_rate(0.5).step_rate == 0.5
