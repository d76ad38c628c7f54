"""A loss sampled along the whole logit axis, finely where it bends and to the last bit where it breaks.

Everything the properties say is read off these samples. A grid covers the axis out to ±1e7 (`approach` goes on to
±1e150); an interval is divided again and again for as long as the derivative at its two ends does not explain the
change across it. What remains unexplained in an interval of a few ulps is a break: a kink, a jump, or the edge of where
the loss is defined or finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lossterm.core.activations import ACTIVATIONS, Activation
from lossterm.core.jets import Array
from lossterm.core.losses import Loss, Params
from lossterm.core.objective import Evaluation, evaluate_at

FIELDS = ("logit", "prediction", "d_activation", "value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")

HUGE = 1e280
"""A finite value beyond it stands before an overflow, not before a pole."""

VANISHED = 1e-250
"""A derivative below it, beside exact zeros, has underflowed: the zeros are not a plateau."""

_FINE, _REACH = 45.0, 1e7
_STEP = 1 / 16
_SHIFT = 0.0137132  # kinks sit at round numbers; the grid does not
_PARTS = 24
_ROUNDS = 24
_MOST = 60_000
_SLOPE_ERROR = 1e-3
_THIN, _THINNEST = 1e-12, 4e-16
_FLOOR = 1e-13
_FAR = np.array([10.0 ** (k / 2) for k in range(13)] + [10.0**k for k in (7, 8, 10, 12, 15, 20, 30, 50, 75, 100, 150)])
_NEAR = 10.0 ** -np.arange(1.0, 14.0)


@dataclass(frozen=True)
class Break:
    """A place where the loss is not smooth: between two neighbouring logits something jumps.

    Attributes:
        logit: the place.
        left: the last sample before it.
        right: the first after it.
    """

    logit: float
    left: int
    right: int


@dataclass(frozen=True, eq=False)
class End:
    """One end of a stretch on which the loss is finite.

    Attributes:
        logit: the place; ±inf where the stretch has no end.
        side: −1 for a left end, +1 for a right end.
        index: the outermost sample of the stretch.
        infinite: whether the loss is ∞ beyond it (else it is not defined there, or there is nothing beyond).
        path: the loss at points that approach the end geometrically, and last, where the end is finite, at the end.
    """

    logit: float
    side: int
    index: int
    infinite: bool
    path: Evaluation

    def limit(self, field: str) -> float:
        """The limit of one field: ±inf where it diverges, nan where it cannot be told."""
        return _limit(getattr(self.path, field), outward=math.isinf(self.logit))


class Profile:
    """The samples for one label.

    Attributes:
        at: the evaluation at every sample.
        evaluate: the loss at other logits.
    """

    def __init__(self, at: Evaluation, evaluate: Callable[[Array], Evaluation], breaks: Sequence[Break]) -> None:
        self.at = at
        self.evaluate = evaluate
        self._breaks = breaks

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Where the loss is defined and finite."""
        return np.isfinite(self.at.value)

    @cached_property
    def smooth(self) -> NDArray[np.bool_]:
        """Where it is finite and has a slope."""
        return self.finite & np.isfinite(self.at.d_logit)

    @cached_property
    def kinks(self) -> list[Break]:
        """Where the slope jumps and the value does not."""
        return [b for b in self._inner if self._turns(b) and not self._jumps(b)]

    @cached_property
    def jumps(self) -> list[Break]:
        """Where the value itself jumps."""
        return [b for b in self._inner if self._jumps(b)]

    @cached_property
    def ends(self) -> list[End]:
        """The ends of the stretches on which the loss is finite, from left to right."""
        return [end for first, last in runs(self.finite) for end in (self._end(first, -1), self._end(last, 1))]

    def limit_beside(self, b: Break, field: str) -> float:
        """The greater of the limits of the size of one field on the two sides of a break."""
        paths = [np.abs(getattr(self.evaluate(b.logit + side * _NEAR), field)) for side in (-1, 1)]
        return max(_limit(np.append(path, np.nan), outward=False) for path in paths)

    @cached_property
    def _inner(self) -> list[Break]:
        # close to a pole the rounding of the logit looks like breaks
        edges = [end.logit for end in self.ends if math.isfinite(end.logit)]
        return [
            b
            for b in self._breaks
            if self.smooth[b.left] and self.smooth[b.right] and all(abs(b.logit - e) > 1e-9 for e in edges)
        ]

    def _turns(self, b: Break) -> bool:
        left, right = self.at.d_logit[b.left], self.at.d_logit[b.right]
        return bool(abs(right - left) > _SLOPE_ERROR * max(abs(left), abs(right)))

    def _jumps(self, b: Break) -> bool:
        z, value, slope = (array[[b.left, b.right]] for array in (self.at.logit, self.at.value, self.at.d_logit))
        return bool(_leaps(value[0], value[1], 10 * (z[1] - z[0]) * np.abs(slope).max()))

    def _end(self, index: int, side: int) -> End:
        z, value, beyond = self.at.logit, self.at.value, index + side
        place = math.inf * side
        infinite = False
        if 0 <= beyond < len(z) and abs(value[index]) < HUGE and not math.isinf(self.at.d_logit[index]):
            place = tidy(*sorted((float(z[index]), float(z[beyond]))))
            infinite = bool(np.isposinf(value[beyond]))
        if math.isinf(place):
            path = side * _FAR
        else:
            inward = place - side * _NEAR
            path = np.append(inward, place)
        return End(place, side, index, infinite, self.evaluate(path))


