"""The app: a shell of modes and a theme, which saves what is looked at however it is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, ClassVar, Protocol, runtime_checkable

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.theme import Theme

from lossterm.session import Saved, save
from lossterm.ui.commands import GLOBAL, Command, bindings
from lossterm.ui.palette import CommandsProvider
from lossterm.ui.style import Styles, styles_of
from lossterm.ui.widgets.bars import TitleBar

_GRACE = 2.0
"""Seconds after a hang-up in which the program must have ended by itself."""


@runtime_checkable
class Keeper(Protocol):
    """A screen that has something to keep between runs, and commands of its own."""

    commands: ClassVar[Sequence[Command]]
    notes: ClassVar[str]

    def kept(self, saved: Saved) -> Saved:
        """What was saved with this screen's part in it."""

    def extra_entries(self) -> Iterator[tuple[str, str, str]]:
        """Further entries of the palette: name, what it is, action."""

    def restyle(self) -> None:
        """The theme has changed."""


SCREENS = (("curves", "Curves", "lossterm.ui.screens.curves:CurvesScreen"),)
"""Every screen: its mode, its title and its class, in the order of the keys 1, 2, …"""


class LosstermApp(App[None]):
    """The explorer."""

    TITLE = "lossterm"
    COMMANDS = {CommandsProvider}  # noqa: RUF012
    COMMAND_PALETTE_BINDING = "ctrl+p"
    ENABLE_COMMAND_PALETTE = True
    BASE_COMMANDS: ClassVar[Sequence[Command]] = (
        *(Command((str(n),), f"app.screen({n})", title, f"The {title} screen", "The program")
          for n, (_, title, _) in enumerate(SCREENS, start=1)),
        *GLOBAL,
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = bindings(BASE_COMMANDS)
    CSS = """
    Toast { max-width: 100%; width: auto; }
    """

    def __init__(self, saved: Saved, *, keep: bool = True) -> None:
        super().__init__()
        self._saved = saved
        self._keep = keep
        self._left = False
        self.line_styles: Styles = styles_of(self.current_theme)
        if saved.theme in self.available_themes and saved.theme is not None:
            self.theme = saved.theme
            self.line_styles = styles_of(self.current_theme)

    # ---- life -----------------------------------------------------------------------------------------------------

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """The screens: mode and title, in the order of their keys."""
        return [(mode, title) for mode, title, _ in SCREENS]

    def on_mount(self) -> None:
        """Open the first screen; follow the theme, the signals and the terminal."""
        for mode, _, where in SCREENS:
            self.add_mode(mode, partial(self._open, where))
        self.switch_mode(SCREENS[0][0])
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        self._listen()
        if self._saved.notice:
            self.notify(self._saved.notice, severity="warning", timeout=8, markup=False)

    def _open(self, where: str) -> Screen[Any]:
        module, _, name = where.partition(":")
        screen: Screen[Any] = getattr(import_module(module), name)(self._saved)
        return screen

    def action_screen(self, number: int) -> None:
        """Switch to a screen by its number, from 1."""
        if number <= len(SCREENS):
            self.switch_mode(SCREENS[number - 1][0])

    def on_title_bar_picked(self, event: TitleBar.Picked) -> None:
        """A screen's name was clicked."""
        self.switch_mode(event.name)

    def _theme_changed(self, theme: Theme) -> None:
        self.line_styles = styles_of(theme)
        for screen in self._known_screens:
            screen.restyle()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            number = getattr(signal, name, None)
            if number is not None:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(number, self._ended_by, number)
        if hasattr(select, "poll") and not self.is_headless:
            threading.Thread(target=self._watch_terminal, args=(loop,), daemon=True).start()

    def _ended_by(self, number: int) -> None:
        self.exit(return_code=0 if number == signal.SIGINT else 128 + number)

    def _watch_terminal(self, loop: asyncio.AbstractEventLoop) -> None:
        # a terminal that has gone says so only here: reading from it would return nothing for ever
        poll = select.poll()
        try:
            poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
            while not any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll()):
                pass
        except (OSError, ValueError):
            return
        if self._left:
            return
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._ended_by, signal.SIGHUP)
        threading.Event().wait(_GRACE)
        self.save_state()
        os._exit(128 + signal.SIGHUP)

    def run_to_the_end(self) -> int:
        """Run, and save what is looked at.

        Returns:
            The exit code.
        """
        try:
            self.run()
        finally:
            self._left = True
            problem = self.save_state()
        if problem:
            print(f"lossterm: {problem}", file=sys.stderr)
        return self.return_code or 0

    def save_state(self) -> str:
        """Save it; returns what went wrong."""
        if not self._keep:
            return ""
        return save(self._state())

    def _state(self) -> Saved:
        state = replace(self._saved, theme=self.theme, notice="")
        for screen in list(self._known_screens):
            state = screen.kept(state)
        return state

    @property
    def _known_screens(self) -> list[Keeper]:
        return self.__dict__.setdefault("_keepers", [])  # type: ignore[no-any-return]

    def enlist(self, screen: Keeper) -> None:
        """A screen with something to keep tells so."""
        if screen not in self._known_screens:
            self._known_screens.append(screen)

    # ---- commands -------------------------------------------------------------------------------------------------

    def commands_here(self) -> Sequence[Command]:
        """The commands of the current screen and the program."""
        screen = self._keeper()
        return [*(screen.commands if screen else ()), *self.BASE_COMMANDS]

    def extra_entries(self) -> Iterator[tuple[str, str, str]]:
        """Palette entries that are no keys: what the screen offers, and the themes."""
        screen = self._keeper()
        if screen:
            yield from screen.extra_entries()
        for name in sorted(self.available_themes):
            yield f"Theme: {name}", "Colours of the program", f"app.use_theme('{name}')"

    def _keeper(self) -> Keeper | None:
        return next((s for s in reversed(self.screen_stack) if isinstance(s, Keeper)), None)

    def action_use_theme(self, name: str) -> None:
        """Change the colours."""
        if name in self.available_themes:
            self.theme = name

    def action_help(self) -> None:
        """Show what every key does."""
        from lossterm.ui.screens.help import HelpScreen

        screen = self._keeper()
        if screen and not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen("lossterm", self.commands_here(), screen.notes))

