"""Losses of one's own in the list of all losses: added, replaced and taken out while the program runs."""

from __future__ import annotations

from lossterm.core.losses.formulas import LOSSES, Loss
from lossterm.core.losses.own.definition import defined


def define(text: str) -> Loss:
    """Add a loss to the list, or put it in the place of the one of one's own that has its name.

    Raises:
        FormulaError: the text is no definition, or its name is that of another loss.
    """
    loss = defined(text)
    LOSSES[loss.id] = loss
    return loss


def forget(name: str) -> None:
    """Take a loss of one's own out of the list; nothing happens where there is none of that name."""
    if name in LOSSES and LOSSES[name].definition:
        del LOSSES[name]


def own_losses() -> list[Loss]:
    """The losses of one's own that are in the list, in order."""
    return [loss for loss in LOSSES.values() if loss.definition]
