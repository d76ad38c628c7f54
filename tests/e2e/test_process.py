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
from tests.terminal import Terminal, clean_env

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
        timeout=30,
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
    done = subprocess.run(shell, env=clean_env(tmp_path), capture_output=True, text=True, timeout=30, check=True)
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
    done = subprocess.run(shell, env=clean_env(tmp_path), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == bool(errors)
    assert errors in done.stderr
