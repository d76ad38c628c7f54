"""``lossterm table``: the numbers at points, in aligned columns, as JSON or as CSV, streamed."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from lossterm.core.losses.objective import MEASURES, Objective, Reading
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import equation, fitting, trimmed
from lossterm.model.notation import Points, loss_name, params_cell
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.printing import cut, say, width, writable
from lossterm.model.records import objective_record, strict
from lossterm.model.subject import label_letter
from lossterm.model.subject_options import add_subject_flags, asked_rows, points_asked, say_home
from lossterm.model.text_table import left_out

EXAMPLES = (
    "lossterm table --loss bce,mse --at=-4,0,4",
    "lossterm table --loss all --at p=.02,.98 --format csv",
    "lossterm table --loss huber:delta=2 --label 3.5 --activation identity --at=-8:8:33 --format json",
)
DEFAULT_POINTS = "-8:8:17"
CHUNK = 2048
FIELDS = ("loss", "params", "label", "smoothing", "activation", *MEASURES)
"""A row of the machine-readable formats."""

FIELDS_OF_TEXT = ("prediction", "value", "d_prediction", "d2_prediction", "d_activation", "d_logit", "d2_logit")
"""The numbers of a line of text after the logit, in order."""

Record = dict[str, object]


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm table", "Value, gradients and curvature at points.", EXAMPLES)
    add_subject_flags(declared)
    told = f"logits (default {DEFAULT_POINTS}), or predictions"
    declared.add_argument("--at", metavar="Z,…|LO:HI:N|p=P,…", help=told)
    add_format(declared, "text", "json", "csv")
    return declared


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    objectives, at, smoothing = _asked(options)
    form = asked_format(options, "text", "json", "csv")
    if form == "text":
        say_home(options, objectives[0].activation.id, objectives[0].label)
        _text(objectives, at)
    else:
        {"json": _json, "csv": _csv}[form](objectives, at, smoothing)
    return 0


def answer(arguments: Sequence[str]) -> list[Record]:
    """What ``--format json`` prints."""
    return list(records(*_asked(parser().parse_args(arguments))))


def _asked(options: argparse.Namespace) -> tuple[list[Objective], Points, float]:
    subject, rows = asked_rows(options)
    at = points_asked(options.at if options.at is not None else DEFAULT_POINTS, subject)
    return [Objective(row.entry, row.params, subject.target, subject.link) for row in rows], at, subject.smoothing


def _rows(objectives: Sequence[Objective], at: Points) -> Iterator[tuple[Objective, list[float]]]:
    for chunk in at.chunks(CHUNK):
        evaluations = [objective.evaluate(chunk) for objective in objectives]
        columns = [list(zip(*(getattr(e, m).tolist() for m in MEASURES), strict=True)) for e in evaluations]
        for i in range(chunk.size):
            for objective, values in zip(objectives, columns, strict=True):
                yield objective, list(values[i])


def record(objective: Objective, values: Reading, smoothing: float) -> Record:
    """One row of the machine-readable formats; its label is that after smoothing."""
    return {
        **objective_record(objective, smoothing),
        **{name: strict(getattr(values, name)) for name in MEASURES},
    }


def records(objectives: Sequence[Objective], at: Points, smoothing: float) -> Iterator[Record]:
    """The rows of the machine-readable formats, point by point and loss by loss."""
    for objective, values in _rows(objectives, at):
        yield record(objective, Reading(*values), smoothing)


def _json(objectives: Sequence[Objective], at: Points, smoothing: float) -> None:
    write = sys.stdout.write
    encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
    separator = "["
    for record in records(objectives, at, smoothing):
        write(f"{separator}\n{encode(record)}")
        separator = ","
    write("\n]\n")


def write_csv(rows: Iterable[Record], target: object) -> None:
    """Rows as CSV with a header; parameters as ``gamma=2;alpha=``."""
    writer = csv.writer(target, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(FIELDS)
    for record in rows:
        params = record["params"]
        assert isinstance(params, dict)
        cells = ["" if record[name] is None else record[name] for name in FIELDS]
        cells[1] = params_cell(params)
        writer.writerow(cells)


def _csv(objectives: Sequence[Objective], at: Points, smoothing: float) -> None:
    write_csv(records(objectives, at, smoothing), sys.stdout)


# ---- for people -----------------------------------------------------------------------------------------------------

CELL, NARROW_CELL = 12, 11
"""Columns of a number with a blank before it, and where there is less room."""

POINT_CELL = 15
"""Columns of a logit."""

_OF_POINT = ("prediction", "d_activation")
"""What is the same for all losses at a point."""

_SPARE = {"d2_prediction": 5, "d_activation": 4, "d_prediction": 3, "prediction": 2, "d2_logit": 1}
"""Where the table is too wide, numbers that are more spare go first."""


def _heads(objective: Objective) -> dict[str, str]:
    v = "p" if objective.activation.is_probability else "v"
    return {
        "prediction": v, "value": "L", "d_prediction": f"∂L/∂{v}", "d2_prediction": f"∂²L/∂{v}²",
        "d_activation": f"∂{v}/∂z", "d_logit": "∂L/∂z", "d2_logit": "∂²L/∂z²",
    }  # fmt: skip


@dataclass(frozen=True)
class _Layout:
    # stacked: a line for each point, and below it one a loss; alone: no column for the one loss
    fields: Sequence[str]
    left: int
    cell: int
    stacked: bool = False
    alone: bool = False

    @property
    def width(self) -> int:
        return self.left + self.cell * len(self.fields)


def _layout(names: Sequence[str], room: int) -> tuple[_Layout, list[str]]:
    """How the table is laid out in so many columns, and the numbers that are left out."""
    wide = max(map(len, [*names, "loss"]))
    flat = _Layout(FIELDS_OF_TEXT, POINT_CELL + 3 + wide, CELL + 1)
    if flat.width - 1 <= room:
        return flat, []
    if len(names) == 1:
        kept, left = list(FIELDS_OF_TEXT), POINT_CELL - 3
    else:
        kept, left = [name for name in FIELDS_OF_TEXT if name not in _OF_POINT], wide
    gone: list[str] = []
    while True:
        for cell in (CELL, NARROW_CELL):
            layout = _Layout(tuple(kept), left, cell, stacked=len(names) > 1, alone=len(names) == 1)
            if layout.width <= room:
                return layout, gone
        spare = [name for name in kept if name in _SPARE]
        if not spare:  # the names of the losses are cut
            return replace(layout, left=max(room - layout.cell * len(kept), 1)), gone
        gone.append(max(spare, key=lambda name: _SPARE[name]))
        kept.remove(gone[-1])


def _text(objectives: Sequence[Objective], at: Points) -> None:
    names = [writable(loss_name(objective)) for objective in objectives]
    layout, gone = _layout(names, width())
    enough = next(columns for columns in count(width()) if not _layout(names, columns)[1])
    heads = _heads(objectives[0])
    say(_heading(objectives, names[0] if layout.alone else ""))
    for line in left_out((heads[name] for name in gone), enough):
        print(line)
    head = "loss" if layout.stacked else f"{'z':>{layout.left if layout.alone else POINT_CELL}}"
    if not layout.alone and not layout.stacked:
        head = f"{head} {heads['prediction']:>{CELL}}  {'loss':<{layout.left - POINT_CELL - 3}}"
    fields = [name for name in layout.fields if layout.alone or name != "prediction"]
    print(f"{head:<{layout.left}}" + "".join(f"{writable(heads[name]):>{layout.cell}}" for name in fields))
    by_objective = dict(zip(map(id, objectives), names, strict=True))
    for objective, values in _rows(objectives, at):
        reading, elsewhere = Reading(*values), surroundings(objective)
        written = {
            name: _fitted(elsewhere.text(name, reading, partial(fitting, width=layout.cell - 1, digits=5)), layout.cell)
            for name in (*layout.fields, *_OF_POINT)
        }
        z = trimmed(reading.logit, 7)
        if layout.stacked:
            if objective is objectives[0]:
                point = (equation(heads[name], written[name]) for name in _OF_POINT)
                print(cut(writable(" · ".join([f"z = {z}", *point])), width()))
            head = cut(by_objective[id(objective)], layout.left)
        elif layout.alone:
            head = f"{writable(z):>{layout.left}}"
        else:
            name = f"{by_objective[id(objective)]:<{layout.left - POINT_CELL - 3}}"
            head = f"{writable(z):>{POINT_CELL}} {written['prediction']:>{CELL}}  {name}"
        print(f"{head:<{layout.left}}" + "".join(f"{written[name]:>{layout.cell}}" for name in fields))


def _heading(objectives: Sequence[Objective], name: str) -> str:
    objective = objectives[0]
    smoothed = f"{label_letter(o.loss for o in objectives)} = {trimmed(objective.label)}"
    told = [smoothed, objective.activation.id, objective.activation.formula]
    return " · ".join([name, *told] if name else told)


def _fitted(text: str, cell: int) -> str:
    # what is beyond the doubles loses its blank where there is no room: >-4.9e-324
    return writable(text if len(text) < cell else text.replace(" ", ""))
