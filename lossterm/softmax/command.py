"""``lossterm softmax``: one example with K classes, as text, JSON or CSV; and its curves along a sweep."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lossterm.chart.markers import MARKERS, drawn_with, marker_of
from lossterm.core.names import unknown
from lossterm.core.numbers import significant
from lossterm.core.softmax.example import from_probabilities
from lossterm.core.softmax.inputs import Target, checked_logits, rescaling
from lossterm.core.softmax.presets import PRESETS, Preset
from lossterm.model import options as declared
from lossterm.model.feature import ScreenSetting
from lossterm.model.notation import loss_asked
from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser, add_format, asked_format, of_option
from lossterm.model.printing import PIPED_SIZE, encoding, in_colour, size
from lossterm.model.records import json_text
from lossterm.model.rows import with_losses
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.softmax.options import (
    CLASS_WEIGHTS,
    EXAMPLE,
    GIVEN,
    LABEL,
    LOGITS,
    OVER,
    PICTURE,
    SCALE,
    SMOOTHING,
    TEACHER,
    TEMPERATURE,
    losses,
    put_picture,
    saved,
)
from lossterm.softmax.report import SoftmaxResult, as_written, document, named, text, write_csv
from lossterm.softmax.view import SoftmaxView

COMMANDS = (
    "lossterm softmax --logits 8,0,0 --target 1 --loss ce,mse",
    "lossterm softmax --probabilities .1,.2,.7 --target 2 --loss all --format json",
    "lossterm softmax --logits 2,1,-1 --teacher .5,1.5,1 --loss distillation",
    "lossterm softmax --preset cosines-of-a-face --loss arcface,cosface,infonce",
)
DEFAULT_LOSSES = ",".join(SoftmaxView.first_shown)
LEAST_HEIGHT = 10
"""Lines of two charts, one under the other."""


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json", "csv")
    _check_sweep(options, form)
    with of_option("--size"):
        width, height = size(options.size) if options.size is not None or form == "text" else PIPED_SIZE
    with of_option("--marker"):
        marker = marker_of(options.marker, encoding())
    if options.sweep is not None and height < LEAST_HEIGHT:
        raise ValueError(f"--size: 2 charts need a height of at least {LEAST_HEIGHT}, not {height}")
    asked = _asked(options)
    view, result = asked.view, asked.result
    if form == "text":
        at_class = any(x is not None for x in (options.selected, options.reference, options.sweep))
        lines = list(text(result, asked.notes, view if at_class else None))
        if options.sweep is not None:
            lines += ["", *(drawn_with(marker, chart) for chart in _charts(view, width, height))]
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return 0
    for note in asked.notes:
        print(f"lossterm: {note}", file=sys.stderr)
    if form == "json":
        print(json_text(_document(asked, options, width)))
    else:
        write_csv(result, sys.stdout)
    return 0


def answer(arguments: Sequence[str]) -> dict[str, object]:
    """What ``--format json`` prints."""
    options = parser().parse_args(arguments)
    _check_sweep(options, "json")
    return _document(_asked(options), options, size(options.size)[0] if options.size is not None else PIPED_SIZE[0])


def setting(arguments: Sequence[str]) -> ScreenSetting:
    """What the Softmax screen shows of these words."""
    asked = _asked(parser().parse_args(arguments))
    rows = asked.result.rows
    view = with_losses(asked.view, rows)
    reference = [row.key for row in view.rows].index(rows[asked.result.reference].key)
    return ScreenSetting(None, saved(replace(view, reference=reference)))


def _document(asked: _Asked, options: argparse.Namespace, width: int) -> dict[str, object]:
    printed = document(asked.result)
    if options.sweep is not None:
        from lossterm.softmax.sweep import sweep_document

        printed["sweep"] = sweep_document(asked.view, width)
    return printed


def parser() -> Parser:
    """The options of the command."""
    made = Parser("lossterm softmax", "K classes: what each loss makes of their logits, and its gradient.", COMMANDS)
    add = made.add_argument
    declared.add_flags(made, EXAMPLE)
    add("--normalize", action="store_true", help="rescale probabilities that do not sum to 1, and say so")
    add("--preset", metavar="NAME", help="a named example, such as digit-3-ce; other options replace its parts")
    add(
        "--loss",
        action="append",
        metavar="NAME[:PAR=VALUE]",
        help="a loss by any of its names; several comma-separated or repeated, or 'all' that take the target "
        f"(default {DEFAULT_LOSSES})",
    )
    add_define_flag(made)
    add("--reference", metavar="NAME", help="the loss that the gradients are measured against (default the first)")
    declared.add_flags(made, PICTURE)
    add("--range", metavar="LO:HI", help="the window on the swept axis (default -8:8; of temperatures 0.1:100)")
    add("--size", metavar="WxH", help="of the curves, in characters (default the terminal's, 100x30 in a pipe)")
    add("--marker", metavar="|".join(MARKERS), help="what the curves are drawn with (default braille)")
    add_format(made, "text", "json", "csv")
    return made


def _check_sweep(options: argparse.Namespace, form: str) -> None:
    # what only the curves have means nothing without them
    if options.sweep is not None and form == "csv":
        raise ValueError("--sweep is drawn in text and told in json; csv has the classes: leave it out")
    rest = [(name, f"--{name}") for name in ("range", "size", "marker")]
    for name, flag in ((SCALE.name, SCALE.option_string), *rest):
        if options.sweep is None and getattr(options, name) is not None:
            raise ValueError(f"{flag} is of the curves: add --sweep logit or --sweep temperature")


# ---- what is asked for ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Asked:
    # the example with its picture, its losses in the order in which they were asked for, and what is to be said
    view: SoftmaxView
    result: SoftmaxResult
    notes: Sequence[str]


def _asked(options: argparse.Namespace) -> _Asked:
    # what the options say, or of what they do not say the preset, or the defaults
    preset = _preset(options.preset)
    notes: list[str] = []
    logits, given = _logits(options, preset, notes)
    target = _target(options, preset.target if preset else None, notes)
    temperature = preset.temperature if preset else 1.0
    with of_option("--target" if options.label is not None else "--teacher"):
        target.check(len(logits))
    view = SoftmaxView(logits=logits, target=target, temperature=temperature)
    view = declared.with_flags(view, (TEMPERATURE, SMOOTHING, OVER, CLASS_WEIGHTS), options)
    point = view.example.point  # raises what does not fit
    with of_option("--loss"):
        rows = losses(options.loss or ([",".join(preset.losses)] if preset else [DEFAULT_LOSSES]), point)
    notes += [f"undefined: {why}" for row in rows if (why := row.entry.logits_problem(point))]
    view = put_picture(view, options)
    result = SoftmaxResult.of(view.example, rows, _reference(options.reference, rows))
    if options.sweep is not None:
        view = with_losses(view, rows)
    if given is not None and rescaling(given):
        written = as_written(given, target, rows)
        values = ", ".join(f"{named(row)} {significant(value)}" for row, value in written)
        notes += [f"taken as they are: {values}"] if values else []
    return _Asked(view, result, notes)


def _logits(
    options: argparse.Namespace, preset: Preset | None, notes: list[str]
) -> tuple[tuple[float, ...], Sequence[float] | None]:
    # the logits, and the probabilities that they were made of
    if options.logits is not None and options.given is not None:
        raise ValueError("--logits or --probabilities, not both")
    if options.logits is not None:
        with of_option("--logits"):
            return tuple(checked_logits(LOGITS.form.read(options.logits)).tolist()), None
    if options.given is None and preset is None:
        raise ValueError("logits are needed, such as --logits 8,0,0 (or --probabilities, or --preset)")
    if options.given is None and preset is not None and not preset.probabilities:
        return preset.logits, None
    own = options.given is not None
    with of_option("--probabilities"):
        given = GIVEN.form.read(options.given) if own else preset.probabilities if preset else ()
        logits = from_probabilities(given, options.normalize or not own).tolist()
    notes += [note] if (note := rescaling(given)) else []
    return tuple(logits), given


def _preset(name: str | None) -> Preset | None:
    if name is None:
        return None
    if name not in PRESETS:
        raise ValueError(f"--preset: {unknown(name, 'preset', PRESETS)}")
    return PRESETS[name]


def _target(options: argparse.Namespace, preset: Target | None, notes: list[str]) -> Target:
    old = preset or Target(None)
    if preset is None and options.label is None and options.teacher is None:
        raise ValueError("a target is needed: --target with a class or a distribution, or --teacher with its logits")
    with of_option("--target"):
        asked = LABEL.form.read(options.label) if options.label is not None else None
    with of_option("--teacher"):
        teacher = TEACHER.form.read(options.teacher) if options.teacher is not None else old.teacher
        teacher = None if teacher is None else tuple(checked_logits(teacher).tolist())
    if isinstance(asked, list) and options.normalize:
        note = rescaling(asked, what="target probabilities") if math.isfinite(math.fsum(asked)) else None
        notes += [note] if note else []
    replaced = options.label is not None or (options.teacher is not None and preset is None)
    label = asked if replaced else old.label
    with of_option("--target"):
        target = Target.of(label, teacher=teacher, normalize=options.normalize)
    return replace(target, smoothing=old.smoothing, over=old.over)


def _reference(text: str | None, rows: Sequence[SoftmaxRow]) -> int:
    if text is None:
        return 0
    with of_option("--reference"):
        wanted = loss_asked(text, SoftmaxRow)
    exact = [i for i, row in enumerate(rows) if row.key == wanted.key]
    same = [i for i, row in enumerate(rows) if row.loss == wanted.loss]
    if not same:
        raise ValueError(f"--reference {text} is not one of the losses asked for: add it to --loss")
    return (exact or same)[0]


def _charts(view: SoftmaxView, width: int, height: int) -> Iterator[str]:
    # plotext takes a fifth of a second to import, and the numbers need none of it
    from lossterm.softmax.sweep import printed_charts

    return printed_charts(view, width, height, colour=in_colour())
