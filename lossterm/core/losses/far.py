"""The chain rule where a loss grows so slowly that its factors leave the doubles, or cancel, before the result does."""

from __future__ import annotations

from collections.abc import Callable

from lossterm.core.jets import Array, Jet, chain, log, times
from lossterm.core.lazy import np
from lossterm.core.losses.labels import Label

_FAR = _STEEP = 1e3
"""From such a size on, and such a slope, of a residual its logarithm is what is differentiated."""


def slow_chain(
    r: Jet,
    v: Jet,
    y: Label,
    value: Array,
    slope: Callable[[], Array],
    curvature: Callable[[], Array],
    by_log: Callable[[], tuple[Array, Array]],
) -> Jet:
    """``f(r)`` of ``r = v − y``, also where v grows exponentially and f does not.

    There f″·r′² and f′·r″ cancel, and overflow before; so f is differentiated by u = ln v:
    ``L_u = aρ`` and ``L_uu = sρ² − aρ·y/r`` with ``ρ = v/r``.

    Args:
        r: the residual.
        v: the prediction.
        y: the label.
        value: f.
        slope: f′.
        curvature: f″.
        by_log: ``a = r·f′`` and ``s = r·(r·f′)′``.
    """
    result = chain(r, value, slope, curvature)
    if r.first is None or result.first is None:
        return result
    steep = (v.value > _FAR) & (r.value > _FAR) & (np.abs(r.first) > _STEEP)
    if not steep.any():
        return result
    a, s = by_log()
    u = log(v)
    assert u.first is not None
    share = np.where(np.isinf(r.value), 0.0, y / r.value)
    rho = 1 + share
    # where both have overflowed, s is what is larger: the share is small
    once, twice = a * rho, np.where(np.isinf(a), s, s * rho * rho - times(a * rho, share))
    result.first = np.where(steep, times(once, u.first), result.first)
    if result.second is not None and u.second is not None:
        second = times(times(twice, u.first), u.first) + times(once, u.second)
        result.second = np.where(steep, second, result.second)
    return result
