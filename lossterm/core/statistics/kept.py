"""The rows that are kept of a question, in parts one after another: what needs every row at once is found from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.examples import Examples, RowNumbers

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Kept:
    """Columns that are kept in parts.

    Attributes:
        given: the predictions as they are in the file.
        label: y; whole numbers take a byte.
        slopes: |∂L/∂z| of each loss; of K classes Σ_k |∂L/∂z_k|.
        weight: w, where there are weights.
        row: the numbers of the rows.
        told: of values what tells their distributions.
        numbers: how many predictions there are in all columns.
    """

    given: list[Array] = field(default_factory=list)
    label: list[NDArray[np.float64] | NDArray[np.int8]] = field(default_factory=list)
    slopes: list[list[Array]] = field(default_factory=list)
    weight: list[Array] = field(default_factory=list)
    row: list[RowNumbers] = field(default_factory=list)
    told: list[Array] = field(default_factory=list)
    numbers: int = 0

    def add(self, examples: Examples, label: NDArray[np.float64] | NDArray[np.int8], slopes: Sequence[Array]) -> None:
        """Keep a batch.

        Args:
            examples: the rows.
            label: their labels, in a byte where they are whole.
            slopes: of each loss.
        """
        self.row.append(examples.row_numbers)
        self.given.append(examples.prediction)
        self.label.append(label)
        self.slopes.append(list(slopes))
        self.numbers += examples.prediction.size
        if examples.weight is not None:
            self.weight.append(examples.weight)
        if examples.told is not None:
            self.told.append(examples.told)

    def merge(self, other: Kept) -> None:
        """Keep what another keeps, after these rows."""
        self.row += other.row
        self.given += other.given
        self.label += other.label
        self.slopes += other.slopes
        self.weight += other.weight
        self.told += other.told
        self.numbers += other.numbers

    def predictions(self) -> tuple[Array, Array]:
        """Predictions and labels, in the order of the file."""
        return _joined(self.given), _joined(self.label).astype(float)

    def weights(self) -> Array:
        """Weights, in the order of the file."""
        return _joined(self.weight)

    def sizes(self, loss: int) -> Array:
        """|∂L/∂z| of one of the losses, in the order of the file."""
        return _joined([part[loss] for part in self.slopes])


def _joined(parts: list[Array] | list[NDArray[np.float64] | NDArray[np.int8]]) -> Array:
    joined: Array = np.concatenate(parts) if parts else np.empty(0)
    return joined
