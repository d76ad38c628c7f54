"""The sums of a file: right, and the same whatever the batches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.losses.formulas import LOSSES, Loss, find_loss
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import BinarySummary, new_summary
from lossterm.core.statistics.criterion import Criterion, judge, link_of, pieces
from lossterm.core.statistics.examples import Examples, Kind
from lossterm.core.statistics.findings import Calibration, Findings, LossFinding
from lossterm.core.statistics.loss_sums import loss_edges
from lossterm.core.statistics.question import Filter, Question

RNG = np.random.default_rng(3)


def criterion(name: str, smoothing: float = 0.0, **params: float) -> Criterion:
    """A loss with its defaults."""
    loss = find_loss(name)
    return Criterion(loss, tuple(loss.complete(params).items()), smoothing)


def data(n: int = 3000, seed: int = 0) -> tuple[Array, Array]:
    """Over-confident predictions and their labels."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 3, n)
    return 1 / (1 + np.exp(-z)), (rng.random(n) < 1 / (1 + np.exp(-z / 2))).astype(float)


def ask(question: Question, p: Array, y: Array, splits: Sequence[int] = (), **more: NDArray[Any]) -> Findings:
    """The figures, of batches cut at ``splits``."""
    total = new_summary(question)
    assert isinstance(total, BinarySummary)
    for part in np.split(np.arange(len(y)), list(splits)):
        batch = BinarySummary(question)
        batch.add(Examples(part + 1, y[part], p[part], **{name: column[part] for name, column in more.items()}))
        total.merge(batch)
    with ThreadPoolExecutor(2) as executor:
        return conclude(total, executor)


def there(figure: float | None) -> float:
    """A figure that there is."""
    assert figure is not None
    return figure


def calibration_of(found: Findings, which: str = "calibration") -> Calibration:
    """The calibration as predicted, or ``tempered``."""
    calibration = getattr(found, which)
    assert isinstance(calibration, Calibration)
    return calibration


def worst_rows(finding: LossFinding) -> list[int]:
    """The rows of the worst examples."""
    assert finding.worst is not None
    rows: list[int] = finding.worst.row.tolist()
    return rows


@pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
@pytest.mark.parametrize("kind", ["logit", "value"])
def test_bulk_agrees_with_one_point_at_a_time(loss: Loss, kind: Kind) -> None:
    link = link_of(kind)
    z = RNG.normal(0, 3, 60)
    if loss.hard_only:
        label = RNG.integers(0, 2, 60).astype(float)
    elif loss.labels == (0.0, 1.0):
        label = np.round(RNG.random(60), 1)
    else:
        label = np.abs(RNG.normal(0, 2, 60))
    for labels in (label, np.repeat(label[:3], 20)):  # many labels, few labels
        ((value, slope),) = judge([Criterion(loss, tuple(loss.complete({}).items()))], link, z, labels)
        for i in range(60):
            one = evaluate_at(loss, loss.complete({}), float(labels[i]), link, [z[i]])
            np.testing.assert_allclose(value[i], one.value[0], rtol=1e-10, atol=1e-14, equal_nan=True)
            np.testing.assert_allclose(slope[i], one.d_logit[0], rtol=1e-8, atol=1e-13, equal_nan=True)


def test_labels_of_0_and_1_are_taken_apart_and_others_are_not() -> None:
    assert [y for _, y in pieces(np.array([1.0, 0.0, 1.0]))] == [0.0, 1.0]
    assert [y for _, y in pieces(np.ones(3))] == [1.0]
    ((part, labels),) = pieces(np.array([0.5, 0.5]))
    assert part == slice(None) and isinstance(labels, np.ndarray)
    (_, zero), (which, rest) = pieces(np.array([0.0, 0.3, 0.0, 2.0]))
    assert zero == 0.0 and isinstance(which, np.ndarray) and which.tolist() == [1, 3]
    assert isinstance(rest, np.ndarray) and rest.tolist() == [0.3, 2.0]


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_loss_of_an_example_does_not_depend_on_what_is_beside_it(loss: Loss) -> None:
    z = RNG.normal(0, 3, 40)
    label = np.where(RNG.random(40) < 0.5, RNG.integers(0, 2, 40), RNG.random(40))
    asked = [Criterion(loss, tuple(loss.complete({}).items()))]
    ((value, slope),) = judge(asked, link_of("logit"), z, label)
    for part in (slice(0, 1), slice(1, 4), slice(4, 5), slice(5, 40)):
        ((mine, my_slope),) = judge(asked, link_of("logit"), z[part], label[part])
        np.testing.assert_array_equal(mine, value[part])
        np.testing.assert_array_equal(my_slope, slope[part])


