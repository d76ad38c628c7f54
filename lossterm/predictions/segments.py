"""Where a file is bad: the segments of a column, and the worst of all columns and pairs of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lossterm.core.names import unknown
from lossterm.core.plain import echoed
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.question import Question
from lossterm.core.statistics.segment_sums import (
    Parts,
    SegmentSums,
    in_chunks,
)
from lossterm.core.statistics.segments import SegmentFigures, benjamini_hochberg, chances, loss_zs
from lossterm.files.progress import ignore, never
from lossterm.predictions.segment_columns import Coder, Value
from lossterm.predictions.segment_passes import Codes, Count, Passes
from lossterm.predictions.survey import WORKERS

if TYPE_CHECKING:
    from lossterm.core.jets import Array
    from lossterm.files.source import Source

LEAST = 50
"""Rows of a segment that is looked at for the worst."""

MOST = 100
"""Of the worst, how many are told."""

RATE = 0.05
"""The rate of false discoveries at which a segment is said to stand out."""


CELLS = 1_500_000
"""Segments of pairs that are counted in one pass."""


@dataclass(frozen=True)
class Segment:
    """Rows that have something in common.

    Attributes:
        held: which column holds what; two of them for a pair.
        figures: of these rows.
        chance: of the worst, the probability of a loss_z as far from 0 by chance; None where it was not looked for.
        corrected: the same, after the correction for all that were looked at.
    """

    held: tuple[tuple[str, Value], ...]
    figures: SegmentFigures
    chance: float | None = None
    corrected: float | None = None

    @property
    def conditions(self) -> tuple[Holding, ...]:
        """What ``--only`` takes for these rows."""
        return tuple(Holding.of(column, value.word) for column, value in self.held)


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of a column, or the worst of all.

    Attributes:
        by: the column; None for the worst of all.
        segments: of a column in its order, that of what is missing last; of the worst the largest of either sign of
            loss_z first.
        whole: all rows.
        weighted: whether the figures are with weights.
        looked_at: how many segments were looked at for the worst.
        columns: how many columns were.
        standing_out: how many are discoveries at a rate of `RATE`.
        skipped: columns that were not, and why.
        notes: what else is to be said.
    """

    by: str | None
    segments: tuple[Segment, ...]
    whole: SegmentFigures
    weighted: bool = False
    looked_at: int = 0
    columns: int = 0
    standing_out: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def by_column(
    source: Source,
    question: Question,
    column: str,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[float], None] = ignore,
) -> Segments:
    """The figures of each value of a column.

    Raises:
        ValueError: there is no such column, or it has too many texts.
        Cancelled: it was.
    """
    if column not in source.names:
        raise ValueError(unknown(column, "column", source.names))
    with ThreadPoolExecutor(WORKERS) as executor:
        reading = Passes(source, question, [column], executor, cancelled, progress)
        reading.first(passes=2)
        why = reading.unfit(column, strict=False)
        if why:
            raise ValueError(f"--by {echoed(column)}: {why}: there are no segments")
        coder = reading.coder(column)
        sums, whole = reading.new(coder.cells, full=True), reading.new(1, full=True)

        def count(codes: Mapping[str, NDArray[np.intp]], parts: Parts) -> list[Callable[[], object]]:
            everywhere = np.zeros(len(parts.terms), np.intp)
            return [lambda: sums.add(codes[column], parts), lambda: whole.add(everywhere, parts)]

        reading.again(count, [coder], full=True)
    figures = reading.figures(sums, whole)
    values = coder.values()
    found = [Segment(((column, values[k]),), figures(k)) for k in range(sums.cells) if sums.rows[k]]
    return Segments(column, tuple(found), reading.figures(whole, whole)(0), question.weighted, notes=reading.notes())


def columns_to_search(source: Source) -> list[str]:
    """The columns whose segments are looked at for the worst: neither labels nor predictions, weights nor keys."""
    columns = source.columns
    read = {columns.label, *columns.read, columns.weight, columns.key, columns.decision, columns.other}
    read |= {name for pair in columns.pairs for name in pair}
    return [name for name in source.names if name not in read]


