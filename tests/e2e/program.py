"""The installed command in a terminal, and what the tests look for on its screen."""

import re
import sys
from pathlib import Path
from typing import Any

from tests.terminal import Terminal

COMMAND = (sys.executable, "-m", "lossterm")

CURVE = re.compile("[\u2801-\u28ff]")
"""A braille dot."""

POINT = re.compile(r"\bz\s*=\s*([−-]?\d[\d.]*)")
"""The logit at the cursor, as the status line and the readout show it."""

TOO_SMALL = re.compile(r"too\s+small", re.IGNORECASE)

PATIENCE = 120.0
"""Seconds within which the program must have ended."""


def explorer(*arguments: str, **options: Any) -> Terminal:
    """Start the explorer; options are those of `Terminal`."""
    return Terminal((*COMMAND, *arguments), **options)


def opened(terminal: Terminal) -> bool:
    """Whether panes and curves are on screen."""
    text = terminal.text()
    return "Loss" in text and "Activation" in text and CURVE.search(text) is not None


def point(terminal: Terminal) -> str | None:
    """The logit at the cursor, as text; None while none is on screen."""
    match = POINT.search(terminal.text())
    return match[1] if match else None


def ready(terminal: Terminal) -> Terminal:
    """Wait until the program shows everything and is quiet."""
    terminal.wait_for(opened)
    terminal.wait_for(point)
    terminal.settle(0.3)
    return terminal


def move(terminal: Terminal, *keys: str) -> str:
    """Press keys that move the cursor and wait until the readout says so; the new point."""
    before = point(terminal)
    terminal.press(*keys)
    terminal.wait_for(lambda shown: point(shown) not in (None, before))
    terminal.settle(0.2)
    after = point(terminal)
    assert after is not None
    return after


def saved(terminal: Terminal) -> list[Path]:
    """The files in the state directory."""
    return [path for path in (terminal.home / "state" / "lossterm").rglob("*") if path.is_file()]


def ended_cleanly(terminal: Terminal) -> None:
    """Check that nothing is left: no mode of the terminal, no traceback, no process."""
    assert terminal.left_on() == []
    assert b"Traceback" not in terminal.raw, terminal.text()
    assert terminal.session() == []
