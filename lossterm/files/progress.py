"""Work that takes long when nobody watches it, and nobody gives it up."""

from __future__ import annotations


def never() -> bool:
    """Not cancelled."""
    return False


def ignore(fraction: float) -> None:
    """Progress that nobody watches."""
