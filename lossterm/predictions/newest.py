"""What is wanted of a thread: the newest counts, and what was wanted before is given up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Generic, TypeVar

STEP = 0.01
"""Part of the work after which it is told again how far it is."""

T = TypeVar("T")


class Newest(Generic[T]):
    """The last thing that was wanted, until it is given up."""

    def __init__(self) -> None:
        self._wanted: tuple[T, Event] | None = None

    def want(self, what: T) -> Event:
        """Want something else; returns what is set when it is given up."""
        self.give_up()
        given_up = Event()
        self._wanted = what, given_up
        return given_up

    def give_up(self) -> None:
        """Want nothing: who is at work for what was wanted finds it given up."""
        if self._wanted is not None:
            self._wanted[1].set()
            self._wanted = None

    def is_it(self, what: T) -> bool:
        """Whether this very thing is what is wanted."""
        return self._wanted is not None and self._wanted[0] is what


def in_thread(name: str, work: Callable[..., object], *arguments: object) -> Thread:
    """Start work in a thread of its own: a daemon, for the program does not wait for a slow file when it ends."""
    thread = Thread(target=work, args=arguments, name=name, daemon=True)
    thread.start()
    return thread


def in_steps(tell: Callable[[float], object]) -> Callable[[float], None]:
    """What hears of every bit of progress, from 0 to 1, and tells the beginning, each step and the end."""
    told = -1.0

    def progress(part: float) -> None:
        nonlocal told
        if part - told >= STEP or part >= 1:
            told = part
            tell(part)

    return progress
