"""Recalibrations: maps of predictions to better ones, fitted to rows, applied to others.

A map is made of plain numbers, so that it can be written down and applied anywhere. With z the logit, p = σ(z):

- T: σ(z/T); of K classes softmax(z/T), z = ln p of probabilities.
- platt: σ(az + b).
- beta: σ(a ln p − b ln(1 − p) + c), a, b ≥ 0.
- isotonic: the rising steps that pooling adjacent violators gives, on p (on z of a file of logits), on the line
  between two steps, level beyond the ends; it can be exactly 0 or 1.
- vector, of K classes: softmax(s_k z_k + b_k).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.beta import fit_beta
from lossterm.core.statistics.clip import Clip
from lossterm.core.statistics.criterion import logarithms
from lossterm.core.statistics.examples import Kind
from lossterm.core.statistics.isotonic import isotonic
from lossterm.core.statistics.platt import CERTAIN_RISING, ONE_CLASS, Platt, platt_of
from lossterm.core.statistics.temperature import (
    NO_ROWS,
    WRONG_CERTAINTY,
    Temperature,
    Weighted,
    fit_temperature_classes,
)
from lossterm.core.statistics.vector_scaling import fit_vector
from lossterm.core.statistics.weighted import weighted_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINARY_METHODS = ("T", "platt", "beta", "isotonic")
CLASS_METHODS = ("T", "vector")
METHODS = (*BINARY_METHODS, "vector")

FARTHEST = 1e300
"""What stands for an infinite logit on the x axis of the isotonic steps."""

Parameters: TypeAlias = "Mapping[str, float | tuple[float, ...]]"


@dataclass(frozen=True, eq=False)
class ReadRows:
    """Rows as a recalibration takes them.

    Attributes:
        kind: what the predictions are.
        prediction: as they are read, ``(n,)``, or ``(n, K)``.
        label: in [0, 1], or the index of the class, ``(n,)``.
        weight: ``(n,)``, or None.
    """

    kind: Kind
    prediction: Array
    label: Array
    weight: Array | None = None

    def __len__(self) -> int:
        return len(self.label)

    @property
    def classes(self) -> int:
        """K, or 0 where there is one prediction a row."""
        return self.prediction.shape[1] if self.prediction.ndim == 2 else 0

    def take(self, which: NDArray[np.bool_] | slice) -> ReadRows:
        """Some of them."""
        weight = None if self.weight is None else self.weight[which]
        return ReadRows(self.kind, self.prediction[which], self.label[which], weight)


@dataclass(frozen=True, eq=False)
class Chances:
    """Probabilities with their logarithms, each as exact as it can be.

    Attributes:
        p: of class 1, ``(n,)``, or of each class, ``(n, K)``.
        log_p: its logarithm.
        log_q: that of 1 − p; None of K classes.
    """

    p: Array
    log_p: Array
    log_q: Array | None = None

    def losses(self, label: Array) -> Array:
        """The cross-entropy of each row, ``(n,)``; ∞ where an exact 0 or 1 is wrong."""
        if self.log_q is None:
            own = np.take_along_axis(self.log_p, label.astype(np.intp)[:, None], axis=1)
            return -own[:, 0] + 0.0
        with np.errstate(invalid="ignore"):
            one = np.where(label > 0, -label * self.log_p, 0.0)
            return np.asarray(one + np.where(label < 1, -(1 - label) * self.log_q, 0.0))

    def squares(self, label: Array) -> Array:
        """(p − y)² of each row; of K classes Σ(p_k − t_k)²."""
        if self.log_q is not None:
            return np.asarray((self.p - label) ** 2)
        rest = self.p.copy()
        rest[np.arange(len(label)), label.astype(np.intp)] -= 1.0
        return np.asarray((rest**2).sum(axis=1))

    def clipped(self, clip: Clip | None) -> Chances:
        """As a library would clip them."""
        if clip is None:
            return self
        if clip.log is not None:
            low = clip.log
            log_q = None if self.log_q is None else np.maximum(self.log_q, low)
            return Chances(self.p, np.maximum(self.log_p, low), log_q)
        p = clip.probability(self.p)
        return Chances(p, np.log(p), None if self.log_q is None else np.log1p(-p))


def chances_of(kind: Kind, prediction: Array) -> Chances:
    """What predictions say as they are."""
    if prediction.ndim == 2:
        return _softmax(prediction) if kind == "logit" else _exact(prediction)
    log_p, log_q = logarithms(prediction, prediction if kind == "probability" else None)
    return Chances(prediction if kind == "probability" else np.exp(log_p), log_p, log_q)


def _exact(p: Array) -> Chances:
    with np.errstate(divide="ignore"):
        return Chances(p, np.log(p))


def _softmax(z: Array) -> Chances:
    with np.errstate(invalid="ignore"):
        behind = z - z.max(axis=1, keepdims=True)
        log_p = behind - np.log(np.exp(behind).sum(axis=1, keepdims=True))
    return Chances(np.exp(log_p), log_p)


def logits_of(kind: Kind, prediction: Array) -> Array:
    """z: of probabilities ln p − ln(1 − p), of K classes ln p."""
    if kind == "logit":
        return prediction
    found = chances_of(kind, prediction)
    return found.log_p if found.log_q is None else found.log_p - found.log_q


@dataclass(frozen=True)
class Recalibration:
    """A fitted map.

    Attributes:
        method: one of `METHODS`.
        kind: what predictions it takes.
        classes: K, or 0 where there is one prediction a row.
        parameters: its numbers; none where there is no fit.
        reason: why there is none, else "".
    """

    method: str
    kind: Kind
    classes: int = 0
    parameters: Parameters = field(default_factory=dict)
    reason: str = ""

    @property
    def is_fitted(self) -> bool:
        """Whether it can be applied."""
        return not self.reason

    def __call__(self, prediction: Array) -> Chances:
        """The mended probabilities of predictions of its kind, ``(n,)`` or ``(n, K)``."""
        return _APPLIED[self.method](self, prediction)


def fit(method: str, rows: ReadRows) -> Recalibration:
    """Fit a recalibration.

    Args:
        method: one of `METHODS`.
        rows: what it is fitted to; rows without weight do not count.
    """
    if rows.weight is not None and not rows.weight.all():
        rows = rows.take(rows.weight > 0)
    if not len(rows):
        return Recalibration(method, rows.kind, rows.classes, reason="there are no rows to fit it to")
    if not rows.classes and method != "T" and (rows.label.min() == 1 or rows.label.max() == 0):
        return Recalibration(method, rows.kind, rows.classes, reason=ONE_CLASS)
    parameters, reason = _FITS[method](rows)
    return Recalibration(method, rows.kind, rows.classes, {} if reason else parameters, reason)


def _fit_temperature(rows: ReadRows) -> tuple[Parameters, str]:
    z = logits_of(rows.kind, rows.prediction)
    if rows.classes:
        found = fit_temperature_classes(z, rows.label, rows.weight)
    else:
        found = weighted_temperature(z, rows.label, np.ones(len(rows)) if rows.weight is None else rows.weight)
    return _told(found)


def _told(found: Temperature) -> tuple[Parameters, str]:
    return ({}, found.reason) if found.value is None else ({"T": found.value}, "")


def _fit_platt(rows: ReadRows) -> tuple[Parameters, str]:
    z, y = logits_of(rows.kind, rows.prediction), rows.label
    w = np.ones(len(rows)) if rows.weight is None else rows.weight
    finite = np.isfinite(z)
    if np.any(y[~finite] != (z[~finite] > 0)):
        return {}, WRONG_CERTAINTY
    z, y, w = z[finite], y[finite], w[finite]
    if not z.size:
        return {}, NO_ROWS
    up, down = y > 0, y < 1  # a soft label is two rows that share it
    found: Platt = platt_of(Weighted(z[up], (w * y)[up]), Weighted(z[down], (w * (1 - y))[down]))
    if found.a is None or found.b is None:
        return {}, found.reason
    if not finite.all() and found.a <= 0:
        return {}, CERTAIN_RISING
    return {"a": found.a, "b": found.b}, ""


def _fit_beta(rows: ReadRows) -> tuple[Parameters, str]:
    given = chances_of(rows.kind, rows.prediction)
    assert given.log_q is not None
    found = fit_beta(given.log_p, given.log_q, rows.label, rows.weight)
    return ({}, found.reason) if found.a is None else ({"a": found.a, "b": found.b, "c": found.c}, "")


def _fit_isotonic(rows: ReadRows) -> tuple[Parameters, str]:
    steps = isotonic(_on_axis(rows.kind, rows.prediction), rows.label, rows.weight)
    x = np.stack([steps.low, steps.high], axis=1).reshape(-1)
    y = np.repeat(np.clip(steps.value, 0.0, 1.0), 2)
    new = np.concatenate([[True], x[1:] != x[:-1]])  # a step of one prediction is one knot
    return {"x": tuple(x[new].tolist()), "y": tuple(y[new].tolist())}, ""


def _on_axis(kind: Kind, prediction: Array) -> Array:
    return np.clip(prediction, -FARTHEST, FARTHEST) if kind == "logit" else prediction


def _fit_vector(rows: ReadRows) -> tuple[Parameters, str]:
    found = fit_vector(logits_of(rows.kind, rows.prediction), rows.label, rows.weight)
    if found.scale is None or found.bias is None:
        return {}, found.reason
    return {"scale": tuple(found.scale.tolist()), "bias": tuple(found.bias.tolist())}, ""


_FITS: Mapping[str, Callable[[ReadRows], tuple[Parameters, str]]] = {
    "T": _fit_temperature,
    "platt": _fit_platt,
    "beta": _fit_beta,
    "isotonic": _fit_isotonic,
    "vector": _fit_vector,
}


def _number(fitted: Recalibration, name: str) -> float:
    value = fitted.parameters[name]
    assert not isinstance(value, tuple)
    return float(value)


def _of_logit(m: Array) -> Chances:
    log_p, log_q = logarithms(m)
    t = np.exp(-np.abs(m))
    large = 1 / (1 + t)
    return Chances(np.where(m >= 0, large, t * large), log_p, log_q)


def _apply_temperature(fitted: Recalibration, prediction: Array) -> Chances:
    z = logits_of(fitted.kind, prediction) / _number(fitted, "T")
    return _softmax(z) if prediction.ndim == 2 else _of_logit(z)


def _apply_platt(fitted: Recalibration, prediction: Array) -> Chances:
    return _of_logit(_number(fitted, "a") * logits_of(fitted.kind, prediction) + _number(fitted, "b"))


def _apply_beta(fitted: Recalibration, prediction: Array) -> Chances:
    given = chances_of(fitted.kind, prediction)
    assert given.log_q is not None
    a, b, c = (_number(fitted, name) for name in "abc")
    m = np.full(prediction.shape, c)  # 0 · ∞ is 0: what has no weight says nothing
    m += a * given.log_p if a else 0.0
    m -= b * given.log_q if b else 0.0
    return _of_logit(m)


def _apply_isotonic(fitted: Recalibration, prediction: Array) -> Chances:
    p = np.interp(_on_axis(fitted.kind, prediction), fitted.parameters["x"], fitted.parameters["y"])
    with np.errstate(divide="ignore"):
        return Chances(p, np.log(p), np.log1p(-p))


def _apply_vector(fitted: Recalibration, prediction: Array) -> Chances:
    z = logits_of(fitted.kind, prediction)
    return _softmax(z * np.array(fitted.parameters["scale"]) + np.array(fitted.parameters["bias"]))


_APPLIED: Mapping[str, Callable[[Recalibration, Array], Chances]] = {
    "T": _apply_temperature,
    "platt": _apply_platt,
    "beta": _apply_beta,
    "isotonic": _apply_isotonic,
    "vector": _apply_vector,
}
