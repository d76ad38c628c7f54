"""Somebody's data on every screen: whatever is in a name or a cell, it is shown, and obeyed by nobody."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from rich.style import Style
from textual.strip import Strip

from lossterm.cli import run
from lossterm.model.notation import command_line
from lossterm.tui.widgets.lines import strip_of
from lossterm.tui.widgets.rows import Column, line_of
from tests.harness import screen_strips
from tests.predictions.program import data

ESCAPE = "\x1b[31m"
TITLE = "\x1b]0;mine\x07"
TURNED = "\u202e"
ODD = f"""label,{TITLE}p,[bold]{TURNED},group
1,0.5,{ESCAPE},=1+1
0,0.25,[/],=1+1
1,0.125,{TURNED},\x07b
0,0.9,a,\x07b
"""


def write_odd(folder: Path) -> Path:
    path = folder / f"o{ESCAPE}dd.csv"
    path.write_text(ODD)
    return path


def unseen(strips: list[Strip]) -> str:
    """What is on the lines that cannot be seen."""
    return "".join(c for strip in strips for c in strip.text if not c.isprintable())


@pytest.mark.parametrize("keys", [[], ["y"], ["w", "tab", "tab", "tab"], ["o"], ["S"], ["e"]], ids=str)
async def test_names_and_cells_are_text_on_the_screen(tmp_path: Path, keys: list[str]) -> None:
    path = write_odd(tmp_path)
    async with data(path, label_column="label") as ui:
        await ui.settle()
        await ui.press(*keys)
        assert unseen(screen_strips(ui.app)) == ""
        assert "␛" in ui.text


async def test_the_screen_is_written_as_xml(tmp_path: Path) -> None:
    async with data(write_odd(tmp_path)) as ui:
        await ui.settle()
        await ui.press("s")
        (svg,) = Path.cwd().glob("*.svg")
        ET.fromstring(svg.read_text("utf-8"))


async def test_what_is_pasted_is_text_in_a_prompt(tmp_path: Path) -> None:
    async with data(write_odd(tmp_path)) as ui:
        await ui.settle()
        await ui.press("g")
        await ui.paste(f"{ESCAPE}{TURNED}x")
        assert unseen(screen_strips(ui.app)) == ""
        await ui.press("enter")
        assert unseen(screen_strips(ui.app)) == ""
        assert "␛" in ui.text


@pytest.mark.parametrize("form", ["text", "csv"])
def test_names_and_cells_are_text_when_printed(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", str(write_odd(tmp_path)), "--format", form, "--group-column", "group"]) == 0
    printed = capsys.readouterr().out
    assert all(line.isprintable() for line in printed.splitlines()) or form == "csv"
    assert "\x1b" not in printed
    if form == "csv":
        assert ",=1+1" not in printed


@pytest.mark.parametrize(
    "arguments",
    [
        [f"x{TITLE}"],
        ["data", f"no{TITLE}\nlossterm: fake.csv"],
        ["table", "--loss", f"ce{ESCAPE}"],
        ["table", "--at", f"1{ESCAPE}\n2"],
        ["plot", f"--{ESCAPE}{TURNED}"],
        ["table", "--loss", "x" * 10_000],
        ["data", "y" * 10_000],
        ["z" * 10_000],
    ],
    ids=range(8),
)
def test_a_complaint_is_a_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    complaint = capsys.readouterr().err
    assert complaint.endswith("\n")
    assert complaint[:-1].isprintable()
    assert len(complaint) < 2_100


def test_a_file_with_odd_names_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{TITLE}a,{ESCAPE}b\nx,y\n")
    assert run(["data", str(path), "--format", "text"]) == 2
    assert capsys.readouterr().err[:-1].isprintable()


def test_a_copied_command_holds_no_control_characters() -> None:
    assert command_line(["lossterm", "data", "a b.csv"]) == "lossterm data 'a b.csv'"
    assert command_line(["data", "a\x1b'é\\\n"]) == r"data $'a\x1b\'é\\\x0a'"


def test_stand_ins_take_cells() -> None:
    plain = Style()
    strip = strip_of([(f"a{ESCAPE}{TURNED}b", plain)], 12, plain)
    assert strip.text == "a␛[31m\ufffdb    "
    assert strip.cell_length == 12
    parts = line_of([Column(6), Column(3)], [(f"{TURNED}{TURNED}x", plain), ("end", plain)])
    assert "".join(text for text, _ in parts) == "\ufffd\ufffdx   end"


# ---- what is cut ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width", "seen"),
    [
        ("CE = 8.001", 10, "CE = 8.001"),
        ("CE = 8.001", 9, "CE = 8.0…"),
        ("CE = 8.001  ", 10, "CE = 8.001"),
        ("p ────", 3, "p ─"),
        ("猫猫猫", 5, "猫猫…"),
        ("猫猫猫", 4, "猫 …"),
        ("ab", 1, "…"),
        ("ab", 0, ""),
    ],
)
def test_a_line_that_is_cut_says_so(text: str, width: int, seen: str) -> None:
    style = Style(color="red")
    for at in range(len(text)):
        strip = strip_of([(text[:at], style), (text[at:], style)], width, Style())
        assert (strip.text, strip.cell_length) == (seen, width)
