"""What is being looked at: a frozen view, pure changes of it, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from lossterm.core.activations import ACTIVATIONS, Activation
from lossterm.core.labels import smoothed
from lossterm.core.lazy import np
from lossterm.core.losses import LOSSES, Loss, Params
from lossterm.core.objective import Objective

Axis = Literal["logit", "prediction"]
Scale = Literal["linear", "symlog"]
Quantity = Literal["loss", "d_logit", "d_prediction", "d2_logit"]

AXES: tuple[Axis, ...] = ("logit", "prediction")
SCALES: tuple[Scale, ...] = ("linear", "symlog")
SLOPES: tuple[Quantity, ...] = ("d_logit", "d_prediction", "d2_logit")
"""What the lower chart can show, in the order of the key."""
QUANTITIES: tuple[Quantity, ...] = ("loss", *SLOPES)

DEFAULT_SHOWN = ("cross-entropy", "squared-error")
DEFAULT_RANGE = (-8.0, 8.0)
MAX_SHOWN = 26
"""Each shown loss has a letter."""
NARROWEST, WIDEST = 1e-9, 2e6
"""Bounds of the width of the window: within them columns are still distinct doubles near its middle."""
FARTHEST = 1e6
"""No window reaches beyond ± this."""


@dataclass(frozen=True)
class Row:
    """One line of the list of losses.

    Attributes:
        loss: the loss's id.
        params: all its parameters, as pairs.
        shown: whether it is drawn.
    """

    loss: str
    params: tuple[tuple[str, float | None], ...]
    shown: bool = False

    @property
    def entry(self) -> Loss:
        """The loss itself."""
        return LOSSES[self.loss]

    @property
    def key(self) -> tuple[str, tuple[tuple[str, float | None], ...]]:
        """What makes two rows the same curve."""
        return (self.loss, self.params)


def row(loss: str, params: Params | None = None, shown: bool = False) -> Row:
    """A row of a loss, with the given parameters and the others at their defaults."""
    complete = LOSSES[loss].complete(params or {})
    return Row(loss, tuple(complete.items()), shown)


def _default_rows() -> tuple[Row, ...]:
    return tuple(row(name, shown=name in DEFAULT_SHOWN) for name in LOSSES)


@dataclass(frozen=True)
class View:
    """All that decides what the Curves screen shows, except its size and where the focus is.

    Attributes:
        rows: every loss at least once, in the order of the registry; variants with other parameters follow theirs.
        reference: the row whose |∂L/∂z| the ratios are taken against.
        label: y, before smoothing.
        smoothing: s of y(1 − s) + s/2.
        activation: its id.
        logit: the point, z.
        axis: what the x axis is.
        slope: what the lower chart shows.
        both_labels: the classic figure: every loss for y = 0 and y = 1.
        scale: of the y axes.
        logit_range: the window on the logit axis.
        prediction_range: the window on the prediction axis; None is the natural one.
        eta: the true probability of class 1, whose expected loss is drawn; None is off.
        likelihood: whether the lower chart shows the densities over labels whose −log the losses are.
    """

    rows: tuple[Row, ...] = ()
    reference: int = 0
    label: float = 1.0
    smoothing: float = 0.0
    activation: str = "sigmoid"
    logit: float = -4.0
    axis: Axis = "logit"
    slope: Quantity = "d_logit"
    both_labels: bool = False
    scale: Scale = "linear"
    logit_range: tuple[float, float] = DEFAULT_RANGE
    prediction_range: tuple[float, float] | None = None
    eta: float | None = None
    likelihood: bool = False

    def __post_init__(self) -> None:
        if not self.rows:
            object.__setattr__(self, "rows", _default_rows())

    # ---- what follows -----------------------------------------------------------------------------------------------

    @cached_property
    def link(self) -> Activation:
        """The activation."""
        return ACTIVATIONS[self.activation]

    @property
    def shown(self) -> tuple[int, ...]:
        """Indices of the rows that are drawn."""
        return tuple(i for i, r in enumerate(self.rows) if r.shown)

    @cached_property
    def target(self) -> float:
        """The label after smoothing (a label that cannot be smoothed is left as it is)."""
        return self.smooth(self.label)

    def smooth(self, label: float) -> float:
        """A label after this view's smoothing."""
        return smoothed(label, self.smoothing) if 0 <= label <= 1 else label

    def objective(self, index: int, label: float | None = None) -> Objective:
        """The row's loss behind the activation, for this view's label or another one."""
        r = self.rows[index]
        if self.eta is not None:
            return Objective(r.entry, r.params, self.smooth(1.0), self.link, (self.eta, self.smooth(0.0)))
        return Objective(r.entry, r.params, self.target if label is None else self.smooth(label), self.link)

    @property
    def letters(self) -> dict[int, str]:
        """The letter of each shown row, from a on."""
        return {index: chr(ord("a") + n) for n, index in enumerate(self.shown)}

    @property
    def window(self) -> tuple[float, float]:
        """The shown range, in units of the shown axis."""
        if self.axis == "logit":
            return self.logit_range
        return self.prediction_range or natural_prediction_range(self.link, self.logit_range)


