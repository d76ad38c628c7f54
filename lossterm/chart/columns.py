"""The one map between numbers and cells: the painter, the cursor and the mouse all go through it.

The interval from `lo` to `hi` is cut into `n` equal parts. Each is closed on the left and open on the right, but the
last one, which holds `hi` too.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_SLACK = 1e-9
"""In columns: a number so close to the left edge of a column is on it. Without it the rounding of -7.8 would decide
whether it is the first number of its column or the last of the one before, and round numbers often are edges."""

_EPSILON = 2.0**-52
_EXACT_POWER = 22
"""The largest power of ten that a float holds exactly."""


def position(values: ArrayLike, lo: float, hi: float, n: int) -> Floats:
    """How far from the left edge each value is, in columns: the whole part of it is the column.

    Args:
        values: Any shape, any floats.
        lo: The left end, finite.
        hi: The right end, finite and greater than `lo`.
        n: How many columns there are.

    Returns:
        The same shape. From 0 to n for values inside, one within rounding error of an edge being on its right. NaN for
        NaN, infinite where the true distance overflows.
    """
    array = np.asarray(values, dtype=np.float64)
    # The length of an interval may overflow where its ends do not.
    scale = 1.0 if math.isfinite(hi - lo) else 0.25
    with np.errstate(over="ignore", invalid="ignore"):
        place = (array * scale - lo * scale) / (hi * scale - lo * scale) * n
    return np.where((array >= lo) & (array <= hi), np.minimum(place + _slack(lo, hi, n), n), place)


def _slack(lo: float, hi: float, n: int) -> float:
    """How far from an edge, in columns, rounding may have put a number: far from zero it is coarser."""
    width = hi / max(n, 1) - lo / max(n, 1)
    return _SLACK + min(4 * _EPSILON * max(abs(lo), abs(hi)) / width, 1e-3) if width else 0.0


def column_of(values: ArrayLike, lo: float, hi: float, n: int) -> Ints:
    """The column of each value, counted from the left: min(n - 1, ⌊t·n⌋), t being how far along it is.

    Args:
        values: Any shape, any floats.
        lo: The left end, finite.
        hi: The right end, finite and greater than `lo`.
        n: How many columns there are.

    Returns:
        The same shape; -1 for what is outside [lo, hi], and for NaN.
    """
    array = np.asarray(values, dtype=np.float64)
    inside = (array >= lo) & (array <= hi) & (n > 0)
    place = position(np.where(inside, array, lo), lo, hi, n)
    return np.where(inside, np.minimum(place, n - 1).astype(np.intp), -1)


def column_at(value: float, lo: float, hi: float, n: int) -> int:
    """`column_of` a single number, without arrays: a cursor asks for several at every key."""
    if not (lo <= value <= hi and n > 0):
        return -1
    scale = 1.0 if math.isfinite(hi - lo) else 0.25
    place = (value * scale - lo * scale) / (hi * scale - lo * scale) * n
    return min(int(place + _slack(lo, hi, n)), n - 1)


def row_at(value: float, lo: float, hi: float, n: int) -> int:
    """`row_of` a single number."""
    return column_at(-value, -hi, -lo, n)


def row_of(values: ArrayLike, lo: float, hi: float, n: int) -> Ints:
    """The row of each value, counted from the top.

    For the row of braille dots, `n` is four times the number of lines, and the line is the row of dots divided by four.

    Args:
        values: Any shape, any floats.
        lo: The value at the bottom, finite.
        hi: The value at the top, finite and greater than `lo`.
        n: How many rows there are.

    Returns:
        The same shape; -1 for what is outside [lo, hi], and for NaN.
    """
    return column_of(-np.asarray(values, dtype=np.float64), -hi, -lo, n)


def edges(lo: float, hi: float, n: int) -> Floats:
    """The n + 1 edges of the columns, from `lo` to `hi`."""
    return _mix(lo, hi, np.arange(n + 1) / max(n, 1))


def centre(lo: float, hi: float, n: int) -> Floats:
    """The middles of the n columns."""
    return _mix(lo, hi, (np.arange(n) + 0.5) / max(n, 1))


def _mix(lo: float, hi: float, t: Floats) -> Floats:
    """From `lo` to `hi` in proportion to `t`, exactly at the ends and never beyond them, without overflow."""
    return np.clip(lo * (1 - t) + hi * t, lo, hi)


@lru_cache(maxsize=64)
def round_points(lo: float, hi: float, n: int) -> Floats:
    """The roundest number of each column: where a cursor stops.

    It is the multiple of the coarsest power of ten that has one in the column, and of several the one nearest to the
    middle. A column too narrow for floats to tell a number inside it gets its middle.

    Args:
        lo: The left end, finite.
        hi: The right end, finite and greater than `lo`.
        n: How many columns there are.

    Returns:
        Shape (n,), increasing, read-only (it is remembered). Each is the float nearest to its decimal; zero is never
        negative.
    """
    middle = centre(lo, hi, n)
    points = middle.copy()
    open_columns = np.arange(n)
    highest = math.ceil(math.log10(max(abs(lo), abs(hi))))
    for exponent in range(highest, highest - 18, -1):
        if not open_columns.size or not float(f"1e{exponent}"):
            break
        target = middle[open_columns]
        with np.errstate(over="ignore"):
            below = np.floor(target / float(f"1e{exponent}"))
        lower, upper = _decimal(below, exponent), _decimal(below + 1, exponent)
        lower_fits = column_of(lower, lo, hi, n) == open_columns
        upper_fits = column_of(upper, lo, hi, n) == open_columns
        with np.errstate(over="ignore", invalid="ignore"):
            nearer = target - lower <= upper - target
        best = np.where(lower_fits & (nearer | ~upper_fits), lower, upper)
        fits = lower_fits | upper_fits
        points[open_columns[fits]] = best[fits]
        open_columns = open_columns[~fits]
    points += 0.0  # turns -0.0 into 0.0
    points.flags.writeable = False
    return points


def _decimal(digits: Floats, exponent: int) -> Floats:
    """The floats nearest to digits · 10^exponent.

    A product or a quotient of two exact numbers is rounded once; multiplying by 0.1 would be rounded twice.
    """
    if -_EXACT_POWER <= exponent < 0:
        return digits / 10.0**-exponent
    if 0 <= exponent <= _EXACT_POWER:
        return digits * 10.0**exponent
    return np.array([float(f"{d:.0f}e{exponent}") if math.isfinite(d) else d for d in digits.tolist()])
