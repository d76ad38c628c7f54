"""``lossterm.compute_properties``: what is true of losses, found from their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lossterm.core.losses.labels import number
from lossterm.core.losses.objective import Objective
from lossterm.core.properties import ABOUT, Property, Value, properties
from lossterm.model.notation import params_cell
from lossterm.model.subject import Row
from lossterm.notebook.asked import one_of, several_rows, target
from lossterm.notebook.results import Columns, Result


@dataclass(frozen=True, eq=False, repr=False)
class LossProperties(Result, Mapping[str, Mapping[str, Property]]):
    """The properties of losses: ``found["mse"]["saturates"].value``, by any name of a loss that was asked for.

    Iterating gives the names as they are written on the command line, in the order asked.

    Attributes:
        objectives: the losses behind the activation, for the label after smoothing.
        smoothing: s.
        found: the properties of each, by name, in the order of ``lossterm properties``.
    """

    objectives: tuple[Objective, ...]
    smoothing: float
    found: tuple[Mapping[str, Property], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The losses as they are written on the command line."""
        return tuple(Row(o.loss.id, o.params).spec for o in self.objectives)

    def __getitem__(self, loss: str) -> Mapping[str, Property]:
        """The properties of one of the losses.

        Raises:
            KeyError: a loss that was not asked for; the message names those that were.
        """
        return dict(zip(self.names, self.found, strict=True))[one_of(loss, self.names)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.objectives)

    def columns(self) -> Columns:
        """A row a loss and a property; the value as text, as in the CSV of ``lossterm properties``."""
        rows = [(o, name, p) for o, f in zip(self.objectives, self.found, strict=True) for name, p in f.items()]
        return {
            "loss": [o.loss.id for o, _, _ in rows],
            "params": [params_cell(dict(o.params)) for o, _, _ in rows],
            "label": [float(o.label) for o, _, _ in rows],
            "smoothing": [self.smoothing] * len(rows),
            "activation": [o.activation.id for o, _, _ in rows],
            "property": [name for _, name, _ in rows],
            "value": [_as_text(p.value) for _, _, p in rows],
            "tolerance": [p.tolerance for _, _, p in rows],
            "evidence": [p.evidence for _, _, p in rows],
        }

    def shown(self) -> Columns:
        """The comparison table, a row a property; of one loss the evidence beside it."""
        values = {
            name: [found[p].value if found[p].value is not None else "?" for p in ABOUT] for name, found in self.items()
        }
        table: dict[str, Sequence[Value]] = {"property": list(ABOUT), **values}
        return table if len(self) != 1 else {**table, "evidence": [self.found[0][p].evidence for p in ABOUT]}

    def title(self) -> str:
        """The losses, the label and the activation."""
        first = self.objectives[0]
        return f"{', '.join(self.names)} · y = {number(first.label)} · {first.activation.id}"

    def gist(self) -> str:
        """How many properties there are."""
        return f"{len(ABOUT)} properties of {len(self)} {'loss' if len(self) == 1 else 'losses'}"


def _as_text(value: Value) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def compute_properties(
    losses: str | Sequence[str] = "cross-entropy,squared-error",
    *,
    label: float = 1.0,
    activation: str = "sigmoid",
    smoothing: float = 0.0,
) -> LossProperties:
    """What is true of losses behind an activation, computed from the functions, with the evidence.

        >>> compute_properties("ce,mse")["mse"]["convex_in_logit"].value
        False

    Args:
        losses: names as on the command line, ``"ce,focal:gamma=3"`` or ``"all"``, or a sequence of them.
        label: the label y; of a loss that does not take it what depends on the label is undecided.
        activation: any name of an activation.
        smoothing: label smoothing s: y becomes y(1 − s) + s/2 first.

    Returns:
        For each loss its properties by name (``lossterm properties --format json`` has the same names), each with
        value (True, False, a number, a text; None is undecided), evidence and tolerance.

    Raises:
        ValueError: an unknown name, a parameter out of range, or a label that cannot be smoothed; the message says
            what would be right.
    """
    y, link = target(label, activation, smoothing)
    found = [Objective(row.entry, row.params, y, link) for row in several_rows(losses)]
    tables = (properties(o.loss, dict(o.params), o.activation, o.label) for o in found)
    return LossProperties(tuple(found), float(smoothing), tuple(tables))
