"""A formula by a plain chain rule: its steps, each rounded in turn."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.core.losses.own.grammar import FormulaStep
from lossterm.precision.numbers import BINARY, COMPARISONS, FUNCTIONS, PlainNumber, PlainRun, negative, where

LONGEST = 48
"""Characters of an operation as it is told; of a longer one the function or the sign alone."""

_SIGNS = {"+": "+", "-": "−", "*": "·", "/": "/", "**": "^"}
_BINDING = {"+": 1, "−": 1, "·": 2, "/": 2, "negated": 2, "^": 3}
_ATOM = 4


def run_steps(run: PlainRun, steps: Sequence[FormulaStep]) -> PlainNumber:
    """What the steps of a formula come to, with every operation that its result needs noted.

    Args:
        run: has the numbers that the formula names.
        steps: one after the other; the last is the loss.
    """
    known: dict[int, tuple[PlainNumber, tuple[str, int]]] = {}

    def at(place: int) -> tuple[PlainNumber, tuple[str, int]]:
        if place not in known:
            known[place] = made(steps[place])
        return known[place]

    def made(step: FormulaStep) -> tuple[PlainNumber, tuple[str, int]]:
        if step.name == "number":
            return run.constant(step.value), (number(step.value), _ATOM)
        if step.name == "name":
            return run.names[step.word], (step.word, _ATOM)
        if step.name.startswith("if "):
            (left, _), (right, _) = at(step.of[0]), at(step.of[1])
            holds = COMPARISONS[step.name.removeprefix("if ")](left.value, right.value)
            if np.ndim(holds) == 0:  # of the label and parameters: nothing else is computed
                return at(step.of[2 if holds else 3])
            return where(holds, at(step.of[2])[0], at(step.of[3])[0]), ("…", _ATOM)
        of, told = zip(*map(at, step.of), strict=True)
        text, binding = _spelled(step.name, told)
        sign = _SIGNS.get(step.name, "−" if step.name == "negated" else step.name)
        result = BINARY[sign](*of) if step.name in _SIGNS else _one(step.name, of)
        operands = tuple((text, x) for (text, _), x in zip(told, of, strict=True))
        return run.noted(text, sign, operands, result), (text, binding)

    return at(len(steps) - 1)[0]


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
