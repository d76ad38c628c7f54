"""The losses: one formula each, on jets, and what a person must know of them.

A formula takes the prediction `v` (a jet that knows ``1 − v`` and ``v − y`` exactly), the label `y` and the loss's
parameters. Seeded with the logit it gives ∂z, seeded with the prediction ∂p, from the same line. Definitions:
value losses compare ``r = v − y``; probability losses read ``p``; margin losses read the score ``v`` and ``s = ±1``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lossterm.core.jets import Jet, blend, box_cox, exp, log, log_cosh, minus_log, power_log_complement, switch
from lossterm.core.labels import Family, Label, hard, log_factorial, number, sign
from lossterm.core.lazy import np
from lossterm.core.names import find, normalise, unknown

Params = Mapping[str, float | None]
"""Parameter values by name; None is "off"."""


@dataclass(frozen=True)
class Parameter:
    """One knob of a loss.

    Attributes:
        name: as it is written on the command line.
        symbol: as it is shown beside the loss.
        default: where it starts; None is off.
        lower: its lower bound.
        upper: its upper bound.
        open: whether the lower and the upper bound are excluded.
        step: by what ``[`` and ``]`` change it.
        about: what it does, in one line.
    """

    name: str
    symbol: str
    default: float | None
    lower: float
    upper: float
    step: float
    about: str
    open: tuple[bool, bool] = (False, False)
    optional: bool = False

    def check(self, value: float | None) -> None:
        """Raise ValueError, with the allowed range, unless ``value`` is within it."""
        if value is None:
            if not self.optional:
                raise ValueError(f"{self.name} cannot be off")
            return
        above = value > self.lower if self.open[0] else value >= self.lower
        below = value < self.upper if self.open[1] else value <= self.upper
        if not (math.isfinite(value) and above and below):
            raise ValueError(f"{self.name} must be {self.range_text()}, not {number(value)}")

    def range_text(self) -> str:
        """The range in words: ``≥ 0``, ``between 0 and 1``."""
        if self.upper == math.inf:
            return f"{'>' if self.open[0] else '≥'} {number(self.lower)}"
        left, right = "(" if self.open[0] else "[", ")" if self.open[1] else "]"
        return f"in {left}{number(self.lower)}, {number(self.upper)}{right}"

    def stepped(self, value: float | None, direction: int) -> float | None:
        """The next value up or down, on the grid of steps, within the range; an optional one goes off at its end."""
        if value is None:
            return self.lower + self.step if direction > 0 else None
        if value > 1e9 * self.step:  # its steps are lost in its digits
            return value
        moved = float(f"{round((value + direction * self.step) / self.step) * self.step:.12g}")
        low = self.lower + self.step if self.open[0] else self.lower
        high = self.upper - self.step if self.open[1] else self.upper
        if self.optional and moved < low:
            return None
        return min(max(moved, min(low, value)), max(high, value))


@dataclass(frozen=True)
class Loss:
    """A loss: its formula and everything that is known of it beforehand.

    Attributes:
        id: the canonical name.
        aliases: its other names.
        family: how it reads the label and the prediction.
        formula: the formula, to read.
        about: one line on what it is.
        source: where it comes from.
        compute: ``(v, y, params) → jet``.
        parameters: its knobs, in order.
        predictions: closed interval of the predictions for which it is defined.
        labels: closed interval of its labels.
        hard_only: whether only the labels 0 and 1 (and −1 for 0) mean anything.
    """

    id: str
    aliases: tuple[str, ...]
    family: Family
    formula: str
    about: str
    source: str
    compute: Callable[[Jet, Label, Params], Jet]
    parameters: tuple[Parameter, ...] = ()
    predictions: tuple[float, float] = (-math.inf, math.inf)
    labels: tuple[float, float] = (-math.inf, math.inf)
    hard_only: bool = False
    defaults: Params = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "defaults", {p.name: p.default for p in self.parameters})

    @property
    def title(self) -> str:
        """The id, short enough for a column of 15."""
        return {"generalized-cross-entropy": "generalized-CE", "half-squared-error": "half-squared"}.get(
            self.id, self.id
        )

    def complete(self, params: Params) -> dict[str, float | None]:
        """All parameters, the given ones checked and the others at their defaults.

        Raises:
            ValueError: an unknown parameter (with the nearest name) or one out of its range.
        """
        known = {p.name: p for p in self.parameters}
        result = dict(self.defaults)
        for name, value in params.items():
            key = name.strip().lower().replace("-", "_")
            if key not in known:
                why = unknown(name, f"parameter of {self.id}", known) if known else f"{self.id} has no parameters"
                raise ValueError(why)
            known[key].check(value)
            result[key] = value
        return result

    def label_problem(self, label: float) -> str | None:
        """Why this label is not one of this loss's, or None."""
        if self.hard_only:
            if hard(label) is None:
                return f"{self.id} needs a label 0 or 1 (or −1 for 0), not {number(label)}"
            return None
        low, high = self.labels
        if low <= label <= high:
            return None
        what = f"between {number(low)} and {number(high)}" if high < math.inf else f"of at least {number(low)}"
        return f"{self.id} needs a label {what}, not {number(label)}"


