"""The oracle: every loss through every activation, computed with mpmath from the definitions alone.

    python -m tests.reference.make_evaluations            write evaluations.npz beside this file (minutes)
    python -m tests.reference.make_evaluations --check    recompute a sample: with more digits, and by differences

Nothing here knows how lossterm computes. Each activation and each loss is its textbook formula with its first two
derivatives, in 1000 digits, composed by the chain rule; 1 - v is kept beside v because 1000 digits do not hold
1 - e^-500000.

What is stored (`Reference`): per activation v(z) and dv/dz; per case (loss, activation, label, parameters) L, dL/dv,
d²L/dv², dL/dz and d²L/dz², the derivatives in v taken at the exact v(z). Labels, parameters and logits are the float64
numbers, taken exactly. ±inf is ±∞ or overflow, 0 is 0 or underflow, nan is undefined: the prediction is outside the
loss's domain, or L is ∞ on an interval of z (derivatives in z only). At the edge of a domain stands the limit from
inside.

Allowance. The tests ask for a relative error (`RELATIVE`). Beside a root that cannot be had from rounded intermediates,
so each number carries an allowed absolute error: `ULPS` times what one ulp of the logit, and of a label strictly
between 0 and 1, moves it (to first order: a jump allows nothing), and never more than the number itself. It is stored,
rounded up to four bits, only where it exceeds the relative error asked, so it is 0 nearly everywhere. Parameters are
exact, the labels 0 and 1 are, and so is a logit near 0: only d²L/dz², a sum of rounded terms, is allowed an ulp of 1 in
z beside a root at 0.

Left out (allowance inf), because the definitions do not pin them, or no float64 could:
    * zero-one at its jump: the derivatives (but where the activation is flat, L is constant in z: those in z are 0);
    * hard-sigmoid at ±3 and relu at 0: d²L/dz², when the two sides differ;
    * a kink of the loss met where the activation bends (exp at 0 with v = 1): d²L/dz². "That of the left side" has the
      slope on the left times the bend; the pinned first derivative (the mean, the flat side's) times the bend differs;
    * Huber's second derivatives when |r| is within `ULPS` ulps of δ, but not δ (v - y with y = -2 and v = 1e-16).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from tests.reference import families

Real: TypeAlias = Any
"""An mpmath number (mpmath has no types)."""

Parameters: TypeAlias = Mapping[str, float]
Floats: TypeAlias = NDArray[np.float64]

PATH = Path(__file__).with_name("evaluations.npz")

DIGITS = 1000
CHECK_DIGITS = 1400

FLOOR = 1e-290
"""Errors below this count as none: results may be denormal."""

ULPS = 4
"""How many ulps of the inputs a result may be wrong by, where that is more than the relative error."""

ACTIVATION_QUANTITIES = ("prediction", "d_activation")
LOSS_QUANTITIES = ("value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")

RELATIVE = {name: 1e-10 if name.startswith("d2") else 1e-12 for name in ACTIVATION_QUANTITIES + LOSS_QUANTITIES}
"""The relative error asked of each quantity."""

# Zero and next to it, kinks (±3 of hard-sigmoid; ±½, ±1, ±2 from a label for Huber), both sides of places where
# implementations change branch (ln 2, 3, 18, 37, 38.5) and where exp or its square overflows or underflows.
_MAGNITUDES = (
    *(1e-300, 1e-9, 1e-3, 0.25, 0.5, 0.6931, 0.6932, 1.0, 1.75, 2.0, 2.75, 3.0, 3.25, 6.5),
    *(18.0, 36.5, 37.0, 38.5, 100.0, 354.8, 355.0, 709.7, 709.8, 745.2, 1000.0),
)
_ONE_SIDED = (-0.37, -0.36, 0.3, 0.54, 0.5425, 3.5)  # v = ½ of cloglog, v = y, v = 1 of softplus, v = y
LOGITS = tuple(sorted({0.0, *_MAGNITUDES, *(-m for m in _MAGNITUDES), *_ONE_SIDED}))

PARAMETERS: dict[str, tuple[Parameters, ...]] = {
    "cross-entropy": ({}, {"pos_weight": 3.0}),
    "focal": ({}, {"gamma": 0.0}, {"gamma": 0.5}, {"gamma": 1.0}, {"gamma": 5.0}, {"alpha": 0.25}),
    "squared-error": ({},),
    "half-squared-error": ({},),
    "absolute-error": ({},),
    "huber": ({}, {"delta": 0.5}, {"delta": 2.0}),
    "smooth-l1": ({}, {"beta": 0.5}, {"beta": 2.0}),
    "log-cosh": ({},),
    "quantile": ({}, {"tau": 0.9}),
    "hinge": ({},),
    "squared-hinge": ({},),
    "exponential": ({},),
    "poisson": ({},),
    "gaussian-nll": ({}, {"sigma": 0.5}),
    "poly-1": ({}, {"epsilon": -0.5}, {"epsilon": 2.0}),
    "generalized-cross-entropy": ({}, {"q": 0.3}, {"q": 1.0}),
    "zero-one": ({},),
}
"""Every loss and the parameters it is computed with; those not named have their defaults (`DEFAULTS`)."""

DEFAULTS: Parameters = {
    "pos_weight": 1.0,
    "gamma": 2.0,
    "delta": 1.0,
    "beta": 1.0,
    "tau": 0.5,
    "epsilon": 1.0,
    "q": 0.7,
    "sigma": 1.0,
}
"""What a parameter is when not given (focal's alpha is off)."""

PROBABILITY_LOSSES = ("cross-entropy", "focal", "poly-1", "generalized-cross-entropy")
MARGIN_LOSSES = ("hinge", "squared-hinge", "exponential")


def labels_of(loss: str) -> tuple[float, ...]:
    """The labels a loss is computed with."""
    if loss in PROBABILITY_LOSSES:
        return (0.0, 1.0, 0.3)
    if loss in MARGIN_LOSSES or loss == "zero-one":
        return (0.0, 1.0)
    return (0.0, 1.0, 3.5) if loss == "poisson" else (0.0, 1.0, 0.3, -2.0, 3.5)


# --------------------------------------------------------------------------------------------------------- activations


@dataclass(frozen=True)
class Point:
    """An activation at one logit."""

    v: Real
    comp: Real
    """1 - v, to full relative precision."""
    slope: Real
    """dv/dz; at a corner that of the flat side, 0."""
    bend: Real
    """d²v/dz²."""
    corner: Real = None
    """At a corner, the slope on the side that is not flat."""

    @property
    def flat(self) -> bool:
        """Whether v is constant on an interval of z that contains this logit."""
        return not self.slope

    @cached_property
    def log(self) -> Real:
        """The logarithm of v, for 0 < v."""
        return mp.log1p(-self.comp) if 2 * self.v > 1 else mp.log(self.v)

    @cached_property
    def log_comp(self) -> Real:
        """The logarithm of 1 - v, for v < 1."""
        return mp.log1p(-self.v) if 2 * self.v < 1 else mp.log(self.comp)

    def inside(self) -> Point:
        """The same point moved infinitesimally into (0, 1) when v is 0 or 1: limits are then found by arithmetic."""
        hair = mp.ldexp(mpf(1), -(10**400))  # even its logarithm overflows a float64
        if not self.v:
            return replace(self, v=hair, comp=mpf(1))
        return self if self.comp else replace(self, v=mpf(1), comp=hair)


def exp(x: Real) -> Real:
    """The exponential; where not even the logarithm of a float64 tells it from 0 or ∞, something as far out."""
    if abs(x) < mpf(10) ** 2000:
        return mp.exp(x)
    return mp.ldexp(mpf(1), 10**2000 if x > 0 else -(10**2000))


def identity(z: Real) -> Point:
    return Point(z, 1 - z, mpf(1), mpf(0))


def sigmoid(z: Real) -> Point:
    t = mp.exp(-abs(z))
    large, small = 1 / (1 + t), t / (1 + t)
    p, q = (large, small) if z >= 0 else (small, large)
    return Point(p, q, p * q, p * q * (q - p))


def tanh(z: Real) -> Point:
    half = sigmoid(2 * z)
    v, slope = mp.tanh(z), 4 * half.slope
    return Point(v, 2 * half.comp, slope, -2 * v * slope)


def probit(z: Real) -> Point:
    density = mp.npdf(z)
    return Point(mp.erfc(-z / mp.sqrt(2)) / 2, mp.erfc(z / mp.sqrt(2)) / 2, density, -z * density)


def cloglog(z: Real) -> Point:
    e = mp.exp(z)
    comp = exp(-e)
    slope = e * comp
    return Point(-mp.expm1(-e) if e < 1 else 1 - comp if e < 10**4 else mpf(1), comp, slope, slope * (1 - e))


def hard_sigmoid(z: Real) -> Point:
    corner = mpf(1) / 6 if abs(z) == 3 else None
    if abs(z) >= 3:
        return Point(mpf(z > 0), mpf(z < 0), mpf(0), mpf(0), corner)
    return Point((z + 3) / 6, (3 - z) / 6, mpf(1) / 6, mpf(0))


def softplus(z: Real) -> Point:
    v, s = mp.log1p(mp.exp(z)), sigmoid(z)
    return Point(v, 1 - v, s.v, s.slope)


def relu(z: Real) -> Point:
    return identity(z) if z > 0 else Point(mpf(0), mpf(1), mpf(0), mpf(0), None if z else mpf(1))


def exponential(z: Real) -> Point:
    e = mp.exp(z)
    return Point(e, -mp.expm1(z), e, e)


ACTIVATIONS: dict[str, Callable[[Real], Point]] = {
    "identity": identity,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "probit": probit,
    "cloglog": cloglog,
    "hard-sigmoid": hard_sigmoid,
    "softplus": softplus,
    "relu": relu,
    "exp": exponential,
}

HALF_IS_THE_THRESHOLD = ("sigmoid", "probit", "cloglog", "hard-sigmoid")
"""The activations whose range lies in [0, 1]: zero-one decides at ½, elsewhere at 0."""


@cache
def point_at(activation: str, z: Real, digits: int) -> Point:
    """The activation at a logit; `digits`, the precision in force, only tells results apart."""
    return ACTIVATIONS[activation](z)


# -------------------------------------------------------------------------------------------------------------- losses


class Local(NamedTuple):
    """A loss at one prediction: value and derivatives in v."""

    value: Real
    first: Real
    second: Real
    kink: bool = False
    """The slope jumps here."""
    unsure: bool = False
    """Rounding decides on which side of a jump this is."""


def _cross_entropy(at: Point, y: Real, weight: Real) -> Local:
    value = first = second = mpf(0)
    if y:  # 0 · ∞ is 0
        value, first, second = -weight * y * at.log, -weight * y / at.v, weight * y / at.v**2
    if y != 1:
        value -= (1 - y) * at.log_comp
        first += (1 - y) / at.comp
        second += (1 - y) / at.comp**2
    return Local(value, first, second)


def _focal(at: Point, y: Real, gamma: Real, alpha: Real | None) -> Local:
    value, first, second, *_ = _cross_entropy(at, y, mpf(1))
    miss, d_miss = y * at.comp + (1 - y) * at.v, 1 - 2 * y  # 1 - p_t
    balance = mpf(1) if alpha is None else alpha * y + (1 - alpha) * (1 - y)
    f0 = miss**gamma
    f1 = gamma * miss ** (gamma - 1) * d_miss
    f2 = gamma * (gamma - 1) * miss ** (gamma - 2) * d_miss**2
    product = (f0 * value, f1 * value + f0 * first, f2 * value + 2 * f1 * first + f0 * second)
    if not balance:  # 0 · ∞ is 0
        return Local(mpf(0), mpf(0), mpf(0))
    if value > mpf(10) ** 380:  # the logarithm of a hair: ∞, however small what it is multiplied by
        product = (mp.inf, *product[1:])
    return Local(*(balance * term for term in product))


def _poly_1(at: Point, y: Real, epsilon: Real) -> Local:
    value, first, second, *_ = _cross_entropy(at, y, mpf(1))
    return Local(value + epsilon * (y * at.comp + (1 - y) * at.v), first + epsilon * (1 - 2 * y), second)


def _generalized_cross_entropy(at: Point, y: Real, k: Real) -> Local:
    value = first = second = mpf(0)
    if y:
        value, first = -y * mp.expm1(k * at.log) / k, -y * at.v ** (k - 1)
        second = y * (1 - k) * at.v ** (k - 2)
    if y != 1:
        value -= (1 - y) * mp.expm1(k * at.log_comp) / k
        first += (1 - y) * at.comp ** (k - 1)
        second += (1 - y) * (1 - k) * at.comp ** (k - 2)
    return Local(value, first, second)


def _huber(r: Real, y: Real, delta: Real) -> Local:
    unsure = bool(0 < abs(abs(r) - delta) <= ULPS * max(abs(y), delta) / 2**52)
    if abs(r) <= delta:
        # The second derivative at a corner is that of its left side: the line's at -δ, the parabola's at +δ.
        return Local(r**2 / 2, r, mpf(r != -delta), unsure=unsure)
    return Local(delta * (abs(r) - delta / 2), delta * mp.sign(r), mpf(0), unsure=unsure)


def _log_cosh(r: Real) -> Local:
    t = exp(-2 * abs(r))
    # tanh r; the value through sinh where it is small, without overflow where it is large
    value = mp.log1p(2 * mp.sinh(r / 2) ** 2) if abs(r) < 1 else abs(r) - mp.log(2) + mp.log1p(t)
    return Local(value, mp.tanh(r), 4 * t / (1 + t) ** 2)


def _quantile(r: Real, tau: Real) -> Local:
    if not r:
        return Local(mpf(0), mpf(1) / 2 - tau, mpf(0), kink=True)
    return Local((1 - tau) * r, 1 - tau, mpf(0)) if r > 0 else Local(-tau * r, -tau, mpf(0))


def _value_loss(loss: str, at: Point, y: Real, p: Callable[[str], Real]) -> Local:
    """The losses of the residual r = v - y."""
    r = -at.comp if y == 1 else at.v - y
    match loss:
        case "squared-error":
            return Local(r**2, 2 * r, mpf(2))
        case "half-squared-error":
            return Local(r**2 / 2, r, mpf(1))
        case "absolute-error":
            return Local(abs(r), mp.sign(r), mpf(0), kink=not r)
        case "huber":
            return _huber(r, y, p("delta"))
        case "smooth-l1":
            value, first, second, *_, unsure = _huber(r, y, p("beta"))
            return Local(value / p("beta"), first / p("beta"), second / p("beta"), unsure=unsure)
        case "log-cosh":
            return _log_cosh(r)
        case "quantile":
            return _quantile(r, p("tau"))
        case "gaussian-nll":
            variance = p("sigma") ** 2
            constant = mp.log(p("sigma")) + mp.log(2 * mp.pi) / 2
            return Local(r**2 / (2 * variance) + constant, r / variance, 1 / variance)
    raise KeyError(loss)


def _margin_loss(loss: str, at: Point, y: Real) -> Local:
    """The losses of the margin sv, s = 2y - 1."""
    s = 2 * y - 1
    short = at.comp if s > 0 else 1 + at.v  # 1 - sv
    match loss:
        case "hinge":
            return Local(short, -s, mpf(0)) if short > 0 else Local(mpf(0), mpf(0), mpf(0), kink=not short)
        case "squared-hinge":
            if short > 0 or (not short and s > 0):  # at the corner the second derivative is that of the left side
                return Local(short**2, -2 * s * short, mpf(2))
            return Local(mpf(0), mpf(0), mpf(0))
        case "exponential":
            e = exp(-s * at.v)
            return Local(e, -s * e, e)
    raise KeyError(loss)


@cache
def _log_factorial(y: Real, digits: int) -> Real:
    return mp.loggamma(y + 1)


def local(loss: str, at: Point, y: Real, parameters: Mapping[str, Real]) -> Local | None:
    """A loss at a point (zero-one aside).

    Returns:
        Value and derivatives in v, at the edge of the domain their limits, or None outside it.
    """

    def p(name: str) -> Real:
        return parameters[name] if name in parameters else mpf(DEFAULTS[name])

    if loss in PROBABILITY_LOSSES:
        if at.v < 0 or at.comp < 0:
            return None
        at = at.inside()
        match loss:
            case "cross-entropy":
                return _cross_entropy(at, y, p("pos_weight"))
            case "focal":
                return _focal(at, y, p("gamma"), parameters.get("alpha"))
            case "poly-1":
                return _poly_1(at, y, p("epsilon"))
        return _generalized_cross_entropy(at, y, p("q"))
    if loss == "poisson":
        if at.v < 0:
            return None
        v = at.v or at.inside().v
        log_v = at.log if at.v else at.inside().log
        return Local(v - y * log_v + _log_factorial(y, mp.dps), 1 - y / v, y / v**2)
    if loss in MARGIN_LOSSES:
        return _margin_loss(loss, at, y)
    if loss in families.FAMILIES:
        found = families.local(loss, at.v, at.comp, y, parameters)
        return None if found is None else Local(*found)
    return _value_loss(loss, at, y, p)


# --------------------------------------------------------------------------------------------------------- composition

Results: TypeAlias = "tuple[Real, ...]"
"""The five quantities; None is left out."""


def _zero_one(activation: str, at: Point, y: Real) -> Results:
    threshold = mpf(1) / 2 if activation in HALF_IS_THE_THRESHOLD else mpf(0)
    zero = mpf(0)
    if at.v == threshold:
        in_z = zero if at.flat and at.corner is None else None
        return mpf(1) / 2, None, None, in_z, in_z
    return mpf((at.v > threshold) != (y == 1)), zero, zero, zero, zero


def evaluate(loss: str, activation: str, z: Real, y: Real, parameters: Mapping[str, Real]) -> Results:
    """The five quantities of a loss through an activation at one logit."""
    at = point_at(activation, z, mp.dps)
    if loss == "zero-one":
        return _zero_one(activation, at, y)
    here = local(loss, at, y, parameters)
    if here is None:
        return (mp.nan,) * 5
    value, first, second, kink, unsure = here
    if unsure:
        return value, first, None, first * at.slope, None
    if at.flat:
        if np.isinf(to_float(value)):
            return value, first, second, mp.nan, mp.nan
        known = at.corner is None or not second  # L″ times the slope of the other side, squared, is 0 as well
        return value, first, second, mpf(0), mpf(0) if known else None
    d2_logit = second * at.slope**2 + first * at.bend
    return value, first, second, first * at.slope, None if kink and at.bend else d2_logit


def to_float(x: Real) -> float:
    """The nearest float64; overflow is ±inf, underflow 0."""
    if not x or mp.isnan(x):
        return float("nan") if mp.isnan(x) else 0.0
    if mp.isinf(x) or mp.mag(x) > 1025:
        return float(mp.sign(x)) * np.inf
    return 0.0 if mp.mag(x) < -1080 else float(x)


STEPS = (mp.ldexp(mpf(1), -160), mp.ldexp(mpf(1), -150))
"""The relative steps, 1024 apart, that tell what one ulp of an input does."""


def moved(before: Results, near: Results, far: Results) -> list[Real]:
    """How far one ulp of an input moves each quantity, from two tiny steps of it; a jump counts as no move."""
    moves = []
    for a, b, c in zip(before, near, far, strict=True):
        if any(x is None or not mp.isfinite(x) for x in (a, b, c)) or 64 * abs(b - a) > abs(c - a):
            moves.append(mpf(0))
        else:
            moves.append(abs(b - a) / (STEPS[0] * 2**52))
    return moves


def _allowance(quantity: str, result: Real, spread: Real) -> float:
    """The absolute error allowed, where it is more than the relative one."""
    if result is None:
        return np.inf
    asked = min(ULPS * spread, abs(result)) if result else ULPS * spread
    if not np.isfinite(to_float(result)) or asked <= max(RELATIVE[quantity] * abs(result), FLOOR):
        return 0.0
    mantissa, exponent = mp.frexp(asked)
    return float(mp.ldexp(mp.ceil(16 * mantissa), exponent - 4))


class Case(NamedTuple):
    """What the quantities are a function of, the logit aside."""

    loss: str
    activation: str
    label: float
    parameters: Parameters

    def at(self, z: Real, label_factor: Real = 1) -> Results:
        """The five quantities, with the label multiplied by a factor."""
        exact = {name: mpf(value) for name, value in self.parameters.items()}
        return evaluate(self.loss, self.activation, mpf(z), mpf(self.label) * label_factor, exact)

    def spread(self, z: float) -> list[Real]:
        """How far one ulp of every input that rounding may touch moves each quantity."""
        before, logit = self.at(z), mpf(z)
        moves = [moved(before, *(self.at(logit * (1 + step)) for step in STEPS))]
        if 0 < abs(z) < 1 and self.at(0)[-1] == 0:
            in_z = moved(before, *(self.at(logit + step) for step in STEPS))
            moves.append([d if name == "d2_logit" else mpf(0) for name, d in zip(LOSS_QUANTITIES, in_z, strict=True)])
        if 0 < self.label < 1:
            moves.append(moved(before, *(self.at(z, label_factor=1 + step) for step in STEPS)))
        return [sum(column, mpf(0)) for column in zip(*moves, strict=True)]


def cases() -> Iterator[Case]:
    """Every case of the reference, in its order."""
    for loss, settings in PARAMETERS.items():
        for activation in ACTIVATIONS:
            for parameters in settings:
                for label in labels_of(loss):
                    yield Case(loss, activation, label, parameters)


# ---------------------------------------------------------------------------------------------------------------- file


@dataclass(frozen=True, eq=False)
class Reference:
    """The stored oracle."""

    logits: Floats
    cases: tuple[Case, ...]
    activations: dict[str, Floats]
    """By activation, quantity × logit."""
    activation_allowance: dict[str, Floats]
    evaluations: Floats
    """Case × quantity × logit."""
    allowance: Floats
    """The absolute error allowed beside a root, otherwise 0; inf where the number is left out."""


def _activation_rows(activation: str) -> tuple[Floats, Floats]:
    values, allowed = np.zeros((2, 2, len(LOGITS)))
    for i, z in enumerate(LOGITS):
        points = (ACTIVATIONS[activation](mpf(z) * (1 + step)) for step in (0, *STEPS))
        here, near, far = ((at.v, at.slope) for at in points)
        spread = moved(here, near, far)
        for j, quantity in enumerate(ACTIVATION_QUANTITIES):
            values[j, i] = to_float(here[j])
            allowed[j, i] = _allowance(quantity, here[j], spread[j])
    return values, allowed


def _case_rows(case: Case) -> tuple[Floats, Floats]:
    values, allowed = np.zeros((2, len(LOSS_QUANTITIES), len(LOGITS)))
    for i, z in enumerate(LOGITS):
        results, spread = case.at(z), case.spread(z)
        for j, quantity in enumerate(LOSS_QUANTITIES):
            values[j, i] = np.nan if results[j] is None else to_float(results[j])
            allowed[j, i] = _allowance(quantity, results[j], spread[j])
    return values, allowed


def make(path: Path = PATH) -> None:
    """Compute everything and write it."""
    mp.dps = DIGITS
    activations = [_activation_rows(name) for name in ACTIVATIONS]
    rows = []
    for case in cases():
        print(*case, file=sys.stderr)
        rows.append(_case_rows(case))
    np.savez_compressed(
        path,
        logits=np.array(LOGITS),
        activations=_shuffled(np.array([values for values, _ in activations])),
        activation_allowance=_shuffled(np.array([allowed for _, allowed in activations])),
        cases=np.array([json.dumps(case) for case in cases()]),
        evaluations=_shuffled(np.array([values for values, _ in rows])),
        allowance=_shuffled(np.array([allowed for _, allowed in rows])),
    )


def _shuffled(values: Floats) -> NDArray[np.uint8]:
    """The bytes of the numbers, all first bytes first: exponents compress well, mantissas do not."""
    return np.ascontiguousarray(np.moveaxis(values.astype("<f8")[..., None].view(np.uint8), -1, 0))


def _unshuffled(values: NDArray[np.uint8]) -> Floats:
    return np.ascontiguousarray(np.moveaxis(values, 0, -1)).view("<f8")[..., 0].astype(np.float64)


@cache
def load(path: Path = PATH) -> Reference:
    """The stored reference."""
    with np.load(path) as stored:
        return Reference(
            logits=stored["logits"],
            cases=tuple(Case(*json.loads(str(text))) for text in stored["cases"]),
            activations=dict(zip(ACTIVATIONS, _unshuffled(stored["activations"]), strict=True)),
            activation_allowance=dict(zip(ACTIVATIONS, _unshuffled(stored["activation_allowance"]), strict=True)),
            evaluations=_unshuffled(stored["evaluations"]),
            allowance=_unshuffled(stored["allowance"]),
        )


# --------------------------------------------------------------------------------------------------------------- check


def sample(count: int, seed: int) -> Iterator[tuple[Case, int, float, Floats]]:
    """Random cases of the stored reference: the case, its index, a logit, the numbers stored there."""
    reference, chance = load(), random.Random(seed)
    for _ in range(count):
        index, column = chance.randrange(len(reference.cases)), chance.randrange(len(reference.logits))
        stored = reference.evaluations[index, :, column]
        yield reference.cases[index], index, float(reference.logits[column]), stored


def recomputed(case: Case, z: float, digits: int = CHECK_DIGITS) -> Floats:
    """The five quantities again, with more digits."""
    with mp.workdps(digits):
        return np.array([np.nan if x is None else to_float(x) for x in case.at(z)])


def _plain(case: Case) -> Callable[[Real], Real]:
    """L as a function of v, written once more as the definitions read, without thought for rounding."""
    given = {name: mpf(value) for name, value in {**DEFAULTS, **case.parameters}.items()}
    y, k, tau, sigma, alpha = mpf(case.label), given["q"], given["tau"], given["sigma"], given.get("alpha")
    s = 2 * y - 1
    balance = mpf(1) if alpha is None else alpha * y + (1 - alpha) * (1 - y)
    threshold = 0.5 if case.activation in HALF_IS_THE_THRESHOLD else 0

    def positive(x: Real) -> Real:
        return max(x, mpf(0))

    def xlogy(x: Real, v: Real) -> Real:
        return x * mp.log(v) if x else mpf(0)

    def entropy(p: Real, weight: Real) -> Real:
        return -weight * xlogy(y, p) - xlogy(1 - y, 1 - p)

    def p_t(p: Real) -> Real:
        return y * p + (1 - y) * (1 - p)

    def huber(r: Real, delta: Real) -> Real:
        return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)

    formulas: dict[str, Callable[[Real], Real]] = {
        "cross-entropy": lambda p: entropy(p, given["pos_weight"]),
        "focal": lambda p: balance * (1 - p_t(p)) ** given["gamma"] * entropy(p, 1),
        "squared-error": lambda v: (v - y) ** 2,
        "half-squared-error": lambda v: (v - y) ** 2 / 2,
        "absolute-error": lambda v: abs(v - y),
        "huber": lambda v: huber(v - y, given["delta"]),
        "smooth-l1": lambda v: huber(v - y, given["beta"]) / given["beta"],
        "log-cosh": lambda v: mp.log(mp.cosh(v - y)),
        "quantile": lambda v: tau * positive(y - v) + (1 - tau) * positive(v - y),
        "hinge": lambda v: positive(1 - s * v),
        "squared-hinge": lambda v: positive(1 - s * v) ** 2,
        "exponential": lambda v: mp.exp(-s * v),
        "poisson": lambda v: v - xlogy(y, v) + mp.log(mp.gamma(y + 1)),
        "gaussian-nll": lambda v: (v - y) ** 2 / (2 * sigma**2) + mp.log(sigma) + mp.log(2 * mp.pi) / 2,
        "poly-1": lambda p: entropy(p, 1) + given["epsilon"] * (1 - p_t(p)),
        "generalized-cross-entropy": lambda p: y * (1 - p**k) / k + (1 - y) * (1 - (1 - p) ** k) / k,
        "zero-one": lambda v: mpf((v > threshold) != (y == 1)),
    }
    return formulas[case.loss]


