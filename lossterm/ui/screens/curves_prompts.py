"""What is typed on the Curves screen beside labels and parameters: a point, a risk, a filter."""

from __future__ import annotations

from lossterm import state
from lossterm.arguments import parameter_value
from lossterm.ui.screens.curves_base import CurvesBase
from lossterm.ui.typed import typed_point
from lossterm.ui.widgets.prompt import Prompt


class PromptsPart(CurvesBase):
    """The actions of `CurvesScreen` that ask for something."""

    _before_filter = 0

    def action_go_to(self) -> None:
        """Ask for a point."""
        letter = "p" if self.view.link.is_probability else "v"
        self.ask("point", f"go to z (or {letter}=…)")

    def action_risk(self) -> None:
        """Ask for the true probability of class 1; the expected loss is drawn instead of one label's."""
        eta = self.view.eta
        self.ask("risk", "risk: true probability η of class 1, or off", "off" if eta is not None else "0.9")

    def action_filter(self) -> None:
        """Ask for a part of a name."""
        self._before_filter = self.current
        self.ask("filter", "/", self.filter_text)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """The filter acts while it is typed."""
        if event.purpose == "filter" == self.prompt.purpose:
            self.set_filter(event.text)

    def set_filter(self, text: str) -> None:
        """Show only the losses with this in one of their names."""
        self.filter_text = text.strip()
        rows = self.visible_rows
        if rows and self.current not in rows:
            self.current = rows[0]
        self.show_panes()
        self.show_readout()

    def take(self, purpose: str, text: str) -> None:
        """Take an answer."""
        if purpose == "point":
            self.look_at(state.move_to(self.view, typed_point(self.view, text)))
        elif purpose == "risk":
            self.look_at(state.set_eta(self.view, parameter_value(text) if text.strip() else None))
        elif purpose == "filter":
            self.set_filter(text)
        else:
            super().take(purpose, text)
            self.show_panes()  # a label that was typed is one of the choices, even if it is the one there was

    def prompt_left(self, purpose: str) -> None:
        """A filter that is left ends."""
        if purpose == "filter":
            self.current = min(self._before_filter, len(self.view.rows) - 1)
            self.set_filter("")
        super().prompt_left(purpose)
