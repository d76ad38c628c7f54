"""Losses of a policy: v = π/π_old, the ratio of the new and the old probability; the label is the advantage A."""

from __future__ import annotations

import math

from lossterm.core.jets import Jet, half_square, logistic, minus_log, switch
from lossterm.core.lazy import np
from lossterm.core.losses.entry import Loss, Parameter, Params, valued
from lossterm.core.losses.labels import Family, Label
from lossterm.core.losses.positive import log_ratio


def _clipped(v: Jet, advantage: Label, params: Params) -> Jet:
    # −min(vA, clip(v, 1−low, 1+high)·A)
    pulled, low, high = -advantage * v, 1 - valued(params, "low"), 1 + valued(params, "high")
    above = switch(v - high, _flat(v, -high * advantage), pulled, flat=True)
    below = switch(v - low, pulled, _flat(v, -low * advantage), flat=True)
    return _by_sign(advantage, above, below)


def _dual_clipped(v: Jet, advantage: Label, params: Params) -> Jet:
    # the same, and for A < 0 at most −cA
    clipped, most = _clipped(v, advantage, params), valued(params, "c")
    capped = switch(v - most, _flat(v, -most * advantage), clipped, flat=True)
    return _by_sign(advantage, clipped, capped)


def _sapo(v: Jet, advantage: Label, params: Params) -> Jet:
    # −(4/τ)σ(τ(v−1))·A, τ by the sign of A
    def gate(tau: float) -> Jet:
        return -4 / tau * advantage * logistic(tau * (v - 1.0))

    if isinstance(advantage, np.ndarray):
        return _by_sign(advantage, gate(valued(params, "tau_pos")), gate(valued(params, "tau_neg")))
    return gate(valued(params, "tau_pos" if advantage >= 0 else "tau_neg"))


def _k1(v: Jet, advantage: Label, params: Params) -> Jet:
    # −ln v
    return -log_ratio(v, 1.0)


def _k2(v: Jet, advantage: Label, params: Params) -> Jet:
    # ½(ln v)²
    return half_square(log_ratio(v, 1.0))


def _k3(v: Jet, advantage: Label, params: Params) -> Jet:
    # v − 1 − ln v
    return minus_log(v, 1.0)


def _flat(v: Jet, value: Label) -> Jet:
    zero = v.value * 0.0
    return Jet(np.zeros_like(zero) + value, None if v.first is None else np.zeros_like(zero),
               None if v.second is None else np.zeros_like(zero))  # fmt: skip


def _by_sign(advantage: Label, positive: Jet, negative: Jet) -> Jet:
    if not isinstance(advantage, np.ndarray):
        return positive if advantage >= 0 else negative
    return switch(Jet(np.where(advantage >= 0, 1.0, -1.0)), positive, negative)


_F, _INF = Family.RATIO, math.inf
_POSITIVE = (0.0, _INF)

_LOW = Parameter("low", "ε₋", 0.2, 0.0, 1.0, 0.05, "how far below 1 the ratio still counts", (True, False))
_HIGH = Parameter("high", "ε₊", 0.2, 0.0, _INF, 0.05, "how far above 1 the ratio still counts", (True, False))


def _steepness(name: str, symbol: str, default: float, side: str) -> Parameter:
    return Parameter(name, symbol, default, 0.0, _INF, 0.05, f"how fast it fades, for {side}", (True, False))


ENTRIES = (
    Loss("ppo-clip", ("ppo", "grpo", "clipped-surrogate"), _F,
         "−min(vA, clip(v, 1−ε₋, 1+ε₊)·A)", "no reward for moving the ratio beyond the clip: the gradient is 0 there",
         "Schulman et al. (2017)", _clipped, (_LOW, _HIGH), _POSITIVE, presets={"dapo": {"high": 0.28}}, in_all=False),
    Loss("ppo-dual-clip", ("dual-clip",), _F,
         "ppo-clip, for A < 0 at most −C·A", "a bad action that has become likely does not cost without bound",
         "Ye et al. (2020)", _dual_clipped,
         (_LOW, _HIGH, Parameter("c", "C", 3.0, 1.0, _INF, 0.5, "the ratio at which it stops", (True, False))),
         _POSITIVE, in_all=False),
    Loss("sapo", ("soft-adaptive",), _F,
         "−4A·σ(τ(v−1))/τ, τ by A", "a soft gate instead of a clip: the gradient fades away from v = 1",
         "Gao et al. (2025)", _sapo,
         (_steepness("tau_pos", "τ₊", 1.0, "A ≥ 0"), _steepness("tau_neg", "τ₋", 1.05, "A < 0")),
         _POSITIVE, in_all=False),
    Loss("k1", ("kl-k1",), _F, "−ln v", "the plain estimator of KL(π_old‖π): unbiased, and often below 0",
         "Schulman (2020)", _k1, (), _POSITIVE, in_all=False),
    Loss("k2", ("kl-k2",), _F, "½(ln v)²", "a biased estimator of KL, of small variance",
         "Schulman (2020)", _k2, (), _POSITIVE, in_all=False),
    Loss("k3", ("kl-k3",), _F, "v − 1 − ln v", "an unbiased estimator of KL that is never below 0: GRPO's penalty",
         "Schulman (2020)", _k3, (), _POSITIVE, in_all=False),
)  # fmt: skip
"""The losses of this family, in the order they are shown."""
