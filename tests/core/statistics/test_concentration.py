"""Concentration: the share of the largest, exactly, and the Lorenz curve."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.statistics.concentration import share, worst_count

SIZES = st.lists(st.one_of(st.floats(0.0, 1e308), st.sampled_from([0.0, 1.0, 5e-324])), min_size=1, max_size=60)
FRACTIONS = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.01, 0.1, 0.29, 1.0]))


@pytest.mark.parametrize(
    ("count", "fraction", "expected"),
    [(100, 0.01, 1), (101, 0.01, 2), (1, 0.01, 1), (0, 0.01, 0), (10**9 * 100, 0.01, 10**9), (100, 0.29, 29),
     (100, 0.57, 57), (7, 1.0, 7), (7, 0.0, 0), (3, 1e-17, 1)],
)  # fmt: skip
def test_the_fraction_is_a_decimal(count: int, fraction: float, expected: int) -> None:
    assert worst_count(count, fraction) == expected


def test_a_fraction_is_a_fraction() -> None:
    for bad in (-0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match="fraction"):
            worst_count(10, bad)


@given(SIZES, FRACTIONS)
def test_the_share_is_exact(sizes: list[float], fraction: float) -> None:
    total = sum(map(Fraction, sizes), Fraction(0))
    largest = sorted(sizes, reverse=True)[: worst_count(len(sizes), fraction)]
    expected = float(sum(map(Fraction, largest), Fraction(0)) / total) if total else None
    assert share(sizes, fraction) == expected


@pytest.mark.parametrize("fraction", [0.001, 0.01, 0.3, 1.0])
@pytest.mark.parametrize("shape", ["spread", "ties", "sorted", "periodic"])
def test_the_share_of_many(fraction: float, shape: str) -> None:
    sizes = np.random.default_rng(1).lognormal(0.0, 2.0, 150_000)
    if shape == "ties":
        sizes = np.round(sizes)
    if shape == "sorted":
        sizes.sort()
    if shape == "periodic":
        sizes = np.where(np.arange(sizes.size) % (sizes.size // 4096) == 0, 10.0, sizes)
    largest = np.sort(sizes)[::-1][: worst_count(sizes.size, fraction)]
    assert share(sizes, fraction) == pytest.approx(math.fsum(largest) / math.fsum(sizes), rel=4e-16)


@pytest.mark.parametrize("sizes", [[], [0.0, 0.0], [1.0, math.inf], [1.0, math.nan], [math.nan, math.inf]])
def test_no_share_where_there_is_none(sizes: list[float]) -> None:
    assert share(sizes) is None