def test_smoothing_acts_before_the_loss() -> None:
    ((value, _),) = judge([criterion("ce", 0.2)], link_of("logit"), np.array([0.7, 0.7]), np.array([1.0, 0.0]))
    one = [evaluate_at(LOSSES["cross-entropy"], LOSSES["cross-entropy"].complete({}), y, "sigmoid", [0.7]).value[0]
           for y in (0.9, 0.1)]  # fmt: skip
    np.testing.assert_allclose(value, one, rtol=1e-15)


def test_a_label_that_a_loss_does_not_take_is_undefined_and_counted() -> None:
    p, y = np.array([0.2, 0.7, 0.4]), np.array([1.0, 0.3, 0.0])
    found = ask(Question("probability", (criterion("hinge"), criterion("ce"))), p, y)
    hinge, ce = found.losses
    assert (hinge.undefined, ce.undefined) == (1, 0)
    np.testing.assert_allclose(hinge.mean, ((1 - 0.2) + (1 + 0.4)) / 2)
    assert not found.hard
    assert found.auroc.value is None
    assert found.accuracy is None


def test_means_are_those_of_fifty_digits() -> None:
    p, y = data(400)
    found = ask(Question("probability", tuple(map(criterion, ("ce", "mse", "focal")))), p, y, (7, 130))
    with mpmath.workdps(50):
        chosen = [mpf(float(a)) if b else 1 - mpf(float(a)) for a, b in zip(p, y, strict=True)]
        ce = [-mpmath.log(t) for t in chosen]
        expected = [ce, [(1 - t) ** 2 for t in chosen], [(1 - t) ** 2 * c for t, c in zip(chosen, ce, strict=True)]]
        for finding, values in zip(found.losses, expected, strict=True):
            n = len(values)
            mean = mpmath.fsum(values) / n
            error = mpmath.sqrt(mpmath.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
            np.testing.assert_allclose(finding.mean, float(mean), rtol=1e-14)
            np.testing.assert_allclose(there(finding.standard_error), float(error), rtol=1e-12)
    assert found.calibration is not None
    np.testing.assert_allclose(found.calibration.log_loss, found.losses[0].mean, rtol=0)
    np.testing.assert_allclose(found.calibration.brier, found.losses[1].mean, rtol=1e-14)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 299), max_size=5, unique=True).map(sorted), st.integers(0, 5))
@pytest.mark.exhaustive
def test_any_split_gives_the_same_numbers(splits: list[int], seed: int) -> None:
    p, y = data(300, seed)
    question = Question("probability", (criterion("ce"), criterion("mse")), worst=7)
    whole, parts = ask(question, p, y), ask(question, p, y, splits)
    for one, other in zip(whole.losses, parts.losses, strict=True):
        assert (one.mean, one.total) == (other.mean, other.total)
        np.testing.assert_allclose(there(one.standard_error), there(other.standard_error), rtol=1e-14)
        assert worst_rows(one) == worst_rows(other)
        np.testing.assert_array_equal(one.counts, other.counts)
    assert whole.auroc == parts.auroc
    np.testing.assert_allclose(there(whole.temperature.value), there(parts.temperature.value), rtol=1e-11)
    np.testing.assert_allclose(calibration_of(whole).width.ece, calibration_of(parts).width.ece, rtol=1e-14)


