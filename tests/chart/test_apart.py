"""Every axis has an inside: ends that are one double, or none, are moved apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart.spec import Axis, apart
from lossterm.chart.ticks import linear_ticks
from tests.curves.program import explorer


@given(st.floats(), st.floats())
def test_any_two_numbers_are_the_ends_of_an_axis(lo: float, hi: float) -> None:
    axis = Axis(*apart(lo, hi))
    assert math.isfinite(axis.hi - axis.lo)
    linear_ticks(axis.lo, axis.hi, 8)
    assert len(np.unique(np.linspace(axis.lo, axis.hi, 1000))) == 1000


@given(st.floats(-2e307, 2e307))
def test_one_double_is_in_the_middle(x: float) -> None:
    lo, hi = apart(x, x)
    assert lo < x < hi


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-8.0, 8.0), (1e17, 1.1e17), (-1e300, 1e300), (0.0, 1e-300)])
def test_an_interval_with_an_inside_stays(ends: tuple[float, float]) -> None:
    assert apart(*ends) == ends


@pytest.mark.parametrize("logit", ["40", "250", "700"])
async def test_the_likelihood_of_a_prediction_that_is_huge(logit: str) -> None:
    async with explorer() as ui:
        await ui.press(":", *"activation:", "space", *"exp", "enter")
        await ui.press("g", *logit, "enter", "L")
        assert ui.view.likelihood and ui.view.logit == float(logit)
        assert "e^−L" in ui.text
