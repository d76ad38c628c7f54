"""The program as a process: how it opens, in which terminals, and how it ends."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.program import (
    COMMAND,
    PATIENCE,
    TOO_SMALL,
    ended_cleanly,
    explorer,
    move,
    opened,
    point,
    ready,
    saved,
)
from tests.terminal import ROOT, Terminal, clean_env

# Opening


@pytest.mark.parametrize("answers", [False, True], ids=["silent terminal", "answering terminal"])
def test_opens_moves_and_quits(answers: bool) -> None:
    with explorer("--fresh", answers=answers) as terminal:
        ready(terminal)
        moves = (["right"], ["right"], ["left", "left", "left"], ["pgdn"], ["home"], ["end"])
        places = [point(terminal), *(move(terminal, *keys) for keys in moves)]
        assert len(set(places)) == len(places)
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)
        assert terminal.text().strip() == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
def test_fills_the_terminal(size: tuple[int, int]) -> None:
    with explorer("--fresh", "--loss", "ce,mse,focal", size=size) as terminal:
        ready(terminal)
        lines = terminal.lines()
        assert re.search(r"\bq\b.*quit", lines[-1], re.IGNORECASE), lines[-1]
        assert max(map(len, lines)) > size[0] * 0.9
        assert "Label" in terminal.text()
        assert "focal" in terminal.text()


def test_too_small_a_terminal_is_told() -> None:
    with explorer("--fresh", size=(30, 8)) as terminal:
        terminal.wait_for(TOO_SMALL)
        terminal.press("right", "t", "space")
        terminal.resize(120, 40)
        terminal.wait_for(opened)
        terminal.resize(30, 8)
        terminal.wait_for(TOO_SMALL)
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


def test_one_cell_is_survived() -> None:
    with explorer("--fresh", size=(1, 1)) as terminal:
        terminal.wait_for(lambda shown: shown.modes.get(1049))
        terminal.settle(0.5)
        terminal.press("right", "t", "space", "tab", "up")
        terminal.settle(0.3)
        terminal.resize(120, 40)
        terminal.wait_for(opened)
        terminal.resize(1, 1)
        terminal.settle(0.3)
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


def test_no_color_is_honoured() -> None:
    with explorer("--fresh", env={"NO_COLOR": "1"}) as terminal:
        ready(terminal)
        move(terminal, "right")
        colours = {colour for cell in terminal.cells() for colour in (cell.fg, cell.bg)} - {"default"}
        assert {colour for colour in colours if not colour[:2] == colour[2:4] == colour[4:]} == set()


@pytest.mark.parametrize("term", ["xterm", "vt100", "linux", "dumb"])
@pytest.mark.exhaustive
def test_opens_in_a_poor_terminal(term: str) -> None:
    with explorer("--fresh", env={"TERM": term, "COLORTERM": None}) as terminal:
        ready(terminal)
        move(terminal, "right")
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


def test_an_idle_program_rests() -> None:
    with explorer("--fresh") as terminal:
        ready(terminal)
        terminal.settle(1)
        before, start = terminal.cpu(), time.perf_counter()
        terminal.settle(2)
        assert terminal.cpu() - before < 0.1 * (time.perf_counter() - start)


# Ending


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
@pytest.mark.exhaustive
def test_quits_and_remembers(key: str, tmp_path: Path) -> None:
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        place = move(terminal, "right", "right", "right")
        terminal.press(key)
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)
        assert saved(terminal)
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        assert point(terminal) == place


def test_fresh_neither_reads_nor_writes(tmp_path: Path) -> None:
    with explorer("--fresh", home=tmp_path) as terminal:
        first = point(ready(terminal))
        move(terminal, "right")
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        assert saved(terminal) == []
    with explorer("--fresh", home=tmp_path) as terminal:
        assert point(ready(terminal)) == first


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.exhaustive
def test_a_signal_ends_it_and_it_remembers(number: signal.Signals, tmp_path: Path) -> None:
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        place = move(terminal, "right", "right")
        terminal.send_signal(number)
        terminal.wait_exit(PATIENCE)
        ended_cleanly(terminal)
        assert saved(terminal)
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        assert point(terminal) == place


@pytest.mark.parametrize("name", ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU"])
@pytest.mark.sampled(3)
@pytest.mark.exhaustive
def test_other_signals_leave_the_terminal_clean(name: str) -> None:
    with explorer() as terminal:
        ready(terminal)
        terminal.send_signal(signal.Signals[name])
        assert terminal.wait_exit(PATIENCE) == 128 + signal.Signals[name]
        ended_cleanly(terminal)
        assert saved(terminal)


ENDINGS = ["q:", "\x11:", "q\x10", "q?", "\x03:", "q2", "qg", "T\x03", "T\x031\r", ":\x03\x03:", "?q?qq:"]


@pytest.mark.parametrize("keys", ENDINGS)
@pytest.mark.sampled(4)
@pytest.mark.exhaustive
def test_keys_after_the_one_that_quits_do_not_count(keys: str) -> None:
    with explorer() as terminal:
        ready(terminal)
        terminal.send(keys)
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize(
    "queued", [b"\x1b[C" * 10_000, b"jk" * 5_000, b"g" + b"1" * 10_000, b":" + b"x" * 10_000], ids=range(4)
)
@pytest.mark.sampled(4)
@pytest.mark.exhaustive
def test_a_signal_comes_before_the_keys_that_wait(number: signal.Signals, queued: bytes) -> None:
    with explorer() as terminal:
        ready(terminal)
        terminal.send(queued)
        terminal.send_signal(number)
        assert terminal.wait_exit(PATIENCE) == (0 if number == signal.SIGINT else 128 + number)
        ended_cleanly(terminal)
        assert saved(terminal)


@pytest.mark.parametrize(
    "queued", [b"d" * 4_000, b"g" + b"1" * 10_000, b"g\x1b[200~" + b"1" * 100_000 + b"\x1b[201~"], ids=range(3)
)
@pytest.mark.exhaustive
def test_ctrl_c_comes_before_the_keys_that_wait(queued: bytes) -> None:
    with explorer() as terminal:
        ready(terminal)
        terminal.send(queued + b"\x03\x03")
        assert terminal.wait_exit(4 * PATIENCE) == 0
        ended_cleanly(terminal)


@pytest.mark.exhaustive
def test_a_paste_that_never_ends_does_not_take_the_keys() -> None:
    with explorer() as terminal:
        ready(terminal)
        terminal.send(b"\x1b[200~some text")
        terminal.settle(2.5)
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


@pytest.mark.exhaustive
def test_a_stop_that_nobody_announced_is_survived(tmp_path: Path) -> None:
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        for _ in range(3):
            terminal.send_signal(signal.SIGSTOP)
            terminal.wait_stopped()
            terminal.forget()
            terminal.send_signal(signal.SIGCONT)
            terminal.wait_for(opened)  # it draws everything anew: the terminal may have been anyone's
            move(terminal, "right")
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


@pytest.mark.exhaustive
def test_ctrl_z_and_going_on(tmp_path: Path) -> None:
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        terminal.send_signal(signal.SIGTSTP)
        terminal.wait_stopped()
        assert terminal.left_on() == []
        terminal.forget()
        terminal.send_signal(signal.SIGCONT)
        terminal.wait_for(opened)
        move(terminal, "right")
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


NO_KEYS = (
    "\x1b[97;1:3u", "\x1b[1114112;1u", "\x1b[97:65;2:1;99u", "\x1b[55296u", "\x1b[;;1114112u", "\x1b[1;1:3A",
    "\x1b[48;0;0;0;0t", "\x1b[48;99999;99999;0;0t", "\x1b[99999999999999999999;1R", "\x1b[<0;99999999999;1M",
)  # fmt: skip
"""What terminals send for a key that is let go, and what none sends."""


@pytest.mark.exhaustive
def test_what_is_no_key_is_left_out() -> None:
    with explorer("--fresh") as terminal:
        ready(terminal)
        for sequence in NO_KEYS:
            terminal.send(sequence)
            terminal.settle(0.05)
        move(terminal, "right")
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)


@pytest.mark.parametrize("milliseconds", [100, 200, 400, 800])
def test_ctrl_c_at_the_start_is_no_traceback(milliseconds: int) -> None:
    with explorer() as terminal:
        terminal.settle(milliseconds / 1000, timeout=milliseconds / 1000)
        terminal.send_signal(signal.SIGINT)
        terminal.wait_exit(2 * PATIENCE)
        assert b"/lossterm/" not in terminal.raw  # before the program is there, Python itself may say something
        assert terminal.left_on() == []


@pytest.mark.exhaustive
def test_a_view_that_cannot_be_drawn_does_not_stop_the_start(tmp_path: Path) -> None:
    # the program itself, with a drawing that fails wherever the view is not the one of a first start
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        terminal.press("t")
        terminal.wait_for("y = 0 ·")
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        (state,) = saved(terminal)
        content = state.read_bytes()
    with explorer(home=tmp_path, env={"PYTHONPATH": path}) as terminal:
        terminal.wait_for("set aside")
        terminal.wait_for(opened)
        terminal.press("q")
        assert terminal.wait_exit(PATIENCE) == 0
        ended_cleanly(terminal)
        assert content in [each.read_bytes() for each in saved(terminal)]


BROKEN = """
import lossterm.curves.figure as figure
drawn = figure._drawn
def broken(view, *rest):
    if view.label != 1:
        raise ValueError("no interval")
    return drawn(view, *rest)
