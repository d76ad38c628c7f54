"""From the state of the Data screen to what its panes, bars and headings show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from lossterm.core.numbers import digits_apart, trimmed
from lossterm.core.plain import visible
from lossterm.model.options import Options
from lossterm.predictions import choosing, options, view
from lossterm.predictions.actions import means_nothing
from lossterm.predictions.figures_widget import BLANK
from lossterm.predictions.state import DataState
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.chooser import Item
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import DOT

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings

INDENT = 6
"""Characters of a row of a pane that are neither its name nor what it tells."""

RULE = 4
"""Characters of the rule about a title."""

ROOM_OF_ONLY, SHORT_ROOM_OF_ONLY = 40, 18
"""Characters of what other columns hold, in the heading."""

NUMBER = 8
"""Characters of a number."""


# ---- the pane ------------------------------------------------------------------------------------------------------

LOOKED_AT: Options = (options.THRESHOLD, options.BINS, options.TEMPERATURE, options.CLIP, options.CLASS_WEIGHTS,
             options.SMOOTHING, options.ONLY_LABEL, options.ONLY_GROUP, options.ONLY_RANGE, options.ONLY)  # fmt: skip
"""The options that the pane of the file shows; bins of equal counts stand with the number of bins."""


def settings(state: DataState, width: int) -> list[tuple[str, Item]]:
    """The rows of the pane that tells how the file is looked at: the name of each, and how it is shown.

    Args:
        state: the state.
        width: of the pane.
    """
    if state.file is None:
        own = [("open", Item("Open a file", "o", True, box="  "))] if state.opens_any_file else []
        return [*own, ("demo", Item("Open the demo", "O", True, box="  "))]
    source, found = state.file.source, state.findings
    count = state.class_count
    entries = [
        ("open", "File", source.title),
        ("rows", "Rows", "…" if found is None else f"{found.rows:,}"),
        ("kind", "Kind", f"{count} classes" if count else source.columns.given),
    ]
    for option in LOOKED_AT:
        if means_nothing(state, option) is None:
            holder: Any = state.subject if option.name == options.SMOOTHING.name else state.look
            entries.append((option.name, option.title, option.text(holder)))
    entries += choosing.rows(state)
    if state.look.compares:
        entries.append(("against", "Against", "…" if state.comparison is None else _against(state)))
    if state.answer is not None and state.answer.skipped:
        entries.append(("skipped", "Skipped", f"{sum(state.answer.skipped.values()):,}"))
    return [
        (name, Item(title, cut(text, width - len(title) - INDENT), True, box="  ")) for name, title, text in entries
    ]


def cut(text: str, room: int) -> str:
    """A text, or its ends where it has more cells than there is room for."""
    text = visible(text)
    if cell_len(text) <= room:
        return text
    if room < 5:
        return ""
    end = (room - 1) * 3 // 5
    return f"{_beginning(text, room - 1 - end)}…{_beginning(text[::-1], end)[::-1]}"


def _beginning(text: str, room: int) -> str:
    # as many of its characters as have room
    ends = accumulate(map(cell_len, text))
    return text[: sum(1 for _ in takewhile(lambda end: end <= room, ends))]


def fitted(parts: Sequence[str], room: int) -> str:
    """As many of the parts as have room in a line, the last of them without its last clauses where these have none."""
    kept = list(parts)
    while cell_len(DOT.join(kept)) > room:
        before, comma, clause = kept[-1].rpartition(", ")
        if comma and not set("()[]") & set(clause):
            kept[-1] = before
        elif len(kept) > 1:
            kept.pop()
        else:
            break
    return DOT.join(kept)


# ---- the bars ------------------------------------------------------------------------------------------------------


def _against(state: DataState) -> str:
    # the second that is shown, and how many others are compared with the first
    assert state.answer is not None
    first, *others = state.answer.comparisons
    return f"{cut(first.second, 24)}{f' +{len(others)}' if others else ''}"


def status(state: DataState) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    if state.file is None:
        key = "o opens one" if state.opens_any_file else "O opens the demo"
        return f"no file: {key}", f"no file: {key[0]}"
    title, found, look = state.file.source.title, state.findings, state.look
    if found is None:
        return title, title[:18]
    parts = [title, f"n = {found.rows:,}"]
    if state.comparison is not None:
        parts.insert(1, f"against {_against(state)}")
    short = f"n={found.rows:,}"
    if found.labels:
        label = found.labels[found.looked_at].label
        parts.insert(1, f"{cut(label, ROOM_OF_ONLY)} of {len(found.labels)} labels")
        short = f"{cut(label, SHORT_ROOM_OF_ONLY)} {short}"
    if found.matrix is None and not math.isnan(found.label_mean):
        name = "base rate" if found.calibration is not None else "mean y"
        parts.append(f"{name} {trimmed(found.label_mean, digits_apart(found.label_mean))}")
    if look.temperature != 1:
        parts.append(f"T = {trimmed(look.temperature)}")
        short += f" T={trimmed(look.temperature)}"
    if look.clip is not None:
        parts.append(f"clip {look.clip.word}")
        short += f" clip {look.clip.word}"
    if look.class_weights is not None:
        parts.append(f"class weights {','.join(map(trimmed, look.class_weights))}")
        short += " class weights"
    if look.only:
        parts.append(f"only {cut(options.ONLY.text(look), ROOM_OF_ONLY)}")
        short += f" {cut(options.ONLY.text(look), SHORT_ROOM_OF_ONLY)}"
    if view.unfiltered(look) != replace(look, only=()):
        parts.append("filtered")
        short += " filtered"
    return " · ".join(parts), short


Legend = Sequence[tuple[str, int]]
"""Texts and their inks, one after the other."""


def page_title(page: view.Page, findings: Findings | None) -> str:
    """What the chart shows."""
    title = view.PAGE_TITLES[page]
    if findings is not None and findings.matrix is not None and page in {"reliability", "histogram"}:
        return f"{title} of the top class"
    return title


def chart_title(title: str, legends: Sequence[Legend], styles: Styles, width: int, right: str) -> list[Part]:
    """The heading of the chart with its legend.

    Args:
        title: what it shows.
        legends: the legend, and shorter forms of it, the longest first: the first that fits is taken. Where there is
            one only as much of it as fits, a piece as a whole or not at all; of several the last one takes the place
            of the title where there is no room for both.
        styles: the colours.
        width: of the chart.
        right: what is at the other end of the heading, where the legend leaves room for it.
    """
    beside = RULE + len(title) + 2
    for used in (beside + len(right) + RULE - 1, beside):
        for legend in legends if len(legends) > 1 else ():
            if used + _long(legend) <= width:
                return _titled(title, legend, styles)
    pieces = list(legends[-1])
    if len(legends) > 1:
        return _titled("", pieces, styles) if RULE + _long(pieces) <= width else _titled(title, (), styles)
    while pieces and beside + _long(pieces) > width:
        pieces.pop()
    while pieces and not pieces[-1][0].strip(" ·"):
        pieces.pop()
    return _titled(title, pieces, styles)


def _long(legend: Legend) -> int:
    return sum(cell_len(text) for text, _ in legend)


def _titled(title: str, legend: Legend, styles: Styles) -> list[Part]:
    parts: list[Part] = [(title, styles.strong)] if title else []
    parts += [("  ", styles.text)] if title and legend else []
    return [*parts, *((text, styles.ink(ink)) for text, ink in legend)]


HINTS: Sequence[tuple[str, ...]] = (
    BLANK,
    ("What do the losses see in your predictions? Which examples dominate, is the model calibrated, what would change "
     "under another loss?", ""),
    BLANK,
    ("o  opens a file: CSV, Parquet, NDJSON, Arrow or NumPy, with a column of labels and one of predictions",
     "o  opens a file"),
    ("O  opens the predictions of an over-confident model that come with lossterm", "O  opens the demo"),
)  # fmt: skip
"""What is shown where there is no file, each sentence in forms, the longest first."""
