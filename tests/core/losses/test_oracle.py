"""Every loss through every activation against mpmath; tests/reference/make_evaluations.py says what and how.

Asked: the same infinities and holes, a relative error below 1e-12 (second derivatives 1e-10) or an absolute one below
1e-290, or, beside a root, a few ulps of the inputs: the allowance that the reference carries.
"""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

import lossterm
from lossterm.core.losses.activations import ACTIVATIONS
from tests.families import FIRST
from tests.reference import make_evaluations as oracle

REFERENCE = oracle.load()

CEILING = 1e304
"""Next to the largest double an intermediate result may overflow: the mirror of the floor of 1e-290."""

Floats = NDArray[np.float64]


def disagreements(name: str, got: Floats, want: Floats, allowance: Floats) -> Iterator[str]:
    """A line for each logit where a quantity is not what the reference says."""
    for z, g, w, allowed in zip(
        REFERENCE.logits.tolist(), got.tolist(), want.tolist(), allowance.tolist(), strict=True
    ):
        if np.isfinite(w):
            right = abs(g - w) <= max(oracle.RELATIVE[name] * abs(w), allowed, oracle.FLOOR)
            right |= abs(w) > CEILING and g == np.copysign(np.inf, w)
        else:
            right = g == w or bool(np.isnan(g) and np.isnan(w))
        if not right and np.isfinite(allowed):
            error = f", relative error {abs(g / w - 1):.1e}" if w and np.isfinite([g, w]).all() else ""
            yield f"{name} at z = {z!r}: {g!r}, should be {w!r}{error}"


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", FIRST)
def test_matches_the_reference(loss: str, activation: str) -> None:
    wrong: list[str] = []
    for i, case in enumerate(REFERENCE.cases):
        if (case.loss, case.activation) != (loss, activation):
            continue
        got = lossterm.evaluate(loss, label=case.label, activation=activation, at=REFERENCE.logits, **case.parameters)
        lines = [
            line
            for j, name in enumerate(oracle.LOSS_QUANTITIES)
            for line in disagreements(name, getattr(got, name), REFERENCE.evaluations[i, j], REFERENCE.allowance[i, j])
        ]
        wrong += [f"y = {case.label!r} {json.dumps(case.parameters)}: {line}" for line in lines]
    assert not wrong, f"{len(wrong)} numbers are wrong\n" + "\n".join(wrong)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation_matches_the_reference(activation: str) -> None:
    got = lossterm.evaluate("squared-error", label=0.0, activation=activation, at=REFERENCE.logits)
    want, allowance = REFERENCE.activations[activation], REFERENCE.activation_allowance[activation]
    wrong = [
        line
        for j, name in enumerate(oracle.ACTIVATION_QUANTITIES)
        for line in disagreements(name, getattr(got, name), want[j], allowance[j])
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_without_reference_values() -> None:
    assert {(case.loss, case.activation) for case in REFERENCE.cases} == {(a, b) for a in FIRST for b in ACTIVATIONS}
    assert set(REFERENCE.activations) == set(ACTIVATIONS)


@pytest.mark.exhaustive
def test_the_stored_reference_is_what_the_script_makes() -> None:
    assert REFERENCE.cases == tuple(oracle.cases())
    assert REFERENCE.logits.tolist() == list(oracle.LOGITS)
    assert not oracle.check(count=25, seed=2)


def test_hardly_anything_is_left_out_or_loosened() -> None:
    assert np.isinf(REFERENCE.allowance).mean() < 0.004
    assert (np.isfinite(REFERENCE.allowance) & (REFERENCE.allowance > 0)).mean() < 0.004
