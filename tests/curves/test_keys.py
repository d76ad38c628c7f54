"""Every key that is declared, pressed: what it does to the view, and what becomes visible."""

from __future__ import annotations

import math
import re
import string
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lossterm.chart.panel import CURSOR, DOT
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.numbers import fixed
from lossterm.curves.figure import MARK
from lossterm.curves.keys import CURVES
from lossterm.curves.precision_words import LOST
from lossterm.curves.view import SLOPES, View
from lossterm.explore import guide
from lossterm.model.subject import LABELS, SMOOTHINGS
from lossterm.tui.commands import GLOBAL, Command
from lossterm.tui.storyteller import Storyteller
from tests.curves.changes import set_parameter
from tests.curves.program import FIRST, Explorer, explorer, nonblank, view_of
from tests.harness import WIDE, came_to, squeezed

COMMANDS: tuple[Command, ...] = (*CURVES, *GLOBAL)

Deed = Callable[[Explorer, str], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """What a key is pressed for, and where."""

    deed: Deed
    view: View | None
    size: tuple[int, int]


SCENARIOS: dict[str, Scenario] = {}
"""By the first key: a command that is declared without a scenario fails `test_every_command_has_a_scenario`."""


def does(first_key: str, view: View | None = None, size: tuple[int, int] = WIDE) -> Callable[[Deed], Deed]:
    """The scenario of the command with this first key: it is run once for each of its keys."""

    def enlist(deed: Deed) -> Deed:
        assert first_key not in SCENARIOS
        SCENARIOS[first_key] = Scenario(deed, view, size)
        return deed

    return enlist


def test_every_command_has_a_scenario() -> None:
    assert {command.keys[0] for command in COMMANDS} == set(SCENARIOS)


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("first_key", "key"), [(c.keys[0], key) for c in COMMANDS for key in c.keys])
async def test_key(first_key: str, key: str) -> None:
    scenario = SCENARIOS[first_key]
    async with explorer(scenario.view, scenario.size) as ui:
        await scenario.deed(ui, key)


# ---- what is looked for on the screen -----------------------------------------------------------------------------


def cursor_column(ui: Explorer, chart: str = "loss-chart") -> int:
    """The column of the screen in which a chart's cursor line stands."""
    lines = ui.part(chart)[1:]
    where = ui.region(chart)
    tall = [x for x in range(where.width) if all(line[x] not in " \u2800·" for line in lines[: where.height - 3])]
    found = [x for x in tall if any(line[x] == DOT for line in lines) and lines[0][x] in CURSOR + DOT]
    assert len(found) == 1, ui.text
    return where.x + found[0]


def assert_point(ui: Explorer, logit: float) -> None:
    """The point is there, and title, readout and both cursors say so."""
    assert ui.view.logit == pytest.approx(logit, rel=1e-12, abs=1e-12)
    assert f"z={fixed(ui.view.logit)}" in ui.status
    assert ui.shown_point == fixed(ui.view.logit, 5)


def assert_mark(ui: Explorer, logit: float | None) -> None:
    """The mark is there."""
    assert ui.view.mark == logit


def shown_letters(ui: Explorer) -> dict[str, str]:
    """The rows of the loss pane that have a letter: letter and the rest."""
    return {line[1]: line[2:] for line in ui.part("losses")[1:] if line[1].isalpha()}


def current_row(ui: Explorer, pane: str = "losses") -> str:
    """The current row of a pane."""
    (row,) = [line for line in ui.part(pane) if line.startswith("▸")]
    return row


def chosen_row(ui: Explorer, pane: str) -> str:
    """The chosen row of the label or the activation pane."""
    (row,) = [line for line in ui.part(pane) if "◉" in line]
    return row.partition("◉")[2].strip()


def axis_labels(ui: Explorer) -> list[str]:
    """The labels of the x axis."""
    return ui.part("slope-chart")[-1].split()


def heading(ui: Explorer, chart: str) -> str:
    """The heading of a chart."""
    return ui.part(chart)[0]


def numbers(ui: Explorer, letter: str) -> list[str]:
    """The numbers of a row of the readout."""
    words = ui.rows()[letter][2:].split()
    start = next(i for i, word in enumerate(words) if word[0] in string.digits + "−∞—")
    return words[start:]


def row_index(loss: str) -> int:
    return list(LOSSES).index(loss)


# ---- the cursor ----------------------------------------------------------------------------------------------------


