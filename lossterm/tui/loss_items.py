"""The losses of a list as the rows of a pane: the same on every screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lossterm.core.numbers import trimmed
from lossterm.model.rows import LossList
from lossterm.model.sections import Heading, Line
from lossterm.model.workspace import SubjectState
from lossterm.tui.widgets.chooser import Chooser, Item


def loss_items(listed: LossList[Any], lines: Sequence[Line], width: int) -> list[Item]:
    """The lines of a pane of losses: headings, and rows with their letters and parameters.

    Args:
        listed: the losses.
        lines: those that the pane has.
        width: of the pane in columns; what has no room is shortened.
    """
    items, letters = [], listed.letters
    for index in lines:
        if isinstance(index, Heading):
            items.append(Item(index.family, index.count, not index.folded, box="▾▸"))
            continue
        r = listed.rows[index]
        letter = letters.get(index, " ")
        on = [
            f"{p.symbol} {'off' if v is None else trimmed(v, 3)}"
            for p, (_, v) in zip(r.entry.parameters, r.params, strict=True)
            if v is not None and not (p.name == "pos_weight" and v == 1)
        ]
        reference = index == listed.reference and r.shown
        right = " ".join([*on, *(["ref"] if reference else [])])
        room = width - 4 - len(r.entry.title) - 1
        if len(right) > room and len(on) > 1:
            right = " ".join([on[0] + "…", *(["ref"] if reference else [])])
        if len(right) > room and reference:
            right = " ".join([*on[:1], "r"])
        items.append(Item(r.entry.title, right, r.shown, letter, ord(letter) - 97 if r.shown else -1, "■□"))
    return items


Marked = Callable[[list[Item], Sequence[Line]], list[Item]]
"""The items of some lines, with what a screen marks in them."""


def show_losses(pane: Chooser, state: SubjectState, mark: Marked | None = None) -> None:
    """Show the list of losses in its pane.

    Args:
        pane: where it stands.
        state: of the screen.
        mark: what the screen marks in them; None for nothing.
    """
    listed, subject = state.lines, state.subject
    items = loss_items(subject, listed, pane.size.width or 23)
    count = f"/{state.filter_text}" if state.filter_text else f"{len(subject.shown)}/{len(subject.rows)}"
    items = items if mark is None else mark(items, listed)
    pane.show(items, state.place_in(listed), count, empty=f"no loss is called “{state.filter_text}”")
