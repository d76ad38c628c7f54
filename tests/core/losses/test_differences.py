"""Every derivative of every loss and activation against 4th-order central differences of what it is the derivative of.

The differences know nothing of the formulas, the oracle or the kinks: a point where the one-sided slopes disagree is
skipped, and so is one whose differences with two steps disagree, for then they say nothing. |z| ≤ 10: the tails are the
oracle's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import lossterm
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.objective import Evaluation
from tests.families import FIRST, LATER, PAIRS
from tests.reference.families import PLACES

Floats = NDArray[np.float64]

LOGITS = np.linspace(-10, 10, 500)

Shifted = Callable[[float], Floats]
"""A quantity at `LOGITS` plus a shift."""

STEPS = tuple(2.0**-k for k in (6, 9, 12, 16))
"""Of several steps the best is taken, point by point: e^(e^z) needs small ones, most others large."""

QUANTITIES = ("d_activation", "d_prediction", "d2_prediction", "d_logit", "d2_logit")

ROUNDING = 1e-12
"""How wrong, relatively, the values that are differenced may be."""


@dataclass(frozen=True, eq=False)
class Slope:
    """A numerical derivative; nan where a value it needs is undefined or infinite."""

    estimate: Floats
    error: Floats
    """Its estimated error."""
    kink: NDArray[np.bool_]
    """Where the one-sided slopes disagree."""


def central(f: Shifted, step: float) -> Floats:
    """The 4th-order central difference, of error step⁴ f⁗′ / 30."""
    return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)


def slope(f: Shifted) -> Slope:
    """The derivative at `LOGITS`, by differences."""
    estimate, error = np.full((2, len(LOGITS)), np.nan)
    with np.errstate(all="ignore"):
        for step in STEPS:
            narrow, wide = central(f, step), central(f, 2 * step)
            size = np.max([np.abs(f(k * step)) for k in (-4, -2, -1, 1, 2, 4)], axis=0)
            doubt = np.abs(narrow - wide) + (ROUNDING * size + 1e-290) / step
            better = np.isfinite(doubt) & ~(doubt >= error)
            estimate[better], error[better] = narrow[better], doubt[better]
        left, right = (f(0.0) - f(-step)) / step, (f(step) - f(0.0)) / step
        kink = np.abs(right - left) > 0.1 * np.maximum(np.abs(left), np.abs(right)) + 10 * ROUNDING * size / step
    return Slope(estimate, error, kink)


def assert_slope(name: str, of: Slope, derivative: Floats, most: float = 0.95) -> None:
    """The derivative agrees with the differences, and these say something at most of the points where both exist."""
    size = np.maximum(np.abs(of.estimate), np.abs(derivative))
    defined = np.isfinite(of.estimate) & np.isfinite(derivative)
    telling = defined & ~of.kink & (of.error <= np.maximum(1e-5 * size, 1e-8))
    wrong = telling & ~(np.abs(of.estimate - derivative) <= 4 * of.error)
    lines = [
        f"z = {z!r}: {got!r}, by differences {estimate!r} ± {error:.1e}"
        for z, got, estimate, error in np.stack([LOGITS, derivative, of.estimate, of.error], axis=1)[wrong].tolist()
    ]
    assert not lines, f"{name}\n" + "\n".join(lines)
    assert telling.sum() >= most * defined.sum(), f"{name}: only {telling.sum()} of {defined.sum()} points checked"


def accepted_labels(loss: str) -> list[float]:
    """Those of a few labels that the loss takes."""
    labels = []
    for label in (0.0, 1.0, 0.3, -2.0, 3.5):
        try:
            lossterm.evaluate(loss, label=label, activation="identity", at=[0.5])
        except ValueError:
            continue
        labels.append(label)
    return labels


def evaluations(loss: str, label: float, activation: str) -> Callable[[str], Shifted]:
    """Each quantity, by name, as a function of a shift of the logits; computed once a shift."""

    @cache
    def at(shift: float) -> Evaluation:
        return lossterm.evaluate(loss, label=label, activation=activation, at=LOGITS + shift)

    return lambda name: lambda shift: np.asarray(getattr(at(shift), name))


@pytest.mark.parametrize(("loss", "activation"), PAIRS)
@pytest.mark.sampled(8)
def test_derivatives_agree_with_differences(loss: str, activation: str) -> None:
    labels = accepted_labels(loss) if loss in FIRST else [y for a, y in PLACES[loss] if a == activation]
    assert loss in LATER or {0.0, 1.0} <= set(labels)
    for label in labels:
        quantity = evaluations(loss, label, activation)
        here = {name: quantity(name)(0.0) for name in QUANTITIES}
        value, d_logit, d_prediction = (slope(quantity(name)) for name in ("value", "d_logit", "d_prediction"))
        assert_slope(f"y = {label}: d_logit", value, here["d_logit"])
        assert_slope(f"y = {label}: d2_logit", d_logit, here["d2_logit"])
        with np.errstate(invalid="ignore", over="ignore"):  # by the chain rule; 0 · ∞ is skipped
            first, second = here["d_prediction"] * here["d_activation"], here["d2_prediction"] * here["d_activation"]
        assert_slope(f"y = {label}: d_prediction", value, first)
        assert_slope(f"y = {label}: d2_prediction", d_prediction, second)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_agree_with_differences(activation: str) -> None:
    quantity = evaluations("squared-error", 0.0, activation)
    assert_slope("d_activation", slope(quantity("prediction")), quantity("d_activation")(0.0))
