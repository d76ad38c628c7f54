"""A pane of rows under a heading, with a current row; it scrolls, and can be folded to a single line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import ListWidget, Part, WheelTurned, heading, spread, strip_of


@dataclass(frozen=True)
class Item:
    """One row.

    Attributes:
        text: what it says.
        right: at the right edge: parameters, a mark.
        on: whether it is chosen.
        letter: of its curve, where it has one.
        ink: of its curve; −1 for none.
        box: the two signs for chosen and not chosen.
    """

    text: str
    right: str = ""
    on: bool = False
    letter: str = " "
    ink: int = -1
    box: str = "◉○"


class Chooser(ListWidget, can_focus=True):
    """A list of items of which one is current."""

    class Clicked(Message):
        """An item was clicked; of a folded pane (index −1) one of the lines of its summary."""

        def __init__(self, chooser: Chooser, index: int, line: int = 0) -> None:
            super().__init__()
            self.chooser = chooser
            self.index = index
            self.line = line

    class Scrolled(WheelTurned):
        """The wheel was turned over the list."""

        def __init__(self, chooser: Chooser, by: int) -> None:
            super().__init__(by)
            self.chooser = chooser

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = title
        self._right = ""
        self._items: Sequence[Item] = ()
        self._current = 0
        self._first = 0
        self._folded: Sequence[str] | None = None
        self._empty = ""

    @property
    def is_folded(self) -> bool:
        """Whether only the summary is shown."""
        return self._folded is not None

    def show(
        self,
        items: Sequence[Item],
        current: int,
        right: str = "",
        folded: Sequence[str] | None = None,
        empty: str = "",
    ) -> None:
        """Show other items.

        Args:
            items: the rows.
            current: index of the current one.
            right: at the right of the heading.
            folded: the summary that stands for the whole list in little room, a line each; None unfolds it.
            empty: what is said where there are no rows.
        """
        self._empty = empty
        self._items, self._current, self._right, self._folded = items, current, right, folded
        self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The heading and the visible rows; or the summary."""
        if self._folded is not None:
            return [self._summary(text, width, styles) for text in self._folded]
        room = max(height - 1, 1)
        self._first = max(0, min(self._first, self._current, len(self._items) - room))
        self._first = max(self._first, self._current - room + 1)
        below = self._first + room < len(self._items)
        right = self._right + (" ▾" if below else " ▴" if self._first else "")
        title: list[Part] = [(self._title, styles.accent if self.has_focus else styles.strong)]
        result = [heading(title, right.strip(), width, styles, focused=self.has_focus)]
        if not self._items and self._empty:
            said = textwrap.wrap(self._empty, max(width - 2, 8))
            return [*result, *(strip_of([(f" {line}", styles.muted)], width, styles.text) for line in said)]
        visible = range(self._first, min(self._first + room, len(self._items)))
        return [*result, *(self._row(self._items[i], i == self._current, width, styles) for i in visible)]

    def _summary(self, text: str, width: int, styles: Styles) -> Strip:
        name, _, value = text.partition(": ")
        mark = "▸" if self.has_focus else " "
        left: list[Part] = [(mark, styles.accent), (name, styles.accent if self.has_focus else styles.muted)]
        right: list[Part] = [(value, styles.strong), (" ▾", styles.muted)]
        return strip_of(spread(left, right, width, (" ", styles.text)), width, styles.text)

    def _row(self, item: Item, current: bool, width: int, styles: Styles) -> Strip:
        ink = styles.bold_inks[item.ink % len(styles.bold_inks)] if item.ink >= 0 else styles.accent
        body, sign = styles.text if item.on or current else styles.muted, ink if item.on else styles.muted
        if current:
            on_row = styles.focused if self.has_focus else styles.current
            body, sign, ink = body + on_row, sign + on_row, ink + on_row
        left: list[Part] = [
            ("▸" if current else " ", ink if item.ink < 0 or (current and self.has_focus) else styles.accent),
            (item.letter, ink),
            (item.box[0] if item.on else item.box[1], sign),
            (f" {item.text}", body),
        ]
        right: list[Part] = [(item.right, body)] if item.right else []
        return strip_of(spread(left, right, width, (" ", body)), width, body)

    def on_click(self, event: events.Click) -> None:
        """Clicking a row chooses it."""
        if self._folded is not None:
            self.post_message(self.Clicked(self, -1, event.y))
            return
        index = self._first + event.y - 1
        if event.y >= 1 and index < len(self._items):
            self.post_message(self.Clicked(self, index))

    def turned(self, by: int) -> None:
        """The wheel moves through the rows."""
        self.post_message(self.Scrolled(self, by))
