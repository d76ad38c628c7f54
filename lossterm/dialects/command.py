"""``lossterm dialects``: what each library computes for a loss at a point, or for an example of K classes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lossterm.core.lazy import np
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.numbers import parse, significant, trimmed
from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.formulas import SoftmaxLoss
from lossterm.core.softmax.inputs import Target
from lossterm.dialects.classes import ClassTold, classes_told, length, told_of_classes
from lossterm.dialects.comparison import ScalarTold, dialects_for, reach_of, told_at
from lossterm.dialects.report import (
    DialectRow,
    notes,
    reach_text,
    record,
    record_of_classes,
    row_of,
    row_of_classes,
)
from lossterm.dialects.scalar import losses_told
from lossterm.model import options as declared
from lossterm.model.csv_rows import write_as
from lossterm.model.notation import loss_name, losses_asked, row_name
from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser, add_format, asked_format, of_option
from lossterm.model.printing import width, wrapped
from lossterm.model.records import Record
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.subject import Row, Subject
from lossterm.model.subject_options import SUBJECT, few_logits
from lossterm.model.text_table import TextColumn, fitted

EXAMPLES = (
    "lossterm dialects bce --at=-40",
    "lossterm dialects mse --label 0 --activation tanh --at 2 --format json",
    "lossterm dialects cross-entropy --logits 40,0,-40 --target 2",
)
DEFAULT_POINT = "-4"


def parser() -> Parser:
    """The options of the command."""
    made = Parser(
        "lossterm dialects", "What each library computes for a loss, and from where on it is wrong.", EXAMPLES,
        f"Losses of one prediction that libraries have: {', '.join(losses_told())}.\n"
        f"Of K classes (with --logits and --target): {', '.join(classes_told())}.",
    )  # fmt: skip
    made.add_argument("losses", nargs="*", metavar="LOSS[:PAR=VALUE]", help="losses, by any of their names")
    made.add_argument("--loss", action="append", metavar="NAME[:PAR=VALUE]", help="the same, as in other commands")
    declared.add_flags(made, SUBJECT)
    made.add_argument("--at", metavar="Z,…|LO:HI:N|p=P,…", help=f"logits (default {DEFAULT_POINT}), or predictions")
    made.add_argument("--logits", metavar="Z,…", help="K classes: their logits, such as 40,0,-40")
    made.add_argument("--target", metavar="CLASS|T,…", help="K classes: a class, from 0, or a distribution")
    made.add_argument("--temperature", metavar="T", help="K classes: what all logits are divided by (default 1)")
    add_define_flag(made)
    add_format(made, "text", "json", "csv")
    return made


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json", "csv")
    if form == "text":
        for number, lines in enumerate(_texts(options)):
            print(*([""] if number else []), *lines, sep="\n")
    else:
        write_as(form, list(_records(options)), sys.stdout)
    return 0


def answer(arguments: Sequence[str]) -> list[Record]:
    """What ``--format json`` prints."""
    return list(_records(parser().parse_args(arguments)))


# ---- what is asked for ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Point:
    # the dialects of one objective at one logit, beside its exact numbers
    objective: Objective
    exact: Reading
    told: tuple[ScalarTold, ...]
    smoothing: float


@dataclass(frozen=True, eq=False)
class _Classes:
    # the dialects of a loss at one example
    row: SoftmaxRow
    example: SoftmaxExample
    told: tuple[ClassTold, ...]
    exact: ClassTold


def _asked(options: argparse.Namespace) -> list[_Point] | list[_Classes]:
    options.losses = [*options.losses, *(options.loss or [])]
    if not options.losses:
        raise ValueError("which loss? write lossterm dialects bce --at=-40")
    if options.logits is None:
        for flag in ("target", "temperature"):
            if getattr(options, flag) is not None:
                raise ValueError(f"--{flag} is of K classes: add their --logits")
        return _points(options)
    for flag in ("at", "label", "activation"):
        if getattr(options, flag) is not None:
            raise ValueError(f"--{flag} is of one prediction: with --logits leave it out")
    return _examples(options)


def _points(options: argparse.Namespace) -> list[_Point]:
    subject = declared.with_flags(Subject(), SUBJECT, options)
    rows = _rows_asked(options.losses, subject)
    at = few_logits(options.at, subject, DEFAULT_POINT)
    found = []
    for row in rows:
        problem = row.entry.label_problem(subject.target)
        if problem:
            raise ValueError(problem if options.label is None else f"--label: {problem}")
        objective = Objective(row.entry, row.params, subject.target, subject.link)
        exact = objective.evaluate(at)
        found += [_Point(objective, exact.at(i), told_at(objective, z), subject.smoothing) for i, z in enumerate(at)]
    return found


def _rows_asked(texts: Sequence[str], subject: Subject) -> list[Row]:
    def is_told(row: Row) -> bool:
        try:
            dialects_for(Objective(row.entry, row.params, subject.target, subject.link))
        except ValueError:
            return False
        return row.entry.label_problem(subject.target) is None

    try:
        return losses_asked(texts, Row, is_told)
    except ValueError as problem:
        try:
            of_classes = losses_asked(texts, SoftmaxRow)
        except ValueError:
            raise problem from None
        name = of_classes[0].loss
        raise ValueError(f"{name} is of K classes: write lossterm dialects {name} --logits 2,1,-1 --target 0") from None


def _numbers(text: str) -> list[float]:
    words = text.strip().strip("[]()").replace(";", ",").split(",")
    return [-np.inf if word.strip().lower() in ("-inf", "−∞", "-∞") else parse(word) for word in words]


def _examples(options: argparse.Namespace) -> list[_Classes]:
    rows = losses_asked(options.losses, SoftmaxRow, lambda row: row.loss in classes_told())
    with of_option("--logits"):
        logits = np.array(_numbers(options.logits), dtype=float)
    if options.target is None:
        raise ValueError("a target is needed: --target with a class, or a distribution such as .1,.2,.7")
    with of_option("--target"):
        shares = _numbers(options.target)
        if len(shares) == 1 and shares[0] != int(shares[0]):
            raise ValueError(f"{options.target!r} is neither a class, such as 1, nor a distribution, such as .1,.2,.7")
        smoothing = 0.0 if options.smoothing is None else parse(options.smoothing)
        target = _target(int(shares[0]) if len(shares) == 1 else shares, smoothing)
        target.check(len(logits))
    with of_option("--temperature"):
        temperature = 1.0 if options.temperature is None else parse(options.temperature)
        example = SoftmaxExample(logits, target, temperature)
    found = []
    for row in rows:
        entry: SoftmaxLoss = row.entry
        told = told_of_classes(entry, dict(row.params), example)
        exact = evaluate_point(example.point, [(entry, dict(row.params))])[0]
        own = ClassTold(told[0].dialect, "", exact.value, exact.gradient, exact.value, exact.gradient)
        found.append(_Classes(row, example, told, own))
    return found


def _target(label: int | list[float], smoothing: float) -> Target:
    try:
        return Target.of(label, smoothing=smoothing)
    except ValueError as problem:
        raise ValueError(str(problem).partition(": use --normalize")[0]) from None


def _records(options: argparse.Namespace) -> Iterator[Record]:
    for one in _asked(options):
        if isinstance(one, _Point):
            yield from (record(told, one.objective, one.exact, one.smoothing) for told in one.told)
        else:
            params = dict(one.row.params)
            yield from (record_of_classes(told, one.row.loss, params, one.example, one.exact) for told in one.told)


# ---- how it is printed ----------------------------------------------------------------------------------------------


def _texts(options: argparse.Namespace) -> Iterator[list[str]]:
    for one in _asked(options):
        yield list(_of_point(one) if isinstance(one, _Point) else _of_classes(one))


def _of_point(one: _Point) -> Iterator[str]:
    exact, objective = one.exact, one.objective
    head = [loss_name(objective), f"y = {trimmed(objective.label)}", objective.activation.id,
            f"z = {trimmed(exact.logit, 7)}",
            _exact(significant(exact.value), "∂L/∂z", significant(exact.d_logit))]  # fmt: skip
    rows = [row_of(told, objective) for told in one.told]
    reaches = [reach_text(reach_of(objective, told.dialect)) for told in one.told]
    yield from _table(head, rows, "∂L/∂z", reaches)


def _of_classes(one: _Classes) -> Iterator[str]:
    exact = one.exact
    z = ", ".join(trimmed(float(x)) for x in one.example.logits)
    t = ", ".join(trimmed(float(x)) for x in one.example.point.target.p)
    head = [row_name(one.row), f"z = {z}", f"t = {t}",
            _exact(significant(exact.value), "‖∂L/∂z‖", significant(length(exact.d_logit)))]  # fmt: skip
    rows = [row_of_classes(told, len(one.example.logits)) for told in one.told]
    yield from _table(head, rows, "‖∂L/∂z‖", [""] * len(rows))


def _exact(value: str, name: str, slope: str) -> str:
    return f"exact: L = {value}, {name} = {slope}"


def _table(head: Sequence[str], rows: Sequence[DialectRow], slope: str, reaches: Sequence[str]) -> Iterator[str]:
    yield from wrapped(" · ".join(head), "  ")
    columns = [
        TextColumn("library", [row.name for row in rows]),
        TextColumn("", [row.bits for row in rows]),
        TextColumn("L", [row.value for row in rows]),
        TextColumn(slope, [row.slope for row in rows]),
        TextColumn("", [row.marks for row in rows]),
    ]
    yield from fitted(columns, width())[0]
    yield ""
    for note in notes(rows, reaches):
        yield from wrapped(note, "  ")
