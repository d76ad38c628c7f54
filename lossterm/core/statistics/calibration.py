"""Calibration: bins of predictions, their errors, and the Brier score with its exact decomposition.

Bins are (lower, upper], the first one closed; confidence is the mean prediction of a bin, frequency its mean label.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from lossterm.core.exact import PIECE, ExactSum, ManySums, flat
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.intervals import wilson

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lossterm.core.packing import Packer

CELLS = 4096
"""Equal cells of [0, 1] that look up the bin; a power of two, so that the cell of a prediction is found exactly."""


def equal_width(bins: int) -> Array:
    """The edges of ``bins`` bins of equal width, shape ``(bins + 1,)``.

    Raises:
        ValueError: no bin.
    """
    if bins < 1:
        raise ValueError("at least one bin is needed")
    return np.linspace(0.0, 1.0, bins + 1)


def equal_mass(ordered: ArrayLike, bins: int) -> Array:
    """The edges of bins that hold equally many: percentiles, linearly interpolated as `numpy.percentile` does.

    Args:
        ordered: the predictions in ascending order, ``(n,)``, n > 0.
        bins: how many; edges repeat where a prediction is more frequent than a bin is large.

    Raises:
        ValueError: no bin or no prediction.
    """
    values = flat(ordered)
    if bins < 1 or not values.size:
        raise ValueError("at least one bin and one prediction are needed")
    place, below, above = ranks(values.size, bins)
    return equal_mass_between(place - below, values[below], values[above])


def equal_mass_between(part: Array, low: Array, high: Array) -> Array:
    """Edges a part of the way from one prediction to the next, in ascending order."""
    gap = high - low
    return np.maximum.accumulate(np.where(part >= 0.5, high - gap * (1 - part), low + gap * part))


def equal_mass_of(predictions: ArrayLike, bins: int) -> Array:
    """`equal_mass` of predictions in any order, which are sorted no further than the edges need."""
    values = flat(predictions)
    if bins < 1 or not values.size:
        return equal_mass(values, bins)
    _, below, above = ranks(values.size, bins)
    return equal_mass(np.partition(values, np.unique(np.concatenate([below, above]))), bins)


def ranks(count: int, bins: int) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """Where the edges of bins of equal counts are among ordered predictions, and the ranks on either side, from 0."""
    place = np.linspace(0.0, 1.0, bins + 1) * (count - 1)
    below = np.minimum(place.astype(np.intp), max(count - 2, 0))
    return place, below, np.minimum(below + 1, count - 1)


class Binning:
    """Finds the bin of each prediction: the edges' own comparisons, nothing rounded.

    A table over `CELLS` cells of [0, 1] answers for all cells that no edge falls into; the few predictions beside an
    edge are compared with the edges.

    Args:
        edges: ascending (repeats allowed), ``(B + 1,)``.

    Attributes:
        edges: those edges.
    """

    def __init__(self, edges: ArrayLike) -> None:
        self.edges = flat(edges)
        if self.edges.size < 2 or not np.all(np.diff(self.edges) >= 0):
            raise ValueError("edges must ascend, two at least")
        starts = np.arange(CELLS + 1) / CELLS
        self._table = self._compared(starts + 0.5 / CELLS)
        cut = np.floor(self.edges[1:-1] * CELLS)  # the end bins take all beyond them: no edge there
        self._table[cut[(cut >= 0) & (cut <= CELLS)].astype(np.intp)] = -1

    @property
    def bins(self) -> int:
        """How many bins."""
        return self.edges.size - 1

    def _compared(self, predictions: Array) -> NDArray[np.intp]:
        return np.clip(np.searchsorted(self.edges, predictions, side="left") - 1, 0, self.bins - 1)

    def __call__(self, predictions: Array) -> NDArray[np.intp]:
        """The bin of each prediction of [0, 1], from 0; predictions beyond the edges go to the end bins."""
        found = self._table.take((predictions * CELLS).astype(np.intp))
        unsure = np.flatnonzero(found < 0)
        if unsure.size:
            found[unsure] = self._compared(predictions[unsure])
        return found


class BinCounts:
    """Counts and sums of predictions and labels by bin.

    Attributes:
        binning: how predictions find their bins.
        count: predictions in each bin, ``(B,)`` int64.
        sums: of each bin Σp of the labels that are not 1 and of those that are, Σy, Σpy of the labels that are neither
            0 nor 1, and Σp(1 − p).
        squares: Σ(p − y)² and Σy² over all.
        has_errors: whether Σp(1 − p) and the squares are counted; else what needs them is not told.
    """

    def __init__(self, edges: ArrayLike | Binning, *, has_errors: bool = True) -> None:
        self.binning = edges if isinstance(edges, Binning) else Binning(edges)
        self.has_errors = has_errors
        self.count = np.zeros(self.binning.bins, dtype=np.int64)
        bins = self.binning.bins
        self.sums = [ManySums((2, bins)), ManySums((bins,)), ManySums((bins,)), ManySums((bins,))]
        self.squares = [ExactSum(), ExactSum()]

    @property
    def edges(self) -> Array:
        """The edges of the bins, ``(B + 1,)``."""
        return self.binning.edges

    def add(self, predictions: ArrayLike, labels: ArrayLike) -> None:
        """Adds predictions and their labels.

        Args:
            predictions: probabilities of class 1, ``(n,)``.
            labels: in [0, 1], ``(n,)``, or one for all.

        Raises:
            ValueError: a number outside [0, 1] or nan, or different lengths.
        """
        p, y = flat(predictions), flat(labels)
        one = np.ndim(labels) == 0
        if not one and y.size != p.size:
            raise ValueError(f"{p.size} predictions and {y.size} labels")
        for start in range(0, p.size, PIECE):
            piece = slice(start, start + PIECE)
            self._add_piece(_checked(p[piece], "prediction"), _checked(y if one else y[piece], "label"))

    def _add_piece(self, p: Array, y: Array) -> None:
        squares = y * y
        place, bins = self.binning(p), self.binning.bins
        one = np.broadcast_to(y == 1.0, p.shape)
        of_label, of_one, of_soft, spread = self.sums
        half = place + bins * one
        halves = np.bincount(half, minlength=2 * bins).reshape(2, bins)
        self.count += halves.sum(axis=0)
        of_label.count(half, p)
        hard = bool((squares == y).all())
        if hard:
            of_one.add(halves[1])
        else:
            of_one.count(place, np.broadcast_to(y, p.shape))
            of_soft.count(place, np.where(one, 0.0, p * y))
        if not self.has_errors:
            return
        spread.count(place, p * (1.0 - p))
        errors = p - y
        self.squares[0].add(np.multiply(errors, errors, out=errors))
        self.squares[1].add([float(np.count_nonzero(one))] if hard else np.broadcast_to(squares, p.shape))

    def merge(self, other: BinCounts) -> None:
        """Adds all that another has added.

        Raises:
            ValueError: it has other edges.
        """
        if not np.array_equal(self.edges, other.edges):
            raise ValueError("the bins differ")
        self.count += other.count
        for mine, its in zip(self.sums, other.sums, strict=True):
            mine.merge(its)
        for total, more in zip(self.squares, other.squares, strict=True):
            total.merge(more)

    def pack(self, packer: Packer) -> None:
        """Give or take all but the edges."""
        self.count = packer.counts(self.count, self.count.shape)
        for part in self.sums:
            part.pack(packer)
        for total in self.squares:
            total.pack(packer)

    def by_bin(self) -> tuple[list[Fraction], list[Fraction], list[Fraction]]:
        """Σp, Σy and Σpy of every bin."""
        of_label, of_one, of_soft, bins = *(part.fractions() for part in self.sums[:3]), self.binning.bins
        others, ones = of_label[:bins], of_label[bins:]
        return (
            [a + b for a, b in zip(others, ones, strict=True)],
            of_one,
            [a + b for a, b in zip(ones, of_soft, strict=True)],
        )

    def spreads(self) -> list[Fraction]:
        """Σp(1 − p) of every bin: the variance of the number of ones that a calibrated model would show."""
        return self.sums[3].fractions()

    def totals(self) -> tuple[Fraction, Fraction]:
        """Σ(p − y)² and Σy² over all."""
        error, squares = self.squares
        return error.fraction, squares.fraction


def _checked(values: Array, name: str) -> Array:
    if not (values.min() >= 0.0 and values.max() <= 1.0):
        raise ValueError(f"a {name} is not in [0, 1]")
    return values


ONE_IN_TWENTY = 1.645
"""Standard deviations that a normal variable exceeds in one case of twenty."""

EPSILON = Fraction(1, 2**51)
"""By how much a term of Σpy or Σ(p − y)² may be rounded, as a part of it."""


@dataclass(frozen=True)
class BrierDecomposition:
    """The Brier score in five exact terms (Stephenson, Coelho and Jolliffe, 2008).

    brier = reliability − resolution + uncertainty + within_bin_variance − within_bin_covariance.

    Attributes:
        reliability: Σ n_b (p̄_b − ȳ_b)²/n.
        resolution: Σ n_b (ȳ_b − ȳ)²/n.
        uncertainty: the variance of the labels, ȳ(1 − ȳ) where they are 0 and 1.
        within_bin_variance: Σ(p − p̄_b)²/n.
        within_bin_covariance: 2Σ(p − p̄_b)(y − ȳ_b)/n.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float

    @property
    def brier(self) -> float:
        """The Brier score, the sum of the five terms."""
        gains = [self.reliability, self.uncertainty, self.within_bin_variance]
        return math.fsum([*gains, -self.resolution, -self.within_bin_covariance])


