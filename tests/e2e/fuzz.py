"""Random input against the running program, and the smallest part of it that shows a fault.

    python -m tests.e2e.fuzz --minutes 60          # new seeds for an hour
    python -m tests.e2e.fuzz --seed 20             # what one seed does
    python -m tests.e2e.fuzz --steps '[b"q:"]'     # these steps, as a failure prints them

A step is bytes that are written at once, a size ``(columns, lines)`` that the terminal gets, or a number of seconds in
which the program may draw. Nothing is waited for between steps: sizes come between any two bytes. When the program has
left, rightly, it is started again with what it saved.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import string
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import explorer
from tests.terminal import KEYS, Terminal

Step = bytes | tuple[int, int] | float

LARGEST = (300, 100)
"""Columns and lines of the largest terminal."""

STEPS = 60
"""Steps of a seed."""

HANG = 30.0
"""Seconds within which the program must have done what it was told, and within which it must end when it is told to.

A machine that runs other things besides may be busy for seconds; who hangs does so for ever.
"""

TRIES = 60
"""How many parts of a failing sequence are tried at most."""

RESTARTS = 12
"""How often a sequence may leave the program."""

LEAVES = (0, 130, 131, -2, -3)
"""Exit codes of a program that was told to end, also by ctrl+c and ctrl+\\ before or after the terminal was its own."""

QUITS = ("ctrl+c", "ctrl+q", "ctrl+z")
CONTROLS = [key for key in KEYS if key.startswith("ctrl+") and key not in QUITS]
NAMED = [key for key in KEYS if not key.startswith("ctrl+")]
PRINTABLE = [character for character in string.printable if character.isprintable() and character != "q"]
JUNK = ["nan", "-inf", "1e308", "1e999", "--", "p=", ".5", "漢", "[bold", "[/]", "%s", "{}", *":\r\n\t\x07"]
OTHER: list[str] = [*"éß−∞漢🙂\u0301\u200d", "\x00", "\x1c", "\x1d", "\x1f", "\x80"]
OPENERS = [":", "?", "g", "p", "/", "T", "o", "\x10", "\x1bOP"]
"""Keys that open a prompt, a list or the help, on one screen or another."""

WORDS = ["loss", "show", "theme", "activation: exp", "label", "race", "svg", "curves", "zoom", "reset", "export", "x"]
ANSWERS = [
    "40",
    "250",
    "-1e9",
    "0",
    "1",
    "nan",
    "focal:gamma=",
    "gamma=3",
    "a.csv",
    "odd.csv --bins=--",
    "none.csv",
    "",
]

ODD = "lab\x1b]0;t\x07el,\u202ep,=grp,[bold]\n1,0.5,\x1b[31m,a\n0,0.25,[/],=1+1\n1,0.125,\u202e,\x07\n0,1,b,b\n"
"""A file whose names and cells are more than text."""


@dataclass(frozen=True)
class Fault:
    """What went wrong.

    Attributes:
        what: in a line.
        said: the end of what the program wrote.
        at: the step after which it was seen.
    """

    what: str
    said: str
    at: int


class Monkey:
    """Random input, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.size = (120, 40)

    def steps(self, count: int = STEPS) -> list[Step]:
        """A sequence of bursts, sizes and pauses; some of the bursts are long, and none is waited for."""
        steps: list[Step] = []
        for _ in range(count):
            kind = self.chance.random()
            if kind < 0.2:
                steps.append(self.resize())
            elif kind < 0.5:
                steps.append(self.chance.choice([0.01, 0.05, 0.3]))
            else:
                steps.append(self.burst())
        return steps

    def burst(self) -> bytes:
        """Input that is written at once."""
        length = self.chance.choice([1, 2, 3, 5, 10, 25, 100])
        return b"".join(self.chance.choice([self.key, self.key, self.key, self.deed])() for _ in range(length))

    def resize(self) -> tuple[int, int]:
        """Another size: anything, now and then the smallest or the usual ones."""
        anything = (self.chance.randint(1, LARGEST[0]), self.chance.randint(1, LARGEST[1]))
        self.size = self.chance.choice([(1, 1), (80, 24), LARGEST, anything, anything, anything])
        return self.size

    def key(self) -> bytes:
        """One key, mouse event, paste or piece of garbage."""
        kinds: dict[Callable[[], bytes], int] = {
            self.named: 45,
            self.printable: 35,
            self.mouse: 10,
            self.control: 3,
            self.other: 3,
            self.garbage: 2,
            self.paste: 2,
        }
        (kind,) = self.chance.choices(list(kinds), weights=list(kinds.values()))
        return kind()

    def deed(self) -> bytes:
        """Something that a person does in several keys, in one write."""
        kinds: dict[Callable[[], bytes], int] = {
            self.screen: 30,
            self.opener: 25,
            self.palette: 12,
            self.answer: 15,
            self.file: 6,
            self.held: 4,
            self.closed: 8,
            self.quit: 1,
        }
        (kind,) = self.chance.choices(list(kinds), weights=list(kinds.values()))
        return kind()

    def screen(self) -> bytes:
        """Another screen."""
        return self.chance.choice("12345").encode()

    def opener(self) -> bytes:
        """A prompt, a list or the help."""
        return self.chance.choice(OPENERS).encode()

    def palette(self) -> bytes:
        """A command that is found and run, or not."""
        return f":{self.chance.choice(WORDS)}".encode() + self.chance.choice([b"", b"\x1b[B", b"\x1b[6~"]) + self.end()

    def answer(self) -> bytes:
        """A prompt that is answered, or not."""
        return f"{self.chance.choice(OPENERS)}{self.chance.choice(ANSWERS)}".encode() + self.end()

    def file(self) -> bytes:
        """A file on the Data screen."""
        name = self.chance.choice(["--demo", "a.csv", "odd.csv", "/dev/zero", "pipe", "*"])
        return f"4o{name}".encode() + self.end()

    def held(self) -> bytes:
        """A key that is held down."""
        return self.chance.choice([self.named, self.printable])() * self.chance.choice([10, 60, 250])

    def closed(self) -> bytes:
        """A list or the help, and the key that closes it."""
        return b"".join([self.opener(), self.end(), self.named()])

    def quit(self) -> bytes:
        """The end, and a key after it."""
        return self.chance.choice(["q", "\x11", "\x03"]).encode() + self.chance.choice([b"", b":", b"?", self.named()])

    def end(self) -> bytes:
        """What a prompt is left with."""
        return self.chance.choice([b"\r", b"\r", b"\x1b", b"\x03", b""])

    def named(self) -> bytes:
        return KEYS[self.chance.choice(NAMED)].encode()

    def printable(self) -> bytes:
        return self.chance.choice(PRINTABLE).encode()

    def control(self) -> bytes:
        return KEYS[self.chance.choice(CONTROLS)].encode()

    def other(self) -> bytes:
        return self.chance.choice(OTHER).encode()

    def mouse(self) -> bytes:
        """A click, drag, wheel or bare move, inside the screen or just beyond; sometimes without the release."""
        column, line = (self.chance.randint(0, length + 2) for length in self.size)
        there, end = f"{column};{line}", f"{column + self.chance.randint(-9, 9)};{line + self.chance.randint(-3, 3)}"
        modifier = self.chance.choice([0, 0, 0, 4, 8, 16])
        events = {
            "click": f"\x1b[<{modifier};{there}M\x1b[<{modifier};{there}m",
            "right": f"\x1b[<{2 + modifier};{there}M\x1b[<{2 + modifier};{there}m",
            "drag": f"\x1b[<0;{there}M\x1b[<32;{end}M\x1b[<0;{end}m",
            "press": f"\x1b[<0;{there}M",
            "wheel": f"\x1b[<{self.chance.choice([64, 65, 66, 67]) + modifier};{there}M",
            "move": f"\x1b[<35;{there}M",
        }
        return events[self.chance.choice(list(events))].encode()

    def garbage(self) -> bytes:
        """An escape sequence that no terminal sends, or half of one, or answers to questions nobody asked."""
        params = ";".join(str(self.chance.choice([0, 1, 5, 255, 99999])) for _ in range(self.chance.randint(0, 4)))
        final = self.chance.choice("@ACFHJMPRZcmnptux~")
        return self.chance.choice(
            [
                f"\x1b[{self.chance.choice(['', '?', '>', '<'])}{params}{final}".encode(),
                f"\x1b[{params}".encode(),
                f"\x1b[97;1:{self.chance.randint(1, 3)}u".encode(),
                b"\x1bP" + self.junk() + b"\x1b\\",
                b"\x1b]52;c;" + self.junk() + b"\x07",
                b"\x1b[?2026;2$y",  # not 2048: who claims to report its size in band must do so
                b"\x1b[I\x1b[O",
                b"\xff\xfe\xc3",
            ]
        )

    def paste(self) -> bytes:
        return b"\x1b[200~" + self.junk() * self.chance.choice([1, 1, 200]) + b"\x1b[201~"

    def junk(self) -> bytes:
        """Text that means nothing, with line ends, controls and numbers nobody expects."""
        return "".join(self.chance.choices(JUNK, k=self.chance.randint(0, 12))).encode()


