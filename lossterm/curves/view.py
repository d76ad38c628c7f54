"""What the Curves screen looks at: a subject, and how its picture is drawn; a frozen view with pure changes."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from lossterm.core.lazy import np
from lossterm.core.losses.activations import Activation
from lossterm.model.subject import Subject, set_logit
from lossterm.model.window import DEFAULT_RANGE, FARTHEST, NARROWEST, SCALES, Scale, bounded, containing, zoomed

if TYPE_CHECKING:
    from lossterm.core.losses.objective import Objective

Axis = Literal["logit", "prediction"]
Quantity = Literal["loss", "d_logit", "d_prediction", "d2_logit"]

AXES: tuple[Axis, ...] = ("logit", "prediction")
SLOPES: tuple[Quantity, ...] = ("d_logit", "d_prediction", "d2_logit")
"""What the lower chart can show, in the order of the key."""
QUANTITIES: tuple[Quantity, ...] = ("loss", *SLOPES)

SAME_POINT = 1e-9
"""How near to each other landmarks are found at one point, relative to a logit above 1."""


@dataclass(frozen=True)
class View(Subject):
    """All that decides what the charts of the Curves screen show, except their size.

    Attributes:
        axis: what the x axis is.
        slope: what the lower chart shows.
        both_labels: the classic figure: every loss for y = 0 and y = 1.
        scale: of the y axes.
        logit_range: the window on the logit axis.
        prediction_range: the window on the prediction axis; None is the natural one.
        eta: the true probability of class 1, whose expected loss is drawn; None is off.
        weight: of class 1 in the expected loss; 1 is none.
        likelihood: whether the lower chart shows the densities over labels whose −log the losses are.
        y_zoom: how many times shorter than the rule's the windows of the y axes are.
        mark: the logit of a second point, whose numbers stand beside those at the cursor; None is none.
    """

    axis: Axis = "logit"
    slope: Quantity = "d_logit"
    both_labels: bool = False
    scale: Scale = "auto"
    logit_range: tuple[float, float] = DEFAULT_RANGE
    prediction_range: tuple[float, float] | None = None
    eta: float | None = None
    weight: float = 1.0
    likelihood: bool = False
    y_zoom: float = 1.0
    mark: float | None = None

    def objective(self, index: int, label: float | None = None) -> Objective:
        """The row's loss behind the activation, for the label or another one; its risk where η is given."""
        share = self.share
        if share is None:
            return super().objective(index, label)
        from lossterm.core.losses.objective import Objective

        row = self.rows[index]
        return Objective(row.entry, row.params, self.smooth(1.0), self.link, (share, self.smooth(0.0)))

    @property
    def share(self) -> float | None:
        """The part that class 1 has of the expected loss, η′ = wη/(wη + 1 − η); None where there is no risk."""
        if self.eta is None:
            return None
        return self.weight * self.eta / (self.weight * self.eta + 1 - self.eta) if self.weight != 1 else self.eta

    @cached_property
    def still(self) -> Self:
        """The view without its points, the cursor and the mark: what a picture is drawn of."""
        return replace(self, logit=0.0, mark=None)

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


# ---- changes: each returns a new view -------------------------------------------------------------------------------


def with_subject(view: View, subject: Subject) -> View:
    """The picture of another subject: the risk ends with another label, the window follows the point."""
    changed = replace(view, **{f.name: getattr(subject, f.name) for f in fields(Subject)})
    if changed.label != view.label:
        changed = replace(changed, eta=None)
    if changed.activation != view.activation:
        changed = replace(changed, prediction_range=None)
    moved = (changed.activation, changed.logit) != (view.activation, view.logit)
    return _contained(changed) if moved else changed


def set_eta(view: View, eta: float | None) -> View:
    """The expected loss for a true probability of class 1, or, with None, the loss of a label again.

    Raises:
        ValueError: it is no probability.
    """
    if eta is not None and not 0 <= eta <= 1:
        raise ValueError(f"a probability between 0 and 1, not {eta:g}")
    label = view.label if eta is None or 0 <= view.label <= 1 else 1.0
    return replace(view, eta=eta, weight=1.0, label=label, both_labels=view.both_labels and eta is None)


def set_weight(view: View, weight: float) -> View:
    """The expected loss with another weight of class 1.

    Raises:
        ValueError: it is not positive, or there is no expected loss.
    """
    if not 0 < weight < math.inf:
        raise ValueError(f"a weight is a positive number, not {weight:g}")
    if view.eta is None and weight != 1:
        raise ValueError("the weight is of class 1 in the risk: its true probability η is needed too")
    return replace(view, weight=weight)


def next_slope(view: View) -> View:
    """∂z → ∂p → ∂² → ∂z in the lower chart; from the densities back to the derivative that was there."""
    if view.likelihood:
        return replace(view, likelihood=False)
    return replace(view, slope=SLOPES[(SLOPES.index(view.slope) + 1) % len(SLOPES)])


def toggle_likelihood(view: View) -> View:
    """The densities over labels in the lower chart, or the derivative again."""
    return replace(view, likelihood=not view.likelihood)


def toggle_both_labels(view: View) -> View:
    """Every loss for y = 0 and y = 1, or for the label alone."""
    return replace(view, both_labels=not view.both_labels, eta=None)


def next_axis(view: View) -> View:
    """The other x axis, at the same point."""
    return _contained(replace(view, axis=AXES[(AXES.index(view.axis) + 1) % len(AXES)]))


def next_scale(view: View) -> View:
    """Y axes that show all curves, linear ones, or symmetric-log ones."""
    return replace(view, scale=SCALES[(SCALES.index(view.scale) + 1) % len(SCALES)])


def move_to(view: View, logit: float) -> View:
    """Put the cursor at a logit; the window follows if the point would be outside it."""
    return _contained(set_logit(view, logit))


def set_mark(view: View, mark: float | None) -> View:
    """A mark at a logit, or none.

    Raises:
        ValueError: it is beyond what the cursor reaches.
    """
    if mark is not None and not abs(mark) <= FARTHEST:
        raise ValueError(f"a logit between −{FARTHEST:g} and {FARTHEST:g}, please, not {mark:g}")
    return replace(view, mark=mark)


def toggle_mark(view: View) -> View:
    """The mark at the cursor; none where it is there already."""
    return set_mark(view, None if view.mark == view.logit else view.logit)


def _contained(view: View) -> View:
    """The same view with a window that the point is in."""
    if view.axis == "logit":
        there = containing(view.logit_range, view.logit)
        return view if there == view.logit_range else replace(view, logit_range=there)
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
    window = zoomed(view.window, factor, about)
    if window is None:
        return view
    if view.axis == "logit":
        return replace(view, logit_range=bounded(*window))
    left, right = max(window[0], view.link.lower, -FARTHEST), min(window[1], view.link.upper, FARTHEST)
    return replace(view, prediction_range=(left, right)) if right - left > 2 * NARROWEST else view


Y_ZOOMS = (2.0**-10, 2.0**40)
"""The least and the largest zoom of the y axes."""


def zoom_y(view: View, factor: float) -> View:
    """Make the windows of the y axes shorter by a factor, within bounds."""
    return replace(view, y_zoom=min(max(view.y_zoom * factor, Y_ZOOMS[0]), Y_ZOOMS[1]))


def reset_window(view: View) -> View:
    """The natural windows, that of the x axis moved so that the cursor is inside."""
    view = replace(view, prediction_range=None, y_zoom=1.0)
    return replace(view, logit_range=containing(DEFAULT_RANGE, view.logit))