@dataclass(frozen=True)
class Floor:
    """What the ECE of a calibrated model with the same predictions would be, by the normal approximation of each bin.

    A gap of Σ(p − y) over a bin has variance σ² = Σp(1 − p); the mean of its size is σ√(2/π), the variance σ²(1 − 2/π).

    Attributes:
        mean: Σσ_b√(2/π)/n.
        deviation: √(Σσ_b²(1 − 2/π))/n, the standard deviation of that ECE.
        ece: the one that was found.
    """

    mean: float
    deviation: float
    ece: float

    @property
    def most(self) -> float:
        """What the ECE of a calibrated model exceeds in one case of twenty."""
        return self.mean + ONE_IN_TWENTY * self.deviation

    @property
    def p(self) -> float | None:
        """How often a calibrated model would show this ECE or more, one-sided normal; None where nothing varies."""
        if not self.deviation:
            return None
        return 0.5 * math.erfc((self.ece - self.mean) / self.deviation / math.sqrt(2.0))


@dataclass(frozen=True, eq=False)
class Reliability:
    """A reliability diagram: the bins that are not empty, and the calibration errors over them.

    Attributes:
        lower: lower edges, ``(b,)``.
        upper: upper edges.
        count: predictions in each; with weights Σw.
        confidence: mean prediction p̄_b.
        frequency: mean label ȳ_b.
        gap: p̄_b − ȳ_b.
        brier: mean (p − y)²; nan of nothing, and where errors were not counted.
        decomposition: of the Brier score; None of nothing, where it comes from cells, or errors were not counted.
        ece_error: by how much the ECE may be off where it comes from cells; 0 where it is exact.
        mce_error: the same of the MCE.
        rmsce_error: the same of the RMSCE.
        spread: Σp(1 − p) of each bin, with weights Σw²p(1 − p); None where it comes from cells or was not counted.
        effective: how many examples of equal weight would tell as much, (Σw)²/Σw²; None where each weighs 1.
        largest: the largest weight.
    """

    lower: Array
    upper: Array
    count: NDArray[np.int64] | Array
    confidence: Array
    frequency: Array
    gap: Array
    brier: float
    decomposition: BrierDecomposition | None
    ece_error: float = 0.0
    mce_error: float = 0.0
    rmsce_error: float = 0.0
    spread: Array | None = None
    effective: Array | None = None
    largest: float = 1.0

    @classmethod
    def of(cls, counts: BinCounts) -> Reliability:
        """The reliability of counted predictions."""
        held = np.flatnonzero(counts.count)
        count = counts.count[held]
        p, y, _ = ([sums[b] for b in held] for sums in counts.by_bin())
        n = [int(c) for c in count]
        gap = [float((a - b) / c) for a, b, c in zip(p, y, n, strict=True)]
        told = counts.has_errors
        return cls(
            counts.edges[held],
            counts.edges[held + 1],
            count,
            _means(p, n),
            _means(y, n),
            np.array(gap, dtype=np.float64),
            float(counts.totals()[0] / sum(n)) if n and told else math.nan,
            _decomposed(counts) if n and told else None,
            spread=np.array([max(float(s), 0.0) for s in counts.spreads()], dtype=np.float64)[held] if told else None,
        )

    @property
    def rows(self) -> float:
        """How many examples there are; with weights how many of equal weight would tell as much, (Σw)²/Σw²."""
        total = math.fsum(self.count.tolist())
        if self.effective is None or not total:
            return total
        part = self.count / self.count.max()  # weights may be as small as doubles are
        return math.fsum(part.tolist()) ** 2 / math.fsum((part**2 / self.effective).tolist())

    @cached_property
    def interval(self) -> tuple[Array, Array]:
        """Wilson's 95 % interval of each frequency, with weights of as many examples as tell as much."""
        n = self.count if self.effective is None else self.effective
        return wilson(self.frequency * n, n)

    @cached_property
    def _share(self) -> Array:
        total = math.fsum(self.count.tolist())
        share: Array = self.count / (total or 1.0)
        return share

    @property
    def ece(self) -> float:
        """Expected calibration error Σ(n_b/n)|gap|; nan of nothing."""
        return math.fsum((self._share * abs(self.gap)).tolist()) if self.count.size else math.nan

    @cached_property
    def floor(self) -> Floor | None:
        """The ECE that a calibrated model with these predictions would show; None where it comes from cells."""
        total = math.fsum(self.count.tolist())
        if self.spread is None or not total:
            return None
        mean = math.fsum(np.sqrt(self.spread * (2.0 / math.pi)).tolist()) / total
        deviation = math.sqrt(math.fsum((self.spread * (1.0 - 2.0 / math.pi)).tolist())) / total
        return Floor(mean, deviation, self.ece)

    @property
    def mce(self) -> float:
        """Maximum calibration error max|gap|; nan of nothing."""
        return float(abs(self.gap).max()) if self.count.size else math.nan

    @property
    def rmsce(self) -> float:
        """Root mean square calibration error √Σ(n_b/n)gap²; nan of nothing."""
        return math.sqrt(math.fsum((self._share * self.gap**2).tolist())) if self.count.size else math.nan


