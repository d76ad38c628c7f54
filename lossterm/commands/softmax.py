"""``lossterm softmax``: one example with K classes, as text, JSON or CSV."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from lossterm.arguments import choice, joined
from lossterm.cli import Parser
from lossterm.core.names import unknown
from lossterm.core.presets import PRESETS, Preset
from lossterm.core.softmax import Problem, from_probabilities
from lossterm.core.softmax_inputs import Target, checked_logits, rescaling
from lossterm.numbers import parse, significant
from lossterm.options import add_format
from lossterm.softmax_arguments import label, losses, numbers
from lossterm.softmax_state import SoftmaxRow
from lossterm.softmax_table import SoftmaxResult, as_written, document, named, text, write_csv

EXAMPLE = "lossterm softmax --logits 8,0,0 --target 1 --loss ce,mse --format json"
DEFAULT_LOSSES = ("cross-entropy,squared-error",)


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = _parser().parse_args(joined(arguments))
    form = choice(options.format or "text", ("text", "json", "csv"), "format")
    asked = _asked(options)
    result = SoftmaxResult.of(asked.problem, asked.rows)
    if form == "text":
        sys.stdout.writelines(f"{line}\n" for line in text(result, asked.notes))
        return 0
    for note in asked.notes:
        print(f"lossterm: {note}", file=sys.stderr)
    if form == "json":
        print(json.dumps(document(result), ensure_ascii=False, allow_nan=False))
    else:
        write_csv(result, sys.stdout)
    return 0


def _parser() -> Parser:
    parser = Parser("lossterm softmax", "K classes: what each loss makes of their logits, and its gradient.", EXAMPLE)
    add = parser.add_argument
    add("--logits", metavar="Z,…", help="the logits, such as 8,0,0; -inf masks a class")
    add("--probabilities", metavar="P,…", help="probabilities instead: the logits are their logarithms")
    add("--target", metavar="CLASS|T,…", help="a class, from 0, or a distribution such as .1,.2,.7")
    add("--teacher", metavar="Z,…", help="a teacher's logits: the target of distillation, and of all without --target")
    add("--temperature", metavar="T", help="what all logits are divided by (default 1)")
    add("--smoothing", metavar="E", help="label smoothing: the share E of the target is spread")
    add("--smoothing-over", metavar="all|others", help="over all K classes (default) or the K−1 others")
    add("--normalize", action="store_true", help="rescale probabilities that do not sum to 1, and say so")
    add("--preset", metavar="NAME", help="a named example, such as digit-3-ce; other options replace its parts")
    add("--loss", action="append", metavar="NAME[:PAR=VALUE]",
        help="a loss by any of its names; several comma-separated or repeated, or 'all' that take the target "
             f"(default {DEFAULT_LOSSES[0]})")  # fmt: skip
    add_format(parser, "text", "json", "csv")
    return parser


@dataclass
class _Asked:
    problem: Problem
    rows: Sequence[SoftmaxRow]
    notes: list[str] = field(default_factory=list)


def _asked(options: argparse.Namespace) -> _Asked:
    # what the options say, or of what they do not say the preset, or the defaults
    preset = _preset(options.preset)
    notes: list[str] = []
    given: list[float] | None = None
    if options.logits is not None and options.probabilities is not None:
        raise ValueError("logits or probabilities, not both")
    if options.logits is not None:
        logits = numbers(options.logits, "logits")
    elif options.probabilities is not None or (preset and preset.probabilities):
        own = options.probabilities is not None
        given = numbers(options.probabilities, "probabilities") if own else list(preset.probabilities if preset else ())
        logits = from_probabilities(given, options.normalize or not own).tolist()
        notes += [note] if (note := rescaling(given)) else []
    elif preset:
        logits = list(preset.logits)
    else:
        raise ValueError("logits are needed, such as --logits 8,0,0 (or --probabilities, or --preset)")
    target = _target(options, preset.target if preset else None, notes)
    temperature = preset.temperature if preset else 1.0
    if options.temperature is not None:
        temperature = parse(options.temperature)
    problem = Problem(checked_logits(logits), target, temperature)
    rows = losses(options.loss or ([",".join(preset.losses)] if preset else DEFAULT_LOSSES), problem.point)
    if given is not None and notes:
        written = as_written(given, target, rows)
        values = ", ".join(f"{named(row)} {significant(value)}" for row, value in written)
        notes += [f"taken as they are: {values}"] if values else []
    return _Asked(problem, rows, notes)


def _preset(name: str | None) -> Preset | None:
    if name is None:
        return None
    if name not in PRESETS:
        raise ValueError(unknown(name, "preset", PRESETS))
    return PRESETS[name]


def _target(options: argparse.Namespace, preset: Target | None, notes: list[str]) -> Target:
    old = preset or Target(None)
    asked = label(options.target) if options.target is not None else None
    teacher = numbers(options.teacher, "teacher") if options.teacher is not None else old.teacher
    if isinstance(asked, list) and options.normalize:
        note = rescaling(asked, what="target probabilities") if math.isfinite(math.fsum(asked)) else None
        notes += [note] if note else []
    replaced = options.target is not None or (options.teacher is not None and preset is None)
    return Target.of(
        asked if replaced else old.label,
        teacher=teacher,
        smoothing=parse(options.smoothing) if options.smoothing is not None else old.smoothing,
        over=choice(options.smoothing_over, ("all", "others"), "smoothing") if options.smoothing_over else old.over,  # type: ignore[arg-type]
        normalize=options.normalize,
    )
