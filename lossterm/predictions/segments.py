"""Where a file is bad: the segments of a column, and the worst of all columns and pairs of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lossterm.core.names import unknown
from lossterm.core.plain import echoed
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.question import Question
from lossterm.core.statistics.segment_sums import (
    OF_ALL,
    OF_ALL_WEIGHTED,
    OF_LOSS,
    OF_LOSS_WEIGHTED,
    Parts,
    SegmentSums,
    Terms,
    Units,
    in_chunks,
    new_binning,
    passing,
    terms_of,
)
from lossterm.core.statistics.segments import SegmentFigures, benjamini_hochberg, chances, figures_of, loss_zs
from lossterm.files.chunk import Column, Texts
from lossterm.predictions.segment_columns import Coder, NumberWatch, Value, Watch, watch
from lossterm.predictions.survey import Cancelled, nothing_passes

if TYPE_CHECKING:
    from lossterm.core.jets import Array
    from lossterm.files.source import Source

LEAST = 50
"""Rows of a segment that is looked at for the worst."""

MOST = 100
"""Of the worst, how many are told."""

RATE = 0.05
"""The rate of false discoveries at which a segment is said to stand out."""

KEPT = 24_000_000
"""Numbers that are kept of all columns together for their intervals; of more, those of rows chosen by their number."""

CACHED = 30_000_000
"""Numbers and codes that are kept from one pass to the next; files with more are read again."""

CELLS = 1_500_000
"""Segments of pairs that are counted in one pass."""

WORKERS = max(2, min(4, os.cpu_count() or 2))
"""Threads that count: numpy lets go of the interpreter while it computes."""


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


def never() -> bool:
    """Not cancelled."""
    return False


def ignore(part: float) -> None:
    """Progress that nobody watches."""


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

Codes = Mapping[str, NDArray[np.intp]]
Count = Callable[[Codes, Parts], Sequence[Callable[[], object]]]
"""From the segments of a batch's rows and what is summed of them to what is to be done; each in any thread."""


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


# ---- the file -------------------------------------------------------------------------------------------------------

Batch = tuple[Examples, dict[str, Column]]


