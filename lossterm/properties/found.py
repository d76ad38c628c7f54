"""What has been computed of the properties of losses: remembered by all that they depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lossterm.core.losses.objective import Objective
from lossterm.core.properties import Property, properties
from lossterm.properties import words

REMEMBERED = 2000
"""Losses whose properties are kept, behind whatever activations and for whatever labels."""

Key = tuple[object, ...]
"""What the properties of a loss depend on."""


def key_of(objective: Objective) -> Key:
    """The same for objectives that have the same properties."""
    return (objective.loss.id, objective.loss.compute, objective.params, objective.label, objective.activation.id)


def compute(
    objectives: Sequence[Objective],
    take: Callable[[Objective, Mapping[str, Property]], object],
    is_cancelled: Callable[[], bool],
) -> None:
    """Compute the properties of several losses, one after the other; to be called in a thread.

    Args:
        objectives: the losses.
        take: is given each when it is there.
        is_cancelled: whether to stop before the next one.
    """
    for objective in objectives:
        if is_cancelled():
            return
        take(objective, properties(objective.loss, dict(objective.params), objective.activation, objective.label))


class FoundProperties:
    """The properties that are known, and the cells of their rows."""

    def __init__(self) -> None:
        self._found: dict[Key, Mapping[str, Property]] = {}
        self._texts: dict[Key, words.Texts] = {}

    def __len__(self) -> int:
        return len(self._found)

    def take(self, objective: Objective, found: Mapping[str, Property]) -> None:
        """Remember the properties of a loss; beyond `REMEMBERED` the oldest are forgotten."""
        key = key_of(objective)
        self._found[key], self._texts[key] = found, words.texts(found)
        while len(self._found) > REMEMBERED:
            oldest = next(iter(self._found))
            del self._found[oldest], self._texts[oldest]

    def of(self, objective: Objective) -> Mapping[str, Property] | None:
        """The properties of a loss; None where they are not yet computed."""
        return self._found.get(key_of(objective))

    def texts(self, objective: Objective) -> words.Texts | None:
        """The cells of a loss's row; None where they are not yet computed."""
        return self._texts.get(key_of(objective))
