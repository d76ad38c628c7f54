"""Second-order arithmetic that remembers logarithms and how to subtract exactly.

A `Jet` is a value with its first and second derivative with respect to one seed variable. Two memories make
ordinary formulas exact in the tails:

* `Jet.log` — the logarithm as it is known where the value itself has underflowed;
* `Jet.difference` — ``c − value`` for a constant ``c``, without cancellation (``1 − p`` of a sigmoid is ``σ(−z)``).

One rule holds everywhere: **an exact zero factor annihilates** (0·∞ = 0), which is the convention 0·log 0 = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.float64]"
"""Floats, of any shape; the parts of one jet share theirs."""

TINY = 2.2250738585072014e-308
"""The smallest normal double: below it a value has lost digits that its logarithm still has."""

FAINT = 1e-140
"""A slope whose square may underflow although what it multiplies makes it count."""

NEGLIGIBLE = 1e-20
"""x for which −log(1−x) is x to the last bit."""


def times(a: Any, b: Any) -> Array:
    """The product in which an exact zero annihilates whatever it meets."""
    product = np.asarray(np.multiply(a, b), dtype=float)
    if np.isnan(product).any():
        return np.where(np.equal(a, 0) | np.equal(b, 0), 0.0, product)
    return product


class Jet:
    """A value and its derivatives with respect to the seed.

    Attributes:
        value: the values, shape ``(n,)`` or any other.
        first: first derivatives, or None below order 1.
        second: second derivatives, or None below order 2.
    """

    __array_priority__ = 100
    __slots__ = ("_difference", "_log", "_opposite", "first", "second", "value")

    def __init__(
        self,
        value: Array,
        first: Array | None = None,
        second: Array | None = None,
        *,
        log: Jet | Callable[[], Jet | None] | None = None,
        difference: Callable[[float], Jet] | None = None,
    ) -> None:
        self.value = value
        self.first = first
        self.second = second
        self._log = log
        self._difference = difference
        self._opposite: Jet | None = None

    # ---- memories -------------------------------------------------------------------------------------------------

    @property
    def log(self) -> Jet | None:
        """The natural logarithm where it is known better than from the value, else None."""
        if callable(self._log):
            self._log = self._log()
        return self._log

    def difference(self, constant: float | Array) -> Jet:
        """``constant − self``, exact where the jet knows how; an array has one constant a point."""
        if not isinstance(constant, np.ndarray):
            if constant == 0:
                return -self
            if self._difference is not None:
                return self._difference(constant)
        return Jet(constant - self.value, _negative(self.first), _negative(self.second))

    def sign(self) -> Array:
        """−1, 0 or 1: 0 only for a true zero, not for a value that has underflowed."""
        if self._opposite is not None:
            return -self._opposite.sign()
        sign: Array = np.sign(self.value)
        lost = _lost(self)
        return sign if lost is None else np.where(lost, 1.0, sign)

    def reseeded(self) -> Jet:
        """The same value seen as the variable itself: derivatives with respect to the value."""
        return _reseeded(self, 1.0)

    def at_order(self, order: int) -> Jet:
        """The same jet without the derivatives above ``order``: bulk work pays only for what it uses."""
        if order >= 2:
            return self
        return Jet(
            self.value,
            self.first if order else None,
            log=lambda: None if self.log is None else self.log.at_order(order),
            difference=lambda constant: self.difference(constant).at_order(order),
        )

    def _constant(self, number: float) -> Array:
        return np.full(np.shape(self.value), number)

    # ---- arithmetic -----------------------------------------------------------------------------------------------

    def __add__(self, other: Jet | float | Array) -> Jet:
        if isinstance(other, Jet):
            return Jet(
                self.value + other.value,
                None if self.first is None or other.first is None else self.first + other.first,
                None if self.second is None or other.second is None else self.second + other.second,
            )
        return -self.difference(-other)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        if self._opposite is not None:
            return self._opposite
        result = Jet(
            -self.value,
            _negative(self.first),
            _negative(self.second),
            difference=None if self._difference is None else lambda c: -self.difference(-c),
        )
        result._opposite = self
        return result

    def __sub__(self, other: Jet | float | Array) -> Jet:
        return self + -other if isinstance(other, Jet) else -self.difference(other)

    def __rsub__(self, constant: float) -> Jet:
        return self.difference(constant)

    def __mul__(self, other: Jet | float | Array) -> Jet:
        if not isinstance(other, Jet):
            if not isinstance(other, np.ndarray) and other in (1, -1):
                return self if other == 1 else -self
            return Jet(
                times(other, self.value),
                None if self.first is None else times(other, self.first),
                None if self.second is None else times(other, self.second),
            )
        first = second = None
        if self.first is not None and other.first is not None:
            first = times(self.first, other.value) + times(self.value, other.first)
            if self.second is not None and other.second is not None:
                second = (
                    times(self.second, other.value)
                    + 2 * times(self.first, other.first)
                    + times(self.value, other.second)
                )
        return Jet(times(self.value, other.value), first, second)

    __rmul__ = __mul__

    def __truediv__(self, constant: float) -> Jet:
        return self * (1 / constant)

    def __pow__(self, exponent: float) -> Jet:
        """``self ** exponent`` for a constant exponent; of a non-negative jet unless the exponent is whole."""
        if exponent == 0:
            ones, zeros = self._constant(1.0), self._constant(0.0)
            return Jet(ones, None if self.first is None else zeros, None if self.second is None else zeros)
        if exponent == 1:
            return self
        return _power(self, exponent, lambda: _power_value(self, exponent))


def _negative(array: Array | None) -> Array | None:
    return None if array is None else -array


def _reseeded(jet: Jet, sign: float) -> Jet:
    # sign is −1 for c − v, whose derivative with respect to v is −1
    if jet._opposite is not None:
        return -_reseeded(jet._opposite, -sign)

    def log() -> Jet:
        known = jet.log
        slope = sign / (jet.value + 0.0)  # a gap of −0.0 is still the end of the range from inside
        return Jet(
            np.log(jet.value) if known is None else known.value,
            None if jet.first is None else slope,
            None if jet.second is None else -slope * slope,
        )

    return Jet(
        jet.value,
        None if jet.first is None else jet._constant(sign),
        None if jet.second is None else jet._constant(0.0),
        log=log,
        difference=lambda constant: _reseeded(jet.difference(constant), -sign),
    )


def _lost(jet: Jet) -> NDArray[np.bool_] | None:
    """Where the value has underflowed although its logarithm is finite; None where that is nowhere."""
    if (jet.value >= TINY).all() or jet.log is None:
        return None
    lost = (jet.value < TINY) & np.isfinite(jet.log.value)
    return lost if lost.any() else None


def _power_value(jet: Jet, exponent: float) -> Array:
    lost = _lost(jet)
    power: Array = np.power(jet.value, exponent)
    if lost is None or jet.log is None:
        return power
    return np.where(lost, np.exp(exponent * jet.log.value), power)


def _power(jet: Jet, k: float, value: Callable[[], Array]) -> Jet:
    # d(x^k) = k x^(k−1) dx.  Where x or dx² has underflowed, the product is not therefore 0:
    # then x^k · d(log x), or, where even that is out of range (the seed is x itself), exp((k−1) log x) dx.
    result = Jet(value())
    if jet.first is None:
        return result
    slope = np.power(jet.value, k - 1) if k != 2 else jet.value
    result.first = k * times(slope, jet.first)
    if jet.second is not None:
        curve = times(times(k - 1, np.power(jet.value, k - 2)) if k != 2 else 1.0, times(jet.first, jet.first))
        result.second = k * (curve + times(slope, jet.second))
    if jet.log is None or jet.log.first is None:
        return result
    known = np.isfinite(jet.log.value)
    lost = (jet.value < TINY) & known
    faint = lost | (np.abs(jet.first) < FAINT) & (jet.first != 0) & known
    if not faint.any():
        return result
    log = jet.log
    assert log.first is not None
    power, ratio = np.exp(k * log.value), log.first
    through_log = np.isfinite(ratio * ratio)
    by_seed = times(np.exp((k - 1) * log.value), jet.first)
    result.first = np.where(lost, k * np.where(through_log, times(power, ratio), by_seed), result.first)
    if jet.second is not None and log.second is not None and result.second is not None:
        smooth = times(power, log.second + k * ratio * ratio)
        steep = times(times(k - 1, np.exp((k - 2) * log.value)), times(jet.first, jet.first))
        result.second = np.where(faint, k * np.where(through_log, smooth, steep), result.second)
    return result


def chain(x: Jet, value: Array, slope: Callable[[], Array], curvature: Callable[[], Array], **memories: Any) -> Jet:
    """``f(x)`` from the values of f, f′ and f″ at ``x.value``; the two last are asked for only when needed."""
    result = Jet(value, **memories)
    if x.first is not None:
        f1 = slope()
        result.first = times(f1, x.first)
        if x.second is not None:
            result.second = times(times(curvature(), x.first), x.first) + times(f1, x.second)
    return result


# ---- functions ------------------------------------------------------------------------------------------------------


def log(x: Jet) -> Jet:
    """Natural logarithm: the remembered one where there is one."""
    if x.log is not None:
        return x.log
    return chain(x, np.log(x.value), lambda: 1 / x.value, lambda: -((1 / x.value) ** 2))


def exp(x: Jet) -> Jet:
    """Exponential; remembers its argument as its logarithm."""
    value = np.exp(x.value)
    return chain(x, value, lambda: value, lambda: value, log=x)


def box_cox(x: Jet, exponent: float) -> Jet:
    """``(x^k − 1)/k``, exact beside x = 1 and where x has underflowed."""
    return _power(x, exponent, lambda: np.expm1(exponent * log(Jet(x.value, log=x.log)).value)) * (1 / exponent)


def power_log_complement(x: Jet, exponent: float) -> Jet:
    """``−x^k · log(1 − x)`` as one factor: for negligible x it is ``x^(k+1)``, whose derivatives do not overflow."""
    general = (x**exponent) * -log(x.difference(1.0))
    if exponent == 0:
        return general
    negligible = x.value < NEGLIGIBLE
    return where(negligible, x ** (exponent + 1), general) if negligible.any() else general


def minus_log(x: Jet, weight: float | Array) -> Jet:
    """``x − weight · log x``; its derivatives vanish at x = weight without losing their digits there."""
    if not isinstance(weight, np.ndarray) and weight == 0:
        return x
    logarithm = log(x)
    result = Jet(x.value + times(-weight, logarithm.value))
    if x.first is None or logarithm.first is None:
        return result
    gap = -x.difference(weight).value
    near = np.abs(gap) < x.value / 2
    result.first = np.where(near, times(gap, logarithm.first), x.first - times(weight, logarithm.first))
    if x.second is not None and logarithm.second is not None:
        # the same number twice: x″ − w·(log x)″ and x′·(log x)′ + (x − w)·(log x)″; the smaller terms cancel less
        one = (x.second, times(-weight, logarithm.second))
        other = (times(x.first, logarithm.first), times(gap, logarithm.second))
        size_one = np.maximum(np.abs(one[0]), np.abs(one[1]))
        size_other = np.maximum(np.abs(other[0]), np.abs(other[1]))
        result.second = np.where(size_other < size_one, other[0] + other[1], one[0] + one[1])
    return result


def log_cosh(x: Jet) -> Jet:
    """``log cosh x`` without overflow, and without cancellation beside 0."""
    size = np.abs(x.value)
    t = np.exp(-2 * size)
    near = np.log1p(2 * np.sinh(np.minimum(size, 1.0) / 2) ** 2)
    far = size - np.log(2.0) + np.log1p(t)
    return chain(x, np.where(size < 1, near, far), lambda: np.tanh(x.value), lambda: 4 * t / (1 + t) ** 2)


def where(condition: Any, yes: Jet, no: Jet) -> Jet:
    """Element-wise choice between two jets of the same order."""
    return Jet(
        np.where(condition, yes.value, no.value),
        None if yes.first is None or no.first is None else np.where(condition, yes.first, no.first),
        None if yes.second is None or no.second is None else np.where(condition, yes.second, no.second),
    )


def switch(on: Jet, positive: Jet, negative: Jet, *, flat: bool = False) -> Jet:
    """``positive`` where ``on > 0``, ``negative`` where ``on < 0``, with the kink's conventions at ``on = 0``.

    Args:
        on: the jet whose sign decides.
        positive: the branch where it is positive.
        negative: the branch where it is negative; both have the same value at the kink.
        flat: the slope at the kink is 0 (that of the flat side) instead of the mean of the two slopes.

    Returns:
        The chosen branch; at the kink the second derivative is that of the left side.
    """
    side = on.sign()
    result = where(side > 0, positive, negative)
    kink = side == 0
    if not kink.any() or result.first is None or positive.first is None or negative.first is None:
        return result
    mean = 0.0 if flat else (positive.first + negative.first) / 2
    result.first = np.where(kink, mean, result.first)
    if result.second is not None and positive.second is not None and on.first is not None:
        result.second = np.where(kink & (on.first < 0), positive.second, result.second)
    return result


def blend(weight: float | Array, yes: Jet, no: Jet) -> Jet:
    """``weight·yes + (1 − weight)·no``; at weight 1 or 0 the jet itself, with its memories."""
    if not isinstance(weight, np.ndarray):
        if weight == 1:
            return yes
        if weight == 0:
            return no
    return weight * yes + (1 - weight) * no
