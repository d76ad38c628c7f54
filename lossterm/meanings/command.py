"""``lossterm why``: what a number, nan, a line of a log or a training curve means."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.numbers import MINUS
from lossterm.core.plain import echoed
from lossterm.core.softmax.formulas import find_softmax_loss
from lossterm.meanings.answers import Explanation
from lossterm.meanings.curve import MOST_LINES, explain_curve
from lossterm.meanings.lines import Losses, losses_of
from lossterm.meanings.matching import ANY, MOST_CLASSES, Limits, answers
from lossterm.meanings.reading import Quoted, figures_of
from lossterm.meanings.report import by_number, document, few, heading, paragraphs, passed_over, remark
from lossterm.model.notation import loss_asked, whole
from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser, add_format, asked_format, of_option
from lossterm.model.printing import say
from lossterm.model.records import json_text
from lossterm.model.subject import Row

EXAMPLES = (
    "lossterm why 0.6931",
    "lossterm why 1.4612 --classes 10",
    "lossterm why 'epoch 3 loss: 0.6931 - acc: 0.50 - val_loss=2.3026'",
    "lossterm why nan --loss ce",
    "lossterm why losses.txt",
)

ORDER = (
    "First comes what agrees in all the digits given (0.69 is anything from 0.685 to 0.695), or else what is\n"
    "within 2%; then what the name of the number speaks for; then what is met more often; then what is nearer."
)

FORMATS = ("text", "json")

_WHAT = "why what? write a number such as 0.6931, nan, a line of a log in quotes, or a file"

LARGEST_FILE = 200_000_000
"""Bytes of a file of losses."""


def parser() -> Parser:
    """The options of the command."""
    declared = Parser(
        "lossterm why",
        "What a number means that a training says: a loss, nan, inf, a line of a log, or a file (- is standard\n"
        "input): a loss a line, a log, or a table with names over its columns. Every explanation is computed from\n"
        "the losses, with the command that shows it.",
        EXAMPLES,
        ORDER,
    )
    declared.add_argument("text", nargs="*", metavar="NUMBER|LINE|FILE", help="what the log says")
    declared.add_argument("--classes", metavar="K", help="how many classes there are (default: found)")
    declared.add_argument("--loss", metavar="NAME[:PAR=VALUE]", help="only explanations of this loss")
    add_define_flag(declared)
    declared.add_argument(
        "--all", action="store_true", help="every explanation (default the 8 likeliest; of a line 3 each)"
    )
    add_format(declared, *FORMATS)
    return declared


@dataclass(frozen=True)
class Explanations:
    """What is to be told.

    Attributes:
        answers: the explanations, number by number.
        figures: the numbers that they are of, and those of the same line that are no losses.
        losses: of a file.
    """

    answers: Sequence[Explanation]
    figures: Sequence[Quoted] = ()
    losses: Losses | None = None


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(_negative(arguments))
    form = asked_format(options, *FORMATS)
    asked = _asked(options)
    told = few(asked.answers, every=options.all)
    if form == "json":
        print(json_text(document(told)))
    else:
        _text(told, asked)
    return 0


def answer(arguments: Sequence[str]) -> list[dict[str, object]]:
    """What ``--format json`` prints."""
    options = parser().parse_args(_negative(arguments))
    return document(few(_asked(options).answers, every=options.all))


def _negative(arguments: Sequence[str]) -> list[str]:
    # -inf and -0.35 are numbers here and no options
    return [
        f"{MINUS}{word[1:]}" if word[:1] == "-" and word[1:2] in "0123456789.in" and word[1:] else word
        for word in arguments
    ]


def _asked(options: argparse.Namespace) -> Explanations:
    limits = limits_of(options.classes, options.loss)
    if not options.text:
        raise ValueError(_WHAT)
    text = " ".join(options.text).strip()
    if not text:
        raise ValueError(_WHAT)
    if text == "-" or _is_file(text):
        losses = losses_of(_lines(text))
        return Explanations(explain_curve(losses, limits), losses=losses)
    return explained(text, limits)


def explained(text: str, limits: Limits = ANY) -> Explanations:
    """What a number or a line of a log means.

    Raises:
        ValueError: there is no number in it, or none that is a loss.
    """
    figures = figures_of(text)
    told = [one for figure in figures for one in answers(figure, limits)]
    if not told:
        raise ValueError(_nothing(figures, limits, text))
    return Explanations(told, figures)


def limits_of(classes: str | None, loss: str | None) -> Limits:
    """What the options say beside the number.

    Raises:
        ValueError: no number of classes, or no loss.
    """
    k = None
    if classes is not None:
        with of_option("--classes"):
            k = whole(classes, "the number of classes", 2, MOST_CLASSES)
    if loss is None:
        return Limits(k)
    with of_option("--loss"):
        try:
            row = loss_asked(loss, Row)
        except ValueError:
            known = _of_classes(loss)
            if not known:
                raise
            return Limits(k, known)
    usual = dict(LOSSES[row.loss].defaults)
    params = tuple((name, value) for name, value in row.params if value is not None and usual[name] != value)
    return Limits(k, row.loss, params)


def _of_classes(name: str) -> str:
    if name.strip().lower() in EXTRA:
        return name.strip().lower()
    try:
        return find_softmax_loss(name).id
    except ValueError:
        return ""


EXTRA = ("triplet",)
"""Losses that a log may be of, although no list has them."""


def _nothing(figures: Sequence[Quoted], limits: Limits, text: str) -> str:
    if all(one.kind == "other" for one in figures):
        names = ", ".join(dict.fromkeys(one.name or one.text for one in figures))
        return f"{names} is no loss: write the loss, such as 'loss: 0.6931'"
    if all(one.kind in ("share", "other") for one in figures):
        return (
            f"{echoed(text)} is a share and no loss, and not what chance gives: write the loss, such as 'loss: 0.6931'"
        )
    return f"nothing is known of {echoed(text)} for {limits.loss or 'any loss'}: leave --loss out"


def _is_file(text: str) -> bool:
    try:
        return Path(text).exists() or (os.sep in text and " " not in text and not figures_like(text))
    except (OSError, ValueError):
        return False


def figures_like(text: str) -> bool:
    """Whether a text may be numbers: 3/10 is no path."""
    return all(c.isdigit() or c in "/.,-+e " for c in text.lower())


def _lines(path: str) -> list[str]:
    name = "standard input" if path == "-" else echoed(path)
    if path == "-":
        if sys.stdin is None:
            raise ValueError("standard input is closed: name a file, or write into a pipe")
        content = sys.stdin.buffer.read(LARGEST_FILE + 1)
    else:
        if not Path(path).exists():
            raise ValueError(f"there is no file {name}: write a number, a line of a log in quotes, or a file")
        if Path(path).is_dir():
            raise ValueError(f"{name} is a folder: a file with a loss a line is needed")
        with Path(path).open("rb") as file:  # which may have no end, and no size
            content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{name} is larger than {LARGEST_FILE:,} bytes: take a part of it, such as its end")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not text: a file with a loss a line is needed") from None
    if len(lines) > MOST_LINES:
        raise ValueError(f"{len(lines):,} lines are too many: at most {MOST_LINES:,}")
    return lines


def _read(losses: Losses) -> list[str]:
    # what was taken for the curves, and what was not
    names = [echoed(name) for name in (losses.training.name, losses.validation.name) if name]
    notes = [f"read: {' and, of the validation, '.join(names)}"] if names else []
    if losses.passed_over:
        count = losses.passed_over
        notes.append(f"{count} line{' without a loss was' if count == 1 else 's without a loss were'} passed over")
    return notes


def _text(told: Sequence[Explanation], asked: Explanations) -> None:
    groups = by_number(told)
    every = dict(by_number(asked.answers))
    for index, (title, group) in enumerate(groups):
        if index:
            print()
        if len(groups) > 1:
            say(title)
        note = remark(every[title])
        if note:
            say(note)
        for n, one in enumerate(group, 1):
            print()
            say(f"{n}. {heading(one)}", "   ")
            for paragraph in paragraphs(one):
                say(f"   {paragraph}", "      ")
            print(f"   {one.command}")
        more = len(every[title]) - len(group)
        if more > 0:
            print()
            say(f"{more} more: add --all")
    notes = [passed_over(asked.figures)]
    notes += [] if asked.losses is None else _read(asked.losses)
    for note in filter(None, notes):
        print()
        say(note)
