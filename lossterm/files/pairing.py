"""Two predictions of the same rows: two columns of a file, or two files joined by a key or by the order of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array
from lossterm.core.numbers import trimmed
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.pair_sums import Pairs
from lossterm.files.checks import BadData, counted, listed, shown
from lossterm.files.chunk import Chunk, Form, Reader, SourceTable
from lossterm.files.columns import Columns, Holds
from lossterm.files.content import look
from lossterm.files.conversions import complement
from lossterm.files.guessing import guess
from lossterm.files.joining import Joined, loaded, rows_of
from lossterm.files.keys import inverse, places_of_rows, shared_key
from lossterm.files.naming import called, is_truth
from lossterm.files.opening import Layout, agree, open_all
from lossterm.files.paths import Found, Scratch, find, title_of
from lossterm.files.progress import ignore, never
from lossterm.files.source import Source


@dataclass(frozen=True)
class Wants:
    """How the second prediction is read, where it is not to be guessed.

    Attributes:
        columns: its column, or those of its classes.
        kind: what they hold.
        positive: the label that is 1, where the second file has labels of its own.
        label: the column of its labels.
        key: the column that tells the rows of both files apart.
        skip_bad: whether bad rows are left out.
        out_of: what a certainty is; where nothing is said that of the first, if there is more than 1.
    """

    columns: tuple[str, ...] = ()
    kind: str | None = None
    positive: str | None = None
    label: str | None = None
    key: str | None = None
    skip_bad: bool = False
    out_of: float | None = None


@dataclass(eq=False)
class Pairing:
    """Two predictions of the same rows, read together.

    Attributes:
        first: the first.
        second: the second; the same source where only what is made of it differs.
        place: of two files, of each row of the first its row in the second, −1 where it has none; None by row.
        key: the column by which two files are joined; None by row, or of one file.
        only_first: rows that the first file alone has.
        only_second: rows that the second file alone has.
        has_labels: whether the second has labels of its own.
        is_one_file: whether both are in the same file.
        notes: what was assumed.
        disagreeing: rows whose labels disagree, as the last pass counted them.
        bad: rows that the last pass left out because something is wrong with the second prediction.
    """

    first: Source
    second: Source
    place: NDArray[np.int64] | None = None
    key: str | None = None
    only_first: int = 0
    only_second: int = 0
    has_labels: bool = False
    is_one_file: bool = True
    notes: tuple[str, ...] = ()
    disagreeing: int = field(default=0, init=False)
    bad: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._order = _class_order(self.first, self.second)
        self._turned = _is_turned(self.first, self.second)
        self._kept: _Kept | None = None
        self._disagrees_at = 0
        self._told_otherwise = _told_otherwise(self.first, self.second)

    def close(self) -> None:
        """Remove what was kept of files other than the first."""
        if self.second is not self.first:
            self.second.close()

    def batches(
        self,
        cancelled: Callable[[], bool] = never,
        progress: Callable[[float], None] = ignore,
        only: Sequence[Holding] = (),
    ) -> Iterator[Pairs]:
        """All rows that both have, in the order of the first; every call is a new pass.

        Args:
            cancelled: asked before every batch; when it is true the pass ends.
            progress: told the fraction that is done, from 0 to 1.
            only: what other columns of the first must hold; rows where one does not are left out.

        Raises:
            BadData: the first bad row, unless bad rows are skipped; or labels that disagree, once all are counted.
        """
        for _, pairs in self.both(cancelled, progress, only):
            if len(pairs):
                yield pairs

    def both(
        self,
        cancelled: Callable[[], bool] = never,
        progress: Callable[[float], None] = ignore,
        only: Sequence[Holding] = (),
    ) -> Iterator[tuple[Examples, Pairs]]:
        """Every row of the first, as its source gives them, and beside them those rows that both have; as `batches`."""
        self.disagreeing = self.bad = 0
        yield from self._read(cancelled, progress, only)
        if self.disagreeing and not self.first.skips_bad:
            raise BadData(
                f"{self.second.title}: its labels disagree with those of {self.first.title} in "
                f"{counted(self.disagreeing, 'row')}, the first of them row {self._disagrees_at:,} there; --skip-bad "
                "leaves such rows out"
            )

    def _read(
        self, cancelled: Callable[[], bool], progress: Callable[[float], None], only: Sequence[Holding]
    ) -> Iterator[tuple[Examples, Pairs]]:
        if self.second is self.first:
            for examples in self.first.batches(cancelled, progress, only):
                yield examples, Pairs(examples, examples.prediction)
        elif self.is_one_file:
            both = (self.first.assembly, self.second.assembly)
            for one, other in self.first.together(both, cancelled, progress, only):
                if len(one):
                    yield one, self._beside(one, other)
        else:
            kept = self._kept = self._kept or _Kept.of(self.second, cancelled)
            for examples in self.first.batches(cancelled, progress, only):
                if cancelled():
                    return
                yield examples, self._found(examples, kept)

    def _beside(self, one: Examples, other: Examples) -> Pairs:
        if len(one) != len(other) or not np.array_equal(one.row, other.row):
            here, there = np.isin(one.row, other.row), np.isin(other.row, one.row)
            self.bad += int(np.count_nonzero(~here))
            one, other = one.take(here), other.take(there)
        return Pairs(one, self._as_first(other.prediction))

    def _found(self, examples: Examples, kept: _Kept) -> Pairs:
        place = examples.row - 1 if self.place is None else self.place[examples.row - 1]
        there = (place >= 0) & (place < len(kept.good))
        good = there & kept.good[np.where(there, place, 0)] if len(kept.good) else there
        self.bad += int(np.count_nonzero(there & ~good))
        if not good.all():
            examples, place = examples.take(good), place[good]
        prediction = self._as_first(kept.prediction[place])
        if not self.has_labels:
            return Pairs(examples, prediction)
        if self._told_otherwise and len(examples):  # the rows tell which label is which
            self._told_otherwise = False
            self._turned = bool((examples.label != kept.label[place]).mean() > 0.5)
            prediction = self._as_first(kept.prediction[place])
        wrong = examples.label != self._label_as_first(kept.label[place].astype(float))
        if wrong.any():
            if not self.disagreeing:
                self._disagrees_at = int(examples.row[int(wrong.argmax())])
            self.disagreeing += int(np.count_nonzero(wrong))
            examples, prediction = examples.take(~wrong), prediction[~wrong]
        return Pairs(examples, prediction)

    def _as_first(self, prediction: Array) -> Array:
        """The second prediction with the classes of the first."""
        if self._order is not None:
            return prediction[:, self._order]
        if self._turned:
            return complement(prediction) if self.second.columns.kind == "probability" else -prediction
        return prediction

    def _label_as_first(self, label: Array) -> Array:
        if self._order is not None:
            return np.argsort(self._order)[label.astype(np.intp)].astype(float)
        return 1 - label if self._turned else label


@dataclass(frozen=True, eq=False)
class _Kept:
    """The predictions and labels of a second file by its rows, and which of these are good."""

    prediction: Array
    label: NDArray[Any]
    good: NDArray[np.bool_]

    @classmethod
    def of(cls, source: Source, cancelled: Callable[[], bool]) -> _Kept:
        rows: list[NDArray[np.int64]] = []
        predictions: list[Array] = []
        labels: list[NDArray[Any]] = []
        try:
            for examples in source.batches(cancelled):
                rows.append(examples.row)
                predictions.append(examples.prediction)
                label = examples.label
                whole = bool((label == np.rint(label)).all() and (np.abs(label) < 2**15).all())
                labels.append(label.astype(np.int16) if whole else label)
        except BadData as error:
            raise BadData(_of_second(str(error))) from None
        if not rows:
            return cls(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool))
        row, prediction, label = np.concatenate(rows), np.concatenate(predictions), np.concatenate(labels)
        count = int(row[-1])
        if len(row) == count:  # every row is good
            return cls(prediction, label, np.ones(count, dtype=bool))
        good = np.zeros(count, dtype=bool)
        good[row - 1] = True
        at = np.cumsum(good) - 1
        return cls(prediction[np.maximum(at, 0)], label[np.maximum(at, 0)], good)


# ---- opening --------------------------------------------------------------------------------------------------------


def same_rows(first: Source) -> Pairing:
    """The prediction of a file against itself, of which something else is made."""
    return Pairing(first, first)


def two_columns(first: Source, wants: Wants, **options: Any) -> Pairing:
    """Another prediction of the same file.

    Args:
        first: the file with the first prediction.
        wants: which column it is, and what it holds.
        options: what else is said of it, as `Source.beside` takes it.

    Raises:
        BadData: there is no such column, or it cannot be compared.
    """
    second = first.beside(
        first.columns.label, wants.columns, positive=wants.positive, kind=wants.kind, weight=None, group=None, **options
    )
    return _comparable(Pairing(first, second, notes=_notes_of(second, first)))


def two_files(first: Source, paths: Sequence[str], wants: Wants) -> Pairing:
    """The prediction of another file, whose rows are found by a key, else by their order.

    Raises:
        BadData: it cannot be read, a key is there twice, the files do not have as many rows and no key, or what they
            hold cannot be compared.
    """
    ours = first.tables
    scratch = Scratch()
    try:
        opened = open_all(find(paths, scratch), scratch, Layout())
        files, tables = [file for file, _, _ in opened], [table for _, table, _ in opened]
        agree(files, tables)
        title = title_of(files)
        key = shared_key(first, tables[0], title, wants.key)
        place, only_first, only_second = places_of_rows(first, list(zip(files, tables, strict=True)), title, key)
        has_labels = _has_labels(first, tables[0], wants)
        label = wants.label or (first.columns.label if first.columns.label in tables[0].names else None)
        if not has_labels:
            label = first.columns.label
            start = 0
            labelled: list[SourceTable] = []
            back = inverse(place, sum(rows_of(table, file) for file, table in zip(files, tables, strict=True)))
            for file, table in zip(files, tables, strict=True):
                count = rows_of(table, file)
                there = back[start : start + count] if back is not None else None
                labelled.append(
                    _Labelled(table, Only(Stacked(ours), (label,)), ours[0][0], {label: label}, there, count)
                )
                start += count
            tables = labelled
        columns = _columns(first, tables[0], label, wants, key)
        two = len(first.columns.predictions) == 1 and not first.columns.being_right
        if two and label == first.columns.label and len(columns.predictions) > 2:
            raise BadData(_one_of(columns.read, title))
        if columns.pairs:
            raise BadData(_one_of([prediction for _, prediction in columns.pairs], title))
        second = _second(files, tables, columns, first, wants, has_labels=has_labels)
    except BadData as error:
        scratch.close()
        said = _of_second(str(error))
        raise BadData(
            said if title_in(said, [*paths, *(file.title for file, _ in ours)]) else f"{', '.join(paths)}: {said}"
        ) from None
    except BaseException:
        scratch.close()
        raise
    second.keep(scratch)
    how = f"rows of {first.title} and {second.title} are joined by {key!r}" if key else (
        f"rows of {first.title} and {second.title} are joined by their order: no column that tells them apart is in "
        "both (--key COLUMN names one)"
    )  # fmt: skip
    notes = [how]
    if columns.out_of != 1 and wants.out_of is None:
        read = f"{listed(columns.read, 3)} of {second.title} is read as out of {trimmed(columns.out_of)}"
        notes.append(f"{read}, as the first is: --against-out-of says otherwise")
    if only_first:
        notes.append(f"{counted(only_first, 'row')} of {first.title} alone: not compared")
    if only_second:
        notes.append(f"{counted(only_second, 'row')} of {second.title} alone: not compared")
    if not has_labels:
        notes.append(f"{second.title} has no labels: those of {first.title} are taken")
    return _comparable(
        Pairing(first, second, place, key, only_first, only_second, has_labels, False,
                (*notes, *_notes_of(second, first)))
    )  # fmt: skip


def _columns(first: Source, table: SourceTable, label: str | None, wants: Wants, key: str | None) -> Columns:
    """Which columns of the second file are read; per cent as in the first only where a number is more than 1."""
    sample = table.sample()

    def read(out_of: float | None) -> Columns:
        return guess(
            table.names, sample, label=label, predictions=list(wants.columns) or None,
            kind=cast("Holds | None", wants.kind), weight=None, group=None, class_names=(), out_of=out_of,
            key=key, unnamed=False,
        )  # fmt: skip

    if wants.out_of is not None or first.columns.out_of == 1:
        return read(wants.out_of)
    found = read(first.columns.out_of)
    return found if any(max(look(sample[name]).numbers, default=0) > 1 for name in found.read) else read(None)


def _one_of(predictions: Sequence[str], title: str) -> str:
    several = f"it has {len(predictions)} columns of predictions ({listed(predictions, 3)})"
    return f"{title}: {several}, and one is compared: --against-column {predictions[0]} says which"


def _second(
    files: Sequence[Found], tables: Sequence[SourceTable], columns: Columns, first: Source, wants: Wants, *,
    has_labels: bool,
) -> Source:  # fmt: skip
    """The second file; its own labels tell which of two is 1, and where they cannot, those of the first do."""
    positive = first.label_names[1] if len(first.label_names) == 2 else None
    if wants.positive is not None:
        return Source(files, tables, columns, wants.positive, wants.skip_bad)
    if not has_labels:
        return Source(files, tables, columns, positive, wants.skip_bad)
    try:
        return Source(files, tables, columns, None, wants.skip_bad)
    except BadData as error:
        why = BadData(str(error).replace("--positive", "--against-positive"))
    if positive is None:
        raise why
    try:
        return Source(files, tables, columns, positive, wants.skip_bad)
    except BadData:  # none of its labels is called as those of the first are
        raise why from None


def title_in(said: str, paths: Sequence[str]) -> bool:
    """Whether a message already begins with a file."""
    return any(said.startswith(path.rpartition("/")[2]) or said.startswith(path) for path in paths)


class Only:
    """Some of the columns of a table."""

    def __init__(self, table: SourceTable, names: Sequence[str]) -> None:
        self._table = table
        self.names = tuple(names)
        self.rows, self.exact, self.aside = table.rows, table.exact, table.aside

    def sample(self) -> Mapping[str, Sequence[object]]:
        """Their first rows."""
        return {name: values for name, values in self._table.sample().items() if name in self.names}

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """Those of the table."""
        return self._table.readers(forms, strict)

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """These columns of some rows."""
        found = self._table.pick(forms, rows)
        return {row: {name: values.get(name) for name in self.names} for row, values in found.items()}

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """The line of the file on which a row begins."""
        return self._table.line(forms, row)


class Stacked:
    """Several tables of the same columns as one, each read as a whole."""

    def __init__(self, files: Sequence[tuple[Found, SourceTable]]) -> None:
        self._files = files
        tables = [table for _, table in files]
        self.names = tables[0].names
        self.rows, self.exact = sum(table.rows for table in tables), all(table.exact for table in tables)
        self.aside = tables[0].aside

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of the first."""
        return self._files[0][1].sample()

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """One after another; what is wrong with a row is only marked."""

        def read(done: int) -> Iterator[tuple[int, Chunk]]:
            start = 0
            for file, table in self._files:
                chunk = loaded(table, file, forms)
                yield start, chunk
                start += chunk.count

        return [read]

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        found: dict[int, dict[str, object]] = {}
        start = 0
        for file, table in self._files:
            count = rows_of(table, file)
            here = [row - start for row in rows if start <= row < start + count]
            found |= {row + start: values for row, values in table.pick(forms, here).items()} if here else {}
            start += count
        return found

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """None: of which file it would be is not said."""
        return None


