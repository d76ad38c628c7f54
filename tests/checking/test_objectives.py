"""Objectives as people write them: each broken one is found out, each right one is left in peace."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lossterm.checking import command
from lossterm.cli import run
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.model.feature import OpenExplorer
from tests.curves.program import Explorer
from tests.harness import WIDE, program

FOLDER = Path(__file__).parent / "objectives"

BROKEN: dict[str, tuple[str, str, list[str], list[str]]] = {
    "brier_by_probability": ("squared-error", "sigmoid", ["wrt_prediction"], ["∂L/∂p"]),
    "by_probability": ("cross-entropy", "sigmoid", ["wrt_prediction", "nonfinite"], ["36.74"]),
    "chain_rule_nan": ("cross-entropy", "sigmoid", ["nonfinite"], ["NaN from z = 36.74", "z = −709.8"]),
    "class_weight_not_in_hessian": ("cross-entropy", "sigmoid", ["weight"], ["Hessian", "0.3333 for y = 1"]),
    "clipped_dead": ("cross-entropy", "sigmoid", ["gradient_not_of_value"], ["g = 0, right is −0.9999"]),
    "constant_hessian": ("cross-entropy", "sigmoid", ["hessian_wrong"], ["constant 1, an upper bound"]),
    "flipped_fair": ("squared-error", "identity", ["sign"], ["gradient, everywhere"]),
    "flipped_sign": ("cross-entropy", "sigmoid", ["sign"], ["gradient, everywhere"]),
    "focal_by_raw": ("focal", "sigmoid", ["missing_link", "wrt_prediction"], ["the score is taken for p"]),
    "focal_with_plain_hessian": ("focal", "sigmoid", ["hessian_wrong", "nonfinite"], ["p(1 − p), that of plain"]),
    "forgotten_sigmoid": ("cross-entropy", "sigmoid", ["missing_link"], ["the score is taken for p"]),
    "gauss_newton": ("squared-error", "sigmoid", ["hessian_wrong"], ["Gauss–Newton"]),
    "half_hessian": ("squared-error", "identity", ["factor"], ["0.5 times the exact one"]),
    "hessian_of_raw": ("cross-entropy", "sigmoid", ["missing_link"], ["Hessian"]),
    "huber_negative": ("huber", "identity", ["sign"], ["gradient and Hessian"]),
    "log_cosh_flipped": ("log-cosh", "identity", ["sign"], ["gradient, everywhere"]),
    "maximised": ("cross-entropy", "sigmoid", ["sign"], ["gradient and Hessian"]),
    "mean_not_rows": ("squared-error", "identity", ["factor"], ["1/n of the"]),
    "naive_nan": ("cross-entropy", "sigmoid", ["nonfinite"], ["NaN from z = 709.8"]),
    "negative_hessian": ("cross-entropy", "sigmoid", ["hessian_negative"], ["its sign is flipped"]),
    "not_of_its_value": ("cross-entropy", "sigmoid", ["gradient_not_of_value"], ["the loss that it returns"]),
    "twice": ("cross-entropy", "sigmoid", ["factor"], ["2 times the loss"]),
    "weight_ignored": ("cross-entropy", "sigmoid", ["weight"], ["ignored"]),
    "weight_of_gradient_alone": ("cross-entropy", "sigmoid", ["weight"], ["Hessian"]),
    "weight_twice": ("cross-entropy", "sigmoid", ["weight"], ["applied twice"]),
}
"""What each was written as: the loss, its activation, the faults that were put in, and words that are to be said."""

RIGHT: dict[str, tuple[str, dict[str, float], str]] = {
    "either_order": ("cross-entropy", {}, "sigmoid"),
    "exponential_of_signs": ("exponential", {}, "identity"),
    "fair": ("fair", {"c": 2.0}, "identity"),
    "gamma": ("gamma", {}, "exp"),
    "poisson_of_lightgbm": ("poisson", {}, "exp"),
    "tweedie": ("tweedie", {"power": 1.4}, "exp"),
    "focal_exact": ("focal", {"gamma": 2.0}, "sigmoid"),
    "focal_held": ("focal", {"gamma": 2.0}, "sigmoid"),
    "huber": ("huber", {"delta": 1.5}, "identity"),
    "lightgbm_logistic": ("cross-entropy", {}, "sigmoid"),
    "poisson": ("poisson", {}, "exp"),
    "positive_weight": ("cross-entropy", {"pos_weight": 5.0}, "sigmoid"),
    "quantile": ("quantile", {"tau": 0.8}, "identity"),
    "row_by_row": ("cross-entropy", {}, "sigmoid"),
    "squared": ("half-squared-error", {}, "identity"),
    "weighted_logistic": ("cross-entropy", {}, "sigmoid"),
    "with_value": ("cross-entropy", {}, "sigmoid"),
    "xgboost_logistic": ("cross-entropy", {}, "sigmoid"),
}
"""What each was written as; a loss that is not in the list is asked for when it is."""


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of a check."""
    code = run(["check", *words, "--format", "json"])
    out, err = capsys.readouterr()
    assert not err
    return code, json.loads(out)


