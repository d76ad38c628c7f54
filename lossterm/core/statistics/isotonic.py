"""Isotonic regression: the rising steps that fit labels best, which is what CORP calls calibrated predictions.

Pooling adjacent violators gives the same steps in whatever order neighbours are pooled (Barlow, Bartholomew, Bremner
and Brunk, 1972): whole runs that do not rise are pooled at once, by numpy, and what many rounds leave by a stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 40
"""Rounds of pooling runs after which the few steps that are left are pooled one by one."""


@dataclass(frozen=True, eq=False)
class IsotonicSteps:
    """A fitted isotonic regression: steps from the lowest predictions to the highest.

    Attributes:
        low: the least prediction of each step, ``(m,)``, ascending.
        high: the largest.
        weight: Σw of each; how many examples where each weighs 1.
        ones: Σwy of each.
        order: the examples in the order of their predictions, ``(n,)``.
        first: the place in that order at which each step begins.
    """

    low: Array
    high: Array
    weight: Array
    ones: Array
    order: NDArray[np.intp]
    first: NDArray[np.intp]

    @property
    def value(self) -> Array:
        """The fitted frequency of each step, rising, ``(m,)``."""
        return self.ones / self.weight

    def fitted(self) -> Array:
        """The fitted frequency of each example, in the order they were given, ``(n,)``."""
        lengths = np.diff(np.append(self.first, self.order.size))
        found = np.empty(self.order.size)
        found[self.order] = np.repeat(self.value, lengths)
        return found

    def at(self, p: float) -> float:
        """The fitted frequency at a prediction: between two steps on the line between them, as scikit-learn has it."""
        value = self.value
        x = np.stack([self.low, self.high], axis=1).reshape(-1)
        return float(np.interp(p, x, np.repeat(value, 2)))


def isotonic(prediction: Array, label: Array, weight: Array | None = None) -> IsotonicSteps:
    """The weighted isotonic regression of labels on predictions; equal predictions are pooled first.

    Args:
        prediction: of any unit, no nan, ``(n,)``, n > 0.
        label: in [0, 1], ``(n,)``.
        weight: above 0, ``(n,)``; None where each example counts once.
    """
    order = np.argsort(prediction, kind="stable")
    p, y = prediction[order], label[order]
    new = np.flatnonzero(np.concatenate([[True], p[1:] != p[:-1]]))
    if weight is None:
        w, ones = np.diff(np.append(new, p.size)).astype(np.float64), np.add.reduceat(y, new)
    else:
        sorted_weight = weight[order]
        w, ones = np.add.reduceat(sorted_weight, new), np.add.reduceat(sorted_weight * y, new)
    first, w, ones = _pooled(new, w, ones)
    last = np.append(first[1:], p.size) - 1
    return IsotonicSteps(p[first], p[last], w, ones, order, first)


def _pooled(first: NDArray[np.intp], w: Array, ones: Array) -> tuple[NDArray[np.intp], Array, Array]:
    for _ in range(ROUNDS):
        # a step that is no higher than the one before it joins it: by products, which are exact for counts
        starts = np.concatenate([[True], ones[1:] * w[:-1] > ones[:-1] * w[1:]])
        if starts.all():
            return first, w, ones
        at = np.flatnonzero(starts)
        first, w, ones = first[at], np.add.reduceat(w, at), np.add.reduceat(ones, at)
    kept: list[tuple[int, float, float]] = []
    for start, n, k in zip(first.tolist(), w.tolist(), ones.tolist(), strict=True):
        step = (start, n, k)
        while kept and step[2] * kept[-1][1] <= kept[-1][2] * step[1]:
            before = kept.pop()
            step = (before[0], before[1] + step[1], before[2] + step[2])
        kept.append(step)
    starts_, counts, sums = zip(*kept, strict=True)
    return np.array(starts_, dtype=np.intp), np.array(counts), np.array(sums)
