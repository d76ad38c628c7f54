"""``lossterm precision``: what a plain chain rule in a precision makes of losses, and from where on it fails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from lossterm.core.losses.objective import Objective
from lossterm.core.names import unknown
from lossterm.core.numbers import significant, trimmed
from lossterm.model.csv_rows import write_as
from lossterm.model.notation import loss_name
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.printing import width, wrapped
from lossterm.model.records import Record
from lossterm.model.subject_options import add_subject_flags, asked_rows, few_logits
from lossterm.model.text_table import TextColumn, fitted
from lossterm.precision.evaluation import DTYPES, failures, numpy_dtype, relative_error
from lossterm.precision.reason import reason_at
from lossterm.precision.report import at_point, error_text, failures_text, first_of, record

EXAMPLES = (
    "lossterm precision --loss ce,mse --dtype float16 --at=-12",
    "lossterm precision --loss focal:gamma=5 --dtype float16,float32 --label 0 --at=-40,40",
    "lossterm precision --loss poisson --activation exp --label 3 --at 12 --format json",
)
OTHER_NAMES = {
    "half": "float16", "fp16": "float16", "f16": "float16", "bf16": "bfloat16", "single": "float32", "fp32": "float32",
    "f32": "float32", "double": "float64", "fp64": "float64", "f64": "float64",
}  # fmt: skip
"""What else the precisions are called."""

DEFAULT_POINT = "-4"

MORE = """The formula is written as somebody writes it who thinks of nothing but the definition (--format json tells
it). z is rounded to the precision, v and ∂v/∂z are those of a framework, σ(z) and p(1 − p); ∂L/∂v comes by the
rules of calculus, operation by operation, each rounded; ∂L/∂z is their product. 0·∞ is NaN, as the hardware has it."""


def parser() -> Parser:
    """The options of the command."""
    made = Parser("lossterm precision", "A plain chain rule in a low precision, and where it fails.", EXAMPLES, MORE)
    made.add_argument("losses", nargs="*", metavar="LOSS[:PAR=VALUE]", help="losses, as with --loss")
    add_subject_flags(made)
    made.add_argument("--dtype", metavar="|".join(DTYPES), help="the precision, or several (default float16)")
    made.add_argument("--at", metavar="Z,…|LO:HI:N|p=P,…", help=f"logits (default {DEFAULT_POINT}), or predictions")
    add_format(made, "text", "json", "csv")
    return made


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json", "csv")
    if form == "text":
        _text(options)
    else:
        write_as(form, list(_records(options)), sys.stdout)
    return 0


def answer(arguments: Sequence[str]) -> list[Record]:
    """What ``--format json`` prints."""
    return list(_records(parser().parse_args(arguments)))


def dtypes_asked(text: str | None) -> list[str]:
    """The precisions of ``--dtype``.

    Raises:
        ValueError: one that is not known, or not installed.
    """
    names = [name.strip().lower() for name in (text or DTYPES[0]).split(",")]
    names = [OTHER_NAMES.get(name, name) for name in names]
    for name in names:
        if name not in DTYPES:
            raise ValueError(f"--dtype: {unknown(name, 'precision', DTYPES)}")
        numpy_dtype(name)
    return list(dict.fromkeys(names))


def _asked(options: argparse.Namespace) -> tuple[list[Objective], list[str], list[float], float]:
    options.loss = [*options.losses, *(options.loss or [])] or None
    dtypes = dtypes_asked(options.dtype)
    subject, rows = asked_rows(options)
    at = few_logits(options.at, subject, DEFAULT_POINT)
    objectives = [Objective(row.entry, row.params, subject.target, subject.link) for row in rows]
    return objectives, dtypes, at, subject.smoothing


def _records(options: argparse.Namespace) -> Iterator[Record]:
    objectives, dtypes, points, smoothing = _asked(options)
    for z in points:
        for objective in objectives:
            yield from (record(objective, dtype, z, smoothing) for dtype in dtypes)


def _text(options: argparse.Namespace) -> None:
    objectives, dtypes, points, _ = _asked(options)
    first = objectives[0]
    print("\n".join(wrapped(f"y = {trimmed(first.label)} · {first.activation.id} · by a plain chain rule", "  ")))
    for z in points:
        print(*_at(objectives, dtypes, z), sep="\n")
    print()
    for objective in objectives:
        for dtype in dtypes:
            told = failures_text(failures(objective, dtype)) or "fails nowhere within ±700"
            print("\n".join(wrapped(f"{loss_name(objective)} in {dtype}: {told}", "  ")))


def _at(objectives: Sequence[Objective], dtypes: Sequence[str], z: float) -> Iterator[str]:
    rows = [(objective, dtype, at_point(objective, dtype, z)) for objective in objectives for dtype in dtypes]
    exact = {id(objective): objective.evaluate([z]).at(0) for objective in objectives}
    values = [(first_of(plain.value), exact[id(objective)].value) for objective, _, plain in rows]
    slopes = [(first_of(plain.d_logit), exact[id(objective)].d_logit) for objective, _, plain in rows]
    columns = [
        TextColumn(f"z = {trimmed(z, 7)}", [loss_name(objective) for objective, _, _ in rows]),
        TextColumn("", [dtype for _, dtype, _ in rows]),
        TextColumn("L", [_written(told) for told, _ in values]),
        TextColumn("exact", [significant(is_so) for _, is_so in values], 1),
        TextColumn("", [error_text(relative_error(*pair)) for pair in values], 2),
        TextColumn("∂L/∂z", [_written(told) for told, _ in slopes]),
        TextColumn("exact", [significant(is_so) for _, is_so in slopes]),
        TextColumn("", [_slope_text(*pair) for pair in slopes]),
    ]
    yield ""
    yield from fitted(columns, width())[0]
    for objective, dtype, _ in rows:
        why = reason_at(objective, dtype, z)
        if why:
            yield from wrapped(f"  {loss_name(objective)} in {dtype}: {why}", "    ")


def _written(x: float) -> str:
    return "NaN" if x != x else significant(x)


def _slope_text(told: float, exact: float) -> str:
    return "dead" if told == 0 != exact else error_text(relative_error(told, exact))
