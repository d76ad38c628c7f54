"""A source of examples: one or several files, read as one, in batches, as often as needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.names import unknown
from lossterm.core.plain import visible
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.examples import Examples
from lossterm.files import paths as files
from lossterm.files.arrays import Arrays
from lossterm.files.assembly import Assembly, numbers
from lossterm.files.beside import RowsHeld, forms_beside, understood
from lossterm.files.cells import number_of
from lossterm.files.checks import BadData
from lossterm.files.chunk import Broken, Chunk, Column, Form, SourceTable, Texts, Unreadable, as_text, as_texts
from lossterm.files.columns import Columns, Holds, several_labels
from lossterm.files.content import look
from lossterm.files.delimited import SAMPLE
from lossterm.files.families import class_families, families
from lossterm.files.guessing import guess
from lossterm.files.joining import joined
from lossterm.files.labels import Coding, Labels, decide
from lossterm.files.opening import Layout, agree, open_all
from lossterm.files.paths import Found, Scratch
from lossterm.files.progress import ignore, never
from lossterm.files.sides import sided

if TYPE_CHECKING:
    from lossterm.core.statistics.part import Part


MOST_LABELS = 20_000
"""Distinct texts from which a column is none of classes, and the rest is not looked at."""


def _unnamed(table: SourceTable) -> bool:
    # whether its columns have no names of their own
    return isinstance(table, Arrays) and table.plain


def _coded(sample: Mapping[str, Sequence[object]], name: str, coding: Coding) -> Array:
    """The first rows of a column of labels or decisions as label 0 or 1, NaN where there is none."""
    texts = _texts(sample, name)
    values, _ = coding.encode(as_texts(texts) if coding.form == "text" else _numbers(texts), name)
    coding.restart()
    return values


def _texts(sample: Mapping[str, Sequence[object]], name: str) -> list[str]:
    return [as_text(value) for value in sample[name]]


def _numbers(texts: Sequence[str]) -> Array:
    found = [number_of(text) for text in texts]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def _agreement(sample: Mapping[str, Sequence[object]], columns: Columns) -> float:
    """The part of the first rows in which the column of the label's number has the largest prediction."""
    label = _numbers([as_text(value) for value in sample[columns.label]])
    table = np.column_stack([_numbers([as_text(value) for value in sample[name]]) for name in columns.read])
    good = np.isfinite(table).all(axis=1) & np.isfinite(label)
    if not good.any():
        return 0.0
    first = 1 if label[good].min() >= 1 and label[good].max() == table.shape[1] else 0
    return float(np.mean(table[good].argmax(axis=1) == label[good] - first))


def _beside(
    examples: Examples, chunk: Chunk, first: int, names: Sequence[str], required: Sequence[RowsHeld]
) -> tuple[Examples, dict[str, Column]]:
    """The examples of a batch that fulfil what is required, and what its other columns hold beside them."""
    if required:
        rows = examples.row - first
        held = np.logical_and.reduce([each.holds(chunk.columns[each.column]) for each in required])[rows]
        if not held.all():
            examples = examples.take(held)
    rows = examples.row - first
    return examples, {name: _taken(chunk.columns[name], rows, chunk.count) for name in names}


def _taken(column: Column, rows: NDArray[np.int64], count: int) -> Column:
    if len(rows) == count:
        return column
    return Texts(column.codes[rows], column.names) if isinstance(column, Texts) else np.asarray(column)[rows]


@dataclass(frozen=True, eq=False)
class WayOfReading:
    """How files are read, once that is decided.

    Attributes:
        columns: which are read.
        coding: how labels become numbers.
        sample: the first rows, by column.
        skip_bad: whether bad rows are left out.
        groups: names of the groups that have numbers.
    """

    columns: Columns
    coding: Coding
    sample: Mapping[str, Sequence[object]]
    skip_bad: bool
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Rows:
    """A batch of a pass.

    Attributes:
        chunk: what was read.
        fresh: whether it is new.
        title: of the file.
        done: rows of the file before them.
        offset: rows of the files before that.
        line: of a row of the file the line on which it begins.
    """

    chunk: Chunk
    fresh: bool
    title: str
    done: int
    offset: int
    line: Callable[[int], int | None]

    def examples(self, assembly: Assembly) -> Examples:
        """What an assembly makes of it."""
        return assembly.examples(self.chunk, self.title, self.done, self.offset, self.line)


