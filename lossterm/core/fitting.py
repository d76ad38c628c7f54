"""Several losses fitting one problem side by side.

All racers share data, batches and start; each has its own loss, rate and weights, kept in one array of shape
(racers, dimensions) that every step moves at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.activations import ACTIVATIONS, Activation
from lossterm.core.descent import OPTIMIZERS
from lossterm.core.jets import Array
from lossterm.core.losses import Loss, Params
from lossterm.core.objective import composed
from lossterm.core.problems import Problem
from lossterm.core.properties.likelihood import is_location

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class History:
    """What happened, step by step; every array has the steps (0 is the start) along its first axis.

    Attributes:
        weights: shape (steps, racers, dimensions), the bias last.
        loss: mean loss over all examples, shape (steps, racers).
        accuracy: share of right decisions, nan for regression.
        gradient: length of the gradient of the mean loss.
    """

    weights: Array
    loss: Array
    accuracy: Array
    gradient: Array


class Fit:
    """Several losses fitting one problem side by side.

    Args:
        problem: the data.
        losses: the racers: losses with all their parameters (`Loss.complete`).
        activation: the activation or its id; a line is fitted by "identity" whatever it is.
        rates: one learning rate for all, or one each.
        optimizer: one of `OPTIMIZERS`.
        momentum: the weight of the past, for "momentum".
        batch: examples in a step; None is all of them.
        seed: of the order of the batches.
        start: the weights all start from; zero by default.

    Attributes:
        weights: the present weights, shape (racers, dimensions).
        status: for each racer "" or why it no longer moves.

    Raises:
        ValueError: a loss that cannot take the problem's labels.
    """

    def __init__(
        self,
        problem: Problem,
        losses: Sequence[tuple[Loss, Params]],
        activation: Activation | str = "sigmoid",
        *,
        rates: float | Sequence[float] = 0.5,
        optimizer: str = "gd",
        momentum: float = 0.9,
        batch: int | None = None,
        seed: int = 0,
        start: Sequence[float] | None = None,
    ) -> None:
        if optimizer not in OPTIMIZERS:
            raise ValueError(f"unknown optimizer {optimizer!r}: choose from {', '.join(OPTIMIZERS)}")
        named = "identity" if not problem.is_classification else activation
        self.activation = ACTIVATIONS[named] if isinstance(named, str) else named
        self.problem, self.losses, self.optimizer = problem, list(losses), optimizer
        self._check()
        count, dimensions = len(self.losses), problem.features.shape[1]
        self.rates = np.full(count, rates) if isinstance(rates, int | float) else np.array(rates, dtype=float)
        self.weights = np.tile(np.zeros(dimensions) if start is None else np.array(start, dtype=float), (count, 1))
        self.status = [""] * count
        self._momentum = momentum if optimizer == "momentum" else 0.0
        self._speed = np.zeros_like(self.weights)
        self._batch, self._rng = batch, np.random.default_rng(seed)
        self._queue: NDArray[np.intp] = np.zeros(0, dtype=int)
        self._past: list[tuple[Array, Array, Array, Array]] = []
        self._look()

    def _check(self) -> None:
        for loss, params in self.losses:
            if self.problem.is_classification:
                problem = loss.label_problem(0.0) or loss.label_problem(1.0)
            else:
                problem = None if is_location(loss, params) else f"{loss.id} does not fit a line: it is not about v − y"
            if problem:
                raise ValueError(problem)

    @property
    def step(self) -> int:
        """How many steps have been taken."""
        return len(self._past) - 1

    @property
    def history(self) -> History:
        """Everything so far."""
        return History(*(np.array(part) for part in zip(*self._past, strict=True)))

    def at(self, step: int) -> tuple[Array, Array, Array, Array]:
        """One step of the history: weights, mean losses, accuracies, lengths of the gradients."""
        return self._past[step]

    def advance(self, steps: int) -> None:
        """Take some more steps, all racers together."""
        for _ in range(steps):
            chosen = self._next_batch()
            features = self.problem.features[chosen]
            slope = self._slopes[:, chosen] @ features / len(chosen)
            if self.optimizer == "newton":
                slope = self._newton(slope, self._bends[:, chosen], features)
            self._speed = self._momentum * self._speed + slope
            moved = self.weights - self.rates[:, None] * self._speed
            moving = np.array([not status for status in self.status])
            self.weights = np.where(moving[:, None], moved, self.weights)
            self._look()

    def boundary(self, weights: Array, low: Point, high: Point) -> tuple[Point, Point] | None:
        """Where the line of one racer's decision (of its fit, for a line problem) crosses a box.

        Args:
            weights: one row of weights.
            low: the box's lower left corner.
            high: its upper right corner.

        Returns:
            Its two ends on the box, or None where it misses it.
        """
        if self.problem.is_classification:
            a, b = float(weights[0]), float(weights[1])
            c = float(weights[2]) - self._threshold
        else:
            a, b, c = float(weights[0]), -1.0, float(weights[1])
        ends = [(x, (-c - a * x) / b) for x in (low[0], high[0]) if b]
        ends += [((-c - b * y) / a, y) for y in (low[1], high[1]) if a]
        inside = [p for p in ends if all(low[k] <= p[k] <= high[k] for k in (0, 1))]
        return (min(inside), max(inside)) if len(set(inside)) > 1 else None

    @property
    def _threshold(self) -> float:
        z = float(self.activation.inverse(np.array([self.activation.threshold]))[0])
        return 0.0 if math.isnan(z) else z

    def _next_batch(self) -> NDArray[np.intp]:
        n = len(self.problem.labels)
        if self._batch is None or self._batch >= n:
            return np.arange(n)
        if len(self._queue) < self._batch:
            self._queue = self._rng.permutation(n)
        chosen, self._queue = self._queue[: self._batch], self._queue[self._batch :]
        return chosen

    def _look(self) -> None:
        # every example's loss and derivatives by its logit, at the present weights; shape (racers, examples)
        labels, features = self.problem.labels, self.problem.features
        with np.errstate(all="ignore"):
            logits = self.weights @ features.T
            values, self._slopes, self._bends = (np.zeros_like(logits) for _ in range(3))
            order = 2 if self.optimizer == "newton" else 1
            for racer, (loss, params) in enumerate(self.losses):
                for label, rows in self._groups():
                    z = logits[racer, rows] if self.problem.is_classification else logits[racer] - labels
                    jet = composed(loss, params, label, self.activation, self.activation.jet(z).at_order(order))
                    values[racer, rows] = jet.value
                    self._slopes[racer, rows] = jet.first
                    self._bends[racer, rows] = 0.0 if jet.second is None else jet.second
            gradient = self._slopes @ features / len(labels)
            loss_now = values.mean(axis=1)
            accuracy = np.full(len(self.losses), np.nan)
            if self.problem.is_classification:
                accuracy = ((self.activation.jet(logits).value > self.activation.threshold) == labels).mean(axis=1)
            length = np.sqrt((gradient**2).sum(axis=1))
        for racer in range(len(self.losses)):
            if not self.status[racer] and not (np.isfinite(gradient[racer]).all() and np.isfinite(loss_now[racer])):
                self.status[racer] = f"diverged: the mean loss is {loss_now[racer]:.4g} after {len(self._past)} steps"
        self._past.append((self.weights.copy(), loss_now, accuracy, length))

    def _groups(self) -> list[tuple[float, NDArray[np.intp]]]:
        # the labels and their examples; a loss that sees the residual alone has them all at the label 0
        labels = self.problem.labels
        if not self.problem.is_classification:
            return [(0.0, np.arange(len(labels)))]
        return [(y, np.flatnonzero(labels == y)) for y in (0.0, 1.0)]

    def _newton(self, slope: Array, bends: Array, features: Array) -> Array:
        curvature = np.einsum("ri,ij,ik->rjk", bends, features, features) / len(features)
        steps = np.zeros_like(slope)
        for racer, (matrix, gradient) in enumerate(zip(curvature, slope, strict=True)):
            if self.status[racer] or not np.isfinite(matrix).all():
                continue
            least = float(np.linalg.eigvalsh(matrix)[0])
            if least <= 1e-14 * float(np.abs(matrix).max()):
                negative = least < 0
                why = "the curvature is negative: Newton climbs" if negative else "no curvature: Newton has no step"
                self.status[racer] = f"diverged: {why}, after {self.step} steps"
                continue
            steps[racer] = np.linalg.solve(matrix, gradient)
        return steps
