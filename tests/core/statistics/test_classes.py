"""K classes: every figure against a loop written from its definition, and against scikit-learn's stored ones."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import new_summary
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Calibration, Findings
from lossterm.core.statistics.question import ClassCriterion, Filter, Question
from tests import reference

STORED = Path(reference.__file__).with_name("class_statistics.json")
SETS = ("two", "three", "ten", "over-confident")
TIGHT = 1e-12


@cache
def stored() -> dict[str, Any]:
    sets: dict[str, Any] = json.loads(STORED.read_text("utf-8"))["sets"]
    return sets


def columns(name: str, kind: str = "probability") -> tuple[Array, Array]:
    """Predictions ``(n, K)`` and labels of a stored set."""
    found = stored()[name]
    given = found["probabilities" if kind == "probability" else "logits"]
    return np.array(given), np.array(found["label"], dtype=np.float64)


def criterion(name: str, smoothing: float = 0.0, **params: float | str) -> ClassCriterion:
    loss = SOFTMAX_LOSSES[name]
    return ClassCriterion(loss, tuple(loss.complete(params).items()), smoothing)


def asking(classes: int, *names: str | ClassCriterion, kind: str = "probability", **more: Any) -> Question:
    criteria = [criterion(name) if isinstance(name, str) else name for name in names or ("cross-entropy",)]
    return Question(kind, tuple(criteria), classes=classes, **more)  # type: ignore[arg-type]


def ask(question: Question, p: Array, y: Array, splits: Sequence[int] = (), **more: NDArray[Any]) -> Findings:
    """The figures, of batches cut at ``splits``."""
    total = new_summary(question)
    assert isinstance(total, ClassSummary)
    for part in np.split(np.arange(len(y)), list(splits)):
        batch = total.part()
        batch.add(Examples(part + 1, y[part], p[part], **{name: column[part] for name, column in more.items()}))
        total.merge(batch)
    with ThreadPoolExecutor(2) as executor:
        return conclude(total, executor)


def near(found: float | None, expected: float | None, rtol: float, atol: float = 0.0) -> None:
    """Two figures that there are, and that agree."""
    assert found is not None
    assert expected is not None
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def calibration_of(found: Findings) -> Calibration:
    assert found.calibration is not None
    return found.calibration


# ---- the definitions, as loops -------------------------------------------------------------------------------------


def softmax(z: Sequence[float], temperature: Any = 1) -> list[mpf]:
    raised = [mpmath.exp(mpf(x) / temperature) for x in z]
    return [e / mpmath.fsum(raised) for e in raised]


def target(label: int, classes: int, smoothing: float) -> list[mpf]:
    s = mpf(smoothing)
    return [(1 - s) * (k == label) + s / classes for k in range(classes)]


LOOPS: dict[str, Callable[[Sequence[mpf], Sequence[mpf]], mpf]] = {
    "cross-entropy": lambda p, t: -mpmath.fsum(a * mpmath.log(b) for a, b in zip(t, p, strict=True) if a),
    "squared-error": lambda p, t: mpmath.fsum((b - a) ** 2 for a, b in zip(t, p, strict=True)),
    "absolute-error": lambda p, t: mpmath.fsum(abs(b - a) for a, b in zip(t, p, strict=True)),
    "kl": lambda p, t: mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(t, p, strict=True) if a),
    "focal": lambda p, t: (1 - mpmath.fsum(a * b for a, b in zip(t, p, strict=True))) ** 2
    * -mpmath.fsum(a * mpmath.log(b) for a, b in zip(t, p, strict=True) if a),
}  # fmt: skip


def reliability(p: Array, y: Array, edges: Sequence[float]) -> list[tuple[int, float, float]]:
    """(count, confidence, frequency) of the bins (lower, upper] of the top class that are not empty."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in edges[1:]]
    for row, label in zip(p.tolist(), y.tolist(), strict=True):
        top = row.index(max(row))
        place = sum(row[top] > edge for edge in edges[1:-1])
        bins[place].append((row[top], top == label))
    return [
        (len(b), math.fsum(c for c, _ in b) / len(b), math.fsum(right for _, right in b) / len(b)) for b in bins if b
    ]


