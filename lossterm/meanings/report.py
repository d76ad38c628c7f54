"""Explanations as a person reads them, and as a program does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite, isnan

from lossterm.core.numbers import trimmed
from lossterm.meanings.answers import Explanation
from lossterm.meanings.reading import Quoted
from lossterm.model.records import strict

SHOWN = 8
"""Explanations of one number that are told unasked."""

SHOWN_OF_MANY = 3
"""Those of each number of a line that has several."""


def document(answers: Sequence[Explanation]) -> list[dict[str, object]]:
    """What ``--format json`` prints: likeliest first; a nan is null."""
    return [
        {
            "number": one.number,
            "name": one.name,
            "relation": one.relation,
            "says": one.says,
            "when": one.when,
            "next": one.next,
            "command": one.command,
            "value": strict(one.value),
        }
        for one in answers
    ]


def by_number(answers: Sequence[Explanation]) -> list[tuple[str, list[Explanation]]]:
    """The explanations of each number, under what it is called."""
    return [
        (_title(name, number), list(of))
        for (name, number), of in groupby(answers, key=lambda one: (one.name, one.number))
    ]


def _title(name: str, number: str) -> str:
    return " ".join(part for part in (name, number) if part) or "the curve"


def few(answers: Sequence[Explanation], *, every: bool = False) -> list[Explanation]:
    """Of each number those that are told: the first, and what always holds as the last."""
    groups = by_number(answers)
    room = SHOWN if len(groups) == 1 else SHOWN_OF_MANY
    return [one for _, group in groups for one in (group if every else _shortened(group, room))]


def _shortened(group: Sequence[Explanation], room: int) -> list[Explanation]:
    if len(group) <= room:
        return list(group)
    last = [one for one in group if one.relation == "always"] if group[0].relation != "always" else []
    return [*[one for one in group if one not in last][: room - len(last[:1])], *last[:1]]


def remark(group: Sequence[Explanation], *, of: int | None = None) -> str:
    """What is to be said above the explanations of a number: that none is near, that they are several; else empty."""
    agreeing = [one for one in group if one.relation == "digits"]
    values = {f"{one.value:.6g}" for one in agreeing}
    digits = sum(c.isdigit() for c in group[0].number)
    if len(agreeing) > 1:
        apart = " more digits would tell them apart." if len(values) > 1 and digits < 5 else ""
        return f"{len(agreeing)} explanations agree with the digits given;{apart or ' its digits cannot tell which.'}"
    if not agreeing and any(one.relation == "near" for one in group):
        return "None agrees with the digits given; near it:"
    if all(one.relation == "always" and isfinite(one.value) for one in group):
        return "No known number is near it. What holds of any:"
    return ""


def passed_over(figures: Sequence[Quoted]) -> str:
    """Which numbers of a line are no losses; empty where all are."""
    others = [f"{one.name} {one.text}".strip() for one in figures if one.kind == "other" and isfinite(one.value)]
    return f"no losses: {', '.join(others)}" if others else ""


def paragraphs(one: Explanation) -> Iterator[str]:
    """The lines below what an explanation says."""
    yield f"when: {one.when}"
    yield f"next: {one.next}"


def heading(one: Explanation) -> str:
    """An explanation with its number before it."""
    told = trimmed(one.value, 5)
    if one.relation == "shape" or isnan(one.value) or one.says.startswith(f"{told}:"):
        return one.says
    return f"{told} · {one.says}"
