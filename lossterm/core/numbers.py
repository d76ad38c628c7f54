"""Numbers as people read them: aligned, with enough digits, ∞ as ∞ and undefined as —."""

from __future__ import annotations

import math

from lossterm.core.plain import echoed

MINUS = "−"
UNDEFINED = "—"
_FIXED = range(-4, 6)
"""Powers of ten of the first digit that are written without an exponent."""


def significant(x: float, digits: int = 4) -> str:
    """``x`` with so many significant digits, in scientific form only for the extremes.

    Examples: ``4.018``, ``−55.60``, ``0.01766``, ``2.354e17``, ``∞``, ``—``.
    """
    if x == 0:
        return "0"
    if not math.isfinite(x):
        return UNDEFINED if math.isnan(x) else "∞" if x > 0 else MINUS + "∞"
    # the quick way has the same powers as long as a number has no more digits before its point than it is to have
    if digits < _FIXED.stop and "e" not in (text := f"{x:#.{digits}g}"):
        return text.rstrip(".").replace("-", MINUS)
    mantissa, _, power = f"{x:.{digits - 1}e}".partition("e")
    exponent = int(power)
    text = f"{x:.{max(0, digits - 1 - exponent)}f}" if exponent in _FIXED else f"{mantissa}e{exponent}"
    return text.replace("-", MINUS)


def digits_apart(x: float, digits: int = 4) -> int:
    """So many significant digits, or as many more as tell ``x`` from 1 where it is not: 0.9999997 is not 1.000."""
    if x == 1 or not 0.5 < x < 2:
        return digits
    while digits < 17 and float(f"{x:.{digits - 1}e}") == 1:
        digits += 1
    return digits


def percent(part: float, decimals: int = 1) -> str:
    """A part of a whole in percent: 0% is nothing and 100% all of it, with more decimals where it needs them."""
    value = 100 * part
    while decimals < 15 and 0 < part < 1 and float(f"{value:.{decimals}f}") in (0.0, 100.0):
        decimals += 1
    return f"{value:.{decimals}f}%" if decimals < 8 or part > 0.5 else f"{significant(value, 2)}%"


LARGEST, SMALLEST = "1.8e308", "4.9e-324"
"""The largest double and the smallest one above 0, as they are told."""


def beyond(sign: float, *, over: bool) -> str:
    """A number that no double holds, against the double that is next to it.

    Args:
        sign: of the number.
        over: whether it is too large; else it is too small.

    Returns:
        ``> 1.8e308``, ``< -1.8e308``, ``< 4.9e-324`` or ``> -4.9e-324``.
    """
    size = LARGEST if over else SMALLEST
    return f"{'>' if over == (sign > 0) else '<'} {size if sign > 0 else f'-{size}'}"


ALMOST_NOTHING, ALMOST_ALL = "≈ 0", "≈ ∞"
"""A slope that is too small for a double against another, and another against it."""


def equation(name: str, number: str) -> str:
    """``p = 0.5``; of a number told by what it is beyond, ``p < 4.9e-324``."""
    return f"{name} {number}" if number[:1] in ("<", ">") else f"{name} = {number}"


def fitting(x: float, width: int, digits: int = 4) -> str:
    """`significant` with as many digits, up to ``digits``, as fit into ``width`` cells."""
    for fewer in range(digits, 1, -1):
        text = significant(x, fewer)
        if len(text) <= width:
            return text
    return significant(x, 1)


def trimmed(x: float, digits: int = 4) -> str:
    """`significant` without trailing zeros: for labels, parameters and ticks."""
    text = significant(x, digits)
    head, e, power = text.partition("e")
    if "." in head:
        head = head.rstrip("0").rstrip(".")
    return head + e + power


def fixed(x: float, digits: int = 4) -> str:
    """A coordinate, with a fixed number of decimals where that is enough to tell it: ``−4.000``."""
    if math.isfinite(x) and (x == 0 or 0.01 <= abs(x) < 1e4):
        return f"{x:.{digits - 1}f}".replace("-", MINUS)
    return significant(x, digits)


def ratio(x: float, reference: float, digits: int = 3) -> str:
    """|x| against |reference|: ``1``, ``1/28.3`` where it is smaller, ``203`` where it is larger."""
    if not (math.isfinite(x) and math.isfinite(reference)):
        return UNDEFINED
    if x == 0 and reference == 0:
        return UNDEFINED
    if x == 0:
        return "0"
    if reference == 0:
        return "∞"
    a, b = abs(x), abs(reference)
    larger, smaller = max(a, b), min(a, b)
    quotient = larger / smaller
    if math.isinf(quotient):
        return "∞" if a > b else "0"
    if quotient - 1 < 0.5 * 10.0 ** (1 - digits):
        return "1"
    text = trimmed(quotient, digits) if quotient < 1e4 else trimmed(quotient, 2)
    return text if a >= b else f"1/{text}"


def parse(text: str) -> float:
    """A number as people type it: ``-4``, ``−4``, ``.02``, ``1e-3``, ``1/3``.

    Raises:
        ValueError: it is not a number, or not a finite one.
    """
    plain = text.strip().replace(MINUS, "-").replace("\u2013", "-").replace("_", "x")
    numerator, slash, denominator = plain.partition("/")
    try:
        value = float(numerator) / float(denominator) if slash else float(plain)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"{echoed(text.strip())} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{echoed(text.strip())} is not a finite number")
    return value
