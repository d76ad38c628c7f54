"""Losses of a preference: v = βΔ, the difference of log-ratios of the chosen and the rejected answer, as in TRL."""

from __future__ import annotations

import math

from lossterm.core.jets import Jet, chain, exp, log1pmx, logistic, softplus, times
from lossterm.core.lazy import np
from lossterm.core.losses.entry import Loss, Parameter, Params, valued
from lossterm.core.losses.labels import Family, Label, sign


def _dpo(v: Jet, y: Label, params: Params) -> Jet:
    # −(1−ε) ln σ(m) − ε ln σ(−m)
    m, epsilon = sign(y) * v, valued(params, "epsilon")
    return (1 - epsilon) * softplus(-m) + epsilon * softplus(m) if epsilon else softplus(-m)


def _robust_dpo(v: Jet, y: Label, params: Params) -> Jet:
    # (−(1−ε) ln σ(m) + ε ln σ(−m))/(1−2ε) = −ln σ(m) − m·ε/(1−2ε)
    m, epsilon = sign(y) * v, valued(params, "epsilon")
    return softplus(-m) + -epsilon / (1 - 2 * epsilon) * m


def _exo(v: Jet, y: Label, params: Params) -> Jet:
    # σ(m)(ln σ(m) − ln(1−ε)) + σ(−m)(ln σ(−m) − ln ε): KL of σ(m) from 1−ε; its slope is σσ(−)(m − ln((1−ε)/ε))
    m, epsilon = sign(y) * v, valued(params, "epsilon")
    x, best = m.value, math.log1p(-epsilon) - math.log(epsilon)
    t = np.exp(-np.abs(x))
    large, small = 1 / (1 + t), t / (1 + t)
    p, q = np.where(x > 0, large, small), np.where(x > 0, small, large)
    log_p, log_q = -(np.maximum(-x, 0.0) + np.log1p(t)), -(np.maximum(x, 0.0) + np.log1p(t))
    far = times(p, log_p - math.log1p(-epsilon)) + times(q, log_q - math.log(epsilon))
    near = np.abs(x - best) < 1
    gap = np.where(near, q - epsilon, 0.0)  # beside the minimum both parts cancel
    beside = -p * log1pmx(gap / np.where(near, p, 1.0)) - q * log1pmx(-gap / np.where(near, q, 1.0))
    both = large * small
    return chain(
        m, np.where(near, beside, far),
        lambda: times(both, x - best), lambda: both + times(both * (q - p), x - best),
    )  # fmt: skip


def _discopop(v: Jet, y: Label, params: Params) -> Jet:
    # −ln σ(m)(1 − σ(m/τ)) + e^(−m)σ(m/τ)
    m, tau = sign(y) * v, valued(params, "tau")
    steep = m / tau
    return softplus(-m) * logistic(-steep) + exp(-m - softplus(-steep))


_F = Family.PREFERENCE
_HARD = (-1.0, 1.0)

ENTRIES = (
    Loss("dpo", ("bradley-terry", "ranknet", "reward-model", "bpr"), _F,
         "−(1−ε) ln σ(m) − ε ln σ(−m)", "the log loss of a preference: a reward model's, and DPO's of βΔ",
         "Rafailov et al. (2023); Bradley & Terry (1952)",
         "m = s*v; -(1 - epsilon)*log(sigmoid(m)) - epsilon*log(sigmoid(-m))",
         (Parameter("epsilon", "ε", 0.0, 0.0, 0.5, 0.05, "how often a preference is taken to be the wrong way round"),),
         hard_only=True, labels=_HARD, presets={"cdpo": {"epsilon": 0.1}}, exact=_dpo),
    Loss("robust-dpo", ("rdpo",), _F,
         "(−(1−ε) ln σ(m) + ε ln σ(−m))/(1−2ε)", "unbiased under flipped preferences, and unbounded below",
         "Chowdhury et al. (2024)",
         "m = s*v; (-(1 - epsilon)*log(sigmoid(m)) + epsilon*log(sigmoid(-m)))/(1 - 2*epsilon)",
         (Parameter("epsilon", "ε", 0.1, 0.0, 0.5, 0.05, "how often preferences are flipped", (False, True)),),
         hard_only=True, labels=_HARD, exact=_robust_dpo),
    Loss("ipo", (), _F,
         "((m − ½)/β)²", "a margin is enough: βΔ is drawn to ½, from both sides",
         "Azar et al. (2023)",
         "((s*v - 1/2)/beta)**2",
         (Parameter("beta", "β", 0.1, 0.0, math.inf, 0.05, "the β of v = βΔ", (True, False)),),
         hard_only=True, labels=_HARD),
    Loss("exo", ("exo-pair",), _F,
         "KL(σ(m), σ(−m) ‖ 1−ε, ε)",
         "the reverse KL of a preference: its gradient dies where it is confidently wrong",
         "Ji et al. (2024)",
         "m = s*v; sigmoid(m)*(log(sigmoid(m)) - log(1 - epsilon)) + sigmoid(-m)*(log(sigmoid(-m)) - log(epsilon))",
         (Parameter("epsilon", "ε", 1e-3, 0.0, 0.5, 1e-3, "the smoothing of the preference", (True, False)),),
         hard_only=True, labels=_HARD, exact=_exo),
    Loss("discopop", ("lrml", "log-ratio-modulated"), _F,
         "−ln σ(m)(1 − σ(m/τ)) + e^(−m)σ(m/τ)", "found by a language model: not convex, with a dip below m = 0",
         "Lu et al. (2024)",
         "m = s*v; -log(sigmoid(m))*(1 - sigmoid(m/tau)) + exp(-m)*sigmoid(m/tau)",
         (Parameter("tau", "τ", 0.05, 0.0, 1.0, 0.05, "how sharply it passes from one to the other", (True, False)),),
         hard_only=True, labels=_HARD, turn="tau", exact=_discopop),
    Loss("apo", ("apo-down",), _F,
         "1 − σ(m)", "the term of Δ in APO: absolute error behind a sigmoid, bounded",
         "D'Oosterlinck et al. (2024)",
         "1 - sigmoid(s*v)", hard_only=True, labels=_HARD),
    Loss("simpo", (), _F,
         "−ln σ(m − γ)", "DPO's loss with a margin that is to be reached, of length-normalised log-probabilities",
         "Meng et al. (2024)",
         "-log(sigmoid(s*v - gamma))",
         (Parameter("gamma", "γ", 1.0, 0.0, math.inf, 0.1, "the margin that is to be reached"),),
         hard_only=True, labels=_HARD),
    Loss("bco", ("bco-pair",), _F,
         "−ln σ(m)", "of one answer: is it the wanted one? (v is β times its log-ratio)",
         "Jung et al. (2024)",
         "-log(sigmoid(s*v))", hard_only=True, labels=_HARD),
    Loss("nca", ("nca-pair",), _F,
         "y=1: −ln σ(v) − ½ ln σ(−v);  y=0: −½ ln σ(−v)",
         "of one answer: the wanted one's v is drawn to ln 2, the other's down without end",
         "Chen et al. (2024)",
         "-(log(sigmoid(v)) if y == 1 else 0) - log(sigmoid(-v))/2", hard_only=True, labels=_HARD),
)  # fmt: skip
"""The losses of this family, in the order they are shown."""
