"""Every key that is declared, pressed: what it does to the view, and what becomes visible."""

from __future__ import annotations

import math
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lossterm.core.activations import ACTIVATIONS
from lossterm.core.losses import LOSSES
from lossterm.numbers import fixed
from lossterm.plot.figure import CURSOR, DOT
from lossterm.state import LABELS, SLOPES, SMOOTHINGS, View
from lossterm.ui.commands import CURVES, GLOBAL, Command
from tests.ui.program import Explorer, explorer, nonblank, view_of
from tests.ui.running import WIDE

COMMANDS: tuple[Command, ...] = (*CURVES, *GLOBAL)

Deed = Callable[[Explorer, str], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """What a key is pressed for, and where."""

    deed: Deed
    view: View | None
    size: tuple[int, int]


SCENARIOS: dict[str, Scenario] = {}
"""By action: a command that is declared without a scenario fails `test_every_command_has_a_scenario`."""


def does(action: str, view: View | None = None, size: tuple[int, int] = WIDE) -> Callable[[Deed], Deed]:
    """The scenario of an action: it is run once for each of its keys."""

    def enlist(deed: Deed) -> Deed:
        assert action not in SCENARIOS
        SCENARIOS[action] = Scenario(deed, view, size)
        return deed

    return enlist


def named(command: Command) -> str:
    """The action of a command, wherever it is done."""
    return command.action.removeprefix("app.")


def test_every_command_has_a_scenario() -> None:
    assert {named(command) for command in COMMANDS} == set(SCENARIOS)


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("action", "key"), [(named(c), key) for c in COMMANDS for key in c.keys])
async def test_key(action: str, key: str) -> None:
    scenario = SCENARIOS[action]
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


@does("move(-1)")
async def moves_left(ui: Explorer, key: str) -> None:
    await _moves(ui, key, -1)


@does("move(1)")
async def moves_right(ui: Explorer, key: str) -> None:
    await _moves(ui, key, 1)


@does("move(-10)")
async def moves_left_fast(ui: Explorer, key: str) -> None:
    await _moves(ui, key, -10)


@does("move(10)")
async def moves_right_fast(ui: Explorer, key: str) -> None:
    await _moves(ui, key, 10)


