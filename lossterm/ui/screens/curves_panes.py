"""The panes of the Curves screen: their rows, and what choosing one does."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from lossterm import state
from lossterm.core.activations import ACTIVATIONS
from lossterm.ui import present
from lossterm.ui.screens.curves_prompts import PromptsPart
from lossterm.ui.widgets.chooser import Chooser
from lossterm.ui.widgets.readout import Readout

SMOOTHING_LINE = 1
"""Which line of the folded label pane tells the smoothing."""


class PanesPart(PromptsPart):
    """The actions of `CurvesScreen` on losses, labels and activations."""

    def _focused_pane(self) -> Chooser | None:
        return self.focused if isinstance(self.focused, Chooser) else None

    def action_pane(self, direction: int) -> None:
        """The next or previous pane: the chart, then the column of panes from top to bottom."""
        order: list[Widget | None] = [self.upper, self.losses, self.labels, self.activations]
        at = order.index(self.focused) if self.focused in order else 0
        self.set_focus(order[(at + direction) % len(order)])

    def action_leave(self) -> None:
        """Back to the chart; a filter ends first."""
        self.notice.hide()
        if self.filter_text:
            self.set_filter("")
        self.set_focus(self.upper)

    def action_row(self, by: int) -> None:
        """Another row of the pane with the focus; of the losses when the chart has it."""
        pane = self._focused_pane()
        if pane is self.labels or pane is self.activations:
            if pane.is_folded:
                self.action_pane(by)
                return
            name = pane.id or ""
            count = len(ACTIVATIONS) if pane is self.activations else len(self.label_choices) + 3
            self.pane_rows[name] = min(max(self.pane_rows[name] + by, 0), count - 1)
        else:
            rows = self.visible_rows
            if not rows:
                return
            at = rows.index(self.current) if self.current in rows else 0
            self.current = rows[min(max(at + by, 0), len(rows) - 1)]
            self.show_readout()
        self.show_panes()

    def action_show(self) -> None:
        """Show or hide the current loss; in another pane choose its row."""
        if self._focused_pane() in (self.labels, self.activations):
            self.action_choose()
        elif self.current in self.visible_rows:
            self.action_show_row(self.current)

    def action_choose(self) -> None:
        """Choose the row of the pane with the focus; a folded pane opens."""
        pane = self._focused_pane()
        if pane is self.labels:
            self._open(pane) if pane.is_folded else self._choose_label(self.pane_rows["labels"])
        elif pane is self.activations:
            self._open(pane) if pane.is_folded else self._choose_activation(self.pane_rows["activations"])
        elif pane is self.losses:
            self.action_show()

    def _open(self, pane: Chooser, *, smoothing: bool = False) -> None:
        from lossterm.ui.screens.pick import PickScreen

        chosen: Callable[[int], None]
        if pane is self.labels:
            items, chosen = present.label_items(self.view, self.typed_label), self._choose_label
            at = len(items) - 1 if smoothing else self.label_choices.index(self.view.label)
        else:
            items, chosen = present.activation_items(self.view), self._choose_activation
            at = list(ACTIVATIONS).index(self.view.activation)
        title = "Label" if pane is self.labels else "Activation"
        self.app.push_screen(PickScreen(title, items, at), lambda i: None if i is None else chosen(i))

    def _choose_label(self, index: int) -> None:
        choices = self.label_choices
        if index < len(choices):
            self.look_at(state.set_label(self.view, choices[index]))
        elif index == len(choices):
            self.action_type_label()
        elif index == len(choices) + 1:
            self.action_risk()
        else:
            self.action_smoothing()

    def _choose_activation(self, index: int) -> None:
        self.action_use_activation(list(ACTIVATIONS)[index])

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """A click chooses; on a loss it shows or hides it."""
        if event.index < 0:
            self._open(event.chooser, smoothing=event.chooser is self.labels and event.line == SMOOTHING_LINE)
        elif event.chooser is self.losses:
            rows = self.visible_rows
            if event.index < len(rows):
                self.current = rows[event.index]
                self.action_show_row(self.current)
        elif event.chooser is self.labels:
            self.pane_rows["labels"] = event.index
            self._choose_label(event.index)
        else:
            self._choose_activation(event.index)

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """The wheel moves through a pane."""
        self.set_focus(event.chooser)
        self.call_later(self.action_row, event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """A click on a row of numbers makes its loss the current one."""
        if self.figure is not None and event.index < len(self.figure.scene.curves):
            self.current = self.figure.scene.curves[event.index].row
            self.show_panes()
            self.show_readout()

    def action_reference(self) -> None:
        """The current loss is what ratios are taken against."""
        self.look_at(state.make_reference(self.view, self.current))

    def action_variant(self) -> None:
        """A second row of the current loss."""
        before = self.view
        self.look_at(state.add_variant(self.view, self.current))
        if self.view != before:
            self.current += 1
            self.show_panes()
        else:
            self.tell(f"{self.view.rows[self.current].loss} has no parameter to compare")

    def action_remove(self) -> None:
        """Take such a row away."""
        loss = self.view.rows[self.current].loss
        self.look_at(state.remove_variant(self.view, self.current))
        beside = self.view.rows[self.current].loss if self.current < len(self.view.rows) else ""
        self.current -= beside != loss  # another row of the same loss stays the current one
        self.show_panes()