figure._drawn = figure._remembered = broken
"""


@pytest.mark.exhaustive
def test_a_closed_terminal_ends_it_and_it_remembers(tmp_path: Path) -> None:
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        place = move(terminal, "right", "right")
        terminal.close_master()
        terminal.wait_exit(PATIENCE)
        assert terminal.session() == []
        assert saved(terminal)
    with explorer(home=tmp_path) as terminal:
        ready(terminal)
        assert point(terminal) == place


def test_a_terminal_that_goes_without_a_signal_ends_it(tmp_path: Path) -> None:
    with explorer(home=tmp_path, controlling=False) as terminal:
        ready(terminal)
        terminal.close_master()
        terminal.wait_exit(PATIENCE)
        assert terminal.session() == []
        assert saved(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_during_the_start_leaves_the_terminal_clean(number: signal.Signals) -> None:
    with explorer() as terminal:
        terminal.wait_for(lambda shown: shown.modes.get(1049))
        terminal.send_signal(number)
        terminal.wait_exit(PATIENCE)
        ended_cleanly(terminal)


def test_a_closed_terminal_during_the_start_ends_it() -> None:
    with explorer() as terminal:
        terminal.wait_for(lambda shown: shown.modes.get(1049))
        terminal.close_master()
        terminal.wait_exit(PATIENCE)
        assert terminal.session() == []


# Pipes


def test_without_a_terminal_it_names_what_works_in_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        COMMAND,
        env=clean_env(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "table" in done.stderr
    assert "plot" in done.stderr


def test_into_a_file_from_a_terminal_it_does_the_same(tmp_path: Path) -> None:
    shell = ("/bin/sh", "-c", '"$@" >out; echo "code $?"', "sh", *COMMAND)
    with Terminal(shell, home=tmp_path, cwd=tmp_path, size=(200, 10)) as terminal:
        assert terminal.wait_exit() == 0
        assert "code 2" in terminal.text()
        assert "table" in terminal.text()
        assert "plot" in terminal.text()
        assert (tmp_path / "out").read_text() == ""
        assert not terminal.modes.get(1049)


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_a_reader_that_closes_the_pipe_ends_it_quietly(form: str, tmp_path: Path) -> None:
    command = (*COMMAND, "table", "--at=-8:8:100000", "--format", form)
    with subprocess.Popen(command, env=clean_env(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert os.read(process.stdout.fileno(), 100)
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(PATIENCE)
    assert errors == b""


def test_head_of_a_table(tmp_path: Path) -> None:
    shell = ("/bin/sh", "-c", '"$@" table | head -1', "sh", *COMMAND)
    done = subprocess.run(shell, env=clean_env(tmp_path), capture_output=True, text=True, timeout=300, check=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "errors"),
    [
        ("<&-", "", 2, "needs a terminal"),
        ("<&-", "list", 0, ""),
        (">&-", "list", 2, "standard output is closed"),
        ("2>&-", "list", 0, ""),
        ("2>&-", "table --loss nothing", 2, ""),
    ],
)
def test_closed_standard_streams(closed: str, arguments: str, code: int, errors: str, tmp_path: Path) -> None:
    shell = ("/bin/sh", "-c", f'"$@" {arguments} {closed}', "sh", *COMMAND)
    done = subprocess.run(shell, env=clean_env(tmp_path), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == bool(errors)
    assert errors in done.stderr
