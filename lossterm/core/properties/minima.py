"""Where a weighted sum of one loss for several labels is least, over the closure of what the activation can predict.

With one label of weight 1 this is the loss's own minimiser; with η on the label 1 and 1 − η on the label 0 it is the
minimiser of the risk. A minimum is found from the sign of ∂/∂v, which is exact in the tails where values tie.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.properties.borders import (
    PREDICTION,
    SLOPE,
    VALUE,
    Border,
    Place,
    bracket,
    combined,
    end,
    flat_end,
    narrowed,
    settled,
)
from lossterm.core.properties.profile import VANISHED, runs, tidy
from lossterm.core.properties.sampling import Samples

_SAME = 1e-9
"""Relative width of a stretch of predictions that rounding can explain."""


@dataclass(frozen=True)
class Minimum:
    """A local minimum: a point, or a stretch on which the value is constant.

    Attributes:
        low: the least prediction of it.
        high: the greatest.
        logits: the logits of the two; ±inf where it is only approached, or goes on for ever.
        value: the value there.
        attained: whether a finite logit reaches it.
        open: whether its two ends, finite logits, do not belong to it: the loss jumps there.
    """

    low: float
    high: float
    logits: tuple[float, float]
    value: float
    attained: bool
    open: tuple[bool, bool] = (False, False)

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


def local_minima(samples: Samples, weights: Array) -> list[list[Minimum]]:
    """The local minima of every weighted sum, the lowest first.

    Args:
        samples: the loss.
        weights: shape (sums, labels), not negative, in the order of ``samples.labels``.

    Returns:
        For each sum its minima; none where it is nowhere defined.
    """
    with np.errstate(all="ignore"):
        value, slope = (combined(weights, samples.data[:, field]) for field in (VALUE, SLOPE))
        pairs = [pair for row in range(len(weights)) for pair in _candidates(samples, row, value[row], slope[row])]
        borders = narrowed(samples, weights, [border for pair in pairs for border in pair])
        places = settled(samples, weights, borders)
    found: list[list[Minimum]] = [[] for _ in range(len(weights))]
    for (left, right), low, high in zip(pairs, places[::2], places[1::2], strict=True):
        found[left.row].append(_minimum(samples, left, right, low, high))
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
    weights[:, samples.labels.index(negative)] += 1 - etas
    return weights


def _candidates(samples: Samples, row: int, value: Array, slope: Array) -> list[tuple[Border, Border]]:
    """The two borders of every local minimum, one border twice where they are the same."""
    slope = np.where(np.isnan(slope), 0.0, slope)  # the slope of a jump: the values tell
    leaps = {b.left for label in samples.labels for b in samples.profile(label).jumps}
    found = []
    for first, last in runs(np.isfinite(value)):
        cuts = [first, *(i + 1 for i in sorted(leaps) if first <= i < last), last + 1]
        for start, stop in pairwise(cuts):
            sign = _signs(samples, slope, start, stop)
            known = np.flatnonzero(sign)
            left, right = end(samples, row, value, start, -1), end(samples, row, value, stop - 1, 1)
            if not len(known):
                found.append((left, right))
                continue
            i, j = int(known[0]), int(known[-1])
            if sign[i] > 0:
                found.append((left, bracket(samples, row, start + i - 1, falling=False) if i else left))
            turns = np.flatnonzero((sign[known[:-1]] < 0) & (sign[known[1:]] > 0))
            for a, b in zip(known[turns], known[turns + 1], strict=True):
                falling = bracket(samples, row, start + int(a), falling=True)
                rising = falling if b == a + 1 else bracket(samples, row, start + int(b) - 1, falling=False)
                found.append((falling, rising))
            if sign[j] < 0:
                found.append((bracket(samples, row, start + j, falling=True) if start + j < stop - 1 else right, right))
    return found


def _signs(samples: Samples, slope: Array, start: int, stop: int) -> Array:
    # Zeros that are none keep the sign beside them: those beside a vanishing slope are an underflow, and those where
    # the prediction has rounded to the end of its range, though the activation is not flat, are a cancellation.
    sign: Array = np.sign(slope[start:stop])
    v = samples.data[0, PREDICTION]
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


def _minimum(samples: Samples, left: Border, right: Border, low: Place, high: Place) -> Minimum:
    if left is not right:
        reached = low.reached or high.reached or low.prediction < high.prediction
        span = (low.logit, high.logit)
        if high.prediction - low.prediction <= _SAME * min(abs(low.prediction), abs(high.prediction)):
            v = tidy(low.prediction, high.prediction)
            return Minimum(v, v, span, low.value, low.reached or high.reached)
        outside = (math.isfinite(low.logit) and not low.reached, math.isfinite(high.logit) and not high.reached)
        return Minimum(low.prediction, high.prediction, span, min(low.value, high.value), reached, outside)
    stretch = flat_end(samples, left.side) if left.side and math.isinf(low.logit) else None
    return Minimum(low.prediction, low.prediction, stretch or (low.logit, low.logit), low.value, low.reached)
