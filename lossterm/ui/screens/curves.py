"""The Curves screen: losses as curves, with everything about the point under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from lossterm import state
from lossterm.core.lazy import np
from lossterm.session import Saved
from lossterm.ui.commands import CURVES, Command, bindings
from lossterm.ui.screens.curves_files import FilesPart
from lossterm.ui.screens.curves_panes import PanesPart
from lossterm.ui.widgets.chart import Chart

ZOOM = 1.5
"""By what a step of the zoom changes the width of the window."""

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


class CurvesScreen(PanesPart, FilesPart):
    """The cursor, the picture, and what the program asks of a screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(CURVES)
    commands: ClassVar[Sequence[Command]] = CURVES
    notes: ClassVar[str] = NOTES

    def kept(self, saved: Saved) -> Saved:
        """The view is what is kept."""
        return replace(saved, view=self.view)

    def action_move(self, by: int) -> None:
        """Move the cursor by columns, over columns that the activation does not reach."""
        if self.figure is None:
            return
        scene = self.figure.scene
        column = scene.column(self.view.logit)
        if column < 0:
            before = scene.position(self.view.logit) < self.view.window[0]
            column = 0 if before else scene.columns - 1
        reached = np.flatnonzero(np.isfinite(scene.stops))
        ahead = reached[reached > column] if by > 0 else reached[reached < column][::-1]
        if ahead.size:
            self.look_at(state.move_to(self.view, float(scene.stops[ahead[min(abs(by), ahead.size) - 1]])))

    def action_edge(self, side: int) -> None:
        """Move to an edge of the window."""
        if self.figure is not None:
            reached = self.figure.scene.stops[np.isfinite(self.figure.scene.stops)]
            if reached.size:
                self.look_at(state.move_to(self.view, float(reached[0 if side < 0 else -1])))

    def action_landmark(self, direction: int) -> None:
        """Jump to the next or previous landmark, round the ends."""
        from lossterm.plot.scene import SAME_POINT

        if self.figure is None:
            return
        scene = self.figure.scene
        found = scene.landmarks
        if not found:
            self.tell("no minimum, inflection or crossing in this window")
            return
        here = self.view.logit
        ahead = [x.logit for x in found if (x.logit - here) * direction > SAME_POINT * max(1.0, abs(here))]
        nearest = (ahead or [x.logit for x in found])[0 if direction > 0 else -1]
        together = scene.landmarks_near(nearest)
        # of logits that differ by rounding alone the one that a person would write
        self.look_at(state.move_to(self.view, min((x.logit for x in together), key=lambda z: (len(repr(z)), z))))
        self.landmarks = together
        self.show_readout()

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """The mouse moves the cursor."""
        if event.chart is self.lower and self.densities is not None:
            return  # its columns are labels
        if self.figure is not None and event.column < self.figure.scene.columns:
            logit = float(self.figure.scene.stops[event.column])
            if np.isfinite(logit):
                self.look_at(state.move_to(self.view, logit))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """The wheel zooms about the mouse; over labels about the cursor."""
        if event.chart is self.lower and self.densities is not None:
            self.action_zoom(event.direction)
            return
        lo, hi = self.view.window
        about = lo + (event.column + 0.5) / max(self.figure.scene.columns if self.figure else 1, 1) * (hi - lo)
        self.look_at(state.zoom(self.view, ZOOM**-event.direction, about))

    def action_axis(self) -> None:
        """The other axis."""
        self.look_at(state.next_axis(self.view))

    def action_slope(self) -> None:
        """The next quantity of the lower chart."""
        self.look_at(state.next_slope(self.view))

    def action_likelihood(self) -> None:
        """The densities over labels, or the derivative."""
        self.look_at(state.toggle_likelihood(self.view))

    def action_both(self) -> None:
        """Both labels at once, or one."""
        self.look_at(replace(self.view, both_labels=not self.view.both_labels, eta=None))

    def action_scale(self) -> None:
        """The other scale."""
        self.look_at(state.next_scale(self.view))

    def action_zoom(self, direction: int) -> None:
        """Zoom about the cursor."""
        if self.figure is not None:
            self.look_at(state.zoom(self.view, ZOOM**-direction, self.figure.scene.position(self.view.logit)))

    def action_reset(self) -> None:
        """The natural window."""
        self.look_at(state.reset_window(self.view))
