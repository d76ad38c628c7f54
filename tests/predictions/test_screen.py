"""The keys of the Data screen: each of them once, with what it shows checked against numbers computed by numpy."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shlex
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.own.registry import define, forget
from lossterm.core.numbers import significant
from lossterm.core.statistics.clip import CLIPS
from lossterm.predictions.actions import next_page
from lossterm.predictions.figures_widget import Figures
from lossterm.predictions.file_actions import open_typed
from lossterm.predictions.keys import DATA
from lossterm.predictions.segment_actions import seek
from lossterm.predictions.words import fitted
from lossterm.tui.commands import GLOBAL
from lossterm.tui.table_sheet import TableScreen
from lossterm.tui.widgets.chart import Chart
from lossterm.tui.widgets.chooser import Chooser
from lossterm.tui.widgets.readout import Readout
from lossterm.tui.widgets.table import Table
from tests.curves.program import view_of
from tests.predictions.program import (
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
"""By first key: a command that is declared without a scenario fails `test_every_command_has_a_scenario`."""


def does(*keys: str) -> Callable[[Deed], Deed]:
    """The scenario of commands, by the first key of each."""

    def enlist(deed: Deed) -> Deed:
        for key in keys:
            assert key not in SCENARIOS
            SCENARIOS[key] = deed
        return deed

    return enlist


def test_every_command_has_a_scenario() -> None:
    assert {command.keys[0] for command in DATA} == set(SCENARIOS)


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


@does("o")
async def opens_what_is_typed(ui: Bench, file: Predictions) -> None:
    y, p = write_classes(Path("classes.csv"))
    await ui.press("o")
    assert ui.screen.prompt.text == str(file.path)
    await ui.press("escape")
    await ui.answer("o", "classes.csv")
    assert "3 classes" in ui.line("file", "Kind")
    assert now(ui, "log loss") == near(-np.log(p[np.arange(len(y)), y]).mean())
    await ui.answer("o", f"{file.path} --bins 10 --loss focal:gamma=3 --temperature 2 --only-label 1")
    look, ones = ui.look, file.where(file.y == 1)
    assert (look.bins, look.temperature, look.only_label) == (10, 2.0, "1")
    assert [ui.subject.rows[i].loss for i in ui.subject.shown] == ["focal"]
    assert now(ui, "log loss") == near(ones.at(2).log_loss)
    await ui.press("o")
    assert "--bins" not in ui.screen.prompt.text


@does("O")
async def opens_the_demo(ui: Bench, file: Predictions) -> None:
    await ui.press("O")
    assert "demo.csv" in ui.line("file", "File")
    assert "1,597" in ui.line("file", "Rows")
    assert figures(ui, "log loss")[1] < now(ui, "log loss") / 1.5  # it is over-confident, and that can be mended


@does("u")
async def reads_the_file_again(ui: Bench, file: Predictions) -> None:
    Path("p.csv").write_text(file.path.read_text())
    await ui.answer("o", "p.csv")
    await ui.press("t", "t", "<")
    look = ui.look
    with Path("p.csv").open("a") as more:
        more.write("400,1,0.25,a\n")
    await ui.press("u")
    assert ui.look == look
    assert f"{int((file.y == 1).sum()) + 1:,}" in ui.line("file", "Rows")


# ---- the cursor ----------------------------------------------------------------------------------------------------


def bin_at(ui: Bench, file: Predictions) -> tuple[int, float, float]:
    """What the caption must say: the bin of the point."""
    p = 1 / (1 + np.exp(-ui.subject.logit))
    edges = np.linspace(0, 1, 16)
    k = max(int(np.searchsorted(edges, p, side="left")) - 1, 0)
    there = (file.p > edges[k]) & (file.p <= edges[k + 1]) | ((k == 0) & (file.p == 0))
    return int(there.sum()), float(file.p[there].mean()), float(file.y[there].mean())


@does("left", "right")
async def moves_the_cursor_by_a_column(ui: Bench, file: Predictions) -> None:
    seen = [ui.subject.logit]
    for _ in range(30):
        await ui.press("right")
        seen.append(ui.subject.logit)
    assert increasing(seen)
    await ui.settle()
    count, confidence, frequency = bin_at(ui, file)
    said = numbers(ui.pane("caption").partition("]")[2])
    assert said[0] == count
    assert said[1:3] == [pytest.approx(confidence, rel=2e-3), pytest.approx(frequency, rel=2e-3)]
    await ui.press("left")
    assert ui.subject.logit == pytest.approx(seen[-2])
    assert "│" in ui.pane("chart")


@does("shift+left", "shift+right")
async def moves_it_fast(ui: Bench, file: Predictions) -> None:
    await ui.press("home", "shift+right")
    ten = ui.subject.logit
    await ui.press("home", *["right"] * 10)
    assert ui.subject.logit == ten
    await ui.press("pagedown", "pageup", "shift+left")
    await ui.press("shift+tab")
    assert ui.app.focused is ui.screen.worst
    await ui.press("pagedown")
    assert ui.state.worst_row == ui.screen.worst.room
    await ui.press("pageup")
    assert ui.state.worst_row == 0


@does("home", "end")
async def goes_to_the_edges(ui: Bench, file: Predictions) -> None:
    await ui.press("end")
    assert ui.screen.place == pytest.approx(1, abs=1e-9)
    await ui.press("home")
    assert ui.screen.place == pytest.approx(0, abs=1e-9)
    await ui.press("shift+tab", "end")
    assert ui.state.worst_row == 99
    await ui.press("home")
    assert ui.state.worst_row == 0


@does("g")
async def goes_to_what_is_typed(ui: Bench, file: Predictions) -> None:
    for text, z in (("p=.02", np.log(0.02 / 0.98)), ("z=-4", -4.0), ("3", 3.0), (".5", 0.0)):
        await ui.answer("g", text)
        assert ui.subject.logit == pytest.approx(z)
    for text in ("q=1", "p=2", "x"):
        await ui.answer("g", text)
        assert ui.screen.prompt.is_open
        await ui.press("escape")
    assert ui.subject.logit == 0
    await ui.press("d", "d")
    await ui.answer("g", "0.1")
    low, high = numbers(ui.pane("caption").partition(" · ")[0])
    assert low <= 0.1 <= high
    await ui.press("d")
    await ui.answer("g", "1%")
    assert "the worst 1% (4 examples)" in ui.pane("caption")


@does("n", "N")
async def goes_through_the_worst(ui: Bench, file: Predictions) -> None:
    z = np.log(file.p / (1 - file.p))
    for row in file.worst[:3]:
        await ui.press("n")
        assert ui.subject.logit == pytest.approx(z[row - 1], rel=1e-9)
        assert ui.line("worst", f"{row} ").startswith("▸")
    await ui.press("N")
    assert ui.subject.logit == pytest.approx(z[file.worst[1] - 1], rel=1e-9)
    await ui.press("left", "n")  # back to it, and not past it
    assert ui.subject.logit == pytest.approx(z[file.worst[1] - 1], rel=1e-9)


@does("enter")
async def goes_to_curves_with_the_label(ui: Bench, file: Predictions) -> None:
    await ui.press("n", "n", "n", "enter")
    row = file.worst[2] - 1
    view = ui.curves
    assert ui.is_on("curves")
    assert view.logit == pytest.approx(np.log(file.p[row] / (1 - file.p[row])))
    assert (view.label, view.activation) == (file.y[row], "sigmoid")
    await ui.press("4", "shift+tab", "up", "enter")
    row = file.worst[1] - 1
    assert ui.curves.label == file.y[row]
    await ui.press("4", "tab", "tab", "enter")  # a loss: it is shown or hidden
    assert ui.is_on("data")
    assert ui.subject.shown == (1,)
    await ui.press("tab", *["down"] * 4, "enter")  # the bins
    assert ui.look.mass


# ---- the picture ---------------------------------------------------------------------------------------------------


@does("d", "D")
async def shows_every_chart(ui: Bench, file: Predictions) -> None:
    await ui.press("n", "n")
    z = ui.subject.logit
    titles = []
    for _ in range(5):
        titles.append(ui.part("chart")[0])
        assert ui.pane("caption").strip()
        await ui.press("d")
        assert ui.subject.logit == z
    for title, words in zip(titles, ("reliability", "predictions", "distribution", "share", "examples"), strict=True):
        assert words in title
    assert f"ECE {significant(file.ece(), 2)}" in titles[0]
    assert f"y=1 {int(file.y.sum())}" in titles[1]
    slopes = np.sort(np.abs(file.p - file.y))[::-1]
    assert f"a cross-entropy {100 * slopes[:4].sum() / slopes.sum():.3g}%" in titles[3]
    await ui.press("D")
    assert "examples on the curve" in ui.pane("chart")
    assert "1 example of" in ui.pane("caption")


@does("j")
async def draws_something_else_beside_the_bins(ui: Bench, file: Predictions) -> None:
    assert "fit Platt" in ui.pane("chart")
    await ui.press("j")
    assert "CORP" in ui.pane("chart")
    assert "CORP" in ui.pane("caption")
    await ui.press("j")
    assert "CORP" not in ui.pane("chart") and "Platt" not in ui.part("chart")[0]
    await ui.press("j")
    assert "fit Platt" in ui.pane("chart")


@does("m")
async def shows_the_numbers_below_in_turn(ui: Bench, file: Predictions) -> None:
    await ui.resize(80, 24)
    await ui.settle()
    seen = []
    for _ in range(3):
        seen.append([word for word in ("AUROC", "worst 1%", "Worst examples") if word in ui.text])
        await ui.press("m")
    assert seen == [["AUROC"], ["worst 1%"], ["Worst examples"]]


@does("x")
async def takes_bins_of_equal_counts(ui: Bench, file: Predictions) -> None:
    assert figures(ui, "ECE")[0] == near(file.ece())
    await ui.press("x")
    assert figures(ui, "ECE")[0] == near(file.ece(mass=True))
    assert "15 bins of equal counts" in ui.pane("figures")
    assert "15 mass" in ui.line("file", "Bins")


@does("+", "-")
async def takes_more_bins(ui: Bench, file: Predictions) -> None:
    await ui.press("+")
    assert figures(ui, "ECE")[0] == near(file.ece(20))
    await ui.press("-", "-")
    assert figures(ui, "ECE")[0] == near(file.ece(10))
    await ui.press("=")
    assert ui.look.bins == 15
    await ui.press(*["+"] * 5)
    assert figures(ui, "ECE")[0] == near(file.ece(100))


@does("l")
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


@does(",", ".")
async def moves_the_threshold(ui: Bench, file: Predictions) -> None:
    assert decided(ui) == file.confusion(0.5)
    answers = ui.state.findings
    await ui.press(*["."] * 7)
    assert decided(ui) == file.confusion(0.57)
    assert "p > 0.57" in ui.pane("figures")
    await ui.press(*"," * 30)
    assert decided(ui) == file.confusion(0.27)
    right = file.confusion(0.27)
    assert f"accuracy    {significant((right[0] + right[3]) / len(file.y))}" in ui.pane("figures")
    assert ui.state.findings is answers  # live: the file is not asked again


@does("h")
async def types_the_threshold(ui: Bench, file: Predictions) -> None:
    await ui.answer("h", ".925")
    assert decided(ui) == file.confusion(0.925)
    await ui.answer("h", "1.5")
    assert "between 0 and 1" in ui.text
    await ui.press("escape")
    assert decided(ui) == file.confusion(0.925)


@does("i", "I")
async def sorts_the_worst(ui: Bench, file: Predictions) -> None:
    worst = file.worst[:100]
    assert [int(row[0]) for row in rows_of_worst(ui)] == worst[: ui.screen.worst.room]
    first = rows_of_worst(ui)[0]
    row = worst[0] - 1
    assert first[3:] == [str(int(file.y[row])), significant(file.p[row], 6), str(row), file.group[row]]
    await ui.press("I")
    assert [int(row[0]) for row in rows_of_worst(ui)] == worst[::-1][: ui.screen.worst.room]
    await ui.press("i", "i", "i")  # z, label, probability
    order = sorted(worst, key=lambda r: -file.p[r - 1])
    assert [int(row[0]) for row in rows_of_worst(ui)] == order[: ui.screen.worst.room]
    await ui.press("i", "i")
    assert "group▾" in ui.pane("worst")
    assert {row[-1] for row in rows_of_worst(ui)} == {"c"}
    await ui.press("i", "I")
    assert [int(row[0]) for row in rows_of_worst(ui)] == sorted(worst)[: ui.screen.worst.room]


# ---- panes ---------------------------------------------------------------------------------------------------------


@does("up", "down")
async def goes_through_the_rows(ui: Bench, file: Predictions) -> None:
    await ui.press("down")
    assert "Worst examples by squared-error" in ui.text
    assert "▸b" in ui.pane("readout")
    await ui.press("up")
    assert "Worst examples by cross-entropy" in ui.text
    await ui.press("tab", "tab", "down", "down", "up")
    assert "▸   Rows" in ui.pane("file")


@does("tab", "shift+tab")
async def goes_through_the_panes(ui: Bench, file: Predictions) -> None:
    seen = []
    for _ in range(4):
        await ui.press("tab")
        seen.append(ui.app.focused.id if ui.app.focused else None)
    assert set(seen) == {"chart", "losses", "file", "worst"}
    await ui.press("shift+tab")
    assert ui.app.focused is not None
    assert ui.app.focused.id == seen[2]


@does("escape")
async def comes_back_to_the_chart(ui: Bench, file: Predictions) -> None:
    await ui.press("tab", "escape")
    assert ui.app.focused is ui.screen.chart


@does("space")
async def shows_another_loss(ui: Bench, file: Predictions) -> None:
    await ui.press("down", "down", "space")
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, 2))
    await ui.press("space", "up", "space", "up", "space")
    assert "press space on one" in ui.pane("readout")
    assert now(ui, "log loss") == near(file.log_loss)
    await ui.press("space")
    assert numbers(ui.line("readout", "a cross-entropy"))[0] == near(file.log_loss)


@does("/", "E")
async def finds_a_loss_and_shows_its_family(ui: Bench, file: Predictions) -> None:
    await ui.answer("/", "bradley-terry")
    assert ui.state.filter_text == "bradley-terry"
    await ui.press("E", "escape")
    assert ui.state.filter_text == ""
    assert "c dpo" in ui.pane("readout")
    await ui.press("E")
    assert "c dpo" not in ui.pane("readout")


# ---- what if -------------------------------------------------------------------------------------------------------


def focal(file: Predictions, gamma: float) -> float:
    """The mean focal loss."""
    return float(np.mean((1 - np.exp(-file.losses)) ** gamma * file.losses))


@does("[", "]", "{", "}", "p")
async def steps_a_parameter(ui: Bench, file: Predictions) -> None:
    await ui.press("down", "down", "space", "]")
    gamma = float(dict(ui.subject.rows[FOCAL].params)["gamma"] or 0)
    assert gamma > 2
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, gamma))
    assert loss_changes(ui, "c focal")[0] == pytest.approx(focal(file, gamma) - focal(file, 2), rel=5e-3)
    assert "changes are against focal γ = 2 · 0" in ui.pane("readout")
    await ui.press("[")
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, 2))
    await ui.answer("p", "gamma=5")
    assert numbers(ui.line("readout", "c focal"))[1] == near(focal(file, 5))
    await ui.press("}")
    assert dict(ui.subject.rows[FOCAL].params)["alpha"] is not None
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


@does("<", ">")
async def changes_the_temperature(ui: Bench, file: Predictions) -> None:
    before = file.log_loss
    await ui.press(">", ">")
    t = ui.look.temperature
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


@does("k")
async def types_the_temperature(ui: Bench, file: Predictions) -> None:
    await ui.answer("k", "1.7")
    assert now(ui, "Brier") == near(file.at(1.7).brier)
    assert change(ui, "Brier") == pytest.approx(file.at(1.7).brier - file.brier, rel=5e-3)
    await ui.answer("k", "0")
    assert "between 0.001 and 1000" in ui.text
    await ui.press("escape")
    assert ui.look.temperature == 1.7


@does("X")
async def types_class_weights(ui: Bench, file: Predictions) -> None:
    await ui.press("X")
    assert "class weights are of K classes" in ui.text
    y, p = write_classes(Path("classes.csv"))
    await ui.answer("o", "classes.csv")
    await ui.answer("X", "1,2,.5")
    weights, own = np.array([1, 2, 0.5])[y], -np.log(p[np.arange(len(y)), y])
    assert "1,2,0.5" in ui.line("file", "Class weights")
    assert f"{(weights * own).sum() / weights.sum():.4g}" in ui.text
    await ui.answer("X", "1,2")
    assert "one a class is needed, 3 of them" in ui.text
    await ui.press("escape")
    await ui.press("X", *["backspace"] * 10, "enter")
    assert ui.look.class_weights is None


@does("K")
async def takes_the_fitted_temperature(ui: Bench, file: Predictions) -> None:
    after = figures(ui, "log loss")[1]
    await ui.press("K")
    t = ui.look.temperature
    assert now(ui, "log loss") == near(file.at(t).log_loss) == near(after)
    assert file.at(t).log_loss < min(file.at(t * 1.01).log_loss, file.at(t / 1.01).log_loss)
    await ui.press("K")
    assert ui.look.temperature == 1
    await ui.press(">", "K")  # from any other T it is the fitted one, of the file's own logits
    assert ui.look.temperature == pytest.approx(t, rel=1e-9)


@does("C")
async def clips_as_libraries_do(ui: Bench, file: Predictions) -> None:
    await ui.press("C")
    assert ui.look.clip == CLIPS["sklearn"]
    assert "clip sklearn" in ui.text
    await ui.press("C", "C")
    assert ui.look.clip == CLIPS["keras"]
    await ui.press("C", "C")
    assert ui.look.clip is None


@does("w")
async def smooths_the_labels(ui: Bench, file: Predictions) -> None:
    await ui.press("w")
    s = ui.subject.smoothing
    y = file.y * (1 - s) + s / 2
    smooth = float(-(y * np.log(file.p) + (1 - y) * np.log(1 - file.p)).mean())
    assert numbers(ui.line("readout", "a cross-entropy"))[0] == near(smooth)
    assert loss_changes(ui, "a cross-entropy")[0] == pytest.approx(smooth - file.log_loss, rel=5e-3)
    assert "changes are against smoothing 0 · 0 goes back" in ui.pane("readout")  # T has not changed
    assert now(ui, "log loss") == near(file.log_loss)
    assert f"{s:g}" in ui.line("file", "Smoothing")


@does("c")
async def compares_with_what_is_shown(ui: Bench, file: Predictions) -> None:
    await ui.answer("k", "2")
    await ui.press("c", "enter", ">")
    t = ui.look.temperature
    await ui.press("escape")
    assert change(ui, "log loss") == pytest.approx(file.at(t).log_loss - file.at(2).log_loss, rel=5e-3)
    assert "changes are against T = 2" in ui.pane("readout")


@does("0")
async def goes_back(ui: Bench, file: Predictions) -> None:
    await ui.press("down", "down", "space", "]", "w", ">", ">", "0")
    view = ui.subject
    assert (ui.look.temperature, view.smoothing, view.shown) == (1.0, 0.0, (0, 1, 2))
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


@does("t")
async def takes_one_label(ui: Bench, file: Predictions) -> None:
    for label in (0, 1):
        await ui.press("t")
        check(ui, file.where(file.y == label))
        assert ui.line("file", "Label").split()[-1] == str(label)
    await ui.press("t")
    check(ui, file)


@does("G")
async def takes_one_group(ui: Bench, file: Predictions) -> None:
    for group in "abc":
        await ui.press("G")
        check(ui, file.where(file.group == group))
        assert ui.line("file", "Group").split()[-1] == group
    await ui.press("G")
    check(ui, file)


@does("f")
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
    assert ui.look.only_range == (0.2, 0.7)
    check(ui, file.where((file.p >= 0.2) & (file.p <= 0.7)))


@does("L")
async def _(ui: Bench, file: Predictions) -> None:
    await ui.press("L")
    assert "there is one label, label: y from chooses another column" in ui.text  # of several tells test_labels


@does("B")
async def takes_one_segment(ui: Bench, file: Predictions) -> None:
    await ui.press("B", "enter")
    await ui.until(lambda: "by group" in ui.text)
    await ui.press("down", "enter")
    check(ui, file.where(file.group == "b"))
    assert "only group=b" in ui.text
    await ui.press("F")
    check(ui, file)


@does("F")
async def takes_all_again(ui: Bench, file: Predictions) -> None:
    await ui.press("t", "G")
    assert "filtered" in ui.text.splitlines()[0]
    await ui.press("F")
    check(ui, file)
    assert "filtered" not in ui.text.splitlines()[0]


# ---- taking it away ------------------------------------------------------------------------------------------------


@does("y")
async def copies_the_command(ui: Bench, file: Predictions) -> None:
    copied: list[str] = []
    ui.app.copy_to_clipboard = copied.append  # type: ignore
    for keys in ((), ("t", "G", ">", "w", "+", "."), ("F", "down", "down", "space", "]"), ("O",)):
        await ui.press(*keys)
        await ui.press("y", "escape")
        findings = ui.state.findings
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


@does("e")
async def writes_the_figures(ui: Bench, file: Predictions) -> None:
    await ui.press("e", "e")
    with Path("lossterm-data.csv").open(encoding="utf-8") as written:
        rows = {(row["figure"], row["loss"]): row["value"] for row in csv.DictReader(written)}
    assert float(rows["log_loss", ""]) == pytest.approx(file.log_loss, rel=1e-12)
    assert float(rows["ece", ""]) == pytest.approx(file.ece(), rel=1e-12)
    assert float(rows["mean", "squared-error"]) == pytest.approx(file.brier, rel=1e-12)
    assert Path("lossterm-data-2.csv").exists()


@does("W")
async def writes_the_worst_rows(ui: Bench, file: Predictions) -> None:
    await ui.press("W")
    rows = list(csv.DictReader(io.StringIO(Path("lossterm-worst.csv").read_text("utf-8"))))
    loss = -np.log(np.where(file.y == 1, file.p, 1 - file.p))
    assert [float(row["cross-entropy"]) for row in rows] == pytest.approx(np.sort(loss)[::-1][: len(rows)], rel=1e-9)
    assert {"row", "cross-entropy", *ui.state.columns[int(rows[0]["row"])]} == set(rows[0])


@does("M")
async def lays_what_would_mend_it(ui: Bench, file: Predictions) -> None:
    await ui.press("M")
    assert ui.app.screen is not ui.screen
    await ui.press("enter", "enter")
    text = Path("lossterm-T.py").read_text("utf-8")
    fitted = float(text.split("\nT = ")[1].split("\n")[0])
    assert file.at(fitted).log_loss < min(file.at(fitted * 1.01).log_loss, file.at(fitted / 1.01).log_loss)
    assert ui.app.screen is ui.screen


@does("s")
async def writes_the_screen(ui: Bench, file: Predictions) -> None:
    await ui.press("s")
    assert "reliability" in Path("lossterm.svg").read_text("utf-8")


@pytest.mark.parametrize("deed", list(dict.fromkeys(SCENARIOS.values())), ids=lambda deed: deed.__name__)
async def test_keys(deed: Deed, file: Predictions) -> None:
    async with data(file.path) as ui:
        await deed(ui, file)
        assert ui.app.is_running


# ---- what a key costs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (">", {"file", "figures", "readout", "worst", "chart"}),
        ("x", {"file", "figures", "chart"}),
        ("d", {"chart"}),
        (".", {"file", "figures", "chart"}),
        ("left", set()),
        ("m", set()),
        ("down", {"losses", "readout", "worst", "chart"}),
        ("]", {"losses", "figures", "readout", "worst", "chart"}),
    ],
)
async def test_a_key_shows_what_differs_and_once(
    file: Predictions, key: str, shown: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with data(file.path, view=view_of("focal", "squared-error")) as ui:
        if key == "]":  # which is of focal's parameter
            await ui.press("down")
        seen: list[str] = []
        for kind, method in ((Chooser, "show"), (Figures, "show"), (Readout, "show"), (Table, "show"),
                             (Chart, "show_picture")):  # fmt: skip
            original = getattr(kind, method)

            def counted(self: Any, *args: Any, original: Any = original, **more: Any) -> None:
                seen.append(self.id)
                original(self, *args, **more)

            monkeypatch.setattr(kind, method, counted)
        await ui.press(key)
        # the rows of the worst examples are read after their numbers are shown; changes take room of the chart
        again = {name for name in seen if seen.count(name) > 1}
        assert again <= {"worst", *(["chart"] if ui.state.base is not None else [])}
        assert set(seen) == shown


@pytest.mark.exhaustive
async def test_coming_back_shows_nothing_anew(file: Predictions, monkeypatch: pytest.MonkeyPatch) -> None:
    async with data(file.path) as ui:
        await ui.press("1", "4")
        drawn: list[str] = []
        for kind, method in ((Chooser, "show"), (Figures, "show"), (Readout, "show"), (Table, "show"),
                             (Chart, "show_picture")):  # fmt: skip
            monkeypatch.setattr(kind, method, lambda self, *args, **more: drawn.append(self.id))
        before = ui.screen.figure
        await ui.press("5", "4")
        assert [name for name in drawn if ui.screen.query(f"#{name}")] == []
        assert ui.screen.figure is before


# ---- keys that come faster than drawings and files ------------------------------------------------------------------


async def test_the_cursor_goes_by_the_chart_that_there_is(tmp_path: Path) -> None:
    file = write_predictions(tmp_path / "p.csv")
    async with data(file.path) as one, data(file.path) as burst:
        for _ in one.state.pages:
            for key in ("d", "right", "right", "end", "left"):
                await one.press(key)
            for deed in (partial(next_page, direction=1), 1, 1, "end", -1):
                if callable(deed):
                    burst.screen.perform(deed)
                elif isinstance(deed, int):
                    burst.screen.action_move(deed)
                else:
                    burst.screen.action_edge(1)
            await burst.settle()
            assert burst.look == one.look
            assert burst.state.places == one.state.places
            assert burst.subject.logit == one.subject.logit


async def test_a_loss_that_was_typed_with_a_file_is_gone_when_it_is_open(tmp_path: Path) -> None:
    file = write_predictions(tmp_path / "p.csv")
    define("mine: (p-y)**2")
    async with data() as ui:
        ui.screen.look_at(open_typed(ui.state, f"{file.path} --loss mine"))
        forget("mine")
        await ui.settle()
        await ui.told("unknown loss 'mine'")
        assert ui.state.file is None


async def test_the_search_for_the_worst_is_given_up(tmp_path: Path) -> None:
    file = write_predictions(tmp_path / "p.csv")
    async with data(file.path) as ui:
        ui.send("B", "up", "enter", "escape")
        await ui.settle()
        await ui.until(lambda: not ui.screen.finder.is_busy)
        assert ui.state.seeking is None and ui.app.screen is ui.screen
        assert "stopped: B finds segments again" in ui.text


async def test_segments_wait_until_their_screen_is_seen_again(tmp_path: Path) -> None:
    file = write_predictions(tmp_path / "p.csv")
    async with data(file.path) as ui:
        ui.screen.perform(partial(seek, column="group"))
        await ui.app.run_action("app.screen('curves')")
        await ui.until(lambda: not ui.screen.finder.is_busy)
        await ui.settle()
        assert ui.is_on("curves")
        await ui.pilot.press("4")
        await ui.until(lambda: isinstance(ui.app.screen, TableScreen))
        await ui.resize(40, 12)
        await ui.until(lambda: "esc back" in ui.lines[-1])
        assert ui.lines[-1].startswith(" enter: only these rows") and "←→ " in ui.lines[0]
        await ui.pilot.press("escape")
        await ui.until(lambda: ui.is_on("data"))
        assert ui.state.seeking is None


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (60, "L 1 to 2 · a: 3% here, 4% above (of 5, 6) · p of the label"),
        (45, "L 1 to 2 · a: 3% here, 4% above (of 5, 6)"),
        (40, "L 1 to 2"),
        (3, "L 1 to 2"),
    ],
)
def test_a_caption_loses_its_last_parts(room: int, said: str) -> None:
    assert fitted(["L 1 to 2", "a: 3% here, 4% above (of 5, 6)", "p of the label"], room) == said


def test_a_part_of_a_caption_loses_its_last_clauses() -> None:
    parts = ["L 1 to 2", "a: 3% here, 4% above hold all, 5% below", "b: 6% here"]
    assert [fitted(parts, room) for room in (49, 40, 35, 20)] == [
        "L 1 to 2 · a: 3% here, 4% above hold all",
        "L 1 to 2 · a: 3% here, 4% above hold all",
        "L 1 to 2 · a: 3% here",
        "L 1 to 2",
    ]
