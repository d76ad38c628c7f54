"""The palette and the help: everything that can be done is found in them."""

from __future__ import annotations

import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.keys import CURVES
from lossterm.curves.view import View
from lossterm.tui.commands import GLOBAL
from tests.curves.program import Explorer, explorer
from tests.harness import NARROW, WIDE

SIZES = [WIDE, NARROW]


async def run(ui: Explorer, typed: str) -> None:
    """Find something in the palette by typing, and choose the first that is found."""
    await ui.press(":")
    await ui.type(typed)
    await ui.press("enter")
    assert ui.app.screen is ui.screen


@pytest.mark.parametrize("size", SIZES)
async def test_a_loss_is_found_by_its_name(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        await run(ui, "show focal")
        assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error", "focal"]
        await run(ui, "hide squared-error")
        assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "focal"]


@pytest.mark.parametrize(
    ("alias", "loss"), [("pinball", "quantile"), ("svm", "hinge"), ("gce", "generalized-cross-entropy")]
)
async def test_a_loss_is_found_by_its_other_names(alias: str, loss: str) -> None:
    async with explorer() as ui:
        await run(ui, alias)
        assert list(LOSSES).index(loss) in ui.view.shown


async def test_an_activation_is_found() -> None:
    async with explorer() as ui:
        await run(ui, "activation: soft")
        assert ui.view.activation == "softplus"
        assert ui.view.logit == -4


async def test_a_theme_is_found() -> None:
    async with explorer() as ui:
        await run(ui, "theme nord")
        assert ui.app.theme == "nord"


@pytest.mark.parametrize(
    ("typed", "change"),
    [
        ("other x axis", {"axis": "prediction"}),
        ("classic figure", {"both_labels": True}),
        ("next label smoothing", {"smoothing": 0.05}),
        ("left edge", {"logit": -8.0}),
        ("scale that shows every curve", {"scale": "linear"}),
    ],
)
async def test_a_command_is_found_by_what_it_does(typed: str, change: dict[str, object]) -> None:
    async with explorer() as ui:
        await run(ui, typed)
        assert {name: getattr(ui.view, name) for name in change} == change


async def test_a_command_that_asks_can_be_chosen() -> None:
    async with explorer() as ui:
        await run(ui, "typed point")
        assert "go to z" in ui.lines[-1]
        await ui.type("-1")
        await ui.press("enter")
        assert ui.view.logit == -1


@pytest.mark.exhaustive
async def test_everything_is_in_it() -> None:
    async with explorer(size=(120, 40)) as ui:
        await ui.press(":")
        for wanted in (
            *(command.help for command in (*CURVES, *GLOBAL)),
            *(f"{'Hide' if r.shown else 'Show'} {r.loss}" for r in View().rows),
            *(f"Activation: {name}" for name in ACTIVATIONS),
            *(f"Theme: {name}" for name in ui.app.available_themes),
        ):
            await ui.press("ctrl+u")
            await ui.paste(wanted)
            assert sum(wanted[:60] in line for line in ui.lines) >= 2, wanted  # in the field and in the list


async def test_esc_and_a_click_beside_it_leave() -> None:
    async with explorer() as ui:
        await ui.press(":", "escape")
        assert ui.app.screen is ui.screen
        await ui.press("ctrl+p")
        assert ui.app.screen is not ui.screen
        await ui.pilot.click(offset=(2, 35))
        await ui.settle()
        assert ui.app.screen is ui.screen
        assert ui.view == View()


async def test_nothing_found_is_nothing_chosen() -> None:
    async with explorer() as ui:
        await ui.press(":")
        await ui.type("xyzzy")
        await ui.press("enter", "escape")
        assert ui.view == View()
        assert ui.app.screen is ui.screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.exhaustive
async def test_the_help_lists_every_command(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        await ui.press("?")
        assert "What you see" in "".join(ui.lines[:4])
        seen = dict.fromkeys(ui.lines)
        for _ in range(16):
            await ui.press("pagedown")
            seen.update(dict.fromkeys(ui.lines))
        text = " ".join(" ".join(line.strip(" │▁▂▃▄▅▆▇█▀▔") for line in seen).split())
        for command in (*CURVES, *GLOBAL):
            assert f"{command.key_text} {command.help}" in text, command
        for group in {command.group for command in (*CURVES, *GLOBAL)}:
            assert any(group in line for line in seen)
        for mark in "◇◆○×●▲▼∞—":
            assert any(mark in line for line in seen)


@pytest.mark.parametrize("key", ["escape", "q", "?", "enter"])
async def test_the_help_is_left(key: str) -> None:
    async with explorer() as ui:
        await ui.press("?")
        assert ui.app.screen is not ui.screen
        await ui.press(key)
        assert ui.app.screen is ui.screen
        assert ui.app.is_running
        assert ui.view == View()


@pytest.mark.parametrize("opener", ["?", ":"])
async def test_ctrl_q_quits_everywhere(opener: str) -> None:
    async with explorer() as ui:
        await ui.press(opener)
        await ui.pilot.press("ctrl+q")
        await ui.pilot.pause()
        assert not ui.app.is_running
