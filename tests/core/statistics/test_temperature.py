"""Temperature and Platt scaling: against mpmath's roots, scikit-learn, and where there is no answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from lossterm.core.jets import Array
from lossterm.core.statistics.platt import fit_platt, platt_of
from lossterm.core.statistics.temperature import Weighted, fit_temperature, fit_temperature_classes, temperature_of
from tests.core.statistics.test_calibration import SETS, columns, stored

LOGITS = st.floats(-30.0, 30.0).map(lambda z: round(z, 3))
ROWS = st.lists(st.tuples(LOGITS, st.sampled_from([0.0, 1.0])), min_size=2, max_size=25)
SOFT_ROWS = st.lists(st.tuples(LOGITS, st.sampled_from([0.0, 0.1, 0.5, 0.75, 1.0])), min_size=2, max_size=25)


def split(rows: list[tuple[float, float]]) -> tuple[Array, Array]:
    return np.array([z for z, _ in rows]), np.array([y for _, y in rows])


def sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def sample(count: int, seed: int = 0, slope: float = 0.6, shift: float = 0.3) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    z = rng.normal(0.0, 2.0, count)
    return z, (rng.random(count) < sigmoid(slope * z + shift)).astype(np.float64)


def slope(z: Array, y: Array, beta: Any) -> Any:
    """Σ(σ(βz) − y)z with all digits."""
    return mp.fsum(
        (1 / (1 + mp.exp(-beta * mpf(a))) - mpf(b)) * mpf(a) for a, b in zip(z.tolist(), y.tolist(), strict=True)
    )


def exact_beta(z: Array, y: Array, near: float) -> Any:
    """The root, bisected from a bracket."""
    low, high = mpf(near) * (1 - mpf(10) ** -6), mpf(near) * (1 + mpf(10) ** -6)
    assert slope(z, y, low) < 0 < slope(z, y, high)
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(z, y, middle) < 0 else (low, middle)
    return low


# ---- temperature ----------------------------------------------------------------------------------------------------


@given(SOFT_ROWS)
@settings(max_examples=60)
def test_a_temperature_exists_where_the_definition_has_a_root(rows: list[tuple[float, float]]) -> None:
    z, y = split(rows)
    found = fit_temperature(z, y)
    with mp.workdps(50):
        at_zero = slope(z, y, mpf(0))
        at_infinity = mp.fsum((mpf(a > 0) - mpf(b)) * mpf(a) for a, b in rows)
        has_root = at_zero < 0 < at_infinity
        assert (found.value is not None) == has_root
        assert bool(found.reason) != has_root
        if found.value is None:
            return
        if found.value < 1e-3 or found.value > 1e4:  # nearly separable: ill-conditioned
            assume(False)
        root = exact_beta(z, y, 1.0 / found.value)
        assert abs(found.value * root - 1) < 1e-11


@pytest.mark.parametrize("count", [50, 1000])
@pytest.mark.exhaustive
def test_the_temperature_of_a_sample_to_twelve_digits(count: int) -> None:
    z, y = sample(count)
    found = fit_temperature(z, y).value
    assert found is not None
    with mp.workdps(40):
        assert abs(found * exact_beta(z, y, 1.0 / found) - 1) < 1e-12


@pytest.mark.parametrize("scale", [1e-200, 1e-5, 1.0, 1e5, 1e200])
def test_the_temperature_is_as_large_as_the_logits(scale: float) -> None:
    z, y = sample(20_000)
    usual, scaled = fit_temperature(z, y).value, fit_temperature(z * scale, y).value
    assert usual is not None
    assert scaled == pytest.approx(usual * scale, rel=1e-12)


def test_many_rows_with_outliers() -> None:
    z, y = sample(30_000)
    z[:3], y[:3] = [1e6, -1e7, 1e3], [1.0, 0.0, 1.0]
    found = fit_temperature(z, y).value
    expected = fit_temperature(z[3:], y[3:]).value
    assert found == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    ("logits", "labels", "why"),
    [
        ([], [], "no finite logit"),
        ([math.inf, -math.inf], [1, 0], "no finite logit"),
        ([0.0, 0.0], [1, 0], "every logit is 0"),
        ([1.0, -1.0], [0, 1], "not positive"),
        ([1.0, 1.0], [0, 1], "not positive"),
        ([1.0, -2.0, 0.0], [1, 0, 0], "right side"),
        ([math.inf, 1.0, -1.0], [0, 1, 0], "exactly 0 or 1 is wrong"),
        ([-math.inf, 1.0, -1.0], [0.5, 1, 0], "exactly 0 or 1 is wrong"),
    ],
)
def test_no_temperature(logits: list[float], labels: list[float], why: str) -> None:
    found = fit_temperature(logits, labels)
    assert found.value is None
    assert why in found.reason


def test_certain_and_right_predictions_are_left_out() -> None:
    z, y = sample(500)
    more = fit_temperature(np.append(z, [math.inf, -math.inf]), np.append(y, [1.0, 0.0]))
    assert more == fit_temperature(z, y)


def test_weights_are_repetitions() -> None:
    z, y = sample(400)
    s = z * (2 * y - 1)
    weights = np.random.default_rng(1).integers(0, 4, 400)
    found = temperature_of(Weighted(s, weights.astype(np.float64))).value
    assert found == pytest.approx(temperature_of(Weighted(np.repeat(s, weights), None)).value, rel=1e-12)


@pytest.mark.parametrize("fit", [fit_temperature, fit_platt])
@pytest.mark.parametrize(
    ("logits", "labels", "what"),
    [
        ([1.0, 2.0], [1], "2 logits and 1 labels"),
        ([1.0], [1.5], "not in"),
        ([math.nan], [1], "not a number"),
        ([1.0], [math.nan], "not in"),
    ],
)
def test_bad_rows_are_refused(fit: Any, logits: Any, labels: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        fit(logits, labels)


# ---- Platt ----------------------------------------------------------------------------------------------------------


def gradient(z: Array, y: Array, a: float, b: float) -> tuple[Any, Any, Any, Any, Any]:
    """The gradient of the log loss in (a, b) and its Hessian, with all digits."""
    p = [1 / (1 + mp.exp(-mpf(a) * mpf(x) - mpf(b))) for x in z.tolist()]
    rows = list(zip(p, map(mpf, z.tolist()), map(mpf, y.tolist()), strict=True))
    first = [mp.fsum((q - t) * x**k for q, x, t in rows) for k in (1, 0)]
    return (*first, *(mp.fsum(q * (1 - q) * x**k for q, x, _ in rows) for k in (2, 1, 0)))


def newton_left(z: Array, y: Array, a: float, b: float) -> float:
    """How far the exact Newton step still goes, relative to the size of a and b."""
    with mp.workdps(50):
        da, db, aa, ab, bb = gradient(z, y, a, b)
        size = aa * bb - ab * ab
        return float(max(abs(bb * da - ab * db), abs(aa * db - ab * da)) / size / max(abs(a), abs(b), 1e-3))


@given(ROWS)
@settings(max_examples=60)
def test_a_line_exists_where_no_threshold_separates(rows: list[tuple[float, float]]) -> None:
    z, y = split(rows)
    ones, zeros = z[y == 1], z[y == 0]
    separable = not (ones.size and zeros.size) or ones.min() >= zeros.max() or zeros.min() >= ones.max()
    found = fit_platt(z, y)
    assert (found.a is None) == (found.b is None) == bool(found.reason) == separable
    if found.a is not None and found.b is not None and abs(found.a) < 1e3:
        assert newton_left(z, y, found.a, found.b) < 1e-10


@pytest.mark.parametrize("name", [name for name in SETS if name not in ("on-edges", "certain-and-right", "ties")])
def test_platt_against_scikit_learn(name: str) -> None:
    p, y = columns(name)
    expected = stored()[name]["platt"]
    found = fit_platt(np.log(p) - np.log1p(-p), y)
    if found.a is None or found.b is None:
        assert name == "normal-2"
        return
    assert found.a == pytest.approx(expected["a"], rel=1e-9, abs=1e-9)
    assert found.b == pytest.approx(expected["b"], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("scale", "move"), [(1.0, 0.0), (1e-6, 0.0), (1e150, 0.0), (1.0, 1000.0), (0.01, -5.0)])
def test_the_line_of_moved_and_scaled_logits(scale: float, move: float) -> None:
    z, y = sample(20_000)
    usual, found = fit_platt(z, y), fit_platt(z * scale + move, y)
    assert usual.a is not None and usual.b is not None and found.a is not None and found.b is not None
    assert found.a * scale == pytest.approx(usual.a, rel=1e-9)
    assert found.b + found.a * move == pytest.approx(usual.b, rel=1e-8)


def test_a_line_may_fall() -> None:
    z, y = sample(500)
    rising, falling = fit_platt(z, y), fit_platt(-z, y)
    assert rising.a is not None and falling.a is not None
    assert falling.a == pytest.approx(-rising.a, rel=1e-11)


@pytest.mark.parametrize(
    ("logits", "labels", "why"),
    [
        ([], [], "one class"),
        ([1.0, 2.0], [1, 1], "one class"),
        ([1.0, -1.0], [1, 0], "separates"),
        ([1.0, 1.0], [1, 0], "separates"),
        ([1.0, 0.0, 0.0, -1.0], [1, 1, 0, 0], "separates"),
        ([1.0, -1.0, 2.0], [0, 1, 0], "separates"),
        ([math.inf, 1.0, 0.0, 2.0], [0, 1, 0, 0], "exactly 0 or 1 is wrong"),
        ([math.inf, -1.0, 0.0, -2.0, 1.0], [1, 1, 1, 0, 0], "fall"),
    ],
)
def test_no_line(logits: list[float], labels: list[float], why: str) -> None:
    found = fit_platt(logits, labels)
    assert found.a is found.b is None
    assert why in found.reason


def test_certain_and_right_predictions_do_not_move_the_line() -> None:
    z, y = sample(500)
    assert fit_platt(np.append(z, [math.inf, -math.inf]), np.append(y, [1.0, 0.0])) == fit_platt(z, y)


def test_soft_labels_have_no_line() -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        fit_platt([1.0, 2.0, 3.0], [0.5, 1.0, 0.0])


def test_counts_are_repetitions_for_the_line() -> None:
    z, y = sample(300)
    weights = np.random.default_rng(2).integers(1, 4, 300)
    ones = y == 1
    counted = platt_of(*(Weighted(z[kept], weights[kept].astype(np.float64)) for kept in (ones, ~ones)))
    repeated = fit_platt(np.repeat(z, weights), np.repeat(y, weights))
    assert counted.a == pytest.approx(repeated.a, rel=1e-11)
    assert counted.b == pytest.approx(repeated.b, rel=1e-11)


# ---- K classes ------------------------------------------------------------------------------------------------------


def test_two_classes_are_one_logit() -> None:
    z, y = sample(20_000)
    expected = fit_temperature(z, y).value
    for both in (
        np.stack([0 * z, z], 1),
        np.stack([-z / 2, z / 2], 1),
        np.stack([0 * z, z, np.full_like(z, -np.inf)], 1),
    ):
        assert fit_temperature_classes(both, y).value == pytest.approx(expected, rel=1e-12)


def test_the_temperature_of_classes_is_a_root() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(0.0, 3.0, (60, 4))
    t = np.where(rng.random(60) < 0.6, z.argmax(axis=1), rng.integers(0, 4, 60))
    found = fit_temperature_classes(z, t).value
    assert found is not None
    with mp.workdps(40):

        def derivative(beta: Any) -> Any:
            total = mpf(0)
            for row, label in zip(z.tolist(), t.tolist(), strict=True):
                terms = [mp.exp(beta * mpf(x)) for x in row]
                total += mp.fsum(e * mpf(x) for e, x in zip(terms, row, strict=True)) / mp.fsum(terms) - mpf(row[label])
            return total

        root = mp.findroot(
            derivative, (mpf(1) / found * mpf("0.999"), mpf(1) / found * mpf("1.001")), solver="anderson"
        )
        assert abs(found * root - 1) < 1e-12


@pytest.mark.parametrize(
    ("logits", "labels", "why"),
    [
        ([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]], [0, 1], "right side"),
        ([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]], [2, 0], "not positive"),
        ([[1.0, 1.0], [2.0, 2.0]], [0, 1], "every logit is 0"),
        ([[1.0, -math.inf], [2.0, 1.0]], [1, 0], "wrong"),
        ([[1.0, math.inf], [2.0, 1.0]], [0, 0], "wrong"),
        ([[1.0, math.inf]], [1], "no finite logit"),
    ],
)
def test_no_temperature_of_classes(logits: Any, labels: Any, why: str) -> None:
    found = fit_temperature_classes(logits, labels)
    assert found.value is None
    assert why in found.reason


def test_bad_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="not a class"):
        fit_temperature_classes([[1.0, 2.0]], [2])
    with pytest.raises(ValueError, match="not a number"):
        fit_temperature_classes([[1.0, math.nan]], [0])
