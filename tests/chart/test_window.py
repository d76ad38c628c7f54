"""The rule of the y window: what is finite is inside, the window is hardly larger, and both signs are alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lossterm.chart.columns import row_of
from lossterm.chart.ticks import symlog
from lossterm.chart.window import COMPARABLE, YScale, y_scale, y_window

SCALES = ("auto", "linear", "symlog")
Floats = NDArray[np.float64]

ANY_CURVE = st.lists(st.floats(), min_size=0, max_size=30).map(lambda values: np.array(values, dtype=float))
USUAL = st.floats(-1e6, 1e6).filter(lambda v: v == 0 or abs(v) > 1e-6)
USUAL_CURVE = st.lists(USUAL, min_size=1, max_size=30).map(lambda values: np.array(values, dtype=float))
LINES = st.integers(0, 40)


def size(curve: Floats) -> float:
    """The largest |value| of a finite curve."""
    return float(np.abs(curve).max())


def rows_of_ticks(scale: YScale, lines: int) -> list[int]:
    """The rows of the ticks, from the bottom."""
    axis = scale.axis
    return [int(row_of(tick.position, axis.lo, axis.hi, 4 * lines)) // 4 for tick in axis.ticks]


@given(st.lists(ANY_CURVE, max_size=4), st.lists(st.lists(st.floats(), max_size=2), max_size=4), LINES,
       st.sampled_from(SCALES))  # fmt: skip
@pytest.mark.exhaustive
def test_anything_has_an_axis(curves: list[Floats], held: list[list[float]], lines: int, scale: str) -> None:
    found = y_scale(curves, held, lines=lines, scale=scale)
    lo, hi = found.window
    assert math.isfinite(lo) and math.isfinite(hi) and lo < hi
    assert math.isfinite(found.axis.lo) and math.isfinite(found.axis.hi) and found.axis.lo < found.axis.hi
    assert found.diverging == tuple(bool(np.isinf(curve).any()) for curve in curves)
    for k, curve in enumerate(curves):
        values = [*(curve if not found.diverging[k] else []), *(held[k] if k < len(held) else [])]
        assert all(lo <= v <= hi for v in values if math.isfinite(v))


@given(st.lists(USUAL_CURVE, min_size=1, max_size=5), LINES)
def test_finite_curves_are_wholly_inside_and_the_scale_says_how_they_compare(curves: list[Floats], lines: int) -> None:
    found = y_scale(curves, lines=lines)
    sizes = [size(curve) for curve in curves if size(curve) > 0]
    assert all(found.window[0] <= v <= found.window[1] for curve in curves for v in curve)
    assert (found.threshold is None) == (not sizes or max(sizes) <= COMPARABLE * min(sizes))


@given(st.lists(USUAL_CURVE, min_size=1, max_size=5), LINES, st.sampled_from(SCALES))
def test_no_window_is_more_than_half_larger_than_what_it_shows(curves: list[Floats], lines: int, scale: str) -> None:
    values = np.concatenate(curves)
    length = float(values.max() - values.min())
    assume(length > 1e-9 * size(values))
    lo, hi = y_scale(curves, lines=lines, scale=scale).window
    assert hi - lo <= 1.5 * length


@given(st.lists(USUAL_CURVE, min_size=1, max_size=5), st.sampled_from(SCALES))
def test_both_signs_are_alike(curves: list[Floats], scale: str) -> None:
    up, down = y_window(curves, scale=scale), y_window([-curve for curve in curves], scale=scale)
    if any(size(curve) > 0 for curve in curves):
        assert (up.lo, up.hi, up.threshold) == (-down.hi, -down.lo, down.threshold)


@pytest.mark.parametrize("lines", [3, 4, 5, 6, 8, 11, 12, 17, 30])
def test_a_gradient_and_its_mirror_image_have_mirrored_axes(lines: int) -> None:
    z = np.linspace(-8, 8, 200)
    one = [-1 / (1 + np.exp(z)), -0.3 * np.exp(-(z**2))]
    up, down = y_scale(one, lines=lines), y_scale([-curve for curve in one], lines=lines)
    assert up.window == pytest.approx((-down.window[1], -down.window[0]), rel=1e-12)


@given(st.lists(USUAL_CURVE, min_size=1, max_size=5), LINES, st.sampled_from(SCALES))
def test_ticks_are_the_same_number_of_rows_apart(curves: list[Floats], lines: int, scale: str) -> None:
    found = y_scale(curves, lines=lines, scale=scale)
    rows = rows_of_ticks(found, lines) if lines else []
    apart = {below - above for above, below in zip(rows[1:], rows, strict=False)}
    assert len(apart) <= 1
    assert all(step >= (2 if lines >= 5 and len(rows) > 2 else 1) for step in apart) or lines < 2


@pytest.mark.parametrize(("top", "lines", "labels"), [
    (8.0003, 12, ["0", "2", "4", "6"]),
    (8.0003, 14, ["0", "2", "4", "6", "8"]),
    (1.0, 20, ["0.0", "0.2", "0.4", "0.6", "0.8"]),
    (72.0, 8, ["0", "20", "40", "60"]),
])  # fmt: skip
def test_the_ticks_of_usual_charts(top: float, lines: int, labels: list[str]) -> None:
    found = y_scale([np.linspace(0, top, 100)], lines=lines)
    assert [tick.label for tick in found.axis.ticks] == labels


def test_up_to_a_hundred_times_the_smallest_all_are_on_a_linear_axis() -> None:
    x = np.linspace(0, 1, 50)
    assert y_scale([x, 100 * x, 0 * x], lines=12).threshold is None
    beyond = y_scale([x, -101 * x, 0 * x], lines=12)
    assert beyond.threshold is not None
    assert float(symlog(1.0, beyond.threshold)) > 0.1 * (beyond.axis.hi - beyond.axis.lo)
    assert y_scale([x, 101 * x], lines=12, scale="linear").window[1] >= 101
    assert y_scale([x, 2 * x], lines=12, scale="symlog").threshold is not None


def test_a_window_begins_at_0_where_0_is_near_and_not_far_below_what_it_shows() -> None:
    x = np.linspace(0, 1, 50)
    assert y_window([0.2 + x]).lo == 0
    assert y_window([-0.2 - x]).hi == 0
    assert y_window([4.018 + 1e-9 * x]).lo == 4.018
    assert y_window([np.full(5, 3.0)]).lo == 0  # a constant has no length of its own
    assert (y_window([np.full(5, -3.0)]).lo, y_window([np.full(5, -3.0)]).hi) == (-3, 0)


def test_a_curve_with_a_pole_is_followed_as_far_as_the_others_can_be_read() -> None:
    p = np.linspace(0, 1, 200)
    with np.errstate(divide="ignore"):
        pole, whole = -np.log(p), (1 - p) ** 2
    both = y_window([pole, whole])
    assert both.diverging == (True, False)
    assert both.threshold is None and both.lo == 0
    assert 2 < both.hi < 12
    alone = y_window([pole])
    assert 2 < alone.hi < 12
    assert y_window([pole, whole], [[700.0]]).hi == 700  # the cursor is there
    assert y_window([pole, 1e-3 * whole], [[700.0]]).threshold is not None


def test_nothing_finite_and_nothing_but_zero_are_from_0_to_1() -> None:
    for curves in ([np.array([math.inf, math.nan])], [], [np.zeros(5)], [np.empty(0)]):
        window = y_window(curves)
        assert (window.lo, window.hi) == (0, 1)


@pytest.mark.parametrize("values", [[1.79e308], [-1.79e308], [-1.79e308, 1.79e308], [5e-324], [-5e-324, 5e-324],
                                    [3.7e108, 3.7e108], [1.0, math.nextafter(1.0, 2.0)]])  # fmt: skip
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("lines", [1, 3, 12, 40])
def test_the_largest_smallest_and_closest_values_have_an_axis(values: list[float], scale: str, lines: int) -> None:
    lo, hi = y_scale([np.array(values)], lines=lines, scale=scale).window
    assert -math.inf < lo <= min(values) and max(values) <= hi < math.inf and lo < hi


@given(st.lists(USUAL_CURVE, min_size=1, max_size=3), st.sampled_from([0.25, 0.5, 2.0, 16.0, 1e6]))
def test_a_zoom_makes_the_window_shorter_about_0_or_its_middle(curves: list[Floats], zoom: float) -> None:
    whole, closer = y_window(curves, scale="linear"), y_window(curves, scale="linear", zoom=zoom)
    assert (closer.hi - closer.lo) * zoom == pytest.approx(whole.hi - whole.lo, rel=1e-6)
    about = 0.0 if whole.lo <= 0 <= whole.hi else (whole.lo + whole.hi) / 2
    assert closer.lo - 1e-9 * abs(about) <= about <= closer.hi + 1e-9 * abs(about)