# ---- formulas -------------------------------------------------------------------------------------------------------


def _cross_entropy(p: Jet, y: Label, params: Params) -> Jet:
    # −c·y·ln p − (1 − y)·ln(1 − p)
    weight = _value(params, "pos_weight")
    if not isinstance(y, np.ndarray) and y in (0, 1):  # what weighs nothing is not computed
        return -weight * log(p) if y == 1 else -log(1 - p)
    return (-weight * y) * log(p) + (-(1 - y)) * log(1 - p)


def _focal(p: Jet, y: Label, params: Params) -> Jet:
    # α_t (1 − p_t)^γ CE,  p_t = yp + (1 − y)(1 − p),  α_t = αy + (1 − α)(1 − y)
    gamma, alpha = _value(params, "gamma"), params["alpha"]
    miss = blend(y, 1 - p, p)
    if not isinstance(y, np.ndarray) and y in (0, 1):
        loss = power_log_complement(miss, gamma)
    else:
        loss = miss**gamma * _cross_entropy(p, y, {"pos_weight": 1.0})
    return loss if alpha is None else (alpha * y + (1 - alpha) * (1 - y)) * loss


def _poly1(p: Jet, y: Label, params: Params) -> Jet:
    # CE + ε(1 − p_t)
    return _cross_entropy(p, y, {"pos_weight": 1.0}) + _value(params, "epsilon") * blend(y, 1 - p, p)


def _generalized_cross_entropy(p: Jet, y: Label, params: Params) -> Jet:
    # y(1 − p^q)/q + (1 − y)(1 − (1 − p)^q)/q
    q = _value(params, "q")
    return -blend(y, box_cox(p, q), box_cox(1 - p, q))


def _squared(v: Jet, y: Label, params: Params) -> Jet:
    # r²
    return (v - y) ** 2


def _half_squared(v: Jet, y: Label, params: Params) -> Jet:
    # ½r²
    return 0.5 * (v - y) ** 2


def _absolute(v: Jet, y: Label, params: Params) -> Jet:
    # |r|
    r = v - y
    return switch(r, r, -r)


def _huber_at(r: Jet, delta: float) -> Jet:
    size = switch(r, r, -r)
    linear, quadratic = delta * (size - 0.5 * delta), 0.5 * r**2
    return switch(size - delta, linear, quadratic)


def _huber(v: Jet, y: Label, params: Params) -> Jet:
    # ½r² for |r| ≤ δ, else δ(|r| − ½δ)
    return _huber_at(v - y, _value(params, "delta"))


def _smooth_l1(v: Jet, y: Label, params: Params) -> Jet:
    # huber(β)/β
    beta = _value(params, "beta")
    return _huber_at(v - y, beta) / beta


def _log_cosh(v: Jet, y: Label, params: Params) -> Jet:
    # ln cosh r
    return log_cosh(v - y)


def _quantile(v: Jet, y: Label, params: Params) -> Jet:
    # τ(y − v)₊ + (1 − τ)(v − y)₊
    tau, r = _value(params, "tau"), v - y
    return switch(r, (1 - tau) * r, -tau * r)


