"""The Race screen: gradient descent of the shown losses from one start, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.geometry import Region
from textual.timer import Timer
from textual.widget import Widget

from lossterm.chart.panel import Panel
from lossterm.model import subject_actions
from lossterm.model.workspace import Workspace
from lossterm.race import actions as act
from lossterm.race import words
from lossterm.race.actions import RaceState
from lossterm.race.contest import Contest
from lossterm.race.course import COURSES, SPEEDS
from lossterm.race.keys import RACE
from lossterm.race.options import ABOUT, KEPT, pane_of, restored_course, saved_course
from lossterm.race.pictures import Steps, draw_panels, problem_picture, value_of
from lossterm.race.service import RaceService
from lossterm.tui.commands import Command, Entry, bindings
from lossterm.tui.drawing import DrawSoon
from lossterm.tui.later import later
from lossterm.tui.loss_items import show_losses
from lossterm.tui.rectangles import NARROW_PANES, SMALLEST, TALL, WIDE, WIDE_PANES
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.subject_commands import subject_entries
from lossterm.tui.widgets.chart import Chart
from lossterm.tui.widgets.chooser import Chooser
from lossterm.tui.widgets.readout import Readout

SLICE, PAUSE = 0.008, 0.002
"""Seconds: for so long a race is computed at a stretch, and so long the keys have before it goes on."""

REDRAW = 0.2
"""Seconds between two pictures of a race that is being computed."""

FRAMES = 20
"""Pictures a second while it is played."""

BROAD = 90
"""Columns of the numbers from which there are more of them."""

NOTES = """
What you see
  the curves     the loss, and below another quantity, against the step of gradient descent: all from one start
  the numbers    at the step of the cursor: which loss is there, and after how many steps
  left           the losses that race, and how the race is run

To try
  enter ← →      play it; go through the steps
  c              the next problem: classes in the plane, outliers, wrong labels, a line
  n W            the next arrival; why the current loss ended as it did
  o R m          another method, learning rate, rates that are matched
  : U Y          find anything by a word; undo, redo

Marks
  a b c …        the letter of a loss: in the pane, on its curve, on its line and in the numbers
  ◆              there: the label's probability is reached; of a problem the mean loss has come so far down to the
                 least that it can be; of a line it is near the true one, to stay
  ●              where a racer is at the step of the cursor
  + ∘ *          examples of class 1 and 0 (of a line: all), flipped ones and outliers
  ● in Start     the start is the cursor of Curves; Z takes it, or −8 again

The problems
{problems}

The race
  rates          one for all; 1/smoothness: 1 over the Lipschitz constant of ∂L/∂z (of a problem of the gradient of the
                 mean loss), with which no step climbs; 1/Lipschitz: 1 over that of L, so that on one logit no step
                 exceeds 1
  best line      the balanced accuracy, the mean of the two classes' shares of right decisions, of the best line
  Newton         divides by the curvature: where it is negative it climbs, and that is said
  converged      at a bottom: for a problem it may be another one than the least
  stalled        the slope is 0 on a plateau, or a step is lost in rounding, or so many steps cannot get there
  W              tells all of why the current loss ended, and what the race shows
