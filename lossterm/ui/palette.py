"""The command palette: every command of the screen, every loss, activation and theme, found by typing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from lossterm.ui.app import LosstermApp


class CommandsProvider(Provider):
    """What the screen and the program can do."""

    def _entries(self) -> Iterator[tuple[str, str, partial[object]]]:
        app = cast("LosstermApp", self.app)
        for command in app.commands_here():
            name = f"{command.help}  [{command.key_text}]"
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
