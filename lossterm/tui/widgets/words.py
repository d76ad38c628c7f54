"""A few lines of text under a rule, each with a word before it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, heading, strip_of


class Words(LineWidget):
    """Text that is broken into lines."""

    class Clicked(Message):
        """It was clicked."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._right = ""
        self._texts: Sequence[tuple[str, str]] = ()
        self._more = ""
        self._first, self._count = 0, 0

    def show(self, title: str, right: str, texts: Sequence[tuple[str, str]], more: str = "") -> None:
        """Show another text.

        Args:
            title: in the rule.
            right: at its right.
            texts: pairs of a word that stands before, and what it is about.
            more: how to read on, where there is no room for all.
        """
        if (title, right, texts, more) != (self._title, self._right, self._texts, self._more):
            if (title, texts) != (self._title, self._texts):
                self._first = 0
            self._title, self._right, self._texts, self._more = title, right, texts, more
            self.redraw()

    def turn(self, by: int) -> None:
        """Show the next lines, or those before; after the last ones the first again."""
        room = max(self.size.height - 1, 1)
        last = max(self._count - room, 0)
        step = self._first + by * room
        self._first = 0 if self._first >= last and by > 0 else min(max(step, 0), last)
        self.redraw()

    def scroll_lines(self, by: int) -> None:
        """Show the text from so many lines further on."""
        self._first = min(max(self._first + by, 0), max(self._count - max(self.size.height - 1, 1), 0))
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        self.scroll_lines(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        event.stop()
        self.scroll_lines(1)

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The rule and the lines."""
        result: list[Strip] = []
        before = max([len(word) for word, _ in self._texts] or [0]) + 2
        for word, text in self._texts:
            room = max(width - before - 2, 10)
            wrapped = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
            for number, line in enumerate(wrapped):
                lead = word if number == 0 else ""
                parts: list[Part] = [(f" {lead:<{before}}", styles.muted), (line, styles.text)]
                result.append(strip_of(parts, width, styles.text))
        room, self._count = max(height - 1, 1), len(result)
        self._first = min(self._first, max(len(result) - room, 0))
        seen = result[self._first : self._first + room]
        of = f"{self._first + 1}–{self._first + len(seen)} of {len(result)}" if len(seen) < len(result) else ""
        title = f"{self._title}  {of}" if of and not self._more else self._title
        right = " · ".join(filter(None, (self._right, f"lines {of}, {self._more}" if of and self._more else "")))
        return [heading([(title, styles.strong)], right, width, styles), *seen]

    def on_click(self) -> None:
        """Whoever shows it knows what a click means."""
        self.post_message(self.Clicked())
