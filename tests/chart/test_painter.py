"""Pictures are of the promised size, their canvas is where they say, and what is on it is true."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lossterm.chart import painter
from lossterm.chart.columns import centre, column_of, round_points, row_of
from lossterm.chart.painter import FRAME, Picture, paint
from lossterm.chart.spec import DASHES, Axis, ChartSpec, Dash, Series, Tick
from lossterm.chart.ticks import linear_ticks

FINITE = st.floats(allow_nan=False, allow_infinity=False)
BRAILLE = re.compile("[\u2800-\u28ff]")
# Of each braille dot, by row from the top and by column: its bit.
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
Bools = NDArray[np.bool_]


def axis(lo: float, hi: float, most: int = 5) -> Axis:
    return Axis(lo, hi, tuple(linear_ticks(lo, hi, most)))


def chart(
    *series: Series, x: Axis | None = None, y: Axis | None = None, margin: int = 0, bottom: bool = True
) -> ChartSpec:
    return ChartSpec(x or axis(-8, 8), y or axis(0, 1), series, margin, bottom)


def lines_of(picture: Picture) -> list[str]:
    return ["".join(run.text for run in row) for row in picture.rows]


def canvas_of(picture: Picture) -> list[str]:
    return [line[picture.left :] for line in lines_of(picture)[picture.top : picture.top + picture.lines]]


def dots_of(picture: Picture) -> Bools:
    """Which dots of the canvas are lit."""
    lit = np.zeros((4 * picture.lines, 2 * picture.columns), dtype=bool)
    for r, line in enumerate(canvas_of(picture)):
        for c, char in enumerate(line):
            if BRAILLE.match(char):
                bits = ord(char) - 0x2800
                lit[4 * r : 4 * r + 4, 2 * c : 2 * c + 2] = [[bool(bits & bit) for bit in row] for row in BITS]
    return lit


def inks_of(picture: Picture) -> set[int]:
    return {run.ink for row in picture.rows for run in row}


def assert_geometry(picture: Picture, width: int, height: int) -> None:
    assert [len(line) for line in lines_of(picture)] == [width] * height
    assert all(run.text for row in picture.rows for run in row)
    assert all("\x1b" not in run.text for row in picture.rows for run in row)
    if width and height:
        assert picture.left + picture.columns == width
        assert 0 <= picture.top <= picture.top + picture.lines <= height
    for row in picture.rows[picture.lines :]:
        assert {run.ink for run in row} <= {FRAME}
    for line in lines_of(picture)[: picture.lines]:
        assert not BRAILLE.search(line[: picture.left])


def points(pairs: list[tuple[float, ...]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    array = np.array(pairs, dtype=float).reshape(-1, 2)
    return array[:, 0], array[:, 1]


@st.composite
def charts(draw: st.DrawFn) -> ChartSpec:
    def an_axis() -> Axis:
        lo, hi = sorted((draw(FINITE), draw(FINITE)))
        assume(lo < hi)
        some = draw(st.lists(st.tuples(FINITE | st.floats(lo, hi), st.text("−0123456789.e", max_size=20)), max_size=6))
        return Axis(lo, hi, tuple(Tick(*each) for each in some))

    window = an_axis(), an_axis()
    near = [st.floats() | st.floats(each.lo, each.hi) for each in window]
    curves = [
        Series(
            *points(draw(st.lists(st.tuples(*near), max_size=20))),
            draw(st.integers(0, 65535)),
            draw(st.sampled_from(["", "a", "m", "β"])),
            draw(st.sampled_from(DASHES)),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return ChartSpec(*window, tuple(curves), draw(st.integers(-3, 30)), draw(st.booleans()))


@pytest.mark.exhaustive
@settings(max_examples=300)
@given(charts(), st.integers(-1, 60), st.integers(-1, 20))
def test_any_chart_at_any_size(anything: ChartSpec, width: int, height: int) -> None:
    picture = paint(anything, width, height)
    assert_geometry(picture, max(width, 0), max(height, 0))
    assert inks_of(picture) <= {FRAME} | {series.ink for series in anything.series}
    for series in anything.series:
        assert lines_of(replace(picture, rows=picture.raised(series.ink))) == lines_of(picture)


@pytest.mark.parametrize(
    "size", [(0, 0), (0, 5), (5, 0), (1, 1), (3, 2), (2, 3), (9, 5), (40, 12), (96, 14), (400, 120)]
)
def test_the_canvas_is_where_the_picture_says(size: tuple[int, int]) -> None:
    picture = paint(
        chart(Series(np.array([-8.0, 8.0, math.nan, -8.0, 8.0]), np.array([0.0, 0, math.nan, 1, 1]), 7)), *size
    )
    assert_geometry(picture, *size)
    for row in (picture.top, picture.top + picture.lines - 1):
        if picture.lines and picture.columns:
            line = lines_of(picture)[row]
            assert BRAILLE.match(line[picture.left])
            assert BRAILLE.match(line[picture.left + picture.columns - 1])


@pytest.mark.parametrize("width", range(1, 30))
@pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 6, 9])
@pytest.mark.parametrize("margin", [0, 6])
def test_the_frame_is_whole_at_every_size(width: int, height: int, margin: int) -> None:
    picture = paint(chart(y=axis(-1000, 1000), margin=margin), width, height)
    assert_geometry(picture, width, height)
    if width >= 3:
        assert all(line[picture.left - 1] in "│┤" for line in lines_of(picture)[: picture.lines])
    if width >= 3 and height >= 3:
        assert lines_of(picture)[picture.lines][picture.left - 1] == "└"
        assert set(lines_of(picture)[picture.lines][picture.left :]) <= set("─┬")


@pytest.mark.parametrize("width", [20, 43, 96])
def test_a_margin_aligns_stacked_charts(width: int) -> None:
    upper = paint(chart(y=axis(0, 1), margin=8, bottom=False), width, 9)
    lower = paint(chart(y=axis(-1000, 1000), margin=8), width, 9)
    assert (upper.left, upper.columns) == (lower.left, lower.columns) == (8, width - 8)
    assert (upper.lines, lower.lines) == (9, 7)


def test_ticks_are_beside_their_values() -> None:
    picture = paint(
        chart(x=Axis(-8, 8, (Tick(-4, "here"), Tick(99, "away"))), y=Axis(0, 1, (Tick(0.5, "half"),))), 60, 12
    )
    lines = lines_of(picture)
    row = int(row_of(0.5, 0, 1, 4 * picture.lines)) // 4
    assert [line.startswith("half┤") for line in lines].index(True) == row
    column = picture.left + int(column_of(-4, -8, 8, picture.columns))
    assert lines[-2][column] == "┬" and lines[-2].count("┬") == 1
    assert lines[-1][column - 2 : column + 3].strip().startswith("h") and lines[-1].strip() == "here"


@pytest.mark.parametrize("interval", [(-8.0, 8.0), (0.0, 1.0), (-3.3, 4.7), (1e6, 1e6 + 1), (-1e300, 1e300)])
@pytest.mark.parametrize("columns", [8, 47, 94])
def test_a_value_is_painted_in_its_column(interval: tuple[float, float], columns: int) -> None:
    x = Axis(*interval)
    for points in (centre(*interval, columns), round_points(*interval, columns)):
        for column in range(0, columns, 5):
            picture = paint(ChartSpec(x, Axis(0, 1), (Series(points[[column]], np.array([0.5])),)), columns + 1, 5)
            assert (picture.left, picture.columns) == (1, columns)
            lit = dots_of(picture)
            assert lit.sum() == 1
            assert np.argwhere(lit)[0][1] // 2 == column
            assert np.argwhere(lit)[0][1] == column_of(points[column], *interval, 2 * columns)


@given(st.floats(-8, 8), st.floats(0, 1))
def test_a_point_is_painted_at_its_dot(x: float, y: float) -> None:
    picture = paint(chart(Series(np.array([x]), np.array([y]))), 50, 12)
    lit = np.argwhere(dots_of(picture)).tolist()
    assert lit == [[int(row_of(y, 0, 1, 4 * picture.lines)), int(column_of(x, -8, 8, 2 * picture.columns))]]


@pytest.mark.parametrize("y", [0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
def test_a_level_line_is_painted_at_its_dots(y: float) -> None:
    picture = paint(chart(Series(np.array([-8.0, 8.0]), np.array([y, y]))), 60, 14)
    lit = dots_of(picture)
    assert lit[row_of(y, 0, 1, 4 * picture.lines)].all()
    assert lit.sum() == 2 * picture.columns


@pytest.mark.parametrize("points", [200, 800])
def test_every_sample_of_a_curve_is_within_a_dot(points: int) -> None:
    x = np.linspace(-8, 8, points)
    y = 0.5 + 0.4 * np.sin(x)
    picture = paint(chart(Series(x, y)), 96, 14)
    lit = np.pad(dots_of(picture), 1)
    rows, columns = row_of(y, 0, 1, 4 * picture.lines), column_of(x, -8, 8, 2 * picture.columns)
    near = [lit[r : r + 3, c : c + 3].any() for r, c in zip(rows, columns, strict=True)]
    assert all(near)
    assert lit.sum() <= 1.2 * len({*zip(rows.tolist(), columns.tolist(), strict=True)})


def test_a_later_curve_leaves_the_dots_of_an_earlier_one() -> None:
    x = np.linspace(-8, 8, 200)
    one, other = Series(x, 0.5 + 0.4 * np.sin(x), 3), Series(x, 0.5 + 0.4 * np.cos(x), 300, dash="dashed")
    both = paint(chart(one, other), 60, 12)
    assert (dots_of(both) == dots_of(paint(chart(one), 60, 12)) | dots_of(paint(chart(other), 60, 12))).all()
    assert inks_of(both) == {FRAME, 3, 300}


@pytest.mark.parametrize("dash", DASHES)
def test_a_raised_curve_is_over_all_others(dash: Dash | None) -> None:
    def cells(picture: Picture, ink: int) -> set[tuple[int, int]]:
        rows = [[run.ink for run in row for _ in run.text] for row in picture.rows]
        return {(r, c) for r, row in enumerate(rows) for c, found in enumerate(row) if found == ink}

    x = np.linspace(-8, 8, 200)
    one, other = Series(x, 0.5 + 0.4 * np.sin(x), 3, "a", dash), Series(x, 0.5 + 0.4 * np.sin(x) * (x > 0), 300, "b")
    both, alone = paint(chart(one, other), 60, 12), paint(chart(replace(one, letter="")), 60, 12)
    raised = replace(both, rows=both.raised(3))
    assert lines_of(raised) == lines_of(both)
    assert cells(alone, 3) - cells(both, 3), "the other one hides it"
    letters = {(r, c) for r, line in enumerate(lines_of(both)) for c, char in enumerate(line) if char == "b"}
    assert cells(alone, 3) - letters <= cells(raised, 3) | letters
    assert cells(raised, 3) <= cells(both, 3) | cells(alone, 3)
    assert both.raised(299) == both.rows


@pytest.mark.parametrize("far", [1e4, 1e300, math.inf])
def test_an_asymptote_reaches_the_top(far: float) -> None:
    x = np.linspace(-8, 8, 100)
    y = np.where(x < 2, 0.5, far)
    assert dots_of(paint(chart(Series(x, y)), 60, 12))[0].sum() == 1


@pytest.mark.parametrize("letter", ["a", "m", "ß"])
@pytest.mark.parametrize(("width", "copies"), [(6, 0), (30, 1), (96, 2), (200, 3)])
def test_letters_are_on_their_curves_in_their_ink(letter: str, width: int, copies: int) -> None:
    x = np.linspace(-8, 8, 100)
    plain, lettered = (
        paint(chart(Series(x, 1 / (1 + np.exp(-x)), 5, each), y=Axis(0, 1)), width, 12) for each in ("", letter)
    )
    found = [(r, c) for r, line in enumerate(canvas_of(lettered)) for c, char in enumerate(line) if char == letter]
    assert len(found) == copies
    assert all(BRAILLE.match(canvas_of(plain)[r][c]) for r, c in found)
    assert sum(run.text.count(letter) for row in lettered.rows for run in row if run.ink == 5) == copies


def test_letters_keep_to_themselves() -> None:
    x = np.linspace(-8, 8, 100)
    curves = [Series(x, 0.5 + 0.1 * k * np.sin(x + k), k, "abcdefghi"[k], DASHES[k % 4]) for k in range(9)]
    text = "".join(canvas_of(paint(chart(*curves), 96, 14)))
    assert {letter: text.count(letter) for letter in "abcdefghi"} == dict.fromkeys("abcdefghi", 2)


def test_letters_of_the_same_curve_twice_are_both_there() -> None:
    x = np.linspace(-8, 8, 100)
    text = "".join(canvas_of(paint(chart(Series(x, x * 0, 0, "a"), Series(x, x * 0, 1, "b")), 96, 14)))
    assert text.count("a") == text.count("b") == 2


def test_painting_again_is_the_same_picture() -> None:
    x = np.linspace(-8, 8, 50)
    first = paint(chart(Series(x, x / 16 + 0.5)), 50, 10)
    assert paint(chart(Series(x.copy(), x / 16 + 0.5)), 50, 10) is first
    other = paint(chart(Series(x, x / 17 + 0.5)), 50, 10)
    assert other is not first and other.text() != first.text()
    assert paint(chart(Series(x, x / 16 + 0.5)), 51, 10) is not first
    assert paint(chart(Series(x, x / 16 + 0.5)), 50, 10) is first


def test_memory_is_bounded() -> None:
    for k in range(100):
        paint(chart(Series(np.array([0.0]), np.array([k / 100]))), 20, 6)
    assert len(painter._pictures) <= 64


def test_pictures_do_not_depend_on_what_was_painted_before() -> None:
    x = np.linspace(-8, 8, 50)
    subject = chart(Series(x, x / 16 + 0.5, 1, "a"))
    painter._pictures.clear()
    before = paint(subject, 70, 12)
    paint(chart(x=axis(0, 3), y=axis(-5, 5), bottom=False), 33, 7)
    paint(chart(Series(x, x, 9)), 5, 3)
    painter._pictures.clear()
    painter._frame.cache_clear()
    assert paint(subject, 70, 12) == before


def test_text_and_ansi_say_the_same() -> None:
    x = np.linspace(-8, 8, 50)
    picture = paint(chart(Series(x, x / 16 + 0.5, 4, "a"), Series(x, 0.5 - x / 16, 5)), 60, 10)
    ansi = picture.ansi({4: (1, 2, 3), 5: None, FRAME: (9, 9, 9)})
    assert "\x1b[38;2;1;2;3m" in ansi and "\x1b[38;2;9;9;9m" in ansi
    assert len(re.findall("38;2;(?!1;2;3|9;9;9)", ansi)) == 0
    plain = re.sub("\x1b\\[[0-9;]*m", "", ansi)
    assert [line.rstrip() for line in plain.split("\n")] == picture.text().split("\n")
    assert picture.ansi({}).split("\n") == [line.rstrip() for line in picture.ansi({}).split("\n")]
    assert "\x1b" not in picture.text()


@pytest.mark.parametrize("dash", DASHES)
def test_line_styles_differ_where_curves_are_steep(dash: Dash | None) -> None:
    steep = paint(chart(Series(np.array([0.0, 0.0]), np.array([0.0, 1.0]), dash=dash)), 40, 14)
    share = dots_of(steep).sum() / (4 * steep.lines)
    assert (share == 1) if dash is None else (0.1 < share < 0.8)
