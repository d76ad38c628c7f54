"""The commands of the Race screen."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.ui.commands import LOSS, MOVE, VIEW, Command
from lossterm.ui.commands_shared import FILES, LABELS, PARAMETERS

PLAY, COURSE = "Playing", "How the race is run"

RACE: Sequence[Command] = (
    Command(("left",), "move(-1)", "step", "Back, on by a column, at least a step", MOVE, "←→", footer=True),
    Command(("right",), "move(1)", "step", "On by a column, at least a step", MOVE, "→"),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Back by ten columns", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "On by ten columns", MOVE),
    Command((",",), "by_step(-1)", "step back", "Back by one step", MOVE, ","),
    Command((".",), "by_step(1)", "step", "On by one step", MOVE),
    Command(("home",), "edge(-1)", "rewind", "Rewind to the start", MOVE),
    Command(("end",), "edge(1)", "end", "To the last step", MOVE),
    Command(("g",), "go_to", "go to", "Go to a typed step", MOVE),
    Command(("n",), "finish(1)", "finish", "The next step at which one is there", MOVE, footer=True),
    Command(("N",), "finish(-1)", "finish", "The one before", MOVE),
    Command(("enter",), "choose", "play", "Play or pause; in a pane, choose the row or change the setting", PLAY,
            footer=True),
    Command(("<",), "speed(-1)", "slower", "Play slower", PLAY),
    Command((">",), "speed(1)", "faster", "Play faster", PLAY),
    Command(("escape",), "leave", "stop", "Stop computing; stop playing; back to the chart", PLAY),
    Command(("up",), "row(-1)", "up", "Row above, in the pane that has the focus", LOSS),
    Command(("down",), "row(1)", "down", "Row below", LOSS),
    Command(("tab",), "pane(1)", "pane", "Next pane", LOSS, footer=True),
    Command(("shift+tab",), "pane(-1)", "pane", "Previous pane", LOSS),
    Command(("space",), "show", "show", "Let the current loss race, or not; in the other pane, change the setting",
            LOSS, footer=True),
    Command(("W",), "why", "why", "Why the current loss ended, in full", LOSS),
    *PARAMETERS,
    Command(("c",), "problem(1)", "problem",
            "Next problem: one logit, five of classes in the plane, a line, two of one weight", COURSE, footer=True),
    Command(("C",), "problem(-1)", "problem", "The problem before", COURSE),
    Command(("o",), "optimizer", "optimizer", "Gradient descent, momentum, Newton", COURSE, footer=True),
    Command(("(",), "rate(-1)", "slower rate", "Lower the learning rate", COURSE),
    Command((")",), "rate(1)", "faster rate", "Raise it", COURSE),
    Command(("R",), "type('rate')", "rate", "Type the learning rate", COURSE),
    Command(("m",), "match", "match rates", "One rate for all, each 1/smoothness, equal Lipschitz constants", COURSE),
    Command(("z",), "type('start')", "start", "Type the logit (of one weight the weight) they start from", COURSE),
    Command(("Z",), "from_cursor", "from cursor", "Start from the cursor of Curves again", COURSE),
    Command(("u",), "type('until')", "until",
            "Type the probability to be reached (of a problem the balanced accuracy, of a line the part of the way)",
            COURSE),
    Command(("M",), "type('most')", "most steps", "Type after how many steps they give up", COURSE),
    Command(("B",), "batch", "batch", "Examples in a step of a problem: all, 50, 10, 1", COURSE),
    Command(("i",), "seed", "other data", "Other examples of the same problem", COURSE),
    *LABELS,
    Command(("x",), "axis", "log steps", "Steps on a logarithmic or a linear axis", VIEW, footer=True),
    Command(("d",), "quantity", "quantity", "Next quantity: p, |∂L/∂z|, z; of a problem accuracy, |∇L|", VIEW,
            footer=True),
    Command(("l",), "scale", "log y", "Symmetric-log or linear y axes", VIEW),
    *FILES,
)  # fmt: skip
