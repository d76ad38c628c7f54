"""The expected loss and the densities, against sums, searches and closed forms."""

import math

import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, find_loss
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.losses.risk import density, expected_loss, risk_minima
from lossterm.core.properties.likelihood import Domain
from lossterm.core.properties.minima import Minimum

ETAS = (0.03, 0.3, 0.5, 0.77, 0.99)


def only(minima: list[Minimum]) -> Minimum:
    (found,) = minima
    return found


def minimiser(loss: str, eta: float, activation: str = "sigmoid", smoothing: float = 0.0, **params: float) -> float:
    found = find_loss(loss)
    (minima,) = risk_minima(found, found.complete(params), activation, [eta], smoothing=smoothing)
    return only(minima).low


@pytest.mark.parametrize("name", [n for n, x in LOSSES.items() if not (x.label_problem(0.0) or x.label_problem(1.0))])
@pytest.mark.parametrize("activation", ["sigmoid", "identity", "tanh", "softplus", "hard-sigmoid"])
def test_no_prediction_has_a_smaller_risk(name: str, activation: str) -> None:
    loss = LOSSES[name]
    rng = np.random.default_rng(3)
    z = np.concatenate([rng.normal(scale=3.0, size=2000), np.linspace(-1, 2, 3001)])
    for eta, minima in zip(ETAS, risk_minima(loss, loss.defaults, activation, ETAS), strict=True):
        drawn = expected_loss(loss, loss.defaults, activation, eta, z).value
        least = float(np.nanmin(drawn))
        for minimum in minima:
            assert least >= minimum.value - 1e-12
            # of what falls without end nothing that is drawn is near its infimum
            endless = minimum.value < -100 and not minimum.attained and math.isinf(minimum.low)
            assert least <= minimum.value + 0.02 * max(1.0, abs(minimum.value)) or endless


def test_expected_loss_is_the_weighted_sum() -> None:
    loss, z = LOSSES["focal"], np.linspace(-5, 5, 21)
    one, zero = (evaluate_at(loss, loss.defaults, y, "sigmoid", z) for y in (1.0, 0.0))
    risk = expected_loss(loss, loss.defaults, "sigmoid", 0.3, z)
    for name in ("value", "d_logit", "d2_logit", "d_prediction", "d2_prediction"):
        expected = 0.3 * getattr(one, name) + 0.7 * getattr(zero, name)
        np.testing.assert_allclose(getattr(risk, name), expected, rtol=1e-15)


def test_a_label_that_never_occurs_has_no_say() -> None:
    loss = LOSSES["cross-entropy"]
    risk = expected_loss(loss, loss.defaults, "identity", 1.0, [1.0, 0.5])
    assert risk.value.tolist() == [0, pytest.approx(math.log(2))]
    assert only(risk_minima(loss, loss.defaults, "identity", [1.0])[0]).low == 1


@pytest.mark.parametrize("eta", ETAS)
def test_pos_weight_shifts_the_logit_by_its_logarithm(eta: float) -> None:
    for weight in (0.5, 3.0, 99.0):
        p = minimiser("ce", eta, pos_weight=weight)
        assert math.log(p / (1 - p)) == pytest.approx(math.log(eta / (1 - eta)) + math.log(weight), abs=1e-9)


def test_pos_weight_99_undoes_one_in_a_hundred() -> None:
    assert minimiser("ce", 0.01, pos_weight=99.0) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("loss", ["ce", "mse", "poisson"])
def test_smoothing_shrinks_towards_a_half(loss: str) -> None:
    for eta in ETAS:
        assert minimiser(loss, eta, smoothing=0.2) == pytest.approx(0.8 * eta + 0.1, rel=1e-10)


@pytest.mark.parametrize(("gamma", "eta"), [(2.0, 0.9), (0.5, 0.3), (5.0, 0.99)])
def test_focal_minimiser_balances_the_two_slopes(gamma: float, eta: float) -> None:
    """∂ risk/∂p by the textbook formula q^(γ−1)[γ log p − q/p] and its mirror image."""
    p = minimiser("focal", eta, gamma=gamma)
    q = 1 - p
    one = q ** (gamma - 1) * (gamma * math.log(p) - q / p)
    zero = p ** (gamma - 1) * (p / q - gamma * math.log(q))
    assert eta * one + (1 - eta) * zero == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("eta", ETAS)
