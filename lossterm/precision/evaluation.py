"""A loss behind an activation by a plain chain rule in one precision: its numbers, where they fail, and why.

How it is defined: z is rounded to the precision; the prediction and ∂v/∂z are those of a framework (σ(z), p(1 − p));
L is the loss's plain formula and ∂L/∂v its derivative by the rules of calculus, operation by operation in the order in
which it is written; ∂L/∂z is their product. Every operation is rounded, and nothing is kept beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.labels import sign
from lossterm.core.losses.objective import Evaluation, Objective
from lossterm.core.losses.own.grammar import FormulaStep
from lossterm.core.outward import Ends, first_held
from lossterm.core.remembered import Remembered
from lossterm.precision.activations import LINKS
from lossterm.precision.formulas import formula_of
from lossterm.precision.numbers import PlainNumber, PlainOperation, PlainRun
from lossterm.precision.steps import run_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

DTYPES = ("float16", "bfloat16", "float32", "float64")
"""The precisions, from the one with the smallest range of what is computed with."""

NEEDS = "bfloat16 needs ml_dtypes: pip install 'lossterm[precision]'"
"""What is said where it is not installed."""


@dataclass(frozen=True, eq=False)
class PlainEvaluation:
    """A loss at logits by a plain chain rule; arrays of the precision, with the shape of the logits.

    Attributes:
        dtype: the name of the precision.
        formula: the plain formula.
        logit: z, rounded.
        prediction: v.
        d_activation: ∂v/∂z.
        value: L.
        d_prediction: ∂L/∂v.
        d_logit: ∂L/∂z, their product.
        done: every operation of the formula, in order.
    """

    dtype: str
    formula: str
    logit: Any
    prediction: Any
    d_activation: Any
    value: Any
    d_prediction: Any
    d_logit: Any
    done: tuple[PlainOperation, ...]


@dataclass(frozen=True)
class Failures:
    """The logits nearest to 0, below and above it, at which a plain chain rule fails; None where it does not.

    Attributes:
        nan: L is NaN.
        infinite: L is infinite, and the exact one is not.
        slope_nan: ∂L/∂z is NaN.
        slope_infinite: ∂L/∂z is infinite, and the exact one is not.
        dead: ∂L/∂z is exactly 0, and the exact one is not.
    """

    nan: Ends
    infinite: Ends
    slope_nan: Ends
    slope_infinite: Ends
    dead: Ends


def numpy_dtype(name: str) -> Any:
    """The precision of a name.

    Raises:
        ValueError: bfloat16, which is not numpy's own, where its package is not installed.
    """
    if name != "bfloat16":
        return np.dtype(name)
    try:
        return np.dtype(import_module("ml_dtypes").bfloat16)
    except ImportError:
        raise ValueError(NEEDS) from None


def evaluate_plainly(objective: Objective, dtype: str, logits: Array) -> PlainEvaluation:
    """An objective at logits by a plain chain rule.

    Args:
        objective: the loss behind its activation, for its label.
        dtype: the name of the precision.
        logits: z, one-dimensional.

    Raises:
        ValueError: the loss has no plain formula, or the precision is not installed.
    """
    real, params = numpy_dtype(dtype), dict(objective.params)
    formula = formula_of(objective.loss, params)
    if formula is None:
        raise ValueError(f"no plain formula of {objective.loss.id} is told")
    with np.errstate(all="ignore"):
        z = np.asarray(logits, dtype=real)
        link = LINKS[objective.activation.id]
        v = link.prediction(z)
        by_logit = link.slope(z, v)
        seeded = PlainRun({"v": PlainNumber(v, np.ones_like(v)), "z": PlainNumber(z)}, real)
        text, steps = formula[0], formula[1].steps
        loss = _run(seeded, objective, steps)
        value, by_prediction = np.broadcast_to(loss.value, v.shape), _slope(loss, v)
        d_logit = by_prediction * by_logit
        if any(step.word == "z" for step in steps):
            # by the prediction and by z itself, as a framework adds both
            direct = PlainRun({"v": PlainNumber(v), "z": PlainNumber(z, np.ones_like(z))}, real)
            d_logit = d_logit + _slope(_run(direct, objective, steps), v)
            by_prediction = d_logit / by_logit
        return PlainEvaluation(dtype, text, z, v, by_logit, value, by_prediction, d_logit, tuple(seeded.done))


def _run(run: PlainRun, objective: Objective, steps: Sequence[FormulaStep]) -> PlainNumber:
    _name(run, objective)
    return run_steps(run, steps)


def _slope(number: PlainNumber, like: Any) -> Any:
    return np.zeros_like(like) if number.slope is None else np.broadcast_to(number.slope, like.shape)


def _name(run: PlainRun, objective: Objective) -> None:
    # what a formula may name: the prediction, the label and what is made of both, parameters
    v, y = run.names["v"], run.constant(float(objective.label))
    side = run.constant(float(sign(float(objective.label))))
    one = run.constant(1.0)
    run.names |= {"p": v, "y": y, "s": side, "threshold": run.constant(objective.activation.threshold)}
    run.names |= {name: run.constant(value) for name, value in objective.params if value is not None}
    run.names["r"] = PlainNumber(v.value - y.value, v.slope)
    run.names["m"] = PlainNumber(side.value * v.value, None if v.slope is None else side.value * v.slope)
    rest = one.value - y.value
    run.names["p_t"] = PlainNumber(y.value * v.value + rest * (one.value - v.value),
                                   None if v.slope is None else y.value * v.slope - rest * v.slope)  # fmt: skip


def relative_error(plain: float, exact: float) -> float:
    """|plain − exact|/|exact|; 0 where both are the same, ∞ where only one is infinite, nan where one is undefined."""
    if plain == exact:
        return 0.0
    if math.isnan(plain) or math.isnan(exact):
        return math.nan
    return abs(plain - exact) / abs(exact) if exact and math.isfinite(exact) and math.isfinite(plain) else math.inf


_FAILURES: Remembered[Failures] = Remembered(256)


def failures(objective: Objective, dtype: str) -> Failures:
    """Where a plain chain rule in a precision fails; the last results are kept.

    Raises:
        ValueError: the loss has no plain formula, or the precision is not installed.
    """
    return _FAILURES.of((objective.key, dtype), lambda: _failures(objective, dtype))


def _failures(objective: Objective, dtype: str) -> Failures:
    def failing(z: Array) -> list[Array]:
        plain, exact = evaluate_plainly(objective, dtype, z), objective.evaluate(z)
        value, slope = np.asarray(plain.value, dtype=float), np.asarray(plain.d_logit, dtype=float)
        return [
            _told(np.isnan(value), exact.value), _told(np.isinf(value) & np.isfinite(exact.value), exact.value),
            _told(np.isnan(slope), exact.d_logit),
            _told(np.isinf(slope) & np.isfinite(exact.d_logit), exact.d_logit),
            _told(is_dead(slope, exact), exact.d_logit),
        ]  # fmt: skip

    return Failures(*first_held(failing))


def is_dead(slope: Array, exact: Evaluation) -> NDArray[np.bool_]:
    """Where a slope is exactly 0 and the exact one is not."""
    return np.asarray((slope == 0) & (exact.d_logit != 0) & ~np.isnan(exact.d_logit))


def _told(fails: NDArray[np.bool_], exact: Array) -> Array:
    # where the exact number is undefined there is nothing to fail
    return np.where(np.isnan(exact), np.nan, fails)
