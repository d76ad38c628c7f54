"""A screen with a figure that is drawn soon after a change, and once for several changes in a row."""

from __future__ import annotations

import time

from lossterm.session import Saved
from lossterm.ui.screens.base import ProgramScreen

SLOW, PATIENCE = 0.03, 0.2
"""Seconds: a drawing that takes longer than the first waits as long as it takes, but no longer than the second."""


class DrawingScreen(ProgramScreen):
    """Coalesces changes into drawings: a held key never queues up behind its own pictures."""

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self._due = False
        self._cost = 0.0
        self._drawn_once = False

    def draw_figure(self) -> bool:
        """Draw; says whether there was anything to draw on."""
        raise NotImplementedError

    def figure_is_due(self) -> None:
        """Draw soon; several changes in a row are drawn once."""
        if not self._due and self.program.is_ready:
            self._due = True
            if self._cost < SLOW:
                self.call_later(self._draw)
            else:  # let the keys that are waiting be taken first
                self.set_timer(min(self._cost, PATIENCE), self._draw)

    def program_is_ready(self) -> None:
        """The program's first frame is on screen: draw."""
        self.figure_is_due()

    def on_chart_resized(self) -> None:
        """There is another room for the pictures."""
        self.figure_is_due()

    def _draw(self) -> None:
        self._due = False
        started = time.perf_counter()
        if self.draw_figure():
            # what the first one cost went into loading the libraries
            self._cost = time.perf_counter() - started if self._drawn_once else 0.0
            self._drawn_once = True
