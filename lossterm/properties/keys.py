"""The commands of the Properties screen, each declared once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from lossterm.properties.actions import copy_command, next_question, sort_by_current
from lossterm.tui.commands import FILE, LOSS, MOVE, Command
from lossterm.tui.subject_commands import ACTIVATION, FAMILY, FIND, HOME, LABELS, PARAMETERS, SHOW

PROPERTIES: Sequence[Command] = (
    Command(("left",), "move(0, -1)", "property", "The property beside this one", MOVE, "←→", footer=1),
    Command(("right",), "move(0, 1)", "property", "The property at the right", MOVE, "→"),
    Command(("up",), "move(-1, 0)", "loss", "Row above", LOSS, "↑↓", footer=1),
    Command(("down",), "move(1, 0)", "loss", "Row below", LOSS, "↓"),
    Command(("enter",), "go", "to Curves", "Look at the evidence on Curves, the cursor at the point", MOVE,
            footer=1, words="open show proof evidence counterexample"),
    Command(("n",), "point(1)", "point", "The next point of the evidence, where there are several", MOVE),
    Command(("N",), "point(-1)", "point", "The point before", MOVE),
    Command(("shift+left",), partial(next_question, by=-1), "question", "The question before", MOVE),
    Command(("shift+right",), partial(next_question, by=1), "question", "The next question", MOVE),
    Command(("pageup", "shift+up"), "move(-8, 0)", "fast", "Eight rows up", MOVE),
    Command(("pagedown", "shift+down"), "move(8, 0)", "fast", "Eight rows down", MOVE),
    Command(("home",), "move(0, -99)", "first", "The first property", MOVE),
    Command(("end",), "move(0, 99)", "last", "The last property", MOVE),
    Command(("z",), "read(1)", "read on", "The next lines of the evidence, and of the loss's other properties", MOVE),
    Command(("Z",), "read(-1)", "read back", "The lines before", MOVE),
    Command(("i",), sort_by_current, "sort", "Sort by this property; again: the other way; not at all", MOVE,
            footer=1, words="order rank"),
    replace(FIND, footer=1),
    Command(("escape",), "leave", "back", "Back to the table", MOVE),
    replace(SHOW, help="Show or hide the loss on Curves; fold or unfold a heading"),
    FAMILY,
    *PARAMETERS,
    *(replace(command, footer=1 if command.keys[0] in "ta" else command.footer) for command in (*LABELS, *ACTIVATION)),
    HOME,
    Command(("y",), copy_command, "copy command", "Copy the command that prints this view, and show it", FILE, footer=2,
            words="export clipboard yank share cli reproduce"),
    Command(("e",), "export", "CSV", "Write the numbers as CSV", FILE, words="export save table file download"),
    Command(("s",), "svg", "SVG", "Write the screen as SVG", FILE,
            words="export save screenshot picture image file print"),
)  # fmt: skip
