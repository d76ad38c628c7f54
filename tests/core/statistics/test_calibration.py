"""Calibration: bins by the definition, sums against rationals, scikit-learn's figures."""

from __future__ import annotations

import dataclasses
import json
import math
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.exact import PIECE
from lossterm.core.jets import Array
from lossterm.core.statistics.calibration import (
    BinCounts,
    Binning,
    Reliability,
    equal_mass,
    equal_mass_of,
    equal_width,
    top_label,
)
from tests import reference

STORED = Path(reference.__file__).with_name("data_statistics.json")
SETS = (
    "normal-2", "normal-7", "normal-50", "normal-300", "normal-2000", "ties", "few-values", "on-edges",
    "certain-and-right", "extreme", "rare",
)  # fmt: skip
PREDICTIONS = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 1.0, 0.5, 0.2, 1e-300, 0.3, 1 - 2**-53]))
ROWS = st.lists(st.tuples(PREDICTIONS, st.sampled_from([0.0, 1.0])), min_size=1, max_size=40)
SOFT_ROWS = st.lists(st.tuples(PREDICTIONS, st.floats(0.0, 1.0)), min_size=1, max_size=40)


@cache
def stored() -> dict[str, Any]:
    """Scikit-learn's figures, by data set."""
    sets: dict[str, Any] = json.loads(STORED.read_text("utf-8"))["sets"]
    return sets


def columns(name: str) -> tuple[Array, Array]:
    data = stored()[name]
    return np.array(data["prediction"]), np.array(data["label"], dtype=np.float64)


def bin_of(edges: list[float], p: float) -> int:
    """The bin by definition: (lower, upper], what is not above the lowest edge in the first."""
    for b in range(len(edges) - 1):
        if edges[b] < p <= edges[b + 1]:
            return b
    return 0 if p <= edges[0] else len(edges) - 2


def counted(p: Any, y: Any, edges: Array) -> BinCounts:
    counts = BinCounts(edges)
    counts.add(p, y)
    return counts


# ---- bins -----------------------------------------------------------------------------------------------------------


def test_the_stored_sets_are_the_tested_ones() -> None:
    assert set(stored()) == set(SETS)


@pytest.mark.parametrize("bins", range(1, 101))
def test_the_bin_of_every_edge_and_its_neighbours(bins: int) -> None:
    edges = equal_width(bins)
    p = np.concatenate([edges, np.nextafter(edges, -1.0), np.nextafter(edges, 2.0), [5e-324, 1e-17, 2**-12, 2**-13]])
    p = p[(p >= 0) & (p <= 1)]
    assert Binning(edges)(p).tolist() == [bin_of(edges.tolist(), x) for x in p.tolist()]


@given(st.lists(PREDICTIONS, min_size=2, max_size=12), st.lists(PREDICTIONS, min_size=1, max_size=30))
def test_the_bin_between_any_edges(edges: list[float], p: list[float]) -> None:
    edges = sorted(edges)
    assert Binning(edges)(np.array(p)).tolist() == [bin_of(edges, x) for x in p]


def test_bins_of_many_predictions_are_those_of_a_search() -> None:
    rng = np.random.default_rng(1)
    p = np.concatenate([rng.random(20000), np.round(rng.random(20000), 2), rng.random(5000) ** 20])
    for edges in (equal_width(15), equal_mass(np.sort(p), 40), equal_mass(np.sort(p[:2]), 5)):
        expected = np.clip(np.searchsorted(edges, p, side="left") - 1, 0, edges.size - 2)
        assert np.array_equal(Binning(edges)(p), expected)


@pytest.mark.parametrize("bins", [1, 2, 3, 7, 10, 15, 100])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 997])
def test_equal_mass_edges_are_numpys_percentiles(bins: int, count: int) -> None:
    for p in (np.random.default_rng(count).random(count), np.full(count, 0.3)):
        expected = np.percentile(p, np.linspace(0.0, 100.0, bins + 1))
        assert np.allclose(equal_mass(np.sort(p), bins), expected, rtol=1e-15, atol=0.0)


def test_bad_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one bin"):
        equal_width(0)
    with pytest.raises(ValueError, match="at least one bin"):
        equal_mass([], 3)
    with pytest.raises(ValueError, match="ascend"):
        Binning([0.0, 0.7, 0.5])
    with pytest.raises(ValueError, match="ascend"):
        Binning([0.0])


