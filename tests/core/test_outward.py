"""From where on something is so: found of conditions whose places are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.jets import Array
from lossterm.core.outward import FARTHEST, first_held, held_from

PLACE = st.floats(0.01, FARTHEST - 5)


@given(PLACE, PLACE)
def test_the_ends_are_found(low: float, high: float) -> None:
    def beyond(z: Array) -> list[Array]:
        return [np.where((z < -low) | (z > high), 1.0, 0.0)]

    for found in (held_from(beyond), first_held(beyond)):
        assert found[0][0] == pytest.approx(-low, abs=0.01)
        assert found[0][1] == pytest.approx(high, abs=0.01)


def test_what_comes_and_goes_does_not_hold_for_good_and_is_held_first() -> None:
    def between(z: Array) -> list[Array]:
        return [np.where((z > 2) & (z < 3), 1.0, 0.0)]

    assert held_from(between) == [(None, None)]
    low, high = first_held(between)[0]
    assert low is None and high == pytest.approx(2, abs=0.01)


def test_where_there_is_nothing_to_tell_nothing_is_told() -> None:
    assert held_from(lambda z: [np.full(z.shape, np.nan)]) == [(None, None)]
    assert held_from(lambda z: [np.where(z > 5, np.where(z > 9, np.nan, 1.0), 0.0)])[0][1] == pytest.approx(5, abs=0.01)


def test_everywhere_begins_at_0() -> None:
    assert held_from(lambda z: [np.ones(z.shape)]) == [(0.0, 0.0)]
