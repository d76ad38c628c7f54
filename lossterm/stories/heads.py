"""The heads of stories: what each is called, and where it belongs. Cheap: no numbers, no other part of the program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lossterm.core.plain import visible_lines

FOLDER = Path(__file__).parent
"""Of the stories that come with the program."""

LARGEST = 200_000
"""Bytes of a file from which it is no story."""

RULE = "---"
"""The line before and after the head."""

FIELDS = ("title", "about", "claims", "screen", "losses", "words", "order")
"""What a head may say."""

SCREENS = ("curves", "softmax", "race", "data", "properties")
"""The screens, as a head and a view name them."""

LONGEST_TITLE = 60
"""Characters of a title."""

_FIELD = re.compile(r"([A-Za-z][\w-]*)\s*:\s*(.*)")


class StoryError(ValueError):
    """What is wrong with a file, with its name and the number of the line."""


def wrong(path: Path, line: int, what: str) -> StoryError:
    """The error for a line of a file."""
    return StoryError(f"{path.name}:{line}: {what}")


@dataclass(frozen=True)
class Head:
    """What a story says of itself.

    Attributes:
        name: of its file, without the ending.
        path: of its file.
        title: one line.
        about: a sentence.
        claims: which it shows, such as C6.
        screens: to whose help it belongs.
        losses: whose line names it, by any name.
        words: further words by which it is found.
        order: its place in the list.
        lines: how many the head has, with its rules.
    """

    name: str
    path: Path
    title: str
    about: str = ""
    claims: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    words: str = ""
    order: int = 99
    lines: int = 0


def text_of(path: Path) -> str:
    """The text of a file; what a terminal would obey has a stand-in, since a story may be anybody's.

    Raises:
        StoryError: it is no text, or far too large for a story.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise wrong(path, 1, f"a story has at most {LARGEST:,} bytes")
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise wrong(path, line, "this is not UTF-8 text") from None
    return visible_lines(text.replace("\r\n", "\n").expandtabs(4))


def head_of(path: Path, text: str) -> Head:
    """The head of a story.

    Raises:
        StoryError: there is none, or a line of it is wrong.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != RULE:
        raise wrong(path, 1, f"a story begins with a line {RULE}, then its head: title: …")
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == RULE), None)
    if end is None:
        raise wrong(path, 1, f"the head has no end: write a line {RULE} after it")
    found: dict[str, str] = {}
    for number, line in enumerate(lines[1:end], 2):
        match = _FIELD.fullmatch(line.strip())
        if not line.strip():
            continue
        if match is None:
            raise wrong(path, number, f"a line of the head is 'name: value', not {line.strip()[:40]!r}")
        name = match[1].lower()
        if name not in FIELDS:
            raise wrong(path, number, f"unknown field {name!r} of the head: choose from {', '.join(FIELDS)}")
        if name in found:
            raise wrong(path, number, f"{name} is said twice")
        found[name] = match[2].strip()
        _check(path, number, name, found[name])
    if not found.get("title"):
        raise wrong(path, 1, "the head has no title")
    return Head(
        path.stem,
        path,
        found["title"],
        found.get("about", ""),
        _listed(found, "claims"),
        _listed(found, "screen"),
        _listed(found, "losses"),
        found.get("words", ""),
        int(found.get("order", "99")),
        end + 1,
    )


def _check(path: Path, line: int, name: str, value: str) -> None:
    if name == "title" and len(value) > LONGEST_TITLE:
        raise wrong(path, line, f"a title has at most {LONGEST_TITLE} characters, not {len(value)}")
    if name == "order" and not re.fullmatch(r"\d{1,4}", value):
        raise wrong(path, line, f"order is a whole number, not {value!r}")
    for word in _listed({name: value}, name) if name in {"claims", "screen"} else ():
        if name == "screen" and word not in SCREENS:
            raise wrong(path, line, f"unknown screen {word!r}: choose from {', '.join(SCREENS)}")
        if name == "claims" and not re.fullmatch(r"C[1-9]\d?", word):
            raise wrong(path, line, f"{word!r} is no claim: write C1 … C36")


def _listed(found: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(found.get(name, "").replace(",", " ").split())


@lru_cache(maxsize=1)
def heads() -> Sequence[Head]:
    """The heads of the stories that come with the program, in the order of the list.

    A file that is none is left out: the tests say what is wrong with it.
    """
    found = []
    for path in FOLDER.glob("*.md"):
        if path.stem == "README":
            continue
        try:
            found.append(head_of(path, text_of(path)))
        except (OSError, StoryError):
            continue
    return sorted(found, key=lambda head: (head.order, head.name))
