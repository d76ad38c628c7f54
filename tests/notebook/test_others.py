"""K classes, races, properties, landmarks and the list of losses: what laws and published numbers say of them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import lossterm
from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from tests.families import FIRST


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(list(words)) == 0
    return capsys.readouterr().out


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def same(value: object, text: str) -> bool:
    """Whether a value of a frame is what a cell of CSV says."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text == ""
    return value == text if isinstance(value, str) else float(text) == value


def assert_same_table(frame: Any, rows: list[dict[str, str]]) -> None:
    assert frame.columns == list(rows[0]) and len(frame) == len(rows)
    for got, told in zip(frame.iter_rows(named=True), rows, strict=True):
        assert {name: value for name, value in got.items() if not same(value, told[name])} == {}


# ---- K classes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("logits", [[8.0, 0.0, 0.0], [-900.0, 0.0, 300.0], [1.0, 2.0, -math.inf]])
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_softmax_against_mpmath(logits: list[float], temperature: float) -> None:
    ce = lossterm.evaluate_softmax("ce", logits=logits, target=1, temperature=temperature)
    mse = lossterm.evaluate_softmax("mse", logits=logits, target=1, temperature=temperature)
    with mp.workdps(900):
        e = [mpmath.exp(mpf(z) / mpf(temperature)) if math.isfinite(z) else mpf(0) for z in logits]
        p = [x / sum(e) for x in e]
        gap = [x - (k == 1) for k, x in enumerate(p)]
        inner = sum(g * x for g, x in zip(gap, p, strict=True))
        assert ce.value == pytest.approx(float(-mpmath.log(p[1])), rel=1e-12)
        np.testing.assert_allclose(ce.probabilities, [float(x) for x in p], rtol=1e-12)
        np.testing.assert_allclose(ce.gradient, [float(g / temperature) for g in gap], rtol=1e-12)
        slopes = [float(2 * x * (g - inner) / temperature) for g, x in zip(gap, p, strict=True)]
        np.testing.assert_allclose(mse.gradient, slopes, rtol=1e-10, atol=1e-300)
    assert ce.cross_entropy == pytest.approx(ce.entropy + ce.kl) == pytest.approx(ce.value)


def test_squared_error_pushes_a_wrong_class_up() -> None:
    e = lossterm.evaluate_softmax("mse", logits=[8, 0, 0], target=1)
    assert e.gradient[2] < 0  # a step against it raises the logit of a class that is wrong
    assert lossterm.evaluate_softmax("ce", logits=[8, 0, 0], target=1).gradient[2] > 0


def test_the_frame_of_k_classes_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--logits", "8,0,-3", "--target", "1", "--temperature", "2", "--smoothing", ".1", "--format", "csv")
    rows = rows_of(printed(capsys, "softmax", *words, "--loss", "focal:gamma=3"))
    e = lossterm.evaluate_softmax("focal:gamma=3", logits=[8, 0, -3], target=1, temperature=2, smoothing=0.1)
    assert_same_table(e.to_frame("polars"), rows)


def test_a_target_can_be_a_class_a_distribution_or_a_teacher() -> None:
    one = lossterm.evaluate_softmax("ce", logits=[1, 2], target=np.int64(1))
    assert one.value == lossterm.evaluate_softmax("ce", logits=[1, 2], target=[0, 1]).value
    assert one.value == lossterm.evaluate_softmax("ce", logits=[1, 2], target=[0, 7], normalize=True).value
    assert lossterm.evaluate_softmax("kl", logits=[1, 2], teacher=np.array([1, 2])).value == 0


