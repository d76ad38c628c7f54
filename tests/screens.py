"""Screens that a command line and keys lead to, and the numbers that stand on them."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from textual.pilot import Pilot

from lossterm import explore
from lossterm.cli import run
from lossterm.model.store import Saved
from lossterm.tui.app import LosstermApp
from tests.harness import NAP, PATIENCE, WIDE, program, screen_text, squeezed

EMPTIED = ("end", *["backspace"] * 60)
"""The keys that leave nothing of what a prompt offers."""

NUMBER = re.compile(r"[−-]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:e[−+-]?\d+)?|[−-]?∞")


def keys_of(text: str) -> Iterator[str]:
    """The keys of a text: ``g 'p=.2' enter`` is g, the five characters in quotes, enter; ``empty`` empties a prompt."""
    for word in re.findall(r"'[^']*'|\S+", text):
        if word.startswith("'"):
            yield from ("space" if character == " " else character for character in word.strip("'"))
        elif word == "empty":
            yield from EMPTIED
        else:
            yield word


def started(command: str) -> LosstermApp:
    """The explorer, as a command line starts it."""
    taken: list[LosstermApp] = []

    def take(saved: Saved, *, start: str = "", **_: Any) -> int:
        taken.append(program(saved, start=start))
        return 0

    with patch.object(explore, "open_explorer", take):
        assert run([*shlex.split(command)[1:], "--fresh"]) == 0
    return taken[0]


@dataclass(frozen=True)
class Shown:
    """A running program, and what is on its screen."""

    app: LosstermApp
    pilot: Pilot[None]

    @property
    def lines(self) -> list[str]:
        """The lines of the screen."""
        return screen_text(self.app)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    async def press(self, keys: str) -> None:
        """Press keys, each when the one before has been taken; ``wait:word`` waits until a word is on screen."""
        for key in keys_of(keys):
            if key.startswith("wait:"):
                await self.until(lambda word=key[5:]: squeezed(word) in squeezed(self.text))  # type: ignore[misc]
            else:
                await self.pilot.press(key)
                await self.pilot.pause()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        for attempt in range(PATIENCE):
            await self.pilot.pause()
            if holds():
                return
            if attempt > 5:  # it takes a timer, or another thread
                await asyncio.sleep(NAP)
        raise AssertionError(f"it never came to that\n{self.text}")


@asynccontextmanager
async def shown(command: str, keys: str, size: tuple[int, int] = WIDE) -> AsyncIterator[Shown]:
    """The program after a command line and keys."""
    app = started(command)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = Shown(app, pilot)
        await screen.until(lambda: getattr(app.screen, "figure", None) is not None)
        await screen.press(keys)
        yield screen


# ---- numbers --------------------------------------------------------------------------------------------------------


def read(text: str) -> tuple[float, float]:
    """The number that a text shows, and half a unit of its last digit; ``1/28.3`` and ``≈100%`` are numbers too."""
    plain = text.replace("−", "-").replace(",", "").strip()
    if plain.startswith("1/"):
        below, half = read(plain[2:])
        return 1 / below, half / below**2
    if plain.lstrip("-") == "∞":
        return float(plain.replace("∞", "inf")), 0.0
    mantissa, _, exponent = plain.partition("e")
    places = len(mantissa.partition(".")[2])
    return float(plain), 0.5 * 10.0 ** (int(exponent or 0) - places)


def shows(text: str, value: float) -> bool:
    """Whether a text is a number's, to the last digit that it has."""
    number, half = read(text)
    return number == value or abs(number - value) <= max(1.02 * half, 1e-30)


def tokens(line: str) -> list[tuple[int, str]]:
    """The words of a line, each with the column after it."""
    return [(found.end(), found[0]) for found in re.finditer(r"\S+", line)]


def cells(lines: Sequence[str], row: str, head: str, nth: int = 0) -> list[str]:
    """The words right under a column head, in the lines that begin with a letter and the name of a row.

    Args:
        lines: of the screen.
        row: what the line has before its numbers, such as ``a cross-entropy``.
        head: of the column.
        nth: which of the columns with this head, from the left.
    """
    result = []
    for at, line in enumerate(lines):
        ends = [end for end, word in tokens(line) if word == head]
        if len(ends) > nth:
            result += [
                word
                for below in lines[at + 1 :]
                if row in below and below.index(row) + len(row) <= ends[nth]
                for end, word in tokens(below)
                if end == ends[nth]
            ]
    return result
