"""What figures are worth: against scikit-learn, statsmodels, model-diagnostics, against definitions and laws."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.statistics.areas import standard_error
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import BinarySummary
from lossterm.core.statistics.chance import Deviation
from lossterm.core.statistics.corp import is_proper
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.deciding import average_precision, decisions
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Assessment, Findings
from lossterm.core.statistics.intervals import wilson
from lossterm.core.statistics.isotonic import isotonic
from lossterm.core.statistics.murphy import constant_scores, elementary_scores, step_scores
from lossterm.core.statistics.question import Question
from lossterm.core.statistics.ranking import Ranked

PATH = Path(__file__).parents[2] / "reference" / "honest_statistics.json"
NAMES = ("cross-entropy", "squared-error", "focal", "hinge")


@cache
def stored() -> Any:
    return json.loads(PATH.read_text("utf-8"))["sets"]


SETS = ("normal-6", "normal-60", "normal-600", "ties", "rare", "weighted")


def criterion(name: str, **params: float) -> Criterion:
    loss = LOSSES[name]
    return Criterion(loss, tuple({**loss.complete({}), **params}.items()))


def find(p: Any, y: Any, w: Any = None, *, keep: int = 10_000, parts: int = 1) -> Findings:
    """The figures of predictions, counted in so many parts."""
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    question = Question("probability", tuple(map(criterion, NAMES)), weighted=w is not None, keep=keep)
    summary = BinarySummary(question)
    for rows in np.array_split(np.arange(len(p)), parts):
        part = summary.part()
        part.add(Examples(rows + 1, y[rows], p[rows], None if w is None else np.asarray(w, dtype=float)[rows]))
        summary.merge(part)
    with ThreadPoolExecutor(2) as executor:
        return conclude(summary, executor)


@cache
def found_of(name: str) -> tuple[Any, Findings, Assessment]:
    """What is stored of a set, its figures, and what they are worth."""
    expected = stored()[name]
    found = find(expected["prediction"], expected["label"], expected["weight"])
    of = found if found.weighted is None else found.weighted
    assessment = of.assessment
    assert assessment is not None
    return expected, found, assessment


def near(x: Any) -> Any:
    return pytest.approx(x, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_the_worth_of_figures_is_that_of_the_libraries(name: str) -> None:
    expected, _, worth = found_of(name)
    assert worth.average_precision.value == near(expected["average_precision"])
    assert worth.skill.brier_skill == near(expected["brier_skill"])
    assert worth.skill.d2 == near(expected["d2"])
    if expected["auroc_standard_error"] is not None:
        assert worth.auroc_standard_error.value == near(expected["auroc_standard_error"])
    else:
        assert worth.auroc_standard_error.value is None and worth.auroc_standard_error.reason


@pytest.mark.parametrize("name", SETS)
def test_the_terms_of_scores_are_those_of_model_diagnostics(name: str) -> None:
    expected, found, _ = found_of(name)
    for loss, of in zip(found.losses, ("log_loss", "squared"), strict=False):
        terms = loss.terms if expected["weight"] is None else loss.weighted_terms
        mean = loss.mean if expected["weight"] is None else loss.weighted_mean
        assert terms is not None and mean is not None
        assert (terms.mcb, terms.dsc, terms.unc) == tuple(near(expected[of][n]) for n in ("mcb", "dsc", "unc"))
        assert mean == near(terms.mcb - terms.dsc + terms.unc)
    assert [loss.terms for loss in found.losses[2:]] == [None, None]  # neither is proper


@pytest.mark.parametrize("name", SETS)
def test_isotonic_regression_is_scikit_learns(name: str) -> None:
    expected, _, worth = found_of(name)
    assert worth.steps is not None
    assert worth.steps.fitted() == near(np.array(expected["isotonic"]))
    place = np.argsort(expected["prediction"])[len(expected["prediction"]) // 2]
    assert worth.steps.at(expected["prediction"][place]) == near(expected["isotonic"][place])


def test_intervals_of_bins_are_those_of_statsmodels() -> None:
    for name in SETS[:-1]:
        expected, found, _ = found_of(name)
        assert found.calibration is not None
        bins = found.calibration.width
        told = np.stack([bins.count, bins.frequency, *bins.interval], axis=1)
        assert told == near(np.array(expected["wilson"]))
        assert bins.frequency == near(np.array(expected["curve"][0]))
        assert bins.confidence == near(np.array(expected["curve"][1]))


@pytest.mark.parametrize("name", SETS)
def test_decisions_are_those_of_the_roc_curve(name: str) -> None:
    expected, found, _ = found_of(name)
    order = found.ranked if found.weighted is None else found.weighted.ranked
    assert order is not None
    curve = decisions(order)
    at = {t: i for i, t in enumerate(curve.threshold.tolist())}
    # scikit-learn's thresholds count a prediction that is equal, ours do not: that is the next lower one of ours
    thresholds, fpr, tpr = expected["roc"]
    for t, x, y in zip(thresholds[:-1], fpr[:-1], tpr[:-1], strict=True):
        i = at[t] - 1
        assert (curve.fall_out[i], curve.recall[i]) == (near(x), near(y))


# ---- the demo's pinned numbers --------------------------------------------------------------------------------------


def test_the_demo_has_the_numbers_that_are_pinned() -> None:
    demo = Path(__file__).parents[3] / "lossterm" / "predictions" / "demo.csv"
    rows = [line.split(",") for line in demo.read_text().splitlines()]
    columns = [rows[0].index(name) for name in ("probability", "label")]
    p, y = (np.array([float(row[c]) for row in rows[1:]]) for c in columns)
    found = find(p, y)
    worth, (log, square, *_) = found.assessment, found.losses
    assert worth is not None and log.terms is not None and square.terms is not None
    assert (log.terms.mcb, log.terms.dsc, log.terms.unc) == pytest.approx((0.21367, 0.49359, 0.69306), abs=6e-6)
    assert (square.terms.mcb, square.terms.dsc) == pytest.approx((0.011055, 0.191211), abs=6e-7)
    skill = worth.skill
    told = (skill.normalized_entropy, skill.d2, skill.brier_skill, skill.calibration_ratio)
    assert told == pytest.approx((0.5961, 0.4039, 0.7207, 0.9749), abs=6e-5)
    assert worth.spiegelhalter == pytest.approx(28.57, abs=0.006)
    assert worth.auroc_standard_error.value == pytest.approx(0.003939, abs=6e-7)


# ---- laws -----------------------------------------------------------------------------------------------------------


ROWS = st.lists(
    st.tuples(st.integers(0, 12).map(lambda k: k / 12), st.sampled_from([0.0, 1.0]), st.floats(0.1, 4.0)),
    min_size=1, max_size=40,
)  # fmt: skip


@given(ROWS, st.booleans())
def test_the_steps_rise_and_no_rising_steps_fit_better(rows: list[tuple[float, float, float]], weighted: bool) -> None:
    p, y, w = (np.array(column) for column in zip(*rows, strict=True))
    w = w if weighted else np.ones(len(p))
    steps = isotonic(p, y, w if weighted else None)
    fitted = steps.fitted()
    assert np.all(np.diff(steps.value) > 0)
    assert steps.weight.sum() == pytest.approx(w.sum())
    # Karush, Kuhn and Tucker: each step is a mean, and no part of one from its left is below it
    for value, low, high in zip(steps.value, steps.low, steps.high, strict=True):
        inside = (p >= low) & (p <= high)
        assert np.average(y[inside], weights=w[inside]) == pytest.approx(value)
        for cut in np.unique(p[inside]):
            left = inside & (p <= cut)
            assert np.average(y[left], weights=w[left]) >= value - 1e-12
    assert fitted[np.argsort(p)].tolist() == sorted(fitted.tolist())


def test_a_hard_case_of_pooling_is_the_same_by_a_stack() -> None:
    # falls that each need the one before: many more rounds than are pooled by runs
    n = 300
    y = np.tile([0.0, 1.0, 0.0], n)
    y[: n // 2] = np.linspace(0, 1, n // 2)
    y[n // 2 : n] = np.linspace(1, 0.2, n - n // 2)
    p = np.arange(len(y), dtype=float)
    steps = isotonic(p, y)
    cumulative = np.concatenate([[0.0], np.cumsum(y)])
    # the greatest convex minorant of the sums, by its definition
    at = 0
    for first in steps.first.tolist():
        assert first == at
        slopes = (cumulative[at + 1 :] - cumulative[at]) / np.arange(1, len(y) - at + 1)
        at += len(slopes) - int(np.argmin(slopes[::-1] - 0.0))
    assert at == len(y)


@given(ROWS)
@pytest.mark.exhaustive
def test_no_term_of_a_proper_loss_is_below_0(rows: list[tuple[float, float, float]]) -> None:
    p, y, w = (np.array(column) for column in zip(*rows, strict=True))
    found = find(p, y, w)
    for terms in (t for loss in found.losses[:2] for t in (loss.terms, loss.weighted_terms)):
        assert terms is not None
        assert min(terms.mcb, terms.dsc, terms.unc) >= -1e-12


@pytest.mark.parametrize("weighted", [False, True])
def test_the_same_figures_whatever_the_parts(weighted: bool) -> None:
    rng = np.random.default_rng(3)
    p = rng.random(2000)
    y, w = (rng.random(2000) < p).astype(float), rng.gamma(1.0, 2.0, 2000) if weighted else None

    def told(found: Findings) -> list[object]:
        worth = found.weighted.assessment if found.weighted is not None else found.assessment
        assert worth is not None
        terms = [(loss.terms, loss.weighted_terms) for loss in found.losses]
        return [worth.skill, worth.surprise, worth.surplus, worth.average_precision, worth.auroc_standard_error, terms]

    assert told(find(p, y, w)) == told(find(p, y, w, parts=7))


def test_soft_labels_have_terms_and_no_test() -> None:
    rng = np.random.default_rng(5)
    p = rng.random(200)
    found = find(p, np.clip(p + rng.normal(0, 0.1, 200), 0, 1))
    assert found.assessment is not None
    assert (found.assessment.surprise, found.assessment.surplus) == (None, None)
    terms = found.losses[1].terms
    assert terms is not None
    assert found.losses[1].mean == near(terms.mcb - terms.dsc + terms.unc)


def test_only_proper_losses_have_terms() -> None:
    assert is_proper(criterion("cross-entropy"))
    assert not is_proper(criterion("cross-entropy", pos_weight=2.0))
    assert not is_proper(criterion("focal"))
    assert not is_proper(Criterion(LOSSES["squared-error"], (), smoothing=0.1))


@given(st.integers(1, 500), st.floats(0, 1))
def test_an_interval_holds_the_frequency_and_is_the_roots_of_its_equation(n: int, part: float) -> None:
    k = round(part * n)
    low, high = (float(end) for end in wilson(k, n))
    assert 0 <= low <= k / n <= high <= 1
    for end in (low, high):  # |k/n − π| = z √(π(1 − π)/n)
        if 0 < end < 1:
            assert (k / n - end) ** 2 == pytest.approx(1.959963984540054**2 * end * (1 - end) / n, rel=1e-8, abs=1e-15)


def test_a_perfect_ranking_has_no_error_and_all_precision() -> None:
    ranked = Ranked.of([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert standard_error(ranked).value == 0
    assert average_precision(ranked).value == 1
    assert standard_error(Ranked.of([0.1, 0.8], [0, 1])).value is None
    assert average_precision(Ranked.of([0.1], [0])).value is None


# ---- every cost -----------------------------------------------------------------------------------------------------


def integral(f: Callable[[Any], Any], n: int = 400_001) -> float:
    theta = (np.arange(n) + 0.5) / n
    return float(f(theta).mean())


def test_the_murphy_curve_integrates_to_the_scores() -> None:
    _, found, _ = found_of("normal-600")
    order = found.ranked
    assert order is not None and found.calibration is not None
    assert 2 * integral(lambda t: elementary_scores(order, t)) == pytest.approx(found.calibration.brier, rel=1e-5)
    log = integral(lambda t: elementary_scores(order, t) / (t * (1 - t)))
    assert log == pytest.approx(found.calibration.log_loss, rel=1e-3)


def test_the_curves_beside_it_are_those_of_their_predictions() -> None:
    expected, found, worth = found_of("normal-60")
    p, y = np.array(expected["prediction"]), np.array(expected["label"])
    theta = np.linspace(0.013, 0.987, 60)
    steps, rate = worth.steps, y.mean()
    assert steps is not None and found.ranked is not None

    def by_definition(p: Any) -> Any:
        acted = p[None, :] > theta[:, None]
        return ((1 - theta)[:, None] * (y & ~acted) + theta[:, None] * (~y.astype(bool) & acted)).mean(axis=1)

    y = y.astype(bool)
    assert elementary_scores(found.ranked, theta) == near(by_definition(p))
    assert constant_scores(rate, theta) == near(by_definition(np.full(len(p), rate)))
    assert step_scores(steps.value, steps.weight, steps.ones, theta) == near(by_definition(steps.fitted()))


# ---- from cells -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["normal", "sharp", "few values", "skewed"])
def test_what_comes_from_cells_is_within_its_error(shape: str) -> None:
    rng = np.random.default_rng(8)
    z = {"normal": rng.normal(0, 2, 4000), "sharp": rng.normal(0, 30, 4000), "skewed": rng.exponential(2, 4000) - 5,
         "few values": rng.integers(-4, 5, 4000) / 2}[shape]  # fmt: skip
    p = 1 / (1 + np.exp(-z))
    y = (rng.random(4000) < 1 / (1 + np.exp(-0.4 * z))).astype(float)
    exact, rough = find(p, y).assessment, find(p, y, keep=100).assessment
    assert exact is not None and rough is not None
    for name in ("auroc_standard_error", "average_precision"):
        true, found = getattr(exact, name).value, getattr(rough, name)
        assert abs(found.value - true) <= found.error + 1e-13
        assert found.error < 0.02 * true
    assert rough.surprise == exact.surprise
    assert rough.steps is None


# ---- chance ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.001, 0.02, 0.3])
@pytest.mark.parametrize("n", [5, 50, 500])
def test_the_bound_of_a_deviation_is_one(p: float, n: int) -> None:
    # exactly, by the binomial distribution: so large a deviation is no more frequent than the bound says
    chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    for k in range(n + 1):
        found = Deviation(n * p - k, n * p * (1 - p))
        as_large = math.fsum(c for j, c in enumerate(chances) if abs(n * p - j) >= abs(n * p - k) - 1e-9)
        assert as_large <= found.bound + 1e-12


def test_spiegelhalter_is_its_definition_with_weights_too() -> None:
    expected, found, worth = found_of("weighted")
    p, y, w = (np.array(expected[name]) for name in ("prediction", "label", "weight"))
    variance = (w**2 * (1 - 2 * p) ** 2 * p * (1 - p)).sum()
    assert worth.spiegelhalter == near((w * (y - p) * (1 - 2 * p)).sum() / math.sqrt(variance))
    plain = found.assessment
    assert plain is not None
    variance = ((1 - 2 * p) ** 2 * p * (1 - p)).sum()
    assert plain.spiegelhalter == near(((y - p) * (1 - 2 * p)).sum() / math.sqrt(variance))
