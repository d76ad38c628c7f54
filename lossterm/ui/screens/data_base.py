"""What the Data screen is made of: its widgets, and the file that is open."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker

from lossterm import data_state
from lossterm.arguments import losses, with_losses
from lossterm.data_arguments import class_label, look_of, open_source
from lossterm.data_state import FileChoice
from lossterm.numbers import parse
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui.arrangement_data import FIGURES, VALUE_FIGURES, data_regions, figures_room
from lossterm.ui.present_data import ShownLoss
from lossterm.ui.screens.data_messages import Baseline, Former, NotOpened, Opened
from lossterm.ui.screens.shared import SharedViewScreen
from lossterm.ui.widgets.caption import Caption
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.figures import Figures
from lossterm.ui.widgets.readout import Readout
from lossterm.ui.widgets.table import Table

if TYPE_CHECKING:
    from lossterm.core.findings import Findings
    from lossterm.data.source import Source
    from lossterm.data.survey import Survey


def told(problem: Exception) -> str:
    """What is wrong, in a line."""
    text = " ".join(str(problem).split())
    return text if isinstance(problem, ValueError | OSError) and text else f"{type(problem).__name__}: {text}"


def asked_view(view: View, options: Namespace) -> View:
    """A view with the losses and the smoothing that options ask for.

    Raises:
        ValueError: what is wrong with them.
    """
    if options.loss:
        view = with_losses(view, losses(options.loss))
    if options.smoothing is not None:
        view = replace(view, smoothing=parse(options.smoothing))
    return view


class DataBase(SharedViewScreen):
    """The widgets, the file, and what is known of it."""

    mode = "data"
    AUTO_FOCUS = "#chart"

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self.choice, self.look = data_state.read(saved.screens.get(self.mode))
        self.survey: Survey | None = None
        self.findings: Findings | None = None
        self.base: Findings | None = None
        self.baseline: Baseline | None = None
        self.shown: Sequence[ShownLoss] = ()
        self.lower = "figures"
        self._first = True
        self._opener: Worker[Any] | None = None
        self._openings = 0
        self.former: Former | None = None

    def compose_body(self) -> Sequence[Widget]:
        """Panes, the chart, the figures, the losses, the worst examples."""
        self.losses = Chooser("Loss", id="losses")
        self.setting = Chooser("File", id="file")
        self.chart = Chart(id="chart", focusable=True)
        self.caption = Caption(id="caption")
        self.figures = Figures(id="figures")
        self.readout = Readout(id="readout")
        self.worst = Table(id="worst", fixed=3)
        return (self.losses, self.setting, self.chart, self.caption, self.figures, self.readout, self.worst)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Where they are."""
        source = self.source
        figures = VALUE_FIGURES if source is not None and source.columns.kind == "value" else FIGURES
        if self.findings is not None:
            said = 2 if self.findings.notes else 0  # below a table, which takes what it can
            most = height // 4 + said if self.findings.classes else max(height // 3, FIGURES + 1)
            figures = max(figures, min(self.figures.wanted(figures_room(width)), most))
        losses = max(len(self.shown), 1) * (2 if self.base is not None else 1)
        return data_regions(width, height, len(self.settings()), losses, self.lower, figures)

    def kept(self, saved: Saved) -> Saved:
        """The file and how it is looked at."""
        choice = self.choice if "-" not in self.choice.paths else FileChoice()
        mine = data_state.document(choice, self.look)
        return replace(saved, screens={**saved.screens, self.mode: mine})

    def focus_home(self) -> None:
        """The chart; at once, because keys may be waiting."""
        self.set_focus(self.chart)

    @property
    def source(self) -> Source | None:
        """The open file."""
        return None if self.survey is None else self.survey.source

    # ---- opening --------------------------------------------------------------------------------------------------

    @property
    def is_opening(self) -> bool:
        """Whether a file is being opened."""
        return self._opener is not None

    def open_files(self, choice: FileChoice, options: Namespace | None = None) -> None:
        """Open files in a thread; what was open stays until they are.

        Args:
            choice: which.
            options: how they are to be looked at, and the losses, where that is told with them.
        """
        self.tell(f"opening {' '.join(choice.paths)[:200]} …   esc stops", timeout=600)
        self._openings += 1
        self._opener = self.run_worker(
            partial(self._open, self._openings, choice, options), thread=True, exclusive=True, group="opening"
        )

    def _open(self, number: int, choice: FileChoice, options: Namespace | None) -> None:
        try:
            from lossterm.data.survey import Survey

            source = open_source(choice)
            text = None if options is None else options.only_label
            label = None if text is None else class_label(text, source)
            message: Message = Opened(number, Survey(source), choice, options, label)
        except Exception as problem:  # whatever a library raises is told, and ends nothing
            message = NotOpened(number, told(problem))
        self.post_message(message)

    def stop_opening(self) -> None:
        """What is being opened is not wanted any more."""
        if self._opener is not None:
            self._opener.cancel()
            self._opener = None

    def on_not_opened(self, event: NotOpened) -> None:
        """Say why; what was there stays."""
        if self.is_opening and event.number == self._openings:
            self._opener = None
            self.tell(event.problem, title="not opened", timeout=20, wrong=True)

    def on_opened(self, event: Opened) -> None:
        """Ask it."""
        if not self.is_opening or event.number != self._openings:
            return
        self._opener = None
        self.stop_asking()
        self.notice.hide()
        if self.survey is not None and self.findings is not None:
            self.former = Former(
                self.survey, self.choice, self.look, self.baseline, self.findings, self.base, self.shown
            )
        if not self._first and event.choice != self.choice:
            self.look = data_state.unfiltered(replace(self.look, temperature=1.0))
        self._first = False
        self.survey, self.choice = event.survey, event.choice
        self.findings = self.base = self.baseline = None
        if event.options is not None:
            self.look = look_of(event.options, replace(self.look, label=event.label))
            self.look_at(asked_view(self.view, event.options))
        self.ready_losses()
        self.opened_file()
        self.ask_soon()

    def restore_former(self) -> bool:
        """Look again at what was open before, where what has been opened since has no figures; says whether it does."""
        former = self.former
        if former is None or self.findings is not None:
            return False
        self.former = None
        self.survey, self.choice, self.look = former.survey, former.choice, former.look
        self.baseline, self.findings, self.base, self.shown = (
            former.baseline, former.findings, former.base, former.shown,
        )  # fmt: skip
        self.opened_file()
        return True

    # ---- what the rest of the screen does -------------------------------------------------------------------------

    def ready_losses(self) -> None:
        """Show losses that the predictions of the file take."""
        raise NotImplementedError

    def opened_file(self) -> None:
        """Another file is looked at."""
        raise NotImplementedError

    def ask_soon(self) -> None:
        """Ask the file."""
        raise NotImplementedError

    def stop_asking(self) -> None:
        """Whatever is being read no longer matters."""
        raise NotImplementedError

    def settings(self) -> Sequence[tuple[str, object]]:
        """The rows of the pane of the file."""
        raise NotImplementedError

    def refresh_arrangement(self) -> None:
        """The widgets may share the room anew."""
        self.title_bar.refresh(layout=True)  # the screen itself is not asked again by its own refresh
