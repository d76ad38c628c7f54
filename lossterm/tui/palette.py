"""The command palette: every command, loss, activation and theme, found by typing a part of its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from lossterm.tui.commands import Entry
from lossterm.tui.steady import Steady
from lossterm.tui.widgets.chooser import Chooser, Item
from lossterm.tui.widgets.prompt import AsText, insert

ROWS = 14
"""Lines of the list."""


EVERYTHING = "a command, a loss, an activation, a theme"
"""What the palette finds."""


def found(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """The entries that contain every typed word, those whose name begins so first."""
    wanted = typed.lower().split()

    def rank(entry: Entry) -> tuple[int, int]:
        name = entry.name.lower()
        places = [name.find(word) for word in wanted]
        return (sum(place < 0 for place in places), sum(max(place, 0) for place in places))

    texts = ((entry, f"{entry.name} {entry.words} {entry.right}".lower()) for entry in entries)
    return sorted((e for e, text in texts if all(word in text for word in wanted)), key=rank)


class PaletteScreen(Steady[Entry | None], ModalScreen[Entry | None]):
    """Type, move, choose; gives the chosen entry, or None."""

    DEFAULT_CSS = """
    PaletteScreen { align: center top; }
    PaletteScreen > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 100%; margin-top: 2; background: $surface;
    }
    PaletteScreen Input { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("escape,ctrl+c,ctrl+p", "leave", show=False, priority=True),
    ]

    def __init__(self, entries: Sequence[Entry], title: str = "Commands", find: str = EVERYTHING) -> None:
        super().__init__()
        self._entries = entries
        self._found: Sequence[Entry] = entries
        self._current = 0
        self._typed = ""
        self._field = Input(placeholder=f"find {find} …", compact=True, highlighter=AsText())
        self._list = Chooser(title, id="found")
        self._list.can_focus = False
        self._list.styles.height = ROWS + 1
        self._early: list[events.Key] | None = []

    def compose(self) -> ComposeResult:
        """The field and the list."""
        with Vertical():
            yield self._field
            yield self._list

    def on_mount(self) -> None:
        """Type at once, what has been typed before first."""
        self._show()
        early, self._early = self._early or [], None
        for event in early:
            self.type_key(event)

    def type_key(self, event: events.Key) -> bool:
        """Type into the field, or choose; what comes before there is a field waits for it."""
        if self._early is not None:
            self._early.append(event)
        elif event.key == "enter":
            self.on_input_submitted()
        elif event.is_printable and event.character is not None:
            insert(self._field, event.character)
        else:
            return False
        return True

    def _show(self) -> None:
        items = [Item(entry.name, entry.right, box="  ") for entry in self._found]
        self._list.show(items, self._current, f"{len(items)}")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed."""
        self._look_for(event.value)

    def _look_for(self, typed: str) -> None:
        if typed != self._typed:
            self._typed = typed
            self._found, self._current = found(self._entries, typed), 0
            self._show()

    def action_move(self, by: int) -> None:
        """Move through what was found."""
        self._current = min(max(self._current + by, 0), max(len(self._found) - 1, 0))
        self._show()

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """The wheel moves."""
        self.action_move(event.by)

    def on_input_submitted(self) -> None:
        """Choose the current one, of what is found for all that has been typed."""
        self._look_for(self._field.value)
        if self._current < len(self._found):
            self._leave(self._found[self._current])

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """Choose the clicked one."""
        if 0 <= event.index < len(self._found):
            self._leave(self._found[event.index])

    def on_click(self, event: events.Click) -> None:
        """A click beside it leaves."""
        if event.widget is self:
            self._leave(None)

    def action_leave(self) -> None:
        """Leave without choosing."""
        self._leave(None)

    def _leave(self, chosen: Entry | None) -> None:
        if self.is_current:  # a second enter or click may arrive while it is leaving
            self.dismiss(chosen)
