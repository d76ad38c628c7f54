"""``lossterm.losses``: every loss by all its names, with its formula and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from lossterm.core import library_names
from lossterm.core.losses.formulas import LOSSES, Loss
from lossterm.core.names import contain
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES, SoftmaxLoss
from lossterm.model.notation import params_cell
from lossterm.notebook.asked import named
from lossterm.notebook.results import Columns, Result


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue(Result, Sequence[str]):
    """The ids of losses, as `lossterm.evaluate` takes them (those of K classes alone as `evaluate_softmax` does).

    Attributes:
        entries: what is known of each loss.
    """

    entries: tuple[Loss | SoftmaxLoss, ...]

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        ids = [entry.id for entry in self.entries]
        return ids[index]

    def __iter__(self) -> Iterator[str]:
        return (entry.id for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def columns(self) -> Columns:
        """A row a loss, with what ``lossterm list`` tells; lists of names are comma-separated."""
        return {
            "loss": list(self),
            "params": [params_cell({p.name: p.default for p in entry.parameters}) for entry in self.entries],
            "family": [entry.family.value if isinstance(entry, Loss) else "classes" for entry in self.entries],
            "formula": [entry.formula for entry in self.entries],
            "about": [entry.about for entry in self.entries],
            "source": [entry.source for entry in self.entries],
            "aliases": [", ".join(entry.aliases) for entry in self.entries],
            "libraries": [", ".join(_in_libraries(entry)) for entry in self.entries],
        }

    def shown(self) -> Columns:
        """The names and formulas."""
        told = self.columns()
        return {name: told[name] for name in ("loss", "params", "formula", "about", "aliases")}

    def title(self) -> str:
        """How many there are."""
        return "1 loss" if len(self) == 1 else f"{len(self)} losses"

    def gist(self) -> str:
        """The first of their ids."""
        told = ", ".join(list(self)[:_TOLD]) or "none"
        return f"{told} …" if len(self) > _TOLD else told


_TOLD = 12


def losses(matching: str = "") -> Catalogue:
    """Every loss that is known: those of one prediction, then those that are of K classes alone.

        >>> list(losses("BCEWithLogits"))
        ['cross-entropy']

    Args:
        matching: only those with this in any of their names, here or in a library.

    Returns:
        A sequence of ids; as a data frame with parameters and their defaults, family (what it compares the prediction
        with: value, probability or margin; classes), formula, source and all names.

    Raises:
        ValueError: ``matching`` is no text.
    """
    wanted = named(matching, "name to look for")
    every: list[Loss | SoftmaxLoss] = [*LOSSES.values()]
    every += [entry for entry in SOFTMAX_LOSSES.values() if entry.id not in LOSSES]
    return Catalogue(tuple(entry for entry in every if contain(_names(entry), wanted)))


def _names(entry: Loss | SoftmaxLoss) -> tuple[str, ...]:
    # a loss of one prediction goes by what libraries call its form for K classes, too
    tables = (
        (library_names.LOSSES, library_names.SOFTMAX_LOSSES)
        if isinstance(entry, Loss)
        else (library_names.SOFTMAX_LOSSES,)
    )
    return (entry.id, *entry.aliases, *(name for table in tables for name in library_names.all_of(table, entry.id)))


def _in_libraries(entry: Loss | SoftmaxLoss) -> tuple[str, ...]:
    table = library_names.LOSSES if isinstance(entry, Loss) else library_names.SOFTMAX_LOSSES
    return library_names.all_of({entry.id: {k: v for k, v in table.get(entry.id, {}).items() if k}}, entry.id)
