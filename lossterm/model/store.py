"""What is kept between runs: one versioned file in the platform's state directory, written atomically.

One policy: the file is distrusted field by field. What is not valid has its usual value, and the rest is kept; only a
file that is no document at all is set aside, and told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossterm.model.kept import NoFileError, moved_aside, state_folder, text_of, write_whole
from lossterm.model.rows import lost_losses
from lossterm.model.sections import Folds, restored_folds, saved_folds
from lossterm.model.subject import Row, Subject
from lossterm.model.subject_options import restored_subject, saved_subject

VERSION = 2


@dataclass(frozen=True)
class Saved:
    """What was saved.

    Attributes:
        subject: what the screens look at together; None where nothing was saved.
        screens: what each screen keeps, by its name; each reads its own and distrusts it.
        theme: its name.
        notice: what a person should be told about the file.
        stories: how far one has come in each, by its name; who tells them reads and distrusts it.
        folds: the families of the list of losses that one has folded and unfolded.
        is_first: whether nothing has ever been saved.
    """

    subject: Subject | None = None
    screens: Mapping[str, Any] = field(default_factory=dict)
    theme: str | None = None
    notice: str = ""
    stories: Mapping[str, Any] = field(default_factory=dict)
    folds: Folds = ()
    is_first: bool = field(default=False, compare=False)


def state_file() -> Path:
    """The path of the file."""
    return state_folder() / "state.json"


def load(path: Path | None = None) -> Saved:
    """What was saved last; nothing where there is nothing. A file that is no document is set aside, with a notice."""
    path = path or state_file()
    try:
        text = text_of(path)
    except FileNotFoundError:
        return Saved(is_first=True)
    except NoFileError as problem:
        return Saved(notice=f"the view is not kept: {problem}")
    except (OSError, ValueError) as problem:  # also bytes that are no text
        return _set_aside(path, str(problem))
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise ValueError("it holds no document")
        if document.get("version") not in (1, VERSION):
            raise ValueError(f"it is of version {document.get('version')!r}, not {VERSION}")
    except (ValueError, RecursionError) as problem:
        return _set_aside(path, str(problem) or type(problem).__name__)
    return _read(document)


def _read(document: Mapping[str, Any]) -> Saved:
    theme, screens = document.get("theme"), document.get("screens")
    screens = dict(screens) if isinstance(screens, dict) else {}
    subject = document.get("subject")
    if document["version"] == 1:  # there the subject was a part of the Curves screen
        subject = document.get("curves")
        screens["curves"] = subject
    stories = document.get("stories")
    lost = lost_losses(subject, Row) if isinstance(subject, Mapping) else []
    return Saved(
        notice=f"left out of the saved view, for they are defined no more: {', '.join(lost)}" if lost else "",
        subject=restored_subject(Subject(), subject) if isinstance(subject, Mapping) else None,
        screens=screens,
        stories=stories if isinstance(stories, dict) else {},
        theme=theme if isinstance(theme, str) else None,
        folds=restored_folds(document.get("folds")),
    )


def set_aside(why: str, path: Path | None = None) -> str:
    """Put the saved state out of the way, because it could not be shown; returns what is to be told of it."""
    path = path or state_file()
    return _set_aside(path, why).notice if path.is_file() else ""


def _set_aside(path: Path, why: str) -> Saved:
    aside = moved_aside(path)
    if aside is None:
        return Saved(notice=f"the saved state cannot be read ({why})")
    return Saved(notice=f"the saved state could not be used ({why}); it was set aside as {aside}")


def save(saved: Saved, path: Path | None = None) -> str:
    """Write it, atomically, through a symbolic link to where that leads; returns what went wrong, or nothing."""
    path = path or state_file()
    document = {
        "version": VERSION,
        "theme": saved.theme,
        "subject": None if saved.subject is None else saved_subject(saved.subject),
        "screens": dict(saved.screens),
        "stories": dict(saved.stories),
        "folds": saved_folds(saved.folds),
    }
    try:
        write_whole(path, lambda file: json.dump(document, file, indent=1, allow_nan=False))
    except NoFileError as problem:
        return f"the view was not saved: {problem}"
    except (OSError, ValueError, TypeError, RecursionError) as problem:
        where = "" if isinstance(problem, OSError) and problem.filename else f" ({path})"
        return f"the view was not saved: {problem}{where}"
    return ""
