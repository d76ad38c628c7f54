"""A loss of one's own by a plain chain rule: the steps of its definition, each rounded in turn."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.core.losses.labels import number
from lossterm.core.losses.own.grammar import FormulaStep
from lossterm.precision.numbers import BINARY, FUNCTIONS, PlainNumber, PlainRun, choose, negative

LONGEST = 48
"""Characters of an operation as it is told; of a longer one the function or the sign alone."""

_SIGNS = {"+": "+", "-": "−", "*": "·", "/": "/", "**": "^"}
_BINDING = {"+": 1, "−": 1, "·": 2, "/": 2, "negated": 2, "^": 3}
_ATOM = 4


def run_steps(run: PlainRun, steps: Sequence[FormulaStep]) -> PlainNumber:
    """What the steps of a definition come to, with every operation noted.

    Args:
        run: has the numbers that the definition names.
        steps: one after the other; the last is the loss.
    """
    values: list[PlainNumber] = []
    texts: list[tuple[str, int]] = []
    for step in steps:
        of = tuple(values[i] for i in step.of)
        told = [texts[i] for i in step.of]
        if step.name == "number":
            values.append(run.constant(step.value))
            texts.append((number(step.value), _ATOM))
        elif step.name == "name":
            values.append(run.names[step.word])
            texts.append((step.word, _ATOM))
        elif step.name.startswith("if "):
            values.append(choose(step.name.removeprefix("if "), *of))
            texts.append(("…", _ATOM))
        else:
            text, binding = _spelled(step.name, told)
            sign = _SIGNS.get(step.name, "−" if step.name == "negated" else step.name)
            made = BINARY[sign](*of) if step.name in _SIGNS else _one(step.name, of)
            operands = tuple((text, x) for (text, _), x in zip(told, of, strict=True))
            values.append(run.noted(text, sign, operands, made))
            texts.append((text, binding))
    return values[-1]


def _one(name: str, of: tuple[PlainNumber, ...]) -> PlainNumber:
    return negative(*of) if name == "negated" else FUNCTIONS[name](*of)


def _spelled(name: str, of: Sequence[tuple[str, int]]) -> tuple[str, int]:
    # an operation as people read it, and how strongly it binds; what is used twice is told twice, so it has an end
    sign = _SIGNS.get(name)
    if sign is None and name != "negated":
        text, binding = f"{name}({', '.join(text for text, _ in of)})", _ATOM
    elif sign is None:
        text, binding = f"−{_within(of[0], _BINDING['negated'])}", _BINDING["negated"]
    else:
        binding = _BINDING[sign]
        # a − (b − c) and (a^b)^c keep their brackets
        left = _within(of[0], binding + (sign == "^"))
        right = _within(of[1], binding + (sign in "−/"))
        text = f"{left}{f' {sign} ' if sign in '+−' else sign}{right}"
    return (text, binding) if len(text) <= LONGEST else ("…", _ATOM)


def _within(part: tuple[str, int], binding: int) -> str:
    text, own = part
    return text if own >= binding else f"({text})"
