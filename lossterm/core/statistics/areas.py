"""The uncertainty of an area under the ROC curve, and of the difference of two on the same rows (DeLong et al. 1988).

The area is the mean of placements: of a row with label 1 the share of the rows with label 0 that are ranked below it,
of one with label 0 the share of those with label 1 that are ranked above it, ties ½. Its variance is that of either
mean, added; so is that of a difference, from the differences of the placements of each row.

Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); by ranks: Sun and Xu, IEEE SPL 21 (2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lossterm.core.exact import flat
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.ranking import Ranked, twice_below

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


FEW = "an error of the AUROC takes two examples of each class"


@dataclass(frozen=True)
class Area:
    """An area under the ROC curve, or a difference of two.

    Attributes:
        value: the area; None where there is one class only.
        standard_error: by DeLong; None where a class has fewer than two rows.
    """

    value: float | None
    standard_error: float | None


@dataclass(frozen=True)
class AreaDifference:
    """Two areas under the ROC curve of the same rows.

    Attributes:
        first: of the first predictions.
        second: of the second.
        difference: second − first, with the standard error of the pair.
    """

    first: Area
    second: Area
    difference: Area


def area(predictions: ArrayLike, labels: ArrayLike) -> Area:
    """The area under the ROC curve with its standard error.

    Args:
        predictions: probabilities or logits, ±∞ too, ``(n,)``.
        labels: 0 or 1, ``(n,)``.

    Raises:
        ValueError: different lengths, a label that is neither 0 nor 1, or a prediction that is nan.
    """
    p, ones = _checked(predictions, labels)
    return _area(*_placed(p[ones], p[~ones]))


def standard_error(ranked: Ranked) -> Estimate:
    """DeLong's standard error of the AUROC of ranked predictions; none of fewer than two of a class."""
    of_ones, below = twice_below(ranked.positives, ranked.negatives)
    found = _area(of_ones, 2 * ranked.positives.size - below).standard_error
    return Estimate(found, reason=FEW if found is None else "")


def area_difference(
    first: ArrayLike, second: ArrayLike, labels: ArrayLike, run: Callable[..., Iterable[Any]] = map
) -> AreaDifference:
    """The areas of two predictions of the same rows, and their difference.

    Args:
        first: ``(n,)``.
        second: of the same rows in the same order, ``(n,)``.
        labels: 0 or 1, ``(n,)``.
        run: does the same to both, as `map`: that of an executor at once.

    Raises:
        ValueError: as of `area`.
    """
    a, ones = _checked(first, labels)
    b, _ = _checked(second, labels)
    (a_ones, a_zeros), (b_ones, b_zeros) = run(lambda p: _placed(p[ones], p[~ones]), (a, b))
    return AreaDifference(_area(a_ones, a_zeros), _area(b_ones, b_zeros), _area(b_ones - a_ones, b_zeros - a_zeros))


def _placed(positives: Array, negatives: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # how many of the other class each row is ranked right against, twice, and the ties; in the order of the rows
    up, down = np.argsort(positives), np.argsort(negatives)
    of_ones, of_zeros = np.empty(len(up), np.int64), np.empty(len(down), np.int64)
    of_ones[up], below = twice_below(positives[up], negatives[down])
    of_zeros[down] = 2 * len(up) - below
    return of_ones, of_zeros


def _area(of_ones: NDArray[Any], of_zeros: NDArray[Any]) -> Area:
    # whole numbers: their sum is exact, and the mean over the one class is that over the other
    positives, negatives = len(of_ones), len(of_zeros)
    pairs = positives * negatives
    if not pairs:
        return Area(None, None)
    value = int(of_ones.sum()) / (2 * pairs)
    if min(positives, negatives) < 2:
        return Area(value, None)
    variances = (np.var(of_ones, ddof=1) / (4 * negatives**2), np.var(of_zeros, ddof=1) / (4 * positives**2))
    return Area(value, math.sqrt(variances[0] / positives + variances[1] / negatives))


def _checked(predictions: ArrayLike, labels: ArrayLike) -> tuple[Array, NDArray[np.bool_]]:
    p, y = flat(predictions), flat(labels)
    if p.size != y.size:
        raise ValueError(f"{p.size} predictions and {y.size} labels")
    ones = y == 1
    if np.count_nonzero(~ones) != np.count_nonzero(y == 0):
        raise ValueError("labels must be 0 or 1")
    if np.isnan(p).any():
        raise ValueError("a prediction is not a number")
    return p, ones
