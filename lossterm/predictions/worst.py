"""The worst examples of a loss, as rows of a table."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.numbers import MINUS, digits_apart, fitting, significant
from lossterm.predictions.report import cell_text
from lossterm.predictions.words import NUMBER

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import LossFinding

DIGITS = 6
"""Significant digits of a field of the file."""

_SHORT = re.compile(r"-?[0-9]*\.?[0-9]+(e-?[0-9]+)?")
"""A number that is short enough to be shown as it is written."""

FIXED = 3
"""The columns that are not the file's: the row, the loss and the logit."""


@dataclass(frozen=True)
class WorstRows:
    """The worst examples of a loss.

    Attributes:
        heads: of the columns.
        texts: of each row, as they are shown.
        values: the same in full, to sort them by; None where a column is still being read or a field is empty.
    """

    heads: Sequence[str]
    texts: Sequence[Sequence[str]]
    values: Sequence[Sequence[float | str | None]]


def worst_rows(
    finding: LossFinding, columns: Mapping[int, Mapping[str, object]], names: Sequence[str], point: str
) -> WorstRows:
    """The worst examples; columns that are still being read are an ellipsis, and ``point`` is where each one is."""
    heads = ["row", "L", point, *names]
    texts: list[list[str]] = []
    values: list[list[float | str | None]] = []
    worst = finding.worst
    if worst is None:
        return WorstRows(heads, texts, values)
    for row, value, logit in zip(worst.row.tolist(), worst.value.tolist(), worst.logit.tolist(), strict=True):
        fields = columns.get(row)
        cells = ["…"] * len(names) if fields is None else [brief(fields.get(name)) for name in names]
        texts.append([f"{row:,}", fitting(value, NUMBER), significant(logit), *cells])
        values.append([float(row), value, logit, *(None if fields is None else _value(fields.get(n)) for n in names)])
    return WorstRows(heads, texts, values)


def brief(x: object) -> str:
    """A field of the file: a number of many digits with six of them, every other text as it is."""
    text = cell_text(x)
    if sum(c.isdigit() for c in text.partition("e")[0].lstrip("-0.")) <= DIGITS or not {".", "e"} & set(text):
        return text.replace("-", MINUS) if _SHORT.fullmatch(text) else text
    try:
        value = float(str(x))
    except ValueError:
        return text
    return significant(value, digits_apart(value, DIGITS)) if math.isfinite(value) else text


def _value(x: object) -> float | str | None:
    if x is None or x == "":
        return None
    try:
        return float(str(x))
    except ValueError:
        return str(x)


def sorted_rows(values: Sequence[Sequence[float | str | None]], column: int, *, down: bool) -> list[int]:
    """The order of rows by a column: as numbers where all of them are, else as text; what is missing comes last."""
    found = [row[column] for row in values]
    there = [i for i, value in enumerate(found) if value is not None and value == value]
    if all(isinstance(found[i], float) for i in there):
        there.sort(key=lambda i: found[i], reverse=down)  # type: ignore[arg-type, return-value]
    else:
        there.sort(key=lambda i: str(found[i]), reverse=down)
    known = set(there)
    return there + [i for i in range(len(found)) if i not in known]
