"""From a race to its numbers at a step, and to the words below them."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.contest import Contest, Racer, Standing
from lossterm.core.problems import PROBLEMS
from lossterm.numbers import fitting, trimmed
from lossterm.race_arguments import LINE_LOSSES
from lossterm.race_words import goal_text, reason, times
from lossterm.state import View
from lossterm.ui.present_race import letter_of, shorter
from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import Part
from lossterm.ui.widgets.readout import DOT, Entry

NUMBER = 8
"""Characters of a number."""


def heads(contest: Contest, view: View, *, wide: bool) -> list[str]:
    """The heads of the numbers; the last stands over when each was there."""
    goal = goal_text(contest.goals(), [racer.letter for racer in contest.running])
    if contest.problem is None:
        rest = ["z", letter_of(view), "L", "∂L/∂z", *(["rate"] if wide else [])]
        return ["step", *rest, f"steps to {goal if len(set(contest.goals())) == 1 else 'its goal'}" if goal else ""]
    last = f"to {shorter(goal)}" if goal else ""
    if contest.problem.has_one_weight:
        return ["step", "mean L", "|∇L|", "w", *(["rate"] if wide else []), last]
    if contest.problem.is_classification:
        return ["step", "balanced", "mean L", "|∇L|", "w₁", *(["w₂", "bias"] if wide else []), last]
    return ["step", "mean L", "|∇L|", "slope", "bias", *(["rate"] if wide else []), last]


def entries(
    contest: Contest, standings: Sequence[Standing], finishes: Sequence[int | None], current: int, *, wide: bool
) -> list[Entry]:
    """One row a racer; those that cannot race come last, with the reason."""
    reasons, best = contest.reasons(), min((f for f in finishes if f is not None), default=None)
    result = []
    for racer, at, finish, ended in zip(contest.running, standings, finishes, reasons, strict=True):
        if contest.problem is None:
            numbers: tuple[float, ...] = (at.logit, at.prediction, at.value, at.gradient)
        elif contest.problem.is_classification and not contest.problem.has_one_weight:
            numbers = (at.accuracy, at.value, at.gradient, *at.weights[: 3 if wide else 1])
        else:
            numbers = (at.value, at.gradient, *at.weights[:2])
        cells = (f"{at.step:,}", *(fitting(x, NUMBER) for x in numbers))
        if wide and (contest.problem is None or len(at.weights) < 3):
            cells = (*cells, trimmed(racer.rate))
        long, short = arrival(finish, best, ended, done=contest.done, cancelled=contest.cancelled)
        result.append(Entry(racer.letter, racer.ink, racer.name, cells, long, racer.row == current, short))
    for racer in contest.racers:
        if racer.absent:
            why = f"does not race: {racer.absent}"
            result.append(Entry(racer.letter, racer.ink, racer.name, (), why, racer.row == current))
    return result


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
        current: the row of the view that keys act on: its racer is told of first.
        styles: of the theme.
    """
    if not contest.done:
        return [(f"computing … {contest.step:,} of {contest.limit:,} steps (esc stops)", styles.accent)]
    said: list[list[Part]] = []
    if contest.cancelled:
        said.append([(f"stopped after {contest.step:,} steps", styles.accent)])
    if not contest.running and contest.problem is not None and not contest.problem.is_classification:
        names = f"{', '.join(LINE_LOSSES[:-1])} or {LINE_LOSSES[-1]}"
        said.append(
            [(f"none of the shown losses fits a {contest.problem.kind}: show {names} (↑↓, space)", styles.text)]
        )
    whys = {
        racer.row: f"{racer.letter} {ended}"
        for racer, ended, steps in zip(contest.running, contest.reasons(), finishes, strict=True)
        if ended and (steps is None or ended.startswith("diverged"))
    }
    if current in whys:
        said.append([(whys.pop(current), styles.strong)])
    said += _won(contest, finishes, styles)
    if len(set(contest.goals())) > 1:
        goal = goal_text(contest.goals(), [racer.letter for racer in contest.running])
        said.append([(f"each to its own goal: {goal.replace(DOT, ', ')}", styles.text)])
    said += [[(why, styles.text)] for why in whys.values()]
    if contest.step == contest.limit < contest.course.limit:
        kept = f"{contest.limit:,} steps of each can be kept: there the race ends"
        said.append([(kept, styles.text)])
    if contest.problem is not None:
        said.append([(PROBLEMS[contest.problem.kind], styles.muted)])
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
    won: list[list[Part]] = [[(f"{names} {'wins' if len(tied) == 1 else 'win'}: {_steps(best)}", styles.strong)]]
    for finish, i in there[len(tied) :]:
        racer = contest.running[i]
        letter = (racer.letter, styles.bold_inks[racer.ink % len(styles.bold_inks)])
        won.append([letter, (f" {times(finish, best)}× as many" if best else f" {_steps(finish)}", styles.text)])
    return won


def why(contest: Contest, row: int) -> str:
    """Why the racer of a row of the view ended, or how it is doing, in full."""
    index = next((i for i, racer in enumerate(contest.running) if racer.row == row), None)
    if index is None:
        absent = next((racer for racer in contest.racers if racer.row == row), None)
        return (
            "it does not race: space lets it" if absent is None else f"{_named(absent)} does not race: {absent.absent}"
        )
    racer, ended = contest.running[index], contest.reasons()[index]
    steps, taken = contest.finishes()[index], contest.last()[index].step
    if not ended and not contest.done:
        return f"{_named(racer)} is on its way, after {_steps(taken)}"
    if not ended and contest.cancelled:
        return f"{_named(racer)} was stopped after {_steps(taken)}"
    said = ended if contest.problem is None else reason(steps, ended, taken)
    if steps is not None:
        said = said.replace("reached", f"reached {contest.goals()[index]} after {_steps(steps)}", 1)
    return f"{_named(racer)}: {said}"


def _named(racer: Racer) -> str:
    return f"{racer.letter} {racer.name}"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count:,} steps"
