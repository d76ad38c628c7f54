"""From which point on something is so: found on a grid outward from 0 and then between its points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.numbers import trimmed
from lossterm.core.remembered import Remembered

FARTHEST = 700.0
"""How far out is looked: beyond it the exact numbers leave the doubles themselves."""

Ends: TypeAlias = "tuple[float | None, float | None]"
"""Below the first and above the second number it is so; None where it is not, on that side."""


def ends_text(ends: Ends, below: str = "<", above: str = ">") -> str:
    """Where it is so, in words: ``z < −100 and z > 4.9``; empty where it is nowhere."""
    signs = zip((below, above), ends, strict=True)
    return " and ".join(f"z {sign} {trimmed(end, 3)}" for sign, end in signs if end is not None)


Conditions: TypeAlias = Callable[[Array], Sequence[Array]]
"""From points to conditions, each 1 where it holds, 0 where it does not, nan where there is nothing to tell."""

_FINE = 257
_GRID: Remembered[Array] = Remembered(1)


def _distances() -> Array:
    # from 0 to the farthest: 16 a unit up to 128, wider beyond
    return _GRID.of("grid", lambda: np.concatenate((np.arange(0, 128, 1 / 16), np.linspace(128, FARTHEST, 573))))


def held_from(conditions: Conditions) -> list[Ends]:
    """Where each of several conditions begins to hold for good, on either side of 0."""
    return _ends(conditions, _last_lack)


def first_held(conditions: Conditions) -> list[Ends]:
    """The points nearest to 0, on either side, at which each condition holds; it need not hold for good."""
    return _ends(conditions, _before_first)


def _ends(conditions: Conditions, before: Callable[[Array], int | None]) -> list[Ends]:
    at = _distances()
    sides = [
        [_refined(conditions, k, held, side, before) for k, held in enumerate(conditions(side * at))]
        for side in (-1.0, 1.0)
    ]
    return list(zip(*sides, strict=True))


def _last_lack(held: Array) -> int | None:
    # the place of the last point that lacks it, −1 for none; None where it does not hold beyond
    lacks = np.flatnonzero(held == 0)
    last = int(lacks[-1]) if lacks.size else -1
    return last if (held[last + 1 :] == 1).any() else None


def _before_first(held: Array) -> int | None:
    # the place before the first point that has it
    met = np.flatnonzero(held == 1)
    return int(met[0]) - 1 if met.size else None


def _refined(
    conditions: Conditions, k: int, held: Array, side: float, before: Callable[[Array], int | None]
) -> float | None:
    place = before(held)
    if place is None:
        return None
    if place < 0:
        return 0.0
    at = _distances()
    between = np.linspace(at[place], at[place + 1], _FINE)
    finer = before(conditions(side * between)[k])
    return side * float(between[_FINE - 1 if finer is None else finer + 1])
