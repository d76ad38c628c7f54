"""What the program has to say, in the last lines of the screen, until it has been read."""

from __future__ import annotations

import textwrap

from textual.strip import Strip
from textual.timer import Timer

from lossterm.core.plain import visible_lines
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, heading, strip_of


class Notice(LineWidget):
    """One message at a time; a new one takes the place of the old."""

    DEFAULT_CSS = "Notice { layer: notice; display: none; }"

    def __init__(self) -> None:
        super().__init__(id="notice")
        self._title = ""
        self._text = ""
        self._wrong = False
        self._timer: Timer | None = None

    def say(self, text: str, *, title: str, seconds: float, wrong: bool) -> None:
        """Show a message for some seconds; one without a text is a title in one line."""
        self._title, self._wrong = title or ("no" if wrong else "note"), wrong
        self._text = visible_lines(text)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self.hide)
        self.display = True
        self.redraw()
        self.refresh(layout=True)

    @property
    def said(self) -> str:
        """What was said last, whether or not it is still in sight."""
        return self._text or self._title

    def hide(self) -> None:
        """It has been read."""
        self.display = False

    def height_in(self, width: int) -> int:
        """The lines that it takes."""
        return 1 + len(self._wrapped(width))

    def _wrapped(self, width: int) -> list[str]:
        room = max(width - 2, 10)
        return [part for line in self._text.split("\n") for part in textwrap.wrap(line, room, break_on_hyphens=False)]

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """A rule with the title, and the text."""
        head = heading([(self._title, styles.accent)], "", width, styles, focused=True)
        return [head, *(strip_of([(f" {line}", styles.strong)], width, styles.text) for line in self._wrapped(width))]

    def on_click(self) -> None:
        """A click has read it."""
        self.hide()
