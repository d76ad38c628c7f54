"""Tab in the line of files: as a shell completes, and nothing that was typed is lost."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from lossterm.predictions.completion import MOST_TOLD, completed
from tests.harness import program, screen_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("predictions.csv", "predictions_2.csv", "a file.csv", "it's.csv", ".hidden.csv", "élan.csv"):
        (tmp_path / name).write_text("y,p\n1,.5\n")
    (tmp_path / "runs" / "first one").mkdir(parents=True)
    (tmp_path / "runs" / "first one" / "val.npy").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "line", "ways"),
    [
        ("pre", "predictions", ["predictions.csv", "predictions_2.csv"]),
        ("predictions", "predictions", ["predictions.csv", "predictions_2.csv"]),
        ("predictions.", "predictions.csv ", []),
        ("predictions.csv", "predictions.csv ", []),
        ("runs", "runs/", []),
        ("runs/f", "runs/first\\ one/", []),
        ("runs/first\\ one/", "runs/first\\ one/val.npy ", []),
        ("'runs/first one/v", "runs/first\\ one/val.npy ", []),
        ('"runs/first one/', "runs/first\\ one/val.npy ", []),
        ("a", "a\\ file.csv ", []),
        ("it", "it\\'s.csv ", []),
        ("é", "élan.csv ", []),
        (".h", ".hidden.csv ", []),
        ("~", "~/", []),
        ("~/runs/f", "~/runs/first\\ one/", []),
        ("./ru", "./runs/", []),
        ("--bins=10 ru", "--bins=10 runs/", []),
        ("a\\ file.csv  predictions.", "a\\ file.csv  predictions.csv ", []),
        ("nothing", "nothing", []),
        ("no/such/folder/x", "no/such/folder/x", []),
        ("predictions.csv/x", "predictions.csv/x", []),
        ("~nobody-of-that-name/x", "~nobody-of-that-name/x", []),
        ("a\0b", "a\0b", []),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_path_goes_on(typed: str, line: str, ways: list[str]) -> None:
    assert completed(typed) == (line, ways) or (completed(typed)[0], list(completed(typed)[1])) == (line, ways)


@pytest.mark.usefixtures("folder")
def test_hidden_files_are_told_only_where_they_are_asked_for() -> None:
    assert ".hidden.csv" not in completed("")[1]
    assert completed("")[1] == ["a file.csv", "it's.csv", "predictions.csv", "predictions_2.csv", "runs/", "élan.csv"]


def test_what_is_completed_is_read_as_the_name(folder: Path) -> None:
    for name in ("tab\there.csv", 'q"uote.csv', "back\\slash.csv", "$HOME.csv", "star*.csv"):
        (folder / name).write_text("")
        line, _ = completed(name[0])
        assert shlex.split(line) == [name]
        (folder / name).unlink()


def test_many_names_are_told_as_far_as_there_is_room(folder: Path) -> None:
    for n in range(300):
        (folder / f"x{n:03d}.csv").write_text("")
    line, ways = completed("x")
    assert line == "x"
    assert len(ways) == MOST_TOLD + 1
    assert ways[-1] == "and 240 more"


@pytest.mark.usefixtures("folder")
async def test_tab_completes_in_the_prompt_and_lists_the_ways() -> None:
    app = program(start="data")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("o", "ctrl+u", "p", "tab")
        await pilot.pause()
        lines = screen_text(app)
        assert "predictions" in lines[-1]
        assert "predictions_2.csv" in "".join(lines[-4:-1])
        await pilot.press(".", "tab", "-", "-", "b", "i", "n", "s", "=", "7", "tab")
        await pilot.pause()
        assert "predictions.csv --bins=7" in screen_text(app)[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert "file (tab" not in screen_text(app)[-1]