class Samples:
    """One loss behind one activation, sampled at the same logits for several labels.

    Attributes:
        loss: the loss.
        params: all its parameters.
        activation: the activation.
        labels: the labels; those outside the loss's domain give nan.
        logits: where it is sampled.
        data: the samples, shape (labels, fields, logits).
        breaks: where the loss for any of the labels breaks.
    """

    def __init__(self, loss: Loss, params: Params, activation: Activation | str, labels: Sequence[float]) -> None:
        self.loss = loss
        self.params = params
        self.activation = ACTIVATIONS[activation] if isinstance(activation, str) else activation
        self.labels = tuple(dict.fromkeys(labels))
        with np.errstate(all="ignore"):
            z, data, broken = self._refined(self._grid())
        # a division may hit the very break, where conventions hold: the samples beside it tell what happens
        pairs = runs(np.bincount(broken, minlength=len(z)) > 0)
        inner = [i for first, last in pairs for i in range(first + 1, last + 1)]
        self.logits = z = np.delete(z, inner)
        self.data = np.delete(data, inner, axis=2)
        left = [first - sum(i < first for i in inner) for first, _ in pairs]
        self.breaks = [Break(tidy(float(z[i]), float(z[i + 1])), i, i + 1) for i in left]
        self._profiles = {
            label: Profile(Evaluation(*self.data[k]), self._evaluator(label), self.breaks)
            for k, label in enumerate(self.labels)
        }

    def profile(self, label: float) -> Profile:
        """The samples of one of the labels."""
        return self._profiles[label]

    def _evaluator(self, label: float) -> Callable[[Array], Evaluation]:
        return lambda z: evaluate_at(self.loss, self.params, label, self.activation, z)

    def evaluate(self, z: Array, labels: Sequence[float] | None = None) -> Array:
        """The fields at other logits, for all labels or for some: shape (labels, fields, *z.shape)."""
        wanted = self.labels if labels is None else labels
        with np.errstate(all="ignore"):
            prediction = self.activation.jet(z + 0.0)
        # the labels share what the activation costs
        shared = replace(self.activation, jet=lambda _: prediction)
        found = [evaluate_at(self.loss, self.params, label, shared, z) for label in wanted]
        return np.array([[getattr(e, name) for name in FIELDS] for e in found])

    def _grid(self) -> Array:
        fine = np.arange(-_FINE, _FINE, _STEP) + _SHIFT
        far = np.geomspace(_FINE + 0.1, _REACH, 108)
        # value losses have their scale about v = y, however far that is
        around = 10.0 ** np.arange(-6, 6.01, 0.125) * 1.0137
        with np.errstate(all="ignore"):
            centres = [float(c) for c in self.activation.inverse(np.array(self.labels)) if math.isfinite(c)]
        near = [c + sign * around * max(1.0, abs(c)) for c in centres for sign in (-1, 1)]
        return np.unique(np.concatenate([-far, fine, far, *near]))

    def _refined(self, z: Array) -> tuple[Array, Array, NDArray[np.intp]]:
        found_z, found = [z], [self.evaluate(z)]
        scale = self._scale(z, found[0])
        # the intervals still to be looked at: ends (intervals, 2), data (labels, fields, intervals, 2)
        ends = np.stack([z[:-1], z[1:]], axis=1)
        data = np.stack([found[0][:, :, :-1], found[0][:, :, 1:]], axis=3)
        broken: list[float] = []
        for _ in range(_ROUNDS):
            bent, edge = self._unexplained(ends, data, scale)
            # a kink is looked for to 1e-12, an edge and a jump to the last bit
            size, width = np.maximum(np.abs(ends[:, 1]), 1e-2), ends[:, 1] - ends[:, 0]
            either = bent | edge
            thin = either & (~edge & (width <= _THIN * np.maximum(size, 1)) | (width <= _THINNEST * size))
            broken.extend(float(left) for left in ends[thin, 0])
            keep = either & ~thin
            ends, data = ends[keep], data[:, :, keep]
            if not len(ends) or sum(len(a) for a in found_z) + len(ends) * _PARTS > _MOST:
                break
            points = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * (np.arange(1, _PARTS) / _PARTS)
            inside = self.evaluate(points)
            found_z.append(points.ravel())
            found.append(inside.reshape(*inside.shape[:2], -1))
            chain_z = np.concatenate([ends[:, :1], points, ends[:, 1:]], axis=1)
            chain = np.concatenate([data[..., :1], inside, data[..., 1:]], axis=3)
            ends = np.stack([chain_z[:, :-1], chain_z[:, 1:]], axis=2).reshape(-1, 2)
            data = np.stack([chain[..., :-1], chain[..., 1:]], axis=4).reshape(*chain.shape[:2], -1, 2)
        z, order = np.unique(np.concatenate(found_z), return_index=True)
        return z, np.concatenate(found, axis=2)[:, :, order], np.searchsorted(z, sorted(set(broken)))

    @staticmethod
    def _scale(z: Array, data: Array) -> Array:
        # a typical slope for each label: below 1e-13 of it nothing is looked at
        slopes = np.abs(data[:, FIELDS.index("d_logit"), np.abs(z) <= 4])
        return np.max(slopes, axis=1, initial=0.0, where=np.isfinite(slopes))[:, None]

    @staticmethod
    def _unexplained(ends: Array, data: Array, scale: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where the slopes do not account for the values, or the curvatures for the slopes; where there is an edge."""
        width = ends[:, 1] - ends[:, 0]
        value, slope, bend = (data[:, FIELDS.index(name)] for name in ("value", "d_logit", "d2_logit"))
        finite = np.isfinite(value)
        both = finite.all(axis=2)
        steepest = np.maximum(np.abs(slope).max(axis=2), _FLOOR * scale)
        straight = np.abs(slope[..., 1] - slope[..., 0] - width * bend.mean(axis=2)) <= _SLOPE_ERROR * steepest
        # an exponential is explained at any width by the ratio of its slopes
        ratio = np.log(slope[..., 1] / slope[..., 0]) - width * (bend / slope).mean(axis=2)
        bent = both & ~straight & ~(np.abs(ratio) <= _SLOPE_ERROR)
        leap = both & _leaps(value[..., 0], value[..., 1], width * steepest)
        # beside an overflow of the slope there is nothing to find
        bent &= ~(np.isinf(slope) & (np.abs(value) > HUGE)).any(axis=2)
        # where one side is ∞ or undefined: an edge, unless the other side is about to overflow
        edge = (finite[..., 0] != finite[..., 1]) & ~(finite & (np.abs(value) > HUGE)).any(axis=2)
        return np.asarray(bent.any(axis=0)), np.asarray((leap | edge).any(axis=0))


def _leaps(a: Array, b: Array, run: Array) -> NDArray[np.bool_]:
    # a change that no slope in between accounts for
    change = np.abs(b - a)
    return np.asarray((change > 2 * run) & (change > 1e-9 * np.maximum(np.abs(a), np.abs(b))))


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and the last index of every unbroken stretch of True."""
    padded = np.concatenate([[False], mask, [False]])
    change = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(a), int(b) - 1) for a, b in zip(change[::2], change[1::2], strict=True)]


