"""What keys do to the subject on every screen that looks at it; each action is a function of the screen's state.

Those of the losses are for any list of losses, whether it is the subject's or one of losses of K classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from lossterm.core.losses.formulas import Loss, names_of
from lossterm.core.losses.labels import number
from lossterm.core.names import normalise
from lossterm.model import rows, subject
from lossterm.model.actions import Ask, Forget, Outcome, Tell
from lossterm.model.notation import typed_parameters
from lossterm.model.rows import ListRow, ListState, value_text
from lossterm.model.sections import Heading, heading_at, refolded, row_indices, section_of
from lossterm.model.subject import home_words, is_at_home, typed_label
from lossterm.model.workspace import SubjectState

L = TypeVar("L", bound=ListState)
S = TypeVar("S", bound=SubjectState)
P = ParamSpec("P")

_TOO_MANY = f"at most {rows.MAX_SHOWN} losses at once: each has a letter"

_HEADING = "this is a heading: ↑ ↓ go to a loss, space folds and unfolds it, E shows all of the family"
"""What is said where a key acts on a loss, and one is at a heading."""


def on_loss(action: Callable[Concatenate[L, P], Outcome]) -> Callable[Concatenate[L, P], Outcome]:
    """An action on the current loss, which says so where one is at a heading, and does nothing there."""

    @wraps(action)
    def guarded(state: L, /, *args: P.args, **options: P.kwargs) -> Outcome:
        at_heading = isinstance(state, SubjectState) and state.at_heading is not None
        return Tell(_HEADING) if at_heading else action(state, *args, **options)

    return guarded


# ---- the lines of the list ------------------------------------------------------------------------------------------


def next_line(state: S, by: int) -> S:
    """Another line of the list: a loss or a heading."""
    listed = state.lines
    if not listed:
        return state
    return state.to_line(listed[min(max(state.place_in(listed) + by, 0), len(listed) - 1)])


def fold(state: S, family: str) -> Outcome:
    """Fold a family to its heading, or unfold it; one is at the heading then."""
    if state.filter_text:
        return Tell("what the filter finds is unfolded: esc ends the filter")
    listed = state.lines
    line = listed[heading_at(listed, family) or 0]
    if not isinstance(line, Heading):
        return None
    return replace(state, folds=refolded(state.folds, family, folded=not line.folded), heading=family)


def choose_line(state: S, place: int) -> Outcome:
    """Show or hide the loss on a line of the list; fold or unfold a heading."""
    listed = state.lines
    if not 0 <= place < len(listed):
        return None
    line = listed[place]
    return fold(state, line.family) if isinstance(line, Heading) else show_row(state.at(line), line)


def show_family(state: S) -> Outcome:
    """Show every loss of the family that one is at, or of the current loss's; hide them where all are shown."""
    heading, listed = state.at_heading, state.subject
    family = heading.family if heading else listed.rows[state.current].entry.family.value
    members = [i for i, row in enumerate(listed.rows) if row.entry.family.value == family]
    missing = [i for i in members if not listed.rows[i].shown]
    room = rows.MAX_SHOWN - len(listed.shown)
    for index in missing[:room] if missing else members:
        listed = rows.toggle(listed, index)
    if missing and not room:
        return Tell(_TOO_MANY)
    folds = refolded(state.folds, family, folded=False)
    changed = replace(state.with_subject(listed), folds=folds, heading=heading.family if heading else "")
    left = len(missing) - room
    if missing and left > 0:
        return changed, Tell(f"{room} of {len(missing)} {family} losses: {_TOO_MANY}")
    told = _offer(changed, [listed.rows[i].entry for i in members]) if missing else None
    return (changed, told) if told else changed


