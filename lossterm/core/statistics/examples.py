"""Examples from a file: a batch of labels and predictions, as the statistics take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from lossterm.core.jets import Array

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RowNumbers: TypeAlias = "range | NDArray[np.int64]"
"""Numbers of rows, ascending: a range where none is left out."""

Kind: TypeAlias = Literal["probability", "logit", "value"]
"""What a prediction is: the probability of class 1 (of each class), its logit (the logits), or a plain number."""


LEAST_WEIGHT, LARGEST_WEIGHT = 1e-150, 1e150
"""Of weights that are not 0: their squares are doubles of all digits, and so are sums of these."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Some rows of a file.

    Attributes:
        row: their numbers, from 1, ``(n,)`` int64; counted through where several files are read as one.
        label: 0 or 1 (or a soft label, or a real target), or the index of the class where there are K, ``(n,)``.
        prediction: ``(n,)``, or ``(n, K)``.
        weight: ``(n,)``, or None where every example weighs 1.
        group: index of the group of each, ``(n,)`` int32, or None.
        told: of values what tells their distributions, ``(n, m)`` quantiles or ``(n, 1)`` standard deviations, or None.
    """

    row: NDArray[np.int64]
    label: Array
    prediction: Array
    weight: Array | None = None
    group: NDArray[np.int32] | None = None
    told: Array | None = None

    def __len__(self) -> int:
        return len(self.label)

    @property
    def row_numbers(self) -> RowNumbers:
        """The numbers of the rows, as short as can be."""
        first, last = (int(self.row[at]) for at in (0, -1)) if len(self.row) else (0, -1)
        return range(first, last + 1) if last - first + 1 == len(self.row) else self.row

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Examples:
        """The examples at some places."""
        return Examples(
            self.row[which],
            self.label[which],
            self.prediction[which],
            None if self.weight is None else self.weight[which],
            None if self.group is None else self.group[which],
            None if self.told is None else self.told[which],
        )
