"""The Race screen: the race, its cursor, playing, settings, sizes, and what is restored."""

from __future__ import annotations

import random
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lossterm.cli import run
from lossterm.core.losses import LOSSES
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui import present_race as show
from lossterm.ui.app import LosstermApp
from lossterm.ui.commands_race import RACE
from lossterm.ui.screens.race import RaceScreen
from tests.ui.program import view_of
from tests.ui.running import Running

SEEDS = view_of("cross-entropy", "squared-error", at=-8.0)


class Track(Running):
    """The running program, on the Race screen."""

    @property
    def screen(self) -> RaceScreen:
        found = self.app.opened("race")
        assert isinstance(found, RaceScreen)
        return found

    def is_playing(self) -> bool:
        return self.screen.playing

    @property
    def is_settled(self) -> bool:
        contest = self.screen.contest
        return contest is not None and contest.done and not self.screen._due and not self.screen._is_slicing

    async def settle(self) -> None:
        await super().settle()
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text, "enter")


@asynccontextmanager
async def race(
    view: View | None = SEEDS, size: tuple[int, int] = (120, 40), saved: object = None, *, wait: bool = True
) -> AsyncIterator[Track]:
    screens = {} if saved is None else {"race": saved}
    app = LosstermApp(Saved(view=view, screens=screens), keep=False)
    async with app.run_test(size=size) as pilot:
        ui = Track(app, pilot)
        await ui.until(lambda: app.is_ready)
        await pilot.press("3")
        await (ui.settle() if wait else ui.until(lambda: ui.screen.contest))
        yield ui


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_from_minus_8_cross_entropy_wins_by_81(size: tuple[int, int]) -> None:
    async with race(size=size) as ui:
        assert "from z = −8.000" in ui.text
        assert "after step 19 " in ui.text
        assert "19 · first" in ui.text
        assert "1,542 · 81.2×" in ui.text
        assert "a cross-entropy wins: 19 steps · b 81.2× as many" in ui.text
        assert "0.9085" in ui.text  # p of cross-entropy at step 19
        assert "−7.987" in ui.text  # z of squared error


async def test_the_cursor_is_the_step() -> None:
    async with race() as ui:
        screen = ui.screen
        await ui.press("home")
        assert screen.step == 0
        assert "8.000" in ui.text
        await ui.press(".")
        assert screen.step == 1
        await ui.press("right")
        assert screen.step == 2
        await ui.press(",", ",", ",")
        assert screen.step == 0
        await ui.press("end")
        assert screen.step == 1542
        await ui.press("right", ".")
        assert screen.step == 1542
        await ui.press("N")
        assert screen.step == 19
        await ui.press("n")
        assert screen.step == 1542
        await ui.pilot.press("g")
        await ui.type("100")
        assert screen.step == 100
        assert "after step 100 " in ui.text


async def test_every_column_is_reached_on_both_axes() -> None:
    async with race(size=(80, 24)) as ui:
        for _ in range(2):
            await ui.press("home")
            seen = [ui.screen.step]
            while ui.screen.step < 1542:
                ui.screen.action_move(1)
                assert ui.screen.step > seen[-1]
                seen.append(ui.screen.step)
            while ui.screen.step:
                ui.screen.action_move(-1)
            assert len(seen) > 30
            await ui.press("x")


async def test_playing_goes_on_by_the_speed_and_stops_at_the_end() -> None:
    async with race() as ui:
        screen = ui.screen
        await ui.press("home", "enter")
        assert ui.is_playing()
        assert "▶" in ui.text
        before = screen.step
        for _ in range(20):
            screen.beat()
        assert screen.step >= before + 100  # a second at 100 steps a second, and what the clock did beside
        await ui.press("enter")
        assert not ui.is_playing()
        stood = screen.step
        screen.beat()
        assert screen.step == stood
        await ui.press("end", "enter")  # at the end it begins anew
        assert ui.is_playing()
        await ui.press(*">>>>>>>")
        for _ in range(5):
            screen.beat()
        assert not ui.is_playing()
        assert screen.step == 1542


async def test_the_start_is_the_cursor_of_curves_unless_it_is_changed() -> None:
    async with race(view_of("cross-entropy", at=-3.0)) as ui:
        assert "from z = −3.000" in ui.text
        await ui.press("1", "left", "3")
        logit = ui.screen.view.logit
        assert logit < -3
        await ui.settle()
        assert ui.screen.contest is not None
        assert ui.screen.contest.standings(0)[0].logit == logit
        await ui.pilot.press("z")
        await ui.type("-8")
        assert ui.screen.contest.standings(0)[0].logit == -8
        assert "19 · first" in ui.text
        await ui.press("Z")
        assert ui.screen.contest.standings(0)[0].logit == logit


