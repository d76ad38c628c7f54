"""Figures with weights, and the floor of the ECE: by the formulas of scikit-learn done by hand, and by laws."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import new_summary
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings, WeightedFindings
from lossterm.core.statistics.question import Question, class_criterion


def found(p: Any, y: Any, w: Any = None, *, batches: int = 1, **asked: Any) -> Findings:
    criteria: tuple[Any, ...] = (Criterion(LOSSES["squared-error"], ()),)
    if asked.get("classes"):
        criteria = (class_criterion("cross-entropy"),)
    said: dict[str, Any] = {"kind": "probability", "criteria": criteria, "weighted": w is not None} | asked
    total: Any = new_summary(Question(**said))
    p, y = np.array(p, dtype=float), np.array(y, dtype=float)
    w = None if w is None else np.array(w, dtype=float)
    for rows in np.array_split(np.arange(len(y)), batches):
        part = total.part()
        part.add(Examples(rows + 1, y[rows], p[rows], None if w is None else w[rows]))
        total.merge(part)
    with ThreadPoolExecutor(2) as executor:
        return conclude(total, executor)


def weighted(*args: Any, **asked: Any) -> WeightedFindings:
    findings = found(*args, **asked)
    assert findings.weighted is not None
    return findings.weighted


def sample(n: int = 400, seed: int = 3) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 2, n)
    p = np.round(1 / (1 + np.exp(-z)), 2)
    y = (rng.random(n) < 1 / (1 + np.exp(-z / 2))).astype(float)
    p = np.clip(p, 0.01, 0.99)
    return p, y, rng.choice([0.0, 0.25, 1.0, 3.5], n)


def bins_of(p: Any, y: Any, w: Any, count: int = 15) -> list[tuple[float, float, float, float]]:
    """Σw, Σwp/Σw, Σwy/Σw and Σw²p(1 − p) of the bins (lower, upper] that have weight."""
    at = np.clip(np.ceil(p * count).astype(int) - 1, 0, count - 1)
    edges = np.linspace(0, 1, count + 1)
    at = np.clip(np.searchsorted(edges, p, side="left") - 1, 0, count - 1)
    rows = [at == b for b in range(count) if w[at == b].sum() > 0]
    return [
        (w[r].sum(), (w * p)[r].sum() / w[r].sum(), (w * y)[r].sum() / w[r].sum(), (w * w * p * (1 - p))[r].sum())
        for r in rows
    ]


def test_each_figure_is_that_of_its_formula() -> None:
    p, y, w = sample()
    got, total = weighted(p, y, w), w.sum()
    assert got.calibration is not None and got.decided is not None
    assert got.weight_sum == total
    assert got.label_mean == pytest.approx((w * y).sum() / total, rel=1e-14)
    assert got.calibration.brier == pytest.approx((w * (p - y) ** 2).sum() / total, rel=1e-13)
    losses = -np.where(y == 1, np.log(p), np.log1p(-p))
    assert got.calibration.log_loss == pytest.approx((w * losses).sum() / total, rel=1e-13)
    d = p > 0.5
    assert got.accuracy == pytest.approx(w[d == (y == 1)].sum() / total, rel=1e-14)
    assert got.decided.precision == pytest.approx(w[d & (y == 1)].sum() / w[d].sum(), rel=1e-14)
    assert got.decided.recall == pytest.approx(w[d & (y == 1)].sum() / w[y == 1].sum(), rel=1e-14)
    bins = bins_of(p, y, w)
    assert got.calibration.width.ece == pytest.approx(sum(n * abs(a - b) for n, a, b, _ in bins) / total, rel=1e-12)
    assert got.calibration.width.mce == pytest.approx(max(abs(a - b) for _, a, b, _ in bins), rel=1e-12)
    pairs = [
        (w[i] * w[j], (p[i] > p[j]) + (p[i] == p[j]) / 2)
        for i in np.flatnonzero(y == 1)
        for j in np.flatnonzero(y == 0)
    ]
    assert got.auroc.value == pytest.approx(sum(a * b for a, b in pairs) / sum(a for a, _ in pairs), rel=1e-12)


def test_the_temperature_and_the_line_are_where_the_weighted_gradient_is_0() -> None:
    p, y, w = sample()
    got = weighted(p, y, w)
    z = np.log(p) - np.log1p(-p)
    assert got.temperature.value is not None and got.platt is not None
    assert got.platt.a is not None and got.platt.b is not None
    with mpmath.workdps(30):
        beta = 1 / mpmath.mpf(got.temperature.value)
        slope = mpmath.fsum(
            mpmath.mpf(c) * (1 / (1 + mpmath.exp(-beta * mpmath.mpf(a))) - b) * a
            for a, b, c in zip(z, y, w, strict=True)
        )
        size = mpmath.fsum(mpmath.mpf(c) * abs(a) for a, c in zip(z, w, strict=True))
        assert abs(slope / size) < 1e-11
    errors = w * (1 / (1 + np.exp(-got.platt.a * z - got.platt.b)) - y)
    assert abs(errors.sum()) + abs((errors * z).sum()) < 1e-7


@given(st.data())
@pytest.mark.exhaustive
def test_a_whole_weight_is_as_many_rows(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 30))
    p = [data.draw(st.integers(1, 99)) / 100 for _ in range(n)]
    y = [float(data.draw(st.booleans())) for _ in range(n)]
    w = [data.draw(st.integers(0, 3)) for _ in range(n)]
    if not sum(w):
        return
    many = found(np.repeat(p, w), np.repeat(y, w))
    got = weighted(p, y, w, batches=data.draw(st.integers(1, 3)))
    assert got.calibration is not None and many.calibration is not None
    for name in ("log_loss", "brier", "ece", "mce", "rmsce"):
        mine, right = got.calibration.figures[name].value, many.calibration.figures[name].value
        assert mine == pytest.approx(right, rel=1e-11, abs=1e-15)
    assert got.accuracy == pytest.approx(many.accuracy, rel=1e-12)
    assert (got.auroc.value is None) == (many.auroc.value is None)
    if many.auroc.value is not None:
        assert got.auroc.value == pytest.approx(many.auroc.value, rel=1e-12)
    assert (got.temperature.value is None) == (many.temperature.value is None)
    if many.temperature.value is not None and got.temperature.value is not None:
        assert got.temperature.value == pytest.approx(many.temperature.value, rel=1e-8)
    for threshold in (0.2, 0.5, 0.77):
        there, then = many.confusion(threshold), got.confusion(threshold, 0.5)
        assert there is not None and then is not None
        assert then.accuracy == pytest.approx(there[0].accuracy, rel=1e-12)


def test_equal_weights_change_nothing_whatever_the_batches() -> None:
    p, y, _ = sample(3000)
    one, several = weighted(p, y, np.full(3000, 0.3)), weighted(p, y, np.full(3000, 0.3), batches=7)
    plain = found(p, y)
    assert one.calibration is not None and several.calibration is not None and plain.calibration is not None
    for name in ("brier", "ece", "rmsce"):
        a, b, c = (f.calibration.figures[name].value for f in (one, several, plain))  # type: ignore[union-attr]
        assert a == pytest.approx(c, rel=1e-13)
        assert a == pytest.approx(b, rel=4e-16)
    floor, other = one.calibration.width.floor, plain.calibration.width.floor
    assert floor is not None and other is not None
    assert floor.mean == pytest.approx(other.mean, rel=1e-12)  # one weight for all leaves as many rows
    assert floor.deviation == pytest.approx(other.deviation, rel=1e-12)


def test_a_row_of_no_weight_takes_nothing_with_it() -> None:
    got = weighted([0.0, 0.9, 0.4, 0.2, 0.7], [1, 1, 1, 0, 0], [0, 1, 2, 1, 1])
    assert got.calibration is not None
    assert math.isfinite(got.calibration.log_loss)
    assert got.temperature.value is not None


def test_no_weight_at_all_has_no_figures() -> None:
    got = weighted([0.9, 0.2], [1, 0], [0, 0])
    assert (got.accuracy, got.auroc.value, got.temperature.value) == (None, None, None)


def test_beyond_the_rows_that_are_kept_sums_stay_and_orders_say_why() -> None:
    p, y, w = sample(3000)
    got, whole = weighted(p, y, w, keep=100, batches=5), weighted(p, y, w)
    assert got.calibration is not None and whole.calibration is not None
    assert got.calibration.width.ece == pytest.approx(whole.calibration.width.ece, rel=1e-12)
    assert got.auroc.value is None
    assert "weights of more than 100 rows" in got.auroc.reason


def test_classes() -> None:
    rng = np.random.default_rng(8)
    z = rng.normal(0, 1.5, (60, 3))
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    y = np.array([rng.choice(3, p=row) for row in p], dtype=float)
    w = rng.integers(0, 4, 60)
    got, many = weighted(p, y, w, classes=3), found(np.repeat(p, w, axis=0), np.repeat(y, w), classes=3)
    assert got.calibration is not None and many.calibration is not None
    for name in ("log_loss", "brier", "ece"):
        assert got.calibration.figures[name].value == pytest.approx(many.calibration.figures[name].value, rel=1e-11)
    assert got.accuracy == pytest.approx(many.accuracy, rel=1e-12)
    assert got.temperature.value == pytest.approx(many.temperature.value, rel=1e-8)


# ---- the floor of the ECE -------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_the_floor_is_what_calibrated_models_show() -> None:
    rng = np.random.default_rng(6)
    p = rng.beta(0.4, 0.4, 900)
    shown = []
    for _ in range(400):
        calibrated = found(p, (rng.random(900) < p).astype(float))
        assert calibrated.calibration is not None
        shown.append(calibrated.calibration.width.ece)
        floor = calibrated.calibration.width.floor
    assert floor is not None
    assert floor.mean == pytest.approx(np.mean(shown), rel=0.05)
    assert floor.deviation == pytest.approx(np.std(shown), rel=0.15)
    assert np.mean(np.array(shown) > floor.most) == pytest.approx(0.05, abs=0.035)


def test_its_parts_are_those_of_the_formula() -> None:
    p, y, w = sample()
    findings = found(p, y, w)
    assert findings.calibration is not None and findings.weighted is not None
    assert findings.weighted.calibration is not None
    for reliability, weights in (
        (findings.calibration.width, np.ones(len(p))),
        (findings.weighted.calibration.width, w),
    ):
        spreads = [s for *_, s in bins_of(p, y, weights)]
        mean = sum(math.sqrt(2 * s / math.pi) for s in spreads) / weights.sum()
        deviation = math.sqrt(sum(s * (1 - 2 / math.pi) for s in spreads)) / weights.sum()
        floor = reliability.floor
        assert floor is not None
        assert (floor.mean, floor.deviation) == pytest.approx((mean, deviation), rel=1e-12)
        assert floor.most == pytest.approx(mean + 1.645 * deviation, rel=1e-12)
        right = float(mpmath.ncdf(-(reliability.ece - mean) / deviation))
        assert floor.p == pytest.approx(right, rel=1e-9)


def test_where_nothing_varies_there_is_no_p() -> None:
    findings = found([0.0, 1.0, 1.0], [0, 1, 0])
    assert findings.calibration is not None
    floor = findings.calibration.width.floor
    assert floor is not None
    assert (floor.mean, floor.deviation, floor.p) == (0.0, 0.0, None)