def natural_prediction_range(link: Activation, logit_range: tuple[float, float]) -> tuple[float, float]:
    """The image of the link where it is bounded; [0, 4] of a positive one; the logits' own of the identity."""
    if math.isfinite(link.upper):
        return (link.lower, link.upper)
    return logit_range if math.isinf(link.lower) else (0.0, 4.0)


# ---- changes: each returns a new view -----------------------------------------------------------------------------


def toggle(view: View, index: int) -> View:
    """Show or hide a row; hiding the reference makes the first shown row the reference."""
    r = view.rows[index]
    if not r.shown and len(view.shown) >= MAX_SHOWN:
        return view
    rows = _replaced(view, index, replace(r, shown=not r.shown))
    changed = replace(view, rows=rows)
    return changed if view.reference in changed.shown else _first_reference(changed)


def _first_reference(view: View) -> View:
    return replace(view, reference=view.shown[0] if view.shown else view.reference)


def make_reference(view: View, index: int) -> View:
    """Take the ratios against this row, and show it."""
    if not view.rows[index].shown:
        view = toggle(view, index)
    return replace(view, reference=index) if view.rows[index].shown else view


def set_parameter(view: View, index: int, name: str, value: float | None) -> View:
    """Change one parameter of a row.

    Raises:
        ValueError: out of range; the message says what would be right.
    """
    r = view.rows[index]
    params = r.entry.complete({**dict(r.params), name: value})
    return replace(view, rows=_replaced(view, index, replace(r, params=tuple(params.items()))))


def step_parameter(view: View, index: int, name: str, direction: int) -> View:
    """One step of a parameter up or down, within its range."""
    r = view.rows[index]
    parameter = next(p for p in r.entry.parameters if p.name == name)
    return set_parameter(view, index, name, parameter.stepped(dict(r.params)[name], direction))


def add_variant(view: View, index: int) -> View:
    """A second row of the same loss, shown, to compare two parameter values: the next step of the first parameter.

    Two rows alike would be one curve, and the command of the picture would tell only one of them.
    """
    if len(view.shown) >= MAX_SHOWN or not view.rows[index].entry.parameters:
        return view
    twin = replace(_beside(view, index), shown=True)
    rows = (*view.rows[: index + 1], twin, *view.rows[index + 1 :])
    changed = replace(view, rows=rows, reference=view.reference + (view.reference > index))
    return changed if changed.reference in changed.shown else _first_reference(changed)


def _beside(view: View, index: int) -> Row:
    # the nearest step up, or else down, that no other row of the loss stands at
    r = view.rows[index]
    first, taken = r.entry.parameters[0], {other.key for other in view.rows}
    for direction in (1, -1):
        value = dict(r.params)[first.name]
        for _ in range(MAX_SHOWN):
            value = first.stepped(value, direction)
            variant = row(r.loss, {**dict(r.params), first.name: value})
            if variant.key not in taken:
                return variant
    return r


def remove_variant(view: View, index: int) -> View:
    """Take a row away, unless it is the only one of its loss."""
    if sum(r.loss == view.rows[index].loss for r in view.rows) < 2:
        return view
    rows = (*view.rows[:index], *view.rows[index + 1 :])
    reference = view.reference - (view.reference > index) if view.reference != index else 0
    changed = replace(view, rows=rows, reference=reference)
    return changed if changed.reference in changed.shown else _first_reference(changed)


def _replaced(view: View, index: int, new: Row) -> tuple[Row, ...]:
    return (*view.rows[:index], new, *view.rows[index + 1 :])


def set_label(view: View, label: float) -> View:
    """Another label; smoothing is dropped where it would have no meaning."""
    return replace(view, label=label, smoothing=view.smoothing if 0 <= label <= 1 else 0.0, eta=None)


def set_eta(view: View, eta: float | None) -> View:
    """The expected loss for a true probability of class 1, or, with None, the loss of a label again.

    Raises:
        ValueError: it is no probability.
    """
    if eta is not None and not 0 <= eta <= 1:
        raise ValueError(f"a probability between 0 and 1, not {eta:g}")
    label = view.label if eta is None or 0 <= view.label <= 1 else 1.0
    return replace(view, eta=eta, label=label, both_labels=view.both_labels and eta is None)


LABELS = (1.0, 0.0, 0.9, 0.5)
"""What the key for the next label goes through, after which comes the label that was typed."""


