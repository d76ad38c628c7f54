"""The options of a view: declared once, read from a command line, written as the command of a picture, and kept."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from lossterm.core.losses.labels import number
from lossterm.core.names import unknown
from lossterm.core.numbers import parse
from lossterm.curves.view import AXES, QUANTITIES, SLOPES, Y_ZOOMS, Quantity, View, set_eta, set_mark, set_weight
from lossterm.model import options
from lossterm.model.notation import loss_asked, window_asked
from lossterm.model.options import Form, Option, Options, Redo
from lossterm.model.parser import of_option
from lossterm.model.subject import Row
from lossterm.model.subject_options import (
    add_subject_flags,
    one_logit,
    restored_subject,
    subject_words,
    with_subject_flags,
)
from lossterm.model.window import FARTHEST, NARROWEST, SCALES, WIDEST, Window

_DRAWN_WITH = "--range, of the axis that is shown"


def _window(text: str) -> Window:
    return window_asked(text)


def _loaded_window(value: Any) -> Window:
    lo, hi = (options.real().load(end) for end in value)
    if not (NARROWEST <= hi - lo <= WIDEST and max(abs(lo), abs(hi)) <= FARTHEST):
        raise ValueError(f"{value!r} is not a window")
    return lo, hi


def _y_zoom(factor: float) -> float:
    if not Y_ZOOMS[0] <= factor <= Y_ZOOMS[1]:
        raise ValueError(f"a zoom between {Y_ZOOMS[0]:g} and {Y_ZOOMS[1]:g}, not {number(factor)}")
    return factor


def _within_predictions(view: View, window: Window | None) -> View:
    if window is None or (view.link.lower <= window[0] and window[1] <= view.link.upper):
        return replace(view, prediction_range=window)
    raise ValueError(f"{window} is outside the predictions of {view.activation}")


_WINDOW: Form[Window] = Form(_window, lambda w: f"{number(w[0])}:{number(w[1])}", _loaded_window, list, "LO:HI")

AXIS: Option[View, Any] = Option("axis", "X axis", "what the x axis is (default logit)", options.one_of(AXES, "axis"))
SLOPE: Option[View, Any] = Option(
    "slope", "Lower chart", "what the lower chart shows", options.one_of(SLOPES, "quantity"),
    no_flag="--show, which tells the quantity of each chart",
)  # fmt: skip
LOGIT_RANGE: Option[View, Window] = Option(
    "logit_range", "Window", "the window on the logit axis", _WINDOW, no_flag=_DRAWN_WITH
)
PREDICTION_RANGE: Option[View, Window | None] = Option(
    "prediction_range", "Window", "the window on the prediction axis", options.optional(_WINDOW), no_flag=_DRAWN_WITH,
    put=_within_predictions,
)  # fmt: skip
ETA: Option[View, float | None] = Option(
    "eta",
    "Risk",
    "the expected loss when class 1 has this true probability η",
    replace(options.optional(options.real()), metavar="ETA"),
    flag="--risk",
    put=set_eta,
)
WEIGHT: Option[View, float] = Option(
    "weight",
    "Weight",
    "with --risk, the weight w of class 1: η becomes wη/(wη + 1 − η)",
    options.real("W"),
    absent=lambda view: "" if view.eta is not None else "there is no risk",
    put=set_weight,
)
BOTH_LABELS: Option[View, bool] = Option(
    "both_labels", "Both labels", "every loss for y=0 and for y=1: the classic figure", options.switch()
)
SCALE: Option[View, Any] = Option(
    "scale",
    "Y axes",
    "scale of the y axis: auto (the default) is linear while the largest curve is at most 100 times the smallest",
    options.one_of(SCALES, "scale"),
    redo=Redo.DRAW,
)
Y_ZOOM: Option[View, float] = Option(
    "y_zoom",
    "Y zoom",
    "how many times shorter than usual the window on the y axis is (default 1: all of every curve)",
    replace(options.real("F"), read=lambda text: _y_zoom(parse(text)), load=lambda value: _y_zoom(float(value))),
)
LIKELIHOOD: Option[View, bool] = Option(
    "likelihood",
    "Likelihood",
    "below the loss, the density over labels whose −log it is, at the prediction of --at",
    options.switch(),
)
MARK: Option[View, float | None] = Option(
    "mark",
    "Mark",
    "a second point, a logit, to compare the cursor with",
    replace(options.optional(options.real()), metavar="Z"),
    redo=Redo.SHOW,
    put=set_mark,
)

PICTURE: Options = (
    AXIS,
    SLOPE,
    LOGIT_RANGE,
    PREDICTION_RANGE,
    ETA,
    WEIGHT,
    BOTH_LABELS,
    SCALE,
    Y_ZOOM,
    LIKELIHOOD,
    MARK,
)
"""In the order in which they are put on a view: the axis decides what a range is of, a risk ends both labels."""


def add_view_flags(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a subject and of its picture."""
    add_subject_flags(parser)
    add = parser.add_argument
    add("--range", metavar="LO:HI", help="the window on the x axis (default -8:8)")
    add("--at", metavar="Z|p=P", help="where the cursor stands: a logit, or p=.02, a prediction (default -4)")
    add(
        "--show",
        metavar="|".join(QUANTITIES),
        help="what is drawn; several comma-separated, one under the other",
    )
    options.add_flags(parser, PICTURE)
    add("--reference", metavar="NAME", help="the loss that the ratios are taken against (default the first)")


