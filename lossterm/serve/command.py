"""``lossterm serve``: the explorer in a browser, for a class."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser

HOST, PORT, VISITORS = "127.0.0.1", 8000, 30
"""Where it is served, and to how many, where nothing is said."""

EXAMPLES = (
    "lossterm serve",
    "lossterm serve --story saturation",
    "lossterm serve --host 0.0.0.0 --port 8080 --visitors 40",
)


def parser() -> Parser:
    """The options of the command."""
    declared = Parser(
        "lossterm serve",
        "The explorer in a browser, for a class: every visitor has one of their own, which ends with its tab.\n"
        "Visitors can neither read nor write files here; what they export their browser downloads.",
        EXAMPLES,
    )
    declared.add_argument("--host", default=HOST, help=f"what is listened on (default {HOST}: this machine alone)")
    declared.add_argument(
        "--port", type=_whole(0, 65535), default=PORT, metavar="N", help=f"the port (default {PORT}; 0: any)"
    )
    declared.add_argument(
        "--visitors",
        type=_whole(1, 10_000),
        default=VISITORS,
        metavar="N",
        help=f"how many there may be at a time (default {VISITORS}); each is a process",
    )
    declared.add_argument("--story", default="", metavar="NAME|FILE", help="the story that every visitor begins with")
    add_define_flag(declared)
    return declared


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"write a whole number from {least} to {most}, not {text[:40]!r}")
        return int(text)

    return read


def run(arguments: Sequence[str]) -> int:
    """Serve until it is told to end; returns the exit code.

    Raises:
        ValueError: what is wrong with an option, or what is not installed.
    """
    given = parser().parse_args(arguments)
    if any(find_spec(name) is None for name in ("aiohttp", "textual_serve")):
        raise ValueError("the explorer in a browser needs textual-serve: pip install 'lossterm[serve]'")
    from lossterm.serve.server import serve

    return serve(given.host, given.port, given.visitors, _checked_story(given.story), given.define or ())


def _checked_story(name: str) -> str:
    """The name of a story, or the path of its file as a process elsewhere finds it.

    Raises:
        ValueError: there is none, or a line of its file is wrong.
    """
    if not name:
        return ""
    from lossterm.stories.library import find_story, is_file

    find_story(name)
    return str(Path(name).resolve()) if is_file(name) else name
