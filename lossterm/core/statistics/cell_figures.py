"""Figures of numbers that were counted in cells, each with a bound of its error.

The mean of the numbers of a cell is known, so that the mean of f over them is f(mean) but for what f bends between the
least and the largest of them: where f is convex (concave) at most as far as its chord is from it there (Edmundson and
Madansky). That is of second order in the cell's width, and 0 where all its numbers are equal. What depends on the side
of an edge is bounded by the worst that the numbers of the cell around it can do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import logistic
from lossterm.core.statistics.calibration import Binning, Reliability, equal_mass_between, equal_width, ranks
from lossterm.core.statistics.cells import Occupied
from lossterm.core.statistics.concentration import worst_count
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Calibration
from lossterm.core.statistics.platt import CERTAIN_RISING, SEPARATED, Platt, platt_of
from lossterm.core.statistics.temperature import NOT_FOUND, WRONG_CERTAINTY, Weighted, temperature_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINK = 0.25
"""A bend of more than this part of the rise over a cell is taken for a kink: then f is anything that it is there."""

OVERLAPPING = "the classes overlap within one cell only: too little to find a line"


@dataclass(frozen=True)
class Line:
    """The line az + b through logits.

    Attributes:
        a: slope.
        b: intercept.
        errors: bounds of the errors of a and of the scaled logit at ``centre``.
        centre: the logit about which the line was found to turn.
    """

    a: float
    b: float = 0.0
    errors: tuple[float, float] = (0.0, 0.0)
    centre: float = 0.0

    def of(self, logits: Array) -> Array:
        """The logits after scaling; 0·∞ is 0."""
        with np.errstate(over="ignore"):
            return self.a * logits + self.b if self.a else np.full_like(logits, self.b)

    def slip(self, logits: Array, p: Array) -> Array:
        """By how much the predictions p of the logits may be off, to first order; not at all where they are ±∞."""
        arm = np.where(np.isfinite(logits), np.abs(logits - self.centre), 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            slip = p * (1.0 - p) * (arm * self.errors[0] + self.errors[1])
        return np.where(np.isnan(slip), 0.0, np.minimum(slip, 1.0))


def mean_of(cells: Occupied, f: Array) -> float:
    """The mean of f at the cells' means, each as often as it has numbers."""
    return float((cells.count / cells.rows * f).sum())


def bends(cells: Occupied, f: Array) -> tuple[Array, Array]:
    """The least and the most by which the mean of f over the numbers of a cell exceeds f at their mean, ``(m,)`` each.

    Args:
        cells: of numbers.
        f: at the least, the mean and the largest number of each, ``(3, m)``, bending one way between, or kinked.
    """
    with np.errstate(all="ignore"):
        part = (cells.mean - cells.low) / (cells.high - cells.low)
        chord = np.where(cells.high > cells.low, f[0] + (f[2] - f[0]) * part - f[1], 0.0)
        kinked = np.abs(chord) > KINK * np.abs(f[2] - f[0])
        least = np.where(kinked, f.min(axis=0) - f[1], np.minimum(chord, 0.0))
        most = np.where(kinked, f.max(axis=0) - f[1], np.maximum(chord, 0.0))
    return np.where(np.isfinite(least), least, 0.0), np.where(np.isfinite(most), most, 0.0)


def bend_of(cells: Occupied, f: Array) -> float:
    """By how much the mean of f over all numbers may differ from `mean_of`; f as in `bends`."""
    return max(abs(mean_of(cells, bend)) for bend in bends(cells, f))


def share_of_cells(cells: Occupied, sizes: Array, fraction: float) -> tuple[float, float] | None:
    """The share of the sum of sizes that the largest hold, and a bound of its error.

    Args:
        cells: of numbers.
        sizes: ≥ 0, of the least, the mean and the largest number of each cell, ``(3, m)``.
        fraction: how many of the numbers, rounded up.

    Returns:
        None where the sum is 0 or a size is ∞ or nan.
    """
    if not np.isfinite(sizes).all() or not sizes[1].any():
        return None
    sizes = sizes / sizes.max()
    least, most = bends(cells, sizes)
    order = np.argsort(-sizes[1], kind="stable")
    count = cells.count[order]
    taken = np.empty_like(count)
    taken[order] = np.clip(worst_count(cells.rows, fraction) - (np.cumsum(count) - count), 0.0, count)
    bound = sizes[1][taken > 0].min(initial=math.inf)
    unsure = (sizes.min(axis=0) <= bound) & (bound <= sizes.max(axis=0))  # some of their numbers are among the largest
    spread = float(np.ptp(sizes[:, unsure]) * taken[unsure].sum()) if unsure.any() else 0.0
    held, total = float((sizes[1] * taken).sum()), float((sizes[1] * cells.count).sum())
    low, high = (
        (held + float((bend * taken)[~unsure].sum()) + sign * spread) / (total + float((other * cells.count).sum()))
        for bend, other, sign in ((least, most, -1.0), (most, least, 1.0))
    )
    value = held / total
    return value, max(min(high, 1.0) - value, value - max(low, 0.0), 0.0)


