"""The panes and the mouse: what is focused, folded, scrolled, clicked and dragged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.view import View
from lossterm.model.rows import MAX_SHOWN
from lossterm.model.sections import section_of
from lossterm.model.subject import LABELS
from lossterm.tui.widgets.chooser import Chooser
from tests.curves import changes
from tests.curves.changes import add_variant, toggle
from tests.curves.program import FIRST, Explorer, explorer, nonblank, view_of
from tests.harness import NARROW, WIDE

ORDER = ["losses", "labels", "activations", "loss-chart"]
"""The panes from top to bottom, and the chart beside them."""

FAMILIES = [name for name in dict.fromkeys(section_of(loss) for loss in LOSSES.values()) if name]
"""Those that have a heading in the list of losses."""


def marks(ui: Explorer, name: str) -> list[int]:
    """The rows of a pane, counted from its heading, that carry the mark of the current one."""
    return [y for y, line in enumerate(ui.part(name)) if line.startswith("▸")]


def row_of(ui: Explorer, name: str, text: str) -> int:
    """The row of a pane, counted from its heading, that says something."""
    (y,) = [y for y, line in enumerate(ui.part(name)) if text in line]
    return y


def column_of(ui: Explorer, chart: str = "loss-chart") -> int:
    """The column of a chart's own in which the cursor stands."""
    figure = ui.screen.figure
    assert figure is not None
    return figure.panels[0].picture.left + figure.scene.column(ui.view.logit)


async def turn(
    ui: Explorer, wheel: type[events.MouseScrollUp | events.MouseScrollDown], name: str, x: int, y: int
) -> None:
    """Turn the wheel over a cell of a widget."""
    widget = ui.screen.query_one(f"#{name}")
    widget.post_message(wheel(widget, x, y, 0, 0, 0, False, False, False))
    await ui.settle()


