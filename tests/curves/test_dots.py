"""Dots over the curves: numbers of somebody else, where they were computed."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from lossterm.curves.dots import Dots, restored_dots
from lossterm.curves.figure import draw
from lossterm.curves.view import View, next_axis
from tests.curves.program import Explorer
from tests.harness import WIDE, program, saved_of

LOGITS = (-6.0, -2.0, 0.0, 3.0)
MINE = Dots("mine", LOGITS, (("d_logit", (-0.5, -0.25, math.nan, 1e30)),), ink=4, label=1.0)


def test_dots_are_where_they_were_computed_on_either_axis() -> None:
    for view in (View(), next_axis(View())):
        figure = draw(view, ["loss", "d_logit"], 80, [12, 12], dots=(MINE,))
        upper, lower = figure.panels
        assert [mark for mark in upper.chart.marks if mark.symbol in "•▲▼"] == []
        marks = [mark for mark in lower.chart.marks if mark.symbol in "•▲▼"]
        assert [mark.symbol for mark in marks] == ["•", "•", "▲"]
        assert [mark.x for mark in marks] == pytest.approx([figure.scene.position(z) for z in (-6.0, -2.0, 3.0)])
        scale = figure.scales[1]
        assert [mark.y for mark in marks[:2]] == pytest.approx([float(scale.drawn(y)) for y in (-0.5, -0.25)])
        assert marks[2].y == scale.axis.hi
        assert scale.window[1] < 10  # a wild one does not flatten the curves


def test_twice_a_curve_is_inside() -> None:
    view = View()
    curve = draw(view, ["d_logit"], 80, [12]).scene.samples[0]
    twice = Dots("twice", tuple(curve.logit[::9]), (("d_logit", tuple(2 * curve.d_logit[::9])),))
    figure = draw(view, ["d_logit"], 80, [12], dots=(twice,))
    assert {mark.symbol for mark in figure.panels[0].chart.marks} & {"▲", "▼"} == set()
    assert figure.scales[0].window[0] <= -1.99


def test_dots_of_another_label_are_not_shown() -> None:
    assert draw(replace(View(), label=0.0), ["loss"], 80, [12], dots=(MINE,)).scene.dots == ()
    assert draw(View(), ["loss"], 80, [12], dots=(replace(MINE, label=None),)).scene.dots != ()


def test_dots_come_back_from_their_document() -> None:
    one = replace(MINE, heights=(("d_logit", (-0.5, -0.25, 0.0, 1e30)),))
    assert restored_dots(json.loads(json.dumps([one.document()]))) == (one,)
    assert math.isnan(restored_dots([MINE.document()])[0].of("d_logit")[2])


@pytest.mark.parametrize(
    "document",
    [None, 3, "dots", [None], [{}], [{**MINE.document(), "logits": [1]}], [{**MINE.document(), "name": "a\x1b[31m"}],
     [{**MINE.document(), "symbol": "ab"}], [{**MINE.document(), "label": "one"}]],
)  # fmt: skip
def test_a_bad_document_has_none(document: object) -> None:
    assert restored_dots(document) == ()


async def test_dots_are_on_the_screen_and_esc_takes_them_away() -> None:
    app = program(saved_of(View(), {"curves": {"dots": [MINE.document()]}}), start="curves")
    async with app.run_test(size=WIDE) as pilot:
        ui = Explorer(app, pilot)
        await ui.settle()
        assert "• mine" in ui.text
        assert any("•" in line for line in ui.part("slope-chart"))
        await ui.press("m")
        await ui.press("escape")
        assert ui.view.mark is None
        assert "• mine" in ui.text
        await ui.press("escape")
        assert "• mine" not in ui.text
