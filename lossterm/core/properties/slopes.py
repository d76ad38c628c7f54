"""How high, how steep and how curved a loss gets, where it goes flat, and how it grows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.losses.objective import Evaluation
from lossterm.core.properties.minima import Minimum
from lossterm.core.properties.profile import HUGE, End, Profile, tidy
from lossterm.core.properties.report import REFINED, ROUNDING, Property, finite, show, show_apart, show_least, undecided
from lossterm.core.properties.sampling import Samples

_GROWTHS = ("bounded", "log", "linear", "quadratic", "exponential")
_NOTHING = 1e-100

BESIDE = 1e-4
"""Relative difference from a supremum within which a logit may stand for it."""
_NAMES = {
    "value": "L",
    "d_logit": "|∂L/∂z|",
    "d_prediction": "|∂L/∂v|",
    "d2_logit": "|∂²L/∂z²|",
}


def bounded(samples: Samples, profile: Profile) -> Property:
    """Whether sup L < ∞ over finite logits, for this label."""
    for end in profile.ends:
        if end.infinite:
            text = f"L = ∞ {_beyond(end)}"
            return Property(False, text, None, (end.logit,))
        if end.limit("value") == math.inf:
            return Property(False, f"L → ∞ as z → {_towards(end)}", None, finite([_telling(profile, end)]))
    top = supremum(samples, profile, "value")
    return Property(True, f"sup L = {top.evidence}", top.tolerance, top.points)


def without_bound(profile: Profile) -> str:
    """Where L falls without bound, in words; empty where it has an infimum."""
    ends = [end for end in profile.ends if end.limit("value") == -math.inf]
    return f"L → −∞ as z → {_towards(ends[0])}" if ends else ""


def infimum(profile: Profile, least: list[Minimum]) -> Property:
    """Inf L over finite logits; −∞ where there is no bound."""
    if where := without_bound(profile):
        return Property(-math.inf, where)
    if not least:
        return undecided("L is nowhere finite")
    value = least[0].value
    value = 0.0 if show_least(value) == "0" else value
    how = "attained" if any(m.attained for m in least) else "approached and not attained"
    return Property(
        value, f"inf L = {show_least(value)}, {how}", REFINED * abs(value), finite([m.logit for m in least])
    )


def max_abs_d_logit(samples: Samples, profile: Profile) -> Property:
    """Sup |∂L/∂z|, where there is a derivative."""
    return supremum(samples, profile, "d_logit")


def lipschitz(samples: Samples, profile: Profile) -> Property:
    """Sup |∂L/∂v| over the predictions the activation can give."""
    if profile.jumps:
        return _broken(profile, "L jumps")
    return supremum(samples, profile, "d_prediction")


def smoothness(samples: Samples, profile: Profile) -> Property:
    """The Lipschitz constant of ∂L/∂z; ∞ where it jumps."""
    if profile.jumps:
        return _broken(profile, "L jumps")
    if profile.kinks:
        kink = profile.kinks[0]
        left, right = profile.at.d_logit[kink.left], profile.at.d_logit[kink.right]
        text = f"∂L/∂z jumps from {show(float(left))} to {show(float(right))} at z = {show(kink.logit)}"
        return Property(math.inf, text, None, tuple(k.logit for k in profile.kinks))
    return supremum(samples, profile, "d2_logit")


def saturates(profile: Profile, least: list[Minimum]) -> Property:
    """Whether ∂L/∂z dies out along a direction in which L stays above its infimum."""
    unbounded = without_bound(profile)
    floor = -math.inf if unbounded else least[0].value if least else math.nan
    if profile.lost:
        return undecided(f"L differs from {show(floor)} by no more than rounding")
    rest = []
    for end in (profile.ends[0], profile.ends[-1]):
        limit, slope = end.limit("value"), end.limit("d_logit")
        room = 0.0 if unbounded else max(1e-9 * min(profile.spread, max(1.0, abs(floor))), ROUNDING * abs(floor))
        if not limit > floor + room:
            continue
        if math.isnan(slope) and not end.infinite:
            return undecided(f"∂L/∂z has no limit as z → {_towards(end)}, as far as numbers reach")
        if end.infinite:
            rest.append(f"L = ∞, without a derivative, {_beyond(end)}")
        elif abs(slope) <= 1e-9 * _steepest(end):
            high, low = show_apart(limit, 0.0 if show_least(floor) == "0" else floor)
            text = f"as z → {_towards(end)} L → {high} > {low}, and ∂L/∂z → 0"
            return Property(True, text, 1e-9, finite([_telling(profile, end)]))
        else:
            rest.append(f"∂L/∂z → {show(slope)} as z → {_towards(end)}")
    why = "; ".join(rest) if rest else f"L nowhere stays above its infimum {show_least(floor)}"
    return Property(False, why, 1e-9)


def _steepest(end: End) -> float:
    slopes = np.abs(end.path.d_logit)
    return float(np.max(slopes, initial=0.0, where=np.isfinite(slopes)))


def growth(profile: Profile) -> Property:
    """How L grows along its worst direction, by the limit of zL′/L."""
    found = [_growth(end) for end in profile.ends]
    unknown = [text for kind, text in found if kind is None]
    if unknown:
        return undecided(unknown[0])
    kind, text = max(found, key=lambda f: _GROWTHS.index(f[0] or "bounded"))
    return Property(kind, text, 0.05)


def supremum(samples: Samples, profile: Profile, field: str) -> Property:
    """Sup |field| over the logits where L is finite and has a slope, with the place or the end where it is found."""
    name = _NAMES[field]
    sizes = np.where(profile.smooth, _sizes(profile.at, field), np.nan)
    with np.errstate(all="ignore"):
        for end in profile.ends:
            if _size(end, field) == math.inf:
                text = f"{name} → ∞ as z → {_towards(end)}"
                return Property(math.inf, text, None, finite([_telling(profile, end)]))
        for kink in profile.kinks:
            if profile.limit_beside(kink, field) == math.inf:
                return Property(math.inf, f"{name} → ∞ beside z = {show(kink.logit)}", None, (kink.logit,))
    if np.isposinf(sizes).any():
        place = float(profile.at.logit[np.isposinf(sizes)][0])
        return Property(math.inf, f"{name} overflows at z = {show(place)}", None, (place,))
    if np.isnan(sizes).all():
        return undecided(f"{name} is nowhere a finite number")
    index = int(np.nanargmax(sizes))
    best = float(sizes[index])
    if field != "value" and best < _NOTHING:
        where = "" if profile.smooth.all() else " where L is finite and has a slope"
        return Property(0.0, f"{name} is 0 at every logit{where}", _NOTHING)
    beside = profile.at.value[max(index - 1, 0) : index + 2]
    if best > HUGE and np.isposinf(beside).any():
        # the largest of the numbers before an overflow is no bound
        place = float(profile.at.logit[index])
        return Property(math.inf, f"{name} overflows beside z = {show(place)}", None, (place,))
    limits = [(_size(end, field), end) for end in profile.ends]
    limits = [(size, end) for size, end in limits if not math.isnan(size)]
    size, end = max(limits, key=lambda pair: pair[0], default=(-math.inf, profile.ends[0]))
    if size >= best - REFINED * abs(best):
        with np.errstate(invalid="ignore"):
            close = ~profile.smooth | (sizes >= size - 1e-6 * abs(size))
        if close.all():
            return Property(size, f"{show(size)}, the same at every logit", REFINED * abs(size))
        if math.isinf(end.logit):
            place = _near_end(samples, end.side, np.asarray(close))
        else:
            place = _inside(profile, field, end.logit, -end.side, size)
        return Property(size, f"{show(size)} as z → {_towards(end)}", REFINED * abs(size), finite([place]))
    place, best = _peak(profile, field, index)
    at = profile.evaluate(np.array([place]))
    where = f"z = {show(place)} (v = {show(float(at.prediction[0]))})"
    if abs(_sizes(at, field)[0] - best) <= BESIDE * abs(best):
        return Property(best, f"{show(best)} at {where}", REFINED * abs(best), (place,))
    # at a corner the one side has it and not the place itself: the cursor goes to that side
    side = 1 if float(profile.at.logit[index]) > place else -1
    inside = _inside(profile, field, place, side, best)
    text = f"{show(best)} as z → {show(place)} from {'above' if side > 0 else 'below'}"
    return Property(best, text, REFINED * abs(best), finite([inside]))


def _sizes(at: Evaluation, field: str) -> Array:
    # a loss may be negative (a likelihood's): its supremum is not that of its size
    array: Array = getattr(at, field)
    return array if field == "value" else np.abs(array)


def _size(end: End, field: str) -> float:
    limit = end.limit(field)
    return limit if field == "value" else abs(limit)


def _peak(profile: Profile, field: str, index: int) -> tuple[float, float]:
    # a maximum among samples, refined between its neighbours; never across a break
    z, sizes = profile.at.logit, _sizes(profile.at, field)
    split = {b.left for b in (*profile.kinks, *profile.jumps)}
    low = z[index] if index - 1 in split or index == 0 or not profile.smooth[index - 1] else z[index - 1]
    last = index == len(z) - 1 or not profile.smooth[index + 1]
    high = z[index] if index in split or last else z[index + 1]
    return peak(lambda points: _sizes(profile.evaluate(points), field), low, high, float(sizes[index]))


def _inside(profile: Profile, field: str, place: float, side: int, best: float) -> float:
    # the place itself, or the roundest distance from it, at which the size is as good as that beside it
    points = place + side * max(1.0, abs(place)) * np.append(0.0, 10.0 ** -np.arange(2.0, 10.0))
    with np.errstate(all="ignore"):
        near = np.abs(_sizes(profile.evaluate(points), field) - best) <= BESIDE * abs(best)
    index = int(np.argmax(near))
    return float(f"{points[index]:.12g}") if index else place


def peak(function: Callable[[Array], Array], low: float, high: float, at_least: float) -> tuple[float, float]:
    """The maximum of a function with one hump in [low, high], by division into 64 about the largest.

    The place is as good as the flatness of a top allows, 1e-7, and rounded to it.
    """
    place, best = (low + high) / 2, at_least
    for _ in range(6):
        if not low < high:
            break
        points = np.linspace(low, high, 65)
        values = function(points)
        k = int(np.nanargmax(values))
        if values[k] >= best:
            place, best = float(points[k]), float(values[k])
        low, high = points[max(k - 1, 0)], points[min(k + 1, 64)]
    return tidy(place - 1e-7, place + 1e-7), best


def _near_end(samples: Samples, side: int, close: NDArray[np.bool_]) -> float:
    # the innermost sample from which on, towards one side, all are close: where a limit is as good as reached
    outward = close if side < 0 else close[::-1]
    index = max(int(np.cumprod(outward).sum()) - 1, 0)
    return float(samples.logits[index if side < 0 else len(close) - 1 - index])


def _growth(end: End) -> tuple[str | None, str]:
    where = f"as z → {_towards(end)}"
    limit = end.limit("value")
    if limit != math.inf:
        return ("bounded", f"L → {show(limit)} {where}") if not math.isnan(limit) else (None, f"no limit {where}")
    ratios = _ratios(end.path, end.logit)
    if len(ratios) < 2:
        return None, f"too few points {where}"
    last, before = float(ratios[-1]), float(ratios[-2])
    shown = f"zL′/L → {show(last)} {where}"
    if math.isfinite(end.logit):
        # towards a finite place the distance takes the part of z
        return ("log", f"L grows like a logarithm {where}") if last < 0.1 else (None, f"a pole of power {show(last)}")
    if last > 3 and last > 1.5 * before:
        return "exponential", f"zL′/L → ∞ {where} ({show(last)} at the last finite point)"
    if last < 0.05:
        return "log", f"{shown}, while L → ∞"
    for power, name in ((1, "linear"), (2, "quadratic")):
        if abs(last - power) < 0.05:
            return name, shown
    return None, f"{shown}, none of the classes"


def _ratios(path: Evaluation, place: float) -> Array:
    # zL′/L where both are finite, z being the distance from a finite place
    away = path.logit if math.isinf(place) else path.logit - place
    with np.errstate(all="ignore"):
        ratio = np.abs(away * path.d_logit / path.value)
    return np.asarray(ratio[np.isfinite(ratio) & (path.value > 0)])


def _broken(profile: Profile, what: str) -> Property:
    places = tuple(b.logit for b in profile.jumps)
    return Property(math.inf, f"{what} at z = {show(places[0])}", None, places)


def _towards(end: End) -> str:
    return show(end.logit) if math.isinf(end.logit) else f"{show(end.logit)} (the edge of where L is finite)"


def _beyond(end: End) -> str:
    return f"for z ≤ {show(end.logit)}" if end.side < 0 else f"for z ≥ {show(end.logit)}"


def _telling(profile: Profile, end: End) -> float:
    # a finite logit well on the way to the end
    if math.isfinite(end.logit):
        return end.logit
    z = profile.at.logit
    outer = float(z[end.index])
    return max(outer, -20.0) if end.side < 0 else min(outer, 20.0)
