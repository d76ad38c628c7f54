"""README tells the truth: its pictures are what the program shows, its commands run, its keys exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lossterm.cli import COMMANDS, run
from lossterm.ui.app import LosstermApp
from lossterm.ui.commands import CURVES
from tests import pictures

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("name", pictures.PICTURES)
async def test_pictures_are_what_the_program_shows(name: str) -> None:
    stored = (pictures.FOLDER / name).read_text("utf-8")
    size, keys = pictures.PICTURES[name]
    assert texts(await pictures.taken(size, keys)) == texts(stored), "run: python -m tests.pictures"
    assert f".pictures/{name}" in README


def test_commands_run(capsys: pytest.CaptureFixture[str]) -> None:
    pattern = r" {4}lossterm (table|plot|list|softmax|race|properties|data --demo)\b"
    lines = [line for line in README.splitlines() if re.match(pattern, line)]
    assert len(lines) >= 4
    for line in lines:
        words = shlex.split(re.split(r"\s{2,}", line.strip())[0])
        assert run(words[1:]) == 0, line
        assert capsys.readouterr().out


def test_every_command_is_named() -> None:
    for command in COMMANDS:
        assert f"lossterm {command}" in README


def test_keys_of_the_readme_are_the_programs() -> None:
    shown = {c.key_text.split(" ")[0] for c in [*CURVES, *LosstermApp.BASE_COMMANDS]}
    table = README.partition("## Keys")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) >= 8
    for key in re.findall(r"`([^`]+)`", " ".join(rows)):
        assert key in shown | {"⇧←", "⇧→", "pgup", "pgdn", "→", "^p", "N", "A", "T", "="}, key