def test_every_objective_is_told() -> None:
    assert {path.stem for path in (FOLDER / "broken").glob("*.py")} == set(BROKEN)
    assert {path.stem for path in (FOLDER / "right").glob("*.py")} == set(RIGHT)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_objective_is_found_out(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    loss, activation, kinds, said = BROKEN[name]
    code, found = checked(capsys, f"{FOLDER / 'broken' / name}.py:objective")
    assert code == 1
    assert (found["nearest"]["loss"], found["nearest"]["activation"]) == (loss, activation)
    assert [fault["kind"] for fault in found["faults"]] == kinds
    text = " ".join(f"{fault['where']} {fault['detail']}" for fault in found["faults"])
    assert [words for words in said if words not in text] == []
    for fault in found["faults"]:
        assert fault["command"].startswith("lossterm plot --loss ")


@pytest.mark.parametrize("name", [name for name, (loss, *_) in RIGHT.items() if loss in LOSSES])
def test_a_right_objective_has_no_fault(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    loss, params, activation = RIGHT[name]
    code, found = checked(capsys, f"{FOLDER / 'right' / name}.py:objective")
    assert found["faults"] == []
    assert code == 0
    assert found["nearest"] == {
        "loss": loss, "params": {**LOSSES[loss].defaults, **params}, "activation": activation,
    }  # fmt: skip
    assert found["distance"] < 1e-9


@pytest.mark.parametrize(
    ("loss", "activation", "params"),
    [
        ("focal", "sigmoid", {"gamma": 1.7}),
        ("focal", "sigmoid", {"gamma": 2.5, "alpha": 0.3}),
        ("huber", "identity", {"delta": 0.77}),
        ("generalized-cross-entropy", "sigmoid", {"q": 0.45}),
        ("squared-hinge", "identity", {}),
        ("exponential", "identity", {}),
        ("cross-entropy", "probit", {}),
        ("squared-error", "tanh", {}),
    ],
)
def test_what_a_loss_gives_itself_is_that_loss(loss: str, activation: str, params: dict[str, float]) -> None:
    # without a process: the search alone, on the numbers of the losses' own definitions
    import numpy as np

    from lossterm.checking.exact import Candidate, exact
    from lossterm.checking.grid import request_for
    from lossterm.checking.search import Gradients, candidates, nearest

    points = request_for(())["sets"]["hard"]
    z, y = np.array(points["z"]), np.array(points["y"])
    meant = Candidate(LOSSES[loss], tuple(LOSSES[loss].complete(params).items()), ACTIVATIONS[activation])
    numbers = exact(meant, z, y)
    fit = nearest([Gradients("hard", z, y, numbers.g, numbers.h)], list(candidates()))
    assert fit is not None
    assert (fit.candidate.loss.id, fit.candidate.activation.id, fit.candidate.reading) == (loss, activation, "logit")
    assert dict(fit.candidate.params) == pytest.approx(dict(meant.params))
    assert fit.scale == pytest.approx(1)


def test_what_it_should_be_may_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    file = f"{FOLDER / 'right' / 'focal_exact'}.py:objective"
    code, found = checked(capsys, file, "--loss", "focal:gamma=3", "--activation", "sigmoid")
    assert code == 1
    assert found["nearest"]["params"]["gamma"] == 3
    assert [fault["kind"] for fault in found["faults"]] == ["none"]
    code, found = checked(capsys, file, "--loss", "focal")
    assert code == 0


@pytest.mark.exhaustive
def test_labels_may_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = checked(capsys, f"{FOLDER / 'right' / 'huber'}.py:objective", "--labels", "-2,0.5,7")
    assert (code, found["labels"]) == (0, [-2, 0.5, 7])


@pytest.mark.exhaustive
def test_a_loss_of_its_own_is_compared_with_its_own_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "import numpy as np\n"
        "def good(y, z):\n    r = z - y\n    return r**4 + np.cos(r), 4*r**3 - np.sin(r), 12*r**2 - np.cos(r)\n"
        "def bad(y, z):\n    r = z - y\n    return r**4 + np.cos(r), 4*r**3 - np.sin(r), 12*r**2\n"
        "def unknown(y, z):\n    r = z - y\n    return 4*r**3 - np.sin(r), 12*r**2 - np.cos(r)\n"
    )
    (tmp_path / "own.py").write_text(text)
    code, found = checked(capsys, f"{tmp_path / 'own.py'}:good")
    assert (code, found["faults"]) == (0, [])
    code, found = checked(capsys, f"{tmp_path / 'own.py'}:bad")
    assert (code, [fault["kind"] for fault in found["faults"]]) == (1, ["hessian_wrong"])
    code, found = checked(capsys, f"{tmp_path / 'own.py'}:unknown")
    assert (code, [fault["kind"] for fault in found["faults"]]) == (1, ["none"])


def test_the_text_says_what_a_person_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", f"{FOLDER / 'broken' / 'flipped_sign'}.py:objective"]) == 1
    out = capsys.readouterr().out
    for words in ("cross-entropy behind sigmoid", "(sign)", "change:", "see: lossterm plot --loss cross-entropy"):
        assert words in " ".join(out.split())


async def test_its_numbers_are_shown_as_dots_over_the_nearest_loss() -> None:
    file = f"{FOLDER / 'broken' / 'twice'}.py:objective"
    opened = command.run(["check", file, "--show"][1:])
    assert isinstance(opened, OpenExplorer)
    assert not opened.keep
    app = program(replace(opened.saved, theme=None), start=opened.start)
    async with app.run_test(size=WIDE) as pilot:
        ui = Explorer(app, pilot)
        await ui.settle()
        assert "• objective" in ui.text
        assert ui.screen.figure is not None
        assert [curve.objective.loss.id for curve in ui.screen.figure.scene.curves] == ["cross-entropy"]
        heights = [mark.y for mark in ui.panels[1].chart.marks if mark.symbol == "•"]
        assert min(heights) == pytest.approx(-2, abs=1e-3)  # twice what the curve has, and inside the window
        await ui.press("t")  # the other label has dots of its own
        heights = [mark.y for mark in ui.panels[1].chart.marks if mark.symbol == "•"]
        assert max(heights) == pytest.approx(2, abs=1e-3)
