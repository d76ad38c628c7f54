"""A painted chart with a cursor over it; drawing happens elsewhere, a cursor move only overlays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from lossterm.plot.picture import Picture
from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import LineWidget, Part, heading, strip_of


class Chart(LineWidget):
    """A heading and a picture below it.

    The widget knows columns and rows of the picture; what they mean is its screen's business.
    """

    class Resized(Message):
        """There is another room for the picture."""

    class Pointed(Message):
        """The mouse points at a column of the canvas (pressed or dragged)."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    class Wheeled(Message):
        """The wheel was turned over a column: 1 towards, −1 away."""

        def __init__(self, column: int, direction: int) -> None:
            super().__init__()
            self.column = column
            self.direction = direction

    def __init__(self, *, id: str, focusable: bool = False) -> None:  # noqa: A002
        super().__init__(id=id)
        self.can_focus = focusable
        self._picture: Picture | None = None
        self._title: Sequence[Part] = ()
        self._right = ""
        self._column = -1
        self._cells: Mapping[int, tuple[str, int]] = {}
        self._dragging = False

    @property
    def room(self) -> Size:
        """The size a picture should have."""
        return Size(self.size.width, max(self.size.height - 1, 0))

    def show_picture(self, picture: Picture, title: Sequence[Part], right: str) -> None:
        """Show another picture under a title."""
        self._picture, self._title, self._right = picture, title, right
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
        first = heading(self._title, self._right, width, styles, focused=self.has_focus)
        if self._picture is None:
            return [first, *self._axes(width, height - 1, styles)]
        rows = self._picture.rows
        return [first, *(strip_of([(run.text, styles.ink(run.ink)) for run in row], width) for row in rows)]

    def _axes(self, width: int, height: int, styles: Styles) -> list[Strip]:
        # before the first picture: where its axes will be
        rows = ["     │"] * max(height - 2, 0) + ["     └" + "─" * max(width - 6, 0)] * (height > 1)
        return [strip_of([(row, styles.muted)], width) for row in rows]

    def render_line(self, y: int) -> Strip:
        """A line with the cursor over it."""
        strip = super().render_line(y)
        picture = self._picture
        cell = self._cells.get(y - 1)
        if picture is None or cell is None or self._column < 0:
            return strip
        x = picture.left + self._column
        styles = self.styles_now
        character, ink = cell
        under = strip.crop(x, x + 1)
        if ink < 0 and under.text not in " \u2800·":
            style, character = styles.cursor, under.text  # a curve that the line crosses beside a mark stays visible
            style = (under._segments[0].style or style) if under.cell_length else style
        else:
            style = styles.cursor if ink < 0 else styles.bold_inks[ink % len(styles.bold_inks)]
        return Strip.join([strip.crop(0, x), Strip([Segment(character, style)], 1), strip.crop(x + 1)])

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
            self.post_message(self.Pointed(column))

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
            self.post_message(self.Wheeled(column, direction))
