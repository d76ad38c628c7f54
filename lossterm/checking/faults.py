"""What a check finds: faults, each with where it is, the numbers, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.numbers import significant, trimmed

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask: TypeAlias = "NDArray[np.bool_]"
"""Whether each row is."""

KINDS = {
    "sign": "the sign is flipped",
    "wrt_prediction": "derivative by the prediction, not by the score",
    "factor": "a factor too much or too little",
    "weight": "weights",
    "missing_link": "the activation is missing",
    "hessian_negative": "the Hessian is negative",
    "hessian_wrong": "the Hessian is another one",
    "gradient_not_of_value": "the gradient is not that of the loss",
    "nonfinite": "not a finite number",
    "none": "no loss has this gradient",
}
"""The kinds of faults, and their headings."""


@dataclass(frozen=True)
class ObjectiveFault:
    """One thing that is wrong.

    Attributes:
        kind: one of `KINDS`.
        where: at which scores and labels, and in which of the results.
        detail: what was found, and what is right.
        change: what to do.
        at: a score where it is seen, and its label.
    """

    kind: str
    where: str
    detail: str
    change: str = ""
    at: tuple[float, float] = (-4.0, 1.0)


def stretches(z: Array, y: Array, wrong: Mask) -> str:
    """Where rows are wrong, in words: for each label from which score to which.

    Args:
        z: the scores.
        y: the labels.
        wrong: whether each row is.
    """
    if wrong.all():
        return "everywhere"
    told: dict[str, list[float]] = {}
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        rows = rows[np.argsort(z[rows])]
        if wrong[rows].any():
            told.setdefault(_stretch(z[rows], wrong[rows]), []).append(float(label))
    if len(told) == 1 and len(next(iter(told.values()))) == len(np.unique(y)):
        return next(iter(told))
    return "; ".join(f"y = {' and '.join(map(trimmed, labels))}: {text}" for text, labels in told.items())


def _stretch(z: Array, wrong: Mask) -> str:
    if wrong.all():
        return "every z"
    first, last = int(np.argmax(wrong)), int(wrong.size - 1 - np.argmax(wrong[::-1]))
    low, high = (trimmed(float(z[k]), 3) for k in (first, last))
    if wrong[first : last + 1].all():
        if first == 0:
            return f"z ≤ {high}"
        return f"z ≥ {low}" if last == wrong.size - 1 else f"z = {low}" if first == last else f"{low} ≤ z ≤ {high}"
    inner = np.flatnonzero(~wrong)
    if first == 0 and last == wrong.size - 1 and not wrong[inner[0] : inner[-1] + 1].any():
        return f"z ≤ {trimmed(float(z[inner[0] - 1]), 3)} and z ≥ {trimmed(float(z[inner[-1] + 1]), 3)}"
    return f"at {int(wrong.sum())} of {wrong.size} scores from {low} to {high}"


def numbers_at(z: Array, y: Array, found: Array, right: Array, row: int, name: str) -> str:
    """What was found in a row, and what is right."""
    return (
        f"at z = {trimmed(float(z[row]), 3)}, y = {trimmed(float(y[row]))}: {name} = {significant(float(found[row]))}, "
        f"right is {significant(float(right[row]))}"
    )


def plain_row(z: Array, y: Array, rows: Mask, label: float | None = None) -> int:
    """Of some rows the one that is easiest to look at: near z = −2, of the label 1 or the asked one."""
    wanted = 1.0 if label is None else label
    kept = np.flatnonzero(rows)
    order: Sequence[float] = np.abs(z[kept] + 2) + 3.0 * (y[kept] != wanted)
    return int(kept[int(np.argmin(order))])
