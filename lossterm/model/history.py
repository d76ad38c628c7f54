"""What was looked at before, and after it: frozen states that can be gone back to, and on again."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Generic, TypeVar

S = TypeVar("S")

MOST = 100
"""How many steps back are kept."""

HELD = 0.15
"""Seconds between two changes of the same kind that are one step: a key that is held down repeats faster than this."""


@dataclass(frozen=True)
class History(Generic[S]):
    """States behind and ahead of the one there is, which is in neither.

    Attributes:
        past: the states behind, the nearest last.
        future: the states ahead, the nearest last.
        kind: of the last change; None where the next one begins a step in any case.
        at: when that was, in seconds.
    """

    past: tuple[S, ...] = ()
    future: tuple[S, ...] = ()
    kind: Any = None
    at: float = 0.0


def differing(old: Any, new: Any) -> tuple[str, ...]:
    """The names of the fields in which two dataclasses of one kind differ, those of a dataclass within them too."""
    names: list[str] = []
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            within = is_dataclass(before) and type(before) is type(after)
            names += [f"{field.name}.{name}" for name in differing(before, after)] if within else [field.name]
    return tuple(names)


def recorded(history: History[S], old: S, kind: object, now: float, *, joins: bool = False) -> History[S]:
    """The history after a change.

    Args:
        history: before it.
        old: the state that was left.
        kind: of the change; changes of one kind that follow each other fast are one step.
        now: the time in seconds.
        joins: whether changes of this kind are one step however slowly they follow each other.
    """
    same = history.past and kind is not None and kind == history.kind and (joins or now - history.at < HELD)
    past = history.past if same else (*history.past, old)[-MOST:]
    return History(past, (), kind, now)


def undone(history: History[S], here: S) -> tuple[History[S], S | None]:
    """The history after a step back from a state, and the state to go back to; None where there is none."""
    if not history.past:
        return history, None
    *past, back = history.past
    return History(tuple(past), (*history.future, here)), back


def redone(history: History[S], here: S) -> tuple[History[S], S | None]:
    """The history after a step on from a state, and the state to go on to; None where there is none."""
    turned, ahead = undone(replace(history, past=history.future, future=history.past), here)
    return replace(turned, past=turned.future, future=turned.past), ahead
