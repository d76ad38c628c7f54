"""The charts as they are on screen: whose curve is whose, where the cursor is, what is undefined and why."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.numbers import fixed
from lossterm.curves.keys import CURVES
from lossterm.curves.view import View
from tests.curves.program import Explorer, explorer, view_of
from tests.harness import NARROW, WIDE, screen_strips

CHARTS = ("loss-chart", "slope-chart")
SIZES = [WIDE, NARROW]

QUIET = {"y", "e", "s", "g", "p", "T", "/", "f", "C", "D", "K", "R"}
"""Actions that write, ask for something, or show something else than the readout."""


def canvas(ui: Explorer, chart: str) -> list[str]:
    """The lines of a chart right of its y axis."""
    figure = ui.screen.figure
    assert figure is not None
    picture = figure.panels[CHARTS.index(chart)].picture
    return [line[picture.left :] for line in ui.part(chart)[1 + picture.top : 1 + picture.top + picture.lines]]


def cursor_columns(ui: Explorer, chart: str) -> list[int]:
    """The columns of a chart's canvas that a cursor line may stand in: marked or crossed on every line."""
    lines = canvas(ui, chart)
    full = [x for x in range(len(lines[0])) if all(line[x] not in " \u2800·" for line in lines)]
    return [x for x in full if any(line[x] in "│●▲▼" for line in lines)]


def column(ui: Explorer) -> int:
    """The cursor's column."""
    figure = ui.screen.figure
    assert figure is not None
    return figure.scene.column(ui.view.logit)


@pytest.mark.parametrize("size", SIZES)
async def test_the_cursor_stands_in_one_column_of_both_charts(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        for key in ("right", "n", "x", "pagedown", "d", "b", "l", "+", "home", "end"):
            await ui.press(key)
            for chart in CHARTS:
                assert column(ui) in cursor_columns(ui, chart), key


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("x g=30 x", id="far on p, back to z"),
        pytest.param("x + + g=3 ", id="beyond the zoomed p"),
        pytest.param("g=20 a a a a a x", id="beyond v = 4"),
    ],
)
async def test_the_cursor_is_always_seen(keys: str) -> None:
    async with explorer() as ui:
        for key in keys.split():
            if key.startswith("g="):
                await ui.press("g")
                await ui.paste(key[2:])
                await ui.press("enter")
            else:
                await ui.press(key)
        assert column(ui) >= 0
        assert cursor_columns(ui, "loss-chart")


