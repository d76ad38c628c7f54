"""The Race screen: the race, its cursor, playing, settings, sizes, and what is restored."""

from __future__ import annotations

import random
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from lossterm.cli import run
from lossterm.curves.screen import CurvesScreen
from lossterm.curves.view import View
from lossterm.race import words
from lossterm.race.keys import RACE
from lossterm.race.screen import RaceScreen
from lossterm.tui.app import LosstermApp
from tests.curves.program import view_of
from tests.families import FIRST
from tests.harness import Running, program, saved_of

SEEDS = view_of("cross-entropy", "squared-error", at=-8.0)


class Track(Running):
    """The running program, on the Race screen."""

    patience = 5000  # on a busy machine a drawing waits for its turn
    opened: RaceScreen

    @property
    def screen(self) -> RaceScreen:
        return self.opened

    def is_playing(self) -> bool:
        return self.screen.state.playing

    @property
    def is_settled(self) -> bool:
        contest = self.screen.contest
        return contest is not None and contest.done and not self.screen.is_computing

    async def settle(self) -> None:
        await super().settle()
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text, "enter")


@asynccontextmanager
async def race(
    view: View | None = SEEDS,
    size: tuple[int, int] = (120, 40),
    saved: object = None,
    *,
    wait: bool = True,
    start: str = "",
    sliced: float | None = None,
) -> AsyncIterator[Track]:
    """The screen of the race; one that is `sliced` goes on for so many seconds at a time, else to its end at once."""
    app = program(saved_of(view, {} if saved is None else {"race": saved}), start=start)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lossterm.race.screen.SLICE", 600.0 if sliced is None and wait else sliced or 0.008)
        async with race_of(app, size, wait=wait, start=start) as ui:
            yield ui


@asynccontextmanager
async def race_of(app: LosstermApp, size: tuple[int, int], *, wait: bool, start: str) -> AsyncIterator[Track]:
    async with app.run_test(size=size) as pilot:
        ui = Track(app, pilot)
        await ui.until(lambda: app.is_ready)
        if not start:
            await pilot.press("3")
        await ui.until(lambda: isinstance(app.screen, RaceScreen))
        assert isinstance(app.screen, RaceScreen)
        ui.opened = app.screen
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


@pytest.mark.exhaustive
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


async def test_the_start_is_that_of_the_command_or_the_cursor_of_curves() -> None:
    async with race(view_of("cross-entropy", at=-3.0)) as ui:
        assert "from z = −8.000" in ui.text  # as on the command line
        await ui.press("Z")
        assert "from z = −3.000" in ui.text
        await ui.press("1", "left", "3")
        logit = ui.screen.state.subject.logit
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
        await ui.press("Z")
        assert ui.screen.contest.standings(0)[0].logit == -8


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
        assert ui.screen.state.course.rate == 2
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
        assert ui.screen.state.course.rate == 1
        assert ui.screen.step == 19


@pytest.mark.exhaustive
async def test_problems_show_a_plane() -> None:
    async with race(saved={"fit_steps": 60}) as ui:
        seen = []
        for _ in range(8):
            await ui.press("c")
            assert ui.screen.contest is not None
            seen.append(ui.screen.state.course.problem)
            assert ui.screen.plane.size.width > 20
            if ui.screen.state.course.problem not in {"line", "constant"}:
                assert ui.screen.contest.step == 60
            await ui.press("home", "right", "d", "l", "x", "end")
        assert seen == ["separable", "overlapping", "imbalanced", "flipped", "outlier", "line", "minima", "constant"]
        await ui.press("C", "C")
        assert "squared-error" in ui.text
        assert "does not fit a line" in ui.text  # cross-entropy, with the reason
        await ui.press("c", "c", "c")
        assert not ui.screen.state.course.is_problem


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.exhaustive
async def test_one_weight_shows_the_objective_and_where_each_is(size: tuple[int, int]) -> None:
    async with race(size=size, saved={"problem": "minima", "fit_steps": 4000}) as ui:

        def marks() -> list[int]:
            lines = [ui.screen.plane.render_line(y).text for y in range(1, ui.screen.plane.size.height)]
            return [x for line in lines for x, mark in enumerate(line) if mark in "●▲"]

        assert "from w = −1" in ui.text
        assert "in the worse minimum, w = −0.5718" in told(ui)
        assert "the better one is at w = 0.04947" in told(ui)
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
        assert ui.screen.state.course.first_weight == -1


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
    monkeypatch.setattr("lossterm.race.contest.MOST_KEPT", 3000)
    copied: list[str] = []
    async with race(size=size) as ui:
        monkeypatch.setattr(ui.app, "copy_to_clipboard", copied.append)
        await ui.pilot.press("M")
        await ui.type("10000000")
        rows = [item.right for item in words.settings(ui.screen.state, ui.screen.contest)]
        assert "≤ 1,500" in rows
        assert "step limit" in told(ui)
        assert "1,500 steps of each can be kept: there the race ends" in told(ui) or size == (80, 24)
        await ui.press("y")
    assert "--max-steps=1500" in copied[0]
    assert run(shlex.split(copied[0])[1:]) == 0
    assert "after 1,500 steps" in squeezed(capsys.readouterr().out)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.exhaustive
