"""``lossterm data`` in a terminal: it opens on its screen, says in a line what is wrong, and loses no key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.program import ended_cleanly, explorer, saved
from tests.terminal import Terminal


def shows_figures(terminal: Terminal) -> bool:
    text = terminal.text()
    return "[4 Data]" in text and "log loss" in text and "Worst examples by" in text


def test_the_demo_opens_and_keys_work() -> None:
    with explorer("data", "--demo") as terminal:
        terminal.wait_for(shows_figures)
        assert "n = 1,597" in terminal.text()
        terminal.press("d")
        terminal.wait_for("2 of 9")
        terminal.press("1")
        terminal.wait_for("Activation")
        terminal.press("4")
        terminal.wait_for("2 of 9")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        ended_cleanly(terminal)
        assert [path.name for path in saved(terminal)] != []


@pytest.mark.exhaustive
def test_the_file_opens_again_in_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("label,probability\n" + "1,0.8\n0,0.3\n0,0.6\n" * 5)
    with explorer("data", "mine.csv", home=tmp_path, cwd=tmp_path) as terminal:
        terminal.wait_for(shows_figures)
        terminal.press("q")
        assert terminal.wait_exit() == 0
    with explorer(home=tmp_path, cwd=tmp_path) as terminal:
        terminal.wait_for("Activation")
        terminal.press("4")
        terminal.wait_for(shows_figures)
        assert "n = 15" in terminal.text()
        terminal.press("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nope.csv",), ("nope.csv", "no such file")),
        (("--demo", "--bins", "0"), ("bins",)),
        (("-",), ("standard input",)),
        (("fifo",), ("fifo is a pipe", "--format text")),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with explorer("data", *arguments, cwd=tmp_path) as terminal:
        assert terminal.wait_exit() == 2
        lines = [line for line in terminal.lines() if line]
        assert lines[0].startswith("lossterm: ")
        assert all(word in " ".join(lines) for word in words)
        assert len(lines) <= 2  # one line, which the terminal may break
        assert 1049 not in terminal.modes
        ended_cleanly(terminal)


@pytest.mark.exhaustive
def test_keys_that_are_typed_before_the_file_is_read_are_not_lost() -> None:
    with explorer("data", "--demo") as terminal:
        terminal.wait_for("[4 Data]")
        terminal.press(">", ">", "d", "d", "+", "m", "m", "m", "tab", "down", "down", "space")
        terminal.wait_for(lambda shown: shows_figures(shown) and "c focal" in shown.text())
        text = terminal.text()
        assert "3 of 9" in text
        assert "20 bins" in text
        assert "T = 1.25" in text
        terminal.press("q")
        assert terminal.wait_exit() == 0
        ended_cleanly(terminal)


@pytest.mark.parametrize("name", ["pipe", "/dev/zero", "-"])
@pytest.mark.parametrize("end", ["q", "\x11", "\x03"], ids=["q", "ctrl+q", "ctrl+c"])
@pytest.mark.sampled(4)
@pytest.mark.exhaustive
def test_what_never_answers_does_not_keep_the_program(tmp_path: Path, name: str, end: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with explorer(home=tmp_path, cwd=tmp_path) as terminal:
        terminal.wait_for("Activation")
        terminal.press("4", "o")
        terminal.wait_for("file (tab completes)")
        terminal.press(name, "enter")
        terminal.settle(0.3)
        terminal.press("esc")  # what is wrong with it may have been told, and the prompt still be there
        terminal.settle(0.3)
        terminal.send(end)
        assert terminal.wait_exit(10) == 0
        ended_cleanly(terminal)
        assert saved(terminal)
