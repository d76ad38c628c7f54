"""``lossterm`` without a command: the explorer."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lossterm import __version__
from lossterm.chart.markers import MARKERS, marker_of
from lossterm.curves.options import (
    add_view_flags,
    check_labels,
    restored_picture,
    saved_picture,
    shown_quantities,
    with_view_flags,
)
from lossterm.curves.view import SLOPES, View, move_to, with_subject
from lossterm.features import COMMANDS, FEATURES
from lossterm.model.own_losses import load_losses
from lossterm.model.parser import Parser, of_option
from lossterm.model.permissions import Permissions
from lossterm.model.store import Saved, load
from lossterm.model.subject_options import one_logit

if TYPE_CHECKING:
    from lossterm.model.guide import Guide

EXAMPLES = (
    "lossterm",
    "lossterm --loss cross-entropy --loss focal:gamma=5 --at=-4",
    "lossterm --loss mse --activation tanh --axis prediction --fresh",
)


OWN_COMMANDS = {
    "help": "this, or the help of a command",
    "completion": "what makes bash, zsh or fish complete commands and options",
}
"""What the command line itself does, beside the commands of the features."""


def explorer_parser() -> Parser:
    """The parser of the explorer's own options."""
    told = {name: command.about for name, command in COMMANDS.items()} | OWN_COMMANDS
    commands = "\n".join(f"  lossterm {name:<10} {about}" for name, about in told.items())
    parser = Parser(
        "lossterm",
        "The loss-function microscope for your terminal.\nWithout a command it opens the explorer.\n\n"
        f"commands (each has --help):\n{commands}",
        EXAMPLES,
    )
    add_view_flags(parser)
    parser.add_argument("--marker", metavar="|".join(MARKERS), help="what curves are drawn with (default braille)")
    parser.add_argument("--fresh", action="store_true", help="neither restore the last view nor save this one")
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    return parser


def run(arguments: Sequence[str]) -> int:
    """Open the explorer where the options say."""
    if any(word in {"-h", "--help"} for word in arguments):
        explorer_parser().parse_args(["--help"])
    if {"-V", "--version"} & set(arguments):
        print(f"lossterm {__version__}")
        return 0
    told = [] if "--fresh" in arguments else load_losses()
    options = explorer_parser().parse_args(arguments)
    saved = Saved() if options.fresh else load()
    kept = saved.screens.get("curves", {})
    view = with_subject(View(), saved.subject or View())
    view = with_view_flags(restored_picture(view, kept), options)
    if options.at is not None:
        view = move_to(view, one_logit(options.at, view, "the explorer's cursor starts at one logit"))
    wanted = [q for q in shown_quantities(options.show, []) if q in SLOPES]
    if wanted:
        view = replace(view, slope=wanted[-1])
    if options.loss or options.label is not None:
        check_labels(view, "--label" if options.label is not None else "")
    screens = {**saved.screens, "curves": saved_picture(view)}
    with of_option("--marker"):
        marker = marker_of(options.marker, "utf-8")
    notice = "\n".join(filter(None, [saved.notice, *told]))
    shown = replace(saved, subject=view.subject, screens=screens, notice=notice)
    return open_explorer(shown, keep=not options.fresh, marker=marker)


def open_explorer(
    saved: Saved,
    *,
    keep: bool,
    start: str = "",
    marker: str = "braille",
    story: str = "",
    permissions: Permissions | None = None,
) -> int:
    """Open the explorer in the terminal, or for a browser; returns its exit code when it is left.

    Args:
        saved: what it shows.
        keep: whether it is kept when it is left.
        start: the name of the screen that is opened first.
        marker: what curves are drawn with.
        story: the name or the file of the story that is opened on it; empty for none.
        permissions: what may be done where it runs; all of it where nothing is said.

    Raises:
        ValueError: there is no terminal, and no browser.
    """
    permissions = permissions or Permissions(keeps_losses=keep)
    is_terminal = all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))
    if not (is_terminal or permissions.is_browser):
        raise ValueError("the explorer needs a terminal; for a pipe or a file use 'lossterm table' or 'lossterm plot'")
    from lossterm.tui.app import LosstermApp

    app = LosstermApp(
        FEATURES, saved, keep=keep, start=start, marker=marker, guide=guide, story=story, permissions=permissions
    )
    return app.run_to_the_end()


def guide(kept: Mapping[str, Any]) -> Guide:
    """Who tells the stories, of how far one had come in them; imported when it is asked for."""
    from lossterm.stories.guide import StoryGuide

    return StoryGuide(kept)
