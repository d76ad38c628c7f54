"""A widget that draws its own lines: cheaper than one that is laid out anew at every change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from lossterm.ui.style import Styles

if TYPE_CHECKING:
    from lossterm.ui.app import LosstermApp

Part = tuple[str, Style]
"""A piece of a line and its style."""

PLAIN = Style()


def strip_of(parts: Iterable[Part], width: int, fill: Style = PLAIN) -> Strip:
    """Parts as a strip of exactly ``width`` cells: cut, or filled up."""
    strip = Strip([Segment(text, style) for text, style in parts if text])
    return strip.adjust_cell_length(max(width, 0), fill)


def length(parts: Sequence[Part]) -> int:
    """The cells that parts take, where all their characters take one."""
    return sum(len(text) for text, _ in parts)


def spread(left: Sequence[Part], right: Sequence[Part], width: int, fill: Part = (" ", PLAIN)) -> list[Part]:
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

    def on_focus(self) -> None:
        """Headings tell the focus."""
        self.redraw()

    def on_blur(self) -> None:
        """Headings tell the focus."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """One line, drawn with all the others when the first is asked for."""
        width, height = self.size
        key = (width, height, id(self.styles_now))
        if key != self._drawn_for:
            self._strips = self.lines(width, height, self.styles_now)
            self._drawn_for = key
        return self._strips[y] if y < len(self._strips) else Strip.blank(width, PLAIN)


def heading(title: Sequence[Part], right: str, width: int, styles: Styles, *, focused: bool = False) -> Strip:
    """A rule with a title in it: ``─ Loss ─────────── 4/17 ─``."""
    rule = styles.accent if focused else styles.muted
    dash = "━" if focused else "─"
    left: list[Part] = [(f"{dash} ", rule), *title, (" ", rule)]
    end: list[Part] = [(f" {right} ", styles.muted), (dash, rule)] if right else []
    return strip_of(spread(left, end, width, (dash, rule)), width)