_PLAIN_ACTIVATIONS: dict[str, Callable[[Real], Real]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "probit": mp.ncdf,
    "cloglog": lambda z: 1 - mp.exp(-mp.exp(z)),
    "hard-sigmoid": lambda z: min(max(z / 6 + mpf(1) / 2, mpf(0)), mpf(1)),
    "softplus": lambda z: mp.log(1 + mp.exp(z)),
    "relu": lambda z: max(z, mpf(0)),
    "exp": mp.exp,
}


def differentiable(case: Case, z: float, stored: Floats) -> bool:
    """Whether plain formulas and numerical differences can say something here: a smooth point, not too far out."""
    if not np.all(np.isfinite(stored)) or abs(z) > (6.5 if case.activation in ("cloglog", "exp") else 40):
        return False
    with mp.workdps(DIGITS):
        at, y = ACTIVATIONS[case.activation](mpf(z)), mpf(case.label)
        corners = [y, y - 1, y + 1, 2 * y - 1, mpf(0), mpf(1)]
        corners += [y + sign * mpf(width) for width in case.parameters.values() for sign in (-1, 1)]
        return at.corner is None and at.v not in corners


def differenced(case: Case, z: float, digits: int = CHECK_DIGITS) -> Floats:
    """The five quantities a second way: the plain formula, differenced numerically in v and in z."""
    loss, activation = _plain(case), _PLAIN_ACTIVATIONS[case.activation]
    with mp.workdps(digits):
        logit = mpf(z)
        v = activation(logit)
        results = [
            loss(v),
            *(mp.diff(loss, v, order) for order in (1, 2)),
            *(mp.diff(lambda t: loss(activation(t)), logit, order) for order in (1, 2)),
        ]
        return np.array([to_float(x) for x in results])


