"""What keys do on the Softmax screen: functions of its state, and of the places of its cursor where they need them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self

from lossterm.core.losses.labels import number
from lossterm.core.numbers import significant
from lossterm.core.softmax.presets import PRESETS
from lossterm.model.actions import Ask, Copy, Outcome, Tell, Write
from lossterm.model.notation import command_line
from lossterm.model.rows import ListState
from lossterm.model.window import ZOOM
from lossterm.softmax import edit, typed
from lossterm.softmax import view as views
from lossterm.softmax.options import listed, sweep_words, view_words
from lossterm.softmax.report import SoftmaxResult, write_csv
from lossterm.softmax.titles import logit_name
from lossterm.softmax.view import MAX_CLASSES, SoftmaxView

STEP = 0.5
"""By what a key changes a logit."""

LONGEST = 200
"""Characters of a list that are offered for editing; a longer one is typed anew."""

LONGEST_PASTED = 100_000
"""Characters that are read of what is pasted."""


@dataclass(frozen=True)
class SoftmaxState(ListState):
    """All that decides what the Softmax screen shows, except its size and where the focus is.

    Attributes:
        subject: the view: an example, its list of losses and its picture.
        lone_chart: which of the two charts stands alone where there is no room for both.
        last_preset: the preset that was used last.
    """

    subject: SoftmaxView = field(default_factory=SoftmaxView)
    lone_chart: int = 0
    last_preset: str | None = None

    @classmethod
    def of(cls, view: SoftmaxView) -> Self:
        """The state that a view opens with."""
        return cls(view, view.reference)

    @property
    def view(self) -> SoftmaxView:
        """What is looked at."""
        return self.subject

    def with_view(self, view: SoftmaxView) -> Self:
        """The state with another view; the current row stays among its rows."""
        return self if view == self.view else self.with_subject(view)


def on_view(change: Callable[[SoftmaxView], SoftmaxView]) -> Callable[[SoftmaxState], SoftmaxState]:
    """A change of the view as an action."""
    return lambda state: state.with_view(change(state.view))


def _or_tell(state: SoftmaxState, changed: SoftmaxView, why_not: str) -> Outcome:
    # the changed state, or why nothing has changed
    return Tell(why_not) if changed == state.view else state.with_view(changed)


# ---- losses ---------------------------------------------------------------------------------------------------------


def next_row(state: SoftmaxState, by: int) -> SoftmaxState:
    """Another current loss, as near as there is one."""
    return go_to_row(state, state.current + by)


def go_to_row(state: SoftmaxState, index: int) -> SoftmaxState:
    """Make a loss the current one, as near as there is one."""
    return replace(state, current=min(max(index, 0), len(state.view.rows) - 1))


# ---- classes --------------------------------------------------------------------------------------------------------


def next_class(state: SoftmaxState, by: int) -> SoftmaxState:
    """Select another class, as near as there is one."""
    return state.with_view(views.select(state.view, state.view.selected + by))


def step_logit(state: SoftmaxState, direction: int) -> SoftmaxState:
    """Raise (1) or lower (−1) the selected logit by a step."""
    return state.with_view(edit.step_logit(state.view, direction * STEP))


def pick_class(state: SoftmaxState, index: int, *, target: bool) -> SoftmaxState:
    """Select a class, and make it the target if that is wanted."""
    view = views.select(state.view, index)
    return state.with_view(edit.set_target(view, view.selected) if target else view)


def toggle_mask(state: SoftmaxState) -> Outcome:
    """Mask the selected class, or let it take part again."""
    return _or_tell(state, edit.toggle_mask(state.view), "at least one class must stay unmasked")


def add_class(state: SoftmaxState) -> Outcome:
    """Add a class after the selected one."""
    return _or_tell(state, edit.add_class(state.view), f"at most {MAX_CLASSES} classes")


def remove_class(state: SoftmaxState) -> Outcome:
    """Remove the selected class."""
    why_not = "at least two classes are needed, and one of them unmasked"
    return _or_tell(state, edit.remove_class(state.view), why_not)


def shuffle(state: SoftmaxState, chance: random.Random) -> SoftmaxState:
    """Deal the logits to the classes anew."""
    return state.with_view(edit.shuffle_logits(state.view, chance))


def next_preset(state: SoftmaxState, direction: int) -> Outcome:
    """The next or previous preset example."""
    return use_preset(state, edit.next_preset(state.view, direction, state.last_preset))


def use_preset(state: SoftmaxState, name: str) -> Outcome:
    """A preset example by its name, and what it shows."""
    view = edit.use_preset(state.view, name)
    changed = replace(state, subject=view, current=view.reference, last_preset=name)
    return changed, Tell(PRESETS[name].about, title=name, seconds=5)


# ---- target and temperature -----------------------------------------------------------------------------------------


def select_as_target(state: SoftmaxState) -> SoftmaxState:
    """Make the selected class the target."""
    return state.with_view(edit.set_target(state.view, state.view.selected))


def next_target(state: SoftmaxState) -> SoftmaxState:
    """The next class as target."""
    return state.with_view(edit.next_target(state.view, 1))


def shift_target(state: SoftmaxState, direction: int) -> Outcome:
    """Give the selected class more (1) or less (−1) of the target."""
    if state.view.label is None:
        return Tell("the teacher is the target: press t for a class, or T to type a distribution")
    return state.with_view(edit.shift_target(state.view, direction * edit.SHARE))


def other_smoothing(state: SoftmaxState) -> Outcome:
    """The other convention of label smoothing, told."""
    view = edit.other_smoothing(state.view)
    whom = "all K classes" if view.over == "all" else "the K−1 others"
    return state.with_view(view), Tell(f"ε is shared by {whom}")


def teach(state: SoftmaxState) -> Outcome:
    """The teacher as target of every loss, or of distillation alone."""
    return _or_tell(state, edit.teacher_as_target(state.view), "there is no teacher: h types its logits")


def swap(state: SoftmaxState) -> Outcome:
    """Prediction and target in each other's place; what cross-entropy and divergence were and are is told."""
    swapped = edit.swap(state.view)
    old, new = (
        [float(x.ravel()[0]) for x in (view.example.point.cross_entropy, view.example.point.kl)]
        for view in (state.view, swapped)
    )
    told = (f"{name} {significant(a)} → {significant(b)}" for name, a, b in zip(("CE", "KL"), old, new, strict=True))
    return state.with_view(swapped), Tell(f"p and t swapped: {', '.join(told)} nats", seconds=5)