def errors(bins: Sequence[tuple[int, float, float]]) -> tuple[float, float, float]:
    """ECE, MCE and RMSCE."""
    n = sum(count for count, _, _ in bins)
    gaps = [(count / n, abs(c - f)) for count, c, f in bins]
    return (
        math.fsum(w * g for w, g in gaps),
        max(g for _, g in gaps),
        math.sqrt(math.fsum(w * g * g for w, g in gaps)),
    )


# ---- the losses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("kind", ["probability", "logit"])
def test_means_are_those_of_thirty_digits(kind: str, smoothing: float) -> None:
    given, y = columns("three", kind)
    question = asking(3, *(criterion(name, smoothing) for name in LOOPS), kind=kind)
    found = ask(question, given, y, (13, 77))
    with mpmath.workdps(30):
        rows = [list(map(mpf, row)) if kind == "probability" else softmax(row) for row in given.tolist()]
        targets = [target(int(label), 3, smoothing) for label in y]
        for finding, loop in zip(found.losses, LOOPS.values(), strict=True):
            values = [loop(p, t) for p, t in zip(rows, targets, strict=True)]
            mean = mpmath.fsum(values) / len(values)
            error = mpmath.sqrt(mpmath.fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values))
            np.testing.assert_allclose(finding.mean, float(mean), rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(finding.total, float(mpmath.fsum(values)), rtol=1e-13, atol=1e-13)
            near(finding.standard_error, float(error), rtol=1e-11)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("kind", "tolerance"), [("probability", TIGHT), ("logit", 1e-9)])
def test_scikit_learn(name: str, kind: str, tolerance: float) -> None:
    expected = stored()[name]
    given, y = columns(name, kind)
    classes = given.shape[1]
    found = ask(asking(classes, "cross-entropy", "squared-error", "hinge", kind=kind), given, y)
    ce, brier, hinge = found.losses
    now = calibration_of(found)
    np.testing.assert_allclose([ce.mean, now.log_loss], expected["log_loss"], rtol=tolerance)
    np.testing.assert_allclose([brier.mean, now.brier], expected["brier"], rtol=tolerance)
    if expected["hinge"] is not None:  # of z − z_t, which ln p − ln p_t is as well
        np.testing.assert_allclose(hinge.mean, expected["hinge"], rtol=1e-9)
    assert found.accuracy == pytest.approx(expected["accuracy"], rel=1e-15)
    assert found.matrix is not None
    assert found.matrix.tolist() == expected["confusion"]
    for one, other in zip(found.classes, expected["classes"], strict=True):
        assert one.count == other["count"]
        for figure in ("recall", "f1"):
            assert getattr(one, figure) == (None if other[figure] is None else pytest.approx(other[figure], rel=1e-14))
        assert (one.precision or 0.0) == pytest.approx(other["precision"] or 0.0, rel=1e-14)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("bins", [1, 10, 15])
def test_the_bins_of_scikit_learn(name: str, bins: int) -> None:
    p, y = columns(name)
    now = calibration_of(ask(asking(p.shape[1], bins=bins), p, y))
    assert now.mass is not None
    for ours, strategy in ((now.width, "uniform"), (now.mass, "quantile")):
        theirs = stored()[name][strategy][str(bins)]
        np.testing.assert_allclose(ours.confidence, theirs["confidence"], rtol=TIGHT)
        np.testing.assert_allclose(ours.frequency, theirs["frequency"], rtol=TIGHT)


def test_smoothing_shares_epsilon_among_all_classes() -> None:
    p = np.array([[0.7, 0.2, 0.1]])
    (finding,) = ask(asking(3, criterion("cross-entropy", 0.3)), p, np.array([1.0])).losses
    logs = np.log(p[0])
    np.testing.assert_allclose(finding.mean, -(0.1 * logs[0] + 0.8 * logs[1] + 0.1 * logs[2]), rtol=1e-15)
    # what is told of the predictions themselves stays: the log loss has no smoothing
    found = ask(asking(3, criterion("cross-entropy", 0.3)), p, np.array([1.0]))
    np.testing.assert_allclose(calibration_of(found).log_loss, -logs[1], rtol=1e-15)


