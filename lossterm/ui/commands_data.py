"""The commands of the Data screen, each declared once."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.ui.commands import LOSS, MOVE, VIEW, Command
from lossterm.ui.commands_shared import FILES, PARAMETERS

SOURCE, FILTER, WHAT_IF = "The file", "Which examples", "What if"

DATA: Sequence[Command] = (
    Command(("o",), "open", "open", "Open a file; options as on the command line may follow it", SOURCE, footer=True),
    Command(("O",), "demo", "demo", "Open the predictions that come with lossterm", SOURCE),
    Command(("u",), "reload", "reload", "Read the file again", SOURCE),
    Command(("left",), "move(-1)", "move", "Move the cursor of the chart; in the table scroll its columns", MOVE, "←→",
            footer=True),
    Command(("right",), "move(1)", "move", "Move it right", MOVE, "→"),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Move left by ten columns; pgup in the table: a page", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "Move right by ten columns; pgdn in the table: a page",
            MOVE),
    Command(("home",), "edge(-1)", "left edge", "To the left edge; in the table the first", MOVE),
    Command(("end",), "edge(1)", "right edge", "To the right edge; in the table the last", MOVE),
    Command(("g",), "go_to", "go to", "Go to what is typed: p=.02, z=-4; a loss, a percentage, a class", MOVE),
    Command(("n",), "worst(1)", "next worst", "The next worst example, and the cursor at it", MOVE, footer=True),
    Command(("N",), "worst(-1)", "previous", "The one before", MOVE),
    Command(("enter",), "choose", "to Curves", "Look at this point on Curves; in a pane change its row", MOVE),
    Command(("d",), "page(1)", "chart", "Next chart: reliability, predictions, losses, share, examples, confusion",
            VIEW, footer=True),
    Command(("D",), "page(-1)", "chart", "Previous chart", VIEW),
    Command(("m",), "lower(1)", "numbers", "Below: figures, losses or the worst examples (all where there is room)",
            VIEW, footer=True),
    Command(("x",), "mass", "bins", "Bins of equal width, or of equal counts", VIEW),
    Command(("+", "="), "bins(1)", "more bins", "More bins", VIEW),
    Command(("-",), "bins(-1)", "fewer", "Fewer bins", VIEW),
    Command(("l",), "scale", "log y", "Symmetric-log or linear y axis", VIEW),
    Command((",",), "threshold(-0.01)", "threshold", "Lower the threshold by 0.01", VIEW, ", ."),
    Command((".",), "threshold(0.01)", "threshold", "Raise it", VIEW, "."),
    Command(("h",), "type_threshold", "threshold", "Type the threshold", VIEW),
    Command(("i",), "sort", "sort", "Sort the worst examples by the next column", VIEW),
    Command(("I",), "reverse", "reverse", "Sort them the other way round", VIEW),
    Command(("up",), "row(-1)", "up", "Row above, in the pane that has the focus", LOSS),
    Command(("down",), "row(1)", "down", "Row below", LOSS),
    Command(("tab",), "pane(1)", "pane", "Next pane", LOSS, footer=True),
    Command(("shift+tab",), "pane(-1)", "pane", "Previous pane", LOSS),
    Command(("escape",), "leave", "back", "Stop reading; back to the chart", LOSS),
    Command(("space",), "show", "show", "Show or hide the current loss; in the other pane change its row", LOSS),
    *PARAMETERS,
    Command(("<",), "temperature(-1)", "T", "Lower the temperature that every logit is divided by", WHAT_IF, "<>",
            footer=True),
    Command((">",), "temperature(1)", "T", "Raise it", WHAT_IF, ">"),
    Command(("k",), "type_temperature", "type T", "Type the temperature", WHAT_IF),
    Command(("K",), "fitted", "fitted T", "The temperature that minimises the log loss; there 1 again", WHAT_IF),
    Command(("w",), "smoothing", "smoothing", "Next label smoothing: 0, 0.05, 0.1, 0.2, 0.4", WHAT_IF),
    Command(("c",), "compare", "compare", "Compare with what is shown now", WHAT_IF),
    Command(("0",), "reset", "reset", "As the file is: T = 1, no smoothing, the losses compared with", WHAT_IF),
    Command(("t",), "label(1)", "label", "Only the examples with the next label, or all", FILTER),
    Command(("G",), "group(1)", "group", "Only the examples of the next group, or all", FILTER),
    Command(("f",), "type_range", "range", "Only predictions in a typed range, such as .9:1", FILTER),
    Command(("F",), "all", "all", "Every example again", FILTER),
    *FILES,
)  # fmt: skip
"""On the Data screen."""
