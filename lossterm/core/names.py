"""Finding an entry of a registry by any of its names, and the nearest one when there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar


class Named(Protocol):
    """What an entry must tell of itself to be found."""

    @property
    def id(self) -> str:
        """The canonical name."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names."""


T = TypeVar("T", bound=Named)


def normalise(name: str) -> str:
    """``"Log Loss"``, ``log_loss`` and ``log-loss`` are one name."""
    return "-".join(name.strip().lower().replace("_", " ").replace("-", " ").split())


def find(registry: Mapping[str, T], name: str, kind: str) -> T:
    """The entry called ``name``.

    Raises:
        ValueError: nothing is called so; the message names the nearest.
    """
    wanted = normalise(name)
    for entry in registry.values():
        if wanted == entry.id or wanted in map(normalise, entry.aliases):
            return entry
    raise ValueError(unknown(name, kind, (n for e in registry.values() for n in (e.id, *e.aliases))))


def unknown(name: str, kind: str, names: Iterable[str]) -> str:
    """The sentence for a name that is not known."""
    known = {normalise(n): n for n in names}
    near = difflib.get_close_matches(normalise(name), known, n=1, cutoff=0.4)
    hint = f"did you mean {known[near[0]]}?" if near else f"choose from {', '.join(known.values())}"
    return f"unknown {kind} {name!r}: {hint}"
