"""Several losses at every example of a problem: the values and slopes that a fit adds up.

The activation is evaluated once for all racers; each loss then reads its own row of the predictions. Labels are taken
one after the other, because ``v − y`` is exact in the tails only for a label that is one number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lossterm.core.descent.problems import FittingProblem
from lossterm.core.jets import Array, Jet
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.objective import composed


class PerExample:
    """The losses of several racers at the examples of a problem.

    Args:
        problem: the data.
        losses: the racers' losses with all their parameters.
        activation: the activation.
        order: 1 for slopes, 2 for curvatures too.

    Attributes:
        features: those of the problem, ordered by label.
        place: where each example of the problem is in that order.
        values: the losses, shape (racers, examples); like all of these, nan before the first `look`.
        slopes: ∂L/∂z.
        bends: ∂²L/∂z², 0 below order 2.
        parts: the labels of classes, each with its examples in that order.
        predictions: v; of a problem of residuals v − y.
    """

    def __init__(
        self, problem: FittingProblem, losses: Sequence[tuple[Loss, Params]], activation: Activation, order: int
    ) -> None:
        self._losses, self._activation, self._order = losses, activation, order
        sorted_ = np.argsort(problem.labels, kind="stable") if problem.is_classification else np.arange(problem.count)
        self.features = np.ascontiguousarray(problem.features[sorted_])
        self.place: NDArray[np.intp] = np.argsort(sorted_)
        self._residual_of = None if problem.is_classification else problem.labels
        zeros = int((problem.labels == 0).sum()) if problem.is_classification else problem.count
        parts = [(0.0, slice(0, zeros)), (1.0, slice(zeros, problem.count))]
        self.parts = [(label, part) for label, part in parts if part.start < part.stop]
        shape = (len(losses), problem.count)
        self.values, self.slopes, self.predictions = (np.full(shape, np.nan) for _ in range(3))
        self.bends = np.zeros(shape)

    def look(self, weights: Array, racers: Sequence[int]) -> None:
        """Evaluate some racers at their weights; the rows of the others stay as they are.

        Args:
            weights: of all racers, shape (racers, dimensions).
            racers: which.
        """
        if not racers:
            return
        logits = weights[list(racers)] @ self.features.T
        if self._residual_of is not None:
            logits -= self._residual_of
        for label, part in self.parts:
            whole = self._activation.jet(logits[:, part])
            rows = _Rows(whole.at_order(self._order))
            for at, racer in enumerate(racers):
                loss, params = self._losses[racer]
                # what is outside a loss's domain is overwritten in its jet: then it needs one of its own
                own = loss.predictions[0] > self._activation.lower or loss.predictions[1] < self._activation.upper
                v = self._activation.jet(logits[at, part]).at_order(self._order) if own else rows.of(at)
                jet = composed(loss, params, label, self._activation, v)
                self.values[racer, part] = jet.value
                self.slopes[racer, part] = jet.first
                if jet.second is not None:
                    self.bends[racer, part] = jet.second
                self.predictions[racer, part] = whole.value[at]


def pulls(
    problem: FittingProblem, losses: Sequence[tuple[Loss, Params]], activation: Activation, weights: Array
) -> tuple[Array, Array]:
    """Losses and ∂L/∂z of each example, in the order of the problem.

    Args:
        problem: the data.
        losses: the racers' losses with all their parameters.
        activation: the activation; "identity" for real targets.
        weights: of each racer, shape (racers, dimensions).

    Returns:
        Both of shape (racers, examples).
    """
    each = PerExample(problem, losses, activation, 1)
    with np.errstate(all="ignore"):
        each.look(weights, range(len(losses)))
    return each.values[:, each.place], each.slopes[:, each.place]


class _Rows:
    """The rows of a jet of many rows, with the memories of the whole, each worked out once."""

    def __init__(self, whole: Jet) -> None:
        self._whole = whole
        self._differences: dict[float, _Rows] = {}
        self._log: _Rows | None = None

    def of(self, row: int) -> Jet:
        whole = self._whole
        jet = Jet(
            whole.value[row],
            None if whole.first is None else whole.first[row],
            None if whole.second is None else whole.second[row],
            log=self._log_of(row),
            difference=lambda constant: self._difference(constant).of(row),
        )
        if whole.origin is not None:
            jet.origin = whole.origin.at(row)
        return jet

    def _log_of(self, row: int) -> Callable[[], Jet | None]:
        def log() -> Jet | None:
            if self._log is None:
                if self._whole.log is None:
                    return None
                self._log = _Rows(self._whole.log)
            return self._log.of(row)

        return log

    def _difference(self, constant: float) -> _Rows:
        if constant not in self._differences:
            self._differences[constant] = _Rows(self._whole.difference(constant))
        return self._differences[constant]
