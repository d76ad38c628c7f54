"""The options that tell how a file is read and looked at; to a question, and back to a command line."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lossterm.arguments import choice, spec
from lossterm.arguments import losses as losses_of
from lossterm.core.bulk import Criterion
from lossterm.core.examples import Kind
from lossterm.core.labels import Family, number
from lossterm.core.names import unknown
from lossterm.core.question import ClassCriterion, Filter, Question
from lossterm.core.softmax_losses import SOFTMAX_LOSSES
from lossterm.data_state import KINDS, MOST_BINS, MOST_WORST, FileChoice, Look
from lossterm.numbers import parse
from lossterm.softmax_arguments import losses as class_losses_of
from lossterm.softmax_arguments import spec as class_spec
from lossterm.softmax_state import SoftmaxRow, softmax_row
from lossterm.state import Row

if TYPE_CHECKING:
    from lossterm.data.source import Source

DEFAULT_LOSSES = "cross-entropy,squared-error"
"""Where nothing is said, of probabilities and logits."""

DEFAULT_OF_VALUES = "squared-error,absolute-error"
"""Where nothing is said, of plain numbers."""

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "pipe": "|"}
"""Words for delimiters, which a shell takes for something else."""

DEMO = Path(__file__).parent / "data" / "demo.csv"
"""Predictions of an over-confident model: whether a handwritten digit is odd."""


DEMO_GROUP = "digit"
"""Its groups."""


def demo_choice() -> FileChoice:
    """The demo."""
    return FileChoice((str(DEMO),), group_column=DEMO_GROUP)


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files or globs, read as one; - is standard input")
    add("--demo", action="store_true", help="the predictions of an over-confident model that come with lossterm")
    add("--loss", action="append", metavar="NAME[:PAR=VALUE]",
        help="a loss by any of its names; several comma-separated or repeated, or 'all' "
             f"(default {DEFAULT_LOSSES}; of plain numbers {DEFAULT_OF_VALUES})")  # fmt: skip
    add("--label-column", metavar="NAME", help="the column of the labels")
    add("--prediction-column", action="append", metavar="NAME",
        help="the column of the predictions; K of them, comma-separated or repeated, or 'p_*'; "
             "a name with a comma is put in double quotes")  # fmt: skip
    add("--kind", metavar="|".join(KINDS), help="what the predictions are")
    add("--weight-column", metavar="NAME", help="the column of the weights")
    add("--group-column", metavar="NAME", help="the column of the groups")
    add("--positive", metavar="TEXT", help="which label is class 1; every other is class 0")
    add("--delimiter", metavar="C", help=f"between the fields of a line: a character, or {', '.join(DELIMITERS)}")
    add("--skip-bad", action="store_true", help="leave bad rows out, and count them; go on with one class only")
    add("--bins", metavar="B", help="bins of the reliability (default 15)")
    add("--threshold", metavar="P", help="a probability above it means class 1 (default 0.5)")
    add("--smoothing", metavar="S", help="label smoothing, to see what it would change")
    add("--temperature", metavar="T", help="divide every logit by T, to see what it would change")
    add("--only-label", metavar="Y", help="only the examples with this label: its name or its number")
    add("--only-group", metavar="NAME", help="only the examples of this group")
    add("--only-range", metavar="LO:HI",
        help="only the examples with such a prediction (of logits their probability, of K classes the largest); "
             "either end may be left out")  # fmt: skip
    add("--worst", metavar="N", help="how many of the worst examples are told (default 20, as text 10)")


def file_choice(options: argparse.Namespace) -> FileChoice:
    """Which files, and how they are read.

    Raises:
        ValueError: no file, or a kind that is none.
    """
    paths = [str(DEMO)] if options.demo else list(options.files)
    if options.demo and options.files:
        raise ValueError("--demo or files, not both")
    columns = [part for text in options.prediction_column or () for part in _names(text)]
    kind = None if options.kind is None else choice(options.kind, KINDS, "kind")
    delimiter = None if options.delimiter is None else DELIMITERS.get(options.delimiter.lower(), options.delimiter)
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if delimiter is not None and len(delimiter) != 1:
        raise ValueError(f"--delimiter is one character or {', '.join(DELIMITERS)}, not {delimiter!r}")
    group = options.group_column or (DEMO_GROUP if options.demo else None)
    return FileChoice(tuple(paths), options.label_column, tuple(columns), kind, options.weight_column, group,
                      options.positive, delimiter, options.skip_bad)  # fmt: skip


def _names(text: str) -> list[str]:
    """Names with commas between them; one that has a comma itself is quoted, as in a line of CSV."""
    try:
        return [name for fields in csv.reader([text], skipinitialspace=True) for name in fields if name]
    except csv.Error:  # a line break in it
        return [text]


def _names_word(names: Sequence[str]) -> str:
    """The same of names: what would be taken apart is quoted."""
    plain = [name == name.strip() and not set(name) & set(',"\r\n') for name in names]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    return ",".join(name if as_is else text for name, text, as_is in zip(names, quoted, plain, strict=True))


def refuse_pipes(wanted: FileChoice) -> None:
    """Raise ValueError where a file can be read once only: the explorer reads it again."""
    from lossterm.data.files import is_pipe

    for path in wanted.paths:
        if is_pipe(path):
            raise ValueError(f"{path} is a pipe, which can be read once only: write lossterm data {path} --format text")


def look_of(options: argparse.Namespace, look: Look) -> Look:
    """How it is looked at; what is not said stays.

    Raises:
        ValueError: what is wrong with it.
    """
    changes: dict[str, object] = {}
    for name, text, most in (("bins", options.bins, MOST_BINS), ("worst", options.worst, MOST_WORST)):
        if text is not None:
            changes[name] = _whole(text, f"--{name}", most)
    for name, text in (("threshold", options.threshold), ("temperature", options.temperature)):
        if text is not None:
            changes[name] = parse(text)
    if options.only_group is not None:
        changes["group"] = options.only_group
    if options.only_range is not None:
        changes["low"], changes["high"] = typed_range(options.only_range)
    return replace(look, **changes)  # type: ignore[arg-type]


def typed_range(text: str) -> tuple[float | None, float | None]:
    """``lo:hi``, either of which may be left out.

    Raises:
        ValueError: it is not one.
    """
    low, colon, high = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is not a range: write lo:hi, such as 0.9:1 or :0.1")
    return (parse(low) if low.strip() else None), (parse(high) if high.strip() else None)


def _whole(text: str, what: str, most: int) -> int:
    value = parse(text)
    if value != int(value) or not 1 <= value <= most:
        raise ValueError(f"{what} takes a whole number from 1 to {most:,}, not {text.strip()!r}")
    return int(value)


def open_source(wanted: FileChoice) -> Source:
    """Open the files.

    Raises:
        ValueError: what is wrong with them, or polars is not installed.
    """
    from lossterm.data.source import Source

    return Source.open(
        list(wanted.paths),
        label_column=wanted.label_column,
        prediction_columns=list(wanted.prediction_columns) or None,
        kind=cast("Kind | None", wanted.kind),
        weight_column=wanted.weight_column,
        group_column=wanted.group_column,
        positive=wanted.positive,
        delimiter=wanted.delimiter,
        skip_bad=wanted.skip_bad,
    )


# ---- the question --------------------------------------------------------------------------------------------------


def class_label(text: str, source: Source) -> float:
    """A label or a class as a person types it: its name, or its number.

    Raises:
        ValueError: there is no such class.
    """
    names = source.columns.classes or source.label_names
    if source.columns.kind != "value" and text in names:
        return float(names.index(text))
    try:
        label = parse(text)
    except ValueError:
        raise ValueError(unknown(text, "label", names)) from None
    if len(source.columns.predictions) > 1 and label not in range(len(source.columns.predictions)):
        raise ValueError(unknown(text, "class", names or [str(k) for k in range(len(source.columns.predictions))]))
    return label


def asked_criteria(
    texts: Sequence[str] | None, source: Source, smoothing: float
) -> tuple[Criterion | ClassCriterion, ...]:
    """The losses of ``--loss``, or those that are told where nothing is said.

    Raises:
        ValueError: an unknown name or parameter, or only losses that need more than a file has.
    """
    texts = texts or (DEFAULT_OF_VALUES if source.columns.kind == "value" else DEFAULT_LOSSES,)
    if len(source.columns.predictions) > 1:
        rows = [row for row in class_losses_of(texts) if row.loss != "distillation"]
        if not rows:
            raise ValueError("distillation needs a teacher, which a file of predictions does not have")
        return tuple(ClassCriterion(row.entry, row.params, smoothing) for row in rows)
    return tuple(Criterion(row.entry, row.params, smoothing) for row in losses_of(texts))


def criteria_of(
    rows: Sequence[Row], classes: int, smoothing: float, kind: Kind = "probability"
) -> list[Criterion | ClassCriterion | None]:
    """The losses of a view; None for one that means nothing for these predictions.

    Args:
        rows: of the view.
        classes: K, or 0: K classes do not have every loss.
        smoothing: of the labels.
        kind: of the predictions: plain values have no losses of probabilities.
    """
    if not classes:
        absent = {Family.PROBABILITY} if kind == "value" else set()
        return [None if row.entry.family in absent else Criterion(row.entry, row.params, smoothing) for row in rows]
    found = map(class_row, rows)
    return [None if row is None else ClassCriterion(row.entry, row.params, smoothing) for row in found]


def class_row(row: Row) -> SoftmaxRow | None:
    """The loss of K classes of the same name, with those of the parameters that it has; None where there is none."""
    known = class_parameters(row.loss)
    if known is None:
        return None
    return softmax_row(row.loss, {name: value for name, value in row.params if name in known})


def class_parameters(name: str) -> set[str] | None:
    """The parameters of the loss of K classes of this name; None where there is none."""
    loss = SOFTMAX_LOSSES.get(name)
    return None if loss is None else {p.name for p in loss.parameters}


def reduced(row: Row) -> Row:
    """A loss with those of its parameters at their defaults that the loss of K classes does not have."""
    known = class_parameters(row.loss) or set()
    return replace(row, params=tuple((n, v if n in known else row.entry.defaults[n]) for n, v in row.params))


def question_of(look: Look, source: Source, criteria: Sequence[Criterion | ClassCriterion]) -> Question:
    """What is asked of a file.

    Raises:
        ValueError: a group that is not there.
    """
    columns = source.columns
    classes = len(columns.predictions) if len(columns.predictions) > 1 else 0
    group = None
    if look.group is not None:
        if columns.group is None:
            raise ValueError("the file has no column of groups: name one with --group-column")
        group = source.group_index(look.group)
    return Question(
        kind=columns.kind,
        criteria=tuple(criteria),
        classes=classes,
        names=columns.classes,
        bins=look.bins,
        threshold=look.threshold,
        worst=look.worst,
        temperature=look.temperature,
        weighted=columns.weight is not None,
        only=Filter(look.label, group, look.low, look.high),
    )


# ---- back to a command ---------------------------------------------------------------------------------------------


def data_arguments(
    wanted: FileChoice,
    look: Look,
    rows: Sequence[Row],
    smoothing: float,
    label: str | None = None,
    *,
    classes: int = 0,
) -> list[str]:
    """The options that ask the same of the same file.

    Args:
        wanted: the file.
        look: how it is looked at.
        rows: the losses.
        smoothing: s of label smoothing.
        label: the label that the look is restricted to, as a person types it.
        classes: K, or 0 where there is one prediction an example.
    """
    is_demo = wanted.paths == (str(DEMO),)
    words = ["--demo"] if is_demo else [_path_word(path) for path in wanted.paths]
    specs = [class_spec(row) for row in map(class_row, rows) if row] if classes else [spec(row) for row in rows]
    if specs:
        words.append(f"--loss={','.join(specs)}")
    named: Mapping[str, str | None] = {
        "label-column": wanted.label_column,
        "prediction-column": _names_word(wanted.prediction_columns) or None,
        "kind": wanted.kind,
        "weight-column": wanted.weight_column,
        "group-column": None if is_demo and wanted.group_column == DEMO_GROUP else wanted.group_column,
        "positive": wanted.positive,
        "delimiter": wanted.delimiter,
        "bins": str(look.bins) if look.bins != Look.bins else None,
        "threshold": number(look.threshold) if look.threshold != Look.threshold else None,
        "smoothing": number(smoothing) if smoothing else None,
        "temperature": number(look.temperature) if look.temperature != 1 else None,
        "only-label": label,
        "only-group": look.group,
        "only-range": _range_text(look),
    }
    words += [f"--{name}={value}" for name, value in named.items() if value is not None]
    return words + (["--skip-bad"] if wanted.skip_bad else [])


def _path_word(path: str) -> str:
    # a file whose name begins with a dash would be taken for an option
    return f"./{path}" if path.startswith("-") and path != "-" else path


def _range_text(look: Look) -> str | None:
    if look.low is None and look.high is None:
        return None
    return f"{'' if look.low is None else number(look.low)}:{'' if look.high is None else number(look.high)}"
