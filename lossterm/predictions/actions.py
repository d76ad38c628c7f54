"""What keys do on the Data screen: functions of its state, and of the figure that is drawn where they need one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lossterm.core.numbers import parse, trimmed
from lossterm.core.softmax.inputs import checked_weights
from lossterm.model import subject_actions
from lossterm.model.actions import Ask, Copy, Outcome, Tell
from lossterm.model.notation import command_line, typed_parameters
from lossterm.model.options import Option
from lossterm.predictions import options, view
from lossterm.predictions.file_actions import NO_FILE, ask_file, label_name, open_demo, reload
from lossterm.predictions.losses import lacking, smoothing_for
from lossterm.predictions.options import data_words, typed_range
from lossterm.predictions.state import LOWER, Baseline, DataState
from lossterm.predictions.view import Look

if TYPE_CHECKING:
    pass


def natural(text: str) -> tuple[int, float, str]:
    """A key by which numbers come in their order, before other texts."""
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)


# ---- what an option means nothing for -------------------------------------------------------------------------------


def _no_file(state: DataState) -> Tell | None:
    # and none is being opened: keys that were typed ahead are for that one
    return NO_FILE if state.file is None and state.opening is None and not state.choice.paths else None


def _no_decision(state: DataState) -> Tell | None:
    no_threshold = state.findings is not None and state.findings.decided is None
    none = state.is_of_values or state.class_count > 0 or no_threshold
    return Tell("there is no decision to be made by a threshold here") if none else _no_file(state)


def _no_weights(state: DataState) -> Tell | None:
    none = state.file is not None and not state.class_count
    return Tell("class weights are of K classes; for one prediction press p: pos_weight=3") if none else _no_file(state)


def _no_labels(state: DataState) -> Tell | None:
    if state.file is None or state.is_of_values:
        return Tell("there are no classes to choose from")
    if state.look.only_label is None and state.findings is not None and not state.findings.hard:
        return Tell("labels are not all 0 or 1: there are no classes to choose from")
    return None


def _no_groups(state: DataState) -> Tell | None:
    if state.file is None or state.file.source.columns.group is None:
        return Tell("no column of groups: open the file with --group-column NAME")
    return None


def _of_values(said: str) -> Callable[[DataState], Tell | None]:
    return lambda state: Tell(said) if state.is_of_values else None


def _first(*reasons: Callable[[DataState], Tell | None]) -> Callable[[DataState], Tell | None]:
    return lambda state: next((said for reason in reasons if (said := reason(state)) is not None), None)


MEANS_NOTHING: Mapping[str, Callable[[DataState], Tell | None]] = {
    options.BINS.name: _of_values("plain values are no probabilities: there are no bins"),
    options.MASS.name: _of_values("plain values are no probabilities: there are no bins"),
    options.THRESHOLD.name: _no_decision,
    options.TEMPERATURE.name: _first(_no_file, _of_values("plain values have no temperature")),
    options.CLIP.name: _first(_no_file, _of_values("plain values are not clipped")),
    options.CLASS_WEIGHTS.name: _no_weights,
    options.SMOOTHING.name: _of_values("plain values are not smoothed"),
    options.ONLY_LABEL.name: _no_labels,
    options.ONLY_GROUP.name: _no_groups,
    options.ONLY.name: lambda state: None if state.look.only else Tell("every row counts: B finds segments"),
}
"""By the name of an option: what is said where it means nothing for the file, or None where it means something."""


def means_nothing(state: DataState, option: Option[Any, Any]) -> Tell | None:
    """What is said where an option means nothing; None where it means something."""
    reason = MEANS_NOTHING.get(option.name)
    return None if reason is None else reason(state)


# ---- how it is looked at --------------------------------------------------------------------------------------------


def step(state: DataState, option: Option[Look, Any], direction: int) -> Outcome:
    """The next value of an option of the look, up or down."""
    said = means_nothing(state, option)
    assert option.step is not None
    return said if said is not None else state.with_look(option.step(state.look, direction))


def _asks(
    option: Option[Look, Any], question: str, value: Callable[[Look], str], read: Callable[[str], Any]
) -> Callable[[DataState], Outcome]:
    # an action that asks for the value of an option, where it means something
    def take(then: DataState, text: str) -> Outcome:
        look = option.changed(then.look, read(text))
        said = means_nothing(then, option)
        return said if said is not None else then.with_look(look)

    return lambda state: means_nothing(state, option) or Ask(question, take, value(state.look))


def _range_now(look: Look) -> str:
    low, high = ("" if end is None else trimmed(end, 12) for end in look.only_range)
    return f"{low}:{high}" if low or high else ".9:1"


ask_threshold = _asks(
    options.THRESHOLD,
    "threshold on p",
    lambda look: trimmed(look.threshold, 12),
    lambda text: round(parse(text.strip().removeprefix("p").strip().removeprefix(">")), 12),
)
"""Ask for the threshold."""


ask_temperature = _asks(
    options.TEMPERATURE,
    "temperature T",
    lambda look: trimmed(look.temperature, 12),
    lambda text: parse(text.strip().removeprefix("T").removeprefix("=")),
)
"""Ask for the temperature."""


def ask_class_weights(state: DataState) -> Outcome:
    """Ask for class weights, one a class; nothing takes them away."""
    said = means_nothing(state, options.CLASS_WEIGHTS)
    now = options.CLASS_WEIGHTS.text(state.look).removeprefix("none")
    return said or Ask("class weights (1,2,.5; nothing: none)", _weighed, now)


def _weighed(state: DataState, text: str) -> Outcome:
    said = means_nothing(state, options.CLASS_WEIGHTS)
    if said is not None:
        return said
    look = options.CLASS_WEIGHTS.changed(state.look, options.CLASS_WEIGHTS.form.read(text))
    if look.class_weights is not None and state.file is not None:  # a file that is being opened sees to it itself
        checked_weights(look.class_weights, state.class_count)
    return state.with_look(look)


ask_range = _asks(
    options.ONLY_RANGE,
    "only predictions in lo:hi",
    _range_now,
    lambda text: typed_range(text) if text.strip() else (None, None),
)
"""Ask for a range of predictions."""


def next_page(state: DataState, direction: int) -> DataState:
    """Another chart, of those that the file has."""
    return state.with_look(view.next_page(replace(state.look, page=state.page), direction, state.pages))


def next_lower(state: DataState, direction: int) -> DataState:
    """Another thing below the chart."""
    return replace(state, lower=LOWER[(LOWER.index(state.lower) + direction) % len(LOWER)])


# ---- what if --------------------------------------------------------------------------------------------------------


def fitted_temperature(state: DataState) -> Outcome:
    """The temperature that fits best; none again where it is that already."""
    found = state.base if state.base is not None else state.findings
    if found is None:
        return None
    fitted, now = found.temperature.value, state.look.temperature
    if fitted is None and now == 1:
        return Tell(f"no temperature fits: {found.temperature.reason}", seconds=12)
    if fitted is not None:
        fitted = min(max(fitted, view.COLDEST), view.HOTTEST)
    if fitted is None or math.isclose(now, fitted, rel_tol=1e-9):
        fitted = 1.0
    said = means_nothing(state, options.TEMPERATURE)
    return said if said is not None else state.with_look(replace(state.look, temperature=fitted))


def compare(state: DataState) -> Outcome:
    """Tell changes against what is shown now."""
    if state.baseline is None:
        return NO_FILE
    now = Baseline(state.subject.rows, state.subject.smoothing, state.look.temperature, state.look.clip)
    return replace(state, baseline=now), Tell("changes are told against what is shown now")


def reset(state: DataState) -> Outcome:
    """Parameters, smoothing and temperature as they were compared with; the same losses stay shown."""
    baseline = state.baseline
    if baseline is None:
        return None
    before = [*baseline.rows, *[None] * len(state.subject.rows)]
    rows = tuple(
        replace(old, shown=row.shown, slot=row.slot) if old is not None and old.loss == row.loss else row
        for row, old in zip(state.subject.rows, before, strict=False)
    )
    changed = state.with_subject(replace(state.subject, rows=rows, smoothing=baseline.smoothing))
    return changed.with_look(replace(state.look, temperature=baseline.temperature, clip=baseline.clip))


def next_smoothing(state: DataState) -> Outcome:
    """The next of the usual smoothings of the labels."""
    return means_nothing(state, options.SMOOTHING) or subject_actions.next_smoothing(state)


def step_parameter(state: DataState, which: int, direction: int) -> Outcome:
    """Step a parameter of the current loss, where the losses of this file have it."""
    row = state.subject.rows[state.current]
    if which < len(row.entry.parameters):
        missing = lacking(row, [row.entry.parameters[which].name], state.class_count)
        if missing:
            return Tell(_lacks(row.loss, missing))
    return subject_actions.step_parameter(state, which, direction)


def ask_parameters(state: DataState) -> Outcome:
    """Ask for the parameters of the current loss, where the losses of this file have any of them."""
    row = state.subject.rows[state.current]
    names = [name for name, _ in row.params]
    if names and len(lacking(row, names, state.class_count)) == len(names):
        return Tell(_lacks(row.loss, names))
    asked = subject_actions.ask_parameters(state)
    if not isinstance(asked, Ask):
        return asked
    take_any = asked.take

    def take(then: DataState, text: str) -> Outcome:
        typed = typed_parameters(row.entry, text)
        changed = [name for name, value in typed.items() if value != dict(row.params)[name]]
        missing = lacking(row, changed, then.class_count)
        if missing:
            raise ValueError(_lacks(row.loss, missing))
        return take_any(then, text)

    return replace(asked, take=take)


def _lacks(loss: str, names: Sequence[str]) -> str:
    return f"{loss} of K classes has no {' and no '.join(names)}"


def next_clip(state: DataState) -> Outcome:
    """The next of the libraries' clips that mean something for the file, or none."""
    said = means_nothing(state, options.CLIP)
    if said is not None:
        return said
    look = view.next_clip(state.look, 1)
    while look.clip is not None and options.clip_means_nothing(look.clip, state.kind, state.class_count):
        look = view.next_clip(look, 1)
    return state.with_look(look)