async def test_a_line_that_no_shown_loss_fits_is_raced_by_the_usual_ones(size: tuple[int, int]) -> None:
    async with race(view_of("cross-entropy", "focal"), size, {"problem": "line"}) as ui:
        contest = ui.screen.contest
        assert contest is not None
        assert [racer.name for racer in contest.running] == ["squared-error", "absolute-error", "huber δ=1"]
        assert [racer.letter for racer in contest.running] == ["c", "d", "e"]
        assert "a cross-entropy does not fit a line" in told(ui)
        assert "squared-error converged at" in told(ui)
        assert "e+ huber" in ui.text
        await ui.press("down", "W")  # all of it, however short the line is
        assert "converged at the wrong line" in squeezed(ui.text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.exhaustive
async def test_large_steps_keep_away_from_names_and_factors_are_whole(size: tuple[int, int]) -> None:
    shown = view_of("cross-entropy", "squared-error", at=-15.2)
    async with race(shown, size, {"most": 4_000_000, "start": -15.2}) as ui:
        await ui.press("end")
        lines = [line for line in ui.text.splitlines() if "1,996,459" in line]
        name = "squared-err…" if size == (80, 24) else "squared-error"  # names give way to numbers, with a mark
        assert any(f" {name} 1,996,459 " in squeezed(line) for line in lines)
        assert "76,787×" in ui.text
        assert any("1,996,459 · 76,787×" in line or "1,996,459 76,787×" in line for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.exhaustive
async def test_why_the_current_loss_ended_can_be_read(size: tuple[int, int]) -> None:
    shown = view_of("cross-entropy", "squared-error", "absolute-error", "zero-one", at=-8.0)
    async with race(shown, size, {"problem": "separable", "optimizer": "newton"}) as ui:
        contest = ui.screen.contest
        assert contest is not None
        for racer, reason in zip(contest.running, contest.reasons(), strict=True):
            while ui.screen.state.current != racer.row:
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
    async with race(view_of("hinge", "squared-error", activation="identity"), saved={"start": -2.0}) as ui:
        assert "steps to its goal" in ui.text
        assert "each to its own goal: |v − 1| ≤ 0.1 (a), v ≥ 0.9 (b)" in told(ui)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_another_problem_covers_no_numbers(size: tuple[int, int]) -> None:
    async with race(size=size) as ui:
        await ui.press("c")
        assert not ui.screen.notice.display
        assert "b squared-error" in ui.text
        assert (
            "153 · first" if size == (80, 24) else "153 first"
        ) in ui.text  # beside all the weights in fewer letters
        heads = next(line for line in ui.text.splitlines() if "balanced   mean L" in line)
        assert heads.rstrip().endswith("99% down")
        assert "two classes with room between" in told(ui)


async def test_a_problem_that_is_stopped_says_after_how_many_steps() -> None:
    async with race(saved={"problem": "separable", "fit_steps": 100_000}, wait=False) as ui:
        await ui.until(lambda: "computing …" in ui.text)
        await ui.pilot.press("escape")
        contest = ui.screen.contest
        assert contest is not None
        assert f"stopped after {contest.step:,} steps ·" in told(ui)


@pytest.mark.exhaustive
async def test_a_long_race_shows_how_far_it_is_and_can_be_stopped() -> None:
    view = view_of(*(name for name in FIRST if name != "zero-one"), at=-13.0)
    async with race(
        view, saved={"start": -13.0, "until": 0.999999, "optimizer": "newton", "rate": 1e-6}, wait=False
    ) as ui:
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
    view = view_of(*(name for name in FIRST if name != "zero-one"), at=-13.0)
    async with race(
        view, saved={"start": -13.0, "until": 0.999999, "optimizer": "newton", "rate": 1e-6}, wait=False
    ) as ui:
        await ui.pilot.press("1")
        contest = ui.screen.contest
        assert contest is not None
        await ui.until(lambda: not ui.screen._is_slicing)
        step = contest.step
        await ui.pilot.pause()
        assert contest.step == step
        await ui.pilot.press("3")
        await ui.until(lambda: contest.step > step)


@pytest.mark.exhaustive
async def test_losses_and_labels_are_those_of_curves() -> None:
    async with race() as ui:
        await ui.press("down", "down", "space")
        assert ui.screen.state.subject.shown == (0, 1, 2)
        assert "c focal" in ui.text
        await ui.press("]", "t", "a", "w")
        view = ui.screen.state.subject
        assert dict(view.rows[2].params)["gamma"] != 2
        await ui.press("1")
        await ui.until(lambda: isinstance(ui.app.screen, CurvesScreen))
        assert isinstance(ui.app.screen, CurvesScreen)
        assert ui.app.screen.view.subject == view
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


@pytest.mark.exhaustive
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
    monkeypatch.setattr("lossterm.race.actions.EXPORTED", 1000)
    async with race() as ui:
        await ui.press("e")
        assert "longer than 1,000 steps" in " ".join(ui.text.split())  # which the path may break
    rows = (plain_surroundings / "lossterm-race.csv").read_text("utf-8").splitlines()
    assert len(rows) < 1100


@pytest.mark.exhaustive
async def test_what_is_saved_is_restored() -> None:
    async with race() as ui:
        await ui.press("c", "o", "x", "d", ")")
        kept = ui.screen.kept()
        course = ui.screen.state.course
    async with race(saved=kept) as ui:
        assert ui.screen.state.course == course
        assert ui.screen.kept() == kept


@pytest.mark.parametrize("saved", [[], "x", 3, {"problem": 5, "rate": "fast", "seed": True, "start": [1]}])
async def test_a_broken_state_is_forgiven(saved: object) -> None:
    async with race(saved=saved) as ui:
        assert "19 · first" in ui.text


@pytest.mark.exhaustive
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
            await ui.resize(*size)
            await ui.settle()
            await ui.press("left", "right", "tab", "down", "escape")
            if size[0] < 40 or size[1] < 12:
                continue
            assert "steps" in ui.text or "Race" in ui.text


@pytest.mark.exhaustive
async def test_a_problem_key_that_is_held_never_meets_the_race_before() -> None:
    """Slices, drawings, steps and commands in between are of the race that is looked at, or of none."""
    async with race(wait=False) as ui:
        for n in range(60):
            ui.app.screen.post_message(events.Key("c", "c"))
            if n % 7 == 0:
                await ui.pilot.pause()
            if n % 11 == 0:
                await ui.pilot.press("y", "d", "e", "C", "right")
        await ui.settle()
        assert ui.screen.contest is not None
        assert ui.screen.contest.course.problem == ui.screen.state.course.problem


@pytest.mark.exhaustive  # a race that is still under way when the key comes cannot be had on every machine
async def test_a_race_under_way_is_not_exported(plain_surroundings: Path) -> None:
    async with race(saved={"problem": "separable", "fit_steps": 100_000}, wait=False) as ui:
        await ui.until(lambda: "computing …" in ui.text)
        await ui.pilot.press("e")
        await ui.told("the race is still being computed: once more when it has ended, or after esc")
        assert not list(plain_surroundings.iterdir())
        await ui.pilot.press("escape", "e")
        await ui.told("they end there")
        contest = ui.screen.contest
        assert contest is not None
    rows = (plain_surroundings / "lossterm-race.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 2 * (contest.step + 1)


@pytest.mark.parametrize("problem", ["logit", "flipped"])
async def test_race_may_be_the_first_screen(problem: str) -> None:
    async with race(saved={"problem": problem}, start="race") as ui:
        assert "wins: " in ui.text or "win: " in ui.text
        await ui.press("home", "right")
        assert ui.screen.step == 1
        await ui.press("t")
        assert ui.screen.state.subject.label == 0


async def test_another_screen_draws_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async with race() as ui:
        drawn: list[int] = []
        monkeypatch.setattr(ui.screen, "draw_race", lambda: drawn.append(1))
        await ui.pilot.press("1")
        await ui.until(lambda: isinstance(ui.app.screen, CurvesScreen))
        for key in ("t", "a", "left", "]", "space"):
            await ui.pilot.press(key)
        await ui.pilot.pause()
        assert not drawn
        await ui.pilot.press("3")
        await ui.settle()
        assert drawn


@pytest.mark.exhaustive
async def test_any_key_at_any_time() -> None:
    chance = random.Random(3)
    keys = [key for command in RACE for key in command.keys]
    async with race() as ui:
        for _ in range(250):
            await ui.pilot.press(chance.choice(keys))
            if chance.random() < 0.05:
                await ui.resize(chance.randint(1, 160), chance.randint(1, 60))
        assert ui.app.is_running


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in RACE for key in command.keys]
    assert len(keys) == len(set(keys))


async def test_a_family_is_found_shown_and_put_where_it_is_at_home() -> None:
    async with race() as ui:
        await ui.press("/")
        await ui.type("dpo")
        await ui.press("E", "H", "escape")
        state = ui.screen.state
        assert (state.filter_text, state.subject.activation, state.subject.label) == ("", "identity", 1)
        assert "c dpo" in squeezed(ui.text)
        await ui.press("up")  # the heading
        assert state.subject.rows[ui.screen.state.current].loss == "dpo" and ui.screen.state.at_heading is not None
        await ui.press("W")
        assert "this is a heading" in ui.text
