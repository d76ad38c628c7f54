"""The built-in losses in the language of a loss of one's own, to be read and to be changed."""

from __future__ import annotations

import re

from lossterm.core.losses.formulas import LOSSES, Params
from lossterm.core.losses.own.grammar import LONGEST_NAME, OwnParameter, restarted
from lossterm.core.names import normalise

_RENAMED = {"clip": "clip_at"}
"""Parameters whose names are words of the language."""


def example(loss: str, params: Params | None = None) -> str:
    """A definition of a loss of one's own that is a built-in one, under a name that is free.

    Args:
        loss: its id.
        params: parameters that the example starts at; its own where nothing is said.

    Returns:
        The definition; only a beginning where the loss cannot be told in the language.
    """
    name, entry, values = free_name(loss), LOSSES[loss], params or {}
    if not entry.expression:
        return f"{name}: "
    settings = ", ".join(
        OwnParameter(_RENAMED.get(p.name, p.name), p.default, p.lower, p.upper, p.open).text
        for p in entry.parameters
        if p.default is not None
    )
    expression = entry.expression
    for word, other in _RENAMED.items():
        expression = re.sub(rf"\b{word}\b(?! *\()", other, expression)
    text = f"{name}({settings}): {expression}" if settings else f"{name}: {expression}"
    return restarted(text, {_RENAMED.get(key, key): value for key, value in values.items() if value is not None})


def free_name(loss: str) -> str:
    """``my-focal``, or ``my-focal-2`` where that is there already."""
    names = {normalise(name) for entry in LOSSES.values() for name in (entry.id, *entry.aliases)}
    base = f"my-{loss.removeprefix('my-')}"[: LONGEST_NAME - 3].rstrip("-")
    return next(name for n in range(1, 1000) if (name := base if n == 1 else f"{base}-{n}") not in names)
