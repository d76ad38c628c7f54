"""One line of text below a chart: the numbers at its cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, length, strip_of
from lossterm.tui.widgets.wrapping import wrapped


class Caption(LineWidget):
    """A line."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._parts: Sequence[Part] = ()

    def show(self, parts: Sequence[Part]) -> None:
        """Show another text."""
        if parts != self._parts:
            self._parts = parts
            self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The line; where it is too long, what has room of it, cut between words so that no number loses a digit."""
        parts = self._parts
        if length(parts) > width:
            parts = [(" ", styles.text), *wrapped(parts, width - 1, 1)[0]]
        return [strip_of(parts, width, styles.text)]
