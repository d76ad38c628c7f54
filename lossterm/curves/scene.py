"""From a view to charts: sample the curves, choose the y window, note what is concave, undefined or a landmark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lossterm.chart.columns import Ints, centre, column_at, round_points
from lossterm.chart.window import PER_COLUMN
from lossterm.core.jets import Array
from lossterm.core.losses.labels import Family
from lossterm.core.losses.landmarks import Kind, Landmark, convexity, landmarks, sketch
from lossterm.core.losses.objective import Evaluation, Objective, Reading
from lossterm.core.losses.verdict import undefined_because
from lossterm.core.numbers import significant
from lossterm.core.remembered import Remembered
from lossterm.curves.dots import Dots, shown_dots
from lossterm.curves.titles import FIELD
from lossterm.curves.view import SAME_POINT, View


@dataclass(frozen=True)
class Curve:
    """One curve of the picture: a row of the view for one label.

    Attributes:
        row: index of the row in the view.
        letter: its letter; a capital for the other label when both are shown.
        ink: its colour.
        objective: what is evaluated.
        tag: what distinguishes it beside the name: parameters, and the label when both are shown.
    """

    row: int
    letter: str
    ink: int
    objective: Objective
    tag: str

    @property
    def name(self) -> str:
        """The loss's title with its tag."""
        return f"{self.objective.loss.title} {self.tag}".rstrip()


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is computed once for a view at a width; a cursor move computes none of it again.

    Attributes:
        view: what is looked at (only its window, losses, label and activation matter here).
        columns: width of the canvas in cells.
        curves: what is drawn, in order.
        stops: the logit of each column at which the cursor stops, nan where the activation reaches none.
        readings: each curve at the stops.
        x: sample positions in units of the shown axis.
        samples: each curve at the samples.
        dots: numbers of somebody else that are drawn over the curves, those of the view's label.
    """

    view: View
    columns: int
    curves: tuple[Curve, ...]
    stops: Array
    readings: tuple[Evaluation, ...]
    x: Array
    samples: tuple[Evaluation, ...]
    dots: tuple[Dots, ...] = ()

    def position(self, logit: float) -> float:
        """Where a logit is on the shown axis."""
        return position(self.view, logit)

    def prediction(self, logit: float) -> float:
        """The prediction at a logit."""
        with np.errstate(all="ignore"):
            return float(self.view.link.jet(np.array([logit + 0.0])).value[0])

    def column(self, logit: float) -> int:
        """The column of a logit, −1 outside the window."""
        return self._columns.of(logit, lambda: self._column(logit))

    @cached_property
    def _columns(self) -> Remembered[int]:
        return Remembered(2)  # a move asks for the column it leaves and the one it comes to, several times each

    def _column(self, logit: float) -> int:
        lo, hi = self.view.window
        at = self.position(logit)
        slack = 1e-9 * (hi - lo)  # there and back through the activation, the end of a window may be missed by a hair
        if lo - slack <= at <= hi + slack:
            at = min(max(at, lo), hi)
        return column_at(at, lo, hi, self.columns)

    def readings_at(self, logit: float) -> tuple[Reading, ...]:
        """Each curve at a logit: looked up where it is a stop, computed elsewhere."""
        return self._readings.of(logit, lambda: self._readings_at(logit))

    @cached_property
    def _readings(self) -> Remembered[tuple[Reading, ...]]:
        return Remembered(2)  # at the cursor and at the mark

    @cached_property
    def reached(self) -> Ints:
        """The columns at which the cursor stops, from left to right."""
        return np.flatnonzero(np.isfinite(self.stops))

    def _readings_at(self, logit: float) -> tuple[Reading, ...]:
        column = self.column(logit)
        if column >= 0 and self.stops[column] == logit:
            return tuple(e.at(column) for e in self.readings)
        return tuple(curve.objective.evaluate([logit]).at(0) for curve in self.curves)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The logits between which landmarks are sought; equal where there is nothing between."""
        if self.view.axis == "logit":
            return self.view.logit_range
        reached = self.stops[np.isfinite(self.stops)]
        return (float(reached[0]), float(reached[-1])) if reached.size else (0.0, 0.0)

    @cached_property
    def marks(self) -> tuple[Landmark, ...]:
        """Landmarks as exact as a picture needs them: read off the samples."""
        finite = np.isfinite(self.samples[0].logit) if self.samples else np.zeros(0, dtype=bool)
        inside = self.samples if finite.all() else [_part(e, finite) for e in self.samples]
        return self._of_one_label(sketch(self._objectives, inside, self._quantities))

    @cached_property
    def convexity(self) -> tuple[str, ...]:
        """What the curvature of each curve is between the ends of the window, in a sentence."""
        lo, hi = self.ends
        return tuple(convexity(curve.objective, lo, hi) for curve in self.curves) if lo < hi else ()

    @cached_property
    def landmarks(self) -> tuple[Landmark, ...]:
        """Landmarks between the ends of the window; computed when first asked for."""
        lo, hi = self.ends
        return self._of_one_label(landmarks(self._objectives, lo, hi, self._quantities)) if lo < hi else ()

    def landmarks_near(self, logit: float) -> tuple[Landmark, ...]:
        """All landmarks of one point, minima first, their heights without the rounding of their place."""
        near = [x for x in self.landmarks if abs(x.logit - logit) <= SAME_POINT * max(1.0, abs(logit))]
        near.sort(key=lambda x: (x.kind is not Kind.MINIMUM, x.kind is Kind.CROSSING, x.curves))
        return tuple(replace(x, height=self._height(x)) for x in near)

    def named(self, landmark: Landmark) -> str:
        """A landmark in words."""
        names = " and ".join(self.curves[i].letter for i in landmark.curves)
        quantity = {"value": "L", "d_logit": "∂L/∂z", "d_prediction": "∂L/∂p"}.get(landmark.quantity, landmark.quantity)
        if self.view.eta is not None:
            quantity = quantity.replace("L", "R")
        height = significant(landmark.height)
        return {
            Kind.MINIMUM: f"minimum of {names}: {quantity} = {height}",
            Kind.INFLECTION: f"inflection of {names}: {quantity} = {height}",
            Kind.STEEPEST: f"inflection of {names}, its steepest point: {quantity} = {height}",
            Kind.CROSSING: f"{names} cross: {quantity} = {height}",
        }[landmark.kind]

    def _height(self, landmark: Landmark) -> float:
        # a root is known to the last bits only: what the quantity changes by within them is no number of its own
        at = self.curves[landmark.curves[0]].objective.evaluate([landmark.logit]).at(0)
        slope, bend = {
            "value": (at.d_logit, at.d2_logit),
            "d_logit": (at.d2_logit, 0.0),
            "d_prediction": (at.d2_prediction * at.d_activation, 0.0),
        }[landmark.quantity]
        blur = 16 * np.finfo(float).eps * max(1.0, abs(landmark.logit))
        return 0.0 if abs(landmark.height) <= blur * abs(slope) + blur**2 * abs(bend) else landmark.height

    @property
    def _objectives(self) -> list[Objective]:
        return [curve.objective for curve in self.curves]

    @property
    def _quantities(self) -> list[str]:
        return ["value"] + ([FIELD[self.view.slope]] if self.view.slope != "d2_logit" else [])

    def _of_one_label(self, found: Iterable[Landmark]) -> tuple[Landmark, ...]:
        # curves of different labels answer different questions: where they cross says nothing
        return tuple(x for x in found if len({self.curves[c].objective.label for c in x.curves}) == 1)


