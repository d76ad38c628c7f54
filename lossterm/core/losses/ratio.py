"""Losses of a policy: v = π/π_old, the ratio of the new and the old probability; the label is the advantage A."""

from __future__ import annotations

import math

from lossterm.core.jets import Jet, minus_log
from lossterm.core.losses.entry import Loss, Parameter, Params
from lossterm.core.losses.labels import Family, Label


def _k3(v: Jet, advantage: Label, params: Params) -> Jet:
    # v − 1 − ln v
    return minus_log(v, 1.0)


_F, _INF = Family.RATIO, math.inf
_POSITIVE = (0.0, _INF)

_LOW = Parameter("low", "ε₋", 0.2, 0.0, 1.0, 0.05, "how far below 1 the ratio still counts", (True, False))
_HIGH = Parameter("high", "ε₊", 0.2, 0.0, _INF, 0.05, "how far above 1 the ratio still counts", (True, False))


def _steepness(name: str, symbol: str, default: float, side: str) -> Parameter:
    return Parameter(name, symbol, default, 0.0, _INF, 0.05, f"how fast it fades, for {side}", (True, False))


ENTRIES = (
    Loss("ppo-clip", ("ppo", "grpo", "clipped-surrogate"), _F,
         "−min(vA, clip(v, 1−ε₋, 1+ε₊)·A)", "no reward for moving the ratio beyond the clip: the gradient is 0 there",
         "Schulman et al. (2017)",
         "-y*min(v, 1 + high) if y >= 0 else -y*max(v, 1 - low)",
         (_LOW, _HIGH), _POSITIVE, presets={"dapo": {"high": 0.28}}),
    Loss("ppo-dual-clip", ("dual-clip",), _F,
         "ppo-clip, for A < 0 at most −C·A", "a bad action that has become likely does not cost without bound",
         "Ye et al. (2020)",
         "-y*min(v, 1 + high) if y >= 0 else (-y*max(v, 1 - low) if v < c else -y*c)",
         (_LOW, _HIGH, Parameter("c", "C", 3.0, 1.0, _INF, 0.5, "the ratio at which it stops", (True, False))),
         _POSITIVE),
    Loss("sapo", ("soft-adaptive",), _F,
         "−4A·σ(τ(v−1))/τ, τ by A", "a soft gate instead of a clip: the gradient fades away from v = 1",
         "Gao et al. (2025)",
         "t = tau_pos if y >= 0 else tau_neg; -4/t*sigmoid(t*(v - 1))*y",
         (_steepness("tau_pos", "τ₊", 1.0, "A ≥ 0"), _steepness("tau_neg", "τ₋", 1.05, "A < 0")),
         _POSITIVE),
    Loss("k1", ("kl-k1",), _F, "−ln v", "the plain estimator of KL(π_old‖π): unbiased, and often below 0",
         "Schulman (2020)",
         "-log(v)", (), _POSITIVE),
    Loss("k2", ("kl-k2",), _F, "½(ln v)²", "a biased estimator of KL, of small variance",
         "Schulman (2020)",
         "log(v)**2/2", (), _POSITIVE),
    Loss("k3", ("kl-k3",), _F, "v − 1 − ln v", "an unbiased estimator of KL that is never below 0: GRPO's penalty",
         "Schulman (2020)",
         "v - 1 - log(v)", (), _POSITIVE, exact=_k3),
)  # fmt: skip
"""The losses of this family, in the order they are shown."""
