"""An option, declared once: from it come its flag, its words in a copied command, what is saved of it, and its key.

A state is a frozen dataclass; an option is one of its fields, with how it is written and read, and what it is called.
What several fields decide together stays a function of the feature; a test walks all declarations.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Generic, TypeVar

from lossterm.core.losses.labels import number
from lossterm.core.names import unknown
from lossterm.core.numbers import parse
from lossterm.core.plain import echoed
from lossterm.model.notation import whole
from lossterm.model.parser import of_option

S = TypeVar("S")
T = TypeVar("T")


class Redo(Enum):
    """What a change of an option makes necessary."""

    SHOW = "show"
    """Showing the same figures otherwise."""
    DRAW = "draw"
    """Drawing the picture again."""
    COUNT = "count"
    """Computing the figures again."""
    READ = "read"
    """Reading the file again."""


@dataclass(frozen=True)
class Form(Generic[T]):
    """How the values of an option are written.

    Attributes:
        read: from the word of a command line or a prompt; ValueError says what would be right.
        write: to the word that `read` reads back.
        load: from JSON, distrusted; ValueError where it is none.
        save: to JSON.
        metavar: what the help of the flag calls the value; empty for a switch.
        several: whether the flag may be repeated: `read` then gives a tuple of each word, and these are joined.
    """

    read: Callable[[str], T]
    write: Callable[[T], str]
    load: Callable[[Any], T]
    save: Callable[[T], Any] = lambda value: value
    metavar: str = ""
    several: bool = False


@dataclass(frozen=True)
class Option(Generic[S, T]):
    """One field of a state, as a person meets it.

    Attributes:
        name: of the field; the flag is ``--name`` with dashes.
        title: in the settings pane and in the palette.
        about: one line for the help of the flag and the key.
        form: how its values are written.
        flag: another flag than the name's.
        no_flag: why there is no flag.
        step: the state after its key, with a direction; None where no key steps it.
        keys: that step it on; `back_keys` step it back.
        back_keys: as `keys`.
        shown: its value, as the settings pane shows it; what is written where nothing is said.
        absent: why it means nothing in a state, or nothing.
        redo: what a change makes necessary.
        put: the state with another value, where other fields follow.
    """

    name: str
    title: str
    about: str
    form: Form[T]
    flag: str = ""
    no_flag: str = ""
    step: Callable[[S, int], S] | None = None
    keys: tuple[str, ...] = ()
    back_keys: tuple[str, ...] = ()
    shown: Callable[[S], str] | None = None
    absent: Callable[[S], str] = field(default=lambda state: "")
    redo: Redo = Redo.DRAW
    put: Callable[[S, T], S] | None = None

    @property
    def option_string(self) -> str:
        """The flag; empty where there is none."""
        return "" if self.no_flag else self.flag or "--" + self.name.replace("_", "-")

    @property
    def words(self) -> str:
        """What people may call it: its title, its flag, the name of its field."""
        return f"{self.title} {self.option_string} {self.name.replace('_', ' ')} {self.name.replace('_', '-')}".lower()

    def value(self, state: S) -> T:
        """The value in a state."""
        value: T = getattr(state, self.name)
        return value

    def text(self, state: S) -> str:
        """The value as the settings pane shows it."""
        return self.form.write(self.value(state)) if self.shown is None else self.shown(state)

    def changed(self, state: S, value: T) -> S:
        """The state with another value.

        Raises:
            ValueError: the state does not take it; the message says what would be right.
        """
        return self.put(state, value) if self.put else replace(state, **{self.name: value})  # type: ignore[type-var]


Options = Sequence[Option[Any, Any]]
"""The options of a state, in the order in which they are put on it."""

# ---- forms ----------------------------------------------------------------------------------------------------------


def _json(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{value!r} is none")
    return value


def _finite(value: Any) -> float:
    if not math.isfinite(_json((int, float), value)):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def real(metavar: str = "X") -> Form[float]:
    """A finite number."""
    return Form(parse, number, _finite, metavar=metavar)


def count(what: str, least: int = 0, most: int | None = None, metavar: str = "N") -> Form[int]:
    """A whole number within bounds."""
    return Form(lambda text: whole(text, what, least, most), str, lambda value: int(_json(int, value)), metavar=metavar)


def text(metavar: str = "TEXT") -> Form[str]:
    """Any text."""
    return Form(str, str, lambda value: str(_json(str, value)), metavar=metavar)


def one_of(among: Sequence[str], what: str) -> Form[Any]:
    """One of several words."""

    def check(word: Any) -> str:
        if word not in among:
            raise ValueError(unknown(str(word), what, among))
        return str(word)

    return Form(check, str, check, metavar="|".join(among))


def switch() -> Form[bool]:
    """On or off: the flag takes no value."""
    return Form(lambda word: word == "on", lambda on: "on" if on else "off", lambda value: bool(_json(bool, value)))


def optional(form: Form[T], off: str = "off") -> Form[T | None]:
    """The same, or none of it."""
    return Form(
        lambda word: None if word.strip().lower() == off else form.read(word),
        lambda value: off if value is None else form.write(value),
        lambda value: None if value is None else form.load(value),
        lambda value: None if value is None else form.save(value),
        form.metavar,
    )


# ---- the command line -----------------------------------------------------------------------------------------------


class _Once(argparse.Action):
    # where a second value is not another word for the first, but one that would be left out
    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: object = None
    ) -> None:
        before = getattr(namespace, self.dest)
        if before not in (None, values):
            parser.error(
                f"argument {self.option_strings[0]}: given twice, {echoed(before)} and {echoed(values)}: one is read"
            )
        setattr(namespace, self.dest, values)


def add_flags(parser: argparse.ArgumentParser, options: Options, once: Options = ()) -> None:
    """Declare the flags of options; what is not given is None.

    Args:
        parser: that they are declared for.
        options: which.
        once: those of them of which two different values are refused; of others the last one counts.
    """
    for option in options:
        if option.no_flag:
            continue
        if option.form.metavar:
            parser.add_argument(
                option.option_string,
                dest=option.name,
                metavar=option.form.metavar,
                help=option.about,
                action="append" if option.form.several else _Once if option in once else "store",
                default=None,
            )
        else:
            parser.add_argument(
                option.option_string,
                dest=option.name,
                help=option.about,
                action=argparse.BooleanOptionalAction,
                default=None,
            )


def with_flags(state: S, options: Options, given: argparse.Namespace) -> S:
    """A state with what a command line says put on it, in the order of the options.

    Raises:
        ValueError: something that it says is wrong; the message names the flag and says what would be right.
    """
    for option in options:
        word = getattr(given, option.name, None)
        if word is not None:
            with of_option(option.option_string):
                state = option.changed(state, _read(option.form, word))
    return state


def _read(form: Form[Any], given: Any) -> Any:
    # a switch is given as what it is, a flag that may be repeated as all its words
    if not form.metavar:
        return given
    return tuple(part for word in given for part in form.read(word)) if form.several else form.read(given)


def words(state: S, options: Options, usual: S) -> list[str]:
    """The words of a command line that put these options on a usual state; one that means nothing is left out."""
    result = []
    for option in options:
        value = option.value(state)
        if option.no_flag or value == option.value(usual) or option.absent(state):
            continue
        if option.form.metavar:
            result.append(f"{option.option_string}={option.form.write(value)}")
        else:
            result.append(option.option_string if value else "--no-" + option.option_string.removeprefix("--"))
    return result


# ---- kept between runs ----------------------------------------------------------------------------------------------


def saved(state: S, options: Options) -> dict[str, Any]:
    """The options of a state, as JSON has them."""
    return {option.name: option.form.save(option.value(state)) for option in options}


def restored(state: S, options: Options, document: object) -> S:
    """A state with what a document tells put on it, distrusted field by field: what is not valid is left as it was."""
    for option in options:
        if isinstance(document, Mapping) and option.name in document:
            try:
                state = option.changed(state, option.form.load(document[option.name]))
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
                continue
    return state


# ---- what a change makes necessary ----------------------------------------------------------------------------------


def redone(old: S, new: S, options: Options) -> frozenset[Redo]:
    """All that is to be done again where a state takes the place of another."""
    return frozenset(option.redo for option in options if option.value(old) != option.value(new))
