"""Undo and redo on every screen: views are gone back to and on again as they were, whatever was changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from lossterm.model.history import HELD, MOST, History, recorded, redone, undone
from lossterm.tui import screen as screens
from lossterm.tui.app import LosstermApp
from lossterm.tui.screen import FeatureScreen
from tests.harness import program, screen_text

NAMES = ("curves", "softmax", "race", "data", "properties")


@asynccontextmanager
async def running(start: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    """The program on one of its screens, with all that was asked for done."""
    app = program(start=start)
    async with app.run_test(size=size) as pilot:
        for _ in range(10):
            await pilot.pause()
        yield pilot


def screen_of(pilot: Pilot[None]) -> FeatureScreen[Any]:
    assert isinstance(pilot.app.screen, FeatureScreen)
    return pilot.app.screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await pilot.pause()


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key comes a second after the one before."""
    seconds = count()
    monkeypatch.setattr(screens, "monotonic", lambda: float(next(seconds)))


CHANGES = {
    "curves": ("space", "t", "a", "d", "b", "l", "+", "v", "]", "x", "w", "L"),
    "softmax": ("]", "n", "a", "m", "t", "w", ">", "x", "P", "l", "h", "o"),
    "race": ("c", "o", "m", "i", "x", "d", "t", "a", "space", ")", "C"),
    "data": ("space", "d", "x", "+", "t", ">", "w", ".", "l", "m"),
    "properties": ("space", "t", "a", "w", "down", "space"),
}
"""Keys that change the view of a screen, some of which ask first or do nothing there."""


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("name", NAMES)
async def test_back_and_on_through_every_view(name: str) -> None:
    async with running(name) as pilot:
        screen = screen_of(pilot)
        if name == "data":
            await press(pilot, "O")
            for _ in range(200):
                await pilot.pause(0.02)
                if screen.state.answer is not None:
                    break
        seen = [screen.worth_a_step(screen.state)]
        floor = len(screen.history.past)
        for key in CHANGES[name]:
            await press(pilot, key)
            if screen.prompt.is_open:
                await press(pilot, "escape")
            if screen.worth_a_step(screen.state) != seen[-1]:
                seen.append(screen.worth_a_step(screen.state))
        assert len(seen) > len(CHANGES[name]) // 2
        assert len(screen.history.past) - floor == len(seen) - 1
        for view in reversed(seen[:-1]):
            await press(pilot, "U")
            assert screen.worth_a_step(screen.state) == view
        for view in seen[1:]:
            await press(pilot, "Y")
            assert screen.worth_a_step(screen.state) == view
        await press(pilot, "Y")
        assert "nothing to redo" in screen.notice.said


@pytest.mark.parametrize("name", NAMES)
async def test_the_first_view_has_nothing_before_it(name: str) -> None:
    async with running(name, (80, 24)) as pilot:
        before = screen_of(pilot).state
        await press(pilot, "U")
        assert "nothing to undo" in "\n".join(screen_text(pilot.app))  # type: ignore[arg-type]
        assert screen_of(pilot).state == before


@pytest.mark.usefixtures("slowly")
async def test_the_cursor_is_no_step_and_comes_back_with_one() -> None:
    async with running("curves") as pilot:
        screen = screen_of(pilot)
        await press(pilot, "right", "right", "down")
        assert not screen.history.past
        there = screen.state
        await press(pilot, "a", "left", "U")
        assert screen.state == there


@pytest.mark.usefixtures("slowly")
async def test_moving_the_swept_logit_is_one_step() -> None:
    async with running("softmax") as pilot:
        screen = screen_of(pilot)
        first = screen.state
        await press(pilot, "left", "left", "left", "left")
        assert len(screen.history.past) == 1
        await press(pilot, "U")
        assert screen.state == first


@pytest.mark.usefixtures("slowly")
async def test_another_view_after_undo_leaves_nothing_to_redo() -> None:
    async with running("curves") as pilot:
        screen = screen_of(pilot)
        await press(pilot, "a", "a", "U", "d")
        assert not screen.history.future
        await press(pilot, "U", "U")
        assert screen.state.view.activation == "sigmoid"


@pytest.mark.usefixtures("slowly")
async def test_undo_is_shared_with_the_other_screens() -> None:
    async with running("curves") as pilot:
        await press(pilot, "5", "1", "a", "5", "U", "1")
        assert screen_of(pilot).state.view.activation == "sigmoid"


