"""What a fit of many examples has to reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.activations import Activation
from lossterm.core.losses import Loss, Params
from lossterm.core.one_weight import least, mean_loss
from lossterm.core.problems import Problem
from lossterm.core.recording import State


@dataclass(frozen=True, eq=False)
class Aim:
    """What a fit has to reach.

    Attributes:
        text: in words.
        holds: of a state, which racers are there, shape (racers,).
        stays: whether it must be true from then on: who leaves again was not there.
        bottoms: where there is one weight, the best of each racer.
    """

    text: str
    holds: Callable[[State], NDArray[np.bool_]]
    stays: bool = False
    bottoms: tuple[float, ...] = ()


def aim_of(
    problem: Problem,
    until: float,
    losses: Sequence[tuple[Loss, Params]] = (),
    activation: Activation | None = None,
    start: float = 0.0,
) -> Aim:
    """The aim of a problem.

    For classes it is a *balanced* accuracy: the mean of the two classes' shares of right decisions, which deciding
    always for the larger class does not raise above ½. A line has to come near the one that the data were generated
    with, and to stay there: the way to a line that an outlier has pulled off may lead past the true one. How far two
    lines are apart is told by the root of the mean square of their distance at the examples. With one weight each racer
    has to come down, from the start towards the least value that its own mean loss has anywhere.

    Args:
        problem: the data.
        until: the balanced accuracy; the share of the way from the start to the true line, or down to the least loss.
        losses: the racers' losses with all their parameters; read where there is one weight.
        activation: likewise.
        start: the weight they start from; likewise.
    """
    if problem.has_one_weight and activation is not None:
        lows, bottoms = [], []
        for loss, params in losses:
            top = float(mean_loss(problem, loss, params, activation, np.array([start]))[0])
            bottom, low = least(problem, loss, params, activation)
            bottoms.append(bottom)
            lows.append(low + (1 - until) * max(top - low, 0.0) + 1e-12 * abs(low))
        enough = np.array(lows)
        text = f"{100 * until:.12g} % of the way down to the least L"
        return Aim(text, lambda state: state.loss <= enough, bottoms=tuple(bottoms))
    if problem.truth is None:
        return Aim(f"balanced accuracy ≥ {until:.12g}", lambda state: state.balanced >= until)
    features, truth = problem.features, problem.truth

    def gap(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        apart: NDArray[np.float64] = np.sqrt((((weights - truth) @ features.T) ** 2).mean(axis=-1))
        return apart

    near = (1 - until) * float(gap(np.zeros(len(truth))))
    text = f"{100 * until:.12g} % of the way to the true line"
    return Aim(text, lambda state: gap(state.weights) <= near, stays=True)
