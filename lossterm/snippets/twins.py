"""Each loss a second time, in symbols: what a snippet is derived from. Tests hold it to the formulas on jets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy

from lossterm.snippets.algebra import HALF, Expr, absolute, erf, expm1, lgamma, log1p, minimum, sinh, tanh, where
from lossterm.snippets.links import Roles

R = sympy.Rational


@dataclass
class Knobs:
    """The parameters of a loss: a symbol, which becomes an argument of the snippet, or the value as it is.

    Attributes:
        values: all of them.
        used: those that were asked for as symbols.
    """

    values: Mapping[str, float | None]
    used: dict[str, Expr] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Expr:
        value = self.values[name]
        assert value is not None
        return self.used.setdefault(name, sympy.Symbol(name, positive=True) if value > 0 else sympy.Symbol(name))

    def value(self, name: str) -> float | None:
        """The number itself."""
        return self.values[name]


Twin = Callable[[Roles, Knobs], Expr]


def _two(v: Roles, one: Expr, zero: Expr) -> Expr:
    # y·(of class 1) + (1 − y)·(of class 0)
    return v.y * one + v.rest * zero


def _cross_entropy(v: Roles, k: Knobs) -> Expr:
    weight = 1 if k.value("pos_weight") == 1 else k.pos_weight
    return _two(v, -weight * v.log_p, -v.log_q)


def _focal(v: Roles, k: Knobs) -> Expr:
    one, zero = (1, 1) if k.value("alpha") is None else (k.alpha, 1 - k.alpha)
    return _two(v, -one * v.q**k.gamma * v.log_p, -zero * v.p**k.gamma * v.log_q)


def _poly(v: Roles, k: Knobs) -> Expr:
    return _two(v, -v.log_p + k.epsilon * v.q, -v.log_q + k.epsilon * v.p)


def _generalized(v: Roles, k: Knobs) -> Expr:
    return _two(v, -expm1(k.q * v.log_p) / k.q, -expm1(k.q * v.log_q) / k.q)


def _huber(v: Roles, k: Knobs) -> Expr:
    return where(absolute(v.r) <= k.delta, HALF * v.r**2, k.delta * (absolute(v.r) - k.delta / 2))


def _smooth_l1(v: Roles, k: Knobs) -> Expr:
    return where(absolute(v.r) <= k.beta, HALF * v.r**2 / k.beta, absolute(v.r) - k.beta / 2)


def _log_cosh_of(v: Roles, x: Expr) -> Expr:
    """The logarithm of cosh x, whose derivatives are tanh x and 4t/(1 + t)², t = e^(−2|x|)."""
    a = v.algebra
    size = absolute(x)
    dx = a.derivative(x)
    t = a.atom("t_r", sympy.exp(-2 * size))
    near = log1p(2 * sinh(minimum(size, 1) / 2) ** 2)
    slope = a.atom("tanh_r", tanh(x), 4 * t / (1 + t) ** 2 * dx)
    return a.atom("log_cosh", where(size < 1, near, size + log1p(t) - sympy.log(2)), slope * dx)


def _log_cosh(v: Roles, k: Knobs) -> Expr:
    return _log_cosh_of(v, v.r)


def _quantile(v: Roles, k: Knobs) -> Expr:
    return (HALF - k.tau) * v.r + HALF * absolute(v.r)


def _poisson(v: Roles, k: Knobs) -> Expr:
    return v.v - v.y * v.log_v + lgamma(v.y + 1)


def _gaussian(v: Roles, k: Knobs) -> Expr:
    return HALF * (v.r / k.sigma) ** 2 + sympy.log(k.sigma) + HALF * math.log(2 * math.pi)


def _hinge(v: Roles, k: Knobs) -> Expr:
    return where(v.short > 0, v.short, 0)


def _squared_hinge(v: Roles, k: Knobs) -> Expr:
    return where(v.short > 0, v.short**2, 0)


def _curve(v: Roles, x: Expr, value: Expr, slope: Expr, bend: Expr) -> Expr:
    # a function of x whose first two derivatives by x are known in a form that loses no digits
    a = v.algebra
    dx = a.derivative(x)
    psi = a.atom("psi", slope, bend * dx)
    return a.atom("loss", value, psi * dx)


def _sigmoids(v: Roles, x: Expr) -> tuple[Expr, Expr, Expr, Expr]:
    # sigma of something else than the raw score, which has the short names where there is no other
    return v.algebra.sigmoids(x, "" if v.link in {"identity", "exp", "relu", "hard-sigmoid"} else "_m")


# ---- values ---------------------------------------------------------------------------------------------------------


def _scaled(v: Roles, scale: Expr) -> Expr:
    return v.algebra.atom("x", v.r / scale, v.algebra.derivative(v.r) / scale)


def _pseudo_huber(v: Roles, k: Knobs) -> Expr:
    r, root = v.r, v.algebra.atom("root", sympy.sqrt(1 + (v.r / k.delta) ** 2))
    return _curve(v, r, r**2 / (1 + root), r / root, root**-3)


def _charbonnier(v: Roles, k: Knobs) -> Expr:
    r, root = v.r, v.algebra.atom("root", sympy.sqrt(v.r**2 + k.epsilon**2))
    return _curve(v, r, root, r / root, k.epsilon**2 / root**3)


def _barron(v: Roles, k: Knobs) -> Expr:
    x, alpha = _scaled(v, k.c), k.value("alpha")
    if alpha == 2:
        return HALF * x**2
    half = HALF * x**2
    if alpha == 0:
        return _curve(v, x, log1p(half), x / (1 + half), (1 - half) / (1 + half) ** 2)
    if alpha == -math.inf:
        return _curve(v, x, -expm1(-half), x * sympy.exp(-half), (1 - x**2) * sympy.exp(-half))
    a, b = k.alpha, v.algebra.atom("b", absolute(k.alpha - 2))
    far = v.algebra.atom("w", x**2 / b)
    value = b / a * expm1(a / 2 * log1p(far))
    bend = (1 + far) ** (a / 2 - 2) * (1 + (a - 1) * far)
    return _curve(v, x, value, x * (1 + far) ** (a / 2 - 1), bend)


def _tukey(v: Roles, k: Knobs) -> Expr:
    r, x = v.r, _scaled(v, k.c)
    inside = absolute(x) <= 1
    return _curve(
        v,
        r,
        where(inside, r**2 * (3 - 3 * x**2 + x**4) / 6, k.c**2 / 6),
        where(inside, r * (1 - x**2) ** 2, 0),
        where(inside, (1 - x**2) * (1 - 5 * x**2), 0),
    )


def _fair(v: Roles, k: Knobs) -> Expr:
    size = absolute(v.r) / k.c
    return _curve(v, v.r, k.c**2 * (size - log1p(size)), v.r / (1 + size), (1 + size) ** -2)


def _beyond(v: Roles, k: Knobs) -> Expr:
    # (|r| - epsilon)+, and whether there is anything
    return absolute(v.r) - k.epsilon


def _linex(v: Roles, k: Knobs) -> Expr:
    a, r = k.a, v.r
    return _curve(v, r, expm1(a * r) - a * r, a * expm1(a * r), a**2 * sympy.exp(a * r))


def _student(v: Roles, k: Knobs) -> Expr:
    nu, sigma, r = k.nu, k.sigma, v.r
    spread = nu * sigma**2
    constant = sympy.log(sigma) + HALF * sympy.log(nu * sympy.pi) + lgamma(nu / 2) - lgamma((nu + 1) / 2)
    shape = _curve(
        v,
        r,
        HALF * (nu + 1) * log1p(r**2 / spread),
        (nu + 1) * r / (spread + r**2),
        (nu + 1) * (spread - r**2) / (spread + r**2) ** 2,
    )
    return shape + constant


def _crps_normal(v: Roles, k: Knobs) -> Expr:
    x = _scaled(v, k.sigma)
    density = sympy.exp(-HALF * x**2) / sympy.sqrt(2 * sympy.pi)
    mass = erf(x / sympy.sqrt(2))
    value = k.sigma * (x * mass + 2 * density - 1 / sympy.sqrt(sympy.pi))
    return _curve(v, x, value, k.sigma * mass, k.sigma * 2 * density)


# ---- positive values ------------------------------------------------------------------------------------------------


def _gamma(v: Roles, k: Knobs) -> Expr:
    u = v.algebra.atom("u", v.log_v - sympy.log(v.y), v.algebra.derivative(v.log_v))
    return _curve(v, u, u + expm1(-u), -expm1(-u), sympy.exp(-u))


def _tweedie(v: Roles, k: Knobs) -> Expr:
    one, two = 1 - k.power, 2 - k.power
    return v.y**two / (one * two) - v.y * sympy.exp(one * v.log_v) / one + sympy.exp(two * v.log_v) / two


def _negative_binomial(v: Roles, k: Knobs) -> Expr:
    w = v.algebra.atom("w", v.log_v + sympy.log(k.alpha), v.algebra.derivative(v.log_v))
    _, _, log_p, log_q = _sigmoids(v, w)
    constant = lgamma(v.y + 1) + lgamma(1 / k.alpha) - lgamma(v.y + 1 / k.alpha)
    return -v.y * log_p - log_q / k.alpha + constant


# ---- probabilities and margins --------------------------------------------------------------------------------------


def _asymmetric(v: Roles, k: Knobs) -> Expr:
    beyond = sympy.Gt(v.p, k.clip)
    p_m = v.algebra.atom("p_m", where(beyond, v.p - k.clip, 0), v.algebra.derivative(v.p))
    absent = where(beyond, -v.rest * p_m**k.gamma_neg * log1p(-p_m), 0)
    present = 1 if k.value("gamma_pos") == 0 else v.q**k.gamma_pos
    return -v.y * present * v.log_p + absent


def _modified_huber(v: Roles, k: Knobs) -> Expr:
    return where(v.m >= -1, where(v.short > 0, v.short**2, 0), -4 * v.m)


# ---- preferences ----------------------------------------------------------------------------------------------------


def _log_sigmoid(v: Roles, k: Knobs) -> Expr:
    return -_sigmoids(v, v.m)[2]


def _dpo(v: Roles, k: Knobs) -> Expr:
    _, _, log_p, log_q = _sigmoids(v, v.m)
    return -log_p if k.value("epsilon") == 0 else -(1 - k.epsilon) * log_p - k.epsilon * log_q


def _robust_dpo(v: Roles, k: Knobs) -> Expr:
    _, _, log_p, log_q = _sigmoids(v, v.m)
    return (-(1 - k.epsilon) * log_p + k.epsilon * log_q) / (1 - 2 * k.epsilon)


def _exo(v: Roles, k: Knobs) -> Expr:
    p, q, log_p, log_q = _sigmoids(v, v.m)
    return p * (log_p - sympy.log(1 - k.epsilon)) + q * (log_q - sympy.log(k.epsilon))


def _discopop(v: Roles, k: Knobs) -> Expr:
    _, _, log_p, _ = _sigmoids(v, v.m)
    _, other, log_gate, _ = v.algebra.sigmoids(v.m / k.tau, "_tau")
    return -log_p * other + sympy.exp(log_gate - v.m)


def _nca(v: Roles, k: Knobs) -> Expr:
    _, _, log_p, log_q = _sigmoids(v, v.v)
    return where(v.y > 0, -log_p, 0) - HALF * log_q


# ---- ratios ---------------------------------------------------------------------------------------------------------


def _clipped(v: Roles, k: Knobs, negative: Expr) -> Expr:
    high = 1 + k.high
    return where(v.y >= 0, where(v.v < high, -v.y * v.v, -v.y * high), negative)


def _ppo_clip(v: Roles, k: Knobs) -> Expr:
    low = 1 - k.low
    return _clipped(v, k, where(v.v > low, -v.y * v.v, -v.y * low))


def _ppo_dual_clip(v: Roles, k: Knobs) -> Expr:
    low = 1 - k.low
    inside = where(v.v > low, -v.y * v.v, -v.y * low)
    return _clipped(v, k, where(v.v < k.c, inside, -v.y * k.c))


def _sapo(v: Roles, k: Knobs) -> Expr:
    tau = v.algebra.atom("tau", where(v.y >= 0, k.tau_pos, k.tau_neg))
    gate = v.algebra.atom("gate", tau * v.excess, tau * v.algebra.derivative(v.excess))
    return -4 / tau * v.algebra.sigmoids(gate, "" if v.link in {"identity", "exp"} else "_m")[0] * v.y


TWINS: dict[str, Twin] = {
    "cross-entropy": _cross_entropy,
    "focal": _focal,
    "poly-1": _poly,
    "generalized-cross-entropy": _generalized,
    "squared-error": lambda v, k: v.r**2,
    "half-squared-error": lambda v, k: HALF * v.r**2,
    "absolute-error": lambda v, k: absolute(v.r),
    "huber": _huber,
    "smooth-l1": _smooth_l1,
    "log-cosh": _log_cosh,
    "quantile": _quantile,
    "poisson": _poisson,
    "gaussian-nll": _gaussian,
    "hinge": _hinge,
    "squared-hinge": _squared_hinge,
    "exponential": lambda v, k: sympy.exp(-v.m),
    "pseudo-huber": _pseudo_huber,
    "charbonnier": _charbonnier,
    "barron": _barron,
    "tukey": _tukey,
    "fair": _fair,
    "expectile": lambda v, k: where(v.r > 0, (1 - k.tau) * v.r**2, k.tau * v.r**2),
    "epsilon-insensitive": lambda v, k: where(_beyond(v, k) > 0, _beyond(v, k), 0),
    "squared-epsilon-insensitive": lambda v, k: where(_beyond(v, k) > 0, _beyond(v, k) ** 2, 0),
    "linex": _linex,
    "msle": lambda v, k: (v.log1p_v - log1p(v.y)) ** 2,
    "mape": lambda v, k: absolute(v.r) / absolute(v.y),
    "laplace-nll": lambda v, k: absolute(v.r) / k.b + sympy.log(2 * k.b),
    "student-t-nll": _student,
    "crps-normal": _crps_normal,
    "gamma": _gamma,
    "tweedie": _tweedie,
    "negative-binomial": _negative_binomial,
    "asymmetric": _asymmetric,
    "soft-margin": _log_sigmoid,
    "modified-huber": _modified_huber,
    "dpo": _dpo,
    "robust-dpo": _robust_dpo,
    "ipo": lambda v, k: ((v.m - HALF) / k.beta) ** 2,
    "exo": _exo,
    "discopop": _discopop,
    "apo": lambda v, k: _sigmoids(v, v.m)[1],
    "simpo": lambda v, k: -_sigmoids(v, v.m - k.gamma)[2],
    "bco": _log_sigmoid,
    "nca": _nca,
    "ppo-clip": _ppo_clip,
    "ppo-dual-clip": _ppo_dual_clip,
    "sapo": _sapo,
    "k1": lambda v, k: -v.log_v,
    "k2": lambda v, k: HALF * v.log_v**2,
    "k3": lambda v, k: _curve(v, v.log_v, expm1(v.log_v) - v.log_v, expm1(v.log_v), sympy.exp(v.log_v)),
}
"""By the loss's id."""

WITHOUT: dict[str, str] = {"zero-one": "zero-one has no slope: there is nothing to train on"}
"""Why a loss has no snippet."""

HARD = frozenset({"focal"})
"""Losses whose snippet is of the labels 0 and 1 alone: between them the formula is no sum of two terms."""