# ---- which examples -------------------------------------------------------------------------------------------------


def next_label(state: DataState, direction: int) -> Outcome:
    """Only one label, the next one, or all."""
    said = means_nothing(state, options.ONLY_LABEL)
    if said is not None or state.file is None:
        return said
    source = state.file.source
    count = max(len(source.columns.classes or source.label_names), 2)
    labels = [None, *(label_name(source, float(k)) for k in range(count))]
    return state.with_look(replace(state.look, only_label=_next(labels, state.look.only_label, direction)))


def next_group(state: DataState, direction: int) -> Outcome:
    """Only one group, the next one, or all."""
    said = means_nothing(state, options.ONLY_GROUP)
    if said is not None:
        return said
    groups = [None, *sorted(state.answer.groups if state.answer else (), key=natural)]
    return state.with_look(replace(state.look, only_group=_next(groups, state.look.only_group, direction)))


def _next(among: Sequence[str | None], now: str | None, direction: int) -> str | None:
    at = among.index(now) if now in among else 0
    return among[(at + direction) % len(among)]


def every_example(state: DataState) -> DataState:
    """Every example again."""
    return state.with_look(view.unfiltered(state.look))


# ---- the panes ------------------------------------------------------------------------------------------------------


def to_setting(state: DataState, row: int, rows: int) -> DataState:
    """Another current row of the pane of the file, which has so many."""
    return replace(state, setting=min(max(row, 0), rows - 1))


