"""The Curves screen: losses as curves, with everything about the point under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen

from lossterm import state
from lossterm.core.activations import ACTIVATIONS
from lossterm.core.landmarks import Landmark
from lossterm.core.objective import Reading
from lossterm.plot.figure import Figure, cursor_cells, draw, with_landmarks
from lossterm.plot.scene import position
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui import present
from lossterm.ui.commands import CURVES, Command, bindings
from lossterm.ui.screens.curves_files import FilesMixin
from lossterm.ui.screens.curves_prompts import PromptsMixin
from lossterm.ui.widgets.bars import KeyBar, TitleBar
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import Readout

ZOOM = 1.5
SMALLEST = (40, 12)
"""Columns and lines below which nothing useful fits."""
WIDE, TALL, ROOMY = 110, 30, 36
"""Columns from which the readout stands beside the panes; lines from which the panes are unfolded, all of them."""

NOTES = """
Marks
  a b c …        the letter of a loss: in the pane, on its curve and in the numbers; a capital is its curve for y=0
  ◇ ◆ ○ ×        minimum · inflection where |∂L/∂z| is largest · inflection · two curves cross
  dashed curve   concave there (∂²L/∂z² < 0): the convexity lens
  · · ·          a loss is not defined there; the reason is written in
  ● ▲ ▼          the cursor on a curve; the curve is above, below the window

Numbers
  ×a             |∂L/∂z| against that of the reference: 1/28.3 is 28.3 times weaker
  e^−L           for cross-entropy the probability given to the label: a loss of 0.105 is a probability of 0.9
  ∞ — 0          infinite · undefined · exactly zero, or too small for a double
  saturated      the prediction is off, yet the slope is below a twentieth of what is left to gain
