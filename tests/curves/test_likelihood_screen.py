"""The likelihood view: densities in place of the derivative, with their numbers."""

from __future__ import annotations

import argparse
import math
import re

import pytest

from lossterm.cli import run
from lossterm.curves.options import add_view_flags, restored_picture, saved_picture, view_words, with_view_flags
from lossterm.curves.view import View
from tests.curves.program import explorer, view_of
from tests.harness import NARROW, WIDE


def number(text: str) -> float:
    return float(text.replace("−", "-"))


async def test_the_key_shows_the_densities_and_hides_them() -> None:
    async with explorer() as ui:
        await ui.press("L")
        assert ui.view.likelihood
        assert "e^−L/Z over y  a Bernoulli  b Gaussian σ² = ½" in ui.part("slope-chart")[0]
        assert "█" in "".join(ui.part("slope-chart"))
        assert "−8" in ui.part("loss-chart")[-1]  # each chart has its own axis now
        await ui.press("L")
        assert "∂L/∂z" in ui.part("slope-chart")[0]
        await ui.press("L", "d")
        assert (ui.view.likelihood, ui.view.slope) == (False, "d_logit")


async def test_squared_errors_are_the_gaussian_likelihood_and_cross_entropy_the_bernoulli() -> None:
    view = view_of("cross-entropy", "squared-error", "half-squared-error", at=0.5, label=1.0)
    async with explorer(view) as ui:
        await ui.press("L")
        cells = {letter: line.split()[-20:] for letter, line in ui.rows().items()}
        found = {
            letter: [number(x) for x in re.findall(r"(?<= )−?[\d.]+(?= )", " ".join(line) + " ")[:4]]
            for letter, line in cells.items()
        }
        residual = 1 / (1 + math.exp(-0.5)) - 1
        value, constant, energy, height = found["a"]
        assert (constant, energy) == (0, value)
        assert height == pytest.approx(math.exp(-value), rel=1e-3)
        value, constant, energy, height = found["b"]
        assert value == pytest.approx(residual**2, rel=1e-3)
        assert constant == pytest.approx(0.5 * math.log(math.pi), abs=5e-5)
        assert energy == pytest.approx(value + constant, abs=5e-4)
        assert height == pytest.approx(math.exp(-(residual**2)) / math.sqrt(math.pi), rel=1e-3)
        value, constant, energy, height = found["c"]
        assert value == pytest.approx(residual**2 / 2, rel=1e-3)
        assert constant == pytest.approx(0.5 * math.log(2 * math.pi), abs=5e-5)
        assert height == pytest.approx(math.exp(-(residual**2) / 2) / math.sqrt(2 * math.pi), rel=1e-3)
        assert "½r² = 0.07127 (σ = 1)" in ui.text
        assert "r² = 0.1425 (σ² = ½)" in ui.text


async def test_moving_the_cursor_moves_the_densities_and_draws_no_curve_again() -> None:
    async with explorer(view_of("squared-error", likelihood=True)) as ui:
        figure, before = ui.screen.figure, ui.part("slope-chart")
        await ui.press("pagedown", "pagedown", "pagedown", "pagedown")
        assert ui.screen.figure is figure
        assert ui.part("slope-chart") != before


async def test_what_has_no_density_is_named() -> None:
    async with explorer(view_of("cross-entropy", "focal", activation="identity", at=-3.0, likelihood=True)) as ui:
        assert "no density over {0, 1} at v = −3.000" in ui.text
        assert "a no density here" in ui.part("slope-chart")[0]


@pytest.mark.parametrize("size", [WIDE, NARROW, (200, 60), (40, 12)], ids=str)
async def test_it_fits_every_size(size: tuple[int, int]) -> None:
    view = view_of("cross-entropy", "squared-error", "focal", "poisson", likelihood=True)
    async with explorer(view, size) as ui:
        await ui.press("right", "x", "b", "b", "l", "left")
        await ui.resize(size[0] + 7, size[1] + 1)
        assert ui.view.likelihood


async def test_a_click_among_labels_leaves_the_cursor_where_it_is() -> None:
    async with explorer(view_of("squared-error", likelihood=True)) as ui:
        at = ui.view.logit
        await ui.pilot.click("#slope-chart", offset=(40, 4))
        await ui.settle()
        assert ui.view.logit == at


def test_the_command_and_the_saved_state_keep_it(capsys: pytest.CaptureFixture[str]) -> None:
    view = view_of("cross-entropy", "squared-error", at=-1.5, likelihood=True)
    words = view_words(view)
    parser = argparse.ArgumentParser()
    add_view_flags(parser)
    assert with_view_flags(View(), parser.parse_args(words)).likelihood
    assert restored_picture(View(), saved_picture(view)).likelihood
    assert run(["plot", *words, "--size", "100x30"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 30
    assert "p = 0.1824" in out
    assert "b squared-error: Gaussian, σ² = ½: −ln density = r² + 0.5724" in out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--likelihood", "--at", "1,2"], "2 points"),
        (["--at", "1,2"], "one logit"),
        (["--likelihood", "--at", "1e9"], "beyond"),
        (["--likelihood", "--size", "40x9"], "2 charts need a height of at least 10"),
    ],
)
def test_what_cannot_be_printed_is_refused(words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", *words]) == 2
    assert why in capsys.readouterr().err


def test_without_the_densities_a_point_is_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", "--at", "1"]) == 0
    with_cursor = capsys.readouterr().out
    assert run(["plot"]) == 0
    without = capsys.readouterr().out
    assert (with_cursor.count("●"), without.count("●")) == (2, 0)  # a curve each
