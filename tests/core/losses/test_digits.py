"""Places where terms cancel, overflow or lose what is missing to 1: true values from mpmath or closed forms."""

import copy
import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import lossterm
from lossterm.core.jets import Jet, log1pmx
from lossterm.core.losses.formulas import find_loss
from lossterm.core.losses.labels import Smoothed, log_factorial_excess, rest_of, smoothed
from lossterm.core.losses.risk import density


def pq(z: float) -> tuple[mpf, mpf]:
    """σ(z) and σ(−z)."""
    return 1 / (1 + mp.exp(-mpf(z))), 1 / (1 + mp.exp(mpf(z)))


@pytest.mark.parametrize("epsilon", [-1.0, -0.999999, -0.5, 1.0, 1.000001, 2.0, 10.0])
@pytest.mark.parametrize("z", [-700.0, -60.0, -40.0, -30.0, -9.0, 0.5, 9.0, 20.0, 30.0, 40.0, 60.0, 350.0])
def test_poly_1_is_exact_where_it_cancels(epsilon: float, z: float) -> None:
    # y = 1: L′ = −q(1 + εp), L″ = pq(1 − ε + 2εp)
    got = lossterm.evaluate("poly-1", label=1, at=z, epsilon=epsilon)
    with mp.workdps(360):
        (p, q), e = pq(z), mpf(epsilon)
        assert float(got.d_logit) == pytest.approx(float(-q * (1 + e * p)), rel=1e-12, abs=0)
        assert float(got.d2_logit) == pytest.approx(float(p * q * (1 - e + 2 * e * p)), rel=1e-11, abs=0)
        value = -mp.log1p(-q) + e * q
        assert float(got.value) == pytest.approx(float(value), rel=1e-12, abs=0)


@pytest.mark.parametrize(("loss", "parameter"), [("huber", "delta"), ("smooth-l1", "beta")])
@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("size", [37.0, 40.0, 300.0, 700.0])
def test_a_residual_just_short_of_the_corner_is_still_quadratic(
    loss: str, parameter: str, label: float, size: float
) -> None:
    z = -size if label else size
    for corner, bend in ((1.0, 1.0), (math.nextafter(1.0, 0.0), 0.0)):
        params: dict[str, Any] = {parameter: corner}
        assert float(lossterm.evaluate(loss, label=label, at=z, **params).d2_prediction) == bend


def test_beside_the_largest_double_only_what_is_beyond_it_is_infinite() -> None:
    half = lossterm.evaluate("half-mse", label=0, activation="exp", at=355.0)
    with mp.workdps(30):
        assert float(half.value) == pytest.approx(float(mp.exp(710) / 2), rel=1e-12)
        rest = mpf(1) - mpf(0.9)
        assert float(lossterm.evaluate("quantile", label=0, activation="exp", at=709.8, tau=0.9).d_logit) == (
            pytest.approx(float(rest * mp.exp(mpf(709.8))), rel=1e-12)
        )
    soft = lossterm.evaluate("ce", label=0.99, activation="cloglog", at=712.0)
    with mp.workdps(30):
        exact = float((1 - mpf(0.99)) * mp.exp(712))
    for got in (soft.value, soft.d_logit, soft.d2_logit):
        assert float(got) == pytest.approx(exact, rel=1e-12)
    assert math.isinf(float(lossterm.evaluate("ce", label=0.5, activation="cloglog", at=712.0).value))


@pytest.mark.parametrize("loss", ["hinge", "absolute-error", "quantile"])
def test_a_gap_that_has_underflowed_is_still_a_gap(loss: str) -> None:
    got = lossterm.evaluate(loss, label=1, activation="cloglog", at=[700.0, 710.0, 800.0, 1e6])
    assert got.d_prediction.tolist() == [-0.5 if loss == "quantile" else -1.0] * 4


def test_a_slope_that_grows_without_bound_is_infinite() -> None:
    got = lossterm.evaluate("focal", label=0.99, activation="hard-sigmoid", at=[3.0, 4.0], gamma=5)
    assert np.isposinf(got.value).all()
    assert np.isposinf(got.d_prediction).all()
    assert np.isposinf(got.d2_prediction).all()


