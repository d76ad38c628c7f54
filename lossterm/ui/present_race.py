"""From a race to what the widgets of the Race screen show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lossterm.core.problems import Problem
from lossterm.numbers import fixed, significant, trimmed
from lossterm.plot.race import MARKED, ONE, ZERO, Plane
from lossterm.race_state import ONE_LOGIT, SPEEDS, Course
from lossterm.state import FARTHEST, View
from lossterm.ui.style import Styles
from lossterm.ui.widgets.chooser import Item
from lossterm.ui.widgets.lines import Part

if TYPE_CHECKING:
    from lossterm.contest import Contest
    from lossterm.core.jets import Array

METHODS = {"gd": "gradient", "momentum": "momentum .9", "newton": "Newton"}
RATES = {"off": "one for all", "smoothness": "1/smoothness", "lipschitz": "1/Lipschitz"}


def letter_of(view: View) -> str:
    """The letter of the prediction."""
    return "p" if view.link.is_probability else "v"


def shorter(goal: str) -> str:
    """A goal in fewer letters."""
    return goal.replace("balanced accuracy", "balanced").replace(" to the true line", "").replace(" to the least L", "")


def _briefly(goal: str) -> str:
    share, way, _ = goal.partition(" of the way")
    return f"{share} there" if way else shorter(goal)


# ---- the pane -------------------------------------------------------------------------------------------------------


def settings(course: Course, view: View, contest: Contest | None = None) -> list[tuple[str, Item]]:
    """The rows of the pane that tells how the race is run: what each changes, and how it is shown."""
    here = f"z = {trimmed(course.start_from(view), 5)}"
    start = here if course.start is not None else f"{here} ●"
    start = f"w = {trimmed(course.first_weight, 5)}" if course.has_one_weight else start
    batch = "all" if course.batch is None else f"{course.batch:,}"
    smooth = f" s {trimmed(view.smoothing)}" if view.smoothing else ""
    goals = set(contest.goals() if contest is not None else ())
    goal = _briefly(next(iter(goals))) if len(goals) == 1 else trimmed(course.until)
    limit = course.limit if contest is None else contest.limit
    rows = {
        "problem": ("Problem", "one logit" if course.problem == ONE_LOGIT else course.problem),
        "label": ("Label", f"y = {trimmed(view.label, 6)}{smooth}"),
        "activation": ("Activation", view.activation if not course.is_regression else "identity"),
        "start": ("Start", start),
        "rate": ("Rate", trimmed(course.step_rate)),
        "match": ("Rates", RATES[course.match]),
        "optimizer": ("Method", METHODS[course.optimizer]),
        "batch": ("Batch", batch),
        "seed": ("Seed", str(course.seed)),
        "until": ("Until", goal),
        "most": ("Steps", f"≤ {limit:,}"),
        "speed": ("Speed", f"{SPEEDS[course.speed]:,} /s"),
    }
    hidden = {"batch", "seed"}
    if course.is_problem:
        hidden = {"label", "batch", "seed"} if course.has_one_weight else {"label", "start"}
    if course.is_regression:
        hidden |= {"activation"}
    return [(key, Item(name, right, True, box="  ")) for key, (name, right) in rows.items() if key not in hidden]


# ---- the bars -------------------------------------------------------------------------------------------------------


def status(course: Course, view: View, step: int, last: int) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    count = f"step {step:,} of {last:,}"
    if course.has_one_weight:
        return f"{course.problem} · {count}", f"{course.problem} {step:,}/{last:,}"
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
        "accuracy": "balanced accuracy",
        "weight": "w" if course.has_one_weight else "slope of the line (2 without the outlier)",
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
    if problem.is_classification and not problem.has_one_weight:
        kinds = [ONE if y else ZERO for y in problem.labels.tolist()]
        x, y = problem.features[:, 0], problem.features[:, 1]
    else:
        kinds = [ZERO] * len(problem.labels)
        x, y = problem.features[:, 0], problem.labels
    marks = [MARKED if marked else kind for kind, marked in zip(kinds, problem.marked.tolist(), strict=True)]
    return Plane(x, y, marks)


def plane_title(problem: Problem) -> str:
    """What the marks of the plane are."""
    if problem.has_one_weight:
        return f"{problem.kind}  mean L(w), own scales"
    marked = {"flipped": f"  {MARKED} flipped", "outlier": f"  {MARKED} outlier", "line": f"  {MARKED} outlier"}
    classes = f"  {ONE} y=1  {ZERO} y=0" if problem.is_classification else f"  {ZERO} examples"
    return f"{problem.kind}{classes}{marked.get(problem.kind, '')}"


def weights_of(contest: Contest) -> Array:
    """The weights at which the objective of one weight is drawn: about where they have been, and the least values."""
    been = [contest.course.first_weight, *contest.bottoms]
    for _, path in contest.curves("weight"):
        seen = path[np.isfinite(path) & (np.abs(path) < FARTHEST)]
        been += [float(seen.min()), float(seen.max())] if seen.size else []
    low, high = min(been), max(been)
    room = 0.15 * max(high - low, 1e-3 * max(abs(low), abs(high), 1.0))
    return np.linspace(low - room, high + room, 1201)


def plane_lines(contest: Contest) -> str:
    """What the lines of the plane are."""
    fit, problem = contest.fit, contest.problem
    if problem is not None and problem.has_one_weight:
        return "each from its least to its largest"
    if fit is None or problem is None or not problem.is_classification:
        return "fitted lines"
    without = [racer.letter for i, racer in enumerate(contest.running) if fit.always(i)]
    return "decision lines" + (f" (none of {' '.join(without)})" if without else "")


def readout_title(course: Course, view: View, step: int, *, playing: bool) -> str:
    """The step, and how the race is run."""
    method = {"gd": "gradient descent", "momentum": "momentum 0.9", "newton": "Newton"}[course.optimizer]
    rate = f"rate {trimmed(course.step_rate)}"
    if course.match != "off":
        rate = f"rates {RATES[course.match]}" + ("" if course.step_rate == 1 else f" × {trimmed(course.step_rate)}")
    start = f" · from w = {significant(course.first_weight)}" if course.has_one_weight else ""
    start = start if course.is_problem else f" · from z = {significant(course.start_from(view))}"
    return f"{'▶ ' if playing else ''}after step {step:,}{start} · {method}, {rate}"
