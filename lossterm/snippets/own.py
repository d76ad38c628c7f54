"""A loss of one's own in symbols: the steps of its formula, one after the other, with what is known of logarithms."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import sympy

from lossterm.snippets.algebra import (
    HALF,
    Algebra,
    Expr,
    absolute,
    choice,
    erf,
    expm1,
    lgamma,
    log1p,
    where,
)
from lossterm.snippets.links import Roles
from lossterm.snippets.twins import Knobs, Twin

TAKEN = {"np", "math", "torch", "jax", "jnp", "ops", "functools", "preds", "dtrain", "train_data", "ctx", "self"}
"""Names that a snippet uses itself."""


class Operation(Protocol):
    """One operation of a formula.

    Attributes:
        name: of a function or a sign; ``number`` and ``name`` have no operands.
        of: the numbers of the steps that are its operands.
        value: of a number.
        word: of a name.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def of(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def word(self) -> str: ...  # noqa: D102


def reads_hard_labels(steps: Sequence[Operation]) -> bool:
    """Whether the snippet is of the labels 0 and 1 alone: p_t is then p or 1 − p."""
    return any(step.name == "name" and step.word in ("p_t", "s") for step in steps)


def twin_of(steps: Sequence[Operation]) -> Twin:
    """The loss that the steps compute; the last one is its value.

    Args:
        steps: each has the numbers of its operands, which come before it.
    """

    def twin(v: Roles, k: Knobs) -> Expr:
        values: list[Expr] = []
        for step in steps:
            of = [values[i] for i in step.of]
            if step.name == "number":
                values.append(sympy.Rational(repr(step.value)))
            elif step.name == "name":
                values.append(_named(step.word, v, k))
            elif step.name.startswith("if "):
                values.append(_distributed(lambda *x, sign=step.name[3:]: _if(sign, *x), of))
            else:
                values.append(_distributed(_operation(step.name, v.algebra), of))
        return values[-1]

    return twin


def _named(name: str, v: Roles, k: Knobs) -> Expr:
    if name in ("v", "p"):
        return v.v
    if name == "z":
        return v.algebra.z
    if name == "y":
        return v.y
    if name == "r":
        return v.r
    if name == "s":
        return v.side
    if name == "p_t":
        return where(v.y > HALF, v.v, _complement(v.algebra, v.v))
    if keyword.iskeyword(name) or name in TAKEN:
        raise ValueError(f"a parameter that is called {name} cannot be an argument of a snippet: take another name")
    return getattr(k, name)


def _distributed(operation: Callable[..., Expr], of: Sequence[Expr]) -> Expr:
    # of what is one thing or another: the operation of the one or of the other
    for at, value in enumerate(of):
        if isinstance(value, choice):
            condition, yes, no = value.args
            sides = [[*of[:at], side, *of[at + 1 :]] for side in (yes, no)]
            first, second = (
                [_known(condition, x, holds=holds) for x in side]
                for side, holds in zip(sides, (True, False), strict=True)
            )
            return where(condition, _distributed(operation, first), _distributed(operation, second))
    return operation(*of)


def _known(condition: Expr, value: Expr, *, holds: bool) -> Expr:
    # under a condition a choice by the same condition is made
    if isinstance(value, choice) and value.args[0] == condition:
        return value.args[1 if holds else 2]
    return value


def _if(sign: str, left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    relations = {"<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}
    condition = relations[sign](left, right)
    if condition == True:  # noqa: E712 - sympy's own
        return yes
    return no if condition == False else where(condition, yes, no)  # noqa: E712


def _complement(a: Algebra, x: Expr) -> Expr:
    # 1 − x, by its own name where it has one
    if x == a.y:
        return a.rest
    return a.memory[x][0] if x in a.memory else 1 - x


def _minus(a: Algebra, left: Expr, right: Expr) -> Expr:
    return _complement(a, right) if left == 1 else left - right


def _log(a: Algebra, x: Expr) -> Expr:
    if x in a.memory:
        return a.memory[x][1]
    if isinstance(x, sympy.exp):
        return x.args[0]
    if x.is_Mul and all(f in a.memory or f.is_Pow or f.is_positive or isinstance(f, sympy.exp) for f in x.args):
        return sympy.Add(*(_log(a, f) for f in x.args))
    if x.is_Pow and x.base in a.memory:
        return x.exp * a.memory[x.base][1]
    return sympy.log(x)


def _sigma(a: Algebra, x: Expr) -> tuple[Expr, Expr, Expr, Expr]:
    if x == a.z:
        return a.sigmoids(x)
    if x not in a.marks:
        a.marks[x] = f"_{len(a.marks) + 1}"
    return a.sigmoids(x, a.marks[x])


def _tanh(a: Algebra, x: Expr) -> Expr:
    p, q, _, _ = _sigma(a, 2 * x)
    return p - q


def _least(*of: Expr) -> Expr:
    first, *others = of
    for other in others:
        first = _distributed(lambda x, y: _if("<=", x, y, x, y), [first, other])
    return first


def _largest(*of: Expr) -> Expr:
    first, *others = of
    for other in others:
        first = _distributed(lambda x, y: _if(">=", x, y, x, y), [first, other])
    return first


def _operation(name: str, a: Algebra) -> Callable[..., Expr]:
    operations: Mapping[str, Callable[..., Any]] = {
        "+": lambda x, y: x + y,
        "-": lambda x, y: _minus(a, x, y),
        "*": lambda x, y: x * y,
        "/": lambda x, y: x / y,
        "**": lambda x, y: x**y,
        "negated": lambda x: -x,
        "log": lambda x: _log(a, x),
        "exp": sympy.exp,
        "log1p": log1p,
        "expm1": expm1,
        "sqrt": sympy.sqrt,
        "abs": absolute,
        "erf": erf,
        "lgamma": lgamma,
        "sigmoid": lambda x: _sigma(a, x)[0],
        "softplus": lambda x: -_sigma(a, x)[3],
        "tanh": lambda x: _tanh(a, x),
        "min": _least,
        "max": _largest,
        "clip": lambda x, low, high: _if("<", x, low, low, _if(">", x, high, high, x)),
    }
    if name not in operations:
        raise ValueError(f"{name} has no symbolic form")
    return operations[name]
