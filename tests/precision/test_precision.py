"""A plain chain rule in a low precision: against the exact numbers, the hardware's own limits, and torch's rules."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import Objective
from lossterm.core.losses.own.definition import defined
from lossterm.precision.evaluation import evaluate_plainly, failures
from lossterm.precision.formulas import formula_of
from lossterm.precision.reason import reason_at
from tests.test_cli import printed, refused, strict

PLACES = np.array([-2.3, -1.1, -0.4, 0.2, 0.7, 1.3, 2.1])


def objective_of(loss: str, label: float = 1.0, activation: str = "sigmoid", **params: float) -> Objective:
    """A loss behind an activation, for a label."""
    entry = LOSSES[loss]
    return Objective(entry, tuple(entry.complete(params).items()), label, ACTIVATIONS[activation])


@pytest.mark.sampled(1)
@pytest.mark.parametrize("loss", LOSSES)
def test_in_the_middle_and_in_float64_it_is_the_loss(loss: str) -> None:
    assert formula_of(LOSSES[loss], LOSSES[loss].defaults) is not None
    for activation in ACTIVATIONS:
        for label in (1.0, 0.0, 0.3, 2.0):
            if LOSSES[loss].label_problem(label):
                continue
            objective = objective_of(loss, label, activation)
            exact, plain = objective.evaluate(PLACES), evaluate_plainly(objective, "float64", PLACES)
            # where the exact number is a limit, 0·∞ of the plain one is NaN: that is what it is for
            inside = np.isfinite(exact.value) & np.isfinite(exact.d_logit) & ~np.isnan(plain.d_logit * plain.value)
            np.testing.assert_allclose(plain.value[inside], exact.value[inside], rtol=1e-9, atol=1e-11)
            np.testing.assert_allclose(plain.d_logit[inside], exact.d_logit[inside], rtol=1e-8, atol=1e-10)


def test_every_operation_is_in_its_precision() -> None:
    for dtype in ("float16", "float32"):
        plain = evaluate_plainly(objective_of("focal", alpha=0.25), dtype, PLACES)
        arrays = (plain.prediction, plain.value, plain.d_prediction, plain.d_activation, plain.d_logit)
        assert {array.dtype.name for array in arrays} == {dtype}
        assert {operation.result.value.dtype.name for operation in plain.done} == {dtype}


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        # e^−z overflows, so that p is 0; p rounds to 1 within half a unit of its last place
        ("float16", -math.log(65520), math.log(2.0**11)),
        ("float32", -math.log(2.0**128), math.log(2.0**24)),
        ("float64", None, math.log(2.0**53)),
    ],
)
def test_where_cross_entropy_is_nan(dtype: str, low: float | None, high: float) -> None:
    found = failures(objective_of("cross-entropy"), dtype)
    assert found.nan[0] is None
    assert found.nan[1] == pytest.approx(high, abs=0.01)  # (1 − y)·ln(1 − p) is 0·∞ there
    assert found.slope_nan[1] == pytest.approx(high, abs=0.01)
    for ends in (found.infinite, found.slope_nan):
        assert ends[0] is None if low is None else ends[0] == pytest.approx(low, abs=0.01)


def test_squared_error_dies_where_p_is_rounded_away() -> None:
    found = failures(objective_of("squared-error"), "float16")
    assert found.nan == found.slope_nan == (None, None)
    assert found.dead[0] == pytest.approx(-math.log(65520), abs=0.01)
    assert found.dead[1] == pytest.approx(math.log(2.0**11), abs=0.01)


def test_hinge_on_the_identity_never_fails() -> None:
    found = failures(objective_of("hinge", activation="identity"), "float16")
    assert {*found.nan, *found.slope_nan, *found.infinite, *found.dead} == {None}


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("loss", "activation", "label", "dtype", "logit", "parts"),
    [
        ("cross-entropy", "sigmoid", 1.0, "float16", -12.0,
         ("p = 0, as e^−z = ∞", "log(p) = −∞", "∂L/∂p = −∞, ∂p/∂z = p(1 − p) = 0: −∞·0 = NaN")),
        ("cross-entropy", "sigmoid", 1.0, "float32", 40.0,
         ("p rounded to 1", "log(1 − p) = −∞, as 1 − p = 0", "(1 − y)·log(1 − p) = 0·(−∞) = NaN")),
        ("squared-error", "sigmoid", 0.0, "float32", 40.0, ("∂p/∂z = p(1 − p) = 0: no slope comes through",)),
        ("poisson", "exp", 3.0, "float16", 12.0, ("v = ∞", "∞ − ∞ = NaN")),
        ("log-cosh", "identity", 0.0, "float16", 20.0, ("cosh(r) = ∞", "where cosh(r) = ∞")),
        ("exponential", "identity", 1.0, "float16", -15.0, ("exp(−s·v) = ∞", "the product is −∞")),
    ],
)  # fmt: skip
def test_the_reason_names_what_was_0_and_what_infinite(
    loss: str, activation: str, label: float, dtype: str, logit: float, parts: tuple[str, ...]
) -> None:
    why = reason_at(objective_of(loss, label, activation), dtype, logit)
    assert all(part in why for part in parts), why


def test_nothing_is_said_where_nothing_fails() -> None:
    assert reason_at(objective_of("cross-entropy"), "float32", -4.0) == ""
    # an exact 0 and an exact ∞ are no faults
    assert reason_at(objective_of("hinge", activation="identity"), "float16", 4.0) == ""


def test_bfloat16_with_and_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    assert "pip install 'lossterm[precision]'" in refused("precision", "--dtype", "bfloat16")
    assert "float16" in printed("precision", "--dtype", "float16")
    monkeypatch.undo()
    pytest.importorskip("ml_dtypes")
    found = failures(objective_of("cross-entropy"), "bfloat16")
    assert found.nan[1] == pytest.approx(math.log(2.0**8), abs=0.01)  # 8 bits of a fraction


# ---- the command ----------------------------------------------------------------------------------------------------


def test_a_record_says_the_whole_setting() -> None:
    (row,) = strict(printed("precision", "--loss", "bce", "--at=-12", "--format", "json"))
    assert (row["loss"], row["dtype"], row["logit"], row["label"]) == ("cross-entropy", "float16", -12, 1)
    assert (row["value"], row["d_logit"]) == ("inf", "nan")
    assert row["exact_value"] == pytest.approx(12.0, abs=1e-4) and row["exact_d_logit"] == pytest.approx(-1, abs=1e-4)
    assert row["formula"] == "-pos_weight*y*log(p) - (1 - y)*log(1 - p)"
    assert row["fails_from"]["slope_nan"][0] == pytest.approx(-11.09, abs=0.01)
    assert "∂p/∂z = p(1 − p) = 0" in row["why"]


def test_the_text_has_a_line_a_loss_and_precision() -> None:
    text = printed("precision", "--loss", "ce,mse", "--dtype", "half,f32", "--at=-12")
    assert "cross-entropy  float16" in text and "squared-error  float32" in text
    assert "NaN" in text and "dead" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert printed("precision", "--at", "0:2:3", "--format", "csv").count("\n") == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dtype", "float12"), "did you mean float"),
        (("--loss", "nonsense"), "unknown loss"),
        (("--label", "2"), "cross-entropy needs a label"),
        (("--at", "x"), "--at"),
        (("--at", "0:1:5000"), "at most 1,000"),
    ],
)
def test_one_line_for_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    assert said in refused("precision", *words)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("definition", "activation"),
    [
        ("-y*log(p) - (1 - y)*log(1 - p)", "sigmoid"),
        ("q = 1 - p_t; q**a*softplus(-z) if y == 1 else q**a*softplus(z)", "sigmoid"),
        ("min(abs(r), 1.5) + max(0, 1 - v)**2 - tanh(r)*erf(v)", "identity"),
        ("log1p(exp(-s*v)) + expm1(-abs(v)) + sqrt(1 + r**2)", "identity"),
        ("(2 + sigmoid(v))**(v/3) - (v - (y - v)) + clip(z, -1, 1)/(1 + v*v)", "identity"),
        ("a*v**2 - lgamma(a + pi) + z*v", "exp"),
    ],
)
def test_a_loss_of_ones_own_is_run_step_by_step(definition: str, activation: str) -> None:
    loss = defined(f"mine(a=2[0,5]): {definition}")
    for label in (1.0, 0.0):
        objective = Objective(loss, tuple(loss.defaults.items()), label, ACTIVATIONS[activation])
        exact, plain = objective.evaluate(PLACES), evaluate_plainly(objective, "float64", PLACES)
        np.testing.assert_allclose(plain.value, exact.value, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(plain.d_logit, exact.d_logit, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(plain.d_prediction, exact.d_prediction, rtol=1e-8, atol=1e-10)


def test_cross_entropy_in_ones_own_words_fails_where_the_built_in_formula_does() -> None:
    loss = defined("mine: -y*log(p) - (1 - y)*log(1 - p)")
    mine = Objective(loss, (), 1.0, ACTIVATIONS["sigmoid"])
    assert failures(mine, "float32") == failures(objective_of("cross-entropy"), "float32")
    assert reason_at(mine, "float16", -12.0) == reason_at(objective_of("cross-entropy"), "float16", -12.0)


def test_what_a_definition_uses_again_and_again_is_told_in_bounded_length() -> None:
    doubled = "".join(f"a{i + 1} = a{i}*a{i}; " for i in range(30))
    loss = defined(f"mine: a0 = 1 + p/1e9; {doubled}a30")
    objective = Objective(loss, (), 1.0, ACTIVATIONS["sigmoid"])
    assert all(len(one.text) < 60 for one in evaluate_plainly(objective, "float64", PLACES).done)


def test_softplus_in_ones_own_words_is_that_of_libraries() -> None:
    loss = defined("mine: softplus(-z) if y == 1 else softplus(z)")
    found = failures(Objective(loss, (), 1.0, ACTIVATIONS["sigmoid"]), "float32")
    assert {*found.nan, *found.infinite, *found.slope_nan} == {None}
    assert found.dead[0] is None


def test_losses_are_named_with_or_without_their_flag() -> None:
    assert printed("precision", "ce,mse", "--at=-12") == printed("precision", "--loss", "ce,mse", "--at=-12")
    assert printed("dialects", "ce", "--at=-12") == printed("dialects", "--loss", "ce", "--at=-12")
