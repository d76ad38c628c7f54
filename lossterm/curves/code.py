"""A loss of the view as code, on a sheet."""

from __future__ import annotations

from lossterm.curves.view import View
from lossterm.model.actions import Lay, Section
from lossterm.model.notation import command_line, row_name
from lossterm.model.own_losses import define_words
from lossterm.snippets.snippet import make_snippet


def code_sheet(view: View, index: int, library: str) -> Lay:
    """The sheet with a row's loss as code, behind the activation of the view.

    Raises:
        ValueError: there is no such snippet; the message says why, and what would be.
    """
    row = view.rows[index]
    snippet = make_snippet(row.loss, row.params, library, view.activation)
    words = ["code", row.spec, *define_words([row]), "--for", library, "--activation", view.activation]
    command = command_line(["lossterm", *words])
    return Lay(
        f"{row_name(row)} for {library}",
        (Section(lines=tuple(snippet.code.splitlines())), Section(text=(f"This is printed by: {command}",))),
        copy=snippet.code,
        copied="the code is copied",
    )
