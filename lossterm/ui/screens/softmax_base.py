"""What the Softmax screen is made of: it holds the view, computes when it changes, and hands results down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Region
from textual.widget import Widget

from lossterm.session import Saved
from lossterm.softmax_session import from_document, to_document
from lossterm.softmax_state import SoftmaxView
from lossterm.ui import present_softmax as present
from lossterm.ui.screens.drawing import DrawingScreen
from lossterm.ui.softmax_arrangement import softmax_regions
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.classes import ClassTable
from lossterm.ui.widgets.ledger import BROAD, Ledger
from lossterm.ui.widgets.settings import Settings
from lossterm.ui.widgets.split import SplitBar

if TYPE_CHECKING:
    from lossterm.plot.sweep import SweepFigure


def same_picture(old: SoftmaxView, new: SoftmaxView) -> bool:
    """Whether only the swept number differs: then the curves are the same, and the cursor moves."""
    if old.sweep == "temperature":
        return replace(old, temperature=new.temperature, given=new.given) == new
    if len(old.logits) != len(new.logits) or old.selected != new.selected:
        return False
    at = old.selected
    logits = (*old.logits[:at], new.logits[at], *old.logits[at + 1 :])
    return replace(old, logits=logits, given=new.given) == new


class SoftmaxBase(DrawingScreen):
    """The widgets, the view, and the way from a change of the view to what they show."""

    mode = "softmax"
    AUTO_FOCUS = "#classes"

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        kept = saved.screens.get("softmax")
        self.view: SoftmaxView = SoftmaxView() if kept is None else from_document(kept)
        self.current = self.view.reference
        self.lone_chart = 0
        self.figure: SweepFigure | None = None
        self._evaluations: present.Evaluations = {}

    def compose_body(self) -> Sequence[Widget]:
        """Settings, classes, charts, the split, losses."""
        self.settings = Settings(id="settings")
        self.classes_table = ClassTable(id="classes")
        self.split = SplitBar(id="split")
        self.upper = Chart(id="loss-chart", focusable=True)
        self.lower = Chart(id="slope-chart")
        self.ledger = Ledger(id="ledger")
        return (self.settings, self.classes_table, self.split, self.upper, self.lower, self.ledger)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Where they are."""
        return softmax_regions(width, height, self.view.classes, len(self.view.rows), self.lone_chart)

    def kept(self, saved: Saved) -> Saved:
        """The view is what is kept."""
        return replace(saved, screens={**saved.screens, "softmax": to_document(self.view)})

    # ---- the view changes: the only place where it is assigned ----------------------------------------------------

    def look_at(self, view: SoftmaxView) -> None:
        """Look at another view: only what it changes is computed again."""
        old, self.view = self.view, view
        if view == old:
            return
        self.current = min(self.current, len(view.rows) - 1)
        if (view.classes, len(view.rows)) != (old.classes, len(old.rows)):
            self.classes_table.refresh(layout=True)  # the screen itself is not asked again by its own refresh
        if not same_picture(old, view):
            self.figure_is_due()
        self.show_numbers()

    @property
    def _shown_charts(self) -> list[Chart]:
        return [chart for chart in (self.upper, self.lower) if chart.room.width > 0 and chart.room.height > 0]

    def draw_figure(self) -> bool:
        """The curves of the sweep."""
        from lossterm.plot.sweep import remembered

        charts = self._shown_charts if self.is_attached else []
        if not charts:
            self.figure = None
            return False
        width, height = min(c.room.width for c in charts), min(c.room.height for c in charts)
        self.figure = remembered(self.view, width, height)
        self._show_figure()
        return True

    def _show_figure(self) -> None:
        figure, styles = self.figure, self.program.line_styles
        if figure is not None:
            for number, chart in enumerate((self.upper, self.lower)):
                title, right = present.chart_title(self.view, figure, number, styles, chart.size.width)
                chart.show_picture(figure.panels[number].picture, title, right)
        self.show_cursor()

    def restyle(self) -> None:
        """Show the figure, and the words, in the colours of the theme."""
        self._show_figure()
        if self._evaluations:
            self.show_ledger()

    # ---- what the widgets show ------------------------------------------------------------------------------------

    def show_numbers(self) -> None:
        """Evaluate the example, and show all that is not a curve."""
        view = self.view
        self._evaluations = present.evaluated(view)
        split = present.split(view.problem.point)
        self.title_bar.show_status(*present.status(view, split))
        self.settings.show(present.settings(view))
        self.classes_table.show(present.example(view, self._evaluations))
        self.split.show(split)
        self.show_ledger()
        self.show_cursor()

    def show_ledger(self) -> None:
        """The losses and their numbers."""
        view = self.view
        rows = present.ledger(view, self._evaluations)
        verdict = f"{rows[self.current].letter} {rows[self.current].words}" if rows[self.current].on else ""
        wide = self.ledger.size.width >= BROAD
        line = present.words(view, self._evaluations, verdict, self.program.line_styles, wide=wide)
        self.ledger.show(present.heads(view), rows, self.current, line)

    def show_cursor(self) -> None:
        """Put the cursor where the swept number is, unless the curves are still to come."""
        figure = self.figure
        if figure is None:
            return
        current = same_picture(replace(figure.view, given=None), replace(self.view, given=None))
        column = figure.column(self.view.position) if current else -1
        for panel, chart in enumerate((self.upper, self.lower)):
            values = present.shown_values(self.view, figure, self._evaluations, panel) if current else []
            chart.show_cursor(column, figure.cursor(panel, values) if column >= 0 else {})

    # ---- size -----------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """The first size is also the start."""
        self.show_numbers()
        self.figure_is_due()
