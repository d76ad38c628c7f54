"""The Race screen: gradient descent of the shown losses from one start, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.binding import BindingType
from textual.timer import Timer

from lossterm import race_state as race
from lossterm.arguments import command
from lossterm.commands.race import Report, outcomes_of, write_csv
from lossterm.race_arguments import race_arguments
from lossterm.race_state import SPEEDS
from lossterm.ui.commands import Command, bindings
from lossterm.ui.commands_race import RACE
from lossterm.ui.screens.race_course import CoursePart, whole
from lossterm.ui.widgets.chart import Chart

FRAMES = 20
"""Pictures a second while it is played."""

EXPORTED = 10_000
"""Steps of a racer in a file: of a longer race these many, close together at its start."""

NOTES = """
Marks
  a b c …        the letter of a loss: in the pane, on its curve, on its line and in the numbers
  ◆              there: the probability is reached; of a problem the balanced accuracy, the mean of the two classes'
                 shares of right decisions; of a line the part of the way to the true one, to stay
  ●              where a racer is at the step of the cursor
  + ∘ *          examples of class 1 and 0 (of a line: all), flipped ones and outliers
  ● in Start     the start is the cursor of Curves

The race
  rates          one for all; each 1/smoothness (of a problem that of its mean loss), with which no step of gradient
                 descent climbs; 1/Lipschitz, so that on one logit no step exceeds 1
  Newton         divides by the curvature: where it is negative it climbs, and that is said
  stalled        the slope is 0, or a step is lost in rounding, or so many steps cannot get there
  W              tells all of why the current loss ended
"""


class RaceScreen(CoursePart):
    """The cursor, playing, and taking it away."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(RACE)
    commands: ClassVar[Sequence[Command]] = RACE
    notes: ClassVar[str] = NOTES
    _timer: Timer | None = None
    _beat = 0.0

    # ---- the cursor -----------------------------------------------------------------------------------------------

    def go_to_step(self, step: int) -> None:
        """Put the cursor at a step."""
        self._moved = True
        self.step = min(max(step, 0), self.last)
        self.show_step()

    def action_move(self, by: int) -> None:
        """Move the cursor by columns, at least by a step."""
        panel = self.panels.get("upper")
        if panel is None:
            return
        stops = self.steps.stops(panel.picture.columns)
        ahead = stops[stops > self.step] if by > 0 else stops[stops < self.step][::-1]
        if ahead.size:
            self.go_to_step(int(ahead[min(abs(by), ahead.size) - 1]))

    def action_by_step(self, by: int) -> None:
        """Move it by steps."""
        self.go_to_step(self.step + by)

    def action_edge(self, side: int) -> None:
        """To the start or the end."""
        self.go_to_step(0 if side < 0 else self.last)

    def action_finish(self, direction: int) -> None:
        """To the next step at which one is there."""
        found = sorted({f for f in self._finishes if f is not None})
        if not found:
            self.tell("nobody is there")
            return
        ahead = [f for f in found if (f - self.step) * direction > 0]
        self.go_to_step((ahead or found)[0 if direction > 0 else -1])

    def action_go_to(self) -> None:
        """Ask for a step."""
        self.ask("step", "go to step", str(self.step))

    def take(self, purpose: str, text: str) -> None:
        """Take an answer."""
        if purpose == "step":
            self.go_to_step(whole(text.strip().removeprefix("step")))
        else:
            super().take(purpose, text)

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """The mouse moves the cursor."""
        panel = self.panels.get("upper")
        if panel is not None and panel.picture.columns:
            stops = self.steps.stops(panel.picture.columns)
            columns = np.array([self.steps.column(s, panel.picture.columns) for s in stops.tolist()])
            self.go_to_step(int(stops[int(np.argmin(np.abs(columns - event.column)))]))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """The wheel moves it too."""
        self.action_move(-event.direction)

    # ---- playing --------------------------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Play or pause; in a pane choose its row."""
        if self.focused is self.losses:
            self.action_show()
        elif self.focused is self.setting:
            self.change_setting()
        else:
            self.play(on=not self.playing)

    def play(self, *, on: bool) -> None:
        """Play or pause; at the end it begins anew."""
        if on and self.contest is not None and self.step >= self.last and self.contest.done:
            self.step = 0
        self.playing, self._moved, self._beat = on and self.last > 0, True, 0.0
        if self._timer is None:
            self._timer = self.set_interval(1 / FRAMES, self.beat, pause=True)
        self._timer.resume() if self.playing else self._timer.pause()
        self.show_step()

    def beat(self) -> None:
        """A picture later."""
        if not self.playing or not self.is_current or self.contest is None:
            return
        self._beat += SPEEDS[self.course.speed] / FRAMES
        steps, self._beat = int(self._beat), self._beat % 1.0
        if steps:
            self.go_to_step(self.step + steps)
            if self.step >= self.last and self.contest.done:
                self.play(on=False)

    def action_speed(self, direction: int) -> None:
        """Slower or faster."""
        self.run_course(race.faster(self.course, direction))
        self.tell(f"{SPEEDS[self.course.speed]:,} steps a second")

    def action_leave(self) -> None:
        """Stop computing, else stop playing, else back to the chart."""
        self.notice.hide()
        if self.contest is not None and not self.contest.done:
            self.contest.cancel()
            self.draw()
        elif self.playing:
            self.play(on=False)
        self.set_focus(self.upper)

    # ---- taking it away -------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the command of this race."""
        if self.contest is None or not self.contest.running:
            self.tell("no loss races: press space on one first", wrong=True)
            return
        rows = [racer.row for racer in self.contest.running]
        self.copy_command(
            command(["lossterm", "race", *race_arguments(self.course, self.view, rows, self.contest.limit)])
        )

    def action_export(self) -> None:
        """Write the steps."""
        contest = self.contest
        if contest is None or not contest.running:
            self.tell("no loss races: press space on one first", wrong=True)
            return
        report = Report(contest, outcomes_of(contest))
        note = ""
        if contest.race is not None and contest.step + 1 > EXPORTED:
            note = (f" — of a race longer than {EXPORTED:,} steps about so many, close together at its start;"
                    " all of them: lossterm race --trajectory --format csv")  # fmt: skip
        self.write_file(
            "lossterm-race", ".csv", lambda file: write_csv(report, file, trajectory=True, most=EXPORTED), note
        )
