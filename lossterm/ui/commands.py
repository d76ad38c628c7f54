"""Every command, declared once: its keys, its place in the footer, the help and the palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Command:
    """Something a key does.

    Attributes:
        keys: in Textual's names; the first is the one that is shown.
        action: the action it runs.
        label: in the footer.
        help: in the help and the palette, one line.
        group: heading in the help.
        shown: how the key is written, where not by its own name.
        footer: whether it is among those in the footer.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    group: str
    shown: str = ""
    footer: bool = False

    @property
    def key_text(self) -> str:
        """How the keys are written for people."""
        return self.shown or " ".join(_NAMES.get(key, key) for key in self.keys)


_NAMES = {
    "left": "←", "right": "→", "up": "↑", "down": "↓", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn",
    "shift+left": "⇧←", "shift+right": "⇧→", "ctrl+p": "^p", "ctrl+q": "^q", "ctrl+c": "^c", "shift+tab": "⇧tab",
    "shift+up": "⇧↑", "shift+down": "⇧↓",
}  # fmt: skip


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The commands as Textual's bindings."""
    return [
        Binding(_textual(key), c.action, c.label, show=c.footer, tooltip=c.help, priority=key in _ALWAYS)
        for c in commands
        for key in c.keys
    ]


_ALWAYS = frozenset({"ctrl+q"})
"""Keys that nothing else may take: none that prints something."""


def _textual(key: str) -> str:
    return {",": "comma"}.get(key, key)


MOVE, LOSS, LABEL, VIEW, FILE, PROGRAM = (
    "The cursor", "Losses", "Label and activation", "The picture", "Taking it away", "The program",
)  # fmt: skip

GLOBAL: Sequence[Command] = (
    Command((":", "ctrl+p"), "app.palette", "commands", "Find a command by typing", PROGRAM),
    Command(("?",), "app.help", "keys", "What every key does, and what the marks mean", PROGRAM, footer=True),
    Command(("q", "ctrl+q", "ctrl+c"), "app.quit", "quit", "Leave; the view is kept for the next time", PROGRAM,
            footer=True),
)  # fmt: skip
"""On every screen."""

CURVES: Sequence[Command] = (
    Command(("left",), "move(-1)", "move", "Move the cursor by a column", MOVE, "←→", footer=True),
    Command(("right",), "move(1)", "move", "Move the cursor right by a column", MOVE, "→"),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Move left by ten columns", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "Move right by ten columns", MOVE),
    Command(("home",), "edge(-1)", "left edge", "Move to the left edge", MOVE),
    Command(("end",), "edge(1)", "right edge", "Move to the right edge", MOVE),
    Command(("g",), "go_to", "go to", "Go to a typed point: -4 or z=-4 is a logit, p=.02 a prediction", MOVE),
    Command(("n",), "landmark(1)", "next", "Next landmark: minimum, inflection, steepest point, crossing", MOVE,
            footer=True),
    Command(("N",), "landmark(-1)", "previous", "Previous landmark", MOVE),
    Command(("up",), "row(-1)", "up", "Row above, in the pane that has the focus", LOSS),
    Command(("down",), "row(1)", "down", "Row below", LOSS),
    Command(("tab",), "pane(1)", "pane", "Next pane", LOSS, footer=True),
    Command(("shift+tab",), "pane(-1)", "pane", "Previous pane", LOSS),
    Command(("escape",), "leave", "back", "Back to the chart; end the filter", LOSS),
    Command(("enter",), "choose", "choose", "Choose the row; open a folded pane", LOSS),
    Command(("space",), "show", "show", "Show or hide the current loss; choose the row of another pane", LOSS,
            footer=True),
    Command(("r",), "reference", "reference", "Take the ratios against the current loss", LOSS),
    Command(("[",), "step(0, -1)", "less", "Lower the current loss's parameter", LOSS),
    Command(("]",), "step(0, 1)", "more", "Raise it", LOSS),
    Command(("{",), "step(1, -1)", "less", "Lower its second parameter", LOSS),
    Command(("}",), "step(1, 1)", "more", "Raise its second parameter", LOSS),
    Command(("p",), "parameter", "parameter", "Type the current loss's parameter", LOSS),
    Command(("v",), "variant", "variant", "A second row of this loss, to compare two parameter values", LOSS),
    Command(("V",), "remove", "remove", "Take such a row away again", LOSS),
    Command(("/",), "filter", "filter", "Filter the losses by any of their names", LOSS),
    Command(("t",), "label(1)", "label", "Next label: 1, 0, 0.9, 0.5 and the typed one", LABEL),
    Command(("T",), "type_label", "type label", "Type a label: any number", LABEL),
    Command(("R",), "risk", "risk", "Risk: the expected loss for a true probability η of class 1", LABEL),
    Command(("w",), "smoothing", "smoothing", "Next label smoothing: 0, 0.05, 0.1, 0.2, 0.4", LABEL),
    Command(("a",), "activation(1)", "activation", "Next activation, at the same logit", LABEL),
    Command(("A",), "activation(-1)", "activation", "Previous activation", LABEL),
    Command(("x",), "axis", "axis", "The other x axis: logit z or prediction p; the point stays", VIEW, footer=True),
    Command(("d",), "slope", "derivative", "Next in the lower chart: ∂L/∂z, ∂L/∂p, ∂²L/∂z²", VIEW, footer=True),
    Command(("L",), "likelihood", "likelihood", "Densities over labels, whose −log the losses are", VIEW),
    Command(("b",), "both", "both labels", "Every loss for y=0 and y=1: the classic figure", VIEW),
    Command(("l",), "scale", "log y", "Symmetric-log or linear y axes", VIEW),
    Command(("+", "="), "zoom(1)", "zoom in", "Zoom in about the cursor", VIEW),
    Command(("-",), "zoom(-1)", "zoom out", "Zoom out", VIEW),
    Command(("0",), "reset", "reset", "The natural window again", VIEW),
    Command(("y",), "copy", "copy command", "Copy the command that prints this view, and show it", FILE),
    Command(("e",), "export", "CSV", "Write the numbers of the window and the cursor as CSV", FILE),
    Command(("s",), "svg", "SVG", "Write the screen as SVG", FILE),
)  # fmt: skip
"""On the Curves screen."""
