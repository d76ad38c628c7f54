"""What is said at a point agrees with the numbers there and with the table of properties, for every loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from lossterm.core.jets import Jet
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, Loss, Params
from lossterm.core.losses.labels import Label
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.losses.surroundings import denoised
from lossterm.core.losses.verdict import SATURATED, verdict
from lossterm.core.properties import properties

LABELS = (0.0, 1.0, 0.3)
LOGITS = sorted(
    {*np.linspace(-8, 8, 17).tolist(), *(s * z for s in (1, -1) for z in (0.3, math.log(9), 20.0, 100.0, 1e5))}
)
OTHERS: dict[str, list[dict[str, float]]] = {
    "focal": [{"gamma": 0.0}, {"gamma": 5.0, "alpha": 0.1}],
    "poly-1": [{"epsilon": -1.0}],
    "huber": [{"delta": 0.01}],
    "quantile": [{"tau": 0.9}],
    "gaussian-nll": [{"sigma": 100.0}],
    "cross-entropy": [{"pos_weight": 0.01}, {"pos_weight": 100.0}],
}
"""Parameters beside the defaults."""


def objective(loss: str, label: float, activation: str, **params: float) -> Objective:
    entry = LOSSES[loss]
    return Objective(entry, tuple(entry.complete(params).items()), label, ACTIVATIONS[activation])


def said(one: Objective, z: float) -> str:
    return verdict(one, one.evaluate([z]).at(0))


def times(loss: Loss, factor: float) -> Loss:
    """A loss a factor larger."""

    def compute(v: Jet, y: Label, params: Params) -> Jet:
        return loss.compute(v, y, params) * factor

    return replace(loss, exact=compute)


def points(loss: str, activation: str) -> Iterator[tuple[Objective, list[Reading], list[str]]]:
    for params in ({}, *OTHERS.get(loss, [])):
        for label in LABELS:
            one = objective(loss, label, activation, **params)
            if one.loss.label_problem(label):
                continue
            at = one.evaluate(LOGITS)
            readings = [at.at(k) for k in range(len(LOGITS))]
            yield one, readings, [verdict(one, reading) for reading in readings]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.sampled(9)
def test_words_agree_with_numbers_and_properties(loss: str, activation: str) -> None:
    for one, readings, words in points(loss, activation):
        of_loss = properties(one.loss, dict(one.params), activation, one.label)
        infimum, steepest = of_loss["infimum"].value, of_loss["max_abs_d_logit"].value
        for reading, text in zip(readings, words, strict=True):
            where = (one.params, one.label, reading, text)
            if text.startswith("undefined"):
                continue
            clean, (first, *more) = denoised(one, reading), text.split(", ")
            if first == "saturated":
                assert of_loss["saturates"].value is True, where
                assert isinstance(steepest, float) and abs(reading.d_logit) <= SATURATED * steepest, where
            if "concave" in more:
                assert clean.d2_logit < 0 and of_loss["convex_in_logit"].value is not True, where
            if "at a" in first or "at the" in first:
                assert abs(reading.d_logit) < math.inf, where
            if first == "at the minimum" and isinstance(infimum, float):
                assert reading.value == pytest.approx(infimum, rel=1e-9, abs=1e-9), where
            if first == "no slope: stuck" and isinstance(infimum, float):
                assert reading.value > infimum, where
                assert of_loss["saturates"].value is not False or reading.d_logit == 0, where
            if first in ("too high", "too low"):
                assert (clean.d_logit > 0) == (first == "too high"), where
            if "right" in first or "wrong" in first:
                decided = (reading.prediction > one.activation.threshold) == (one.label == 1)
                assert ("right" in first) == decided and reading.prediction != one.activation.threshold, where


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.sampled(9)
def test_no_factor_on_any_loss_changes_a_word(loss: str, activation: str) -> None:
    for one, readings, words in points(loss, activation):
        for factor in (1e-7, 1e6):
            other = replace(one, loss=times(one.loss, factor))
            for reading, text in zip(readings, words, strict=True):
                now = said(other, reading.logit)
                assert now == text or "too large for a double" in now, (one.params, one.label, reading, factor)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_where_a_loss_is_undefined_the_prediction_is_not(loss: str, activation: str) -> None:
    z = np.array([-7.0, -3.0, -0.5, 0.5, 1.5, 4.0])
    v = ACTIVATIONS[activation].jet(z)
    for label in (0.0, 1.0, 0.3, 2.0):
        at = objective(loss, label, activation).evaluate(z)
        np.testing.assert_array_equal(at.logit, z)
        np.testing.assert_array_equal(at.prediction, v.value)
        np.testing.assert_array_equal(at.d_activation, v.first)


def test_poisson_of_no_events_is_undefined_below_0_and_says_why() -> None:
    one = objective("poisson", 0.0, "identity")
    assert said(one, -3.0) == "undefined: v < 0"
    assert said(objective("poisson", 0.0, "tanh"), -3.0) == "undefined: v < 0"


@pytest.mark.parametrize("loss", ["poisson", "cross-entropy"])
def test_beside_a_pole_a_loss_is_not_almost_at_its_minimum(loss: str) -> None:
    # hard-sigmoid reaches p = 0 at z = −3, where L is ∞; the minimum is at p = .3, z = −1.2
    one = objective(loss, 0.3, "hard-sigmoid")
    assert said(one, -1.2).startswith("at the minimum")
    assert said(one, -2.0) == "too low"
    assert said(one, 2.0) == "too high"


@pytest.mark.parametrize(
    ("label", "z", "words"), [(1.0, 0.0, "too low"), (0.0, 1.0, "too high"), (0.7, 0.0, "too low")]
)
@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_where_a_slope_is_infinite_is_no_minimum(label: float, z: float, words: str, activation: str) -> None:
    # (1 − v^q)/q is as steep as a root at v = 0
    one = objective("generalized-cross-entropy", label, activation)
    if math.isfinite(one.evaluate([z]).at(0).d_logit):
        return  # the kink of relu
    assert said(one, z) == words


def test_flat_behind_a_pole_is_stuck() -> None:
    # p = 1 for z ≥ 3: L = 1 + ln Γ(1.3) there and .3 − .3 ln .3 + ln Γ(1.3) at its least
    assert said(objective("poisson", 0.3, "hard-sigmoid"), 4.0) == "no slope: stuck"


@pytest.mark.parametrize("delta", [0.01, 1.0, 100.0])
def test_flat_above_the_least_is_saturated_however_low_it_stays(delta: float) -> None:
    # v → 0 as z → −∞ with the label 1: L → δ(1 − ½δ), or ½
    one = objective("huber", 1.0, "exp", delta=delta)
    for z in (-8.0, -20.0):
        assert said(one, z).startswith("saturated"), z
    assert said(one, -1000.0) == "no slope: stuck"
