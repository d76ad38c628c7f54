"""Zeros of K classes: those that are, and those that no double is small enough for, against logs of mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.underflow import lost
from lossterm.core.softmax.verdict import softmax_verdict


def signs(
    loss: str, logits: list[float], target: int | list[float], temperature: float = 1.0
) -> tuple[float, list[float]]:
    entry = SOFTMAX_LOSSES[loss]
    example = SoftmaxExample(np.array(logits), Target.of(target), temperature)
    params = entry.complete({})
    (found,) = evaluate_point(example.point, [(entry, params)])
    away = lost(example.point, entry, params, found)
    return away.value, away.gradient.tolist()


def true_gradient(loss: str, logits: list[float], target: int) -> list[mpmath.mpf]:
    with mpmath.workdps(4000):
        weights = [mpmath.e ** mpmath.mpf(z) for z in logits]
        p = [w / mpmath.fsum(weights) for w in weights]
        t = [mpmath.mpf(k == target) for k in range(len(logits))]
        if loss == "cross-entropy":
            return [a - b for a, b in zip(p, t, strict=True)]
        e = [a - b for a, b in zip(p, t, strict=True)]
        mean = mpmath.fsum(a * b for a, b in zip(e, p, strict=True))
        return [2 * a * (b - mean) for a, b in zip(p, e, strict=True)]


@pytest.mark.parametrize("loss", ["cross-entropy", "squared-error"])
@pytest.mark.parametrize("logits", [[800.0, 0, 0], [0, 900.0, -30], [1500.0, -1500, 3], [2000.0, 1999, 0]])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_signs_are_those_of_the_true_slopes(loss: str, logits: list[float], target: int) -> None:
    truth = true_gradient(loss, logits, target)
    _, found = signs(loss, logits, target)
    expected = [float(mpmath.sign(g)) if abs(g) < mpmath.mpf("1e-323") else 0.0 for g in truth]
    assert found == expected


def test_what_is_exactly_0_stays_0() -> None:
    assert signs("cross-entropy", [800.0, -np.inf, 0.0], 0)[1] == [-1, 0, 1]  # a masked class has no slope
    assert signs("hinge", [800.0, 0.0, 3.0], 0) == (0.0, [0, 0, 0])
    assert signs("cross-entropy", [0.0, 0.0], [0.5, 0.5])[1] == [0, 0]  # at the minimum
    assert signs("squared-error", [0.0, 0.0], [0.5, 0.5])[0] == 0
    assert signs("cross-entropy", [8.0, 0.0], 0)[1] == [0, 0]  # nothing is lost


def test_classes_that_are_alike_have_one_sign_however_many_there_are() -> None:
    logits = [800.0, 0.0, 800.0, *[0.0] * 1000, 5.0]
    target = [0.0, 1.0, *[0.0] * 1002]
    _, found = signs("cross-entropy", logits, target)
    assert found == [0, 0, 0, *[1] * 1001]


def test_a_temperature_takes_part() -> None:
    assert signs("cross-entropy", [8.0, 0.0], 0, temperature=0.01) == (1.0, [-1, 1])


def test_a_slope_too_small_to_be_squared_is_saturated() -> None:
    entry = SOFTMAX_LOSSES["generalized-cross-entropy"]
    example = SoftmaxExample(np.array([800.0, 0.0, 0.0]), Target.of(1), 1.0)
    (found,) = evaluate_point(example.point, [(entry, entry.complete({}))])
    assert "saturated" in softmax_verdict(entry, entry.complete({}), example.point, found)
