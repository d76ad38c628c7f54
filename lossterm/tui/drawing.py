"""Drawing soon after a change, and once for several changes in a row: a held key never queues up behind pictures."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.widget import Widget

from lossterm.tui.later import later
from lossterm.tui.program import SetsAside, program

SLOW, PATIENCE = 0.03, 0.2
"""Seconds: a drawing that takes longer than the first waits as long as it takes, but no longer than the second."""


class DrawSoon:
    """Coalesces changes into drawings.

    Args:
        screen: on which is drawn.
        draw: draws; returns whether there was anything to draw on.
    """

    def __init__(self, screen: Widget, draw: Callable[[], bool]) -> None:
        self._screen = screen
        self._draw = draw
        self._due = False
        self._cost = 0.0
        self._drawn_once = False

    @property
    def is_due(self) -> bool:
        """Whether a drawing is to come."""
        return self._due

    def __call__(self) -> None:
        """Draw soon, unless the program's first frame is still to come: it draws then."""
        if not self._due and program(self._screen).is_ready:
            self._due = True
            if self._cost < SLOW:
                self._screen.call_later(self._now)
            else:  # let the keys that are waiting be taken first
                later(self._screen, min(self._cost, PATIENCE), self._now)

    def _now(self) -> None:
        self._due = False
        started = time.perf_counter()
        try:
            drawn = self._draw()
        except Exception as problem:
            if not self._drawn_once and isinstance(self._screen, SetsAside) and self._screen.set_aside(problem):
                self()  # what was saved cannot be drawn: something else is
                return
            raise
        if drawn:
            # what the first one cost went into loading the libraries
            self._cost = time.perf_counter() - started if self._drawn_once else 0.0
            self._drawn_once = True
