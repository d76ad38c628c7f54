"""Losses in symbols by hand, where what their expression says makes a worse snippet; every other is derived from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy

from lossterm.snippets.algebra import HALF, Expr, absolute, erf, expm1, lgamma, log1p, minimum, sinh, tanh, where
from lossterm.snippets.links import Roles


@dataclass
class Knobs:
    """The parameters of a loss: a symbol, which becomes an argument of the snippet, or the value as it is.

    Attributes:
        values: all of them.
        off: those that stand at an end of their range at which they are 0: nothing is left of them.
        used: those that were asked for as symbols.
    """

    values: Mapping[str, float | None]
    off: frozenset[str] = frozenset()
    used: dict[str, Expr] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Expr:
        value = self.values[name]
        assert value is not None
        if name in self.off:
            return sympy.Integer(0)
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


def _log_cosh(v: Roles, k: Knobs) -> Expr:
    # its derivatives are tanh r and 4t/(1 + t)², t = e^(−2|r|)
    a, x = v.algebra, v.r
    size = absolute(x)
    dx = a.derivative(x)
    t = a.atom("t_r", sympy.exp(-2 * size))
    near = log1p(2 * sinh(minimum(size, 1) / 2) ** 2)
    slope = a.atom("tanh_r", tanh(x), 4 * t / (1 + t) ** 2 * dx)
    return a.atom("log_cosh", where(size < 1, near, size + log1p(t) - sympy.log(2)), slope * dx)


def _curve(v: Roles, x: Expr, value: Expr, slope: Expr, bend: Expr) -> Expr:
    # a function of x whose first two derivatives by x are known in a form that loses no digits
    a = v.algebra
    dx = a.derivative(x)
    psi = a.atom("psi", slope, bend * dx)
    return a.atom("loss", value, psi * dx)


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


def _gamma(v: Roles, k: Knobs) -> Expr:
    u = v.algebra.atom("u", v.log_v - sympy.log(v.y), v.algebra.derivative(v.log_v))
    return _curve(v, u, u + expm1(-u), -expm1(-u), sympy.exp(-u))


def _tweedie(v: Roles, k: Knobs) -> Expr:
    one, two = 1 - k.power, 2 - k.power
    return v.y**two / (one * two) - v.y * sympy.exp(one * v.log_v) / one + sympy.exp(two * v.log_v) / two


def _negative_binomial(v: Roles, k: Knobs) -> Expr:
    w = v.algebra.atom("w", v.log_v + sympy.log(k.alpha), v.algebra.derivative(v.log_v))
    # the short names where nothing else is behind a sigmoid
    _, _, log_p, log_q = v.algebra.sigmoids(w, "" if v.link in {"identity", "exp", "relu", "hard-sigmoid"} else "_m")
    constant = lgamma(v.y + 1) + lgamma(1 / k.alpha) - lgamma(v.y + 1 / k.alpha)
    return -v.y * log_p - log_q / k.alpha + constant


def _asymmetric(v: Roles, k: Knobs) -> Expr:
    beyond = sympy.Gt(v.p, k.clip)
    p_m = v.algebra.atom("p_m", where(beyond, v.p - k.clip, 0), v.algebra.derivative(v.p))
    absent = where(beyond, -v.rest * p_m**k.gamma_neg * log1p(-p_m), 0)
    return -v.y * v.q**k.gamma_pos * v.log_p + absent


TWINS: dict[str, Twin] = {
    # without the weight, and without the balance, that are not asked for; of p_t a power that is one of p or of 1 − p
    "cross-entropy": _cross_entropy,
    "focal": _focal,
    # cosh r overflows, and its logarithm loses its digits beside 0
    "log-cosh": _log_cosh,
    # the value, or a derivative, is a difference of what is nearly the same
    "pseudo-huber": _pseudo_huber,
    "tukey": _tukey,
    "linex": _linex,
    "gamma": _gamma,
    "tweedie": _tweedie,
    "negative-binomial": _negative_binomial,
    "k3": lambda v, k: _curve(v, v.log_v, expm1(v.log_v) - v.log_v, expm1(v.log_v), sympy.exp(v.log_v)),
    # a power in a derivative overflows before the derivative does
    "charbonnier": _charbonnier,
    "student-t-nll": _student,
    "crps-normal": _crps_normal,
    # both
    "barron": _barron,
    "asymmetric": _asymmetric,
}
"""By the loss's id."""

WITHOUT: dict[str, str] = {"zero-one": "zero-one has no slope: there is nothing to train on"}
"""Why a loss has no snippet."""
