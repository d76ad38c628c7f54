"""Which loss behind which activation an objective is nearest to, at a scale of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from lossterm.checking.exact import Candidate, Exact, exact, readings_of
from lossterm.checking.grid import NEAR
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import LOSSES, Loss, Parameter
from lossterm.core.losses.labels import Family

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.checking.faults import Mask

SAME = 1e-6
"""A difference counts from here on, in the largest exact number."""

NATURAL = ("identity", "sigmoid", "exp")
"""Activations behind which losses are usual: there their parameters are sought too."""

USUAL: dict[str, tuple[float, ...]] = {
    "gamma": (0.5, 1.0, 1.5, 3.0, 5.0),
    "alpha": (0.25, 0.5, 0.75),
    "delta": (0.5, 1.35, 2.0, 5.0),
    "beta": (0.3, 0.5, 2.0, 5.0),
    "tau": (0.1, 0.25, 0.75, 0.9),
    "power": (1.1, 1.3, 1.7, 1.9),
    "pos_weight": (0.1, 3.0, 10.0),
    "q": (0.3, 0.5, 1.0),
}
"""Values of parameters that are tried first; of others multiples of where they start."""

FEWEST = 6
"""Rows that are compared at least."""

ENOUGH = 1.2
"""The cost of what needs no other explanation: parameters are fitted only where nothing is so cheap."""

FAR = 0.6
"""A mean difference at the first label from which on a candidate is none, whatever it is at the others."""

SHORT = 12
"""How many of the nearest have their parameters fitted."""


@dataclass(frozen=True, eq=False)
class Gradients:
    """What an objective gave at rows.

    Attributes:
        name: of the labels.
        z: the scores.
        y: the labels.
        g: the gradient.
        h: the Hessian.
        value: the loss; None where it gave none, or one number for all rows.
    """

    name: str
    z: Array
    y: Array
    g: Array
    h: Array
    value: Array | None = None

    @property
    def near(self) -> Mask:
        """The rows that are compared with each other."""
        return np.abs(self.z) <= NEAR

    def part(self, rows: Mask | NDArray[np.intp]) -> Gradients:
        """Some of the rows."""
        return Gradients(self.name, self.z[rows], self.y[rows], self.g[rows], self.h[rows])


@dataclass(frozen=True, eq=False)
class Likeness:
    """How near a candidate is.

    Attributes:
        candidate: what was compared.
        given: with what.
        numbers: the exact ones at its rows.
        scale: by what the exact gradient is to be multiplied.
        distance: the largest difference of the gradients near 0, in the largest exact one.
        mean: the mean difference, in the mean.
        hessian: as `distance`, of the Hessian at the same scale.
    """

    candidate: Candidate
    given: Gradients
    numbers: Exact
    scale: float
    distance: float
    mean: float
    hessian: float

    @property
    def cost(self) -> float:
        """How much has to be supposed for it: what the objective is taken for is what costs the least."""
        changed = self.candidate.params != tuple(self.candidate.loss.defaults.items())
        plain = 0.0 if self.candidate.activation.id in NATURAL else 0.2
        small = 0.1 * changed + plain
        if self.distance > SAME:
            return 100 + 100 * min(self.mean, 100.0) + small + 2 * (self.candidate.reading != "logit")
        misread = {"logit": 0.0, "prediction": 2.0, "raw": 2.0, "raw-prediction": 2.5}[self.candidate.reading]
        scaled = 0.0 if abs(self.scale - 1) < SAME else 2.0 if abs(abs(self.scale) - 1) < SAME else 2.2
        h = self.given.h
        constant = float(np.ptp(h[np.isfinite(h)])) == 0 if np.isfinite(h).any() else False
        bent = 0.0 if self.hessian <= SAME else 1.0 if constant else 2.5
        return misread + scaled + bent + small


def fitted(candidate: Candidate, given: Gradients) -> Likeness | None:
    """A candidate at the scale at which it is nearest; None where it has no numbers to compare."""
    numbers = exact(candidate, given.z, given.y)
    known = np.isfinite(numbers.g) & given.near & np.isfinite(given.g)
    if known.sum() < FEWEST:
        return None
    found, right = given.g[known], numbers.g[known]
    most = float(np.abs(right).max())
    if most == 0 or len(np.unique(given.y[known])) < len(np.unique(given.y)):
        return None
    telling = np.abs(right) > 1e-3 * most
    with np.errstate(all="ignore"):
        scale = float(np.median(found[telling] / right[telling]))
        if not np.isfinite(scale) or scale == 0:
            return None
        gap = np.abs(found - scale * right)
        distance = float(gap.max() / (abs(scale) * most))
        mean = float(gap.mean() / max(float(np.abs(found).mean()), 1e-300))
    # the median scale has the rounding of one row
    for plain in (1.0, -1.0, 2.0, 0.5, -2.0, -0.5):
        if abs(scale / plain - 1) < 1e-9:
            scale = plain
    return Likeness(candidate, given, numbers, scale, distance, mean, hessian_distance(numbers.h, scale, given))


def hessian_distance(right: Array, scale: float, given: Gradients) -> float:
    """The largest difference of the Hessians near 0, in the largest exact one."""
    known = np.isfinite(right) & given.near
    if not known.any():
        return np.inf
    with np.errstate(all="ignore"):
        gap = np.abs(given.h[known] - scale * right[known])
    most = abs(scale) * float(np.abs(right[known]).max())
    if not np.isfinite(gap).all():
        return float("inf")
    return float(gap.max()) / most if most else (0.0 if gap.max() == 0 else float("inf"))


def candidates(
    losses: Sequence[Loss] | None = None,
    activations: Sequence[Activation] | None = None,
    fixed: tuple[tuple[str, float | None], ...] | None = None,
) -> Iterator[Candidate]:
    """Every loss behind every activation, with usual parameters.

    Args:
        losses: which; all where nothing is said.
        activations: which; all where nothing is said.
        fixed: the parameters of the one loss; None for usual ones.
    """
    for loss in LOSSES.values() if losses is None else losses:
        for activation in ACTIVATIONS.values() if activations is None else activations:
            if activations is None and not _is_usual(loss, activation):
                continue
            for params in [fixed] if fixed is not None else usual_parameters(loss, activation):
                for reading in readings_of(loss, activation):
                    yield Candidate(loss, params, activation, reading)


def _is_usual(loss: Loss, activation: Activation) -> bool:
    # of a probability what gives one; of values and margins any; of the other families where they are at home
    if loss.family is Family.PROBABILITY:
        return activation.is_probability
    return loss.family in (Family.VALUE, Family.MARGIN) or activation.id == loss.home.activation


def usual_parameters(loss: Loss, activation: Activation) -> list[tuple[tuple[str, float | None], ...]]:
    """The parameters that are tried: where they start, and one or two changed."""
    start = tuple(loss.defaults.items())
    if activation.id not in NATURAL:
        return [start]
    values = {p.name: [p.default, *_tried(p)] for p in loss.parameters}
    if len(values) > 1 and np.prod([len(v) for v in values.values()]) <= 24:
        return [tuple(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    changed = [tuple((n, v if n == name else d) for n, d in start) for name, vs in values.items() for v in vs[1:]]
    return [start, *changed]


def _tried(parameter: Parameter) -> list[float]:
    start = parameter.default
    usual = USUAL.get(parameter.name) or ([] if start is None else [0.5 * start, 2 * start])
    return [v for v in usual if v != start and _within(parameter, v)]


def _within(parameter: Parameter, value: float | None) -> bool:
    try:
        parameter.check(value)
    except ValueError:
        return False
    return True


def nearest(sets: Sequence[Gradients], among: Sequence[Candidate], *, fixed: bool = False) -> Likeness | None:
    """The candidate that costs the least to suppose.

    Args:
        sets: what the objective gave, by the labels.
        among: what is compared.
        fixed: whether parameters stay as they are.
    """
    few = {given.name: given.part(_few(given)) for given in sets}
    fewer = {name: part.part(part.y == part.y[-1]) for name, part in few.items()}
    ranked: list[tuple[float, int, Candidate]] = []
    for number, candidate in enumerate(among):
        given = _set_of(candidate, sets)
        if given is None:
            continue
        first = fitted(candidate, fewer[given.name])
        rough = fitted(candidate, few[given.name]) if first is not None and first.mean < FAR else None
        if rough is not None:
            ranked.append((rough.cost, number, candidate))
    ranked.sort(key=lambda one: one[:2])
    best: Likeness | None = None
    loose = []
    for _, _, candidate in _apart(ranked):
        given = _set_of(candidate, sets)
        assert given is not None
        one = fitted(candidate, given)
        if one is not None:
            loose += [one] if one.distance > SAME and candidate.loss.parameters and not fixed else []
            best = one if best is None or one.cost < best.cost - 1e-9 else best
    for one in loose if best is None or best.cost > ENOUGH else ():
        tuned = _tuned(one)
        if best is None or tuned.cost < best.cost - 1e-9:
            best = tuned
        if best.cost <= ENOUGH:
            break
    return best


def _apart(ranked: Sequence[tuple[float, int, Candidate]]) -> list[tuple[float, int, Candidate]]:
    # the nearest, no loss with more than two of its settings
    kept: list[tuple[float, int, Candidate]] = []
    for one in ranked:
        same = [k for k in kept if k[2].loss is one[2].loss and k[2].activation is one[2].activation
                and k[2].reading == one[2].reading]  # fmt: skip
        if len(same) < 2:
            kept.append(one)
        if len(kept) >= SHORT:
            break
    return kept


def _few(given: Gradients) -> NDArray[np.intp]:
    # of the rows near 0 every fifth, and of those between 0 and 1 every third
    rows = np.flatnonzero(given.near)
    inside = (given.z[rows] > 0) & (given.z[rows] < 1)
    kept = np.where(inside, np.arange(rows.size) % 3 == 0, np.arange(rows.size) % 5 == 0)
    few: NDArray[np.intp] = rows[kept]
    return few


def _set_of(candidate: Candidate, sets: Sequence[Gradients]) -> Gradients | None:
    """The labels by which a candidate is told: 0 and 1, where its loss takes them."""
    for given in sets:
        if all(candidate.accepts(float(label)) for label in np.unique(given.y)):
            return given
    return None


def _tuned(fit: Likeness) -> Likeness:
    """The same loss with the parameters at which it is nearest: by steps that are halved."""
    parameters = [p for p in fit.candidate.loss.parameters if dict(fit.candidate.params)[p.name] is not None]
    rows = fit.given.part(_few(fit.given))
    best = fitted(fit.candidate, rows) or fit
    steps = {p.name: 0.25 * max(abs(dict(best.candidate.params)[p.name] or 0.0), 0.1) for p in parameters}
    for _ in range(34):
        moved = False
        for p, side in product(parameters, (1, -1)):
            value = dict(best.candidate.params)[p.name]
            assert value is not None
            changed = value + side * steps[p.name]
            other = fitted(_with(best.candidate, p.name, changed), rows) if _within(p, changed) else None
            if other is not None and other.mean < best.mean:
                best, moved = other, True
        if not moved:
            if best.mean > 0.2 and max(steps.values(), default=0) < 0.02:
                break  # it is none of this loss
            steps = {name: step / 2 for name, step in steps.items()}
    for digits in (1, 2, 3, 4, 6):  # a person writes a short number
        short = tuple((n, v if v is None else float(f"{v:.{digits}g}")) for n, v in best.candidate.params)
        if all(_within(p, dict(short)[p.name]) for p in parameters):
            rounded = fitted(replace(best.candidate, params=short), fit.given)
            if rounded is not None and rounded.distance <= SAME:
                return rounded
    full = fitted(best.candidate, fit.given)
    return full if full is not None and full.mean < fit.mean else fit


def _with(candidate: Candidate, name: str, value: float) -> Candidate:
    return replace(candidate, params=tuple((n, value if n == name else v) for n, v in candidate.params))