def step_temperature(state: SoftmaxState, direction: int) -> SoftmaxState:
    """The next temperature up or down."""
    return state.with_view(edit.step_temperature(state.view, direction))


# ---- what is typed --------------------------------------------------------------------------------------------------


def _asking(question: str, read: Callable[[SoftmaxView, str], SoftmaxView], value: str = "") -> Ask:
    # a list that is too long to be edited is not offered
    offered = value if len(value) <= LONGEST else ""
    return Ask(question, lambda then, text: then.with_view(read(then.view, text)), offered)


def _of_class_asked(
    asked: SoftmaxView, read: Callable[[SoftmaxView, str], SoftmaxView]
) -> Callable[[SoftmaxView, str], SoftmaxView]:
    # the answer is for the class and the axis that the question named, wherever a click has gone meanwhile
    def reading(then: SoftmaxView, text: str) -> SoftmaxView:
        selected = min(asked.selected, then.classes - 1)
        return views.in_sight(read(replace(then, selected=selected, sweep=asked.sweep), text))

    return reading


def ask_logits(state: SoftmaxState) -> Outcome:
    """Ask for the selected logit, or all."""
    view = state.view
    read = _of_class_asked(view, typed.typed_logits)
    return _asking(f"{logit_name(view)} (or p=…, or all: 8,0,0)", read, listed([view.logits[view.selected]]))


def ask_probabilities(state: SoftmaxState) -> Outcome:
    """Ask for the probabilities of all classes."""
    view = state.view
    given = view.given or [float(f"{p:.4g}") for p in view.example.point.prediction.p.tolist()]
    return _asking("probabilities", typed.typed_probabilities, listed(given))


def ask_target(state: SoftmaxState) -> Outcome:
    """Ask for a target."""
    old = state.view.label
    value = "teacher" if old is None else str(old) if isinstance(old, int) else listed(old)
    return _asking("target (1 or .1,.2,.7)", typed.typed_target, value)


def ask_teacher(state: SoftmaxState) -> Outcome:
    """Ask for a teacher's logits."""
    return _asking("teacher's logits", typed.typed_teacher, listed(state.view.teacher or ()))


def ask_weights(state: SoftmaxState) -> Outcome:
    """Ask for class weights."""
    value = "" if state.view.class_weights is None else listed(state.view.class_weights)
    return _asking("class weights (1,2,.5; nothing: none)", typed.typed_weights, value)


