"""Which class a prediction is decided for: above what a loss calls 1, and at which logit that is."""

from __future__ import annotations

import math

import numpy as np

from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss


def threshold(loss: Loss, activation: Activation) -> float:
    """The prediction above which the decision is class 1.

    It belongs to the loss, which decides what predictions mean. A loss of a margin or of a preference reads the sign
    of its score: 0. The zero-one loss is defined with ½ behind an activation into [0, 1] and 0 behind any other. All
    the others are least where the prediction is the label, 0 or 1: half way between, whatever the activation.
    """
    if loss.id == "zero-one":
        return activation.threshold
    return 0.0 if loss.family.reads_sign else 0.5


def turning_logit(activation: Activation, threshold: float) -> float | None:
    """The logit above which the prediction is above a threshold; None where all predictions are on one side."""
    logit = float(activation.inverse(np.array([threshold]))[0])
    if not math.isnan(logit):
        return logit
    if threshold == activation.lower:  # a flat stretch ends where the prediction begins to be above it
        return next((high for low, high in activation.flat if math.isinf(low)), None)
    return None
