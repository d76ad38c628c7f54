"""The segments of a file as records for programs, and as tables for people."""

from __future__ import annotations

import csv
import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from lossterm.chart.cells import cut, plain, width_of
from lossterm.core.numbers import UNDEFINED, significant
from lossterm.core.plain import cell_of_sheet, visible
from lossterm.core.statistics.segments import Measured, SegmentFigures
from lossterm.model.records import strict
from lossterm.predictions.figures import Record, told
from lossterm.predictions.segments import LEAST, RATE, Segment, Segments

BETWEEN = " & "
"""Between the two columns, or values, of a pair."""

WIDTH = 80
LONGEST = 24
"""Cells of the name of a segment in a table."""

MOST_WORSE, MOST_BETTER = 20, 5
"""Of the worst, how many that are worse and better than the rest the text tells."""

MOST_DRAWN = 60
"""Segments whose intervals the text draws."""

# ---- for programs ---------------------------------------------------------------------------------------------------


def record(segment: Segment, found: Segments) -> Record:
    """A segment as JSON has it."""
    figures = segment.figures
    words = [value.word or None for _, value in segment.held]
    is_log = figures.ece is not None
    parts: Record = {
        "column": BETWEEN.join(column for column, _ in segment.held),
        "value": words[0] if len(words) == 1 else BETWEEN.join(word or UNDEFINED for word in words),
        "only": [condition.text for condition in segment.conditions],
        "rows": figures.rows,
        "base_rate": _strict(figures.base_rate),
        "log_loss": _strict(figures.loss) if is_log else None,
        "calibration_ratio": _strict(_value(figures.ratio)),
        "ece": _strict(figures.ece),
        "ece_floor": _strict(figures.ece_floor),
        "z": _strict(figures.z),
        "loss": _strict(figures.loss),
        "loss_standard_error": _strict(figures.standard_error),
        "loss_z": _strict(figures.loss_z),
        "infinite": figures.infinite,
        "bias": _strict(_value(figures.bias)),
        "bias_interval": _ends(figures.bias),
        "calibration_ratio_interval": _ends(figures.ratio),
        "coverage": _strict(_value(figures.coverage)),
        "coverage_interval": _ends(figures.coverage),
    }
    if found.by is None:
        parts |= {"p": _strict(segment.chance), "p_corrected": _strict(segment.corrected)}
    return parts


def records(found: Segments) -> list[Record]:
    """All segments as JSON has them."""
    return [record(segment, found) for segment in found.segments]


def search(found: Segments) -> Record | None:
    """What was looked at for the worst; None where they were not looked for."""
    if found.by is not None:
        return None
    return {
        "looked_at": found.looked_at,
        "columns": found.columns,
        "least_rows": LEAST,
        "standing_out": found.standing_out,
        "skipped": [{"column": column, "why": why} for column, why in found.skipped],
    }


def write_csv(found: Segments, file: IO[str]) -> None:
    """A line a segment; what does not exist is empty."""
    lines = [_flat(each) for each in records(found)]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(lines[0] if lines else ["column", "value", "rows"])
    writer.writerows(["" if x is None else cell_of_sheet(x) for x in line.values()] for line in lines)


def _flat(found: Record) -> Record:
    flat: Record = {}
    for name, x in found.items():
        if name == "only":
            continue
        if name.endswith("_interval"):
            low, high = x if isinstance(x, list) else (None, None)
            flat |= {name.replace("interval", "lower"): low, name.replace("interval", "upper"): high}
        else:
            flat[name] = x
    return flat


def _strict(x: float | None) -> float | str | None:
    return None if x is None else strict(x)


def _ends(measured: Measured | None) -> list[float | str | None] | None:
    return None if measured is None else [strict(measured.low), strict(measured.high)]


# ---- columns of a table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SegmentHead:
    """A column of a table of segments.

    Attributes:
        title: above it.
        text: of a segment.
        order: by what it is sorted; nan comes last.
    """

    title: str
    text: Callable[[Segment], str]
    order: Callable[[Segment], float]


def name_of(segment: Segment) -> str:
    """What is held, as it is shown: of a pair with the names of the columns."""
    if len(segment.held) == 1:
        return segment.held[0][1].title
    return BETWEEN.join(f"{column}={value.title}" for column, value in segment.held)


def full_name(segment: Segment) -> str:
    """What is held, with the names of the columns."""
    return BETWEEN.join(f"{visible(column)}={value.title}" for column, value in segment.held)


