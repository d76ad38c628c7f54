"""Any sequence of changes leaves a view that makes sense, keeps the point, and has a command that tells it."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.labels import smoothed
from lossterm.curves import view as state
from lossterm.curves.options import check_labels, view_words, with_view_flags
from lossterm.curves.view import (
    AXES,
    SLOPES,
    View,
    move_to,
    next_axis,
    next_scale,
    next_slope,
    reset_window,
    set_eta,
    toggle_likelihood,
    zoom,
    zoom_y,
)
from lossterm.explore import explorer_parser
from lossterm.model import rows, subject
from lossterm.model.notation import command_line, points
from lossterm.model.rows import MAX_SHOWN
from lossterm.model.subject import Row
from lossterm.model.window import FARTHEST, NARROWEST, SCALES, WIDEST
from tests.curves.changes import (
    add_variant,
    make_reference,
    next_activation,
    next_label,
    next_smoothing,
    remove_variant,
    set_activation,
    set_label,
    set_parameter,
    step_parameter,
    toggle,
    with_losses,
)

Change = Callable[[View], View]

# ---- any change, any view --------------------------------------------------------------------------------------------

PART = st.integers(0, 10**6)
"""Which row, parameter, …: taken modulo how many there are."""
DIRECTION = st.sampled_from([-1, 1])
LABEL = st.sampled_from([0.0, 1.0, 0.9, 0.5, -1.0, 2.5]) | st.floats(-1e6, 1e6)
LOGIT = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-20, 20) | st.sampled_from([0.0, 1e6, -1e6, 1e-12])
FACTOR = st.sampled_from([0.5, 2.0, 0.8, 1.25, 1e-3, 1e3, 1e-9]) | st.floats(1e-4, 1e4)
SHARE = st.floats(0, 1)


def set_any(view: View, index: int, which: int, value: float) -> View:
    """Set a parameter; where the value is out of its range, the view as it was."""
    index %= len(view.rows)
    known = view.rows[index].entry.parameters
    if not known:
        return view
    try:
        return set_parameter(view, index, known[which % len(known)].name, value)
    except ValueError:
        return view


def step_any(view: View, index: int, which: int, direction: int) -> View:
    index %= len(view.rows)
    known = view.rows[index].entry.parameters
    return step_parameter(view, index, known[which % len(known)].name, direction) if known else view


def about(view: View, share: float) -> float:
    lo, hi = view.window
    return lo + share * (hi - lo)


CHANGES: dict[str, st.SearchStrategy[Change]] = {
    "toggle": st.builds(lambda i: lambda v: toggle(v, i % len(v.rows)), PART),
    "make_reference": st.builds(lambda i: lambda v: make_reference(v, i % len(v.rows)), PART),
    "set_parameter": st.builds(
        lambda i, n, x: lambda v: set_any(v, i, n, x), PART, PART, st.floats(0, 3) | st.floats(-1, 1e9)
    ),
    "step_parameter": st.builds(lambda i, n, d: lambda v: step_any(v, i, n, d), PART, PART, DIRECTION),
    "add_variant": st.builds(lambda i: lambda v: add_variant(v, i % len(v.rows)), PART),
    "remove_variant": st.builds(lambda i: lambda v: remove_variant(v, i % len(v.rows)), PART),
    "set_label": st.builds(lambda y: lambda v: set_label(v, y), LABEL),
    "set_eta": st.builds(lambda eta: lambda v: set_eta(v, eta), st.none() | st.floats(0, 1)),
    "next_label": st.builds(lambda d, y: lambda v: next_label(v, d, y), DIRECTION, st.none() | LABEL),
    "next_smoothing": st.just(next_smoothing),
    "set_activation": st.builds(lambda n: lambda v: set_activation(v, n), st.sampled_from(list(ACTIVATIONS))),
    "next_activation": st.builds(lambda d: lambda v: next_activation(v, d), DIRECTION),
    "next_slope": st.just(next_slope),
    "toggle_likelihood": st.just(toggle_likelihood),
    "toggle_both_labels": st.just(state.toggle_both_labels),
    "next_axis": st.just(next_axis),
    "next_scale": st.just(next_scale),
    "move_to": st.builds(lambda z: lambda v: move_to(v, z), LOGIT),
    "zoom": st.builds(lambda f, s: lambda v: zoom(v, f, about(v, s)), FACTOR, SHARE),
    "reset_window": st.just(reset_window),
    "set_weight": st.builds(lambda w: lambda v: v if v.eta is None else state.set_weight(v, w), st.floats(1e-9, 1e9)),
    "set_mark": st.builds(lambda z: lambda v: state.set_mark(v, z), st.none() | st.floats(-FARTHEST, FARTHEST)),
    "toggle_mark": st.just(state.toggle_mark),
    "zoom_y": st.sampled_from([0.5, 2.0, 1e30]).map(lambda factor: lambda view: zoom_y(view, factor)),
}
SEQUENCES = st.lists(st.one_of(*CHANGES.values()), max_size=30)


def after(changes: Sequence[Change], view: View | None = None) -> View:
    view = view or View()
    for change in changes:
        view = change(view)
    return view


VIEWS = st.builds(after, SEQUENCES)


def assert_valid(view: View) -> None:
    # every loss, in the order of the registry, with all its parameters in their ranges
    assert list(dict.fromkeys(r.loss for r in view.rows)) == list(LOSSES)
    order = [list(LOSSES).index(r.loss) for r in view.rows]
    assert order == sorted(order)
    for r in view.rows:
        assert [name for name, _ in r.params] == [p.name for p in r.entry.parameters]
        assert tuple(r.entry.complete(dict(r.params)).items()) == r.params
    # what is shown, and its reference
    assert len(view.shown) <= MAX_SHOWN == len("abcdefghijklmnopqrstuvwxyz")
    assert 0 <= view.reference < len(view.rows)
    assert view.reference in view.shown or not view.shown
    assert list(view.letters) == list(view.shown)
    assert len(set(view.letters.values())) == len(view.shown)
    assert set(view.letters.values()) <= set("abcdefghijklmnopqrstuvwxyz")
    assert tuple(view.letters) == view.shown
    # the label
    assert math.isfinite(view.label) and view.target == smoothed(view.label, view.smoothing)
    assert 0 <= view.smoothing < 1
    # the point and the windows
    assert math.isfinite(view.logit) and abs(view.logit) <= FARTHEST
    assert view.share is None or 0 <= view.share <= 1
    assert view.mark is None or abs(view.mark) <= FARTHEST
    assert view.activation in ACTIVATIONS
    assert (view.axis in AXES, view.scale in SCALES, view.slope in SLOPES) == (True, True, True)
    for lo, hi in (view.logit_range, view.window):
        assert math.isfinite(lo) and math.isfinite(hi)
        assert lo < hi
        assert max(abs(lo), abs(hi)) <= FARTHEST
        assert 0.99 * NARROWEST * max(1.0, abs(lo + hi) / 2) <= hi - lo <= WIDEST, "columns are not distinct doubles"
    if view.axis == "prediction":
        assert view.link.lower <= view.window[0] and view.window[1] <= view.link.upper


def test_every_change_is_tested() -> None:
    declared = {
        name
        for module, first in ((state, "view"), (rows, "listed"), (subject, "subject"))
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), "") == first
    }
    kept = {"saved_rows", "restored_rows", "typed_point", "is_at_home"}
    elsewhere = {
        "with_subject",
        "with_losses",
        "set_logit",
        "at_home",
        "put",
        "up_to_date",
        "without",
    }  # within others, or tested elsewhere
    assert declared - kept - elsewhere == {"set_parameters" if n == "set_parameter" else n for n in CHANGES}


@settings(max_examples=400)
@given(SEQUENCES)
@pytest.mark.exhaustive
def test_any_sequence_of_changes_leaves_a_valid_view(changes: list[Change]) -> None:
    view = View()
    for change in changes:
        before = view
        view = change(view)
        assert_valid(view)
        assert before == replace(before)  # frozen: the old view is what it was


def test_the_first_view() -> None:
    view = View()
    assert_valid(view)
    assert [view.rows[i].loss for i in view.shown] == ["cross-entropy", "squared-error"]
    assert (view.label, view.activation, view.window) == (1, "sigmoid", (-8, 8))


# ---- the point -------------------------------------------------------------------------------------------------------


@given(VIEWS, LOGIT)
def test_moving_keeps_everything_but_the_point_and_shows_it(view: View, z: float) -> None:
    moved = move_to(view, z)
    assert moved.logit == min(max(z, -FARTHEST), FARTHEST)
    assert math.copysign(1, moved.logit) == 1 or moved.logit < 0
    back = replace(moved, logit=view.logit, logit_range=view.logit_range, prediction_range=view.prediction_range)
    assert back == view
    if moved.axis == "logit":
        lo, hi = moved.window
        assert lo <= moved.logit <= hi
        if view.window[0] <= moved.logit <= view.window[1]:
            assert moved.window == view.window
    else:
        assert moved.logit_range == view.logit_range


@pytest.mark.parametrize("z", [9.0, -300.0, 12345.0, 1e6, -1e6])
@pytest.mark.parametrize("factor", [0.5, 1e-3, 1e-6, 1e-9])
def test_moving_far_in_a_narrow_window_still_shows_the_point(z: float, factor: float) -> None:
    view = move_to(zoom(move_to(View(), 0.0), factor, 0.0), z)
    assert view.window[0] <= view.logit <= view.window[1]
    assert_valid(view)


@given(VIEWS, st.one_of(*(CHANGES[n] for n in CHANGES if n not in ("move_to",))))
def test_nothing_but_moving_changes_the_point(view: View, change: Change) -> None:
    assert change(view).logit == view.logit


@given(
    VIEWS,
    st.sampled_from(["set_label", "next_label", "next_smoothing", "next_axis", "next_slope", "next_scale"]),
    st.data(),
)
def test_these_keep_the_losses_too(view: View, name: str, data: st.DataObject) -> None:
    changed = data.draw(CHANGES[name])(view)
    assert (changed.rows, changed.reference, changed.logit) == (view.rows, view.reference, view.logit)
    assert changed.activation == view.activation


def test_cycles_come_round() -> None:
    view = move_to(View(), 1.25)
    for change, length in (
        (next_axis, len(AXES)),
        (next_scale, len(SCALES)),
        (next_slope, len(SLOPES)),
        (next_activation, len(ACTIVATIONS)),
        (next_label, 4),
        (lambda v: next_label(v, -1), 4),
        (lambda v: next_activation(v, -1), len(ACTIVATIONS)),
        (next_smoothing, 5),
    ):
        seen = [view]
        for _ in range(length):
            seen.append(change(seen[-1]))
        assert seen[-1] == view
        assert len(set(seen[1:])) == length


def test_a_typed_label_joins_the_cycle() -> None:
    view = set_label(View(), 3.5)
    seen = []
    for _ in range(5):
        view = next_label(view, 1, typed=3.5)
        seen.append(view.label)
    assert seen == [1, 0, 0.9, 0.5, 3.5]


def test_a_label_that_cannot_be_smoothed_drops_the_smoothing() -> None:
    view = next_smoothing(View())
    assert view.target == 0.975
    assert set_label(view, 3).target == 3
    assert set_label(view, 0.5).smoothing == view.smoothing
    assert next_smoothing(set_label(view, -1)).smoothing == 0


# ---- the window ------------------------------------------------------------------------------------------------------


def inside(view: View) -> bool:
    """Whether the window is clear of every bound that would clip it."""
    lo, hi = view.window
    if view.axis == "logit":
        return max(abs(lo), abs(hi)) < FARTHEST
    low, high = view.link.lower, view.link.upper
    return max(low, -FARTHEST) < lo and hi < min(high, FARTHEST)


@settings(max_examples=300)
@given(VIEWS, FACTOR, SHARE)
@pytest.mark.exhaustive
def test_zooming_keeps_the_place_of_the_point(view: View, factor: float, share: float) -> None:
    lo, hi = view.window
    point = about(view, share)
    zoomed = zoom(view, factor, point)
    assert replace(zoomed, logit_range=view.logit_range, prediction_range=view.prediction_range) == view
    left, right = zoomed.window
    if zoomed.window != view.window and inside(zoomed):
        assert right - left == pytest.approx((hi - lo) * factor, rel=1e-5)
        assert (point - left) / (right - left) == pytest.approx((point - lo) / (hi - lo), abs=1e-5)


@settings(max_examples=300)
@given(VIEWS, FACTOR, SHARE)
@pytest.mark.exhaustive
def test_zooming_in_and_out_again_returns(view: View, factor: float, share: float) -> None:
    point = about(view, share)
    there = zoom(view, factor, point)
    assume(there.window != view.window and inside(there) and inside(view))
    back = zoom(there, 1 / factor, point)
    assume(back != there)
    lo, hi = view.window
    # the ends are kept to a millionth of the width of the narrower window, which the way back widens
    slack = 1e-5 * (hi - lo) * max(1.0, 1 / factor)
    assert back.window == pytest.approx((lo, hi), abs=max(slack, 1e-5 * (hi - lo) * max(1.0, factor)))


@pytest.mark.parametrize("axis", ["logit", "prediction"])
def test_the_wheel_forth_and_back_ends_where_it_began(axis: str) -> None:
    view = View() if axis == "logit" else next_axis(View())
    for point in (0.5, 0.25):
        zoomed = view
        for _ in range(20):
            zoomed = zoom(zoomed, 0.8, point)
        assert zoomed.window[1] - zoomed.window[0] == pytest.approx(
            (view.window[1] - view.window[0]) * 0.8**20, rel=1e-4
        )
        for _ in range(20):
            zoomed = zoom(zoomed, 1.25, point)
        assert zoomed.window == pytest.approx(view.window, rel=1e-3, abs=1e-3)


def test_zooming_stops_at_the_bounds() -> None:
    for axis in (View(), next_axis(View()), next_axis(set_activation(View(), "exp")), set_activation(View(), "relu")):
        for factor in (0.5, 0.31, 2.0, 1e-4):
            for share in (0.0, 0.3, 1.0):
                view = axis
                for _ in range(80):
                    view = zoom(view, factor, about(view, share))
                    assert_valid(view)


def test_reset_shows_the_point_in_a_window_of_the_usual_width() -> None:
    for z in (-4.0, 0.0, 100.0, -1e5):
        view = reset_window(zoom(move_to(View(), z), 0.01, z))
        lo, hi = view.window
        assert hi - lo == 16 and lo <= z <= hi
    assert reset_window(zoom(View(), 0.01, 3.0)).window == (-8, 8)
    narrow = zoom(next_axis(View()), 0.1, 0.5)
    assert narrow.window != (0, 1) == reset_window(narrow).window


@pytest.mark.parametrize(
    ("activation", "window"),
    [
        ("sigmoid", (0, 1)),
        ("tanh", (-1, 1)),
        ("hard-sigmoid", (0, 1)),
        ("identity", (-8, 8)),
        ("exp", (0, 4)),
        ("relu", (0, 4)),
    ],
)
def test_the_prediction_axis_is_the_image_of_the_link(activation: str, window: tuple[float, float]) -> None:
    assert next_axis(set_activation(View(), activation)).window == window


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_hiding_the_reference_makes_the_first_shown_row_it() -> None:
    view = make_reference(View(), 2)
    assert [view.rows[i].loss for i in view.shown] == ["cross-entropy", "squared-error", "focal"]
    assert view.reference == 2
    assert toggle(view, 2).reference == 0
    assert toggle(toggle(view, 2), 0).reference == 1
    assert toggle(toggle(toggle(view, 2), 0), 1).shown == ()


def test_variants_stand_beside_their_loss() -> None:
    view = add_variant(make_reference(View(), 4), 2)
    assert [view.rows[i].loss for i in (2, 3)] == ["focal", "focal"]
    assert view.rows[3].shown and not view.rows[2].shown
    assert view.rows[view.reference].loss == "absolute-error"
    assert [dict(view.rows[i].params)["gamma"] for i in (2, 3)] == [2, 2.5]
    view = set_parameter(view, 3, "gamma", 5)
    assert dict(view.rows[2].params)["gamma"] == 2
    gone = remove_variant(view, 2)
    assert dict(gone.rows[2].params)["gamma"] == 5
    assert gone.rows[gone.reference].loss == "absolute-error"
    assert remove_variant(gone, 2) == gone
    assert add_variant(View(), 1) == View()  # squared error has no parameters


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.parameters])
def test_a_variant_is_another_curve(name: str) -> None:
    view = View()
    index = next(i for i, r in enumerate(view.rows) if r.loss == name)
    for _ in range(3):
        view = add_variant(view, index)
    keys = [r.key for r in view.rows]
    assert len(set(keys)) == len(keys)
    words = view_words(view)
    assert sum(view.rows[i].loss == name for i in view.shown) == words[1].count(name.partition(":")[0])


def test_there_are_never_more_curves_than_letters() -> None:
    view = View()
    for _ in range(40):
        view = add_variant(view, 0)
    assert len(view.shown) == MAX_SHOWN
    hidden = next(i for i, r in enumerate(view.rows) if not r.shown)
    assert toggle(view, hidden) == view == make_reference(view, hidden)


@pytest.mark.parametrize(
    ("name", "value"), [("gamma", -1.0), ("gamma", math.inf), ("alpha", 2.0), ("gamma", None), ("beta", 1.0)]
)
def test_a_parameter_that_is_refused_says_why(name: str, value: float | None) -> None:
    with pytest.raises(ValueError, match=r"gamma|alpha|beta"):
        set_parameter(View(), 2, name, value)


# ---- the command that tells it ---------------------------------------------------------------------------------------


def read_back(view: View, start: View | None = None) -> View:
    """The view that the command of a view tells."""
    return with_view_flags(start or View(), explorer_parser().parse_args(view_words(view)))


def picture(view: View) -> dict[str, object]:
    """All that a command must tell; of two equal curves one."""
    return {
        "shown": list(dict.fromkeys(view.rows[i].key for i in view.shown)),
        "reference": view.rows[view.reference].key,
        "label": view.label,
        "smoothing": view.smoothing,
        "target": view.target,
        "activation": view.activation,
        "axis": view.axis,
        "scale": view.scale,
        "window": view.window,
        "both labels": view.both_labels,
    }


def has_a_picture(view: View) -> bool:
    try:
        check_labels(view)
    except ValueError:
        return False
    return bool(view.shown)


@settings(max_examples=400)
@given(VIEWS)
@pytest.mark.exhaustive
def test_reading_the_command_of_a_view_gives_it_again(view: View) -> None:
    assume(has_a_picture(view))
    again = read_back(view)
    assert picture(again) == picture(view)
    assert_valid(again)
    if len({view.rows[i].key for i in view.shown}) == len(view.shown):
        assert view_words(again) == view_words(view)
    assert "\n" not in command_line(["lossterm", *view_words(view)])


@given(VIEWS, VIEWS)
def test_a_command_over_another_view_tells_the_losses_and_the_label(view: View, start: View) -> None:
    assume(has_a_picture(view))
    again = read_back(view, replace(start, axis="logit", smoothing=0.0))
    for told in ("shown", "label", "activation"):
        assert picture(again)[told] == picture(view)[told]
    assert_valid(again)


def test_the_narrowest_window_has_a_command() -> None:
    for point in (0.0, 0.3, 1.0, -7.99, 8.0):
        for factor in (0.5, 0.8, 0.31):
            view = View()
            for _ in range(200):
                view = zoom(view, factor, point)
            assert picture(read_back(view)) == picture(view)


def test_a_label_over_a_saved_smoothing_needs_no_other_option() -> None:
    saved = next_smoothing(View())
    view = with_view_flags(saved, explorer_parser().parse_args(["--loss", "mse", "--label", "2"]))
    assert (view.label, view.target) == (2, 2)
    view = with_view_flags(saved, explorer_parser().parse_args(["--label", "0"]))
    assert view.smoothing == saved.smoothing


NUMBER = st.floats(-10, 10).map(repr) | st.floats(allow_nan=False, allow_infinity=False).map(repr)


@settings(max_examples=300)
@given(
    st.tuples(NUMBER, NUMBER),
    st.sampled_from(list(ACTIVATIONS)),
    st.sampled_from(AXES),
    st.lists(st.sampled_from([*LOSSES, "focal:gamma=0.1", "huber:delta=9", "all"]), min_size=1, max_size=4),
)
@pytest.mark.exhaustive
def test_whatever_the_options_say_the_view_is_valid_or_refused(
    ends: tuple[str, str], activation: str, axis: str, losses: list[str]
) -> None:
    words = [f"--range={ends[0]}:{ends[1]}", "--activation", activation, "--axis", axis, "--loss", ",".join(losses)]
    try:
        view = with_view_flags(View(), explorer_parser().parse_args(words))
    except ValueError:
        return
    assert_valid(view)
    assert picture(read_back(view)) == picture(view)


@pytest.mark.parametrize("option", ["--range=-5:1e-12", "--range=0.9999999999:7", "--range=0:1e-9"])
def test_a_range_that_the_link_leaves_almost_nothing_of(option: str) -> None:
    try:
        view = with_view_flags(View(), explorer_parser().parse_args([option, "--axis", "prediction"]))
    except ValueError:
        return
    assert_valid(view)


def test_the_first_loss_asked_for_is_the_reference() -> None:
    view = with_view_flags(View(), explorer_parser().parse_args(["--loss", "mse,ce"]))
    assert view.rows[view.reference].loss == "squared-error"
    view = with_view_flags(View(), explorer_parser().parse_args(["--loss", "mse,ce,focal", "--reference", "focal"]))
    assert view.rows[view.reference].loss == "focal"


def test_losses_that_are_asked_for_are_all_that_is_shown() -> None:
    view = with_losses(View(), [Row.of("huber", {"delta": 2.0}), Row.of("focal"), Row.of("huber")])
    assert [(r.loss, dict(r.params)) for r in (view.rows[i] for i in view.shown)] == [
        ("focal", {"gamma": 2.0, "alpha": None}),
        ("huber", {"delta": 2.0}),
        ("huber", {"delta": 1.0}),
    ]
    assert dict(view.rows[view.reference].params) == {"delta": 2.0}
    assert_valid(view)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=5))
def test_points_are_read_back(numbers: list[float]) -> None:
    told = points(",".join(map(repr, numbers)))
    assert [z for chunk in told.chunks(2) for z in chunk.tolist()] == numbers
    assert told.count == len(numbers)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.integers(2, 50), st.integers(1, 60))
def test_a_range_of_points_is_even_whatever_the_chunks(lo: float, width: float, n: int, size: int) -> None:
    told = points(f"{lo!r}:{lo + width!r}:{n}")
    chunks = [chunk.tolist() for chunk in told.chunks(size)]
    assert all(0 < len(chunk) <= size for chunk in chunks)
    together = [z for chunk in chunks for z in chunk]
    assert (len(together), together[0], together[-1]) == (n, lo, lo + width)
    gaps = [b - a for a, b in pairwise(together)]
    assert gaps == pytest.approx([width / (n - 1)] * (n - 1), rel=1e-6, abs=1e-9)
