"""The app: a shell of screens and a theme, which saves what is looked at however it is left."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.screen import Screen
from textual.theme import Theme

from lossterm.session import Saved, save
from lossterm.ui.commands import GLOBAL, Command, bindings
from lossterm.ui.keys import KeysInOrder
from lossterm.ui.lifeline import forgive_bytes, listen
from lossterm.ui.screens.base import ProgramScreen
from lossterm.ui.screens.palette import Entry, PaletteScreen
from lossterm.ui.style import Styles, styles_of
from lossterm.ui.widgets.bars import TitleBar

SCREENS = (
    ("1", "curves", "Curves", "lossterm.ui.screens.curves:CurvesScreen"),
    ("2", "softmax", "Softmax", "lossterm.ui.screens.softmax:SoftmaxScreen"),
    ("3", "race", "Race", "lossterm.ui.screens.race:RaceScreen"),
    ("4", "data", "Data", "lossterm.ui.screens.data:DataScreen"),
    ("5", "properties", "Properties", "lossterm.ui.screens.properties:PropertiesScreen"),
)
"""Every screen: its key, its mode, its title and its class, which is imported when it is first opened."""

FIRST_FRAME = 0.005
"""Seconds from the start until the panes are certainly on screen: numpy and plotext take longer to load than to use."""


class LosstermApp(KeysInOrder):
    """The explorer."""

    TITLE = "lossterm"
    ENABLE_COMMAND_PALETTE = False  # Textual's own; ours is a screen like the others
    ALLOW_SELECT = False
    DEFAULT_MODE = SCREENS[0][1]  # not switched to: that would hold the first frame back
    BASE_COMMANDS: ClassVar[Sequence[Command]] = (
        *(
            Command((key,), f"app.screen('{mode}')", title, f"The {title} screen", "The program")
            for key, mode, title, _ in SCREENS
        ),
        *GLOBAL,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(BASE_COMMANDS)

    def __init__(self, saved: Saved, *, keep: bool = True, start: str = "") -> None:
        super().__init__()
        for _, mode, _, where in SCREENS:
            self.add_mode(mode, partial(self._open, where))
        self._saved = saved
        self._keep = keep
        self._start = start
        if start:
            self.hold_keys()
        self._keepers: list[ProgramScreen] = []
        self._complaint = ""
        self.is_ready = False
        self._left_with: int | None = None
        if saved.theme is not None and saved.theme in self.available_themes:
            self.theme = saved.theme
        self.line_styles: Styles = styles_of(self.current_theme)

    # ---- life -----------------------------------------------------------------------------------------------------

    def run_to_the_end(self) -> int:
        """Run, and save what is looked at.

        Returns:
            The exit code.
        """
        forgive_bytes()
        try:
            self.run()
        finally:
            self.save_state()
        if self._complaint:
            print(f"lossterm: {self._complaint}", file=sys.stderr)
        return self.return_code or 0

    def on_load(self) -> None:
        """Hear signals before the terminal is taken over."""
        if not self.is_headless:
            listen(self._leave, self.save_state)

    def _leave(self, code: int) -> None:
        # a program that is told to end while it is still being put together ends as soon as it stands
        if self.is_ready:
            self.exit(return_code=code)
        else:
            self._left_with = code

    def on_ready(self) -> None:
        """Nothing is shown before this moment; what takes long may begin a frame after it."""
        if self._start:  # Curves is there by now: the other screens look at what it looks at
            self.switch_mode(self._start)
        self.set_timer(FIRST_FRAME, self._begin)

    def _begin(self) -> None:
        self.is_ready = True
        if self._left_with is not None:
            self.exit(return_code=self._left_with)
            return
        for screen in self._keepers:
            screen.program_is_ready()
        if self._saved.notice and self._keepers:
            self._keepers[0].tell(self._saved.notice, timeout=12, wrong=True)

    def on_mount(self) -> None:
        """Follow the theme."""
        self.theme_changed_signal.subscribe(self, self._theme_changed)

    def _open(self, where: str) -> Screen[Any]:
        module, _, name = where.partition(":")
        screen: Screen[Any] = getattr(import_module(module), name)(self._saved)
        return screen

    def save_state(self) -> None:
        """Save what every screen keeps."""
        if self._keep:
            state = replace(self._saved, theme=self.theme, notice="")
            for screen in self._keepers:
                state = screen.kept(state)
            self._complaint = save(state)

    def enlist(self, screen: ProgramScreen) -> None:
        """A screen with something to keep tells so."""
        self._keepers.append(screen)

    def opened(self, mode: str) -> ProgramScreen | None:
        """The screen of a mode, if it has been opened."""
        return next((screen for screen in self._keepers if screen.mode == mode), None)

    def _theme_changed(self, theme: Theme) -> None:
        self.line_styles = styles_of(theme)
        for screen in self._keepers:
            screen.restyle()

    # ---- screens and commands -------------------------------------------------------------------------------------

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        """The screens: key, mode and title."""
        return [(key, mode, title) for key, mode, title, _ in SCREENS]

    def action_screen(self, mode: str) -> None:
        """Switch to a screen."""
        if isinstance(self.screen, ProgramScreen):  # not from under a list or a help that is open
            self.switch_mode(mode)

    def on_title_bar_picked(self, event: TitleBar.Picked) -> None:
        """A screen's name was clicked."""
        self.switch_mode(event.mode)

    def commands_here(self) -> Sequence[Command]:
        """The commands of the current screen and the program."""
        keeper = self._keeper()
        return [*(keeper.commands if keeper else ()), *self.BASE_COMMANDS]

    def palette_entries(self) -> list[Entry]:
        """Everything that can be done here."""
        keeper = self._keeper()
        entries = [Entry(c.help, c.key_text, c.action, f"{c.label} {c.group}") for c in self.commands_here()]
        entries += keeper.palette_entries() if keeper else []
        themes = sorted(self.available_themes)
        return entries + [Entry(f"Theme: {name}", "colours", f"app.use_theme('{name}')") for name in themes]

    def _keeper(self) -> ProgramScreen | None:
        return next((s for s in reversed(self.screen_stack) if isinstance(s, ProgramScreen)), None)

    def action_palette(self) -> None:
        """Find a command by typing."""
        screen = self.screen
        if isinstance(screen, ProgramScreen):
            self.push_screen(PaletteScreen(self.palette_entries()), partial(self._run_chosen, screen))

    async def _run_chosen(self, screen: Screen[Any], action: str | None) -> None:
        if action is not None:
            await self.run_action(action, default_namespace=screen)

    def action_use_theme(self, name: str) -> None:
        """Change the colours."""
        if name in self.available_themes:
            self.theme = name

    def action_help(self) -> None:
        """Show what every key does."""
        from lossterm.ui.screens.help import HelpScreen

        keeper = self._keeper()
        if keeper and isinstance(self.screen, ProgramScreen):
            self.push_screen(HelpScreen("lossterm", self.commands_here(), keeper.notes))