@does("edge(-1)")
async def goes_to_the_left_edge(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert_point(ui, -8)
    await ui.press("left")
    assert_point(ui, -8)


@does("edge(1)")
async def goes_to_the_right_edge(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert_point(ui, 8)
    await ui.press("right")
    assert_point(ui, 8)


@does("go_to")
async def goes_to_a_typed_point(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert "go to z (or p=…)" in ui.lines[-1]
    await ui.type("-2.5")
    assert "-2.5" in ui.lines[-1]
    await ui.press("enter")
    assert_point(ui, -2.5)
    assert "? keys" in ui.lines[-1]


@does("landmark(1)")
async def goes_to_the_next_landmark(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert_point(ui, -math.log(2))
    assert numbers(ui, "b")[3] == "−0.2963"  # −8/27
    assert "inflection of b, its steepest point: ∂L/∂z = −0.2963" in ui.part("readout")[-1]


@does("landmark(-1)", view_of("cross-entropy", "squared-error", at=3.0))
async def goes_to_the_previous_landmark(ui: Explorer, key: str) -> None:
    await ui.press(key)
    seen = {ui.view.logit}
    while ui.view.logit > -math.log(2) + 1e-9:
        await ui.press(key)
        assert ui.view.logit not in seen
        seen.add(ui.view.logit)
    assert_point(ui, -math.log(2))
    assert numbers(ui, "b")[3] == "−0.2963"


# ---- panes ---------------------------------------------------------------------------------------------------------


@does("row(1)")
async def goes_down_a_row(ui: Explorer, key: str) -> None:
    assert "cross-entropy" in current_row(ui)
    await ui.press(key)
    assert "squared-error" in current_row(ui)
    assert ui.rows()["b"].startswith("▸")
    await ui.press(*[key] * 30)
    assert "zero-one" in current_row(ui)


@does("row(-1)")
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


@does("pane(1)")
async def goes_to_the_next_pane(ui: Explorer, key: str) -> None:
    await _pane_by_pane(ui, key)


@does("pane(-1)")
async def goes_to_the_previous_pane(ui: Explorer, key: str) -> None:
    backwards = await _pane_by_pane(ui, key)
    assert await _pane_by_pane(ui, "tab") == backwards[::-1]


@does("leave")
async def leaves_for_the_chart(ui: Explorer, key: str) -> None:
    await ui.focus("labels")
    await ui.press(key)
    assert focused(ui) == "loss-chart"
    await ui.press("/")
    await ui.type("brier")
    await ui.press("enter")
    assert len(nonblank(ui.part("losses")[1:])) == 1
    await ui.press(key)
    assert len(nonblank(ui.part("losses")[1:])) == len(LOSSES)


@does("choose")
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


@does("show")
async def shows_and_hides_a_loss(ui: Explorer, key: str) -> None:
    await ui.press("down", "down", key)
    assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error", "focal"]
    assert shown_letters(ui)["c"].startswith("■ focal")
    assert "c focal" in heading(ui, "loss-chart")
    assert "focal" in ui.rows()["c"]
    assert any("c" in line for line in ui.part("slope-chart")[1:])
    await ui.press("up", "up", key)
    assert [ui.view.rows[i].loss for i in ui.view.shown] == ["squared-error", "focal"]
    assert shown_letters(ui)["a"].startswith("■ squared-error")
    assert "focal" in ui.rows()["b"]


@does("reference")
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


@does("step(0, -1)", FOCAL)
async def lowers_the_parameter(ui: Explorer, key: str) -> None:
    before = numbers(ui, "a")
    await ui.press(key)
    assert _focal(ui) == {"gamma": 1.5, "alpha": None}
    assert "γ 1.5" in shown_letters(ui)["a"]
    assert numbers(ui, "a") != before
    await ui.press(*[key] * 5)
    assert _focal(ui)["gamma"] == 0


@does("step(0, 1)", FOCAL)
async def raises_the_parameter(ui: Explorer, key: str) -> None:
    before = numbers(ui, "a")
    await ui.press(key)
    assert _focal(ui) == {"gamma": 2.5, "alpha": None}
    assert "γ 2.5" in shown_letters(ui)["a"]
    assert numbers(ui, "a") != before


@does("step(1, -1)", FOCAL)
async def lowers_the_second_parameter(ui: Explorer, key: str) -> None:
    await ui.press("}", "}", "}", key)
    assert _focal(ui) == {"gamma": 2, "alpha": 0.1}
    assert "α 0.1" in shown_letters(ui)["a"]
    await ui.press(key, key, key)
    assert _focal(ui)["alpha"] is None
    assert "α" not in shown_letters(ui)["a"]


@does("step(1, 1)", FOCAL)
async def raises_the_second_parameter(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert _focal(ui) == {"gamma": 2, "alpha": 0.05}
    assert "α 0.05" in shown_letters(ui)["a"]


@does("parameter", FOCAL)
async def asks_for_the_parameters(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert "gamma=2 alpha=off" in ui.lines[-1]
    await ui.type("gamma=0.5 alpha=.25")
    await ui.press("enter")
    assert _focal(ui) == {"gamma": 0.5, "alpha": 0.25}
    assert "γ 0.5 α 0.25" in shown_letters(ui)["a"]


@does("variant", FOCAL)
async def adds_a_variant(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert [dict(ui.view.rows[i].params)["gamma"] for i in ui.view.shown] == [2.0, 2.5]
    assert "focal γ=2 " in ui.rows()["a"]
    assert "focal γ=2.5 " in ui.rows()["b"]
    assert current_row(ui)[1] == "b"


@does("remove", FOCAL)
async def removes_a_variant(ui: Explorer, key: str) -> None:
    await ui.press("v", "]", key)
    assert ui.view.rows == FOCAL.rows
    assert set(ui.rows()) == {"a"}
    await ui.press(key)
    assert ui.view.rows == FOCAL.rows  # the last row of a loss stays


@does("filter")
async def filters_the_losses(ui: Explorer, key: str) -> None:
    await ui.press(key)
    await ui.type("pinball")
    assert [line[3:].split()[0] for line in nonblank(ui.part("losses")[1:])] == ["quantile"]
    await ui.press("enter", "space")
    assert row_index("quantile") in ui.view.shown


# ---- label and activation ------------------------------------------------------------------------------------------


@does("label(1)")
async def goes_to_the_next_label(ui: Explorer, key: str) -> None:
    for label in (*LABELS[1:], LABELS[0]):
        await ui.press(key)
        assert ui.view.label == label
        assert chosen_row(ui, "labels").startswith(f"y = {label:g}")
        assert f"y={label:g}·" in ui.status


@does("type_label")
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


@does("risk")
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


@does("smoothing")
async def smooths_the_label(ui: Explorer, key: str) -> None:
    for smoothing in (*SMOOTHINGS[1:], 0.0):
        await ui.press(key)
        assert ui.view.smoothing == smoothing
        (row,) = [line for line in ui.part("labels") if "smoothing" in line]
        assert ("off" in row) if not smoothing else (f"{smoothing:g} → {1 - smoothing / 2:g}" in row)
        assert f"y={1 - smoothing / 2:g}·" in ui.status


@does("activation(1)")
async def goes_to_the_next_activation(ui: Explorer, key: str) -> None:
    names = list(ACTIVATIONS)
    for n in range(len(names)):
        await ui.press(key)
        assert ui.view.activation == names[(names.index("sigmoid") + 1 + n) % len(names)]
        assert_point(ui, -4)
        assert chosen_row(ui, "activations") == ui.view.activation
        assert f"·{ui.view.activation}" in ui.status


@does("activation(-1)")
async def goes_to_the_previous_activation(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.activation == "identity"
    assert chosen_row(ui, "activations") == "identity"
    await ui.press(key)
    assert ui.view.activation == list(ACTIVATIONS)[-1]


# ---- the picture ---------------------------------------------------------------------------------------------------


@does("axis")
async def changes_the_axis(ui: Explorer, key: str) -> None:
    assert "against z" in heading(ui, "slope-chart")
    await ui.press(key)
    assert ui.view.axis == "prediction"
    assert "against p" in heading(ui, "slope-chart")
    assert axis_labels(ui) == [f"{n / 10:.1f}" for n in range(11)]
    assert_point(ui, -4)
    await ui.press(key)
    assert axis_labels(ui) == ["−8", "−6", "−4", "−2", "0", "2", "4", "6", "8"]


@does("slope")
async def changes_the_derivative(ui: Explorer, key: str) -> None:
    seen = []
    for slope in (*SLOPES[1:], SLOPES[0]):
        await ui.press(key)
        assert ui.view.slope == slope
        seen.append(heading(ui, "slope-chart").split()[1])
    assert seen == ["∂L/∂p", "∂²L/∂z²", "∂L/∂z"]


@does("likelihood")
async def shows_the_densities(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.likelihood
    assert heading(ui, "slope-chart").split()[1] == "e^−L/Z"
    await ui.press(key)
    assert heading(ui, "slope-chart").split()[1] == "∂L/∂z"


@does("both")
async def shows_both_labels(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.both_labels
    assert list(ui.rows()) == ["a", "A", "b", "B"]
    assert "y=1/y=0" in heading(ui, "loss-chart")
    assert any("B" in line for line in ui.part("loss-chart")[1:])
    await ui.press(key)
    assert list(ui.rows()) == ["a", "b"]


@does("scale")
async def changes_the_scale(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.view.scale == "symlog"
    assert "symmetric log" in heading(ui, "loss-chart")
    assert "symmetric log" in heading(ui, "slope-chart")
    await ui.press(key)
    assert "symmetric log" not in ui.text


@does("zoom(1)")
async def zooms_in_about_the_cursor(ui: Explorer, key: str) -> None:
    column = cursor_column(ui)
    await ui.press(key)
    lo, hi = ui.view.window
    assert hi - lo == pytest.approx(16 / 1.5)
    assert abs(cursor_column(ui) - column) <= 1
    assert_point(ui, -4)


@does("zoom(-1)")
async def zooms_out_about_the_cursor(ui: Explorer, key: str) -> None:
    column = cursor_column(ui)
    await ui.press(key)
    lo, hi = ui.view.window
    assert hi - lo == pytest.approx(16 * 1.5)
    assert abs(cursor_column(ui) - column) <= 1
    assert_point(ui, -4)


@does("reset")
async def resets_the_window(ui: Explorer, key: str) -> None:
    await ui.press("+", "+", "right", key)
    assert ui.view.window == pytest.approx((-8, 8))
    assert axis_labels(ui)[0] == "−8"
    await ui.press("x", "+", key)
    assert ui.view.window == pytest.approx((0, 1))


# ---- taking it away ------------------------------------------------------------------------------------------------


@does("copy")
async def copies_the_command(ui: Explorer, key: str) -> None:
    await ui.press(key)
    command = ui.app.clipboard
    assert command.startswith("lossterm plot --loss cross-entropy,squared-error ")
    await ui.told(command)


@does("export")
async def writes_the_numbers(ui: Explorer, key: str) -> None:
    await ui.press(key)
    (path,) = Path.cwd().iterdir()
    assert path.suffix == ".csv"
    await ui.told(str(path))


@does("svg")
async def writes_the_screen(ui: Explorer, key: str) -> None:
    await ui.press(key)
    (path,) = Path.cwd().iterdir()
    assert path.suffix == ".svg"
    await ui.told(str(path))


# ---- the program ---------------------------------------------------------------------------------------------------


@does("help", size=(120, 110))
async def shows_every_key(ui: Explorer, key: str) -> None:
    await ui.press(key)
    text = ui.text
    for command in COMMANDS:
        assert any(command.key_text in line and command.help in line for line in text.splitlines()), command
    for mark in ("◇", "◆", "○", "×", "●", "▲", "▼"):
        assert mark in text
    await ui.press("escape")
    assert ui.app.screen is ui.screen


@does("palette")
async def opens_the_palette(ui: Explorer, key: str) -> None:
    await ui.press(key)
    assert ui.app.screen is not ui.screen
    await ui.type("curvature of nothing")
    await ui.press("escape")
    assert ui.app.screen is ui.screen
    assert ui.view == View()


@does("quit")
async def quits(ui: Explorer, key: str) -> None:
    await ui.pilot.press(key)
    await ui.pilot.pause()
    assert not ui.app.is_running
    assert ui.app.return_code == 0
