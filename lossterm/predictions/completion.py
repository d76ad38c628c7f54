"""What tab makes of a line of files that is being typed: the path at its end goes on as in a shell."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import islice

MOST_SEEN, MOST_TOLD = 20_000, 60
"""Entries of a folder that are looked at, and names that are told."""

_SPECIAL = re.compile(r"""([\s'"\\$`!*?\[\](){}<>|&;#])""")


def completed(line: str) -> tuple[str, Sequence[str]]:
    """A line with the path at its end gone on with as far as there is one way only.

    Args:
        line: as it was typed: words as in a shell, the last of which is a path or the beginning of one; ``~`` is the
            home folder, and names that begin with a dot are found where the dot is typed.

    Returns:
        The line, which keeps all that was typed, and the names among which the path may go on, where there are several;
        none where it is complete, or leads nowhere.
    """
    before, word = _last_word(line)
    flag, equals, path = word.partition("=") if word.startswith("-") else ("", "", word)
    folder, slash, start = path.rpartition("/")
    if path == "~":
        return f"{before}{flag}{equals}~/", ()
    names = _names(os.path.expanduser(folder + slash) or ".", start)  # noqa: PTH111  (it leaves be what is no home)
    if not names:
        return line, ()
    common = _common(names[0], names[-1])
    whole = len(names) == 1
    if len(common) < len(start) or (common == start and not whole):
        return line, _told(names)
    end = " " if whole and not common.endswith("/") else ""
    longer = f"{before}{flag}{equals}{_escaped(folder + slash + common)}{end}"
    return longer, () if whole else _told(names)


def _last_word(line: str) -> tuple[str, str]:
    # what stands before the last word, and the word itself without its quotation marks and backslashes
    start, at, quote, word, within = 0, 0, "", "", False
    while at < len(line):
        c = line[at]
        if quote:
            if c == quote:
                quote = ""
            elif c == "\\" and quote == '"' and line[at + 1 : at + 2] in ('"', "\\"):
                at += 1
                word += line[at]
            else:
                word += c
        elif c.isspace():
            start, word, within = at + 1, "", False
        elif c in "'\"":
            quote = c
            start, within = (start, True) if within else (at, True)
        else:
            start, within = (start, True) if within else (at, True)
            if c == "\\" and at + 1 < len(line):
                at += 1
                c = line[at]
            word += c
        at += 1
    return line[:start], word


def _escaped(path: str) -> str:
    return _SPECIAL.sub(r"\\\1", path)


def _names(folder: str, start: str) -> list[str]:
    # the names in a folder that begin so, folders with a slash; none where it cannot be read
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name + "/" * entry.is_dir()
                for entry in islice(entries, MOST_SEEN)
                if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith("."))
            ]
    except (OSError, ValueError):
        return []
    return sorted(found)


def _common(first: str, last: str) -> str:
    # what all names between these two in order begin with
    return next((first[:i] for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(first, last))


def _told(names: Sequence[str]) -> list[str]:
    more = len(names) - MOST_TOLD
    return [*names[:MOST_TOLD], *([f"and {more:,} more"] if more > 0 else [])]
