"""Value, slope and curvature of a loss behind an activation, derived: what every library's snippet is printed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.labels import Family
from lossterm.snippets import own
from lossterm.snippets.algebra import Algebra, Atom, Expr, ImpossibleFormError, formula_of, tidy
from lossterm.snippets.links import ROLES, Roles
from lossterm.snippets.own import twin_of
from lossterm.snippets.twins import TWINS, WITHOUT, Knobs, Twin


@dataclass(frozen=True)
class Derivation:
    """A loss as three expressions.

    Attributes:
        loss: the loss.
        params: all its parameters.
        activation: the activation.
        algebra: the atoms of the expressions.
        arguments: the parameters that the expressions have as symbols, with their values.
        value: L.
        gradient: ∂L/∂z.
        hessian: ∂²L/∂z².
    """

    loss: Loss
    params: Mapping[str, float | None]
    activation: Activation
    algebra: Algebra
    arguments: Mapping[str, float]
    value: Expr
    gradient: Expr
    hessian: Expr

    def atoms(self, *expressions: Expr, numpy: bool) -> list[Atom]:
        """What has to be computed before the expressions, in order."""
        return self.algebra.needed(expressions, numpy=numpy)


def natural_activation(loss: Loss) -> str:
    """The activation that a loss is written for."""
    return loss.home.activation


def possible_activations(loss: Loss, params: Mapping[str, float | None]) -> list[str]:
    """The activations behind which the loss has a stable closed form."""
    return [name for name in ROLES if _allowed(loss, ACTIVATIONS[name]) and _value(loss, params, name) is not None]


def _allowed(loss: Loss, activation: Activation) -> bool:
    # a probability loss wants a probability
    return loss.family is not Family.PROBABILITY or activation.is_probability


def _twin(loss: Loss) -> Twin | None:
    # in the table, or from the steps of its expression
    return TWINS.get(loss.id) or (twin_of(loss.read.steps) if loss.expression else None)


def reads_hard_labels(loss: Loss) -> bool:
    """Whether the snippet of a loss is of the labels 0 and 1 alone."""
    return bool(loss.expression) and own.reads_hard_labels(loss.read.steps)


def _value(
    loss: Loss, params: Mapping[str, float | None], link: str, *, even: bool = False
) -> tuple[Algebra, Knobs, Expr] | None:
    off = frozenset(p.name for p in loss.parameters if params[p.name] == p.lower == 0)
    algebra, knobs = Algebra(frozenset(params), even), Knobs(params, off)
    twin = _twin(loss)
    assert twin is not None
    try:
        return algebra, knobs, twin(Roles(algebra, link), knobs)
    except ImpossibleFormError:
        return None


def derive(loss: Loss, params: Mapping[str, float | None], activation: Activation, *, even: bool = False) -> Derivation:
    """The loss behind an activation, with its two derivatives by the raw score.

    Args:
        loss: the loss.
        params: all its parameters.
        activation: the activation.
        even: see `Algebra`.

    Raises:
        ValueError: there is no stable closed form; the message says behind which activations there is one.
    """
    if loss.id in WITHOUT:
        raise ValueError(WITHOUT[loss.id])
    if _twin(loss) is None:
        raise ValueError(f"there is no snippet of {loss.id}: its formula has no symbolic form here")
    can = activation.id in ROLES and _allowed(loss, activation)
    made = _value(loss, params, activation.id, even=even) if can else None
    if made is None:
        others = " or ".join(possible_activations(loss, params))
        raise ValueError(f"{loss.id} behind {activation.id} has no stable closed form: there is one behind {others}")
    algebra, knobs, value = made
    gradient = tidy(algebra, algebra.derivative(value))
    hessian = tidy(algebra, algebra.derivative(gradient))
    value = tidy(algebra, value)
    names = {s.name for e in (value, gradient, hessian) for s in _closure(algebra, e)}
    arguments = {name: float(x or 0.0) for name, x in params.items() if name in knobs.used and name in names}
    return Derivation(loss, params, activation, algebra, arguments, value, gradient, hessian)


def _closure(algebra: Algebra, expression: Expr) -> set[Expr]:
    symbols = set(expression.free_symbols)
    for numpy in (False, True):
        for atom in algebra.needed([expression], numpy=numpy):
            symbols |= set(formula_of(atom, numpy=numpy).free_symbols)
    return symbols
