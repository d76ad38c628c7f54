"""The mark: a second point on the charts, whose numbers and their ratios stand beside those at the cursor."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart.markers import cells_with
from lossterm.cli import run
from lossterm.curves.comparison import times
from lossterm.curves.figure import MARK, MARK_LINE, draw, marked
from lossterm.curves.options import add_view_flags, restored_picture, saved_picture, view_words, with_view_flags
from lossterm.curves.view import QUANTITIES, View, set_mark, toggle_mark
from tests.curves.program import FIRST, Explorer, explorer, view_of

NAMES = ("cross-entropy", "squared-error")


def parsed(words: list[str]) -> View:
    parser = argparse.ArgumentParser()
    add_view_flags(parser)
    return with_view_flags(View(), parser.parse_args(words))


def marks(ui: Explorer) -> tuple[float | None, bool]:
    """The mark, and whether the cursor is on its right."""
    return ui.view.mark, ui.view.mark is not None and ui.view.logit > ui.view.mark


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_two_points_are_compared(size: tuple[int, int]) -> None:
    view = set_mark(view_of(*NAMES, at=logit(0.01)), logit(0.49))
    async with explorer(view, size) as ui:
        assert "◎ z = −0.040  p = 0.4900" in ui.part("readout")[0]
        assert ui.part("readout")[1].split()[:6] == ["L", MARK, f"÷{MARK}", "∂L/∂z", MARK, f"÷{MARK}"]
        a, b = (ui.rows()[letter].partition(name)[2].split()[:6] for letter, name in zip("ab", NAMES, strict=True))
        assert a == ["4.605", "0.7133", "6.46", "−0.9900", "−0.5100", "1.94"]
        assert b == [
            "0.9801",
            "0.2601",
            "3.77",
            "−0.01960",
            "−0.2549",
            "1/13",
        ]
        # the second quantity is what the lower chart shows
        await ui.press("d")
        assert "∂L/∂p" in ui.part("readout")[1]
        assert "−100.0   −2.041       49" in ui.rows()["a"]


async def test_it_stays_while_the_cursor_moves_and_nothing_is_drawn_again() -> None:
    async with explorer() as ui:
        figure = ui.screen.figure
        await ui.press("m", *["right"] * 3)
        assert marks(ui) == (-4, True)
        assert ui.screen.figure is figure
        column = [line.index(MARK) for line in ui.part("loss-chart") if MARK in line]
        assert len(set(column)) == 1
        assert any(line[column[0]] == MARK_LINE for line in ui.part("loss-chart"))
        await ui.press("U")
        assert marks(ui)[0] is None
        await ui.press("Y")
        assert marks(ui)[0] == -4


async def test_the_mark_is_the_logit_on_either_axis_and_behind_any_activation() -> None:
    async with explorer() as ui:
        await ui.press("m", "x", "end", "a")
        assert ui.view.mark == -4
        assert "◎ z = −4.000  v = −0.9993" in ui.part("readout")[0]  # tanh
        await ui.press("x", "g", *"500", "enter")
        assert MARK not in "".join(ui.part("loss-chart")[1:])  # out of the window, and its numbers are told
        assert "◎ z = −4.000" in ui.part("readout")[0]


async def test_a_message_is_read_before_the_mark_goes() -> None:
    async with explorer() as ui:
        await ui.press("m", "right", "y")
        await ui.told("--mark=-4")
        await ui.press("escape")
        assert marks(ui)[0] == -4
        assert "--mark" not in ui.text
        await ui.press("escape")
        assert marks(ui)[0] is None


@pytest.mark.exhaustive
async def test_every_loss_can_be_compared() -> None:
    view = replace(view_of(*FIRST, at=3.0), mark=-1000.0)
    async with explorer(view, (200, 60)) as ui:
        assert len(ui.rows()) == len(FIRST)
        await ui.press("b")
        assert f"÷{MARK}" in ui.text


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_it_is_drawn_on_each_curve_in_its_column(quantity: str) -> None:
    figure = draw(View(), [quantity], 60, [14])
    picture, plain = marked(figure, 0, 1.0), figure.panels[0].picture
    changed = {
        (row, column)
        for row, (now, before) in enumerate(zip(picture.text().splitlines(), plain.text().splitlines(), strict=True))
        for column, (one, other) in enumerate(zip(now.ljust(60), before.ljust(60), strict=True))
        if one != other
    }
    assert {column - picture.left for _, column in changed} == {figure.scene.column(1.0)}
    assert MARK in picture.text()
    assert marked(figure, 0, None) is plain
    assert marked(figure, 0, 99.0) is plain


def test_its_glyphs_have_stand_ins_in_ascii() -> None:
    assert cells_with("ascii", "◎┊△▽").isascii()


@pytest.mark.parametrize(
    ("x", "other", "text"),
    [
        (4.605170186, 0.713349888, "6.46"),
        (0.2601, 0.9801, "1/3.77"),
        (-2.0, 1.0, "−2"),
        (1.0, -4.0, "−1/4"),
        (0.0, 1.0, "0"),
        (1.0, 0.0, "∞"),
        (-1.0, 0.0, "∞"),
        (0.0, 0.0, "—"),
        (math.nan, 1.0, "—"),
        (math.inf, math.inf, "—"),
        (math.inf, 2.0, "∞"),
        (2.0, math.inf, "0"),
    ],
)
def test_how_many_times(x: float, other: float, text: str) -> None:
    assert times(x, other) == text


@given(st.none() | st.floats(-1e6, 1e6))
def test_it_is_kept_and_told(mark: float | None) -> None:
    view = set_mark(View(), mark)
    assert restored_picture(View(), saved_picture(view)).mark == mark
    assert parsed(view_words(view)).mark == mark


@pytest.mark.parametrize("mark", ["Infinity", 1e7, "x", True, [1]])
def test_what_was_kept_is_distrusted(mark: object) -> None:
    assert restored_picture(View(), {"mark": mark}).mark is None


def test_it_toggles_at_the_cursor() -> None:
    view = toggle_mark(View())
    assert view.mark == -4
    assert toggle_mark(replace(view, logit=1.0)).mark == 1
    assert toggle_mark(view).mark is None


def test_the_command_line_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", "--mark=-2", "--at=1", "--size", "70x14"]) == 0
    out = capsys.readouterr().out
    assert MARK in out and "●" in out
    assert run(["plot", "--mark=1e9"]) == 2
    assert "--mark" in capsys.readouterr().err


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40)])
async def test_the_verdict_is_told_beside_the_numbers_or_below_them(size: tuple[int, int]) -> None:
    view = set_mark(view_of("cross-entropy", "focal", at=-3), -4)
    async with explorer(view, size) as ui:
        await ui.press("down", "down")
        readout = ui.part("readout")
        assert any("confidently wrong, concave" in line or "confidently wrong" in line for line in readout)
        # a head stands only over what there is
        assert ("in words" in readout[1]) == ("confidently wrong" in ui.rows()["a"])
