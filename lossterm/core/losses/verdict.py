"""What the numbers at a point mean, in a few words computed from them."""

from __future__ import annotations

import math

from lossterm.core.losses.labels import Family, hard
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.losses.surroundings import Surroundings, denoised, surroundings

SATURATED = 1 / 8
"""A slope ∂L/∂z below this share of the steepest one there is, falling as the loss rises: saturated."""

OFF = 0.1
"""A loss this far above its least, as a share of its scale, still has something to gain."""

CONFIDENT = 0.9
"""A probability of a class from which on a prediction is called confident."""

CLOSE = 0.01
"""A loss, and a slope, within this share of the scale of the least and of 0: almost at the minimum."""

EXACT = 1e-9
"""The same for "at the minimum"."""

_ROUNDING = 16 * 2.0**-52


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


def verdict(objective: Objective, reading: Reading, *, is_clean: bool = False) -> str:
    """A few words on a reading; what is large or small in them is so against what the loss is elsewhere.

    Args:
        objective: what was evaluated.
        reading: the numbers at the point.
        is_clean: whether they are without rounding already (`denoised`).

    Returns:
        Words joined by commas, the most telling first.
    """
    if math.isnan(reading.value):
        return f"undefined: {undefined_because(objective, reading)}"
    elsewhere = surroundings(objective)
    if math.isinf(reading.value):
        if elsewhere.beyond("value", reading.logit, reading.value):
            return "too large for a double"
        return "infinite, no slope: flat activation" if math.isnan(reading.d_logit) else "infinite"
    if math.isnan(reading.d_logit):
        return "a jump: no slope"
    reading = reading if is_clean else denoised(objective, reading)
    words = [_place(objective, reading, elsewhere)]
    if reading.d2_logit < 0:
        words.append("concave")
    return ", ".join(words)


def _place(objective: Objective, reading: Reading, elsewhere: Surroundings) -> str:
    slope, bend = abs(reading.d_logit), reading.d2_logit
    excess = max(reading.value - elsewhere.least, 0.0)
    lost = elsewhere.beyond("d_logit", reading.logit, reading.d_logit) is not None
    # the next root is within rounding of the logit
    near = 0 < bend < math.inf and slope <= EXACT * bend * max(1.0, abs(reading.logit))
    if near or (slope == 0 and not lost):
        if excess <= EXACT * elsewhere.scale + _ROUNDING * abs(reading.value):
            return "at the minimum"
        if near:
            return "at a minimum that is not the least"
        return "no slope: stuck" if excess > OFF * elsewhere.scale else "no slope"
    # what goes flat above the least is not near it, however low it stays
    stays = bend <= 0 and excess > elsewhere.plateaus[reading.d_logit > 0] / 2 > 0
    if excess < CLOSE * elsewhere.scale and slope < CLOSE * elsewhere.scale and not stays:
        return "almost at the minimum"
    if lost:
        return "no slope: stuck"
    if slope < SATURATED * elsewhere.steepest and bend < 0 and elsewhere.dies[reading.d_logit > 0]:
        return "saturated"
    return _side(objective, reading, elsewhere)


def _side(objective: Objective, reading: Reading, elsewhere: Surroundings) -> str:
    # of a class: right or wrong; of any other label: which way the loss pulls
    activation, value = objective.activation, objective.loss.family in (Family.VALUE, Family.POSITIVE)
    label = (objective.label if objective.label in (0, 1) else None) if value else hard(objective.label)
    decides = (activation.is_probability or objective.loss.hard_only) and objective.loss.family is not Family.RATIO
    if objective.risk is None and label is not None and decides:
        if reading.prediction == activation.threshold:
            return "undecided"
        if activation.is_probability:
            sure = max(reading.prediction, 1 - reading.prediction) > CONFIDENT
        else:
            sure = abs(reading.prediction) > 1
        wrong = (reading.prediction > activation.threshold) != (label == 1)
        return ("confidently " if sure else "") + ("wrong" if wrong else "right")
    straight = reading.d2_prediction == 0 and reading.d_prediction != 0
    if value and straight and not elsewhere.beyond("d2_prediction", reading.logit, 0.0):
        return "linear: bounded pull"
    return "too high" if reading.d_logit > 0 else "too low"
