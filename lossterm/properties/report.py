"""The comparison table as text: a short head for every property, a short cell for every value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lossterm.core.numbers import trimmed
from lossterm.core.properties import ABOUT
from lossterm.core.properties.report import Property, Value


@dataclass(frozen=True)
class PropertyColumn:
    """A property as it is shown.

    Attributes:
        name: of the property.
        short: its head in the text of the command.
        head: its head on the screen, in two lines; ``{v}`` is the letter of the prediction.
        question: what it is an answer to.
        slope: what Curves shows in its lower chart of a piece of its evidence.
    """

    name: str
    short: str
    head: tuple[str, str]
    question: str
    slope: str = "d_logit"


OPTIMISE, TRUST, NOISE, OUTLIERS = "to optimise", "as a probability", "noise", "outliers"
"""What people ask of a loss: is it easy to optimise, can its prediction be trusted as a probability, does it stand
wrong labels, does it stand outliers."""

_TOLD = (
    PropertyColumn("convex_in_logit", "convex z", ("convex", "in z"), OPTIMISE, "d2_logit"),
    PropertyColumn("saturates", "saturates", ("satu-", "rates"), OPTIMISE),
    PropertyColumn("strictly_proper", "strictly proper", ("strictly", "proper"), TRUST),
    PropertyColumn("proper", "proper", ("", "proper"), TRUST),
    PropertyColumn("classification_calibrated", "calibrated", ("class", "calibr."), TRUST),
    PropertyColumn("noise_tolerant", "noise ok", ("noise", "toler."), NOISE),
    PropertyColumn("lipschitz", "max|∂L/∂v|", ("max", "|∂L/∂{v}|"), OUTLIERS, "d_prediction"),
    PropertyColumn("bounded", "bounded", ("", "bounded"), OUTLIERS),
    PropertyColumn("growth", "growth", ("", "growth"), OUTLIERS),
    PropertyColumn("max_abs_d_logit", "max|∂L/∂z|", ("max", "|∂L/∂z|"), OPTIMISE),
    PropertyColumn("smoothness", "smooth", ("smooth-", "ness"), OPTIMISE, "d2_logit"),
    PropertyColumn("inflections", "inflection", ("inflection", "at z"), OPTIMISE, "d2_logit"),
    PropertyColumn("convex_in_prediction", "convex v", ("convex", "in {v}"), OPTIMISE, "d_prediction"),
    PropertyColumn("minimiser", "argmin", ("least", "at {v}"), OPTIMISE),
    PropertyColumn("infimum", "infimum", ("", "infimum"), OPTIMISE),
    PropertyColumn("risk_minimiser", "η=.9 at", ("η = 0.9:", "least at"), TRUST),
    PropertyColumn("symmetric", "symmetric", ("symme-", "tric"), TRUST),
    PropertyColumn("likelihood", "likelihood", ("", "likelihood"), TRUST),
)


def _by_its_name(name: str) -> PropertyColumn:
    *first, last = name.split("_")
    return PropertyColumn(name, " ".join((*first, last)), (" ".join(first), last), TRUST)


COLUMNS = (*_TOLD, *(_by_its_name(name) for name in ABOUT if name not in {column.name for column in _TOLD}))
"""Every property, in the order in which they are shown: first what is asked most, then the rest, by question."""

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


def sort_key(value: Value) -> tuple[int, float, str]:
    """What a column is sorted by: yes before no, numbers by size, texts by their letters, undecided last."""
    if value is None:
        return (3, 0.0, "")
    if isinstance(value, str):
        return (2, 0.0, value)
    return (0, float(not value), "") if isinstance(value, bool) else (1, float(value), "")


def cells(found: Mapping[str, Property]) -> list[str]:
    """A row of the table."""
    return [cell(found[column.name].value) for column in COLUMNS]


def tolerance_text(tolerance: float | None) -> str:
    """The tolerance in words."""
    if tolerance is None:
        return "nothing was measured"
    return "exact" if tolerance == 0 or math.isinf(tolerance) else trimmed(tolerance, 2)
