"""A loss behind an activation, evaluated at logits: value, derivatives by the prediction and by the logit."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from lossterm.core.jets import Array, Jet, log_of_seed, times
from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.labels import Label, hard, rest_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One loss at points; every array has the shape of the logits.

    ∞ is inf, what is undefined (the prediction outside the loss's domain, a derivative that does not exist) is nan.

    Attributes:
        logit: z, the activation's input.
        prediction: v, its output.
        d_activation: ∂v/∂z.
        value: L.
        d_prediction: ∂L/∂v.
        d2_prediction: ∂²L/∂v².
        d_logit: ∂L/∂z.
        d2_logit: ∂²L/∂z².
    """

    logit: Array
    prediction: Array
    d_activation: Array
    value: Array
    d_prediction: Array
    d2_prediction: Array
    d_logit: Array
    d2_logit: Array

    def at(self, index: int) -> Reading:
        """The scalars at one index of a one-dimensional evaluation."""
        return Reading(**{name: float(getattr(self, name)[index]) for name in MEASURES})


MEASURES = tuple(field.name for field in fields(Evaluation))
"""The numbers of an evaluation, in order."""


@dataclass(frozen=True)
class Reading:
    """One loss at one point: the fields of `Evaluation` as plain floats."""

    logit: float
    prediction: float
    d_activation: float
    value: float
    d_prediction: float
    d2_prediction: float
    d_logit: float
    d2_logit: float


