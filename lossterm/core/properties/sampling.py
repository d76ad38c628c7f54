"""A loss sampled along the whole logit axis, finely where it bends and to the last bit where it breaks.

Everything the properties say is read off these samples. A grid covers the axis out to ±3e4 (the ends of a `Profile` go
on to ±1e150); an interval is divided again and again for as long as the derivative at its two ends does not explain the
change across it. What remains unexplained in the thinnest interval is a break: a kink, a jump, or the edge of where the
loss is defined or finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.objective import Evaluation, evaluate_at
from lossterm.core.properties.profile import HUGE, SLOPE_ERROR, Break, Profile, leaps, runs, tidy, typical

FIELDS = ("logit", "prediction", "d_activation", "value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")
"""The fields of an evaluation, in the order of the samples' second axis."""

_FINE, _REACH = 45.0, 3e4
_STEP = 1 / 16
_SHIFT = 0.0137132  # kinks sit at round numbers; the grid does not
_PARTS = 24
_ROUNDS = 24
_MOST = 60_000
_THIN, _THINNEST = 1e-12, 4e-16
_FLOOR = 1e-13


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
            label: Profile(Evaluation(*self.data[k]), self._evaluator(label), self.breaks, self._at_border)
            for k, label in enumerate(self.labels)
        }

    def profile(self, label: float) -> Profile:
        """The samples of one of the labels."""
        return self._profiles[label]

    def _evaluator(self, label: float) -> Callable[[Array], Evaluation]:
        return lambda z: evaluate_at(self.loss, self.params, label, self.activation, z)

    def _at_border(self, z: float) -> bool:
        # whether the prediction is a border of the loss's domain to the last bit: one that rounds to it is beside it
        with np.errstate(all="ignore"):
            prediction = self.activation.jet(np.array([z]))
            gaps = [border - prediction for border in self.loss.predictions if math.isfinite(border)]
        return any(float(gap.value[0]) == 0 for gap in gaps)

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
        far = np.geomspace(_FINE + 0.1, _REACH, 60)
        # value losses have their scale about v = y, however far that is
        around = 10.0 ** np.arange(-6, 6.01, 0.125) * 1.0137
        with np.errstate(all="ignore"):
            centres = [float(c) for c in self.activation.inverse(np.array(self.labels)) if math.isfinite(c)]
        near = [c + sign * around * max(1.0, abs(c)) for c in centres for sign in (-1, 1)]
        grid = np.unique(np.concatenate([-far, fine, far, *near]))
        with np.errstate(all="ignore"):
            # an activation that cannot say what it predicts so far out is not asked there
            return grid[~np.isnan(self.activation.jet(grid).value)]

    def _refined(self, z: Array) -> tuple[Array, Array, NDArray[np.intp]]:
        found_z, found = [z], [self.evaluate(z)]
        scale = np.stack([typical(z, found[0][:, FIELDS.index(name)]) for name in ("value", "d_logit")], axis=0)
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
    def _unexplained(ends: Array, data: Array, scale: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where the slopes do not account for the values, or the curvatures for the slopes; where there is an edge."""
        width = ends[:, 1] - ends[:, 0]
        value, slope, bend = (data[:, FIELDS.index(name)] for name in ("value", "d_logit", "d2_logit"))
        finite = np.isfinite(value)
        both = finite.all(axis=2)
        steepest = np.maximum(np.abs(slope).max(axis=2), _FLOOR * scale[1][:, None])
        straight = np.abs(slope[..., 1] - slope[..., 0] - width * bend.mean(axis=2)) <= SLOPE_ERROR * steepest
        # an exponential is explained at any width by the ratio of its slopes
        ratio = np.log(slope[..., 1] / slope[..., 0]) - width * (bend / slope).mean(axis=2)
        bent = both & ~straight & ~(np.abs(ratio) <= SLOPE_ERROR)
        leap = both & leaps(value[..., 0], value[..., 1], width * steepest, scale[0][:, None])
        # beside an overflow of the slope there is nothing to find
        bent &= ~(np.isinf(slope) & (np.abs(value) > HUGE)).any(axis=2)
        # where one side is ∞ or undefined: an edge, unless the other side is about to overflow
        edge = (finite[..., 0] != finite[..., 1]) & ~(finite & (np.abs(value) > HUGE)).any(axis=2)
        return np.asarray(bent.any(axis=0)), np.asarray((leap | edge).any(axis=0))
