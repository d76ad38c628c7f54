"""``lossterm race``: gradient descent of several losses from one start, as text, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lossterm.arguments import choice, joined, spec
from lossterm.cli import Parser
from lossterm.commands.asked import asked_rows, objective_of, params_text
from lossterm.commands.table import name_with_params, strict
from lossterm.contest import Contest, Racer, winner
from lossterm.core.labels import number
from lossterm.core.lazy import np
from lossterm.numbers import fitting, parse, ratio, trimmed
from lossterm.options import add_format, add_view_options
from lossterm.race_state import COURSES, MATCHES, MOST_STEPS, ONE_LOGIT, OPTIMIZERS, Course
from lossterm.state import View

EXAMPLE = "lossterm race --loss ce,mse --label 1 --activation sigmoid --start=-8 --rate 1 --until 0.9"
DEFAULT_START = -8.0
SLICE = 0.25
"""Seconds between two reports of how far it is."""

CHUNK = 4096

Record = dict[str, object]


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm race", "Gradient descent of several losses from one start.", EXAMPLE)
    add_view_options(parser, picture=False)
    _add_options(parser)
    add_format(parser, "text", "json", "csv")
    options = parser.parse_args(joined(arguments))
    course = course_asked(options)
    view, rows = asked_rows(options, any_label=course.is_problem)
    form = choice(options.format or "text", ("text", "json", "csv"), "format")
    racers = [Racer(i, "", 0, objective_of(view, row), "") for i, row in enumerate(rows)]
    contest = _contest(course, view, racers, record=options.trajectory)
    _to_the_end(contest)
    report = Report(contest, outcomes_of(contest))
    if form == "json":
        _json(report, trajectory=options.trajectory)
    elif form == "csv":
        write_csv(report, sys.stdout, trajectory=options.trajectory)
    else:
        _text(report, trajectory=options.trajectory)
    return 0


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--start", metavar="Z", help="the logit they start from (default -8)")
    add("--rate", metavar="R", help="the learning rate (default 1; of a problem 0.5)")
    add("--match", metavar="|".join(MATCHES),
        help="each its own rate: 1/smoothness, or equal Lipschitz constants; times --rate (default off)")  # fmt: skip
    add("--optimizer", metavar="|".join(OPTIMIZERS), help="how they descend (default gd)")
    add("--until", metavar="P", help="the probability of the label to be reached; a problem's accuracy (default 0.9)")
    add("--max-steps", metavar="N", help=f"after how many steps they give up (default {MOST_STEPS}; a problem 1000)")
    add("--problem", metavar="|".join(COURSES), help="what is fitted: one logit, or generated data (default logit)")
    add("--examples", metavar="N", help="of a problem (default 200)")
    add("--seed", metavar="N", help="of its data and its batches (default 0)")
    add("--batch", metavar="N", help="examples in a step (default all)")
    add("--trajectory", action="store_true", help="every step")


def course_asked(options: argparse.Namespace) -> Course:
    """The course that the options tell.

    Raises:
        ValueError: something that they say is wrong.
    """
    problem = choice(options.problem or ONE_LOGIT, COURSES, "problem")
    alone = {"--start": options.start} if problem != ONE_LOGIT else {"--batch": options.batch,
                                                                    "--examples": options.examples}  # fmt: skip
    for name, value in alone.items():
        if value is not None:
            raise ValueError(f"{name} has no meaning for --problem {problem}: leave it out")
    course: dict[str, object] = {"problem": problem, "start": DEFAULT_START}
    course |= {name: parse(value) for name in ("start", "until") if (value := getattr(options, name)) is not None}
    if options.rate is not None:
        course["rate" if problem == ONE_LOGIT else "fit_rate"] = parse(options.rate)
    if options.match:
        course["match"] = choice(options.match, MATCHES, "match")
    if options.optimizer:
        course["optimizer"] = choice(options.optimizer, OPTIMIZERS, "optimizer")
    for name, option in (("examples", "--examples"), ("seed", "--seed"), ("batch", "--batch")):
        if getattr(options, name) is not None:
            course[name] = whole(getattr(options, name), option)
    if options.max_steps is not None:
        course["most" if problem == ONE_LOGIT else "fit_steps"] = whole(options.max_steps, "--max-steps")
    return Course(**course)  # type: ignore[arg-type]


def whole(text: str, option: str) -> int:
    """A whole number.

    Raises:
        ValueError: it is not one.
    """
    value = parse(text)
    if value != int(value):
        raise ValueError(f"{option} needs a whole number, not {text}")
    return int(value)


def _contest(course: Course, view: View, racers: Sequence[Racer], *, record: bool) -> Contest:
    contest = Contest(course, racers, course.start_from(view), record=record)
    for racer in contest.racers:
        if racer.absent:
            raise ValueError(racer.absent)
    return contest


def _to_the_end(contest: Contest) -> None:
    shown = False
    while contest.advance(SLICE):
        if sys.stderr.isatty():
            shown = True
            print(f"\r{contest.step:,} steps … (ctrl+c stops)", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


# ---- what is told ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Report:
    """A race that has ended, and the racers' last standings."""

    contest: Contest
    rows: Sequence[Record]


