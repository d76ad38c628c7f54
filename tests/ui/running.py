"""The running program without a terminal: its screen as text, its keys, and how long to wait for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from textual import events
from textual._context import visible_screen_stack
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from lossterm.ui.app import LosstermApp

WIDE, NARROW = (120, 40), (80, 24)
"""The two sizes of the design."""

PATIENCE = 200
"""How many times the program may be idle before it has drawn what it was asked for."""


def screen_strips(app: LosstermApp) -> list[Strip]:
    """The lines of the screen as they would be sent to a terminal, popups and notices over what they cover."""
    visible_screen_stack.set(app._background_screens)  # no public way gives lines and not an SVG
    return app.screen._compositor.render_strips(app.size)


def screen_text(app: LosstermApp) -> list[str]:
    """The lines of the screen as text."""
    return [strip.text for strip in screen_strips(app)]


def squeezed(text: str) -> str:
    """A text without its blanks."""
    return "".join(text.split())


class Running(ABC):
    """The running program, on one of its screens.

    Attributes:
        app: the program.
        pilot: presses its keys.
        patience: how many times it may be idle before it has done what is waited for.
    """

    patience = PATIENCE

    def __init__(self, app: LosstermApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    @abstractmethod
    def screen(self) -> Screen[None]:
        """The screen, whatever is over it."""

    @property
    @abstractmethod
    def is_settled(self) -> bool:
        """Whether all that was asked for is on screen."""

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        for _ in range(self.patience):
            await self.pilot.pause()
            if holds():
                return
        raise AssertionError(f"it never came to that\n{self.text}")

    async def settle(self) -> None:
        """Wait until all that was asked for is on screen."""
        await self.until(lambda: self.is_settled)

    async def press(self, *keys: str) -> None:
        """Press keys and wait until what they do is on screen."""
        await self.pilot.press(*keys)
        await self.settle()

    async def paste(self, text: str) -> None:
        """Paste a text into what has the focus."""
        assert self.app.focused is not None
        self.app.focused.post_message(events.Paste(text))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def told(self, text: str) -> None:
        """Wait until a text is on screen; it may be broken into lines."""
        await self.until(lambda: squeezed(text) in squeezed(self.text))

    @property
    def lines(self) -> list[str]:
        """The screen."""
        return screen_text(self.app)

    @property
    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.lines)

    def region(self, name: str) -> Region:
        """Where a widget is, by its id."""
        return self.screen.query_one(f"#{name}").region

    def part(self, name: str) -> list[str]:
        """The lines of a widget, by its id, as they are on screen."""
        where = self.region(name)
        return [line[where.x : where.right] for line in self.lines[where.y : where.bottom]]
