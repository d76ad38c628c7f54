"""What keys do to a view of losses, a label and an activation, on every screen that looks at one."""

from __future__ import annotations

from lossterm import state
from lossterm.core.activations import ACTIVATIONS
from lossterm.core.labels import number
from lossterm.numbers import parse
from lossterm.state import View
from lossterm.ui.screens.base import ProgramScreen
from lossterm.ui.screens.palette import Entry
from lossterm.ui.typed import typed_parameters


class ViewActions(ProgramScreen):
    """The actions on losses, parameters, label and activation.

    Attributes:
        current: the row of the view that keys act on.
        typed_label: the label that was typed last, which the key for the next label goes through too.
    """

    current: int
    typed_label: float | None

    @property
    def view(self) -> View:
        """What is looked at."""
        raise NotImplementedError

    def look_at(self, view: View) -> None:
        """Look at something else."""
        raise NotImplementedError

    def palette_entries(self) -> list[Entry]:
        """Every loss and activation by name."""
        losses = [
            Entry(f"{'Hide' if r.shown else 'Show'} {r.loss}", "loss", f"show_row({i})", " ".join(r.entry.aliases))
            for i, r in enumerate(self.view.rows)
        ]
        activations = [
            Entry(f"Activation: {name}", a.formula, f"use_activation('{name}')", " ".join(a.aliases))
            for name, a in ACTIVATIONS.items()
        ]
        return losses + activations

    # ---- losses ---------------------------------------------------------------------------------------------------

    def action_show_row(self, index: int) -> None:
        """Show or hide a row."""
        if index < len(self.view.rows):
            before = self.view
            self.look_at(state.toggle(before, index))
            if self.view == before:
                self.tell(f"at most {state.MAX_SHOWN} losses at once: each has a letter")

    def action_step(self, which: int, direction: int) -> None:
        """Step a parameter of the current loss."""
        r = self.view.rows[self.current]
        if which < len(r.entry.parameters):
            name = r.entry.parameters[which].name
            self.look_at(state.step_parameter(self.view, self.current, name, direction))
        else:
            self.tell(f"{r.loss} has {'no parameter' if not r.entry.parameters else 'one parameter only'}")

    def action_parameter(self) -> None:
        """Ask for the current loss's parameters."""
        r = self.view.rows[self.current]
        if not r.entry.parameters:
            self.tell(f"{r.loss} has no parameter")
            return
        values = " ".join(f"{name}={'off' if value is None else number(value)}" for name, value in r.params)
        self.ask("parameter", r.entry.title, values)

    # ---- label and activation -------------------------------------------------------------------------------------

    def action_label(self, direction: int) -> None:
        """The next label."""
        self.look_at(state.next_label(self.view, direction, self.typed_label))

    def action_type_label(self) -> None:
        """Ask for a label."""
        self.ask("label", "label y", number(self.view.label))

    def action_smoothing(self) -> None:
        """The next smoothing."""
        if not 0 <= self.view.label <= 1:
            self.tell(f"only a label between 0 and 1 can be smoothed, not {self.view.label:g}")
        self.look_at(state.next_smoothing(self.view))

    def action_activation(self, direction: int) -> None:
        """The next activation."""
        self.look_at(state.next_activation(self.view, direction))

    def action_use_activation(self, name: str) -> None:
        """Use an activation."""
        self.look_at(state.set_activation(self.view, name))

    # ---- what is typed --------------------------------------------------------------------------------------------

    def take(self, purpose: str, text: str) -> None:
        """Take a typed label or typed parameters.

        Raises:
            ValueError: what is wrong with it.
        """
        if purpose == "label":
            label = parse(text.strip().removeprefix("y").strip().removeprefix("=")) + 0.0
            self.typed_label = label
            self.look_at(state.set_label(self.view, label))
        elif purpose == "parameter":
            view = self.view
            for name, value in typed_parameters(view.rows[self.current].entry, text).items():
                view = state.set_parameter(view, self.current, name, value)
            self.look_at(view)
