"""The harness itself, on programs that are not lossterm."""

import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import Emulator, Terminal

FLOOR = (sys.executable, str(Path(__file__).parents[1] / "bench" / "floor.py"))


def script(source: str) -> tuple[str, ...]:
    return (sys.executable, "-c", source)


@pytest.fixture
def floor() -> Iterator[Terminal]:
    with Terminal(FLOOR, size=(40, 6)) as terminal:
        terminal.wait_for("floor 0")
        yield terminal


def test_keys_reach_the_program_and_its_screen_is_read(floor: Terminal) -> None:
    floor.press("right", "shift+left", "x")
    floor.wait_for("floor 3 x")
    assert floor.lines()[0] == "floor 3 x"


def test_a_program_that_ends_well_leaves_nothing(floor: Terminal) -> None:
    assert {"alternate screen ?1049", "mouse ?1003", "cursor hidden", "kitty keyboard", "ECHO"} <= set(floor.left_on())
    floor.press("q")
    assert floor.wait_exit() == 0
    assert floor.left_on() == []
    assert floor.session() == []
    assert floor.text().strip() == ""


def test_a_program_that_is_killed_leaves_its_modes(floor: Terminal) -> None:
    floor.send_signal(signal.SIGKILL)
    assert floor.wait_exit() == -signal.SIGKILL
    assert "alternate screen ?1049" in floor.left_on()


def test_resize_reaches_the_program() -> None:
    source = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
print("up", flush=True)
while signal.sigwait([signal.SIGWINCH]):
    print(os.get_terminal_size(), flush=True)
"""
    with Terminal(script(source), size=(80, 24)) as terminal:
        terminal.wait_for("up")
        terminal.resize(100, 30)
        terminal.wait_for("columns=100, lines=30")


def test_hang_up_ends_a_program_that_does_not_handle_it() -> None:
    with Terminal(script("print('up', flush=True); import time; time.sleep(60)")) as terminal:
        terminal.wait_for("up")
        terminal.close_master()
        assert terminal.wait_exit() == -signal.SIGHUP


def test_the_end_of_the_context_kills_the_program() -> None:
    stubborn = "import signal as s; s.signal(s.SIGHUP, s.SIG_IGN); print('up', flush=True); s.pause()"
    with Terminal(script(stubborn)) as terminal:
        terminal.wait_for("up")
        home = terminal.home
        assert terminal.session() == [terminal.pid]
    assert terminal.exit_code == -signal.SIGKILL
    assert terminal.session() == []
    assert not home.exists()


def test_without_a_controlling_terminal_a_hang_up_is_an_end_of_file() -> None:
    reading = """
import sys
print("up", flush=True)
try:
    sys.exit(4 if sys.stdin.read() else 3)
except OSError:
    sys.exit(3)
"""
    with Terminal(script(reading), controlling=False) as terminal:
        terminal.wait_for("up")
        terminal.close_master()
        assert terminal.wait_exit() == 3


def test_waiting_for_a_program_that_ended_says_so_and_shows_the_screen() -> None:
    with Terminal(script("print('bye')")) as terminal, pytest.raises(AssertionError, match=r"(?s)ended.*bye"):
        terminal.wait_for("hello")


def test_more_input_and_output_than_the_pty_holds_does_not_deadlock() -> None:
    echo = """
import sys, tty
tty.setraw(0)
print("up", flush=True)
while (key := sys.stdin.read(1)) != "q":
    print(key * 40, end="")
"""
    with Terminal(script(echo)) as terminal:
        terminal.wait_for("up")
        terminal.send("x" * 50_000 + "q")
        assert terminal.wait_exit() == 0
        assert terminal.raw.count(b"x") == 2_000_000


def test_environment_is_that_of_a_fresh_account(tmp_path: Path) -> None:
    names = ("TERM", "HOME", "NO_COLOR", "COLORTERM")
    source = f"import os; print({{k: v for k, v in os.environ.items() if k in {names}}}, os.getcwd())"
    with Terminal(script(source), env={"NO_COLOR": "1", "COLORTERM": None}, home=tmp_path, cwd=tmp_path) as terminal:
        assert terminal.wait_exit() == 0
        shown = "".join(terminal.lines())
    expected = {"NO_COLOR": "1", "TERM": "xterm-256color", "HOME": str(tmp_path)}
    assert all(f"'{name}': '{value}'" in shown for name, value in expected.items())
    assert "COLORTERM" not in shown
    assert shown.endswith(str(tmp_path))


def test_questions_are_answered_only_on_request() -> None:
    for answers, frames in ((False, False), (True, True)):
        with Terminal(FLOOR, answers=answers) as terminal:
            terminal.wait_for("floor 0")
            terminal.settle()
            terminal.press("x")
            terminal.wait_for("floor 1")
            terminal.settle()
            assert (b"\x1b[?2026l" in terminal.raw) is frames


def test_emulator_ignores_what_pyte_would_draw_or_trip_over() -> None:
    emulator = Emulator(20, 2)
    emulator.feed(b"\x1b[>1u\x1b[?2026$p\x1b[=5u\x1b[<u\x1bP+q544e\x1b\\\x1b]11;?\x07\x1b[?2026h\x1b_G\x1b\\")
    emulator.feed(b"a\x1b[4:3mb\x1b[?25l\x1b[9Jc")
    assert emulator.lines() == ["abc", ""]


def test_emulator_joins_what_was_cut_in_two() -> None:
    data = "a\x1b[38;2;1;2;3m漢\x1b[0m\x1b]0;title\x1b\\é\x1b[2;3H⠁".encode()
    for cut in range(len(data) + 1):
        emulator = Emulator(8, 2)
        emulator.feed(data[:cut])
        emulator.feed(data[cut:])
        assert emulator.lines() == ["a漢é", "  ⠁"]
        assert emulator.screen.buffer[0][1].fg == "010203"


def test_emulator_keeps_the_alternate_screen_apart() -> None:
    emulator = Emulator(10, 1)
    emulator.feed(b"shell\x1b[?1049h\x1b[Happ")
    assert emulator.lines() == ["app"]
    emulator.feed(b"\x1b[?1049l!")
    assert emulator.lines() == ["shell!"]


def test_emulator_survives_anything() -> None:
    chance = random.Random(20)
    pieces = ["\x1b[", "\x1b]", "\x1bP", "\x1b\\", "1049", "9999999", "38;2;1", "48;5;300", "6", "3", "5"]
    pieces += "\x1b?><=;:$\x07\x18\x0e\n\té漢⠁\u0301\x9bhlmuHJKrABGdgcnp@PLMXqy78#"
    for _ in range(40):
        emulator = Emulator(chance.randint(1, 60), chance.randint(1, 30))
        for _ in range(40):
            emulator.feed("".join(chance.choices(pieces, k=20)).encode() + chance.randbytes(5))
            if chance.random() < 0.2:
                emulator.resize(chance.randint(1, 300), chance.randint(1, 100))
        emulator.lines()