@dataclass(frozen=True)
class Objective:
    """A loss with its parameters behind an activation, for one label: what a curve is drawn of.

    Attributes:
        loss: the loss.
        params: all its parameters, as pairs (so that an objective can be a key).
        label: the label, after smoothing.
        activation: the activation.
        risk: None, or (η, y₀): the label is `label` only with probability η and otherwise y₀, and what is drawn is the
            expected loss ηL(label) + (1 − η)L(y₀).
    """

    loss: Loss
    params: tuple[tuple[str, float | None], ...]
    label: float
    activation: Activation
    risk: tuple[float, float] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What its numbers depend on, hashed at once: a loss and an activation have many fields beside it."""
        return (self.loss.id, self.loss.compute, self.params, self.label, self.activation.id, self.risk)

    def evaluate(self, logits: ArrayLike) -> Evaluation:
        """The objective at logits of any shape."""
        one = evaluate_at(self.loss, dict(self.params), self.label, self.activation, logits)
        if self.risk is None:
            return one
        eta, label = self.risk
        other = evaluate_at(self.loss, dict(self.params), label, self.activation, logits)

        def expected(name: str) -> Array:
            return times(eta, getattr(one, name)) + times(1 - eta, getattr(other, name))

        with np.errstate(all="ignore"):
            mixed = {name: expected(name) for name in ("value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")}
        return replace(one, **mixed)


def composed(loss: Loss, params: Params, label: Label, activation: Activation, v: Jet) -> Jet:
    """The loss's jet on a prediction's jet, nan where the prediction is outside the loss's domain.

    Args:
        loss: the loss.
        params: all its parameters (`Loss.complete`).
        label: the label, after smoothing; an array has one a point, all of the loss's domain.
        activation: where the prediction comes from; the zero-one loss takes its threshold.
        v: the prediction, seeded with the logit or with itself, of any order.
    """
    if isinstance(label, np.ndarray):
        pass
    elif loss.hard_only:
        y = hard(label)
        if y is None:
            return _undefined(v)
        label = y
    elif not loss.labels[0] <= label <= loss.labels[1] or label in loss.excluded:
        return _undefined(v)
    result = loss.compute(v, label, {**params, "threshold": activation.threshold})
    low, high = loss.predictions
    outside = np.zeros(np.shape(v.value), dtype=bool)
    if low > activation.lower:
        outside |= ~(v.value >= low)
    if high < activation.upper:
        outside |= ~(v.difference(high).value >= 0)
    if not outside.any():
        return result
    # a loss may be its prediction (Poisson's of label 0), whose numbers stay what they are
    parts = (result.value, result.first, result.second)
    value, first, second = (None if part is None else np.where(outside, np.nan, part) for part in parts)
    assert value is not None
    return Jet(value, first, second)


def _undefined(v: Jet) -> Jet:
    def nans() -> Array:
        return np.full(np.shape(v.value), np.nan)

    return Jet(nans(), None if v.first is None else nans(), None if v.second is None else nans())


def evaluate_at(
    loss: Loss, params: Params, label: float, activation: Activation | str, logits: ArrayLike
) -> Evaluation:
    """Evaluate one loss at logits.

    Args:
        loss: the loss.
        params: all its parameters (`Loss.complete`).
        label: the label, after smoothing; outside the loss's domain everything but the prediction is nan.
        activation: the activation or its id.
        logits: points, any shape.
    """
    if isinstance(activation, str):
        activation = ACTIVATIONS[activation]
    z = np.array(logits, dtype=float) + 0.0  # −0.0 becomes 0.0
    shape, z = z.shape, np.atleast_1d(z)
    with np.errstate(all="ignore"):
        prediction = activation.jet(z)
        by_logit = composed(loss, params, label, activation, prediction)
        by_self = composed(loss, params, label, activation, prediction.reseeded())
        _take_limits(loss, params, label, activation, prediction, by_logit, by_self)
    parts = (z, prediction.value, prediction.first, by_logit.value, by_self.first, by_self.second, by_logit.first,
             by_logit.second)  # fmt: skip
    return Evaluation(*(np.reshape(np.asarray(part) + 0.0, shape) for part in parts))


_STAND_INS = (1e-150, 1e-300)
_GROWS = 1.05


def _take_limits(
    loss: Loss, params: Params, label: float, activation: Activation, v: Jet, by_logit: Jet, by_self: Jet
) -> None:
    # At p = 0 or 1 exactly a derivative can meet ∞ − ∞ although its one-sided limit exists (focal, γ < 1). The limit
    # is taken at two points next to the end: what still grows from one to the other is infinite.
    if by_self.second is None or by_self.first is None or by_logit.second is None or by_logit.first is None:
        return
    assert v.first is not None
    holes = np.isnan(by_self.first) | np.isnan(by_self.second)
    holes |= (np.isnan(by_logit.first) | np.isnan(by_logit.second)) & (v.first != 0)
    if not (holes & ~np.isnan(by_self.value)).any():
        return
    low, high = loss.predictions
    for bound, gap in ((low, v.value - low), (high, v.difference(high).value)):
        at = (gap >= 0) & (gap < _STAND_INS[1]) & ~np.isnan(by_self.value)
        if not (np.isfinite(bound) and at.any()):
            continue
        beside = composed(loss, params, label, activation, _beside(bound, low).reseeded())
        assert beside.first is not None and beside.second is not None
        first, second = _limit(beside.first), _limit(beside.second)
        moving = at & (v.first != 0)
        _fill(by_self.first, at, first)
        _fill(by_self.second, at, second)
        _fill(by_logit.first, moving, times(first, v.first))
        _fill(by_logit.second, moving, times(second, v.first * v.first))


def _limit(x: Array) -> Array:
    grows = np.abs(x[1]) > _GROWS * np.abs(x[0])
    limit: Array = np.where(grows, np.copysign(np.inf, x[1]), x[1])
    return limit


def _fill(part: Array, where: Any, limit: Array) -> None:
    holes = np.isnan(part) & where
    part[holes] = np.broadcast_to(limit, part.shape)[holes]


def _beside(bound: float, low: float) -> Jet:
    # predictions just inside the bound, with the gaps to it
    small, far = np.array(_STAND_INS), np.ones(2)
    one, zero = np.ones(2), np.zeros(2)

    def gap(value: Array, other: Array, slope: float) -> Jet:
        def difference(constant: float) -> Jet:
            if constant == 1:
                return gap(other, value, -slope)
            short = constant - value if value is small else other - rest_of(constant)
            return Jet(short, -slope * one, zero)

        return Jet(value, slope * one, zero, log=log_of_seed(np.log(value), value, slope), difference=difference)

    return gap(small, far, 1.0) if bound == low else gap(far, small, 1.0)
