"""Losses of the residual r = v − y: robust ones, asymmetric ones, and likelihoods of real numbers."""

from __future__ import annotations

import math

from lossterm.core.jets import Array, Jet, chain, expm1mx, half_square, log1pmx, switch, times
from lossterm.core.lazy import np
from lossterm.core.losses.entry import Home, Loss, Parameter, Params, valued
from lossterm.core.losses.far import slow_chain
from lossterm.core.losses.labels import Family, Label, log_factorial_excess

_FAR = 1e100
"""Beside such a residual the label is nothing."""


def beyond(r: Jet, v: Jet, y: Label, delta: float) -> Jet:
    """``|r| − δ``, with its sign exact: of v − (y + δ) or (y − δ) − v, where r has no digits left beside δ."""
    upper, lower = y + delta, y - delta
    over = v.difference(upper).value + _rounding(upper, y, delta)
    under = v.difference(lower).value + _rounding(lower, y, -delta)
    up = r.value > 0

    def signed(part: Array | None) -> Array | None:
        return None if part is None else np.where(up, part, -part)

    return Jet(np.where(up, -over, under), signed(r.first), signed(r.second))


def _rounding(total: Label, a: Label, b: float) -> Label:
    # a + b − total, exactly (Knuth's two-sum)
    part = total - a
    return (a - (total - part)) + (b - part)


def _log_size(r: Jet, v: Jet) -> Array:
    # ln |r|, also where the prediction has overflowed
    size = np.abs(r.value)
    return np.log(size) if v.log is None else np.where(size > _FAR, v.log.value, np.log(size))


def _log_square(v: Jet, y: Label, width: float, degrees: float, factor: float) -> Jet:
    # k·ln(1 + x²/ν),  x = r/c
    r = v - y
    x = r.value / width
    size = np.abs(x)
    far = size > math.sqrt(degrees)
    inverse = 1 / np.where(far, x, 1.0)
    spread = degrees * inverse * inverse
    ends = 2 * (_log_size(r, v) - math.log(width)) - math.log(degrees) + np.log1p(spread)
    value = factor * np.where(far, ends, np.log1p(np.where(far, 0.0, x * x) / degrees))

    def slope() -> Array:
        near = x / (degrees + np.where(far, 0.0, x * x))
        return 2 * factor / width * np.where(far, inverse / (1 + spread), near)

    def curvature() -> Array:
        square = np.where(far, 0.0, x * x)
        near = (degrees - square) / (degrees + square) ** 2
        return 2 * factor / width**2 * np.where(far, inverse * inverse * (spread - 1) / (1 + spread) ** 2, near)

    def by_log() -> tuple[Array, Array]:
        return 2 * factor / (1 + spread), 4 * factor * spread / (1 + spread) ** 2

    return slow_chain(r, v, y, value, slope, curvature, by_log)


def _barron(v: Jet, y: Label, params: Params) -> Jet:
    # (|α−2|/α)((x²/|α−2| + 1)^(α/2) − 1),  x = r/c; its limits at α = 2, 0 and −∞
    alpha, c = valued(params, "alpha"), valued(params, "c")
    r = v - y
    if alpha == 2:
        return half_square(r / c)
    if alpha == 0:
        return _log_square(v, y, c, 2.0, 1.0)
    if alpha == -math.inf:
        return _welsch(r, c)
    b = abs(alpha - 2)
    x = r.value / c
    u = x * x / b
    # ln(1 + x²/|α−2|), also where x² overflows
    log_x = _log_size(r, v) - math.log(c)
    level = np.where(u > 1, 2 * log_x - math.log(b) + np.log1p(1 / u), np.log1p(u))
    value = b / alpha * np.expm1(alpha / 2 * level)
    share = 1 / (1 + 1 / u)  # u/(1 + u)

    def slope() -> Array:
        steep = np.copysign(np.exp(log_x + (alpha / 2 - 1) * level), x)
        return np.where(u > 1, steep, x * np.exp((alpha / 2 - 1) * level)) / c

    def curvature() -> Array:
        return np.exp((alpha / 2 - 1) * level) * (1 / (1 + u) + (alpha - 1) * share) / c**2

    def by_log() -> tuple[Array, Array]:
        a = b * share * np.exp(alpha / 2 * level)
        return a, a * (2 / (1 + u) + alpha * share)

    return slow_chain(r, v, y, value, slope, curvature, by_log)


