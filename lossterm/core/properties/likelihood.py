"""The density whose −log is the loss: whether e^−L can be normalised once for all predictions, and its name.

A loss is a negative log-likelihood when h(y)·e^−L(v, y), over the label's own domain ({0, 1}, the reals or the counts),
sums to the same number for every prediction v. The name comes from comparing the density with known ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.properties.profile import tidy
from lossterm.core.properties.report import ROUNDING, Property, show, show_apart, undecided
from lossterm.core.properties.sampling import Samples

AGREES = 1e-8
"""Relative spread of a normaliser that counts as constant, and of a density that counts as a known one."""

_NODES, _WEIGHTS = (np.array(part) for part in np.polynomial.legendre.leggauss(20))
_OCTAVES = 2.0 ** np.arange(-24, 33)
_WIDE = np.arange(-60.0, 41.0)
"""Octaves of the unit over which an energy is compared with known ones."""

_COUNTS = 120
_SHIFTS = (0.0, 0.375, -1.25, 7.0)
_PREDICTIONS = (-2.25, -0.6, 0.125, 0.5, 0.8, 1.75, 4.0, 9.0)


class Domain(Enum):
    """Over what labels a density is summed."""

    BINARY = "{0, 1}"
    REAL = "ℝ"
    COUNT = "ℕ"


def domain(loss: Loss) -> Domain | None:
    """The labels a loss is about; None where they are neither classes, reals nor counts."""
    if loss.hard_only or loss.labels == (0.0, 1.0):
        return Domain.BINARY
    if loss.counts:
        return Domain.COUNT
    return Domain.REAL if loss.labels == (-math.inf, math.inf) else None


def energies(loss: Loss, params: Params, predictions: Array, label: float) -> Array:
    """L(v, y) of one label at predictions, without an activation."""
    return evaluate_at(loss, params, label, "identity", predictions).value


def is_location(loss: Loss, params: Params) -> bool:
    """Whether the loss sees nothing but the residual v − y."""
    residuals = np.array([-3.0, -0.5, -0.03125, 0.25, 1.5, 40.0])
    rows = [energies(loss, params, residuals + shift, shift) for shift in _SHIFTS]
    return bool(all(np.allclose(row, rows[0], rtol=1e-12, atol=1e-300) for row in rows[1:]))


def likelihood(samples: Samples) -> Property:
    """The family of h(y)·e^−L over the label's own domain, "none" where no normaliser is constant."""
    loss, params = samples.loss, samples.params
    with np.errstate(all="ignore"):
        where = domain(loss)
        if where is Domain.BINARY:
            return _binary(samples)
        if where is Domain.COUNT:
            return _count(samples)
        if where is Domain.REAL and is_location(loss, params):
            return _location(samples)
    if where is Domain.REAL:
        return undecided("L does not depend on v − y alone: whether some h(y)·e^−L can be normalised is not known")
    return undecided("the labels are neither classes, reals nor counts")


def location_normaliser(energy: Callable[[Array], Array]) -> float:
    """∫ exp(−energy(u)) du over the real line; inf where it diverges.

    Of an energy that is Huber's, with its corners, in closed form; of others by Gauss–Legendre panels, an octave each.
    """
    huber = huber_shape(energy)
    if huber is not None:
        return huber.normaliser * math.exp(-float(energy(np.zeros(1))[0]))
    unit = label_unit(energy)
    edges = unit * np.concatenate([[0.0], _OCTAVES])
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    points = middle[:, None] + half[:, None] * _NODES
    panels = half * ((np.exp(-energy(points)) + np.exp(-energy(-points))) @ _WEIGHTS)
    total = float(panels.sum())
    # octave by octave an integrable tail shrinks
    return total if panels[-1] <= 1e-3 * total else math.inf


@dataclass(frozen=True)
class HuberShape:
    """An energy that is ``centre·u²`` as far as the corner, and goes on with the slope it has there.

    Attributes:
        centre: half the curvature at 0.
        corner: the |u| at which it turns linear.
        slope: of the linear part, 2·centre·corner.
    """

    centre: float
    corner: float
    slope: float

    @property
    def normaliser(self) -> float:
        """∫ e^−energy: ``√(π/k) erf(c√k) + 2 e^{−kc²}/s``; for Huber with δ, √2π erf(δ/√2) + 2 e^{−δ²/2}/δ."""
        root = math.sqrt(self.centre)
        middle = math.sqrt(math.pi) / root * math.erf(self.corner * root)
        return middle + 2 * math.exp(-((self.corner * root) ** 2)) / self.slope


