"""Predictions in order: the area under the ROC curve, confusion at any threshold, percentiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lossterm.core.exact import flat
from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CHUNK = 2048
"""Sorted numbers looked up together: what they are looked up in then fits the nearest cache."""


@dataclass(frozen=True)
class Confusion:
    """Decisions against labels: how many, or Σw where they have weights.

    Attributes:
        true_positive: label 1, decided 1.
        false_positive: label 0, decided 1.
        true_negative: label 0, decided 0.
        false_negative: label 1, decided 0.
    """

    true_positive: int | float
    false_positive: int | float
    true_negative: int | float
    false_negative: int | float

    @property
    def count(self) -> int | float:
        """How many decisions there are."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def accuracy(self) -> float | None:
        """Right decisions over all; None of nothing."""
        return _ratio(self.true_positive + self.true_negative, self.count)

    @property
    def precision(self) -> float | None:
        """TP/(TP + FP); None where nothing is decided 1."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        """TP/(TP + FN), the sensitivity; None without label 1."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def specificity(self) -> float | None:
        """TN/(TN + FP); None without label 0."""
        return _ratio(self.true_negative, self.true_negative + self.false_positive)

    @property
    def f1(self) -> float | None:
        """2TP/(2TP + FP + FN); None where there is neither label 1 nor decision 1."""
        return _ratio(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


class Ranked:
    """Predictions of two classes, each in order.

    Args:
        positives: predictions with label 1 in ascending order, ``(P,)``.
        negatives: predictions with label 0 in ascending order, ``(N,)``.
    """

    def __init__(self, positives: Array, negatives: Array) -> None:
        self.positives, self.negatives = positives, negatives

    @classmethod
    def of(cls, predictions: ArrayLike, labels: ArrayLike) -> Ranked:
        """Sorts predictions (probabilities or logits, ±∞ too) by class.

        Raises:
            ValueError: different lengths, a label that is neither 0 nor 1, or a prediction that is nan.
        """
        p, y = flat(predictions), flat(labels)
        if p.size != y.size:
            raise ValueError(f"{p.size} predictions and {y.size} labels")
        ones = y == 1
        positives, negatives = p[ones], p[~ones]
        if negatives.size != np.count_nonzero(y == 0):
            raise ValueError("labels must be 0 or 1")
        positives.sort()
        negatives.sort()
        if any(part.size and np.isnan(part[-1]) for part in (positives, negatives)):  # nan sorts to the end
            raise ValueError("a prediction is not a number")
        return cls(positives, negatives)

    def __len__(self) -> int:
        return self.positives.size + self.negatives.size

    @cached_property
    def auroc(self) -> float | None:
        """The share of pairs ranked right, ties ½; None where there is one class only."""
        pairs = self.positives.size * self.negatives.size
        if not pairs:
            return None
        swap = self.positives.size > self.negatives.size  # look the fewer up among the more
        few, many = (self.negatives, self.positives) if swap else (self.positives, self.negatives)
        twice = _twice_below(few, many)
        return (2 * pairs - twice if swap else twice) / (2 * pairs)

    def confusion(self, threshold: float = 0.5) -> Confusion:
        """The confusion where a prediction above the threshold counts as class 1, by two binary searches."""
        missed = int(self.positives.searchsorted(threshold, side="right"))
        kept = int(self.negatives.searchsorted(threshold, side="right"))
        return Confusion(self.positives.size - missed, self.negatives.size - kept, kept, missed)

    @cached_property
    def ordered(self) -> Array:
        """All predictions in ascending order, ``(P + N,)``."""
        return np.sort(np.concatenate([self.positives, self.negatives]), kind="stable")  # merges the two runs


def _twice_below(few: Array, many: Array) -> int:
    """Twice the pairs in which the one of ``many`` is smaller, plus the ties; both sorted."""
    total = 0
    for start in range(0, few.size, CHUNK):
        sought = few[start : start + CHUNK]
        first, last = many.searchsorted(sought[0]), many.searchsorted(sought[-1], side="right")
        near = many[first:last]
        below = near.searchsorted(sought)
        total += 2 * (int(first) * sought.size + int(below.sum()))
        if near.size:
            tied = sought[near[np.minimum(below, near.size - 1)] == sought]
            total += int(near.searchsorted(tied, side="right").sum() - near.searchsorted(tied).sum())
    return total


def twice_below(
    first: Array, second: Array, of_first: Array | None = None, of_second: Array | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """How much of the other side is below each number, twice, and once what is equal to it.

    Args:
        first: in ascending order, ``(n,)``.
        second: in ascending order, ``(m,)``.
        of_first: what each counts, ``(n,)``; one where nothing is said.
        of_second: the same of the second, ``(m,)``.

    Returns:
        Of the first, ``(n,)``, and of the second, ``(m,)``; of counts whole numbers.
    """
    # two runs in order are merged in half of the time in which one is looked up in the other; equal numbers of the
    # first come before those of the second, or after them
    n, m = first.size, second.size
    before = np.concatenate([first, second]).argsort(kind="stable") < n
    after = np.concatenate([second, first]).argsort(kind="stable") >= m
    return _twice_ahead(before, after, n, of_second), _twice_ahead(~before, ~after, m, of_first)


def _twice_ahead(
    one_order: NDArray[np.bool_], other_order: NDArray[np.bool_], count: int, of_others: Array | None
) -> NDArray[Any]:
    # what the others before each count in two orders, added; the orders tell which are none of the others
    each = np.arange(count)
    one, other = (np.flatnonzero(order) - each for order in (one_order, other_order))
    if of_others is None:
        return one + other
    total = np.concatenate([[0.0], np.cumsum(of_others)])
    twice: NDArray[Any] = total[one] + total[other]
    return twice
