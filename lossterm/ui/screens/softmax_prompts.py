"""What is typed or pasted on the Softmax screen: logits, probabilities, targets, temperatures, parameters."""

from __future__ import annotations

import math
from collections.abc import Callable

from textual import events

from lossterm.core.labels import number
from lossterm.core.lazy import np
from lossterm.numbers import parse
from lossterm.softmax_arguments import label, listed, numbers, parameters
from lossterm.softmax_edit import (
    move_to,
    set_logit,
    set_logits,
    set_probabilities,
    set_target,
    set_teacher,
    set_temperature,
)
from lossterm.softmax_state import SoftmaxView, select, set_parameter
from lossterm.state import FARTHEST
from lossterm.ui.present_softmax import logit_name
from lossterm.ui.screens.softmax_base import SoftmaxBase

LONGEST = 200
"""Characters of a list that are offered for editing; a longer one is typed anew."""


def logit_for(view: SoftmaxView, probability: float) -> float:
    """The selected logit at which its class has this probability, the others staying.

    Raises:
        ValueError: there is none.
    """
    if not 0 < probability < 1:
        raise ValueError(f"a probability between 0 and 1, ends excluded, please, not {number(probability)}")
    others = np.delete(view.problem.logits, view.selected) / view.temperature
    top = float(others.max())
    if top == -math.inf:
        raise ValueError("every other class is masked: p is 1")
    rest = top + math.log(float(np.exp(others - top).sum()))
    return view.temperature * (rest + math.log(probability) - math.log1p(-probability))


def typed_logits(view: SoftmaxView, text: str) -> SoftmaxView:
    """One number is the selected logit, ``p=.2`` its probability, several are all logits, ``p=.1,.2,.7`` their softmax.

    Raises:
        ValueError: it is none of these; the message says why.
    """
    name, equals, rest = text.partition("=")
    letter = name.strip().lower() if equals else ""
    values = numbers(rest if equals else text, "probabilities" if letter.startswith("p") else "logits")
    if letter.startswith("p"):
        if len(values) > 1:
            return set_probabilities(view, values, normalize=True)
        return set_logit(view, _reached(logit_for(view, values[0])))
    if letter and not letter.startswith(("z", "logit")):
        raise ValueError("type -4 or z=-4 for a logit, p=.2 for a probability, 8,0,0 for all logits")
    if len(values) > 1:
        return set_logits(view, values)
    changed = set_logit(view, _reached(values[0]))
    if values[0] == -math.inf != changed.logits[view.selected]:
        raise ValueError("at least one class must stay unmasked")
    return changed


def _reached(logit: float) -> float:
    if math.isfinite(logit) and abs(logit) > FARTHEST:
        raise ValueError(f"a logit between −{FARTHEST:g} and {FARTHEST:g}, please")
    return logit


def typed_place(view: SoftmaxView, text: str) -> SoftmaxView:
    """A place of the sweep: a temperature (``T=2`` too), or what `typed_logits` takes."""
    name, equals, rest = text.partition("=")
    if equals and name.strip() == "T":
        return set_temperature(view, parse(rest))
    if view.sweep == "temperature" and not equals:
        return move_to(view, math.log10(_positive(parse(text))))
    return typed_logits(view, text)


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError(f"the temperature must be a positive number, not {number(value)}")
    return value


def typed_target(view: SoftmaxView, text: str) -> SoftmaxView:
    """A class, a distribution (rescaled if it must), or ``teacher``."""
    plain = text.strip().lower()
    if plain.startswith("teach"):
        if view.target.teacher is None:
            raise ValueError("there is no teacher: h types its logits")
        return set_target(view, None)
    return set_target(view, label(plain.removeprefix("class").strip().removeprefix("t=")))


def typed_teacher(view: SoftmaxView, text: str) -> SoftmaxView:
    """A teacher's logits; nothing, or ``none``, is no teacher."""
    if text.strip().lower() in {"", "none", "off", "-"}:
        return set_teacher(view, None)
    return set_teacher(view, numbers(text, "teacher"))


