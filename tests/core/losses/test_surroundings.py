"""What is told against the rest of a loss: scales, what doubles cannot hold, what is nothing but rounding."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.landmarks import convexity
from lossterm.core.losses.meaning import probability_of, slope_is_residual
from lossterm.core.losses.objective import Objective
from lossterm.core.losses.surroundings import denoised, slope_ratio, surroundings
from lossterm.core.losses.verdict import verdict
from lossterm.core.properties import properties


def objective(loss: str, label: float, activation: str = "sigmoid", **params: float | None) -> Objective:
    entry = LOSSES[loss]
    return Objective(entry, tuple(entry.complete(params).items()), label, ACTIVATIONS[activation])


def said(one: Objective, z: float) -> str:
    return verdict(one, one.evaluate([z]).at(0))


def text(one: Objective, field: str, z: float) -> str:
    return surroundings(one).text(field, one.evaluate([z]).at(0))


@pytest.mark.parametrize(
    ("one", "z"),
    [
        (objective("cross-entropy", 1, pos_weight=0.01), -40.0),
        (objective("focal", 1, alpha=0.01), -40.0),
        (objective("poly-1", 1, epsilon=100.0), -40.0),
        (objective("huber", 0, "identity", delta=0.01), 5.0),
        (objective("gaussian-nll", 0, "identity", sigma=100.0), 50.0),
        (objective("quantile", 0, "identity", tau=0.99), 5.0),
    ],
)
def test_a_small_slope_is_not_a_saturated_one(one: Objective, z: float) -> None:
    assert "saturated" not in said(one, z)
    assert said(one, z)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_verdicts_do_not_depend_on_the_scale_of_a_loss(scale: float) -> None:
    # a Gaussian's 1/(2σ²) scales the squared error
    sigma = 1 / math.sqrt(2 * scale)
    for z in (-8.0, -6.0, -4.0, -1.0, 1.0, 3.0, 8.0):
        assert said(objective("gaussian-nll", 1, sigma=sigma), z) == said(objective("squared-error", 1), z)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.sampled(11)
def test_saturated_is_said_only_where_the_table_of_properties_says_so(loss: str, activation: str) -> None:
    for label in (1.0, 0.0, 0.3):
        one = objective(loss, label, activation)
        if one.loss.label_problem(label):
            continue
        words = [said(one, z) for z in np.linspace(-40, 40, 81).tolist()]
        assert all(words)
        if any("saturated" in word for word in words):
            assert properties(one.loss, dict(one.params), activation, label)["saturates"].value is True


@pytest.mark.parametrize("loss", LOSSES)
def test_what_saturates_is_said_to_where_it_does(loss: str) -> None:
    one = objective(loss, 1.0)
    saturates = properties(one.loss, dict(one.params), "sigmoid", 1.0)["saturates"].value
    far = said(one, -40.0) + said(one, 40.0)
    assert ("saturated" in far or "no slope: stuck" in far) == saturates


@pytest.mark.parametrize(
    ("one", "field", "z", "told"),
    [
        (objective("squared-error", 1), "d_logit", -1000.0, "> -4.9e-324"),
        (objective("cross-entropy", 1), "prediction", -1000.0, "< 4.9e-324"),
        (objective("cross-entropy", 1), "d_prediction", -1000.0, "< -1.8e308"),
        (objective("cross-entropy", 1), "value", 1000.0, "< 4.9e-324"),
        (objective("log-cosh", 0, "identity"), "d2_logit", 900.0, "< 4.9e-324"),
        (objective("squared-error", 0, "identity"), "value", 1e200, "> 1.8e308"),
        (objective("squared-error", 0, "identity"), "value", -1e-200, "< 4.9e-324"),
        (objective("exponential", 1, "identity"), "d_logit", -800.0, "< -1.8e308"),
        # what is 0 or infinite itself
        (objective("squared-error", 0, "identity"), "value", 0.0, "0"),
        (objective("squared-error", 3, "identity"), "d_logit", 3.0, "0"),
        (objective("squared-error", 0, "relu"), "value", -5.0, "0"),
        (objective("squared-error", 1, "relu"), "d_logit", -900.0, "0"),
        (objective("huber", 0, "identity"), "d2_logit", 5.0, "0"),
        (objective("hinge", 1, "identity"), "value", 5.0, "0"),
        (objective("zero-one", 1), "d_logit", -900.0, "0"),
        (objective("cross-entropy", 1, "identity"), "value", 0.0, "∞"),
        (objective("cross-entropy", 1, "hard-sigmoid"), "value", -9.0, "∞"),
        (objective("focal", 1, "hard-sigmoid", gamma=20.0), "value", 4.0, "0"),
    ],
)
def test_overflow_and_underflow_are_told_apart_from_infinity_and_zero(
    one: Objective, field: str, z: float, told: str
) -> None:
    assert text(one, field, z) == told


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "cloglog", "softplus", "exp"])
def test_what_underflows_is_not_zero_in_more_digits(activation: str) -> None:
    # squared error of y = 0.25, in numbers of any exponent: nowhere 0 but at the label
    one = objective("squared-error", 0.25, activation)
    functions = {
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "tanh": mpmath.tanh,
        "cloglog": lambda z: 1 - mpmath.exp(-mpmath.exp(z)),
        "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
        "exp": mpmath.exp,
    }
    with mpmath.workdps(1000):
        for z in (-900.0, -760.0, -300.0):
            slope = mpmath.diff(lambda x: (functions[activation](x) - mpmath.mpf(1) / 4) ** 2, mpmath.mpf(z))
            told = text(one, "d_logit", z)
            assert (told in ("> -4.9e-324", "< 4.9e-324")) == (abs(slope) < mpmath.mpf(2) ** -1075)
            assert told != "0"


@pytest.mark.parametrize(
    ("loss", "window", "said"),
    [
        ("cross-entropy", (-1008.0, -992.0), "convex on the window"),
        ("squared-error", (-1008.0, -992.0), "concave on the window"),
        ("squared-error", (-1e6, 1e6), "concave for z < −0.693"),
        ("cross-entropy", (992.0, 1008.0), "convex on the window"),
    ],
)
def test_what_bends_too_little_for_a_double_is_not_piecewise_linear(
    loss: str, window: tuple[float, float], said: str
) -> None:
    assert convexity(objective(loss, 1), *window) == said


@pytest.mark.parametrize(("label", "times"), [(0.95, 10.5263), (0.9, 5.5556), (0.5, 2.0), (0.7, 1 / (2 * 0.21))])
def test_at_a_minimum_there_is_no_noise_and_the_ratio_is_its_limit(label: float, times: float) -> None:
    # both curvatures at p = y: pq of cross-entropy, 2(pq)² of squared error
    mse, ce = objective("squared-error", label), objective("cross-entropy", label)
    root = math.log(label / (1 - label))
    for z in (root, np.nextafter(root, 9), np.nextafter(root, -9)):
        a, b = (denoised(one, one.evaluate([z]).at(0)) for one in (mse, ce))
        assert (a.d_logit, b.d_logit) == (0, 0)
        assert verdict(mse, mse.evaluate([z]).at(0)) == "at the minimum"
        assert slope_ratio(ce, b, mse, a) == pytest.approx(times, rel=1e-4)


def test_at_an_inflection_the_curvature_is_no_noise() -> None:
    for label, z in ((1.0, -math.log(2)), (0.0, math.log(2))):
        one = objective("squared-error", label)
        assert denoised(one, one.evaluate([z]).at(0)).d2_logit == 0
        assert "concave" not in said(one, z)


def test_small_numbers_are_not_noise() -> None:
    for one, z in (
        (objective("squared-error", 0, "identity"), 1e-16),
        (objective("cross-entropy", 1), 700.0),
        (objective("squared-error", 1), -300.0),
        (objective("squared-error", 0.9), -40.0),
    ):
        reading = one.evaluate([z]).at(0)
        assert denoised(one, reading) == reading


def test_a_kink_against_a_bend_has_no_finite_ratio() -> None:
    kink, bend = objective("absolute-error", 1, "identity"), objective("squared-error", 1, "identity")
    a, b = (one.evaluate([1.0]).at(0) for one in (kink, bend))
    assert slope_ratio(kink, a, bend, b) == math.inf
    assert slope_ratio(bend, b, kink, a) == 0


@pytest.mark.parametrize(
    ("one", "of"),
    [
        (objective("cross-entropy", 1), "the label's probability"),
        (objective("cross-entropy", 1, pos_weight=2.0), ""),
        (objective("cross-entropy", 0.9), ""),
        (objective("gaussian-nll", 1, "identity", sigma=3.0), "the label's density"),
        (objective("half-squared-error", 1, "identity"), ""),
        (objective("poisson", 3, "exp"), "the count's probability"),
        (objective("poisson", 2.5, "exp"), ""),
        *((objective(loss, 1), "") for loss in ("squared-error", "focal", "hinge", "zero-one", "poly-1")),
    ],
)
def test_a_loss_is_a_probability_only_where_all_add_up_to_one(one: Objective, of: str) -> None:
    assert probability_of(one) == of


def test_the_slope_is_the_residual_for_the_canonical_pairs() -> None:
    pairs = {
        (loss, activation)
        for loss in LOSSES
        for activation in ACTIVATIONS
        if slope_is_residual(objective(loss, 1.0, activation))
    }
    assert pairs == {
        ("cross-entropy", "sigmoid"),
        ("half-squared-error", "identity"),
        ("gaussian-nll", "identity"),
        ("poisson", "exp"),
        ("expectile", "identity"),  # of both sides alike: r²/2
        ("asymmetric", "sigmoid"),  # for the label 1, where γ₊ = 0: cross-entropy
        ("k1", "sigmoid"),  # −ln σ(z), cross-entropy too
        ("k3", "exp"),  # r − 1 − ln r at r = e^z: e^z − 1
    }
    assert not slope_is_residual(objective("cross-entropy", 1, pos_weight=2.0))
    assert not slope_is_residual(objective("gaussian-nll", 1, "identity", sigma=2.0))
