"""Snippets: right wherever they say so, formatted, derived once for every loss, and honest where they fail."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.labels import Family
from lossterm.core.losses.objective import evaluate_at
from lossterm.snippets import checking
from lossterm.snippets.derivation import derive, natural_activation, possible_activations
from lossterm.snippets.snippet import LIBRARIES, Snippet, _derived, make_snippet
from lossterm.snippets.twins import TWINS, WITHOUT

TRAINED = [name for name in LOSSES if name not in WITHOUT]


def snippet_of(loss: str, library: str = "numpy", activation: str = "", **params: float | None) -> Snippet:
    return with_params(loss, params, library, activation)


def with_params(loss: str, params: Mapping[str, float | None], library: str = "numpy", activation: str = "") -> Snippet:
    return make_snippet(loss, tuple(LOSSES[loss].complete(params).items()), library, activation)


def function_of(snippet: Snippet) -> Any:
    """What the code of a snippet defines last."""
    space: dict[str, Any] = {}
    exec(snippet.code, space)
    return space[snippet.loss.replace("-", "_")]


def test_every_loss_is_told_in_symbols_or_why_not() -> None:
    assert set(TWINS) <= set(TRAINED) and set(WITHOUT) <= set(LOSSES)
    assert all(loss.expression or name in {*TWINS, *WITHOUT} for name, loss in LOSSES.items())


@pytest.mark.exhaustive
@pytest.mark.parametrize("loss", sorted(set(TWINS) - {"cross-entropy", "focal"}))
def test_what_is_written_by_hand_is_better_than_what_is_derived(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    links = possible_activations(LOSSES[loss], LOSSES[loss].defaults)

    def all_checked() -> Iterator[checking.Checked]:
        for link in links:
            yield from _derived.__wrapped__(loss, "", tuple(LOSSES[loss].defaults.items()), link)[2].values()

    by_hand = list(all_checked())
    monkeypatch.delitem(TWINS, loss)
    assert any(
        abs(other.fails_from or math.inf) < 0.99 * abs(hand.fails_from or math.inf)
        or other.max_error > 10 * max(hand.max_error, float(np.finfo(hand.dtype).eps))
        for hand, other in zip(by_hand, all_checked(), strict=True)
    )


@pytest.mark.parametrize("loss", TRAINED)
def test_where_a_loss_is_at_home_the_snippet_is_exact(loss: str) -> None:
    checked = snippet_of(loss).checked
    assert checked["float64"].max_error < 1e-10
    assert checked["float32"].max_error < 1e-3
    for precision in checked.values():
        # what fails is what overflows: e^1000 is no double
        assert precision.fails_from is None or (abs(precision.fails_from) > 40 and "wrong" not in precision.why)
    if LOSSES[loss].family is Family.PROBABILITY:
        assert checked["float64"].fails_from is None and checked["float32"].fails_from is None


@pytest.mark.exhaustive
@pytest.mark.parametrize("loss", TRAINED)
def test_behind_every_activation_that_is_possible(loss: str) -> None:
    possible = possible_activations(LOSSES[loss], LOSSES[loss].defaults)
    assert natural_activation(LOSSES[loss]) in possible
    for activation in possible:
        checked = snippet_of(loss, activation=activation).checked
        assert checked["float64"].max_error <= checking.LIMITS["float64"], activation


PARAMETERS: dict[str, list[dict[str, float | None]]] = {
    "cross-entropy": [{"pos_weight": 3.0}],
    "focal": [{"gamma": 0.5}, {"gamma": 0.0}, {"gamma": 5.0, "alpha": 0.25}],
    "generalized-cross-entropy": [{"q": 1.0}, {"q": 0.1}],
    "poly-1": [{"epsilon": -0.5}, {"epsilon": 4.0}],
    "huber": [{"delta": 0.5}],
    "quantile": [{"tau": 0.9}],
    "barron": [{"alpha": 0.0}, {"alpha": 2.0}, {"alpha": -math.inf}, {"alpha": -2.0}, {"alpha": 3.0}],
    "asymmetric": [{"gamma_pos": 1.0, "clip": 0.2}],
    "dpo": [{"epsilon": 0.1}],
}


@pytest.mark.parametrize(("loss", "params"), [(name, p) for name in TRAINED for p in PARAMETERS.get(name, [])], ids=str)
def test_with_other_parameters(loss: str, params: dict[str, float | None]) -> None:
    checked = with_params(loss, params).checked["float64"]
    assert checked.max_error < 1e-9
    assert checked.fails_from is None or abs(checked.fails_from) > 40


def test_a_parameter_is_an_argument_with_its_value() -> None:
    focal = function_of(snippet_of("focal", gamma=3.0))
    assert [str(p) for p in inspect.signature(focal).parameters.values()] == ["z", "y", "gamma=3.0"]
    z = np.linspace(-5, 5, 11)
    value, slope, bend = focal(z, np.ones(11), gamma=0.5)
    exact = evaluate_at(LOSSES["focal"], LOSSES["focal"].complete({"gamma": 0.5}), 1.0, "sigmoid", z)
    np.testing.assert_allclose(value, exact.value, rtol=1e-13)
    np.testing.assert_allclose(slope, exact.d_logit, rtol=1e-13)
    np.testing.assert_allclose(bend, exact.d2_logit, rtol=1e-12)


@pytest.mark.parametrize("loss", TRAINED)
def test_a_snippet_is_the_gradient_of_its_own_value(loss: str) -> None:
    snippet = snippet_of(loss)
    function = function_of(snippet)
    for label in snippet.checked["float64"].labels:
        z = np.array([-2.37, -0.71, 0.113, 0.64, 2.91])
        y, step = np.full(5, label), 1e-5
        with np.errstate(all="ignore"):
            (before, slope_before, _), (after, slope_after, _) = function(z - step, y), function(z + step, y)
            _, slope, bend = function(z, y)
        np.testing.assert_allclose((after - before) / (2 * step), slope, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose((slope_after - slope_before) / (2 * step), bend, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss", ["cross-entropy", "focal", "poly-1", "generalized-cross-entropy", "squared-error"])
def test_nothing_is_warned_of_behind_a_sigmoid(loss: str) -> None:
    z = np.linspace(-1000, 1000, 4001)
    for label in (0.0, 1.0):  # a warning is an error here
        numbers = function_of(snippet_of(loss, activation="sigmoid"))(z, np.full(4001, label))
        assert all(np.isfinite(part).all() for part in numbers)


# ---- what is told of a snippet --------------------------------------------------------------------------------------

NAIVE = """
import numpy as np

