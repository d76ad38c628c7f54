"""``lossterm race``: gradient descent of several losses from one start, as text, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lossterm.arguments import choice, joined
from lossterm.cli import Parser
from lossterm.commands.asked import objective_of, params_text
from lossterm.commands.table import name_with_params, strict
from lossterm.contest import Contest, Racer, winner
from lossterm.core.lazy import np
from lossterm.numbers import fitting, trimmed
from lossterm.options import add_format, add_view_options
from lossterm.race_arguments import add_race_options, course_asked, racers_asked
from lossterm.race_state import Course
from lossterm.race_words import goal_text, reason, times
from lossterm.state import Row, View

EXAMPLE = "lossterm race --loss ce,mse --label 1 --activation sigmoid --start=-8 --rate 1 --until 0.9"
SLICE = 0.25
"""Seconds between two reports of how far it is."""

CHUNK = 4096

Record = dict[str, object]


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm race", "Gradient descent of several losses from one start.", EXAMPLE)
    add_view_options(parser, picture=False)
    add_race_options(parser)
    add_format(parser, "text", "json", "csv")
    options = parser.parse_args(joined(arguments))
    course = course_asked(options)
    view, rows, named = racers_asked(options, course)
    form = choice(options.format or "text", ("text", "json", "csv"), "format")
    contest = _contest(course, view, rows, named, record=options.trajectory)
    _to_the_end(contest)
    if options.trajectory and contest.unkept:
        kept = contest.step - contest.unkept
        _note(f"the trajectory has the first {kept:,} steps of a loss; the {contest.unkept:,} after them are not kept")
    report = Report(contest, outcomes_of(contest))
    if form == "json":
        _json(report, trajectory=options.trajectory)
    elif form == "csv":
        write_csv(report, sys.stdout, trajectory=options.trajectory)
    else:
        _text(report, trajectory=options.trajectory)
    return 0


def _contest(course: Course, view: View, rows: Sequence[Row], named: set[object], *, record: bool) -> Contest:
    racers = [Racer(i, "", 0, objective_of(view, row), "") for i, row in enumerate(rows)]
    contest = Contest(course, racers, course.start_from(view), record=record, whole=True)
    for racer in contest.racers:
        if racer.absent and (rows[racer.row].key in named or not contest.running):
            raise ValueError(racer.absent)
    without = [racer.objective.loss.id for racer in contest.racers if "has no rate" in racer.absent]
    if without:
        _note(f"left out, without a rate by {course.match}: {', '.join(without)}")
    return contest


def _note(text: str) -> None:
    print(f"lossterm: {text}", file=sys.stderr)


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
        row: Record = {"loss": racer.objective.loss.id, "params": dict(racer.objective.params), "steps": steps}
        if contest.race is not None:
            row |= {"logit": strict(at.logit), "prediction": strict(at.prediction), "value": strict(at.value)}
        else:
            row |= {"weights": [strict(w) for w in at.weights], "accuracy": strict(at.share)}
            row |= {"balanced_accuracy": strict(at.accuracy)}
            row |= {"value": strict(at.value), "gradient": strict(at.gradient)}
        found.append({**row, "reason": ended if contest.race is not None else reason(steps, ended, at.step)})
    return found


MEASURES = ("logit", "prediction", "value", "d_logit")
"""Of a step of one logit."""


def _measures(contest: Contest) -> Sequence[str]:
    if contest.problem is None:
        return MEASURES
    weights = {1: ("w1",), 2: ("w1", "bias"), 3: ("w1", "w2", "bias")}[contest.problem.features.shape[1]]
    return (*weights, "accuracy", "balanced_accuracy", "value", "gradient")


def steps_of(contest: Contest, index: int, most: int | None = None) -> Iterator[tuple[int, list[float]]]:
    """Every step of a racer (or about so many of them) with its numbers, `_measures`."""
    if contest.race is not None:
        path = contest.race.trajectory(index, most)
        columns = [getattr(path.at, name) for name in MEASURES]
        steps = path.step
    elif contest.fit is not None:
        history = contest.fit.history
        steps = np.arange(len(history.loss))
        columns = [*history.weights[:, index].T, history.accuracy[:, index], history.balanced[:, index],
                   history.loss[:, index], history.gradient[:, index]]  # fmt: skip
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
    middle = ("z", v, "L") if contest.race is not None else ("accuracy", "balanced", "mean L", "|∇L|")
    if contest.problem is not None and not contest.problem.is_classification:
        middle = ("slope", "bias", "mean L", "|∇L|")
    if contest.course.has_one_weight:
        middle = ("w", "mean L", "|∇L|")
    heads = ("rate", "steps", "×fewest", *middle)
    print(f"{'loss':<{wide}}" + "".join(f" {head:>10}" for head in heads) + "  why it ended")
    for racer, name, at, steps, row in zip(contest.running, names, last, finishes, report.rows, strict=True):
        numbers: Sequence[float] = (at.logit, at.prediction, at.value)
        if contest.problem is not None:
            known = at.weights if middle[0] != "accuracy" else (at.share, at.accuracy)
            numbers = (*known, at.value, at.gradient)
        factor = "—" if steps is None or not best else times(steps, best)
        cells = [trimmed(racer.rate), "—" if steps is None else f"{steps:,}", factor, *(fitting(x, 9) for x in numbers)]
        print(f"{name:<{wide}}" + "".join(f" {cell:>10}" for cell in cells) + f"  {row['reason']}")


def _heading(contest: Contest) -> str:
    course, first = contest.course, contest.running[0].objective
    how = {"gd": "gradient descent", "momentum": "momentum 0.9", "newton": "Newton"}[course.optimizer]
    if contest.problem is None:
        what = f"y = {trimmed(first.label)} · {first.activation.id} · from z = {trimmed(course.start_from(View()))}"
    elif course.has_one_weight:
        what = f"{course.problem} · from w = {trimmed(course.first_weight)}"
        what += "" if course.is_regression else f" · {first.activation.id}"
    else:
        batch = "all" if course.batch is None else f"{course.batch:,}"
        what = f"{course.problem} · {course.examples:,} examples, {batch} in a step · seed {course.seed}"
        what += "" if course.is_regression else f" · {first.activation.id}"
    goal = goal_text(contest.goals(), [name_with_params(racer.objective) for racer in contest.running])
    return f"{what} · {how} · until {goal}"