def with_view_flags(view: View, given: argparse.Namespace) -> View:
    """A view with what a command line says put on it.

    Raises:
        ValueError: something that it says is wrong; the message says what would be right.
    """
    before, view = view, with_subject_flags(view, given)
    if view.label != before.label:
        view = replace(view, eta=None)
    if view.activation != before.activation:
        view = replace(view, prediction_range=None)
    if given.range is not None and given.axis is None:
        view = replace(view, axis="logit")  # what a range is of, where nothing is said
    view = options.with_flags(view, PICTURE, given)
    if given.range is not None:
        with of_option("--range"):
            view = _with_range(view, given.range)
    if (view.likelihood or view.mark is not None) and given.at is not None:
        why = "the densities are drawn at one logit" if view.likelihood else "one logit is compared with the mark"
        view = replace(view, logit=one_logit(given.at, view, why))
    return _with_reference(view, given.reference) if given.reference is not None else view


def _with_range(view: View, text: str) -> View:
    lo, hi = window_asked(text)
    if view.axis == "logit":
        return replace(view, logit_range=(lo, hi))
    low, high = max(lo, view.link.lower), min(hi, view.link.upper)
    if not high - low > 2 * NARROWEST:
        raise ValueError(
            f"{text!r} is outside the predictions of {view.activation}: "
            f"write a range within {number(view.link.lower)}:{number(view.link.upper)}"
        )
    return replace(view, prediction_range=(low, high))


def _with_reference(view: View, text: str) -> View:
    with of_option("--reference"):
        wanted = loss_asked(text, Row)
    exact = [i for i, row in enumerate(view.rows) if row.key == wanted.key]
    same = [i for i, row in enumerate(view.rows) if row.loss == wanted.loss]
    at = next((i for i in exact + same if view.rows[i].shown), None)
    if at is None:
        raise ValueError(f"--reference {text} is not one of the losses asked for: add it to --loss")
    return replace(view, reference=at)


def shown_quantities(text: str | None, default: Sequence[Quantity]) -> list[str]:
    """What ``--show`` asks for, in order.

    Raises:
        ValueError: something that cannot be shown.
    """
    if text is None:
        return list(default)
    wanted = [part.strip() for part in text.split(",")]
    for part in wanted:
        if part not in QUANTITIES:
            raise ValueError(f"--show: {unknown(part, 'quantity', QUANTITIES)}")
    return wanted


def check_labels(view: View, flag: str = "") -> None:
    """Raise ValueError, naming the loss and the labels it takes, if a shown loss does not accept the view's label.

    Args:
        view: what is looked at.
        flag: the option that told the label; empty for none.
    """
    for index in view.shown:
        for target in _targets(view):
            problem = view.rows[index].entry.label_problem(target)
            if problem:
                raise ValueError(f"{flag}: {problem}" if flag else problem)


def _targets(view: View) -> list[float]:
    return [view.smooth(0.0), view.smooth(1.0)] if view.both_labels or view.eta is not None else [view.target]


def view_words(view: View) -> list[str]:
    """The options that tell this view; reading them back gives it again."""
    # a loss that does not take the label has no curve: the picture without it is the same
    drawn = [i for i in view.shown if all(view.rows[i].entry.label_problem(y) is None for y in _targets(view))]
    drawn = drawn or list(view.shown)
    words = subject_words(view, drawn)
    if view.reference in drawn[1:]:
        words[2:2] = ["--reference", view.rows[view.reference].spec]
    lo, hi = view.window
    words += [f"--range={number(lo)}:{number(hi)}"] if isfinite(lo) and isfinite(hi) else []
    words += options.words(view, PICTURE, View())
    # densities are drawn at the cursor, and a mark is compared with it
    return words + ([f"--at={number(view.logit)}"] if view.likelihood or view.mark is not None else [])


def saved_picture(view: View) -> dict[str, Any]:
    """What a view adds to its subject, as JSON has it."""
    return options.saved(view, PICTURE)


def restored_picture(view: View, document: Mapping[str, Any]) -> View:
    """A view with what a document tells of the picture put on it, distrusted field by field."""
    return options.restored(view, PICTURE, document)


def restored_view(view: View, document: Mapping[str, Any]) -> View:
    """A view with what a document tells of subject and picture put on it, distrusted field by field."""
    return restored_picture(restored_subject(view, document), document)
