"""Exact sums and moments: against rationals, and the same whatever the order and the split."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.exact import (
    FINEST,
    PIECE,
    ROW,
    ExactSum,
    ManySums,
    pieces,
    sum_of_products,
    sums_of_two,
    to_float,
)  # fmt: skip
from lossterm.core.jets import Array
from lossterm.core.packing import Packer, opened
from lossterm.core.statistics.moments import Moments, WeightedMoments

FINITE = st.floats(allow_nan=False, allow_infinity=False)
MODERATE = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-30)
LOSSES = st.one_of(st.just(0.0), st.floats(1e-100, 50.0))
CUTS = st.lists(st.integers(0, 60), max_size=4)
Pairs: TypeAlias = list[tuple[float, float]]


def in_parts(values: Sequence[float], cuts: Sequence[int]) -> list[list[float]]:
    """The values cut into consecutive parts, some perhaps empty."""
    bounds = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    return [list(values[a:b]) for a, b in itertools.pairwise(bounds)]


def merged(parts: Sequence[Sequence[float]]) -> ExactSum:
    total = ExactSum()
    for part in parts:
        total.merge(ExactSum(part))
    return total


def ulps(got: float | None, exact: Fraction | float) -> float:
    """The distance in units of the last place of the exact number."""
    assert got is not None
    return abs(float((Fraction(got) - Fraction(exact)) / Fraction(float(np.spacing(abs(float(exact)) or 5e-324)))))


def large() -> Array:
    rng = np.random.default_rng(3)
    return rng.lognormal(-3.0, 3.0, 3 * PIECE + 2 * ROW + 77)


# ---- sums -----------------------------------------------------------------------------------------------------------


@given(st.lists(FINITE, max_size=60), CUTS, st.randoms())
def test_a_sum_is_exact_in_any_order_and_split(values: list[float], cuts: list[int], random: object) -> None:
    exact = sum(map(Fraction, values), Fraction(0))
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(in_parts(values, cuts)).fraction == merged(in_parts(shuffled, cuts)).fraction == exact
    assert ExactSum(values).value == to_float(exact.numerator, exact.denominator)


def test_many_numbers_are_summed_exactly() -> None:
    values = large()
    assert ExactSum(values).value == math.fsum(values.tolist())
    assert ExactSum(values).integer == merged([part.tolist() for part in np.array_split(values[::-1], 7)]).integer


@pytest.mark.parametrize(
    "values",
    [
        [5e-324] * 7,
        [1.7976931348623157e308, 1.7976931348623157e308, -1.7976931348623157e308],
        [1.7e308, 5e-324, -1.7e308],
        [2.0**960, 1.0, -(2.0**960)],
        [2.0**959, 2.0**-1074],
        [1e308] * 100 + [-1e308] * 99,
        [0.0, -0.0],
        [],
        [1.0, 2.0**-53, 2.0**-106],
        [3.0],
    ],
)
def test_extremes_are_summed_exactly(values: list[float]) -> None:
    exact = sum(map(Fraction, values), Fraction(0))
    assert ExactSum(values).fraction == exact
    assert ExactSum(values).value == float(exact)


def test_huge_and_usual_numbers_in_one_long_piece() -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal(ROW + 5) * 10.0 ** rng.integers(-320, 307, ROW + 5)
    assert ExactSum(values).fraction == sum(map(Fraction, values.tolist()))


def test_a_sum_beyond_the_largest_double_is_infinite() -> None:
    assert ExactSum([1.7e308, 1.7e308]).value == math.inf
    assert ExactSum([-1.7e308, -1.7e308]).value == -math.inf
    assert ExactSum([1.7e308, 1.7e308]).divided_by(2) == 1.7e308


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, math.inf], math.inf),
        ([-math.inf, 1.7e308], -math.inf),
        ([math.inf, -math.inf], math.nan),
        ([math.nan, 1.0], math.nan),
        ([math.inf, math.nan], math.nan),
    ],
)
def test_infinities_and_nan_are_kept_apart(values: list[float], expected: float) -> None:
    for total in (ExactSum(values), merged([[value] for value in values])):
        assert total.value == expected or (math.isnan(total.value) and math.isnan(expected))
        assert total.fraction == sum(Fraction(value) for value in values if math.isfinite(value))
        assert not total.is_finite


def test_shapes_and_kinds_of_numbers() -> None:
    assert ExactSum(np.arange(6).reshape(2, 3)).value == 15
    assert ExactSum(np.arange(10.0)[::3]).value == 18
    assert ExactSum(np.ones(5, dtype=np.float32)).value == 5
    assert ExactSum(np.array([True, True, False])).value == 2


def test_the_input_is_left_alone() -> None:
    values = large()
    kept = values.copy()
    ExactSum(values)
    Moments(values)
    assert np.array_equal(values, kept)


@pytest.mark.parametrize("count", [0, 1, ROW - 1, ROW, ROW + 1, PIECE, 2 * PIECE + ROW + 3])
def test_pieces_cover_everything_once(count: int) -> None:
    cut = [range(count)[piece] for piece in pieces(count)]
    assert [i for part in cut for i in part] == list(range(count))
    assert all(0 < len(part) <= PIECE and (len(part) % ROW == 0 or len(part) < ROW) for part in cut)


# ---- moments --------------------------------------------------------------------------------------------------------


def exact_moments(values: Sequence[float]) -> tuple[Fraction, Fraction]:
    """Mean and sample variance in rationals."""
    numbers = list(map(Fraction, values))
    mean = sum(numbers, Fraction(0)) / len(numbers)
    return mean, sum(((x - mean) ** 2 for x in numbers), Fraction(0)) / (len(numbers) - 1)


@given(st.lists(MODERATE, min_size=2, max_size=60), CUTS)
def test_moments_are_right_to_the_last_digits_in_any_split(values: list[float], cuts: list[int]) -> None:
    mean, variance = exact_moments(values)
    total = Moments()
    for part in in_parts(values, cuts):
        total.merge(Moments(part))
    assert total.count == len(values)
    assert total.mean == float(mean)
    assert ulps(total.variance, variance) <= 2
    error = total.standard_error
    assert error is not None and math.isclose(error, math.sqrt(float(variance / len(values))), rel_tol=5e-16)


@pytest.mark.parametrize(
    "values",
    [
        1e6 + np.random.default_rng(0).random(9000),
        -1e12 - np.random.default_rng(1).random(9000),
        np.concatenate([np.zeros(9000), 1e6 + np.random.default_rng(2).random(9000)]),
        np.concatenate([np.full(9000, 0.3), [1e9]]),
        np.random.default_rng(3).lognormal(0.0, 6.0, 2 * ROW),
        np.full(100, 0.1),
        np.random.default_rng(4).random(50) * 1e-200,
        np.random.default_rng(4).standard_normal(50) * 1e150,
    ],
)
def test_a_variance_does_not_cancel(values: Array) -> None:
    mean, variance = exact_moments(values.tolist())
    for split in (1, 3, 10):
        total = Moments()
        for part in np.array_split(values, split):
            total.merge(Moments(part))
        assert total.mean == float(mean)
        assert ulps(total.variance, variance) <= 2


def test_moments_of_little_or_infinite() -> None:
    assert math.isnan(Moments().mean)
    assert Moments().variance is None
    assert Moments([2.0]).mean == 2.0
    assert Moments([2.0]).standard_error is None
    assert Moments([2.0, 2.0]).standard_error == 0.0
    assert Moments([1.0, math.inf]).mean == math.inf
    assert Moments([1.0, math.inf]).standard_error is None
    assert math.isnan(Moments([1.0, math.nan]).mean)


def test_many_losses_have_the_same_moments_however_split() -> None:
    values = large()
    whole, total = Moments(values), Moments()
    for part in np.array_split(values, 11)[::-1]:
        total.merge(Moments(part))
    assert total.mean == whole.mean
    assert total.variance is not None and ulps(total.variance, Fraction(whole.variance or 0.0)) <= 1
    assert whole.variance == pytest.approx(values.var(ddof=1), rel=1e-12)


# ---- weights --------------------------------------------------------------------------------------------------------


def weighted(pairs: Pairs) -> WeightedMoments:
    total = WeightedMoments()
    total.add([value for value, _ in pairs], [weight for _, weight in pairs])
    return total


@given(st.lists(st.tuples(LOSSES, st.floats(0.01, 100.0)), min_size=2, max_size=40), st.integers(0, 40))
def test_weighted_moments_against_rationals(pairs: Pairs, cut: int) -> None:
    values, weights = [Fraction(a) for a, _ in pairs], [Fraction(b) for _, b in pairs]
    mass = sum(weights, Fraction(0))
    together = sum((w * x for w, x in zip(weights, values, strict=True)), Fraction(0))
    mean = together / mass
    squared = sum((w**2 * (x - mean) ** 2 for w, x in zip(weights, values, strict=True)), Fraction(0)) / mass**2
    total = weighted(pairs[:cut])
    total.merge(weighted(pairs[cut:]))
    assert ulps(total.mean, mean) <= 2
    assert ulps(total.mean_per_example, together / len(pairs)) <= 2
    # the mean itself is known to half a place of the products: it bounds the error where all losses are nearly equal
    error = total.standard_error
    assert error is not None and math.isclose(
        error, math.sqrt(float(squared)), rel_tol=2e-15, abs_tol=4e-16 * float(mean)
    )


def test_weighted_moments_at_the_ends() -> None:
    assert WeightedMoments().mean is None
    assert WeightedMoments().mean_per_example is None
    assert WeightedMoments().standard_error is None
    assert weighted([(1.0, 0.0), (2.0, 0.0)]).mean is None
    assert weighted([(1.0, 2.0), (math.inf, 1.0)]).mean == math.inf
    assert weighted([(1.0, 2.0), (math.inf, 1.0)]).standard_error is None
    assert weighted([(1.0, 2.0), (math.inf, 0.0), (3.0, 2.0)]).mean == 2.0
    assert weighted([(1e200, 1e10), (2e200, 1.0)]).standard_error == pytest.approx(1e190 * math.sqrt(2.0), rel=1e-9)
    with pytest.raises(ValueError, match="2 values and 1 weights"):
        WeightedMoments().add([1.0, 2.0], [1.0])


def test_equal_weights_change_nothing() -> None:
    values = large()[:20000]
    total = WeightedMoments()
    total.add(values, np.full(values.size, 4.0))
    plain = Moments(values)
    assert total.mean == plain.mean
    spread = math.sqrt((plain.variance or 0.0) * (values.size - 1)) / values.size
    assert total.standard_error == pytest.approx(spread, rel=1e-14)


# ---- many sums, and products -----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(FINITE, FINITE), max_size=30), st.integers(0, 30), st.randoms())
def test_sums_side_by_side_are_exact_in_any_order(rows: Pairs, cut: int, random: object) -> None:
    rows = [(x / 4.0, y / 4.0) for x, y in rows if max(abs(x), abs(y)) < 2.0**950]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    total, other, again = ManySums((2,)), ManySums((2,)), ManySums((2,))
    for k, row in enumerate(shuffled):
        (total if k < cut else other).add(row)
    total.merge(other)
    exact = [sum((Fraction(row[k]) for row in rows), Fraction(0)) for k in (0, 1)]
    assert total.fractions() == exact
    writer = Packer()
    total.pack(writer)
    again.pack(opened(writer.to_bytes()))
    assert again.fractions() == exact


def test_numbers_are_added_to_the_sums_they_belong_to() -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal(5000) * 10.0 ** rng.integers(-300, 280, 5000)
    values[:9] = [5e-324, 0.0, -0.0, 2.0**-1022, 1.0, -1.0, 2.0**-40, 1e280, -1e280]
    place = rng.integers(0, 3, values.size)
    total = ManySums((3,))
    total.count(place, values)
    assert total.fractions() == [sum(map(Fraction, values[place == k].tolist()), Fraction(0)) for k in range(3)]


def test_what_no_unit_is_for_is_told_apart() -> None:
    total = ManySums((2,))
    total.count(np.array([0, 1, 1]), np.array([1.0, 1e300, 1.0]))
    assert total.fractions() == [1, Fraction(1e300) + 1]
    total.count(np.array([0]), np.array([np.inf]))
    with pytest.raises(OverflowError):
        total.fractions()


@given(st.lists(st.tuples(FINITE, FINITE), max_size=30))
def test_products_are_summed_exactly(rows: Pairs) -> None:
    x, y = (np.array([row[k] for row in rows], dtype=float) for k in (0, 1))
    unit = Fraction(1, 1 << 2 * FINEST)
    assert sum_of_products(x, y) * unit == sum((Fraction(a) * Fraction(b) for a, b in rows), Fraction(0))
    assert sum_of_products(x, x) * unit == sum((Fraction(a) ** 2 for a, _ in rows), Fraction(0))


def test_many_products_are_summed_exactly() -> None:
    x, y = large(), large()[::-1].copy()
    unit = Fraction(1, 1 << 2 * FINEST)
    exact = sum((Fraction(a) * Fraction(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)), Fraction(0))
    assert sum_of_products(x, y) * unit == exact


@given(st.lists(FINITE, min_size=1, max_size=30))
def test_a_sum_and_that_of_the_squares_are_exact(values: list[float]) -> None:
    x = np.array(values)
    total, squares = sums_of_two(x, float(np.abs(x).max()))
    assert Fraction(total, 1 << FINEST) == sum(map(Fraction, values))
    assert Fraction(squares, 1 << 2 * FINEST) == sum(Fraction(v) ** 2 for v in values)


@pytest.mark.parametrize("spread", [0.0, 1.0, 5.0, 40.0, 200.0])
def test_sums_of_many_and_of_their_squares_are_exact_whatever_their_sizes(spread: float) -> None:
    rng = np.random.default_rng(5)
    for count in (ROW - 1, 2 * ROW, 3 * ROW + 17):
        x = rng.normal(0.0, 1.0, count) * np.exp(np.clip(rng.normal(0.0, spread, count), -600, 600))
        x[::7] = 0.0
        # a rational for every number would take a minute: products of halves are another way, and sums are math's
        total, squares = sums_of_two(x, float(np.abs(x).max()))
        assert squares == sum_of_products(x, x)
        assert to_float(total, 1 << FINEST) == math.fsum(x.tolist())


def test_squares_of_the_last_slices_are_not_lost() -> None:
    for top in (-299, -350, -399, -450, 299, 399):
        x = np.array([math.ldexp(0.75, top), *(math.ldexp(1.125, top - 19 * k) for k in range(1, 9))])
        total, squares = sums_of_two(x, float(x.max()))
        assert Fraction(total, 1 << FINEST) == sum(map(Fraction, x.tolist()))
        assert Fraction(squares, 1 << 2 * FINEST) == sum(Fraction(v) ** 2 for v in x.tolist())


def test_moments_are_the_same_to_the_last_bit_in_any_order_and_split() -> None:
    values = large()
    weights = np.random.default_rng(1).random(values.size)
    order = np.random.default_rng(2).permutation(values.size)
    whole, parts = (Moments(values), WeightedMoments()), (Moments(), WeightedMoments())
    whole[1].add(values, weights)
    for part in np.array_split(order, 13):
        more, more_weighted = Moments(values[part]), WeightedMoments()
        more_weighted.add(values[part], weights[part])
        parts[0].merge(more)
        parts[1].merge(more_weighted)
    for mine, its in ((whole[0], parts[0]), (whole[1], parts[1])):
        assert (mine.mean, mine.standard_error) == (its.mean, its.standard_error)
