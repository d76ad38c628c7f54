"""What is told of a race, on the screen and by the command line: in words, as text, JSON and CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from lossterm.core.descent.defaults import STEP_MEASURES
from lossterm.core.descent.racer import ended
from lossterm.core.lazy import np
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import fitting, significant, trimmed
from lossterm.model.notation import loss_name, params_cell
from lossterm.model.printing import say, width, writable
from lossterm.model.records import loss_record, strict
from lossterm.model.subject import label_letter
from lossterm.model.text_table import TextColumn, fitted, left_out, needed
from lossterm.race.contest import Contender, Contest, Standing, winner
from lossterm.race.verdict import reasons_why, times, verdict

CHUNK = 4096

IN_FULL = {"gd": "gradient descent", "momentum": "momentum 0.9", "newton": "Newton"}
"""The ways to descend, in full."""

Record = dict[str, object]

# ---- in words -------------------------------------------------------------------------------------------------------


def goal_text(goals: Sequence[str], names: Sequence[str]) -> str:
    """What the racers have to reach: once where it is the same for all, else each with those that it is for.

    Args:
        goals: of each racer.
        names: of each racer.
    """
    texts = [text for text in dict.fromkeys(goals) if text]
    if len(texts) <= 1:
        return "".join(texts)
    whose = [", ".join(name for name, goal in zip(names, goals, strict=True) if goal == text) for text in texts]
    return " · ".join(f"{text} ({who})" for text, who in zip(texts, whose, strict=True))


def why(contest: Contest, row: int) -> str:
    """Why the racer of a row of the subject ended, or how it is doing, in full."""
    index = next((i for i, racer in enumerate(contest.running) if racer.row == row), None)
    if index is None:
        absent = next((racer for racer in contest.racers if racer.row == row), None)
        return (
            "it does not race: space lets it" if absent is None else f"{_named(absent)} does not race: {absent.absent}"
        )
    racer, ended = contest.running[index], contest.endings()[index]
    steps, taken = contest.finishes()[index], contest.last()[index].step
    if not contest.done and steps is None:
        return f"{_named(racer)} is on its way, after {steps_text(taken)}"
    if contest.cancelled and ended.startswith("step limit"):
        return f"{_named(racer)} was stopped after {steps_text(taken)}"
    if steps is not None:
        ended = ended.replace("reached", f"reached {contest.goals()[index]} after {steps_text(steps)}", 1)
    told = [f"{_named(racer)}: {ended}", *verdict(contest), reasons_why(contest)]
    return " · ".join(part for part in told if part)


def _named(racer: Contender) -> str:
    return f"{racer.letter} {racer.name}"


def steps_text(count: int) -> str:
    """A number of steps: ``1 step``, ``1,542 steps``."""
    return "1 step" if count == 1 else f"{count:,} steps"


# ---- records --------------------------------------------------------------------------------------------------------


def outcomes_of(contest: Contest) -> list[Record]:
    """A record of each racer that runs: when and where it was there, where it ended, and why."""
    found: list[Record] = []
    ends = zip(contest.running, contest.arrivals(), contest.last(), contest.endings(), strict=True)
    for (racer, there, last, ending), goal, steps, decided in zip(
        ends, contest.goals(), contest.finishes(), contest.decided(), strict=True
    ):
        row: Record = loss_record(racer.objective.loss, racer.objective.params)
        row |= {"rate": racer.rate, "goal": goal, "steps": steps}
        if contest.best_line == contest.best_line:
            row["steps_to_best_line"] = decided
        row |= {"at_arrival": None if there is None else _numbers(contest, there), "at_end": _numbers(contest, last)}
        found.append({**row, "ended": ended(ending), "reason": ending})
    return found


def _numbers(contest: Contest, at: Standing) -> Record:
    if contest.problem is None:
        return {"step": at.step, "logit": strict(at.logit), "prediction": strict(at.prediction),
                "value": strict(at.value), "d_logit": strict(at.gradient)}  # fmt: skip
    return {"step": at.step, "weights": [strict(w) for w in at.weights], "accuracy": strict(at.share),
            "balanced_accuracy": strict(at.accuracy), "value": strict(at.value),
            "gradient": strict(at.gradient)}  # fmt: skip


def setting_of(contest: Contest) -> Record:
    """All that decided a race, beside its racers: it explains the outcome without the command that made it."""
    course, first = contest.course, contest.running[0].objective
    on_logit = contest.problem is None
    start: float | None = contest.standings(0)[0].logit if on_logit else course.first_weight
    weights = None
    if contest.problem is not None and not course.has_one_weight:
        start, weights = None, [0.0] * contest.problem.features.shape[1]
    generated = not on_logit and not course.has_one_weight
    return {
        "problem": course.problem,
        "start": start,
        "start_weights": weights,
        "label": strict(first.label) if on_logit else None,
        "activation": None if course.is_regression else first.activation.id,
        "optimizer": course.optimizer,
        "goal": goal_text(contest.goals(), [loss_name(racer.objective) for racer in contest.running]),
        "until": course.wanted,
        "rate": course.step_rate,
        "match": course.match,
        "max_steps": contest.limit,
        "examples": contest.problem.count if contest.problem is not None else None,
        "seed": course.seed if generated else None,
        "batch": course.batch if generated else None,
        "best_balanced_accuracy": strict(contest.best_line),
        "verdict": ". ".join(verdict(contest)),
        "why": reasons_why(contest),
    }


def _measures(contest: Contest) -> Sequence[str]:
    if contest.problem is None:
        return STEP_MEASURES
    weights = {1: ("w1",), 2: ("w1", "bias"), 3: ("w1", "w2", "bias")}[contest.problem.features.shape[1]]
    return (*weights, "accuracy", "balanced_accuracy", "value", "gradient")


def steps_of(contest: Contest, index: int, most: int | None = None) -> Iterator[tuple[int, list[float]]]:
    """Every step of a racer (or about so many of them) with its numbers, `_measures`."""
    if contest.race is not None:
        path = contest.race.trajectory(index, most)
        columns = [getattr(path.at, name) for name in STEP_MEASURES]
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


def write_json(contest: Contest, outcomes: Sequence[Record], *, trajectory: bool) -> None:
    """Print the setting and the outcomes, and every step of each racer where they are asked for, as JSON."""
    encode, write = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode, sys.stdout.write
    separator, names = "", ("step", *_measures(contest))
    write(f'{encode(setting_of(contest))[:-1]}, "racers": [')
    for index, row in enumerate(outcomes):
        text = encode(row)
        write(f"{separator}\n{text if not trajectory else text[:-1]}")
        separator = ","
        if trajectory:
            between = ', "trajectory": ['
            for step, values in steps_of(contest, index):
                write(f"{between}{encode(dict(zip(names, [step, *map(strict, values)], strict=True)))}")
                between = ", "
            write("]}")
    write("\n]}\n")


def csv_names(contest: Contest, *, trajectory: bool) -> list[str]:
    """The header of the CSV."""
    measures = [*_measures(contest)]
    if trajectory:
        return ["loss", "params", "step", *measures]
    best = ["steps_to_best_line"] if contest.best_line == contest.best_line else []
    there, last = ([f"{at}_{name}" for name in ("step", *measures)] for at in ("arrival", "end"))
    return ["loss", "params", "rate", "steps", *best, *there, *last, "ended", "reason"]


def write_csv(
    contest: Contest, outcomes: Sequence[Record], target: object, *, trajectory: bool, most: int | None = None
) -> None:
    """Write the outcomes, or every step (or about so many of them) of each racer, as CSV."""
    writer = csv.writer(target, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(csv_names(contest, trajectory=trajectory))
    for index, row in enumerate(outcomes):
        params = row["params"]
        assert isinstance(params, Mapping)
        head = [row["loss"], params_cell(params)]
        if trajectory:
            for step, values in steps_of(contest, index, most):
                writer.writerow([*head, step, *map(_cell, map(strict, values))])
            continue
        best = [row["steps_to_best_line"]] if "steps_to_best_line" in row else []
        places = [*_flat(contest, row["at_arrival"]), *_flat(contest, row["at_end"])]
        cells = map(_cell, [row["rate"], row["steps"], *best, *places])
        writer.writerow([*head, *cells, row["ended"], row["reason"]])


def _flat(contest: Contest, numbers: object) -> list[object]:
    # a record of numbers as cells, its weights one by one; empty cells where it is None
    if not isinstance(numbers, Mapping):
        return [None] * (1 + len(_measures(contest)))
    rest = [value for name, value in numbers.items() if name not in ("step", "weights")]
    return [numbers["step"], *numbers.get("weights", []), *rest]


def _cell(value: object) -> object:
    return "" if value is None else value


# ---- for people -----------------------------------------------------------------------------------------------------

CELL = 9
"""Columns of a number."""


def write_text(contest: Contest, outcomes: Sequence[Record], *, trajectory: bool) -> None:
    """Print the outcomes for people, after every step of each racer where they are asked for."""
    names = [loss_name(racer.objective) for racer in contest.running]
    room = width()
    say(_heading(contest))
    if trajectory:
        _write_steps(contest, names)
    there, last, finishes = contest.arrivals(), contest.last(), contest.finishes()
    rates = [trimmed(racer.rate) for racer in contest.running]
    first = winner(finishes)
    best = finishes[first] if first is not None else None
    factors = ["—" if steps is None or not best else times(steps, best) for steps in finishes]
    kinds = [str(row["ended"]) for row in outcomes]
    one_place = contest.race is not None  # a racer on one logit stops where it is there
    head = [
        TextColumn("loss", names),
        TextColumn("rate", rates, 4 if contest.course.match == "off" else 1),
        TextColumn("steps", [_count(steps) for steps in finishes]),
        TextColumn("×fewest", factors, 2),
    ]
    if contest.best_line == contest.best_line:
        head.append(TextColumn("best line", [_count(steps) for steps in contest.decided()], 1))
    if one_place:
        tables = [("", [*head, *_columns(contest, last), TextColumn("ended", kinds)])]
    else:
        ends = [TextColumn("loss", names), TextColumn("step", [f"{at.step:,}" for at in last], 1)]
        ends += [*_columns(contest, last), TextColumn("ended", kinds)]
        tables = [("", [*head, *_columns(contest, there)]), ("where each ended", ends)]
    for title, columns in tables:
        lines, gone = fitted(columns, room)
        print("\n".join([*([title] if title else []), *lines, *left_out(gone, needed(columns))]))
    reasons = [(name, str(row["reason"])) for name, row in zip(names, outcomes, strict=True)]
    said = {"reached"} if one_place else {"reached", "converged"}  # what a verdict has to say about itself
    told = [f"{name}: {text}" for name, text in reasons if ended(text) not in said or ", then" in text]
    for line in [*told, *verdict(contest), *([f"why: {reasons_why(contest)}"] if reasons_why(contest) else [])]:
        say(line)


def _count(steps: int | None) -> str:
    return "—" if steps is None else f"{steps:,}"


def _columns(contest: Contest, places: Sequence[Standing | None]) -> list[TextColumn]:
    # the numbers of each racer at a place, — where it never was there
    v = "p" if contest.running[0].objective.activation.is_probability else "v"
    known: list[tuple[str, Callable[[Standing], float], int]]
    if contest.problem is None:
        ends = list(zip(contest.running, places, strict=True))
        return [
            TextColumn("z", ["—" if at is None else fitting(at.logit, CELL) for at in places]),
            TextColumn(v, [_of_place(racer, at, "prediction") for racer, at in ends]),
            TextColumn("L", [_of_place(racer, at, "value") for racer, at in ends], 1),
        ]
    lines = contest.problem.is_classification and not contest.course.has_one_weight
    weights = ["w"] if contest.course.has_one_weight else [] if lines else ["slope", "bias"]
    known = [(name, lambda at, k=k: at.weights[k], 0) for k, name in enumerate(weights)]  # type: ignore[misc]
    if lines:
        known += [("accuracy", lambda at: at.share, 2), ("balanced", lambda at: at.accuracy, 0)]
    known += [("mean L", lambda at: at.value, 0), ("|∇L|", lambda at: at.gradient, 2)]
    return [
        TextColumn(head, ["—" if at is None else _number(head, read(at)) for at in places], spare)
        for head, read, spare in known
    ]


def _of_place(racer: Contender, at: Standing | None, field: str) -> str:
    # of one logit; what no double holds is told so
    if at is None:
        return "—"
    x: float = getattr(at, field)
    head = "p" if field == "prediction" and racer.objective.activation.is_probability else ""
    return surroundings(racer.objective).told(field, at.logit, x, partial(_number, head))


def _number(head: str, x: float) -> str:
    # a probability that falls short of 1 is not shown as 1
    text = fitting(x, CELL)
    if head == "p" and 0.5 < x < 1 and float(text) >= 1:
        return f"1−{significant(1 - x, 2)}"
    return text


def _write_steps(contest: Contest, names: Sequence[str]) -> None:
    heads = ("step", *_measures(contest))
    wide = max(map(len, [*names, "loss"]))
    cell = 11 if wide + 12 * len(heads) <= width() else CELL
    beside = wide + (cell + 1) * len(heads) <= width()
    print((f"{'loss':<{wide}}" if beside else "") + _row(heads, cell))
    for index, name in enumerate(names):
        if not beside:
            print(name)
        for step, values in steps_of(contest, index):
            cells = (f"{step:,}", *(fitting(x, cell, 6) for x in values))
            print((f"{name:<{wide}}" if beside else "") + _row(cells, cell))
    print()


def _row(texts: Sequence[str], cell: int) -> str:
    return "".join(f" {writable(text.replace('balanced_accuracy', 'balanced')):>{cell}}" for text in texts)


def _heading(contest: Contest) -> str:
    course, first = contest.course, contest.running[0].objective
    how = IN_FULL[course.optimizer]
    if contest.problem is None:
        letter, start = label_letter(r.objective.loss for r in contest.running), contest.standings(0)[0].logit
        what = f"{letter} = {trimmed(first.label)} · {first.activation.id} · from z = {trimmed(start)}"
    elif course.has_one_weight:
        what = f"{course.problem} · from w = {trimmed(course.first_weight)}"
        what += "" if course.is_regression else f" · {first.activation.id}"
    else:
        batch = "all" if course.batch is None else f"{course.batch:,}"
        what = f"{course.problem} · {course.examples:,} examples, {batch} in a step · seed {course.seed}"
        what += "" if course.is_regression else f" · {first.activation.id}"
        if course.match == "off":
            how += f", rate {trimmed(course.step_rate)}"
    goal = goal_text(contest.goals(), [loss_name(racer.objective) for racer in contest.running])
    return f"{what} · {how} · until {goal}"
