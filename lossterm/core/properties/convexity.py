"""Convexity by the sign of the curvature and the direction of every kink; inflections where that sign changes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.properties.profile import Profile, tidy, typical
from lossterm.core.properties.report import CURVATURE, REFINED, Property, places, show

_PARTS, _ROUNDS = 64, 10
_CANCELLED, _DENORMAL = 1e-13, 1e-300


def convex_in_logit(profile: Profile, turns: list[float]) -> Property:
    """Whether ∂L/∂z never falls on the logits where L is finite; ``turns`` are the loss's turning points."""
    return _convex(profile, "d_logit", "d2_logit", "z", turns)


def convex_in_prediction(profile: Profile) -> Property:
    """Whether ∂L/∂v never falls on the predictions the activation can give."""
    return _convex(profile, "d_prediction", "d2_prediction", "v", [])


def inflections(profile: Profile, turns: list[float]) -> Property:
    """The logits where ∂L/∂z turns from rising to falling or back (at the place where the new direction begins)."""
    text = ", ".join(f"{z:.10g}" for z in turns)
    value = turns[0] if len(turns) == 1 else text or "none"
    if not turns:
        return Property(value, "∂L/∂z does not turn from rising to falling, or back", CURVATURE)
    at = profile.evaluate(np.array(turns)).prediction
    where = ", ".join(f"z = {show(z)} (v = {show(float(v))})" for z, v in zip(turns, at, strict=True))
    return Property(value, f"∂L/∂z turns at {where}", REFINED, tuple(turns))


def turning_points(profile: Profile) -> list[float]:
    """Where the curvature's sign changes, a kink counting as curvature of its direction."""
    events = _events(profile, "d_logit", "d2_logit")
    kinks, brackets = [], []
    for (left, left_sign, _), (right, right_sign, kink) in pairwise(events):
        if left_sign == right_sign:
            continue
        if kink is None:
            brackets.append((left, right, left_sign))
        else:
            kinks.append(kink)
    # a turn right beside a kink is at the kink
    roots = [_at_kink(z, [k.logit for k in profile.kinks]) for z in _roots(profile, brackets)]
    return sorted({*kinks, *roots})


def _at_kink(z: float, kinks: list[float]) -> float:
    return next((k for k in kinks if abs(z - k) <= 1e-9 * max(1.0, abs(k))), z)


def _convex(profile: Profile, first: str, second: str, variable: str, turns: list[float]) -> Property:
    down = [k for k in profile.kinks if _drop(profile, k.left, k.right, first)]
    if profile.jumps:
        jump = profile.jumps[0].logit
        return Property(False, f"L jumps at z = {show(jump)}", CURVATURE, (jump,))
    if down:
        left, right = (float(getattr(profile.at, first)[i]) for i in (down[0].left, down[0].right))
        text = f"∂L/∂{variable} falls from {show(left)} to {show(right)} at z = {show(down[0].logit)}"
        return Property(False, text, CURVATURE, tuple(k.logit for k in down))
    signs, bends = _signs(profile, first, second), getattr(profile.at, second)
    concave = np.flatnonzero(signs < 0)
    if not len(concave):
        kinks = f", and ∂L/∂{variable} rises at the kinks z = {places([k.logit for k in profile.kinks])}"
        text = f"∂²L/∂{variable}² ≥ 0 at all {np.count_nonzero(profile.smooth)} logits looked at"
        return Property(True, text + (kinks if profile.kinks else ""), CURVATURE)
    size = np.where(np.isfinite(bends[concave]), bends[concave], -np.inf)
    worst = int(concave[np.argmin(size)])
    z, v = float(profile.at.logit[worst]), float(profile.at.prediction[worst])
    text = f"∂²L/∂{variable}² = {show(float(bends[worst]))} at z = {show(z)} (v = {show(v)})"
    if turns:
        text += f"; ∂L/∂z turns at z = {places(turns)}"
    return Property(False, text, CURVATURE, (z, *turns))


def _drop(profile: Profile, left: int, right: int, field: str) -> bool:
    array = getattr(profile.at, field)
    return bool(array[right] < array[left] - 1e-9 * max(abs(array[left]), abs(array[right])))


def _signs(profile: Profile, first: str, second: str) -> Array:
    # the sign of the curvature, 0 where it is no more than the rounding of what it is made of: of the slope, and of
    # the parts of ∂L/∂v, which may cancel, times what a change of the logit is to v
    at, slope, bend = profile.at, getattr(profile.at, first), getattr(profile.at, second)
    with np.errstate(all="ignore"):
        near = (np.abs(at.logit) <= 4) & profile.smooth
        part = float(np.median(np.abs(at.d_prediction[near]))) if near.any() else 0.0
        part = part or float(typical(at.logit, at.value[None])[0])
        parts = part * (np.abs(at.d_activation) if first == "d_logit" else 1.0)
        clear = (
            profile.smooth
            & (np.abs(bend) > CURVATURE * np.abs(slope))
            & (np.abs(bend) > _CANCELLED * parts + _DENORMAL)
        )
    return np.where(clear, np.sign(bend), 0.0)


def _events(profile: Profile, first: str, second: str) -> list[tuple[float, float, float | None]]:
    """(logit, sign, kink or None) in order: the samples with a clear curvature, and the kinks."""
    signs, z = _signs(profile, first, second), profile.at.logit
    change = np.flatnonzero(signs)
    # of a stretch of one sign its two ends say all
    inner = np.zeros(len(change), dtype=bool)
    inner[1:-1] = (signs[change[1:-1]] == signs[change[:-2]]) & (signs[change[1:-1]] == signs[change[2:]])
    events: list[tuple[float, float, float | None]] = [(float(z[i]), float(signs[i]), None) for i in change[~inner]]
    for kink in profile.kinks:
        sign = -1.0 if _drop(profile, kink.left, kink.right, first) else 1.0
        events.append((float(z[kink.left] + z[kink.right]) / 2, sign, kink.logit))
    return sorted(events, key=lambda event: event[0])


def _roots(profile: Profile, brackets: list[tuple[float, float, float]]) -> list[float]:
    # all brackets divided together; beside the root the curvature is told by its sign alone
    low, high, sign = (np.array([bracket[k] for bracket in brackets]) for k in range(3))
    for _ in range(_ROUNDS if brackets else 0):
        points = low[:, None] + (high - low)[:, None] * (np.arange(1, _PARTS) / _PARTS)
        same = np.sign(profile.evaluate(points).d2_logit) == sign[:, None]
        count = np.cumprod(same, axis=1).sum(axis=1)
        chain = np.concatenate([low[:, None], points, high[:, None]], axis=1)
        each = np.arange(len(low))
        low, high = chain[each, count], chain[each, count + 1]
    room = 1e-14 * np.maximum(1.0, np.abs(low))
    return [tidy(float(a), float(b)) for a, b in zip(low - room, high + room, strict=True)]