WRONG: list[tuple[str, Callable[..., object], dict[str, Any], str]] = [
    ("softmax", lossterm.evaluate_softmax, {"target": [0.5, 0.6]}, "sum to 1.1, not 1: rescale them, or pass normal"),
    ("softmax", lossterm.evaluate_softmax, {"target": 2}, "class 2 is outside 0…1"),
    ("softmax", lossterm.evaluate_softmax, {"target": 1.5}, "a class, a whole number from 0, or a distribution"),
    ("softmax", lossterm.evaluate_softmax, {"target": math.inf}, "a class, a whole number from 0, or a distribution"),
    ("softmax", lossterm.evaluate_softmax, {"target": "cat"}, "target must be numbers, such as the class 2"),
    ("softmax", lossterm.evaluate_softmax, {"target": [1, 0, 0]}, "the target has 3 classes, the logits have 2"),
    ("softmax", lossterm.evaluate_softmax, {"target": None}, "a target is needed"),
    ("softmax", lossterm.evaluate_softmax, {"logits": [[1, 2]]}, "one axis, the classes"),
    ("softmax", lossterm.evaluate_softmax, {"logits": [1, math.nan]}, "the one of class 1 is nan"),
    ("softmax", lossterm.evaluate_softmax, {"logits": 3}, "one axis, the classes"),
    ("softmax", lossterm.evaluate_softmax, {"temperature": 0}, "temperature must be a positive number"),
    ("softmax", lossterm.evaluate_softmax, {"loss": "huber"}, "huber has no form for K classes"),
    ("softmax", lossterm.evaluate_softmax, {"loss": "mse", "reduction": "total"}, "reduction must be sum or mean"),
    ("softmax", lossterm.evaluate_softmax, {"over": "some"}, "smoothing is over all or others"),
    ("race", lossterm.run_race, {"problem": "separabel"}, "did you mean separable"),
    ("race", lossterm.run_race, {"losses": "ce", "problem": "line"}, "cross-entropy does not fit a line"),
    ("race", lossterm.run_race, {"problem": "line", "label": 1}, "label has no meaning for the problem 'line'"),
    ("race", lossterm.run_race, {"problem": "separable", "start": 1}, "start has no meaning for the problem"),
    ("race", lossterm.run_race, {"seed": 0}, "seed has no meaning for the problem 'logit'"),
    ("race", lossterm.run_race, {"losses": []}, "at least one loss is needed"),
    ("race", lossterm.run_race, {"losses": 3}, "losses are names such as"),
    ("race", lossterm.run_race, {"start": math.inf}, "start must be a number from"),
    ("race", lossterm.run_race, {"rate": 0}, "rate must be a number from 1e-12"),
    ("race", lossterm.run_race, {"until": 1.5}, "until must be a number from 1e-09 to 1"),
    ("race", lossterm.run_race, {"max_steps": 1.5}, "max_steps must be a whole number from 1 to 10,000,000"),
    ("race", lossterm.run_race, {"optimizer": "adam"}, "choose from gd, momentum, newton"),
    ("race", lossterm.run_race, {"match": "smooth"}, "did you mean smoothness"),
    ("race", lossterm.run_race, {"losses": "hinge", "label": 0.5}, "hinge needs a label 0 or 1"),
    ("race", lossterm.run_race, {"problem": "separable", "batch": 500}, "batch must be a whole number from 1 to 200"),
    ("race", lossterm.run_race, {"losses": "mse", "match": "smoothness", "activation": "exp"}, "has no rate by smooth"),
    ("properties", lossterm.compute_properties, {"losses": "ce,"}, "a loss is a name such as"),
    ("properties", lossterm.compute_properties, {"losses": "fcal"}, "did you mean focal"),
    ("properties", lossterm.compute_properties, {"losses": "ce", "label": [1, 0]}, "label must be a number"),
    ("properties", lossterm.compute_properties, {"losses": "ce", "activation": "sgmoid"}, "did you mean sigmoid"),
    ("landmarks", lossterm.landmarks, {"between": (3, 1)}, "two logits, the lower first"),
    ("landmarks", lossterm.landmarks, {"between": 3}, "two logits, such as (-8, 8)"),
    ("landmarks", lossterm.landmarks, {"between": (0, math.inf)}, "an end of between must be a number from"),
    ("landmarks", lossterm.landmarks, {"label": 2}, "cross-entropy needs a label between 0 and 1, not 2"),
    ("landmarks", lossterm.landmarks, {"quantities": "vlue"}, "did you mean value"),
    ("losses", lossterm.losses, {"matching": 3}, "the name to look for must be a text"),
]


@pytest.mark.parametrize(("kind", "function", "changed", "says"), WRONG)
def test_what_is_wrong_is_one_line(
    kind: str, function: Callable[..., object], changed: dict[str, Any], says: str
) -> None:
    usual = {"loss": "ce", "logits": [1, 2], "target": 0} if kind == "softmax" else {}
    with pytest.raises(ValueError) as caught:
        function(**{**usual, **changed})
    assert says in str(caught.value) and "\n" not in str(caught.value)


