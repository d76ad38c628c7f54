"""The risk view: the expected loss for a true probability η, drawn, read, marked, kept and told on the command line."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace

import numpy as np
import pytest

import lossterm
from lossterm import session
from lossterm.arguments import applied, view_arguments
from lossterm.cli import run
from lossterm.core.landmarks import Kind
from lossterm.options import add_view_options
from lossterm.plot.scene import compose
from lossterm.state import View, row, set_eta, set_label, toggle


def parsed(words: list[str]) -> View:
    parser = argparse.ArgumentParser()
    add_view_options(parser)
    return applied(View(), parser.parse_args(words))


def minima(view: View) -> list[float]:
    return [mark.logit for mark in compose(view, 90).landmarks if mark.kind is Kind.MINIMUM]


def test_it_is_the_mean_of_the_two_labels() -> None:
    z = np.array([-3.0, 0.5, 40.0])
    expected = parsed(["--risk", "0.3", "--loss", "ce"]).objective(0).evaluate(z)
    one, other = (lossterm.evaluate("ce", label=y, at=z) for y in (1, 0))
    for name in ("value", "d_logit", "d2_logit", "d_prediction", "d2_prediction"):
        mean = 0.3 * getattr(one, name) + 0.7 * getattr(other, name)
        assert getattr(expected, name) == pytest.approx(mean, rel=1e-14)


def test_proper_losses_are_least_at_the_true_probability() -> None:
    for z in minima(parsed(["--risk=.9", "--loss", "ce,mse"])):
        assert z == pytest.approx(math.log(9), abs=1e-9)
    (focal,) = minima(parsed(["--risk=.9", "--loss", "focal"]))
    assert 1 / (1 + math.exp(-focal)) == pytest.approx(0.6942, abs=5e-5)


def test_a_weight_and_smoothing_move_the_minimum() -> None:
    (weighted,) = minima(parsed(["--risk=.01", "--loss", "ce:pos_weight=99"]))
    assert weighted == pytest.approx(0, abs=1e-9)
    (smooth,) = minima(parsed(["--risk=.9", "--loss", "ce", "--smoothing=.2"]))
    assert 1 / (1 + math.exp(-smooth)) == pytest.approx(0.9 * 0.8 + 0.1, abs=1e-9)


def test_the_command_and_the_saved_state_keep_it() -> None:
    view = parsed(["--risk=.25", "--loss", "ce,mse"])
    assert parsed(view_arguments(view)).eta == 0.25
    assert session._read_view(session._view_document(view)).eta == 0.25
    assert set_label(view, 0.0).eta is None


def test_no_probability_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        set_eta(View(), 1.5)
    assert run(["plot", "--risk=2"]) == 2
    assert "between 0 and 1" in capsys.readouterr().err
    assert run(["plot", "--risk=.01", "--loss", "ce:pos_weight=99", "--size", "60x12"]) == 0
    assert "◇" in capsys.readouterr().out


def test_margin_losses_have_a_risk_too() -> None:
    view = replace(toggle(View(), 9), eta=0.8)
    assert row("hinge").entry is view.rows[9].entry
    scene = compose(view, 60)
    assert all(np.isfinite(e.value).all() for e in scene.samples)
