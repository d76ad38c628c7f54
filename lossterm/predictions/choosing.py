"""Which columns are read, as rows of the pane of the file: each tells what was taken, and chooses among all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from lossterm.core.numbers import UNDEFINED, trimmed
from lossterm.core.plain import visible
from lossterm.model.actions import Ask, Outcome, Pick, Tell
from lossterm.predictions import options
from lossterm.predictions.file_actions import NO_FILE
from lossterm.predictions.label_figures import brief_text, miscalibration
from lossterm.predictions.opening import Wanted
from lossterm.predictions.state import DataState, apart
from lossterm.predictions.view import KINDS, FileChoice, unfiltered
from lossterm.tui.widgets.chooser import Item

if TYPE_CHECKING:
    from lossterm.files.source import Source

GUESSED = "as guessed"
"""The choice that leaves it to the reader."""


def rows(state: DataState) -> list[tuple[str, str, str]]:
    """What was taken for what: the name of each row, its title and its text."""
    if state.file is None:
        return []
    source = state.file.source
    columns = source.columns
    several = [("labels", "Labels", f"{len(columns.pairs)}, of {columns.label}")] if columns.pairs else []
    told = [
        *several,
        (options.LABEL_COLUMN.name, "y from", columns.label),
        (options.PREDICTION_COLUMNS.name, "p from" if columns.kind != "value" else "v from", listed(columns.read)),
    ]
    if columns.forecast is not None and not columns.forecast.is_normal:
        levels = columns.forecast.levels
        told.append((options.LEVELS.name, "Levels", f"{len(levels)}: {trimmed(levels[0])} … {trimmed(levels[-1])}"))
    if columns.forecast is not None and columns.forecast.is_normal:
        told.append(("sd", "sd from", columns.told[0]))
    if len(columns.predictions) == 1 and len(source.label_names) == 2 and not columns.being_right:
        told.append((options.POSITIVE.name, "Class 1", source.label_names[1]))
    if columns.decision is not None:
        told.append(("decision", "Decision", columns.decision))
    return [
        *told,
        (options.WEIGHT_COLUMN.name, "w from", columns.weight or UNDEFINED),
        (options.GROUP_COLUMN.name, "g from", columns.group or UNDEFINED),
        (options.KEY.name, "id from", columns.key or UNDEFINED),
    ]


def listed(names: Sequence[str]) -> str:
    """Columns in a row: the one, or the first and the last of several."""
    return names[0] if len(names) == 1 else f"{len(names)}: {names[0]} … {names[-1]}"


Way: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""A choice: its text, what is at its right, and what it changes in how the file is read."""


def _picked(state: DataState, title: str, among: Sequence[Way], now: int, guess: Mapping[str, Any]) -> Outcome:
    """A list of choices, the guess first; one that is another than there is opens the file anew.

    Args:
        state: the state.
        title: of the list.
        among: the choices.
        now: the current one of them, or −1.
        guess: what changes where it is left to the reader.
    """
    fixed = any(getattr(state.choice, name) != value for name, value in guess.items())
    choices = [(GUESSED, among[now][0] if now >= 0 and not fixed else "", guess), *among]
    items = [Item(text, right, i == (now + 1 if fixed else 0)) for i, (text, right, _) in enumerate(choices)]

    def take(then: DataState, index: int) -> Outcome:
        return _read_so(then, choices[index][2])

    return Pick(title, tuple(items), now + 1 if fixed else 0, take)


def _read_so(state: DataState, changes: Mapping[str, Any]) -> Outcome:
    choice: FileChoice = replace(state.choice, **changes)
    if choice == state.choice:
        return None
    return replace(state, opening=Wanted(choice, look=unfiltered(state.look)))


def _column(state: DataState, name: str, title: str) -> Outcome:
    file = state.file
    if file is None:
        return None
    held = _likely_first(file.source)
    taken = getattr(file.source.columns, {"label_column": "label", "weight_column": "weight", "group_column": "group"}
                    .get(name, name))  # fmt: skip
    among = [(column, what, {name: column}) for column, what in held.items()]
    now = list(held).index(taken) if taken in held else -1
    return _picked(state, title, among, now, {name: None})


def _likely_first(source: Source) -> dict[str, str]:
    # what each column holds, those first that are read, or go by a name of what is
    columns, held = source.columns, source.held
    first = (columns.label, *columns.read, *columns.first_told, *columns.passed_over)
    return {name: held[name] for name in dict.fromkeys((*first, *held)) if name in held}


