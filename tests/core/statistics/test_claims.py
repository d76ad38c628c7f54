"""What articles claim of predictions: of calibration, of ranking, of the Brier score, with this program's numbers.

The names tell the claim; the assertions tell what is true of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lossterm.core.jets import Array
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import new_summary
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Calibration, Findings
from lossterm.core.statistics.question import ClassCriterion, Question, class_criterion, log_loss

Group = tuple[float, int, int]
"""A prediction, how many examples have it, and how many of these are of class 1."""


def ask(question: Question, p: Array, y: Array) -> Findings:
    total = new_summary(question)
    total.add(Examples(np.arange(len(y)) + 1, y, p))
    with ThreadPoolExecutor(1) as executor:
        return conclude(total, executor)


def rows(groups: Sequence[Group]) -> tuple[Array, Array]:
    p = np.concatenate([np.full(count, prediction) for prediction, count, _ in groups])
    return p, np.concatenate([np.arange(count) < ones for _, count, ones in groups]).astype(float)


def found_of(groups: Sequence[Group], temperature: float = 1.0) -> Findings:
    return ask(Question("probability", (log_loss(),), temperature=temperature), *rows(groups))


def there(found: Calibration | None) -> Calibration:
    assert found is not None
    return found


def errors(found: Findings) -> tuple[float, float]:
    """Log loss and ECE as predicted."""
    now = there(found.calibration)
    return now.log_loss, now.width.ece


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


# ---- C24: calibration -----------------------------------------------------------------------------------------------

SURE: list[Group] = [(0.999, 1000, 970), (0.001, 1000, 30)]
"""Right in 97 of 100, sure of 99.9."""
BLUNT: list[Group] = [(0.6, 1000, 600), (0.4, 1000, 400)]
"""Knows little, and says so."""


def test_c24_low_cross_entropy_does_not_guarantee_calibration() -> None:
    sure, blunt = errors(found_of(SURE)), errors(found_of(BLUNT))
    assert sure[0] == pytest.approx(-0.97 * math.log(0.999) - 0.03 * math.log(0.001), rel=1e-12)
    assert sure[0] == pytest.approx(0.2082, abs=1e-4)
    assert blunt[0] == pytest.approx(0.6730, abs=1e-4)
    assert sure[0] < blunt[0] / 3  # the lower cross-entropy
    assert sure[1] == pytest.approx(0.029, rel=1e-12)
    assert blunt[1] == pytest.approx(0.0, abs=1e-15)  # and yet the one that is not calibrated


def test_c24_temperature_repairs_over_confidence() -> None:
    found = found_of(SURE)
    tempered = there(found.tempered)
    assert found.temperature.value == pytest.approx(math.log(999) / math.log(97 / 3), rel=1e-10)  # 1.987
    assert tempered.width.ece == pytest.approx(0.0, abs=1e-10)
    assert tempered.log_loss == pytest.approx(-0.97 * math.log(0.97) - 0.03 * math.log(0.03), rel=1e-10)
    assert tempered.log_loss == pytest.approx(0.1347, abs=1e-4)


def test_c24_temperature_minimises_the_log_loss_and_not_the_calibration_error() -> None:
    # most are calibrated, a few are far too sure: the few pull T up, and the many are no longer calibrated
    mixed: list[Group] = [(0.7, 900, 630), (0.3, 900, 270), (0.999, 100, 85), (0.001, 100, 15)]
    found = found_of(mixed)
    tempered, best = there(found.tempered), found.temperature.value
    assert best is not None
    assert best == pytest.approx(2.12964525, abs=1e-8)
    loss, error = errors(found)
    assert loss == pytest.approx(0.65347924, abs=1e-8)
    assert error == pytest.approx(0.0149, abs=1e-12)
    assert tempered.log_loss == pytest.approx(0.62238649, abs=1e-8)
    assert tempered.width.ece == pytest.approx(0.10288684, abs=1e-8)  # seven times as bad as before
    for temperature in (0.98 * best, 1.02 * best):
        assert errors(found_of(mixed, temperature))[0] > tempered.log_loss
    by_error = min((1.0, 1.2, 1.5, 2.0, best, 3.0), key=lambda t: errors(found_of(mixed, t))[1])
    assert by_error == 1.0


def test_c24_temperature_cannot_repair_a_bias_and_platt_scaling_can() -> None:
    # every logit is 1 too high
    biased: list[Group] = [(sigmoid(z), 1000, round(1000 * sigmoid(z - 1))) for z in np.arange(-3.5, 4.0, 0.5)]
    found = found_of(biased)
    before, tempered, scaled = there(found.calibration), there(found.tempered), there(found.scaled)
    assert before.width.ece == pytest.approx(0.126333, abs=1e-6)
    assert found.temperature.value == pytest.approx(1.17688356, abs=1e-8)
    assert tempered.width.ece == pytest.approx(before.width.ece, rel=1e-9)  # all are too high still, by as much in all
    assert found.platt is not None
    assert found.platt.a == pytest.approx(1.0, abs=2e-3)
    assert found.platt.b == pytest.approx(-1.0, abs=2e-3)
    assert scaled.width.ece < 1e-3
    assert tempered.log_loss == pytest.approx(0.45036201, abs=1e-8)
    assert scaled.log_loss < tempered.log_loss - 0.03
    # the mean prediction is the base rate after it, and is not after the temperature
    rate = found.label_mean
    for calibration, right in ((tempered, False), (scaled, True)):
        mean = float(np.average(calibration.width.confidence, weights=calibration.width.count))
        assert (abs(mean - rate) < 1e-9) is right


# ---- C25: ranking ---------------------------------------------------------------------------------------------------


def test_c25_the_same_ranking_has_any_cross_entropy() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, 2000)
    y = (rng.random(2000) < 1 / (1 + np.exp(-z))).astype(float)
    losses, areas = [], []
    for logit in (z, 5 * z, z / 5, z - 3):  # each keeps the order
        found = ask(Question("logit", (log_loss(),)), logit, y)
        losses.append(found.losses[0].mean)
        areas.append(found.auroc.value)
    assert len(set(areas)) == 1
    assert areas[0] == pytest.approx(0.87, abs=0.02)
    assert losses[0] == min(losses)
    np.testing.assert_allclose(losses, [0.44350648, 0.94256413, 0.58784347, 1.06871299], atol=1e-8)


def test_c25_cross_entropy_can_prefer_the_worse_ranking() -> None:
    ranked = found_of([(0.501, 1000, 1000), (0.499, 1000, 0)])  # every 1 above every 0, by little
    better = found_of([(0.9, 1000, 950), (0.1, 1000, 50)])
    assert ranked.auroc.value == 1.0
    assert better.auroc.value == pytest.approx(0.95**2 + 0.95 * 0.05, rel=1e-12)
    assert errors(ranked)[0] == pytest.approx(-math.log(0.501), rel=1e-12)
    assert errors(better)[0] == pytest.approx(0.2152, abs=1e-4)
    assert errors(better)[0] < errors(ranked)[0]


# ---- C36: the Brier score of one column and of two ------------------------------------------------------------------


def test_c36_two_columns_give_twice_the_brier_score_of_one() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(500)
    y = (rng.random(500) < p).astype(float)
    both = np.column_stack([1 - p, p])
    mean = SOFTMAX_LOSSES["squared-error"].complete({"reduction": "mean"})
    over_columns = ClassCriterion(SOFTMAX_LOSSES["squared-error"], tuple(mean.items()))
    one = ask(Question("probability", (log_loss(),)), p, y)
    two = ask(Question("probability", (class_criterion("squared-error"), over_columns), classes=2), both, y)
    brier = there(one.calibration).brier
    assert brier == pytest.approx(float(np.mean((p - y) ** 2)), rel=1e-13)
    assert there(two.calibration).brier == pytest.approx(2 * brier, rel=1e-13)
    assert [finding.mean for finding in two.losses] == pytest.approx([2 * brier, brier], rel=1e-13)
    # the cross-entropy has no such factor
    assert there(two.calibration).log_loss == pytest.approx(there(one.calibration).log_loss, rel=1e-12)
    assert two.accuracy == one.accuracy
