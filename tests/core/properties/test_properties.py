"""Properties against answers known from analysis, and against brute force that uses other numbers than they do."""

from __future__ import annotations

import json
import math
import re
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, find_loss
from lossterm.core.losses.objective import Evaluation, evaluate_at
from lossterm.core.losses.own.definition import defined
from lossterm.core.numbers import trimmed
from lossterm.core.properties import ABOUT, OF_LABEL, Property, properties
from tests.families import AT_PLACES, FIRST

Floats = NDArray[np.float64]

COMBINATIONS = [(loss, activation) for loss in FIRST for activation in ACTIVATIONS]
LABELS = dict.fromkeys(ACTIVATIONS, (1.0, 0.3)) | dict.fromkeys(("cloglog", "relu", "exp"), (1.0, 0.0))
VIEWS = [(loss, activation, label) for loss, activation in COMBINATIONS for label in LABELS[activation]]
EXTRA = (("sigmoid", 0.0), ("sigmoid", -1.0), ("identity", 3.5), ("tanh", -1.0), ("exp", 3.5))


def each(*views: tuple[str, str, float]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("loss", "activation", "label"), views)


@cache
def table(loss: str, activation: str = "sigmoid", label: float = 1.0, **params: float) -> dict[str, Property]:
    found = find_loss(loss)
    return properties(found, found.complete(params), activation, label)


def value(name: str, loss: str, activation: str = "sigmoid", label: float = 1.0, **params: float) -> object:
    return table(loss, activation, label, **params)[name].value


def number(name: str, loss: str, activation: str = "sigmoid", label: float = 1.0, **params: float) -> float:
    found = value(name, loss, activation, label, **params)
    assert isinstance(found, float)
    return found


def at(loss: str, activation: str, label: float, logits: object) -> Evaluation:
    found = LOSSES[loss]
    return evaluate_at(found, found.defaults, label, activation, np.asarray(logits, dtype=float))


# ---- every combination ----------------------------------------------------------------------------------------------


@each(*((loss, activation, label) for loss in FIRST for activation, label in EXTRA), *VIEWS)
@pytest.mark.sampled(5)
def test_every_cell_is_a_value_with_evidence(loss: str, activation: str, label: float) -> None:
    found = table(loss, activation, label)
    assert list(found) == list(ABOUT)
    problem = LOSSES[loss].label_problem(label)
    for name, cell in found.items():
        assert cell.value is None or isinstance(cell.value, bool | float | str)
        assert not (isinstance(cell.value, float) and math.isnan(cell.value))
        assert cell.evidence
        assert "nan" not in cell.evidence
        assert all(math.isfinite(point) for point in cell.points)
        decides = loss == "zero-one" and activation not in ("softplus", "exp")  # it jumps: v is a probability's place
        score = LOSSES[loss].hard_only and not decides
        undecided = (problem is not None and name in OF_LABEL) or (name in ("strictly_proper", "proper") and score)
        assert (cell.value is None) == undecided, (name, cell)
        if problem is not None and name in OF_LABEL:
            assert cell.evidence == problem


@each(*VIEWS, *AT_PLACES)
@pytest.mark.sampled(8)
def test_suprema_bound_what_is_drawn_at_random(loss: str, activation: str, label: float) -> None:
    if LOSSES[loss].label_problem(label):
        return
    cells = table(loss, activation, label)
    rng = np.random.default_rng(1)
    z = np.concatenate([rng.normal(scale=s, size=400) for s in (1.0, 5.0, 30.0)])
    if loss not in FIRST:  # a corner that is rounded within a thousandth, or an edge, is met by chance only once told
        told = [point for name in ("max_abs_d_logit", "lipschitz", "smoothness") for point in cells[name].points]
        z = np.concatenate([z, told, [math.nextafter(point, 0.0) for point in told]])
    e = at(loss, activation, label, z)
    inside = np.isfinite(e.value) & np.isfinite(e.d_logit)
    pairs = [("max_abs_d_logit", e.d_logit), ("lipschitz", e.d_prediction), ("smoothness", e.d2_logit)]
    for name, array in pairs:
        bound, seen = cells[name].value, float(np.nanmax(np.abs(array[inside])))
        assert isinstance(bound, float)
        assert seen <= bound * (1 + 1e-8) + 1e-300, name
        if math.isfinite(bound):
            # and it is a least bound: something random comes near it
            assert seen >= 0.97 * bound, name
    if cells["bounded"].value is True:
        assert np.isfinite(e.value[~np.isnan(e.value)]).all()


