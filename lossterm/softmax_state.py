"""What is being looked at on the Softmax screen: a frozen view, and pure changes of its losses, sweep and window.

`lossterm.softmax_edit` changes the example itself: logits, target, temperature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from lossterm import state
from lossterm.core.lazy import np
from lossterm.core.softmax import Problem
from lossterm.core.softmax_inputs import Target
from lossterm.core.softmax_losses import SOFTMAX_LOSSES, Choice, SoftmaxLoss, SoftmaxParams
from lossterm.state import MAX_SHOWN, SCALES, Scale

Sweep = Literal["logit", "temperature"]
SWEEPS: tuple[Sweep, ...] = ("logit", "temperature")

DEFAULT_LOSSES = ("cross-entropy", "squared-error")
DEFAULT_LOGITS = (8.0, 0.0, 0.0)
DEFAULT_LOGIT_RANGE = state.DEFAULT_RANGE
DEFAULT_TEMPERATURE_RANGE = (-1.0, 2.0)
"""Powers of ten: the temperature is swept on a logarithmic axis."""

COLDEST, HOTTEST = 1e-3, 1e6
"""Bounds of the temperature that keys reach."""
MAX_CLASSES = 1000
"""More are for the command line."""


@dataclass(frozen=True)
class SoftmaxRow:
    """One line of the list of losses.

    Attributes:
        loss: the loss's id.
        params: all its parameters, as pairs.
        shown: whether it is drawn.
    """

    loss: str
    params: tuple[tuple[str, float | str | None], ...]
    shown: bool = False

    @property
    def entry(self) -> SoftmaxLoss:
        """The loss itself."""
        return SOFTMAX_LOSSES[self.loss]

    @property
    def key(self) -> tuple[str, tuple[tuple[str, float | str | None], ...]]:
        """What makes two rows the same curve."""
        return (self.loss, self.params)


def softmax_row(loss: str, params: SoftmaxParams | None = None, shown: bool = False) -> SoftmaxRow:
    """A row of a loss, with the given parameters and the others at their defaults."""
    return SoftmaxRow(loss, tuple(SOFTMAX_LOSSES[loss].complete(params or {}).items()), shown)


@dataclass(frozen=True)
class SoftmaxView:
    """All that decides what the Softmax screen shows, except its size and where the focus is.

    Attributes:
        logits: z, one a class; −inf masks a class.
        target: what they are compared with.
        temperature: T.
        rows: every loss at least once, in the order of the registry; variants with other parameters follow theirs.
        reference: the row whose gradient's norm the ratios are taken against.
        selected: the class whose logit is changed and swept, and whose slope is drawn.
        sweep: what the x axis of the curves is.
        logit_range: the window on the axis of the logit.
        temperature_range: the window on the axis of log10 T.
        scale: of the y axes.
        given: the probabilities that the logits were made of, as they were typed, until a logit is changed.
    """

    logits: tuple[float, ...] = DEFAULT_LOGITS
    target: Target = Target(1)  # noqa: RUF009 (it is frozen)
    temperature: float = 1.0
    rows: tuple[SoftmaxRow, ...] = ()
    reference: int = 0
    selected: int = 0
    sweep: Sweep = "logit"
    logit_range: tuple[float, float] = DEFAULT_LOGIT_RANGE
    temperature_range: tuple[float, float] = DEFAULT_TEMPERATURE_RANGE
    scale: Scale = "linear"
    given: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.rows:
            rows = tuple(softmax_row(name, shown=name in DEFAULT_LOSSES) for name in SOFTMAX_LOSSES)
            object.__setattr__(self, "rows", rows)

    @property
    def classes(self) -> int:
        """K."""
        return len(self.logits)

    @cached_property
    def problem(self) -> Problem:
        """The example, for the mathematics."""
        return Problem(np.array(self.logits), self.target, self.temperature)

    @property
    def shown(self) -> tuple[int, ...]:
        """Indices of the rows that are drawn."""
        return tuple(i for i, r in enumerate(self.rows) if r.shown)

    @property
    def letters(self) -> dict[int, str]:
        """The letter of each shown row, from a on."""
        return {index: chr(ord("a") + n) for n, index in enumerate(self.shown)}

    @property
    def window(self) -> tuple[float, float]:
        """The shown range, in units of the shown axis."""
        return self.logit_range if self.sweep == "logit" else self.temperature_range

    @property
    def position(self) -> float:
        """Where the point is on the shown axis; −inf for a masked class."""
        return self.logits[self.selected] if self.sweep == "logit" else math.log10(self.temperature)


# ---- losses --------------------------------------------------------------------------------------------------------


def toggle(view: SoftmaxView, index: int) -> SoftmaxView:
    """Show or hide a row; hiding the reference makes the first shown row the reference."""
    r = view.rows[index]
    if not r.shown and len(view.shown) >= MAX_SHOWN:
        return view
    return _with_reference(replace(view, rows=_replaced(view, index, replace(r, shown=not r.shown))))


def make_reference(view: SoftmaxView, index: int) -> SoftmaxView:
    """Take the ratios against this row, and show it."""
    if not view.rows[index].shown:
        view = toggle(view, index)
    return replace(view, reference=index) if view.rows[index].shown else view


def _with_reference(view: SoftmaxView) -> SoftmaxView:
    if view.reference in view.shown or not view.shown:
        return view
    return replace(view, reference=view.shown[0])


def with_losses(view: SoftmaxView, asked: Sequence[SoftmaxRow]) -> SoftmaxView:
    """A view that shows exactly these losses; the first is the reference."""
    rows: list[SoftmaxRow] = []
    for name in SOFTMAX_LOSSES:
        wanted = [r for r in asked if r.loss == name]
        rows += [replace(r, shown=True) for r in wanted] or [softmax_row(name)]
    first = next((i for i, r in enumerate(rows) if asked and r.key == asked[0].key), 0)
    return replace(view, rows=tuple(rows), reference=first)


def set_parameter(view: SoftmaxView, index: int, name: str, value: float | str | None) -> SoftmaxView:
    """Change one parameter of a row.

    Raises:
        ValueError: out of range; the message says what would be right.
    """
    r = view.rows[index]
    params = r.entry.complete({**dict(r.params), name: value})
    return replace(view, rows=_replaced(view, index, replace(r, params=tuple(params.items()))))


def step_parameter(view: SoftmaxView, index: int, direction: int) -> SoftmaxView:
    """One step of a row's parameter up or down, within its range; nothing where it has none."""
    r = view.rows[index]
    if not r.entry.parameters:
        return view
    knob, value = r.entry.parameters[0], r.params[0][1]
    if isinstance(knob, Choice):
        return set_parameter(view, index, knob.name, knob.stepped(str(value), direction))
    assert not isinstance(value, str)
    return set_parameter(view, index, knob.name, knob.stepped(value, direction))


