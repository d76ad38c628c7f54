"""Clips as libraries have them, of p or of its logarithm; figures by the libraries' formulas, done here by hand."""

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
from lossterm.core.statistics.clip import CLIPS, Clip, clip_of
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.question import Question, class_criterion

P = [0.0, 1.0, 0.9, 0.2, 1e-20, 0.0, 1.0, 1e-60]
Y = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]


def found(p: Any, y: Any, clip: Clip | None, **asked: Any) -> Findings:
    names = ("cross-entropy", "squared-error", "focal")
    criteria = tuple(Criterion(LOSSES[n], tuple(LOSSES[n].complete({}).items())) for n in names)
    if asked.get("classes"):
        criteria = (class_criterion("cross-entropy"), class_criterion("squared-error"))  # type: ignore[assignment]
    question = Question(**{"kind": "probability", "criteria": criteria, "clip": clip} | asked)
    summary = new_summary(question)
    rows = np.arange(1, len(y) + 1)
    summary.add(Examples(rows, np.array(y, dtype=float), np.array(p, dtype=float)))
    with ThreadPoolExecutor(2) as executor:
        return conclude(summary, executor)


def sklearn_log_loss(p: list[float], y: list[float], eps: float) -> float:
    """Of sklearn.metrics.log_loss: two columns, each clipped to [eps, 1 − eps], then −Σ t ln p over n, in 40 digits."""
    with mpmath.workdps(40):
        total = mpmath.mpf(0)
        for value, label in zip(p, y, strict=True):
            own = mpmath.mpf(value) if label == 1 else 1 - mpmath.mpf(value)
            total -= mpmath.log(min(max(own, mpmath.mpf(eps)), 1 - mpmath.mpf(eps)))
        return float(total / len(p))


@pytest.mark.parametrize("name", ["sklearn", "sklearn32", "keras"])
def test_the_log_loss_is_that_of_the_library(name: str) -> None:
    eps = {"sklearn": np.finfo(np.float64).eps, "sklearn32": float(np.finfo(np.float32).eps), "keras": 1e-7}[name]
    clip = CLIPS[name]
    assert clip.eps == eps
    findings = found(P, Y, clip)
    assert findings.calibration is not None
    # 1 − (1 − 1e-7) is 1e-7 to ten digits
    assert findings.calibration.log_loss == pytest.approx(sklearn_log_loss(P, Y, eps), rel=1e-10)
    assert findings.losses[0].mean == findings.calibration.log_loss
    brier = math.fsum((min(max(p, eps), 1 - eps) - y) ** 2 for p, y in zip(P, Y, strict=True)) / len(P)
    assert findings.calibration.brier == pytest.approx(brier, rel=1e-13)
    assert findings.clipped == sum(not eps <= p <= 1 - eps for p in P)


def test_torch_clamps_the_logarithm_of_cross_entropy_alone() -> None:
    findings, plain = found(P, Y, CLIPS["torch"]), found(P, Y, None)
    terms = [-max(math.log(q), -100.0) if (q := p if y else 1 - p) else 100.0 for p, y in zip(P, Y, strict=True)]
    assert findings.losses[0].mean == pytest.approx(math.fsum(terms) / len(P), rel=1e-14)
    assert findings.clipped == 3  # 0, 1e-60 and 1: ln 1e-60 is −138
    for at in (1, 2):
        assert findings.losses[at].mean == plain.losses[at].mean
    assert findings.losses[2].mean == math.inf
    assert findings.calibration is not None and plain.calibration is not None
    assert findings.calibration.brier == plain.calibration.brier
    assert any("focal is ∞" in note and "torch" in note for note in findings.notes)


def test_accuracy_and_auroc_are_of_p_as_it_is() -> None:
    p, y = [0.05, 0.1, 0.2, 0.3], [0.0, 1.0, 0.0, 1.0]
    findings = found(p, y, Clip(None, 0.25), threshold=0.15)
    assert findings.auroc.value == 0.75
    assert findings.decided is not None
    assert (findings.decided.true_positive, findings.decided.false_positive) == (1, 1)
    assert findings.confusion(0.07) == found(p, y, None, threshold=0.07).confusion(0.07)


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=12),
    st.sampled_from([1e-12, 1e-7, 0.01, 0.3]),
    st.data(),
)
@pytest.mark.exhaustive
def test_it_is_as_if_the_file_held_what_is_clipped(p: list[float], eps: float, data: st.DataObject) -> None:
    y = [float(data.draw(st.booleans())) for _ in p]
    clipped = found(p, y, Clip(None, eps))
    other = found(np.clip(p, eps, 1 - eps), y, None)
    assert clipped.calibration is not None and other.calibration is not None
    assert clipped.calibration.log_loss == other.calibration.log_loss
    assert clipped.calibration.width.ece == other.calibration.width.ece
    assert clipped.temperature == other.temperature
    assert clipped.platt == other.platt


def test_logits_are_clipped_as_their_probabilities() -> None:
    z, y = [50.0, -50.0, 1.0, -30.0], [0.0, 1.0, 1.0, 1.0]
    findings = found(z, y, CLIPS["keras"], kind="logit")
    terms = [-math.log(1e-7), -math.log(1e-7), math.log1p(math.exp(-1)), -math.log(1e-7)]
    assert findings.losses[0].mean == pytest.approx(math.fsum(terms) / 4, rel=1e-12)
    assert findings.clipped == 3


def test_losses_of_margins_read_the_scores_as_they_are() -> None:
    hinge = Criterion(LOSSES["hinge"], (), of_score=True)
    findings = found([-50.0, 2.0], [1.0, 1.0], CLIPS["keras"], kind="logit", criteria=(hinge,))
    assert findings.losses[0].mean == 25.5


def test_classes_are_clipped_one_by_one() -> None:
    p = [[1.0, 0.0, 0.0], [0.2, 0.5, 0.3], [0.0, 0.0, 1.0]]
    findings = found(p, [1, 1, 2], CLIPS["keras"], classes=3)
    terms = [-math.log(1e-7), -math.log(0.5), -math.log1p(-1e-7)]
    assert findings.losses[0].mean == pytest.approx(math.fsum(terms) / 3, rel=1e-12)
    assert (findings.clipped, findings.accuracy) == (2, 2 / 3)


def test_counted_in_cells_it_is_the_same() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(0, 15, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-z / 10))).astype(float)
    exact, rough = (found(z, y, CLIPS["keras"], kind="logit", keep=keep) for keep in (10**6, 100))
    assert rough.ranked is None
    for name in ("auroc", "temperature"):
        a, b = getattr(exact, name), getattr(rough, name)
        assert b.value == pytest.approx(a.value, abs=b.error + 1e-12)
    assert exact.calibration is not None and rough.calibration is not None
    assert exact.calibration.log_loss == rough.calibration.log_loss
    assert exact.clipped == rough.clipped > 0


@pytest.mark.parametrize("word", ["sklearn", "sklearn32", "keras", "torch", "0.001"])
def test_it_is_written_as_it_is_read(word: str) -> None:
    clip = clip_of(word)
    assert clip is not None
    assert clip_of(clip.word) == clip


@pytest.mark.parametrize("word", ["0.5", "-1", "2", "tensorflow", "nan", ""])
def test_what_is_no_clip_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"EPS is between 0 and 0\.5|is no clip|not a finite"):
        clip_of(word)
