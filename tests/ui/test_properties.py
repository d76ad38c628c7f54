"""The Properties screen: the table as it fills, its evidence, the way to Curves, sizes, and what is restored."""

from __future__ import annotations

import csv
import io
import math
import random
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lossterm.cli import run
from lossterm.core.losses import LOSSES
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui import present_properties as present
from lossterm.ui.app import LosstermApp
from lossterm.ui.commands_properties import PROPERTIES
from lossterm.ui.screens.properties import PropertiesScreen
from tests.ui.running import PATIENCE, Running

MSE = list(LOSSES).index("squared-error")


class Sheet(Running):
    """The running program, on the Properties screen."""

    patience = 20 * PATIENCE

    @property
    def screen(self) -> PropertiesScreen:
        found = self.app.opened("properties")
        assert isinstance(found, PropertiesScreen)
        return found

    @property
    def is_settled(self) -> bool:
        return self.screen.is_complete and not self.screen._due

    async def go(self, name: str, row: int = MSE) -> None:
        self.screen.go_to_cell(row, present.NAMES.index(name))
        await self.pilot.pause()


@asynccontextmanager
async def table(
    view: View | None = None, size: tuple[int, int] = (120, 40), saved: object = None
) -> AsyncIterator[Sheet]:
    app = LosstermApp(Saved(view=view, screens={} if saved is None else {"properties": saved}), keep=False)
    async with app.run_test(size=size) as pilot:
        ui = Sheet(app, pilot)
        await ui.until(lambda: app.is_ready)
        await pilot.press("5")
        await ui.settle()
        yield ui


def line(ui: Sheet, name: str) -> list[str]:
    return next(text for text in ui.text.splitlines() if f" {name} " in text[:30]).split()


async def test_the_table_of_every_course() -> None:
    async with table(size=(200, 60)) as ui:
        ce, mse = line(ui, "cross-entropy"), line(ui, "squared-error")
        assert ce[-16:] == ["▸yes", "none", "yes", "no", "1", "no", "∞", "0.25", "1", "yes", "linear", "yes", "0.9",
                            "yes", "no", "Bernoulli"]  # fmt: skip
        assert mse[-16:] == ["no", "−0.6931", "yes", "yes", "0.2963", "yes", "2", "0.1541", "1", "yes", "bounded",
                             "yes", "0.9", "yes", "no", "Gaussian"]  # fmt: skip
        assert line(ui, "hinge")[-5] == "?"
        assert "17 losses × 16 properties" in ui.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_scrolls_both_ways(size: tuple[int, int]) -> None:
    async with table(size=size) as ui:
        await ui.press("end")
        assert "likelihood" in ui.text
        assert "▸Bernoulli" in ui.text
        for _ in range(20):
            await ui.press("down")
        assert "zero-one" in ui.text
        await ui.press("home")
        assert "convex" in ui.text
        assert ui.screen.column == 0


async def test_columns_are_aligned() -> None:
    async with table(size=(80, 24)) as ui:
        rows = [text for text in ui.text.splitlines() if "□" in text or "■" in text]
        heads = ui.text.splitlines()[3]
        for word in ("in z", "at z", "bounded", "rates"):
            end = heads.index(word) + len(word)
            assert all(row[end - 1] != " " and (row + " ")[end] == " " for row in rows), word


async def test_the_evidence_has_its_numbers() -> None:
    async with table() as ui:
        await ui.go("max_abs_d_logit")
        assert "max |∂L/∂z| · squared-error: 0.2963" in ui.text
        assert "0.2963 at z = −0.6931 (v = 0.3333)" in ui.text
        assert "sup |∂L/∂z|" in ui.text
        await ui.go("proper", list(LOSSES).index("hinge"))
        assert "undecided" in ui.text
        assert "a margin loss scores a decision value" in ui.text


async def test_enter_goes_to_the_point_on_curves() -> None:
    async with table() as ui:
        await ui.go("max_abs_d_logit")
        await ui.pilot.press("enter")
        await ui.until(lambda: ui.app.screen is ui.screen.curves and "at z = −0.6931" in ui.text)
        view = ui.screen.view
        assert view.logit == pytest.approx(-0.693147, abs=1e-5)
        assert view.rows[MSE].shown
        assert (view.axis, view.slope) == ("logit", "d_logit")
        await ui.pilot.press("5")
        await ui.until(lambda: ui.app.screen is ui.screen)
        await ui.go("smoothness", list(LOSSES).index("log-cosh"))
        await ui.pilot.press("enter")
        await ui.until(lambda: ui.app.screen is ui.screen.curves)
        assert ui.screen.view.rows[list(LOSSES).index("log-cosh")].shown
        assert ui.screen.view.slope == "d2_logit"


async def test_every_point_of_every_cell_can_be_gone_to() -> None:
    async with table() as ui:
        for row in range(len(LOSSES)):
            for name in present.NAMES:
                await ui.go(name, row)
                points = ui.screen._points
                for _ in points:
                    ui.screen.action_go()
                    lo, hi = ui.screen.view.window
                    assert lo <= ui.screen.view.logit <= hi
                    ui.screen.action_point(1)
        assert ui.app.is_running


