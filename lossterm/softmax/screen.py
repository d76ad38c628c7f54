"""The Softmax screen: one example with K classes, and what each loss makes of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.widget import Widget

from lossterm.core.softmax.presets import PRESETS
from lossterm.model import subject_actions
from lossterm.model.actions import Ask
from lossterm.model.workspace import Workspace
from lossterm.softmax import actions as act
from lossterm.softmax import words
from lossterm.softmax.actions import SoftmaxState
from lossterm.softmax.classes import ClassTable
from lossterm.softmax.keys import SOFTMAX
from lossterm.softmax.ledger import BROAD, Ledger
from lossterm.softmax.options import restored, saved, view_words
from lossterm.softmax.report import Evaluations, evaluated
from lossterm.softmax.split import SplitBar
from lossterm.softmax.view import SoftmaxView, same_picture
from lossterm.tui.commands import Command, Entry, bindings
from lossterm.tui.drawing import DrawSoon
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.widgets.chart import Chart
from lossterm.tui.widgets.settings import Settings

if TYPE_CHECKING:
    from lossterm.softmax.pictures import SweepFigure

TWO_CHARTS = 64
"""Columns from which both charts stand side by side."""
LEAST_CHART = 6
"""Lines below which a chart says nothing."""
LOSSES = 14
"""The most lines of losses."""

NOTES = """
What you see
  the classes    logit z, probability p and target t of each; beside them the gradient ∂L/∂z of each loss
  CE = H + KL    cross-entropy, the floor under it, and what is above the floor
  the curves     the losses, and the slope of the selected class, while its logit z (or the temperature T) is swept
  the losses     their numbers at the cursor, and what they mean

To try
  n              the next preset: each shows one thing, which the last line says
  ← → [ ]        change the selected logit and see p, the losses and the gradients follow
  t w < > h c    another target, smoothing, temperature, a teacher, class weights
  X              p and t swapped: cross-entropy and KL are no distance
  : U Y          find anything by a word; undo, redo

Marks
  a b c …        the letter of a loss: over its gradient, on its curve and in the list of losses
  ▸ ●            the selected class · the class that is the target
  █ ┃            the probability p from 0 to 1 · the target t
  ██│  │██       ∂L/∂z_k below, above zero, all losses on one scale: descent raises, lowers the logit
  █ ░ ┃          H(t), the entropy of the target · KL(t‖p), the excess · the floor H(t)
  ● ▲ ▼          the cursor on a curve; the curve is above, below the window

Numbers
  L₀ L₁ …        what the selected class contributes to the loss, where the loss is a sum over classes
  ‖∂L/∂z‖        the length of the whole gradient; ×a is that against the reference's
  ∞ — 0          infinite · undefined · exactly zero, or too small for a double
  saturated      p is off its target, yet the gradient is below an eighth of the largest there is, and falls as p gets
                 surer
  pushes k up    descent raises a class that has too much already: the gradient misleads

