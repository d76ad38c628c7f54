"""What is typed or pasted on the Softmax screen: logits, probabilities, targets, temperatures, classes."""

from __future__ import annotations

import math

from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.core.numbers import parse
from lossterm.model.window import FARTHEST
from lossterm.softmax.edit import (
    move_to,
    set_logit,
    set_logits,
    set_probabilities,
    set_target,
    set_teacher,
    set_temperature,
    set_weights,
)
from lossterm.softmax.options import NO_WEIGHTS, label, numbers
from lossterm.softmax.view import SoftmaxView, select


def logit_for(view: SoftmaxView, probability: float) -> float:
    """The selected logit at which its class has this probability, the others staying.

    Raises:
        ValueError: there is none.
    """
    if not 0 < probability < 1:
        raise ValueError(f"a probability between 0 and 1, ends excluded, please, not {number(probability)}")
    others = np.delete(view.example.logits, view.selected) / view.temperature
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


def typed_probabilities(view: SoftmaxView, text: str) -> SoftmaxView:
    """Probabilities of all classes, rescaled if they must.

    Raises:
        ValueError: they are none; the message says why.
    """
    return set_probabilities(view, numbers(text, "probabilities"), normalize=True)


def typed_place(view: SoftmaxView, text: str) -> SoftmaxView:
    """A place of the sweep: a temperature (``T=2`` too), or what `typed_logits` takes.

    Raises:
        ValueError: it is none; the message says why.
    """
    name, equals, rest = text.partition("=")
    if equals and name.strip() == "T":
        return set_temperature(view, parse(rest))
    if view.sweep == "temperature" and not equals:
        return move_to(view, math.log10(_positive(parse(text))))
    return typed_logits(view, text)


def typed_temperature(view: SoftmaxView, text: str) -> SoftmaxView:
    """A temperature; ``T=2`` is one too.

    Raises:
        ValueError: it is not a positive number.
    """
    return set_temperature(view, _positive(parse(text.strip().removeprefix("T="))))


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError(f"the temperature must be a positive number, not {number(value)}")
    return value


def typed_target(view: SoftmaxView, text: str) -> SoftmaxView:
    """A class, a distribution, or ``teacher``.

    Raises:
        ValueError: it is none of these, or does not fit; the message says why.
    """
    plain = text.strip().lower()
    if plain.startswith("teach"):
        if view.teacher is None:
            raise ValueError("there is no teacher: h types its logits")
        return set_target(view, None)
    return set_target(view, label(plain.removeprefix("class").strip().removeprefix("t=")))


def typed_teacher(view: SoftmaxView, text: str) -> SoftmaxView:
    """A teacher's logits; nothing, or ``none``, is no teacher.

    Raises:
        ValueError: they do not fit the student's; the message says why.
    """
    if text.strip().lower() in {"", "none", "off", "-"}:
        return set_teacher(view, None)
    return set_teacher(view, numbers(text, "teacher"))


def typed_weights(view: SoftmaxView, text: str) -> SoftmaxView:
    """Class weights; nothing, or ``none``, is none.

    Raises:
        ValueError: not one a class; the message says why.
    """
    return set_weights(view, None if text.strip().lower() in NO_WEIGHTS else numbers(text, "class weights"))


def typed_class(view: SoftmaxView, text: str) -> SoftmaxView:
    """A class by its number.

    Raises:
        ValueError: there is none of that number.
    """
    wanted = label(text)
    if not isinstance(wanted, int) or not 0 <= wanted < view.classes:
        raise ValueError(f"a class between 0 and {view.classes - 1}, please")
    return select(view, wanted)