def test_a_loss_of_a_class_means_nothing_with_smoothing() -> None:
    p, y = columns("three")
    hinge, ce = ask(asking(3, criterion("hinge", 0.1), criterion("cross-entropy", 0.1)), p, y, (20,)).losses
    assert (hinge.undefined, ce.undefined) == (200, 0)
    assert math.isnan(hinge.mean)
    assert hinge.share.value is None
    assert hinge.worst is None or not len(hinge.worst)


@pytest.mark.parametrize("kind", ["probability", "logit"])
def test_the_share_of_the_gradient_is_of_its_sum_over_classes(kind: str) -> None:
    given, y = columns("over-confident", kind)
    p, _ = columns("over-confident")
    (finding,) = ask(asking(4, kind=kind), given, y, (50,)).losses
    sizes = sorted((sum(abs(row[k] - (k == label)) for k in range(4)) for row, label in zip(p, y, strict=True)),
                   reverse=True)  # fmt: skip
    near(finding.share.value, math.fsum(sizes[:2]) / math.fsum(sizes), rtol=1e-12)


def test_weights_have_both_conventions() -> None:
    p, y = columns("three")
    w = np.random.default_rng(1).random(len(y)) + 0.1
    found = ask(asking(3, "squared-error", weighted=True), p, y, (70,), weight=w)
    values = [sum((row[k] - (k == label)) ** 2 for k in range(3)) for row, label in zip(p, y, strict=True)]
    (finding,) = found.losses
    total = math.fsum(a * b for a, b in zip(w, values, strict=True))
    near(finding.weighted_mean, total / math.fsum(w), rtol=1e-13)
    near(finding.weighted_per_example, total / len(y), rtol=1e-13)
    near(found.weight_sum, math.fsum(w), rtol=1e-15)
    np.testing.assert_allclose(finding.mean, math.fsum(values) / len(y), rtol=1e-13)


def test_the_worst_are_the_largest_and_tell_the_label() -> None:
    p, y = columns("ten")
    (finding,) = ask(asking(10, worst=5), p, y, (100,)).losses
    worst = finding.worst
    assert worst is not None
    own = p[np.arange(len(y)), y.astype(int)]
    order = np.argsort(own, kind="stable")[:5]
    assert worst.row.tolist() == (order + 1).tolist()
    np.testing.assert_allclose(worst.value, -np.log(own[order]), rtol=1e-14)
    np.testing.assert_allclose(worst.prediction, own[order], rtol=0)
    np.testing.assert_array_equal(worst.label, y[order])


# ---- decisions and calibration -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_decisions_are_counted(name: str) -> None:
    p, y = columns(name)
    classes = p.shape[1]
    found = ask(asking(classes), p, y, (30, 60))
    decided = [row.index(max(row)) for row in p.tolist()]
    pairs = list(zip(y.astype(int).tolist(), decided, strict=True))
    assert found.matrix is not None
    for label, decision in itertools.product(range(classes), repeat=2):
        assert found.matrix[label, decision] == pairs.count((label, decision))
    assert found.accuracy == sum(a == b for a, b in pairs) / len(pairs)
    for k, c in enumerate(found.classes):
        assert (c.count, c.decided, c.right) == (
            sum(a == k for a, _ in pairs), sum(b == k for _, b in pairs), pairs.count((k, k)),
        )  # fmt: skip
        np.testing.assert_allclose(c.mean_probability, math.fsum(p[:, k]) / len(p), rtol=4e-16)
    assert found.bars is not None
    assert found.bars.sum(axis=1).tolist() == [sum(a != b for a, b in pairs), sum(a == b for a, b in pairs)]


