"""``lossterm table``: the numbers at points, in aligned columns, as JSON or as CSV, streamed."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from typing import IO, TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.losses.objective import MEASURES, Evaluation, Objective, Reading
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import MINUS, equation, fitting, trimmed
from lossterm.model.notation import Points, loss_name, params_cell
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.printing import cut, say, width, writable
from lossterm.model.records import objective_record, strict
from lossterm.model.subject import label_letter
from lossterm.model.subject_options import add_subject_flags, asked_rows, points_asked, say_home
from lossterm.model.text_table import left_out

if TYPE_CHECKING:
    from lossterm.core.jets import Array

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


def record(objective: Objective, values: Reading, smoothing: float) -> Record:
    """One row of the machine-readable formats; its label is that after smoothing."""
    return {
        **objective_record(objective, smoothing),
        **{name: strict(getattr(values, name)) for name in MEASURES},
    }


def records(objectives: Sequence[Objective], at: Points, smoothing: float) -> Iterator[Record]:
    """The rows of the machine-readable formats, point by point and loss by loss."""
    for evaluations in _evaluated(objectives, at.chunks(CHUNK)):
        for i in range(evaluations[0].logit.size):
            for objective, evaluation in zip(objectives, evaluations, strict=True):
                yield record(objective, evaluation.at(i), smoothing)


def _evaluated(objectives: Sequence[Objective], chunks: Iterable[Array]) -> Iterator[list[Evaluation]]:
    for chunk in chunks:
        yield [objective.evaluate(chunk) for objective in objectives]


def _lines(heads: Sequence[str], rest: str, evaluations: Sequence[Evaluation], absent: Mapping[str, str]) -> list[str]:
    """The rows of some points, point by point and loss by loss.

    Args:
        heads: of each loss how its rows begin.
        rest: how they end, with a place for each number.
        evaluations: of each loss its numbers.
        absent: how numbers are written that are none to JSON.
    """
    known: dict[bytes, list[str]] = {}  # what is of the activation is the same for all losses

    def written(values: Array) -> list[str]:
        key = values.tobytes()
        if key not in known:
            known[key] = texts = list(map(repr, values.tolist()))
            for i in np.flatnonzero(~np.isfinite(values)).tolist():
                texts[i] = absent[texts[i]]
        return known[key]

    of_each = [
        [f"{head}{rest % row}" for row in zip(*(written(getattr(e, name)) for name in MEASURES), strict=True)]
        for head, e in zip(heads, evaluations, strict=True)
    ]
    return list(chain.from_iterable(zip(*of_each, strict=True)))


def _json(objectives: Sequence[Objective], at: Points, smoothing: float) -> None:
    encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
    heads = [encode(objective_record(objective, smoothing))[:-1] for objective in objectives]
    rest, absent = "".join(f', "{name}": %s' for name in MEASURES), {"nan": "null", "inf": '"inf"', "-inf": '"-inf"'}
    separator = "[\n"
    for evaluations in _evaluated(objectives, at.chunks(CHUNK)):
        sys.stdout.write(separator + ",\n".join(_lines(heads, f"{rest}}}", evaluations, absent)))
        separator = ",\n"
    sys.stdout.write("\n]\n")


def write_csv(objectives: Sequence[Objective], chunks: Iterable[Array], smoothing: float, target: IO[str]) -> None:
    """Rows as CSV with a header; parameters as ``gamma=2;alpha=``.

    Args:
        objectives: the losses.
        chunks: the points, some at a time.
        smoothing: of the label.
        target: is written to.
    """
    target.write(f"{','.join(FIELDS)}\n")
    rest, absent = ",%s" * len(MEASURES), {"nan": "", "inf": "inf", "-inf": "-inf"}
    heads = [_csv_head(objective_record(objective, smoothing)) for objective in objectives]
    for evaluations in _evaluated(objectives, chunks):
        target.write("".join(f"{line}\n" for line in _lines(heads, rest, evaluations, absent)))


def _csv_head(begins: Record) -> str:
    params, text = begins["params"], io.StringIO()
    assert isinstance(params, dict)
    cells = [params_cell(params) if name == "params" else begins[name] for name in FIELDS if name in begins]
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _csv(objectives: Sequence[Objective], at: Points, smoothing: float) -> None:
    write_csv(objectives, at.chunks(CHUNK), smoothing, sys.stdout)


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
    cells = f"%{layout.cell}s" * len(fields)
    for evaluations in _evaluated(objectives, at.chunks(CHUNK)):
        points = [trimmed(z, 7) for z in evaluations[0].logit.tolist()]
        lines = [_points_told(points, objectives[0], evaluations[0], layout)] if layout.stacked else []
        for objective, name, evaluation in zip(objectives, names, evaluations, strict=True):
            if layout.stacked:
                begins = [f"{cut(name, layout.left):<{layout.left}}"] * len(points)
            elif layout.alone:
                begins = [f"{writable(z):>{layout.left}}" for z in points]
            else:
                name = f"{name:<{layout.left - POINT_CELL - 3}}"  # noqa: PLW2901
                predictions = _written(objective, evaluation, "prediction", layout.cell)
                begins = [f"{f'{writable(z):>{POINT_CELL}} {p:>{CELL}}  {name}':<{layout.left}}"
                          for z, p in zip(points, predictions, strict=True)]  # fmt: skip
            columns = [_written(objective, evaluation, field, layout.cell) for field in fields]
            lines.append([head + cells % row for head, row in zip(begins, zip(*columns, strict=True), strict=True)])
        sys.stdout.write("".join(f"{line}\n" for line in chain.from_iterable(zip(*lines, strict=True))))


def _points_told(points: Sequence[str], objective: Objective, evaluation: Evaluation, layout: _Layout) -> list[str]:
    # a line for each point: what is the same for all losses
    room, heads = width(), _heads(objective)
    columns = [[equation(heads[name], text) for text in _written(objective, evaluation, name, layout.cell)]
               for name in _OF_POINT]  # fmt: skip
    return [cut(writable(" · ".join([f"z = {z}", *told])), room) for z, *told in zip(points, *columns, strict=True)]


_EASY = (1e-3, 9999.0)
"""Sizes of numbers that have five digits as they are, and room for them."""


def _written(objective: Objective, evaluation: Evaluation, field: str, cell: int) -> list[str]:
    # most numbers at once, the others one by one: what is beyond the doubles is told so
    values: Array = getattr(evaluation, field)
    size = np.abs(values)
    texts = (("%#.5g " * values.size) % tuple(values.tolist())).replace("-", writable(MINUS)).split()
    form, elsewhere = partial(fitting, width=cell - 1, digits=5), surroundings(objective)
    for i in np.flatnonzero(~((size >= _EASY[0]) & (size < _EASY[1]))).tolist():
        texts[i] = _fitted(elsewhere.told(field, float(evaluation.logit[i]), float(values[i]), form), cell)
    return texts


def _heading(objectives: Sequence[Objective], name: str) -> str:
    objective = objectives[0]
    smoothed = f"{label_letter(o.loss for o in objectives)} = {trimmed(objective.label)}"
    told = [smoothed, objective.activation.id, objective.activation.formula]
    return " · ".join([name, *told] if name else told)


def _fitted(text: str, cell: int) -> str:
    # what is beyond the doubles loses its blank where there is no room: >-4.9e-324
    return writable(text if len(text) < cell else text.replace(" ", ""))
