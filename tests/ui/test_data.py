"""The keys of the Data screen: each of them once, with what it shows checked against numbers computed by numpy."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from lossterm.cli import run
from lossterm.core.losses import LOSSES
from lossterm.numbers import significant
from lossterm.ui.commands import GLOBAL
from lossterm.ui.commands_data import DATA
from tests.ui.data_program import (
    Bench,
    Predictions,
    data,
    increasing,
    numbers,
    rows_of_worst,
    write_classes,
    write_predictions,
)

FOCAL = list(LOSSES).index("focal")

Deed = Callable[[Bench, Predictions], Awaitable[None]]

SCENARIOS: dict[str, Deed] = {}
"""By action: a command that is declared without a scenario fails `test_every_command_has_a_scenario`."""


def does(*actions: str) -> Callable[[Deed], Deed]:
    """The scenario of actions."""

    def enlist(deed: Deed) -> Deed:
        for action in actions:
            assert action not in SCENARIOS
            SCENARIOS[action] = deed
        return deed

    return enlist


def test_every_command_has_a_scenario() -> None:
    assert {command.action for command in DATA} == set(SCENARIOS)


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in (*DATA, *GLOBAL) for key in command.keys]
    assert len(keys) == len(set(keys))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    return write_predictions(tmp_path_factory.mktemp("files") / "predictions.csv")


def figures(ui: Bench, name: str) -> list[float]:
    """The numbers of a line of the figures: now, then changes and what scaling would make of them."""
    return numbers(ui.line("figures", name).removeprefix(f" {name}"))


def now(ui: Bench, name: str) -> float:
    """A figure as it is now."""
    return figures(ui, name)[0]


def near(x: float) -> object:
    """As near as four digits are."""
    return pytest.approx(x, rel=6e-4, abs=1e-12)


# ---- the file ------------------------------------------------------------------------------------------------------


@does("open")
async def opens_what_is_typed(ui: Bench, file: Predictions) -> None:
    y, p = write_classes(Path("classes.csv"))
    await ui.press("o")
    assert ui.screen.prompt.text == str(file.path)
    await ui.press("escape")
    await ui.answer("o", "classes.csv")
    assert "3 classes" in ui.line("file", "Kind")
    assert now(ui, "log loss") == near(-np.log(p[np.arange(len(y)), y]).mean())
    await ui.answer("o", f"{file.path} --bins 10 --loss focal:gamma=3 --temperature 2 --only-label 1")
    look, ones = ui.screen.look, file.where(file.y == 1)
    assert (look.bins, look.temperature, look.label) == (10, 2.0, 1.0)
    assert [ui.screen.view.rows[i].loss for i in ui.screen.view.shown] == ["focal"]
    assert now(ui, "log loss") == near(ones.at(2).log_loss)
    await ui.press("o")
    assert "--bins" not in ui.screen.prompt.text


@does("demo")
async def opens_the_demo(ui: Bench, file: Predictions) -> None:
    await ui.press("O")
    assert "demo.csv" in ui.line("file", "File")
    assert "1,597" in ui.line("file", "Rows")
    assert figures(ui, "log loss")[1] < now(ui, "log loss") / 1.5  # it is over-confident, and that can be mended


@does("reload")
async def reads_the_file_again(ui: Bench, file: Predictions) -> None:
    Path("p.csv").write_text(file.path.read_text())
    await ui.answer("o", "p.csv")
    await ui.press("t", "t", "<")
    look = ui.screen.look
    with Path("p.csv").open("a") as more:
        more.write("400,1,0.25,a\n")
    await ui.press("u")
    assert ui.screen.look == look
    assert f"{int((file.y == 1).sum()) + 1:,}" in ui.line("file", "Rows")


# ---- the cursor ----------------------------------------------------------------------------------------------------


def bin_at(ui: Bench, file: Predictions) -> tuple[int, float, float]:
    """What the caption must say: the bin of the point."""
    p = 1 / (1 + np.exp(-ui.screen.point))
    edges = np.linspace(0, 1, 16)
    k = max(int(np.searchsorted(edges, p, side="left")) - 1, 0)
    there = (file.p > edges[k]) & (file.p <= edges[k + 1]) | ((k == 0) & (file.p == 0))
    return int(there.sum()), float(file.p[there].mean()), float(file.y[there].mean())


@does("move(-1)", "move(1)")
async def moves_the_cursor_by_a_column(ui: Bench, file: Predictions) -> None:
    seen = [ui.screen.point]
    for _ in range(30):
        await ui.press("right")
        seen.append(ui.screen.point)
    assert increasing(seen)
    await ui.settle()
    count, confidence, frequency = bin_at(ui, file)
    said = numbers(ui.pane("caption").partition("]")[2])
    assert said[0] == count
    assert said[1:3] == [pytest.approx(confidence, rel=2e-3), pytest.approx(frequency, rel=2e-3)]
    await ui.press("left")
    assert ui.screen.point == pytest.approx(seen[-2])
    assert "│" in ui.pane("chart")


@does("move(-10)", "move(10)")
async def moves_it_fast(ui: Bench, file: Predictions) -> None:
    await ui.press("home", "shift+right")
    ten = ui.screen.point
    await ui.press("home", *["right"] * 10)
    assert ui.screen.point == ten
    await ui.press("pagedown", "pageup", "shift+left")
    await ui.press("shift+tab")
    assert ui.app.focused is ui.screen.worst
    await ui.press("pagedown")
    assert ui.screen.worst_row == ui.screen.worst.room
    await ui.press("pageup")
    assert ui.screen.worst_row == 0


@does("edge(-1)", "edge(1)")
async def goes_to_the_edges(ui: Bench, file: Predictions) -> None:
    await ui.press("end")
    assert ui.screen.place == pytest.approx(1, abs=1e-9)
    await ui.press("home")
    assert ui.screen.place == pytest.approx(0, abs=1e-9)
    await ui.press("shift+tab", "end")
    assert ui.screen.worst_row == 99
    await ui.press("home")
    assert ui.screen.worst_row == 0


@does("go_to")
async def goes_to_what_is_typed(ui: Bench, file: Predictions) -> None:
    for text, z in (("p=.02", np.log(0.02 / 0.98)), ("z=-4", -4.0), ("3", 3.0), (".5", 0.0)):
        await ui.answer("g", text)
        assert ui.screen.point == pytest.approx(z)
    for text in ("q=1", "p=2", "x"):
        await ui.answer("g", text)
        assert ui.screen.prompt.is_open
        await ui.press("escape")
    assert ui.screen.point == 0
    await ui.press("d", "d")
    await ui.answer("g", "0.1")
    low, high = numbers(ui.pane("caption").partition("(")[0])
    assert low <= 0.1 <= high
    await ui.press("d")
    await ui.answer("g", "1%")
    assert "the worst 1% (4 examples)" in ui.pane("caption")


@does("worst(1)", "worst(-1)")
async def goes_through_the_worst(ui: Bench, file: Predictions) -> None:
    z = np.log(file.p / (1 - file.p))
    for row in file.worst[:3]:
        await ui.press("n")
        assert ui.screen.point == pytest.approx(z[row - 1], rel=1e-9)
        assert ui.line("worst", f"{row} ").startswith("▸")
    await ui.press("N")
    assert ui.screen.point == pytest.approx(z[file.worst[1] - 1], rel=1e-9)
    await ui.press("left", "n")  # back to it, and not past it
    assert ui.screen.point == pytest.approx(z[file.worst[1] - 1], rel=1e-9)


@does("choose")
async def goes_to_curves_with_the_label(ui: Bench, file: Predictions) -> None:
    await ui.press("n", "n", "n", "enter")
    row = file.worst[2] - 1
    view = ui.screen.curves.view
    assert ui.is_on("curves")
    assert view.logit == pytest.approx(np.log(file.p[row] / (1 - file.p[row])))
    assert (view.label, view.activation) == (file.y[row], "sigmoid")
    await ui.press("4", "shift+tab", "up", "enter")
    row = file.worst[1] - 1
    assert ui.screen.curves.view.label == file.y[row]
    await ui.press("4", "tab", "tab", "enter")  # a loss: it is shown or hidden
    assert ui.is_on("data")
    assert ui.screen.view.shown == (1,)
    await ui.press("tab", *["down"] * 4, "enter")  # the bins
    assert ui.screen.look.mass


# ---- the picture ---------------------------------------------------------------------------------------------------


@does("page(1)", "page(-1)")
async def shows_every_chart(ui: Bench, file: Predictions) -> None:
    await ui.press("n", "n")
    z = ui.screen.point
    titles = []
    for _ in range(5):
        titles.append(ui.part("chart")[0])
        assert ui.pane("caption").strip()
        await ui.press("d")
        assert ui.screen.point == z
    for title, words in zip(titles, ("reliability", "predictions", "distribution", "share", "examples"), strict=True):
        assert words in title
    assert f"ECE {significant(file.ece(), 2)}" in titles[0]
    assert f"y=1 {int(file.y.sum())}" in titles[1]
    slopes = np.sort(np.abs(file.p - file.y))[::-1]
    assert f"a cross-entropy {100 * slopes[:4].sum() / slopes.sum():.3g}%" in titles[3]
    await ui.press("D")
    assert "examples on the curve" in ui.pane("chart")
    assert "1 example of" in ui.pane("caption")


@does("lower(1)")
async def shows_the_numbers_below_in_turn(ui: Bench, file: Predictions) -> None:
    await ui.pilot.resize_terminal(80, 24)
    await ui.settle()
    seen = []
    for _ in range(3):
        seen.append([word for word in ("AUROC", "± s.e.", "Worst examples") if word in ui.text])
        await ui.press("m")
    assert seen == [["AUROC"], ["± s.e."], ["Worst examples"]]


@does("mass")
async def takes_bins_of_equal_counts(ui: Bench, file: Predictions) -> None:
    assert figures(ui, "ECE")[0] == near(file.ece())
    await ui.press("x")
    assert figures(ui, "ECE")[0] == near(file.ece(mass=True))
    assert "15 bins of equal counts" in ui.pane("figures")
    assert "15 mass" in ui.line("file", "Bins")


@does("bins(1)", "bins(-1)")
async def takes_more_bins(ui: Bench, file: Predictions) -> None:
    await ui.press("+")
    assert figures(ui, "ECE")[0] == near(file.ece(20))
    await ui.press("-", "-")
    assert figures(ui, "ECE")[0] == near(file.ece(10))
    await ui.press("=")
    assert ui.screen.look.bins == 15
    await ui.press(*["+"] * 5)
    assert figures(ui, "ECE")[0] == near(file.ece(100))


@does("scale")
async def takes_the_other_y_axis(ui: Bench, file: Predictions) -> None:
    await ui.press("d")
    before = ui.pane("chart")
    await ui.press("l")
    assert ui.pane("chart") != before
    await ui.press("l")
    assert ui.pane("chart") == before


def decided(ui: Bench) -> list[int]:
    """True positive, false negative, false positive, true negative on screen."""
    lines = ui.part("figures")
    at = [next(line.partition(name)[2] for line in lines if name in line) for name in ("y = 1", "y = 0")]
    return [int(x) for line in at for x in numbers(line)]


@does("threshold(-0.01)", "threshold(0.01)")
async def moves_the_threshold(ui: Bench, file: Predictions) -> None:
    assert decided(ui) == file.confusion(0.5)
    answers = ui.screen.findings
    await ui.press(*["."] * 7)
    assert decided(ui) == file.confusion(0.57)
    assert "p > 0.57" in ui.pane("figures")
    await ui.press(*"," * 30)
    assert decided(ui) == file.confusion(0.27)
    right = file.confusion(0.27)
    assert f"accuracy    {significant((right[0] + right[3]) / len(file.y))}" in ui.pane("figures")
    assert ui.screen.findings is answers  # live: the file is not asked again


@does("type_threshold")
async def types_the_threshold(ui: Bench, file: Predictions) -> None:
    await ui.answer("h", ".925")
    assert decided(ui) == file.confusion(0.925)
    await ui.answer("h", "1.5")
    assert "between 0 and 1" in ui.text
    await ui.press("escape")
    assert decided(ui) == file.confusion(0.925)


@does("sort", "reverse")
async def sorts_the_worst(ui: Bench, file: Predictions) -> None:
    worst = file.worst[:100]
    assert [int(row[0]) for row in rows_of_worst(ui)] == worst[: ui.screen.worst.room]
    first = rows_of_worst(ui)[0]
    row = worst[0] - 1
    assert first[3:] == [str(row), str(int(file.y[row])), significant(file.p[row], 6), file.group[row]]
    await ui.press("I")
    assert [int(row[0]) for row in rows_of_worst(ui)] == worst[::-1][: ui.screen.worst.room]
    await ui.press("i", "i", "i", "i")  # z, id, label, probability
    order = sorted(worst, key=lambda r: -file.p[r - 1])
    assert [int(row[0]) for row in rows_of_worst(ui)] == order[: ui.screen.worst.room]
    await ui.press("i")
    assert "group▾" in ui.pane("worst")
    assert {row[-1] for row in rows_of_worst(ui)} == {"c"}
    await ui.press("i", "I")
    assert [int(row[0]) for row in rows_of_worst(ui)] == sorted(worst)[: ui.screen.worst.room]


# ---- panes ---------------------------------------------------------------------------------------------------------


@does("row(-1)", "row(1)")
async def goes_through_the_rows(ui: Bench, file: Predictions) -> None:
    await ui.press("down")
    assert "Worst examples by squared-error" in ui.text
    assert "▸b" in ui.pane("readout")
    await ui.press("up")
    assert "Worst examples by cross-entropy" in ui.text
    await ui.press("tab", "tab", "down", "down", "up")
    assert "▸   Rows" in ui.pane("file")


@does("pane(1)", "pane(-1)")
async def goes_through_the_panes(ui: Bench, file: Predictions) -> None:
    seen = []
    for _ in range(4):
        await ui.press("tab")
        seen.append(ui.app.focused.id if ui.app.focused else None)
    assert set(seen) == {"chart", "losses", "file", "worst"}
    await ui.press("shift+tab")
    assert ui.app.focused is not None
    assert ui.app.focused.id == seen[2]


@does("leave")
async def comes_back_to_the_chart(ui: Bench, file: Predictions) -> None:
    await ui.press("tab", "escape")
    assert ui.app.focused is ui.screen.chart


@does("show")
async def shows_another_loss(ui: Bench, file: Predictions) -> None:
    await ui.press("down", "down", "space")
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, 2))
    await ui.press("space", "up", "space", "up", "space")
    assert "press space on one" in ui.pane("readout")
    assert now(ui, "log loss") == near(file.log_loss)
    await ui.press("space")
    assert numbers(ui.line("readout", "a cross-entropy"))[0] == near(file.log_loss)


# ---- what if -------------------------------------------------------------------------------------------------------


def focal(file: Predictions, gamma: float) -> float:
    """The mean focal loss."""
    return float(np.mean((1 - np.exp(-file.losses)) ** gamma * file.losses))


@does("step(0, -1)", "step(0, 1)", "step(1, -1)", "step(1, 1)", "parameter")
async def steps_a_parameter(ui: Bench, file: Predictions) -> None:
    await ui.press("down", "down", "space", "]")
    gamma = float(dict(ui.screen.view.rows[FOCAL].params)["gamma"] or 0)
    assert gamma > 2
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, gamma))
    assert loss_changes(ui, "c focal")[0] == pytest.approx(focal(file, gamma) - focal(file, 2), rel=5e-3)
    assert "changes are against focal γ = 2 · 0" in ui.pane("readout")
    await ui.press("[")
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, 2))
    await ui.answer("p", "gamma=5")
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, 5))
    await ui.press("}")
    assert dict(ui.screen.view.rows[FOCAL].params)["alpha"] is not None
    await ui.press("{", "up", "]")
    assert "no parameter" in ui.text


def change(ui: Bench, name: str) -> float:
    """By how much a figure has changed."""
    return figures(ui, name)[1]


def loss_changes(ui: Bench, name: str) -> list[float]:
    """By how much the numbers of a loss have changed: the line below it."""
    lines = ui.part("readout")
    at = next(i for i, line in enumerate(lines) if line.lstrip(" ▸").startswith(name))
    assert lines[at + 1].split()[0] == "change"
    return numbers(lines[at + 1])


@does("temperature(-1)", "temperature(1)")
async def changes_the_temperature(ui: Bench, file: Predictions) -> None:
    before = file.log_loss
    await ui.press(">", ">")
    t = ui.screen.look.temperature
    assert t > 1
    assert now(ui, "log loss") == near(file.at(t).log_loss)
    assert change(ui, "log loss") == pytest.approx(file.at(t).log_loss - before, rel=5e-3)
    assert numbers(ui.line("readout", "a cross-entropy"))[0] == near(file.at(t).log_loss)
    assert loss_changes(ui, "a cross-entropy")[0] == pytest.approx(file.at(t).log_loss - before, rel=5e-3)
    assert f"T = {t:g}" in ui.text.splitlines()[0]
    assert "changes are against T = 1 · 0 goes back" in ui.pane("readout")
    await ui.press("<", "<")
    assert now(ui, "log loss") == near(before)
    assert "changes" not in ui.pane("readout")


@does("type_temperature")
async def types_the_temperature(ui: Bench, file: Predictions) -> None:
    await ui.answer("k", "1.7")
    assert now(ui, "Brier") == near(file.at(1.7).brier)
    assert change(ui, "Brier") == pytest.approx(file.at(1.7).brier - file.brier, rel=5e-3)
    await ui.answer("k", "0")
    assert "between 0.001 and 1000" in ui.text
    await ui.press("escape")
    assert ui.screen.look.temperature == 1.7


@does("fitted")
async def takes_the_fitted_temperature(ui: Bench, file: Predictions) -> None:
    after = figures(ui, "log loss")[1]
    await ui.press("K")
    t = ui.screen.look.temperature
    assert now(ui, "log loss") == near(file.at(t).log_loss) == near(after)
    assert file.at(t).log_loss < min(file.at(t * 1.01).log_loss, file.at(t / 1.01).log_loss)
    await ui.press("K")
    assert ui.screen.look.temperature == 1
    await ui.press(">", "K")  # from any other T it is the fitted one, of the file's own logits
    assert ui.screen.look.temperature == pytest.approx(t, rel=1e-9)


@does("smoothing")
async def smooths_the_labels(ui: Bench, file: Predictions) -> None:
    await ui.press("w")
    s = ui.screen.view.smoothing
    y = file.y * (1 - s) + s / 2
    smooth = float(-(y * np.log(file.p) + (1 - y) * np.log(1 - file.p)).mean())
    assert numbers(ui.line("readout", "a cross-entropy"))[0] == near(smooth)
    assert loss_changes(ui, "a cross-entropy")[0] == pytest.approx(smooth - file.log_loss, rel=5e-3)
    assert "changes are against smoothing 0 · 0 goes back" in ui.pane("readout")  # T has not changed
    assert now(ui, "log loss") == near(file.log_loss)
    assert f"{s:g}" in ui.line("file", "Smoothing")


@does("compare")
async def compares_with_what_is_shown(ui: Bench, file: Predictions) -> None:
    await ui.answer("k", "2")
    await ui.press("c", ">")
    t = ui.screen.look.temperature
    await ui.press("escape")
    assert change(ui, "log loss") == pytest.approx(file.at(t).log_loss - file.at(2).log_loss, rel=5e-3)
    assert "changes are against T = 2" in ui.pane("readout")


@does("reset")
async def goes_back(ui: Bench, file: Predictions) -> None:
    await ui.press("down", "down", "space", "]", "w", ">", ">", "0")
    view = ui.screen.view
    assert (ui.screen.look.temperature, view.smoothing, view.shown) == (1.0, 0.0, (0, 1, 2))
    assert dict(view.rows[FOCAL].params)["gamma"] == 2
    assert now(ui, "log loss") == near(file.log_loss)
    assert "changes" not in ui.pane("readout")


# ---- which examples ------------------------------------------------------------------------------------------------


def check(ui: Bench, file: Predictions) -> None:
    """The figures are those of these examples."""
    assert f"{len(file.y):,}" in ui.line("file", "Rows")
    assert now(ui, "log loss") == near(file.log_loss)
    assert now(ui, "ECE") == near(file.ece())
    assert decided(ui) == file.confusion(0.5)


@does("label(1)")
async def takes_one_label(ui: Bench, file: Predictions) -> None:
    for label in (0, 1):
        await ui.press("t")
        check(ui, file.where(file.y == label))
        assert ui.line("file", "Label").split()[-1] == str(label)
    await ui.press("t")
    check(ui, file)


@does("group(1)")
async def takes_one_group(ui: Bench, file: Predictions) -> None:
    for group in "abc":
        await ui.press("G")
        check(ui, file.where(file.group == group))
        assert ui.line("file", "Group").split()[-1] == group
    await ui.press("G")
    check(ui, file)


@does("type_range")
async def takes_a_range(ui: Bench, file: Predictions) -> None:
    await ui.answer("f", ".2:.7")
    check(ui, file.where((file.p >= 0.2) & (file.p <= 0.7)))
    assert "0.2:0.7" in ui.line("file", "Range")
    for text, complaint in (("x", "not a range"), (".7:.2", "an empty range")):
        await ui.answer("f", text)
        assert complaint in ui.text
        await ui.press("escape")
    await ui.answer("f", "2:3")  # no example is there
    assert "no example passes the filter" in ui.text
    assert (ui.screen.look.low, ui.screen.look.high) == (0.2, 0.7)
    check(ui, file.where((file.p >= 0.2) & (file.p <= 0.7)))


@does("all")
async def takes_all_again(ui: Bench, file: Predictions) -> None:
    await ui.press("t", "G")
    assert "filtered" in ui.text.splitlines()[0]
    await ui.press("F")
    check(ui, file)
    assert "filtered" not in ui.text.splitlines()[0]


# ---- taking it away ------------------------------------------------------------------------------------------------


@does("copy")
async def copies_the_command(ui: Bench, file: Predictions) -> None:
    copied: list[str] = []
    ui.app.copy_to_clipboard = copied.append  # type: ignore
    for keys in ((), ("t", "G", ">", "w", "+", "."), ("F", "down", "down", "space", "]"), ("O",)):
        await ui.press(*keys)
        await ui.press("y", "escape")
        findings = ui.screen.findings
        assert findings is not None
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert run([*shlex.split(copied[-1])[1:-2], "--format", "json"]) == 0
        found = json.loads(printed.getvalue())
        assert found["rows"] == findings.rows
        assert found["log_loss"] == findings.calibration.log_loss if findings.calibration else False
        assert [loss["mean"] for loss in found["losses"]] == [loss.mean for loss in findings.losses]
        assert found["confusion"]["true_positive"] == decided(ui)[0]
    assert copied[0].startswith("lossterm data ")
    assert copied[-1].startswith("lossterm data --demo ")


@does("export")
async def writes_the_figures(ui: Bench, file: Predictions) -> None:
    await ui.press("e", "e")
    with Path("lossterm-data.csv").open(encoding="utf-8") as written:
        rows = {(row["figure"], row["loss"]): row["value"] for row in csv.DictReader(written)}
    assert float(rows["log_loss", ""]) == pytest.approx(file.log_loss, rel=1e-12)
    assert float(rows["ece", ""]) == pytest.approx(file.ece(), rel=1e-12)
    assert float(rows["mean", "squared-error"]) == pytest.approx(file.brier, rel=1e-12)
    assert Path("lossterm-data-2.csv").exists()


@does("svg")
async def writes_the_screen(ui: Bench, file: Predictions) -> None:
    await ui.press("s")
    assert "reliability" in Path("lossterm.svg").read_text("utf-8")


@pytest.mark.parametrize("deed", list(dict.fromkeys(SCENARIOS.values())), ids=lambda deed: deed.__name__)
async def test_keys(deed: Deed, file: Predictions) -> None:
    async with data(file.path) as ui:
        await deed(ui, file)
        assert ui.app.is_running