def test_of_equal_probabilities_the_first_class_is_decided_for() -> None:
    p = np.array([[0.4, 0.4, 0.2], [0.25, 0.375, 0.375]])
    found = ask(asking(3), p, np.array([0.0, 2.0]))
    assert found.matrix is not None
    assert found.matrix.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("bins", [1, 3, 15])
def test_calibration_is_of_the_top_class(name: str, bins: int) -> None:
    p, y = columns(name)
    now = calibration_of(ask(asking(p.shape[1], bins=bins), p, y, (40,)))
    assert now.mass is not None
    confidence = p.max(axis=1)
    for ours, edges in (
        (now.width, np.linspace(0, 1, bins + 1)),
        (now.mass, np.percentile(confidence, np.linspace(0, 100, bins + 1))),
    ):
        expected = reliability(p, y, edges.tolist())
        assert ours.count.tolist() == [count for count, _, _ in expected]
        np.testing.assert_allclose(ours.confidence, [c for _, c, _ in expected], rtol=1e-14)
        np.testing.assert_allclose(ours.frequency, [f for _, _, f in expected], rtol=1e-14)
        np.testing.assert_allclose((ours.ece, ours.mce, ours.rmsce), errors(expected), rtol=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_bins_of_equal_counts_at_the_temperature(name: str) -> None:
    p, y = columns(name)
    found = ask(asking(p.shape[1], bins=4), p, y)
    if found.tempered is None or not p.all():
        return
    assert found.tempered.mass is not None
    assert found.temperature.value is not None
    hot = p ** (1 / found.temperature.value)
    hot /= hot.sum(axis=1, keepdims=True)
    expected = reliability(hot, y, np.percentile(hot.max(axis=1), np.linspace(0, 100, 5)).tolist())
    assert found.tempered.mass.count.tolist() == [count for count, _, _ in expected]
    np.testing.assert_allclose(found.tempered.mass.confidence, [c for _, c, _ in expected], rtol=1e-9)


def best_temperature(z: Array, y: Array) -> mpf:
    """The root in β = 1/T of Σ_i Σ_k p_k(βz)(z_k − z_t), by bisection in thirty digits."""
    rows = [([mpf(x) for x in row], int(label)) for row, label in zip(z.tolist(), y.tolist(), strict=True)]

    def slope(beta: mpf) -> mpf:
        total = mpf(0)
        for row, label in rows:
            p = softmax(row, 1 / beta)
            total += mpmath.fsum(a * b for a, b in zip(p, row, strict=True)) - row[label]
        return total

    low, high = mpf("1e-3"), mpf(50)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return 1 / low


@pytest.mark.parametrize(("name", "kind"), [("three", "logit"), ("over-confident", "probability")])
def test_the_temperature_is_the_root_of_the_slope(name: str, kind: str) -> None:
    given, y = columns(name, kind)
    given, y = given[:60], y[:60]
    classes = given.shape[1]
    found = ask(asking(classes, kind=kind, bins=10), given, y)
    z = given if kind == "logit" else np.log(given)
    with mpmath.workdps(30):
        best = best_temperature(z, y)
        hot = [softmax(row, best) for row in z.tolist()]
        log_loss = -mpmath.fsum(mpmath.log(p[int(t)]) for p, t in zip(hot, y, strict=True)) / len(y)
        brier = mpmath.fsum((p[k] - (k == t)) ** 2 for p, t in zip(hot, y, strict=True) for k in range(classes)) / len(
            y
        )
    assert found.temperature.value == pytest.approx(float(best), rel=1e-9)
    tempered = found.tempered
    assert tempered is not None
    assert tempered.log_loss == pytest.approx(float(log_loss), rel=1e-12)
    assert tempered.brier == pytest.approx(float(brier), rel=1e-9)
    expected = reliability(np.array(hot, dtype=float), y, np.linspace(0, 1, 11).tolist())
    bins = tempered.width
    np.testing.assert_allclose((bins.ece, bins.mce, bins.rmsce), errors(expected), rtol=1e-8)


def test_over_confidence_is_repaired() -> None:
    p, y = columns("over-confident")
    found = ask(asking(4), p, y)
    now, tempered = calibration_of(found), found.tempered
    assert tempered is not None
    assert found.temperature.value is not None
    assert found.temperature.value > 2
    assert tempered.log_loss < 0.6 * now.log_loss
    assert tempered.width.ece < 0.5 * now.width.ece


def test_the_temperature_of_the_question_divides_the_logits() -> None:
    z, y = columns("three", "logit")
    hot = ask(asking(3, kind="logit", temperature=2.5), z, y)
    direct = ask(asking(3, kind="logit"), z / 2.5, y)
    p, _ = columns("three")
    from_probabilities = ask(asking(3, temperature=2.5), p, y)
    for found in (hot, from_probabilities):
        np.testing.assert_allclose(found.losses[0].mean, direct.losses[0].mean, rtol=1e-12)
        # told of the logits before they are divided: there Σ(Σ_k p_k z_k − z_y) is 0
        best = found.temperature.value
        assert best is not None
        assert direct.temperature.value is not None
        near(best, 2.5 * direct.temperature.value, rtol=1e-9)
        e = np.exp(z / best - (z / best).max(axis=1, keepdims=True))
        of_label = z[np.arange(len(y)), y.astype(int)]
        assert abs(((e * z).sum(axis=1) / e.sum(axis=1) - of_label).sum()) < 1e-6 * np.abs(z).sum()
        np.testing.assert_allclose(calibration_of(found).width.ece, calibration_of(direct).width.ece, rtol=1e-10)
        # Σ|∂L/∂z| of the logits before they are divided
        assert found.losses[0].slopes is not None
        assert direct.losses[0].slopes is not None
        np.testing.assert_allclose(found.losses[0].slopes, direct.losses[0].slopes / 2.5, rtol=1e-10)


def test_what_only_two_classes_have_is_absent() -> None:
    found = ask(asking(3), *columns("three"))
    assert (found.auroc.value, found.platt, found.scaled, found.decided, found.ranked) == (None,) * 5
    assert math.isnan(found.label_mean)


# ---- special rows --------------------------------------------------------------------------------------------------


def test_a_wrong_certainty_is_infinite_and_counted() -> None:
    p = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5]])
    found = ask(asking(3, "cross-entropy", "squared-error", "focal"), p, np.array([1.0, 1.0, 2.0]))
    ce, brier, focal = found.losses
    assert (ce.mean, ce.infinite, ce.standard_error) == (math.inf, 1, None)
    assert (focal.mean, focal.infinite) == (math.inf, 1)
    np.testing.assert_allclose(brier.mean, (2 + 0 + 0.04 + 0.09 + 0.25) / 3, rtol=1e-15)
    assert found.temperature.value is None
    assert found.temperature.reason
    assert ce.worst is not None
    assert ce.worst.row.tolist() == [1, 3, 2]


