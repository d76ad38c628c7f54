"""The risk view: the expected loss for a true probability η, drawn, read, marked, kept and told on the command line."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace

import numpy as np
import pytest

import lossterm
from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.landmarks import Kind
from lossterm.core.losses.risk import least_risk
from lossterm.curves.options import add_view_flags, restored_picture, saved_picture, view_words, with_view_flags
from lossterm.curves.scene import compose
from lossterm.curves.view import View, set_eta, set_weight
from lossterm.curves.words import slope as slope_told
from lossterm.model.subject import Row
from tests.curves.changes import set_label, toggle
from tests.curves.program import explorer


def parsed(words: list[str]) -> View:
    parser = argparse.ArgumentParser()
    add_view_flags(parser)
    return with_view_flags(View(), parser.parse_args(words))


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


@pytest.mark.parametrize("eta", [0.01, 0.3, 0.9])
def test_what_is_left_to_the_best_prediction(eta: float) -> None:
    # Brier: η(1 − η), the excess (p − η)²; log loss: the entropy of η, the excess a divergence
    for p in (0.2, 0.85):
        z = math.log(p / (1 - p))
        ce, mse = (
            parsed([f"--risk={eta}", "--loss", name]).objective(0 if name == "ce" else 1) for name in ("ce", "mse")
        )
        entropy = -eta * math.log(eta) - (1 - eta) * math.log(1 - eta)
        divergence = eta * math.log(eta / p) + (1 - eta) * math.log((1 - eta) / (1 - p))
        one, other = (least_risk(o.loss, o.params, "sigmoid", eta) for o in (ce, mse))
        assert one == pytest.approx(entropy)
        assert other == pytest.approx(eta * (1 - eta))
        assert ce.evaluate([z]).value[0] - one == pytest.approx(divergence)
        assert mse.evaluate([z]).value[0] - other == pytest.approx((p - eta) ** 2)


async def test_the_readout_splits_the_risk() -> None:
    view = replace(parsed(["--risk=.9", "--loss", "ce,mse"]), logit=0.5)
    async with explorer(view, (120, 40)) as ui:
        # p = .62246: H(.9) = .32508, and (.9 − p)² = .07703
        assert "R(a) = 0.3251 + 0.1990 excess · best p = 0.9 = η · as smoothing 2ρ = 0.2" in ui.text
        assert [row.rstrip(" │")[-14:] for row in ui.rows().values()] == [" excess 0.1990", "excess 0.07703"]
        assert ui.part("readout")[1].split()[:4] == ["R", "∂R/∂p", "∂p/∂z", "∂R/∂z"]
        assert any(line.startswith("─ ∂R/∂z ") for line in ui.part("slope-chart"))


def test_the_command_and_the_saved_state_keep_it() -> None:
    view = parsed(["--risk=.25", "--loss", "ce,mse"])
    assert parsed(view_words(view)).eta == 0.25
    assert restored_picture(View(), saved_picture(view)).eta == 0.25
    assert set_label(view, 0.0).eta is None
    weighted = parsed(["--risk=.25", "--weight=3"])
    assert weighted.share == 0.5
    assert parsed(view_words(weighted)) == weighted
    assert restored_picture(View(), saved_picture(weighted)).weight == 3
    assert set_label(weighted, 0.0).share is None


async def test_a_weight_of_class_1_is_typed_with_it_and_moves_the_minimum_of_any_loss() -> None:
    async with explorer(parsed(["--loss", "ce,mse,focal"]), (200, 60)) as ui:
        await ui.press("R", *["backspace"] * 9)
        await ui.type(".01 w=99")
        await ui.press("enter")
        assert (ui.view.eta, ui.view.weight) == (0.01, 99)
        assert "R = η′L(1) + (1−η′)L(0)" in ui.part("loss-chart")[0]
        assert "best p = 0.5 = wη/(wη+1−η), w = 99 · z = logit η + ln w" in ui.text
        while "minimum of a" not in ui.text:
            await ui.press("n")
        assert ui.view.logit == pytest.approx(0, abs=1e-9)
        assert "minimum of b" in ui.text
        # of focal the best prediction is no function of wη/(wη + 1 − η): at ½ alone it is ½
        await ui.press("R", *["backspace"] * 20)
        await ui.type(".02 w=99")
        await ui.press("enter", "down", "down")
        assert "best p = " in ui.text and "wη/" not in ui.text
        await ui.press("R", *["backspace"] * 20)
        await ui.type("w=0")
        await ui.press("enter")
        assert "a weight is a positive number" in ui.text


def test_no_probability_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        set_eta(View(), 1.5)
    with pytest.raises(ValueError, match="η is needed"):
        set_weight(View(), 2)
    assert run(["plot", "--weight=2"]) == 2
    assert "--weight" in capsys.readouterr().err
    assert run(["plot", "--risk=2"]) == 2
    assert "between 0 and 1" in capsys.readouterr().err
    assert run(["plot", "--risk=.01", "--loss", "ce:pos_weight=99", "--size", "60x12"]) == 0
    assert "◇" in capsys.readouterr().out


def test_margin_losses_have_a_risk_too() -> None:
    view = replace(toggle(View(), 9), eta=0.8)
    assert Row.of("hinge").entry is view.rows[9].entry
    scene = compose(view, 60)
    assert all(np.isfinite(e.value).all() for e in scene.samples)


async def test_a_loss_that_smoothed_labels_mean_nothing_to_has_no_risk() -> None:
    view = replace(set_eta(toggle(View(), list(LOSSES).index("hinge")), 0.9), smoothing=0.1)
    assert math.isnan(least_risk(LOSSES["hinge"], (), "sigmoid", 0.9, 0.1))
    async with explorer(view) as ui:
        await ui.press("right", "down", "down")
        assert "R(a) = " in ui.text


@pytest.mark.parametrize(
    ("words", "slope"),
    [
        (["--loss", "ce"], "∂L/∂z = p − y"),
        (["--loss", "ce", "--risk", ".3"], "∂R/∂z = p − η"),
        (["--loss", "half-mse", "--risk", ".3", "--activation", "identity"], "∂R/∂z = v − η"),
        (["--loss", "ce", "--risk", ".3", "--smoothing", ".1"], ""),
        (["--loss", "ce:pos_weight=2", "--risk", ".3"], ""),
        (["--loss", "mse", "--risk", ".3"], ""),
    ],
)
def test_what_is_said_of_the_slope_is_of_the_risk(words: list[str], slope: str) -> None:
    view = parsed(words)
    assert slope_told(view, view.shown[0]) == slope
