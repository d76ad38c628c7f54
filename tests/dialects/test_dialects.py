"""Dialects against what the libraries themselves said, and what is told of them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import Objective
from lossterm.core.losses.own.definition import defined
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.softmax.inputs import Target
from lossterm.dialects.classes import CLASS_DIALECTS, ClassTold, told_of_classes
from lossterm.dialects.comparison import ScalarTold, computed, meant_by, reach_of, told_at
from lossterm.dialects.report import short_name
from lossterm.dialects.scalar import DIALECTS, dialects_of, losses_told
from tests import reference
from tests.test_cli import printed, refused, strict

RECORDED = json.loads(Path(reference.__file__).with_name("dialects.json").read_text("utf-8"))
LOGITS = np.array(RECORDED["logits"])

BY_CALL = {(dialect.library, dialect.written): dialect for dialect in DIALECTS}
CLASSES_BY_CALL = {(dialect.library, dialect.written): dialect for dialect in CLASS_DIALECTS}

ULPS = {"float32": 6e-7, "float64": 2e-15}
"""Relative, by the precision: exponentials of two libraries differ in their last bits."""
FAINT = 1.2e-38
"""Below it float32 has fewer digits, which the boosters' leaves do not tell."""
CANCELLING = {"log-cosh": 4e-7, "poisson": 6e-7}
"""Losses that are differences of larger numbers: an error of these."""


def objective_of(loss: str, label: float, activation: str, **params: float) -> Objective:
    """A loss behind an activation, for a label."""
    entry = LOSSES[loss]
    return Objective(entry, tuple(entry.complete(params).items()), label, ACTIVATIONS[activation])


def cross_entropy_told(logits: list[float], label: int, temperature: float = 1.0, *weights: float) -> list[ClassTold]:
    """What libraries compute for cross-entropy of K classes."""
    example = SoftmaxExample(np.array(logits), Target.of(label), temperature, weights or None)
    return list(told_of_classes(SOFTMAX_LOSSES["cross-entropy"], {}, example))


def rows_of(*words: str) -> list[dict[str, Any]]:
    """The records of a command."""
    rows: list[dict[str, Any]] = strict(printed("dialects", *words, "--format", "json"))
    return rows


def floats(values: list[Any]) -> Any:
    """Recorded numbers, whose infinities are texts."""
    return np.array([math.nan if x is None else float(x) for x in values])


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "row",
    RECORDED["scalar"],
    ids=lambda row: f"{row['library']} {row['written'][:40]} {row['label']} {row['activation']}",
)
def test_what_is_computed_is_what_the_library_said(row: dict[str, Any]) -> None:
    dialect = BY_CALL[row["library"], row["written"]]
    with np.errstate(all="ignore"):
        found = dialect.compute(LOGITS.astype(dialect.dtype), row["label"], row["params"], row["activation"])
    rtol = 6e-5 if row["activation"] == "tanh" else ULPS[dialect.dtype]  # three vectorised tanh of three libraries
    atol = CANCELLING.get(row["loss"], 1e-30 if row["library"] == "lightgbm" else FAINT)
    for ours, theirs in zip(found, (row["value"], row["d_logit"]), strict=True):
        if ours is None or theirs is None:
            continue
        asked = np.array([x is not None for x in theirs])
        np.testing.assert_allclose(np.asarray(ours, dtype=float)[asked], floats(theirs)[asked], rtol=rtol, atol=atol)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "row",
    RECORDED["classes"],
    ids=lambda row: f"{row['library']} {row['written'][:40]} {row['logits']} {row['smoothing']}",
)
def test_what_is_computed_of_classes_is_what_the_library_said(row: dict[str, Any]) -> None:
    dialect = CLASSES_BY_CALL[row["library"], row["written"]]
    label = row["label"] if isinstance(row["label"], int) else tuple(row["label"])
    target = Target.of(label, smoothing=row["smoothing"]).smoothed(len(row["logits"])).p
    with np.errstate(all="ignore"):
        value, slope = dialect.compute(np.array(row["logits"], dtype=dialect.dtype), target.astype(dialect.dtype))
    rtol = ULPS[dialect.dtype]
    np.testing.assert_allclose([float(value)], floats(row["value"]), rtol=rtol, atol=FAINT)
    if row["d_logit"] is not None:
        assert slope is not None
        theirs = floats(row["d_logit"])
        np.testing.assert_allclose(slope, theirs, rtol=0, atol=max(rtol * np.abs(theirs).max(), rtol / 4))


def test_every_dialect_was_asked_of_its_library() -> None:
    assert {(row["library"], row["written"]) for row in RECORDED["scalar"]} == set(BY_CALL)
    assert {(row["library"], row["written"]) for row in RECORDED["classes"]} == set(CLASSES_BY_CALL)
    assert set(RECORDED["versions"]) >= {"torch", "keras", "scikit-learn", "xgboost-cpu", "lightgbm", "optax"}


