"""Of which density each shown loss is −log, at the prediction under the cursor: in numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.losses.risk import Density, density
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import beyond, significant, trimmed
from lossterm.core.properties.likelihood import Domain, domain, energies, is_location, label_unit, likelihood
from lossterm.core.properties.sampling import Samples
from lossterm.curves.titles import prediction_letter
from lossterm.curves.view import View

EXTREME = 709.0
"""The exponential of what is further from 0 may be no double."""

_SUMMED = 200.0
"""The largest rate whose counts are summed one by one; beyond it a likelihood's own constant is taken."""
_AGREES = 1e-7
_BESIDE = 30
"""Counts that are looked at on each side of a large rate."""


@dataclass(frozen=True)
class DensityFamily:
    """What is known of a loss's density whatever the prediction is.

    Attributes:
        name: "Gaussian" and so on; "none" where no normaliser is constant, "" where that is not decided.
        where: the labels that the density is over; None where there are none.
        location: whether the loss sees the residual alone.
        log_normaliser: ln Z of Z = Σ or ∫ e^−L, where it is the same for all predictions; else nan.
        unit: over what distance between label and prediction the loss rises by one, on the reals.
        rise: what the loss of a residual of 1 is above that of 0, on the reals.
    """

    name: str
    where: Domain | None
    location: bool
    log_normaliser: float
    unit: float
    rise: float

    @property
    def is_likelihood(self) -> bool:
        """Whether the loss is −log of it, up to a constant."""
        return self.name not in ("none", "") and math.isfinite(self.log_normaliser)


@dataclass(frozen=True, eq=False)
class LabelDensity:
    """The density of one shown loss at one prediction.

    Attributes:
        letter: of its curve.
        ink: of its curve.
        loss: the loss itself.
        params: all its parameters.
        family: what is known of it whatever the prediction is.
        prediction: v.
        log_normaliser: ln Z at this prediction; nan where there is no density.
        labels: the labels that have a probability; not needed of a density that sees the residual alone.
        masses: the probability of each.
        problem: why there is no density, or nothing.
    """

    letter: str
    ink: int
    loss: Loss
    params: tuple[tuple[str, float | None], ...]
    family: DensityFamily
    prediction: float
    log_normaliser: float
    labels: Array
    masses: Array
    problem: str

    @property
    def is_real(self) -> bool:
        """Whether it is a density over the reals."""
        return not self.problem and self.family.where is Domain.REAL

    def at(self, labels: Array) -> Array:
        """e^−L/Z at labels, any shape; nan for labels that it is not over."""
        y = np.asarray(labels, dtype=float)
        if self.problem:
            return np.full(y.shape, math.nan)
        with np.errstate(all="ignore"):
            if self.family.location:
                return np.exp(-energies(self.loss, dict(self.params), self.prediction - y, 0.0) - self.log_normaliser)
            if self.is_real:
                return np.asarray(np.interp(y, self.labels, self.masses))
            place = np.searchsorted(self.labels, y).clip(0, self.labels.size - 1)
            return np.where(self.labels[place] == y, self.masses[place], math.nan)


@lru_cache(maxsize=512)
def family_of(loss: Loss, params: tuple[tuple[str, float | None], ...], activation: str) -> DensityFamily:
    """What is known of a loss's density behind an activation; a few milliseconds when first asked for."""
    entry, settings = loss, dict(params)
    found = likelihood(Samples(entry, settings, activation, (1.0, 0.0)))
    name = str(found.value) if found.value is not None else ""
    where = domain(entry)
    with np.errstate(all="ignore"):
        location = where is Domain.REAL and is_location(entry, settings)
        unit = rise = math.nan
        if location:
            unit = label_unit(lambda u: energies(entry, settings, -u, 0.0))
            rise = float(np.diff(energies(entry, settings, np.array([0.0, 1.0]), 0.0))[0])
    return DensityFamily(name, where, location, _constant(entry, settings, activation, name), unit, rise)


def _constant(entry: Loss, params: dict[str, float | None], activation: str, name: str) -> float:
    # ln Z where it is the same at two predictions: a family that needs weights of its own for the labels has none
    found: list[float] = []
    for prediction in (0.25, 0.75):
        try:
            found.append(density(entry, params, activation, prediction).normaliser)
        except ValueError:
            return math.nan
    if name in ("none", "") or abs(found[0] - found[1]) > _AGREES * found[0]:
        return math.nan
    constant = math.log(found[0])
    return 0.0 if abs(constant) < _AGREES else constant


def label_densities(view: View, prediction: float) -> tuple[LabelDensity, ...]:
    """The density of each shown loss, in the order of their letters.

    Args:
        view: what to look at; its label has no say.
        prediction: v, the same for all.
    """
    return tuple(_one(view, index, letter, prediction) for index, letter in view.letters.items())


def _one(view: View, index: int, letter: str, prediction: float) -> LabelDensity:
    row = view.rows[index]
    family = family_of(row.entry, row.params, view.activation)
    nothing = np.empty(0)
    log_normaliser, labels, masses, problem = math.nan, nothing, nothing, ""
    try:
        if family.location and math.isfinite(prediction) and math.isfinite(family.log_normaliser):
            log_normaliser = family.log_normaliser  # the same at every prediction: nothing to integrate again
        else:
            found = _found(row.entry, dict(row.params), view.activation, prediction, family)
            log_normaliser, labels, masses = math.log(found.normaliser), found.labels, found.density
    except ValueError:
        problem = _problem(view, row.entry, family, prediction)
    return LabelDensity(letter, ord(letter) - ord("a"), row.entry, row.params, family, prediction,
                        log_normaliser, labels, masses, problem)  # fmt: skip


