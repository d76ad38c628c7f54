"""How the Data screen looks at its file: which file, which chart and bins, which examples, and what if."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace

from lossterm import data_state, state
from lossterm.arguments import joined
from lossterm.cli import Parser
from lossterm.data_arguments import (
    add_data_options,
    data_arguments,
    demo_choice,
    file_choice,
    look_of,
    refuse_pipes,
    typed_range,
)
from lossterm.data_state import Look
from lossterm.numbers import parse, trimmed
from lossterm.ui import present_data as show
from lossterm.ui.arrangement_data import LOWER
from lossterm.ui.screens.data_base import asked_view
from lossterm.ui.screens.data_messages import Baseline, NotOpened
from lossterm.ui.screens.data_show import DataShow


class DataLook(DataShow):
    """The actions of `DataScreen` that ask another question."""

    _typed = ""
    """What was typed to open a file, as long as it is not open."""

    # ---- the file -------------------------------------------------------------------------------------------------

    def action_open(self) -> None:
        """Ask for a file."""
        words = data_arguments(self.choice, Look(), (), 0.0) if self.choice.paths else []
        self.ask("open", "file, or files, with options", self._typed or shlex.join(words))

    def action_demo(self) -> None:
        """Open the demo."""
        self.open_files(demo_choice())

    def action_reload(self) -> None:
        """Read it again."""
        if self.choice.paths:
            self.open_files(self.choice)
        else:
            self.action_open()

    def on_not_opened(self, event: NotOpened) -> None:
        """Say why; what was there stays."""
        super().on_not_opened(event)
        self.show_all()

    def opened_file(self) -> None:
        """Another file is looked at."""
        self._typed = ""
        super().opened_file()

    def _open_typed(self, text: str) -> None:
        parser = Parser("o", "", "", add_help=False)
        add_data_options(parser)
        try:
            words = shlex.split(text)
        except ValueError:
            raise ValueError("a quotation mark is not closed") from None
        options = parser.parse_args(joined(words))
        choice = file_choice(options)
        if not choice.paths:
            raise ValueError("write the name of a file, such as predictions.csv")
        if "-" in choice.paths:
            raise ValueError("standard input is the keyboard here: lossterm data - reads it on the command line")
        refuse_pipes(choice)
        look_of(options, Look())
        asked_view(self.view, options)
        self._typed = text
        self.open_files(choice, options)

    # ---- looking --------------------------------------------------------------------------------------------------

    def look_anew(self, look: Look, *, ask: bool = True) -> None:
        """Look at the file in another way."""
        old, self.look = self.look, look
        if look == old:
            return
        if ask:
            self.ask_soon()
        self.show_all()

    def action_page(self, direction: int) -> None:
        """Another chart."""
        look = replace(self.look, page=self.page)
        self.look_anew(data_state.next_page(look, direction, self.pages), ask=False)

    def action_lower(self, direction: int) -> None:
        """Another thing below the chart."""
        self.lower = LOWER[(LOWER.index(self.lower) + direction) % len(LOWER)]
        self.refresh_arrangement()
        self.show_all()

    def action_mass(self) -> None:
        """Bins of equal width or of equal counts."""
        if self._has_bins():
            self.look_anew(replace(self.look, mass=not self.look.mass), ask=False)

    def action_bins(self, direction: int) -> None:
        """More or fewer bins."""
        if self._has_bins():
            self.look_anew(data_state.next_bins(self.look, direction))

    def _has_bins(self) -> bool:
        if self.is_of_values:
            self.tell("plain values are no probabilities: there are no bins")
        return not self.is_of_values

    def action_scale(self) -> None:
        """The other y axis."""
        self.log_y = not self.log_y
        self.draw_soon()

    def _has_no_file(self) -> bool:
        # and none is being opened: keys that were typed ahead are for that one
        none = self.source is None and not self.is_opening and not self.choice.paths
        if none:
            self.tell("no file is open: press o first", wrong=True)
        return none

    def action_threshold(self, by: float) -> None:
        """Another threshold; the confusion follows at once."""
        self._set_threshold(self.look.threshold + by)

    def _decides(self) -> bool:
        if self._has_no_file():
            return False
        if self.is_of_values or (self.findings is not None and self.findings.decided is None):
            self.tell("there is no decision to be made by a threshold here")
            return False
        return True

    def _set_threshold(self, threshold: float) -> None:
        if not self._decides():
            return
        exact = self.findings is not None and self.findings.ranked is not None
        self.look_anew(data_state.with_threshold(self.look, threshold), ask=not exact)

    def action_type_threshold(self) -> None:
        """Ask for it."""
        if self._decides():
            self.ask("threshold", "threshold on p", trimmed(self.look.threshold, 12))

    # ---- what if --------------------------------------------------------------------------------------------------

    def action_temperature(self, direction: int) -> None:
        """The next temperature."""
        self._heat(data_state.next_temperature(self.look, direction))

    def _has_temperature(self) -> bool:
        if self._has_no_file():
            return False
        if self.is_of_values:
            self.tell("plain values have no temperature")
        return not self.is_of_values

    def _heat(self, look: Look) -> None:
        if self._has_temperature():
            self.look_anew(look)

    def action_type_temperature(self) -> None:
        """Ask for one."""
        if self._has_temperature():
            self.ask("temperature", "temperature T", trimmed(self.look.temperature, 12))

    def action_fitted(self) -> None:
        """The temperature that fits best, or none."""
        base = self.base if self.base is not None else self.findings
        if base is None:
            return
        fitted, now = base.temperature.value, self.look.temperature
        if fitted is not None:
            fitted = min(max(fitted, data_state.COLDEST), data_state.HOTTEST)
        if fitted is None and now == 1:
            self.tell(f"no temperature fits: {base.temperature.reason}", timeout=12)
        elif fitted is None or math.isclose(now, fitted, rel_tol=1e-9):
            self._heat(replace(self.look, temperature=1.0))
        else:
            self._heat(replace(self.look, temperature=fitted))

    def action_compare(self) -> None:
        """Changes are told against what is shown now."""
        view = self.view
        if self.baseline is None:
            self.tell("no file is open: press o first", wrong=True)
            return
        self.baseline = Baseline(view.rows, view.smoothing, self.look.temperature)
        self.tell("changes are told against what is shown now")
        self.ask_soon()

    def action_reset(self) -> None:
        """As it was compared with."""
        baseline = self.baseline
        if baseline is None:
            return
        rows = tuple(
            replace(old, shown=row.shown) if old is not None and old.loss == row.loss else row
            for row, old in zip(self.view.rows, [*baseline.rows, *[None] * len(self.view.rows)], strict=False)
        )
        self.look = replace(self.look, temperature=baseline.temperature)
        self.look_at(replace(self.view, rows=rows, smoothing=baseline.smoothing))
        self.ask_soon()
        self.show_all()

    def action_smoothing(self) -> None:
        """The next smoothing of the labels."""
        if self.is_of_values:
            self.tell("plain values are not smoothed")
        else:
            self.look_at(state.next_smoothing(self.view))

    # ---- which examples -------------------------------------------------------------------------------------------

    def action_label(self, direction: int) -> None:
        """Only one label, the next one, or all."""
        source = self.source
        if source is None or source.columns.kind == "value":
            self.tell("there are no classes to choose from")
            return
        if self.look.label is None and self.findings is not None and not self.findings.hard:
            self.tell("labels are not all 0 or 1: there are no classes to choose from")
            return
        labels = [None, *(float(k) for k in range(max(len(source.columns.classes or source.label_names), 2)))]
        at = labels.index(self.look.label) if self.look.label in labels else 0
        self.look_anew(replace(self.look, label=labels[(at + direction) % len(labels)]))

    def action_group(self, direction: int) -> None:
        """Only one group, the next one, or all."""
        source = self.source
        if source is None or source.columns.group is None:
            self.tell("no column of groups: open the file with --group-column NAME")
            return
        groups: list[str | None] = [None, *sorted(source.groups, key=show.natural)]
        at = groups.index(self.look.group) if self.look.group in groups else 0
        self.look_anew(replace(self.look, group=groups[(at + direction) % len(groups)]))

    def action_type_range(self) -> None:
        """Ask for a range of predictions."""
        low, high = ("" if x is None else trimmed(x, 12) for x in (self.look.low, self.look.high))
        self.ask("range", "only predictions in lo:hi", f"{low}:{high}" if low or high else ".9:1")

    def action_all(self) -> None:
        """Every example."""
        self.look_anew(data_state.unfiltered(self.look))

    # ---- what is typed --------------------------------------------------------------------------------------------

    def take(self, purpose: str, text: str) -> None:
        """Take an answer."""
        if purpose == "open":
            self._open_typed(text)
        elif purpose == "threshold":
            value = parse(text.strip().removeprefix("p").strip().removeprefix(">"))
            replace(self.look, threshold=value)  # complains of what is not between 0 and 1
            self._set_threshold(value)
        elif purpose == "temperature":
            self._heat(replace(self.look, temperature=parse(text.strip().removeprefix("T").removeprefix("="))))
        elif purpose == "range":
            low, high = typed_range(text) if text.strip() else (None, None)
            self.look_anew(replace(self.look, low=low, high=high))
        else:
            super().take(purpose, text)
