"""The command palette: every command of the screen, every loss, activation and theme, found by typing."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from lossterm.ui.app import LosstermApp


class Palette(CommandPalette):
    """Textual's palette, made to bear any key at any time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page('page_down')", show=False),
        Binding("pageup", "page('page_up')", show=False),
    ]

    def action_page(self, name: str) -> None:
        """Page through the list, once there is one."""
        with suppress(KeyError, IndexError):
            self._action_command_list(name)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave; a second enter that arrives meanwhile does nothing."""
        return super().dismiss(result) if self.is_current else AwaitComplete()


class CommandsProvider(Provider):
    """What the screen and the program can do."""

    def _entries(self) -> Iterator[tuple[str, str, partial[Coroutine[Any, Any, None]]]]:
        app = cast("LosstermApp", self.app)
        for command in app.commands_here():
            name = f"{command.help}  ({command.key_text})"
            yield name, command.group, partial(self._run, command.action)
        for name, about, action in app.extra_entries():
            yield name, about, partial(self._run, action)

    async def _run(self, action: str) -> None:
        await self.app.run_action(action, default_namespace=self.screen)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for name, about, run in self._entries():
            yield DiscoveryHit(_plain(name), run, text=name, help=about)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for name, about, run in self._entries():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, text=name, help=about)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
