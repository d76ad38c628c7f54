"""The built-in losses in the language of a loss of one's own, to be read and to be changed."""

from __future__ import annotations

from collections.abc import Mapping

from lossterm.core.losses.formulas import LOSSES, Params
from lossterm.core.losses.own.grammar import LONGEST_NAME, restarted
from lossterm.core.names import normalise

EXPRESSIONS: Mapping[str, str] = {
    "cross-entropy": "(pos_weight=1(0,inf]): -pos_weight*y*log(p) - (1 - y)*log(1 - p)",
    "squared-error": "r**2",
    "focal": "(gamma=2[0,inf]): -(1 - p_t)**gamma*(y*log(p) + (1 - y)*log(1 - p))",
    "half-squared-error": "r**2/2",
    "absolute-error": "abs(r)",
    "huber": "(delta=1(0,inf]): r**2/2 if abs(r) <= delta else delta*(abs(r) - delta/2)",
    "smooth-l1": "(beta=1(0,inf]): r**2/2/beta if abs(r) <= beta else abs(r) - beta/2",
    "log-cosh": "log((exp(r) + exp(-r))/2)",
    "quantile": "(tau=.5(0,1)): (1 - tau)*r if r > 0 else -tau*r",
    "hinge": "max(0, 1 - s*v)",
    "squared-hinge": "(1 - s*v)**2 if s*v < 1 else 0",
    "exponential": "exp(-s*v)",
    "poisson": "v - y*log(v) + lgamma(y + 1)",
    "gaussian-nll": "(sigma=1(0,inf]): r**2/(2*sigma**2) + log(sigma) + log(2*pi)/2",
    "poly-1": "(epsilon=1[-1,inf]): -y*log(p) - (1 - y)*log(1 - p) + epsilon*(1 - p_t)",
    "pseudo-huber": "(delta=1(0,inf]): delta**2*(sqrt(1 + (r/delta)**2) - 1)",
    "charbonnier": "(epsilon=1e-3(0,inf]): sqrt(r**2 + epsilon**2)",
    "tukey": "(c=4.685(0,inf]): c**2/6*(1 - (1 - (r/c)**2)**3) if abs(r) <= c else c**2/6",
    "expectile": "(tau=.5(0,1)): (1 - tau)*r**2 if r > 0 else tau*r**2",
    "linex": "(a=1[-20,20]): exp(a*r) - a*r - 1",
    "laplace-nll": "(b=1(0,inf]): abs(r)/b + log(2*b)",
    "soft-margin": "softplus(-s*v)",
    "modified-huber": "((1 - s*v)**2 if s*v > -1 else -4*s*v) if s*v < 1 else 0",
    "generalized-cross-entropy": "(q=.7(0,1]): y*(1 - p**q)/q + (1 - y)*(1 - (1 - p)**q)/q",
}
"""Each as it follows the name: the parameters that it keeps, and the formula."""


def example(loss: str, params: Params | None = None) -> str:
    """A definition of a loss of one's own that is a built-in one, under a name that is free.

    Args:
        loss: its id.
        params: parameters that the example starts at; its own where nothing is said.

    Returns:
        The definition; only a beginning where the loss cannot be told in the language.
    """
    name = free_name(loss)
    if loss not in EXPRESSIONS:
        return f"{name}: "
    told = EXPRESSIONS[loss]
    text = f"{name}{told}" if "):" in told.partition(" ")[0] else f"{name}: {told}"
    return restarted(text, {key: value for key, value in (params or {}).items() if value is not None})


def free_name(loss: str) -> str:
    """``my-focal``, or ``my-focal-2`` where that is there already."""
    names = {normalise(name) for entry in LOSSES.values() for name in (entry.id, *entry.aliases)}
    base = f"my-{loss.removeprefix('my-')}"[: LONGEST_NAME - 3].rstrip("-")
    return next(name for n in range(1, 1000) if (name := base if n == 1 else f"{base}-{n}") not in names)
