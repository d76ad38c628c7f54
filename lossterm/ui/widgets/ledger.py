"""The losses of the Softmax screen: which are shown, their parameters, and their numbers at the selected class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import ListWidget, Part, WheelTurned, strip_of

CELL = 9
"""Width of a number's column; two more where there is room."""
NAME, NARROW_NAME = 26, 21
"""The columns of a name with its parameter."""
BROAD, BROADER = 96, 112
"""Columns of the widget from which there is room for words beside the numbers, and for the wider names."""


@dataclass(frozen=True)
class LedgerRow:
    """One loss.

    Attributes:
        name: its title.
        right: its parameter and whether it is the reference.
        on: whether it is shown.
        letter: its letter, where it is.
        ink: its colour.
        cells: its numbers, as text.
        words: what they mean.
    """

    name: str
    right: str
    on: bool
    letter: str
    ink: int
    cells: tuple[str, ...]
    words: str


class Ledger(ListWidget, can_focus=True):
    """Rows of losses under column heads, with a line of words below; it scrolls."""

    class Clicked(Message):
        """A row was clicked: on its box, or elsewhere."""

        def __init__(self, index: int, *, box: bool) -> None:
            super().__init__()
            self.index = index
            self.box = box

    class Scrolled(WheelTurned):
        """The wheel was turned."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heads: Sequence[str] = ()
        self._rows: Sequence[LedgerRow] = ()
        self._current = 0
        self._first = 0
        self._words: Sequence[Part] = ()

    def show(self, heads: Sequence[str], rows: Sequence[LedgerRow], current: int, words: Sequence[Part]) -> None:
        """Show other losses.

        Args:
            heads: of the columns; the last stands over the words.
            rows: the losses.
            current: index of the current one.
            words: the line below.
        """
        self._heads, self._rows, self._current, self._words = heads, rows, current, words
        self.redraw_changes()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """Heads, losses, words."""
        room = max(height - 2, 1)
        self._first = max(0, min(self._first, self._current, len(self._rows) - room))
        self._first = max(self._first, self._current - room + 1)
        name = NAME if width >= BROADER else NARROW_NAME
        heads = self._heads[:-1]
        cell = CELL + 2 if width - name - 4 >= (CELL + 2) * len(heads) + 24 else CELL
        while len(heads) > 1 and name + 4 + cell * len(heads) > width:
            heads = heads[:-1]
        visible = range(self._first, min(self._first + room, len(self._rows)))
        result = [self._head(heads, name, cell, width, styles)]
        result += [self._row(i, len(heads), name, cell, width, styles) for i in visible]
        result += [Strip.blank(width, styles.text)] * (height - 1 - len(result))
        return [*result, strip_of([(" ", styles.text), *self._words], width, styles.text)]

    def _head(self, heads: Sequence[str], name: int, cell: int, width: int, styles: Styles) -> Strip:
        rule = styles.accent if self.has_focus else styles.muted
        dash = "━" if self.has_focus else "─"
        room = max(self.size.height - 2, 1)
        hidden = len(self._rows) > room
        count = f" {self._first + 1}–{min(self._first + room, len(self._rows))} of {len(self._rows)} " if hidden else ""
        parts: list[Part] = [
            (f"{dash} ", rule),
            ("Losses", styles.accent if self.has_focus else styles.strong),
            (" ", rule),
        ]
        parts += [(dash * (name + 4 - 9 - len(count) - 1), rule), (count, styles.muted), (dash, rule)]
        lead = dash
        for head in heads:
            parts += [(lead + dash * (cell - len(head) - 2), rule), (f" {head}", styles.strong)]
            lead = " "
        last = self._heads[-1] if self._heads else ""
        used = sum(len(text) for text, _ in parts)
        if width - used > len(last) + 4:
            parts += [(f"  {last}", styles.muted)]
            used += len(last) + 2
        parts.append((" " + dash * max(width - used - 1, 0), rule))
        return strip_of(parts, width, styles.text)

    def _row(self, index: int, count: int, name: int, cell: int, width: int, styles: Styles) -> Strip:
        row, current = self._rows[index], index == self._current
        ink = styles.bold_inks[row.ink % len(styles.bold_inks)] if row.on else styles.muted
        body = styles.text if row.on or current else styles.muted
        if current:
            body += styles.focused if self.has_focus else styles.current
        back = styles.focused if current and self.has_focus else None
        title = row.name
        room = name - 1 - len(row.right) - (1 if row.right else 0)
        if len(title) > room:
            title = title[: max(room - 1, 0)] + "…"
        label = f" {title:<{name - 1 - len(row.right)}}{row.right}"
        parts: list[Part] = [
            ("▸" if current else " ", styles.accent + back if back else styles.accent),
            (f"{row.letter}{'■' if row.on else '□'}", ink + back if back else ink),
            (f"{label:<{name + 1}}", body),
            ("".join(f"{text:>{cell}}" for text in row.cells[:count]), body),
            (f"  {row.words}" if width >= BROAD or not row.cells else "", body),
        ]
        return strip_of(parts, width, body)

    # ---- the mouse ------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Clicking a loss shows or hides it."""
        index = self._first + event.y - 1
        if 1 <= event.y < self.size.height - 1 and index < len(self._rows):
            self.post_message(self.Clicked(index, box=event.x < NAME + 4))

    def turned(self, by: int) -> None:
        """The wheel moves through the losses."""
        self.post_message(self.Scrolled(by))
