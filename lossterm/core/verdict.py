"""What the numbers at a point mean, in a few words computed from them."""

from __future__ import annotations

import math

from lossterm.core.labels import Family, hard
from lossterm.core.objective import Objective, Reading

SATURATED = 0.05
"""A slope ∂L/∂z below this share of what is left to gain (at most 1) while the prediction is off: saturated."""

OFF = 0.1
"""A loss this far above its floor still has something to gain."""

CONFIDENT = 0.9
"""A probability of a class from which on a prediction is called confident."""

CLOSE = 0.01
"""A loss, and a slope, within this of the floor and of 0: almost at the minimum."""

EXACT = 1e-9
"""The same for "at the minimum"."""


def undefined_because(objective: Objective, reading: Reading) -> str:
    """Why the loss has no value at a point."""
    problem = objective.loss.label_problem(objective.label)
    if problem:
        return problem.partition(" needs ")[2].partition(", not")[0].join(("needs ", ""))
    low, high = objective.loss.predictions
    name = "p" if objective.loss.family is Family.PROBABILITY else "v"
    if reading.prediction < low:
        return f"{name} < {low:g}"
    if reading.prediction > high or high < math.inf:
        return f"{name} > {high:g}"
    return "no value here"


def verdict(objective: Objective, reading: Reading, floor: float) -> str:
    """A few words on a reading.

    Args:
        objective: what was evaluated.
        reading: the numbers at the point.
        floor: the lowest value of the loss nearby (over the shown window).

    Returns:
        Words joined by commas, the most telling first; empty when there is nothing to say.
    """
    if math.isnan(reading.value):
        return f"undefined: {undefined_because(objective, reading)}"
    words: list[str] = []
    if math.isinf(reading.value):
        words.append("infinite")
        if math.isnan(reading.d_logit):
            words.append("no slope: flat activation")
        return ", ".join(words)
    if math.isnan(reading.d_logit):
        return "a jump: no slope"
    slope = abs(reading.d_logit)
    excess = reading.value - floor
    near = slope <= EXACT * reading.d2_logit  # a Newton step from here is next to nothing
    if excess <= EXACT and (slope == 0 or near):
        words.append("at the minimum")
    elif slope == 0:
        words.append("no slope: stuck" if excess > OFF else "no slope")
    elif excess < CLOSE and slope < CLOSE:
        words.append("almost at the minimum")
    elif excess > OFF and slope < SATURATED * min(1.0, excess):
        words.append("saturated")
    else:
        words.append(_side(objective, reading))
    if reading.d2_logit < 0:
        words.append("concave")
    return ", ".join(word for word in words if word)


def _side(objective: Objective, reading: Reading) -> str:
    value = objective.loss.family is Family.VALUE
    if objective.risk is not None:
        return ""
    label = (objective.label if objective.label in (0, 1) else None) if value else hard(objective.label)
    activation = objective.activation
    if not value or activation.is_probability:
        if label is None or not (activation.is_probability or objective.loss.hard_only):
            return ""
        wrong = (reading.prediction > activation.threshold) != (label == 1)
        if reading.prediction == activation.threshold:
            return "undecided"
        if activation.is_probability:
            confidence = max(reading.prediction, 1 - reading.prediction)
            how = "confidently " if confidence > CONFIDENT else ""
        else:
            how = "confidently " if abs(reading.prediction) > 1 else ""
        return how + ("wrong" if wrong else "right")
    if reading.d2_prediction == 0 and reading.d_prediction != 0:
        return "linear: bounded pull"
    return ""