def filtered(state: S, text: str) -> S:
    """List only the losses with a text in one of their names, or of a family; the current row is one of these.

    It is the one that is called so, where there is one: a name may stand within others that come before it.
    """
    if text.strip() == state.filter_text:
        return state  # one may have moved on since it was typed
    changed = replace(state, filter_text=text.strip(), heading="")
    if not changed.filter_text:
        return replace(changed, heading=state.heading)
    left, wanted = row_indices(changed.lines), normalise(text)
    called = [i for i in left if wanted in map(normalise, names_of(changed.subject.rows[i].entry))]
    if called and changed.current not in called:
        return changed.at(called[0])
    return changed.at(left[0]) if left and changed.current not in left else changed


def ask_filter(state: S) -> Outcome:
    """Ask for a part of a name; the list follows while it is typed."""

    def left(then: S) -> S:
        back = replace(filtered(then, ""), heading=state.heading)
        return replace(back, current=min(state.current, len(then.subject.rows) - 1))

    return Ask("/", filtered, state.filter_text, typing=filtered, left=left)


# ---- losses ---------------------------------------------------------------------------------------------------------


def show_row(state: L, index: int) -> Outcome:
    """Show or hide a row."""
    if index >= len(state.subject.rows):
        return None
    changed = rows.toggle(state.subject, index)
    if changed == state.subject:
        return Tell(_TOO_MANY)
    then = state.with_subject(changed)
    return _with_offer(then, changed.rows[index]) if isinstance(then, SubjectState) else then


def _with_offer(state: SubjectState, row: ListRow[Loss]) -> Outcome:
    # a family of which one has shown or hidden a loss stays in sight
    if family := section_of(row.entry):
        state = replace(state, folds=refolded(state.folds, family, folded=False))
    told = _offer(state, [row.entry]) if row.shown else None
    return (state, told) if told else state


def show_current(state: L) -> Outcome:
    """Show or hide the current row; fold or unfold the heading that one is at."""
    if isinstance(state, SubjectState):
        if heading := state.at_heading:
            return fold(state, heading.family)
        if state.filter_text and not state.lines:
            return None
    return show_row(state, state.current)


@on_loss
def step_parameter(state: L, which: int, direction: int) -> Outcome:
    """Step a parameter of the current loss."""
    row = state.subject.rows[state.current]
    if which >= len(row.entry.parameters):
        return Tell(f"{row.loss} has {'no parameter' if not row.entry.parameters else 'one parameter only'}")
    return state.with_subject(rows.step_parameter(state.subject, state.current, which, direction))


@on_loss
def ask_parameters(state: L) -> Outcome:
    """Ask for the parameters of the current loss; the answer goes to that loss, wherever one has moved meanwhile."""
    row = state.subject.rows[state.current]
    if not row.entry.parameters:
        return Tell(f"{row.loss} has no parameter")
    index = state.current

    def take(then: L, text: str) -> L:
        at = _place_of(then, row, index)
        return then.with_subject(rows.set_parameters(then.subject, at, typed_parameters(row.entry, text)))

    return Ask(parameters_question(row), take, " ".join(f"{name}={value_text(value)}" for name, value in row.params))


def parameters_question(row: ListRow[Any]) -> str:
    """The question for the parameters of a loss: it names the loss, and each parameter with its symbol."""
    knobs = row.entry.parameters
    named = [knob.name if knob.symbol in (knob.name, "") else f"{knob.name} {knob.symbol}" for knob in knobs]
    return f"{row.entry.title}: {', '.join(named)}"


def _place_of(state: ListState, row: ListRow[Any], index: int) -> int:
    # where a row is that was at an index: there, or else another one of its loss
    listed = state.subject.rows
    alike = [i for i, other in enumerate(listed) if other.key == row.key]
    same = [i for i, other in enumerate(listed) if other.loss == row.loss]
    if not same:
        raise ValueError(f"{row.loss} is gone: esc leaves")
    return index if index in same else (alike or same)[0]


@on_loss
def refer(state: L) -> Outcome:
    """Take the ratios against the current loss."""
    return state.with_subject(rows.make_reference(state.subject, state.current))


