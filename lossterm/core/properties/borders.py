"""The borders of a minimum: where the slope of a weighted sum of losses stops falling or starts to rise.

A border is a bracket between two samples, narrowed to a few ulps by the sign of ∂/∂v, or an end of a stretch of logits.
All borders of all sums are worked on together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from lossterm.core.jets import Array, times
from lossterm.core.properties.profile import HUGE, tidy
from lossterm.core.properties.sampling import FIELDS, Samples

PREDICTION, VALUE, SLOPE = (FIELDS.index(name) for name in ("prediction", "value", "d_prediction"))

_PARTS, _ROUNDS = 64, 10
_NEAR = 10.0 ** -np.arange(1.0, 14.0)
_FAR = 10.0 ** np.arange(0.0, 150.0, 10.0)


@dataclass(frozen=True)
class Border:
    """A border still to be found.

    Attributes:
        row: which weighted sum it belongs to.
        low: a logit before it; ±inf at an end without a logit.
        high: a logit after it.
        falling: whether it is where the slope stops falling (else where it starts to rise).
        side: −1 or 1 for the left or right end of a stretch of logits, 0 for a bracket.
    """

    row: int
    low: float
    high: float
    falling: bool = False
    side: int = 0


class Place(NamedTuple):
    """A border found: the prediction and the logit there, the value, and whether a finite logit reaches it."""

    prediction: float
    logit: float
    value: float
    reached: bool


def bracket(samples: Samples, row: int, left: int, *, falling: bool) -> Border:
    """The border between a sample and the next."""
    return Border(row, float(samples.logits[left]), float(samples.logits[left + 1]), falling)


def end(samples: Samples, row: int, value: Array, index: int, side: int) -> Border:
    """The border at the end of a stretch of finite values whose outermost sample is ``index``."""
    z, beyond = samples.logits, index + side
    if not 0 <= beyond < len(z) or abs(value[index]) > HUGE:
        return Border(row, side * math.inf, side * math.inf, side=side)
    low, high = sorted((float(z[index]), float(z[beyond])))
    return Border(row, low, high, side=side)


def combined(weights: Array, parts: Array) -> Array:
    """Σ w·part over the labels; a label of weight 0 has no say at all, not even where it is not defined.

    Args:
        weights: shape (rows, labels).
        parts: shape (labels, …), or (labels, rows, …) with one part for each row.
    """
    each = parts.ndim > 1 and parts.shape[1] == len(weights)
    total = np.zeros(parts.shape[1:] if each else (len(weights), *parts.shape[1:]))
    for column, part in zip(weights.T, parts, strict=True):
        factor = column.reshape(-1, *(1,) * (total.ndim - 1))
        total = total + np.where(factor == 0, 0.0, times(factor, part))
    return total


def narrowed(samples: Samples, weights: Array, borders: Sequence[Border]) -> list[Border]:
    """All brackets divided together until they are a few ulps wide; the ends as they are."""
    chosen = [k for k, border in enumerate(borders) if not border.side]
    result = list(borders)
    if not chosen:
        return result
    low, high = (np.array([getattr(borders[k], name) for k in chosen]) for name in ("low", "high"))
    falling = np.array([borders[k].falling for k in chosen])[:, None]
    weight = weights[[borders[k].row for k in chosen]]
    for _ in range(_ROUNDS):
        points = low[:, None] + (high - low)[:, None] * (np.arange(1, _PARTS) / _PARTS)
        slope = _at(samples, weight, points, SLOPE)
        count = np.cumprod(np.where(falling, slope < 0, ~(slope > 0)), axis=1).sum(axis=1)
        chain = np.concatenate([low[:, None], points, high[:, None]], axis=1)
        each = np.arange(len(low))
        low, high = chain[each, count], chain[each, count + 1]
        if (high - low <= 4e-16 * np.maximum(np.abs(low), 1e-300)).all():
            break
    for k, a, b in zip(chosen, low, high, strict=True):
        result[k] = replace(borders[k], low=float(a), high=float(b))
    return result


def settled(samples: Samples, weights: Array, borders: Sequence[Border]) -> list[Place]:
    """What is at the borders, narrowed before."""
    finite = [border for border in borders if not math.isinf(border.low)]
    far = {side: _far(samples, weights, side) for side in {b.side for b in borders if math.isinf(b.low)}}
    found = dict(zip(map(id, finite), _near(samples, weights, finite), strict=True))
    return [far[b.side][b.row] if math.isinf(b.low) else found[id(b)] for b in borders]


def flat_end(samples: Samples, side: int) -> tuple[float, float] | None:
    """The stretch of logits on which the activation stays at its lower (−1) or upper (1) end, if there is one."""
    return next((f for f in samples.activation.flat if math.isinf(f[0] if side < 0 else f[1])), None)


def _at(samples: Samples, weight: Array, points: Array, field: int) -> Array:
    # the sums at points (rows, n), each row with its weights; labels that weigh nothing are not computed
    used = [k for k in range(weight.shape[1]) if weight[:, k].any()]
    parts = samples.evaluate(points, [samples.labels[k] for k in used])[:, field]
    return combined(weight[:, used], parts)


def _far(samples: Samples, weights: Array, side: int) -> list[Place]:
    activation = samples.activation
    prediction = activation.upper if side > 0 else activation.lower
    values = combined(weights, samples.evaluate(side * _FAR)[:, VALUE])
    reached = flat_end(samples, side) is not None
    places = []
    for row in values:
        known = row[~np.isnan(row)]
        value = float(known[-1]) if len(known) else math.nan
        places.append(Place(prediction, side * math.inf, value, reached))
    return places


def _near(samples: Samples, weights: Array, borders: Sequence[Border]) -> list[Place]:
    if not borders:
        return []
    logits = np.array([_logits(border) for border in borders])
    weight = weights[[border.row for border in borders]]
    predictions = samples.activation.jet(logits).value
    values = _at(samples, weight, logits, VALUE)
    inside = _at(samples, weight, logits[:, :1] - np.array([[b.side] for b in borders]) * _NEAR, VALUE)
    places = []
    for border, z, v, value, path in zip(borders, logits[:, 0], predictions, values, inside, strict=True):
        at, reached = float(value[0]), True
        if border.side:
            # an end of the stretch: the value there if it is one, else the limit from inside
            size = float(np.max(np.abs(path), initial=0.0, where=np.isfinite(path)))
            known = value[np.isfinite(value)]
            reached = len(known) > 0 and bool(abs(known[0] - path[-1]) <= 1e-9 * size)
            at = float(known[0] if reached else path[-1])
        places.append(Place(tidy(float(v.min()), float(v.max())), float(z), at, reached))
    return places


def _logits(border: Border) -> tuple[float, float, float]:
    # a tidy logit in the bracket, and its two ends
    room = 0.0 if border.side else 1e-14 * max(1.0, abs(border.low))
    return tidy(border.low - room, border.high + room), border.low, border.high
