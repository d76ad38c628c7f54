"""The columns of a file as the predictions that figures are of: probabilities of class 1, logits, plain values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossterm.core.jets import Array
from lossterm.files.checks import Fault, prediction_faults, shortest
from lossterm.files.columns import Columns


def complement(p: Array) -> Array:
    """1 − p; of a decimal such as 0.7 the decimal 0.3, not the sum that binary numbers have."""
    rest = 1 - p
    with np.errstate(invalid="ignore"):
        near = np.round(rest, 15)
        return np.where((rest > 1e-3) & (np.abs(near - rest) <= 1.2e-16), near, rest)


def logit_of_log(log_p: Array) -> Array:
    """The logit of a probability whose logarithm is given: exact where p itself would be 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return log_p - np.log(-np.expm1(log_p))


def converted(columns: Columns, values: Sequence[Array], decided: Array | None) -> tuple[Array, list[Fault]]:
    """The predictions of a batch ``(n,)`` or ``(n, K)``, and what is wrong with them as they are in the file.

    Args:
        columns: what they hold.
        values: the columns, ``(n,)`` each.
        decided: of a confidence the decisions, 0 or 1, ``(n,)``.
    """
    holds, names = columns.given, columns.read
    given = values[0] if len(values) == 1 else np.column_stack(values)
    if columns.out_of != 1:
        given = given / columns.out_of
    if holds == "log-probability":
        return _of_logs(given, names)
    faults = prediction_faults(given, columns.kind, names)
    if columns.exponent:
        with np.errstate(over="ignore"):
            return np.exp(given), faults
    if len(names) == 2 and columns.kind == "value":  # the middle of two quantiles
        with np.errstate(invalid="ignore"):  # of two infinite ends, which are faults
            return given[:, 0] / 2.0 + given[:, 1] / 2.0, faults
    if len(names) == 2:
        return _of_two(given, holds == "probability"), faults
    if decided is not None and not columns.being_right:
        return np.where(decided == 1, given, complement(given)), faults
    if columns.other:
        return (complement(given) if columns.kind == "probability" else -given), faults
    return given, faults


def _of_two(given: Array, probability: bool) -> Array:
    """The prediction of class 1 from those of both classes."""
    zero, one = given[:, 0], given[:, 1]
    if not probability:
        return one - zero
    # where the one is rounded to 1 the other still tells by how much
    rounded = (one == 1) & (zero > 0) & (zero < 0.5)
    return np.where(rounded, 1 - zero, one) if rounded.any() else np.ascontiguousarray(one)


def _of_logs(given: Array, names: Sequence[str]) -> tuple[Array, list[Fault]]:
    with np.errstate(invalid="ignore", over="ignore"):
        above = given > 1e-6
        wrong = np.asarray(above | np.isnan(given))
        rows = wrong if wrong.ndim == 1 else np.asarray(wrong.any(axis=1))
        faults = []
        if rows.any():

            def describe(i: int) -> str:
                at = 0 if wrong.ndim == 1 else int(wrong[i].argmax())
                value = given[i] if wrong.ndim == 1 else given[i, at]
                what = "a number" if np.isnan(value) else "the logarithm of a probability, at most 0"
                return f"column {names[at]!r}: {shortest(value)} is not {what}"

            faults.append(Fault("no logarithm of a probability", rows, describe))
        given = np.minimum(given, 0.0)
        if given.ndim == 1:
            return logit_of_log(given), faults
        if given.shape[1] == 2:
            return given[:, 1] - given[:, 0], faults
        faults += prediction_faults(np.exp(given), "probability", names) if not faults else []
        return given, faults


def distribution(columns: Columns, values: Sequence[Array]) -> tuple[Array | None, list[Fault]]:
    """What tells the distribution of the labels of a batch, ``(n, m)``, and what is wrong with it; None of nothing.

    Args:
        columns: what they hold.
        values: the columns that tell it, ``(n,)`` each.
    """
    if columns.forecast is None:
        return None, []
    told = np.column_stack(values)
    faults = prediction_faults(told, columns.kind, columns.told)
    if columns.forecast.is_normal and (wrong := told[:, 0] <= 0).any():

        def describe(i: int) -> str:
            return f"column {columns.told[0]!r}: {shortest(told[i, 0])} is not a standard deviation above 0"

        faults.append(Fault("standard deviation that is not above 0", wrong, describe))
    return told, faults
