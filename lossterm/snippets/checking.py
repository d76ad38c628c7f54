"""Runs the numpy snippet against the exact values: how far off it is in each precision, and from where on it fails."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lossterm.core.lazy import np
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.labels import Family, number
from lossterm.core.losses.objective import Evaluation, evaluate_at

QUANTITIES = ("value", "gradient", "hessian")
LIMITS = {"float64": 1e-6, "float32": 1e-3}
"""From which relative error on a number counts as wrong: about half the digits of the precision."""

FARTHEST = 1000.0

LOST = 1e-11
"""From which relative error on, in float64, another form is tried."""

SIDE = 1e-6
"""How far beside a raw score, relative to it, the two sides of a kink are looked at."""


@dataclass(frozen=True)
class Checked:
    """What a snippet is, run in one precision.

    Attributes:
        dtype: the precision.
        max_error: the largest relative error of value, gradient and Hessian where it does not fail.
        fails_from: the raw score nearest to 0 at which something is not finite or wrong; None for none.
        why: ``overflow``, ``nan`` or ``wrong``, at what quantity and label; empty for none.
        labels: the labels it was run for.
    """

    dtype: str
    max_error: float
    fails_from: float | None
    why: str
    labels: tuple[float, ...]


def labels_of(loss: Loss, *, hard: bool) -> tuple[float, ...]:
    """The labels that a snippet is run for."""
    if loss.hard_only or loss.family is Family.PROBABILITY:
        return (0.0, 1.0) if loss.hard_only or hard else (0.0, 1.0, 0.3)
    return tuple(y for y in (0.0, 1.0, -2.0, 0.3, 7.5) if loss.label_problem(y) is None)


def scores() -> Any:
    """The raw scores: dense near 0, and on to ±1000; near to 0 first."""
    sizes = np.concatenate([np.arange(0.02, 12, 0.17), np.arange(12, 120, 1.3), np.arange(121, FARTHEST, 11.7)])
    sizes = np.concatenate([[1e-6, 1e-3], sizes, [88.5, 88.9, 103.5, 104.5, 709.5, 710.0, 745.5, FARTHEST]])
    return np.sort(np.round(np.concatenate([-sizes, sizes, [0.0]]), 6))


def run(
    code: str, name: str, loss: Loss, params: Params, activation: Activation, labels: Sequence[float], dtype: str
) -> Checked:
    """Run a numpy snippet in one precision.

    Args:
        code: the snippet.
        name: of its function.
        loss: what it is of.
        params: all its parameters.
        activation: behind which.
        labels: for which it is run.
        dtype: ``float64`` or ``float32``.
    """
    space: dict[str, Any] = {}
    exec(compile(code, "<snippet>", "exec"), space)
    return judged(space[name], loss, params, activation, labels, dtype)


def judged(
    function: Callable[[Any, Any], Sequence[Any]],
    loss: Loss,
    params: Params,
    activation: Activation,
    labels: Sequence[float],
    dtype: str,
) -> Checked:
    """Compare somebody's value, gradient and Hessian with the exact ones.

    Args:
        function: from raw scores and labels to the three; None for one that it does not tell.
        loss: what it should be.
        params: all its parameters.
        activation: behind which.
        labels: for which it is asked.
        dtype: of scores and labels.
    """
    kind = np.dtype(dtype).type
    z = scores().astype(kind)
    worst, failures = 0.0, []
    for label in labels:
        y = np.full(z.shape, label, dtype=kind)
        with np.errstate(all="ignore"):
            given = function(z, y)
            exact = evaluate_at(loss, params, float(kind(label)), activation, z.astype(float))
            steps = (-0.5, 0.5, *(d * np.maximum(np.abs(z), 1e-3) * SIDE for d in (-1.0, 1.0)))
            beside = [evaluate_at(loss, params, float(kind(label)), activation, z.astype(float) + d) for d in steps]
        for quantity, numbers in zip(QUANTITIES, given, strict=True):
            if numbers is None:
                continue
            error, why = _compared(np.asarray(numbers), quantity, exact, beside, dtype)
            wrong = ~(error <= LIMITS[dtype])
            worst = max(worst, float(error[~wrong].max(initial=0.0)))
            failures += [(abs(float(z[i])), float(z[i]), why[i], quantity, label) for i in np.flatnonzero(wrong)]
    if not failures:
        return Checked(dtype, worst, None, "", tuple(labels))
    _, at, why_, quantity, label = min(failures)
    return Checked(dtype, worst, at, f"{why_} of the {quantity} at y = {number(label)}", tuple(labels))


def cancels(checked: Checked) -> bool:
    """Whether digits are lost where none need be."""
    return checked.max_error > LOST or "wrong" in checked.why


def badness(checked: Checked) -> tuple[float, float]:
    """What the better of two snippets has less of: an early failure, then error."""
    return (-math.inf if checked.fails_from is None else -abs(checked.fails_from), checked.max_error)


def _part(evaluation: Evaluation, quantity: str) -> Any:
    return {"value": evaluation.value, "gradient": evaluation.d_logit, "hessian": evaluation.d2_logit}[quantity]


def _compared(
    given: Any, quantity: str, exact: Evaluation, beside: Sequence[Evaluation], dtype: str
) -> tuple[Any, list[str]]:
    # relative to the largest within half a unit, so that a root is no place of infinite error; what underflows is 0
    info = np.finfo(dtype)
    truth = _part(exact, quantity)
    given = np.broadcast_to(given.astype(float), truth.shape)
    around = np.array([np.abs(_part(e, quantity)) for e in (exact, *beside)])
    size = np.max(np.where(np.isfinite(around), around, 0.0), axis=0)
    floor = float(info.smallest_normal) * 16
    with np.errstate(all="ignore"):
        error = np.maximum(np.abs(given - truth) - floor, 0.0) / np.maximum(size, floor)
        sides = np.array([_part(e, quantity) for e in beside[2:]])
        jumps = np.abs(sides[1] - sides[0]) > 0.01 * size  # at a kink anything between the two sides is right
        room = LIMITS[dtype] * size
        within = (given >= sides.min(axis=0) - room) & (given <= sides.max(axis=0) + room)
        error = np.where(jumps & within, 0.0, error)
        undefined = np.isnan(truth)  # outside the domain, or at a kink: anything goes
        error = np.where(undefined, 0.0, error)
        pole = np.isinf(truth) & (np.abs(exact.logit) < 1)
        error = np.where(pole, 0.0, error)
        lost = ~undefined & ~pole & (~np.isfinite(given) | np.isinf(truth))
    why = ["nan" if np.isnan(g) else "overflow" if math.isinf(g) or lost[i] else "wrong" for i, g in enumerate(given)]
    return np.where(lost, np.inf, error), why
