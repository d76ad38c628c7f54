"""The line at the top, which tells the screen and the point, and the line of keys at the bottom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.ui.commands import Command
from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import LineWidget, Part, length, spread, strip_of

SHORT = 5
"""Characters of a screen's name where room is short: four and a dot."""


class TitleBar(LineWidget):
    """The program's name, the screens, and on the right what is looked at."""

    class Picked(Message):
        """A screen's name was clicked."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, tabs: Sequence[tuple[str, str, str]], active: str) -> None:
        super().__init__(id="title")
        self._tabs = list(tabs)
        self._active = active
        self._status: tuple[str, str] = ("", "")
        self._spans: list[tuple[int, int, str]] = []

    def show_status(self, long: str, short: str) -> None:
        """Say what is looked at, in a long form and one for narrow terminals."""
        if (long, short) != self._status:
            self._status = (long, short)
            self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The one line."""
        long, short = self._status
        status = long
        left = self._left(" lossterm  ", "[]", " ", [title for _, _, title in self._tabs], styles)
        if length(left) + len(status) + 2 > width:
            status = short
            for titles in self._shortened():
                left = self._left(" ", "▐▌", "", titles, styles)
                if length(left) + len(status) + 2 <= width:
                    break
            else:
                left, status, self._spans = [(" " + short, styles.text)], "", []
        right: list[Part] = [(status + " ", styles.text)] if status else []
        return [strip_of(spread(left, right, width, (" ", styles.text)), width, styles.text)]

    def _shortened(self) -> Iterator[list[str]]:
        """The titles, ever shorter: those of other screens first, the longest of them first; at last only the keys."""
        titles = [title for _, _, title in self._tabs]
        yield list(titles)
        here = [mode for _, mode, _ in self._tabs].index(self._active)
        others = sorted((i for i in range(len(titles)) if i != here), key=lambda i: -len(titles[i]))
        for i in [*others, here]:
            if len(titles[i]) > SHORT:
                titles[i] = f"{titles[i][: SHORT - 1]}."
                yield list(titles)
        for i in others:
            titles[i] = ""
        yield list(titles)
        titles[here] = ""
        yield titles

    def _left(self, name: str, brackets: str, before: str, titles: Sequence[str], styles: Styles) -> list[Part]:
        parts: list[Part] = [(name, styles.strong)]
        self._spans = []
        for (key, mode, _), title in zip(self._tabs, titles, strict=True):
            start = length(parts)
            text = f"{key} {title}".rstrip()
            if mode == self._active:
                parts += [(brackets[0], styles.accent), (text, styles.strong), (brackets[1], styles.accent)]
            else:
                parts.append((f"{before}{text} ", styles.muted))
            self._spans.append((start, length(parts), mode))
        return parts

    def on_click(self, event: events.Click) -> None:
        """Clicking a screen's name opens it."""
        for start, end, mode in self._spans:
            if start <= event.x < end:
                self.post_message(self.Picked(mode))


class KeyBar(LineWidget):
    """The most useful keys."""

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__(id="keys")
        self._commands = [c for c in commands if c.footer]

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The one line: as many as fit, the first ones first, but help and quit always."""
        always = [c for c in self._commands if c.action in {"app.help", "app.quit"}]
        chosen: list[Command] = list(always)
        for command in self._commands:
            if command not in always and self._width([*chosen, command]) <= width:
                chosen.insert(len(chosen) - len(always), command)
        parts: list[Part] = [(" ", styles.text)]
        for command in chosen:
            parts += [(command.key_text.split(" ")[0], styles.accent), (f" {command.label}  ", styles.muted)]
        return [strip_of(parts, width, styles.text)]

    @staticmethod
    def _width(commands: Sequence[Command]) -> int:
        return 1 + sum(len(c.key_text.split(" ")[0]) + len(c.label) + 3 for c in commands)
