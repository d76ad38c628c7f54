"""The options of a course: declared once, read from a command line, written as the command of a race, and kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lossterm.core.descent.defaults import LINE_LOSSES, MATCHES, MOST_STEPS, ONE_LOGIT, OPTIMIZERS
from lossterm.core.descent.problems import PROBLEMS
from lossterm.core.losses.labels import family_called, number
from lossterm.core.numbers import parse, trimmed
from lossterm.model import options
from lossterm.model.options import Form, Option, Options, Redo
from lossterm.model.own_losses import define_words
from lossterm.model.parser import of_option
from lossterm.model.subject import Row, Subject, typed_point
from lossterm.model.subject_options import ACTIVATION, LABEL, SMOOTHING, asked_rows, flagged, losses
from lossterm.race import course as courses
from lossterm.race.course import (
    COURSES,
    QUANTITIES,
    SPEEDS,
    STEP_AXES,
    Course,
)

ABOUT = {ONE_LOGIT: "one example: the logit itself descends", **{name: PROBLEMS[name] for name in COURSES[1:]}}
"""Every problem, with what it is in a line."""

METHODS = {"gd": "gradient", "momentum": "momentum .9", "newton": "Newton"}
RATES = {"off": "one for all", "smoothness": "1/smoothness", "lipschitz": "1/Lipschitz"}

_real = options.real()


def _whole(metavar: str = "N") -> Form[int]:
    # as people type it: 1000, 1e6, 20,000; which ones mean anything the course knows
    loaded = options.count("", metavar=metavar)
    return replace(loaded, read=lambda text: typed_whole(text))


def typed_whole(text: str) -> int:
    """A whole number as people type it: ``1000``, ``1e6``, ``20,000``.

    Raises:
        ValueError: it is not one.
    """
    value = parse(text.replace(",", ""))
    if value != int(value):
        raise ValueError(f"{text.strip()!r} is not a whole number")
    return int(value)


# ---- what means nothing where ---------------------------------------------------------------------------------------


def _of_examples(one_weight: str, one_logit: str) -> Callable[[Course], str]:
    def absent(course: Course) -> str:
        return one_weight if course.has_one_weight else "" if course.is_problem else one_logit

    return absent


def _no_start(course: Course) -> str:
    return "a problem starts with all weights 0" if course.is_problem and not course.has_one_weight else ""


def _no_label(course: Course) -> str:
    return "the examples of a problem have their labels" if course.is_problem else ""


def _no_activation(course: Course) -> str:
    return "real targets are fitted without an activation" if course.is_regression else ""


# ---- the options ----------------------------------------------------------------------------------------------------

PROBLEM: Option[Course, Any] = Option(
    "problem", "Problem",
    "what is fitted: one logit (the default), or one of the problems below; line and constant are raced by squared "
    "error, absolute error and Huber where no loss is named",
    replace(options.one_of(COURSES, "problem"), metavar="NAME"),
    step=courses.next_problem, keys=("c",), back_keys=("C",), redo=Redo.COUNT,
    shown=lambda course: "one logit" if course.problem == ONE_LOGIT else course.problem,
)  # fmt: skip
EXAMPLES: Option[Course, int] = Option(
    "examples", "Examples", "of a problem (default 200)", _whole(), redo=Redo.COUNT,
    absent=_of_examples("its examples are given: other problems have any number", "one logit is one example"),
)  # fmt: skip
SEED: Option[Course, int] = Option(
    "seed", "Seed", "of its data and its batches (default 0)", _whole(),
    step=courses.next_seed, keys=("i",), redo=Redo.COUNT,
    absent=_of_examples("its examples are given: other problems have data of their own",
                        "one logit has no data: c chooses a problem that has"),
)  # fmt: skip
BATCH: Option[Course, int | None] = Option(
    "batch", "Batch", "examples in a step (default all)", options.optional(_whole(), "all"),
    step=courses.next_batch, keys=("B",), redo=Redo.COUNT,
    shown=lambda course: "all" if course.batch is None else f"{course.batch:,}",
    absent=_of_examples("it has a few examples only: all of them are in every step",
                        "one logit is one example: c chooses a problem with many"),
)  # fmt: skip
START: Option[Course, float | None] = Option(
    "beginning", "Start",
    "the logit that all start from (default -8), or p=.02, a prediction; the weight of minima (-1) and constant (0)",
    replace(options.optional(_real), read=parse, metavar="Z|p=P"), flag="--start", keys=("z",),
    put=Course.with_beginning,
    absent=_no_start, redo=Redo.COUNT,
)  # fmt: skip
MATCH: Option[Course, Any] = Option(
    "match", "Rates",
    "a learning rate for each loss, which --rate multiplies: smoothness is 1 over the Lipschitz constant of ∂L/∂z (of "
    "a problem, of the gradient of its mean loss), with which no step of gradient descent climbs; lipschitz is 1 over "
    "that of L itself, sup |∂L/∂z|, with which no step on one logit is longer than 1 (default off: one rate for all)",
    options.one_of(MATCHES, "match"), step=courses.next_match, keys=("m",), redo=Redo.COUNT,
    shown=lambda course: RATES[course.match],
)  # fmt: skip
RATE: Option[Course, float] = Option(
    "step_rate", "Rate",
    "the learning rate: a step is so many times the slope (default 1; of a problem 0.5, of line, minima and constant "
    "0.2); with --match what each loss's own rate is multiplied by (default 1)",
    replace(_real, metavar="R"), flag="--rate", step=courses.scaled_rate, keys=(")",), back_keys=("(",),
    shown=lambda course: trimmed(course.step_rate), put=Course.with_rate, redo=Redo.COUNT,
)  # fmt: skip
OPTIMIZER: Option[Course, Any] = Option(
    "optimizer", "Method", "how they descend (default gd)", options.one_of(OPTIMIZERS, "optimizer"),
    step=courses.next_optimizer, keys=("o",), shown=lambda course: METHODS[course.optimizer], redo=Redo.COUNT,
)  # fmt: skip
UNTIL: Option[Course, float] = Option(
    "wanted", "Until",
    "when a loss is there. One logit: when the label's probability is P (default 0.9). A problem: when the mean loss "
    "has come P of the way from the start down to the least that it can be (default 0.99). A line: when it has come P "
    "of the way to the true one, and stays (default 0.9); constant: as near to 1 (0.9 is within 0.4)",
    replace(_real, metavar="P"), flag="--until", keys=("u",), put=Course.with_wanted,
    shown=lambda course: trimmed(course.wanted), redo=Redo.COUNT,
)  # fmt: skip
LIMIT: Option[Course, int] = Option(
    "limit", "Steps", f"after how many steps they give up (default {MOST_STEPS}; a problem 1000)", _whole(),
    flag="--max-steps", keys=("M",), put=Course.with_limit, redo=Redo.COUNT,
)  # fmt: skip

_DRAWN = "of the screen: the command prints numbers"

QUANTITY: Option[Course, Any] = Option(
    "quantity", "Lower chart", "what the lower chart shows", options.one_of(QUANTITIES, "quantity"),
    no_flag=_DRAWN, step=courses.next_quantity,
)  # fmt: skip
STEP_AXIS: Option[Course, Any] = Option(
    "step_axis", "Step axis", "whether the steps are on a logarithmic axis", options.one_of(STEP_AXES, "axis"),
    no_flag=_DRAWN, step=courses.next_step_axis, keys=("x",),
)  # fmt: skip
LOG_Y: Option[Course, bool] = Option(
    "log_y", "Y axes", "whether the y axes are symmetric logarithms", options.switch(),
    no_flag=_DRAWN, step=courses.next_scale, keys=("l",),
)  # fmt: skip
SPEED: Option[Course, int] = Option(
    "speed", "Speed", "steps a second when it is played", options.count("the speed"),
    no_flag=_DRAWN, step=courses.next_speed, redo=Redo.SHOW, shown=lambda course: f"{SPEEDS[course.speed]:,} /s",
)  # fmt: skip

FLAGS: Options = (PROBLEM, START, MATCH, RATE, OPTIMIZER, UNTIL, LIMIT, EXAMPLES, SEED, BATCH)
"""In the order in which they are put on a course: the problem decides what a rate, a start, a limit is of."""

PANE: Options = (PROBLEM, LABEL, ACTIVATION, START, RATE, MATCH, OPTIMIZER, BATCH, SEED, UNTIL, LIMIT, SPEED)
"""The rows of the pane that tells how the race is run."""

_KINDS = "--rate, --start, --until and --max-steps, which are of the problem that is run"

KEPT: Options = (
    PROBLEM, MATCH, OPTIMIZER, EXAMPLES, SEED, BATCH, QUANTITY, STEP_AXIS, LOG_Y, SPEED,
    Option("start", "Start", "the start of one logit", options.optional(_real), no_flag=_KINDS),
    Option("weight", "Start", "the start of one weight", options.optional(_real), no_flag=_KINDS),
    Option("rate", "Rate", "the rate of one logit", _real, no_flag=_KINDS),
    Option("fit_rate", "Rate", "the rate of a problem", options.optional(_real), no_flag=_KINDS),
    Option("until", "Until", "what is to be reached on one logit", _real, no_flag=_KINDS),
    Option("fit_until", "Until", "what is to be reached on a problem", options.optional(_real), no_flag=_KINDS),
    Option("most", "Steps", "the limit of one logit", _whole(), no_flag=_KINDS),
    Option("fit_steps", "Steps", "the limit of a problem", _whole(), no_flag=_KINDS),
)  # fmt: skip
"""Every field of a course: one logit and problems have rates, starts and limits of their own."""


def absence(option: Option[Any, Any], course: Course) -> str:
    """Why an option, of the course or of the subject, means nothing on a course; "" where it does."""
    odd = {LABEL.name: _no_label, SMOOTHING.name: _no_label, ACTIVATION.name: _no_activation}
    return odd.get(option.name, option.absent)(course)


def pane_of(course: Course) -> Options:
    """The options of the pane that mean something on a course."""
    return [option for option in PANE if not absence(option, course)]


# ---- reading --------------------------------------------------------------------------------------------------------


def add_race_flags(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a race, beside those of a subject."""
    options.add_flags(parser, FLAGS)
    parser.add_argument("--trajectory", action="store_true", help="every step, as many as there is room for")


