"""From a race to what the widgets of the Race screen show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.core.problems import PROBLEMS, Problem
from lossterm.numbers import fitting, fixed, ratio, significant, trimmed
from lossterm.plot.race import MARKED, ONE, ZERO, Plane
from lossterm.race_state import ONE_LOGIT, SPEEDS, Course
from lossterm.state import View
from lossterm.ui.style import Styles
from lossterm.ui.widgets.chooser import Item
from lossterm.ui.widgets.lines import Part
from lossterm.ui.widgets.readout import Entry

if TYPE_CHECKING:
    from lossterm.contest import Contest, Standing

NUMBER = 8
"""Characters of a number."""

METHODS = {"gd": "gradient", "momentum": "momentum .9", "newton": "Newton"}
RATES = {"off": "one for all", "smoothness": "1/smoothness", "lipschitz": "1/Lipschitz"}


def letter_of(view: View) -> str:
    """The letter of the prediction."""
    return "p" if view.link.is_probability else "v"


# ---- the pane -------------------------------------------------------------------------------------------------------


def settings(course: Course, view: View) -> list[tuple[str, Item]]:
    """The rows of the pane that tells how the race is run: what each changes, and how it is shown."""
    here = f"z = {trimmed(course.start_from(view), 5)}"
    start = here if course.start is not None else f"{here} ●"
    batch = "all" if course.batch is None else f"{course.batch:,}"
    smooth = f" s {trimmed(view.smoothing)}" if view.smoothing else ""
    goal = f"{'accuracy' if course.is_problem else letter_of(view)} ≥ {trimmed(course.until)}"
    rows = {
        "problem": ("Problem", "one logit" if course.problem == ONE_LOGIT else course.problem),
        "label": ("Label", f"y = {trimmed(view.label, 6)}{smooth}"),
        "activation": ("Activation", view.activation if course.problem != "line" else "identity"),
        "start": ("Start", start),
        "rate": ("Rate", trimmed(course.step_rate)),
        "match": ("Rates", RATES[course.match]),
        "optimizer": ("Method", METHODS[course.optimizer]),
        "batch": ("Batch", batch),
        "seed": ("Seed", str(course.seed)),
        "until": ("Until", goal),
        "most": ("Steps", f"≤ {course.limit:,}"),
        "speed": ("Speed", f"{SPEEDS[course.speed]:,} /s"),
    }
    hidden = {"label", "start"} if course.is_problem else {"batch", "seed"}
    if course.problem == "line":
        hidden |= {"activation", "until"}
    return [(key, Item(name, right, True, box="  ")) for key, (name, right) in rows.items() if key not in hidden]


# ---- the bars -------------------------------------------------------------------------------------------------------


def status(course: Course, view: View, step: int, last: int) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    count = f"step {step:,} of {last:,}"
    if course.is_problem:
        return f"{course.problem} · {course.examples} examples · {count}", f"{course.problem} {step:,}/{last:,}"
    z = fixed(course.start_from(view))
    long = f"y = {trimmed(view.target, 6)} · {view.activation} · from z = {z} · {count}"
    return long, f"from z={z} step {step:,}/{last:,}"


def quantity_title(quantity: str, course: Course, view: View) -> str:
    """The heading of a chart."""
    title = {
        "loss": "mean L" if course.is_problem else "L",
        "prediction": letter_of(view),
        "gradient": "|∇L|" if course.is_problem else "|∂L/∂z|",
        "logit": "z",
        "accuracy": "accuracy",
        "weight": "slope of the line (2 without the outlier)",
    }[quantity]
    return f"{title} (symmetric log)" if course.log_y and quantity != "accuracy" else title


def chart_title(title: str, contest: Contest | None, styles: Styles, room: int) -> list[Part]:
    """A heading with the legend."""
    parts: list[Part] = [(title, styles.strong)]
    racers = contest.running if contest else []
    short = len(title) + sum(len(r.name) + 4 for r in racers) > room - 20
    for racer in racers:
        parts.append((f"  {racer.letter} ", styles.bold_inks[racer.ink % len(styles.bold_inks)]))
        if not short:
            parts.append((racer.name, styles.ink(racer.ink)))
    return parts


# ---- the plane ------------------------------------------------------------------------------------------------------


def plane_of(problem: Problem) -> Plane:
    """The examples of a problem."""
    if problem.is_classification:
        kinds = [ONE if y else ZERO for y in problem.labels.tolist()]
        x, y = problem.features[:, 0], problem.features[:, 1]
    else:
        kinds = [ZERO] * len(problem.labels)
        x, y = problem.features[:, 0], problem.labels
    marks = [MARKED if marked else kind for kind, marked in zip(kinds, problem.marked.tolist(), strict=True)]
    return Plane(x, y, marks)


def plane_title(problem: Problem) -> str:
    """What the marks of the plane are."""
    marked = {"flipped": f"  {MARKED} flipped", "outlier": f"  {MARKED} outlier", "line": f"  {MARKED} outlier"}
    classes = f"  {ONE} y=1  {ZERO} y=0" if problem.is_classification else f"  {ZERO} examples"
    return f"{problem.kind}{classes}{marked.get(problem.kind, '')}"


def about(problem: str) -> str:
    """A problem in a line."""
    return PROBLEMS.get(problem, "one example: the logit itself descends")


# ---- the numbers ----------------------------------------------------------------------------------------------------


def heads(contest: Contest, view: View, *, wide: bool) -> list[str]:
    """The heads of the numbers; the last stands over when each was there."""
    goal = contest.goal()
    last = (
        f"steps to {goal}" if goal and not contest.problem else f"to {goal.replace('accuracy', 'acc.')}" if goal else ""
    )
    if contest.problem is None:
        return ["step", "z", letter_of(view), "L", "∂L/∂z", *(["rate"] if wide else []), last]
    if contest.problem.is_classification:
        return ["step", "accuracy", "mean L", "|∇L|", "w₁", *(["w₂", "bias"] if wide else []), last]
    return ["step", "mean L", "|∇L|", "slope", "bias", *(["rate"] if wide else []), last]


def entries(
    contest: Contest, standings: Sequence[Standing], finishes: Sequence[int | None], current: int, *, wide: bool
) -> list[Entry]:
    """One row a racer; those that cannot race come last, with the reason."""
    reasons, best = contest.reasons(), min((f for f in finishes if f is not None), default=None)
    result = []
    for racer, at, finish, reason in zip(contest.running, standings, finishes, reasons, strict=True):
        if contest.problem is None:
            numbers: tuple[float, ...] = (at.logit, at.prediction, at.value, at.gradient)
        elif contest.problem.is_classification:
            numbers = (at.accuracy, at.value, at.gradient, *at.weights[: 3 if wide else 1])
        else:
            numbers = (at.value, at.gradient, *at.weights[:2])
        cells = (f"{at.step:,}", *(fitting(x, NUMBER) for x in numbers))
        if wide and not (contest.problem and contest.problem.is_classification):
            cells = (*cells, trimmed(racer.rate))
        words = arrival(finish, best, reason, done=contest.done, cancelled=contest.cancelled)
        words = words if contest.goal() or reason or not contest.done else ""
        result.append(Entry(racer.letter, racer.ink, racer.name, cells, words, racer.row == current))
    for racer in contest.racers:
        if racer.absent:
            why = f"does not race: {racer.absent}"
            result.append(Entry(racer.letter, racer.ink, racer.name, (), why, racer.row == current))
    return result


def arrival(finish: int | None, best: int | None, reason: str, *, done: bool, cancelled: bool) -> str:
    """When a racer was there, in a few words."""
    if finish is not None and best is not None:
        if finish == best:
            return f"{finish:,} · first"
        return f"{finish:,} · {ratio(finish, best)}×" if best else f"{finish:,}"
    if cancelled and not reason:
        return "stopped"
    if reason:
        return f"— {reason}"
    return "not there" if done else "on its way …"


def words(contest: Contest, finishes: Sequence[int | None], styles: Styles, width: int) -> list[Part]:
    """The line below the numbers, of a width: who won, by what factor; or how far it is."""
    if not contest.done:
        return [(f"computing … {contest.step:,} of {contest.limit:,} steps (esc stops)", styles.accent)]
    parts: list[Part] = [("stopped · ", styles.accent)] if contest.cancelled else []
    there = sorted((f, i) for i, f in enumerate(finishes) if f is not None)
    if there:
        best = there[0][0]
        tied = [i for f, i in there if f == best]
        names = ", ".join(f"{contest.running[i].letter} {contest.running[i].name}" for i in tied)
        parts.append((f"{names} {'wins' if len(tied) == 1 else 'win'}: {_steps(best)}", styles.strong))
        for finish, i in there[len(tied) :]:
            racer = contest.running[i]
            parts += [(" · ", styles.muted), (racer.letter, styles.bold_inks[racer.ink % len(styles.bold_inks)])]
            parts.append((f" {ratio(finish, best)}× as many" if best else f" {_steps(finish)}", styles.text))
    for racer, reason in zip(contest.running, contest.reasons(), strict=True):
        if reason and reason != "reached":
            parts += [(" · " if parts else "", styles.muted), (f"{racer.letter} {reason}", styles.text)]
    if not parts:
        parts.append((about(contest.course.problem), styles.muted))
    return _cut(parts, max(width - 1, 1))


def _cut(parts: Sequence[Part], width: int) -> list[Part]:
    result: list[Part] = []
    for text, style in parts:
        room = width - sum(len(t) for t, _ in result)
        if len(text) > room:
            return [*result, (text[: room - 1] + "…", style)] if room > 0 else result
        result.append((text, style))
    return result


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count:,} steps"


def readout_title(course: Course, view: View, step: int, *, playing: bool) -> str:
    """The step, and how the race is run."""
    method = {"gd": "gradient descent", "momentum": "momentum 0.9", "newton": "Newton"}[course.optimizer]
    rate = f"rate {trimmed(course.step_rate)}"
    if course.match != "off":
        rate = f"rates {RATES[course.match]}" + ("" if course.step_rate == 1 else f" × {trimmed(course.step_rate)}")
    start = "" if course.is_problem else f" · from z = {significant(course.start_from(view))}"
    return f"{'▶ ' if playing else ''}after step {step:,}{start} · {method}, {rate}"
