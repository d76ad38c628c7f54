"""The losses: one formula each, on jets, and what a person must know of them.

A formula takes the prediction `v` (a jet that knows ``1 − v`` and ``v − y`` exactly), the label `y` and the loss's
parameters. Seeded with the logit it gives ∂z, seeded with the prediction ∂p, from the same line. Definitions:
value losses compare ``r = v − y``; probability losses read ``p``; margin losses read the score ``v`` and ``s = ±1``.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lossterm.core import library_names
from lossterm.core.jets import (
    Jet,
    beside_label,
    blend,
    box_cox,
    discounted,
    half_square,
    log,
    log_cosh,
    log_with_first_term,
    minus_log,
    power_log_complement,
    switch,
)
from lossterm.core.lazy import np
from lossterm.core.losses import margin, positive, preference, probability, ratio, value
from lossterm.core.losses.entry import Home
from lossterm.core.losses.entry import Loss as Loss
from lossterm.core.losses.entry import Parameter as Parameter
from lossterm.core.losses.entry import Params as Params
from lossterm.core.losses.entry import valued as _value
from lossterm.core.losses.labels import Family, Label, log_factorial_excess, sign
from lossterm.core.losses.value import beyond
from lossterm.core.names import contain, find

# ---- formulas -------------------------------------------------------------------------------------------------------


def _cross_entropy(p: Jet, y: Label, params: Params) -> Jet:
    # −w₊·y·ln p − (1 − y)·ln(1 − p)
    weight = _value(params, "pos_weight")
    if not isinstance(y, np.ndarray) and y in (0, 1):  # what weighs nothing is not computed
        return -weight * log(p) if y == 1 else -log(1 - p)
    loss = (-weight * y) * log(p) + (-(1 - y)) * log(1 - p)
    return beside_label(loss, p, y) if weight == 1 else loss


def _focal(p: Jet, y: Label, params: Params) -> Jet:
    # α_t (1 − p_t)^γ CE,  p_t = yp + (1 − y)(1 − p),  α_t = αy + (1 − α)(1 − y)
    gamma, alpha = _value(params, "gamma"), params["alpha"]
    miss, balance = blend(y, 1 - p, p), 1.0 if alpha is None else alpha * y + (1 - alpha) * (1 - y)
    if not isinstance(y, np.ndarray) and y in (0, 1):
        return power_log_complement(miss, gamma, float(balance))
    entropy = _cross_entropy(p, y, {"pos_weight": 1.0})
    return discounted(miss, gamma, balance * entropy, ((balance * y, p), (balance * (1 - y), 1 - p)))


def _poly1(p: Jet, y: Label, params: Params) -> Jet:
    # CE + ε(1 − p_t)
    epsilon = _value(params, "epsilon")
    return log_with_first_term(p, y, epsilon) if epsilon else _cross_entropy(p, y, {"pos_weight": 1.0})


def _generalized_cross_entropy(p: Jet, y: Label, params: Params) -> Jet:
    # y(1 − p^q)/q + (1 − y)(1 − (1 − p)^q)/q
    q = _value(params, "q")
    return -blend(y, box_cox(p, q), box_cox(1 - p, q))


def _squared(v: Jet, y: Label, params: Params) -> Jet:
    # r²
    return (v - y) ** 2


def _half_squared(v: Jet, y: Label, params: Params) -> Jet:
    # ½r²
    return half_square(v - y)


def _absolute(v: Jet, y: Label, params: Params) -> Jet:
    # |r|
    r = v - y
    return switch(r, r, -r)


def _huber(v: Jet, y: Label, params: Params) -> Jet:
    # ½r² for |r| ≤ δ, else δ(|r| − ½δ)
    delta, r = _value(params, "delta"), v - y
    size = switch(r, r, -r)
    return switch(beyond(r, v, y, delta), delta * (size - 0.5 * delta), half_square(r))


def _smooth_l1(v: Jet, y: Label, params: Params) -> Jet:
    # huber(β)/β: ½r²/β for |r| ≤ β, else |r| − ½β
    beta, r = _value(params, "beta"), v - y
    size = switch(r, r, -r)
    return switch(beyond(r, v, y, beta), size - 0.5 * beta, 0.5 * (r * (r / beta)))


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
    return half_square((v - y) / sigma) + (math.log(sigma) + 0.5 * math.log(2 * math.pi))


def _poisson(v: Jet, y: Label, params: Params) -> Jet:
    # v − y ln v + ln Γ(y + 1), from its minimum at v = y
    return minus_log(v, y) + log_factorial_excess(y)


def _hinge(v: Jet, y: Label, params: Params) -> Jet:
    # (1 − sv)₊
    short = 1 - sign(y) * v
    return switch(short, short, 0.0 * short, flat=True)


def _squared_hinge(v: Jet, y: Label, params: Params) -> Jet:
    # (1 − sv)₊²
    short = 1 - sign(y) * v
    return switch(short, short**2, 0.0 * short)


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


# ---- the registry ---------------------------------------------------------------------------------------------------

_UNIT, _POSITIVE = (0.0, 1.0), (0.0, math.inf)
_P, _V, _M = Family.PROBABILITY, Family.VALUE, Family.MARGIN
_INF = math.inf

_ENTRIES = (
    Loss("cross-entropy", ("ce", "bce", "binary-cross-entropy", "log-loss", "logloss", "logistic", "nll",
                           "negative-log-likelihood", "bernoulli-nll"), _P,
         "−w₊·y ln p − (1−y) ln(1−p)", "the surprise at the label: minus its log-probability",
         "the Bernoulli likelihood; Good (1952)",
         "-pos_weight*y*log(p) - (1 - y)*log(1 - p)",
         (Parameter("pos_weight", "w₊", 1.0, 0.0, _INF, 0.5, "weight of the positive class", (True, False)),),
         _UNIT, _UNIT, exact=_cross_entropy),
    Loss("squared-error", ("mse", "se", "l2", "brier", "mean-squared-error", "brier-score", "quadratic"), _V,
         "(v − y)²", "the squared distance; on probabilities the Brier score",
         "Gauss (1809); Brier (1950)",
         "r**2", exact=_squared),
    Loss("focal", ("focal-loss",), _P,
         "α_t (1−p_t)^γ CE", "cross-entropy that turns away from easy examples",
         "Lin et al. (2017)",
         "-(1 - p_t)**gamma*(y*log(p) + (1 - y)*log(1 - p))",
         (Parameter("gamma", "γ", 2.0, 0.0, _INF, 0.5, "how strongly easy examples are discounted"),
          Parameter("alpha", "α", None, 0.0, 1.0, 0.05, "weight of class 1 (1−α for class 0)", optional=True)),
         _UNIT, _UNIT, exact=_focal),
    Loss("half-squared-error", ("half-mse", "half-l2", "l2-half"), _V,
         "½(v − y)²", "squared error whose derivative is the residual itself",
         "optax l2_loss, xgboost",
         "r**2/2", exact=_half_squared),
    Loss("absolute-error", ("mae", "l1", "absolute", "mean-absolute-error"), _V,
         "|v − y|", "the distance; its minimiser is the median",
         "Boscovich (1757), Laplace",
         "abs(r)", exact=_absolute),
    Loss("huber", ("huber-loss",), _V,
         "½r² for |r| ≤ δ, else δ(|r| − ½δ)", "quadratic near, linear far: outliers pull with bounded force",
         "Huber (1964)",
         "r**2/2 if abs(r) <= delta else delta*(abs(r) - delta/2)",
         (Parameter("delta", "δ", 1.0, 0.0, _INF, 0.25, "where it turns linear", (True, False)),), exact=_huber),
    Loss("smooth-l1", ("smoothl1", "smooth-mae"), _V,
         "huber(β)/β", "Huber scaled so that its far slope is 1",
         "Girshick (2015)",
         "r**2/2/beta if abs(r) <= beta else abs(r) - beta/2",
         (Parameter("beta", "β", 1.0, 0.0, _INF, 0.25, "where it turns linear", (True, False)),), exact=_smooth_l1),
    Loss("log-cosh", ("logcosh",), _V,
         "ln cosh(v − y)", "a smooth absolute error",
         "the hyperbolic secant likelihood",
         "log(cosh(r))", exact=_log_cosh),
    Loss("quantile", ("pinball", "tilted", "check", "quantile-loss"), _V,
         "τ(y−v)₊ + (1−τ)(v−y)₊", "its minimiser is the τ-quantile",
         "Koenker & Bassett (1978)",
         "(1 - tau)*r if r > 0 else -tau*r",
         (Parameter("tau", "τ", 0.5, 0.0, 1.0, 0.05, "the quantile sought", (True, True)),), exact=_quantile),
    Loss("hinge", ("svm", "hinge-loss", "max-margin", "slic"), _M,
         "(1 − s·v)₊", "nothing once the margin is 1: the support vector machine",
         "Cortes & Vapnik (1995); as SLiC of preferences, Zhao et al. (2023)",
         "max(0, 1 - s*v)",
         hard_only=True, labels=(-1.0, 1.0), exact=_hinge),
    Loss("squared-hinge", ("l2-svm", "hinge-squared"), _M,
         "(1 − s·v)₊²", "a hinge without a kink: its slope is continuous, and only that has one",
         "the L2 support vector machine",
         "(1 - s*v)**2 if s*v < 1 else 0", hard_only=True, labels=(-1.0, 1.0), exact=_squared_hinge),
    Loss("exponential", ("adaboost", "exp-loss", "exponential-loss"), _M,
         "e^(−s·v)", "what AdaBoost minimises; unforgiving of mislabelled examples",
         "Freund & Schapire (1997)",
         "exp(-s*v)", hard_only=True, labels=(-1.0, 1.0)),
    Loss("poisson", ("poisson-nll", "poisson-loss", "count"), _V,
         "v − y ln v + ln y!", "the negative log-likelihood of a count with rate v",
         "the Poisson likelihood",
         "v - y*log(v) + lgamma(y + 1)", (), _POSITIVE, _POSITIVE, suits=Home("exp", 2.0), counts=True,
         exact=_poisson),
    Loss("gaussian-nll", ("gaussian", "normal-nll"), _V,
         "r²/(2σ²) + ln σ + ½ ln 2π", "squared error as a likelihood, with its constant",
         "the Gaussian likelihood",
         "r**2/(2*sigma**2) + log(sigma) + log(2*pi)/2",
         (Parameter("sigma", "σ", 1.0, 0.0, _INF, 0.1, "the standard deviation", (True, False)),),
         exact=_gaussian_nll),
    Loss("poly-1", ("poly1", "polyloss"), _P,
         "CE + ε(1−p_t)", "cross-entropy with its first Taylor term reweighted",
         "Leng et al. (2022)",
         "-y*log(p) - (1 - y)*log(1 - p) + epsilon*(y*(1 - p) + (1 - y)*p)",
         (Parameter("epsilon", "ε", 1.0, -1.0, _INF, 0.5, "added weight of 1 − p_t"),),
         _UNIT, _UNIT, exact=_poly1),
    Loss("generalized-cross-entropy", ("gce", "generalised-cross-entropy", "lq"), _P,
         "(1 − p_t^q)/q", "between cross-entropy (q→0) and absolute error (q=1); robust to label noise",
         "Zhang & Sabuncu (2018)",
         "y*(1 - p**q)/q + (1 - y)*(1 - (1 - p)**q)/q",
         (Parameter("q", "q", 0.7, 0.0, 1.0, 0.1, "0 → cross-entropy, 1 → absolute error", (True, False)),),
         _UNIT, _UNIT, exact=_generalized_cross_entropy),
    Loss("zero-one", ("0-1", "01", "misclassification", "error-rate"), _M,
         "1 if the decision is wrong", "what one would like to minimise, and cannot: it has no slope",
         "the misclassification rate",
         "", hard_only=True, labels=(-1.0, 1.0), exact=_zero_one),
)  # fmt: skip
"""The ones that were here first, which ``--loss all`` means."""

_FAMILIES = (value, positive, probability, margin, preference, ratio)

LOSSES: dict[str, Loss] = {
    **{entry.id: replace(entry, in_all=True) for entry in _ENTRIES},
    **{entry.id: entry for family in _FAMILIES for entry in family.ENTRIES},
}
"""Every loss by its id, in the order they are shown."""


def find_loss(name: str) -> Loss:
    """The loss called ``name``, by id or alias.

    Raises:
        ValueError: there is none; the message names the nearest, or where a loss of K classes is.
    """
    of_classes = library_names.by_library(library_names.SOFTMAX_LOSSES, name)
    try:
        return find(LOSSES, name, "loss", library_names.LOSSES)
    except ValueError:
        if of_classes is None:
            raise
        what = f"{name.strip()} is {of_classes} of K classes"
        raise ValueError(f"{what}: write lossterm softmax --loss {of_classes}") from None


def names_of(loss: Loss) -> tuple[str, ...]:
    """Every name of a loss: the id, its other names, and what libraries call it."""
    return (loss.id, *loss.aliases, *loss.presets, *library_names.all_of(library_names.LOSSES, loss.id))


def matches(loss: Loss, text: str) -> bool:
    """Whether any of the loss's names contains ``text``: what a filter shows."""
    return contain(names_of(loss), text)
