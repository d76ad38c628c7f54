"""Losses of a mean or a rate v > 0, which see the ratio of v and the label."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from lossterm.core.jets import Array, Jet, chain, log, log1pmx, where
from lossterm.core.lazy import np
from lossterm.core.losses.entry import Loss, Parameter, Params, valued
from lossterm.core.losses.far import slow_chain
from lossterm.core.losses.labels import Family, Label, log_factorial_excess

_NEAR, _TERMS = 0.3, 20


def log_ratio(v: Jet, y: Label) -> Jet:
    """``ln(v/y)``, exact beside v = y and where v has underflowed or overflowed."""
    logarithm = log(v)
    relative = -v.difference(y).value / y
    value = np.where(np.abs(relative) < _NEAR, np.log1p(relative), logarithm.value - np.log(y))
    return Jet(value, logarithm.first, logarithm.second, scaled=logarithm.scaled)


def _gamma(v: Jet, y: Label, params: Params) -> Jet:
    # u + e^(−u) − 1,  u = ln(v/y)
    u = log_ratio(v, y)
    short = np.expm1(-u.value)  # y/v − 1
    value = np.where(np.abs(short) < _NEAR, -log1pmx(short), np.where(np.isinf(short), short, u.value + short))
    return chain(u, value, lambda: -short, lambda: np.exp(-u.value))


def _tweedie(v: Jet, y: Label, params: Params) -> Jet:
    # y^b [(e^(bu) − 1)/b − (e^(au) − 1)/a],  u = ln(v/y), a = 1 − p, b = 2 − p: the terms of the definition, gathered
    power = valued(params, "power")
    a, b = 1 - power, 2 - power
    return _of_counts(y, lambda: _powered(v, b) / b, partial(_unit_deviance, v, a, b))


def _of_counts(y: Label, none: Callable[[], Jet], some: Callable[[Label], Jet]) -> Jet:
    # what has a form of its own for the label 0; of labels, one a point, each its own
    if not isinstance(y, np.ndarray):
        return none() if y == 0 else some(y)
    zero = y == 0
    return where(zero, none(), some(np.where(zero, 1.0, y))) if zero.any() else some(y)


def _unit_deviance(v: Jet, a: float, b: float, y: Label) -> Jet:
    u = log_ratio(v, y)
    scale, t = y**b, u.value
    near = np.abs(t) < _NEAR
    series, term = np.zeros_like(t), np.where(near, t, 0.0)
    for k in range(2, _TERMS):  # (b^(k−1) − a^(k−1)) u^k/k!
        term = term * np.where(near, t, 0.0) / k
        series += (b ** (k - 1) - a ** (k - 1)) * term
    up, down = np.exp(b * t), np.exp(a * t)
    value = np.where(near, series, np.expm1(b * t) / b - np.expm1(a * t) / a)
    result = chain(
        u,
        scale * value,
        lambda: scale * np.where(t > 0, -up * np.expm1(-t), down * np.expm1(t)),
        lambda: scale * (b * up - a * down),
    )
    return where(np.isinf(v.value), _powered(v, b) / b, result)


def _powered(v: Jet, exponent: float) -> Jet:
    # v^b, also where v has overflowed, or the square of its slope
    if not (v.value > 1).any():
        return v**exponent
    u, k = log(v).value, exponent
    power = np.exp(k * u)
    far = slow_chain(
        v, v, 0.0, power, lambda: k * np.exp((k - 1) * u), lambda: k * (k - 1) * np.exp((k - 2) * u),
        lambda: (k * power, k * k * power),
    )  # fmt: skip
    return where(v.value > 1, far, v**exponent)


def _negative_binomial(v: Jet, y: Label, params: Params) -> Jet:
    # −ln Γ(y+1/α) + ln Γ(1/α) + ln y! − y ln(αv/(1+αv)) + ln(1+αv)/α, from its minimum at v = y
    alpha = valued(params, "alpha")
    return _of_counts(y, lambda: _no_count(v, alpha), partial(_some_count, v, alpha))


def _some_count(v: Jet, alpha: float, y: Label) -> Jet:
    k = 1 / alpha
    gap, u = -v.difference(y).value, log(v)
    here, there = gap / y, gap / (y + k)
    near = np.abs(here) < _NEAR
    # half the deviance, y ln(y/v) − (y+k) ln((y+k)/(v+k))
    beside = (y + k) * log1pmx(np.where(near, there, 0.0)) - y * log1pmx(np.where(near, here, 0.0))
    total = np.where(np.isinf(v.value), u.value - np.log(y + k), np.log1p(there))  # ln((v+k)/(y+k))
    apart = y * (np.log(y) - u.value) + (y + k) * total
    least = log_factorial_excess(y) + log_factorial_excess(k) - log_factorial_excess(y + k) + np.log1p(y / k)
    odds = 1 / (1 + alpha * v.value)
    return chain(
        u,
        least + np.where(near, beside, apart),
        lambda: np.where(np.isinf(alpha * v.value), k, gap * odds),
        lambda: (1 + alpha * y) * odds * np.where(np.isinf(alpha * v.value), k, v.value * odds),
    )


def _no_count(v: Jet, alpha: float) -> Jet:
    # ln(1 + αv)/α of the label 0; far out by the logarithm, which does not cancel there
    share = 1 / (1 + alpha * v.value)
    near = chain(v, np.log1p(alpha * v.value) / alpha, lambda: share, lambda: -alpha * share * share)
    far, u = alpha * v.value > 1, log(v)
    if not far.any():
        return near
    value: Array = np.where(np.isinf(alpha * v.value), (u.value + math.log(alpha)) / alpha, near.value)
    rest = 1 / (1 + 1 / (alpha * v.value)) / alpha  # v/(1 + αv)
    return where(far, chain(u, value, lambda: rest, lambda: rest * share), near)


_F, _INF = Family.POSITIVE, math.inf
_FROM_ZERO = (0.0, _INF)

ENTRIES = (
    Loss("gamma", ("gamma-deviance", "gamma-nll"), _F,
         "ln(v/y) + y/v − 1", "half the deviance of a gamma likelihood: it sees relative errors",
         "McCullagh & Nelder (1983)",
         "log(v/y) + y/v - 1", (), _FROM_ZERO, (math.ulp(0.0), _INF), exact=_gamma),
    Loss("tweedie", ("compound-poisson",), _F,
         "v^(2−P)/(2−P) − y·v^(1−P)/(1−P) + c(y)",
         "half the deviance between Poisson (P → 1) and gamma (P → 2): sums that are often exactly 0",
         "Tweedie (1984); Jørgensen (1987)",
         "v**(2 - power)/(2 - power) - y*v**(1 - power)/(1 - power) + y**(2 - power)/((1 - power)*(2 - power))",
         (Parameter("power", "P", 1.5, 1.0, 2.0, 0.1, "the variance grows as v^P", (True, True)),),
         _FROM_ZERO, _FROM_ZERO, exact=_tweedie),
    Loss("negative-binomial", ("negbin", "nb", "negative-binomial-nll"), _F,
         "−ln C(y+k−1, y) − y ln(v/(k+v)) + k ln(1+v/k),  k = 1/α", "counts that vary more than Poisson's: v + αv²",
         "Greenwood & Yule (1920)",
         ("k = 1/alpha; "
          "lgamma(k) + lgamma(y + 1) - lgamma(y + k) - y*log(alpha*v/(1 + alpha*v)) + log(1 + alpha*v)/alpha"),
         (Parameter("alpha", "α", 1.0, 0.0, _INF, 0.25, "how much more they vary", (True, False)),),
         _FROM_ZERO, _FROM_ZERO, counts=True, exact=_negative_binomial),
)  # fmt: skip
"""The losses of this family, in the order they are shown."""
