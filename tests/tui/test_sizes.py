"""Every size of terminal, from one cell to a wall: nothing breaks, nothing sticks out, nothing essential is lost."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.view import View
from lossterm.model.rows import MAX_SHOWN
from tests.curves.program import Explorer, explorer, view_of
from tests.harness import NARROW, WIDE, screen_strips

SMALLEST = (40, 12)
SIZES = [
    (1, 1), (2, 1), (1, 30), (300, 1), (3, 2), (12, 4), (39, 12), (40, 11), (39, 11), (39, 100), (300, 11),
    SMALLEST, (40, 100), (41, 13), (57, 17), (79, 23), NARROW, (81, 27), (80, 28), (100, 30), (109, 35), (110, 35),
    (109, 36), (110, 36), WIDE, (120, 49), (160, 50), (200, 60), (300, 12), (300, 100),
]  # fmt: skip
USABLE = [size for size in SIZES if size[0] >= SMALLEST[0] and size[1] >= SMALLEST[1]]

FOOTER = (": find", "←→ move", "n next", "tab pane", "space show", "x axis", "? keys", "q quit")
"""What the line of keys begins with on the chart, and ends with."""

BRAILLE = re.compile("[\u2801-\u28ff]")


def assert_fits(ui: Explorer, size: tuple[int, int]) -> None:
    """Every line is there and exactly as wide as the screen."""
    strips = screen_strips(ui.app)
    assert len(strips) == size[1]
    for strip in strips:
        assert strip.cell_length == size[0], strip.text
        assert cell_len(strip.text) == size[0], strip.text


def is_small(size: tuple[int, int]) -> bool:
    return size[0] < SMALLEST[0] or size[1] < SMALLEST[1]


@pytest.mark.exhaustive
@pytest.mark.parametrize("start", [(1, 1), SMALLEST, WIDE])
async def test_every_size_draws(start: tuple[int, int]) -> None:
    async with explorer(size=start) as ui:
        assert_fits(ui, start)
        for size in SIZES:
            await ui.resize(*size)
            assert_fits(ui, size)
            assert ("too" in ui.text.lower()) is (is_small(size) and size[0] >= 3), size
            assert (BRAILLE.search(ui.text) is None) is is_small(size), size


@pytest.mark.parametrize(
    "view",
    [
        view_of(*list(LOSSES)[:MAX_SHOWN]),
        view_of(),
        replace(View(), both_labels=True, axis="prediction", scale="symlog"),
        view_of("cross-entropy", "hinge", activation="identity", label=0.123456789, at=-123456.789),
        view_of("poisson", "exponential", activation="exp", label=1.0, slope="d2_logit", at=1000.0),
    ],
)
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.sampled(2)
async def test_every_size_draws_whatever_is_shown(view: View, seed: int) -> None:
    chance = random.Random(seed)
    async with explorer(view) as ui:
        for _ in range(6):
            size = (chance.randint(1, 300), chance.randint(1, 100))
            await ui.resize(*size)
            assert_fits(ui, size)
            assert ui.view == view


@pytest.mark.exhaustive
@pytest.mark.parametrize("keys", ["?", ":", "g", "y", "tab enter", "T", "/"])
async def test_popups_and_prompts_draw_at_every_size(keys: str) -> None:
    async with explorer(size=NARROW) as ui:
        await ui.press(*keys.split())
        for size in SIZES:
            await ui.resize(*size)
            assert_fits(ui, size)
        await ui.resize(*NARROW)
        await ui.press("escape")
        assert ui.app.screen is ui.screen


@pytest.mark.parametrize("size", USABLE)
async def test_what_is_essential_is_seen(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        text = ui.text
        assert "1 Curves" in ui.lines[0] or "z=−4.000" in ui.status
        assert "∂L/∂z" in ui.part("slope-chart")[0]
        assert ui.part("loss-chart")[0].split()[1] == "L"
        for chart in ("loss-chart", "slope-chart"):
            assert any(BRAILLE.search(line) for line in ui.part(chart)[1:])
            assert any("●" in line for line in ui.part(chart)[1:])
        assert ui.shown_point == "−4.0000"
        rows = ui.rows()
        assert "cross-entropy" in rows["a"]
        assert "4.018" in rows["a"]
        assert "squared-error" in rows["b"]
        assert "0.9644" in rows["b"]
        assert "y = 1" in text
        assert "sigmoid" in text
        assert "? keys" in ui.lines[-1]
        assert "q quit" in ui.lines[-1]


@pytest.mark.parametrize("size", [size for size in USABLE if size[0] >= 80 and size[1] >= 24])
async def test_nothing_is_lost_from_80_by_24_on(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        assert ui.lines[-1].startswith(" : find")
        for key in FOOTER:
            assert key in ui.lines[-1]
        assert "a cross-entropy" in ui.part("loss-chart")[0]
        assert "b squared-error" in ui.part("loss-chart")[0]
        heads = ui.part("readout")[1]
        for head in ("L", "∂L/∂p", "∂L/∂z", "∂²L/∂z²", "×a", "in words"):
            assert f" {head}" in heads
        assert "∂p/∂z" in "".join(ui.part("readout")[:2])
        for number in ("4.018", "−55.60", "−0.9820", "0.01766"):
            assert number in ui.rows()["a"]
        for number in ("0.9644", "−1.964", "−0.03469", "−0.03282", "1/28.3"):
            assert number in ui.rows()["b"]
        assert "e^−L(a) = 0.01799" in ui.part("readout")[-1]
        assert "z=−4.000" in ui.status
        assert any("cross-entropy" in line for line in ui.part("losses"))
        assert any("squared-error" in line for line in ui.part("losses"))
        assert ui.part("slope-chart")[-1].strip()  # the labels of the x axis
        ticks = [line.partition("┤")[0] for line in ui.part("loss-chart") if "┤" in line]
        assert len(ticks) >= 2


@pytest.mark.parametrize("size", [(39, 12), (40, 11), (20, 5)])
async def test_too_small_is_said_politely_and_the_keys_still_work(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        assert "too small" in ui.text
        assert "40×12" in ui.text
        await ui.press("right", "t", "x", "?", "escape")
        await ui.resize(*WIDE)
        assert_fits(ui, WIDE)
        assert ui.view.label == 0
        assert ui.view.axis == "prediction"
        assert "y=0·" in ui.status
        await ui.resize(*size)
        await ui.pilot.press("q")
        await ui.pilot.pause()
        assert not ui.app.is_running


async def test_a_size_returned_to_shows_what_it_showed() -> None:
    async with explorer() as ui:
        await ui.press("n", "d", "down")
        await ui.press("left")
        before = ui.lines
        for size in (NARROW, (1, 1), (200, 60)):
            await ui.resize(*size)
        await ui.resize(*WIDE)
        assert ui.lines == before


async def test_the_curves_fill_a_wide_screen() -> None:
    async with explorer(size=(200, 60)) as ui:
        right = [line[150:] for line in ui.part("slope-chart")[1:]]
        assert sum(len(BRAILLE.findall(line)) for line in right) >= 20
        assert ui.region("readout").right == 200
        assert ui.region("readout").bottom == ui.region("loss-line").y == 58


async def test_the_smallest_size_has_losses_and_the_slope_in_the_logit() -> None:
    async with explorer(size=(40, 12)) as ui:
        assert [line[:4] for line in ui.part("losses")[1:]] == ["▸a■ ", " b■ "]
        assert ui.part("readout")[1].split() == ["L", "∂L/∂z"]
        assert "−0.9820" in ui.rows()["a"]