def cross_entropy(z, y):
    p = 1 / (1 + np.exp(-z))
    return -y * np.log(p) - (1 - y) * np.log(1 - p), p - y, p * (1 - p)
"""


def checked(code: str, dtype: str = "float64") -> checking.Checked:
    """Code instead of cross-entropy behind a sigmoid."""
    loss, link = LOSSES["cross-entropy"], ACTIVATIONS["sigmoid"]
    return checking.run(code, "cross_entropy", loss, loss.defaults, link, (0.0, 1.0), dtype)


def test_the_naive_formula_is_found_to_fail() -> None:
    far, farther = checked(NAIVE, "float32"), checked(NAIVE)
    assert far.fails_from is not None and 8 < abs(far.fails_from) < 20
    assert farther.fails_from is not None and 20 < abs(farther.fails_from) < 40


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [("p - y,", "y - p,", "gradient"), ("p * (1 - p)", "p", "hessian"), ("-y * np", "-2 * y * np", "value")],
)
def test_what_is_wrong_is_found_to_be_wrong(right: str, wrong: str, where: str) -> None:
    found = checked(NAIVE.replace(right, wrong))
    assert found.fails_from is not None and abs(found.fails_from) < 0.1
    assert found.why.startswith(f"wrong of the {where}")


def test_what_is_told_is_in_the_code() -> None:
    exponential = snippet_of("exponential", "torch")
    told = " ".join(exponential.code.split())
    assert "overflow of the gradient at y = 1 from z = -710 on" in told
    assert "from z = -88.9 on" in told
    assert exponential.checked["float32"].fails_from == pytest.approx(-88.9)


# ---- the code -------------------------------------------------------------------------------------------------------


UNLABELLED = {"k1", "k2", "k3"}
"""Estimators that read no label: the one that every library hands over is not used there."""


def assert_formatted(folder: Path) -> None:
    """Formatted as black does, and without an import or a name that is not used."""
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["format", "--check"], ["check", "--select", "F,E7,E9,W"]):
        options = ["--isolated", "--line-length", "88", "--no-cache", str(folder)]
        done = subprocess.run([*ruff, *words, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_code_is_formatted_and_uses_all_it_imports(tmp_path: Path) -> None:
    for library in LIBRARIES:
        for loss in ("focal", "huber", "log-cosh", "hinge", "poisson", "gaussian-nll"):
            (tmp_path / f"{loss}_{library}.py").write_text(snippet_of(loss, library).code, "utf-8")
    assert_formatted(tmp_path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("library", LIBRARIES)
def test_all_code_is_formatted_and_uses_all_it_imports(library: str, tmp_path: Path) -> None:
    for loss in set(TRAINED) - UNLABELLED:
        (tmp_path / f"{loss}.py").write_text(snippet_of(loss, library).code, "utf-8")
    assert_formatted(tmp_path)


@pytest.mark.exhaustive
def test_the_code_does_not_depend_on_the_order_of_a_set() -> None:
    def code(seed: str) -> str:
        program = "from tests.snippets.test_snippets import snippet_of; print(snippet_of('poly-1', 'xgboost').code)"
        return subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    assert code("1") == code("2") == f"{snippet_of('poly-1', 'xgboost').code}\n"


def test_what_has_no_stable_form_says_what_has_one() -> None:
    loss = LOSSES["cross-entropy"]
    with pytest.raises(ValueError, match="behind probit has no stable closed form: there is one behind sigmoid"):
        derive(loss, loss.defaults, ACTIVATIONS["probit"])
    with pytest.raises(ValueError, match="no slope"):
        snippet_of("zero-one")


# ---- boosting -------------------------------------------------------------------------------------------------------


class Rows:
    """What an objective of xgboost or lightgbm asks of its data."""

    def __init__(self, label: Any, weight: Any) -> None:
        self.label, self.weight = label, weight

    def get_label(self) -> Any:
        return self.label

    def get_weight(self) -> Any:
        return self.weight


@pytest.mark.parametrize("loss", TRAINED)
def test_a_tree_never_divides_by_nothing(loss: str) -> None:
    snippet = snippet_of(loss, "xgboost")
    objective = function_of(snippet)
    z = np.linspace(-20, 20, 401)
    for label in snippet.checked["float64"].labels:
        with np.errstate(all="ignore"):
            grad, hess = objective(z, Rows(np.full(401, label), np.empty(0)))
        assert grad.shape == hess.shape == z.shape
        assert (hess > 0).all()


def test_weights_weigh() -> None:
    z, y, weight = np.array([-1.0, 2.0, 0.5]), np.array([1.0, 0.0, 1.0]), np.array([1.0, 3.0, 0.0])
    xgboost, lightgbm = (function_of(snippet_of("cross-entropy", library)) for library in ("xgboost", "lightgbm"))
    grad, hess = xgboost(z, Rows(y, np.empty(0)))
    for objective in (xgboost, lightgbm):
        weighted = objective(z, Rows(y, weight))
        np.testing.assert_array_equal(weighted[0], grad * weight)
        np.testing.assert_array_equal(weighted[1], hess * weight)
    np.testing.assert_array_equal(lightgbm(z, Rows(y, None))[0], grad)
    catboost: Callable[[], Any] = _class_of(snippet_of("cross-entropy", "catboost"))
    told = np.array(catboost().calc_ders_range(z, y, weight))
    np.testing.assert_array_equal(told, np.stack([-grad * weight, -hess * weight], axis=1))


def _class_of(snippet: Snippet) -> Any:
    space: dict[str, Any] = {}
    exec(snippet.code, space)
    return space["".join(part.capitalize() for part in snippet.loss.split("-"))]


def test_a_step_of_a_robust_loss_never_raises_it() -> None:
    objective, numpy = function_of(snippet_of("huber", "xgboost")), function_of(snippet_of("huber"))
    generator = np.random.default_rng(3)
    y = generator.standard_cauchy(500)
    score, before = np.full(500, 40.0), math.inf
    for _ in range(30):
        loss = float(numpy(score, y)[0].sum())
        assert loss <= before
        before = loss
        grad, hess = objective(score, Rows(y, np.empty(0)))
        score = score - grad.sum() / hess.sum()
    assert abs(score[0] - np.median(y)) < 0.3


def _data() -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(400, 4))
    signal = x @ np.array([1.0, -2.0, 0.5, 0.0])
    return x, signal + generator.normal(size=400), generator.uniform(0.5, 2.0, 400)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("loss", "builtin"),
    [("cross-entropy", "binary:logistic"), ("half-squared-error", "reg:squarederror"), ("gamma", "reg:gamma")],
)
def test_xgboost_learns_what_it_learns_with_its_own(loss: str, builtin: str) -> None:
    xgboost = pytest.importorskip("xgboost")
    x, target, weight = _data()
    label = {"binary:logistic": target > 0, "reg:gamma": np.exp(target / 3)}.get(builtin, target)
    data = xgboost.DMatrix(x, label=label, weight=weight)
    params = {"max_depth": 3, "eta": 0.3, "base_score": 0.5 if builtin == "binary:logistic" else 1.0, "nthread": 1}
    own = xgboost.train({**params, "objective": builtin}, data, 10)
    start = {"binary:logistic": 0.0, "reg:squarederror": 1.0, "reg:gamma": 0.0}[builtin]
    data_of_ours = xgboost.DMatrix(x, label=label, weight=weight, base_margin=np.full(len(x), start))
    ours = xgboost.train({**params, "disable_default_eval_metric": 1}, data_of_ours, 10,
                         obj=function_of(snippet_of(loss, "xgboost")))  # fmt: skip
    np.testing.assert_allclose(
        ours.predict(data_of_ours, output_margin=True), own.predict(data, output_margin=True), rtol=1e-4, atol=1e-4
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize(("loss", "builtin"), [("cross-entropy", "binary"), ("half-squared-error", "regression")])
def test_lightgbm_learns_what_it_learns_with_its_own(loss: str, builtin: str) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    x, target, weight = _data()
    label = (target > 0).astype(float) if builtin == "binary" else target
    params = {"num_leaves": 7, "verbose": -1, "boost_from_average": False, "num_threads": 1, "deterministic": True}

    def trained(objective: Any) -> Any:
        data = lightgbm.Dataset(x, label=label, weight=weight)
        return lightgbm.train({**params, "objective": objective}, data, 10).predict(x, raw_score=True)

    np.testing.assert_allclose(
        trained(function_of(snippet_of(loss, "lightgbm"))), trained(builtin), rtol=1e-4, atol=1e-4
    )
