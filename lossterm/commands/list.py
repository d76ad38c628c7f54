"""``lossterm list``: the losses and activations with their other names and parameters."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from lossterm.arguments import choice
from lossterm.cli import Parser
from lossterm.core.activations import ACTIVATIONS
from lossterm.core.labels import number
from lossterm.core.losses import LOSSES, Loss
from lossterm.options import add_format

EXAMPLE = "lossterm list losses --format json"
WHAT = ("losses", "activations")


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm list", "Every loss and activation, with all its names.", EXAMPLE)
    parser.add_argument("what", nargs="?", metavar="losses|activations", help="only these (default both)")
    add_format(parser, "text", "json")
    options = parser.parse_args(arguments)
    form = choice(options.format or "text", ("text", "json"), "format")
    wanted = WHAT if options.what is None else (choice(options.what, WHAT, "list"),)
    if form == "json":
        both = {"losses": [_loss(x) for x in LOSSES.values()], "activations": _activations()}
        print(json.dumps(both if len(wanted) > 1 else both[wanted[0]], ensure_ascii=False, indent=1, allow_nan=False))
        return 0
    for what in wanted:
        print("\n\n".join(_losses_text() if what == "losses" else _activations_text()))
        if what != wanted[-1]:
            print()
    return 0


def _bound(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _loss(entry: Loss) -> dict[str, Any]:
    return {
        "loss": entry.id,
        "aliases": list(entry.aliases),
        "family": entry.family.value,
        "formula": entry.formula,
        "about": entry.about,
        "source": entry.source,
        "labels": [0, 1] if entry.hard_only else [_bound(x) for x in entry.labels],
        "predictions": [_bound(x) for x in entry.predictions],
        "params": [
            {"name": p.name, "symbol": p.symbol, "default": p.default, "range": p.range_text(), "about": p.about}
            for p in entry.parameters
        ],
    }


def _activations() -> list[dict[str, Any]]:
    return [
        {
            "activation": a.id,
            "aliases": list(a.aliases),
            "formula": a.formula,
            "about": a.about,
            "range": [_bound(a.lower), _bound(a.upper)],
        }
        for a in ACTIVATIONS.values()
    ]


def _losses_text() -> list[str]:
    blocks = []
    for entry in LOSSES.values():
        lines = [f"{entry.id}   {entry.formula}", f"    {entry.about} ({entry.source})"]
        lines += [f"    also {', '.join(entry.aliases)}"] if entry.aliases else []
        for p in entry.parameters:
            default = "off" if p.default is None else number(p.default)
            lines.append(f"    :{p.name}={default}   {p.symbol} {p.range_text()}, {p.about}")
        blocks.append("\n".join(lines))
    return blocks


def _activations_text() -> list[str]:
    blocks = []
    for a in ACTIVATIONS.values():
        lines = [f"{a.id}   {a.formula}", f"    {a.about}"]
        lines += [f"    also {', '.join(a.aliases)}"] if a.aliases else []
        blocks.append("\n".join(lines))
    return blocks