A list of numbers pasted here becomes the logits; after p= they are probabilities.
"""


def rectangles(width: int, height: int, classes: int, losses: int, chart: int) -> dict[str, Region]:
    """The rectangles of the widgets, from the top: settings, classes, the split, charts, losses.

    Args:
        width: of the screen.
        height: of the screen.
        classes: K.
        losses: rows of losses.
        chart: which of the charts stands alone where there is no room for two.
    """
    bottom = height - 1
    body = bottom - 1
    split = 2 if height >= 16 else 1
    ledger = min(losses, LOSSES, max(2, (body - 5) // 3 - 2)) + 2
    rest = body - 1 - split - ledger
    rows = min(classes, max(2, rest // 2 - 2))
    charts = rest - rows - 2
    if charts < LEAST_CHART:
        rows, charts = rest - 2, 0
    top = 2 + rows + 2
    regions = {
        "settings": Region(0, 1, width, 1),
        "classes": Region(0, 2, width, rows + 2),
        "split": Region(0, top, width, split),
        "ledger": Region(0, bottom - ledger, width, ledger),
    }
    if charts and width >= TWO_CHARTS:
        left = width // 2
        regions["loss-chart"] = Region(0, top + split, left - 1, charts)
        regions["slope-chart"] = Region(left, top + split, width - left, charts)
    elif charts:
        regions[("loss-chart", "slope-chart")[chart]] = Region(0, top + split, width, charts)
    return regions


class SoftmaxScreen(FeatureScreen[SoftmaxState]):
    """Classes, the split of cross-entropy, curves and losses of an example.

    Attributes:
        figure: the painted charts; None before the first drawing, and where there is no room for one.
        chance: what deals logits at random.
    """

    name_of_feature = "softmax"
    AUTO_FOCUS = "#classes"
    BINDINGS: ClassVar[list[BindingType]] = bindings(SOFTMAX)
    commands: ClassVar[Sequence[Command]] = SOFTMAX
    notes: ClassVar[str] = NOTES
    tells_loss: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, kept: Mapping[str, Any]) -> None:
        super().__init__(workspace, SoftmaxState.of(restored(SoftmaxView(), kept)))
        self.figure: SweepFigure | None = None
        self.chance = random.Random()
        self.evaluations: Evaluations = {}
        self._asked_from: Widget | None = None
        self.draw_soon = DrawSoon(self, self._draw)

    def compose_body(self) -> Sequence[Widget]:
        """Settings, classes, the split, charts, losses."""
        self.settings = Settings(id="settings")
        self.classes_table = ClassTable(id="classes")
        self.split = SplitBar(id="split")
        self.upper = Chart(id="loss-chart", focusable=True)
        self.lower = Chart(id="slope-chart")
        self.ledger = Ledger(id="ledger")
        return (self.settings, self.classes_table, self.split, self.upper, self.lower, self.ledger)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Rectangle of each widget, by its id."""
        return rectangles(width, height, self.view.classes, len(self.view.rows), self.state.lone_chart)

    @property
    def view(self) -> SoftmaxView:
        """What is looked at."""
        return self.state.view

    def kept(self) -> Mapping[str, Any]:
        """The view."""
        return saved(self.view)

    def told_words(self) -> Sequence[str]:
        """The example, as ``lossterm softmax`` has it."""
        return ["softmax", *view_words(self.view)] if self.view.fitting else ()

    def take_setting(self, setting: Mapping[str, Any]) -> None:
        """Put a setting of the view on the state."""
        self.look_at(self.state.with_view(restored(self.view, setting)))

    def worth_a_step(self, state: SoftmaxState) -> SoftmaxState:
        """The view without the selected class."""
        return SoftmaxState(replace(state.view, selected=0), lone_chart=state.lone_chart)

    def palette_entries(self) -> Sequence[Entry]:
        """Every preset and loss by name."""
        presets = [
            Entry(f"Preset: {name}", "example", partial(act.use_preset, name=name), preset.about)
            for name, preset in PRESETS.items()
        ]
        losses = [
            Entry(
                f"{'Hide' if row.shown else 'Show'} {row.spec}",
                "loss",
                partial(subject_actions.show_row, index=index),
                " ".join(row.entry.aliases),
            )
            for index, row in enumerate(self.view.rows)
        ]
        return presets + losses

    # ---- from a change of the state to the widgets ----------------------------------------------------------------

    def show(self, old: SoftmaxState, new: SoftmaxState) -> None:
        """Draw soon where the curves are others; show the numbers of another view, or else the losses alone."""
        before, view = old.view, new.view
        # the screen itself is not asked again by its own refresh
        if (view.classes, len(view.rows), new.lone_chart) != (before.classes, len(before.rows), old.lone_chart):
            self.classes_table.refresh(layout=True)
        if view != before:
            if not same_picture(before, view):
                self.draw_soon()
            self.show_numbers()
        elif new.current != old.current:
            self.show_losses()

    def slope_of_loss(self) -> str:
        """The residual p − t where the gradient is that, at this temperature and for this target; else L's bound."""
        return words.tag(self.view, self.state.current)

    def program_is_ready(self) -> None:
        """Draw: the program's first frame is on screen."""
        self.draw_soon()

    def on_chart_resized(self) -> None:
        """Draw in the new room."""
        self.draw_soon()

    def on_resize(self) -> None:
        """Show and draw what another size has room for; the first size is also the start."""
        self.show_numbers()
        self.draw_soon()

    @property
    def _shown_charts(self) -> list[Chart]:
        return [chart for chart in (self.upper, self.lower) if chart.room.width > 0 and chart.room.height > 0]

    def _draw(self) -> bool:
        from lossterm.softmax.pictures import remembered

        charts = self._shown_charts if self.is_attached else []
        if not charts:
            self.figure = None
            return False
        width, height = min(chart.room.width for chart in charts), min(chart.room.height for chart in charts)
        self.figure = remembered(self.view, width, height)
        self._show_figure()
        return True

    def _show_figure(self) -> None:
        figure, styles = self.figure, self.program.line_styles
        if figure is not None:
            for number, chart in enumerate((self.upper, self.lower)):
                title, right = words.chart_title(self.view, figure, number, styles, chart.size.width)
                chart.show_picture(figure.panels[number].picture, title, right)
        self.show_cursor()

    def restyle(self) -> None:
        """Show the figure, and the words, in the colours of the theme."""
        self._show_figure()
        if self.evaluations:
            self.show_losses()

    def show_numbers(self) -> None:
        """Evaluate the example, and show all that is not a curve."""
        view = self.view
        self.evaluations = evaluated(view)
        split = words.split(view.example.point)
        self.title_bar.show_status(*words.status(view, split))
        self.settings.show(words.settings(view))
        self.classes_table.show(words.example(view, self.evaluations))
        self.split.show(split)
        self.show_losses()
        self.show_cursor()

    def show_losses(self) -> None:
        """Show the losses and their numbers."""
        view, current = self.view, self.state.current
        rows = words.ledger(view, self.evaluations)
        verdict = f"{rows[current].letter} {rows[current].words}" if rows[current].on else ""
        wide = self.ledger.size.width >= BROAD
        line = words.words(
            view, self.evaluations, verdict, self.program.line_styles, self.ledger.size.width, current, wide=wide
        )
        self.ledger.show(words.heads(view), rows, current, line)

    def show_cursor(self) -> None:
        """Put the cursor where the swept number is, unless the curves are still to come."""
        figure = self.figure
        if figure is None:
            return
        current = same_picture(figure.view, self.view)
        column = figure.column(self.view.position) if current else -1
        for panel, chart in enumerate((self.upper, self.lower)):
            values = figure.values(self.evaluations, panel) if current else []
            chart.show_cursor(column, figure.cursor(panel, values) if column >= 0 else {})

    # ---- panes ----------------------------------------------------------------------------------------------------

    @property
    def in_losses(self) -> bool:
        """Whether keys act on the list of losses."""
        return self.focused is self.ledger

    def ask(self, asked: Ask) -> None:
        """Ask for something to be typed; the pane that has the focus gets it back."""
        if not self.prompt.is_open:
            self._asked_from = self.focused
        super().ask(asked)

    def focus_home(self) -> None:
        """Give the focus back to the losses if a question was asked from there, else to the classes."""
        self.set_focus(self.ledger if self._asked_from is self.ledger else self.classes_table)

    def action_pane(self, direction: int) -> None:
        """Give the focus to the next or previous pane."""
        self.focus_next() if direction > 0 else self.focus_previous()

    def action_leave(self) -> None:
        """Go back to the classes."""
        self.notice.hide()
        self.set_focus(self.classes_table)

    def action_row(self, by: int) -> None:
        """Select another class; in the losses make another loss the current one."""
        self.look_at(act.next_row(self.state, by) if self.in_losses else act.next_class(self.state, by))

    def action_step(self, direction: int) -> None:
        """Step the selected logit; in the losses the parameter."""
        step = partial(subject_actions.step_parameter, which=0) if self.in_losses else act.step_logit
        self.perform(partial(step, direction=direction))

    def action_choose(self) -> None:
        """Make the selected class the target; in the losses show or hide."""
        self.perform(subject_actions.show_current if self.in_losses else act.select_as_target)

    def action_shuffle(self) -> None:
        """Deal the logits anew."""
        self.look_at(act.shuffle(self.state, self.chance))

    # ---- the cursor and the picture -------------------------------------------------------------------------------

    @property
    def _stops(self) -> tuple[float, ...]:
        # of keys that come faster than drawings the next may be on another axis than is drawn
        figure, view = self.figure, self.view
        if figure is not None and (figure.view.sweep, figure.view.window) == (view.sweep, view.window):
            return figure.stops
        from lossterm.softmax.pictures import stops

        columns = self.size.width if figure is None else len(figure.stops)
        return tuple(stops(view, max(columns, 1)).tolist())

    def action_move(self, by: int) -> None:
        """Move the cursor by columns."""
        self.look_at(act.move(self.state, self._stops, by), by_cursor=True)

    def action_edge(self, side: int) -> None:
        """Move the cursor to an edge of the window."""
        self.look_at(act.to_edge(self.state, self._stops, side), by_cursor=True)

    def action_other_chart(self) -> None:
        """Show the other chart, where there is room for one."""
        self.perform(partial(act.other_chart, both=len(self._shown_charts) > 1))

    # ---- the mouse and the clipboard ------------------------------------------------------------------------------

    def on_class_table_picked(self, event: ClassTable.Picked) -> None:
        """Select a clicked class; a second click makes it the target."""
        self.look_at(act.pick_class(self.state, event.index, target=event.target))

    def on_class_table_scrolled(self, event: ClassTable.Scrolled) -> None:
        """Move through the classes."""
        self.look_at(act.next_class(self.state, event.by))

    def on_ledger_clicked(self, event: Ledger.Clicked) -> None:
        """Make a clicked loss the current one; a click on its box shows or hides it."""
        self.look_at(act.go_to_row(self.state, event.index))
        if event.box:
            self.perform(subject_actions.show_current)

    def on_ledger_scrolled(self, event: Ledger.Scrolled) -> None:
        """Move through the losses."""
        self.look_at(act.next_row(self.state, event.by))

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """Move the cursor to the mouse."""
        places = self._stops
        if event.column < len(places):
            self.look_at(act.go_to_place(self.state, places[event.column]), by_cursor=True)

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """Zoom about the mouse."""
        lo, hi = self.view.window
        about = lo + (event.column + 0.5) / max(len(self._stops), 1) * (hi - lo)
        self.look_at(act.zoom(self.state, event.direction, about))

    async def on_settings_clicked(self, event: Settings.Clicked) -> None:
        """Do what the key of a clicked setting does."""
        await self.run_action(event.action)

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted numbers."""
        event.stop()
        if event.text.strip():
            self.perform(partial(act.pasted, text=event.text))

    def action_copy(self) -> None:
        """Copy the command of this view, with the curves where there is room for them."""
        rooms = [chart.room for chart in self._shown_charts]
        width, height = min((r.width for r in rooms), default=0), min((r.height for r in rooms), default=0)
        self.perform(partial(act.copy_command, width=width, height=2 * (height + 1) if height else 0))
