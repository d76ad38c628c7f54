"""Somebody's text as text: what a terminal, a file or a spreadsheet could take for something else has a stand-in."""

from __future__ import annotations

from collections.abc import Sequence

UNSEEN = "\ufffd"
"""What stands for a character that cannot be seen, or that turns the direction of writing."""

LONGEST_LINE = 2000
"""Characters of a complaint."""

LONGEST = 60
"""Characters of a name that is echoed in a message."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Heads of a cell that spreadsheets take for a formula, in the wide forms too."""


def visible(text: str) -> str:
    """A text as one line of signs that can be seen, each in the place of one character.

    Control characters become their pictures (``␛`` for escape, ``␊`` for a new line), blanks of all kinds a space, and
    what has no sign or turns the direction of writing ``�``. A terminal obeys none of these, and XML has all of them.
    """
    return text if text.isprintable() else "".join([c if c.isprintable() else _seen(c) for c in text])


def _seen(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return " " if character.isspace() and code not in (0x85, 0x2028, 0x2029) else UNSEEN


def visible_lines(text: str) -> str:
    """A text of several lines, each of them `visible`."""
    return "\n".join(map(visible, text.split("\n")))


def one_line(problem: Exception) -> str:
    """What is wrong, in a line of no great length; of what no one foresaw its kind too."""
    text = shortened(visible(" ".join(str(problem).split())), LONGEST_LINE)
    return text if isinstance(problem, ValueError | OSError) and text else f"{type(problem).__name__}: {text}"


def echoed(text: str) -> str:
    """What somebody typed, quoted for a message: visible, and cut where it is long."""
    return repr(visible(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"))


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; what is left out of its middle is an ellipsis."""
    if len(text) <= most:
        return text
    head = (most - 3) // 2
    return f"{text[:head]} … {text[len(text) - (most - 3 - head) :]}"


def cell_of_sheet(value: object) -> object:
    """A value as a cell of a CSV file that a spreadsheet may open.

    A text is made `visible`, and one that a spreadsheet would take for a formula gets an apostrophe before it, which
    makes it text there; numbers, also those that are written as text (``-1.5``), stay.
    """
    if not isinstance(value, str):
        return value
    text = visible(value)
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def listed_names(names: Sequence[str]) -> str:
    """Names with commas between them; one that would be taken apart is quoted, as in a line of CSV."""
    plain = [name == name.strip() and not set(name) & set(',"\r\n') for name in names]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    return ",".join(name if as_is else text for name, text, as_is in zip(names, quoted, plain, strict=True))