def typed_class(view: SoftmaxView, text: str) -> SoftmaxView:
    """A class by its number."""
    wanted = label(text)
    if not isinstance(wanted, int) or not 0 <= wanted < view.classes:
        raise ValueError(f"a class between 0 and {view.classes - 1}, please")
    return select(view, wanted)


class SoftmaxPrompts(SoftmaxBase):
    """The actions of `SoftmaxScreen` that ask for something."""

    def action_type_logit(self) -> None:
        """Ask for the selected logit, or all."""
        z = self.view.logits[self.view.selected]
        self.ask("logits", f"{logit_name(self.view)} (or p=…, or all: 8,0,0)", listed([z]))

    def action_type_probabilities(self) -> None:
        """Ask for probabilities."""
        given = self.view.given or tuple(float(f"{p:.4g}") for p in self.view.problem.point.prediction.p.tolist())
        text = listed(given)
        self.ask("probabilities", "probabilities", text if len(text) <= LONGEST else "")

    def action_type_target(self) -> None:
        """Ask for a target."""
        old = self.view.target.label
        text = "teacher" if old is None else str(old) if isinstance(old, int) else listed(old)
        self.ask("target", "target (1 or .1,.2,.7)", text if len(text) <= LONGEST else "")

    def action_type_teacher(self) -> None:
        """Ask for a teacher's logits."""
        teacher = self.view.target.teacher
        text = "" if teacher is None else listed(teacher)
        self.ask("teacher", "teacher's logits", text if len(text) <= LONGEST else "")

    def action_type_temperature(self) -> None:
        """Ask for the temperature."""
        self.ask("temperature", "temperature T", number(self.view.temperature))

    def action_go_to(self) -> None:
        """Ask for a place of the sweep."""
        what = "T" if self.view.sweep == "temperature" else f"{logit_name(self.view)} (or p=…)"
        self.ask("place", f"go to {what}")

    def action_go_to_class(self) -> None:
        """Ask for a class."""
        self.ask("class", f"go to class 0…{self.view.classes - 1}")

    def action_parameter(self) -> None:
        """Ask for the current loss's parameter."""
        r = self.view.rows[self.current]
        if not r.entry.parameters:
            self.tell(f"{r.loss} has no parameter")
            return
        name, value = r.params[0]
        text = value if isinstance(value, str) else "off" if value is None else number(value)
        self.ask("parameter", r.entry.title, f"{name}={text}")

    def _typed_parameter(self, view: SoftmaxView, text: str) -> SoftmaxView:
        r = view.rows[self.current]
        word = text.strip().replace(" ", "")
        knob = r.entry.parameters[0]
        word = word if "=" in word else f"{knob.name}={word}"
        if knob.symbol and word.startswith(f"{knob.symbol}="):
            word = f"{knob.name}={word.partition('=')[2]}"
        for name, value in parameters(r.entry, [word]).items():
            view = set_parameter(view, self.current, name, value)
        return view

    def take(self, purpose: str, text: str) -> None:
        """Take an answer.

        Raises:
            ValueError: what is wrong with it.
        """
        readers: dict[str, Callable[[SoftmaxView, str], SoftmaxView]] = {
            "logits": typed_logits,
            "probabilities": lambda v, typed: set_probabilities(v, numbers(typed, "probabilities"), normalize=True),
            "target": typed_target,
            "teacher": typed_teacher,
            "temperature": lambda v, typed: set_temperature(v, _positive(parse(typed.strip().removeprefix("T=")))),
            "place": typed_place,
            "class": typed_class,
            "parameter": self._typed_parameter,
        }
        self.look_at(readers[purpose](self.view, text))

    def focus_home(self) -> None:
        """Back to the classes."""
        self.set_focus(self.classes_table)

    def prompt_answered(self, purpose: str) -> None:
        """Back to the losses after their parameters, else to the classes."""
        self.set_focus(self.ledger) if purpose == "parameter" else self.focus_home()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted numbers are logits; after ``p=`` they are probabilities."""
        event.stop()
        if not event.text.strip():
            return
        try:
            self.look_at(typed_logits(self.view, event.text[:100_000]))
        except ValueError as problem:
            self.tell(str(problem)[:300], title="not pasted", timeout=6, wrong=True)
        else:
            self.tell(f"{self.view.classes} classes", title="pasted")
