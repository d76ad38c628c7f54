"""One map between numbers and cells, the same in both directions."""

import math
from fractions import Fraction

import numpy as np
import plotext
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lossterm.chart.columns import centre, column_at, column_of, edges, round_points, row_at, row_of

FINITE = st.floats(allow_nan=False, allow_infinity=False)
INTERVALS = [(-8.0, 8.0), (0.0, 1.0), (-3.3, 4.7), (1e6, 1e6 + 1), (-1e300, 1e300), (0.1, 0.7), (0.0, 1e-300)]
COUNTS = [1, 2, 7, 80, 89, 94, 400]


def is_resolved(lo: float, hi: float) -> bool:
    """Whether floats are fine enough to tell a thousand columns apart."""
    return hi / 2 - lo / 2 > 1e-9 * max(abs(lo), abs(hi)) and hi / 2 - lo / 2 > 1e-300


@pytest.mark.parametrize(("lo", "hi"), INTERVALS)
@pytest.mark.parametrize("n", COUNTS)
def test_middles_and_left_edges_are_in_their_columns(lo: float, hi: float, n: int) -> None:
    columns = list(range(n))
    assert column_of(centre(lo, hi, n), lo, hi, n).tolist() == columns
    assert column_of(edges(lo, hi, n), lo, hi, n).tolist() == [*columns, n - 1]


@pytest.mark.parametrize("value", [-8.001, 8.001, math.nan, math.inf, -math.inf, 1e308])
def test_outside_is_no_column(value: float) -> None:
    assert column_of(value, -8, 8, 10) == -1
    assert row_of(value, -8, 8, 10) == -1


def test_shapes_are_kept() -> None:
    assert column_of(np.zeros((2, 3)), -1, 1, 4).shape == (2, 3)
    assert int(column_of(0, -1, 1, 4)) == 2
    assert column_of([0.0], -1, 1, 0).tolist() == [-1]


def test_rows_count_from_the_top() -> None:
    assert row_of([1.0, 0.76, 0.75, 0.25, 0.0], 0, 1, 4).tolist() == [0, 0, 1, 3, 3]


@given(FINITE, FINITE, st.floats(), st.integers(1, 400))
def test_any_value_has_a_column_or_none(lo: float, hi: float, value: float, n: int) -> None:
    assume(lo < hi)
    column = int(column_of(value, lo, hi, n))
    assert (0 <= column < n) if lo <= value <= hi else column == -1
    assert column_at(value, lo, hi, n) == column
    assert row_at(value, lo, hi, n) == row_of(value, lo, hi, n)


@given(st.sampled_from(INTERVALS), st.sampled_from(COUNTS), st.data())
def test_one_number_is_where_arrays_have_it(interval: tuple[float, float], n: int, data: st.DataObject) -> None:
    lo, hi = interval
    ends = st.sampled_from(edges(lo, hi, n).tolist())
    value = data.draw(st.one_of(ends, ends.map(lambda x: math.nextafter(x, lo)), st.floats(lo, hi)))
    assert column_at(value, lo, hi, n) == column_of(value, lo, hi, n)
    assert row_at(value, lo, hi, n) == row_of(value, lo, hi, n)


@given(st.lists(st.floats(-10, 10), min_size=2), st.integers(1, 400))
def test_the_map_is_monotone(values: list[float], n: int) -> None:
    assert (np.diff(column_of(np.sort(values), -10, 10, n)) >= 0).all()


@pytest.mark.parametrize(("lo", "hi"), INTERVALS)
@pytest.mark.parametrize("n", [1, 2, 7, 80, 94])
def test_plotext_puts_middles_and_round_points_where_the_map_does(lo: float, hi: float, n: int) -> None:
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    for values in (centre(lo, hi, n), round_points(lo, hi, n)):
        # Plotext shrinks its canvas by a 600th of a cell, so ask it only where that makes no difference.
        off = np.array([float((Fraction(v) - Fraction(lo)) / (Fraction(hi) - Fraction(lo)) * n % 1) for v in values])
        clear = (off > 0.01) & (off < 0.99)
        for column in np.flatnonzero(clear).tolist()[:: max(1, n // 20)]:
            figure.clear.data()
            figure.clear.settings()
            figure.plot_size(n, 1)
            figure.axes(False)
            figure.ruler("x").alignment(lim="edge").lim(lo, hi).ticks([])
            figure.ruler("y").lim(0, 1).ticks([])
            figure.draw(figure.signal([float(values[column])], [0.5], marker=plotext.marker("*")))
            assert figure.build().string(colorless=True).index("*") == column


@pytest.mark.parametrize(
    ("lo", "hi", "n", "expected"),
    [
        (-1, 1, 5, [-1.0, -0.4, 0.0, 0.4, 1.0]),
        (-0.45, 0.55, 10, [-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (-8, 8, 4, [-6.0, -2.0, 0.0, 6.0]),
        (0, 1, 10, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0]),
        (-1e6, 1e6, 7, [-1e6, -6e5, -3e5, 0.0, 3e5, 6e5, 1e6]),
    ],
)
def test_round_points(lo: float, hi: float, n: int, expected: list[float]) -> None:
    points = round_points(lo, hi, n).tolist()
    assert [repr(p) for p in points] == [repr(float(e)) for e in expected]


@given(FINITE, FINITE, st.integers(1, 300))
def test_round_points_are_in_their_columns(lo: float, hi: float, n: int) -> None:
    assume(lo < hi)
    points = round_points(lo, hi, n)
    assert points.shape == (n,)
    assert ((points >= lo) & (points <= hi)).all()
    assert not (np.signbit(points) & (points == 0)).any()
    if is_resolved(lo, hi):
        assert column_of(points, lo, hi, n).tolist() == list(range(n))
        assert (np.diff(points) > 0).all()


@given(st.floats(-1000, 1000), st.floats(0.01, 1000), st.integers(1, 120))
def test_no_number_of_the_column_has_fewer_decimals(lo: float, length: float, n: int) -> None:
    hi = lo + length
    points = round_points(lo, hi, n)
    left, right = edges(lo, hi, n)[:-1], edges(lo, hi, n)[1:]
    width = (hi - lo) / n
    for point, a, b in zip(points.tolist(), left.tolist(), right.tolist(), strict=True):
        exact = Fraction(repr(point))
        places = max((k for k in range(-4, 18) if (exact * Fraction(10) ** k).denominator != 1), default=-5) + 1
        coarser = Fraction(10) ** (1 - places)
        # The nearest coarser multiple is outside, but for rounding at the edges.
        first = math.ceil(Fraction(a + 1e-6 * width) / coarser) * coarser
        assert point == 0 or first > Fraction(b - 1e-6 * width)


def test_round_points_are_remembered_read_only() -> None:
    assert round_points(0, 1, 5) is round_points(0, 1, 5)
    assert not round_points(0, 1, 5).flags.writeable


@pytest.mark.parametrize("n", [0, 1, 5])
def test_intervals_too_short_for_floats_do_no_harm(n: int) -> None:
    for lo, hi in [(1.0, math.nextafter(1, 2)), (0.0, 5e-324), (1e308, math.nextafter(1e308, math.inf))]:
        points = round_points(lo, hi, n)
        assert points.shape == (n,)
        assert ((points >= lo) & (points <= hi)).all()
