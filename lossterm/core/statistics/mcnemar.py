"""McNemar's exact test: whether two deciders of the same rows are right equally often (McNemar 1947).

Only rows that one of them gets right and the other wrong tell anything: were both equally good, which of the two it is
would be the toss of a coin.
"""

from __future__ import annotations

import math
from fractions import Fraction

FAR = 1e-18
"""A term that is so small a part of the sum so far, and falls, changes it no more."""

EXACT = 1_000
"""Tosses up to which binomial coefficients are whole numbers of Python's own."""


def mcnemar(one_way: int, other_way: int) -> float:
    """The p-value, two-sided: how likely so uneven a split, or a more uneven one, is by chance alone.

    Args:
        one_way: rows that the first gets right and the second wrong.
        other_way: the opposite.
    """
    few, tosses = min(one_way, other_way), one_way + other_way
    if tosses <= EXACT:
        below: int = sum(math.comb(tosses, k) for k in range(few + 1))
        return min(1.0, float(Fraction(2 * below, 2**tosses)))
    if 2 * few == tosses:
        return 1.0
    # from the largest term down, each a ratio of the one before
    total, term, k = 1.0, 1.0, few
    while k and term > FAR * total:
        term *= k / (tosses - k + 1)
        total += term
        k -= 1
    return min(1.0, 2 * total * _coin(few, tosses))


def _coin(heads: int, tosses: int) -> float:
    """The probability of so many heads; by Loader's saddle point (2000), which loses no digits to large factorials."""
    if not heads:
        return 0.5**tosses
    tails = tosses - heads
    log = _stirling(tosses) - _stirling(heads) - _stirling(tails)
    log -= _deviance(heads, tosses / 2) + _deviance(tails, tosses / 2)
    return math.exp(log) * math.sqrt(tosses / (2 * math.pi * heads * tails))


def _stirling(n: int) -> float:
    """By how much Stirling's formula falls short of ln n!."""
    if n <= 15:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = float(n) * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / n


def _deviance(x: float, mean: float) -> float:
    """``x ln(x/m) + m − x``, exact where x is near m."""
    gap = x - mean
    if abs(gap) >= 0.1 * (x + mean):
        return x * math.log(x / mean) + mean - x
    # with v = (x − m)/(x + m): ln(x/m) is 2(v + v³/3 + v⁵/5 + …)
    v = gap / (x + mean)
    total, power, j = gap * v, 2 * x * v, 1
    while True:
        power *= v * v
        more = total + power / (2 * j + 1)
        if more == total:
            return total
        total, j = more, j + 1
