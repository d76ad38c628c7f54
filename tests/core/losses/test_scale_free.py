"""Words do not change with a factor on the loss."""

from __future__ import annotations

import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import Objective
from lossterm.core.losses.verdict import verdict

LOGITS = (-1000, -300, -40, -12, -4, -1, -0.3, 0, 0.3, 1, 4, 12, 40, 300, 1000)


def said(loss: str, activation: str, **params: float | None) -> list[str]:
    entry = LOSSES[loss]
    objective = Objective(entry, tuple(entry.complete(params).items()), 1.0, ACTIVATIONS[activation])
    return [verdict(objective, objective.evaluate([z]).at(0)) for z in LOGITS]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_factor_changes_no_word(activation: str) -> None:
    plain = said("cross-entropy", activation)
    for weight in (1e-8, 1e-3, 1e5):
        assert said("cross-entropy", activation, pos_weight=weight) == plain
    plain = said("focal", activation)
    for alpha in (1e-3, 0.25):
        assert said("focal", activation, alpha=alpha) == plain
