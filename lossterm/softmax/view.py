"""What is being looked at on the Softmax screen: a frozen view, and pure changes of its sweep and window.

`lossterm.model.rows` changes its list of losses, `lossterm.softmax.edit` the example itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar, Literal, Self

from lossterm.core.lazy import np
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.information import Over
from lossterm.core.softmax.inputs import Target
from lossterm.model.rows import LossList
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.window import SCALES, Scale, Window, bounded, containing, zoomed

Sweep = Literal["logit", "temperature"]

SWEEPS: tuple[Sweep, ...] = ("logit", "temperature")

DEFAULT_LOGITS = (8.0, 0.0, 0.0)
DEFAULT_LOGIT_RANGE: Window = (-12.0, 12.0)
"""The natural window on a logit: that of the first example is well inside."""
DEFAULT_TEMPERATURE_RANGE: Window = (-1.0, 2.0)
"""Powers of ten: the temperature is swept on a logarithmic axis."""

COLDEST, HOTTEST = 1e-3, 1e6
"""Bounds of the temperature that keys reach."""
MAX_CLASSES = 1000
"""More are for the command line."""
NARROWEST_POWERS = 1e-6
"""The least width of the window on log10 T."""


@dataclass(frozen=True)
class SoftmaxView(LossList[SoftmaxRow]):
    """All that decides what the Softmax screen shows of an example, except its size and where the focus is.

    Attributes:
        logits: z, one a class; −inf masks a class.
        target: what they are compared with.
        temperature: T.
        class_weights: one a class, or None where all are 1.
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
    class_weights: tuple[float, ...] | None = None
    selected: int = 0
    sweep: Sweep = "logit"
    logit_range: Window = DEFAULT_LOGIT_RANGE
    temperature_range: Window = DEFAULT_TEMPERATURE_RANGE
    scale: Scale = "auto"
    given: tuple[float, ...] | None = None

    row_type: ClassVar[type[SoftmaxRow]] = SoftmaxRow

    @property
    def classes(self) -> int:
        """K."""
        return len(self.logits)

    @cached_property
    def example(self) -> SoftmaxExample:
        """The example, for the mathematics: the same for views that differ in their picture alone."""
        return _example(self.logits, self.target, self.temperature, self.class_weights)

    @property
    def label(self) -> int | tuple[float, ...] | None:
        """The target before smoothing: a class, a probability for each class, or None where it is the teacher."""
        return self.target.label

    @property
    def teacher(self) -> tuple[float, ...] | None:
        """The teacher's logits."""
        return self.target.teacher

    @property
    def smoothing(self) -> float:
        """ε of label smoothing."""
        return self.target.smoothing

    @property
    def over(self) -> Over:
        """Which classes share ε."""
        return self.target.over

    @cached_property
    def fitting(self) -> tuple[int, ...]:
        """Indices of the shown rows whose losses take the target."""
        point = self.example.point
        return tuple(i for i in self.shown if self.rows[i].entry.target_problem(point) is None)

    @property
    def window(self) -> Window:
        """The shown range, in units of the shown axis."""
        return self.logit_range if self.sweep == "logit" else self.temperature_range

    @cached_property
    def still(self) -> Self:
        """The view without the swept number: what the curves are drawn of."""
        if self.sweep == "temperature":
            return replace(self, temperature=1.0, given=None)
        logits = (*self.logits[: self.selected], 0.0, *self.logits[self.selected + 1 :])
        return replace(self, logits=logits, given=None)

    @property
    def position(self) -> float:
        """Where the point is on the shown axis; −inf for a masked class."""
        return self.logits[self.selected] if self.sweep == "logit" else math.log10(self.temperature)


@lru_cache(maxsize=8)
def _example(
    logits: tuple[float, ...], target: Target, temperature: float, class_weights: tuple[float, ...] | None
) -> SoftmaxExample:
    return SoftmaxExample(np.array(logits), target, temperature, class_weights)


def same_picture(old: SoftmaxView, new: SoftmaxView) -> bool:
    """Whether only the swept number differs: then the curves are the same, and the cursor moves."""
    return old.still == new.still


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
    z = view.logits[view.selected]
    if math.isfinite(z):
        view = replace(view, logit_range=containing(view.logit_range, z))
    return replace(view, temperature_range=containing(view.temperature_range, math.log10(view.temperature)))


def zoom(view: SoftmaxView, factor: float, about: float) -> SoftmaxView:
    """Change the width of the window by ``factor``, keeping the place of ``about`` (in units of the axis)."""
    if not math.isfinite(about):
        about = sum(view.window) / 2
    window = zoomed(view.window, factor, about)
    if window is None:
        return view
    lo, hi = bounded(*window)
    if view.sweep == "logit":
        return in_sight(replace(view, logit_range=(lo, hi)))
    lo, hi = max(lo, math.log10(COLDEST)), min(hi, math.log10(HOTTEST))
    return in_sight(replace(view, temperature_range=(lo, hi))) if hi - lo > NARROWEST_POWERS else view


def reset_window(view: SoftmaxView) -> SoftmaxView:
    """The natural windows, moved so that the point is inside."""
    return in_sight(replace(view, logit_range=DEFAULT_LOGIT_RANGE, temperature_range=DEFAULT_TEMPERATURE_RANGE))
