"""Keys in the order in which they were pressed, however fast: each acts before the next one is looked at."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.screen import Screen

from lossterm.ui.screens.base import ProgramScreen
from lossterm.ui.screens.typing import TypingScreen

_FORGOTTEN = 0.5
"""Seconds after which a key that was sent on the long way and has not come back is not waited for any more."""


class KeysInOrder(App[None]):
    """Runs a key's action at once, and types printable keys into what is being typed into.

    Textual sends a key to the widget that has the focus, from where it bubbles up to the app, which looks for its
    binding. Keys that arrive together are then all under way before the first of them has opened a prompt. No widget
    here takes keys but text fields, so that way can be cut short.
    """

    _under_way = 0
    _sent = 0.0
    _held: list[events.Key] | None = None

    def hold_keys(self) -> None:
        """Keep keys until the screen that they are meant for is there."""
        self._held = []

    async def release_keys(self) -> None:
        """It is there; a screen that is shown says so."""
        held, self._held = self._held or [], None
        for event in held:
            await self.on_event(event)

    async def on_event(self, event: events.Event) -> None:
        """Take a key at once, or send it on Textual's way."""
        if isinstance(event, events.Key):
            if self._held is not None:
                self._held.append(event)
                return
            if event.is_forwarded:
                self._under_way = max(self._under_way - 1, 0)
            elif self._must_wait(event):
                self._under_way += 1
                self._sent = event.time
            elif await self._take(event):
                return
        await super().on_event(event)

    def _must_wait(self, event: events.Key) -> bool:
        # behind other keys, and on a screen that is not there yet or has keys of its own
        if self._under_way and event.time - self._sent < _FORGOTTEN:
            return True
        self._under_way = 0
        screen = self.screen
        if isinstance(screen, ProgramScreen):
            return not (screen.is_mounted and self.app_focus)
        return not isinstance(screen, TypingScreen)

    async def _take(self, event: events.Key) -> bool:
        screen: Screen[object] = self.screen
        if isinstance(screen, TypingScreen) and screen.type_key(event):
            return True
        active = screen.active_bindings.get(event.key)
        if active is None:
            return False
        # an action may pass, such as copying where nothing is selected: then another binding has its turn
        return await self.run_action(active.binding.action, default_namespace=active.node)