def tell_skipped(state: DataState) -> Outcome:
    """Say how many rows were left out, and why."""
    skipped = {} if state.answer is None else state.answer.skipped
    return Tell(" · ".join(f"{count:,} {reason}" for reason, count in skipped.items()), title="left out", seconds=12)


def without_last(state: DataState) -> DataState:
    """The rows of one segment fewer: the last condition goes."""
    return state.with_look(replace(state.look, only=state.look.only[:-1]))


SETTINGS: Mapping[str, Callable[[DataState], Outcome]] = {
    "open": ask_file,
    "demo": open_demo,
    "rows": reload,
    options.THRESHOLD.name: ask_threshold,
    options.BINS.name: partial(step, option=options.MASS, direction=1),
    options.TEMPERATURE.name: ask_temperature,
    options.CLIP.name: next_clip,
    options.CLASS_WEIGHTS.name: ask_class_weights,
    options.SMOOTHING.name: next_smoothing,
    options.ONLY_LABEL.name: partial(next_label, direction=1),
    options.ONLY_GROUP.name: partial(next_group, direction=1),
    options.ONLY_RANGE.name: ask_range,
    options.ONLY.name: without_last,
    "skipped": tell_skipped,
}
"""By the name of a row of the pane of the file: what choosing it does."""


# ---- taking it away -------------------------------------------------------------------------------------------------


def figures_command(state: DataState) -> str:
    """The command that prints the figures of the screen; without its format it opens the explorer at the same look."""
    return command_line(["lossterm", *told_words(state), "--format", "text"])


def told_words(state: DataState) -> list[str]:
    """The file and how it is looked at in the words of the command line; empty where none is open."""
    if state.file is None:
        return []
    rows = [state.subject.rows[who.row] for who in state.judges.shown]
    smoothing = smoothing_for(state.subject.smoothing, state.kind)
    return ["data", *data_words(state.told_choice, state.look, rows, smoothing, classes=state.class_count)]


def copy_command(state: DataState) -> Outcome:
    """Copy the command of the figures."""
    return NO_FILE if state.file is None else Copy(figures_command(state))
