"""The sentence that the figures come to: right on files of every kind, and never more than the rows can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import new_summary
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples, Kind
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.question import Question, class_criterion
from lossterm.predictions.conclusion import FAULTY, conclusion, conclusion_forms

LOG_LOSS = Criterion(LOSSES["cross-entropy"], tuple(LOSSES["cross-entropy"].complete({}).items()))


def find(p: Any, y: Any, w: Any = None, kind: Kind = "probability", keep: int = 10_000, t: float = 1.0) -> Findings:
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    if p.ndim == 2:
        question = Question(kind, (class_criterion("cross-entropy"),), p.shape[1])
    else:
        question = Question(kind, (LOG_LOSS,), weighted=w is not None, keep=keep, temperature=t)
    summary = new_summary(question)
    summary.add(Examples(np.arange(1, len(y) + 1), y, p, w))
    with ThreadPoolExecutor(1) as executor:
        return conclude(summary, executor)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


Makes = Callable[[Any], tuple[Any, Any]]

KINDS: dict[str, tuple[Makes, str]] = {
    "over": (lambda z: (sigmoid(3 * z), sigmoid(z)), "over-confident"),
    "under": (lambda z: (sigmoid(0.4 * z), sigmoid(z)), "under-confident"),
    "high": (lambda z: (sigmoid(z + 1), sigmoid(z)), "biased high"),
    "low": (lambda z: (sigmoid(z - 1), sigmoid(z)), "biased low"),
    "calibrated": (lambda z: (sigmoid(z), sigmoid(z)), "calibrated as far as 500 rows can tell"),
    "rare": (lambda z: (sigmoid(z - 4), sigmoid(z - 4)), "calibrated as far as 500 rows can tell"),
    "upside down": (lambda z: (sigmoid(-z), sigmoid(z)), "reversed"),
    "noise": (lambda z: (sigmoid(2 * z), np.full(z.shape, 0.5)), "worse than always saying the base rate"),
    "constant": (lambda z: (np.full(z.shape, 0.5), np.full(z.shape, 0.5)), "constant predictions (p = 0.500), cal"),
    "wrong constant": (lambda z: (np.full(z.shape, 0.3), np.full(z.shape, 0.6)), "predictions (p = 0.300), biased"),
    "one class": (lambda z: (sigmoid(z), np.ones(z.shape)), "one class only (every label is 1), biased low"),
}  # fmt: skip


def drawn(make: Makes, rows: int, seed: int) -> tuple[Any, Any]:
    """Predictions and labels: 1 as often as the second of the two that are made says."""
    rng = np.random.default_rng(seed)
    p, truth = make(rng.normal(0, 1.5, rows))
    return p, (rng.random(rows) < truth).astype(float)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_is_told(kind: str) -> None:
    make, expected = KINDS[kind]
    for seed in range(2):
        said = conclusion(find(*drawn(make, 500, seed)))
        assert said is not None and expected in said, said


def faults(make: Makes, rows: int, seeds: Sequence[int]) -> int:
    said = [conclusion(find(*drawn(make, rows, seed))) or "" for seed in seeds]
    return sum(any(word in text for word in (*FAULTY, "perhaps")) for text in said)


@pytest.mark.parametrize("rows", [5, 50, 500])
def test_no_fault_is_found_with_calibrated_predictions(rows: int) -> None:
    assert faults(KINDS["calibrated"][0], rows, range(8)) == 0
    assert faults(KINDS["rare"][0], rows, range(8)) == 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("rows", [5, 50, 500, 5000])
@pytest.mark.parametrize("kind", ["calibrated", "rare", "constant"])
def test_fault_is_found_in_less_than_one_calibrated_file_of_twenty(kind: str, rows: int) -> None:
    assert faults(KINDS[kind][0], rows, range(400)) < 20


def test_few_rows_tell_nothing() -> None:
    for kind in ("calibrated", "over", "high"):
        assert conclusion(find(*drawn(KINDS[kind][0], 5, 3))) == "too few rows to tell (5 rows)"
    assert "too few rows to tell (50 rows)" in (conclusion(find(*drawn(KINDS["calibrated"][0], 50, 3))) or "")
    # but wrong all the time, and sure of it, is told of few rows, too
    assert "biased high" in (conclusion(find(np.full(30, 0.99), np.arange(30) % 2)) or "")


def test_what_would_mend_it_is_told_with_its_uncertainty() -> None:
    found = find(*drawn(KINDS["over"][0], 500, 0))
    full, *shorter = conclusion_forms(found, "K")
    assert found.tempered is not None and found.calibration is not None and found.temperature.value is not None
    saved = 1 - found.tempered.log_loss / found.calibration.log_loss
    assert f"T = {found.temperature.value:.3g} (K) takes {100 * saved:.0f}% of the log loss (in-sample)" in full
    assert f"ECE {found.calibration.width.ece:.2g}" in full
    assert "s.e." in full
    assert all(len(text) < len(full) for text in shorter)
    assert shorter[-1] == "over-confident"


def test_it_is_of_the_predictions_as_t_is_applied() -> None:
    p, y = drawn(KINDS["over"][0], 800, 1)
    said = conclusion(find(np.log(p / (1 - p)), y, kind="logit", t=3.0))
    assert said is not None and said.startswith("at T = 3 calibrated as far as 800 rows can tell")
    assert "under-confident" in (conclusion(find(np.log(p / (1 - p)), y, kind="logit", t=12.0)) or "")
    fitted = find(p, y).temperature.value
    assert fitted is not None
    said = conclusion(find(p, y, t=fitted))
    assert said is not None and ", fitted to these rows, calibrated as far as 800 rows can tell" in said


def test_weights_count() -> None:
    p, y = drawn(KINDS["over"][0], 1000, 2)
    q, x = drawn(KINDS["calibrated"][0], 1000, 4)
    both, labels = np.concatenate([p, q]), np.concatenate([y, x])
    bad = np.repeat([1.0, 1e-9], 1000)
    assert "over-confident" in (conclusion(find(both, labels, bad)) or "")
    assert "calibrated as far as" in (conclusion(find(both, labels, bad[::-1].copy())) or "")
    said = conclusion(find(p, y, np.linspace(1.0, 2.0, 1000)))  # the fit that is told is without weights
    assert said is not None and "of the unweighted log loss" in said


def test_an_infinite_loss_and_other_kinds_of_files() -> None:
    p, y = drawn(KINDS["calibrated"][0], 300, 5)
    p[:2], y[:2] = (0.0, 1.0), (1.0, 0.0)
    assert "the log loss is ∞ for 2 rows: sure and wrong" in (conclusion(find(p, y)) or "")
    assert conclusion(find([1.0, 2.0], [1.0, 3.0], kind="value")) == "too few rows to tell (2 rows)"
    soft = np.clip(p, 0.2, 0.8)
    assert (conclusion(find(soft, soft)) or "").startswith("labels are not all 0 or 1")


def test_k_classes_are_judged_by_their_top_class() -> None:
    rng = np.random.default_rng(6)
    z = rng.normal(0, 1.5, (800, 4))
    truth = np.array([rng.choice(4, p=row) for row in np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)])
    assert "over-confident" in (conclusion(find(3 * z, truth, kind="logit")) or "")
    assert "under-confident" in (conclusion(find(0.3 * z, truth, kind="logit")) or "")
    assert "calibrated as far as 800 rows can tell" in (conclusion(find(z, truth, kind="logit")) or "")


def test_many_rows_are_judged_from_sums() -> None:
    p, y = drawn(KINDS["over"][0], 3000, 7)
    assert "over-confident" in (conclusion(find(p, y, keep=500)) or "")