def test_a_class_that_nobody_is_of_is_told() -> None:
    found = ask(asking(10), *columns("ten"))
    assert found.classes[9].count == 0
    assert found.classes[9].recall is None
    assert any("class 9" in note for note in found.notes)
    named = ask(asking(10, names=tuple("abcdefghij")), *columns("ten"))
    assert any("class j" in note for note in named.notes)


def test_huge_logits_do_not_overflow() -> None:
    z = np.array([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [0.0, 0.0, 0.0]])
    found = ask(asking(3, kind="logit"), z, np.array([0.0, 2.0, 1.0]))
    np.testing.assert_allclose(found.losses[0].mean, (0 + 1e4 + math.log(3)) / 3, rtol=1e-15)
    assert found.accuracy == 1 / 3


def test_one_row() -> None:
    found = ask(asking(2), np.array([[0.25, 0.75]]), np.array([1.0]))
    (finding,) = found.losses
    assert finding.mean == -math.log(0.75)
    assert finding.standard_error is None
    assert found.accuracy == 1.0


# ---- parts ---------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.lists(st.integers(1, 199), max_size=6, unique=True).map(sorted), st.sampled_from(["probability", "logit"]))
@pytest.mark.exhaustive
def test_any_split_gives_the_same_numbers(splits: list[int], kind: str) -> None:
    given, y = columns("three", kind)
    question = asking(3, "cross-entropy", "squared-error", kind=kind, worst=7)
    whole, parts = ask(question, given, y), ask(question, given, y, splits)
    for one, other in zip(whole.losses, parts.losses, strict=True):
        assert (one.mean, one.total) == (other.mean, other.total)
        near(one.standard_error, other.standard_error, rtol=1e-14)
        assert one.worst is not None
        assert other.worst is not None
        np.testing.assert_array_equal(one.worst.row, other.worst.row)
        np.testing.assert_array_equal(one.counts, other.counts)
    for first, second in zip(whole.classes, parts.classes, strict=True):
        assert first.mean_probability == pytest.approx(second.mean_probability, rel=3e-16)
    a, b = calibration_of(whole), calibration_of(parts)
    assert (a.log_loss, a.brier) == (b.log_loss, b.brier)
    np.testing.assert_allclose(a.width.ece, b.width.ece, rtol=1e-14)
    near(whole.temperature.value, parts.temperature.value, rtol=1e-11)


