"""What articles say of K classes, with the numbers that the program shows; and that each preset shows what it says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import lossterm
from lossterm.core.softmax.evaluation import evaluate_as_written, evaluate_point, evaluate_softmax
from lossterm.core.softmax.formulas import find_softmax_loss
from lossterm.core.softmax.information import BITS, Distribution, cross_entropy, entropy, kl
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.presets import PRESETS


def shown(preset: str) -> dict[str, Any]:
    """Every loss of a preset, by id."""
    entry = PRESETS[preset]
    losses = [(loss, loss.complete({})) for loss in map(find_softmax_loss, entry.losses)]
    return dict(zip(entry.losses, evaluate_point(entry.example.point, losses), strict=True))


def test_c8_cross_entropy_pulls_and_squared_error_saturates() -> None:
    point, at = PRESETS["confidently-wrong"].example.point, shown("confidently-wrong")
    assert at["cross-entropy"].gradient == pytest.approx([0.9993, -0.9997, 0.0003], abs=5e-5)
    assert at["cross-entropy"].gradient == pytest.approx(point.prediction.p - point.target.p, rel=1e-15)
    assert at["squared-error"].gradient == pytest.approx([0.0020, -0.0013, -0.0007], abs=5e-5)
    # descent follows −∂L/∂z: the wrong class 2 goes up
    assert at["squared-error"].gradient[2] < 0 < at["cross-entropy"].gradient[2]


def test_c13_the_digit_3() -> None:
    losses = [(loss, loss.complete({})) for loss in map(find_softmax_loss, ("ce", "mse"))]
    expected = {"digit-3-mse": (0.9163, 0.4335, 1.01), "digit-3-ce": (0.1625, 0.0301, 1.015)}
    for preset, (ce, mse, total) in expected.items():
        entry = PRESETS[preset]
        assert evaluate_as_written(losses, entry.probabilities, 3) == pytest.approx([ce, mse], abs=5e-5)
        assert math.fsum(entry.probabilities) == pytest.approx(total)
        assert entry.note is not None
        assert f"sum to {total}" in entry.note
        assert f"sum to {total}" in entry.about
        # both pick the class; rescaling costs the logarithm of the sum
        assert int(np.argmax(entry.example.point.prediction.p)) == 3
        assert shown(preset)["cross-entropy"].value == pytest.approx(-math.log(entry.probabilities[3] / total))


def test_c16_cross_entropy_is_entropy_and_divergence() -> None:
    t, p = Distribution.of((0.1, 0.2, 0.7)), Distribution.of((0.3, 0.3, 0.4))
    for unit in (1, BITS):
        whole = float(cross_entropy(t, p)) * unit
        assert whole == pytest.approx(float(entropy(t)) * unit + float(kl(t, p)) * unit, rel=4e-16)
    # they differ by a constant, so they have one gradient
    ce, divergence = (evaluate_softmax(name, logits=[1, 2, 0], target=(0.1, 0.2, 0.7)) for name in ("ce", "kl"))
    assert np.array_equal(ce.gradient, divergence.gradient)
    assert ce.value - divergence.value == pytest.approx(float(entropy(t)))


@pytest.mark.parametrize(("classes", "floor"), [(2, 0.1985), (10, 0.5003), (1000, 1.0148)])
def test_c17_a_smoothed_loss_never_reaches_zero(classes: int, floor: float) -> None:
    assert entropy(Target.of(0, smoothing=0.1).smoothed(classes)) == pytest.approx(floor, abs=5e-5)
    at = shown(f"smoothing-{classes}")
    assert at["cross-entropy"].value == pytest.approx(floor, abs=5e-5)
    assert at["kl"].value < 1e-30
    assert np.abs(at["cross-entropy"].gradient).max() < 1e-15
    surer = evaluate_softmax("ce", logits=20 * np.eye(classes)[0], target=0, smoothing=0.1)
    assert surer.value > floor
    assert surer.gradient[0] > 0


def test_c22_distillation_matches_centred_logits() -> None:
    student, teacher = np.array([2, 1, -1.0]), np.array([0.5, 1.5, 1.0])
    limit = ((student - student.mean()) - (teacher - teacher.mean())) / 3
    assert limit == pytest.approx([0.6111, -0.0556, -0.5556], abs=5e-5)
    assert (student - teacher) / 3 == pytest.approx([0.5, -0.1667, -0.6667], abs=5e-5)
    for temperature in (1e2, 1e4, 1e6, 1e12):
        got = evaluate_softmax("distillation", logits=student, teacher=teacher, temperature=temperature)
        assert got.gradient == pytest.approx(limit, rel=1e-13, abs=1 / temperature)
        # without T² it would vanish
        plain = evaluate_softmax("kl", logits=student, teacher=teacher, temperature=temperature)
        assert plain.gradient * temperature**2 == pytest.approx(got.gradient, rel=1e-12)
    # the value tends to half the mean squared difference of centred logits
    assert got.value == pytest.approx(1.5 * np.sum(limit**2), rel=1e-11)
    assert shown("distillation")["distillation"].gradient == pytest.approx(limit, abs=5e-4)


def test_c22_cross_entropy_and_divergence_differ_by_the_teacher() -> None:
    point = PRESETS["distillation"].example.point
    assert float(point.cross_entropy) == float(point.entropy) + float(point.kl)
    assert np.array_equal(shown("distillation")["cross-entropy"].gradient, shown("distillation")["kl"].gradient)


def test_c31_a_wrong_class_can_be_pushed_up_only_from_three_classes_on() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        z = rng.normal(size=2) * 5
        ce, mse = (evaluate_softmax(name, logits=z, target=1).gradient for name in ("ce", "mse"))
        assert np.array_equal(np.sign(ce), np.sign(mse))
        binary = [float(lossterm.evaluate(name, label=1, at=z[1] - z[0]).d_logit) for name in ("ce", "mse")]
        assert abs(binary[1]) < abs(binary[0])
    ce, mse = (evaluate_softmax(name, logits=[8, 0, 0], target=1).gradient for name in ("ce", "mse"))
    assert np.sign(ce[2]) == -np.sign(mse[2]) == 1


def test_c32_cross_entropy_is_no_distance() -> None:
    a, b = Distribution.of((0.1, 0.2, 0.7)), Distribution.of((0.3, 0.3, 0.4))
    assert abs(float(cross_entropy(a, b) - cross_entropy(b, a))) > 0.1
    assert cross_entropy(a, a) == entropy(a) > 0
    assert kl(a, a) == 0


def test_c33_the_extra_bits_are_the_divergence() -> None:
    # a source of ½, ¼, ⅛, ⅛ needs 1.75 bits; the code for a uniform one takes 2
    source, code = Distribution.of((0.5, 0.25, 0.125, 0.125)), Distribution.of((0.25,) * 4)
    assert [float(f) * BITS for f in (entropy(source), kl(source, code), cross_entropy(source, code))] == pytest.approx(
        [1.75, 0.25, 2.0], rel=1e-15
    )


def test_a_double_softmax_is_stuck() -> None:
    best, worst = shown("double-softmax")["cross-entropy"], shown("double-softmax-wrong")["cross-entropy"]
    assert (best.value, worst.value) == pytest.approx((1.461, 2.461), abs=5e-4)
    rng = np.random.default_rng(2)
    for scale in (0.1, 1, 30):
        first = naive_softmax(rng.normal(size=10) * scale)
        assert best.value <= evaluate_softmax("ce", logits=first, target=0).value <= worst.value


def naive_softmax(z: Any) -> Any:
    weights = np.exp(z - z.max())
    return weights / weights.sum()


def test_at_the_start_the_loss_is_ln_k() -> None:
    assert shown("start")["cross-entropy"].value == math.log(10)


def test_a_face_that_is_right_still_has_a_margin_to_win() -> None:
    at = shown("cosines-of-a-face")
    assert at["cross-entropy"].value < 1e-8
    assert at["arcface"].value > 9 and at["cosface"].value > 2


def test_the_hardest_negatives_take_the_push_of_infonce() -> None:
    push = shown("similarities")["infonce"].gradient[1:]
    assert push[:2].sum() / push.sum() > 0.99 > push[:1].sum() / push.sum()


def test_the_further_off_the_more_rps() -> None:
    at = shown("ordered-classes")
    assert (at["rps"].value, at["squared-error"].value) == pytest.approx((4, 2), abs=1e-3)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_problem(preset: str) -> None:
    entry = PRESETS[preset]
    assert entry.about
    assert len(entry.about) <= 100
    assert bool(entry.logits) != bool(entry.probabilities)
    assert all(math.isfinite(result.value) for result in shown(preset).values())
