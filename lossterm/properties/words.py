"""From computed properties to what the widgets of the Properties screen show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lossterm.core.numbers import significant, trimmed
from lossterm.core.properties import ABOUT, Property
from lossterm.core.properties.report import lettered
from lossterm.model.notation import row_name
from lossterm.model.sections import Heading, Line
from lossterm.model.subject import Row, Subject
from lossterm.properties.report import COLUMNS, cell, tolerance_text
from lossterm.tui.widgets.grid import GridRow

Found = Mapping[str, Property]

NAMES = tuple(column.name for column in COLUMNS)
"""The properties in their order."""

QUESTIONS = tuple(column.question for column in COLUMNS)
"""What each is an answer to."""

WAITING = "…"
"""What is shown until it is computed."""


def heads(subject: Subject) -> list[tuple[str, str]]:
    """The heads of the columns."""
    v = subject.link.letter
    return [(one.format(v=v), two.format(v=v)) for one, two in (column.head for column in COLUMNS)]


Texts = tuple[tuple[str, ...], tuple[bool, ...]]
"""The cells of a row, and for each whether it stands back."""

UNKNOWN: Texts = ((WAITING,) * len(NAMES), (True,) * len(NAMES))
"""A row that is not yet computed."""


def texts(found: Found) -> Texts:
    """The cells of a row."""
    values = [found[name].value for name in NAMES]
    return tuple(map(cell, values)), tuple(v is None or v is False for v in values)


def grid_rows(subject: Subject, listed: Sequence[Line], known: Mapping[int, Texts | None]) -> list[GridRow]:
    """The rows of the table, those that are listed in their order, and the headings among them."""
    result, letters = [], subject.letters
    for index in listed:
        if isinstance(index, Heading):
            name, nothing = f"{index.family} {index.count}", ("",) * len(NAMES)
            result.append(GridRow(" ", -1, not index.folded, name, nothing, (False,) * len(NAMES), box="▾▸"))
            continue
        r, letter = subject.rows[index], letters.get(index, " ")
        cells, dim = known.get(index) or UNKNOWN
        result.append(GridRow(letter, ord(letter) - 97 if r.shown else -1, r.shown, row_name(r), cells, dim))
    return result


def evidence(
    subject: Subject, r: Row, name: str, found: Found | None, point: int
) -> tuple[str, str, list[tuple[str, str]]]:
    """The title, what enter does, and the lines of the evidence of one cell."""
    head = " ".join(part for part in heads(subject)[NAMES.index(name)] if part).replace("- ", "")
    if found is None:
        return f"{head} · {row_name(r)}", "", [("", "being computed …")]
    p = found[name]
    where = ""
    if p.points:
        at = point % len(p.points)
        which = f" ({at + 1} of {len(p.points)}: n)" if len(p.points) > 1 else ""
        where = f"enter: Curves at z = {significant(p.points[at])}{which}"
    lines = [("means", lettered(ABOUT[name], subject.link.letter)), ("because", p.evidence)]
    if p.value is not None:
        lines.append(("tolerance", tolerance_text(p.tolerance)))
    value = "undecided" if p.value is None else cell(p.value)
    return f"{head} · {row_name(r)}: {value}", where, lines


def everything(subject: Subject, found: Found, current: str) -> list[tuple[str, str]]:
    """The other properties of one loss with their evidence."""
    names = [" ".join(part for part in head if part).replace("- ", "") for head in heads(subject)]
    return [
        (head, f"{'undecided' if found[name].value is None else cell(found[name].value)}: {found[name].evidence}")
        for head, name in zip(names, NAMES, strict=True)
        if name != current
    ]


def status(subject: Subject, done: int, count: int) -> tuple[str, str]:
    """What is looked at, in a long and a short form.

    Args:
        subject: behind whose activation the losses are, and for whose label.
        done: how many losses are computed.
        count: how many there are in sight.
    """
    y = trimmed(subject.target, 6)
    progress = f" · {done} of {count}" if done < count else f" · {count} losses × {len(NAMES)} properties"
    return f"y = {y} · {subject.activation}{progress}", f"y={y}·{subject.activation}"
