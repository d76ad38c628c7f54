"""Losses of the margin m = s·v that came after the first four."""

from __future__ import annotations

from lossterm.core.jets import Jet, softplus, switch
from lossterm.core.losses.entry import Loss, Params
from lossterm.core.losses.labels import Family, Label, sign


def _soft_margin(v: Jet, y: Label, params: Params) -> Jet:
    # ln(1 + e^(−m))
    return softplus(-sign(y) * v)


def _modified_huber(v: Jet, y: Label, params: Params) -> Jet:
    # (1 − m)₊² for m ≥ −1, else −4m
    m = sign(y) * v
    short = 1 - m
    return switch(short, switch(m + 1.0, short**2, -4 * m), 0.0 * short)


ENTRIES = (
    Loss("soft-margin", ("margin-logistic",), Family.MARGIN,
         "ln(1 + e^(−m)),  m = s·v", "on the score itself it is cross-entropy behind a sigmoid",
         "Friedman, Hastie & Tibshirani (2000)", _soft_margin, hard_only=True, labels=(-1.0, 1.0), in_all=False),
    Loss("modified-huber", ("huber-margin",), Family.MARGIN,
         "(1 − m)₊² for m ≥ −1, else −4m,  m = s·v", "a squared hinge that outliers pull with bounded force",
         "Zhang (2004)", _modified_huber, hard_only=True, labels=(-1.0, 1.0), in_all=False),
)  # fmt: skip
"""The further losses of this family, in the order they are shown."""
