"""What a file must show: figures held against bounds, for those who run it where nobody looks."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.labels import number
from lossterm.core.names import normalise, unknown
from lossterm.core.numbers import parse
from lossterm.core.plain import echoed
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "≤": operator.le, "≥": operator.ge,
}  # fmt: skip

_FORM = re.compile(r"^\s*(?P<name>[^<>=≤≥]+?)\s*(?P<operator><=|>=|<|>|≤|≥)\s*(?P<bound>[^<>=≤≥]+?)\s*$")

_HOW = "write a figure, <, <=, > or >=, and a number: 'ece<.03'"


@dataclass(frozen=True)
class Requirement:
    """A bound on a figure.

    Attributes:
        name: of the figure: its path in the document, the last part of it where no other has it, or a loss.
        relation: one of `OPERATORS`.
        bound: what it is held against.
        text: as it was typed.
    """

    name: str
    relation: str
    bound: float
    text: str


@dataclass(frozen=True)
class Held:
    """A requirement and what was found.

    Attributes:
        requirement: what was asked.
        path: of the figure in the document.
        value: of the figure; None where there is none.
    """

    requirement: Requirement
    path: str
    value: float | None

    @property
    def holds(self) -> bool:
        """Whether it is so; what does not exist does not hold."""
        asked = self.requirement
        return self.value is not None and OPERATORS[asked.relation](self.value, asked.bound)

    def record(self) -> dict[str, object]:
        """For programs."""
        value = self.value
        told = value if value is None or math.isfinite(value) else str(value)
        return {"require": self.requirement.text, "figure": self.path, "value": told, "holds": self.holds}

    def __str__(self) -> str:
        value = "null, which is in no bound" if self.value is None else number(self.value)
        return f"{self.requirement.text} {'holds' if self.holds else 'does not hold'}: {self.path} is {value}"


def requirement(text: str) -> Requirement:
    """A requirement as it is typed.

    Raises:
        ValueError: it is none.
    """
    found = _FORM.match(text)
    if found is None:
        raise ValueError(f"--require {echoed(text)}: {_HOW}")
    try:
        bound = parse(found["bound"])
    except ValueError:
        raise ValueError(f"--require {echoed(text)}: {echoed(found['bound'])} is not a number; {_HOW}") from None
    if math.isnan(bound):
        raise ValueError(f"--require {echoed(text)}: nothing is less or more than nan; {_HOW}")
    return Requirement(found["name"], found["operator"], bound, text)


def held(asked: Sequence[Requirement], document: Mapping[str, Any]) -> list[Held]:
    """What the figures of a document say of each requirement.

    Raises:
        ValueError: a name is that of no figure, or of several.
    """
    figures = FigurePaths()
    for name, value in document.items():
        if name == "losses":
            figures.add_losses(value)
        elif name not in ("worst", "notes", "columns"):
            figures.add(name, value)
    return [_held(one, figures) for one in asked]


def _held(asked: Requirement, figures: FigurePaths) -> Held:
    path = figures.path(asked.name)
    value = figures.values.get(path)
    if value is None:
        return Held(asked, path, None)
    if isinstance(value, bool) or not (isinstance(value, int | float) or value in ("inf", "-inf")):
        raise ValueError(f"--require {echoed(asked.text)}: {path} is no number, but {echoed(str(value))}")
    return Held(asked, path, float(value))


@dataclass
class FigurePaths:
    """The figures of a document by their paths.

    Attributes:
        values: by path: parts of parts after dots, the places of lists in brackets.
        aliases: paths that are another way to a figure: places in lists whose entries have names of their own.
        losses: the names of losses of which one is asked for, with the path of each.
    """

    values: dict[str, object] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    losses: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, value: object, *, alias: bool = False) -> None:
        """Add a part of a document."""
        if isinstance(value, Mapping):
            for key, part in value.items():
                self.add(f"{path}.{key}", part, alias=alias)
        elif isinstance(value, list):
            names = [_name_of(part) for part in value]
            for place, (name, part) in enumerate(zip(names, value, strict=True)):
                named = name is not None and names.count(name) == 1
                self.add(f"{path}[{place}]", part, alias=alias or named)
                if named:
                    self.add(f"{path}.{name}", part, alias=alias)
        else:
            self.values[path] = value
            if alias:
                self.aliases.add(path)

    def add_losses(self, losses: Sequence[Mapping[str, Any]]) -> None:
        """Add the losses: by their names, where there is one of a name."""
        ids = [loss["loss"] for loss in losses]
        for place, loss in enumerate(losses):
            figures = {key: value for key, value in loss.items() if key not in ("loss", "params")}
            named = ids.count(loss["loss"]) == 1
            self.add(f"losses[{place}]", figures, alias=named)
            if named:
                self.losses[loss["loss"]] = f"losses.{loss['loss']}"
                self.add(f"losses.{loss['loss']}", figures)

    def path(self, name: str) -> str:
        """The path that a name stands for: itself, the mean of a loss, the one that ends so, or the null it is part of.

        Raises:
            ValueError: there is none, or there are several.
        """
        if name in self.values:
            return name
        head, _, rest = name.partition(".")
        loss = self.losses.get(head) or self.losses.get(_loss_called(head))
        if loss is not None and f"{loss}.{rest or 'mean'}" in self.values:
            return f"{loss}.{rest or 'mean'}"
        found = [path for path in self.values if path.endswith(f".{name}") and path not in self.aliases]
        if len(found) == 1:
            return found[0]
        if found:
            some = ", ".join(found[:4]) + (" …" if len(found) > 4 else "")
            raise ValueError(f"--require: {echoed(name)} is the end of {len(found)} figures: {some}")
        parts = name.split(".")
        for end in range(len(parts) - 1, 0, -1):  # a part of what does not exist here does not exist either
            whole = ".".join(parts[:end])
            if whole in self.values and self.values[whole] is None:
                return whole
        if _loss_called(head) in {**LOSSES, **SOFTMAX_LOSSES}:
            raise ValueError(f"--require: {echoed(head)} is a loss that is not asked for: --loss {_loss_called(head)}")
        chief = [path for path in self.values if "." not in path and "[" not in path]
        ends = {path.rpartition(".")[2] for path in self.values}
        raise ValueError(f"--require: {unknown(name, 'figure', [*self.losses, *self.values, *ends], chief[:8])}")


def _name_of(part: object) -> str | None:
    # what an entry of a list is called: a method of recalibration, a loss of a comparison
    names = (part.get(key) for key in ("method", "loss")) if isinstance(part, Mapping) else ()
    return next((name for name in names if isinstance(name, str)), None)


def _loss_called(name: str) -> str:
    for registry in (LOSSES, SOFTMAX_LOSSES):
        for loss in registry.values():
            if normalise(name) in map(normalise, (loss.id, *loss.aliases)):
                return loss.id
    return name
