"""What a fit of many examples has to reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.descent.best_line import best_balanced_accuracy
from lossterm.core.descent.bottom import least_mean_loss, mean_losses
from lossterm.core.descent.problems import FittingProblem
from lossterm.core.descent.recording import FitState
from lossterm.core.jets import Array
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss, Params

Holds = Callable[[FitState], NDArray[np.bool_]]
"""Of a state, which racers are there, shape (racers,)."""


@dataclass(frozen=True, eq=False)
class Aim:
    """What a fit has to reach.

    Attributes:
        text: in words.
        holds: of a state, which racers are there.
        stays: whether it must be true from then on: who leaves again was not there.
        lows: the least mean loss of each racer; empty where that is not known.
        bottoms: the weights at which each has it, shape (racers, dimensions).
        line: the best balanced accuracy that any line reaches; nan where there is none.
        decides: of a state, which racers' lines decide that well.
    """

    text: str
    holds: Holds
    stays: bool = False
    lows: Sequence[float] = ()
    bottoms: Sequence[Array] = ()
    line: float = math.nan
    decides: Holds | None = None


Lowest = Callable[[FittingProblem, Loss, Params, Activation], tuple[Array, float]]


def aim_of(
    problem: FittingProblem,
    until: float,
    losses: Sequence[tuple[Loss, Params]],
    activation: Activation,
    start: Sequence[float] | None = None,
    *,
    lowest: Lowest = least_mean_loss,
    best: Callable[[FittingProblem], float] = best_balanced_accuracy,
) -> Aim:
    """The aim of a problem.

    Where there is a truth to find again, beside an outlier, a racer has to come near it and to stay there: the way to a
    line that the outlier has pulled off may lead past the true one. How far two lines are apart is told by the root of
    the mean square of their distance at the examples. Elsewhere each racer has to come down, from the start, towards
    the least value that its own mean loss has anywhere. A second mark is the balanced accuracy, the mean of the two
    classes' shares of right decisions, which deciding always for the larger class does not raise above ½: to come as
    near to the best that any line reaches.

    Args:
        problem: the data.
        until: the share of the way from the start to the truth, or down to the least loss; of one number how near, a
            tenth short of 1 being twice as far as the farthest of the numbers that are no outlier.
        losses: the racers' losses with all their parameters.
        activation: the activation; of real targets it has no part.
        start: the weights that all start from; zero by default.
        lowest: finds the least mean loss: `least_mean_loss`, or one that remembers.
        best: finds the best line: `best_balanced_accuracy`, or one that remembers.
    """
    link = activation if problem.is_classification else ACTIVATIONS["identity"]
    found = [lowest(problem, loss, params, link) for loss, params in losses]
    bottoms, lows = tuple(place for place, _ in found), tuple(value for _, value in found)
    if problem.truth is None:
        first = np.zeros(problem.features.shape[1]) if start is None else np.array(start, dtype=float)
        least, top, line = np.array(lows), mean_losses(problem, losses, link, first), best(problem)
        with np.errstate(invalid="ignore"):  # from an infinite loss any finite one is most of the way down
            enough = least + (1 - until) * np.maximum(top - least, 0.0) + 1e-12 * np.abs(least)
        text = f"{_percent(until)} of the way down to its least mean L"
        decides: Holds | None = None if math.isnan(line) else lambda state: state.balanced >= until * line
        return Aim(text, lambda state: state.loss <= enough, False, lows, bottoms, line, decides)
    features, truth = problem.features, problem.truth

    def gap(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):  # weights that run away are infinitely far from the line, or nowhere
            apart: NDArray[np.float64] = np.sqrt((((weights - truth) @ features.T) ** 2).mean(axis=-1))
        return apart

    if problem.has_one_weight:
        spread = float(np.abs(problem.labels[~problem.marked] - truth[0]).max())
        near = 20 * (1 - until) * spread * (1 + 1e-9)
        text = f"|w − {truth[0]:.12g}| ≤ {20 * (1 - until) * spread:.6g}"
    else:
        near = (1 - until) * float(gap(np.zeros(len(truth))))
        text = f"{_percent(until)} of the way to the true line"
    return Aim(text, lambda state: gap(state.weights) <= near, True, lows, bottoms)


def _percent(share: float) -> str:
    return f"{100 * share:.12g}%"
