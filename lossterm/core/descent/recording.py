"""What happens in a fit, step by step, in arrays that grow: adding a step and reading all of them are both cheap."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from lossterm.core.jets import Array

_FIRST = 256


@dataclass(frozen=True, eq=False)
class FitState:
    """All racers of a fit at one step, or at all steps, which are then along the first axis.

    Attributes:
        weights: shape (racers, dimensions), the bias last.
        loss: mean loss over all examples, shape (racers,).
        accuracy: share of right decisions; nan where nothing is decided.
        balanced: the balanced accuracy, the mean of the two classes' shares of right decisions; nan likewise.
        gradient: length of the gradient of the mean loss.
    """

    weights: Array
    loss: Array
    accuracy: Array
    balanced: Array
    gradient: Array


_NAMES = tuple(field.name for field in fields(FitState))


class Recording:
    """The states of a fit.

    Args:
        keep: how many steps after the start are kept; None for all of them.
    """

    def __init__(self, keep: int | None = None) -> None:
        self._most = None if keep is None else keep + 1
        self._count = 0
        self._rows: dict[str, Array] = {}

    def __len__(self) -> int:
        return self._count

    def add(self, state: FitState) -> None:
        """Keep one more, where there is room for it."""
        if self._most is not None and self._count >= self._most:
            return
        for name in _NAMES:
            value: Array = getattr(state, name)
            rows = self._rows.get(name)
            if rows is None:
                rows = self._rows[name] = np.empty((_FIRST, *value.shape))
            elif self._count >= len(rows):
                longer = np.empty((2 * len(rows), *value.shape))
                longer[: self._count] = rows
                rows = self._rows[name] = longer
            rows[self._count] = value
        self._count += 1

    @property
    def all(self) -> FitState:
        """Every step: views, not copies."""
        return FitState(*(self._rows[name][: self._count] for name in _NAMES))

    def at(self, step: int) -> FitState:
        """One step; the last one kept if it was not."""
        step = min(step, self._count - 1)
        return FitState(*(self._rows[name][step] for name in _NAMES))
