"""``lossterm code``: a loss as a snippet for a library, run against the exact values before it is printed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from lossterm.core.losses.activations import find_activation
from lossterm.core.losses.own.grammar import parsed
from lossterm.core.names import unknown
from lossterm.model.notation import loss_asked
from lossterm.model.own_losses import add_define_flag
from lossterm.model.parser import Parser, add_format, asked_format, of_option
from lossterm.model.records import json_text, strict
from lossterm.model.subject import Row
from lossterm.snippets.snippet import LIBRARIES, Snippet, make_snippet

EXAMPLES = (
    "lossterm code focal:gamma=2 --for torch",
    "lossterm code mse --activation sigmoid --for xgboost",
    "lossterm code huber:delta=2 --for numpy --format json",
    "lossterm code --define 'tail(g=4): -y*log(p) - (1-y)*p**g*log(1-p)' --for lightgbm",
)

MORE = """The snippet gives value, gradient and Hessian by the raw score z, written with σ(z), σ(−z) and their
logarithms, so that it is right far out. Before it is printed its numpy form is run in float64 and float32 over
|z| ≤ 1000 against the exact values. What its comment tells is the largest error, relative to the largest number
within half a unit of z, and the z nearest to 0 at which it fails: not finite, or wrong by more than 1e-6
(float32: 1e-3).
It needs sympy and black: pip install 'lossterm[code]'"""


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm code", "A loss as code for a library.", EXAMPLES, MORE)
    declared.add_argument(
        "loss", nargs="?", metavar="LOSS[:PAR=VALUE]", help="a loss by any of its names; not needed beside one --define"
    )
    declared.add_argument(
        "--for", dest="library", metavar="|".join(LIBRARIES), help="the library (default numpy)", default="numpy"
    )
    declared.add_argument(
        "--activation", metavar="NAME", help="what turns the raw score into the prediction (default the loss's usual)"
    )
    add_define_flag(declared)
    add_format(declared, "text", "json")
    return declared


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    form = asked_format(options, "text", "json")
    snippet = _asked(options)
    if form == "json":
        print(json_text(record(snippet), indent=1))
    else:
        print(snippet.code, end="")
    return 0


def answer(arguments: Sequence[str]) -> dict[str, Any]:
    """What ``--format json`` prints."""
    return record(_asked(parser().parse_args(arguments)))


def record(snippet: Snippet) -> dict[str, Any]:
    """A snippet of the machine-readable format."""
    return {
        "loss": snippet.loss,
        "params": {name: None if x is None else strict(x) for name, x in snippet.params},
        "activation": snippet.activation,
        "library": snippet.library,
        "code": snippet.code,
        "checked": {
            dtype: {
                "max_error": strict(checked.max_error),
                "fails_from": checked.fails_from,
                "why": checked.why or None,
                "labels": list(checked.labels),
            }
            for dtype, checked in snippet.checked.items()
        },
    }


def _asked(options: argparse.Namespace) -> Snippet:
    name = options.loss
    if name is None and len(options.define or ()) == 1:
        name = parsed(options.define[0]).name
    if name is None:
        raise ValueError("of which loss? write lossterm code focal:gamma=2 --for torch")
    if options.library not in LIBRARIES:
        raise ValueError(f"--for: {unknown(options.library, 'library', LIBRARIES)}")
    row = loss_asked(name, Row)
    activation = ""
    if options.activation is not None:
        with of_option("--activation"):
            activation = find_activation(options.activation).id
    return make_snippet(row.loss, row.params, options.library, activation)
