"""Newton's method, kept within bounds: the root of an increasing function, the minimum of a convex one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np

STEPS = 200
"""Newton steps before giving up; a handful are taken."""

Slope: TypeAlias = Callable[[float], tuple[float, float]]
"""An increasing function of β and its derivative."""

Derivatives: TypeAlias = Callable[[Array], tuple[Array, Array]]
"""Gradient ``(k,)`` and Hessian ``(k, k)`` of a convex function of ``(k,)`` parameters."""


def increasing_root(slope: Slope, start: float) -> float | None:
    """The positive root of an increasing function that is negative at 0, by Newton's method within a bracket.

    Args:
        slope: the function and its derivative.
        start: a positive number.

    Returns:
        The root to about 1e-13 relative; None where it is not found.
    """
    low, high, beta, leap = 0.0, math.inf, start, 8.0
    for _ in range(STEPS):
        value, rise = slope(beta)
        if value == 0.0:
            return beta
        low, high = (beta, high) if value < 0 else (low, beta)
        step = value / rise if rise > 0 else math.inf
        if abs(step) <= 1e-9 * beta:  # what Newton leaves now is the square of that
            return min(max(beta - step, low), high)
        if low < beta - step < high:
            beta -= step
        elif low > 0.0 and high < math.inf:
            if high - low <= 4e-16 * high:
                return beta
            beta = math.sqrt(low) * math.sqrt(high)
        else:
            beta = low * leap if low > 0.0 else high / leap
            leap = min(leap * leap, 1e64)
    return None


def minimum(derivatives: Derivatives, start: Array) -> Array | None:
    """The minimum of a strictly convex function, by Newton's method with halved steps.

    A step is taken where the slope along it has not turned and grown: on a convex function that replaces comparing
    values, which agree to the last digit long before the place does.

    Returns:
        The place to about 1e-12 of its scale; None where it is not found.
    """
    place, (gradient, hessian) = start, derivatives(start)
    for _ in range(STEPS):
        try:
            step = -np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            return None
        before = float(gradient @ step)
        if not np.all(np.isfinite(step)):
            return None
        if float(abs(step).max()) <= 1e-9 * (1e-3 + float(abs(place).max())):
            return np.asarray(place + step)
        for _ in range(60):
            gradient, hessian = derivatives(place + step)
            if float(gradient @ step) <= 0.9 * abs(before):
                break
            step = step / 2
            before /= 2
        place = place + step
    return None