def chord_gaps(view: tuple[str, str, float], centre: Floats, half: Floats) -> tuple[Floats, Floats]:
    """How far chords lie above the values at their middles, and the size of the values."""
    left, middle, right = (at(*view, centre + k * half).value for k in (-1, 0, 1))
    with np.errstate(invalid="ignore"):
        gap = (left + right) / 2 - middle
    known = np.isfinite(gap)
    return gap[known], np.maximum(np.abs(left), np.abs(right))[known]


@each(*VIEWS, *AT_PLACES)
@pytest.mark.sampled(8)
def test_convexity_by_chords(loss: str, activation: str, label: float) -> None:
    """Values alone: below every chord if convex, above a short one about the point that is told if not."""
    if LOSSES[loss].label_problem(label):
        return
    cell, view = table(loss, activation, label)["convex_in_logit"], (loss, activation, label)
    if cell.value is True:
        rng = np.random.default_rng(2)
        gap, size = chord_gaps(view, rng.normal(scale=4.0, size=1200), rng.exponential(2.0, 1200))
        assert (gap >= -1e-13 * size - 1e-300).all()
    else:
        # the point may lie beside a kink that bends the other way
        shift, half = np.meshgrid([0.0, 0.1, -0.1, 0.3, -0.3], [0.3, 0.1, 0.03, 0.01, 1e-3])
        gap, size = chord_gaps(view, cell.points[0] + shift, half)
        assert (gap < -1e-9 * size).any()


def test_values_and_evidence_are_json() -> None:
    for cell in table("squared-error").values():
        json.dumps([cell.value, cell.evidence, cell.tolerance, cell.points], allow_nan=False)


# ---- known answers --------------------------------------------------------------------------------------------------


def test_squared_error_behind_a_sigmoid() -> None:
    cells = table("mse")
    assert cells["max_abs_d_logit"].value == pytest.approx(8 / 27, rel=1e-12)
    steepest, sharpest = (cells[name].points[0] for name in ("max_abs_d_logit", "smoothness"))
    assert at("squared-error", "sigmoid", 1.0, steepest).prediction == pytest.approx(1 / 3)
    assert cells["smoothness"].value == pytest.approx(0.15406, abs=5e-6)
    assert at("squared-error", "sigmoid", 1.0, sharpest).prediction == pytest.approx(0.6144, abs=5e-5)
    assert cells["inflections"].value == pytest.approx(-math.log(2), abs=1e-12)
    assert cells["lipschitz"].value == pytest.approx(2)
    assert cells["saturates"].value is True
    assert cells["bounded"].value is True
    assert cells["growth"].value == "bounded"
    assert cells["convex_in_logit"].value is False
    assert cells["convex_in_prediction"].value is True


def test_cross_entropy_behind_a_sigmoid() -> None:
    cells = table("ce")
    assert cells["smoothness"].value == pytest.approx(0.25, rel=1e-12)
    assert cells["smoothness"].points == (0.0,)
    assert cells["max_abs_d_logit"].value == pytest.approx(1, rel=1e-12)
    assert cells["lipschitz"].value == math.inf
    assert cells["saturates"].value is False
    assert cells["bounded"].value is False
    assert cells["growth"].value == "linear"
    assert cells["convex_in_logit"].value is True
    assert cells["inflections"].value == "none"


def test_smoothness_elsewhere() -> None:
    assert number("smoothness", "ce", "probit") == pytest.approx(1, rel=1e-9)
    assert number("smoothness", "ce", pos_weight=4.0) == pytest.approx(1, rel=1e-12)
    assert number("smoothness", "mse", "identity") == 2
    assert number("smoothness", "half-mse", "identity") == 1
    assert number("smoothness", "squared-hinge", "identity") == 2
    assert number("smoothness", "smooth-l1", "identity", beta=1e-6) == pytest.approx(1e6)
    assert number("smoothness", "mae", "identity") == math.inf
    assert number("smoothness", "mse", "relu") == math.inf
    assert number("smoothness", "mse", "relu", label=0.0) == pytest.approx(2)
    assert number("smoothness", "poisson", "softplus", label=0.0) == pytest.approx(0.25)


