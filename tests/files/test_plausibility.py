"""Figures that speak against the way a file was read are told, and those of ordinary files say nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.files.making import csv_of, write
from tests.predictions.test_command import loaded

RNG = np.random.default_rng(3)
P = RNG.uniform(0.02, 0.98, 400)
Y = (RNG.random(400) < P).astype(float)
FAR = np.clip(P, 1e-9, None) ** 6


@pytest.mark.parametrize(
    ("label", "prediction", "says"),
    [
        (Y, 1 - P, "is 'p' of the other class? --positive"),
        (1 - Y, np.where(P > 0.5, 1 - 1e-9, 1e-9), "log loss "),
        ((P > 0.5).astype(float), P, "every decision is right: is 'y' what was decided"),
        ((RNG.random(400) < 0.2).astype(float), P, "the predictions add up to"),
    ],
)
def test_what_the_figures_say(
    tmp_path: Path, label: np.ndarray[tuple[int], np.dtype[np.float64]],
    prediction: np.ndarray[tuple[int], np.dtype[np.float64]], says: str,
) -> None:  # fmt: skip
    notes = loaded(write(tmp_path / "a.csv", csv_of(label, prediction)))["notes"]
    assert any(says in note for note in notes), notes


def test_an_ordinary_file_has_no_doubts(tmp_path: Path) -> None:
    assert loaded(write(tmp_path / "a.csv", csv_of(Y, P)))["notes"] == []
    assert loaded("--demo")["notes"] == []


def test_a_part_of_a_file_has_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv_of((P > 0.5).astype(float), P))
    assert loaded(path, "--only-range", "0.1:0.9")["notes"] == []
