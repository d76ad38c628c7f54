"""A small list over the screen, to choose from what is folded into one line."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from lossterm.tui.commands import Command, bindings
from lossterm.tui.steady import Steady
from lossterm.tui.widgets.chooser import Chooser, Item

_KEYS = (
    Command(("up", "k"), "move(-1)", "up", "Row above", ""),
    Command(("down", "j"), "move(1)", "down", "Row below", ""),
    Command(("home", "pageup"), "move(-99)", "first", "First row", ""),
    Command(("end", "pagedown"), "move(99)", "last", "Last row", ""),
    Command(("enter", "space"), "choose", "choose", "Choose the row", ""),
    Command(("escape", "q", "ctrl+c"), "leave", "back", "Back without choosing", ""),
)


LEAVING = "enter takes it · esc back"
"""What the heading says of the keys."""


class PickScreen(Steady[int | None], ModalScreen[int | None]):
    """Choose one of a few items; gives its index, or None."""

    DEFAULT_CSS = """
    PickScreen { align: center middle; }
    PickScreen > Chooser { width: 44; max-width: 100%; max-height: 100%; background: $surface; }
    """
    BINDINGS = bindings(_KEYS)

    def __init__(self, title: str, items: Sequence[Item], current: int) -> None:
        super().__init__()
        self._items = items
        self._current = current
        self._list = Chooser(title, id="pick")
        self._list.styles.height = len(items) + 1

    def compose(self) -> ComposeResult:
        """The list alone."""
        yield self._list

    def on_mount(self) -> None:
        """Show it."""
        self._show()

    def _show(self) -> None:
        self._list.show(self._items, self._current, LEAVING)

    def action_move(self, by: int) -> None:
        """Move the current row."""
        self._current = min(max(self._current + by, 0), len(self._items) - 1)
        self._show()

    def action_choose(self) -> None:
        """Choose the current row."""
        self._leave(self._current)

    def action_leave(self) -> None:
        """Leave without choosing."""
        self._leave(None)

    def _leave(self, chosen: int | None) -> None:
        if self.is_current:  # a second key or click may arrive while it is leaving
            self.dismiss(chosen)

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """Choose the clicked row."""
        self._leave(event.index)

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """The wheel moves."""
        self.action_move(event.by)

    def on_click(self, event: events.Click) -> None:
        """A click beside the list leaves."""
        if event.widget is self:
            self._leave(None)
