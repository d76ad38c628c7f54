"""The Data screen: what the losses see in a file of predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.binding import BindingType

from lossterm import state
from lossterm.arguments import command
from lossterm.data_arguments import class_label, data_arguments
from lossterm.data_state import MOST_WORST
from lossterm.data_table import document, worst_records, write_csv
from lossterm.numbers import parse, significant, trimmed
from lossterm.state import FARTHEST
from lossterm.ui import present_data as show
from lossterm.ui.commands import Command, bindings
from lossterm.ui.commands_data import DATA
from lossterm.ui.present_worst import FIXED
from lossterm.ui.screens.data_chart import logit
from lossterm.ui.screens.data_look import DataLook
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import Readout
from lossterm.ui.widgets.table import Table

if TYPE_CHECKING:
    from lossterm.core.tally import Worst

NOTES = """
The figures
  log loss       mean cross-entropy, in nats; ∞ where a probability of exactly 0 or 1 is wrong
  Brier          mean (p − y)²; over K classes the sum over them (for two twice the number of one column)
  ECE MCE RMSCE  mean, largest and root mean square gap of the bins, (lower, upper], empty ones left out
                 (so has scikit-learn's calibration_curve; torchmetrics has [lower, upper), p = 1 apart)
  AUROC          how often a 1 is ranked above a 0; ties count half
  ○ at T=…       every logit divided by T, the T that minimises the log loss; it cannot repair a bias
  ◇ az+b         Platt scaling: the line that minimises it; T, a and b are of z as it is in the file
                 (● in the reliability diagram is the file as it is, or at the T that is applied)
  worst 1%       the part of Σ|∂L/∂z| that the hundredth with the largest gradients holds
  ± in a figure  it comes from a summary, because the file has more rows than are kept

What if
  < > k K        a temperature: figures change, and by how much stands beside or below them, or after Δ
  [ ] p w        another γ, weight or smoothing; c compares with what is shown now
"""


class DataScreen(DataLook):
    """The cursor, the panes, the mouse, and taking it away."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DATA)
    commands: ClassVar[Sequence[Command]] = DATA
    notes: ClassVar[str] = NOTES

    # ---- moving ---------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by columns; in the table scroll its columns, fast by pages of rows."""
        if self.focused is self.worst:
            if abs(by) > 1:
                self.action_row(self.worst.room if by > 0 else -self.worst.room)
            else:
                self.worst.scroll_columns(by)
            return
        stops = self.figure.stops if self.figure is not None else np.zeros(0)
        if len(stops):
            at = int(np.argmin(np.abs(stops - self.place)))
            self.go_to_place(float(stops[min(max(at + by, 0), len(stops) - 1)]))

    def action_edge(self, side: int) -> None:
        """To an edge; in the table to an end."""
        if self.focused is self.worst:
            self.action_row(side * MOST_WORST)
            return
        stops = self.figure.stops if self.figure is not None else np.zeros(0)
        if len(stops):
            self.go_to_place(float(stops[0 if side < 0 else -1]))

    def action_go_to(self) -> None:
        """Ask for a point."""
        questions = {"losses": "go to L =", "share": "go to the worst … %", "classes": "go to class"}
        self.ask("point", questions.get(self.page, "go to p=… or z=…" if self.on_point else "go to p ="))

    def _go(self, text: str) -> None:
        if self.on_point:
            self.go_to_point(text)
        elif self.page == "classes":
            assert self.source is not None
            self.go_to_place(class_label(text.strip(), self.source))
        else:
            value = parse(text.strip().removesuffix("%").rpartition("=")[2])
            if value <= 0 or (self.page != "losses" and value > (100 if self.page == "share" else 1)):
                raise ValueError(f"{text.strip()!r} is not on the chart")
            self.go_to_place({"losses": math.log10(value), "share": value / 100}.get(self.page, value))

    def go_to_point(self, text: str) -> None:
        """Put the cursor at a typed point.

        Raises:
            ValueError: it is none.
        """
        name, equals, number = text.strip().replace(" ", "").partition("=")
        value = parse(number if equals else name)
        letter = name.lower() if equals else "p" if 0 <= value <= 1 else "z"
        if letter not in {"p", "z"}:
            raise ValueError(f"{text.strip()!r} is no point: write p=.02 or z=-4")
        if letter == "p" and not 0 <= value <= 1:
            raise ValueError(f"a probability is between 0 and 1, not {trimmed(value)}")
        self.point = logit(value) if letter == "p" else min(max(value, -FARTHEST), FARTHEST)
        self.is_at_worst = False
        self.show_cursor()

    def action_worst(self, direction: int) -> None:
        """The next of the worst examples, and the cursor at it; first the current one, where the cursor is not."""
        if not self._order:
            self.tell("no examples yet")
            return
        step = direction if self.is_at_worst else min(direction, 0)
        self.worst_row = min(max(self.worst_row + step, 0), len(self._order) - 1)
        self._to_worst()

    def _to_worst(self) -> None:
        finding, index = self.current_finding, self.worst_at_row()
        self.is_at_worst = True
        if finding is not None and finding.worst is not None and index is not None:
            self._point_at(finding.worst, index)
        self.show_worst()
        self.show_cursor()

    def _point_at(self, worst: Worst, index: int) -> None:
        """Put the cursor at an example; where it can be at none, say what is known of that example."""
        row, z = f"row {int(worst.row[index]):,}", float(worst.logit[index])
        value = f"L = {significant(float(worst.value[index]))}"
        if self.class_count:
            name = show.label_name(self.source, float(worst.label[index])) if self.source is not None else ""
            p = "exactly 0" if z == -math.inf else significant(float(worst.prediction[index]), 3)
            self.places["classes"] = float(worst.label[index])
            self.show_figures()
            self.tell(f"{row}: {value}, the p of its class {name} is {p}")
        elif "curve" not in self.pages:
            self.tell(f"{row}: {value}, y = {trimmed(float(worst.label[index]))}, prediction {trimmed(z)}")
        elif math.isfinite(z):
            self.point = z
        else:
            end = "∞" if z > 0 else "−∞"
            self.tell(f"{row} is at z = {end}, beyond the chart: p is exactly {int(z > 0)}, {value}")

    # ---- panes ----------------------------------------------------------------------------------------------------

    def action_pane(self, direction: int) -> None:
        """The next or previous pane."""
        panes = [self.chart, self.losses, self.setting, *([self.worst] if self.shows_worst else [])]
        at = next((i for i, pane in enumerate(panes) if pane is self.focused), 0)
        self.set_focus(panes[(at + direction) % len(panes)])

    def action_row(self, by: int) -> None:
        """Another row of the pane with the focus."""
        if self.focused is self.worst:
            self.worst_row = min(max(self.worst_row + by, 0), max(len(self._order) - 1, 0))
            self._to_worst()
        elif self.focused is self.setting:
            self.setting_row = min(max(self.setting_row + by, 0), len(self.settings()) - 1)
            self.show_panes()
        else:
            self.current = min(max(self.current + by, 0), len(self.view.rows) - 1)
            self.show_all()

    def action_show(self) -> None:
        """Show or hide the current loss; in the other pane change the setting."""
        if self.focused is self.setting:
            self.change_setting()
        else:
            self.action_show_row(self.current)

    def action_choose(self) -> None:
        """Look at the point on Curves; in a pane change its row."""
        if self.focused is self.losses:
            self.action_show()
        elif self.focused is self.setting:
            self.change_setting()
        else:
            self.to_curves()

    def change_setting(self) -> None:
        """Change what the current row of the pane tells."""
        changes: dict[str, Callable[[], object]] = {
            "open": self.action_open,
            "demo": self.action_demo,
            "rows": self.action_reload,
            "kind": lambda: self.tell(self.source.columns.why if self.source else "", timeout=12),
            "threshold": self.action_type_threshold,
            "bins": self.action_mass,
            "temperature": self.action_type_temperature,
            "smoothing": self.action_smoothing,
            "label": lambda: self.action_label(1),
            "group": lambda: self.action_group(1),
            "range": self.action_type_range,
            "skipped": self._tell_skipped,
        }
        changes[self.settings()[self.setting_row][0]]()

    def _tell_skipped(self) -> None:
        if self.source is not None:
            reasons = " · ".join(f"{count:,} {reason}" for reason, count in self.source.skip_reasons.items())
            self.tell(reasons, title="left out", timeout=12)

    def to_curves(self) -> None:
        """Look at the point on Curves; at an example with its label."""
        view = replace(self.view, eta=None, both_labels=False)
        if self.source is not None:
            view = state.set_activation(view, "identity" if self.is_of_values else "sigmoid")
        z = self.point
        example = self._example() if self.focused is self.worst or self.is_at_worst else None
        if example is not None:
            z, label = example
            view = state.set_label(view, label)
            if label not in (0.0, 1.0):
                self.typed_label = label
        self.look_at(state.move_to(view, min(max(z, -FARTHEST), FARTHEST)))
        self.curves.current = self.current
        self.curves.show_panes()
        self.program.switch_mode("curves")
        if math.isinf(z):
            self.curves.tell(self._beyond(z), timeout=12)

    def _beyond(self, z: float) -> str:
        """What is said of an example that Curves does not reach."""
        finding, index = self.current_finding, self.worst_at_row()
        worst = finding.worst if finding is not None else None
        loss = "" if worst is None or index is None else f" and L = {significant(float(worst.value[index]))}"
        end = significant(math.copysign(FARTHEST, z), 1)
        return f"in the file p is exactly {int(z > 0)}{loss}; z = {end} is as far as Curves goes"

    def _example(self) -> tuple[float, float] | None:
        """The logit and the label of the current one of the worst; of K classes those of its class against the rest."""
        finding, index = self.current_finding, self.worst_at_row()
        if finding is None or finding.worst is None or index is None:
            return None
        if self.class_count:
            p = float(finding.worst.prediction[index])
            return (logit(p) if p > 0 else -math.inf), 1.0
        return float(finding.worst.logit[index]), float(finding.worst.label[index])

    def action_leave(self) -> None:
        """Stop opening or reading, else back to the chart."""
        if self.is_opening:
            self.stop_opening()
            self.tell("not opened")
        elif self.is_waiting:
            self.stop_asking()
            self.hide_reading()
            if not self.restore_former():
                self.look_as_answered()
            self.tell("stopped: the figures are those from before" if self.findings else "stopped: u reads it again")
            self.show_all()
        else:
            self.notice.hide()
        self.focus_home()

    def action_sort(self) -> None:
        """Sort the worst examples by the next column."""
        count = FIXED + len(self.source.names) if self.source else FIXED
        self._sort((self.sorted_by[0] + 1) % count, down=True)

    def action_reverse(self) -> None:
        """The other way round."""
        self._sort(self.sorted_by[0], down=not self.sorted_by[1])

    def _sort(self, column: int, *, down: bool) -> None:
        self.sorted_by, self.worst_row, self.is_at_worst = (column, down), 0, False
        self.show_worst()

    # ---- the mouse ------------------------------------------------------------------------------------------------

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """The mouse moves the cursor."""
        figure = self.figure
        if figure is not None and len(figure.stops):
            columns = np.array([figure.column(x) for x in figure.stops.tolist()])
            self.go_to_place(float(figure.stops[int(np.argmin(np.abs(columns - event.column)))]))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """The wheel moves it too."""
        self.action_move(-event.direction)

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """A click on a loss shows or hides it; on a setting it changes it."""
        if event.chooser is self.losses:
            self.current = min(max(event.index, 0), len(self.view.rows) - 1)
            self.action_show_row(self.current)
            self.show_all()
        elif event.index >= 0:
            self.setting_row = event.index
            self.show_panes()
            self.change_setting()

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """The wheel moves through a pane."""
        self.set_focus(event.chooser)
        self.action_row(event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """A click on a row of numbers makes its loss the current one."""
        index = event.index // (2 if self.base is not None else 1)  # below each loss are its changes
        if index < len(self.shown):
            self.current = self.shown[index].row
            self.show_all()

    def on_table_clicked(self, event: Table.Clicked) -> None:
        """A click on a row makes it current; on a head it sorts."""
        self.set_focus(self.worst)
        if event.row < 0 <= event.column:
            same = event.column == self.sorted_by[0]
            self._sort(event.column, down=not self.sorted_by[1] if same else True)
        elif event.row >= 0:
            self.worst_row = event.row
            self._to_worst()

    def on_table_scrolled(self, event: Table.Scrolled) -> None:
        """The wheel moves through the table."""
        self.set_focus(self.worst)
        self.action_row(event.by)

    # ---- taking it away -------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the command that prints these figures."""
        source = self.source
        if source is None:
            self.tell("no file is open: press o first", wrong=True)
            return
        rows = [self.view.rows[who.row] for who in self.judged_rows(self.view)[0]]
        label = None if self.look.label is None else show.label_name(source, self.look.label)
        smoothing = self.smoothing_of(self.view)
        words = data_arguments(self.choice, self.look, rows, smoothing, label, classes=self.class_count)
        self.copy_command(command(["lossterm", "data", *words, "--format", "text"]))

    def action_export(self) -> None:
        """Write the figures."""
        findings, source, finding = self.findings, self.source, self.current_finding
        if findings is None or source is None or finding is None:
            self.tell("no figures yet: press o to open a file", wrong=True)
            return
        rows = finding.worst.row.tolist() if finding.worst is not None else []
        worst = worst_records(finding, [self.columns.get(row, {}) for row in rows])
        found = document(findings, skipped=source.skipped, worst=worst)
        self.write_file("lossterm-data", ".csv", lambda file: write_csv(found, file))

    # ---- what is typed --------------------------------------------------------------------------------------------

    def take(self, purpose: str, text: str) -> None:
        """Take an answer."""
        if purpose == "point":
            self._go(text)
        else:
            super().take(purpose, text)
