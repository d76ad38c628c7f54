"""A widget that draws its own lines: cheaper than one that is laid out anew at every change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lossterm.core.plain import visible
from lossterm.tui.program import program
from lossterm.tui.theme import Styles

Part = tuple[str, Style]
"""A piece of a line and its style."""


_NO_LOSS = frozenset(" ─━\u2800")
"""What says nothing, and may be cut without a sign."""


def strip_of(parts: Sequence[Part], width: int, fill: Style) -> Strip:
    """Parts as a strip of exactly ``width`` cells; of what cannot be seen there are stand-ins.

    Shorter ones are filled up. Of longer ones the last cell is an ellipsis, unless what is cut says nothing.
    """
    segments, used = [], 0
    for text, style in parts:
        if text:
            seen = text if text.isprintable() else visible(text)
            segments.append(Segment(seen, style))
            used += len(seen) if seen.isascii() or is_plain(seen) else cell_len(seen)
    if used <= width:
        if used < width:
            segments.append(Segment(" " * (width - used), fill))
        return Strip(segments, width)
    whole = Strip(segments, used)
    kept, cut_off = whole.crop(0, max(width, 0)), whole.crop(max(width, 0), used)
    is_whole = kept.text + cut_off.text == whole.text  # and no wide character is cut in two
    if width < 1 or (is_whole and _NO_LOSS.issuperset(cut_off.text)):
        return whole.adjust_cell_length(max(width, 0), fill)
    last = next(iter(whole.crop(width - 1, width)), Segment("", fill))
    return Strip([*whole.crop(0, width - 1), Segment("…", last.style)], width)


@lru_cache(maxsize=4096)
def is_plain(text: str) -> bool:
    """Whether every character takes one cell."""
    return cell_len(text) == len(text)


def cells_in(text: str) -> int:
    """The cells that a text takes."""
    return len(text) if text.isascii() or is_plain(text) else cell_len(text)


def length(parts: Sequence[Part]) -> int:
    """The cells that parts take."""
    used = 0
    for text, _ in parts:
        used += len(text) if text.isascii() or is_plain(text) else cell_len(text)
    return used


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
        return program(self).line_styles

    def redraw(self) -> None:
        """What is shown has changed."""
        self._drawn_for = None
        self.refresh()

    def redraw_changes(self) -> None:
        """What is shown may have changed in a few lines: only these are sent to the terminal."""
        old = self._strips
        if not old or not self.is_attached or not self._drawn_for:
            self.redraw()
            return
        self._drawn_for = None
        width = self._prepare()
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

    def finished(self, strips: list[Strip]) -> list[Strip]:
        """Strips through the app's filters (NO_COLOR is one); our colours are true ones, which need no translating."""
        for line_filter in self.get_line_filters():
            if not isinstance(line_filter, ANSIToTruecolor):
                strips = [strip.apply_filter(line_filter, self.styles_now.ground) for strip in strips]
        return strips

    def finished_line(self, y: int) -> Strip:
        """One line as it goes to the screen."""
        return self._strips[y]

    def render_line(self, y: int) -> Strip:
        """One line, drawn with all the others when the first is asked for."""
        self._prepare()
        return self.finished_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region: without a border they need no more styling than they have, which halves their cost."""
        width = self._prepare()
        strips = [self.finished_line(y) for y in crop.line_range]
        left, right = crop.column_span
        return strips if (left, right) == (0, width) else [strip.crop(left, right) for strip in strips]

    def _prepare(self) -> int:
        # the lines, where they are not there; returns their width
        (width, height), styles = self.size, self.styles_now
        key = (width, height, id(styles))
        if key != self._drawn_for:
            lines = self.lines(width, height, styles)[:height]
            lines += [Strip.blank(width, styles.text)] * (height - len(lines))
            self._strips = self.finished(lines)
            self._drawn_for = key
        return width


def rule_of(styles: Styles, *, focused: bool) -> tuple[str, Style]:
    """What a rule is drawn of, and with: it tells the focus."""
    return ("━", styles.accent) if focused else ("─", styles.muted)


def heading(title: Sequence[Part], right: str, width: int, styles: Styles, *, focused: bool = False) -> Strip:
    """A rule with a title in it: ``─ Loss ─────────── 4/17 ─``."""
    dash, rule = rule_of(styles, focused=focused)
    left: list[Part] = [(f"{dash} ", rule), *title, (" ", rule)]
    end: list[Part] = [(f" {right} ", styles.muted), (dash, rule)] if right else []
    return strip_of(spread(left, end, width, (dash, rule)), width, rule)
