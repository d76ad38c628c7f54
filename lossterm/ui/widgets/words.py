"""A few lines of text under a rule, each with a word before it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.message import Message
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import LineWidget, Part, heading, strip_of


class Words(LineWidget):
    """Text that is broken into lines."""

    class Clicked(Message):
        """It was clicked."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._right = ""
        self._texts: Sequence[tuple[str, str]] = ()

    def show(self, title: str, right: str, texts: Sequence[tuple[str, str]]) -> None:
        """Show another text.

        Args:
            title: in the rule.
            right: at its right.
            texts: pairs of a word that stands before, and what it is about.
        """
        if (title, right, texts) != (self._title, self._right, self._texts):
            self._title, self._right, self._texts = title, right, texts
            self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The rule and the lines."""
        result = [heading([(self._title, styles.strong)], self._right, width, styles)]
        before = max([len(word) for word, _ in self._texts] or [0]) + 2
        for word, text in self._texts:
            room = max(width - before - 2, 10)
            wrapped = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
            for number, line in enumerate(wrapped):
                lead = word if number == 0 else ""
                parts: list[Part] = [(f" {lead:<{before}}", styles.muted), (line, styles.text)]
                result.append(strip_of(parts, width, styles.text))
        return result

    def on_click(self) -> None:
        """Whoever shows it knows what a click means."""
        self.post_message(self.Clicked())
