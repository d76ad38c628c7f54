"""A screen that is not thrown about by sizes that are no longer the terminal's."""

from __future__ import annotations

from textual import events, on
from textual.screen import Screen, ScreenResultType


class Steady(Screen[ScreenResultType]):
    """A screen that leaves out a resize which has been overtaken by another one.

    A screen that is laid out in another size posts that size to itself once more. Two sizes that are under way at the
    same time would chase each other for ever.
    """

    @on(events.Resize)
    def leave_out(self, event: events.Resize) -> None:
        """Leave it to Textual only if this is still the terminal's size."""
        if event.size != self.app.size:
            event.prevent_default()
