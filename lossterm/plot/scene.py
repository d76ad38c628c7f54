"""From a view to charts: sample the curves, choose the y window, note what is concave, undefined or a landmark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.labels import Family
from lossterm.core.landmarks import Kind, Landmark, convexity, landmarks, sketch
from lossterm.core.objective import Evaluation, Objective, Reading
from lossterm.core.verdict import undefined_because
from lossterm.plot.columns import centre, column_of, round_points
from lossterm.plot.titles import FIELD
from lossterm.state import View

SAME_POINT = 1e-9
"""How near to each other landmarks are found at one point, relative to a logit above 1."""
PER_COLUMN = 2
"""Samples a column: the two dots of a braille cell."""


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
        floors: the lowest finite value of each curve anywhere, as far as it was looked for.
    """

    view: View
    columns: int
    curves: tuple[Curve, ...]
    stops: Array
    readings: tuple[Evaluation, ...]
    x: Array
    samples: tuple[Evaluation, ...]
    floors: tuple[float, ...]

    def position(self, logit: float) -> float:
        """Where a logit is on the shown axis."""
        return position(self.view, logit)

    def prediction(self, logit: float) -> float:
        """The prediction at a logit."""
        with np.errstate(all="ignore"):
            return float(self.view.link.jet(np.array([logit + 0.0])).value[0])

    def column(self, logit: float) -> int:
        """The column of a logit, −1 outside the window."""
        lo, hi = self.view.window
        at = self.position(logit)
        slack = 1e-9 * (hi - lo)  # there and back through the activation, the end of a window may be missed by a hair
        if lo - slack <= at <= hi + slack:
            at = min(max(at, lo), hi)
        return int(column_of(at, lo, hi, self.columns))

    def readings_at(self, logit: float) -> tuple[Reading, ...]:
        """Each curve at a logit: looked up where it is a stop, computed elsewhere."""
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
        return self._of_one_label(sketch(self._objectives, self.samples, self._quantities))

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
    """The logits of positions on the shown axis; nan where there is none."""
    return x if view.axis == "logit" else view.link.inverse(x)


def _samples(view: View, columns: int) -> Array:
    lo, hi = view.window
    x = np.linspace(lo, hi, PER_COLUMN * max(columns, 1) + 1)
    x[np.abs(x) < (hi - lo) * 1e-12] = 0.0
    if view.axis == "prediction":
        # towards an end of the range a loss may run away: a few samples on a geometric scale
        near = (hi - lo) * np.array([1e-9, 1e-7, 1e-5, 1e-4, 3e-4, 1e-3, 2e-3])
        x = np.concatenate((lo + near, x[1:-1], hi - near[::-1]))
    kinks = [k for k in view.link.kinks if lo < position(view, k) < hi]
    if kinks and view.axis == "logit":
        x = np.concatenate((x, kinks))
    return np.unique(x)


def compose(view: View, columns: int) -> Scene:
    """Compute a scene.

    Args:
        view: what to look at.
        columns: the width of the canvas in cells.
    """
    lo, hi = view.window
    n = max(columns, 1)
    stops = logits_of(view, round_points(lo, hi, n).copy())
    missed = ~np.isfinite(stops)
    if missed.any():  # p = 0 has no logit: stop at the middle of that column
        stops = np.where(missed, logits_of(view, centre(lo, hi, n)), stops)
    x = _samples(view, columns)
    curves = curves_of(view)
    hits = logits_of_labels(view, curves)
    z = np.concatenate((stops, logits_of(view, x), _FAR, hits[np.isfinite(hits)]))
    readings, samples, floors = [], [], []
    for curve in curves:
        e = curve.objective.evaluate(z)
        readings.append(_part(e, slice(None, stops.size)))
        samples.append(_part(e, slice(stops.size, stops.size + x.size)))
        floors.append(float(np.min(e.value, initial=np.inf, where=np.isfinite(e.value))))
    return Scene(view, columns, curves, stops, tuple(readings), x, tuple(samples), tuple(floors))


_FAR = np.concatenate((-np.geomspace(1e3, 1e-2, 40), np.geomspace(1e-2, 1e3, 40)))
"""Where the lowest value of a loss is looked for beyond the window."""


def logits_of_labels(view: View, curves: Sequence[Curve]) -> Array:
    """Where the prediction is the label itself: the least of most losses."""
    return view.link.inverse(np.array([curve.objective.label for curve in curves], dtype=float))


def _part(e: Evaluation, part: slice) -> Evaluation:
    return Evaluation(e.logit[part], e.prediction[part], e.d_activation[part], e.value[part], e.d_prediction[part],
                      e.d2_prediction[part], e.d_logit[part], e.d2_logit[part])  # fmt: skip


# ---- the y window --------------------------------------------------------------------------------------------------

_RUNAWAY = 12.0
"""A curve this many times larger than the next one does not decide the window."""
_RUNS = 0.5
"""What share of its size a curve must change by to run anywhere: one that is as good as constant runs not away."""
_REACH = 3.0
"""A curve is shown up to this many times its 80th percentile, or its 90th."""
_LARGEST = 1e308
"""No window reaches further: its length must be a double."""
_ABOVE = 1.25
"""How far above the others a runaway curve is followed."""


def y_window(values: Sequence[Array], *, loss: bool) -> tuple[float, float]:
    """The y range that shows the interesting part: an infinite or exploding curve does not flatten the rest.

    Args:
        values: the samples of each curve.
        loss: whether this is the loss itself, whose window then starts at 0 (or below, if it goes there).
    """
    ups: list[tuple[float, bool]] = []
    downs: list[tuple[float, bool]] = []
    for v in values:
        finite = v[np.isfinite(v)]
        if finite.size:
            size = np.abs(finite)
            usual, high = np.quantile(size, [0.8, 0.9]).tolist()
            reach = max(_REACH * usual, high, 1e-300)
            if float(size.max()) <= 1e-300:
                reach = 0.0
            most, least = float(finite.max()), float(finite.min())
            runs = most / 2 - least / 2 > _RUNS / 2 * float(size.max())  # by halves: the difference may overflow
            ups.append((min(max(most, 0.0), reach), runs))
            downs.append((min(max(-least, 0.0), reach), runs))
    if not ups:
        return (0.0, 1.0) if loss else (-1.0, 1.0)
    hi, lo = min(_common(ups), _LARGEST / 2), max(-_common(downs), -_LARGEST / 2)
    if hi == lo:
        hi, lo = (1.0, lo) if loss else (1.0, -1.0)
    pad = 0.04 * (hi - lo)
    return (max(lo - (pad if lo < 0 else 0.0), -_LARGEST), min(hi + (pad if hi > 0 or loss else 0.0), _LARGEST))


def _common(reaches: list[tuple[float, bool]]) -> float:
    (first, runs), *others = sorted(reaches, reverse=True)
    if others and runs and 0 < _RUNAWAY * others[0][0] < first:
        return others[0][0] * _ABOVE
    return first


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
