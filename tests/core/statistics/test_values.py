"""The figures of plain values and of their distributions, against scoringrules, scikit-learn, scipy and numpy."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lossterm.core.jets import Array
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.packing import Packer, opened
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import BinarySummary
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.forecast import Forecast, stretch
from lossterm.core.statistics.ordered_values import OrderedValues
from lossterm.core.statistics.question import Question
from lossterm.core.statistics.sample import Sample
from lossterm.core.statistics.value_figures import value_finding
from lossterm.core.statistics.value_findings import ValueFinding
from lossterm.core.statistics.value_sums import ValueSums

REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "values.json").read_text())
LEVELS = tuple(REFERENCE["levels"])
QUANTILES, NORMAL = Forecast("quantiles", LEVELS), Forecast("normal", LEVELS)
SETS = [pytest.param(each["data"], each["figures"], id=name) for name, each in REFERENCE["sets"].items()]


def examples(data: dict[str, Any], forecast: Forecast | None) -> Examples:
    told = None
    if forecast is not None:
        told = np.array(data["sd"])[:, None] if forecast.is_normal else np.array(data["quantiles"])
    weight = None if data["weight"] is None else np.array(data["weight"])
    y = np.array(data["y"])
    return Examples(np.arange(1, len(y) + 1), y, np.array(data["mean"]), weight, told=told)


def found(rows: Examples, forecast: Forecast | None, *, parts: int = 1, counting: bool = False) -> ValueFinding:
    """The figures; with weights where there are any."""
    weighted = rows.weight is not None
    total = ValueSums(forecast, counting=counting, weighted=weighted)
    for part in np.array_split(np.arange(len(rows)), parts):
        sums = ValueSums(forecast, counting=counting, weighted=weighted)
        if len(part):
            sums.add(rows.take(slice(int(part[0]), int(part[-1]) + 1)))
        total.merge(sums)
    return value_finding(total, weighted=weighted)


def near(value: object) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("data", "right"), SETS)
def test_the_errors(data: dict[str, Any], right: dict[str, Any]) -> None:
    told = found(examples(data, None), None)
    assert told.bias.value == near(right["bias"])
    assert told.mae.value == near(right["mae"])
    assert told.rmse == near(right["rmse"])
    assert told.r2 == near(right["r2"])
    assert [each.value for each in told.quantiles] == near(right["error_quantiles"])
    assert all(each.error == 0 for each in told.quantiles)


@pytest.mark.parametrize(("data", "right"), SETS)
def test_quantiles(data: dict[str, Any], right: dict[str, Any]) -> None:
    told = found(examples(data, QUANTILES), QUANTILES).forecast
    assert told is not None
    assert told.crps.value == near(right["crps_quantiles"])
    assert told.pinball == near(right["crps_quantiles"] / 2)
    assert [level.pinball.value for level in told.levels] == near(right["pinball"])
    assert [level.below for level in told.levels] == near(right["below"])
    assert [interval.nominal for interval in told.intervals] == [0.9, 0.8, 0.5]
    assert [interval.coverage.value for interval in told.intervals] == near(right["coverage"])
    assert [interval.score.value if interval.score else None for interval in told.intervals] == near(
        right["interval_score"]
    )
    assert math.fsum(each.share for each in told.pit) == pytest.approx(1.0)
    assert [each.share for each in told.pit[:2]] == near([right["below"][0], right["below"][1] - right["below"][0]])
    assert told.crossing == 0


@pytest.mark.parametrize(("data", "right"), SETS)
def test_normal_distributions(data: dict[str, Any], right: dict[str, Any]) -> None:
    told = found(examples(data, NORMAL), NORMAL).forecast
    assert told is not None and told.nll is not None
    assert told.crps.value == near(right["crps_normal"])
    assert told.nll.value == near(right["nll_normal"])
    assert told.stretch.value == near(math.sqrt(right["squared_standing"]))
    assert [each.count for each in told.pit] == right["pit_normal"]
    # the same quantiles as those of the file
    assert [level.pinball.value for level in told.levels] == pytest.approx(right["pinball"], rel=1e-6)
    assert [interval.coverage.value for interval in told.intervals] == near(right["coverage"])


@pytest.mark.parametrize("forecast", [None, QUANTILES, NORMAL])
@pytest.mark.parametrize(("data", "right"), SETS)
def test_batches_change_nothing(data: dict[str, Any], right: dict[str, Any], forecast: Forecast | None) -> None:
    rows = examples(data, forecast)
    one, many = (found(rows, forecast, parts=parts) for parts in (1, 5))
    assert one.rmse == pytest.approx(many.rmse, rel=1e-15)
    assert one.r2 == pytest.approx(many.r2, rel=1e-14)
    assert one.quantiles == many.quantiles
    if one.bands is not None and many.bands is not None:
        assert np.array_equal(one.bands.quantiles, many.bands.quantiles)
    if one.forecast is not None and many.forecast is not None:
        assert one.forecast.crps.value == pytest.approx(many.forecast.crps.value, rel=1e-15)
        assert one.forecast.pit == many.forecast.pit
        assert one.forecast.stretch == many.forecast.stretch


# ---- more rows than are kept ----------------------------------------------------------------------------------------


def asked(rows: Examples, forecast: Forecast | None, keep: int) -> Findings:
    loss = LOSSES["squared-error"]
    criterion = Criterion(loss, tuple(loss.complete({}).items()))
    question = Question("value", (criterion,), weighted=rows.weight is not None, forecast=forecast, keep=keep)
    summary = BinarySummary(question)
    for part in np.array_split(np.arange(len(rows)), 4):
        own = summary.part()
        own.add(rows.take(slice(int(part[0]), int(part[-1]) + 1)))
        summary.merge(own)
    with ThreadPoolExecutor(1) as executor:
        return conclude(summary, executor)


@pytest.mark.parametrize("forecast", [None, QUANTILES, NORMAL])
def test_of_more_rows_than_are_kept_sums_are_the_same_and_order_has_an_error(forecast: Forecast | None) -> None:
    rows = examples(REFERENCE["sets"]["right"]["data"], forecast)
    kept, counted = (asked(rows, forecast, keep).values for keep in (1000, 50))
    assert kept is not None and counted is not None
    assert (kept.bias, kept.mae, kept.rmse, kept.r2) == (counted.bias, counted.mae, counted.rmse, counted.r2)
    for exact, rough in zip(kept.quantiles, counted.quantiles, strict=True):
        assert exact.value is not None and rough.value is not None
        assert abs(exact.value - rough.value) <= rough.error * (1 + 1e-9)
        assert rough.error <= abs(exact.value) * 2.0**-11
    for exact_held, rough_held in zip(kept.intervals, counted.intervals, strict=True):
        true, share = exact_held.coverage.value, rough_held.coverage.value
        assert true is not None and share is not None
        assert abs(true - share) <= rough_held.coverage.error + 1e-12
    if kept.forecast is not None and counted.forecast is not None:
        assert kept.forecast.levels == counted.forecast.levels
        assert kept.forecast.intervals == counted.forecast.intervals
        one, other = kept.forecast.stretch, counted.forecast.stretch
        assert one.value is not None and other.value is not None
        assert abs(one.value - other.value) <= other.error * (1 + 1e-9) + 1e-15


@pytest.mark.parametrize("forecast", [None, QUANTILES, NORMAL])
def test_weighted_quantiles_of_more_rows_than_are_kept_have_an_error(forecast: Forecast | None) -> None:
    data, right = REFERENCE["sets"]["weighted"]["data"], REFERENCE["sets"]["weighted"]["figures"]
    exact, rough = (asked(examples(data, forecast), forecast, keep).weighted for keep in (1000, 50))
    assert exact is not None and exact.values is not None and rough is not None and rough.values is not None
    assert rough.values.rmse == near(right["rmse"])
    for about, true, found in zip(
        rough.values.quantiles, right["error_quantiles"], exact.values.quantiles, strict=True
    ):
        assert about.value is not None and found.value == near(true)
        assert abs(about.value - true) <= about.error * (1 + 1e-9) + 1e-12
        assert about.error <= abs(true) * 2.0**-11  # 0 in a cell of one number
    held = zip(exact.values.intervals, rough.values.intervals, strict=True)
    shares = [(one.coverage, other.coverage) for one, other in held]
    if exact.values.forecast is not None and rough.values.forecast is not None and forecast is QUANTILES:
        shares.append((exact.values.forecast.stretch, rough.values.forecast.stretch))
    for known, about in shares:
        assert known.value is not None and about.value is not None
        assert abs(known.value - about.value) <= about.error * (1 + 1e-9) + 1e-12


WEIGHTS = st.one_of(st.just(0.0), st.floats(1e-150, 1e150), st.integers(1, 9).map(float))


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), WEIGHTS), min_size=1, max_size=40), st.floats(0.01, 0.99),
       st.floats(0, 1e9))  # fmt: skip
def test_weighted_order_in_cells_is_within_its_error(
    rows: list[tuple[float, float]], level: float, size: float
) -> None:
    values, weights = (np.array(column) for column in zip(*rows, strict=True))
    rough = OrderedValues(counting=True, weighted=True)
    rough.add(values, weights)
    order = rough.sorted(weighted=True)
    total = sum(map(Fraction, weights.tolist()))
    if not total:
        assert order.quantile(level).value is None and order.within(size).value is None
        return
    about, share = order.quantile(level), order.within(size)
    assert about.value is not None and share.value is not None
    # a true quantile of the level: what is below it weighs no more, and what is up to it no less
    low, high = (Fraction(about.value) + sign * Fraction(about.error) * (1 + Fraction(1, 10**9)) for sign in (-1, 1))
    below = sum((Fraction(w) for x, w in rows if x < low), Fraction(0))
    up_to = sum((Fraction(w) for x, w in rows if x <= high), Fraction(0))
    slack = Fraction(1, 10**9)
    assert below / total <= Fraction(level) + slack and up_to / total >= Fraction(level) - slack
    within = sum((Fraction(w) for x, w in rows if abs(x) <= size), Fraction(0)) / total
    assert abs(within - Fraction(share.value)) <= Fraction(share.error) + slack


@pytest.mark.parametrize("parts", [1, 3, 16])
def test_weights_in_cells_add_up_to_the_same_bits(parts: int) -> None:
    chance = np.random.default_rng(8)
    values, weights = chance.normal(0, 10, 3000), np.exp(chance.normal(0, 30, 3000))

    def counted(cut: int, kept: int) -> bytes:
        total = OrderedValues(counting=not kept, weighted=True)
        for at, part in enumerate(np.array_split(np.arange(3000), cut)):
            own = OrderedValues(counting=at >= kept, weighted=True)
            own.add(values[part], weights[part])
            total.merge(own)
        total.count_in_cells()
        packer = Packer()
        total.pack(packer, 3000)
        return packer.to_bytes()

    whole = counted(1, 0)
    assert counted(parts, 0) == counted(parts, parts // 2) == counted(parts, parts) == whole
    read = OrderedValues(counting=True, weighted=True)
    taken = opened(whole)
    read.pack(taken, 3000)
    taken.end()
    again = Packer()
    read.pack(again, 3000)
    assert again.to_bytes() == whole


@pytest.mark.parametrize("name", ["right", "weighted"])
def test_what_was_counted_is_carried(name: str) -> None:
    rows = examples(REFERENCE["sets"][name]["data"], None)
    weighted = rows.weight is not None
    total, read = (ValueSums(None, counting=True, weighted=weighted) for _ in range(2))
    total.add(rows)
    packer = Packer()
    total.pack(packer, len(rows))
    taken = opened(packer.to_bytes())
    read.pack(taken, len(rows))
    taken.end()
    one, other = value_finding(total, weighted=weighted), value_finding(read, weighted=weighted)
    assert (one.bias, one.rmse, one.r2, one.quantiles) == (other.bias, other.rmse, other.r2, other.quantiles)
    assert one.bands is not None and other.bands is not None
    assert np.array_equal(one.bands.quantiles, other.bands.quantiles)


def test_a_sample_is_the_same_whatever_the_batches() -> None:
    def taken(parts: int) -> list[int]:
        total = Sample(100)
        for part in np.array_split(np.arange(1, 2001), parts):
            own = Sample(100)
            own.add(Examples(part, part.astype(float), part.astype(float)))
            total.merge(own)
        assert total.seen == 2000
        return [int(row) for row in total.examples().row]

    assert len(taken(1)) == 100
    assert taken(1) == taken(7)
    assert taken(1) == taken(400)


# ---- laws -----------------------------------------------------------------------------------------------------------

numbers = st.floats(-100, 100)


@settings(max_examples=25)
@given(arrays(float, st.integers(1, 30), elements=numbers))
def test_quantiles_that_are_the_labels_lose_nothing(y: Array) -> None:
    told = np.repeat(y[:, None], 3, axis=1)
    forecast = Forecast("quantiles", (0.1, 0.5, 0.9))
    finding = found(Examples(np.arange(1, len(y) + 1), y, y, told=told), forecast)
    assert finding.rmse == 0
    assert finding.forecast is not None
    assert finding.forecast.crps.value == 0
    assert finding.forecast.intervals[0].coverage.value == 1
    assert finding.forecast.stretch.value == 0


def test_quantiles_that_cross_are_counted_and_taken_as_they_stand() -> None:
    told = np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0]])
    rows = Examples(np.arange(1, 3), np.array([2.0, 2.0]), np.array([2.0, 2.0]), told=told)
    forecast = found(rows, Forecast("quantiles", (0.1, 0.5, 0.9))).forecast
    assert forecast is not None
    assert forecast.crossing == 1
    assert forecast.intervals[0].coverage.value == 0.5
    assert forecast.intervals[0].width == 0.0


def test_by_what_an_interval_is_stretched() -> None:
    y = np.array([0.0, 3.0, -4.0, 1.0, 1.0])
    low, middle, high = np.array([-1.0, -1, -1, 1, 0]), np.array([0.0, 0, 0, 1, 1]), np.array([1.0, 2, 1, 1, 1])
    assert stretch(low, middle, high, y).tolist() == [0.0, 1.5, 4.0, 0.0, 0.0]
    assert stretch(np.array([1.0]), np.array([1.0]), np.array([1.0]), np.array([2.0])).tolist() == [math.inf]


@given(arrays(float, st.integers(1, 60), elements=st.floats(-1e6, 1e6)), st.floats(0.01, 0.99), st.floats(0, 1e6))
def test_order(values: Array, level: float, size: float) -> None:
    ordered = OrderedValues(counting=False, weighted=True)
    ordered.add(values, np.ones(len(values)))
    right = float(np.quantile(values, level, method="inverted_cdf"))
    for weighted in (False, True):
        order = ordered.sorted(weighted=weighted)
        assert order.within(size).value == pytest.approx(float(np.mean(np.abs(values) <= size)))
        if abs(level * len(values) - round(level * len(values))) > 1e-9:
            assert order.quantile(level).value == right


@given(arrays(float, st.integers(1, 60), elements=st.floats(-1e6, 1e6)), st.floats(0.01, 0.99), st.floats(0, 1e6))
def test_order_in_cells_is_within_its_error(values: Array, level: float, size: float) -> None:
    exact, rough = (OrderedValues(counting=counting, weighted=False) for counting in (False, True))
    exact.add(values)
    rough.add(values)
    one, other = exact.sorted(weighted=False), rough.sorted(weighted=False)
    for true, about in ((one.quantile(level), other.quantile(level)), (one.within(size), other.within(size))):
        assert true.value is not None and about.value is not None
        assert abs(true.value - about.value) <= about.error + 1e-9 * max(abs(true.value), 1e-9)


def test_nothing_weighs_anything() -> None:
    rows = replace(examples(REFERENCE["sets"]["few"]["data"], None), weight=np.zeros(7))
    told = asked(rows, None, 100)
    assert told.weighted is not None and told.weighted.values is None


def test_bands_hold_every_row_once() -> None:
    rows = examples(REFERENCE["sets"]["right"]["data"], None)
    bands = found(rows, None).bands
    assert bands is not None
    assert int(bands.count.sum()) == len(rows) == bands.sampled == bands.rows
    assert np.all(bands.lower[1:] > bands.upper[:-1])
    assert np.all(np.diff(bands.quantiles, axis=1) >= 0)
    whole = float((bands.count * bands.error).sum()) / len(rows)
    assert whole == pytest.approx(REFERENCE["sets"]["right"]["figures"]["bias"])
