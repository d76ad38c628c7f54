"""K classes: against the oracle and central differences, and the laws that hold for every loss."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import lossterm
from lossterm.core.jets import Array
from lossterm.core.softmax.evaluation import (
    SoftmaxEvaluation,
    evaluate_as_written,
    evaluate_point,
    evaluate_softmax,
    sweep_logit,
    sweep_temperature,
)
from lossterm.core.softmax.example import SoftmaxExample, from_probabilities, softmax
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES, Choice, SoftmaxLoss, find_softmax_loss
from lossterm.core.softmax.inputs import Target, checked_probabilities, rescaling
from tests.reference import make_softmax as oracle

ALL = [name for name, loss in SOFTMAX_LOSSES.items() if not loss.needs_scores]
OF_PROBABILITIES = [name for name in ALL if SOFTMAX_LOSSES[name].reads == "probabilities"]
OF_COSINES = [name for name, loss in SOFTMAX_LOSSES.items() if loss.reads == "cosines"]
CHOSEN = [(loss, loss.complete({})) for loss in SOFTMAX_LOSSES.values() if loss.reads != "cosines"]
SOFT_CHOSEN = [pair for pair in CHOSEN if not pair[0].hard_only]


def evaluate(loss: str, logits: Any, target: Any, **more: Any) -> SoftmaxEvaluation:
    return evaluate_softmax(loss, logits=logits, target=target, **more)


# ---- against the oracle ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(oracle.LOSSES)), ids=lambda i: f"{oracle.LOSSES[i]}")
def test_against_the_oracle(number: int) -> None:
    loss, params = oracle.LOSSES[number]
    reference = oracle.load()
    for i, case in enumerate(oracle.cases()):
        if not oracle.accepts(case, loss):
            continue
        got = evaluate_softmax(
            loss, logits=case.logits, target=case.label, temperature=case.temperature, smoothing=case.smoothing,
            over=case.over, teacher=case.teacher, **params,  # type: ignore[arg-type]
        )  # fmt: skip
        numbers = np.array([got.value, *got.gradient])
        expected = reference.values[i, number, : len(numbers)]
        allowed = np.maximum(oracle.RELATIVE * np.abs(expected), reference.allowance[i, number, : len(numbers)])
        assert np.all(np.abs(numbers - expected) <= np.maximum(allowed, oracle.FLOOR)), (case, numbers, expected)


def test_the_stored_values_are_what_the_oracle_computes() -> None:
    stored, every = oracle.load(), list(oracle.cases())
    for i, j in ((0, 0), (17, 4), (40, 7), (90, 11), (len(every) - 1, 2)):
        loss, params = oracle.LOSSES[j]
        with mp.workdps(oracle.CHECK_DIGITS):
            again = [oracle.to_float(x) for x in oracle.exact(every[i], loss, params)]
        assert np.array_equal(stored.values[i, j, : len(again)], again)


def test_the_logarithm_of_a_far_winner() -> None:
    p = softmax(np.array([60.0, 0.0, 0.0]))
    assert -p.log[0] == pytest.approx(2 * math.exp(-60), rel=1e-15)
    assert p.complement[0] == pytest.approx(2 * math.exp(-60), rel=1e-15)
    assert f"{evaluate('ce', [60, 0, 0], 0).value:.3g}" == "1.75e-26"


# ---- central differences --------------------------------------------------------------------------------------------


def differences(loss: str, logits: Array, target: Any, step: float, **more: Any) -> Array:
    def value(z: Array) -> float:
        return evaluate(loss, z, target, **more).value

    def slope(k: int) -> float:
        unit = np.eye(len(logits))[k] * step
        near = value(logits + unit) - value(logits - unit)
        return (8 * near - value(logits + 2 * unit) + value(logits - 2 * unit)) / (12 * step)

    return np.array([slope(k) for k in range(len(logits))])


SITUATIONS: tuple[dict[str, Any], ...] = (
    {"target": 1},
    {"target": 0, "temperature": 3.0},
    {"target": 3, "teacher": (0.5, 1.5, -1.0, 0.25), "temperature": 2.0},
)
SOFT_SITUATIONS: tuple[dict[str, Any], ...] = (
    {"target": (0.1, 0.2, 0.4, 0.3), "temperature": 0.5},
    {"target": 2, "smoothing": 0.2},
    {"target": None, "teacher": (0.5, 1.5, -1.0, 0.25), "temperature": 2.0},
)


@pytest.mark.parametrize(
    ("loss", "more"),
    [
        *itertools.product([*ALL, "z-loss"], SITUATIONS),
        *itertools.product([*OF_PROBABILITIES, "z-loss"], SOFT_SITUATIONS),
    ],
    ids=str,
)
def test_central_differences(loss: str, more: Mapping[str, Any]) -> None:
    rng = np.random.default_rng(7)
    for _ in range(5):
        z = rng.normal(size=4) * 2
        got = evaluate(loss, z, **more).gradient
        assert got == pytest.approx(differences(loss, z, step=1e-3, **more), abs=1e-9)


# ---- laws -----------------------------------------------------------------------------------------------------------

targets = st.one_of(
    st.tuples(st.just("class"), st.floats(0, 1)),
    st.tuples(st.just("soft"), st.integers(0, 2**32 - 1)),
)


def target_of(kind: tuple[str, Any], classes: int) -> Any:
    if kind[0] == "class":
        return min(int(kind[1] * classes), classes - 1)
    weights = np.random.default_rng(kind[1]).exponential(size=classes)
    return weights / weights.sum()


def logits(scale: float = 1e4, most: int = 40) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(-scale, scale), min_size=2, max_size=most)


@given(logits(), targets, st.sampled_from([1.0, 0.1, 7.3]))
def test_gradients_sum_to_zero(z: list[float], kind: tuple[str, Any], temperature: float) -> None:
    target = target_of(kind, len(z))
    for loss in ALL if isinstance(target, int) else OF_PROBABILITIES:
        result = evaluate(loss, z, target, temperature=temperature)
        assert math.isfinite(result.value)
        assert result.value >= 0
        assert np.isfinite(result.gradient).all()
        # beside a root a soft target leaves the rounding of p − t
        rounding = 0.0 if isinstance(target, int) else 0.1 * max(temperature, 1 / temperature)
        size = math.fsum(np.abs(result.gradient)) + rounding
        assert abs(math.fsum(result.gradient)) <= 1e-15 * len(z) * size


@given(st.lists(st.integers(-2000, 2000), min_size=2, max_size=12), targets, st.integers(-4000, 4000))
@pytest.mark.exhaustive
def test_shifting_all_logits_changes_nothing(z: list[int], kind: tuple[str, Any], shift: int) -> None:
    target = target_of(kind, len(z))
    for loss in ALL if isinstance(target, int) else OF_PROBABILITIES:
        here = evaluate(loss, [x / 4 for x in z], target)
        there = evaluate(loss, [(x + shift) / 4 for x in z], target)
        assert here.value == there.value
        assert np.array_equal(here.gradient, there.gradient)


@given(logits(30.0, 6), st.integers(0, 5))
@pytest.mark.exhaustive
def test_the_order_of_classes_does_not_matter(z: list[float], turn: int) -> None:
    order = np.roll(np.arange(len(z)), turn)
    for loss in set(ALL) - {"rps"}:
        here = evaluate(loss, z, 0)
        there = evaluate(loss, np.array(z)[order], int(np.argmax(order == 0)))
        assert there.value == pytest.approx(here.value, rel=1e-14, abs=1e-300)
        assert there.gradient == pytest.approx(here.gradient[order], rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("temperature", [1.0, 0.4, 5.0])
@pytest.mark.parametrize("label", [0.0, 1.0, 0.3])
@pytest.mark.parametrize(
    ("loss", "params", "factor"),
    [
        ("cross-entropy", {}, 1),
        ("squared-error", {}, 2),
        ("squared-error", {"reduction": "mean"}, 1),
        ("absolute-error", {}, 2),
        ("absolute-error", {"reduction": "mean"}, 1),
        ("focal", {"gamma": 0.5}, 1),
        ("focal", {"gamma": 2.0}, 1),
        ("focal", {"gamma": 0.0}, 1),
        ("focal", {"gamma": 1.0}, 1),
        ("generalized-cross-entropy", {"q": 0.7}, 1),
        ("generalized-cross-entropy", {"q": 1.0}, 1),
        ("poly-1", {"epsilon": 1.0}, 1),
        ("poly-1", {"epsilon": -0.5}, 1),
    ],
)
def test_two_classes_are_the_sigmoid_at_the_margin(
    loss: str, params: dict[str, Any], factor: int, label: float, temperature: float
) -> None:
    numbers = {name: value for name, value in params.items() if name != "reduction"}
    for first, second in ((0.0, 0.0), (1.5, -0.25), (-3.0, 4.0), (-60.0, 0.0), (0.0, -60.0), (700.0, -20.0)):
        binary = lossterm.evaluate(loss, label=label, at=(second - first) / temperature, **numbers)
        result = evaluate(loss, [first, second], (1 - label, label), temperature=temperature, **params)
        slope = factor * float(binary.d_logit) / temperature
        assert result.value == pytest.approx(factor * float(binary.value), rel=1e-13, abs=1e-300)
        assert result.gradient == pytest.approx([-slope, slope], rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("label", [0, 1])
def test_two_classes_are_the_hinge_at_the_margin(label: int) -> None:
    for first, second in ((0.0, 0.0), (1.5, -0.25), (-3.0, 4.0), (2.0, 3.0)):
        binary = lossterm.evaluate("hinge", label=label, activation="identity", at=second - first)
        result = evaluate("hinge", [first, second], label)
        assert result.value == binary.value
        assert result.gradient == pytest.approx([-float(binary.d_logit), float(binary.d_logit)])


@given(logits(50.0), targets, st.floats(0.05, 20))
@pytest.mark.exhaustive
def test_temperature_divides_the_logits(z: list[float], kind: tuple[str, Any], temperature: float) -> None:
    target = target_of(kind, len(z))
    for loss in {*OF_PROBABILITIES, "z-loss"} - {"distillation"}:
        here = evaluate(loss, z, target, temperature=temperature)
        there = evaluate(loss, np.array(z) / temperature, target)
        assert here.value == pytest.approx(there.value, rel=1e-11, abs=1e-300)
        assert here.gradient * temperature == pytest.approx(there.gradient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("loss", OF_PROBABILITIES)
@pytest.mark.parametrize("target", [1, (0.2, 0.5, 0.3), (0.0, 0.4, 0.6)])
def test_contributions_add_up(loss: str, target: Any) -> None:
    for z in ((0.5, -1.0, 2.0), (60.0, 0.0, 0.0), (0.0, 0.0, 0.0)):
        result = evaluate(loss, z, target, temperature=1.5)
        assert result.contributions is not None
        assert math.fsum(result.contributions) == pytest.approx(result.value, rel=1e-12, abs=1e-15)


def test_the_hinge_is_no_sum() -> None:
    assert evaluate("hinge", [1, 2, 3], 0).contributions is None


def test_rivals_that_tie_share_the_slope_of_the_hinge() -> None:
    assert evaluate("hinge", [0, 2, 2, 1], 0).gradient.tolist() == [-1, 0.5, 0.5, 0]
    at_the_kink = evaluate("hinge", [3, 2, 2, 1], 0)
    assert at_the_kink.value == 0
    assert not at_the_kink.gradient.any()
    assert np.array_equal(evaluate("hinge", [0, 2], 0, temperature=3).gradient, [-1, 1])


# ---- weights, cosines, scores, ordered classes ----------------------------------------------------------------------


@pytest.mark.parametrize("loss", SOFTMAX_LOSSES)
def test_class_weights_multiply_every_loss_by_that_of_its_target(loss: str) -> None:
    z, weights = (0.5, -0.25, 0.9), (2.0, 0.25, 3.0)
    targets: list[Any] = [0, 1, 2] if SOFTMAX_LOSSES[loss].hard_only else [0, 2, (0.2, 0.5, 0.3)]
    for target in targets:
        weight = weights[target] if isinstance(target, int) else 0.2 * 2 + 0.5 * 0.25 + 0.3 * 3
        plain, weighed = evaluate(loss, z, target), evaluate(loss, z, target, class_weights=weights)
        assert weighed.value == pytest.approx(weight * plain.value, rel=1e-15)
        assert weighed.gradient == pytest.approx(weight * plain.gradient, rel=1e-15)
        if plain.contributions is not None and weighed.contributions is not None:
            assert weighed.contributions == pytest.approx(weight * plain.contributions, rel=1e-15)
    nothing = evaluate(loss, z, 1, class_weights=(1, 0, 1))
    assert nothing.value == 0 and not nothing.gradient.any()


def test_a_weight_of_zero_leaves_nothing_of_an_infinite_loss() -> None:
    assert evaluate("ce", [1, -math.inf, 2], 1).value == math.inf
    assert evaluate("ce", [1, -math.inf, 2], 1, class_weights=(1, 0, 1)).value == 0


def test_a_teacher_as_target_is_weighed_by_its_shares_at_each_temperature() -> None:
    example = SoftmaxExample(np.array([0.3, 1.0]), Target.of(None, teacher=(0.0, 2.0)), 1.0, (1.0, 5.0))
    swept = sweep_temperature(example, CHOSEN[:1], 0, [0.5, 1.0, 4.0])
    for value, temperature in zip(swept.value[0], (0.5, 1.0, 4.0), strict=True):
        share = 1 / (1 + math.exp(-2 / temperature))
        plain = evaluate("ce", [0.3, 1.0], None, teacher=(0.0, 2.0), temperature=temperature).value
        assert value == pytest.approx((1 - share + 5 * share) * plain, rel=1e-14)


@pytest.mark.parametrize("loss", OF_COSINES)
def test_the_losses_of_cosines_by_central_differences(loss: str) -> None:
    for z in ((0.6, 0.2, -0.1), (-0.9, 0.3, 0.1), (0.0, -0.5, 0.7)):
        for temperature in (1.0, 3.0):  # which is not theirs: the scale is
            got = evaluate(loss, z, 0, temperature=temperature, scale=8).gradient
            wanted = differences(loss, np.array(z), 0, 1e-4, temperature=temperature, scale=8)
            assert got == pytest.approx(wanted, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("loss", OF_COSINES)
def test_without_a_margin_they_are_cross_entropy_at_the_scale(loss: str) -> None:
    for z in ((0.6, 0.2, -0.1), (1.0, 0.3, -1.0), (-1.0, -math.inf, 0.5)):
        got = evaluate(loss, z, 0, scale=16, margin=0)
        plain = evaluate("ce", z, 0, temperature=1 / 16)
        assert got.value == pytest.approx(plain.value, rel=1e-13)
        assert got.gradient == pytest.approx(plain.gradient, rel=1e-13)


@pytest.mark.parametrize("loss", OF_COSINES)
@pytest.mark.parametrize("z", [(1.01, 0, 0), (0, 0, -1.5), (0.5, 8, 0), (-math.inf, 0, 0.5)])
def test_what_is_no_cosine_is_undefined_and_said(loss: str, z: tuple[float, ...]) -> None:
    got = evaluate(loss, z, 0)
    assert math.isnan(got.value) and np.isnan(got.gradient).all()
    point = SoftmaxExample(np.array(z), Target.of(0)).point
    assert SOFTMAX_LOSSES[loss].logits_problem(point)
    sweep = sweep_logit(
        SoftmaxExample(np.array([0.5, 0.0, 0.1]), Target.of(0)),
        [(SOFTMAX_LOSSES[loss], SOFTMAX_LOSSES[loss].complete({}))],
        0,
        [-1.01, -1.0, 0.0, 1.0, 1.01],
    )
    assert np.isnan(sweep.value[0]).tolist() == [True, False, False, False, True]
    assert np.isnan(sweep.gradient[0]).tolist() == [True, False, False, False, True]


def test_the_slope_of_arcface_is_infinite_where_the_angle_s_is() -> None:
    assert evaluate("arcface", [1, 0.2, -0.1], 0).gradient[0] == -math.inf
    assert evaluate("arcface", [-1, 0.2, -0.1], 0).gradient[0] == math.inf
    # also where what is missing of p is too small for a double; and not where no other class is there
    assert evaluate("arcface", [1, -1], 0, scale=1e4).gradient[0] == -math.inf
    alone = evaluate("arcface", [1, -math.inf], 0)
    assert alone.value == 0 and not alone.gradient.any()


def test_arcface_beyond_pi_rises_again_as_the_paper_has_it() -> None:
    turning = math.cos(math.pi - 0.5)
    values = [evaluate("arcface", [c, 0.2], 0).value for c in (-1.0, turning - 0.05, turning, turning + 0.05)]
    assert values[0] < values[1] < values[2] > values[3]
    assert evaluate("arcface", [turning - 0.05, 0.2], 0).gradient[0] > 0 > evaluate("arcface", [0, 0.2], 0).gradient[0]


def test_the_start_of_arcface() -> None:
    # all cosines 0: ln(1 + (K − 1) e^(s sin m)), which is s·sin m + ln(K − 1 + e^(−s sin m))
    want = 64 * math.sin(0.5) + math.log(9 + math.exp(-64 * math.sin(0.5)))
    assert evaluate("arcface", [0.0] * 10, 3).value == pytest.approx(want, rel=1e-14)


def test_a_shift_costs_in_z_loss_alone() -> None:
    z = np.array([0.4, -2.0, 3.1])
    for shift in (-5.0, 0.0, 40.0):
        lse = math.log(math.fsum(np.exp(z + shift).tolist()))
        got, plain = evaluate("z-loss", z + shift, 1, weight=0.01), evaluate("ce", z, 1)
        assert got.value == pytest.approx(plain.value + 0.01 * lse**2, rel=1e-13)
        assert math.fsum(got.gradient) == pytest.approx(0.02 * lse, rel=1e-12)
    assert evaluate("z-loss", z, 1, weight=0).value == pytest.approx(evaluate("ce", z, 1).value, rel=1e-15)
    assert evaluate("z-loss", z, 1).contributions is None


def test_infonce_is_cross_entropy() -> None:
    for target in (1, (0.5, 0.0, 0.5)):
        here, there = (evaluate(x, [0.4, -0.2, 0.9], target, temperature=0.07) for x in ("infonce", "ce"))
        assert here.value == there.value and np.array_equal(here.gradient, there.gradient)


def test_rps_of_a_sure_prediction_is_how_many_classes_it_is_off() -> None:
    for k in range(5):
        assert evaluate("rps", 800.0 * np.eye(5)[k], 1).value == abs(k - 1)
    # with two classes it is the squared error of the one probability
    for target in (0, 1, (0.3, 0.7)):
        ranked, squared = (evaluate(loss, [1.5, -0.25], target) for loss in ("rps", "mse"))
        assert 2 * ranked.value == pytest.approx(squared.value, rel=1e-14)
        assert 2 * ranked.gradient == pytest.approx(squared.gradient, rel=1e-13)


def test_rps_is_the_same_from_the_other_end_and_a_masked_class_stands_between() -> None:
    for z, target in (([0.4, -2.0, 3.1, 0.5], 3), ([60.0, 0.0, 0.0, -30.0], 0)):
        here, there = evaluate("rps", z, target), evaluate("rps", z[::-1], 3 - target)
        assert here.value == pytest.approx(there.value, rel=1e-13)
        assert here.gradient == pytest.approx(there.gradient[::-1], rel=1e-12)
    masked = evaluate("rps", [0.3, -math.inf, -0.4], 2)
    assert masked.value == pytest.approx(2 * evaluate("rps", [0.3, -0.4], 1).value)
    assert masked.gradient[1] == 0


def test_rps_of_what_does_not_sum_to_one_is_taken_as_it_is() -> None:
    (value,) = evaluate_as_written([(SOFTMAX_LOSSES["rps"], {})], (0.5, 0.3, 0.3), 1)
    assert value == pytest.approx(0.5**2 + (0.8 - 1) ** 2)


# ---- extremes -------------------------------------------------------------------------------------------------------


@given(
    st.integers(2, 1000),
    st.integers(0, 2**32 - 1),
    st.floats(0, 0.9),
    st.sampled_from([1.0, 100.0, 1e4]),
    st.booleans(),
)
def test_nothing_breaks(classes: int, seed: int, masked: float, scale: float, soft: bool) -> None:
    rng = np.random.default_rng(seed)
    z = rng.uniform(-scale, scale, size=classes)
    hidden = rng.random(classes) < masked
    hidden[0] = False
    z[hidden] = -math.inf
    weights = np.where(hidden, 0, rng.random(classes))
    target: Any = weights / weights.sum() if soft else 0
    p = softmax(z)
    assert math.fsum(p.p) == pytest.approx(1, rel=1e-14)
    assert p.p + p.complement == pytest.approx(1, rel=1e-15)
    assert p.log[~hidden].max() <= 0
    for loss in OF_PROBABILITIES if soft else ALL:
        result = evaluate(loss, z, target)
        assert math.isfinite(result.value)
        assert np.isfinite(result.gradient).all()
        assert not result.gradient[hidden].any()
        assert result.contributions is None or np.isfinite(result.contributions).all()


@pytest.mark.parametrize("loss", [name for name in (*ALL, "z-loss") if name != "rps"])
def test_a_masked_class_is_no_class(loss: str) -> None:
    if loss in ("squared-error", "absolute-error"):
        assert evaluate(loss, [1, -math.inf, 2], 2).value == pytest.approx(evaluate(loss, [1, 2], 1).value)
    here, there = evaluate(loss, [1, -math.inf, 2, 0.5], 2), evaluate(loss, [1, 2, 0.5], 1)
    assert here.value == there.value
    assert here.gradient.tolist() == [there.gradient[0], 0, *there.gradient[1:]]


@pytest.mark.parametrize("loss", ALL)
def test_a_masked_target_is_the_limit(loss: str) -> None:
    here, far = evaluate(loss, [1, -math.inf, 2], 1), evaluate(loss, [1, -2000, 2], 1)
    assert here.gradient == pytest.approx(far.gradient, rel=1e-12, abs=1e-200)
    unbounded = loss in ("cross-entropy", "focal", "poly-1", "kl", "distillation", "hinge", "infonce")
    assert here.value == (math.inf if unbounded else pytest.approx(far.value))


def test_winners_that_tie_leave_the_tail_alone() -> None:
    # the two winners are pushed down by what class 0 is pushed up, 2·1.5·p_0 of it in all
    p = math.exp(-100) / 2
    assert evaluate("mse", [0, 100, 100], 0).gradient == pytest.approx([-3 * p, 1.5 * p, 1.5 * p], rel=1e-14)
    assert evaluate("mae", [0, 100, 100], 0).gradient == pytest.approx([-2 * p, p, p], rel=1e-14)


def test_only_one_class_left() -> None:
    for loss in ALL:
        result = evaluate(loss, [-math.inf, 3, -math.inf], 1)
        assert result.value == 0
        assert not result.gradient.any()


@pytest.mark.exhaustive
def test_a_hundred_thousand_classes() -> None:
    z = np.random.default_rng(1).normal(size=100_000) * 3
    weights = np.exp(z - z.max())
    p = weights / math.fsum(weights)
    got = evaluate("cross-entropy", z, 7)
    assert got.value == pytest.approx(-math.log(p[7]), rel=1e-14)
    assert got.gradient == pytest.approx(p - np.eye(1, 100_000, 7)[0], rel=1e-13)
    smooth = evaluate("cross-entropy", z, 7, smoothing=0.1)
    t = 0.1 / 100_000 + 0.9 * (np.arange(100_000) == 7)
    assert smooth.value == pytest.approx(-math.fsum(t * np.log(p)), rel=1e-14)
    for loss in ALL:
        result = evaluate(loss, z, 7)
        assert abs(math.fsum(result.gradient)) < 1e-12 * max(1, result.value)


def test_a_winner_too_sure_to_see_still_has_a_gradient() -> None:
    # the naive p − t is 0 here
    for loss in OF_PROBABILITIES:
        gradient = evaluate(loss, [100, 0, 0], 0).gradient
        assert gradient[0] < 0 < gradient[1]
    assert evaluate("ce", [100, 0, 0], 0).gradient[0] == pytest.approx(-2 * math.exp(-100), rel=1e-15)


# ---- distillation ---------------------------------------------------------------------------------------------------


def test_a_teacher_beside_a_class_is_for_distillation_alone() -> None:
    z, teacher = [2.0, 1.0, -1.0], [0.5, 1.5, 1.0]
    both = {"teacher": teacher, "temperature": 3.0}
    assert evaluate("ce", z, 0, **both).value == evaluate("ce", z, 0, temperature=3.0).value
    assert evaluate("kd", z, 0, **both).value == evaluate("kd", z, None, **both).value
    assert evaluate("kd", z, None, **both).value == pytest.approx(9 * evaluate("kl", z, None, **both).value)
    assert evaluate("kd", z, 0, temperature=3.0).value == pytest.approx(9 * evaluate("kl", z, 0, temperature=3.0).value)


def test_a_student_who_is_the_teacher_has_nothing_to_learn() -> None:
    z = [2.3, -1.7, 40.1, 0.4]
    result = evaluate("distillation", z, None, teacher=z, temperature=2.7)
    assert result.value == 0
    assert not result.gradient.any()


# ---- sweeps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        Target.of(1),
        Target.of((0.2, 0.3, 0.5)),
        Target.of(0, smoothing=0.1, over="others"),
        Target.of(None, teacher=(1.0, 0.0, 4.0)),
        Target.of(2, teacher=(1.0, 0.0, 4.0)),
    ],
    ids=str,
)
def test_sweeps_are_their_points(target: Target) -> None:
    example = SoftmaxExample(np.array([0.3, -1.2, 2.0]), target, 1.7)
    chosen = CHOSEN if isinstance(target.label, int) and not target.smoothing else SOFT_CHOSEN
    values = np.array([-1e4, -30.0, -1.0, 0.0, 0.5, 30.0, 1e4])
    by_logit = sweep_logit(example, chosen, 1, values)
    temperatures = np.array([0.01, 0.5, 1.0, 3.0, 1e3])
    by_temperature = sweep_temperature(example, chosen, 2, temperatures)
    for j, value in enumerate(values):
        point = SoftmaxExample(np.array([0.3, value, 2.0]), target, 1.7).point
        for i, result in enumerate(evaluate_point(point, chosen)):
            assert by_logit.value[i, j] == pytest.approx(result.value, rel=1e-14, abs=1e-300)
            assert by_logit.gradient[i, j] == pytest.approx(result.gradient[1], rel=1e-13, abs=1e-17)
    for j, temperature in enumerate(temperatures):
        point = SoftmaxExample(example.logits, target, float(temperature)).point
        for i, result in enumerate(evaluate_point(point, chosen)):
            assert by_temperature.value[i, j] == pytest.approx(result.value, rel=1e-14, abs=1e-300)
            assert by_temperature.gradient[i, j] == pytest.approx(result.gradient[2], rel=1e-13, abs=1e-17)


def test_a_long_sweep_goes_in_pieces() -> None:
    z = np.random.default_rng(3).normal(size=1000)
    example = SoftmaxExample(z, Target.of(5))
    values = np.linspace(-10, 10, 150)
    sweep = sweep_logit(example, CHOSEN, 5, values)
    assert sweep.value.shape == sweep.gradient.shape == (len(CHOSEN), 150)
    for j in (0, 40, 149):
        z[5] = values[j]
        for i, result in enumerate(evaluate_point(SoftmaxExample(z, Target.of(5)).point, CHOSEN)):
            assert sweep.value[i, j] == pytest.approx(result.value, rel=1e-13, abs=1e-300)


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"target": 3}, "class 3 is outside 0…2: there are 3 classes"),
        ({"target": -1}, "class -1 is outside 0…2"),
        ({"target": 1.5}, "the target class must be a whole number, not 1.5"),
        ({"target": None}, "a target is needed"),
        ({"target": (0.5, 0.5)}, "the target has 2 classes, the logits have 3"),
        ({"target": (0.5, 0.5, 0.1)}, "target probabilities sum to 1.1, not 1: use --normalize to rescale them"),
        ({"target": (1.5, -0.5, 0.0)}, "target probabilities: the one of class 1 is negative: -0.5"),
        ({"target": (math.nan, 0.5, 0.5)}, "the one of class 0 is not a finite number"),
        ({"target": (0.0, 0.0, 0.0)}, "are all 0"),
        ({"target": None, "teacher": (1.0, 2.0)}, "the teacher has 2 classes, the logits have 3"),
        ({"target": None, "teacher": (1.0, math.nan, 2.0)}, "teacher logits: the one of class 1 is nan"),
        ({"target": 0, "logits": (1.0,)}, "logits: at least 2 classes are needed, not 1"),
        ({"target": 0, "logits": (1.0, math.inf)}, "logits: the one of class 1 is inf"),
        ({"target": 0, "logits": (-math.inf, -math.inf)}, "every class is masked"),
        ({"target": 0, "temperature": 0}, "temperature must be a positive number, not 0"),
        ({"target": 0, "temperature": math.nan}, "temperature must be a positive number, not nan"),
        ({"target": 0, "smoothing": 1.5}, "smoothing must be between 0 and 1, not 1.5"),
        ({"target": 0, "over": "some"}, "smoothing is over all or others, not 'some'"),
        ({"target": 0, "loss": "huber"}, "huber has no form for K classes: choose from cross-entropy"),
        ({"target": 0, "loss": "crosentropy"}, "did you mean cross-entropy"),
        ({"target": 0, "loss": "focal", "gamma": -1}, "gamma must be ≥ 0, not -1"),
        ({"target": 0, "loss": "focal", "gamm": 1}, "unknown parameter of focal 'gamm': did you mean gamma"),
        ({"target": 0, "loss": "focal", "gamma": "x"}, "gamma must be a number ≥ 0, not 'x'"),
        ({"target": 0, "loss": "mse", "reduction": "median"}, "reduction must be sum or mean, not median"),
        ({"target": 0, "loss": "kl", "gamma": 1}, "kl has no parameters"),
        ({"target": 0, "loss": "hinge", "smoothing": 0.1}, "hinge needs a target that is one class"),
        ({"target": 0, "loss": "arcface", "smoothing": 0.1}, "arcface needs a target that is one class"),
        ({"target": 0, "loss": "arcface", "scale": 0}, "scale must be > 0, not 0"),
        ({"target": 0, "loss": "arcface", "margin": 4}, "margin must be in [0, 3], not 4"),
        ({"target": 0, "class_weights": (1, 2)}, "class weights: one a class is needed, 3 of them, not 2"),
        ({"target": 0, "class_weights": (1, -2, 1)}, "that of class 1 must be a number ≥ 0, not -2"),
        ({"target": 0, "class_weights": (1, math.nan, 1)}, "that of class 1 must be a number ≥ 0, not nan"),
        ({"target": 0, "class_weights": (0, 0, 0)}, "at least one must be above 0"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(more: dict[str, Any], message: str) -> None:
    asked = {"loss": "ce", "logits": (1.0, 2.0, 3.0), **more}
    with pytest.raises(ValueError) as caught:
        evaluate_softmax(**asked)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_probabilities_are_the_softmax_of_their_logarithms() -> None:
    for p in ((0.1, 0.2, 0.7), (0.0, 1.0), (1e-300, 1.0), (0.25, 0.25, 0.5, 0.0)):
        assert softmax(from_probabilities(p)).p == pytest.approx(p, rel=3e-16)
    with pytest.raises(ValueError, match=r"probabilities sum to 1\.01, not 1: use --normalize to rescale them"):
        from_probabilities((0.51, 0.5))
    assert softmax(from_probabilities((2.0, 6.0), normalize=True)).p == pytest.approx([0.25, 0.75])
    assert rescaling((2.0, 6.0)) == "probabilities sum to 8: each was divided by it"
    assert rescaling((0.3, 0.7)) is None


def test_the_rounding_of_a_float32_softmax_is_no_error() -> None:
    rounded = np.array([0.1, 0.2, 0.7], dtype=np.float32).astype(float)
    assert rounded.sum() != 1
    assert math.fsum(checked_probabilities(rounded)) == pytest.approx(1, rel=1e-16)
    assert checked_probabilities((0.1, 0.2, 0.7)).tolist() == [0.1, 0.2, 0.7]


def test_as_written_needs_no_sum() -> None:
    raw = evaluate_as_written(SOFT_CHOSEN, (0.5, 0.25, 0.5), 1)
    by_name = dict(zip((loss.id for loss, _ in SOFT_CHOSEN), raw, strict=True))
    assert by_name["cross-entropy"] == by_name["kl"] == pytest.approx(math.log(4))
    assert by_name["squared-error"] == pytest.approx(0.25 + 0.5625 + 0.25)


# ---- the registry ---------------------------------------------------------------------------------------------------


def test_every_name_finds_one_loss() -> None:
    names = [(name, loss.id) for loss in SOFTMAX_LOSSES.values() for name in (loss.id, *loss.aliases)]
    assert len({name for name, _ in names}) == len(names)
    for name, expected in names:
        assert find_softmax_loss(name.upper().replace("-", "_")).id == expected


@pytest.mark.parametrize("loss", SOFTMAX_LOSSES.values(), ids=lambda loss: loss.id)
def test_an_entry_is_complete(loss: SoftmaxLoss) -> None:
    assert loss.formula
    assert loss.about
    assert len(loss.title) <= 15
    assert loss.complete(loss.complete({})) == loss.complete({})
    for knob in loss.parameters:
        if isinstance(knob, Choice):
            assert [knob.stepped(knob.default, step) for step in (-1, 1)] == ["sum", "mean"]


def test_pairs_of_losses_that_are_one() -> None:
    z, target = [0.4, -2.0, 3.1], (0.2, 0.7, 0.1)
    same: list[tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = [
        (("focal", {"gamma": 0.0}), ("cross-entropy", {})),
        (("poly-1", {"epsilon": 0.0}), ("cross-entropy", {})),
        (("distillation", {}), ("kl", {})),
    ]
    for (first, some), (second, others) in same:
        here, there = evaluate(first, z, target, **some), evaluate(second, z, target, **others)
        assert here.value == pytest.approx(there.value, rel=1e-15)
        assert here.gradient == pytest.approx(there.gradient, rel=1e-13)
    for a, b in itertools.pairwise((1e-6, 1e-9)):
        near = evaluate("gce", z, target, q=b).value - evaluate("ce", z, target).value
        assert abs(near) < abs(evaluate("gce", z, target, q=a).value - evaluate("ce", z, target).value)
