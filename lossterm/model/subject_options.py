"""The options of the subject: losses, label, smoothing, activation, point; from a command line, back, and kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from lossterm.core.losses.activations import ACTIVATIONS, find_activation
from lossterm.core.losses.entry import HOMES, Home
from lossterm.core.losses.labels import Family, family_called, number, smoothed
from lossterm.model import options, rows
from lossterm.model.notation import Points, losses_asked, points
from lossterm.model.options import Form, Option, Options
from lossterm.model.own_losses import add_define_flag, define_words
from lossterm.model.parser import of_option
from lossterm.model.subject import (
    FARTHEST,
    Row,
    Subject,
    logits_of_predictions,
    set_activation,
    set_label,
    set_logit,
    typed_label,
)

S = TypeVar("S", bound=Subject)


def _smooth(subject: S, smoothing: float) -> S:
    smoothed(subject.label, smoothing)
    return replace(subject, smoothing=smoothing)


_real = options.real()
_LABEL = replace(_real, read=typed_label, metavar="Y")
_ACTIVATION = Form(
    lambda text: find_activation(text).id, str, options.one_of(tuple(ACTIVATIONS), "activation").load, metavar="NAME"
)

LABEL: Option[Subject, float] = Option(
    "label", "Label", "the label, a number (default 1)", _LABEL, put=set_label, redo=options.Redo.COUNT
)
SMOOTHING: Option[Subject, float] = Option(
    "smoothing",
    "Smoothing",
    "label smoothing: y becomes y(1−s) + s/2 first",
    replace(_real, metavar="S"),
    put=_smooth,
    redo=options.Redo.COUNT,
)
ACTIVATION: Option[Subject, str] = Option(
    "activation",
    "Activation",
    "what turns the logit into the prediction (default sigmoid)",
    _ACTIVATION,
    put=set_activation,
    redo=options.Redo.COUNT,
)
LOGIT: Option[Subject, float] = Option(
    "logit", "Point", "the point", _real, no_flag="--at, of which a table takes several", put=set_logit
)

SUBJECT: Options = (LABEL, SMOOTHING, ACTIVATION, LOGIT)
"""In the order in which they are put on a subject: a label decides whether it can be smoothed."""


def add_subject_flags(parser: argparse.ArgumentParser) -> None:
    """Declare ``--loss`` and the options of the subject."""
    parser.add_argument(
        "--loss",
        action="append",
        metavar="NAME[:PAR=VALUE]",
        help="a loss by any of its names; several comma-separated or repeated; a family "
        f"({', '.join(family.value for family in Family)}) or 'all' (default cross-entropy,squared-error)",
    )
    add_define_flag(parser)
    options.add_flags(parser, SUBJECT)


def losses(texts: Iterable[str], target: float | None = None) -> list[Row]:
    """The rows of ``--loss``; of ``all`` and of a family those that accept the label after smoothing, or every one.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """
    return losses_asked(texts, Row, None if target is None else lambda row: row.entry.label_problem(target) is None)


def flagged(subject: S, given: argparse.Namespace) -> S:
    """A subject with the label, smoothing and activation of a command line, or as suits the losses where it is silent.

    Raises:
        ValueError: something that it says is wrong; the message says what would be right.
    """
    if home := home_asked(given):
        subject = set_activation(subject, home.activation) if given.activation is None else subject
        subject = set_label(subject, home.label) if given.label is None else subject
    subject = options.with_flags(subject, SUBJECT, given)
    smoothed(subject.label, subject.smoothing)
    return subject


def with_subject_flags(subject: S, given: argparse.Namespace) -> S:
    """A subject with what a command line says of it.

    Raises:
        ValueError: something that it says is wrong; the message says what would be right.
    """
    subject = flagged(subject, given)
    return rows.with_losses(subject, _losses_of(given, subject.target)) if given.loss else subject


def home_asked(given: argparse.Namespace) -> Home | None:
    """The activation and the label of ``--loss``, where all of it is at home there and not all is in ``all``.

    What one begins with has the usual activation and label, as ever; a family's name stands for what suits the family.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """
    if not given.loss:
        return None
    with of_option("--loss"):
        asked = [word for text in given.loss for word in text.split(",")]
        if any(word.strip().lower() == "all" for word in asked):
            return None
        families = [family for word in asked if (family := family_called(word)) is not None]
        losses(given.loss)  # which says what is wrong with any of it
        named = losses([word for word in asked if family_called(word) is None])
    homes = {HOMES[family] for family in families} | {row.entry.home for row in named}
    is_new = bool(families) or not all(row.entry.in_all for row in named)
    return next(iter(homes)) if is_new and len(homes) == 1 else None


