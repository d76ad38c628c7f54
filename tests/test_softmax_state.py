"""What is looked at on the Softmax screen: every change leads to a view that can be computed, written and read back."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm import softmax_edit as edit
from lossterm import softmax_state as state
from lossterm.commands.softmax import run
from lossterm.core.presets import PRESETS
from lossterm.core.softmax_inputs import Target
from lossterm.core.softmax_losses import SOFTMAX_LOSSES
from lossterm.softmax_arguments import label, listed, losses, numbers, spec, view_words
from lossterm.softmax_session import from_document, to_document
from lossterm.softmax_state import SoftmaxView
from lossterm.softmax_table import norm
from lossterm.ui.present_softmax import evaluated

Change = Callable[[SoftmaxView], SoftmaxView]

indices = st.integers(0, 12)
logits = st.one_of(st.floats(-1e6, 1e6), st.just(-math.inf), st.sampled_from([0.0, 1e6, -1e6, 1e-9]))


def attempted(change: Change) -> Change:
    """A change that is refused with a clear line leaves the view as it was."""

    def attempt(view: SoftmaxView) -> SoftmaxView:
        try:
            return change(view)
        except ValueError as problem:
            assert str(problem)
            return view

    return attempt


def indexed(change: Callable[[SoftmaxView, int], SoftmaxView], index: int) -> Change:
    return lambda view: change(view, index % len(view.rows))


changes: st.SearchStrategy[Change] = st.one_of(
    st.sampled_from(
        [
            edit.toggle_mask, edit.add_class, edit.remove_class, edit.sort_classes, edit.next_smoothing,
            edit.other_smoothing, edit.teacher_as_target, state.next_sweep, state.next_scale, state.reset_window,
            lambda v: edit.shuffle_logits(v, random.Random(1)),
        ]
    ),
    st.builds(lambda i: lambda v: state.select(v, i - 3), indices),
    st.builds(lambda i: indexed(state.toggle, i), indices),
    st.builds(lambda i: indexed(state.make_reference, i), indices),
    st.builds(lambda i: indexed(state.add_variant, i), indices),
    st.builds(lambda i: indexed(state.remove_variant, i), indices),
    st.builds(lambda i, d: lambda v: state.step_parameter(v, i % len(v.rows), d), indices, st.sampled_from([-1, 1])),
    st.builds(lambda z: lambda v: edit.set_logit(v, z), logits),
    st.builds(lambda d: lambda v: edit.step_logit(v, d), st.sampled_from([-0.5, 0.5])),
    st.builds(lambda z: lambda v: edit.set_logits(v, z), st.lists(logits, max_size=12)),
    st.builds(
        lambda p: lambda v: edit.set_probabilities(v, p, normalize=True),
        st.lists(st.one_of(st.floats(0, 1), st.floats(-1, 2)), max_size=6),
    ),
    st.builds(lambda d: lambda v: edit.next_target(v, d), st.sampled_from([-1, 1])),
    st.builds(lambda d: lambda v: edit.shift_target(v, d), st.sampled_from([-0.05, 0.05, -1, 1])),
    st.builds(lambda t: lambda v: edit.set_target(v, t), st.one_of(st.none(), st.integers(-2, 9))),
    st.builds(lambda z: lambda v: edit.set_teacher(v, (z * v.classes)[: v.classes]), st.lists(logits, min_size=1)),
    st.builds(lambda: lambda v: edit.set_teacher(v, None)),
    st.builds(lambda d: lambda v: edit.step_temperature(v, d), st.sampled_from([-1, 1])),
    st.builds(lambda t: lambda v: edit.set_temperature(v, t), st.floats(0, 1e9)),
    st.builds(lambda x: lambda v: edit.move_to(v, x), st.floats(-9, 9)),
    st.builds(lambda f, x: lambda v: state.zoom(v, f, x), st.sampled_from([0.01, 1 / 1.5, 1.5, 100]), st.floats(-9, 9)),
    st.builds(lambda name: lambda v: edit.use_preset(v, name), st.sampled_from(sorted(PRESETS)[:7])),
)  # fmt: skip


def check(view: SoftmaxView) -> None:
    """All that must hold of any view."""
    k = view.classes
    assert 2 <= k <= state.MAX_CLASSES
    assert 0 <= view.selected < k
    assert 0 <= view.reference < len(view.rows)
    assert not view.shown or view.reference in view.shown
    assert {r.loss for r in view.rows} == set(SOFTMAX_LOSSES)
    assert state.COLDEST <= view.temperature <= state.HOTTEST
    assert view.given is None or len(view.given) == k
    lo, hi = view.window
    assert lo < hi
    assert lo <= view.position <= hi or view.position == -math.inf
    point = view.problem.point
    assert math.fsum(point.target.p) == pytest.approx(1, abs=1e-9)
    assert point.target.p.min() >= 0
    for e in evaluated(view).values():
        assert e is None or e.gradient.shape == (k,)


@settings(max_examples=250, deadline=None)
@given(st.lists(changes, max_size=14))
def test_any_changes_lead_to_a_view_that_can_be_computed_and_kept(steps: list[Change]) -> None:
    view = SoftmaxView()
    for step in steps:
        view = attempted(step)(view)
        check(view)
    document = json.loads(json.dumps(to_document(view), allow_nan=False))
    assert from_document(document) == view


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=8))
def test_the_command_of_a_view_gives_it_again(steps: list[Change]) -> None:
    view = SoftmaxView()
    for step in steps:
        view = attempted(step)(view)
    words = view_words(view)
    options = dict(word.partition("=")[::2] for word in words if word.startswith("--"))
    if view.given is None:
        assert tuple(numbers(options["--logits"], "logits")) == view.logits
    else:
        assert tuple(numbers(options["--probabilities"], "probabilities")) == view.given
    if "--target" in options:
        target = label(options["--target"])
        assert view.target.label == (target if isinstance(target, int) else pytest.approx(tuple(target), abs=1e-15))
    if view.shown:
        assert losses([words[words.index("--loss") + 1]]) == list(
            {view.rows[i].key: view.rows[i] for i in view.shown}.values()
        )


def test_the_command_prints_the_view(capsys: pytest.CaptureFixture[str]) -> None:
    view = edit.set_teacher(
        edit.set_temperature(edit.next_smoothing(edit.use_preset(SoftmaxView(), "start")), 2.5), None
    )
    view = edit.set_teacher(edit.other_smoothing(view), [0.5] * 9 + [-math.inf])
    assert run([*view_words(view), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["target"] == view.problem.point.target.p.tolist()
    assert document["probabilities"] == view.problem.point.prediction.p.tolist()
    assert [e["value"] for e in document["losses"]] == [e.value for e in evaluated(view).values() if e]


# ---- logits --------------------------------------------------------------------------------------------------------


def test_steps_stand_on_multiples() -> None:
    view = edit.set_logit(SoftmaxView(), 0.3)
    assert [edit.step_logit(view, d).logits[0] for d in (0.5, -0.5)] == [0.5, 0]
    assert edit.step_logit(edit.set_logit(view, -math.inf), -0.5).logits[0] == 0


def test_the_last_class_cannot_be_masked_or_removed() -> None:
    view = edit.set_logits(SoftmaxView(), [1, -math.inf])
    assert edit.toggle_mask(state.select(view, 0)) == state.select(view, 0)
    assert edit.remove_class(view) == view
    three = edit.set_logits(SoftmaxView(), [1, -math.inf, -math.inf])
    assert edit.remove_class(state.select(three, 0)).classes == 3


def test_adding_and_removing_keep_the_target_on_its_class() -> None:
    view = edit.set_target(edit.set_logits(SoftmaxView(), [5, 6, 7]), 2)
    more = edit.add_class(state.select(view, 0))
    assert (more.logits, more.selected, more.target.label) == ((5, 0, 6, 7), 1, 3)
    assert edit.remove_class(more).target.label == 2
    soft = edit.set_target(view, (0.2, 0.3, 0.5))
    assert edit.add_class(state.select(soft, 0)).target.label == (0.2, 0, 0.3, 0.5)
    assert edit.remove_class(state.select(soft, 2)).target.label == pytest.approx((0.4, 0.6))


def test_sorting_changes_no_loss() -> None:
    view = edit.set_teacher(edit.set_target(edit.set_logits(SoftmaxView(), [1, 3, 2]), (0.5, 0.3, 0.2)), [9, 8, 7])
    ordered = edit.sort_classes(state.select(view, 2))
    assert (ordered.logits, ordered.selected) == ((3, 2, 1), 1)
    assert ordered.target == Target((0.3, 0.2, 0.5), (8, 7, 9))
    before, after = ([e.value for e in evaluated(v).values() if e] for v in (view, ordered))
    assert after == pytest.approx(before, rel=1e-14)


def test_shuffling_keeps_logits_and_target() -> None:
    view = edit.set_logits(SoftmaxView(), range(20))
    dealt = edit.shuffle_logits(view, random.Random(3))
    assert sorted(dealt.logits) == list(range(20)) != list(dealt.logits)
    assert dealt.target == view.target
    assert len(set(edit.shuffle_logits(edit.set_logits(view, [0] * 20), random.Random(3)).logits)) > 5


@pytest.mark.parametrize("sweep", state.SWEEPS)
def test_any_window_is_kept(sweep: state.Sweep) -> None:
    for about in (0.0, 1.7, -7.9):
        view = replace(edit.set_logit(SoftmaxView(), about), sweep=sweep)
        for _ in range(80):
            view = state.zoom(view, 1 / 1.5, view.position)
            assert from_document(to_document(view)) == view
            check(view)


def test_too_many_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 1000"):
        edit.set_logits(SoftmaxView(), [0.0] * 1001)
    full = edit.set_logits(SoftmaxView(), [0.0] * 1000)
    assert edit.add_class(full) == full


# ---- target and temperature ----------------------------------------------------------------------------------------


def test_soft_edits_move_mass_and_come_back() -> None:
    view = SoftmaxView()
    softer = edit.shift_target(view, 0.05)
    assert softer.target.label == pytest.approx((0.05, 0.95, 0))
    assert edit.shift_target(softer, -0.05).target.label == 1
    alone = edit.shift_target(state.select(view, 1), -0.2)
    assert alone.target.label == pytest.approx((0.1, 0.8, 0.1))


def test_the_teacher_as_target_and_back() -> None:
    view = edit.set_teacher(SoftmaxView(), [0, 1, 5])
    taught = edit.teacher_as_target(view)
    assert taught.target.label is None
    assert edit.shift_target(taught, 0.05) == taught
    assert edit.teacher_as_target(taught).target.label == 2
    assert edit.set_teacher(taught, None).target == Target(0)


def test_temperatures_are_round() -> None:
    view = SoftmaxView()
    seen = [view.temperature]
    for _ in range(10):
        view = edit.step_temperature(view, 1)
        seen.append(view.temperature)
    assert seen == [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8, 10]
    for _ in range(200):
        view = edit.step_temperature(view, -1)
    assert view.temperature == state.COLDEST


# ---- presets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_recognised_until_it_is_changed(name: str) -> None:
    view = edit.use_preset(SoftmaxView(), name)
    check(view)
    assert edit.preset_of(view) == name
    assert edit.preset_of(from_document(json.loads(json.dumps(to_document(view))))) == name
    assert edit.preset_of(edit.step_logit(view, 0.5)) is None
    assert np.array_equal(view.problem.logits, PRESETS[name].problem.logits)


def test_presets_follow_one_another_round_the_ends() -> None:
    view, seen = SoftmaxView(), []
    for _ in range(len(PRESETS)):
        seen.append(edit.preset_of(view))
        view = edit.use_preset(view, edit.next_preset(view, 1, None))
    assert seen == list(PRESETS)
    assert edit.preset_of(view) == seen[0]
    changed = edit.step_logit(view, 0.5)
    assert edit.next_preset(changed, -1, seen[3]) == seen[2]


# ---- what is kept --------------------------------------------------------------------------------------------------

WRONG: tuple[tuple[str, Any], ...] = (
    ("logits", []), ("logits", [1]), ("logits", ["x", 1]), ("logits", [None, 1]), ("logits", ["-inf", "-inf", "-inf"]),
    ("logits", [1] * 1001), ("label", 9), ("label", -1), ("label", [1, 2, 3]), ("label", None), ("label", "one"),
    ("teacher", [1]), ("teacher", 5), ("smoothing", 2), ("smoothing", None), ("over", "both"), ("temperature", 0),
    ("temperature", "hot"), ("temperature", True), ("rows", 5), ("rows", [{"loss": "focal"}]), ("reference", -1),
    ("reference", "a"), ("selected", None), ("selected", -4), ("sweep", "z"), ("logit_range", [1, 1]),
    ("logit_range", [0]), ("logit_range", [0, 1e30]), ("temperature_range", None), ("scale", "log"),
    ("given", [1, 2]), ("given", [-1, 1, 1]), ("rows", [{"loss": "focal", "params": {"gamma": -3}, "shown": True}]),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_document_that_is_wrong_is_not_believed(name: str, value: Any) -> None:
    document = to_document(replace(SoftmaxView(), temperature=3.0))
    assert from_document({**document, name: value}) == SoftmaxView()


@pytest.mark.parametrize("document", [None, 5, "x", [], {}, {"logits": 5}])
def test_anything_may_stand_in_the_file(document: Any) -> None:
    assert from_document(document) == SoftmaxView()


def test_an_unknown_loss_is_left_out_and_a_new_one_comes_in() -> None:
    document = to_document(SoftmaxView())
    rows = [{"loss": "of-the-future", "params": {}, "shown": True}, *document["rows"][1:]]
    view = from_document({**document, "rows": rows, "reference": 0})
    assert [r.loss for r in view.rows] == list(SOFTMAX_LOSSES)
    assert not view.rows[0].shown
    assert view.reference == 1


# ---- what is typed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8,0,0", [8, 0, 0]),
        ("8 0 0", [8, 0, 0]),
        (" [8, 0;\n−1.5] ", [8, 0, -1.5]),
        ("1\n2\n3\n", [1, 2, 3]),
        ("-inf,−∞, 1/3", [-math.inf, -math.inf, 1 / 3]),
    ],
)
def test_lists(text: str, values: list[float]) -> None:
    assert numbers(text, "logits") == values
    assert numbers(listed(values), "logits") == values


def test_every_loss_is_written_as_it_is_read() -> None:
    for name in SOFTMAX_LOSSES:
        (row,) = losses([name])
        assert spec(row) == name
    (row,) = losses(["brier:reduction=mean"])
    assert spec(row) == "squared-error:reduction=mean"
    (row,) = losses(["focal:gamma=.5"])
    assert spec(row) == "focal:gamma=0.5"


def test_the_norm_neither_overflows_nor_vanishes() -> None:
    assert norm(np.array([3e300, 4e300])) == 5e300
    assert norm(np.array([3e-300, 4e-300])) == pytest.approx(5e-300, rel=1e-15)
    assert norm(np.array([0.0, 0.0])) == 0
    assert norm(np.array([1.0, -math.inf])) == math.inf
    assert math.isnan(norm(np.array([1.0, math.nan])))
