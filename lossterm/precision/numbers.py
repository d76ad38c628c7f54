"""Plain numbers: a value and its slope in one precision, each operation rounded, with a memory of what was done.

A plain number is a dual number as any forward chain rule has it: the product rule for products, 1/x for logarithms, and
nothing else. 0·∞ is NaN, 1 − p of a p that rounds to 1 is 0, and nobody mends it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lossterm.core.lazy import np
from lossterm.core.probit import erf as exact_erf

Floats: TypeAlias = Any
"""Floats of one precision, of one shape."""


@dataclass(frozen=True, eq=False)
class PlainNumber:
    """A value and its slope.

    Attributes:
        value: the values.
        slope: by the seed; None of what does not depend on it.
    """

    value: Floats
    slope: Floats | None = None


@dataclass(frozen=True, eq=False)
class PlainOperation:
    """One operation that was done.

    Attributes:
        text: what was computed, to read.
        sign: its sign or the name of its function.
        operands: of what, with their texts.
        result: what came of it.
    """

    text: str
    sign: str
    operands: tuple[tuple[str, PlainNumber], ...]
    result: PlainNumber


@dataclass(eq=False)
class PlainRun:
    """The numbers that a plain formula names, and every operation that was done, in order.

    Attributes:
        names: the numbers that the formula names.
        dtype: the precision.
        done: the operations so far.
    """

    names: dict[str, PlainNumber]
    dtype: Any
    done: list[PlainOperation] = field(default_factory=list)

    def constant(self, value: float) -> PlainNumber:
        """A number of the formula, rounded."""
        return PlainNumber(np.asarray(value, dtype=self.dtype))

    def noted(
        self, text: str, sign: str, operands: tuple[tuple[str, PlainNumber], ...], made: PlainNumber
    ) -> PlainNumber:
        """What an operation comes to, in the precision; it is remembered with its operands."""
        # what overflows or is undefined keeps its precision
        result = PlainNumber(_rounded(made.value, self.dtype),
                             None if made.slope is None else _rounded(made.slope, self.dtype))  # fmt: skip
        self.done.append(PlainOperation(text, sign, operands, result))
        return result


def _rounded(x: Floats, dtype: Any) -> Floats:
    return x if getattr(x, "dtype", None) == dtype else np.asarray(x, dtype=dtype)


# ---- the rules ------------------------------------------------------------------------------------------------------


def _sum_of(a: Floats | None, b: Floats | None) -> Floats | None:
    return b if a is None else a if b is None else a + b


def negative(x: PlainNumber) -> PlainNumber:
    """``−x``."""
    return PlainNumber(-x.value, None if x.slope is None else -x.slope)


def _plus(a: PlainNumber, b: PlainNumber) -> PlainNumber:
    return PlainNumber(a.value + b.value, _sum_of(a.slope, b.slope))


def _minus(a: PlainNumber, b: PlainNumber) -> PlainNumber:
    return PlainNumber(a.value - b.value, _sum_of(a.slope, None if b.slope is None else -b.slope))


def _times(a: PlainNumber, b: PlainNumber) -> PlainNumber:
    one = None if a.slope is None else a.slope * b.value
    other = None if b.slope is None else a.value * b.slope
    return PlainNumber(a.value * b.value, _sum_of(one, other))


def _over(a: PlainNumber, b: PlainNumber) -> PlainNumber:
    quotient = a.value / b.value
    one = None if a.slope is None else a.slope / b.value
    other = None if b.slope is None else -(quotient / b.value) * b.slope
    return PlainNumber(quotient, _sum_of(one, other))


def _power(a: PlainNumber, b: PlainNumber) -> PlainNumber:
    less, raised = b.value - np.asarray(1, dtype=b.value.dtype), np.power(a.value, b.value)
    one = None if a.slope is None else b.value * np.power(a.value, less) * a.slope
    other = None if b.slope is None else raised * np.log(a.value) * b.slope
    return PlainNumber(raised, _sum_of(one, other))


def _function(value: Callable[[Floats], Floats], slope: Callable[[Floats, Floats], Floats]) -> Callable[..., Any]:
    # slope is of the argument and of the value
    def apply(x: PlainNumber) -> PlainNumber:
        v = value(x.value)
        return PlainNumber(v, None if x.slope is None else slope(x.value, v) * x.slope)

    return apply


def where(holds: Any, yes: PlainNumber, no: PlainNumber) -> PlainNumber:
    """One number where something holds, another where it does not."""
    value = np.where(holds, yes.value, no.value)
    if yes.slope is None and no.slope is None:
        return PlainNumber(value)
    zero = np.zeros_like(value)
    slopes = (zero if part.slope is None else part.slope for part in (yes, no))
    return PlainNumber(value, np.where(holds, *slopes))


def _least(*of: PlainNumber) -> PlainNumber:
    least = of[0]
    for other in of[1:]:
        least = where(other.value < least.value, other, least)
    return least


def _greatest(*of: PlainNumber) -> PlainNumber:
    most = of[0]
    for other in of[1:]:
        most = where(other.value > most.value, other, most)
    return most


def sigmoid(z: Floats) -> Floats:
    """``1/(1 + e^−z)``."""
    one = np.asarray(1, dtype=z.dtype)
    return one / (one + np.exp(-z))


def softplus(x: Floats) -> Floats:
    """``max(x, 0) + log1p(e^−|x|)``, as every library computes it: who calls it means theirs."""
    return np.maximum(x, _of(x, 0)) + np.log1p(np.exp(-np.abs(x)))


def _of(x: Floats, number: float) -> Floats:
    return np.asarray(number, dtype=x.dtype)


def correctly(function: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """A function that numpy has not in every precision: computed as a double, and rounded."""
    return lambda x: np.asarray(function(np.asarray(x, dtype=float)), dtype=x.dtype)


erf = correctly(exact_erf)
_gamma = correctly(lambda x: np.array([math.lgamma(v) for v in np.ravel(x).tolist()]).reshape(np.shape(x)))


def _no_slope(x: Floats, value: Floats) -> Floats:
    raise ValueError("lgamma is of constants")


BINARY = {"+": _plus, "−": _minus, "·": _times, "/": _over, "^": _power}
"""What each sign does."""
COMPARISONS: Mapping[str, Callable[[Floats, Floats], Any]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip
"""What a comparison asks."""
FUNCTIONS: Mapping[str, Callable[..., PlainNumber]] = {
    "log": _function(lambda x: np.log(x), lambda x, v: _of(x, 1) / x),
    "exp": _function(lambda x: np.exp(x), lambda x, v: v),
    "log1p": _function(lambda x: np.log1p(x), lambda x, v: _of(x, 1) / (_of(x, 1) + x)),
    "expm1": _function(lambda x: np.expm1(x), lambda x, v: v + _of(x, 1)),
    "sqrt": _function(lambda x: np.sqrt(x), lambda x, v: _of(x, 0.5) / v),
    "abs": _function(lambda x: np.abs(x), lambda x, v: np.sign(x)),
    "cosh": _function(lambda x: np.cosh(x), lambda x, v: np.sinh(x)),
    "tanh": _function(lambda x: np.tanh(x), lambda x, v: _of(x, 1) - v * v),
    "sigmoid": _function(sigmoid, lambda x, v: v * (_of(x, 1) - v)),
    "softplus": _function(softplus, lambda x, v: sigmoid(x)),
    "erf": _function(erf, lambda x, v: _of(x, 2 / math.sqrt(math.pi)) * np.exp(-x * x)),
    "lgamma": _function(_gamma, _no_slope),
    "max": _greatest,
    "min": _least,
    "clip": lambda x, low, high: _least(_greatest(x, low), high),
}
"""What a plain formula may call."""