def _means(sums: list[Fraction], counts: list[int]) -> Array:
    return np.array([float(total / n) for total, n in zip(sums, counts, strict=True)], dtype=np.float64)


def _decomposed(counts: BinCounts) -> BrierDecomposition:
    rows = zip(counts.count.tolist(), *counts.by_bin(), strict=True)
    bins = [(k, p, y) for k, p, y, _ in rows if k]
    error, squares = counts.totals()
    n, labels = sum(k for k, _, _ in bins), sum((y for _, _, y in bins), Fraction(0))
    together = sum(counts.by_bin()[2], Fraction(0))
    predictions = error + 2 * together - squares  # Σp²
    mean, nothing = labels / n, Fraction(0)
    of_bins = sum((p**2 / k for k, p, _ in bins), nothing)
    products = sum((p * y / k for k, p, y in bins), nothing)
    spread = (predictions - of_bins) / n, (error + 2 * together + squares + of_bins) / n
    return BrierDecomposition(
        _above_rounding(sum(((p - y) ** 2 / k for k, p, y in bins), nothing) / n, EPSILON**2),
        _above_rounding(sum((k * (y / k - mean) ** 2 for k, _, y in bins), nothing) / n, EPSILON**2),
        max(_above_rounding(squares / n - mean**2, squares / n + mean**2), 0.0),
        max(_above_rounding(*spread), 0.0),
        _above_rounding(2 * (together - products) / n, 2 * (together + products) / n),
    )


def _above_rounding(value: Fraction, parts: Fraction) -> float:
    # a difference of sums; 0 where it is no more than the rounding of the terms of its parts
    return float(value) if abs(value) > EPSILON * parts else 0.0


def top_label(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """The confidence of K classes: the largest probability, and whether that class is the label.

    Args:
        probabilities: ``(n, K)``.
        labels: indices of the classes, ``(n,)``.

    Returns:
        The confidence and 1.0 or 0.0, both ``(n,)``; of equal probabilities the first class counts.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    top = p.argmax(axis=1)
    return np.take_along_axis(p, top[:, None], axis=1)[:, 0], (top == np.asarray(labels)).astype(np.float64)
