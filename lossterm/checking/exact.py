"""The exact numbers that an objective may have meant: a loss behind an activation, and how it may have been misread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.labels import Family
from lossterm.core.losses.objective import Evaluation, Objective, evaluate_at

READINGS = ("logit", "prediction", "raw", "raw-prediction")
"""By what is differentiated: the score; the prediction; and the same where the score is taken for the prediction."""

RAW = ("sigmoid", "exp")
"""Activations that are forgotten: a score is taken for a probability, or for a rate."""


@dataclass(frozen=True)
class Candidate:
    """What an objective may have meant.

    Attributes:
        loss: the loss.
        params: all its parameters.
        activation: what it is behind.
        reading: one of `READINGS`.
    """

    loss: Loss
    params: tuple[tuple[str, float | None], ...]
    activation: Activation
    reading: str = "logit"

    def accepts(self, label: float) -> bool:
        """Whether the loss takes a label."""
        return self.loss.label_problem(label) is None

    def objective(self, label: float) -> Objective:
        """The loss behind the activation for a label."""
        return Objective(self.loss, self.params, label, self.activation)

    def with_reading(self, reading: str) -> Candidate:
        """The same loss, read in another way."""
        return replace(self, reading=reading)


@dataclass(frozen=True, eq=False)
class Exact:
    """Exact numbers at rows: nan where a reading has none.

    Attributes:
        value: L.
        g: the gradient as it is read.
        h: the Hessian as it is read.
        gauss_newton: ∂²L/∂v²·(∂v/∂z)².
    """

    value: Array
    g: Array
    h: Array
    gauss_newton: Array


def exact(candidate: Candidate, z: Array, y: Array) -> Exact:
    """The numbers of a candidate at rows of scores and labels."""
    parts = [np.full(z.shape, np.nan) for _ in range(4)]
    for label in np.unique(y):
        rows = y == label
        found = _of_label(candidate, z[rows], float(label))
        for part, values in zip(parts, found, strict=True):
            part[rows] = values
    return Exact(*parts)


def _of_label(candidate: Candidate, z: Array, label: float) -> tuple[Array, Array, Array, Array]:
    raw = candidate.reading.startswith("raw")
    with np.errstate(all="ignore"):
        at = candidate.activation.inverse(z) if raw else z
    e = evaluation(candidate, label, at)
    with np.errstate(all="ignore"):
        newton = e.d2_prediction * e.d_activation**2
    if candidate.reading in ("logit", "raw"):
        return e.value, e.d_logit, e.d2_logit, newton
    return e.value, e.d_prediction, e.d2_prediction, e.d2_prediction


_REMEMBERED: dict[tuple[object, ...], Evaluation] = {}
_MOST_REMEMBERED = 4096


def evaluation(candidate: Candidate, label: float, z: Array) -> Evaluation:
    """A loss at scores, which several readings share."""
    key = (*candidate.objective(label).key, z.tobytes())
    if key not in _REMEMBERED:
        if len(_REMEMBERED) >= _MOST_REMEMBERED:
            _REMEMBERED.clear()
        _REMEMBERED[key] = evaluate_at(candidate.loss, dict(candidate.params), label, candidate.activation, z)
    return _REMEMBERED[key]


def readings_of(loss: Loss, activation: Activation) -> tuple[str, ...]:
    """The readings of a loss behind an activation that differ from those of another one."""
    if activation.id == "identity":
        return ("logit",)
    if activation.id not in RAW:
        return ("logit", "prediction")
    # by a value itself it is what it is behind the identity
    return READINGS if loss.family is Family.PROBABILITY else READINGS[:3]
