"""Keys that arrive together, as they do over a slow line or from a fast typist: each goes where it would have gone."""

from __future__ import annotations

import pytest
from textual import events

from tests.curves.program import Explorer, explorer, view_of

NAMES = {"-": "minus", "/": "slash", ".": "full_stop", "?": "question_mark", ":": "colon"}
"""Textual's names of keys that are not their own."""


def send(ui: Explorer, *keys: str) -> None:
    """Press keys without waiting for what any of them does."""
    for key in keys:
        ui.app.post_message(events.Key(NAMES.get(key, key), key if len(key) == 1 else None))


async def test_keys_pressed_at_once_move_by_as_many_columns() -> None:
    async with explorer() as ui:
        send(ui, *["right"] * 40, *["left"] * 40, "right")
        await ui.settle()
        there = ui.view.logit
        assert there > -4
        await ui.press("left")
        assert ui.view.logit == -4


async def test_several_changes_at_once_are_all_made() -> None:
    async with explorer() as ui:
        send(ui, "t", "x", "b", "l", "d", "down", "down", "space", "right")
        await ui.settle()
        view = ui.view
        assert (view.label, view.axis, view.both_labels, view.scale, view.slope) == (
            0, "prediction", True, "linear", "d_prediction",
        )  # fmt: skip
        assert [view.rows[i].loss for i in view.shown] == ["cross-entropy", "squared-error", "focal"]
        assert set(ui.rows()) <= set("aAbBcC")


async def test_the_help_opens_and_closes_however_fast() -> None:
    async with explorer() as ui:
        for _ in range(3):
            send(ui, "?", "escape", "escape", ":", "escape", "escape")
            await ui.settle()
        await ui.press("escape", "escape")
        assert ui.app.screen is ui.screen
        assert ui.app.is_running


async def test_a_point_typed_at_once_is_gone_to() -> None:
    async with explorer() as ui:
        send(ui, "g", "-", "2", ".", "5", "enter")
        await ui.settle()
        assert ui.view.logit == -2.5
        assert ui.view.window == (-8, 8)


@pytest.mark.parametrize("opener", ["g", "T", "p", "/"])
async def test_a_key_behind_the_opener_of_a_prompt_goes_to_the_prompt(opener: str) -> None:
    async with explorer(view_of("focal")) as ui:
        send(ui, opener, "q")
        await ui.settle()
        assert ui.lines[-1].rstrip().endswith("q")
        assert "q quit" not in ui.lines[-1]


@pytest.mark.parametrize("opener", ["?", ":"])
async def test_a_key_behind_the_opener_of_a_popup_does_not_end_the_program(opener: str) -> None:
    async with explorer() as ui:
        send(ui, opener, "q")
        await ui.settle()
        assert ui.app.is_running


@pytest.mark.parametrize("opener", ["g", "T", "p", "/"])
async def test_a_key_behind_the_opener_of_a_prompt_does_not_end_the_program(opener: str) -> None:
    async with explorer(view_of("focal")) as ui:
        send(ui, opener, "q")
        await ui.settle()
        assert ui.app.is_running
        assert "q quit" not in ui.lines[-1]


async def test_what_is_typed_behind_the_key_of_the_palette_is_looked_for() -> None:
    async with explorer() as ui:
        send(ui, ":", *"focal", "enter")
        await ui.settle()
        await ui.press("escape")
        assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error", "focal"]


@pytest.mark.parametrize("answer", ["enter", "escape"])
async def test_a_key_behind_the_answer_goes_to_the_chart(answer: str) -> None:
    async with explorer() as ui:
        send(ui, "g", "1", answer, "x", "g", "2", "enter", "d")
        await ui.settle()
        assert (ui.view.logit, ui.view.axis, ui.view.slope) == (2, "prediction", "d_prediction")


async def test_a_label_typed_at_once_replaces_the_one_there_is() -> None:
    async with explorer() as ui:
        send(ui, "T", "0", ".", "3", "enter")
        await ui.settle()
        assert ui.view.label == 0.3


async def test_a_filter_typed_at_once_filters_and_one_that_is_left_does_not() -> None:
    async with explorer() as ui:
        send(ui, "/", *"brier", "enter")
        await ui.settle()
        assert ui.screen.state.filter_text == "brier"
        send(ui, "escape", "/", *"huber", "escape")
        await ui.settle()
        await ui.settle()
        assert ui.screen.state.filter_text == ""


async def test_escape_leaves_the_palette_however_fast() -> None:
    async with explorer() as ui:
        for _ in range(3):
            send(ui, ":", *"theme", "escape")
            await ui.settle()
        await ui.press("escape")
        assert ui.app.screen is ui.screen
        await ui.press("right")
        assert ui.view.logit > -4


async def test_keys_are_bound_as_textual_has_them_wherever_the_focus_goes() -> None:
    async with explorer() as ui:
        for key in ["tab", "tab", "2", "tab", "1", "2", "?", "escape", "3", "4", ":", "escape", "5", "T", "escape"]:
            await ui.pilot.press(key)
            screen = ui.app.screen
            assert ui.app._bindings_of(screen) == screen.active_bindings, key
