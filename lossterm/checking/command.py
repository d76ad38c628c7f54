"""``lossterm check``: somebody's gradient and Hessian against every loss."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from lossterm.core.losses.activations import find_activation
from lossterm.core.losses.labels import number
from lossterm.core.numbers import parse, significant, trimmed
from lossterm.core.plain import visible
from lossterm.model.feature import OpenExplorer
from lossterm.model.notation import command_line, loss_asked, row_name
from lossterm.model.parser import Parser, add_format, asked_format, of_option
from lossterm.model.printing import say
from lossterm.model.records import json_text
from lossterm.model.subject import Row, Subject, set_logit
from lossterm.model.subject_options import add_subject_flags, with_subject_flags

if TYPE_CHECKING:
    from lossterm.checking.diagnosis import Diagnosis
    from lossterm.checking.exact import Candidate
    from lossterm.checking.faults import ObjectiveFault

EXAMPLES = (
    "lossterm check objective.py:focal",
    "lossterm check objective.py:focal --loss focal:gamma=2 --format json",
    "lossterm check train.py:my_huber --labels 0.5,2,7 --show",
)
MORE = (
    "FUNC is given arrays by the names of its arguments: y, y_true, label, labels, target are the labels;\n"
    "z, preds, y_pred, score, margin, logits the scores; dtrain, train_data an object with get_label and\n"
    "get_weight. It returns the gradient and the Hessian, or the loss, the gradient and the Hessian.\n"
    "Exit code 0 without faults, 1 with, 2 where it cannot be run."
)
TIMEOUT, LONGEST = 10.0, 3600.0
"""Seconds that an objective may take, where nothing else is said, and at most."""

MOST_LABELS = 20
"""Labels that are asked for at most."""


def parser() -> Parser:
    """The options of the command."""
    declared = Parser(
        "lossterm check",
        "Run an objective (gradient and Hessian, as boosters take them) and say what is wrong with it:\n"
        "its sign, p for z, a factor, the weights, the Hessian, NaN.",
        EXAMPLES,
        MORE,
    )
    add = declared.add_argument
    add("objective", metavar="FILE.py:FUNC", help="the file, and the function in it")
    add("--loss", metavar="NAME[:PAR=VALUE]", help="what it should be (default the nearest of all losses)")
    add("--activation", metavar="NAME", help="what it should be behind (default the nearest of all)")
    add(
        "--label",
        "--labels",
        dest="labels",
        metavar="Y[,Y…]",
        help="labels that it is asked for (default 0 and 1, and others)",
    )
    add("--timeout", metavar="S", help=f"seconds that it may take (default {TIMEOUT:g})")
    add("--show", action="store_true", help="open the explorer: its numbers as dots over the nearest loss")
    add_format(declared, "text", "json")
    return declared


def run(arguments: Sequence[str]) -> int | OpenExplorer:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json")
    if options.show and options.format is not None:
        raise ValueError("--show opens the explorer, --format prints: choose one")
    found = _found(options)
    if options.show:
        return _explorer(options.objective, found)
    if form == "json":
        print(json_text(record(options.objective, found)))
    else:
        _text(options.objective, found)
    return 1 if found.faults else 0


def answer(arguments: Sequence[str]) -> dict[str, object]:
    """What ``--format json`` prints."""
    options = parser().parse_args(arguments)
    return record(options.objective, _found(options))


def _found(options: argparse.Namespace) -> Diagnosis:
    from lossterm.checking.diagnosis import diagnosed
    from lossterm.checking.grid import request_for
    from lossterm.checking.running import answer_of, named

    with of_option("--label"):
        labels = _labels(options.labels)
    with of_option("--timeout"):
        timeout = _timeout(options.timeout)
    among, fixed = _among(options)
    wrong = next((why for y in labels if (why := _refusal(among, y))), None)
    if wrong:
        raise ValueError(f"--label: {wrong}")
    path, name = named(options.objective)
    return diagnosed(answer_of(path, name, labels, timeout), request_for(labels), among, fixed=fixed)


def _labels(text: str | None) -> tuple[float, ...]:
    if text is None:
        return ()
    labels = tuple(dict.fromkeys(parse(part) for part in text.split(",")))
    if not all(map(isfinite, labels)) or len(labels) > MOST_LABELS:
        raise ValueError(f"{text!r}: write up to {MOST_LABELS} labels such as 0,1 or 0.5,2,7")
    return labels


def _timeout(text: str | None) -> float:
    seconds = TIMEOUT if text is None else parse(text)
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"seconds between 0 and {LONGEST:g}, not {text}")
    return seconds


def _refusal(among: Sequence[Candidate], label: float) -> str | None:
    # why no loss takes a label
    problems = [candidate.loss.label_problem(label) for candidate in among]
    return problems[0] if all(problems) else None


def _among(options: argparse.Namespace) -> tuple[list[Candidate], bool]:
    """What an objective is compared with, and whether its parameters are said."""
    from lossterm.checking.search import candidates

    activations = None
    if options.activation is not None:
        with of_option("--activation"):
            activations = [find_activation(options.activation)]
    if options.loss is None:
        return list(candidates(None, activations)), False
    with of_option("--loss"):
        row = loss_asked(options.loss, Row)
    are_said = row.params != tuple(row.entry.defaults.items()) or "=" in options.loss
    return list(candidates([row.entry], activations, row.params if are_said else None)), are_said


# ---- for programs ---------------------------------------------------------------------------------------------------


def record(objective: str, found: Diagnosis) -> dict[str, object]:
    """The machine-readable format."""
    candidate = found.fit.candidate
    return {
        "objective": visible(objective),
        "arguments": list(found.arguments),
        "nearest": {"loss": candidate.loss.id, "params": dict(candidate.params), "activation": candidate.activation.id},
        "scale": found.fit.scale,
        "distance": found.fit.distance if isfinite(found.fit.distance) else "inf",
        "labels": sorted({float(y) for y in found.fit.given.y}),
        "faults": [
            {
                "kind": one.kind,
                "where": one.where,
                "detail": one.detail,
                "change": one.change,
                "command": view_command(found, one),
            }
            for one in found.faults
        ],
        "remarks": list(found.remarks),
    }


def _row(found: Diagnosis) -> Row:
    return Row.of(found.fit.candidate.loss.id, dict(found.fit.candidate.params), shown=True)


def view_command(found: Diagnosis, fault: ObjectiveFault | None = None) -> str:
    """The command of the view that shows what is right, where a fault is seen."""
    words = _subject_words(found, fault)
    at = _shown_logit(fault)
    return command_line(["lossterm", "plot", *words, "--show", "loss,d_logit,d2_logit", f"--at={number(at)}"])


def _shown_logit(fault: ObjectiveFault | None) -> float:
    return round(fault.at[0], 3) if fault is not None else -2.0


def _subject_words(found: Diagnosis, fault: ObjectiveFault | None) -> list[str]:
    candidate = found.fit.candidate
    label = 1.0 if fault is None else fault.at[1]
    if not candidate.accepts(label):
        label = float(found.fit.given.y[0])
    return ["--loss", _row(found).spec, f"--label={number(label)}", "--activation", candidate.activation.id]


# ---- for people -----------------------------------------------------------------------------------------------------


def _text(objective: str, found: Diagnosis) -> None:
    from lossterm.checking.faults import KINDS

    fit, row = found.fit, _row(found)
    labels = ", ".join(trimmed(y) for y in sorted({float(y) for y in fit.given.y}))
    say(f"{visible(objective)} is nearest to {row_name(row)} behind {fit.candidate.activation.id}")
    say(f"compared at {fit.given.z.size} rows: z from −1000 to 1000, labels {labels}")
    print()
    for count, one in enumerate(found.faults):
        say(f"✗ {KINDS[one.kind]} ({one.kind}) · {one.where}", "    ")
        say(f"    {one.detail}", "    ")
        if one.change:
            say(f"    change: {one.change}", "      ")
        print(f"    see: {view_command(found, one)}")
        print("\n" * (count < len(found.faults) - 1), end="")
    if not found.faults:
        digits = f"to {significant(max(fit.distance, 1e-16), 2)} of its largest"
        say(f"✓ no fault: the gradient is that of the loss {digits}" if fit.candidate and fit.distance < 1 and
            fit.cost < 100 else "✓ no fault: gradient and Hessian are those of its own loss")  # fmt: skip
        print(f"    see: {view_command(found)}")
    print(f"    on the curves: {command_line(['lossterm', 'check', visible(objective), '--show'])}")
    if found.remarks:
        print()
    for text in found.remarks:
        say(f"· {text}", "  ")


# ---- on the screen --------------------------------------------------------------------------------------------------

_FARTHEST_DOT = 20.0
"""Scores up to which numbers are shown as dots."""

_DOT_INK = 4
"""Their colour, which the first few curves do not have."""


def _explorer(objective: str, found: Diagnosis) -> OpenExplorer:
    """The explorer at the Curves screen: the nearest loss, and the objective's numbers over it; nothing is kept."""
    from lossterm.model.store import load

    saved, fault = load(), found.faults[0] if found.faults else None
    asked = Parser("lossterm", "")
    add_subject_flags(asked)
    subject = with_subject_flags(Subject(), asked.parse_args(_subject_words(found, fault)))
    subject = set_logit(subject, _shown_logit(fault))
    of_hessian = fault is not None and fault.where.startswith("Hessian")
    look = {"axis": "logit", "slope": "d2_logit" if of_hessian else "d_logit", "dots": dots(objective, found)}
    return OpenExplorer(replace(saved, subject=subject, screens={**saved.screens, "curves": look}), keep=False,
                        start="curves")  # fmt: skip


def dots(objective: str, found: Diagnosis) -> list[dict[str, Any]]:
    """What an objective gave as dots over curves, a document for each label."""
    given, documents = found.fit.given, []
    for label in sorted({float(y) for y in given.y}):
        rows = (given.y == label) & (abs(given.z) <= _FARTHEST_DOT)
        heights = {"d_logit": given.g[rows].tolist(), "d2_logit": given.h[rows].tolist()}
        if given.value is not None:
            heights["loss"] = given.value[rows].tolist()
        told = {0.0: 0.0, -1.0: 0.0}.get(label, label) if found.fit.candidate.loss.hard_only else label
        documents.append({"name": visible(objective.rpartition(":")[2]), "logits": given.z[rows].tolist(),
                          "heights": heights, "symbol": "•", "ink": _DOT_INK, "label": told})  # fmt: skip
    return documents
