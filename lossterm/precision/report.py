"""A plain chain rule at a point as sentences and records: what the command prints and the screen says."""

from __future__ import annotations

import math

from lossterm.core.lazy import np
from lossterm.core.losses.objective import Objective
from lossterm.core.numbers import significant
from lossterm.core.outward import Ends, ends_text
from lossterm.model.records import Record, objective_record, strict
from lossterm.precision.evaluation import Failures, PlainEvaluation, evaluate_plainly, failures, relative_error
from lossterm.precision.reason import reason_at

KINDS = (
    ("nan", "L NaN"), ("slope_nan", "∂L/∂z NaN"), ("infinite", "L ∞"), ("slope_infinite", "∂L/∂z ∞"),
    ("dead", "∂L/∂z dead"),
)  # fmt: skip
"""The ways to fail, the worst first, with their names."""


def failures_text(found: Failures) -> str:
    """Where a plain chain rule fails first: ``L and ∂L/∂z NaN from z = 7.62 up``; empty where it does not.

    What fails at the same places is told together.
    """
    by_ends: dict[tuple[str, Ends], list[str]] = {}
    for field, name in KINDS:
        ends: Ends = getattr(found, field)
        if ends != (None, None):
            what, kind = name.split()
            by_ends.setdefault((kind, ends), []).append(what)
    return " · ".join(
        f"{' and '.join(what)} {kind} {ends_text(ends, '≤', '≥')}" for (kind, ends), what in by_ends.items()
    )


def error_text(error: float) -> str:
    """A relative error: ``off by 3.1e-4``, ``exact``, or why there is none."""
    if math.isnan(error):
        return "NaN"
    return "exact" if error == 0 else "lost" if math.isinf(error) else f"off by {significant(error, 2)}"


def first_of(array: object) -> float:
    """The first number of an array of any precision, as a double."""
    return float(np.ravel(np.asarray(array, dtype=float))[0])


def at_point(objective: Objective, dtype: str, logit: float) -> PlainEvaluation:
    """A plain chain rule at one logit."""
    return evaluate_plainly(objective, dtype, np.array([logit], dtype=float))


def record(objective: Objective, dtype: str, logit: float, smoothing: float) -> Record:
    """A plain chain rule at one logit, of the machine-readable formats; its label is that after smoothing."""
    plain, exact = at_point(objective, dtype, logit), objective.evaluate([logit]).at(0)
    value, slope, found = first_of(plain.value), first_of(plain.d_logit), failures(objective, dtype)
    return {
        **objective_record(objective, smoothing),
        "dtype": dtype,
        "formula": plain.formula,
        "logit": logit,
        "prediction": _strict(first_of(plain.prediction)),
        "d_activation": _strict(first_of(plain.d_activation)),
        "value": _strict(value),
        "d_prediction": _strict(first_of(plain.d_prediction)),
        "d_logit": _strict(slope),
        "exact_value": strict(exact.value),
        "exact_d_logit": strict(exact.d_logit),
        "error_value": strict(relative_error(value, exact.value)),
        "error_d_logit": strict(relative_error(slope, exact.d_logit)),
        "why": reason_at(objective, dtype, logit),
        "fails_from": {field: list(getattr(found, field)) for field, _ in KINDS},
    }


def _strict(x: float) -> float | str:
    # NaN is what it comes to, not what is undefined
    return "nan" if math.isnan(x) else strict(x) or 0.0