@on_loss
def add_variant(state: L) -> Outcome:
    """A second row of the current loss, which becomes the current one."""
    row, changed = state.subject.rows[state.current], rows.add_variant(state.subject, state.current)
    if changed == state.subject:
        if not row.entry.parameters:
            return Tell(f"{row.loss} has no parameter to compare")
        full = len(state.subject.shown) >= rows.MAX_SHOWN
        return Tell(_TOO_MANY if full else f"every step of {row.loss} has its row")
    return state.with_subject(changed).at(state.current + 1)


@on_loss
def remove_variant(state: L) -> Outcome:
    """Take such a row away again; another row of the same loss stays the current one.

    The last row of a loss of one's own goes with the loss, if that is wanted.
    """
    row = state.subject.rows[state.current]
    if getattr(row, "definition", "") and sum(other.loss == row.loss for other in state.subject.rows) == 1:
        return ask_removal(row.loss)
    loss, changed = state.subject.rows[state.current].loss, rows.remove_variant(state.subject, state.current)
    beside = changed.rows[state.current].loss if state.current < len(changed.rows) else ""
    current = state.current - (beside != loss)
    return state.with_subject(changed).at(current)


def ask_removal(loss: str) -> Outcome:
    """Ask whether a loss of one's own is to be taken away for good."""

    def take(then: L, text: str) -> Outcome:
        answer = text.strip().lower()
        if answer in ("n", "no", ""):
            return Tell(f"{loss} stays")
        if answer not in ("y", "yes"):
            raise ValueError("y removes it, n keeps it")
        return Forget(loss), then.with_subject(rows.without(then.subject, loss))

    return Ask(f"remove {loss} for good? y or n", take)


# ---- label and activation -------------------------------------------------------------------------------------------


def set_label(state: S, label: float) -> S:
    """Another label."""
    return state.with_subject(subject.set_label(state.subject, label))


def next_label(state: S) -> S:
    """The next of the usual labels, and the typed one."""
    return state.with_subject(subject.next_label(state.subject, 1, state.typed_label))


def ask_label(state: S) -> Outcome:
    """Ask for a label."""

    def take(then: S, text: str) -> S:
        label = typed_label(text)
        return set_label(replace(then, typed_label=label), label)

    return Ask("label y", take, number(state.subject.label))


def next_smoothing(state: S) -> Outcome:
    """The next of the usual smoothings."""
    if not 0 <= state.subject.label <= 1:
        return Tell(f"only a label between 0 and 1 can be smoothed, not {state.subject.label:g}")
    return state.with_subject(subject.next_smoothing(state.subject))


def next_activation(state: S, direction: int) -> S:
    """The next or previous activation, at the same logit."""
    return state.with_subject(subject.next_activation(state.subject, direction))


def use_activation(state: S, name: str) -> S:
    """An activation by its id, at the same logit."""
    return state.with_subject(subject.set_activation(state.subject, name))


# ---- where a loss is at home ----------------------------------------------------------------------------------------


def go_home(state: S) -> Outcome:
    """The label and the activation that suit the current loss, or the family whose heading one is at."""
    heading = state.at_heading
    entry = state.subject.rows[heading.rows[0] if heading else state.current].entry
    changed = state.with_subject(subject.at_home(state.subject, entry))
    said = f"{home_words(entry)}, where {entry.family.value} losses are at home"
    return (changed, Tell(said)) if changed != state else Tell(f"this is {said}")


def _offer(state: SubjectState, shown: Sequence[Loss]) -> Tell | None:
    # what is said of losses that were shown and are at home elsewhere; of those one begins with nothing
    away = [
        entry for entry in shown if section_of(entry) and not entry.definition and not is_at_home(state.subject, entry)
    ]
    return Tell(f"{away[0].family.value} losses are at home {home_words(away[0])}: H goes there") if away else None
