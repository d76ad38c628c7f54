"""What the Race screen is made of: it runs the race in slices, draws it, and hands the numbers down."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.widget import Widget

from lossterm.contest import Contest, Racer
from lossterm.plot.race import Plane, Steps, Track, cursor_cells, objective_picture, plane_picture, race_panel
from lossterm.plot.ticks import MARGIN
from lossterm.race_state import Course, course_of, document
from lossterm.session import Saved
from lossterm.ui import present
from lossterm.ui import present_race as show
from lossterm.ui import present_race_numbers as told
from lossterm.ui.arrangement import SMALLEST
from lossterm.ui.arrangement_race import race_regions
from lossterm.ui.present_properties import row_name
from lossterm.ui.screens.shared import SharedViewScreen
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import Readout

if TYPE_CHECKING:
    from lossterm.plot.figure import Panel
    from lossterm.plot.picture import Picture

SLICE, PAUSE = 0.008, 0.002
"""Seconds: for so long a race is computed at a stretch, and so long the keys have before it goes on."""

REDRAW = 0.2
"""Seconds between two pictures of a race that is being computed."""

BROAD = 90
"""Columns of the numbers from which there are more of them."""


class PlaneChart(Chart):
    """A chart of examples, on which there is no cursor to move."""

    def _canvas_column(self, x: int) -> int | None:
        return None


class RaceBase(SharedViewScreen):
    """The widgets, the course, the race, and the way to what is shown."""

    mode = "race"
    AUTO_FOCUS = "#upper"

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self.course: Course = course_of(saved.screens.get(self.mode))
        self.contest: Contest | None = None
        self.step = 0
        self.playing = False
        self.course_row = 0
        self.panels: dict[str, Panel] = {}
        self.plane_data: Plane | None = None
        self._moved = False
        self._key: object = None
        self._due = False
        self._drawn_at = 0.0
        self._is_slicing = False
        self._finishes: list[int | None] = []

    def compose_body(self) -> Sequence[Widget]:
        """Panes, charts, numbers."""
        self.losses = Chooser("Loss", id="losses")
        self.setting = Chooser("Race", id="course")
        self.upper = Chart(id="upper", focusable=True)
        self.lower = Chart(id="lower")
        self.plane = PlaneChart(id="plane")
        self.readout = Readout(id="readout")
        return (self.losses, self.setting, self.upper, self.lower, self.plane, self.readout)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Where they are."""
        rows = len(show.settings(self.course, self.view))
        return race_regions(width, height, rows, problem=self.course.is_problem)

    def kept(self, saved: Saved) -> Saved:
        """The course is what is kept."""
        return replace(saved, screens={**saved.screens, self.mode: document(self.course)})

    def focus_home(self) -> None:
        """The chart."""
        self.set_focus(self.upper)

    # ---- changes --------------------------------------------------------------------------------------------------

    def view_changed(self) -> None:
        """Other losses, label, activation or point: another race."""
        self.race_is_due()

    def run_course(self, course: Course) -> None:
        """Run the race in another way, or show it in another way."""
        old, self.course = self.course, course
        if course == old:
            return
        if course.problem != old.problem:
            self.course_row = min(self.course_row, len(show.settings(course, self.view)) - 1)
            self.losses.refresh(layout=True)  # the screen itself is not asked again by its own refresh
        self.race_is_due()

    def race_is_due(self) -> None:
        """Start and draw soon; several changes in a row count once."""
        if not self._due and self.program.is_ready:
            self._due = True
            self.call_later(self._start)

    def program_is_ready(self) -> None:
        """What takes long may begin."""
        self.race_is_due()

    def on_screen_resume(self) -> None:
        """A race that was left goes on."""
        self._slice_soon()

    # ---- running --------------------------------------------------------------------------------------------------

    def _racers(self) -> list[Racer]:
        view = self.labelled
        return [
            Racer(i, letter, ord(letter) - ord("a"), view.objective(i), row_name(view.rows[i]))
            for i, letter in view.letters.items()
        ]

    def _start(self) -> None:
        self._due = False
        view, course = self.view, self.course
        start = 0.0 if course.is_problem else course.start_from(view)
        label = None if course.is_problem else view.target
        rows = tuple((view.rows[i].key, letter) for i, letter in view.letters.items())
        key = (rows, label, view.activation, course.race_key, start)
        if key != self._key or self.contest is None:
            self._key = key
            self.contest = Contest(course, self._racers(), start)
            problem = self.contest.problem
            self.plane_data = show.plane_of(problem) if problem is not None else None
            self._moved = False
            self.contest.advance(SLICE)
        self.draw()
        self._slice_soon()

    def _slice_soon(self) -> None:
        if self.contest is not None and not self.contest.done and not self._is_slicing:
            self._is_slicing = True
            self.set_timer(PAUSE, self._slice)

    def _slice(self) -> None:
        self._is_slicing = False
        contest = self.contest
        if contest is None or not self.is_current:
            return
        more = contest.advance(SLICE)
        if not more or time.monotonic() - self._drawn_at > REDRAW:
            self.draw()
        self._slice_soon()

    # ---- drawing --------------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The last step there is."""
        return self.contest.step if self.contest else 0

    @property
    def steps(self) -> Steps:
        """The x axis."""
        return Steps(self.last, self.course.step_axis == "log")

    def draw(self) -> None:
        """Panes, curves, cursor, numbers."""
        self.show_panes()
        width, height = self.size
        contest = self.contest
        self._finishes = contest.finishes() if contest is not None else []
        if contest is None or not self.is_attached or width < SMALLEST[0] or height < SMALLEST[1]:
            return
        self._drawn_at = time.monotonic()
        if not self._moved and not self.playing:
            first = min((f for f in self._finishes if f is not None), default=self.last)
            self.step = self.last if self.course.is_problem else first
        self.step = min(self.step, self.last)
        regions = self.regions(width, height)
        stacked = {"upper": "loss", "lower": self.course.shown}
        wanted = stacked if "lower" in regions else {"upper": self._only()}
        sizes = {name: (regions[name].width, regions[name].height - 1) for name in wanted}
        tracks = {name: self._tracks(contest, quantity) for name, quantity in wanted.items()}
        margin = MARGIN
        for _ in range(4):
            lowest = next(reversed(wanted))
            self.panels = {
                name: self._panel(quantity, tracks[name], sizes[name], margin, bottom=name == lowest)
                for name, quantity in wanted.items()
            }
            lefts = {panel.picture.left for panel in self.panels.values()}
            if len(lefts) == 1:
                break
            margin = max(lefts)
        self.restyle()

    def _panel(
        self, quantity: str, tracks: Sequence[Track], size: tuple[int, int], margin: int, *, bottom: bool
    ) -> Panel:
        log_y = self.course.log_y and quantity != "accuracy"
        unit = quantity == "accuracy" or (quantity == "prediction" and self.view.link.is_probability and not log_y)
        return race_panel(quantity, tracks, self.steps, size, unit=unit, log_y=log_y, margin=margin, bottom=bottom)

    def _only(self) -> str:
        # where there is one chart for the loss and everything else
        return "loss" if self.course.quantity == "loss" else self.course.shown

    def _tracks(self, contest: Contest, quantity: str) -> list[Track]:
        curves = contest.curves(quantity)
        return [
            Track(racer.letter, racer.ink, x, y, finish)
            for racer, (x, y), finish in zip(contest.running, curves, self._finishes, strict=True)
        ]

    def restyle(self) -> None:
        """Show the pictures, in the colours of the theme."""
        styles = self.program.line_styles
        for name, panel in self.panels.items():
            chart = self.upper if name == "upper" else self.lower
            title = show.quantity_title(panel.quantity, self.course, self.view)
            legend = self.contest if name == "upper" else None
            parts = show.chart_title(title, legend, styles, panel_width(panel))
            right = "against the step" if name == "lower" or "lower" not in self.panels else ""
            chart.show_picture(panel.picture, parts, right)
        self.show_step()

    def show_step(self) -> None:
        """The cursor, the lines in the plane, and the numbers at the step."""
        contest = self.contest
        if contest is None:
            return
        standings = contest.standings(self.step)
        inks = [racer.ink for racer in contest.running]
        for name, panel in self.panels.items():
            chart = self.upper if name == "upper" else self.lower
            column = self.steps.column(self.step, panel.picture.columns) if panel.picture.columns else -1
            values = [self._value(panel.quantity, standing) for standing in standings]
            chart.show_cursor(column, cursor_cells(panel, inks, values) if column >= 0 else {})
        self._show_plane(contest)
        wide = self.readout.size.width >= BROAD
        self.readout.show(
            show.readout_title(self.course, self.view, self.step, playing=self.playing),
            told.heads(contest, self.view, wide=wide),
            told.entries(contest, standings, self._finishes, self.current, wide=wide),
            told.words(contest, self._finishes, self.current, self.program.line_styles),
            "… W tells it",
        )
        self.title_bar.show_status(*show.status(self.course, self.view, self.step, self.last))

    @staticmethod
    def _value(quantity: str, standing: object) -> float:
        if quantity == "weight":
            weights = getattr(standing, "weights", ())
            return float(weights[0]) if weights else float("nan")
        value = float(getattr(standing, {"loss": "value"}.get(quantity, quantity)))
        return abs(value) if quantity == "gradient" else value

    def _show_plane(self, contest: Contest) -> None:
        region = self.regions(*self.size).get("plane")
        if region is None or self.plane_data is None or contest.problem is None:
            return
        title, styles = show.plane_title(contest.problem), self.program.line_styles
        if contest.problem.has_one_weight:
            picture = self._objective(contest, region.width, region.height - 1)
            self.plane.show_picture(picture, [(title, styles.strong)], show.plane_lines(contest))
            return
        lines = []
        if contest.fit is not None:
            weights = contest.fit.at(self.step).weights
            low, high = self.plane_data.window
            lines = [
                (racer.letter, racer.ink, contest.fit.boundary(i, weights[i], low, high))
                for i, racer in enumerate(contest.running)
            ]
        picture = plane_picture(self.plane_data, lines, region.width, region.height - 1)
        self.plane.show_picture(picture, [(title, styles.strong)], show.plane_lines(contest))

    def _objective(self, contest: Contest, width: int, height: int) -> Picture:
        weights = show.weights_of(contest)
        values = contest.objective(weights)
        curves = [(racer.letter, racer.ink, y) for racer, y in zip(contest.running, values, strict=True)]
        at = [standing.weights[0] for standing in contest.standings(self.step)]
        return objective_picture(weights, curves, at, width, height)

    def show_panes(self) -> None:
        """The rows of the panes."""
        view = self.view
        rows = list(range(len(view.rows)))
        items = present.loss_items(view, rows, self.losses.size.width or 23)
        self.losses.show(items, self.current, f"{len(view.shown)}/{len(view.rows)}")
        settings = show.settings(self.course, view, self.contest)
        self.course_row = min(self.course_row, len(settings) - 1)
        self.setting.show([item for _, item in settings], self.course_row)

    # ---- size -----------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Another room."""
        self.show_panes()
        self.race_is_due()

    def on_chart_resized(self) -> None:
        """There is another room for the pictures."""
        self.race_is_due()


def panel_width(panel: Panel) -> int:
    """Cells of a panel's picture."""
    return panel.picture.left + panel.picture.columns
