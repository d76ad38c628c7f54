"""The least mean loss of a problem in the plane, or of a line: what a fit would come to if it went on for ever.

BFGS (Nocedal and Wright, Numerical Optimization, 2006, algorithm 6.1) with backtracking from several starts at once,
for the objective need not be convex; then along the ray through each place, for where classes are apart the loss of a
likelihood falls for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lossterm.core.descent.one_weight import least
from lossterm.core.descent.per_example import PerExample
from lossterm.core.descent.problems import FittingProblem
from lossterm.core.jets import Array
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params

_ROUNDS, _HALVINGS = 150, 40
_ENOUGH = 1e-11
"""Of the mean loss at the start: a step that brings less than that has come to a bottom."""

Indices = NDArray[np.intp]

_RAY = 2.0 ** np.arange(1, 11)


def least_mean_loss(problem: FittingProblem, loss: Loss, params: Params, activation: Activation) -> tuple[Array, float]:
    """The weights with the least mean loss that a search finds, and that loss.

    Args:
        problem: the data.
        loss: the loss.
        params: all its parameters.
        activation: the activation; "identity" for real targets.

    Returns:
        Weights, shape (dimensions,), and the least value: of one weight to about 1e-9. Where the loss falls for ever
        along a ray, a place far out on it.
    """
    if problem.has_one_weight:
        weight, value = least(problem, loss, params, activation)
        return np.array([weight]), value
    starts = _starts(problem)
    each = PerExample(problem, [(loss, params)] * len(starts), activation, 1)
    search = _Search(each, starts)
    with np.errstate(all="ignore"):  # beyond a loss's domain a value is ∞ or not defined: no step goes there
        search.run()
        values = [search.values]
        places = [search.weights]
        if problem.is_classification:
            for factor in _RAY:
                places.append(factor * search.weights)
                values.append(search.look(places[-1], np.arange(len(starts)))[0])
    known = np.where(np.isfinite(values), values, np.inf)
    turn, start = np.unravel_index(int(np.argmin(known)), known.shape)
    return places[int(turn)][start], float(known[turn, start])


def mean_losses(
    problem: FittingProblem, losses: Sequence[tuple[Loss, Params]], activation: Activation, weights: Array
) -> Array:
    """The mean loss of each of several losses at the same weights, shape (losses,)."""
    each = PerExample(problem, losses, activation, 1)
    with np.errstate(all="ignore"):
        each.look(np.tile(weights, (len(losses), 1)), range(len(losses)))
    means: Array = each.values.mean(axis=1)
    return means


def _starts(problem: FittingProblem) -> Array:
    x, y = problem.features, problem.labels
    zero = np.zeros(x.shape[1])
    if not problem.is_classification:
        typical = np.array([0.0, float(np.median(y))])
        return np.stack([zero, typical, np.linalg.lstsq(x, y, rcond=None)[0]])
    one, other = x[y == 1].mean(axis=0), x[y == 0].mean(axis=0)
    across = one - other
    across[-1] = -float(across[:-1] @ (one + other)[:-1]) / 2
    across /= max(float(np.linalg.norm(across)), 1e-12)
    return np.stack([zero, across, 4 * across, across / 4])


class _Search:
    """Several descents side by side, each with an approximate inverse Hessian of its own."""

    def __init__(self, each: PerExample, weights: Array) -> None:
        self._each, self.weights = each, weights
        self._count = len(each.features)
        count, dimensions = weights.shape
        self._inverse = np.tile(np.eye(dimensions), (count, 1, 1))
        self._fresh = np.ones(count, dtype=bool)
        self.values, self._slopes = np.full(count, np.inf), np.zeros_like(weights)
        self._top = np.zeros(count)

    def look(self, weights: Array, which: Indices) -> tuple[Array, Array]:
        """Mean losses and their gradients of all racers, of which some are evaluated anew."""
        self._each.look(weights, which.tolist())
        return self._each.values.mean(axis=1), self._each.slopes @ self._each.features / self._count

    def run(self) -> None:
        """Descend until no racer gains any more."""
        going: Indices = np.arange(len(self.weights))
        self.values, self._slopes = self.look(self.weights, going)
        self._top = np.abs(self.values)
        going = going[np.isfinite(self.values[going]) & np.isfinite(self._slopes[going]).all(axis=1)]
        for _ in range(_ROUNDS):
            if not going.size:
                return
            going = self._round(going)

    def _round(self, going: Indices) -> Indices:
        ahead = -np.einsum("rij,rj->ri", self._inverse, self._slopes)
        fall = (ahead * self._slopes).sum(axis=1)
        climbs = ~(fall < 0)
        ahead[climbs], self._inverse[climbs], self._fresh[climbs] = -self._slopes[climbs], np.eye(ahead.shape[1]), True
        fall = (ahead * self._slopes).sum(axis=1)
        length = np.where(self._fresh, 1 / np.maximum(np.sqrt(np.maximum(-fall, 1e-300)), 1.0), 1.0)
        old, slopes, before = self.weights.copy(), self._slopes.copy(), self.values.copy()
        trying, moved = going, np.zeros(len(old), dtype=bool)
        for _ in range(_HALVINGS):
            places = old + length[:, None] * ahead
            values, found = self.look(places, trying)
            good = trying[(values <= before + 1e-4 * length * fall)[trying] & np.isfinite(found[trying]).all(axis=1)]
            self.weights[good], self.values[good], self._slopes[good] = places[good], values[good], found[good]
            moved[good] = True
            trying = np.setdiff1d(trying, good)
            length[trying] /= 2
            if not trying.size:
                break
        self._learn(going[moved[going]], self.weights - old, self._slopes - slopes)
        gained = before - self.values > _ENOUGH * self._top
        retry = ~moved & ~self._fresh  # once more, straight down
        self._inverse[retry], self._fresh[retry] = np.eye(old.shape[1]), True
        left: Indices = going[(moved & gained)[going] | retry[going]]
        return left

    def _learn(self, moved: Indices, steps: Array, turns: Array) -> None:
        for i in moved.tolist():
            s, y = steps[i], turns[i]
            bent = float(s @ y)
            if bent <= 1e-14 * float(np.linalg.norm(s) * np.linalg.norm(y)):
                continue
            if self._fresh[i]:
                self._inverse[i] = np.eye(len(s)) * bent / float(y @ y)
                self._fresh[i] = False
            lean = np.eye(len(s)) - np.outer(s, y) / bent
            self._inverse[i] = lean @ self._inverse[i] @ lean.T + np.outer(s, s) / bent
