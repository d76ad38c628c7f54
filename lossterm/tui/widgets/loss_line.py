"""One line that tells what a loss is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.strip import Strip

from lossterm.model.loss_line import DOT, loss_line
from lossterm.model.rows import ListRow
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, length, spread, strip_of
from lossterm.tui.widgets.rows import cut

ROOMY = 100
"""Columns from which the name of the story has its place; in fewer it stands where the sentence leaves some."""


class LossLine(LineWidget):
    """Formula, what it is, parameters by name, and the slope where that is simple: as much as has room."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._told: tuple[ListRow[Any], str, str] | str | None = None
        self._stories: Sequence[str] = ()

    def show(self, row: ListRow[Any], letter: str, slope: str, stories: Sequence[str] = ()) -> None:
        """Tell of another loss.

        Args:
            row: the loss with its parameters.
            letter: of its curve, empty for none.
            slope: what is said of its slope, empty for nothing.
            stories: the names of its stories, that which tells most of it first.
        """
        if (row, letter, slope) != self._told or stories != self._stories:
            self._told, self._stories = (row, letter, slope), stories
            self._redraw_soon()

    def tell(self, sentence: str) -> None:
        """Tell of what is no loss: of a heading."""
        if sentence != self._told:
            self._told, self._stories = sentence, ()
            self._redraw_soon()

    def _redraw_soon(self) -> None:
        # among the messages of its screen, before the drawing that is asked for next: else the line is a frame of
        # its own, and the drawing waits for the one after it
        if self.is_attached:
            self.screen.call_later(self.redraw)
        else:
            self.redraw()

    def tells(self, text: str) -> bool:
        """Whether there is room for a text that is to be told."""
        if self._told is None or isinstance(self._told, str):
            return False
        return text in loss_line(*self._told, self._room(self.size.width)).text

    def _room(self, width: int) -> int:
        # for the sentence: where the line is long it leaves the name of its first story room
        return width - 2 - (len(named(self._stories, 0)) + 4 if self._stories and width >= ROOMY else 0)

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The line."""
        if self._told is None:
            return []
        if isinstance(self._told, str):
            return [strip_of([("   ", styles.text), (cut(self._told, width - 4), styles.text)], width, styles.text)]
        told = loss_line(*self._told, self._room(width))
        pieces = ((told.about, styles.text), (told.parameters, styles.text), (told.slope, styles.strong),
                  (told.source, styles.muted))  # fmt: skip
        parts: list[Part] = [(f" {told.letter} ", styles.strong), (told.formula, styles.strong)]
        for text, style in pieces:
            if text:
                parts += [(DOT, styles.muted), (text, style)]
        names = named(self._stories, width - length(parts) - 4)
        story: list[Part] = [("S ", styles.accent), (f"{names} ", styles.muted)] if names else []
        return [strip_of(spread(parts, story, width, (" ", styles.text)), width, styles.text)]


def named(stories: Sequence[str], room: int) -> str:
    """As many of the names of stories as have room, one at least, and how many more there are."""
    for shown in range(len(stories), 1, -1):
        more = f" +{len(stories) - shown}" if shown < len(stories) else ""
        text = f"{' · '.join(stories[:shown])}{more}"
        if len(text) <= room:
            return text
    more = f" +{len(stories) - 1}" if len(stories) > 1 else ""
    return f"{stories[0]}{more}" if stories else ""
