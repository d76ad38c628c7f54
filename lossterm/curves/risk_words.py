"""The expected loss in words: what is left of it at the best prediction, where that is, and what noise it is like."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.numbers import significant, trimmed
from lossterm.curves.titles import prediction_letter
from lossterm.curves.view import View

if TYPE_CHECKING:
    from lossterm.curves.scene import Curve

LOOKED_AT = (-6.0, -2.5, -0.7, 0.0, 0.4, 1.9, 5.0)
"""Logits at which two gradients are compared to tell whether they are one."""


def risk_parts(view: View, index: int, reading: Reading) -> tuple[str, str] | None:
    """The risk of a row as what is left to the best prediction and what this one loses more; None where it has none."""
    if view.share is None or not math.isfinite(reading.value):
        return None
    from lossterm.core.losses.risk import least_risk

    row = view.rows[index]
    least = least_risk(row.entry, row.params, view.activation, view.share, view.smoothing)
    if not math.isfinite(least):
        return None
    excess = reading.value - least
    if excess <= 1e-12 * max(abs(reading.value), abs(least)):  # no more than the rounding of the two
        excess = 0.0
    return significant(least), significant(excess)


def risk_pieces(view: View, curve: Curve, reading: Reading, *, short: bool) -> list[str]:
    """What is said of a row's risk; nothing where there is none.

    Args:
        view: what is looked at.
        curve: of the row.
        reading: of it at the cursor.
        short: whether room is short.
    """
    parts = risk_parts(view, curve.row, reading)
    if parts is None:
        return []
    what = "" if short else " at its least"
    pieces = [f"R({curve.letter}) = {parts[0]}{what} + {parts[1]} excess"]
    return [*pieces, *_best_told(view, curve.row), *_as_smoothing(view, curve.row, short=short)]


def _best(view: View, index: int, eta: float) -> float | None:
    # the best prediction for a true probability, where it is one; before that is known class 1 has its weight
    from lossterm.core.losses.risk import best_prediction

    row, share = view.rows[index], view.weight * eta / (view.weight * eta + 1 - eta)
    best = best_prediction(row.entry, row.params, view.activation, share, view.smoothing)
    return best.low if best is not None and best.is_point else None


def _odds(p: float) -> float:
    return p / (1 - p) if p < 1 else math.inf


def _best_told(view: View, index: int) -> list[str]:
    # the best prediction; where it answers for η as if class 1 counted w times, for any η, that is what it is
    assert view.eta is not None
    best = _best(view, index, view.eta)
    if best is None:
        return []
    told = f"best {prediction_letter(view)} = {trimmed(best, 4)}"
    if not (view.link.is_probability and 0 < best < 1 and 0 < view.eta < 1):
        return [told]
    weight, other = _odds(best) / _odds(view.eta), _best(view, index, 0.37)
    if other is None or not math.isclose(_odds(other) / _odds(0.37), weight, rel_tol=1e-6):
        return [told]
    if math.isclose(weight, 1.0, rel_tol=1e-6):
        return [f"{told} = η"]
    return [f"{told} = wη/(wη+1−η), w = {trimmed(weight, 4)}", "z = logit η + ln w"]


def _as_smoothing(view: View, index: int, *, short: bool) -> list[str]:
    # labels of which a share ρ is flipped, and labels smoothed by 2ρ: one gradient, where the loss is linear in y
    eta, row = view.share, view.rows[index]
    if eta is None or view.smoothing or not 0 < eta < 1:
        return []
    if not _is_linear_in_label(row.entry, row.params, view.activation, eta):
        return []
    flipped = min(eta, 1 - eta)
    told = f"as smoothing 2ρ = {trimmed(2 * flipped, 4)}"
    return [told if short else f"labels flipped with ρ = {trimmed(flipped, 4)} are {told}"]


@lru_cache(maxsize=64)
def _is_linear_in_label(entry: Loss, params: tuple[tuple[str, float | None], ...], activation: str, eta: float) -> bool:
    if entry.label_problem(eta) is not None:
        return False
    expected = Objective(entry, params, 1.0, ACTIVATIONS[activation], (eta, 0.0)).evaluate(LOOKED_AT).d_logit
    smoothed = Objective(entry, params, eta, ACTIVATIONS[activation]).evaluate(LOOKED_AT).d_logit
    return bool(np.allclose(expected, smoothed, rtol=1e-9, atol=1e-12))
