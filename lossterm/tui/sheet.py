"""A sheet of text over the screen: it scrolls, a key copies what it is about, and enter goes where a section leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.strip import Strip

from lossterm.model.actions import Lay, Section
from lossterm.tui.commands import Command, bindings
from lossterm.tui.steady import Steady
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, heading, strip_of
from lossterm.tui.widgets.wrapping import wrapped

_KEYS = (
    Command(("escape", "q", "ctrl+c"), "leave", "back", "Leave the sheet", ""),
    Command(("enter",), "choose", "open", "Go where the section leads", ""),
    Command(("y",), "copy", "copy", "Copy what the sheet is about", ""),
    Command(("down", "j"), "move(1)", "down", "Next section that leads on, else scroll down", ""),
    Command(("up", "k"), "move(-1)", "up", "The one before, else scroll up", ""),
    Command(("right", "l"), "shift(8)", "right", "What is right of the sheet", ""),
    Command(("left", "h"), "shift(-8)", "left", "Back to the left", ""),
    Command(("pagedown", "space"), "page(1)", "page", "Scroll a page down", ""),
    Command(("pageup",), "page(-1)", "page", "Scroll a page up", ""),
    Command(("home", "g"), "scroll(-9999)", "top", "To the top", ""),
    Command(("end", "G"), "scroll(9999)", "bottom", "To the bottom", ""),
)

WIDTH = 100
"""Cells of a sheet at most."""

_MANY = 1000
_LEAST = 10


@dataclass(frozen=True)
class SheetLine:
    """A line of a sheet.

    Attributes:
        section: index of its section.
        parts: what it says.
        as_is: whether it stands as it is, and may be wider than the sheet.
    """

    section: int
    parts: Sequence[Part]
    as_is: bool = False


class SheetText(LineWidget):
    """The heading of a sheet and the lines of it that are in sight."""

    DEFAULT_CSS = "SheetText { width: 100%; height: 100%; }"

    def __init__(self, sheet: Lay) -> None:
        super().__init__()
        self._sheet = sheet
        self._top = self._left = 0
        self._leading = [i for i, section in enumerate(sheet.sections) if section.take is not None]
        self._at = 0
        self._told = ""
        self._broken: tuple[object, list[SheetLine]] = (None, [])

    @property
    def current(self) -> int | None:
        """Index of the section that enter takes; None where none leads anywhere."""
        return self._leading[self._at] if self._leading else None

    def tell(self, text: str) -> None:
        """Say something in the heading, in place of the keys."""
        self._told = text
        self.redraw()

    def scroll(self, by: int) -> None:
        """Scroll by lines."""
        self._top = min(max(self._top + by, 0), self._last_top)
        self.redraw()

    def page(self, direction: int) -> None:
        """Scroll by what is in sight."""
        self.scroll(direction * max(self.size.height - 2, 1))

    def shift(self, by: int) -> None:
        """What stands as it is may be wider than the sheet: see what is right of it."""
        self._left = min(max(self._left + by, 0), self._beyond)
        self.redraw()

    @property
    def _beyond(self) -> int:
        # cells by which the widest line is wider than the sheet
        widest = max((sum(len(text) for text, _ in line.parts) for line in self._lines if line.as_is), default=0)
        return max(widest - self.size.width + 2, 0)

    def move(self, by: int) -> None:
        """Go to the next section that leads on and have it in sight; scroll where there is none."""
        last = len(self._leading) - 1
        if last < 0 or not 0 <= self._at + by <= last:
            self.scroll(by)
            return
        self._at += by
        lines = [y for y, line in enumerate(self._lines) if line.section == self.current]
        if lines:
            room = max(self.size.height - 1, 1)
            self._top = min(max(self._top, lines[-1] - room + 1), lines[0])
        self.redraw()

    def wanted_height(self, width: int) -> int:
        """Lines of the whole sheet, with its heading."""
        return 1 + len(_lines_of(self._sheet.sections, self.current, width, self.styles_now))

    @property
    def _lines(self) -> list[SheetLine]:
        key = (self.size.width, self.current, id(self.styles_now))
        if self._broken[0] != key:
            self._broken = key, _lines_of(self._sheet.sections, self.current, self.size.width, self.styles_now)
        return self._broken[1]

    @property
    def _last_top(self) -> int:
        return max(len(self._lines) - max(self.size.height - 1, 1), 0)

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The heading and the lines in sight."""
        self._top, self._left = min(self._top, self._last_top), min(self._left, self._beyond)
        head = heading([(self._sheet.title, styles.strong)], self._keys(width), width, styles, focused=True)
        seen = self._lines[self._top : self._top + height - 1]
        return [head, *(strip_of(self._shifted(line, styles), width, styles.text) for line in seen)]

    def _shifted(self, line: SheetLine, styles: Styles) -> list[Part]:
        left, shifted = self._left if line.as_is else 0, []
        for text, style in line.parts:
            shifted.append((text[left:], style))
            left = max(left - len(text), 0)
        return [(" ", styles.text), *shifted]

    def _keys(self, width: int) -> str:
        if self._told:
            return self._told
        more = self._top < self._last_top
        told = ["esc back"]
        told += ["←→"] if self._beyond else []
        told += ["y copies"] if self._sheet.copy else []
        told += ["enter opens"] if self._leading else []
        told += ["↓ more" if more else "↑↓"] if self._last_top or len(self._leading) > 1 else []
        while len(told) > 1 and len(" · ".join(told)) > width - len(self._sheet.title) - 8:
            told.pop()
        return " · ".join(told)


