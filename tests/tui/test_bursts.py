"""Keys in a burst with those that open and close a list, the help, a prompt: no widget is asked that is not there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from rich.segment import Segments
from textual import events
from textual.keys import _character_to_key

from lossterm.cli import run
from lossterm.core.losses.own.registry import define, forget
from lossterm.curves.screen import CurvesScreen
from lossterm.explore import guide
from lossterm.features import COMMANDS, FEATURES
from lossterm.model import subject_actions
from lossterm.model.rows import without
from lossterm.model.store import Saved
from lossterm.properties.screen import PropertiesScreen
from lossterm.race.screen import RaceScreen
from lossterm.softmax.ledger import Ledger
from lossterm.tui.app import LosstermApp
from lossterm.tui.commands import Command, Entry
from lossterm.tui.help import HelpScreen, SteadyBar
from lossterm.tui.keys import QUEUED
from lossterm.tui.palette import PaletteScreen
from lossterm.tui.pick import PickScreen
from lossterm.tui.widgets.chooser import Chooser, Item
from lossterm.tui.widgets.grid import Grid
from tests.curves.program import Explorer, explorer
from tests.harness import came_to, opened, program, screen_text
from tests.softmax.program import lab

BURSTS = [
    [":", "down", "down", "escape", "down", "up", "x"],
    ["ctrl+p", "pagedown", "escape", "pagedown", "escape"],
    ["?", "down", "end", "q", "down", "pageup", "home"],
    ["?", "q", "j", "k", "?", "escape", "space"],
    ["g", "escape", "4", "g", "enter", "T", "escape", ":"],
    [":", "escape", ":", "escape", "?", "q", "?", "q", "g", "escape"],
    ["2", ":", "1", "escape", "?", "3", "q", "1"],
]


def send(ui: Explorer, keys: list[str]) -> None:
    for key in keys:
        ui.app.post_message(
            events.Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None)
        )


@pytest.mark.parametrize("keys", BURSTS, ids=" ".join)
async def test_lists_the_help_and_prompts_in_a_burst(keys: list[str]) -> None:
    async with explorer() as ui:
        for _ in range(3):
            send(ui, keys)
            await ui.pilot.pause()
        await ui.press("escape", "escape", "escape", "1")
        assert ui.app.is_running
        assert ui.app.screen is ui.screen


@pytest.mark.parametrize("seed", range(4))
async def test_any_keys_and_sizes_in_a_burst(seed: int) -> None:
    chance = random.Random(seed)
    keys = [":", "?", "g", "T", "/", "escape", "enter", "down", "end", "pagedown", "q", "1", "2", "x", "backspace"]
    async with explorer() as ui:
        for _ in range(12):
            burst = [key for key in chance.choices(keys, k=8) if key != "q" or isinstance(ui.app.screen, HelpScreen)]
            send(ui, ["escape" if key == "q" else key for key in burst])
            await ui.pilot.resize_terminal(chance.choice([1, 20, 60, 120, 200]), chance.choice([1, 5, 24, 40]))
        assert ui.app.is_running


async def test_a_list_that_does_not_stand_yet_or_has_gone_can_be_asked() -> None:
    commands = [Command(("a",), "a", "a", "what it does", "Group")]
    async with explorer() as ui:
        screens = (
            PaletteScreen([Entry("one", "", "a"), Entry("two", "", "b")]),
            PickScreen("title", (Item("one"), Item("two")), 0),
            HelpScreen("title", commands, "notes"),
        )
        for screen in screens:
            ask(screen)  # before it is there
            await ui.app.push_screen(screen)
            ask(screen)
            await ui.pilot.pause()
            screen.action_leave()
            ask(screen)
            await ui.pilot.pause()
            ask(screen)  # after it has gone
        prompt = ui.screen.prompt
        await prompt.remove()
        prompt.open("question", "answer")
        prompt.on_resize()
        assert ui.app.is_running


def ask(screen: PaletteScreen | PickScreen | HelpScreen) -> None:
    if isinstance(screen, HelpScreen):
        screen.action_scroll(1)
    else:
        screen.action_move(1)
        screen.on_chooser_scrolled(Chooser.Scrolled(Chooser("title", id="list"), 1))


@pytest.mark.parametrize(("size", "virtual", "window"), [(5, 10, 10), (0, 10, 10), (7, 3, 3), (1, 0, 0), (5, 10, 4)])
def test_a_scroll_bar_of_any_size(size: int, virtual: int, window: int) -> None:
    assert isinstance(SteadyBar.render_bar(size, virtual, window, 0), Segments)


# ---- what lists have lost meanwhile ---------------------------------------------------------------------------------


async def test_evidence_of_a_variant_that_has_gone() -> None:
    app = program()
    async with app.run_test(size=(120, 40)) as pilot:
        for keys in (["down", "down", "v"], ["5", "end", "down", "down"], ["1", "V", "5", "enter", "down", "enter"]):
            for key in keys:
                app.post_message(events.Key(key, key if len(key) == 1 else None))
            for _ in range(20):
                await pilot.pause()
        assert app.is_running
        screen = opened(app, PropertiesScreen)
        assert 0 <= screen.state.current < len(screen.state.subject.rows)
        assert screen_text(app)


async def test_parameters_of_a_loss_that_has_gone_meanwhile() -> None:
    loss = define("mine(a=2[0,9]): abs(p-y)**a")
    app = program(start="race")
    async with app.run_test(size=(120, 40)) as pilot:
        await came_to(pilot, lambda: app.is_ready)
        screen = opened(app, RaceScreen)
        screen.look_at(subject_actions.filtered(screen.state, loss.id))
        screen.perform(subject_actions.ask_parameters)
        assert screen.prompt.is_open
        screen.forget_loss(loss.id)
        screen.look_at(screen.state.with_subject(without(screen.state.subject, loss.id)))
        screen.on_prompt_answered()
        await came_to(pilot, lambda: "mine is gone: esc leaves" in "".join(screen_text(app)))


@pytest.mark.parametrize("definition", ["", "mine: (p-y)**4"], ids=["gone", "another"])
async def test_a_loss_that_goes_in_a_story_is_gone_after_it(definition: str) -> None:
    loss = define("mine: (p-y)**2")
    app = LosstermApp(FEATURES, Saved(), keep=False, guide=guide)
    async with app.run_test(size=(120, 40)) as pilot:
        await came_to(pilot, lambda: app.is_ready)
        screen = opened(app, CurvesScreen)
        index = next(i for i, row in enumerate(screen.state.subject.rows) if row.loss == loss.id)
        screen.carry_out(subject_actions.show_row(screen.state, index))
        app.stories.begin("saturation")
        forget(loss.id)
        if definition:
            define(definition)
        app.stories.leave()
        await came_to(pilot, lambda: not app.stories.is_on)
        left = [row.definition for row in screen.state.subject.rows if row.loss == loss.id]
        assert left == [definition][: len(definition)]
        assert app.workspace.subject == screen.state.subject.subject


async def test_clicks_on_rows_that_have_gone_meanwhile() -> None:
    async with explorer() as ui:
        screen = ui.screen
        screen.look_at(screen.state.at(10**6))
        assert screen.state.current == len(screen.state.subject.rows) - 1
        await ui.pilot.press("5")
        await ui.until(lambda: isinstance(ui.app.screen, PropertiesScreen) and ui.app.screen.is_mounted)
        properties = opened(ui.app, PropertiesScreen)
        properties.look_at(subject_actions.filtered(properties.state, "none is called so"))
        properties.on_grid_clicked(Grid.Clicked(properties.table, 3, 2, 0))
        assert ui.app.is_running and not properties.listed


# ---- options without a value ----------------------------------------------------------------------------------------


def every_option() -> Iterator[list[str]]:
    for name, command in COMMANDS.items():
        parser = __import__(command.module, fromlist=["parser"]).parser()
        for action in parser._actions:
            if action.nargs is None and action.option_strings:
                yield [name, f"{action.option_strings[-1]}=--"]


@pytest.mark.parametrize("arguments", list(every_option()), ids=" ".join)
def test_two_dashes_are_no_value(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert re.fullmatch(r"lossterm: .+\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    "arguments", [["check", "f.py:f", f"--show={'x' * 3000}"], ["--fresh=1"]], ids=["check", "fresh"]
)
def test_a_flag_takes_no_value(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert re.fullmatch(r"lossterm: --\w+ takes no value\n", capsys.readouterr().err)


# ---- a long queue ---------------------------------------------------------------------------------------------------


async def test_ctrl_c_drops_a_long_queue_before_it_and_no_short_one() -> None:
    for count in (3, 3 * QUEUED):
        async with explorer() as ui:
            for _ in range(count):
                key = events.Key("right", None)
                ui.app.sent(key)
                ui.app.post_message(key)
            last = events.Key("ctrl+c", "\x03")
            ui.app.sent(last)
            ui.app.post_message(last)
            await ui.pilot.pause()
            moved = ui.view.logit != -4
            assert moved == (count <= QUEUED)
            assert ui.app.is_leaving


async def test_parameters_go_to_the_loss_they_were_asked_for() -> None:
    async with lab() as ui:
        focal = next(i for i, row in enumerate(ui.view().rows) if row.loss == "focal")
        for _ in range(5):
            if ui.app.focused is not ui.screen.ledger:
                await ui.press("tab")
        await ui.press(*["down"] * focal)
        assert ui.screen.state.current == focal
        before = ui.view().rows
        await ui.pilot.press("p")
        for _ in range(9):
            ui.screen.ledger.post_message(Ledger.Scrolled(ui.screen.ledger, -1))
        await ui.pilot.pause()
        await ui.pilot.press("end", *["backspace"] * 60, *"gamma=3", "enter")
        await ui.settle()
        assert dict(ui.view().rows[focal].params)["gamma"] == 3
        assert [i for i, row in enumerate(ui.view().rows) if row.params != before[i].params] == [focal]
