"""The figures of plain values as the Data screen shows them: the errors, what intervals hold, what is said below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lossterm.core.numbers import MINUS, percent, trimmed
from lossterm.core.statistics.value_findings import ERROR_LEVELS
from lossterm.predictions import value_statistics as statistics
from lossterm.predictions.figures import estimated, told
from lossterm.predictions.figures_widget import UNBROKEN, FigureLine
from lossterm.predictions.value_conclusion import nominal_text, told_share, verdict
from lossterm.predictions.value_text import first, views

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings

SHOWN = ("bias", "rmse", "mae", "r2", "crps", "nll", "pinball")
"""The figures that the table has a line of; their standard errors stand beside them."""


def value_lines(findings: Findings, base: Findings | None) -> tuple[list[str], list[FigureLine]]:
    """The heads and lines of the errors, with weights first where there are any; no what-if changes them."""
    columns = views(findings)
    change = [""] if base is not None else []
    heads = [name or "now" for name, _ in columns] or ["now"]
    heads[1:1] = change
    lines = []
    for declared, of in (
        (statistics.VALUES, [found for _, found in columns]),
        (statistics.FORECAST, [found.forecast for _, found in columns]),
    ):
        by_name: dict[str, Any] = {s.name: s for s in declared}
        for name in SHOWN:
            s = by_name.get(name)
            if s is None or not of or all(s.value(each) is None for each in of):
                continue
            error = by_name.get(f"{name}_standard_error")
            cells = [s.text(each) + _error(error, each) for each in of]
            cells[1:1] = change
            lines.append(FigureLine(s.title, tuple(cells)))
    return heads, lines or [FigureLine("mean label", (told(findings.label_mean), *change))]


def _error(statistic: Any, of: Any) -> str:
    if statistic is None or statistic.value(of) is None:
        return ""
    return f" ±{statistic.text(of)}"


def interval_blocks(findings: Findings) -> list[list[FigureLine]]:
    """What the intervals hold, the widest form first."""
    found = first(findings)
    if found is None or not found.held:
        return []
    name = "interval" if found.forecast is not None else "v ± z·RMSE"
    names = [name, *(nominal_text(each) for each in found.held)]
    shares = ["holds", *map(told_share, found.held)]
    ends = ["95%", *("–".join(percent(end) for end in each.ends) for each in found.held)]
    widths = ["width", *(told(each.width, 3) for each in found.held)]
    faults = ["", *map(verdict, found.held)]
    forms = ((shares, ends, widths, faults), (shares, widths, faults), (shares, faults), (shares,))
    return [_block(names, columns) for columns in forms]


def _block(names: list[str], columns: tuple[list[str], ...]) -> list[FigureLine]:
    widths = [max(map(len, column)) for column in columns]
    rows = zip(*columns, strict=True)
    texts = ["  ".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [FigureLine(name, (text,)) for name, text in zip(names, texts, strict=True)]


def value_words(findings: Findings) -> list[tuple[str, ...]]:
    """What is said below the table: of each sentence the longest form first."""
    found = first(findings)
    if found is None:
        return []
    words: list[tuple[str, ...]] = []
    quantiles = zip(ERROR_LEVELS, found.quantiles, strict=True)
    parts = [
        f"{trimmed(100 * level)}% {estimated(quantile, 3)}".replace(" ", UNBROKEN)
        for level, quantile in quantiles
        if quantile.value is not None
    ]
    if parts:
        words.append((f"v {MINUS} y: {' · '.join(parts)}", f"v {MINUS} y: {parts[3]}"))
    forecast = found.forecast
    if forecast is not None:
        told_of = [f"{s.title} {s.text(forecast)}".replace(" ", UNBROKEN) for s in statistics.FORECAST
                   if s.name in ("stretch", "crossing") and s.value(forecast) is not None]  # fmt: skip
        kind = "a normal distribution" if forecast.forecast.is_normal else f"{len(forecast.levels)} quantiles"
        words.append((" · ".join([f"CRPS of {kind}", *told_of]),))
    return words
