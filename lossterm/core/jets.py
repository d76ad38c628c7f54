"""Second-order arithmetic that remembers logarithms and how to subtract exactly.

A `Jet` is a value with its first and second derivative with respect to one seed variable. Three memories make
ordinary formulas exact in the tails:

* `Jet.log` — the logarithm as it is known where the value itself has underflowed;
* `Jet.difference` — ``c − value`` for a constant ``c``, without cancellation (``1 − p`` of a sigmoid is ``σ(−z)``);
* `Jet.scaled` — the jet times 2⁻⁶⁴ where it has overflowed itself, so that a factor below 1 brings it back.

One rule holds everywhere: **an exact zero factor annihilates** (0·∞ = 0), which is the convention 0·log 0 = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
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

SCALE = 64
"""The power of two by which a `Jet.scaled` is smaller than its jet."""

_LOG2 = 0.6931471805599453


def times(a: Any, b: Any) -> Array:
    """The product in which an exact zero annihilates whatever it meets."""
    product = np.asarray(np.multiply(a, b), dtype=float)
    if np.isnan(product).any():
        return np.where(np.equal(a, 0) | np.equal(b, 0), 0.0, product)
    return product


@dataclass(frozen=True, eq=False)
class Origin:
    """The logit of a prediction.

    Attributes:
        logit: z.
        still: where the prediction does not move with it; None where it moves everywhere.
        slope: ∂v/∂z, where the prediction is itself the seed; None where the logit is.
        bend: ∂²v/∂z², likewise.
    """

    logit: Array
    still: NDArray[np.bool_] | None = None
    slope: Array | None = None
    bend: Array | None = None

    def at(self, row: int) -> Origin:
        """One row of many."""
        parts = (self.still, self.slope, self.bend)
        return Origin(self.logit[row], *(None if part is None else part[row] for part in parts))

    def jet(self, prediction: Jet) -> Jet:
        """The logit as a jet of the order of its prediction; where that stands still it has no derivative by it."""
        if self.slope is None:
            first = None if prediction.first is None else np.ones_like(self.logit)
            return Jet(self.logit, first, None if prediction.second is None else np.zeros_like(self.logit))
        ratio = 1 / self.slope
        if self.still is not None:
            ratio = np.where(self.still, np.nan, ratio)
        second = None
        if prediction.second is not None and self.bend is not None:
            second = -times(times(times(self.bend, ratio), ratio), ratio)
        return Jet(self.logit, None if prediction.first is None else ratio, second)


class Jet:
    """A value and its derivatives with respect to the seed.

    Attributes:
        value: the values, shape ``(n,)`` or any other.
        first: first derivatives, or None below order 1.
        second: second derivatives, or None below order 2.
        positive: whether a value of 0 is an underflow: the true one is above 0 everywhere.
        bend: of a logarithm log p, ``(κ, residue)`` with ``(log p)″ = residue − κ p″`` where the two terms would
            cancel; None where they do not.
        scaled: the jet times 2⁻⁶⁴, when it is asked for; None where it does not overflow before it is scaled.
        origin: the logit that a prediction is of; None for what is no prediction, or comes without its logit.
    """

    __array_priority__ = 100
    __slots__ = ("_difference", "_log", "_opposite", "bend", "first", "origin", "positive", "scaled", "second", "value")

    def __init__(
        self,
        value: Array,
        first: Array | None = None,
        second: Array | None = None,
        *,
        log: Jet | Callable[[], Jet | None] | None = None,
        difference: Callable[[float], Jet] | None = None,
        positive: bool = False,
        bend: tuple[float, Callable[[], Array]] | None = None,
        scaled: Callable[[], Jet] | None = None,
    ) -> None:
        self.value = value
        self.first = first
        self.second = second
        self.positive = positive
        self.bend = bend
        self.scaled = scaled
        self.origin: Origin | None = None
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
        difference = Jet(constant - self.value, _negative(self.first), _negative(self.second))
        scaled = self.scaled
        if scaled is not None:
            difference.scaled = lambda: shrunk(difference, -scaled())
        return difference

    def sign(self) -> Array:
        """−1, 0 or 1: 0 only for a true zero, not for a value that has underflowed."""
        if self._opposite is not None:
            return -self._opposite.sign()
        sign: Array = np.sign(self.value)
        if self.positive:
            return np.where(sign == 0, 1.0, sign)
        lost = _lost(self)
        return sign if lost is None else np.where(lost, 1.0, sign)

    def reseeded(self) -> Jet:
        """The same value seen as the variable itself: derivatives with respect to the value."""
        seeded = _reseeded(self, 1.0)
        if self.origin is not None:
            seeded.origin = replace(self.origin, slope=self.first, bend=self.second)
        return seeded

    def at_order(self, order: int) -> Jet:
        """The same jet without the derivatives above ``order``: bulk work pays only for what it uses."""
        if order >= 2:
            return self
        lower = Jet(
            self.value,
            self.first if order else None,
            log=lambda: None if self.log is None else self.log.at_order(order),
            difference=lambda constant: self.difference(constant).at_order(order),
            positive=self.positive,
            scaled=None if self.scaled is None else lambda: self._scaled_at_order(order),
        )
        lower.origin = self.origin
        return lower

    def _scaled_at_order(self, order: int) -> Jet:
        assert self.scaled is not None
        return self.scaled().at_order(order)

    def _constant(self, number: float) -> Array:
        return np.full(np.shape(self.value), number)

    # ---- arithmetic -----------------------------------------------------------------------------------------------

    def __add__(self, other: Jet | float | Array) -> Jet:
        if isinstance(other, Jet):
            result = Jet(
                self.value + other.value,
                None if self.first is None or other.first is None else self.first + other.first,
                None if self.second is None or other.second is None else self.second + other.second,
            )
            if self.scaled is None and other.scaled is None:
                return result
            return _in_range(result, lambda: _scaled(self) + _scaled(other))
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
        scaled = self.scaled
        if scaled is not None:
            result.scaled = lambda: -scaled()
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
            product = Jet(
                times(other, self.value),
                None if self.first is None else times(other, self.first),
                None if self.second is None else times(other, self.second),
            )
            scaled = self.scaled
            return product if scaled is None else _in_range(product, lambda: scaled() * other)
        first = second = None
        if self.first is not None and other.first is not None:
            first = times(self.first, other.value) + times(self.value, other.first)
            if self.second is not None and other.second is not None:
                second = (
                    times(self.second, other.value)
                    + 2 * times(self.first, other.first)
                    + times(self.value, other.second)
                )
        product = Jet(times(self.value, other.value), first, second)
        if self.scaled is not None:
            by = self.scaled
            return _in_range(product, lambda: by() * other)
        if other.scaled is not None:
            by = other.scaled
            return _in_range(product, lambda: self * by())
        return product

    __rmul__ = __mul__

    def __truediv__(self, constant: float) -> Jet:
        quotient = Jet(
            self.value / constant,
            None if self.first is None else self.first / constant,
            None if self.second is None else self.second / constant,
        )
        scaled = self.scaled
        return quotient if scaled is None else _in_range(quotient, lambda: scaled() / constant)

    def __pow__(self, exponent: float) -> Jet:
        """``self ** exponent`` for a constant exponent; of a non-negative jet unless the exponent is whole."""
        if exponent == 0:
            ones, zeros = self._constant(1.0), self._constant(0.0)
            return Jet(ones, None if self.first is None else zeros, None if self.second is None else zeros)
        if exponent == 1:
            return self
        return _power(self, exponent, lambda: _power_value(self, exponent))


def shrunk(jet: Jet, overflowed: Jet) -> Jet:
    """The jet times 2⁻⁶⁴; where it has overflowed ``overflowed``, its part beside which the rest is nothing."""

    def part(own: Array | None, other: Array | None) -> Array | None:
        return None if own is None or other is None else np.where(np.isfinite(own), own * 2.0**-SCALE, other)

    value = part(jet.value, overflowed.value)
    assert value is not None
    return Jet(value, part(jet.first, overflowed.first), part(jet.second, overflowed.second))


def _scaled(jet: Jet) -> Jet:
    return jet * 2.0**-SCALE if jet.scaled is None else jet.scaled()


def _in_range(result: Jet, scaled: Callable[[], Jet]) -> Jet:
    # what has overflowed on the way to the result, by way of a smaller one
    result.scaled = scaled
    parts = (result.value, result.first, result.second)
    if not any(part is not None and np.isinf(part).any() for part in parts):
        return result
    small = scaled()

    def restored(part: Array | None, smaller: Array | None) -> Array | None:
        if part is None or smaller is None:
            return part
        return np.where(np.isfinite(part), part, np.ldexp(smaller, SCALE))

    value = restored(result.value, small.value)
    assert value is not None
    return Jet(value, restored(result.first, small.first), restored(result.second, small.second), scaled=scaled)


def _negative(array: Array | None) -> Array | None:
    return None if array is None else -array


def _reseeded(jet: Jet, sign: float) -> Jet:
    # sign is −1 for c − v, whose derivative with respect to v is −1
    if jet._opposite is not None:
        return -_reseeded(jet._opposite, -sign)

    def log() -> Jet:
        known, order = jet.log, 0 if jet.first is None else 1 if jet.second is None else 2
        return log_of_seed(np.log(jet.value) if known is None else known.value, jet.value, sign, order)

    def scaled() -> Jet:
        assert jet.scaled is not None
        return Jet(
            jet.scaled().value,
            None if jet.first is None else jet._constant(sign * 2.0**-SCALE),
            None if jet.second is None else jet._constant(0.0),
        )

    return Jet(
        jet.value,
        None if jet.first is None else jet._constant(sign),
        None if jet.second is None else jet._constant(0.0),
        log=log,
        difference=lambda constant: _reseeded(jet.difference(constant), -sign),
        positive=jet.positive,
        scaled=None if jet.scaled is None else scaled,
    )


def log_of_seed(log: Array, value: Array, sign: float = 1.0, order: int = 2) -> Jet:
    """A logarithm, of a value whose slope is ``sign`` everywhere: with 1/v and −1/v², also where they overflow."""
    slope = sign / (value + 0.0)  # a gap of −0.0 is still the end of the range from inside
    overflows = order > 0 and overflowing(value, log)

    def scaled() -> Jet:
        faint, gap = value < TINY, value + 0.0
        ratio = np.where(faint, np.exp(-log - SCALE * _LOG2), 2.0**-SCALE / gap)
        square = np.where(faint, np.exp(-2 * log - SCALE * _LOG2), (2.0 ** (-SCALE // 2) / gap) ** 2)
        return Jet(log * 2.0**-SCALE, sign * ratio if order >= 1 else None, -square if order >= 2 else None)

    return Jet(log, slope if order >= 1 else None, -slope * slope if order >= 2 else None,
               scaled=scaled if overflows else None)  # fmt: skip


def overflowing(value: Array, log: Array) -> bool:
    """Whether 1/v² is beyond the doubles anywhere although v is not truly 0."""
    return bool(((np.abs(value) < FAINT) & np.isfinite(log)).any())


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


def _power(jet: Jet, k: float, value: Callable[[], Array], less: float | None = None) -> Jet:
    # less is k − 1 where that is known better than k
    # d(x^k) = k x^(k−1) dx.  Where x or dx² has underflowed, the product is not therefore 0:
    # then x^k · d(log x), or, where even that is out of range (the seed is x itself), exp((k−1) log x) dx.
    result = Jet(value())
    if jet.first is None:
        return result
    less = k - 1 if less is None else less
    slope = np.power(jet.value, less) if k != 2 else jet.value
    result.first = k * times(slope, jet.first)
    if jet.second is not None:
        curve = times(times(less, np.power(jet.value, less - 1)) if k != 2 else 1.0, times(jet.first, jet.first))
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
    power, ratio = _power_value(jet, k), log.first
    through_log = np.isfinite(ratio * ratio)
    by_seed = times(np.exp(less * log.value), jet.first)
    result.first = np.where(lost, k * np.where(through_log, times(power, ratio), by_seed), result.first)
    if jet.second is not None and log.second is not None and result.second is not None:
        smooth = times(power, log.second + k * ratio * ratio)
        steep = times(times(less, np.exp((less - 1) * log.value)), times(jet.first, jet.first))
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
    """``(x^k − 1)/k``, exact beside x = 1, for small k and where x has underflowed."""
    if exponent == 1:
        return -x.difference(1.0)
    k, logarithm = exponent, log(x)
    result = _power(x, k, lambda: np.expm1(k * logarithm.value)) / k
    if result.second is None or x.first is None or x.second is None:
        return result
    assert logarithm.first is not None and logarithm.second is not None
    # the same number twice: x^k [(log x)″ + k(log x)′²] and x^(k−1) [x″ + (k − 1)x′(log x)′]; which cancels less
    square = k * logarithm.first * logarithm.first
    bend = times(k - 1, times(x.first, logarithm.first))
    by_log = times(_power_value(x, k), logarithm.second + square)
    through = np.maximum(np.abs(logarithm.second), square) * x.value < np.maximum(np.abs(x.second), np.abs(bend))
    through &= np.isfinite(by_log) & (square != 0)
    result.second = np.where(through, by_log, result.second)
    if not overflowing(x.value, logarithm.value):
        return result

    def scaled() -> Jet:
        assert x.first is not None and x.second is not None
        slope = np.exp((k - 1) * logarithm.value - SCALE * _LOG2)
        curve = (k - 1) * np.exp((k - 2) * logarithm.value - SCALE * _LOG2)
        return Jet(
            result.value * 2.0**-SCALE,
            times(slope, x.first),
            times(times(curve, x.first), x.first) + times(slope, x.second),
        )

    return _in_range(result, scaled)


def power_log_complement(x: Jet, exponent: float, weight: float = 1.0) -> Jet:
    """``−w x^k log(1 − x)`` as one factor: for negligible x it is ``w x^(k+1)``, whose derivatives do not overflow."""
    general = (x**exponent) * (-weight * log(x.difference(1.0)))
    if exponent == 0:
        return general
    negligible = x.value < NEGLIGIBLE
    if not negligible.any():
        return general
    k = exponent + 1
    return where(negligible, weight * _power(x, k, lambda: _power_value(x, k), exponent), general)


_ARTANH_SERIES = tuple(1 / k for k in range(25, 2, -2))
_NEAR_ONE = 0.3


def log1pmx(t: Array) -> Array:
    """``log(1 + t) − t``, without cancellation beside t = 0."""
    # by log(1 + t) = 2 artanh u with u = t/(2 + t)
    near = np.clip(t, -_NEAR_ONE, _NEAR_ONE)
    u = near / (2 + near)
    square = u * u
    series = np.full_like(u, _ARTANH_SERIES[0])
    for coefficient in _ARTANH_SERIES[1:]:
        series *= square
        series += coefficient
    return np.where(t == near, u * (2 * square * series - near), np.log1p(t) - t)


_EXP_TERMS = 20


def expm1mx(t: Array) -> Array:
    """``e^t − 1 − t``, without cancellation beside t = 0."""
    near = np.clip(t, -_NEAR_ONE, _NEAR_ONE)
    series = np.zeros_like(near)
    for k in range(_EXP_TERMS, 1, -1):
        series = (1 + series) * near / k
    value: Array = np.where(t == near, series * near, np.where(t > 700, np.exp(t), np.expm1(t) - t))
    return value


def minus_log(x: Jet, weight: float | Array) -> Jet:
    """``(x − w) − w · log(x/w)``, w ≥ 0: what ``x − w log x`` is above its minimum, which is at x = w.

    Neither the value nor the derivatives lose their digits beside that minimum; for w = 0 it is x.
    """
    if not isinstance(weight, np.ndarray) and weight == 0:
        return x
    logarithm = log(x)
    weighed = weight * logarithm
    gap = -x.difference(weight).value
    ratio = x.value / weight
    known = (ratio >= TINY) & (ratio < np.inf) & (x.value >= TINY)
    far = gap - times(weight, np.where(known, np.log(ratio), logarithm.value - np.log(weight)))
    relative = gap / weight
    value = np.where(np.abs(relative) < _NEAR_ONE, -weight * log1pmx(relative), far)
    result = Jet(np.where(np.equal(weight, 0), x.value, value) if isinstance(weight, np.ndarray) else value)
    if x.first is None or logarithm.first is None or weighed.first is None:
        return result
    near = np.abs(gap) < x.value / 2
    result.first = np.where(near, times(gap, logarithm.first), x.first - weighed.first)
    if x.second is not None and logarithm.second is not None and weighed.second is not None:
        # the same number twice: x″ − w·(log x)″ and x′·(log x)′ + (x − w)·(log x)″; the smaller terms cancel less
        one = (x.second, -weighed.second)
        other = (times(x.first, logarithm.first), times(gap, logarithm.second))
        size_one = np.maximum(np.abs(one[0]), np.abs(one[1]))
        size_other = np.maximum(np.abs(other[0]), np.abs(other[1]))
        result.second = np.where(size_other < size_one, other[0] + other[1], one[0] + one[1])
        huge = np.isinf(logarithm.second) & (x.value >= TINY)
        if huge.any():  # 1/x² overflows, and a small weight brings it back
            share = np.divide(weight, x.value, out=np.zeros_like(x.value), where=huge)
            bend = times(share, times(x.first, x.first / np.where(huge, x.value, 1.0)) - x.second)
            result.second = np.where(huge, x.second + bend, result.second)
    return result


def beside_label(entropy: Jet, p: Jet, y: float | Array) -> Jet:
    """Cross-entropy of a soft label with its slope ``(p − y)(log p)′/(1 − p)`` beside p = y, where its parts cancel."""
    rest, gap = 1 - y, -p.difference(y).value
    near = np.abs(gap) < 0.5 * np.minimum(y, rest)
    if entropy.first is None or not near.any():
        return entropy
    q, low = p.difference(1.0), p.value < 0.5
    of_p, of_q = log(p), log(q)
    assert of_p.first is not None and of_q.first is not None
    slope = np.where(low, times(gap, of_p.first) / q.value, -times(gap, of_q.first) / p.value)
    entropy.first = np.where(near, slope, entropy.first)
    return entropy


def discounted(miss: Jet, exponent: float, entropy: Jet, parts: tuple[tuple[float | Array, Jet], ...]) -> Jet:
    """``miss^k · entropy`` of a soft label, also where the power underflows or what it meets overflows.

    Args:
        miss: 1 − p_t, above 0.
        exponent: k.
        entropy: Σ weight·(−log p).
        parts: the weights and probabilities of that sum.
    """
    if (miss.value**exponent < TINY).any():
        half = miss ** (exponent / 2)
        result = half * (half * entropy)
    else:
        result = miss**exponent * entropy
    infinite = np.isinf(entropy.value) & (miss.value > 0)
    if infinite.any():  # however small the factor, unless the entropy has only overflowed
        if entropy.scaled is not None:
            infinite &= ~np.isfinite(entropy.scaled().value)
        result = where(infinite, entropy, result)
    if result.first is None:
        return result
    for weight, p in parts:
        logarithm = log(p)
        assert logarithm.first is not None and p.first is not None
        # where 1/p overflows, or its square, the term that it is in outweighs all others
        for part, overflowed, order in (("first", logarithm.first, 1), ("second", logarithm.second, 2)):
            huge = None if overflowed is None else np.isinf(overflowed)
            if huge is None or not (huge & (p.first != 0)).any():
                continue
            huge &= p.first != 0
            term = np.exp(np.log(weight) + exponent * np.log(miss.value) - order * logarithm.value)
            setattr(result, part, np.where(huge, term * (-p.first) ** order, getattr(result, part)))
    return result


def surplus(p: Jet) -> Jet:
    """``−log p − (1 − p)`` of a probability: what the logarithm adds to its first Taylor term, exact beside p = 1."""
    logarithm, rest = log(p), p.difference(1.0)
    q = rest.value
    result = Jet(np.where(q < _NEAR_ONE, -log1pmx(-q), -logarithm.value - q))
    if p.first is None or logarithm.first is None:
        return result
    result.first = -times(q, logarithm.first)
    if p.second is not None and logarithm.second is not None:
        result.second = times(p.first, logarithm.first) - times(q, logarithm.second)
    scaled = logarithm.scaled
    if scaled is not None:  # where it overflows 1 − p is 1, and is nothing beside the logarithm
        result.scaled = lambda: shrunk(result, -scaled())
    return result


def log_with_first_term(p: Jet, y: float | Array, epsilon: float) -> Jet:
    """``y(−log p + ε(1 − p)) + (1 − y)(−log(1 − p) + εp)``, without the cancellation of its parts.

    The value and the slope are sums of `surplus` and ``(1 + ε)(1 − p)``, which cancel nowhere for ε ≥ −1. So is the
    curvature, but in the tail of the wrong class, where −(log p)″ nears κ·p″ (κ is 1 behind a sigmoid, `Jet.bend`):
    there it is ``(κ − ε)p″`` and what is left of the logarithm.
    """
    q, rest = p.difference(1.0), 1 - y
    if not isinstance(y, np.ndarray) and y in (0, 1):
        right, wrong = (p, q) if y == 1 else (q, p)
        result = surplus(right) + (1 + epsilon) * wrong
        if result.second is None or log(right).bend is None:
            return result
        kappa, residue = _bend(right)
        near = times(kappa - epsilon, right.second) - residue
        result.second = np.where((right.value < 0.5) & np.isfinite(near), near, result.second)
        return result
    of_p, of_q = surplus(p), surplus(q)
    result = y * of_p + rest * of_q + (1 + epsilon) * (y * q + rest * p)
    if result.second is None or of_p.second is None or of_q.second is None or p.second is None:
        return result
    if log(p).bend is None and log(q).bend is None:
        return result
    (kappa_p, residue_p), (kappa_q, residue_q) = _bend(p), _bend(q)
    towards_p = _balance(y, rest, (kappa_p, -epsilon), (1, epsilon))
    towards_q = _balance(y, rest, (-1, -epsilon), (-kappa_q, epsilon))
    low = times(towards_p, p.second) - times(y, residue_p) + times(rest, of_q.second)
    high = times(towards_q, p.second) + times(y, of_p.second) - times(rest, residue_q)
    second = np.where(p.value < 0.5, low, high)
    result.second = np.where(np.isfinite(second), second, result.second)
    return result


def _balance(y: float | Array, rest: float | Array, of_y: tuple[float, float], of_rest: tuple[float, float]) -> Any:
    # y(a + b) + (1 − y)(c + d), rounded once where the label is one number: the terms may cancel to the last bit
    if isinstance(y, np.ndarray) or isinstance(rest, np.ndarray):
        return y * sum(of_y) + rest * sum(of_rest)
    exact, other = Fraction(float(y)), Fraction(float(rest))
    exact, other = (exact, 1 - exact) if y < 0.5 else (1 - other, other)
    return float(exact * sum(map(Fraction, of_y)) + other * sum(map(Fraction, of_rest)))


def _bend(p: Jet) -> tuple[float, Array]:
    # κ and (log p)″ + κ p″
    logarithm = log(p)
    if logarithm.bend is None:
        assert logarithm.second is not None
        return 0.0, logarithm.second
    return logarithm.bend[0], logarithm.bend[1]()


def half_square(x: Jet) -> Jet:
    """``½x²``, finite wherever it is."""
    result = Jet(0.5 * x.value * x.value)
    if x.first is not None:
        result.first = times(x.value, x.first)
        if x.second is not None:
            result.second = times(x.first, x.first) + times(x.value, x.second)
    return result


def log_cosh(x: Jet) -> Jet:
    """``log cosh x`` without overflow, and without cancellation beside 0."""
    size = np.abs(x.value)
    t = np.exp(-2 * size)
    near = np.log1p(2 * np.sinh(np.minimum(size, 1.0) / 2) ** 2)
    far = size - np.log(2.0) + np.log1p(t)
    return chain(x, np.where(size < 1, near, far), lambda: np.tanh(x.value), lambda: 4 * t / (1 + t) ** 2)


def softplus(x: Jet) -> Jet:
    """``ln(1 + e^x)``, without overflow and with all digits in the lower tail."""
    t = np.exp(-np.abs(x.value))
    share = np.where(x.value > 0, 1.0, t) / (1 + t)
    return chain(x, np.maximum(x.value, 0.0) + np.log1p(t), lambda: share, lambda: t / (1 + t) ** 2)


def logistic(x: Jet) -> Jet:
    """``1/(1 + e^−x)``, with all digits in the lower tail."""
    t = np.exp(-np.abs(x.value))
    share, slope = np.where(x.value > 0, 1.0, t) / (1 + t), t / (1 + t) ** 2
    return chain(x, share, lambda: slope, lambda: -slope * np.tanh(x.value / 2))


def where(condition: Any, yes: Jet, no: Jet) -> Jet:
    """Element-wise choice between two jets of the same order."""
    result = Jet(
        np.where(condition, yes.value, no.value),
        None if yes.first is None or no.first is None else np.where(condition, yes.first, no.first),
        None if yes.second is None or no.second is None else np.where(condition, yes.second, no.second),
    )
    if yes.scaled is not None or no.scaled is not None:
        result.scaled = lambda: where(condition, _scaled(yes), _scaled(no))
    return result


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
