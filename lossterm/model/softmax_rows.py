"""The rows of a list of losses of K classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lossterm.core.softmax.formulas import SOFTMAX_LOSSES, SoftmaxLoss, find_softmax_loss
from lossterm.model.rows import ListRow


class SoftmaxRow(ListRow[SoftmaxLoss]):
    """One line of the list of losses of K classes."""

    registry: ClassVar[Mapping[str, SoftmaxLoss]] = SOFTMAX_LOSSES

    @classmethod
    def find(cls, name: str) -> SoftmaxLoss:
        """The loss of K classes that goes by a name.

        Raises:
            ValueError: there is none; the message names the nearest, or says that the loss is one of a single
                prediction.
        """
        return find_softmax_loss(name)