async def test_optimizers_rates_and_the_goal() -> None:
    async with race() as ui:
        await ui.press("m")
        assert "4 · first" in ui.text
        assert "239 · " in ui.text
        await ui.press("m")
        assert "458 · " in ui.text
        await ui.press("m", "o", "o")
        assert "the curvature is negative, Newton climbs" in ui.text
        await ui.press("o", ")")
        assert ui.screen.course.rate == 2
        await ui.pilot.press("R")
        await ui.type("1")
        await ui.pilot.press("u")
        await ui.type("0.5")
        assert "p ≥ 0.5" in ui.text
        assert ui.screen.contest is not None
        assert [f is not None and f > 0 for f in ui.screen.contest.finishes()] == [True, True]


async def test_what_is_typed_wrong_is_said() -> None:
    async with race() as ui:
        for key, text in (("R", "0"), ("u", "7"), ("z", "x"), ("g", "1.5"), ("M", "0")):
            await ui.pilot.press(key)
            await ui.pilot.press(*["backspace"] * 9, *text, "enter")
            await ui.until(lambda: "not" in ui.text.splitlines()[-1])
            await ui.press("escape")
        assert ui.screen.course.rate == 1
        assert ui.screen.step == 19


async def test_problems_show_a_plane() -> None:
    async with race() as ui:
        seen = []
        for _ in range(8):
            await ui.press("c")
            assert ui.screen.contest is not None
            seen.append(ui.screen.course.problem)
            assert ui.screen.plane.size.width > 20
            assert ui.screen.last == (
                ui.screen.contest.step if ui.screen.course.problem in {"line", "constant"} else 1000
            )
            await ui.press("home", "right", "d", "l", "x", "end")
        assert seen == ["separable", "overlapping", "imbalanced", "flipped", "outlier", "line", "minima", "constant"]
        await ui.press("C", "C")
        assert "squared-error" in ui.text
        assert "does not fit a line" in ui.text  # cross-entropy, with the reason
        await ui.press("c", "c", "c")
        assert not ui.screen.course.is_problem


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_one_weight_shows_the_objective_and_where_each_is(size: tuple[int, int]) -> None:
    async with race(size=size, saved={"problem": "minima", "fit_steps": 4000}) as ui:

        def marks() -> list[int]:
            lines = [ui.screen.plane.render_line(y).text for y in range(1, ui.screen.plane.size.height)]
            return [x for line in lines for x, mark in enumerate(line) if mark in "●▲"]

        assert "from w = −1" in ui.text
        assert "a cross-entropy wins: 4 steps" in told(ui) or "a cross-entropy wins: 2 steps" in told(ui)
        assert "−0.5718" in told(ui)
        last = marks()
        await ui.press("home")
        assert marks() != last
        assert len(set(marks())) == 1  # all begin at the same weight
        await ui.pilot.press("z")
        await ui.type("0.3")
        contest = ui.screen.contest
        assert contest is not None
        assert [s.weights for s in contest.standings(0)] == [(0.3,), (0.3,)]
        await ui.press("Z", "i", "B", "y")
        assert ui.screen.course.first_weight == -1


async def test_the_lines_move() -> None:
    async with race(saved={"problem": "overlapping"}) as ui:

        def plane() -> list[str]:
            return [str(ui.screen.plane.render_line(y).text) for y in range(ui.screen.plane.size.height)]

        last = plane()
        await ui.press("home", ".")
        assert plane() != last
        assert sum(line.count("+") for line in last) > 20
        assert sum(line.count("∘") for line in last) > 20


def squeezed(text: str) -> str:
    """Words, wherever their lines break."""
    return " ".join(text.split())


