"""Weights and labels so small that what they meet overflows first: against mpmath."""

from __future__ import annotations

import mpmath
import pytest

import lossterm


@pytest.mark.parametrize("logit", [5.0, 700.0, 734.0, 740.0, 745.0, 753.0])
def test_focal_of_a_smoothed_label_behind_cloglog(logit: float) -> None:
    label = 1 - 0.5e-10
    found = lossterm.evaluate("focal", label=label, activation="cloglog", at=[logit])
    with mpmath.workdps(400):
        far = mpmath.e ** mpmath.mpf(logit)  # −ln(1 − p)
        q = mpmath.e**-far if far < 1e3 else mpmath.mpf(0)
        y = mpmath.mpf(label)
        value = (1 - y * (1 - q) - (1 - y) * q) ** 2 * ((1 - y) * far - y * mpmath.log(1 - q))
        assert abs(found.value[0] / value - 1) < 1e-13
        if logit >= 700:  # the cross-entropy of 1 − p is all there is, and its derivatives are itself
            assert abs(found.d_logit[0] / value - 1) < 1e-13
            assert abs(found.d2_logit[0] / value - 1) < 1e-13


def test_a_true_infinity_stays_one() -> None:
    flat = lossterm.evaluate("focal", label=1 - 0.5e-10, activation="hard-sigmoid", at=[9.0])
    assert flat.value[0] == float("inf")


@pytest.mark.parametrize("label", [1e-300, 1e-310, 5e-324, 1e-100])
@pytest.mark.parametrize(
    ("activation", "logit"),
    [("exp", -700.0), ("exp", -690.0), ("exp", 5.0), ("identity", 1e-300), ("identity", 1e-200), ("sigmoid", -650.0)],
)
def test_poisson_of_a_count_that_is_almost_0(label: float, activation: str, logit: float) -> None:
    found = lossterm.evaluate("poisson", label=label, activation=activation, at=[logit])
    with mpmath.workdps(360):
        z, y = mpmath.mpf(logit), mpmath.mpf(label)
        v = {"identity": z, "exp": mpmath.exp(z), "softplus": mpmath.log1p(mpmath.exp(z)),
             "sigmoid": 1 / (1 + mpmath.exp(-z))}[activation]  # fmt: skip
        for name, truth in (
            ("value", v - y * mpmath.log(v) + mpmath.loggamma(y + 1)),
            ("d_prediction", 1 - y / v),
            ("d2_prediction", y / v**2),
        ):
            got = float(getattr(found, name)[0])
            if truth > mpmath.mpf("1.79e308"):
                assert got == float("inf")
            elif abs(truth) < mpmath.mpf("1e-307"):
                assert abs(got - float(truth)) < 1e-307
            else:
                assert abs(got / truth - 1) < 1e-13, name
