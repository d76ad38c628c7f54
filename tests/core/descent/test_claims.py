"""What articles claim of training, of outliers, noise and imbalance, with the numbers of this program.

The names tell the claim; the assertions tell what is true of it.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from lossterm import evaluate
from lossterm.core.descent.fitting import Fit
from lossterm.core.descent.logit import Race
from lossterm.core.descent.problems import make_problem
from lossterm.core.descent.rates import matched_rates
from lossterm.core.descent.targets import aim_of
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import Loss, Params, find_loss
from lossterm.core.losses.risk import density, expected_loss, risk_minima
from lossterm.core.properties import Property, properties
from lossterm.core.properties.minima import local_minima
from lossterm.core.properties.sampling import Samples

Floats = NDArray[np.float64]


def racer(name: str, **params: float) -> tuple[Loss, Params]:
    loss = find_loss(name)
    return loss, loss.complete(params)


def cells(name: str, activation: str = "sigmoid", label: float = 1.0, **params: float) -> dict[str, Property]:
    return properties(*racer(name, **params), activation, label)


def best(name: str, eta: float, *, smoothing: float = 0.0, **params: float) -> float:
    """The probability with the least risk at η, behind a sigmoid."""
    ((minimum,),) = risk_minima(*racer(name, **params), "sigmoid", [eta], smoothing=smoothing)
    assert minimum.is_point
    return minimum.low


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def valleys(total: Floats) -> list[int]:
    inner = (total[1:-1] < total[:-2]) & (total[1:-1] < total[2:])
    return (np.flatnonzero(inner) + 1).tolist()


# ---- C5, C9, C10: descent and convexity -----------------------------------------------------------------------------


def test_c5_larger_gradients_converge_sooner() -> None:
    pair = [racer("ce"), racer("mse")]

    def steps(rates: float | list[float] = 1.0) -> list[int | None]:
        return [o.steps for o in Race(pair, "sigmoid", 1.0, start=-8.0, rates=rates).run()]

    smooth, lipschitz = (matched_rates(pair, "sigmoid", 1.0, how) for how in ("smoothness", "lipschitz"))
    assert steps() == [19, 1542]
    assert smooth == pytest.approx([4, 6.491], abs=5e-4)
    assert steps(smooth) == [4, 239]
    assert lipschitz == pytest.approx([1, 27 / 8])
    assert steps(lipschitz) == [19, 458]
    newton = Race(pair, "sigmoid", 1.0, start=-8.0, optimizer="newton")
    ce, mse = newton.run()
    assert ce.at.logit == pytest.approx(2974, abs=0.5)
    assert mse.reason.startswith("diverged")
    assert newton.trajectory(1).at.logit[1:3] == pytest.approx([-9.00, -10.00], abs=5e-3)


def test_c9_cross_entropy_is_convex_in_the_logit_and_squared_error_is_not() -> None:
    assert cells("ce")["convex_in_logit"].value is True
    assert cells("mse")["convex_in_logit"].value is False
    z = np.linspace(-12, 12, 4001)
    for label in (0.0, 1.0):
        e = evaluate("mse", label=label, at=z)
        at_label = e.prediction if label else 1 - e.prediction
        assert ((e.d2_logit < 0) == (at_label < 1 / 3)).all()
    e = evaluate("mse", label=0.9, at=z)
    concave = e.prediction[e.d2_logit < 0]
    low, high = concave[concave < 0.5].max(), concave[concave > 0.5].min()
    assert (low, high) == (pytest.approx(0.3153, abs=2e-3), pytest.approx(0.9513, abs=1e-3))
    at = evaluate("mse", label=0.9, at=cells("mse", label=0.9)["inflections"].points).prediction
    assert at.tolist() == pytest.approx([0.3153, 0.9513], abs=6e-5)


@pytest.mark.exhaustive
def test_c10_squared_error_has_worse_minima_from_several_examples_on() -> None:
    # one example: a flat tail, no second minimum
    assert valleys(evaluate("mse", label=1, at=np.linspace(-40, 40, 8001)).value) == []
    x, y, w = (10.0, 5.0, 2.0, 0.5), (1, 0, 0, 1), np.linspace(-3, 3, 600_001)
    mse, ce = (sum(evaluate(n, label=b, at=a * w).value for a, b in zip(x, y, strict=True)) for n in ("mse", "ce"))
    assert isinstance(mse, np.ndarray)
    assert isinstance(ce, np.ndarray)
    left, right = valleys(mse)
    assert (w[right], mse[right]) == (pytest.approx(0.0495, abs=5e-5), pytest.approx(0.9780, abs=5e-5))
    assert (w[left], mse[left]) == (pytest.approx(-0.5718, abs=5e-5), pytest.approx(1.3808, abs=5e-5))
    (only,) = valleys(ce)
    assert w[only] == pytest.approx(0.0553, abs=5e-5)


# ---- C15, C26: likelihoods ------------------------------------------------------------------------------------------


def test_c15_squared_error_is_gaussian_and_cross_entropy_bernoulli() -> None:
    r = np.linspace(-4, 4, 81)
    for sigma, factor, constant in ((1.0, 0.5, 0.9189), (math.sqrt(0.5), 1.0, 0.5724)):
        nll = evaluate("gaussian-nll", label=0, activation="identity", at=r, sigma=sigma).value
        np.testing.assert_allclose(nll, factor * r**2 + constant, atol=5e-5)
    assert cells("mse")["likelihood"].value == "Gaussian"
    assert "variance 0.5" in cells("mse")["likelihood"].evidence
    assert cells("ce")["likelihood"].value == "Bernoulli"
    for p in (0.1, 0.8):
        assert density(*racer("ce"), "sigmoid", p).density.tolist() == pytest.approx([1 - p, p])
    # exactly so for the labels 0 and 1 alone: a soft label has the loss of no coin
    p, y = 0.8, 0.3
    soft = float(evaluate("ce", label=y, at=logit(p)).value)
    assert math.exp(-soft) != pytest.approx(y * p + (1 - y) * (1 - p), rel=0.01)


def test_c26_gaussian_targets_and_bernoulli_targets() -> None:
    assert [cells(name)["likelihood"].value for name in ("mse", "ce", "mae", "poisson")] == [
        "Gaussian", "Bernoulli", "Laplace", "Poisson"]  # fmt: skip
    # the same table tells it of any label: mse takes every number, ce probabilities only
    assert cells("mse", label=7.0)["minimiser"].value is not None
    assert cells("ce", label=7.0)["minimiser"].value is None


# ---- C18, C19, C20, C29: noise and imbalance ------------------------------------------------------------------------


def test_c18_noise_moves_the_optimum_and_smoothing_is_such_noise() -> None:
    for rate in (0.05, 0.2, 0.4):
        # flipped with rate ρ, a true 1 is a 1 with probability 1 − ρ; smoothing by 2ρ has the same optimum
        assert best("ce", 1 - rate) == pytest.approx(1 - rate, rel=1e-12)
        assert best("ce", 1.0, smoothing=2 * rate) == pytest.approx(1 - rate, rel=1e-12)
        # absolute error goes to the end all the same
        assert best("mae", 1 - rate) == 1
    z = np.linspace(-40, 40, 4001)
    mae, gce = (evaluate(n, label=1, at=z).value + evaluate(n, label=0, at=z).value for n in ("mae", "gce"))
    assert mae == pytest.approx(np.ones_like(z), rel=1e-15)
    assert cells("mae")["noise_tolerant"].value is True
    assert (gce.min(), gce.max()) == (pytest.approx(1.098, abs=5e-4), pytest.approx(1.429, abs=5e-4))
    assert cells("gce")["noise_tolerant"].value is False
    assert cells("gce")["bounded"].value is True
    assert evaluate("gce", label=1, at=-1000).value == pytest.approx(1 / 0.7)


def test_c18_flipped_labels_in_a_fit() -> None:
    """Nine right labels in ten: cross-entropy settles near .9, far from the confidence of clean data."""
    confidence = []
    for kind in ("flipped", "separable"):
        problem = make_problem(kind, 400)
        fit = Fit(problem, [racer("ce")], rates=2.0)
        fit.advance(2000)
        p = evaluate("ce", label=1, at=problem.features @ fit.weights[0]).prediction
        confidence.append(float(np.maximum(p, 1 - p).mean()))
    assert confidence[0] == pytest.approx(0.9, abs=0.03)
    assert confidence[1] > 0.99


def test_c19_focal_turns_from_easy_examples_and_towards_hard_ones() -> None:
    def ratio(z: Floats | float) -> Floats:
        return evaluate("focal", label=1, at=z, gamma=2).d_logit / evaluate("ce", label=1, at=z).d_logit

    assert ratio(logit(0.9)) == pytest.approx(0.029, abs=5e-4)
    z = np.linspace(-12, 12, 240_001)
    larger = ratio(z) > 1
    turn = float(z[larger].max())
    assert turn == pytest.approx(-0.8586, abs=5e-4)
    assert evaluate("ce", label=1, at=turn).prediction == pytest.approx(0.298, abs=5e-4)
    assert larger[z < turn].all()
    assert ratio(z).max() == pytest.approx(1.22, abs=5e-3)
    # the losses themselves never cross
    assert (evaluate("focal", label=1, at=z).value < evaluate("ce", label=1, at=z).value).all()


def test_c20_pos_weight_shifts_the_optimum() -> None:
    assert best("ce", 0.01, pos_weight=99.0) == pytest.approx(0.5, abs=1e-12)
    for eta, weight in ((0.01, 99.0), (0.3, 4.0), (0.9, 0.2)):
        assert logit(best("ce", eta, pos_weight=weight)) == pytest.approx(logit(eta) + math.log(weight), abs=1e-9)


def test_c29_weights_work_as_well_for_squared_error() -> None:
    """Examples of class 1 weighing w: the optimum of weighted Brier is that of weighted cross-entropy."""
    loss, params = racer("mse")
    samples = Samples(loss, params, "sigmoid", (1.0, 0.0))
    (minima,) = local_minima(samples, np.array([[99 * 0.01, 0.99]]))
    assert minima[0].low == pytest.approx(0.5, abs=1e-12)
    assert best("ce", 0.01, pos_weight=99.0) == pytest.approx(minima[0].low, abs=1e-12)


# ---- C21, C27: outliers ---------------------------------------------------------------------------------------------

DATA = (1.0, 1.2, 0.8, 1.1, 0.9, 100.0)


def least(name: str, **params: float) -> tuple[float, float]:
    """The constant predictions with the least total loss on the data, as an interval."""
    v = np.unique(np.concatenate([np.linspace(0, 3, 30_001), np.linspace(0, 101, 10_101), DATA]))
    total = sum(evaluate(name, label=y, activation="identity", at=v, **params).value for y in DATA)
    lowest = v[total <= total.min() * (1 + 1e-13)]  # type: ignore[union-attr]
    return float(lowest.min()), float(lowest.max())


def test_c21_which_losses_resist_an_outlier() -> None:
    assert least("mse") == pytest.approx((17.5, 17.5))
    assert least("mae") == pytest.approx((1.0, 1.1))
    assert least("huber") == pytest.approx((1.2, 1.2), abs=1e-4)
    assert least("quantile", tau=0.9) == pytest.approx((100, 100))
    residuals = np.array(DATA) - 1.0
    assert residuals[-1] ** 2 / (residuals**2).sum() == pytest.approx(0.99999, abs=5e-6)


def test_c27_the_pull_of_an_outlier() -> None:
    r = np.array([1.0, 10.0, 100.0])
    pull = {n: evaluate(n, label=0, activation="identity", at=r).d_prediction.tolist() for n in ("mse", "mae", "huber")}
    assert pull == {"mse": [2, 20, 200], "mae": [1, 1, 1], "huber": [1, 1, 1]}
    assert cells("mse", "identity")["lipschitz"].value == math.inf
    assert cells("huber", "identity")["lipschitz"].value == pytest.approx(1)
    # cross-entropy: bounded in the logit, by pos_weight, and not in the probability
    assert cells("ce")["max_abs_d_logit"].value == pytest.approx(1)
    assert cells("ce", pos_weight=5.0)["max_abs_d_logit"].value == pytest.approx(5)
    assert cells("ce")["lipschitz"].value == math.inf


# ---- C23, C25, C28, C34, C35: scores --------------------------------------------------------------------------------


def test_c23_brier_is_a_proper_score_that_trains_poorly_through_a_sigmoid() -> None:
    for eta in (0.05, 0.3, 0.9):
        assert best("mse", eta) == pytest.approx(eta, rel=1e-10)
        assert best("ce", eta) == pytest.approx(eta, rel=1e-10)
    assert cells("mse")["strictly_proper"].value is True
    assert cells("mse")["saturates"].value is True
    assert (best("mae", 0.3), best("mae", 0.7)) == (0, 1)
    ((any_,),) = risk_minima(*racer("mae"), "sigmoid", [0.5])
    assert (any_.low, any_.high) == (0, 1)
    for name, minimiser in (("focal", 0.6942), ("log-cosh", 0.9192), ("poly-1", 0.9430), ("gce", 0.9993)):
        assert cells(name)["risk_minimiser"].value == pytest.approx(minimiser, abs=5e-5)
        assert cells(name)["strictly_proper"].value is False


def test_c25_the_same_ranking_has_different_cross_entropies() -> None:
    labels, timid, bold = (0, 0, 1, 1), (0.4, 0.45, 0.55, 0.6), (0.01, 0.02, 0.98, 0.99)
    assert np.argsort(timid).tolist() == np.argsort(bold).tolist()
    mean = [np.mean([evaluate("ce", label=y, at=logit(p)).value for y, p in zip(labels, ps, strict=True)])
            for ps in (timid, bold)]  # fmt: skip
    assert mean[0] > 30 * mean[1]


@pytest.mark.parametrize("name", ["ce", "mse"])
def test_c28_the_activation_makes_probabilities_not_the_loss(name: str) -> None:
    problem = make_problem("overlapping")
    fit = Fit(problem, [racer(name)], "sigmoid", rates=2.0)
    fit.advance(500)
    p = evaluate(name, label=1, at=problem.features @ fit.weights[0]).prediction
    assert ((p > 0) & (p < 1)).all()
    assert p.mean() == pytest.approx(problem.labels.mean(), abs=0.01)
    assert best(name, 0.3) == pytest.approx(0.3)


def test_c34_squared_error_decomposes_too() -> None:
    """Expected Brier = η(1 − η) + (p − η)²: what nobody can avoid, and the excess."""
    loss, params = racer("brier")
    p = np.linspace(0.01, 0.99, 99)
    for eta in (0.1, 0.5, 0.9):
        risk = expected_loss(loss, params, "sigmoid", eta, np.log(p) - np.log1p(-p)).value
        np.testing.assert_allclose(risk, eta * (1 - eta) + (p - eta) ** 2, rtol=1e-12)
        ((minimum,),) = risk_minima(loss, params, "sigmoid", [eta])
        assert minimum.value == pytest.approx(eta * (1 - eta), rel=1e-12)
    # as the entropy and the divergence do for cross-entropy
    eta = 0.9
    ((minimum,),) = risk_minima(*racer("ce"), "sigmoid", [eta])
    assert minimum.value == pytest.approx(-eta * math.log(eta) - (1 - eta) * math.log(1 - eta), rel=1e-12)


def test_c35_squared_error_asks_for_calibrated_probabilities() -> None:
    assert cells("brier")["strictly_proper"].value is True
    for eta in np.linspace(0.02, 0.98, 13):
        assert best("brier", float(eta)) == pytest.approx(float(eta), abs=1e-10)


# ---- C10, C21 in the race -------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_c10_squared_error_descends_into_the_worse_minimum() -> None:
    """From −1 the race ends at −.5718 with a sum of 1.3808, cross-entropy in its only minimum."""
    problem = make_problem("minima")
    pair = [racer("mse"), racer("ce")]
    aim = aim_of(problem, 0.9, pair, ACTIVATIONS["sigmoid"], [-1.0])
    fit = Fit(problem, pair, rates=0.2, start=[-1.0], aim=aim)
    fit.advance(4000)
    assert fit.weights[:, 0].tolist() == pytest.approx([-0.5718, 0.0553], abs=5e-5)
    assert 4 * fit.now.loss[0] == pytest.approx(1.3808, abs=5e-5)
    assert [float(place[0]) for place in aim.bottoms] == pytest.approx([0.0495, 0.0553], abs=5e-5)
    assert [4 * low for low in aim.lows] == pytest.approx([0.9780, 4 * fit.now.loss[1]], abs=5e-5)
    assert fit.arrived[0] is None
    assert fit.settled(0)
    ahead = fit.bottom_ahead(0)
    assert ahead is not None
    assert float(ahead[0][0]) == pytest.approx(-0.5718, abs=5e-5)
    assert fit.arrived[1] is not None
    better = Fit(problem, [racer("mse")], rates=0.1, start=[0.3])
    better.advance(4000)
    assert better.weights[0, 0] == pytest.approx(0.0495, abs=5e-5)
    assert 4 * better.now.loss[0] == pytest.approx(0.9780, abs=5e-5)


def test_c21_one_number_for_data_with_an_outlier() -> None:
    problem = make_problem("constant")
    assert problem.labels.tolist() == list(DATA)
    four = [racer("mse"), racer("mae"), racer("huber"), racer("quantile", tau=0.9)]
    aim = aim_of(problem, 0.9, four, ACTIVATIONS["identity"], [0.0])
    fit = Fit(problem, four, rates=[0.2, 0.2, 0.2, 20.0], start=[0.0], aim=aim)
    fit.advance(3000)
    mse, mae, huber, _ = fit.weights[:, 0].tolist()
    assert mse == pytest.approx(17.5)
    assert 1.0 <= mae <= 1.1
    assert huber == pytest.approx(1.2, abs=1e-9)
    assert [float(aim.bottoms[i][0]) for i in (0, 3)] == pytest.approx([17.5, 100.0])
    for arrived, path in zip(fit.arrived, fit.history.weights[:, :, 0].T, strict=True):  # near to the five, to stay
        away = np.flatnonzero(np.abs(path - 1) > 0.4 * (1 + 1e-9))
        assert arrived == (None if away[-1] == len(path) - 1 else int(away[-1]) + 1)
    assert [step is not None for step in fit.arrived] == [False, True, True, False]
    assert fit.settled(0)
