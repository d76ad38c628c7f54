"""The loss when the label is random: what is expected of it, where that is least, and the density e^−L stands for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from lossterm.core.jets import Array, times
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.labels import number, smoothed
from lossterm.core.losses.objective import Evaluation, composed, evaluate_at
from lossterm.core.properties.likelihood import Domain, domain, energies, is_location, label_unit, location_normaliser
from lossterm.core.properties.minima import Minimum, local_minima, lowest, risk_weights
from lossterm.core.properties.sampling import Samples

_OF_LOSS = ("value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")
_SPREAD = 6.0


@dataclass(frozen=True, eq=False)
class Density:
    """A density over labels, given one prediction: e^−L divided by what it sums to.

    Attributes:
        domain: the labels it is over.
        labels: labels in order; all that matter of the counts, an even grid over the reals.
        density: the probability of each, or the density there.
        normaliser: the sum or the integral of e^−L at this prediction.
    """

    domain: Domain
    labels: Array
    density: Array
    normaliser: float


def expected_loss(
    loss: Loss,
    params: Params,
    activation: Activation | str,
    eta: float,
    logits: ArrayLike,
    *,
    smoothing: float = 0.0,
) -> Evaluation:
    """ηL(v, 1) + (1 − η)L(v, 0), with its derivatives: the loss a prediction v expects when P(y = 1) is η.

    Args:
        loss: the loss.
        params: all its parameters (`Loss.complete`).
        activation: the activation or its id.
        eta: the true probability of class 1.
        logits: points, any shape.
        smoothing: label smoothing, which moves both labels before the loss sees them.

    Returns:
        The same fields as for one label; a label that never occurs has no say, even where its loss is ∞.

    Raises:
        ValueError: η outside [0, 1], or a smoothing this loss cannot take.
    """
    positive, negative = _labels(loss, eta, smoothing)
    one, zero = (evaluate_at(loss, params, label, activation, logits) for label in (positive, negative))
    parts = {f.name: getattr(one, f.name) for f in fields(Evaluation)}
    with np.errstate(all="ignore"):
        for name in _OF_LOSS:
            parts[name] = _weighed(eta, getattr(one, name)) + _weighed(1 - eta, getattr(zero, name))
    return Evaluation(**parts)


def risk_minima(
    loss: Loss, params: Params, activation: Activation | str, etas: Sequence[float], *, smoothing: float = 0.0
) -> list[list[Minimum]]:
    """For each η the predictions with the least expected loss: one, several that tie, or a stretch of them.

    Raises:
        ValueError: as in `expected_loss`.
    """
    labels = [_labels(loss, eta, smoothing) for eta in etas]
    if not labels:
        return []
    positive, negative = labels[0]
    samples = Samples(loss, params, activation, (positive, negative))
    weights = risk_weights(samples, np.array(etas, dtype=float), positive, negative)
    return [lowest(minima) for minima in local_minima(samples, weights)]


Pairs = tuple[tuple[str, float | None], ...]
"""All parameters of a loss, so that they can be a key."""


@lru_cache(maxsize=64)
def best_prediction(loss: Loss, params: Pairs, activation: str, eta: float, smoothing: float = 0.0) -> Minimum | None:
    """Where the expected loss at η is least: the first of what ties; None where the labels mean nothing to the loss."""
    try:
        (minima,) = risk_minima(loss, dict(params), activation, [eta], smoothing=smoothing)
    except ValueError:  # a smoothed label, where only 0 and 1 have a meaning
        return None
    return minima[0] if len(minima) else None


def least_risk(loss: Loss, params: Pairs, activation: str, eta: float, smoothing: float = 0.0) -> float:
    """The least expected loss at η that any prediction has; nan where there is none, or the labels mean nothing to it.

    What a prediction's risk exceeds it by is all that a better prediction can gain: of the log loss the entropy of η is
    left and KL(η‖p) is the excess, of squared error η(1−η) and (p−η)².
    """
    best = best_prediction(loss, params, activation, eta, smoothing)
    return math.nan if best is None else best.value


def density(loss: Loss, params: Params, activation: Activation | str, prediction: float, count: int = 241) -> Density:
    """The density over labels of which the loss is −log, up to a constant, for one prediction.

    It exists for every loss whose e^−L can be summed; it is a likelihood only if the normaliser is the same for all
    predictions (the property ``likelihood`` tells).

    Args:
        loss: the loss.
        params: all its parameters (`Loss.complete`).
        activation: where the prediction comes from; the zero-one loss takes its threshold.
        prediction: v.
        count: how many labels of the reals to show.

    Raises:
        ValueError: no density: the prediction is outside the loss's domain, or e^−L has no finite sum.
    """
    where, v = domain(loss), np.array([prediction])
    if where is None:
        raise ValueError(f"{loss.id}: its labels are neither classes, reals nor counts")
    with np.errstate(all="ignore"):
        if where is Domain.REAL:
            labels, mass, total = _over_reals(loss, params, prediction, count)
        else:
            labels = np.arange(2.0 if where is Domain.BINARY else float(_counts(prediction)))
            mass = np.exp(-np.array([_energy(loss, params, activation, v, y) for y in labels]))
            total = float(mass.sum())
    if not (math.isfinite(total) and total > 0):
        raise ValueError(f"{loss.id} has no density over {where.value} at a prediction of {number(prediction)}")
    return Density(where, labels, mass / total, total)


def _labels(loss: Loss, eta: float, smoothing: float) -> tuple[float, float]:
    if not 0 <= eta <= 1:
        raise ValueError(f"the probability η must be between 0 and 1, not {number(eta)}")
    positive, negative = smoothed(1.0, smoothing), smoothed(0.0, smoothing)
    for label in (positive, negative):
        problem = loss.label_problem(label)
        if problem:
            raise ValueError(problem)
    return positive, negative


def _weighed(weight: float, part: Array) -> Array:
    return np.zeros_like(part) if weight == 0 else times(weight, part)


def _energy(loss: Loss, params: Params, activation: Activation | str, v: Array, label: float) -> float:
    # the prediction itself, as exact as it is given, judged as the activation's
    found = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    return float(composed(loss, params, label, found, ACTIVATIONS["identity"].jet(v).at_order(0)).value[0])


def _counts(prediction: float) -> int:
    # enough of the counts for a Poisson of this rate: the rest weighs less than 1e-9
    return math.ceil(prediction + 8 * math.sqrt(max(prediction, 0.0)) + 20)


def _over_reals(loss: Loss, params: Params, prediction: float, count: int) -> tuple[Array, Array, float]:
    location = is_location(loss, params)

    def energy(u: Array) -> Array:
        if location:
            return energies(loss, params, -u, 0.0)
        v = np.array([prediction])
        return np.array([energies(loss, params, v, prediction + float(step))[0] for step in u.flat]).reshape(u.shape)

    labels = prediction + label_unit(energy) * np.linspace(-_SPREAD, _SPREAD, count)
    return labels, np.exp(-energy(labels - prediction)), location_normaliser(energy)