def huber_shape(energy: Callable[[Array], Array]) -> HuberShape | None:
    """The energy's parts where it is Huber's, else None."""
    unit, base = label_unit(energy), float(energy(np.zeros(1))[0])
    u, room = unit * np.exp2(_WIDE), ROUNDING * abs(base)
    up, down = energy(u) - base, energy(-u) - base
    far = u[-2:]
    slope = float(np.diff(energy(far))[0] / np.diff(far)[0])
    near = int(np.argmax(up > 1e8 * room))
    centre = float(up[near]) / float(u[near]) ** 2
    corner = slope / (2 * centre) if centre > 0 else 0.0
    if not 0 < corner < math.inf:
        return None

    def huber(size: Array) -> Array:
        return np.where(size <= corner, centre * size**2, slope * (size - corner / 2))

    knee = corner * np.array([0.25, 0.5, 0.75, 1.5, 3.0])
    fits = [(up, huber(u), 1e-7), (down, huber(u), 1e-7), (energy(knee) - base, huber(knee), 1e-6)]
    if all(np.allclose(got, want, rtol=relative, atol=room) for got, want, relative in fits):
        return HuberShape(centre, corner, slope)
    return None


def label_unit(energy: Callable[[Array], Array]) -> float:
    """The distance from the prediction over which the energy rises by one."""
    steps = 2.0 ** np.arange(-60.0, 61.0)
    rise = np.minimum(energy(steps), energy(-steps)) - float(energy(np.zeros(1))[0])
    return float(steps[np.argmax(rise >= 1)]) if (rise >= 1).any() else 1.0


def _binary(samples: Samples) -> Property:
    v, one, zero = _both(samples)
    total = one + zero
    if not np.isfinite(total).all():  # of a loss without a lower bound
        return Property("none", "on {0, 1} e^−L is infinite for some v", AGREES)
    if np.ptp(total) <= AGREES * total.max():
        h = np.array([1.0, 1.0]) / total[0]
    else:
        h = np.linalg.lstsq(np.stack([one, zero], axis=1), np.ones_like(one), rcond=None)[0]
    p = h[0] * one
    if (h <= AGREES * h.max()).any() or np.ptp(p + h[1] * zero) > AGREES:
        return Property("none", f"on {{0, 1}} {_spread(total)}, and no h(y) makes it constant", AGREES)
    even = math.isclose(h[0], h[1])
    sums = f"e^−L sums to {show(1 / float(h[0]))}" if even else f"h(y)·e^−L, h = {show(h[0])}, {show(h[1])}, sums to 1"
    what = f"P(1) runs from {show(float(p.min()))} to {show(float(p.max()))}"
    if np.ptp(p) < AGREES:
        what = f"P(1) = {show(float(p[0]))} always"
    elif np.allclose(p, v, rtol=AGREES, atol=0):
        what = "P(1) = v"
    return Property("Bernoulli", f"on {{0, 1}} {sums} whatever v; {what}", AGREES)


def _both(samples: Samples) -> tuple[Array, Array, Array]:
    # predictions, and e^−L of both labels: at the samples and at the jumps between them
    z = samples.logits
    jumps = samples.profile(1.0).jumps
    places = np.concatenate([[b.logit, *np.linspace(z[b.left], z[b.right], 9)] for b in jumps] or [[]])
    rows = [np.append(samples.profile(1.0).at.prediction, samples.activation.jet(places).value)]
    for label in (1.0, 0.0):
        profile = samples.profile(label)
        rows.append(np.exp(-np.append(profile.at.value, profile.evaluate(places).value)))
    known = ~np.isnan(rows[1]) & ~np.isnan(rows[2])
    return rows[0][known], rows[1][known], rows[2][known]


def _spread(total: Array) -> str:
    least, most = show_apart(float(total.min()), float(total.max()))
    return f"the sum of e^−L runs from {least} to {most}"


