"""What is typed on the Curves screen: a point, a label, a parameter, a filter."""

from __future__ import annotations

from lossterm import state
from lossterm.arguments import parameter_value
from lossterm.core.labels import number
from lossterm.core.lazy import np
from lossterm.core.losses import Loss
from lossterm.numbers import parse
from lossterm.state import View
from lossterm.ui.screens.curves_base import CurvesBase
from lossterm.ui.widgets.prompt import Prompt


def typed_point(view: View, text: str) -> float:
    """The logit of a typed point: ``-4`` or ``z=-4`` is a logit, ``p=.02`` or ``v=.02`` a prediction.

    Raises:
        ValueError: not a number, or a prediction that the activation does not reach.
    """
    name, equals, rest = text.partition("=")
    if not equals:
        return _within(parse(text))
    name = name.strip().lower()
    if name == "z":
        return _within(parse(rest))
    if name not in {"p", "v"}:
        raise ValueError("type -4 or z=-4 for a logit, p=.02 for a prediction")
    prediction = parse(rest)
    logit = float(view.link.inverse(np.array([prediction]))[0])
    if not np.isfinite(logit):
        low, high = (number(x).replace("inf", "∞") for x in (view.link.lower, view.link.upper))
        raise ValueError(f"{view.activation} reaches predictions between {low} and {high}, ends excluded")
    return _within(logit)


def _within(logit: float) -> float:
    if abs(logit) > state.FARTHEST:
        raise ValueError(f"a logit between −{state.FARTHEST:g} and {state.FARTHEST:g}, please")
    return logit


def typed_parameters(entry: Loss, text: str) -> dict[str, float | None]:
    """``2``, ``gamma=2`` or ``gamma=2 alpha=off``.

    Raises:
        ValueError: it is none of these, or out of range.
    """
    result: dict[str, float | None] = {}
    for n, word in enumerate(text.replace(",", " ").replace(":", " ").replace(" =", "=").replace("= ", "=").split()):
        name, equals, value = word.partition("=")
        if not equals:
            if n >= len(entry.parameters):
                raise ValueError(f"{entry.id} has {len(entry.parameters)} parameters")
            name, value = entry.parameters[n].name, word
        symbols = {p.symbol: p.name for p in entry.parameters}
        result[symbols.get(name, name)] = parameter_value(value)
    return entry.complete(result)


class PromptsPart(CurvesBase):
    """The actions of `CurvesScreen` that ask for something."""

    def action_go_to(self) -> None:
        """Ask for a point."""
        letter = "p" if self.view.link.is_probability else "v"
        self.ask("point", f"go to z (or {letter}=…)")

    def action_type_label(self) -> None:
        """Ask for a label."""
        self.ask("label", "label y", number(self.view.label))

    def action_risk(self) -> None:
        """Ask for the true probability of class 1; the expected loss is drawn instead of one label's."""
        eta = self.view.eta
        self.ask("risk", "risk: true probability η of class 1, or off", "off" if eta is not None else "0.9")

    def action_parameter(self) -> None:
        """Ask for the current loss's parameters."""
        r = self.view.rows[self.current]
        if not r.entry.parameters:
            self.tell(f"{r.loss} has no parameter")
            return
        values = " ".join(f"{name}={'off' if value is None else number(value)}" for name, value in r.params)
        self.ask("parameter", r.entry.title, values)

    def action_filter(self) -> None:
        """Ask for a part of a name."""
        self.ask("filter", "/", self.filter_text)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """The filter acts while it is typed."""
        if event.purpose == "filter":
            self.set_filter(event.text)

    def set_filter(self, text: str) -> None:
        """Show only the losses with this in one of their names."""
        self.filter_text = text.strip()
        rows = self.visible_rows
        if rows and self.current not in rows:
            self.current = rows[0]
        self.show_panes()
        self.show_readout()

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Take the answer, or say what is wrong with it."""
        try:
            self._take(event.purpose, event.text)
        except ValueError as problem:
            event.prompt.complain(str(problem))
            if not event.prompt.has_room_for(str(problem)):
                self.tell(str(problem), timeout=8, wrong=True)
            return
        self.notice.hide()
        self._close_prompt()

    def _take(self, purpose: str, text: str) -> None:
        look_at = self.look_at
        if purpose == "point":
            look_at(state.move_to(self.view, typed_point(self.view, text)))
        elif purpose == "label":
            label = parse(text.strip().removeprefix("y").strip().removeprefix("=")) + 0.0
            self.typed_label = label
            look_at(state.set_label(self.view, label))
            self.show_panes()
        elif purpose == "risk":
            self.look_at(state.set_eta(self.view, parameter_value(text) if text.strip() else None))
        elif purpose == "parameter":
            view = self.view
            for name, value in typed_parameters(view.rows[self.current].entry, text).items():
                view = state.set_parameter(view, self.current, name, value)
            look_at(view)

    def on_prompt_left(self) -> None:
        """It was left: nothing changes, but the filter ends."""
        if self.prompt.purpose == "filter":
            self.set_filter("")
        self._close_prompt()

    def _close_prompt(self) -> None:
        self.close_prompt()
        self.upper.focus()
