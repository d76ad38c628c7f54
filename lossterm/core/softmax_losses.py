"""The losses of K classes: one formula each, on jets, and what a person must know of them.

A formula takes a `SoftmaxPoint` and gives a jet whose derivative is the vector ∂L/∂u, u = z/T. A function of one
class's probability is differentiated by that probability or by its logarithm; the chain rule of softmax is applied
once, where classes are summed. A loss that looks only at the target (Σ t_k f(p_k)) is computed where there is any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from lossterm.core.jets import Array, Jet, box_cox, switch, times
from lossterm.core.lazy import np
from lossterm.core.losses import LOSSES, Parameter
from lossterm.core.names import find, normalise, unknown
from lossterm.core.softmax import SoftmaxPoint

SoftmaxParams: TypeAlias = Mapping[str, float | str | None]
"""Parameter values by name: a number, or a choice's option."""

Shares: TypeAlias = Callable[[], Array]
"""What each class contributes to the loss, ``(..., K)``, when it is asked for."""

Terms: TypeAlias = tuple[Jet, Shares | None]
"""The loss, ``(..., 1)`` with its derivative ``(..., K)``; and its shares, where it is a sum over classes."""


@dataclass(frozen=True)
class Choice:
    """A knob with named positions.

    Attributes:
        name: as it is written on the command line.
        symbol: as it is shown beside the loss.
        default: where it starts.
        options: the positions, in order.
        about: what it does, in one line.
    """

    name: str
    symbol: str
    default: str
    options: tuple[str, ...]
    about: str

    def check(self, value: float | str | None) -> None:
        """Raise ValueError unless ``value`` is one of the options."""
        if value not in self.options:
            raise ValueError(f"{self.name} must be {' or '.join(self.options)}, not {value}")

    def stepped(self, value: str, direction: int) -> str:
        """The next option up or down, without wrapping."""
        index = self.options.index(value) + direction
        return self.options[min(max(index, 0), len(self.options) - 1)]


@dataclass(frozen=True)
class SoftmaxLoss:
    """A loss of K classes.

    Attributes:
        id: the canonical name.
        aliases: its other names.
        formula: the formula, to read.
        about: one line on what it is.
        compute: ``(point, params) → terms``.
        parameters: its knobs, in order.
        hard_only: whether only a target that is one class means anything.
    """

    id: str
    aliases: tuple[str, ...]
    formula: str
    about: str
    compute: Callable[[SoftmaxPoint, SoftmaxParams], Terms]
    parameters: tuple[Parameter | Choice, ...] = ()
    hard_only: bool = False

    @property
    def title(self) -> str:
        """The id, short enough for a narrow column."""
        return LOSSES[self.id].title if self.id in LOSSES else self.id

    def complete(self, params: SoftmaxParams) -> dict[str, float | str | None]:
        """All parameters, the given ones checked and the others at their defaults.

        Raises:
            ValueError: an unknown parameter (with the nearest name) or one out of its range.
        """
        known = {p.name: p for p in self.parameters}
        result: dict[str, float | str | None] = {p.name: p.default for p in self.parameters}
        for name, value in params.items():
            key = name.strip().lower().replace("-", "_")
            if key not in known:
                why = unknown(name, f"parameter of {self.id}", known) if known else f"{self.id} has no parameters"
                raise ValueError(why)
            knob = known[key]
            if isinstance(knob, Choice):
                knob.check(value)
            elif isinstance(value, str):
                raise ValueError(f"{knob.name} must be a number {knob.range_text()}, not {value!r}")
            else:
                knob.check(value)
            result[key] = value
        return result

    def target_problem(self, point: SoftmaxPoint) -> str | None:
        """Why this target is not one of this loss's, or None."""
        if self.hard_only and point.target.certain is None:
            return f"{self.id} needs a target that is one class, without smoothing"
        return None


# ---- sums over classes ----------------------------------------------------------------------------------------------


def _expected(at: SoftmaxPoint, formula: Callable[[Jet], Jet]) -> tuple[Jet, Shares]:
    # Σ t_k f(p_k), and its terms
    classes = at.target.support
    t, f = at.target.p[..., classes], formula(at.probability(classes))
    assert f.first is not None
    terms = Jet(times(t, f.value), times(t, f.first))

    def shares() -> Array:
        whole = np.zeros_like(at.prediction.p)
        whole[..., classes] = terms.value
        return whole

    return at.total_by_log(terms, classes), shares


def _gap(at: SoftmaxPoint) -> Jet:
    # p − t, differentiated by p
    return Jet(at.residual, np.ones_like(at.residual))


def _reduced(at: SoftmaxPoint, terms: Jet, params: SoftmaxParams) -> Terms:
    # the sum over classes of terms differentiated by p, or its mean
    total, classes = at.total_by_p(terms), terms.value.shape[-1]
    if params["reduction"] == "sum":
        return total, lambda: terms.value
    return total / classes, lambda: terms.value / classes


# ---- formulas -------------------------------------------------------------------------------------------------------


