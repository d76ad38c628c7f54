"""Entropy, divergence and cross-entropy: exact values, and the laws between them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from lossterm.core.jets import Array
from lossterm.core.softmax.example import from_probabilities, softmax
from lossterm.core.softmax.information import BITS, Distribution, cross_entropy, entropy, kl
from lossterm.core.softmax.inputs import Target

PAIRS = [
    ((0.5, 0.5), (0.9, 0.1)),
    ((0.7, 0.2, 0.1), (0.1, 0.2, 0.7)),
    ((0.7, 0.3), (0.7000001, 0.2999999)),
    ((0.25, 0.25, 0.5), (0.25 + 2**-30, 0.25 - 2**-30, 0.5)),
    ((0.3, 0.7, 0.0), (0.5, 0.25, 0.25)),
    ((1e-300, 1.0), (0.5, 0.5)),
    ((0.999999, 1e-6), (1e-6, 0.999999)),
]


def exact(t: tuple[float, ...], p: tuple[float, ...]) -> tuple[float, float, float]:
    """Entropy, divergence and cross-entropy of the distributions that the numbers are rounded from."""
    with mp.workdps(400):
        # the largest entry is what the others leave, as it is for a distribution
        a, b = ([mpf(x) for x in v] for v in (t, p))
        for v in (a, b):
            top = v.index(max(v))
            v[top] = 1 - mp.fsum(x for i, x in enumerate(v) if i != top)
        pairs = list(zip(a, b, strict=True))
        floor = mp.fsum(-x * mp.log(x) for x in a if x)
        excess = mp.fsum(x * mp.log(x / y) for x, y in pairs if x)
        return float(floor), float(excess), float(floor + excess)


@pytest.mark.parametrize(("t", "p"), PAIRS)
def test_against_the_definitions(t: tuple[float, ...], p: tuple[float, ...]) -> None:
    floor, excess, total = exact(t, p)
    a, b = Distribution.of(t), Distribution.of(p)
    assert entropy(a) == pytest.approx(floor, rel=4e-16)
    assert cross_entropy(a, b) == pytest.approx(total, rel=4e-16)
    # where they nearly agree, the gap t − p of two rounded numbers is known to an ulp of theirs
    closeness = np.max(np.abs(np.subtract(t, p)))
    assert kl(a, b) == pytest.approx(excess, rel=8e-16 / float(closeness))


def test_bits() -> None:
    fair = Distribution.of((0.5, 0.5))
    assert entropy(fair) * BITS == 1
    assert kl(Distribution.of((1.0, 0.0)), fair) * BITS == 1


def test_nothing_times_the_logarithm_of_nothing_is_nothing() -> None:
    certain, other = Distribution.of((0.0, 1.0, 0.0)), Distribution.of((0.5, 0.5, 0.0))
    assert entropy(certain) == 0
    assert kl(certain, certain) == 0
    assert math.copysign(1, float(kl(certain, certain))) == 1
    assert entropy(other) == math.log(2)
    assert kl(other, other) == 0


def test_a_code_without_a_word_costs_infinity() -> None:
    t = Distribution.of((0.5, 0.5))
    assert kl(t, Distribution.of((1.0, 0.0))) == math.inf
    assert cross_entropy(t, Distribution.of((1.0, 0.0))) == math.inf
    assert kl(Distribution.of((1.0, 0.0)), Distribution.of((0.0, 1.0))) == math.inf


def test_a_tail_that_has_underflowed_still_costs_its_logarithm() -> None:
    p = softmax(np.array([0.0, -2000.0]))
    assert p.p[1] == 0
    assert cross_entropy(Distribution.of((0.5, 0.5)), p) == pytest.approx(1000)


def test_teacher_and_student_who_agree_in_the_tail() -> None:
    teacher, student = softmax(np.array([60.0, 0.0])), softmax(np.array([60.0, 1.0]))
    with mp.workdps(80):
        q, r = 1 / (1 + mp.exp(60)), 1 / (1 + mp.exp(59))
        excess = (1 - q) * mp.log((1 - q) / (1 - r)) + q * mp.log(q / r)
        assert kl(teacher, student) == pytest.approx(float(excess), rel=1e-15)
        assert entropy(teacher) == pytest.approx(float(-q * mp.log(q) - (1 - q) * mp.log(1 - q)), rel=1e-15)


@pytest.mark.parametrize("over", ["all", "others"])
@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
@pytest.mark.parametrize("smoothing", [0.0, 1e-12, 0.1, 1.0])
def test_smoothing_moves_mass_and_keeps_complements(over: str, classes: int, smoothing: float) -> None:
    t = Target.of(1, smoothing=smoothing, over=over).smoothed(classes)  # type: ignore[arg-type]
    share = smoothing / classes if over == "all" else smoothing / (classes - 1)
    assert t.p[0] == pytest.approx(share, rel=1e-15)
    assert t.complement[1] == pytest.approx(share * (classes - 1), rel=1e-15)
    assert math.fsum(t.p) == pytest.approx(1, rel=1e-15)


def test_smoothing_a_distribution_spreads_each_share_over_the_others() -> None:
    t = Distribution.of((0.5, 0.3, 0.2)).smoothed(0.2, "others")
    assert t.p == pytest.approx([0.4 + 0.05, 0.24 + 0.07, 0.16 + 0.08])
    assert t.complement == pytest.approx(1 - t.p)


def logits(low: int = 2, high: int = 30) -> st.SearchStrategy[Array]:
    return st.lists(st.floats(-800, 800), min_size=low, max_size=high).map(np.array)


@given(st.integers(2, 30).flatmap(lambda k: st.tuples(logits(k, k), logits(k, k))))
def test_cross_entropy_is_entropy_and_divergence(pair: tuple[Array, Array]) -> None:
    t, p = softmax(pair[0]), softmax(pair[1])
    whole, parts = float(cross_entropy(t, p)), float(entropy(t)) + float(kl(t, p))
    assert abs(whole - parts) <= math.ulp(whole)
    direct = math.fsum(-a * b for a, b in zip(t.p, p.log, strict=True))
    assert whole == pytest.approx(direct, rel=1e-15, abs=1e-15)
    assert kl(t, p) >= 0
    assert kl(t, t) == 0
    assert entropy(t) <= math.log(len(t.p)) * (1 + 1e-15)


@given(st.lists(st.lists(st.floats(-50, 50), min_size=4, max_size=4), min_size=1, max_size=6))
def test_a_batch_is_its_rows(rows: list[list[float]]) -> None:
    z = np.array(rows)
    t, p = softmax(z[::-1].copy()), softmax(z)
    for i in range(len(z)):
        one, other = softmax(z[len(z) - 1 - i]), softmax(z[i])
        assert kl(t, p)[i] == pytest.approx(float(kl(one, other)), rel=1e-14, abs=1e-300)
        assert entropy(t)[i] == pytest.approx(float(entropy(one)), rel=1e-15)


@pytest.mark.parametrize("p", [(0.1, 0.2, 0.7), (0.3, 0.3, 0.4), (1 / 3, 1 / 3, 1 / 3), (0.05, 0.0, 0.95), (0.6, 0.4)])
def test_the_very_same_distribution_has_no_divergence(p: tuple[float, ...]) -> None:
    prediction = softmax(from_probabilities(p))
    target = Distribution.of(p)
    assert float(kl(target, prediction)) == 0.0
    assert not prediction.minus(target).any()


def test_the_next_distribution_has_some_divergence() -> None:
    prediction = softmax(from_probabilities((0.1, 0.2, 0.7)))
    assert float(kl(Distribution.of((0.1, 0.2 + 1e-9, 0.7 - 1e-9)), prediction)) > 0
