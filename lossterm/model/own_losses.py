"""Losses of one's own between runs and on the command line: ``losses.toml``, and ``--define``.

The file is distrusted line by line: what is no definition, or has the name of another loss by now, is left out, told,
and stays in the file; only a file that is no document at all is set aside.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lossterm.model.kept import NoFileError, config_folder, moved_aside, text_of, write_whole
from lossterm.model.parser import of_option

HEAD = """\
# Losses of your own, a definition each, as lossterm --define takes them and f on Curves keeps them.
# One that is kept or removed there is put in, or taken out, as a line; the other lines stay as they are.
"""

MOST = 100
"""Definitions that are read."""

_TOLD = 3
"""Problems of a file that are told one by one."""


def losses_file() -> Path:
    """The path of the file."""
    return config_folder() / "losses.toml"


def load_losses(path: Path | None = None) -> list[str]:
    """Put the losses of the file into the list of losses.

    Returns:
        What is to be told of it, a line each.
    """
    texts, told = _read(path or losses_file())
    if not texts:
        return told
    from lossterm.core.losses.own.registry import define  # the grammar is loaded where there is such a loss

    problems = []
    for text in texts[:MOST]:
        try:
            define(text)
        except ValueError as problem:
            problems.append(f"losses.toml: {problem}")
    if len(texts) > MOST:
        problems.append(f"losses.toml: the first {MOST} of {len(texts):,} losses are read")
    more = [f"losses.toml: {len(problems) - _TOLD:,} more losses are left out"] if len(problems) > _TOLD else []
    return [*told, *problems[:_TOLD], *more]


def _read(path: Path) -> tuple[list[str], list[str]]:
    # the definitions as they are written, and what is wrong with the file
    try:
        text = text_of(path)
    except FileNotFoundError:
        return [], []
    except NoFileError as problem:
        return [], [f"your losses are not kept: {problem}"]
    except (PermissionError, IsADirectoryError) as problem:
        return [], [f"your losses cannot be read: {problem}"]
    except (OSError, ValueError) as problem:
        return [], [_set_aside(path, str(problem))]
    import tomllib  # only where there is such a file

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        return [], [_set_aside(path, str(problem) or type(problem).__name__)]
    found = document.get("losses", [])
    if not isinstance(found, list):
        return [], [_set_aside(path, "losses is no list")]
    texts = [entry for entry in found if isinstance(entry, str)]
    wrong = len(found) - len(texts)
    return texts, [
        f"losses.toml: {wrong} of its losses {'is' if wrong == 1 else 'are'} no text, and left out"
    ] if wrong else []


def _set_aside(path: Path, why: str) -> str:
    aside = moved_aside(path)
    where = f"; the file was set aside as {aside}" if aside else ""
    return f"the losses of your own could not be read ({why}){where}"


def keep_loss(text: str, path: Path | None = None) -> str:
    """Put a loss into the file, in the place of the one of its name; returns what went wrong, or nothing."""
    return _rewritten(path or losses_file(), _name_of(text), text)


def drop_loss(name: str, path: Path | None = None) -> str:
    """Take a loss out of the file; returns what went wrong, or nothing."""
    return _rewritten(path or losses_file(), name, None)


def _rewritten(path: Path, name: str, text: str | None) -> str:
    texts, _ = _read(path)  # another program may have written it since
    places = [i for i, other in enumerate(texts) if _name_of(other) == name]
    at = places[0] if places else len(texts)
    put = [] if text is None else [text]
    kept = [*texts[:at], *put, *(other for i, other in enumerate(texts) if i > at and i not in places)]
    try:
        write_whole(path, lambda file: file.write(_with_lines(path, texts, kept)))
    except (NoFileError, OSError) as problem:
        return f"the loss is not kept: {problem}"
    return ""


def _with_lines(path: Path, before: Sequence[str], after: Sequence[str]) -> str:
    # the file with the comments that a person has written into it; as new where a definition is not a line of it
    import tomllib

    try:
        lines = text_of(path).splitlines()
    except (OSError, ValueError):
        lines = []
    told = {i: text for i, line in enumerate(lines) if (text := _definition_in(line)) is not None}
    if told and list(told.values()) == list(before):
        fresh = [text for text in after if text not in before]
        written: list[str] = []
        for i, line in enumerate(lines):
            if i not in told:
                written.append(line)
            elif told[i] in after:
                written.append(line if i < max(told) else _line(told[i], line))  # others may come after it
            elif fresh:
                written.append(_line(fresh.pop(), line))
            if i == max(told):
                written += map(_line, fresh)
        result = "\n".join(written) + "\n"
        with contextlib.suppress(ValueError):  # else the list begins or ends in a line of its definitions
            if tomllib.loads(result).get("losses") == list(after):
                return result
    return "\n".join([HEAD + "losses = [", *map(_line, after), "]\n"])


def _line(text: str, before: str = "") -> str:
    # with the comment that stood behind the definition before
    comments = (before[i:] for i, c in enumerate(before) if c == "#" and _definition_in(before[:i]) is not None)
    return f"  {_quoted(text)},  {next(comments, '')}".rstrip()


def _definition_in(line: str) -> str | None:
    import tomllib

    try:
        found = tomllib.loads(f"losses = [\n{line}\n]")["losses"]
    except (ValueError, RecursionError):
        return None
    return found[0] if len(found) == 1 and isinstance(found[0], str) else None


def _name_of(text: str) -> str:
    from lossterm.core.losses.own.definition import defined

    try:
        return defined(text).id
    except ValueError:
        return ""


def _quoted(text: str) -> str:
    # a definition has neither quotes nor control characters; what is none may have anything
    if text.isprintable() and "'" not in text:
        return f"'{text}'"
    signs = ("\\\\" if c == "\\" else '\\"' if c == '"' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(signs)}"'


# ---- the command line -----------------------------------------------------------------------------------------------


class _Define(argparse.Action):
    """Defines a loss as soon as it is read: names are looked up when all options have been."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        from lossterm.core.losses.own.registry import define

        with of_option("--define"):
            loss = define(values)
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest) or []), loss.definition])


def add_define_flag(parser: argparse.ArgumentParser) -> None:
    """Declare ``--define``."""
    parser.add_argument(
        "--define",
        action=_Define,
        default=None,
        metavar="'NAME: FORMULA'",
        help="a loss of your own, which --loss then takes: 'tail(g=4[0,10]): -y*log(p) - (1-y)*p**g*log(1-p)'; "
        "may be repeated",
    )


def define_words(rows: Sequence[Any]) -> list[str]:
    """The words that define the losses of one's own among some rows or losses."""
    texts = dict.fromkeys(row.definition for row in rows if getattr(row, "definition", ""))
    return [word for text in texts for word in ("--define", text)]
