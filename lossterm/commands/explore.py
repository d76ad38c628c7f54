"""``lossterm`` without a command: the explorer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from lossterm.cli import explorer_parser


def run(arguments: Sequence[str]) -> int:
    """Open the explorer where the options say."""
    from lossterm.arguments import joined

    options = explorer_parser().parse_args(joined(arguments))
    from lossterm import session
    from lossterm.arguments import applied, check_labels, points, shown_quantities
    from lossterm.state import SLOPES, View, move_to

    saved = session.Saved() if options.fresh else session.load()
    view = applied(saved.view or View(), options)
    if options.at is not None:
        at = points(options.at)
        if at.count != 1:
            raise ValueError(f"--at {options.at} is {at.count} points: the explorer's cursor starts at one logit")
        view = move_to(view, at.parts[0][0])
    wanted = [q for q in shown_quantities(options.show, []) if q in SLOPES]
    if wanted:
        view = replace(view, slope=wanted[-1])
    if options.loss or options.label is not None:
        check_labels(view)
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise ValueError("the explorer needs a terminal; for a pipe or a file use 'lossterm table' or 'lossterm plot'")
    from lossterm.ui.app import LosstermApp

    app = LosstermApp(replace(saved, view=view), keep=not options.fresh)
    return app.run_to_the_end()
