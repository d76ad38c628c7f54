"""A line in which something is typed: it takes the place of the key bar while it is open."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label


class _Field(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "back", show=False)]

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.post_message(Prompt.Left())


class Prompt(Horizontal):
    """A question, a field for the answer, and what is wrong with it. Enter accepts, esc leaves."""

    DEFAULT_CSS = """
    Prompt { height: 1; dock: bottom; background: $surface; }
    Prompt > Label { padding: 0 1; color: $text-accent; text-style: bold; }
    Prompt > .wrong { color: $text-error; text-style: none; }
    Prompt > Input { width: 1fr; min-width: 8; background: $surface; }
    """

    class Answered(Message):
        """Enter was pressed."""

        def __init__(self, prompt: Prompt, purpose: str, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.purpose = purpose
            self.text = text

    class Changed(Message):
        """The text changed, while it is typed."""

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Left(Message):
        """It was left without an answer."""

    def __init__(self, purpose: str, question: str, value: str = "") -> None:
        super().__init__()
        self.purpose = purpose
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        """The question, the field, the complaint."""
        yield Label(self._question, markup=False)
        yield _Field(self._value, compact=True, select_on_focus=True)
        yield Label("", classes="wrong", markup=False)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(_Field).focus()

    def complain(self, what: str) -> None:
        """Say what is wrong; the field stays."""
        self.query_one(".wrong", Label).update(what)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass it on; the complaint was about another text."""
        event.stop()
        self.complain("")
        self.post_message(self.Changed(self.purpose, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass it on."""
        event.stop()
        self.post_message(self.Answered(self, self.purpose, event.value))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Who goes elsewhere has left it."""
        if self.is_attached and self.app.app_focus:
            self.post_message(self.Left())
