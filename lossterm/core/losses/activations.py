"""The activations: what turns a logit into a prediction, with exact derivatives, logarithms and complements.

Each activation gives one `Jet` of the prediction with respect to the logit. A bounded one also knows the gap to either
end of its range, so that ``v − y`` and ``1 − v`` never cancel in a saturated tail.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lossterm.core import library_names
from lossterm.core import probit as normal
from lossterm.core.jets import SCALE, Array, Jet, Origin, log1pmx, log_of_seed, overflowing, shrunk
from lossterm.core.lazy import np
from lossterm.core.losses.labels import Smoothed, rest_of
from lossterm.core.names import find

_ROOT = 2.0 ** (-SCALE // 2)
"""Twice as a factor it makes a jet the `Jet.scaled` one."""

_HIGH = 700.0
"""Above it e^z may overflow."""

_LEAST = 5e-324
"""The smallest double: what stands for a gap that has underflowed."""

_FAR = -37.0
"""Below it e^z is lost beside 1, so that log softplus(z) and log(1 − exp(−e^z)) are z to the last bit."""


@dataclass(frozen=True)
class Activation:
    """A monotone map from the logit to the prediction.

    Attributes:
        id: the canonical name.
        aliases: its other names.
        lower: infimum of the prediction.
        upper: supremum of the prediction.
        formula: the formula, to read.
        about: one line on where it comes from.
        jet: the prediction at logits, with respect to the logit.
        inverse: the logit of predictions strictly inside the range; nan elsewhere.
        kinks: logits where the slope jumps.
        flat: the stretches of logits (low, high) on which the prediction is constant.
    """

    id: str
    aliases: tuple[str, ...]
    lower: float
    upper: float
    formula: str
    about: str
    jet: Callable[[Array], Jet]
    inverse: Callable[[Array], Array]
    kinks: tuple[float, ...] = ()
    flat: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "jet", partial(_with_origin, self.jet, self.flat))

    @property
    def is_probability(self) -> bool:
        """Whether every prediction lies in [0, 1]."""
        return self.lower >= 0 and self.upper <= 1

    @property
    def letter(self) -> str:
        """What the prediction is called: p where it is a probability, else v."""
        return "p" if self.is_probability else "v"

    @property
    def threshold(self) -> float:
        """The prediction above which the decision is class 1."""
        return 0.5 if self.is_probability else 0.0


def _with_origin(jet: Callable[[Array], Jet], flat: tuple[tuple[float, float], ...], logit: Array) -> Jet:
    # the prediction with the logit that it is of
    prediction = jet(logit)
    still = None
    for low, high in flat:
        inside = (logit >= low) & (logit <= high)
        still = inside if still is None else still | inside
    prediction.origin = Origin(logit, still)
    return prediction


def _gaps(
    value: Array,
    first: Array,
    second: Array,
    below: tuple[Array, Callable[[], Jet]],
    above: tuple[Array, Callable[[], Jet]],
    ends: tuple[float, float],
    centre: tuple[float, Callable[[], Array]] | None = None,
    log: Callable[[], Jet] | None = None,
    attained: bool = False,
) -> Jet:
    # A bounded prediction v with the exact gaps v − lo and hi − v (each with its logarithm) and the exact distance
    # v − c from its centre. A constant nearer to an end is compared by the gap to that end. The prediction's logarithm
    # is that of the lower gap where lo is 0. Unless the ends are attained, a gap of 0 is one that has underflowed.
    lo, hi = ends

    def upward(constant: float) -> Jet:
        if constant > hi or constant == hi:  # a smoothed label of 1.0 is neither
            gap, log = above
            return Jet(
                gap + (constant - hi),
                -first,
                -second,
                log=log if constant == hi else None,
                difference=lambda c: downward(c, constant),
                positive=not attained or constant > hi,
            )
        if constant == lo:
            return -Jet(below[0], first, second, log=below[1], positive=not attained)
        if constant < lo:
            return Jet((constant - lo) - below[0], -first, -second)
        if centre is not None and abs(constant - centre[0]) < (hi - lo) / 4:
            return Jet((constant - centre[0]) - centre[1](), -first, -second)
        short = rest_of(constant) if hi == 1 else hi - constant
        if short < (hi - lo) / 4:
            return Jet(above[0] - short, -first, -second)
        return Jet((constant - lo) - below[0] if constant < lo + (hi - lo) / 4 else constant - value, -first, -second)

    def downward(constant: float, whole: float) -> Jet:
        # c − (whole − v) = v − (whole − c)
        if constant == whole:
            return prediction
        return -upward(whole - constant)

    prediction = Jet(value, first, second, log=below[1] if lo == 0 else log, difference=upward,
                     positive=lo == 0 and not attained)  # fmt: skip
    return prediction


def _signed(distance: Array, z: Array) -> Array:
    # a distance from the centre that has underflowed still tells its side
    return np.where(distance == 0, z, distance)


def _identity(z: Array) -> Jet:
    one, zero = np.ones_like(z), np.zeros_like(z)

    def difference(constant: float) -> Jet:
        beside_one = isinstance(constant, Smoothed) and constant > 0.5
        gap = (1 - z) - rest_of(constant) if beside_one else constant - z

        def log_difference() -> Jet:
            return log_of_seed(np.log1p(-z) if constant == 1 else np.log(gap), gap, -1.0)

        def back(c: float) -> Jet:
            return prediction if c == constant else (c - constant) + prediction

        return Jet(gap, -one, zero, log=log_difference, difference=back)

    prediction = Jet(z, one, zero, log=lambda: log_of_seed(np.log(z), z), difference=difference)
    return prediction


def logistic(z: Array) -> Array:
    """σ(z) alone, where neither its derivatives nor its logarithm are wanted; any size of z."""
    with np.errstate(over="ignore"):
        p: Array = 1 / (1 + np.exp(-z))
    return p


def _pair(z: Array) -> tuple[Array, Array, Array, Array]:
    # p, 1 − p, log p, log(1 − p) of the logistic function
    t = np.exp(-np.abs(z))
    tail = np.log1p(t)
    large, small = 1 / (1 + t), t / (1 + t)
    up = z >= 0
    return (
        np.where(up, large, small),
        np.where(up, small, large),
        np.minimum(z, 0) - tail,
        np.minimum(-z, 0) - tail,
    )


def _sigmoid(z: Array) -> Jet:
    p, q, log_p, log_q = _pair(z)
    slope, half = p * q, np.tanh(z / 2)
    return _gaps(
        p,
        slope,
        -slope * half,
        # (log p)″ = −pq and p″ = pq(q − p): their sum is −2p²q; and so with p and q exchanged
        (p, lambda: Jet(log_p, q, -slope, bend=(1.0, lambda: -2 * p * slope))),
        (q, lambda: Jet(log_q, -p, -slope, bend=(1.0, lambda: -2 * q * slope))),
        (0.0, 1.0),
        (0.5, lambda: _signed(half / 2, z)),
    )


def _tanh(z: Array) -> Jet:
    # 1 + tanh z = 2σ(2z), 1 − tanh z = 2σ(−2z)
    p, q, log_p, log_q = _pair(2 * z)
    slope, value = 4 * p * q, np.tanh(z)

    def log_value() -> Jet:
        # (log tanh z)′ = 2/sinh 2z, (log tanh z)″ = −4 cosh 2z / sinh² 2z
        t = np.exp(-2 * np.abs(z))
        sinh = -np.expm1(-4 * np.abs(z))
        log = np.where(np.abs(z) < 1, np.log(value), np.log1p(-2 * q))

        def scaled() -> Jet:
            small = _ROOT / sinh
            return Jet(log * _ROOT**2, 4 * t * (_ROOT**2 / sinh), -8 * (t * small) * ((1 + t * t) * small))

        overflows = overflowing(value, log)
        return Jet(log, 4 * t / sinh, -8 * (t / sinh) * ((1 + t * t) / sinh), scaled=scaled if overflows else None)

    def log_complement() -> Jet:
        # (log(1 − v))″ = −4pq and (1 − v)″ = 8vpq: that and half of this are −8pq²
        log = np.where(np.abs(z) < 1, np.log1p(-value), math.log(2) + log_q)
        return Jet(log, -2 * p, -slope, bend=(0.5, lambda: -2 * q * slope))

    return _gaps(
        value,
        slope,
        -2 * value * slope,
        (2 * p, lambda: Jet(math.log(2) + log_p, 2 * q, -slope)),
        (2 * q, log_complement),
        (-1.0, 1.0),
        (0.0, lambda: value),
        log_value,
    )


def _probit(z: Array) -> Jet:
    p, log_p, mills_p, excess_p = normal.lower_tail(z)
    q, log_q, mills_q, excess_q = normal.lower_tail(-z)
    density = normal.density(z)
    return _gaps(
        p,
        density,
        -z * density,
        (p, lambda: Jet(log_p, mills_p, -mills_p * excess_p)),
        (q, lambda: Jet(log_q, -mills_q, -mills_q * excess_q)),
        (0.0, 1.0),
        (0.5, lambda: _signed(normal.erf(z / math.sqrt(2)) / 2, z)),
    )


def _log1mexp(x: Array) -> Array:
    # log(1 − e^−x), Mächler (2012): "Accurately computing log(1 − exp(−|a|))"
    return np.where(x <= math.log(2), np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


_COTH_SERIES = (1 / 3, -1 / 45, 2 / 945, -1 / 4725, 2 / 93555, -1382 / 638512875, 4 / 18243225, -3617 / 162820783125,
                87734 / 38979295480125)  # fmt: skip


_CLOGLOG_HALF = (-0.36651292058166435, 2.0606571710351486e-17)
# ln ln 2, where p = ½, and what its rounding has left out.


def _cloglog(z: Array) -> Jet:
    # p = 1 − exp(−e), e = e^z; (log p)′ = g = e/(exp(e) − 1), (log p)″ = g(1 − e − g), (log q)′ = (log q)″ = −e
    e = np.exp(z)
    slope = np.where(z < 700, np.exp(np.minimum(z, 700.0)) * np.exp(-e), 0.0)

    def log_p() -> Jet:
        capped = np.minimum(e, 1e3)
        g = np.where(capped > 0, capped * np.exp(-capped) / -np.expm1(-capped), 1.0)
        # 1 − e − g without cancellation for small e: −e/2 + (1 − x coth x), x = e/2
        x = np.minimum(e, 1.0) / 2
        series = np.zeros_like(x)
        for coefficient in reversed(_COTH_SERIES):
            series = coefficient + x * x * series
        bend = np.where(e < 1, -(x + x * x * series), 1 - capped - g)

        def residue() -> Array:
            # (log p)″ + ½p″ for e < 1, with p″ = e exp(−e)(1 − e) and g = 1 − x + x²·series; beyond, nothing cancels
            rise = -np.expm1(-2 * x) + 2 * x * np.exp(-2 * x)
            near = -x * (rise - x + x * x * series + x * g * series)
            return np.where(e < 1, near, g * bend + 0.5 * second)

        return Jet(np.where(z < _FAR, z, _log1mexp(e)), g, np.where(g == 0, 0.0, g * bend), bend=(0.5, residue))

    def log_q() -> Jet:
        def scaled() -> Jet:
            small = _scaled_exp(z)
            return Jet(-small, -small, -small)

        return Jet(-e, -e, -e, scaled=scaled if (z > _HIGH).any() else None)

    def from_half() -> Array:
        # p − ½ = −½ expm1(ln 2 − e), e = ln 2 · e^h
        h = (z - _CLOGLOG_HALF[0]) - _CLOGLOG_HALF[1]
        return -0.5 * np.expm1(-math.log(2) * np.expm1(h))

    second = np.where(slope == 0, 0.0, -slope * np.expm1(z))
    return _gaps(
        -np.expm1(-e),
        slope,
        second,
        (-np.expm1(-e), log_p),
        (np.exp(-e), log_q),
        (0.0, 1.0),
        (0.5, from_half),
    )


def _scaled_exp(z: Array) -> Array:
    # e^z · 2^−SCALE; z − 44 is exact where e^z overflows
    scaled: Array = np.exp(z - 44.0) * (math.exp(44.0) * 2.0**-SCALE)
    return scaled


def _flat_log(value: Array, slope: Array) -> Jet:
    # log of a piecewise linear gap; on a flat stretch at 0 it is −∞ on an interval, where it has no derivative
    log, gap = np.log(value), np.where(value > 0, value, np.nan)
    seeded = log_of_seed(log, gap).scaled

    def scaled() -> Jet:
        assert seeded is not None
        small = seeded()
        assert small.first is not None and small.second is not None
        return Jet(small.value, slope * small.first, slope * slope * small.second)

    ratio = slope / gap
    return Jet(log, ratio, -ratio * ratio, scaled=None if seeded is None else scaled)


def _hard_sigmoid(z: Array) -> Jet:
    inside = np.abs(z) < 3
    slope = np.where(inside, 1 / 6, 0.0)
    p, q = np.clip((z + 3) / 6, 0.0, 1.0), np.clip((3 - z) / 6, 0.0, 1.0)
    return _gaps(
        p,
        slope,
        np.zeros_like(z),
        (p, lambda: _flat_log(p, slope)),
        (q, lambda: _flat_log(q, -slope)),
        (0.0, 1.0),
        (0.5, lambda: _signed(np.clip(z / 6, -0.5, 0.5), z)),
        attained=True,
    )


def _with_complement(
    jet: Jet,
    log: Callable[[], Jet],
    complement: Array,
    log_complement: Callable[[], Jet],
    *,
    positive: bool,
    scaled: Callable[[], Jet] | None = None,
    minus: Callable[[float], Array] | None = None,
) -> Jet:
    # a prediction in [0, ∞) with its logarithm, with 1 − v and its logarithm, and with c − v where that is known better
    short_of = (lambda constant: constant - jet.value) if minus is None else minus

    def difference(constant: float) -> Jet:
        first, second = jet.first, jet.second
        gap = Jet(
            complement - rest_of(constant) if abs(constant - 1) < 0.5 else short_of(constant),
            None if first is None else -first,
            None if second is None else -second,
            log=log_complement if constant == 1 else None,
            difference=lambda c: prediction if c == constant else (c - constant) + prediction,
        )
        if scaled is not None:
            gap.scaled = lambda: shrunk(gap, -scaled())
        return gap

    prediction = Jet(jet.value, jet.first, jet.second, log=log, difference=difference, positive=positive, scaled=scaled)
    return prediction


_SOFTPLUS_ONE = (0.5413248546129181, -1.8138570925507326e-17)
# ln(e − 1), where softplus is 1, and what its rounding has left out.

_EXP_SERIES = tuple(1 / math.factorial(k) for k in range(20, 2, -1))


def _softplus(z: Array) -> Jet:
    p, q, _, log_q = _pair(z)
    value = 0.0 - log_q
    # 1 − v = −log1p((1 − 1/e)·expm1(h)) beside its root
    h = (z - _SOFTPLUS_ONE[0]) - _SOFTPLUS_ONE[1]
    complement = np.where(np.abs(h) < 0.5, 0.0 - np.log1p(-math.expm1(-1) * np.expm1(np.minimum(h, 1.0))), 1 - value)

    def log() -> Jet:
        # (log v)″ = (σ/v)(1 − σ)(v − e^z)/v, with v = log(1 + e^z)
        t = np.exp(np.minimum(z, 700.0))
        deep = z < _FAR
        ratio = np.where(deep, 1.0, p / value)
        bend = np.where(z < 30, log1pmx(t) / value, -p * t / value)
        second = np.where(deep, -t / 2, ratio * np.where(z < 30, q * bend, q - p / value))

        def residue() -> Array:
            # (log v)″ + ½v″ = −pq(e^v − 1 − v − ½v²)/v² = −pq·v·Σ v^k/(k+3)!, for v ≤ 1 where it is a probability
            series = np.zeros_like(value)
            for coefficient in _EXP_SERIES:
                series = coefficient + np.minimum(value, 1.0) * series
            return -p * q * value * series

        return Jet(np.where(deep, z, np.log(value)), ratio, second, bend=(0.5, residue))

    def log_complement() -> Jet:
        slope = -p / complement
        return Jet(np.where(complement < 0.5, np.log(complement), np.log1p(-value)), slope, slope * q - slope * slope)

    def minus(constant: float) -> Array:
        # v = z + log1p(e^−z): beside c = z the second term is all that is left, and never 0
        gap = np.where(z > 1, (constant - z) - np.log1p(np.exp(-np.abs(z))), constant - value)
        return np.where((gap == 0) & (z > 1), -_LEAST, gap)

    return _with_complement(Jet(value, p, p * q), log, complement, log_complement, positive=True, minus=minus)


def _relu(z: Array) -> Jet:
    slope = np.where(z > 0, 1.0, 0.0)
    value = np.maximum(z, 0.0)

    def log_complement() -> Jet:
        gap = 1 - value
        return Jet(np.log1p(-value), -slope / gap, -((slope / gap) ** 2))

    return _with_complement(
        Jet(value, slope, np.zeros_like(z)),
        lambda: _flat_log(value, slope),
        1 - value,
        log_complement,
        positive=False,
    )


def _exponential(z: Array) -> Jet:
    value = np.exp(z)

    def log_complement() -> Jet:
        # (log(1 − e^z))′ = −1/expm1(−z) = −r, (…)″ = −r(1 + r), for z ≤ 0
        log, gap = _log1mexp(-z), np.abs(np.expm1(-z))
        r = 1 / gap

        def small() -> Jet:
            root = _ROOT / gap
            return Jet(log * _ROOT**2, -(_ROOT**2) / gap, -root * (_ROOT + root))

        return Jet(log, -r, -r * (1 + r), scaled=small if overflowing(gap, log) else None)

    def scaled() -> Jet:
        small = _scaled_exp(z)
        return Jet(small, small, small)

    return _with_complement(
        Jet(value, value, value),
        lambda: Jet(z, np.ones_like(z), np.zeros_like(z)),
        0.0 - np.expm1(z),
        log_complement,
        positive=True,
        scaled=scaled if (z > _HIGH).any() else None,
    )


def _inside(inverse: Callable[[Array], Array], lower: float, upper: float) -> Callable[[Array], Array]:
    def strict(v: Array) -> Array:
        inside = (v > lower) & (v < upper)
        with np.errstate(all="ignore"):
            return np.where(inside, inverse(np.where(inside, v, 0.5)), np.nan)

    return strict


def _softplus_inverse(v: Array) -> Array:
    return np.where(v > 30, v + np.log1p(-np.exp(-v)), np.log(np.expm1(np.minimum(v, 30.0))))


_INF = math.inf
_ENTRIES = (
    Activation("identity", ("linear", "none"), -_INF, _INF, "v = z", "the score itself, as in linear regression",
               _identity, _inside(lambda v: v, -_INF, _INF)),
    Activation("sigmoid", ("logistic", "expit"), 0.0, 1.0, "p = 1/(1 + e^−z)", "the inverse of the log-odds",
               _sigmoid, _inside(lambda v: np.log(v) - np.log1p(-v), 0.0, 1.0)),
    Activation("tanh", (), -1.0, 1.0, "v = tanh z = 2σ(2z) − 1", "the sigmoid stretched to (−1, 1)",
               _tanh, _inside(lambda v: np.arctanh(v), -1.0, 1.0)),
    Activation("probit", ("normal", "gaussian-cdf"), 0.0, 1.0, "p = Φ(z)", "the normal distribution function",
               _probit, _inside(normal.quantile, 0.0, 1.0)),
    Activation("cloglog", ("complementary-log-log",), 0.0, 1.0, "p = 1 − exp(−e^z)",
               "the Gompertz link of grouped survival times",
               _cloglog, _inside(lambda v: np.log(-np.log1p(-v)), 0.0, 1.0)),
    Activation("hard-sigmoid", ("hardsigmoid",), 0.0, 1.0, "p = clip(z/6 + ½, 0, 1)",
               "a piecewise linear sigmoid for small devices",
               _hard_sigmoid, _inside(lambda v: 6 * (v - 0.5), 0.0, 1.0), (-3.0, 3.0), ((-_INF, -3.0), (3.0, _INF))),
    Activation("softplus", (), 0.0, _INF, "v = ln(1 + e^z)", "a smooth ReLU, a positive rate or scale",
               _softplus, _inside(_softplus_inverse, 0.0, _INF)),
    Activation("relu", ("rectifier",), 0.0, _INF, "v = max(z, 0)", "the rectifier; its slope at 0 is taken as 0",
               _relu, _inside(lambda v: v, 0.0, _INF), (0.0,), ((-_INF, 0.0),)),
    Activation("exp", ("exponential-link", "log-link"), 0.0, _INF, "v = e^z", "the log link of Poisson regression",
               _exponential, _inside(lambda v: np.log(v), 0.0, _INF)),
)  # fmt: skip

ACTIVATIONS: dict[str, Activation] = {entry.id: entry for entry in _ENTRIES}
"""Every activation by its id, in the order they are shown."""


def find_activation(name: str) -> Activation:
    """The activation called ``name``, by id or alias.

    Raises:
        ValueError: there is none; the message names the nearest.
    """
    return find(ACTIVATIONS, name, "activation", library_names.ACTIVATIONS)
