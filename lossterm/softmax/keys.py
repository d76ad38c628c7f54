"""The commands of the Softmax screen, each declared once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lossterm.model import subject_actions
from lossterm.softmax import actions as act
from lossterm.softmax import edit
from lossterm.softmax import view as views
from lossterm.tui.commands import FILE, LOSS, MOVE, VIEW, Command
from lossterm.tui.subject_commands import REFERENCE, VARIANTS

CLASSES, TARGET = "Classes and logits", "Target and temperature"

SOFTMAX: Sequence[Command] = (
    Command(("up",), "row(-1)", "class", "Class above; in the losses the loss above", CLASSES, "↑↓", footer=1,
            panes={"classes": "class", "ledger": "loss"}),
    Command(("down",), "row(1)", "class", "Class below; in the losses the loss below", CLASSES, "↓",
            panes={"classes": "class", "ledger": "loss"}),
    Command(("[",), "step(-1)", "logit", "Lower the selected logit by ½; in the losses the parameter", CLASSES, "[]",
            footer=1, panes={"classes": "logit", "ledger": "parameter"}, words="less"),
    Command(("]",), "step(1)", "logit", "Raise it", CLASSES, "]", panes={"classes": "logit", "ledger": "parameter"},
            words="more"),
    Command(("i",), act.ask_logits, "type", "Type the selected logit (or p=.2; -inf masks), or all as a list", CLASSES,
            footer=1, panes={"classes": "type", "ledger": ""}, words="edit enter logits example"),
    Command(("P",), act.ask_probabilities, "probabilities",
            "Type probabilities: the logits become their logarithms", CLASSES, footer=2),
    Command(("m",), act.toggle_mask, "mask", "Mask the selected class (z = −∞), or let it take part again", CLASSES,
            footer=2, words="-inf attention padding ignore"),
    Command(("a",), act.add_class, "add", "Add a class after the selected one", CLASSES, footer=2,
            words="more classes K"),
    Command(("A", "delete"), act.remove_class, "remove", "Remove the selected class", CLASSES,

            words="fewer classes delete"),
    Command(("o",), act.on_view(edit.sort_classes), "sort",
            "Sort the classes by logit; the target goes with its class", CLASSES),
    Command(("O",), "shuffle", "shuffle", "Deal the logits to the classes anew; the target stays", CLASSES),
    Command(("n",), partial(act.next_preset, direction=1), "preset", "Next preset example", CLASSES, footer=1,
            words="demo sample load scenario"),
    Command(("N",), partial(act.next_preset, direction=-1), "preset", "Previous preset example", CLASSES, words="demo"),
    Command(("t",), act.next_target, "target", "The next class as target", TARGET, footer=1, words="label truth"),
    Command(("T",), act.ask_target, "type target",
            "Type the target: a class, a distribution .1,.2,.7, or 'teacher'", TARGET,
            words="label soft one-hot"),
    Command(("{",), partial(act.shift_target, direction=-1), "t −",
            "Take 0.05 of the target from the selected class (soft target)", TARGET),
    Command(("}",), partial(act.shift_target, direction=1), "t +", "Give it 0.05 more of the target", TARGET),
    Command(("w",), act.on_view(edit.next_smoothing), "smoothing", "Next label smoothing ε: 0, 0.05, 0.1, 0.2, 0.4",
            TARGET, footer=2, words="soft labels"),
    Command(("W",), act.other_smoothing, "convention", "ε shared by all K classes, or by the K−1 others", TARGET),
    Command(("h",), act.ask_teacher, "teacher", "Type a teacher's logits (nothing: no teacher)", TARGET, footer=2,
            words="distillation student knowledge"),
    Command(("H",), act.teach, "teach", "The teacher as target of every loss, or of distillation alone", TARGET),
    Command(("c",), act.ask_weights, "weights", "Type class weights, one a class (nothing: none)", TARGET, footer=2,
            words="class weights imbalance balanced rare cost sensitive weight"),
    Command(("X",), act.swap, "swap", "Swap prediction and target, p and t: cross-entropy is no distance", TARGET,
            footer=2, words="exchange reverse forward kl asymmetric symmetric distance divergence"),
    Command((">",), partial(act.step_temperature, direction=1), "hotter", "Raise the temperature T", TARGET,
            footer=2, words="calibration soften"),
    Command(("<",), partial(act.step_temperature, direction=-1), "colder", "Lower it", TARGET,
            words="temperature T sharpen"),
    Command(("k",), act.ask_temperature, "type T", "Type the temperature", TARGET),
    Command(("left",), "move(-1)", "sweep", "Move the cursor: the swept logit (or T) changes with it", MOVE, "←→",
            footer=1, panes={"loss-chart": "sweep"}),
    Command(("right",), "move(1)", "sweep", "Move the cursor right", MOVE, "→", panes={"loss-chart": "sweep"}),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Move left by ten columns; pgup in the lists: a page", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "Move right by ten columns; pgdn in the lists: a page",
            MOVE),
    Command(("home",), "edge(-1)", "left edge", "Move to the left edge", MOVE),
    Command(("end",), "edge(1)", "right edge", "Move to the right edge", MOVE),
    Command(("g",), act.ask_place, "go to", "Go to a typed place of the sweep: a logit, p=.2, or a temperature", MOVE),
    Command(("G",), act.ask_class, "to class", "Go to a typed class", MOVE),
    Command(("tab",), "pane(1)", "pane", "Classes, curves, losses", LOSS, footer=1, words="pane focus next"),
    Command(("shift+tab",), "pane(-1)", "pane", "The same, backwards", LOSS),
    Command(("escape",), "leave", "back", "Back to the classes", LOSS,
            panes={"loss-chart": "classes", "ledger": "classes"}),
    Command(("space", "enter"), "choose", "choose", "Make the selected class the target; in the losses show or hide",
            LOSS, footer=1, panes={"classes": "target", "ledger": "show"}, words="select label"),
    REFERENCE,
    Command(("p",), subject_actions.ask_parameters, "type it", "Type the current loss's parameters, by their names",
            LOSS, footer=2, panes={"ledger": "type it"}, words="gamma alpha weight epsilon q hyperparameter"),
    *VARIANTS,
    Command(("x",), act.on_view(views.next_sweep), "axis", "Sweep the selected logit, or the temperature", VIEW,
            footer=1, words="x axis"),
    Command(("d",), "other_chart", "chart", "Where there is room for one chart: L or ∂L/∂z", VIEW,
            words="gradient slope derivative"),
    Command(("l",), act.on_view(views.next_scale), "log y",
            "y axes: the scale that shows every curve, linear, symmetric log", VIEW),
    Command(("+", "="), partial(act.zoom, direction=1), "zoom in", "Zoom in about the cursor", VIEW),
    Command(("-",), partial(act.zoom, direction=-1), "zoom out", "Zoom out", VIEW),
    Command(("0",), act.on_view(views.reset_window), "reset", "The natural window again", VIEW),
    Command(("D",), act.lay_dialects, "dialects",
            "What torch, keras, optax … compute for the current loss, and what is off", VIEW, footer=2,
            words="library pytorch tensorflow sklearn jax clip epsilon reduction batchmean label_smoothing convention"),
    Command(("y",), "copy", "copy command", "Copy the command that prints this view, and show it", FILE, footer=2,
            words="export clipboard yank share cli reproduce"),
    Command(("e",), act.export, "CSV", "Write the numbers as CSV", FILE, words="export save table file download"),
    Command(("s",), "svg", "SVG", "Write the screen as SVG", FILE,
            words="export save screenshot picture image file print"),
)  # fmt: skip
"""In the order of the help."""
