"""A line in which something is typed: it takes the place of the key bar while it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label, Static
from textual.widgets.input import Selection

from lossterm.core.plain import visible

ANSWER = 13
"""Columns that are left for the answer where the question is long."""


class AsText(Highlighter):
    """Shows what is typed as text: what is pasted may hold anything."""

    def highlight(self, text: Text) -> None:
        """Put the stand-ins in, each in the place of one character."""
        text.plain = visible(text.plain)


def insert(field: Input, character: str) -> None:
    """Type a character into a field, over what is selected."""
    if field.selection.is_empty:
        field.insert_text_at_cursor(character)
    else:
        field.replace(character, *field.selection)


class _Field(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", show=False),
        Binding("ctrl+c", "app.quit", "quit", show=False),  # as everywhere: Textual's field would copy, and stay
    ]

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.post_message(Prompt.Left())


class Prompt(Horizontal):
    """A question, a field for the answer, and what is wrong with it. Enter accepts, esc leaves.

    It is there all the time, and shown while something is asked: so it takes keys from the moment it is opened.
    """

    DEFAULT_CSS = """
    Prompt { height: 1; layer: notice; background: $surface; display: none; }
    Prompt > Label { padding: 0 1; color: $text-accent; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    Prompt > .wrong { color: $text-error; text-style: none; }
    Prompt > Input { width: 1fr; min-width: 12; background: $surface; }
    """

    class Answered(Message):
        """Enter was pressed."""

    class Changed(Message):
        """The text changed, while it is typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """It was left without an answer."""

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.is_open = False
        self._complained_of = ""
        self._question = Label("", markup=False)
        self._field = _Field("", compact=True, select_on_focus=False, highlighter=AsText())
        self._wrong = Label("", classes="wrong", markup=False)

    def compose(self) -> ComposeResult:
        """The question, the field, the complaint."""
        yield self._question
        yield self._field
        yield self._wrong

    def open(self, question: str, value: str, *, is_selected: bool = True) -> None:
        """Ask; the keys that follow are typed into it, even those that are already waiting.

        Args:
            question: before the field.
            value: what stands in it at first.
            is_selected: whether the first key takes its place; else what is typed follows it.
        """
        self.is_open = True
        self._question.update(visible(question))
        self._leave_room()
        with self.prevent(Input.Changed):
            self._field.value = value
        # at once, and not when the field hears of its focus: the first key may be there before
        self._field.selection = Selection(0 if is_selected else len(value), len(value))
        self.complain("")
        self.display = True
        if self.is_attached:
            self.screen.set_focus(self._field)
            if not is_selected:  # the end is in sight, where what is typed comes
                self.call_after_refresh(self._field.scroll_to, x=cell_len(value), animate=False)

    def on_resize(self) -> None:
        """The question gives way to the answer."""
        self._leave_room()

    def _leave_room(self) -> None:
        self._question.styles.max_width = max(self.app.size.width - ANSWER, 4)

    @property
    def text(self) -> str:
        """What has been typed."""
        return self._field.value

    def place_of(self, index: int) -> int:
        """The column of the screen at which a character of the text stands; it may be out of sight."""
        return self._field.content_region.x + cell_len(self._field.value[:index]) - round(self._field.scroll_x)

    def put(self, text: str) -> None:
        """Put another text in the place of what is typed; what follows is typed after it."""
        self._field.value = text
        self._field.selection = Selection.cursor(len(text))

    def type(self, character: str) -> None:
        """Type a character."""
        insert(self._field, character)

    def close(self) -> None:
        """Take it off the screen."""
        self.is_open = False
        self.display = False

    def complain(self, what: str) -> None:
        """Say what is wrong; the field stays."""
        self._wrong.update(visible(what))
        self._complained_of = self._field.value

    def has_room_for(self, complaint: str) -> bool:
        """Whether a complaint can be read beside the question and the answer."""
        taken = len(str(self._question.content)) + len(self._field.value) + 7
        return taken + len(complaint) <= self.size.width

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass it on; the complaint was about another text."""
        event.stop()
        if event.value != self._complained_of:  # news of a change may come after the answer was judged
            self.complain("")
        if self.is_open:
            self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass it on."""
        event.stop()
        if self.is_open:
            self.post_message(self.Answered())

    def on_descendant_blur(self) -> None:
        """Who goes elsewhere has left it; news of that may come when something else is asked by now."""
        if self.is_open and self.app.app_focus and self.screen.focused is not self._field:
            self.post_message(self.Left())


class FaultLine(Static):
    """The line below a prompt: a caret under the place that is wrong, and what would be right; else a hint.

    Attributes:
        is_open: whether it is there.
    """

    DEFAULT_CSS = """
    FaultLine { height: 1; layer: notice; background: $surface; color: $text-muted; display: none;
                text-wrap: nowrap; text-overflow: ellipsis; }
    FaultLine.wrong { color: $text-error; }
    """

    def __init__(self) -> None:
        super().__init__("", id="fault", markup=False)
        self.is_open = False
        self._hint = ""

    def open(self, hint: str | None) -> None:
        """Be there, with a hint; not at all where that is None."""
        self.is_open, self._hint = hint is not None, hint or ""
        self.point_out(None, int)
        self.display = self.is_open

    def close(self) -> None:
        """Be there no more."""
        self.is_open = self.display = False

    def point_out(self, fault: tuple[int, str] | None, place_of: Callable[[int], int]) -> None:
        """Show what is wrong under its place.

        Args:
            fault: the index of a character, and what is wrong there; None where nothing is.
            place_of: the column of a character.
        """
        self.set_class(fault is not None, "wrong")
        width = self.size.width or self.app.size.width if self.is_attached else 80
        text = f" {self._hint}" if fault is None else pointed_out(visible(fault[1]), place_of(fault[0]), width)
        self.update(Text(text))


def pointed_out(what: str, column: int, width: int) -> str:
    """A line with a caret in a column, and what is wrong after it, or before it where there is more room."""
    column = min(max(column, 0), max(width - 1, 0))
    right, left = width - column - 2, column - 1
    if len(what) <= right or right >= left:
        return " " * column + "^ " + what[: max(right, 0)]
    told = what if len(what) <= left else what[: max(left - 1, 0)] + "…"
    return f"{told:>{left}} ^"
