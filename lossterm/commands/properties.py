"""``lossterm properties``: the comparison table, computed from the functions."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence

from lossterm.arguments import choice, joined
from lossterm.cli import Parser
from lossterm.commands.asked import asked_rows, objective_of, params_text
from lossterm.commands.table import name_with_params, strict
from lossterm.core.objective import Objective
from lossterm.core.properties import ABOUT, Property, properties
from lossterm.numbers import trimmed
from lossterm.options import add_format, add_view_options
from lossterm.property_table import HEADS, UNDECIDED, cells

EXAMPLE = "lossterm properties --loss all --activation sigmoid --label 1 --format markdown"
PIPED_WIDTH = 100
"""Columns of the text in a pipe."""

Row = tuple[Objective, Mapping[str, Property]]


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm properties", "What is true of each loss, computed from its numbers.", EXAMPLE)
    add_view_options(parser, picture=False)
    add_format(parser, "text", "json", "csv", "markdown")
    options = parser.parse_args(joined(arguments))
    view, rows = asked_rows(options, any_label=True)
    form = choice(options.format or "text", ("text", "json", "csv", "markdown"), "format")
    objectives = [objective_of(view, row) for row in rows]
    {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown}[form](objectives)
    return 0


def found_for(objective: Objective) -> dict[str, Property]:
    """Every property of one loss behind its activation for its label."""
    return properties(objective.loss, dict(objective.params), objective.activation, objective.label)


def _rows(objectives: Sequence[Objective]) -> Iterator[Row]:
    for objective in objectives:
        yield objective, found_for(objective)


def record(objective: Objective, found: Mapping[str, Property]) -> dict[str, object]:
    """One loss of the machine-readable format."""
    return {
        "loss": objective.loss.id,
        "params": dict(objective.params),
        "properties": {
            name: {
                "value": strict(p.value) if isinstance(p.value, float) else p.value,
                "evidence": p.evidence,
                "tolerance": None if p.tolerance is None else strict(p.tolerance),
            }
            for name, p in found.items()
        },
    }


def _json(objectives: Sequence[Objective]) -> None:
    encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
    separator = "["
    for row in _rows(objectives):
        sys.stdout.write(f"{separator}\n{encode(record(*row))}")
        separator = ","
    sys.stdout.write("\n]\n")


def csv_cells(objective: Objective, found: Mapping[str, Property]) -> list[object]:
    """One line of the CSV: booleans as in JSON, undecided empty."""
    values = [p.value for p in found.values()]
    texts = [str(v).lower() if isinstance(v, bool) else "" if v is None else v for v in values]
    return [objective.loss.id, params_text(dict(objective.params)), *texts]


def write_csv(rows: Iterator[Row] | Sequence[Row], target: object) -> None:
    """The table with a header."""
    writer = csv.writer(target, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(["loss", "params", *ABOUT])
    for row in rows:
        writer.writerow(csv_cells(*row))


def _csv(objectives: Sequence[Objective]) -> None:
    write_csv(_rows(objectives), sys.stdout)


def _texts(rows: Sequence[Row]) -> list[list[str]]:
    return [["loss", *HEADS.values()], *([name_with_params(objective), *cells(found)] for objective, found in rows)]


def _markdown(objectives: Sequence[Objective]) -> None:
    rows = [[text.replace("|", "\\|") for text in row] for row in _texts(list(_rows(objectives)))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        print("| " + " | ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)) + " |")


def _text(objectives: Sequence[Objective]) -> None:
    """The table in blocks of as many columns as fit, each with the names before it."""
    first = objectives[0]
    print(f"y = {trimmed(first.label)} · {first.activation.id} · {first.activation.formula}")
    found = list(_rows(objectives))
    rows = _texts(found)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    total = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if sys.stdout.isatty() else PIPED_WIDTH
    start, count = 1, len(widths)
    while start < count:
        end, used = start, widths[0]
        while end < count and (end == start or used + 2 + widths[end] <= total):
            used += 2 + widths[end]
            end += 1
        print()
        for row in rows:
            body = "".join(f"  {row[i]:>{widths[i]}}" for i in range(start, end))
            print(f"{row[0]:<{widths[0]}}{body}")
        start = end
    _reasons(found)


def _reasons(rows: Sequence[Row]) -> None:
    """Why what is undecided cannot be told."""
    why: dict[str, list[str]] = {}
    for _, found in rows:
        for name, p in found.items():
            if p.value is None:
                why.setdefault(p.evidence, []).append(HEADS[name])
    if why:
        print(f"\n{UNDECIDED} undecided")
        for reason, heads in why.items():
            print(f"  {', '.join(dict.fromkeys(heads))}: {reason}")