def test_inflections() -> None:
    assert value("inflections", "focal") == pytest.approx(-2.7904, abs=5e-5)
    # the curvature of (p − y)² vanishes where 3p² − 2(1 + y)p + y = 0
    roots = [(1.9 + sign * math.sqrt(1.9**2 - 2.7)) / 3 for sign in (-1, 1)]
    found = at("squared-error", "sigmoid", 0.9, table("mse", label=0.9)["inflections"].points)
    assert found.prediction.tolist() == pytest.approx(roots, rel=1e-12)
    assert value("inflections", "mae", label=0.3) == "-0.8472978604, 0"
    assert value("inflections", "mse", "hard-sigmoid") == -3
    assert value("inflections", "mse", "tanh") == pytest.approx(-math.log(2) / 2, abs=1e-12)


@pytest.mark.parametrize("loss", [name for name in FIRST if name != "zero-one"])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_every_loss_but_zero_one_is_convex_in_its_score(loss: str, label: float) -> None:
    cells = table(loss, "identity", label)
    assert cells["convex_in_logit"].value is True
    assert cells["inflections"].value == "none"


@pytest.mark.parametrize(("loss", "activation"), COMBINATIONS)
@pytest.mark.sampled(5)
def test_every_loss_that_does_not_jump_is_convex_in_the_prediction(loss: str, activation: str) -> None:
    jumps = loss == "zero-one" and activation not in ("softplus", "exp")  # these never predict class 0
    assert value("convex_in_prediction", loss, activation) is (not jumps)


@pytest.mark.exhaustive
def test_convex_behind_a_sigmoid_and_not() -> None:
    """With the labels 0 and 1, exactly the likelihoods with their link, and poly-1, are convex."""
    convex = {loss for loss in FIRST if table(loss)["convex_in_logit"].value}
    assert convex == {"cross-entropy", "poisson", "poly-1"}
    assert value("convex_in_logit", "poly-1", epsilon=5.0) is False
    assert value("convex_in_logit", "focal", gamma=0.0) is True
    assert value("convex_in_logit", "focal", "probit") is True


@pytest.mark.parametrize(
    ("loss", "activation", "label", "growth"),
    [
        ("ce", "sigmoid", 1.0, "linear"),
        ("ce", "probit", 1.0, "quadratic"),
        ("ce", "cloglog", 1.0, "linear"),
        ("ce", "cloglog", 0.0, "exponential"),
        ("ce", "identity", 1.0, "log"),
        ("ce", "identity", 0.0, "log"),
        ("ce", "hard-sigmoid", 1.0, "log"),
        ("mse", "identity", 1.0, "quadratic"),
        ("mse", "exp", 1.0, "exponential"),
        ("huber", "identity", -1e6, "linear"),
        ("log-cosh", "softplus", 3.5, "linear"),
        ("exponential", "identity", 1.0, "exponential"),
        ("exponential", "tanh", 1.0, "bounded"),
        ("gce", "sigmoid", 1.0, "bounded"),
        ("poisson", "exp", 2.0, "exponential"),
        ("zero-one", "identity", 1.0, "bounded"),
    ],
)
def test_growth(loss: str, activation: str, label: float, growth: str) -> None:
    assert value("growth", loss, activation, label) == growth


def test_saturation() -> None:
    for loss in ("mae", "gce", "hinge", "huber", "zero-one", "exponential"):
        assert value("saturates", loss) is True
    for loss in ("ce", "focal", "poly-1", "poisson"):
        assert value("saturates", loss) is False
    assert value("saturates", "mse", "identity") is False
    assert value("saturates", "mse", "relu") is True  # a dead unit
    assert value("saturates", "mse", "relu", label=0.0) is False
    assert value("saturates", "poisson", "identity") is False


@pytest.mark.parametrize(
    ("loss", "activation", "label", "where", "attained"),
    [
        ("ce", "sigmoid", 1.0, 1.0, False),
        ("ce", "sigmoid", 0.9, 0.9, True),
        ("ce", "identity", 1.0, 1.0, True),
        ("ce", "hard-sigmoid", 1.0, 1.0, True),
        ("ce", "softplus", 1.0, 1.0, True),
        ("mse", "relu", 0.0, 0.0, True),
        ("mse", "relu", -1.0, 0.0, True),
        ("mse", "softplus", 0.0, 0.0, False),
        ("mse", "identity", 1e6, 1e6, True),
        ("focal", "sigmoid", 0.9, 0.98625, True),
        ("poisson", "sigmoid", 1.0, 1.0, False),
        ("exponential", "identity", 1.0, math.inf, False),
        ("exponential", "identity", 0.0, -math.inf, False),
        ("hinge", "tanh", 1.0, 1.0, False),
    ],
)
def test_minimiser(loss: str, activation: str, label: float, where: float, attained: bool) -> None:
    cell = table(loss, activation, label)["minimiser"]
    assert cell.value == pytest.approx(where, rel=1e-5)
    assert ("not attained" not in cell.evidence) == attained