def predictions(state: DataState) -> Outcome:
    """Choose the column of the predictions, or those of the classes."""
    file = state.file
    if file is None:
        return None
    source, name = file.source, options.PREDICTION_COLUMNS.name
    held = _likely_first(source)
    among: list[Way] = [(listed(family), "a column a class", {name: family}) for family in source.families]
    among += [(column, held[column], {name: (column,)}) for column in held if column != source.columns.label]
    now = next((i for i, (_, _, changes) in enumerate(among) if changes[name] == source.columns.read), -1)
    return _picked(state, "predictions", among, now, {name: ()})


def positive(state: DataState) -> Outcome:
    """Choose which label is class 1, which the probability is of."""
    if state.file is None:
        return None
    names = state.file.source.label_names
    among = [(text, "p is of it" if i == 1 else "", {options.POSITIVE.name: text}) for i, text in enumerate(names)]
    return _picked(state, "class 1", among, 1, {options.POSITIVE.name: None})


def labels(state: DataState) -> Outcome:
    """Choose which of several labels is looked at, the worst calibrated first."""
    if state.file is None:
        return NO_FILE
    columns = state.file.source.columns
    if not columns.pairs:
        return Tell(f"there is one label, {visible(columns.label)}: y from chooses another column")
    told = {} if state.findings is None else {each.label: each for each in state.findings.labels}
    names = [name for name, _ in columns.pairs]
    ordered = sorted(names, key=lambda name: miscalibration(told[name]), reverse=True) if told else names
    items = tuple(Item(name, brief_text(told[name]) if told else "", name == columns.label) for name in ordered)
    return Pick("look at", items, ordered.index(columns.label), lambda then, index: at_label(then, ordered[index]))


def at_label(state: DataState, label: str) -> Outcome:
    """Look at one of several labels: charts, losses, segments, comparisons and what would mend it are of that one.

    A second prediction in columns of the same names is compared for each label; any other is of one label.
    """
    file, look = state.file, replace(state.look, by=None)
    if file is None or label == file.source.columns.label:
        return None
    said: tuple[Outcome, ...] = ()
    if look.compares and (look.against_column or state.comparison is None or not state.comparison.same_columns):
        look = apart(look)
        said = (
            Tell(f"what {visible(file.source.columns.label)} was compared with is of it alone: c compares this one"),
        )
    other = file.at_label(label)
    if other is None:  # it has not been read yet
        return replace(state, opening=Wanted(replace(state.choice, label=label), look=look)), *said
    there = replace(state, file=other, choice=other.choice, look=look, seeking=None, worst_row=0, at_worst=False)
    return there, *said


def levels(state: DataState) -> Outcome:
    """Ask for the levels of the quantiles, in the order of the columns; nothing leaves them to the names."""
    if state.file is None or state.file.source.columns.forecast is None:
        return None
    forecast = state.file.source.columns.forecast

    def take(then: DataState, text: str) -> Outcome:
        return _read_so(then, {options.LEVELS.name: options.LEVELS.form.read(text) if text.strip() else ()})

    return Ask("levels of the quantiles (nothing: by name)", take, options.LEVELS.form.write(forecast.levels))


def deviation(state: DataState) -> Outcome:
    """Say what the standard deviation is for."""
    return Tell("the standard deviation of a normal distribution about the prediction: Kind, value reads without")


def kind(state: DataState) -> Outcome:
    """Choose what the predictions are; why they are taken for what they are taken for is said."""
    if state.file is None:
        return None
    columns = state.file.source.columns
    among = [(word, "", {options.KIND.name: word}) for word in KINDS]
    pick = _picked(state, "predictions are", among, KINDS.index(columns.given), {options.KIND.name: None})
    return Tell(columns.why, seconds=12), pick


def decision(state: DataState) -> Outcome:
    """Say what the decision is for."""
    said = "" if state.file is None else f"the confidence is in the decision {state.file.source.columns.decision!r}"
    return Tell(said)


SETTINGS: Mapping[str, Callable[[DataState], Outcome]] = {
    options.LABEL_COLUMN.name: partial(_column, name=options.LABEL_COLUMN.name, title="labels"),
    options.PREDICTION_COLUMNS.name: predictions,
    options.POSITIVE.name: positive,
    "kind": kind,
    "labels": labels,
    options.LEVELS.name: levels,
    "sd": deviation,
    "decision": decision,
    options.WEIGHT_COLUMN.name: partial(_column, name=options.WEIGHT_COLUMN.name, title="weights"),
    options.GROUP_COLUMN.name: partial(_column, name=options.GROUP_COLUMN.name, title="groups"),
    options.KEY.name: partial(_column, name=options.KEY.name, title="key"),
}
"""By the name of a row of the pane of the file that is of its columns: what choosing it does."""
