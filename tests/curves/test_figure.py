"""Scenes and figures: everything in the registries draws at any size, and what is drawn is where it says it is."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lossterm.chart.columns import column_of
from lossterm.chart.panel import ABOVE, BELOW, CURSOR, DOT, Panel, overlaid
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Series
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.landmarks import Kind
from lossterm.curves.figure import MARKS, SHADE, Figure, draw, remembered
from lossterm.curves.scene import Scene, compose, position, undefined_stretches
from lossterm.curves.view import AXES, QUANTITIES, Axis, View, move_to, next_axis, zoom
from lossterm.model.subject import Row
from lossterm.model.window import SCALES, Scale
from tests.curves.test_view import VIEWS
from tests.families import FIRST

Floats = NDArray[np.float64]

LABELS = (0.0, 1.0, 0.3, -1.0, 3.5)
SIZES: tuple[tuple[int, tuple[int, int]], ...] = (
    (0, (0, 0)),
    (1, (1, 1)),
    (2, (3, 1)),
    (7, (2, 4)),
    (14, (5, 5)),
    (40, (0, 9)),
    (97, (12, 9)),
)
"""Widths, with the heights of two panels."""


def view_of(
    *losses: str,
    label: float = 1.0,
    activation: str = "sigmoid",
    axis: Axis = "logit",
    scale: Scale = "linear",
    window: tuple[float, float] | None = None,
) -> View:
    """A view of exactly these losses."""
    rows = tuple(Row.of(name, shown=name in losses) for name in LOSSES)
    first = list(LOSSES).index(losses[0])
    view = View(rows=rows, reference=first, label=label, activation=activation, axis=axis, scale=scale)
    if window is None:
        return view
    return replace(view, logit_range=window) if axis == "logit" else replace(view, prediction_range=window)


def lines_of(panel: Panel) -> list[str]:
    return ["".join(run.text for run in runs) for runs in panel.picture.rows]


def canvas_of(panel: Panel) -> list[str]:
    """The characters of the canvas, row by row."""
    p = panel.picture
    return [line[p.left : p.left + p.columns] for line in lines_of(panel)[p.top : p.top + p.lines]]


def marks_of(panel: Panel) -> dict[tuple[int, int], str]:
    """Where there is a landmark's mark on the canvas."""
    canvas = enumerate(canvas_of(panel))
    return {(r, c): text for r, line in canvas for c, text in enumerate(line) if text in MARKS.values()}


def assert_whole(figure: Figure, width: int, heights: Sequence[int]) -> None:
    """The panels have their sizes, and their canvases are one above the other with the columns of the scene."""
    assert len(figure.panels) == len(heights)
    for panel, height in zip(figure.panels, heights, strict=True):
        assert [len(line) for line in lines_of(panel)] == [width] * height
    canvases = {(p.picture.left, p.picture.columns) for p in figure.panels if p.picture.lines}
    assert len(canvases) <= 1
    for left, columns in canvases:
        assert left + columns == width
        assert figure.scene.columns == columns == figure.scene.stops.size


# ---- everything draws ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.sampled(12)
def test_every_loss_draws_through_every_activation(loss: str, activation: str) -> None:
    accepted = [y for y in LABELS if LOSSES[loss].label_problem(y) is None]
    assert accepted and (loss not in FIRST or {0.0, 1.0} <= set(accepted))
    for label in accepted:
        for axis in AXES:
            view = view_of(loss, label=label, activation=activation, axis=axis)
            figure = draw(view, ["loss", "d_logit"], 60, [9, 8])
            assert_whole(figure, 60, [9, 8])
            assert any("\u2800" < c <= "\u28ff" for line in canvas_of(figure.panels[0]) for c in line)
            for panel in figure.panels:
                assert panel.chart.y_axis.lo < panel.chart.y_axis.hi


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.sampled(8)
def test_all_losses_together_draw_at_any_size(label: float, activation: str) -> None:
    losses = [name for name in FIRST if LOSSES[name].label_problem(label) is None]
    for n, (width, heights) in enumerate(SIZES):
        for axis in AXES:
            view = view_of(*losses, label=label, activation=activation, axis=axis, scale=SCALES[n % 2])
            quantities = ("loss", QUANTITIES[1 + n % 3])
            assert_whole(draw(replace(view, both_labels=n == 3), quantities, width, heights), width, heights)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_draws_alone_and_above_the_others(quantity: str) -> None:
    view = view_of("cross-entropy", "squared-error", "focal")
    for quantities, heights in (([quantity], [12]), ([quantity, "loss", *QUANTITIES], [5, 6, 7, 8, 9, 5][: 1 + 1 + 4])):
        figure = draw(view, quantities, 70, heights)
        assert [panel.quantity for panel in figure.panels] == quantities
        assert_whole(figure, 70, heights)