def curves_of(view: View) -> tuple[Curve, ...]:
    """The curves of a view: its shown rows, for its label or for both."""
    result = []
    several = {r.loss for i, r in enumerate(view.rows) if sum(o.loss == r.loss and o.shown for o in view.rows) > 1}
    for index, letter in view.letters.items():
        r = view.rows[index]
        changed = [
            f"{p.symbol}={'off' if v is None else f'{v:g}'}"
            for p, (_, v) in zip(r.entry.parameters, r.params, strict=True)
            if v != p.default or (r.loss in several and v is not None)
        ]
        ink = ord(letter) - ord("a")
        if not view.both_labels or view.eta is not None:
            curves = [(letter, view.label, "")]
        else:
            curves = [(letter, 1.0, "y=1"), (letter.upper(), 0.0, "y=0")]
        for mark, label, of_label in curves:
            tag = " ".join([*changed, of_label]).strip()
            result.append(Curve(index, mark, ink, view.objective(index, label), tag))
    return tuple(result)


def position(view: View, logit: float) -> float:
    """Where a logit is on the shown axis."""
    if view.axis == "logit":
        return logit
    with np.errstate(all="ignore"):
        return float(view.link.jet(np.array([logit + 0.0])).value[0])


def logits_of(view: View, x: Array) -> Array:
    """The logits of positions on the shown axis, ±∞ at predictions that are only approached; nan where there is none.

    At an infinite logit a loss has its limit.
    """
    if view.axis == "logit":
        return x
    low, high = view.link.lower, view.link.upper
    logits = view.link.inverse(x)
    return np.where((x == low) & np.isnan(logits), -np.inf, np.where((x == high) & np.isnan(logits), np.inf, logits))


