"""The running program without a terminal: its screen as text, its keys, and how long to wait for it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from textual import events
from textual._context import visible_screen_stack
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from lossterm.curves.options import saved_picture
from lossterm.curves.view import View
from lossterm.features import FEATURES
from lossterm.model.store import Saved
from lossterm.tui.app import LosstermApp

WIDE, NARROW = (120, 40), (80, 24)
"""The two sizes of the design."""

PATIENCE, NAP = 6000, 0.01
"""How many times the program may be idle before it has done what it was asked for; the seconds between two looks."""


def saved_of(view: View | None = None, screens: Mapping[str, Any] | None = None, theme: str | None = None) -> Saved:
    """What would have been saved of a view, and of other screens."""
    curves = {} if view is None else {"curves": saved_picture(view)}
    return Saved(None if view is None else view.subject, {**curves, **(screens or {})}, theme)


def program(saved: Saved | None = None, *, start: str = "") -> LosstermApp:
    """The program, which keeps nothing; it opens on the screen of this name, or on the first."""
    app = LosstermApp(FEATURES, saved or Saved(), keep=False, start=start)
    app.animation_level = "none"  # what scrolls smoothly takes its time
    return app


ScreenType = TypeVar("ScreenType", bound=Screen[Any])


def opened(app: LosstermApp, kind: type[ScreenType]) -> ScreenType:
    """The screen of a kind, which has been opened before."""
    return next(screen for screen in app._opened.values() if isinstance(screen, kind))


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


async def came_to(pilot: Pilot[None], holds: Callable[[], object], patience: int = PATIENCE) -> None:
    """Wait until something holds in a program."""
    for attempt in range(patience):
        for _ in range(3):  # each ends with a refresh: of places, of what is in them, of what that changes
            await pilot.pause()
        if holds():
            return
        if attempt > 5:  # it takes a timer, or another thread
            await asyncio.sleep(NAP)
    assert isinstance(pilot.app, LosstermApp)
    raise AssertionError("it never came to that\n" + "\n".join(screen_text(pilot.app)))


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
        await came_to(self.pilot, holds, self.patience)

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
        await self.until(lambda: self.app._resize_event is None)  # Textual takes a size a moment later
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
