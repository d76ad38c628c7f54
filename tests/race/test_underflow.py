"""A race in which no double is small enough: what is too small is told so, and a 0 is only said of what is 0."""

from __future__ import annotations

import json

import pytest

from tests.test_cli import printed


def reasons(*words: str) -> dict[str, str]:
    return {r["loss"]: r["reason"] for r in json.loads(printed("race", *words, "--format=json"))["racers"]}


@pytest.mark.parametrize("loss", ["squared-error", "absolute-error", "hinge", "log-cosh", "exponential"])
@pytest.mark.parametrize(
    ("activation", "start"), [("sigmoid", -800), ("tanh", -400), ("probit", -60), ("cloglog", -900)]
)
def test_a_slope_that_underflowed_is_not_0(loss: str, activation: str, start: float) -> None:
    ended = reasons("--loss", loss, "--activation", activation, f"--start={start}", "--max-steps=9")[loss]
    assert "too small for a double" in ended and "slope is 0" not in ended


@pytest.mark.parametrize(
    ("words", "loss"),
    [
        (("--loss=zero-one", "--start=-800"), "zero-one"),
        (("--loss=mse", "--activation=relu", "--start=-3"), "squared-error"),
        (("--loss=mse", "--activation=hard-sigmoid", "--start=-30"), "squared-error"),
    ],
)
def test_a_slope_that_is_0_is_said_to_be(words: tuple[str, ...], loss: str) -> None:
    assert "the slope is 0" in reasons(*words)[loss]


def test_predictions_and_factors_that_underflowed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = printed("race", "--loss=ce,mse", "--start=-800")
    assert "p < 4.9e-324, short of" in text
    assert "(< -1.8e308) · (< 4.9e-324) = −1.000 (cross-entropy)" in text
    assert "too small for a double: that of squared-error" in text
    assert "∞ · 0" not in text
    row = next(line for line in text.splitlines() if line.startswith("squared-error "))
    assert "< 4.9e-324" in row