def _not_searched(source: Source) -> dict[str, str]:
    columns = source.columns
    parts = ((columns.key, "it tells the rows apart"), (columns.weight, "the weights"))
    return {name: why for name, why in parts if name is not None}


def find_worst(
    source: Source,
    question: Question,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[float], None] = ignore,
    *,
    pairs: bool = True,
) -> Segments:
    """The segments of all columns and pairs of columns whose mean loss differs most from that of the rest.

    Args:
        source: the file.
        question: what is asked of it.
        cancelled: asked between batches.
        progress: told the part that is done, from 0 to 1.
        pairs: whether pairs are looked at, too.

    Raises:
        ValueError: something in the file is wrong.
        Cancelled: it was.
    """
    with ThreadPoolExecutor(WORKERS) as executor:
        reading = Passes(source, question, columns_to_search(source), executor, cancelled, progress)
        reading.first(passes=4 if pairs else 3)
        unfit = {name: why for name in reading.names if (why := reading.unfit(name, strict=True))}
        skipped = _not_searched(source) | unfit
        coders = [reading.coder(name) for name in reading.names if name not in unfit]
        whole = reading.new(1, full=True)
        singles = [reading.new(coder.cells) for coder in coders]
        reading.again(_counting(coders, singles, whole), coders, full=True)
        looked = []
        for coder, each in zip(coders, singles, strict=True):
            cells, z = _looked_at(each, whole, question)
            looked.append(LookedAt((coder,), cells[:, None], z))
        if pairs:
            looked += _pairs(reading, coders, singles, whole)
        told, chance, corrected = _sorted(looked)
        sums = reading.new(len(told), full=True)
        if told:
            reading.again(_those(told, sums), coders, full=True)
    figures, values = reading.figures(sums, whole), {coder.name: coder.values() for coder in coders}
    return Segments(
        None,
        tuple(
            Segment(
                tuple((coder.name, values[coder.name][k]) for coder, k in each), figures(i),
                float(chance[i]), float(corrected[i]),
            )
            for i, each in enumerate(told)
        ),
        reading.figures(whole, whole)(0),
        question.weighted,
        len(chance),
        len(coders),
        int(np.count_nonzero(corrected <= RATE)),
        tuple(skipped.items()),
        reading.notes(),
    )  # fmt: skip


# ---- the worst ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LookedAt:
    """The segments of a column, or of a pair, that are looked at.

    Attributes:
        coders: of the columns.
        cells: of each segment its place in each column, ``(m, 1)`` or ``(m, 2)``.
        z: its loss_z, ``(m,)``.
    """

    coders: tuple[Coder, ...]
    cells: NDArray[np.intp]
    z: Array


Cells = Sequence[tuple[Coder, int]]
"""A segment: the columns, and its place in each."""


def _counting(coders: Sequence[Coder], singles: Sequence[SegmentSums], whole: SegmentSums) -> Count:
    def count(codes: Codes, parts: Parts) -> list[Callable[[], object]]:
        def add(coder: Coder, sums: SegmentSums) -> Callable[[], object]:
            return lambda: sums.add(codes[coder.name], parts)

        everywhere = np.zeros(len(parts.terms), np.intp)
        return [lambda: whole.add(everywhere, parts), *map(add, coders, singles)]

    return count


def _looked_at(sums: SegmentSums, whole: SegmentSums, question: Question) -> tuple[NDArray[np.intp], Array]:
    z = loss_zs(sums, whole, weighted=question.weighted)
    found = np.flatnonzero((sums.rows >= LEAST) & ~np.isnan(z))
    return found, z[found]