def test_more_rows_than_are_kept_are_counted_within_the_stated_error() -> None:
    p, y = data(6000)
    losses = (criterion("ce"), criterion("focal"))
    exact = ask(Question("probability", losses), p, y)
    rough = ask(Question("probability", losses, keep=1000), p, y, (500, 900, 2500))
    assert [f.mean for f in exact.losses] == [f.mean for f in rough.losses]
    assert calibration_of(exact).width.ece == calibration_of(rough).width.ece
    for one, other in ((exact.auroc, rough.auroc), (exact.temperature, rough.temperature),
                       *((a.share, b.share) for a, b in zip(exact.losses, rough.losses, strict=True))):  # fmt: skip
        assert one.error == 0 < other.error < 1e-4
        assert abs(there(one.value) - there(other.value)) <= other.error
    assert rough.ranked is None
    roughly, exactly = (calibration_of(found).mass for found in (rough, exact))
    assert roughly is not None
    assert exactly is not None
    assert exactly.ece_error == 0 < roughly.ece_error < 1e-3
    assert abs(roughly.ece - exactly.ece) <= roughly.ece_error
    np.testing.assert_allclose(roughly.count, exactly.count, atol=12)
    assert any("1,000 rows" in note for note in rough.notes)
    unsure = 0
    for threshold in (0.5, 0.27, 0.5005, 0.9, float(np.sort(p)[4321])):  # the first is the question's
        right, near = exact.confusion(threshold), rough.confusion(threshold)
        assert right is not None
        assert near is not None
        assert (right[1], near[1]) == (0, 0) or threshold != 0.5
        moved = abs(near[0].true_positive - right[0].true_positive) + abs(
            near[0].false_positive - right[0].false_positive
        )
        assert right[1] == 0 <= moved <= near[1] < 10
        assert near[0].count == right[0].count
        unsure += near[1]
    assert unsure
    hot, roughly_hot = (calibration_of(found, "tempered") for found in (exact, rough))
    assert abs(roughly_hot.log_loss - hot.log_loss) <= roughly_hot.log_loss_error < 1e-6
    assert exact.platt is not None
    assert rough.platt is not None
    assert abs(there(rough.platt.a) - there(exact.platt.a)) <= rough.platt.a_error < 1e-6


@pytest.mark.parametrize("expected", [0, 100_000])
def test_weights_are_exact_however_many_rows_there_are(expected: int) -> None:
    # weights are of the losses alone; the ranking, the fits and the bins count every example once
    p, y = data(6000)
    w = np.random.default_rng(8).integers(0, 5, len(p)).astype(float)
    question = Question("probability", (criterion("mse"), criterion("ce")), weighted=True, keep=1000)
    total = new_summary(question, expected)
    assert isinstance(total, BinarySummary)
    for rows in np.split(np.arange(len(y)), [700, 800, 4000]):
        part = total.part()
        part.add(Examples(rows + 1, y[rows], p[rows], weight=w[rows]))
        total.merge(part)
    with ThreadPoolExecutor(2) as executor:
        found = conclude(total, executor)
    assert found.ranked is None
    assert found.weight_sum == w.sum()
    squares = [Fraction(float(a)) for a in (p - y) ** 2]
    weighted = sum((Fraction(float(b)) * a for a, b in zip(squares, w, strict=True)), Fraction(0))
    one = found.losses[0]
    np.testing.assert_allclose(there(one.weighted_mean), float(weighted / Fraction(float(w.sum()))), rtol=1e-14)
    np.testing.assert_allclose(there(one.weighted_per_example), float(weighted / 6000), rtol=1e-14)
    mean = float(weighted) / w.sum()
    error = math.sqrt(math.fsum(w**2 * ((p - y) ** 2 - mean) ** 2)) / w.sum()
    np.testing.assert_allclose(there(one.weighted_standard_error), error, rtol=1e-12)
    plain = ask(Question("probability", question.criteria), p, y)
    assert [loss.mean for loss in found.losses] == [loss.mean for loss in plain.losses]
    for figure, exact in ((found.auroc, plain.auroc), (found.temperature, plain.temperature)):
        assert abs(there(figure.value) - there(exact.value)) <= figure.error < 1e-4


def test_a_wrong_certainty_is_infinite_and_told() -> None:
    found = ask(Question("probability", (criterion("ce"), criterion("mse"))), np.array([0.0, 1.0, 0.5]),
                np.array([1.0, 1.0, 0.0]))  # fmt: skip
    ce, mse = found.losses
    assert (ce.mean, ce.infinite, ce.standard_error) == (math.inf, 1, None)
    np.testing.assert_allclose(mse.mean, (1 + 0 + 0.25) / 3)
    assert worst_rows(ce)[0] == 1
    assert found.temperature.value is None
    assert any("∞" in note for note in found.notes)


