"""A line of settings, each with its key; a click does what the key does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, strip_of


@dataclass(frozen=True)
class Setting:
    """One of them.

    Attributes:
        name: what it is.
        value: what it is set to.
        key: the key that changes it.
        action: what the key does.
        short: the name where room is short.
    """

    name: str
    value: str
    key: str
    action: str
    short: str = ""


class Settings(LineWidget):
    """As many of the settings as fit, the first ones first."""

    class Clicked(Message):
        """A setting was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._settings: Sequence[Setting] = ()
        self._spans: list[tuple[int, int, str]] = []

    def show(self, settings: Sequence[Setting]) -> None:
        """Show other settings."""
        if list(settings) != list(self._settings):
            self._settings = settings
            self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The one line: with the keys where there is room, else with short names."""
        for keys, short in ((True, False), (True, True), (False, True)):
            parts = self._parts(styles, keys=keys, short=short)
            if sum(len(text) for text, _ in parts) <= width:
                break
        return [strip_of(parts, width, styles.text)]

    def _parts(self, styles: Styles, *, keys: bool, short: bool) -> list[Part]:
        parts: list[Part] = [(" ", styles.text)]
        self._spans = []
        for setting in self._settings:
            start = sum(len(text) for text, _ in parts)
            name = setting.short if short else setting.name
            if keys:
                parts += [(setting.key, styles.accent), (" ", styles.text)]
            parts.append((f"{name} " if name else "", styles.muted))
            parts.append((setting.value, styles.strong))
            end = sum(len(text) for text, _ in parts)
            self._spans.append((start, end, setting.action))
            parts.append(("   " if keys else "  ", styles.text))
        return parts[:-1]

    def on_click(self, event: events.Click) -> None:
        """Clicking a setting changes it."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                self.post_message(self.Clicked(action))
