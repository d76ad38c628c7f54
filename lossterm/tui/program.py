"""What screens and widgets ask of the app, without knowing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from lossterm.model.feature import ScreenSetting
from lossterm.model.workspace import Workspace
from lossterm.tui.commands import Command
from lossterm.tui.theme import Styles

if TYPE_CHECKING:
    from textual import events
    from textual.dom import DOMNode


class Program(Protocol):
    """The app, as its screens know it.

    Attributes:
        workspace: what the screens look at together.
        line_styles: of the current theme.
        is_ready: whether the first frame has been shown.
        marker: what curves are drawn with.
    """

    workspace: Workspace
    line_styles: Styles
    is_ready: bool
    marker: str

    @property
    def tabs(self) -> Sequence[tuple[str, str, str]]:
        """The screens: key, name and title."""

    @property
    def base_commands(self) -> Sequence[Command]:
        """The commands of the program, on every screen."""

    def set_aside(self, problem: Exception) -> str | None:
        """Put what was saved out of the way; returns what is to be told, None if something else is shown by now."""

    def stories_of(self, loss: str) -> Sequence[str]:
        """The names of the stories that belong to a loss, by its id."""

    def types_number(self, screen: Any, character: str) -> bool:
        """Begin the answer to a story's question where it is a number; returns whether that is so."""

    def looked(self) -> None:
        """Hear that something else is looked at on a screen."""

    def resumed(self, screen: Any) -> None:
        """Hear that a screen is seen again."""

    def open_screen(self, name: str, setting: Mapping[str, object], note: str = "") -> None:
        """Switch to a screen, put a setting on it, and let it say a note."""

    def show_setting(self, name: str, setting: ScreenSetting) -> None:
        """Switch to a screen, and show on it what a setting tells: subject and all that the screen keeps."""


@runtime_checkable
class TakesKeys(Protocol):
    """A screen into which something may be typed, from the moment it asks for it."""

    def type_key(self, event: events.Key) -> bool:
        """Take a key before the field has the focus, or is there at all; returns whether it was one to take."""


@runtime_checkable
class SetsAside(Protocol):
    """A screen that can do without what was saved."""

    def set_aside(self, problem: Exception) -> bool:
        """Look at something else than what was saved, which cannot be shown; returns whether that was what it was."""


def program(node: DOMNode) -> Program:
    """The app of a widget or a screen."""
    return cast(Program, node.app)