def test_minimisers_that_are_stretches() -> None:
    assert value("minimiser", "hinge", "identity") == "1 and above"
    assert value("minimiser", "hinge", "identity", label=-1.0) == "-1 and below"
    assert value("minimiser", "zero-one") == "0.5 to 1"
    assert value("minimiser", "zero-one", "cloglog", label=0.0) == "0 to 0.5"
    assert value("minimiser", "zero-one", "relu", label=0.0) == 0


@pytest.mark.parametrize(
    ("loss", "minimiser"),
    [
        ("ce", 0.9),
        ("mse", 0.9),
        ("half-mse", 0.9),
        ("gaussian-nll", 0.9),
        ("poisson", 0.9),
        ("huber", 0.9),
        ("focal", 0.6942),
        ("log-cosh", 0.9192),
        ("poly-1", 0.9430),
        ("mae", 1.0),
        ("gce", 0.9993),
    ],
)
@pytest.mark.parametrize("activation", ["sigmoid", "identity", "probit", "tanh"])
def test_risk_minimiser_and_properness(loss: str, minimiser: float, activation: str) -> None:
    cells = table(loss, activation)
    assert cells["risk_minimiser"].value == pytest.approx(minimiser, abs=5e-5)
    assert cells["strictly_proper"].value is (minimiser == 0.9)


def test_risk_minimisers_of_margins() -> None:
    assert number("risk_minimiser", "exponential", "identity") == pytest.approx(math.log(9) / 2, rel=1e-12)
    assert number("risk_minimiser", "squared-hinge", "identity") == pytest.approx(0.8, rel=1e-12)
    assert number("risk_minimiser", "hinge", "identity") == 1
    assert value("strictly_proper", "hinge", "identity") is None


def test_calibration_for_classification() -> None:
    for loss in FIRST:
        assert value("classification_calibrated", loss, "identity") is True
    assert value("classification_calibrated", "zero-one") is True
    assert value("classification_calibrated", "zero-one", "cloglog") is True
    assert value("classification_calibrated", "zero-one", "exp") is False  # it cannot predict class 0
    assert value("classification_calibrated", "hinge") is False  # nor can a margin that is never negative
    assert value("classification_calibrated", "ce", pos_weight=99.0) is False
    assert value("classification_calibrated", "focal", alpha=0.25) is False
    assert value("classification_calibrated", "quantile", tau=0.9) is False
    assert value("classification_calibrated", "focal", gamma=5.0) is True


@pytest.mark.parametrize("sigma", [100.0, 1e3, 1e4, 1e6, 1e8])
def test_a_constant_does_not_decide(sigma: float) -> None:
    # r²/2σ² + ln σ + ½ln 2π is squared error up to scale and constant; what rounding takes away is undecided
    squared, found = table("mse"), table("gaussian-nll", sigma=sigma)
    for name in ("classification_calibrated", "saturates", "noise_tolerant", "strictly_proper", "convex_in_logit"):
        assert found[name].value in (squared[name].value, None)
        assert (found[name].value is None) == (
            sigma >= 1e6 and name in ("classification_calibrated", "saturates", "noise_tolerant")
        )


@pytest.mark.parametrize("gamma", [20.0, 25.0, 30.0, 50.0])
def test_focal_loss_is_calibrated_however_small_its_risk(gamma: float) -> None:
    # by symmetry the risk at ½ has no slope, and at η > ½ it falls to the right of ½
    assert value("classification_calibrated", "focal", gamma=gamma) is True


@pytest.mark.parametrize("activation", ["hard-sigmoid", "relu", "softplus", "exp", "tanh", "identity"])
@pytest.mark.parametrize("loss", FIRST)
@pytest.mark.sampled(5)
def test_where_it_is_steepest_it_is_steep(loss: str, activation: str) -> None:
    fields = {"max_abs_d_logit": "d_logit", "lipschitz": "d_prediction", "smoothness": "d2_logit"}
    for label in (1.0, 0.0, 0.3):
        if LOSSES[loss].label_problem(label):
            continue
        cells = table(loss, activation, label)
        for name, field in fields.items():
            most, points = cells[name].value, cells[name].points
            if isinstance(most, float) and math.isfinite(most) and most > 0 and points:
                there = abs(float(getattr(at(loss, activation, label, points[:1]), field)[0]))
                assert there == pytest.approx(most, rel=2e-3), (name, cells[name])