def test_weights_have_both_conventions() -> None:
    p, y = data(50)
    w = RNG.random(50) + 0.1
    found = ask(Question("probability", (criterion("mse"),), weighted=True), p, y, (20,), weight=w)
    exact = [Fraction(float(a)) * Fraction(float((b - c) ** 2)) for a, b, c in zip(w, p, y, strict=True)]
    total = sum(map(Fraction, w.tolist()))
    (finding,) = found.losses
    np.testing.assert_allclose(there(finding.weighted_mean), float(sum(exact) / total), rtol=1e-14)
    np.testing.assert_allclose(there(finding.weighted_per_example), float(sum(exact) / 50), rtol=1e-14)
    np.testing.assert_allclose(there(found.weight_sum), float(total), rtol=1e-15)
    mean = float(sum(exact) / total)
    error = math.sqrt(float((w**2 * ((p - y) ** 2 - mean) ** 2).sum())) / float(total)
    np.testing.assert_allclose(there(finding.weighted_standard_error), error, rtol=1e-12)
    plain = ((p - y) ** 2).std(ddof=1) / math.sqrt(50)  # of Σℓ/n, whatever the weights
    np.testing.assert_allclose(there(finding.standard_error), plain, rtol=1e-12)
    (unweighted,) = ask(Question("probability", (criterion("mse"),)), p, y).losses
    assert unweighted.standard_error == finding.standard_error
    assert unweighted.weighted_standard_error is None


def test_a_filter_counts_only_what_passes() -> None:
    p, y = data(500)
    group = (np.arange(500) % 3).astype(np.int32)
    only = Filter(label=1.0, group=2, low=0.2, high=0.9)
    kept = (y == 1) & (group == 2) & (p >= 0.2) & (p <= 0.9)
    found = ask(Question("probability", (criterion("ce"),), only=only), p, y, (100,), group=group)
    assert found.rows == kept.sum()
    np.testing.assert_allclose(found.losses[0].mean, -np.log(p[kept]).mean(), rtol=1e-13)
    assert set(worst_rows(found.losses[0])) <= set((np.flatnonzero(kept) + 1).tolist())


def test_a_temperature_divides_the_logits() -> None:
    p, y = data(500)
    hot = ask(Question("probability", (criterion("ce"),), temperature=2.5), p, y)
    z = np.log(p) - np.log1p(-p)
    direct = ask(Question("logit", (criterion("ce"),)), z / 2.5, y)
    np.testing.assert_allclose(hot.losses[0].mean, direct.losses[0].mean, rtol=1e-13)
    plain = ask(Question("probability", (criterion("ce"),)), p, y)
    best = there(plain.temperature.value)
    np.testing.assert_allclose(there(hot.temperature.value), best, rtol=1e-10)  # of the file's own logits
    assert hot.platt is not None
    assert plain.platt is not None
    a, b = there(hot.platt.a), there(hot.platt.b)
    np.testing.assert_allclose(a, there(plain.platt.a), rtol=1e-8)
    np.testing.assert_allclose(b, there(plain.platt.b), rtol=1e-8)
    slopes = 1 / (1 + np.exp(-a * z - b)) - y  # where the log loss of σ(az + b) is least
    np.testing.assert_allclose([slopes.sum(), slopes @ z], 0, atol=1e-7)
    scaled = -np.log(np.where(y == 1, 1 / (1 + np.exp(-a * z - b)), 1 / (1 + np.exp(a * z + b)))).mean()
    np.testing.assert_allclose(calibration_of(hot, "scaled").log_loss, scaled, rtol=1e-9)
    at_best = ask(Question("probability", (criterion("ce"),), temperature=best), p, y)
    np.testing.assert_allclose(at_best.losses[0].mean, calibration_of(plain, "tempered").log_loss, rtol=1e-12)
    np.testing.assert_allclose(there(at_best.temperature.value), best, rtol=1e-9)
    counted = ask(Question("probability", (criterion("ce"),), temperature=2.5, keep=100), p, y)
    assert abs(there(counted.temperature.value) - best) <= counted.temperature.error < 1e-6
    assert counted.platt is not None
    assert abs(there(counted.platt.a) - a) <= counted.platt.a_error < 1e-6


