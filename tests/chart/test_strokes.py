"""Strokes stay in the window, keep to their curves, and are few."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lossterm.chart.spec import DASHES, Axis, ChartSpec, Dash, Series
from lossterm.chart.strokes import TOLERANCE, Strokes, dashed, dots, outline

WIDTH, HEIGHT = 160, 48
UNIT = Axis(0, 1)
ANY = st.lists(st.tuples(st.floats(), st.floats()), max_size=40)
NEAR = st.lists(st.tuples(st.floats(-0.5, 1.5) | st.just(math.nan), st.floats(-1, 2) | st.just(math.inf)), max_size=40)
Floats = NDArray[np.float64]


def strokes_of(*curves: tuple[Floats, Floats], y_axis: Axis = UNIT) -> Strokes:
    return outline(ChartSpec(UNIT, y_axis, tuple(Series(x, y) for x, y in curves)), WIDTH, HEIGHT)


def from_pairs(pairs: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    array = np.array(pairs, dtype=float).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def distance(x: float, y: float, strokes: Strokes) -> float:
    """From a point to the nearest place on the strokes, one segment at a time."""
    best = min((math.hypot(x - a, y - b) for a, b in zip(strokes.x, strokes.y, strict=True)), default=math.inf)
    for i in range(1, strokes.x.size):
        a, b = complex(strokes.x[i - 1], strokes.y[i - 1]), complex(strokes.x[i], strokes.y[i])
        if strokes.starts[i] or a == b:
            continue
        along = ((complex(x, y) - a) * (b - a).conjugate()).real / abs(b - a) ** 2
        best = min(best, abs(complex(x, y) - a - min(max(along, 0), 1) * (b - a)))
    return best


@given(st.lists(ANY | NEAR, max_size=4), st.sampled_from(DASHES))
def test_nothing_outside_the_window(curves: list[list[tuple[float, float]]], dash: Dash | None) -> None:
    strokes = strokes_of(*map(from_pairs, curves))
    assert (np.diff(strokes.owner) >= 0).all()
    for number in range(len(curves)):
        part = dashed(strokes.take(strokes.owner == number), dash)
        assert part.x.shape == part.y.shape == part.starts.shape == part.owner.shape
        assert ((part.x >= 0) & (part.x <= WIDTH) & (part.y >= 0) & (part.y <= HEIGHT)).all()
        assert part.starts[:1].all()
    column, row, owner = dots(strokes, WIDTH, HEIGHT)
    assert ((column >= 0) & (column < WIDTH) & (row >= 0) & (row < HEIGHT) & (owner < len(curves))).all()


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_thinned_strokes_keep_to_their_points(pairs: list[tuple[float, float]]) -> None:
    x, y = from_pairs(pairs)
    strokes = strokes_of((x, y))
    assert strokes.starts.sum() == 1
    for a, b in pairs:
        assert distance(a * WIDTH, (1 - b) * HEIGHT, strokes) <= TOLERANCE + 1e-6


@pytest.mark.parametrize("frequency", [0.0, 1.0, 3.0, 11.0, 40.0])
def test_thinned_strokes_keep_to_smooth_curves(frequency: float) -> None:
    x = np.linspace(0, 1, 800)
    y = 0.5 + 0.7 * np.sin(frequency * x)
    strokes = strokes_of((x, y))
    inside = (y >= 0) & (y <= 1)
    assert all(
        distance(a * WIDTH, (1 - b) * HEIGHT, strokes) <= TOLERANCE + 1e-6
        for a, b in zip(x[inside], y[inside], strict=True)
    )
    assert strokes.x.size <= 8 + 8 * frequency


def test_segments_are_cut_where_they_leave() -> None:
    strokes = strokes_of((np.array([0.0, 1.0]), np.array([-1.0, 2.0])))
    assert strokes.x.tolist() == pytest.approx([WIDTH / 3, 2 * WIDTH / 3])
    assert strokes.y.tolist() == pytest.approx([HEIGHT, 0])


def test_segments_may_cross_with_both_ends_outside() -> None:
    strokes = strokes_of((np.array([-1e12, 1e12]), np.array([-1e12 + 0.5, 1e12 + 0.5])))
    assert strokes.x.size == 2
    assert strokes_of((np.array([-1.0, 0.5]), np.array([0.5, 2.0]))).x.size == 0


@pytest.mark.parametrize("far", [1e3, 1e12, 1e100, 1e308, math.inf])
def test_an_asymptote_runs_off_the_edge(far: float) -> None:
    for sign, edge in ((1, 0), (-1, HEIGHT)):
        strokes = strokes_of((np.array([0.0, 0.5, 0.502]), np.array([0.5, 0.5 + sign * 0.1, sign * far])))
        assert strokes.y[-1] == pytest.approx(edge, abs=1e-6)
        assert strokes.x[-1] == pytest.approx(0.5 * WIDTH, abs=0.5)


def test_a_pole_is_not_crossed() -> None:
    strokes = strokes_of((np.array([0.0, 0.4, 0.6, 1.0]), np.array([0.5, math.inf, -math.inf, 0.5])))
    assert strokes.starts.tolist() == [True, False, True, False]


def test_nan_breaks_and_a_lone_point_is_a_dot() -> None:
    nan = math.nan
    strokes = strokes_of((np.array([0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0]), np.array([0.5, 0.5, nan, 0.1, nan, 0.5, 0.5])))
    assert strokes.x.tolist() == pytest.approx([0, 0.2 * WIDTH, 0.8 * WIDTH, WIDTH, 0.5 * WIDTH], abs=1e-6)
    assert strokes.starts.tolist() == [True, False, True, False, True]


def test_curves_are_not_joined_to_each_other() -> None:
    x = np.array([0.0, 1.0])
    strokes = strokes_of((x, x), (np.array([]), np.array([])), (x, 1 - x))
    assert strokes.owner.tolist() == [0, 0, 2, 2]
    assert strokes.starts.tolist() == [True, False, True, False]


@pytest.mark.parametrize("dash", ["dashed", "dotted", "dashdot"])
@pytest.mark.parametrize("steep", [False, True])
def test_a_broken_line_is_part_of_the_line_and_of_half_its_length(dash: Dash, steep: bool) -> None:
    line = (np.array([0.5, 0.5]), np.array([0.0, 1.0])) if steep else (np.array([0.0, 1.0]), np.array([0.3, 0.3]))
    solid = strokes_of(line)
    broken = dashed(solid, dash)
    assert all(distance(x, y, solid) < 1e-9 for x, y in zip(broken.x, broken.y, strict=True))
    lit = set(zip(*(each.tolist() for each in dots(broken, WIDTH, HEIGHT)[:2]), strict=True))
    full = set(zip(*(each.tolist() for each in dots(solid, WIDTH, HEIGHT)[:2]), strict=True))
    assert lit < full
    assert 0.1 <= len(lit) / len(full) <= 0.75
    places = np.array(sorted(sum(place) for place in lit))
    assert np.diff(places).max() >= 4


def test_dashes_go_on_along_corners_and_never_over_gaps() -> None:
    nan = math.nan
    x, y = np.array([0.0, 0.3, 0.4, 0.6, 0.6, 0.9]), np.array([0.2, 0.9, nan, 0.9, 0.2, 0.2])
    solid = strokes_of((x, y))
    for dash in DASHES:
        broken = dashed(solid, dash)
        middles = [
            (i, (broken.x[i] + broken.x[i - 1]) / 2, (broken.y[i] + broken.y[i - 1]) / 2)
            for i in range(1, broken.x.size)
        ]
        assert all(distance(a, b, solid) < 1e-6 for i, a, b in middles if not broken.starts[i])


@pytest.mark.parametrize("dash", DASHES)
def test_a_dot_survives_every_line_style(dash: Dash | None) -> None:
    solid = strokes_of((np.array([0.0, 0.3, math.nan, 0.5]), np.array([0.5, 0.5, math.nan, 0.1])))
    broken = dashed(solid, dash)
    assert distance(0.5 * WIDTH, 0.9 * HEIGHT, broken) < 1e-6
    assert dashed(strokes_of((np.array([0.5]), np.array([0.5]))), dash).x.size == 1


def test_windows_as_large_and_as_small_as_floats_allow() -> None:
    for lo, hi in [(-1e308, 1e308), (0.0, 5e-324), (1.0, math.nextafter(1, 2)), (-1.7e308, -1.6e308)]:
        y = np.array([lo, hi, lo / 2 + hi / 2, math.inf, -math.inf, 1e308, -1e308, 0.0, math.nan])
        strokes = strokes_of((np.linspace(0, 1, y.size), y), y_axis=Axis(lo, hi))
        assert strokes.x.size >= 2
        assert np.isfinite(strokes.y).all()