def test_the_order_of_the_batches_does_not_matter() -> None:
    p, y = columns("ten")
    question = asking(10, worst=9)
    parts = [Examples(np.arange(a, a + 50) + 1, y[a : a + 50], p[a : a + 50]) for a in (0, 50, 100)]
    found = []
    for order in itertools.permutations(parts):
        total = ClassSummary(question)
        for examples in order:
            batch = total.part()
            batch.add(examples)
            total.merge(batch)
        with ThreadPoolExecutor(1) as executor:
            found.append(conclude(total, executor))
    first = found[0]
    for other in found[1:]:
        assert other.losses[0].mean == first.losses[0].mean
        assert other.losses[0].worst is not None
        assert first.losses[0].worst is not None
        assert other.losses[0].worst.row.tolist() == first.losses[0].worst.row.tolist()
        assert other.temperature.value == pytest.approx(first.temperature.value, rel=1e-11)
        assert other.accuracy == first.accuracy


@pytest.mark.parametrize(
    "only",
    [Filter(label=2.0), Filter(low=0.6), Filter(high=0.7), Filter(label=1.0, group=1, low=0.4, high=0.9)],
    ids=["class", "from", "to", "all"],
)
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_a_filter_counts_only_what_passes(only: Filter, temperature: float) -> None:
    p, y = columns("three")
    group = (np.arange(len(y)) % 2).astype(np.int32)
    confidence = p.max(axis=1)  # as it is in the file, whatever the temperature
    keep = np.ones(len(y), dtype=bool)
    keep &= (y == only.label) if only.label is not None else True
    keep &= (group == only.group) if only.group is not None else True
    keep &= (confidence >= (only.low or 0)) & (confidence <= (only.high or 1))
    assert 0 < keep.sum() < len(y)
    found = ask(asking(3, only=only, temperature=temperature), p, y, (31, 90), group=group)
    direct = ask(asking(3, temperature=temperature), p[keep], y[keep])
    assert found.rows == keep.sum()
    assert found.losses[0].mean == direct.losses[0].mean
    assert found.matrix is not None
    assert direct.matrix is not None
    np.testing.assert_array_equal(found.matrix, direct.matrix)
    worst = found.losses[0].worst
    assert worst is not None
    assert set(worst.row.tolist()) <= set((np.flatnonzero(keep) + 1).tolist())


def test_more_numbers_than_are_kept_leave_the_sums_exact_and_say_what_is_missing() -> None:
    p, y = columns("three")
    exact = ask(asking(3), p, y)
    rough = ask(asking(3, keep=100), p, y, (20, 60, 61, 150))  # 600 numbers, 200 of them kept at most
    assert rough.losses[0].mean == exact.losses[0].mean
    assert calibration_of(rough).width.ece == calibration_of(exact).width.ece
    assert (rough.temperature.value, rough.tempered) == (None, None)
    roughly, exactly = (calibration_of(found).mass for found in (rough, exact))
    assert roughly is not None
    assert exactly is not None
    assert abs(roughly.ece - exactly.ece) <= roughly.ece_error + 1e-15 < 0.01
    one, other = rough.losses[0].share, exact.losses[0].share
    assert one.value is not None
    assert other.value is not None
    assert abs(one.value - other.value) <= one.error + 1e-15 < 0.01
    assert rough.losses[0].slopes is None
    assert any("200 numbers" in note for note in rough.notes)
    assert exact.temperature.value is not None
    assert not exact.notes


