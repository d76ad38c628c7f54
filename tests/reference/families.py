"""The losses of the families, computed with mpmath: their definitions word for word, differentiated by differences.

Each loss is its plain formula as a function of the prediction, of which the branch is chosen that the prediction is on;
its derivatives are differences of fourth order whose step is 10⁻⁷⁵ of the scale of the prediction, in 480 digits:
neither truncation nor rounding is seen. Where two branches meet the pinned convention stands by itself. Each loss is
computed at its own activation and label and at three or four other pairs (`PLACES`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from mpmath import mp, mpf

Real: TypeAlias = Any
"""An mpmath number (mpmath has no types)."""

Values: TypeAlias = "tuple[Real, Real, Real, bool]"
"""A loss with its derivatives by the prediction, and whether its slope jumps."""

Formula: TypeAlias = Callable[[Real, Real], Real]
"""A loss on one of its branches: of v and 1 − v."""

_VALUE = (("identity", 0.0), ("sigmoid", 1.0), ("exp", 3.5), ("tanh", 0.3))
_RATE = (("exp", 2.0), ("softplus", 0.3), ("identity", 3.5), ("sigmoid", 1.0))
_COUNT = (("exp", 2.0), ("softplus", 1.0), ("identity", 4.0), ("exp", 0.0), ("softplus", 0.0))
_SIGN = (("identity", 1.0), ("identity", 0.0), ("softplus", 1.0), ("tanh", 0.0))
_RATIO = (("exp", 1.0), ("exp", -2.0), ("softplus", 0.3), ("identity", -1.0), ("identity", 3.5))

Places: TypeAlias = "tuple[tuple[str, float], ...]"

VALUE: Mapping[str, tuple[Mapping[str, float], ...]] = {
    "pseudo-huber": ({"delta": 1.0}, {"delta": 0.5}),
    "charbonnier": ({"epsilon": 1e-3}, {"epsilon": 0.5}),
    "barron": ({"alpha": 1.0, "c": 1.0}, {"alpha": 0.0, "c": 0.5}, {"alpha": 2.0, "c": 2.0}, {"alpha": -2.0, "c": 1.0},
               {"alpha": -float("inf"), "c": 2.0}, {"alpha": 4.0, "c": 1.0}, {"alpha": 1.999, "c": 1.0}),
    "tukey": ({"c": 4.685}, {"c": 2.0}),
    "fair": ({"c": 1.0}, {"c": 0.25}),
    "expectile": ({"tau": 0.5}, {"tau": 0.9}),
    "epsilon-insensitive": ({"epsilon": 0.1}, {"epsilon": 0.5}),
    "squared-epsilon-insensitive": ({"epsilon": 0.1}, {"epsilon": 0.5}),
    "linex": ({"a": 1.0}, {"a": -2.0}),
    "msle": ({},),
    "mape": ({},),
    "laplace-nll": ({"b": 1.0}, {"b": 0.25}),
    "student-t-nll": ({"nu": 3.0, "sigma": 1.0}, {"nu": 0.5, "sigma": 2.0}, {"nu": 1e6, "sigma": 1.0}),
    "crps-normal": ({"sigma": 1.0}, {"sigma": 0.5}),
}  # fmt: skip
POSITIVE: Mapping[str, tuple[Mapping[str, float], ...]] = {
    "gamma": ({},),
    "tweedie": ({"power": 1.5}, {"power": 1.01}, {"power": 1.9}),
    "negative-binomial": ({"alpha": 1.0}, {"alpha": 0.25}, {"alpha": 1e-4}, {"alpha": 8.0}),
}
PROBABILITY: Mapping[str, tuple[Mapping[str, float], ...]] = {
    "asymmetric": (
        {"gamma_pos": 0.0, "gamma_neg": 4.0, "clip": 0.05},
        {"gamma_pos": 1.0, "gamma_neg": 0.0, "clip": 0.25},
        {"gamma_pos": 2.0, "gamma_neg": 1.0, "clip": 0.25},
        {"gamma_pos": 0.5, "gamma_neg": 2.0, "clip": 0.0},
    ),
}
MARGIN: Mapping[str, tuple[Mapping[str, float], ...]] = {"soft-margin": ({},), "modified-huber": ({},)}
PREFERENCE: Mapping[str, tuple[Mapping[str, float], ...]] = {
    "dpo": ({"epsilon": 0.0}, {"epsilon": 0.1}),
    "robust-dpo": ({"epsilon": 0.1}, {"epsilon": 0.4}),
    "ipo": ({"beta": 0.1}, {"beta": 2.0}),
    "exo": ({"epsilon": 1e-3}, {"epsilon": 0.25}),
    "discopop": ({"tau": 0.05}, {"tau": 0.5}),
    "apo": ({},),
    "simpo": ({"gamma": 1.0}, {"gamma": 0.0}),
    "bco": ({},),
    "nca": ({},),
}
RATIO: Mapping[str, tuple[Mapping[str, float], ...]] = {
    "ppo-clip": ({"low": 0.2, "high": 0.2}, {"low": 0.5, "high": 0.75}),
    "ppo-dual-clip": ({"low": 0.2, "high": 0.2, "c": 3.0}, {"low": 0.5, "high": 0.75, "c": 2.75}),
    "sapo": ({"tau_pos": 1.0, "tau_neg": 1.05}, {"tau_pos": 2.0, "tau_neg": 0.25}),
    "k1": ({},),
    "k2": ({},),
    "k3": ({},),
}

FAMILIES = {**VALUE, **POSITIVE, **PROBABILITY, **MARGIN, **PREFERENCE, **RATIO}
"""Every loss of the families, and all the parameters it is computed with."""

PLACES: Mapping[str, Places] = {
    **dict.fromkeys(VALUE, _VALUE),
    "msle": (("softplus", 1.0), ("exp", 3.5), ("identity", 0.3), ("sigmoid", 0.0)),
    "mape": (("identity", 1.0), ("sigmoid", 0.3), ("exp", 3.5), ("tanh", -2.0)),
    **dict.fromkeys(POSITIVE, _RATE),
    "tweedie": (*_RATE, ("exp", 0.0), ("identity", 0.0)),
    "negative-binomial": _COUNT,
    "asymmetric": (("sigmoid", 1.0), ("sigmoid", 0.0), ("probit", 0.3), ("identity", 0.0), ("hard-sigmoid", 0.0)),
    **dict.fromkeys((*MARGIN, *PREFERENCE), _SIGN),
    **dict.fromkeys(RATIO, _RATIO),
}
"""At which activations and labels each is computed: its own and a few others."""

DIGITS = 480
"""What the differences take away leaves the digits of a number above 10⁻²⁹⁰."""

STEP = mpf(10) ** -75

WIDE, HAIR = mpf(10) ** -20, mpf(10) ** -(10**6)
"""The step next to an edge, where even logarithms are so large that a small one would be lost in them."""


@cache
def _log_gamma_at(x: Real, digits: int) -> Real:
    return mp.loggamma(x)


def _log_gamma(x: Real) -> Real:
    return _log_gamma_at(x, mp.dps)


def cases() -> Iterator[tuple[str, str, float, Mapping[str, float]]]:
    """Loss, activation, label and parameters of every case."""
    for loss, settings in FAMILIES.items():
        for activation, label in PLACES[loss]:
            for parameters in settings:
                yield loss, activation, label, parameters


def local(loss: str, v: Real, comp: Real, y: Real, p: Mapping[str, Real]) -> Values | None:
    """A loss at a prediction.

    Args:
        loss: its id.
        v: the prediction.
        comp: 1 − v.
        y: the label.
        p: all parameters.

    Returns:
        Value and derivatives in v, at the edge of the domain their limits from inside; None outside it.
    """
    hair = mp.ldexp(mpf(1), -(10**400))  # even its logarithm overflows a float64
    scale = max(abs(v), mpf(1))
    if loss in POSITIVE or loss in RATIO:
        if v < 0:
            return None
        v = v or hair
        regular = loss in ("ppo-clip", "ppo-dual-clip", "sapo") or (loss == "negative-binomial" and not y)
        scale = max(v, mpf(1)) if regular else v
    if loss in PROBABILITY:
        if v < 0 or comp < 0:
            return None
        v, comp = (hair, mpf(1)) if not v else (mpf(1), hair) if not comp else (v, comp)
        return _asymmetric(v, comp, y, p)
    if loss == "msle":
        if v < -1:
            return None
        if v == -1:
            return mp.inf, -mp.inf, mp.inf, False
        scale = min(scale, 1 + v)
    found = _branch(loss, v, comp, y, p)
    if isinstance(found, tuple):
        return found
    return (*_differenced(found, v, comp, scale), False)


def _differenced(f: Formula, v: Real, comp: Real, scale: Real) -> tuple[Real, Real, Real]:
    h = (STEP if scale > HAIR else WIDE) * scale
    lower, low, here, up, upper = (f(v + k * h, comp - k * h) for k in (-2, -1, 0, 1, 2))
    first = (8 * (up - low) - (upper - lower)) / (12 * h)
    return here, first, (16 * (up + low) - (upper + lower) - 30 * here) / (12 * h**2)


def _branch(loss: str, v: Real, comp: Real, y: Real, p: Mapping[str, Real]) -> Formula | Values:
    if loss in VALUE:
        return _value(loss, -comp if y == 1 else v - y, y, p)
    if loss in POSITIVE:
        return _positive(loss, y, p)
    if loss in RATIO:
        return _ratio(loss, v, y, p)
    return _score(loss, (2 * y - 1) * v, y, p)


def _of_residual(f: Callable[[Real], Real], y: Real) -> Formula:
    return lambda v, comp: f(-comp if y == 1 else v - y)


def _value(loss: str, r: Real, y: Real, p: Mapping[str, Real]) -> Formula | Values:
    side = -1 if r <= 0 else 1
    zero = mpf(0)
    match loss:
        case "pseudo-huber":
            d = p["delta"]
            return _of_residual(lambda r: d**2 * (mp.sqrt(1 + (r / d) ** 2) - 1), y)
        case "charbonnier":
            return _of_residual(lambda r: mp.sqrt(r**2 + p["epsilon"] ** 2), y)
        case "barron":
            return _of_residual(lambda r: _barron(r / p["c"], p["alpha"]), y)
        case "tukey":
            c = p["c"]
            if abs(r) >= c:
                return c**2 / 6, zero, zero, False
            return _of_residual(lambda r: c**2 / 6 * (1 - (1 - (r / c) ** 2) ** 3), y)
        case "fair":
            c = p["c"]
            return _of_residual(lambda r: c**2 * (side * r / c - mp.log(1 + side * r / c)), y)
        case "expectile":
            return _of_residual(lambda r: (1 - p["tau"] if side > 0 else p["tau"]) * r**2, y)
        case "epsilon-insensitive" | "squared-epsilon-insensitive":
            e, k = p["epsilon"], 2 if loss.startswith("squared") else 1
            if abs(r) < e or (abs(r) == e and (k == 1 or r > 0)):  # at a corner the left side's second derivative
                return zero, zero, zero, abs(r) == e
            return _of_residual(lambda r: (side * r - e) ** k, y)
        case "linex":
            return _of_residual(lambda r: mp.exp(p["a"] * r) - p["a"] * r - 1, y)
        case "msle":
            return lambda v, comp: (mp.log(1 + v) - mp.log(1 + y)) ** 2
        case "mape" | "laplace-nll":
            constant, width = (zero, abs(y)) if loss == "mape" else (mp.log(2 * p["b"]), p["b"])
            if not r:
                return constant, zero, zero, True
            return _of_residual(lambda r: side * r / width + constant, y)
        case "student-t-nll":
            n, s = p["nu"], p["sigma"]
            rest = mp.log(s) + mp.log(n * mp.pi) / 2 + _log_gamma(n / 2) - _log_gamma((n + 1) / 2)
            return _of_residual(lambda r: (n + 1) / 2 * mp.log(1 + r**2 / (n * s**2)) + rest, y)
        case "crps-normal":
            s = p["sigma"]
            return _of_residual(lambda r: s * _crps(r / s), y)
    raise KeyError(loss)


def _barron(x: Real, alpha: Real) -> Real:
    if alpha == 2:
        return x**2 / 2
    if alpha == 0:
        return mp.log(x**2 / 2 + 1)
    if alpha == -mp.inf:
        return 1 - _exp(-(x**2) / 2)
    b = abs(alpha - 2)
    return b / alpha * ((x**2 / b + 1) ** (alpha / 2) - 1)


def _exp(x: Real) -> Real:
    # where not even 1000 digits tell it from 0
    return mpf(0) if x < -(mpf(10) ** 6) else mp.exp(x)


def _crps(t: Real) -> Real:
    if abs(t) > 1000:  # Φ and φ are those of ±∞
        return abs(t) - 1 / mp.sqrt(mp.pi)
    return t * mp.erf(t / mp.sqrt(2)) + 2 * mp.npdf(t) - 1 / mp.sqrt(mp.pi)


def _positive(loss: str, y: Real, p: Mapping[str, Real]) -> Formula:
    match loss:
        case "gamma":
            return lambda v, comp: mp.log(v / y) + y / v - 1
        case "tweedie":
            a, b = 1 - p["power"], 2 - p["power"]
            start = y**b / (a * b) if y else mpf(0)
            return lambda v, comp: start - (y * v**a / a if y else 0) + v**b / b
    k = p["alpha"]
    rest = -_log_gamma(y + 1 / k) + _log_gamma(1 / k) + _log_gamma(y + 1)
    return lambda v, comp: rest - (y * mp.log(k * v / (1 + k * v)) if y else 0) + mp.log(1 + k * v) / k


def _asymmetric(v: Real, comp: Real, y: Real, p: Mapping[str, Real]) -> Values:
    # each term with a step for what it is singular at
    plus, minus, clip = p["gamma_pos"], p["gamma_neg"], p["clip"]
    terms = []
    if y:
        scale = v if plus == int(plus) else min(v, comp)
        terms.append(_differenced(lambda v, comp: -y * comp ** _whole(plus) * _log(v, comp), v, comp, scale))
    if y != 1 and v > clip:
        scale = min(v - clip, comp + clip)
        terms.append(
            _differenced(lambda v, comp: -(1 - y) * (v - clip) ** minus * _log(comp + clip, v - clip), v, comp, scale)
        )
    value, first, second = (sum((term[k] for term in terms), mpf(0)) for k in range(3))
    return value, first, second, bool(y != 1 and clip and v == clip and not minus)


def _whole(k: Real) -> Real:
    return int(k) if k == int(k) else k


def _log(x: Real, rest: Real) -> Real:
    return mp.log1p(-rest) if 2 * x > 1 else mp.log(x)


def _softplus(x: Real) -> Real:
    return max(x, mpf(0)) + mp.log1p(_exp(-abs(x)))


def _sigmoid(x: Real) -> Real:
    t = _exp(-abs(x))
    return 1 / (1 + t) if x > 0 else t / (1 + t)


def _score(loss: str, m: Real, y: Real, p: Mapping[str, Real]) -> Formula | Values:
    s = 2 * y - 1

    def of_margin(f: Callable[[Real], Real]) -> Formula:
        return lambda v, comp: f(s * v)

    match loss:
        case "soft-margin" | "bco":
            return of_margin(lambda m: _softplus(-m))
        case "modified-huber":
            # at both corners the second derivative is that of the left side in v
            if m > 1 or (m == 1 and s < 0):
                return mpf(0), mpf(0), mpf(0), False
            if m < -1 or (m == -1 and s > 0):
                return of_margin(lambda m: -4 * m)
            return of_margin(lambda m: (1 - m) ** 2)
        case "dpo":
            e = p["epsilon"]
            return of_margin(lambda m: (1 - e) * _softplus(-m) + e * _softplus(m))
        case "robust-dpo":
            e = p["epsilon"]
            return of_margin(lambda m: ((1 - e) * _softplus(-m) - e * _softplus(m)) / (1 - 2 * e))
        case "ipo":
            return of_margin(lambda m: ((m - mpf(1) / 2) / p["beta"]) ** 2)
        case "exo":
            e = p["epsilon"]
            return of_margin(
                lambda m: _sigmoid(m) * (-_softplus(-m) - mp.log(1 - e)) + _sigmoid(-m) * (-_softplus(m) - mp.log(e))
            )
        case "discopop":
            t = p["tau"]
            return of_margin(lambda m: _softplus(-m) * _sigmoid(-m / t) + mp.exp(-m) * _sigmoid(m / t))
        case "apo":
            return of_margin(lambda m: _sigmoid(-m))
        case "simpo":
            return of_margin(lambda m: _softplus(p["gamma"] - m))
        case "nca":
            return lambda v, comp: (_softplus(-v) if y == 1 else 0) + _softplus(v) / 2
    raise KeyError(loss)


def _ratio(loss: str, v: Real, a: Real, p: Mapping[str, Real]) -> Formula | Values:
    match loss:
        case "ppo-clip" | "ppo-dual-clip":
            low, high = 1 - p["low"], 1 + p["high"]
            most = p["c"] if loss == "ppo-dual-clip" else mp.inf
            start, end = (-mp.inf, high) if a >= 0 else (low, most)
            if start < v < end:
                return lambda v, comp: -v * a
            return -min(max(v, start), end) * a, mpf(0), mpf(0), v in (start, end)
        case "sapo":
            t = p["tau_pos"] if a >= 0 else p["tau_neg"]
            return lambda v, comp: -4 / t * _sigmoid(t * (v - 1)) * a
        case "k1":
            return lambda v, comp: -mp.log(v)
        case "k2":
            return lambda v, comp: mp.log(v) ** 2 / 2
        case "k3":
            return lambda v, comp: v - 1 - mp.log(v)
    raise KeyError(loss)
