"""The line at the top, which tells the screen and the point, and the line of keys at the bottom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from lossterm.tui.commands import Command
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, length, spread, strip_of

SHORT = 5
"""Characters of a screen's name where room is short: four and a dot."""

GAP = 2
"""Cells between two keys of the bar."""

LAST = 99
"""The rank in the bar of what has none."""


_ROOM, _NARROW_ROOM, _WIDE_ENOUGH = 34, 30, 80
"""Characters that are kept for what is looked at, from so many columns on and below: the names of screens do not change
with how long it is."""


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
        left = self._left(" lossterm  ", "[]", " ", [title for _, _, title in self._tabs], styles)
        if length(left) + _ROOM + 2 > width:
            long, kept = short, _ROOM if width >= _WIDE_ENOUGH else _NARROW_ROOM
            for titles in self._shortened():
                left = self._left(" ", "▐▌", "", titles, styles)
                if length(left) + kept + 2 <= width:
                    break
            else:
                left, self._spans = [], []
        room = width - length(left) - 2
        status = long if len(long) <= room else short
        if len(status) > room:  # its end says most: where the point is
            status = f"…{status[len(status) - room + 1 :]}" if room > 1 else ""
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


@dataclass(frozen=True)
class _Key:
    """One key in the bar.

    Attributes:
        text: how it is written.
        label: what it does.
        commands: what a click does, on each character of the text where there are several.
    """

    text: str
    label: str
    commands: tuple[Command, ...]

    @property
    def width(self) -> int:
        """Cells with the space between them and before the next one."""
        return len(self.text) + len(self.label) + 3


def keys_in_bar(commands: Sequence[Command], pane: str, width: int) -> list[_Key]:
    """The keys that have room, in the order in which they are shown.

    The palette comes first, then what the keys of the pane with the focus do, then the others by their rank; help and
    quit stand at the end, always. Keys with one label, such as those of two directions, share a place.

    Args:
        commands: all there are.
        pane: the id of the widget with the focus.
        width: of the bar in cells.
    """
    first = [c for c in commands if c.action == "app.palette"]
    always = [c for c in commands if c.action in {"app.help", "app.quit"}]
    ranked = sorted(
        (c for c in commands if c not in first and c not in always and c.panes.get(pane, c.label)),
        key=lambda c: (pane not in c.panes, c.footer or LAST),
    )
    known = [_key_of(c, commands, pane) for c in [*first, *ranked, *always]]
    ends = {key.label for key in known[len(known) - len(always) :]}
    room = width - 1 + GAP - sum(key.width for key in known[len(known) - len(always) :])
    chosen: dict[str, _Key] = {}
    for key in known[: len(known) - len(always)]:
        if key.label not in chosen and key.label not in ends and key.width <= room:
            chosen[key.label] = key
            room -= key.width
    return [*chosen.values(), *known[len(known) - len(always) :]]


def _key_of(command: Command, commands: Sequence[Command], pane: str) -> _Key:
    text = command.key_text.split(" ")[0]
    label = command.panes.get(pane, command.label)
    both = [c for c in commands if c.panes.get(pane, c.label) == label]
    pair = tuple(both[:2]) if len(text) == len(both[:2]) == 2 and command is both[0] else (command,)
    return _Key(text, label, pair)


class KeyBar(LineWidget):
    """As many of the most useful keys as have room; those of the pane with the focus first. A click does what one does.

    Args:
        commands: all there are on the screen.
    """

    class Picked(Message):
        """A key was clicked."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__(id="keys")
        self._all = self._commands = commands
        self._pane = ""
        self._spans: list[tuple[int, int, Command]] = []

    def leave_out(self, keys: Collection[str]) -> None:
        """Show none of these keys, which have nothing to act on now; pressed, they say why."""
        left = [command for command in self._all if command.keys[0] not in keys]
        if left != self._commands:
            self._commands = left
            self.redraw()

    def on_mount(self) -> None:
        """Follow the focus."""
        self.watch(self.screen, "focused", self._follow)

    def _follow(self, focused: Widget | None) -> None:
        pane = focused.id or "" if focused is not None else ""
        if pane and pane != self._pane:  # what is typed into has none, and the bar is under it
            self._pane = pane
            self.redraw()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The one line."""
        parts: list[Part] = [(" ", styles.text)]
        self._spans, at = [], 1
        for key in keys_in_bar(self._commands, self._pane, width):
            end = at + key.width - GAP
            cut = at + 1 if len(key.commands) > 1 else at
            self._spans += [(at, cut, key.commands[0]), (cut, end, key.commands[-1])]
            parts += [(key.text, styles.accent), (f" {key.label}", styles.muted), (" " * GAP, styles.text)]
            at = end + GAP
        return [strip_of(parts, width, styles.text)]

    def on_click(self, event: events.Click) -> None:
        """Clicking a key does what it does."""
        for start, end, command in self._spans:
            if start <= event.x < end:
                self.post_message(self.Picked(command))
