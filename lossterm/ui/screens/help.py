"""What every key does and what the marks mean: made from the commands, so that it cannot differ from them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from lossterm.ui.commands import Command, bindings
from lossterm.ui.screens.steady import Steady

_KEYS = (
    Command(("escape", "q", "?", "enter", "ctrl+c"), "leave", "back", "Close the help", ""),
    Command(("down", "j"), "scroll(1)", "down", "Scroll down", ""),
    Command(("up", "k"), "scroll(-1)", "up", "Scroll up", ""),
    Command(("pagedown", "space"), "scroll(10)", "page", "Scroll a page down", ""),
    Command(("pageup",), "scroll(-10)", "page", "Scroll a page up", ""),
    Command(("home",), "scroll(-9999)", "top", "To the top", ""),
    Command(("end",), "scroll(9999)", "bottom", "To the bottom", ""),
)


def help_text(commands: Sequence[Command], notes: str) -> str:
    """The commands by group, aligned, and the notes."""
    wide = max(len(c.key_text) for c in commands)
    groups = dict.fromkeys(c.group for c in commands)
    blocks = []
    for group in groups:
        lines = [f"  {c.key_text:<{wide}}  {c.help}" for c in commands if c.group == group]
        blocks.append("\n".join([group, *lines]))
    return "\n\n".join([*blocks, notes.strip()])


class HelpScreen(Steady[None], ModalScreen[None]):
    """The help, over the screen it is about."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 100; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 1 2; border: round $accent;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS = bindings(_KEYS)

    def __init__(self, title: str, commands: Sequence[Command], notes: str) -> None:
        super().__init__()
        self._text = help_text(commands, notes)
        self._heading = title

    def compose(self) -> ComposeResult:
        """The text, which scrolls."""
        with VerticalScroll() as scroll:
            scroll.border_title = self._heading
            scroll.border_subtitle = "↑↓ scroll · esc back"
            yield Static(self._text, markup=False)

    def action_leave(self) -> None:
        """Close it; a second key may arrive while it is leaving."""
        if self.is_current:
            self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