def said(terminal: Terminal) -> str:
    """The end of what the program wrote, without escape sequences: a traceback can be read even on a 1×1 screen."""
    text = terminal.raw[-60_000:].decode(errors="replace")
    text = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|[╭╮╰╯│─\r]", "", text)
    found = text.find("Traceback")
    return re.sub(r"\n\s*\n+", "\n", text[found:] if found >= 0 else text)[-6_000:]


def play(steps: Sequence[Step]) -> Fault | None:
    """Do steps to a program of its own; returns what went wrong."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        home, work = Path(folder, "home"), Path(folder, "work")
        home.mkdir()
        work.mkdir()
        rows = [f"{i % 2},{(i * 37 % 101) / 101},{'ab'[i % 3 == 0]}" for i in range(3000)]
        (work / "a.csv").write_text("\n".join(["label,p,group", *rows]) + "\n")
        (work / "odd.csv").write_text(ODD)
        return _play(steps, home, work)


def _play(steps: Sequence[Step], home: Path, work: Path) -> Fault | None:
    restarts, at, size = 0, -1, (120, 40)
    terminal = explorer(home=home, cwd=work, size=size)
    try:
        _stands(terminal)
        for at, step in enumerate(steps):
            if isinstance(step, bytes):
                terminal.send(step, timeout=HANG)
            elif isinstance(step, tuple):
                size = step
                terminal.resize(*step)
            else:
                terminal.settle(step, timeout=step * 4)
            if terminal.ended or not terminal.modes.get(1049):
                if (fault := _left(terminal, at)) is not None:
                    return fault
                terminal.close()
                restarts += 1
                if restarts > RESTARTS:
                    return None
                terminal = explorer(home=home, cwd=work, size=size)
                _stands(terminal)
            terminal.forget()
        terminal.settle(0.3, timeout=HANG)
        # whatever is open, and however much is queued: the third ctrl+c has nothing left to close, ctrl+q always leaves
        for key in ("ctrl+c", "ctrl+c", "ctrl+c", "ctrl+q"):
            if terminal.ended:
                break
            terminal.send(KEYS[key])
            terminal.settle(0.3, timeout=2)
        return _left(terminal, at)
    except TimeoutError:
        return Fault(f"it took no input for {HANG} s", said(terminal), at)
    except AssertionError as problem:
        return Fault(str(problem).splitlines()[0], said(terminal), at)
    finally:
        terminal.close()


def _stands(terminal: Terminal) -> None:
    terminal.wait_for(lambda shown: shown.modes.get(1049), timeout=HANG)


def _left(terminal: Terminal, at: int) -> Fault | None:
    try:
        code = terminal.wait_exit(HANG)
    except AssertionError:
        return Fault(f"it did not end within {HANG} s", said(terminal), at)
    if b"Traceback" in terminal.raw or code not in LEAVES:
        return Fault(f"exit code {code}", said(terminal), at)
    if left := terminal.left_on():
        return Fault(f"the terminal was left with {', '.join(left)}", said(terminal), at)
    if terminal.session():
        return Fault("a process was left", said(terminal), at)
    return None


def shrunk(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], most: int = TRIES) -> Sequence[Step]:
    """The smallest sequence that was found to fail too, by leaving out halves, quarters and so on.

    Args:
        steps: they fail.
        fails: whether others do.
        most: how many are tried.
    """
    tries = 0

    def still(candidate: Sequence[Step]) -> bool:
        nonlocal tries
        tries += 1
        return fails(candidate)

    part = max(len(steps) // 2, 1)
    while steps and tries < most:
        at, smaller = 0, False
        while at < len(steps) and tries < most:
            without = [*steps[:at], *steps[at + part :]]
            if without and still(without):
                steps, smaller = without, True
            else:
                at += part
        if part == 1 and not smaller:
            break
        part = max(part // 2, 1)
    for at in range(len(steps)):
        burst = steps[at]
        while isinstance(burst, bytes) and len(burst) > 1 and tries < most:
            half = len(burst) // 2
            halves = (burst[:half], burst[half:])
            found = next((h for h in halves if tries < most and still([*steps[:at], h, *steps[at + 1 :]])), None)
            if found is None:
                break
            burst = found
            steps = [*steps[:at], burst, *steps[at + 1 :]]
    return steps


def smallest(steps: Sequence[Step], fault: Fault) -> Sequence[Step]:
    """The smallest sequence found that ends as this one does."""
    steps = steps[: fault.at + 1]
    kind = _kind(fault)
    return shrunk(steps, lambda others: (found := play(others)) is not None and _kind(found) == kind)


def _kind(fault: Fault) -> str:
    errors = re.findall(r"^\s*(\w+(?:Error|Exception|Screen|NoMatches|NoScreen)\b)", fault.said, re.MULTILINE)
    return errors[-1] if errors else fault.what


def report(steps: Sequence[Step], fault: Fault, title: str) -> str:
    """What is told of a failure."""
    return f"{title}: {fault.what}\n{fault.said}\n--steps {[*steps]!r}"


def check(seed: int, *, shrink: bool = True) -> str:
    """Play a seed; returns what is told of its failure, or nothing."""
    steps: Sequence[Step] = Monkey(seed).steps()
    fault = play(steps)
    if fault is None:
        return ""
    least = smallest(steps, fault) if shrink else steps[: fault.at + 1]
    return report(least, fault, f"seed {seed}")


def main() -> int:
    """Play new seeds for some minutes, a seed, or given steps; returns 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.fuzz", description="Random input against the program.")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long new seeds are played")
    parser.add_argument("--seed", type=int, action="append", help="play this seed instead")
    parser.add_argument("--steps", help="play these steps instead")
    parser.add_argument("--no-shrink", action="store_true", help="print the sequence of a failure as it was")
    options = parser.parse_args()
    if options.steps:
        steps = ast.literal_eval(options.steps)
        fault = play(steps)
        print(report(steps, fault, "steps") if fault else "nothing went wrong")
        return int(fault is not None)
    failures = played = 0
    end = time.monotonic() + 60 * options.minutes
    chance = random.SystemRandom()
    while options.seed or time.monotonic() < end:
        seed = options.seed.pop(0) if options.seed else chance.randrange(10**9)
        found = check(seed, shrink=not options.no_shrink)
        played += 1
        if found:
            failures += 1
            print(found, flush=True)
        if options.seed == []:
            break
    print(f"{played} seeds, {failures} failures")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
