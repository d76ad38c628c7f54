"""The y axis of a chart on so many rows: a little longer than what it shows, its ticks evenly spaced on the screen."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lossterm.chart.columns import row_at
from lossterm.chart.spec import Axis, Tick
from lossterm.chart.ticks import MANTISSAS, labelled, linear_ticks, most_y, shortest, symlog

Array = NDArray[np.float64]

_FEW = 5
"""Rows from which ticks are two rows apart at least."""

_FURTHEST = 8
"""Rows between two ticks of an axis whose units are put on rows, at most."""

_LONGEST, _SHORTEST = 1e300, 1e-300
"""Lengths beyond are not reckoned with: they may overflow, or have no digits left."""

_NARROWEST = 1e-11
"""Relative to its distance from 0, an interval so short has no labels that anybody would read."""

_FEWER, _MORE, _LONE = 0.08, 0.03, 0.3
"""What costs as much as an axis that is longer by such a part: a tick too few, one too many, and only two of them."""

_DEAR = 1.25
"""A cost from which other ends are looked for than those that put the units on rows."""

_BARE = 0.2
"""What costs as much as that: a step from the last tick to the end of the axis that has room for another one."""

_PAD = 0.03
"""What is left free at each end where ticks cannot be evenly spaced, in the length of what is shown."""

_LARGEST = sys.float_info.max


def canvas_lines(height: int, *, bottom: bool = True) -> int:
    """The rows that are left for the canvas of a chart: the axis at the bottom and its labels take one each."""
    has_bottom = bottom and height >= 3
    return max(height - has_bottom - (has_bottom and height >= 5), 0)


def even_ticks(lo: float, hi: float, lines: int) -> list[Tick]:
    """Ticks of a y axis whose ends are given, the same number of rows apart.

    Args:
        lo: The lower end, finite.
        hi: The upper end, finite and greater than `lo`.
        lines: Rows of the canvas.

    Returns:
        The most round ticks that are evenly spaced on the screen; two are always so.

    Raises:
        ValueError: Unless `lo` and `hi` are finite and `lo` is less than `hi`.
    """
    return _most_even([linear_ticks(lo, hi, most) for most in range(most_y(lines), 1, -1)], lo, hi, lines)


def _most_even(choices: Sequence[list[Tick]], lo: float, hi: float, lines: int) -> list[Tick]:
    even = (ticks for ticks in choices if len(ticks) > 1 and _are_even([t.position for t in ticks], lo, hi, lines))
    chosen = next(even, None)
    if chosen is None:
        chosen = max(choices, key=len, default=[])
        chosen = [chosen[0], chosen[-1]] if len(chosen) > 1 else chosen
    return chosen


def _are_even(positions: Sequence[float], lo: float, hi: float, lines: int) -> bool:
    rows = [row_at(position, lo, hi, 4 * lines) // 4 for position in positions]
    steps = {below - above for above, below in pairwise(reversed(rows))}
    return len(steps) <= 1 and all(step >= _apart(lines) for step in steps)


def _apart(lines: int) -> int:
    return 2 if lines >= _FEW else 1


# ---- linear ---------------------------------------------------------------------------------------------------------


def linear_axis(lo: float, hi: float, lines: int, longest: float = math.inf) -> Axis:
    """A linear axis that holds an interval, with a tick on every so many rows.

    Where the rows allow it each tick is in the middle of its row, and so is everything as round: a curve at 0 is not
    glued to the border, the axis stays while the interval changes a little, and no rounding moves one tick to another
    row than its neighbours.

    Args:
        lo: The least of what is shown, finite.
        hi: The largest of what is shown, finite and greater than `lo`.
        lines: Rows of the canvas.
        longest: How long the axis may be.
    """
    if abs(lo) > abs(hi):  # both signs alike
        return _mirrored(linear_axis(-hi, -lo, lines, longest))
    length = hi - lo
    if _SHORTEST < length < _LONGEST and length > _NARROWEST * max(abs(lo), abs(hi)):
        layouts = sorted(_layouts(lo, hi, lines, longest))
        axes = [axis for _, layout in layouts[:1] if (axis := layout.axis()) is not None]
        if not axes or layouts[0][0] > _DEAR:
            spare = min((longest - length) / 2, length / 4)
            sets = [linear_ticks(lo - spare, hi + spare, most) for most in range(most_y(lines) + 2, 2, -2)]
            found = _searched((lo, hi), (lo - spare, hi + spare), _with_fewer(sets, lo, hi), lines)
            axes += [found] if found is not None else []
        if axes:
            return min(axes, key=lambda axis: (axis.hi - axis.lo) / length + _ticks_cost(len(axis.ticks), lines))
    pad = min(_PAD * length, (longest - length) / 2) if length < _LONGEST else 0.0
    low, high = lo - pad, hi + pad
    if not low < high:
        low, high = math.nextafter(lo, -math.inf), math.nextafter(hi, math.inf)
    return Axis(low, high, tuple(even_ticks(low, high, lines)))


def _mirrored(axis: Axis) -> Axis:
    ticks = [
        Tick(-t.position + 0.0, t.label.removeprefix("−") if t.position < 0 else "−" * (t.position > 0) + t.label)
        for t in reversed(axis.ticks)
    ]
    return Axis(-axis.hi + 0.0, -axis.lo + 0.0, tuple(ticks))


class _Layout(NamedTuple):
    # rows of step / apart, of which row k has k of these in its middle and every apart-th a tick
    apart: int
    mantissa: int
    power: int
    first: int  # the lowest row
    lines: int

    @property
    def numbers(self) -> range:
        """Which multiples of the step have a tick."""
        return range(-(-self.first // self.apart), (self.first + self.lines - 1) // self.apart + 1)

    @property
    def ends(self) -> tuple[float, float]:
        """The borders of the lowest and the highest row."""
        half = float(f"{self.mantissa}e{self.power}") / (2 * self.apart)
        return (2 * self.first - 1) * half, (2 * (self.first + self.lines) - 1) * half

    def axis(self) -> Axis | None:
        """The axis, or None where its labels would be too long."""
        ticks = labelled([k * self.mantissa for k in self.numbers], self.power)
        return Axis(*self.ends, tuple(ticks)) if ticks else None


def _layouts(lo: float, hi: float, lines: int, longest: float) -> Iterator[tuple[float, _Layout]]:
    # what holds the interval, each with its cost
    most = most_y(lines)
    for apart in range(2, min(lines - 1, _FURTHEST) + 1):
        for mantissa, power in _steps((hi - lo) * apart / lines):
            half = float(f"{mantissa}e{power}") / (2 * apart)
            bottom, top = math.floor((lo / half + 1) / 2), math.ceil((hi / half - 1) / 2)
            spare = lines - (top - bottom + 1)
            if spare < 0 or 2 * half * lines > longest:
                continue
            up = spare if lo == 0 else spare - spare // 2  # rows that are over go away from zero, or on both sides
            layout = _Layout(apart, mantissa, power, bottom - (spare - up), lines)
            count = len(layout.numbers)
            low, high = layout.ends
            if 2 <= count <= most and low <= lo and hi <= high:
                yield 2 * half * lines / (hi - lo) + _ticks_cost(count, lines), layout


def _ticks_cost(count: int, lines: int) -> float:
    wanted = min(6, max(3, lines // 3))
    return _FEWER * max(wanted - count, 0) + _MORE * max(count - wanted, 0) + _LONE * (count < 3)


def _steps(least: float) -> Iterator[tuple[int, int]]:
    # the next steps that are not (much) less than one, as mantissa and power of ten
    power = math.floor(math.log10(least))
    for p in (power, power + 1):
        for mantissa in MANTISSAS:
            if 0.999 * least <= float(f"{mantissa}e{p}") <= 3 * least:
                yield mantissa, p


# ---- symmetric log --------------------------------------------------------------------------------------------------

_HIGHEST_POWER = 308
"""The largest power of ten that is a double."""

_SMALLER = 3
"""How many thresholds are tried, each a tenth of the one before: with it change the rows of the decades."""


def symlog_axis(lo: float, hi: float, threshold: float, lines: int, longest: float = math.inf) -> tuple[Axis, float]:
    """A symmetric-log axis that holds an interval; its ends and ticks are where `symlog` puts them.

    Args:
        lo: The least of what is shown, finite, in real units.
        hi: The largest of what is shown, finite and greater than `lo`.
        threshold: The largest c of the transform, a power of ten.
        lines: Rows of the canvas.
        longest: How long the axis may be, in real units.

    Returns:
        An axis with ticks at 0 and at every so many decades, evenly spaced on the screen; where no two of these are
        inside, at other round numbers. And its c.
    """
    if abs(lo) > abs(hi):  # both signs alike
        axis, c = symlog_axis(-hi, -lo, threshold, lines, longest)
        return _mirrored(axis), c
    spare = max((longest / 2 - hi / 2) + lo / 2, 0.0)  # for each end, in real units
    real = [lo, hi, max(lo - spare, -_LARGEST), min(hi + spare, _LARGEST)]
    best: tuple[Axis, float] | None = None
    zero, last = round(math.log10(threshold)), _last_decade(lo, hi, threshold)
    for power in range(zero, max(zero - _SMALLER, -_HIGHEST_POWER), -1):
        c = float(f"1e{power}")
        start, stop, lowest, highest = symlog(real, c).tolist()
        if not start < stop:
            break
        row = (stop - start) / max(lines, 1)
        room = max(lowest, start - row), min(highest, stop + row)
        found = _searched((start, stop), room, _decades(power, last), lines)
        if found is not None and (best is None or len(found.ticks) > len(best[0].ticks)):
            best = found, c
        if best is not None and len(best[0].ticks) >= min(4, lines // 3):
            break
    if best is not None:
        return best
    start, stop = symlog([lo, hi], threshold).tolist()
    if not start < stop:
        start, stop = math.nextafter(start, -math.inf), math.nextafter(stop, math.inf)
    decades = [[t for t in ticks if start <= t.position <= stop] for ticks in _decades(zero, last)]
    choices = [ticks for ticks in decades if 1 < len(ticks) <= most_y(lines)] or [
        [Tick(float(symlog(t.position, threshold)), t.label) for t in linear_ticks(lo, hi, most)]
        for most in range(most_y(lines), 1, -1)
    ]
    return Axis(start, stop, tuple(_most_even(choices, start, stop, lines))), threshold


def _last_decade(lo: float, hi: float, threshold: float) -> int:
    return min(math.ceil(math.log10(max(abs(lo), abs(hi), threshold))), _HIGHEST_POWER)


@lru_cache(maxsize=64)
def _decades(zero: int, last: int) -> Sequence[list[Tick]]:
    # for each number of decades from tick to tick, the ticks, ascending; the first after 0 is so many decades above c
    powers = range(zero + 1, last + 1)
    places = symlog([float(f"1e{p}") for p in powers], float(f"1e{zero}")).tolist()
    up = [Tick(place, shortest(1, p)) for p, place in zip(powers, places, strict=True)]
    down = [Tick(-place, shortest(-1, p)) for p, place in zip(powers, places, strict=True)]
    return [
        [*reversed(down[every - 1 :: every]), Tick(0.0, "0"), *up[every - 1 :: every]]
        for every in range(1, len(powers) + 1)
    ]


# ---- ends at which given ticks are evenly spaced --------------------------------------------------------------------

_PARTS = np.array([0.0, 0.1, 0.25, 0.45, 0.7, 1.0])
"""How far beyond what is shown each end is tried, in parts of what it may be."""
_LOW, _HIGH = (ends.ravel() for ends in np.meshgrid(_PARTS, _PARTS))

_BORDER = 0.02
"""In rows: a tick so near to the border of its row may be drawn in either."""


def _may_be_even(apart: float, gaps: int, shortest: float, longest: float) -> bool:
    # whether at some length the ticks are so nearly a whole number of rows apart that none of them slips by one
    fewest, most = apart / longest, apart / shortest
    off = 0.0 if math.floor(most) >= fewest else min(fewest - math.floor(fewest), math.ceil(most) - most)
    return off * gaps < 1


def _with_fewer(sets: Sequence[list[Tick]], lo: float, hi: float) -> Iterator[list[Tick]]:
    # each set, then what is inside of it, and then without the last of these, or the first, for which the rows may have
    # no place
    for number, ticks in enumerate(sets):
        if ticks in sets[:number]:
            continue
        yield ticks
        yield [t for t in ticks if lo <= t.position <= hi]
        inside = [t.position for t in ticks if lo <= t.position <= hi]
        if len(inside) > 3 and inside[-1]:
            yield [t for t in ticks if t.position < inside[-1]]
        if len(inside) > 3 and inside[0]:
            yield [t for t in ticks if t.position > inside[0]]


def _searched(
    shown: tuple[float, float], room: tuple[float, float], sets: Iterable[Sequence[Tick]], lines: int
) -> Axis | None:
    """The shortest axis with some of several sets of ticks evenly spaced on it, three at least.

    Args:
        shown: What it holds.
        room: How far its ends may be.
        sets: Of ascending ticks; those outside the axis are left out.
        lines: Rows of the canvas.
    """
    low, high = shown[0] - _LOW * (shown[0] - room[0]), shown[1] + _HIGH * (room[1] - shown[1])
    least, most = _apart(lines), min(most_y(lines), (lines - 1) // _apart(lines) + 1)
    length, best, lowest = high - low, None, math.inf
    for ticks in sets:
        held = [t.position for t in ticks if shown[0] <= t.position <= shown[1]]
        if len(ticks) < 3 or len(held) > most:
            continue
        position = np.array([[t.position] for t in ticks])
        if len(held) > 1:
            apart = (held[-1] - held[0]) / (len(held) - 1) * lines
            if not _may_be_even(apart, len(held) - 1, shown[1] - shown[0], room[1] - room[0]):
                continue
        place = (high - position) * (lines / length)
        inside = (position >= low) & (position <= high)
        row = np.floor(place)
        part = place - row
        clear = (~inside | ((part > _BORDER) & (part < 1 - _BORDER))).all(axis=0)
        steps, known = row[:-1] - row[1:], inside[:-1] & inside[1:]
        smallest = np.where(known, steps, np.inf).min(axis=0)
        largest = np.where(known, steps, -np.inf).max(axis=0)
        count = inside.sum(axis=0)
        even = clear & (smallest == largest) & (smallest >= least) & (count > 2) & (count <= most)
        if even.any():
            which = int(np.argmin(np.where(even, length, np.inf)))
            lo, hi = float(low[which]), float(high[which])
            found = [t for t in ticks if lo <= t.position <= hi]
            step = found[1].position - found[0].position
            bare = max(hi - found[-1].position, found[0].position - lo) / step - 1
            cost = (hi - lo) / (shown[1] - shown[0]) + _ticks_cost(len(found), lines) + _BARE * max(bare, 0.0)
            if cost < lowest:
                best, lowest = Axis(lo, hi, tuple(found)), cost
    return best
