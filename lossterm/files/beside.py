"""Columns beside labels and predictions: how they are read, and which rows hold what is asked of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.names import unknown
from lossterm.core.numbers import parse
from lossterm.core.statistics.condition import MISSING, Holding
from lossterm.files.checks import BadData
from lossterm.files.chunk import Column, Form, Texts, as_text
from lossterm.files.content import look

Held = Callable[[Column], NDArray[np.bool_]]
"""Which rows of a column hold what is asked."""


@dataclass(frozen=True)
class RowsHeld:
    """A condition that a file has understood.

    Attributes:
        column: which it is of.
        holds: which rows of it fulfil the condition.
    """

    column: str
    holds: Held


def forms_beside(
    names: Sequence[str], sample: Mapping[str, Sequence[object]], needed: Mapping[str, Form]
) -> dict[str, Form]:
    """How columns are read: numbers where most of the first rows are; those that are read anyway as they are.

    Args:
        names: the columns.
        sample: the first rows of every column.
        needed: how columns are read that are read anyway.

    Raises:
        BadData: there is no such column, or it holds lists.
    """
    forms: dict[str, Form] = {}
    for name in names:
        if name not in sample:
            raise BadData(unknown(name, "column", list(sample)))
        if needed.get(name) == "object" or any(isinstance(value, list | dict) for value in sample[name]):
            raise BadData(f"column {name!r} holds lists, not a value a row")
        forms[name] = needed.get(name, "optional" if look(sample[name]).numeric else "text")
    return forms


def understood(condition: Holding, sample: Mapping[str, Sequence[object]], needed: Mapping[str, Form]) -> RowsHeld:
    """A condition by what its column holds: a text, a number, a range of numbers, or nothing.

    Raises:
        BadData: there is no such column.
        ValueError: its value is no number, nor a range of them, where the column is of numbers.
    """
    ways = condition.ways()
    column, value = next((way for way in ways if way[0] in sample), ways[0])
    form = forms_beside([column], sample, needed)[column]
    return RowsHeld(column, _texts_like(value) if form == "text" else _numbers_like(column, value))


def _texts_like(value: str) -> Held:
    wanted = "" if value.strip() == MISSING else value.strip()

    def holds(column: Column) -> NDArray[np.bool_]:
        assert isinstance(column, Texts)
        same = np.array([name == wanted for name in column.names] or [False])
        found: NDArray[np.bool_] = same[column.codes]
        return found

    return holds


def _numbers_like(column: str, value: str) -> Held:
    low, high = _ends(column, value)

    def holds(values: Column) -> NDArray[np.bool_]:
        x = np.asarray(values, dtype=np.float64)
        found: NDArray[np.bool_] = np.isnan(x) if math.isnan(low) else (x >= low) & (x <= high)
        return found

    return holds


def _ends(column: str, value: str) -> tuple[float, float]:
    # both are nan where nothing is what is asked for
    if value.strip() in ("", MISSING):
        return math.nan, math.nan
    text, colon, other = value.partition(":")
    try:
        low = _end(text, -math.inf if colon else None)
        return (low, _end(other, math.inf)) if colon else (low, low)
    except ValueError:
        said = f"column {column!r} is of numbers: write {column}=3, {column}=0:9, {column}=:9 or {column}={MISSING}"
        raise BadData(f"{as_text(value)!r} is neither a number nor a range; {said}") from None


def _end(text: str, absent: float | None) -> float:
    plain = text.strip().lower().lstrip("+")
    if not plain and absent is not None:
        return absent
    if plain in ("inf", "∞", "-inf", "−∞", "-∞"):
        return math.inf if plain in ("inf", "∞") else -math.inf
    return parse(text)
