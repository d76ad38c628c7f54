"""What every screen of the program has: its place among the tabs, a notice, prompts, and something to keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.layout import Layout
from textual.widget import Widget
from textual.widgets import Static

from lossterm.export import write_new
from lossterm.session import Saved
from lossterm.ui.arrangement import SMALLEST, Rectangles
from lossterm.ui.commands import Command
from lossterm.ui.screens.palette import Entry
from lossterm.ui.screens.steady import Steady
from lossterm.ui.screens.typing import TypingScreen
from lossterm.ui.widgets.bars import KeyBar, TitleBar
from lossterm.ui.widgets.notice import Notice
from lossterm.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from lossterm.ui.app import LosstermApp


ENDS = 300
"""Characters that are shown of each end of a long command."""


class ProgramScreen(TypingScreen, Steady[None]):
    """A screen with a title bar, a key bar, messages and prompts; its own widgets are placed by rectangles.

    A screen names its mode, its commands and the notes of its help, yields its widgets in `compose_body`, places them
    in `regions`, and says what it keeps.
    """

    BLANK = True
    DEFAULT_CSS = """
    ProgramScreen { overflow: hidden hidden; layers: base notice; }
    ProgramScreen #too-small { content-align: center middle; width: 1fr; height: 1fr; }
    """
    mode: ClassVar[str] = ""
    commands: ClassVar[Sequence[Command]] = ()
    notes: ClassVar[str] = ""

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.notice = Notice()
        self.prompt = Prompt()

    # ---- what a screen says of itself -----------------------------------------------------------------------------

    def compose_body(self) -> Sequence[Widget]:
        """The screen's own widgets, each with an id."""
        raise NotImplementedError

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Where they are, below the title bar and above the key bar, which are this class's own."""
        raise NotImplementedError

    def kept(self, saved: Saved) -> Saved:
        """What was saved, with this screen's part in it."""
        return saved

    def palette_entries(self) -> list[Entry]:
        """Entries of the palette beside the commands."""
        return []

    def restyle(self) -> None:
        """The theme has changed."""

    def program_is_ready(self) -> None:
        """The first frame of the program has been shown: what takes long may begin."""

    def focus_home(self) -> None:
        """Back to the widget that has the focus at the start."""
        raise NotImplementedError

    def take(self, purpose: str, text: str) -> None:
        """Take what was typed.

        Raises:
            ValueError: what is wrong with it.
        """
        raise NotImplementedError

    def prompt_answered(self, purpose: str) -> None:
        """What was asked for has been taken."""
        self.focus_home()

    def prompt_left(self, purpose: str) -> None:
        """It was left without an answer: nothing changes."""
        self.focus_home()

    # ---- what they have in common ---------------------------------------------------------------------------------

    @property
    def program(self) -> LosstermApp:
        """The app, as what it is."""
        return cast("LosstermApp", self.app)

    def compose(self) -> ComposeResult:
        """The bars, the body, the notice."""
        self.title_bar = TitleBar(self.program.tabs, self.mode)
        body = self.compose_body()
        self._known = frozenset(
            {"title", "keys", "prompt", "notice", "too-small", *(widget.id or "" for widget in body)}
        )
        yield self.title_bar
        yield from body
        yield self.notice
        yield self.prompt
        yield KeyBar([*self.commands, *self.program.BASE_COMMANDS])
        columns, lines = SMALLEST
        yield Static(f"too small\nlossterm needs {columns}×{lines}\n(q quits)", id="too-small")

    def on_mount(self) -> None:
        """Be among those that keep something."""
        self.program.enlist(self)

    @cached_property
    def _rectangles(self) -> Rectangles:
        return Rectangles(self._all_regions, self._known)

    @property
    def layout(self) -> Layout:
        """Rectangles, instead of the containers that Textual's own layouts would need."""
        return self._rectangles

    def _all_regions(self, width: int, height: int) -> dict[str, Region]:
        if width < SMALLEST[0] or height < SMALLEST[1]:
            return {"too-small": Region(0, 0, width, height)}
        lines = min(self.notice.height_in(width), height)
        return {
            **self.regions(width, height),
            "title": Region(0, 0, width, 1),
            "keys": Region(0, height - 1, width, 1),
            "prompt": Region(0, height - 1, width, 1),
            "notice": Region(0, max(height - 1 - lines, 0), width, lines),
        }

    def tell(self, text: str, *, title: str = "", timeout: float = 3, wrong: bool = False) -> None:
        """Say something in the last lines, in place of what was said before."""
        self.notice.say(text, title=title, seconds=timeout, wrong=wrong)

    def ask(self, purpose: str, question: str, value: str = "") -> None:
        """Ask for something to be typed; `take` gets the answer."""
        if not self.prompt.is_open:
            self.prompt.open(purpose, question, value)

    def type_key(self, event: events.Key) -> bool:
        """Type into the prompt while it is open."""
        if not self.prompt.is_open:
            return False
        if event.key == "enter":
            self.on_prompt_answered()
        elif event.key == "escape":
            self.on_prompt_left()
        elif event.is_printable and event.character is not None:
            self.prompt.type(event.character)
        else:
            return False
        return True

    def on_prompt_answered(self) -> None:
        """Take the answer, or say what is wrong with it."""
        if not self.prompt.is_open:
            return
        purpose = self.prompt.purpose
        self.notice.hide()
        try:
            self.take(purpose, self.prompt.text)
        except ValueError as problem:
            self.prompt.complain(str(problem))
            if not self.prompt.has_room_for(str(problem)):
                self.tell(str(problem), timeout=8, wrong=True)
            return
        self.prompt.close()
        self.prompt_answered(purpose)

    def on_prompt_left(self) -> None:
        """Close it."""
        if self.prompt.is_open:
            purpose = self.prompt.purpose
            self.prompt.close()
            self.prompt_left(purpose)

    # ---- taking it away -------------------------------------------------------------------------------------------

    def copy_command(self, text: str) -> None:
        """Copy a command, and show it: copying often fails without a word."""
        self.app.copy_to_clipboard(text)
        shown = text if len(text) <= 2 * ENDS else f"{text[:ENDS]} … {text[-ENDS:]}"
        self.tell(shown, title="this view as a command (copied)", timeout=12)

    def action_svg(self) -> None:
        """Write the screen."""
        svg = self.app.export_screenshot(title="lossterm")
        self.write_file("lossterm", ".svg", lambda file: file.write(svg))

    def write_file(self, stem: str, suffix: str, write: Callable[[IO[str]], object], note: str = "") -> None:
        """Write a file of its own, and say where, and what else there is to know of it."""
        try:
            path = write_new(Path.cwd(), stem, suffix, write)
        except OSError as problem:
            self.tell(str(problem), title="not written", timeout=6, wrong=True)
        else:
            self.tell(f"{path}{note}", title="written", timeout=12 if note else 6)
