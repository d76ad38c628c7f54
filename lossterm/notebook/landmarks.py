"""``lossterm.landmarks``: minima, inflections, steepest points and crossings of losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from lossterm.core.losses import landmarks as core
from lossterm.core.losses.labels import number
from lossterm.core.losses.landmarks import Landmark
from lossterm.core.losses.objective import MEASURES, Objective
from lossterm.core.names import unknown
from lossterm.core.numbers import trimmed
from lossterm.model.subject import FARTHEST, Row
from lossterm.notebook.asked import named, number_in, several_rows, target
from lossterm.notebook.results import Columns, Result


@dataclass(frozen=True, eq=False, repr=False)
class FoundLandmarks(Result, Sequence[Landmark]):
    """Landmarks from left to right; ``curves`` of each are indices of `names`.

    Attributes:
        objectives: the losses behind the activation, for the label after smoothing.
        between: the logits between which they were sought.
        found: the landmarks.
    """

    objectives: tuple[Objective, ...]
    between: tuple[float, float]
    found: tuple[Landmark, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The losses as they are written on the command line."""
        return tuple(Row(o.loss.id, o.params).spec for o in self.objectives)

    @overload
    def __getitem__(self, index: int) -> Landmark: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Landmark]: ...

    def __getitem__(self, index: int | slice) -> Landmark | Sequence[Landmark]:
        return self.found[index]

    def __iter__(self) -> Iterator[Landmark]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def columns(self) -> Columns:
        """A row a landmark: what it is, of which losses, where, and the quantity's value there."""
        first = self.objectives[0]
        places = first.evaluate([landmark.logit for landmark in self.found]).prediction
        return {
            "kind": [landmark.kind.value for landmark in self.found],
            "losses": [",".join(self.names[i] for i in landmark.curves) for landmark in self.found],
            "logit": [landmark.logit for landmark in self.found],
            "prediction": places,
            "quantity": [landmark.quantity for landmark in self.found],
            "value": [landmark.height for landmark in self.found],
        }

    def title(self) -> str:
        """The losses, the label, the activation and the window."""
        first, (low, high) = self.objectives[0], self.between
        where = f"{trimmed(low)} ≤ z ≤ {trimmed(high)}"
        return f"{', '.join(self.names)} · y = {number(first.label)} · {first.activation.id} · {where}"

    def gist(self) -> str:
        """What there is, from left to right."""
        told = [f"{landmark.kind.value} at z = {trimmed(landmark.logit)}" for landmark in self.found[:4]]
        return ", ".join([*told, *(["…"] if len(self) > 4 else [])]) or "none"


def landmarks(
    losses: str | Sequence[str] = "cross-entropy,squared-error",
    *,
    label: float = 1.0,
    activation: str = "sigmoid",
    smoothing: float = 0.0,
    between: tuple[float, float] = (-8.0, 8.0),
    quantities: Sequence[str] = ("value", "d_logit"),
) -> FoundLandmarks:
    """Minima, inflections (the steepest of them apart) and crossings of losses, exact to the last bits.

        >>> [round(landmark.logit, 4) for landmark in landmarks("mse")]
        [-0.6931]

    Args:
        losses: names as on the command line, ``"ce,focal:gamma=3"`` or ``"all"`` that take the label, or a sequence of
            them.
        label: the label y, one that all of the losses take.
        activation: any name of an activation.
        smoothing: label smoothing s: y becomes y(1 − s) + s/2 first.
        between: two logits, the lower first.
        quantities: in what two losses may cross: fields of `evaluate`'s result.

    Returns:
        The landmarks from left to right, each with kind, logit, curves (indices of ``names``: one loss, or two that
        cross), quantity and height (that quantity there). Two of one kind that are closer than 1/384 of the window
        may be missed.

    Raises:
        ValueError: an unknown name, a parameter out of range, a label that one of the losses does not take, or an
            empty window; the message says what would be right.
    """
    y, link = target(label, activation, smoothing)
    rows = several_rows(losses, lambda row: row.entry.label_problem(y) is None)
    problem = next(filter(None, (row.entry.label_problem(y) for row in rows)), None)
    if problem:
        raise ValueError(problem)
    found = [Objective(row.entry, row.params, y, link) for row in rows]
    try:
        low, high = between
    except (TypeError, ValueError):
        raise ValueError(f"between must be two logits, such as (-8, 8), not {between!r}") from None
    low, high = (number_in(end, "an end of between", -FARTHEST, FARTHEST) for end in (low, high))
    if not low < high:
        raise ValueError(f"between must be two logits, the lower first, such as (-8, 8), not {between!r}")
    fields = (quantities,) if isinstance(quantities, str) else tuple(quantities)
    for name in fields:
        if name not in MEASURES:
            raise ValueError(unknown(named(name, "quantity"), "quantity", MEASURES))
    return FoundLandmarks(tuple(found), (low, high), tuple(core.landmarks(found, low, high, fields)))
