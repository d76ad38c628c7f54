"""A screen into which something may be typed, from the moment it asks for it."""

from __future__ import annotations

from textual import events


class TypingScreen:
    """Takes the keys that are typed before the field has the focus, or is there at all."""

    def type_key(self, event: events.Key) -> bool:
        """Take a key; says whether it was one to take."""
        raise NotImplementedError