def _welsch(r: Jet, c: float) -> Jet:
    # 1 − e^(−x²/2): Barron's α → −∞
    x = r.value / c
    bell = np.exp(-0.5 * x * x)
    return chain(r, -np.expm1(-0.5 * x * x), lambda: times(bell, x / c), lambda: times(bell, 1 - x * x) / c**2)


def _pseudo_huber(v: Jet, y: Label, params: Params) -> Jet:
    # δ²(√(1 + (r/δ)²) − 1)
    delta, r = valued(params, "delta"), v - y
    t = r.value / delta
    root = np.hypot(1.0, t)
    value = np.where(np.isinf(t), np.inf, r.value * (r.value / (1 + root)))
    return chain(r, value, lambda: delta * _unit_slope(t), lambda: (1 / root) ** 3)


def _charbonnier(v: Jet, y: Label, params: Params) -> Jet:
    # √(r² + ε²)
    epsilon, r = valued(params, "epsilon"), v - y
    t = r.value / epsilon
    value = np.hypot(r.value, epsilon)
    return chain(r, value, lambda: _unit_slope(t), lambda: (epsilon / value) ** 2 / value)


def _unit_slope(t: Array) -> Array:
    # t/√(1 + t²)
    return np.copysign(1 / np.hypot(1.0, 1 / t), t)


def _tukey(v: Jet, y: Label, params: Params) -> Jet:
    # (c²/6)(1 − (1 − x²)³) for |x| ≤ 1, else c²/6
    c, r = valued(params, "c"), v - y
    x = np.clip(r.value / c, -1.0, 1.0)
    q, rest = x * x, (1 - np.abs(x)) * (1 + np.abs(x))
    value = c * c / 6 * q * (3 - 3 * q + q * q)
    return chain(r, value, lambda: c * x * rest**2, lambda: rest * (1 - 5 * q))


def _fair(v: Jet, y: Label, params: Params) -> Jet:
    # c²(|x| − ln(1 + |x|)),  x = r/c
    c, r = valued(params, "c"), v - y
    size = np.abs(r.value) / c
    value = np.where(np.isinf(size), np.inf, -c * c * log1pmx(size))
    return chain(r, value, lambda: np.copysign(c / (1 + 1 / size), r.value), lambda: 1 / (1 + size) ** 2)


def _epsilon_insensitive(v: Jet, y: Label, params: Params) -> Jet:
    # (|r| − ε)₊
    over = beyond(v - y, v, y, valued(params, "epsilon"))
    return switch(over, over, 0.0 * over, flat=True)


def _squared_epsilon_insensitive(v: Jet, y: Label, params: Params) -> Jet:
    # (|r| − ε)₊²
    over = beyond(v - y, v, y, valued(params, "epsilon"))
    return switch(over, over**2, 0.0 * over)


def _linex(v: Jet, y: Label, params: Params) -> Jet:
    # e^(ar) − ar − 1
    a, r = valued(params, "a"), v - y
    t = times(a, r.value)
    return chain(r, expm1mx(t), lambda: a * np.expm1(t), lambda: a * a * np.exp(t))


def _laplace_nll(v: Jet, y: Label, params: Params) -> Jet:
    # |r|/b + ln 2b; the expression would add the constant to the label where there is one, and not where there are many
    b, r = valued(params, "b"), v - y
    return switch(r, r / b, -r / b) + math.log(2 * b)


def _student_t_nll(v: Jet, y: Label, params: Params) -> Jet:
    # ½(ν+1) ln(1 + r²/(νσ²)) + ln σ + ½ ln νπ + ln Γ(ν/2) − ln Γ((ν+1)/2)
    nu, sigma = valued(params, "nu"), valued(params, "sigma")
    return _log_square(v, y, sigma, nu, 0.5 * (nu + 1)) + (math.log(sigma) + _student_constant(nu))


