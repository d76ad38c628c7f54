"""What a racer has to reach: the logits at which the prediction is close enough to the label."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.labels import Family, hard, number


@dataclass(frozen=True)
class Goal:
    """What a racer has to reach.

    Attributes:
        low: the logits from here …
        high: … to here are there.
        text: in words.
    """

    low: float
    high: float
    text: str

    def holds(self, logit: float) -> bool:
        """Whether it is reached."""
        return self.low <= logit <= self.high

    def distance(self, logit: float) -> float:
        """How far it is."""
        return max(self.low - logit, logit - self.high, 0.0)


def goal(loss: Loss, activation: Activation, label: float, until: float | None) -> Goal:
    """The logits at which the prediction is close enough to the label.

    Where the prediction is a probability that of the label must reach ``until``: p ≥ until for the label 1 and
    p ≤ 1 − until for 0. A margin loss asks for s·v ≥ until. Any other label, and a value loss behind an activation
    that gives no probability, ask for a distance |v − y| of at most 1 − until. Without ``until`` there is no goal.
    """
    if until is None:
        return Goal(math.inf, -math.inf, "")
    y, name, room = hard(label), "p" if activation.is_probability else "v", float(f"{1 - until:.15f}")
    probability = activation.is_probability or loss.family is Family.PROBABILITY
    if y is not None and (probability or loss.family.reads_sign):
        # beyond where the loss is defined nothing is reached
        low, high = (bound(activation, end) for bound, end in zip((_least, _greatest), loss.predictions, strict=True))
        if y == 1:
            return Goal(_least(activation, until), high, f"{name} ≥ {_show(until)}")
        end = room if probability else -until
        return Goal(low, _greatest(activation, end), f"{name} ≤ {_show(end)}")
    low, high = _least(activation, label - room), _greatest(activation, label + room)
    shown = _show(abs(label), 6)
    between = f"{name} − {shown}" if label >= 0 else f"{name} + {shown}"
    return Goal(low, high, f"|{between}| ≤ {_show(room)}")


def _show(x: float, digits: int = 12) -> str:
    # what was typed in full, without the noise of its last digits
    return number(float(f"{x:.{digits}g}")).replace("e-0", "e-").replace("-", "−")


def _least(activation: Activation, target: float) -> float:
    """The least logit whose prediction is at least ``target``; ±inf where all or none are."""
    z = float(activation.inverse(np.array([target]))[0])
    if math.isnan(z):
        if target <= activation.lower:
            return -math.inf
        return next((low for low, high in activation.flat if math.isinf(high) and target == activation.upper), math.inf)
    while _prediction(activation, z) < target:
        z = math.nextafter(z, math.inf)
    return z


def _greatest(activation: Activation, target: float) -> float:
    """The greatest logit whose prediction is at most ``target``; ±inf where all or none are."""
    z = float(activation.inverse(np.array([target]))[0])
    if math.isnan(z):
        if target >= activation.upper:
            return math.inf
        return next(
            (high for low, high in activation.flat if math.isinf(low) and target == activation.lower), -math.inf
        )
    while _prediction(activation, z) > target:
        z = math.nextafter(z, -math.inf)
    return z


def _prediction(activation: Activation, logit: float) -> float:
    with np.errstate(all="ignore"):
        return float(activation.jet(np.array([logit])).value[0])