# ---- laws -----------------------------------------------------------------------------------------------------------


@pytest.mark.sampled(1)
@pytest.mark.parametrize("loss", losses_told())
def test_where_nothing_is_lost_a_dialect_has_the_exact_numbers_of_its_convention(loss: str) -> None:
    places = np.array([-1.3, -0.7, 0.45, 0.85, 1.6])
    for dialect in dialects_of(loss):
        for activation in ("sigmoid", "identity", "exp", "softplus"):
            for label in (1.0, 0.0, 3.0):
                entry = LOSSES[loss]
                objective = objective_of(loss, label, activation)
                if entry.label_problem(label) or dialect.problem(label, dict(objective.params), activation):
                    continue
                value, slope = computed(objective, dialect, places)
                meant, meant_slope = meant_by(objective, dialect, places)
                rounding = "Stirling" in dialect.differs
                value = np.where(np.isnan(meant), np.nan, value)
                np.testing.assert_allclose(value, meant, rtol=0.1 if rounding else 3e-6, atol=0.3 if rounding else 2e-6)
                if slope is not None:
                    slope = np.where(np.isnan(meant_slope), np.nan, slope)
                    np.testing.assert_allclose(slope, meant_slope, rtol=3e-6, atol=2e-6)


def test_what_everybody_sees() -> None:
    # torch 100, keras 16.118, scikit-learn 36.04 and 15.94, xgboost 36.84, theory ∞
    found = {told.call: told for told in told_at(objective_of("cross-entropy", 1.0, "sigmoid"), -200.0)}
    assert found["nn.BCELoss()(sigmoid(z), y)"].value == 100
    assert found["losses.BinaryCrossentropy()(y, sigmoid(z))"].value == pytest.approx(-math.log(1e-7), rel=1e-6)
    assert found["metrics.log_loss(y, sigmoid(z))"].value == pytest.approx(-math.log(2**-52))
    assert found["metrics.log_loss(y, sigmoid(z).astype('float32'))"].value == pytest.approx(-math.log(2**-23))
    assert found["objective='binary:logistic'"].value == pytest.approx(-math.log(1e-16), rel=1e-6)
    assert found["nn.BCEWithLogitsLoss()(z, y)"].value == 200
    assert found["nn.BCELoss()(sigmoid(z), y)"].is_dead
    assert not found["nn.BCEWithLogitsLoss()(z, y)"].value_is_off


def test_where_a_dialect_begins_to_be_wrong() -> None:
    objective = objective_of("cross-entropy", 1.0, "sigmoid")
    reach = reach_of(objective, dialects_of("cross-entropy")[0])
    assert reach.value[0] == pytest.approx(-100, abs=0.01)  # where ln p is clamped
    assert reach.d_logit[0] == pytest.approx(math.log(1e-12), abs=0.01)  # where max(pq, 1e-12) is
    assert reach.dead[0] == pytest.approx(-math.log(2.0**128), abs=0.01)  # where e^−z overflows
    assert reach.dead[1] == pytest.approx(24 * math.log(2), abs=0.01)  # where p rounds to 1


def test_a_convention_is_no_fault() -> None:
    half = next(d for d in told_at(objective_of("squared-error", 1.0, "identity"), 3.0) if "l2_loss" in d.call)
    assert (half.value, half.d_logit) == (2.0, 2.0)
    assert not half.value_is_off and not half.slope_is_off
    focal = told_at(objective_of("focal", 0.0, "sigmoid"), 1.0)[0]
    assert focal.value == pytest.approx(0.75 * objective_of("focal", 0.0, "sigmoid").evaluate([1.0]).value[0], rel=1e-6)


def test_a_nan_is_off_and_the_undefined_is_not() -> None:
    dialect = DIALECTS[0]
    assert ScalarTold(dialect, "", math.nan, math.nan, 1.0, 1.0).value_is_off
    assert not ScalarTold(dialect, "", math.nan, 0.0, math.nan, math.nan).value_is_off
    assert not ScalarTold(dialect, "", math.inf, 0.0, math.inf, 0.0).value_is_off