@pytest.mark.parametrize("loss", ["ce", "focal", "poly-1", "gce", "poisson"])
@pytest.mark.parametrize("label", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_outside_the_domain_nothing_is_defined(loss: str, label: float, activation: str) -> None:
    got = lossterm.evaluate(loss, label=label, activation=activation, at=[-5e-324, -1e-310, -1e-301, -1e-20, -3.0])
    for part in (got.value, got.d_prediction, got.d2_prediction, got.d_logit, got.d2_logit):
        assert np.isnan(part).all()


@pytest.mark.parametrize("label", [1e-300, 1e-9, 1e-3, 0.3, 0.7, 3.0, 14.9, 15.1, 1e3, 1e6, 1e15])
@pytest.mark.parametrize("ratio", [1e-6, 0.5, 0.69, 0.71, 0.999999, 1.0, 1.000001, 1.29, 1.31, 2.0, 1e6])
def test_poisson_keeps_its_digits_beside_its_minimum(label: float, ratio: float) -> None:
    v = label * ratio
    got = float(lossterm.evaluate("poisson", label=label, activation="identity", at=v).value)
    with mp.workdps(400):
        exact = mpf(v) - mpf(label) * mp.log(mpf(v)) + mp.loggamma(mpf(label) + 1)
        assert got == pytest.approx(float(exact), rel=1e-13, abs=0)


@pytest.mark.parametrize("count", [1e-320, 1e-12, 0.1, 0.499, 0.501, 1.0, 2.5, 14.99, 15.01, 170.5, 1e8, 1e300])
@pytest.mark.sampled(4)
@pytest.mark.exhaustive
def test_the_least_surprise_of_a_count(count: float) -> None:
    with mp.workdps(360):
        y = mpf(count)
        exact = float(mp.loggamma(y + 1) - y * mp.log(y) + y)
    assert log_factorial_excess(count) == pytest.approx(exact, rel=1e-14)
    assert log_factorial_excess(np.array([count, 0.0])).tolist() == [log_factorial_excess(count), 0.0]  # type: ignore[union-attr]


@pytest.mark.parametrize("q", [1e-8, 1e-6, 1e-5, 1e-3, 0.5, 0.999999, 1.0])
@pytest.mark.parametrize("z", [-40.0, -18.4, -16.0, -5.0, 0.0, 3.0, 30.0])
def test_generalized_cross_entropy_bends_as_it_should_for_any_q(q: float, z: float) -> None:
    # y = 1: L″ = p^q·q̄·(p − k·q̄), k the parameter and q̄ = 1 − p
    got = float(lossterm.evaluate("gce", label=1, at=z, q=q).d2_logit)
    with mp.workdps(60):
        p, rest = pq(z)
        exact = p ** mpf(q) * rest * (p - mpf(q) * rest)
        assert got == pytest.approx(float(exact), rel=1e-12, abs=1e-12 * float(p * rest))


@pytest.mark.parametrize("steps", [0, 1, -1, 40, -40, 10**6, -(10**6)])
def test_softplus_knows_its_gap_to_one(steps: int) -> None:
    z = 0.5413248546129181 + steps * 2.0**-53
    got = lossterm.evaluate("ce", label=0, activation="softplus", at=z)
    with mp.workdps(60):
        rest = 1 - mp.log1p(mp.exp(mpf(z)))
        if rest < 0:
            assert np.isnan(got.value)
        else:
            assert float(got.value) == pytest.approx(float(-mp.log(rest)), rel=1e-12)
            assert float(got.d_prediction) == pytest.approx(float(1 / rest), rel=1e-12)


def test_zero_one_behind_cloglog_decides_at_the_very_half() -> None:
    z = -0.36651292058166435
    above = [z, math.nextafter(z, -1.0), math.nextafter(z, 0.0)]
    with mp.workdps(40):
        sides = [float(mp.exp(-mp.exp(mpf(x))) > 0.5) for x in above]
    assert lossterm.evaluate("zero-one", label=1, activation="cloglog", at=above).value.tolist() == sides


# ---- smoothed labels ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [1e-3, 1e-5, 1e-8, 1e-12, 1e-15, 1e-17, 1e-30])
@pytest.mark.parametrize("loss", ["ce", "mse", "absolute-error"])
@pytest.mark.parametrize("z", [2.0, 20.0, 36.5, 40.0, 60.0])
def test_smoothing_keeps_what_is_missing_to_one(loss: str, smoothing: float, z: float) -> None:
    got = lossterm.evaluate(loss, label=1, smoothing=smoothing, at=z)
    with mp.workdps(80):
        p, q = pq(z)
        short = mpf(smoothing) / 2 - q  # p − y
        exact = {"ce": short, "mse": 2 * short * p * q, "absolute-error": mp.sign(short) * p * q}[loss]
        room = 1e-15 * float(max(mpf(smoothing), q))  # beside the root of p = y
    assert float(got.d_logit) == pytest.approx(float(exact), rel=1e-12, abs=room)
    mirrored = lossterm.evaluate(loss, label=0, smoothing=smoothing, at=-z)
    assert float(mirrored.d_logit) == pytest.approx(-float(got.d_logit), rel=1e-12, abs=room)


def test_a_smoothed_label_is_not_hard() -> None:
    label = smoothed(1.0, 1e-18)
    assert float(label) == 1.0
    assert label != 1.0
    assert label not in (0, 1)
    assert rest_of(label) == 5e-19
    assert smoothed(1.0, 1e-18) == label != smoothed(1.0, 2e-18)
    assert smoothed(1.0, 0.1) == 0.95
    assert smoothed(1.0, 0.0) == 1.0
    with pytest.raises(ValueError, match="needs a label 0 or 1"):
        lossterm.evaluate("hinge", label=1, smoothing=1e-18, activation="identity", at=0.0)


@pytest.mark.parametrize("label", [0.0, 0.25, 0.75, 1.0])
@pytest.mark.parametrize("smoothing", [1e-20, 1e-9, 0.1, 0.5, 1.0])
def test_a_label_and_its_rest_are_both_exact(label: float, smoothing: float) -> None:
    y = smoothed(label, smoothing)
    with mp.workdps(60):
        exact = mpf(label) * (1 - mpf(smoothing)) + mpf(smoothing) / 2
        assert float(y) == pytest.approx(float(exact), rel=3e-16, abs=0)
        assert rest_of(y) == pytest.approx(float(1 - exact), rel=3e-16, abs=0)
    assert rest_of(1 - y) == float(y)
    assert 1 - (1 - y) == y


def test_a_smoothed_label_is_a_number_like_any_other() -> None:
    label = smoothed(1.0, 1e-10)
    for same in (copy.deepcopy(label), pickle.loads(pickle.dumps(label))):
        assert isinstance(same, Smoothed)
        assert same == label and rest_of(same) == rest_of(label) and hash(same) == hash(label)
    assert json.dumps(label) == json.dumps(float(label))
    assert repr(label) == repr(float(label))
    assert 2 - label == 2 - float(label)


# ---- jets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [-0.999, -0.5, -0.31, -0.3, -0.29, -1e-8, 1e-300, 1e-8, 0.1, 0.3, 0.31, 1.0, 1e5])
def test_log1p_minus_its_argument(t: float) -> None:
    with mp.workdps(360):
        exact = float(mp.log1p(mpf(t)) - mpf(t))
    assert log1pmx(np.array([t]))[0] == pytest.approx(exact, rel=2e-15, abs=0)


def test_a_factor_brings_back_what_had_overflowed() -> None:
    one = np.array([2.0**-60])
    huge = Jet(np.array([np.inf]), np.array([np.inf]), np.array([np.inf]),
               scaled=lambda: Jet(np.array([2.0**960]), np.array([2.0**970]), np.array([2.0**964])))  # fmt: skip
    with np.errstate(invalid="ignore"):
        products = (huge * 2.0**-60, 2.0**-60 * huge, huge / 2.0**60, huge * Jet(one, 0 * one, 0 * one), huge * one)
    for product in products:
        assert product.value.tolist() == [2.0**964]
        assert product.first is not None and product.second is not None
        assert product.first.tolist() == [2.0**974]
        assert product.second.tolist() == [2.0**968]
    with np.errstate(invalid="ignore"):
        half = 2.0**-60 * (huge - 7.0) + huge * 2.0**-60
    assert half.value.tolist() == [2.0**965]
    assert (-(2.0**-60 * huge)).value.tolist() == [-(2.0**964)]
    assert np.isinf((huge + 1.0).value).all()


# ---- names and normalisers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["accuracy", "precision"])
def test_a_name_that_means_another_number_is_none(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        find_loss(name)


@pytest.mark.parametrize("delta", [1e-3, 0.1, 0.5, 1.0, 1.345, 3.0, 1e3])
def test_hubers_normaliser_has_a_closed_form(delta: float) -> None:
    loss = find_loss("huber")
    got = density(loss, loss.complete({"delta": delta}), "identity", 0.25).normaliser
    exact = math.sqrt(2 * math.pi) * math.erf(delta / math.sqrt(2)) + 2 * math.exp(-(delta**2) / 2) / delta
    assert got == pytest.approx(exact, rel=1e-14)
    loss = find_loss("smooth-l1")
    got = density(loss, loss.complete({"beta": delta}), "identity", -3.0).normaliser
    with mp.workdps(30):
        middle = mp.quad(lambda u: mp.exp(-(u**2) / (2 * mpf(delta))), mp.linspace(0, mpf(delta), 40))
        tail = mp.exp(-mpf(delta) / 2)
    assert got == pytest.approx(float(2 * (middle + tail)), rel=1e-13)
