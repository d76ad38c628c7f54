"""A pane of rows under a heading, with a current row; it scrolls, and can be folded to a single line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, spread, strip_of
from lossterm.tui.widgets.rows import Column, RowParts, Rows

COLUMNS = (Column(1), Column(1), Column(1), Column(before=1))
"""The mark of the current row, the letter, whether it is chosen, what it says."""


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


class Chooser(Rows[Item], can_focus=True):
    """A list of items of which one is current."""

    class Clicked(Rows.Clicked):
        """An item was clicked; of a folded pane (index −1) one of the lines of its summary."""

        rows: Chooser

        @property
        def chooser(self) -> Chooser:
            """The list."""
            return self.rows

        @property
        def index(self) -> int:
            """The index of the item."""
            return self.row

    class Scrolled(Rows.Scrolled):
        """The wheel was turned over the list."""

        rows: Chooser

        @property
        def chooser(self) -> Chooser:
            """The list."""
            return self.rows

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002
        super().__init__(title, id=id)
        self._right = self._empty = ""
        self._folded: Sequence[str] | None = None

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
        title: str = "",
    ) -> None:
        """Show other items.

        Args:
            items: the rows.
            current: index of the current one.
            right: at the right of the heading.
            folded: the summary that stands for the whole list in little room, a line each; None unfolds it.
            empty: what is said where there are no rows.
            title: the heading, where it is another one.
        """
        self._title = title or self._title
        self._right, self._folded, self._empty = right, folded, empty
        self.put(items, current)
        self.redraw()

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """The same at every size."""
        return COLUMNS

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The heading and the visible rows; or the summary."""
        if self._folded is None:
            return super().lines(width, height, styles)
        self._seen = range(0)
        return [self._summary(text, width, styles) for text in self._folded]

    def marks(self) -> str:
        """What the heading says, and whether rows are out of view."""
        below = self._seen.stop < len(self._rows)
        return f"{self._right} {'▾' if below else '▴' if self._seen.start else ''}".strip()

    def _summary(self, text: str, width: int, styles: Styles) -> Strip:
        name, _, value = text.partition(": ")
        mark = "▸" if self.has_focus else " "
        room = width - len(value) - 4  # what is chosen comes before the name of the pane
        if len(name) > room:
            name = f"{name[: max(room - 1, 0)]}…"
        left: list[Part] = [(mark, styles.accent), (name, styles.accent if self.has_focus else styles.muted)]
        right: list[Part] = [(value, styles.strong), (" ▾", styles.muted)]
        return strip_of(spread(left, right, width, (" ", styles.text)), width, styles.text)

    def row(self, item: Item, current: bool, width: int, styles: Styles) -> RowParts:
        """The item, with its parameters at the right."""
        ink = styles.bold_inks[item.ink % len(styles.bold_inks)] if item.ink >= 0 else styles.accent
        body, sign = styles.text if item.on or current else styles.muted, ink if item.on else styles.muted
        if current:
            bar = self.on_bar(styles)
            body, sign, ink = body + bar, sign + bar, ink + bar
        mark = ink if item.ink < 0 or (current and self.has_focus) else styles.accent
        cells = [("▸" if current else " ", mark), (item.letter, ink), (item.box[not item.on], sign), (item.text, body)]
        return RowParts(cells, body, [(item.right, body)] if item.right else ())

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        """What is said where there are no rows."""
        if self._rows:
            return ()
        return [[(f" {line}", styles.muted)] for line in textwrap.wrap(self._empty, max(width - 2, 8))]

    def tells(self, line: int) -> bool:
        """The lines of the summary can be clicked."""
        return self.is_folded
