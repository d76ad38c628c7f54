"""The passes through a file that segments are counted in: cancelled, told, and remembered while there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lossterm.core.plain import echoed
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
from lossterm.core.statistics.segments import SegmentFigures, figures_of
from lossterm.files.chunk import Column, Texts
from lossterm.predictions.segment_columns import Coder, NumberWatch, Watch, watch
from lossterm.predictions.survey import Cancelled, nothing_passes

if TYPE_CHECKING:
    from lossterm.files.source import Source


KEPT = 24_000_000
"""Numbers that are kept of all columns together for their intervals; of more, those of rows chosen by their number."""


CACHED = 30_000_000
"""Numbers and codes that are kept from one pass to the next; files with more are read again."""


Codes = Mapping[str, NDArray[np.intp]]


Count = Callable[[Codes, Parts], Sequence[Callable[[], object]]]
"""From the segments of a batch's rows and what is summed of them to what is to be done; each in any thread."""


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
