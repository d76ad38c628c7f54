"""Ranking: against all pairs, against counting, against scikit-learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.statistics.ranking import Confusion, Ranked, twice_below
from tests.core.statistics.test_calibration import SETS, columns, stored

SCORES = st.one_of(
    st.floats(allow_nan=False), st.integers(-3, 3).map(float), st.sampled_from([0.0, -0.0, math.inf, -math.inf, 5e-324])
)
ROWS = st.lists(st.tuples(SCORES, st.sampled_from([0, 1])), max_size=30)


def of_all_pairs(rows: list[tuple[float, int]]) -> float | None:
    """The share of pairs ranked right, ties ½, by looking at each pair."""
    pairs = [(p, q) for p, label in rows if label == 1 for q, other in rows if other == 0]
    return sum((p > q) + 0.5 * (p == q) for p, q in pairs) / len(pairs) if pairs else None


def counted(rows: list[tuple[float, int]], threshold: float) -> Confusion:
    kinds = [(p > threshold, label) for p, label in rows]
    return Confusion(kinds.count((True, 1)), kinds.count((True, 0)), kinds.count((False, 0)), kinds.count((False, 1)))


def split(rows: list[tuple[float, int]]) -> tuple[list[float], list[int]]:
    return [p for p, _ in rows], [label for _, label in rows]


@given(ROWS)
def test_auroc_is_that_of_all_pairs(rows: list[tuple[float, int]]) -> None:
    assert Ranked.of(*split(rows)).auroc == of_all_pairs(rows)


@given(
    st.lists(st.tuples(SCORES, st.integers(0, 5)), max_size=20),
    st.lists(st.tuples(SCORES, st.integers(0, 5)), max_size=20),
)
def test_what_is_below_each_number_is_counted(first: list[tuple[float, int]], second: list[tuple[float, int]]) -> None:
    first, second = sorted(first), sorted(second)
    sides = [(np.array([p for p, _ in rows]), np.array([float(w) for _, w in rows])) for rows in (first, second)]
    (a, of_a), (b, of_b) = sides
    for weights, counts in (((None, None), (np.ones(len(a)), np.ones(len(b)))), ((of_a, of_b), (of_a, of_b))):
        below = twice_below(a, b, *weights)
        assert below[0].tolist() == [(counts[1] * (2.0 * (b < p) + (b == p))).sum() for p in a]
        assert below[1].tolist() == [(counts[0] * (2.0 * (a < q) + (a == q))).sum() for q in b]


@pytest.mark.parametrize("name", SETS)
def test_auroc_is_scikit_learns(name: str) -> None:
    found = Ranked.of(*columns(name)).auroc
    assert found == pytest.approx(stored()[name]["auroc"], abs=1e-13)


@pytest.mark.parametrize("digits", [1, 3, 17])
@pytest.mark.parametrize("rate", [0.02, 0.5, 0.97])
def test_auroc_of_many_rows(digits: int, rate: float) -> None:
    rng = np.random.default_rng(4)
    p = np.round(rng.standard_normal(6000), digits)
    y = (rng.random(6000) < rate).astype(int)
    positives, negatives = p[y == 1], p[y == 0]
    right = (positives[:, None] > negatives).sum() + 0.5 * (positives[:, None] == negatives).sum()
    assert Ranked.of(p, y).auroc == right / (positives.size * negatives.size)


def test_one_class_has_no_auroc() -> None:
    assert Ranked.of([0.2, 0.3], [1, 1]).auroc is None
    assert Ranked.of([0.2, 0.3], [0, 0]).auroc is None
    assert Ranked.of([], []).auroc is None


@pytest.mark.parametrize(
    ("predictions", "labels", "what"),
    [
        ([0.1, 0.2], [1], "2 predictions and 1 labels"),
        ([0.1], [0.5], "0 or 1"),
        ([0.1, 0.2], [1, math.nan], "0 or 1"),
        ([math.nan, 0.2], [1, 0], "not a number"),
        ([0.2, math.nan], [1, 0], "not a number"),
    ],
)
def test_bad_rows_are_refused(predictions: Any, labels: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Ranked.of(predictions, labels)


@given(ROWS, SCORES)
def test_the_confusion_at_any_threshold(rows: list[tuple[float, int]], threshold: float) -> None:
    expected = counted(rows, threshold)
    assert Ranked.of(*split(rows)).confusion(threshold) == expected
    assert expected.count == len(rows)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("threshold", ["0.1", "0.3", "0.5", "0.9"])
def test_scores_of_decisions_are_scikit_learns(name: str, threshold: str) -> None:
    found, expected = Ranked.of(*columns(name)).confusion(float(threshold)), stored()[name]["thresholds"][threshold]
    assert found.accuracy == pytest.approx(expected["accuracy"], abs=1e-15)
    assert found.recall == pytest.approx(expected["recall"], abs=1e-15)
    assert found.f1 == pytest.approx(expected["f1"], abs=1e-15)
    assert found.precision == (
        None if expected["precision"] is None else pytest.approx(expected["precision"], abs=1e-15)
    )
    assert found.recall is not None and found.specificity is not None
    assert (found.recall + found.specificity) / 2 == pytest.approx(expected["balanced_accuracy"], abs=1e-15)


def test_scores_that_are_not_defined() -> None:
    nothing = Confusion(0, 0, 0, 0)
    assert [nothing.accuracy, nothing.precision, nothing.recall, nothing.specificity, nothing.f1] == [None] * 5
    assert Confusion(0, 0, 3, 0).precision is None
    assert Confusion(0, 0, 3, 1).f1 == 0.0
