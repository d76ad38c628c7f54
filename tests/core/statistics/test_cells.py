"""Counts in cells: the same whatever the order, and figures within the errors they state."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.exact import PIECE
from lossterm.core.jets import Array
from lossterm.core.statistics import cell_figures
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.cell_figures import Line, share_of_cells
from lossterm.core.statistics.cell_order import order_of
from lossterm.core.statistics.cells import FINENESS, Cells, Occupied
from lossterm.core.statistics.concentration import share
from lossterm.core.statistics.findings import Calibration
from lossterm.core.statistics.ordered_figures import calibration_of
from lossterm.core.statistics.platt import fit_platt
from lossterm.core.statistics.ranking import Ranked
from lossterm.core.statistics.temperature import fit_temperature

LOGITS = st.one_of(
    st.floats(-30.0, 30.0),
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, math.inf, -math.inf, 1.0, 3.0, 1 + 2.0**-30, 40.0, 41.0, 1e-20, 5e-324, 1.7e308]),
)
ROWS = st.lists(st.tuples(LOGITS, st.sampled_from([0.0, 1.0])), min_size=1, max_size=40)
SHAPES = ("normal", "calibrated", "wide", "narrow", "rounded", "skewed", "few", "certain", "single", "tiled", "huge",
          "tiny", "nearly separable", "falling")  # fmt: skip
LIKE: dict[str, Callable[[Array, np.random.Generator], Any]] = {
    "wide": lambda x, _: 200.0 * x,
    "narrow": lambda x, _: 0.5 + 0.01 * x,
    "rounded": lambda x, _: np.round(2.0 * x, 1),
    "skewed": lambda x, rng: -6.0 + rng.exponential(1.5, x.size),
    "single": lambda x, _: (2.0 * x).astype(np.float32),
    "tiled": lambda x, _: np.tile(2.0 * x[: x.size // 20], 20),
    "huge": lambda x, _: 1e300 * x,
    "tiny": lambda x, rng: np.log(10.0 ** rng.uniform(-14, -1, x.size)),
}
"""Logits of a shape, of normal numbers; else twice these."""

ROUNDING = 1e-11
"""Relative: of the fits, which stop at 1e-12, and of sums."""


def sigmoid(z: Any) -> Any:
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


def split(rows: list[tuple[float, float]]) -> tuple[Array, Array]:
    return np.array([z for z, _ in rows]), np.array([y for _, y in rows])


def counted(z: Any, y: Any) -> Cells:
    cells = Cells()
    cells.add(z, y)
    return cells


def data(shape: str, seed: int) -> tuple[Array, Array]:
    """A random file of one of the shapes."""
    rng = np.random.default_rng(seed)
    count = 60 if shape == "few" else 4000
    normal = rng.normal(0.0, 1.0, count)
    z = 2.0 * normal
    if shape in LIKE:
        z = np.asarray(LIKE[shape](normal, rng), dtype=np.float64)
    typical = max(float(np.std(z / np.abs(z).max())) * float(np.abs(z).max()), 1e-3)
    y = (rng.random(count) < sigmoid(1.5 * ((z - np.median(z)) / typical))).astype(np.float64)
    if shape == "calibrated":
        y = (rng.random(count) < sigmoid(z)).astype(np.float64)
    if shape == "nearly separable":
        y = np.where(rng.random(count) < 0.002, z < 0, z > 0).astype(np.float64)
    if shape == "falling":
        y = 1.0 - y
    if shape == "certain":
        z[:20], y[:20] = math.inf, 1.0
        z[20:50], y[20:50] = -math.inf, 0.0
    return z, y


CASES = [(shape, seed) for shape in SHAPES for seed in range(3)]


def same(one: Occupied, other: Occupied) -> bool:
    return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("low", "mean", "high", "label", "count"))


# ---- counting -------------------------------------------------------------------------------------------------------


@given(ROWS)
def test_a_cell_knows_its_numbers(rows: list[tuple[float, float]]) -> None:
    for z, y in rows:
        cells = counted(z, y).occupied()
        assert (cells.low.tolist(), cells.high.tolist(), cells.mean.tolist()) == ([z], [z], [z])
        assert (cells.label.tolist(), cells.count.tolist()) == ([y], [1.0])


@given(st.integers(-1074, 1023), st.lists(st.floats(0.0, 2.0**-FINENESS - 2.0**-50), min_size=1), st.booleans())
def test_numbers_of_equal_leading_bits_share_a_cell(power: int, parts: list[float], negative: bool) -> None:
    if power < -1022 + FINENESS:
        parts = [0.0]
    z = np.ldexp(1.0 + np.array(parts), power) * (-1.0 if negative else 1.0)
    cells = counted(z, np.zeros(z.size)).occupied()
    assert cells.count.tolist() == [z.size]
    assert (cells.low[0], cells.high[0]) == (z.min(), z.max())
    mean = math.fsum(z / z.size)
    assert abs(cells.mean[0] - mean) <= 2.0**-43 * abs(mean)


@given(ROWS)
def test_cells_are_in_order_and_narrow(rows: list[tuple[float, float]]) -> None:
    cells = counted(*split(rows)).occupied()
    assert cells.rows == len(rows)
    for label in (0.0, 1.0):
        own = cells.of(cells.label == label)
        assert np.all(own.low[1:] > own.high[:-1])
    assert np.all((cells.low <= cells.mean) & (cells.mean <= cells.high))
    finite = np.isfinite(cells.mean)
    width = cells.high[finite] - cells.low[finite]
    assert np.all(width <= 2.0**-FINENESS * np.maximum(np.abs(cells.mean[finite]), 2.0**-1022))


@given(ROWS, st.integers(0, 40), st.randoms())
def test_parts_merge_to_the_whole_in_any_order(rows: list[tuple[float, float]], cut: int, random: Any) -> None:
    whole = counted(*split(rows)).occupied()
    random.shuffle(rows)
    z, y = split(rows)
    first, second, third = counted(z[:cut], y[:cut]), counted(z[cut:], y[cut:]), Cells()
    second.merge(first)
    third.merge(second)
    assert same(whole, second.occupied())
    assert same(whole, third.occupied())


def test_long_and_short_batches_are_the_same() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(0.0, 3.0, 2 * PIECE + 100)
    y = (rng.random(z.size) < 0.4).astype(np.float64)
    parts = Cells()
    for part in np.array_split(np.arange(z.size), 50)[::-1]:
        parts.add(z[part], y[part])
    assert same(counted(z, y).occupied(), parts.occupied())


def test_what_is_added_is_left_as_it_is() -> None:
    z, y = np.array([-0.0, 1.0]), np.array([0.0, 1.0])
    counted(z, y)
    assert np.signbit(z).tolist() == [True, False]
    assert counted(3.0, 1).occupied().mean.tolist() == [3.0]


@pytest.mark.parametrize(
    ("logits", "labels", "what"),
    [
        ([1.0, 2.0], [1], "2 numbers and 1 labels"),
        ([1.0], [0.5], "0 or 1"),
        ([math.nan], [1], "nan"),
        ([1.0], [math.nan], "0 or 1"),
    ],
)
def test_bad_rows_are_refused(logits: Any, labels: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Cells().add(logits, labels)


def test_nothing_has_no_figures() -> None:
    empty = counted([], []).occupied()
    assert order_of(counted([], [])).auroc is None
    assert cell_figures.temperature(empty)[0].value is None
    assert cell_figures.platt(empty)[0].a is None
    assert share_of_cells(empty, empty.ends, 0.01) is None
    assert empty.confusion(0.5)[0].count == 0


# ---- ranks ----------------------------------------------------------------------------------------------------------


@given(ROWS)
def test_the_area_of_any_rows_is_within_its_bound(rows: list[tuple[float, float]]) -> None:
    z, y = split(rows)
    found, exact = order_of(counted(z, y)).auroc, Ranked.of(sigmoid(z), y).auroc
    assert (found is None) == (exact is None)
    if found is not None and exact is not None:
        assert abs(found[0] - exact) <= found[1] + 1e-15


@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_the_area_is_within_its_bound(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    found, exact = order_of(counted(z, y)).auroc, Ranked.of(sigmoid(z), y).auroc
    assert found is not None and exact is not None
    assert abs(found[0] - exact) <= found[1] + 1e-15
    assert found[1] <= (0.01 if shape == "narrow" else 3e-4)
    if shape == "rounded":  # cells of a single logit are exact
        assert found[1] == 0.0


def test_zero_has_no_sign_and_classes_apart_in_a_cell_are_ranked() -> None:
    assert order_of(counted([0.0, -0.0], [1, 0])).auroc == (0.5, 0.0)
    assert order_of(counted([1.0, 1 + 1e-9], [0, 1])).auroc == (1.0, 0.0)
    assert order_of(counted([1.0, 1 + 1e-9, 1 + 2e-9], [0, 1, 0])).auroc == (0.5, 0.5)


@given(ROWS, st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 0.5, 1.0])))
def test_the_confusion_is_within_the_uncertain(rows: list[tuple[float, float]], threshold: float) -> None:
    z, y = split(rows)
    found, uncertain = counted(z, y).occupied().confusion(threshold)
    exact = Ranked.of(sigmoid(z), y).confusion(threshold)
    moved = abs(found.true_positive - exact.true_positive) + abs(found.false_positive - exact.false_positive)
    assert moved <= uncertain
    assert found.count == exact.count


# ---- fits and what they make of the file ----------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_the_temperature_is_within_its_error(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    (found, _), exact = cell_figures.temperature(counted(z, y).occupied()), fit_temperature(z, y)
    assert found.reason == exact.reason
    if found.value is None or exact.value is None:
        return
    assert abs(found.value - exact.value) <= found.error + ROUNDING * exact.value
    assert found.error <= 1e-6 * exact.value
    if shape not in ("rounded", "few"):
        assert found.error <= 100 * abs(found.value - exact.value) + ROUNDING * exact.value


@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_the_line_is_within_its_error(shape: str, seed: int) -> None:
    z, y = data(shape, seed)
    (found, _), exact = cell_figures.platt(counted(z, y).occupied()), fit_platt(z, y)
    assert found.reason == exact.reason
    assert found.a is not None and exact.a is not None and found.b is not None and exact.b is not None
    size = abs(exact.a) * (1.0 if shape == "huge" else float(np.abs(z[np.isfinite(z)]).max()))
    assert abs(found.a - exact.a) <= found.a_error + ROUNDING * abs(exact.a)
    assert abs(found.b - exact.b) <= found.b_error + ROUNDING * (abs(exact.b) + size)
    assert found.a_error <= (1e-3 if shape == "narrow" else 1e-5) * abs(exact.a)  # in a hundred cells


def figures(found: Calibration) -> Iterator[tuple[str, float, float]]:
    """Each figure of a calibration and its error."""
    yield "log loss", found.log_loss, found.log_loss_error
    yield "Brier", found.brier, found.brier_error
    for kind, bins in (("width", found.width), ("mass", found.mass)):
        assert isinstance(bins, Reliability)
        yield f"{kind} ECE", bins.ece, bins.ece_error
        yield f"{kind} MCE", bins.mce, bins.mce_error
        yield f"{kind} RMSCE", bins.rmsce, bins.rmsce_error


@pytest.mark.parametrize(("shape", "seed"), CASES)
@pytest.mark.parametrize("bins", [1, 15, 40])
@pytest.mark.sampled(4)
def test_what_scaling_makes_is_within_its_error(shape: str, seed: int, bins: int) -> None:
    z, y = data(shape, seed)
    cells = counted(z, y).occupied()
    hot, line = cell_figures.temperature(cells)[1], cell_figures.platt(cells)[1]
    temperature, exact = fit_temperature(z, y), fit_platt(z, y)
    lines = [(Line(1.0), Line(1.0)), *([(hot, Line(1 / temperature.value))] if hot and temperature.value else [])]
    if line is not None and exact.a is not None and exact.b is not None:
        lines.append((line, Line(exact.a, exact.b)))
    assert len(lines) == 3 or shape in ("falling", "narrow")
    for ours, theirs in lines:
        pairs = zip(figures(cell_figures.calibration(cells, ours, bins)), figures(calibration_of(z, y, theirs, bins)),
                    strict=True)  # fmt: skip
        for (name, value, error), (_, right, none) in pairs:
            assert none == 0.0
            if not math.isfinite(right):
                assert value == right
                continue
            if name == "log loss" and ours == Line(1.0) and shape == "huge":
                continue  # sums of 1e303, far from the best line
            assert abs(value - right) <= error + ROUNDING * (right + 1.0), name
            if name in ("log loss", "Brier"):
                assert error <= (1e-4 if shape == "narrow" else 1e-6)


@given(ROWS, st.sampled_from([0.5, 1.0, -1.0, 3.0]), st.sampled_from([0.0, 0.5]), st.integers(1, 12))
@pytest.mark.exhaustive
def test_bins_of_any_rows_are_within_their_errors(
    rows: list[tuple[float, float]], a: float, b: float, bins: int
) -> None:
    z, y = split(rows)
    line = Line(a, b)
    ours, theirs = cell_figures.calibration(counted(z, y).occupied(), line, bins), calibration_of(z, y, line, bins)
    for (name, value, error), (_, right, _) in zip(figures(ours), figures(theirs), strict=True):
        if name != "log loss":
            assert abs(value - right) <= error + 1e-9, name


@pytest.mark.parametrize("bins", [3, 15])
def test_bins_of_any_line_are_within_their_errors_where_a_cell_holds_many(bins: int) -> None:
    rng = np.random.default_rng(bins)
    for _ in range(40):
        z = rng.choice([-1.0, 0.25, 1.0, 2.0], 200) * (1 + rng.random(200) * 2.0 ** -(FINENESS + 1))
        y = (rng.random(200) < rng.random()).astype(float)
        line = Line(rng.normal(), rng.normal())
        ours, theirs = cell_figures.calibration(counted(z, y).occupied(), line, bins), calibration_of(z, y, line, bins)
        for (name, value, error), (_, right, _) in zip(figures(ours), figures(theirs), strict=True):
            assert abs(value - right) <= error + 1e-12, name


def test_equal_logits_make_every_figure_exact() -> None:
    z, y = data("rounded", 0)
    cells = counted(z, y).occupied()
    hot, line = cell_figures.temperature(cells)[1], cell_figures.platt(cells)[1]
    assert hot is not None and line is not None
    for one in (hot, line):
        assert one.errors == (0.0, 0.0)
        assert [error for _, _, error in figures(cell_figures.calibration(cells, one, 15))] == [0.0] * 8


def test_a_certain_and_wrong_prediction_has_no_fit() -> None:
    cells = counted([math.inf, 1.0, -1.0, 2.0], [0, 1, 0, 0]).occupied()
    assert "wrong" in cell_figures.temperature(cells)[0].reason
    assert "wrong" in cell_figures.platt(cells)[0].reason


def test_classes_that_overlap_within_a_cell_only_have_no_line() -> None:
    z = np.array([-2.0, 1.0, 1 + 2e-9, 1 + 1.5e-9, 3.0])
    found, line = cell_figures.platt(counted(z, [0, 0, 0, 1, 1]).occupied())
    assert (found.a, found.reason, line) == (None, cell_figures.OVERLAPPING, None)
    z[2] = 1.0
    assert cell_figures.platt(counted(z, [0, 0, 0, 1, 1]).occupied())[0].reason == fit_platt(z, [0, 0, 0, 1, 1]).reason


# ---- shares ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "seed"), [case for case in CASES if case[0] != "huge"])
@pytest.mark.parametrize("loss", ["cross-entropy", "squared", "hinge"])
def test_the_share_is_within_its_error(shape: str, seed: int, loss: str) -> None:
    z, y = data(shape, seed)

    def slope(logit: Array, label: Array) -> Array:
        p = sigmoid(logit)
        if loss == "cross-entropy":
            return np.asarray(abs(p - label))
        if loss == "squared":
            return np.asarray(abs(2 * (p - label) * p * (1 - p)))
        return np.where((2 * label - 1) * logit < 1, 1.0, 0.0)

    cells = counted(z, y).occupied()
    sizes = np.stack([slope(x, cells.label) for x in cells.ends])
    for fraction in (0.01, 0.2):
        found, exact = share_of_cells(cells, sizes, fraction), share(slope(z, y), fraction)
        assert found is not None and exact is not None
        assert abs(found[0] - exact) <= found[1] + 1e-14
        assert found[1] < 0.01


@given(st.lists(st.floats(0.0, 1e300), min_size=1, max_size=60), st.sampled_from([0.01, 0.2, 1.0]))
def test_the_share_of_sizes_is_within_its_error(sizes: list[float], fraction: float) -> None:
    cells = counted(sizes, 0.0).occupied()
    found, exact = share_of_cells(cells, cells.ends, fraction), share(sizes, fraction)
    assert (found is None) == (exact is None)
    if found is not None and exact is not None:
        assert abs(found[0] - exact) <= found[1] + 1e-12


def test_no_share_of_infinite_gradients() -> None:
    cells = counted([1.0, math.inf], [1, 0]).occupied()
    assert share_of_cells(cells, cells.ends, 0.01) is None
    assert share_of_cells(cells, 0 * np.ones((3, 2)), 0.01) is None


# ---- the order of many ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["normal", "wide", "rare", "two decimals", "with infinities"])
def test_finer_cells_tell_more_of_the_order_and_stay_within_their_bound(shape: str) -> None:
    rng = np.random.default_rng(2)
    z = {"normal": rng.normal(0, 1, 50_000), "wide": rng.normal(0, 40, 50_000), "rare": rng.normal(-5, 2, 50_000),
         "two decimals": np.round(rng.normal(0, 2, 50_000), 2),
         "with infinities": np.where(rng.random(50_000) < 0.1, np.inf, rng.normal(0, 2, 50_000))}[shape]  # fmt: skip
    y = (rng.random(50_000) < 1 / (1 + np.exp(-np.clip(0.5 * z, -30, 30)))).astype(float)
    whole, total = Cells(ordered=True), Cells(ordered=True)
    whole.add(z, y)
    for part in np.array_split(np.arange(len(z)), 5):
        one = Cells(ordered=True)
        one.add(z[part], y[part])
        total.merge(one)
    plain = counted(z, y)
    for side, other in zip(whole.sides(), total.sides(), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(side, other, strict=True))
        assert np.all(side[0] <= side[1]) and np.all(side[0][1:] >= side[1][:-1])
    finer, coarse = order_of(whole), order_of(plain)
    assert finer.ones.rows + finer.zeros.rows == coarse.ones.rows + coarse.zeros.rows == len(z)
    true = Ranked.of(1 / (1 + np.exp(-z)), y).auroc
    assert true is not None and finer.auroc is not None and coarse.auroc is not None
    (value, bound), (_, wide) = finer.auroc, coarse.auroc
    assert abs(value - true) <= bound + 1e-14
    assert bound <= wide / 8 + 1e-15