@pytest.mark.usefixtures("slowly")
async def test_undo_is_in_the_palette_and_the_help() -> None:
    async with running("race") as pilot:
        screen = screen_of(pilot)
        first = screen.worth_a_step(screen.state)
        await press(pilot, "c", ":", *"undo", "enter")
        await pilot.pause()
        assert screen.worth_a_step(screen.state) == first
        app = pilot.app
        assert isinstance(app, LosstermApp)
        assert {"U", "Y"} <= {key for command in app.commands_here() for key in command.keys}


async def opened(pilot: Pilot[None], path: Path) -> None:
    """Open a file on Data and wait for its figures."""
    screen = screen_of(pilot)
    await press(pilot, "o", "ctrl+u", *str(path), "enter")
    await answered(pilot, path)
    assert not screen.prompt.is_open


async def answered(pilot: Pilot[None], path: Path) -> None:
    for _ in range(300):
        await pilot.pause(0.02)
        state = screen_of(pilot).state
        if state.answer is not None and state.choice.paths == (str(path),) and state.opening is None:
            return
    raise AssertionError("it was never read")


@pytest.mark.usefixtures("slowly")
async def test_a_file_comes_back_with_how_it_was_looked_at(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("y,p\n1,0.9\n0,0.2\n1,0.6\n0,0.4\n")
    second.write_text("y,p\n1,0.7\n0,0.1\n")
    async with running("data") as pilot:
        await opened(pilot, first)
        await press(pilot, "k", "ctrl+u", "2", "enter")
        assert screen_of(pilot).state.look.temperature == 2
        await opened(pilot, second)
        await press(pilot, "U")
        await answered(pilot, first)
        assert screen_of(pilot).state.look.temperature == 2
        await press(pilot, "Y")
        await answered(pilot, second)
        await press(pilot, "U", "U", "U")
        await pilot.pause()
        assert screen_of(pilot).state.file is None


@pytest.mark.usefixtures("slowly")
async def test_a_file_that_has_gone_is_told_and_the_rest_comes_back(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("y,p\n1,0.9\n0,0.2\n1,0.6\n0,0.4\n")
    second.write_text("y,p\n1,0.7\n0,0.1\n")
    async with running("data") as pilot:
        await opened(pilot, first)
        await press(pilot, "+")
        bins = screen_of(pilot).state.look.bins
        await opened(pilot, second)
        await press(pilot, "-", "-")
        first.unlink()
        await press(pilot, "U", "U", "U")
        for _ in range(200):
            await pilot.pause(0.02)
            if screen_of(pilot).state.opening is None:
                break
        screen = screen_of(pilot)
        assert "first.csv" in "".join("".join(screen_text(pilot.app)).split())  # type: ignore[arg-type]
        assert screen.state.choice.paths == (str(second),)
        assert screen.state.look.bins == bins


# ---- the history itself ---------------------------------------------------------------------------------------------


def test_a_key_that_is_held_down_is_one_step() -> None:
    history: History[int] = History()
    for n in range(50):
        history = recorded(history, n, "a", n * HELD / 2)
    assert history.past == (0,)
    history = recorded(history, 50, "a", 100)
    history = recorded(history, 51, "b", 100)
    assert history.past == (0, 50, 51)


def test_a_step_after_undo_does_not_join_the_one_before() -> None:
    history: History[int] = recorded(History(), 0, "a", 0)
    history, back = undone(history, 1)
    assert back == 0
    assert recorded(history, 0, "a", 0).past == (0,)


def test_the_history_is_bounded() -> None:
    history: History[int] = History()
    for n in range(3 * MOST):
        history = recorded(history, n, None, 0)
    assert len(history.past) == MOST
    assert history.past[-1] == 3 * MOST - 1


def test_on_is_the_way_back_reversed() -> None:
    history: History[int] = History()
    for n in range(4):
        history = recorded(history, n, None, 0)
    seen, here = [], 4
    while history.past:
        history, back = undone(history, here)
        assert back is not None
        here = back
        seen.append(here)
    assert seen == [3, 2, 1, 0]
    while history.future:
        history, on = redone(history, here)
        assert on is not None
        here = on
        seen.append(here)
    assert seen[4:] == [1, 2, 3, 4]
    assert redone(history, here) == (history, None)
