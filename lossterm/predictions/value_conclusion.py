"""What the figures of plain values say together, in a sentence that claims no more than their uncertainty allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.numbers import MINUS, percent, trimmed
from lossterm.predictions.figures import told

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings
    from lossterm.core.statistics.value_findings import IntervalFinding, ValueFinding

FEWEST = 20
"""Fewer rows tell nothing."""

SURELY, PERHAPS = 2.81, 1.96
"""Standard errors that a bias is from 0 before it is called one (½ %), and before it is spoken of (5%)."""

LITTLE = 0.01
"""A bias is not spoken of that is this part of the RMSE: subtracting it saves 1 in 10,000 of its square."""

LEANS = 0.1
"""The part of the mean square from which a bias hides what the errors are about it."""

NEAR = 0.02
"""How far what an interval holds may be from what it should, however sure, before it is called wrong."""

ABOUT = (
    f"of plain values: a bias is one where it is {SURELY:g} standard errors (perhaps: {PERHAPS:g}) from 0 and "
    f"{100 * LITTLE:g}% of the RMSE; "
    "an interval is too narrow or too wide where Wilson's interval of what it holds leaves out what it should hold, "
    f"and it is off by {100 * NEAR:g}%; what would mend it is in-sample"
)
"""For the help."""


@dataclass(frozen=True)
class _Seen:
    """The figures that the sentence is made of: with weights where there are any."""

    findings: Findings
    found: ValueFinding

    @property
    def rows(self) -> str:
        return "1 row" if self.findings.rows == 1 else f"{self.findings.rows:,} rows"


def value_forms(findings: Findings) -> tuple[str, ...]:
    """The sentence in forms, the longest first; none where there are no figures."""
    weighted = findings.weighted
    found = findings.values if weighted is None or weighted.values is None else weighted.values
    if found is None or found.rmse is None:
        return ()
    seen = _Seen(findings, found)
    if findings.rows < FEWEST:
        return (f"too few rows to tell ({seen.rows})",)
    skill, short_skill = _skill(seen)
    bias, short_bias = _bias(seen)
    holds, short_holds = _calibration(seen)
    full = "; ".join(part for part in (skill, bias, holds) if part)
    less = "; ".join(part for part in (short_holds, short_skill, short_bias) if part)
    least = "; ".join(part for part in (short_holds or short_skill, short_bias) if part)
    return tuple(dict.fromkeys(form for form in (full, less, least) if form))


def _skill(seen: _Seen) -> tuple[str, str]:
    """What the predictions are worth against the mean label."""
    r2 = seen.found.r2
    if r2 is None:
        return "every label is the same: no R²", "no R²"
    if r2 <= 0:
        text = f"no better than always saying the mean label (R² {told(r2, 3)})"
        return text, text
    return f"explains {percent(r2)} of the labels' variance (RMSE {told(seen.found.rmse, 3)})", f"R² {told(r2, 3)}"


def _bias(seen: _Seen) -> tuple[str, str]:
    bias, rmse = seen.found.bias, seen.found.rmse
    error = bias.standard_error
    if bias.value is None or rmse is None or error is None:
        return "", ""
    if abs(bias.value) <= PERHAPS * error or abs(bias.value) <= LITTLE * rmse:
        return f"no bias that {seen.rows} can tell", ""
    side = "high" if bias.value > 0 else "low"
    size = told(abs(bias.value), 3)
    if abs(bias.value) <= SURELY * error:
        return f"perhaps biased {side} by {size} (s.e. {told(error, 2)})", ""
    saved = _of_square(seen.found)
    way = f"{'subtract' if bias.value > 0 else 'add'} it" + (f", which takes {percent(saved)} of the MSE"
                                                             if saved >= LITTLE else "")  # fmt: skip
    return f"biased {side} by {size} (s.e. {told(error, 2)}): {way}", f"biased {side} by {size}"


def _of_square(found: ValueFinding) -> float:
    """The part of the mean square of the errors that their bias is; 0 where that has no finite one."""
    bias, rmse = found.bias.value, found.rmse
    return (bias / rmse) ** 2 if bias is not None and rmse and math.isfinite(bias) and math.isfinite(rmse) else 0.0


def verdict(interval: IntervalFinding) -> str:
    """``too narrow``, ``too wide``, or nothing where what it holds may be what it should."""
    share, (low, high) = interval.coverage.value, interval.ends
    if share is None or math.isnan(low) or low <= interval.nominal <= high or abs(share - interval.nominal) < NEAR:
        return ""
    return "too narrow" if share < interval.nominal else "too wide"


def _calibration(seen: _Seen) -> tuple[str, str]:
    """What the widest interval holds, and what would mend it."""
    found = seen.found
    if found.forecast is None:
        return _spread(found)
    if not found.held:
        return _levels(seen)
    widest = found.held[0]
    fault = verdict(widest)
    name, share = nominal_text(widest), told_share(widest)
    if not fault:
        others = [each for each in found.held[1:] if verdict(each)]
        if others:
            fault, other = verdict(others[0]), others[0]
            text = f"the {name} interval holds {share}, but the {nominal_text(other)} one {told_share(other)}: {fault}"
            return text, f"{nominal_text(other)} interval {fault}"
        ends = " to ".join(percent(end) for end in widest.ends)
        return f"the {name} interval holds {share} (95%: {ends}): calibrated as far as {seen.rows} can tell", (
            f"the {name} interval holds {share}"
        )
    text = f"the {name} interval holds {share}: {fault}"
    factor = found.forecast.stretch.value
    if factor is None or not 0 < factor < math.inf or abs(factor - 1.0) < NEAR:
        return text, text
    how = "every sd multiplied by" if found.forecast.forecast.is_normal else "stretched about its middle by"
    return f"{text}; {how} {told(factor, 3)} it would be right (in-sample)", f"{text}: ×{told(factor, 3)}"


def nominal_text(interval: IntervalFinding) -> str:
    """What an interval is to hold: ``90%``."""
    return f"{trimmed(100 * interval.nominal)}%"


def told_share(interval: IntervalFinding) -> str:
    """What an interval holds, in percent."""
    return percent(interval.coverage.value or 0.0)


def _levels(seen: _Seen) -> tuple[str, str]:
    """The worst of the levels, where there is no central interval."""
    levels = () if seen.found.forecast is None else seen.found.forecast.levels
    worst = max(levels, key=lambda each: abs(each.below - each.level), default=None)
    if worst is None:
        return "", ""
    low, high = worst.ends
    text = f"{percent(worst.below)} of the labels are at or below the quantile {trimmed(worst.level)}"
    off = not low <= worst.level <= high and abs(worst.below - worst.level) >= NEAR
    return (f"{text}: {'too high' if worst.below > worst.level else 'too low'}" if off else text), text


def _spread(found: ValueFinding) -> tuple[str, str]:
    """Between what most errors are, and whether they look normal."""
    low, high = found.quantiles[0].value, found.quantiles[-1].value
    if low is None or high is None:
        return "", ""
    if low == high:
        text = "every prediction is right" if low == 0 else f"every error v {MINUS} y is {told(low, 3)}"
        return text, text
    text = f"95% of the errors v {MINUS} y are from {told(low, 3)} to {told(high, 3)}"
    inner = found.intervals[-1] if found.intervals else None  # ± .67 RMSE: where heavy tails show first
    if inner is None or _of_square(found) > LEANS or not verdict(inner):
        return text, text
    share = told_share(inner)
    kind = "heavier" if verdict(inner) == "too wide" else "lighter"
    return f"{text}, with {kind} tails than normal ones ({share} within ±0.674 RMSE, not 50%)", text
