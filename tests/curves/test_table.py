"""The long table: what is written at once is what is written one number at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import Objective
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import fitting
from lossterm.curves.table import CELL, NARROW_CELL, _written

ENTROPY = LOSSES["cross-entropy"]
OBJECTIVE = Objective(ENTROPY, tuple(ENTROPY.complete({}).items()), 1.0, ACTIVATIONS["sigmoid"])

NEAR_ENDS = st.sampled_from(
    [1e-4, 1e-3, 0.00099999, 0.000999995, 9998.95, 9999.0, 9999.5, 99999.5, 1e5, 5e-324, 1.8e308]
)


@pytest.mark.parametrize("cell", [NARROW_CELL, CELL, CELL + 1])
@given(
    values=st.lists(st.one_of(st.floats(), st.floats(-1e5, 1e5), NEAR_ENDS, NEAR_ENDS.map(lambda x: -x)), min_size=1)
)
def test_numbers_at_once_are_those_one_by_one(cell: int, values: list[float]) -> None:
    logits = np.linspace(-800.0, 800.0, len(values))
    at = replace(OBJECTIVE.evaluate(logits), value=np.array(values))
    form, elsewhere = partial(fitting, width=cell - 1, digits=5), surroundings(OBJECTIVE)
    texts = [elsewhere.told("value", z, x, form) for z, x in zip(logits.tolist(), values, strict=True)]
    expected = [text if len(text) < cell else text.replace(" ", "") for text in texts]
    assert _written(OBJECTIVE, at, "value", cell) == expected
