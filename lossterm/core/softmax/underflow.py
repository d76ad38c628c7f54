"""Which numbers of a K-class loss are 0 only because no double is so small: told from those that are exactly 0.

An exact 0 is told apart by how it is reached. The logits are drawn together until the number is no 0 any more: one that
comes up through the smallest doubles was lost, one that jumps, or comes from rounding, was 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.surroundings import TINY
from lossterm.core.remembered import Remembered
from lossterm.core.softmax.evaluation import SoftmaxEvaluation
from lossterm.core.softmax.example import SoftmaxPoint, softmax
from lossterm.core.softmax.formulas import SoftmaxLoss, SoftmaxParams

MOST = 256
"""Kinds of numbers of one loss that are looked at: more zeros than anyone reads stay zeros."""

_KNOWN = 100
"""Losses and points of which the signs are remembered."""

_HALVINGS = 60
_NEVER_LOST = "differences"
"""What losses read whose slopes are 0 or whole: nothing underflows."""


@dataclass(frozen=True)
class Lost:
    """The signs of what is too small for a double; 0 for what is as it says.

    Attributes:
        value: of L.
        gradient: of ∂L/∂z of each class, ``(K,)``.
    """

    value: float
    gradient: Array


_known: Remembered[list[float]] = Remembered(_KNOWN)


def lost(point: SoftmaxPoint, loss: SoftmaxLoss, params: SoftmaxParams, evaluation: SoftmaxEvaluation) -> Lost:
    """What of a loss at one point is 0 by underflow alone.

    Args:
        point: where; one point, no batch.
        loss: the loss.
        params: all its parameters.
        evaluation: the numbers there.
    """
    gradient = np.ravel(evaluation.gradient)
    signs, classes = np.zeros(gradient.size), np.ravel(point.logits).size
    if loss.reads == _NEVER_LOST:
        return Lost(0.0, signs)
    zeros = np.flatnonzero((gradient == 0) & np.isfinite(np.ravel(point.logits))).tolist()
    firsts, alike = _alike(point, zeros)
    fields = [*firsts[:MOST], *([classes] if evaluation.value == 0 else [])]
    if not fields:
        return Lost(0.0, signs)
    # every key asks, most of them of what the one before has asked
    numbers = (point.logits, point.target.p, point.teacher.p, np.asarray(point.temperature), np.asarray(point.weight))
    key = (loss.id, tuple(params.items()), *fields, *(each.tobytes() for each in numbers))
    found = dict(zip(fields, _known.of(key, lambda: _signs(point, loss, params, fields)), strict=True))
    value = found.pop(classes, 0.0)
    signs[zeros] = [found.get(firsts[kind], 0.0) for kind in alike]
    return Lost(value, signs)


def _alike(point: SoftmaxPoint, zeros: list[int]) -> tuple[list[int], list[int]]:
    # classes of one logit and one target have one slope: the first of each kind, and of which kind each class is
    kinds = list(zip(*(np.ravel(each)[zeros].tolist() for each in (point.logits, point.target.p, point.teacher.p)),
                     strict=True))  # fmt: skip
    firsts = {kind: zeros[index] for index, kind in reversed(list(enumerate(kinds)))}
    order = {kind: number for number, kind in enumerate(sorted(firsts))}
    return [firsts[kind] for kind in order], [order[kind] for kind in kinds]


def _signs(point: SoftmaxPoint, loss: SoftmaxLoss, params: SoftmaxParams, fields: list[int]) -> list[float]:
    # between the logits as they are, where each number is 0, and drawn together, where it is not
    columns, rows = np.array(fields), np.arange(len(fields))
    near = _numbers(point, loss, params, np.full(len(fields), 2.0**-10))[rows, columns]
    inside, outside, beside = np.ones(len(fields)), np.full(len(fields), 2.0**-10), near
    for _ in range(_HALVINGS):
        if not (open_ := (beside != 0) & (np.abs(beside) >= TINY)).any():
            break
        middle = (inside + outside) / 2
        numbers = _numbers(point, loss, params, middle)[rows, columns]
        gone = (numbers == 0) & open_
        inside = np.where(gone, middle, inside)
        there = ~gone & open_
        outside, beside = np.where(there, middle, outside), np.where(there, numbers, beside)
    return [math.copysign(1.0, x) if 0 < abs(x) < TINY else 0.0 for x in beside.tolist()]


def _numbers(point: SoftmaxPoint, loss: SoftmaxLoss, params: SoftmaxParams, shares: Array) -> Array:
    # the slopes of all classes and the value last, of each share of the logits
    logits = np.ravel(point.logits)
    top = logits.max()
    drawn = top + shares[:, None] * (logits - top)
    batch = replace(point, logits=drawn, prediction=softmax(drawn, point.temperature))
    with np.errstate(all="ignore"):
        jet, _ = loss.at(batch, params)
        assert jet.first is not None
        slopes = np.broadcast_to(jet.first, drawn.shape) / point.temperature
        values = np.broadcast_to(jet.value, (len(shares), jet.value.shape[-1]))[:, :1]
    found: Array = np.nan_to_num(np.concatenate((slopes, values), axis=1), nan=0.0)
    return found
