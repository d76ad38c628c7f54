"""A program in a real pseudo-terminal; its screen as text. For the end-to-end tests and the benchmark (Linux only).

    with Terminal([sys.executable, "-m", "lossterm"], size=(120, 40)) as terminal:
        terminal.wait_for("Activation")
        terminal.press("right", "shift+right", "t")
        terminal.settle()
        print(terminal.text())

To look at a screen: `python -m tests.terminal --size 80x24 --keys 'right t size:120x40' -- python -m lossterm --fresh`.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte
from pyte.screens import Char

ROOT = Path(__file__).resolve().parents[1]
"""The checkout under test: first on the path of every program run here."""

_ARROWS = {"up": "A", "down": "B", "right": "C", "left": "D"}

KEYS = {
    **{name: f"\x1b[{final}" for name, final in _ARROWS.items()},
    **{f"shift+{name}": f"\x1b[1;2{final}" for name, final in _ARROWS.items()},
    **{f"ctrl+{letter}": chr(ord(letter) & 31) for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{"home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdn": "\x1b[6~", "delete": "\x1b[3~", "f1": "\x1bOP"},
    **{"tab": "\t", "shift+tab": "\x1b[Z", "enter": "\r", "esc": "\x1b", "space": " ", "backspace": "\x7f"},
}
"""What a terminal sends for a named key; any other key is sent as it is written."""

LEFT_ON = {1000: "mouse", 1002: "mouse", 1003: "mouse", 1006: "mouse", 1015: "mouse", 1049: "alternate screen"}
"""Private modes that a program must have switched off when it ends (with 1004 and 2004, see `Terminal.left_on`)."""

ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?u": b"\x1b[?0u",
    b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
}
"""What a modern terminal answers to the questions of a program (only with `answers=True`)."""

_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])|\x1b\[([<>])\d*u")
_SEQUENCE = re.compile(
    r"\x1b\[(?P<prefix>[<-?]*)(?P<params>[0-9;:]*)(?P<middle>[ -/]*)(?P<final>[@-~])"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]+[0-~]"
    r"|\x1b(?P<simple>[0-OQ-WYZ\\`-~])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)")
_UNDRAWABLE = re.compile("[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
_WRONG_IN_PYTE = (3, 6, 1049)
"""Private modes kept from pyte: 132 columns, origin mode (an assertion fails), the alternate screen (it knows none)."""

_LONGEST = 10_000
"""Characters after which an unfinished escape sequence counts as garbage."""


def clean_env(home: Path, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a fresh account at a capable terminal, with `changes` (None takes a variable away)."""
    env: dict[str, str | None] = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
        **(changes or {}),
    }
    return {name: value for name, value in env.items() if value is not None}


class Emulator:
    """Bytes in, a screen out: pyte behind a filter for what it does not know, with the alternate screen kept apart."""

    def __init__(self, columns: int, lines: int) -> None:
        self._screens = (pyte.Screen(columns, lines), pyte.Screen(columns, lines))
        self._streams = tuple(pyte.Stream(screen) for screen in self._screens)
        self._alternate = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""

    @property
    def screen(self) -> pyte.Screen:
        """The screen that is shown: the alternate one between ?1049h and ?1049l."""
        return self._screens[self._alternate]

    def resize(self, columns: int, lines: int) -> None:
        for screen in self._screens:
            screen.resize(lines, columns)

    def feed(self, data: bytes) -> None:
        """Draw what the program wrote; an escape sequence cut in two waits for its end."""
        text = self._pending + self._decoder.decode(data)
        self._pending = ""
        at = 0
        while (start := text.find("\x1b", at)) >= 0:
            self._draw(text[at:start])
            if match := _SEQUENCE.match(text, start):
                self._obey(match)
                at = match.end()
            elif len(text) - start < _LONGEST and _UNFINISHED.fullmatch(text, start):
                self._pending = text[start:]
                return
            else:
                at = start + 1
        self._draw(text[at:])

    def lines(self) -> list[str]:
        """The lines of the screen, trailing blanks cut."""
        screen, columns = self.screen, range(self.screen.columns)
        return ["".join(screen.buffer[y][x].data for x in columns).rstrip() for y in range(screen.lines)]

    def _draw(self, text: str) -> None:
        if text := _UNDRAWABLE.sub("", text):
            self._streams[self._alternate].feed(text)

    def _obey(self, match: re.Match[str]) -> None:
        """Hand one escape sequence to pyte, if it is one that pyte handles rightly."""
        final, simple = match["final"], match["simple"]
        if simple and simple in "78DEHMc":
            self._control(simple)
        if not final or match["middle"] or match["prefix"] not in ("", "?"):
            return
        params = [min(int(part.split(":")[0] or 0), 9999) for part in match["params"].split(";")]
        if match["prefix"] and final in "hl":
            if 1049 in params:
                self._alternate = final == "h"
                if self._alternate:
                    self.screen.reset()
            params = [param for param in params if param not in _WRONG_IN_PYTE]
            if params:
                self._control(f"[?{';'.join(map(str, params))}{final}")
        elif final == "m" and not match["prefix"]:
            self._control(f"[{match['params'].replace(':', ';')}m")
        elif final in pyte.Stream.csi and final not in "cnhlm":
            self._control(f"[{';'.join(map(str, params[: 2 if final in 'Hfr' else 1]))}{final}")

    def _control(self, sequence: str) -> None:
        # Values that a terminal ignores (erase mode 5) make pyte raise; it is ready for the next sequence afterwards.
        with contextlib.suppress(Exception):
            self._streams[self._alternate].feed(f"\x1b{sequence}")


