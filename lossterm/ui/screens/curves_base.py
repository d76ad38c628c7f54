"""What the Curves screen is made of: it holds the view, computes when it changes, and hands results down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widgets import Static

from lossterm.core.activations import ACTIVATIONS
from lossterm.core.landmarks import Landmark
from lossterm.core.objective import Reading
from lossterm.plot.figure import Figure, cursor_cells, draw, with_landmarks
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui import present
from lossterm.ui.commands import CURVES
from lossterm.ui.widgets.bars import KeyBar, TitleBar
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import Readout

if TYPE_CHECKING:
    from lossterm.ui.app import LosstermApp

SMALLEST = (40, 12)
"""Columns and lines below which nothing useful fits."""
WIDE, TALL = 110, 36
"""Columns from which the readout stands beside the panes; lines from which the panes are unfolded."""


class CurvesBase(Screen[None]):
    """The widgets, the view, and the way from a change of the view to what they show."""

    DEFAULT_CSS = """
    CurvesBase { layout: vertical; overflow: hidden hidden; }
    CurvesBase #body {
        layout: grid; grid-size: 2 2; grid-columns: 23 1fr; grid-rows: 1fr 6; grid-gutter: 0 1; height: 1fr;
    }
    CurvesBase #side { height: 100%; }
    CurvesBase #charts { height: 100%; }
    CurvesBase Chart { height: 1fr; }
    CurvesBase #losses { height: 1fr; }
    CurvesBase #readout { column-span: 2; height: 100%; }
    CurvesBase #too-small { display: none; height: 1fr; width: 1fr; content-align: center middle; }
    CurvesBase.-wide #body { grid-columns: 28 1fr; }
    CurvesBase.-wide #side { row-span: 2; }
    CurvesBase.-wide #readout { column-span: 1; }
    CurvesBase.-tiny #body, CurvesBase.-tiny TitleBar, CurvesBase.-tiny KeyBar { display: none; }
    CurvesBase.-tiny #too-small { display: block; }
    """
    AUTO_FOCUS = "#loss-chart"

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.view: View = saved.view or View()
        self.current = self.view.reference
        self.filter_text = ""
        self.typed_label: float | None = None
        self.figure: Figure | None = None
        self._readings: tuple[Reading, ...] = ()
        self._sentences: Sequence[str] = ()
        self._landmark: Landmark | None = None
        self._pane_rows = {"labels": 0, "activations": 0}
        self._due = False

    def compose(self) -> ComposeResult:
        """Panes on the left, charts on the right, numbers below."""
        self.title_bar = TitleBar(self.program.tabs, "curves")
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
        yield Static("too small\nlossterm needs 40×12\n(q quits)", id="too-small")
        yield KeyBar([*CURVES, *self.program.BASE_COMMANDS])

    def on_mount(self) -> None:
        """Show the panes at once; the curves follow."""
        self._show_panes()
        self._show_status(float(self.view.link.jet(np.array([self.view.logit])).value[0]))

    @property
    def program(self) -> LosstermApp:
        """The app, as what it is."""
        return cast("LosstermApp", self.app)

    # ---- the view changes: the only place where it is assigned -----------------------------------------------------

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
        self.figure_is_due()

    def figure_is_due(self) -> None:
        """Draw soon; several changes in a row are drawn once."""
        if not self._due:
            self._due = True
            self.call_later(self._draw)

    def _draw(self) -> None:
        self._due = False
        sizes = [self.upper.room, self.lower.room]
        if not self.is_attached or min(sizes[0].width, sizes[0].height, sizes[1].height) < 1:
            return
        self.figure = draw(self.view, ("loss", self.view.slope), sizes[0].width, [s.height for s in sizes])
        self._sentences = ()
        self._landmark = None
        self._show_figure()
        self._show_cursor()
        self.call_later(self._find_landmarks, self.figure)

    def _find_landmarks(self, figure: Figure) -> None:
        # roots are sought after the curves have been seen, and not for curves that have already gone
        if figure is self.figure and not self._due:
            self.figure = with_landmarks(figure)
            self._sentences = present.convexity_sentences(figure.scene)
            self._show_figure()
            self._show_cursor()

    def _show_figure(self) -> None:
        figure, styles = self.figure, self.program.line_styles
        if figure is not None:
            for chart, panel, number in zip((self.upper, self.lower), figure.panels, (0, 1), strict=True):
                title, right = present.chart_title(self.view, figure, number, styles, chart.size.width)
                chart.show_picture(panel.picture, title, right)

    def restyle(self) -> None:
        """The theme has changed."""
        self._show_figure()
        self._show_cursor()

    def _show_cursor(self) -> None:
        figure = self.figure
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
        figure = self.figure
        if figure is None:
            return
        styles = self.program.line_styles
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
        for pane, height in zip((self.labels, self.activations), heights, strict=True):
            if pane.styles.height is None or pane.styles.height.value != height:
                pane.styles.height = height

    @property
    def visible_rows(self) -> list[int]:
        """The rows of the loss pane."""
        return present.visible_rows(self.view, self.filter_text)

    # ---- size ------------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Fold and unfold."""
        width, height = event.size
        self.set_class(width >= WIDE, "-wide")
        self.set_class(width < SMALLEST[0] or height < SMALLEST[1], "-tiny")
        lines = 6 if height < 28 else 7 if height < TALL else 9 if height < 50 else 12
        self.query_one("#body").styles.grid_rows = f"1fr {lines}"
        self._show_panes()
        self.figure_is_due()

    def on_chart_resized(self) -> None:
        """There is another room for the pictures."""
        self.figure_is_due()