def told(ui: Track) -> str:
    """What the numbers and the words below them say, without the pane beside them."""
    readout = ui.screen.readout
    return squeezed(" ".join(readout.render_line(y).text for y in range(readout.size.height)))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_limit_is_the_one_that_holds(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lossterm.contest.MOST_KEPT", 3000)
    copied: list[str] = []
    async with race(size=size) as ui:
        monkeypatch.setattr(ui.app, "copy_to_clipboard", copied.append)
        await ui.pilot.press("M")
        await ui.type("10000000")
        rows = [item.right for _, item in show.settings(ui.screen.course, ui.screen.view, ui.screen.contest)]
        assert "≤ 1,500" in rows
        assert "step limit" in told(ui)
        assert "1,500 steps of each can be kept: there the race ends" in told(ui) or size == (80, 24)
        await ui.press("y")
    assert "--max-steps 1500" in copied[0]
    assert run(shlex.split(copied[0])[1:]) == 0
    assert "after 1,500 steps" in capsys.readouterr().out


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_line_without_losses_of_its_own_says_which_to_show(size: tuple[int, int]) -> None:
    async with race(view_of("cross-entropy", "focal"), size, {"problem": "line"}) as ui:
        said = "none of the shown losses fits a line: show squared-error, absolute-error or huber (↑↓, space)"
        assert said in told(ui)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_large_steps_keep_away_from_names_and_factors_are_whole(size: tuple[int, int]) -> None:
    shown = view_of("cross-entropy", "squared-error", at=-15.2)
    async with race(shown, size, {"most": 4_000_000}) as ui:
        await ui.press("end")
        lines = [line for line in ui.text.splitlines() if "1,996,459" in line]
        assert any(" squared-error 1,996,459 " in squeezed(line) for line in lines)
        assert "76,787×" in ui.text
        assert any("1,996,459 · 76,787×" in line or "1,996,459 76,787×" in line for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_why_the_current_loss_ended_can_be_read(size: tuple[int, int]) -> None:
    shown = view_of("cross-entropy", "squared-error", "absolute-error", "zero-one", at=-8.0)
    async with race(shown, size, {"problem": "separable", "optimizer": "newton"}) as ui:
        contest = ui.screen.contest
        assert contest is not None
        for racer, reason in zip(contest.running, contest.reasons(), strict=True):
            while ui.screen.current != racer.row:
                await ui.press("down")
            if reason:
                assert f" {racer.letter} {reason.split(',')[0]}"[:40] in told(ui)  # it is told of first
            await ui.press("W")
            assert (f"{racer.letter} {racer.name}: {reason}" if reason else "reached") in squeezed(ui.text)
            await ui.press("escape")


async def test_why_of_those_that_do_not_race_or_have_not_ended() -> None:
    async with race(saved={"problem": "line"}) as ui:
        await ui.press("W")
        assert "a cross-entropy does not race: cross-entropy does not fit a line" in squeezed(ui.text)
        await ui.press("escape", "down", "down", "W")
        assert "space lets it" in ui.text


async def test_each_goal_is_told_where_they_differ() -> None:
    async with race(view_of("hinge", "squared-error", activation="identity", at=-2.0)) as ui:
        assert "steps to its goal" in ui.text
        assert "each to its own goal: |v − 1| ≤ 0.1 (a), v ≥ 0.9 (b)" in told(ui)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_another_problem_covers_no_numbers(size: tuple[int, int]) -> None:
    async with race(size=size) as ui:
        await ui.press("c")
        assert not ui.screen.notice.display
        assert "b squared-error" in ui.text
        assert "1 · first" in ui.text
        assert "two classes with room between" in told(ui)


async def test_a_problem_that_is_stopped_says_after_how_many_steps() -> None:
    async with race(saved={"problem": "separable", "fit_steps": 100_000}, wait=False) as ui:
        await ui.until(lambda: "computing …" in ui.text)
        await ui.pilot.press("escape")
        contest = ui.screen.contest
        assert contest is not None
        assert f"stopped after {contest.step:,} steps ·" in told(ui)


async def test_a_long_race_shows_how_far_it_is_and_can_be_stopped() -> None:
    view = view_of(*(name for name in LOSSES if name != "zero-one"), at=-13.0)
    async with race(view, saved={"until": 0.999999, "optimizer": "newton", "rate": 1e-6}, wait=False) as ui:
        contest = ui.screen.contest
        assert contest is not None
        assert not contest.done  # twenty million exact steps are not done in a moment
        await ui.until(lambda: "computing …" in ui.text)
        await ui.pilot.press("right", "home", "d", "x")  # it answers meanwhile
        assert ui.screen.step == 0
        contest = ui.screen.contest
        assert contest is not None
        await ui.pilot.press("escape")
        assert contest.done
        assert "stopped" in ui.text
        step = contest.step
        await ui.pilot.pause()
        assert contest.step == step > 0


async def test_a_race_that_is_left_waits() -> None:
    view = view_of(*(name for name in LOSSES if name != "zero-one"), at=-13.0)
    async with race(view, saved={"until": 0.999999, "optimizer": "newton", "rate": 1e-6}, wait=False) as ui:
        await ui.pilot.press("1")
        contest = ui.screen.contest
        assert contest is not None
        await ui.until(lambda: not ui.screen._is_slicing)
        step = contest.step
        await ui.pilot.pause()
        assert contest.step == step
        await ui.pilot.press("3")
        await ui.until(lambda: contest.step > step)


async def test_losses_and_labels_are_those_of_curves() -> None:
    async with race() as ui:
        await ui.press("down", "down", "space")
        assert ui.screen.view.shown == (0, 1, 2)
        assert "c focal" in ui.text
        await ui.press("]", "t", "a", "w")
        view = ui.screen.view
        assert dict(view.rows[2].params)["gamma"] != 2
        await ui.press("1")
        assert ui.screen.curves.view == view
        assert view.label == 0
        assert view.activation == "tanh"


async def test_the_race_is_about_the_label_while_curves_shows_a_risk() -> None:
    async with race(replace(SEEDS, eta=0.3)) as ui:
        assert "19 · first" in ui.text
        assert "0.9085" in ui.text


async def test_nobody_races() -> None:
    async with race(view_of()) as ui:
        for key in (
            "left",
            "right",
            "home",
            "end",
            "n",
            "N",
            ".",
            ",",
            "enter",
            "y",
            "e",
            "d",
            "x",
            "l",
            "c",
            "o",
            "m",
        ):
            await ui.press(key)


async def test_the_command_runs_the_race_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    async with race() as ui:
        monkeypatch.setattr(ui.app, "copy_to_clipboard", copied.append)
        await ui.press("y", "c", "c", "y", *"CC", *"om", "y")
    printed = []
    for text in copied:
        words = shlex.split(text)
        assert words[:2] == ["lossterm", "race"]
        assert run(words[1:]) == 0
        printed.append(capsys.readouterr().out)
    assert "1,542" in printed[0]
    assert printed[1].startswith("overlapping")
    assert "momentum" in printed[2]


async def test_export(plain_surroundings: Path) -> None:
    async with race() as ui:
        await ui.press("e", "e", "s")
    rows = (plain_surroundings / "lossterm-race.csv").read_text("utf-8").splitlines()
    assert rows[0] == "loss,params,step,logit,prediction,value,d_logit"
    assert len(rows) == 1 + 20 + 1543
    assert (plain_surroundings / "lossterm-race-2.csv").exists()
    assert (plain_surroundings / "lossterm.svg").exists()


async def test_a_thinned_export_says_so(plain_surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.ui.screens.race.EXPORTED", 1000)
    async with race() as ui:
        await ui.press("e")
        assert "longer than 1,000 steps" in " ".join(ui.text.split())  # which the path may break
    rows = (plain_surroundings / "lossterm-race.csv").read_text("utf-8").splitlines()
    assert len(rows) < 1100


async def test_what_is_saved_is_restored() -> None:
    async with race() as ui:
        await ui.press("c", "o", "x", "d", ")")
        kept = ui.screen.kept(Saved()).screens
        course = ui.screen.course
    async with race(saved=kept["race"]) as ui:
        assert ui.screen.course == course
        assert set(ui.screen.kept(Saved(screens={"other": 1})).screens) == {"other", "race"}


@pytest.mark.parametrize("saved", [[], "x", 3, {"problem": 5, "rate": "fast", "seed": True, "start": [1]}])
async def test_a_broken_state_is_forgiven(saved: object) -> None:
    async with race(saved=saved) as ui:
        assert "19 · first" in ui.text


@pytest.mark.parametrize("problem", ["logit", "flipped"])
async def test_any_size(problem: str) -> None:
    async with race(saved={"problem": problem}) as ui:
        for size in [
            (1, 1),
            (39, 12),
            (40, 12),
            (40, 11),
            (80, 24),
            (109, 35),
            (110, 36),
            (300, 100),
            (2, 100),
            (300, 2),
        ]:
            await ui.pilot.resize_terminal(*size)
            await ui.settle()
            await ui.press("left", "right", "tab", "down", "escape")
            if size[0] < 40 or size[1] < 12:
                continue
            assert "steps" in ui.text or "Race" in ui.text


async def test_any_key_at_any_time() -> None:
    chance = random.Random(3)
    keys = [key for command in RACE for key in command.keys]
    async with race() as ui:
        for _ in range(250):
            await ui.pilot.press(chance.choice(keys))
            if chance.random() < 0.05:
                await ui.pilot.resize_terminal(chance.randint(1, 160), chance.randint(1, 60))
        assert ui.app.is_running


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in RACE for key in command.keys]
    assert len(keys) == len(set(keys))
