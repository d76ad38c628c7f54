"""The pane in which a story is told: a page of text, of which a few lines at a time are seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from lossterm.tui.commands import STORY_KEYS, bindings
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, heading, strip_of
from lossterm.tui.widgets.lines import Part as Piece
from lossterm.tui.widgets.wrapping import wrapped

if TYPE_CHECKING:
    from lossterm.model.guide import Page, Paragraph, Part

LEAST, SHARE = 4, 3
"""Lines that the pane may have in any case; else this part of the screen's height at most."""

MANY = 1000
"""Lines of a page, more than any has."""

INDENT: dict[Part, str] = {"item": "· ", "choice": "  ", "ask": "? ", "hint": "  ", "wrong": "  "}
"""What stands before a paragraph; its other lines are as far in."""

_MARKED = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")


class StoryPane(LineWidget, can_focus=True):
    """A heading and a page of a story; folded the heading alone."""

    DEFAULT_CSS = "StoryPane { layer: story; display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings(STORY_KEYS)

    class Clicked(Message):
        """The pane was clicked: go on, as enter does."""

    def __init__(self) -> None:
        super().__init__(id="story")
        self.page: Page | None = None
        self.is_folded = False
        self._top = 0
        self._first: int | None = None  # paragraph that is to be on top, of a pane that has no size yet
        self._ended_in: tuple[int, int] | None = None  # the size in which the end of the page was seen
        self._lines: tuple[object, list[tuple[Part, list[Piece]]]] = (None, [])

    # ---- what is shown --------------------------------------------------------------------------------------------

    def show(self, page: Page | None, *, anew: bool, since: Page | None = None) -> None:
        """Show a page, or none.

        Args:
            page: what it says.
            anew: whether it is another one, which is read from the top; else what was said last is in sight.
            since: what was read before on another screen, for a pane that has not shown any.
        """
        was = self.page or since
        before = () if was is None else tuple(paragraph.part for paragraph in was.paragraphs)
        now = () if page is None else tuple(paragraph.part for paragraph in page.paragraphs)
        self.page, self.display = page, page is not None
        if anew:
            self._top, self._first = 0, None
        elif now[: len(before)] != before or len(now) > len(before):
            same = [one == other for one, other in zip(before, now, strict=False)]
            first = same.index(False) if False in same else len(before)
            self._top, self._first = self._line_of(first, self.size.width), None if self.size.width else first
        self.redraw()
        self.refresh(layout=True)

    def height_in(self, width: int, height: int) -> int:
        """Lines that the pane takes of a screen; 0 where there is no page."""
        if self.page is None:
            return 0
        if self.is_folded:
            return 1
        return min(1 + len(self._wrapped(width)), max(height // SHARE, LEAST))

    def fold(self, *, folded: bool) -> None:
        """Fold the pane to its heading, or unfold it."""
        self.is_folded = folded
        self.redraw()
        self.refresh(layout=True)

    # ---- reading --------------------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        # what the pane will have of the screen, even before it is laid out
        height = self.height_in(self.size.width, self.screen.size.height) if self.is_attached else self.size.height
        return max(height - 1, 1)

    @property
    def has_more(self) -> bool:
        """Whether there are lines below those that are seen."""
        return not self.is_folded and self._top + self._room < len(self._wrapped(self.size.width))

    def turn(self, by: int) -> bool:
        """Read on (1) or back (−1) by what is seen; returns whether there was more."""
        last = max(len(self._wrapped(self.size.width)) - self._room, 0)
        top = min(max(self._top + by * max(self._room - 1, 1), 0), last)
        moved, self._top = top != self._top, top
        if moved:
            self.redraw()
        return moved

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Read on."""
        event.stop()
        self.turn(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Read back."""
        event.stop()
        self.turn(-1)

    def on_click(self) -> None:
        """Go on."""
        self.post_message(self.Clicked())

    # ---- lines ----------------------------------------------------------------------------------------------------

    def _line_of(self, paragraph: int, width: int) -> int:
        # the first line of a paragraph
        if self.page is None or not width:
            return 0
        return len(_lines_of(self.page.paragraphs[:paragraph], width, self.styles_now))

    def _wrapped(self, width: int) -> list[tuple[Part, list[Piece]]]:
        key = (self.page, width, id(self.styles_now))
        if self._lines[0] != key:
            paragraphs = () if self.page is None else self.page.paragraphs
            self._lines = key, _lines_of(paragraphs, width, self.styles_now)
        return self._lines[1]

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The heading and the lines that are seen."""
        if self.page is None:
            return []
        every = self._wrapped(width)
        if self._first is not None:
            self._top, self._first = self._line_of(self._first, width), None
        last = max(len(every) - (height - 1), 0)
        if self._ended_in not in (None, (width, height)) and self.page.question and not self.has_focus:
            self._top = last  # while a question is answered it stays in sight, whatever becomes of the window
        self._top = min(self._top, last)
        self._ended_in = (width, height) if self._top == last else None
        name, room = self.page.title, width - len(self.page.place) - 9
        right = self._keys_told(room - len(name), more=self._top + height - 1 < len(every))
        if len(name) + len(right) > room:  # the key that goes on before the whole title
            name = f"{name[: max(room - len(right) - 1, 0)]}…"
        title: list[Piece] = [(f"{self.page.place} ", styles.accent), (name, styles.strong)]
        head = heading(title, right, width, styles, focused=self.has_focus)
        seen = every[self._top : self._top + height - 1]
        return [head, *(strip_of([(" ", styles.text), *pieces], width, styles.text) for _, pieces in seen)]

    def _keys_told(self, room: int, *, more: bool) -> str:
        # what the keys do, as much as has room
        page = self.page
        if page is None:
            return ""
        if not self.has_focus or self.is_folded:
            told = ["S to the story" if not self.has_focus else "enter unfolds"]
        elif more:
            told = ["enter ▾ more"]
        elif page.question:
            told = ["type a number" if page.takes_number else "enter answers"]
        elif page.waits:
            told = ["enter a hint"]
        else:
            told = ["enter ends" if page.is_last and not page.links else "enter goes on"]
        for one in ("esc leaves", "bksp back", "S folds") if self.has_focus else ():
            if len(" · ".join([*told, one])) <= room:
                told.append(one)
        return " · ".join(told)


def _lines_of(paragraphs: Sequence[Paragraph], width: int, styles: Styles) -> list[tuple[Part, list[Piece]]]:
    # paragraphs as lines; what is a part of the question stands together
    lines: list[tuple[Part, list[Piece]]] = []
    for paragraph in paragraphs:
        indent = INDENT.get(paragraph.part, "")
        room = max(width - 2 - len(indent), 10)
        for number, line in enumerate(wrapped(_pieces(paragraph, styles), room, MANY)):
            before = indent if not number else " " * len(indent)
            lines.append((paragraph.part, [(before, styles.accent), *line]))
    return lines


def _pieces(paragraph: Paragraph, styles: Styles) -> list[Piece]:
    plain = {
        "ask": styles.strong, "gap": styles.accent, "wrong": styles.accent, "hint": styles.muted, "see": styles.muted,
    }.get(paragraph.part, styles.text)  # fmt: skip
    pieces: list[Piece] = []
    end = 0
    for match in _MARKED.finditer(paragraph.text):
        pieces.append((paragraph.text[end : match.start()], plain))
        pieces.append((match[1], styles.strong) if match[1] else (match[2], styles.accent))
        end = match.end()
    return [piece for piece in [*pieces, (paragraph.text[end:], plain)] if piece[0]]
