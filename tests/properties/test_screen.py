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
from typing import Any

import pytest

from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.options import restored_view
from lossterm.curves.screen import CurvesScreen
from lossterm.curves.view import View, move_to
from lossterm.model.sections import row_indices
from lossterm.model.subject import Subject
from lossterm.properties import words as present
from lossterm.properties.actions import go_to_cell, open_evidence
from lossterm.properties.keys import PROPERTIES
from lossterm.properties.report import COLUMNS
from lossterm.properties.screen import PropertiesScreen
from tests.harness import Running, opened, program, saved_of

FIRST = sum(loss.in_all for loss in LOSSES.values())
"""How many losses are in sight at first."""

MSE = list(LOSSES).index("squared-error")


class Sheet(Running):
    """The running program, on the Properties screen."""

    @property
    def screen(self) -> PropertiesScreen:
        return opened(self.app, PropertiesScreen)

    @property
    def curves(self) -> CurvesScreen:
        """The Curves screen, once it has been opened."""
        return opened(self.app, CurvesScreen)

    @property
    def subject(self) -> Subject:
        """What is looked at."""
        return self.app.workspace.subject

    @property
    def is_settled(self) -> bool:
        return self.screen.is_complete and not self.screen._due

    async def go(self, name: str, row: int = MSE) -> None:
        self.screen.look_at(go_to_cell(self.screen.state, row, present.NAMES.index(name)))
        await self.pilot.pause()


@asynccontextmanager
async def table(
    view: View | None = None, size: tuple[int, int] = (120, 40), saved: object = None
) -> AsyncIterator[Sheet]:
    app = program(saved_of(view, {} if saved is None else {"properties": saved}))
    async with app.run_test(size=size) as pilot:
        ui = Sheet(app, pilot)
        await ui.until(lambda: app.is_ready)
        await pilot.press("5")
        await ui.settle()
        yield ui


def line(ui: Sheet, name: str) -> list[str]:
    return next(text for text in ui.text.splitlines() if f" {name} " in text[:30]).split()


@pytest.mark.exhaustive
async def test_the_table_of_every_course() -> None:
    async with table(size=(200, 60)) as ui:
        ce, mse = line(ui, "cross-entropy"), line(ui, "squared-error")
        assert ce[-18:] == ["▸yes", "no", "yes", "yes", "yes", "no", "∞", "no", "linear", "1", "0.25", "none", "yes",
                            "1", "0", "0.9", "yes", "Bernoulli"]  # fmt: skip
        assert mse[-18:] == ["no", "yes", "yes", "yes", "yes", "no", "2", "yes", "bounded", "0.2963", "0.1541",
                             "−0.6931", "yes", "1", "0", "0.9", "yes", "Gaussian"]  # fmt: skip
        assert line(ui, "hinge")[-16] == "?"
        assert line(ui, "zero-one")[4:6] == ["no", "yes"]  # proper, but not strictly
        assert f"{FIRST} losses × 18 properties" in ui.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_people_come_for_is_on_the_first_page(size: tuple[int, int]) -> None:
    async with table(size=size) as ui:
        heads = " ".join(ui.text.splitlines()[2:5])
        for head in ("to optimise", "as a probability", "noise", "outliers", "in z", "strictly", "calibr.", "|∂L/∂p|"):
            assert head in heads, head


def values(ui: Sheet, name: str) -> list[Any]:
    """A property of the rows in the order in which they are shown."""
    found = [ui.screen.found.of(ui.subject.objective(i)) for i in row_indices(ui.screen.listed)]
    return [cells[name].value for cells in found if cells is not None]


async def test_rows_are_sorted_by_a_key_and_by_a_click() -> None:
    async with table(size=(200, 60)) as ui:
        await ui.go("lipschitz")
        await ui.press("i")
        found = values(ui, "lipschitz")
        assert found == sorted(found) and found[0] < found[-1]
        assert "▴" in ui.text
        await ui.press("i")
        assert values(ui, "lipschitz") == sorted(found, reverse=True)
        assert ui.screen.state.current == MSE  # the cell stays
        await ui.press("i")
        assert row_indices(ui.screen.listed) == [i for i, loss in enumerate(LOSSES.values()) if loss.in_all]
        head = ui.text.splitlines()[4].index("proper")
        await ui.pilot.click("#table", offset=(head, 3))
        await ui.settle()
        assert ui.screen.state.sorted_by == "strictly_proper"
        shown = values(ui, "strictly_proper")
        assert shown == [True] * shown.count(True) + [False] * shown.count(False) + [None] * shown.count(None)
        await ui.press("down")
        assert ui.screen.state.current in ui.screen.listed