def outcomes_of(contest: Contest) -> list[Record]:
    """One record a racer: where it stopped, and why."""
    last = contest.last()
    found = []
    for racer, at, steps, ended in zip(contest.running, last, contest.finishes(), contest.reasons(), strict=True):
        reason = ended
        row: Record = {"loss": racer.objective.loss.id, "params": dict(racer.objective.params), "steps": steps}
        if contest.race is not None:
            row |= {"logit": strict(at.logit), "prediction": strict(at.prediction), "value": strict(at.value)}
        else:
            row |= {"weights": [strict(w) for w in at.weights], "accuracy": strict(at.accuracy)}
            row |= {"value": strict(at.value), "gradient": strict(at.gradient)}
            reason = reason or ("reached" if steps is not None else f"step limit: after {at.step:,} steps")
        found.append({**row, "reason": reason})
    return found


MEASURES = ("logit", "prediction", "value", "d_logit")
"""Of a step of one logit."""


def _measures(contest: Contest) -> Sequence[str]:
    if contest.problem is None:
        return MEASURES
    weights = ("w1", "bias") if contest.problem.kind == "line" else ("w1", "w2", "bias")
    return (*weights, "accuracy", "value", "gradient")


def steps_of(contest: Contest, index: int, most: int | None = None) -> Iterator[tuple[int, list[float]]]:
    """Every step of a racer (or about so many of them) with its numbers, `_measures`."""
    if contest.race is not None:
        path = contest.race.trajectory(index, most)
        columns = [getattr(path.at, name) for name in MEASURES]
        steps = path.step
    elif contest.fit is not None:
        history = contest.fit.history
        steps = np.arange(len(history.loss))
        columns = [*history.weights[:, index].T, history.accuracy[:, index], history.loss[:, index],
                   history.gradient[:, index]]  # fmt: skip
    else:
        return
    for first in range(0, len(steps), CHUNK):
        part = slice(first, first + CHUNK)
        rows = zip(*(column[part].tolist() for column in columns), strict=True)
        for step, values in zip(steps[part].tolist(), rows, strict=True):
            yield step, list(values)


def _json(report: Report, *, trajectory: bool) -> None:
    encode, write = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode, sys.stdout.write
    separator, names = "[", ("step", *_measures(report.contest))
    for index, row in enumerate(report.rows):
        text = encode(row)
        write(f"{separator}\n{text if not trajectory else text[:-1]}")
        separator = ","
        if trajectory:
            between = ', "trajectory": ['
            for step, values in steps_of(report.contest, index):
                write(f"{between}{encode(dict(zip(names, [step, *map(strict, values)], strict=True)))}")
                between = ", "
            write("]}")
    write("\n]\n")


def csv_names(contest: Contest, *, trajectory: bool) -> list[str]:
    """The header."""
    if trajectory:
        return ["loss", "params", "step", *_measures(contest)]
    middle = ["logit", "prediction", "value"] if contest.race else [*_measures(contest)]
    return ["loss", "params", "steps", *middle, "reason"]