@settings(max_examples=100)
@given(
    VIEWS,
    st.sampled_from(QUANTITIES),
    st.one_of(st.integers(0, 30), st.sampled_from([60, 80, 94, 120])),
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
)
@pytest.mark.exhaustive
def test_any_view_draws(view: View, quantity: str, width: int, heights: tuple[int, int]) -> None:
    figure = draw(view, ["loss", quantity], width, heights)
    assert_whole(figure, width, heights)
    readings = figure.scene.readings_at(view.logit)
    for panel in figure.panels:
        cells = panel.cursor([c.ink for c in figure.scene.curves], [r.value for r in readings])
        assert set(cells) == set(range(panel.picture.lines))


@pytest.mark.parametrize(
    ("loss", "window"),
    [
        ("exponential", (-709.78, -709.7)),
        ("exponential", (-1e6, 1e6)),
        ("squared-error", (-1e6, -1e6 + 0.01)),
        ("cross-entropy", (1e-9, 2e-9)),
        ("cross-entropy", (5.0, 6.0)),
        ("poisson", (-3.0, -2.0)),
        ("gaussian-nll", (0.9999, 1.0001)),
        ("log-cosh", (-1e-9, 1e-9)),
    ],
)
@pytest.mark.parametrize("scale", SCALES)
def test_extreme_windows_draw(loss: str, window: tuple[float, float], scale: Scale) -> None:
    figure = draw(view_of(loss, activation="identity", window=window, scale=scale), QUANTITIES, 80, [6, 6, 6, 7])
    assert_whole(figure, 80, [6, 6, 6, 7])


def test_nothing_shown_is_an_empty_canvas() -> None:
    view = View(rows=tuple(Row.of(name) for name in LOSSES))
    figure = draw(view, ["loss", "d_logit"], 60, [9, 8])
    assert_whole(figure, 60, [9, 8])
    assert figure.scene.curves == ()
    assert all(set(line) <= {" ", "\u2800"} for panel in figure.panels for line in canvas_of(panel))


# ---- the cursor's columns --------------------------------------------------------------------------------------------


def assert_round_trip(scene: Scene) -> None:
    """Each stop is in the column that it is the stop of, and further right than the one before."""
    columns = {i: scene.column(z) for i, z in enumerate(scene.stops.tolist()) if math.isfinite(z)}
    assert {i: c for i, c in columns.items() if i != c} == {}
    finite = scene.stops[np.isfinite(scene.stops)]
    assert (np.diff(finite) > 0).all()


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_columns_and_stops_are_inverses(activation: str, axis: Axis) -> None:
    for columns in (1, 2, 7, 20, 33, 54, 74, 80, 89, 94, 113, 200, 394):
        scene = compose(view_of("cross-entropy", activation=activation, axis=axis), columns)
        assert scene.stops.shape == (columns,)
        assert np.isfinite(scene.stops).all()
        assert_round_trip(scene)


@settings(max_examples=300)
@given(
    st.sampled_from(list(ACTIVATIONS)),
    st.sampled_from(AXES),
    st.lists(st.tuples(st.sampled_from([0.5, 0.8, 0.1, 2.0]), st.floats(0, 1)), max_size=12),
    st.integers(1, 200),
)
@pytest.mark.exhaustive
def test_columns_and_stops_are_inverses_in_any_window(
    activation: str, axis: Axis, zooms: list[tuple[float, float]], columns: int
) -> None:
    view = view_of("squared-error", activation=activation, axis=axis)
    for factor, share in zooms:
        lo, hi = view.window
        if (hi - lo) * factor > 1e-5:
            view = zoom(view, factor, lo + share * (hi - lo))
    assert_round_trip(compose(view, columns))