def _predictions(samples: Samples) -> Array:
    low, high = samples.activation.lower, samples.activation.upper
    low, high = max(low, samples.loss.predictions[0]), min(high, samples.loss.predictions[1])
    return np.array([v for v in _PREDICTIONS if low < v < high])


def _count(samples: Samples) -> Property:
    v = _predictions(samples)
    mass = np.array([np.exp(-energies(samples.loss, samples.params, v, float(y))) for y in range(_COUNTS)])
    total = mass.sum(axis=0)
    factorials = np.array([math.lgamma(y + 1) for y in range(_COUNTS)])[:, None]
    h = ""
    if np.ptp(total) > AGREES * total.max():
        mass, h = mass * np.exp(-factorials), "/y!"
        total = mass.sum(axis=0)
    if not np.isfinite(total).all() or np.ptp(total) > AGREES * total.max():
        return undecided(f"over the counts {_spread(total)}, and no h(y) is known that makes it constant")
    poisson = np.exp(np.arange(_COUNTS)[:, None] * np.log(v) - v - factorials)
    name = "Poisson" if np.allclose(mass / total, poisson, rtol=0, atol=AGREES) else "unnamed"
    return Property(name, f"Σ e^−L{h} over the counts is {show(float(total[0]))} whatever v: rate v", AGREES)


def _location(samples: Samples) -> Property:
    def energy(u: Array) -> Array:
        return energies(samples.loss, samples.params, -u, 0.0)

    total = location_normaliser(energy)
    if math.isinf(total):
        return Property("none", "on the reals e^−L has no finite integral", AGREES)
    name, parameters = _family(energy)
    _, one, zero = _both(samples)
    classes = one + zero
    text = f"on the reals ∫ e^−L dy = {show(total)} whatever v: {parameters}"
    if np.ptp(classes) > AGREES * classes.max():
        text += f"; on {{0, 1}} none, {_spread(classes)}"
    return Property(name, text, AGREES)


def _family(energy: Callable[[Array], Array]) -> tuple[str, str]:
    """The name of a location family, u = y − v, with its parameters in words."""
    unit = label_unit(energy)
    base = float(energy(np.zeros(1))[0])
    # energies and not densities are compared: far out they differ where both densities are 0
    u = unit * np.concatenate([np.exp2(_WIDE), [0.3, 1.7, 3.3, 5.2]])
    up, down = energy(u) - base, energy(-u) - base
    room = ROUNDING * abs(base)

    def fits(right: Array, left: Array) -> bool:
        return bool(np.allclose(up, right, rtol=1e-7, atol=room) and np.allclose(down, left, rtol=1e-7, atol=room))

    at = int(np.flatnonzero(_WIDE == 0)[0])
    k = float(up[at]) / unit**2
    if fits(k * u**2, k * u**2):
        return "Gaussian", f"mean v, variance {show(1 / (2 * k))}"
    a, b = (float(side[at]) / unit for side in (up, down))
    if fits(a * u, b * u):
        if math.isclose(a, b, rel_tol=1e-9):
            return "Laplace", f"median v, scale {show(1 / a)}"
        return (
            "asymmetric Laplace",
            f"rates {show(b)} below v and {show(a)} above: v is the {show(a / (a + b))} quantile",
        )
    shape = huber_shape(energy)
    if shape is not None:
        corner = tidy(shape.corner * (1 - 1e-9), shape.corner * (1 + 1e-9))
        return "Huber", f"Gaussian within {show(corner)} of v, exponential tails of rate {show(shape.slope)} beyond"
    far = unit * np.exp2(_WIDE[-2:])
    slope = float(np.diff(energy(far))[0] / np.diff(far)[0])
    # A·ln cosh(u/w): slope A/w far, curvature A/w² at the centre
    for count, name in ((1, "hyperbolic secant"), (2, "logistic")):
        w = count / slope
        size = u / w
        log_cosh = count * (size + np.log1p(np.exp(-2 * size)) - math.log(2))
        small = size < 1
        log_cosh[small] = count * np.log1p(2 * np.sinh(size[small] / 2) ** 2)
        if fits(log_cosh, log_cosh):
            return name, f"centre v, scale {show(w / count)}"
    return "unnamed", "a density about v without a name here"