def test_a_corner_is_told_from_its_steep_side() -> None:
    cell = table("mse", "hard-sigmoid")["max_abs_d_logit"]
    assert cell.evidence == "0.3333 as z → −3 from above"
    assert -3 < cell.points[0] < -2.999


def test_evidence_of_a_risk_names_its_probability() -> None:
    assert table("focal")["risk_minimiser"].eta == 0.9
    assert table("focal")["strictly_proper"].eta == 0.9
    assert table("ce", pos_weight=99.0)["classification_calibrated"].eta is not None
    assert table("ce")["max_abs_d_logit"].eta is None


def test_zero_one_is_not_proper() -> None:
    cells = table("zero-one")  # at η = .9 every p > ½ is as good, and none of them is at the jump
    assert cells["strictly_proper"].value is False
    assert "attained for z > 0" in cells["minimiser"].evidence
    assert "attained for z < 0" in table("zero-one", label=0.0)["minimiser"].evidence


@pytest.mark.parametrize("label", [1e155, 1e290, 1e300])
@pytest.mark.parametrize("activation", ["relu", "hard-sigmoid", "identity", "sigmoid"])
@pytest.mark.sampled(4)
@pytest.mark.exhaustive
def test_beyond_what_numbers_reach_it_is_undecided(activation: str, label: float) -> None:
    for loss in FIRST:
        assert list(table(loss, activation, label)) == list(ABOUT)
    assert list(table("ce", "exp", pos_weight=1e300)) == list(ABOUT)
    # (p′/σ)² reaches 1e398; the last number before the overflow is no bound
    smooth = table("gaussian-nll", sigma=1e-200)["smoothness"]
    assert smooth.value == math.inf
    assert smooth.evidence.startswith("|∂²L/∂z²| overflows ")


@pytest.mark.parametrize(("gamma", "least"), [(20.0, "1.322e−6"), (25.0, "4.131e−8"), (200.0, "8.627e−61")])
def test_the_least_of_both_labels_is_at_a_half(gamma: float, least: str) -> None:
    cell = table("focal", gamma=gamma)["noise_tolerant"]  # 2·½^γ·ln 2
    mantissa, exponent = f"{2 * 0.5**gamma * math.log(2):.3e}".split("e")
    assert least == f"{mantissa}e{int(exponent)}".replace("-", "−")
    assert f"runs from {least} to ∞" in cell.evidence
    assert cell.points[0] == pytest.approx(0, abs=1e-6)
    assert cell.eta == 0.5


def test_numbers_that_differ_look_different() -> None:
    cells = table("gaussian-nll", sigma=1000.0)
    for name in ("noise_tolerant", "saturates"):
        low, high = re.findall(r"[0-9]+\.[0-9]{5,}", cells[name].evidence)[:2]
        assert low != high
    assert table("zero-one")["symmetric"].evidence == "L(p,1) and L(1−p,0) agree"
    assert table("zero-one", "identity")["symmetric"].evidence == "L(v,1) and L(−v,0) agree"


def test_symmetry() -> None:
    asymmetric = {loss for loss in FIRST if not table(loss)["symmetric"].value}
    assert asymmetric == {"poisson"}
    assert value("symmetric", "ce", pos_weight=2.0) is False
    assert value("symmetric", "quantile", tau=0.9) is False
    assert value("symmetric", "focal", alpha=0.25) is False


def test_noise_tolerance() -> None:
    assert {loss for loss in FIRST if table(loss)["noise_tolerant"].value} == {
        "absolute-error", "quantile", "hinge", "zero-one"}  # fmt: skip
    assert value("noise_tolerant", "gce", q=1.0) is True
    assert value("noise_tolerant", "mae", "identity") is False
    assert value("noise_tolerant", "hinge", "tanh") is True
    assert value("noise_tolerant", "hinge", "identity") is False