@pytest.mark.parametrize("window", [(0.0, 0.8), (0.1, 0.7), (0.3, 0.9), (0.001, 0.002)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_ends_of_a_window_of_predictions_are_inside(activation: str, window: tuple[float, float]) -> None:
    view = view_of("squared-error", activation=activation, axis="prediction", window=window)
    for columns in (1, 9, 60, 94):
        assert_round_trip(compose(view, columns))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_stops_are_round_numbers_of_the_shown_axis(activation: str) -> None:
    scene = compose(view_of("squared-error", activation=activation, axis="prediction"), 100)
    shown = np.array([position(scene.view, z) for z in scene.stops.tolist()])
    assert (np.abs(shown - np.round(shown, 2)) < 1e-9).sum() >= 98  # but at 0 and 1, which no logit reaches
    assert compose(view_of("squared-error"), 160).stops.tolist()[::10] == list(range(-8, 8))


@pytest.mark.parametrize("axis", AXES)
def test_readings_at_a_stop_are_those_of_its_column(axis: Axis) -> None:
    scene = compose(view_of("cross-entropy", "squared-error", axis=axis), 80)
    for column in (0, 17, 40, 79):
        readings = scene.readings_at(float(scene.stops[column]))
        for reading, curve in zip(readings, scene.curves, strict=True):
            again = curve.objective.evaluate([float(scene.stops[column])]).at(0)
            assert reading == again
    between = float(scene.stops[40] + scene.stops[41]) / 2
    assert [r.logit for r in scene.readings_at(between)] == [between, between]


def test_outside_the_window_there_is_no_column() -> None:
    scene = compose(view_of("cross-entropy"), 80)
    assert [scene.column(z) for z in (-8.001, 8.001, 1e6)] == [-1, -1, -1]
    assert [scene.column(z) for z in (-8.0, 0.0, 8.0)] == [0, 40, 79]


# ---- what is not defined ---------------------------------------------------------------------------------------------


def test_where_a_probability_loss_is_undefined_on_the_identity() -> None:
    scene = compose(view_of("cross-entropy", activation="identity"), 64)  # columns of a quarter
    assert undefined_stretches(scene) == [(0, 31, "a undefined: p < 0"), (37, 63, "a undefined: p > 1")]


def test_losses_with_one_reason_share_a_line() -> None:
    scene = compose(view_of("cross-entropy", "focal", "poisson", activation="identity"), 64)
    stretches = {(first, last): why for first, last, why in undefined_stretches(scene)}
    left = stretches[0, 31]
    assert "a, b undefined: p < 0" in left and "c undefined: v < 0" in left
    assert stretches[37, 63] == "a, b undefined: p > 1"


@pytest.mark.parametrize(
    ("loss", "label", "activation", "expected"),
    [
        ("cross-entropy", 1.0, "hard-sigmoid", [(0, 20, "a infinite: p = 0")]),
        ("cross-entropy", 0.0, "hard-sigmoid", [(44, 63, "a infinite: p = 1")]),
        ("poisson", 2.0, "relu", [(0, 32, "a infinite: v = 0")]),
        ("squared-error", 1.0, "relu", []),
        ("cross-entropy", 1.0, "sigmoid", []),
        ("exponential", 1.0, "identity", []),
        ("hinge", 0.5, "identity", [(0, 63, "a undefined: needs a label 0 or 1 (or −1 for 0)")]),
    ],
)
def test_where_and_why(loss: str, label: float, activation: str, expected: list[tuple[int, int, str]]) -> None:
    assert undefined_stretches(compose(view_of(loss, label=label, activation=activation), 64)) == expected


def test_what_is_undefined_is_shaded_and_says_why() -> None:
    figure = draw(view_of("cross-entropy", "squared-error", activation="identity"), ["loss", "d_logit"], 100, [12, 10])
    scene = figure.scene
    undefined = {c for first, last, _ in undefined_stretches(scene) for c in range(first, last + 1)}
    assert 60 < len(undefined) < scene.columns
    for panel in figure.panels:
        shaded = {c for line in canvas_of(panel) for c, text in enumerate(line) if text == SHADE}
        assert shaded <= undefined
        assert {min(undefined), max(undefined)} <= {c + d for c in shaded for d in (-1, 0, 1)}
        rows = [line for line in canvas_of(panel) if SHADE in line]
        assert 1 <= len(rows) <= 2  # a row a stretch: it leaves room for the curves that are defined there
    text = "\n".join(canvas_of(figure.panels[0]))
    assert "a undefined: p < 0" in text and "a undefined: p > 1" in text
    assert SHADE not in "".join(canvas_of(draw(view_of("squared-error"), ["loss"], 100, [12]).panels[0]))


# ---- what is marked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 100, 180])
@pytest.mark.parametrize("axis", AXES)
def test_landmarks_are_marked_in_their_columns(width: int, axis: Axis) -> None:
    figure = draw(view_of("squared-error", label=0.9, axis=axis), ["loss", "d_logit"], width, [14, 12])
    scene = figure.scene
    for panel, kinds in zip(
        figure.panels,
        [{Kind.STEEPEST: -0.7752, Kind.MINIMUM: math.log(9), Kind.INFLECTION: 2.9724}, {Kind.STEEPEST: -0.7752}],
        strict=True,
    ):
        marks = {text: column for (_, column), text in marks_of(panel).items()}
        for kind, logit in kinds.items():
            assert abs(marks[MARKS[kind]] - scene.column(logit)) <= 1
    assert MARKS[Kind.MINIMUM] not in marks_of(figure.panels[1]).values()


PAIRS = [
    ("cross-entropy", "focal"),
    ("cross-entropy", "squared-error"),
    ("squared-error", "absolute-error"),
    ("huber", "log-cosh"),
    ("generalized-cross-entropy", "poly-1"),
]


@pytest.mark.parametrize("activation", ["sigmoid", "probit", "cloglog"])
@pytest.mark.parametrize("losses", PAIRS, ids="-".join)
@pytest.mark.parametrize("label", [1.0, 0.9])
def test_what_is_marked_is_what_the_keys_stop_at(losses: tuple[str, str], activation: str, label: float) -> None:
    scene = compose(view_of(*losses, label=label, activation=activation), 90)
    marks = sorted((m.kind.value, m.curves, m.quantity, scene.column(m.logit)) for m in scene.marks)
    exact = sorted((m.kind.value, m.curves, m.quantity, scene.column(m.logit)) for m in scene.landmarks)
    assert [m[:3] for m in marks] == [m[:3] for m in exact]
    assert all(abs(m[3] - e[3]) <= 1 for m, e in zip(marks, exact, strict=True))


@pytest.mark.parametrize(
    ("losses", "activation", "jump"),
    [(("cross-entropy", "zero-one"), "sigmoid", 0.0), (("hinge", "exponential"), "identity", 1.0)],
)
def test_one_curve_jumping_over_another_is_no_crossing(losses: tuple[str, str], activation: str, jump: float) -> None:
    scene = compose(view_of(*losses, activation=activation), 90)
    for found in (scene.landmarks, scene.marks):
        crossings = [m.logit for m in found if m.kind is Kind.CROSSING]
        assert len(crossings) == 1
        assert abs(crossings[0] - jump) > 0.4


def test_crossings_are_marked_only_in_the_panel_of_their_quantity() -> None:
    figure = draw(view_of("cross-entropy", "focal"), ["loss", "d_logit"], 100, [12, 12])
    above, below = (marks_of(panel) for panel in figure.panels)
    assert MARKS[Kind.CROSSING] not in above.values()
    columns = [c for (_, c), text in below.items() if text == MARKS[Kind.CROSSING]]
    assert len(columns) == 1
    assert abs(columns[0] - figure.scene.column(-0.8586)) <= 1


def test_curves_of_different_labels_do_not_cross() -> None:
    scene = compose(replace(view_of("cross-entropy", "focal"), both_labels=True), 90)
    assert [
        m for m in (*scene.marks, *scene.landmarks) if len({scene.curves[c].objective.label for c in m.curves}) > 1
    ] == []
    assert any(m.kind is Kind.CROSSING for m in scene.landmarks)


def test_concave_stretches_are_drawn_in_another_way() -> None:
    (panel,) = draw(view_of("squared-error"), ["loss"], 100, [20]).panels
    dashed = [series for series in panel.chart.series if series.dash == "fine"]
    solid = [series for series in panel.chart.series if not series.dash]
    assert len(dashed) == len(solid) == 1
    assert dashed[0].x[0] == -8 and dashed[0].x[-1] == pytest.approx(-math.log(2), abs=0.2)
    assert solid[0].x[-1] == 8
    assert dashed[0].x[-1] == solid[0].x[0]  # unbroken
    assert [s.dash for s in draw(view_of("cross-entropy"), ["loss"], 100, [20]).panels[0].chart.series] == [None]


def test_no_cell_of_a_concave_stretch_is_blank() -> None:
    (panel,) = draw(view_of("squared-error"), ["loss"], 100, [20]).panels
    canvas, concave = canvas_of(panel), figure_columns(panel, -7.9, -0.9)
    assert all(any(line[c] not in " \u2800" for line in canvas) for c in concave)


def figure_columns(panel: Panel, left: float, right: float) -> range:
    """The columns between two places on the x axis."""
    axis, columns = panel.chart.x_axis, panel.picture.columns
    first, last = (int(column_of(x, axis.lo, axis.hi, columns)) for x in (left, right))
    return range(first, last + 1)


def test_concave_is_by_the_axis_that_is_shown() -> None:
    # squared error is a parabola in p: 2 everywhere, although behind the sigmoid its curvature by z is negative
    figure = draw(view_of("squared-error", axis="prediction"), ["loss"], 100, [20])
    assert figure.concave == (False,)
    assert draw(view_of("squared-error"), ["loss"], 100, [20]).concave == (True,)


def test_a_curve_with_a_pole_shows_its_letter_where_it_leaves() -> None:
    figure = draw(view_of("cross-entropy", "squared-error", axis="prediction"), ["loss"], 100, [20])
    assert canvas_of(figure.panels[0])[0].strip() == "a"
    assert canvas_of(figure.panels[0])[0].index("a") <= 2
    zoomed = draw(replace(view_of("cross-entropy", "squared-error"), y_zoom=4.0), ["loss"], 100, [20])
    assert "a" in canvas_of(zoomed.panels[0])[0]
    assert "b" not in canvas_of(zoomed.panels[0])[0]


def test_letters_of_one_curve_are_not_near_each_other() -> None:
    for view in (view_of("squared-error", "cross-entropy"), view_of("cross-entropy", activation="identity")):
        for panel in draw(view, ["loss", "d_logit"], 96, [14, 12]).panels:
            for letter in "ab":
                columns = sorted(c for line in canvas_of(panel) for c, text in enumerate(line) if text == letter)
                assert all(right - left > 8 for left, right in pairwise(columns))


def drawn(series: Sequence[Series]) -> str:
    return "".join(each.letter for each in series)


def test_each_curve_has_its_letter_and_its_ink() -> None:
    view = view_of("cross-entropy", "squared-error", "focal")
    figure = draw(view, ["loss", "d_logit"], 100, [12, 12])
    assert [curve.letter for curve in figure.scene.curves] == list("abc")
    assert len({curve.ink for curve in figure.scene.curves}) == 3
    for panel in figure.panels:
        canvas = "".join(canvas_of(panel))
        assert all(letter in canvas for letter in "abc")
        assert set("abc") <= set(drawn(panel.chart.series))
        for runs in panel.picture.rows[: panel.picture.lines]:
            for run in runs:
                for letter in set(run.text) & set("abc"):
                    assert run.ink == "abc".index(letter)
    both = draw(replace(view, both_labels=True), ["loss"], 120, [16])
    assert [curve.letter for curve in both.scene.curves] == list("aAbBcC")
    assert [curve.objective.label for curve in both.scene.curves] == [1, 0] * 3
    assert "y=0" in both.scene.curves[1].name


# ---- the cursor on a panel -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("loss", ["cross-entropy", "squared-error", "focal", "gaussian-nll"])
def test_the_cursor_s_mark_is_on_the_curve(loss: str, scale: Scale) -> None:
    figure = draw(view_of(loss, scale=scale), ["loss", "d_logit"], 90, [20, 16])
    scene = figure.scene
    for panel, name in zip(figure.panels, ("value", "d_logit"), strict=True):
        canvas = canvas_of(panel)
        hits = 0
        for column in range(scene.columns):
            value = float(getattr(scene.readings[0], name)[column])
            place = panel.place(value)
            assert place is not None
            line, mark = place
            if mark == DOT:
                near = canvas[max(line - 1, 0) : line + 2]
                hits += any(text not in " \u2800" for row_ in near for text in row_[max(column - 1, 0) : column + 2])
        assert hits >= 0.9 * sum(panel.place(float(v)) is not None for v in getattr(scene.readings[0], name)) - 8


def test_values_beyond_the_window_point_to_where_they_are() -> None:
    (panel,) = draw(view_of("squared-error"), ["loss"], 60, [12]).panels
    last = panel.picture.lines - 1
    assert panel.place(1e9) == panel.place(math.inf) == (0, ABOVE)
    assert panel.place(-5.0) == panel.place(-math.inf) == (last, BELOW)
    assert panel.place(math.nan) is None
    assert panel.place(0.0) == (last, DOT)
    assert panel.place(panel.chart.y_axis.hi) == (0, DOT)


def test_the_cursor_is_a_line_with_a_mark_for_each_curve() -> None:
    figure = draw(view_of("cross-entropy", "squared-error"), ["loss"], 60, [16])
    panel, scene = figure.panels[0], figure.scene
    cells = panel.cursor([c.ink for c in scene.curves], [4.0, 1e9])
    assert set(cells) == set(range(panel.picture.lines))
    assert cells[0] == (ABOVE, scene.curves[1].ink)
    assert [cell for cell in cells.values() if cell[0] == DOT] == [(DOT, scene.curves[0].ink)]
    assert [cell for cell in cells.values() if cell[0] == CURSOR] == [(CURSOR, FRAME)] * (panel.picture.lines - 2)
    undefined = panel.cursor([c.ink for c in scene.curves], [math.nan, math.nan])
    assert set(undefined.values()) == {(CURSOR, FRAME)}


def test_cells_are_laid_over_the_canvas_and_nowhere_else() -> None:
    (panel,) = draw(view_of("cross-entropy"), ["loss"], 40, [9]).panels
    p = panel.picture
    cells = {(r, c): ("#", 3) for r in range(-1, p.lines + 1) for c in range(-1, p.columns + 1)}
    over = overlaid(p, cells)
    assert (over.left, over.columns, over.top, over.lines) == (p.left, p.columns, p.top, p.lines)
    for r, (before, after) in enumerate(zip(p.rows, over.rows, strict=True)):
        old, new = ("".join(run.text for run in runs) for runs in (before, after))
        assert len(old) == len(new)
        if r < p.lines:
            assert new == old[: p.left] + "#" * p.columns
        else:
            assert new == old
    assert overlaid(p, {}) == p


def test_the_point_is_no_part_of_a_figure() -> None:
    view = view_of("cross-entropy")
    one = remembered(view, ("loss",), 60, (12,))
    assert remembered(move_to(view, 3.0), ("loss",), 60, (12,)) is one
    assert remembered(next_axis(view), ("loss",), 60, (12,)) is not one
    assert lines_of(one.panels[0]) == lines_of(draw(view, ("loss",), 60, (12,)).panels[0])


# ---- the curves are where the axis says ------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", AXES)
def test_a_curve_passes_through_its_values(axis: Axis) -> None:
    (panel,) = draw(view_of("squared-error", axis=axis), ["loss"], 90, [24]).panels
    lo, hi = panel.chart.y_axis.lo, panel.chart.y_axis.hi
    x_lo, x_hi = panel.chart.x_axis.lo, panel.chart.x_axis.hi
    canvas = canvas_of(panel)
    for z, p in ((math.log(p / (1 - p)), p) for p in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)):
        column = int(column_of(z if axis == "logit" else p, x_lo, x_hi, panel.picture.columns))
        line = int((hi - (1 - p) ** 2) / (hi - lo) * panel.picture.lines)
        near = [text[max(column - 1, 0) : column + 2] for text in canvas[max(line - 1, 0) : line + 2]]
        assert any(c not in " \u2800" for text in near for c in text)


def test_the_lowest_panel_alone_has_the_x_axis_and_round_ticks() -> None:
    figure = draw(view_of("cross-entropy"), ["loss", "d_logit"], 90, [12, 12])
    above, below = figure.panels
    assert above.picture.lines == 12
    assert below.picture.lines == 10
    labels = lines_of(below)[-1].split()
    assert labels == [tick.label for tick in below.chart.x_axis.ticks]
    assert {"−8", "0", "8"} <= set(labels)


@pytest.mark.parametrize("axis", AXES)
def test_wide_tick_labels_leave_the_canvases_aligned(axis: Axis) -> None:
    for loss, window in (
        ("squared-error", (-1e5, 1e5)),
        ("exponential", (-300.0, 3.0)),
        ("squared-error", (-1e-7, 1e-7)),
    ):
        view = view_of(loss, activation="identity", axis=axis, window=window)
        for width in (30, 60, 95, 100):
            figure = draw(view, QUANTITIES, width, [7, 7, 7, 8])
            assert_whole(figure, width, [7, 7, 7, 8])
