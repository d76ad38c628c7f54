"""The program of one visitor of `lossterm serve`: ``python -m lossterm.serve.guest [STORY [DEFINITION …]]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from lossterm.core.losses.own.registry import define
from lossterm.explore import open_explorer
from lossterm.model.permissions import guest
from lossterm.model.store import Saved
from lossterm.stories.library import is_file


def main(arguments: Sequence[str]) -> int:
    """Open the explorer for a browser at the other end of the pipes; returns the exit code.

    Args:
        arguments: the name or the file of the story that it opens on, or nothing; then definitions of losses.
    """
    write_no_files()
    story = next(iter(arguments), "")
    for definition in arguments[1:]:
        define(definition)
    beside = (Path(story).resolve().parent,) if is_file(story) else ()  # a story's steps open files of its own folder
    return open_explorer(Saved(is_first=True), keep=False, story=story, permissions=guest(*beside))


def write_no_files() -> None:
    """Let the system refuse every byte that this process would write to a file, where it can."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
