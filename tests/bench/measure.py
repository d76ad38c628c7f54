"""How it is measured: everything that looks at a clock."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from tests.bench.scenarios import Milestone
from tests.terminal import Emulator, Terminal

PATIENCE = 20.0
"""Seconds after which a program that shows nothing could not be run."""


@dataclass
class Presses:
    """What a series of key presses cost."""

    seconds: list[float] = field(default_factory=list)
    """Press → last byte of the frame, of the presses that drew one."""
    sizes: list[int] = field(default_factory=list)
    """Bytes of those frames."""
    silent: int = 0
    """Presses that drew nothing."""
    late: int = 0
    """Frames of which bytes came after the quiet: measured too short. Many mean that `quiet` must grow."""


def press(terminal: Terminal, key: str, quiet: float, into: Presses) -> None:
    """Press one key and wait for its frame: until the program was quiet for a while."""
    if terminal.pump():
        into.late += 1
        terminal.settle(quiet)
    terminal.forget()
    start = time.perf_counter()
    terminal.press(key)
    if not terminal.chunks and not terminal.pump(0.5):
        into.silent += 1
        return
    terminal.settle(quiet)
    into.seconds.append(terminal.chunks[-1][0] - start)
    into.sizes.append(len(terminal.raw))


def interleaved_presses(
    terminals: Sequence[Terminal], keys: Sequence[str], count: int, quiet: float
) -> tuple[Presses, ...]:
    """Press the same keys in all terminals, one press in each by turns."""
    warm_up = [Presses() for _ in terminals]
    results = [Presses() for _ in terminals]
    rounds = cycle(keys)
    for into, number in ((warm_up, len(keys) if len(keys) > 1 else 10), (results, count)):
        for key in islice(rounds, number):
            for terminal, presses in zip(terminals, into, strict=True):
                press(terminal, key, quiet, presses)
    return tuple(results)


@dataclass(frozen=True)
class Held:
    """What a held key left behind."""

    backlog: float
    """Seconds from the last press to the last byte."""
    frames: float | None
    """Frames a second; None where the program does not mark its frames."""


def hold(terminal: Terminal, keys: Sequence[str], rate: float, seconds: float) -> Held:
    """Press keys at a steady rate, reading all the while; frames are counted by the marks of synchronised output."""
    terminal.settle(0.2)
    terminal.forget()
    start = time.perf_counter()
    for number, key in enumerate(islice(cycle(keys), int(rate * seconds))):
        due = start + number / rate
        while (left := due - time.perf_counter()) > 0:
            terminal.pump(left)
        pressed = time.perf_counter()
        terminal.press(key)
    last = terminal.settle(0.3)
    frames = terminal.raw.count(b"\x1b[?2026l")
    return Held(max(0.0, (last or pressed) - pressed), frames / seconds if frames else None)


def first_frames(terminal: Terminal, milestones: Sequence[Milestone]) -> dict[str, float | None]:
    """Seconds from the start of the program to each milestone (None: never seen).

    All output is taken down with its time and replayed afterwards, so that parsing delays nothing.

    Raises:
        AssertionError: When the last milestone is not reached.
    """
    deadline = terminal.started + PATIENCE
    while terminal.settle(0.6, timeout=PATIENCE) or time.perf_counter() < deadline:
        if all(map(terminal.shows, milestones[-1].patterns)):
            break
    else:
        raise AssertionError(f"{milestones[-1].name}: not on screen after {PATIENCE} s\n{terminal.text()}")
    emulator = Emulator(*terminal.size)
    times: dict[str, float | None] = {milestone.name: None for milestone in milestones}
    for read, data in terminal.chunks:
        emulator.feed(data)
        text = "\n".join(emulator.lines())
        for milestone in milestones:
            if times[milestone.name] is None and all(pattern.search(text) for pattern in milestone.patterns):
                times[milestone.name] = read - terminal.started
        if None not in times.values():
            break
    return times


def memory(terminal: Terminal, keys: Sequence[str], marks: Sequence[int]) -> Iterator[int]:
    """Resident bytes after so many presses, fed in bursts; the next when the last is worked off, lest a queue count."""
    presses, done = cycle(keys), 0
    for mark in marks:
        while done < mark:
            burst = list(islice(presses, min(100, mark - done)))
            terminal.press(*burst)
            terminal.settle(0.1, timeout=PATIENCE)
            terminal.forget()
            done += len(burst)
        terminal.settle(0.3, timeout=PATIENCE)
        yield terminal.rss()


def wall(command: Sequence[str], env: Mapping[str, str]) -> float:
    """Seconds that a command takes, its output read and dropped.

    Raises:
        AssertionError: When it fails.
    """
    start = time.perf_counter()
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.decode()}"
    return seconds


def imported(command: Sequence[str], env: Mapping[str, str]) -> set[str]:
    """The top-level packages that a command imports."""
    env = {**env, "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return set(re.findall(r"^import time:.*\| +(\w+)", done.stderr, re.MULTILINE))


def stream(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float, int]:
    """Seconds to the first byte and to the end of a command's output, and its lines.

    Raises:
        AssertionError: When it fails.
    """
    start, first, lines = time.perf_counter(), None, 0
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while data := os.read(process.stdout.fileno(), 1 << 16):
            first = first or time.perf_counter() - start
            lines += data.count(b"\n")
    assert process.returncode == 0, f"{' '.join(command)}: exit code {process.returncode}"
    return first or 0.0, time.perf_counter() - start, lines
