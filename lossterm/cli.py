"""The command line: which command, its options, and one clear line for what is wrong."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from lossterm import __version__

COMMANDS = {
    "table": "numbers at points, as text, JSON or CSV",
    "plot": "the curves, drawn as text",
    "race": "gradient descent of several losses from one start: who is there first, and after how many steps",
    "properties": "what is true of each loss, computed: convexity, bounds, properness …",
    "data": "a file of predictions: what the losses see in it, its calibration, its worst examples",
    "softmax": "K classes: each loss and its gradient with respect to the logits",
    "list": "the losses and activations, their names and parameters",
}
"""What can follow ``lossterm``; each is a module of `lossterm.commands`, imported only when it is asked for."""

EXPLORER_EXAMPLE = "lossterm --loss cross-entropy --loss focal:gamma=5 --label 1 --activation sigmoid --at=-4"


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of printing its usage and leaving."""

    def __init__(self, program: str, description: str, example: str = "", **more: object) -> None:
        super().__init__(
            prog=program,
            description=description,
            epilog=f"example: {example}" if example else None,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **more,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into the one line that the command line prints."""
        if message.startswith("unrecognized arguments: "):
            message = self._unrecognised(message.removeprefix("unrecognized arguments: "))
        raise ValueError(message.replace("\n", " "))

    def _unrecognised(self, words: str) -> str:
        option = words.split()[0].partition("=")[0] if words.split() else words
        near = difflib.get_close_matches(option, [o for a in self._actions for o in a.option_strings], n=1)
        hint = f"did you mean {near[0]}?" if near else f"see {self.prog} --help"
        return f"unknown argument {words.split()[0] if words.split() else words!r}: {hint}"


def run(arguments: Sequence[str]) -> int:
    """Run ``lossterm ARGUMENTS``.

    Returns:
        The exit code: 0, or 2 for input that is wrong, after one line on stderr.
    """
    if sys.stderr is None:  # closed by who started it: there is nowhere to complain to
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - pathlib costs 15 ms
    try:
        if sys.stdout is None:
            raise ValueError("standard output is closed: there is nowhere to write to")
        return _dispatch(list(arguments))
    except ValueError as problem:
        print(f"lossterm: {' '.join(str(problem).split())}", file=sys.stderr)
        return 2
    except OSError as problem:
        if isinstance(problem, BrokenPipeError):
            _silence_stdout()
            return 0
        print(f"lossterm: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        _silence_stdout()
        return 130


def _silence_stdout() -> None:
    # the interpreter flushes stdout once more as it leaves: into nothing rather than into a closed pipe
    try:
        sys.stdout.flush()
    except OSError:
        pass
    finally:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: list[str]) -> int:
    if arguments and not arguments[0].startswith("-"):
        name = arguments[0]
        if name not in COMMANDS:
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(COMMANDS)}"
            raise ValueError(f"unknown command {name!r}: {hint}")
        module = import_module(f"lossterm.commands.{name}")
        code = module.run(arguments[1:])
    else:
        code = _explore(arguments)
    sys.stdout.flush()
    return int(code)


def _explore(arguments: list[str]) -> int:
    if any(word in {"-h", "--help"} for word in arguments):
        explorer_parser().parse_args(["--help"])
    if "--version" in arguments:
        print(f"lossterm {__version__}")
        return 0
    module = import_module("lossterm.commands.explore")
    return int(module.run(arguments))


def explorer_parser() -> Parser:
    """The parser of the explorer's own options."""
    from lossterm.options import add_explorer_options

    commands = "\n".join(f"  lossterm {name:<10} {about}" for name, about in COMMANDS.items())
    parser = Parser(
        "lossterm",
        "The loss-function microscope for your terminal.\nWithout a command it opens the explorer.\n\n"
        f"commands (each has --help):\n{commands}",
        EXPLORER_EXAMPLE,
    )
    add_explorer_options(parser)
    return parser