async def test_rows_are_filtered_by_any_name() -> None:
    async with table() as ui:
        await ui.pilot.press("/", *"brier", "enter")
        await ui.settle()
        assert [ui.subject.rows[i].loss for i in row_indices(ui.screen.listed)] == ["squared-error"]
        assert ui.screen.state.current == MSE
        assert "/brier" in ui.text
        await ui.press("down", "i", "escape")
        assert len(row_indices(ui.screen.listed)) == FIRST
        await ui.pilot.press("/", *"xyz", "enter")
        await ui.settle()
        assert ui.app.is_running and not ui.screen.listed
        await ui.press("down", "up", "enter", "escape")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_the_evidence_can_be_read_whole(size: tuple[int, int]) -> None:
    async with table(size=size) as ui:
        await ui.go("classification_calibrated", list(LOSSES).index("hinge"))
        seen = ""
        for _ in range(40):
            lines = ui.text.splitlines()
            top = next(i for i, text in enumerate(lines) if "calibr. · hinge" in text or "hinge: no" in text)
            seen += " ".join(" ".join(text.split()) for text in lines[top + 1 : -1]) + " "
            await ui.press("z")
        assert "z reads on" in ui.text
        for words in ("never negative", "the place of a margin loss is the", "e^−L runs from 0.7358"):
            assert all(word in seen for word in words.split()), words


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_scrolls_both_ways(size: tuple[int, int]) -> None:
    async with table(size=size) as ui:
        await ui.press("end")
        assert all(word in ui.text for word in COLUMNS[-1].head)
        assert ui.screen.state.column == len(COLUMNS) - 1
        at = [column.name for column in COLUMNS].index("likelihood")
        await ui.press(*["left"] * (len(COLUMNS) - 1 - at))
        assert "likelihood" in ui.text
        assert "▸Bernoulli" in ui.text
        await ui.press("end")
        for _ in range(20):
            await ui.press("down")
        assert "zero-one" in ui.text
        await ui.press("home")
        assert "convex" in ui.text
        assert ui.screen.state.column == 0


async def test_columns_are_aligned() -> None:
    async with table(size=(80, 24)) as ui:
        rows = [text for text in ui.text.splitlines() if "□" in text or "■" in text]
        heads = ui.text.splitlines()[4]
        for word in ("in z", "rates", "toler.", "calibr.", "proper"):
            end = heads.index(word) + len(word)
            assert all(row[end - 1] != " " and (row + " ")[end] == " " for row in rows), word


async def test_the_evidence_has_its_numbers() -> None:
    async with table() as ui:
        await ui.go("max_abs_d_logit")
        assert "max |∂L/∂z| · squared-error: 0.2963" in ui.text
        assert "0.2963 at z = −0.6931 (p = 0.3333)" in ui.text
        assert "sup |∂L/∂z|" in ui.text
        await ui.go("strictly_proper", list(LOSSES).index("hinge"))
        assert "undecided" in ui.text
        assert "a margin loss scores a decision value" in ui.text


async def test_enter_goes_to_the_point_on_curves() -> None:
    async with table() as ui:
        await ui.go("max_abs_d_logit")
        await ui.pilot.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, CurvesScreen) and "at z = −0.6931" in ui.text)
        view = ui.curves.view
        assert view.logit == pytest.approx(-0.693147, abs=1e-5)
        assert view.rows[MSE].shown
        assert (view.axis, view.slope) == ("logit", "d_logit")
        await ui.pilot.press("5")
        await ui.until(lambda: ui.app.screen is ui.screen)
        await ui.go("smoothness", list(LOSSES).index("log-cosh"))
        await ui.pilot.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, CurvesScreen))
        assert ui.subject.rows[list(LOSSES).index("log-cosh")].shown
        assert ui.curves.view.slope == "d2_logit"


@pytest.mark.exhaustive
async def test_every_point_of_every_cell_can_be_gone_to() -> None:
    async with table() as ui:
        for row in range(FIRST):
            for name in present.NAMES:
                await ui.go(name, row)
                points = ui.screen.cell.points if ui.screen.cell else ()
                for _ in points:
                    found = open_evidence(ui.screen.state, ui.screen.cell)
                    view = restored_view(View(), found.setting)
                    view = move_to(view, view.logit)
                    assert view.window[0] <= view.logit <= view.window[1]
                    ui.screen.action_point(1)
        assert ui.app.is_running


async def test_a_cell_without_a_point_says_so() -> None:
    async with table() as ui:
        await ui.go("symmetric")
        await ui.press("enter")
        assert ui.app.screen is ui.screen
        assert "no point to go to" in ui.text


