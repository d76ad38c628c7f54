"""From the state of the Race screen and a race to what the widgets show: panes, bars, titles, numbers and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lossterm.core.descent.problems import PROBLEMS, FittingProblem
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import fitting, fixed, significant, trimmed
from lossterm.model.sections import Line
from lossterm.model.subject import Subject
from lossterm.model.subject_options import ACTIVATION, LABEL
from lossterm.race.actions import RaceState, guests
from lossterm.race.contest import Contender, Contest, Standing
from lossterm.race.course import Course
from lossterm.race.options import LIMIT, RATES, START, UNTIL, pane_of
from lossterm.race.pictures import MARKED, ONE, ZERO
from lossterm.race.report import IN_FULL, goal_text, steps_text
from lossterm.race.verdict import times, told_of
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.chooser import Item
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import DOT, NumbersRow

NUMBER = 8
"""Characters of a number."""


def letter_of(subject: Subject) -> str:
    """The letter of the prediction."""
    return "p" if subject.link.is_probability else "v"


def shorter(goal: str) -> str:
    """A goal in fewer letters: ``99% down``, ``90% there``."""
    down = goal.replace(" of the way down to its least mean L", " down")
    return down.replace(" of the way to the true line", " there")


# ---- the pane -------------------------------------------------------------------------------------------------------


def settings(state: RaceState, contest: Contest | None = None) -> list[Item]:
    """The rows of the pane that tells how the race is run.

    Args:
        state: of the screen.
        contest: the race, where there is one: its goal is told in its own words, and the limit that holds.
    """
    course, subject = state.course, state.subject
    here = f"z = {trimmed(course.start_from(subject), 5)}"
    start = here if course.start is not None else f"{here} ●"
    smooth = f" s {trimmed(subject.smoothing)}" if subject.smoothing else ""
    goals = set(contest.goals() if contest is not None else ())
    limit = course.limit if contest is None else contest.limit
    odd = {
        LABEL.name: f"{subject.label_letter} = {trimmed(subject.label, 6)}{smooth}",
        ACTIVATION.name: subject.activation,
        START.name: f"w = {trimmed(course.first_weight, 5)}" if course.has_one_weight else start,
        UNTIL.name: shorter(next(iter(goals))) if len(goals) == 1 else trimmed(course.wanted),
        LIMIT.name: f"≤ {limit:,}",
    }
    return [Item(o.title, odd[o.name] if o.name in odd else o.text(course), True, box="  ") for o in pane_of(course)]


def with_guests(items: Sequence[Item], lines: Sequence[Line], state: RaceState) -> list[Item]:
    """The lines of the pane of losses, those that race without being shown marked as such."""
    invited = guests(state.subject, state.course)
    return [
        replace(item, letter=invited[i], ink=ord(invited[i]) - ord("a"), box="++") if i in invited else item
        for i, item in zip(lines, items, strict=True)
    ]


# ---- the bars -------------------------------------------------------------------------------------------------------


def status(course: Course, subject: Subject, step: int, last: int) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    count = f"step {step:,} of {last:,}"
    if course.has_one_weight:
        return f"{course.problem} · {count}", f"{course.problem} {step:,}/{last:,}"
    if course.is_problem:
        return f"{course.problem} · {course.examples} examples · {count}", f"{course.problem} {step:,}/{last:,}"
    z = fixed(course.start_from(subject))
    long = f"{subject.label_letter} = {trimmed(subject.target, 6)} · {subject.activation} · from z = {z} · {count}"
    return long, f"from z={z} step {step:,}/{last:,}"


def quantity_title(quantity: str, course: Course, subject: Subject, *, log: bool = False) -> str:
    """The heading of a chart, which says where its y axis is a symmetric log."""
    title = {
        "loss": "mean L" if course.is_problem else "L",
        "prediction": letter_of(subject),
        "gradient": "|∇L|" if course.is_problem else "|∂L/∂z|",
        "logit": "z",
        "accuracy": "balanced accuracy",
        "weight": "w" if course.has_one_weight else "slope of the line (2 without the outlier)",
    }[quantity]
    return f"{title} (symmetric log)" if log else title


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


def plane_title(problem: FittingProblem) -> str:
    """What the marks of the plane are."""
    if problem.has_one_weight:
        return f"{problem.kind}  mean L(w), own scales"
    marked = {"flipped": f"  {MARKED} flipped", "outlier": f"  {MARKED} outlier", "line": f"  {MARKED} outlier"}
    classes = f"  {ONE} y=1  {ZERO} y=0" if problem.is_classification else f"  {ZERO} examples"
    return f"{problem.kind}{classes}{marked.get(problem.kind, '')}"


def plane_lines(contest: Contest) -> str:
    """What the lines of the plane are."""
    fit, problem = contest.fit, contest.problem
    if problem is not None and problem.has_one_weight:
        return "each from its least to its largest"
    if fit is None or problem is None or not problem.is_classification:
        return "fitted lines"
    without = [racer.letter for i, racer in enumerate(contest.running) if fit.always(i)]
    return "decision lines" + (f" (none of {' '.join(without)})" if without else "")


def readout_title(course: Course, subject: Subject, step: int, *, playing: bool) -> str:
    """The step, and how the race is run."""
    method = IN_FULL[course.optimizer]
    rate = f"rate {trimmed(course.step_rate)}"
    if course.match != "off":
        rate = f"rates {RATES[course.match]}" + ("" if course.step_rate == 1 else f" × {trimmed(course.step_rate)}")
    start = f" · from w = {significant(course.first_weight)}" if course.has_one_weight else ""
    start = start if course.is_problem else f" · from z = {significant(course.start_from(subject))}"
    return f"{'▶ ' if playing else ''}after step {step:,}{start} · {method}, {rate}"


# ---- the numbers ----------------------------------------------------------------------------------------------------


def heads(contest: Contest, subject: Subject, *, wide: bool) -> list[str]:
    """The heads of the numbers; the last stands over when each was there."""
    goal = goal_text(contest.goals(), [racer.letter for racer in contest.running])
    if contest.problem is None:
        rest = ["z", letter_of(subject), "L", "∂L/∂z", *(["rate"] if wide else [])]
        return ["step", *rest, f"steps to {goal if len(set(contest.goals())) == 1 else 'its goal'}" if goal else ""]
    last = f"to {shorter(goal)}" if goal else ""
    if contest.problem.has_one_weight:
        return ["step", "mean L", "|∇L|", "w", *(["rate"] if wide else []), last]
    if contest.problem.is_classification:
        # beside all the weights there is no room for the longer head, and without one nobody knows what is counted
        return ["step", "balanced", "mean L", "|∇L|", "w₁", *(["w₂", "bias", shorter(goal)] if wide else [last])]
    return ["step", "mean L", "|∇L|", "slope", "bias", *(["rate"] if wide else []), last]


def entries(
    contest: Contest, standings: Sequence[Standing], finishes: Sequence[int | None], current: int, *, wide: bool
) -> list[NumbersRow]:
    """One row a racer; those that cannot race come last, with the reason."""
    reasons, best = contest.endings(), min((f for f in finishes if f is not None), default=None)
    result = []
    for racer, at, finish, ended in zip(contest.running, standings, finishes, reasons, strict=True):
        if contest.problem is None:
            numbers: tuple[float, ...] = (at.logit, at.prediction, at.value, at.gradient)
        elif contest.problem.is_classification and not contest.problem.has_one_weight:
            numbers = (at.accuracy, at.value, at.gradient, *at.weights[: 3 if wide else 1])
        else:
            numbers = (at.value, at.gradient, *at.weights[:2])
        cells = (f"{at.step:,}", *(fitting(x, NUMBER) for x in numbers))
        if contest.problem is None:
            cells = (f"{at.step:,}", fitting(at.logit, NUMBER), *_of_one_logit(racer, at))
        if wide and (contest.problem is None or len(at.weights) < 3):
            cells = (*cells, trimmed(racer.rate))
        long, short = arrival(finish, best, ended, done=contest.done, cancelled=contest.cancelled)
        result.append(NumbersRow(racer.letter, racer.ink, racer.name, cells, long, racer.row == current, short))
    for racer in contest.racers:
        if racer.absent and not _is_replaced(contest, racer):
            why = f"does not race: {racer.absent}"
            result.append(NumbersRow(racer.letter, racer.ink, racer.name, (), why, racer.row == current))
    return result


def _of_one_logit(racer: Contender, at: Standing) -> list[str]:
    # the prediction, the loss and its slope; what no double holds is told so
    elsewhere = surroundings(racer.objective)
    numbers = (("prediction", at.prediction), ("value", at.value), ("d_logit", at.gradient))
    return [elsewhere.told(field, at.logit, x, lambda x: fitting(x, NUMBER)) for field, x in numbers]


def _is_replaced(contest: Contest, racer: Contender) -> bool:
    # a shown loss of classes, on a line that others fit: it is told of when it is the current one
    return "does not fit a" in racer.absent and len(contest.running) > 1


def arrival(finish: int | None, best: int | None, ended: str, *, done: bool, cancelled: bool) -> tuple[str, str]:
    """When a racer was there, in a few words and in fewer."""
    if finish is not None and best is not None:
        if finish == best:
            return f"{finish:,} · first", f"{finish:,} first"
        if not best:
            return f"{finish:,}", f"{finish:,}"
        return f"{finish:,} · {times(finish, best)}×", f"{finish:,} {times(finish, best)}×"
    if cancelled and not ended:
        return "stopped", "stopped"
    if ended:
        return f"— {ended}", f"— {ended.partition(':')[0]}"
    text = "not there" if done else "on its way …"
    return text, text


def words(contest: Contest, finishes: Sequence[int | None], current: int, styles: Styles) -> list[Part]:
    """What stands below the numbers: why the current racer ended, who won, by what factor; or how far it is.

    Args:
        contest: the race.
        finishes: when each was there.
        current: the row of the subject that keys act on: its racer is told of first.
        styles: of the theme.
    """
    if not contest.done:
        return [(f"computing … {contest.step:,} of {contest.limit:,} steps (esc stops)", styles.accent)]
    said: list[list[Part]] = []
    if contest.cancelled:
        said.append([(f"stopped after {contest.step:,} steps", styles.accent)])
    told, cause = told_of(contest)
    whys = {
        racer.row: f"{racer.letter} {ended}"
        for racer, ended, steps in zip(contest.running, contest.endings(), finishes, strict=True)
        if ended and (steps is None or "diverged" in ended)
        and not (contest.problem is not None and ended.startswith("converged"))
    }  # fmt: skip
    outside = [racer for racer in contest.racers if racer.row == current and _is_replaced(contest, racer)]
    said += [[(f"{racer.letter} {racer.absent.partition(':')[0]}", styles.muted)] for racer in outside]
    if current in whys:
        said.append([(whys.pop(current), styles.strong)])
    wrong = [text for text in told if "wrong" in text or "worse" in text]
    said += [[(text, styles.strong)] for text in wrong]
    said += _won(contest, finishes, styles)
    if len(set(contest.goals())) > 1:
        goal = goal_text(contest.goals(), [racer.letter for racer in contest.running])
        said.append([(f"each to its own goal: {goal.replace(DOT, ', ')}", styles.text)])
    if contest.problem is not None:
        said.append([(PROBLEMS[contest.problem.kind], styles.muted)])
    said += [[(why, styles.text)] for why in whys.values()]
    if contest.step == contest.limit < contest.course.limit:
        kept = f"{contest.limit:,} steps of each can be kept: there the race ends"
        said.append([(kept, styles.text)])
    said += [[(cause, styles.text)]] if cause else []
    if contest.problem is not None:
        said += [[(text, styles.text)] for text in told if text not in wrong]
    elif not said:
        said.append([("one example: the logit itself descends", styles.muted)])
    return [part for i, parts in enumerate(said) for part in ([(DOT, styles.muted)] * (i > 0) + parts)]


def _won(contest: Contest, finishes: Sequence[int | None], styles: Styles) -> list[list[Part]]:
    there = sorted((f, i) for i, f in enumerate(finishes) if f is not None)
    if not there:
        return []
    best = there[0][0]
    tied = [i for f, i in there if f == best]
    names = ", ".join(f"{contest.running[i].letter} {contest.running[i].name}" for i in tied)
    won: list[list[Part]] = [[(f"{names} {'wins' if len(tied) == 1 else 'win'}: {steps_text(best)}", styles.strong)]]
    for finish, i in there[len(tied) :]:
        racer = contest.running[i]
        letter = (racer.letter, styles.bold_inks[racer.ink % len(styles.bold_inks)])
        won.append([letter, (f" {times(finish, best)}× as many" if best else f" {steps_text(finish)}", styles.text)])
    return won