def test_the_histogram_of_a_loss_counts_every_value() -> None:
    p, y = data(2000)
    (finding,) = ask(Question("probability", (criterion("ce"),)), p, y).losses
    loss = -np.log(np.where(y == 1, p, 1 - p))
    expected, _ = np.histogram(loss, np.concatenate([loss_edges()[:-1], [np.inf]]))
    assert finding.counts.sum() == 2000
    np.testing.assert_array_equal(finding.counts, expected)


def test_plain_values_have_losses_and_nothing_of_probabilities() -> None:
    v, y = RNG.normal(0, 2, 300), RNG.normal(0, 2, 300)
    found = ask(Question("value", tuple(map(criterion, ("mse", "mae", "huber")))), v, y, (10,))
    np.testing.assert_allclose(found.losses[0].mean, ((v - y) ** 2).mean(), rtol=1e-13)
    np.testing.assert_allclose(found.losses[1].mean, np.abs(v - y).mean(), rtol=1e-13)
    assert (found.calibration, found.auroc.value, found.accuracy) == (None, None, None)
    sizes = np.sort(np.abs(2 * (v - y)))[::-1]
    np.testing.assert_allclose(there(found.losses[0].share.value), sizes[:3].sum() / sizes.sum(), rtol=1e-12)


def test_one_class_is_not_an_error() -> None:
    p, _ = data(40)
    found = ask(Question("probability", (criterion("ce"),)), p, np.ones(40))
    assert found.auroc.value is None
    assert found.platt is not None
    assert found.platt.a is None
    assert found.decided is not None
    assert found.decided.recall == found.accuracy


def test_more_values_than_are_kept_have_their_share_within_the_stated_error() -> None:
    v, y = RNG.normal(0, 2, 3000), RNG.standard_cauchy(3000)
    losses = (criterion("mse"), criterion("huber"))
    exact, rough = (ask(Question("value", losses, keep=keep), v, y, (600, 1700)) for keep in (10_000, 500))
    for one, other in zip(exact.losses, rough.losses, strict=True):
        assert one.mean == other.mean
        assert one.share.value is not None
        assert other.share.value is not None
        assert abs(one.share.value - other.share.value) <= other.share.error + 1e-15 < 0.01


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_concluding_from_cells_can_be_stopped(after: int) -> None:
    p, y = data(2000)
    summary = new_summary(Question("probability", (criterion("ce"), criterion("mse")), keep=100))
    summary.add(Examples(np.arange(2000) + 1, y, p))
    asked = 0

    class Stopped(Exception):  # noqa: N818
        pass

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked > after:
            raise Stopped

    with ThreadPoolExecutor(2) as executor, pytest.raises(Stopped):
        conclude(summary, executor, check)
    assert after < asked <= 4


def by_mass(p: Array, y: Array, bins: int) -> list[tuple[float, float]]:
    """Confidence and frequency of bins of equal counts, with numpy's percentiles."""
    edges = np.percentile(p, np.linspace(0, 100, bins + 1))
    place = np.clip(np.searchsorted(edges, p, side="left") - 1, 0, bins - 1)
    return [(float(p[place == b].mean()), float(y[place == b].mean())) for b in range(bins) if (place == b).any()]


@pytest.mark.parametrize("keep", [10_000, 1000])
def test_bins_of_equal_counts_after_scaling(keep: int) -> None:
    p, y = data(6000)
    found = ask(Question("probability", (criterion("ce"),), keep=keep), p, y)
    z, platt = np.log(p) - np.log1p(-p), found.platt
    assert platt is not None
    a, b = there(platt.a), there(platt.b)
    for which, scaled in (("tempered", z / there(found.temperature.value)), ("scaled", a * z + b)):
        mass = calibration_of(found, which).mass
        assert mass is not None
        confidence, frequency = np.array(by_mass(1 / (1 + np.exp(-scaled)), y, 15)).T
        rtol, atol = (1e-9, 0.0) if keep > 6000 else (0.0, 0.01)  # edges are known to the width of cells
        np.testing.assert_allclose(mass.confidence, confidence, rtol, atol)
        np.testing.assert_allclose(mass.frequency, frequency, rtol, atol)