@pytest.mark.parametrize(
    ("loss", "params", "family", "numbers"),
    [
        ("ce", {}, "Bernoulli", "sums to 1 "),
        ("ce", {"pos_weight": 2.0}, "none", ""),
        ("mse", {}, "Gaussian", "variance 0.5"),
        ("half-mse", {}, "Gaussian", "variance 1"),
        ("gaussian-nll", {"sigma": 3.0}, "Gaussian", "variance 9"),
        ("mae", {}, "Laplace", "scale 1"),
        ("quantile", {}, "Laplace", "scale 2"),
        ("quantile", {"tau": 0.9}, "asymmetric Laplace", "p is the 0.9 quantile"),
        ("huber", {}, "Huber", "within 1 of p"),
        ("huber", {"delta": 0.001}, "Huber", "within 0.001 of p"),
        ("smooth-l1", {"beta": 2.0}, "Huber", "within 2 of p"),
        ("log-cosh", {}, "hyperbolic secant", "= 3.142"),
        ("poisson", {}, "Poisson", "is 1 "),
        ("focal", {}, "none", ""),
        ("poly-1", {}, "none", ""),
        ("gce", {}, "none", ""),
        ("hinge", {}, "none", ""),
        ("exponential", {}, "none", ""),
        ("zero-one", {}, "none", ""),
        *(("huber", {"delta": d}, "Huber", f"within {trimmed(d)}") for d in (1e-6, 0.01, 50.0, 64.0, 1e4)),
        ("gaussian-nll", {"sigma": 1e-6}, "Gaussian", "variance 1e−12"),
        ("focal", {"alpha": 0.0}, "none", "no h(y)"),
        ("focal", {"alpha": 1.0}, "none", "no h(y)"),
    ],
)
def test_likelihood(loss: str, params: dict[str, float], family: str, numbers: str) -> None:
    cell = table(loss, **params)["likelihood"]
    assert cell.value == family
    assert numbers in cell.evidence


def test_squared_error_is_no_likelihood_of_classes() -> None:
    assert "on {0, 1} none, the sum of e^−L runs from 1.368 to 1.558" in table("mse")["likelihood"].evidence


def test_kinks_and_jumps_are_told() -> None:
    assert table("mae", "identity")["smoothness"].points == (1.0,)
    assert table("zero-one")["lipschitz"].value == math.inf
    assert table("zero-one")["max_abs_d_logit"].value == 0
    assert table("zero-one")["convex_in_logit"].points == (0.0,)
    assert number("max_abs_d_logit", "gce", "hard-sigmoid") == math.inf


def test_beside_a_kink_each_side_has_its_own_slope() -> None:
    # a floor under focal loss's weight where that is small already: the steepest place is focal loss's own
    floored = defined("floored: -max((1 - p_t)**2, .05)*log(p_t)")
    cells = properties(floored, {}, "sigmoid", 1.0)
    assert cells["max_abs_d_logit"].value == pytest.approx(number("max_abs_d_logit", "focal"), rel=1e-9)
    assert cells["smoothness"].value == math.inf
    kink = math.log((1 - math.sqrt(0.05)) / math.sqrt(0.05))
    assert cells["smoothness"].points[0] == pytest.approx(kink, rel=1e-11)
    pole = properties(defined("root: abs(r)**.5"), {}, "identity", 0.3)
    assert pole["max_abs_d_logit"].value == math.inf


def test_what_has_no_least_saturates_where_it_stays() -> None:
    cell = table("robust-dpo", "exp")["saturates"]  # the margin e^z dies out to the left, and to the right L → −∞
    assert cell.value is True and cell.evidence.endswith("> −∞, and ∂L/∂z → 0")
    assert table("robust-dpo", "identity")["saturates"].value is False


def test_the_label_reaches_far() -> None:
    cells = table("huber", "identity", -1e6)
    assert cells["minimiser"].value == pytest.approx(-1e6)
    assert cells["smoothness"].value == pytest.approx(1)
    assert cells["lipschitz"].value == pytest.approx(1)


def test_label_free_properties_do_not_depend_on_the_label() -> None:
    free = set(ABOUT) - set(OF_LABEL)
    for loss in ("ce", "mse", "hinge", "focal"):
        rows = [{k: v.value for k, v in table(loss, label=y).items() if k in free} for y in (0.0, 1.0, 0.25, 7.0)]
        assert rows[0] == rows[1]
        for row in rows[2:]:
            for name in free:
                a, b = row[name], rows[0][name]
                assert a == (pytest.approx(b, rel=1e-9) if isinstance(b, float) else b)
