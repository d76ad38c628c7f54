"""The chart of the Data screen: which one it is, where its cursor is, and how it is drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len

from lossterm.data_state import PAGES, Page
from lossterm.session import Saved
from lossterm.state import FARTHEST
from lossterm.ui import present_data as show
from lossterm.ui.screens.data_asking import DataAsking
from lossterm.ui.screens.data_messages import Sorted
from lossterm.ui.widgets.readout import DOT

if TYPE_CHECKING:
    from lossterm.core.findings import Findings
    from lossterm.plot.predictions import PredictionFigure

ON_PREDICTIONS = ("reliability", "histogram")
"""Charts whose x axis is the predicted probability."""

MANY = 100_000
"""Rows from which sorting them takes longer than a key may."""


def sigmoid(z: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + math.exp(-min(max(z, -700.0), 700.0)))


def logit(p: float) -> float:
    """The logit of a probability, kept off 0 and 1."""
    p = min(max(p, 1e-12), 1 - 1e-12)
    return math.log(p) - math.log1p(-p)


class DataChart(DataAsking):
    """From the figures to the chart."""

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self.figure: PredictionFigure | None = None
        self.point = math.nan
        self.places: dict[str, float] = {}
        self.is_at_worst = False
        self.log_y = False
        self._drawing = False
        self._sorted_for: Findings | None = None

    # ---- which one ------------------------------------------------------------------------------------------------

    @property
    def pages(self) -> tuple[Page, ...]:
        """What the chart can show of this file."""
        source = self.source
        if source is None:
            return PAGES[:5] if self.is_opening else PAGES[:1]
        if source.columns.kind == "value":
            return ("losses", "share")
        if self.class_count:
            return ("reliability", "histogram", "losses", "share", "classes")
        return ("reliability", "histogram", "losses", "share", "curve")

    @property
    def page(self) -> Page:
        """What it shows."""
        return self.look.page if self.look.page in self.pages else self.pages[0]

    @property
    def on_point(self) -> bool:
        """Whether the cursor of the chart is the point z that all screens share."""
        return self.page == "curve" or (self.page in ON_PREDICTIONS and "curve" in self.pages)

    @property
    def current_loss(self) -> int:
        """The place of the current loss among those that judge the file; the first where it does not."""
        return next((i for i, who in enumerate(self.shown) if who.row == self.current), 0)

    # ---- where its cursor is --------------------------------------------------------------------------------------

    @property
    def place(self) -> float:
        """Where the cursor is on the chart's x axis."""
        if self.on_point:
            return self.point if self.page == "curve" else sigmoid(self.point)
        stops = self.figure.stops if self.figure is not None else None
        if stops is None or not len(stops):
            return 0.0
        at = self.places.get(self.page, float(stops[len(stops) // 2]))
        return min(max(at, float(stops[0])), float(stops[-1]))

    @property
    def class_place(self) -> float:
        """The class at the cursor of the confusion."""
        return self.places.get("classes", float(self.class_count // 2))

    def go_to_place(self, x: float) -> None:
        """Put the cursor somewhere on the chart's x axis."""
        self.is_at_worst = False
        if not self.on_point:
            self.places[self.page] = x
            if self.page == "classes":
                self.show_figures()
        elif self.page == "curve":
            self.point = min(max(x, -FARTHEST), FARTHEST)
        else:
            self.point = logit(x)
        self.show_cursor()

    def show_figures(self) -> None:
        """The figures beside the chart, which may be about the class at the cursor."""
        raise NotImplementedError

    # ---- drawing --------------------------------------------------------------------------------------------------

    def draw_soon(self) -> None:
        """Draw the chart; several changes in a row count once."""
        if not self._drawing and self.program.is_ready:
            self._drawing = True
            self.call_later(self._draw)

    def _draw(self) -> None:
        self._drawing = False
        room = self.chart.room
        if self.findings is None or not self.is_attached or min(room.width, room.height) < 1:
            self.figure = None
            if self.findings is None:
                title = "Data" if self.survey is None and not self.is_opening else show.PAGE_TITLES[self.page]
                self.chart.show_nothing([(title, self.program.line_styles.strong)])
                self.caption.show([])
            return
        from lossterm.plot.predictions import Shown, draw

        if self.page == "share" and self._sort_first():
            return
        self.figure = draw(
            self.page,
            self.findings,
            (room.width, room.height),
            shown=[Shown(who.letter, who.ink, who.name) for who in self.shown],
            current=self.current_loss,
            mass=self.look.mass,
            log_y=self.log_y,
            classes=self.findings.question.names,
            threshold=self.look.threshold,
            at=self.class_place,
        )
        self.restyle()

    def _sort_first(self) -> bool:
        # what takes long is sorted in a thread; the chart is drawn when it is
        found = self.findings
        if found is None or found.rows < MANY or self._sorted_for is found:
            return False

        def sort() -> None:
            from lossterm.plot.concentration import lorenz_of

            for loss in found.losses:
                lorenz_of(loss)
            self._sorted_for = found
            self.post_message(Sorted())

        self.run_worker(sort, thread=True, exclusive=True, group="sorting")
        return True

    def on_sorted(self) -> None:
        """Draw what was waited for."""
        self.draw_soon()

    def on_chart_resized(self) -> None:
        """There is another room for the picture."""
        self.draw_soon()

    def restyle(self) -> None:
        """Show the picture, in the colours of the theme."""
        figure, styles = self.figure, self.program.line_styles
        if figure is None:
            return
        legends, right = (figure.legend, *figure.brief), f"{self.pages.index(self.page) + 1} of {len(self.pages)}"
        name = show.page_title(self.page, self.findings)
        title = show.chart_title(name, legends, styles, self.chart.size.width, right)
        if figure.panel is None:
            self.chart.show_nothing(title, figure.reason, right)
            self.caption.show([])
        else:
            self.chart.show_picture(figure.panel.picture, title, right)
        self.show_cursor()

    def show_cursor(self) -> None:
        """The cursor, and its numbers."""
        figure = self.figure
        if figure is None or figure.panel is None:
            return
        place = self.place
        if not figure.has_seen(place):
            self.draw_soon()
            return
        column = figure.column(place)
        self.chart.show_cursor(column, figure.cursor(place) if column >= 0 else {})
        self.show_caption()

    def show_caption(self) -> None:
        """The numbers at the cursor, in the line below the chart, as many as fit."""
        figure = self.figure
        if figure is None or figure.panel is None:
            self.caption.show([])
            return
        parts = figure.words(self.place).split(DOT)
        while len(parts) > 1 and cell_len(DOT.join(parts)) > self.caption.size.width - 2:
            parts.pop()
        self.caption.show([(" " + DOT.join(parts), self.program.line_styles.text)])