def ask_temperature(state: SoftmaxState) -> Outcome:
    """Ask for the temperature."""
    return _asking("temperature T", typed.typed_temperature, number(state.view.temperature))


def ask_place(state: SoftmaxState) -> Outcome:
    """Ask for a place of the sweep."""
    view = state.view
    what = "T" if view.sweep == "temperature" else f"{logit_name(view)} (or p=…)"
    return _asking(f"go to {what}", _of_class_asked(view, typed.typed_place))


def ask_class(state: SoftmaxState) -> Outcome:
    """Ask for a class to select."""
    return _asking(f"go to class 0…{state.view.classes - 1}", typed.typed_class)


def pasted(state: SoftmaxState, text: str) -> Outcome:
    """Pasted numbers as logits, after ``p=`` as probabilities; and how many there are."""
    try:
        view = typed.typed_logits(state.view, text[:LONGEST_PASTED])
    except ValueError as problem:
        return Tell(str(problem)[:300], title="not pasted", seconds=6, wrong=True)
    return state.with_view(view), Tell(f"{view.classes} classes", title="pasted")


# ---- the cursor and the picture -------------------------------------------------------------------------------------


def go_to_place(state: SoftmaxState, position: float) -> SoftmaxState:
    """Put the cursor at a place of the swept axis."""
    return state.with_view(edit.move_to(state.view, position))


def move(state: SoftmaxState, stops: Sequence[float], by: int) -> SoftmaxState:
    """Move the cursor by columns: the swept number goes with it.

    Args:
        state: of the screen.
        stops: the position of each column, in order.
        by: columns to the right.
    """
    here = state.view.position
    slack = 1e-9 * max(1.0, abs(here)) if here > float("-inf") else 0.0
    ahead = [x for x in stops if (x > here if by > 0 else x < here) and abs(x - here) > slack]
    if not ahead:
        return state
    at = min(abs(by), len(ahead)) - 1
    return go_to_place(state, ahead[at] if by > 0 else ahead[-1 - at])


def to_edge(state: SoftmaxState, stops: Sequence[float], side: int) -> SoftmaxState:
    """Move the cursor to the left (−1) or right (1) edge of the window."""
    return go_to_place(state, stops[0 if side < 0 else -1]) if stops else state


def zoom(state: SoftmaxState, direction: int, about: float | None = None) -> SoftmaxState:
    """Zoom in (1) or out (−1) about a place on the axis, or else about the cursor."""
    view = state.view
    return state.with_view(views.zoom(view, ZOOM**-direction, view.position if about is None else about))


def other_chart(state: SoftmaxState, *, both: bool) -> Outcome:
    """The other chart, unless there is room for both."""
    return Tell("there is room for both charts") if both else replace(state, lone_chart=1 - state.lone_chart)


# ---- taking it away -------------------------------------------------------------------------------------------------

NOTHING_SHOWN = Tell("no loss is shown: press tab, and space on one", wrong=True)
NOTHING_FITS = Tell("no loss that is shown takes this target", wrong=True)


def _why_empty(view: SoftmaxView) -> Tell:
    return NOTHING_FITS if view.shown else NOTHING_SHOWN


def view_command(view: SoftmaxView, width: int = 0, height: int = 0) -> str:
    """The command that prints a view: its numbers, and its curves where they have any room.

    Args:
        view: what is looked at.
        width: of a chart, in cells.
        height: of both charts, one under the other.
    """
    words = view_words(view)
    if width > 0 and height > 0:
        words += [*sweep_words(view), "--size", f"{width}x{height}"]
    return command_line(["lossterm", "softmax", *words])


def lay_dialects(state: SoftmaxState) -> Outcome:
    """Lay out what libraries compute for the current loss at this example."""
    from lossterm.softmax.dialects import dialect_sheet

    return dialect_sheet(state.view, state.current)


def copy_command(state: SoftmaxState, width: int = 0, height: int = 0) -> Outcome:
    """Copy the command of the view."""
    return Copy(view_command(state.view, width, height)) if state.view.fitting else _why_empty(state.view)


def export(state: SoftmaxState) -> Outcome:
    """Write the numbers of the shown losses as CSV."""
    view = state.view
    if not view.fitting:
        return _why_empty(view)
    result = SoftmaxResult.of(view.example, [view.rows[i] for i in view.fitting])
    return Write("lossterm-softmax", ".csv", partial(write_csv, result))