# ---- the focus -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW, (40, 12), (200, 60)])
async def test_tab_goes_round_and_shift_tab_back(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        visited = []
        for key in ("tab", "tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab"):
            assert ui.app.focused is not None
            visited.append(ui.app.focused.id)
            await ui.press(key)
        assert visited[0] == visited[4] == "loss-chart"
        assert sorted(name or "" for name in visited[:4]) == sorted(ORDER)
        assert visited[5:] == visited[3:0:-1]


async def test_tab_goes_from_the_chart_through_the_panes_from_top_to_bottom() -> None:
    async with explorer() as ui:
        visited = []
        for _ in ORDER:
            await ui.press("tab")
            assert ui.app.focused is not None
            visited.append(ui.app.focused.id)
        assert visited == ORDER


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_focus_is_seen_without_colour(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        for name in ORDER:
            await ui.focus("loss-chart")
            elsewhere = ui.part(name)
            await ui.focus(name)
            assert name == "loss-chart" or ui.part(name) != elsewhere


@pytest.mark.parametrize("name", ORDER)
async def test_left_and_right_move_the_cursor_in_every_pane(name: str) -> None:
    async with explorer() as ui:
        await ui.focus(name)
        await ui.press("right", "right", "left")
        assert -4 < ui.view.logit < -3.7
        assert replace(ui.view, logit=-4.0) == View()


@pytest.mark.parametrize("name", ["labels", "activations"])
async def test_up_and_down_stay_within_a_pane(name: str) -> None:
    async with explorer() as ui:
        await ui.focus(name)
        rows = ui.region(name).height - 1
        for _ in range(rows + 2):
            await ui.press("down")
        assert marks(ui, name) == [rows]
        for _ in range(rows + 2):
            await ui.press("up")
        assert marks(ui, name) == [1]
        assert ui.view == View()  # moving chooses nothing
        assert ui.app.focused is not None
        assert ui.app.focused.id == name


async def test_the_losses_scroll_so_that_the_current_one_is_seen() -> None:
    async with explorer(size=NARROW) as ui:
        assert "▾" in ui.part("losses")[0]
        for name in FIRST:
            (row,) = marks(ui, "losses")
            assert LOSSES[name].title in ui.part("losses")[row]
            await ui.press("down")
        for _ in FAMILIES:
            (row,) = marks(ui, "losses")
            assert "▸ " in ui.part("losses")[row][1:]
            await ui.press("down")
        assert "▾" not in ui.part("losses")[0]
        for _ in (*FIRST, *FAMILIES):
            await ui.press("up")
        assert marks(ui, "losses") == [1]


async def test_a_click_on_a_heading_folds_and_unfolds_it() -> None:
    async with explorer(size=(120, 60)) as ui:
        lines = ui.part("losses")
        row = next(n for n, line in enumerate(lines) if "preference" in line)
        await ui.pilot.click("#losses", offset=(4, row))
        await ui.settle()
        assert "▾ preference" in ui.part("losses")[row]
        assert "dpo" in ui.text and ui.view == View()  # unfolding shows none of them
        assert "βΔ" in ui.part("loss-line")[0]
        await ui.press("space")
        assert "▸ preference" in ui.part("losses")[row]
        await ui.press("]")
        assert "this is a heading" in ui.text and ui.view == View()
        await ui.press("escape", "1", "up")
        assert ui.screen.state.at_heading is None or ui.screen.state.at_heading.family != "preference"


async def test_the_readout_scrolls_with_the_current_loss() -> None:
    view = view_of(*FIRST)
    async with explorer(view, NARROW) as ui:
        for n in range(len(FIRST)):
            letter = chr(ord("a") + n)
            assert ui.rows()[letter].startswith("▸")
            await ui.press("down")
        assert f"of {len(FIRST)}" in ui.part("readout")[0]


async def test_choosing_in_the_label_pane() -> None:
    async with explorer() as ui:
        await ui.focus("labels")
        for n, label in enumerate(LABELS):
            assert f"y = {label:g}" in ui.part("labels")[1 + n]
            await ui.press("space")
            assert ui.view.label == label
            await ui.press("down")
        await ui.press("enter")
        assert "label y" in ui.lines[-1]
        await ui.type("0.25")
        await ui.press("enter")
        assert ui.view.label == 0.25
        await ui.focus("labels")
        await ui.press("up", *["down"] * 12)
        while "smoothing" not in ui.part("labels")[marks(ui, "labels")[0]]:
            await ui.press("up")
        await ui.press("enter")
        assert ui.view.smoothing == 0.05


async def test_choosing_in_the_activation_pane() -> None:
    async with explorer() as ui:
        await ui.focus("activations")
        await ui.press(*["up"] * 9)
        for n, name in enumerate(ACTIVATIONS):
            await ui.press("enter" if n % 2 else "space")
            assert ui.view.activation == name
            assert ui.view.logit == -4
            await ui.press("down")


async def test_for_a_margin_loss_the_labels_are_signs() -> None:
    async with explorer(view_of("hinge", activation="identity")) as ui:
        rows = ui.part("labels")
        assert "s = +1" in rows[1]
        assert "s = −1" in rows[2]


async def test_no_more_losses_than_letters() -> None:
    view = View(rows=View().rows)
    for index in range(len(view.rows)):
        view = view if view.rows[index].shown else toggle(view, index)
    while len(view.shown) < MAX_SHOWN:
        view = add_variant(view, 0)
    async with explorer(view) as ui:
        assert ui.rows()["a"]
        await ui.press("v")
        assert len(ui.view.shown) == MAX_SHOWN
        await ui.press("down", "space", "space")
        assert ui.view == view


# ---- folded panes --------------------------------------------------------------------------------------------------


async def test_folded_panes_are_one_line_each_and_open_with_enter() -> None:
    async with explorer(size=NARROW) as ui:
        folded = [" ".join(line.split()) for line in (*ui.part("labels"), *ui.part("activations"))]
        assert folded == ["Label y = 1 ▾", "Smoothing 0 ▾", "Activation sigmoid ▾"]
        await ui.focus("activations")
        await ui.press("enter")
        assert ui.app.screen is not ui.screen
        assert all(name in ui.text for name in ACTIVATIONS)
        await ui.press("down", "down", "enter")
        assert ui.view.activation == "probit"
        assert "probit ▾" in ui.part("activations")[0]
        await ui.focus("labels")
        await ui.press("enter", "end")
        while not any("▸" in line and "smoothing" in line for line in ui.lines):
            await ui.press("up")
        await ui.press("enter")
        assert ui.view.smoothing == 0.05
        assert "0.05 ▾" in ui.part("labels")[1]
        await ui.focus("labels")
        await ui.press("enter", "home", "down", "enter")
        assert ui.view.label == 0
        assert "y = 0 ▾" in ui.part("labels")[0]


@pytest.mark.parametrize("key", ["escape", "q"])
@pytest.mark.parametrize("name", ["labels", "activations"])
async def test_an_opened_list_is_left_without_choosing(name: str, key: str) -> None:
    async with explorer(size=NARROW) as ui:
        await ui.focus(name)
        await ui.press("enter", "down", key)
        assert ui.app.screen is ui.screen
        assert ui.app.is_running
        assert ui.view == View()


async def test_an_opened_list_begins_at_what_is_chosen() -> None:
    view = replace(View(), activation="relu", label=0.5)
    async with explorer(view, NARROW) as ui:
        for name in ("activations", "labels"):
            await ui.focus(name)
            await ui.press("enter", "enter")
            assert ui.app.screen is ui.screen
            assert ui.view == view


async def test_up_and_down_pass_over_folded_panes() -> None:
    async with explorer(size=NARROW) as ui:
        await ui.focus("labels")
        await ui.press("down")
        assert ui.app.focused is not None
        assert ui.app.focused.id == "activations"
        await ui.press("up", "up")
        assert ui.app.focused.id != "activations"
        assert ui.view == View()


async def test_folding_and_unfolding_keeps_the_view_and_the_focus() -> None:
    async with explorer() as ui:
        await ui.focus("activations")
        for size in (NARROW, (40, 12), (20, 5), (200, 60), WIDE):
            await ui.resize(*size)
            assert ui.view == View()
        await ui.focus("activations")
        await ui.press("down", "enter")
        assert ui.view.activation == "tanh"


# ---- the mouse -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("chart", ["loss-chart", "slope-chart"])
async def test_a_click_on_a_chart_moves_the_cursor_there(chart: str, size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        for x in (20, 45, 30):
            await ui.pilot.click(f"#{chart}", offset=(x, 4))
            await ui.settle()
            assert column_of(ui) == x
        assert ui.part(chart)[2][30] in "│●◆"


async def test_dragging_moves_the_cursor_along() -> None:
    async with explorer() as ui:
        await ui.pilot.mouse_down("#loss-chart", offset=(20, 4))
        await ui.settle()
        for x in (25, 40, 60):
            await ui.pilot.hover("#loss-chart", offset=(x, 5))
            await ui.settle()
            assert column_of(ui) == x
        await ui.pilot.mouse_up("#loss-chart", offset=(60, 5))
        await ui.pilot.hover("#loss-chart", offset=(30, 5))
        await ui.settle()
        assert column_of(ui) == 60  # not pressed, not followed


async def test_a_click_beside_the_canvas_goes_to_its_edge() -> None:
    async with explorer() as ui:
        await ui.pilot.click("#loss-chart", offset=(1, 4))
        await ui.settle()
        assert ui.view.logit == -8


@pytest.mark.parametrize("chart", ["loss-chart", "slope-chart"])
async def test_the_wheel_zooms_about_the_mouse(chart: str) -> None:
    async with explorer() as ui:
        await turn(ui, events.MouseScrollUp, chart, 80, 4)
        lo, hi = ui.view.window
        assert hi - lo == pytest.approx(16 / 1.5)
        assert lo > -8 + (8 - hi)  # about a point right of the middle
        assert ui.view.logit == -4
        await turn(ui, events.MouseScrollDown, chart, 80, 4)
        assert ui.view.window == pytest.approx((-8, 8), abs=1e-4)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_click_on_a_loss_shows_or_hides_it(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        for y, shown in ((3, ["cross-entropy", "squared-error", "focal"]), (1, ["squared-error", "focal"])):
            await ui.pilot.click("#losses", offset=(6, y))
            await ui.settle()
            assert [ui.view.rows[i].loss for i in ui.view.shown] == shown
            assert marks(ui, "losses") == [y]


async def test_a_click_in_a_scrolled_pane_hits_what_is_seen() -> None:
    async with explorer(size=NARROW) as ui:
        await ui.press(*["down"] * 16)
        row = ui.part("losses")[3]
        await ui.pilot.click("#losses", offset=(6, 3))
        await ui.settle()
        assert row[3:].split()[0] in {ui.view.rows[i].entry.title for i in ui.view.shown}
        assert len(ui.view.shown) == 3


async def test_a_click_on_a_label_and_an_activation_chooses() -> None:
    async with explorer() as ui:
        await ui.pilot.click("#labels", offset=(6, row_of(ui, "labels", "y = 0 ")))
        await ui.settle()
        assert ui.view.label == 0
        await ui.pilot.click("#activations", offset=(6, row_of(ui, "activations", "cloglog")))
        await ui.settle()
        assert ui.view.activation == "cloglog"
        await ui.pilot.click("#labels", offset=(6, row_of(ui, "labels", "smoothing")))
        await ui.settle()
        assert ui.view.smoothing == 0.05


async def test_a_click_on_a_folded_pane_opens_it() -> None:
    async with explorer(size=NARROW) as ui:
        await ui.pilot.click("#activations", offset=(6, 0))
        await ui.settle()
        assert ui.app.screen is not ui.screen
        pick = ui.app.screen.query_one(Chooser)
        (y,) = [y for y, line in enumerate(ui.lines) if "softplus" in line]
        await ui.pilot.click(pick, offset=(6, y - pick.region.y))
        await ui.settle()
        assert ui.app.screen is ui.screen
        assert ui.view.activation == "softplus"
        await ui.pilot.click("#labels", offset=(6, 0))
        await ui.settle()
        assert ui.app.screen is not ui.screen
        await ui.pilot.click(offset=(1, 1))
        await ui.settle()
        assert ui.app.screen is ui.screen


async def test_the_current_row_follows_what_keys_choose() -> None:
    async with explorer() as ui:
        await ui.press("a")
        assert marks(ui, "activations") == [row_of(ui, "activations", "tanh")]
        await ui.press("t")
        assert marks(ui, "labels") == [row_of(ui, "labels", "y = 0 ")]


async def test_taking_a_variant_away_leaves_the_loss_current() -> None:
    async with explorer(view_of("focal")) as ui:
        await ui.press("v", "V")
        (row,) = marks(ui, "losses")
        assert "focal" in ui.part("losses")[row]


async def test_the_filter_marks_the_same_row_in_the_pane_and_in_the_numbers() -> None:
    async with explorer() as ui:
        await ui.press("/")
        await ui.paste("brier")
        assert "squared-error" in ui.part("losses")[marks(ui, "losses")[0]]
        assert ui.rows()["b"].startswith("▸")
        assert not ui.rows()["a"].startswith("▸")


async def test_a_click_on_the_folded_smoothing_is_about_smoothing() -> None:
    async with explorer(size=NARROW) as ui:
        await ui.pilot.click("#labels", offset=(6, 1))
        await ui.settle()
        await ui.press("down", "enter")
        assert ui.view.smoothing == 0.05


async def test_the_wheel_moves_through_a_pane() -> None:
    async with explorer(size=NARROW) as ui:
        for _ in range(3):
            await turn(ui, events.MouseScrollDown, "losses", 5, 5)
        (row,) = marks(ui, "losses")
        assert LOSSES["half-squared-error"].title in ui.part("losses")[row]
        await turn(ui, events.MouseScrollUp, "losses", 5, 5)
        (row,) = marks(ui, "losses")
        assert "focal" in ui.part("losses")[row]
        assert ui.view == View()


async def test_a_click_on_a_row_of_numbers_makes_its_loss_the_current_one() -> None:
    async with explorer() as ui:
        await ui.pilot.click("#readout", offset=(6, 3))
        await ui.settle()
        assert ui.rows()["b"].startswith("▸")
        (row,) = marks(ui, "losses")
        assert "squared-error" in ui.part("losses")[row]
        assert ui.view == View()


async def test_the_wheel_scrolls_the_numbers() -> None:
    async with explorer(view_of(*list(LOSSES)[:9]), NARROW) as ui:
        assert next(iter(ui.rows())) == "a"
        for _ in range(20):
            await turn(ui, events.MouseScrollDown, "readout", 5, 3)
        assert list(ui.rows())[-1] == "i"
        for _ in range(20):
            await turn(ui, events.MouseScrollUp, "readout", 5, 3)
        assert next(iter(ui.rows())) == "a"


async def test_clicks_beside_the_rows_do_nothing() -> None:
    async with explorer() as ui:
        for name, offset in (
            ("losses", (4, 0)),
            ("losses", (4, 20)),
            ("readout", (4, 0)),
            ("readout", (4, 8)),
            ("labels", (4, 0)),
        ):
            await ui.pilot.click(f"#{name}", offset=offset)
            await ui.settle()
            assert ui.view == View()
            assert nonblank(ui.lines)


async def test_a_label_of_its_own_has_a_row_of_its_own() -> None:
    async with explorer() as ui:
        before = ui.region("labels").height
        ui.screen.look_at(
            ui.screen.state.with_view(changes.set_label(ui.view, 0.3))
        )  # as the Race does, without a prompt that lays out anew
        await ui.settle()
        assert ui.region("labels").height == before + 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("size", [(60, 20), NARROW])
async def test_a_folded_pane_says_what_is_chosen(size: tuple[int, int], activation: str) -> None:
    async with explorer(view_of("cross-entropy", activation=activation), size) as ui:
        (line,) = ui.part("activations")[:1]
        assert line.split()[1:] == [activation, "▾"] and line.split()[0].startswith("Activ")