def _student_constant(nu: float) -> float:
    # ½ ln νπ + ln Γ(ν/2) − ln Γ((ν+1)/2), without the cancellation of two large ln Γ
    a = nu / 2
    if a < 15:
        return 0.5 * math.log(nu * math.pi) + math.lgamma(a) - math.lgamma(a + 0.5)
    small = 0.5 / a
    stirling = float(log_factorial_excess(a)) - float(log_factorial_excess(a + 0.5))
    apart = -a * float(log1pmx(np.array([small]))[0]) + math.log1p(small) + stirling
    return 0.5 * math.log(2 * math.pi / (1 + small)) + apart


def _crps_normal(v: Jet, y: Label, params: Params) -> Jet:
    # σ(t(2Φ(t) − 1) + 2φ(t) − 1/√π),  t = r/σ
    from lossterm.core.probit import density, erf

    sigma, r = valued(params, "sigma"), v - y
    t = r.value / sigma
    rise, bell = erf(t / math.sqrt(2)), density(t)
    return chain(
        r, sigma * (times(t, rise) + 2 * bell - 1 / math.sqrt(math.pi)), lambda: rise, lambda: 2 / sigma * bell
    )


_INF, _F = math.inf, Family.VALUE


def _scale(name: str, symbol: str, default: float, step: float, about: str) -> Parameter:
    return Parameter(name, symbol, default, 0.0, _INF, step, about, (True, False))


_C = _scale("c", "C", 1.0, 0.25, "the scale of the residual")
_WIDTH = Parameter("epsilon", "ε", 0.1, 0.0, _INF, 0.05, "residuals up to it cost nothing")

