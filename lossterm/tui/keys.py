"""Keys in the order in which they were pressed, however fast: each acts before the next one is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import App
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widget import Widget

from lossterm.tui.program import TakesKeys
from lossterm.tui.screen import FeatureScreen

_FORGOTTEN = 0.5
"""Seconds after which a key that was sent on the long way and has not come back is not waited for any more."""

QUEUED = 50
"""Keys that wait, from which they are dropped by a key that leaves: nobody waits for thousands of them to be obeyed."""


class KeysInOrder(App[None]):
    """Runs a key's action at once, and types printable keys into what is being typed into.

    Textual sends a key to the widget that has the focus, from where it bubbles up to the app, which looks for its
    binding. Keys that arrive together are then all under way before the first of them has opened a prompt. No widget
    here takes keys but text fields, so that way can be cut short.
    """

    is_leaving = False
    """Whether the program has been told to end: nothing that is typed counts any more."""

    is_touched = False
    """Whether anything has been typed."""

    _waiting = 0
    _nothing_before = 0.0
    _under_way = 0
    _sent = 0.0
    _bound: tuple[Screen[object], Widget | None, Mapping[str, ActiveBinding]] | None = None

    def sent(self, event: events.Key) -> None:
        """Hear in the driver's thread of a key on its way: ctrl+c drops a long queue before it, as terminals do."""
        if event.key in {"ctrl+c", "ctrl+q"} and self._waiting > QUEUED:
            self._nothing_before = event.time
        self._waiting += 1

    def pressed(self, event: events.Key) -> None:
        """Hear of a key before it does anything."""

    async def on_event(self, event: events.Event) -> None:
        """Take a key at once, or send it on Textual's way."""
        if isinstance(event, events.InputEvent | events.Paste):
            self.is_touched = True
            if isinstance(event, events.Key) and not event.is_forwarded:
                self._waiting = max(self._waiting - 1, 0)
            if self.is_leaving or event.time < self._nothing_before:
                return
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self.pressed(event)
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
        if isinstance(screen, FeatureScreen):
            return not (screen.is_mounted and self.app_focus)
        return not isinstance(screen, TakesKeys)

    async def _take(self, event: events.Key) -> bool:
        screen: Screen[object] = self.screen
        if isinstance(screen, TakesKeys) and screen.type_key(event):
            return True
        active = self._bindings_of(screen).get(event.key)
        if active is None:
            return False
        if await self.run_action(active.binding.action, default_namespace=active.node):
            return True
        # an action may pass, such as copying where nothing is selected: then another binding has its turn on the long
        # way, and the keys after this one wait for it
        self._under_way += 1
        self._sent = event.time
        return False

    def _bindings_of(self, screen: Screen[object]) -> Mapping[str, ActiveBinding]:
        # every key is bound by a class, so they are others on another screen and with another focus alone; Textual goes
        # through all of them each time it is asked
        focused = screen.focused
        if self._bound is None or self._bound[0] is not screen or self._bound[1] is not focused:
            self._bound = screen, focused, screen.active_bindings
        return self._bound[2]
