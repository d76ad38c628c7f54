"""Arithmetic of a formula: on jets, which keep their memories, and on what does not depend on the prediction.

A constant is a float or, where each point has a label of its own, an array. An exact 0 as a term or a factor and a
factor 1 leave a jet as it is. What is a product, a quotient or a sum of what knows its logarithm knows its own, which
counts where the value itself is out of range. At a kink the slope is the mean of the two sides, and 0 where one of them
is a constant; the second derivative is that of the left side; a jump has no derivative.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from lossterm.core.jets import TINY, Array, Jet, chain, exp, log, switch, times, where
from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.probit import erf as _erf_of

Constant: TypeAlias = Any
"""A float, or an array of them."""

Value: TypeAlias = "Jet | Constant"

_ROOT_TWO = math.sqrt(2.0)

_SAME = 1e-12
"""Of their size: two sides that are no further apart meet."""


def _is(constant: Value, number: float) -> bool:
    return not isinstance(constant, Jet | np.ndarray) and constant == number


def _like(jet: Jet, constant: Constant) -> Jet:
    # a constant as a jet
    value = np.broadcast_to(np.asarray(constant, dtype=float), np.shape(jet.value)).copy()
    return Jet(
        value,
        None if jet.first is None else np.zeros_like(value),
        None if jet.second is None else np.zeros_like(value),
    )


def jet_like(jet: Jet, value: Value) -> Jet:
    """A value as a jet of its own, of the shape of another one; its arrays are shared with nobody."""
    if not isinstance(value, Jet):
        return _like(jet, value)
    parts = (value.value, value.first, value.second)
    whole, first, second = (None if part is None else np.array(part, dtype=float) for part in parts)
    assert whole is not None
    undefined = np.isnan(whole)
    if undefined.any():  # a logarithm of what is below 0 has a slope that means nothing
        for part in (first, second):
            if part is not None:
                part[undefined] = np.nan
    return Jet(whole, first, second)


# ---- sums, products, powers -----------------------------------------------------------------------------------------


def _constants(sign: Callable[[Any, Any], Any], a: Constant, b: Constant) -> Constant:
    # of plain floats a plain float: a label that knows 1 − y keeps it where it can
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return sign(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    if sign in (operator.add, operator.sub, operator.mul):
        return sign(a, b)
    return float(sign(np.float64(a), np.float64(b)))


def add(a: Value, b: Value) -> Value:
    """``a + b``."""
    if not isinstance(a, Jet) and not isinstance(b, Jet):
        return _constants(operator.add, a, b)
    if _is(a, 0) or _is(b, 0):
        return b if _is(a, 0) else a
    if isinstance(a, Jet) and isinstance(b, Jet):
        total = a + b
        if _knows_log(a) and _knows_log(b):
            _remember(total, lambda: _log_of_sum(a.log, b.log))
        return total
    jet: Jet
    constant: Constant
    jet, constant = (a, b) if isinstance(a, Jet) else (b, a)
    total = jet + constant
    if not _knows_log(total) and _knows_log(jet) and _is_above_zero(constant):
        # by log1p, beside a small jet too: the curvature of its own logarithm would hide that of the sum
        _remember(total, lambda: _jet(jet, add(log1p(divide(jet, constant)), math.log(float(constant)))))
    return total


def _knows_log(jet: Jet) -> bool:
    # without working it out
    return jet._log is not None


def _is_above_zero(constant: Constant) -> bool:
    return not isinstance(constant, np.ndarray) and bool(constant > 0)


def _remember(jet: Jet, logarithm: Callable[[], Jet | None]) -> None:
    # the logarithm by those of its parts; where they have none (both are below 0) by the value
    def known() -> Jet | None:
        found = logarithm()
        if found is not None and not np.isnan(found.value).any():
            return found
        plain = chain(jet, np.log(jet.value), lambda: 1 / jet.value, lambda: -((1 / jet.value) ** 2))
        return plain if found is None else where(np.isnan(found.value), plain, found)

    jet._log = known


def _log_of_sum(one: Jet | None, other: Jet | None) -> Jet | None:
    # log(e^α + e^β) = α + softplus(β − α), α ≥ β
    if one is None or other is None:
        return None
    up = one.value >= other.value
    large, small = where(up, one, other), where(up, other, one)
    rest = softplus(small - large)
    assert isinstance(rest, Jet)
    gone = np.isneginf(small.value)  # a true 0 adds nothing
    return where(gone, large, large + rest) if gone.any() else large + rest


def subtract(a: Value, b: Value) -> Value:
    """``a − b``."""
    if not isinstance(a, Jet) and not isinstance(b, Jet):
        return _constants(operator.sub, a, b)
    if _is(b, 0):
        return a
    if isinstance(a, Jet):
        return a - b
    assert isinstance(b, Jet)
    return b.difference(a)


def negate(a: Value) -> Value:
    """``−a``."""
    return -a


def multiply(a: Value, b: Value) -> Value:
    """``a · b``, in which an exact zero annihilates."""
    if not isinstance(a, Jet) and not isinstance(b, Jet):
        if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            return times(a, b)
        return 0.0 if a == 0 or b == 0 else a * b
    if _is(a, 0) or _is(b, 0):
        return 0.0
    if _is(a, 1) or _is(b, 1):
        return b if _is(a, 1) else a
    if isinstance(a, Jet) and isinstance(b, Jet):
        product = a * b
        if _knows_log(a) and _knows_log(b):
            _remember(product, lambda: _sum_of_logs(a, b, 1))
        return product
    jet, constant = (a, b) if isinstance(a, Jet) else (b, a)
    product = jet * constant
    if _knows_log(jet) and _is_above_zero(constant):
        _remember(product, lambda: _sum_of_logs(jet, constant, 1))
    return product


def _sum_of_logs(a: Value, b: Value, sign: int) -> Jet | None:
    one = a.log if isinstance(a, Jet) else math.log(a)
    other = b.log if isinstance(b, Jet) else math.log(b)
    if one is None or other is None:
        return None
    total = add(one, other) if sign > 0 else subtract(one, other)
    return total if isinstance(total, Jet) else None


def divide(a: Value, b: Value) -> Value:
    """``a / b``."""
    if not isinstance(b, Jet):
        if not isinstance(a, Jet):
            return 0.0 if _is(a, 0) and not _is(b, 0) else _constants(operator.truediv, a, b)
        if _is(b, 1):
            return a
        part = a / (b if isinstance(b, np.ndarray) else np.float64(b))
        if _knows_log(a) and _is_above_zero(b):
            _remember(part, lambda: _sum_of_logs(a, b, -1))
        return part
    if _is(a, 0):
        return 0.0
    quotient = _quotient(a if isinstance(a, Jet) else _like(b, a), b)
    if _knows_log(b) and (_knows_log(a) if isinstance(a, Jet) else _is_above_zero(a)):
        _remember(quotient, lambda: _sum_of_logs(a, b, -1))
        lost = ~((np.abs(quotient.value) >= TINY) & (np.abs(quotient.value) < np.inf))
        known = quotient.log if lost.any() else None
        if known is not None:
            through = lost & np.isfinite(known.value)
            quotient = where(through, exp(known), quotient) if through.any() else quotient
            _remember(quotient, lambda: _sum_of_logs(a, b, -1))
    return quotient


def _quotient(a: Jet, b: Jet) -> Jet:
    # f = a/b;  f′ = a′/b − f·b′/b;  f″ = a″/b − 2f′·b′/b − f·b″/b
    def over(part: Array, whole: Array) -> Array:
        return np.where(part == 0, 0.0, part / whole)

    value = a.value / b.value
    quotient = Jet(value)
    if a.first is None or b.first is None:
        return quotient
    slope = over(b.first, b.value)
    quotient.first = over(a.first, b.value) - times(value, slope)
    if a.second is not None and b.second is not None:
        bend = over(b.second, b.value)
        quotient.second = over(a.second, b.value) - 2 * times(quotient.first, slope) - times(value, bend)
    return quotient


def power(a: Value, b: Value) -> Value:
    """``a ** b``."""
    if not isinstance(b, Jet) and not isinstance(a, Jet):
        return _constants(np.power, a, b)
    if isinstance(a, Jet) and not isinstance(b, Jet | np.ndarray):
        if b == 0:
            return 1.0
        raised = a ** float(b)
        if _knows_log(a) and raised is not a:
            _remember(raised, lambda: None if a.log is None else a.log * float(b))
        return raised
    if _is(a, 1):
        return 1.0
    base = log(a) if isinstance(a, Jet) else _constants(lambda x, _: np.log(x), a, 0.0)
    exponent = multiply(b, base)
    return exp(exponent) if isinstance(exponent, Jet) else _constants(lambda x, _: np.exp(x), exponent, 0.0)


# ---- functions ------------------------------------------------------------------------------------------------------


def through(outer: Jet, x: Jet) -> Jet:
    """``f(x)`` from the jet of f at ``x.value``, with all that it remembers."""
    first = second = None
    if x.first is not None and outer.first is not None:
        first = times(outer.first, x.first)
        if x.second is not None and outer.second is not None:
            second = times(times(outer.second, x.first), x.first) + times(outer.first, x.second)

    def logarithm() -> Jet | None:
        return None if outer.log is None else through(outer.log, x)

    return Jet(
        outer.value,
        first,
        second,
        log=logarithm,
        difference=lambda constant: through(outer.difference(constant), x),
        positive=outer.positive,
    )


def _mapped(function: Callable[[Any], Any], x: Constant) -> Constant:
    mapped = function(np.atleast_1d(np.asarray(x, dtype=float)))
    return mapped if isinstance(x, np.ndarray) else float(mapped[0])


def _of_link(name: str) -> Callable[[Value], Value]:
    def applied(x: Value) -> Value:
        link = ACTIVATIONS[name]
        if isinstance(x, Jet):
            return through(link.jet(x.value), x)
        return _mapped(lambda values: link.jet(values).value, x)

    return applied


sigmoid, softplus, tanh = _of_link("sigmoid"), _of_link("softplus"), _of_link("tanh")


def natural_log(x: Value) -> Value:
    """``log x``."""
    return log(x) if isinstance(x, Jet) else _mapped(np.log, x)


def exponential(x: Value) -> Value:
    """``exp x``."""
    return exp(x) if isinstance(x, Jet) else _mapped(np.exp, x)


def cosh(x: Value) -> Value:
    """The hyperbolic cosine, which knows its logarithm where it overflows."""
    return divide(add(exponential(x), exponential(negate(x))), 2.0)


def log1p(x: Value) -> Value:
    """``log(1 + x)``; of what knows its logarithm also where it overflows."""
    if not isinstance(x, Jet):
        return _mapped(np.log1p, x)
    rest = 1 + x.value
    plain = chain(x, np.log1p(x.value), lambda: 1 / rest, lambda: -((1 / rest) ** 2))
    if not (x.value > 1).any() or x.log is None:
        return plain
    far = softplus(x.log)
    return where(x.value > 1, far, plain) if isinstance(far, Jet) else plain


def expm1(x: Value) -> Value:
    """``exp x − 1``."""
    if not isinstance(x, Jet):
        return _mapped(np.expm1, x)
    slope = np.exp(x.value)
    return chain(x, np.expm1(x.value), lambda: slope, lambda: slope)


def sqrt(x: Value) -> Value:
    """The square root."""
    return power(x, 0.5)


def absolute(x: Value) -> Value:
    """``|x|``, from which a constant is subtracted as exactly as from x."""
    if not isinstance(x, Jet):
        return abs(x)
    jet = x

    def difference(constant: float) -> Jet:
        return switch(jet, jet.difference(constant), (-jet).difference(constant))

    size = switch(jet, jet, -jet)
    return Jet(size.value, size.first, size.second, difference=difference, scaled=size.scaled)


def erf(x: Value) -> Value:
    """The error function; 1 − erf x is exact far out."""
    if not isinstance(x, Jet):
        return _mapped(_erf_of, x)
    jet, value = x, _erf_of(x.value)
    slope = 2 / math.sqrt(math.pi) * np.exp(-jet.value * jet.value)
    result = chain(jet, value, lambda: slope, lambda: -2 * times(jet.value, slope))

    def difference(constant: float) -> Jet:
        if constant not in (1, -1):
            return Jet(
                constant - result.value,
                None if result.first is None else -result.first,
                None if result.second is None else -result.second,
            )
        tail = ACTIVATIONS["probit"].jet(_ROOT_TWO * jet.value)  # 1 − erf x = 2Φ(−√2x), −1 − erf x = −2Φ(√2x)
        part = tail.difference(1.0) if constant == 1 else -tail
        return through(multiply(2.0, part), jet * _ROOT_TWO)

    return Jet(result.value, result.first, result.second, difference=difference)


def lgamma(x: Constant) -> Constant:
    """``ln Γ(x)`` of what does not depend on the prediction."""

    def one(value: float) -> float:
        try:
            return math.lgamma(value)
        except (ValueError, OverflowError):  # a pole, or beyond the doubles
            return math.inf

    return _mapped(lambda values: np.array([one(v) for v in values.ravel().tolist()]).reshape(values.shape), x)


# ---- choices --------------------------------------------------------------------------------------------------------

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def choose(sign: str, left: Value, right: Value, yes: Value, no: Value) -> Value:
    """``yes if left <sign> right else no``."""
    if not isinstance(left, Jet) and not isinstance(right, Jet):
        holds = _COMPARED[sign](left, right)
        if not isinstance(holds, np.ndarray):
            return yes if holds else no
        model = next((value for value in (yes, no) if isinstance(value, Jet)), None)
        if model is None:
            return np.where(holds, np.asarray(yes), np.asarray(no))
        return where(holds, _jet(model, yes), _jet(model, no))
    on = subtract(left, right) if sign in (">", ">=") else subtract(right, left)
    return on if not isinstance(on, Jet) else _switched(on, yes, no, at_zero=sign in ("<=", ">="))


def _jet(model: Jet, value: Value) -> Jet:
    return value if isinstance(value, Jet) else _like(model, value)


def _switched(on: Jet, yes: Value, no: Value, *, at_zero: bool) -> Jet:
    above, below = _jet(on, yes), _jet(on, no)
    side = on.sign()
    result = where((side >= 0) if at_zero else (side > 0), above, below)
    undefined = np.isnan(on.value)
    if undefined.any():
        result = where(undefined, _like(on, math.nan), result)
    kink = side == 0
    if not kink.any() or on.first is None:
        return result
    flat = not isinstance(yes, Jet) or not isinstance(no, Jet)
    size = np.maximum(np.abs(above.value), np.abs(below.value))
    meets = kink & ((above.value == below.value) | (np.abs(above.value - below.value) <= _SAME * size))
    jumps = kink & ~meets & (on.first != 0)
    if result.first is not None and above.first is not None and below.first is not None:
        smooth = np.abs(above.first - below.first) <= _SAME * np.maximum(np.abs(above.first), np.abs(below.first))
        mean = np.where(smooth, above.first, 0.0 if flat else (above.first + below.first) / 2)
        result.first = np.where(jumps, math.nan, np.where(meets, mean, result.first))
    if result.second is not None and above.second is not None and below.second is not None:
        left = np.where(on.first < 0, above.second, np.where(on.first > 0, below.second, result.second))
        result.second = np.where(jumps, math.nan, np.where(meets, left, result.second))
    return result


def largest(*values: Value) -> Value:
    """The largest of several."""
    result = values[0]
    for value in values[1:]:
        result = _extreme(result, value, largest_of=True)
    return result


def smallest(*values: Value) -> Value:
    """The smallest of several."""
    result = values[0]
    for value in values[1:]:
        result = _extreme(result, value, largest_of=False)
    return result


def _extreme(a: Value, b: Value, *, largest_of: bool) -> Value:
    if not isinstance(a, Jet) and not isinstance(b, Jet):
        extreme = _constants(np.maximum if largest_of else np.minimum, a, b)
        same = a if _is(a, extreme) else b  # the label itself, which may know more than its float
        return extreme if isinstance(extreme, np.ndarray) or not _is(same, extreme) else same
    on = subtract(a, b) if largest_of else subtract(b, a)
    return on if not isinstance(on, Jet) else _switched(on, a, b, at_zero=True)


def clip(x: Value, low: Value, high: Value) -> Value:
    """``x`` within two ends; beyond them nothing is left of it."""
    return smallest(largest(x, low), high)


OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "**": power, "negated": negate, "log": natural_log,
    "exp": exponential, "log1p": log1p, "expm1": expm1, "sqrt": sqrt, "abs": absolute, "min": smallest, "max": largest,
    "clip": clip, "sigmoid": sigmoid, "softplus": softplus, "tanh": tanh, "cosh": cosh, "erf": erf, "lgamma": lgamma,
}  # fmt: skip
"""What each step of a formula does."""
