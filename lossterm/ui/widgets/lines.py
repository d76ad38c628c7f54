"""A widget that draws its own lines: cheaper than one that is laid out anew at every change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from lossterm.ui.style import Styles

if TYPE_CHECKING:
    from lossterm.ui.app import LosstermApp

Part = tuple[str, Style]
"""A piece of a line and its style."""


def strip_of(parts: Sequence[Part], width: int, fill: Style) -> Strip:
    """Parts as a strip of exactly ``width`` cells: cut, or filled up."""
    segments = [Segment(text, style) for text, style in parts if text]
    used = length(parts) if all(text.isascii() or is_plain(text) for text, _ in parts) else None
    if used is not None and used <= width:
        if used < width:
            segments.append(Segment(" " * (width - used), fill))
        return Strip(segments, width)
    return Strip(segments).adjust_cell_length(max(width, 0), fill)


@lru_cache(maxsize=4096)
def is_plain(text: str) -> bool:
    """Whether every character takes one cell."""
    return cell_len(text) == len(text)


def length(parts: Sequence[Part]) -> int:
    """The cells that parts take, where all their characters take one."""
    return sum(len(text) for text, _ in parts)


def spread(left: Sequence[Part], right: Sequence[Part], width: int, fill: Part) -> list[Part]:
    """Left and right parts with the space between them filled; the right ones go first where room is short."""
    room = width - length(left) - length(right)
    if room < 1:
        return list(left)
    return [*left, (fill[0] * room, fill[1]), *right]


class LineWidget(Widget):
    """Draws itself as strips, which are kept until what they show, the size or the theme changes."""

    DEFAULT_CSS = "LineWidget { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._strips: list[Strip] = []
        self._drawn_for: object = None

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """What to show; fewer than ``height`` are filled up with blank ones."""
        raise NotImplementedError

    @property
    def styles_now(self) -> Styles:
        """The styles of the current theme."""
        return cast("LosstermApp", self.app).line_styles

    def redraw(self) -> None:
        """What is shown has changed."""
        self._drawn_for = None
        self.refresh()

    def redraw_changes(self) -> None:
        """What is shown may have changed in a few lines: only these are sent to the terminal."""
        old, width = self._strips, self.size.width
        if not old or not self.is_attached or not self._drawn_for:
            self.redraw()
            return
        self._drawn_for = None
        self._prepare()
        changed = [y for y, strip in enumerate(self._strips) if y >= len(old) or strip != old[y]]
        if len(old) != len(self._strips):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def on_focus(self) -> None:
        """Headings tell the focus."""
        self.redraw()

    def on_blur(self) -> None:
        """Headings tell the focus."""
        self.redraw()

    def finished(self, strip: Strip) -> Strip:
        """A strip through the app's filters (NO_COLOR is one); our colours are true ones, which need no translating."""
        for line_filter in self.get_line_filters():
            if not isinstance(line_filter, ANSIToTruecolor):
                strip = strip.apply_filter(line_filter, self.styles_now.ground)
        return strip

    def finished_line(self, y: int) -> Strip:
        """One line as it goes to the screen."""
        return self._strips[y]

    def render_line(self, y: int) -> Strip:
        """One line, drawn with all the others when the first is asked for."""
        self._prepare()
        return self.finished_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region: without a border they need no more styling than they have, which halves their cost."""
        self._prepare()
        strips = [self.finished_line(y) for y in crop.line_range]
        left, right = crop.column_span
        return strips if (left, right) == (0, self.size.width) else [strip.crop(left, right) for strip in strips]

    def _prepare(self) -> None:
        width, height = self.size
        key = (width, height, id(self.styles_now))
        if key == self._drawn_for:
            return
        lines = self.lines(width, height, self.styles_now)[:height]
        lines += [Strip.blank(width, self.styles_now.text)] * (height - len(lines))
        self._strips = [self.finished(line) for line in lines]
        self._drawn_for = key


class WheelTurned(Message):
    """The wheel was turned over a list: −1 towards its beginning, 1 towards its end."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


class ListWidget(LineWidget):
    """Lines of which a part is seen; what the wheel does to them, `turned` says."""

    def turned(self, by: int) -> None:
        """The wheel was turned: −1 back, 1 on."""
        raise NotImplementedError

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        self.turned(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        event.stop()
        self.turned(1)


def heading(title: Sequence[Part], right: str, width: int, styles: Styles, *, focused: bool = False) -> Strip:
    """A rule with a title in it: ``─ Loss ─────────── 4/17 ─``."""
    rule = styles.accent if focused else styles.muted
    dash = "━" if focused else "─"
    left: list[Part] = [(f"{dash} ", rule), *title, (" ", rule)]
    end: list[Part] = [(f" {right} ", styles.muted), (dash, rule)] if right else []
    return strip_of(spread(left, end, width, (dash, rule)), width, rule)
