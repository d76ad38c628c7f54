"""Finding a story by its name, or in a file of one's own."""

from __future__ import annotations

from pathlib import Path

from lossterm.core.names import unknown
from lossterm.stories.documents import own_file
from lossterm.stories.heads import FOLDER, head_of, heads, text_of
from lossterm.stories.story import Story, read_story


def is_file(name: str) -> bool:
    """Whether a name is that of a file: it ends in .md or holds a slash."""
    return name.endswith(".md") or "/" in name or "\\" in name


def find_story(name: str) -> Story:
    """A story by its name, or the one in a file.

    Raises:
        ValueError: there is none, or its file is wrong: the message has the number of the line.
    """
    if is_file(name):
        try:
            return read_story(Path(name))
        except OSError as problem:
            raise ValueError(f"{name}: {problem.strerror or problem}") from None
    head = next((head for head in heads() if head.name == name), None)
    if head is None:
        raise ValueError(unknown(name, "story", [head.name for head in heads()]) + "; a file of your own ends in .md")
    return read_story(head.path)


def linked(story: Story, name: str) -> tuple[str, str]:
    """The story that another one goes on with: its name or its file, and its title.

    Args:
        story: where the link stands; of one's own stories those beside it go first.
        name: as it is written there.
    """
    if story.folder.resolve() != FOLDER.resolve():
        try:
            path = own_file(f"{name}.md", story.folder)
            return str(path), head_of(path, text_of(path)).title
        except (OSError, ValueError):
            pass  # one that comes with the program, or none: that is said when it is opened
    return name, next((head.title for head in heads() if head.name == name), name)