""".replace("{problems}", "\n".join(f"  {name:<14} {about}" for name, about in ABOUT.items()))


def rectangles(width: int, height: int, settings: int, *, problem: bool) -> dict[str, Region]:
    """The rectangles of the widgets: panes on the left, two charts over the numbers, a problem's plane beside or below.

    Args:
        width: of the screen.
        height: of the screen.
        settings: rows of the pane that tells how the race is run.
        problem: whether there is a plane.
    """
    side = WIDE_PANES if width >= WIDE else NARROW_PANES
    numbers = 6 if height < 28 else 7 if height < TALL else 9 if height < 50 else 12
    bottom = height - 1
    left, room = side + 1, width - side - 1
    main_bottom = bottom - numbers
    side_bottom = bottom if width >= WIDE else main_bottom
    lines = min(settings + 1, max((side_bottom - 1) // 2, 2))
    upper = (main_bottom - 1) // 2
    lower = main_bottom - 1 - upper
    numbers_left = 0 if width < WIDE else left
    regions = {
        "losses": Region(0, 1, side, max(side_bottom - 1 - lines, 1)),
        "course": Region(0, side_bottom - lines, side, lines),
        "readout": Region(numbers_left, main_bottom, width - numbers_left, numbers),
    }
    if not problem:
        charts = {"upper": Region(left, 1, room, upper), "lower": Region(left, 1 + upper, room, lower)}
    elif width < WIDE:
        charts = {"upper": Region(left, 1, room, upper), "plane": Region(left, 1 + upper, room, lower)}
    else:
        half = room // 2
        charts = {
            "upper": Region(left, 1, half, upper),
            "lower": Region(left, 1 + upper, half, lower),
            "plane": Region(left + half, 1, room - half, main_bottom - 1),
        }
    return regions | charts


class PlaneChart(Chart):
    """A chart of examples, on which there is no cursor to move."""

    def _canvas_column(self, x: int) -> int | None:
        return None


class RaceScreen(FeatureScreen[RaceState]):
    """The panes, the charts against the step, the plane of a problem, the numbers; and the race that is run.

    Attributes:
        service: runs the race.
        panels: the charts against the step that are drawn, by the widget's id.
    """

    name_of_feature = "race"
    AUTO_FOCUS = "#upper"
    BINDINGS: ClassVar[list[BindingType]] = bindings(RACE)
    commands: ClassVar[Sequence[Command]] = RACE
    notes: ClassVar[str] = NOTES
    tells_loss: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, kept: Mapping[str, Any]) -> None:
        super().__init__(workspace, RaceState(course=restored_course(kept)))
        self.service = RaceService()
        self.panels: Mapping[str, Panel] = {}
        self.draw_soon = DrawSoon(self, self._draw)
        self._drawn_at = 0.0
        self._is_slicing = False
        self._clock: Timer | None = None
        self._beat = 0.0

    def compose_body(self) -> Sequence[Widget]:
        """Panes, charts, numbers."""
        self.losses = Chooser("Loss", id="losses")
        self.settings = Chooser("Race", id="course")
        self.upper = Chart(id="upper", focusable=True)
        self.lower = Chart(id="lower")
        self.plane = PlaneChart(id="plane")
        self.readout = Readout(id="readout")
        return (self.losses, self.settings, self.upper, self.lower, self.plane, self.readout)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Rectangle of each widget, by its id."""
        course = self.state.course
        return rectangles(width, height, len(pane_of(course)), problem=course.is_problem)

    def kept(self) -> Mapping[str, Any]:
        """The course; the subject is kept by the program."""
        return saved_course(self.state.course)

    def told_words(self) -> Sequence[str]:
        """The race, as ``lossterm race`` has it."""
        return act.told_words(self.state)

    def take_setting(self, setting: Mapping[str, Any]) -> None:
        """Put a setting of the course on the state."""
        known = {option.name: setting[option.name] for option in KEPT if option.name in setting}
        self.look_at(self.state.with_course(restored_course({**self.kept(), **known})))

    def worth_a_step(self, state: RaceState) -> RaceState:
        """The losses, label and activation, and how the race is run."""
        return RaceState(replace(state.subject, logit=0.0), course=state.course)

    def returned(self, remembered: RaceState) -> RaceState:
        """The state, which is not played."""
        return replace(remembered, playing=False).listed_as(self.state)

    def palette_entries(self) -> Sequence[Entry]:
        """The rows of the pane of the race, and every loss, activation and problem by name."""
        rows = [
            Entry(f"Race: {option.title}", "setting", partial(act.change, option=option), option.words)
            for option in pane_of(self.state.course)
        ]
        problems = [
            Entry(f"Problem: {name.replace('logit', 'one logit')}", "race", partial(act.use_problem, problem=name),
                  ABOUT[name])
            for name in COURSES
        ]  # fmt: skip
        return [*rows, *subject_entries(self.state.subject), *problems]

    def focus_home(self) -> None:
        """Give the focus back to the chart."""
        self.set_focus(self.upper)

    # ---- from a change of the state to the widgets ----------------------------------------------------------------

    def show(self, old: RaceState, new: RaceState) -> None:
        """Run another race and draw it soon; else move the cursor, and show the panes that differ."""
        if new.playing != old.playing:
            self._run_clock(on=new.playing)
        if new.course.problem != old.course.problem:
            self.losses.refresh(layout=True)  # the screen itself is not asked again by its own refresh
        if (new.lineup, new.course) != (old.lineup, old.course):
            self.draw_soon()
            return
        if (new.step, new.playing, new.current) != (old.step, old.playing, old.current):
            self.show_step()
        if replace(new, step=old.step, playing=old.playing) != old:
            self.show_panes()

    def program_is_ready(self) -> None:
        """Begin the race: the program's first frame is on screen."""
        self.draw_soon()

    def on_screen_resume(self) -> None:
        """Look at what was last looked at, and let a race that was left go on."""
        super().on_screen_resume()
        self._slice_soon()

    def on_resize(self) -> None:
        """Show what another size has room for."""
        self.show_panes()
        self.draw_soon()

    def on_chart_resized(self) -> None:
        """Draw in the new room."""
        self.draw_soon()

    # ---- running the race -----------------------------------------------------------------------------------------

    @property
    def contest(self) -> Contest | None:
        """The race of what is looked at, as far as it has come; None until it has begun."""
        return self.service.of(self.state.lineup)

    @property
    def step(self) -> int:
        """The step that the cursor is at."""
        contest = self.contest
        return 0 if contest is None else self.state.step_of(contest)

    @property
    def is_computing(self) -> bool:
        """Whether more of the race, or its drawing, is to come."""
        return self.draw_soon.is_due or self._is_slicing or self.service.is_under_way(self.state.lineup)

    def _slice_soon(self) -> None:
        if self.service.is_under_way(self.state.lineup) and not self._is_slicing:
            self._is_slicing = True
            later(self, PAUSE, self._slice)

    def _slice(self) -> None:
        self._is_slicing = False
        if not self.is_current or self.contest is None:
            return  # it goes on when the screen is seen again, or with the race that is about to begin
        more = self.service.advance(self.state.lineup, SLICE)
        if not more or time.monotonic() - self._drawn_at > REDRAW:
            self.draw_race()
        self._slice_soon()

    # ---- drawing --------------------------------------------------------------------------------------------------

    def _draw(self) -> bool:
        if self.service.begin(self.state.lineup):
            self.service.advance(self.state.lineup, SLICE)
        drawn = self.draw_race()
        self._slice_soon()
        return drawn

    def draw_race(self) -> bool:
        """Draw panes, curves, cursor and numbers of the race as far as it has come; returns whether there was room."""
        self.show_panes()
        (width, height), contest, course = self.size, self.contest, self.state.course
        if contest is None or not self.is_attached or width < SMALLEST[0] or height < SMALLEST[1]:
            return False
        self._drawn_at = time.monotonic()
        regions = self.regions(width, self.body_height)
        stacked = {"upper": "loss", "lower": course.shown}
        # where there is one chart it is for the loss and everything else
        alone = {"upper": "loss" if course.quantity == "loss" else course.shown}
        wanted = stacked if "lower" in regions else alone
        sizes = {name: (regions[name].width, regions[name].height - 1) for name in wanted}
        link = self.state.subject.link
        self.panels = draw_panels(contest, course, wanted, sizes, probability=link.is_probability)
        self.restyle()
        return True

    def restyle(self) -> None:
        """Show the pictures, in the colours of the theme."""
        contest, styles = self.contest, self.program.line_styles
        if contest is None:
            return
        for name, panel in self.panels.items():
            chart = self.upper if name == "upper" else self.lower
            log = panel.threshold is not None
            title = words.quantity_title(panel.quantity, self.state.course, self.state.subject, log=log)
            legend = contest if name == "upper" else None
            parts = words.chart_title(title, legend, styles, panel.picture.left + panel.picture.columns)
            right = "against the step" if name == "lower" or "lower" not in self.panels else ""
            chart.show_picture(panel.picture, parts, right)
        self.show_step()

    def show_step(self) -> None:
        """Show the cursor, the lines in the plane, and the numbers at the step."""
        contest, state = self.contest, self.state
        if contest is None:
            return
        step, styles = state.step_of(contest), self.program.line_styles
        standings, steps = contest.standings(step), Steps(contest.step, state.course.step_axis == "log")
        inks = [racer.ink for racer in contest.running]
        for name, panel in self.panels.items():
            chart = self.upper if name == "upper" else self.lower
            column = steps.column(step, panel.picture.columns) if panel.picture.columns else -1
            values = [value_of(panel.quantity, standing) for standing in standings]
            chart.show_cursor(column, panel.cursor(inks, values) if column >= 0 else {})
        region = self.regions(self.size.width, self.body_height).get("plane")
        if region is not None and contest.problem is not None:
            picture = problem_picture(contest, step, region.width, region.height - 1)
            title = [(words.plane_title(contest.problem), styles.strong)]
            self.plane.show_picture(picture, title, words.plane_lines(contest))
        wide = self.readout.size.width >= BROAD
        self.readout.show(
            words.readout_title(state.course, state.subject, step, playing=state.playing),
            words.heads(contest, state.subject, wide=wide),
            words.entries(contest, standings, contest.finishes(), state.current, wide=wide),
            words.words(contest, contest.finishes(), state.current, styles),
            "… W tells it",
        )
        self.title_bar.show_status(*words.status(state.course, state.subject, step, contest.step))

    def show_panes(self) -> None:
        """Show the rows of the panes."""
        state = self.state
        show_losses(self.losses, state, lambda items, lines: words.with_guests(items, lines, state))
        settings = words.settings(state, self.contest)
        self.settings.show(settings, min(state.setting, len(settings) - 1))

    # ---- the cursor, and what else needs the race -----------------------------------------------------------------

    def _with_contest(self, action: Callable[[RaceState, Contest], Any]) -> None:
        contest = self.contest
        if contest is not None:
            self.carry_out(action(self.state, contest))

    def _stops(self, contest: Contest) -> list[int]:
        columns = self.panels["upper"].picture.columns if self.panels else 0
        stops = Steps(contest.step, self.state.course.step_axis == "log").stops(columns)
        return [int(stop) for stop in stops]

    def action_move(self, by: int) -> None:
        """Move the cursor by columns, at least by a step."""
        self._with_contest(lambda state, contest: act.move(state, contest, self._stops(contest), by))

    def action_by_step(self, by: int) -> None:
        """Move the cursor by steps."""
        self._with_contest(partial(act.move_by_steps, by=by))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the start or the end."""
        self._with_contest(partial(act.to_edge, side=side))

    def action_finish(self, direction: int) -> None:
        """Move the cursor to the next step at which one is there."""
        self._with_contest(partial(act.to_finish, direction=direction))

    def action_go_to(self) -> None:
        """Ask for a step."""
        self._with_contest(act.ask_step)

    def action_why(self) -> None:
        """Tell why the current loss ended."""
        self._with_contest(act.tell_why)

    def action_copy(self) -> None:
        """Copy the command of this race, and show it."""
        self.carry_out(act.copy_command(self.state, self.contest))

    def action_export(self) -> None:
        """Write the steps."""
        self.carry_out(act.export(self.service.ended(self.state.lineup)))

    def action_quantity(self) -> None:
        """Show the next quantity in the lower chart."""
        one_chart = "lower" not in self.regions(self.size.width, self.body_height)
        self.perform(partial(act.next_quantity, one_chart=one_chart))

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """Move the cursor to the mouse."""
        contest, panel = self.contest, self.panels.get("upper")
        if contest is not None and panel is not None and panel.picture.columns:
            steps = Steps(contest.step, self.state.course.step_axis == "log")
            columns = panel.picture.columns
            nearest = min(self._stops(contest), key=lambda stop: abs(steps.column(stop, columns) - event.column))
            self.look_at(act.go_to_step(self.state, nearest))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """Move the cursor by the wheel."""
        self.action_move(-event.direction)

    # ---- playing --------------------------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Play or pause; in a pane choose its row."""
        if self.focused in (self.losses, self.settings):
            self.action_show()
        else:
            self._with_contest(act.toggle_playing)

    def _run_clock(self, *, on: bool) -> None:
        self._beat = 0.0
        if self._clock is None:
            self._clock = self.set_interval(1 / FRAMES, self.beat, pause=True)
        self._clock.resume() if on else self._clock.pause()

    def beat(self) -> None:
        """Move the cursor on by a picture's time."""
        if not self.state.playing or not self.is_current:
            return
        self._beat += SPEEDS[self.state.course.speed] / FRAMES
        steps, self._beat = int(self._beat), self._beat % 1.0
        if steps:
            self._with_contest(partial(act.play_on, steps=steps))

    def action_leave(self) -> None:
        """Stop computing, else stop playing, else end the filter; go back to the chart."""
        self.notice.hide()
        if self.service.stop(self.state.lineup):
            self.draw_race()
        elif self.state.playing:
            self._with_contest(act.pause)
        elif self.state.filter_text:
            self.look_at(subject_actions.filtered(self.state, ""))
        self.set_focus(self.upper)

    # ---- the panes ------------------------------------------------------------------------------------------------

    def action_pane(self, direction: int) -> None:
        """Give the focus to the next or previous pane."""
        self.focus_next() if direction > 0 else self.focus_previous()

    def action_row(self, by: int) -> None:
        """Make another row of the pane with the focus current; of the losses when the chart has the focus."""
        self.look_at((act.next_setting if self.focused is self.settings else subject_actions.next_line)(self.state, by))

    def action_show(self) -> None:
        """Let the current loss race or not; in the other pane change the setting."""
        self.perform(act.change_setting if self.focused is self.settings else subject_actions.show_current)

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """Show or hide a clicked loss; change a clicked setting."""
        if event.chooser is self.losses:
            self.perform(partial(subject_actions.choose_line, place=event.index))
        elif event.index >= 0:
            self.look_at(act.next_setting(self.state, event.index - self.state.setting))
            self.perform(act.change_setting)

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """Move through the pane under the wheel."""
        self.set_focus(event.chooser)
        self.call_later(self.action_row, event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """Make the loss of a clicked row of numbers the current one."""
        contest = self.contest
        if contest is not None:
            order = [*contest.running, *(racer for racer in contest.racers if racer.absent)]
            if event.index < len(order):
                self.look_at(self.state.at(order[event.index].row))
