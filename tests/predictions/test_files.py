"""The Data screen and its files: of every kind, wrong ones, while they are read, and from one start to the next."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.core.numbers import significant
from lossterm.files.source import Source
from lossterm.predictions.asking import Answer
from lossterm.predictions.keys import DATA
from lossterm.predictions.screen import Heard
from lossterm.predictions.view import Look
from tests.curves.program import view_of
from tests.harness import screen_strips
from tests.predictions.program import (
    data,
    numbers,
    rows_of_worst,
    write_classes,
    write_predictions,
    write_values,
)
from tests.tui.test_themes import LEGIBLE, contrast

SIZES = [(1, 1), (39, 12), (40, 12), (40, 11), (80, 24), (109, 36), (110, 35), (110, 36), (400, 120), (2, 90), (300, 2)]


class Gate:
    """Holds back what reads a file: each batch waits until it is let through, or nobody wants it any more."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.passes = 0


@contextmanager
def gated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Files are read only when the gate is opened; it is at the end."""
    gate, original = Gate(), Source.batches

    def batches(self: Source, cancelled: Any = lambda: False, progress: Any = lambda part: None) -> Iterator[Any]:
        gate.passes += 1
        for batch in original(self, cancelled, progress):
            progress(0.5)
            while not gate.opened.wait(0.005):
                if cancelled():
                    return
            yield batch

    with monkeypatch.context() as patch:
        patch.setattr(Source, "batches", batches)
        try:
            yield gate
        finally:
            gate.opened.set()


# ---- kinds of files ------------------------------------------------------------------------------------------------


async def test_without_a_file_it_says_what_to_do() -> None:
    async with data() as ui:
        assert "o  opens a file" in ui.text
        assert "Open the demo" in ui.pane("file")
        for key in sorted({key for command in DATA for key in command.keys} - {"O", "s", "enter"}):
            await ui.press(key, "escape")
        assert ui.state.file is None
        await ui.press("tab", "tab", "down", "enter")
        assert "demo.csv" in ui.pane("file")


async def test_classes() -> None:
    y, p = write_classes(Path("classes.csv"))
    losses, top = -np.log(p[np.arange(len(y)), y]), p.argmax(axis=1)
    async with data(Path("classes.csv")) as ui:
        assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(losses.mean(), rel=1e-3)
        brier = ((p - np.eye(3)[y]) ** 2).sum(axis=1).mean()
        assert numbers(ui.line("readout", "b squared-error"))[0] == pytest.approx(brier, rel=1e-3)
        assert "reliability of the top class" in ui.pane("chart")
        assert significant(float((top == y).mean())) in ui.pane("figures")
        await ui.press("D")
        assert "confusion" in ui.pane("chart")
        for k, name in enumerate(("cat", "dog", "owl")):
            counts = [int(((y == k) & (top == j)).sum()) for j in range(3)]
            line = next(text for text in ui.part("chart")[2:] if text.lstrip(" ▸").startswith(name))
            assert numbers(line) == counts
            recall, precision = counts[k] / sum(counts), counts[k] / (top == k).sum()
            said = numbers(ui.pane("figures").partition(f" {name} ")[2].splitlines()[0])
            assert said[:3] == [sum(counts), pytest.approx(precision, rel=5e-3), pytest.approx(recall, rel=5e-3)]
        await ui.press("home", "right")
        assert ui.pane("caption").startswith(f" class dog: {(y == 1).sum()} examples")
        await ui.answer("g", "owl")
        assert ui.pane("caption").startswith(f" class owl: {(y == 2).sum()} examples")
        await ui.press("t")
        assert ui.line("file", "Label").split()[-1] == "cat"
        assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(losses[y == 0].mean(), rel=1e-3)
        await ui.press("F", ".")
        assert "no decision" in ui.text
        await ui.press("n", "n", "enter")
        worst = int(np.argsort(-losses, kind="stable")[1])
        q = p[worst, y[worst]]
        assert ui.curves.logit == pytest.approx(np.log(q / (1 - q)))
        assert ui.curves.label == 1


async def test_losses_that_classes_do_not_have() -> None:
    write_classes(Path("classes.csv"))
    async with data(Path("classes.csv"), view=view_of("huber")) as ui:
        assert "not for K classes: huber" in ui.text
        assert "press space on one" in ui.pane("readout")
        assert "not for K classes: huber" in ui.pane("readout")  # where a note has passed
        assert "AUROC" not in ui.pane("figures")


async def test_values() -> None:
    y, v = write_values(Path("values.csv"))
    async with data(Path("values.csv"), view=view_of("squared-error", "absolute-error")) as ui:
        assert numbers(ui.line("readout", "a squared-error"))[0] == pytest.approx(((y - v) ** 2).mean(), rel=1e-3)
        assert numbers(ui.line("readout", "b absolute-error"))[0] == pytest.approx(np.abs(y - v).mean(), rel=1e-3)
        assert "Threshold" not in ui.pane("file")
        assert "errors over predictions" in ui.pane("chart")
        for key, said in ((">", "no temperature"), ("x", "no bins"), ("+", "no bins"), (".", "no decision"),
                          ("w", "not smoothed"), ("t", "no classes"), ("G", "--group-column")):  # fmt: skip
            await ui.press(key)
            assert said in ui.text
            await ui.press("escape")
        assert ui.look == Look()
        await ui.press("n", "enter")
        worst = int(np.argmax((y - v) ** 2))
        view = ui.curves
        assert (view.activation, view.logit, view.label) == ("identity", v[worst], y[worst])


async def test_weights_and_wide_tables() -> None:
    chance = np.random.default_rng(5)
    names = [f"feature {k}" for k in range(12)]
    lines = [f"{i % 2},{chance.random():.3f},{chance.random():.2f},{','.join(['12345.678901'] * 11)},日本" for i in
             range(50)]  # fmt: skip
    Path("wide.csv").write_text("\n".join([",".join(["label", "p", "weight", *names]), *lines]) + "\n")
    async with data(Path("wide.csv")) as ui:
        assert "Σwℓ/Σw" in ui.pane("readout")
        assert "columns 4–" in ui.pane("worst")
        await ui.press("shift+tab", *["right"] * 20)
        assert "feature 11" in ui.pane("worst")
        assert "日本" in ui.pane("worst")
        assert "of 18" in ui.part("worst")[0]
        assert rows_of_worst(ui)[0][0].isdigit()
        await ui.press(*["left"] * 20)
        assert "label" in ui.pane("worst")
        assert "12345.7" in ui.pane("worst")
        await ui.press(*["i"] * 14)  # sorted by a column out of view, it comes into view
        assert "feature 9▾" in ui.pane("worst")


# ---- what is wrong -------------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_a_file_that_cannot_be_read_changes_nothing() -> None:
    file = write_predictions(Path("good.csv"))
    Path("empty.csv").write_text("")
    Path("folder").mkdir()
    good = "\n".join(f"{i % 2},0.5" for i in range(9000))
    Path("text.csv").write_text(f"label,probability\n{good}\n1,much\n")
    Path("beyond.csv").write_text("label,probability\n1,0.5\n0,1.5\n1,0.1\n")
    Path("bytes.csv").write_bytes(bytes(range(256)) * 9)
    complaints = {
        "nope.csv": "no such file",
        "empty.csv": "empty",
        "folder": "directory",
        "text.csv": "much",
        "beyond.csv --kind probability": "1.5",
        "bytes.csv": "not",
        "good.csv --label-column nope": "nope",
        "'good.csv": "quotation",
        "--bins 3": "name of a file",
        "good.csv --bins no": "no",
        "good.csv --tresholt 1": "did you mean",
        "good.csv --loss nope": "nope",
        "good.csv --help": "--help",
        "-": "standard input",
    }
    async with data(file.path) as ui:
        await ui.press("t", ">")
        before = (ui.look, ui.state.findings, ui.state.choice)
        shown = ui.pane("figures")
        for typed, complaint in complaints.items():
            await ui.answer("o", typed)
            assert complaint in ui.text, typed
            assert "Error" not in ui.text
            await ui.press("escape")
            assert (ui.look, ui.state.findings, ui.state.choice) == before, typed
            await ui.press("escape")
            assert ui.pane("figures") == shown
        await ui.press(">")
        assert ui.state.findings is not before[1]


async def test_whatever_is_wrong_with_a_file_it_is_not_opened() -> None:
    file = write_predictions(Path("good.csv"))
    good = "\n".join(f"{i % 2},0.5" for i in range(9000))
    Path("late.csv").write_text(f"label,probability\n{good}\n1,much\n")
    Path("header.csv").write_text("label,probability\n")
    async with data(file.path) as ui:
        for name in ("late.csv", "header.csv", "~nobody-is-called-so/a.csv"):
            await ui.answer("o", name)
            assert "━ not opened ━" in ui.text, name
            await ui.press("escape")
        await ui.answer("o", "good.csv --only-range .99999:")
        assert "no example passes the filter" in ui.text
        assert "not opened" not in ui.text


async def test_one_class_only_is_told_once() -> None:
    Path("one.csv").write_text("label,probability\n1,0.5\n1,0.25\n1,0.125\n")
    async with data(Path("one.csv")) as ui:
        assert "rows 1 to 3: column 'label': every label is 1: one class only" in " ".join(ui.text.split())
        assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(2 * np.log(2), rel=1e-3)
        await ui.press("escape", ">")
        assert "one class only" not in ui.pane("notice")


async def test_a_pipe_is_not_opened() -> None:
    os.mkfifo("pipe.csv")
    async with data(write_predictions(Path("good.csv")).path) as ui:
        await ui.answer("o", "pipe.csv")
        assert "pipe.csv is a pipe" in " ".join(ui.text.split())
        assert "n = " in ui.text


async def test_what_was_typed_wrong_can_be_mended() -> None:
    file = write_predictions(Path("good.csv"))
    async with data(file.path) as ui:
        await ui.answer("o", "goot.csv --bins 5")
        await ui.press("o")
        assert ui.screen.prompt.text == "goot.csv --bins 5"
        await ui.press("escape")
        await ui.answer("o", "good.csv --bins 5")
        assert ui.look.bins == 5


async def test_rows_that_are_left_out_are_told() -> None:
    Path("bad.csv").write_text("label,probability\n1,0.5\n0,nan\n1,0.9\n0,0.2\n1,x\n")
    async with data(Path("bad.csv"), skip_bad=True) as ui:
        assert ui.line("file", "Skipped").split()[-1] == "2"
        await ui.press("tab", "tab", *["down"] * 25, "enter")
        assert "left out" in ui.text


async def test_a_file_that_goes_away_is_told_once() -> None:
    file = write_predictions(Path("going.csv"))
    async with data(file.path) as ui:
        file.path.unlink()
        await ui.press("t")  # other rows are among the worst: they are no longer there
        await ui.told("going.csv")
        assert f"n = {int((file.y == 0).sum())}" in ui.text
        await ui.press("escape")
        await ui.press("shift+tab", "end")
        assert "…" in ui.pane("worst")


# ---- while it is read ----------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_esc_stops_the_reading_of_a_large_file(tmp_path: Path) -> None:
    import polars

    count = 1_200_000
    p = np.random.default_rng(0).random(count)
    labels = (p > 0.4).astype(int)
    polars.DataFrame({"label": labels, "probability": p}).write_csv(tmp_path / "large.csv")
    async with data(tmp_path / "large.csv", wait=False) as ui:
        await ui.until(lambda: ui.screen.reading is not None)
        await ui.press("escape")
        assert ui.state.findings is None
        assert "not read: u reads it" in ui.text
        await ui.press("u")
        assert f"n = {count:,}" in ui.text
        await ui.press(*"dddd")
        assert "examples on the curve" in ui.text


async def test_keys_answer_while_a_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_predictions(Path("p.csv"))
    with gated(monkeypatch) as gate:
        async with data(file.path, wait=False) as ui:
            await ui.until(lambda: ui.screen.reading is not None)
            ui.send("tab", "down", "d", "m", "down", "space")
            await ui.pilot.pause()
            assert ui.state.current == 2
            assert ui.subject.shown == (0, 1, 2)
            assert ui.look.page == "histogram"
            assert "reading …" in ui.text
            gate.opened.set()
            await ui.settle()
            assert ui.judged == 3
            assert "predictions" in ui.pane("chart")


async def test_the_newest_answer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_predictions(Path("p.csv"))
    seen: list[float] = []
    async with data(file.path) as ui:
        ui.state.file.survey._remembered = None  # type: ignore[union-attr]
        before = ui.state.findings
        with gated(monkeypatch) as gate:
            for key in ">>>t>>w<":
                ui.send(key)
                await ui.pilot.pause()
            look = ui.look
            assert ui.state.findings is before
            gate.opened.set()
            while not ui.is_settled:
                await ui.pilot.pause()
                assert ui.state.findings is not None
                seen.append(ui.state.findings.question.temperature)
        assert set(seen) <= {1.0, look.temperature}
        zeros = file.where(file.y == 0).at(look.temperature)
        assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(zeros.log_loss, rel=1e-3)
        latest = ui.state.answer
        assert latest is not None
        assert before is not None
        ui.screen.post_message(Heard(Answer(replace(latest.request), before, None)))  # of a request given up since
        await ui.settle()
        assert ui.state.answer is latest


async def test_esc_goes_back_to_what_is_on_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_predictions(Path("p.csv"))
    async with data(file.path) as ui:
        before = (ui.look, ui.state.findings)
        ui.state.file.survey._remembered = None  # type: ignore[union-attr]
        with gated(monkeypatch):
            ui.send("t", ">", "+")
            await ui.until(lambda: ui.screen.reading is not None)
            await ui.press("escape")
            assert "from before" in ui.text
            assert (ui.look, ui.state.findings) == before
            write_classes(Path("classes.csv"))
            ui.send("o", *"classes.csv", "enter")
            await ui.until(lambda: ui.state.class_count == 3 and ui.screen.reading is not None)
            await ui.press("escape")
        assert (ui.look, ui.state.findings) == before
        assert "p.csv" in ui.line("file", "File")
        await ui.press(">")
        assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(file.at(1.1).log_loss, rel=1e-3)


@pytest.mark.exhaustive
async def test_other_screens_can_be_looked_at_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_predictions(Path("p.csv"))
    with gated(monkeypatch) as gate:
        async with data(file.path, wait=False) as ui:
            await ui.until(lambda: ui.screen.reading is not None)
            for key in "14532541":
                ui.send(key)
                await ui.pilot.pause()
            before = ui.subject.logit
            ui.send("right")
            await ui.until(lambda: ui.subject.logit > before)
            moved = ui.subject.logit
            gate.opened.set()
            await ui.settle()
            assert gate.passes == 1
            assert ui.subject.logit == moved  # what is told of the file does not undo what was done meanwhile
            await ui.press("4")
            assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(file.log_loss, rel=1e-3)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_leaving_while_a_file_is_read(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    file = write_predictions(Path("p.csv"))
    with gated(monkeypatch):
        async with data(file.path, wait=False) as ui:
            await ui.until(lambda: ui.screen.reading is not None)
            ui.send(key)
            await ui.until(lambda: ui.app.return_code == 0)


async def test_the_file_asked_for_last_is_the_one_that_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    write_predictions(Path("p.csv"))
    write_classes(Path("k.csv"))
    write_values(Path("v.csv"))
    async with data() as ui:
        for name in ("p.csv", "k.csv", "v.csv"):
            ui.send("o", *name, "enter")
        await ui.settle()
        assert "v.csv" in ui.line("file", "File")
        await ui.press("O", "escape")
        assert "v.csv" in ui.line("file", "File")


# ---- from one start to the next ------------------------------------------------------------------------------------


async def test_what_is_kept() -> None:
    file = write_predictions(Path("p.csv"))
    async with data(file.path) as ui:
        await ui.press("d", "x", "+", ".", ">", "t")
        kept, look = ui.screen.kept(), ui.look
    async with data(screens={"data": kept}) as ui:
        assert ui.look == replace(look, only_label=None)
        assert "p.csv" in ui.line("file", "File")
        assert numbers(ui.line("figures", "log loss"))[0] == pytest.approx(file.at(1.1).log_loss, rel=1e-3)
        assert numbers(ui.line("figures", "log loss"))[1] == pytest.approx(
            file.at(1.1).log_loss - file.log_loss, rel=1e-2
        )


async def test_a_file_that_has_vanished_is_told_and_kept() -> None:
    async with data(Path("vanished.csv")) as ui:
        assert "vanished.csv" in ui.pane("notice")
        assert ui.screen.kept()["file"]["paths"] == ["vanished.csv"]
        await ui.press("1", "4")
        assert "vanished.csv" in ui.pane("notice")


@pytest.mark.parametrize("kept", [[], "x", {"file": 3, "look": [1]}, {"file": {"paths": 3}, "look": {"bins": "x"}}])
async def test_a_broken_state_is_forgiven(kept: object) -> None:
    async with data(screens={"data": kept}) as ui:
        assert "o  opens a file" in ui.text


# ---- sizes, the mouse, colours -------------------------------------------------------------------------------------


def files() -> dict[str, list[Path]]:
    """A file of every kind, and none."""
    write_predictions(Path("p.csv"), 60)
    write_classes(Path("k.csv"))
    write_values(Path("v.csv"))
    return {"none": [], "two": [Path("p.csv")], "classes": [Path("k.csv")], "values": [Path("v.csv")]}


@pytest.mark.parametrize("kind", ["none", "two", "classes", "values"])
@pytest.mark.exhaustive
async def test_any_size(kind: str) -> None:
    async with data(*files()[kind]) as ui:
        for size in SIZES:
            await ui.resize(*size)
            await ui.settle()
            await ui.press("left", "d", "tab", "down", "m", "escape")
            if min(size[0] - 39, size[1] - 11) < 1:
                continue
            lines = ui.text.splitlines()
            assert len(lines) == size[1]
            assert "Loss" in lines[1]
            assert all(len(line) == size[0] for line in lines)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", ["none", "two", "classes", "values"])
async def test_any_key_at_any_time(kind: str) -> None:
    chance = random.Random(kind)
    keys = [key for command in DATA for key in command.keys] + ["3", "4", "4", "4", "enter", "escape"]
    async with data(*files()[kind]) as ui:
        for _ in range(40):
            ui.send(*chance.choices(keys, k=4))
            await ui.pilot.pause()
            if chance.random() < 0.25:
                await ui.resize(chance.randint(1, 160), chance.randint(1, 60))
        await ui.settle()
        assert ui.app.is_running


async def test_the_mouse() -> None:
    file = write_predictions(Path("p.csv"))
    async with data(file.path, view=view_of("cross-entropy", "squared-error")) as ui:
        await ui.pilot.click("#chart", offset=(60, 5))
        first = ui.subject.logit
        await ui.pilot.click("#chart", offset=(30, 5))
        assert ui.subject.logit < first
        await ui.pilot.click("#losses", offset=(5, 3))
        await ui.settle()
        assert ui.judged == 3
        await ui.pilot.click("#readout", offset=(5, 3))
        await ui.settle()
        assert "Worst examples by squared-error" in ui.text
        await ui.pilot.click("#file", offset=(5, 5))
        await ui.settle()
        assert ui.look.mass
        await ui.pilot.click("#worst", offset=(8, 4))
        assert ui.state.worst_row == 2
        await ui.pilot.click("#worst", offset=(3, 1))
        assert ui.state.sorted_by == (0, True)
        await ui.pilot.click("#worst", offset=(3, 1))
        assert ui.state.sorted_by == (0, False)
        shown = [int(row[0]) for row in rows_of_worst(ui)]
        assert shown == sorted(shown)


async def test_the_wheel() -> None:
    file = write_predictions(Path("p.csv"))
    async with data(file.path) as ui:
        before = ui.subject.logit
        for name, down in (("chart", False), ("losses", True), ("file", True), ("worst", True)):
            widget = ui.screen.query_one(f"#{name}")
            getattr(widget, f"on_mouse_scroll_{'down' if down else 'up'}")(wheel(widget))
            await ui.settle()
        assert ui.subject.logit != before
        assert (ui.state.current, ui.state.setting, ui.state.worst_row) == (1, 1, 1)


def wheel(widget: Any) -> Any:
    """A turn of the wheel over the middle of a widget."""
    from textual.events import MouseScrollDown

    x, y = widget.size.width // 2, widget.size.height // 2
    return MouseScrollDown(widget, x, y, 0, 1, 0, False, False, False)


@pytest.mark.parametrize("theme", ["textual-light", "nord", "solarized-light", "dracula"])
async def test_all_is_legible_in_every_theme(theme: str) -> None:
    file = write_predictions(Path("p.csv"))
    async with data(file.path, theme=theme, look=Look(temperature=2.0)) as ui:
        for _ in range(5):
            strips = screen_strips(ui.app)
            found = [segment for strip in strips for segment in strip if segment.text.strip(" \u2800")]
            assert min((contrast(segment), segment.text) for segment in found)[0] >= LEGIBLE
            await ui.press("d")
        colours = {segment.style.color for segment in found if segment.style}
        ui.app.theme = "textual-dark"
        await ui.settle()
        assert colours != {s.style.color for strip in screen_strips(ui.app) for s in strip if s.style}


@pytest.mark.exhaustive
async def test_without_colours_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_predictions(Path("p.csv"))
    shown = []
    for name in ("COLOUR", "NO_COLOR"):
        monkeypatch.setenv(name, "1")
        async with data(file.path) as ui:
            pages = []
            for _ in range(5):
                pages.append(ui.text)
                await ui.press("d")
            shown.append(pages)
    assert shown[0] == shown[1]
    assert all(mark in shown[1][0] for mark in "●○◇")
    assert all(mark in shown[1][2] for mark in (" a ", " b "))


async def test_the_point_is_that_of_the_other_screens() -> None:
    file = write_predictions(Path("p.csv"))
    async with data(file.path) as ui:
        assert ui.subject.logit == ui.subject.logit
        await ui.answer("g", "z=1.5")
        await ui.press("down", "space", "]", "d")  # other losses do not move it
        assert ui.subject.logit == 1.5
        await ui.press("1")
        assert ui.curves.logit == 1.5
        await ui.press("right")
        moved = ui.curves.logit
        await ui.press("4")
        assert ui.subject.logit == moved > 1.5
