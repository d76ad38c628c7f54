"""The point under the cursor: it stays whatever else is changed, and goes where it is sent."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.numbers import fixed
from lossterm.curves.scene import compose
from lossterm.curves.view import View
from tests.curves.program import explorer, view_of
from tests.harness import NARROW, WIDE

PREDICTION_LETTERS = ("p", "v")


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_point_stays_whatever_else_changes(size: tuple[int, int]) -> None:
    view = view_of("cross-entropy", "squared-error", "focal", at=-1.234)
    async with explorer(view, size) as ui:
        for key in (*"xaaxaaaxaaaaAtwbdl+x+-0x=b", "down", "space", *"rv]V"):
            await ui.press(key)
            assert ui.view.logit == -1.234, key
            assert ui.shown_point == "−1.2340", key
            assert "z=−1.234" in ui.status, key
        await ui.resize(97, 31)
        assert ui.shown_point == "−1.2340"


@pytest.mark.parametrize("activation", ACTIVATIONS)
async def test_every_column_is_reached_on_either_axis_of_every_activation(activation: str) -> None:
    # from the left edge right to the right edge: always forwards, over flat stretches, and never stuck
    view = view_of("squared-error", activation=activation, axis="prediction", at=0.5)
    async with explorer(view, (60, 24)) as ui:
        for axis in ("prediction", "logit"):
            await ui.press("home")
            before, steps = ui.view.logit, 0
            while True:
                await ui.press("pagedown")
                if ui.view.logit == before:
                    break
                assert ui.view.logit > before
                assert ui.shown_point == fixed(ui.view.logit, 5)
                before, steps = ui.view.logit, steps + 1
            assert steps >= 2
            await ui.press("end")
            assert ui.view.logit == before
            await ui.press("x")
            assert ui.view.axis != axis


async def test_steps_are_round_numbers() -> None:
    async with explorer() as ui:
        for _ in range(12):
            await ui.press("right")
            assert len(repr(ui.view.logit)) <= 4, ui.view.logit


async def test_ten_steps_are_a_fast_one_and_back_is_where_it_was() -> None:
    async with explorer() as ui:
        await ui.press(*["right"] * 10)
        there = ui.view.logit
        await ui.press("shift+left")
        assert ui.view.logit == -4
        await ui.press("shift+right")
        assert ui.view.logit == there


async def test_it_is_seen_where_the_window_ends() -> None:
    async with explorer() as ui:
        await ui.press("g", *"-20", "enter")
        lo, hi = ui.view.window
        assert lo <= -20 <= hi
        assert hi - lo == 16
        assert ui.shown_point == "−20.0000"
        await ui.press("0")
        lo, hi = ui.view.window
        assert lo <= -20 <= hi


@pytest.mark.parametrize("axis", ["logit", "prediction"])
async def test_zoom_keeps_the_point_in_its_column(axis: str) -> None:
    async with explorer(replace(View(), axis=axis, logit=-1.0)) as ui:  # type: ignore[arg-type]

        def share() -> float:
            lo, hi = ui.view.window
            where = ui.view.logit if axis == "logit" else 1 / (1 + math.exp(-ui.view.logit))
            return (where - lo) / (hi - lo)

        before = share()
        for _ in range(6):
            await ui.press("+")
            assert share() == pytest.approx(before, abs=1e-4)
        for _ in range(6):
            await ui.press("-")
        lo, hi = ui.view.window
        assert (lo, hi) == pytest.approx((-8, 8) if axis == "logit" else (0, 1), abs=1e-4)


# ---- landmarks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("far_first", [True, False])
async def test_keys_faster_than_drawings_go_by_what_is_looked_at(far_first: bool) -> None:
    # the second key comes before the curves of the first are drawn: landmarks are of the curves that there are now
    many, few = view_of("cross-entropy", "squared-error", "focal", at=-8.0), view_of("squared-error", at=-8.0)
    first, then = (many, few) if far_first else (few, many)
    async with explorer(first) as ui:
        for view in (then, first, then):
            ui.screen.look_at(ui.screen.state.with_view(view))
            ui.screen.action_landmark(1)
            ui.screen.action_landmark(-1)
            ui.screen.action_landmark(1)
        told = ui.screen.state.landmarks
        scene = compose(ui.view.still, 80)
        assert told == tuple(map(scene.named, scene.landmarks_near(ui.view.logit)))
        await ui.settle()
        assert ui.part("readout")[-1].strip().startswith(told[0])


async def test_n_visits_every_landmark_from_left_to_right_and_comes_round() -> None:
    async with explorer(view_of("cross-entropy", "squared-error", "focal", at=-8.0)) as ui:
        visited: list[tuple[float, str]] = []
        for _ in range(30):
            await ui.press("n")
            if visited and ui.view.logit == visited[0][0]:
                break
            visited.append((ui.view.logit, ui.part("readout")[-1].strip()))
        points = [z for z, _ in visited]
        assert points == sorted(points)
        words = "\n".join(text for _, text in visited)
        assert "inflection of b, its steepest point: ∂L/∂z = −0.2963" in words
        cross = next(z for z, text in visited if text.startswith("a and c cross: ∂L/∂z"))
        assert cross == pytest.approx(-0.8586, abs=5e-5)  # C19
        await ui.press("N")
        assert ui.view.logit == points[-1]
        for z in points[-2::-1]:
            await ui.press("N")
            assert ui.view.logit == z


async def test_the_words_of_a_landmark_end_when_it_is_left() -> None:
    async with explorer() as ui:
        await ui.press("n")
        assert "inflection" in ui.part("readout")[-1]
        await ui.press("right")
        assert "inflection" not in ui.part("readout")[-1]


async def test_the_minimum_of_a_soft_label_is_a_landmark() -> None:
    async with explorer(view_of("cross-entropy", label=0.9)) as ui:
        await ui.press("n")
        assert ui.view.logit == pytest.approx(math.log(9))
        assert "minimum of a: L = 0.3251" in ui.part("readout")[-1]


@pytest.mark.exhaustive
async def test_all_landmarks_of_a_point_are_told() -> None:
    async with explorer(replace(View(), label=0.9)) as ui:
        told = ""
        for _ in range(8):
            await ui.press("n")
            told += ui.part("readout")[-1]
        assert "minimum of a" in told
        assert "minimum of b" in told


async def test_without_a_landmark_it_says_so() -> None:
    async with explorer(view_of("cross-entropy")) as ui:
        await ui.press("n")
        assert ui.view.logit == -4
        await ui.told("no minimum, inflection or crossing in this window")


async def test_the_rounding_of_a_landmark_s_place_is_not_told() -> None:
    async with explorer(replace(View(), label=0.9)) as ui:
        await ui.press("n", "n")
        assert "minimum of a: L = 0.3251 · minimum of b: L = 0 · a and b cross: ∂L/∂z = 0" in ui.part("readout")[-1]
    losses = ("squared-error", "half-squared-error", "huber", "absolute-error")
    async with explorer(view_of(*losses, label=0.5, activation="identity", at=0.2)) as ui:
        await ui.press("n")
        assert ui.view.logit == 0.5


async def test_the_words_of_a_landmark_outlast_another_size() -> None:
    async with explorer() as ui:
        await ui.press("n")
        told = ui.part("readout")[-1]
        await ui.resize(110, 36)
        assert "steepest point" in told
        assert "steepest point" in ui.part("readout")[-1]


async def test_a_key_before_the_first_picture_draws_it() -> None:
    async with explorer() as ui:
        setattr(ui.screen, "figure", None)  # noqa: B010
        here = ui.view.logit
        ui.screen.action_move(1)
        assert ui.view.logit > here
