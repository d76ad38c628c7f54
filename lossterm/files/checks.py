"""What makes a row of a file unusable: its faults, found for a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.plain import visible
from lossterm.core.statistics.examples import LARGEST_WEIGHT, LEAST_WEIGHT, Kind

Mask: TypeAlias = NDArray[np.bool_]
"""Which rows of a batch, ``(n,)``."""

SUM_TOLERANCE = 0.01 + 1e-9
"""How far K probabilities may be from adding up to 1, 0.01: two decimals each are often all that a file has."""

ROUNDING = 1e-3
"""How far outside [0, 1] numbers may be that are still taken for probabilities with a rounding, not for logits."""

EMPTY = "empty or missing field"
"""The reason for rows without a needed field; polars does not tell an empty one from one that is missing."""

RAGGED = "wrong number of fields"
"""The reason for rows that are too long or too short."""

_MANY = 0.1
"""Share of predictions outside [0, 1] from which they are taken for something else."""

_PER_CENT = 40
"""Greatest of positive numbers from which they are taken for per cent: as logits they would be 1 to the last digit."""


LONGEST_MESSAGE = 900
"""Characters of a message; what is longer holds more of a file than anybody reads."""


class BadData(ValueError):  # noqa: N818  (what is wrong is the data)
    """A file cannot be read, or a row of it cannot be used; the message is one line that names both.

    Names and fields of the file in it are made `visible` here, once for all messages.
    """

    def __init__(self, message: str) -> None:
        line = visible(message)
        super().__init__(line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…")


class NoRows(BadData):
    """A file has the names of its columns and no row.

    Args:
        message: as of any.
        names: of its columns.
    """

    def __init__(self, message: str, names: Sequence[str]) -> None:
        super().__init__(message)
        self.names = tuple(names)


@dataclass(frozen=True, eq=False)
class Fault:
    """One reason for which rows of a batch are bad.

    Attributes:
        reason: as it is counted: ``probability outside [0, 1]``.
        rows: which rows, ``(n,)``.
        describe: ``index in the batch → what is there and what would be right``.
        column: whose cells are bad; "" where it is the whole row.
    """

    reason: str
    rows: Mask
    describe: Callable[[int], str]
    column: str = ""


def shown(text: object) -> str:
    """What is in a field, quoted, and short enough for a message."""
    plain = str(text)
    return repr(plain if len(plain) <= 40 else plain[:37] + "…")


def counted(number: int, noun: str) -> str:
    """``1 field``, ``3 fields``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shortest(value: float) -> str:
    """The shortest text that reads back as this number; no two numbers look the same."""
    return repr(float(value)).removesuffix(".0")


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names of columns in a sentence, the first few of many."""
    if not names:
        return "none"
    more = f", … ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(name if len(name) <= 40 else name[:37] + "…" for name in names[:most]) + more


def prediction_faults(values: Array, kind: Kind, columns: Sequence[str]) -> list[Fault]:
    """The faults of a batch of predictions.

    Args:
        values: shape ``(n,)`` or ``(n, K)``.
        kind: what they are.
        columns: the names of their columns, one or K.
    """
    if not values.size:
        return []
    low, high = values.min(), values.max()
    if kind == "probability":
        if not (low >= 0 and high <= 1):  # NaN fails both
            return _not_numbers(values, columns) + _not_probabilities(values, columns)
        return _sums(values) if values.ndim == 2 else []
    if np.isfinite(low) and np.isfinite(high):
        return []
    what = "logit" if kind == "logit" else "value"
    infinite = _where(np.isinf(values), values, columns, f"infinite {what}", f"a finite {what}")
    return _not_numbers(values, columns) + infinite


def weight_faults(values: Array, column: str) -> list[Fault]:
    """The faults of a batch of weights ``(n,)``: they are finite and at least 0, and their squares are numbers."""
    if not values.size or (values.min() >= LEAST_WEIGHT and values.max() <= LARGEST_WEIGHT):
        return []
    small, large = (values > 0) & (values < LEAST_WEIGHT), (values > LARGEST_WEIGHT) & (values < np.inf)
    return [
        *_not_numbers(values, [column]),
        *_where(values < 0, values, [column], "negative weight", "a weight of at least 0"),
        *_where(np.isposinf(values), values, [column], "infinite weight", "a finite weight"),
        *_where(small | large, values, [column], "weight beyond numbers", "0 or a weight from 1e−150 to 1e150"),
    ]


def _not_numbers(values: Array, columns: Sequence[str]) -> list[Fault]:
    return _where(np.isnan(values), values, columns, "NaN", "a number")


def _not_probabilities(values: Array, columns: Sequence[str]) -> list[Fault]:
    outside = (values < 0) | (values > 1)
    return _where(outside, values, columns, "probability outside [0, 1]", "a probability in [0, 1]", _hint(values))


def _hint(values: Array) -> str:
    """What numbers outside [0, 1] may be instead of probabilities."""
    finite = values[np.isfinite(values)]
    outside = np.count_nonzero((finite < 0) | (finite > 1))
    if not outside:
        return ""
    low, high = finite.min(), finite.max()
    if low >= -ROUNDING and high <= 1 + ROUNDING:
        return " (a rounding? if these are logits: --kind logit)"
    if outside <= _MANY * values.size:
        return ""
    if low >= 0 and _PER_CENT < high <= 100:
        return ": these look like per cent: add --out-of 100"
    return ": these look like logits: add --kind logit"


def _sums(values: Array) -> list[Fault]:
    # a product with ones is several times faster than a sum along the short axis
    total: Array = values @ np.ones(values.shape[1])
    if np.abs(total - 1).max() <= SUM_TOLERANCE:
        return []
    wrong = np.asarray(np.abs(total - 1) > SUM_TOLERANCE)
    return [
        Fault(
            "probabilities that do not sum to 1",
            wrong,
            lambda i: f"the {values.shape[1]} probabilities sum to {total[i]:.6g}, not to 1",
        )
    ]


def _where(bad: Mask, values: Array, columns: Sequence[str], reason: str, right: str, hint: str = "") -> list[Fault]:
    if not bad.any():
        return []
    rows = bad if bad.ndim == 1 else np.asarray(bad.any(axis=1))

    def describe(i: int) -> str:
        at = 0 if bad.ndim == 1 else int(bad[i].argmax())
        value = values[i] if bad.ndim == 1 else values[i, at]
        return f"column {columns[at]!r}: {shortest(value)} is not {right}{hint}"

    return [Fault(reason, rows, describe)]