def test_one_batch_of_more_numbers_than_are_kept() -> None:
    p, y = columns("three")
    found = ask(asking(3, keep=100), p, y)
    assert found.temperature.value is None
    assert found.losses[0].mean == ask(asking(3), p, y).losses[0].mean


# ---- class weights, and losses that need raw scores -----------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_class_weights_are_in_two_means_and_nowhere_else(weighted: bool) -> None:
    p, y = columns("three")
    own, c = np.linspace(0.5, 2, len(y)), (1.0, 0.0, 2.5)
    more: dict[str, Any] = {"weight": own} if weighted else {}
    names = ("cross-entropy", "rps")
    plain = ask(asking(3, *names, weighted=weighted), p, y, **more)
    found = ask(asking(3, *names, weighted=weighted, class_weights=c), p, y, splits=(3, 17), **more)
    label = y.astype(int)
    cumulated = np.cumsum(p, axis=1)[:, :-1] - (label[:, None] <= np.arange(2))
    values = {"cross-entropy": -np.log(p[np.arange(len(y)), label]), "rps": (cumulated**2).sum(axis=1)}
    weight = np.array(c)[label] * (own if weighted else 1)
    for before, after in zip(plain.losses, found.losses, strict=True):
        assert before.class_weighted_mean is before.class_weighted_per_example is None
        assert (after.mean, after.total, after.weighted_mean) == (before.mean, before.total, before.weighted_mean)
        products = math.fsum(weight * values[after.criterion.loss.id])
        near(after.class_weighted_mean, products / math.fsum(weight), 1e-13)
        near(after.class_weighted_per_example, products / len(y), 1e-13)
    assert any("torch" in note and "Keras" in note for note in found.notes)
    assert found.calibration is not None and found.calibration.log_loss == calibration_of(plain).log_loss


def test_an_infinite_loss_of_a_class_of_weight_zero_does_not_count() -> None:
    p, y = np.array([[0.0, 0.5, 0.5], [0.5, 0.25, 0.25]]), np.array([0.0, 1.0])
    (some,) = ask(asking(3, class_weights=(0.0, 1.0, 1.0)), p, y).losses
    assert some.mean == math.inf and some.class_weighted_mean == math.log(4)
    (every,) = ask(asking(3, class_weights=(1.0, 1.0, 1.0)), p, y).losses
    assert every.class_weighted_mean == math.inf


def test_what_needs_raw_scores_is_undefined_of_probabilities_and_said() -> None:
    p, y = columns("three")
    found = ask(asking(3, "z-loss", "arcface", "rps"), p, y)
    for finding, defined in zip(found.losses, (False, False, True), strict=True):
        assert math.isnan(finding.mean) != defined
        assert finding.undefined == (0 if defined else len(y))
    assert sum("needs raw scores" in note for note in found.notes) == 2


def test_of_logits_z_loss_reads_them_as_they_are() -> None:
    z, y = np.array([[0.5, -0.25, 0.9], [0.1, 0.2, -3.0]]), np.array([0.0, 2.0])
    found = ask(asking(3, "z-loss", "cosface", kind="logit", temperature=2.0), z, y)
    want = []
    for row, label in zip(z / 2, (0, 2), strict=True):
        lse = math.log(math.fsum(np.exp(row).tolist()))
        want.append(lse - row[label] + 1e-4 * lse**2)
    near(found.losses[0].mean, math.fsum(want) / 2, 1e-13)
    assert found.losses[1].undefined == 1  # −3 is no cosine
    assert any("cosines between" in note for note in found.notes)