def add_variant(view: SoftmaxView, index: int) -> SoftmaxView:
    """A second row of the same loss, shown, to compare two parameter values."""
    if len(view.shown) >= MAX_SHOWN or not view.rows[index].entry.parameters:
        return view
    twin = replace(view.rows[index], shown=True)
    rows = (*view.rows[: index + 1], twin, *view.rows[index + 1 :])
    return _with_reference(replace(view, rows=rows, reference=view.reference + (view.reference > index)))


def remove_variant(view: SoftmaxView, index: int) -> SoftmaxView:
    """Take a row away, unless it is the only one of its loss."""
    if sum(r.loss == view.rows[index].loss for r in view.rows) < 2:
        return view
    rows = (*view.rows[:index], *view.rows[index + 1 :])
    reference = view.reference - (view.reference > index) if view.reference != index else 0
    return _with_reference(replace(view, rows=rows, reference=reference))


def _replaced(view: SoftmaxView, index: int, new: SoftmaxRow) -> tuple[SoftmaxRow, ...]:
    return (*view.rows[:index], new, *view.rows[index + 1 :])


# ---- the picture ---------------------------------------------------------------------------------------------------


def select(view: SoftmaxView, index: int) -> SoftmaxView:
    """Another class, as near as there is one; the window follows to its logit."""
    return in_sight(replace(view, selected=min(max(index, 0), view.classes - 1)))


def next_sweep(view: SoftmaxView) -> SoftmaxView:
    """Sweep the other one: the selected logit or the temperature."""
    return in_sight(replace(view, sweep=SWEEPS[(SWEEPS.index(view.sweep) + 1) % len(SWEEPS)]))


def next_scale(view: SoftmaxView) -> SoftmaxView:
    """Linear or symmetric-log y axes."""
    return replace(view, scale=SCALES[(SCALES.index(view.scale) + 1) % len(SCALES)])


def in_sight(view: SoftmaxView) -> SoftmaxView:
    """The view with its windows moved, where they must, so that the point is inside; a masked class is nowhere."""
    lo, hi = view.logit_range
    z = view.logits[view.selected]
    if not lo <= z <= hi and math.isfinite(z):
        view = replace(view, logit_range=_moved(view.logit_range, z))
    lo, hi = view.temperature_range
    t = math.log10(view.temperature)
    return view if lo <= t <= hi else replace(view, temperature_range=_moved(view.temperature_range, t))


def _moved(window: tuple[float, float], to: float) -> tuple[float, float]:
    return state.move_to(state.View(logit_range=window), to).logit_range


def zoom(view: SoftmaxView, factor: float, about: float) -> SoftmaxView:
    """Change the width of the window by ``factor``, keeping the place of ``about`` (in units of the axis)."""
    if not math.isfinite(about):
        about = sum(view.window) / 2
    lo, hi = state.zoom(state.View(logit_range=view.window), factor, about).logit_range
    if view.sweep == "logit":
        return in_sight(replace(view, logit_range=(lo, hi)))
    lo, hi = max(lo, math.log10(COLDEST)), min(hi, math.log10(HOTTEST))
    return in_sight(replace(view, temperature_range=(lo, hi))) if hi - lo > 1e-6 else view


def reset_window(view: SoftmaxView) -> SoftmaxView:
    """The natural windows, moved so that the point is inside."""
    return in_sight(replace(view, logit_range=DEFAULT_LOGIT_RANGE, temperature_range=DEFAULT_TEMPERATURE_RANGE))
