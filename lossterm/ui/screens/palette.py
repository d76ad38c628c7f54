"""The command palette: every command, loss, activation and theme, found by typing a part of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from lossterm.ui.screens.steady import Steady
from lossterm.ui.screens.typing import TypingScreen
from lossterm.ui.widgets.chooser import Chooser, Item
from lossterm.ui.widgets.prompt import insert

ROWS = 14
"""Lines of the list."""


@dataclass(frozen=True)
class Entry:
    """Something that can be chosen.

    Attributes:
        name: what it is called.
        right: what stands at the right edge: the key, or what kind of thing it is.
        action: what choosing it runs.
        words: further text by which it is found.
    """

    name: str
    right: str
    action: str
    words: str = ""


def found(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """The entries that contain every typed word, those whose name begins so first."""
    wanted = typed.lower().split()

    def rank(entry: Entry) -> tuple[int, int]:
        name = entry.name.lower()
        places = [name.find(word) for word in wanted]
        return (sum(place < 0 for place in places), sum(max(place, 0) for place in places))

    texts = ((entry, f"{entry.name} {entry.words} {entry.right}".lower()) for entry in entries)
    return sorted((e for e, text in texts if all(word in text for word in wanted)), key=rank)


class PaletteScreen(TypingScreen, Steady[str | None], ModalScreen[str | None]):
    """Type, move, choose; gives the chosen entry's action, or None."""

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

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = entries
        self._found: Sequence[Entry] = entries
        self._current = 0
        self._typed = ""
        self._field = Input(placeholder="find a command, a loss, an activation, a theme …", compact=True)
        self._early: list[events.Key] | None = []

    def compose(self) -> ComposeResult:
        """The field and the list."""
        with Vertical():
            yield self._field
            chooser = Chooser("Commands", id="found")
            chooser.can_focus = False
            chooser.styles.height = ROWS + 1
            yield chooser

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
        self.query_one(Chooser).show(items, self._current, f"{len(items)}")

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
            self._leave(self._found[self._current].action)

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """Choose the clicked one."""
        if 0 <= event.index < len(self._found):
            self._leave(self._found[event.index].action)

    def on_click(self, event: events.Click) -> None:
        """A click beside it leaves."""
        if event.widget is self:
            self._leave(None)

    def action_leave(self) -> None:
        """Leave without choosing."""
        self._leave(None)

    def _leave(self, action: str | None) -> None:
        if self.is_current:  # a second enter or click may arrive while it is leaving
            self.dismiss(action)
