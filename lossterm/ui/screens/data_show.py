"""What the Data screen shows beside its chart: the figures, the losses, the worst examples, the panes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm import state
from lossterm.session import Saved
from lossterm.ui import present
from lossterm.ui import present_data as show
from lossterm.ui import present_figures as figures
from lossterm.ui import present_judged as judged
from lossterm.ui.arrangement_data import figures_room, shows_all
from lossterm.ui.present_worst import sorted_rows, worst_rows
from lossterm.ui.screens.data_chart import DataChart
from lossterm.ui.widgets.chooser import Item
from lossterm.ui.widgets.figures import FigureLine
from lossterm.ui.widgets.lines import Part

if TYPE_CHECKING:
    from lossterm.core.findings import Findings, LossFinding
    from lossterm.core.ranking import Confusion


class DataShow(DataChart):
    """From the figures to the widgets."""

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self._logit = math.nan
        self.setting_row = 0
        self.worst_row = 0
        self.sorted_by = (1, True)
        self._order: list[int] = []
        self._tells_reading = False
        self._rows_of: tuple[Findings | None, Sequence[FigureLine]] = None, ()

    # ---- what there is --------------------------------------------------------------------------------------------

    @property
    def shows_worst(self) -> bool:
        """Whether the table of the worst examples is on screen."""
        return self.lower == "worst" or shows_all(*self.size)

    @property
    def current_finding(self) -> LossFinding | None:
        """What the current loss sees."""
        found = self.findings
        if found is None or not found.losses:
            return None
        return found.losses[min(self.current_loss, len(found.losses) - 1)]

    @property
    def confusion(self) -> tuple[Confusion, int] | None:
        """The decisions at the threshold of the screen, and how many of them may be wrong until they are counted."""
        return self.findings.confusion(self.look.threshold) if self.findings is not None else None

    # ---- showing --------------------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Everything."""
        if self.focused is self.worst and not self.shows_worst:
            self.focus_home()
        self.show_panes()
        self.draw_soon()
        self.show_figures()
        self.show_losses()
        self.show_worst()
        self.title_bar.show_status(*show.status(self.source, self.findings, self.look))

    def show_reading(self) -> None:
        """How far the reading is."""
        part = self.reading
        if part is not None:
            filled = int(part * 30)
            self._tells_reading = True
            self.tell(f"{'━' * filled}{'─' * (30 - filled)} {100 * part:.0f}%   esc stops", title="reading", timeout=60)

    def hide_reading(self) -> None:
        """It is read."""
        if self._tells_reading:
            self._tells_reading = False
            self.notice.hide()

    def show_figures(self) -> None:
        """The figures."""
        found = self.findings
        if found is None:
            said = "reading …" if self.is_waiting or self._due else "not read: u reads it, o opens another file"
            self.figures.show("Figures", "", words=show.HINTS if self.source is None else [(said,)])
            return
        heads, lines = figures.figure_lines(found, self.base, self.look)
        right = (
            f"{self.look.bins} bins of equal {'counts' if self.look.mass else 'width'}"
            if found.bars is not None
            else ""
        )
        if self._rows_of[0] is not found:
            self._rows_of = found, figures.class_rows(found)
        blocks = figures.decision_blocks(found, self.base, self.confusion, self.look)
        words = figures.figure_words(found, self.base)
        at = round(self.class_place) if self.page == "classes" else 0  # elsewhere there is no cursor among the classes
        self.figures.show("Figures", right, heads, lines, blocks, words, self._rows_of[1], at)

    def show_losses(self) -> None:
        """The losses, and what their changes are told against."""
        found = self.findings
        if found is None:
            self.readout.show("Losses", [""], [], [])
            return
        words: list[Part] = []
        styles = self.program.line_styles
        if self.base is not None:
            texts = judged.against(found.question, self.base.question, figures_room(self.size.width))
            words = [(text, styles.muted) for text in texts]
        elif not found.losses:
            words = [("no loss is shown that takes these predictions: press space on one", styles.muted)]
        title = f"Losses of {found.rows:,} example{'' if found.rows == 1 else 's'}"
        entries = judged.loss_entries(self.shown, found, self.base, self.current)
        self.readout.show(title, judged.loss_heads(found), entries, words)

    def show_worst(self) -> None:
        """The table of the worst examples of the current loss."""
        finding, source = self.current_finding, self.source
        if finding is None or source is None:
            self._order = []
            self.worst.show("Worst examples", [], [], 0)
            return
        rows = worst_rows(finding, self.columns, source.names, classes=bool(self.class_count))
        column, down = self.sorted_by
        column = min(column, len(rows.heads) - 1)
        self._order = sorted_rows(rows.values, column, down=down)
        self.worst_row = min(self.worst_row, max(len(self._order) - 1, 0))
        who = self.shown[self.current_loss].name if self.shown else ""
        texts = [rows.texts[i] for i in self._order]
        self.worst.show(f"Worst examples by {who}", rows.heads, texts, self.worst_row, (column, down))
        if finding.worst is not None:
            self.fetch_soon(finding.worst.row.tolist())

    def worst_at_row(self) -> int | None:
        """The index, among the worst of the current loss, of the row that is current."""
        return self._order[self.worst_row] if self._order and self.worst_row < len(self._order) else None

    def show_panes(self) -> None:
        """The rows of the panes."""
        view = self.view
        rows = list(range(len(view.rows)))
        self.losses.show(
            present.loss_items(view, rows, self.losses.size.width or 23), self.current,
            f"{len(view.shown)}/{len(view.rows)}",
        )  # fmt: skip
        settings = self.settings()
        self.setting_row = min(self.setting_row, len(settings) - 1)
        self.setting.show([item for _, item in settings], self.setting_row)

    def settings(self) -> Sequence[tuple[str, Item]]:
        """The rows of the pane of the file."""
        return show.settings(self.source, self.look, self.view, self.findings, self.setting.size.width or 23)

    # ---- life -----------------------------------------------------------------------------------------------------

    def view_changed(self) -> None:
        """Other losses or parameters: another question."""
        if self.view.logit != self._logit:
            self.point = self._logit = self.view.logit
        self.ask_soon()
        self.show_all()

    def opened_file(self) -> None:
        """Another file is looked at."""
        self.worst_row, self.is_at_worst, self.places, self.columns, self._fetching = 0, False, {}, {}, ()
        self.refresh_arrangement()
        self.show_all()

    def program_is_ready(self) -> None:
        """Open what was open the last time."""
        self.show_all()

    def on_screen_resume(self) -> None:
        """It may have changed on another screen; the first time the file of the last time is opened."""
        self.follow()
        if self.survey is None and self.choice.paths and not self.is_opening:
            self.open_files(self.choice)
        self.show_all()

    def on_screen_suspend(self) -> None:
        """The other screens look at the point of the cursor."""
        if "curve" in self.pages and self.point != self.view.logit:
            self.look_at(state.move_to(self.view, self.point))

    def on_resize(self) -> None:
        """Another room."""
        self.show_all()