def test_generalised_cross_entropy_sharpens_the_odds(eta: float) -> None:
    # p/(1 − p) = (η/(1 − η))^(1/(1−q))
    odds = (eta / (1 - eta)) ** (1 / 0.3)
    assert minimiser("gce", eta) == pytest.approx(odds / (1 + odds), rel=1e-9)


def test_absolute_error_is_least_at_an_end_and_anywhere_at_even_odds() -> None:
    loss = LOSSES["absolute-error"]
    low, even, high = risk_minima(loss, loss.defaults, "sigmoid", [0.3, 0.5, 0.9])
    assert (only(low).low, only(high).low, only(high).attained) == (0, 1, False)
    assert (only(even).low, only(even).high) == (0, 1)


def test_refusals() -> None:
    hinge, ce = LOSSES["hinge"], LOSSES["cross-entropy"]
    with pytest.raises(ValueError, match="between 0 and 1"):
        expected_loss(ce, ce.defaults, "sigmoid", 1.5, [0.0])
    with pytest.raises(ValueError, match="hinge needs a label"):
        risk_minima(hinge, hinge.defaults, "sigmoid", [0.5], smoothing=0.1)
    with pytest.raises(ValueError, match="no density"):
        density(ce, ce.defaults, "identity", 2.0)
    assert risk_minima(ce, ce.defaults, "sigmoid", []) == []


# ---- densities ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("loss", "variance"), [("mse", 0.5), ("half-mse", 1.0), ("gaussian-nll", 1.0)])
def test_squared_errors_are_gaussians(loss: str, variance: float) -> None:
    found = find_loss(loss)
    bell = density(found, found.defaults, "identity", 0.3)
    assert bell.domain is Domain.REAL
    expected = np.exp(-((bell.labels - 0.3) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    np.testing.assert_allclose(bell.density, expected, rtol=1e-10)


def test_absolute_error_is_a_laplace_density() -> None:
    loss = LOSSES["absolute-error"]
    tent = density(loss, loss.defaults, "identity", -2.0)
    np.testing.assert_allclose(tent.density, np.exp(-np.abs(tent.labels + 2)) / 2, rtol=1e-12)


def test_log_cosh_is_the_hyperbolic_secant() -> None:
    loss = LOSSES["log-cosh"]
    assert density(loss, loss.defaults, "identity", 0.0).normaliser == pytest.approx(math.pi, rel=1e-10)


def test_huber_s_normaliser() -> None:
    # √2π·erf(1/√2) + 2e^(−1/2)
    loss = LOSSES["huber"]
    expected = math.sqrt(2 * math.pi) * math.erf(1 / math.sqrt(2)) + 2 * math.exp(-0.5)
    assert density(loss, loss.defaults, "identity", 5.0).normaliser == pytest.approx(expected, rel=1e-9)


def test_cross_entropy_is_the_probability_itself() -> None:
    loss = LOSSES["cross-entropy"]
    for p in (0.0, 0.3, 1.0):
        coin = density(loss, loss.defaults, "sigmoid", p)
        assert coin.density.tolist() == pytest.approx([1 - p, p])
        assert coin.normaliser == pytest.approx(1)


def test_poisson_counts() -> None:
    loss = LOSSES["poisson"]
    counts = density(loss, loss.defaults, "exp", 3.0)
    expected = [math.exp(-3) * 3**k / math.factorial(k) for k in range(10)]
    assert counts.density[:10].tolist() == pytest.approx(expected, rel=1e-12)
    assert counts.normaliser == pytest.approx(1, abs=1e-9)


def test_zero_one_takes_its_threshold_from_the_activation() -> None:
    loss = LOSSES["zero-one"]
    for activation, tie in (("sigmoid", 0.5), ("tanh", 0.0)):
        assert ACTIVATIONS[activation].threshold == tie
        assert density(loss, loss.defaults, activation, tie).density.tolist() == [0.5, 0.5]