"""


class CurvesScreen(PromptsMixin, FilesMixin, Screen[None]):
    """Holds the view; computes; hands results down to the widgets."""

    CSS_PATH = None
    DEFAULT_CSS = """
    CurvesScreen { layout: vertical; overflow: hidden hidden; }
    CurvesScreen #body {
        layout: grid; grid-size: 2 2; grid-columns: 23 1fr; grid-rows: 1fr 6; grid-gutter: 0 1; height: 1fr;
    }
    CurvesScreen #side { height: 100%; }
    CurvesScreen #charts { height: 100%; }
    CurvesScreen Chart { height: 1fr; }
    CurvesScreen #losses { height: 1fr; }
    CurvesScreen #readout { column-span: 2; height: 100%; }
    CurvesScreen #too-small { display: none; height: 1fr; width: 1fr; content-align: center middle; }
    CurvesScreen.-wide #body { grid-columns: 28 1fr; }
    CurvesScreen.-wide #side { row-span: 2; }
    CurvesScreen.-wide #readout { column-span: 1; }
    CurvesScreen.-tiny #body, CurvesScreen.-tiny TitleBar, CurvesScreen.-tiny KeyBar { display: none; }
    CurvesScreen.-tiny #too-small { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(CURVES)
    AUTO_FOCUS = "#loss-chart"
    commands: ClassVar[Sequence[Command]] = CURVES
    notes: ClassVar[str] = NOTES

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.view: View = saved.view or View()
        self.current = self.view.reference
        self.filter_text = ""
        self.typed_label: float | None = None
        self._figure: Figure | None = None
        self._readings: tuple[Reading, ...] = ()
        self._sentences: Sequence[str] = ()
        self._landmark: Landmark | None = None
        self._pane_rows = {"labels": 0, "activations": 0}
        self._due = False

    def compose(self) -> ComposeResult:
        """Panes on the left, charts on the right, numbers below."""
        self.title_bar = TitleBar(self.app.tabs, "curves")  # type: ignore[attr-defined]
        self.losses = Chooser("Loss", id="losses")
        self.labels = Chooser("Label", id="labels")
        self.activations = Chooser("Activation", id="activations")
        self.upper = Chart(id="loss-chart", focusable=True)
        self.lower = Chart(id="slope-chart")
        self.readout = Readout(id="readout")
        yield self.title_bar
        with Container(id="body"):
            with Vertical(id="side"):
                yield self.losses
                yield self.labels
                yield self.activations
            with Vertical(id="charts"):
                yield self.upper
                yield self.lower
            yield self.readout
        yield self.too_small_notice()
        yield KeyBar([*CURVES, *self.app.BASE_COMMANDS])  # type: ignore[attr-defined]

    def on_mount(self) -> None:
        """Show the panes at once; the curves follow."""
        self.app.enlist(self)  # type: ignore[attr-defined]
        self._show_panes()
        self._show_status(float(self.view.link.jet(np.array([self.view.logit])).value[0]))

    def kept(self, saved: Saved) -> Saved:
        """The view is what is kept."""
        return replace(saved, view=self.view)

    def extra_entries(self) -> Iterator[tuple[str, str, str]]:
        """Every loss and activation by name."""
        for index, r in enumerate(self.view.rows):
            verb = "Hide" if r.shown else "Show"
            yield f"{verb} {r.loss}", ", ".join(r.entry.aliases), f"toggle_row({index})"
        for name, activation in ACTIVATIONS.items():
            yield f"Activation: {name}", activation.formula, f"use_activation('{name}')"

    # ---- the view changes: the only place where it is assigned --------------------------------------------------------

    def look_at(self, view: View) -> None:
        """Look at another view: only what it changes is computed again."""
        old, self.view = self.view, view
        if view == old:
            return
        if replace(view, logit=old.logit) == old:
            self._landmark = None
            self._show_cursor()
            return
        self._show_panes()
        self._figure_is_due()

    def _figure_is_due(self) -> None:
        # several changes in a row are drawn once
        if not self._due:
            self._due = True
            self.call_later(self._draw)

    def _draw(self) -> None:
        self._due = False
        sizes = [self.upper.room, self.lower.room]
        if not self.is_attached or min(sizes[0].width, sizes[0].height, sizes[1].height) < 1:
            return
        self._figure = draw(self.view, ("loss", self.view.slope), sizes[0].width, [s.height for s in sizes])
        self._sentences = ()
        self._landmark = None
        self._show_figure()
        self._show_cursor()
        self.call_later(self._find_landmarks, self._figure)

    def _find_landmarks(self, figure: Figure) -> None:
        # roots are sought after the curves have been seen, and not for curves that have already gone
        if figure is self._figure and not self._due:
            self._figure = with_landmarks(figure)
            self._sentences = present.convexity_sentences(figure.scene)
            self._show_figure()
            self._show_cursor()

    def _show_figure(self) -> None:
        figure, styles = self._figure, self.app.line_styles  # type: ignore[attr-defined]
        if figure is not None:
            for chart, panel, number in zip((self.upper, self.lower), figure.panels, (0, 1), strict=True):
                title, right = present.chart_title(self.view, figure, number, styles, chart.size.width)
                chart.show_picture(panel.picture, title, right)

    def restyle(self) -> None:
        """The theme has changed."""
        self._show_figure()
        self._show_cursor()

    def _show_cursor(self) -> None:
        figure = self._figure
        if figure is None:
            return
        scene, logit = figure.scene, self.view.logit
        column = scene.column(logit)
        if column >= 0 and scene.stops[column] == logit:
            self._readings = tuple(e.at(column) for e in scene.readings)
        else:
            self._readings = tuple(curve.objective.evaluate([logit]).at(0) for curve in scene.curves)
        for chart, panel in zip((self.upper, self.lower), figure.panels, strict=True):
            values = present.shown_values(scene, self._readings, panel.quantity)
            cells = cursor_cells(panel, scene, column, values) if column >= 0 else {}
            chart.show_cursor(column, {line: cell for (line, _), cell in cells.items()})
        self._show_readout()

    def _show_readout(self) -> None:
        figure = self._figure
        if figure is None:
            return
        styles = self.app.line_styles  # type: ignore[attr-defined]
        if self._readings:
            prediction, slope = self._readings[0].prediction, self._readings[0].d_activation
        else:
            jet = self.view.link.jet(np.array([self.view.logit]))
            prediction, slope = float(jet.value[0]), float(jet.first[0]) if jet.first is not None else float("nan")
        self._show_status(prediction)
        wide = self.readout.size.width >= 90
        scene = replace(figure.scene, view=self.view)
        self.readout.show(
            present.readout_title(self.view, prediction, slope, wide=wide),
            present.heads(self.view, wide=wide),
            present.entries(scene, self._readings, self.current, wide=wide),
            present.words(scene, self._readings, self._sentences, self._landmark, styles),
        )

    def _show_status(self, prediction: float) -> None:
        self.title_bar.show_status(*present.status(self.view, prediction))

    def _show_panes(self) -> None:
        view, rows = self.view, self.visible_rows
        at = rows.index(self.current) if self.current in rows else 0
        items = present.loss_items(view, rows, self.losses.size.width or 23)
        count = f"{len(view.shown)}/{len(view.rows)}" if not self.filter_text else f"/{self.filter_text}"
        self.losses.show(items, at, count)
        folded = self.size.height < TALL
        label_items = present.label_items(view, self.typed_label)
        self.labels.show(label_items, min(self._pane_rows["labels"], len(label_items) - 1),
                         folded=present.label_summary(view) if folded else None)  # fmt: skip
        self.activations.show(present.activation_items(view), self._pane_rows["activations"],
                              folded=present.activation_summary(view) if folded else None)  # fmt: skip
        heights = (2, 1) if folded else (len(label_items) + 1, len(ACTIVATIONS) + 1)
        if not folded and self.size.height < ROOMY:
            heights = (heights[0], max(4, heights[1] - (ROOMY - self.size.height)))
        for pane, height in zip((self.labels, self.activations), heights, strict=True):
            if pane.styles.height is None or pane.styles.height.value != height:
                pane.styles.height = height

    @property
    def visible_rows(self) -> list[int]:
        """The rows of the loss pane."""
        return present.visible_rows(self.view, self.filter_text)

    # ---- size -----------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Fold and unfold."""
        width, height = event.size
        self.set_class(width >= WIDE, "-wide")
        self.set_class(width < SMALLEST[0] or height < SMALLEST[1], "-tiny")
        lines = 6 if height < TALL else 9 if height < 50 else 12
        self.query_one("#body").styles.grid_rows = f"1fr {lines}"
        self._show_panes()
        self._figure_is_due()

    def on_chart_resized(self) -> None:
        """There is another room for the pictures."""
        self._figure_is_due()

    # ---- actions: the cursor ----------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by columns, over columns that the activation does not reach."""
        if self._figure is None:
            return
        scene = self._figure.scene
        column = scene.column(self.view.logit)
        if column < 0:
            before = position(self.view, self.view.logit) < self.view.window[0]
            column = 0 if before else scene.columns - 1
        reached = np.flatnonzero(np.isfinite(scene.stops))
        ahead = reached[reached > column] if by > 0 else reached[reached < column][::-1]
        if ahead.size:
            self.look_at(state.move_to(self.view, float(scene.stops[ahead[min(abs(by), ahead.size) - 1]])))

    def action_edge(self, side: int) -> None:
        """Move to an edge of the window."""
        if self._figure is not None:
            reached = self._figure.scene.stops[np.isfinite(self._figure.scene.stops)]
            if reached.size:
                self.look_at(state.move_to(self.view, float(reached[0 if side < 0 else -1])))

    def action_landmark(self, direction: int) -> None:
        """Jump to the next or previous landmark, round the ends."""
        found = self._figure.scene.landmarks if self._figure else ()
        if not found:
            self.app.notify("no minimum, inflection or crossing in this window", timeout=3)
            return
        here = self.view.logit
        ahead = [x for x in found if (x.logit - here) * direction > 1e-12 * max(1.0, abs(here))]
        landmark = (ahead or list(found))[0 if direction > 0 else -1]
        self.look_at(state.move_to(self.view, landmark.logit))
        self._landmark = landmark
        self._show_readout()

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """The mouse moves the cursor."""
        if self._figure is not None and event.column < self._figure.scene.columns:
            logit = float(self._figure.scene.stops[event.column])
            if np.isfinite(logit):
                self.look_at(state.move_to(self.view, logit))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """The wheel zooms about the mouse."""
        lo, hi = self.view.window
        about = lo + (event.column + 0.5) / max(self._figure.scene.columns if self._figure else 1, 1) * (hi - lo)
        self.look_at(state.zoom(self.view, ZOOM**-event.direction, about))

    # ---- actions: panes -----------------------------------------------------------------------------------------------

    def _focused_pane(self) -> Chooser | None:
        return self.focused if isinstance(self.focused, Chooser) else None

    def action_pane(self, direction: int) -> None:
        """The next or previous pane."""
        self.focus_next() if direction > 0 else self.focus_previous()

    def action_leave(self) -> None:
        """Back to the chart; a filter ends first."""
        if self.filter_text:
            self.set_filter("")
        self.upper.focus()

    def action_row(self, by: int) -> None:
        """Another row of the pane with the focus; of the losses when the chart has it."""
        pane = self._focused_pane()
        if pane is self.labels or pane is self.activations:
            if pane.is_folded:
                self.focus_next() if by > 0 else self.focus_previous()
                return
            name = pane.id or ""
            count = len(ACTIVATIONS) if pane is self.activations else len(self.label_choices) + 2
            self._pane_rows[name] = min(max(self._pane_rows[name] + by, 0), count - 1)
        else:
            rows = self.visible_rows
            if not rows:
                return
            at = rows.index(self.current) if self.current in rows else 0
            self.current = rows[min(max(at + by, 0), len(rows) - 1)]
            self._show_readout()
        self._show_panes()

    def action_toggle(self) -> None:
        """Show or hide the current loss; in another pane choose its row."""
        if self._focused_pane() in (self.labels, self.activations):
            self.action_choose()
        elif self.current in self.visible_rows:
            self.action_toggle_row(self.current)

    def action_toggle_row(self, index: int) -> None:
        """Show or hide a row."""
        if index < len(self.view.rows):
            before = self.view
            self.look_at(state.toggle(self.view, index))
            if self.view == before:
                self.app.notify(f"at most {state.MAX_SHOWN} losses at once: each has a letter", timeout=3)

    def action_choose(self) -> None:
        """Choose the row of the pane with the focus; a folded pane opens."""
        pane = self._focused_pane()
        if pane is self.labels:
            self._open(pane) if pane.is_folded else self._choose_label(self._pane_rows["labels"])
        elif pane is self.activations:
            self._open(pane) if pane.is_folded else self._choose_activation(self._pane_rows["activations"])
        elif pane is self.losses:
            self.action_toggle()

    def _open(self, pane: Chooser) -> None:
        from lossterm.ui.screens.pick import PickScreen

        chosen: Callable[[int], None]
        if pane is self.labels:
            items, chosen = present.label_items(self.view, self.typed_label), self._choose_label
            at = self.label_choices.index(self.view.label)
        else:
            items, chosen = present.activation_items(self.view), self._choose_activation
            at = list(ACTIVATIONS).index(self.view.activation)
        title = "Label" if pane is self.labels else "Activation"
        self.app.push_screen(PickScreen(title, items, at), lambda i: None if i is None else chosen(i))

    @property
    def label_choices(self) -> list[float]:
        """The labels that the pane offers."""
        return present.label_choices(self.view, self.typed_label)

    def _choose_label(self, index: int) -> None:
        choices = self.label_choices
        if index < len(choices):
            self.look_at(state.set_label(self.view, choices[index]))
        elif index == len(choices):
            self.action_type_label()
        else:
            self.action_smoothing()

    def _choose_activation(self, index: int) -> None:
        self.action_use_activation(list(ACTIVATIONS)[index])

    def action_use_activation(self, name: str) -> None:
        """Use an activation."""
        self._pane_rows["activations"] = list(ACTIVATIONS).index(name)
        self.look_at(state.set_activation(self.view, name))

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """A click chooses; on a loss it shows or hides it."""
        if event.index < 0:
            self._open(event.chooser)
        elif event.chooser is self.losses:
            rows = self.visible_rows
            if event.index < len(rows):
                self.current = rows[event.index]
                self.action_toggle_row(self.current)
        elif event.chooser is self.labels:
            self._pane_rows["labels"] = event.index
            self._choose_label(event.index)
        else:
            self._choose_activation(event.index)

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """The wheel moves through a pane."""
        event.chooser.focus()
        self.call_later(self.action_row, event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """A click on a row of numbers makes its loss the current one."""
        if self._figure is not None and event.index < len(self._figure.scene.curves):
            self.current = self._figure.scene.curves[event.index].row
            self._show_panes()
            self._show_readout()

    # ---- actions: losses, label, picture --------------------------------------------------------------------------

    def action_reference(self) -> None:
        """The current loss is what ratios are taken against."""
        self.look_at(state.make_reference(self.view, self.current))

    def action_step(self, number: int, direction: int) -> None:
        """Step a parameter of the current loss."""
        r = self.view.rows[self.current]
        if number < len(r.entry.parameters):
            name = r.entry.parameters[number].name
            self.look_at(state.step_parameter(self.view, self.current, name, direction))
        else:
            what = "no parameter" if not r.entry.parameters else "one parameter only"
            self.app.notify(f"{r.loss} has {what}", timeout=2)

    def action_variant(self) -> None:
        """A second row of the current loss."""
        before = self.view
        self.look_at(state.add_variant(self.view, self.current))
        if self.view != before:
            self.current += 1
            self._show_panes()
        else:
            self.app.notify(f"{self.view.rows[self.current].loss} has no parameter to compare", timeout=3)

    def action_remove(self) -> None:
        """Take such a row away."""
        self.look_at(state.remove_variant(self.view, self.current))
        self.current = min(self.current, len(self.view.rows) - 1)
        self._show_panes()

    def action_label(self, direction: int) -> None:
        """The next label."""
        self.look_at(state.next_label(self.view, direction, self.typed_label))

    def action_smoothing(self) -> None:
        """The next smoothing."""
        if not 0 <= self.view.label <= 1:
            self.app.notify(f"only a label between 0 and 1 can be smoothed, not {self.view.label:g}", timeout=3)
        self.look_at(state.next_smoothing(self.view))

    def action_activation(self, direction: int) -> None:
        """The next activation."""
        view = state.next_activation(self.view, direction)
        self._pane_rows["activations"] = list(ACTIVATIONS).index(view.activation)
        self.look_at(view)

    def action_axis(self) -> None:
        """The other axis."""
        self.look_at(state.next_axis(self.view))

    def action_slope(self) -> None:
        """The next quantity of the lower chart."""
        self.look_at(state.next_slope(self.view))

    def action_both(self) -> None:
        """Both labels at once, or one."""
        self.look_at(replace(self.view, both_labels=not self.view.both_labels))

    def action_scale(self) -> None:
        """The other scale."""
        self.look_at(state.next_scale(self.view))

    def action_zoom(self, direction: int) -> None:
        """Zoom about the cursor."""
        self.look_at(state.zoom(self.view, ZOOM**-direction, position(self.view, self.view.logit)))

    def action_reset(self) -> None:
        """The natural window."""
        self.look_at(state.reset_window(self.view))
