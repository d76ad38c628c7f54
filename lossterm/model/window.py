"""The window on an axis: moved, zoomed, and kept where its columns are still distinct doubles."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

Window: TypeAlias = tuple[float, float]
"""Its left and right end, in units of the axis."""

DEFAULT_RANGE: Window = (-8.0, 8.0)
"""Of logits."""

NARROWEST, WIDEST = 1e-9, 2e6
"""Bounds of the width of the window: within them columns are still distinct doubles near its middle."""

FARTHEST = 1e6
"""No window reaches beyond ± this."""

Scale = Literal["auto", "linear", "symlog"]

SCALES: tuple[Scale, ...] = ("auto", "linear", "symlog")
"""Of y axes, in the order of the key: one that shows all curves, or the one that is asked for."""

ZOOM = 1.5
"""By what a step of the zoom changes the width of the window."""


def containing(window: Window, x: float) -> Window:
    """The window, or one of the same width with ``x`` in its middle where it is outside."""
    lo, hi = window
    if lo <= x <= hi:
        return window
    half = (hi - lo) / 2
    return bounded(x - half, x + half)


def zoomed(window: Window, factor: float, about: float) -> Window | None:
    """The window with its width changed by ``factor``, keeping the place of ``about``; None beyond the bounds.

    The result may reach beyond the bounds of its axis: `bounded` or the ends of a prediction's range are for that.
    """
    lo, hi = window
    about = min(max(about, lo), hi)
    width = (hi - lo) * factor
    if not 2 * NARROWEST * max(1.0, abs(about)) <= width <= WIDEST:
        return None
    left = about - (about - lo) / (hi - lo) * width
    return left, left + width


def bounded(lo: float, hi: float) -> Window:
    """A window wide enough for its place and within what can be reached, by moving it rather than by cutting it."""
    width = min(max(hi - lo, 2 * NARROWEST * max(1.0, abs(lo), abs(hi))), 2 * FARTHEST)
    middle = min(max((lo + hi) / 2, width / 2 - FARTHEST), FARTHEST - width / 2)
    return _clean(middle - width / 2, width), _clean(middle + width / 2, width)


def _clean(end: float, width: float) -> float:
    # ends to a millionth of the width: zooming in and out again must not leave −8.000000000000002
    digits = max(0, 6 - math.floor(math.log10(width)))
    return min(max(round(end, digits) + 0.0, -FARTHEST), FARTHEST)
