"""What articles claim of one example's curves (CLAIMS.md), with the numbers that the program must show."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

import lossterm
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, find_loss
from lossterm.core.losses.landmarks import convexity
from lossterm.core.losses.objective import Evaluation, Objective
from lossterm.core.losses.verdict import verdict

Floats = NDArray[np.float64]

PROBABILITIES = np.linspace(0, 1, 1001)
LOGITS = np.linspace(-12, 12, 2401)


def of_p(loss: str, label: float, p: float | Floats) -> Evaluation:
    """A loss at predicted probabilities themselves."""
    return lossterm.evaluate(loss, label=label, activation="identity", at=p)


def of_z(loss: str, label: float, z: float | Floats) -> Evaluation:
    """A loss at the logits of a sigmoid."""
    return lossterm.evaluate(loss, label=label, at=z)


def words(loss: str, label: float, z: float) -> str:
    entry = LOSSES[loss]
    objective = Objective(entry, tuple(entry.complete({}).items()), label, ACTIVATIONS["sigmoid"])
    reading = objective.evaluate(np.array([z])).at(0)
    return verdict(objective, reading)


# ---- C1, C2, C3: the shapes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["cross-entropy", "squared-error"])
def test_c1_both_rise_with_p_for_label_0_and_fall_for_label_1(loss: str) -> None:
    with np.errstate(invalid="ignore"):
        assert (np.diff(of_p(loss, 0, PROBABILITIES).value) > 0).all()
        assert (np.diff(of_p(loss, 1, PROBABILITIES).value) < 0).all()


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_c2_they_start_together_and_cross_entropy_is_above_from_then_on(label: float) -> None:
    ce, mse = (of_p(loss, label, PROBABILITIES).value for loss in ("cross-entropy", "squared-error"))
    start = int(label * 1000)
    assert ce[start] == mse[start] == 0
    assert (np.delete(ce, start) > np.delete(mse, start)).all()
    gap = ce - mse
    towards = gap if label == 0 else gap[::-1]
    assert (np.diff(towards) > 0).all()  # they part more and more


def test_c2_with_a_soft_label_cross_entropy_starts_at_the_entropy() -> None:
    assert of_p("squared-error", 0.9, 0.9).value == 0
    assert float(of_p("cross-entropy", 0.9, 0.9).value) == pytest.approx(0.3250829733914482, rel=1e-14)  # H(.9)


def test_c3_squared_error_has_a_bound_and_cross_entropy_has_none() -> None:
    for label, worst in ((1.0, 0.0), (0.0, 1.0)):
        assert of_p("squared-error", label, PROBABILITIES).value.max() == 1
        assert of_p("squared-error", label, worst).value == 1
        assert of_p("cross-entropy", label, worst).value == math.inf
    assert of_z("squared-error", 1, -1000.0).value == 1
    assert of_z("cross-entropy", 1, -1000.0).value == 1000
    assert float(of_p("cross-entropy", 1, 1e-300).value) == pytest.approx(300 * math.log(10), rel=1e-14)


# ---- C4, C6, C7: the gradients ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_c4_by_p_squared_error_is_linear_and_cross_entropy_hyperbolic(label: float) -> None:
    inside = PROBABILITIES[1:-1]
    assert of_p("squared-error", label, inside).d_prediction == pytest.approx(2 * (inside - label), abs=1e-15)
    hyperbola = -1 / inside if label == 1 else 1 / (1 - inside)
    assert of_p("cross-entropy", label, inside).d_prediction == pytest.approx(hyperbola, rel=1e-12)


def test_c4_by_p_cross_entropy_is_exponential_in_z_and_bounded_by_1_by_z() -> None:
    z = np.linspace(-600, 600, 241)
    e = of_z("cross-entropy", 1, z)
    assert e.d_prediction == pytest.approx(-(1 + np.exp(-z)), rel=1e-13)
    assert e.d_logit == pytest.approx(-(1 - e.prediction), abs=1e-15)
    assert (np.abs(e.d_logit) <= 1).all()


def test_c6_squared_error_vanishes_when_it_is_confidently_wrong() -> None:
    mse, ce = of_z("squared-error", 1, -6.0), of_z("cross-entropy", 1, -6.0)
    assert round(float(mse.d_logit), 6) == -0.004921
    assert round(float(ce.d_logit), 4) == -0.9975
    assert round(float(ce.d_logit / mse.d_logit)) == 203
    assert words("squared-error", 1, -6) == "saturated, concave"
    assert abs(float(of_z("squared-error", 1, -40.0).d_logit)) < 1e-17


@pytest.mark.parametrize("label", [0.0, 1.0, 0.9])
def test_c6_the_formula_without_a_2_is_that_of_half_the_squared_error(label: float) -> None:
    p = 1 / (1 + np.exp(-LOGITS))
    formula = (p - label) * p * (1 - p)
    assert of_z("half-squared-error", label, LOGITS).d_logit == pytest.approx(formula, rel=1e-9, abs=1e-15)
    assert of_z("squared-error", label, LOGITS).d_logit == pytest.approx(2 * formula, rel=1e-9, abs=1e-15)


def test_c7_cross_entropy_is_p_minus_y_and_does_not_saturate() -> None:
    for label in (0.0, 1.0, 0.9):
        e = of_z("cross-entropy", label, LOGITS)
        assert e.d_logit == pytest.approx(1 / (1 + np.exp(-LOGITS)) - label, abs=1e-15)
    assert round(float(of_z("cross-entropy", 1, -6.0).d_logit), 4) == -0.9975
    assert of_z("cross-entropy", 1, -1000.0).d_logit == -1
    assert of_z("cross-entropy", 0, 1000.0).d_logit == 1
    assert words("cross-entropy", 1, -6) == words("cross-entropy", 1, -1000) == "confidently wrong"


# ---- C5: descent -----------------------------------------------------------------------------------------------------


def steps(loss: str, rate: float) -> int:
    """Steps of gradient descent on z from −8 until p ≥ 0.9, for y = 1."""
    z = -8.0
    for n in range(10_000):
        e = of_z(loss, 1, z)
        if e.prediction >= 0.9:
            return n
        z -= rate * float(e.d_logit)
    raise AssertionError(f"{loss} is still at {z}")


@pytest.mark.parametrize(
    ("loss", "rate", "count"),
    [
        ("cross-entropy", 1, 19),
        ("squared-error", 1, 1542),
        ("cross-entropy", 4, 4),
        ("squared-error", 6.491, 239),
        ("squared-error", 27 / 8, 458),
    ],
)
def test_c5_larger_gradients_arrive_sooner(loss: str, rate: float, count: int) -> None:
    assert steps(loss, rate) == count


def test_c5_the_rates_are_one_over_the_smoothness() -> None:
    z = np.linspace(-6, 6, 120_001)
    assert float(of_z("cross-entropy", 1, z).d2_logit.max()) == 0.25
    curvature = of_z("squared-error", 1, z)
    largest = int(np.argmax(np.abs(curvature.d2_logit)))
    assert round(float(curvature.d2_logit[largest]), 5) == 0.15406
    assert round(float(curvature.prediction[largest]), 4) == 0.6144
    assert round(1 / float(curvature.d2_logit[largest]), 3) == 6.491
    assert float(np.abs(curvature.d_logit).max()) == pytest.approx(8 / 27, rel=1e-8)


def test_c5_newton_runs_away_or_overshoots() -> None:
    def newton(loss: str, z: float) -> float:
        e = of_z(loss, 1, z)
        return z - float(e.d_logit / e.d2_logit)

    first = newton("squared-error", -8.0)
    assert (round(first, 2), round(newton("squared-error", first), 2)) == (-9.00, -10.00)
    assert round(newton("cross-entropy", -8.0)) == 2974


# ---- C9: convexity ---------------------------------------------------------------------------------------------------


def test_c9_cross_entropy_is_convex_in_z_and_squared_error_concave_below_one_third() -> None:
    assert (of_z("cross-entropy", 1, LOGITS).d2_logit > 0).all()
    assert (of_z("cross-entropy", 0.9, LOGITS).d2_logit > 0).all()
    for label in (0.0, 1.0):
        e = of_z("squared-error", label, LOGITS)
        of_label = e.prediction if label == 1 else 1 - e.prediction
        assert ((e.d2_logit < 0) == (of_label < 1 / 3)).all()
    soft = of_z("squared-error", 0.9, LOGITS)
    concave = (soft.prediction < 0.31535) | (soft.prediction > 0.95131)
    assert ((soft.d2_logit < 0) == concave).all()


def test_c9_in_words() -> None:
    def sentence(loss: str, label: float) -> str:
        entry = LOSSES[loss]
        return convexity(Objective(entry, tuple(entry.complete({}).items()), label, ACTIVATIONS["sigmoid"]), -8, 8)

    assert sentence("cross-entropy", 1) == "convex on the window"
    assert sentence("squared-error", 1) == "concave for z < −0.693"
    assert sentence("squared-error", 0.9) == "concave for z < −0.775 and z > 2.972"


# ---- C11, C12, C30: deciding -----------------------------------------------------------------------------------------

POINTS = np.array(
    [[0.2, 1.1], [1.0, 0.3], [1.4, 2.2], [-0.5, 0.4], [2.6, 0.1],
     [-1.5, -0.6], [-0.3, -1.9], [0.6, -0.4], [-2.0, 1.2], [3.0, -2.0]]
)  # fmt: skip
CLASSES = np.array([1.0, 1, 1, 1, 1, 0, 0, 0, 0, 0])


def line(loss: str) -> Floats:
    """Weights and bias of a linear model behind a sigmoid, fitted by gradient descent."""
    inputs = np.column_stack((POINTS, np.ones(len(POINTS))))
    w = np.zeros(3)
    for _ in range(4000):
        z = inputs @ w
        pull = np.array([of_z(loss, label, z).d_logit for label in (0.0, 1.0)])
        w -= 0.2 * inputs.T @ np.where(CLASSES == 1, pull[1], pull[0]) / len(POINTS)
    return w


@pytest.mark.exhaustive
def test_c11_either_loss_draws_a_straight_line_and_nearly_the_same() -> None:
    ce, mse = line("cross-entropy"), line("squared-error")
    turned = math.degrees(math.acos(float(ce[:2] @ mse[:2] / np.linalg.norm(ce[:2]) / np.linalg.norm(mse[:2]))))
    assert 0.1 < turned < 30
    for w in (ce, mse):
        # where p = .5 the score is 0: the points of that set are collinear
        x = np.array([-5.0, 0.0, 5.0])
        on_it = np.column_stack((x, -(w[0] * x + w[2]) / w[1]))
        p = of_z("cross-entropy", 1, on_it @ w[:2] + w[2]).prediction
        assert p == pytest.approx(0.5, abs=1e-12)
        right = (of_z("cross-entropy", 1, POINTS @ w[:2] + w[2]).prediction > 0.5) == (CLASSES == 1)
        assert right.sum() >= 8


def test_c12_neither_tells_49_from_51_per_cent() -> None:
    ce, mse = (of_p(loss, 1, np.array([0.49, 0.51, 0.01])).value for loss in ("cross-entropy", "squared-error"))
    assert np.round(mse[:2], 4).tolist() == [0.2601, 0.2401]
    assert np.round(ce[:2], 4).tolist() == [0.7133, 0.6733]
    assert round(float(ce[2] / ce[0]), 2) == 6.46
    assert round(float(mse[2] / mse[0]), 2) == 3.77


def test_c30_both_need_a_threshold_to_decide() -> None:
    z = {p: math.log(p / (1 - p)) for p in (0.49, 0.5, 0.51)}
    for loss in ("cross-entropy", "squared-error"):
        assert [words(loss, 1, z[p]).split(",")[0] for p in z] == ["wrong", "undecided", "right"]
        # nothing happens to the loss itself at the threshold
        around = of_p(loss, 1, np.array([0.4999, 0.5, 0.5001]))
        assert np.ptp(around.d_prediction) < 0.002
    decided = of_p("zero-one", 1, 0.3)
    assert decided.value == 0  # the identity's threshold is 0 …
    assert of_z("zero-one", 1, math.log(0.3 / 0.7)).value == 1  # … and a probability's is one half


# ---- C14: names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["log loss", "log-loss", "binary cross-entropy", "Binary Cross Entropy", "BCE", "Bernoulli NLL", "bernoulli-nll",
     "cross-entropy", "negative log likelihood", "logistic"],
)  # fmt: skip
def test_c14_they_are_one_loss(name: str) -> None:
    assert find_loss(name).id == "cross-entropy"
    by_name, by_id = (lossterm.evaluate(loss, label=1, at=[-4.0, 2.0]) for loss in (name, "cross-entropy"))
    assert by_name.value.tolist() == by_id.value.tolist()


def test_c14_is_the_bernoulli_likelihood() -> None:
    for label, mass in ((1.0, 0.2), (0.0, 0.8)):
        assert math.exp(-float(of_p("bernoulli-nll", label, 0.2).value)) == pytest.approx(mass, rel=1e-15)


# ---- the public function ---------------------------------------------------------------------------------------------


def test_the_example_of_the_package() -> None:
    e = lossterm.evaluate("focal", label=1, activation="sigmoid", at=-4.0, gamma=2)
    assert round(float(e.d_logit), 4) == -1.0864
    assert np.shape(e.value) == ()


def test_evaluate_keeps_the_shape_and_the_smoothing() -> None:
    e = lossterm.evaluate("bce", label=1, at=np.zeros((2, 3)), smoothing=0.1)
    for name in (
        "logit",
        "prediction",
        "d_activation",
        "value",
        "d_prediction",
        "d2_prediction",
        "d_logit",
        "d2_logit",
    ):
        assert getattr(e, name).shape == (2, 3)
    assert e.d_logit.ravel().tolist() == pytest.approx([0.5 - 0.95] * 6)
    assert lossterm.evaluate("mse", label=1, at=[]).value.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "crossentrpy", "label": 1}, "cross-entropy"),
        ({"loss": "focal", "label": 1, "gama": 2}, "gamma"),
        ({"loss": "focal", "label": 1, "gamma": -2}, "gamma must be ≥ 0"),
        ({"loss": "bce", "label": 2}, "cross-entropy needs a label between 0 and 1"),
        ({"loss": "hinge", "label": 1, "smoothing": 0.1}, "hinge needs a label 0 or 1"),
        ({"loss": "mse", "label": 1, "activation": "sigmod"}, "sigmoid"),
        ({"loss": "mse", "label": 3, "smoothing": 0.1}, "smoothing needs a label between 0 and 1"),
    ],
)
def test_evaluate_says_what_is_wrong(arguments: dict[str, float | str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lossterm.evaluate(**arguments, at=0.0)  # type: ignore[arg-type]


def test_evaluate_says_nothing_of_overflow() -> None:
    with np.errstate(all="raise"):
        e = lossterm.evaluate("exponential", label=1, activation="identity", at=[-1e300, 1e300])
        assert e.value.tolist() == [math.inf, 0]
