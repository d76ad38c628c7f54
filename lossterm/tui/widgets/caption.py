"""One line of text below a chart: the numbers at its cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, strip_of


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
        """The line."""
        return [strip_of(self._parts, width, styles.text)]