_CLOSE = np.array([1e-9, 1e-7, 1e-5, 1e-4, 3e-4, 1e-3, 2e-3])
"""How near to a place where a curve may be infinite it is looked at, in widths of the window."""

_COARSE = 0.1
"""Samples this far apart may miss what losses do within a unit of the logit."""

_BESIDE = 0.02
"""A sample so near to another tells nothing more."""

_FINE = np.linspace(-12.0, 12.0, 241)
"""Where that is, from the middle of the activation and from the label."""


def _samples(view: View, curves: Sequence[Curve], columns: int) -> Array:
    lo, hi = view.window
    x = np.linspace(lo, hi, PER_COLUMN * max(columns, 1) + 1)
    x[np.abs(x) < (hi - lo) * 1e-12] = 0.0
    parts: list[Array] = [x]
    is_logit = view.axis == "logit"
    if x.size > 1 and x[1] - x[0] > _COARSE and (is_logit or not math.isfinite(view.link.upper)):
        about = {0.0, *(p for p in labels_on_axis(view, curves) if math.isfinite(p))}
        fine = _distinct(np.round(np.concatenate([_FINE + at for at in about]), 2))
        beside = (fine - lo) % (x[1] - x[0])
        parts.append(fine[np.minimum(beside, x[1] - x[0] - beside) > _BESIDE])
    near = (hi - lo) * _CLOSE
    parts += [np.concatenate((at - near, [at], at + near)) for at in _borders(view, curves)]
    if not is_logit:
        parts += [lo + near, hi - near]
    parts += [_on_axis(view, places) for places in _turns(curves)]
    x = _distinct(np.concatenate(parts))
    return x[(x >= lo) & (x <= hi)]


_TURN = np.linspace(-12.0, 12.0, 49)
"""Where a turn of width 1 is looked at."""


def _turns(curves: Sequence[Curve]) -> list[Array]:
    # predictions about which a loss turns within less than samples are apart
    widths = [(c.objective, dict(c.objective.params)[c.objective.loss.turn]) for c in curves if c.objective.loss.turn]
    return [(one.label if one.loss.family is Family.VALUE else 0.0) + width * _TURN for one, width in widths if width]


def _on_axis(view: View, predictions: Array) -> Array:
    places = view.link.inverse(predictions)
    return places[np.isfinite(places)] if view.axis == "logit" else predictions[np.isfinite(places)]


def _distinct(x: Array) -> Array:
    # as np.unique has them, which loads numpy's masked arrays for it: a tenth of what the first curves take
    x = np.sort(x)
    return x[np.concatenate(([True], x[1:] != x[:-1]))]


def _borders(view: View, curves: Sequence[Curve]) -> set[float]:
    # where predictions come to the ends of what the losses are defined for, to labels, and kinks, in the window
    ends = {end for curve in curves for end in curve.objective.loss.predictions if math.isfinite(end)}
    inside = {end for end in ends if view.link.lower <= end <= view.link.upper}
    if view.axis == "logit":
        logits = view.link.inverse(np.array(sorted(inside))).tolist()
        inside = {logit for logit in logits if math.isfinite(logit)} | set(view.link.kinks)
    inside |= {place for place in labels_on_axis(view, curves) if math.isfinite(place)}
    return {place for place in inside if view.window[0] <= place <= view.window[1]}


