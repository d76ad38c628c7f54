"""What the options of a view ask for: losses, behind an activation, for a label."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from lossterm.arguments import applied, losses
from lossterm.core.labels import number
from lossterm.core.objective import Objective
from lossterm.state import Row, View


def asked_rows(options: argparse.Namespace, *, any_label: bool = False) -> tuple[View, list[Row]]:
    """The label and activation as a view, and the losses in the order in which they were asked for.

    Args:
        options: as `lossterm.options.add_view_options` declares them.
        any_label: whether the label does not matter.

    Raises:
        ValueError: an unknown name, or a loss that does not take the label.
    """
    wanted, options.loss = options.loss, None
    view = applied(View(), options)
    rows = losses(wanted, None if any_label else view.target) if wanted else [view.rows[i] for i in view.shown]
    problems = [] if any_label else [row.entry.label_problem(view.target) for row in rows]
    for problem in problems:
        if problem:
            raise ValueError(problem)
    return view, rows


def objective_of(view: View, row: Row) -> Objective:
    """A loss behind the view's activation, for its label after smoothing."""
    return Objective(row.entry, row.params, view.target, view.link)


def params_text(params: Mapping[str, float | str | None]) -> str:
    """Parameters in a cell of CSV: ``gamma=2;alpha=``."""
    texts = {n: "" if v is None else v if isinstance(v, str) else number(v) for n, v in params.items()}
    return ";".join(f"{name}={text}" for name, text in texts.items())
