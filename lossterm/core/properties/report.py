"""What a property is, and how its evidence is put into words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lossterm.core.numbers import trimmed

Value = bool | float | str | None
"""True, False, a number (inf where it is infinite), a text, or None for undecided."""

CURVATURE = 1e-10
"""A second derivative smaller than this times the first is rounding: it has no sign."""

REFINED = 1e-9
"""Relative error of a supremum or of a place found by refinement."""

ROUNDING = 16 * 2.0**-52
"""Relative error of a value."""

LOST = 1e4 * ROUNDING
"""Where all values differ by less than this part of their size, nothing can be told from their differences."""


@dataclass(frozen=True)
class Property:
    """One cell of the table.

    Attributes:
        value: the answer; None is undecided.
        evidence: the numbers it rests on, in a sentence.
        tolerance: the error of a number, or what counts as zero in a decision; None where nothing was measured.
        points: logits worth going to, the most telling first.
        eta: the true probability whose risk the points are about; None where they are about the loss itself.
    """

    value: Value
    evidence: str
    tolerance: float | None = None
    points: tuple[float, ...] = ()
    eta: float | None = None


def undecided(why: str) -> Property:
    """The property that cannot be told, and why."""
    return Property(None, why)


def show(x: float) -> str:
    """A number for a sentence, as everywhere: four significant digits, ∞ and − as signs."""
    return "not a number" if math.isnan(x) else trimmed(x, 5 if x == int_or_nan(x) else 4)


def int_or_nan(x: float) -> float:
    """The whole number below a finite one; nan of ∞."""
    return math.floor(x) if math.isfinite(x) else math.nan


def lettered(text: str, letter: str) -> str:
    """A sentence about the prediction v in another letter of it."""
    return text if letter == "v" else _PREDICTION.sub(letter, text)


_PREDICTION = re.compile(r"(?<![A-Za-z])v(?![A-Za-z])")
"""The letter where it stands alone, after ∂ or before a sign."""


def show_apart(*numbers: float) -> list[str]:
    """Numbers for a sentence about their difference: with as many digits as tell them apart."""
    for digits in range(4, 17):
        texts = [show(x) if digits == 4 else trimmed(x, digits) for x in numbers]
        if len(set(texts)) == len(set(numbers)):
            break
    return texts


def show_least(x: float) -> str:
    """A minimum for a sentence: what rounding leaves of zero is 0."""
    return show(0.0 if abs(x) < 1e-25 else x)


def finite(points: Sequence[float]) -> tuple[float, ...]:
    """Those of the points to which a cursor can go."""
    return tuple(float(p) for p in points if math.isfinite(p))


def places(points: list[float]) -> str:
    """Logits in a list for a sentence: the first six."""
    return ", ".join([show(p) for p in points[:6]] + ["…"] * (len(points) > 6))