def _cross_entropy(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # −Σ t_k ln p_k = H(t) + KL(t‖p), whose derivative is p − t
    t, log = at.target, at.prediction.log
    return Jet(at.cross_entropy[..., None], at.residual), lambda: -times(t.p, log)


def _squared(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # Σ (p_k − t_k)²
    return _reduced(at, _gap(at) ** 2, params)


def _absolute(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # Σ |p_k − t_k|
    gap = _gap(at)
    return _reduced(at, switch(gap, gap, -gap), params)


def _focal(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # (1 − p_t)^γ CE,  1 − p_t = Σ t_k (1 − p_k)
    entropy, shares = _cross_entropy(at, params)
    assert shares is not None
    miss, _ = _expected(at, lambda p: 1 - p)
    discount = miss ** _value(params, "gamma")
    return discount * entropy, lambda: times(discount.value, shares())


def _generalized_cross_entropy(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # Σ t_k (1 − p_k^q)/q
    q = _value(params, "q")
    return _expected(at, lambda p: -box_cox(p, q))


def _poly1(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # CE + ε(1 − p_t)
    epsilon = _value(params, "epsilon")
    entropy, shares = _cross_entropy(at, params)
    miss, missed = _expected(at, lambda p: 1 - p)
    assert shares is not None
    return entropy + epsilon * miss, lambda: shares() + epsilon * missed()


def _divergence(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # Σ t_k ln(t_k/p_k), whose derivative is p − t
    t, p = at.target, at.prediction
    return Jet(at.kl[..., None], at.residual), lambda: times(t.p, t.log - p.log)


def _distillation(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # T² KL(teacher‖p)
    taught = at if at.teacher is at.target else replace(at, target=at.teacher)
    divergence, shares = _divergence(taught, params)
    assert divergence.first is not None and shares is not None
    scale = np.square(at.temperature)
    return Jet(times(scale, divergence.value), scale * divergence.first), lambda: times(scale, shares())


def _hinge(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # max(0, 1 + max_{j≠t} z_j − z_t), of the logits whatever the temperature; rivals that tie share the slope
    target = at.target.certain
    assert target is not None
    rivals = at.logits.copy()
    rivals[..., target] = -math.inf
    rival = rivals.max(axis=-1, keepdims=True)
    short = 1 + (rival - at.logits[..., target, None])
    nearest = rivals == rival
    slope = nearest * (at.temperature * (short > 0) / np.maximum(nearest.sum(axis=-1, keepdims=True), 1))
    slope[..., target] = np.where(short > 0, -at.temperature, 0.0)[..., 0]
    return Jet(np.maximum(short, 0.0), slope), None


def _value(params: SoftmaxParams, name: str) -> float:
    value = params[name]
    assert isinstance(value, float | int)
    return value


# ---- the registry ---------------------------------------------------------------------------------------------------


def _knobs(loss: str, *names: str) -> tuple[Parameter, ...]:
    return tuple(p for p in LOSSES[loss].parameters if p.name in names)


def _names(loss: str, *more: str) -> tuple[str, ...]:
    return (*LOSSES[loss].aliases, *more)


_REDUCTION = (Choice("reduction", "", "sum", ("sum", "mean"), "the sum over classes, or their mean (1/K of it)"),)

_ENTRIES = (
    SoftmaxLoss("cross-entropy",
                _names("cross-entropy", "cce", "categorical-cross-entropy", "softmax-cross-entropy", "multinomial-nll"),
                "−Σ t_k ln p_k", "the surprise at the target; its gradient is p − t", _cross_entropy),
    SoftmaxLoss("squared-error", _names("squared-error", "sum-of-squares"),
                "Σ (p_k − t_k)²", "the multi-class Brier score; its gradient dies where softmax saturates", _squared,
                _REDUCTION),
    SoftmaxLoss("absolute-error", _names("absolute-error"),
                "Σ |p_k − t_k|", "twice the total variation distance; with a class as target, 2(1 − p_t)", _absolute,
                _REDUCTION),
    SoftmaxLoss("focal", _names("focal"),
                "(1−p_t)^γ CE,  p_t = Σ t_k p_k", LOSSES["focal"].about, _focal, _knobs("focal", "gamma")),
    SoftmaxLoss("generalized-cross-entropy", _names("generalized-cross-entropy"),
                "Σ t_k (1 − p_k^q)/q", LOSSES["generalized-cross-entropy"].about, _generalized_cross_entropy,
                _knobs("generalized-cross-entropy", "q")),
    SoftmaxLoss("poly-1", _names("poly-1"),
                "CE + ε(1−p_t),  p_t = Σ t_k p_k", LOSSES["poly-1"].about, _poly1, _knobs("poly-1", "epsilon")),
    SoftmaxLoss("kl", ("kld", "kl-div", "kl-divergence", "kullback-leibler", "relative-entropy"),
                "Σ t_k ln(t_k/p_k)", "cross-entropy above its floor H(t): the extra cost of the wrong code",
                _divergence),
    SoftmaxLoss("distillation", ("kd", "knowledge-distillation", "hinton"),
                "T² KL(teacher‖p), both at T", "KL to a teacher; T² keeps its gradient alive as T grows",
                _distillation),
    SoftmaxLoss("hinge", _names("hinge", "crammer-singer", "multiclass-hinge"),
                "max(0, 1 + max_{j≠t} z_j − z_t)", "nothing once the target leads by 1; of the logits, not of p",
                _hinge, hard_only=True),
)  # fmt: skip

SOFTMAX_LOSSES: dict[str, SoftmaxLoss] = {entry.id: entry for entry in _ENTRIES}
"""Every loss of K classes by its id, in the order they are shown."""


def find_softmax_loss(name: str) -> SoftmaxLoss:
    """The loss of K classes called ``name``, by id or alias.

    Raises:
        ValueError: there is none; the message names the nearest, or says that the loss is one of a single prediction.
    """
    try:
        return find(SOFTMAX_LOSSES, name, "loss")
    except ValueError:
        wanted = normalise(name)
        for loss in LOSSES.values():
            if wanted in (loss.id, *map(normalise, loss.aliases)):
                ids = ", ".join(SOFTMAX_LOSSES)
                raise ValueError(f"{loss.id} has no form for K classes: choose from {ids}") from None
        raise
