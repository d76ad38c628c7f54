"""The options of a K-class example and its picture: declared once, read from a command line, written back, and kept."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lossterm.core.losses.labels import number
from lossterm.core.numbers import MINUS, parse
from lossterm.core.softmax.example import SoftmaxPoint, from_probabilities
from lossterm.core.softmax.inputs import Target, checked_logits, checked_temperature, checked_weights
from lossterm.model import options, rows
from lossterm.model.notation import losses_asked, window_asked
from lossterm.model.options import Form, Option, Options
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.window import FARTHEST, NARROWEST, SCALES, WIDEST, Window, bounded
from lossterm.softmax.edit import fitted, fitted_weights, set_smoothing
from lossterm.softmax.view import COLDEST, HOTTEST, MAX_CLASSES, NARROWEST_POWERS, SWEEPS, SoftmaxView, in_sight

_MASK = re.compile(r"-(inf(inity)?|∞)", re.IGNORECASE)

# ---- lists of numbers, targets and losses ---------------------------------------------------------------------------


def numbers(text: str, what: str) -> list[float]:
    """Numbers separated by commas, blanks, semicolons or line ends; −inf is one, brackets around them are ignored.

    Raises:
        ValueError: one is not a number; the message says which.
    """
    inner = text.strip().strip("[](){}")
    words = re.split(r"\s*[,;]\s*|\s+", inner.strip()) if inner.strip() else []
    if not words:
        raise ValueError(f"{what}: numbers are needed, such as 8,0,0")
    return [_number(word, index, what) for index, word in enumerate(words)]


def _number(word: str, index: int, what: str) -> float:
    plain = word.replace(MINUS, "-").replace("–", "-")
    if _MASK.fullmatch(plain):
        return -math.inf
    try:
        return parse(word)
    except ValueError as problem:
        why = str(problem) if word else "an empty place"
        raise ValueError(f"{what}: {why} (class {index})") from None


def label(text: str) -> int | list[float]:
    """A target: a class, or a probability for each class.

    Raises:
        ValueError: neither.
    """
    plain = text.strip().replace(MINUS, "-")
    if re.fullmatch(r"[+-]?\d{1,9}", plain):
        return int(plain)
    values = numbers(text, "target")
    if len(values) == 1:
        raise ValueError(f"target {text.strip()!r} is neither a class, such as 1, nor a distribution, such as .1,.2,.7")
    return values


def losses(texts: Iterable[str], point: SoftmaxPoint | None = None) -> list[SoftmaxRow]:
    """The rows of ``--loss``; ``all`` means the losses that take the target and logits of a point, or every loss.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """

    def fits(row: SoftmaxRow) -> bool:
        return point is None or not (row.entry.target_problem(point) or row.entry.logits_problem(point))

    return losses_asked(texts, SoftmaxRow, fits)


def listed(values: Iterable[float]) -> str:
    """Numbers as one word that `numbers` reads back."""
    return ",".join(number(x) if math.isfinite(x) else "-inf" for x in values)


NO_WEIGHTS = {"", "none", "off", "-"}
"""What says that no class has a weight."""

# ---- forms ----------------------------------------------------------------------------------------------------------


def _saved_logits(values: Sequence[float]) -> list[float | str]:
    return [z if math.isfinite(z) else "-inf" for z in values]


def _loaded_logits(value: Any) -> tuple[float, ...]:
    logits = tuple(-math.inf if z == "-inf" else _real.load(z) for z in value)
    if len(logits) > MAX_CLASSES or any(math.isfinite(z) and abs(z) > FARTHEST for z in logits):
        raise ValueError("more classes, or larger logits, than the screen has")
    return tuple(checked_logits(logits).tolist())


def _loaded_label(value: Any) -> int | tuple[float, ...] | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return tuple(_real.load(share) for share in value)


def _loaded_temperature(value: Any) -> float:
    temperature = _real.load(value)
    if not COLDEST <= temperature <= HOTTEST:
        raise ValueError(f"{value!r} is out of reach")
    return temperature


def _loaded_window(value: Any) -> Window:
    lo, hi = (_real.load(end) for end in value)
    wide_enough = hi - lo >= NARROWEST * max(1.0, abs(lo), abs(hi))
    if not (wide_enough and hi - lo <= WIDEST and max(abs(lo), abs(hi)) <= FARTHEST):
        raise ValueError(f"{value!r} is not a window")
    return lo, hi


def _loaded_powers(value: Any) -> Window:
    lo, hi = _loaded_window(value)
    if max(abs(lo), abs(hi)) > FURTHEST_POWER:
        raise ValueError(f"{value!r} is not a window of temperatures")
    return lo, hi


FURTHEST_POWER = 10.0
"""No window on log10 T reaches beyond ± this."""

_real = options.real()


def _written_label(value: int | Sequence[float] | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else listed(value)


_LOGITS: Form[tuple[float, ...]] = Form(
    lambda text: tuple(numbers(text, "logits")), listed, _loaded_logits, _saved_logits, "Z,…"
)
_TEACHER: Form[tuple[float, ...] | None] = Form(
    lambda text: tuple(numbers(text, "teacher")),
    lambda z: "" if z is None else listed(z),
    lambda value: None if value is None else _loaded_logits(value),
    lambda z: None if z is None else _saved_logits(z),
    "Z,…",
)
_LABEL: Form[Any] = Form(
    label, _written_label, _loaded_label, lambda t: list(t) if isinstance(t, tuple) else t, "CLASS|T,…"
)
_GIVEN: Form[tuple[float, ...] | None] = Form(
    lambda text: tuple(numbers(text, "probabilities")),
    lambda p: "" if p is None else listed(p),
    lambda value: None if value is None else tuple(_real.load(share) for share in value),
    lambda p: None if p is None else list(p),
    "P,…",
)
_WEIGHTS: Form[tuple[float, ...] | None] = Form(
    lambda text: None if text.strip().lower() in NO_WEIGHTS else tuple(numbers(text, "class weights")),
    lambda w: "none" if w is None else listed(w),
    lambda value: None if value is None else tuple(_real.load(weight) for weight in value),
    lambda w: None if w is None else list(w),
    "W,…",
)
_WINDOW: Form[Window] = Form(window_asked, lambda w: f"{number(w[0])}:{number(w[1])}", _loaded_window, list, "LO:HI")
_POWERS: Form[Window] = Form(
    lambda text: window_of_temperatures(text),
    lambda w: f"{number(10.0 ** w[0])}:{number(10.0 ** w[1])}",
    _loaded_powers,
    list,
    "LO:HI",
)


def window_of_temperatures(text: str) -> Window:
    """The window on log10 T between two temperatures, ``lo:hi``.

    Raises:
        ValueError: not two positive numbers, or lo is not below hi.
    """
    pieces = text.split(":")
    if len(pieces) != 2:
        raise ValueError(f"{text!r} is not a range: write lo:hi, such as 0.1:100")
    lo, hi = parse(pieces[0]), parse(pieces[1])
    if not 0 < lo < hi:
        raise ValueError(f"{text!r} is no range of temperatures: write lo:hi with 0 < lo < hi")
    powers = math.log10(lo), math.log10(hi)
    if max(map(abs, powers)) > FURTHEST_POWER:
        raise ValueError(f"{text!r} reaches beyond 1e±{FURTHEST_POWER:g}")
    if powers[1] - powers[0] < NARROWEST_POWERS:
        raise ValueError(f"{text!r} is too narrow to tell its columns apart")
    return bounded(*powers)


# ---- the options ----------------------------------------------------------------------------------------------------


def _put_logits(view: SoftmaxView, logits: tuple[float, ...]) -> SoftmaxView:
    # the target is kept as far as it fits, and what was given before is no more
    selected = min(view.selected, len(logits) - 1)
    target, weights = fitted(view.target, len(logits)), fitted_weights(view.class_weights, len(logits))
    return replace(view, logits=logits, target=target, class_weights=weights, selected=selected, given=None)


def _put_given(view: SoftmaxView, given: tuple[float, ...] | None) -> SoftmaxView:
    if given is not None and tuple(from_probabilities(given, normalize=True).tolist()) != view.logits:
        raise ValueError("the logits are not those of the given probabilities")
    return replace(view, given=given)


def _put_label(view: SoftmaxView, label: Any) -> SoftmaxView:
    old = view.target
    return _put_target(view, Target.of(label, teacher=old.teacher, smoothing=old.smoothing, over=old.over))


def _put_teacher(view: SoftmaxView, teacher: tuple[float, ...] | None) -> SoftmaxView:
    label = view.selected if teacher is None and view.label is None else view.label
    return _put_target(view, replace(view.target, label=label, teacher=teacher))


def _put_target(view: SoftmaxView, target: Target) -> SoftmaxView:
    target.check(view.classes)
    return replace(view, target=target)


def _put_temperature(view: SoftmaxView, temperature: float) -> SoftmaxView:
    return replace(view, temperature=checked_temperature(temperature))


def _put_weights(view: SoftmaxView, weights: tuple[float, ...] | None) -> SoftmaxView:
    return replace(view, class_weights=None if weights is None else checked_weights(weights, view.classes))


def _put_selected(view: SoftmaxView, index: int) -> SoftmaxView:
    if not 0 <= index < view.classes:
        raise ValueError(f"class {index} is outside 0…{view.classes - 1}: there are {view.classes} classes")
    return replace(view, selected=index)


_SWEPT = "--range, of the axis that is swept"

LOGITS: Option[SoftmaxView, Any] = Option(
    "logits", "Logits", "the logits, such as 8,0,0; -inf masks a class", _LOGITS, put=_put_logits
)
GIVEN: Option[SoftmaxView, Any] = Option(
    "given",
    "Probabilities",
    "probabilities instead: the logits are their logarithms",
    _GIVEN,
    flag="--probabilities",
    put=_put_given,
)
TEACHER: Option[SoftmaxView, Any] = Option(
    "teacher",
    "Teacher",
    "a teacher's logits: the target of distillation, and of all without --target",
    _TEACHER,
    put=_put_teacher,
)
LABEL: Option[SoftmaxView, Any] = Option(
    "label",
    "Target",
    "a class, from 0, or a distribution such as .1,.2,.7",
    _LABEL,
    flag="--target",
    absent=lambda view: "" if view.label is not None else "the teacher is the target",
    put=_put_label,
)
TEMPERATURE: Option[SoftmaxView, float] = Option(
    "temperature",
    "T",
    "what all logits are divided by (default 1)",
    replace(_real, load=_loaded_temperature, metavar="T"),
    put=_put_temperature,
)
SMOOTHING: Option[SoftmaxView, float] = Option(
    "smoothing",
    "Smoothing ε",
    "label smoothing: the share E of the target is spread",
    replace(_real, metavar="E"),
    put=set_smoothing,
)
OVER: Option[SoftmaxView, Any] = Option(
    "over",
    "Convention",
    "over all K classes (default) or the K−1 others",
    options.one_of(("all", "others"), "smoothing"),
    flag="--smoothing-over",
    absent=lambda view: "" if view.smoothing else "nothing is spread",
    put=lambda view, over: replace(view, target=replace(view.target, over=over)),
)
CLASS_WEIGHTS: Option[SoftmaxView, Any] = Option(
    "class_weights",
    "Class weights",
    "one a class: every loss is multiplied by that of its target (of a distribution by Σ t_k w_k)",
    _WEIGHTS,
    put=_put_weights,
)
SELECTED: Option[SoftmaxView, int] = Option(
    "selected",
    "Class",
    "the class of which the list of losses tells its share of the loss and its slope, and whose logit is swept "
    "(default 0)",
    options.count("--class", metavar="K"),
    flag="--class",
    put=_put_selected,
)
SWEEP: Option[SoftmaxView, Any] = Option(
    "sweep",
    "Sweep",
    "the curves too: L and the slope of --class, along its logit or along the temperature; drawn in text, numbers in "
    "json",
    options.one_of(SWEEPS, "sweep"),
)
LOGIT_RANGE: Option[SoftmaxView, Window] = Option(
    "logit_range", "Window", "the window on the axis of the logit", _WINDOW, no_flag=_SWEPT
)
TEMPERATURE_RANGE: Option[SoftmaxView, Window] = Option(
    "temperature_range", "Window", "the window on the axis of the temperature", _POWERS, no_flag=_SWEPT
)
SCALE: Option[SoftmaxView, Any] = Option(
    "scale", "Y axes", "scale of the curves' y axes (default auto)", options.one_of(SCALES, "scale")
)

EXAMPLE: Options = (LOGITS, GIVEN, TEACHER, LABEL, TEMPERATURE, SMOOTHING, OVER, CLASS_WEIGHTS)
"""In the order in which they are put on a view: the target must fit the logits, and may be the teacher."""

PICTURE: Options = (SELECTED, SWEEP, LOGIT_RANGE, TEMPERATURE_RANGE, SCALE)
"""Which class is looked at, and how the curves are drawn."""


def of_sweep(view: SoftmaxView) -> Option[SoftmaxView, Window]:
    """The window on the axis that is swept, of which ``--range`` is."""
    return LOGIT_RANGE if view.sweep == "logit" else TEMPERATURE_RANGE


def put_picture(view: SoftmaxView, given: argparse.Namespace) -> SoftmaxView:
    """A view with what a command line says of its picture; without ``--range`` the point is inside the window.

    Raises:
        ValueError: something that it says is wrong; the message says what would be right.
    """
    view = in_sight(options.with_flags(view, PICTURE, given))
    if given.range is None:
        return view
    window = of_sweep(view)
    try:
        return window.changed(view, window.form.read(given.range))
    except ValueError as problem:
        raise ValueError(f"--range: {problem}") from None


# ---- the command of a view ------------------------------------------------------------------------------------------


def example_words(view: SoftmaxView) -> list[str]:
    """The options of ``lossterm softmax`` that tell the example."""
    if view.given is not None:
        words = [f"{GIVEN.option_string}={GIVEN.form.write(view.given)}", "--normalize"]
    else:
        words = [f"{LOGITS.option_string}={LOGITS.form.write(view.logits)}"]
    if not LABEL.absent(view):
        words.append(f"{LABEL.option_string}={LABEL.form.write(view.label)}")
    return words + options.words(view, (TEACHER, TEMPERATURE, SMOOTHING, OVER, CLASS_WEIGHTS), SoftmaxView())


def view_words(view: SoftmaxView) -> list[str]:
    """The options of ``lossterm softmax`` that print the numbers of this view.

    A loss that does not take the target has no numbers: it is left out.
    """
    words, drawn = example_words(view), view.fitting
    if drawn:
        words += ["--loss", ",".join(view.rows[i].spec for i in drawn)]
    if view.reference in drawn[1:]:
        words += ["--reference", view.rows[view.reference].spec]
    return [*words, f"{SELECTED.option_string}={SELECTED.form.write(view.selected)}"]


def sweep_words(view: SoftmaxView) -> list[str]:
    """The options that add the curves of this view."""
    window, usual = of_sweep(view), SoftmaxView()
    words = [f"{SWEEP.option_string}={SWEEP.form.write(view.sweep)}"]
    if window.value(view) != window.value(usual):
        words.append(f"--range={window.form.write(window.value(view))}")
    return words + options.words(view, (SCALE,), usual)


# ---- kept between runs ----------------------------------------------------------------------------------------------

KEPT: Options = (*EXAMPLE, *PICTURE)
"""What is kept of a view beside its list of losses; probabilities after the logits that they must be of."""


def saved(view: SoftmaxView) -> dict[str, Any]:
    """A view, as JSON has it."""
    return {**rows.saved_rows(view), **options.saved(view, KEPT)}


def restored(view: SoftmaxView, document: Mapping[str, Any]) -> SoftmaxView:
    """A view with what a document tells put on it, distrusted field by field."""
    view = options.restored(rows.restored_rows(view, document), KEPT, document)
    return in_sight(view)
