"""What keys do on the Race screen: functions of its state, and of the race that is run where they need one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from string import ascii_lowercase
from typing import Any, Self

from lossterm.core.descent.defaults import CONSTANT, DEFAULT_START, LINE, LINE_LOSSES, ONE_LOGIT
from lossterm.core.descent.fitting import refusal
from lossterm.core.losses.labels import number
from lossterm.model import subject_actions
from lossterm.model.actions import Ask, Copy, Outcome, Tell, Write
from lossterm.model.notation import command_line, row_name
from lossterm.model.options import Option
from lossterm.model.subject import Subject
from lossterm.model.subject_options import ACTIVATION, LABEL
from lossterm.model.workspace import SubjectState
from lossterm.race import course as courses
from lossterm.race.contest import Contender, Contest, Lineup, admitted, problem_of, room_for
from lossterm.race.course import SPEEDS, Course
from lossterm.race.options import (
    LIMIT,
    RATE,
    START,
    UNTIL,
    pane_of,
    race_words,
    typed,
    typed_start,
    typed_whole,
)
from lossterm.race.report import outcomes_of, why, write_csv

EXPORTED = 10_000
"""Steps of a racer in a file: of a longer race these many, close together at its start."""

NOBODY = Tell("no loss races: press space on one first", wrong=True)

GOALS = {
    ONE_LOGIT: "probability to be reached",
    LINE: "share of the way to the true line",
    CONSTANT: "how near to 1 (0.9: within 0.4)",
}
"""What is asked for of a problem; of the others the share of the way down."""


@dataclass(frozen=True)
class RaceState(SubjectState):
    """All that decides what the Race screen shows, except its size, where the focus is, and how far a race has come.

    Attributes:
        course: how the race is run.
        step: where the cursor was put; None follows the race: to where the first is there, or to the end.
        playing: whether the cursor goes on by itself.
        setting: current row of the pane that tells how the race is run.
    """

    course: Course = field(default_factory=Course)
    step: int | None = None
    playing: bool = False
    setting: int = 0

    @property
    def lineup(self) -> Lineup:
        """What decides the race."""
        return lineup_of(self.subject, self.course.race_key)

    def with_subject(self, subject: Subject) -> Self:
        """The state with another subject; the cursor follows another race."""
        return super().with_subject(subject)._following(self)

    def with_course(self, course: Course) -> Self:
        """The state with another course; the cursor follows another race."""
        changed = replace(self, course=course)
        return replace(changed, setting=min(self.setting, len(pane_of(course)) - 1))._following(self)

    def _following(self, old: RaceState) -> Self:
        return self if self.playing or self.lineup == old.lineup else replace(self, step=None)

    def step_of(self, contest: Contest) -> int:
        """The step that the cursor is at, in the race as far as it has come."""
        if self.step is not None:
            return min(self.step, contest.step)
        if contest.course.is_problem:
            return contest.step
        return min((f for f in contest.finishes() if f is not None), default=contest.step)


def guests(subject: Subject, course: Course) -> dict[int, str]:
    """Losses that race beside the shown ones, with their letters: on a line or a number those that tell its story.

    They come where fewer than two of the shown losses can fit real targets, so that there is a race at all; those that
    one shows oneself race alone.
    """
    problem = problem_of(course)
    if problem is None or problem.is_classification:
        return {}
    rows = subject.rows
    able = [i for i in subject.letters if not refusal(rows[i].entry, dict(rows[i].params), problem)]
    if len(able) > 1:
        return {}
    invited = [next(i for i, row in enumerate(rows) if row.loss == name) for name in LINE_LOSSES]
    absent = [i for i in invited if i not in subject.letters and rows[i].loss not in {rows[j].loss for j in able}]
    free = (letter for letter in ascii_lowercase if letter not in subject.letters.values())
    return dict(zip(absent, free, strict=False))


@lru_cache(maxsize=8)
def lineup_of(subject: Subject, course: Course) -> Lineup:
    """Who stands at the start of a race, and how it is run; remembered, for every key asks for it.

    Args:
        subject: its shown losses, behind its activation, for its label, from its point.
        course: how the race is run, without how it is shown.
    """
    letters = {**subject.letters, **guests(subject, course)}
    contenders = tuple(
        Contender(i, letter, ord(letter) - ord("a"), subject.objective(i), row_name(subject.rows[i]))
        for i, letter in letters.items()
    )
    if course.is_problem:  # its examples have their labels
        contenders = tuple(replace(c, objective=replace(c.objective, label=1.0)) for c in contenders)
    start = None if course.is_problem else course.start_from(subject)
    return Lineup(replace(course, start=start), contenders, start or 0.0)


# ---- the cursor -----------------------------------------------------------------------------------------------------


def go_to_step(state: RaceState, step: int) -> RaceState:
    """Put the cursor at a step; where the race has not come so far, at its end."""
    return replace(state, step=max(step, 0))


def move(state: RaceState, contest: Contest, stops: Sequence[int], by: int) -> RaceState:
    """Move the cursor by columns, at least by a step.

    Args:
        state: of the screen.
        contest: the race.
        stops: the steps at which the cursor stops, in ascending order.
        by: columns; negative to the left.
    """
    here = state.step_of(contest)
    ahead = [s for s in stops if s > here] if by > 0 else [s for s in reversed(stops) if s < here]
    return go_to_step(state, ahead[min(abs(by), len(ahead)) - 1]) if ahead else state


def move_by_steps(state: RaceState, contest: Contest, by: int) -> RaceState:
    """Move the cursor by steps."""
    return go_to_step(state, min(state.step_of(contest) + by, contest.step))


def to_edge(state: RaceState, contest: Contest, side: int) -> RaceState:
    """Move the cursor to the start (−1) or the end (1)."""
    return go_to_step(state, 0 if side < 0 else contest.step)


def to_finish(state: RaceState, contest: Contest, direction: int) -> Outcome:
    """Move the cursor to the next or previous step at which one is there, round the ends."""
    found, here = sorted({f for f in contest.finishes() if f is not None}), state.step_of(contest)
    if not found:
        return Tell("nobody is there")
    ahead = [f for f in found if (f - here) * direction > 0]
    return go_to_step(state, (ahead or found)[0 if direction > 0 else -1])


def ask_step(state: RaceState, contest: Contest) -> Outcome:
    """Ask for a step."""

    def take(then: RaceState, text: str) -> RaceState:
        return go_to_step(then, typed_whole(text.strip().removeprefix("step")))

    return Ask("go to step", take, str(state.step_of(contest)))


# ---- playing --------------------------------------------------------------------------------------------------------


def play(state: RaceState, contest: Contest) -> RaceState:
    """Let the cursor go on by itself; at the end of a race that has ended it begins anew."""
    here = state.step_of(contest)
    if here >= contest.step and contest.done:
        here = 0
    return replace(state, step=here, playing=contest.step > 0)


def pause(state: RaceState, contest: Contest) -> RaceState:
    """Let the cursor stand where it is."""
    return replace(state, step=state.step_of(contest), playing=False)


def toggle_playing(state: RaceState, contest: Contest) -> RaceState:
    """Play or pause."""
    return pause(state, contest) if state.playing else play(state, contest)


def play_on(state: RaceState, contest: Contest, steps: int) -> RaceState:
    """Some steps further while it is played; at the end of a race that has ended it stops."""
    on = move_by_steps(state, contest, steps)
    return pause(on, contest) if on.step_of(contest) >= contest.step and contest.done else on


def change_speed(state: RaceState, direction: int) -> Outcome:
    """Play slower or faster."""
    changed = state.with_course(courses.faster(state.course, direction))
    return changed, Tell(f"{SPEEDS[changed.course.speed]:,} steps a second")


# ---- how the race is run --------------------------------------------------------------------------------------------


def on_course(change: Callable[[Course], Course]) -> Callable[[RaceState], RaceState]:
    """A change of the course as an action."""
    return lambda state: state.with_course(change(state.course))


def step_option(state: RaceState, option: Option[Course, Any], direction: int) -> Outcome:
    """The next or previous value of an option; or why it means nothing here."""
    why_not = option.absent(state.course)
    if why_not or option.step is None:
        return Tell(why_not)
    return state.with_course(option.step(state.course, direction))


def ask_option(state: RaceState, option: Option[Course, Any]) -> Outcome:
    """Ask for the value of an option; or tell why it means nothing here."""
    course = state.course
    if option.absent(course):
        return Tell(option.absent(course))
    question, value = {
        START.name: ("start at w", number(course.first_weight)) if course.has_one_weight
        else ("start at z", number(course.start_from(state.subject))),
        RATE.name: ("learning rate", number(course.step_rate)),
        UNTIL.name: (GOALS.get(course.problem, "share of the way down to the least mean L"), number(course.wanted)),
        LIMIT.name: ("steps at most", str(limit_of(state))),
    }[option.name]  # fmt: skip

    def take(then: RaceState, text: str) -> Outcome:
        if option is START:
            start = typed_start(then.course, then.subject, text)
            return then.with_course(then.course.with_beginning(start))
        changed = then.with_course(typed(option, then.course, text))
        lowered = limit_of(changed)
        if option is LIMIT and lowered < changed.course.limit:
            return changed, Tell(f"{lowered:,} steps of each can be kept: there the race ends", seconds=8)
        return changed

    return Ask(question, take, value)


def start_from_subject(state: RaceState) -> RaceState:
    """Start from the point of the subject, or again from the usual logit; of one weight from what suits the problem."""
    course = state.course
    usual = None if course.has_one_weight or course.start is not None else DEFAULT_START
    return state.with_course(course.with_beginning(usual))


def use_problem(state: RaceState, problem: str) -> RaceState:
    """Another problem, or one logit, by its name."""
    return state.with_course(replace(state.course, problem=problem))


def tell(text: str) -> Callable[[RaceState], Outcome]:
    """An action that only says why a key of another screen does nothing here."""
    return lambda state: Tell(text)


def next_quantity(state: RaceState, *, one_chart: bool) -> RaceState:
    """The next quantity in the lower chart; in the only one of a problem the loss is among them."""
    alone = one_chart and state.course.is_problem
    return state.with_course(courses.next_quantity(state.course, one_chart=alone))


# ---- the panes ------------------------------------------------------------------------------------------------------


def next_setting(state: RaceState, by: int) -> RaceState:
    """Another current row of the pane that tells how the race is run."""
    return replace(state, setting=min(max(state.setting + by, 0), len(pane_of(state.course)) - 1))


def change_setting(state: RaceState) -> Outcome:
    """Change what the current row of that pane tells: to its next value, or to one that is asked for."""
    return change(state, pane_of(state.course)[min(state.setting, len(pane_of(state.course)) - 1)])


def change(state: RaceState, option: Option[Any, Any]) -> Outcome:
    """Change an option of that pane: to its next value, or to one that is asked for."""
    if option in (START, RATE, UNTIL, LIMIT):
        return ask_option(state, option)
    if option is LABEL:
        return subject_actions.next_label(state)
    if option is ACTIVATION:
        return subject_actions.next_activation(state, 1)
    return step_option(state, option, 1)


# ---- who races, and taking it away ----------------------------------------------------------------------------------


def running(state: RaceState) -> list[Contender]:
    """The losses that race."""
    return [c for c in admitted(state.lineup.course, state.lineup.contenders) if not c.absent]


def limit_of(state: RaceState) -> int:
    """After how many steps the race ends at the latest: of more than can be kept, at those."""
    return min(state.course.limit, room_for(state.course, len(running(state))))


@subject_actions.on_loss
def tell_why(state: RaceState, contest: Contest) -> Tell:
    """Why the current loss ended, in full."""
    return Tell(why(contest, state.current), title="the current loss", seconds=20)


def copy_command(state: RaceState, contest: Contest | None = None) -> Outcome:
    """Copy the command that runs the race again.

    Args:
        state: of the screen.
        contest: the race, where it has been begun: one that was stopped is run as far as it came.
    """
    rows = [contender.row for contender in running(state)]
    if not rows:
        return NOBODY
    stopped = contest is not None and contest.cancelled and contest.step > 0
    limit = contest.step if contest is not None and stopped else limit_of(state)
    return Copy(command_line(["lossterm", "race", *race_words(state.course, state.subject, rows, limit)]))


def told_words(state: RaceState) -> list[str]:
    """The race in the words of the command line; empty where nobody runs."""
    rows = [contender.row for contender in running(state)]
    return ["race", *race_words(state.course, state.subject, rows, limit_of(state))] if rows else []


def export(contest: Contest | None) -> Outcome:
    """Write the steps of a race that has ended.

    Args:
        contest: the race; None or one under way is not written, for its file would end where it happened to be.
    """
    if contest is None or not contest.done:
        return Tell("the race is still being computed: once more when it has ended, or after esc", wrong=True)
    if not contest.running:
        return NOBODY
    note = f" — stopped after {contest.step:,} steps: they end there" if contest.cancelled else ""
    if contest.race is not None and contest.step + 1 > EXPORTED:
        note += (f" — of a race longer than {EXPORTED:,} steps about so many, close together at its start;"
                 " all of them: lossterm race --trajectory --format csv")  # fmt: skip
    elif contest.limit < contest.course.limit and contest.step == contest.limit:
        note += f" — {contest.limit:,} steps of each can be kept: there the race ends"
    rows = outcomes_of(contest)
    return Write("lossterm-race", ".csv", partial(write_csv, contest, rows, trajectory=True, most=EXPORTED), note)
