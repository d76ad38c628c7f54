"""The commands of the Softmax screen, each declared once."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.ui.commands import LOSS, MOVE, VIEW, Command
from lossterm.ui.commands_shared import FILES

CLASSES, TARGET = "Classes and logits", "Target and temperature"

SOFTMAX: Sequence[Command] = (
    Command(("up",), "row(-1)", "class", "Class above; in the losses the loss above", CLASSES, "↑↓", footer=True),
    Command(("down",), "row(1)", "class", "Class below; in the losses the loss below", CLASSES, "↓"),
    Command(("[",), "step(-1)", "logit", "Lower the selected logit by ½; in the losses the parameter", CLASSES, "[]",
            footer=True),
    Command(("]",), "step(1)", "logit", "Raise it", CLASSES, "]"),
    Command(("i",), "type_logit", "type", "Type the selected logit (or p=.2; -inf masks), or all as a list", CLASSES,
            footer=True),
    Command(("P",), "type_probabilities", "probabilities", "Type probabilities: the logits become their logarithms",
            CLASSES),
    Command(("m",), "mask", "mask", "Mask the selected class (z = −∞), or let it take part again", CLASSES),
    Command(("a",), "add", "add", "Add a class after the selected one", CLASSES),
    Command(("A", "delete"), "remove", "remove", "Remove the selected class", CLASSES),
    Command(("o",), "sort", "sort", "Sort the classes by logit; the target goes with its class", CLASSES),
    Command(("O",), "shuffle", "shuffle", "Deal the logits to the classes anew; the target stays", CLASSES),
    Command(("n",), "preset(1)", "preset", "Next preset example", CLASSES, footer=True),
    Command(("N",), "preset(-1)", "preset", "Previous preset example", CLASSES),
    Command(("t",), "target(1)", "target", "The next class as target", TARGET, footer=True),
    Command(("T",), "type_target", "type target", "Type the target: a class, a distribution .1,.2,.7, or 'teacher'",
            TARGET),
    Command(("{",), "share(-1)", "t −", "Take 0.05 of the target from the selected class (soft target)", TARGET),
    Command(("}",), "share(1)", "t +", "Give it 0.05 more of the target", TARGET),
    Command(("w",), "smoothing", "smoothing", "Next label smoothing ε: 0, 0.05, 0.1, 0.2, 0.4", TARGET),
    Command(("W",), "over", "convention", "ε shared by all K classes, or by the K−1 others", TARGET),
    Command(("h",), "type_teacher", "teacher", "Type a teacher's logits (nothing: no teacher)", TARGET),
    Command(("H",), "teach", "teach", "The teacher as target of every loss, or of distillation alone", TARGET),
    Command((">",), "temperature(1)", "hotter", "Raise the temperature T", TARGET),
    Command(("<",), "temperature(-1)", "colder", "Lower it", TARGET),
    Command(("k",), "type_temperature", "type T", "Type the temperature", TARGET),
    Command(("left",), "move(-1)", "sweep", "Move the cursor: the swept logit (or T) changes with it", MOVE, "←→",
            footer=True),
    Command(("right",), "move(1)", "sweep", "Move the cursor right", MOVE, "→"),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Move left by ten columns; pgup in the lists: a page", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "Move right by ten columns; pgdn in the lists: a page",
            MOVE),
    Command(("home",), "edge(-1)", "left edge", "Move to the left edge", MOVE),
    Command(("end",), "edge(1)", "right edge", "Move to the right edge", MOVE),
    Command(("g",), "go_to", "go to", "Go to a typed place of the sweep: a logit, p=.2, or a temperature", MOVE),
    Command(("G",), "go_to_class", "class", "Go to a typed class", MOVE),
    Command(("tab",), "pane(1)", "pane", "Classes, curves, losses", LOSS, footer=True),
    Command(("shift+tab",), "pane(-1)", "pane", "The same, backwards", LOSS),
    Command(("escape",), "leave", "back", "Back to the classes", LOSS),
    Command(("space", "enter"), "choose", "choose", "Make the selected class the target; in the losses show or hide",
            LOSS, footer=True),
    Command(("r",), "reference", "reference", "Take the ratios against the current loss", LOSS),
    Command(("p",), "parameter", "parameter", "Type the current loss's parameter", LOSS),
    Command(("v",), "variant", "variant", "A second row of this loss, to compare two parameter values", LOSS),
    Command(("V",), "drop", "drop", "Take such a row away again", LOSS),
    Command(("x",), "sweep", "axis", "Sweep the selected logit, or the temperature", VIEW, footer=True),
    Command(("d",), "other_chart", "chart", "Where there is room for one chart: L or ∂L/∂z", VIEW),
    Command(("l",), "scale", "log y", "Symmetric-log or linear y axes", VIEW),
    Command(("+", "="), "zoom(1)", "zoom in", "Zoom in about the cursor", VIEW),
    Command(("-",), "zoom(-1)", "zoom out", "Zoom out", VIEW),
    Command(("0",), "reset", "reset", "The natural window again", VIEW),
    *FILES,
)  # fmt: skip
"""On the Softmax screen."""
