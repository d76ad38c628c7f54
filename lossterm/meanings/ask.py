"""What a number means, asked from any screen: a prompt, a sheet of explanations, and enter opens the view of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from math import ceil
from typing import Any

from lossterm.core.plain import shortened, visible
from lossterm.features import COMMANDS, FEATURES
from lossterm.meanings.answers import Explanation
from lossterm.meanings.command import explained
from lossterm.meanings.report import by_number, few, heading, paragraphs, remark
from lossterm.model.actions import Ask, Lay, Outcome, Section, Visit

QUESTION = "what does … mean"

USUAL = 8
"""How far the usual window reaches."""


def ask(state: object) -> Outcome:
    """Ask for a number or a line of a log, and lay its explanations over the screen."""
    return Ask(QUESTION, _explained)


def _explained(state: object, text: str) -> Lay:
    asked = explained(text)
    sections: list[Section] = []
    groups = by_number(few(asked.answers))
    every = dict(by_number(asked.answers))
    for title, group in groups:
        note = remark(every[title])
        head = title if len(groups) > 1 else ""
        sections += [Section(head, (note,) if note else ())] if head or note else []
        sections += [_section(one) for one in group]
    commands = "\n".join(one.command for _, group in groups for one in group)
    return Lay(
        f"what {visible(shortened(text.strip(), 30))} means", tuple(sections), commands, "the commands are copied"
    )


def _section(one: Explanation) -> Section:
    return Section(heading(one), tuple(paragraphs(one)), (one.command,), view_of(one))


def view_of(one: Explanation) -> Callable[[Any], Visit] | None:
    """From the state of a screen to the view of an explanation; None where its command has no screen."""
    words, beside = _of_curves(one.words)
    screen = next((f.name for f in FEATURES if f.command == _picture(words[0])), None)
    return None if screen is None else partial(_visit, screen, words, beside)


def _of_curves(words: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, object]]:
    # what libraries or a precision make of a loss is beside or over its curves, at the same point
    if words[0] == "dialects":
        return ("table", f"--loss={words[1]}", *words[2:]), {"dialects": True}
    if words[0] == "precision":
        dtype = next(word.removeprefix("--dtype=") for word in words if word.startswith("--dtype="))
        return ("table", *(word for word in words[1:] if not word.startswith("--dtype="))), {"precision": dtype}
    return words, {}


def _picture(command: str) -> str:
    return "plot" if command == "table" else command


def _visit(screen: str, words: tuple[str, ...], beside: Mapping[str, object], state: object) -> Visit:
    command = import_module(COMMANDS[_picture(words[0])].module)
    setting = command.setting(list(words[1:]))
    if words[0] == "table" and abs(setting.subject.logit) > USUAL:  # a cursor that is out of the window is not seen
        far = ceil(1.2 * abs(setting.subject.logit))
        low, high = (-far, USUAL) if setting.subject.logit < 0 else (-USUAL, far)
        setting = command.setting([*words[1:], f"--range={low}:{high}"])
    return Visit(screen, replace(setting, screen={**setting.screen, **beside}))
