"""The y window of a chart, for every picture: which values it shows, and on which scale.

The size of a curve is its largest |value| in the x window. Curves of which the largest is up to 100 times the smallest
(that is not 0) are shown whole on a linear axis; beyond that all of them, whole, on a symmetric-log axis. Only a curve
that is infinite somewhere in the x window is cut. There is one rule for values above and below 0.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossterm.chart.spec import Axis
from lossterm.chart.ticks import symlog, unsymlog
from lossterm.chart.y_axis import linear_axis, symlog_axis

Array = NDArray[np.float64]

PER_COLUMN = 2
"""Samples a column: the two dots of a braille cell."""

COMPARABLE = 100.0
"""Up to this many times the smallest curve, the largest is shown beside it on a linear axis."""

LONGER = 1.5
"""A window is at most this many times as long as the values that it shows."""

_NEAR_ZERO = 0.25
"""A window that begins within this part of its other end begins at 0."""

_CONSTANT = 1e-12
"""A curve that changes by no more than this part of its size is a constant: what is less is rounding."""

_FOLLOWED = 12.0
"""An infinite curve is followed this many times as far as the others reach; on a logarithmic axis far further."""
_FOLLOWED_LOG = 1e4
_OFTEN, _USUALLY, _REACH = 0.9, 0.8, 3.0
"""One alone is followed up to its 90th percentile, or three times its 80th."""
_NEARLY = 0.99
"""And up to this quantile on a logarithmic axis."""

_LARGEST = sys.float_info.max

_TINY = 1e-300
"""The least threshold of a symmetric log: from here on quotients overflow."""


@dataclass(frozen=True)
class Window:
    """What a y axis shows, in the curves' own units, and how.

    Attributes:
        lo: the least value.
        hi: the largest.
        threshold: c of the symmetric log, None on a linear axis.
        shown: the length of what it shows: 0 may be in the window although no curve comes to it.
        diverging: of each curve, whether it is infinite in the x window, so that its ends may be beyond.
    """

    lo: float
    hi: float
    threshold: float | None
    shown: float
    diverging: tuple[bool, ...]


@dataclass(frozen=True)
class YScale:
    """A y axis on so many rows.

    Attributes:
        axis: as it is drawn.
        threshold: c of the symmetric log that it is drawn through, None on a linear axis.
        window: its ends in the curves' own units.
        diverging: of each curve, whether it is infinite in the x window.
    """

    axis: Axis
    threshold: float | None
    window: tuple[float, float]
    diverging: tuple[bool, ...]

    def drawn(self, values: ArrayLike) -> Array:
        """Values as places on the axis."""
        return np.asarray(values, dtype=float) if self.threshold is None else symlog(values, self.threshold)


def y_scale(
    curves: Sequence[Array], held: Sequence[Sequence[float]] = (), *, lines: int, scale: str = "auto", zoom: float = 1.0
) -> YScale:
    """The y axis of a chart.

    Args:
        curves: the values of each curve at its samples.
        held: of each curve, values that are inside whatever else is: its landmarks, and where the cursor is.
        lines: rows of the canvas.
        scale: "linear", "symlog", or "auto" for the one that shows all curves.
        zoom: how many times shorter than the rule's the window is, about 0 or else its middle.
    """
    window = y_window(curves, held, scale=scale, zoom=zoom)
    c = window.threshold
    if c is None:
        axis = linear_axis(window.lo, window.hi, lines, LONGER * window.shown)
        return YScale(axis, None, (axis.lo, axis.hi), window.diverging)
    axis, c = symlog_axis(window.lo, window.hi, c, lines, LONGER * window.shown)
    low, high = max(unsymlog(axis.lo, c), -_LARGEST), min(unsymlog(axis.hi, c), _LARGEST)
    return YScale(axis, c, (min(low, window.lo), max(high, window.hi)), window.diverging)


def y_window(
    curves: Sequence[Array], held: Sequence[Sequence[float]] = (), *, scale: str = "auto", zoom: float = 1.0
) -> Window:
    """What a chart shows of its curves, whatever its size.

    Args:
        curves: the values of each curve at its samples; nan where it is undefined, ±inf where it has a pole.
        held: of each curve, values that are inside too.
        scale: "linear", "symlog", or "auto".
        zoom: how many times shorter than the rule's the window is.

    Returns:
        From 0 to 1 where nothing is finite or all is 0.
    """
    spans = [_span(curve, held[k] if k < len(held) else ()) for k, curve in enumerate(curves)]
    wide = {"linear": False, "symlog": True}.get(scale)
    if wide is None:
        ends = zip(spans, _extents(spans, log=False), strict=True)
        # what is held of a curve that is 0 all along is the rounding of its landmarks
        sizes = [0.0 if span.lo == span.hi == 0 else max(-lo, hi) for span, (lo, hi) in ends]
        wide = max(sizes, default=0.0) > COMPARABLE * min((s for s in sizes if s > 0), default=math.inf)
    extents = _extents(spans, log=wide)
    lo = min((low for low, high in extents if low <= high), default=0.0)
    hi = max((high for low, high in extents if low <= high), default=0.0)
    low, high, shown = _from_zero(lo, hi)
    threshold = _threshold(curves, extents, quantile=scale == "symlog") if wide else None
    low, high, shown = _zoomed(low, high, shown, threshold, zoom)
    return Window(low, high, threshold, shown, tuple(span.diverges for span in spans))


@dataclass(frozen=True)
class _Span:
    # of one curve: its finite ends, and, where it diverges, how far it is followed on either kind of axis
    lo: float
    hi: float
    diverges: bool
    reach: float
    reach_log: float
    held: tuple[float, ...]

    @property
    def size(self) -> float:
        return max(-self.lo, self.hi, 0.0)


def _span(values: Array, held: Sequence[float]) -> _Span:
    kept = tuple(value for value in held if math.isfinite(value))
    known = np.isfinite(values)
    finite = values if known.all() else values[known]
    diverges = finite is not values and bool(np.isinf(values).any())
    if not finite.size:
        return _Span(math.inf, -math.inf, diverges, 0.0, 0.0, kept)
    lo, hi = float(finite.min()), float(finite.max())
    if not diverges:
        return _Span(lo, hi, False, math.inf, math.inf, kept)
    usually, often, nearly = np.quantile(np.abs(finite), (_USUALLY, _OFTEN, _NEARLY)).tolist()
    return _Span(lo, hi, True, max(_REACH * usually, often), nearly, kept)


def _extents(spans: Sequence[_Span], *, log: bool) -> list[tuple[float, float]]:
    # the ends of what is shown of each curve: (inf, −inf) for nothing
    sizes = [span.size for span in spans if not span.diverges and span.lo <= span.hi and span.size > 0]
    reaches = [span.reach for span in spans if span.diverges and span.reach > 0]
    if sizes:
        most = max(sizes) * (_FOLLOWED_LOG if log else _FOLLOWED)
        if not log:  # the infinite one alone is no reason for a logarithmic axis
            most = min(most, max(*sizes, COMPARABLE * min(sizes)))
    else:
        most = min(reaches, default=0.0) * (_FOLLOWED_LOG if log else _FOLLOWED)
    result = []
    for span in spans:
        lo, hi = span.lo, span.hi
        if span.diverges and lo <= hi:
            reach = min(span.reach_log if log else span.reach, most)
            lo, hi = min(max(lo, -reach), reach), max(min(hi, reach), -reach)
        result.append((min(lo, *span.held), max(hi, *span.held)) if span.held else (lo, hi))
    return result


def _from_zero(lo: float, hi: float) -> tuple[float, float, float]:
    # with 0 where it is near, or where there is no other length; and the length of what is shown
    if lo == hi == 0:
        return 0.0, 1.0, 1.0
    size = max(abs(lo), abs(hi))
    if hi / 2 - lo / 2 <= _CONSTANT / 2 * size:
        return min(lo, 0.0), max(hi, 0.0), size
    shown = min(hi - lo, _LARGEST)
    if 0 < lo <= _NEAR_ZERO * hi:
        return 0.0, hi, shown
    if 0 > hi >= _NEAR_ZERO * lo:
        return lo, 0.0, shown
    return lo, hi, shown


def _threshold(curves: Sequence[Array], extents: Sequence[tuple[float, float]], *, quantile: bool) -> float:
    # c: the smallest curve that is not 0 is at least a decade high; asked for, the axis shows the tails as well
    least = min((size for lo, hi in extents if (size := max(-lo, hi)) > 0), default=1.0)
    power = math.floor(math.log10(least)) - 1
    if quantile and curves:
        sizes = np.abs(np.concatenate([curve[np.isfinite(curve)] for curve in curves]))
        sizes = sizes[sizes > 0]
        if sizes.size:
            power = min(power, max(math.floor(math.log10(float(np.quantile(sizes, 0.25)))), power - 12))
    return max(float(f"1e{max(power, -300)}"), _TINY)


def _zoomed(lo: float, hi: float, shown: float, threshold: float | None, zoom: float) -> tuple[float, float, float]:
    if zoom == 1:
        return lo, hi, shown
    ends = [lo, hi] if threshold is None else symlog([lo, hi], threshold).tolist()
    about = 0.0 if ends[0] <= 0 <= ends[1] else ends[0] / 2 + ends[1] / 2
    low, high = (about + (end - about) / zoom for end in ends)
    if threshold is not None:
        low, high = unsymlog(low, threshold), unsymlog(high, threshold)
    low, high = max(low, -_LARGEST), min(high, _LARGEST)
    return (low, high, min(high - low, _LARGEST)) if low < high else (lo, hi, shown)


# ---- between the samples ---------------------------------------------------------------------------------------------


def extremes(x: Array, y: Array) -> list[float]:
    """Values that a curve may take between its samples, beyond the least and the largest of them.

    A peak is where a parabola through three samples has it; up to a jump, or to where it is undefined, a curve goes on
    as it went before, but by no more than the jump: samples that are close together may be steep beside a wide gap.

    Args:
        x: ascending.
        y: of the same length; there is nothing to tell of a curve with a pole.
    """
    known = np.isfinite(y)
    if known.sum() < _FEWEST or np.isinf(y).any():
        return []
    high, low = int(np.argmax(np.where(known, y, -np.inf))), int(np.argmin(np.where(known, y, np.inf)))
    result, leap = [], _LEAP * (float(y[high]) / 2 - float(y[low]) / 2) * 2
    for k in (high, low):
        if not (0 < k < y.size - 1 and known[k - 1] and known[k + 1]):
            continue
        left, right = float(x[k - 1] - x[k]), float(x[k + 1] - x[k])
        before, after = float(y[k - 1] - y[k]), float(y[k + 1] - y[k])
        bend = (before / left - after / right) / (left - right)
        slope = after / right - bend * right
        steep, flat = sorted((abs(before / left), abs(after / right)), reverse=True)
        smooth = steep <= _KINK * flat or not flat  # else one side is a jump between samples that are close together
        if smooth and 0 < max(abs(before), abs(after)) < leap and bend and math.isfinite(slope * slope / bend):
            sure = math.copysign(_SURE * max(abs(before), abs(after)), -bend)
            result.append(float(y[k]) - slope * slope / (4 * bend) + sure)
    with np.errstate(over="ignore"):
        jumps = np.flatnonzero((np.abs(np.diff(y)) >= leap) | (known[1:] != known[:-1])).tolist() if leap > 0 else []
    for k in jumps[:_MOST_JUMPS]:
        for at, beside, across in ((k, k - 1, k + 1), (k + 1, k + 2, k)):
            if 0 <= beside < y.size and abs(float(y[at]) - float(y[beside])) < leap:
                slope = float(y[at] - y[beside]) / float(x[at] - x[beside])
                further = (1 + _SURE) * slope * float(x[across] - x[at])
                height = abs(float(y[across]) - float(y[at])) if known[across] else math.inf
                result.append(float(y[at]) + math.copysign(min(abs(further), height), further))
    return [value for value in result if math.isfinite(value)]


_SURE = 0.03
"""How much further than that, in what the curve changes by from sample to sample."""

_KINK = 1e4
"""A curve that is so much steeper on one side of its extreme than on the other has a kink or a jump there."""

_LEAP = 0.2
"""Samples that differ by this part of all that a curve changes by are at a jump."""

_FEWEST, _MOST_JUMPS = 6, 6
"""Samples from which their differences tell something, and jumps up to which they do."""
