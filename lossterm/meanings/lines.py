"""The losses of a training line by line: numbers alone, lines of a log, or a table with names over its columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lossterm.core.plain import echoed
from lossterm.meanings.reading import LONGEST, Quoted, figure, figures_of, is_loss

_HELD_BACK = re.compile(r"val|test|(?<![a-z])dev(?![a-z])")
"""In the name of a loss that nothing is fitted to."""

SEPARATORS = (",", "\t", ";")
"""What may stand between the cells of a table."""


@dataclass(frozen=True)
class LossSeries:
    """Losses of one kind, in order.

    Attributes:
        name: what the first of them is called; empty where it has no name.
        values: one a step.
        lines: the line of each in its file, from 1.
    """

    name: str = ""
    values: tuple[float, ...] = ()
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Losses:
    """What the lines of a training hold.

    Attributes:
        training: the losses that are fitted; the others where there are none.
        validation: those of examples that are held back.
        passed_over: lines without a loss.
    """

    training: LossSeries
    validation: LossSeries = LossSeries()
    passed_over: int = 0


def losses_of(lines: Sequence[str]) -> Losses:
    """The losses of lines.

    Raises:
        ValueError: a line has several numbers without names, a table has no loss, or there is no number at all.
    """
    training: list[tuple[Quoted, int]] = []
    validation: list[tuple[Quoted, int]] = []
    held = passed_over = 0
    for n, found in _found(lines):
        ways = [[one for one in found if judges(one.name) is judging] for judging in (False, True)]
        training += [(one, n) for one in ways[0][:1]]
        validation += [(one, n) for one in ways[1][:1]]
        held += bool(found)
        passed_over += not found and bool(lines[n - 1].strip())
    if not held:
        raise ValueError("there is no loss in it: a number a line is needed, or lines such as 'loss: 0.6931'")
    if not training:
        return Losses(_series(validation), passed_over=passed_over)
    return Losses(_series(training), _series(validation), passed_over)


def judges(name: str) -> bool:
    """Whether a loss of this name is one of examples that are held back."""
    return bool(_HELD_BACK.search(name.lower()))


def _series(found: Sequence[tuple[Quoted, int]]) -> LossSeries:
    if not found:
        return LossSeries()
    return LossSeries(found[0][0].name, tuple(one.value for one, _ in found), tuple(n for _, n in found))


def _found(lines: Sequence[str]) -> Iterator[tuple[int, list[Quoted]]]:
    # each line with its losses
    head = next((n for n, line in enumerate(lines) if line.strip()), 0)
    separator = _separator(lines[head : head + 2])
    if not separator:
        yield from ((n, _of_line(line, n)) for n, line in enumerate(lines, 1))
        return
    names = _cells(lines[head], separator)
    if not any(map(is_loss, names)):
        raise ValueError(f"none of the columns {echoed(', '.join(names))} is a loss by its name, such as 'loss'")
    for n, line in enumerate(lines[head + 1 :], head + 2):
        cells = _cells(line, separator)
        yield n, [one for one in map(_cell, names, cells) if one is not None]


def _cells(line: str, separator: str) -> list[str]:
    if len(line) > LONGEST:  # as of a log: none that is read
        return []
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])]


def _separator(lines: Sequence[str]) -> str:
    """What parts the cells of a table; nothing where the first line is no line of names."""
    for separator in SEPARATORS:
        # the first may have none: the number of the row
        names, cells = ([cell.strip(" \"'") for cell in line.split(separator)] for line in [*lines, "", ""][:2])
        if len(names) > 1 and len(cells) == len(names) and all(names[1:]) and not any(map(_is_number, names)):
            filled = [cell for cell in cells if cell]
            if filled and sum(map(_is_number, filled)) * 2 >= len(filled):
                return separator
    return ""


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cell(name: str, cell: str) -> Quoted | None:
    return figure(cell, name) if is_loss(name) and _is_number(cell) else None


def _of_line(line: str, n: int) -> list[Quoted]:
    try:
        return [figure(line.strip())]
    except ValueError:
        pass
    try:
        found = [one for one in figures_of(line) if one.kind in ("loss", "perplexity", "bits")]
    except ValueError:
        return []
    if len(found) > 1 and not any(one.name for one in found):
        raise ValueError(
            f"line {n} has {len(found)} numbers without names: one number a line is needed, 'loss: 0.69', or a table "
            "with names over its columns"
        )
    return found
