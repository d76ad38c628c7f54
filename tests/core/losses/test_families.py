"""What is true of the losses of the families: published numbers, laws, names that set parameters, and their homes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import lossterm
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, find_loss
from lossterm.core.losses.labels import Family
from lossterm.core.losses.oddity import oddity
from lossterm.core.properties import Property, properties
from lossterm.model.notation import loss_asked, losses_asked
from lossterm.model.rows import restored_rows, saved_rows
from lossterm.model.subject import Row, Subject
from lossterm.notebook.evaluations import EvaluatedLoss
from tests.families import AT_PLACES, FIRST, LATER

Floats = NDArray[np.float64]


def at(loss: str, z: float, label: float = 1.0, activation: str = "identity", **params: float) -> EvaluatedLoss:
    return lossterm.evaluate(loss, label=label, activation=activation, at=[z], **params)


def found(loss: str, activation: str = "identity", label: float = 1.0, **params: float) -> dict[str, Property]:
    entry = LOSSES[loss]
    return properties(entry, entry.complete(params), activation, label)


# ---- numbers that are pinned or published ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "z", "slope", "digits"),
    [("dpo", -6, -0.9975, 4), ("exo", -6, -0.032, 3), ("discopop", 0, 0.78, 2), ("apo", -6, -0.0025, 4)],
)
def test_the_slopes_that_are_pinned(loss: str, z: float, slope: float, digits: int) -> None:
    assert round(float(at(loss, z).d_logit[0]), digits) == slope


def test_dpo_and_its_kin_are_cross_entropy_of_the_margin() -> None:
    z = np.array([-30.0, -1.5, 0.0, 2.0, 40.0])
    entropy = lossterm.evaluate("ce", label=1.0, activation="sigmoid", at=z)
    for loss in ("dpo", "bco", "soft-margin", "simpo:gamma=0"):
        same = lossterm.evaluate(loss, label=1.0, activation="identity", at=z)
        assert same.value == pytest.approx(entropy.value, rel=1e-14)
        assert same.d_logit == pytest.approx(entropy.d_logit, rel=1e-14)
    smoothed = lossterm.evaluate("ce", label=1.0, activation="sigmoid", at=z, smoothing=0.2)  # ε is half a smoothing
    cautious = lossterm.evaluate("cdpo", label=1.0, activation="identity", at=z)
    assert cautious.value == pytest.approx(smoothed.value, rel=1e-13)


def test_special_cases() -> None:
    r = np.array([-700.0, -3.0, -0.1, 0.0, 0.5, 20.0])

    def value(loss: str) -> Floats:
        return lossterm.evaluate(loss, label=0.0, activation="identity", at=r).value

    assert value("barron:alpha=2") == pytest.approx(value("half-squared-error"), rel=1e-15)
    assert value("barron:alpha=1") == pytest.approx(value("pseudo-huber"), rel=1e-14)
    assert value("l1-l2") == pytest.approx(value("charbonnier:epsilon=1") - 1, rel=1e-13, abs=1e-13)
    assert value("cauchy") == pytest.approx(np.log1p(r * r / 2), rel=1e-15)
    assert value("geman-mcclure") == pytest.approx(2 * r * r / (r * r + 4), rel=1e-14)
    assert value("welsch") == pytest.approx(-np.expm1(-r * r / 2), rel=1e-15)
    assert value("expectile") == pytest.approx(value("half-squared-error"), rel=1e-15)
    assert value("epsilon-insensitive:epsilon=0") == pytest.approx(value("absolute-error"), rel=1e-15)
    for alpha, near in ((0.0, 1e-7), (2.0, 2 - 1e-7), (-math.inf, -1e8)):  # one formula with its limits
        some = r[1:5]
        limit = lossterm.evaluate("barron", label=0.0, activation="identity", at=some, alpha=alpha)
        beside = lossterm.evaluate("barron", label=0.0, activation="identity", at=some, alpha=near)
        assert beside.value == pytest.approx(limit.value, rel=1e-5)
        assert beside.d2_logit == pytest.approx(limit.d2_logit, rel=1e-5, abs=1e-6)


def test_densities() -> None:
    # Laplace's at its middle, Student's with one degree of freedom is Cauchy's, the normal CRPS at its middle
    assert float(at("laplace-nll", 1.0, b=2.0).value[0]) == pytest.approx(math.log(4), rel=1e-15)
    assert float(at("student-t-nll", 3.0, nu=1.0).value[0]) == pytest.approx(math.log(math.pi * 5), rel=1e-14)
    assert float(at("crps-normal", 1.0).value[0]) == pytest.approx((math.sqrt(2) - 1) / math.sqrt(math.pi), rel=1e-14)
    huge = float(at("student-t-nll", 3.0, nu=1e12).value[0])
    assert huge == pytest.approx(float(at("gaussian-nll", 3.0).value[0]), rel=1e-10)


@pytest.mark.parametrize("rate", [0.25, 2.0, 9.0])
@pytest.mark.parametrize("alpha", [0.05, 1.0, 3.0])
def test_the_negative_binomial_sums_to_one(rate: float, alpha: float) -> None:
    z = math.log(rate)
    total = sum(math.exp(-float(at("negative-binomial", z, float(y), "exp", alpha=alpha).value[0])) for y in range(600))
    assert total == pytest.approx(1, rel=1e-9)


def test_the_policy_losses_are_flat_beyond_their_clip() -> None:
    for z, label, slope in ((0.3, 1.0, 0.0), (-2.0, 1.0, -1.0), (0.3, -1.0, 1.0), (-0.5, -1.0, 0.0), (3.0, -1.0, 1.0)):
        assert float(at("grpo", z, label, "exp").d_prediction[0]) == slope
    assert float(at("ppo-dual-clip", 3.0, -2.0, "exp").value[0]) == 6
    assert float(at("dapo", math.log(1.25), 1.0, "exp").d_prediction[0]) == -1  # 1.28 is its bound
    # GRPO at the start: the value is −A, whose mean over a group is 0, and its gradient is not
    start = [at("grpo", 0.0, advantage, "exp") for advantage in (-1.5, 0.5, 1.0)]
    assert sum(float(e.value[0]) for e in start) == 0
    assert [float(e.d_logit[0]) for e in start] == [1.5, -0.5, -1.0]


def test_the_estimators_of_kl() -> None:
    # of two distributions over three outcomes, drawn from the old one: k1 and k3 have KL(old‖new) as their mean
    old, new = np.array([0.2, 0.5, 0.3]), np.array([0.35, 0.25, 0.4])
    kl = float(np.sum(old * np.log(old / new)))
    for loss in ("k1", "k3"):
        each = lossterm.evaluate(loss, label=1.0, activation="exp", at=np.log(new / old)).value
        assert float(np.sum(old * each)) == pytest.approx(kl, rel=1e-13)


# ---- laws -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [name for name in LATER if LOSSES[name].family is Family.VALUE])
@given(r=st.floats(-1e6, 1e6), y=st.sampled_from([0.5, -3.0, 1.0]))
def test_value_losses_are_least_at_the_label(loss: str, r: float, y: float) -> None:
    if loss == "msle":
        r, y = abs(r), abs(y)
    here, there = (float(at(loss, v, y).value[0]) for v in (y, y + r))
    assert there >= here


@pytest.mark.parametrize("loss", [name for name in LATER if LOSSES[name].family.reads_sign and name != "nca"])
@given(v=st.floats(-600, 600))
def test_only_the_side_matters(loss: str, v: float) -> None:
    assert float(at(loss, v, 1.0).value[0]) == float(at(loss, -v, 0.0).value[0])
    assert float(at(loss, v, 0.0).value[0]) == float(at(loss, v, -1.0).value[0])


@pytest.mark.parametrize("loss", ["gamma", "tweedie", "negative-binomial"])
@given(v=st.floats(1e-6, 1e6), y=st.sampled_from([1.0, 2.0, 7.0]))
def test_a_mean_is_least_at_the_label(loss: str, v: float, y: float) -> None:
    # of a double next to it the loss is not less by more than rounding
    here, there = (float(lossterm.evaluate(loss, label=y, activation="identity", at=[x]).value[0]) for x in (y, v))
    assert there >= here


@pytest.mark.parametrize(("loss", "activation", "label"), AT_PLACES)
def test_nothing_is_undefined_where_it_is_at_home(loss: str, activation: str, label: float) -> None:
    low, high = LOSSES[loss].predictions
    link = ACTIVATIONS[activation]
    if low <= link.lower and link.upper <= high:
        e = lossterm.evaluate(loss, label=label, activation=activation, at=np.linspace(-1000, 1000, 161))
        assert not np.isnan(e.value).any()


# ---- what Properties finds by itself --------------------------------------------------------------------------------


def test_robust_dpo_has_no_bottom() -> None:
    cells = found("robust-dpo")
    assert cells["infimum"].value == -math.inf
    assert cells["growth"].value is None and cells["minimiser"].value is None
    assert found("dpo")["infimum"].value == 0


def test_exo_saturates_where_it_is_confidently_wrong() -> None:
    cell = found("exo")["saturates"]
    assert cell.value is True and "z → −∞" in cell.evidence
    assert found("dpo")["saturates"].value is False


def test_discopop_dips_below_zero() -> None:
    marks = lossterm.landmarks("discopop", label=1.0, activation="identity", between=(-4.0, 4.0)).columns()
    kinds = zip(marks["kind"], marks["quantity"], marks["logit"], strict=True)
    assert [round(z, 2) for kind, quantity, z in kinds if (kind, quantity) == ("minimum", "value")] == [-0.12]


def test_apo_is_absolute_error_behind_a_sigmoid() -> None:
    z = np.linspace(-40, 40, 33)
    for label in (0.0, 1.0):
        one = lossterm.evaluate("apo", label=label, activation="identity", at=z)
        other = lossterm.evaluate("mae", label=label, activation="sigmoid", at=z)
        for name in ("value", "d_logit", "d2_logit"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-13)
    cells, same = found("apo"), found("absolute-error", "sigmoid")
    for name in ("max_abs_d_logit", "smoothness", "bounded", "saturates", "convex_in_logit", "growth"):
        assert cells[name].value == pytest.approx(same[name].value)


def test_tukey_redescends() -> None:
    cells = found("tukey", label=0.0)
    assert cells["bounded"].value is True and cells["saturates"].value is True
    assert cells["convex_in_logit"].value is False
    # its pull is largest at c/√5 and nothing beyond c
    assert cells["max_abs_d_logit"].value == pytest.approx(4.685 * 16 / 25 / math.sqrt(5), rel=1e-9)
    assert not at("tukey", 5.0, 0.0).d_logit.any()


def test_margins_are_calibrated_and_the_wish_for_a_bounded_pull_costs_convexity() -> None:
    for loss in ("soft-margin", "modified-huber", "dpo"):
        assert found(loss)["classification_calibrated"].value is True
        assert found(loss)["convex_in_logit"].value is True
    assert found("barron", label=0.0, alpha=1.0)["convex_in_logit"].value is True
    assert found("barron", label=0.0, alpha=0.0)["convex_in_logit"].value is False


# ---- names, presets, homes ------------------------------------------------------------------------------------------


def test_a_name_may_set_parameters() -> None:
    assert dict(loss_asked("cauchy", Row).params) == {"alpha": 0.0, "c": 1.0}
    assert dict(loss_asked("Geman_McClure:c=2", Row).params) == {"alpha": -2.0, "c": 2.0}
    assert dict(loss_asked("dapo:low=.1", Row).params) == {"low": 0.1, "high": 0.28}
    assert loss_asked("cdpo", Row).spec == "dpo:epsilon=0.1"
    assert dict(loss_asked("cauchy:alpha=1", Row).params)["alpha"] == 1
    with pytest.raises(ValueError, match="did you mean welsch"):
        find_loss("welsh")


def test_minus_infinity_is_a_value_of_alpha() -> None:
    for text in ("-inf", "−inf", "-∞", "−∞"):
        assert dict(loss_asked(f"barron:alpha={text}", Row).params)["alpha"] == -math.inf
    row = loss_asked("welsch", Row)
    assert dict(loss_asked(row.spec, Row).params)["alpha"] == -math.inf
    (alpha, _), start = row.entry.parameters, -math.inf
    assert alpha.stepped(start, -1) == start and alpha.stepped(start, 1) == -8
    assert alpha.stepped(-8, -1) == start and alpha.stepped(-8, 1) == -7.5
    for wrong in ("focal:gamma=-inf", "barron:alpha=inf", "barron:c=-inf"):
        with pytest.raises(ValueError, match="inf"):
            loss_asked(wrong, Row)


def test_it_is_kept_between_runs_in_strict_json() -> None:
    rows = tuple(loss_asked("welsch", Row) if name == "barron" else Row.of(name) for name in LOSSES)
    text = json.dumps(saved_rows(Subject(rows=rows)), allow_nan=False)
    again = restored_rows(Subject(), json.loads(text))
    (barron,) = (row for row in again.rows if row.loss == "barron")
    assert dict(barron.params)["alpha"] == -math.inf and barron.shown


def test_all_are_the_first_ones() -> None:
    assert len(FIRST) == 17
    assert {row.loss for row in losses_asked(["all"], Row)} == set(FIRST)


@pytest.mark.parametrize("loss", LATER)
def test_each_is_at_home_where_it_says(loss: str) -> None:
    entry = LOSSES[loss]
    assert entry.label_problem(entry.home.label) is None
    assert entry.home.activation in ACTIVATIONS
    assert entry.title == loss or len(entry.title) <= 15


def test_zero_is_no_label_of_a_share() -> None:
    assert LOSSES["mape"].label_problem(0.0) == "mape needs a label other than 0"
    with pytest.raises(ValueError, match="other than 0"):
        at("mape", 1.0, 0.0)


@pytest.mark.parametrize(
    ("loss", "activation", "said"),
    [
        ("dpo", "sigmoid", "odd: behind sigmoid a margin is never negative; its place is the identity"),
        ("dpo", "tanh", "odd: behind tanh a margin is at most 1"),
        ("ppo-clip", "sigmoid", "odd: behind sigmoid a ratio is at most 1"),
        ("k3", "identity", "odd: a ratio below 0 is none; its place is behind exp"),
        ("gamma", "identity", "odd: a mean below 0 is none; its place is behind exp"),
        ("gamma", "softplus", ""),
        ("hinge", "sigmoid", ""),
    ],
)
def test_what_is_odd_is_said(loss: str, activation: str, said: str) -> None:
    assert oddity(LOSSES[loss], ACTIVATIONS[activation]) == said
