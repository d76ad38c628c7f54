"""Reading the words of a command line: what is wrong with them is raised, and said by the command line in one line."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from lossterm.core.names import unknown
from lossterm.core.plain import shortened, visible
from lossterm.model.printing import wrapped, writable

LONG = 60
"""So long a line of prose was broken where it ends because it was full, and the next one goes on with it."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help in which lines of tables keep their ends, and one that is too long goes on below what it says last."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = []
        for line in _whole(writable(text).splitlines()):
            head = max((found.end() for found in re.finditer(r"(?<!^)  +|^ +", line)), default=0)
            lines += wrapped(indent + line, " " * min(head, width // 2)) or [""]
        return "\n".join(lines)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(writable(text), width)  # stand-ins may be longer than what they stand for


def _whole(lines: Sequence[str]) -> list[str]:
    """Lines of which those of one paragraph are one: it is broken anew for another width."""
    result: list[str] = []
    full = False  # whether the line before was prose, and ended because there was no more room
    for line in lines:
        is_prose = bool(line) and "  " not in line and line[0] != " "
        if full and is_prose:
            result[-1] += f" {line}"
        else:
            result.append(line)
        full = is_prose and len(line) > LONG and line[-1] != ":"
    return result


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of printing its usage and leaving."""

    def __init__(
        self, program: str, description: str, examples: Sequence[str] = (), more: str = "", **others: object
    ) -> None:
        told = "\n".join(["examples:", *(f"  {example}" for example in examples)]) if examples else ""
        super().__init__(
            prog=program,
            description=description,
            epilog="\n\n".join(part for part in (told, more) if part) or None,
            allow_abbrev=False,
            formatter_class=_Help,
            **others,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into the one line that the command line prints."""
        if message.startswith("unrecognized arguments: "):
            message = self._unrecognised(message.removeprefix("unrecognized arguments: "))
        option, colon, what = message.removeprefix("argument ").partition(": ")
        if message.startswith("argument ") and colon:
            if what.startswith("ignored explicit argument"):
                message = f"{option} takes no value"
            else:
                message = f"{option} needs a value" if what == "expected one argument" else f"{option}: {what}"
        raise ValueError(message.replace("\n", " "))

    def _unrecognised(self, words: str) -> str:
        option = words.split()[0].partition("=")[0] if words.split() else words
        near = difflib.get_close_matches(option, [o for a in self._actions for o in a.option_strings], n=1)
        hint = f"did you mean {near[0]}?" if near else f"see {self.prog} --help"
        return f"unknown argument {visible(shortened(words.split()[0] if words.split() else words, 80))}: {hint}"

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse words; what begins with a minus sign and a digit is the value of the option before it.

        Raises:
            ValueError: what is wrong with them.
        """
        return super().parse_args(self._joined(list(args or ())), namespace)

    def _joined(self, words: Sequence[str]) -> list[str]:
        """``--at -4,0,4`` as ``--at=-4,0,4``, which argparse would take for an option."""
        takes_value = {o for a in self._actions if a.nargs is None for o in a.option_strings}
        result: list[str] = []
        for word in words:
            option, equals, value = word.partition("=")
            if equals and value == "--" and option in takes_value:  # argparse would leave nothing of it
                raise ValueError(f"{option} needs a value, not '--'")
            negative = word[:1] in "-−" and (word[1:2].isdigit() or word[1:2] in {".", "i"})
            if result and result[-1] in takes_value and negative:
                result[-1] += f"={word}"
            else:
                result.append(word)
        return result


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Declare ``--format``; the first is the usual one."""
    parser.add_argument("--format", metavar="|".join(formats), help=f"how it is printed (default {formats[0]})")


def asked_format(options: argparse.Namespace, *formats: str) -> str:
    """The format that a command line asks for.

    Raises:
        ValueError: it is none of the formats.
    """
    form: str = options.format or formats[0]
    if form not in formats:
        raise ValueError(f"--format: {unknown(form, 'format', formats)}")
    return form


@contextmanager
def of_option(flag: str) -> Iterator[None]:
    """What is raised inside as wrong is said to be of an option: its message begins with the flag unless it has it.

    Raises:
        ValueError: what was raised, with the flag.
    """
    try:
        yield
    except ValueError as problem:
        raise ValueError(str(problem) if flag in str(problem) else f"{flag}: {problem}") from None
