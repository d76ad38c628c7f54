"""A chart that could not be drawn is refused when it is made."""

import subprocess
import sys

import numpy as np
import pytest

from lossterm.chart.spec import Axis, ChartSpec, Dash, Series, Tick

AXIS = Axis(0, 1)


@pytest.mark.parametrize(
    ("lo", "hi"), [(1, 1), (2, 1), (float("nan"), 1), (0, float("nan")), (float("-inf"), 0), (0, float("inf"))]
)
def test_axis_wants_a_finite_interval(lo: float, hi: float) -> None:
    with pytest.raises(ValueError, match="an axis runs from"):
        Axis(lo, hi)


@pytest.mark.parametrize("label", ["\x1b[31mred", "two\nlines", "\t", "宽", "e\u0301", "\u200b"])
def test_tick_label_is_plain(label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        Tick(0, label)


def test_tick_position_is_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        Tick(float("inf"), "∞")


def test_series_wants_as_many_x_as_y() -> None:
    with pytest.raises(ValueError, match="as many"):
        Series(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="one dimension"):
        Series(np.zeros((2, 2)), np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("ink", "letter", "dash", "match"),
    [
        (-1, "", None, "ink"),
        (1 << 16, "", None, "ink"),
        (0, "ab", None, "letter"),
        (0, " ", None, "letter"),
        (0, "\x1b", None, "letter"),
        (0, "", "wavy", "dash"),
    ],
)
def test_series_wants_an_ink_a_letter_a_dash(ink: int, letter: str, dash: Dash | None, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Series(np.zeros(1), np.zeros(1), ink, letter, dash)


def test_series_keeps_its_own_copy() -> None:
    x = np.array([0.0, 1.0])
    series = Series(x, x)
    x[0] = 9
    assert series.x.tolist() == series.y.tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        series.x[0] = 9


def test_fingerprint_is_equal_for_equal_looks() -> None:
    def chart(y: float = 0.5, ink: int = 0, hi: float = 1, margin: int = 0) -> ChartSpec:
        return ChartSpec(Axis(0, hi), AXIS, (Series(np.array([0.0, 1.0]), np.array([0.0, y]), ink),), margin)

    assert chart().fingerprint == chart().fingerprint
    others = [chart(y=0.6), chart(y=float("nan")), chart(ink=1), chart(hi=2), chart(margin=1), ChartSpec(AXIS, AXIS)]
    assert len({each.fingerprint for each in [chart(), *others]}) == len(others) + 1


def test_fingerprint_tells_x_from_y() -> None:
    one, other = np.array([1.0]), np.array([2.0])
    assert Series(one, other).fingerprint != Series(other, one).fingerprint


@pytest.mark.parametrize("module", ["spec", "ticks", "columns", "window", "picture", "painter"])
def test_import_is_light(module: str) -> None:
    code = (
        f"import sys, lossterm.chart.{module}; print([m for m in ('plotext', 'textual', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
