"""What is odd about a loss behind an activation: allowed, and said in one line."""

from __future__ import annotations

from lossterm.core.losses.activations import Activation
from lossterm.core.losses.entry import Loss
from lossterm.core.losses.labels import Family


def oddity(loss: Loss, activation: Activation) -> str:
    """Why an activation does not suit a loss of the later families, in a few words; empty where it does.

    The first losses are behind any activation on purpose: that is what one looks at them for.
    """
    home = loss.home.activation
    if loss.in_all or activation.id == home:
        return ""
    if loss.family.reads_sign:
        if activation.lower >= 0:
            return f"odd: behind {activation.id} a margin is never negative; its place is the {home}"
        return f"odd: behind {activation.id} a margin is at most 1" if activation.upper <= 1 else ""
    if loss.family not in (Family.POSITIVE, Family.RATIO):
        return ""
    what = "a ratio" if loss.family is Family.RATIO else "a mean"
    if activation.lower < 0:
        return f"odd: {what} below 0 is none; its place is behind {home}"
    return f"odd: behind {activation.id} {what} is at most 1" if activation.upper <= 1 else ""
