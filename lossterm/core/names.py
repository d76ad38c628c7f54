"""Finding an entry of a registry by any of its names, and the nearest one when there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from lossterm.core import library_names
from lossterm.core.plain import echoed

Libraries = Mapping[str, Mapping[str, tuple[str, ...]]]
"""What libraries call the entries of a registry: by id, then by library."""

NEAR = 0.6
"""How alike two names must be for the one to be a slip of the other: what is merely similar means something else."""


class Named(Protocol):
    """What an entry must tell of itself to be found."""

    @property
    def id(self) -> str:
        """The canonical name."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names."""


T = TypeVar("T", bound=Named)

SHORT = 3
"""So few letters are a short name."""

LONGEST_LIST = 2_000
"""Characters of the names that are listed where none is near."""


def normalise(name: str) -> str:
    """``"Log Loss"``, ``log_loss`` and ``log-loss`` are one name."""
    return "-".join(name.strip().lower().replace("_", " ").replace("-", " ").split())


def contain(names: Iterable[str], text: str) -> bool:
    """Whether any of the names contains ``text``, whatever its hyphens and capitals: what a filter shows.

    What spans words begins with one: ``squarederror`` is in ``squared-error``, ``dpo`` is not in ``compound-poisson``.
    """
    wanted, letters = normalise(text), library_names.key(text)

    def holds(name: str) -> bool:
        words = normalise(name).split("-")
        tails = ("".join(words[n:]) for n in range(len(words)))
        return wanted in "-".join(words) or any(library_names.key(tail).startswith(letters) for tail in tails)

    return any(map(holds, names))


def find(registry: Mapping[str, T], name: str, kind: str, libraries: Libraries | None = None) -> T:
    """The entry called ``name``, here or in a library.

    Raises:
        ValueError: nothing is called so; the message says why, or names the nearest.
    """
    wanted = normalise(name)
    for entry in registry.values():
        if wanted == entry.id or wanted in map(normalise, entry.aliases) or wanted in presets_of(entry):
            return entry
    found = None if libraries is None else library_names.by_library(libraries, name)
    if found is not None and found in registry:
        return registry[found]
    why = None if libraries is None else library_names.absent_because(name)
    if why is not None:
        raise ValueError(f"{name.strip()} {why}")
    every = (n for e in registry.values() for n in (e.id, *e.aliases, *presets_of(e)))
    raise ValueError(unknown(name, kind, every, [e.id for e in registry.values()]))


def presets_of(entry: object) -> Iterable[str]:
    """The names that stand for an entry with some parameters set."""
    presets: Iterable[str] = getattr(entry, "presets", ())
    return presets


def unknown(name: str, kind: str, names: Iterable[str], chief: Iterable[str] | None = None) -> str:
    """The sentence for a name that is not known.

    Args:
        name: as it was typed.
        kind: what it should be the name of.
        names: all that are known, of which the nearest is named.
        chief: those that are listed where none is near; all where nothing is given.
    """
    known = {normalise(n): n for n in names}
    wanted = normalise(name)
    # of three letters two are soon the same: a slip has the first one right
    meant = [n for n in known if len(wanted) > SHORT or n[:1] == wanted[:1]]
    near = difflib.get_close_matches(wanted, meant, n=1, cutoff=NEAR)
    if near:
        hint = f"did you mean {known[near[0]]}?"
    else:
        listed = ", ".join(known.values() if chief is None else chief)
        end = listed.rfind(", ", 0, LONGEST_LIST)
        more = f", … ({len(known):,} in all)"
        hint = f"choose from {listed if len(listed) <= LONGEST_LIST else listed[: max(end, 0)] + more}"
    return f"unknown {kind} {echoed(name)}: {hint}"