# ---- races ----------------------------------------------------------------------------------------------------------


def test_nineteen_steps_against_1542() -> None:
    race = lossterm.run_race()
    assert (race["cross-entropy"].steps, race["squared-error"].steps) == (19, 1542)
    assert list(race) == ["cross-entropy", "squared-error"] and race["torch.nn.MSELoss"] is race["mse"]
    assert race["mse"].at_end == race["mse"].at_arrival and race["mse"].at_end["prediction"] >= 0.9


def test_a_step_is_the_rate_times_the_slope() -> None:
    path = lossterm.run_race("focal:gamma=3", start=-4, rate=0.5, max_steps=50).trajectory("focal")
    z = -4.0
    for step, logit in zip(path.step.tolist(), path.measures["logit"].tolist(), strict=True):
        assert logit == pytest.approx(z, rel=1e-9), step
        z -= 0.5 * float(lossterm.evaluate("focal:gamma=3", label=1, at=z).d_logit)


RACES: list[tuple[dict[str, Any], list[str]]] = [
    ({"losses": "ce,focal:gamma=3", "label": 0.9, "start": 3, "rate": 2, "until": 0.95},
     ["--loss", "ce,focal:gamma=3", "--label=.9", "--start=3", "--rate", "2", "--until", ".95"]),
    ({"losses": "all", "label": 0.3, "activation": "probit", "smoothing": 0.1, "max_steps": 500},
     ["--loss", "all", "--label=.3", "--activation", "probit", "--smoothing", ".1", "--max-steps", "500"]),
    ({"losses": "ce,mse", "match": "smoothness", "optimizer": "momentum"},
     ["--loss", "ce,mse", "--match", "smoothness", "--optimizer", "momentum"]),
    ({"problem": "minima"}, ["--problem", "minima"]),
    ({"problem": "separable", "activation": "probit", "max_steps": 300},
     ["--problem", "separable", "--activation", "probit", "--max-steps", "300"]),
    ({"problem": "minima", "start": 2, "optimizer": "newton"},
     ["--problem", "minima", "--start=2", "--optimizer", "newton"]),
    ({"problem": "constant", "losses": ["mse", "huber:delta=.5"]},
     ["--problem", "constant", "--loss", "mse,huber:delta=.5"]),
    ({"problem": "line", "match": "smoothness", "losses": "mse,huber", "rate": 0.5},
     ["--problem", "line", "--match", "smoothness", "--loss", "mse,huber", "--rate", ".5"]),
    ({"problem": "flipped", "examples": 60, "seed": 4, "batch": 10, "max_steps": 60},
     ["--problem", "flipped", "--examples", "60", "--seed", "4", "--batch", "10", "--max-steps", "60"]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "words"), RACES)
