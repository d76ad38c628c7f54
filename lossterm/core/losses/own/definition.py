"""From the text of a loss of one's own to a loss like the others."""

from __future__ import annotations

import math
from functools import lru_cache

from lossterm.core import library_names
from lossterm.core.losses.formulas import LOSSES, Loss, Parameter
from lossterm.core.losses.labels import Family
from lossterm.core.losses.own.grammar import FormulaError, OwnParameter, Parsed, parsed
from lossterm.core.names import normalise
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES

SOURCE = "yours"
"""Where such a loss comes from, as it is told."""

ABOUT = {
    Family.PROBABILITY: "your own: of a probability, for a label in [0, 1]",
    Family.MARGIN: "your own: of a score, for the labels 0 and 1",
    Family.VALUE: "your own: of a value, for any label",
}
"""What is said of it in one line."""

RESERVED = {"all", "losses", "activations", "off", "none"}
"""Words that mean something else where the name of a loss stands."""

_STEPS = (1.0, 2.0, 5.0)


@lru_cache(maxsize=512)
def defined(text: str, usual: str = "") -> Loss:
    """The loss of a definition.

    Args:
        text: ``name(g=4[0,10]): -y*log(p) - …``.
        usual: the name of a formula that has no head; empty where it must have one.

    Raises:
        FormulaError: it is none, or its name is that of another loss; the message says where, and what would be right.
    """
    read = parsed(text)
    name = read.name or usual
    if not name:
        raise FormulaError("a name is expected first, as in mine: (1 - p_t)**2", text, 0)
    taken = taken_by(name)
    if taken:
        at = len(text) - len(text.lstrip())
        raise FormulaError(f"{name} is {taken}: take another name, such as my-{name}"[:200], text, at)
    head = name + (f"({', '.join(s.text for s in read.settings)})" if read.settings else "")
    family = _family(read)
    probability, margin = family is Family.PROBABILITY, family is Family.MARGIN
    return Loss(
        name,
        (),
        family,
        read.body,
        ABOUT[family],
        SOURCE,
        read.body,
        tuple(map(_parameter, read.settings)),
        predictions=(0.0, 1.0) if probability else (-math.inf, math.inf),
        labels=(0.0, 1.0) if probability else (-1.0, 1.0) if margin else (-math.inf, math.inf),
        hard_only=margin,
        definition=f"{head}: {read.body}",
    )


def _family(read: Parsed) -> Family:
    if read.names & {"p", "p_t"}:
        return Family.PROBABILITY
    return Family.MARGIN if "s" in read.names and "r" not in read.names else Family.VALUE


def _parameter(setting: OwnParameter) -> Parameter:
    return Parameter(
        setting.name, setting.name, setting.default, setting.lower, setting.upper, _step(setting),
        "a parameter of yours", setting.open,
    )  # fmt: skip


def _step(setting: OwnParameter) -> float:
    # a twentieth of a range; else about an eighth of where it starts
    if math.isfinite(setting.upper - setting.lower):
        wanted = (setting.upper - setting.lower) / 20
    else:
        wanted = abs(setting.default) / 8 or 0.1
    power = 10.0 ** math.floor(math.log10(max(wanted, 1e-12)))
    return float(f"{max((s for s in _STEPS if s * power <= wanted * 1.0001), default=1.0) * power:.3g}")


@lru_cache(maxsize=512)
def taken_by(name: str) -> str:
    """What a name is of already, so that no loss of one's own can have it; empty where it is free."""
    wanted = normalise(name)
    if wanted in RESERVED:
        return "a word of the command line"
    for entry in LOSSES.values():
        if not entry.definition and wanted in (entry.id, *map(normalise, (*entry.aliases, *entry.presets))):
            return "a built-in loss" if wanted == entry.id else f"a name of {entry.id}"
    for other in SOFTMAX_LOSSES.values():
        if wanted in (other.id, *map(normalise, other.aliases)):
            return f"{'the loss' if wanted == other.id else 'a name of'} {other.id} of K classes"
    found = library_names.by_library(library_names.LOSSES, name)
    return f"what a library calls {found}" if found is not None else ""
