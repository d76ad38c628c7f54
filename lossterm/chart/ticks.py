"""Where the ticks of an axis go, and what is written there: round numbers only."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from lossterm.chart.spec import Tick
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MARGIN = 6
"""Columns left of a canvas: a tick label of five and the axis. Wider labels take more."""

MANTISSAS = (1, 2, 5)
"""The steps from tick to tick, powers of ten aside."""

_NARROW = 7
"""Labels wider than this are written in powers of ten, where that is shorter."""

_WIDEST = 12
"""Labels wider than this would be of no use; the ticks that need them are left out."""


_EASY = 4
"""Powers of ten up to this, and down to minus this, are easier to read written out."""


def linear_ticks(lo: float, hi: float, most: int) -> list[Tick]:
    """At most `most` ticks in [lo, hi], at multiples of 1, 2 or 5 times a power of ten.

    Args:
        lo: The lower end, finite.
        hi: The upper end, finite and greater than `lo`.
        most: The largest number of ticks wanted.

    Returns:
        Ticks in increasing order, all labelled with the same decimals. Few or none where the interval is so short that
        its numbers differ only after a dozen digits.

    Raises:
        ValueError: Unless `lo` and `hi` are finite and `lo` is less than `hi`.
    """
    _check(lo, hi)
    if most < 1:
        return []
    exponent = math.floor(math.log10(min(max(hi / most - lo / most, 5e-324), sys.float_info.max)))
    # The first step that yields few enough is at most twenty times the interval divided by `most`.
    for power in range(exponent, exponent + 4):
        for mantissa in MANTISSAS:
            counts = _multiples(lo, hi, mantissa, power, most)
            if counts is not None:
                return labelled([c * mantissa for c in counts], power)
    return []


def most_x(width: int) -> int:
    """How many ticks an x axis of that many columns has room for."""
    return max(2, min(13, width // 7))


def most_y(height: int) -> int:
    """How many ticks a y axis of that many rows has room for."""
    return max(2, min(8, (height + 3) // 2))


def symlog_ticks(lo: float, hi: float, threshold: float, most: int) -> list[Tick]:
    """At most `most` ticks for an axis that is drawn through `symlog`.

    Args:
        lo: The lower end, in real units.
        hi: The upper end, in real units, greater than `lo`.
        threshold: The linear threshold c of the transform, positive.
        most: The largest number of ticks wanted.

    Returns:
        Ticks in increasing order. Their *positions are transformed*, ready for an axis from symlog(lo) to symlog(hi);
        their labels are in real units: zero and powers of ten first, then twice and five times these, and where there
        are too few of them, whatever is round.

    Raises:
        ValueError: Unless `lo` and `hi` are finite and `lo` is less than `hi`.
    """
    _check(lo, hi)
    start, stop = (float(symlog(v, threshold)) for v in (lo, hi))
    gap = (stop - start) / (1.5 * max(most, 1))
    chosen: dict[float, str] = {}
    for number, power in _landmarks(lo, hi, threshold):
        value = float(f"{number}e{power}")
        place = float(symlog(value, threshold))
        if len(chosen) < most and lo <= value <= hi and all(abs(place - other) >= gap for other in chosen):
            chosen[place] = shortest(number, power)
    if len(chosen) >= 2 or most < 2:
        return [Tick(place, chosen[place]) for place in sorted(chosen)]
    return [Tick(float(symlog(t.position, threshold)), t.label) for t in linear_ticks(lo, hi, most)]


def symlog(y: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """The symmetric logarithm sign(y)·log10(1 + |y|/c): linear below the threshold c, logarithmic above.

    Args:
        y: Any shape, any floats.
        threshold: c, positive.

    Returns:
        The same shape; finite for finite y.
    """
    y = np.asarray(y, dtype=np.float64)
    size = np.abs(y)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        ratio = size / threshold
        near = np.log1p(ratio) / math.log(10)
        # Where |y|/c overflows, the 1 is nothing next to it.
        far = np.log10(size) - math.log10(threshold)
    return np.asarray(np.copysign(np.where(np.isinf(ratio), far, near), y))


def unsymlog(place: float, threshold: float) -> float:
    """The number that `symlog` puts at a place, ±∞ where it overflows."""
    try:
        return math.copysign(threshold * math.expm1(abs(place) * math.log(10)), place)
    except OverflowError:
        try:  # next to so large a number the 1 is nothing
            return math.copysign(10.0 ** (abs(place) + math.log10(threshold)), place)
        except OverflowError:
            return math.copysign(math.inf, place)


def _check(lo: float, hi: float) -> None:
    if not (math.isfinite(lo) and math.isfinite(hi) and lo < hi):
        raise ValueError(f"ticks are for a finite interval, not for {lo} to {hi}")


def _multiples(lo: float, hi: float, mantissa: int, power: int, most: int) -> list[int] | None:
    """The integers k with k·mantissa·10^power in [lo, hi], or None if there are more than `most` or they coincide."""
    step = float(f"{mantissa}e{power}")
    if step == 0 or math.isinf(step):
        return None
    first, last = (v / step for v in (lo, hi))
    if not last - first < most + 1 or max(abs(first), abs(last)) > 2**53:
        return None
    # Rounding may put an end of the interval on the wrong side of a multiple: ask the multiples themselves.
    near = range(math.floor(first) - 1, math.ceil(last) + 2)
    inside = [k for k in near if lo <= float(f"{k * mantissa}e{power}") <= hi]
    return inside if len(inside) <= most else None


def labelled(numbers: list[int], power: int) -> list[Tick]:
    """Ticks at numbers · 10^power, in the notation that is the narrower one for all of them."""
    while numbers and any(numbers) and all(number % 10 == 0 for number in numbers):
        numbers, power = [number // 10 for number in numbers], power + 1
    labels = [_fixed(number, power) for number in numbers]
    if max(map(len, labels), default=0) > _NARROW:
        labels = min((labels, [_scientific(n, power) for n in numbers]), key=lambda each: max(map(len, each)))
    if max(map(len, labels), default=0) > _WIDEST:
        return []
    return [Tick(float(f"{number}e{power}"), label) for number, label in zip(numbers, labels, strict=True)]


def _fixed(number: int, power: int) -> str:
    """The number · 10^power in plain decimals."""
    sign = "−" if number < 0 else ""
    digits = str(abs(number)).zfill(1 - power) if power < 0 else str(abs(number)) + "0" * (power if number else 0)
    return sign + (f"{digits[:power]}.{digits[power:]}" if power < 0 else digits)


def _scientific(number: int, power: int) -> str:
    """The number · 10^power as a mantissa and a power of ten."""
    if number == 0:
        return "0"
    digits = str(abs(number))
    exponent = power + len(digits) - 1
    rest = digits[1:].rstrip("0")
    mantissa = f"{digits[0]}.{rest}" if rest else digits[0]
    return ("−" if number < 0 else "") + f"{mantissa}e{exponent}".replace("-", "−")


def shortest(number: int, power: int) -> str:
    """The number · 10^power in plain decimals while they are easy to read, else in the shorter notation."""
    plain = _fixed(number, power)
    return plain if abs(power) <= _EASY else min(plain, _scientific(number, power), key=len)


def _landmarks(lo: float, hi: float, threshold: float) -> list[tuple[int, int]]:
    """Zero and the numbers ±1, ±2, ±5 · 10^k of the window, the most telling first, as (number, power of ten)."""
    largest = math.floor(math.log10(max(abs(lo), abs(hi))))
    powers = range(largest, max(math.ceil(math.log10(threshold)), largest - 40) - 1, -1)
    signed = [sign * mantissa for mantissa in MANTISSAS for sign in (1, -1)]
    tens = [(number, power) for power in powers for number in signed[:2]]
    others = [(number, power) for power in powers for number in signed[2:]]
    return [(0, 0), *tens, *others]
