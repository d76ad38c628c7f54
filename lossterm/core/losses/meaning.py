"""What a loss is beside its numbers: of what e^−L is the probability, and whether its slope is the residual."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.formulas import Loss
from lossterm.core.losses.objective import Objective, evaluate_at
from lossterm.core.remembered import Remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_AGREES, _NEARLY = 1e-9, 1e-4
"""How far a sum, and an integral, may be from 1."""

_PREDICTIONS = (0.03125, 0.2, 0.5, 0.75, 0.9)
_RATES = (0.125, 0.5, 1.75, 4.0, 9.0)
_COUNTS = 60
_KNOWN = 200
_REACH, _STEP = 64.0, 1 / 64
_LOGITS = (-30.0, -8.0, -3.5, -1.0, -0.125, 0.25, 0.75, 2.0, 5.0, 17.0)


def probability_of(objective: Objective) -> str:
    """Of what e^−L is the probability: "the label's probability", …; empty where it is none.

    It is one where e^−L adds up to 1 over all labels, whatever the prediction: over 0 and 1, over the counts, or over
    the reals, where it is a density.
    """
    if objective.risk is not None:
        return ""
    loss, label = objective.loss, objective.label
    low, high = loss.labels
    if loss.hard_only or (low, high) == (0.0, 1.0):
        return "the label's probability" if label in (0, 1) and _adds_up(objective, "classes") else ""
    if loss.counts:
        return "the count's probability" if label == int(label) >= 0 and _adds_up(objective, "counts") else ""
    return "the label's density" if _adds_up(objective, "reals") else ""


_known: Remembered[bool] = Remembered(_KNOWN)


def slope_is_residual(objective: Objective) -> bool:
    """Whether ∂L/∂z is the prediction less the label, wherever the loss is defined."""
    return objective.risk is None and slope_is(objective, objective.label)


def slope_is(objective: Objective, less: float) -> bool:
    """Whether ∂L/∂z, of a risk ∂R/∂z, is the prediction less a number, wherever the objective is defined.

    It is remembered: every key asks.
    """
    return _known.of((objective.key, less), lambda: _slope_is(objective, less))


def _slope_is(objective: Objective, less: float) -> bool:
    if objective.loss.label_problem(objective.label):
        return False
    at = objective.evaluate(_LOGITS)
    residual = at.prediction - less
    known = np.isfinite(at.d_logit) & np.isfinite(residual)
    size = np.abs(at.prediction) + abs(less)
    return bool(known.any() and np.all(np.abs(at.d_logit - residual)[known] <= _AGREES * size[known]))


def _adds_up(objective: Objective, over: str) -> bool:
    return _normalised(objective.loss, objective.params, over)


@lru_cache(maxsize=200)
def _normalised(entry: Loss, params: tuple[tuple[str, float | None], ...], over: str) -> bool:
    def energy(predictions: ArrayLike, label: float) -> Array:
        return evaluate_at(entry, dict(params), label, "identity", predictions).value

    with np.errstate(all="ignore"):
        if over == "reals":
            return _is_density(energy)
        labels, predictions = ((0.0, 1.0), _PREDICTIONS) if over == "classes" else (range(_COUNTS), _RATES)
        total = np.exp(-np.array([energy(predictions, float(y)) for y in labels])).sum(axis=0)
        return bool(np.all(np.abs(total - 1) <= _AGREES))


def _is_density(energy: Callable[[ArrayLike, float], Array]) -> bool:
    # of a loss that sees v − y alone the integral over labels is that over predictions
    steps = np.array(_LOGITS)
    if not np.allclose(energy(steps, 0.0), energy(steps + 4, 4.0), rtol=1e-9, atol=1e-12):
        return False
    sizes = 2.0 ** np.arange(-40.0, 41.0)
    rise = energy(sizes, 0.0) - energy(np.zeros(1), 0.0) >= 1
    if not rise.any():
        return False
    unit = float(sizes[np.argmax(rise)])
    residuals = np.arange(-_REACH, _REACH, _STEP) * unit
    return bool(abs(float(np.exp(-energy(residuals, 0.0)).sum()) * _STEP * unit - 1) <= _NEARLY)