# ---- scaling -------------------------------------------------------------------------------------------------------


def _finite(cells: Occupied) -> tuple[Occupied, bool]:
    # the cells of finite logits, and whether an infinite one is on the other side than its label
    finite = np.isfinite(cells.mean)
    certain = cells.of(~finite)
    return cells.of(finite), bool(np.any((certain.mean > 0) != (certain.label == 1)))


def temperature(cells: Occupied) -> tuple[Estimate, Line | None]:
    """The temperature T of σ(z/T), and the line z/T."""
    finite, wrong = _finite(cells)
    if wrong:
        return Estimate(None, reason=WRONG_CERTAINTY), None
    found = temperature_of(Weighted((2.0 * finite.label - 1.0) * finite.mean, finite.count))
    if found.value is None:
        return Estimate(None, reason=found.reason), None
    beta = 1.0 / found.value
    with np.errstate(over="ignore", invalid="ignore"):
        u = beta * finite.ends
        p = logistic(u)
        bend = bend_of(finite, u * p)  # of the derivative of the log loss by ln β
        rise = mean_of(finite, np.nan_to_num(p[1] * (1.0 - p[1]) * u[1] * u[1]))
    part = bend / rise if rise else math.inf
    part *= 1.0 + 10.0 * part  # the rise is that of the root, and not quite that on the way to it
    return Estimate(found.value, found.value * part), Line(beta, 0.0, (beta * part, 0.0))


def platt(cells: Occupied) -> tuple[Platt, Line | None]:
    """The line of σ(az + b)."""
    finite, wrong = _finite(cells)
    if wrong:
        return Platt(None, None, WRONG_CERTAINTY), None
    ones, zeros = finite.of(finite.label == 1), finite.of(finite.label == 0)
    found = platt_of(Weighted(ones.mean, ones.count), Weighted(zeros.mean, zeros.count))
    if found.reason == SEPARATED and ones.low[0] < zeros.high[-1] and zeros.low[0] < ones.high[-1]:
        return Platt(None, None, OVERLAPPING), None
    if found.a is None or found.b is None:
        return found, None
    if found.a <= 0 and finite.rows < cells.rows:
        return Platt(None, None, CERTAIN_RISING), None
    p = logistic(Line(found.a, found.b).of(finite.ends))
    unit = float(np.abs(finite.ends).max())
    z, curve = finite.ends / unit, p[1] * (1.0 - p[1])
    aa, ab, bb = (mean_of(finite, curve * z[1] ** k) for k in (2, 1, 0))
    size = aa * bb - ab * ab
    if size <= 0:
        return Platt(None, None, NOT_FOUND), None
    of_a, of_b, of_height = (bend_of(finite, (s * z + t) * p) for s, t in
                             ((bb / size, -ab / size), (-ab / size, aa / size), (0.0, 1.0 / bb)))  # fmt: skip
    more = 1.0 + 10.0 * (of_a / max(unit * abs(found.a), of_a) + of_height) if of_a else 1.0
    errors = of_a / unit * more, of_height * more
    line = Line(found.a, found.b, errors, ab / bb * unit)
    return Platt(found.a, found.b, "", errors[0], of_b * more), line


def calibration(cells: Occupied, line: Line, bins: int, floor: float | None = None) -> Calibration:
    """How far σ(az + b) can be taken at its word, of the line that fits best.

    With all rows the log loss at their own best line is no less than with the means at theirs, as it is convex, and no
    more than at the line that was found: the line's error does not matter to it.
    """
    v = line.of(cells.ends)
    p = logistic(v)
    loss, errors = np.logaddexp(0.0, np.where(cells.label == 1, -v, v)), p - cells.label
    if floor is not None:  # of hard labels a clamp of the logarithm is one of the loss
        loss = np.minimum(loss, -floor)
    width = reliability(cells, p, line.slip(cells.mean, p[1]), Binning(equal_width(bins)))
    moved = mean_of(cells, 2.0 * np.abs(errors[1]) * line.slip(cells.mean, p[1]))
    return Calibration(
        mean_of(cells, loss[1]),
        width.brier,
        width,
        by_mass(cells, line, bins),
        bend_of(cells, loss),
        bend_of(cells, errors**2) + moved,
    )


# ---- bins ----------------------------------------------------------------------------------------------------------


def by_mass(cells: Occupied, line: Line, bins: int) -> Reliability:
    """The reliability of σ(az + b) over bins of equal counts."""
    p = logistic(line.of(cells.ends))
    part, below, above = ranks(cells.rows, bins)
    edges = []
    for ends in (p.min(axis=0), p.max(axis=0)):
        order = np.argsort(ends, kind="stable")
        rank = np.cumsum(cells.count[order])
        low, high = (ends[order[rank.searchsorted(place, side="right")]] for place in (below, above))
        edges.append(equal_mass_between(part - below, low, high))
    return reliability(cells, p, line.slip(cells.mean, p[1]), Binning((edges[0] + edges[1]) / 2), edges)


