"""Where a weighted sum of one loss for several labels is least, over the closure of what the activation can predict.

With one label of weight 1 this is the loss's own minimiser; with η on the label 1 and 1 − η on the label 0 it is the
minimiser of the risk. A minimum is found from the sign of ∂/∂v, which is exact in the tails where values tie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array, times
from lossterm.core.properties.sampling import FIELDS, HUGE, VANISHED, Samples, runs, tidy

_PREDICTION, _VALUE, _SLOPE = (FIELDS.index(name) for name in ("prediction", "value", "d_prediction"))
_PARTS, _ROUNDS = 16, 15
_NEAR = 10.0 ** -np.arange(1.0, 14.0)
_FAR = 10.0 ** np.arange(0.0, 150.0, 10.0)


@dataclass(frozen=True)
class Minimum:
    """A local minimum: a point, or a stretch on which the value is constant.

    Attributes:
        low: the least prediction of it.
        high: the greatest.
        logits: the logits of the two; ±inf where it is only approached, or goes on for ever.
        value: the value there.
        attained: whether a finite logit reaches it.
    """

    low: float
    high: float
    logits: tuple[float, float]
    value: float
    attained: bool

    @property
    def is_point(self) -> bool:
        """Whether it is one prediction."""
        return self.low == self.high

    @property
    def logit(self) -> float:
        """A finite logit in it where there is one, else ±inf."""
        low, high = self.logits
        if math.isinf(low):
            return high
        return low if math.isinf(high) else (low + high) / 2


@dataclass(frozen=True)
class _Border:
    """One border of a minimum: a bracket still to be narrowed, or an end of the stretch of logits."""

    low: float
    high: float
    sign: float = 0.0
    side: int = 0


def local_minima(samples: Samples, weights: Array) -> list[list[Minimum]]:
    """The local minima of every weighted sum, the lowest first.

    Args:
        samples: the loss.
        weights: shape (sums, labels), not negative, in the order of ``samples.labels``.

    Returns:
        For each sum its minima; none where it is nowhere defined.
    """
    with np.errstate(all="ignore"):
        value, slope = (_combined(weights, samples.data[:, field]) for field in (_VALUE, _SLOPE))
        pairs = [
            (row, left, right)
            for row in range(len(weights))
            for left, right in _candidates(samples, value[row], slope[row])
        ]
        borders = [(row, border) for row, left, right in pairs for border in (left, right)]
        narrowed = _narrow(samples, weights, borders)
        found: list[list[Minimum]] = [[] for _ in range(len(weights))]
        for (row, left, _), low, high in zip(pairs, narrowed[::2], narrowed[1::2], strict=True):
            found[row].append(_minimum(samples, weights[row], low, high, crossing=left.sign < 0 and low == high))
    return [sorted(minima, key=lambda m: m.value) for minima in found]


def lowest(minima: Sequence[Minimum]) -> list[Minimum]:
    """Those of the minima that tie for the least value."""
    if not minima:
        return []
    least = minima[0].value
    return [m for m in minima if m.value <= least + 1e-12 * max(1.0, abs(least))]


def minimisers(samples: Samples, label: float) -> list[Minimum]:
    """Where the loss itself is least for one label."""
    weights = np.array([[float(label == other) for other in samples.labels]])
    return lowest(local_minima(samples, weights)[0])


def risk_weights(samples: Samples, etas: Array, positive: float = 1.0, negative: float = 0.0) -> Array:
    """η on the positive label and 1 − η on the negative one: the weights of the expected loss."""
    weights = np.zeros((len(etas), len(samples.labels)))
    weights[:, samples.labels.index(positive)] = etas
    weights[:, samples.labels.index(negative)] = 1 - etas
    return weights


def _combined(weights: Array, parts: Array) -> Array:
    # Σ w·part over the labels, a label of weight 0 having no say at all (not even where it is not defined)
    total = np.zeros((len(weights), *parts.shape[1:]))
    for column, part in zip(weights.T, parts, strict=True):
        factor = column.reshape(-1, *(1,) * part.ndim)
        total = total + np.where(factor == 0, 0.0, times(factor, part))
    return total


def _candidates(samples: Samples, value: Array, slope: Array) -> list[tuple[_Border, _Border]]:
    z = samples.logits
    slope = np.where(np.isnan(slope), 0.0, slope)  # the slope of a jump: the values tell
    leaps = {b.left for label in samples.labels for b in samples.profile(label).jumps}
    found = []
    for first, last in runs(np.isfinite(value)):
        cuts = [first, *(i + 1 for i in sorted(leaps) if first <= i < last), last + 1]
        for start, stop in zip(cuts[:-1], cuts[1:], strict=True):
            sign = _signs(samples, slope, start, stop)
            known = np.flatnonzero(sign)
            left = _Border(*_place(z, value, start, -1), side=-1)
            right = _Border(*_place(z, value, stop - 1, 1), side=1)
            if not len(known):
                found.append((left, right))
                continue
            i, j = int(known[0]), int(known[-1])
            if sign[i] > 0:
                found.append((left, _bracket(z, start + i - 1, -0.5) if i else left))
            for a, b in zip(known[:-1], known[1:], strict=True):
                if sign[a] < 0 < sign[b]:
                    falling = _bracket(z, start + int(a), -1.0)
                    found.append((falling, falling if b == a + 1 else _bracket(z, start + int(b) - 1, -0.5)))
            if sign[j] < 0:
                found.append((_bracket(z, start + j, -1.0) if j < stop - start - 1 else right, right))
    return found


def _signs(samples: Samples, slope: Array, start: int, stop: int) -> Array:
    # Zeros that are none keep the sign beside them: those beside a vanishing slope are an underflow, and those where
    # the prediction has rounded to the end of its range, though the activation is not flat, are a cancellation.
    sign: Array = np.sign(slope[start:stop])
    v = samples.data[0, _PREDICTION]
    for first, last in runs(sign == 0):
        a, b = start + first, start + last
        rounded = (first == 0 or last == len(sign) - 1) and v[a] == v[b] and not _in_flat(samples, a, b)
        for neighbour in (a - 1, b + 1):
            if start <= neighbour < stop and (rounded or abs(slope[neighbour]) < VANISHED):
                sign[first : last + 1] = np.sign(slope[neighbour])
    return sign


def _in_flat(samples: Samples, first: int, last: int) -> bool:
    z = samples.logits
    return any(low <= z[first] and z[last] <= high for low, high in samples.activation.flat)


def _bracket(z: Array, left: int, sign: float) -> _Border:
    # sign −1: left of the border the slope is negative; −0.5: right of it the slope is positive
    return _Border(float(z[left]), float(z[left + 1]), sign)


def _place(z: Array, value: Array, index: int, side: int) -> tuple[float, float]:
    beyond = index + side
    if not 0 <= beyond < len(z) or abs(value[index]) > HUGE:
        return side * math.inf, side * math.inf
    low, high = sorted((float(z[index]), float(z[beyond])))
    return low, high


def _narrow(samples: Samples, weights: Array, borders: list[tuple[int, _Border]]) -> list[_Border]:
    """All brackets divided together until they are a few ulps wide."""
    open_ = [k for k, (_, border) in enumerate(borders) if border.sign]
    low = np.array([borders[k][1].low for k in open_])
    high = np.array([borders[k][1].high for k in open_])
    rows = np.array([borders[k][0] for k in open_], dtype=int)
    falling = np.array([borders[k][1].sign == -1 for k in open_])
    for _ in range(_ROUNDS if open_ else 0):
        points = low[:, None] + (high - low)[:, None] * (np.arange(1, _PARTS) / _PARTS)
        slopes = samples.evaluate(points)[:, _SLOPE]
        slope = np.zeros_like(points)
        for column, part in zip(weights.T, slopes, strict=True):
            factor = column[rows][:, None]
            slope = slope + np.where(factor == 0, 0.0, times(factor, part))
        before = np.where(falling[:, None], slope < 0, ~(slope > 0))
        count = np.cumprod(before, axis=1).sum(axis=1)
        chain = np.concatenate([low[:, None], points, high[:, None]], axis=1)
        each = np.arange(len(low))
        low, high = chain[each, count], chain[each, count + 1]
    result = [border for _, border in borders]
    for k, a, b in zip(open_, low, high, strict=True):
        result[k] = replace(borders[k][1], low=float(a), high=float(b))
    return result


def _minimum(samples: Samples, weights: Array, left: _Border, right: _Border, *, crossing: bool) -> Minimum:
    def total(z: Array) -> Array:
        return _combined(weights[None], samples.evaluate(z)[:, _VALUE])[0]

    low, low_z, low_value, low_reached = _border(samples, left, total)
    high, high_z, high_value, high_reached = _border(samples, right, total)
    if crossing or (left.side and left.side == right.side):
        z = low_z
        span = (z, z)
        if left.side and low_reached and math.isinf(z):
            span = _flat(samples, left.side)
        return Minimum(low, low, span, low_value, low_reached)
    reached = low_reached or high_reached or low < high
    return Minimum(low, high, (low_z, high_z), min(low_value, high_value), reached)


def _flat(samples: Samples, side: int) -> tuple[float, float]:
    # the stretch on which the activation stays at its end
    return next((f for f in samples.activation.flat if math.isinf(f[0] if side < 0 else f[1])), (math.nan, math.nan))


def _border(samples: Samples, border: _Border, total: Callable[[Array], Array]) -> tuple[float, float, float, bool]:
    """The prediction, logit and value at a border, and whether a finite logit reaches it."""
    activation = samples.activation
    if math.isinf(border.low):
        side = border.side
        end = activation.upper if side > 0 else activation.lower
        values = total(side * _FAR)
        values = values[~np.isnan(values)]
        value = float(values[-1]) if len(values) else math.nan
        return end, side * math.inf, value, bool(np.isfinite(_flat(samples, side)).any())
    room = 1e-14 * max(1.0, abs(border.low)) if not border.side else 0.0
    places = np.array([tidy(border.low - room, border.high + room), border.low, border.high])
    at, low, high = (float(v) for v in activation.jet(places).value)
    values = total(places)
    z, prediction = float(places[0]), tidy(*sorted((at, low, high))[::2])
    if not border.side:
        return prediction, z, float(values[0]), True
    # an end of the stretch: the value there if it is one, else the limit from inside
    inside = total(z - border.side * _NEAR)
    limit, size = float(inside[-1]), float(np.max(np.abs(inside), initial=0.0, where=np.isfinite(inside)))
    known = values[np.isfinite(values)]
    if len(known) and abs(known[0] - limit) <= 1e-9 * size:
        return prediction, z, float(known[0]), True
    return prediction, z, limit, False


def finite(points: Sequence[float]) -> tuple[float, ...]:
    """Those of the points to which a cursor can go."""
    return tuple(float(p) for p in points if math.isfinite(p))


def near_end(samples: Samples, side: int, close: NDArray[np.bool_]) -> float:
    """The innermost sample from which on, towards one side, all are ``close``: where a limit is as good as reached."""
    outward = close if side < 0 else close[::-1]
    count = int(np.cumprod(outward).sum())
    index = max(count - 1, 0)
    return float(samples.logits[index if side < 0 else len(close) - 1 - index])
