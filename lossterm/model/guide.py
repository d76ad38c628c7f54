"""What the explorer knows of stories without knowing them: a page of text, a list, and who turns the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lossterm.model.feature import ScreenSetting

Part = Literal["text", "item", "ask", "choice", "wrong", "hint", "gap", "reveal", "see"]
"""What a paragraph is: told, asked, or said of an answer."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a page, in which ``**strong**`` and ```code``` are marked.

    Attributes:
        part: what it is.
        text: what it says.
    """

    part: Part
    text: str


@dataclass(frozen=True)
class Page:
    """What stands in the pane of a story.

    Attributes:
        title: of the step.
        place: such as ``2/6``.
        paragraphs: in order.
        question: before the field in which an answer is typed; empty where none is.
        takes_number: whether a number is asked for: then its first digit may be typed at once.
        waits: whether an answer is still to come, typed or not.
        is_last: whether no step follows.
        links: name and title of the stories that go on from here.
    """

    title: str
    place: str
    paragraphs: tuple[Paragraph, ...]
    question: str = ""
    takes_number: bool = False
    waits: bool = False
    is_last: bool = False
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Listed:
    """A story in a list.

    Attributes:
        name: by which it is opened.
        title: one line.
        about: a sentence.
        screens: to whose help it belongs.
        losses: the losses whose line names it, by their ids.
        words: by which it is found.
        progress: how far one has come, in a word or two.
    """

    name: str
    title: str
    about: str
    screens: tuple[str, ...]
    losses: tuple[str, ...]
    words: str
    progress: str = ""


class Guide(Protocol):
    """Tells stories: one at a time, a step after the other."""

    def listed(self) -> Sequence[Listed]:
        """The stories that there are; cheap."""

    def begin(self, name: str) -> None:
        """Begin a story, or go on with it where it was left.

        Raises:
            ValueError: there is no such story, or its file is wrong.
        """

    def end(self) -> None:
        """Leave the story."""

    @property
    def is_quick(self) -> bool:
        """Whether the numbers of the page are there at once."""

    def page(self, *, bare: bool = False) -> Page:
        """The page of now: with its numbers, or without where they are still to be computed."""

    @property
    def screen(self) -> str:
        """The screen of the page."""

    def view(self) -> tuple[str, ScreenSetting]:
        """The screen of the page, and what it shows."""

    def go(self, by: int) -> bool:
        """Go to the next page, or the one before; returns whether there is one."""

    def answer(self, text: str) -> bool:
        """Take an answer, as it was typed; returns whether the view of the page is another one now.

        Raises:
            ValueError: it is none; the message says what would be right.
        """

    def waits_for(self) -> tuple[str, tuple[str, ...]]:
        """The screen on which something is to be done, and the keys of which one is to be pressed; else empty."""

    def holds(self, words: Sequence[str]) -> bool:
        """Whether what is asked for holds of what is on screen, told by the words of its command."""

    def found(self, words: Sequence[str] = ()) -> None:
        """Take it that what the page waits for was done, where the words of the command of the screen tell."""

    def help(self) -> bool:
        """Give a hint to who does not find it, and then show it; returns whether the view is another one now."""

    def progress(self) -> Mapping[str, Any]:
        """How far one has come, as JSON has it."""
