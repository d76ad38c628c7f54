"""What an action gives: another state, or what is to be told, asked, written or opened; it runs without a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from lossterm.model.feature import ScreenSetting


@dataclass(frozen=True)
class Tell:
    """Say something in the last lines of the screen, in place of what was said before.

    Attributes:
        text: what is said.
        title: above it.
        wrong: whether something went wrong.
        seconds: for how long it stays.
    """

    text: str
    title: str = ""
    wrong: bool = False
    seconds: float = 3


@dataclass(frozen=True)
class Ask:
    """Ask for something to be typed.

    Attributes:
        question: before the field.
        take: the outcome of the answer, from the state then; ValueError says what is wrong with it, and asks on.
        value: what stands in the field at first.
        typing: the state while it is typed, from the state then and the text so far.
        left: the state when it is left without an answer.
        complete: from the text so far to the text that tab makes of it, and the ways in which that goes on.
        fault: the place of what is wrong with the text so far, and what would be right; None where it is right. What
            is typed is then looked at without being a step of its own: `left` gives the state that there was before.
        hint: said below the field while nothing is wrong.
    """

    question: str
    take: Callable[[Any, str], Any]
    value: str = ""
    typing: Callable[[Any, str], Any] | None = None
    left: Callable[[Any], Any] | None = None
    complete: Callable[[str], tuple[str, Sequence[str]]] | None = None
    fault: Callable[[str], tuple[int, str] | None] | None = None
    hint: str = ""


@dataclass(frozen=True)
class Pick:
    """Choose from a small list over the screen.

    Attributes:
        title: of the list.
        items: as the chooser shows them.
        current: index of the current one.
        take: the outcome of the choice, from the state then and the index.
    """

    title: str
    items: tuple[Any, ...]
    current: int
    take: Callable[[Any, int], Any]


@dataclass(frozen=True)
class Copy:
    """Copy a command, and show it: copying often fails without a word."""

    command: str


@dataclass(frozen=True)
class Keep:
    """Put a loss of one's own among the others, and keep it.

    Attributes:
        definition: of it.
    """

    definition: str


@dataclass(frozen=True)
class Forget:
    """Take a loss of one's own away, for good.

    Attributes:
        loss: its name.
    """

    loss: str


@dataclass(frozen=True)
class Write:
    """Write a file of its own, never over another.

    Attributes:
        stem: of its name.
        suffix: with its dot.
        write: is given the open file.
        note: what else there is to know of it.
    """

    stem: str
    suffix: str
    write: Callable[[IO[str]], object]
    note: str = ""


@dataclass(frozen=True)
class Open:
    """Open another screen.

    Attributes:
        name: of the feature.
        setting: what it is to show, as its saved state is written.
        note: what it says then.
    """

    name: str
    setting: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Visit:
    """Open another screen on what the words of its command tell.

    Attributes:
        name: of the feature.
        setting: subject and all that the screen keeps.
    """

    name: str
    setting: ScreenSetting


@dataclass(frozen=True)
class Section:
    """A part of a sheet.

    Attributes:
        heading: above it, in one line.
        text: paragraphs, broken to the width of the sheet.
        lines: what stands below them as it is: code, or a table.
        take: the outcome of enter on it, from the state then; None where enter does nothing.
    """

    heading: str = ""
    text: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    take: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Lay:
    """Lay a sheet of text over the screen.

    Attributes:
        title: of the sheet.
        sections: one after the other.
        copy: what the key that copies takes; empty where there is nothing to copy.
        copied: what is said of it then.
    """

    title: str
    sections: tuple[Section, ...]
    copy: str = ""
    copied: str = "copied"


@dataclass(frozen=True)
class TablePage:
    """Some columns of a table.

    Attributes:
        name: of the page.
        heads: of the columns.
        rows: the texts of each row, in an order of its own.
        keys: what each row is sorted by in each column; nan comes last.
        note: what there is to know of it, in a line.
    """

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    keys: tuple[tuple[float | str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Tabulate:
    """Lay a table over the screen.

    Attributes:
        title: of the table.
        count: how many rows there are.
        pages: the pages of these rows, where there are so many cells in a line.
        take: the outcome of enter on a row, from the state then and its index.
        copy: the command that prints it.
        write: what writes it to a file.
        keys: what keys do, in a line.
    """

    title: str
    count: int
    pages: Callable[[int], Sequence[TablePage]]
    take: Callable[[Any, int], Any]
    copy: str
    write: Write
    keys: str


Outcome: TypeAlias = Any
"""A state of the screen; or one of the above; or several of them in a tuple; or None, where nothing happens."""

Action: TypeAlias = Callable[[Any], Outcome]
"""From the state of a screen to what a key does there."""
