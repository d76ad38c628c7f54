"""Every command, declared once: its keys, its place in the footer, the help and the palette."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.binding import Binding, BindingType

from lossterm.model.actions import Action


@dataclass(frozen=True)
class Command:
    """Something a key does.

    Attributes:
        keys: in Textual's names; the first is the one that is shown.
        action: what it does: a function of the screen's state, or the action of a widget, the screen or the app, as
            Textual writes it.
        label: in the footer.
        help: in the help and the palette, one line.
        group: heading in the help.
        shown: how the key is written, where not by its own name.
        footer: its rank in the footer, 1 for the first; 0 stands there only where all others have room.
        panes: by the id of a widget, what the key does while that has the focus: there it comes first in the footer;
            empty where it does nothing there.
        words: further words that people use for it, by which the palette finds it.
    """

    keys: tuple[str, ...]
    action: str | Action
    label: str
    help: str
    group: str
    shown: str = ""
    footer: int = 0
    panes: Mapping[str, str] = field(default_factory=dict)
    words: str = ""

    @property
    def key_text(self) -> str:
        """How the keys are written for people."""
        return self.shown or " ".join(_NAMES.get(key, key) for key in self.keys)

    @property
    def run(self) -> str:
        """The action as Textual runs it."""
        return self.action if isinstance(self.action, str) else f"perform({self.keys[0]!r})"


@dataclass(frozen=True)
class Entry:
    """Something that can be chosen from the palette.

    Attributes:
        name: what it is called.
        right: what stands at the right edge: the key, or what kind of thing it is.
        action: what choosing it does, as in a command.
        words: further text by which it is found.
    """

    name: str
    right: str
    action: str | Action
    words: str = ""


_NAMES = {
    "left": "←", "right": "→", "up": "↑", "down": "↓", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn",
    "shift+left": "⇧←", "shift+right": "⇧→", "ctrl+p": "^p", "ctrl+q": "^q", "ctrl+c": "^c", "shift+tab": "⇧tab",
    "shift+up": "⇧↑", "shift+down": "⇧↓",
}  # fmt: skip


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The commands as Textual's bindings."""
    return [
        Binding(_textual(key), c.run, c.label, show=bool(c.footer), tooltip=c.help, priority=key in _ALWAYS)
        for c in commands
        for key in c.keys
    ]


_ALWAYS = frozenset({"ctrl+q"})
"""Keys that nothing else may take: none that prints something."""


def _textual(key: str) -> str:
    return {",": "comma"}.get(key, key)


MOVE, LOSS, LABEL, VIEW, FILE, PROGRAM, STORY = (
    "The cursor", "Losses", "Label and activation", "The picture", "Taking it away", "The program", "In a story",
)  # fmt: skip

GLOBAL: Sequence[Command] = (
    Command((":", "ctrl+p"), "app.palette", "find", "Find a command by typing", PROGRAM, footer=1,
            words="commands palette search"),
    Command(("U",), "screen.undo", "undo", "Undo: back to the view before the last change", PROGRAM, footer=2,
            words="back revert previous view history reset"),
    Command(("Y",), "screen.redo", "redo", "Redo: on to the view that undo came from", PROGRAM, footer=2,
            words="forward again history"),
    Command(("S",), "app.story", "stories", "Stories: predict, move, see what is so; in one: to its pane, fold it",
            PROGRAM, footer=3, panes={"story": "fold"}, words="tour guide tutorial learn lesson course story help"),
    Command(("?",), "app.help", "keys", "What is seen, what the marks mean, and what every key does", PROGRAM,
            footer=1, words="help manual legend documentation shortcuts explain"),
    Command(("q", "ctrl+q", "ctrl+c"), "app.quit", "quit", "Leave; the view is kept for the next time", PROGRAM,
            footer=1, words="exit close bye"),
)  # fmt: skip
"""On every screen."""

STORY_KEYS: Sequence[Command] = (
    Command(("enter",), "app.story_on", "", "Answer (a number: type it); read on; go on to the next step", STORY,
            panes={"story": "answer, go on"}),
    Command(("backspace",), "app.story_back", "", "Back to the step before", STORY, "bksp", panes={"story": "back"}),
    Command(("escape",), "app.story_leave", "", "Leave the story: back to the view that was there before it", STORY,
            panes={"story": "leave"}),
)  # fmt: skip
"""While the pane of a story has the focus; every other key does what it does on the screen."""