class Source:
    """Examples from files.

    Attributes:
        columns: which columns are read.
        names: all columns of the files.
        title: short names of the files.
        label_names: of label 0 and 1, or of the K classes; () for real labels.
        size: bytes of the files.
        part: the summary that is there in the place of files; None where there are files.
    """

    part: Part | None = None
    _before = 0
    _first_label: Source | None = None
    _of_files: tuple[str, ...] = ()

    def __init__(
        self,
        found: Sequence[Found],
        tables: Sequence[SourceTable],
        columns: Columns,
        positive: str | None,
        skip_bad: bool,
        class_names: Sequence[str] = (),
    ) -> None:
        self._found = found
        self._tables = tables
        self._totals: list[int | None] = [table.rows if table.exact else None for table in tables]
        self._skip_bad = skip_bad
        self._positive = positive
        self._scratch: Scratch | None = None
        self.names = tables[0].names
        self.title = visible(files.title_of(found))
        self.size = sum(file.size for file in found)
        sample = tables[0].sample()
        content = look(sample[columns.label])
        partial = len(tables) > 1 or len(sample[columns.label]) >= SAMPLE
        labels = Labels(
            content, partial, lambda: self._label_range(columns.label), lambda: self._label_texts(columns.label),
            lambda order: _agreement(sample, order),
        )  # fmt: skip
        try:
            coding, columns = decide(labels, columns, positive, class_names)
        except BadData as error:
            raise BadData(f"{self.title}: {error}") from None
        if len(columns.read) == 1 and columns.kind != "value" and columns.decision is None:
            label, prediction = (_coded(sample, columns.label, coding), _numbers(_texts(sample, columns.read[0])))
            decisions = [(name, _coded(sample, name, coding)) for name in columns.passed_over if name in sample]
            columns = sided(columns, coding.names, label, prediction, decisions)
        if len(columns.read) == 2 and columns.kind != "value":
            columns = replace(columns, classes=coding.names)
        self._take(WayOfReading(columns, coding, sample, skip_bad))

    def _take(self, reading: WayOfReading) -> None:
        self.columns = reading.columns
        self.label_names = reading.coding.names
        self._first = reading.sample
        self._assembly = Assembly(reading.columns, reading.coding, reading.skip_bad)
        self._assembly.groups = list(reading.groups)

    def reading(self, columns: Sequence[str]) -> WayOfReading:
        """How the files are read, for one of them that is read elsewhere.

        Args:
            columns: those that are asked for beside the needed ones.
        """
        names = {*self.forms, *columns}
        sample = {name: values for name, values in self._first.items() if name in names}
        return WayOfReading(self.columns, self._assembly.coding, sample, self._skip_bad, tuple(self.groups))

    @classmethod
    def as_decided(cls, found: Found, table: SourceTable, reading: WayOfReading, before: int = 0) -> Source:
        """One file, or some of its rows, read as was decided for all of them.

        Args:
            found: the file.
            table: its rows, or some of them.
            reading: what was decided.
            before: how many rows of the file are before these.
        """
        source = cls.__new__(cls)
        source._before = before
        source._found, source._tables, source._totals = [found], [table], [table.rows if table.exact else None]
        source._skip_bad, source._scratch = reading.skip_bad, None
        source.names, source.title, source.size = table.names, visible(found.title), found.size
        source._take(reading)
        return source

    def take_over(self, totals: Sequence[int], reasons: Mapping[str, int]) -> None:
        """Know what a pass elsewhere has found: the rows of each file, and how many were left out."""
        self._totals = list(totals)
        self._assembly.reasons = Counter(reasons)

    @property
    def notes(self) -> tuple[str, ...]:
        """Doubts about how the file is read, and what was assumed; each names the option that says otherwise."""
        return tuple(map(visible, self.columns.notes))

    @property
    def label_notes(self) -> tuple[str, ...]:
        """Those of the label that is read, where there are several."""
        shared = {*self._of_files, several_labels(self.columns.pairs, self.columns.no_labels)}
        return tuple(visible(note) for note in self.columns.notes if note not in shared)

    def _first_rows(self) -> Mapping[str, Sequence[object]]:
        return self._tables[0].sample()

    @property
    def numeric(self) -> list[str]:
        """The columns that hold numbers, from their first rows."""
        return [name for name, values in self._first_rows().items() if look(values).numeric]

    @property
    def scored(self) -> list[str]:
        """The columns that may hold probabilities or logits, from their first rows."""
        return [name for name, values in self._first_rows().items() if look(values).like_scores]

    @property
    def held(self) -> dict[str, str]:
        """What each column holds, in a few words, from its first rows."""
        return {name: look(values).range_text for name, values in self._first_rows().items()}

    @property
    def families(self) -> list[tuple[str, ...]]:
        """Groups of columns that may be predictions of classes, one a class, the likeliest first."""
        sample = self._first_rows()
        contents = {name: look(values) for name, values in sample.items()}
        numeric = [name for name in self.names if contents[name].numeric and name != self.columns.label]
        texts = contents[self.columns.label].texts
        found = [tuple(each.columns) for each in (*families(numeric, texts), *class_families(numeric, texts))]
        several = [self.columns.read] if len(self.columns.read) > 1 else []
        return list(dict.fromkeys([*several, *found]))

    def record(self) -> dict[str, object]:
        """Which columns were taken for what, for programs."""
        columns = self.columns
        classes = columns.classes if len(columns.predictions) > 1 else self.label_names
        return {
            "label": columns.label,
            "predictions": list(columns.read),
            "kind": columns.given,
            "positive": self.label_names[1] if len(columns.predictions) == 1 and len(self.label_names) == 2 else None,
            "classes": list(classes),
            "decision": columns.decision,
            "complement": columns.other,
            "out_of": columns.out_of,
            "forecast": None
            if columns.forecast is None
            else {
                "shape": columns.forecast.shape,
                "columns": list(columns.told),
                "levels": list(columns.forecast.levels),
            },
            "pairs": [{"label": label, "prediction": prediction} for label, prediction in columns.pairs],
            "weight": columns.weight,
            "group": columns.group,
            "key": columns.key,
            "passed_over": list(columns.passed_over),
        }

    @classmethod
    def open(
        cls,
        paths: Sequence[str],
        *,
        label_column: str | None = None,
        prediction_columns: Sequence[str] | None = None,
        kind: Holds | None = None,
        weight_column: str | None = None,
        group_column: str | None = None,
        positive: str | None = None,
        class_names: Sequence[str] = (),
        out_of: float | None = None,
        key: str | None = None,
        levels: Sequence[float] = (),
        delimiter: str | None = None,
        decimal: str | None = None,
        encoding: str | None = None,
        skip_bad: bool = False,
    ) -> Source:
        """Find out what the files are and which of their columns to read.

        Args:
            paths: files, patterns, or ``-`` for standard input.
            label_column: where it is not to be guessed; so for the others.
            prediction_columns: one, K in the order of the classes, or a beginning with ``*``.
            kind: what the predictions are.
            weight_column: the weights.
            group_column: the groups.
            positive: the label that is 1; every other is 0.
            class_names: the classes in their order.
            out_of: what a certainty is in the file, such as 100 of per cent.
            key: a column that tells the examples apart: never a label nor a prediction.
            levels: of quantiles, where the names of their columns do not tell.
            delimiter: of delimited text.
            decimal: what stands before decimals, a dot or a comma.
            encoding: of text.
            skip_bad: leave bad rows out and count them, instead of ending at the first. A file that is cut off or
                damaged ends the reading all the same.

        Raises:
            BadData: one line that names the file and what is wrong.
            ValueError: polars is needed and not installed.
        """
        scratch = Scratch()
        try:
            layout = Layout(delimiter, decimal, encoding)
            opened = open_all(files.find(paths, scratch), scratch, layout)
            found, tables = [file for file, _, _ in opened], [table for _, table, _ in opened]
            title = files.title_of(found)
            notes = [*files.repeated(found), *(note for _, _, told in opened for note in told)]
            if pair := joined(found, tables, key, label_column):
                found, tables, notes = [pair[0]], [pair[1]], [*notes, *pair[2]]
            agree(found, tables)
            try:
                columns = guess(
                    tables[0].names, tables[0].sample(), label=label_column, predictions=prediction_columns,
                    kind=kind, weight=weight_column, group=group_column, class_names=class_names, out_of=out_of,
                    key=key, levels=levels, unnamed=_unnamed(tables[0]),
                )  # fmt: skip
            except BadData as error:
                also = f" ({tables[0].aside})" if tables[0].aside else ""
                raise BadData(f"{found[0].title}: {error}{also}") from None
            columns = replace(columns, notes=(*notes, *columns.notes))
            source = cls(found, tables, columns, positive, skip_bad, class_names)
            source.title = visible(title)
        except BaseException:
            scratch.close()
            raise
        source._scratch, source._of_files = scratch, tuple(notes)
        return source

    def at_label(self, label: str) -> Source:
        """The same files with another of several labels in the place of the first, read in the same way.

        Raises:
            BadData: there is no such label, or its columns are not such.
        """
        first = self._first_label or self
        columns, predictions = first.columns, dict(first.columns.pairs)
        if not predictions:
            one = "--label-column NAME reads another"
            raise BadData(f"--label is of several labels with a prediction each, and {columns.label!r} is alone: {one}")
        if odd := next((each for each in columns.no_labels if each.startswith(f"{label} (")), None):
            raise BadData(f"several labels are 0 and 1 each, and not {odd}: --label-column {label} reads it alone")
        if label not in predictions:
            raise BadData(unknown(label, "label", list(predictions)))
        if label == columns.label:
            return first
        others = {name for pair in columns.pairs for name in pair} - {label, predictions[label]}
        given = self._guessed(
            label, [predictions[label]], others, kind=columns.given, weight=columns.weight, group=columns.group,
            key=columns.key, out_of=columns.out_of if columns.out_of != 1 else None,
        )  # fmt: skip
        notes = (*first._of_files, several_labels(columns.pairs, columns.no_labels), *given.notes)
        given = replace(given, pairs=columns.pairs, no_labels=columns.no_labels, notes=notes)
        source = Source(self._found, self._tables, given, self._positive, self._skip_bad)
        source.title, source._scratch = self.title, self._scratch
        source._first_label, source._of_files = first, first._of_files
        return source

    def beside(
        self, label: str, predictions: Sequence[str], *, positive: str | None, class_names: Sequence[str] = (),
        **options: Any,
    ) -> Source:  # fmt: skip
        """Other columns of the same files, which are not opened again.

        Args:
            label: the column of labels.
            predictions: those of predictions.
            positive: the label that is 1.
            class_names: the classes in their order.
            options: what else `guess` takes.

        Raises:
            BadData: its columns are not such.
        """
        given = self._guessed(label, predictions, class_names=class_names, **options)
        return Source(self._found, self._tables, given, positive, self._skip_bad, class_names)

    def _guessed(
        self, label: str, predictions: Sequence[str], without: Collection[str] = (), **options: Any
    ) -> Columns:
        table = self._tables[0]
        names = [name for name in table.names if name not in without]
        try:
            return guess(
                names, table.sample(), label=label, predictions=list(predictions), unnamed=_unnamed(table),
                **options,
            )  # fmt: skip
        except BadData as error:
            raise BadData(f"{self.title}: {error}") from None

    @property
    def first_told(self) -> tuple[str, ...]:
        """The columns that tell most of an example."""
        return self.columns.first_told

    @property
    def class_count(self) -> int:
        """K, or 0 where there is one prediction an example."""
        count = len(self.columns.predictions)
        return count if count > 1 else 0

    @property
    def skips_bad(self) -> bool:
        """Whether bad rows are left out."""
        return self._skip_bad

    @property
    def assembly(self) -> Assembly:
        """What makes examples of its columns."""
        return self._assembly

    @property
    def groups(self) -> list[str]:
        """Names of the groups seen so far; ``Examples.group`` is the index."""
        return self._assembly.groups

    def group_index(self, name: str) -> int:
        """The index of a group, which is looked for in the files where it has not been seen.

        Raises:
            BadData: there is none of this name; or as in `batches`.
        """
        if name not in self.groups:
            for _ in self.batches():
                if name in self.groups:
                    break
            else:
                raise BadData(unknown(name, "group", self.groups))
        return self.groups.index(name)

    @property
    def tables(self) -> list[tuple[Found, SourceTable]]:
        """The files, each as a table."""
        return list(zip(self._found, self._tables, strict=True))

    @property
    def forms(self) -> Mapping[str, Form]:
        """The columns that examples are made of, and how each is read."""
        return self._assembly.forms

    def chunks(self, file: Found, table: SourceTable, forms: Mapping[str, Form]) -> Iterator[tuple[int, Chunk, bool]]:
        """Some columns of one of the `tables`, bad rows marked: rows before, the rows, and whether they are new.

        Raises:
            BadData: the file is damaged, or has changed.
        """
        return self._chunks(file, table, forms, strict=False)

    def texts(self, name: str) -> Iterator[tuple[int, Texts]]:
        """The texts of a column in every row: how many rows are before some, and theirs.

        Raises:
            BadData: there is no such column; or as in `batches`.
        """
        if name not in self.names:
            raise BadData(unknown(name, "column", self.names))
        offset = 0
        for file, table in self.tables:
            done = 0
            for done, chunk, fresh in self.chunks(file, table, {**self._assembly.forms, name: "text"}):
                column = chunk.columns[name]
                if fresh and isinstance(column, Texts):
                    yield offset + done, column
                done += chunk.count  # noqa: PLW2901
            offset += done

    @property
    def skip_reasons(self) -> Counter[str]:
        """How many bad rows the last pass left out for each reason."""
        return self._assembly.reasons

    @property
    def skipped(self) -> int:
        """How many bad rows the last pass left out."""
        return sum(self.skip_reasons.values())

    def keep(self, scratch: Scratch) -> None:
        """Take over what must be removed when the source is closed."""
        self._scratch = scratch

    def close(self) -> None:
        """Remove what was kept of standard input; also done when the source is no longer used."""
        if self._scratch is not None:
            self._scratch.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def batches(
        self,
        cancelled: Callable[[], bool] = never,
        progress: Callable[[float], None] = ignore,
        only: Sequence[Holding] = (),
    ) -> Iterator[Examples]:
        """All examples in the order of the rows; every call is a new pass.

        The arrays may be views of what was read: they must not be written to.

        Args:
            cancelled: asked before every batch; when it is true the pass ends.
            progress: told the fraction that is done, from 0 to 1.
            only: what other columns must hold; rows where one does not are left out.

        Raises:
            BadData: the first bad row, unless bad rows are skipped; or a file that is damaged, or has changed.
        """
        for examples, _ in self.with_columns((), cancelled, progress, only):
            yield examples

    def together(
        self,
        assemblies: Sequence[Assembly],
        cancelled: Callable[[], bool] = never,
        progress: Callable[[float], None] = ignore,
        only: Sequence[Holding] = (),
    ) -> Iterator[list[Examples]]:
        """What several assemblies make of the same batches, which are read once; otherwise as `batches`.

        An assembly that leaves bad rows out leaves out its own, and rows that do not hold what they must are left out
        of the first alone: the rows of the others must be found by their numbers.
        """
        needed: dict[str, Form] = {}
        for assembly in assemblies:
            assembly.restart()
            needed |= assembly.forms
        required = [understood(condition, self._first, needed) for condition in only]
        forms = forms_beside([each.column for each in required], self._first, needed)
        for rows in self._pass({**forms, **needed}, cancelled, progress):
            first, *others = [rows.examples(each) for each in assemblies]
            if rows.fresh:
                if required:
                    first, _ = _beside(first, rows.chunk, rows.offset + rows.done + 1, (), required)
                yield [first, *others]

    def with_columns(
        self,
        names: Sequence[str],
        cancelled: Callable[[], bool] = never,
        progress: Callable[[float], None] = ignore,
        only: Sequence[Holding] = (),
    ) -> Iterator[tuple[Examples, dict[str, Column]]]:
        """The same, with other columns beside them: numbers, nan where there is none, or texts.

        Raises:
            BadData: as `batches`; or there is no such column.
        """
        sample, needed = self._first, self._assembly.forms
        required = [understood(condition, sample, needed) for condition in only]
        forms = forms_beside([*names, *(each.column for each in required)], sample, needed)
        self._assembly.restart()
        for rows in self._pass({**forms, **needed}, cancelled, progress):
            examples = rows.examples(self._assembly)
            if rows.fresh and len(examples):
                examples, beside = _beside(examples, rows.chunk, rows.offset + rows.done + 1, names, required)
                if len(examples):
                    yield examples, beside

    def _pass(
        self, forms: Mapping[str, Form], cancelled: Callable[[], bool], progress: Callable[[float], None]
    ) -> Iterator[_Rows]:
        """Some columns of all files, in the order of the rows, until it is cancelled.

        Raises:
            BadData: a file is damaged, or has changed; or there are no rows in any.
        """
        offset = 0
        for at, (file, table) in enumerate(self.tables):
            done = 0
            for done, chunk, fresh in self._chunks(file, table, forms, not self._skip_bad):
                if cancelled():
                    return
                yield _Rows(chunk, fresh, file.title, self._before + done, offset, partial(self._line, file, table))
                done += chunk.count  # noqa: PLW2901
                progress(self._fraction(at, offset + done))
            self._totals[at] = done
            offset += done
        if not offset:
            raise BadData(f"{self.title}: there are no rows of data")
        progress(1.0)

    def check_columns(self, names: Sequence[str], only: Sequence[Holding]) -> None:
        """See whether there are other columns of these names, and whether conditions mean something.

        Raises:
            BadData: one does not; or a value is asked for that its column cannot hold.
        """
        sample, needed = self._tables[0].sample(), self._assembly.forms
        forms_beside(names, sample, needed)
        for condition in only:
            understood(condition, sample, needed)

    def rows(self, numbers: Sequence[int]) -> list[dict[str, object]]:
        """All columns of some rows, in the order asked; text files give the texts that are in them.

        Args:
            numbers: row numbers, from 1, counted through all files.

        Raises:
            BadData: a file ends before such a row, or has changed.
        """
        found: dict[int, dict[str, object]] = {}
        left, offset = sorted({number - 1 for number in numbers}), 0
        for at, (file, table) in enumerate(self.tables):
            if not left:
                break
            total = self._total(at)
            here = [row - offset for row in left if row < offset + total]
            if here:
                file.check()
                try:
                    picked = table.pick(self._assembly.forms, here)
                except Unreadable as error:
                    raise BadData(f"{file.title}: {error}") from None
                found |= {row + offset: values for row, values in picked.items()}
                left = left[len(here) :]
            offset += total
        for number in numbers:
            if number - 1 not in found:
                raise BadData(f"{self.title}: there is no row {number}")
        return [found[number - 1] for number in numbers]

    def _chunks(
        self, file: Found, table: SourceTable, forms: Mapping[str, Form], strict: bool
    ) -> Iterator[tuple[int, Chunk, bool]]:
        """The rows of one file, read as fast as it allows: where one way cannot go on, the next one does.

        Yields:
            How many rows are before it; the rows; and whether they are new. They are not new where a reader broke
            down after its first rows: then nothing can be saved, but a fault that the next reader finds is told.
        """
        file.check()
        done, why, saved = 0, "", True
        for reader in table.readers(forms, strict):
            position = 0
            try:
                for start, chunk in reader(done if saved else 0):
                    position = end = start + chunk.count
                    if not saved:
                        yield start, chunk, False
                    elif end > done:
                        known, done = done, end
                        yield max(known, start), chunk.after(max(0, known - start)), True
                file.check()
                if saved:
                    return
            except Unreadable as error:
                file.check()
                why, saved = str(error), saved and not (done and isinstance(error, Broken))
        raise BadData(f"{file.title}: {why}" + (f", after row {position:,}" if position else ""))

    def _line(self, file: Found, table: SourceTable, row: int) -> int | None:
        """The line of the file, as a person has it, on which a row begins; None where it has none."""
        return table.line(self._assembly.forms, row) if file.has_lines else None

    def _label_range(self, label: str) -> tuple[float, float]:
        """Least and greatest label of all files; what is no number is left to the passes to tell."""
        low, high = np.inf, -np.inf
        for file, table in self.tables:
            for _, chunk, _ in self._chunks(file, table, {label: "number"}, strict=False):
                values = numbers(chunk, label)
                finite = values[np.isfinite(values)]
                if len(finite):
                    low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        return low, high

    def _label_texts(self, label: str) -> list[str]:
        """The distinct labels of all files, the first so many."""
        found: dict[str, None] = {}
        for file, table in self.tables:
            for _, chunk, _ in self._chunks(file, table, {label: "text"}, strict=False):
                column = chunk.columns[label]
                assert isinstance(column, Texts)
                found |= dict.fromkeys(name for name in column.names if name)
                if len(found) > MOST_LABELS:
                    return list(found)
        return list(found)

    def _total(self, at: int) -> int:
        """The number of rows of a file; an endless one while it is not known, if it is the last."""
        known = self._totals[at]
        if known is None and at < len(self._tables) - 1:
            file, table = self._found[at], self._tables[at]
            known = sum(chunk.count for _, chunk, _ in self._chunks(file, table, self._assembly.forms, strict=False))
            self._totals[at] = known
        return 2**62 if known is None else known

    @property
    def row_counts(self) -> list[int]:
        """How many rows each file has, those that are left out too; known after a pass."""
        return [self._total(at) for at in range(len(self._tables))]

    @property
    def expected_rows(self) -> int:
        """How many rows there are: what a pass has counted, else what the first lines let one expect."""
        rows = [table.rows if total is None else total for table, total in zip(self._tables, self._totals, strict=True)]
        return max(sum(rows), 1)

    def _fraction(self, at: int, done: int) -> float:
        known = all(total is not None for total in self._totals)
        return min(done / self.expected_rows, 1.0 if known else 0.99)
