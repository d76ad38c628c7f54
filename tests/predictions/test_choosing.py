"""The rows of the pane of the file: what was taken for what, and another column by keys; the copied command says it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from lossterm.predictions.actions import figures_command
from lossterm.predictions.view import Look
from tests.predictions.program import Bench, data
from tests.predictions.test_command import printed

TWO = """id,target,y_pred,y_pred_proba,other_proba,w
a,1,1,.9,.6,1
b,0,0,.2,.3,2
c,1,0,.4,.8,1
d,0,1,.7,.1,3
"""
TEXTS = "truth,p\nham,.9\nspam,.2\nham,.8\nspam,.3\n"
CLASSES = "truth,p_a,p_b,p_c,q_a,q_b,q_c\na,.7,.2,.1,.1,.1,.8\nb,.2,.6,.2,.3,.3,.4\nc,.1,.1,.8,.2,.5,.3\n"


async def choose(ui: Bench, row: str, *keys: str) -> None:
    """Go to a row of the pane, open its list, and press keys in it."""
    names = [name for name, _ in ui.screen.settings()]
    ui.screen.set_focus(ui.screen.setting)
    await ui.press(*["up"] * len(names), *["down"] * names.index(row), "enter")
    await ui.press(*keys)


def command_of(ui: Bench) -> list[str]:
    return shlex.split(figures_command(ui.state))


def rerun(ui: Bench) -> dict[str, Any]:
    """The JSON of the copied command."""
    words = command_of(ui)
    assert words[:2] == ["lossterm", "data"]
    found: dict[str, Any] = json.loads(printed(*words[2:-2], "--format", "json"))
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_was_taken_is_told(size: tuple[int, int]) -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv"), size=size) as ui:
        told = {name: (item.text, item.right) for name, item in ui.screen.settings()}
        assert told["label_column"] == ("y from", "target")
        assert told["prediction_columns"] in (("p from", "y_pred_proba"), ("p from", "y_pr…_proba"))
        assert told["positive"] == ("Class 1", "1")
        assert told["weight_column"] == ("w from", "w")
        assert told["key"] == ("id from", "id")
        assert told["group_column"] == ("g from", "—")


async def test_another_prediction_and_back_to_the_guess() -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv")) as ui:
        before = ui.pane("figures")
        await choose(ui, "prediction_columns")
        seen = ui.text
        at = [line.split()[1] for line in re.findall(r"[◉○] .*", seen)]
        assert at[0] == "as"
        await ui.press(*["down"] * at.index("other_proba"), "enter")
        assert ui.state.file is not None and ui.state.file.source.columns.read == ("other_proba",)
        assert "--prediction-column=other_proba" in command_of(ui)
        assert rerun(ui)["columns"]["predictions"] == ["other_proba"]
        await choose(ui, "prediction_columns", *["up"] * 9, "enter")
        assert ui.pane("figures") == before
        assert not [word for word in command_of(ui) if "column" in word]


async def test_another_label() -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv")) as ui:
        await choose(ui, "label_column")
        at = [line.split()[1] for line in re.findall(r"[◉○] .*", ui.text)]
        await ui.press(*["down"] * at.index("y_pred"), "enter")
        assert ui.state.file is not None and ui.state.file.source.columns.label == "y_pred"
        assert rerun(ui)["columns"]["label"] == "y_pred"


async def test_which_class_the_probability_is_of() -> None:
    Path("texts.csv").write_text(TEXTS)
    async with data(Path("texts.csv")) as ui:
        assert dict(ui.screen.settings())["positive"].right == "spam"
        await choose(ui, "positive", "down", "enter")
        assert dict(ui.screen.settings())["positive"].right == "ham"
        assert "--positive=ham" in command_of(ui)
        assert rerun(ui)["columns"]["positive"] == "ham"


async def test_the_kind() -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv")) as ui:
        await choose(ui, "kind")
        await ui.press(*["down"] * 3, "enter")
        assert rerun(ui)["columns"]["kind"] == "score"


async def test_a_weight_a_group_and_a_key() -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv")) as ui:
        for row, column in (("group_column", "y_pred"), ("key", "w"), ("weight_column", "other_proba")):
            await choose(ui, row)
            at = [line.split()[1] for line in re.findall(r"[◉○] .*", ui.text)]
            await ui.press(*["down"] * at.index(column), "enter")
            assert dict(ui.screen.settings())[row].right == column[:12]
        found = rerun(ui)["columns"]
        assert (found["group"], found["key"], found["weight"]) == ("y_pred", "w", "other_proba")


async def test_a_family_of_columns() -> None:
    Path("classes.csv").write_text(CLASSES)
    async with data(Path("classes.csv")) as ui:
        assert dict(ui.screen.settings())["prediction_columns"].right == "3: p_a … p_c"
        await choose(ui, "prediction_columns")
        at = re.findall(r"[◉○] (.*?)  ", ui.text)
        await ui.press(*["down"] * at.index("3: q_a … q_c"), "enter")
        assert rerun(ui)["columns"]["predictions"] == ["q_a", "q_b", "q_c"]


async def test_the_export_says_it_too() -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv")) as ui:
        await ui.press("e")
        (written,) = Path.cwd().glob("lossterm-data*.csv")
        text = written.read_text()
        assert "columns.label,,,target" in text
        assert "columns.predictions[0],,,y_pred_proba" in text


async def test_a_clip_does_not_go_to_a_file_that_it_means_nothing_for() -> None:
    Path("two.csv").write_text(TWO)
    Path("values.csv").write_text("target,pred\n1.5,2\n-2,-1\n0.25,0.5\n3,7\n")
    async with data(Path("two.csv")) as ui:
        await ui.press("C")
        assert "clip sklearn" in ui.text
        await ui.answer("o", "values.csv")
        assert ui.look == Look()
        assert ui.state.findings is not None and ui.state.is_of_values
        await ui.press("C")
        assert "plain values are not clipped" in ui.text


async def test_what_cannot_be_read_leaves_what_was_there() -> None:
    Path("two.csv").write_text(TWO)
    async with data(Path("two.csv")) as ui:
        before = ui.pane("figures")
        await choose(ui, "label_column")
        at = [line.split()[1] for line in re.findall(r"[◉○] .*", ui.text)]
        await ui.press(*["down"] * at.index("id"), "enter")
        assert "not opened" in ui.text
        assert ui.pane("figures") == before
        assert ui.state.choice.label_column is None