@pytest.mark.exhaustive
def test_the_frame_of_a_race_is_that_of_the_command(
    asked: dict[str, Any], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    race = lossterm.run_race(**asked)
    assert_same_table(race.to_frame("polars"), rows_of(printed(capsys, "race", *words, "--format", "csv")))
    for racer, told in zip(
        race.values(), json.loads(printed(capsys, "race", *words, "--format", "json"))["racers"], strict=True
    ):
        assert (racer.goal, racer.reason, racer.ended) == (told["goal"], told["reason"], told["ended"])
    loss = next(iter(race))
    path = printed(capsys, "race", *words, "--trajectory", "--format", "csv")
    steps = [row for row in rows_of(path) if (row["loss"], row["params"]) == race.to_frame("polars").row(0)[:2]]
    assert_same_table(race.trajectory(loss).to_frame("polars"), steps)


def test_a_loss_that_took_no_part_is_no_key() -> None:
    race = lossterm.run_race("focal:gamma=1,focal:gamma=3", start=-1)
    assert "focal" not in race and "ce" not in race and "nonsense" not in race
    assert race["focal:gamma=3"].params["gamma"] == 3
    with pytest.raises(KeyError, match="none of focal:gamma=1, focal:gamma=3"):
        race["focal"]
    with pytest.raises(KeyError, match="did you mean focal"):
        race["fcal"]


# ---- properties and landmarks ---------------------------------------------------------------------------------------


def test_what_textbooks_say_of_four_losses() -> None:
    found = lossterm.compute_properties("ce,mse,focal,mae")
    assert [found[name]["convex_in_logit"].value for name in found] == [True, False, False, False]
    assert [found[name]["strictly_proper"].value for name in found] == [True, True, False, False]
    assert [found[name]["noise_tolerant"].value for name in found] == [False, False, False, True]
    assert found["bce"]["smoothness"].value == pytest.approx(1 / 4)
    assert found["mse"]["max_abs_d_logit"].value == pytest.approx(8 / 27)


def test_the_frame_of_properties_has_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--loss", "focal:gamma=3,hinge", "--label=0", "--activation", "tanh")
    (focal, hinge) = rows_of(printed(capsys, "properties", *words, "--format", "csv"))
    found = lossterm.compute_properties(["focal:gamma=3", "hinge"], label=0, activation="tanh")
    frame = found.to_frame("polars")
    for row in frame.iter_rows(named=True):
        told = focal if row["loss"] == "focal" else hinge
        assert (row["value"] or "", row["params"], row["label"]) == (told[row["property"]], told["params"], 0)
    assert len(frame) == 2 * (len(focal) - 2)
    evidence = json.loads(printed(capsys, "properties", *words, "--format", "json"))[0]["properties"]
    assert {name: p.evidence for name, p in found["focal"].items()} == {n: p["evidence"] for n, p in evidence.items()}


def test_squared_error_is_steepest_at_minus_ln_2() -> None:
    (steepest,) = lossterm.landmarks("mse")
    assert steepest.kind.value == "steepest"
    assert steepest.logit == pytest.approx(-math.log(2), abs=1e-14)
    assert abs(steepest.height) == pytest.approx(8 / 27)


def test_a_soft_label_has_its_minimum_at_its_logit() -> None:
    found = lossterm.landmarks("ce,mse", label=0.9)
    minima = [landmark for landmark in found if landmark.kind.value == "minimum"]
    assert [landmark.logit for landmark in minima] == pytest.approx([math.log(9)] * 2)
    frame = found.to_frame("polars")
    assert set(frame["losses"]) <= {"cross-entropy", "squared-error", "cross-entropy,squared-error"}
    np.testing.assert_allclose(frame["prediction"], 1 / (1 + np.exp(-frame["logit"].to_numpy())), rtol=1e-12)


def test_all_stands_for_the_losses_that_take_the_label() -> None:
    assert lossterm.landmarks("all", label=0.5, between=(-1, 1)).names == tuple(
        name for name in FIRST if not LOSSES[name].hard_only
    )


# ---- the list -------------------------------------------------------------------------------------------------------


def test_every_loss_is_listed_and_goes_by_its_name() -> None:
    found = lossterm.losses()
    assert set(found) == LOSSES.keys() | SOFTMAX_LOSSES.keys() and len(found) == len(set(found))
    for name in found:
        if name in LOSSES:
            lossterm.evaluate(name, label=1, at=0.5, activation="sigmoid")
        else:
            lossterm.evaluate_softmax(name, logits=[1, 0], target=0, teacher=[0, 1])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("BCEWithLogitsLoss", ["cross-entropy"]),
        ("CrossEntropyLoss", ["cross-entropy"]),
        ("KLDiv", ["kl"]),
        ("pinball", ["quantile"]),
        ("huber", ["huber", "pseudo-huber", "modified-huber"]),
        ("nonsense", []),
    ],
)
def test_a_loss_is_found_by_any_name(text: str, ids: list[str]) -> None:
    assert list(lossterm.losses(text)) == ids


def test_the_list_has_what_the_command_tells(capsys: pytest.CaptureFixture[str]) -> None:
    told = {row["loss"]: row for row in json.loads(printed(capsys, "list", "losses", "--format", "json"))["losses"]}
    frame = lossterm.losses().to_frame("polars")
    assert set(frame["loss"]) == told.keys()
    for row in frame.iter_rows(named=True):
        entry = told[row["loss"]]
        assert {name: row[name] for name in ("family", "formula", "about", "source")} == {
            name: entry[name] for name in ("family", "formula", "about", "source")
        }
        assert row["aliases"] == ", ".join(entry["aliases"])
        assert [part.partition("=")[0] for part in row["params"].split(";") if part] == [
            p["name"] for p in entry["params"]
        ]
