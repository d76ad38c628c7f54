"""``lossterm table``: the numbers at points, in aligned columns, as JSON or as CSV, streamed."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence

from lossterm.arguments import Points, applied, choice, joined, losses, points
from lossterm.cli import Parser
from lossterm.core.labels import number
from lossterm.core.objective import Objective, Reading
from lossterm.numbers import significant, trimmed
from lossterm.options import add_format, add_view_options
from lossterm.state import View

EXAMPLE = "lossterm table --loss bce,mse --label 1 --activation sigmoid --at=-4,0,4 --format json"
DEFAULT_POINTS = "-8:8:17"
CHUNK = 2048
UNWEIGHTED = ("pos_weight", 1.0)
"""The one default that goes without saying."""

MEASURES = ("logit", "prediction", "d_activation", "value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")
"""The numbers of a row, in order: the fields of an evaluation."""

FIELDS = ("loss", "params", "label", "activation", *MEASURES)
"""A row of the machine-readable formats."""

Record = dict[str, object]


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm table", "Value, gradients and curvature at points.", EXAMPLE)
    add_view_options(parser, picture=False)
    parser.add_argument("--at", metavar="Z,…|LO:HI:N", help=f"logits (default {DEFAULT_POINTS})")
    add_format(parser, "text", "json", "csv")
    options = parser.parse_args(joined(arguments))
    asked, options.loss = options.loss, None
    view = applied(View(), options)
    rows = losses(asked, view.target) if asked else [view.rows[i] for i in view.shown]
    for row in rows:
        problem = row.entry.label_problem(view.target)
        if problem:
            raise ValueError(problem)
    at = points(options.at if options.at is not None else DEFAULT_POINTS)
    form = choice(options.format or "text", ("text", "json", "csv"), "format")
    objectives = [Objective(row.entry, row.params, view.target, view.link) for row in rows]
    {"text": _text, "json": _json, "csv": _csv}[form](objectives, at)
    return 0


def _rows(objectives: Sequence[Objective], at: Points) -> Iterator[tuple[Objective, list[float]]]:
    for chunk in at.chunks(CHUNK):
        evaluations = [objective.evaluate(chunk) for objective in objectives]
        columns = [list(zip(*(getattr(e, m).tolist() for m in MEASURES), strict=True)) for e in evaluations]
        for i in range(chunk.size):
            for objective, values in zip(objectives, columns, strict=True):
                yield objective, list(values[i])


def strict(x: float) -> float | str | None:
    """A float that JSON has: infinities as text, undefined as null."""
    if math.isnan(x):
        return None
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return x


def record(objective: Objective, values: Reading) -> Record:
    """One row of the machine-readable formats."""
    return {
        "loss": objective.loss.id,
        "params": dict(objective.params),
        "label": objective.label,
        "activation": objective.activation.id,
        **{name: strict(getattr(values, name)) for name in MEASURES},
    }


def records(objectives: Sequence[Objective], at: Points) -> Iterator[Record]:
    """The rows of the machine-readable formats, point by point and loss by loss."""
    for objective, values in _rows(objectives, at):
        yield record(objective, Reading(*values))


def _json(objectives: Sequence[Objective], at: Points) -> None:
    write = sys.stdout.write
    encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
    separator = "["
    for record in records(objectives, at):
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
        text = ";".join(f"{name}={'' if value is None else number(value)}" for name, value in params.items())
        cells = ["" if value is None else value for value in record.values()]
        cells[1] = text
        writer.writerow(cells)


def _csv(objectives: Sequence[Objective], at: Points) -> None:
    write_csv(records(objectives, at), sys.stdout)


def _text(objectives: Sequence[Objective], at: Points) -> None:
    first = objectives[0]
    v = "p" if first.activation.is_probability else "v"
    print(f"y = {trimmed(first.label)} · {first.activation.id} · {first.activation.formula}")
    heads = ("z", v, "loss", "L", f"∂L/∂{v}", f"∂²L/∂{v}²", f"∂{v}/∂z", "∂L/∂z", "∂²L/∂z²")
    names = [name_with_params(objective) for objective in objectives]
    wide = max(map(len, [*names, "loss"]))
    print(f"{heads[0]:>15} {heads[1]:>12}  {heads[2]:<{wide}}" + "".join(f" {head:>12}" for head in heads[3:]))
    by_objective = dict(zip(map(id, objectives), names, strict=True))
    for objective, (z, p, slope, value, dp, d2p, dz, d2z) in _rows(objectives, at):
        cells = "".join(f" {significant(x, 5):>12}" for x in (value, dp, d2p, slope, dz, d2z))
        print(f"{trimmed(z, 7):>15} {significant(p, 5):>12}  {by_objective[id(objective)]:<{wide}}{cells}")


def name_with_params(objective: Objective) -> str:
    """The id with the parameters that are on: ``focal γ=2``."""
    symbols = {p.name: p.symbol for p in objective.loss.parameters}
    shown = [(name, value) for name, value in objective.params if value is not None and (name, value) != UNWEIGHTED]
    on = [f"{symbols[name]}={trimmed(value)}" for name, value in shown]
    return " ".join([objective.loss.id, *on])
