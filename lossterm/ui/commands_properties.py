"""The commands of the Properties screen."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.ui.commands import LOSS, MOVE, Command
from lossterm.ui.commands_shared import FILES, LABELS, PARAMETERS

PROPERTIES: Sequence[Command] = (
    Command(("left",), "column(-1)", "property", "The property beside this one", MOVE, "←→", footer=True),
    Command(("right",), "column(1)", "property", "The property at the right", MOVE, "→"),
    Command(("up",), "row(-1)", "loss", "Row above", LOSS, "↑↓", footer=True),
    Command(("down",), "row(1)", "loss", "Row below", LOSS, "↓"),
    Command(("enter",), "go", "to Curves", "Look at the evidence on Curves, the cursor at the point", MOVE,
            footer=True),
    Command(("n",), "point(1)", "point", "The next point of the evidence, where there are several", MOVE),
    Command(("N",), "point(-1)", "point", "The point before", MOVE),
    Command(("shift+left",), "column(-4)", "fast", "Four properties to the left", MOVE),
    Command(("shift+right",), "column(4)", "fast", "Four properties to the right", MOVE),
    Command(("pageup", "shift+up"), "row(-8)", "fast", "Eight rows up", MOVE),
    Command(("pagedown", "shift+down"), "row(8)", "fast", "Eight rows down", MOVE),
    Command(("home",), "column(-99)", "first", "The first property", MOVE),
    Command(("end",), "column(99)", "last", "The last property", MOVE),
    Command(("escape",), "leave", "back", "Back to the table", MOVE),
    Command(("space",), "show", "show", "Show or hide the loss on Curves", LOSS, footer=True),
    *PARAMETERS,
    *(Command(c.keys, c.action, c.label, c.help, c.group, c.shown, c.keys[0] in "ta") for c in LABELS),
    *FILES,
)  # fmt: skip
