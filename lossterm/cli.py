"""The command line: which command, its options, and one clear line for what is wrong."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from types import ModuleType

from lossterm.core.plain import echoed, one_line
from lossterm.features import COMMANDS
from lossterm.model.feature import OpenExplorer
from lossterm.model.printing import readable

SHELLS = ("bash", "zsh", "fish")
"""What `lossterm completion` writes for."""


def run(arguments: Sequence[str]) -> int:
    """Run ``lossterm ARGUMENTS``.

    Returns:
        The exit code: 0, or 2 for input that is wrong, after one line on stderr.
    """
    if sys.stderr is None:  # closed by who started it: there is nowhere to complain to
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - pathlib costs 15 ms
    try:
        with readable(json=_asks_for_json(arguments)):
            return _run(list(arguments))
    except KeyboardInterrupt:
        _silence_stdout()
        return 130


def _run(arguments: list[str]) -> int:
    try:
        if sys.stdout is None:
            raise ValueError("standard output is closed: there is nowhere to write to")
        return _dispatch(arguments)
    except ValueError as problem:
        complain(problem)
        return 2
    except OSError as problem:
        _silence_stdout()
        if isinstance(problem, BrokenPipeError):
            return 0
        complain(problem)
        return 2


def _asks_for_json(arguments: Sequence[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def complain(problem: Exception) -> None:
    """Say in one line on stderr what is wrong, whatever file names, columns and options are in it."""
    sys.stderr.write(f"lossterm: {one_line(problem)}\n")


def _silence_stdout() -> None:
    # the interpreter flushes stdout once more as it leaves: into nothing rather than into a closed pipe or a full disk
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        outcome = import_module("lossterm.explore").run(arguments)
    elif arguments[0] == "help":
        return _help(arguments[1:])
    elif arguments[0] == "completion":
        return _completion(arguments[1:])
    else:
        command = _command(arguments[0])
        told = _own_losses(arguments)
        outcome = command.run(arguments[1:])
        if isinstance(outcome, OpenExplorer) and told:
            outcome = replace(outcome, saved=replace(outcome.saved, notice="\n".join(told)))
    if isinstance(outcome, OpenExplorer):  # a feature does not know the explorer, which has all of them
        explore = import_module("lossterm.explore")
        outcome = explore.open_explorer(outcome.saved, keep=outcome.keep, start=outcome.start, story=outcome.story)
    sys.stdout.flush()
    return int(outcome)


def _own_losses(arguments: Sequence[str]) -> list[str]:
    """Put a person's own losses among the others, and complain of what is wrong with their file.

    No command prints anything else for it that names none of them; ``--fresh`` does not read the file.
    """
    if {"-h", "--help", "--fresh"} & set(arguments):
        return []
    told: list[str] = import_module("lossterm.model.own_losses").load_losses()
    for problem in told:
        complain(ValueError(problem))
    return told


def _command(name: str) -> ModuleType:
    """The module of a command.

    Raises:
        ValueError: there is no such command; the message names the nearest, or all.
    """
    if name not in COMMANDS:
        every = (*COMMANDS, "help", "completion")
        near = difflib.get_close_matches(name, every, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(every)}"
        raise ValueError(f"unknown command {echoed(name)}: {hint}")
    return import_module(COMMANDS[name].module)


def _help(names: Sequence[str]) -> int:
    """``lossterm help [COMMAND]``: the help of the program, or of one command."""
    parser = _command(names[0]).parser() if names else import_module("lossterm.explore").explorer_parser()
    parser.print_help()
    return 0


def _completion(shells: Sequence[str]) -> int:
    """``lossterm completion SHELL``: a script that makes a shell complete commands, options and files."""
    if len(shells) != 1 or shells[0] not in SHELLS:
        raise ValueError(f"for which shell? write lossterm completion {' or '.join(SHELLS)}")
    import shtab  # by this command alone

    root: argparse.ArgumentParser = import_module("lossterm.explore").explorer_parser()
    root.description = None
    commands = root.add_subparsers(metavar="COMMAND", parser_class=argparse.ArgumentParser)
    for name, command in COMMANDS.items():
        own = import_module(command.module).parser()
        commands.add_parser(name, help=command.about, parents=[own], add_help=False)
    print(shtab.complete(root, shell=shells[0]))
    return 0