def _number(title: str, get: Callable[[SegmentFigures], float | None], digits: int = 4) -> SegmentHead:
    return SegmentHead(title, lambda s: told(get(s.figures), digits), lambda s: _order(get(s.figures)))


def _order(x: float | None) -> float:
    return math.nan if x is None else x


def _value(measured: Measured | None) -> float | None:
    return None if measured is None else measured.value


def heads(found: Segments) -> list[SegmentHead]:
    """The columns of the table: those that something is told in."""
    of_values = found.whole.ece is None
    every = [
        SegmentHead("rows", lambda s: f"{s.figures.rows:,}", lambda s: s.figures.rows),
        _number("mean y" if of_values else "base rate", lambda f: f.base_rate),
        _number("loss" if of_values else "log loss", lambda f: f.loss),
        _number("loss z", lambda f: f.loss_z, 3),
        _number("Σp/Σy", lambda f: _value(f.ratio)),
        _number("ECE", lambda f: f.ece, 3),
        _number("floor", lambda f: f.ece_floor, 2),
        _number("z", lambda f: f.z, 3),
        _number("bias", lambda f: _value(f.bias), 3),
        _number("coverage", lambda f: _value(f.coverage), 3),
    ]
    if found.by is None:
        every.insert(4, SegmentHead("p*", lambda s: _small(s.corrected), lambda s: _order(s.corrected)))
    told_of = [head for head in every if any(head.text(s) != UNDEFINED for s in found.segments)]
    return told_of or every[:1]


def _small(p: float | None) -> str:
    return UNDEFINED if p is None else "< 1e-300" if p < 1e-300 else significant(p, 2)


# ---- dots and whiskers ----------------------------------------------------------------------------------------------

DRAWN: tuple[tuple[str, Callable[[SegmentFigures], Measured | None], float], ...] = (
    ("Σp/Σy", lambda figures: figures.ratio, 1.0),
    ("bias", lambda figures: figures.bias, 0.0),
)
"""What is drawn of each segment with its interval of 95%, and the value of a calibrated model."""


@dataclass(frozen=True)
class Whiskers:
    """Intervals on one axis, drawn in so many cells.

    Attributes:
        low: the left end of the axis.
        high: the right end.
        centre: what a calibrated model has.
        width: in cells.
    """

    low: float
    high: float
    centre: float
    width: int

    @classmethod
    def of(cls, measured: Sequence[Measured | None], centre: float, width: int) -> Whiskers:
        """An axis that all values are on; of intervals that are much wider only a part is."""
        known = [m for m in measured if m is not None and math.isfinite(m.value)]
        low, high = min([centre, *(m.value for m in known)]), max([centre, *(m.value for m in known)])
        room = (high - low) or max(abs(centre), 1.0) / 10
        low = max(min([low, *(m.low for m in known)]), low - room)
        high = min(max([high, *(m.high for m in known)]), high + room)
        return cls(low, high if high > low else low + room, centre, width)

    def column(self, x: float) -> int:
        """The cell of a value, which may be outside."""
        if not math.isfinite(x):
            return -1 if x < 0 else self.width
        return round((x - self.low) / (self.high - self.low) * (self.width - 1))

    def line(self, measured: Measured | None) -> str:
        """A dot with its whiskers, and the value of a calibrated model; an arrow where they go on."""
        cells = [" "] * self.width
        if 0 <= self.column(self.centre) < self.width:
            cells[self.column(self.centre)] = "┊"
        if measured is None or math.isnan(measured.value):
            return "".join(cells)
        left, right = self.column(measured.low), self.column(measured.high)
        for at in range(max(left, 0), min(right, self.width - 1) + 1):
            cells[at] = "┼" if cells[at] == "┊" else "─"
        if left < 0:
            cells[0] = "◂"
        if right >= self.width:
            cells[-1] = "▸"
        cells[min(max(self.column(measured.value), 0), self.width - 1)] = "●"
        return "".join(cells)

    def axis(self) -> str:
        """The numbers at the ends, and in between that of a calibrated model where there is room."""
        left, right, middle = told(self.low, 3), told(self.high, 3), told(self.centre, 3)
        cells = list(left + " " * max(self.width - len(left) - len(right), 1) + right)
        at = self.column(self.centre) - len(middle) // 2
        if len(left) < at and at + len(middle) < self.width - len(right):
            cells[at : at + len(middle)] = middle
        return "".join(cells)


