"""The density of each loss: its numbers, its words, its chart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.densities import draw_densities
from lossterm.curves.likelihood import LabelDensity, family_name, label_densities, relation, sentence
from lossterm.curves.scene import position
from lossterm.curves.view import View
from lossterm.model.subject_options import losses
from tests.curves.changes import with_losses


def members(text: str, prediction: float, activation: str = "sigmoid", label: float = 1.0) -> tuple[LabelDensity, ...]:
    return label_densities(viewed(text, activation, label), prediction)


def viewed(text: str, activation: str = "sigmoid", label: float = 1.0) -> View:
    view = View(activation=activation, label=label, likelihood=True)
    return with_losses(view, losses([text]))


@pytest.mark.parametrize("prediction", [-3.0, 0.25, 40.0])
def test_squared_errors_are_gaussians_of_two_widths(prediction: float) -> None:
    square, half = members("mse,half-mse", prediction, "identity")
    assert square.log_normaliser == pytest.approx(0.5 * math.log(math.pi), rel=1e-12)
    assert half.log_normaliser == pytest.approx(0.5 * math.log(2 * math.pi), rel=1e-12)
    y = prediction + np.array([-1.5, 0.0, 0.3])
    r2 = (y - prediction) ** 2
    np.testing.assert_allclose(-np.log(square.at(y)), r2 + 0.5 * math.log(math.pi), rtol=1e-12)
    np.testing.assert_allclose(-np.log(half.at(y)), r2 / 2 + 0.5 * math.log(2 * math.pi), rtol=1e-12)


def test_the_words_tell_the_constants() -> None:
    view = viewed("mse,half-mse,ce,mae,poisson,gaussian-nll:sigma=2,focal")
    said = {m.loss.id: sentence(view, m) for m in label_densities(view, 0.3)}
    assert said["squared-error"] == "Gaussian, σ² = ½: −ln density = r² + 0.5724"
    assert said["half-squared-error"] == "Gaussian, σ = 1: −ln density = ½r² + 0.9189"
    assert said["cross-entropy"] == "Bernoulli: −ln probability = L, no constant"
    assert said["absolute-error"] == "Laplace, scale 1: −ln density = |r| + 0.6931"
    assert said["poisson"] == "Poisson: −ln probability = L, no constant"
    assert said["gaussian-nll"] == "Gaussian, σ = 2: −ln density = L, no constant"
    assert said["focal"].startswith("e^−L does not sum to the same for all p (here 1.52")
    assert said["focal"].endswith("no likelihood")


def test_two_gaussians_weigh_one_residual() -> None:
    view = viewed("mse,half-mse", "identity", 2.0)
    assert relation(view, label_densities(view, 5.0)) == (
        "r = v − y = 3.000: b ½r² = 4.500 (σ = 1) · a r² = 9.000 (σ² = ½)"
    )
    assert relation(view, label_densities(view, 5.0)[:1]) == ""


def test_cross_entropy_is_the_probability_itself() -> None:
    (coin,) = members("ce", 0.2)
    assert coin.masses.tolist() == pytest.approx([0.8, 0.2])
    assert math.isnan(float(coin.at(np.array(0.5))))


@pytest.mark.parametrize("rate", [0.0, 0.3, 7.0, 150.0, 3e4, 1e9])
def test_counts_at_any_rate(rate: float) -> None:
    (counts,) = members("poisson", rate, "exp")
    y = float(counts.labels[np.argmax(counts.masses)])
    assert abs(y - rate) <= 1
    if rate:
        assert math.log(float(counts.masses.max())) == pytest.approx(y * math.log(rate) - rate - math.lgamma(y + 1),
                                                                     rel=1e-5)  # fmt: skip
    assert counts.labels.size < 600


def test_why_there_is_none_is_said() -> None:
    (coin,) = members("ce", -3.0, "identity")
    assert sentence(viewed("ce", "identity"), coin) == (
        "no density over {0, 1} at v = −3.000: its predictions are between 0 and 1"
    )
    assert members("poisson", math.inf, "exp")[0].problem
    assert family_name(coin) == "no density here"


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("size", [(57, 7), (90, 20), (1, 1), (8, 3), (20, 2)])
@pytest.mark.sampled(4)
def test_every_loss_is_drawn_or_refused_at_every_size(activation: str, size: tuple[int, int]) -> None:
    view = viewed("all", activation)
    for z in (-700.0, -4.0, 0.0, 3.0, 700.0):
        prediction = position(replace(view, axis="prediction"), z)
        drawn = draw_densities(view, prediction, *size)
        assert len(drawn.members) == sum(loss.in_all for loss in LOSSES.values())
        assert [sum(len(run.text) for run in row) for row in drawn.panel.picture.rows] == [size[0]] * size[1]
        assert all(0 <= line < drawn.panel.picture.lines for line in drawn.cursor())


def test_bars_stand_at_the_classes_and_lines_on_the_reals() -> None:
    drawn = draw_densities(viewed("ce,mse"), 0.25, 90, 16)
    text = drawn.panel.picture.text()
    assert "█" in text and any("\u2800" < c <= "\u28ff" for c in text)
    assert text.count("a") == 2
    marks = {cell for cell in drawn.cursor().values() if cell[0] == "●"}
    assert marks == {("●", 1)}
    axis = drawn.panel.chart.x_axis
    assert axis.lo <= -2 and axis.hi >= 3


def test_the_window_stays_while_the_prediction_moves_a_little() -> None:
    for activation, near, far in (("sigmoid", (0.1, 0.9), 0.99), ("identity", (3.8, 4.6), 60.0)):
        view = viewed("mse", activation, 0.5)
        first, second, other = (draw_densities(view, p, 80, 10).panel.chart.x_axis for p in (*near, far))
        assert (first.lo, first.hi) == (second.lo, second.hi)
        assert other.lo <= far <= other.hi


def test_two_labels_have_no_one_cursor() -> None:
    view = replace(viewed("ce,mse"), both_labels=True)
    assert draw_densities(view, 0.5, 80, 10).cursor() == {}