@pytest.mark.exhaustive
async def test_label_and_activation_are_those_of_curves() -> None:
    async with table() as ui:
        await ui.press("t")
        assert "y = 0" in ui.text
        assert ui.subject.label == 0
        await ui.press("A")
        assert "identity" in ui.text
        assert line(ui, "squared-error")[2].endswith("yes")  # convex in z behind the identity
        await ui.pilot.press("T", *["backspace"] * 3, "3", "enter")
        await ui.settle()
        assert ui.subject.label == 3
        await ui.press("right")
        await ui.go("bounded", 0)
        assert "cross-entropy needs a label between 0 and 1" in ui.text


async def test_the_table_is_about_the_label_while_curves_shows_a_risk() -> None:
    async with table(View(eta=0.3)) as ui:
        assert line(ui, "cross-entropy")[2] == "▸yes"
        await ui.go("max_abs_d_logit")
        await ui.pilot.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, CurvesScreen))
        assert ui.curves.view.eta is None


@pytest.mark.parametrize("name", ["risk_minimiser", "strictly_proper"])
async def test_evidence_of_a_risk_opens_the_risk(name: str) -> None:
    async with table(View(smoothing=0.2)) as ui:
        await ui.go(name, list(LOSSES).index("focal"))
        await ui.pilot.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, CurvesScreen))
        view = ui.curves.view
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


@pytest.mark.exhaustive
async def test_what_was_computed_is_remembered() -> None:
    async with table() as ui:
        count = len(ui.screen.found)
        await ui.press("a")
        await ui.press("A")
        assert len(ui.screen.found) == 2 * count
        assert ui.screen.is_complete


async def test_the_mouse() -> None:
    async with table(size=(80, 24)) as ui:
        await ui.pilot.click("#table", offset=(32, 6))
        await ui.settle()
        assert (ui.screen.state.current, ui.screen.state.column) == (2, 1)
        await ui.pilot.click("#table", offset=(6, 6))
        await ui.settle()
        assert ui.subject.rows[2].shown


@pytest.mark.exhaustive
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
    assert [r["loss"] for r in rows] == [name for name, loss in LOSSES.items() if loss.in_all]
    assert rows[MSE]["convex_in_logit"] == "false"
    assert (plain_surroundings / "lossterm.svg").exists()


async def test_what_is_saved_is_restored() -> None:
    async with table() as ui:
        await ui.go("growth", 4)
        kept = ui.screen.kept()
    async with table(saved=kept) as ui:
        assert (ui.screen.state.current, ui.screen.state.name) == (4, "growth")


@pytest.mark.parametrize(
    "saved", [[], "x", {"property": 3, "row": "y"}, {"property": "nope", "row": 10**9}, {"row": True}]
)
async def test_a_broken_state_is_forgiven(saved: object) -> None:
    async with table(saved=saved) as ui:
        assert (ui.screen.state.current, ui.screen.state.column) == (0, 0)


@pytest.mark.exhaustive
async def test_any_size() -> None:
    async with table() as ui:
        for size in [(1, 1), (39, 12), (40, 12), (40, 11), (80, 24), (110, 36), (300, 100), (2, 100), (300, 2)]:
            await ui.resize(*size)
            await ui.press("end", "down", "home", "up")
            if size[0] >= 40 and size[1] >= 12:
                assert "convex" in ui.text


@pytest.mark.exhaustive
async def test_any_key_at_any_time() -> None:
    chance = random.Random(5)
    keys = [key for command in PROPERTIES for key in command.keys] + ["5"]
    async with table() as ui:
        for _ in range(250):
            await ui.pilot.press(chance.choice(keys))
            if chance.random() < 0.05:
                await ui.resize(chance.randint(1, 160), chance.randint(1, 60))
        assert ui.app.is_running


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in PROPERTIES for key in command.keys]
    assert len(keys) == len(set(keys))


async def test_a_family_is_computed_when_it_is_unfolded() -> None:
    async with table(size=(120, 40)) as ui:
        first = len(ui.screen.objectives)
        await ui.press(*["down"] * first, "down")
        heading = ui.screen.state.at_heading
        assert heading is not None and f"▸ {heading.family}" in ui.text and "at home" in ui.text
        assert ui.screen.cell is None
        await ui.press("space")
        await ui.settle()
        assert len(ui.screen.objectives) == first + len(heading.rows)
        await ui.press("down", "y")
        assert "--loss all" not in ui.text and ui.subject.rows[ui.screen.state.current].loss in ui.text