def reliability(
    cells: Occupied, p: Array, slip: Array, binning: Binning, edges: list[Array] | None = None
) -> Reliability:
    """The reliability of cells; one that an edge cuts is counted below it as a whole.

    Args:
        cells: of logits and labels.
        p: the predictions of the least, the mean and the largest logit of each, ``(3, m)``.
        slip: by how much they may be off, ``(m,)``.
        binning: the bins.
        edges: the least and the most that each edge may be; None where the edges are known. That they are ranks of the
            predictions tells that the order, and so who is beside an edge, does not depend on the slip.
    """
    bins, count, label = binning.bins, cells.count, cells.label
    low, high = p.min(axis=0), p.max(axis=0)
    if edges is None:
        first, last = binning(np.maximum(low - slip, 0.0)), binning(np.minimum(high + slip, 1.0))
    else:
        first, last = (np.clip(e.searchsorted(x) - 1, 0, bins - 1) for e, x in ((edges[1], low), (edges[0], high)))
    columns = (np.ones_like(slip), p[1], label, slip, *bends(cells, p))
    n, predicted, ones, slipped, least, most = np.stack([np.bincount(first, count * x, bins) for x in columns])
    surplus, held = predicted - ones, np.flatnonzero(n)
    far = np.maximum(np.abs(low - label), np.abs(high - label))
    cuts = [(first < last) & (label == y) for y in (0, 1)]
    flows = [_by_edge(first[cut], last[cut], count[cut], far[cut], bins) for cut in cuts]
    return Reliability(
        binning.edges[held],
        binning.edges[held + 1],
        n[held].astype(np.int64),
        predicted[held] / n[held],
        ones[held] / n[held],
        surplus[held] / n[held],
        mean_of(cells, (p[1] - label) ** 2),
        None,
        *_errors(n, surplus, np.maximum(-least, most) + slipped, flows),
    )


def _by_edge(first: NDArray[np.intp], last: NDArray[np.intp], count: Array, far: Array, bins: int) -> Array:
    """How many numbers may be above each edge though they are counted below it, and their Σ|p − y|, ``(2, B − 1)``."""
    over = [np.bincount(first, x, minlength=bins) - np.bincount(last, x, minlength=bins) for x in (count, count * far)]
    return np.maximum(np.cumsum(over, axis=1)[:, :-1], 0.0)


def _errors(n: Array, surplus: Array, radius: Array, flows: list[Array]) -> tuple[float, float, float]:
    """Bounds of the errors of ECE, MCE and RMSCE.

    Args:
        n: numbers counted in each bin, ``(B,)``.
        surplus: Σ(p − y) of each.
        radius: by how much that may be off for numbers that are in the bin.
        flows: of label 0 and of label 1, `_by_edge`: of one sign each, so that the larger bounds what both do.
    """
    over = np.stack([np.pad(flow, ((0, 0), (0, 1))) for flow in flows])  # the upper edge of each bin: label, what, bin
    under = np.roll(over, 1, axis=2)
    flow, rows = over[:, 1].max(axis=0), n.sum()
    # where the gaps on both sides of an edge have one sign, what is over it changes no sum of |gap|
    sign = np.where(np.abs(surplus) > radius + flow + np.roll(flow, 1), np.sign(surplus), 0.0)
    ece = float((radius + 2.0 * np.where(sign * np.roll(sign, -1) > 0, 0.0, flow)).sum() / rows)
    sure, most = n - over[:, 0].sum(axis=0), n + under[:, 0].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(n > 0, surplus / n, 0.0)
        size = np.abs(gap)
        moved = radius + sum((side[:, 1] + size * side[:, 0]).max(axis=0) for side in (over, under))
        off = np.where(sure > 0, moved / sure, np.where(most > 0, 1.0, 0.0))
    mce, top, bottom = size.max(), np.minimum(size + off, 1.0).max(), (size - off).max()
    # Σ n gap² is linear in what moves but for (what moved)²/n in each bin
    after = np.roll(gap, -1)
    first = 2.0 * size * radius + np.abs(after - gap) * (2.0 * over[:, 1] + np.abs(after + gap) * over[:, 0]).max(
        axis=0
    )
    second = np.where(sure > 0, moved * off, most)
    square = float((n * gap * gap).sum())
    low, high = square - float(first.sum()), square + float((first + second).sum())
    rmsce, least, largest = (math.sqrt(max(x, 0.0) / rows) for x in (square, low, high))
    return min(ece, 1.0), float(max(top - mce, mce - bottom)), max(largest - rmsce, rmsce - least)