def next_label(view: View, direction: int = 1, typed: float | None = None) -> View:
    """The next of the usual labels (and the last typed one)."""
    choices = list(LABELS) if typed is None or typed in LABELS else [*LABELS, typed]
    at = choices.index(view.label) if view.label in choices else -1
    return set_label(view, choices[(at + direction) % len(choices)])


SMOOTHINGS = (0.0, 0.05, 0.1, 0.2, 0.4)


def next_smoothing(view: View) -> View:
    """The next of the usual smoothings; only a label in [0, 1] can be smoothed."""
    if not 0 <= view.label <= 1:
        return view
    later = [s for s in SMOOTHINGS if s > view.smoothing]
    return replace(view, smoothing=later[0] if later else 0.0)


def set_activation(view: View, name: str) -> View:
    """Another activation, at the same logit."""
    return _contained(replace(view, activation=name, prediction_range=None))


def next_activation(view: View, direction: int = 1) -> View:
    """The next or previous activation."""
    names = list(ACTIVATIONS)
    return set_activation(view, names[(names.index(view.activation) + direction) % len(names)])


def next_slope(view: View) -> View:
    """∂z → ∂p → ∂² → ∂z in the lower chart; from the densities back to the derivative that was there."""
    if view.likelihood:
        return replace(view, likelihood=False)
    return replace(view, slope=SLOPES[(SLOPES.index(view.slope) + 1) % len(SLOPES)])


def toggle_likelihood(view: View) -> View:
    """The densities over labels in the lower chart, or the derivative again."""
    return replace(view, likelihood=not view.likelihood)


def next_axis(view: View) -> View:
    """The other x axis, at the same point."""
    return _contained(replace(view, axis=AXES[(AXES.index(view.axis) + 1) % len(AXES)]))


def next_scale(view: View) -> View:
    """Linear or symmetric-log y axes."""
    return replace(view, scale=SCALES[(SCALES.index(view.scale) + 1) % len(SCALES)])


def move_to(view: View, logit: float) -> View:
    """Put the cursor at a logit; the window follows if the point would be outside it."""
    view = replace(view, logit=min(max(logit + 0.0, -FARTHEST), FARTHEST))
    return _contained(view)


def _contained(view: View) -> View:
    """The same view with a window that the point is in."""
    if view.axis == "logit":
        lo, hi = view.logit_range
        if lo <= view.logit <= hi:
            return view
        half = (hi - lo) / 2
        return replace(view, logit_range=_bounded(view.logit - half, view.logit + half))
    with np.errstate(all="ignore"):
        prediction = float(view.link.jet(np.array([view.logit])).value[0])
    for window in (view.prediction_range, None):
        view = replace(view, prediction_range=window)
        if view.window[0] <= prediction <= view.window[1]:
            return view
    # an unbounded prediction beyond its natural window: from there to a little beyond it
    lo, hi = min(view.window[0], prediction * 1.25), max(view.window[1], prediction * 1.25)
    return replace(view, prediction_range=(max(lo, view.link.lower, -FARTHEST), min(hi, view.link.upper, FARTHEST)))


def zoom(view: View, factor: float, about: float) -> View:
    """Change the width of the window by ``factor``, keeping the place of ``about`` (in units of the axis)."""
    lo, hi = view.window
    about = min(max(about, lo), hi)
    width = (hi - lo) * factor
    if not 2 * NARROWEST * max(1.0, abs(about)) <= width <= WIDEST:
        return view
    share = (about - lo) / (hi - lo)
    left = about - share * width
    if view.axis == "logit":
        return replace(view, logit_range=_bounded(left, left + width))
    low, high = view.link.lower, view.link.upper
    left, right = max(left, low, -FARTHEST), min(left + width, high, FARTHEST)
    return replace(view, prediction_range=(left, right)) if right - left > 2 * NARROWEST else view


def reset_window(view: View) -> View:
    """The natural window, moved so that the cursor is inside."""
    lo, hi = DEFAULT_RANGE
    view = replace(view, prediction_range=None)
    if lo <= view.logit <= hi:
        return replace(view, logit_range=DEFAULT_RANGE)
    return replace(view, logit_range=_bounded(view.logit - hi, view.logit + hi))


def _bounded(lo: float, hi: float) -> tuple[float, float]:
    # wide enough for its place, and within what can be reached, by moving it rather than by cutting it
    width = min(max(hi - lo, 2 * NARROWEST * max(1.0, abs(lo), abs(hi))), 2 * FARTHEST)
    middle = min(max((lo + hi) / 2, width / 2 - FARTHEST), FARTHEST - width / 2)
    return _clean(middle - width / 2, width), _clean(middle + width / 2, width)


def _clean(end: float, width: float) -> float:
    # ends to a millionth of the width: zooming in and out again must not leave −8.000000000000002
    digits = max(0, 6 - math.floor(math.log10(width)))
    return min(max(round(end, digits) + 0.0, -FARTHEST), FARTHEST)
