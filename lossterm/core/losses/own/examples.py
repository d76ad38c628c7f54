"""The built-in losses in the language of a loss of one's own, to be read and to be changed."""

from __future__ import annotations

import re
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
    "barron": (
        "(alpha=1[-inf,10], c=1(0,inf]): "
        "x = (r/c)**2; x/2 if alpha == 2 else log(1 + x/2) if alpha == 0 else 1 - exp(-x/2) if alpha < -1e9 else "
        "abs(alpha - 2)/alpha*((x/abs(alpha - 2) + 1)**(alpha/2) - 1)"
    ),
    "fair": "(c=1(0,inf]): x = r/c; c**2*(x - log1p(x)) if x >= 0 else c**2*(-x - log1p(-x))",
    "epsilon-insensitive": "(epsilon=.1[0,inf]): max(0, abs(r) - epsilon)",
    "squared-epsilon-insensitive": "(epsilon=.1[0,inf]): (abs(r) - epsilon)**2 if abs(r) > epsilon else 0",
    "msle": "(log(1 + v) - log(1 + y))**2",
    "mape": "abs(r)/abs(y)",
    "student-t-nll": (
        "(nu=3(0,inf], sigma=1(0,inf]): "
        "(nu + 1)/2*log1p(r**2/(nu*sigma**2)) + log(sigma) + log(nu*pi)/2 + lgamma(nu/2) - lgamma((nu + 1)/2)"
    ),
    "crps-normal": "(sigma=1(0,inf]): t = r/sigma; sigma*(t*erf(t/sqrt(2)) + sqrt(2/pi)*exp(-t**2/2) - 1/sqrt(pi))",
    "gamma": "log(v/y) + y/v - 1",
    "asymmetric": (
        "(gamma_pos=0[0,inf], gamma_neg=4[0,inf], clip_at=.05[0,1)): "
        "q = max(0, p - clip_at); -y*(1 - p)**gamma_pos*log(p) - (1 - y)*q**gamma_neg*log(1 - q)"
    ),
    "dpo": "(epsilon=0[0,.5]): (1 - epsilon)*softplus(-s*v) + epsilon*softplus(s*v)",
    "robust-dpo": "(epsilon=.1[0,.5)): ((1 - epsilon)*softplus(-s*v) - epsilon*softplus(s*v))/(1 - 2*epsilon)",
    "ipo": "(beta=.1(0,inf]): ((s*v - 1/2)/beta)**2",
    "exo": (
        "(epsilon=.001(0,.5]): "
        "m = s*v; sigmoid(m)*(-softplus(-m) - log(1 - epsilon)) + sigmoid(-m)*(-softplus(m) - log(epsilon))"
    ),
    "discopop": "(tau=.05(0,1]): m = s*v; softplus(-m)*sigmoid(-m/tau) + exp(-m)*sigmoid(m/tau)",
    "apo": "sigmoid(-s*v)",
    "simpo": "(gamma=1[0,inf]): softplus(gamma - s*v)",
    "bco": "softplus(-s*v)",
    "nca": "(softplus(-v) + softplus(v)/2) if y == 1 else softplus(v)/2",
    "ppo-clip": "(low=.2(0,1], high=.2(0,inf]): -min(v*y, clip(v, 1 - low, 1 + high)*y)",
    "ppo-dual-clip": (
        "(low=.2(0,1], high=.2(0,inf], c=3(1,inf]): "
        "a = -min(v*y, clip(v, 1 - low, 1 + high)*y); a if y >= 0 else min(a, -c*y)"
    ),
    "sapo": "(tau_pos=1(0,inf], tau_neg=1.05(0,inf]): t = tau_pos if y >= 0 else tau_neg; -4/t*sigmoid(t*(v - 1))*y",
    "k1": "-log(v)",
    "k2": "log(v)**2/2",
    "k3": "v - 1 - log(v)",
    "tweedie": (
        "(power=1.5(1,2)): "
        "v**(2 - power)/(2 - power) - y*v**(1 - power)/(1 - power) + y**(2 - power)/((1 - power)*(2 - power))"
    ),
    "negative-binomial": (
        "(alpha=1(0,inf]): k = 1/alpha; lgamma(k) + lgamma(y + 1) - lgamma(y + k) - y*log(v/(k + v)) + k*log1p(v/k)"
    ),
}
"""Each as it follows the name: the parameters that it keeps, and the formula."""

_RENAMED = {"clip": "clip_at"}
"""Parameters whose names are words of the language."""

_HAS_PARAMETERS = re.compile(r"\(\w+=")


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
    text = f"{name}{told}" if _HAS_PARAMETERS.match(told) else f"{name}: {told}"
    return restarted(
        text, {_RENAMED.get(key, key): value for key, value in (params or {}).items() if value is not None}
    )


def free_name(loss: str) -> str:
    """``my-focal``, or ``my-focal-2`` where that is there already."""
    names = {normalise(name) for entry in LOSSES.values() for name in (entry.id, *entry.aliases)}
    base = f"my-{loss.removeprefix('my-')}"[: LONGEST_NAME - 3].rstrip("-")
    return next(name for n in range(1, 1000) if (name := base if n == 1 else f"{base}-{n}") not in names)
