"""The losses of K classes: one formula each, on jets, and what a person must know of them.

A formula takes a `SoftmaxPoint` and gives a jet whose derivative is the vector ∂L/∂u, u = z/T. A function of one
class's probability is differentiated by that probability or by its logarithm; the chain rule of softmax is applied
once, where classes are summed. A loss that looks only at the target (Σ t_k f(p_k)) is computed where there is any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from lossterm.core import library_names
from lossterm.core.jets import TINY, Array, Jet, box_cox, surplus, switch, times
from lossterm.core.lazy import np
from lossterm.core.losses.formulas import LOSSES, Parameter, names_of
from lossterm.core.losses.labels import number
from lossterm.core.names import find, normalise, unknown
from lossterm.core.softmax.example import SoftmaxPoint, softmax

SoftmaxParams: TypeAlias = Mapping[str, float | str | None]
"""Parameter values by name: a number, or a choice's option."""

Shares: TypeAlias = Callable[[], Array]
"""What each class contributes to the loss, ``(..., K)``, when it is asked for."""

Terms: TypeAlias = tuple[Jet, Shares | None]
"""The loss, ``(..., 1)`` with its derivative ``(..., K)``; and its shares, where it is a sum over classes."""

Reads: TypeAlias = Literal["probabilities", "differences", "scores", "cosines"]
"""What of the logits a loss depends on: their softmax, their differences, each by itself, or each as a cosine."""


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
        reads: what of the logits it depends on.
        source: where it comes from.
        presets: names that stand for it with some parameters set.
        in_all: whether ``--loss all`` means it too.
    """

    id: str
    aliases: tuple[str, ...]
    formula: str
    about: str
    compute: Callable[[SoftmaxPoint, SoftmaxParams], Terms]
    parameters: tuple[Parameter | Choice, ...] = ()
    hard_only: bool = False
    reads: Reads = "probabilities"
    source: str = ""
    presets: Mapping[str, SoftmaxParams] = field(default_factory=dict)
    in_all: bool = True

    def preset(self, name: str) -> SoftmaxParams:
        """The parameters that a name sets: none, unless it is that of a preset."""
        return self.presets.get(normalise(name), {})

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

    @property
    def needs_scores(self) -> bool:
        """Whether probabilities do not tell it: their logits are known but for a constant."""
        return self.reads in ("scores", "cosines")

    def logits_problem(self, point: SoftmaxPoint) -> str | None:
        """Why this loss is undefined at the logits of a point, or None; not for a batch."""
        if self.reads != "cosines":
            return None
        logits, target = np.ravel(point.logits), point.target.certain
        for k, z in enumerate(logits.tolist()):
            if abs(z) > 1 and (k == target or z > -math.inf):
                what = "masked, and has no cosine" if z == -math.inf else f"{number(z)}, outside [−1, 1]"
                return f"{self.id} is of cosines: the logit of class {k} is {what}"
        return None

    def at(self, point: SoftmaxPoint, params: SoftmaxParams) -> Terms:
        """The loss at a point or a batch, times the weight of the target's class.

        Args:
            point: where.
            params: all parameters.
        """
        jet, shares = self.compute(point, params)
        weight = point.weight
        if isinstance(weight, float) and weight == 1:
            return jet, shares
        assert jet.first is not None
        weighed = Jet(times(weight, jet.value), times(weight, jet.first))
        return weighed, None if shares is None else lambda: times(weight, shares())


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
    if q == 1:  # Σ t_k (1 − p_k), whose slope in p is −t_k: then classes of one share cancel to the last bit
        t, miss = at.target.p, at.prediction.complement
        terms = Jet(times(t, miss), np.broadcast_to(-t, miss.shape))
        return at.total_by_p(terms), lambda: terms.value
    return _expected(at, lambda p: -box_cox(p, q))


def _poly1(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # CE + ε(1 − p_t); beside ε = −1 the two cancel, and Σ t_k [−ln p_k − (1 − p_k)] + (1 + ε)(1 − p_t) does not
    epsilon = _value(params, "epsilon")
    entropy, shares = _cross_entropy(at, params)
    miss, missed = _expected(at, lambda p: 1 - p)
    assert shares is not None
    if epsilon > -0.5:
        return entropy + epsilon * miss, lambda: shares() + epsilon * missed()
    excess, surpluses = _expected(at, surplus)
    return excess + (1 + epsilon) * miss, lambda: surpluses() + (1 + epsilon) * missed()


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


def _z_loss(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # CE + w LSE²,  LSE = ln Σ exp(z_k/T) = max z/T − ln p_max, whose derivative is p
    weight, p = _value(params, "weight"), at.prediction
    top = np.argmax(at.logits, axis=-1, keepdims=True)
    highest, log = (np.take_along_axis(x, top, axis=-1) for x in (at.logits, p.log))
    lse = highest / at.temperature - log
    return Jet(at.cross_entropy[..., None] + weight * lse * lse, at.residual + 2 * weight * lse * p.p), None


def _ranked(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
    # Σ_{k<K} (F_k − T_k)², F and T cumulated. The gap D_k is summed from the end where less cancels, which for one
    # class as target is nothing; ∂/∂u_i = 2 p_i (Σ_{k≥i} D_k (1 − F_k) − Σ_{k<i} D_k F_k)
    gap, p = at.residual, at.prediction.p
    gaps = np.cumsum(gap, axis=-1)[..., :-1]
    if at.prediction.scores is not None:  # what is given may not sum to 1, and is taken as it is
        before, sizes = np.cumsum(np.abs(gap), axis=-1), np.abs(gap).sum(axis=-1, keepdims=True)
        gaps = np.where(2 * before[..., :-1] <= sizes, gaps, -_from_end(gap)[..., 1:])
    below, above = np.cumsum(p, axis=-1)[..., :-1], _from_end(p)[..., 1:]
    nothing = np.zeros((*gaps.shape[:-1], 1))
    later = np.concatenate((_from_end(gaps * above), nothing), axis=-1)
    earlier = np.concatenate((nothing, np.cumsum(gaps * below, axis=-1)), axis=-1)
    squares = gaps * gaps
    slope = 2 * p * (later - earlier)
    return Jet(squares.sum(axis=-1, keepdims=True), slope), lambda: np.concatenate((squares, nothing), axis=-1)


def _from_end(x: Array) -> Array:
    # Σ_{j≥k} x_j
    return np.cumsum(x[..., ::-1], axis=-1)[..., ::-1]


Moved: TypeAlias = Callable[[Array, float], tuple[Array, Array]]
"""The cosine of the target with its margin, and the derivative of that by the cosine."""


def turned(cosine: Array, margin: float) -> tuple[Array, Array]:
    """cos(θ + m) of cos θ, and its derivative sin(θ + m)/sin θ: infinite at ±1, as the angle's is.

    As the paper has it, also where θ + m is beyond π and it rises again; insightface puts cos θ − m sin m there.
    """
    sine = np.sqrt((1 - cosine) * (1 + cosine))
    if not margin:
        return cosine, np.ones_like(cosine)
    return cosine * np.cos(margin) - sine * np.sin(margin), np.cos(margin) + cosine * np.sin(margin) / sine


def lowered(cosine: Array, margin: float) -> tuple[Array, Array]:
    """Cos θ − m, and its derivative."""
    return cosine - margin, np.ones_like(cosine)


def _with_margin(moved: Moved) -> Callable[[SoftmaxPoint, SoftmaxParams], Terms]:
    def compute(at: SoftmaxPoint, params: SoftmaxParams) -> Terms:
        # CE of s·(the cosines, that of the target moved), whatever the temperature: s is its own
        target, scale = at.target.certain, _value(params, "scale")
        assert target is not None
        cosines, own = at.logits, at.logits[..., target]
        outside = (np.abs(cosines) > 1) & ~np.isneginf(cosines)
        outside[..., target] = np.abs(own) > 1
        undefined = np.asarray(outside.any(axis=-1, keepdims=True))
        with np.errstate(all="ignore"):
            moved_to, chain = moved(own, _value(params, "margin"))
            scores = np.where(undefined, 0.0, scale * cosines)
            scores[..., target] = np.where(undefined[..., 0], 0.0, scale * moved_to)
            prediction = softmax(scores)
            slope = scale * prediction.minus(at.target)
            miss = prediction.complement[..., target]
            alone = np.isneginf(np.delete(cosines, target, axis=-1)).all(axis=-1)
            # what is missing may be too small for a double, and is above 0 unless no class else is there
            miss = np.where(np.isinf(chain) & ~alone, np.maximum(miss, TINY), miss)
            slope[..., target] = -scale * times(miss, chain)
        value = -prediction.log[..., target, None]
        return Jet(np.where(undefined, np.nan, value), at.temperature * np.where(undefined, np.nan, slope)), None

    return compute


def _value(params: SoftmaxParams, name: str) -> float:
    value = params[name]
    assert isinstance(value, float | int)
    return value


# ---- the registry ---------------------------------------------------------------------------------------------------


def _knobs(loss: str, *names: str) -> tuple[Parameter, ...]:
    return tuple(p for p in LOSSES[loss].parameters if p.name in names)


def _names(loss: str, *more: str) -> tuple[str, ...]:
    return (*LOSSES[loss].aliases, *more)


def _margins(margin: float, upper: float, about: str) -> tuple[Parameter, ...]:
    return (
        Parameter("scale", "s", 64.0, 0.0, math.inf, 4.0, "what every cosine is multiplied by", open=(True, False)),
        Parameter("margin", "μ", margin, 0.0, upper, 0.05, about),
    )


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
                _distillation, source="Hinton, Vinyals, Dean 2015"),
    SoftmaxLoss("hinge", _names("hinge", "crammer-singer", "multiclass-hinge"),
                "max(0, 1 + max_{j≠t} z_j − z_t)", "nothing once the target leads by 1; of the logits, not of p",
                _hinge, hard_only=True, reads="differences", source="Crammer, Singer 2001"),
    SoftmaxLoss("infonce", ("info-nce", "nt-xent", "ntxent", "simclr", "multiple-negatives-ranking"),
                "−Σ t_k ln p_k,  p = softmax(similarity/T)",
                "cross-entropy of similarities over T: the target is the positive pair, the rest negatives",
                _cross_entropy, source="van den Oord, Li, Vinyals 2018"),
    SoftmaxLoss("arcface", ("additive-angular-margin", "aam-softmax"),
                "CE, s·cos θ_j, s·cos(θ_t + μ)", "logits are cosines: the target's angle is made larger by μ first",
                _with_margin(turned), _margins(0.5, 3.0, "what is added to the target's angle, in radians"),
                hard_only=True, reads="cosines", source="Deng, Guo, Xue, Zafeiriou 2019"),
    SoftmaxLoss("cosface", ("additive-margin", "am-softmax", "large-margin-cosine", "lmcl"),
                "CE, s·cos θ_j, s(cos θ_t − μ)", "logits are cosines: the target's is made smaller by μ first",
                _with_margin(lowered), _margins(0.35, math.inf, "what is taken from the target's cosine"),
                hard_only=True, reads="cosines", source="Wang et al. 2018"),
    SoftmaxLoss("z-loss", ("zloss", "cross-entropy-with-z-loss"),
                "CE + w (ln Σ e^{z_k/T})²", "keeps the logits from drifting: a shift of all costs here, and not in CE",
                _z_loss, (Parameter("weight", "w", 1e-4, 0.0, math.inf, 1e-4, "of the squared log-sum-exp"),),
                reads="scores", source="de Brébisson, Vincent 2016; Chowdhery et al. 2022 (PaLM)"),
    SoftmaxLoss("rps", ("ranked-probability-score", "ordinal"),
                "Σ_{k<K} (F_k − T_k)²,  cumulated", "of ordered classes: a mistake costs more the further off it is",
                _ranked, source="Epstein 1969; Murphy 1971"),
)  # fmt: skip

SOFTMAX_LOSSES: dict[str, SoftmaxLoss] = {entry.id: entry for entry in _ENTRIES}
"""Every loss of K classes by its id, in the order they are shown."""


def find_softmax_loss(name: str) -> SoftmaxLoss:
    """The loss of K classes called ``name``, by id or alias.

    Raises:
        ValueError: there is none; the message names the nearest, or says that the loss is one of a single prediction.
    """
    libraries = {
        entry: {**library_names.LOSSES.get(entry, {}), " ": library_names.all_of(library_names.SOFTMAX_LOSSES, entry)}
        for entry in SOFTMAX_LOSSES
    }
    try:
        return find(SOFTMAX_LOSSES, name, "loss", libraries)
    except ValueError:
        wanted = normalise(name)
        for loss in LOSSES.values():
            if wanted in map(normalise, names_of(loss)):
                ids = ", ".join(SOFTMAX_LOSSES)
                raise ValueError(f"{loss.id} has no form for K classes: choose from {ids}") from None
        raise