def tidy(low: float, high: float) -> float:
    """The number with the fewest digits in [low, high]: a break found between neighbouring floats is at 1, not 1 − ε."""
    if low <= 0 <= high:
        return 0.0
    for digits in range(1, 17):
        near = float(f"{high:.{digits}g}")
        if low <= near <= high:
            return near
    return float(high)


def _limit(along: Array, *, outward: bool) -> float:
    """The limit of numbers taken at points that approach it geometrically (the last at the end, if it is finite)."""
    if not outward:
        if not np.isnan(along[-1]):
            return float(along[-1])
        along = along[:-1]
    along = along[~np.isnan(along)]
    if len(along) < 4:
        return math.nan
    last = float(along[-1])
    if math.isinf(last):
        return last
    steps = np.abs(np.diff(along))
    size = float(np.max(np.abs(along), initial=0.0, where=np.isfinite(along)))
    if outward:
        # the last factors between the points are 1e25 and more: whatever still moves there does not converge
        return last if steps[-1] <= 1e-9 * size else math.copysign(math.inf, last)
    # decade by decade a power of the distance shrinks its steps, a logarithm keeps them
    shrinks = steps[-1] <= 0.9 * steps[-3] or steps[-1] <= 1e-9 * size
    return last if shrinks else math.copysign(math.inf, last)
