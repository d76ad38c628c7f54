"""What is typed into a prompt: a point, parameters."""

from __future__ import annotations

from lossterm import state
from lossterm.arguments import parameter_value
from lossterm.core.labels import number
from lossterm.core.lazy import np
from lossterm.core.losses import Loss
from lossterm.numbers import parse
from lossterm.state import View


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