def _problem(view: View, entry: Loss, family: DensityFamily, prediction: float) -> str:
    if family.where is None:
        return "no density: its labels are neither classes, reals nor counts"
    here = f"no density over {family.where.value} at {prediction_letter(view)} = {significant(prediction)}"
    low, high = entry.predictions
    if not low <= prediction <= high:
        return f"{here}: its predictions are between {trimmed(low)} and {trimmed(high)}"
    if family.where is Domain.COUNT and prediction > _SUMMED:
        return f"{here}: too many counts to sum"
    return f"{here}: e^−L has no finite sum there"


def _found(
    entry: Loss, params: dict[str, float | None], activation: str, prediction: float, family: DensityFamily
) -> Density:
    if not math.isfinite(prediction):
        raise ValueError("an infinite or undefined prediction")
    if family.where is not Domain.COUNT or prediction <= _SUMMED:
        return density(entry, params, activation, prediction)
    if not family.is_likelihood or prediction > 2.0**50:
        raise ValueError("too many counts to sum")
    step = max(1.0, np.floor(5 * math.sqrt(prediction) / _BESIDE))
    labels = np.floor(prediction) + step * np.arange(-_BESIDE, _BESIDE + 1.0)
    at = np.array([prediction])
    mass = np.exp(-np.array([energies(entry, params, at, float(y))[0] for y in labels]) - family.log_normaliser)
    return Density(Domain.COUNT, labels, mass, math.exp(family.log_normaliser))


def density_numbers(
    member: LabelDensity, label: float, found: tuple[Reading, Objective] | None, form: Callable[[float], str]
) -> tuple[str, str, str, str]:
    """L, ln Z, −ln f and f of a label in words; what is beyond the doubles is told so, and not as 0 or ∞.

    Args:
        member: the density f.
        label: y; nan for none.
        found: the loss's numbers at the prediction, for this label, and what they are of; None where it has none.
        form: how a number is written.
    """
    if found is None:
        return form(math.nan), form(member.log_normaliser), form(math.nan), form(math.nan)
    (loss, objective), normaliser = found, member.log_normaliser
    height = float(member.at(np.array(label)))
    value = surroundings(objective).text("value", loss, form)
    energy = form(loss.value + normaliser if height == height else math.nan)
    if height == height and not normaliser:
        energy = value
    exact = math.isinf(loss.value) and value == form(loss.value)
    return value, form(normaliser), energy, beyond(1.0, over=False) if height == 0 and not exact else form(height)


# ---- in words ------------------------------------------------------------------------------------------------------


def family_name(member: LabelDensity) -> str:
    """The family with its width: ``Gaussian σ² = ½``."""
    family = member.family
    if member.problem:
        return "no density here"
    if not family.is_likelihood:
        return "no likelihood" if family.name else "not decided"
    return " ".join(filter(None, (family.name, _width(family))))


def _width(family: DensityFamily) -> str:
    if family.name == "Gaussian":
        return _spread(1 / (2 * family.rise))
    return f"scale {trimmed(1 / family.rise)}" if family.name == "Laplace" else ""


def _spread(variance: float) -> str:
    if math.isclose(variance, 0.5):
        return "σ² = ½"
    return f"σ = {trimmed(math.sqrt(variance))}"


def energy_text(member: LabelDensity) -> str:
    """−ln of the density through the loss: ``½r² + 0.9189``; r is the residual v − y."""
    family = member.family
    if family.log_normaliser == 0:
        return "L, no constant"
    formula = "L"
    if member.loss.id in ("squared-error", "half-squared-error"):
        formula = "r²" if math.isclose(family.rise, 1.0) else "½r²"
    elif member.loss.id == "absolute-error":
        formula = "|r|"
    sign = "+" if family.log_normaliser > 0 else "−"
    return f"{formula} {sign} {abs(family.log_normaliser):.4f}"


def sentence(view: View, member: LabelDensity) -> str:
    """What a loss says of the label's distribution: ``Gaussian, σ = 1: −ln density = ½r² + 0.9189``."""
    family = member.family
    if member.problem:
        return member.problem
    if family.is_likelihood:
        what = "density" if member.is_real else "probability"
        name = ", ".join(filter(None, (family.name, _width(family))))
        return f"{name}: −ln {what} = {energy_text(member)}"
    letter = prediction_letter(view)
    total = "integrate" if family.where is Domain.REAL else "sum"
    if family.name == "none":
        power = member.log_normaliser
        here = significant(math.exp(power)) if abs(power) < EXTREME else beyond(1.0, over=power > 0)
        return f"e^−L does not {total} to the same for all {letter} (here {here}): no likelihood"
    return f"e^−L: whether it {total}s to the same for all {letter} is not known"


def relation(view: View, members: Sequence[LabelDensity]) -> str:
    """How two Gaussians of different widths are one residual weighed twice; nothing where there are none."""
    bells: dict[float, LabelDensity] = {}
    for member in members:
        if member.is_real and member.family.name == "Gaussian":
            bells.setdefault(round(member.family.rise, 9), member)
    if len(bells) < 2:
        return ""
    residual = members[0].prediction - view.target
    weighed = " · ".join(
        f"{m.letter} {_coefficient(c)}r² = {significant(c * residual**2)} ({_spread(1 / (2 * c))})"
        for c, m in sorted(bells.items())
    )
    return f"r = {prediction_letter(view)} − y = {significant(residual)}: {weighed}"


def _coefficient(c: float) -> str:
    return "½" if math.isclose(c, 0.5) else "" if math.isclose(c, 1.0) else trimmed(c)
