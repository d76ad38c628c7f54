"""From the figures of a file to what the widgets of the Data screen show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from lossterm.data_state import Look
from lossterm.numbers import trimmed
from lossterm.state import View
from lossterm.ui.style import Styles
from lossterm.ui.widgets.chooser import Item
from lossterm.ui.widgets.figures import BLANK
from lossterm.ui.widgets.lines import Part

if TYPE_CHECKING:
    from lossterm.core.findings import Findings
    from lossterm.data.source import Source

INDENT = 6
"""Characters of a row of a pane that are neither its name nor what it tells."""

RULE = 4
"""Characters of the rule about a title."""

NUMBER = 8
"""Characters of a number."""

PAGE_TITLES: Mapping[str, str] = {
    "reliability": "reliability",
    "histogram": "predictions",
    "losses": "distribution of the losses",
    "share": "share of Σ|∂L/∂z|",
    "curve": "the examples on the curve",
    "classes": "confusion",
}


@dataclass(frozen=True)
class ShownLoss:
    """A loss of the view that the file is judged by.

    Attributes:
        row: of the view.
        letter: of its curve.
        ink: of its curve.
        name: as it is shown.
    """

    row: int
    letter: str
    ink: int
    name: str


# ---- the pane ------------------------------------------------------------------------------------------------------


def settings(
    source: Source | None, look: Look, view: View, findings: Findings | None, width: int
) -> list[tuple[str, Item]]:
    """The rows of the pane that tells how the file is looked at: what each changes, and how it is shown.

    Args:
        source: the file, or None.
        look: how it is looked at.
        view: the losses.
        findings: of the examples that count; None while they are not known.
        width: of the pane.
    """
    if source is None:
        return [
            ("open", Item("Open a file", "o", True, box="  ")),
            ("demo", Item("Open the demo", "O", True, box="  ")),
        ]
    columns = source.columns
    kind = columns.kind if len(columns.predictions) == 1 else f"{len(columns.predictions)} classes"
    label = "all" if look.label is None else label_name(source, look.label)
    low, high = (("" if x is None else trimmed(x, 3)) for x in (look.low, look.high))
    entries = {
        "open": ("File", source.title),
        "rows": ("Rows", "…" if findings is None else f"{findings.rows:,}"),
        "kind": ("Kind", kind),
        "threshold": ("Threshold", trimmed(look.threshold)),
        "bins": ("Bins", f"{look.bins} {'mass' if look.mass else 'width'}"),
        "temperature": ("T", trimmed(look.temperature)),
        "smoothing": ("Smoothing", trimmed(view.smoothing)),
        "label": ("Label", label),
        "group": ("Group", look.group or "all"),
        "range": ("Range", "all" if not low and not high else f"{low}:{high}"),
        "skipped": ("Skipped", f"{source.skipped:,}"),
    }
    hidden = set()
    if columns.group is None:
        hidden.add("group")
    if columns.kind == "value":
        hidden |= {"threshold", "bins", "temperature", "smoothing", "label"}
    if len(columns.predictions) > 1 or (findings is not None and findings.decided is None):
        hidden.add("threshold")
    if not source.skipped:
        hidden.add("skipped")
    return [
        (key, Item(name, cut(text, width - len(name) - INDENT), True, box="  "))
        for key, (name, text) in entries.items()
        if key not in hidden
    ]


def cut(text: str, room: int) -> str:
    """A text, or its ends where it has more cells than there is room for."""
    if cell_len(text) <= room:
        return text
    if room < 5:
        return ""
    text = "".join(c if cell_len(c) == 1 else "·" for c in text)
    end = (room - 1) * 3 // 5
    return f"{text[: room - 1 - end]}…{text[-end:]}"


def label_name(source: Source, label: float) -> str:
    """A label as the file has it."""
    names = source.columns.classes or source.label_names
    return names[int(label)] if names and 0 <= label < len(names) else trimmed(label)


def natural(text: str) -> tuple[int, float, str]:
    """A key by which numbers come in their order, before other texts."""
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)


# ---- the bars ------------------------------------------------------------------------------------------------------


def status(source: Source | None, findings: Findings | None, look: Look) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    if source is None:
        return "no file: o opens one", "no file: o"
    if findings is None:
        return source.title, source.title[:18]
    parts = [source.title, f"n = {findings.rows:,}"]
    short = f"n={findings.rows:,}"
    if findings.matrix is None and not math.isnan(findings.label_mean):
        name = "base rate" if findings.calibration is not None else "mean y"
        parts.append(f"{name} {trimmed(findings.label_mean)}")
    if look.temperature != 1:
        parts.append(f"T = {trimmed(look.temperature)}")
        short += f" T={trimmed(look.temperature)}"
    if look.is_filtered:
        parts.append("filtered")
        short += " filtered"
    return " · ".join(parts), short


Legend = Sequence[tuple[str, int]]
"""Texts and their inks, one after the other."""


def page_title(page: str, findings: Findings | None) -> str:
    """What the chart shows."""
    title = PAGE_TITLES[page]
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
