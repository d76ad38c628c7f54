"""Thousands of random keys, mouse events, pastes, garbage and resizes against the running program."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.fuzz import Fault, Monkey, Step, check, play, said, shrunk
from tests.e2e.program import ended_cleanly, explorer, point, ready, saved
from tests.terminal import Terminal

SEED = 20
KEY_COUNT = 5_000
BURST = 25
"""Keys sent at once; what they draw is read before the next burst."""

RESIZES = 0.3
"""The share of bursts before which the terminal gets another size."""

MOST_RESTARTS = 40
"""How often random keys may find a proper way out (the palette, a click on the footer)."""

SECONDS = 25.0
"""How long each quarter of the exhaustive seeds is played."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("first", [0, 1000, 2000, 3000])
def test_bursts_sizes_and_screens(first: int) -> None:
    end = time.monotonic() + SECONDS
    for seed in count(first):
        assert not (found := check(seed)), found
        if time.monotonic() > end:
            break


def test_the_smallest_part_that_fails_is_found() -> None:
    tried: list[Sequence[Step]] = []

    def fails(steps: Sequence[Step]) -> bool:
        tried.append(steps)
        text = b"|".join(step for step in steps if isinstance(step, bytes))
        return b"q" in text and (1, 1) in steps and text.index(b"q") >= 0

    steps: list[Step] = [b"abc", 0.1, b"ab", (1, 1), b"xyqz", (80, 24), b"c", 0.3, b"d" * 40]
    assert shrunk(steps, fails) == [(1, 1), b"q"]
    assert len(tried) < 60


def test_a_program_that_cannot_start_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.program.COMMAND", ("/bin/sh", "-c", "echo Traceback; exit 1"))
    fault = play([b"q"])
    assert isinstance(fault, Fault)
    assert "Traceback" in fault.said


def test_a_program_that_never_ends_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.fuzz.HANG", 0.5)
    stuck = "stty raw -echo; printf '\\033[?1049h'; exec sleep 60"
    monkeypatch.setattr("tests.e2e.program.COMMAND", ("/bin/sh", "-c", stuck))
    fault = play([b"q"])
    assert fault is not None
    assert "did not end" in fault.what


ESCAPE = b"\x1b[27u"
"""The key as terminals send it that tell it from the beginning of another: after it no time has to go by."""

BACKLOG = 15
"""Seconds that a program on a busy machine may be at keys from before."""

ESCAPES = 40
"""How many times the program is asked to leave what is over Curves."""


def leave_all(terminal: Terminal) -> None:
    """Back to the first screen of a program in any state, at a size at which everything shows."""
    terminal.settle(0.5, timeout=60)
    if terminal.modes.get(1049):
        terminal.forget()
    terminal.resize(119, 39)
    terminal.settle(0.3, timeout=60)
    terminal.resize(120, 40)
    for goal in range(1, ESCAPES):
        # once it is where it was sent to, all keys from before have been taken
        terminal.send(ESCAPE)
        terminal.press("1", "g", *str(goal), "enter")
        with contextlib.suppress(AssertionError):
            terminal.wait_for(f" z = {goal}.000 ", timeout=BACKLOG)
            if not is_told(terminal) and "[1 Curves]" in terminal.text():
                return
        if is_told(terminal):
            terminal.press("S")
    raise AssertionError(f"it never came back to Curves\n{said(terminal)}")


def is_told(terminal: Terminal) -> bool:
    """Whether a story is told, its pane folded or not: its view is not what is kept."""
    return any(keys in terminal.text() for keys in ("esc leaves", "S to the story", "enter unfolds"))


@pytest.mark.exhaustive
def test_random_input(tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkey, restarts = Monkey(SEED), 0
    terminal = explorer(home=home, cwd=work)
    try:
        ready(terminal)
        for burst in range(KEY_COUNT // BURST):
            if monkey.chance.random() < RESIZES:
                terminal.resize(*monkey.resize())
            terminal.forget()
            keys = [monkey.key() for _ in range(BURST)]
            terminal.send(b"".join(keys))
            terminal.settle(0.03, timeout=60)
            if terminal.modes.get(1049):
                continue
            # It has left the screen: rightly so if something asked it to quit.
            code = terminal.wait_exit(60)
            assert code == 0, f"exit code {code} in burst {burst}: {keys}\n{said(terminal)}"
            ended_cleanly(terminal)
            terminal.close()
            restarts += 1
            assert restarts <= MOST_RESTARTS
            terminal = explorer(home=home, cwd=work, size=monkey.size)
            terminal.wait_for(lambda shown: shown.modes.get(1049))
            terminal.settle(0.5)
        leave_all(terminal)
        assert terminal.modes.get(1049), said(terminal)
        place = point(terminal)
        terminal.press("q")
        terminal.settle(0.5)
        if not terminal.ended:
            terminal.press("ctrl+q")
        assert terminal.wait_exit(60) == 0, said(terminal)
        ended_cleanly(terminal)
        files = {path: path.read_bytes() for path in saved(terminal)}
        assert files
    finally:
        terminal.close()
    with explorer(home=home, cwd=work) as again:
        again.wait_for(point)
        again.settle(0.5)
        assert point(again) == place
        assert {path: path.read_bytes() for path in saved(again)} == files
        again.press("ctrl+q")
        assert again.wait_exit() == 0, said(again)
        ended_cleanly(again)
