"""Properties that take long are computed once for all tests of the screen; each looks at the same losses."""

from __future__ import annotations

from functools import cache

import pytest

from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import LOSSES, Loss, Params
from lossterm.core.properties import properties


@cache
def known(loss: str, params: tuple[tuple[str, float | None], ...], activation: Activation, label: float) -> object:
    return properties(LOSSES[loss], dict(params), activation, label)


@pytest.fixture(autouse=True)
def computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def properties_of(loss: Loss, params: Params, activation: Activation, label: float) -> object:
        return known(loss.id, tuple(params.items()), activation, label)

    monkeypatch.setattr("lossterm.properties.found.properties", properties_of)
