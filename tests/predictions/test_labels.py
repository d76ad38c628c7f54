"""Several labels of an example, each with its prediction: which is looked at, what is of it, and their summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from rich.cells import cell_len

from lossterm.cli import run
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.part import Part
from lossterm.model.actions import Pick
from lossterm.notebook.summaries import Summary
from lossterm.predictions import choosing
from lossterm.predictions.actions import figures_command
from lossterm.predictions.view import Look
from lossterm.predictions.words import cut
from tests.predictions.program import Bench, data, write_labels
from tests.predictions.test_command import call, loaded, printed, refused
from tests.predictions.test_stored import document, parts_of, saved

NAMES = ("toxic", "rude", "sad")

OF_ALL = ("columns", "labels", "labels_mean", "conclusion", "notes")
"""Fields that tell of every label, and not of the one that is looked at."""


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Three labels and their predictions, older predictions of one of them, and groups."""
    path = tmp_path / "labels.csv"
    write_labels(path)
    frame = pl.read_csv(path)
    age = np.random.default_rng(4).integers(0, 2, len(frame))
    frame.with_columns(old_sad=pl.col("p_sad") ** 0.7, age=pl.Series(np.where(age, "old", "young"))).write_csv(path)
    return path


def alone(name: str) -> list[str]:
    """The options by which one label is read as if there were no other."""
    return ["--label-column", f"y_{name}", "--prediction-column", f"p_{name}"]


def of_one(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in OF_ALL}


# ---- the command ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--by", "age"],
        ["--recalibrate", "all"],
        ["--only", "age=old", "--loss", "focal"],
        ["--against-column", "old_sad"],
        ["--against-temperature", "2", "--only", "age=old"],
    ],
)
def test_what_is_of_one_label_is_of_the_one_that_is_named(labels: Path, words: list[str]) -> None:
    found = loaded(labels, "--label", "y_sad", *words)
    assert found["columns"]["label"] == "y_sad" and found["columns"]["predictions"] == ["p_sad"]
    assert of_one(found) == of_one(loaded(labels, *alone("sad"), *words))
    assert [each["label"] for each in found["labels"]] == ["y_toxic", "y_rude", "y_sad"]
    assert found["labels"][2]["log_loss"] == found["log_loss"]


def test_the_table_is_the_same_whichever_is_looked_at(labels: Path) -> None:
    tables = [loaded(labels, "--label", f"y_{name}") for name in NAMES]
    assert tables[0] == loaded(labels)
    for found in tables:
        assert (found["labels"], found["labels_mean"]) == (tables[0]["labels"], tables[0]["labels_mean"])
        assert found["notes"] == tables[0]["notes"]
    assert len({found["log_loss"] for found in tables}) == 3
    assert "what follows is of y_rude alone" in printed(labels, "--label", "y_rude")


def test_a_map_says_of_which_label_it_is(labels: Path, tmp_path: Path) -> None:
    for out in ("m.py", "m.json"):
        assert call(str(labels), "--label", "y_sad", "--recalibrate", "T", "--write", str(tmp_path / out))[0] == 0
        assert "the probability of label 1 in p_sad" in (tmp_path / out).read_text()


def test_a_label_is_searched_without_the_others(labels: Path) -> None:
    search = loaded(labels, "--label", "y_rude", "--find-segments")["search"]
    assert search["columns"] == 2  # the older predictions, and the age