_STEEP, _STEADY = 10.0, 2.0
"""A derivative that grows by so much from one place to the next nearer one has a pole there; and one that grows by the
second at each of two steps, which are a hundred times nearer: as the distance to the power −0.15 or faster."""


def _with_poles(e: Evaluation, places: Iterable[int]) -> Evaluation:
    """The samples, infinite at a border or kink towards which a derivative grows without end from one side."""
    changed = {}
    for name in ("d_prediction", "d_logit", "d2_logit"):
        values = getattr(e, name)
        for k in places:
            for side in (1, -1):
                if not 0 <= k + 3 * side < values.size or np.isinf(values[k]):
                    continue
                one, two, three = (float(values[k + n * side]) for n in (1, 2, 3))
                others = [two, three] + ([] if np.isnan(values[k]) else [float(values[k])])
                jumps = all(abs(one) > _STEEP * abs(other) for other in others)
                grows = abs(one) > _STEADY * abs(two) > _STEADY**2 * abs(three) > 0
                if math.isfinite(one) and (jumps or grows):
                    changed[name] = values = values.copy()
                    values[k] = math.copysign(math.inf, one)
    return replace(e, **changed) if changed else e


def labels_on_axis(view: View, curves: Sequence[Curve]) -> list[float]:
    """Where the prediction is the label of each curve, on the shown axis; nan where it never is."""
    labels = np.array(sorted({curve.objective.label for curve in curves}), dtype=float)
    logits = view.link.inverse(labels)
    places = logits if view.axis == "logit" else np.where(np.isnan(logits), np.nan, labels)
    return [float(place) for place in places]


def compose(view: View, columns: int, dots: Sequence[Dots] = ()) -> Scene:
    """Compute a scene.

    Args:
        view: what to look at.
        columns: the width of the canvas in cells.
        dots: what is drawn over the curves, where the label is theirs.
    """
    lo, hi = view.window
    n = max(columns, 1)
    stops = logits_of(view, round_points(lo, hi, n).copy())
    missed = ~np.isfinite(stops)
    if missed.any():  # p = 0 has no logit: stop at the middle of that column
        stops = np.where(missed, logits_of(view, centre(lo, hi, n)), stops)
    curves = curves_of(view)
    x = _samples(view, curves, columns)
    borders = np.flatnonzero(np.isin(x, list(_borders(view, curves)))).tolist()
    z = np.concatenate((stops, logits_of(view, x)))
    readings, samples = [], []
    for curve in curves:
        e = curve.objective.evaluate(z)
        readings.append(_part(e, slice(None, stops.size)))
        samples.append(_with_poles(_part(e, slice(stops.size, None)), borders))
    shown = shown_dots(dots, view.target)
    return Scene(view, columns, curves, stops, tuple(readings), x, tuple(samples), shown)


def _part(e: Evaluation, part: slice | NDArray[np.bool_]) -> Evaluation:
    return Evaluation(e.logit[part], e.prediction[part], e.d_activation[part], e.value[part], e.d_prediction[part],
                      e.d2_prediction[part], e.d_logit[part], e.d2_logit[part])  # fmt: skip


# ---- what is not defined -------------------------------------------------------------------------------------------


def undefined_stretches(scene: Scene) -> list[tuple[int, int, str]]:
    """Columns [first, last] where a curve has no finite value on an interval, with the reason in words."""
    merged: dict[tuple[int, int], dict[str, list[str]]] = {}
    for curve, e in zip(scene.curves, scene.readings, strict=True):
        absent = np.isnan(e.value) | (np.isinf(e.value) & np.isnan(e.d_logit))
        absent &= np.isfinite(scene.stops)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], absent.astype(int), [0]))))
        for first, after in zip(edges[::2], edges[1::2], strict=True):
            middle = e.at((int(first) + int(after) - 1) // 2)
            if np.isinf(middle.value):
                name = "p" if curve.objective.loss.family is Family.PROBABILITY else "v"
                why = f"infinite: {name} = {middle.prediction:g}"
            else:
                why = f"undefined: {undefined_because(curve.objective, middle)}"
            merged.setdefault((int(first), int(after) - 1), {}).setdefault(why, []).append(curve.letter)
    return [
        (first, last, "; ".join(f"{', '.join(letters)} {why}" for why, letters in reasons.items()))
        for (first, last), reasons in sorted(merged.items())
    ]
