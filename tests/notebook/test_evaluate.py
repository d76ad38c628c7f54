"""`lossterm.evaluate`: labels and logits broadcast, each number that of its label alone, exact as before."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mpmath import mp, mpf

import lossterm
from lossterm.cli import run
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.broadcast import evaluate_broadcast
from lossterm.core.losses.formulas import LOSSES, Loss
from lossterm.core.losses.labels import Family, smoothed
from lossterm.core.losses.objective import Evaluation, evaluate_at
from tests.reference import make_evaluations as oracle

NUMBERS = ("prediction", "d_activation", "value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")
EDGES = (0.0, 1.0, 1e-300, 1 - 2.0**-53, 0.5, 0.9)
LOGITS = (-1000.0, -745.0, -37.5, -4.0, -0.0, 0.0, 1e-9, 4.0, 37.5, 709.0, 1000.0)


def labels_of(loss: str) -> st.SearchStrategy[float]:
    """Labels that a loss takes: its ends, values beside them, and any between."""
    entry = LOSSES[loss]
    if entry.hard_only:
        return st.sampled_from((-1.0, 0.0, 1.0))
    low, high = entry.labels
    inside = st.floats(max(low, -50.0), min(high, 50.0), allow_subnormal=False)
    every = st.sampled_from([y for y in EDGES if low <= y <= high]) | inside
    return every.filter(lambda y: y not in entry.excluded)


def by_itself(loss: str, label: float, activation: str, logit: float) -> Evaluation:
    """A loss of one label at one logit: what the tests of the core compare with mpmath."""
    return evaluate_at(LOSSES[loss], LOSSES[loss].defaults, label, activation, logit)


@settings(max_examples=150)
@given(data=st.data(), loss=st.sampled_from(sorted(LOSSES)), activation=st.sampled_from(sorted(ACTIVATIONS)))
@pytest.mark.exhaustive
def test_each_number_is_that_of_its_label_alone(data: st.DataObject, loss: str, activation: str) -> None:
    shapes = data.draw(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    label = data.draw(arrays.arrays(float, shapes[0], elements=labels_of(loss)))
    at = data.draw(arrays.arrays(float, shapes[1], elements=st.sampled_from(LOGITS) | st.floats(-50, 50)))
    got = lossterm.evaluate(loss, label=label, activation=activation, at=at)
    labels, logits = np.broadcast_arrays(label, at)
    assert got.value.shape == got.label.shape == labels.shape
    for index in np.ndindex(labels.shape):
        alone = by_itself(loss, float(labels[index]), activation, float(logits[index]))
        for name in ("logit", *NUMBERS):
            np.testing.assert_array_equal(getattr(got, name)[index], getattr(alone, name), err_msg=name)


@given(labels=st.lists(st.sampled_from(EDGES), min_size=1, max_size=4), smoothing=st.sampled_from((1e-18, 0.1, 1.0)))
def test_smoothing_comes_before_and_keeps_what_is_missing_to_1(labels: list[float], smoothing: float) -> None:
    got = lossterm.evaluate("ce", label=labels, at=-4.0, smoothing=smoothing)
    for index, y in enumerate(labels):
        assert float(got.value[index]) == float(
            by_itself("cross-entropy", smoothed(y, smoothing), "sigmoid", -4.0).value
        )
        assert got.label[index] == pytest.approx(y * (1 - smoothing) + smoothing / 2, rel=1e-15)


@pytest.mark.parametrize("loss", ["cross-entropy", "focal", "squared-error", "poisson", "huber", "log-cosh"])
@pytest.mark.parametrize("activation", ["sigmoid", "identity", "softplus"])
def test_many_soft_labels_against_mpmath(loss: str, activation: str) -> None:
    labels = np.linspace(0.05, 0.95, 7)[:, None]
    logits = np.array([-30.0, -4.0, 0.3, 2.0, 30.0])
    got = lossterm.evaluate(loss, label=labels, activation=activation, at=logits)
    params = {name: mpf(value) for name, value in got.params.items() if value is not None}
    with mp.workdps(60):
        for (i, j), _ in np.ndenumerate(got.value):
            want = oracle.evaluate(loss, activation, mpf(logits[j]), mpf(float(labels[i, 0])), params)
            for name, number in zip(oracle.LOSS_QUANTITIES, want, strict=True):
                if number is None or mpmath.isnan(number):
                    continue
                scale = max(abs(oracle.to_float(number)), 1e-3)  # beside a root the error is of the largest term
                assert float(getattr(got, name)[i, j]) == pytest.approx(oracle.to_float(number), abs=1e-10 * scale)


def test_ten_thousand_targets_of_a_regression_are_one_call() -> None:
    y = np.random.default_rng(0).normal(size=10_000)
    got = lossterm.evaluate("mse", label=y, activation="identity", at=np.zeros(10_000))
    np.testing.assert_array_equal(got.value, y**2)
    np.testing.assert_array_equal(got.d_logit, -2 * y)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "probit", "cloglog", "identity", "exp"])
@pytest.mark.parametrize("loss", [name for name, entry in LOSSES.items() if not entry.hard_only])
def test_soft_labels_keep_the_digits_that_each_has_alone(loss: str, activation: str) -> None:
    rng = np.random.default_rng(1)
    labels = np.concatenate([rng.uniform(size=12), [1 - 1e-9, 1 - 1e-9, 1 - 1e-7]])
    at = np.concatenate([rng.normal(scale=4, size=12), [20.7, 3.0, 16.1]])  # p − y cancels at the first and the last
    got = lossterm.evaluate(loss, label=labels, activation=activation, at=at)
    for i, (y, z) in enumerate(zip(labels.tolist(), at.tolist(), strict=True)):
        alone = by_itself(loss, y, activation, z)
        for name in NUMBERS:
            np.testing.assert_array_equal(getattr(got, name)[i], getattr(alone, name), err_msg=name)


def test_smoothed_labels_of_residuals_are_smoothed() -> None:
    y, v = np.linspace(0, 1, 20), np.linspace(-3, 3, 20)
    got = lossterm.evaluate("mse", label=y, activation="identity", at=v, smoothing=0.25)
    np.testing.assert_allclose(got.label, 0.75 * y + 0.125, rtol=1e-15)
    np.testing.assert_allclose(got.value, (v - (0.75 * y + 0.125)) ** 2, rtol=1e-13)


def test_where_a_derivative_has_a_hole_the_limit_of_each_label_is_taken() -> None:
    # (v + y)√v at v = 0: its curvature is a sum of ∞ and −∞, whose limit is −∞
    odd = Loss("odd", (), Family.VALUE, "", "", "", "", (), (0.0, math.inf), exact=lambda v, y, _: v**0.5 * (v + y))
    y, z, link = np.linspace(0.5, 3, 12), np.zeros(12), ACTIVATIONS["identity"]
    got, labels = evaluate_broadcast(odd, {}, y, 0.0, link, z)
    alone = [evaluate_at(odd, {}, one, link, 0.0) for one in labels.tolist()]
    for name in NUMBERS:
        np.testing.assert_array_equal(getattr(got, name), [float(getattr(e, name)) for e in alone], err_msg=name)
    assert not np.isnan(got.d_logit).any() and not np.isnan(got.d2_logit).any()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0)])
def test_a_shape_without_numbers_is_one(shape: tuple[int, ...]) -> None:
    got = lossterm.evaluate("ce", label=np.ones(shape), at=np.zeros(shape))
    assert got.value.shape == shape and repr(got) and got._repr_html_()
    assert len(got.to_frame()) == np.prod(shape, dtype=int)


def test_labels_of_ints_truths_and_lists_are_numbers() -> None:
    want = lossterm.evaluate("ce", label=[1.0, 0.0], at=2.0).value.tolist()
    for label in ([1, 0], (True, False), np.array([1, 0], dtype=np.int8), np.array([True, False])):
        assert lossterm.evaluate("ce", label=label, at=np.float32(2)).value.tolist() == want


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "params", "spec"),
    [
        ("focal:gamma=3", {}, "focal:gamma=3"),
        ("focal", {"gamma": 3}, "focal:gamma=3"),
        ("Focal Loss:gamma=3:alpha=.25", {}, "focal:gamma=3:alpha=0.25"),
        ("focal:gamma=3", {"alpha": np.float64(0.25)}, "focal:gamma=3:alpha=0.25"),
        ("focal", {"alpha": None}, "focal"),
        ("torch.nn.BCEWithLogitsLoss", {}, "cross-entropy"),
        ("binary:logistic", {}, "cross-entropy"),
        ("HuberLoss:delta=2", {}, "huber:delta=2"),
    ],
)
def test_a_loss_goes_by_any_name(name: str, params: dict[str, Any], spec: str) -> None:
    assert lossterm.evaluate(name, label=1, at=0, **params).name == spec


@pytest.mark.parametrize("activation", ["expit", "Sigmoid", "logistic"])
def test_an_activation_goes_by_any_name(activation: str) -> None:
    assert lossterm.evaluate("ce", label=1, at=0, activation=activation).activation == "sigmoid"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"loss": "fcal"}, "did you mean focal"),
        ({"loss": "ce,mse"}, "several losses"),
        ({"loss": ""}, "a loss is a name such as"),
        ({"loss": 3}, "a loss is a name such as"),
        ({"loss": "KLDivLoss"}, "lossterm.evaluate_softmax('kl'"),
        ({"loss": "dice"}, "compares sets"),
        ({"loss": "focal:gamma"}, "write focal:gamma=2"),
        ({"loss": "focal:gamma=3", "gamma": 2}, "gamma is told twice"),
        ({"loss": "focal", "gamma": "3"}, "gamma must be one number ≥ 0"),
        ({"loss": "focal", "gamma": [1, 2]}, "gamma must be one number ≥ 0"),
        ({"loss": "focal", "gamma": -1}, "gamma must be ≥ 0, not -1"),
        ({"loss": "focal", "gama": 1}, "did you mean gamma"),
        ({"loss": "mse", "gamma": 1}, "squared-error has no parameters"),
        ({"label": "a"}, "label must be numbers, such as 1"),
        ({"label": None}, "label must be numbers"),
        ({"label": [1, None]}, "label must be numbers"),
        ({"label": math.nan}, "a label that is a number, not nan"),
        ({"label": [1, 0, 2]}, "cross-entropy needs a label between 0 and 1, not 2"),
        ({"loss": "hinge", "label": [1, 0.5]}, "hinge needs a label 0 or 1 (or −1 for 0), not 0.5"),
        ({"at": [[1], [2, 3]]}, "at must be numbers, such as -4"),
        ({"at": 1j}, "at must be numbers"),
        ({"at": "-4"}, "at must be numbers"),
        ({"label": [1, 0], "at": [1, 2, 3]}, "labels of shape (2,) and points of shape (3,) do not broadcast"),
        ({"activation": "sgmoid"}, "did you mean sigmoid"),
        ({"activation": None}, "the activation must be a text"),
        ({"smoothing": 2}, "smoothing must be a number from 0 to 1, not 2"),
        ({"smoothing": True}, "smoothing must be a number from 0 to 1"),
        ({"loss": "mse", "label": 3, "smoothing": 0.1}, "smoothing needs a label between 0 and 1, not 3"),
    ],
)
def test_what_is_wrong_is_one_line_that_says_what_would_be_right(changed: dict[str, Any], says: str) -> None:
    asked: dict[str, Any] = {"loss": "ce", "label": 1, "at": 0.0, **changed}
    with pytest.raises(ValueError) as caught:
        lossterm.evaluate(**asked)
    assert says in str(caught.value) and "\n" not in str(caught.value)


# ---- what it shows --------------------------------------------------------------------------------------------------


def test_the_frame_is_the_table_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["table", "--loss", "focal:gamma=3", "--label=.9", "--at=-800,0,4", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    frame = lossterm.evaluate("focal:gamma=3", label=0.9, at=[-800, 0, 4]).to_frame("polars")
    assert frame.columns == list(rows[0])
    for row, told in zip(frame.iter_rows(named=True), rows, strict=True):
        assert {name: str(value) if isinstance(value, str) else float(value) for name, value in row.items()} == {
            name: text if isinstance(row[name], str) else float(text) for name, text in told.items()
        }


def test_the_repr_is_a_line() -> None:
    one = repr(lossterm.evaluate("focal", gamma=3, label=1, at=-4))
    assert one == "<EvaluatedLoss focal:gamma=3 · y = 1 · sigmoid: z = −4, L = 3.805, ∂L/∂z = −1.135>"
    many = repr(lossterm.evaluate("ce", label=[[0], [1]], at=np.linspace(-8, 8, 1000), smoothing=0.1))
    assert "(2, 1000) points" in many and "smoothing 0.1" in many and len(many) < 160


def test_what_is_undefined_or_infinite_is_shown_so() -> None:
    html = lossterm.evaluate("ce", label=1, activation="identity", at=[0.0, 2.0])._repr_html_()
    assert ">∞<" in html and ">—<" in html