def _lines_of(sections: Sequence[Section], current: int | None, width: int, styles: Styles) -> list[SheetLine]:
    lines: list[SheetLine] = []
    for index, section in enumerate(sections):
        mark = "" if section.take is None else "▸ " if index == current else "  "
        indent = " " * len(mark)
        style = styles.accent if index == current else styles.strong
        texts = [(section.heading, style, mark)] if section.heading else []
        texts += [(text, styles.text, indent) for text in section.text]
        lines += [SheetLine(index, [])] if index else []
        lines += [SheetLine(index, parts) for text in texts for parts in _broken(*text, width, styles)]
        lines += [SheetLine(index, [(indent + line, styles.text)], as_is=True) for line in section.lines]
    return lines


def _broken(text: str, style: Style, before: str, width: int, styles: Styles) -> list[list[Part]]:
    room = max(width - 2 - len(before), _LEAST)
    broken = wrapped([(text, style)], room, _MANY)
    return [[(before if not y else " " * len(before), styles.accent), *parts] for y, parts in enumerate(broken)]


class SheetScreen(Steady[int | None], ModalScreen[int | None]):
    """A sheet over the screen it is about; gives the index of the section that was chosen, or None."""

    DEFAULT_CSS = f"""
    SheetScreen {{ align: center middle; }}
    SheetScreen > SheetText {{ width: {WIDTH}; max-width: 100%; max-height: 100%; background: $surface; }}
    """
    BINDINGS = bindings(_KEYS)

    def __init__(self, sheet: Lay) -> None:
        super().__init__()
        self._sheet = sheet
        self._text = SheetText(sheet)

    def compose(self) -> ComposeResult:
        """The sheet alone."""
        yield self._text

    def on_resize(self, event: events.Resize) -> None:
        """As high as it must be, as far as there is room."""
        self._text.styles.height = self._text.wanted_height(min(event.size.width, WIDTH))

    def action_leave(self) -> None:
        """Leave it."""
        self._leave(None)

    def action_choose(self) -> None:
        """Go where the current section leads; a sheet of text alone is left."""
        self._leave(self._text.current)

    def action_copy(self) -> None:
        """Copy what the sheet is about, and say so."""
        if self._sheet.copy:
            self.app.copy_to_clipboard(self._sheet.copy)
            self._text.tell(self._sheet.copied)

    def action_move(self, by: int) -> None:
        """The next section that leads on, or scroll."""
        self._text.move(by)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self._text.scroll(by)

    def action_page(self, direction: int) -> None:
        """Scroll by what is in sight."""
        self._text.page(direction)

    def action_shift(self, by: int) -> None:
        """See what is right of the sheet."""
        self._text.shift(by)

    def on_mouse_scroll_down(self) -> None:
        """The wheel scrolls."""
        self._text.scroll(3)

    def on_mouse_scroll_up(self) -> None:
        """The wheel scrolls."""
        self._text.scroll(-3)

    def on_click(self, event: events.Click) -> None:
        """A click beside the sheet leaves it."""
        if event.widget is self:
            self._leave(None)

    def _leave(self, chosen: int | None) -> None:
        if self.is_current:  # a second key may arrive while it is leaving
            self.dismiss(chosen)
