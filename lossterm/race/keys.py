"""The commands of the Race screen, each declared once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from lossterm.model.options import Option
from lossterm.race import actions as act
from lossterm.race.options import BATCH, LIMIT, LOG_Y, MATCH, OPTIMIZER, PROBLEM, RATE, SEED, START, STEP_AXIS, UNTIL
from lossterm.tui.commands import FILE, LOSS, MOVE, VIEW, Command
from lossterm.tui.subject_commands import ACTIVATION, FAMILY, FIND, HOME, LABELS, PARAMETERS, VARIANTS

PLAY, COURSE, OTHER = "Playing", "How the race is run", "Keys of Curves that do nothing here"


def _step(
    option: Option[Any, Any], label: str, help_: str, group: str = COURSE, *, footer: int = 0, words: str = ""
) -> Command:
    action = partial(act.step_option, option=option, direction=1)
    return Command(option.keys, action, label, help_, group, footer=footer, words=f"{option.words} {words}")


def _back(option: Option[Any, Any], label: str, help_: str) -> Command:
    action = partial(act.step_option, option=option, direction=-1)
    return Command(option.back_keys, action, label, help_, COURSE, words=option.words)


def _ask(
    option: Option[Any, Any], label: str, help_: str, keys: tuple[str, ...] = (), *, footer: int = 0, words: str = ""
) -> Command:
    action = partial(act.ask_option, option=option)
    return Command(keys or option.keys, action, label, help_, COURSE, footer=footer, words=f"{option.words} {words}")


def _elsewhere(key: str, label: str, why: str) -> Command:
    return Command((key,), act.tell(why), label, f"{why[0].upper()}{why[1:]}", OTHER)


RACE: Sequence[Command] = (
    Command(("left",), "move(-1)", "step", "Back, on by a column, at least a step", MOVE, "←→", footer=1,
            panes={"upper": "step"}),
    Command(("right",), "move(1)", "step", "On by a column, at least a step", MOVE, "→", panes={"upper": "step"}),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Back by ten columns", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "On by ten columns", MOVE),
    Command((",",), "by_step(-1)", "step back", "Back by one step", MOVE, ","),
    Command((".",), "by_step(1)", "step", "On by one step", MOVE),
    Command(("home",), "edge(-1)", "rewind", "Rewind to the start", MOVE),
    Command(("end",), "edge(1)", "end", "To the last step", MOVE),
    Command(("g",), "go_to", "go to", "Go to a typed step", MOVE),
    Command(("n",), "finish(1)", "finish", "The next step at which one is there", MOVE, footer=1,
            words="winner arrival goal"),
    Command(("N",), "finish(-1)", "finish", "The one before", MOVE),
    Command(("enter",), "choose", "play", "Play or pause; in a pane, choose the row or change the setting", PLAY,
            footer=1, panes={"upper": "play", "losses": "", "course": "change"}, words="run start animate train"),
    Command(("<",), partial(act.change_speed, direction=-1), "slower", "Play slower", PLAY),
    Command((">",), partial(act.change_speed, direction=1), "faster", "Play faster", PLAY),
    Command(("escape",), "leave", "stop", "Stop computing; stop playing; back to the chart", PLAY,
            panes={"losses": "chart", "course": "chart"}, words="cancel"),
    Command(("up",), "row(-1)", "loss", "Row above, in the pane that has the focus", LOSS, "↑↓", footer=3,
            panes={"losses": "loss", "course": "setting"}),
    Command(("down",), "row(1)", "loss", "Row below", LOSS, "↓", panes={"losses": "loss", "course": "setting"}),
    Command(("tab",), "pane(1)", "pane", "Next pane", LOSS, footer=1, words="focus"),
    Command(("shift+tab",), "pane(-1)", "pane", "Previous pane", LOSS),
    Command(("space",), "show", "show", "Let the current loss race, or not; fold a heading; elsewhere change a setting",
            LOSS, footer=1, panes={"losses": "show", "course": ""}, words="add remove compete"),
    Command(("W",), "why", "why", "Why the current loss ended, in full", LOSS, footer=2, panes={"losses": "why"},
            words="stuck stalled reason explain slow diverges"),
    *PARAMETERS,
    *VARIANTS,
    FAMILY,
    FIND,
    _step(PROBLEM, "problem", "Next problem: one logit, five of classes in the plane, a line, two of one weight",
          footer=1, words="dataset data imbalanced outlier noise separable"),
    _back(PROBLEM, "problem", "The problem before"),
    _step(OPTIMIZER, "optimizer", "Gradient descent, momentum, Newton", footer=1, words="sgd gd method"),
    _back(RATE, "slower rate", "Lower the learning rate"),
    _step(RATE, "faster rate", "Raise it", words="learning lr"),
    _ask(RATE, "rate", "Type the learning rate", ("R",), footer=2, words="lr step size alpha eta"),
    _step(MATCH, "match rates", "One rate for all; 1/(Lipschitz constant of ∂L/∂z); 1/(that of L)", footer=2,
          words="fair"),
    _ask(START, "start", "Type the logit (of one weight the weight) they start from", footer=2,
            words="initial beginning"),
    Command(("Z",), act.start_from_subject, "from cursor", "Start from the cursor of Curves, or again from z = −8",
            COURSE),
    _ask(UNTIL, "until",
         "Type when a loss is there: the label's probability; of a problem how far its mean loss has come down",
         footer=2, words="goal target threshold"),
    _ask(LIMIT, "most steps", "Type after how many steps they give up", words="limit max iterations epochs"),
    _step(BATCH, "batch", "Examples in a step of a problem: all, 50, 10, 1", words="minibatch stochastic sgd"),
    _step(SEED, "other data", "Other examples of the same problem", words="random shuffle"),
    *LABELS,
    *ACTIVATION,
    HOME,
    _step(STEP_AXIS, "log steps", "Steps on a logarithmic or a linear axis", VIEW, footer=1),
    Command(("d",), "quantity", "quantity", "Next quantity: p, |∂L/∂z|, z; of a problem accuracy, |∇L|", VIEW,
            footer=1, words="gradient derivative lower chart metric probability"),
    _step(LOG_Y, "log y", "Symmetric-log or linear y axes", VIEW),
    _elsewhere("r", "reference", "a race has no reference: all are compared with the one that is there first"),
    _elsewhere("b", "both labels", "a race is run for one label: t takes the next one"),
    _elsewhere("L", "likelihood", "densities are on Curves: 1, then L"),
    Command(("+", "=", "-", "0", "*", "_"), act.tell("the charts always show the whole race: x and l change their "
            "scales"), "zoom", "The charts always show the whole race: x and l change their scales", OTHER),
    Command(("y",), "copy", "copy command", "Copy the command that prints this view, and show it", FILE, footer=2,
            words="export clipboard yank share cli reproduce"),
    Command(("e",), "export", "CSV", "Write the numbers as CSV", FILE,
            words="export save table file download trajectory"),
    Command(("s",), "svg", "SVG", "Write the screen as SVG", FILE,
            words="export save screenshot picture image file print"),
)  # fmt: skip
"""In the order of the help."""
