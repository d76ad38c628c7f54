"""The losses of the families against mpmath, at their own activation and label and a few others.

Asked is what test_oracle.py asks of the first losses, over the same logits: the same infinities and holes, 1e-12
relative for values and slopes and 1e-10 for curvatures, or, beside a root, a few ulps of the inputs. The numbers are
made here and not stored: of each case some logits each time, all of them in the exhaustive part.
"""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from mpmath import mp

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import evaluate_at
from tests.families import AT_PLACES, LATER
from tests.reference import families
from tests.reference import make_evaluations as oracle

EACH = 1
"""Logits of a case that are looked at each time."""


def beyond_the_twin(case: oracle.Case, z: float, name: str, number: float, want: float) -> bool:
    """What the twin cannot tell: where its own numbers overflow, have too few digits, or are ∞ − ∞."""
    if case.loss == "linex" and case.activation == "exp":
        return z > 300 and number == np.inf
    if case.loss == "modified-huber" and case.activation == "tanh":
        return abs(z) > 600 and name == "d2_prediction"  # 1 − |v| is e^−2|z|
    if case.loss == "msle" and name == "d2_logit":
        return z == -1 and number == np.inf
    return case.loss == "nca" and abs(number - want) < 1e-16  # the two terms of a root are a third


def is_right(name: str, got: float, want: float) -> bool:
    """Whether a number is as near as is asked, roots aside."""
    if np.isfinite(want):
        near = abs(got - want) <= max(oracle.RELATIVE[name] * abs(want), oracle.FLOOR)
        return near or (abs(want) > 1e304 and got == np.copysign(np.inf, want))
    return got == want or bool(np.isnan(got) and np.isnan(want))


def wrong(case: oracle.Case, logits: Sequence[float]) -> Iterator[str]:
    """A line for each number of a case that is not what the twin says."""
    loss = LOSSES[case.loss]
    got = evaluate_at(loss, loss.complete(case.parameters), case.label, case.activation, logits)
    for i, z in enumerate(logits):
        with mp.workdps(families.DIGITS):
            results = case.at(z)
            for j, (name, result) in enumerate(zip(oracle.LOSS_QUANTITIES, results, strict=True)):
                if result is None:
                    continue
                number, want = float(getattr(got, name)[i]), oracle.to_float(result)
                if is_right(name, number, want):
                    continue
                allowed = oracle.to_float(min(oracle.ULPS * case.spread(z)[j], abs(result))) if np.isfinite(want) else 0
                if not abs(number - want) <= allowed and not beyond_the_twin(case, z, name, number, want):
                    yield f"{case} at {z!r}: {name} is {number!r}, should be {want!r}"


def cases_of(loss: str) -> list[oracle.Case]:
    return [oracle.Case(*case) for case in families.cases() if case[0] == loss]


def test_every_later_loss_has_a_twin() -> None:
    assert set(families.FAMILIES) == set(LATER)
    for loss in LATER:
        assert LOSSES[loss].defaults in families.FAMILIES[loss]
        home = LOSSES[loss].home
        assert (loss, home.activation, home.label) in AT_PLACES
        assert sum(place[0] == loss for place in AT_PLACES) >= 4


@pytest.mark.parametrize("part", range(4))
@pytest.mark.sampled(1)
def test_a_sample_agrees_with_mpmath(part: int) -> None:
    chance = random.Random(part)
    lines = [
        line
        for case in list(families.cases())[part::4]
        for line in wrong(oracle.Case(*case), chance.sample(oracle.LOGITS, EACH))
    ]
    assert not lines, "\n".join(lines)


@pytest.mark.exhaustive
@pytest.mark.parametrize("loss", LATER)
def test_everything_agrees_with_mpmath(loss: str) -> None:
    lines = [line for case in cases_of(loss) for line in wrong(case, oracle.LOGITS)]
    assert not lines, f"{len(lines)} numbers are wrong\n" + "\n".join(lines[:40])
