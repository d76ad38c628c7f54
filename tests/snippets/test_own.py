"""A loss of one's own as a snippet: the steps of a formula, with its logarithms known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import sympy

from lossterm.snippets.algebra import Algebra
from lossterm.snippets.links import Roles
from lossterm.snippets.own import reads_hard_labels, twin_of
from lossterm.snippets.twins import TWINS, Knobs


class Given(NamedTuple):
    """A step of a formula."""

    name: str
    of: tuple[int, ...] = ()
    value: float = 0.0
    word: str = ""


def name(word: str) -> Given:
    return Given("name", word=word)


ONE = Given("number", value=1.0)

# -y*log(p) - (1-y)*log(1-p)
CROSS_ENTROPY = (
    name("y"), Given("negated", (0,)), name("v"), Given("log", (2,)), Given("*", (1, 3)), ONE, Given("-", (5, 0)),
    Given("-", (5, 2)), Given("log", (7,)), Given("*", (6, 8)), Given("-", (4, 9)),
)  # fmt: skip


def symbols_of(steps: tuple[Given, ...], **params: float) -> tuple[Algebra, sympy.Expr]:
    algebra = Algebra(frozenset(params))
    return algebra, twin_of(steps)(Roles(algebra, "sigmoid"), Knobs(params))


def test_a_typed_cross_entropy_is_that_of_the_table() -> None:
    algebra, typed = symbols_of(CROSS_ENTROPY)
    known = TWINS["cross-entropy"](Roles(algebra, "sigmoid"), Knobs({"pos_weight": 1.0}))
    assert sympy.expand(typed - known) == 0  # the logarithms are log_p and log_q, and 1 − y has its own name


def test_a_focal_of_the_label_s_probability_is_of_hard_labels() -> None:
    # -(1-p_t)**g*log(p_t)
    steps = (
        name("p_t"), ONE, Given("-", (1, 0)), name("g"), Given("**", (2, 3)), Given("negated", (4,)),
        Given("log", (0,)), Given("*", (5, 6)),
    )  # fmt: skip
    assert reads_hard_labels(steps) and not reads_hard_labels(CROSS_ENTROPY)
    algebra, typed = symbols_of(steps, g=2.0)
    p, q, log_p, log_q = algebra.sigmoids(algebra.z)
    _, one, zero = typed.args  # one or the other, and never a sum in which 0·∞ could be
    g = Knobs({"g": 2.0}).g
    assert sympy.expand(one + q**g * log_p) == 0 and sympy.expand(zero + p**g * log_q) == 0


def test_a_choice_in_a_choice_is_made_once() -> None:
    # abs(r) if r < 1 else clip(r, 0, 2), twice in a product
    steps = (name("r"), ONE, Given("abs", (0,)), Given("if <", (0, 1, 2, 0)), Given("*", (3, 3)))
    algebra, typed = symbols_of(steps)
    r = algebra.named("r")
    assert typed.args == (sympy.Lt(r, 1), sympy.Pow(typed.args[1].base, 2), r**2)
    slope = algebra.derivative(typed)
    assert slope.args[0] == sympy.Lt(r, 1) and np.isfinite(sympy.count_ops(slope))
