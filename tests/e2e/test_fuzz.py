"""Thousands of random keys, mouse events, pastes, garbage and resizes against the running program.

Bytes that are not UTF-8 are left out: Textual 8.2 decodes input strictly and gives up on them, whatever the app does.
"""

import random
import re
import string
from collections.abc import Callable
from pathlib import Path

from tests.e2e.program import ended_cleanly, explorer, opened, point, ready, saved
from tests.terminal import KEYS, Terminal

SEED = 20
KEY_COUNT = 5_000
BURST = 25
"""Keys sent at once; what they draw is read before the next burst."""

RESIZES = 0.3
"""The share of bursts before which the terminal gets another size."""

LARGEST = (300, 100)
MOST_RESTARTS = 40
"""How often random keys may find a proper way out (the palette, a click on the footer)."""

LEFT_OUT = {"q", "ctrl+c", "ctrl+q", "ctrl+z"}
"""Keys that quit or suspend."""

CONTROLS = [key for key in KEYS if key.startswith("ctrl+") and key not in LEFT_OUT]
NAMED = [key for key in KEYS if not key.startswith("ctrl+")]
PRINTABLE = [character for character in string.printable if character.isprintable() and character not in LEFT_OUT]
JUNK = ["nan", "-inf", "1e308", "1e999", "--", "p=", ".5", "漢", "[bold", "[/]", "%s", "{}", *":\r\n\t\x07"]
OTHER: list[str] = [*"éß−∞漢🙂\u0301\u200d", "\x00", "\x1c", "\x1d", "\x1f", "\x80"]


class Monkey:
    """Random input, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.size = (120, 40)

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
        final = self.chance.choice("@ACFHJMPRZcmnptx~")
        return self.chance.choice(
            [
                f"\x1b[{self.chance.choice(['', '?', '>', '<'])}{params}{final}".encode(),
                f"\x1b[{params}".encode(),
                b"\x1bP" + self.junk() + b"\x1b\\",
                b"\x1b]52;c;" + self.junk() + b"\x07",
                b"\x1b[?2026;2$y",  # not 2048: who claims to report its size in band must do so
                b"\x1b[I\x1b[O",
            ]
        )

    def paste(self) -> bytes:
        return b"\x1b[200~" + self.junk() + b"\x1b[201~"

    def junk(self) -> bytes:
        """Text that means nothing, with line ends, controls and numbers nobody expects."""
        return "".join(self.chance.choices(JUNK, k=self.chance.randint(0, 12))).encode()


def leave_all(terminal: Terminal) -> None:
    """Back to the first screen of a program in any state, at a size at which everything shows."""
    terminal.settle(0.5, timeout=60)
    if terminal.modes.get(1049):
        terminal.forget()
    terminal.resize(119, 39)
    terminal.settle(0.3, timeout=60)
    terminal.resize(120, 40)
    for _ in range(6):
        terminal.press("esc")
        terminal.settle(0.2, timeout=60)
    terminal.press("1")
    terminal.settle(0.5, timeout=60)


def said(terminal: Terminal) -> str:
    """The end of what the program wrote, without escape sequences: a traceback can be read even on a 1×1 screen."""
    text = terminal.raw[-20_000:].decode(errors="replace")
    return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|[╭╮╰╯│─\r\n]", "", text)[-3_000:]


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
        terminal.wait_for(opened)
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
        leave_all(again)
        again.wait_for(opened)
        assert point(again) == place
        assert {path: path.read_bytes() for path in saved(again)} == files
        again.press("ctrl+q")
        assert again.wait_exit() == 0, said(again)
        ended_cleanly(again)
