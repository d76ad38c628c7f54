"""The commands of the Data screen, each declared once; keys that step an option are those of its declaration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lossterm.model.options import Option
from lossterm.predictions import actions as act
from lossterm.predictions import choosing, file_actions, options, place_actions, versus
from lossterm.predictions.mend_sheet import write_worst
from lossterm.predictions.segment_actions import pick_column
from lossterm.predictions.state import DataState
from lossterm.tui.commands import FILE, LOSS, MOVE, VIEW, Command
from lossterm.tui.subject_commands import FAMILY, FIND, PARAMETERS

SOURCE, FILTER, WHAT_IF = "The file", "Which examples", "What if"


def _steps(option: Option[Any, Any], *told: tuple[str, str], group: str, shown: str = "", footer: int = 0,
           back_first: bool = False, words: str = "") -> list[Command]:  # fmt: skip
    # the commands that step an option on and, where it has keys for that, back: label and help of each
    both = [(option.keys, 1), (option.back_keys, -1)]
    ways = [(keys, direction) for keys, direction in (both[::-1] if back_first else both) if keys]
    return [
        Command(keys, partial(act.step, option=option, direction=direction), label, about, group,
                shown if n == 0 else "", footer if n == 0 else 0, words=f"{option.words} {words}")
        for n, ((keys, direction), (label, about)) in enumerate(zip(ways, told, strict=True))
    ]  # fmt: skip


_STEPS = {"[": (0, -1), "]": (0, 1), "{": (1, -1), "}": (1, 1)}

_PARAMETERS = [
    replace(
        command,
        action=partial(act.step_parameter, which=_STEPS[command.keys[0]][0], direction=_STEPS[command.keys[0]][1])
        if command.keys[0] in _STEPS
        else act.ask_parameters,
    )
    for command in PARAMETERS
]
"""The same keys as on every screen; a loss of K classes does not have every parameter."""

DATA: Sequence[Command] = (
    Command(("o",), file_actions.ask_file, "open", "Open a file; options as on the command line may follow it", SOURCE,
            footer=1, words="load csv parquet npy json predictions import"),
    Command(("O",), file_actions.open_demo, "demo", "Open the predictions that come with lossterm", SOURCE, footer=2,
            words="example sample"),
    Command(("u",), file_actions.reload, "reload", "Read the file again", SOURCE, words="refresh rows"),
    Command(("L",), choosing.labels, "label", "Of several labels the one that all but the table is of", SOURCE,
            words=f"{options.LABEL.words} multilabel multi-label several"),
    Command(("left",), "move(-1)", "move", "Move the cursor of the chart; in the table scroll its columns", MOVE, "←→",
            footer=1, panes={"chart": "move", "worst": "columns"}),
    Command(("right",), "move(1)", "move", "Move it right", MOVE, "→", panes={"chart": "move", "worst": "columns"}),
    Command(("shift+left", "pageup"), "move(-10)", "fast", "Move left by ten columns; pgup in the table: a page", MOVE),
    Command(("shift+right", "pagedown"), "move(10)", "fast", "Move right by ten columns; pgdn in the table: a page",
            MOVE),
    Command(("home",), "edge(-1)", "left edge", "To the left edge; in the table the first", MOVE),
    Command(("end",), "edge(1)", "right edge", "To the right edge; in the table the last", MOVE),
    Command(("g",), place_actions.ask_place, "go to", "Go to what is typed: p=.02, z=-4; a loss, a percentage, a class",
            MOVE),
    Command(("n",), "worst(1)", "next worst", "The next worst example, and the cursor at it", MOVE, footer=1,
            panes={"worst": "next worst"},
            words="hardest mistakes errors examples"),
    Command(("N",), "worst(-1)", "previous", "The one before", MOVE),
    Command(("enter",), "choose", "to Curves", "Look at this point on Curves; in a pane change its row", MOVE, footer=2,
            panes={"chart": "to Curves", "worst": "to Curves", "losses": "", "file": "change"}),
    Command(("d",), partial(act.next_page, direction=1), "chart",
            "Next chart: reliability, predictions, losses, share, examples, confusion; ROC …", VIEW, footer=1,
            words="calibration histogram matrix page gradient roc precision recall net benefit murphy decision"),
    Command(("D",), partial(act.next_page, direction=-1), "chart", "Previous chart", VIEW),
    Command(("m",), partial(act.next_lower, direction=1), "numbers",
            "Below: figures, losses or the worst examples (all where there is room)", VIEW, footer=1,
            words="accuracy auroc auc ece brier metrics precision recall f1 statistics"),
    *_steps(options.MASS, ("bins", "Bins of equal width, or of equal counts"), group=VIEW),
    *_steps(options.BINS, ("more bins", "More bins"), ("fewer", "Fewer bins"), group=VIEW),
    *_steps(options.BESIDE, ("beside", "Beside the bins: T and Platt, the isotonic regression (CORP), or nothing"),
            group=VIEW, words="corp isotonic pav recalibrated"),
    *_steps(options.SCALE, ("log y", "Symmetric-log or linear y axis"), group=VIEW),
    *_steps(options.THRESHOLD, ("threshold", "Lower the threshold by 0.01"), ("threshold", "Raise it"), group=VIEW,
            shown=", .", back_first=True),
    Command(("h",), act.ask_threshold, "threshold", "Type the threshold", VIEW,
            words=f"{options.THRESHOLD.words} cutoff decision"),
    Command(("i",), "sort", "sort", "Sort the worst examples by the next column", VIEW, panes={"worst": "sort"},
            words="order"),
    Command(("I",), place_actions.reverse_sorting, "reverse", "Sort them the other way round", VIEW,
            panes={"worst": "reverse"}),
    Command(("up",), "row(-1)", "loss", "Row above, in the pane that has the focus", LOSS, "↑↓", footer=3,
            panes={"losses": "loss", "file": "row", "worst": "row"}),
    Command(("down",), "row(1)", "loss", "Row below", LOSS, "↓",
            panes={"losses": "loss", "file": "row", "worst": "row"}),
    Command(("tab",), "pane(1)", "pane", "Next pane", LOSS, footer=1, words="focus"),
    Command(("shift+tab",), "pane(-1)", "pane", "Previous pane", LOSS),
    Command(("escape",), "leave", "back", "Stop reading; back to the chart", LOSS,
            panes={"losses": "chart", "file": "chart", "worst": "chart"}, words="cancel"),
    Command(("space",), "show", "show", "Show or hide the current loss; fold a heading; elsewhere change the row", LOSS,
            footer=2, panes={"losses": "show", "file": "", "worst": ""}),
    FAMILY,
    FIND,
    *_PARAMETERS,
    *_steps(options.TEMPERATURE, ("T", "Lower the temperature that every logit is divided by"), ("T", "Raise it"),
            group=WHAT_IF, shown="<>", footer=1, back_first=True, words="temperature scaling calibrate"),
    Command(("k",), act.ask_temperature, "type T", "Type the temperature", WHAT_IF, words="scaling calibrate"),
    Command(("K",), act.fitted_temperature, "fitted T", "The T that minimises the log loss (in-sample); there 1 again",
            WHAT_IF, footer=2, words="temperature scaling calibrate best optimal"),
    Command(("C",), act.next_clip, "clip", "Next clip of p, as libraries have it: sklearn, keras, torch …; or none",
            WHAT_IF, footer=2, words=f"{options.CLIP.words} eps epsilon sklearn keras torch clamp infinite"),
    Command(("X",), act.ask_class_weights, "class weights", "Type class weights, one a class (nothing: none)", WHAT_IF,
            words=f"{options.CLASS_WEIGHTS.words} imbalance balanced rare cost sensitive"),
    Command(("M",), "mend", "mend", "What would mend the predictions: T, Platt, beta, isotonic, judged out of fold",
            WHAT_IF, footer=2, words="recalibrate calibrate platt beta isotonic vector scaling out of fold"),
    Command(("w",), act.next_smoothing, "smoothing", "Next label smoothing: 0, 0.05, 0.1, 0.2, 0.4", WHAT_IF,
            footer=2, words=f"{options.SMOOTHING.words} soft labels"),
    Command(("c",), versus.choose, "compare",
            "Compare with a second column or file, with what is shown now, or with itself at the fitted T", WHAT_IF,
            footer=2,
            words="baseline change delta against second model better paired mcnemar delong murphy forest two models"),
    Command(("0",), act.reset, "reset", "As the file is: T = 1, no smoothing, the losses compared with", WHAT_IF),
    Command(("t",), partial(act.next_label, direction=1), "label", "Only the examples with the next label, or all",
            FILTER, footer=2, words=f"{options.ONLY_LABEL.words} class filter"),
    Command(("G",), partial(act.next_group, direction=1), "group", "Only the examples of the next group, or all",
            FILTER, footer=2, words=f"{options.ONLY_GROUP.words} filter subset slice fairness"),
    Command(("f",), act.ask_range, "range", "Only predictions in a typed range, such as .9:1", FILTER, footer=2,
            words=f"{options.ONLY_RANGE.words} filter"),
    Command(("B",), pick_column, "segments", "Where it is bad: a table by a column, or the worst of all", FILTER,
            footer=2, words="by segment slice subgroup column where worst find-segments fairness"),
    Command(("F",), act.every_example, "all", "Every example again", FILTER, words="unfilter reset clear"),
    Command(("y",), act.copy_command, "copy command", "Copy the command that prints this view, and show it", FILE,
            footer=2, words="export clipboard yank share cli reproduce"),
    Command(("e",), "export", "CSV", "Write the numbers as CSV", FILE, words="export save table file download report"),
    Command(("W",), write_worst, "worst rows", "Write the worst rows as CSV, with all columns of the file", FILE,
            words="export save hardest mistakes examples table"),
    Command(("s",), "svg", "SVG", "Write the screen as SVG", FILE,
            words="export save screenshot picture image file print"),
)  # fmt: skip
"""In the order of the help."""

_WITHOUT_FILE = frozenset({"u", "L", *(command.keys[0] for command in DATA if command.group not in (SOURCE, LOSS))})
_OF_PROBABILITIES = frozenset({"<", ">", "k", "K", "C", "M", "w", ",", ".", "h", "t", "X"})
_OF_LABELS = frozenset({"L"})


def idle_keys(state: DataState) -> Collection[str]:
    """The keys that have nothing to act on: all but few before a file is open, and what its predictions do not have."""
    if state.file is None:
        return _WITHOUT_FILE
    absent = frozenset() if state.file.source.columns.pairs else _OF_LABELS
    return absent | _OF_PROBABILITIES if state.is_of_values else absent
