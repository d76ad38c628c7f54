"""``lossterm properties``: the comparison table, computed from the functions."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from lossterm.core.losses.objective import Objective
from lossterm.core.numbers import trimmed
from lossterm.core.properties import ABOUT, Property, properties
from lossterm.model.feature import ScreenSetting
from lossterm.model.notation import loss_name, params_cell
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.printing import cut, say, width, writable
from lossterm.model.records import objective_record, strict
from lossterm.model.rows import with_losses
from lossterm.model.subject import Subject, label_letter
from lossterm.model.subject_options import add_subject_flags, asked_rows, say_home
from lossterm.model.text_table import GAP
from lossterm.properties.report import COLUMNS, UNDECIDED, cells

EXAMPLES = (
    "lossterm properties --loss ce,mse,focal",
    "lossterm properties --loss all --activation tanh --label 0 --format markdown",
    "lossterm properties --loss huber:delta=2 --activation identity --label 3 --format json",
)
NARROWEST_NAME = 12
"""Columns of the names of losses, however wide a cell is."""

Found = tuple[Objective, Mapping[str, Property]]


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm properties", "What is true of each loss, computed from its numbers.", EXAMPLES)
    add_subject_flags(declared)
    add_format(declared, "text", "json", "csv", "markdown")
    return declared


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json", "csv", "markdown")
    subject, objectives = _asked(options)
    if form == "json":
        _json(objectives, subject.smoothing)
    else:
        if form in ("text", "markdown"):
            say_home(options, subject.activation, subject.label)
        {"text": _text, "csv": _csv, "markdown": _markdown}[form](objectives)
    return 0


def answer(arguments: Sequence[str]) -> list[dict[str, object]]:
    """What ``--format json`` prints."""
    subject, objectives = _asked(parser().parse_args(arguments))
    return [record(*row, subject.smoothing) for row in _rows(objectives)]


def setting(arguments: Sequence[str]) -> ScreenSetting:
    """What the Properties screen shows of these words."""
    subject, rows = asked_rows(parser().parse_args(arguments), any_label=True)
    return ScreenSetting(with_losses(subject, rows), {})


def _asked(options: argparse.Namespace) -> tuple[Subject, list[Objective]]:
    subject, rows = asked_rows(options, any_label=True)
    return subject, [Objective(row.entry, row.params, subject.target, subject.link) for row in rows]


def found_for(objective: Objective) -> dict[str, Property]:
    """Every property of one loss behind its activation for its label."""
    return properties(objective.loss, dict(objective.params), objective.activation, objective.label)


def _rows(objectives: Sequence[Objective]) -> Iterator[Found]:
    for objective in objectives:
        yield objective, found_for(objective)


def record(objective: Objective, found: Mapping[str, Property], smoothing: float) -> dict[str, object]:
    """One loss of the machine-readable format; its label is that after smoothing."""
    return {
        **objective_record(objective, smoothing),
        "properties": {
            name: {
                "value": strict(p.value) if isinstance(p.value, float) else p.value,
                "evidence": p.evidence,
                "tolerance": None if p.tolerance is None else strict(p.tolerance),
            }
            for name, p in found.items()
        },
    }


def _json(objectives: Sequence[Objective], smoothing: float) -> None:
    encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
    separator = "["
    for row in _rows(objectives):
        sys.stdout.write(f"{separator}\n{encode(record(*row, smoothing))}")
        separator = ","
    sys.stdout.write("\n]\n")


def csv_cells(objective: Objective, found: Mapping[str, Property]) -> list[object]:
    """One line of the CSV: booleans as in JSON, undecided empty."""
    values = [p.value for p in found.values()]
    texts = [str(v).lower() if isinstance(v, bool) else "" if v is None else v for v in values]
    return [objective.loss.id, params_cell(dict(objective.params)), *texts]


def write_csv(rows: Iterator[Found] | Sequence[Found], target: object) -> None:
    """The table with a header."""
    writer = csv.writer(target, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(["loss", "params", *ABOUT])
    for row in rows:
        writer.writerow(csv_cells(*row))


def _csv(objectives: Sequence[Objective]) -> None:
    write_csv(_rows(objectives), sys.stdout)


def _texts(rows: Sequence[Found]) -> list[list[str]]:
    heads = ["loss", *(column.short for column in COLUMNS)]
    return [heads, *([loss_name(objective), *cells(found)] for objective, found in rows)]


def _markdown(objectives: Sequence[Objective]) -> None:
    rows = [[text.replace("|", "\\|") for text in row] for row in _texts(list(_rows(objectives)))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        print("| " + " | ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)) + " |")


def _text(objectives: Sequence[Objective]) -> None:
    """The table in blocks of as many columns as fit, each with the names before it."""
    first = objectives[0]
    letter = label_letter(objective.loss for objective in objectives)
    say(f"{letter} = {trimmed(first.label)} · {first.activation.id} · {first.activation.formula}")
    found = list(_rows(objectives))
    names, *columns = ([writable(text) for text in column] for column in zip(*_texts(found), strict=True))
    room = width()
    widths = [min(max(map(len, column)), room - NARROWEST_NAME - GAP) for column in columns]
    left = min(max(map(len, names)), room - max(widths) - GAP)
    start = 0
    while start < len(columns):
        end, used = start + 1, left + GAP + widths[start]
        while end < len(columns) and used + GAP + widths[end] <= room:
            used += GAP + widths[end]
            end += 1
        print()
        for i, name in enumerate(names):
            block = range(start, end)
            print(
                f"{cut(name, left):<{left}}" + "".join(f"  {cut(columns[k][i], widths[k]):>{widths[k]}}" for k in block)
            )
        start = end
    _reasons(found)


def _reasons(rows: Sequence[Found]) -> None:
    """Why what is undecided cannot be told."""
    heads = {column.name: column.short for column in COLUMNS}
    why: dict[str, list[str]] = {}
    for _, found in rows:
        for name, p in found.items():
            if p.value is None:
                why.setdefault(p.evidence, []).append(heads[name])
    if why:
        print(f"\n{UNDECIDED} undecided")
        for reason, undecided in why.items():
            say(f"  {', '.join(dict.fromkeys(undecided))}: {reason}", "    ")