@dataclass(frozen=True, eq=False)
class Narrowed:
    """A column of whose segments only those are told apart that have enough rows.

    Attributes:
        coder: of the column.
        kept: the cells that are told apart.
        table: from a cell to its place among these; the last is all others.
        rows: of each cell that is told apart.
    """

    coder: Coder
    kept: NDArray[np.intp]
    table: NDArray[np.intp]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, coder: Coder, sums: SegmentSums) -> Narrowed:
        """Those of a column."""
        kept = np.flatnonzero(sums.rows >= LEAST)
        table = np.full(sums.cells, len(kept), np.intp)
        table[kept] = np.arange(len(kept))
        return cls(coder, kept, table, sums.rows[kept])

    @property
    def width(self) -> int:
        """How many there are, with the others as one."""
        return len(self.kept) + 1


def _pairs(
    reading: Passes, coders: Sequence[Coder], singles: Sequence[SegmentSums], whole: SegmentSums
) -> list[LookedAt]:
    narrowed = [Narrowed.of(coder, sums) for coder, sums in zip(coders, singles, strict=True)]
    waiting = [(a, b) for a, b in combinations(narrowed, 2) if len(a.kept) and len(b.kept)]
    found: list[LookedAt] = []
    passes = []
    while waiting:
        together, waiting = _fitting(waiting)
        passes.append(together)
    reading.expect(len(passes) + 1)
    for together in passes:
        tables = [reading.new(a.width * b.width) for a, b in together]
        reading.again(_counting_pairs(together, tables), coders, full=False)
        for (a, b), sums in zip(together, tables, strict=True):
            cells, z = _looked_at(sums, whole, reading.question)
            i, j = cells // b.width, cells % b.width
            # a pair that has all rows of one of its two is no other segment
            one, other = np.append(a.rows, 0)[i], np.append(b.rows, 0)[j]
            new = sums.rows[cells] < np.minimum(one, other)  # of those that are not told apart there are 0
            places = np.column_stack([a.kept[i[new]], b.kept[j[new]]])
            found.append(LookedAt((a.coder, b.coder), places, z[new]))
    return found


Pair = tuple[Narrowed, Narrowed]


def _fitting(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    # as many pairs as are counted at once, and the others
    cells, at = 0, 0
    for a, b in pairs:
        cells += a.width * b.width
        if at and cells > CELLS:
            break
        at += 1
    return list(pairs[:at]), list(pairs[at:])


def _counting_pairs(pairs: Sequence[Pair], tables: Sequence[SegmentSums]) -> Count:
    def count(codes: Codes, parts: Parts) -> list[Callable[[], object]]:
        places = {each.coder.name: each.table[codes[each.coder.name]] for pair in pairs for each in pair}

        def add(pair: Pair, sums: SegmentSums) -> Callable[[], object]:
            a, b = pair
            return lambda: sums.add(places[a.coder.name] * b.width + places[b.coder.name], parts)

        return list(map(add, pairs, tables))

    return count


def _those(told: Sequence[Cells], sums: SegmentSums) -> Count:
    # each of the segments that are told has a cell, whatever rows it shares with others
    def count(codes: Codes, parts: Parts) -> list[Callable[[], object]]:
        rows = []
        for each in told:
            here = np.logical_and.reduce([codes[coder.name] == k for coder, k in each])
            rows.append(np.flatnonzero(here))
        cell = np.repeat(np.arange(len(told)), [len(part) for part in rows])
        where = np.concatenate(rows)
        pieces = [(cell[piece], where[piece]) for piece in in_chunks(len(where))]

        def add() -> None:
            for c, w in pieces:
                sums.add(c, parts, w)

        return [add]

    return count


def _sorted(looked: Sequence[LookedAt]) -> tuple[list[Cells], Array, Array]:
    """The first so many by the size of loss_z; of all of them, in this order, the chance and the corrected one."""
    z = np.concatenate([each.z for each in looked]) if looked else np.empty(0)
    order = np.argsort(-np.abs(z), kind="stable")
    p = chances(z[order])
    ends = np.cumsum([len(each.z) for each in looked])
    told: list[Cells] = []
    for at in order[:MOST].tolist():
        which = int(np.searchsorted(ends, at, side="right"))
        each = looked[which]
        cells = each.cells[at - int(ends[which])].tolist()  # from the end of them
        told.append(list(zip(each.coders, cells, strict=True)))
    return told, p, benjamini_hochberg(p)