class _Labelled(Joined):
    """A table with the labels of another beside it; a row without one has any, for nobody compares it."""

    def _with(self, chunk: Chunk, start: int, forms: Mapping[str, Form]) -> Chunk:
        found = super()._with(chunk, start, forms)
        return Chunk(found.count, found.columns, chunk.faults)

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows; of the labels those that are known."""
        found = dict(super().sample())
        for name in self._renamed:
            known = [value for value in self._second.sample()[self._renamed[name]] if value is not None]
            found[name] = [known[0] if value is None and known else value for value in found[name]]
        return found


def _notes_of(second: Source, first: Source) -> tuple[str, ...]:
    return tuple(f"second: {_of_second(note)}" for note in second.notes if note not in first.notes)


def _of_second(said: str) -> str:
    for own, others in _OF_SECOND.items():
        said = said.replace(own, others)
    return said


_OF_SECOND = {
    "--prediction-column": "--against-column",
    "--kind": "--against-kind",
    "--out-of": "--against-out-of",
    "--positive": "--against-positive",
}
"""Options of a prediction that are others of the second."""


def _has_labels(first: Source, table: SourceTable, wants: Wants) -> bool:
    if wants.label is not None:
        return True
    return first.columns.label in table.names or any(
        (called([name], "label") or is_truth(name)) and name not in wants.columns for name in table.names
    )


# ---- what can be compared -------------------------------------------------------------------------------------------


def _comparable(pairing: Pairing) -> Pairing:
    """The pairing.

    Raises:
        BadData: the two are not predictions of the same thing.
    """
    first, second = pairing.first.columns, pairing.second.columns
    if first.being_right or second.being_right:
        raise BadData("a confidence of many classes tells only whether its own decision is right: it is not compared")
    if (first.kind == "value") != (second.kind == "value"):
        told = [("plain values" if c.kind == "value" else f"a {c.given}") for c in (first, second)]
        raise BadData(f"the first prediction is {told[0]} and the second {told[1]}: --against-kind says otherwise")
    if len(first.predictions) != len(second.predictions):
        counts = [f"{max(len(c.predictions), 2)} classes" for c in (first, second)]
        raise BadData(f"the first prediction is of {counts[0]} and the second of {counts[1]}: nothing to compare")
    return pairing


def _class_order(first: Source, second: Source) -> NDArray[np.intp] | None:
    """The columns of the second in the order of the first's classes; None where they are in it."""
    ours, theirs = ([name.strip().lower() for name in s.columns.classes] for s in (first, second))
    if len(first.columns.predictions) < 3 or len(ours) != len(theirs) or ours == theirs:
        return None
    if sorted(ours) != sorted(theirs):
        if all(name.isdecimal() for name in theirs) or all(name.isdecimal() for name in ours):
            return None  # numbered: in the order of their columns
        odd = next(name for name in theirs if name not in ours)
        raise BadData(f"{second.title}: its class {shown(odd)} is not one of {listed(first.columns.classes)}")
    return np.array([theirs.index(name) for name in ours], dtype=np.intp)


def _told_otherwise(first: Source, second: Source) -> bool:
    """Whether two classes go by other names in the second file."""
    ours, theirs = ({name.strip().lower() for name in s.label_names} for s in (first, second))
    return len(ours) == len(theirs) == 2 and len(first.columns.predictions) == 1 and ours != theirs


def _is_turned(first: Source, second: Source) -> bool:
    """Whether the second is of the other class of two."""
    ours, theirs = ([name.strip().lower() for name in s.label_names] for s in (first, second))
    return len(ours) == 2 and len(first.columns.predictions) == 1 and ours != theirs and ours == theirs[::-1]
