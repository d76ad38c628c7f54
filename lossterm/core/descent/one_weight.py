"""The objective of a problem with one weight, which is a curve: its values, and how low it goes."""

from __future__ import annotations

import numpy as np

from lossterm.core.descent.problems import FittingProblem
from lossterm.core.jets import Array
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.objective import composed

_NEAR, _FAR, _FINE = 12.0, 1e3, 4801


def mean_loss(problem: FittingProblem, loss: Loss, params: Params, activation: Activation, weights: Array) -> Array:
    """The mean loss over the examples at weights, shape (n,); nan where one is not defined."""
    total = np.zeros(np.shape(weights))
    with np.errstate(all="ignore"):
        for x, y in zip(problem.features[:, 0].tolist(), problem.labels.tolist(), strict=True):
            z, label = (weights * x, y) if problem.is_classification else (weights * x - y, 0.0)
            total += composed(loss, params, label, activation, activation.jet(z).at_order(0)).value
    return total / problem.count


def least(problem: FittingProblem, loss: Loss, params: Params, activation: Activation) -> tuple[float, float]:
    """The weight with the least mean loss, and that loss: the best of a grid as far as ±1000, refined about it.

    Returns:
        The weight to about 1e-9 (anywhere on a flat bottom) and the loss.
    """
    labels = problem.labels / np.where(problem.features[:, 0] == 0, 1.0, problem.features[:, 0])
    tail = np.geomspace(_NEAR, _FAR, 400)
    grid = np.unique(np.concatenate([np.linspace(-_NEAR, _NEAR, _FINE), tail, -tail, labels]))
    for _ in range(7):
        values = mean_loss(problem, loss, params, activation, grid)
        best = int(np.nanargmin(values))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        place, value = float(grid[best]), float(values[best])
        grid = np.unique(np.append(np.linspace(low, high, 65), place))
    return place, value
