"""What each activation gives the losses: prediction, residual, margin, logarithms, each with its slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy

from lossterm.snippets.algebra import Algebra, Expr, ImpossibleFormError, absolute, expm1, log1p, sign, where

Role = Callable[[Algebra], Expr]


@dataclass
class Roles:
    """The quantities that a loss may be written in, made when they are asked for.

    Attributes:
        algebra: whose atoms they become.
        link: id of the activation.
    """

    algebra: Algebra
    link: str

    def __getattr__(self, name: str) -> Expr:
        role = ROLES[self.link].get(name)
        if role is None:
            raise ImpossibleFormError(name)
        return role(self.algebra)

    @property
    def y(self) -> Expr:
        """The label."""
        return self.algebra.y

    @property
    def rest(self) -> Expr:
        """1 − y."""
        return self.algebra.rest

    @property
    def side(self) -> Expr:
        """±1 of a label 0 or 1, or −1 or 1."""
        return _side(self.algebra)


def _side(a: Algebra) -> Expr:
    return a.atom("s", sign(a.y - sympy.Rational(1, 2)))


def _sigmoid_residual(a: Algebra) -> Expr:
    p, q, _, _ = a.sigmoids(a.z)
    return a.atom("r", a.rest * p - a.y * q, p * q)


def _sigmoid_margin(a: Algebra) -> Expr:
    return _side(a) * a.sigmoids(a.z)[0]


def _short(pair: Role) -> Role:
    # 1 − m of a probability: 1 − p is q
    def short(a: Algebra) -> Expr:
        p, q = pair(a)[:2]
        return a.atom("short", where(sympy.Gt(a.y, 0), q, 1 + p), -_side(a) * a.derivative(p))

    return short


def _twice(a: Algebra) -> tuple[Expr, Expr]:
    # σ(2z), σ(−2z): tanh z is their difference
    p, q, _, _ = a.sigmoids(2 * a.z)
    return p, q


def _tanh(a: Algebra) -> Expr:
    p, q = _twice(a)
    return a.atom("v", p - q, 4 * p * q)


def _tanh_residual(a: Algebra) -> Expr:
    p, q = _twice(a)
    return a.atom("r", a.rest * p - (1 + a.y) * q, 4 * p * q)


def _tanh_short(a: Algebra) -> Expr:
    p, q = _twice(a)
    return a.atom("short", 2 * where(sympy.Gt(a.y, 0), q, p), -4 * _side(a) * p * q)


def _exp(a: Algebra) -> Expr:
    v = a.named("v")
    a.memory[v] = (-a.atom("excess", expm1(a.z), v), a.z)
    return a.atom("v", sympy.exp(a.z), v)


def _softplus(a: Algebra) -> Expr:
    p, _, _, log_q = a.sigmoids(a.z)
    return a.atom("v", -log_q, p)


def _softplus_log(a: Algebra) -> Expr:
    # (ln v)′ = p/v = ρ, ρ′ = ρ(q − ρ); far below v is e^z to the last digit, and q − ρ a series and not a difference
    v, (p, q, _, _), far = _softplus(a), a.sigmoids(a.z), sympy.Lt(a.z, -37)
    rho, t = a.named("rho"), a.named("t")
    series = -q * t * (sympy.Rational(1, 2) - t / 12 + t**2 / 24)
    a.atom("rho", where(far, 1, p / v), rho * a.named("bend"))
    a.atom("bend", where(sympy.Lt(a.z, -7), series, q - rho))
    return a.atom("log_v", where(far, a.z, sympy.log(v)), rho)


def _relu(a: Algebra) -> Expr:
    slope = a.atom("slope", where(sympy.Gt(a.z, 0), 1, 0))
    return a.atom("v", where(sympy.Gt(a.z, 0), a.z, 0), slope)


def _hard_sigmoid(a: Algebra) -> Expr:
    slope = a.atom("slope", where(sympy.Lt(absolute(a.z), 3), sympy.Rational(1, 6), 0))
    inside = a.z / 6 + sympy.Rational(1, 2)
    return a.atom("v", where(sympy.Lt(absolute(a.z), 3), inside, where(sympy.Gt(a.z, 0), 1, 0)), slope)


def _cloglog(a: Algebra) -> tuple[Expr, Expr, Expr, Expr]:
    # q = exp(−e^z); (ln p)′ = g = e/(e^e − 1), g′ = g(1 − e − g), with the series of 1 − e − g where it cancels
    p, q, e, g = (a.named(name) for name in ("p", "q", "e", "g"))
    a.atom("e", sympy.exp(a.z), e)
    a.atom("q", sympy.exp(-e), -e * q)
    a.atom("p", -expm1(-e), e * q)
    bend = a.named("bend")
    a.atom("g", where(sympy.Lt(a.z, -37), 1, e * q / p), g * bend)
    a.atom("bend", where(sympy.Lt(e, 0.05), -e / 2 - e**2 / 12 + e**4 / 720, 1 - e - g))
    log_p = a.atom("log_p", where(sympy.Lt(a.z, -37), a.z, where(sympy.Lt(e, 0.7), sympy.log(p), log1p(-q))), g)
    a.memory |= {p: (q, log_p), q: (p, -e)}
    return p, q, log_p, -e


def _residual(role: Role) -> Role:
    def residual(a: Algebra) -> Expr:
        v = role(a)
        return a.atom("r", v - a.y, a.derivative(v))

    return residual


def _of(role: Role) -> dict[str, Role]:
    # what any activation can: the prediction, the residual, the margin and what it is short of 1
    def short(a: Algebra) -> Expr:
        m = _side(a) * role(a)
        return a.atom("short", 1 - m, -a.derivative(m))

    def margin(a: Algebra) -> Expr:
        m = _side(a) * role(a)
        return a.atom("m", m, a.derivative(m))

    def log_beside(a: Algebra) -> Expr:
        v = role(a)
        return a.atom("log1p_v", log1p(v), a.derivative(v) / (1 + v))

    def excess(a: Algebra) -> Expr:
        v = role(a)
        return a.atom("excess", v - 1, a.derivative(v))

    return {
        "v": role,
        "r": _residual(role),
        "m": margin,
        "short": short,
        "log1p_v": log_beside,
        "excess": excess,
    }


ROLES: dict[str, dict[str, Role]] = {
    "identity": {
        **_of(lambda a: a.z),
        "log_v": lambda a: a.atom("log_v", sympy.log(a.z), 1 / a.z),
    },
    "sigmoid": {
        **_of(lambda a: a.sigmoids(a.z)[0]),
        "p": lambda a: a.sigmoids(a.z)[0],
        "q": lambda a: a.sigmoids(a.z)[1],
        "log_p": lambda a: a.sigmoids(a.z)[2],
        "log_q": lambda a: a.sigmoids(a.z)[3],
        "log_v": lambda a: a.sigmoids(a.z)[2],
        "excess": lambda a: -a.sigmoids(a.z)[1],
        "r": _sigmoid_residual,
        "short": _short(lambda a: a.sigmoids(a.z)),
    },
    "tanh": {**_of(_tanh), "r": _tanh_residual, "short": _tanh_short},
    "cloglog": {
        **_of(lambda a: _cloglog(a)[0]),
        "p": lambda a: _cloglog(a)[0],
        "q": lambda a: _cloglog(a)[1],
        "log_p": lambda a: _cloglog(a)[2],
        "log_q": lambda a: _cloglog(a)[3],
        "log_v": lambda a: _cloglog(a)[2],
        "excess": lambda a: -_cloglog(a)[1],
        "short": _short(_cloglog),
        "r": lambda a: a.atom("r", a.rest * _cloglog(a)[0] - a.y * _cloglog(a)[1], a.derivative(_cloglog(a)[0])),
    },
    "hard-sigmoid": _of(_hard_sigmoid),
    "softplus": {**_of(_softplus), "log_v": _softplus_log},
    "relu": _of(_relu),
    "exp": {
        **_of(_exp),
        "log_v": lambda a: a.z,
        "excess": lambda a: -a.memory[_exp(a)][0],
        "log1p_v": lambda a: a.atom("log1p_v", -a.sigmoids(a.z)[3], a.sigmoids(a.z)[0]),
    },
}  # fmt: skip
"""By the activation's id; what is not here has no stable closed form."""