async def _moves(ui: Explorer, key: str, by: int) -> None:
    before, column, slope_column = ui.view, cursor_column(ui), cursor_column(ui, "slope-chart")
    assert column == slope_column
    await ui.press(key)
    assert ui.view == replace(before, logit=ui.view.logit)
    assert_point(ui, ui.view.logit)
    assert cursor_column(ui) == cursor_column(ui, "slope-chart") == column + by


@does("left")
async def moves_left(ui: Explorer, key: str) -> None:
    await _moves(ui, key, -1)


@does("right")
async def moves_right(ui: Explorer, key: str) -> None:
    await _moves(ui, key, 1)


@does("shift+left")
async def moves_left_fast(ui: Explorer, key: str) -> None:
    await _moves(ui, key, -10)


@does("shift+right")
async def moves_right_fast(ui: Explorer, key: str) -> None:
    await _moves(ui, key, 10)


@does("home")
async def goes_to_the_left_edge(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert_point(ui, -8)
    await ui.press("left")
    assert_point(ui, -8)


@does("end")
async def goes_to_the_right_edge(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert_point(ui, 8)
    await ui.press("right")
    assert_point(ui, 8)


@does("g")
async def goes_to_a_typed_point(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert "go to z (or p=…)" in ui.lines[-1]
    await ui.type("-2.5")
    assert "-2.5" in ui.lines[-1]
    await ui.press("enter")
    assert_point(ui, -2.5)
    assert "? keys" in ui.lines[-1]


@does("n")
async def goes_to_the_next_landmark(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert_point(ui, -math.log(2))
    assert numbers(ui, "b")[3] == "−0.2963"  # −8/27
    assert "inflection of b, its steepest point: ∂L/∂z = −0.2963" in ui.part("readout")[-1]


@does("N", view_of("cross-entropy", "squared-error", at=3.0))
async def goes_to_the_previous_landmark(ui: Explorer, key: str) -> None:
    await ui.press(key)
    seen = {ui.view.logit}
    while ui.view.logit > -math.log(2) + 1e-9:
        await ui.press(key)
        assert ui.view.logit not in seen
        seen.add(ui.view.logit)
    assert_point(ui, -math.log(2))
    assert numbers(ui, "b")[3] == "−0.2963"


@does("m")
async def marks_the_point(ui: Explorer, key: str) -> None:
    await ui.press(key, "right")
    assert_mark(ui, -4)
    assert MARK in "".join(ui.part("loss-chart")) and MARK in "".join(ui.part("slope-chart"))
    assert "◎ z = −4.000  p = 0.01799" in ui.part("readout")[0]
    await ui.press(key)  # it moves to the cursor
    assert_mark(ui, ui.view.logit)
    await ui.press(key)  # where it is, it goes
    assert_mark(ui, None)
    assert MARK not in ui.text


# ---- panes ---------------------------------------------------------------------------------------------------------


@does("down")
async def goes_down_a_row(ui: Explorer, key: str) -> None:
    assert "cross-entropy" in current_row(ui)
    await ui.press(key)
    assert "squared-error" in current_row(ui)
    assert ui.rows()["b"].startswith("▸")
    await ui.press(*[key] * 30)
    assert "zero-one" in current_row(ui)


@does("up")
async def goes_up_a_row(ui: Explorer, key: str) -> None:
    await ui.press("down", "down", key)
    assert "squared-error" in current_row(ui)
    await ui.press(key, key)
    assert "cross-entropy" in current_row(ui)


def focused(ui: Explorer) -> str:
    """The id of what has the focus, which its heading shows by a heavy rule."""
    assert ui.app.focused is not None
    name = ui.app.focused.id or ""
    heavy = [part for part in ("losses", "labels", "activations", "loss-chart") if ui.part(part)[0].startswith("━")]
    assert heavy == [name]
    return name


async def _pane_by_pane(ui: Explorer, key: str) -> list[str]:
    visited = [focused(ui)]
    for _ in range(4):
        await ui.press(key)
        visited.append(focused(ui))
    assert visited[0] == visited[-1] == "loss-chart"
    assert sorted(visited[1:]) == ["activations", "labels", "loss-chart", "losses"]
    return visited


@does("tab")
async def goes_to_the_next_pane(ui: Explorer, key: str) -> None:
    await _pane_by_pane(ui, key)


@does("shift+tab")
async def goes_to_the_previous_pane(ui: Explorer, key: str) -> None:
    backwards = await _pane_by_pane(ui, key)
    assert await _pane_by_pane(ui, "tab") == backwards[::-1]


@does("escape")
async def leaves_for_the_chart(ui: Explorer, key: str) -> None:
    await ui.focus("labels")
    await ui.press(key)
    assert focused(ui) == "loss-chart"
    await ui.press("/")
    await ui.type("brier")
    await ui.press("enter")
    assert len(nonblank(ui.part("losses")[1:])) == 1
    await ui.press(key)
    assert len(nonblank(ui.part("losses")[1:])) > len(FIRST)  # with headings
    await ui.press("m", "tab", key)
    assert_mark(ui, -4)  # the first leads to the chart, the next takes the mark away
    await ui.press(key)
    assert_mark(ui, None)


@does("enter")
async def chooses_a_row(ui: Explorer, key: str) -> None:
    await ui.focus("losses")
    await ui.press("down", "down", key)
    assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error", "focal"]
    await ui.focus("labels")
    await ui.press("down", key)
    assert ui.view.label == 0
    assert chosen_row(ui, "labels") == "y = 0"
    await ui.focus("activations")
    await ui.press("up", key)
    assert ui.view.activation == "identity"
    assert chosen_row(ui, "activations") == "identity"


@does("space")
async def shows_and_hides_a_loss(ui: Explorer, key: str) -> None:
    await ui.press("down", "down", key)
    assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error", "focal"]
    assert shown_letters(ui)["c"].startswith("■ focal")
    assert "c focal" in heading(ui, "loss-chart")
    assert "focal" in ui.rows()["c"]
    assert any("c" in line for line in ui.part("slope-chart")[1:])
    await ui.press("up", "up", key)
    assert [ui.view.rows[i].loss for i in ui.view.shown] == ["squared-error", "focal"]
    assert shown_letters(ui)["b"].startswith("■ squared-error")  # each keeps its letter while others come and go
    assert "focal" in ui.rows()["c"]
    assert "a" not in {**shown_letters(ui), **ui.rows()}
    assert "a " not in heading(ui, "loss-chart")


@does("r")
async def takes_the_current_loss_as_reference(ui: Explorer, key: str) -> None:
    head = ui.part("readout")[1]
    assert "×a" in head
    assert numbers(ui, "a")[5] == "1"
    assert numbers(ui, "b")[5] == "1/28.3"
    await ui.press("down", key)
    assert ui.view.reference == row_index("squared-error")
    assert "×b" in ui.part("readout")[1]
    assert numbers(ui, "a")[5] == "28.3"
    assert numbers(ui, "b")[5] == "1"
    assert "ref" in shown_letters(ui)["b"]
    assert "ref" not in shown_letters(ui)["a"]


FOCAL = view_of("focal")


def _focal(ui: Explorer) -> dict[str, float | None]:
    return dict(ui.view.rows[row_index("focal")].params)


@does("[", FOCAL)
async def lowers_the_parameter(ui: Explorer, key: str) -> None:
    before = numbers(ui, "a")
    await ui.press(key)
    assert _focal(ui) == {"gamma": 1.5, "alpha": None}
    assert "γ 1.5" in shown_letters(ui)["a"]
    assert numbers(ui, "a") != before
    await ui.press(*[key] * 5)
    assert _focal(ui)["gamma"] == 0


@does("]", FOCAL)
async def raises_the_parameter(ui: Explorer, key: str) -> None:
    before = numbers(ui, "a")
    await ui.press(key)
    assert _focal(ui) == {"gamma": 2.5, "alpha": None}
    assert "γ 2.5" in shown_letters(ui)["a"]
    assert numbers(ui, "a") != before


@does("{", FOCAL)
async def lowers_the_second_parameter(ui: Explorer, key: str) -> None:
    await ui.press("}", "}", "}", key)
    assert _focal(ui) == {"gamma": 2, "alpha": 0.1}
    assert "α 0.1" in shown_letters(ui)["a"]
    await ui.press(key, key, key)
    assert _focal(ui)["alpha"] is None
    assert "α" not in shown_letters(ui)["a"]


@does("}", FOCAL)
async def raises_the_second_parameter(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert _focal(ui) == {"gamma": 2, "alpha": 0.05}
    assert "α 0.05" in shown_letters(ui)["a"]


@does("p", FOCAL)
async def asks_for_the_parameters(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert "gamma=2 alpha=off" in ui.lines[-1]
    await ui.type("gamma=0.5 alpha=.25")
    await ui.press("enter")
    assert _focal(ui) == {"gamma": 0.5, "alpha": 0.25}
    assert "γ 0.5 α 0.25" in shown_letters(ui)["a"]


@does("v", FOCAL)
async def adds_a_variant(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert [dict(ui.view.rows[i].params)["gamma"] for i in ui.view.shown] == [2.0, 2.5]
    assert "focal γ=2 " in ui.rows()["a"]
    assert "focal γ=2.5 " in ui.rows()["b"]
    assert current_row(ui)[1] == "b"


@does("V", FOCAL)
async def removes_a_variant(ui: Explorer, key: str) -> None:
    await ui.press("v", "]", key)
    assert ui.view.rows == FOCAL.rows
    assert set(ui.rows()) == {"a"}
    await ui.press(key)
    assert ui.view.rows == FOCAL.rows  # the last row of a loss stays


@does("/")
async def filters_the_losses(ui: Explorer, key: str) -> None:
    await ui.press(key)
    await ui.type("pinball")
    assert [line[3:].split()[0] for line in nonblank(ui.part("losses")[1:])] == ["quantile"]
    await ui.press("enter", "space")
    assert row_index("quantile") in ui.view.shown


@does("f")
async def types_a_loss_of_ones_own(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert "my-cross-entropy(" in ui.text.splitlines()[-2]
    await ui.type("*2")
    await ui.press("enter")
    row = ui.view.rows[-1]
    assert (row.loss, row.shown) == ("my-cross-entropy", True)
    assert "my-cross-entropy" in current_row(ui)
    assert float(numbers(ui, "c")[0]) == pytest.approx(float(numbers(ui, "a")[0]), rel=1e-3)


@does("E")
async def shows_every_loss_of_a_family(ui: Explorer, key: str) -> None:
    await ui.press("/")
    await ui.type("dpo")
    await ui.press("enter", key, "escape")
    members = [name for name, loss in LOSSES.items() if loss.family is LOSSES["dpo"].family]
    assert {ui.view.rows[i].loss for i in ui.view.shown} == {"cross-entropy", "squared-error", *members}
    assert "▾ preference" in "".join(ui.part("losses"))
    await ui.press(key)
    assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error"]


# ---- label and activation ------------------------------------------------------------------------------------------


@does("t")
async def goes_to_the_next_label(ui: Explorer, key: str) -> None:
    for label in (*LABELS[1:], LABELS[0]):
        await ui.press(key)
        assert ui.view.label == label
        assert chosen_row(ui, "labels").startswith(f"y = {label:g}")
        assert f"y={label:g}·" in ui.status


@does("T")
async def asks_for_a_label(ui: Explorer, key: str) -> None:
    await ui.press(key)
    await ui.type("0.3")
    await ui.press("enter")
    assert ui.view.label == 0.3
    assert chosen_row(ui, "labels").startswith("y = 0.3")
    await ui.press("t", "t")
    assert ui.view.label == 0
    await ui.press("t", "t", "t")
    assert ui.view.label == 0.3  # what was typed is one of the labels now


@does("R")
async def asks_for_a_true_probability(ui: Explorer, key: str) -> None:
    await ui.press(key)
    await ui.type("1.5")
    await ui.press("enter")
    assert not ui.view.eta  # no probability: it says so, and stays open
    await ui.press("ctrl+u")
    await ui.type("0.2")
    await ui.press("enter")
    assert ui.view.eta == 0.2
    assert "η=0.2·" in ui.status
    await ui.press("t")
    assert ui.view.eta is None  # a label again


@does("w")
async def smooths_the_label(ui: Explorer, key: str) -> None:
    for smoothing in (*SMOOTHINGS[1:], 0.0):
        await ui.press(key)
        assert ui.view.smoothing == smoothing
        (row,) = [line for line in ui.part("labels") if "smoothing" in line]
        assert ("off" in row) if not smoothing else (f"{smoothing:g} → {1 - smoothing / 2:g}" in row)
        assert f"y={1 - smoothing / 2:g}·" in ui.status


@does("a")
async def goes_to_the_next_activation(ui: Explorer, key: str) -> None:
    names = list(ACTIVATIONS)
    for n in range(len(names)):
        await ui.press(key)
        assert ui.view.activation == names[(names.index("sigmoid") + 1 + n) % len(names)]
        assert_point(ui, -4)
        assert chosen_row(ui, "activations") == ui.view.activation
        assert f"·{ui.view.activation}" in ui.status


@does("A")
async def goes_to_the_previous_activation(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.activation == "identity"
    assert chosen_row(ui, "activations") == "identity"
    await ui.press(key)
    assert ui.view.activation == list(ACTIVATIONS)[-1]


@does("H")
async def goes_where_the_loss_is_at_home(ui: Explorer, key: str) -> None:
    await ui.press("down", key)
    assert (ui.view.activation, ui.view.label) == ("identity", 0)
    assert chosen_row(ui, "activations") == "identity"
    await ui.press(key)
    assert "this is behind identity" in ui.text
    await ui.press("/")
    await ui.type("ppo-clip")
    await ui.press("enter", "space", key, "escape", "up", "up", "up")
    assert (ui.view.activation, ui.view.label) == ("exp", 1)


# ---- the picture ---------------------------------------------------------------------------------------------------


@does("x")
async def changes_the_axis(ui: Explorer, key: str) -> None:
    assert "against z" in heading(ui, "slope-chart")
    await ui.press(key)
    assert ui.view.axis == "prediction"
    assert "against p" in heading(ui, "slope-chart")
    assert axis_labels(ui) == [f"{n / 10:.1f}" for n in range(11)]
    assert_point(ui, -4)
    await ui.press(key)
    assert axis_labels(ui) == ["−8", "−6", "−4", "−2", "0", "2", "4", "6", "8"]


@does("d")
async def changes_the_derivative(ui: Explorer, key: str) -> None:
    seen = []
    for slope in (*SLOPES[1:], SLOPES[0]):
        await ui.press(key)
        assert ui.view.slope == slope
        seen.append(heading(ui, "slope-chart").split()[1])
    assert seen == ["∂L/∂p", "∂²L/∂z²", "∂L/∂z"]


@does("L")
async def shows_the_densities(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.likelihood
    assert heading(ui, "slope-chart").split()[1] == "e^−L/Z"
    await ui.press(key)
    assert heading(ui, "slope-chart").split()[1] == "∂L/∂z"


@does("b")
async def shows_both_labels(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.both_labels
    assert list(ui.rows()) == ["a", "A", "b", "B"]
    assert "y=1/y=0" in heading(ui, "loss-chart")
    assert any("B" in line for line in ui.part("loss-chart")[1:])
    await ui.press(key)
    assert list(ui.rows()) == ["a", "b"]


FAR_APART = set_parameter(view_of("cross-entropy", "squared-error"), 0, "pos_weight", 99)
"""Losses of which a linear axis would leave one flat."""


@does("l", FAR_APART)
async def changes_the_scale(ui: Explorer, key: str) -> None:
    by_itself, linear, symmetric_log = View().scale, "linear", "symlog"
    assert ui.view.scale == by_itself == "auto"
    for scale in (linear, symmetric_log, by_itself):
        assert "symmetric log" in ui.text or ui.view.scale == linear
        await ui.press(key)
        assert ui.view.scale == scale
        for chart in ("loss-chart", "slope-chart"):
            assert ("symmetric log" in heading(ui, chart)) == (scale != linear)


@does("+")
async def zooms_in_about_the_cursor(ui: Explorer, key: str) -> None:
    column = cursor_column(ui)
    await ui.press(key)
    lo, hi = ui.view.window
    assert hi - lo == pytest.approx(16 / 1.5)
    assert abs(cursor_column(ui) - column) <= 1
    assert_point(ui, -4)


@does("-")
async def zooms_out_about_the_cursor(ui: Explorer, key: str) -> None:
    column = cursor_column(ui)
    await ui.press(key)
    lo, hi = ui.view.window
    assert hi - lo == pytest.approx(16 * 1.5)
    assert abs(cursor_column(ui) - column) <= 1
    assert_point(ui, -4)


def heights(ui: Explorer) -> list[float]:
    """Of the windows of the two y axes, in units of each axis."""
    return [panel.chart.y_axis.hi - panel.chart.y_axis.lo for panel in ui.panels]


@does("*")
async def zooms_in_on_the_y_axes(ui: Explorer, key: str) -> None:
    before, picture = heights(ui), ui.part("loss-chart")
    await ui.press(key, key)
    assert ui.view == replace(View(), y_zoom=4.0)
    assert all(after < was / 2.5 for after, was in zip(heights(ui), before, strict=True))
    # the curve that leaves the window at its top has its letter there
    assert "a" in ui.part("loss-chart")[1]
    await ui.press("_", "_")
    assert ui.part("loss-chart") == picture


@does("_")
async def zooms_out_on_the_y_axes(ui: Explorer, key: str) -> None:
    before, picture = heights(ui), ui.part("loss-chart")
    await ui.press(key)
    assert ui.view == replace(View(), y_zoom=0.5)
    assert all(after > was * 1.5 for after, was in zip(heights(ui), before, strict=True))
    await ui.press("*")
    assert ui.part("loss-chart") == picture


@does("0")
async def resets_the_window(ui: Explorer, key: str) -> None:
    await ui.press("+", "+", "right", "*", key)
    assert ui.view.window == pytest.approx((-8, 8))
    assert ui.view.y_zoom == 1
    assert axis_labels(ui)[0] == "−8"
    await ui.press("x", "+", key)
    assert ui.view.window == pytest.approx((0, 1))


# ---- what others compute -------------------------------------------------------------------------------------------


@does("D", view_of("cross-entropy", "squared-error", at=-40.0, logit_range=(-48.0, -32.0)))
async def shows_what_libraries_compute(ui: Explorer, key: str) -> None:
    await ui.press(key)
    text = "\n".join(ui.part("readout"))
    assert "cross-entropy of libraries at z = −40.0000" in text
    assert re.search(r"keras BinaryCrossentropy +16\.12 +0 +L off, ∂z dead", text)
    assert re.search(r"torch BCELoss +40\.00 +−4\.248e−6 +∂z off", text)
    await ui.press("y")
    assert ui.app.clipboard == "lossterm dialects cross-entropy --label=1 --activation sigmoid --at=-40"
    await ui.press("right")  # it follows the cursor
    assert f"at z = {fixed(ui.view.logit, 5)}" in ui.part("readout")[0]
    await ui.press("down")  # and the current loss
    assert "squared-error of libraries" in ui.part("readout")[0] and "l2_loss" in "\n".join(ui.part("readout"))
    await ui.press(key)
    assert ui.part("readout")[0].startswith("─ at z = ")
    await ui.press(key, "escape", "escape")  # the first takes the message away
    assert ui.part("readout")[0].startswith("─ at z = ")


@does("K", view_of("cross-entropy", "squared-error", at=-12.0, logit_range=(-20.0, 20.0)))
async def draws_a_plain_chain_rule(ui: Explorer, key: str) -> None:
    pytest.importorskip("ml_dtypes")
    await ui.press(key)
    assert "float16" in heading(ui, "loss-chart")
    assert "•" in "".join(ui.part("loss-chart")[1:]) and LOST in "".join(ui.part("slope-chart"))
    told = squeezed(" ".join(ui.part("readout")))
    why = "a in float16: p = 0, as e^−z = ∞; log(p) = −∞; ∂L/∂p = −∞, ∂p/∂z = p(1 − p) = 0: −∞·0 = NaN"
    assert squeezed(why) in told
    assert squeezed("L NaN z ≥ 7.62") in told
    await ui.press("y")
    assert ui.app.clipboard.endswith("--dtype float16 --at=-12")
    for dtype in ("bfloat16", "float32", "float64"):
        await ui.press(key)
        await ui.until(lambda dtype=dtype: f"a in {dtype}: L " in "".join(ui.part("readout")))  # type: ignore[misc]
    for keys in ([key], [key, "escape", "escape"]):  # the first escape takes the message away
        await ui.press(*keys)
        await ui.until(lambda: "•" not in ui.text)


async def test_bfloat16_is_passed_over_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    async with explorer(view_of("cross-entropy")) as ui:
        await ui.press("K", "K")
        await ui.told("bfloat16 needs ml_dtypes")
        assert ui.screen.state.precision == "float32"


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 12), (200, 60)])
async def test_dialects_and_dots_fit(size: tuple[int, int]) -> None:
    async with explorer(view_of("cross-entropy", "zero-one", at=-40.0), size) as ui:
        await ui.press("K", "D")
        assert len(ui.lines) == size[1] and all(len(line) == size[0] for line in ui.lines)
        if size[0] >= 80:
            assert "16.12" in ui.text
        await ui.press(*["down"] * len(LOSSES))  # a loss that no library has says so
        await ui.press("a", "b", "L", "L", "x", "D", "right", "K")
        assert len(ui.lines) == size[1]


# ---- taking it away ------------------------------------------------------------------------------------------------


@does("y")
async def copies_the_command(ui: Explorer, key: str) -> None:
    await ui.press(key)
    command = ui.app.clipboard
    assert command.startswith("lossterm plot --loss cross-entropy,squared-error ")
    await ui.told(command)


@does("e")
async def writes_the_numbers(ui: Explorer, key: str) -> None:
    await ui.press(key)
    (path,) = Path.cwd().iterdir()
    assert path.suffix == ".csv"
    await ui.told(str(path))


@does("s")
async def writes_the_screen(ui: Explorer, key: str) -> None:
    await ui.press(key)
    (path,) = Path.cwd().iterdir()
    assert path.suffix == ".svg"
    await ui.told(str(path))


# ---- changes taken back --------------------------------------------------------------------------------------------


@does("U")
async def goes_back_to_the_view_before(ui: Explorer, key: str) -> None:
    first = ui.view
    await ui.press("a", "d")
    changed = ui.view
    await ui.press(key)
    assert ui.view == replace(changed, slope=first.slope)
    assert heading(ui, "slope-chart").split()[1] == "∂L/∂z"
    await ui.press(key)
    assert ui.view == first
    assert chosen_row(ui, "activations") == "sigmoid"
    await ui.press(key)
    await ui.told("nothing to undo")
    assert ui.view == first


@does("Y")
async def goes_on_to_the_view_after(ui: Explorer, key: str) -> None:
    await ui.press("a", "d")
    changed = ui.view
    await ui.press("U", "U", key)
    assert ui.view == replace(changed, slope="d_logit")
    await ui.press(key)
    assert ui.view == changed
    assert chosen_row(ui, "activations") == changed.activation
    assert heading(ui, "slope-chart").split()[1] == "∂L/∂v"  # of tanh, whose prediction is no probability
    await ui.press(key)
    await ui.told("nothing to redo")
    assert ui.view == changed


@does("S")
async def lists_the_stories(ui: Explorer, key: str) -> None:
    ui.app.stories = Storyteller(ui.app, guide, {})
    await ui.pilot.press(key)
    await ui.told("a story by a word")
    await ui.told("Why not squared error? It saturates")
    await ui.pilot.press("escape")
    assert ui.app.screen is ui.screen


# ---- the program ---------------------------------------------------------------------------------------------------


@does("?", size=(120, 120))
async def shows_every_key(ui: Explorer, key: str) -> None:
    await ui.press(key)
    text = ui.text
    for command in COMMANDS:
        assert any(command.key_text in line and command.help in line for line in text.splitlines()), command
    for mark in ("◇", "◆", "○", "×", "●", "▲", "▼", MARK):
        assert mark in text
    await ui.press("escape")
    assert ui.app.screen is ui.screen


@does(":")
async def opens_the_palette(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.app.screen is not ui.screen
    await ui.type("curvature of nothing")
    await ui.press("escape")
    assert ui.app.screen is ui.screen
    assert ui.view == View()


@does("q")
async def quits(ui: Explorer, key: str) -> None:
    await ui.pilot.press(key)
    await ui.pilot.pause()
    assert not ui.app.is_running
    assert ui.app.return_code == 0


@does("C", FOCAL)
async def shows_the_current_loss_as_code(ui: Explorer, key: str) -> None:
    await ui.press("}", key)
    assert "Code of focal γ=2 α=0.05 for" in ui.text and "xgboost" in ui.text
    await ui.press("down", "down", "down", "enter")
    await came_to(ui.pilot, lambda: "focal γ=2 α=0.05 for torch" in ui.text)
    assert "class FocalGradient" in ui.text
    await ui.press("y")
    assert ui.app.clipboard.startswith("import torch\n") and "alpha=0.05" in ui.app.clipboard
    assert "the code is copied" in ui.text
    await ui.press("end")
    assert "lossterm code focal:gamma=2:alpha=0.05 --for torch --activation sigmoid" in ui.text
    await ui.press("escape", "a", key, "enter")  # behind tanh there is none
    await came_to(ui.pilot, lambda: "no stable closed form" in ui.text)
