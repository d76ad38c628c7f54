"""A line in which something is typed: it takes the place of the key bar while it is open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label
from textual.widgets.input import Selection

ANSWER = 13
"""Columns that are left for the answer where the question is long."""


def insert(field: Input, character: str) -> None:
    """Type a character into a field, over what is selected."""
    if field.selection.is_empty:
        field.insert_text_at_cursor(character)
    else:
        field.replace(character, *field.selection)


class _Field(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "back", show=False)]

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

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Left(Message):
        """It was left without an answer."""

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.purpose = ""
        self._complained_of = ""
        self._question = Label("", markup=False)
        self._field = _Field("", compact=True, select_on_focus=False)
        self._wrong = Label("", classes="wrong", markup=False)

    def compose(self) -> ComposeResult:
        """The question, the field, the complaint."""
        yield self._question
        yield self._field
        yield self._wrong

    @property
    def is_open(self) -> bool:
        """Whether something is being asked."""
        return bool(self.purpose)

    def open(self, purpose: str, question: str, value: str) -> None:
        """Ask; the keys that follow are typed into it, even those that are already waiting."""
        self.purpose = purpose
        self._question.update(question)
        self._leave_room()
        with self.prevent(Input.Changed):
            self._field.value = value
        # at once, and not when the field hears of its focus: the first key may be there before
        self._field.selection = Selection(0, len(value))
        self.complain("")
        self.display = True
        self.screen.set_focus(self._field)

    def on_resize(self) -> None:
        """The question gives way to the answer."""
        self._leave_room()

    def _leave_room(self) -> None:
        self._question.styles.max_width = max(self.screen.size.width - ANSWER, 4)

    @property
    def text(self) -> str:
        """What has been typed."""
        return self._field.value

    def type(self, character: str) -> None:
        """Type a character."""
        insert(self._field, character)

    def close(self) -> None:
        """Done with typing."""
        self.purpose = ""
        self.display = False

    def complain(self, what: str) -> None:
        """Say what is wrong; the field stays."""
        self._wrong.update(what)
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
            self.post_message(self.Changed(self.purpose, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass it on."""
        event.stop()
        if self.is_open:
            self.post_message(self.Answered())

    def on_descendant_blur(self) -> None:
        """Who goes elsewhere has left it."""
        if self.is_open and self.app.app_focus:
            self.post_message(self.Left())
