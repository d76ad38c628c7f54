"""Losses of a probability p that came after the first ones."""

from __future__ import annotations

import math

from lossterm.core.jets import Jet, blend, power_log_complement, switch
from lossterm.core.losses.entry import Home, Loss, Parameter, Params, valued
from lossterm.core.losses.labels import Family, Label

_INF = math.inf


def _asymmetric(p: Jet, y: Label, params: Params) -> Jet:
    # −y(1−p)^γ₊ ln p − (1−y)·p_m^γ₋ ln(1−p_m),  p_m = (p − clip)₊
    clip = valued(params, "clip")
    positive = power_log_complement(1 - p, valued(params, "gamma_pos"))
    over = p - clip if clip else p
    negative = power_log_complement(over, valued(params, "gamma_neg"))
    return blend(y, positive, switch(over, negative, 0.0 * over, flat=True) if clip else negative)


ENTRIES = (
    Loss("asymmetric", ("asl",), Family.PROBABILITY,
         "−y(1−p)^γ₊ ln p − (1−y)·p_m^γ₋ ln(1−p_m),  p_m = (p−clip)₊",
         "focal for many labels that are mostly absent: easy negatives count little, those below clip nothing",
         "Ridnik et al. (2021)",
         "q = max(0, p - clip); -y*(1 - p)**gamma_pos*log(p) - (1 - y)*q**gamma_neg*log(1 - q)",
         (Parameter("gamma_pos", "γ₊", 0.0, 0.0, _INF, 0.5, "how strongly easy positives are discounted"),
          Parameter("gamma_neg", "γ₋", 4.0, 0.0, _INF, 0.5, "how strongly easy negatives are discounted"),
          Parameter("clip", "clip", 0.05, 0.0, 1.0, 0.05, "a negative up to this p costs nothing", (False, True))),
         (0.0, 1.0), (0.0, 1.0), suits=Home("sigmoid", 0.0), exact=_asymmetric),
)  # fmt: skip
"""The further losses of this family, in the order they are shown."""
