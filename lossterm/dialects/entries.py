"""What a dialect is: a library's call for a loss, what it computes, and in what it differs from the definition here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lossterm.core.losses.formulas import LOSSES, Params
from lossterm.core.losses.labels import hard
from lossterm.dialects.links import LINKS, SPELLED, XLA_LINKS, Floats, Pair, flushed


@dataclass(frozen=True)
class ScalarDialect:
    """A library's call for a loss of one prediction.

    Attributes:
        library: its name.
        written: the call; ``{v}`` is the prediction, ``{y}`` the label, other names are parameters.
        dtype: the precision in which it computes.
        differs: what is its own, in a clause; empty where it computes what is defined here, as well as it can.
        compute: ``(z, y, params, activation) → (values, slopes or None)``; z and y in its precision.
        natural: the loss, as it is called here, whose numbers these are.
        factor: what the loss that is asked for is multiplied by to be the natural one, by its id.
        activations: behind which it is written so; None is behind any that libraries have.
        params: from the parameters that are asked for to those of the natural loss, or None where it has not them.
        offset: what is added to the natural loss's value, of the label and the parameters.
        hard_only: whether it takes the labels 0 and 1 alone.
    """

    library: str
    written: str
    dtype: str
    differs: str
    compute: Callable[[Floats, float, Params, str], tuple[Floats, Floats | None]]
    natural: str
    factor: Mapping[str, float] = field(default_factory=dict)
    activations: tuple[str, ...] | None = None
    params: Callable[[Params], Params | None] = lambda given: given
    offset: Callable[[float, Params], float] = lambda y, given: 0.0
    hard_only: bool = False

    @property
    def of(self) -> tuple[str, ...]:
        """Ids of the losses it is told of: the natural one, and those that are a multiple of it."""
        return (self.natural, *self.factor)

    def problem(self, label: float, params: Params, activation: str) -> str | None:
        """Why it does not compute this, or None."""
        reached = LINKS if self.activations is None else self.activations
        if activation not in reached:
            where = "a logit behind a sigmoid" if reached == ("sigmoid",) else " or ".join(reached)
            return f"is of {where}"
        if self.hard_only and hard(label) is None:
            return "takes the labels 0 and 1 alone"
        if self.params(params) is None:
            return "has not these parameters"
        return None if LOSSES[self.natural].label_problem(label) is None else "does not take this label"

    def call(self, label: float, params: Params, activation: str) -> str:
        """The call that makes it."""
        told = {name: "None" if value is None else f"{value:g}" for name, value in params.items()}
        return self.written.format(v=SPELLED[activation], y="y", **told)


def of_prediction(
    formula: Callable[[Floats, Floats, Params], Pair],
) -> Callable[[Floats, float, Params, str], tuple[Floats, Floats]]:
    """What is computed by a formula of the prediction, its slope by the backward pass of the activation.

    Args:
        formula: ``(v, y, params) → (values, ∂L/∂v)``, all in one precision.
    """

    def compute(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
        v, slope = LINKS[activation](z)
        value, by_prediction = formula(v, z.dtype.type(y), params)
        return value, by_prediction * slope

    return compute


def on_xla(formula: Callable[[Floats, Floats, Params], Pair]) -> Callable[..., tuple[Floats, Floats]]:
    """`of_prediction` as XLA computes it: what is below the smallest normal number is 0 at once."""

    def compute(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
        v, slope = (flushed(part) for part in XLA_LINKS[activation](z))
        value, by_prediction = formula(v, z.dtype.type(y), params)
        return flushed(value), flushed(flushed(by_prediction) * slope)

    return compute