@pytest.mark.parametrize("size", SIZES)
async def test_each_curve_has_a_mark_at_the_cursor(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        for chart in CHARTS:
            x = column(ui)
            assert sum(line[x] == "●" for line in canvas(ui, chart)) == 2


async def test_the_curves_at_the_cursor_are_inside_however_near_a_pole_it_is() -> None:
    async with explorer(replace(View(), axis="prediction", logit=-30.0)) as ui:
        marks = "".join(line[column(ui)] for line in canvas(ui, "loss-chart"))
        assert "●" in marks and "▲" not in marks


async def test_a_curve_that_zooming_puts_above_the_window_is_pointed_at() -> None:
    async with explorer(replace(View(), logit=-7.0)) as ui:
        before = ui.view
        await ui.press("*", "*")
        assert canvas(ui, "loss-chart")[0][column(ui)] == "▲"
        assert "y zoom 4" in ui.part("loss-chart")[0]
        await ui.press("_", "_", "_")
        assert "▲" not in canvas(ui, "loss-chart")[0]
        await ui.press("0")
        assert ui.view == before


@pytest.mark.parametrize("size", SIZES)
async def test_each_curve_has_its_letter_and_its_name(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        for chart in CHARTS:
            text = "".join(canvas(ui, chart))
            assert "a" in text
            assert "b" in text
        head = ui.part("loss-chart")[0]
        assert "a cross-entropy" in head
        assert "b squared-error" in head


@pytest.mark.parametrize("size", SIZES)
async def test_the_classic_figure_tells_the_labels_apart(size: tuple[int, int]) -> None:  # C1 to C3
    async with explorer(replace(View(), both_labels=True, axis="prediction"), size) as ui:
        for chart in CHARTS:
            text = "".join(canvas(ui, chart))
            assert all(letter in text for letter in "abAB"), chart
        assert "y=1/y=0" in ui.part("loss-chart")[0]


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_undefined_is_shaded_and_the_reason_is_written(size: tuple[int, int]) -> None:
    async with explorer(view_of("cross-entropy", "squared-error", activation="identity", at=0.5), size) as ui:
        text = "\n".join(canvas(ui, "loss-chart"))
        assert "a undefined: p < 0" in text
        assert "a undefined: p > 1" in text
        for chart in CHARTS:
            assert 2 <= "".join(canvas(ui, chart)).count("·") < 60
        await ui.press("a")
        assert "·" not in "".join(canvas(ui, "loss-chart"))


async def test_nothing_shown_is_an_empty_chart() -> None:
    async with explorer(view_of()) as ui:
        assert cursor_columns(ui, "loss-chart") == [column(ui)]
        await ui.press("space")
        assert "a" in "".join(canvas(ui, "loss-chart"))


@pytest.mark.parametrize(
    ("view", "chart"),
    [
        pytest.param(
            replace(View(), logit_range=(-8.0, -4.5), logit=-6.0),
            "slope-chart",
            id="∂CE/∂z is −1 all along",
        ),
        pytest.param(replace(View(), activation="tanh"), "loss-chart", id="squared error is 4 on half of the window"),
    ],
)
async def test_a_bounded_curve_is_within_the_window(view: View, chart: str) -> None:
    async with explorer(view) as ui:
        marks = "".join(line[column(ui)] for line in canvas(ui, chart))
        assert "▲" not in marks
        assert "▼" not in marks


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
async def test_the_ticks_are_round_numbers(activation: str, size: tuple[int, int]) -> None:
    async with explorer(replace(View(), activation=activation), size) as ui:
        for _ in range(2):
            labels = ui.part("slope-chart")[-1].split()
            labels += [line.partition("┤")[0].strip() for chart in CHARTS for line in ui.part(chart) if "┤" in line]
            assert len(labels) >= 5
            for label in labels:
                digits = label.partition("e")[0].replace("−", "").replace(".", "").strip("0")
                assert len(digits) <= 2, labels
            await ui.press("x")


@pytest.mark.exhaustive
@pytest.mark.parametrize(("seed", "size"), [(1, WIDE), (2, NARROW), (3, (100, 36))])
async def test_all_parts_of_the_screen_agree_wherever_one_goes(seed: int, size: tuple[int, int]) -> None:
    chance = random.Random(seed)
    keys = [key for command in CURVES if command.keys[0] not in QUIET for key in command.keys]
    async with explorer(size=size) as ui:
        for _ in range(80):
            key = chance.choice(keys)
            await ui.press(key)
            if ui.app.screen is not ui.screen:  # a folded pane was opened
                await ui.press("escape")
            ui.screen.notice.hide()  # what is said covers some of the numbers
            await ui.settle()
            assert [len(line) for line in ui.lines] == [size[0]] * size[1]
            assert ui.shown_point == fixed(ui.view.logit, 5)
            assert f"z={fixed(ui.view.logit)}" in ui.status or size == NARROW
            assert f"{len(ui.view.shown)}/{len(ui.view.rows)}" in ui.part("losses")[0]
            (current,) = [line for line in ui.part("losses") if line.startswith("▸")]
            marked = {letter.lower() for letter, row in ui.rows().items() if row.startswith("▸")}
            assert marked == {current[1]} - {" "}, key
            for letter, row in ui.rows().items():
                title = ui.view.rows[next(i for i, x in ui.view.letters.items() if x == letter.lower())].entry.title
                assert title[:12] in row or (title[:3] in row and "… " in row)  # beside its parameters


@pytest.mark.parametrize("marker", ["block", "ascii"])
async def test_charts_can_be_drawn_without_braille(marker: str) -> None:
    async with explorer() as ui:
        ui.app.marker = marker
        await ui.press("t", "right")
        for chart in CHARTS:
            text = "".join(canvas(ui, chart))
            assert not any("\u2800" < c <= "\u28ff" for c in text)
            assert "a" in text and "b" in text
            assert text.isascii() == (marker == "ascii")


async def test_the_current_curve_is_over_the_others() -> None:
    def inks(ui: Explorer, name: str) -> set[object]:
        where = ui.region(name)
        strips = screen_strips(ui.app)[where.y + 1 : where.bottom]
        pieces = [segment for strip in strips for segment in strip.crop(where.x, where.right)]
        return {
            segment.style.color for segment in pieces if segment.style and re.search("[\u2801-\u28ff]", segment.text)
        }

    async with explorer(view_of("cross-entropy")) as ui:
        await ui.press("v", "[")  # a second row of the same loss with the same parameter: the same curve twice
        styles = ui.app.line_styles
        for _ in range(2):
            ink = styles.inks[ui.view.rows[ui.screen.state.current].slot].color
            for name in ("loss-chart", "slope-chart"):
                assert inks(ui, name) == {ink}
            await ui.focus("losses")
            await ui.press("up")
