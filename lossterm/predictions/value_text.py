"""Plain values as text: their errors, what the intervals hold, the levels, the PIT, the errors over the predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lossterm.core.numbers import MINUS, percent, trimmed
from lossterm.core.statistics.value_findings import BAND_LEVELS, ERROR_LEVELS
from lossterm.predictions import value_statistics as statistics
from lossterm.predictions.figures import Statistic, Statistics, estimated, told
from lossterm.predictions.value_conclusion import nominal_text, verdict

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings
    from lossterm.core.statistics.value_findings import ValueFinding

Rows = list[list[str]]
"""Cells, heads first."""

MOST_SHOWN = 10
"""Bins of the errors over the predictions that text has; more are told as every second, third …."""


def views(findings: Findings) -> list[tuple[str, ValueFinding]]:
    """What is told side by side: with weights first where there are any; nothing of probabilities."""
    found, weighted = findings.values, findings.weighted
    if found is None:
        return []
    if weighted is None or weighted.values is None:
        return [("", found)]
    return [("weighted", weighted.values), ("unweighted", found)]


def first(findings: Findings) -> ValueFinding | None:
    """Those that are told first: with weights where there are any."""
    found = views(findings)
    return found[0][1] if found else None


def error_rows(findings: Findings) -> Rows:
    """The figures of the errors, and of the distributions."""
    columns = views(findings)
    if not columns:
        return []
    rows: Rows = [["errors v − y", *(name for name, _ in columns)]]
    rows += _lines(statistics.VALUES, [found for _, found in columns])
    forecasts = [found.forecast for _, found in columns]
    if forecasts[0] is not None:
        rows += _lines(statistics.FORECAST, forecasts)
    return rows


def _lines(declared: Statistics[Any], found: Sequence[Any]) -> Rows:
    rows, skipped = [], False
    for at, s in enumerate(declared):
        if skipped or s.apart or all(s.value(each) is None for each in found):
            skipped = False
            continue
        error = next((each for each in declared[at + 1 : at + 2] if each.name == f"{s.name}_standard_error"), None)
        rows.append([s.title, *(_with_error(s, error, each) for each in found)])
        skipped = error is not None
    return rows


def _with_error(statistic: Statistic[Any], error: Statistic[Any] | None, of: Any) -> str:
    if error is None or error.value(of) is None:
        return statistic.text(of)
    return f"{statistic.text(of)}  s.e. {error.text(of)}"


def quantile_rows(findings: Findings) -> Rows:
    """The quantiles of the errors."""
    columns = views(findings)
    if not columns:
        return []
    rows: Rows = [["quantiles of v − y", *map(trimmed, ERROR_LEVELS)]]
    return rows + [[name, *map(estimated, found.quantiles)] for name, found in columns]


def interval_rows(findings: Findings) -> Rows:
    """What the intervals hold."""
    found = first(findings)
    if found is None or not found.held:
        return []
    declared = [s for s in statistics.INTERVALS if any(s.value(each) is not None for each in found.held)]
    head = "interval" if found.forecast is not None else "v ± z·RMSE"
    rows: Rows = [[head, *(s.title for s in declared[1:]), ""]]
    return rows + [[nominal_text(each), *(s.text(each) for s in declared[1:]), verdict(each)] for each in found.held]


def level_rows(findings: Findings) -> Rows:
    """What becomes of each level."""
    found = first(findings)
    if found is None or found.forecast is None:
        return []
    declared = statistics.LEVELS
    rows: Rows = [[s.title for s in declared]]
    return rows + [[trimmed(each.level), *(s.text(each) for s in declared[1:])] for each in found.forecast.levels]


def pit_rows(findings: Findings) -> Rows:
    """The probability integral transform."""
    found = first(findings)
    if found is None or found.forecast is None:
        return []
    rows: Rows = [["PIT", "count", "share", "if right"]]
    for each in found.forecast.pit:
        rows.append([f"{trimmed(each.lower)} to {trimmed(each.upper)}", f"{each.count:,}", percent(each.share),
                     f"{trimmed(100 * (each.upper - each.lower))}%"])  # fmt: skip
    return rows


def band_rows(findings: Findings) -> Rows:
    """The errors over the predictions."""
    found = first(findings)
    if found is None or found.bands is None:
        return []
    lines = statistics.band_rows(found.bands)
    step = -(-len(lines) // MOST_SHOWN)
    quantiles = (f"{100 * level:.4g}%" for level in BAND_LEVELS)
    rows: Rows = [["v from", "to", "count", "mean v − y", *quantiles]]
    for lower, upper, count, _, error, *rest in lines[::step]:
        rows.append([told(lower), told(upper), f"{count:,.0f}", told(error, 3), *(told(each, 3) for each in rest)])
    return rows


def said(findings: Findings) -> list[str]:
    """What is to be said of the tables, a sentence each."""
    found = first(findings)
    if found is None:
        return []
    sentences = []
    if found.forecast is None:
        if found.held:
            sentences.append("v ± z·RMSE holds as much where errors are normal and of one size (in-sample)")
        return sentences
    forecast = found.forecast
    if forecast.forecast.is_normal:
        sentences.append(
            "stretch: by what every standard deviation is to be multiplied for mean t² to be 1 (in-sample)"
        )
    else:
        count = len(forecast.levels)
        sentences.append(f"CRPS: 2·pinball, the mean over the {count} levels of the file")
        if found.held:
            sentences.append("stretch: by what the widest interval is to be stretched about its middle to hold what "
                             "it should (in-sample)")  # fmt: skip
    return sentences


def over(findings: Findings) -> str:
    """What the table of the errors over the predictions leaves out."""
    found = first(findings)
    bands = None if found is None else found.bands
    if bands is None or len(bands.count) <= MOST_SHOWN:
        return ""
    step = -(-len(bands.count) // MOST_SHOWN)
    which = {2: "second", 3: "third"}.get(step, f"{step}th")
    return f"every {which} of {len(bands.count)} bins of equal counts; json has all; errors are v {MINUS} y"