async def test_a_cell_without_a_point_says_so() -> None:
    async with table() as ui:
        await ui.go("symmetric")
        await ui.press("enter")
        assert ui.app.screen is ui.screen
        assert "no point to go to" in ui.text


async def test_label_and_activation_are_those_of_curves() -> None:
    async with table() as ui:
        await ui.press("t")
        assert "y = 0" in ui.text
        assert ui.screen.curves.view.label == 0
        await ui.press("A")
        assert "identity" in ui.text
        assert line(ui, "squared-error")[2].endswith("yes")  # convex in z behind the identity
        await ui.pilot.press("T", *["backspace"] * 3, "3", "enter")
        await ui.settle()
        assert ui.screen.view.label == 3
        await ui.press("right")
        await ui.go("bounded", 0)
        assert "cross-entropy needs a label between 0 and 1" in ui.text


async def test_the_table_is_about_the_label_while_curves_shows_a_risk() -> None:
    async with table(View(eta=0.3)) as ui:
        assert line(ui, "cross-entropy")[2] == "▸yes"
        await ui.go("max_abs_d_logit")
        await ui.pilot.press("enter")
        assert ui.screen.view.eta is None


@pytest.mark.parametrize("name", ["risk_minimiser", "proper"])
async def test_evidence_of_a_risk_opens_the_risk(name: str) -> None:
    async with table(View(smoothing=0.2)) as ui:
        await ui.go(name, list(LOSSES).index("focal"))
        await ui.pilot.press("enter")
        view = ui.screen.view
        assert (view.eta, view.smoothing) == (0.9, 0)
        assert 1 / (1 + math.exp(-view.logit)) == pytest.approx(0.6942, abs=5e-5)
        await ui.told("smoothing is off")
        await ui.pilot.press("escape")
        await ui.until(lambda: "R = ηL(1)" in ui.text and "0.08782" in ui.text)


async def test_a_parameter_changes_its_row() -> None:
    async with table() as ui:
        await ui.go("risk_minimiser", list(LOSSES).index("focal"))
        assert "0.6942" in ui.text
        await ui.press("]")
        assert "focal γ=2.5" in ui.text
        assert "0.6942" not in ui.text


async def test_what_was_computed_is_remembered() -> None:
    async with table() as ui:
        count = len(ui.screen._found)
        await ui.press("a", "A")
        assert len(ui.screen._found) == 2 * count
        assert ui.screen.is_complete


async def test_the_mouse() -> None:
    async with table(size=(80, 24)) as ui:
        await ui.pilot.click("#table", offset=(40, 5))
        await ui.settle()
        assert (ui.screen.current, ui.screen.column) == (2, 1)
        await ui.pilot.click("#table", offset=(6, 5))
        await ui.settle()
        assert ui.screen.view.rows[2].shown


async def test_the_command_prints_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    async with table() as ui:
        monkeypatch.setattr(ui.app, "copy_to_clipboard", copied.append)
        for keys in ((), ("a",), ("w",), ("down", "down", "]")):
            await ui.press(*keys, "y")
    assert len(copied) == 4
    for text in copied:
        assert run(shlex.split(text)[1:]) == 0
    assert "focal:gamma=2.5" in copied[-1]
    assert capsys.readouterr().err == ""


async def test_export(plain_surroundings: Path) -> None:
    async with table() as ui:
        await ui.press("e", "s")
    rows = list(csv.DictReader(io.StringIO((plain_surroundings / "lossterm-properties.csv").read_text("utf-8"))))
    assert [r["loss"] for r in rows] == list(LOSSES)
    assert rows[MSE]["convex_in_logit"] == "false"
    assert (plain_surroundings / "lossterm.svg").exists()


async def test_what_is_saved_is_restored() -> None:
    async with table() as ui:
        await ui.go("growth", 4)
        kept = ui.screen.kept(Saved()).screens["properties"]
    async with table(saved=kept) as ui:
        assert (ui.screen.current, present.NAMES[ui.screen.column]) == (4, "growth")


@pytest.mark.parametrize(
    "saved", [[], "x", {"property": 3, "row": "y"}, {"property": "nope", "row": 10**9}, {"row": True}]
)
async def test_a_broken_state_is_forgiven(saved: object) -> None:
    async with table(saved=saved) as ui:
        assert (ui.screen.current, ui.screen.column) == (0, 0)


async def test_any_size() -> None:
    async with table() as ui:
        for size in [(1, 1), (39, 12), (40, 12), (40, 11), (80, 24), (110, 36), (300, 100), (2, 100), (300, 2)]:
            await ui.pilot.resize_terminal(*size)
            await ui.press("end", "down", "home", "up")
            if size[0] >= 40 and size[1] >= 12:
                assert "convex" in ui.text


async def test_any_key_at_any_time() -> None:
    chance = random.Random(5)
    keys = [key for command in PROPERTIES for key in command.keys] + ["5"]
    async with table() as ui:
        for _ in range(250):
            await ui.pilot.press(chance.choice(keys))
            if chance.random() < 0.05:
                await ui.pilot.resize_terminal(chance.randint(1, 160), chance.randint(1, 60))
        assert ui.app.is_running


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in PROPERTIES for key in command.keys]
    assert len(keys) == len(set(keys))