ENTRIES = (
    Loss("pseudo-huber", ("pseudohuber",), _F,
         "δ²(√(1 + (r/δ)²) − 1)", "a Huber without a corner: quadratic near, slope δ far out",
         "Charbonnier et al. (1997)",
         "delta**2*(sqrt(1 + (r/delta)**2) - 1)",
         (_scale("delta", "δ", 1.0, 0.25, "where it turns linear"),), exact=_pseudo_huber),
    Loss("charbonnier", ("smooth-absolute", "l1-charbonnier"), _F,
         "√(r² + ε²)", "an absolute error whose corner is rounded, as in image restoration",
         "Charbonnier et al. (1994)",
         "sqrt(r**2 + epsilon**2)",
         (_scale("epsilon", "ε", 1e-3, 1e-3, "how wide the corner is rounded"),),
         turn="epsilon", exact=_charbonnier),
    Loss("barron", ("general-robust", "adaptive-robust"), _F,
         "(|α−2|/α)((x²/|α−2| + 1)^(α/2) − 1),  x = r/C",
         "one formula of robust losses: from squared error (α = 2) to one that forgets outliers (α = −∞)",
         "Barron (2019)",
         ("x = (r/c)**2; x/2 if alpha == 2 else log(1 + x/2) if alpha == 0 else 1 - exp(-x/2) if alpha < -1e4 else "
          "abs(alpha - 2)/alpha*((x/abs(alpha - 2) + 1)**(alpha/2) - 1)"),
         (Parameter("alpha", "α", 1.0, -_INF, 10.0, 0.5, "how much outliers count: 2 squared, −∞ not at all",
                    limit=-8.0), _C),
         presets={"cauchy": {"alpha": 0.0}, "lorentzian": {"alpha": 0.0}, "geman-mcclure": {"alpha": -2.0},
                  "welsch": {"alpha": -_INF}, "leclerc": {"alpha": -_INF}, "l1-l2": {"alpha": 1.0}}, exact=_barron),
    Loss("tukey", ("biweight", "bisquare", "tukey-biweight"), _F,
         "(C²/6)(1 − (1 − (r/C)²)₊³)", "an outlier beyond C does not pull at all",
         "Beaton & Tukey (1974)",
         "c**2/6*(1 - (1 - (r/c)**2)**3) if abs(r) <= c else c**2/6",
         (_scale("c", "C", 4.685, 0.25, "beyond it nothing pulls; 4.685 is 95% efficient for a Gaussian"),),
         exact=_tukey),
    Loss("fair", ("fair-loss",), _F,
         "C²(|x| − ln(1 + |x|)),  x = r/C", "quadratic near, nearly linear far, convex and smooth",
         "Fair (1974)",
         "x = r/c; c**2*(x - log1p(x)) if x >= 0 else c**2*(-x - log1p(-x))", (_C,), exact=_fair),
    Loss("expectile", ("asymmetric-squared", "iql"), _F,
         "|τ − 1[r>0]|·r²", "its minimiser is the τ-expectile: what the quantile is to the absolute error",
         "Newey & Powell (1987)",
         "(1 - tau)*r**2 if r > 0 else tau*r**2",
         (Parameter("tau", "τ", 0.5, 0.0, 1.0, 0.05, "the expectile sought; ½ is the mean", (True, True)),)),
    Loss("epsilon-insensitive", ("svr", "l1-svr"), _F,
         "(|r| − ε)₊", "what is within ε costs nothing: support vector regression",
         "Vapnik (1995)",
         "max(0, abs(r) - epsilon)", (_WIDTH,), exact=_epsilon_insensitive),
    Loss("squared-epsilon-insensitive", ("l2-svr",), _F,
         "(|r| − ε)₊²", "support vector regression without a corner in its value",
         "Vapnik (1995)",
         "(abs(r) - epsilon)**2 if abs(r) > epsilon else 0", (_WIDTH,), exact=_squared_epsilon_insensitive),
    Loss("linex", ("linear-exponential",), _F,
         "e^(Ar) − Ar − 1", "too high costs exponentially, too low linearly (A > 0), or the other way round",
         "Varian (1975)",
         "exp(a*r) - a*r - 1",
         (Parameter("a", "A", 1.0, -20.0, 20.0, 0.5, "which side is dear, and how much"),), exact=_linex),
    Loss("msle", ("squared-log-error",), _F,
         "(ln(1+v) − ln(1+y))²", "squared error of logarithms: it sees relative errors, and too low costs more",
         "Kaggle (2012)",
         "(log(1 + v) - log(1 + y))**2",
         (), (-1.0, _INF), (math.nextafter(-1.0, 0.0), _INF), suits=Home("softplus", 1.0)),
    Loss("mape", ("percentage-error", "absolute-percentage-error"), _F,
         "|r|/|y|", "the error as a share of the label: it prefers to be too low",
         "forecasting practice; Makridakis (1993)",
         "abs(r)/abs(y)", suits=Home("identity", 1.0), excluded=(0.0,)),
    Loss("laplace-nll", ("laplace", "double-exponential"), _F,
         "|r|/B + ln 2B", "absolute error as a likelihood, with its constant",
         "Laplace (1774)",
         "abs(r)/b + log(2*b)", (_scale("b", "B", 1.0, 0.1, "the scale"),), exact=_laplace_nll),
    Loss("student-t-nll", ("student-t", "student", "t-nll"), _F,
         "½(ν+1) ln(1 + r²/(νσ²)) + constant", "a likelihood with heavy tails: far outliers pull less and less",
         "Student (1908); Lange et al. (1989)",
         "(nu + 1)/2*log(1 + r**2/(nu*sigma**2)) + log(sigma) + log(nu*pi)/2 + lgamma(nu/2) - lgamma((nu + 1)/2)",
         (_scale("nu", "ν", 3.0, 0.5, "degrees of freedom: how heavy the tails are"),
          _scale("sigma", "σ", 1.0, 0.1, "the scale")), exact=_student_t_nll),
    Loss("crps-normal", ("crps", "crps-gaussian"), _F,
         "σ(t(2Φ(t)−1) + 2φ(t) − 1/√π),  t = r/σ", "the CRPS of a normal forecast of mean v: absolute error, smoothed",
         "Gneiting et al. (2005)",
         "t = r/sigma; sigma*(t*erf(t/sqrt(2)) + sqrt(2/pi)*exp(-t**2/2) - 1/sqrt(pi))",
         (_scale("sigma", "σ", 1.0, 0.1, "the standard deviation of the forecast"),), exact=_crps_normal),
)  # fmt: skip
"""The further losses of this family, in the order they are shown."""
