"""Recalibrations against scikit-learn and scipy, the laws they obey, and what cannot be fitted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.statistics.beta import CERTAIN_FLAT, fit_beta
from lossterm.core.statistics.clip import Clip
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.isotonic import isotonic
from lossterm.core.statistics.judged import FOLDS, Judgement, fold_of, judged
from lossterm.core.statistics.platt import ONE_CLASS, SEPARATED
from lossterm.core.statistics.recalibration import BINARY_METHODS, CLASS_METHODS, ReadRows, Recalibration, fit
from lossterm.core.statistics.sample import Sample, splitmix64
from lossterm.core.statistics.temperature import WRONG_CERTAINTY

REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "recalibration.json").read_text("utf-8"))
BINARY: dict[str, Any] = REFERENCE["binary"]


def close(x: object) -> Any:
    return pytest.approx(x, rel=1e-9, abs=1e-9)


def rows_of(name: str) -> ReadRows:
    found = BINARY[name]
    weight = None if found["w"] is None else np.array(found["w"])
    return ReadRows("probability", np.array(found["p"]), np.array(found["y"], dtype=float), weight)


def judgement_of(name: str) -> Judgement:
    rows = rows_of(name)
    return judged(BINARY_METHODS, rows, np.arange(1, len(rows) + 1))


@pytest.mark.parametrize("name", BINARY)
def test_fits_are_those_of_scikit_learn(name: str) -> None:
    for method, wanted in BINARY[name]["fits"].items():
        found = fit(method, rows_of(name))
        assert dict(found.parameters) == close(wanted)
    assert fit("beta", rows_of("at-a-bound")).parameters["b"] == 0


@pytest.mark.parametrize("name", BINARY)
def test_maps_of_new_predictions(name: str) -> None:
    grid = np.array(BINARY[name]["grid"])
    for method, wanted in BINARY[name]["applied"].items():
        assert fit(method, rows_of(name))(grid).p == close(wanted)


@pytest.mark.parametrize("name", BINARY)
def test_figures_out_of_fold(name: str) -> None:
    found = judgement_of(name)
    plain = BINARY[name]["plain"]
    assert (found.plain.log_loss, found.plain.brier) == close((plain["log_loss"], plain["brier"]))
    for verdict in found.verdicts:
        wanted, outside = BINARY[name]["outside"][verdict.fitted.method], verdict.outside
        assert outside is not None
        assert outside.log_loss == (math.inf if wanted["log_loss"] == "inf" else close(wanted["log_loss"]))
        assert (outside.brier, outside.bins.ece) == close((wanted["brier"], wanted["ece"]))
        assert outside.infinite == wanted["infinite"]
        assert (verdict.change.value, verdict.change.error) == (
            close(wanted["difference"]) if "difference" in wanted else None,
            close(wanted["error"]) if "error" in wanted else None,
        )


def test_classes() -> None:
    wanted = REFERENCE["classes"]
    rows = ReadRows("logit", np.array(wanted["z"]), np.array(wanted["t"], dtype=float))
    assert fit("T", rows).parameters["T"] == close(wanted["T"])
    found = fit("vector", rows)
    assert found.parameters["scale"] == close(wanted["scale"])
    assert found.parameters["bias"] == close(wanted["bias"])
    # softmax does not know a constant that is added to every logit of a row, but scales do
    p = found(rows.prediction).p
    assert p.sum(axis=1) == pytest.approx(1, abs=1e-14)
    assert judged(CLASS_METHODS, rows, np.arange(1, len(rows) + 1)).best is not None


def test_doubled_rows_are_weights_of_two() -> None:
    rows = rows_of("over-confident")
    heavy = ReadRows(rows.kind, rows.prediction, rows.label, np.full(len(rows), 2.0))
    twice = ReadRows(rows.kind, np.tile(rows.prediction, 2), np.tile(rows.label, 2))
    for method in BINARY_METHODS:
        grid = np.linspace(0.01, 0.99, 9)
        assert fit(method, heavy)(grid).p == close(fit(method, twice)(grid).p)


def test_a_file_of_logits_is_mended_as_that_of_its_probabilities() -> None:
    rows = rows_of("over-confident")
    z = np.log(rows.prediction) - np.log1p(-rows.prediction)
    logits = ReadRows("logit", z, rows.label)
    for method in ("T", "platt", "beta"):
        assert fit(method, logits)(z).p == close(fit(method, rows)(rows.prediction).p)
    steps = isotonic(rows.prediction, rows.label).fitted()
    assert fit("isotonic", logits)(z).p == close(steps)


def test_the_fit_of_isotonic_is_its_steps_and_rises() -> None:
    rows = rows_of("ties")
    found = fit("isotonic", rows)
    assert found(rows.prediction).p == close(isotonic(rows.prediction, rows.label).fitted())
    assert (np.diff(found(np.linspace(0, 1, 300)).p) >= 0).all()


Y, P = np.array([0.0, 1, 0, 1, 1, 0]), np.array([0.2, 0.7, 0.6, 0.4, 0.9, 0.1])


def reason(method: str, p: Any, y: Any) -> str:
    return fit(method, ReadRows("probability", np.array(p, dtype=float), np.array(y, dtype=float))).reason


def test_what_has_no_fit_says_why() -> None:
    for method in ("platt", "beta"):
        assert reason(method, [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]) == SEPARATED
        assert reason(method, [0.1, 0.2], [1, 1]) == ONE_CLASS
        assert reason(method, [*P, 1.0], [*Y, 0]) == WRONG_CERTAINTY
    assert reason("T", [*P, 0.0], [*Y, 1]) == WRONG_CERTAINTY
    assert reason("T", P, 1 - Y)
    assert reason("isotonic", P, Y) == ""
    z = np.array([[2.0, 0, 0], [0, 3, 0], [0, 0, 1]])
    rows = ReadRows("logit", z, np.array([0.0, 1, 2]))
    assert fit("vector", rows).reason
    assert "class 2" in fit("vector", ReadRows("logit", z, np.array([0.0, 1, 1]))).reason


def test_certain_predictions_that_are_right_lose_nothing() -> None:
    with_certain = ReadRows("probability", np.array([*P, 0.0, 1.0]), np.array([*Y, 0, 1]))
    for method in ("T", "platt", "beta"):
        found = fit(method, with_certain)
        assert dict(found.parameters) == close(dict(fit(method, ReadRows("probability", P, Y)).parameters))
        assert found(with_certain.prediction).p[-2:].tolist() == [0, 1]
    # where ln p has no weight an exact 0 would no longer be right
    flat = rows_of("at-a-bound")
    p, y = np.array([*flat.prediction, 1.0]), np.array([*flat.label, 1.0])
    with np.errstate(divide="ignore"):
        assert fit_beta(np.log(p), np.log1p(-p), y).reason == CERTAIN_FLAT


def test_predictions_against_the_label_are_made_flat_by_beta() -> None:
    found = fit("beta", ReadRows("probability", P, 1 - Y))
    assert dict(found.parameters) == close({"a": 0.0, "b": 0.0, "c": 0.0})


def test_infinite_out_of_fold_is_counted_and_shrunk_only_by_a_clip() -> None:
    rows = rows_of("over-confident")
    numbers = np.arange(1, len(rows) + 1)
    (raw,) = judged(("isotonic",), rows, numbers).verdicts
    (clipped,) = judged(("isotonic",), rows, numbers, clip=Clip(eps=1e-6)).verdicts
    assert raw.outside is not None
    assert clipped.outside is not None
    assert raw.outside.log_loss == math.inf
    assert clipped.outside.infinite == 0
    far = -math.log(1e-6) * raw.outside.infinite / len(rows)
    assert clipped.outside.log_loss > far


def test_rows_named_to_fit_to_are_not_judged() -> None:
    rows = rows_of("over-confident")
    first, last = rows.take(slice(0, 120)), rows.take(slice(120, None))
    found = judged(("platt",), last, np.arange(121, 241), fit_to=first)
    verdict = found.verdicts[0]
    assert (found.folds, found.rows, found.fitted_rows) == (0, 120, 120)
    assert verdict.outside is not None
    wanted = fit("platt", first)(last.prediction).losses(last.label).mean()
    assert verdict.outside.log_loss == close(wanted)


def test_splitmix64_is_the_published_one() -> None:
    # the first output from the seed 1234567, and from 0
    found = splitmix64(np.array([1234567, 0]))
    assert found.tolist() == [6457827717110365317, 0xE220A8397B1DCDAF]
    counts = np.bincount(fold_of(np.arange(1, 100_001)), minlength=FOLDS)
    assert abs(counts - 20_000).max() < 600


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.integers(5, 60), st.randoms())
def test_a_sample_is_the_same_whatever_the_batches(sizes: list[int], most: int, shuffle: Any) -> None:
    total = sum(sizes)
    row = np.arange(1, total + 1)
    whole = Examples(row, (row % 2).astype(np.float64), (row / (total + 1)).astype(np.float64))
    parts = [whole.take(slice(end - size, end)) for size, end in zip(sizes, np.cumsum(sizes), strict=True)]
    shuffle.shuffle(parts)
    one, other = Sample(most), Sample(most)
    one.add(whole)
    for part in parts:
        other.add(part)
    kept = one.examples().row
    assert kept.tolist() == other.examples().row.tolist()
    assert len(kept) == min(most, total)
    assert set(kept.tolist()) == set(row[np.argsort(splitmix64(row))][:most].tolist())


def test_a_map_is_plain_numbers() -> None:
    fitted = fit("isotonic", rows_of("ties"))
    again = Recalibration(fitted.method, fitted.kind, fitted.classes, json.loads(json.dumps(fitted.parameters)))
    assert again(P).p.tolist() == fitted(P).p.tolist()
