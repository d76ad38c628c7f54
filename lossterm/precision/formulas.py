"""Each loss as somebody writes it who thinks of nothing but its definition: the plain formulas.

They name ``v`` (``p`` where it is a probability), ``y``, ``r = v − y``, ``s = ±1`` of the label, ``m = s·v``, ``p_t``
and parameters. What is written out is computed in this order, each operation rounded; nothing is rearranged. The
activations are those of every library, whose backward passes know their slopes by the prediction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from lossterm.core.losses.formulas import Loss, Params

_ENTROPY = "-y*log(p) - (1 - y)*log(1 - p)"


def _focal(params: Params) -> str:
    balance = "" if params["alpha"] is None else "(alpha*y + (1 - alpha)*(1 - y))*"
    return f"{balance}(1 - p_t)**gamma*({_ENTROPY})"


def _barron(params: Params) -> str:
    alpha = params["alpha"]
    if alpha == 2:
        return "x = r/c; 0.5*x**2"
    if alpha == 0:
        return "x = r/c; log(0.5*x**2 + 1)"
    if alpha == -math.inf:
        return "x = r/c; 1 - exp(-0.5*x**2)"
    return "x = r/c; abs(alpha - 2)/alpha*((x**2/abs(alpha - 2) + 1)**(alpha/2) - 1)"


PLAIN: Mapping[str, str | Callable[[Params], str]] = {
    # probabilities
    "cross-entropy": "-pos_weight*y*log(p) - (1 - y)*log(1 - p)",
    "focal": _focal,
    "poly-1": f"{_ENTROPY} + epsilon*(1 - p_t)",
    "generalized-cross-entropy": "y*(1 - p**q)/q + (1 - y)*(1 - (1 - p)**q)/q",
    "asymmetric": "p_m = max(p - clip, 0); "
                  "-y*(1 - p)**gamma_pos*log(p) - (1 - y)*p_m**gamma_neg*log(1 - p_m)",
    # values
    "squared-error": "(v - y)**2",
    "half-squared-error": "0.5*(v - y)**2",
    "absolute-error": "abs(v - y)",
    "huber": "0.5*r**2 if abs(r) <= delta else delta*(abs(r) - 0.5*delta)",
    "smooth-l1": "0.5*r**2/beta if abs(r) <= beta else abs(r) - 0.5*beta",
    "log-cosh": "log(cosh(v - y))",
    "quantile": "tau*(y - v) if y > v else (1 - tau)*(v - y)",
    "pseudo-huber": "delta**2*(sqrt(1 + (r/delta)**2) - 1)",
    "charbonnier": "sqrt(r**2 + epsilon**2)",
    "barron": _barron,
    "tukey": "x = r/c; c**2/6*(1 - (1 - x**2)**3) if abs(x) <= 1 else c**2/6",
    "fair": "x = r/c; c**2*(abs(x) - log(1 + abs(x)))",
    "expectile": "(1 - tau if r > 0 else tau)*r**2",
    "epsilon-insensitive": "max(abs(r) - epsilon, 0)",
    "squared-epsilon-insensitive": "max(abs(r) - epsilon, 0)**2",
    "linex": "exp(a*r) - a*r - 1",
    "msle": "(log(1 + v) - log(1 + y))**2",
    "mape": "abs(r)/abs(y)",
    "laplace-nll": "abs(r)/b + log(2*b)",
    "student-t-nll": "0.5*(nu + 1)*log(1 + r**2/(nu*sigma**2)) + log(sigma) + 0.5*log(nu*pi) + lgamma(nu/2)"
                     " - lgamma((nu + 1)/2)",
    "crps-normal": "t = r/sigma; sigma*(t*erf(t/sqrt(2)) + 2*exp(-t**2/2)/sqrt(2*pi) - 1/sqrt(pi))",
    "gaussian-nll": "r**2/(2*sigma**2) + log(sigma) + 0.5*log(2*pi)",
    "poisson": "v - y*log(v) + lgamma(y + 1)",
    # positive values
    "gamma": "log(v/y) + y/v - 1",
    "tweedie": "(y**(2 - power)/((1 - power)*(2 - power)) - y*v**(1 - power)/(1 - power)"
               " + v**(2 - power)/(2 - power))",
    "negative-binomial": "-lgamma(y + 1/alpha) + lgamma(1/alpha) + lgamma(y + 1) - y*log(alpha*v/(1 + alpha*v))"
                         " + log(1 + alpha*v)/alpha",
    # margins
    "hinge": "max(1 - s*v, 0)",
    "squared-hinge": "max(1 - s*v, 0)**2",
    "exponential": "exp(-s*v)",
    "zero-one": "0.5 if v == threshold else 1 if s*(v - threshold) < 0 else 0",
    "soft-margin": "log(1 + exp(-s*v))",
    "modified-huber": "max(1 - m, 0)**2 if m >= -1 else -4*m",
    # preferences
    "dpo": "-(1 - epsilon)*log(sigmoid(m)) - epsilon*log(sigmoid(-m))",
    "robust-dpo": "(-(1 - epsilon)*log(sigmoid(m)) + epsilon*log(sigmoid(-m)))/(1 - 2*epsilon)",
    "ipo": "((m - 0.5)/beta)**2",
    "exo": "sigmoid(m)*(log(sigmoid(m)) - log(1 - epsilon)) + sigmoid(-m)*(log(sigmoid(-m)) - log(epsilon))",
    "discopop": "-log(sigmoid(m))*(1 - sigmoid(m/tau)) + exp(-m)*sigmoid(m/tau)",
    "apo": "1 - sigmoid(m)",
    "simpo": "-log(sigmoid(m - gamma))",
    "bco": "-log(sigmoid(m))",
    "nca": "-(1 + s)/2*log(sigmoid(v)) - 0.5*log(sigmoid(-v))",
    # ratios
    "ppo-clip": "-min(v*y, min(max(v, 1 - low), 1 + high)*y)",
    "ppo-dual-clip": "-max(min(v*y, min(max(v, 1 - low), 1 + high)*y), c*y)"
                     " if y < 0 else -min(v*y, min(max(v, 1 - low), 1 + high)*y)",
    "sapo": "-4/tau_pos*sigmoid(tau_pos*(v - 1))*y if y > 0 else -4/tau_neg*sigmoid(tau_neg*(v - 1))*y",
    "k1": "-log(v)",
    "k2": "0.5*log(v)**2",
    "k3": "v - 1 - log(v)",
}  # fmt: skip
"""By the loss's id; one that depends on which parameters are on is a function of them."""


def formula_of(loss: Loss, params: Params) -> str | None:
    """The plain formula of a loss: of one's own that of its definition; None where there is none."""
    if loss.definition:
        return loss.formula
    told = PLAIN.get(loss.id)
    return told(params) if callable(told) else told