def agrees(stored: Floats, again: Floats, relative: float) -> bool:
    """Equal infinities and holes, and numbers within a relative error (or `FLOOR`)."""
    finite = np.isfinite(stored)
    if not np.array_equal(stored[~finite], again[~finite], equal_nan=True):
        return False
    error = np.abs(again[finite] - stored[finite])
    return bool(np.all(error <= np.maximum(relative * np.abs(stored[finite]), FLOOR)))


def check(count: int, seed: int) -> list[str]:
    """Recompute a random sample.

    Returns:
        A line for each disagreement.
    """
    wrong = [
        f"{case} at {z!r}: stored {stored}, with {CHECK_DIGITS} digits {again}"
        for case, _, z, stored in sample(count, seed)
        if not agrees(stored, again := recomputed(case, z), 2**-52)
    ]
    smooth = (drawn for drawn in sample(100 * count, seed + 1) if differentiable(drawn[0], drawn[2], drawn[3]))
    wrong += [
        f"{case} at {z!r}: stored {stored}, by differences {again}"
        for case, _, z, stored in islice(smooth, count)
        if not agrees(stored, again := differenced(case, z), 1e-15)
    ]
    return wrong


def main() -> int:
    """Write the reference, or check it."""
    parser = argparse.ArgumentParser(description="Make the reference values of tests/core/test_oracle.py.")
    parser.add_argument("--check", action="store_true", help="compare a random sample with the stored file")
    parser.add_argument("--count", type=int, default=300, help="points to check, each way")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not options.check:
        make()
        return 0
    wrong = check(options.count, options.seed)
    print("\n".join(wrong) or f"{options.count} points recomputed, {options.count} differenced: all agree")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