def course_asked(given: argparse.Namespace) -> Course:
    """The course that a command line tells.

    Raises:
        ValueError: something that it says is wrong, or means nothing for the problem.
    """
    course = options.with_flags(Course(), [PROBLEM], given)
    for name, flag in _absences(course):
        if getattr(given, name) is not None:
            raise ValueError(f"{flag} has no meaning for --problem {course.problem}: leave it out")
    if given.beginning is not None and "=" in given.beginning:
        subject = flagged(Subject(), given)
        with of_option(START.option_string):
            given.beginning = number(typed_start(course, subject, given.beginning))
    course = options.with_flags(course, FLAGS, given)
    if course.batch is not None and course.batch > course.examples:
        raise ValueError(
            f"--batch {course.batch:,} is more than the {course.examples:,} examples: leave it out for all of them"
        )
    return course


def _absences(course: Course) -> list[tuple[str, str]]:
    # name and flag of each option that means nothing on a course
    declared: Options = (*FLAGS, LABEL, SMOOTHING, ACTIVATION)
    return [(o.name, o.option_string) for o in declared if absence(o, course)]


def racers_asked(given: argparse.Namespace, course: Course) -> tuple[Subject, list[Row], set[object]]:
    """The label and activation as a subject, the losses in the order in which they were asked for, and the named ones.

    A loss that is not named, because ``all`` or a family stands for it or nothing was asked, may be left out of a race
    that it cannot take part in.

    Raises:
        ValueError: an unknown name, or a wrong value.
    """
    subject, rows = asked_rows(given, any_label=True)
    if not given.loss:
        if course.is_regression:
            return subject, [Row.of(name) for name in LINE_LOSSES], set()
        return subject, rows, {row.key for row in rows}
    words = [word for text in given.loss for word in text.split(",")]
    names = [word for word in words if word.strip().lower() != "all" and family_called(word) is None]
    return subject, rows, {row.key for row in losses(names)}