def _gaussian_nll(v: Jet, y: Label, params: Params) -> Jet:
    # r²/(2σ²) + ln σ + ½ ln 2π
    sigma = _value(params, "sigma")
    return (0.5 / sigma / sigma) * (v - y) ** 2 + (math.log(sigma) + 0.5 * math.log(2 * math.pi))


def _poisson(v: Jet, y: Label, params: Params) -> Jet:
    # v − y ln v + ln Γ(y + 1)
    return minus_log(v, y) + log_factorial(y)


def _hinge(v: Jet, y: Label, params: Params) -> Jet:
    # (1 − sv)₊
    short = 1 - sign(y) * v
    return switch(short, short, 0.0 * short, flat=True)


def _squared_hinge(v: Jet, y: Label, params: Params) -> Jet:
    # (1 − sv)₊²
    short = 1 - sign(y) * v
    return switch(short, short**2, 0.0 * short)


def _exponential(v: Jet, y: Label, params: Params) -> Jet:
    # e^(−sv)
    return exp(-sign(y) * v)


def _zero_one(v: Jet, y: Label, params: Params) -> Jet:
    # 1 where the decision v > threshold is wrong, ½ at a tie; the threshold is in params["threshold"]
    threshold = _value(params, "threshold")
    side = (v - threshold).sign()
    result = Jet(0.5 - 0.5 * sign(y) * side)
    if v.first is not None:
        # the jump itself has no derivative; a stretch of ties (a flat activation) has slope 0
        jump = (side == 0) & (v.first != 0)
        result.first = np.where(jump, np.nan, 0.0)
        result.second = None if v.second is None else result.first
    return result


def _value(params: Params, name: str) -> float:
    value = params[name]
    assert value is not None
    return value


# ---- the registry ---------------------------------------------------------------------------------------------------

_UNIT, _POSITIVE = (0.0, 1.0), (0.0, math.inf)
_P, _V, _M = Family.PROBABILITY, Family.VALUE, Family.MARGIN
_INF = math.inf

