"""The summary in fine bins: merges to the bit, and its errors hold on many random files."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.concentration import share
from lossterm.core.exact import PIECE
from lossterm.core.jets import Array
from lossterm.core.platt import fit_platt
from lossterm.core.ranking import Ranked
from lossterm.core.scaling import fit_temperature
from lossterm.core.sketch import BINS, Sketch, bin_edges

LOGITS = st.one_of(
    st.floats(-30.0, 30.0),
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, math.inf, -math.inf, 1.0, 3.0, 1023.0, -1023.0, 1e-20, 5e-324, 1.7e308]),
)
ROWS = st.lists(st.tuples(LOGITS, st.sampled_from([0.0, 1.0])), min_size=1, max_size=40)
SHAPES = ("normal", "wide", "narrow", "rounded", "skewed", "few", "certain")


def sigmoid(z: Any) -> Any:
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


def split(rows: list[tuple[float, float]]) -> tuple[Array, Array]:
    return np.array([z for z, _ in rows]), np.array([y for _, y in rows])


def summary(z: Any, y: Any) -> Sketch:
    sketch = Sketch()
    sketch.add(z, y)
    return sketch


def data(shape: str, seed: int) -> tuple[Array, Array]:
    """A random file of one of the shapes."""
    rng = np.random.default_rng(seed)
    count = 60 if shape == "few" else 4000
    z = {
        "wide": lambda: rng.normal(0.0, 200.0, count),
        "narrow": lambda: rng.normal(0.5, 0.01, count),
        "rounded": lambda: np.round(rng.normal(0.0, 2.0, count), 1),
        "skewed": lambda: -6.0 + rng.exponential(1.5, count),
    }.get(shape, lambda: rng.normal(0.0, 2.0, count))()
    typical = max(float(np.std(z)), 1e-3)
    y = (rng.random(count) < sigmoid(1.5 * (z - np.median(z)) / typical)).astype(np.float64)
    if shape == "certain":
        z[:20], y[:20] = math.inf, 1.0
        z[20:50], y[20:50] = -math.inf, 0.0
    return z, y


def cases() -> list[tuple[str, int]]:
    return [(shape, seed) for shape in SHAPES for seed in range(6)]


# ---- bins and merging -----------------------------------------------------------------------------------------------


def test_the_bins_are_a_line() -> None:
    lower, upper = bin_edges()
    assert lower.size == upper.size == BINS
    assert np.array_equal(lower[1:], upper[:-1])
    assert np.all(np.diff(lower[1:-1]) > 0)
    assert (lower[0], upper[-1]) == (-math.inf, math.inf)


@given(ROWS)
def test_every_logit_is_in_its_bin(rows: list[tuple[float, float]]) -> None:
    for z, y in rows:
        points = summary(z, y).points()
        assert (points.count.tolist(), points.label.tolist()) == ([1], [y])
        low, high = float(points.lower[0]), float(points.upper[0])
        if math.isinf(z):
            assert points.logit[0] == z
            continue
        slack = 2.0**-50 * (1 + abs(z))
        assert low - slack <= z <= high + slack
        if abs(z) < 1000:
            assert abs(points.logit[0] - z) <= (high - low) * 2.0**-27 + slack
            assert high - low <= 2.0**-11 * (1 + abs(z))


@given(ROWS, st.integers(0, 40))
def test_parts_merge_to_the_whole(rows: list[tuple[float, float]], cut: int) -> None:
    z, y = split(rows)
    whole, first, second = summary(z, y), summary(z[:cut], y[:cut]), summary(z[cut:], y[cut:])
    second.merge(first)
    assert len(second) == len(whole) == len(rows)
    for name in ("logit", "label", "count"):
        assert np.array_equal(getattr(second.points(), name), getattr(whole.points(), name))


def test_long_and_short_batches_are_the_same() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(0.0, 3.0, 2 * PIECE + 100)
    y = (rng.random(z.size) < 0.4).astype(np.float64)
    whole, parts = summary(z, y), Sketch()
    for part in np.array_split(np.arange(z.size), 50)[::-1]:
        parts.add(z[part], y[part])
    assert len(parts) == z.size
    assert np.array_equal(whole.points().logit, parts.points().logit)
    assert np.array_equal(whole.points().count, parts.points().count)


def test_what_was_added_may_be_overwritten() -> None:
    z, y = data("normal", 0)
    sketch, kept = Sketch(), summary(z, y)
    sketch.add(z, y)
    z[:], y[:] = 0.0, 1.0
    assert np.array_equal(sketch.points().logit, kept.points().logit)


@pytest.mark.parametrize(
    ("logits", "labels", "what"),
    [
        ([1.0, 2.0], [1], "2 logits and 1 labels"),
        ([1.0], [0.5], "0 or 1"),
        ([math.nan], [1], "not a number"),
        ([1.0], [math.nan], "0 or 1"),
    ],
)
def test_bad_rows_are_refused(logits: Any, labels: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Sketch().add(logits, labels)


def test_nothing_has_no_figures() -> None:
    empty = Sketch()
    empty.add([], [])
    assert empty.auroc() is None
    assert empty.temperature()[0].value is None
    assert empty.platt()[0].a is None
    assert empty.share(lambda z, y: z) is None
    assert empty.confusion()[0].count == 0
    assert "bins" in empty.note
    with pytest.raises(ValueError, match="nothing"):
        empty.percentiles(50)


# ---- errors hold ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "seed"), cases())
def test_the_area_is_within_its_bound(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    found, exact = summary(z, y).auroc(), Ranked.of(z, y).auroc
    assert found is not None and exact is not None
    assert abs(found[0] - exact) <= found[1] + 1e-15
    assert found[1] < (0.02 if shape in ("narrow", "few") else 0.001)
    if shape == "rounded":  # bins of a single logit are exact
        assert found[1] == 0.0


def test_bins_of_a_single_logit_stay_exact_when_parts_merge() -> None:
    z, y = data("rounded", 1)
    parts = [summary(z[::2], y[::2]), summary(z[1::2], y[1::2])]
    parts[0].merge(parts[1])
    found = parts[0].auroc()
    assert found is not None and found[1] == 0.0
    assert found[0] == pytest.approx(Ranked.of(z, y).auroc, abs=1e-15)
    parts[0].merge(summary([0.1 + 1e-9], [1]))
    parts[0].add([0.2 + 1e-9], [0])
    found = parts[0].auroc()
    assert found is not None and 0.0 < found[1] < 1e-3


def test_zero_has_no_sign() -> None:
    assert summary([0.0, -0.0], [1, 0]).auroc() == (0.5, 0.0)


@given(ROWS)
def test_the_area_of_any_rows_is_within_its_bound(rows: list[tuple[float, float]]) -> None:
    found, exact = summary(*split(rows)).auroc(), Ranked.of(*split(rows)).auroc
    assert (found is None) == (exact is None)
    if found is not None and exact is not None:
        assert abs(found[0] - exact) <= found[1] + 1e-15


@given(ROWS, st.lists(st.floats(0.0, 100.0), min_size=1, max_size=5))
def test_percentiles_are_within_their_bounds(rows: list[tuple[float, float]], q: list[float]) -> None:
    z, y = split(rows)
    value, error = summary(z, y).percentiles(q)
    assert np.all(np.abs(value - np.percentile(sigmoid(z), q)) <= error)


@pytest.mark.parametrize(("shape", "seed"), cases())
def test_percentiles_are_narrow(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    q = np.linspace(0.0, 100.0, 101)
    value, error = summary(z, y).percentiles(q)
    assert np.all(np.abs(value - np.percentile(sigmoid(z), q)) <= error)
    assert error.max() < 2e-4


@pytest.mark.parametrize(("shape", "seed"), cases())
def test_the_temperature_is_within_its_error(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    (found, error), exact = summary(z, y).temperature(), fit_temperature(z, y)
    assert found.reason == exact.reason
    if found.value is None or exact.value is None:
        assert math.isnan(error)
        return
    assert abs(found.value - exact.value) <= error + 1e-11 * exact.value
    assert error <= 1e-3 * exact.value


@pytest.mark.parametrize(("shape", "seed"), cases())
def test_the_line_is_within_its_error(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    (found, error), exact = summary(z, y).platt(), fit_platt(z, y)
    assert found.a is not None and exact.a is not None and found.b is not None and exact.b is not None
    assert abs(found.a - exact.a) <= error[0] + 1e-9 * abs(exact.a)
    assert abs(found.b - exact.b) <= error[1] + 1e-9 * (1 + abs(exact.b))
    if shape != "narrow":  # there the logits fill a hundred bins only
        assert error[0] <= 1e-3 * abs(exact.a)


@pytest.mark.parametrize(("shape", "seed"), cases())
@pytest.mark.parametrize("loss", ["cross-entropy", "squared", "hinge"])
def test_the_share_is_within_its_error(shape: str, seed: int, loss: str) -> None:
    z, y = data(shape, seed)

    def slope(logit: Array, label: Array) -> Array:
        p = sigmoid(logit)
        if loss == "cross-entropy":
            return np.asarray(p - label)
        if loss == "squared":
            return np.asarray(2 * (p - label) * p * (1 - p))
        s = 2 * label - 1
        return np.where(s * logit < 1, -s, 0.0)

    for fraction in (0.01, 0.2):
        found, exact = summary(z, y).share(slope, fraction), share(np.abs(slope(z, y)), fraction)
        assert found is not None and exact is not None
        assert abs(found[0] - exact) <= found[1]
        assert found[1] < 0.05


def test_no_share_of_infinite_gradients() -> None:
    sketch = summary([1.0, math.inf], [1, 0])
    assert sketch.share(lambda z, y: z) is None
    assert sketch.share(lambda z, y: 0 * y) is None


@given(ROWS, st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 0.5, 1.0])))
def test_the_confusion_is_within_the_uncertain(rows: list[tuple[float, float]], threshold: float) -> None:
    z, y = split(rows)
    found, uncertain = summary(z, y).confusion(threshold)
    at = -math.inf if threshold == 0 else math.inf if threshold == 1 else math.log(threshold) - math.log1p(-threshold)
    exact = Ranked.of(z, y).confusion(at)
    assert (
        abs(found.true_positive - exact.true_positive) + abs(found.false_positive - exact.false_positive) <= uncertain
    )
    assert found.count == exact.count


def test_a_certain_and_wrong_prediction_has_no_fit() -> None:
    sketch = summary([math.inf, 1.0, -1.0, 2.0], [0, 1, 0, 0])
    assert "wrong" in sketch.temperature()[0].reason
    assert "wrong" in sketch.platt()[0].reason


def test_the_note_says_where_the_numbers_come_from() -> None:
    assert summary(*data("normal", 1)).note.startswith(f"from a summary of {BINS:,} bins: AUROC ± ")
