"""What an explanation consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from lossterm.meanings.points import Shown
from lossterm.model.notation import command_line


@dataclass(frozen=True)
class Occasion:
    """When a loss has a number: declared by where that is, and never by the number.

    Attributes:
        says: what the number is then.
        when: when this is the likely one.
        next: what to look at next.
        shown: the place that has the number.
        order: 1 for what one meets every day, 2 for what is well known, 3 for the rest.
        losses: ids of the losses that it speaks of beside that of the place.
        hints: words in the name of a number that speak for it.
        turned: whether the number is minus that of the place.
        classes: K, where it is about so many.
    """

    says: str
    when: str
    next: str
    shown: Shown
    order: int = 2
    losses: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    turned: bool = False
    classes: int | None = None

    @cached_property
    def value(self) -> float:
        """The number."""
        return -self.shown.value if self.turned else self.shown.value

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command that shows it."""
        return self.shown.words


@dataclass(frozen=True)
class Explanation:
    """One explanation of one number.

    Attributes:
        number: as it was typed.
        name: what it was called; empty where it had no name.
        relation: ``digits`` where it agrees in all the digits given, ``near`` within `NEAR`, ``always`` what holds of
            every number, ``shape`` what is said of a curve.
        says: what it is.
        when: when this is the likely one.
        next: what to look at next.
        words: of the command of the view that shows it, after ``lossterm``.
        value: the number as it is computed.
        classes: K, where it is about so many.
    """

    number: str
    name: str
    relation: str
    says: str
    when: str
    next: str
    words: tuple[str, ...]
    value: float
    classes: int | None = None
    rank: tuple[float, ...] = field(default=(), compare=False)

    @property
    def command(self) -> str:
        """The command line."""
        return command_line(["lossterm", *self.words])