_ENTRIES = (
    Loss("cross-entropy", ("ce", "bce", "binary-cross-entropy", "log-loss", "logloss", "logistic", "nll",
                           "negative-log-likelihood", "bernoulli-nll"), _P,
         "−c·y ln p − (1−y) ln(1−p)", "the surprise at the label: minus its log-probability",
         "the Bernoulli likelihood; Good (1952)", _cross_entropy,
         (Parameter("pos_weight", "c", 1.0, 0.0, _INF, 0.5, "weight of the positive class", (True, False)),),
         _UNIT, _UNIT),
    Loss("squared-error", ("mse", "se", "l2", "brier", "mean-squared-error", "brier-score", "quadratic"), _V,
         "(v − y)²", "the squared distance; on probabilities the Brier score",
         "Gauss (1809); Brier (1950)", _squared),
    Loss("focal", ("focal-loss",), _P,
         "α_t (1−p_t)^γ CE", "cross-entropy that turns away from easy examples",
         "Lin et al. (2017)", _focal,
         (Parameter("gamma", "γ", 2.0, 0.0, _INF, 0.5, "how strongly easy examples are discounted"),
          Parameter("alpha", "α", None, 0.0, 1.0, 0.05, "weight of class 1 (1−α for class 0)", optional=True)),
         _UNIT, _UNIT),
    Loss("half-squared-error", ("half-mse", "half-l2", "l2-half"), _V,
         "½(v − y)²", "squared error whose derivative is the residual itself",
         "optax l2_loss, xgboost", _half_squared),
    Loss("absolute-error", ("mae", "l1", "absolute", "mean-absolute-error", "laplace-nll"), _V,
         "|v − y|", "the distance; its minimiser is the median",
         "Boscovich (1757), Laplace", _absolute),
    Loss("huber", ("huber-loss",), _V,
         "½r² for |r| ≤ δ, else δ(|r| − ½δ)", "quadratic near, linear far: outliers pull with bounded force",
         "Huber (1964)", _huber,
         (Parameter("delta", "δ", 1.0, 0.0, _INF, 0.25, "where it turns linear", (True, False)),)),
    Loss("smooth-l1", ("smoothl1", "smooth-mae"), _V,
         "huber(β)/β", "Huber scaled so that its far slope is 1",
         "Girshick (2015)", _smooth_l1,
         (Parameter("beta", "β", 1.0, 0.0, _INF, 0.25, "where it turns linear", (True, False)),)),
    Loss("log-cosh", ("logcosh",), _V,
         "ln cosh(v − y)", "a smooth absolute error",
         "the hyperbolic secant likelihood", _log_cosh),
    Loss("quantile", ("pinball", "tilted", "check", "quantile-loss"), _V,
         "τ(y−v)₊ + (1−τ)(v−y)₊", "its minimiser is the τ-quantile",
         "Koenker & Bassett (1978)", _quantile,
         (Parameter("tau", "τ", 0.5, 0.0, 1.0, 0.05, "the quantile sought", (True, True)),)),
    Loss("hinge", ("svm", "hinge-loss", "max-margin"), _M,
         "(1 − s·v)₊", "nothing once the margin is 1: the support vector machine",
         "Cortes & Vapnik (1995)", _hinge, hard_only=True, labels=(-1.0, 1.0)),
    Loss("squared-hinge", ("l2-svm", "hinge-squared"), _M,
         "(1 − s·v)₊²", "a hinge without the kink in the value's slope",
         "the L2 support vector machine", _squared_hinge, hard_only=True, labels=(-1.0, 1.0)),
    Loss("exponential", ("adaboost", "exp-loss", "exponential-loss"), _M,
         "e^(−s·v)", "what boosting minimises; unforgiving of mislabelled examples",
         "Freund & Schapire (1997)", _exponential, hard_only=True, labels=(-1.0, 1.0)),
    Loss("poisson", ("poisson-nll", "poisson-loss", "count"), _V,
         "v − y ln v + ln y!", "the negative log-likelihood of a count with rate v",
         "the Poisson likelihood", _poisson, (), _POSITIVE, _POSITIVE),
    Loss("gaussian-nll", ("gaussian", "normal-nll"), _V,
         "r²/(2σ²) + ln σ + ½ ln 2π", "squared error as a likelihood, with its constant",
         "the Gaussian likelihood", _gaussian_nll,
         (Parameter("sigma", "σ", 1.0, 0.0, _INF, 0.1, "the standard deviation", (True, False)),)),
    Loss("poly-1", ("poly1", "polyloss"), _P,
         "CE + ε(1−p_t)", "cross-entropy with its first Taylor term reweighted",
         "Leng et al. (2022)", _poly1,
         (Parameter("epsilon", "ε", 1.0, -1.0, _INF, 0.5, "added weight of 1 − p_t"),),
         _UNIT, _UNIT),
    Loss("generalized-cross-entropy", ("gce", "generalised-cross-entropy", "lq"), _P,
         "(1 − p_t^q)/q", "between cross-entropy (q→0) and absolute error (q=1); robust to label noise",
         "Zhang & Sabuncu (2018)", _generalized_cross_entropy,
         (Parameter("q", "q", 0.7, 0.0, 1.0, 0.1, "0 → cross-entropy, 1 → absolute error", (True, False)),),
         _UNIT, _UNIT),
    Loss("zero-one", ("0-1", "01", "accuracy", "misclassification", "error-rate"), _M,
         "1 if the decision is wrong", "what one would like to minimise, and cannot: it has no slope",
         "the misclassification rate", _zero_one, hard_only=True, labels=(-1.0, 1.0)),
)  # fmt: skip

LOSSES: dict[str, Loss] = {entry.id: entry for entry in _ENTRIES}
"""Every loss by its id, in the order they are shown."""


def find_loss(name: str) -> Loss:
    """The loss called ``name``, by id or alias.

    Raises:
        ValueError: there is none; the message names the nearest.
    """
    return find(LOSSES, name, "loss")


def matches(loss: Loss, text: str) -> bool:
    """Whether any of the loss's names contains ``text``: what a filter shows."""
    wanted = normalise(text)
    return any(wanted in normalise(name) for name in (loss.id, *loss.aliases))
