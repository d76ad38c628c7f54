"""What ``lossterm plot --format json`` tells: the pinned fields, in strict JSON, of the picture that is drawn."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from lossterm.cli import run


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The document of a command."""
    assert run(["plot", "--format", "json", *arguments]) == 0

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    document: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=refuse)
    return document


def test_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    document = asked(capsys, "--loss", "ce,focal:gamma=5", "--smoothing", ".1", "--show", "loss,d_logit", "--at=-2")
    assert {key: document[key] for key in ("axis", "x_window", "label", "smoothing", "activation", "at")} == {
        "axis": "logit", "x_window": [-8, 8], "label": 1, "smoothing": 0.1, "activation": "sigmoid", "at": -2,
    }  # fmt: skip
    assert [panel["quantity"] for panel in document["panels"]] == ["loss", "d_logit"]
    for panel in document["panels"]:
        assert panel["scale"] == "linear"
        assert [(c["loss"], c["letter"], c["label"], c["diverges"]) for c in panel["curves"]] == [
            ("cross-entropy", "a", 0.95, False), ("focal", "b", 0.95, False),
        ]  # fmt: skip
        assert panel["curves"][1]["params"] == {"gamma": 5, "alpha": None}
        lo, hi = panel["window"]
        for curve in panel["curves"]:
            assert len(curve["x"]) == len(curve["value"]) > 100
            assert all(lo <= value <= hi for value in curve["value"])


def test_landmarks_are_exact_and_inside(capsys: pytest.CaptureFixture[str]) -> None:
    loss, slope = asked(capsys, "--loss", "mse", "--show", "loss,d_logit")["panels"]
    (steepest,) = slope["landmarks"]
    assert (steepest["kind"], steepest["curves"]) == ("steepest", ["a"])
    assert steepest["x"] == pytest.approx(-math.log(2), abs=1e-9)  # p = 1/3
    assert steepest["value"] == pytest.approx(-8 / 27, abs=1e-12)
    assert loss["landmarks"][0]["value"] == pytest.approx(4 / 9, abs=1e-12)
    assert slope["window"][0] <= steepest["value"] <= slope["window"][1]


def test_a_pole_is_told_and_the_cursor_is_inside_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    (panel,) = asked(capsys, "--loss", "ce,mse", "--axis", "prediction", "--at=-30")["panels"]
    one, other = panel["curves"]
    assert (one["diverges"], other["diverges"]) == (True, False)
    assert (one["x"][0], one["value"][0]) == (0, "inf")
    assert panel["window"][1] >= 30  # L = log(1 + e^30)
    assert asked(capsys, "--loss", "ce,mse", "--axis", "prediction", "--at=-2")["panels"][0]["window"][1] < 12


def test_the_scale_comes_by_itself_and_is_in_the_quantity_s_own_units(capsys: pytest.CaptureFixture[str]) -> None:
    (panel,) = asked(capsys, "--loss", "ce:pos_weight=99,mse")["panels"]
    assert panel["scale"] == "symlog"
    assert 99 * 8 <= panel["window"][1] <= 1.5 * 99 * 8.01
    (linear,) = asked(capsys, "--loss", "ce:pos_weight=99,mse", "--scale", "linear")["panels"]
    assert linear["scale"] == "linear" and linear["window"][1] >= 99 * 8


def test_one_step_of_a_parameter_loses_no_curve(capsys: pytest.CaptureFixture[str]) -> None:
    for weight in ("1", "1.5", "9"):
        for panel in asked(capsys, "--loss", f"ce:pos_weight={weight},mse", "--show", "loss,d_logit")["panels"]:
            for curve in panel["curves"]:
                assert all(panel["window"][0] <= value <= panel["window"][1] for value in curve["value"])


def test_a_zoom_makes_the_window_shorter(capsys: pytest.CaptureFixture[str]) -> None:
    (one,), (four,) = (asked(capsys, "--y-zoom", zoom)["panels"] for zoom in ("1", "4"))
    assert four["window"][1] - four["window"][0] <= (one["window"][1] - one["window"][0]) / 2.5


def test_a_long_legend_takes_lines_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", "--size", "60x10"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10 and all(len(line) <= 60 for line in lines)
    assert all(words in " ".join(lines) for words in ("a cross-entropy", "b squared-error", "y = 1 · sigmoid · x = z"))


@pytest.mark.parametrize("marker", ["block", "ascii"])
def test_other_markers(capsys: pytest.CaptureFixture[str], marker: str) -> None:
    assert run(["plot", "--size", "60x12", "--marker", marker]) == 0
    text = capsys.readouterr().out
    assert not any("\u2800" < c <= "\u28ff" for c in text)
    assert text.isascii() == (marker == "ascii")
    assert "a" in text and "b" in text


def test_without_a_point_nothing_is_drawn_for_its_sake(capsys: pytest.CaptureFixture[str]) -> None:
    # both labels of ∂L/∂p are each other's mirror image: so is the picture, and the point at p = .018 is in neither
    asked_for = ["plot", "--both-labels", "--axis", "prediction", "--show", "d_prediction", "--size", "78x22"]
    assert run(asked_for) == 0
    ticks = [line.partition("┤")[0].strip() for line in capsys.readouterr().out.splitlines() if "┤" in line]
    numbers = [float(tick.replace("−", "-")) for tick in ticks]
    assert numbers == [-number for number in reversed(numbers)]
    assert run([*asked_for, "--at=-4"]) == 0
    assert max(float(line.partition("┤")[0].replace("−", "-")) for line in capsys.readouterr().out.splitlines()
               if "┤" in line) >= 0  # fmt: skip
