"""The words at the cursor follow from the numbers there."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.losses.verdict import undefined_because, verdict


def objective(loss: str, label: float, activation: str = "sigmoid", **params: float | None) -> Objective:
    entry = LOSSES[loss]
    return Objective(entry, tuple(entry.complete(params).items()), label, ACTIVATIONS[activation])


def at(one: Objective, z: float) -> Reading:
    return one.evaluate(np.array([z])).at(0)


def said(one: Objective, z: float) -> list[str]:
    """The words at a logit."""
    return verdict(one, at(one, z)).split(", ")


@pytest.mark.parametrize(
    ("loss", "label", "activation", "z", "words"),
    [
        # C6, C7: confidently wrong, squared error is saturated and cross-entropy is not
        ("squared-error", 1, "sigmoid", -6, ["saturated", "concave"]),
        ("squared-error", 0, "sigmoid", 6, ["saturated", "concave"]),
        ("squared-error", 1, "sigmoid", -30, ["saturated", "concave"]),
        ("squared-error", 1, "sigmoid", -1000, ["no slope: stuck"]),
        ("squared-error", -1, "tanh", 4, ["saturated", "concave"]),
        ("cross-entropy", 1, "sigmoid", -6, ["confidently wrong"]),
        ("cross-entropy", 0, "sigmoid", 6, ["confidently wrong"]),
        ("cross-entropy", 1, "sigmoid", -1000, ["confidently wrong"]),
        ("focal", 1, "sigmoid", -6, ["confidently wrong", "concave"]),
        # the decision
        ("cross-entropy", 1, "sigmoid", -1, ["wrong"]),
        ("cross-entropy", 1, "sigmoid", 1, ["right"]),
        ("cross-entropy", 0, "sigmoid", -1, ["right"]),
        ("cross-entropy", 1, "sigmoid", 3, ["confidently right"]),
        ("cross-entropy", 1, "sigmoid", 0, ["undecided"]),
        ("squared-error", 1, "sigmoid", 0, ["undecided"]),
        ("squared-error", 1, "sigmoid", -1, ["wrong", "concave"]),
        ("hinge", 1, "identity", 0, ["undecided"]),
        ("hinge", 1, "identity", 0.5, ["right"]),
        ("hinge", 1, "identity", -0.5, ["wrong"]),
        ("hinge", 0, "identity", 3, ["confidently wrong"]),
        ("hinge", -1, "identity", 3, ["confidently wrong"]),
        ("exponential", 1, "identity", -5, ["confidently wrong"]),
        # where there is nothing left to gain
        ("cross-entropy", 0.9, "sigmoid", math.log(9), ["at the minimum"]),
        ("squared-error", 0.9, "sigmoid", math.log(9), ["at the minimum"]),
        ("squared-error", 3, "identity", 3, ["at the minimum"]),
        ("huber", 0, "identity", 0, ["at the minimum"]),
        ("gaussian-nll", 1, "identity", 1, ["at the minimum"]),
        ("poisson", 2, "identity", 2, ["at the minimum"]),
        ("cross-entropy", 1, "sigmoid", 6, ["almost at the minimum"]),
        # value losses far away
        ("huber", 0, "identity", 3, ["linear: bounded pull"]),
        ("absolute-error", 0, "identity", -3, ["linear: bounded pull"]),
        ("squared-error", 3, "identity", 1, ["too low"]),
        ("student-t-nll", 0, "identity", 2, ["too high", "concave"]),
        # no slope
        ("squared-error", 1, "relu", -2, ["no slope: stuck"]),
        ("zero-one", 1, "sigmoid", -2, ["no slope: stuck"]),
        ("zero-one", 1, "sigmoid", 0, ["a jump: no slope"]),
        # infinite, undefined
        ("cross-entropy", 1, "identity", 0, ["infinite"]),
        ("cross-entropy", 1, "hard-sigmoid", -5, ["infinite", "no slope: flat activation"]),
        ("poisson", 2, "relu", -1, ["infinite", "no slope: flat activation"]),
        ("cross-entropy", 1, "identity", -1, ["undefined: p < 0"]),
        ("cross-entropy", 1, "identity", 2, ["undefined: p > 1"]),
        ("focal", 0, "tanh", -0.5, ["undefined: p < 0"]),
        ("cross-entropy", 1, "softplus", 1, ["undefined: p > 1"]),
        ("poisson", 2, "identity", -1, ["undefined: v < 0"]),
        ("cross-entropy", 2, "sigmoid", 0, ["undefined: needs a label between 0 and 1"]),
        ("poisson", -2, "exp", 0, ["undefined: needs a label of at least 0"]),
        ("hinge", 0.5, "identity", 0, ["undefined: needs a label 0 or 1 (or −1 for 0)"]),
    ],
)
def test_words(loss: str, label: float, activation: str, z: float, words: list[str]) -> None:
    assert said(objective(loss, label, activation), z) == words


def test_what_climbs_like_a_logarithm_has_no_height_to_be_small_against() -> None:
    # ln(1 + r²/2): at r = 2 its slope 2/3 is nearly the steepest, 1/√2
    cauchy = objective("barron", 0, "identity", alpha=0.0)
    assert said(cauchy, 2) == ["too high", "concave"]
    assert said(cauchy, 1e-3) == ["almost at the minimum"]
    assert said(cauchy, 50) == ["saturated", "concave"]


@pytest.mark.parametrize("activation", ["sigmoid", "probit", "cloglog"])
def test_cross_entropy_is_never_saturated_where_it_is_wrong(activation: str) -> None:
    for label, z in ((1.0, -5.0), (1.0, -30.0), (0.0, 3.0), (0.0, 5.0)):
        words = said(objective("cross-entropy", label, activation), z)
        assert "confidently wrong" in words
        assert "saturated" not in words and "concave" not in words


def test_concave_is_said_exactly_where_the_curvature_is_negative() -> None:
    for loss in ("squared-error", "focal", "generalized-cross-entropy", "cross-entropy"):
        one = objective(loss, 1)
        for z in np.linspace(-8, 8, 65).tolist():
            assert ("concave" in said(one, z)) == (at(one, z).d2_logit < 0)


def test_a_soft_label_is_neither_right_nor_wrong() -> None:
    for z in (-5.0, -1.0, 0.0, 1.0):
        words = " ".join(said(objective("cross-entropy", 0.9), z))
        assert "right" not in words and "wrong" not in words and "undecided" not in words


@pytest.mark.parametrize("label", [-1.0, 2.0, 0.4])
def test_a_real_target_is_no_class(label: float) -> None:
    for z in (-4.0, 0.0, 2.0):
        words = " ".join(said(objective("squared-error", label), z))
        assert "right" not in words and "wrong" not in words and "undecided" not in words


@pytest.mark.parametrize("loss", ["cross-entropy", "squared-error", "absolute-error", "focal", "hinge"])
def test_right_and_wrong_change_places_with_the_label(loss: str) -> None:
    activation = "identity" if loss == "hinge" else "sigmoid"
    swap = {"right": "wrong", "wrong": "right", "confidently right": "confidently wrong"}
    for z in (0.4, 0.9):
        one, other = (said(objective(loss, label, activation), z)[0] for label in (1.0, 0.0))
        assert swap[one] == other


@pytest.mark.parametrize(
    ("loss", "activation", "z", "why"),
    [
        ("cross-entropy", "identity", -3, "p < 0"),
        ("cross-entropy", "exp", 3, "p > 1"),
        ("poisson", "tanh", -3, "v < 0"),
        ("generalized-cross-entropy", "relu", 1.5, "p > 1"),
    ],
)
def test_why_it_is_undefined(loss: str, activation: str, z: float, why: str) -> None:
    one = objective(loss, 1, activation)
    assert undefined_because(one, at(one, z)) == why


@settings(max_examples=300)
@given(
    st.sampled_from(list(LOSSES)),
    st.sampled_from(list(ACTIVATIONS)),
    st.sampled_from([0.0, 1.0, -1.0, 0.3, 2.5, -7.0, 1e9]),
    st.floats(-1e6, 1e6) | st.sampled_from([-3.0, 0.0, 0.5, 1.0, 3.0]),
)
@pytest.mark.exhaustive
def test_there_are_words_for_any_point(loss: str, activation: str, label: float, z: float) -> None:
    one = objective(loss, label, activation)
    reading = at(one, z)
    text = verdict(one, reading)
    assert text and "\n" not in text and "  " not in text and not text.startswith(",")
    assert text.startswith("undefined: ") == math.isnan(reading.value)
    assert text.startswith(("infinite", "too large")) == math.isinf(reading.value)
    assert len(text) <= 70
    if math.isnan(reading.value):
        assert len(text) > len("undefined: ")