def write_csv(report: Report, target: object, *, trajectory: bool, most: int | None = None) -> None:
    """The outcomes, or every step (or about so many of them) of each racer."""
    writer = csv.writer(target, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(csv_names(report.contest, trajectory=trajectory))
    for index, row in enumerate(report.rows):
        params = row["params"]
        assert isinstance(params, Mapping)
        head = [row["loss"], params_text(params)]
        if trajectory:
            for step, values in steps_of(report.contest, index, most):
                writer.writerow([*head, step, *map(_cell, map(strict, values))])
            continue
        weights = row.get("weights", [])
        assert isinstance(weights, list)
        rest = [value for name, value in row.items() if name not in {"loss", "params", "steps", "weights", "reason"}]
        writer.writerow([*head, _cell(row["steps"]), *map(_cell, weights), *map(_cell, rest), row["reason"]])


def _cell(value: object) -> object:
    return "" if value is None else value


# ---- for people -----------------------------------------------------------------------------------------------------


def _text(report: Report, *, trajectory: bool) -> None:
    contest = report.contest
    names = [name_with_params(racer.objective) for racer in contest.running]
    wide = max(map(len, [*names, "loss"]))
    print(_heading(contest))
    if trajectory:
        heads = ("step", *_measures(contest))
        print(f"{'loss':<{wide}}" + "".join(f" {head:>11}" for head in heads))
        for index, name in enumerate(names):
            for step, values in steps_of(contest, index):
                print(f"{name:<{wide}} {step:>11,}" + "".join(f" {fitting(x, 11, 6):>11}" for x in values))
        print()
    finishes = contest.finishes()
    first = winner(finishes)
    best = finishes[first] if first is not None else None
    last = contest.last()
    v = "p" if contest.running[0].objective.activation.is_probability else "v"
    middle = ("z", v, "L") if contest.race is not None else ("accuracy", "mean L", "|∇L|")
    heads = ("rate", "steps", "×fewest", *middle)
    print(f"{'loss':<{wide}}" + "".join(f" {head:>10}" for head in heads) + "  why it ended")
    for racer, name, at, steps, row in zip(contest.running, names, last, finishes, report.rows, strict=True):
        numbers = (at.logit, at.prediction, at.value)
        if contest.race is None:
            numbers = (at.accuracy, at.value, at.gradient)
        times = "—" if steps is None or not best else ratio(steps, best)
        cells = [trimmed(racer.rate), "—" if steps is None else f"{steps:,}", times, *(fitting(x, 10) for x in numbers)]
        print(f"{name:<{wide}}" + "".join(f" {cell:>10}" for cell in cells) + f"  {row['reason']}")


def _heading(contest: Contest) -> str:
    course, first = contest.course, contest.running[0].objective
    how = {"gd": "gradient descent", "momentum": "momentum 0.9", "newton": "Newton"}[course.optimizer]
    if contest.problem is None:
        what = f"y = {trimmed(first.label)} · {first.activation.id} · from z = {trimmed(course.start_from(View()))}"
    else:
        batch = "all" if course.batch is None else f"{course.batch:,}"
        what = f"{course.problem} · {course.examples:,} examples, {batch} in a step · seed {course.seed}"
        what += "" if course.problem == "line" else f" · {first.activation.id}"
    return f"{what} · {how}" + (f" · until {contest.goal()}" if contest.goal() else "")


def race_arguments(course: Course, view: View, rows: Sequence[int]) -> list[str]:
    """The words that run a race again."""
    words = ["--loss", ",".join(spec(view.rows[i]) for i in rows)]
    if course.is_problem:
        words += ["--activation", view.activation] if course.problem != "line" else []
        words += ["--problem", course.problem, "--examples", str(course.examples), "--seed", str(course.seed)]
        words += ["--batch", str(course.batch)] if course.batch is not None else []
    else:
        words += [f"--label={number(view.label)}"]
        words += [f"--smoothing={number(view.smoothing)}"] if view.smoothing else []
        words += ["--activation", view.activation, f"--start={number(course.start_from(view))}"]
    words += ["--rate", number(course.step_rate)]
    words += ["--match", course.match] if course.match != "off" else []
    return [*words, "--optimizer", course.optimizer, "--until", number(course.until), "--max-steps", str(course.limit)]
