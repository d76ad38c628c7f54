"""What is to be done a little later is done on a busy machine too, where the moment has passed before its turn."""

from __future__ import annotations

import itertools

import pytest

from tests.curves.program import explorer
from tests.race.test_screen import race


async def test_a_race_ends_where_every_turn_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = itertools.count()
    monkeypatch.setattr("textual._time.get_time", lambda: next(looks) * 0.003)  # 3 ms pass from a look to the next
    async with race(saved={"problem": "minima", "fit_steps": 400}, sliced=1e-6) as ui:
        assert ui.screen.contest is not None
        assert ui.screen.contest.step == 400


async def test_a_resize_is_taken_where_every_turn_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    async with explorer() as ui:
        looks = itertools.count()
        monkeypatch.setattr("textual._time.get_time", lambda: next(looks) * 0.01)
        await ui.resize(90, 30)
        assert ui.screen.size == (90, 30)
