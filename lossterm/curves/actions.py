"""What keys do on the Curves screen: functions of its state, and of the scene that is drawn where they need one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.labels import number
from lossterm.core.numbers import parse
from lossterm.curves import view as views
from lossterm.curves.options import view_words
from lossterm.curves.view import SAME_POINT, View
from lossterm.model.actions import Ask, Copy, Outcome, Tell
from lossterm.model.notation import command_line, number_or_off
from lossterm.model.subject import LABELS, Subject, typed_point
from lossterm.model.window import ZOOM
from lossterm.model.workspace import SubjectState

if TYPE_CHECKING:
    from lossterm.curves.dots import Dots
    from lossterm.curves.scene import Scene

Y_STEP = 2.0
"""By what a step of the y zoom changes the height of the windows."""


@dataclass(frozen=True)
class CurvesState(SubjectState):
    """All that decides what the Curves screen shows, except its size and where the focus is.

    Attributes:
        subject: the view, which adds a picture to the subject.
        label_row: current row of the label pane.
        activation_row: current row of the activation pane.
        landmarks: those of the point that the cursor was sent to, in words.
        dots: numbers of somebody else over the curves; they are left with the program.
        dialects: whether what libraries compute stands in place of the numbers at the cursor.
        precision: in which the current loss is drawn as dots by a plain chain rule; empty for none.
    """

    subject: View = field(default_factory=View)
    label_row: int = 0
    activation_row: int = 0
    landmarks: tuple[str, ...] = ()
    dots: tuple[Dots, ...] = ()
    dialects: bool = False
    precision: str = ""

    @classmethod
    def of(cls, view: View) -> Self:
        """The state that a view opens with."""
        return cls(view, view.reference, label_row=0, activation_row=_place_of_activation(view))

    @property
    def view(self) -> View:
        """What the charts show."""
        return self.subject

    def with_subject(self, subject: Subject) -> Self:
        """The state with another subject, in the picture that there is."""
        return self.with_view(views.with_subject(self.view, subject))

    def with_view(self, view: View) -> Self:
        """The state with another view; the panes follow it, and the landmarks of the old point are left."""
        if view == self.view:
            return self
        changed = replace(self, subject=view, current=min(self.current, len(view.rows) - 1), landmarks=())
        if view.activation != self.view.activation:
            changed = replace(changed, activation_row=_place_of_activation(view))
        if view.label != self.view.label:
            changed = replace(changed, label_row=changed.label_choices.index(view.label))
        return changed

    @property
    def label_choices(self) -> list[float]:
        """The labels that the pane offers: the usual ones, the typed one, and the one there is."""
        typed = [self.typed_label] if self.typed_label is not None and self.typed_label not in LABELS else []
        choices = [*LABELS, *typed]
        return choices if self.view.label in choices else [*choices, self.view.label]


def _place_of_activation(view: View) -> int:
    return list(ACTIVATIONS).index(view.activation)


def on_view(change: Callable[[View], View]) -> Callable[[CurvesState], CurvesState]:
    """A change of the view as an action."""
    return lambda state: state.with_view(change(state.view))


# ---- the cursor -----------------------------------------------------------------------------------------------------


def go_to(state: CurvesState, logit: float) -> CurvesState:
    """Put the cursor at a logit."""
    return state.with_view(views.move_to(state.view, logit))


def move(state: CurvesState, scene: Scene, by: int) -> CurvesState:
    """Move the cursor by columns, over columns that the activation does not reach."""
    column = scene.column(state.view.logit)
    if column < 0:
        is_before = scene.position(state.view.logit) < state.view.window[0]
        column = 0 if is_before else scene.columns - 1
    reached = scene.reached
    if by > 0:
        first, last = int(np.searchsorted(reached, column, "right")), reached.size - 1
        at = min(first + by - 1, last)
        return go_to(state, float(scene.stops[reached[at]])) if first <= last else state
    before = int(np.searchsorted(reached, column)) - 1
    return go_to(state, float(scene.stops[reached[max(before + by + 1, 0)]])) if before >= 0 else state


def to_edge(state: CurvesState, scene: Scene, side: int) -> CurvesState:
    """Move the cursor to the left (−1) or right (1) edge of the window."""
    reached = scene.stops[np.isfinite(scene.stops)]
    return go_to(state, float(reached[0 if side < 0 else -1])) if reached.size else state


def to_landmark(state: CurvesState, scene: Scene, direction: int) -> Outcome:
    """Jump to the next or previous landmark, round the ends."""
    found, here = scene.landmarks, state.view.logit
    if not found:
        return Tell("no minimum, inflection or crossing in this window")
    ahead = [x.logit for x in found if (x.logit - here) * direction > SAME_POINT * max(1.0, abs(here))]
    nearest = (ahead or [x.logit for x in found])[0 if direction > 0 else -1]
    together = scene.landmarks_near(nearest)
    # of logits that differ by rounding alone the one that a person would write
    logit = min((x.logit for x in together), key=lambda z: (len(repr(z)), z))
    return replace(go_to(state, logit), landmarks=tuple(map(scene.named, together)))


def ask_point(state: CurvesState) -> Outcome:
    """Ask for a point."""
    letter = "p" if state.view.link.is_probability else "v"
    return Ask(f"go to z (or {letter}=…)", lambda then, text: go_to(then, typed_point(then.view, text)))


def zoom(state: CurvesState, direction: int, about: float) -> CurvesState:
    """Zoom in (1) or out (−1) about a place on the axis."""
    return state.with_view(views.zoom(state.view, ZOOM**-direction, about))


def without_mark_or_dots(state: CurvesState) -> CurvesState:
    """Take the mark away; where there is none, the dialects, the plain numbers and the dots."""
    if state.view.mark is not None:
        return state.with_view(views.set_mark(state.view, None))
    if state.dialects:
        return replace(state, dialects=False)
    return replace(state, precision="") if state.precision else replace(state, dots=())


# ---- what others compute --------------------------------------------------------------------------------------------


def toggle_dialects(state: CurvesState) -> CurvesState:
    """What libraries compute in place of the numbers at the cursor, or these again."""
    return replace(state, dialects=not state.dialects)


def next_precision(state: CurvesState) -> Outcome:
    """The next precision in which the current loss is drawn by a plain chain rule; after the last one none."""
    from lossterm.precision.evaluation import DTYPES, numpy_dtype

    choices = (*DTYPES, "")
    after = choices[(choices.index(state.precision) + 1) % len(choices)] if state.precision else choices[0]
    try:
        if after:
            numpy_dtype(after)
    except ValueError as missing:
        skipped = choices[choices.index(after) + 1]
        return replace(state, precision=skipped), Tell(f"{missing}; {skipped} in its place")
    return replace(state, precision=after)


# ---- the panes ------------------------------------------------------------------------------------------------------


def ask_risk(state: CurvesState) -> Outcome:
    """Ask for the true probability of class 1, and its weight; the expected loss is drawn instead of one label's."""
    view = state.view
    weight = f" w={number(view.weight)}" if view.weight != 1 else ""
    now = 0.9 if view.eta is None else view.eta
    return Ask("risk η: 0 to 1, or off", lambda then, text: then.with_view(_typed_risk(then.view, text)),
               f"{number(now)}{weight}")  # fmt: skip