class Terminal:
    """A command on a pseudo-terminal of its own; killed when the context ends.

    Output is read only by the methods that wait (`pump`, `settle`, `wait_for`, `wait_exit`) and while keys are sent. It
    is parsed only when the screen is looked at, so that reading costs next to nothing.

    Args:
        command: The program and its arguments.
        size: Columns and lines.
        env: Changes to `clean_env` (None takes a variable away).
        cwd: Where the program runs.
        home: Its HOME, with `state` in it as XDG_STATE_HOME; by default a private one that is removed at the end.
        answers: Answer a few terminal queries, as a modern terminal does; without it none is answered.
        controlling: Be the controlling terminal. Otherwise no signal tells of a resize or a hang-up.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        home: Path | None = None,
        answers: bool = False,
        controlling: bool = True,
    ) -> None:
        self._private_home = tempfile.TemporaryDirectory(prefix="terminal-") if home is None else None
        self.home = Path(self._private_home.name) if self._private_home else Path(home or ".")
        self.size = size
        self.modes: dict[int, bool] = {25: True}
        """Private modes switched on (True) and off (False) so far; 25 is the cursor."""
        self.kitty_keyboard = 0
        """How often the kitty keyboard protocol was pushed and not popped."""
        self.raw = bytearray()
        """Everything the program wrote (since `forget`)."""
        self.chunks: list[tuple[float, bytes]] = []
        """The same in pieces, each with the `time.perf_counter` at which it was read."""
        self.exit_code: int | None = None
        """How the program ended: its code, or minus the number of the signal; None while it runs."""
        self._emulator = Emulator(*size)
        self._parsed = 0
        self._tail = b""
        self._answers = answers
        self._hung_up = False
        if cwd is not None:
            command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(cwd), *command]
        self._master, slave = os.openpty()
        self.resize(*size)
        os.set_blocking(self._master, False)
        name = os.ttyname(slave)
        self.started = time.perf_counter()
        # A session leader that opens a terminal gets it as its controlling one: no code runs between fork and exec.
        self.pid = os.posix_spawnp(
            command[0],
            list(command),
            clean_env(self.home, env),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR | (0 if controlling else os.O_NOCTTY), 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE],
        )
        os.close(slave)
        self._pidfd = os.pidfd_open(self.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the program, if it runs, and what it started in its process group; remove its private home."""
        if self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            if self.exit_code is None:
                self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._pidfd)
            self._pidfd = -1
        self.close_master()
        if self._private_home is not None:
            self._private_home.cleanup()

    # Input

    def send(self, data: str | bytes, timeout: float = 120) -> None:
        """Write to the program, reading meanwhile what it writes, so that neither waits for the other for ever."""
        rest = data.encode() if isinstance(data, str) else data
        deadline = time.perf_counter() + timeout
        ends = [self._master]
        while rest and self._master >= 0 and not self._hung_up:
            readable, writable, _ = select.select(ends, ends, [], max(0, deadline - time.perf_counter()))
            if readable:
                self._read()
            if writable:
                with contextlib.suppress(OSError):
                    rest = rest[os.write(self._master, rest) :]
            if not readable and not writable:
                raise TimeoutError(f"the program took no input for {timeout} s\n{self.text()}")

    def press(self, *keys: str) -> None:
        """Send keys: names of `KEYS`, or text as it is."""
        self.send("".join(KEYS.get(key, key) for key in keys))

    def mouse(self, column: int, line: int, button: int = 0, *, release: bool = False) -> None:
        """Send a mouse event at a cell (0-based): button 0–2, +32 for a drag, 64 and 65 for the wheel."""
        self.send(f"\x1b[<{button};{column + 1};{line + 1}{'m' if release else 'M'}")

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the kernel sends SIGWINCH."""
        self.size = (columns, lines)
        self._parse()
        self._emulator.resize(columns, lines)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        signal.pidfd_send_signal(self._pidfd, number)

    def close_master(self) -> None:
        """Hang up, as a terminal window does when it is closed."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    # Output

    def pump(self, timeout: float = 0) -> bool:
        """Wait at most `timeout` seconds for output and read what is there; tell whether there was any."""
        if self._master < 0:
            return False
        return bool(select.select([self._master], [], [], max(0, timeout))[0]) and self._read()

    def _read(self) -> bool:
        try:
            data = os.read(self._master, 1 << 16)
        except BlockingIOError:
            return False
        except OSError:  # EIO: the last program that had the terminal open is gone
            data = b""
        if not data:
            self._hung_up = True
            return False
        self.chunks.append((time.perf_counter(), data))
        self.raw += data
        self._note(data)
        return True

    def _note(self, data: bytes) -> None:
        """Keep the modes up to date, and answer questions."""
        window = self._tail + data
        for match in _MODE.finditer(window):
            if match.end() <= len(self._tail):
                continue
            if match[3]:
                self.kitty_keyboard += 1 if match[3] == b">" else -1
            else:
                self.modes.update({int(mode): match[2] == b"h" for mode in match[1].split(b";") if mode})
        if self._answers:
            for question, answer in ANSWERS.items():
                if window.find(question, max(0, len(self._tail) - len(question) + 1)) >= 0:
                    os.write(self._master, answer)
        self._tail = window[-24:]

    def settle(self, quiet: float = 0.1, timeout: float = 10) -> float | None:
        """Read until nothing came for `quiet` seconds, or `timeout` is over; the time of the last byte, if any."""
        last, now = None, time.perf_counter()
        deadline = now + timeout
        while self.pump(min(quiet, deadline - now)):
            last = now = self.chunks[-1][0]
            if now >= deadline:
                break
        return last

    def wait_for(self, what: str | re.Pattern[str] | Callable[[Terminal], object], timeout: float = 120) -> None:
        """Read until the screen contains a text, matches a pattern, or satisfies a predicate.

        Raises:
            AssertionError: When it does not in time, or the program ended; the screen is in the message.
        """
        deadline = time.perf_counter() + timeout
        while not self.shows(what):
            left = deadline - time.perf_counter()
            if left <= 0 or self._hung_up or self._master < 0:
                reason = "the program ended" if self._hung_up else f"not in {timeout} s"
                raise AssertionError(f"{reason}: {what}\n{self.text()}")
            self.pump(min(left, 1))

    def shows(self, what: str | re.Pattern[str] | Callable[[Terminal], object]) -> bool:
        """Whether the screen, as far as it was read, contains, matches or satisfies `what`."""
        if isinstance(what, str):
            return what in self.text()
        if isinstance(what, re.Pattern):
            return what.search(self.text()) is not None
        return bool(what(self))

    @property
    def ended(self) -> bool:
        """Whether the program has ended, reaped or not."""
        return self.exit_code is not None or bool(select.select([self._pidfd], [], [], 0)[0])

    def wait_exit(self, timeout: float = 120) -> int:
        """Read until the program ends; its exit code, or minus the number of the signal that ended it.

        Raises:
            AssertionError: When it still runs after `timeout` seconds.
        """
        deadline = time.perf_counter() + timeout
        while self.exit_code is None:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise AssertionError(f"still running after {timeout} s\n{self.text()}")
            waiting = [self._pidfd] if self._hung_up or self._master < 0 else [self._pidfd, self._master]
            ready = select.select(waiting, [], [], left)[0]
            if self._master in ready:
                self._read()
            elif ready:
                self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        while self.pump():
            pass
        return self.exit_code

    def wait_stopped(self) -> None:
        """Read until the program has stopped itself (or was stopped): what continues it is lost before that."""
        while os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG) is None:
            self.pump(0.01)
        while self.pump():
            pass

    def forget(self) -> None:
        """Drop what was captured, unparsed: the screen stays blank until the program draws it anew."""
        self.raw.clear()
        self.chunks.clear()
        self._parsed = 0
        self._emulator = Emulator(*self.size)
        if self.modes.get(1049):
            self._emulator.feed(b"\x1b[?1049h")

    # The screen

    def _parse(self) -> None:
        while self._parsed < len(self.chunks):
            self._emulator.feed(self.chunks[self._parsed][1])
            self._parsed += 1

    def lines(self) -> list[str]:
        """The lines of the screen, trailing blanks cut."""
        self._parse()
        return self._emulator.lines()

    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.lines())

    def cell(self, column: int, line: int) -> Char:
        """A cell (0-based): data, fg and bg ("default", a name or rrggbb), bold, italics, underscore, reverse."""
        self._parse()
        return self._emulator.screen.buffer[line][column]

    def cells(self) -> list[Char]:
        """All cells, line by line."""
        return [self.cell(column, line) for line in range(self.size[1]) for column in range(self.size[0])]

    # The process and the terminal

    def left_on(self) -> list[str]:
        """What the program has not put back: empty when it left the terminal as it found it."""
        left = [f"{name} ?{mode}" for mode, name in LEFT_ON.items() if self.modes.get(mode)]
        left += [f"reports ?{mode}" for mode in (1004, 2004) if self.modes.get(mode)]
        left += [] if self.modes[25] else ["cursor hidden"]
        left += ["line wrap off"] if self.modes.get(7) is False else []
        left += ["kitty keyboard"] if self.kitty_keyboard > 0 else []
        if self._master >= 0:
            flags = termios.tcgetattr(self._master)[3]
            left += [name for name in ("ECHO", "ICANON", "ISIG") if not flags & getattr(termios, name)]
        return left

    def session(self) -> list[int]:
        """The processes that live in the program's session, itself included; zombies left out."""
        alive = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.pid and fields[0] != "Z":
                    alive.append(int(stat.parent.name))
        return alive

    def rss(self) -> int:
        """The resident memory of the program in bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """The seconds of processor time that the program has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def parse_size(text: str) -> tuple[int, int]:
    """`120x40` as columns and lines."""
    columns, lines = text.split("x")
    return int(columns), int(lines)


def main() -> int:
    """Run a command, press keys, print the screen."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.terminal",
        description="Run a command in a pty, press keys, print the screen as text.",
        epilog=f"Keys are separated by blanks: {' '.join(key for key in KEYS if 'ctrl+' not in key)} ctrl+LETTER, "
        "size:COLUMNSxLINES to resize; anything else is typed as it is.",
    )
    parser.add_argument("--size", type=parse_size, default=(120, 40))
    parser.add_argument("--keys", default="")
    parser.add_argument("--wait-for", metavar="TEXT", help="text to wait for before the first key")
    parser.add_argument("--quiet", type=float, default=0.5, help="seconds without output that settle the screen")
    parser.add_argument("--answers", action="store_true", help="answer terminal queries")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    env: dict[str, str | None] = dict(item.split("=", 1) for item in options.env)
    with Terminal(options.command, size=options.size, env=env, answers=options.answers) as terminal:
        terminal.wait_for(options.wait_for or (lambda shown: shown.text().strip()))
        terminal.settle(options.quiet)
        for key in options.keys.split():
            if key.startswith("size:"):
                terminal.resize(*parse_size(key.removeprefix("size:")))
            else:
                terminal.press(key)
            terminal.settle(options.quiet)
        print(terminal.text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
