"""The plain formula of a loss: its expression, as somebody writes it who thinks of nothing but its definition.

What is written out is computed in this order, each operation rounded; nothing is rearranged. The activations are those
of every library, whose backward passes know their slopes by the prediction.
"""

from __future__ import annotations

from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.own.formula import Formula, read

OTHERWISE = {
    # it is no expression, as v is compared with the activation's threshold
    "zero-one": "d = s*(v - threshold); 1 if d < 0 else 0 if d > 0 else 0.5",
    # softplus is what mends it
    "soft-margin": "log(1 + exp(-s*v))",
    # the expression has no corner at 0
    "fair": "x = abs(r)/c; c**2*(x - log(1 + x))",
}
"""Losses that people write otherwise than their expression says, by id."""

_BALANCED = "(alpha*y + (1 - alpha)*(1 - y))*"


def formula_of(loss: Loss, params: Params) -> tuple[str, Formula] | None:
    """The plain formula of a loss, to read and to be run; None where there is none."""
    text = OTHERWISE.get(loss.id, loss.expression)
    if params.get("alpha") is not None and loss.id == "focal":
        text = _BALANCED + f"({text})"
    return (text, read(text, (*params, "threshold"))) if text else None