@pytest.mark.parametrize(
    "words",
    [
        "--by age", "--find-segments", "--recalibrate all", "--against labels.csv", "--against-column old_sad",
        "--against-temperature 2", "--against-loss mse",
    ],
)  # fmt: skip
def test_where_it_is_not_said_of_which_a_line_says_how(
    words: str, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(labels.parent)
    said = refused("labels.csv", *words.split(), "--format", "text")
    assert said.startswith(f"lossterm: {words.split()[0]} is of one label, and there are 3 ")
    option = said.split(": ")[-1].split()[:2]
    assert option == ["--label", "y_toxic"]
    assert call("labels.csv", *words.split(), *option, "--format", "text")[0] == 0


@pytest.mark.parametrize("option", ["--label", "--by", "--against"])
def test_of_two_that_cannot_both_be_read_none_is_left_out(option: str, labels: Path) -> None:
    said = refused(labels, option, "y_sad", option, "age")
    assert said.strip() == f"lossterm: {option}: given twice, 'y_sad' and 'age': one is read"
    assert call(str(labels), "--label", "y_sad", "--label", "y_sad", "--format", "json")[0] == 0


def test_a_label_that_is_none_is_told(labels: Path) -> None:
    assert "unknown label 'y_rud': did you mean y_rude?" in refused(labels, "--label", "y_rud")
    assert "--label-column NAME reads another" in refused(labels, *alone("sad"), "--label", "y_rude")
    assert "'label' is alone" in refused("--demo", "--label", "digit")


def test_another_file_of_several_labels_is_compared_by_the_same_columns(labels: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(labels)
    other = tmp_path / "other.csv"
    frame.with_columns(p_rude=pl.col("p_rude") ** 2, p_toxic=pl.lit(0.5)).drop("old_sad").write_csv(other)
    found = loaded(labels, "--label", "y_rude", "--against", other)["compare"]
    y, p = frame["y_rude"].to_numpy(), frame["p_rude"].to_numpy()
    worse = np.where(y == 1, np.log(p) - np.log(p**2), np.log1p(-p) - np.log1p(-(p**2)))
    assert found["losses"][0]["difference"] == pytest.approx(float(worse.mean()))


@pytest.mark.parametrize("words", [["--label", "y_rude"], alone("sad"), [*alone("sad"), "--kind", "probability"]])
def test_another_file_of_other_labels_asks_which(words: list[str], labels: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(labels).drop("old_sad", "age")
    several = {f"{a}_{name}": f"{a}_{name[0]}" for a in "yp" for name in NAMES}
    frame.rename(several).write_csv(tmp_path / "other.csv")
    said = refused(labels, *words, "--against", tmp_path / "other.csv").strip()
    assert said == ("lossterm: other.csv: it has 3 columns of predictions (p_t, p_r, p_s), and one is compared: "
                    "--against-column p_t says which")  # fmt: skip
    assert loaded(labels, *words, "--against", tmp_path / "other.csv", "--against-column", "p_r")["compare"]["rows"]


def test_what_another_file_has_of_other_labels_is_not_taken(labels: Path, tmp_path: Path) -> None:
    pl.read_csv(labels).select("p_sad").write_csv(tmp_path / "sad.csv")
    said = refused(labels, "--label", "y_rude", "--against", tmp_path / "sad.csv")
    assert "it has no column 'p_rude': --against-column NAME says" in said
    assert loaded(labels, "--label", "y_sad", "--against", tmp_path / "sad.csv")["compare"]["rows"] == 200


def test_a_group_is_the_same_of_every_label(tmp_path: Path) -> None:
    """Although the rows of one label, whose first is bad, begin with another group."""
    y, p = write_labels(tmp_path / "a.csv", 60)
    frame = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
    group = np.array(["first", *["second", "third"] * 30][:60])
    bad = [None, *frame["p_rude"].to_list()[1:]]
    frame.with_columns(group=pl.Series(group), p_rude=pl.Series(bad)).write_csv(tmp_path / "a.csv")
    words = ("--group-column", "group", "--skip-bad", "--only-group", "third")
    found = loaded(tmp_path / "a.csv", *words)
    mine = group == "third"
    assert [each["brier"] for each in found["labels"]] == [
        pytest.approx(float(np.mean((p[mine, k] - y[mine, k]) ** 2))) for k in range(3)
    ]


# ---- summaries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["--loss", "focal,mse", "--bins", "7"], ["--only", "age=old"]])
def test_summaries_of_the_parts_tell_of_every_label_what_the_parts_do(
    words: list[str], labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = parts_of(labels, tmp_path)
    stored = saved(parts, *words)
    for name in NAMES:
        merged = document(capsys, *stored, "--label", f"y_{name}")
        together = document(capsys, *map(str, parts), *words, "--label", f"y_{name}")
        same = [k for k in merged if k not in ("columns", "worst", "notes")]
        assert {k: merged[k] for k in same} == {k: together[k] for k in same}
        assert merged["columns"]["pairs"] == together["columns"]["pairs"]
        assert [w["row"] for w in merged["worst"]] == [w["row"] for w in together["worst"]]
        assert f"y_{name}" in merged["worst"][0]["columns"]
    assert document(capsys, *stored) == document(capsys, *stored, "--label", "y_toxic")


def test_a_summary_is_of_all_labels_whichever_is_looked_at(labels: Path, tmp_path: Path) -> None:
    found = []
    for name in NAMES:
        target = tmp_path / f"{name}.lossterm"
        assert call(str(labels), "--label", f"y_{name}", "--save", str(target))[0] == 0
        found.append(target.read_bytes())
    assert found[0] == found[1] == found[2]
    again = tmp_path / "again.lossterm"
    code, _, said = call(str(tmp_path / "sad.lossterm"), "--label", "y_sad", "--save", str(again))
    assert (code, again.read_bytes()) == (0, found[0])
    assert "the summary of 200 rows and 3 labels" in said


def test_a_summary_in_a_notebook_has_every_label(labels: Path, tmp_path: Path) -> None:
    parts = [Summary.from_bytes(Path(path).read_bytes()) for path in saved(parts_of(labels, tmp_path))]
    whole = Summary.merge(parts)
    assert list(whole.labels) == ["y_toxic", "y_rude", "y_sad"] and "3 labels" in whole.title()
    found = loaded(labels)["labels"]
    assert [one.figures["brier"] for one in whole.labels.values()] == [each["brier"] for each in found]
    assert all(not one.labels for name, one in whole.labels.items() if name != "y_toxic")


def test_other_labels_do_not_merge(labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (several,) = saved([labels])
    frame = pl.read_csv(labels)
    frame.drop("y_sad", "p_sad", "old_sad").write_csv(tmp_path / "two.csv")
    frame.select("y_toxic", "p_toxic").write_csv(tmp_path / "one.csv")
    others = saved([tmp_path / "two.csv", tmp_path / "one.csv"])
    capsys.readouterr()
    said = [refused(several, other, "--format", "json") for other in others]
    assert "of the same labels: y_toxic, y_rude, y_sad and y_toxic, y_rude" in said[0]
    assert "of the same labels: y_toxic, y_rude, y_sad and one alone" in said[1]
    assert "unknown label 'y_sat': did you mean y_sad?" in refused(several, "--label", "y_sat")


def test_a_part_of_labels_is_distrusted(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stored,) = saved([labels])
    part = Part.from_bytes(Path(stored).read_bytes())
    assert list(part.of_labels) == ["y_toxic", "y_rude", "y_sad"]
    assert part.to_bytes() == Path(stored).read_bytes()
    other = part.labels["y_sad"]
    deep = Part(part.question, part.counted, part.files, label="a", labels={"b": part})
    twice = Part(part.question, part.counted, part.files, label="a", labels={"a": other})
    for wrong, said in ((deep, "its own ones"), (twice, "its labels are none")):
        with pytest.raises(ValueError, match=said):
            Part.from_bytes(wrong.to_bytes())


# ---- the screen -----------------------------------------------------------------------------------------------------


def looked_at(ui: Bench) -> str:
    """The label that the figures are of."""
    found = ui.state.findings
    assert found is not None and found.labels
    assert log_loss(ui) == figures_of(found.labels[found.looked_at].found)
    return found.labels[found.looked_at].label


def figures_of(found: Findings) -> float:
    assert found.calibration is not None
    return found.calibration.log_loss


def log_loss(ui: Bench) -> float:
    assert ui.state.findings is not None
    return figures_of(ui.state.findings)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_one_of_the_table_is_looked_at(labels: Path, size: tuple[int, int]) -> None:
    async with data(labels, size=size) as ui:
        assert "3 labels" in ui.pane("figures") and "mean" in ui.pane("figures")
        assert "y_toxic" in ui.pane("title") and "▸ y_toxic" in ui.pane("figures")
        assert "labels" in [name for name, _ in ui.screen.settings()]
        first = log_loss(ui)
        await ui.press("L")
        pick = choosing.labels(ui.state)
        assert isinstance(pick, Pick)
        assert {item.text for item in pick.items} == {"y_toxic", "y_rude", "y_sad"}
        at = [item.text for item in pick.items].index("y_sad")
        await ui.press(*["down"] * (at - pick.current), *["up"] * (pick.current - at), "enter")
        assert looked_at(ui) == "y_sad" and "y_sad" in ui.pane("title") and "▸ y_sad" in ui.pane("figures")
        assert log_loss(ui) != first
        assert "--label=y_sad" in figures_command(ui.state)
        await ui.press("U")
        assert looked_at(ui) == "y_toxic" and log_loss(ui) == first
        await ui.press("Y")
        assert looked_at(ui) == "y_sad"


def test_long_names_keep_both_ends() -> None:
    names = ["y_日本語のラベル", "y_高い鳥の分類名", "y_\x1b[31mred\x1b]0;own\x07", "y_" + "ü" * 40 + "z", "short"]
    told = [cut(name, 12) for name in names]
    assert told == ["y_日…ラベル", "y_高…分類名", "y_␛[3…0;own␇", "y_üüü…üüüüüz", "short"]
    assert all(cell_len(each) <= 12 for each in told)


async def test_a_click_on_its_row_looks_at_it(labels: Path) -> None:
    async with data(labels) as ui:
        lines = ui.part("figures")
        line = next(i for i, text in enumerate(lines) if " y_rude" in text)
        await ui.pilot.click("#figures", offset=(lines[line].index("y_rude"), line))
        await ui.settle()
        assert looked_at(ui) == "y_rude"
        line = next(i for i, text in enumerate(ui.part("figures")) if "mean " in text and "labels" not in text)
        await ui.pilot.click("#figures", offset=(3, line))
        await ui.settle()
        assert looked_at(ui) == "y_rude"


async def test_keys_are_of_the_label_that_is_looked_at(labels: Path) -> None:
    async with data(labels) as ui:
        ui.screen.perform(lambda state: choosing.at_label(state, "y_sad"))
        await ui.settle()
        await ui.press("c", "down", "enter")
        assert ui.look.against_column == ("old_sad",)
        assert "B old_sad against A p_sad" in ui.pane("figures")
        assert ui.state.findings is not None and len(ui.state.findings.labels) == 3
        command = figures_command(ui.state)
        assert run([*command.split()[1:-2], "--format", "json"]) == 0
        await ui.press("B", "down", "enter")
        await ui.until(lambda: "labels.csv · y_sad by" in ui.text)
        await ui.press("escape")
        await ui.press("M")
        await ui.until(lambda: "Mend y_sad" in ui.text)
        await ui.press("escape")
        # a column is of one label: for another one is asked for anew
        ui.screen.perform(lambda state: choosing.at_label(state, "y_rude"))
        await ui.settle()
        assert not ui.look.compares and looked_at(ui) == "y_rude"
        assert "what y_sad was compared with is of it alone" in ui.text
        assert "--page" not in figures_command(ui.state)


async def test_a_file_of_the_same_labels_is_compared_label_by_label(labels: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(labels)
    other = tmp_path / "other.csv"
    frame.drop("y_toxic", "p_toxic", "old_sad").with_columns(p_sad=pl.lit(0.5), p_rude=pl.lit(0.25)).write_csv(other)

    def difference() -> float:
        assert ui.state.comparison is not None
        value = ui.state.comparison.compared.losses[0].difference.value
        assert value is not None
        return value

    def right(name: str, p: float) -> float:
        y, ours = frame[f"y_{name}"].to_numpy(), frame[f"p_{name}"].to_numpy()
        losses = [-np.where(y == 1, np.log(x), np.log1p(-x)) for x in (np.full(len(y), p), ours)]
        return float((losses[0] - losses[1]).mean())

    async with data(labels, look=Look(against=str(other)), label="y_sad") as ui:
        assert difference() == pytest.approx(right("sad", 0.5))
        ui.screen.perform(lambda state: choosing.at_label(state, "y_rude"))
        await ui.settle()
        assert difference() == pytest.approx(right("rude", 0.25))
        ui.screen.perform(lambda state: choosing.at_label(state, "y_toxic"))
        await ui.settle()
        assert looked_at(ui) == "y_toxic" and ui.state.comparison is None
        assert "it has no column 'p_toxic'" in ui.text
        ui.screen.perform(lambda state: choosing.at_label(state, "y_sad"))
        await ui.settle()
        assert not ui.look.compares  # what was told last was none


async def test_itself_at_another_temperature_is_compared_for_each_label(labels: Path) -> None:
    async with data(labels, look=Look(against_temperature=2.0)) as ui:
        ui.screen.perform(lambda state: choosing.at_label(state, "y_rude"))
        await ui.settle()
        assert ui.state.comparison is not None and ui.state.comparison.first == "p_rude T = 1"


async def test_where_it_is_given_up_the_label_is_that_of_the_figures(labels: Path) -> None:
    async with data(labels) as ui:
        ui.screen.perform(lambda state: choosing.at_label(state, "y_sad"))
        ui.send("escape")
        await ui.settle()
        assert ui.state.file is not None
        assert ui.state.file.source.columns.label == looked_at(ui) == (ui.state.choice.label or "y_toxic")


async def test_a_label_that_was_not_read_yet_is_opened(labels: Path) -> None:
    async with data(labels, wait=False) as ui:
        await ui.until(lambda: ui.state.file is not None)
        ui.screen.perform(lambda state: choosing.at_label(state, "y_rude"))
        await ui.settle()
        assert looked_at(ui) == "y_rude" and ui.state.choice.label == "y_rude"


async def test_of_one_label_nothing_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p\n" + "1,0.7\n0,0.4\n" * 9)
    async with data(tmp_path / "a.csv") as ui:
        await ui.press("L")
        assert "there is one label, label" in ui.text


async def test_the_label_of_a_summary_is_chosen(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stored,) = saved([labels])
    capsys.readouterr()
    async with data(Path(stored)) as ui:
        assert looked_at(ui) == "y_toxic"
        ui.screen.perform(lambda state: choosing.at_label(state, "y_rude"))
        await ui.settle()
        assert looked_at(ui) == "y_rude" and "y_rude" in ui.part("worst")[1]
        told = json.loads(printed(*figures_command(ui.state).split()[2:-2], "--format", "json"))
        assert told["log_loss"] == log_loss(ui)
