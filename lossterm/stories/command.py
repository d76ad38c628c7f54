"""``lossterm story``: the list of stories, one of them in the explorer, or printed for a handout."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lossterm.model.feature import OpenExplorer
from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.records import json_text
from lossterm.model.store import Saved, load
from lossterm.stories.heads import heads
from lossterm.stories.library import find_story, is_file

EXAMPLES = (
    "lossterm story",
    "lossterm story saturation",
    "lossterm story saturation --format markdown > saturation-handout.md",
    "lossterm story saturation --format markdown --pictures pictures > handout.md",
    "lossterm story my-lesson.md --check",
)

FORMATS = ("text", "markdown", "json")


def parser() -> Parser:
    """The options of the command."""
    declared = Parser(
        "lossterm story",
        "Guided tours: a question first, then what is so, on the screen itself.\nWithout a name the list; with one, in "
        "a terminal, the explorer opens on it. A file of your own\nends in .md: lossterm/stories/README.md tells how "
        "to write one.",
        EXAMPLES,
    )
    declared.add_argument("story", nargs="?", metavar="NAME|FILE", help="a story by its name, or a file of your own")
    add_define_flag(declared)
    add_format(declared, *FORMATS)
    declared.add_argument(
        "--pictures", metavar="DIR", help="with --format markdown: the pictures as SVG files in this folder"
    )
    declared.add_argument("--check", action="store_true", help="say what does not hold of it, a line each; exit 1")
    declared.add_argument("--fresh", action="store_true", help="in the explorer, neither restore nor save")
    return declared


def run(arguments: Sequence[str]) -> int | OpenExplorer:
    """Run the command.

    Returns:
        The exit code; in a terminal, where no format is asked for, the explorer that is to be opened.

    Raises:
        ValueError: there is no such story, or a line of its file is wrong.
    """
    given = parser().parse_args(arguments)
    form = asked_format(given, *FORMATS)
    if given.story is None:
        return _list(given, form)
    if given.pictures is not None and form != "markdown":
        raise ValueError("--pictures are beside a text in Markdown: add --format markdown")
    story = find_story(given.story)
    if given.check:
        from lossterm.stories.check import problems_of

        problems = problems_of(story)
        for line in problems:
            print(line)
        if not problems:
            print(f"{story.head.path.name}: {len(story.steps)} steps, all of it holds")
        return int(bool(problems))
    if given.format is None and all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        name = str(story.head.path.resolve()) if is_file(given.story) else given.story
        return OpenExplorer(Saved() if given.fresh else load(), keep=not given.fresh, story=name)
    from lossterm.stories import printed

    if form == "json":
        print(json_text(printed.document(story)))
        return 0
    if form == "text":
        lines = printed.text(story, printed.indented(story))
    elif given.pictures is None:
        lines = printed.markdown(story, printed.fenced(story))
    else:
        lines = printed.markdown(story, printed.drawn(story, Path(given.pictures)))
    for line in lines:
        print(line)
    return 0


def _list(given: argparse.Namespace, form: str) -> int:
    if given.check:
        raise ValueError("which story? write lossterm story NAME --check")
    if form == "json":
        from lossterm.stories.printed import listed

        print(json_text(listed()))
        return 0
    wide = max((len(head.name) for head in heads()), default=0)
    for head in heads():
        print(f"- **{head.name}**: {head.title}" if form == "markdown" else f"{head.name:<{wide}}  {head.title}")
    return 0