def _typed_risk(view: View, text: str) -> View:
    words = text.replace(",", " ").replace("= ", "=").split()
    weights = [word.partition("=")[2] for word in words if word.startswith("w=")]
    etas = [word.removeprefix("η=") for word in words if not word.startswith("w=")]
    if len(etas) > 1 or len(weights) > 1:
        raise ValueError("type η alone, such as .9, or with a weight of class 1: .01 w=99")
    eta = number_or_off(etas[0]) if etas else view.eta if weights else None
    return views.set_weight(views.set_eta(view, eta), parse(weights[0]) if weights else 1.0)


def with_smoothing(state: CurvesState, smoothing: float) -> CurvesState:
    """Another label smoothing."""
    return state.with_view(replace(state.view, smoothing=smoothing))


# ---- taking it away -------------------------------------------------------------------------------------------------


def view_command(view: View, width: int, height: int) -> str:
    """The command that prints a view in so many characters; curves that are nowhere defined are in neither."""
    shown = "loss" if view.likelihood else f"loss,{view.slope}"
    return command_line(["lossterm", "plot", *view_words(view), "--show", shown, "--size", f"{width}x{height}"])


def told_words(view: View) -> list[str]:
    """A view and its point in the words of the command line; empty where no loss is shown."""
    if not view.shown:
        return []
    shown = "loss" if view.likelihood else f"loss,{view.slope}"
    at = [] if view.likelihood else [f"--at={number(view.logit)}"]
    return ["plot", *view_words(view), "--show", shown, *at]


def copy_command(state: CurvesState, width: int, height: int) -> Outcome:
    """Copy the command of the view; where dialects or plain numbers are shown, the command that tells these."""
    if state.dialects:
        from lossterm.curves import dialect_words

        return Copy(command_line(dialect_words.command_words(state.view, state.current)))
    if state.precision:
        from lossterm.curves import precision_words

        return Copy(command_line(precision_words.command_words(state.view, state.current, state.precision)))
    if not state.view.shown:
        return Tell("no loss is shown: press space on one first", wrong=True)
    return Copy(view_command(state.view, max(width, 20), max(height, 10)))