def test_k_classes() -> None:
    told = {one.call: one for one in cross_entropy_told([40.0, 0.0, -40.0], 2, 2.0)}
    assert told["nn.CrossEntropyLoss()(z/2, y)"].value == pytest.approx(40)
    assert told["losses.CategoricalCrossentropy()(y, softmax(z/2))"].is_dead
    assert told["nn.CrossEntropyLoss()(z/2, y)"].d_logit == pytest.approx([0.5, 0, -0.5], abs=1e-6)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("nn.BCELoss()(sigmoid(z), y)", "BCELoss"),
        ("metrics.log_loss(y, sigmoid(z).astype('float32'))", "log_loss"),
        ("objective='binary:logistic'", "binary:logistic"),
        ("HalfBinomialLoss().loss_gradient(y, z)", "HalfBinomialLoss"),
        ("losses.BinaryCrossentropy(from_logits=True)(y, z)", "BinaryCrossentropy(from_logits=True)"),
    ],
)
def test_the_name_of_a_call(call: str, name: str) -> None:
    assert short_name(call) == name


# ---- the command ----------------------------------------------------------------------------------------------------

PINNED = ("library", "call", "dtype", "value", "d_logit", "exact_value", "exact_d_logit", "differs", "wrong_from")


def test_the_fields_of_the_contract() -> None:
    rows = rows_of("bce", "--at=-40")
    assert len(rows) >= 10 and all(set(PINNED) <= set(row) for row in rows)
    assert {(row["exact_value"], row["exact_d_logit"]) for row in rows} == {(40.0, -1.0)}
    assert all(row["loss"] == "cross-entropy" and row["label"] == 1 and row["logit"] == -40 for row in rows)


def test_the_text_tells_numbers_marks_calls_and_from_where() -> None:
    text = printed("dialects", "bce", "--at=-40")
    assert "keras BinaryCrossentropy " in text and "16.12" in text and "L off, ∂L/∂z dead" in text
    assert "nn.BCELoss()(sigmoid(z), y)" in text and "z < −100" in " ".join(text.split())
    assert all(len(line) <= 80 for line in text.splitlines())


def test_of_k_classes_as_text_json_and_csv() -> None:
    words = ("ce,kl", "--logits", "8,0,0", "--target", "1", "--smoothing", ".1")
    text = printed("dialects", *words)
    assert "CrossEntropyLoss(label_smoothing=0.1)" in text and "batchmean" in text
    rows = rows_of(*words)
    by_call = {row["call"]: row for row in rows}
    mean = by_call["nn.KLDivLoss()(log_softmax(z), smooth_labels(y, 0.1))"]
    whole = by_call["nn.KLDivLoss(reduction='batchmean')(log_softmax(z), smooth_labels(y, 0.1))"]
    assert 3 * mean["value"] == pytest.approx(whole["value"], rel=1e-6)
    assert printed("dialects", *words, "--format", "csv").count("\n") == len(rows) + 1


def test_all_are_those_that_libraries_have_behind_the_activation() -> None:
    def named(*words: str) -> set[str]:
        return {row["loss"] for row in rows_of("all", *words)}

    assert "cross-entropy" in named("--label", "1") and "quantile" not in named("--label", "1")
    assert "quantile" in named("--activation", "identity") and "poisson" in named("--activation", "exp", "--label", "3")


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which loss"),
        (("zero-one",), "no library here computes zero-one"),
        (("mine", "--define", "mine: r*r"), "no library has mine: it is a loss of your own"),
        (("kl",), "--logits 2,1,-1 --target 0"),
        (("bce", "--activation", "probit"), "behind probit"),
        (("bce", "--label", "2"), "between 0 and 1"),
        (("nonsense",), "unknown loss"),
        (("mse", "--logits", "1,2"), "a target is needed"),
        (("mse", "--target", "1"), "add their --logits"),
        (("ce", "--logits", "1,2", "--target", "0", "--at", "3"), "leave it out"),
        (("ce", "--logits", "1,x", "--target", "0"), "'x' is not a number"),
        (("ce", "--logits", "1,2", "--target", "5"), "outside 0…1"),
        (("ce", "--logits", "1,2", "--target", ".3,.3"), "sum to 0.6, not 1\n"),
        (("ce", "--logits", "1,2", "--target", "0", "--temperature", "0"), "temperature"),
        (("bce", "--at", "0:1:5000"), "at most 1,000"),
    ],
)
def test_one_line_for_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    assert said in refused("dialects", *words)


def test_no_library_has_a_loss_of_ones_own() -> None:
    objective = Objective(defined("mine: r**2"), (), 1.0, ACTIVATIONS["sigmoid"])
    with pytest.raises(ValueError, match="no library has mine: it is a loss of your own"):
        told_at(objective, 0.0)


def test_class_weights_are_no_fault_of_a_library() -> None:
    logits = [8.0, 0.0, 0.0]
    pairs = zip(cross_entropy_told(logits, 1), cross_entropy_told(logits, 1, 1.0, 1.0, 5.0, 1.0), strict=True)
    assert all(one.value == other.value and one.meant_value == other.meant_value for one, other in pairs)