USUAL = Home(Subject().activation, Subject().label)
"""Where everything is of which nothing is said: nobody is told that."""


def say_home(given: argparse.Namespace, activation: str, label: float) -> None:
    """Say on stderr where the losses of ``--loss`` are, if that is their home and no usual place.

    Nothing is said where it is the activation and the label that every loss has unasked.

    Args:
        given: the options of a command line.
        activation: that they are behind.
        label: that they are for.
    """
    flags = (("--activation", given.activation), ("--label", given.label))
    left = [flag for flag, value in flags if value is None]
    home = home_asked(given) if left else None
    moved = home and {"--activation": home.activation != USUAL.activation, "--label": home.label != USUAL.label}
    if moved and any(moved[flag] for flag in left):
        where = [f"behind {activation}"] if given.activation is None else []
        where += [f"label {number(label)}"] if given.label is None else []
        say = f"{', '.join(where)}, where these losses are at home; otherwise say {' and '.join(left)}"
        print(f"lossterm: {say}", file=sys.stderr)


def _losses_of(given: argparse.Namespace, target: float | None) -> list[Row]:
    with of_option("--loss"):
        return losses(given.loss, target)


def points_asked(text: str, subject: Subject) -> Points:
    """The logits of ``--at``: ``-4,0,4``, ``-8:8:33``; ``p=.02`` is a prediction behind the activation of a subject.

    Raises:
        ValueError: not points, or a prediction that no logit has.
    """
    with of_option("--at"):
        return points(text, partial(logits_of_predictions, subject.link))


FEW_POINTS = 1000
"""Points at most, where each takes more than a formula."""


def few_logits(text: str | None, subject: Subject, default: str) -> list[float]:
    """The logits of ``--at``, or of the default where it is not given.

    Raises:
        ValueError: not points, a prediction that no logit has, or more than `FEW_POINTS`.
    """
    at = points_asked(default if text is None else text, subject)
    if at.count > FEW_POINTS:
        raise ValueError(f"--at {text} is {at.count:,} points: at most {FEW_POINTS:,}")
    return [z for chunk in at.chunks(FEW_POINTS) for z in chunk.tolist()]


def one_logit(text: str, subject: Subject, why: str) -> float:
    """The one logit of ``--at``.

    Args:
        text: as it was typed.
        subject: whose activation a prediction is behind.
        why: only one is taken, for the message.

    Raises:
        ValueError: several, or one that is out of reach.
    """
    at = points_asked(text, subject)
    if at.count != 1:
        raise ValueError(f"--at {text} is {at.count} points: {why}")
    logit = float(next(at.chunks(1))[0])
    if abs(logit) > FARTHEST:
        raise ValueError(f"--at {text} is beyond ±{FARTHEST:g}")
    return logit


def asked_rows(given: argparse.Namespace, *, any_label: bool = False) -> tuple[Subject, list[Row]]:
    """The label and the activation as a subject, and the losses in the order in which they were asked for.

    Args:
        given: the options of a command line.
        any_label: whether the label does not matter.

    Raises:
        ValueError: an unknown name, or a loss that does not take the label.
    """
    subject = flagged(Subject(), given)
    target = None if any_label else subject.target
    asked = _losses_of(given, target) if given.loss else [subject.rows[i] for i in subject.shown]
    for row in () if any_label else asked:
        problem = row.entry.label_problem(subject.target)
        if problem:
            raise ValueError(problem if given.label is None else f"--label: {problem}")
    return subject, asked


def subject_words(subject: Subject, drawn: Sequence[int], *, activation: bool = True) -> list[str]:
    """The words that tell the losses of some rows, the label, its smoothing and the activation."""
    words = ["--loss", ",".join(subject.rows[i].spec for i in drawn)] if drawn else []
    words += define_words([subject.rows[i] for i in drawn])
    words.append(f"--label={number(subject.label)}")
    words += [f"--smoothing={number(subject.smoothing)}"] if subject.smoothing else []
    return [*words, "--activation", subject.activation] if activation else words


def saved_subject(subject: Subject) -> dict[str, Any]:
    """A subject, as JSON has it."""
    return {**rows.saved_rows(subject), **options.saved(subject, SUBJECT)}


def restored_subject(subject: S, document: Mapping[str, Any]) -> S:
    """A subject with what a document tells put on it, distrusted field by field."""
    return options.restored(rows.restored_rows(subject, document), SUBJECT, document)