class Passes:
    """A file that is passed through several times with columns beside it.

    Args:
        source: the file.
        question: what is asked.
        names: the columns.
        executor: whose threads count.
        cancelled: asked between batches.
        progress: told the part that is done.
    """

    def __init__(
        self,
        source: Source,
        question: Question,
        names: Sequence[str],
        executor: Executor,
        cancelled: Callable[[], bool],
        progress: Callable[[float], None],
    ) -> None:
        self.question, self.names = question, list(names)
        self._source, self._executor, self._cancelled, self._progress = source, executor, cancelled, progress
        self._units = Units()
        self._watches: dict[str, Watch] = {}
        self._held: list[Batch] | None = []
        self._binning = new_binning(question)
        self._done, self._share = 0.0, 1.0

    def first(self, passes: int) -> None:
        """The first pass, which tells what segments there are and how large the terms are.

        Args:
            passes: how many there will be, for the progress.

        Raises:
            ValueError: no row passes the filter.
        """
        self.expect(passes)
        numbers, room = 0, KEPT // max(len(self.names), 1)
        for examples, columns in self._batches():
            numbers += len(examples) * (len(columns) + 2)
            if self._held is not None:
                self._held.append((examples, columns))
                self._held = self._held if numbers <= CACHED else None
            for name, column in columns.items():
                if name not in self._watches:
                    self._watches[name] = watch(name, column, room)
            see = [self._seeing(name, column, examples) for name, column in columns.items()]
            self._all([lambda e=examples: self._units.add(terms_of(e, self.question)), *see])  # type: ignore[misc]
        if not self._units.rows:
            raise ValueError(nothing_passes(self.question))

    def expect(self, passes: int) -> None:
        """So many passes are to come, of which the progress tells what is left."""
        self._share = (1 - self._done) / passes

    def _seeing(self, name: str, column: Column, examples: Examples) -> Callable[[], object]:
        return lambda: self._watches[name].add(column, examples.row)

    def again(self, count: Count, coders: Sequence[Coder], *, full: bool) -> None:
        """Another pass.

        Args:
            count: tells what is to be counted of a batch.
            coders: of the columns that it needs.
            full: whether every term is summed, not that of the loss alone.
        """
        for examples, columns in self._batches():
            codes: dict[str, NDArray[np.intp]] = {}
            parts: list[Parts] = []

            def cut(e: Examples = examples, made: list[Parts] = parts) -> None:
                made.append(Parts(self._terms(e, full=full), self._units, self._names(full=full), binned=full))

            def code(coder: Coder, c: dict[str, Column] = columns, made: dict[str, NDArray[np.intp]] = codes) -> None:
                made[coder.name] = coder.encode(c[coder.name])

            self._all([cut, *(lambda each=coder, code=code: code(each) for coder in coders)])
            self._all(count(codes, parts[0]))

    def new(self, cells: int, *, full: bool = False) -> SegmentSums:
        """Sums of so many segments."""
        bins = self.question.bins if full and self._binning is not None else 0
        return SegmentSums(self._units, self._names(full=full), cells, bins)

    def figures(self, sums: SegmentSums, whole: SegmentSums) -> Callable[[int], SegmentFigures]:
        """The figures of a cell."""
        classes, weighted = bool(self.question.classes), self.question.weighted
        is_of_values = self.question.kind == "value"

        def of(cell: int) -> SegmentFigures:
            found = figures_of(sums, cell, whole, weighted=weighted, classes=classes)
            return replace(found, ece=None, ece_floor=None, z=None) if is_of_values else found

        return of

    def coder(self, name: str) -> Coder:
        """What tells the segments of a column."""
        return self._watches[name].coder()

    def unfit(self, name: str, *, strict: bool) -> str:
        """Why a column has no segments; empty where it has."""
        return self._watches[name].unfit(self._units.rows, strict=strict)

    def notes(self) -> tuple[str, ...]:
        """What is to be said of how the segments were found."""
        sampled = [name for name, each in self._watches.items() if isinstance(each, NumberWatch) and each.is_sampled]
        said = []
        if sampled:
            said.append(
                f"the intervals of {', '.join(map(echoed, sampled))} are those of a sample of the rows, so that they "
                "hold about equally many; the figures are of all rows"
            )
        if count := self._units.infinite:
            rows = f"{count:,} row{'' if count == 1 else 's'}"
            said.append(f"the loss of {rows} is ∞: loss_z and standard errors are of the other rows")
        if self._units.coarse:
            said.append("numbers are of very different sizes: sums of those far below the largest have few digits")
        return tuple(said)

    def _names(self, *, full: bool) -> Sequence[str]:
        of_loss, of_all = (OF_LOSS_WEIGHTED, OF_ALL_WEIGHTED) if self.question.weighted else (OF_LOSS, OF_ALL)
        names = of_all if full else of_loss
        forecast = self.question.forecast
        absent = {"zn", "zv"} if self.question.kind == "value" else set()
        absent |= {"wc"} if forecast is None or not forecast.intervals else set()
        return [name for name in names if name not in absent]

    def _terms(self, examples: Examples, *, full: bool) -> Terms:
        return terms_of(examples, self.question, self._binning if full else None)

    def _all(self, tasks: Sequence[Callable[[], object]]) -> None:
        for future in [self._executor.submit(task) for task in tasks]:
            future.result()
        if self._cancelled():
            raise Cancelled

    def _batches(self) -> Iterator[Batch]:
        before, share = self._done, self._share

        def progress(part: float) -> None:
            self._done = max(self._done, min(before + share * part, 1.0))
            self._progress(self._done)

        if self._held and self._units.rows:
            for i, batch in enumerate(self._held):
                yield batch
                progress((i + 1) / len(self._held))
            return
        only = self.question.only
        for examples, columns in self._source.with_columns(self.names, self._cancelled, progress, only.conditions):
            for piece in in_chunks(len(examples)):
                yield from _passing(examples.take(piece), {n: _part(c, piece) for n, c in columns.items()},
                                    self.question)  # fmt: skip
        if self._cancelled():
            raise Cancelled


def _passing(examples: Examples, columns: dict[str, Column], question: Question) -> Iterator[Batch]:
    kept = passing(examples, question)
    if len(kept) < len(examples):
        where = np.searchsorted(examples.row, kept.row)
        columns = {name: _part(column, where) for name, column in columns.items()}
    if len(kept):
        yield kept, columns


def _part(column: Column, which: slice | NDArray[np.intp]) -> Column:
    if isinstance(column, Texts):
        return Texts(column.codes[which], column.names)
    return np.asarray(column)[which]