def typed_start(course: Course, subject: Subject, text: str) -> float:
    """Where a race starts: ``-4`` or ``z=-4``, a logit; ``p=.02``, a prediction behind the activation of a subject.

    Of a problem with one weight it is that: ``-1`` or ``w=-1``.

    Raises:
        ValueError: neither, or a prediction that no logit has.
    """
    name, equals, rest = text.partition("=")
    if not equals or name.strip() in ("start", "z", "w"):
        return parse(rest if equals else text)
    if course.has_one_weight:
        raise ValueError(f"{text.strip()!r} is no start: write -1 or w=-1")
    return typed_point(subject, text)


def typed(option: Option[Course, Any], course: Course, text: str) -> Course:
    """A course with the answer to a question for one of its options: ``0.5``, ``rate=0.5``, ``p = 0.5``.

    Raises:
        ValueError: what is wrong with it.
    """
    name, equals, value = text.partition("=")
    plain = value if equals and name.strip() in {*_ANSWERS, option.option_string.removeprefix("--")} else text
    return option.changed(course, option.form.read(plain))


_ANSWERS = ("z", "w", "p", "rate", "start", "until", "most")

# ---- writing --------------------------------------------------------------------------------------------------------


def race_words(course: Course, subject: Subject, rows: Sequence[int], limit: int | None = None) -> list[str]:
    """The words that run a race again.

    Args:
        course: how it is run.
        subject: its losses, label and activation.
        rows: of the subject that race.
        limit: after how many steps it ends at the latest, where that is not what the course says.
    """
    words = ["--loss", ",".join(subject.rows[i].spec for i in rows)]
    words += define_words([subject.rows[i] for i in rows])
    if not course.is_problem:
        words += [f"--label={number(subject.label)}"]
        words += [f"--smoothing={number(subject.smoothing)}"] if subject.smoothing else []
    words += ["--activation", subject.activation] if not course.is_regression else []
    told = course if limit is None else course.with_limit(limit)
    if not course.is_problem:
        told = replace(told, start=course.start_from(subject))
    if told.batch is not None and told.batch >= told.examples:
        told = replace(told, batch=None)
    plainly = told.plainly
    kinds = options.words(told, [PROBLEM, MATCH], Course())
    return [*words, *kinds, *options.words(told, [o for o in FLAGS if o not in (PROBLEM, MATCH)], plainly)]


# ---- kept between runs ----------------------------------------------------------------------------------------------


def saved_course(course: Course) -> dict[str, Any]:
    """A course, as JSON has it."""
    return options.saved(course, KEPT)


def restored_course(document: object) -> Course:
    """The course that was saved, distrusted field by field: one that is not valid has its usual value."""
    return options.restored(Course(), KEPT, document if isinstance(document, Mapping) else {})
