"""The losses of the Softmax screen: which are shown, their parameters, and their numbers at the selected class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, rule_of, strip_of
from lossterm.tui.widgets.rows import Cell, Column, RowParts, Rows, aligned, cut, on_rule

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


def ledger_columns(heads: Sequence[str], width: int) -> list[Column]:
    """The mark, the box, the name with its parameter, and as many numbers as have room.

    Args:
        heads: of the numbers, and last of the words.
        width: cells of a line.
    """
    name, numbers = NAME if width >= BROADER else NARROW_NAME, heads[:-1]
    cell = CELL + 2 if width - name - 4 >= (CELL + 2) * len(numbers) + 24 else CELL
    while len(numbers) > 1 and name + 4 + cell * len(numbers) > width:
        numbers = numbers[:-1]
    columns = [Column(cell, right=True, heads=(head,), number=i) for i, head in enumerate(numbers)]
    return [Column(1), Column(2), Column(name - 1, before=1, after=1), *columns, Column(before=2, number=len(numbers))]


class Ledger(Rows[LedgerRow], can_focus=True):
    """Rows of losses under column heads, with a line of words below; it scrolls."""

    foot_lines, foot_at_end = 1, True

    class Clicked(Rows.Clicked):
        """A row was clicked: on its box, or elsewhere."""

        @property
        def index(self) -> int:
            """The index of the loss."""
            return self.row

        @property
        def box(self) -> bool:
            """Whether its box or name was clicked, and not a number."""
            return self.column < 0

    class Scrolled(Rows.Scrolled):
        """The wheel was turned."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__("Losses", id=id)
        self._heads: Sequence[str] = ()
        self._words: Sequence[Part] = ()

    def show(self, heads: Sequence[str], rows: Sequence[LedgerRow], current: int, words: Sequence[Part]) -> None:
        """Show other losses.

        Args:
            heads: of the columns; the last stands over the words.
            rows: the losses.
            current: index of the current one.
            words: the line below.
        """
        self._heads, self._words = heads, words
        self.put(rows, current)
        self.redraw_changes()

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """As many numbers as have room."""
        return ledger_columns(self._heads, width)

    def heads(self, width: int, styles: Styles) -> list[Strip]:
        """The title, what is out of view and the heads, all in one rule."""
        dash, rule = rule_of(styles, focused=self.has_focus)
        texts = [(2, (self._title, styles.accent if self.has_focus else styles.strong))]
        _, _, name, *numbers, _ = self._columns
        at = 3 + name.extent
        count = self.marks()
        if count:
            texts.append((at - 2 - len(count), (count, styles.muted)))
        for column in numbers:
            at += column.extent
            texts.append((at - len(column.heads[0]), (column.heads[0], styles.strong)))
        last = self._heads[-1] if self._heads else ""
        if last and width - at > len(last) + 4:
            texts.append((at + 2, (last, styles.muted)))
        return [strip_of(on_rule(texts, width, dash, rule), width, styles.text)]

    def row(self, item: LedgerRow, current: bool, width: int, styles: Styles) -> RowParts:
        """The loss with its parameter, its numbers, and what they mean."""
        ink = styles.bold_inks[item.ink % len(styles.bold_inks)] if item.on else styles.muted
        mark, body = styles.accent, styles.text if item.on or current else styles.muted
        if current:
            body += self.on_bar(styles)
            if self.has_focus:
                mark, ink = mark + styles.focused, ink + styles.focused
        room = self._columns[2].width - len(item.right)
        title = aligned(cut(item.name, room - bool(item.right)), room, right=False)
        words = f"  {item.words}" if width >= BROAD or not item.cells else ""
        cells: list[Cell] = [
            ("▸" if current else " ", mark),
            (f"{item.letter}{'■' if item.on else '□'}", ink),
            (f"{title}{item.right}", body),
            *((text, body) for text in item.cells[: len(self._columns) - 4]),
            [(words, body)],  # after the name where it has no numbers
        ]
        return RowParts(cells, body)

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        """The line of words."""
        return [[(" ", styles.text), *self._words]]
