"""Landmarks and convexity: published points, closed forms derived by hand, and what must hold of any landmark."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.landmarks import Kind, Landmark, concave_stretches, convexity, landmarks, refine
from lossterm.core.losses.objective import Objective

LN2 = math.log(2)


def objective(loss: str, label: float, activation: str = "sigmoid", **params: float | None) -> Objective:
    entry = LOSSES[loss]
    return Objective(entry, tuple(entry.complete(params).items()), label, ACTIVATIONS[activation])


def found(kind: Kind, *objectives: Objective, lo: float = -8.0, hi: float = 8.0) -> list[Landmark]:
    return [each for each in landmarks(objectives, lo, hi) if each.kind is kind]


def only(kind: Kind, *objectives: Objective) -> Landmark:
    (landmark,) = found(kind, *objectives)
    return landmark


def probability(z: float) -> float:
    return 1 / (1 + math.exp(-z))


# ---- published -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "side"), [(1.0, -1.0), (0.0, 1.0)])
def test_squared_error_behind_a_sigmoid_turns_at_one_third(label: float, side: float) -> None:
    turn = only(Kind.STEEPEST, objective("squared-error", label))
    assert turn.logit == pytest.approx(side * LN2, rel=1e-14)
    assert turn.height == pytest.approx(side * 8 / 27, rel=1e-14)
    assert (turn.quantity, turn.curves) == ("d_logit", (0,))


def test_squared_error_behind_tanh_turns_at_half_of_that() -> None:
    turn = only(Kind.STEEPEST, objective("squared-error", 1, "tanh"))  # (tanh z − 1)² = 4(σ(2z) − 1)²
    assert turn.logit == pytest.approx(-LN2 / 2, rel=1e-14)
    assert turn.height == pytest.approx(-64 / 27, rel=1e-14)


def test_focal_turns_where_published() -> None:
    turn = only(Kind.STEEPEST, objective("focal", 1))
    assert round(turn.logit, 4) == -2.7904
    assert round(probability(turn.logit), 4) == 0.0578


def test_generalized_cross_entropy_turns_where_its_exponent_says() -> None:
    for q in (0.3, 0.7, 0.9):  # ∂L/∂z = −p^q (1 − p) is steepest where p = q/(1 + q)
        turn = only(Kind.STEEPEST, objective("generalized-cross-entropy", 1, q=q))
        assert turn.logit == pytest.approx(math.log(q), rel=1e-12)


def test_focal_and_cross_entropy_pull_equally_once_and_never_cost_the_same() -> None:
    pair = objective("cross-entropy", 1), objective("focal", 1)
    crossing = only(Kind.CROSSING, *pair)
    assert crossing.quantity == "d_logit"
    assert crossing.curves == (0, 1)
    assert round(crossing.logit, 4) == -0.8586
    assert round(probability(crossing.logit), 3) == 0.298


def test_focal_pulls_at_most_so_much_harder_than_cross_entropy() -> None:
    z = np.linspace(-30, 8, 40001)
    share = objective("focal", 1).evaluate(z).d_logit / objective("cross-entropy", 1).evaluate(z).d_logit
    assert round(float(share.max()), 2) == 1.22
    assert (share[z < -0.8587] > 1).all() and (share[z > -0.8585] < 1).all()
    easy = np.array([math.log(9)])
    kept = objective("focal", 1).evaluate(easy).d_logit / objective("cross-entropy", 1).evaluate(easy).d_logit
    assert round(float(kept[0]), 3) == 0.029


def test_cross_entropy_and_squared_error_meet_only_at_the_label() -> None:
    for label in (0.0, 1.0):
        pair = objective("cross-entropy", label), objective("squared-error", label)
        assert [each for each in found(Kind.CROSSING, *pair, lo=-30, hi=30) if each.quantity == "value"] == []


def test_curves_that_cross_at_height_zero_cross() -> None:
    pair = objective("cross-entropy", 0.9), objective("squared-error", 0.9)  # p − y and 2(p − y)p(1 − p)
    (crossing,) = [each for each in found(Kind.CROSSING, *pair) if each.quantity == "d_logit"]
    assert crossing.logit == pytest.approx(math.log(9), rel=1e-9)
    pair = objective("squared-error", 1, "identity"), objective("absolute-error", 1, "identity")
    meet = [round(each.logit, 9) for each in found(Kind.CROSSING, *pair) if each.quantity == "d_logit"]
    assert meet == [0.5, 1.5]  # at 1 the slope of |r| jumps over that of r²
    assert [round(each.logit, 9) for each in found(Kind.CROSSING, *pair) if each.quantity == "value"] == [0.0, 2.0]


@pytest.mark.parametrize("loss", ["cross-entropy", "poly-1"])
def test_what_is_convex_in_the_logit_never_turns(loss: str) -> None:
    assert found(Kind.INFLECTION, objective(loss, 1)) == found(Kind.STEEPEST, objective(loss, 1)) == []
    assert found(Kind.MINIMUM, objective(loss, 1)) == []


# ---- minima ----------------------------------------------------------------------------------------------------------

SMOOTH_VALUE = ("squared-error", "half-squared-error", "huber", "smooth-l1", "log-cosh", "gaussian-nll")


@pytest.mark.parametrize("loss", [*SMOOTH_VALUE, "absolute-error", "quantile"])
@pytest.mark.parametrize("label", [-6.5, -1.0, -1e-3, 0.1, 1 / 3, 2.5, 7.0])
def test_the_minimum_of_a_residual_is_at_the_label(loss: str, label: float) -> None:
    low = only(Kind.MINIMUM, objective(loss, label, "identity"))
    assert low.logit == pytest.approx(label, rel=1e-12)
    assert low.quantity == "value"
    assert low.height == pytest.approx(0.5 * math.log(2 * math.pi) if loss == "gaussian-nll" else 0, abs=1e-9)


LOWEST_AT_ZERO = [
    *(objective(loss, 0, "identity") for loss in (*SMOOTH_VALUE, "absolute-error", "quantile")),
    objective("quantile", 0, "identity", tau=0.3),
    objective("cross-entropy", 0.5),
    objective("cross-entropy", 0.5, "hard-sigmoid"),
    objective("cross-entropy", 0.5, "probit"),
    objective("squared-error", 0.5),
    objective("squared-error", 0, "tanh"),
    objective("absolute-error", 0, "tanh"),
    objective("poisson", 1, "exp"),
]


@pytest.mark.parametrize(("lo", "hi"), [(-8.0, 8.0), (-5.0, 8.0), (-0.7, 0.31), (-1000.0, 3.0)])
def test_a_minimum_at_zero_is_at_zero_and_not_beside_it(lo: float, hi: float) -> None:
    beside = {
        f"{one.loss.id} behind {one.activation.id}": lows
        for one in LOWEST_AT_ZERO
        if (lows := [low.logit for low in found(Kind.MINIMUM, one, lo=lo, hi=hi)]) != [0.0]
    }
    assert beside == {}


@pytest.mark.parametrize("loss", ["absolute-error", "hinge"])
def test_a_turn_at_zero_is_at_zero_and_not_beside_it(loss: str) -> None:
    turn = only(Kind.STEEPEST, objective(loss, 1))
    assert (turn.logit, turn.height) == (0.0, -0.25)


def test_crossings_of_symmetric_curves_are_at_zero_and_not_beside_it() -> None:
    crossing = only(Kind.CROSSING, objective("cross-entropy", 1), objective("cross-entropy", 0))
    assert crossing.logit == 0
    assert crossing.height == pytest.approx(LN2, rel=1e-15)


@pytest.mark.parametrize("loss", ["cross-entropy", "squared-error", "half-squared-error"])
def test_with_a_soft_label_the_minimum_is_the_logit_of_the_label(loss: str) -> None:
    low = only(Kind.MINIMUM, objective(loss, 0.9))
    assert low.logit == pytest.approx(math.log(9), rel=1e-12)
    floor = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) if loss == "cross-entropy" else 0
    assert low.height == pytest.approx(floor, rel=1e-12, abs=1e-20)


@pytest.mark.parametrize(
    ("one", "where"),
    [
        (objective("hinge", 1, "identity"), 1.0),
        (objective("hinge", 0, "identity"), -1.0),
        (objective("squared-hinge", 1, "identity"), 1.0),
        (objective("squared-hinge", 0, "identity"), -1.0),
        (objective("cross-entropy", 1, "hard-sigmoid"), 3.0),
        (objective("squared-error", 0, "hard-sigmoid"), -3.0),
        (objective("squared-error", 0, "relu"), 0.0),
    ],
    ids=lambda one: f"{one.loss.id}-{one.activation.id}" if isinstance(one, Objective) else "",
)
def test_a_flat_minimum_is_told_by_its_nearer_end(one: Objective, where: float) -> None:
    low = only(Kind.MINIMUM, one)
    assert low.logit == pytest.approx(where, abs=1e-12)
    assert low.height == pytest.approx(0, abs=1e-12)


def test_poisson_with_a_log_link_is_lowest_at_the_log_of_the_count() -> None:
    low = only(Kind.MINIMUM, objective("poisson", 3, "exp"))
    assert low.logit == pytest.approx(math.log(3), rel=1e-12)
    assert low.height == pytest.approx(3 - 3 * math.log(3) + math.log(6), rel=1e-12)


def test_underflow_is_no_minimum() -> None:
    for loss in ("cross-entropy", "squared-error", "focal", "exponential"):
        assert found(Kind.MINIMUM, objective(loss, 1), lo=-2000, hi=2000) == []


# ---- any landmark ----------------------------------------------------------------------------------------------------

OBJECTIVES = st.builds(
    objective,
    st.sampled_from(list(LOSSES)),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from(list(ACTIVATIONS)),
) | st.builds(
    objective,
    st.sampled_from([name for name, loss in LOSSES.items() if not loss.hard_only]),
    st.floats(0, 1, allow_subnormal=False),
    st.sampled_from(list(ACTIVATIONS)),
)


@settings(max_examples=200)
@given(st.lists(OBJECTIVES, min_size=1, max_size=3), st.floats(-40, 40), st.floats(0.01, 60))
@pytest.mark.exhaustive
def test_landmarks_are_what_they_say(objectives: list[Objective], lo: float, width: float) -> None:
    hi = lo + width
    marks = landmarks(objectives, lo, hi)
    assert [each.logit for each in marks] == sorted(each.logit for each in marks)
    beside = width / 4000
    for mark in marks:
        assert lo - 1e-11 * width <= mark.logit <= hi + 1e-11 * width
        here = [objectives[i].evaluate(mark.logit) for i in mark.curves]
        assert all(float(getattr(e, mark.quantity)) == pytest.approx(mark.height, rel=1e-5, abs=1e-12) for e in here)
        around = objectives[mark.curves[0]].evaluate([mark.logit - beside, mark.logit + beside])
        if mark.kind is Kind.MINIMUM:
            assert not (around.value < mark.height - 1e-9 * max(1, abs(mark.height))).any()
        if mark.kind is Kind.CROSSING:
            assert len(set(mark.curves)) == 2


@settings(max_examples=150)
@given(OBJECTIVES, st.floats(-20, 20), st.floats(0.01, 40))
def test_the_sentence_says_what_the_curvature_is(one: Objective, lo: float, width: float) -> None:
    sentence = convexity(one, lo, lo + width)
    e = one.evaluate(np.linspace(lo, lo + width, 997))
    if sentence == "concave on the window":
        assert not (e.d2_logit > 0).any()
    elif "concave" in sentence:
        assert (one.evaluate(np.linspace(lo, lo + width, 385)).d2_logit < 0).any()
    elif sentence.startswith("convex"):
        assert (e.d2_logit > 0).any()
    elif sentence.startswith("piecewise linear"):
        assert not (e.d2_logit != 0)[np.isfinite(e.d2_logit)].any()
    elif sentence == "undefined on the window":
        assert np.isnan(e.d2_logit).all()
    else:
        assert sentence.startswith(("not convex on the window", "neither: it jumps"))


# ---- convexity in words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (objective("cross-entropy", 1), "convex on the window"),
        (objective("cross-entropy", 0), "convex on the window"),
        (objective("cross-entropy", 0.9), "convex on the window"),
        (objective("squared-error", 1), "concave for z < −0.693"),
        (objective("squared-error", 0), "concave for z > 0.693"),
        (objective("squared-error", 0.9), "concave for z < −0.775 and z > 2.972"),
        (objective("focal", 1), "concave for z < −2.790"),
        (objective("squared-error", 3, "identity"), "convex on the window"),
        (objective("huber", 0, "identity"), "convex on the window"),
        (objective("absolute-error", 1), "concave for z < 0"),
        (objective("absolute-error", 1, "identity"), "piecewise linear on the window"),
        (objective("hinge", 1, "identity"), "piecewise linear on the window"),
        (objective("exponential", 1, "identity"), "convex on the window"),
        (objective("squared-error", 1, "relu"), "not convex on the window"),
        (objective("zero-one", 1), "neither: it jumps"),
        (objective("zero-one", 0), "neither: it jumps"),
        (objective("zero-one", 1, "identity"), "neither: it jumps"),
        (objective("zero-one", 1, "probit"), "neither: it jumps"),
    ],
    ids=lambda one: f"{one.loss.id}-{one.label}-{one.activation.id}" if isinstance(one, Objective) else "",
)
def test_convexity_on_the_usual_window(one: Objective, sentence: str) -> None:
    assert convexity(one, -8, 8) == sentence


def test_the_bounds_of_the_concave_stretches_of_a_soft_label() -> None:
    edges = [turn.logit for turn in landmarks([objective("squared-error", 0.9)], -8, 8) if turn.quantity == "d_logit"]
    p = [probability(z) for z in edges]
    assert p == pytest.approx([0.3153, 0.9513], abs=1e-4)
    root = math.sqrt(3.8**2 - 12 * 0.9)  # of 3p² − 3.8p + .9, from p(1 − p) + (p − .9)(1 − 2p)
    assert p == pytest.approx([(3.8 - root) / 6, (3.8 + root) / 6], rel=1e-13)


@pytest.mark.parametrize(
    ("lo", "hi", "sentence"),
    [(-8, -1, "concave on the window"), (0, 8, "convex on the window"), (-3, 0, "concave for z < −0.693")],
)
def test_convexity_is_of_the_window(lo: float, hi: float, sentence: str) -> None:
    assert convexity(objective("squared-error", 1), lo, hi) == sentence


def test_where_nothing_is_defined_it_says_so() -> None:
    assert convexity(objective("cross-entropy", 1, "identity"), 2, 5) == "undefined on the window"
    assert landmarks([objective("cross-entropy", 1, "identity")], 2, 5) == []
    assert landmarks([replace(objective("cross-entropy", 1), label=3.0)], -8, 8) == []


# ---- the parts -------------------------------------------------------------------------------------------------------


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_root_is_found_to_the_last_bits(left: float, root: float, right: float) -> None:
    left, root, right = sorted((left, root, right))
    assume(left < root < right)
    z = refine(lambda x: x - root, left, right)
    assert abs(z - root) <= 1e-13 * max(abs(left), abs(right))


def test_a_jump_through_zero_is_found_too() -> None:
    assert refine(lambda x: np.where(x < 0.3, -1.0, 1.0), -1.0, 1.0) == pytest.approx(0.3, rel=1e-15)


def test_of_the_last_doubles_the_one_that_is_easy_to_write() -> None:
    assert refine(lambda x: np.where(x < 1, -1.0, 1.0), 0.3, 1.7) == 1.0


def test_stretches_of_negative_curvature() -> None:
    grid = np.linspace(-8, 8, 17)
    e = objective("squared-error", 0.9).evaluate(grid)
    assert concave_stretches(grid, e) == [(0, 7), (11, 16)]  # z ≤ −1 and z ≥ 3
    assert concave_stretches(grid, objective("cross-entropy", 1).evaluate(grid)) == []
