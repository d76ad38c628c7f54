"""What keys do on the Data screen: functions of its state, and of the figure that is drawn where they need one."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lossterm.core.lazy import np
from lossterm.core.numbers import parse, significant, trimmed
from lossterm.core.softmax.inputs import checked_weights
from lossterm.model import subject, subject_actions
from lossterm.model.actions import Ask, Copy, Open, Outcome, Tell
from lossterm.model.notation import command_line, typed_parameters
from lossterm.model.options import Option
from lossterm.model.parser import Parser
from lossterm.model.subject import FARTHEST
from lossterm.model.subject_options import saved_subject
from lossterm.predictions import options, view
from lossterm.predictions.asking import Answer, Request
from lossterm.predictions.completion import completed
from lossterm.predictions.figures import told
from lossterm.predictions.losses import lacking, smoothing_for, with_losses_for
from lossterm.predictions.opening import OpenFile, Wanted
from lossterm.predictions.options import asked_look, asked_subject, data_words, demo_choice, file_choice, typed_range
from lossterm.predictions.state import COMPARISONS, LOWER, Baseline, DataState, answered_look
from lossterm.predictions.view import FileChoice, Look

if TYPE_CHECKING:
    from lossterm.core.statistics.loss_sums import Worst
    from lossterm.files.source import Source
    from lossterm.predictions.pictures import PredictionFigure

NO_FILE = Tell("no file is open: press o first", wrong=True)


def sigmoid(z: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + math.exp(-min(max(z, -700.0), 700.0)))


def logit(p: float) -> float:
    """The logit of a probability, kept off 0 and 1."""
    p = min(max(p, 1e-12), 1 - 1e-12)
    return math.log(p) - math.log1p(-p)


def label_name(source: Source, label: float) -> str:
    """A label as the file has it."""
    names = source.columns.classes or source.label_names
    return names[int(label)] if names and 0 <= label < len(names) else trimmed(label)


def natural(text: str) -> tuple[int, float, str]:
    """A key by which numbers come in their order, before other texts."""
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)


# ---- the file -------------------------------------------------------------------------------------------------------


def ask_file(state: DataState) -> Outcome:
    """Ask for a file, with the options that a command line has; where none may be named say so."""
    if not state.opens_any_file:
        return Tell("no files are opened here: O opens the demo", wrong=True)
    words = data_words(state.choice, Look()) if state.choice.paths else []
    return Ask("file (tab completes)", open_typed, state.typed or shlex.join(words), complete=completed)


def open_typed(state: DataState, text: str) -> DataState:
    """Open the file that a line names.

    Raises:
        ValueError: what is wrong with the line.
    """
    parser = Parser("o", "", "", add_help=False)
    options.add_data_flags(parser)
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark is not closed") from None
    given = parser.parse_args(words)
    choice = file_choice(given)
    if not choice.paths:
        raise ValueError("write the name of a file, such as predictions.csv")
    if "-" in choice.paths:
        raise ValueError("standard input is the keyboard here: lossterm data - reads it on the command line")
    asked_look(given, Look())
    asked_subject(state.subject, given)
    return replace(state, typed=text, opening=Wanted(choice, given))


def one_path(text: str) -> str:
    """The path that a line names, as a shell reads it.

    Raises:
        ValueError: it names several, or a quotation mark is not closed.
    """
    try:
        found = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark is not closed") from None
    if len(found) != 1:
        raise ValueError("write one file; a name with blanks is put in quotation marks")
    return found[0]


def open_demo(state: DataState) -> DataState:
    """Open the file that comes with lossterm."""
    return replace(state, opening=Wanted(demo_choice()))


def reload(state: DataState) -> Outcome:
    """Read the file again; where there is none ask for one."""
    return reopened(state) if state.choice.paths else ask_file(state)


def opened(state: DataState, file: OpenFile) -> DataState:
    """The state with the file that was being opened; what was looked at before comes back if it has no figures."""
    wanted, look, looked_at = state.opening, state.look, state.subject
    if state.file is not None and file.choice != state.choice:
        look = view.alone(view.unfiltered(replace(look, temperature=1.0, class_weights=None)))
    if wanted is not None and wanted.look is not None:
        look = wanted.look
    if look.clip is not None and options.clip_means_nothing(
        look.clip, file.source.columns.kind, file.class_count
    ):  # it was of another file
        look = replace(look, clip=None)
    if look.class_weights is not None and len(look.class_weights) != file.class_count:
        look = replace(look, class_weights=None)
    if wanted is not None and wanted.given is not None:
        look, looked_at = asked_look(wanted.given, look), asked_subject(looked_at, wanted.given)
    if file.source.part is not None:
        from lossterm.predictions.stored import look_of, subject_of

        look, looked_at = look_of(file.source.part, look), subject_of(file.source.part, looked_at)
    changed = state.with_subject(with_losses_for(looked_at, file.source.columns.kind, file.class_count))
    former = replace(state, former=None, opening=None, asking=None) if state.answer is not None else state.former
    return replace(
        changed,
        choice=file.choice,
        look=look,
        opening=None,
        typed="",
        file=file,
        asking=None,
        seeking=None,
        answer=None,
        baseline=Baseline(changed.subject.rows, changed.subject.smoothing),
        former=former,
        columns={},
        worst_row=0,
        at_worst=False,
        places={},
    )


def not_opened(state: DataState, problem: str) -> Outcome:
    """Say why a file was not opened; what was there stays."""
    return replace(state, opening=None), Tell(problem, title="not opened", seconds=20, wrong=True)


def as_a_step(state: DataState) -> DataState:
    """What of a state makes undo stop at it: the file, how it is looked at, the losses, what they are compared with."""
    was = remembered(state)
    subject = replace(was.subject, logit=0.0)
    return replace(was, subject=subject, current=0, typed_label=None)


def remembered(state: DataState) -> DataState:
    """What undo goes back to: the state without the file itself, which may have gone by then, and its figures."""
    return DataState(
        state.subject,
        state.current,
        state.typed_label,
        choice=state.choice if state.opening is None else state.opening.choice,
        look=state.look,
        baseline=state.baseline,
        lower=state.lower,
        sorted_by=state.sorted_by,
    )


def returned(state: DataState, was: DataState) -> DataState:
    """The state with what was remembered of another; a file that is another than the one there is, is to be opened."""
    other = _same_file(state, was.choice)
    same = was.choice == state.choice or other is not None
    back = replace(
        state if other is None else replace(state, file=other, choice=was.choice, seeking=None),
        subject=was.subject,
        current=was.current,
        typed_label=was.typed_label,
        look=was.look,
        lower=was.lower,
        sorted_by=was.sorted_by,
        baseline=was.baseline if same and was.baseline is not None else state.baseline,
        opening=None if same or not was.choice.paths else Wanted(was.choice, look=was.look),
    )
    if was.choice.paths:
        return back
    return replace(
        back, choice=was.choice, file=None, asking=None, seeking=None, answer=None, former=None, columns={},
        worst_row=0, at_worst=False, places={},
    )  # fmt: skip


def _same_file(state: DataState, choice: FileChoice) -> OpenFile | None:
    # the file that is open with another of its labels looked at; None where another file is meant, or the same label
    file = state.file
    if file is None or choice == state.choice or replace(choice, label=state.choice.label) != state.choice:
        return None
    return file.at_label(choice.label or file.source.columns.pairs[0][0]) if file.source.columns.pairs else None


def with_file(state: DataState, choice: FileChoice, look: Look) -> DataState:
    """Open a file, and look at it in a certain way."""
    return replace(state, opening=Wanted(choice, look=look))


def reopened(state: DataState) -> DataState:
    """Open the file that was open the last time."""
    return replace(state, opening=Wanted(state.choice))


# ---- what it is asked -----------------------------------------------------------------------------------------------


def with_request(state: DataState, request: Request | None) -> DataState:
    """The state while a file is asked, or while it is not."""
    return replace(state, asking=request)


def with_columns(state: DataState, columns: Mapping[int, Mapping[str, object]]) -> DataState:
    """The state with all columns of more of the worst examples."""
    return replace(state, columns={**state.columns, **columns})


def answered(state: DataState, answer: Answer) -> DataState:
    """The state with the figures of what was asked."""
    return replace(state, answer=answer, asking=None, former=None)


def failed(state: DataState, problem: str) -> Outcome:
    """Say what is wrong with the file, or with what was asked of it; what was there before comes back."""
    is_open = state.answer is not None or state.look.is_filtered
    said = Tell(problem, title="" if is_open else "not opened", seconds=20, wrong=True)
    if state.answer is None and state.look.is_filtered:
        return replace(state, look=view.unfiltered(state.look), asking=None), said
    return stopped(state), said


def stopped(state: DataState) -> DataState:
    """The state when what is asked is given up: as the figures were asked for, or what was open before."""
    if state.answer is None and state.former is not None:
        former = replace(state.former, subject=state.subject, typed_label=state.typed_label, current=state.current)
        return replace(former, typed="", lower=state.lower, setting=state.setting)
    if state.answer is not None:  # of several labels the one that the figures are of
        file = state.answer.request.file
        state = replace(state, file=file, choice=file.choice)
    return replace(state, look=answered_look(state), asking=None)


def leave(state: DataState) -> Outcome:
    """Stop what is being opened or read; None where nothing is."""
    if state.opening is not None:
        return replace(state, opening=None), Tell("not opened")
    if state.seeking is not None:
        return replace(state, seeking=None), Tell("stopped: B finds segments again")
    if state.asking is None:
        return None
    before = stopped(state)
    return before, Tell("stopped: the figures are those from before" if before.answer else "stopped: u reads it again")


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


@subject_actions.on_loss
def step_parameter(state: DataState, which: int, direction: int) -> Outcome:
    """Step a parameter of the current loss, where the losses of this file have it."""
    row = state.subject.rows[state.current]
    if which < len(row.entry.parameters):
        missing = lacking(row, [row.entry.parameters[which].name], state.class_count)
        if missing:
            return Tell(_lacks(row.loss, missing))
    return subject_actions.step_parameter(state, which, direction)


@subject_actions.on_loss
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


# ---- the cursor -----------------------------------------------------------------------------------------------------


def place(state: DataState, figure: PredictionFigure | None) -> float:
    """Where the cursor is on the x axis of the chart."""
    if state.on_point:
        return state.subject.logit if state.page == "curve" else sigmoid(state.subject.logit)
    if figure is not None and figure.thresholds is not None:
        return figure.place_of(state.look.threshold)
    stops = figure.stops if figure is not None else None
    if stops is None or not len(stops):
        return 0.0
    at = state.places.get(state.page, float(stops[len(stops) // 2]))
    return min(max(at, float(stops[0])), float(stops[-1]))


def _at_logit(state: DataState, z: float) -> DataState:
    return state.with_subject(subject.set_logit(state.subject, z))


def go_to_place(state: DataState, x: float, figure: PredictionFigure | None = None) -> DataState:
    """Put the cursor somewhere on the x axis of the chart; where it is the threshold, that at the place."""
    state = replace(state, at_worst=False)
    threshold = None if figure is None else figure.threshold(x)
    if threshold is not None:
        return state.with_look(view.with_threshold(state.look, threshold))
    if not state.on_point:
        return replace(state, places={**state.places, state.page: x})
    return _at_logit(state, x if state.page == "curve" else logit(x))


def move(state: DataState, figure: PredictionFigure | None, by: int) -> DataState:
    """Move the cursor by columns."""
    if figure is None or not len(figure.stops):
        return state
    at = int(np.argmin(np.abs(figure.stops - place(state, figure))))
    return go_to_place(state, float(figure.stops[min(max(at + by, 0), len(figure.stops) - 1)]), figure)


def to_edge(state: DataState, figure: PredictionFigure | None, side: int) -> DataState:
    """Move the cursor to the left (−1) or right (1) edge of the chart."""
    if figure is None or not len(figure.stops):
        return state
    return go_to_place(state, float(figure.stops[0 if side < 0 else -1]), figure)


def ask_place(state: DataState) -> Outcome:
    """Ask for a place on the chart."""
    if state.page in view.THRESHOLD_PAGES:
        return ask_threshold(state)
    questions = {
        "losses": "go to L =", "share": "go to the worst … %", "classes": "go to class", "coverage": "go to the level",
        "pit": "go to the probability", "residuals": "go to v =", "qq": "go to z =",
    }  # fmt: skip
    question = questions.get(state.page, "go to p=… or z=…" if state.on_point else "go to p =")
    return Ask(question, go_to_typed)


def go_to_typed(state: DataState, text: str) -> DataState:
    """Put the cursor at a typed place: a point, a class, a loss, a percentage, a confidence.

    Raises:
        ValueError: it is none that the chart has.
    """
    if state.on_point:
        return _go_to_point(state, text)
    if state.page == "classes" and state.file is not None:
        return go_to_place(state, options.class_label(text.strip(), state.file.source))
    value = parse(text.strip().removesuffix("%").rpartition("=")[2])
    if state.page in ("residuals", "qq"):
        return go_to_place(state, value)
    if value <= 0 or (state.page != "losses" and value > (100 if state.page == "share" else 1)):
        raise ValueError(f"{text.strip()!r} is not on the chart")
    return go_to_place(state, {"losses": math.log10(value), "share": value / 100}.get(state.page, value))


def _go_to_point(state: DataState, text: str) -> DataState:
    name, equals, number = text.strip().replace(" ", "").partition("=")
    value = parse(number if equals else name)
    letter = name.lower() if equals else "p" if 0 <= value <= 1 else "z"
    if letter not in {"p", "z"}:
        raise ValueError(f"{text.strip()!r} is no point: write p=.02 or z=-4")
    if letter == "p" and not 0 <= value <= 1:
        raise ValueError(f"a probability is between 0 and 1, not {trimmed(value)}")
    return replace(_at_logit(state, logit(value) if letter == "p" else value), at_worst=False)


# ---- the worst examples ---------------------------------------------------------------------------------------------


def next_worst(state: DataState, order: Sequence[int], direction: int) -> Outcome:
    """The next of the worst examples, and the cursor at it; first the current one, where the cursor is not.

    Args:
        state: the state.
        order: the indices of the worst examples, as the table has them.
        direction: 1 for the next, −1 for the one before.
    """
    if not order:
        return Tell("no examples yet")
    by = direction if state.at_worst else min(direction, 0)
    return to_worst(state, order, state.worst_row + by)


def to_worst(state: DataState, order: Sequence[int], row: int) -> Outcome:
    """A row of the table of the worst examples, and the cursor at its example, or what is known of that."""
    if not order:
        return replace(state, worst_row=0, at_worst=True)
    row = min(max(row, 0), len(order) - 1)
    if state.page in COMPARISONS and state.comparison is not None:  # the table is of the rows that differ
        return replace(state, worst_row=row, at_worst=False)
    state = replace(state, worst_row=row, at_worst=True)
    finding = state.finding
    return state if finding is None or finding.worst is None else _at_example(state, finding.worst, order[row])


def _at_example(state: DataState, worst: Worst, index: int) -> Outcome:
    row, z = f"row {int(worst.row[index]):,}", float(worst.logit[index])
    value = f"L = {significant(float(worst.value[index]))}"
    if state.class_count:
        label = float(worst.label[index])
        name = label_name(state.file.source, label) if state.file is not None else ""
        p = "exactly 0" if z == -math.inf else told(float(worst.prediction[index]), 3)
        there = replace(state, places={**state.places, "classes": label})
        return there, Tell(f"{row}: {value}, the p of its class {name} is {p}")
    if "curve" not in state.pages:
        return state, Tell(f"{row}: {value}, y = {trimmed(float(worst.label[index]))}, prediction {trimmed(z)}")
    if math.isfinite(z):
        return _at_logit(state, z)
    end = "∞" if z > 0 else "−∞"
    return state, Tell(f"{row} is at z = {end}, beyond the chart: p is exactly {int(z > 0)}, {value}")


def sort_worst(state: DataState, column: int, *, down: bool) -> DataState:
    """Sort the worst examples by a column."""
    return replace(state, sorted_by=(column, down), worst_row=0, at_worst=False)


def sort_by_next(state: DataState, columns: int) -> DataState:
    """Sort the worst examples by the next column of so many."""
    return sort_worst(state, (state.sorted_by[0] + 1) % columns, down=True)


def reverse_sorting(state: DataState) -> DataState:
    """Sort the worst examples the other way round."""
    return sort_worst(state, state.sorted_by[0], down=not state.sorted_by[1])


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


def open_curves(state: DataState, order: Sequence[int], *, from_table: bool) -> Outcome:
    """Look at the point on Curves; at one of the worst examples with its label.

    Args:
        state: the state.
        order: the indices of the worst examples, as the table has them.
        from_table: whether the current one of these is meant, wherever the cursor is.
    """
    looked_at, z, note = state.subject, state.subject.logit, ""
    if state.file is not None:
        looked_at = subject.set_activation(looked_at, "identity" if state.is_of_values else "sigmoid")
    example = _example(state, order) if from_table or state.at_worst else None
    if example is not None:
        z, label = example
        looked_at = subject.set_label(looked_at, label)
        if label not in (0.0, 1.0):
            state = replace(state, typed_label=label)
        note = _beyond(state, order, z) if math.isinf(z) else ""
    looked_at = subject.set_logit(looked_at, z)
    setting = {**saved_subject(looked_at), "eta": None, "both_labels": False, "current": state.current}
    return state.with_subject(looked_at), Open("curves", setting, note)


def _example(state: DataState, order: Sequence[int]) -> tuple[float, float] | None:
    # the logit and the label of the current one of the worst; of K classes those of its class against the rest
    finding = state.finding
    if finding is None or finding.worst is None or state.worst_row >= len(order):
        return None
    worst, index = finding.worst, order[state.worst_row]
    if state.class_count:
        p = float(worst.prediction[index])
        return (logit(p) if p > 0 else -math.inf), 1.0
    return float(worst.logit[index]), float(worst.label[index])


def _beyond(state: DataState, order: Sequence[int], z: float) -> str:
    # what is said of an example that Curves does not reach
    worst = state.finding.worst if state.finding is not None else None
    loss = "" if worst is None else f" and L = {significant(float(worst.value[order[state.worst_row]]))}"
    end = significant(math.copysign(FARTHEST, z), 1)
    return f"in the file p is exactly {int(z > 0)}{loss}; z = {end} is as far as Curves goes"


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
