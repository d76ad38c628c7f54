"""What is looked at on the Softmax screen: every change leads to a view that can be computed, written and read back."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.presets import PRESETS
from lossterm.softmax import edit
from lossterm.softmax import view as state
from lossterm.softmax.command import run
from lossterm.softmax.options import label, listed, losses, numbers, restored, saved, view_words
from lossterm.softmax.report import evaluated, norm
from lossterm.softmax.view import SoftmaxView
from tests.softmax.changing import Change, attempted, changes


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
    point = view.example.point
    assert math.fsum(point.target.p) == pytest.approx(1, abs=1e-9)
    assert point.target.p.min() >= 0
    for e in evaluated(view).values():
        assert e is None or e.gradient.shape == (k,)


@settings(max_examples=250)
@given(st.lists(changes, max_size=14))
@pytest.mark.exhaustive
def test_any_changes_lead_to_a_view_that_can_be_computed_and_kept(steps: list[Change]) -> None:
    view = SoftmaxView()
    for step in steps:
        view = attempted(step)(view)
        check(view)
    document = json.loads(json.dumps(saved(view), allow_nan=False))
    assert restored(SoftmaxView(), document) == view


@settings(max_examples=60)
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
        read = losses([words[words.index("--loss") + 1]])
        assert [row.key for row in read] == list({view.rows[i].key: None for i in view.shown})


def test_the_command_prints_the_view(capsys: pytest.CaptureFixture[str]) -> None:
    view = edit.set_teacher(
        edit.set_temperature(edit.next_smoothing(edit.use_preset(SoftmaxView(), "start")), 2.5), None
    )
    view = edit.set_teacher(edit.other_smoothing(view), [0.5] * 9 + [-math.inf])
    assert run([*view_words(view), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["target"] == view.example.point.target.p.tolist()
    assert document["probabilities"] == view.example.point.prediction.p.tolist()
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
            assert restored(SoftmaxView(), saved(view)) == view
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
    assert edit.preset_of(restored(SoftmaxView(), json.loads(json.dumps(saved(view))))) == name
    assert edit.preset_of(edit.step_logit(view, 0.5)) is None
    assert np.array_equal(view.example.logits, PRESETS[name].example.logits)


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

OTHER = SoftmaxView(
    logits=(1.0, -math.inf, 2.0, 0.5),
    target=Target((0.1, 0.2, 0.3, 0.4), (0.0, 1.0, 5.0, 2.0), 0.2, "others"),
    temperature=3.0,
    selected=2,
    sweep="temperature",
    logit_range=(-3.0, 5.0),
    temperature_range=(-0.5, 1.5),
    scale="symlog",
)
"""A view of which nothing is as usual."""

WRONG: tuple[tuple[str, Any], ...] = (
    ("label", 9), ("label", -1), ("label", [1, 2, 3]), ("label", [0.5, 0.6, 0, 0]), ("label", "one"), ("label", True),
    ("teacher", [1]), ("teacher", 5), ("teacher", ["-inf"] * 4), ("smoothing", 2), ("smoothing", None),
    ("over", "both"), ("temperature", 0), ("temperature", "hot"), ("temperature", True), ("temperature", 1e9),
    ("selected", None), ("selected", -4), ("selected", 4), ("sweep", "z"), ("logit_range", [1, 1]),
    ("logit_range", [0]), ("logit_range", [0, 1e30]), ("temperature_range", None), ("temperature_range", [0, 90]),
    ("scale", "log"), ("given", [1, 2]), ("given", [-1, 1, 1, 1]), ("given", [0.1, 0.1, 0.1, 0.8]),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_one_field_that_is_wrong_is_as_usual_and_the_rest_is_kept(name: str, value: Any) -> None:
    usual = SoftmaxView()
    view = restored(usual, {**saved(OTHER), name: value})
    if name in ("label", "teacher", "smoothing", "over"):
        target = replace(OTHER.target, **{name: getattr(usual, name)})
        assert view == replace(OTHER, target=target)
    else:
        assert view == replace(OTHER, **{name: getattr(usual, name)})


@pytest.mark.parametrize(
    "logits", [[], [1], ["x", 1], [None, 1], ["-inf"] * 3, [1] * 1001, [1e7, 0], [math.nan, 0], 5, None, {"a": 1}]
)
def test_without_logits_what_fits_the_usual_ones_is_kept(logits: Any) -> None:
    view = restored(SoftmaxView(), {**saved(OTHER), "logits": logits})
    target = Target(1, None, 0.2, "others")
    assert view == replace(OTHER, logits=SoftmaxView().logits, target=target)


def test_rows_are_distrusted_one_by_one() -> None:
    items = [{"loss": "focal", "params": {"gamma": -3}, "shown": True}, 5, {"loss": "poly-1", "params": {"epsilon": 2}}]
    view = restored(SoftmaxView(), {"rows": items, "reference": "a"})
    assert [view.rows[i].loss for i in view.shown] == ["focal"]
    assert view.rows[view.reference].spec == "focal"
    assert next(row for row in view.rows if row.loss == "poly-1").spec == "poly-1:epsilon=2"


@pytest.mark.parametrize("document", [{}, {"logits": 5}, {"rows": 5}, {"reference": -1}])
def test_anything_may_stand_in_the_file(document: Any) -> None:
    assert restored(SoftmaxView(), document) == SoftmaxView()


def test_a_document_of_the_first_version_is_read() -> None:
    document = {
        "logits": [3.0, "-inf", 1.0, 0.0], "label": [0.25, 0.5, 0.25, 0.0], "teacher": None, "smoothing": 0.05,
        "over": "others", "temperature": 1.25,
        "rows": [{"loss": "cross-entropy", "params": {}, "shown": True},
                 {"loss": "focal", "params": {"gamma": 2.5}, "shown": True}],
        "reference": 1, "selected": 3, "sweep": "temperature", "logit_range": [-8.0, 8.0],
        "temperature_range": [-1.0, 2.0], "scale": "symlog", "given": None,
    }  # fmt: skip
    view = restored(SoftmaxView(), document)
    assert (view.logits, view.selected, view.temperature) == ((3, -math.inf, 1, 0), 3, 1.25)
    assert view.target == Target((0.25, 0.5, 0.25, 0.0), None, 0.05, "others")
    assert [view.rows[i].spec for i in view.shown] == ["cross-entropy", "focal:gamma=2.5"]
    assert view.rows[view.reference].loss == "focal"
    assert (view.sweep, view.scale) == ("temperature", "symlog")


def test_an_unknown_loss_is_left_out_and_a_new_one_comes_in() -> None:
    document = saved(SoftmaxView())
    items = [{"loss": "of-the-future", "params": {}, "shown": True}, *document["rows"][1:]]
    view = restored(SoftmaxView(), {**document, "rows": items, "reference": 0})
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
        assert row.spec == name
    (row,) = losses(["brier:reduction=mean"])
    assert row.spec == "squared-error:reduction=mean"
    (row,) = losses(["focal:gamma=.5"])
    assert row.spec == "focal:gamma=0.5"


def test_the_norm_neither_overflows_nor_vanishes() -> None:
    assert norm(np.array([3e300, 4e300])) == 5e300
    assert norm(np.array([3e-300, 4e-300])) == pytest.approx(5e-300, rel=1e-15)
    assert norm(np.array([0.0, 0.0])) == 0
    assert norm(np.array([1.0, -math.inf])) == math.inf
    assert math.isnan(norm(np.array([1.0, math.nan])))
