"""A mergeable summary of logits and labels, for files too large to keep: fine bins of the logit, label by label.

The bin of z is read off the leading bits of 1 + |z|: 4096 bins to [0, 1), 4096 to [1, 3), to [3, 7) and so on to 1023,
mirrored below 0, and one for each infinity. Each holds a count and the sum of the places within it, both integers, so
that summaries of parts merge to the summary of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from lossterm.core.concentration import worst_count
from lossterm.core.exact import PIECE, flat, pieces
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.platt import Platt, platt_of
from lossterm.core.ranking import Confusion
from lossterm.core.scaling import WRONG_CERTAINTY, Temperature, Weighted, temperature_of
from lossterm.core.sketch_points import Points, platt_error, sigmoid, temperature_error

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FINENESS = 12
"""Bits of 1 + |z| after its exponent that choose the bin."""

OCTAVES = 10
"""Doublings of 1 + |z| that have bins of their own; finite logits beyond go to the last."""

SIDE = OCTAVES << FINENESS
"""Bins of finite logits on either side of 0."""

BINS = 2 * (SIDE + 1)
"""All bins, with the two infinities."""

PLACE = 28
"""Bits of the place within a bin: counted in 2^−28 of its width."""

SLACK = 2.0**-50
"""By how much, absolutely and relatively, an edge may be beside where it was computed."""

Gradient: TypeAlias = Callable[[Array, Array], Array]
"""∂L/∂z of logits and labels, element by element."""


def bin_edges() -> tuple[Array, Array]:
    """The lower and upper end of every bin in ascending order, ``(BINS,)`` each; of ±∞ both are that."""
    step = np.arange(SIDE + 1)
    ends = np.ldexp(1.0 + (step & ((1 << FINENESS) - 1)) / (1 << FINENESS), step >> FINENESS) - 1.0
    ends[-1] = np.inf
    ends = np.append(ends, np.inf)
    return np.concatenate([-ends[:0:-1], ends[:-1]]), np.concatenate([-ends[-2::-1], ends[1:]])


class Sketch:
    """Counts of logits by label in fine bins."""

    def __init__(self) -> None:
        self._count = np.zeros((2, BINS), dtype=np.int64)
        self._place = np.zeros((2, BINS), dtype=np.int64)
        self._only = np.full(BINS, np.nan)  # the single logit of a bin, while there is but one
        self._mixed = np.zeros(BINS, dtype=bool)  # bins of several logits
        self._waiting: list[tuple[Array, Array]] = []
        self._waits = 0

    def add(self, logits: ArrayLike, labels: ArrayLike) -> None:
        """Adds logits and their labels.

        Args:
            logits: ``(n,)``, ±∞ too.
            labels: 0 or 1, ``(n,)``.

        Raises:
            ValueError: different lengths, a label that is neither 0 nor 1, or a logit that is nan.
        """
        z, y = flat(logits), flat(labels)
        if z.size != y.size:
            raise ValueError(f"{z.size} logits and {y.size} labels")
        if not np.all(y * y == y):
            raise ValueError("labels must be 0 or 1")
        if z.size and math.isnan(z.max()):
            raise ValueError("a logit is not a number")
        if 2 * z.size >= PIECE:
            for piece in pieces(z.size):
                self._add_piece(z[piece], y[piece])
            return
        self._waiting.append((z.copy(), y.copy()))  # small batches wait: a piece costs a walk over all bins
        self._waits += z.size
        if self._waits >= PIECE:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting, self._waits = self._waiting, [], 0
        if waiting:
            self._add_piece(np.concatenate([z for z, _ in waiting]), np.concatenate([y for _, y in waiting]))

    def _add_piece(self, z: Array, y: Array) -> None:
        if not z.size:
            return
        z = z + 0.0  # −0 is 0
        bits = (np.abs(z) + 1.0).view(np.int64)
        step = bits >> (52 - FINENESS)
        step -= 1023 << FINENESS
        bits &= (1 << (52 - FINENESS)) - 1
        bits >>= 52 - FINENESS - PLACE
        if step.max() >= SIDE:
            infinite, beyond = step == 1024 << FINENESS, step >= SIDE
            bits[beyond] = np.where(infinite[beyond], 0, (1 << PLACE) - 1)
            step[beyond] = np.where(infinite[beyond], SIDE, SIDE - 1)
        step ^= z.view(np.int64) >> 63  # −1 − step where z is negative
        first = int(step.min())
        span = int(step.max()) - first + 1
        step -= first
        held = slice(first + SIDE + 1, first + SIDE + 1 + span)
        if not self._mixed.all():
            self._look_for_mixture(z, step, held)
        step += (y * span).astype(np.int64)
        self._count[:, held] += np.bincount(step, minlength=2 * span).reshape(2, span)
        places = np.bincount(step, bits.astype(np.float64), minlength=2 * span)  # exact: below 2^53
        self._place[:, held] += places.astype(np.int64).reshape(2, span)

    def _look_for_mixture(self, z: Array, step: NDArray[np.int64], held: slice) -> None:
        """Finds the bins of several logits: only there does it matter that pairs in a bin are not compared."""
        only = self._only[held]
        seen = np.full(only.size, np.nan)
        seen[step] = z
        np.copyto(only, seen, where=np.isnan(only))
        different = step[only[step] != z]
        self._mixed[held][different] = True
        if different.size > max(z.size, PIECE) // 2:  # so they are nearly everywhere: not worth finding one by one
            self._mixed[:] = True

    def part(self) -> Sketch:
        """An empty one, to be merged into this one: it need not find out what this one knows."""
        part = Sketch()
        if self._mixed.all():
            part._mixed[:] = True
        return part

    def merge(self, other: Sketch) -> None:
        """Adds all that another has added."""
        other._flush()
        self._flush()
        self._count += other._count
        self._place += other._place
        self._mixed |= other._mixed
        self._mixed |= np.isfinite(self._only) & np.isfinite(other._only) & (self._only != other._only)
        np.copyto(self._only, other._only, where=np.isnan(self._only))

    def __len__(self) -> int:
        return int(self._count.sum()) + self._waits

    def points(self) -> Points:
        """The bins that are not empty, for anything that can be evaluated on them with counts as weights."""
        self._flush()
        lower, upper = bin_edges()
        where, label = np.nonzero(self._count.T)
        count, low, high = self._count[label, where], lower[where], upper[where]
        part = self._place[label, where] / count / (1 << PLACE)
        near, far = np.where(where > SIDE, low, high), np.where(where > SIDE, high, low)
        far = np.where(np.isfinite(far) | np.isinf(near), far, 1.25 * near)  # the last finite bin has no far end
        step = np.where(np.isfinite(near), far, 0.0) - np.where(np.isfinite(near), near, 0.0)
        return Points(near + part * step, label.astype(np.float64), count, low, high)

    def auroc(self) -> tuple[float, float] | None:
        """The area under the ROC curve and a bound of its error; None where there is one class only.

        Pairs in one bin count ½, so that the error is at most ½Σ pos_b·neg_b/(P·N) over the bins of several logits.
        """
        self._flush()
        some = self._count.any(axis=0)
        negatives, positives = self._count[0, some].tolist(), self._count[1, some].tolist()
        pairs = sum(negatives) * sum(positives)
        if not pairs:
            return None
        below = twice = together = 0
        for negative, positive, mixed in zip(negatives, positives, self._mixed[some].tolist(), strict=True):
            twice += positive * (2 * below + negative)
            together += positive * negative * mixed
            below += negative
        return twice / (2 * pairs), together / (2 * pairs)

    def temperature(self, start: float | None = None) -> tuple[Temperature, float]:
        """The temperature of the bins' means, and an estimate of its error (nan where there is none)."""
        points = self.points()
        if points.is_certainly_wrong:
            return Temperature(None, WRONG_CERTAINTY), math.nan
        ones, zeros = points.of_class(1), points.of_class(0)
        margins = np.concatenate([ones.values, -zeros.values])
        found = temperature_of(Weighted(margins, np.concatenate([ones.weights, zeros.weights])), start)
        if found.value is None:
            return found, math.nan
        return found, temperature_error(points, found.value)

    def platt(self) -> tuple[Platt, tuple[float, float]]:
        """Platt's line of the bins' means, and estimates of the errors of a and b (nan where there is none)."""
        points = self.points()
        if points.is_certainly_wrong:
            return Platt(None, None, WRONG_CERTAINTY), (math.nan, math.nan)
        found = platt_of(points.of_class(1), points.of_class(0))
        if found.a is None or found.b is None:
            return found, (math.nan, math.nan)
        return found, platt_error(points, found.a, found.b)

    def percentiles(self, q: ArrayLike) -> tuple[Array, Array]:
        """Percentiles (0…100) of the predictions p = σ(z), linearly interpolated, with bounds of their errors.

        Raises:
            ValueError: no prediction.
        """
        points = self.points()
        if not points.count.size:
            raise ValueError("percentiles of nothing")
        up_to = np.cumsum(points.count)
        place = np.asarray(q, dtype=np.float64) / 100.0 * (int(up_to[-1]) - 1)
        below = np.floor(place)
        ends = []
        for edge in (sigmoid(points.lower), sigmoid(points.upper)):
            first = edge[np.searchsorted(up_to, below, side="right")]
            second = edge[np.searchsorted(up_to, np.minimum(below + 1, up_to[-1] - 1), side="right")]
            ends.append(first + (place - below) * (second - first))
        return (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2 + SLACK

    def share(self, gradient: Gradient, fraction: float = 0.01) -> tuple[float, float] | None:
        """The share of Σ|∂L/∂z| that the largest hold, and an error that holds where |∂L/∂z| is monotone in each bin.

        Args:
            gradient: ∂L/∂z of logits and labels.
            fraction: how many of the examples, ⌈fraction·n⌉.

        Returns:
            None where the sum is 0 or a gradient is ∞ or nan.
        """
        points = self.points()
        worst = worst_count(int(points.count.sum()), fraction)
        last = np.where(np.isfinite(points.upper), points.upper, points.logit)
        first = np.where(np.isfinite(points.lower), points.lower, points.logit)
        sizes = np.abs([gradient(z, points.label) for z in (first, points.logit, last)])
        if not np.isfinite(sizes).all() or not sizes[1].any():
            return None
        low, middle, high = (
            (_largest(size, points.count, worst), float(size @ points.count))
            for size in (sizes.min(axis=0), sizes[1], sizes.max(axis=0))
        )
        value = middle[0] / middle[1]
        most = high[0] / low[1] if low[1] else 1.0
        return value, max(min(most, 1.0) - value, value - low[0] / high[1], 0.0) + SLACK

    def confusion(self, threshold: float = 0.5) -> tuple[Confusion, int]:
        """The confusion where p > threshold counts as class 1, and how many are in the threshold's own bins.

        Those are decided by their bin's mean; all others are right.
        """
        points = self.points()
        at = _logit(threshold)
        above = points.logit > at
        near = abs(at) * SLACK + SLACK if math.isfinite(at) else 0.0
        beside = (points.lower - near <= at) & (at <= points.upper + near) & np.isfinite(points.logit)
        ones = points.label == 1
        hits, decided = int(points.count[above & ones].sum()), int(points.count[above].sum())
        positive, everything = int(points.count[ones].sum()), int(points.count.sum())
        found = Confusion(hits, decided - hits, everything - positive - decided + hits, positive - hits)
        return found, int(points.count[beside].sum())

    @property
    def note(self) -> str:
        """What the numbers come from, in words."""
        source = f"from a summary of {BINS:,} bins"
        area = self.auroc()
        return source if area is None else f"{source}: AUROC ± {area[1]:.1g}"


def _logit(p: float) -> float:
    if p <= 0:
        return -math.inf
    return math.log(p) - math.log1p(-p) if p < 1 else math.inf


def _largest(sizes: Array, counts: NDArray[np.int64], worst: int) -> float:
    """The sum of the ``worst`` largest sizes, each there so many times."""
    order = np.argsort(-sizes)
    before = np.concatenate([[0], np.cumsum(counts[order])[:-1]])
    return float(sizes[order] @ np.clip(worst - before, 0, counts[order]))
