"""Taking it away: the command that prints what is on screen, the numbers, the picture."""

from __future__ import annotations

import csv
import re
import shlex
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lossterm import cli
from lossterm.curves.view import View, zoom
from tests.curves.changes import add_variant, set_parameter
from tests.curves.program import Explorer, explorer, view_of
from tests.harness import NARROW, WIDE

FOCAL_TWICE = set_parameter(add_variant(view_of("focal"), 2), 3, "gamma", 5.0)

VIEWS = {
    "first": View(),
    "classic": replace(View(), both_labels=True, axis="prediction"),
    "curvature": replace(View(), slope="d2_logit"),
    "symlog": replace(View(), scale="symlog", slope="d_prediction"),
    "zoomed": zoom(zoom(View(), 1 / 1.5, -4.0), 1 / 1.5, -4.0),
    "zoomed on p": zoom(replace(View(), axis="prediction"), 1 / 1.5, 0.25),
    "soft": replace(View(), label=0.9),
    "smoothed": replace(View(), smoothing=0.1),
    "variants": FOCAL_TWICE,
    "negative label": view_of("hinge", "exponential", label=-1.0, activation="identity"),
    "regression": view_of("huber", "quantile", "poisson", label=3.5, activation="softplus"),
    "undefined": view_of("cross-entropy", "squared-error", activation="identity"),
    "flat": view_of("squared-error", "zero-one", activation="relu", axis="prediction"),
    "weight": set_parameter(view_of("cross-entropy", "hinge"), 0, "pos_weight", 3.5),
}


def charts(ui: Explorer) -> list[list[str]]:
    """The two pictures on screen, line by line, without their cursor, which no command prints."""
    pictures = []
    figure = ui.screen.figure
    assert figure is not None
    column = figure.scene.column(ui.view.logit)
    for name, panel in zip(("loss-chart", "slope-chart"), figure.panels, strict=True):
        lines = ui.part(name)[1:]
        rows = range(panel.picture.top, panel.picture.top + panel.picture.lines)
        if column >= 0:
            at = panel.picture.left + column
            lines = [line[:at] + "?" + line[at + 1 :] if y in rows else line for y, line in enumerate(lines)]
        pictures.append(lines)
    return pictures


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("name", VIEWS)
async def test_the_copied_command_prints_the_picture(
    name: str, size: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with explorer(VIEWS[name], size) as ui:
        pictures = charts(ui)
        await ui.press("y")
        command = ui.app.clipboard
    words = shlex.split(command)
    assert words[:2] == ["lossterm", "plot"]
    capsys.readouterr()
    assert cli.run(words[1:]) == 0
    printed = capsys.readouterr().out.splitlines()
    (asked,) = [word for word in words if re.fullmatch(r"\d+x\d+", word)]
    assert [int(n) for n in asked.split("x")] == [len(pictures[0][0]), len(printed)]
    # beside the pictures there are their headings, and what the legend in the first of them has no room for
    extra = len(printed) - sum(len(picture) + 1 for picture in pictures)
    assert all(" · " in line or line.startswith(tuple("abcdefghij")) for line in printed[1 : 1 + extra])
    said = [printed.pop(0) for _ in range(extra)]
    assert extra in ((0, 1) if size == NARROW else (0,)), said
    for picture in pictures:
        printed.pop(0)  # the heading
        for line in picture:
            at = line.find("?")
            other = printed.pop(0).ljust(len(line))
            assert line[:at] == other[:at]
            assert line[at + 1 :] == other[at + 1 :]


async def test_the_command_is_shown_as_well_as_copied() -> None:
    async with explorer(VIEWS["weight"]) as ui:
        await ui.press("y")
        assert "--loss cross-entropy:pos_weight=3.5,hinge" in ui.app.clipboard
        await ui.told(ui.app.clipboard)


async def test_the_command_of_no_loss_prints_no_curve(capsys: pytest.CaptureFixture[str]) -> None:
    async with explorer(view_of()) as ui:
        await ui.press("y")
        command = ui.app.clipboard
    if command:
        cli.run(shlex.split(command)[1:])
    assert "cross-entropy" not in capsys.readouterr().out


async def test_the_command_leaves_out_what_is_nowhere_defined(capsys: pytest.CaptureFixture[str]) -> None:
    async with explorer(view_of("squared-error", "hinge", label=0.3)) as ui:
        await ui.press("y")
        command = ui.app.clipboard
    assert cli.run(shlex.split(command)[1:]) == 0
    assert "squared-error" in capsys.readouterr().out


# ---- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["first", "soft", "variants", "undefined", "flat", "negative label"])
async def test_the_numbers_are_those_of_the_table(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with explorer(VIEWS[name]) as ui:
        await ui.press("e")
        (path,) = Path.cwd().glob("*.csv")
        view, losses = ui.view, ui.view.shown
        await ui.press("y")
        words = shlex.split(ui.app.clipboard)
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    logits = [row["logit"] for row in rows[:: len(losses)]]
    assert float(logits[0]) == view.logit
    window = [float(z) for z in logits[1:]]
    assert window == sorted(window)
    if view.axis == "logit":
        assert len(window) > 80
        lo, hi = view.window
        assert lo <= window[0] < window[-1] <= hi
    asked = words[words.index("--loss") + 1]
    command = ["table", "--loss", asked, f"--label={view.label}", "--activation", view.activation, "--format", "csv"]
    capsys.readouterr()
    assert cli.run([*command, f"--at={','.join(logits)}"]) == 0
    assert path.read_text("utf-8") == capsys.readouterr().out


async def test_nothing_is_overwritten() -> None:
    async with explorer() as ui:
        await ui.press("e")
        (first,) = Path.cwd().glob("*.csv")
        content = first.read_bytes()
        await ui.press("right", "e", "e", "s", "s")
        assert len(list(Path.cwd().glob("*.csv"))) == 3
        assert len(list(Path.cwd().glob("*.svg"))) == 2
        assert first.read_bytes() == content


async def test_both_labels_are_written() -> None:
    async with explorer(VIEWS["classic"]) as ui:
        await ui.press("e")
        (path,) = Path.cwd().glob("*.csv")
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert {(row["loss"], row["label"]) for row in rows} == {
        (loss, label) for loss in ("cross-entropy", "squared-error") for label in ("1.0", "0.0")
    }


async def test_without_a_loss_there_is_nothing_to_write() -> None:
    async with explorer(view_of()) as ui:
        await ui.press("e")
        await ui.told("no loss is shown")
        assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("key", ["e", "s"])
async def test_where_nothing_can_be_written_it_says_why(key: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    async with explorer() as ui:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(gone)
            gone.rmdir()
            await ui.press(key)
            await ui.told("not written")
        await ui.press("right")
        assert ui.view != View()


# ---- the picture ---------------------------------------------------------------------------------------------------


async def test_the_svg_is_a_picture_of_the_screen() -> None:
    async with explorer() as ui:
        await ui.press("s")
        (path,) = Path.cwd().glob("*.svg")
    root = ElementTree.fromstring(path.read_text("utf-8"))
    assert root.tag.endswith("svg")
    text = "".join(root.itertext()).replace("\u00a0", " ")
    for piece in ("cross-entropy", "squared-error", "∂L/∂z", "z = −4.000", "confidently wrong", "┤"):
        assert piece in text
