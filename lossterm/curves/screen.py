"""The Curves screen: losses as curves, with everything about the point under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.geometry import Region
from textual.widget import Widget

from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.curves import actions as act
from lossterm.curves import panes
from lossterm.curves import view as views
from lossterm.curves.actions import CurvesState
from lossterm.curves.keys import CURVES
from lossterm.curves.options import restored_view, saved_picture
from lossterm.curves.view import View
from lossterm.model import subject_actions
from lossterm.model.actions import Outcome, Pick, Tell, Write
from lossterm.model.notation import row_name
from lossterm.model.subject import SMOOTHINGS
from lossterm.model.workspace import Workspace
from lossterm.tui.commands import Command, Entry, bindings
from lossterm.tui.drawing import DrawSoon
from lossterm.tui.loss_items import show_losses
from lossterm.tui.rectangles import LOW, NARROW_PANES, TALL, WIDE, WIDE_PANES
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.subject_commands import subject_entries
from lossterm.tui.widgets.chart import Chart
from lossterm.tui.widgets.chooser import Chooser, Item
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import CLOSE, DOT, Readout, verdicts_fit

if TYPE_CHECKING:
    from lossterm.core.losses.objective import Reading
    from lossterm.curves.densities import DensityPanel
    from lossterm.curves.dots import Dots
    from lossterm.curves.figure import Figure
    from lossterm.curves.scene import Scene

HIGH, MOST_NUMBERS = 50, 20
"""Lines from which there is room for the numbers of many losses, and lines for all that one begins with."""

BROAD, BROADER = 90, 120
"""Columns of the numbers from which the activation's slope has its own; from which also beside the longest numbers."""

AROUND_ROWS = 3
"""Lines of the numbers beside their rows: the title, the heads, the words below."""

SMOOTHING_LINE = 1
"""Which line of the folded label pane tells the smoothing."""

NOTES = """
What you see
  above          the loss L of one prediction, a curve a loss, against the logit z or the prediction p
  below          its derivative: ∂L/∂z is what training feels; the numbers at the bottom are those at the cursor
  left           the losses, the label y, the activation that turns z into p

To try
  ← → n          move the cursor; n jumps to minima and inflections. Far on the left, where the prediction is wrong,
                 cross-entropy still pulls with slope near −1, and squared error hardly at all: it is saturated
  a t b          another activation, another label, both labels in one picture
  tab space / p  choose a loss, show or hide it, find one by name, type its parameters
  space E H      at a heading: fold it; show all of a family; the activation and label that suit the current loss
  : U Y          find anything by a word; undo, redo

Marks
  a b c …        the letter of a loss: in the pane, on its curve and in the numbers; a capital is its curve for y=0
  ◇ ◆ ○ ×        minimum · inflection where |∂L/∂z| is largest · inflection · two curves cross
  dotted curve   concave there: ∂²L/∂z² < 0, on the p axis ∂²L/∂p² < 0: the convexity lens
  a at an edge   the curve has a pole and leaves the window there, or one has zoomed in on y
  · · ·          a loss is not defined there; the reason is written in
  ● ▲ ▼          the cursor on a curve; the curve is above, below the window
  • ✗            a plain chain rule in the precision that K chose · where that is NaN
  ◎ △ ▽ ┊        the same of the mark that m sets, to compare two points; esc takes it away
  • ▲ ▼          numbers that somebody else computed (lossterm check --show); beyond the window; esc takes them away

Numbers
  ×a             |∂L/∂z| against that of the reference: 1/28.3 is 28.3 times weaker
  ◎ ÷◎           the number at the mark; how many times that the one at the cursor is
  e^−L           of a likelihood the probability given to the label: a loss of 0.105 is a probability of 0.9
  ∞ — 0          infinite · undefined · exactly zero
  > < ≈          beyond the largest and the smallest double
  saturated      below an eighth of the loss's own steepest slope, falling where the loss rises, and dying out there
"""


