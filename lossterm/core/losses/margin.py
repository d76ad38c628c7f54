"""Losses of the margin m = s·v that came after the first four."""

from __future__ import annotations

from lossterm.core.losses.entry import Loss
from lossterm.core.losses.labels import Family

ENTRIES = (
    Loss("soft-margin", ("margin-logistic",), Family.MARGIN,
         "ln(1 + e^(−m)),  m = s·v", "on the score itself it is cross-entropy behind a sigmoid",
         "Friedman, Hastie & Tibshirani (2000)",
         "softplus(-s*v)", hard_only=True, labels=(-1.0, 1.0)),
    Loss("modified-huber", ("huber-margin",), Family.MARGIN,
         "(1 − m)₊² for m ≥ −1, else −4m,  m = s·v", "a squared hinge that outliers pull with bounded force",
         "Zhang (2004)",
         "((1 - s*v)**2 if s*v >= -1 else -4*s*v) if s*v < 1 else 0", hard_only=True, labels=(-1.0, 1.0)),
)  # fmt: skip
"""The further losses of this family, in the order they are shown."""
