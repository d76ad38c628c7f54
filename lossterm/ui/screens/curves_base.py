"""What the Curves screen is made of: it holds the view, computes when it changes, and hands results down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.widget import Widget

from lossterm.core.activations import ACTIVATIONS
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui import present, present_likelihood
from lossterm.ui.arrangement import TALL, curves_regions
from lossterm.ui.screens.drawing import DrawingScreen
from lossterm.ui.screens.view_actions import ViewActions
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import CLOSE, Readout

if TYPE_CHECKING:
    from lossterm.core.landmarks import Landmark
    from lossterm.core.objective import Reading
    from lossterm.plot.densities import DensityPanel
    from lossterm.plot.figure import Figure

BROAD = 90
"""Columns of the numbers from which the activation's slope has its own."""


class CurvesBase(DrawingScreen, ViewActions):
    """The widgets, the view, and the way from a change of the view to what they show."""

    mode = "curves"
    AUTO_FOCUS = "#loss-chart"

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self._view = saved.view or View()
        self.current = self.view.reference
        self.filter_text = ""
        self.typed_label: float | None = None
        self.pane_rows = {"labels": 0, "activations": list(ACTIVATIONS).index(self.view.activation)}
        self.figure: Figure | None = None
        self.densities: DensityPanel | None = None
        self.landmarks: tuple[Landmark, ...] = ()
        self._readings: tuple[Reading, ...] = ()
        self._label_rows = 0

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
        """Where they are."""
        return curves_regions(width, height, len(self.label_choices) + 3, len(ACTIVATIONS))

    @property
    def view(self) -> View:
        """What is looked at."""
        return self._view

    def focus_home(self) -> None:
        """Back to the chart."""
        self.set_focus(self.upper)

    @property
    def label_choices(self) -> list[float]:
        """The labels that the pane offers."""
        return present.label_choices(self.view, self.typed_label)

    @property
    def _charts(self) -> Sequence[Chart]:
        """The charts that show panels of the figure."""
        return (self.upper, self.lower)[: len(self.figure.panels) if self.figure else 2]

    @property
    def visible_rows(self) -> list[int]:
        """The rows of the loss pane."""
        return present.visible_rows(self.view, self.filter_text)

    # ---- the view changes: the only place where it is assigned ----------------------------------------------------

    def look_at(self, view: View) -> None:
        """Look at another view: only what it changes is computed again."""
        old, self._view = self._view, view
        if view == old:
            return
        if view.activation != old.activation:
            self.pane_rows["activations"] = list(ACTIVATIONS).index(view.activation)
        if view.label != old.label:
            self.pane_rows["labels"] = self.label_choices.index(view.label)
        self.landmarks = ()  # those of the point one stood on; another size leaves them
        if replace(view, logit=old.logit) == old:
            self.show_cursor()
        else:
            self.figure_is_due()

    def draw_figure(self) -> bool:
        """The panes and the curves."""
        from lossterm.plot.figure import remembered

        self.show_panes()  # with the curves, in one frame
        upper, lower = self.upper.room, self.lower.room
        if not self.is_attached or min(upper.width, upper.height, lower.height) < 1:
            return False
        panels = [("loss", upper.height)] + ([] if self.view.likelihood else [(self.view.slope, lower.height)])
        quantities, heights = zip(*panels, strict=True)
        self.figure = remembered(self.view, quantities, upper.width, heights)
        self.restyle()
        return True

    def restyle(self) -> None:
        """Show the figure, in the colours of the theme."""
        figure, styles = self.figure, self.program.line_styles
        if figure is not None:
            for number, chart in enumerate(self._charts):
                title, right = present.chart_title(self.view, figure, number, styles, chart.size.width)
                chart.show_picture(figure.panels[number].picture, title, right)
        self.show_cursor()

    # ---- what the widgets show ------------------------------------------------------------------------------------

    def show_cursor(self) -> None:
        """Put the cursor where the point is, and its numbers below."""
        figure = self.figure
        if figure is None:
            return
        self._readings = figure.scene.readings_at(self.view.logit)
        column = figure.scene.column(self.view.logit)
        for panel, chart in zip(figure.panels, self._charts, strict=True):
            values = present.shown_values(self._readings, panel.quantity)
            chart.show_cursor(column, panel.cursor(figure.scene.curves, values) if column >= 0 else {})
        self._show_densities(figure)
        self.show_readout()

    def _show_densities(self, figure: Figure) -> None:
        # they depend on the prediction: drawn anew wherever the cursor goes, and in place of the derivative
        self.densities = None
        if len(figure.panels) > 1:
            return
        from lossterm.plot.densities import draw_densities

        prediction, room = figure.scene.prediction(self.view.logit), self.lower.room
        self.densities = drawn = draw_densities(figure.scene.view, prediction, room.width, room.height)
        title, right = present_likelihood.chart_title(drawn, self.program.line_styles, room.width)
        self.lower.show_picture(drawn.panel.picture, title, right)
        self.lower.show_cursor(drawn.column, drawn.cursor())

    def show_readout(self) -> None:
        """The numbers at the point."""
        figure = self.figure
        if figure is None:
            return
        point = self._readings[0] if self._readings else present.bare_point(self.view)
        self._show_status(point.prediction)
        if self.densities is not None:
            drawn, styles = self.densities, self.program.line_styles
            self.readout.show(*present_likelihood.readout(figure.scene, self.view, point, self._readings, drawn,
                                                          self.current, styles))  # fmt: skip
            return
        width = self.readout.size.width
        wide, narrow = width >= BROAD, width < CLOSE
        self.readout.show(
            present.readout_title(self.view, point, width, wide=wide),
            present.heads(self.view, wide=wide, narrow=narrow),
            present.entries(figure.scene, self.view, self._readings, self.current, wide=wide, narrow=narrow),
            present.words(
                figure.scene,
                self.view,
                self._readings,
                self.landmarks,
                self.program.line_styles,
                width - 1,
                self.current,
            ),
        )

    def _show_status(self, prediction: float | None) -> None:
        self.title_bar.show_status(*present.status(self.view, prediction))

    def show_panes(self) -> None:
        """The rows of the panes, or their summaries where they are folded."""
        view, rows = self.view, self.visible_rows
        at = rows.index(self.current) if self.current in rows else 0
        items = present.loss_items(view, rows, self.losses.size.width or 23)
        count = f"{len(view.shown)}/{len(view.rows)}" if not self.filter_text else f"/{self.filter_text}"
        self.losses.show(items, at, count, empty=f"no loss is called “{self.filter_text}”")
        folded = self.size.height < TALL
        labels = present.label_items(view, self.typed_label)
        self.labels.show(
            labels,
            min(self.pane_rows["labels"], len(labels) - 1),
            folded=present.label_summary(view) if folded else None,
        )
        self.activations.show(
            present.activation_items(view),
            self.pane_rows["activations"],
            folded=present.activation_summary(view) if folded else None,
        )
        if len(labels) != self._label_rows:  # the panes share their column anew
            self._label_rows = len(labels)
            self.losses.refresh(layout=True)  # the screen itself is not asked again by its own refresh

    # ---- size -----------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Fold and unfold; the first size is also the start."""
        self.show_panes()
        if self.figure is None:
            self._show_status(None)
            self.lower.show_axis(present.x_ticks(self.view, self.lower.size.width))
        self.figure_is_due()
