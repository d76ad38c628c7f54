"""What is said of a race, on the screen and by the command line."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.numbers import ratio


def reason(steps: int | None, ended: str, taken: int) -> str:
    """Why a fit of many examples ended: it goes on when it is there, so that it may be there and end for a reason.

    Args:
        steps: after how many steps it was there; None if it is not.
        ended: why it no longer moves; "" if it does.
        taken: how many steps it has taken.
    """
    if steps is not None:
        return f"reached, then {ended}" if ended.startswith("diverged") else "reached"
    return ended or f"step limit: after {taken:,} steps"


def goal_text(goals: Sequence[str], names: Sequence[str]) -> str:
    """What the racers have to reach: once where it is the same for all, else each with those that it is for.

    Args:
        goals: of each racer.
        names: of each racer.
    """
    texts = [text for text in dict.fromkeys(goals) if text]
    if len(texts) <= 1:
        return "".join(texts)
    whose = [", ".join(name for name, goal in zip(names, goals, strict=True) if goal == text) for text in texts]
    return " · ".join(f"{text} ({who})" for text, who in zip(texts, whose, strict=True))


def times(steps: int, fewest: int) -> str:
    """How many times as many steps: ``81.2``, ``76,787``."""
    text = ratio(steps, fewest)
    return f"{int(text):,}" if text.isdigit() else text
