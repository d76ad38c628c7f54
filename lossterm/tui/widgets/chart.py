"""A painted chart with a cursor over it; drawing happens elsewhere, a cursor move only overlays."""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from lossterm.chart.markers import cells_with
from lossterm.chart.picture import Picture
from lossterm.chart.ticks import MARGIN
from lossterm.tui.program import program
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, heading, length, strip_of

_REMEMBERED = 16
"""How many pictures are kept as strips."""


class Chart(LineWidget):
    """A heading and a picture below it.

    The widget knows columns and rows of the picture; what they mean is its screen's business.
    """

    class Resized(Message):
        """There is another room for the picture."""

    class Pointed(Message):
        """The mouse points at a column of the canvas (pressed or dragged)."""

        def __init__(self, chart: Chart, column: int) -> None:
            super().__init__()
            self.chart = chart
            self.column = column

    class Wheeled(Message):
        """The wheel was turned over a column: 1 towards, −1 away."""

        def __init__(self, chart: Chart, column: int, direction: int) -> None:
            super().__init__()
            self.chart = chart
            self.column = column
            self.direction = direction

    def __init__(self, *, id: str, focusable: bool = False) -> None:  # noqa: A002
        super().__init__(id=id)
        self.can_focus = focusable
        self._picture: Picture | None = None
        self._title: Sequence[Part] = ()
        self._right = ""
        self._is_blank = False
        self._reason = ""
        self._strong: int | None = None
        self._ticks: Sequence[tuple[int, str]] = ()
        self._column = -1
        self._cells: Mapping[int, tuple[str, int]] = {}
        self._dragging = False
        self._known: dict[tuple[int, int, int, int | None], tuple[Picture, list[Strip]]] = {}
        self._marks: dict[tuple[str, int], Segment] = {}
        self._ends: dict[int, list[int]] = {}

    @property
    def room(self) -> Size:
        """The size a picture should have."""
        return Size(self.size.width, max(self.size.height - 1, 0))

    def show_axis(self, ticks: Sequence[tuple[int, str]]) -> None:
        """Show the x axis where there is no picture yet: columns and labels."""
        self._ticks = ticks
        self.redraw()

    def show_picture(self, picture: Picture, title: Sequence[Part], right: str, strong: int | None = None) -> None:
        """Show another picture under a title.

        Args:
            picture: what to show.
            title: on the left above it.
            right: on the right above it.
            strong: the ink of the curve that stands out; the others step back.
        """
        self._picture, self._title, self._right, self._is_blank = picture, title, right, False
        self._strong = strong
        self.redraw()

    def show_nothing(self, title: Sequence[Part], reason: str = "", right: str = "") -> None:
        """Show a title, and below it why there is no picture."""
        self._picture, self._title, self._right, self._is_blank = None, title, right, True
        self._reason = reason
        self.redraw()

    def show_cursor(self, column: int, cells: Mapping[int, tuple[str, int]]) -> None:
        """Put the cursor over a column of the canvas.

        Args:
            column: of the canvas; −1 for none.
            cells: character and ink of each of its rows.
        """
        old, self._column, self._cells = self._column, column, cells
        if self._picture is None:
            return
        left, height = self._picture.left, self.size.height
        self.refresh(*(Region(left + c, 0, 1, height) for c in {old, column} if c >= 0))

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The heading and the picture, without the cursor."""
        self._marks, self._ends = {}, {}
        first = heading(self._title, self._right, width, styles, focused=self.has_focus)
        if self._is_blank:
            said = textwrap.wrap(self._reason, max(width - 2, 10), break_on_hyphens=False)
            return [first, *(strip_of([(f" {line}", styles.muted)], width, styles.text) for line in said)]
        if self._picture is None:
            return [first, *self._axes(width, height - 1, styles)]
        return [first, *self._painted(self._picture, width, styles)]

    def _painted(self, picture: Picture, width: int, styles: Styles) -> list[Strip]:
        # pictures come back when something is switched to and fro
        key = (id(picture), width, id(styles), self._strong)
        known = self._known.pop(key, None)
        if known is None:
            marker = program(self).marker
            rows = [
                [(cells_with(marker, run.text), styles.ink(run.ink, self._strong)) for run in row]
                for row in (picture.rows if self._strong is None else picture.raised(self._strong))
            ]
            # a picture of another size, until that of this one is there, is cut without a sign
            strips = [strip_of(row, length(row), styles.text) for row in rows]
            known = (picture, [strip.adjust_cell_length(width, styles.text) for strip in strips])
        self._known[key] = known
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return known[1]

    def _axes(self, width: int, height: int, styles: Styles) -> list[Strip]:
        # before the first picture: its axes, with what is known of them
        columns = max(width - MARGIN, 0)
        left = " " * (MARGIN - 1)
        below = 2 if self._ticks else 0
        rows = [f"{left}│"] * max(height - below, 0)
        if self._ticks and height > below:
            line, labels = ["─"] * columns, [" "] * (columns + 8)
            for column, label in self._ticks:
                line[column : column + 1] = "┬"
                start = max(column - len(label) // 2, 0)
                labels[start : start + len(label)] = label
            rows += [f"{left}└{''.join(line)}", f"{left} {''.join(labels)[:columns]}"]
        return [strip_of([(row[:width], styles.muted)], width, styles.text) for row in rows]

    def finished_line(self, y: int) -> Strip:
        """A line with the cursor over it."""
        strip = super().finished_line(y)
        picture = self._picture
        cell = self._cells.get(y - 1)
        if picture is None or cell is None or self._column < 0:
            return strip
        x = picture.left + self._column
        ends = self._ends.get(y)  # of the segments: the cursor comes over a line again and again
        if ends is None:
            ends = self._ends[y] = list(accumulate(len(segment.text) for segment in strip))
        if ends and ends[-1] < strip.cell_length:  # a wide character is in it
            return self._over_wide(strip, x, *cell)
        at = bisect_right(ends, x)
        if at == len(ends):
            return strip
        segments = list(strip)
        text, style, _ = segments[at]
        place = x - ends[at] + len(text)
        character, ink = cell
        if ink < 0 and text[place] not in " \u2800·":
            return strip  # a curve that the line crosses stays visible
        before, after = text[:place], text[place + 1 :]
        cut = [Segment(before, style)] if before else []
        cut.append(self._mark(character, ink))
        if after:
            cut.append(Segment(after, style))
        segments[at : at + 1] = cut
        return Strip(segments, strip.cell_length)

    def _over_wide(self, strip: Strip, x: int, character: str, ink: int) -> Strip:
        # the same where characters are not cells; one that is in the way stays
        before, here, after = strip.divide([x, x + 1, strip.cell_length])
        whole = before.text + here.text + after.text == strip.text
        if not whole or (ink < 0 and here.text not in " \u2800·"):
            return strip
        return Strip.join([before, Strip([self._mark(character, ink)], 1), after])

    def _mark(self, character: str, ink: int) -> Segment:
        mark = self._marks.get((character, ink))
        if mark is None:
            styles = self.styles_now
            style = styles.cursor if ink < 0 else styles.bold_inks[ink % len(styles.bold_inks)]
            shown = Segment(cells_with(program(self).marker, character), style)
            (strip,) = self.finished([Strip([shown], 1)])
            mark = self._marks[character, ink] = next(iter(strip))
        return mark

    # ---- the mouse ------------------------------------------------------------------------------------------------

    def _canvas_column(self, x: int) -> int | None:
        if self._picture is None or not self._picture.columns:
            return None
        return min(max(x - self._picture.left, 0), self._picture.columns - 1)

    def on_resize(self) -> None:
        """Ask for a picture of the new size."""
        self.post_message(self.Resized())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Pressing moves the cursor, and dragging goes on doing so."""
        if event.button == 1:
            self._dragging = True
            self.capture_mouse()
            self._point(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Dragging moves the cursor."""
        if self._dragging:
            self._point(event)

    def on_mouse_up(self) -> None:
        """The end of a drag."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _point(self, event: events.MouseEvent) -> None:
        column = self._canvas_column(event.x)
        if column is not None:
            self.post_message(self.Pointed(self, column))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel zooms in."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel zooms out."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, direction: int) -> None:
        event.stop()
        column = self._canvas_column(event.x)
        if column is not None:
            self.post_message(self.Wheeled(self, column, direction))
