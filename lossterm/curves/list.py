"""``lossterm list``: the losses and activations with all their names, here and in libraries, and their parameters."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from lossterm.core import library_names
from lossterm.core.losses.activations import ACTIVATIONS, Activation, find_activation
from lossterm.core.losses.formulas import LOSSES, Loss, Parameter
from lossterm.core.losses.labels import Family, family_called, number
from lossterm.core.names import unknown
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES, SoftmaxLoss, find_softmax_loss
from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.printing import wrapped
from lossterm.model.records import json_text
from lossterm.model.sections import ABOUT
from lossterm.model.subject import Row, home_words

EXAMPLES = (
    "lossterm list",
    "lossterm list preference",
    "lossterm list BCEWithLogitsLoss",
    "lossterm list activations --format json",
)
FAMILIES = tuple(family.value for family in Family)
WHAT = ("losses", "activations", *FAMILIES)

OF_CLASSES = {name: loss for name, loss in SOFTMAX_LOSSES.items() if name not in LOSSES}
"""Losses that are of K classes alone."""

T = TypeVar("T")

Found = tuple[Sequence[Loss | SoftmaxLoss], Sequence[Activation]]
"""The losses and the activations that are told."""


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm list", "Every loss and activation, with all its names.", EXAMPLES)
    declared.add_argument(
        "what",
        nargs="?",
        metavar="losses|activations|FAMILY|NAME",
        help=f"only these, a family ({', '.join(FAMILIES)}), or one by any of its names (default all)",
    )
    add_define_flag(declared)
    add_format(declared, "text", "json")
    return declared


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json")
    losses, activations = _found(options.what)
    if form == "json":
        document = {"losses": [_loss(x) for x in losses], "activations": [_activation(x) for x in activations]}
        print(json_text(document, indent=1))
    else:
        entries = [*_groups(losses), *([["── activations"]] if len(activations) > 1 else [])]
        entries += map(_activation_lines, activations)
        print("\n\n".join("\n".join(line for text in lines for line in _wrapped(text)) for lines in entries))
    return 0


def _found(what: str | None) -> Found:
    every: list[Loss | SoftmaxLoss] = [*LOSSES.values(), *OF_CLASSES.values()]
    if what is None:
        return every, tuple(ACTIVATIONS.values())
    if what == "losses":
        return every, ()
    if what == "activations":
        return (), tuple(ACTIVATIONS.values())
    if (family := family_called(what)) is not None:
        return [loss for loss in LOSSES.values() if loss.family is family], ()
    scalar, of_classes = _named(Row.find, what), _named(find_softmax_loss, what)
    told: list[Loss | SoftmaxLoss] = [] if scalar is None else [scalar]
    told += [] if of_classes is None or (scalar is not None and scalar.id == of_classes.id) else [of_classes]
    activation = _named(find_activation, what)
    if not told and activation is None:
        near = difflib.get_close_matches(what, WHAT, n=1)
        if near:
            raise ValueError(unknown(what, "list", WHAT))
        Row.find(what)  # which says what is near, or why there is none
    return told, () if activation is None else (activation,)


def _groups(losses: Sequence[Loss | SoftmaxLoss]) -> list[list[str]]:
    # each family under its heading; one loss alone needs none
    if len(losses) < 2:
        return [_loss_lines(entry) for entry in losses]
    result = []
    for family in Family:
        members = [entry for entry in losses if isinstance(entry, Loss) and entry.family is family]
        if members:
            heading = f"── {ABOUT[family]} · at home {home_words(members[0])}"
            result += [[heading], *map(_loss_lines, members)]
    classes = [entry for entry in losses if isinstance(entry, SoftmaxLoss)]
    return [*result, *([["── losses of K classes alone"]] if classes else []), *map(_loss_lines, classes)]


def _named(find: Callable[[str], T], name: str) -> T | None:
    try:
        return find(name)
    except ValueError:
        return None


def _bound(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _libraries(entry: Loss | SoftmaxLoss) -> Mapping[str, Sequence[str]]:
    table = library_names.LOSSES if isinstance(entry, Loss) else library_names.SOFTMAX_LOSSES
    return {library: names for library, names in table.get(entry.id, {}).items() if library}


def _loss(entry: Loss | SoftmaxLoss) -> dict[str, Any]:
    scalar = entry if isinstance(entry, Loss) else None
    return {
        "loss": entry.id,
        "aliases": list(entry.aliases),
        "libraries": {library: list(names) for library, names in _libraries(entry).items()},
        "family": scalar.family.value if scalar else "classes",
        "formula": entry.formula,
        **({"definition": scalar.definition} if scalar and scalar.definition else {}),
        "about": entry.about,
        "source": entry.source,
        "labels": ([0, 1] if scalar.hard_only else [_bound(x) for x in scalar.labels]) if scalar else None,
        "predictions": [_bound(x) for x in scalar.predictions] if scalar else [0, 1],
        "params": [
            {
                "name": p.name,
                "symbol": p.symbol,
                "default": p.default,
                "range": p.range_text() if isinstance(p, Parameter) else " or ".join(p.options),
                "about": p.about,
            }
            for p in entry.parameters
        ],
    }


def _activation(a: Activation) -> dict[str, Any]:
    return {
        "activation": a.id,
        "aliases": list(a.aliases),
        "libraries": {library: list(names) for library, names in library_names.ACTIVATIONS.get(a.id, {}).items()},
        "formula": a.formula,
        "about": a.about,
        "range": [_bound(a.lower), _bound(a.upper)],
    }


def _wrapped(line: str) -> list[str]:
    # what an entry says of itself is indented, and more so where it goes on
    return wrapped(line, " " * (len(line) - len(line.lstrip()) + 4))


def _loss_lines(entry: Loss | SoftmaxLoss) -> list[str]:
    source = f" ({entry.source})" if entry.source else ""
    source += "" if isinstance(entry, Loss) else ", of K classes"
    lines = [f"{entry.id}   {entry.formula}", f"    {entry.about}{source}"]
    lines += [f"    also {', '.join(entry.aliases)}"] if entry.aliases else []
    lines += [f"    {library}: {', '.join(names)}" for library, names in _libraries(entry).items()]
    for p in entry.parameters:
        default = "off" if p.default is None else p.default if isinstance(p.default, str) else number(p.default)
        within = f"{p.range_text()}, " if isinstance(p, Parameter) else f"{' or '.join(p.options)}: "
        lines.append(f"    :{p.name}={default}   {p.symbol} {within}{p.about}")
    return lines


def _activation_lines(a: Activation) -> list[str]:
    lines = [f"{a.id}   {a.formula}", f"    {a.about}"]
    lines += [f"    also {', '.join(a.aliases)}"] if a.aliases else []
    named = library_names.ACTIVATIONS.get(a.id, {})
    return [*lines, *(f"    {library}: {', '.join(names)}" for library, names in named.items())]