def rectangles(width: int, height: int, labels: int, activations: int, rows: int = 0) -> dict[str, Region]:
    """The rectangles of the widgets: panes on the left, charts on the right, the numbers below them or below all.

    Args:
        width: of the screen.
        height: of the screen.
        labels: rows of the label pane when it is unfolded.
        activations: rows of the activation pane when it is unfolded.
        rows: of numbers that there is to be room for, as far as half of the screen has it; 0 for as many as usual.
    """
    side = WIDE_PANES if width >= WIDE else NARROW_PANES
    numbers = 5 if height < LOW else 6 if height < 28 else 7 if height < TALL else 9
    if height >= HIGH:
        numbers = min(12 + height - HIGH, MOST_NUMBERS)
    numbers = max(numbers, min(rows + AROUND_ROWS, height // 2 + 1)) if rows else numbers
    bottom = height - 1
    main_left, main_width = side + 1, width - side - 1
    main_bottom = bottom - numbers
    side_bottom = bottom if width >= WIDE else main_bottom
    folded = height < TALL
    summary = 1 if height < LOW else 2
    label_lines, activation_lines = (summary, 1) if folded else (labels + 1, activations + 1)
    upper = (main_bottom - 1) // 2
    left = 0 if width < WIDE else main_left
    return {
        "losses": Region(0, 1, side, max(side_bottom - 1 - label_lines - activation_lines, 1)),
        "labels": Region(0, side_bottom - label_lines - activation_lines, side, label_lines),
        "activations": Region(0, side_bottom - activation_lines, side, activation_lines),
        "loss-chart": Region(main_left, 1, main_width, upper),
        "slope-chart": Region(main_left, 1 + upper, main_width, main_bottom - 1 - upper),
        "readout": Region(left, main_bottom, width - left, numbers),
    }


def write_numbers(scene: Scene, logit: float, file: IO[str]) -> None:
    """Write the rows of ``lossterm table --format csv``: the cursor first, then every column of the window."""
    from lossterm.curves.table import write_csv

    points = np.array([logit, *scene.stops[np.isfinite(scene.stops)].tolist()])
    write_csv([curve.objective for curve in scene.curves], [points], scene.view.smoothing, file)


class CurvesScreen(FeatureScreen[CurvesState]):
    """Panes, charts and numbers of a view.

    Attributes:
        figure: the painted charts; None before the first drawing.
        densities: the densities over labels, where they are in place of a derivative.
    """

    name_of_feature = "curves"
    AUTO_FOCUS = "#loss-chart"
    BINDINGS: ClassVar[list[BindingType]] = bindings(CURVES)
    commands: ClassVar[Sequence[Command]] = CURVES
    notes: ClassVar[str] = NOTES
    tells_loss: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, kept: Mapping[str, Any]) -> None:
        view = restored_view(views.with_subject(View(), workspace.subject), kept)
        workspace.share(CurvesState.of(view))  # what another screen asked for may tell of the subject too
        super().__init__(workspace, _looked_into(CurvesState.of(view), {"dots": (), **kept}))
        self.figure: Figure | None = None
        self.densities: DensityPanel | None = None
        self._readings: tuple[Reading, ...] = ()
        self._marked: tuple[Reading, ...] = ()
        self._label_rows = 0
        self.draw_soon = DrawSoon(self, self._draw)

    def compose_body(self) -> Sequence[Widget]:
        """Panes, charts, numbers."""
        self.losses = Chooser("Loss", id="losses")
        self.labels = Chooser("Label", id="labels")
        self.activations = Chooser("Activation", id="activations")
        self.upper = Chart(id="loss-chart", focusable=True)
        self.lower = Chart(id="slope-chart")
        self.readout = Readout(id="readout")
        return (self.losses, self.labels, self.activations, self.upper, self.lower, self.readout)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Rectangle of each widget, by its id."""
        rows = 0
        if self.state.dialects:
            from lossterm.curves.dialect_words import count

            rows = count(self.view, self.state.current)
        return rectangles(width, height, len(self.state.label_choices) + 3, len(ACTIVATIONS), rows)

    @property
    def view(self) -> View:
        """What the charts show."""
        return self.state.view

    def kept(self) -> Mapping[str, Any]:
        """The picture; the subject is kept by the program."""
        return saved_picture(self.view)

    def told_words(self) -> Sequence[str]:
        """The picture and its cursor, as ``lossterm plot`` has them."""
        return act.told_words(self.view)

    def take_setting(self, setting: Mapping[str, Any]) -> None:
        """Put a setting of subject, picture and current row on the state."""
        current = setting.get("current")
        state = self.state.with_view(restored_view(self.view, setting))
        state = _looked_into(state, setting)
        self.look_at(state.at(current) if isinstance(current, int) else state)

    def worth_a_step(self, state: CurvesState) -> CurvesState:
        """The view without its point."""
        view, mark = state.view.still, state.view.mark
        return CurvesState(view if mark is None else replace(view, mark=mark))

    def returned(self, remembered: CurvesState) -> CurvesState:
        """The state, with the folds, the filter and the dots that there are."""
        return replace(remembered.listed_as(self.state), dots=self.state.dots)

    def palette_entries(self) -> Sequence[Entry]:
        """Every loss and activation by name."""
        return subject_entries(self.view)

    def focus_home(self) -> None:
        """Give the focus back to the chart."""
        self.set_focus(self.upper)

    # ---- from a change of the state to the widgets ----------------------------------------------------------------

    def show(self, old: CurvesState, new: CurvesState) -> None:
        """Draw soon where the picture is another; else move the cursor, and show the panes that differ."""
        if new.dialects != old.dialects or (new.dialects and new.current != old.current):
            self._share_anew()
        if _drawn_of(new) != _drawn_of(old):
            self.draw_soon()
            return
        if new.view.logit != old.view.logit:
            self._follow_cursor()
        if (new.current, new.view.mark) != (old.current, old.view.mark):
            self.restyle()
        elif (new.landmarks, new.dialects) != (old.landmarks, old.dialects):
            self.show_readout()
        if replace(new, subject=old.subject, landmarks=old.landmarks) != old:
            self.show_panes()

    def _share_anew(self) -> None:
        # the panes share the room anew; the screen itself is not asked again by its own refresh
        self.losses.refresh(layout=True)

    def program_is_ready(self) -> None:
        """Draw: the program's first frame is on screen."""
        self.draw_soon()

    def on_chart_resized(self) -> None:
        """Draw in the new room."""
        self.draw_soon()

    def _draw(self) -> bool:
        from lossterm.curves.figure import remembered

        self.show_panes()  # with the curves, in one frame
        upper, lower = self.upper.room, self.lower.room
        if not self.is_attached or min(upper.width, upper.height, lower.height) < 1:
            return False
        panels = [("loss", upper.height)] + ([] if self.view.likelihood else [(self.view.slope, lower.height)])
        quantities, heights = zip(*panels, strict=True)
        self.figure = remembered(self.view, quantities, upper.width, heights, self._dots)
        self.restyle()
        return True

    @property
    def _dots(self) -> tuple[Dots, ...]:
        # those that were left here, and the current loss by a plain chain rule
        state = self.state
        if not state.precision:
            return state.dots
        from lossterm.curves.precision_words import plain_dots

        return (*state.dots, *plain_dots(self.view.still, state.current, state.precision))

    @property
    def _scene(self) -> Scene | None:
        # what the keys go by: one that comes faster than the drawing of another picture, or than the first, draws it
        view = self.view.still
        if (self.figure is None or self.figure.scene.view != view) and self.is_mounted:
            self._draw()
        if self.figure is None or self.figure.scene.view == view:
            return None if self.figure is None else self.figure.scene
        from lossterm.curves.scene import compose  # there is no room to draw in

        return compose(view, self.figure.scene.columns, self._dots)

    @property
    def _charts(self) -> Sequence[Chart]:
        """The charts that show panels of the figure."""
        return (self.upper, self.lower)[: len(self.figure.panels) if self.figure else 2]

    def _follow_cursor(self) -> None:
        # towards a pole the windows grow with the cursor, and back again; elsewhere the figure is the one there is
        before = self.figure
        if before is not None:
            sizes = tuple(len(panel.picture.rows) for panel in before.panels)
            from lossterm.curves.figure import remembered

            quantities = tuple(panel.quantity for panel in before.panels)
            self.figure = remembered(self.view, quantities, self.upper.room.width, sizes, self._dots)
        if self.figure is not before:
            self.restyle()
        else:
            self.show_cursor()

    @property
    def _current_ink(self) -> int | None:
        view, current = self.view, self.state.current
        is_among = view.rows[current].shown and len(view.shown) > 1
        return view.rows[current].slot if is_among else None

    def restyle(self) -> None:
        """Show the figure with the mark, in the colours of the theme."""
        figure, styles, mark = self.figure, self.program.line_styles, self.view.mark
        self._marked = () if figure is None or mark is None else figure.scene.readings_at(mark)
        if figure is not None:
            from lossterm.curves import words
            from lossterm.curves.figure import marked

            for number, chart in enumerate(self._charts):
                title, right = words.chart_title(self.view, figure, number, styles, chart.size.width)
                chart.show_picture(marked(figure, number, mark), title, right, self._current_ink)
        self.show_cursor()

    def show_cursor(self) -> None:
        """Put the cursor where the point is, and its numbers below."""
        figure = self.figure
        if figure is None:
            return
        from lossterm.curves import words

        self._readings = figure.scene.readings_at(self.view.logit)
        column = figure.scene.column(self.view.logit)
        for panel, chart in zip(figure.panels, self._charts, strict=True):
            values = words.shown_values(self._readings, panel.quantity)
            inks = [c.ink for c in figure.scene.curves]
            chart.show_cursor(column, panel.cursor(inks, values, self._current_ink) if column >= 0 else {})
        self._show_densities(figure)
        self.show_readout()

    def _show_densities(self, figure: Figure) -> None:
        # they depend on the prediction: drawn anew wherever the cursor goes, and in place of the derivative
        self.densities = None
        if len(figure.panels) > 1:
            return
        from lossterm.curves import likelihood_words
        from lossterm.curves.densities import draw_densities

        prediction, room = figure.scene.prediction(self.view.logit), self.lower.room
        self.densities = drawn = draw_densities(figure.scene.view, prediction, room.width, room.height)
        title, right = likelihood_words.chart_title(drawn, self.program.line_styles, room.width)
        self.lower.show_picture(drawn.panel.picture, title, right)
        self.lower.show_cursor(drawn.column, drawn.cursor())

    def slope_of_loss(self) -> str:
        """What is said of the current loss's slope, or of its risk's, where it is the residual; else empty."""
        from lossterm.curves import words

        return words.slope(self.view, self.state.current)

    def show_readout(self) -> None:
        """Show the numbers at the point."""
        figure, view, current = self.figure, self.view, self.state.current
        if figure is None:
            return
        from lossterm.curves import words

        point = self._readings[0] if self._readings else words.bare_point(view)
        self._show_status(point)
        styles = self.program.line_styles
        if self.state.dialects:
            from lossterm.curves import dialect_words

            self.readout.show(*dialect_words.readout(view, current, styles, self.readout.size.width))
            return
        if self.densities is not None:
            from lossterm.curves import likelihood_words

            self.readout.show(
                *likelihood_words.readout(figure.scene, view, point, self._readings, self.densities, current, styles)
            )
            return
        width = self.readout.size.width
        below = words.words(figure.scene, view, self._readings, self.state.landmarks, styles, width - 1, current)
        if self.state.precision:
            from lossterm.curves.precision_words import said

            below = [*said(view, current, self.state.precision, styles), (DOT, styles.muted), *below]
        if self._marked:
            self._show_comparison(figure, point, below, width)
            return
        wide, narrow = width >= BROAD, width < CLOSE
        entries = words.entries(figure.scene, view, self._readings, current, wide=wide, narrow=narrow)
        if wide and width < BROADER and any(len(cell) > words.NUMBER + 1 for row in entries for cell in row.cells):
            # what no double holds takes room: the activation's slope is told in the title
            wide = False
            entries = words.entries(figure.scene, view, self._readings, current, wide=wide, narrow=narrow)
        title = words.readout_title(view, point, width, wide=wide)
        slope, letter = self.slope_of_loss(), view.letters.get(current, "")
        if slope and letter and not view.both_labels and not self.loss_line.tells(slope):
            told = f"{title}  {letter}: {slope}"
            title = told if len(told) <= width - 6 else title
        self.readout.show(
            title,
            words.heads(view, wide=wide, narrow=narrow),
            entries,
            below,
            "…" if self.state.precision else None,
        )

    def _show_comparison(self, figure: Figure, point: Reading, below: Sequence[Part], width: int) -> None:
        from lossterm.curves import comparison, words

        view, current = self.view, self.state.current
        shown = comparison.quantities(view, [curve.name for curve in figure.scene.curves], width)
        heads = comparison.heads(view, shown)
        entries = comparison.entries(figure.scene, self._readings, self._marked, shown, current, width)
        if not verdicts_fit(heads, entries, width):
            heads, entries, verdict = comparison.without_verdicts(heads, entries, self.program.line_styles)
            below = [*verdict, *below]
        title = comparison.title(view, words.readout_title(view, point, width, wide=True), self._marked[0])
        self.readout.show(title, heads, entries, below)

    def _show_status(self, point: Reading | None) -> None:
        self.title_bar.show_status(*panes.status(self.view, point))

    def show_panes(self) -> None:
        """Show the rows of the panes, or their summaries where they are folded."""
        state, view = self.state, self.view
        show_losses(self.losses, state)
        folded = self.body_height < TALL
        labels = panes.label_items(view, state.label_choices)
        self.labels.show(
            labels,
            min(state.label_row, len(labels) - 1),
            folded=panes.label_summary(view) if folded else None,
            title=panes.label_title(view),
        )
        self.activations.show(
            panes.activation_items(view),
            state.activation_row,
            folded=panes.activation_summary(view) if folded else None,
        )
        if len(labels) != self._label_rows:  # the panes share their column anew
            self._label_rows = len(labels)
            self._share_anew()

    def on_resize(self) -> None:
        """Fold and unfold; the first size is also the start."""
        self.show_panes()
        if self.figure is None:
            self._show_status(None)
            self.lower.show_axis(panes.x_ticks(self.view, self.lower.size.width))
        self.draw_soon()

    # ---- the cursor and the window --------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by columns."""
        if scene := self._scene:
            self.look_at(act.move(self.state, scene, by))

    def action_edge(self, side: int) -> None:
        """Move the cursor to an edge of the window."""
        if scene := self._scene:
            self.look_at(act.to_edge(self.state, scene, side))

    def action_landmark(self, direction: int) -> None:
        """Jump to the next or previous landmark."""
        if scene := self._scene:
            self.carry_out(act.to_landmark(self.state, scene, direction))

    def action_zoom(self, direction: int) -> None:
        """Zoom about the cursor."""
        if scene := self._scene:
            self.look_at(act.zoom(self.state, direction, scene.position(self.view.logit)))

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """Move the cursor to the mouse."""
        if event.chart is self.lower and self.densities is not None:
            return  # its columns are labels
        if self.figure is not None and event.column < self.figure.scene.columns:
            logit = float(self.figure.scene.stops[event.column])
            if np.isfinite(logit):
                self.look_at(act.go_to(self.state, logit))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """Zoom about the mouse; over labels about the cursor."""
        if event.chart is self.lower and self.densities is not None:
            self.action_zoom(event.direction)
            return
        lo, hi = self.view.window
        about = lo + (event.column + 0.5) / max(self.figure.scene.columns if self.figure else 1, 1) * (hi - lo)
        self.look_at(act.zoom(self.state, event.direction, about))

    # ---- the panes ------------------------------------------------------------------------------------------------

    @property
    def _pane(self) -> Chooser | None:
        return self.focused if isinstance(self.focused, Chooser) else None

    def action_pane(self, direction: int) -> None:
        """Give the focus to the next pane: the chart, then the column of panes from top to bottom."""
        order: list[Widget | None] = [self.upper, self.losses, self.labels, self.activations]
        at = order.index(self.focused) if self.focused in order else 0
        self.set_focus(order[(at + direction) % len(order)])

    def action_leave(self) -> None:
        """Go back to the chart: first a filter ends; there the mark goes, then the dots, but no unread message."""
        has_read = self.notice.display
        self.notice.hide()
        if self.state.filter_text:
            self.look_at(subject_actions.filtered(self.state, ""))
        elif self.focused is self.upper and not has_read:
            self.perform(act.without_mark_or_dots)
        self.set_focus(self.upper)

    def action_row(self, by: int) -> None:
        """Make another row of the pane with the focus current; of the losses when the chart has the focus."""
        pane, state = self._pane, self.state
        if pane is not None and pane is not self.losses and pane.is_folded:
            self.action_pane(by)
        elif pane is self.labels:
            last = len(state.label_choices) + 2
            self.look_at(replace(state, label_row=min(max(state.label_row + by, 0), last)))
        elif pane is self.activations:
            last = len(ACTIVATIONS) - 1
            self.look_at(replace(state, activation_row=min(max(state.activation_row + by, 0), last)))
        else:
            self.look_at(subject_actions.next_line(state, by))

    def action_show(self) -> None:
        """Show or hide the current loss; in another pane choose its row."""
        if self._pane in (self.labels, self.activations):
            self.action_choose()
        else:
            self.perform(subject_actions.show_current)

    def action_choose(self) -> None:
        """Choose the row of the pane with the focus; a folded pane opens."""
        pane = self._pane
        if pane is self.losses:
            self.action_show()
        elif pane is not None and pane.is_folded:
            self._open(pane)
        elif pane is self.labels:
            self.carry_out(self._label_chosen(self.state, self.state.label_row))
        elif pane is self.activations:
            self.carry_out(_activation_chosen(self.state, self.state.activation_row))

    def _open(self, pane: Chooser, *, smoothing: bool = False) -> None:
        if smoothing:
            self._open_smoothing()
        elif pane is self.labels:
            items = panes.label_items(self.view, self.state.label_choices)
            at = self.state.label_choices.index(self.view.label)
            self.carry_out(Pick(panes.label_title(self.view), tuple(items), at, self._label_chosen))
        else:
            at = list(ACTIVATIONS).index(self.view.activation)
            self.carry_out(Pick("Activation", tuple(panes.activation_items(self.view)), at, _activation_chosen))

    def _open_smoothing(self) -> None:
        view = self.view
        if not 0 <= view.label <= 1:
            self.perform(subject_actions.next_smoothing)  # which says why there is none
            return
        choices = sorted({*SMOOTHINGS, view.smoothing})
        self.carry_out(
            Pick(
                "Label smoothing",
                tuple(panes.smoothing_items(view, choices)),
                choices.index(view.smoothing),
                lambda state, index: act.with_smoothing(state, choices[index]),
            )
        )

    @staticmethod
    def _label_chosen(state: CurvesState, index: int) -> Outcome:
        choices = state.label_choices
        if index < len(choices):
            return subject_actions.set_label(state, choices[index])
        below = (subject_actions.ask_label, act.ask_risk, subject_actions.next_smoothing)
        return below[min(index - len(choices), len(below) - 1)](state)

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """Choose what was clicked; a loss is shown or hidden."""
        if event.index < 0:
            self._open(event.chooser, smoothing=event.chooser is self.labels and event.line == SMOOTHING_LINE)
        elif event.chooser is self.losses:
            self.perform(partial(subject_actions.choose_line, place=event.index))
        elif event.chooser is self.labels:
            self.look_at(replace(self.state, label_row=event.index))
            self.carry_out(self._label_chosen(self.state, event.index))
        else:
            self.carry_out(_activation_chosen(self.state, event.index))

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """Move through the pane under the wheel."""
        self.set_focus(event.chooser)
        self.call_later(self.action_row, event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """Make the loss of a clicked row of numbers the current one."""
        if self.figure is not None and not self.state.dialects and event.index < len(self.figure.scene.curves):
            self.look_at(self.state.at(self.figure.scene.curves[event.index].row))

    # ---- taking it away -------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the command of this view, and show it."""
        from lossterm.curves.legend import legend_lines

        width, height = self.upper.size.width, self.upper.size.height + self.lower.size.height
        # a legend of several lines takes them from no chart: both are as high as here
        height += len(legend_lines(self.view, "loss", width)) - 1
        self.perform(partial(act.copy_command, width=width, height=height))

    def action_code(self) -> None:
        """Choose a library, and see the current loss as code for it."""
        from lossterm.snippets.snippet import LIBRARIES

        def chosen(state: CurvesState, index: int) -> None:
            self.run_worker(
                partial(self._write_code, state, LIBRARIES[index]), thread=True, exclusive=True, group="code"
            )

        items = tuple(Item(name, box="  ") for name in LIBRARIES)
        self.carry_out(Pick(f"Code of {row_name(self.view.rows[self.state.current])} for", items, 0, chosen))

    def _write_code(self, state: CurvesState, library: str) -> None:
        # in a thread of its own: sympy takes a second to load
        from lossterm.curves.code import code_sheet

        try:
            outcome: Outcome = code_sheet(state.view, state.current, library)
        except ValueError as problem:
            outcome = Tell(str(problem), wrong=True)
        self.app.call_from_thread(self._show_code, outcome)

    def _show_code(self, outcome: Outcome) -> None:
        if self.is_current:  # who has gone on meanwhile is not called back
            self.carry_out(outcome)

    def action_export(self) -> None:
        """Write the numbers of the window and the cursor."""
        scene = self._scene
        if scene is None or not scene.curves:
            self.tell("no loss is shown: press space on one first", wrong=True)
            return
        write = partial(write_numbers, scene, self.view.logit)
        self.carry_out(Write("lossterm-curves", ".csv", write))


def _looked_into(state: CurvesState, setting: Mapping[str, Any]) -> CurvesState:
    # what a setting lays over the curves or beside them: dots, the numbers of libraries, those of a precision
    if "dots" in setting:
        state = replace(state, dots=_restored_dots(setting["dots"]))
    if "dialects" in setting:
        state = replace(state, dialects=setting["dialects"] is True)
    if "precision" in setting:
        from lossterm.precision.evaluation import DTYPES

        state = replace(state, precision=setting["precision"] if setting["precision"] in DTYPES else "")
    return state


def _restored_dots(document: object) -> tuple[Dots, ...]:
    if not document:
        return ()
    from lossterm.curves.dots import restored_dots

    return restored_dots(document)


def _drawn_of(state: CurvesState) -> tuple[object, ...]:
    # what a picture is drawn of
    plain = (state.precision, state.current) if state.precision else ()
    return (state.view.still, state.dots, plain)


def _activation_chosen(state: CurvesState, index: int) -> CurvesState:
    return subject_actions.use_activation(state, list(ACTIVATIONS)[index])
