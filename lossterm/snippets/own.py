"""A loss of one's own in symbols: the steps of its formula, one after the other, with what is known of logarithms."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

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
                values.append(_settled(v.algebra, _choice(step.name[3:], v, *of)))
            elif step.name not in OPERATIONS:
                raise ValueError(f"{step.name} has no symbolic form")
            else:
                values.append(_distributed(partial(OPERATIONS[step.name], v), of))
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
        return where(v.y > HALF, v.v, _complement(v, v.v))
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


def _choice(sign: str, v: Roles, left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    return _distributed(lambda x, y: _if(sign, v, x, y, yes, no), [left, right])


def _settled(a: Algebra, value: Expr) -> Expr:
    # what is chosen by the label alone is chosen once, under a name
    if not isinstance(value, choice) or any(a.atoms[s].derivative != 0 for s in value.free_symbols & a.atoms.keys()):
        return value
    return a.atom(a.marks.setdefault(value, f"chosen_{len(a.marks) + 1}"), value)


def _if(sign: str, v: Roles, left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    relations = {"<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}
    if right == 1 and left == v.m:  # by what it is short of 1, which is no rounded difference
        left, right = v.short, 0
        sign = sign.translate(str.maketrans("<>", "><"))
    condition = relations[sign](left, right)
    if condition == True:  # noqa: E712 - sympy's own
        return yes
    if condition == False:  # noqa: E712
        return no
    return where(condition, _known(condition, yes, holds=True), _known(condition, no, holds=False))


def _complement(v: Roles, x: Expr) -> Expr:
    # 1 − x, by its own name where it has one, and as no difference of two numbers that are nearly 1
    a = v.algebra
    if x == a.y:
        return a.rest
    if x in a.memory:
        return a.memory[x][0]
    if x == v.m:
        return v.short
    if isinstance(x, sympy.exp):
        return -expm1(x.args[0])
    if x.is_Pow and x.base in a.memory:
        return -expm1(x.exp * a.memory[x.base][1])
    return 1 - x


def _minus(v: Roles, left: Expr, right: Expr) -> Expr:
    if left == 1:
        return _complement(v, right)
    if right == 1:
        return v.excess if left == v.v else -_complement(v, left)
    return left - right


def _times(v: Roles, x: Expr, y: Expr) -> Expr:
    # the sign of the label times the prediction is the margin; e^x by what knows its logarithm is one power
    for one, other in ((x, y), (y, x)):
        if isinstance(one, sympy.exp) and other in v.algebra.memory:
            return sympy.exp(one.args[0] + v.algebra.memory[other][1])
    product = x * y
    both = {v.side, v.v}
    return product / sympy.Mul(*both) * v.m if product.is_Mul and both <= set(product.args) else product


def _log(v: Roles, x: Expr) -> Expr:
    a = v.algebra
    if x == v.v:
        return v.log_v
    if x in a.memory:
        return a.memory[x][1]
    if isinstance(x, sympy.exp):
        return x.args[0]
    if x.is_Mul and all(f in a.memory or f.is_Pow or f.is_positive or isinstance(f, sympy.exp) for f in x.args):
        return sympy.Add(*(_log(v, f) for f in x.args))
    if x.is_Pow and x.base in a.memory:
        return x.exp * a.memory[x.base][1]
    return _log1p(v, x - 1) if x.is_Add and 1 in x.args else sympy.log(x)


def _log1p(v: Roles, x: Expr) -> Expr:
    if x == v.v:
        return v.log1p_v
    return -_sigma(v, x.args[0])[3] if isinstance(x, sympy.exp) else log1p(x)


def _sigma(v: Roles, x: Expr) -> tuple[Expr, Expr, Expr, Expr]:
    a = v.algebra
    if x.could_extract_minus_sign():
        p, q, log_p, log_q = _sigma(v, -x)
        return q, p, log_q, log_p
    if x not in a.marks:
        # the short names are of the raw score, unless nothing else is behind a sigmoid
        first = x == a.z or (not a.marks and v.link in {"identity", "relu", "hard-sigmoid"})
        a.marks[x] = "" if first and "" not in a.marks.values() else f"_{len(a.marks) + 1}"
    return a.sigmoids(x, a.marks[x])


def _tanh(v: Roles, x: Expr) -> Expr:
    p, q, _, _ = _sigma(v, 2 * x)
    return p - q


def _extreme(sign: str, v: Roles, *of: Expr) -> Expr:
    first, *others = of
    for other in others:
        first = _distributed(lambda x, y: _if(sign, v, x, y, x, y), [first, other])
    return first


OPERATIONS: Mapping[str, Callable[..., Expr]] = {
    "+": lambda v, x, y: x + y,
    "-": _minus,
    "*": _times,
    "/": lambda v, x, y: x / y,
    "**": lambda v, x, y: x**y,
    "negated": lambda v, x: -x,
    "log": _log,
    "exp": lambda v, x: sympy.exp(x),
    "cosh": lambda v, x: (sympy.exp(x) + sympy.exp(-x)) / 2,
    "log1p": _log1p,
    "expm1": lambda v, x: expm1(x),
    "sqrt": lambda v, x: sympy.sqrt(x),
    "abs": lambda v, x: absolute(x),
    "erf": lambda v, x: erf(x),
    "lgamma": lambda v, x: lgamma(x),
    "sigmoid": lambda v, x: _sigma(v, x)[0],
    "softplus": lambda v, x: -_sigma(v, x)[3],
    "tanh": _tanh,
    "min": partial(_extreme, "<="),
    "max": partial(_extreme, ">="),
    "clip": lambda v, x, low, high: _if("<", v, x, low, low, _if(">", v, x, high, high, x)),
}
"""What each step of a formula is in symbols."""
