"""What is said of K-class losses follows from their numbers, whatever their scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.core.softmax.example import SoftmaxExample, SoftmaxPoint
from lossterm.core.softmax.formulas import SoftmaxParams, Terms, find_softmax_loss
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.verdict import softmax_verdict


def said(name: str, logits: list[float], target: int = 0, **params: float | str) -> str:
    loss = find_softmax_loss(name)
    complete = loss.complete(params)
    point = SoftmaxExample(np.array(logits, dtype=float), Target(target), 1.0).point
    (evaluation,) = evaluate_point(point, [(loss, complete)])
    return softmax_verdict(loss, complete, point, evaluation)


@pytest.mark.parametrize("classes", [2, 3, 99, 100, 101, 1000, 20_000])
@pytest.mark.parametrize("loss", ["ce", "mse", "mae", "focal", "gce"])
def test_equal_logits_are_undecided_and_not_saturated(loss: str, classes: int) -> None:
    words = said(loss, [0.0] * classes)
    assert "undecided" in words
    assert "saturated" not in words and "right" not in words and "wrong" not in words


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("classes", [3, 10, 100])
def test_sure_and_wrong_is_saturated_whatever_the_reduction(classes: int, reduction: str) -> None:
    assert "saturated" in said("mse", [0.0, 14.0] + [0.0] * (classes - 2), reduction=reduction)
    assert "saturated" not in said("mse", [0.0, 1.0] + [0.0] * (classes - 2), reduction=reduction)
    assert "confidently wrong" in said("ce", [0.0, 14.0] + [0.0] * (classes - 2))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
@pytest.mark.parametrize("seed", range(8))
def test_cross_entropy_is_never_saturated_and_what_is_right_neither(
    smoothing: float, temperature: float, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    for logits in ([2.0, 0.0], [8.0, 0.0, 0.0], [0.0, 2.0], draw.normal(0, 1 + 5 * (seed % 4), 2 + seed).tolist()):
        point = SoftmaxExample(np.array(logits), Target(0, smoothing=smoothing), temperature).point
        for name in ("cross-entropy", "squared-error", "focal", "absolute-error"):
            loss = find_softmax_loss(name)
            complete = loss.complete({})
            (evaluation,) = evaluate_point(point, [(loss, complete)])
            words = softmax_verdict(loss, complete, point, evaluation)
            if name == "cross-entropy" or (int(np.argmax(point.prediction.p)) == 0 and not smoothing):
                assert "saturated" not in words, (name, logits, words)


@pytest.mark.parametrize("name", ["ce", "mse", "mae", "focal", "gce", "poly-1"])
@pytest.mark.parametrize("factor", [1e-7, 1e6])
def test_no_factor_changes_a_word(name: str, factor: float) -> None:
    loss = find_softmax_loss(name)
    complete = loss.complete({})

    def compute(point: SoftmaxPoint, params: SoftmaxParams) -> Terms:
        jet, shares = loss.compute(point, params)
        return jet * factor, shares

    for logits in ([2.0, 0.0], [8.0, 0.0, 0.0], [0.0, 9.0], [0.0, 30.0, 1.0], [1.0, 1.0], [0.5, 1.0, -4.0, 2.0]):
        point = SoftmaxExample(np.array(logits), Target(0), 1.0).point
        said_of = []
        for one in (loss, replace(loss, compute=compute)):
            (evaluation,) = evaluate_point(point, [(one, complete)])
            said_of.append(softmax_verdict(one, complete, point, evaluation))
        assert said_of[0] == said_of[1]