def measured_text(measured: Measured | None) -> str:
    """A figure with the ends of its interval."""
    if measured is None:
        return UNDEFINED
    return f"{told(measured.value)} [{told(measured.low, 3)}, {told(measured.high, 3)}]"


# ---- text -----------------------------------------------------------------------------------------------------------


def text(found: Segments, head: Sequence[str]) -> list[str]:
    """The segments as lines for people.

    Args:
        found: the segments.
        head: what is said of the file first.
    """
    blocks = [
        [part for line in head for part in textwrap.wrap(line, WIDTH, break_long_words=False)],
        *(_of_column(found) if found.by is not None else _of_worst(found)),
        [part for note in found.notes for part in _wrapped(f"note: {note}")],
    ]
    return [line for block in blocks if block for line in ("", *block)][1:]


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _of_column(found: Segments) -> list[list[str]]:
    name = cut(plain(visible(found.by or "")), LONGEST)
    all_rows = Segment((), found.whole)
    return [
        _table(found, name, [*found.segments, all_rows], 1),
        _wrapped(_meaning(found)),
        *(_drawn(found, title, get, centre) for title, get, centre in DRAWN),
    ]


def _meaning(found: Segments) -> str:
    said = "loss z: the mean loss less that of all other rows, in standard errors"
    if found.whole.ece is not None:
        said += "; floor: the ECE that a calibrated model would show; z: Spiegelhalter's"
    return said + ("; with the weights" if found.weighted else "")


def _drawn(found: Segments, title: str, get: Callable[[SegmentFigures], Measured | None], centre: float) -> list[str]:
    measured = [get(segment.figures) for segment in found.segments[:MOST_DRAWN]]
    if not any(measured):
        return []
    names = [_name(segment) for segment in found.segments[:MOST_DRAWN]]
    left = max(map(width_of, [title, *names]))
    texts = [measured_text(m) for m in measured]
    beside = max(map(len, texts))
    axis = Whiskers.of(measured, centre, max(WIDTH - left - beside - 4, 12))
    lines = [f"{_padded(n, left)}  {axis.line(m)}  {t}" for n, m, t in zip(names, measured, texts, strict=True)]
    more = len(found.segments) - len(names)
    rest = [f"… and {more:,} more"] if more else []
    return [f"{_padded(title, left)}  {axis.axis()}  95% interval", *lines, *rest]


def _of_worst(found: Segments) -> list[list[str]]:
    worse = [s for s in found.segments if (s.figures.loss_z or 0) > 0][:MOST_WORSE]
    better = [s for s in found.segments if (s.figures.loss_z or 0) < 0][:MOST_BETTER]
    looked = (
        f"looked at {found.looked_at:,} segments of at least {LEAST} rows in {found.columns:,} "
        f"column{'' if found.columns == 1 else 's'} and their pairs: {found.standing_out:,} stand out "
        f"(Benjamini–Hochberg, {RATE:.0%} of these by chance)"
    )
    skipped = "; ".join(f"{visible(column)} ({why})" for column, why in found.skipped)
    return [
        _wrapped(looked),
        _table(found, "worse than the rest", worse, 1) if worse else [],
        _table(found, "better than the rest", better, 1) if better else [],
        _wrapped(f"{_meaning(found)}; p*: by chance, corrected for all that were looked at") if worse or better else [],
        _wrapped(f"not looked at: {skipped}") if skipped else [],
        _wrapped("--only COLUMN=VALUE shows all figures of one (of a pair: --only twice)") if worse else [],
    ]  # fmt: skip


def _name(segment: Segment) -> str:
    return cut(plain(name_of(segment)), LONGEST) if segment.held else "all rows"


def _table(found: Segments, title: str, segments: Sequence[Segment], left: int) -> list[str]:
    columns = heads(found)
    names = [(cut(plain(full_name(s)), 2 * LONGEST) if found.by is None else _name(s)) for s in segments]
    rows = [[title, *(c.title for c in columns)]]
    rows += [[name, *(c.text(s) for c in columns)] for name, s in zip(names, segments, strict=True)]
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH and len(widths) > 4:  # the last columns go where room is short
        widths.pop()
    return [
        "  ".join(
            _padded(c, w) if i < left else " " * (w - width_of(c)) + c
            for i, (c, w) in enumerate(zip(row, widths, strict=False))
        ).rstrip()
        for row in rows
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))
