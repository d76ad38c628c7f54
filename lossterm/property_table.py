"""The comparison table as text: a short head for every property, a short cell for every value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from lossterm.core.properties.report import Property, Value
from lossterm.numbers import trimmed

HEADS = {
    "convex_in_logit": "convex z",
    "inflections": "inflection",
    "convex_in_prediction": "convex v",
    "bounded": "bounded",
    "max_abs_d_logit": "max|∂L/∂z|",
    "saturates": "saturates",
    "lipschitz": "max|∂L/∂v|",
    "smoothness": "smooth",
    "minimiser": "argmin",
    "symmetric": "symmetric",
    "growth": "growth",
    "proper": "proper",
    "risk_minimiser": "η=.9 at",
    "calibrated": "calibrated",
    "noise_tolerant": "noise ok",
    "likelihood": "likelihood",
}
"""What stands over each column, in the order in which they are shown."""

_NUMBER = re.compile(r"(?<![\w.])-?(?:inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])")

UNDECIDED = "?"
"""What is shown where a property cannot be told."""


def cell(value: Value) -> str:
    """A value in a few characters: ``yes``, ``no``, ``0.2963``, ``∞``, ``?``."""
    if value is None:
        return UNDECIDED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: trimmed(float(found[0])), value)
    return trimmed(value)


def cells(found: Mapping[str, Property]) -> list[str]:
    """A row of the table."""
    return [cell(found[name].value) for name in HEADS]


def tolerance_text(tolerance: float | None) -> str:
    """The tolerance in words."""
    if tolerance is None:
        return "nothing was measured"
    return "exact" if tolerance == 0 or math.isinf(tolerance) else trimmed(tolerance, 2)
