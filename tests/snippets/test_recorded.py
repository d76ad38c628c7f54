"""What torch, jax, keras and catboost made of their snippets when they were run (`tests.reference.run_snippets`)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lossterm.core.losses.formulas import LOSSES
from lossterm.snippets.checking import LIMITS
from lossterm.snippets.snippet import LIBRARIES
from lossterm.snippets.twins import WITHOUT
from tests.reference import run_snippets

RECORDED: dict[str, Any] = json.loads(run_snippets.PATH.read_text("utf-8"))

FAR = 80
"""Up to this raw score nothing may fail; beyond it e^z leaves float32."""

EXACT = {"float64": 1e-10, "float32": LIMITS["float32"]}


def test_every_library_is_either_run_here_or_recorded() -> None:
    assert set(RECORDED["snippets"]) == set(run_snippets.LIBRARIES) == set(LIBRARIES) - {"numpy", "xgboost", "lightgbm"}
    assert set(run_snippets.LIBRARIES) < set(RECORDED["versions"])


@pytest.mark.parametrize("library", run_snippets.LIBRARIES)
def test_what_was_run_was_right(library: str) -> None:
    recorded = RECORDED["snippets"][library]
    assert recorded and set(recorded) <= set(LOSSES) - set(WITHOUT)  # a new one waits for who has the libraries
    for loss, found in recorded.items():
        assert found["max_error"] < EXACT[found["dtype"]], loss
        assert found["fails_from"] is None or abs(found["fails_from"]) > FAR, loss


def test_catboost_learned_what_it_learns_with_its_own() -> None:
    assert RECORDED["catboost_logloss_difference"] < 1e-9