# ---- counts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [ROWS, SOFT_ROWS], ids=["hard", "soft"])
def test_sums_by_bin_against_rationals_in_any_split(rows: Any) -> None:
    @given(rows, st.integers(0, 40), st.integers(1, 12))
    def check(given_rows: list[tuple[float, float]], cut: int, bins: int) -> None:
        p, y = (np.array(column) for column in zip(*given_rows, strict=True))
        edges = equal_width(bins)
        counts, other = counted(p[:cut], y[:cut], edges), counted(p[cut:], y[cut:], edges)
        counts.merge(other)
        place = [bin_of(edges.tolist(), x) for x in p.tolist()]
        assert counts.count.tolist() == [place.count(b) for b in range(bins)]
        for b, sums in enumerate(zip(*counts.by_bin(), strict=True)):
            held = [(Fraction(u), Fraction(v)) for u, v, k in zip(p.tolist(), y.tolist(), place, strict=True) if k == b]
            columns_of_bin = [*zip(*((u, v, u * v) for u, v in held), strict=True)] or [()] * 3
            exact = [sum(terms, Fraction(0)) for terms in columns_of_bin]
            for got, sought in zip(sums, exact, strict=True):
                assert abs(got - sought) <= sought * Fraction(1, 2**52) + Fraction(1, 2**1060)
        error, squares = counts.totals()
        assert math.isclose(error, math.fsum((p - y) ** 2), rel_tol=1e-15, abs_tol=1e-300)
        assert math.isclose(squares, math.fsum(y**2), rel_tol=1e-15, abs_tol=1e-300)

    check()


def test_many_rows_give_the_same_bits_in_any_split() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(2 * PIECE + 12345) ** 3
    y = (rng.random(p.size) < p).astype(np.float64)
    whole, parts = counted(p, y, equal_width(15)), BinCounts(equal_width(15))
    for part in np.array_split(np.arange(p.size), 9)[::-1]:
        parts.merge(counted(p[part], y[part], equal_width(15)))
    first, second = Reliability.of(whole), Reliability.of(parts)
    assert np.array_equal(first.confidence, second.confidence)
    assert np.array_equal(first.frequency, second.frequency)
    assert (first.brier, first.ece, first.decomposition) == (second.brier, second.ece, second.decomposition)
    assert first.brier == pytest.approx(np.mean((p - y) ** 2), rel=1e-13)


def test_one_label_for_all() -> None:
    p = np.random.default_rng(3).random(100)
    for label in (0, 1, 0.25):
        one, many = counted(p, label, equal_width(5)), counted(p, np.full(100, float(label)), equal_width(5))
        assert one.by_bin() == many.by_bin()
        assert one.totals() == many.totals()
    assert counted(0.3, 1, equal_width(5)).by_bin()[1][1] == 1


def test_bad_rows_are_refused() -> None:
    counts = BinCounts(equal_width(5))
    for p, y in (([1.1], [1.0]), ([-0.1], [1.0]), ([math.nan], [0.0]), ([0.5], [2.0]), ([0.5], [math.nan])):
        with pytest.raises(ValueError, match=r"not in \[0, 1\]"):
            counts.add(p, y)
    with pytest.raises(ValueError, match="2 predictions and 1 labels"):
        counts.add([0.1, 0.2], [1.0])
    with pytest.raises(ValueError, match="differ"):
        counts.merge(BinCounts(equal_width(6)))


def test_nothing_has_no_figures() -> None:
    empty = Reliability.of(counted([], [], equal_width(5)))
    assert empty.count.size == 0
    assert empty.decomposition is None
    assert all(math.isnan(x) for x in (empty.brier, empty.ece, empty.mce, empty.rmsce))


# ---- figures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("bins", ["1", "5", "10", "15"])
@pytest.mark.parametrize("kind", ["uniform", "quantile"])
def test_reliability_against_scikit_learn(name: str, bins: str, kind: str) -> None:
    p, y = columns(name)
    edges = equal_width(int(bins)) if kind == "uniform" else equal_mass(np.sort(p), int(bins))
    found, expected = Reliability.of(counted(p, y, edges)), stored()[name][kind][bins]
    assert np.allclose(found.confidence, expected["confidence"], rtol=1e-12, atol=0.0)
    assert np.allclose(found.frequency, expected["frequency"], rtol=1e-12, atol=0.0)
    assert found.brier == pytest.approx(stored()[name]["brier"], rel=1e-12)
    assert found.count.sum() == p.size


@pytest.mark.parametrize(
    "name", [name for name in SETS if name not in ("on-edges", "ties", "few-values", "certain-and-right")]
)
@pytest.mark.parametrize("bins", ["1", "5", "10", "15"])
def test_errors_are_torchmetrics_where_no_prediction_is_on_an_edge(name: str, bins: str) -> None:
    p, y = columns(name)
    found, expected = Reliability.of(counted(p, y, equal_width(int(bins)))), stored()[name]["calibration_error"][bins]
    assert found.ece == pytest.approx(expected["l1"], abs=1e-14)
    assert found.mce == pytest.approx(expected["max"], abs=1e-14)
    assert found.rmsce == pytest.approx(expected["l2"], abs=1e-14)


@given(SOFT_ROWS, st.integers(1, 12))
def test_the_five_terms_are_the_brier_score(rows: list[tuple[float, float]], bins: int) -> None:
    p, y = (np.array(column) for column in zip(*rows, strict=True))
    for labels in (y, np.round(y)):
        found = Reliability.of(counted(p, labels, equal_width(bins)))
        assert found.decomposition is not None
        assert found.decomposition.brier == pytest.approx(found.brier, abs=2e-15)
        assert found.brier == pytest.approx(math.fsum((p - labels) ** 2) / len(rows), abs=1e-15)


