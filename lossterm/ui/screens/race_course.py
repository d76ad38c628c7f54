"""The panes of the Race screen: its losses, and how it is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lossterm import race_state as race
from lossterm.core.labels import number
from lossterm.numbers import parse
from lossterm.race_state import Course
from lossterm.ui import present_race as show
from lossterm.ui import present_race_numbers as told
from lossterm.ui.screens.race_base import RaceBase
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import Readout

UNTIL = {
    race.ONE_LOGIT: "probability to be reached",
    race.LINE: "share of the way to the true line",
    race.MINIMA: "share of the way down to the least L",
    race.CONSTANT: "share of the way down to the least L",
}
"""What is asked for of a problem; of the others the balanced accuracy."""


def whole(text: str) -> int:
    """A whole number as people type it: ``1000``, ``1e6``, ``20,000``.

    Raises:
        ValueError: it is not one.
    """
    value = parse(text.replace(",", ""))
    if value != int(value):
        raise ValueError(f"{text.strip()!r} is not a whole number")
    return int(value)


def typed_course(course: Course, what: str, text: str) -> Course:
    """A course with one thing typed.

    Raises:
        ValueError: what is wrong with it.
    """
    plain = text.strip().removeprefix(f"{what}=")
    if what == "start":
        value = parse(plain.removeprefix("w" if course.has_one_weight else "z").strip().removeprefix("="))
        return replace(course, weight=value) if course.has_one_weight else replace(course, start=value)
    if what == "rate":
        return course.with_rate(parse(plain))
    if what == "until":
        return replace(course, until=parse(plain.removeprefix("p").strip().removeprefix("=")))
    if what == "most":
        name = "fit_steps" if course.is_problem else "most"
        return replace(course, **{name: whole(plain)})  # type: ignore[arg-type]
    return course


class CoursePart(RaceBase):
    """The actions of `RaceScreen` on its panes."""

    def _setting(self) -> str:
        return show.settings(self.course, self.view)[self.course_row][0]

    def action_pane(self, direction: int) -> None:
        """The next or previous pane."""
        self.focus_next() if direction > 0 else self.focus_previous()

    def action_row(self, by: int) -> None:
        """Another row of the pane with the focus; of the losses when the chart has it."""
        if self.focused is self.setting:
            rows = len(show.settings(self.course, self.view))
            self.course_row = min(max(self.course_row + by, 0), rows - 1)
        else:
            self.current = min(max(self.current + by, 0), len(self.view.rows) - 1)
            self.show_step()
        self.show_panes()

    def action_show(self) -> None:
        """Let the current loss race or not; in the other pane change the setting."""
        if self.focused is self.setting:
            self.change_setting()
        else:
            self.action_show_row(self.current)

    def change_setting(self) -> None:
        """Change what the current row of the pane tells."""
        changes: dict[str, Callable[[], object]] = {
            "problem": lambda: self.action_problem(1),
            "label": lambda: self.action_label(1),
            "activation": lambda: self.action_activation(1),
            "match": self.action_match,
            "optimizer": self.action_optimizer,
            "batch": self.action_batch,
            "seed": self.action_seed,
            "speed": lambda: self.run_course(race.faster(self.course, 1) if self.course.speed < len(race.SPEEDS) - 1
                                             else replace(self.course, speed=0)),
        }  # fmt: skip
        what = self._setting()
        changes.get(what, lambda: self.action_type(what))()

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """A click on a loss shows or hides it; on a setting it changes it."""
        if event.chooser is self.losses:
            self.current = min(max(event.index, 0), len(self.view.rows) - 1)
            self.action_show_row(self.current)
        elif event.chooser is self.setting and event.index >= 0:
            self.course_row = event.index
            self.show_panes()
            self.change_setting()

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """The wheel moves through a pane."""
        self.set_focus(event.chooser)
        self.call_later(self.action_row, event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """A click on a row of numbers makes its loss the current one."""
        if self.contest is not None:
            order = [*self.contest.running, *(r for r in self.contest.racers if r.absent)]
            if event.index < len(order):
                self.current = min(order[event.index].row, len(self.view.rows) - 1)
                self.show_panes()
                self.show_step()

    # ---- how it is run --------------------------------------------------------------------------------------------

    def action_problem(self, direction: int) -> None:
        """Another problem."""
        self.run_course(race.next_problem(self.course, direction))

    def action_why(self) -> None:
        """Why the current racer ended."""
        if self.contest is not None:
            self.tell(told.why(self.contest, self.current), title="the current loss", timeout=20)

    def action_optimizer(self) -> None:
        """Another way to descend."""
        self.run_course(race.next_optimizer(self.course))

    def action_match(self) -> None:
        """Rates of their own, or one for all."""
        self.run_course(race.next_match(self.course))

    def action_rate(self, direction: int) -> None:
        """The next rate."""
        self.run_course(race.scaled_rate(self.course, direction))

    def action_batch(self) -> None:
        """Examples in a step."""
        if self.course.has_one_weight:
            self.tell("it has a few examples only: all of them are in every step")
        elif self.course.is_problem:
            self.run_course(race.next_batch(self.course))
        else:
            self.tell("one logit is one example: c chooses a problem with many")

    def action_seed(self) -> None:
        """Other data."""
        if self.course.has_one_weight:
            self.tell("its examples are given: other problems have data of their own")
        elif self.course.is_problem:
            self.run_course(replace(self.course, seed=(self.course.seed + 1) % 1000))
        else:
            self.tell("one logit has no data: c chooses a problem that has")

    def action_from_cursor(self) -> None:
        """Start from the cursor of Curves."""
        one = self.course.has_one_weight
        self.run_course(replace(self.course, weight=None) if one else replace(self.course, start=None))

    def action_axis(self) -> None:
        """The other axis."""
        self.run_course(race.next_step_axis(self.course))

    def action_quantity(self) -> None:
        """What the lower chart shows."""
        course = self.course
        if "lower" not in self.panels and course.is_problem:  # the only chart shows the loss as well
            among = ["loss", *course.choices]
            self.run_course(replace(course, quantity=race.cycled(among, course.quantity)))
        else:
            self.run_course(race.next_quantity(course))

    def action_scale(self) -> None:
        """The other scale."""
        self.run_course(replace(self.course, log_y=not self.course.log_y))

    def action_type(self, what: str) -> None:
        """Ask for a number."""
        course = self.course
        questions = {
            "start": ("start at w", number(course.first_weight)) if course.has_one_weight
            else ("start at z", number(course.start_from(self.view))),
            "rate": ("learning rate", number(course.step_rate)),
            "until": (UNTIL.get(course.problem, "balanced accuracy to be reached"), number(course.until)),
            "most": ("steps at most", str(course.limit if self.contest is None else self.contest.limit)),
        }  # fmt: skip
        if what == "start" and course.is_problem and not course.has_one_weight:
            self.tell("a problem starts with all weights 0")
        else:
            self.ask(what, *questions[what])

    def take(self, purpose: str, text: str) -> None:
        """Take an answer."""
        if purpose in {"start", "rate", "until", "most"}:
            self.run_course(typed_course(self.course, purpose, text))
        else:
            super().take(purpose, text)
