"""At a prediction that is its target slopes are 0 and not what is left of rounding; everywhere else nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.core.softmax.example import SoftmaxExample, SoftmaxPoint
from lossterm.core.softmax.formulas import find_softmax_loss
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.rounding import denoised


def point(logits: list[float], target: int | tuple[float, ...], smoothing: float = 0.0) -> SoftmaxPoint:
    return SoftmaxExample(np.array(logits), Target(target, smoothing=smoothing), 1.0).point


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
@pytest.mark.parametrize("smoothing", [0.1, 0.3])
@pytest.mark.parametrize("name", ["ce", "mse", "kl"])
def test_the_least_of_a_smoothed_target_has_no_slope(name: str, smoothing: float, classes: int) -> None:
    # p = t where z = ln(t₀/t₁) for the target and 0 for all others
    rest = smoothing / classes
    at = point([float(np.log((1 - smoothing + rest) / rest))] + [0.0] * (classes - 1), 0, smoothing)
    loss = find_softmax_loss(name)
    (raw,) = evaluate_point(at, [(loss, loss.complete({}))])
    clean = denoised(at, raw)
    assert not clean.gradient.any()
    assert clean.value == (pytest.approx(raw.value) if name == "ce" else 0)


@pytest.mark.parametrize("name", ["ce", "mse", "kl", "focal", "mae"])
@pytest.mark.parametrize(
    "at",
    [point([60.0, 0.0, 0.0], 0), point([700.0, 0.0], 0), point([1e-9, 0.0], (0.5, 0.5)), point([2.0, 1.0, 0.0], 1)],
)
def test_a_small_slope_stays(name: str, at: SoftmaxPoint) -> None:
    loss = find_softmax_loss(name)
    (raw,) = evaluate_point(at, [(loss, loss.complete({}))])
    clean = denoised(at, raw)
    assert clean.value == raw.value
    np.testing.assert_array_equal(clean.gradient, raw.gradient)


def test_a_loss_that_is_not_least_there_keeps_its_slope() -> None:
    at = point([float(np.log(3)), 0.0], (0.75, 0.25))
    loss = find_softmax_loss("focal")
    (raw,) = evaluate_point(at, [(loss, loss.complete({}))])
    assert abs(raw.gradient[0]) > 0.01
    np.testing.assert_array_equal(denoised(at, raw).gradient, raw.gradient)
