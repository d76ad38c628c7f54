"""Between the command line and a race: the options that tell its course and its losses, and back."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.arguments import applied, choice, losses, spec
from lossterm.core.labels import number
from lossterm.numbers import parse
from lossterm.race_state import COURSES, MATCHES, MOST_STEPS, ONE_LOGIT, OPTIMIZERS, Course
from lossterm.state import View, row

if TYPE_CHECKING:
    from lossterm.state import Row

DEFAULT_START = -8.0

LINE_LOSSES = ("squared-error", "absolute-error", "huber")
"""What fits real targets where nothing else is asked for."""


def add_race_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a race, beside those of a view."""
    add = parser.add_argument
    add(
        "--start",
        metavar="Z",
        help="the logit they start from (default -8); the weight of minima (-1) and constant (0)",
    )
    add(
        "--rate",
        metavar="R",
        help="the learning rate (default 1; of a problem 0.5, a line or one weight 0.2); of matched rates a factor (1)",
    )
    add("--match", metavar="|".join(MATCHES),
        help="each its own rate, times --rate: 1/smoothness (of a problem that of its mean loss), with which no step "
             "of gradient descent climbs; or equal Lipschitz constants of ∂L/∂z (default off)")  # fmt: skip
    add("--optimizer", metavar="|".join(OPTIMIZERS), help="how they descend (default gd)")
    add("--until", metavar="P", help="what is to be reached: the probability of the label; a problem's balanced "
        "accuracy; of a line the share of the way to the true one, to stay; of one weight that of the way down to the "
        "least L (default 0.9)")  # fmt: skip
    add("--max-steps", metavar="N", help=f"after how many steps they give up (default {MOST_STEPS}; a problem 1000)")
    add("--problem", metavar="|".join(COURSES),
        help="what is fitted: one logit, or generated data (default logit); a line by squared error, absolute error "
             "and Huber where no loss is named; minima and constant have one weight and a few examples")  # fmt: skip
    add("--examples", metavar="N", help="of a problem (default 200)")
    add("--seed", metavar="N", help="of its data and its batches (default 0)")
    add("--batch", metavar="N", help="examples in a step (default all)")
    add("--trajectory", action="store_true", help="every step, as many as there is room for")


# ---- reading --------------------------------------------------------------------------------------------------------


def _meaningless(problem: str) -> Sequence[str]:
    # of one example there are no data; the data of a problem have their labels, and all weights start at 0
    if problem == ONE_LOGIT:
        return ("batch", "examples", "seed")
    course = Course(problem=problem)
    activation = ["activation"] if course.is_regression else []
    alone = ["batch", "examples", "seed"] if course.has_one_weight else ["start"]
    return ("label", "smoothing", *activation, *alone)


def course_asked(options: argparse.Namespace) -> Course:
    """The course that the options tell.

    Raises:
        ValueError: something that they say is wrong, or means nothing for the problem.
    """
    problem = choice(options.problem or ONE_LOGIT, COURSES, "problem")
    for name in _meaningless(problem):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} has no meaning for --problem {problem}: leave it out")
    course: dict[str, object] = {"problem": problem, "start": DEFAULT_START}
    if options.start is not None:
        course["start" if problem == ONE_LOGIT else "weight"] = parse(options.start)
    if options.until is not None:
        course["until"] = parse(options.until)
    if options.match:
        course["match"] = choice(options.match, MATCHES, "match")
    rate = "rate" if problem == ONE_LOGIT else "fit_rate"
    if options.rate is not None:
        course[rate] = parse(options.rate)
    elif course.get("match", "off") != "off":
        course[rate] = 1.0
    if options.optimizer:
        course["optimizer"] = choice(options.optimizer, OPTIMIZERS, "optimizer")
    for name in ("examples", "seed", "batch"):
        if getattr(options, name) is not None:
            course[name] = whole(getattr(options, name), f"--{name}")
    if options.max_steps is not None:
        course["most" if problem == ONE_LOGIT else "fit_steps"] = whole(options.max_steps, "--max-steps")
    asked = Course(**course)  # type: ignore[arg-type]
    if asked.batch is not None and asked.batch > asked.examples:
        raise ValueError(
            f"--batch {asked.batch:,} is more than the {asked.examples:,} examples: leave it out for all of them"
        )
    return asked


def whole(text: str, option: str) -> int:
    """A whole number.

    Raises:
        ValueError: it is not one.
    """
    value = parse(text)
    if value != int(value):
        raise ValueError(f"{option} needs a whole number, not {text}")
    return int(value)


def racers_asked(options: argparse.Namespace, course: Course) -> tuple[View, list[Row], set[object]]:
    """The label and activation as a view, the losses in the order in which they were asked for, and the named ones.

    A loss that is not named, because ``all`` stands for it or nothing was asked, may be left out of a race that it
    cannot take part in.

    Raises:
        ValueError: an unknown name, or a wrong value.
    """
    wanted, options.loss = options.loss, None
    view = applied(View(), options)
    if not wanted:
        if course.is_regression:
            return view, [row(name) for name in LINE_LOSSES], set()
        rows = [view.rows[i] for i in view.shown]
        return view, rows, {r.key for r in rows}
    names = [name for text in wanted for name in text.split(",") if name.strip().lower() != "all"]
    return view, losses(wanted), {r.key for r in losses(names)}


# ---- writing --------------------------------------------------------------------------------------------------------


def race_arguments(course: Course, view: View, rows: Sequence[int], limit: int | None = None) -> list[str]:
    """The words that run a race again.

    Args:
        course: how it is run.
        view: its losses, label and activation.
        rows: of the view that race.
        limit: after how many steps it ends at the latest, where that is not what the course says.
    """
    words = ["--loss", ",".join(spec(view.rows[i]) for i in rows)]
    if course.is_problem:
        words += ["--activation", view.activation] if not course.is_regression else []
        words += ["--problem", course.problem]
        if course.has_one_weight:
            words += [f"--start={number(course.first_weight)}"]
        else:
            words += ["--examples", str(course.examples), "--seed", str(course.seed)]
            few = course.batch is not None and course.batch < course.examples
            words += ["--batch", str(course.batch)] if few else []
    else:
        words += [f"--label={number(view.label)}"]
        words += [f"--smoothing={number(view.smoothing)}"] if view.smoothing else []
        words += ["--activation", view.activation, f"--start={number(course.start_from(view))}"]
    words += ["--rate", number(course.step_rate)]
    words += ["--match", course.match] if course.match != "off" else []
    most = course.limit if limit is None else limit
    return [*words, "--optimizer", course.optimizer, "--until", number(course.until), "--max-steps", str(most)]
