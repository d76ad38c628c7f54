"""Ticks are round, inside, few, and labelled with what they are."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lossterm.chart.spec import Tick
from lossterm.chart.ticks import linear_ticks, symlog, symlog_ticks

FINITE = st.floats(allow_nan=False, allow_infinity=False)
MODERATE = st.floats(-1e9, 1e9)
MOST = st.integers(0, 20)


def labels(ticks: list[Tick]) -> list[str]:
    return [tick.label for tick in ticks]


def value(label: str) -> Fraction:
    return Fraction(label.replace("−", "-"))


def is_round(number: Fraction) -> bool:
    """Whether the digits of a decimal number are 1, 2 or 5, trailing zeros aside."""
    digits = f"{abs(number.numerator * 10**400 // number.denominator)}".strip("0")
    return digits in ("1", "2", "5")


@pytest.mark.parametrize(
    ("lo", "hi", "most", "expected"),
    [
        (-8, 8, 9, ["−8", "−6", "−4", "−2", "0", "2", "4", "6", "8"]),
        (0, 1, 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 0.3, 5, ["0.0", "0.1", "0.2", "0.3"]),
        (-0.0013, 0.0021, 6, ["−0.001", "0.000", "0.001", "0.002"]),
        (-1e6, 2e6, 6, ["−1e6", "0", "1e6", "2e6"]),
        (0, 1e-6, 5, ["0", "5e−7", "1e−6"]),
        (1e300, 2e300, 5, ["1e300", "1.5e300", "2e300"]),
        (-1.7e308, 1.7e308, 5, ["−1e308", "0", "1e308"]),
        (0, 5e-324, 4, ["0", "5e−324"]),
        (1, math.nextafter(1, 2), 4, []),
        (-5, 5, 1, ["0"]),
        (-5, 5, 0, []),
    ],
)
def test_linear_ticks(lo: float, hi: float, most: int, expected: list[str]) -> None:
    assert labels(linear_ticks(lo, hi, most)) == expected


@given(FINITE, FINITE, MOST)
def test_linear_ticks_are_inside_and_true(lo: float, hi: float, most: int) -> None:
    assume(lo < hi)
    ticks = linear_ticks(lo, hi, most)
    positions = [tick.position for tick in ticks]
    assert len(ticks) <= most
    assert all(lo <= position <= hi for position in positions)
    assert all(a < b for a, b in pairwise(positions))
    assert len(set(labels(ticks))) == len(ticks)
    for tick in ticks:
        assert float(value(tick.label)) == tick.position
        assert len(tick.label) <= 12
        assert not math.copysign(1, tick.position) < 0 or tick.position < 0


@given(MODERATE, st.floats(1e-3, 1e9), st.integers(3, 20))
def test_linear_ticks_are_round_and_enough(lo: float, length: float, most: int) -> None:
    hi = lo + length
    assume(length > 1e-6 * max(abs(lo), abs(hi)))
    ticks = linear_ticks(lo, hi, most)
    assert len(ticks) >= max(1, most // 3)
    exact = [value(tick.label) for tick in ticks]
    steps = {b - a for a, b in pairwise(exact)}
    assert len(steps) <= 1
    assert all(is_round(step) and all(each % step == 0 for each in exact) for step in steps)
    if not any("e" in label for label in labels(ticks)):
        assert len({len(label.partition(".")[2]) for label in labels(ticks)}) == 1


@pytest.mark.parametrize(("lo", "hi"), [(1, 1), (1, 0), (math.nan, 1), (0, math.inf)])
def test_ticks_want_a_finite_interval(lo: float, hi: float) -> None:
    with pytest.raises(ValueError, match="finite interval"):
        linear_ticks(lo, hi, 5)
    with pytest.raises(ValueError, match="finite interval"):
        symlog_ticks(lo, hi, 1, 5)


@pytest.mark.parametrize(
    ("lo", "hi", "threshold", "most", "expected"),
    [
        (0, 8, 1, 6, ["0", "1", "2", "5"]),
        (-1000, 1000, 1, 7, ["−1000", "−100", "−10", "0", "10", "100", "1000"]),
        (-1e6, 1e6, 1, 5, ["−1e6", "−10000", "0", "10000", "1e6"]),
        (3, 4, 1, 4, ["3.0", "3.5", "4.0"]),
        (-1e300, 1e300, 1e-300, 5, ["−1e300", "0", "1e300"]),
        (0, 5e-324, 1, 3, ["0", "5e−324"]),
    ],
)
def test_symlog_ticks(lo: float, hi: float, threshold: float, most: int, expected: list[str]) -> None:
    assert labels(symlog_ticks(lo, hi, threshold, most)) == expected


@given(FINITE, FINITE, st.floats(1e-300, 1e300), MOST)
def test_symlog_ticks_are_inside_and_true(lo: float, hi: float, threshold: float, most: int) -> None:
    assume(lo < hi)
    ticks = symlog_ticks(lo, hi, threshold, most)
    positions = [tick.position for tick in ticks]
    start, stop = symlog([lo, hi], threshold)
    assert len(ticks) <= most
    assert all(start <= position <= stop for position in positions)
    assert positions == sorted(positions)
    assert positions == [float(symlog(float(value(tick.label)), threshold)) for tick in ticks]


@given(st.floats(), st.floats(1e-300, 1e300))
def test_symlog_is_odd_and_finite_where_it_can_be(y: float, threshold: float) -> None:
    there, back = symlog(y, threshold), symlog(-y, threshold)
    assert np.isfinite(there) == np.isfinite(y)
    assert np.isnan(there) == np.isnan(y)
    assert there == -back or math.isnan(y)


def test_symlog_values() -> None:
    # log10(1 + |y| / c) by hand.
    assert symlog([0, 9, -99, 1e-20], 1).tolist() == pytest.approx([0, 1, -2, 1e-20 / math.log(10)], rel=1e-15)