@given(ROWS, st.integers(1, 6))
def test_the_terms_are_their_definitions(rows: list[tuple[float, float]], bins: int) -> None:
    n = len(rows)
    edges = equal_width(bins)
    held: dict[int, list[tuple[Fraction, Fraction]]] = {}
    for p, y in rows:
        held.setdefault(bin_of(edges.tolist(), p), []).append((Fraction(p), Fraction(y)))
    base = Fraction(sum(int(y) for _, y in rows), n)
    sums = dict.fromkeys(("reliability", "resolution", "within_bin_variance", "within_bin_covariance"), Fraction(0))
    for members in held.values():
        k = len(members)
        mean = sum((p for p, _ in members), Fraction(0)) / k
        rate = sum((y for _, y in members), Fraction(0)) / k
        sums["reliability"] += k * (mean - rate) ** 2 / n
        sums["resolution"] += k * (rate - base) ** 2 / n
        sums["within_bin_variance"] += sum(((p - mean) ** 2 for p, _ in members), Fraction(0)) / n
        sums["within_bin_covariance"] += 2 * sum(((p - mean) * (y - rate) for p, y in members), Fraction(0)) / n
    found = Reliability.of(counted([p for p, _ in rows], [y for _, y in rows], edges)).decomposition
    assert found is not None
    for name, exact in sums.items():
        assert getattr(found, name) == pytest.approx(float(exact), abs=1e-15)
    assert found.uncertainty == pytest.approx(float(base * (1 - base)), abs=1e-16)


@pytest.mark.parametrize(
    ("p", "y", "terms"),
    [
        # by hand: (.3 − 1)²; nothing varies
        ([0.3], [1.0], (0.49, 0.0, 0.0, 0.0, 0.0)),
        # two bins of one example each: .7²/2 + .8²/2; the frequencies are 1 and 0, their mean ½
        ([0.3, 0.8], [1.0, 0.0], (0.565, 0.25, 0.25, 0.0, 0.0)),
        # labels that are all the same, and a prediction that is
        ([0.4] * 7, [0.7] * 7, (0.09, 0.0, 0.0, 0.0, 0.0)),
        # seven predictions of eleven examples each, each with every label of 0, .1 … 1: Σ(m/9 − ½)²/7 over m = 1 … 7
        ([(i % 7 + 1) / 9 for i in range(77)], [(i % 11) / 10 for i in range(77)], (17 / 324, 0.0, 0.1, 0.0, 0.0)),
    ],
)
def test_what_does_not_vary_is_nothing_and_no_rounding(
    p: list[float], y: list[float], terms: tuple[float, ...]
) -> None:
    found = Reliability.of(counted(p, y, equal_width(15))).decomposition
    assert found is not None
    for value, expected in zip(dataclasses.astuple(found), terms, strict=True):
        assert value == pytest.approx(expected, rel=1e-14, abs=0)
    assert found.brier == pytest.approx(float(np.mean((np.array(p) - y) ** 2)), rel=1e-15)


def test_a_small_variance_is_not_taken_for_rounding() -> None:
    chance = np.random.default_rng(5)
    p, y = 0.3 + 1e-6 * chance.random(1000), (chance.random(1000) < 0.3).astype(float)
    found = Reliability.of(counted(p, y, equal_width(15))).decomposition
    assert found is not None
    assert found.within_bin_variance == pytest.approx(float(p.var()), rel=1e-2)
    assert found.within_bin_covariance == pytest.approx(2 * float(np.cov(p, y, ddof=0)[0, 1]), rel=1e-6)


def test_a_tiny_brier_score_keeps_its_digits() -> None:
    p = np.array([1e-9, 1 - 1e-9, 3e-9])
    y = np.array([0.0, 1.0, 0.0])
    found = Reliability.of(counted(p, y, equal_width(10)))
    assert found.brier == pytest.approx(math.fsum((p - y) ** 2) / 3, rel=1e-15)


def test_errors_of_a_known_diagram() -> None:
    p, y = [0.1, 0.1, 0.9, 0.9, 0.9, 0.9], [0, 1, 1, 1, 1, 0]
    found = Reliability.of(counted(p, y, equal_width(2)))
    assert found.lower.tolist() == [0.0, 0.5]
    assert found.upper.tolist() == [0.5, 1.0]
    assert found.gap == pytest.approx([-0.4, 0.15])
    assert found.ece == pytest.approx((2 * 0.4 + 4 * 0.15) / 6)
    assert found.mce == pytest.approx(0.4)
    assert found.rmsce == pytest.approx(math.sqrt((2 * 0.16 + 4 * 0.0225) / 6))


def test_the_top_label_of_classes() -> None:
    confidence, correct = top_label([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2], [0.1, 0.2, 0.7]], [1, 1, 2])
    assert confidence.tolist() == [0.5, 0.4, 0.7]
    assert correct.tolist() == [1.0, 0.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 20))
def test_edges_of_equal_counts_need_no_order(values: list[float], bins: int) -> None:
    np.testing.assert_array_equal(equal_mass_of(values, bins), equal_mass(np.sort(values), bins))
